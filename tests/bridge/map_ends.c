/* SPDX-License-Identifier: MIT */
/* How ferry_executor_map ends early: interruptions, shutdowns, exhaustion, places where it can't
 * be. */
#include "base/fault.h"

#include "bridge.h"

#include <pthread.h>

enum { COUNT = 60 };

static int results[COUNT];
static atomic_int calls;

static int wait_then_count(int x)
{
    atomic_fetch_add(&holding, 1);
    while (!atomic_load(&let_go))
        usleep(200);
    atomic_fetch_add(&calls, 1);
    return x;
}

static int map_held(ferry_executor *executor, size_t chunk)
{
    return ferry_executor_map(executor, chunk, COUNT, results, i, wait_then_count, (int)i);
}

/* Those that ran have their index, the others -1. */
static int count_ran(void)
{
    int ran = 0;
    for (int i = 0; i < COUNT; i++) {
        CHECK(results[i] == i || results[i] == -1);
        ran += results[i] == i;
    }
    return ran;
}

static void expect_ran(int ran)
{
    CHECK_INT(count_ran(), ==, ran);
    CHECK_INT(atomic_load(&calls), ==, ran);
}

static void await_held(int number)
{
    while (atomic_load(&holding) < number)
        ferry_sleep(0.001);
}

static void release_soon(void)
{
    atomic_store(&let_go, 1);
}

/* With the map interrupted the held calls are let go, and no other begins. */
static void interrupted_map(size_t chunk, bool by_time)
{
    FERRY_WITH_EXECUTOR(executor, .max_workers = 2) {
        ferry_task *task = ferry_create_task(map_held, executor, chunk);
        await_held(2);
        ferry_call_later(0.02, release_soon);
        if (by_time) {
            CHECK_INT(ferry_wait_for(int, task, 0.001), ==, -1);
            CHECK_INT(errno, ==, ETIMEDOUT);
        } else {
            ferry_task_cancel(task);
            CHECK_INT(ferry_await(int, task), ==, -ECANCELED);
        }
        expect_ran(2);
        CHECK_INT(ferry_executor_running(executor, NULL, 0), ==, 0);
    } else {
        CHECK(false);
    }
}

IN_TASK(a_cancel_takes_back_what_has_not_begun)
{
    interrupted_map(1, false);
    return 0;
}

IN_TASK(a_cancel_stops_a_chunk_between_two_calls)
{
    interrupted_map(30, false);
    return 0;
}

IN_TASK(a_wait_for_that_runs_out_cancels_the_map)
{
    interrupted_map(4, true);
    return 0;
}

IN_TASK(a_time_limit_says_so)
{
    FERRY_WITH_EXECUTOR(executor, .max_workers = 2) {
        ferry_call_later(0.05, release_soon);
        FERRY_TIMEOUT(0.01) {
            CHECK_INT(map_held(executor, 1), ==, -ETIMEDOUT);
            CHECK_INT(errno, ==, ETIMEDOUT);
        }
        CHECK(ferry_timeout_expired());
        CHECK_INT(count_ran(), <=, 2);
        expect_ran(count_ran());
        FERRY_TIMEOUT(0) {
            CHECK_INT(map_held(executor, 1), ==, -ETIMEDOUT);
        }
        CHECK_INT(count_ran(), ==, 0);
    } else {
        return 1;
    }
    return 0;
}

static int release_what_is_held(void)
{
    while (atomic_load(&holding) < 1)
        usleep(200);
    usleep(50000);
    atomic_store(&let_go, 1);
    return 0;
}

TEST(a_time_limit_of_a_thread_says_so)
{
    FERRY_WITH_EXECUTOR(executor, .max_workers = 2) {
        ferry_future *release = ferry_executor_submit(NULL, release_what_is_held);
        FERRY_TIMEOUT(0.01) {
            CHECK_INT(map_held(executor, 10), ==, -ETIMEDOUT);
        }
        CHECK(ferry_timeout_expired());
        CHECK_INT(count_ran(), <=, 2);
        expect_ran(count_ran());
        atomic_fetch_add(&holding, 1); /* if none had begun */
        CHECK_INT(ferry_future_result(int, release), ==, 0);
        ferry_future_free(release);
    } else {
        CHECK(false);
    }
}

