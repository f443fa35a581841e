/* SPDX-License-Identifier: MIT */
#include "measure.h"

#include <inttypes.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#define MILLISECOND UINT64_C(1000000)
#define WARM_UP (200 * MILLISECOND)
#define LOOK_EVERY 64    /* completions between two looks at the clock: under 1 ns each */
#define NOTES (1u << 22) /* 16 MiB; a run that notes more keeps the first */

struct cost {
    uint64_t at, cpu_ns, switches;
};

struct bench bench;

static struct {
    enum { WARMING, MEASURING, OVER } state;
    uint64_t until;    /* when this state ends */
    uint64_t from, to; /* completions at the beginning and the end of what is measured */
    struct cost begin, end;
    uint64_t resident, page_tables; /* before and, after bench_batch_queued, per batch */
    bool queued;
    uint64_t last_lap; /* latency: when the round trip before this one ended */
    uint32_t *notes;   /* nanoseconds */
    size_t note_count;
} meter;

static sem_t gate;
static atomic_int at_gate;

int x_plus_1(int x)
{
    return x + 1;
}

int nap(int x)
{
    nanosleep(&(struct timespec){.tv_nsec = MILLISECOND}, NULL);
    return x + 1;
}

uint64_t bench_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 * MILLISECOND + (uint64_t)now.tv_nsec;
}

void bench_compute(uint64_t ns)
{
    uint64_t until = bench_now() + ns;
    while (bench_now() < until) {
    }
}

void bench_open(const char *peer, int argc, char **argv)
{
    if (argc != 5) {
        fprintf(stderr, "usage: %s workload in_flight workers seconds\n", argv[0]);
        exit(2);
    }
    bench.peer = peer;
    bench.workload = argv[1];
    bench.in_flight = atoi(argv[2]);
    bench.workers = atoi(argv[3]);
    bench.seconds = atof(argv[4]);
    if (bench.in_flight < 1 || bench.workers < 1 || !(bench.seconds > 0)) {
        fprintf(stderr, "%s: in_flight, workers and seconds must be above 0\n", argv[0]);
        exit(2);
    }
    sem_init(&gate, 0, 0);
    meter.notes = malloc(NOTES * sizeof(uint32_t));
    if (!meter.notes) {
        perror("bench");
        exit(1);
    }
}

bool bench_is(const char *workload)
{
    return strcmp(bench.workload, workload) == 0;
}

int bench_refuse(void)
{
    fprintf(stderr, "%s has no workload '%s'\n", bench.peer, bench.workload);
    return 2;
}

/* cost */

uint64_t bench_cpu_ns(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    uint64_t seconds = (uint64_t)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec);
    uint64_t micros = (uint64_t)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
    return seconds * 1000 * MILLISECOND + micros * 1000;
}

uint64_t bench_voluntary_switches(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (uint64_t)usage.ru_nvcsw;
}

static struct cost cost_now(void)
{
    return (struct cost){bench_now(), bench_cpu_ns(), bench_voluntary_switches()};
}

static uint64_t kilobytes_in(const char *path, const char *format)
{
    uint64_t kilobytes = 0;
    char line[256];
    FILE *file = fopen(path, "re");
    while (file && fgets(line, sizeof line, file)) {
        if (sscanf(line, format, &kilobytes) == 1)
            break;
    }
    if (file)
        fclose(file);
    return kilobytes * 1024;
}

uint64_t bench_resident(void)
{
    return kilobytes_in("/proc/self/smaps_rollup", "Rss: %" SCNu64);
}

uint64_t bench_page_tables(void)
{
    return kilobytes_in("/proc/self/status", "VmPTE: %" SCNu64);
}

/* printing */

void bench_print_start(void)
{
    printf("peer=%s workload=%s in_flight=%d workers=%d", bench.peer, bench.workload,
           bench.in_flight, bench.workers);
}

void bench_check(const char *what, int64_t is, int64_t should_be)
{
    if (is == should_be)
        return;
    fprintf(stderr, "%s %s: %s is %" PRId64 ", should be %" PRId64 "\n", bench.peer, bench.workload,
            what, is, should_be);
    exit(1);
}

/* chains */

void bench_chains_begin(void)
{
    if (bench_is("latency"))
        memset(meter.notes, 0xff, NOTES * sizeof(uint32_t)); /* no page faults later */
    meter.state = WARMING;
    meter.until = bench_now() + WARM_UP;
    bench.next_look = 1;
}

