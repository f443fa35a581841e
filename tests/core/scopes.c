/* SPDX-License-Identifier: MIT */
/* FERRY_TIMEOUT and FERRY_SHIELD. */
#include "check.h"

#include <ferry/gather.h>
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

TEST_MAIN
