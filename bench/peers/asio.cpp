/* SPDX-License-Identifier: MIT */
/*
 * Boost.Asio: C++20 coroutines on an io_context, calls on a thread_pool. `on_pool` is the
 * asynchronous operation that Asio's manual teaches: post to the pool, then dispatch the handler to
 * the executor it belongs to, with its result.
 */
#include "../measure.h"

#include <utility> /* Boost 1.74's awaitable.hpp forgets it */

#include <boost/asio.hpp>

namespace asio = boost::asio;
using loop_type = asio::io_context::executor_type;
template <typename T> using awaitable = asio::awaitable<T, loop_type>;
static constexpr asio::use_awaitable_t<loop_type> use_awaitable;

static int64_t sum;
static int outstanding;

static auto on_pool(asio::thread_pool &pool, int (*function)(int), int x)
{
    return asio::async_initiate<decltype(use_awaitable), void(int)>(
        [&pool, function, x](auto handler) {
            asio::post(pool, [function, x, handler = std::move(handler)]() mutable {
                int result = function(x);
                auto loop = asio::get_associated_executor(handler);
                asio::post(loop,
                           [result, handler = std::move(handler)]() mutable { handler(result); });
            });
        },
        use_awaitable);
}

static void finished(asio::io_context &loop, int result)
{
    sum += result;
    if (--outstanding == 0)
        loop.stop();
}

static awaitable<void> chain(asio::io_context &loop, asio::thread_pool &pool)
{
    int x = 0;
    do
        x = co_await on_pool(pool, x_plus_1, x);
    while (bench_more());
    finished(loop, x);
}

static awaitable<void> one_call(asio::io_context &loop, asio::thread_pool &pool,
                                int (*function)(int), int x)
{
    finished(loop, co_await on_pool(pool, function, x));
}

static void submit(asio::io_context &loop, asio::thread_pool &pool, int (*function)(int), int count)
{
    outstanding += count;
    for (int i = 0; i < count; i++)
        asio::co_spawn(loop, one_call(loop, pool, function, i), asio::detached);
}

static int chains(asio::io_context &loop, asio::thread_pool &pool)
{
    bench_chains_begin();
    outstanding = bench.in_flight;
    for (int i = 0; i < bench.in_flight; i++)
        asio::co_spawn(loop, chain(loop, pool), asio::detached);
    loop.run();
    bench_chains_end(sum);
    return 0;
}

static int sleeps(asio::io_context &loop, asio::thread_pool &pool)
{
    submit(loop, pool, nap, bench_calls_before());
    loop.run();
    loop.restart();
    sum = 0;

    bench_batch_begin();
    submit(loop, pool, nap, bench.in_flight);
    loop.run();
    bench_batch_end(sum);
    return 0;
}

static int pending(asio::io_context &loop, asio::thread_pool &pool)
{
    for (int i = 0; i < bench.workers; i++)
        asio::post(pool, [i] { bench_gate_wait(i); });
    bench_gate_wait_full();

    bench_batch_begin();
    submit(loop, pool, x_plus_1, bench.in_flight);
    loop.poll(); /* each coroutine up to its call */
    bench_batch_queued();
    bench_gate_open();
    loop.run();
    bench_batch_end(sum);
    return 0;
}

int main(int argc, char **argv)
{
    bench_open("asio", argc, argv);
    asio::io_context loop(1);
    auto working = asio::make_work_guard(loop);
    asio::thread_pool pool(static_cast<std::size_t>(bench.workers));
    if (bench_is("rate") || bench_is("latency"))
        return chains(loop, pool);
    if (bench_is("sleeps") || bench_is("sleeps_cold"))
        return sleeps(loop, pool);
    if (bench_is("pending"))
        return pending(loop, pool);
    return bench_refuse();
}
