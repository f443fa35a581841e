/* SPDX-License-Identifier: MIT */
/*
 * CPython's cases of asyncio.Future. ferry's belongs to no loop, and what is in it is its owner's
 * affair: nobody complains of an error that was not asked for.
 */
#include "on_loop.h"

#include <ferry/executor.h>
#include <ferry/future.h>
#include <ferry/gather.h>
#include <ferry/loop.h>
#include <pthread.h>

TEST(a_new_future_is_pending)
{
    ferry_future *future = ferry_future_new();
    CHECK(!ferry_future_done(future));
    CHECK(!ferry_future_cancelled(future));
    CHECK_INT(ferry_future_cancel(future), ==, 1);
    CHECK(ferry_future_cancelled(future));
    ferry_future_free(future);
}

static void check_settled(ferry_future *future)
{
    CHECK_INT(ferry_future_set_result(future, NULL), ==, -EALREADY);
    CHECK_INT(ferry_future_set_error(future, EDOM), ==, -EALREADY);
    CHECK_INT(ferry_future_cancel(future), ==, 0);
    CHECK(ferry_future_done(future));
}

TEST_ON_LOOP(cancelled)
{
    ferry_future *future = ferry_future_new();
    void *value = future;
    CHECK_INT(ferry_future_cancel(future), ==, 1);
    CHECK(ferry_future_cancelled(future));
    CHECK(ferry_future_done(future));
    CHECK_INT(ferry_future_await(future, &value), ==, -ECANCELED);
    CHECK_PTR(value, ==, future); /* untouched */
    check_settled(future);
    CHECK(ferry_future_cancelled(future));
    ferry_future_free(future);
}

TEST_ON_LOOP(settled_with_a_value)
{
    ferry_future *future = ferry_future_new();
    void *value = NULL;
    CHECK_INT(ferry_future_error(future), ==, -EAGAIN);
    CHECK_INT(ferry_future_set_result(future, &value), ==, 0);
    CHECK_INT(ferry_future_error(future), ==, 0);
    CHECK(!ferry_future_cancelled(future));
    CHECK_INT(ferry_future_await(future, &value), ==, 0);
    CHECK_PTR(value, ==, &value);
    check_settled(future);
    CHECK_INT(ferry_future_await(future, NULL), ==, 0); /* as often as one likes */
    ferry_future_free(future);
}

TEST_ON_LOOP(settled_with_an_error)
{
    ferry_future *future = ferry_future_new();
    CHECK_INT(ferry_future_set_error(future, 0), ==, -EINVAL); /* that is no error */
    CHECK(!ferry_future_done(future));
    CHECK_INT(ferry_future_set_error(future, EDOM), ==, 0);
    CHECK_INT(ferry_future_error(future), ==, -EDOM);
    CHECK(!ferry_future_cancelled(future));
    CHECK_INT(ferry_future_await(future, NULL), ==, -EDOM);
    check_settled(future);
    CHECK_INT(ferry_future_await(future, NULL), ==, -EDOM);
    ferry_future_free(future);
}

static int await_twice(ferry_future *future)
{
    void *first = NULL, *second = NULL;
    CHECK_INT(ferry_future_await(future, &first), ==, 0);
    CHECK_INT(ferry_future_await(future, &second), ==, 0); /* without a wait */
    return *(int *)first + *(int *)second;
}

TEST_ON_LOOP(awaited_twice)
{
    int value = 42;
    ferry_future *future = ferry_future_new();
    ferry_task *task = ferry_create_task(await_twice, future);
    run_briefly();
    CHECK(!ferry_task_done(task));
    ferry_future_set_result(future, &value);
    run_briefly();
    CHECK(ferry_task_done(task));
    CHECK_INT(ferry_await(int, task), ==, 84);
    ferry_future_free(future);
}

static int complaints;

static void count_complaints(ferry_loop *loop, const ferry_exception *exception, void *context)
{
    (void)loop, (void)exception, (void)context;
    complaints++;
}

/* asyncio complains of an exception that was not retrieved. */
TEST_ON_LOOP(nobody_complains_of_a_future_that_is_freed)
{
    CHECK_INT(ferry_loop_set_exception_handler(count_complaints, NULL), ==, 0);
    for (int error = 0; error < 3; error++) {
        ferry_future *future = ferry_future_new();
        if (error == 1)
            ferry_future_set_error(future, EDOM);
        if (error == 2)
            ferry_future_set_result(future, NULL);
        ferry_future_cancel(future);
        ferry_future_free(future);
    }
    run_briefly();
    CHECK_INT(complaints, ==, 0);
}

/* A call on a worker has a future that tasks and threads can await: nothing is wrapped. */
static pthread_t ran_on;

static int run_call(int value)
{
    ran_on = pthread_self();
    return value;
}

static int await_call(void)
{
    ferry_future *future = ferry_executor_submit(NULL, run_call, 7);
    CHECK_INT(ferry_future_result(int, future), ==, 7);
    CHECK(!pthread_equal(ran_on, pthread_self()));
    ferry_future_free(future);
    return 0;
}

TEST(the_future_of_a_call_is_awaited_as_it_is)
{
    CHECK_INT(ferry_run(await_call), ==, 0);
}

TEST(without_a_loop_too)
{
    ferry_future *future = ferry_executor_submit(NULL, run_call, 8);
    CHECK_INT(ferry_future_result(int, future), ==, 8);
    ferry_future_free(future);
}

static int block(ferry_future *until)
{
    return ferry_future_await(until, NULL);
}

/* asyncio cancels the future behind the wrapper; in ferry there is but one. */
static int cancel_queued(void)
{
    ferry_future *until = ferry_future_new();
    FERRY_WITH_EXECUTOR(one, .max_workers = 1) {
        ferry_future *first = ferry_executor_submit(one, block, until);
        ferry_future *second = ferry_executor_submit(one, run_call, 1);
        CHECK_INT(ferry_future_cancel(second), ==, 1);
        CHECK(ferry_future_cancelled(second));
        CHECK_INT(ferry_future_await(second, NULL), ==, -ECANCELED);
        ferry_future_set_result(until, NULL);
        CHECK_INT(ferry_future_result(int, first), ==, 0);
        ferry_future_free(first);
        ferry_future_free(second);
    } else {
        CHECK(false);
    }
    ferry_future_free(until);
    return 0;
}

TEST(cancelling_takes_a_call_out_of_its_queue)
{
    CHECK_INT(ferry_run(cancel_queued), ==, 0);
}

static int cancel_late(void)
{
    ferry_future *future = ferry_executor_submit(NULL, run_call, 42);
    CHECK_INT(ferry_future_await(future, NULL), ==, 0);
    CHECK_INT(ferry_future_cancel(future), ==, 0);
    CHECK(!ferry_future_cancelled(future));
    CHECK_INT(ferry_future_result(int, future), ==, 42);
    ferry_future_free(future);
    return 0;
}

TEST(cancelling_when_it_has_run_changes_nothing)
{
    CHECK_INT(ferry_run(cancel_late), ==, 0);
}

TEST(a_hundred_futures_come_and_go)
{
    for (int i = 0; i < 100; i++) {
        ferry_future *future = ferry_future_new();
        CHECK_INT(ferry_future_set_result(future, future), ==, 0);
        ferry_future_free(future);
    }
}

TEST_MAIN
