/* SPDX-License-Identifier: MIT */
/* Cancelling: level-triggered, passed on, and never more than asked for. */
#include "check.h"

#include <ferry/gather.h>
#include <ferry/run.h>
#include <ferry/scope.h>
#include <ferry/task.h>
#include <math.h>

static int wait_for_ever(void)
{
    return ferry_sleep(INFINITY);
}

static int add(int a, int b)
{
    return a + b;
}

static int cancel_sleeping(void)
{
    ferry_task *task = ferry_create_task(wait_for_ever);
    CHECK_INT(ferry_sleep(0), ==, 0);
    CHECK_INT(ferry_task_cancel(task), ==, 1);
    CHECK_INT(ferry_task_cancelling(task), ==, 1);
    CHECK(!ferry_task_done(task));
    int result = 0;
    CHECK_INT(ferry_join(task, &result), ==, 0); /* its function ran, and said so */
    CHECK_INT(result, ==, -ECANCELED);
    return 0;
}

TEST(a_wait_is_interrupted)
{
    CHECK_INT(ferry_run(cancel_sleeping), ==, 0);
}

static int cancel_unstarted(void)
{
    ferry_task *task = ferry_create_task(add, 1, 2);
    CHECK_INT(ferry_task_cancel(task), ==, 1);
    CHECK_INT(ferry_sleep(0), ==, 0);
    CHECK(ferry_task_cancelled(task));
    int result = 5;
    CHECK_INT(ferry_join(task, &result), ==, -ECANCELED);
    CHECK_INT(result, ==, 5); /* untouched */
    task = ferry_create_task(add, 1, 2);
    ferry_task_cancel(task);
    CHECK_INT(ferry_await(int, task), ==, -1);
    CHECK_INT(errno, ==, ECANCELED);
    return 0;
}

TEST(a_task_that_has_not_begun_never_does)
{
    CHECK_INT(ferry_run(cancel_unstarted), ==, 0);
}

static int cancel_finished(void)
{
    ferry_task *task = ferry_create_task(add, 1, 2);
    CHECK_INT(ferry_sleep(0), ==, 0);
    CHECK(ferry_task_done(task));
    CHECK_INT(ferry_task_cancel(task), ==, 0);
    CHECK(!ferry_task_cancelled(task));
    CHECK_INT(ferry_await(int, task), ==, 3);
    return 0;
}

TEST(cancelling_a_finished_task)
{
    CHECK_INT(ferry_run(cancel_finished), ==, 0);
}

static int stubborn(void)
{
    int said = 0;
    for (int i = 0; i < 5; i++)
        said += ferry_sleep(60) == -ECANCELED;
    return said;
}

static int cancel_stubborn(void)
{
    ferry_task *task = ferry_create_task(stubborn);
    ferry_sleep(0);
    ferry_task_cancel(task);
    CHECK_INT(ferry_await(int, task), ==, 5);
    return 0;
}

TEST(every_further_wait_says_so)
{
    CHECK_INT(ferry_run(cancel_stubborn), ==, 0);
}

static int forgiving(void)
{
    CHECK_INT(ferry_sleep(60), ==, -ECANCELED);
    CHECK_INT(ferry_task_uncancel(ferry_current_task()), ==, 0);
    CHECK_INT(ferry_sleep(0.001), ==, 0);
    return 3;
}

static int cancel_forgiving(void)
{
    ferry_task *task = ferry_create_task(forgiving);
    ferry_sleep(0);
    ferry_task_cancel(task);
    CHECK_INT(ferry_await(int, task), ==, 3);
    return 0;
}

TEST(uncancel)
{
    CHECK_INT(ferry_run(cancel_forgiving), ==, 0);
}

static int take_it_back(void)
{
    ferry_task *task = ferry_create_task(forgiving);
    ferry_sleep(0);
    ferry_task_cancel(task);
    ferry_task_uncancel(task); /* before it ran: its wait goes on */
    CHECK_INT(ferry_sleep(0.01), ==, 0);
    CHECK(!ferry_task_done(task));
    ferry_task_cancel(task);
    CHECK_INT(ferry_await(int, task), ==, 3);
    return 0;
}

