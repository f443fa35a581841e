/* SPDX-License-Identifier: MIT */
/* ferry_gather, ferry_wait, ferry_as_completed. */
#include "check.h"

#include <ferry/future.h>
#include <ferry/gather.h>
#include <ferry/run.h>
#include <ferry/scope.h>
#include <math.h>

static int give_later(double seconds, int value)
{
    int said = ferry_sleep(seconds);
    return said < 0 ? said : value;
}

static int wait_for_ever(void)
{
    return ferry_sleep(INFINITY);
}

static int in_order(void)
{
    ferry_task *tasks[5];
    int results[5];
    for (int i = 0; i < 5; i++)
        tasks[i] = ferry_create_task(give_later, 0.005 * (5 - i), i);
    CHECK_INT(ferry_gather(tasks, 5, results), ==, 0);
    for (int i = 0; i < 5; i++) {
        CHECK_INT(results[i], ==, i);
        CHECK_INT(ferry_join(tasks[i], NULL), ==, -ESRCH); /* all handles are ended */
    }
    return 0;
}

TEST(results_in_order)
{
    CHECK_INT(ferry_run(in_order), ==, 0);
}

static int of_nothing(void)
{
    int results[1];
    CHECK_INT(ferry_gather(NULL, 0, results), ==, 0);
    CHECK_INT(ferry_gather(NULL, 0, NULL), ==, 0);
    CHECK_INT(ferry_wait(NULL, 0, FERRY_ALL_COMPLETED), ==, 0);
    CHECK_INT(ferry_wait(NULL, 0, FERRY_FIRST_COMPLETED), ==, -EINVAL);
    ferry_completion none = ferry_as_completed(NULL, 0);
    errno = EXDEV;
    CHECK_PTR(ferry_completion_next(&none), ==, NULL);
    CHECK_INT(errno, ==, 0);
    return 0;
}

TEST(gather_of_nothing)
{
    CHECK_INT(ferry_run(of_nothing), ==, 0);
}

static int bad_arrays(void)
{
    ferry_task *task = ferry_create_task(give_later, 0.001, 7);
    ferry_task *other = ferry_create_task(give_later, 0.001, 8);
    int results[3] = {1, 2, 3};
    ferry_task *twice[] = {task, other, task};
    CHECK_INT(ferry_gather(twice, 3, results), ==, -EBUSY);
    CHECK_INT(ferry_wait(twice, 3, FERRY_ALL_COMPLETED), ==, -EBUSY);
    ferry_task *with_null[] = {task, NULL, other};
    CHECK_INT(ferry_gather(with_null, 3, results), ==, -EINVAL);
    ferry_task *with_self[] = {task, ferry_current_task(), other};
    CHECK_INT(ferry_gather(with_self, 3, results), ==, -EDEADLK);
    CHECK_INT(results[0] + results[1] + results[2], ==, 6);
    ferry_task *good[] = {task, other};
    CHECK_INT(ferry_gather(good, 2, results), ==, 0);
    CHECK_INT(results[0], ==, 7);
    CHECK_INT(results[1], ==, 8);
    CHECK_INT(ferry_gather(good, 2, results), ==, -ESRCH);
    ferry_completion broken = ferry_as_completed(good, 2);
    CHECK_PTR(ferry_completion_next(&broken), ==, NULL);
    CHECK_INT(errno, ==, ESRCH);
    return 0;
}

TEST(a_bad_array_ends_no_handle)
{
    CHECK_INT(ferry_run(bad_arrays), ==, 0);
}

static int one_cancelled(void)
{
    ferry_task *tasks[3];
    int results[3];
    for (int i = 0; i < 3; i++)
        tasks[i] = ferry_create_task(give_later, 0.001, i);
    ferry_task_cancel(tasks[1]); /* before it began */
    CHECK_INT(ferry_gather(tasks, 3, results), ==, -ECANCELED);
    CHECK_INT(results[0], ==, 0);
    CHECK_INT(results[1], ==, -1);
    CHECK_INT(results[2], ==, 2);
    return 0;
}

TEST(a_cancelled_one_leaves_the_skip_value)
{
    CHECK_INT(ferry_run(one_cancelled), ==, 0);
}

static int waits(void)
{
    ferry_task *tasks[] = {ferry_create_task(give_later, 0.005, 1),
                           ferry_create_task(wait_for_ever), ferry_create_task(give_later, 0.2, 3)};
    CHECK_INT(ferry_wait(tasks, 3, FERRY_FIRST_COMPLETED), ==, 1);
    CHECK(ferry_task_done(tasks[0]));
    CHECK_INT(ferry_wait(tasks, 3, FERRY_FIRST_COMPLETED), ==, 1); /* at once */
    FERRY_TIMEOUT(0.5) {
        CHECK_INT(ferry_wait(tasks, 3, FERRY_ALL_COMPLETED), ==, -ETIMEDOUT);
    }
    CHECK(!ferry_task_done(tasks[1])); /* it cancels nothing */
    CHECK(ferry_task_done(tasks[2]));
    ferry_task_cancel(tasks[1]);
    CHECK_INT(ferry_wait(tasks, 3, FERRY_ALL_COMPLETED), ==, 3);
    int results[3];
    CHECK_INT(ferry_gather(tasks, 3, results), ==, 0);
    CHECK_INT(results[1], ==, -ECANCELED);
    CHECK_INT(ferry_wait(tasks, 3, (ferry_wait_when)7), ==, -EINVAL);
    return 0;
}

TEST(wait_takes_no_results)
{
    CHECK_INT(ferry_run(waits), ==, 0);
}

