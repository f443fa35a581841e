/* SPDX-License-Identifier: MIT */
/*
 * CPython's cases of done callbacks, each with a task and with a future. They are told apart by
 * function and context.
 */
#include "on_loop.h"

#include <ferry/future.h>
#include <ferry/task.h>

static char a[] = "a", b[] = "b", c[] = "c";

static ferry_task *task; /* one of the two */
static ferry_future *future;

static void note_task(ferry_task *ended, void *context)
{
    CHECK_PTR(ended, ==, task);
    CHECK(ferry_task_done(ended));
    note(context);
}

static void note_future(ferry_future *settled, void *context)
{
    CHECK_PTR(settled, ==, future);
    CHECK(ferry_future_done(settled));
    note(context);
}

static void add(char *name)
{
    CHECK_INT(future ? ferry_future_add_done_callback(future, note_future, name)
                     : ferry_task_add_done_callback(task, note_task, name),
              ==, 0);
}

static int take_back(char *name)
{
    return future ? ferry_future_remove_done_callback(future, note_future, name)
                  : ferry_task_remove_done_callback(task, note_task, name);
}

enum { OF_A_TASK, OF_A_FUTURE, BOTH };

static void begin(int what)
{
    on_loop__order[0] = '\0';
    task = what == OF_A_TASK ? ferry_create_task(give, -EDOM) : NULL;
    future = what == OF_A_FUTURE ? ferry_future_new() : NULL;
}

static void begin_with_three(int what)
{
    begin(what);
    add(a);
    add(b);
    add(c);
}

static void finish(const char *expected)
{
    CHECK_STR(order(), "");
    if (future)
        CHECK_INT(ferry_future_set_error(future, EDOM), ==, 0);
    run_briefly(); /* the task ends */
    run_briefly(); /* they run */
    CHECK_STR(order(), expected);
    CHECK_INT(future ? ferry_future_error(future) : ferry_await(int, task), ==, -EDOM);
    ferry_future_free(future);
}

TEST_ON_LOOP(the_first_is_taken_back)
{
    for (int what = 0; what < BOTH; what++) {
        begin_with_three(what);
        CHECK_INT(take_back(a), ==, 1);
        CHECK_INT(take_back(a), ==, 0);
        finish("bc");
    }
}

TEST_ON_LOOP(the_first_two_are_taken_back)
{
    for (int what = 0; what < BOTH; what++) {
        begin_with_three(what);
        CHECK_INT(take_back(a), ==, 1);
        CHECK_INT(take_back(b), ==, 1);
        CHECK_INT(take_back(a), ==, 0);
        finish("c");
    }
}

TEST_ON_LOOP(the_last_is_taken_back)
{
    for (int what = 0; what < BOTH; what++) {
        begin_with_three(what);
        CHECK_INT(take_back(c), ==, 1);
        CHECK_INT(take_back(c), ==, 0);
        finish("ab");
    }
}

TEST_ON_LOOP(they_run_in_the_order_in_which_they_came)
{
    for (int what = 0; what < BOTH; what++) {
        begin_with_three(what);
        finish("abc");
    }
}

/* finish() ends both by an error; here both end well. */
TEST_ON_LOOP(they_run_after_a_result_as_after_an_error)
{
    begin(OF_A_FUTURE);
    add(a);
    CHECK_INT(ferry_future_set_result(future, NULL), ==, 0);
    CHECK_STR(order(), ""); /* never at once */
    run_briefly();
    CHECK_STR(order(), "a");
    CHECK_INT(ferry_future_error(future), ==, 0);
    ferry_future_free(future);
    future = NULL;
    task = ferry_create_task(give, 5);
    add(b);
    run_briefly();
    run_briefly();
    CHECK_STR(order(), "ab");
    CHECK_INT(ferry_await(int, task), ==, 5);
}

TEST_ON_LOOP(all_that_are_alike_are_taken_back)
{
    for (int what = 0; what < BOTH; what++) {
        begin(what);
        add(a);
        add(b);
        CHECK_INT(take_back(b), ==, 1);
        CHECK_INT(take_back(c), ==, 0); /* never there */
        add(b);
        for (int i = 0; i < 5; i++)
            add(a);
        CHECK_INT(take_back(a), ==, 6);
        finish("b");
    }
}

static void task_takes_back(ferry_task *ended, void *context)
{
    CHECK_INT(ferry_task_remove_done_callback(ended, note_task, context), ==, 0);
}

static void future_takes_back(ferry_future *settled, void *context)
{
    CHECK_INT(ferry_future_remove_done_callback(settled, note_future, context), ==, 0);
}

TEST_ON_LOOP(one_that_takes_another_back_comes_too_late)
{
    for (int what = 0; what < BOTH; what++) {
        begin(what);
        CHECK_INT(future ? ferry_future_add_done_callback(future, future_takes_back, a)
                         : ferry_task_add_done_callback(task, task_takes_back, a),
                  ==, 0);
        add(a);
        add(a);
        finish("aa");
    }
}

TEST_MAIN
