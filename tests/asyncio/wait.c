/* SPDX-License-Identifier: MIT */
/*
 * CPython's cases of asyncio.wait. ferry_wait counts instead of giving two sets: ferry_task_done
 * tells which. A time limit is a FERRY_TIMEOUT around it.
 */
#include "on_loop.h"

#include <ferry/future.h>
#include <ferry/gather.h>
#include <ferry/scope.h>

static int wait_for_both(ferry_task *one, ferry_task *other)
{
    ferry_task *tasks[] = {other, one};
    CHECK_INT(ferry_wait(tasks, 2, FERRY_ALL_COMPLETED), ==, 2);
    CHECK(ferry_task_done(one) && ferry_task_done(other));
    return 42;
}

TEST_ON_LOOP(wait_is_over_when_all_have_ended)
{
    ferry_task *one = ferry_create_task(give_later, 0.1, 1);
    ferry_task *other = ferry_create_task(give_later, 0.15, 2);
    CHECK_INT(ferry_await(int, ferry_create_task(wait_for_both, one, other)), ==, 42);
    CHECK_DOUBLE(time_passed(), ==, 0.15);
    CHECK_INT(ferry_await(int, ferry_create_task(wait_for_both, one, other)), ==, 42);
    CHECK_DOUBLE(time_passed(), ==, 0.15);
    CHECK_INT(ferry_await(int, one), ==, 1); /* the results are still there */
    CHECK_INT(ferry_await(int, other), ==, 2);
}

/* asyncio makes a set of what it is given; to ferry the same task twice is a mistake. */
TEST_ON_LOOP(the_same_task_twice_is_refused)
{
    ferry_task *task = ferry_create_task(give, 1), *other = ferry_create_task(give, 2);
    ferry_task *tasks[] = {task, task, other};
    CHECK_INT(ferry_wait(tasks, 3, FERRY_ALL_COMPLETED), ==, -EBUSY);
    CHECK_INT(ferry_wait(tasks + 1, 2, FERRY_ALL_COMPLETED), ==, 2);
}

/* asyncio raises for an empty set in any case; in C an empty array is nothing to wait for. */
TEST_ON_LOOP(waiting_for_nothing)
{
    CHECK_INT(ferry_wait(NULL, 0, FERRY_FIRST_COMPLETED), ==, -EINVAL);
    CHECK_INT(ferry_wait(NULL, 0, FERRY_ALL_COMPLETED), ==, 0);
}

TEST_ON_LOOP(an_unknown_condition_is_refused)
{
    ferry_task *task = ferry_create_task(give_later, 10.0, 1);
    CHECK_INT(ferry_wait(&task, 1, (ferry_wait_when)-1), ==, -EINVAL);
    CHECK_INT(ferry_task_detach(task), ==, 0);
}

TEST_ON_LOOP(wait_is_over_when_the_first_has_ended)
{
    ferry_task *slow = ferry_create_task(give_later, 10.0, 1);
    ferry_task *quick = ferry_create_task(give_later, 0.1, 2);
    ferry_task *tasks[] = {quick, slow};
    CHECK_INT(ferry_wait(tasks, 2, FERRY_FIRST_COMPLETED), ==, 1);
    CHECK(ferry_task_done(quick));
    CHECK(!ferry_task_done(slow));
    CHECK_DOUBLE(time_passed(), ==, 0.1);
    CHECK_INT(ferry_wait(tasks, 2, FERRY_ALL_COMPLETED), ==, 2);
    CHECK_DOUBLE(time_passed(), ==, 10);
}

TEST_ON_LOOP(what_ends_before_the_waiter_runs_counts_too)
{
    ferry_task *tasks[] = {ferry_create_task(give_later, 0.0, 1),
                           ferry_create_task(give_later, 0.0, 2)};
    CHECK_INT(ferry_wait(tasks, 2, FERRY_FIRST_COMPLETED), ==, 2);
    CHECK(ferry_task_done(tasks[0]) && ferry_task_done(tasks[1]));
}

static int failures(ferry_task *const *tasks, size_t count)
{
    int found = 0;
    for (size_t i = 0; i < count; i++)
        found += ferry_await(int, tasks[i]) < 0;
    return found;
}