static int completions(void)
{
    ferry_task *tasks[4];
    for (int i = 0; i < 4; i++)
        tasks[i] = ferry_create_task(give_later, 0.01 * (4 - i), i);
    ferry_completion completion = ferry_as_completed(tasks, 4);
    ferry_task *task;
    int expected = 3;
    while ((task = ferry_completion_next(&completion)))
        CHECK_INT(ferry_await(int, task), ==, expected--);
    CHECK_INT(errno, ==, 0);
    CHECK_INT(expected, ==, -1);
    CHECK_PTR(ferry_completion_next(&completion), ==, NULL);
    return 0;
}

TEST(as_completed_gives_them_as_they_end)
{
    CHECK_INT(ferry_run(completions), ==, 0);
}

static int leave_early(void)
{
    for (int round = 0; round < 1000; round++) {
        ferry_task *tasks[3];
        for (int i = 0; i < 3; i++)
            tasks[i] = ferry_create_task(give_later, 0.0, i);
        ferry_completion completion = ferry_as_completed(tasks, 3);
        ferry_task *first = ferry_completion_next(&completion);
        CHECK_INT(ferry_await(int, first), ==, 0);
        if (round % 3 == 0) { /* the others are taken elsewhere */
            CHECK_INT(ferry_gather(tasks + 1, 2, NULL), ==, 0);
            CHECK_PTR(ferry_completion_next(&completion), ==, NULL);
            CHECK_INT(errno, ==, 0);
        } else if (round % 3 == 1) {
            CHECK_INT(ferry_task_detach(tasks[1]), ==, 0);
            CHECK_INT(ferry_await(int, ferry_completion_next(&completion)), ==, 2);
            CHECK_PTR(ferry_completion_next(&completion), ==, NULL);
        }
    }
    return 0;
}

static int join_behind_its_back(void)
{
    ferry_task *tasks[3];
    for (int i = 0; i < 3; i++)
        tasks[i] = ferry_create_task(give_later, 0.0, i);
    ferry_completion completion = ferry_as_completed(tasks, 3);
    ferry_sleep(0.001); /* all have ended, none was given out */
    CHECK_INT(ferry_await(int, tasks[1]), ==, 1);
    for (int i = 0; i < 20; i++)
        CHECK_INT(ferry_await(int, ferry_create_task(give_later, 0.0, 9)), ==, 9); /* its slot */
    CHECK_INT(ferry_await(int, ferry_completion_next(&completion)), ==, 0);
    CHECK_INT(ferry_await(int, ferry_completion_next(&completion)), ==, 2);
    CHECK_PTR(ferry_completion_next(&completion), ==, NULL);
    CHECK_INT(errno, ==, 0);
    return 0;
}

TEST(as_completed_leaves_out_what_others_joined)
{
    CHECK_INT(ferry_run(join_behind_its_back), ==, 0);
}

TEST(as_completed_may_be_left_early)
{
    CHECK_INT(ferry_run(leave_early), ==, 0);
}

static int interrupted_completion(void)
{
    ferry_task *task = ferry_create_task(give_later, 0.05, 4);
    ferry_completion completion = ferry_as_completed(&task, 1);
    FERRY_TIMEOUT(0.005) {
        CHECK_PTR(ferry_completion_next(&completion), ==, NULL);
        CHECK_INT(errno, ==, ETIMEDOUT);
    }
    CHECK_PTR(ferry_completion_next(&completion), ==, task);
    CHECK_INT(ferry_await(int, task), ==, 4);
    return 0;
}

TEST(as_completed_goes_on_after_an_interruption)
{
    CHECK_INT(ferry_run(interrupted_completion), ==, 0);
}

static int end_with(ferry_future *gate, int result)
{
    int said = ferry_future_await(gate, NULL);
    return said ? said : result;
}

static int first_failure(void)
{
    ferry_future *gates[3];
    ferry_task *tasks[3];
    for (int i = 0; i < 3; i++) {
        gates[i] = ferry_future_new();
        tasks[i] = ferry_create_task(end_with, gates[i], i == 2 ? -EIO : i);
    }
    CHECK_INT(ferry_sleep(0), ==, 0);
    ferry_future_set_result(gates[0], NULL); /* no failure: the wait goes on */
    ferry_task_cancel(tasks[1]);             /* a cancel is none either, as in asyncio */
    FERRY_TIMEOUT(0.005) {
        CHECK_INT(ferry_wait(tasks, 3, FERRY_FIRST_EXCEPTION), ==, -ETIMEDOUT);
    }
    CHECK(ferry_task_done(tasks[0]) && ferry_task_done(tasks[1]) && !ferry_task_done(tasks[2]));
    tasks[1] = (ferry_join(tasks[1], NULL), ferry_create_task(end_with, gates[1], 0));
    ferry_future_set_result(gates[2], NULL);
    CHECK_INT(ferry_wait(tasks, 3, FERRY_FIRST_EXCEPTION), ==, 2); /* the second still runs */
    CHECK_INT(ferry_wait(tasks, 3, FERRY_FIRST_EXCEPTION), ==, 2); /* at once */
    ferry_future_set_result(gates[1], NULL);
    CHECK_INT(ferry_wait(tasks, 2, FERRY_FIRST_EXCEPTION), ==, 2); /* none failed: all */
    CHECK_INT(ferry_wait(NULL, 0, FERRY_FIRST_EXCEPTION), ==, 0);
    int results[3];
    CHECK_INT(ferry_gather(tasks, 3, results), ==, 0); /* the handles are as they were */
    CHECK_INT(results[2], ==, -EIO);
    for (int i = 0; i < 3; i++)
        ferry_future_free(gates[i]);
    return 0;
}

TEST(wait_for_the_first_failure)
{
    CHECK_INT(ferry_run(first_failure), ==, 0);
}

TEST_MAIN
