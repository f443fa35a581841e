/* SPDX-License-Identifier: MIT */
/*
 * GLib: a GThreadPool, whose threads tell a finished call with g_main_context_invoke. (GTask would
 * make an object for each call and runs on a pool whose size the program can't set.)
 */
#include "../measure.h"

#include <glib.h>

struct call {
    int (*function)(int);
    GSourceFunc finished;
    int x;
};

static GMainLoop *loop;
static GThreadPool *pool;
static int outstanding;
static int64_t sum;

static void run(gpointer data, gpointer unused)
{
    struct call *call = data;
    (void)unused;
    call->x = call->function(call->x);
    g_main_context_invoke(NULL, call->finished, call);
}

static gboolean finish(gpointer data)
{
    struct call *call = data;
    sum += call->x;
    if (--outstanding == 0)
        g_main_loop_quit(loop);
    return G_SOURCE_REMOVE;
}

static gboolean continue_chain(gpointer data)
{
    if (!bench_more())
        return finish(data);
    g_thread_pool_push(pool, data, NULL);
    return G_SOURCE_REMOVE;
}

static void push(struct call *calls, int (*function)(int), GSourceFunc finished, int count,
                 int step)
{
    outstanding += count;
    for (int i = 0; i < count; i++) {
        calls[i] = (struct call){function, finished, i * step};
        g_thread_pool_push(pool, &calls[i], NULL);
    }
}

static struct call *submit(int (*function)(int), GSourceFunc finished, int count, int step)
{
    struct call *calls = g_new0(struct call, count);
    push(calls, function, finished, count, step);
    return calls;
}

static int chains(void)
{
    bench_chains_begin();
    struct call *calls = submit(x_plus_1, continue_chain, bench.in_flight, 0);
    g_main_loop_run(loop);
    bench_chains_end(sum);
    g_free(calls);
    return 0;
}

static int sleeps(void)
{
    struct call *calls = g_new0(struct call, bench.in_flight);
    push(calls, nap, finish, bench_calls_before(), 1);
    g_main_loop_run(loop);
    sum = 0;

    bench_batch_begin();
    push(calls, nap, finish, bench.in_flight, 1);
    g_main_loop_run(loop);
    bench_batch_end(sum);
    g_free(calls);
    return 0;
}

static int pending(void)
{
    struct call *blocked = submit(bench_gate_wait, finish, bench.workers, 1);
    bench_gate_wait_full();

    bench_batch_begin();
    struct call *calls = submit(x_plus_1, finish, bench.in_flight, 1);
    bench_batch_queued();
    bench_gate_open();
    g_main_loop_run(loop);
    for (int i = 0; i < bench.workers; i++)
        sum -= blocked[i].x;
    bench_batch_end(sum);
    g_free(calls);
    g_free(blocked);
    return 0;
}

int main(int argc, char **argv)
{
    bench_open("glib", argc, argv);
    g_main_context_acquire(NULL); /* else an early worker would run `finished` itself */
    loop = g_main_loop_new(NULL, FALSE);
    pool = g_thread_pool_new(run, NULL, bench.workers, TRUE, NULL);
    if (bench_is("rate") || bench_is("latency"))
        return chains();
    if (bench_is("sleeps") || bench_is("sleeps_cold"))
        return sleeps();
    if (bench_is("pending"))
        return pending();
    return bench_refuse();
}
