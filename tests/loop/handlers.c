/* SPDX-License-Identifier: MIT */
/* Exception handlers and done callbacks that call back in: each is a callback, wherever the loop
 * comes from when it calls it, and may do what one may. */
#include "check.h"

#include <ferry/future.h>
#include <ferry/gather.h>
#include <ferry/group.h>
#include <ferry/loop.h>
#include <ferry/run.h>
#include <pthread.h>

static int told, made, refused;
static ferry_task *of_handler;

static int fail(int number)
{
    return -number;
}

static int give(int value)
{
    return value;
}

/* Its arguments aren't kept in the slot: its stack is laid out when it is made. */
static int count_up(double a, double b, struct timespec c)
{
    made++;
    return a + b + (double)c.tv_sec == 6 ? 0 : 1;
}

/* As of asyncio's handlers: reports, asks, makes. */
static void call_back_in(ferry_loop *loop, const ferry_exception *exception, void *context)
{
    (void)loop, (void)context;
    told++;
    CHECK_PTR(ferry_current_task(), ==, NULL);
    CHECK_INT(ferry_sleep(0), ==, -EPERM);
    CHECK(ferry_task_done(exception->task));
    of_handler = ferry_create_task(count_up, 1.0, 2.0, ((struct timespec){.tv_sec = 3}));
    if (!of_handler) {
        CHECK_INT(errno, ==, ESHUTDOWN);
        refused++;
    }
}

static int detached_fails(void)
{
    ferry_loop_set_exception_handler(call_back_in, NULL);
    for (int i = 0; i < 100; i++) {
        CHECK_INT(ferry_task_detach(ferry_create_task(fail, EIO)), ==, 0);
        CHECK_INT(ferry_sleep(0), ==, 0);
        CHECK_INT(told, ==, i + 1);
        CHECK_INT(ferry_await(int, of_handler), ==, 0);
    }
    CHECK_INT(made, ==, 100);
    return 0;
}

TEST(a_detached_failure_is_told_by_the_loop)
{
    CHECK_INT(ferry_run(detached_fails), ==, 0);
    CHECK_INT(told, ==, 100);
}

static int fails_at_the_end(void)
{
    ferry_loop_set_exception_handler(call_back_in, NULL);
    CHECK(ferry_create_task(fail, EIO) != NULL);
    CHECK(ferry_create_task(fail, EBADF) != NULL);
    return ferry_sleep(0);
}

TEST(a_handler_at_the_loops_end_makes_no_tasks)
{
    CHECK_INT(ferry_run(fails_at_the_end), ==, 0);
    CHECK_INT(told, ==, 2);
    CHECK_INT(made, ==, 0);
    CHECK_INT(refused, ==, 2);
}

static void make_one(ferry_loop *loop, const ferry_exception *exception, void *context)
{
    (void)loop, (void)context;
    told++;
    CHECK(exception->debug);
    CHECK_PTR(ferry_create_task(give, 1), ==, NULL);
    CHECK_INT(errno, ==, ESHUTDOWN);
}

static int never_awaited(void)
{
    ferry_loop_set_exception_handler(make_one, NULL);
    CHECK(ferry_create_task(give, 2) != NULL);
    return ferry_sleep(0);
}

TEST(nor_does_one_of_debug_mode)
{
    CHECK_INT(ferry_run_with((&(ferry_run_options){.debug = true}), never_awaited), ==, 0);
    CHECK_INT(told, >=, 1); /* and the depths of stacks, where they are known */
}

/* The handler takes the task away from under whoever tells it. */
static void take_it(ferry_loop *loop, const ferry_exception *exception, void *how)
{
    (void)loop;
    int got = 0;
    told++;
    CHECK_PTR(ferry_current_task(), ==, NULL); /* even where a task detaches it */
    CHECK_INT(ferry_sleep(0), ==, -EPERM);
    if (*(const char *)how == 'j') {
        CHECK_INT(ferry_join(exception->task, &got), ==, 0);
        CHECK_INT(got, ==, -EIO);
    } else {
        CHECK_INT(ferry_task_detach(exception->task), ==, 0);
    }
    CHECK_INT(ferry_task_detach(exception->task), ==, -ESRCH);
}

static int detach_the_failed(char how)
{
    ferry_task *failed = ferry_create_task(fail, EIO);
    ferry_loop_set_exception_handler(take_it, &how);
    CHECK_INT(ferry_sleep(0), ==, 0);
    CHECK_INT(ferry_task_detach(failed), ==, 0);
    CHECK_INT(told, ==, 1);
    ferry_task *two[2] = {ferry_create_task(give, 1), ferry_create_task(give, 2)};
    CHECK_PTR(two[0], !=, two[1]); /* no slot was given back twice */
    int results[2];
    CHECK_INT(ferry_gather(two, 2, results), ==, 0);
    CHECK_INT(results[0], ==, 1);
    CHECK_INT(results[1], ==, 2);
    ferry_task_detach(ferry_create_task(fail, EIO));
    CHECK_INT(ferry_sleep(0), ==, 0);
    CHECK_INT(told, ==, 2);
    CHECK(ferry_create_task(fail, EIO) != NULL); /* told at the end */
    CHECK_INT(ferry_sleep(0), ==, 0);
    static char lasting;
    lasting = how;
    ferry_loop_set_exception_handler(take_it, &lasting);
    return 0;
}

