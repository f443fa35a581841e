/* SPDX-License-Identifier: MIT */
/*
 * CPython's cases of asyncio.Queue. An item goes straight from who puts to who waits: so a get that
 * is cancelled after that has it all the same, and its task's next wait says that it was cancelled.
 */
#include "on_loop.h"

#include <ferry/gather.h>
#include <ferry/group.h>
#include <ferry/loop.h>
#include <ferry/queue.h>
#include <ferry/scope.h>

static ferry_queue *queue;

static void begin(size_t maxsize)
{
    queue = ferry_queue_new(sizeof(int), maxsize);
    CHECK(queue != NULL);
}

static int put(int item)
{
    return ferry_queue_put(queue, &item);
}

static int put_nowait(int item)
{
    return ferry_queue_put_nowait(queue, &item);
}

/* The item, or the error. */
static int get(void)
{
    int item = 0, said = ferry_queue_get(queue, &item);
    return said < 0 ? said : item;
}

static int get_nowait(void)
{
    int item = 0, said = ferry_queue_get_nowait(queue, &item);
    return said < 0 ? said : item;
}

TEST_ON_LOOP(empty_and_full)
{
    begin(0);
    CHECK(ferry_queue_empty(queue));
    CHECK(!ferry_queue_full(queue));
    CHECK_INT(put(1), ==, 0);
    CHECK(!ferry_queue_empty(queue));
    CHECK_INT(get(), ==, 1);
    CHECK(ferry_queue_empty(queue));
    ferry_queue_free(queue);
    begin(1);
    CHECK_INT(put(1), ==, 0);
    CHECK(ferry_queue_full(queue));
    ferry_queue_free(queue);
}

static void check_order(const int *expected)
{
    const int items[] = {1, 3, 2};
    for (int i = 0; i < 3; i++)
        CHECK_INT(put(items[i]), ==, 0);
    for (int i = 0; i < 3; i++)
        CHECK_INT(get(), ==, expected[i]);
    ferry_queue_free(queue);
}

TEST_ON_LOOP(first_in_first_out)
{
    begin(0);
    check_order((const int[]){1, 3, 2});
}

TEST_ON_LOOP(last_in_first_out)
{
    queue = ferry_lifo_queue_new(sizeof(int), 0);
    check_order((const int[]){2, 3, 1});
}

static int compare(const void *left, const void *right)
{
    return *(const int *)left - *(const int *)right;
}

TEST_ON_LOOP(the_smallest_first)
{
    queue = ferry_priority_queue_new(sizeof(int), 0, compare);
    check_order((const int[]){1, 2, 3});
}

static int put_three(void)
{
    const char *names[] = {"0", "1", "2"};
    for (int i = 0; i < 3; i++) {
        CHECK_INT(put(i), ==, 0);
        note(names[i]);
    }
    return 1;
}

TEST_ON_LOOP(a_full_queue_holds_the_putter_up)
{
    begin(2);
    CHECK_INT(ferry_queue_maxsize(queue), ==, 2);
    ferry_task *task = ferry_create_task(put_three);
    run_briefly();
    run_briefly();
    CHECK_STR(order(), "01");
    CHECK_INT(get(), ==, 0);
    run_briefly();
    CHECK_STR(order(), "012");
    CHECK_INT(get(), ==, 1);
    CHECK_INT(get(), ==, 2);
    CHECK_INT(ferry_await(int, task), ==, 1);
    ferry_queue_free(queue);
}

TEST_ON_LOOP(an_item_that_is_there)
{
    begin(0);
    CHECK_INT(put_nowait(1), ==, 0);
    CHECK_INT(get(), ==, 1);
    CHECK_INT(put_nowait(2), ==, 0);
    CHECK_INT(get_nowait(), ==, 2);
    ferry_queue_free(queue);
}

TEST_ON_LOOP(a_get_lets_a_waiting_putter_through)
{
    begin(1);
    ferry_task *one = ferry_create_task(put, 1), *two = ferry_create_task(put, 2);
    CHECK_INT(get(), ==, 1);
    CHECK_INT(get(), ==, 2);
    CHECK_INT(ferry_await(int, one), ==, 0);
    CHECK_INT(ferry_await(int, two), ==, 0);
    ferry_queue_free(queue);
}

TEST_ON_LOOP(a_get_waits_for_an_item)
{
    begin(0);
    ferry_task *task = ferry_create_task(get);
    run_briefly();
    CHECK(!ferry_task_done(task));
    CHECK(ferry_call_later(0.01, put_nowait, 1) != NULL);
    CHECK_INT(ferry_await(int, task), ==, 1);
    CHECK_DOUBLE(time_passed(), ==, 0.01);
    ferry_queue_free(queue);
}

