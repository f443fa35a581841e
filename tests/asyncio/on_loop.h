/* SPDX-License-Identifier: MIT */
/*
 * What the asyncio cases share: a test whose body is a main task, in time that jumps.
 *
 * Time stands still while anything can run, and jumps to the next timer where the loop would sleep
 * (CPython's tests have such a clock, too): so a test that sleeps for an hour takes no time, and
 * may say exactly when something happened. pass_time() is a computation that takes long. A test
 * with workers, which search for work for so long by the same clock, uses ferry_run instead.
 *
 * note("a") writes down what happens, order() tells it: "ab".
 */
#ifndef ON_LOOP_H
#define ON_LOOP_H

#include "base/clock.h"
#include "check.h"
#include "core/timers.h"
#include "loop/loop.h"

#include <ferry/run.h>
#include <ferry/task.h>
#include <math.h>

/* A test that runs as the main task of a loop of its own. */
#define TEST_ON_LOOP(name)             \
    static void on_loop__##name(void); \
    TEST(name)                         \
    {                                  \
        on_loop__run(on_loop__##name); \
    }                                  \
    static void on_loop__##name(void)

#define SECOND UINT64_C(1000000000)

static uint64_t on_loop__time = 1000 * SECOND;

CHECK__HELPER uint64_t on_loop__now(void)
{
    return on_loop__time;
}

CHECK__HELPER void pass_time(double seconds)
{
    on_loop__time += (uint64_t)(seconds * (double)SECOND + 0.5);
}

/* Seconds since the test began, to the millisecond. */
CHECK__HELPER double time_passed(void)
{
    return (double)((on_loop__now() - 1000 * SECOND + SECOND / 2000) / (SECOND / 1000)) / 1000;
}

CHECK__HELPER void on_loop__jump(struct ferry_loop *loop)
{
    uint64_t next = ferry__timers_next(&loop->sched.timers);
    if (next != FERRY__NEVER && next > on_loop__time)
        on_loop__time = next;
}

CHECK__HELPER int on_loop__main(void (*body)(void))
{
    ferry__loop_current()->before_sleep = on_loop__jump;
    body();
    return 0;
}

CHECK__HELPER void on_loop__run(void (*body)(void))
{
    static const struct ferry__clock jumping = {.now = on_loop__now};
    ferry__clock = &jumping;
    CHECK_INT(ferry_run(on_loop__main, body), ==, 0);
}

static char on_loop__order[256];

CHECK__HELPER void note(const char *what)
{
    strncat(on_loop__order, what, sizeof on_loop__order - strlen(on_loop__order) - 1);
}

CHECK__HELPER const char *order(void)
{
    return on_loop__order;
}

/* Task functions that most of the cases need. */

CHECK__HELPER int give(int value)
{
    return value;
}

CHECK__HELPER int give_later(double seconds, int value)
{
    int said = ferry_sleep(seconds);
    return said < 0 ? said : value;
}

CHECK__HELPER int wait_for_ever(void)
{
    return ferry_sleep(INFINITY);
}

/* Lets everything that is ready run once. */
CHECK__HELPER void run_briefly(void)
{
    CHECK_INT(ferry_sleep(0), ==, 0);
}

#endif
