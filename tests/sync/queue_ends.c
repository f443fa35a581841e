/* SPDX-License-Identifier: MIT */
/* Queues: join and shutdown; no memory, and calls that make no sense. */
#include "sync/queue.h"

#include "base/fault.h"

#include <ferry/loop.h>
#include <ferry/thread.h>

static int by_value(const void *a, const void *b)
{
    return *(const int *)a - *(const int *)b;
}

static int join(char name)
{
    int said = ferry_queue_join(queue);
    note(said < 0 ? '-' : name);
    return said;
}

static int joins(void)
{
    queue = ferry_queue_new(sizeof(int), 2);
    CHECK_INT(ferry_queue_join(queue), ==, 0);
    CHECK_INT(ferry_queue_task_done(queue), ==, -EINVAL);
    for (int i = 0; i < 2; i++)
        CHECK_INT(put_now(i), ==, 0);
    ferry_task *third = ferry_create_task(put, 'p', 2);
    ferry_task *a = ferry_create_task(join, 'a'), *b = ferry_create_task(join, 'b');
    settle();
    for (int i = 0; i < 3; i++)
        CHECK_INT(get_now(), ==, i);
    CHECK_ENDS(third, 0);
    CHECK_INT(ferry_queue_task_done(queue), ==, 0);
    CHECK_INT(ferry_queue_task_done(queue), ==, 0);
    settle();
    CHECK_TRACE("p");
    ferry_task_cancel(b);
    CHECK_ENDS(b, -ECANCELED);
    CHECK_INT(ferry_queue_task_done(queue), ==, 0);
    CHECK_INT(ferry_queue_task_done(queue), ==, -EINVAL);
    CHECK_ENDS(a, 0);
    CHECK_TRACE("-a");
    FERRY_TIMEOUT(0)
        CHECK_INT(ferry_queue_join(queue), ==, -ETIMEDOUT);
    ferry_queue_free(queue);
    return 0;
}

TEST(join_waits_until_all_items_are_dealt_with)
{
    CHECK_INT(ferry_run(joins), ==, 0);
}

static int shut_gently(void)
{
    queue = ferry_queue_new(sizeof(int), 1);
    CHECK_INT(put_now(7), ==, 0);
    ferry_task *a = ferry_create_task(put, 'a', 8);
    settle();
    ferry_task_cancel(ferry_current_task());
    CHECK_INT(ferry_queue_shutdown(queue, false), ==, 0); /* no cancel keeps it from that */
    ferry_task_uncancel(ferry_current_task());
    CHECK_ENDS(a, -ESHUTDOWN);
    CHECK_INT(put_now(9), ==, -ESHUTDOWN);
    CHECK_INT(put('x', 9), ==, -ESHUTDOWN);
    CHECK_INT(errno, ==, ESHUTDOWN);
    CHECK_INT(get('g'), ==, 7); /* what was in it still comes out */
    CHECK_INT(get('x'), ==, -ESHUTDOWN);
    CHECK_INT(get_now(), ==, -ESHUTDOWN);
    CHECK_TRACE("--g-");
    CHECK_INT(ferry_queue_task_done(queue), ==, 0);
    CHECK_INT(ferry_queue_join(queue), ==, 0);
    CHECK_INT(ferry_queue_shutdown(queue, true), ==, 0);
    ferry_queue_free(queue);
    return 0;
}

static int shut_at_once(void)
{
    queue = ferry_queue_new(sizeof(int), 0);
    ferry_task *g = ferry_create_task(get, 'g');
    settle();
    CHECK_INT(ferry_queue_shutdown(queue, false), ==, 0);
    CHECK_ENDS(g, -ESHUTDOWN);
    ferry_queue_free(queue);
    queue = ferry_queue_new(sizeof(int), 0);
    for (int i = 0; i < 3; i++)
        CHECK_INT(put_now(i), ==, 0);
    CHECK_INT(get_now(), ==, 0);
    ferry_task *j = ferry_create_task(join, 'j');
    settle();
    CHECK_INT(ferry_queue_shutdown(queue, true), ==, 0);
    CHECK_INT(get_now(), ==, -ESHUTDOWN);
    settle();
    CHECK_TRACE("-"); /* the one that was got is not dealt with */
    CHECK_INT(ferry_queue_task_done(queue), ==, 0);
    CHECK_ENDS(j, 0);
    CHECK_INT(ferry_queue_task_done(queue), ==, -EINVAL);
    ferry_queue_free(queue);
    return 0;
}

TEST(shutdown_gives_out_what_is_left_unless_immediate)
{
    CHECK_INT(ferry_run(shut_gently), ==, 0);
    CHECK_INT(ferry_run(shut_at_once), ==, 0);
}

static int done_too_early(void)
{
    queue = ferry_queue_new(sizeof(int), 0);
    for (int i = 0; i < 3; i++)
        CHECK_INT(put_now(i), ==, 0);
    for (int i = 0; i < 2; i++)
        CHECK_INT(ferry_queue_task_done(queue), ==, 0); /* of items still in it */
    CHECK_INT(ferry_queue_shutdown(queue, true), ==, 0);
    CHECK_INT(ferry_queue_task_done(queue), ==, -EINVAL);
    CHECK_INT(ferry_queue_join(queue), ==, 0);
    ferry_queue_free(queue);
    return 0;
}

TEST(items_dealt_with_before_they_are_got_are_not_counted_twice)
{
    CHECK_INT(ferry_run(done_too_early), ==, 0);
}