TEST_ON_LOOP(a_failure_is_an_end_like_any_other)
{
    ferry_task *tasks[] = {ferry_create_task(give_later, 0.1, 0),
                           ferry_create_task(give_later, 0.15, -EDOM)};
    CHECK_INT(ferry_wait(tasks, 2, FERRY_ALL_COMPLETED), ==, 2);
    CHECK_DOUBLE(time_passed(), ==, 0.15);
    CHECK_INT(ferry_wait(tasks, 2, FERRY_ALL_COMPLETED), ==, 2);
    CHECK_INT(failures(tasks, 2), ==, 1);
}

static void first_failure(double seconds)
{
    ferry_task *slow = ferry_create_task(give_later, 10.0, 1);
    ferry_task *failing = ferry_create_task(give_later, seconds, -EDOM);
    ferry_task *tasks[] = {failing, slow};
    CHECK_INT(ferry_wait(tasks, 2, FERRY_FIRST_EXCEPTION), ==, 1);
    CHECK(ferry_task_done(failing));
    CHECK(!ferry_task_done(slow));
    CHECK_DOUBLE(time_passed(), ==, seconds);
    CHECK_INT(ferry_wait(tasks, 2, FERRY_ALL_COMPLETED), ==, 2);
    CHECK_INT(ferry_await(int, failing), ==, -EDOM);
}

TEST_ON_LOOP(wait_is_over_when_one_fails_at_once)
{
    first_failure(0);
}

TEST_ON_LOOP(wait_is_over_when_one_fails_later)
{
    first_failure(0.01);
}

/* asyncio gives what is done when the time is over; here the scope says so, and nothing is lost. */
TEST_ON_LOOP(a_limit_around_wait_leaves_the_tasks_running)
{
    ferry_task *quick = ferry_create_task(give_later, 0.1, 1);
    ferry_task *slow = ferry_create_task(give_later, 0.15, 2);
    ferry_task *tasks[] = {slow, quick};
    FERRY_TIMEOUT(0.11) {
        CHECK_INT(ferry_wait(tasks, 2, FERRY_ALL_COMPLETED), ==, -ETIMEDOUT);
    }
    CHECK(ferry_timeout_expired());
    CHECK(ferry_task_done(quick));
    CHECK(!ferry_task_done(slow));
    CHECK_DOUBLE(time_passed(), ==, 0.11);
    CHECK_INT(ferry_wait(tasks, 2, FERRY_ALL_COMPLETED), ==, 2);
    CHECK_DOUBLE(time_passed(), ==, 0.15);
}

TEST_ON_LOOP(a_limit_at_the_moment_of_an_end)
{
    ferry_task *quick = ferry_create_task(give_later, 0.1, 1);
    ferry_task *slow = ferry_create_task(give_later, 0.15, 2);
    ferry_task *tasks[] = {slow, quick};
    FERRY_TIMEOUT(0.1) {
        CHECK_INT(ferry_wait(tasks, 2, FERRY_ALL_COMPLETED), ==, -ETIMEDOUT);
    }
    run_briefly();
    CHECK(ferry_task_done(quick));
    CHECK(!ferry_task_done(slow));
    CHECK_DOUBLE(time_passed(), ==, 0.1);
}

static int proof;

static int prove(ferry_future *future)
{
    int said = ferry_future_await(future, NULL);
    proof += said == 0 ? 1 : 10;
    return said;
}

static int wait_for_a_child(ferry_task *child)
{
    int said = ferry_wait(&child, 1, FERRY_ALL_COMPLETED);
    proof += said < 0 ? 0 : 100;
    return said;
}

TEST_ON_LOOP(a_cancelled_wait_leaves_its_tasks_alone)
{
    ferry_future *future = ferry_future_new();
    ferry_task *child = ferry_create_task(prove, future);
    ferry_task *waiter = ferry_create_task(wait_for_a_child, child);
    run_briefly();
    ferry_task_cancel(waiter);
    CHECK_INT(ferry_await(int, waiter), ==, -ECANCELED);
    ferry_future_set_result(future, NULL);
    CHECK_INT(ferry_await(int, child), ==, 0);
    CHECK_INT(proof, ==, 1);
    ferry_future_free(future);
}

TEST_MAIN
