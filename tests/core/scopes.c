/* SPDX-License-Identifier: MIT */
/* FERRY_TIMEOUT and FERRY_SHIELD. */
#include "check.h"

#include <ferry/future.h>
#include <ferry/gather.h>
#include <ferry/loop.h>
#include <ferry/run.h>
#include <ferry/scope.h>
#include <ferry/task.h>
#include <math.h>

static int add_later(double seconds, int a, int b)
{
    int said = ferry_sleep(seconds);
    return said < 0 ? said : a + b;
}

static int time_out(void)
{
    double start = check_seconds();
    FERRY_TIMEOUT(0.02) {
        CHECK_INT(ferry_sleep(60), ==, -ETIMEDOUT);
        CHECK_INT(errno, ==, ETIMEDOUT);
        CHECK_INT(ferry_sleep(60), ==, -ETIMEDOUT); /* level-triggered */
        CHECK_INT(ferry_sleep(0), ==, -ETIMEDOUT);
    }
    CHECK(ferry_timeout_expired());
    CHECK_DOUBLE(check_seconds() - start, >=, 0.02);
    CHECK_DOUBLE(check_seconds() - start, <, 10);
    CHECK_INT(ferry_sleep(0), ==, 0);
    FERRY_TIMEOUT(60) {
        CHECK_INT(ferry_sleep(0.001), ==, 0);
    }
    CHECK(!ferry_timeout_expired());
    return 0;
}

TEST(a_limit_interrupts_the_waits_inside)
{
    CHECK_INT(ferry_run(time_out), ==, 0);
}

static int strange_seconds(void)
{
    FERRY_TIMEOUT(NAN) {
        CHECK_INT(ferry_sleep(1), ==, -EINVAL);
    }
    CHECK(!ferry_timeout_expired()); /* it is no limit that ran out */
    FERRY_TIMEOUT(-3) {
        CHECK_INT(ferry_sleep(1), ==, -ETIMEDOUT);
    }
    CHECK(ferry_timeout_expired());
    FERRY_TIMEOUT(0) {
        CHECK_INT(ferry_sleep(0), ==, -ETIMEDOUT);
    }
    FERRY_TIMEOUT(INFINITY) {
        CHECK_INT(ferry_sleep(0.001), ==, 0);
    }
    FERRY_TIMEOUT(1e300) {
        CHECK_INT(ferry_sleep(0.001), ==, 0);
    }
    CHECK(!ferry_timeout_expired());
    return 0;
}

TEST(nan_negative_and_infinite_limits)
{
    CHECK_INT(ferry_run(strange_seconds), ==, 0);
}

static int both_expire(void)
{
    FERRY_TIMEOUT(0.01) {
        FERRY_TIMEOUT(0.01) {
            CHECK_INT(ferry_sleep(60), ==, -ETIMEDOUT);
            struct timespec nap = {0, 30000000};
            nanosleep(&nap, NULL); /* now both are over, whichever came first */
            FERRY_SHIELD
            {
                CHECK_INT(ferry_sleep(0.001), ==, 0);
            }
        }
        CHECK(!ferry_timeout_expired()); /* not the inner one's fault */
        CHECK_INT(ferry_sleep(60), ==, -ETIMEDOUT);
    }
    CHECK(ferry_timeout_expired());
    return 0;
}

TEST(of_two_limits_that_expire_together_the_outer_one_did)
{
    CHECK_INT(ferry_run(both_expire), ==, 0);
}

static int inner_expires(void)
{
    FERRY_TIMEOUT(60) {
        FERRY_TIMEOUT(0.01) {
            CHECK_INT(ferry_sleep(30), ==, -ETIMEDOUT);
        }
        CHECK(ferry_timeout_expired());
        CHECK_INT(ferry_sleep(0.001), ==, 0);
    }
    CHECK(!ferry_timeout_expired());
    return 0;
}

TEST(an_inner_limit_leaves_the_outer_one_alone)
{
    CHECK_INT(ferry_run(inner_expires), ==, 0);
}

static int cancelled_inside(void)
{
    FERRY_TIMEOUT(0) {
        CHECK_INT(ferry_sleep(60), ==, -ETIMEDOUT);
        ferry_task_cancel(ferry_current_task());
        CHECK_INT(ferry_sleep(60), ==, -ECANCELED);
    }
    CHECK(!ferry_timeout_expired());
    CHECK_INT(ferry_sleep(60), ==, -ECANCELED);
    return 0;
}

