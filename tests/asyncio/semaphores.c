/* SPDX-License-Identifier: MIT */
/*
 * CPython's cases of asyncio.Semaphore. As with locks, a permit that was handed to a task before it
 * ran is its own, even if it was cancelled in between.
 */
#include "on_loop.h"

#include <ferry/gather.h>
#include <ferry/loop.h>
#include <ferry/semaphore.h>

static ferry_semaphore semaphore;

static void begin(long value)
{
    CHECK_INT(ferry_semaphore_init(&semaphore, value), ==, 0);
}

static int take(const char *name)
{
    int said = ferry_semaphore_acquire(&semaphore);
    if (said == 0)
        note(name);
    return said;
}

TEST_ON_LOOP(a_semaphore_of_none_is_locked)
{
    begin(0);
    CHECK(ferry_semaphore_locked(&semaphore));
}

TEST_ON_LOOP(a_negative_semaphore_is_refused)
{
    CHECK_INT(ferry_semaphore_init(&semaphore, -1), ==, -EINVAL);
}

TEST_ON_LOOP(as_many_get_in_as_there_are_permits)
{
    ferry_task *tasks[4];
    const char *names[] = {"1", "2", "3", "4"};
    begin(3);
    CHECK_INT(ferry_semaphore_acquire(&semaphore), ==, 0);
    CHECK_INT(ferry_semaphore_acquire(&semaphore), ==, 0);
    CHECK(!ferry_semaphore_locked(&semaphore));
    for (int i = 0; i < 3; i++)
        tasks[i] = ferry_create_task(take, names[i]);
    run_briefly();
    CHECK_STR(order(), "1");
    CHECK(ferry_semaphore_locked(&semaphore));
    tasks[3] = ferry_create_task(take, names[3]);
    CHECK_INT(ferry_semaphore_release(&semaphore), ==, 0);
    CHECK_INT(ferry_semaphore_release(&semaphore), ==, 0);
    run_briefly();
    CHECK_STR(order(), "123"); /* the fourth came behind them */
    CHECK(ferry_semaphore_locked(&semaphore));
    CHECK_INT(ferry_semaphore_release(&semaphore), ==, 0);
    CHECK_INT(ferry_gather(tasks, 4, NULL), ==, 0);
    CHECK_STR(order(), "1234");
}

TEST_ON_LOOP(a_cancelled_acquire_leaves_the_line)
{
    begin(0);
    ferry_task *task = ferry_create_task(take, "1");
    run_briefly();
    CHECK_INT(ferry_call_soon(ferry_task_cancel, task), ==, 0);
    CHECK_INT(ferry_await(int, task), ==, -ECANCELED);
    CHECK_INT(ferry_semaphore_release(&semaphore), ==, 0);
    CHECK(!ferry_semaphore_locked(&semaphore)); /* nobody was given it */
}

static void start(ferry_task **tasks, size_t count)
{
    const char *names[] = {"1", "2", "3", "4"};
    for (size_t i = 0; i < count; i++)
        tasks[i] = ferry_create_task(take, names[i]);
    run_briefly();
    CHECK_STR(order(), "");
}

/* Cancelled, and gone before the release: those behind move up. */
TEST_ON_LOOP(those_behind_cancelled_ones_move_up)
{
    ferry_task *tasks[4];
    begin(0);
    start(tasks, 4);
    ferry_task_cancel(tasks[0]);
    ferry_task_cancel(tasks[1]);
    run_briefly();
    CHECK_INT(ferry_semaphore_release(&semaphore), ==, 0);
    run_briefly();
    CHECK_STR(order(), "3");
    CHECK(ferry_task_done(tasks[2]));
    CHECK(!ferry_task_done(tasks[3]));
    ferry_task_cancel(tasks[3]);
    CHECK_INT(ferry_gather(tasks, 4, NULL), ==, 0);
}

/* Cancelled and released in one go: asyncio skips the cancelled; in ferry it has the permit. */
TEST_ON_LOOP(a_permit_handed_to_a_cancelled_one_is_not_lost)
{
    ferry_task *tasks[2];
    begin(0);
    start(tasks, 2);
    ferry_task_cancel(tasks[0]);
    CHECK_INT(ferry_semaphore_release(&semaphore), ==, 0);
    run_briefly();
    CHECK(ferry_semaphore_locked(&semaphore));
    CHECK_STR(order(), "1");
    CHECK_INT(ferry_semaphore_release(&semaphore), ==, 0); /* as it does, having got it */
    run_briefly();
    CHECK_STR(order(), "12");
    CHECK_INT(ferry_gather(tasks, 2, NULL), ==, 0);
}

