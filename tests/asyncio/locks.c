/* SPDX-License-Identifier: MIT */
/*
 * CPython's cases of asyncio.Lock and asyncio.Event. A lock is its task's: who acquired it releases
 * it. What was handed to a task before it ran is its own, even if it was cancelled in between: the
 * cancel is told by its next wait. (asyncio skips a waiter that is cancelled already.)
 */
#include "on_loop.h"

#include <ferry/event.h>
#include <ferry/future.h>
#include <ferry/loop.h>
#include <ferry/lock.h>

static ferry_lock lock = FERRY_LOCK_INIT;

/* Takes the lock, says so, holds it until the future is settled (NULL: not at all). */
static int hold(const char *name, ferry_future *until)
{
    int said = ferry_lock_acquire(&lock);
    if (said < 0)
        return said;
    note(name);
    if (until)
        said = ferry_future_await(until, NULL);
    CHECK_INT(ferry_lock_release(&lock), ==, 0);
    return said;
}

TEST_ON_LOOP(a_lock_goes_to_who_waited_first)
{
    ferry_future *until[3];
    ferry_task *tasks[3];
    const char *names[] = {"1", "2", "3"};
    CHECK_INT(ferry_lock_acquire(&lock), ==, 0);
    for (int i = 0; i < 2; i++)
        tasks[i] = ferry_create_task(hold, names[i], until[i] = ferry_future_new());
    run_briefly();
    CHECK_STR(order(), "");
    CHECK_INT(ferry_lock_release(&lock), ==, 0);
    run_briefly();
    CHECK_STR(order(), "1");
    run_briefly();
    CHECK_STR(order(), "1");
    tasks[2] = ferry_create_task(hold, names[2], until[2] = ferry_future_new());
    run_briefly();
    ferry_future_set_result(until[0], NULL);
    run_briefly();
    run_briefly();
    CHECK_STR(order(), "12");
    ferry_future_set_result(until[1], NULL);
    run_briefly();
    run_briefly();
    CHECK_STR(order(), "123");
    ferry_future_set_result(until[2], NULL);
    for (int i = 0; i < 3; i++) {
        CHECK_INT(ferry_await(int, tasks[i]), ==, 0);
        ferry_future_free(until[i]);
    }
}

TEST_ON_LOOP(a_cancelled_acquire_leaves_the_line)
{
    CHECK_INT(ferry_lock_acquire(&lock), ==, 0);
    ferry_task *task = ferry_create_task(hold, "1", (ferry_future *)NULL);
    run_briefly();
    CHECK_INT(ferry_call_soon(ferry_task_cancel, task), ==, 0);
    CHECK_INT(ferry_await(int, task), ==, -ECANCELED);
    CHECK_INT(ferry_lock_release(&lock), ==, 0);
    CHECK(!ferry_lock_locked(&lock)); /* nobody was given it */
    CHECK_STR(order(), "");
}

TEST_ON_LOOP(a_cancel_and_a_release_at_once)
{
    ferry_future *until = ferry_future_new();
    ferry_task *a = ferry_create_task(hold, "A", until);
    ferry_task *b = ferry_create_task(hold, "B", (ferry_future *)NULL);
    ferry_task *c = ferry_create_task(hold, "C", (ferry_future *)NULL);
    run_briefly();
    CHECK(ferry_lock_locked(&lock));
    ferry_future_set_result(until, NULL);
    CHECK_INT(ferry_task_cancel(b), ==, 1);
    CHECK_INT(ferry_await(int, a), ==, 0);
    CHECK_INT(ferry_await(int, c), ==, 0); /* it is not stuck behind b */
    CHECK(!ferry_lock_locked(&lock));
    CHECK_INT(ferry_join(b, NULL), ==, 0);
    ferry_future_free(until);
}

static int locks_taken, calls;

static int take_and_look(void)
{
    calls++;
    int said = ferry_lock_acquire(&lock);
    if (said < 0)
        return said;
    CHECK_INT(++locks_taken, ==, 1); /* never two at once */
    said = ferry_sleep(1);
    locks_taken--;
    CHECK_INT(ferry_lock_release(&lock), ==, 0);
    return said;
}

/* asyncio passes the lock over to the second; in ferry the first has it, and is cancelled then. */
TEST_ON_LOOP(a_waiter_cancelled_just_before_the_release)
{
    ferry_task *tasks[3];
    CHECK_INT(ferry_lock_acquire(&lock), ==, 0);
    for (int i = 0; i < 3; i++)
        tasks[i] = ferry_create_task(take_and_look);
    run_briefly();
    CHECK_INT(calls, ==, 3);
    ferry_task_cancel(tasks[0]);
    CHECK_INT(ferry_lock_release(&lock), ==, 0);
    CHECK_INT(ferry_await(int, tasks[0]), ==, -ECANCELED);
    run_briefly();
    CHECK_INT(locks_taken, ==, 1); /* the second has it */
    ferry_task_cancel(tasks[2]);
    CHECK_INT(ferry_await(int, tasks[2]), ==, -ECANCELED);
    CHECK_INT(ferry_await(int, tasks[1]), ==, 0);
    CHECK(!ferry_lock_locked(&lock));
}

