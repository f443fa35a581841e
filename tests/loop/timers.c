/* SPDX-License-Identifier: MIT */
/* Callbacks and timers: order, cancelling, a hundred thousand. */
#include "check.h"

#include <ferry/gather.h>
#include <ferry/loop.h>
#include <ferry/run.h>
#include <math.h>

static int order[64], orders;

static void note(int number)
{
    if (orders < 64)
        order[orders] = number;
    orders++;
}

static int no_task(void)
{
    CHECK_PTR(ferry_current_task(), ==, NULL);
    CHECK_INT(ferry_sleep(0), ==, -EPERM); /* a callback can't wait */
    note(1);
    return 0;
}

static int soon(void)
{
    for (int i = 0; i < 5; i++)
        CHECK_INT(ferry_call_soon(note, i), ==, 0);
    CHECK_INT(orders, ==, 0);
    ferry_sleep(0);
    CHECK_INT(orders, ==, 5);
    for (int i = 0; i < 5; i++)
        CHECK_INT(order[i], ==, i);
    CHECK_INT(ferry_call_soon(no_task), ==, 0);
    ferry_sleep(0);
    CHECK_INT(orders, ==, 6);
    return 0;
}

TEST(call_soon_keeps_the_order)
{
    CHECK_INT(ferry_run(soon), ==, 0);
}

static double got[9];

static void many_arguments(double a, int b, double c, int d, int e, int f, int g, int h, int i)
{
    double all[] = {a, b, c, d, e, f, g, h, i};
    memcpy(got, all, sizeof got);
}

static int arguments(void)
{
    CHECK_INT(ferry_call_soon(many_arguments, 1.5, 2, 3.5, 4, 5, 6, 7, 8, 9), ==, 0);
    CHECK(ferry_call_later(0.001, many_arguments, 1.5, 2, 3.5, 4, 5, 6, 7, 8, 10) != NULL);
    ferry_sleep(0);
    CHECK_DOUBLE(got[0] + got[2], ==, 5);
    CHECK_DOUBLE(got[8], ==, 9);
    ferry_sleep(0.005);
    CHECK_DOUBLE(got[8], ==, 10);
    return 0;
}

TEST(arguments_on_the_stack_are_carried)
{
    CHECK_INT(ferry_run(arguments), ==, 0);
}

static int later(void)
{
    double at = ferry_loop_time() + 0.01;
    CHECK(ferry_call_later(0.03, note, 3) != NULL);
    for (int i = 10; i < 15; i++)
        CHECK(ferry_call_at(at, note, i) != NULL); /* of one moment: in order */
    CHECK(ferry_call_later(-1, note, 0) != NULL);
    ferry_sleep(0.05);
    int expected[] = {0, 10, 11, 12, 13, 14, 3};
    CHECK_INT(orders, ==, 7);
    for (int i = 0; i < 7; i++)
        CHECK_INT(order[i], ==, expected[i]);
    CHECK_PTR(ferry_call_later(NAN, note, 0), ==, NULL);
    CHECK_INT(errno, ==, EINVAL);
    CHECK(ferry_call_later(INFINITY, note, 0) != NULL); /* never */
    return 0;
}

TEST(call_later_and_call_at)
{
    CHECK_INT(ferry_run(later), ==, 0);
}

static int cancel(void)
{
    ferry_timer *timer = ferry_call_later(0.001, note, 1);
    CHECK_INT(ferry_timer_cancel(timer), ==, 0);
    CHECK_INT(ferry_timer_cancel(timer), ==, -ESRCH);
    timer = ferry_call_later(0.001, note, 2);
    ferry_sleep(0.01);
    CHECK_INT(orders, ==, 1);
    CHECK_INT(ferry_timer_cancel(timer), ==, -ESRCH); /* ran: harmless */
    return 0;
}

TEST(cancelling_timers)
{
    CHECK_INT(ferry_run(cancel), ==, 0);
}

static ferry_timer *second, *own;

static void cancel_second(void)
{
    CHECK_DOUBLE(ferry_timer_when(second), <=, ferry_loop_time());
    CHECK_INT(ferry_timer_cancel(second), ==, 0);
    CHECK_INT(ferry_timer_cancel(second), ==, -ESRCH);
    CHECK(isnan(ferry_timer_when(second)));
}

static void cancel_own(void)
{
    note(4);
    CHECK_INT(ferry_timer_cancel(own), ==, -ESRCH); /* it runs */
}

