/* SPDX-License-Identifier: MIT */
/* CPython's cases of done callbacks, which ferry's tasks have. They are told apart by function and
 * context. */
#include "on_loop.h"

#include <ferry/task.h>

static char a[] = "a", b[] = "b", c[] = "c";

static void note_it(ferry_task *task, void *context)
{
    CHECK(ferry_task_done(task));
    note(context);
}

static void add(ferry_task *task, char *name)
{
    CHECK_INT(ferry_task_add_done_callback(task, note_it, name), ==, 0);
}

static ferry_task *with_three(void)
{
    ferry_task *task = ferry_create_task(give, 5);
    add(task, a);
    add(task, b);
    add(task, c);
    return task;
}

static void check_order(ferry_task *task, const char *expected)
{
    CHECK_STR(order(), "");
    run_briefly(); /* it ends */
    run_briefly(); /* they run */
    CHECK_STR(order(), expected);
    CHECK_INT(ferry_await(int, task), ==, 5);
}

TEST_ON_LOOP(the_first_is_taken_back)
{
    ferry_task *task = with_three();
    CHECK_INT(ferry_task_remove_done_callback(task, note_it, a), ==, 1);
    CHECK_INT(ferry_task_remove_done_callback(task, note_it, a), ==, 0);
    check_order(task, "bc");
}

TEST_ON_LOOP(the_first_two_are_taken_back)
{
    ferry_task *task = with_three();
    CHECK_INT(ferry_task_remove_done_callback(task, note_it, a), ==, 1);
    CHECK_INT(ferry_task_remove_done_callback(task, note_it, b), ==, 1);
    CHECK_INT(ferry_task_remove_done_callback(task, note_it, a), ==, 0);
    check_order(task, "c");
}

TEST_ON_LOOP(the_last_is_taken_back)
{
    ferry_task *task = with_three();
    CHECK_INT(ferry_task_remove_done_callback(task, note_it, c), ==, 1);
    CHECK_INT(ferry_task_remove_done_callback(task, note_it, c), ==, 0);
    check_order(task, "ab");
}

TEST_ON_LOOP(they_run_in_the_order_in_which_they_came)
{
    check_order(with_three(), "abc");
}

TEST_ON_LOOP(they_run_after_a_failure_too)
{
    ferry_task *task = ferry_create_task(give, -EDOM);
    add(task, a);
    CHECK_STR(order(), "");
    run_briefly();
    run_briefly();
    CHECK_STR(order(), "a");
    CHECK_INT(ferry_await(int, task), ==, -EDOM);
}

TEST_ON_LOOP(all_that_are_alike_are_taken_back)
{
    ferry_task *task = ferry_create_task(give, 5);
    add(task, a);
    add(task, b);
    CHECK_INT(ferry_task_remove_done_callback(task, note_it, b), ==, 1);
    CHECK_INT(ferry_task_remove_done_callback(task, note_it, c), ==, 0); /* never there */
    add(task, b);
    for (int i = 0; i < 5; i++)
        add(task, a);
    CHECK_INT(ferry_task_remove_done_callback(task, note_it, a), ==, 6);
    check_order(task, "b");
}

static void take_back(ferry_task *task, void *context)
{
    CHECK_INT(ferry_task_remove_done_callback(task, note_it, context), ==, 0);
}

TEST_ON_LOOP(one_that_takes_another_back_comes_too_late)
{
    ferry_task *task = ferry_create_task(give, 5);
    CHECK_INT(ferry_task_add_done_callback(task, take_back, a), ==, 0);
    add(task, a);
    add(task, a);
    check_order(task, "aa");
}

TEST_MAIN
