/* SPDX-License-Identifier: MIT */
/* Executors whose queue is bounded: what a full one does to one call more. */
#include "bridge.h"

#include "base/fault.h"
#include "executor/executor.h"

#include <pthread.h>

/* Calls that are in, by the executor's own count. */
static unsigned long inside(ferry_executor *executor)
{
    return (unsigned long)atomic_load(&executor->inside);
}

/* Calls that hold their workers, as many as the executor takes before it refuses. */
static int fill(ferry_executor *executor, ferry_future **futures, int most)
{
    atomic_store(&let_go, 0);
    int count = 0;
    while (count < most && (futures[count] = ferry_executor_submit(executor, hold)))
        count++;
    if (count < most)
        CHECK_INT(errno, ==, EAGAIN);
    return count;
}

static void let_all_go(ferry_future **futures, int count)
{
    for (int i = 0; i < count; i++)
        let_worker_go(futures[i]);
}

IN_TASK(a_submit_is_refused_when_as_many_wait_as_may)
{
    FERRY_WITH_EXECUTOR(bounded, .max_workers = 2, .max_queued = 3) {
        for (int round = 0; round < 100; round++) {
            ferry_future *futures[20];
            CHECK_INT(fill(bounded, futures, 20), ==, 5);
            CHECK_PTR(ferry_executor_submit(bounded, plus_one, 1), ==, NULL);
            CHECK_INT(errno, ==, EAGAIN);
            let_all_go(futures, 5); /* and who knows that they ended has their room */
            CHECK_INT(inside(bounded), ==, 0);
        }
    } else {
        CHECK(false);
    }
    return 0;
}

IN_TASK(without_a_bound_nothing_is_refused)
{
    FERRY_WITH_EXECUTOR(plain, .max_workers = 1) {
        ferry_future *futures[3000];
        CHECK_INT(fill(plain, futures, 3000), ==, 3000);
        CHECK_INT(inside(plain), ==, 0);
        let_all_go(futures, 3000);
    } else {
        CHECK(false);
    }
    return 0;
}

static int order[64];
static atomic_int order_count;
static int note_order(int number)
{
    order[atomic_fetch_add(&order_count, 1)] = number;
    return number;
}

static int await_noted(ferry_executor *executor, int number)
{
    return ferry_run_in_executor(executor, note_order, number);
}

IN_TASK(awaited_calls_wait_for_room_and_begin_in_their_order)
{
    FERRY_WITH_EXECUTOR(bounded, .max_workers = 1, .max_queued = 2) {
        ferry_future *futures[10];
        CHECK_INT(fill(bounded, futures, 10), ==, 3);
        ferry_task *tasks[20];
        int results[20];
        for (int i = 0; i < 20; i++)
            tasks[i] = ferry_create_task(await_noted, bounded, i);
        ferry_sleep(0);
        while (atomic_load(&holding) == 0)
            usleep(200);
        CHECK_INT(ferry_executor_queued(bounded), ==, 22);
        atomic_store(&let_go, 1);
        CHECK_INT(ferry_gather(tasks, 20, results), ==, 0);
        for (int i = 0; i < 20; i++) {
            CHECK_INT(results[i], ==, i);
            CHECK_INT(order[i], ==, i);
        }
        let_all_go(futures, 3);
    } else {
        CHECK(false);
    }
    return 0;
}

static ferry_outcome outcome;

static int refused(ferry_executor *executor)
{
    outcome = (ferry_outcome){.state = FERRY_CALL_DONE};
    return ferry_call_with(FERRY_OPTIONS(.executor = executor, .outcome = &outcome,
                                         .when_full = FERRY_WHEN_FULL_REFUSE),
                           plus_one, 1);
}

IN_TASK(an_awaited_call_may_ask_to_be_refused)
{
    FERRY_WITH_EXECUTOR(bounded, .max_workers = 1, .max_queued = 1) {
        CHECK_INT(refused(bounded), ==, 2); /* not full: as any call */
        CHECK_INT(outcome.state, ==, FERRY_CALL_DONE);
        ferry_future *futures[4];
        CHECK_INT(fill(bounded, futures, 4), ==, 2);
        for (int i = 0; i < 3; i++) {
            errno = 0;
            CHECK_INT(refused(bounded), ==, -1);
            CHECK_INT(errno, ==, EAGAIN);
            CHECK_INT(outcome.state, ==, FERRY_CALL_NEVER_STARTED);
            CHECK_INT(outcome.error, ==, EAGAIN);
            CHECK_INT(outcome.limit, ==, FERRY_LIMIT_NONE);
            CHECK_DOUBLE(outcome.queue_seconds, ==, 0);
        }
        CHECK_INT(inside(bounded), ==, 2);
        let_all_go(futures, 2);
        CHECK_INT(refused(bounded), ==, 2);
    } else {
        CHECK(false);
    }
    return 0;
}