static int map_of_two(ferry_executor *executor)
{
    int status = ferry_executor_map(executor, 1, 2, results, i, wait_then_count, (int)i);
    return status == 0 && ferry_sleep(0) == -ECANCELED ? 7 : status;
}

IN_TASK(a_map_that_ran_whole_is_no_error_and_the_next_wait_is)
{
    FERRY_WITH_EXECUTOR(executor, .max_workers = 2) {
        ferry_task *task = ferry_create_task(map_of_two, executor);
        await_held(2);
        ferry_call_later(0.02, release_soon);
        ferry_task_cancel(task);
        CHECK_INT(ferry_await(int, task), ==, 7);
        CHECK(results[0] == 0 && results[1] == 1);
    } else {
        return 1;
    }
    return 0;
}

/* Executors that end. */
static void map_on_closing(bool cancel_pending, int expected, int ran)
{
    ferry_executor *executor = ferry_executor_new(&(ferry_executor_options){.max_workers = 2});
    ferry_future *map = ferry_executor_submit(NULL, map_held, executor, 5);
    while (atomic_load(&holding) < 2 || ferry_executor_queued(executor) < COUNT / 5 - 2)
        usleep(200);
    CHECK_INT(
        ferry_executor_shutdown(
            executor, &(ferry_shutdown_options){.no_wait = true, .cancel_pending = cancel_pending}),
        ==, 0);
    atomic_store(&let_go, 1);
    CHECK_INT(ferry_future_result(int, map), ==, expected);
    expect_ran(ran ? ran : count_ran());
    ferry_future_free(map);
    CHECK_INT(map_held(executor, 1), ==, -ESHUTDOWN);
    CHECK_INT(errno, ==, ESHUTDOWN);
    CHECK_INT(count_ran(), ==, 0);
    ferry_executor_free(executor);
}

TEST(a_shutdown_lets_what_is_queued_run)
{
    map_on_closing(false, 0, COUNT);
}

TEST(a_shutdown_that_cancels_ends_the_map)
{
    map_on_closing(true, -ECANCELED, 0);
    CHECK_INT(atomic_load(&calls), <, COUNT);
}

static int fail_to_start(void *unused)
{
    (void)unused;
    return -1;
}

static void map_on_broken(void)
{
    ferry_executor *executor = ferry_executor_new(
        &(ferry_executor_options){.max_workers = 2, .initializer = fail_to_start});
    CHECK_INT(map_held(executor, 3), ==, -ENOTRECOVERABLE);
    expect_ran(0);
    CHECK_INT(map_held(executor, 3), ==, -ENOTRECOVERABLE);
    ferry_executor_free(executor);
}

TEST(an_executor_whose_initializer_fails_says_so)
{
    map_on_broken();
}

IN_TASK(in_a_task_too)
{
    map_on_broken();
    return 0;
}

static int exit_at(int x, int last)
{
    if (x == last)
        pthread_exit(NULL);
    atomic_fetch_add(&calls, 1);
    return x;
}

static void map_that_dies(void)
{
    FERRY_WITH_EXECUTOR(executor, .max_workers = 1) {
        CHECK_INT(ferry_executor_map(executor, 10, COUNT, results, i, exit_at, (int)i, 25), ==,
                  -EOWNERDEAD);
        expect_ran(25);
        for (int i = 0; i < COUNT; i++)
            CHECK_INT(results[i], ==, i < 25 ? i : -1);
        CHECK_INT(ferry_executor_map(executor, 10, 5, results, i, plus_one, (int)i), ==, 0);
    } else {
        CHECK(false);
    }
}

