/* SPDX-License-Identifier: MIT */
/* Task groups. */
#include "check.h"

#include <ferry/group.h>
#include <ferry/run.h>
#include <math.h>

static int ended;

static int work(double seconds, int result)
{
    int said = ferry_sleep(seconds);
    ended++;
    return said < 0 ? said : result;
}

static int all_well(void)
{
    FERRY_WITH_TASK_GROUP(group) {
        for (int i = 0; i < 3; i++)
            CHECK(ferry_task_group_create_task(group, work, 0.01, i) != NULL);
        ferry_task *child = ferry_task_group_create_task(group, work, 0.005, 40);
        CHECK_INT(ferry_await(int, child), ==, 40);
    }
    CHECK_INT(ended, ==, 4);
    CHECK_INT(ferry_task_group_result(), ==, 0);
    FERRY_WITH_TASK_GROUP(empty)
        (void)empty;
    CHECK_INT(ferry_task_group_result(), ==, 0);
    return 0;
}

TEST(the_brace_waits_for_all)
{
    CHECK_INT(ferry_run(all_well), ==, 0);
}

static int close_frees(void)
{
    ferry_task *child = NULL;
    FERRY_WITH_TASK_GROUP(group) {
        child = ferry_task_group_create_task(group, work, 0.0, 4);
    }
    CHECK_INT(ferry_join(child, NULL), ==, -ESRCH);
    return 0;
}

TEST(the_brace_frees_children_that_nobody_awaited)
{
    CHECK_INT(ferry_run(close_frees), ==, 0);
}

static int one_fails(void)
{
    double start = check_seconds();
    FERRY_WITH_TASK_GROUP(group) {
        ferry_task_group_create_task(group, work, 60.0, 1);
        ferry_task_group_create_task(group, work, 0.005, -EPIPE);
        CHECK_INT(ferry_sleep(60), ==, -ECANCELED); /* the block's own waiting ends too */
        CHECK_PTR(ferry_task_group_create_task(group, work, 0.0, 1), ==, NULL);
        CHECK_INT(errno, ==, ECANCELED);
    }
    CHECK_INT(ferry_task_group_result(), ==, -EPIPE);
    CHECK_INT(errno, ==, EPIPE);
    CHECK_INT(ended, ==, 2);
    CHECK_DOUBLE(check_seconds() - start, <, 30);
    CHECK_INT(ferry_sleep(0), ==, 0); /* nobody cancelled the task itself */
    return 0;
}

TEST(a_failing_child_cancels_the_others)
{
    CHECK_INT(ferry_run(one_fails), ==, 0);
}

static int fails_at_the_brace(void)
{
    FERRY_WITH_TASK_GROUP(group) {
        ferry_task_group_create_task(group, work, 60.0, 1);
        ferry_task_group_create_task(group, work, 0.005, -EPIPE);
    }
    CHECK_INT(ferry_task_group_result(), ==, -EPIPE);
    CHECK_INT(ferry_sleep(0), ==, 0);
    return 0;
}

TEST(a_failure_while_the_brace_waits)
{
    CHECK_INT(ferry_run(fails_at_the_brace), ==, 0);
}

static int limited(void)
{
    FERRY_TIMEOUT(0.01) {
        FERRY_WITH_TASK_GROUP(group) {
            ferry_task_group_create_task(group, work, 60.0, 1);
        }
        CHECK_INT(ferry_task_group_result(), ==, -ETIMEDOUT);
    }
    CHECK(ferry_timeout_expired());
    CHECK_INT(ended, ==, 1);
    return 0;
}

TEST(a_limit_cancels_the_children)
{
    CHECK_INT(ferry_run(limited), ==, 0);
}

static int leave_by_return(void)
{
    FERRY_WITH_TASK_GROUP(outer) {
        ferry_task_group_create_task(outer, work, 0.01, 1);
        FERRY_WITH_TASK_GROUP(inner) {
            ferry_task_group_create_task(inner, work, 0.005, 1);
            return 3;
        }
    }
    return 0;
}

static int ways_out(void)
{
    CHECK_INT(leave_by_return(), ==, 3);
    CHECK_INT(ended, ==, 2);
    return 0;
}

TEST(leaving_by_return_waits_too)
{
    CHECK_INT(ferry_run(ways_out), ==, 0);
}

static int detach_children(void)
{
    FERRY_WITH_TASK_GROUP(group) {
        for (int i = 0; i < 100; i++) {
            ferry_task *child = ferry_task_group_create_task(group, work, 0.0, i);
            CHECK_INT(ferry_task_detach(child), ==, 0);
            ferry_sleep(0);
            ferry_sleep(0);
        }
        ferry_task_group_create_task(group, work, 60.0, 0);
        ferry_sleep(0);
        ferry_task_group_cancel(group);
        CHECK_INT(ferry_sleep(60), ==, -ECANCELED);
    }
    CHECK_INT(ended, ==, 101);
    return 0;
}

TEST(detached_children_and_a_cancelled_group)
{
    CHECK_INT(ferry_run(detach_children), ==, 0);
}

static int child_of(ferry_task_group *group, int depth)
{
    if (depth > 0)
        CHECK(ferry_task_group_create_task(group, child_of, group, depth - 1) != NULL);
    ended++;
    return 0;
}

static int children_make_children(void)
{
    FERRY_WITH_TASK_GROUP(group)
        ferry_task_group_create_task(group, child_of, group, 20);
    CHECK_INT(ended, ==, 21);
    return 0;
}

TEST(children_may_make_children)
{
    CHECK_INT(ferry_run(children_make_children), ==, 0);
}

static void group_outside(void)
{
    FERRY_WITH_TASK_GROUP(group)
        (void)group;
}

TEST(a_group_outside_a_task_is_a_programmer_error)
{
    CHECK_PANIC(group_outside(), "FERRY_WITH_TASK_GROUP outside a task");
}

TEST_MAIN