/* Both are due, and only the first has run. */
static int cancel_in_the_same_round(void)
{
    double now = ferry_loop_time();
    CHECK(ferry_call_at(now, cancel_second) != NULL);
    second = ferry_call_at(now, note, 2);
    CHECK(ferry_call_at(now, note, 3) != NULL);
    own = ferry_call_at(now, cancel_own);
    CHECK_INT(ferry_sleep(0.01), ==, 0);
    CHECK_INT(orders, ==, 2);
    CHECK_INT(order[0], ==, 3);
    CHECK_INT(order[1], ==, 4);
    return 0;
}

TEST(a_timer_that_is_due_can_be_cancelled_until_it_runs)
{
    CHECK_INT(ferry_run(cancel_in_the_same_round), ==, 0);
}

/* Fired in the run's last turn: their callbacks are left to the loop's end. */
static int leave_due_ones(bool cancels)
{
    second = ferry_call_later(0, note, 2);
    own = ferry_call_later(0, note, 3);
    CHECK_INT(ferry_sleep(0), ==, 0);
    CHECK_INT(orders, ==, 0);
    if (cancels)
        CHECK_INT(ferry_timer_cancel(second), ==, 0);
    return 0;
}

TEST(timers_that_are_due_when_the_loop_ends)
{
    for (int cancels = 0; cancels < 2; cancels++) {
        orders = 0;
        CHECK_INT(ferry_run(leave_due_ones, (bool)cancels), ==, 0);
    }
}

enum { MANY = 100000 };

static int many(void)
{
    static ferry_timer *timers[MANY];
    double start = check_seconds();
    for (int i = 0; i < MANY; i++)
        CHECK((timers[i] = ferry_call_later(60 + (i * 7919 % MANY) * 1e-6, note, i)) != NULL);
    CHECK(ferry_call_later(0.001, note, -1) != NULL);
    ferry_sleep(0.005);
    CHECK_INT(orders, ==, 1); /* the early one comes early */
    for (int i = 0; i < MANY; i += 2)
        CHECK_INT(ferry_timer_cancel(timers[i]), ==, 0);
    orders = 0;
    for (int i = 1; i < MANY; i += 2) {
        CHECK_INT(ferry_timer_cancel(timers[i]), ==, 0);
        CHECK(ferry_call_later((i * 7919 % MANY) * 1e-7, note, i) != NULL);
    }
    while (orders < MANY / 2)
        CHECK_INT(ferry_sleep(0.001), ==, 0);
    CHECK_DOUBLE(check_seconds() - start, <, 20);
    return 0;
}

TEST(a_hundred_thousand_timers)
{
    CHECK_INT(ferry_run(many), ==, 0);
}

static int sleep_a_while(int i)
{
    return ferry_sleep((i * 7919 % 1000) * 1e-5) == 0 ? i : -1;
}

static int sleepers(void)
{
    static ferry_task *tasks[2000];
    static int results[2000];
    for (int i = 0; i < 2000; i++)
        tasks[i] = ferry_create_task(sleep_a_while, i);
    CHECK_INT(ferry_gather(tasks, 2000, results), ==, 0);
    for (int i = 0; i < 2000; i++)
        CHECK_INT(results[i], ==, i);
    return 0;
}

TEST(two_thousand_sleepers)
{
    CHECK_INT(ferry_run(sleepers), ==, 0);
}

static void nothing_to_do(void) {}

static int when(void)
{
    double moment = ferry_loop_time() + 60;
    ferry_timer *timer = ferry_call_at(moment, nothing_to_do);
    CHECK_DOUBLE(fabs(ferry_timer_when(timer) - moment), <, 1e-6);
    CHECK_INT(ferry_timer_cancel(timer), ==, 0);
    CHECK(isnan(ferry_timer_when(timer)));
    CHECK_INT(errno, ==, ESRCH);
    timer = ferry_call_later(INFINITY, nothing_to_do);
    CHECK(isinf(ferry_timer_when(timer)));
    timer = ferry_call_later(0, nothing_to_do);
    CHECK_INT(ferry_sleep(0.001), ==, 0);
    CHECK(isnan(ferry_timer_when(timer)));
    CHECK(isnan(ferry_timer_when(NULL)));
    CHECK_INT(errno, ==, EINVAL);
    return 0;
}

TEST(a_timer_says_when)
{
    CHECK_INT(ferry_run(when), ==, 0);
    CHECK(isnan(ferry_timer_when((ferry_timer *)(uintptr_t)5)));
    CHECK_INT(errno, ==, EPERM);
}

TEST_MAIN
