/* SPDX-License-Identifier: MIT */
/* CPython's cases of asyncio.wait_for. */
#include "on_loop.h"

#include <ferry/future.h>
#include <ferry/gather.h>
#include <ferry/scope.h>

static bool began, left, is_over;

/* Takes 0.2 s, whatever it is asked. */
static int slow(void)
{
    FERRY_SHIELD
    {
        ferry_sleep(0.2);
    }
    is_over = true;
    return 4;
}

static int wait_for_slow(double seconds)
{
    return ferry_wait_for(int, ferry_create_task(slow), seconds);
}

TEST_ON_LOOP(a_cancelled_wait_for_waits_for_a_task_that_goes_on)
{
    ferry_task *task = ferry_create_task(wait_for_slow, 0.4);
    run_briefly();
    run_briefly();
    ferry_task_cancel(task);
    CHECK_INT(ferry_wait(&task, 1, FERRY_ALL_COMPLETED), ==, 1);
    CHECK(is_over);
    CHECK_DOUBLE(time_passed(), ==, 0.2);
}

TEST_ON_LOOP(so_does_one_that_ran_out)
{
    CHECK_INT(wait_for_slow(0.1), ==, 4); /* it gave its result all the same */
    CHECK(is_over);
    CHECK_DOUBLE(time_passed(), ==, 0.2);
}

TEST_ON_LOOP(no_time_but_the_task_has_ended)
{
    ferry_task *task = ferry_create_task(give, 7);
    run_briefly();
    CHECK_INT(ferry_wait_for(int, task, 0), ==, 7);
    task = ferry_create_task(give, 8);
    run_briefly();
    CHECK_INT(ferry_wait_for(int, task, -1), ==, 8);
}

static int begin(void)
{
    began = true;
    return 1;
}

TEST_ON_LOOP(no_time_and_the_task_has_not_begun)
{
    CHECK_INT(ferry_wait_for(int, ferry_create_task(begin), 0), ==, -1);
    CHECK_INT(errno, ==, ETIMEDOUT);
    CHECK(!began);
    CHECK_DOUBLE(time_passed(), ==, 0);
}

static int run_and_leave(void)
{
    began = true;
    int said = ferry_sleep(10);
    left = true;
    return said < 0 ? said : 5;
}

static void run_out(double seconds, double expected)
{
    began = left = false;
    ferry_task *task = ferry_create_task(run_and_leave);
    run_briefly();
    CHECK(began);
    CHECK_INT(ferry_wait_for(int, task, seconds), ==, -1);
    CHECK_INT(errno, ==, ETIMEDOUT);
    CHECK(ferry_task_done(task));
    CHECK(left);
    CHECK_DOUBLE(time_passed(), ==, expected);
}

TEST_ON_LOOP(no_time_and_the_task_runs)
{
    run_out(0, 0);
    run_out(-1, 0);
}

TEST_ON_LOOP(the_time_runs_out_and_the_task_is_cancelled)
{
    run_out(0.1, 0.1);
}

TEST_ON_LOOP(without_a_limit_it_is_an_await)
{
    CHECK_INT(ferry_wait_for(int, ferry_create_task(give, 3), INFINITY), ==, 3);
    CHECK_INT(ferry_wait_for(int, ferry_create_task(give_later, 3600.0, 3), INFINITY), ==, 3);
}

/* asyncio waits for futures so, too; for ferry's a scope does it. */
TEST_ON_LOOP(a_future_that_is_settled_in_time)
{
    ferry_future *future = ferry_future_new();
    int value = 1;
    void *got = NULL;
    CHECK(ferry_call_later(0.1, ferry_future_set_result, future, (void *)&value) != NULL);
    FERRY_TIMEOUT(0.2) {
        CHECK_INT(ferry_future_await(future, &got), ==, 0);
    }
    CHECK(!ferry_timeout_expired());
    CHECK_PTR(got, ==, &value);
    CHECK_DOUBLE(time_passed(), ==, 0.1);
    ferry_future_free(future);
}

static int swallow(void)
{
    return ferry_sleep(1) == -ECANCELED ? 1 : 0;
}

TEST_ON_LOOP(a_result_in_answer_to_the_cancel_is_not_lost)
{
    CHECK_INT(ferry_wait_for(int, ferry_create_task(swallow), 0.01), ==, 1);
}

static int clean_up(void)
{
    int said = ferry_sleep(10);
    FERRY_SHIELD
    {
        CHECK_INT(ferry_sleep(0.1), ==, 0);
    }
    left = true;
    return said;
}

TEST_ON_LOOP(the_clean_up_of_the_cancelled_task_is_waited_for)
{
    CHECK_INT(ferry_wait_for(int, ferry_create_task(clean_up), 0.1), ==, -1);
    CHECK_INT(errno, ==, ETIMEDOUT);
    CHECK(left);
    CHECK_DOUBLE(time_passed(), ==, 0.2);
}

TEST_ON_LOOP(even_when_there_was_no_time)
{
    ferry_task *task = ferry_create_task(clean_up);
    run_briefly();
    CHECK_INT(ferry_wait_for(int, task, 0), ==, -1);
    CHECK_INT(errno, ==, ETIMEDOUT);
    CHECK(left);
    CHECK_DOUBLE(time_passed(), ==, 0.1);
}

static int fail_when_cancelled(void)
{
    return ferry_sleep(0.2) < 0 ? -EPROTO : 0;
}

TEST_ON_LOOP(a_failure_in_answer_to_the_cancel_is_not_lost)
{
    CHECK_INT(ferry_wait_for(int, ferry_create_task(fail_when_cancelled), 0.1), ==, -EPROTO);
}

static int keep_waiting(void)
{
    int result = wait_for_slow(0.1);
    CHECK_INT(ferry_sleep(0), ==, -ECANCELED); /* the cancel is still there */
    return result;
}

/* asyncio lets go of a task that resists when wait_for itself is cancelled; ferry waits. */
TEST_ON_LOOP(a_cancel_while_it_waits_for_the_cancelled_task)
{
    ferry_task *task = ferry_create_task(keep_waiting);
    CHECK_INT(ferry_sleep(0.15), ==, 0);
    ferry_task_cancel(task);
    run_briefly();
    CHECK(!ferry_task_done(task));
    CHECK_INT(ferry_await(int, task), ==, 4);
    CHECK_DOUBLE(time_passed(), ==, 0.2);
}

static bool inner_cancelled;

static int block(void)
{
    int said = ferry_sleep(INFINITY);
    inner_cancelled = said == -ECANCELED;
    return said;
}

static int wait_for_blocked(double seconds)
{
    return ferry_wait_for(int, ferry_create_task(block), seconds);
}

static void cancel_wait_for(double seconds)
{
    ferry_task *task = ferry_create_task(wait_for_blocked, seconds);
    run_briefly();
    run_briefly();
    CHECK_INT(ferry_call_soon(ferry_task_cancel, task), ==, 0);
    CHECK_INT(ferry_await(int, task), ==, -ECANCELED);
    CHECK(inner_cancelled);
    CHECK_DOUBLE(time_passed(), ==, 0);
}

TEST_ON_LOOP(a_cancel_reaches_the_task_that_is_waited_for)
{
    cancel_wait_for(60);
}

TEST_ON_LOOP(a_cancel_reaches_it_without_a_limit_too)
{
    cancel_wait_for(INFINITY);
}

TEST_MAIN