TEST_ON_LOOP(one_that_comes_behind_a_cancelled_waiter)
{
    CHECK_INT(ferry_lock_acquire(&lock), ==, 0);
    ferry_task *b = ferry_create_task(hold, "B", (ferry_future *)NULL);
    run_briefly();
    ferry_task *c = ferry_create_task(hold, "C", (ferry_future *)NULL);
    ferry_task_cancel(b);
    CHECK_INT(ferry_lock_release(&lock), ==, 0);
    CHECK_INT(ferry_await(int, c), ==, 0);
    CHECK_INT(ferry_join(b, NULL), ==, 0);
    CHECK(!ferry_lock_locked(&lock));
}

TEST_ON_LOOP(releasing_what_nobody_holds)
{
    CHECK_INT(ferry_lock_release(&lock), ==, -EPERM);
    CHECK(!ferry_lock_locked(&lock));
}

TEST_ON_LOOP(releasing_where_nobody_waits)
{
    CHECK_INT(ferry_lock_acquire(&lock), ==, 0);
    CHECK(ferry_lock_locked(&lock));
    CHECK_INT(ferry_lock_release(&lock), ==, 0);
    CHECK(!ferry_lock_locked(&lock));
}

TEST_ON_LOOP(a_block_holds_the_lock)
{
    CHECK(!ferry_lock_locked(&lock));
    FERRY_WITH_LOCK(&lock)
        CHECK(ferry_lock_locked(&lock));
    else
        CHECK(false);
    CHECK(!ferry_lock_locked(&lock));
}

static ferry_event event = FERRY_EVENT_INIT;

static int wait_and_note(const char *name)
{
    int said = ferry_event_wait(&event);
    if (said == 0)
        note(name);
    return said;
}

TEST_ON_LOOP(all_who_wait_for_an_event_go_on)
{
    CHECK(!ferry_event_is_set(&event));
    ferry_task *one = ferry_create_task(wait_and_note, "1");
    ferry_task *two = ferry_create_task(wait_and_note, "2");
    run_briefly();
    CHECK_STR(order(), "");
    ferry_task *three = ferry_create_task(wait_and_note, "3");
    CHECK_INT(ferry_event_set(&event), ==, 0);
    run_briefly();
    CHECK_STR(order(), "312"); /* the third didn't have to wait at all */
    CHECK_INT(ferry_await(int, one), ==, 0);
    CHECK_INT(ferry_await(int, two), ==, 0);
    CHECK_INT(ferry_await(int, three), ==, 0);
}

TEST_ON_LOOP(an_event_that_is_set)
{
    CHECK_INT(ferry_event_set(&event), ==, 0);
    CHECK_INT(ferry_event_wait(&event), ==, 0);
}

TEST_ON_LOOP(a_cancelled_wait_for_an_event)
{
    ferry_task *task = ferry_create_task(wait_and_note, "1");
    run_briefly();
    CHECK_INT(ferry_call_soon(ferry_task_cancel, task), ==, 0);
    CHECK_INT(ferry_await(int, task), ==, -ECANCELED);
    CHECK_INT(ferry_event_set(&event), ==, 0);
    CHECK_STR(order(), "");
    ferry_event_deinit(&event); /* nobody waits */
}

TEST_ON_LOOP(an_event_is_cleared)
{
    CHECK_INT(ferry_event_set(&event), ==, 0);
    CHECK(ferry_event_is_set(&event));
    CHECK_INT(ferry_event_clear(&event), ==, 0);
    CHECK(!ferry_event_is_set(&event));
}

TEST_ON_LOOP(set_and_cleared_before_who_waits_runs)
{
    ferry_task *task = ferry_create_task(wait_and_note, "1");
    run_briefly();
    CHECK_INT(ferry_event_set(&event), ==, 0);
    CHECK_INT(ferry_event_clear(&event), ==, 0);
    CHECK(!ferry_event_is_set(&event));
    CHECK_INT(ferry_event_set(&event), ==, 0);
    CHECK_INT(ferry_event_set(&event), ==, 0);
    run_briefly();
    CHECK_STR(order(), "1");
    CHECK_INT(ferry_await(int, task), ==, 0);
}

TEST_MAIN
