/* SPDX-License-Identifier: MIT */
/*
 * Everything at once, by a seed: tasks that sleep, await, gather, open groups and scopes, and
 * cancel each other. Nothing may hang, leak or crash, and each task that begins ends.
 */
#include "check.h"

#include "core/task.h"

#include <ferry/future.h>
#include <ferry/gather.h>
#include <ferry/group.h>
#include <ferry/loop.h>
#include <ferry/run.h>

enum { KNOWN = 64, DEPTH = 3 };

static ferry_task *known[KNOWN]; /* some are stale: cancelling those is harmless */
static unsigned long state;
static int begun, ended;

static unsigned random_below(unsigned limit)
{
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(state >> 33) % limit;
}

static double moment(void)
{
    return random_below(3) ? random_below(300) * 1e-6 : 0;
}

static int work(int depth);

static ferry_task *child(int depth)
{
    ferry_task *task = ferry_create_task(work, depth - 1);
    CHECK(task != NULL);
    known[random_below(KNOWN)] = task;
    return task;
}

static void cancel_one(void)
{
    ferry_task *task = known[random_below(KNOWN)];
    if (task)
        CHECK_INT(ferry_task_cancel(task), >=, -ESRCH);
}

static void gather_some(int depth)
{
    ferry_task *tasks[5] = {0};
    int results[5];
    size_t count = random_below(6);
    for (size_t i = 0; i < count; i++)
        tasks[i] = child(depth);
    int said = ferry_gather(tasks, count, results);
    CHECK(said == 0 || said == -ECANCELED);
    for (size_t i = 0; i < count; i++)
        CHECK_INT(ferry_join(tasks[i], NULL), ==, -ESRCH);
}

static void complete_some(int depth)
{
    ferry_task *tasks[4], *task;
    for (int i = 0; i < 4; i++)
        tasks[i] = child(depth);
    ferry_completion completion = ferry_as_completed(tasks, 4);
    unsigned most = random_below(6);
    while (most-- > 0 && (task = ferry_completion_next(&completion)))
        CHECK_INT(ferry_join(task, NULL), <=, 0);
    for (int i = 0; i < 4; i++)
        if (ferry_join(tasks[i], NULL) == -ESRCH)
            continue;
}

static void open_group(int depth)
{
    FERRY_WITH_TASK_GROUP(group) {
        for (unsigned i = random_below(4); i > 0; i--) {
            ferry_task *task = ferry_task_group_create_task(group, work, depth - 1);
            if (!task)
                CHECK_INT(errno, ==, ECANCELED);
            else if (random_below(3) == 0)
                ferry_task_detach(task);
            else if (random_below(3) == 0)
                ferry_join(task, NULL);
        }
        if (random_below(4) == 0)
            ferry_task_group_cancel(group);
        ferry_sleep(moment());
    }
}

static void settle(ferry_future *future)
{
    ferry_future_set_result(future, future);
}

static void await_future(void)
{
    ferry_future *future = ferry_future_new();
    ferry_timer *timer = ferry_call_later(moment(), settle, future);
    int said = ferry_future_await(future, NULL);
    CHECK(said == 0 || said == -ECANCELED || said == -ETIMEDOUT);
    if (said)
        FERRY_SHIELD
        {
            if (ferry_timer_cancel(timer) != 0)
                CHECK_INT(ferry_future_await(future, NULL), ==, 0);
        }
    ferry_future_free(future);
}

static void step(int depth)
{
    switch (random_below(depth > 0 ? 9 : 4)) {
    case 0:
        ferry_sleep(moment());
        break;
    case 1:
        cancel_one();
        break;
    case 2:
        await_future();
        break;
    case 3:
        FERRY_SHIELD ferry_sleep(moment());
        break;
    case 4:
        ferry_join(child(depth), NULL);
        break;
    case 5:
        gather_some(depth);
        break;
    case 6:
        complete_some(depth);
        break;
    case 7:
        open_group(depth);
        break;
    default:
        FERRY_TIMEOUT(moment())
            step(depth - 1);
    }
}

static int work(int depth)
{
    begun++;
    for (unsigned steps = 1 + random_below(4); steps > 0; steps--)
        step(depth);
    CHECK_PTR(ferry__task_current()->scopes, ==, NULL);
    ended++;
    return random_below(5) ? 0 : -1 - (int)random_below(40);
}

static int count_leftovers(struct ferry__sched *sched)
{
    int left = 0;
    for (uint32_t i = 0; i < sched->tasks.made; i++)
        left += ferry__slot_at(&sched->tasks, i) != NULL;
    return left;
}

static void ignore(ferry_loop *loop, const ferry_exception *exception, void *context)
{
    (void)loop, (void)exception, (void)context;
}

static int storm(int rounds)
{
    ferry_loop_set_exception_handler(ignore, NULL);
    for (int round = 0; round < rounds; round++) {
        ferry_task *task = ferry_create_task(work, DEPTH);
        known[0] = task;
        FERRY_TIMEOUT(random_below(4) ? 10 : 1e-4)
            ferry_join(task, NULL);
        if (random_below(8) == 0)
            ferry_create_task(work, DEPTH); /* nobody awaits it */
    }
    return count_leftovers(ferry__sched_here) > rounds;
}

static void weather(unsigned long seed)
{
    state = seed;
    memset(known, 0, sizeof known);
    CHECK_INT(ferry_run(storm, CHECK_UNDER_TSAN ? 10 : 100), ==, 0);
    CHECK_INT(begun, ==, ended);
    CHECK_INT(begun, >, 10);
}

TEST(storms)
{
    for (unsigned long seed = 1; seed <= (CHECK_UNDER_TSAN ? 2 : 8); seed++)
        weather(seed);
}

TEST_MAIN
