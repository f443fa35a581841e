/* SPDX-License-Identifier: MIT */
/* Debug mode: locks that an ended task holds, and acquires that failed unseen. */
#include "../loop/reports.h"

static ferry_lock lock, other, third;

static int take_and_go(int locks)
{
    CHECK_INT(ferry_lock_acquire(&lock), ==, 0);
    CHECK_INT(locks < 2 ? 0 : ferry_lock_acquire(&other), ==, 0);
    CHECK_INT(ferry_lock_acquire(&third), ==, 0);
    return ferry_lock_release(&third);
}

static int take_and_give(void)
{
    CHECK_INT(ferry_lock_acquire(&lock), ==, 0);
    FERRY_WITH_LOCK(&other) {
        ferry_sleep(0.001);
    } else {
        return 1;
    }
    return ferry_lock_release(&lock);
}

static int leave_two(void)
{
    CHECK_INT(ferry_await(int, ferry_create_task(take_and_give)), ==, 0);
    CHECK_INT(ferry_lock_acquire(&third), ==, 0); /* held, by a task that lives */
    CHECK_REPORTS("lock", ==, 0);
    CHECK_INT(ferry_lock_release(&third), ==, 0);
    ferry_task *task = ferry_create_task(take_and_go, 2);
    ferry_task_set_name(task, "thief");
    CHECK_INT(ferry_await(int, task), ==, 0);
    CHECK_REPORTS(
        "^a task has ended and holds a lock still \\(0x[0-9a-f]+, acquired at "
        ".*sync/debug\\.c:[0-9]+\\): \"thief\" take_and_go, made at .*debug\\.c:[0-9]+, a "
        "task$",
        ==, 2);
    return 0;
}

TEST(locks_that_an_ended_task_holds)
{
    CHECK_INT(debugged(leave_two), ==, 0);
    CHECK_REPORTS("lock", ==, 2);
}

static int main_holds(void)
{
    return ferry_lock_acquire(&lock);
}

TEST(a_lock_that_the_main_task_holds)
{
    CHECK_INT(debugged(main_holds), ==, 0);
    CHECK_REPORTS("^a task has ended and holds a lock still \\(.*\\): \"run_body\"", ==, 1);
}

static int leave_one(void)
{
    return ferry_await(int, ferry_create_task(take_and_go, 1));
}

static int off_in_time(void)
{
    CHECK_INT(ferry_loop_set_debug(false), ==, 0);
    return leave_one();
}

TEST(nothing_of_locks_when_it_is_off)
{
    CHECK_INT(undebugged(leave_one), ==, 0);
    lock = other = (ferry_lock)FERRY_LOCK_INIT;
    CHECK_INT(debugged(off_in_time), ==, 0);
    CHECK_REPORTS("lock", ==, 0);
}

static int nobody_looked(void)
{
    int ignored = ferry_lock_acquire(&lock);
    (void)ignored;
    return ferry_lock_release(&lock);
}

static int looked(void)
{
    if (ferry_lock_acquire(&lock) < 0)
        return -EPERM;
    return ferry_lock_release(&lock);
}

static int refuse(int (*function)(void))
{
    ferry_task *task = ferry_create_task(function);
    CHECK_INT(ferry_lock_acquire(&lock), ==, 0);
    ferry_sleep(0);
    ferry_task_cancel(task);
    CHECK_INT(ferry_await(int, task), ==, -EPERM);
    return ferry_lock_release(&lock);
}

static int refuse_both(void)
{
    CHECK_INT(refuse(looked), ==, 0);
    CHECK_REPORTS("lock", ==, 0);
    return refuse(nobody_looked);
}

TEST(a_failed_acquire_that_nobody_looked_at)
{
    CHECK_INT(debugged(refuse_both), ==, 0);
    CHECK_REPORTS("^a task releases a lock that it doesn't hold \\(0x[0-9a-f]+\\): its acquire at "
                  ".*debug\\.c:[0-9]+ failed, and nobody looked at what it returned: "
                  "\"function\" function, made at",
                  ==, 1);
    CHECK_REPORTS("lock", ==, 1);
    memset(reports, 0, sizeof reports);
    CHECK_INT(undebugged(refuse_both), ==, 0);
    CHECK_REPORTS("lock", ==, 0);
}

static int again(void)
{
    int ignored = 0;
    CHECK_INT(ferry_lock_acquire(&lock), ==, 0);
    FERRY_TIMEOUT(0) {
        CHECK_INT(ferry_lock_acquire(&other), ==, -ETIMEDOUT);
    }
    CHECK_INT(ferry_lock_acquire(&other), ==, 0); /* looked at, and tried anew */
    CHECK_INT(ferry_lock_release(&other), ==, 0);
    ignored = ferry_lock_release(&other);
    CHECK_INT(ignored, ==, -EPERM);
    return ferry_lock_release(&lock);
}

TEST(an_acquire_that_was_tried_anew)
{
    CHECK_INT(debugged(again), ==, 0);
    CHECK_REPORTS("^a task releases a lock that it doesn't hold \\(0x[0-9a-f]+\\): \"", ==, 1);
}

TEST_MAIN
