/* SPDX-License-Identifier: MIT */
/* Task-locals: inherited when a task is made, and its own from then on. */
#include "check.h"

#include "core/locals.h"
#include "core/task.h"

#include <ferry/local.h>
#include <ferry/loop.h>
#include <ferry/run.h>
#include <ferry/task.h>

static ferry_local request = FERRY_LOCAL_INIT, user = FERRY_LOCAL_INIT;
static int one, two, three;

static int child(void)
{
    CHECK_PTR(ferry_local_get(&request), ==, &one);
    CHECK_PTR(ferry_local_get(&user), ==, &three);
    CHECK_INT(ferry_local_set(&request, &two), ==, 0);
    CHECK_PTR(ferry_local_get(&request), ==, &two);
    CHECK_PTR(ferry_local_get(&user), ==, &three);
    ferry_sleep(0);
    CHECK_PTR(ferry_local_get(&request), ==, &two);
    return 0;
}

static int inherit(void)
{
    CHECK_PTR(ferry_local_get(&request), ==, NULL);
    CHECK_INT(ferry_local_set(&user, &three), ==, 0);
    CHECK_INT(ferry_local_set(&request, &one), ==, 0);
    ferry_task *task = ferry_create_task(child);
    CHECK_INT(ferry_local_set(&request, &three), ==, 0); /* the child doesn't see it */
    CHECK_INT(ferry_await(int, task), ==, 0);
    CHECK_PTR(ferry_local_get(&request), ==, &three);
    CHECK_INT(ferry_local_set(&request, NULL), ==, 0);
    CHECK_PTR(ferry_local_get(&request), ==, NULL);
    return 0;
}

TEST(a_child_inherits)
{
    CHECK_INT(ferry_run(inherit), ==, 0);
}

static int long_lived(void)
{
    return ferry_sleep(60);
}

static size_t length(const struct ferry__context *context)
{
    size_t links = 0;
    for (; context; context = context->next)
        links++;
    return links;
}

static int chains(void)
{
    for (int i = 0; i < 100; i++) {
        ferry_local_set(&request, i % 2 ? &one : &two);
        ferry_local_set(&user, &three);
        CHECK(ferry_create_task(long_lived) != NULL);
        CHECK_INT(length(ferry__task_current()->context), ==, 2);
    }
    return 0;
}

TEST(a_chain_is_as_long_as_there_are_keys)
{
    CHECK_INT(ferry_run(chains), ==, 0);
}

static void in_a_callback(void)
{
    CHECK_PTR(ferry_local_get(&request), ==, NULL);
    CHECK_INT(ferry_local_set(&request, &one), ==, -EPERM);
}

static int callbacks(void)
{
    ferry_local_set(&request, &one);
    CHECK_INT(ferry_call_soon(in_a_callback), ==, 0);
    ferry_sleep(0.001);
    return 0;
}

TEST(outside_a_task)
{
    CHECK_PTR(ferry_local_get(&request), ==, NULL);
    CHECK_INT(ferry_local_set(&request, &one), ==, -EPERM);
    CHECK_INT(ferry_run(callbacks), ==, 0);
}

TEST_MAIN
