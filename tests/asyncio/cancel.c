/* SPDX-License-Identifier: MIT */
/*
 * CPython's cases of Task.cancel and uncancel. What differs by design: a cancel is level-triggered
 * (every further wait says so until it is taken back), a function that returned keeps its result,
 * and a future that a cancelled task waited for stays as it is.
 */
#include "on_loop.h"

#include <ferry/future.h>
#include <ferry/gather.h>
#include <ferry/loop.h>
#include <ferry/scope.h>

TEST_ON_LOOP(cancelling_counts_the_open_requests)
{
    ferry_task *task = ferry_create_task(wait_for_ever);
    CHECK_INT(ferry_task_cancelling(task), ==, 0);
    CHECK_INT(ferry_task_cancel(task), ==, 1);
    CHECK_INT(ferry_task_cancelling(task), ==, 1);
    CHECK_INT(ferry_task_cancel(task), ==, 1);
    CHECK_INT(ferry_task_cancelling(task), ==, 2);
    CHECK_INT(ferry_join(task, NULL), ==, -ECANCELED);
}

static int take_back_and_sleep_on(void)
{
    CHECK_INT(ferry_sleep(10), ==, -ECANCELED);
    CHECK_INT(ferry_task_uncancel(ferry_current_task()), ==, 0);
    return ferry_sleep(10);
}

TEST_ON_LOOP(uncancel_lets_the_next_wait_wait)
{
    ferry_task *task = ferry_create_task(take_back_and_sleep_on);
    CHECK_INT(ferry_sleep(0.01), ==, 0);
    CHECK_INT(ferry_task_cancel(task), ==, 1);
    CHECK_INT(ferry_task_cancelling(task), ==, 1);
    CHECK(!ferry_task_cancelled(task)); /* it has not ended */
    CHECK_INT(ferry_sleep(0.01), ==, 0);
    CHECK_INT(ferry_task_cancelling(task), ==, 0);
    CHECK(!ferry_task_done(task));
    CHECK_INT(ferry_task_cancel(task), ==, 1);
    run_briefly();
    CHECK(ferry_task_cancelled(task));
    CHECK(ferry_task_done(task));
    CHECK_INT(ferry_await(int, task), ==, -ECANCELED);
    CHECK_DOUBLE(time_passed(), ==, 0.02);
}

TEST_ON_LOOP(uncancel_after_the_end_changes_nothing)
{
    ferry_task *task = ferry_create_task(give_later, 10.0, 1);
    run_briefly();
    ferry_task_cancel(task);
    run_briefly();
    CHECK(ferry_task_cancelled(task));
    CHECK_INT(ferry_task_uncancel(task), ==, 1);
    CHECK(ferry_task_cancelled(task));
    CHECK(ferry_task_done(task));
    CHECK_INT(ferry_await(int, task), ==, -ECANCELED);
}

/* A time limit made by hand of cancel and uncancel, as asyncio's documentation has it. */
static bool timed_out, block_finished;

static int on_timeout(ferry_task *task)
{
    timed_out = true;
    return ferry_task_cancel(task);
}

static int limit_by_hand(double nap, double limit)
{
    ferry_timer *timer = ferry_call_later(limit, on_timeout, ferry_current_task());
    int said = ferry_sleep(nap);
    block_finished = said == 0;
    ferry_timer_cancel(timer);
    if (timed_out)
        CHECK_INT(ferry_task_uncancel(ferry_current_task()), ==, 0);
    CHECK_INT(ferry_sleep(0), ==, 0); /* code behind the block is not affected */
    return said;
}

TEST_ON_LOOP(a_limit_made_of_cancel_and_uncancel)
{
    ferry_task *task = ferry_create_task(limit_by_hand, 10.0, 0.1);
    CHECK_INT(ferry_wait(&task, 1, FERRY_ALL_COMPLETED), ==, 1);
    CHECK(timed_out && !block_finished);
    CHECK_INT(ferry_task_cancelling(task), ==, 0);
    CHECK_INT(ferry_await(int, task), ==, -ECANCELED);
    timed_out = false;
    task = ferry_create_task(limit_by_hand, 0.0, 10.0);
    CHECK_INT(ferry_wait(&task, 1, FERRY_ALL_COMPLETED), ==, 1);
    CHECK(!timed_out && block_finished);
    CHECK_INT(ferry_task_cancelling(task), ==, 0);
    CHECK_INT(ferry_await(int, task), ==, 0);
}

