/* SPDX-License-Identifier: MIT */
/* The situations of CPython's tests of ThreadPoolExecutor: shutdown, initializers, threads, map.
 * (docs/asyncio-cases.md has the table.) */
#include "bridge.h"

#include <pthread.h>
#include <sys/prctl.h>

static int times(int a, int b)
{
    return a * b;
}

static int divide(int a, int b)
{
    if (b == 0) {
        errno = EDOM;
        return -1;
    }
    return a / b;
}

static ferry_executor *of_workers(unsigned workers)
{
    ferry_executor *executor =
        ferry_executor_new(&(ferry_executor_options){.name = "of workers", .max_workers = workers});
    CHECK(executor != NULL);
    return executor;
}

TEST(a_submit_after_the_shutdown_is_refused)
{
    ferry_executor *executor = of_workers(2);
    CHECK_INT(ferry_executor_shutdown(executor, NULL), ==, 0);
    CHECK(!ferry_executor_submit(executor, times, 2, 5) && errno == ESHUTDOWN);
    ferry_executor_free(executor);
}

TEST(a_shutdown_behind_many_submits_hangs_not_and_all_run)
{
    ferry_executor *executor = of_workers(5);
    ferry_future *futures[50];
    for (int i = 0; i < 50; i++)
        futures[i] = ferry_executor_submit(executor, nap_ms, 2);
    CHECK_INT(ferry_executor_shutdown(executor, NULL), ==, 0);
    for (int i = 0; i < 50; i++) {
        CHECK(ferry_future_done(futures[i]));
        CHECK_INT(ferry_future_result(int, futures[i]), ==, 2);
        ferry_future_free(futures[i]);
    }
    ferry_executor_free(executor);
}

/* Of many that are queued none is lost: cancelled, or run. */
static void cancel_queued(bool no_wait)
{
    ferry_executor *executor = of_workers(2);
    ferry_future *futures[50];
    futures[0] = hold_worker(executor);
    futures[1] = ferry_executor_submit(executor, hold);
    while (atomic_load(&holding) < 2)
        usleep(200);
    for (int i = 2; i < 50; i++)
        futures[i] = ferry_executor_submit(executor, times, i, 1);
    CHECK_INT(ferry_executor_shutdown(
                  executor, &(ferry_shutdown_options){.no_wait = true, .cancel_pending = true}),
              ==, 0);
    for (int i = 2; i < 50; i++)
        CHECK(ferry_future_cancelled(futures[i]));
    CHECK(!ferry_future_done(futures[0]) && !ferry_future_done(futures[1]));
    atomic_store(&let_go, 1);
    if (!no_wait)
        CHECK_INT(ferry_executor_shutdown(executor, NULL), ==, 0);
    CHECK_INT(ferry_future_result(int, futures[0]), ==, 50);
    CHECK_INT(ferry_future_result(int, futures[1]), ==, 50);
    for (int i = 0; i < 50; i++)
        ferry_future_free(futures[i]);
    ferry_executor_free(executor);
}

TEST(a_shutdown_that_cancels_leaves_what_runs)
{
    cancel_queued(false);
}

TEST(without_waiting_too)
{
    cancel_queued(true);
}

TEST(without_waiting_calls_go_on_and_no_new_ones_come)
{
    ferry_executor *executor = of_workers(2);
    ferry_future *first = hold_worker(executor);
    ferry_future *second = ferry_executor_submit(executor, times, 6, 7);
    CHECK_INT(ferry_executor_shutdown(executor, &(ferry_shutdown_options){.no_wait = true}), ==, 0);
    CHECK(!ferry_executor_submit(executor, times, 2, 5) && errno == ESHUTDOWN);
    CHECK_INT(ferry_future_result(int, second), ==, 42);
    let_worker_go(first);
    ferry_future_free(second);
    ferry_executor_free(executor);
}

/* Threads of its own. */
static atomic_int begun, ended;

static int begin(void *argument)
{
    CHECK_STR(argument, "given");
    atomic_fetch_add(&begun, 1);
    return 0;
}

static void finish(void *argument)
{
    CHECK_STR(argument, "given");
    atomic_fetch_add(&ended, 1);
}

static char given[] = "given";

TEST(its_own_threads_have_ended_when_it_is_shut_down)
{
    ferry_executor *executor = ferry_executor_new(&(ferry_executor_options){
        .max_workers = 3, .initializer = begin, .finalizer = finish, .argument = given});
    ferry_future *futures[3];
    for (int i = 0; i < 3; i++)
        futures[i] = ferry_executor_submit(executor, hold);
    while (atomic_load(&holding) < 3)
        usleep(200);
    CHECK_INT(begun, ==, 3); /* each before its first call */
    CHECK_INT(ended, ==, 0);
    atomic_store(&let_go, 1);
    CHECK_INT(ferry_executor_shutdown(executor, NULL), ==, 0);
    CHECK_INT(ended, ==, 3);
    for (int i = 0; i < 3; i++)
        ferry_future_free(futures[i]);
    ferry_executor_free(executor);
}

