/* SPDX-License-Identifier: MIT */
/*
 * 9. Increments under a lock.
 *
 * Many tasks add one to a counter, and each has to wait between reading and writing it. Without a
 * lock they all read the same number: nearly all increments are lost. (Without a wait in between
 * none would be: on a loop nothing else runs from one wait to the next.) ferry_lock is between
 * tasks. Where the calls on the workers touch the counter, ferry_threadsafe_lock is.
 *
 *     09-lock COUNT
 */
#include "common/timeline.h"
#include <ferry/ferry.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { MOST = 1000 };

static long counter;
static ferry_lock lock = FERRY_LOCK_INIT;
static ferry_threadsafe_lock threads_lock = FERRY_THREADSAFE_LOCK_INIT;

static void write_to_disk(void) /* blocking, as disks are */
{
    int mark = timeline_begin();
    usleep(2000);
    timeline_end(mark);
}

static int add_one(void)
{
    long was = counter;
    ferry_to_thread(write_to_disk); /* meanwhile the others read the same number */
    counter = was + 1;
    return 0;
}

static int add_locked(void)
{
    int result = -1;
    FERRY_WITH_LOCK(&lock) {
        result = add_one();
    } else {
        fprintf(stderr, "09-lock: cancelled\n");
    }
    return result;
}

static int add_here(void) /* runs on a worker, several at a time */
{
    int result = -1;
    FERRY_WITH_THREADSAFE_LOCK(&threads_lock) {
        long was = counter;
        write_to_disk();
        counter = was + 1;
        result = 0;
    } else {
        fprintf(stderr, "09-lock: out of time\n");
    }
    return result;
}

static int add_on_worker(void)
{
    return ferry_to_thread(add_here);
}

static int increments(const char *title, int count, int (*add)(void))
{
    static ferry_task *tasks[MOST];

    counter = 0;
    timeline_start();
    for (int i = 0; i < count; i++)
        tasks[i] = ferry_create_task(add);
    int result = ferry_gather(tasks, count, NULL);
    printf("  %s: %d increments, counter %ld\n", title, count, counter);
    timeline_print();
    return result;
}

static int async_main(int count)
{
    int result = increments("no lock", count, add_one);
    putchar('\n');
    if (result == 0)
        result = increments("ferry_lock", count, add_locked);
    putchar('\n');
    if (result == 0)
        result = increments("ferry_threadsafe_lock", count, add_on_worker);
    if (result < 0)
        perror("09-lock: cannot wait for the increments");
    return result < 0 || counter != count;
}

int main(int argc, char **argv)
{
    int count = argc == 2 ? atoi(argv[1]) : 0;
    if (count < 1 || count > MOST) {
        fprintf(stderr, "usage: 09-lock COUNT (1 to %d)\n", MOST);
        return 2;
    }
    return ferry_run(async_main, count);
}