IN_TASK(what_is_no_way_when_full_is_refused)
{
    errno = 0;
    int said = ferry_call_with(FERRY_OPTIONS(.when_full = (ferry_when_full)2), plus_one, 1);
    CHECK_INT(said, ==, -1);
    CHECK_INT(errno, ==, EINVAL);
    return 0;
}

IN_TASK(a_call_in_a_block_on_a_worker_has_its_room)
{
    FERRY_WITH_EXECUTOR(bounded, .max_workers = 1, .max_queued = 1) {
        FERRY_WITH_WORKER(bounded)
        {
            ferry_future *one = ferry_executor_submit(bounded, plus_one, 4);
            CHECK_PTR(ferry_executor_submit(bounded, plus_one, 5), ==, NULL);
            CHECK_INT(errno, ==, EAGAIN);
            CHECK_INT(refused(bounded), ==, 2);
            CHECK_INT(ferry_future_cancel(one), ==, 1);
            ferry_future_free(one);
        }
        else
        {
            CHECK(false);
        }
        CHECK_INT(inside(bounded), ==, 0);
    } else {
        CHECK(false);
    }
    return 0;
}

static int await_plus_one(ferry_executor *executor)
{
    return ferry_run_in_executor(executor, plus_one, 1);
}

IN_TASK(what_is_taken_back_gives_its_room_back)
{
    FERRY_WITH_EXECUTOR(bounded, .max_workers = 1, .max_queued = 1) {
        ferry_future *held = hold_worker(bounded);
        for (int i = 0; i < 100; i++) {
            ferry_task *task = ferry_create_task(await_plus_one, bounded);
            ferry_sleep(0);
            CHECK_PTR(ferry_executor_submit(bounded, plus_one, 1), ==, NULL);
            CHECK_INT(ferry_task_cancel(task), >=, 0);
            CHECK_INT(ferry_await(int, task), ==, -1);
            ferry_future *future = ferry_executor_submit(bounded, plus_one, 1);
            CHECK(future != NULL);
            CHECK_PTR(ferry_executor_submit(bounded, plus_one, 1), ==, NULL);
            CHECK_INT(ferry_future_cancel(future), ==, 1);
            ferry_future_free(future);
        }
        CHECK_INT(inside(bounded), ==, 1);
        let_worker_go(held);
    } else {
        CHECK(false);
    }
    return 0;
}

IN_TASK(a_wait_for_room_has_the_limits_of_a_wait_in_the_queue)
{
    FERRY_WITH_EXECUTOR(bounded, .max_workers = 1, .max_queued = 1) {
        ferry_future *futures[4];
        CHECK_INT(fill(bounded, futures, 4), ==, 2);
        int said = ferry_call_with(
            FERRY_OPTIONS(.executor = bounded, .queue_limit = 0.002, .outcome = &outcome), plus_one,
            1);
        CHECK_INT(said, ==, -1);
        CHECK_INT(errno, ==, ETIMEDOUT);
        CHECK_INT(outcome.limit, ==, FERRY_LIMIT_QUEUE);
        FERRY_TIMEOUT(0.002) {
            CHECK_INT(ferry_run_in_executor(bounded, plus_one, 1), ==, -1);
            CHECK_INT(errno, ==, ETIMEDOUT);
        }
        CHECK_INT(inside(bounded), ==, 2);
        let_all_go(futures, 2);
    } else {
        CHECK(false);
    }
    return 0;
}

/* A thread without a loop. */
static void *in_thread(void *executor)
{
    CHECK_INT(refused(executor), ==, -1);
    CHECK_INT(errno, ==, EAGAIN);
    CHECK_INT(outcome.state, ==, FERRY_CALL_NEVER_STARTED);
    CHECK_INT(outcome.error, ==, EAGAIN);
    FERRY_TIMEOUT(0.002) {
        CHECK_INT(ferry_run_in_executor(executor, plus_one, 1), ==, -1);
        CHECK_INT(errno, ==, ETIMEDOUT);
    }
    CHECK_INT(inside(executor), ==, 2);
    atomic_store(&holding, -1);
    CHECK_INT(ferry_run_in_executor(executor, plus_one, 1), ==, 2); /* blocks until let in */
    return NULL;
}

TEST(a_thread_without_a_loop_waits_for_room_too)
{
    ferry_executor *bounded =
        ferry_executor_new(&(ferry_executor_options){.max_workers = 1, .max_queued = 1});
    ferry_future *futures[4];
    CHECK_INT(fill(bounded, futures, 4), ==, 2);
    while (atomic_load(&holding) == 0)
        usleep(200);
    pthread_t thread;
    pthread_create(&thread, NULL, in_thread, bounded);
    while (atomic_load(&holding) != -1 || ferry_executor_queued(bounded) < 2)
        usleep(200);
    let_all_go(futures, 2);
    pthread_join(thread, NULL);
    CHECK_INT(inside(bounded), ==, 0);
    ferry_executor_free(bounded);
}

