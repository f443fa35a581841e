/* SPDX-License-Identifier: MIT */
/* Streams: calls that are refused or never begin, no memory, and misuse. */
#include "base/fault.h"

#include "stream.h"

EVERYWHERE(a_call_that_is_refused)
{
    int said = 0;
    ferry_executor *own = ferry_executor_new(NULL);
    CHECK_INT(ferry_executor_shutdown(own, NULL), ==, 0);
    FERRY_WITH_STREAM(stream, int, 1)
    {
        CHECK_INT(ferry_stream_start(stream, own, put_three, stream, 0), ==, -ESHUTDOWN);
        CHECK_INT(errno, ==, ESHUTDOWN);
        CHECK_INT(get_one(stream), ==, -ESHUTDOWN);
        CHECK_INT(ferry_stream_wait_closed(stream), ==, -ESHUTDOWN);
        CHECK_INT(ferry_stream_start(stream, NULL, put_three, stream, 0), ==, -EBUSY);
        CHECK_INT(errno, ==, EBUSY);
        said = 1;
    }
    CHECK_INT(said, ==, 1);
    ferry_executor_free(own);
    return 0;
}

static void queue_and(int (*then)(ferry_stream *, ferry_executor *))
{
    ferry_executor_options options = {.max_workers = 1};
    ferry_executor *own = ferry_executor_new(&options);
    ferry_future *held = hold_worker(own);
    FERRY_WITH_STREAM(stream, int, 1)
    {
        CHECK_INT(ferry_stream_start(stream, own, put_three, stream, 0), ==, 0);
        CHECK_INT(ferry_executor_queued(own), ==, 1);
        CHECK_INT(then(stream, own), ==, 0);
        CHECK_INT(ferry_executor_queued(own), ==, 0);
        CHECK_INT(get_one(stream), ==, -ECANCELED);
        CHECK_INT(ferry_stream_wait_closed(stream), ==, -ECANCELED);
    }
    let_worker_go(held);
    ferry_executor_free(own);
}

static int shut_down(ferry_stream *stream, ferry_executor *own)
{
    (void)stream;
    ferry_shutdown_options options = {.no_wait = true, .cancel_pending = true};
    return ferry_executor_shutdown(own, &options);
}

static int cancel(ferry_stream *stream, ferry_executor *own)
{
    (void)own;
    return ferry_stream_cancel(stream);
}

EVERYWHERE(a_call_that_never_begins)
{
    queue_and(shut_down);
    queue_and(cancel);
    return 0;
}

EVERYWHERE(a_stream_that_was_cancelled_starts_nothing)
{
    FERRY_WITH_STREAM(stream, int, 1)
    {
        CHECK_INT(ferry_stream_cancel(stream), ==, 0);
        CHECK_INT(ferry_stream_start(stream, NULL, put_three, stream, 0), ==, -ECANCELED);
    }
    return 0;
}

TEST(without_memory_or_a_thread)
{
    ferry__fault_arm(FERRY__FAULT_ALLOC, 0, 1);
    CHECK_PTR(ferry_stream_new(4, 4), ==, NULL);
    CHECK_INT(errno, ==, ENOMEM);
    CHECK_PTR(ferry_stream_new(SIZE_MAX, 2), ==, NULL);
    CHECK_INT(errno, ==, ENOMEM);
    CHECK_PTR(ferry_stream_new(SIZE_MAX - 1000, 1), ==, NULL);
    CHECK_INT(errno, ==, ENOMEM);
    int failed = 0;
    ferry__fault_arm(FERRY__FAULT_ALLOC, 0, 1);
    FERRY_WITH_STREAM(stream, int, 1)
    {
        CHECK(false);
    }
    else
    {
        failed = errno;
    }
    CHECK_INT(failed, ==, ENOMEM);
    ferry_executor *own = ferry_executor_new(NULL);
    for (int i = 0; i < 2; i++)
        FERRY_WITH_STREAM(stream, int, 1)
        {
            ferry__fault_arm(i ? FERRY__FAULT_THREAD : FERRY__FAULT_ALLOC, 0, -1);
            int said = ferry_stream_start(stream, own, put_three, stream, 0);
            int first = get_one(stream);
            ferry__fault_clear();
            CHECK_INT(said, ==, i ? -EAGAIN : -ENOMEM);
            CHECK_INT(first, ==, said);
        }
    ferry_executor_free(own);
}

/* Misuse. */
static void in_a_callback(ferry_stream *stream, int *called)
{
    int item = 1;
    CHECK_INT(ferry_stream_put(stream, &item), ==, -EDEADLK);
    CHECK_INT(ferry_stream_get(stream, &item), ==, -EDEADLK);
    CHECK_INT(ferry_stream_wait_closed(stream), ==, -EDEADLK);
    CHECK_INT(ferry_stream_close(stream), ==, 0);
    *called = 1;
}

IN_TASK(a_callback_cannot_wait)
{
    int called = 0;
    FERRY_WITH_STREAM(stream, int, 1)
    {
        CHECK_INT(ferry_call_soon(in_a_callback, stream, &called), ==, 0);
        CHECK_INT(get_one(stream), ==, 0);
    }
    CHECK_INT(called, ==, 1);
    return 0;
}