TEST(a_cancel_taken_back_in_time_is_not_seen)
{
    CHECK_INT(ferry_run(take_it_back), ==, 0);
}

static bool cleaned_up;

static int child(void)
{
    int said = ferry_sleep(60);
    FERRY_SHIELD
    {
        CHECK_INT(ferry_sleep(0.01), ==, 0);
        cleaned_up = true;
    }
    CHECK_INT(ferry_sleep(0), ==, -ECANCELED);
    return said;
}

static int parent(void)
{
    int result = ferry_await(int, ferry_create_task(child));
    CHECK(cleaned_up); /* it was waited for */
    CHECK_INT(result, ==, -ECANCELED);
    CHECK_INT(ferry_sleep(0), ==, -ECANCELED); /* it is cancelled itself */
    return 4;
}

static int cancel_parent(void)
{
    ferry_task *task = ferry_create_task(parent);
    ferry_sleep(0.001);
    ferry_task_cancel(task);
    CHECK_INT(ferry_await(int, task), ==, 4);
    return 0;
}

TEST(a_cancel_is_passed_on_and_waits)
{
    CHECK_INT(ferry_run(cancel_parent), ==, 0);
}

static int deaf_child(void)
{
    FERRY_SHIELD
    {
        ferry_sleep(0.01);
    }
    return 42;
}

static int parent_of_deaf(void)
{
    CHECK_INT(ferry_await(int, ferry_create_task(deaf_child)), ==, 42); /* not lost */
    CHECK_INT(ferry_sleep(0), ==, -ECANCELED);
    return 1;
}

static int cancel_parent_of_deaf(void)
{
    ferry_task *task = ferry_create_task(parent_of_deaf);
    ferry_sleep(0.001);
    ferry_task_cancel(task);
    CHECK_INT(ferry_await(int, task), ==, 1);
    return 0;
}

TEST(a_result_given_all_the_same_is_not_lost)
{
    CHECK_INT(ferry_run(cancel_parent_of_deaf), ==, 0);
}

static int cancel_self(void)
{
    CHECK_INT(ferry_task_cancel(ferry_current_task()), ==, 1);
    CHECK_INT(ferry_sleep(0), ==, -ECANCELED);
    CHECK_INT(ferry_sleep(1), ==, -ECANCELED);
    return 2;
}

TEST(cancelling_oneself)
{
    CHECK_INT(ferry_run(cancel_self), ==, 2);
}

static int both(ferry_task *sleeper)
{
    /* The sleep is over and the cancel comes before the task runs: the sleep keeps its result. */
    ferry_task_cancel(sleeper);
    return 0;
}

static int sleeper(void)
{
    ferry_task *task = ferry_current_task();
    ferry_task *canceller = ferry_create_task(both, task);
    CHECK_INT(ferry_sleep(0), ==, 0);
    CHECK_INT(ferry_sleep(0), ==, -ECANCELED);
    CHECK_INT(ferry_join(canceller, NULL), ==, 0);
    return 0;
}

TEST(a_wait_that_was_over_keeps_its_result)
{
    CHECK_INT(ferry_run(sleeper), ==, 0);
}

static int cancelled_gather(void)
{
    ferry_task *tasks[3];
    int results[3];
    for (int i = 0; i < 3; i++)
        tasks[i] = ferry_create_task(wait_for_ever);
    CHECK_INT(ferry_gather(tasks, 3, results), ==, 0);
    for (int i = 0; i < 3; i++)
        CHECK_INT(results[i], ==, -ECANCELED);
    return 6;
}

static int cancel_gather(void)
{
    ferry_task *task = ferry_create_task(cancelled_gather);
    ferry_sleep(0.001);
    ferry_task_cancel(task);
    CHECK_INT(ferry_await(int, task), ==, 6);
    return 0;
}

TEST(a_cancelled_gather_cancels_all)
{
    CHECK_INT(ferry_run(cancel_gather), ==, 0);
}

TEST_MAIN