static int fail_to_begin(void *unused)
{
    (void)unused;
    return -1;
}

TEST(an_initializer_that_fails_breaks_the_executor)
{
    ferry_executor *executor = ferry_executor_new(
        &(ferry_executor_options){.max_workers = 2, .initializer = fail_to_begin});
    ferry_future *future = ferry_executor_submit(executor, times, 2, 5);
    CHECK(future || errno == ENOTRECOVERABLE);
    if (future) {
        CHECK_INT(ferry_future_await(future, NULL), ==, -ENOTRECOVERABLE);
        CHECK_INT(ferry_future_error(future), ==, -ENOTRECOVERABLE);
        ferry_future_free(future);
    }
    CHECK(!ferry_executor_submit(executor, times, 2, 5) && errno == ENOTRECOVERABLE);
    ferry_executor_free(executor);
}

static int tell_name(char name[16])
{
    return prctl(PR_GET_NAME, name);
}

TEST(threads_bear_the_name_of_the_executor_that_owns_them)
{
    char own[16] = "", shared[16] = "";
    FERRY_WITH_EXECUTOR(lane, .name = "a rather long name", .lane = true) {
        CHECK_INT(ferry_run_in_executor(lane, tell_name, own), ==, 0);
    } else {
        CHECK(false);
    }
    CHECK_STR(own, "a rather long n");
    FERRY_WITH_EXECUTOR(plain, .name = "plain") {
        CHECK_INT(ferry_run_in_executor(plain, tell_name, shared), ==, 0);
    } else {
        CHECK(false);
    }
    CHECK_STR(shared, "ferry-worker");
}

/* Threads are made as they are needed, up to the limit, and used again. */
static bool is_new(const long *threads, int at)
{
    for (int i = 0; i < at; i++)
        if (threads[i] == threads[at])
            return false;
    return true;
}

/* Few, not one: a call that comes while the last worker is still on its way to rest gets another.
 */
TEST(calls_one_after_the_other_use_threads_again)
{
    long threads[100];
    int different = 0;
    FERRY_WITH_EXECUTOR(executor, .max_workers = 100, .stack_size = 1 << 20) {
        for (int i = 0; i < 100; i++) {
            threads[i] = ferry_run_in_executor(executor, thread_id);
            different += is_new(threads, i);
            usleep(1000);
        }
    } else {
        CHECK(false);
    }
    CHECK_INT(different, <=, 20);
}

TEST(as_many_calls_as_it_may_have_workers_run_at_once_and_no_more)
{
    FERRY_WITH_EXECUTOR(executor, .max_workers = 4) {
        ferry_future *futures[60];
        atomic_store(&let_go, 0);
        for (int i = 0; i < 60; i++)
            futures[i] = ferry_executor_submit(executor, hold);
        while (atomic_load(&holding) < 4)
            usleep(200);
        usleep(5000);
        CHECK_INT(atomic_load(&holding), ==, 4);
        CHECK_INT(ferry_executor_running(executor, NULL, 0), ==, 4);
        CHECK_INT(ferry_executor_queued(executor), ==, 56);
        int running = 0;
        for (int i = 0; i < 60; i++)
            running += ferry_future_running(futures[i]);
        CHECK_INT(running, ==, 4);
        for (int i = 30; i < 60; i++)
            CHECK_INT(ferry_future_cancel(futures[i]), ==, 1);
        CHECK_INT(ferry_executor_queued(executor), ==, 26);
        atomic_store(&let_go, 1);
        CHECK_INT(ferry_futures_wait(futures, 60, FERRY_ALL_COMPLETED), ==, 60);
        CHECK_INT(ferry_executor_queued(executor), ==, 0);
        for (int i = 0; i < 60; i++)
            ferry_future_free(futures[i]);
    } else {
        CHECK(false);
    }
}

TEST(an_overflowing_queue_counts_what_waits_too)
{
    enum { MANY = 3000 };
    static ferry_future *futures[MANY];
    FERRY_WITH_EXECUTOR(executor, .max_workers = 1) {
        ferry_future *first = hold_worker(executor);
        for (int i = 0; i < MANY; i++)
            futures[i] = ferry_executor_submit(executor, times, i, 1);
        CHECK_INT(ferry_executor_queued(executor), ==, MANY);
        for (int i = 0; i < MANY; i += 3)
            CHECK_INT(ferry_future_cancel(futures[i]), ==, 1);
        CHECK_INT(ferry_executor_queued(executor), ==, MANY - MANY / 3);
        let_worker_go(first);
        for (int i = 0; i < MANY; i++) {
            CHECK_INT(ferry_future_await(futures[i], NULL), ==, i % 3 ? 0 : -ECANCELED);
            ferry_future_free(futures[i]);
        }
        CHECK_INT(ferry_executor_queued(executor), ==, 0);
        first = hold_worker(executor);
        futures[0] = ferry_executor_submit(executor, times, 1, 1);
        CHECK_INT(ferry_executor_queued(executor), ==, 1); /* nothing is left over */
        let_worker_go(first);
        CHECK_INT(ferry_future_result(int, futures[0]), ==, 1);
        ferry_future_free(futures[0]);
    } else {
        CHECK(false);
    }
}

