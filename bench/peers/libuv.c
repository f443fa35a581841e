/* SPDX-License-Identifier: MIT */
/*
 * libuv: uv_queue_work, with as many threads as workers (UV_THREADPOOL_SIZE). A finished call is
 * told by a callback, which hands the same request over again. "mixed" is described in
 * bench/ferry_more.c.
 */
#include "../measure.h"

#include <stdio.h>
#include <stdlib.h>
#include <uv.h>

struct call {
    uv_work_t request;
    int (*function)(int);
    int x;
};

static int64_t sum;

static void run(uv_work_t *request)
{
    struct call *call = (struct call *)request;
    call->x = call->function(call->x);
}

static void continue_chain(uv_work_t *request, int status)
{
    struct call *call = (struct call *)request;
    (void)status;
    if (bench_more())
        uv_queue_work(request->loop, request, run, continue_chain);
    else
        sum += call->x;
}

static void finish(uv_work_t *request, int status)
{
    (void)status;
    sum += ((struct call *)request)->x;
}

static int chains(uv_loop_t *loop)
{
    struct call *calls = calloc((size_t)bench.in_flight, sizeof *calls);
    bench_chains_begin();
    for (int i = 0; i < bench.in_flight; i++) {
        calls[i].function = x_plus_1;
        uv_queue_work(loop, &calls[i].request, run, continue_chain);
    }
    uv_run(loop, UV_RUN_DEFAULT);
    bench_chains_end(sum);
    free(calls);
    return 0;
}

static void queue(uv_loop_t *loop, struct call *calls, int (*function)(int), int count)
{
    for (int i = 0; i < count; i++) {
        calls[i].function = function;
        calls[i].x = i;
        uv_queue_work(loop, &calls[i].request, run, finish);
    }
}

/* calloc of many is fresh zero pages: their memory counts from when the requests are filled in. */
static struct call *submit(uv_loop_t *loop, int (*function)(int), int count)
{
    struct call *calls = calloc((size_t)count, sizeof *calls);
    queue(loop, calls, function, count);
    return calls;
}

static int sleeps(uv_loop_t *loop)
{
    struct call *calls = calloc((size_t)bench.in_flight, sizeof *calls);
    queue(loop, calls, nap, bench_calls_before());
    uv_run(loop, UV_RUN_DEFAULT);
    sum = 0;

    bench_batch_begin();
    queue(loop, calls, nap, bench.in_flight);
    uv_run(loop, UV_RUN_DEFAULT);
    bench_batch_end(sum);
    free(calls);
    return 0;
}

static int pending(uv_loop_t *loop)
{
    struct call *blocked = submit(loop, bench_gate_wait, bench.workers);
    bench_gate_wait_full();

    bench_batch_begin();
    struct call *calls = submit(loop, x_plus_1, bench.in_flight);
    bench_batch_queued();
    bench_gate_open();
    uv_run(loop, UV_RUN_DEFAULT);
    for (int i = 0; i < bench.workers; i++)
        sum -= blocked[i].x;
    bench_batch_end(sum);
    free(calls);
    free(blocked);
    return 0;
}

/* mixed */

static uv_idle_t computing;

static void compute(uv_idle_t *idle)
{
    (void)idle;
    bench_compute(BENCH_COMPUTE_NS);
}

static void run_stamped(uv_work_t *request)
{
    bench_stamped(request->data);
}

static void continue_stamped(uv_work_t *request, int status);

static void hand_over_stamped(uv_work_t *request)
{
    bench_stamp_hand_over(request->data);
    uv_queue_work(request->loop, request, run_stamped, continue_stamped);
}

static void continue_stamped(uv_work_t *request, int status)
{
    (void)status;
    if (bench_stamp_more(request->data))
        hand_over_stamped(request);
    else
        uv_idle_stop(&computing);
}

static int mixed(uv_loop_t *loop)
{
    struct bench_stamp *stamps = calloc((size_t)bench.in_flight, sizeof *stamps);
    uv_work_t *requests = calloc((size_t)bench.in_flight, sizeof *requests);
    uv_idle_init(loop, &computing);
    uv_idle_start(&computing, compute);
    bench_chains_begin();
    for (int i = 0; i < bench.in_flight; i++) {
        requests[i].data = &stamps[i];
        requests[i].loop = loop;
        hand_over_stamped(&requests[i]);
    }
    uv_run(loop, UV_RUN_DEFAULT);
    bench_mixed_end();
    free(requests);
    free(stamps);
    return 0;
}

int main(int argc, char **argv)
{
    bench_open("libuv", argc, argv);
    setenv("UV_THREADPOOL_SIZE", argv[3], 1);
    uv_loop_t *loop = uv_default_loop();
    if (bench_is("rate") || bench_is("latency"))
        return chains(loop);
    if (bench_is("sleeps") || bench_is("sleeps_cold"))
        return sleeps(loop);
    if (bench_is("pending"))
        return pending(loop);
    if (bench_is("mixed"))
        return mixed(loop);
    return bench_refuse();
}