TEST(a_cancel_never_becomes_a_time_out)
{
    CHECK_INT(ferry_run(cancelled_inside), ==, 0);
}

static int shielded(void)
{
    FERRY_TIMEOUT(0) {
        FERRY_SHIELD
        {
            CHECK_INT(ferry_sleep(0.001), ==, 0);
            FERRY_TIMEOUT(0.001) {
                CHECK_INT(ferry_sleep(60), ==, -ETIMEDOUT); /* limits inside a shield work */
            }
            CHECK(ferry_timeout_expired());
            CHECK_INT(ferry_sleep(0.001), ==, 0);
        }
        CHECK_INT(ferry_sleep(0.001), ==, -ETIMEDOUT);
    }
    CHECK(ferry_timeout_expired());
    return 0;
}

TEST(shield)
{
    CHECK_INT(ferry_run(shielded), ==, 0);
}

static int leave_by_return(void)
{
    FERRY_TIMEOUT(0) {
        FERRY_SHIELD
        {
            return 5;
        }
    }
    return 0;
}

static int ways_out(void)
{
    int rounds = 0;
    for (int i = 0; i < 3; i++) {
        FERRY_TIMEOUT(0) {
            rounds++;
            if (i == 1)
                break; /* leaves the scope, as it would any block of one round */
            if (i == 2)
                continue;
            rounds += 10;
        }
        CHECK_INT(ferry_sleep(0), ==, 0);
    }
    CHECK_INT(rounds, ==, 13);
    CHECK_INT(leave_by_return(), ==, 5);
    CHECK_INT(ferry_sleep(0), ==, 0);
    FERRY_TIMEOUT(0) {
        FERRY_TIMEOUT(0)
            goto out;
    }
out:
    CHECK_INT(ferry_sleep(0), ==, 0);
    return 0;
}

TEST(scopes_are_left_by_break_continue_return_and_goto)
{
    CHECK_INT(ferry_run(ways_out), ==, 0);
}

static int outside(void)
{
    int rounds = 0;
    FERRY_TIMEOUT(0) {
        FERRY_SHIELD
        rounds++;
    }
    return rounds;
}

/* (What they bound there: tests/bridge/thread_limits.c.) */
TEST(on_a_thread_without_a_loop_the_block_runs_too)
{
    CHECK(!ferry_timeout_expired());
    CHECK_INT(outside(), ==, 1);
    CHECK(ferry_timeout_expired());
    CHECK_INT(ferry_timeout_reschedule(1), ==, -ENOENT);
}

static int reschedule(void)
{
    CHECK_INT(ferry_timeout_reschedule(1), ==, -ENOENT);
    FERRY_TIMEOUT(0.005) {
        CHECK_INT(ferry_timeout_reschedule(NAN), ==, -EINVAL);
        CHECK_INT(ferry_timeout_reschedule(60), ==, 0);
        CHECK_INT(ferry_sleep(0.02), ==, 0);
        CHECK_INT(ferry_timeout_reschedule(0.005), ==, 0);
        CHECK_INT(ferry_sleep(60), ==, -ETIMEDOUT);
        CHECK_INT(ferry_timeout_reschedule(60), ==, -ETIMEDOUT);
    }
    CHECK(ferry_timeout_expired());
    return 0;
}

TEST(a_limit_can_be_moved)
{
    CHECK_INT(ferry_run(reschedule), ==, 0);
}

static int wait_for(void)
{
    CHECK_INT(ferry_wait_for(int, ferry_create_task(add_later, 0.001, 2, 3), 60), ==, 5);
    /* it passes on what its cancelled sleep said: that is no result, it was too late */
    CHECK_INT(ferry_wait_for(int, ferry_create_task(add_later, 60.0, 2, 3), 0.01), ==, -1);
    CHECK_INT(errno, ==, ETIMEDOUT);
    ferry_task *task = ferry_create_task(add_later, 60.0, 2, 3);
    CHECK_INT(ferry_wait_for(int, task, 0), ==, -1); /* never began: the skip value */
    CHECK_INT(errno, ==, ETIMEDOUT);
    CHECK(ferry_task_done(task));
    CHECK(!ferry_timeout_expired()); /* that is about the blocks one writes */
    CHECK_INT(ferry_wait_for(int, NULL, 1), ==, -1);
    CHECK_INT(errno, ==, EINVAL);
    task = ferry_create_task(add_later, 0.0, 2, 3);
    CHECK_INT(ferry_wait_for(int, task, NAN), ==, -1);
    CHECK_INT(errno, ==, EINVAL);
    CHECK_INT(ferry_await(int, task), ==, 5);
    return 0;
}