TEST_ON_LOOP(without_waiting_empty_and_full_are_told)
{
    begin(1);
    CHECK_INT(get_nowait(), ==, -EAGAIN);
    CHECK_INT(put_nowait(1), ==, 0);
    CHECK_INT(put_nowait(2), ==, -EAGAIN);
    CHECK_INT(get_nowait(), ==, 1);
    ferry_queue_free(queue);
}

TEST_ON_LOOP(the_getter_behind_a_cancelled_one)
{
    begin(0);
    ferry_task *one = ferry_create_task(get), *two = ferry_create_task(get);
    run_briefly();
    ferry_task_cancel(one);
    run_briefly();
    CHECK(ferry_task_done(one));
    CHECK_INT(put(7), ==, 0);
    run_briefly();
    CHECK_INT(ferry_await(int, two), ==, 7);
    CHECK_INT(ferry_await(int, one), ==, -ECANCELED);
    ferry_queue_free(queue);
}

static int produce(int count)
{
    for (int i = 0; i < count; i++)
        CHECK_INT(put(i), ==, 0);
    return 0;
}

static int consume(int count)
{
    for (int i = 0; i < count; i++)
        CHECK_INT(get(), ==, i);
    return 0;
}

TEST_ON_LOOP(producer_and_consumer_over_one_place)
{
    begin(1);
    FERRY_WITH_TASK_GROUP(group) {
        ferry_task_group_create_task(group, produce, 5);
        ferry_task_group_create_task(group, consume, 5);
    }
    CHECK_INT(ferry_task_group_result(), ==, 0);
    ferry_queue_free(queue);
}

TEST_ON_LOOP(a_get_that_runs_out_of_time_is_forgotten)
{
    begin(5);
    FERRY_TIMEOUT(0.1) {
        CHECK_INT(get(), ==, -ETIMEDOUT);
    }
    CHECK(ferry_timeout_expired());
    CHECK_INT(put(1), ==, 0);
    CHECK_INT(ferry_queue_qsize(queue), ==, 1); /* it wasn't handed to anybody */
    ferry_queue_free(queue);
}

static int put_two(void)
{
    CHECK_INT(put(1), ==, 0);
    CHECK_INT(put(2), ==, 0);
    note("both");
    return 0;
}

TEST_ON_LOOP(a_put_waits_for_a_place)
{
    begin(1);
    CHECK(ferry_call_later(0.01, get_nowait) != NULL);
    ferry_task *task = ferry_create_task(put_two);
    run_briefly();
    CHECK_STR(order(), "");
    CHECK_INT(ferry_await(int, task), ==, 0);
    CHECK_STR(order(), "both");
    CHECK_DOUBLE(time_passed(), ==, 0.01);
    ferry_queue_free(queue);
}

/* asyncio puts the first item back for the next; in ferry the reader has it already. */
TEST_ON_LOOP(a_reader_cancelled_after_the_put_loses_no_item)
{
    begin(0);
    ferry_task *reader = ferry_create_task(get);
    run_briefly();
    CHECK_INT(put_nowait(1), ==, 0);
    CHECK_INT(put_nowait(2), ==, 0);
    ferry_task_cancel(reader);
    CHECK_INT(ferry_await(int, reader), ==, 1);
    CHECK_INT(get(), ==, 2);
    ferry_queue_free(queue);
}

TEST_ON_LOOP(one_of_three_readers_is_cancelled)
{
    ferry_task *readers[3];
    int results[3];
    begin(0);
    for (int i = 0; i < 3; i++)
        readers[i] = ferry_create_task(get);
    run_briefly();
    ferry_task_cancel(readers[0]); /* before the puts: but it has not run yet */
    CHECK_INT(put_nowait(1), ==, 0);
    CHECK_INT(put_nowait(2), ==, 0);
    run_briefly();
    ferry_task_cancel(readers[2]);
    CHECK_INT(ferry_gather(readers, 3, results), ==, 0);
    CHECK_INT(results[0], ==, 1);
    CHECK_INT(results[1], ==, 2);
    CHECK_INT(results[2], ==, -ECANCELED);
    CHECK(ferry_queue_empty(queue));
    ferry_queue_free(queue);
}

/* asyncio's writer may have to put again; in ferry its item was taken over with the place. */
TEST_ON_LOOP(a_writer_cancelled_after_the_get_loses_no_item)
{
    begin(1);
    CHECK_INT(put_nowait(1), ==, 0);
    ferry_task *writer = ferry_create_task(put, 2);
    run_briefly();
    CHECK_INT(get_nowait(), ==, 1);
    ferry_task_cancel(writer);
    CHECK_INT(ferry_await(int, writer), ==, 0);
    CHECK_INT(get_nowait(), ==, 2);
    CHECK_INT(ferry_queue_qsize(queue), ==, 0);
    ferry_queue_free(queue);
}