static atomic_int most_waited;
static ferry_executor *mapped;
static int note_waiting(int number)
{
    int waits = (int)ferry_executor_queued(mapped), most = atomic_load(&most_waited);
    while (waits > most && !atomic_compare_exchange_weak(&most_waited, &most, waits)) {
    }
    return number + 1;
}

static int map_onto(ferry_executor *executor, int count, int chunk)
{
    int results[3000];
    CHECK_INT(ferry_executor_map(executor, (size_t)chunk, (size_t)count, results, i, note_waiting,
                                 (int)i),
              ==, 0);
    for (int i = 0; i < count; i++)
        CHECK_INT(results[i], ==, i + 1);
    return 0;
}

IN_TASK(a_map_keeps_to_the_room)
{
    FERRY_WITH_EXECUTOR(bounded, .max_workers = 2, .max_queued = 2) {
        mapped = bounded;
        map_onto(bounded, 3000, 1);
        map_onto(bounded, 3000, 7);
        CHECK_INT(atomic_load(&most_waited), <=, 4);
        ferry_future *futures[8]; /* full of others' calls: one chunk waits for room */
        CHECK_INT(fill(bounded, futures, 8), ==, 4);
        ferry_task *task = ferry_create_task(map_onto, bounded, 100, 1);
        for (int i = 0; i < 10; i++)
            ferry_sleep(0);
        CHECK_INT(inside(bounded), ==, 5);
        atomic_store(&let_go, 1);
        CHECK_INT(ferry_await(int, task), ==, 0);
        let_all_go(futures, 4);
        CHECK_INT(inside(bounded), ==, 0);
    } else {
        CHECK(false);
    }
    return 0;
}

static int end_thread(void)
{
    pthread_exit(NULL);
}

IN_TASK(a_call_that_ends_its_thread_gives_its_room_back)
{
    FERRY_WITH_EXECUTOR(bounded, .max_workers = 1, .max_queued = 1) {
        for (int i = 0; i < 20; i++) {
            CHECK_INT(ferry_run_in_executor(bounded, end_thread), ==, -1);
            CHECK_INT(errno, ==, EOWNERDEAD);
            CHECK_INT(inside(bounded), ==, 0);
        }
    } else {
        CHECK(false);
    }
    return 0;
}

static int fail_to_begin(void *unused)
{
    (void)unused;
    return -1;
}

TEST(calls_of_a_broken_executor_and_of_a_shutdown_give_their_room_back)
{
    ferry_executor *broken = ferry_executor_new(
        &(ferry_executor_options){.max_queued = 5, .initializer = fail_to_begin});
    ferry_future *future = ferry_executor_submit(broken, plus_one, 1);
    CHECK(future != NULL);
    CHECK_INT(ferry_future_result(int, future), ==, -1);
    CHECK_INT(errno, ==, ENOTRECOVERABLE);
    ferry_future_free(future);
    CHECK_INT(inside(broken), ==, 0);
    ferry_executor_free(broken);

    ferry_executor *bounded =
        ferry_executor_new(&(ferry_executor_options){.max_workers = 1, .max_queued = 5});
    ferry_future *futures[8];
    CHECK_INT(fill(bounded, futures, 8), ==, 6);
    while (atomic_load(&holding) == 0)
        usleep(200);
    ferry_shutdown_options options = {.no_wait = true, .cancel_pending = true};
    CHECK_INT(ferry_executor_shutdown(bounded, &options), ==, 0);
    CHECK_INT(inside(bounded), ==, 1);
    CHECK_PTR(ferry_executor_submit(bounded, plus_one, 1), ==, NULL);
    CHECK_INT(errno, ==, ESHUTDOWN);
    atomic_store(&let_go, 1);
    CHECK_INT(ferry_executor_shutdown(bounded, NULL), ==, 0);
    CHECK_INT(inside(bounded), ==, 0);
    for (int i = 0; i < 6; i++)
        ferry_future_free(futures[i]);
    ferry_executor_free(bounded);
}

TEST(without_a_thread_or_memory_no_room_is_lost)
{
    ferry_executor *lane = /* threads of its own: none yet */
        ferry_executor_new(&(ferry_executor_options){.lane = true, .max_queued = 1});
    ferry__fault_arm(FERRY__FAULT_THREAD, 0, -1);
    for (int i = 0; i < 10; i++) {
        CHECK_PTR(ferry_executor_submit(lane, plus_one, 1), ==, NULL);
        CHECK_INT(errno, ==, EAGAIN);
    }
    ferry__fault_clear();
    ferry__fault_arm(FERRY__FAULT_ALLOC, 0, -1);
    for (int i = 0; i < 10; i++) {
        CHECK_PTR(ferry_executor_submit(lane, plus_one, 1), ==, NULL);
        CHECK_INT(errno, ==, ENOMEM);
    }
    ferry__fault_clear();
    CHECK_INT(inside(lane), ==, 0);
    CHECK_INT(ferry_run_in_executor(lane, plus_one, 1), ==, 2);
    ferry_executor_free(lane);
}

