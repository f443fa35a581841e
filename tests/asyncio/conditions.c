/* SPDX-License-Identifier: MIT */
/* CPython's cases of asyncio.Condition. */
#include "on_loop.h"

#include <ferry/condition.h>
#include <ferry/loop.h>

static ferry_lock lock = FERRY_LOCK_INIT;
static ferry_condition condition = FERRY_CONDITION_INIT(&lock);

/* Waits, says so, keeps the lock for so many rounds more. */
static int wait_and_note(const char *name, int rounds)
{
    FERRY_WITH_CONDITION(&condition) {
        int said = ferry_condition_wait(&condition);
        if (said < 0)
            return said;
        note(name);
        for (int i = 0; i < rounds && said == 0; i++)
            said = ferry_sleep(0);
        return said;
    } else {
        return -errno;
    }
    return 0;
}

static void start(ferry_task *tasks[3], int rounds)
{
    const char *names[] = {"1", "2", "3"};
    for (int i = 0; i < 3; i++)
        tasks[i] = ferry_create_task(wait_and_note, names[i], rounds);
    run_briefly();
    CHECK_STR(order(), "");
    CHECK(!ferry_condition_locked(&condition)); /* all gave it up to wait */
}

static void finish(ferry_task *tasks[3])
{
    for (int i = 0; i < 3; i++)
        CHECK_INT(ferry_await(int, tasks[i]), ==, 0);
    CHECK_STR(order(), "123");
    CHECK(!ferry_condition_locked(&condition));
}

static int notify(size_t n)
{
    int notified = -1;
    FERRY_WITH_CONDITION(&condition)
        notified = ferry_condition_notify(&condition, n);
    else
        CHECK(false);
    return notified;
}

TEST_ON_LOOP(who_is_notified_waits_for_the_lock)
{
    ferry_task *tasks[3];
    start(tasks, 2);
    CHECK_INT(ferry_condition_acquire(&condition), ==, 0);
    CHECK_INT(ferry_condition_notify(&condition, 1), ==, 1);
    run_briefly();
    CHECK_STR(order(), ""); /* the lock is here */
    CHECK(ferry_condition_locked(&condition));
    CHECK_INT(ferry_condition_release(&condition), ==, 0);
    run_briefly();
    CHECK_STR(order(), "1");
    CHECK(ferry_condition_locked(&condition));
    CHECK_INT(notify(2), ==, 2);
    run_briefly();
    CHECK_STR(order(), "12"); /* one after the other */
    CHECK(ferry_condition_locked(&condition));
    finish(tasks);
}

TEST_ON_LOOP(a_cancelled_wait_leaves_the_condition)
{
    ferry_task *task = ferry_create_task(wait_and_note, "1", 0);
    run_briefly();
    CHECK_INT(ferry_call_soon(ferry_task_cancel, task), ==, 0);
    CHECK_INT(ferry_await(int, task), ==, -ECANCELED);
    CHECK_INT(notify(1), ==, 0); /* nobody waits */
    CHECK_STR(order(), "");
}

static int wait_holding(bool *ret_held)
{
    CHECK_INT(ferry_condition_acquire(&condition), ==, 0);
    int said = ferry_condition_wait(&condition);
    *ret_held = ferry_condition_release(&condition) == 0;
    return said;
}

TEST_ON_LOOP(cancelled_and_notified_while_the_lock_is_contested)
{
    bool held = false;
    ferry_task *task = ferry_create_task(wait_holding, &held);
    run_briefly();
    CHECK_INT(ferry_condition_acquire(&condition), ==, 0);
    CHECK_INT(ferry_condition_notify(&condition, 1), ==, 1);
    CHECK_INT(ferry_task_cancel(task), ==, 1);
    run_briefly();
    CHECK(!ferry_task_done(task)); /* it comes back with the lock, or not at all */
    CHECK_INT(ferry_condition_release(&condition), ==, 0);
    CHECK_INT(ferry_await(int, task), ==, 0); /* it was notified first */
    CHECK(held);
}

static int wait_and_sleep(void)
{
    FERRY_WITH_CONDITION(&condition) {
        CHECK_INT(ferry_condition_wait(&condition), ==, 0);
        note("waited");
    }
    return ferry_sleep(0);
}