TEST(a_thread_that_ends_in_a_call_ends_the_map)
{
    map_that_dies();
}

IN_TASK(and_that_of_a_task)
{
    map_that_dies();
    return 0;
}

/* Exhaustion. */
static void map_without(enum ferry__fault what, int error)
{
    FERRY_WITH_EXECUTOR(executor, .max_workers = 1, .lane = true) {
        ferry__fault_arm(what, 0, -1);
        CHECK_INT(map_held(executor, 7), ==, -error);
        ferry__fault_clear();
        expect_ran(0);
        atomic_store(&let_go, 1);
        CHECK_INT(map_held(executor, 7), ==, 0);
        expect_ran(COUNT);
    } else {
        CHECK(false);
    }
}

TEST(no_memory_is_an_error)
{
    map_without(FERRY__FAULT_ALLOC, ENOMEM);
}

TEST(no_thread_is_an_error)
{
    map_without(FERRY__FAULT_THREAD, EAGAIN);
}

IN_TASK(in_a_task_no_memory_is_one_too)
{
    map_without(FERRY__FAULT_ALLOC, ENOMEM);
    return 0;
}

/* Each allocation but the first few: what was queued before is seen through or taken back. */
IN_TASK(memory_that_runs_out_later_ends_what_has_begun)
{
    atomic_store(&let_go, 1);
    for (long skip = 1; skip < 12; skip++) {
        FERRY_WITH_EXECUTOR(executor, .max_workers = 2) {
            atomic_store(&calls, 0);
            CHECK_INT(ferry_run_in_executor(executor, plus_one, 1), ==, 2);
            ferry__fault_arm(FERRY__FAULT_ALLOC, skip, -1);
            int status = map_held(executor, 1);
            ferry__fault_clear();
            CHECK(status == 0 || status == -ENOMEM);
            expect_ran(status == 0 ? COUNT : count_ran());
        } else {
            return 1;
        }
    }
    return 0;
}

/* Where it can't be, or would never end. */
static int said;
static void map_in_callback(void)
{
    said = map_held(NULL, 1);
}

IN_TASK(a_callback_of_the_loop_cannot_map)
{
    ferry_call_soon(map_in_callback);
    ferry_sleep(0.001);
    CHECK_INT(said, ==, -EPERM);
    expect_ran(0);
    return 0;
}

static int map_on_own(ferry_executor *executor)
{
    long threads[4];
    int status = ferry_executor_map(executor, 1, 4, threads, i, thread_id);
    if (status == 0)
        for (int i = 0; i < 4; i++)
            CHECK_INT(threads[i], ==, thread_id());
    return status;
}

TEST(a_call_of_a_lane_maps_onto_it_in_place)
{
    FERRY_WITH_EXECUTOR(lane, .lane = true) {
        CHECK_INT(ferry_run_in_executor(lane, map_on_own, lane), ==, 0);
    } else {
        CHECK(false);
    }
}

static atomic_int inside;
static int map_when_all_do(ferry_executor *executor, int both)
{
    atomic_fetch_add(&inside, 1);
    while (atomic_load(&inside) < both)
        usleep(200);
    int sum[9];
    return ferry_executor_map(executor, 2, 9, sum, i, plus_one, (int)i);
}

TEST(maps_that_would_wait_for_each_other_for_ever_are_told)
{
    FERRY_WITH_EXECUTOR(executor, .name = "narrow", .max_workers = 2) {
        ferry_future *one = ferry_executor_submit(executor, map_when_all_do, executor, 2);
        ferry_future *two = ferry_executor_submit(executor, map_when_all_do, executor, 2);
        int first = ferry_future_result(int, one), second = ferry_future_result(int, two);
        CHECK((first == -EDEADLK && second == 0) || (second == -EDEADLK && first == 0));
        ferry_future_free(one);
        ferry_future_free(two);
    } else {
        CHECK(false);
    }
}

