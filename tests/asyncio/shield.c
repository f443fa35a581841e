/* SPDX-License-Identifier: MIT */
/*
 * CPython's cases of asyncio.shield, which keeps a cancel away from what is awaited. ferry has two
 * words for its two uses: FERRY_SHIELD, inside which a task waits to the end, and ferry_wait, which
 * a cancel ends while the tasks that are waited for go on.
 */
#include "on_loop.h"

#include <ferry/future.h>
#include <ferry/gather.h>
#include <ferry/scope.h>

static int await_value(ferry_future *future)
{
    void *value = NULL;
    int said = ferry_future_await(future, &value);
    return said < 0 ? said : (int)(intptr_t)value;
}

/* Awaits it to the end, whoever asks it to stop. */
static int await_shielded(ferry_task *inner)
{
    int result = 0;
    FERRY_SHIELD
    {
        result = ferry_await(int, inner);
    }
    int said = ferry_sleep(0);
    return said < 0 ? said : result;
}

/* Stops waiting when it is asked to; the inner task goes on. */
static int await_loosely(ferry_task *inner)
{
    int said = ferry_wait(&inner, 1, FERRY_ALL_COMPLETED);
    return said < 0 ? said : ferry_await(int, inner);
}

static ferry_future *future;
static ferry_task *inner;

static void start_inner(void)
{
    future = ferry_future_new();
    inner = ferry_create_task(await_value, future);
}

TEST_ON_LOOP(the_result_comes_through)
{
    start_inner();
    ferry_task *outer = ferry_create_task(await_shielded, inner);
    run_briefly();
    ferry_future_set_result(future, (void *)42);
    CHECK_INT(ferry_await(int, outer), ==, 42);
    ferry_future_free(future);
}

TEST_ON_LOOP(a_failure_comes_through)
{
    start_inner();
    ferry_task *outer = ferry_create_task(await_shielded, inner);
    run_briefly();
    ferry_future_set_error(future, EDOM);
    CHECK_INT(ferry_await(int, outer), ==, -EDOM);
    ferry_future_free(future);
}

TEST_ON_LOOP(a_cancel_of_the_inner_task_comes_through)
{
    start_inner();
    ferry_task *outer = ferry_create_task(await_shielded, inner);
    run_briefly();
    ferry_task_cancel(inner);
    CHECK_INT(ferry_await(int, outer), ==, -ECANCELED);
    ferry_future_free(future);
}

TEST_ON_LOOP(inside_the_shield_a_task_waits_to_the_end)
{
    start_inner();
    ferry_task *outer = ferry_create_task(await_shielded, inner);
    run_briefly();
    ferry_task_cancel(outer);
    run_briefly();
    CHECK(!ferry_task_done(outer));
    CHECK(!ferry_task_done(inner));
    ferry_future_set_result(future, (void *)42);
    CHECK_INT(ferry_await(int, outer), ==, -ECANCELED);
    CHECK(ferry_task_done(inner)); /* it was awaited */
    ferry_future_free(future);
}

TEST_ON_LOOP(a_cancelled_ferry_wait_lets_the_inner_task_go_on)
{
    start_inner();
    ferry_task *outer = ferry_create_task(await_loosely, inner);
    run_briefly();
    ferry_task_cancel(outer);
    run_briefly();
    CHECK(ferry_task_cancelled(outer));
    CHECK(!ferry_task_done(inner));
    ferry_future_set_result(future, (void *)42);
    CHECK_INT(ferry_await(int, inner), ==, 42);
    CHECK_INT(ferry_await(int, outer), ==, -ECANCELED);
    ferry_future_free(future);
}

TEST_ON_LOOP(an_inner_task_that_has_ended)
{
    ferry_task *ended = ferry_create_task(give, 42);
    run_briefly();
    CHECK_INT(ferry_await(int, ferry_create_task(await_shielded, ended)), ==, 42);
}

static ferry_task *children[2];
static int results[2];

static int gather_shielded(void)
{
    int said = 0;
    FERRY_SHIELD
    {
        said = ferry_gather(children, 2, results);
    }
    return said < 0 ? said : ferry_sleep(0);
}

TEST_ON_LOOP(a_shielded_gather_gets_all_its_results)
{
    for (int i = 0; i < 2; i++)
        children[i] = ferry_create_task(give_later, 0.1, i + 1);
    ferry_task *outer = ferry_create_task(gather_shielded);
    run_briefly();
    ferry_task_cancel(outer);
    CHECK_INT(ferry_await(int, outer), ==, -ECANCELED);
    CHECK_INT(results[0], ==, 1);
    CHECK_INT(results[1], ==, 2);
    CHECK_DOUBLE(time_passed(), ==, 0.1);
}

static int gather_loose(ferry_task *one, ferry_task *other)
{
    ferry_task *tasks[] = {ferry_create_task(await_loosely, one),
                           ferry_create_task(await_loosely, other)};
    return ferry_gather(tasks, 2, results);
}

TEST_ON_LOOP(a_cancelled_gather_of_shields_leaves_the_inner_tasks)
{
    for (int i = 0; i < 2; i++)
        children[i] = ferry_create_task(give_later, 0.1, i + 1);
    ferry_task *gatherer = ferry_create_task(gather_loose, children[0], children[1]);
    run_briefly();
    run_briefly();
    ferry_task_cancel(gatherer);
    CHECK_INT(ferry_await(int, gatherer), ==, 0);
    CHECK_INT(results[0], ==, -ECANCELED);
    CHECK_INT(results[1], ==, -ECANCELED);
    CHECK_INT(ferry_await(int, children[0]), ==, 1);
    CHECK_INT(ferry_await(int, children[1]), ==, 2);
    CHECK_DOUBLE(time_passed(), ==, 0.1);
}

TEST_MAIN