static int hold_and_cancel(ferry_task **other)
{
    FERRY_WITH_SEMAPHORE(&semaphore)
        CHECK_INT(ferry_sleep(0), ==, 0);
    else
        CHECK(false);
    CHECK_INT(ferry_task_cancel(*other), ==, 1);
    return 0;
}

static int hold_or_not(void)
{
    FERRY_WITH_SEMAPHORE(&semaphore) {
        return ferry_sleep(0); /* asyncio's doesn't get here; but the next wait says it */
    } else {
        return -errno;
    }
    return 0;
}

TEST_ON_LOOP(a_cancel_after_the_hand_over_loses_no_permit)
{
    ferry_task *second = NULL;
    begin(1);
    ferry_task *first = ferry_create_task(hold_and_cancel, &second);
    second = ferry_create_task(hold_or_not);
    CHECK_INT(ferry_await(int, first), ==, 0);
    CHECK_INT(ferry_await(int, second), ==, -ECANCELED);
    FERRY_TIMEOUT(1) {
        CHECK_INT(ferry_semaphore_acquire(&semaphore), ==, 0);
    }
    CHECK(!ferry_timeout_expired());
}

TEST_ON_LOOP(a_bounded_one_takes_no_more_than_it_had)
{
    CHECK_INT(ferry_bounded_semaphore_init(&semaphore, 1), ==, 0);
    CHECK_INT(ferry_semaphore_release(&semaphore), ==, -EOVERFLOW);
}

TEST_ON_LOOP(releasing_where_nobody_waits)
{
    begin(1);
    CHECK_INT(ferry_semaphore_acquire(&semaphore), ==, 0);
    CHECK(ferry_semaphore_locked(&semaphore));
    CHECK_INT(ferry_semaphore_release(&semaphore), ==, 0);
    CHECK(!ferry_semaphore_locked(&semaphore));
}

static int take_twice(const char *first, const char *second)
{
    const char *names[] = {first, second};
    for (int i = 0; i < 2; i++) {
        CHECK_INT(take(names[i]), ==, 0);
        CHECK_INT(ferry_sleep(0.01), ==, 0);
        CHECK_INT(ferry_semaphore_release(&semaphore), ==, 0);
    }
    return 0;
}

TEST_ON_LOOP(who_comes_again_stands_at_the_end)
{
    begin(1);
    ferry_task *tasks[] = {ferry_create_task(take_twice, "a", "A"),
                           ferry_create_task(take_twice, "b", "B"),
                           ferry_create_task(take_twice, "c", "C")};
    CHECK_INT(ferry_gather(tasks, 3, NULL), ==, 0);
    CHECK_STR(order(), "abcABC");
    CHECK_DOUBLE(time_passed(), ==, 0.06);
}

static int take_release_take(const char *first, const char *second)
{
    CHECK_INT(take(first), ==, 0);
    CHECK_INT(ferry_semaphore_release(&semaphore), ==, 0);
    return take(second);
}

/* asyncio's comes behind the one that was woken but has not run; in ferry that one has its permit
 * already, so nobody is overtaken. */
TEST_ON_LOOP(a_permit_that_is_free_is_taken_at_once)
{
    begin(1);
    ferry_task *tasks[] = {ferry_create_task(take, "1"),
                           ferry_create_task(take_release_take, "2", "4"),
                           ferry_create_task(take, "3")};
    run_briefly();
    CHECK_INT(ferry_semaphore_release(&semaphore), ==, 0);
    CHECK_INT(ferry_semaphore_release(&semaphore), ==, 0);
    CHECK_INT(ferry_gather(tasks, 3, NULL), ==, 0);
    CHECK_STR(order(), "1243");
}

TEST_ON_LOOP(the_order_without_one_that_was_cancelled)
{
    ferry_task *tasks[3];
    begin(0);
    start(tasks, 3);
    ferry_task_cancel(tasks[0]);
    run_briefly();
    CHECK_INT(ferry_semaphore_release(&semaphore), ==, 0);
    CHECK_INT(ferry_semaphore_release(&semaphore), ==, 0);
    CHECK_INT(ferry_gather(tasks, 3, NULL), ==, 0);
    CHECK_STR(order(), "23");
}

TEST_MAIN
