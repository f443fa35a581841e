/* SPDX-License-Identifier: MIT */
/* Many futures at once: ferry_futures_wait and ferry_futures_as_completed, from threads and tasks,
 * settled by hand and by workers. */
#include "base/fault.h"

#include "bridge.h"

#include <pthread.h>

enum { COUNT = 5 };

static ferry_future *futures[COUNT];

static void make_futures(void)
{
    for (int i = 0; i < COUNT; i++)
        futures[i] = ferry_future_new();
}

static void free_futures(void)
{
    for (int i = 0; i < COUNT; i++)
        ferry_future_free(futures[i]);
}

static int number;
static void settle(int i)
{
    CHECK_INT(ferry_future_set_result(futures[i], &number), ==, 0);
}

/* Settled already: nothing is waited for, so a callback may ask. */
static void wait_for_settled(void)
{
    make_futures();
    settle(3);
    CHECK_INT(ferry_futures_wait(futures, COUNT, FERRY_FIRST_COMPLETED), ==, 1);
    ferry_future_cancel(futures[1]); /* no failure */
    settle(0);
    ferry_future_set_error(futures[2], EIO);
    CHECK_INT(ferry_futures_wait(futures, COUNT, FERRY_FIRST_EXCEPTION), ==, 4);
    settle(4);
    CHECK_INT(ferry_futures_wait(futures, COUNT, FERRY_ALL_COMPLETED), ==, COUNT);
    ferry_futures *set = ferry_futures_as_completed(futures, COUNT);
    for (int i = 0; i < COUNT; i++)
        CHECK_PTR(ferry_futures_next(set), ==, futures[i]);
    CHECK_PTR(ferry_futures_next(set), ==, NULL);
    CHECK_INT(errno, ==, 0);
    ferry_futures_free(set);
    free_futures();
}

static void bad_input(void)
{
    make_futures();
    ferry_future *holes[] = {futures[0], NULL};
    CHECK_INT(ferry_futures_wait(holes, 2, FERRY_ALL_COMPLETED), ==, -EINVAL);
    CHECK_INT(ferry_futures_wait(futures, 0, FERRY_FIRST_COMPLETED), ==, -EINVAL);
    CHECK_INT(ferry_futures_wait(futures, 0, FERRY_ALL_COMPLETED), ==, 0);
    CHECK_INT(ferry_futures_wait(futures, 0, FERRY_FIRST_EXCEPTION), ==, 0);
    CHECK_INT(ferry_futures_wait(futures, COUNT, (ferry_wait_when)7), ==, -EINVAL);
    CHECK(!ferry_futures_as_completed(holes, 2) && errno == EINVAL);
    ferry__fault_arm(FERRY__FAULT_ALLOC, 0, -1);
    CHECK(!ferry_futures_as_completed(futures, 2) && errno == ENOMEM);
    CHECK_INT(ferry_futures_wait(futures, 2, FERRY_FIRST_COMPLETED), ==, -ENOMEM);
    ferry__fault_clear();
    ferry_futures *set = ferry_futures_as_completed(futures, 0);
    CHECK(!ferry_futures_next(set) && errno == 0);
    ferry_futures_free(set);
    ferry_futures_free(NULL);
    free_futures();
}

TEST(what_is_settled_is_not_waited_for)
{
    wait_for_settled();
    bad_input();
}

static void in_callback(void)
{
    wait_for_settled();
    bad_input();
    make_futures();
    CHECK_INT(ferry_futures_wait(futures, COUNT, FERRY_ALL_COMPLETED), ==, -EDEADLK);
    CHECK_INT(ferry_futures_wait(futures, COUNT, FERRY_FIRST_COMPLETED), ==, -EDEADLK);
    free_futures();
}

IN_TASK(nor_in_a_task_or_a_callback)
{
    wait_for_settled();
    bad_input();
    ferry_call_soon(in_callback);
    return ferry_sleep(0.001);
}

/* The waiting is over at the one that decides, and not before. */
static int settle_in_turn(const int *order, int many, int failing)
{
    for (int k = 0; k < many; k++) {
        nap_ms(5);
        if (order[k] == failing)
            ferry_future_set_error(futures[failing], ENOENT);
        else
            settle(order[k]);
    }
    return 0;
}

static const int order[COUNT] = {2, 0, 4, 3, 1};

static void wait_while_settled(ferry_wait_when when, int many, int failing, int least, int most)
{
    make_futures();
    ferry_future *settler = ferry_executor_submit(NULL, settle_in_turn, order, many, failing);
    int settled = ferry_futures_wait(futures, COUNT, when);
    CHECK_INT(settled, >=, least);
    CHECK_INT(settled, <=, most);
    CHECK_INT(ferry_future_result(int, settler), ==, 0);
    ferry_future_free(settler);
    free_futures();
}

static void wait_for_each(void)
{
    wait_while_settled(FERRY_ALL_COMPLETED, COUNT, 4, COUNT, COUNT);
    wait_while_settled(FERRY_FIRST_COMPLETED, 1, -1, 1, 1);
    wait_while_settled(FERRY_FIRST_EXCEPTION, 3, 4, 3, 3);
    wait_while_settled(FERRY_FIRST_EXCEPTION, COUNT, -1, COUNT, COUNT);
}

TEST(a_thread_waits_until_the_one_that_decides)
{
    wait_for_each();
}

IN_TASK(a_task_waits_until_the_one_that_decides)
{
    wait_for_each();
    return 0;
}

