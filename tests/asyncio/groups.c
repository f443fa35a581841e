/* SPDX-License-Identifier: MIT */
/*
 * CPython's cases of asyncio.TaskGroup. A group's result is one number, that of the child that
 * failed first, where asyncio raises a group of exceptions; and the block of C code that is the
 * group's body can't fail by itself: it cancels the group where asyncio's raises.
 */
#include "on_loop.h"

#include <ferry/group.h>
#include <ferry/local.h>
#include <ferry/scope.h>

static int cancelled_ones, finished;

/* Counts how it ended. */
static int work(double seconds, int result)
{
    int said = ferry_sleep(seconds);
    if (said < 0)
        cancelled_ones++;
    else
        finished++;
    return said < 0 ? said : result;
}

/* As the others, but answers a cancel with an error of its own. */
static int break_down(double seconds)
{
    return ferry_sleep(seconds) < 0 ? -EDOM : 0;
}

/* The handles end at the brace: results are taken inside, or written by the children. */
static int work_into(double seconds, int result, int *ret)
{
    return *ret = work(seconds, result);
}

TEST_ON_LOOP(the_group_ends_when_all_children_have)
{
    int results[2] = {0, 0};
    FERRY_WITH_TASK_GROUP(group) {
        ferry_task_group_create_task(group, work_into, 0.1, 42, &results[0]);
        ferry_task_group_create_task(group, work_into, 0.2, 11, &results[1]);
    }
    CHECK_INT(ferry_task_group_result(), ==, 0);
    CHECK_INT(results[0], ==, 42);
    CHECK_INT(results[1], ==, 11);
    CHECK_DOUBLE(time_passed(), ==, 0.2);
}

TEST_ON_LOOP(children_may_be_made_while_others_end)
{
    int result = 0;
    FERRY_WITH_TASK_GROUP(group) {
        ferry_task *child = ferry_task_group_create_task(group, work, 0.1, 42);
        CHECK_INT(ferry_sleep(0.15), ==, 0);
        ferry_task_group_create_task(group, work_into, 0.2, 11, &result);
        CHECK_INT(ferry_await(int, child), ==, 42);
    }
    CHECK_INT(result, ==, 11);
    CHECK_DOUBLE(time_passed(), ==, 0.35);
}

TEST_ON_LOOP(a_child_that_is_cancelled_is_no_failure)
{
    int result = 0;
    FERRY_WITH_TASK_GROUP(group) {
        ferry_task *child = ferry_task_group_create_task(group, work, 1.0, 42);
        CHECK_INT(ferry_sleep(0.15), ==, 0);
        CHECK_INT(ferry_task_cancel(child), ==, 1);
        ferry_task_group_create_task(group, work_into, 0.2, 11, &result);
    }
    CHECK_INT(ferry_task_group_result(), ==, 0);
    CHECK_INT(result, ==, 11);
    CHECK_INT(cancelled_ones, ==, 1);
}

TEST_ON_LOOP(a_failing_child_cancels_its_sibling)
{
    FERRY_WITH_TASK_GROUP(group) {
        ferry_task_group_create_task(group, work, 0.1, -EDOM);
        ferry_task_group_create_task(group, work, 1.0, 0);
    }
    CHECK_INT(ferry_task_group_result(), ==, -EDOM);
    CHECK_INT(cancelled_ones, ==, 1);
    CHECK_INT(finished, ==, 1);
    CHECK_DOUBLE(time_passed(), ==, 0.1);
}

TEST_ON_LOOP(several_fail_and_the_body_hears_of_it)
{
    FERRY_WITH_TASK_GROUP(group) {
        ferry_task_group_create_task(group, work, 0.1, -EDOM);
        ferry_task_group_create_task(group, work, 0.1, -ERANGE);
        ferry_task_group_create_task(group, work, 0.1, -ERANGE);
        ferry_task_group_create_task(group, work, 5.0, 0);
        CHECK_INT(ferry_sleep(10), ==, -ECANCELED);
    }
    CHECK_INT(ferry_task_group_result(), ==, -EDOM); /* the first; asyncio: all */
    CHECK_INT(cancelled_ones, ==, 1);
    CHECK_INT(finished, ==, 3);
    CHECK_INT(ferry_task_cancelling(ferry_current_task()), ==, 0);
    run_briefly(); /* nobody cancelled the task itself */
}

