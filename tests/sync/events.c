/* SPDX-License-Identifier: MIT */
/* Events: all who wait go on, in order. */
#include "sync/sync.h"

#include <ferry/event.h>
#include <ferry/loop.h>
#include <ferry/thread.h>

static ferry_event event = FERRY_EVENT_INIT;

static int await_it(char name)
{
    int said = ferry_event_wait(&event);
    note(said < 0 ? '-' : name);
    return said;
}

static int all_go_on(void)
{
    ferry_task *tasks[4];
    for (int i = 0; i < 4; i++)
        tasks[i] = ferry_create_task(await_it, (char)('a' + i));
    settle();
    CHECK_TRACE("");
    CHECK(!ferry_event_is_set(&event));
    CHECK_INT(ferry_event_set(&event), ==, 0);
    CHECK(ferry_event_is_set(&event));
    CHECK_INT(ferry_event_clear(&event), ==, 0); /* too late for those who waited */
    for (int i = 0; i < 4; i++)
        CHECK_ENDS(tasks[i], 0);
    CHECK_TRACE("abcd");
    ferry_task *late = ferry_create_task(await_it, 'e');
    settle();
    CHECK_TRACE("");
    CHECK_INT(ferry_event_set(&event), ==, 0);
    CHECK_INT(ferry_event_set(&event), ==, 0);
    CHECK_ENDS(late, 0);
    CHECK_TRACE("e");
    CHECK_INT(ferry_event_wait(&event), ==, 0);
    return ferry_event_clear(&event);
}

TEST(all_who_wait_go_on)
{
    CHECK_INT(ferry_run(all_go_on), ==, 0);
    CHECK(!ferry_event_is_set(&event));
    CHECK_INT(ferry_run(all_go_on), ==, 0);
}

static int interruptions(void)
{
    ferry_task *a = ferry_create_task(await_it, 'a'), *b = ferry_create_task(await_it, 'b');
    ferry_task *c = ferry_create_task(await_it, 'c');
    settle();
    ferry_task_cancel(b);
    CHECK_ENDS(b, -ECANCELED);
    ferry_task_cancel(c);
    CHECK_INT(ferry_event_set(&event), ==, 0); /* before c ran: it was woken */
    ferry_task_cancel(a);
    CHECK_ENDS(a, 0);
    CHECK_ENDS(c, 0);
    CHECK_TRACE("-ca"); /* in the order in which they got ready */
    FERRY_TIMEOUT(0)
        CHECK_INT(ferry_event_wait(&event), ==, -ETIMEDOUT); /* though it is set */
    CHECK_INT(ferry_event_clear(&event), ==, 0);
    FERRY_TIMEOUT(0.001)
        CHECK_INT(ferry_event_wait(&event), ==, -ETIMEDOUT);
    ferry_task_cancel(ferry_current_task());
    CHECK_INT(ferry_event_wait(&event), ==, -ECANCELED);
    CHECK_INT(ferry_event_set(&event), ==, 0);
    return ferry_event_clear(&event);
}

TEST(waits_are_interrupted_and_sets_are_not)
{
    CHECK_INT(ferry_run(interruptions), ==, 0);
}

static int set_on_a_worker(ferry_loop *loop)
{
    CHECK_INT(ferry_event_set(&event), ==, -EPERM);
    CHECK_INT(ferry_event_clear(&event), ==, -EPERM);
    return ferry_call_soon_threadsafe(loop, ferry_event_set, &event);
}

static int set_elsewhere(void)
{
    CHECK_INT(ferry_event_set(&event), ==, -EPERM);
    CHECK_INT(ferry_event_wait(&event), ==, -EPERM);
    return 0;
}

static int run_a_loop(void)
{
    return ferry_run(set_elsewhere);
}

static int from_other_places(void)
{
    ferry_task *task = ferry_create_task(await_it, 'a');
    settle();
    CHECK_INT(ferry_to_thread(run_a_loop), ==, 0);
    CHECK_INT(ferry_to_thread(set_on_a_worker, ferry_get_running_loop()), ==, 0);
    CHECK_ENDS(task, 0);
    CHECK_INT(ferry_event_clear(&event), ==, 0);
    CHECK_INT(ferry_call_later(0.001, ferry_event_set, &event) != NULL, ==, 1);
    CHECK_INT(ferry_event_wait(&event), ==, 0);
    CHECK_INT(ferry_event_set(NULL), ==, -EINVAL);
    CHECK_INT(ferry_event_clear(NULL), ==, -EINVAL);
    CHECK_INT(ferry_event_wait(NULL), ==, -EINVAL);
    CHECK(!ferry_event_is_set(NULL));
    return 0;
}

TEST(from_callbacks_and_not_from_other_threads)
{
    CHECK_INT(ferry_event_set(&event), ==, -EPERM);
    CHECK_INT(ferry_event_wait(&event), ==, -EPERM);
    CHECK_INT(ferry_run(from_other_places), ==, 0);
}

static int free_it_too_early(void)
{
    ferry_create_task(await_it, 'a');
    settle();
    ferry_event_deinit(&event);
    return 0;
}

TEST(deinit_wants_nobody_to_wait)
{
    CHECK_PANIC(ferry_run(free_it_too_early), "ferry_event_deinit while a task waits");
    ferry_event mine;
    memset(&mine, 0xff, sizeof mine);
    ferry_event_init(&mine);
    CHECK(!ferry_event_is_set(&mine));
    ferry_event_deinit(&mine);
    ferry_event_deinit(NULL);
}

TEST_MAIN
