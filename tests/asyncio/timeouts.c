/* SPDX-License-Identifier: MIT */
/*
 * CPython's cases of asyncio.timeout. In place of an exception, waits inside say -ETIMEDOUT, and
 * behind the block ferry_timeout_expired tells whether it was its limit.
 */
#include "on_loop.h"

#include <ferry/future.h>
#include <ferry/scope.h>

TEST_ON_LOOP(the_limit_runs_out)
{
    FERRY_TIMEOUT(0.01) {
        CHECK_INT(ferry_sleep(10), ==, -ETIMEDOUT);
    }
    CHECK(ferry_timeout_expired());
    CHECK_DOUBLE(time_passed(), ==, 0.01);
}

TEST_ON_LOOP(a_deadline)
{
    double deadline = ferry_loop_time() + 0.01;
    FERRY_TIMEOUT_AT(deadline)
    {
        CHECK_INT(ferry_sleep(10), ==, -ETIMEDOUT);
        CHECK_DOUBLE(fabs(ferry_timeout_when() - deadline), <, 1e-6);
    }
    CHECK(ferry_timeout_expired());
    CHECK_DOUBLE(time_passed(), ==, 0.01);
}

/* asyncio says of both that they expired; in ferry it is the outer one's doing alone. */
TEST_ON_LOOP(of_two_with_the_same_deadline_the_outer_one_expired)
{
    FERRY_TIMEOUT(0.01) {
        FERRY_TIMEOUT(0.01) {
            CHECK_INT(ferry_sleep(10), ==, -ETIMEDOUT);
            CHECK_INT(ferry_sleep(10), ==, -ETIMEDOUT);
        }
        CHECK(!ferry_timeout_expired());
        CHECK_INT(ferry_sleep(10), ==, -ETIMEDOUT);
    }
    CHECK(ferry_timeout_expired());
    CHECK_DOUBLE(time_passed(), ==, 0.01);
}

TEST_ON_LOOP(a_limit_that_does_not_run_out)
{
    FERRY_TIMEOUT(10) {
        CHECK_INT(ferry_sleep(0.01), ==, 0);
    }
    CHECK(!ferry_timeout_expired());
    CHECK_DOUBLE(time_passed(), ==, 0.01);
    CHECK_PTR(ferry__heap_first(&ferry__sched_here->timers), ==, NULL); /* it is off */
}

TEST_ON_LOOP(infinity_is_no_limit)
{
    FERRY_TIMEOUT(INFINITY) {
        CHECK_INT(ferry_sleep(0.01), ==, 0);
        CHECK(isinf(ferry_timeout_when()));
    }
    CHECK(!ferry_timeout_expired());
    CHECK_DOUBLE(time_passed(), ==, 0.01);
}

TEST_ON_LOOP(infinity_is_no_deadline)
{
    FERRY_TIMEOUT_AT(INFINITY)
    {
        CHECK_INT(ferry_sleep(0.01), ==, 0);
        CHECK(isinf(ferry_timeout_when()));
    }
    CHECK(!ferry_timeout_expired());
}

TEST_ON_LOOP(no_time_at_all)
{
    FERRY_TIMEOUT(0) {
        CHECK_INT(ferry_sleep(10), ==, -ETIMEDOUT);
    }
    CHECK(ferry_timeout_expired());
    CHECK_DOUBLE(time_passed(), ==, 0);
}

TEST_ON_LOOP(no_time_at_all_for_a_sleep_of_0)
{
    FERRY_TIMEOUT(0) {
        CHECK_INT(ferry_sleep(0), ==, -ETIMEDOUT);
    }
    CHECK(ferry_timeout_expired());
    CHECK_DOUBLE(time_passed(), ==, 0);
}

TEST_ON_LOOP(a_limit_in_the_past)
{
    FERRY_TIMEOUT(-11) {
        CHECK_INT(ferry_sleep(0), ==, -ETIMEDOUT);
    }
    CHECK(ferry_timeout_expired());
    CHECK_DOUBLE(time_passed(), ==, 0);
}

static int fail_inside(void)
{
    FERRY_TIMEOUT(0.01) {
        return -ENOKEY;
    }
    return 0;
}

TEST_ON_LOOP(an_error_of_the_blocks_own_goes_out)
{
    CHECK_INT(fail_inside(), ==, -ENOKEY);
    CHECK(!ferry_timeout_expired());
}

static int crash(void)
{
    return ferry_sleep(1) < 0 ? -EDOM : 0;
}

