/* SPDX-License-Identifier: MIT */
/* CPython's cases of asyncio.run_coroutine_threadsafe, called by a worker of the loop itself. */
#include "check.h"

#include <ferry/future.h>
#include <ferry/loop.h>
#include <ferry/run.h>
#include <ferry/scope.h>
#include <ferry/task.h>
#include <ferry/thread.h>

static int add(int left, int right, int answer, bool cancel_oneself)
{
    int said = ferry_sleep(0.001);
    if (cancel_oneself) {
        ferry_task_cancel(ferry_current_task());
        said = ferry_sleep(0);
    }
    return said < 0 ? said : answer < 0 ? answer : left + right;
}

static int ask(ferry_loop *loop, int answer, bool cancel_oneself)
{
    ferry_future *future = ferry_run_coroutine_threadsafe(loop, add, 1, 2, answer, cancel_oneself);
    CHECK(future != NULL);
    int result = ferry_future_result(int, future);
    ferry_future_free(future);
    return result;
}

static int from_a_worker(int answer, bool cancel_oneself)
{
    return ferry_to_thread(ask, ferry_get_running_loop(), answer, cancel_oneself);
}

TEST(a_thread_gets_the_result)
{
    CHECK_INT(ferry_run(from_a_worker, 0, false), ==, 3);
}

TEST(a_thread_gets_a_failure)
{
    CHECK_INT(ferry_run(from_a_worker, -EPROTO, false), ==, -EPROTO);
}

TEST(a_thread_gets_what_a_cancelled_task_returned)
{
    CHECK_INT(ferry_run(from_a_worker, 0, true), ==, -ECANCELED);
}

static int wait_for_ever(void)
{
    return ferry_sleep(3600);
}

static int give_up(ferry_loop *loop)
{
    ferry_future *future = ferry_run_coroutine_threadsafe(loop, wait_for_ever);
    FERRY_TIMEOUT(0) {
        CHECK_INT(ferry_future_await(future, NULL), ==, -ETIMEDOUT);
    }
    CHECK(ferry_timeout_expired());
    CHECK(!ferry_future_done(future)); /* giving up leaves it as it is */
    CHECK_INT(ferry_future_cancel(future), ==, 1);
    int said = ferry_future_await(future, NULL); /* until the task has ended */
    ferry_future_free(future);
    return said;
}

static int give_up_on_a_worker(void)
{
    int said = ferry_to_thread(give_up, ferry_get_running_loop());
    CHECK(said == 0 || said == -ECANCELED); /* it had begun, or had not */
    ferry_task *all[2];
    CHECK_INT(ferry_all_tasks(all, 2), ==, 1); /* the task is gone */
    return 0;
}

TEST(a_thread_runs_out_of_time_and_cancels_the_task)
{
    CHECK_INT(ferry_run(give_up_on_a_worker), ==, 0);
}

TEST_MAIN