TEST(a_negative_result_of_a_call_is_a_failure)
{
    ferry_future *calls[2] = {ferry_executor_submit(NULL, fail_with, ENOENT), ferry_future_new()};
    CHECK_INT(ferry_futures_wait(calls, 2, FERRY_FIRST_EXCEPTION), ==, 1);
    ferry_future_free(calls[0]);
    ferry_future_free(calls[1]);
}

static void complete_in_order(void)
{
    make_futures();
    ferry_future *settler = ferry_executor_submit(NULL, settle_in_turn, order, COUNT, -1);
    ferry_futures *set = ferry_futures_as_completed(futures, COUNT);
    for (int i = 0; i < COUNT; i++)
        CHECK_PTR(ferry_futures_next(set), ==, futures[order[i]]);
    CHECK(!ferry_futures_next(set) && errno == 0);
    ferry_futures_free(set);
    CHECK_INT(ferry_future_result(int, settler), ==, 0);
    ferry_future_free(settler);
    free_futures();
}

TEST(a_thread_gets_them_in_the_order_in_which_they_end)
{
    complete_in_order();
}

IN_TASK(so_does_a_task)
{
    complete_in_order();
    return 0;
}

/* Interruptions leave everything as it was, and a set can be asked again. */
static void run_out(void)
{
    make_futures();
    settle(1);
    ferry_futures *set = ferry_futures_as_completed(futures, COUNT);
    CHECK_PTR(ferry_futures_next(set), ==, futures[1]);
    FERRY_TIMEOUT(0.005) {
        CHECK(!ferry_futures_next(set) && errno == ETIMEDOUT);
        CHECK(!ferry_futures_next(set) && errno == ETIMEDOUT);
        CHECK_INT(ferry_futures_wait(futures, COUNT, FERRY_ALL_COMPLETED), ==, -ETIMEDOUT);
        CHECK_INT(ferry_futures_wait(futures + 2, 3, FERRY_FIRST_COMPLETED), ==, -ETIMEDOUT);
    }
    settle(2);
    CHECK_PTR(ferry_futures_next(set), ==, futures[2]);
    ferry_futures_free(set); /* with three that are pending */
    for (int i = 0; i < COUNT; i++)
        if (!ferry_future_done(futures[i]))
            settle(i);
    free_futures();
}

TEST(a_time_limit_of_a_thread_ends_the_wait)
{
    run_out();
}

static int wait_for_any(void)
{
    return ferry_futures_wait(futures, COUNT, FERRY_FIRST_COMPLETED);
}

IN_TASK(a_time_limit_or_cancel_of_a_task_ends_the_wait)
{
    run_out();
    make_futures();
    ferry_task *task = ferry_create_task(wait_for_any);
    ferry_sleep(0);
    ferry_task_cancel(task);
    CHECK_INT(ferry_await(int, task), ==, -ECANCELED);
    settle(0);
    free_futures();
    return 0;
}

TEST(one_that_stands_there_twice_is_given_twice)
{
    ferry_future *future = ferry_executor_submit(NULL, nap_ms, 5), *both[] = {future, future};
    ferry_futures *set = ferry_futures_as_completed(both, 2);
    CHECK_PTR(ferry_futures_next(set), ==, future);
    CHECK_PTR(ferry_futures_next(set), ==, future);
    CHECK_PTR(ferry_futures_next(set), ==, NULL);
    ferry_futures_free(set);
    CHECK_INT(ferry_futures_wait(both, 2, FERRY_ALL_COMPLETED), ==, 2);
    ferry_future_free(future);
}

/* Many calls that end at once, while some of the sets are given up early. */
enum { MANY = 200 };

static int submit_and_collect(ferry_executor *executor, int round)
{
    ferry_future *calls[MANY], *next;
    for (int i = 0; i < MANY; i++)
        calls[i] = ferry_executor_submit(executor, plus_one, i);
    int settled = ferry_futures_wait(calls, MANY, (ferry_wait_when)(round % 3));
    ferry_futures *set = ferry_futures_as_completed(calls, MANY);
    int given = 0, want = round % 4 ? MANY : MANY / 3;
    long sum = 0;
    while (given < want && (next = ferry_futures_next(set))) {
        sum += ferry_future_result(int, next);
        given++;
    }
    ferry_futures_free(set);
    for (int i = 0; i < MANY; i++)
        ferry_future_free(calls[i]);
    return settled >= 1 && given == want && (want < MANY || sum == (long)MANY * (MANY + 1) / 2);
}

static void *collect_often(void *executor)
{
    intptr_t good = 0;
    for (int round = 0; round < 40; round++)
        good += submit_and_collect(executor, round);
    return (void *)good;
}

static int collect_in_task(ferry_executor *executor)
{
    return (int)(intptr_t)collect_often(executor);
}

static void *collect_in_tasks(void *executor)
{
    return (void *)(intptr_t)ferry_run(collect_in_task, (ferry_executor *)executor);
}

TEST(many_calls_are_collected_by_tasks_and_threads)
{
    FERRY_WITH_EXECUTOR(executor, .max_workers = 3) {
        pthread_t threads[4];
        for (int i = 0; i < 4; i++)
            pthread_create(&threads[i], NULL, i % 2 ? collect_in_tasks : collect_often, executor);
        for (int i = 0; i < 4; i++) {
            void *good;
            pthread_join(threads[i], &good);
            CHECK_INT((intptr_t)good, ==, 40);
        }
    } else {
        CHECK(false);
    }
}

TEST_MAIN
