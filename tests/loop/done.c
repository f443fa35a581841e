/* SPDX-License-Identifier: MIT */
/* Done callbacks of tasks: their order, what they find, and how they are taken back. */
#include "check.h"

#include "base/fault.h"

#include <ferry/gather.h>
#include <ferry/loop.h>
#include <ferry/run.h>
#include <math.h>

static char steps[64];

static void step(char c)
{
    size_t length = strlen(steps);
    CHECK_INT(length, <, sizeof steps - 1);
    steps[length] = c;
}

static void note(ferry_task *task, void *context)
{
    CHECK(ferry_task_done(task));
    CHECK_PTR(ferry_current_task(), ==, NULL);
    step(*(const char *)context);
}

static char a[] = "a", b[] = "b", c[] = "c";

static int give(int value)
{
    step('g');
    return value;
}

static int in_order(void)
{
    ferry_task *task = ferry_create_task(give, 4);
    CHECK_INT(ferry_task_add_done_callback(task, note, a), ==, 0);
    CHECK_INT(ferry_task_add_done_callback(task, note, b), ==, 0);
    CHECK_INT(ferry_task_add_done_callback(task, note, a), ==, 0);
    CHECK_INT(ferry_await(int, task), ==, 4); /* who waits goes on behind them */
    CHECK_STR(steps, "gaba");
    return 0;
}

TEST(callbacks_run_in_order_before_who_waits)
{
    CHECK_INT(ferry_run(in_order), ==, 0);
}

static void take(ferry_task *task, void *context)
{
    CHECK_INT(ferry_join(task, (int *)context), ==, 0);
    step('t');
}

static int already_done(void)
{
    int result = 0;
    ferry_task *task = ferry_create_task(give, 5);
    CHECK_INT(ferry_sleep(0), ==, 0);
    CHECK(ferry_task_done(task));
    CHECK_INT(ferry_task_add_done_callback(task, note, a), ==, 0);
    CHECK_INT(ferry_task_add_done_callback(task, take, &result), ==, 0);
    CHECK_STR(steps, "g");                                            /* soon, not now */
    CHECK_INT(ferry_task_remove_done_callback(task, note, a), ==, 0); /* too late */
    CHECK_INT(ferry_sleep(0), ==, 0);
    CHECK_STR(steps, "gat");
    CHECK_INT(result, ==, 5);
    CHECK_INT(ferry_task_add_done_callback(task, note, a), ==, -ESRCH);
    CHECK_INT(ferry_task_remove_done_callback(task, note, a), ==, -ESRCH);
    return 0;
}

TEST(of_a_task_that_has_ended_soon)
{
    CHECK_INT(ferry_run(already_done), ==, 0);
}

static int taken_back(void)
{
    ferry_task *task = ferry_create_task(give, 0);
    CHECK_INT(ferry_task_remove_done_callback(task, note, a), ==, 0);
    char *const order[] = {a, b, a, c, a};
    for (int i = 0; i < 5; i++)
        CHECK_INT(ferry_task_add_done_callback(task, note, order[i]), ==, 0);
    CHECK_INT(ferry_task_remove_done_callback(task, note, a), ==, 3); /* first, middle, last */
    CHECK_INT(ferry_task_remove_done_callback(task, note, a), ==, 0);
    CHECK_INT(ferry_task_remove_done_callback(task, take, b), ==, 0);
    CHECK_INT(ferry_task_add_done_callback(task, note, a), ==, 0);
    CHECK_INT(ferry_await(int, task), ==, 0);
    CHECK_STR(steps, "gbca");
    task = ferry_create_task(give, 0);
    CHECK_INT(ferry_task_add_done_callback(task, note, a), ==, 0);
    CHECK_INT(ferry_task_remove_done_callback(task, note, a), ==, 1); /* the only one */
    CHECK_INT(ferry_await(int, task), ==, 0);
    CHECK_STR(steps, "gbcag");
    return 0;
}

TEST(callbacks_are_taken_back)
{
    CHECK_INT(ferry_run(taken_back), ==, 0);
}

static void stale(ferry_task *task, void *context)
{
    errno = 0;
    CHECK(ferry_task_done(task));
    CHECK_INT(errno, ==, ESRCH);
    step(*(const char *)context);
}

static void cancelled(ferry_task *task, void *context)
{
    CHECK(ferry_task_cancelled(task));
    step(*(const char *)context);
}

static void awaited(ferry_task *task, void *context)
{
    CHECK_INT(ferry_join(task, NULL), ==, -EBUSY); /* the result is who waits's */
    step(*(const char *)context);
}

static int ends(void)
{
    ferry_task *tasks[] = {ferry_create_task(give, 1), ferry_create_task(give, 2)};
    int results[2];
    CHECK_INT(ferry_task_add_done_callback(tasks[1], awaited, a), ==, 0);
    CHECK_INT(ferry_gather(tasks, 2, results), ==, 0);
    CHECK_INT(results[1], ==, 2);
    ferry_task *task = ferry_create_task(give, 3);
    CHECK_INT(ferry_task_add_done_callback(task, stale, b), ==, 0);
    CHECK_INT(ferry_task_detach(task), ==, 0);
    task = ferry_create_task(give, 4);
    CHECK_INT(ferry_task_add_done_callback(task, cancelled, c), ==, 0);
    CHECK_INT(ferry_task_cancel(task), ==, 1);
    CHECK_INT(ferry_sleep(0.001), ==, 0);
    CHECK_STR(steps, "ggagbc");
    CHECK_INT(ferry_join(task, NULL), ==, -ECANCELED);
    return 0;
}

TEST(however_a_task_ends)
{
    CHECK_INT(ferry_run(ends), ==, 0);
}

static int wait_for_ever(void)
{
    return ferry_sleep(INFINITY);
}

static int once_more(char *what)
{
    step(*what);
    return 0;
}

static void make_another(ferry_task *task, void *context)
{
    note(task, context);
    ferry_task *made = ferry_create_task(once_more, c); /* is cancelled before it begins */
    CHECK(made != NULL);
    CHECK_INT(ferry_task_add_done_callback(made, note, b), ==, 0); /* dropped with the loop */
}

static int leave(void)
{
    CHECK_INT(ferry_task_add_done_callback(ferry_current_task(), note, b), ==, 0);
    ferry_task *task = ferry_create_task(wait_for_ever);
    CHECK_INT(ferry_task_add_done_callback(task, make_another, a), ==, 0);
    return ferry_sleep(0);
}

TEST(a_loop_that_ends_still_tells)
{
    CHECK_INT(ferry_run(leave), ==, 0);
    CHECK_STR(steps, "ba");
}

static int refusals(void)
{
    ferry_task *self = ferry_current_task();
    CHECK_INT(ferry_task_add_done_callback(NULL, note, a), ==, -EINVAL);
    CHECK_INT(ferry_task_add_done_callback(self, NULL, a), ==, -EINVAL);
    CHECK_INT(ferry_task_remove_done_callback(NULL, note, a), ==, -EINVAL);
    ferry__fault_arm(FERRY__FAULT_ALLOC, 0, 1);
    CHECK_INT(ferry_task_add_done_callback(self, note, a), ==, -ENOMEM);
    ferry__fault_clear();
    CHECK_INT(ferry_task_remove_done_callback(self, note, a), ==, 0);
    return 0;
}

TEST(what_is_refused)
{
    CHECK_INT(ferry_run(refusals), ==, 0);
    CHECK_INT(ferry_task_add_done_callback((ferry_task *)(uintptr_t)5, note, a), ==, -EPERM);
}

TEST_MAIN