static int five_children(bool wait_inside)
{
    FERRY_WITH_TASK_GROUP(group) {
        for (int i = 0; i < 5; i++)
            ferry_task_group_create_task(group, work, 5.0, 0);
        if (wait_inside && ferry_sleep(10) == -ECANCELED)
            cancelled_ones += 10;
    }
    return ferry_task_group_result();
}

static void cancel_at(double seconds, ferry_task *task, int result)
{
    CHECK_INT(ferry_sleep(seconds), ==, 0);
    CHECK(!ferry_task_done(task));
    CHECK_INT(ferry_task_cancel(task), ==, 1);
    CHECK_INT(ferry_await(int, task), ==, result);
}

TEST_ON_LOOP(cancelling_who_waits_at_the_brace_cancels_the_children)
{
    cancel_at(0.1, ferry_create_task(five_children, false), -ECANCELED);
    CHECK_INT(cancelled_ones, ==, 5);
}

TEST_ON_LOOP(cancelling_who_waits_inside_cancels_the_children)
{
    cancel_at(0.1, ferry_create_task(five_children, true), -ECANCELED);
    CHECK_INT(cancelled_ones, ==, 15);
}

static int children_that_break_down(bool in_outer_group)
{
    FERRY_WITH_TASK_GROUP(outer) {
        if (in_outer_group)
            ferry_task_group_create_task(outer, work, 10.0, 0);
        FERRY_WITH_TASK_GROUP(group) {
            for (int i = 0; i < 5; i++)
                ferry_task_group_create_task(group, break_down, 10.0);
            ferry_sleep(10);
        }
        CHECK_INT(ferry_task_group_result(), ==, -ECANCELED);
    }
    return ferry_task_group_result();
}

/* asyncio raises what the children answered to the cancel; ferry says what came first: the
 * cancel. */
TEST_ON_LOOP(errors_in_answer_to_a_cancel_do_not_replace_it)
{
    cancel_at(0.1, ferry_create_task(children_that_break_down, true), -ECANCELED);
    CHECK_INT(cancelled_ones, ==, 1);
}

/* The same where the outer group has nothing to wait for, and so nothing to say. */
TEST_ON_LOOP(a_group_without_children_has_nothing_to_say)
{
    cancel_at(0.1, ferry_create_task(children_that_break_down, false), 0);
}

/* A body that fails: asyncio's raises, ferry's cancels the group. */
static int failing_body(double seconds)
{
    int said = 0;
    FERRY_WITH_TASK_GROUP(group) {
        ferry_task_group_create_task(group, work, 1.0, 42);
        ferry_task_group_create_task(group, work, 2.0, 11);
        if (ferry_sleep(seconds) == 0) {
            ferry_task_group_cancel(group);
            said = -EDOM;
        }
    }
    return said;
}

TEST_ON_LOOP(a_body_that_fails_cancels_the_children)
{
    CHECK_INT(failing_body(0.1), ==, -EDOM);
    CHECK_INT(cancelled_ones, ==, 2);
    CHECK_DOUBLE(time_passed(), ==, 0.1);
}

static int failing_body_at_once(void)
{
    FERRY_WITH_TASK_GROUP(group) {
        ferry_task_group_create_task(group, work, 1.0, 42);
        ferry_task_group_create_task(group, work, 2.0, 11);
        ferry_task_group_cancel(group);
        return -EDOM;
    }
    return 0;
}

TEST_ON_LOOP(a_body_that_fails_before_the_children_begin)
{
    CHECK_INT(failing_body_at_once(), ==, -EDOM);
    CHECK_INT(cancelled_ones + finished, ==, 0);
    CHECK_INT(ferry_task_group_result(), ==, 0); /* it was cancelled by its own block */
    CHECK_DOUBLE(time_passed(), ==, 0);
}

