/* SPDX-License-Identifier: MIT */
/* Calls of the background class: they begin when no normal call of their executor waits. */
#include "bridge.h"

#include "base/fault.h"

#include <pthread.h>

static int order[4096];
static atomic_int order_count;

static int note(int number)
{
    order[atomic_fetch_add(&order_count, 1)] = number;
    return number;
}

static int await_class(ferry_executor *executor, ferry_call_class class, int number)
{
    return ferry_call_with(FERRY_OPTIONS(.executor = executor, .call_class = class), note, number);
}

/* Tasks whose calls wait in the queue when it returns. */
static void start(ferry_task **tasks, int count, ferry_executor *executor, ferry_call_class class,
                  int first)
{
    for (int i = 0; i < count; i++)
        tasks[i] = ferry_create_task(await_class, executor, class, first + i);
    ferry_sleep(0);
}

static void check_order(int from, int count, int first)
{
    for (int i = 0; i < count; i++)
        CHECK_INT(order[from + i], ==, first + i);
}

IN_TASK(background_calls_begin_after_all_normal_ones_in_their_order)
{
    FERRY_WITH_EXECUTOR(one, .max_workers = 1) {
        ferry_future *held = hold_worker(one);
        ferry_task *tasks[60];
        start(tasks, 20, one, FERRY_CLASS_BACKGROUND, 100);
        start(tasks + 20, 20, one, FERRY_CLASS_NORMAL, 200);
        start(tasks + 40, 20, one, FERRY_CLASS_DEFAULT, 220);
        CHECK_INT(ferry_executor_queued(one), ==, 60);
        let_worker_go(held);
        CHECK_INT(ferry_gather(tasks, 60, NULL), ==, 0);
        check_order(0, 40, 200);
        check_order(40, 20, 100);
        CHECK_INT(ferry_executor_queued(one), ==, 0);
    } else {
        CHECK(false);
    }
    return 0;
}

IN_TASK(they_stand_behind_the_overflow_of_the_ring_too)
{
    FERRY_WITH_EXECUTOR(one, .max_workers = 1) {
        ferry_future *held = hold_worker(one), *normal[3000];
        ferry_task *tasks[5];
        start(tasks, 5, one, FERRY_CLASS_BACKGROUND, 3000);
        for (int i = 0; i < 3000; i++)
            normal[i] = ferry_executor_submit(one, note, i);
        let_worker_go(held);
        CHECK_INT(ferry_gather(tasks, 5, NULL), ==, 0);
        check_order(0, 3005, 0);
        for (int i = 0; i < 3000; i++)
            ferry_future_free(normal[i]);
    } else {
        CHECK(false);
    }
    return 0;
}

static int map_notes(ferry_executor *executor)
{
    int results[50];
    CHECK_INT(ferry_executor_map(executor, 1, 50, results, i, note, 100 + (int)i), ==, 0);
    return results[49];
}

IN_TASK(an_executor_says_the_class_of_submits_and_maps)
{
    FERRY_WITH_EXECUTOR(quiet, .max_workers = 1, .call_class = FERRY_CLASS_BACKGROUND) {
        ferry_future *held = hold_worker(quiet), *submitted[20];
        for (int i = 0; i < 20; i++)
            submitted[i] = ferry_executor_submit(quiet, note, 80 + i);
        ferry_task *map = ferry_create_task(map_notes, quiet), *tasks[10];
        start(tasks, 5, quiet, FERRY_CLASS_DEFAULT, 150);
        start(tasks + 5, 5, quiet, FERRY_CLASS_NORMAL, 75);
        let_worker_go(held);
        CHECK_INT(ferry_await(int, map), ==, 149);
        CHECK_INT(ferry_gather(tasks, 10, NULL), ==, 0);
        check_order(0, 80, 75);
        for (int i = 0; i < 20; i++)
            ferry_future_free(submitted[i]);
    } else {
        CHECK(false);
    }
    return 0;
}

IN_TASK(background_calls_are_taken_back_as_others_are)
{
    FERRY_WITH_EXECUTOR(one, .max_workers = 1, .call_class = FERRY_CLASS_BACKGROUND) {
        ferry_future *held = hold_worker(one);
        for (int i = 0; i < 100; i++) {
            ferry_task *task = ferry_create_task(await_class, one, FERRY_CLASS_BACKGROUND, 1);
            ferry_future *future = ferry_executor_submit(one, note, 1);
            ferry_sleep(0);
            CHECK_INT(ferry_executor_queued(one), ==, 2);
            CHECK_INT(ferry_future_cancel(future), ==, 1);
            ferry_future_free(future);
            ferry_task_cancel(task);
            CHECK_INT(ferry_await(int, task), ==, -1);
            CHECK_INT(ferry_executor_queued(one), ==, 0);
        }
        ferry_outcome outcome;
        int said = ferry_call_with(
            FERRY_OPTIONS(.executor = one, .queue_limit = 0.002, .outcome = &outcome), note, 1);
        CHECK_INT(said, ==, -1);
        CHECK_INT(outcome.limit, ==, FERRY_LIMIT_QUEUE);
        let_worker_go(held);
        CHECK_INT(atomic_load(&order_count), ==, 0);
    } else {
        CHECK(false);
    }
    return 0;
}

static void note_void(int number)
{
    note(number);
}

static int await_void(ferry_executor *executor, int number)
{
    ferry_call_with(FERRY_OPTIONS(.executor = executor, .call_class = FERRY_CLASS_BACKGROUND),
                    note_void, number);
    return 0;
}

