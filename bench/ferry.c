/* SPDX-License-Identifier: MIT */
/*
 * ferry: tasks that hand calls to an executor of so many workers. What only ferry is asked is in
 * ferry_more.c.
 *
 * "sleeps" and "pending" are measured both ways: tasks that wait for their call, and ("…_futures")
 * futures of submitted calls.
 */
#include "measure.h"

#include <ferry/ferry.h>
#include <stdio.h>
#include <stdlib.h>

static int handed_over;

static int chain(ferry_executor *workers)
{
    int x = 0;
    do
        x = ferry_run_in_executor(workers, x_plus_1, x);
    while (bench_more());
    return x;
}

static int one_call(ferry_executor *workers, int (*function)(int), int x)
{
    handed_over++;
    return ferry_run_in_executor(workers, function, x);
}

static void create(ferry_task **tasks, int count, ferry_executor *workers, int (*function)(int))
{
    for (int i = 0; i < count; i++)
        tasks[i] = ferry_create_task(one_call, workers, function, i);
}

static int64_t gather(ferry_task **tasks, int count)
{
    int64_t sum = 0;
    int *results = calloc((size_t)count, sizeof *results);
    bench_check("what gather says", ferry_gather(tasks, (size_t)count, results), 0);
    for (int i = 0; i < count; i++)
        sum += results[i];
    free(results);
    return sum;
}

static void chains(ferry_executor *workers, ferry_task **tasks)
{
    bench_chains_begin();
    for (int i = 0; i < bench.in_flight; i++)
        tasks[i] = ferry_create_task(chain, workers);
    bench_chains_end(gather(tasks, bench.in_flight));
}

static void sleeps(ferry_executor *workers, ferry_task **tasks)
{
    create(tasks, bench_calls_before(), workers, nap);
    gather(tasks, bench_calls_before());

    bench_batch_begin();
    create(tasks, bench.in_flight, workers, nap);
    bench_batch_end(gather(tasks, bench.in_flight));
}

static void pending(ferry_executor *workers, ferry_task **tasks)
{
    ferry_task **blocked = tasks + bench.in_flight;
    create(blocked, bench.workers, workers, bench_gate_wait);
    while (!bench_gate_full())
        ferry_sleep(0.001);

    handed_over = 0;
    bench_batch_begin();
    create(tasks, bench.in_flight, workers, x_plus_1);
    while (handed_over < bench.in_flight)
        ferry_sleep(0);
    bench_batch_queued();
    bench_gate_open();
    int64_t sum = gather(tasks, bench.in_flight);
    gather(blocked, bench.workers);
    bench_batch_end(sum);
}

static ferry_future **submit(ferry_executor *workers, int (*function)(int), int count)
{
    ferry_future **futures = calloc((size_t)count, sizeof(ferry_future *));
    for (int i = 0; i < count; i++)
        futures[i] = ferry_executor_submit(workers, function, i);
    return futures;
}

static int64_t collect(ferry_future **futures, int count)
{
    int64_t sum = 0;
    for (int i = 0; i < count; i++) {
        sum += ferry_future_result(int, futures[i]);
        ferry_future_free(futures[i]);
    }
    free(futures);
    return sum;
}

static void sleeps_futures(ferry_executor *workers)
{
    collect(submit(workers, nap, bench_calls_before()), bench_calls_before());

    bench_batch_begin();
    bench_batch_end(collect(submit(workers, nap, bench.in_flight), bench.in_flight));
}

static void pending_futures(ferry_executor *workers, ferry_task **blocked)
{
    create(blocked, bench.workers, workers, bench_gate_wait);
    while (!bench_gate_full())
        ferry_sleep(0.001);

    bench_batch_begin();
    ferry_future **futures = submit(workers, x_plus_1, bench.in_flight);
    bench_batch_queued();
    bench_gate_open();
    bench_batch_end(collect(futures, bench.in_flight));
    gather(blocked, bench.workers);
}

static int async_main(void)
{
    size_t count = (size_t)bench.in_flight + 2 * (size_t)bench.workers;
    ferry_task **tasks = calloc(count, sizeof(ferry_task *));
    int status = 0;
    FERRY_WITH_EXECUTOR(workers, .name = "bench", .max_workers = (unsigned)bench.workers) {
        if (bench_is("rate") || bench_is("latency"))
            chains(workers, tasks);
        else if (bench_is("sleeps") || bench_is("sleeps_cold"))
            sleeps(workers, tasks);
        else if (bench_is("sleeps_futures"))
            sleeps_futures(workers);
        else if (bench_is("pending"))
            pending(workers, tasks);
        else if (bench_is("pending_futures"))
            pending_futures(workers, tasks);
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
