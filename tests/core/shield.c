/* SPDX-License-Identifier: MIT */
/* ferry_shield: an interruption ends the wait and leaves the task. */
#include "check.h"

#include <ferry/loop.h>
#include <ferry/run.h>
#include <ferry/scope.h>
#include <ferry/task.h>
#include <math.h>

static ferry_future *gate;

static int behind_the_gate(int result)
{
    int said = ferry_future_await(gate, NULL);
    errno = ENOTTY;
    return said ? said : result;
}

static int *find_later(int *result)
{
    return ferry_future_await(gate, NULL) ? NULL : result;
}

static void open_gate(void)
{
    ferry_future_set_result(gate, NULL);
}

static int run(int (*fn)(void))
{
    gate = ferry_future_new();
    int result = ferry_run(fn);
    ferry_future_free(gate);
    return result;
}

static int as_await(void)
{
    int here = 3;
    CHECK_INT(ferry_call_soon(open_gate), ==, 0);
    ferry_task *task = ferry_create_task(behind_the_gate, 6);
    CHECK_INT(ferry_shield(int, task), ==, 6);
    CHECK_INT(errno, ==, ENOTTY);
    CHECK_INT(ferry_shield(int, task), ==, -1); /* the handle has ended */
    CHECK_INT(errno, ==, ESRCH);
    CHECK_PTR(ferry_shield(int *, ferry_create_task(find_later, &here)), ==, &here);
    CHECK_INT(ferry_shield(int, NULL), ==, -1);
    CHECK_INT(errno, ==, EINVAL);
    CHECK_INT(ferry_shield(int, ferry_current_task()), ==, -1);
    CHECK_INT(errno, ==, EDEADLK);
    ferry_task *never = ferry_create_task(behind_the_gate, 1);
    CHECK_INT(ferry_task_cancel(never), ==, 1);
    CHECK_INT(ferry_shield(int, never), ==, -1); /* a cancel of the task itself goes through */
    CHECK_INT(errno, ==, ECANCELED);
    CHECK_INT(ferry_task_cancelling(ferry_current_task()), ==, 0);
    return 0;
}

TEST(shield_is_await_without_an_interruption)
{
    CHECK_INT(run(as_await), ==, 0);
}

static int limited(void)
{
    ferry_task *task = ferry_create_task(behind_the_gate, 7);
    FERRY_TIMEOUT(0.001) {
        CHECK_INT(ferry_shield(int, task), ==, -1);
        CHECK_INT(errno, ==, ETIMEDOUT);
        CHECK_INT(ferry_shield(int, task), ==, -1); /* each further wait says so */
        CHECK_INT(errno, ==, ETIMEDOUT);
    }
    CHECK(ferry_timeout_expired());
    CHECK(!ferry_task_done(task));
    CHECK_INT(ferry_task_cancelling(task), ==, 0);
    open_gate();
    CHECK_INT(ferry_shield(int, task), ==, 7);
    return 0;
}

TEST(a_time_limit_leaves_the_task)
{
    CHECK_INT(run(limited), ==, 0);
}

static ferry_task *inner;

static int shielding(void)
{
    CHECK_INT(ferry_shield(int, inner), ==, -1);
    CHECK_INT(errno, ==, ECANCELED);
    return -ECANCELED;
}

static int cancelled(void)
{
    inner = ferry_create_task(behind_the_gate, 8);
    ferry_task *outer = ferry_create_task(shielding);
    CHECK_INT(ferry_sleep(0), ==, 0);
    CHECK_INT(ferry_shield(int, inner), ==, -1); /* one awaits a task */
    CHECK_INT(errno, ==, EBUSY);
    CHECK_INT(ferry_task_cancel(outer), ==, 1);
    CHECK_INT(ferry_await(int, outer), ==, -ECANCELED);
    CHECK(!ferry_task_done(inner));
    open_gate();
    CHECK_INT(ferry_await(int, inner), ==, 8); /* its handle is as it was */
    return 0;
}

TEST(a_cancel_of_the_caller_leaves_the_task)
{
    CHECK_INT(run(cancelled), ==, 0);
}

static int cancel_both(ferry_task *outer)
{
    open_gate(); /* the inner one is ready, and ends before the outer one goes on */
    CHECK_INT(ferry_task_cancel(outer), ==, 1);
    return 0;
}

static int shield_to_the_end(void)
{
    CHECK_INT(ferry_shield(int, inner), ==, 9); /* it was over: nothing is lost */
    CHECK_INT(ferry_sleep(0), ==, -ECANCELED);
    return 0;
}

static int both_at_once(void)
{
    inner = ferry_create_task(behind_the_gate, 9);
    ferry_task *outer = ferry_create_task(shield_to_the_end);
    CHECK_INT(ferry_sleep(0), ==, 0);
    CHECK_INT(ferry_await(int, ferry_create_task(cancel_both, outer)), ==, 0);
    return ferry_await(int, outer);
}

TEST(a_result_that_is_there_is_not_lost)
{
    CHECK_INT(run(both_at_once), ==, 0);
}

static unsigned count_later(void)
{
    return (unsigned)ferry_sleep(INFINITY);
}

static int no_skip_value(void)
{
    ferry_task *task = ferry_create_task(count_later);
    FERRY_TIMEOUT(0) {
        (void)ferry_shield(unsigned, task);
    }
    return 0;
}

static int wrong_kind(void)
{
    return ferry_shield(long, ferry_create_task(behind_the_gate, 1)) > 0;
}

TEST(programmer_errors)
{
    CHECK_PANIC(run(no_skip_value), "ferry_shield at .*shield.c:[0-9]+ has no result.*ferry_wait");
    CHECK_PANIC(run(wrong_kind), "ferry_shield at .* wants a signed integer of 8 bytes");
    CHECK_INT(ferry_shield(int, (ferry_task *)(uintptr_t)5), ==, -1);
    CHECK_INT(errno, ==, EPERM);
}

TEST_MAIN
