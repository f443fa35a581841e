/* SPDX-License-Identifier: MIT */
/* CPython's cases of tasks, sleep and task-locals. */
#include "on_loop.h"

#include <ferry/future.h>
#include <ferry/gather.h>
#include <ferry/local.h>

static int sum_of_two(void)
{
    ferry_task *small = ferry_create_task(give, 42), *large = ferry_create_task(give, 1000);
    int sum = ferry_await(int, small);
    return sum + ferry_await(int, large);
}

TEST_ON_LOOP(results_of_inner_tasks_add_up)
{
    CHECK_INT(ferry_await(int, ferry_create_task(sum_of_two)), ==, 1042);
}

TEST_ON_LOOP(a_task_is_done_when_its_function_has_returned)
{
    ferry_task *task = ferry_create_task(give, 5);
    CHECK(!ferry_task_done(task));
    run_briefly();
    CHECK(ferry_task_done(task));
    CHECK(!ferry_task_cancelled(task));
    CHECK_INT(ferry_await(int, task), ==, 5);
}

TEST_ON_LOOP(a_hundred_tasks_are_gathered)
{
    ferry_task *tasks[100];
    int results[100];
    for (int i = 0; i < 100; i++)
        tasks[i] = ferry_create_task(give, i);
    CHECK_INT(ferry_gather(tasks, 100, results), ==, 0);
    for (int i = 0; i < 100; i++)
        CHECK_INT(results[i], ==, i);
}

static int await_oneself(void)
{
    return ferry_await(int, ferry_current_task()) == -1 ? -errno : 0;
}

TEST_ON_LOOP(awaiting_oneself_is_an_error)
{
    CHECK_INT(ferry_await(int, ferry_create_task(await_oneself)), ==, -EDEADLK);
}

/* asyncio refuses a future of another loop; ferry's belong to none. */
static int await_future(ferry_future *future)
{
    void *value = NULL;
    int said = ferry_future_await(future, &value);
    return said < 0 ? said : *(int *)value;
}

TEST_ON_LOOP(what_a_future_is_settled_with_reaches_the_task)
{
    int value = 7;
    ferry_future *future = ferry_future_new();
    ferry_task *task = ferry_create_task(await_future, future);
    run_briefly();
    CHECK(!ferry_task_done(task));
    CHECK_INT(ferry_future_set_result(future, &value), ==, 0);
    run_briefly();
    CHECK(ferry_task_done(task));
    CHECK_INT(ferry_await(int, task), ==, 7);
    ferry_future_free(future);
}

TEST(a_future_made_without_a_loop_serves_any)
{
    int value = 3;
    ferry_future *future = ferry_future_new();
    CHECK_INT(ferry_future_set_result(future, &value), ==, 0);
    CHECK_INT(ferry_run(await_future, future), ==, 3);
    CHECK_INT(ferry_run(await_future, future), ==, 3);
    ferry_future_free(future);
}

static void *give_pointer(void *pointer)
{
    return pointer;
}

TEST_ON_LOOP(a_task_may_return_a_future_nobody_waits_for)
{
    ferry_future *future = ferry_future_new();
    void *got = ferry_await(void *, ferry_create_task(give_pointer, (void *)future));
    CHECK_PTR(got, ==, future);
    CHECK(!ferry_future_done(future));
    ferry_future_free(future);
}

TEST_ON_LOOP(a_task_has_its_functions_name_until_it_is_given_one)
{
    ferry_task *task = ferry_create_task(give, 1);
    CHECK_STR(ferry_task_name(task), "give");
    CHECK_INT(ferry_task_set_name(task, "{%d}", 6), ==, 0);
    CHECK_STR(ferry_task_name(task), "{6}");
    CHECK_INT(ferry_await(int, task), ==, 1);
}

/* asyncio numbers tasks that have no name; ferry's handles tell them apart. */
TEST_ON_LOOP(tasks_of_one_function_have_different_handles)
{
    ferry_task *one = ferry_create_task(give, 1), *other = ferry_create_task(give, 2);
    CHECK_PTR(one, !=, other);
    CHECK_STR(ferry_task_name(one), ferry_task_name(other));
    CHECK_INT(ferry_await(int, one), ==, 1);
    CHECK_INT(ferry_await(int, other), ==, 2);
}