IN_TASK(a_shutdown_runs_them_or_cancels_those_that_may_be)
{
    for (int cancels = 0; cancels < 2; cancels++) {
        ferry_executor *one = ferry_executor_new(&(ferry_executor_options){.max_workers = 1});
        ferry_future *held = hold_worker(one);
        atomic_store(&order_count, 0);
        ferry_task *tasks[10];
        start(tasks, 9, one, FERRY_CLASS_BACKGROUND, 0);
        tasks[9] = ferry_create_task(await_void, one, 9);
        ferry_sleep(0);
        ferry_shutdown_options options = {.no_wait = true, .cancel_pending = cancels};
        CHECK_INT(ferry_executor_shutdown(one, &options), ==, 0);
        CHECK_INT(ferry_executor_queued(one), ==, cancels ? 1 : 10);
        let_worker_go(held);
        int results[10];
        CHECK_INT(ferry_gather(tasks, 10, results), ==, 0);
        for (int i = 0; i < 9; i++)
            CHECK_INT(results[i], ==, cancels ? -1 : i);
        CHECK_INT(results[9], ==, 0);
        CHECK_INT(atomic_load(&order_count), ==, cancels ? 1 : 10);
        ferry_executor_free(one);
    }
    return 0;
}

IN_TASK(they_have_room_with_the_others)
{
    FERRY_WITH_EXECUTOR(one, .max_workers = 1, .max_queued = 1) {
        ferry_future *held = hold_worker(one);
        ferry_task *task;
        start(&task, 1, one, FERRY_CLASS_BACKGROUND, 3);
        CHECK_PTR(ferry_executor_submit(one, note, 1), ==, NULL);
        CHECK_INT(errno, ==, EAGAIN);
        let_worker_go(held);
        CHECK_INT(ferry_await(int, task), ==, 3);
        ferry_future *future = ferry_executor_submit(one, note, 1);
        CHECK_INT(ferry_future_result(int, future), ==, 1);
        ferry_future_free(future);
    } else {
        CHECK(false);
    }
    return 0;
}

IN_TASK(one_that_hangs_does_not_keep_a_second_worker_from_the_next)
{
    FERRY_WITH_EXECUTOR(two, .max_workers = 2, .call_class = FERRY_CLASS_BACKGROUND) {
        for (int i = 0; i < 500; i++) /* short: no submit calls a second worker */
            CHECK_INT(ferry_run_in_executor(two, plus_one, i), ==, i + 1);
        ferry_future *held = hold_worker(two);
        CHECK_INT(ferry_run_in_executor(two, plus_one, 1), ==, 2);
        let_worker_go(held);
    } else {
        CHECK(false);
    }
    return 0;
}

TEST(without_a_thread_they_are_refused)
{
    ferry_executor *lane = ferry_executor_new(
        &(ferry_executor_options){.lane = true, .call_class = FERRY_CLASS_BACKGROUND});
    ferry__fault_arm(FERRY__FAULT_THREAD, 0, -1);
    CHECK_PTR(ferry_executor_submit(lane, note, 1), ==, NULL);
    CHECK_INT(errno, ==, EAGAIN);
    ferry__fault_clear();
    CHECK_INT(ferry_executor_queued(lane), ==, 0);
    CHECK_INT(ferry_run_in_executor(lane, note, 1), ==, 1); /* a thread that blocks */
    CHECK_INT(
        ferry_call_with(FERRY_OPTIONS(.executor = lane, .call_class = FERRY_CLASS_NORMAL), note, 2),
        ==, 2);
    ferry_executor_free(lane);
}

IN_TASK(what_is_no_class_is_refused)
{
    ferry_executor_options options = {.call_class = (ferry_call_class)3};
    CHECK_PTR(ferry_executor_new(&options), ==, NULL);
    CHECK_INT(errno, ==, EINVAL);
    errno = 0;
    CHECK_INT(await_class(NULL, (ferry_call_class)3, 1), ==, -1);
    CHECK_INT(errno, ==, EINVAL);
    return 0;
}

/* The races: both classes, from threads and tasks, with cancels and limits. */
enum { STORM_THREADS = 3, STORM_TASKS = 8, STORM_ROUNDS = 2000 };

static atomic_long storm_ran, storm_expected;

static int storm_call(void)
{
    atomic_fetch_add(&storm_ran, 1);
    return 7;
}

static void *storm_submitter(void *executor)
{
    for (int i = 0; i < STORM_ROUNDS; i++) {
        ferry_future *future = ferry_executor_submit(executor, storm_call);
        CHECK(future != NULL);
        if (i % 3 != 0 || ferry_future_cancel(future) == 0) {
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
        ferry_outcome how;
        ferry_call_with(FERRY_OPTIONS(.executor = executor, .outcome = &how,
                                      .queue_limit = (number + i) % 3 ? 0 : 20e-6,
                                      .call_class = (ferry_call_class)((number + i / 3) % 3)),
                        storm_call);
        if (how.state != FERRY_CALL_NEVER_STARTED)
            atomic_fetch_add(&storm_expected, 1);
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

TEST(storm_every_call_of_both_classes_runs_once_or_is_told)
{
    ferry_executor *two = ferry_executor_new(
        &(ferry_executor_options){.max_workers = 2, .call_class = FERRY_CLASS_BACKGROUND});
    pthread_t threads[STORM_THREADS];
    for (int i = 0; i < STORM_THREADS; i++)
        pthread_create(&threads[i], NULL, storm_submitter, two);
    CHECK_INT(ferry_run(storm_main, two), ==, 0);
    for (int i = 0; i < STORM_THREADS; i++)
        pthread_join(threads[i], NULL);
    CHECK_INT(atomic_load(&storm_ran), ==, atomic_load(&storm_expected));
    CHECK_INT(ferry_executor_queued(two), ==, 0);
    ferry_executor_free(two);
}

TEST_MAIN