static int without_memory(void)
{
    queue = ferry_queue_new(sizeof(int), 0);
    for (int i = 0; i < 8; i++) /* the first block */
        CHECK_INT(put_now(i), ==, 0);
    ferry__fault_arm(FERRY__FAULT_ALLOC, 0, -1);
    CHECK_INT(put_now(8), ==, -ENOMEM);
    CHECK_INT(put('x', 8), ==, -ENOMEM);
    CHECK_INT(errno, ==, ENOMEM);
    CHECK_PTR(ferry_queue_new(sizeof(int), 0), ==, NULL);
    CHECK_PTR(ferry_lifo_queue_new(sizeof(int), 0), ==, NULL);
    CHECK_PTR(ferry_priority_queue_new(sizeof(int), 0, by_value), ==, NULL);
    CHECK_INT(errno, ==, ENOMEM);
    CHECK_INT(ferry_queue_qsize(queue), ==, 8);
    CHECK_INT(get_now(), ==, 0);
    CHECK_INT(put_now(8), ==, 0); /* there is a slot */
    ferry__fault_clear();
    CHECK_INT(put_now(9), ==, 0);
    for (int i = 1; i <= 9; i++)
        CHECK_INT(get_now(), ==, i);
    ferry_queue_free(queue);
    for (int kind = 0; kind < 2; kind++) {
        queue = kind ? ferry_priority_queue_new(SIZE_MAX - 6, 0, by_value)
                     : ferry_queue_new(SIZE_MAX / 2, 0);
        char *item = trace;
        CHECK_INT(ferry__item_put_nowait(queue, item, kind ? SIZE_MAX - 6 : SIZE_MAX / 2, "here"),
                  ==, -ENOMEM);
        ferry_queue_free(queue);
    }
    CHECK_TRACE("-");
    return 0;
}

TEST(without_memory_nothing_is_put)
{
    CHECK_INT(ferry_run(without_memory), ==, 0);
}

static int on_a_worker(void)
{
    int item = 0;
    CHECK_INT(ferry_queue_put(queue, &item), ==, -EPERM);
    CHECK_INT(ferry_queue_get(queue, &item), ==, -EPERM);
    CHECK_INT(ferry_queue_shutdown(queue, false), ==, -EPERM);
    CHECK_INT(ferry_queue_task_done(queue), ==, -EPERM);
    CHECK_INT(ferry_queue_join(queue), ==, -EPERM);
    CHECK_INT(get_now(), ==, -EPERM);
    return put_now(1);
}

static int run_a_loop(void)
{
    return ferry_run(on_a_worker);
}

static void callback(void)
{
    CHECK_INT(put_now(3), ==, 0);
    CHECK_INT(put_now(4), ==, 0);
    CHECK_INT(get_now(), ==, 4);
    int item = 5;
    CHECK_INT(ferry_queue_put(queue, &item), ==, -EPERM);
}

static int misuse(void)
{
    int item = 0, *nowhere = NULL;
    CHECK_INT(ferry_queue_put((ferry_queue *)NULL, &item), ==, -EINVAL);
    CHECK_INT(ferry_queue_get((ferry_queue *)NULL, &item), ==, -EINVAL);
    CHECK_INT(ferry_queue_put_nowait((ferry_queue *)NULL, &item), ==, -EINVAL);
    CHECK_INT(ferry_queue_put(queue, nowhere), ==, -EINVAL);
    CHECK_INT(ferry_queue_get(queue, nowhere), ==, -EINVAL);
    CHECK_INT(ferry_queue_get_nowait(queue, nowhere), ==, -EINVAL);
    CHECK_INT(ferry_queue_join(NULL), ==, -EINVAL);
    CHECK_INT(ferry_queue_task_done(NULL), ==, -EINVAL);
    CHECK_INT(ferry_queue_shutdown(NULL, true), ==, -EINVAL);
    CHECK_INT(ferry_queue_qsize(NULL), ==, 0);
    CHECK_INT(ferry_to_thread(on_a_worker), ==, -EPERM);
    ferry_task *a = ferry_create_task(get, 'a');
    settle();
    CHECK_INT(ferry_to_thread(run_a_loop), ==, -EPERM); /* tasks of this loop wait */
    CHECK_INT(ferry_call_soon(callback), ==, 0);
    CHECK_ENDS(a, 3);
    return 0;
}

static int wrong_item(void)
{
    double item = 0;
    return ferry_queue_put(queue, &item);
}

static int wrong_place(void)
{
    char item = 0;
    return ferry_queue_get_nowait(queue, &item);
}

static int free_too_early(void)
{
    ferry_create_task(get, 'a');
    settle();
    ferry_queue_free(queue);
    return 0;
}

TEST(misuse)
{
    queue = ferry_queue_new(sizeof(int), 4);
    CHECK_PANIC(ferry_run(wrong_item), "ferry_queue_put at .*queue_ends.c:[0-9]+ has an item of 8 "
                                       "bytes, but the queue has items of 4");
    CHECK_PANIC(ferry_run(wrong_place), "ferry_queue_get_nowait at .* of 1 bytes");
    CHECK_PANIC(ferry_run(free_too_early), "ferry_queue_free while a task waits");
    CHECK_INT(put_now(1), ==, -EPERM);
    CHECK_INT(ferry_run(misuse), ==, 0);
    ferry_queue_free(queue);
    ferry_queue_free(NULL);
    CHECK_PTR(ferry_queue_new(0, 1), ==, NULL);
    CHECK_INT(errno, ==, EINVAL);
    CHECK_PTR(ferry_priority_queue_new(4, 1, NULL), ==, NULL);
    CHECK_INT(errno, ==, EINVAL);
}

TEST_MAIN