/* asyncio: the one current task of the loop, and none outside. */
static ferry_task *seen;

static int see_myself(void)
{
    seen = ferry_current_task();
    return ferry_current_task() == seen;
}

TEST_ON_LOOP(the_current_task_is_the_one_that_runs)
{
    ferry_task *task = ferry_create_task(see_myself), *self = ferry_current_task();
    CHECK_PTR(self, !=, NULL);
    run_briefly();
    CHECK_PTR(seen, ==, task);
    CHECK_PTR(ferry_current_task(), ==, self);
    CHECK_INT(ferry_await(int, task), ==, 1);
}

TEST(outside_a_loop_there_is_no_current_task)
{
    CHECK_PTR(ferry_current_task(), ==, NULL);
    CHECK_INT(ferry_run(see_myself), ==, 1);
    CHECK_PTR(seen, !=, NULL);
    CHECK_PTR(ferry_current_task(), ==, NULL);
}

static ferry_task *first, *second;

static int wait_then_settle(ferry_future *before, ferry_future *after)
{
    CHECK_PTR(ferry_current_task(), ==, first);
    CHECK_INT(ferry_future_await(before, NULL), ==, 0);
    CHECK_PTR(ferry_current_task(), ==, first);
    return ferry_future_set_result(after, NULL);
}

static int settle_then_wait(ferry_future *before, ferry_future *after)
{
    CHECK_PTR(ferry_current_task(), ==, second);
    CHECK_INT(ferry_future_set_result(before, NULL), ==, 0);
    CHECK_INT(ferry_future_await(after, NULL), ==, 0);
    CHECK_PTR(ferry_current_task(), ==, second);
    return 0;
}

TEST_ON_LOOP(two_tasks_in_turn_each_see_themselves)
{
    ferry_future *before = ferry_future_new(), *after = ferry_future_new();
    first = ferry_create_task(wait_then_settle, before, after);
    second = ferry_create_task(settle_then_wait, before, after);
    ferry_task *both[] = {first, second};
    CHECK_INT(ferry_gather(both, 2, NULL), ==, 0);
    ferry_future_free(before);
    ferry_future_free(after);
}

TEST_ON_LOOP(all_tasks_are_those_that_have_not_ended)
{
    ferry_task *task = ferry_create_task(wait_for_ever), *all[4];
    CHECK_INT(ferry_all_tasks(all, 4), ==, 2);
    CHECK(all[0] == task || all[1] == task);
    ferry_task_cancel(task);
    run_briefly();
    CHECK_INT(ferry_all_tasks(all, 4), ==, 1);
    CHECK_PTR(all[0], ==, ferry_current_task());
    CHECK_INT(ferry_join(task, NULL), ==, -ECANCELED);
}

/* asyncio's collector destroys a pending task nobody refers to; ferry's loop keeps it. */
TEST_ON_LOOP(a_task_whose_handle_is_forgotten_lives_on)
{
    ferry_task *all[4];
    CHECK(ferry_create_task(wait_for_ever) != NULL);
    run_briefly();
    CHECK_INT(ferry_all_tasks(all, 4), ==, 2);
}

static int sleep_in_halves(double seconds, int value)
{
    CHECK_INT(ferry_sleep(seconds / 2), ==, 0);
    return give_later(seconds / 2, value);
}

TEST_ON_LOOP(sleeping_takes_its_time)
{
    CHECK_INT(ferry_await(int, ferry_create_task(sleep_in_halves, 0.1, 8)), ==, 8);
    CHECK_DOUBLE(time_passed(), ==, 0.1);
}

static int called;

static int count_call(int by)
{
    return called += by;
}

TEST_ON_LOOP(sleeping_for_0_lets_callbacks_run)
{
    CHECK_INT(ferry_call_soon(count_call, 1), ==, 0);
    CHECK_INT(called, ==, 0);
    CHECK_INT(ferry_sleep(0), ==, 0);
    CHECK_INT(called, ==, 1);
}

