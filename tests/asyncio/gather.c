/* SPDX-License-Identifier: MIT */
/*
 * CPython's cases of asyncio.gather. ferry_gather always waits for all, as with
 * return_exceptions=True: a negative result is a result, in its place.
 */
#include "on_loop.h"

#include <ferry/future.h>
#include <ferry/gather.h>

static int await_value(ferry_future *future)
{
    void *value = NULL;
    int said = ferry_future_await(future, &value);
    return said < 0 ? said : (int)(intptr_t)value;
}

/* Futures, a task that waits for each, and one that gathers them. */
static struct {
    ferry_future *futures[6];
    ferry_task *tasks[6];
    int results[6], said;
} all;

static int gather_all(size_t count)
{
    all.said = ferry_gather(all.tasks, count, all.results);
    return 0;
}

static ferry_task *start(size_t count)
{
    for (size_t i = 0; i < count; i++) {
        all.futures[i] = ferry_future_new();
        all.tasks[i] = ferry_create_task(await_value, all.futures[i]);
    }
    ferry_task *gatherer = ferry_create_task(gather_all, count);
    run_briefly();
    return gatherer;
}

static void settle(size_t place, int value)
{
    CHECK_INT(value < 0 ? ferry_future_set_error(all.futures[place], value)
                        : ferry_future_set_result(all.futures[place], (void *)(intptr_t)value),
              ==, 0);
}

static void finish(ferry_task *gatherer, size_t count, int said)
{
    CHECK_INT(ferry_await(int, gatherer), ==, 0);
    CHECK_INT(all.said, ==, said);
    for (size_t i = 0; i < count; i++)
        ferry_future_free(all.futures[i]);
}

TEST_ON_LOOP(results_stand_in_the_order_of_the_tasks)
{
    ferry_task *gatherer = start(3);
    settle(1, 1);
    settle(0, 2);
    run_briefly();
    run_briefly();
    CHECK(!ferry_task_done(gatherer));
    settle(2, 3);
    finish(gatherer, 3, 0);
    CHECK_INT(all.results[0], ==, 2);
    CHECK_INT(all.results[1], ==, 1);
    CHECK_INT(all.results[2], ==, 3);
}

/* asyncio gives up with the first failure and leaves the others running. */
TEST_ON_LOOP(a_failure_does_not_end_a_gather)
{
    ferry_task *gatherer = start(3);
    settle(0, 1);
    settle(1, -EDOM);
    run_briefly();
    run_briefly();
    CHECK(!ferry_task_done(gatherer));
    settle(2, 3);
    finish(gatherer, 3, 0);
    CHECK_INT(all.results[1], ==, -EDOM);
    CHECK_INT(all.results[2], ==, 3);
}

TEST_ON_LOOP(failures_stand_in_their_places)
{
    ferry_task *gatherer = start(4);
    settle(1, 1);
    settle(2, -EDOM);
    settle(0, 3);
    run_briefly();
    run_briefly();
    CHECK(!ferry_task_done(gatherer));
    settle(3, -EPIPE);
    finish(gatherer, 4, 0);
    CHECK_INT(all.results[0], ==, 3);
    CHECK_INT(all.results[1], ==, 1);
    CHECK_INT(all.results[2], ==, -EDOM);
    CHECK_INT(all.results[3], ==, -EPIPE);
}

TEST_ON_LOOP(cancelled_ones_stand_in_their_places_too)
{
    ferry_task *gatherer = start(6);
    settle(0, 1);
    settle(1, -EDOM);
    CHECK_INT(ferry_task_cancel(all.tasks[2]), ==, 1);
    run_briefly();
    run_briefly();
    CHECK(!ferry_task_done(gatherer));
    settle(3, 3);
    CHECK_INT(ferry_task_cancel(all.tasks[4]), ==, 1);
    settle(5, -EPIPE);
    finish(gatherer, 6, 0);
    const int expected[] = {1, -EDOM, -ECANCELED, 3, -ECANCELED, -EPIPE};
    for (int i = 0; i < 6; i++)
        CHECK_INT(all.results[i], ==, expected[i]);
}

/* asyncio raises CancelledError at once; ferry waits, and says that one had no result to give. */
TEST_ON_LOOP(one_that_never_began_is_told)
{
    for (int i = 0; i < 3; i++)
        all.tasks[i] = ferry_create_task(give_later, 0.1 * i, i + 1);
    ferry_task_cancel(all.tasks[1]);
    CHECK_INT(ferry_gather(all.tasks, 3, all.results), ==, -ECANCELED);
    CHECK_DOUBLE(time_passed(), ==, 0.2);
    CHECK_INT(all.results[0], ==, 1);
    CHECK_INT(all.results[1], ==, -1);
    CHECK_INT(all.results[2], ==, 3);
}