/* map. */
TEST(a_function_that_fails_leaves_its_result_in_its_place)
{
    int quotients[4], divisors[] = {1, 2, 0, 4};
    CHECK_INT(ferry_executor_map(NULL, 1, 4, quotients, i, divide, 8, divisors[i]), ==, 0);
    CHECK(quotients[0] == 8 && quotients[1] == 4 && quotients[2] == -1 && quotients[3] == 2);
}

static int cancel_me_if(ferry_future **queued, size_t i)
{
    if (i == 1)
        for (int k = 0; k < 3; k++)
            ferry_future_cancel(queued[k]);
    return (int)i;
}

TEST(a_map_beside_cancelled_futures_goes_on)
{
    FERRY_WITH_EXECUTOR(executor, .max_workers = 1) {
        ferry_future *first = hold_worker(executor), *queued[3];
        for (int k = 0; k < 3; k++)
            queued[k] = ferry_executor_submit(executor, times, k, k);
        atomic_store(&let_go, 1);
        int results[3];
        CHECK_INT(ferry_executor_map(executor, 1, 3, results, i, cancel_me_if, queued, i), ==, 0);
        CHECK(results[0] == 0 && results[1] == 1 && results[2] == 2);
        ferry_future_free(first);
        for (int k = 0; k < 3; k++)
            ferry_future_free(queued[k]);
    } else {
        CHECK(false);
    }
}

/* Futures of many submits from many threads at once, waited for while they end. */
static void *submit_and_wait(void *executor)
{
    for (int round = 0; round < 20; round++) {
        ferry_future *futures[20];
        for (int i = 0; i < 20; i++)
            futures[i] = ferry_executor_submit((ferry_executor *)executor, times, i, round);
        CHECK_INT(ferry_futures_wait(futures, 20, FERRY_ALL_COMPLETED), ==, 20);
        for (int i = 0; i < 20; i++) {
            CHECK_INT(ferry_future_result(int, futures[i]), ==, i * round);
            ferry_future_free(futures[i]);
        }
    }
    return NULL;
}

TEST(waits_race_with_the_calls_that_end)
{
    FERRY_WITH_EXECUTOR(executor, .max_workers = 3) {
        pthread_t threads[5];
        for (int i = 0; i < 5; i++)
            pthread_create(&threads[i], NULL, submit_and_wait, executor);
        for (int i = 0; i < 5; i++)
            pthread_join(threads[i], NULL);
    } else {
        CHECK(false);
    }
}

TEST(a_result_within_a_time_limit)
{
    FERRY_WITH_EXECUTOR(executor, .max_workers = 1) {
        ferry_future *future = hold_worker(executor);
        FERRY_TIMEOUT(0.002) {
            CHECK_INT(ferry_future_result(int, future), ==, -1);
            CHECK_INT(errno, ==, ETIMEDOUT);
        }
        FERRY_TIMEOUT(0) {
            CHECK_INT(ferry_futures_wait(&future, 1, FERRY_ALL_COMPLETED), ==, -ETIMEDOUT);
        }
        CHECK(!ferry_future_done(future));
        let_worker_go(future);
    } else {
        CHECK(false);
    }
}

/* Blocks on one worker, one inside the other. */
IN_TASK(a_block_inside_a_block_shares_its_worker)
{
    FERRY_WITH_EXECUTOR(executor, .max_workers = 1) {
        FERRY_WITH_WORKER(executor)
        {
            long outer = ferry_to_thread(thread_id), inner = 0;
            FERRY_WITH_WORKER(executor)
            {
                inner = ferry_to_thread(thread_id);
                FERRY_WITH_WORKER(NULL)
                {
                    CHECK_INT(ferry_to_thread(thread_id), !=, outer);
                    CHECK_INT(ferry_run_in_executor(executor, thread_id), ==, outer);
                }
                else
                {
                    return 1;
                }
                CHECK_INT(ferry_to_thread(thread_id), ==, outer);
            }
            else
            {
                return 2;
            }
            CHECK_INT(inner, ==, outer);
            CHECK_INT(ferry_to_thread(thread_id), ==, outer);
        }
        else
        {
            return 3;
        }
        CHECK_INT(ferry_run_in_executor(executor, plus_one, 1), ==, 2);
    } else {
        return 4;
    }
    return 0;
}

static void end_thread(void)
{
    pthread_exit(NULL);
}

IN_TASK(a_block_inside_one_whose_thread_has_ended_is_not_entered)
{
    FERRY_WITH_WORKER(NULL)
    {
        ferry_outcome outcome;
        ferry_call_with(FERRY_OPTIONS(.outcome = &outcome), end_thread);
        CHECK_INT(outcome.state, ==, FERRY_CALL_DIED);
        FERRY_WITH_WORKER(NULL)
        {
            return 1;
        }
        else
        {
            CHECK_INT(errno, ==, EOWNERDEAD);
        }
    }
    else
    {
        return 2;
    }
    return 0;
}

TEST_MAIN