TEST_ON_LOOP(a_cancelled_sleep_leaves_no_timer)
{
    ferry_task *task = ferry_create_task(give_later, 10.0, 1);
    struct ferry__heap *timers = &ferry__sched_here->timers;
    run_briefly();
    CHECK_PTR(ferry__heap_first(timers), !=, NULL);
    ferry_task_cancel(task);
    run_briefly();
    CHECK_PTR(ferry__heap_first(timers), ==, NULL);
    CHECK_INT(ferry_await(int, task), ==, -ECANCELED);
    CHECK_DOUBLE(time_passed(), ==, 0);
}

static ferry_local local = FERRY_LOCAL_INIT;
static int values[20];

static int change_later(void)
{
    CHECK_INT(ferry_sleep(0.01), ==, 0);
    CHECK_PTR(ferry_local_get(&local), ==, NULL); /* as it was when the task was made */
    return ferry_local_set(&local, &values[1]);
}

TEST_ON_LOOP(what_parent_and_child_set_later_stays_their_own)
{
    CHECK_PTR(ferry_local_get(&local), ==, NULL);
    ferry_task *child = ferry_create_task(change_later);
    CHECK_INT(ferry_local_set(&local, &values[0]), ==, 0);
    CHECK_INT(ferry_await(int, child), ==, 0);
    CHECK_PTR(ferry_local_get(&local), ==, &values[0]);
}

static int set_in_callback(void)
{
    CHECK_PTR(ferry_local_get(&local), ==, &values[0]);
    return ferry_local_set(&local, &values[1]); /* its own copy's */
}

TEST_ON_LOOP(a_callback_does_not_change_a_tasks_locals)
{
    CHECK_INT(ferry_local_set(&local, &values[0]), ==, 0);
    for (int i = 0; i < 2; i++) {
        CHECK_INT(ferry_call_soon(set_in_callback), ==, 0);
        run_briefly();
        CHECK_PTR(ferry_local_get(&local), ==, &values[0]);
    }
}

static int keep_own(int number)
{
    for (int i = 0; i < 5; i++) {
        CHECK_INT(ferry_local_set(&local, &values[number]), ==, 0);
        CHECK_INT(ferry_sleep(0.001 * (number % 3 + 1)), ==, 0);
        CHECK_PTR(ferry_local_get(&local), ==, &values[number]);
    }
    return 0;
}

TEST_ON_LOOP(interleaved_tasks_keep_their_own_values)
{
    ferry_task *tasks[20];
    for (int i = 0; i < 20; i++)
        tasks[i] = ferry_create_task(keep_own, i);
    CHECK_INT(ferry_gather(tasks, 20, NULL), ==, 0);
    CHECK_PTR(ferry_local_get(&local), ==, NULL);
}

static int set_in_context(ferry_context *context, int *expected, int *value)
{
    CHECK_INT(ferry_sleep(0), ==, 0);
    FERRY_WITH_CONTEXT(context)
    {
        CHECK_PTR(ferry_local_get(&local), ==, expected);
        return ferry_local_set(&local, value);
    }
    else
    {
        return -errno;
    }
    return 0;
}

static void *in_context(ferry_context *context)
{
    void *value = NULL;
    FERRY_WITH_CONTEXT(context)
    value = ferry_local_get(&local);
    else CHECK(false);
    return value;
}

/* asyncio's create_task takes a context along; ferry's task enters it itself. */
TEST_ON_LOOP(tasks_that_share_a_context)
{
    ferry_context *context = ferry_copy_context();
    CHECK_PTR(in_context(context), ==, NULL);
    ferry_task *one = ferry_create_task(set_in_context, context, (int *)NULL, &values[1]);
    CHECK_INT(ferry_await(int, one), ==, 0);
    CHECK_PTR(in_context(context), ==, &values[1]);
    ferry_task *two = ferry_create_task(set_in_context, context, &values[1], &values[2]);
    CHECK_INT(ferry_await(int, two), ==, 0);
    CHECK_PTR(in_context(context), ==, &values[2]);
    CHECK_PTR(ferry_local_get(&local), ==, NULL); /* outside it */
    ferry_context_free(context);
}

TEST(without_a_loop_no_task_is_made)
{
    CHECK_PTR(ferry_create_task(give, 1), ==, NULL);
    CHECK_INT(errno, ==, EPERM);
}

TEST_MAIN
