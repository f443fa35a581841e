/* SPDX-License-Identifier: MIT */
/* Conditions: notified in order, always with the lock, and no notification is lost. */
#include "sync/sync.h"

#include "core/task.h"

#include <ferry/condition.h>
#include <ferry/loop.h>
#include <ferry/thread.h>

static ferry_lock lock = FERRY_LOCK_INIT;
static ferry_condition condition = FERRY_CONDITION_INIT(&lock);
static int stock;

static int take_one(char name)
{
    FERRY_WITH_CONDITION(&condition) {
        while (stock == 0) {
            int said = ferry_condition_wait(&condition);
            CHECK_INT(ferry_lock_release(&lock), ==, 0); /* it is held, whatever was said */
            FERRY_SHIELD CHECK_INT(ferry_lock_acquire(&lock), ==, 0);
            if (said < 0) {
                note('-');
                return said;
            }
        }
        stock--;
        note(name);
    } else {
        note('e');
        return -errno;
    }
    return 0;
}

static int take_first(char name)
{
    FERRY_WITH_CONDITION(&condition) {
        int said = ferry_condition_wait(&condition);
        note(said < 0 ? '-' : name);
        return said;
    } else {
        return -errno;
    }
    return -EIO;
}

static int in_order(void)
{
    ferry_task *tasks[5];
    for (int i = 0; i < 5; i++)
        tasks[i] = ferry_create_task(take_first, (char)('a' + i));
    settle();
    CHECK(!ferry_condition_locked(&condition));
    CHECK_INT(ferry_condition_acquire(&condition), ==, 0);
    CHECK_INT(ferry_condition_notify(&condition, 0), ==, 0);
    CHECK_INT(ferry_condition_notify(&condition, 2), ==, 2);
    settle();
    CHECK_TRACE(""); /* the lock is still ours */
    CHECK_INT(ferry_condition_release(&condition), ==, 0);
    CHECK_ENDS(tasks[0], 0);
    CHECK_ENDS(tasks[1], 0);
    settle();
    CHECK_TRACE("ab");
    FERRY_WITH_CONDITION(&condition) {
        CHECK_INT(ferry_condition_notify_all(&condition), ==, 3);
        CHECK_INT(ferry_condition_notify_all(&condition), ==, 0);
    } else {
        return 1;
    }
    for (int i = 2; i < 5; i++)
        CHECK_ENDS(tasks[i], 0);
    CHECK_TRACE("cde");
    CHECK(!ferry_lock_locked(&lock));
    return 0;
}

TEST(who_has_waited_longest_is_notified_first)
{
    CHECK_INT(ferry_run(in_order), ==, 0);
}

static void notify(size_t n)
{
    FERRY_SHIELD CHECK_INT(ferry_lock_acquire(&lock), ==, 0);
    CHECK_INT(ferry_condition_notify(&condition, n), >=, 0);
    CHECK_INT(ferry_lock_release(&lock), ==, 0);
}

static int cancel_waiting(void)
{
    ferry_task *a = ferry_create_task(take_first, 'a'), *b = ferry_create_task(take_first, 'b');
    settle();
    CHECK_INT(ferry_lock_acquire(&lock), ==, 0);
    ferry_task_cancel(a);
    settle(); /* it can't come back without the lock */
    CHECK(!ferry_task_done(a));
    CHECK_INT(ferry_condition_notify(&condition, 1), ==, 1); /* for b: a had left the line */
    CHECK_INT(ferry_lock_release(&lock), ==, 0);
    CHECK_ENDS(a, -ECANCELED);
    CHECK_ENDS(b, 0);
    CHECK_TRACE("-b");
    CHECK(!ferry_lock_locked(&lock));
    return 0;
}

static int cancel_waiting_with_a_free_lock(void)
{
    ferry_task *a = ferry_create_task(take_first, 'a');
    settle();
    ferry_task_cancel(a);
    CHECK_ENDS(a, -ECANCELED);
    CHECK_TRACE("-");
    CHECK(!ferry_lock_locked(&lock));
    FERRY_WITH_CONDITION(&condition) {
        CHECK_INT(ferry_condition_notify_all(&condition), ==, 0);
    } else {
        return 1;
    }
    FERRY_TIMEOUT(0.001)
        CHECK_INT(take_first('t'), ==, -ETIMEDOUT);
    CHECK_TRACE("-");
    return 0;
}

/* order 0: cancel, then notify, before it runs; 1: notify, then cancel, before the lock is free;
 * 2: the lock is handed over, then cancel. Each time it was notified. */
static int cancel_notified(int order)
{
    ferry_task *a = ferry_create_task(take_first, 'a'), *b = ferry_create_task(take_first, 'b');
    settle();
    CHECK_INT(ferry_lock_acquire(&lock), ==, 0);
    if (order == 0)
        ferry_task_cancel(a);
    errno = 0;
    CHECK_INT(ferry_condition_notify(&condition, 1), ==, 1);
    if (order == 1) {
        ferry_task_cancel(a);
        settle();
    }
    CHECK_INT(ferry_lock_release(&lock), ==, 0);
    if (order == 2)
        ferry_task_cancel(a);
    CHECK_ENDS(a, 0);
    settle();
    CHECK_TRACE("a");
    CHECK(!ferry_task_done(b));
    notify(1);
    CHECK_ENDS(b, 0);
    CHECK_TRACE("b");
    return 0;
}