/* In asyncio the wait itself raises; in ferry it was notified, and the next wait says so. */
TEST_ON_LOOP(a_cancel_after_the_notification_is_not_forgotten)
{
    ferry_task *task = ferry_create_task(wait_and_sleep);
    run_briefly();
    CHECK_INT(ferry_condition_acquire(&condition), ==, 0);
    CHECK_INT(ferry_condition_notify(&condition, 1), ==, 1);
    run_briefly();
    CHECK_INT(ferry_task_cancel(task), ==, 1);
    run_briefly();
    CHECK_INT(ferry_condition_release(&condition), ==, 0);
    CHECK_INT(ferry_await(int, task), ==, -ECANCELED);
    CHECK_STR(order(), "waited");
}

TEST_ON_LOOP(waiting_without_the_lock)
{
    CHECK_INT(ferry_condition_wait(&condition), ==, -EPERM);
}

static bool is_so;

static bool ask(void *context)
{
    (void)context;
    return is_so;
}

static int wait_until_so(void)
{
    FERRY_WITH_CONDITION(&condition) {
        CHECK_INT(ferry_condition_wait_for(&condition, ask, NULL), ==, 0);
        note("so");
    }
    return 0;
}

TEST_ON_LOOP(wait_for_waits_until_it_is_so)
{
    ferry_task *task = ferry_create_task(wait_until_so);
    run_briefly();
    CHECK_INT(notify(1), ==, 1);
    run_briefly();
    run_briefly();
    CHECK_STR(order(), "");
    is_so = true;
    CHECK_INT(notify(1), ==, 1);
    CHECK_INT(ferry_await(int, task), ==, 0);
    CHECK_STR(order(), "so");
}

/* asyncio asks the predicate first, and lets it go through if it is so already. */
TEST_ON_LOOP(wait_for_without_the_lock)
{
    is_so = true;
    CHECK_INT(ferry_condition_wait_for(&condition, ask, NULL), ==, -EPERM);
    is_so = false;
    CHECK_INT(ferry_condition_wait_for(&condition, ask, NULL), ==, -EPERM);
}

TEST_ON_LOOP(as_many_go_on_as_are_notified)
{
    ferry_task *tasks[3];
    start(tasks, 0);
    CHECK_INT(notify(1), ==, 1);
    run_briefly();
    CHECK_STR(order(), "1");
    CHECK_INT(ferry_condition_acquire(&condition), ==, 0);
    CHECK_INT(ferry_condition_notify(&condition, 1), ==, 1);
    CHECK_INT(ferry_condition_notify(&condition, 2048), ==, 1); /* no more were there */
    CHECK_INT(ferry_condition_release(&condition), ==, 0);
    finish(tasks);
}

TEST_ON_LOOP(all_are_notified)
{
    ferry_task *tasks[3];
    start(tasks, 0);
    CHECK_INT(ferry_condition_acquire(&condition), ==, 0);
    CHECK_INT(ferry_condition_notify_all(&condition), ==, 3);
    CHECK_INT(ferry_condition_release(&condition), ==, 0);
    finish(tasks);
}

TEST_ON_LOOP(notifying_without_the_lock)
{
    CHECK_INT(ferry_condition_notify(&condition, 1), ==, -EPERM);
    CHECK_INT(ferry_condition_notify_all(&condition), ==, -EPERM);
}

TEST_ON_LOOP(a_block_holds_the_conditions_lock)
{
    CHECK(!ferry_condition_locked(&condition));
    FERRY_WITH_CONDITION(&condition)
        CHECK(ferry_condition_locked(&condition));
    else
        CHECK(false);
    CHECK(!ferry_condition_locked(&condition));
}

TEST_ON_LOOP(lock_and_condition_are_locked_together)
{
    FERRY_WITH_CONDITION(&condition)
        CHECK(ferry_lock_locked(&lock));
    else
        CHECK(false);
    CHECK(!ferry_lock_locked(&lock));
    FERRY_WITH_LOCK(&lock)
        CHECK(ferry_condition_locked(&condition));
    else
        CHECK(false);
    CHECK(!ferry_condition_locked(&condition));
}

TEST_ON_LOOP(a_time_limit_on_a_wait)
{
    FERRY_WITH_CONDITION(&condition) {
        FERRY_TIMEOUT(0.5) {
            CHECK_INT(ferry_condition_wait(&condition), ==, -ETIMEDOUT);
        }
        CHECK(ferry_timeout_expired());
        CHECK(ferry_condition_locked(&condition));
    }
    CHECK(!ferry_condition_locked(&condition));
    CHECK_DOUBLE(time_passed(), ==, 0.5);
}

TEST_MAIN