/* The races: threads that submit and cancel while tasks await, are refused, run out of time and
 * are cancelled, all on one small executor. */
enum { STORM_THREADS = 3, STORM_TASKS = 8, STORM_ROUNDS = 2000 };

static atomic_long storm_ran, storm_expected, storm_refused;
static atomic_bool storm_over;

static int storm_call(void)
{
    atomic_fetch_add(&storm_ran, 1);
    return 7;
}

static void *storm_submitter(void *executor)
{
    unsigned seed = (unsigned)(uintptr_t)&seed;
    for (int i = 0; i < STORM_ROUNDS; i++) {
        ferry_future *future = ferry_executor_submit(executor, storm_call);
        if (!future) {
            CHECK_INT(errno, ==, EAGAIN);
            atomic_fetch_add(&storm_refused, 1);
            sched_yield();
            continue;
        }
        seed = seed * 1664525u + 1013904223u;
        if (!(seed >> 16 & 1) || ferry_future_cancel(future) == 0) {
            CHECK_INT(ferry_future_result(int, future), ==, 7);
            atomic_fetch_add(&storm_expected, 1);
        }
        ferry_future_free(future);
    }
    return NULL;
}

static int storm_task(ferry_executor *executor, int number)
{
    for (int i = 0; i < STORM_ROUNDS / 4; i++) {
        int way = (number + i) % 4;
        ferry_outcome how;
        FERRY_TIMEOUT(way == 3 ? 20e-6 : 10) {
            ferry_call_with(FERRY_OPTIONS(.executor = executor, .outcome = &how,
                                          .queue_limit = way == 2 ? 20e-6 : 0,
                                          .when_full = way == 1 ? FERRY_WHEN_FULL_REFUSE
                                                                : FERRY_WHEN_FULL_WAIT),
                            storm_call);
        }
        if (how.state == FERRY_CALL_NEVER_STARTED) {
            CHECK(way == 1 ? how.error == EAGAIN : how.error == ETIMEDOUT && way >= 2);
            atomic_fetch_add(&storm_refused, 1);
        } else {
            atomic_fetch_add(&storm_expected, 1);
        }
    }
    return 0;
}

static int storm_main(ferry_executor *executor)
{
    ferry_task *tasks[STORM_TASKS];
    for (int i = 0; i < STORM_TASKS; i++)
        tasks[i] = ferry_create_task(storm_task, executor, i);
    return ferry_gather(tasks, STORM_TASKS, NULL);
}

TEST(storm_every_call_runs_or_is_told_and_no_room_is_lost)
{
    ferry_executor *bounded =
        ferry_executor_new(&(ferry_executor_options){.max_workers = 2, .max_queued = 1});
    pthread_t threads[STORM_THREADS];
    for (int i = 0; i < STORM_THREADS; i++)
        pthread_create(&threads[i], NULL, storm_submitter, bounded);
    CHECK_INT(ferry_run(storm_main, bounded), ==, 0);
    for (int i = 0; i < STORM_THREADS; i++)
        pthread_join(threads[i], NULL);
    CHECK_INT(atomic_load(&storm_ran), ==, atomic_load(&storm_expected));
    CHECK_INT(atomic_load(&storm_refused), >, 0);
    CHECK_INT(inside(bounded), ==, 0);
    ferry_executor_free(bounded);
}

static void *watch_room(void *executor)
{
    while (!atomic_load(&storm_over))
        CHECK_INT(inside(executor), <=, 2);
    return NULL;
}

TEST(submits_never_take_more_room_than_there_is)
{
    ferry_executor *bounded =
        ferry_executor_new(&(ferry_executor_options){.max_workers = 1, .max_queued = 1});
    pthread_t threads[STORM_THREADS], watch;
    pthread_create(&watch, NULL, watch_room, bounded);
    for (int i = 0; i < STORM_THREADS; i++)
        pthread_create(&threads[i], NULL, storm_submitter, bounded);
    for (int i = 0; i < STORM_THREADS; i++)
        pthread_join(threads[i], NULL);
    atomic_store(&storm_over, true);
    pthread_join(watch, NULL);
    CHECK_INT(atomic_load(&storm_ran), ==, atomic_load(&storm_expected));
    ferry_executor_free(bounded);
}

TEST_MAIN