IN_TASK(one_at_a_time)
{
    FERRY_WITH_STREAM(stream, int, 1)
    {
        ferry_task *getter = ferry_create_task(get_one, stream);
        ferry_sleep(0);
        CHECK_INT(get_one(stream), ==, -EBUSY);
        CHECK_INT(errno, ==, EBUSY);
        CHECK_INT(put_one(stream, 5), ==, 0);
        CHECK_INT(ferry_await(int, getter), ==, 5);
        CHECK_INT(put_one(stream, 6), ==, 0);
        ferry_task *putter = ferry_create_task(put_one, stream, 7);
        ferry_sleep(0);
        CHECK_INT(put_one(stream, 8), ==, -EBUSY);
        CHECK_INT(get_one(stream), ==, 6);
        CHECK_INT(ferry_await(int, putter), ==, 0);
        CHECK_INT(get_one(stream), ==, 7);
    }
    return 0;
}

TEST(bad_input)
{
    int item = 1;
    CHECK_PTR(ferry_stream_new(0, 1), ==, NULL);
    CHECK_INT(errno, ==, EINVAL);
    CHECK_PTR(ferry_stream_new(1, 0), ==, NULL);
    CHECK_INT(errno, ==, EINVAL);
    ferry_stream *none = NULL;
    CHECK_INT(ferry_stream_put(none, &item), ==, -EINVAL);
    CHECK_INT(ferry_stream_get(none, &item), ==, -EINVAL);
    CHECK_INT(ferry_stream_start(none, NULL, put_three, none, 0), ==, -EINVAL);
    CHECK_INT(errno, ==, EINVAL);
    CHECK_INT(ferry_stream_close(none), ==, -EINVAL);
    CHECK_INT(ferry_stream_cancel(none), ==, -EINVAL);
    CHECK_INT(ferry_stream_wait_closed(none), ==, -EINVAL);
    ferry_stream_free(NULL);
    ferry_stream *stream = ferry_stream_new(sizeof item, 1);
    CHECK_INT(ferry_stream_put_many(stream, &item, (size_t)INT_MAX + 1), ==, -EINVAL);
    char byte = 1;
    CHECK_PANIC((void)!ferry_stream_put(stream, &byte),
                "item at .* has 1 bytes, those of its ferry_stream 4");
    ferry_stream_free(stream);
}

static int wait_for_oneself(ferry_stream *stream)
{
    CHECK_INT(ferry_stream_wait_closed(stream), ==, -EDEADLK);
    return 0;
}

static int free_oneself(ferry_stream *stream)
{
    ferry_stream_free(stream);
    return 0;
}

static void serve_by(int (*function)(ferry_stream *))
{
    FERRY_WITH_STREAM(stream, int, 1)
    {
        CHECK_INT(ferry_stream_start(stream, NULL, function, stream), ==, 0);
        CHECK_INT(get_one(stream), ==, 0);
    }
}

static int free_under_a_getter(void)
{
    ferry_stream *stream = ferry_stream_new(4, 1);
    ferry_create_task(get_one, stream);
    ferry_sleep(0);
    ferry_stream_free(stream);
    return 0;
}

static void free_in_a_callback(ferry_stream *stream)
{
    ferry_stream_free(stream);
}

static int free_where_nobody_can_wait(void)
{
    ferry_stream *stream = ferry_stream_new(4, 1);
    CHECK_INT(ferry_stream_start(stream, NULL, hold), ==, 0);
    while (!atomic_load(&holding))
        ferry_sleep(0.001);
    ferry_call_soon(free_in_a_callback, stream);
    return ferry_sleep(1);
}

TEST(who_may_not_wait_or_free)
{
    CHECK_PANIC(serve_by(free_oneself), "ferry_stream_free by the call that serves the stream");
    CHECK_PANIC(ferry_run(free_under_a_getter), "ferry_stream_free of a stream that somebody uses");
    CHECK_PANIC(ferry_run(free_where_nobody_can_wait), "ferry_stream_free in a callback");
    serve_by(wait_for_oneself);
}

/* A worker that waits for a call behind its own. */
static int open_behind_oneself(ferry_executor *own)
{
    int asked = 0;
    FERRY_WITH_STREAM(stream, int, 1)
    {
        CHECK_INT(ferry_stream_start(stream, own, put_three, stream, 0), ==, 0);
        CHECK_INT(get_one(stream), ==, -EDEADLK);
        CHECK_INT(errno, ==, EDEADLK);
        CHECK_INT(ferry_stream_wait_closed(stream), ==, -EDEADLK);
        asked = 1;
    } /* takes it out of the queue */
    CHECK_INT(ferry_executor_queued(own), ==, 0);
    return asked;
}

TEST(a_ring_of_full_executors_is_told)
{
    FERRY_WITH_EXECUTOR(own, .max_workers = 1) {
        ferry_future *future = ferry_executor_submit(own, open_behind_oneself, own);
        CHECK_INT(ferry_future_result(int, future), ==, 1);
        ferry_future_free(future);
    }
}

TEST_MAIN