TEST_ON_LOOP(an_error_in_answer_to_the_limit_goes_out)
{
    int said = 0;
    FERRY_TIMEOUT(0.01) {
        said = crash();
    }
    CHECK_INT(said, ==, -EDOM);
    CHECK(ferry_timeout_expired());
}

TEST_ON_LOOP(a_cancel_from_outside_is_no_time_out)
{
    FERRY_TIMEOUT(10) {
        ferry_task_cancel(ferry_current_task());
        CHECK_INT(ferry_sleep(10), ==, -ECANCELED);
    }
    CHECK(!ferry_timeout_expired());
    CHECK_INT(ferry_task_uncancel(ferry_current_task()), ==, 0);
}

static int run_out(void)
{
    FERRY_TIMEOUT(0.001) {
        CHECK_INT(ferry_sleep(10), ==, -ETIMEDOUT);
    }
    CHECK(ferry_timeout_expired());
    CHECK_INT(ferry_task_cancelling(ferry_current_task()), ==, 0);
    return 1;
}

TEST_ON_LOOP(a_limit_does_not_cancel_the_task)
{
    ferry_task *task = ferry_create_task(run_out);
    CHECK_INT(ferry_sleep(0.01), ==, 0);
    CHECK(ferry_task_done(task));
    CHECK(!ferry_task_cancelled(task));
    CHECK_INT(ferry_await(int, task), ==, 1);
}

TEST_ON_LOOP(an_outer_limit_that_ran_out_while_the_task_computed)
{
    FERRY_TIMEOUT(0.002) {
        FERRY_TIMEOUT(0.1) {
            pass_time(0.01);
            CHECK_INT(ferry_sleep(1), ==, -ETIMEDOUT);
        }
        CHECK(!ferry_timeout_expired());
    }
    CHECK(ferry_timeout_expired());
    CHECK_DOUBLE(time_passed(), ==, 0.01);
}

TEST_ON_LOOP(what_follows_an_inner_limit_is_still_under_the_outer_one)
{
    FERRY_TIMEOUT(0.1) {
        FERRY_TIMEOUT(0.01) {
            pass_time(0.05);
            CHECK_INT(ferry_sleep(1), ==, -ETIMEDOUT);
        }
        CHECK(ferry_timeout_expired());
        CHECK_INT(ferry_sleep(10), ==, -ETIMEDOUT);
    }
    CHECK(ferry_timeout_expired());
    CHECK_DOUBLE(time_passed(), ==, 0.1);
}

/* asyncio's scope is an object that others may move; ferry's belongs to its task. */
TEST_ON_LOOP(a_limit_is_moved_by_its_own_task)
{
    double first = ferry_loop_time() + 10, second = first + 20;
    FERRY_TIMEOUT_AT(first)
    {
        CHECK_DOUBLE(fabs(ferry_timeout_when() - first), <, 1e-6);
        CHECK_INT(ferry_timeout_reschedule_at(second), ==, 0);
        CHECK_DOUBLE(fabs(ferry_timeout_when() - second), <, 1e-6);
        CHECK_INT(ferry_sleep(20), ==, 0);
        CHECK_INT(ferry_timeout_reschedule(INFINITY), ==, 0);
        CHECK(isinf(ferry_timeout_when()));
        CHECK_INT(ferry_sleep(50), ==, 0);
        ferry_task_cancel(ferry_current_task());
        CHECK_INT(ferry_sleep(50), ==, -ECANCELED);
    }
    CHECK(!ferry_timeout_expired());
    CHECK_INT(ferry_task_uncancel(ferry_current_task()), ==, 0);
    CHECK_DOUBLE(time_passed(), ==, 70);
}

/* asyncio's clean-up waits as if nothing had happened; ferry's says what it is: shielded. */
TEST_ON_LOOP(a_limit_in_the_clean_up_after_a_limit)
{
    FERRY_TIMEOUT(0.01) {
        CHECK_INT(ferry_sleep(1), ==, -ETIMEDOUT);
        FERRY_TIMEOUT(0.01) {
            CHECK_INT(ferry_sleep(10), ==, -ETIMEDOUT); /* at once */
        }
        CHECK_DOUBLE(time_passed(), ==, 0.01);
        FERRY_SHIELD
        {
            FERRY_TIMEOUT(0.01) {
                CHECK_INT(ferry_sleep(10), ==, -ETIMEDOUT);
            }
            CHECK(ferry_timeout_expired());
        }
        CHECK_DOUBLE(time_passed(), ==, 0.02);
    }
    CHECK(ferry_timeout_expired());
}

TEST_MAIN