TEST_ON_LOOP(a_callback_cancels_a_sleeping_task)
{
    ferry_task *task = ferry_create_task(give_later, 10.0, 12);
    run_briefly();
    CHECK_INT(ferry_call_soon(ferry_task_cancel, task), ==, 0);
    CHECK_INT(ferry_wait(&task, 1, FERRY_ALL_COMPLETED), ==, 1);
    CHECK(ferry_task_done(task));
    CHECK(ferry_task_cancelled(task));
    CHECK_INT(ferry_task_cancel(task), ==, 0);
    CHECK_INT(ferry_await(int, task), ==, -ECANCELED);
    CHECK_DOUBLE(time_passed(), ==, 0);
}

TEST_ON_LOOP(a_timer_cancels_a_sleeping_task)
{
    ferry_task *task = ferry_create_task(give_later, 5000.0, 1);
    CHECK(ferry_call_later(0.1, ferry_task_cancel, task) != NULL);
    CHECK_INT(ferry_await(int, task), ==, -ECANCELED);
    CHECK_DOUBLE(time_passed(), ==, 0.1);
}

/* Whoever waits without taking results sees the cancel and goes on itself. */
TEST_ON_LOOP(the_result_of_a_cancelled_task_says_so)
{
    ferry_task *task = ferry_create_task(give_later, 10.0, 1);
    run_briefly();
    ferry_task_cancel(task);
    CHECK_INT(ferry_wait(&task, 1, FERRY_ALL_COMPLETED), ==, 1);
    CHECK(ferry_task_cancelled(task));
    int result = 0;
    CHECK_INT(ferry_join(task, &result), ==, 0); /* its function ran */
    CHECK_INT(result, ==, -ECANCELED);
    run_briefly();
}

static int never_called(void)
{
    CHECK(false);
    return 0;
}

TEST_ON_LOOP(a_task_cancelled_before_it_starts_never_runs)
{
    ferry_task *task = ferry_create_task(never_called);
    ferry_task_cancel(task);
    CHECK_INT(ferry_wait(&task, 1, FERRY_ALL_COMPLETED), ==, 1);
    CHECK(ferry_task_cancelled(task));
    CHECK_INT(ferry_join(task, NULL), ==, -ECANCELED);
}

static int sleep_thrice(void)
{
    for (int i = 0; i < 3; i++) {
        int said = ferry_sleep(0);
        if (said < 0)
            return said;
    }
    return 12;
}

TEST_ON_LOOP(a_task_that_only_gave_way_is_cancelled_at_its_next_wait)
{
    ferry_task *task = ferry_create_task(sleep_thrice);
    run_briefly();
    ferry_task_cancel(task);
    CHECK_INT(ferry_wait(&task, 1, FERRY_ALL_COMPLETED), ==, 1);
    CHECK(ferry_task_cancelled(task));
    CHECK_INT(ferry_task_cancel(task), ==, 0);
    CHECK_INT(ferry_await(int, task), ==, -ECANCELED);
}

static int await_future(ferry_future *future)
{
    int said = ferry_future_await(future, NULL);
    return said < 0 ? said : 12;
}

/* In asyncio the task then counts as cancelled; in ferry only who was asked to stop does. */
TEST_ON_LOOP(a_cancelled_future_is_an_error_of_who_awaits_it)
{
    ferry_future *future = ferry_future_new();
    ferry_task *task = ferry_create_task(await_future, future);
    run_briefly();
    CHECK_INT(ferry_future_cancel(future), ==, 1);
    CHECK_INT(ferry_wait(&task, 1, FERRY_ALL_COMPLETED), ==, 1);
    CHECK(ferry_future_cancelled(future));
    CHECK(!ferry_task_cancelled(task));
    CHECK_INT(ferry_await(int, task), ==, -ECANCELED);
    ferry_future_free(future);
}