TEST_ON_LOOP(an_outer_failure_interrupts_an_inner_group)
{
    FERRY_WITH_TASK_GROUP(outer) {
        ferry_task_group_create_task(outer, work, 0.1, -ERANGE);
        FERRY_WITH_TASK_GROUP(inner)
            ferry_task_group_create_task(inner, work, 10.0, 0);
        CHECK_INT(ferry_task_group_result(), ==, -ECANCELED);
    }
    CHECK_INT(ferry_task_group_result(), ==, -ERANGE);
    CHECK_DOUBLE(time_passed(), ==, 0.1);
}

/* asyncio's exception goes through both groups; in ferry the block passes it on. */
TEST_ON_LOOP(an_inner_failure_is_passed_on)
{
    int said = 0;
    FERRY_WITH_TASK_GROUP(outer) {
        ferry_task_group_create_task(outer, work, 10.0, 0);
        FERRY_WITH_TASK_GROUP(inner)
            ferry_task_group_create_task(inner, work, 0.1, -ERANGE);
        said = ferry_task_group_result();
        if (said < 0)
            ferry_task_group_cancel(outer);
    }
    CHECK_INT(said, ==, -ERANGE);
    CHECK_INT(cancelled_ones, ==, 1);
    CHECK_DOUBLE(time_passed(), ==, 0.1);
}

/* Cancelled at 0.1, the body cleans up until 0.6; meanwhile, at 0.3, its child fails. */
static int fails_while_cancelled(void)
{
    FERRY_WITH_TASK_GROUP(group) {
        ferry_task_group_create_task(group, work, 0.3, -EDOM);
        CHECK_INT(ferry_sleep(10), ==, -ECANCELED);
        FERRY_SHIELD
        {
            CHECK_INT(ferry_sleep(0.5), ==, 0);
        }
    }
    return ferry_task_group_result();
}

static int await_one_that_fails_while_cancelled(void)
{
    return ferry_await(int, ferry_create_task(fails_while_cancelled));
}

TEST_ON_LOOP(a_failure_between_the_cancel_and_the_brace_is_the_result)
{
    cancel_at(0.1, ferry_create_task(fails_while_cancelled), -EDOM);
    CHECK_DOUBLE(time_passed(), ==, 0.6);
}

TEST_ON_LOOP(and_goes_up_through_an_await)
{
    cancel_at(0.1, ferry_create_task(await_one_that_fails_while_cancelled), -EDOM);
    CHECK_DOUBLE(time_passed(), ==, 0.6);
}

static int body_without_children(int answer)
{
    int said = 0;
    FERRY_WITH_TASK_GROUP(group) {
        (void)group;
        said = ferry_sleep(10);
        cancelled_ones += said == -ECANCELED;
    }
    return answer ? answer : said;
}

TEST_ON_LOOP(a_cancel_of_a_body_without_children)
{
    cancel_at(0.1, ferry_create_task(body_without_children, 0), -ECANCELED);
    CHECK_INT(cancelled_ones, ==, 1);
}

TEST_ON_LOOP(a_cancel_that_the_body_answers_with_an_error)
{
    cancel_at(0.1, ferry_create_task(body_without_children, -EPROTO), -EPROTO);
    CHECK_INT(cancelled_ones, ==, 1);
}

/* Child and body both fail: two numbers in ferry, a group of two exceptions in asyncio. */
TEST_ON_LOOP(a_child_fails_and_the_body_answers_with_an_error)
{
    int said = 0;
    FERRY_WITH_TASK_GROUP(group) {
        ferry_task_group_create_task(group, work, 0.1, -EDOM);
        said = break_down(10) == -EDOM ? -EPROTO : 0;
    }
    CHECK_INT(said, ==, -EPROTO);
    CHECK_INT(ferry_task_group_result(), ==, -EDOM);
    CHECK_INT(ferry_task_cancelling(ferry_current_task()), ==, 0);
}

static int two_children(void)
{
    FERRY_WITH_TASK_GROUP(group) {
        ferry_task_group_create_task(group, work, 1.0, 42);
        ferry_task_group_create_task(group, work, 2.0, 11);
    }
    return ferry_task_group_result();
}

TEST_ON_LOOP(a_cancel_at_the_brace)
{
    cancel_at(0.05, ferry_create_task(two_children), -ECANCELED);
    CHECK_INT(cancelled_ones, ==, 2);
    CHECK_DOUBLE(time_passed(), ==, 0.05);
}

