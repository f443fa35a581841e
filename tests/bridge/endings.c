/* SPDX-License-Identifier: MIT */
/* How executors end, in the moments at which it is hardest. */
#include "base/fault.h"

#include "bridge.h"

#include <pthread.h>

static int end_thread(void)
{
    usleep(2000);
    pthread_exit(NULL);
}

static atomic_int ticks;

static int ticker(void)
{
    while (ferry_sleep(0.001) == 0)
        atomic_fetch_add(&ticks, 1);
    return 0;
}

static void wait_for_ticks(void *unused)
{
    (void)unused;
    int goal = atomic_load(&ticks) + 3;
    while (atomic_load(&ticks) < goal)
        usleep(200);
}

/* The finalizer ends only when the loop has ticked on: a loop that waits for it would hang. */
IN_TASK(the_loop_goes_on_while_threads_are_finalized)
{
    ferry_task *task = ferry_create_task(ticker);
    FERRY_WITH_EXECUTOR(lane, .finalizer = wait_for_ticks, .lane = true) {
        CHECK_INT(ferry_run_in_executor(lane, plus_one, 1), ==, 2);
    } else {
        return 1;
    }
    CHECK_INT(atomic_load(&ticks), >=, 3);
    ferry_task_cancel(task);
    ferry_await(int, task);
    return 0;
}

static int exit_in_initializer(void *unused)
{
    (void)unused;
    pthread_exit(NULL);
}

TEST(a_thread_that_ends_in_its_initializer_breaks_the_executor)
{
    FERRY_WITH_EXECUTOR(executor, .max_workers = 2, .initializer = exit_in_initializer) {
        ferry_future *future = ferry_executor_submit(executor, plus_one, 1);
        if (future) {
            CHECK_INT(ferry_future_await(future, NULL), ==, -ENOTRECOVERABLE);
            ferry_future_free(future);
        }
        CHECK(ferry_executor_submit(executor, plus_one, 1) == NULL);
        CHECK_INT(errno, ==, ENOTRECOVERABLE);
    } else {
        CHECK(false);
    }
}

static void exit_in_finalizer(void *unused)
{
    (void)unused;
    pthread_exit(NULL);
}

TEST(one_that_ends_in_its_finalizer_is_only_at_its_end)
{
    for (int i = 0; i < 20; i++) {
        FERRY_WITH_EXECUTOR(lane, .finalizer = exit_in_finalizer, .lane = true) {
            CHECK_INT(ferry_run_in_executor(lane, plus_one, i), ==, i + 1);
        } else {
            CHECK(false);
        }
    }
}

/* The only thread dies, and the system gives no other: who waits behind it is told. */
TEST(calls_behind_the_last_thread_that_could_be_had_are_told)
{
    FERRY_WITH_EXECUTOR(executor, .max_workers = 1) {
        ferry__fault_arm(FERRY__FAULT_THREAD, 1, -1);
        ferry_future *dies = ferry_executor_submit(executor, end_thread);
        ferry_future *waits = ferry_executor_submit(executor, plus_one, 1);
        CHECK(dies && waits);
        CHECK_INT(ferry_future_await(dies, NULL), ==, -EOWNERDEAD);
        CHECK_INT(ferry_future_await(waits, NULL), ==, -EAGAIN);
        ferry__fault_clear();
        ferry_future_free(dies);
        ferry_future_free(waits);
    } else {
        CHECK(false);
    }
}

IN_TASK(a_block_is_where_calls_without_an_executor_go)
{
    FERRY_WITH_EXECUTOR(executor, .max_workers = 3) {
        FERRY_WITH_WORKER(executor)
        {
            long id = ferry_run_in_executor(executor, thread_id);
            for (int i = 0; i < 5; i++)
                CHECK_INT(ferry_to_thread(thread_id), ==, id);
        }
        else
        {
            return 1;
        }
    } else {
        return 1;
    }
    return 0;
}

/* A call that its shutdown cancelled, and an executor that is gone before its task goes on. */
static int cancelled_call(ferry_executor *executor)
{
    int got = ferry_run_in_executor(executor, plus_one, 1);
    return got == -1 ? errno : got;
}

IN_TASK(a_task_may_learn_of_its_cancelled_call_after_the_executor_is_gone)
{
    for (int i = 0; i < 30; i++) {
        ferry_executor *executor = ferry_executor_new(&(ferry_executor_options){.max_workers = 1});
        ferry_future *busy = ferry_executor_submit(executor, nap_ms, 1);
        ferry_task *tasks[5];
        int fates[5];
        for (int k = 0; k < 5; k++)
            tasks[k] = ferry_create_task(cancelled_call, executor);
        while (ferry_executor_queued(executor) < 5 && !ferry_future_done(busy))
            ferry_sleep(0);
        ferry_executor_shutdown(executor,
                                &(ferry_shutdown_options){.no_wait = true, .cancel_pending = true});
        while (!ferry_future_done(busy))
            usleep(100); /* on the loop's thread: no mail is delivered meanwhile */
        ferry_executor_free(executor);
        CHECK_INT(ferry_gather(tasks, 5, fates), ==, 0);
        for (int k = 0; k < 5; k++)
            CHECK(fates[k] == 2 || fates[k] == ECANCELED || fates[k] == ESHUTDOWN);
        ferry_future_free(busy);
    }
    return 0;
}

/* A late call's report is made when its executor may be gone. */
static int late_by_far(ferry_executor *executor)
{
    return ferry_call_with(FERRY_OPTIONS(.executor = executor, .run_limit = 0.001), nap_ms, 5);
}

static int free_under_a_late_call(void)
{
    ferry_executor *executor = ferry_executor_new(&(ferry_executor_options){.max_workers = 1});
    ferry_task *task = ferry_create_task(late_by_far, executor);
    ferry_sleep(0.003); /* its time is up */
    ferry_executor_shutdown(executor, &(ferry_shutdown_options){.no_wait = true});
    usleep(10000); /* on the loop's thread: no mail is delivered meanwhile */
    ferry_executor_free(executor);
    return ferry_await(int, task);
}

TEST(a_late_call_is_reported_when_its_executor_is_gone)
{
    ferry_run_options options = {.debug = true};
    CHECK_INT(ferry_run_with(&options, free_under_a_late_call), ==, 5);
}

/* Submits against a shutdown without a limit, on lanes, which have no watch: whoever is refused
 * must not leave the shutdown asleep. */
static ferry_executor *lane;
static atomic_int go;

static void *submit_one(void *unused)
{
    (void)unused;
    while (!atomic_load(&go)) {
    }
    return ferry_executor_submit(lane, plus_one, 1);
}

TEST(a_refused_submit_does_not_leave_a_shutdown_asleep)
{
    for (int i = 0; i < 2000; i++) {
        lane = ferry_executor_new(&(ferry_executor_options){.lane = true});
        atomic_store(&go, 0);
        pthread_t thread;
        CHECK_INT(pthread_create(&thread, NULL, submit_one, NULL), ==, 0);
        for (int spin = 0; spin < i % 200; spin++)
            __asm__ volatile("");
        atomic_store(&go, 1);
        CHECK_INT(ferry_executor_shutdown(lane, NULL), ==, 0);
        void *future;
        pthread_join(thread, &future);
        if (future)
            CHECK_INT(ferry_future_result(int, future), ==, 2);
        ferry_future_free(future);
        ferry_executor_free(lane);
    }
}

TEST_MAIN