TEST(a_cancel_loses_no_notification)
{
    CHECK_INT(ferry_run(cancel_waiting), ==, 0);
    CHECK_INT(ferry_run(cancel_waiting_with_a_free_lock), ==, 0);
    for (int order = 0; order < 3; order++)
        CHECK_INT(ferry_run(cancel_notified, order), ==, 0);
}

static int cancelled_before(void)
{
    CHECK_INT(ferry_lock_acquire(&lock), ==, 0);
    ferry_task_cancel(ferry_current_task());
    ferry_task *other = ferry_create_task(take_first, 'o');
    CHECK_INT(ferry_condition_wait(&condition), ==, -ECANCELED);
    CHECK_PTR(ferry__task_current()->waits_on, ==, NULL); /* it never waited */
    CHECK(ferry_lock_locked(&lock));
    CHECK_INT(ferry_lock_release(&lock), ==, 0);
    settle();
    notify(1);
    ferry_task_uncancel(ferry_current_task());
    CHECK_ENDS(other, 0);
    CHECK_TRACE("o");
    return 0;
}

TEST(a_cancelled_task_gives_up_nothing)
{
    CHECK_INT(ferry_run(cancelled_before), ==, 0);
}

static int asked;

static bool enough(void *wanted)
{
    asked++;
    CHECK(ferry_lock_locked(&lock));
    return stock >= *(int *)wanted;
}

static int wait_for(int wanted)
{
    FERRY_WITH_CONDITION(&condition) {
        int said = ferry_condition_wait_for(&condition, enough, &wanted);
        note(said < 0 ? '-' : (char)('0' + stock));
        return said;
    } else {
        return -errno;
    }
    return -EIO;
}

static int wait_for_enough(void)
{
    ferry_task *three = ferry_create_task(wait_for, 3), *one = ferry_create_task(wait_for, 1);
    settle();
    CHECK_INT(asked, ==, 2);
    for (stock = 1; stock <= 3; stock++) {
        notify(2);
        settle();
    }
    CHECK_ENDS(one, 0);
    CHECK_ENDS(three, 0);
    CHECK_TRACE("13");
    CHECK_INT(asked, ==, 6);
    ferry_task *never = ferry_create_task(wait_for, 100);
    settle();
    ferry_task_cancel(never);
    CHECK_ENDS(never, -ECANCELED);
    FERRY_TIMEOUT(0)
        CHECK_INT(wait_for(0), ==, -ETIMEDOUT);
    CHECK_INT(asked, ==, 7);
    CHECK_TRACE("-");
    CHECK_INT(wait_for(4), ==, 0);
    CHECK_TRACE("4");
    return 0;
}

TEST(wait_for_asks_again_after_each_notification)
{
    CHECK_INT(ferry_run(wait_for_enough), ==, 0);
}

static int produce(void)
{
    ferry_task *tasks[20];
    for (int i = 0; i < 20; i++)
        tasks[i] = ferry_create_task(take_one, (char)('a' + i));
    settle();
    for (int i = 0; i < 20; i++) {
        if (i % 5 == 0)
            ferry_task_cancel(tasks[i]);
        FERRY_WITH_CONDITION(&condition) {
            stock++;
            CHECK_INT(ferry_condition_notify(&condition, 1), <=, 1);
        } else {
            return 1;
        }
    }
    int ended_well = 0;
    for (int i = 0; i < 20; i++) {
        int said = ferry_await(int, tasks[i]);
        CHECK(said == 0 || (said == -ECANCELED && i % 5 == 0));
        ended_well += said == 0;
    }
    CHECK_INT(ended_well + stock, ==, 20);
    return 0;
}

TEST(each_of_stock_is_taken_by_one)
{
    CHECK_INT(ferry_run(produce), ==, 0);
}

static int not_ours(void)
{
    CHECK_INT(ferry_condition_wait(&condition), ==, -EPERM);
    CHECK_INT(ferry_condition_wait_for(&condition, enough, &stock), ==, -EPERM);
    CHECK_INT(ferry_condition_notify(&condition, 1), ==, -EPERM);
    return ferry_condition_notify_all(&condition);
}

static int misuse(void)
{
    static ferry_condition none;
    CHECK_INT(not_ours(), ==, -EPERM); /* nobody has it */
    CHECK_INT(ferry_lock_acquire(&lock), ==, 0);
    CHECK_ENDS(ferry_create_task(not_ours), -EPERM);
    CHECK_INT(ferry_to_thread(not_ours), ==, -EPERM);
    CHECK_INT(ferry_condition_wait(&none), ==, -EINVAL);
    CHECK_INT(ferry_condition_notify(&none, 1), ==, -EINVAL);
    CHECK_INT(ferry_condition_wait(NULL), ==, -EINVAL);
    CHECK_INT(ferry_condition_wait_for(&condition, NULL, NULL), ==, -EINVAL);
    return ferry_lock_release(&lock);
}

static int deinit_too_early(void)
{
    ferry_create_task(take_first, 'a');
    settle();
    ferry_condition_deinit(&condition);
    return 0;
}

TEST(misuse_is_an_error)
{
    CHECK_PANIC(ferry_run(deinit_too_early), "ferry_condition_deinit while a task waits");
    CHECK_INT(not_ours(), ==, -EPERM);
    CHECK_INT(ferry_run(misuse), ==, 0);
    ferry_condition another;
    ferry_condition_init(&another, &lock);
    CHECK(!ferry_condition_locked(&another));
    ferry_condition_deinit(&another);
    ferry_condition_deinit(NULL);
}

TEST_MAIN