TEST(wait_for)
{
    CHECK_INT(ferry_run(wait_for), ==, 0);
}

static int limit_on_await(void)
{
    ferry_task *task = ferry_create_task(add_later, 60.0, 1, 1);
    FERRY_TIMEOUT(0.01) {
        CHECK_INT(ferry_await(int, task), ==, -ECANCELED); /* what the cancelled task returned */
    }
    CHECK(ferry_timeout_expired());
    CHECK(ferry_task_done(task));
    return 0;
}

TEST(a_limit_cancels_what_is_awaited)
{
    CHECK_INT(ferry_run(limit_on_await), ==, 0);
}

static int many_limits(int count)
{
    for (int i = 0; i < count; i++)
        FERRY_TIMEOUT(60)
            FERRY_TIMEOUT(30) {
                if (i % 1000 == 0)
                    CHECK_INT(ferry_sleep(0), ==, 0);
            }
    return 0;
}

TEST(a_hundred_thousand_limits)
{
    CHECK_INT(ferry_run(many_limits, 100000), ==, 0);
}

static int until_a_moment(void)
{
    double start = ferry_loop_time();
    CHECK(isnan(ferry_timeout_when()));
    CHECK_INT(errno, ==, ENOENT);
    CHECK_INT(ferry_timeout_reschedule_at(start), ==, -ENOENT);
    FERRY_TIMEOUT_AT(start + 0.005)
    {
        CHECK_DOUBLE(fabs(ferry_timeout_when() - (start + 0.005)), <, 1e-6);
        CHECK_INT(ferry_sleep(60), ==, -ETIMEDOUT);
        CHECK_DOUBLE(ferry_loop_time(), >=, start + 0.005);
        CHECK_DOUBLE(fabs(ferry_timeout_when() - (start + 0.005)), <, 1e-6); /* when it was */
        CHECK_INT(ferry_timeout_reschedule_at(start + 60), ==, -ETIMEDOUT);
    }
    CHECK(ferry_timeout_expired());
    FERRY_TIMEOUT_AT(start) /* has passed */
    {
        CHECK_INT(ferry_sleep(0), ==, -ETIMEDOUT);
    }
    FERRY_TIMEOUT_AT(INFINITY)
    {
        CHECK(isinf(ferry_timeout_when()));
        CHECK_INT(ferry_sleep(0), ==, 0);
        CHECK_INT(ferry_timeout_reschedule_at(NAN), ==, -EINVAL);
        CHECK_INT(ferry_timeout_reschedule_at(ferry_loop_time() + 0.005), ==, 0);
        FERRY_SHIELD
        {
            FERRY_TIMEOUT(60) {
                CHECK_DOUBLE(ferry_timeout_when(), >, start + 50); /* the innermost */
            }
        }
        CHECK_INT(ferry_timeout_reschedule_at(INFINITY), ==, 0); /* no limit again */
        CHECK_INT(ferry_sleep(0.01), ==, 0);
        CHECK_INT(ferry_timeout_reschedule_at(start), ==, 0); /* at once */
        CHECK_INT(ferry_sleep(0), ==, -ETIMEDOUT);
    }
    FERRY_TIMEOUT_AT(NAN)
    {
        CHECK_INT(ferry_sleep(0), ==, -EINVAL);
        CHECK(isnan(ferry_timeout_when()));
    }
    return 0;
}

TEST(limits_at_a_moment)
{
    CHECK_INT(ferry_run(until_a_moment), ==, 0);
}

TEST(limits_at_a_moment_on_a_thread)
{
    double start = ferry_loop_time();
    ferry_future *never = ferry_future_new();
    FERRY_TIMEOUT_AT(start + 60)
    {
        CHECK_DOUBLE(fabs(ferry_timeout_when() - (start + 60)), <, 1e-6);
        CHECK_INT(ferry_timeout_reschedule_at(start + 0.005), ==, 0);
        CHECK_INT(ferry_future_await(never, NULL), ==, -ETIMEDOUT);
        CHECK_DOUBLE(ferry_loop_time(), >=, start + 0.005);
    }
    CHECK(ferry_timeout_expired());
    ferry_future_free(never);
}

TEST_MAIN