TEST(a_mapping_call_beside_a_free_worker_is_no_ring)
{
    FERRY_WITH_EXECUTOR(executor, .max_workers = 2) {
        for (int i = 0; i < 20; i++) {
            ferry_future *one = ferry_executor_submit(executor, map_when_all_do, executor, 0);
            CHECK_INT(ferry_future_result(int, one), ==, 0);
            ferry_future_free(one);
        }
    } else {
        CHECK(false);
    }
}

IN_TASK(a_block_that_keeps_the_only_worker_cannot_map_onto_it)
{
    FERRY_WITH_EXECUTOR(lane, .lane = true) {
        FERRY_WITH_WORKER(lane)
        {
            CHECK_INT(map_held(lane, 1), ==, -EDEADLK);
        }
        else
        {
            return 1;
        }
        atomic_store(&let_go, 1);
        CHECK_INT(map_held(lane, 1), ==, 0);
    } else {
        return 1;
    }
    return 0;
}

/* Left by a jump out of an argument: as an error. */
static int left_by_return(ferry_executor *executor)
{
    return ferry_executor_map(executor, 1, COUNT, results, i, wait_then_count, ({
                                  if (i == 10) {
                                      atomic_store(&let_go, 1);
                                      return 77;
                                  }
                                  (int)i;
                              }));
}

IN_TASK(a_return_out_of_an_argument_leaves_nothing_behind)
{
    FERRY_WITH_EXECUTOR(executor, .max_workers = 2) {
        CHECK_INT(left_by_return(executor), ==, 77);
        CHECK_INT(ferry_executor_running(executor, NULL, 0), ==, 0);
        int ran = atomic_load(&calls);
        CHECK_INT(ferry_run_in_executor(executor, plus_one, 1), ==, 2);
        CHECK_INT(atomic_load(&calls), ==, ran);
        CHECK_INT(count_ran(), >=, ran);
    } else {
        return 1;
    }
    return 0;
}

/* Many maps at once, of several loops and threads, some of them interrupted. */
static int nap_us(size_t us)
{
    usleep((useconds_t)us);
    return (int)us;
}

static int map_and_check(ferry_executor *executor, int seed)
{
    for (int round = 0; round < 30; round++) {
        int naps[50], status = -1;
        FERRY_TIMEOUT((seed + round) % 3 ? 1000 : 0.00005 * round) {
            status = ferry_executor_map(executor, (size_t)(round % 5), 50, naps, i, nap_us, i);
        }
        for (int i = 0; i < 50; i++)
            if (naps[i] != i && (status == 0 || naps[i] != -1))
                return -1;
        if (status != 0 && status != -ETIMEDOUT)
            return status;
    }
    return 0;
}

static int map_in_tasks(ferry_executor *executor)
{
    ferry_task *tasks[5];
    int said_of[5], failed = 0;
    for (int i = 0; i < 5; i++)
        tasks[i] = ferry_create_task(map_and_check, executor, i);
    CHECK_INT(ferry_gather(tasks, 5, said_of), ==, 0);
    for (int i = 0; i < 5; i++)
        failed += said_of[i] != 0;
    return failed;
}

static void *run_a_loop(void *executor)
{
    return (void *)(intptr_t)ferry_run(map_in_tasks, (ferry_executor *)executor);
}

static void *run_no_loop(void *executor)
{
    return (void *)(intptr_t)map_and_check(executor, 0);
}

TEST(many_maps_share_an_executor)
{
    FERRY_WITH_EXECUTOR(executor, .max_workers = 3) {
        pthread_t threads[4];
        for (int i = 0; i < 4; i++)
            pthread_create(&threads[i], NULL, i % 2 ? run_a_loop : run_no_loop, executor);
        for (int i = 0; i < 4; i++) {
            void *failed;
            pthread_join(threads[i], &failed);
            CHECK_PTR(failed, ==, NULL);
        }
    } else {
        CHECK(false);
    }
}

TEST_MAIN