TEST_ON_LOOP(a_put_that_need_not_wait)
{
    begin(0);
    ferry_task *task = ferry_create_task(put, 1);
    CHECK_INT(get(), ==, 1);
    CHECK(ferry_task_done(task));
    CHECK_INT(ferry_await(int, task), ==, 0);
    ferry_queue_free(queue);
}

TEST_ON_LOOP(one_of_three_writers_is_cancelled)
{
    begin(1);
    ferry_task *a = ferry_create_task(put, 1), *b = ferry_create_task(put, 2),
               *c = ferry_create_task(put, 3);
    run_briefly();
    CHECK(ferry_task_done(a));
    CHECK(!ferry_task_done(b));
    ferry_task_cancel(c);
    run_briefly();
    CHECK(ferry_task_done(c));
    CHECK_INT(get_nowait(), ==, 1);
    run_briefly();
    CHECK_INT(get_nowait(), ==, 2);
    CHECK_INT(get_nowait(), ==, -EAGAIN); /* the third was never put */
    CHECK_INT(ferry_await(int, b), ==, 0);
    CHECK_INT(ferry_await(int, c), ==, -ECANCELED);
    ferry_queue_free(queue);
}

static int get_all_that_is_there(void)
{
    CHECK_INT(ferry_sleep(0), ==, 0);
    for (size_t left = ferry_queue_qsize(queue); left > 0; left--)
        CHECK_INT(get_nowait(), >=, 0);
    return 0;
}

TEST_ON_LOOP(gets_without_waiting_let_all_putters_through)
{
    begin(2);
    FERRY_WITH_TASK_GROUP(group) {
        ferry_task_group_create_task(group, get_all_that_is_there);
        for (int i = 0; i < 4; i++)
            ferry_task_group_create_task(group, put, i);
    }
    CHECK_INT(ferry_task_group_result(), ==, 0);
    CHECK_INT(ferry_queue_qsize(queue), ==, 2);
    ferry_queue_free(queue);
}

TEST_ON_LOOP(a_cancelled_put_is_forgotten)
{
    begin(1);
    CHECK_INT(put_nowait(1), ==, 0);
    ferry_task *task = ferry_create_task(put, 2);
    run_briefly();
    ferry_task_cancel(task);
    CHECK_INT(ferry_await(int, task), ==, -ECANCELED);
    CHECK_INT(get_nowait(), ==, 1);
    CHECK(ferry_queue_empty(queue));
    ferry_queue_free(queue);
}

static ferry_queue *make(int kind)
{
    return kind == 0   ? ferry_queue_new(sizeof(int), 0)
           : kind == 1 ? ferry_lifo_queue_new(sizeof(int), 0)
                       : ferry_priority_queue_new(sizeof(int), 0, compare);
}

TEST_ON_LOOP(more_is_done_than_was_put)
{
    for (int kind = 0; kind < 3; kind++) {
        queue = make(kind);
        CHECK_INT(ferry_queue_task_done(queue), ==, -EINVAL);
        ferry_queue_free(queue);
    }
}

static int sum;

static int add_up(void)
{
    int item;
    while ((item = get()) >= 0) {
        sum += item;
        CHECK_INT(ferry_queue_task_done(queue), ==, 0);
    }
    return item;
}

TEST_ON_LOOP(join_waits_until_all_is_done)
{
    for (int kind = 0; kind < 3; kind++) {
        queue = make(kind);
        sum = 0;
        for (int i = 0; i < 100; i++)
            CHECK_INT(put_nowait(i), ==, 0);
        ferry_task *workers[] = {ferry_create_task(add_up), ferry_create_task(add_up)};
        CHECK_INT(ferry_queue_join(queue), ==, 0);
        CHECK_INT(sum, ==, 4950);
        CHECK_INT(ferry_queue_shutdown(queue, false), ==, 0);
        CHECK_INT(ferry_await(int, workers[0]), ==, -ESHUTDOWN);
        CHECK_INT(ferry_await(int, workers[1]), ==, -ESHUTDOWN);
        ferry_queue_free(queue);
    }
}

TEST_ON_LOOP(joining_an_empty_queue)
{
    for (int kind = 0; kind < 3; kind++) {
        queue = make(kind);
        CHECK_INT(ferry_queue_join(queue), ==, 0);
        CHECK_INT(ferry_queue_join(queue), ==, 0);
        ferry_queue_free(queue);
    }
}

TEST_MAIN
