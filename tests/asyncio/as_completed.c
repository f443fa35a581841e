/* SPDX-License-Identifier: MIT */
/* CPython's cases of asyncio.as_completed: an iterator that gives tasks, not awaitables. */
#include "on_loop.h"

#include <ferry/gather.h>
#include <ferry/scope.h>

static int await_next(ferry_completion *completion)
{
    ferry_task *task = ferry_completion_next(completion);
    CHECK_PTR(task, !=, NULL);
    return ferry_await(int, task);
}

TEST_ON_LOOP(they_come_in_the_order_in_which_they_end)
{
    ferry_task *tasks[] = {ferry_create_task(give_later, 0.01, 2),
                           ferry_create_task(give_later, 0.15, 3),
                           ferry_create_task(give_later, 0.01, 1)};
    ferry_completion completion = ferry_as_completed(tasks, 3);
    CHECK_INT(await_next(&completion) + await_next(&completion), ==, 3);
    CHECK_DOUBLE(time_passed(), ==, 0.01);
    CHECK_INT(await_next(&completion), ==, 3);
    CHECK_DOUBLE(time_passed(), ==, 0.15);
    CHECK_PTR(ferry_completion_next(&completion), ==, NULL);
    CHECK_INT(errno, ==, 0);
}

TEST_ON_LOOP(a_limit_interrupts_the_iteration)
{
    ferry_task *tasks[] = {ferry_create_task(give_later, 0.1, 1),
                           ferry_create_task(give_later, 0.15, 2)};
    FERRY_TIMEOUT(0.12) {
        ferry_completion completion = ferry_as_completed(tasks, 2);
        CHECK_INT(await_next(&completion), ==, 1);
        CHECK_PTR(ferry_completion_next(&completion), ==, NULL);
        CHECK_INT(errno, ==, ETIMEDOUT);
    }
    CHECK(ferry_timeout_expired());
    CHECK_DOUBLE(time_passed(), ==, 0.12);
    CHECK_INT(ferry_await(int, tasks[1]), ==, 2); /* it was not cancelled */
    CHECK_DOUBLE(time_passed(), ==, 0.15);
}

TEST_ON_LOOP(a_limit_that_is_not_needed)
{
    ferry_task *task = ferry_create_task(give_later, 0.01, 1);
    FERRY_TIMEOUT(1) {
        ferry_completion completion = ferry_as_completed(&task, 1);
        CHECK_INT(await_next(&completion), ==, 1);
    }
    CHECK(!ferry_timeout_expired());
    CHECK_DOUBLE(time_passed(), ==, 0.01);
}

static int next_of(ferry_completion *completion, const char *name)
{
    int result = await_next(completion);
    note(name);
    return result;
}

/* asyncio: the awaitables may be awaited in any order, and whoever waits gets the next that ends.
 * In ferry one task at a time iterates. */
TEST_ON_LOOP(only_one_task_waits_for_the_next)
{
    ferry_task *tasks[] = {ferry_create_task(give_later, 0.05, 1),
                           ferry_create_task(give_later, 0.10, 2)};
    ferry_completion completion = ferry_as_completed(tasks, 2);
    ferry_task *other = ferry_create_task(next_of, &completion, "other");
    run_briefly();
    CHECK_PTR(ferry_completion_next(&completion), ==, NULL);
    CHECK_INT(errno, ==, EBUSY);
    CHECK_INT(ferry_await(int, other), ==, 1);
    CHECK_DOUBLE(time_passed(), ==, 0.05);
    CHECK_INT(next_of(&completion, "self"), ==, 2);
    CHECK_STR(order(), "otherself");
}

TEST_ON_LOOP(two_that_end_together_both_come)
{
    ferry_task *tasks[] = {ferry_create_task(give_later, 0.05, 1),
                           ferry_create_task(give_later, 0.05, 2)};
    ferry_completion completion = ferry_as_completed(tasks, 2);
    CHECK_INT(await_next(&completion) + await_next(&completion), ==, 3);
    CHECK_DOUBLE(time_passed(), ==, 0.05);
}

TEST_ON_LOOP(the_same_task_twice_is_refused)
{
    ferry_task *task = ferry_create_task(give, 1);
    ferry_task *tasks[] = {task, task, ferry_create_task(give, 2)};
    ferry_completion completion = ferry_as_completed(tasks, 3);
    CHECK_PTR(ferry_completion_next(&completion), ==, NULL);
    CHECK_INT(errno, ==, EBUSY);
    completion = ferry_as_completed(tasks + 1, 2);
    CHECK_INT(await_next(&completion) + await_next(&completion), ==, 3);
}

TEST(as_completed_without_a_loop)
{
    ferry_task *none = NULL;
    ferry_completion completion = ferry_as_completed(&none, 1);
    CHECK_PTR(ferry_completion_next(&completion), ==, NULL);
    CHECK_INT(errno, ==, EPERM);
}

TEST_ON_LOOP(what_is_no_task_is_refused)
{
    ferry_task *none = NULL;
    ferry_completion completion = ferry_as_completed(&none, 1);
    CHECK_PTR(ferry_completion_next(&completion), ==, NULL);
    CHECK_INT(errno, ==, EINVAL);
}

TEST_MAIN
