/* SPDX-License-Identifier: MIT */
/* Every allocation, mapping and guard may fail: an error each time, nothing lost, and the loop goes
 * on. */
#include "check.h"

#include "base/fault.h"
#include "core/sched.h"

#include <ferry/future.h>
#include <ferry/gather.h>
#include <ferry/group.h>
#include <ferry/local.h>
#include <ferry/loop.h>
#include <ferry/run.h>

static ferry_local local = FERRY_LOCAL_INIT;

static int number(int n)
{
    ferry_sleep(0);
    return n;
}

static void nothing(void) {}

static void readable(int fd, void *context)
{
    (void)context;
    ferry_loop_remove_reader(fd);
}

static int refused;

/* Only ENOMEM (or a full table) may be the reason, and it is counted. */
static bool worked(bool it_did)
{
    if (it_did)
        return true;
    CHECK(errno == ENOMEM || errno == EMFILE);
    refused++;
    return false;
}

static int everything(void)
{
    ferry_task *made[100];
    size_t count = 0;
    for (int i = 0; i < 100; i++) {
        ferry_task *task = ferry_create_task(number, i);
        if (worked(task != NULL))
            made[count++] = task;
    }
    if (count > 0)
        worked(ferry_task_set_name(made[0], "first %d", 1) == 0);
    ferry_completion completion = ferry_as_completed(made, count);
    ferry_task *task;
    while ((task = ferry_completion_next(&completion)))
        CHECK_INT(ferry_await(int, task), >=, 0);
    if (errno) { /* it couldn't: the tasks are still ours */
        worked(false);
        CHECK_INT(ferry_gather(made, count, NULL), ==, 0);
    }
    FERRY_WITH_TASK_GROUP(group)
        worked(ferry_task_group_create_task(group, number, 1) != NULL);
    CHECK_INT(ferry_task_group_result(), ==, 0);
    worked(ferry_call_soon(nothing) == 0);
    worked(ferry_call_later(0.001, nothing) != NULL);
    worked(ferry_call_soon_threadsafe(ferry_get_running_loop(), nothing) == 0);
    ferry_future *remote = ferry_run_coroutine_threadsafe(ferry_get_running_loop(), number, 6);
    if (worked(remote != NULL)) {
        int result = ferry_future_result(int, remote);
        if (worked(result != -1))
            CHECK_INT(result, ==, 6);
        ferry_future_free(remote);
    }
    ferry_future *future = ferry_future_new();
    if (worked(future != NULL)) {
        CHECK_INT(ferry_future_set_result(future, &refused), ==, 0);
        ferry_future_free(future);
    }
    worked(ferry_local_set(&local, &refused) == 0);
    int ends[2];
    CHECK_INT(pipe(ends), ==, 0);
    CHECK_INT(write(ends[1], "x", 1), ==, 1);
    worked(ferry_loop_add_reader(ends[0], readable, NULL) == 0);
    CHECK_INT(ferry_sleep(0.002), ==, 0);
    close(ends[0]);
    close(ends[1]);
    return 1;
}

/* How many passes go through this point when nothing fails? Then each of them fails in turn, once
 * alone and once with all that follow. */
static void sweep(enum ferry__fault point, long passes)
{
    bool seen = false;
    for (long skip = 0; skip < passes; skip++) {
        for (long count = 1; count >= -1; count -= 2) {
            refused = 0;
            ferry__fault_arm(point, skip, count);
            int result = ferry_run(everything);
            ferry__fault_clear();
            CHECK(result == 1 || result == 70);
            seen |= refused > 0 || result == 70;
            CHECK_INT(ferry_run(everything), ==, 1); /* and the next one is well */
        }
    }
    CHECK(seen);
}

static int lose_nothing(void)
{
    enum { COUNT = 63 }; /* with the main task's, as many as slots are made at a time */
    for (int i = 0; i < COUNT; i++)
        CHECK(ferry_create_task(number, i) != NULL);
    ferry__fault_arm(FERRY__FAULT_ALLOC, 0, -1);
    for (int i = 0; i < 100; i++) {
        CHECK_PTR(ferry_create_task(number, i), ==, NULL);
        CHECK_INT(errno, ==, ENOMEM);
    }
    ferry__fault_clear();
    CHECK(ferry_create_task(number, 1) != NULL);
    CHECK_INT(ferry__sched_here->stacks.made, ==, COUNT + 1); /* none was lost on the way */
    return 0;
}

TEST(a_stack_without_a_slot_is_put_back)
{
    CHECK_INT(ferry_run(lose_nothing), ==, 0);
}

TEST(every_allocation)
{
    sweep(FERRY__FAULT_ALLOC, 24);
}

TEST(every_mapping)
{
    sweep(FERRY__FAULT_MAP, 6);
}

TEST(every_guard)
{
    sweep(FERRY__FAULT_PROTECT, CHECK_UNDER_TSAN ? 10 : 103);
}

TEST(every_descriptor)
{
    sweep(FERRY__FAULT_DESCRIPTOR, 3);
    sweep(FERRY__FAULT_EPOLL, 3);
}

TEST_MAIN