TEST_ON_LOOP(gathering_nothing)
{
    CHECK_INT(ferry_gather(NULL, 0, NULL), ==, 0);
    CHECK_INT(ferry_gather(all.tasks, 0, all.results), ==, 0);
}

TEST(gathering_without_a_loop)
{
    CHECK_INT(ferry_gather(NULL, 0, NULL), ==, -EPERM);
    CHECK_INT(ferry_gather(all.tasks, 1, all.results), ==, -EPERM);
}

/* asyncio gives the one result in both places. */
TEST_ON_LOOP(the_same_task_twice_is_refused)
{
    ferry_task *task = ferry_create_task(give, 1);
    ferry_task *tasks[] = {task, task, ferry_create_task(give, 2)};
    CHECK_INT(ferry_gather(tasks, 3, all.results), ==, -EBUSY);
    CHECK_INT(ferry_gather(tasks + 1, 2, all.results), ==, 0);
    CHECK_INT(all.results[0], ==, 1);
}

/* asyncio's futures may be gathered twice; a task of ferry's is awaited by one. */
TEST_ON_LOOP(a_second_gather_of_the_same_tasks_is_refused)
{
    ferry_task *gatherer = start(2);
    int results[2];
    CHECK_INT(ferry_gather(all.tasks, 2, results), ==, -EBUSY);
    settle(0, 1);
    settle(1, 2);
    finish(gatherer, 2, 0);
    CHECK_INT(all.results[1], ==, 2);
}

/* What is no task is found before anything is waited for. */
TEST_ON_LOOP(something_that_is_no_task_is_refused)
{
    ferry_task *tasks[] = {ferry_create_task(give, 1), NULL};
    CHECK_INT(ferry_gather(tasks, 2, all.results), ==, -EINVAL);
    CHECK_INT(ferry_await(int, tasks[0]), ==, 1);
}

TEST_ON_LOOP(cancelling_who_gathers_cancels_all)
{
    ferry_task *gatherer = start(2);
    CHECK_INT(ferry_task_cancel(gatherer), ==, 1);
    finish(gatherer, 2, 0);
    CHECK_INT(all.results[0], ==, -ECANCELED);
    CHECK_INT(all.results[1], ==, -ECANCELED);
}

/* The tasks have ended, and then the cancel comes: the gather keeps what it has. */
TEST_ON_LOOP(a_cancel_that_comes_too_late_loses_nothing)
{
    ferry_task *gatherer = start(1);
    settle(0, 42);
    run_briefly(); /* the child ends */
    CHECK(ferry_task_done(all.tasks[0]));
    CHECK(!ferry_task_done(gatherer));
    CHECK_INT(ferry_task_cancel(gatherer), ==, 1);
    finish(gatherer, 1, 0);
    CHECK_INT(all.results[0], ==, 42);
}

static int gather_in_a_loop(void)
{
    for (int rounds = 0;; rounds++) {
        ferry_task *task = ferry_create_task(give_later, 0.05, 1);
        int result;
        int said = ferry_gather(&task, 1, &result);
        if (said < 0 || result < 0)
            return rounds;
    }
}

/* asyncio raises the cancel even though exceptions are returned as results; here it is one. */
TEST_ON_LOOP(a_loop_of_gathers_hears_the_cancel)
{
    ferry_task *task = ferry_create_task(gather_in_a_loop);
    CHECK_INT(ferry_sleep(0.22), ==, 0);
    ferry_task_cancel(task);
    CHECK_INT(ferry_await(int, task), ==, 4);
    CHECK_DOUBLE(time_passed(), ==, 0.22);
}

static int complaints;

static void count_complaints(ferry_loop *loop, const ferry_exception *exception, void *context)
{
    (void)loop, (void)exception, (void)context;
    complaints++;
}

TEST_ON_LOOP(failures_that_were_gathered_are_not_reported)
{
    CHECK_INT(ferry_loop_set_exception_handler(count_complaints, NULL), ==, 0);
    ferry_task *gatherer = start(2);
    settle(0, -EDOM);
    settle(1, -EDOM);
    finish(gatherer, 2, 0);
    run_briefly();
    CHECK_INT(complaints, ==, 0);
}

static int in_debug_mode(void)
{
    return ferry__sched_here->debug != NULL;
}

TEST(debug_mode_by_environment)
{
    unsetenv("FERRY_DEBUG");
    CHECK_INT(ferry_run(in_debug_mode), ==, 0);
    setenv("FERRY_DEBUG", "", 1);
    CHECK_INT(ferry_run(in_debug_mode), ==, 0);
    setenv("FERRY_DEBUG", "1", 1);
    CHECK_INT(ferry_run(in_debug_mode), ==, 1);
}

TEST_MAIN
