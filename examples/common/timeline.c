/* SPDX-License-Identifier: MIT */
/*
 * One growing list of events under one mutex; a call is an event whose end comes later, a tick one
 * whose end is its beginning. Rows are found when the picture is drawn: the loop's thread first,
 * then the others in the order in which they first ran something.
 */
#define _GNU_SOURCE
#include "timeline.h"
#include <langinfo.h>
#include <locale.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* As many rows as the loop and the default executor can have. */
enum { MARGIN = 13, COLUMNS = 84, ROWS = 1 + 32 };

struct event {
    pid_t thread;
    bool tick;
    double begin, end; /* seconds since timeline_start */
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct event *events; /* this and all below: under the lock */
static int count, room, running, peak;
static bool started;
static double start;
static pid_t loop_thread;

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

void timeline_start(void)
{
    setlocale(LC_CTYPE, "");          /* to know whether the terminal speaks UTF-8 */
    setvbuf(stdout, NULL, _IOLBF, 0); /* each line when it happens, through pipes too */
    pthread_mutex_lock(&lock);
    count = running = peak = 0;
    started = true;
    loop_thread = gettid();
    start = now();
    pthread_mutex_unlock(&lock);
}

/* Under the lock. -1 when not started or out of memory: the picture then lacks a bar. */
static int add(bool tick)
{
    if (!started)
        return -1;
    if (count == room) {
        int larger = room ? 2 * room : 256;
        struct event *moved = realloc(events, (size_t)larger * sizeof *events);
        if (!moved)
            return -1;
        events = moved;
        room = larger;
    }
    double time = now() - start;
    events[count] = (struct event){gettid(), tick, time, tick ? time : -1};
    return count++;
}

int timeline_begin(void)
{
    pthread_mutex_lock(&lock);
    int mark = add(false);
    if (mark >= 0 && ++running > peak)
        peak = running;
    pthread_mutex_unlock(&lock);
    return mark;
}

void timeline_end(int mark)
{
    pthread_mutex_lock(&lock);
    if (mark >= 0) {
        events[mark].end = now() - start;
        running--;
    }
    pthread_mutex_unlock(&lock);
}

void timeline_tick(void)
{
    pthread_mutex_lock(&lock);
    add(true);
    pthread_mutex_unlock(&lock);
}

/* -------------------------------------------------------------------------------- the picture */

enum cell { EMPTY, TICK, FIRST, MIDDLE, LAST, SINGLE };

static const char *const plain[] = {" ", ".", "[", "=", "]", "#"};
static const char *const fine[] = {" ", "·", "┣", "━", "┫", "▪"};

struct row {
    pid_t thread;
    unsigned char cells[COLUMNS];
};

static int column(double time, double wall)
{
    int at = (int)(time / wall * COLUMNS);
    return at < COLUMNS ? at : COLUMNS - 1;
}

static void paint(struct row *row, const struct event *event, double wall)
{
    int first = column(event->begin, wall), last = column(event->end, wall);
    if (event->tick) {
        row->cells[first] = row->cells[first] ? row->cells[first] : TICK;
    } else if ((event->end - event->begin) * COLUMNS < wall || first == last) {
        row->cells[first] = SINGLE; /* shorter than a column */
    } else {
        memset(row->cells + first, MIDDLE, (size_t)(last - first));
        row->cells[first] = FIRST;
        row->cells[last] = LAST;
    }
}

static struct row *row_of(struct row *rows, int *used, pid_t thread)
{
    for (int i = 0; i < *used; i++)
        if (rows[i].thread == thread)
            return &rows[i];
    if (*used == ROWS)
        return NULL;
    rows[*used].thread = thread;
    return &rows[(*used)++];
}

static const char *duration(char text[static 16], double seconds)
{
    if (seconds == 0)
        snprintf(text, 16, "0 ms");
    else if (seconds < 0.01)
        snprintf(text, 16, "%.2f ms", seconds * 1e3);
    else if (seconds < 1)
        snprintf(text, 16, "%.0f ms", seconds * 1e3);
    else
        snprintf(text, 16, "%.2f s", seconds);
    return text;
}

static void draw(const struct row *rows, int used, const char *wall)
{
    const char *const *glyphs = strcmp(nl_langinfo(CODESET), "UTF-8") == 0 ? fine : plain;
    for (int i = 0; i < used; i++) {
        char name[24] = "loop";
        int end = COLUMNS;
        if (i > 0)
            snprintf(name, sizeof name, "worker %d", i);
        while (end > 0 && rows[i].cells[end - 1] == EMPTY)
            end--;
        printf("  %-*s", end ? MARGIN - 2 : 0, name);
        for (int at = 0; at < end; at++)
            fputs(glyphs[rows[i].cells[at]], stdout);
        putchar('\n');
    }
    printf("%*s%*s\n", MARGIN + 1, "0", COLUMNS - 1, wall);
}

void timeline_print(void)
{
    struct row rows[ROWS] = {{.thread = 0}};
    char wall_text[16], serial_text[16], held_text[16];
    double wall, serial = 0, held = 0;
    int calls = 0, used = 0;

    pthread_mutex_lock(&lock);
    wall = now() - start;
    row_of(rows, &used, loop_thread);
    for (int i = 0; i < count; i++) {
        struct event *event = &events[i];
        if (event->end < 0)
            event->end = wall; /* still running */
        struct row *row = row_of(rows, &used, event->thread);
        if (row)
            paint(row, event, wall);
        calls += !event->tick;
        serial += event->end - event->begin;
        held += event->thread == loop_thread ? event->end - event->begin : 0;
    }
    printf("\n  wall time %s, serial time %s (%d %s, at most %d at once), loop held for %s\n\n",
           duration(wall_text, wall), duration(serial_text, serial), calls,
           calls == 1 ? "call" : "calls", peak, duration(held_text, held));
    pthread_mutex_unlock(&lock);
    draw(rows, used, wall_text);
}