TEST_ON_LOOP(future_and_task_are_both_cancelled)
{
    ferry_future *future = ferry_future_new();
    ferry_task *task = ferry_create_task(await_future, future);
    run_briefly();
    ferry_future_cancel(future);
    ferry_task_cancel(task);
    CHECK_INT(ferry_wait(&task, 1, FERRY_ALL_COMPLETED), ==, 1);
    CHECK(ferry_future_cancelled(future));
    CHECK(ferry_task_cancelled(task));
    CHECK_INT(ferry_await(int, task), ==, -ECANCELED);
    ferry_future_free(future);
}

/* asyncio cancels the future that the task waits for; ferry's may have other waiters. */
TEST_ON_LOOP(a_cancelled_task_leaves_its_future_pending)
{
    ferry_future *future = ferry_future_new();
    ferry_task *task = ferry_create_task(await_future, future);
    ferry_task *other = ferry_create_task(await_future, future);
    run_briefly();
    ferry_task_cancel(task);
    run_briefly();
    CHECK(ferry_task_cancelled(task));
    CHECK(!ferry_future_done(future));
    CHECK_INT(ferry_future_set_result(future, NULL), ==, 0);
    CHECK_INT(ferry_await(int, other), ==, 12);
    CHECK_INT(ferry_await(int, task), ==, -ECANCELED);
    ferry_future_free(future);
}

static int catch_cancel(ferry_future *before, ferry_future *after)
{
    CHECK_INT(ferry_future_await(before, NULL), ==, 0);
    return ferry_future_await(after, NULL) == -ECANCELED ? 42 : 0;
}

TEST_ON_LOOP(a_task_that_handles_its_cancel_gives_its_result)
{
    ferry_future *before = ferry_future_new(), *after = ferry_future_new();
    ferry_task *task = ferry_create_task(catch_cancel, before, after);
    run_briefly();
    ferry_future_set_result(before, NULL);
    run_briefly();
    CHECK(!ferry_task_done(task));
    ferry_task_cancel(task);
    run_briefly();
    CHECK(ferry_task_done(task));
    CHECK(!ferry_task_cancelled(task));
    CHECK_INT(ferry_await(int, task), ==, 42);
    ferry_future_free(before);
    ferry_future_free(after);
}

static int ignore_cancel(ferry_future *before, ferry_future *after, bool take_back)
{
    CHECK_INT(ferry_future_await(before, NULL), ==, -ECANCELED);
    if (take_back)
        ferry_task_uncancel(ferry_current_task());
    int said = ferry_future_await(after, NULL);
    return said < 0 ? said : 42;
}

/* asyncio delivers a cancel once; ferry until it is taken back. */
TEST_ON_LOOP(a_task_that_ignores_its_cancel_hears_it_again)
{
    ferry_future *before = ferry_future_new(), *after = ferry_future_new();
    ferry_task *deaf = ferry_create_task(ignore_cancel, before, after, false);
    ferry_task *polite = ferry_create_task(ignore_cancel, before, after, true);
    run_briefly();
    ferry_task_cancel(deaf);
    ferry_task_cancel(polite);
    run_briefly();
    CHECK(ferry_task_done(deaf));
    CHECK(!ferry_task_done(polite));
    ferry_future_set_result(after, NULL);
    CHECK_INT(ferry_await(int, deaf), ==, -ECANCELED);
    CHECK_INT(ferry_await(int, polite), ==, 42);
    ferry_future_free(before);
    ferry_future_free(after);
}

static int cancel_oneself(bool sleep)
{
    CHECK_INT(ferry_task_cancel(ferry_current_task()), ==, 1);
    return sleep ? ferry_sleep(100) : 12;
}