bool bench_look(void)
{
    uint64_t now = bench_now();
    if (meter.state == MEASURING && bench_is("latency"))
        bench_note(now - meter.last_lap);
    meter.last_lap = now;

    if (meter.state == WARMING && now >= meter.until) {
        meter.state = MEASURING;
        meter.until = now + (uint64_t)(bench.seconds * 1e9);
        meter.from = bench.completions;
        meter.begin = cost_now();
        meter.last_lap = bench_now();
    } else if (meter.state == MEASURING && now >= meter.until) {
        meter.state = OVER;
        meter.to = bench.completions;
        meter.end = cost_now();
    }
    if (meter.state == OVER)
        bench.next_look = 0; /* every further chain looks, and ends */
    else
        bench.next_look = bench.completions + (bench_is("latency") ? 1 : LOOK_EVERY);
    return meter.state != OVER;
}

bool bench_more_for_rust(void)
{
    return bench_more();
}

void bench_chains_end(int64_t sum)
{
    bench_check("the sum of the chains", sum, (int64_t)bench.completions);
    double completions = (double)(meter.to - meter.from);
    bench_print_start();
    printf(" completions=%.0f rate=%.0f cpu_ns=%.1f switches=%.5f", completions,
           completions * 1e9 / (double)(meter.end.at - meter.begin.at),
           (double)(meter.end.cpu_ns - meter.begin.cpu_ns) / completions,
           (double)(meter.end.switches - meter.begin.switches) / completions);
    if (bench_is("latency"))
        bench_print_times();
    printf("\n");
}

/* batches */

int bench_calls_before(void)
{
    bool cold = bench_is("sleeps_cold") && 2 * bench.workers < bench.in_flight;
    return cold ? 2 * bench.workers : bench.in_flight;
}

void bench_batch_begin(void)
{
    meter.queued = false;
    meter.resident = bench_resident();
    meter.page_tables = bench_page_tables();
    meter.begin = cost_now();
}

void bench_batch_queued(void)
{
    meter.queued = true;
    meter.resident = bench_resident() - meter.resident;
    meter.page_tables = bench_page_tables() - meter.page_tables;
    meter.begin = cost_now();
}

void bench_batch_end(int64_t sum)
{
    struct cost end = cost_now();
    int64_t count = bench.in_flight;
    bench_check("the sum of the results", sum, count * (count + 1) / 2);
    bench_print_start();
    printf(" wall_ms=%.3f cpu_ms=%.3f switches=%.5f", (double)(end.at - meter.begin.at) / 1e6,
           (double)(end.cpu_ns - meter.begin.cpu_ns) / 1e6,
           (double)(end.switches - meter.begin.switches) / (double)count);
    if (meter.queued)
        printf(" bytes=%.1f page_table_bytes=%.1f", (double)meter.resident / (double)count,
               (double)meter.page_tables / (double)count);
    printf("\n");
}

/* the gate */

int bench_gate_wait(int x)
{
    atomic_fetch_add(&at_gate, 1);
    while (sem_wait(&gate) != 0) {
    }
    return x + 1;
}

bool bench_gate_full(void)
{
    return atomic_load(&at_gate) == bench.workers;
}

void bench_gate_wait_full(void)
{
    while (!bench_gate_full())
        usleep(200);
}

void bench_gate_open(void)
{
    for (int i = 0; i < bench.workers; i++)
        sem_post(&gate);
}

/* mixed */

int bench_stamped(struct bench_stamp *stamp)
{
    stamp->started = bench_now();
    if (stamp->slow)
        nanosleep(&(struct timespec){.tv_nsec = 5 * MILLISECOND}, NULL);
    return 0;
}

void bench_stamp_hand_over(struct bench_stamp *stamp)
{
    static unsigned handed_over;
    stamp->slow = ++handed_over % 1000 == 0;
    stamp->handed_over = bench_now();
}

bool bench_stamp_more(struct bench_stamp *stamp)
{
    if (meter.state == MEASURING && !stamp->slow)
        bench_note(stamp->started - stamp->handed_over);
    return bench_more();
}

void bench_mixed_end(void)
{
    bench_print_start();
    printf(" completions=%.0f", (double)(meter.to - meter.from));
    bench_print_times();
    printf("\n");
}

/* times */

void bench_note(uint64_t ns)
{
    if (meter.note_count < NOTES)
        meter.notes[meter.note_count++] = ns < UINT32_MAX ? (uint32_t)ns : UINT32_MAX;
}

static int compare_notes(const void *a, const void *b)
{
    uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;
    return (left > right) - (left < right);
}

static double percentile_us(double share)
{
    if (meter.note_count == 0)
        return 0;
    return meter.notes[(size_t)(share * (double)(meter.note_count - 1))] / 1e3;
}

void bench_print_times(void)
{
    qsort(meter.notes, meter.note_count, sizeof *meter.notes, compare_notes);
    printf(" p50_us=%.2f p99_us=%.2f p999_us=%.2f max_us=%.1f", percentile_us(0.5),
           percentile_us(0.99), percentile_us(0.999), percentile_us(1));
}