TEST(a_handler_may_join_the_task)
{
    CHECK_INT(ferry_run(detach_the_failed, 'j'), ==, 0);
    CHECK_INT(told, ==, 3);
}

TEST(a_handler_may_detach_the_task)
{
    CHECK_INT(ferry_run(detach_the_failed, 'd'), ==, 0);
    CHECK_INT(told, ==, 3);
}

/* A report that is made within a statement that makes a call. */
static void make_calls(ferry_loop *loop, const ferry_exception *exception, void *context)
{
    (void)loop, (void)context, (void)exception;
    told++;
    ferry_task *task = ferry_create_task(give, 3);
    CHECK(task != NULL);
    CHECK_INT(ferry_task_detach(task), ==, 0);
    CHECK_INT(ferry_call_soon(give, 3), ==, 0);
}

static int read_it(const int *number)
{
    return *number;
}

static void lend(void)
{
    int mine = 9;
    int before = told;
    ferry_task *task = ferry_create_task(read_it, &mine);
    CHECK(task != NULL);
    CHECK_INT(told, ==, before + 1);
    CHECK_INT(ferry_task_cancel(task), ==, 1);
    CHECK_INT(ferry_task_detach(task), ==, 0);
}

static int lends_in_a_callback(void)
{
    ferry_loop_set_exception_handler(make_calls, NULL);
    CHECK_INT(ferry_call_soon(lend), ==, 0);
    CHECK_INT(ferry_sleep(0), ==, 0);
    CHECK_INT(ferry_sleep(0), ==, 0);
    CHECK_INT(told, ==, 1);
    ferry_loop_set_exception_handler(NULL, NULL);
    return 0;
}

TEST(a_handler_may_make_calls_within_a_call)
{
    CHECK_INT(ferry_run_with((&(ferry_run_options){.debug = true}), lends_in_a_callback), ==, 0);
}

/* What the handler itself does wrong is not told to it again. */
static void lend_again(ferry_loop *loop, const ferry_exception *exception, void *context)
{
    (void)loop, (void)context;
    int mine = 9;
    CHECK_INT(++told, <, 10);
    CHECK_MATCH(exception->message, "points into the stack of a callback");
    ferry_task *task = ferry_create_task(read_it, &mine);
    CHECK_INT(ferry_task_cancel(task), ==, 1);
    CHECK_INT(ferry_task_detach(task), ==, 0);
}

static int lends_for_ever(void)
{
    ferry_loop_set_exception_handler(lend_again, NULL);
    for (int i = 1; i <= 2; i++) {
        CHECK_INT(ferry_call_soon(lend), ==, 0);
        CHECK_INT(ferry_sleep(0), ==, 0);
        CHECK_INT(told, ==, i);
    }
    ferry_loop_set_exception_handler(NULL, NULL);
    return 0;
}

TEST(a_report_about_the_handler_is_a_line_on_stderr)
{
    CHECK_INT(ferry_run_with((&(ferry_run_options){.debug = true}), lends_for_ever), ==, 0);
}

/* A done callback of a thread without a loop is called by who settles: here by a task that ends. */
static void at_its_end(ferry_future *future, void *context)
{
    (void)context;
    CHECK_INT(ferry_future_result(int, future), ==, 4);
    CHECK_PTR(ferry_current_task(), ==, NULL);
    CHECK_INT(ferry_sleep(0), ==, -EPERM);
    of_handler = ferry_create_task(count_up, 1.0, 2.0, ((struct timespec){.tv_sec = 3}));
    CHECK(of_handler != NULL);
    told++;
}

static int until_told(void)
{
    while (!told)
        CHECK_INT(ferry_sleep(0.001), ==, 0);
    return ferry_await(int, of_handler);
}

TEST(a_done_callback_where_a_task_ends)
{
    ferry_runner *runner = ferry_runner_open(NULL);
    ferry_future *future = ferry_run_coroutine_threadsafe(ferry_runner_loop(runner), give, 4);
    CHECK_INT(ferry_future_add_done_callback(future, at_its_end, NULL), ==, 0);
    CHECK_INT(ferry_runner_run(runner, until_told), ==, 0);
    ferry_future_free(future);
    CHECK_INT(ferry_runner_close(runner), ==, 0);
    CHECK_INT(made, ==, 1);
}

TEST_MAIN
