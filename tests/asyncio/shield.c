/* SPDX-License-Identifier: MIT */
/* CPython's cases of asyncio.shield; and what FERRY_SHIELD, a scope, does in the same situation. */
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

static int await_shielded(ferry_task *inner)
{
    return ferry_shield(int, inner);
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

TEST_ON_LOOP(a_cancel_of_the_outer_task_leaves_the_inner_one)
{
    start_inner();
    ferry_task *outer = ferry_create_task(await_shielded, inner);
    run_briefly();
    ferry_task_cancel(outer);
    run_briefly();
    CHECK(ferry_task_cancelled(outer));
    CHECK(!ferry_task_done(inner));
    ferry_future_set_result(future, (void *)42);
    CHECK_INT(ferry_await(int, inner), ==, 42);
    CHECK_INT(ferry_join(outer, NULL), ==, 0);
    ferry_future_free(future);
}

static int await_in_scope(ferry_task *task)
{
    int result = 0;
    FERRY_SHIELD
    {
        result = ferry_await(int, task);
    }
    return ferry_sleep(0) == -ECANCELED ? result : 0;
}

TEST_ON_LOOP(inside_the_scope_a_task_waits_to_the_end)
{
    start_inner();
    ferry_task *outer = ferry_create_task(await_in_scope, inner);
    run_briefly();
    ferry_task_cancel(outer);
    run_briefly();
    CHECK(!ferry_task_done(outer));
    CHECK(!ferry_task_done(inner));
    ferry_future_set_result(future, (void *)42);
    CHECK_INT(ferry_await(int, outer), ==, 42);
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

static int gather_children(void)
{
    return ferry_gather(children, 2, results);
}

/* asyncio's gather is an object to be shielded; in ferry a task that gathers is. */
TEST_ON_LOOP(a_shielded_gather_goes_on)
{
    for (int i = 0; i < 2; i++)
        children[i] = ferry_create_task(give_later, 0.1, i + 1);
    ferry_task *gatherer = ferry_create_task(gather_children);
    ferry_task *outer = ferry_create_task(await_shielded, gatherer);
    run_briefly();
    ferry_task_cancel(outer);
    run_briefly();
    CHECK(ferry_task_cancelled(outer));
    CHECK_INT(ferry_await(int, gatherer), ==, 0);
    CHECK_INT(results[0], ==, 1);
    CHECK_INT(results[1], ==, 2);
    CHECK_DOUBLE(time_passed(), ==, 0.1);
}

static int gather_shields(ferry_task *one, ferry_task *other)
{
    ferry_task *tasks[] = {ferry_create_task(await_shielded, one),
                           ferry_create_task(await_shielded, other)};
    return ferry_gather(tasks, 2, results);
}

TEST_ON_LOOP(a_cancelled_gather_of_shields_leaves_the_inner_tasks)
{
    for (int i = 0; i < 2; i++)
        children[i] = ferry_create_task(give_later, 0.1, i + 1);
    ferry_task *gatherer = ferry_create_task(gather_shields, children[0], children[1]);
    run_briefly();
    run_briefly();
    ferry_task_cancel(gatherer);
    CHECK_INT(ferry_await(int, gatherer), ==, 0);
    CHECK_INT(results[0], ==, -1);
    CHECK_INT(results[1], ==, -1);
    CHECK_INT(ferry_await(int, children[0]), ==, 1);
    CHECK_INT(ferry_await(int, children[1]), ==, 2);
    CHECK_DOUBLE(time_passed(), ==, 0.1);
}

TEST(without_a_loop_nothing_is_awaited)
{
    CHECK_INT(ferry_shield(int, (ferry_task *)(uintptr_t)5), ==, -1);
    CHECK_INT(errno, ==, EPERM);
}

TEST_MAIN