TEST_ON_LOOP(cancelling_oneself_ends_the_next_wait)
{
    ferry_task *task = ferry_create_task(cancel_oneself, true);
    CHECK_INT(ferry_wait(&task, 1, FERRY_ALL_COMPLETED), ==, 1);
    CHECK(ferry_task_cancelled(task));
    CHECK_INT(ferry_task_cancel(task), ==, 0);
    CHECK_INT(ferry_await(int, task), ==, -ECANCELED);
    CHECK_DOUBLE(time_passed(), ==, 0);
}

/* asyncio drops the result of a task that cancels itself and returns; ferry loses none. */
TEST_ON_LOOP(a_function_that_returns_after_its_cancel_keeps_its_result)
{
    ferry_task *task = ferry_create_task(cancel_oneself, false);
    run_briefly();
    CHECK(ferry_task_done(task));
    CHECK(!ferry_task_cancelled(task));
    CHECK_INT(ferry_task_cancel(task), ==, 0);
    CHECK_INT(ferry_await(int, task), ==, 12);
}

static int cancel_oneself_and_await(ferry_future *future)
{
    ferry_task *nested = ferry_create_task(await_future, future);
    CHECK_INT(ferry_sleep(0), ==, 0);
    ferry_task_cancel(ferry_current_task());
    return ferry_await(int, nested);
}

TEST_ON_LOOP(what_a_cancelled_task_awaits_next_is_cancelled)
{
    ferry_future *future = ferry_future_new();
    ferry_task *task = ferry_create_task(cancel_oneself_and_await, future);
    CHECK_INT(ferry_wait(&task, 1, FERRY_ALL_COMPLETED), ==, 1);
    CHECK(ferry_task_cancelled(task));
    CHECK(!ferry_future_done(future));
    CHECK_INT(ferry_await(int, task), ==, -ECANCELED);
    ferry_future_free(future);
}

static int proof;

static int inner(ferry_future *future)
{
    int said = ferry_future_await(future, NULL);
    proof += said == -ECANCELED ? 1 : 10;
    return said;
}

static int outer(ferry_future *future)
{
    int said = ferry_await(int, ferry_create_task(inner, future));
    proof += said == -ECANCELED ? 100 : 10;
    return 0;
}

TEST_ON_LOOP(a_cancel_goes_down_to_the_innermost_wait)
{
    ferry_future *future = ferry_future_new();
    ferry_task *task = ferry_create_task(outer, future);
    run_briefly();
    run_briefly();
    ferry_task_cancel(task);
    CHECK_INT(ferry_await(int, task), ==, 0);
    CHECK_INT(proof, ==, 101);
    ferry_future_free(future);
}

static int fail_when_cancelled(void)
{
    return ferry_sleep(10) == -ECANCELED ? -EPROTO : 0;
}

TEST_ON_LOOP(a_failure_in_answer_to_a_cancel_is_a_failure)
{
    ferry_task *task = ferry_create_task(fail_when_cancelled);
    run_briefly();
    ferry_task_cancel(task);
    CHECK(!ferry_task_done(task));
    run_briefly();
    CHECK(ferry_task_done(task));
    CHECK(!ferry_task_cancelled(task));
    CHECK_INT(ferry_await(int, task), ==, -EPROTO);
}

static int complaints;

static void count_complaints(ferry_loop *loop, const ferry_exception *exception, void *context)
{
    (void)loop, (void)exception, (void)context;
    complaints++;
}

/* asyncio takes a cancel that comes too late for a sign that somebody knows; ferry reports. */
TEST_ON_LOOP(a_cancel_after_the_end_does_not_hide_a_failure)
{
    CHECK_INT(ferry_loop_set_exception_handler(count_complaints, NULL), ==, 0);
    ferry_task *task = ferry_create_task(give, -EPIPE);
    CHECK_INT(ferry_sleep(0.05), ==, 0);
    CHECK_INT(ferry_task_cancel(task), ==, 0);
    CHECK_INT(ferry_task_detach(task), ==, 0);
    CHECK_INT(complaints, ==, 1);
}

TEST_MAIN