/* asyncio forgets children as they end; ferry those that were detached. */
TEST_ON_LOOP(ended_children_do_not_pile_up)
{
    ferry_task *all[20];
    FERRY_WITH_TASK_GROUP(group) {
        for (int i = 0; i < 10; i++) {
            CHECK_INT(ferry_sleep(0.1), ==, 0);
            ferry_task *child = ferry_task_group_create_task(group, work, 0.3, 0);
            CHECK_INT(ferry_task_detach(child), ==, 0);
            CHECK_INT(ferry_all_tasks(all, 20), <, 6);
        }
        CHECK_INT(ferry_sleep(1.35), ==, 0);
        CHECK_INT(ferry_all_tasks(all, 20), ==, 1);
        CHECK_INT(finished, ==, 10);
    }
}

static int root(ferry_task_group *group)
{
    CHECK_INT(ferry_sleep(0.1), ==, 0);
    ferry_task_group_create_task(group, work, 0.1, 0);
    ferry_task_group_create_task(group, work, 0.2, 0);
    return 0;
}

TEST_ON_LOOP(a_child_makes_children)
{
    FERRY_WITH_TASK_GROUP(group)
        ferry_task_group_create_task(group, root, group);
    CHECK_INT(ferry_task_group_result(), ==, 0);
    CHECK_INT(finished, ==, 2);
    CHECK_DOUBLE(time_passed(), ==, 0.3);
}

static int heads;

static int hydra(ferry_task_group *group)
{
    heads++;
    int said = ferry_sleep(0.01);
    if (said < 0)
        return said;
    ferry_task_group_create_task(group, hydra, group);
    ferry_task_group_create_task(group, hydra, group);
    return 0;
}

static int hercules(void)
{
    while (heads < 10)
        CHECK_INT(ferry_sleep(0.015), ==, 0);
    return -EDOM;
}

TEST_ON_LOOP(children_that_multiply_are_stopped)
{
    FERRY_WITH_TASK_GROUP(group) {
        ferry_task_group_create_task(group, hydra, group);
        ferry_task_group_create_task(group, hercules);
    }
    CHECK_INT(ferry_task_group_result(), ==, -EDOM);
    CHECK_INT(heads, >=, 10);
}

TEST_ON_LOOP(a_child_has_a_name)
{
    FERRY_WITH_TASK_GROUP(group) {
        ferry_task *child = ferry_task_group_create_task(group, work, 0.0, 0);
        CHECK_STR(ferry_task_name(child), "work");
        CHECK_INT(ferry_task_set_name(child, "yolo"), ==, 0);
        CHECK_STR(ferry_task_name(child), "yolo");
    }
}

static ferry_local local = FERRY_LOCAL_INIT;

static int set_local(int *expected, int *value)
{
    CHECK_PTR(ferry_local_get(&local), ==, expected);
    return ferry_local_set(&local, value);
}

/* asyncio may give several children one context; in ferry each has its creator's, copied. */
TEST_ON_LOOP(children_inherit_and_do_not_share)
{
    int values[3];
    CHECK_INT(ferry_local_set(&local, &values[0]), ==, 0);
    FERRY_WITH_TASK_GROUP(group) {
        for (int i = 1; i < 3; i++) {
            ferry_task *child =
                ferry_task_group_create_task(group, set_local, &values[0], &values[i]);
            CHECK_INT(ferry_await(int, child), ==, 0);
        }
    }
    CHECK_PTR(ferry_local_get(&local), ==, &values[0]);
}

static int try_to_make_one(ferry_task_group *group)
{
    CHECK_INT(ferry_sleep(1), ==, -ECANCELED);
    CHECK_PTR(ferry_task_group_create_task(group, work, 0.0, 0), ==, NULL);
    CHECK_INT(errno, ==, ECANCELED);
    return -ECANCELED;
}

TEST_ON_LOOP(a_group_that_failed_takes_no_more)
{
    FERRY_WITH_TASK_GROUP(group) {
        ferry_task_group_create_task(group, work, 0.001, -EDOM);
        ferry_task_group_create_task(group, try_to_make_one, group);
    }
    CHECK_INT(ferry_task_group_result(), ==, -EDOM);
    CHECK_DOUBLE(time_passed(), ==, 0.001);
}

TEST_MAIN
