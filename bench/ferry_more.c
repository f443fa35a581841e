/* SPDX-License-Identifier: MIT */
/*
 * What only ferry is asked:
 *
 *     idle      CPU time of a second in which nothing is outstanding, right after a burst; and of
 *               a second in which one call blocks on a worker
 *     mixed     in_flight chains of a call that is short but 1 time in 1000 sleeps 5 ms, while
 *               the loop computes 2 ms at a time: how long the short ones were kept waiting for a
 *               worker. No other call may wait those 5 ms while a worker is free. (libuv, which
 *               wakes a worker for every call, shows what is possible.)
 *     waiting   in_flight tasks in ferry_sleep: their memory, and the time to make them and to
 *               cancel them
 */
#include "measure.h"

#include <ferry/ferry.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/* idle */

static int rest(int seconds)
{
    struct timespec time = {.tv_sec = seconds};
    return nanosleep(&time, NULL);
}

static int calls(ferry_executor *workers, int count)
{
    int x = 0;
    while (x < count)
        x = ferry_run_in_executor(workers, x_plus_1, x);
    return x;
}

static void idle(ferry_executor *workers, ferry_task **tasks)
{
    for (int i = 0; i < bench.in_flight; i++)
        tasks[i] = ferry_create_task(calls, workers, 100);
    ferry_gather(tasks, (size_t)bench.in_flight, NULL);

    uint64_t begin = bench_cpu_ns();
    ferry_sleep(1);
    uint64_t idle_ns = bench_cpu_ns() - begin;

    begin = bench_cpu_ns();
    bench_check("a rest", ferry_run_in_executor(workers, rest, 1), 0);
    bench_print_start();
    printf(" idle_us=%.0f blocked_us=%.0f\n", (double)idle_ns / 1e3,
           (double)(bench_cpu_ns() - begin) / 1e3);
}

/* mixed */

static int chains_left;

static int stamped_chain(ferry_executor *workers)
{
    struct bench_stamp stamp;
    do {
        bench_stamp_hand_over(&stamp);
        ferry_run_in_executor(workers, bench_stamped, &stamp);
    } while (bench_stamp_more(&stamp));
    chains_left--;
    return 0;
}

static void mixed(ferry_executor *workers, ferry_task **tasks)
{
    chains_left = bench.in_flight;
    bench_chains_begin();
    for (int i = 0; i < bench.in_flight; i++)
        tasks[i] = ferry_create_task(stamped_chain, workers);
    while (chains_left > 0) {
        ferry_sleep(0);
        bench_compute(BENCH_COMPUTE_NS);
    }
    ferry_gather(tasks, (size_t)bench.in_flight, NULL);
    bench_mixed_end();
}

/* waiting */

static int asleep;

static int wait_long(void)
{
    asleep++;
    return ferry_sleep(3600);
}

static void waiting(ferry_task **tasks)
{
    uint64_t resident = bench_resident(), page_tables = bench_page_tables(), begin = bench_now();
    for (int i = 0; i < bench.in_flight; i++)
        tasks[i] = ferry_create_task(wait_long);
    while (asleep < bench.in_flight)
        ferry_sleep(0);
    uint64_t made = bench_now();
    resident = bench_resident() - resident;
    page_tables = bench_page_tables() - page_tables;

    uint64_t cancel = bench_now();
    for (int i = 0; i < bench.in_flight; i++)
        ferry_task_cancel(tasks[i]);
    ferry_gather(tasks, (size_t)bench.in_flight, NULL);
    uint64_t end = bench_now();
    double count = bench.in_flight;
    bench_print_start();
    printf(" bytes=%.1f page_table_bytes=%.1f create_ms=%.1f cancel_ms=%.1f\n",
           (double)resident / count, (double)page_tables / count, (double)(made - begin) / 1e6,
           (double)(end - cancel) / 1e6);
}

static int async_main(void)
{
    ferry_task **tasks = calloc((size_t)bench.in_flight, sizeof(ferry_task *));
    int status = 0;
    FERRY_WITH_EXECUTOR(workers, .name = "bench", .max_workers = (unsigned)bench.workers) {
        if (bench_is("idle"))
            idle(workers, tasks);
        else if (bench_is("mixed"))
            mixed(workers, tasks);
        else if (bench_is("waiting"))
            waiting(tasks);
        else
            status = bench_refuse();
    } else {
        perror("executor");
        status = 1;
    }
    free(tasks);
    return status;
}

int main(int argc, char **argv)
{
    bench_open("ferry", argc, argv);
    return ferry_run(async_main);
}
