/* SPDX-License-Identifier: MIT */
/* Queues: what is put is got, once, in the order of the kind; no cancel loses an item. */
#include "sync/queue.h"

/* Numbers that wrap the ring and make the block grow. */
static int fifo(void)
{
    queue = ferry_queue_new(sizeof(int), 0);
    int in = 0, out = 0;
    for (int i = 0; i < 200; i++) {
        for (int k = 0; k < 4 + i % 3; k++)
            CHECK_INT(put_now(in++), ==, 0);
        for (int k = 0; k < 4; k++)
            CHECK_INT(get_now(), ==, out++);
        CHECK_INT(ferry_queue_qsize(queue), ==, in - out);
    }
    CHECK(!ferry_queue_empty(queue) && !ferry_queue_full(queue));
    while (out < in)
        CHECK_INT(get_now(), ==, out++);
    CHECK_INT(get_now(), ==, -EAGAIN);
    CHECK_INT(errno, ==, EAGAIN);
    CHECK(ferry_queue_empty(queue));
    ferry_queue_free(queue);
    return 0;
}

TEST(first_in_first_out)
{
    CHECK_INT(ferry_run(fifo), ==, 0);
}

static int lifo(void)
{
    queue = ferry_lifo_queue_new(sizeof(int), 20);
    CHECK_INT(ferry_queue_maxsize(queue), ==, 20);
    for (int i = 0; i < 20; i++)
        CHECK_INT(put_now(i), ==, 0);
    CHECK(ferry_queue_full(queue));
    CHECK_INT(put_now(20), ==, -EAGAIN);
    for (int i = 20; i-- > 10;)
        CHECK_INT(get_now(), ==, i);
    CHECK_INT(put_now(50), ==, 0);
    CHECK_INT(get_now(), ==, 50);
    CHECK_INT(get_now(), ==, 9);
    ferry_queue_free(queue);
    return 0;
}

TEST(last_in_first_out)
{
    CHECK_INT(ferry_run(lifo), ==, 0);
}

struct job {
    _Alignas(32) int urgency; /* compare must find it aligned: UBSan looks */
    int number;
};

static int by_urgency(const void *a, const void *b)
{
    const struct job *one = a, *other = b;
    return (one->urgency > other->urgency) - (one->urgency < other->urgency);
}

static int priority(void)
{
    ferry_queue *jobs = ferry_priority_queue_new(sizeof(struct job), 0, by_urgency);
    unsigned state = 1;
    struct job job, before = {.urgency = -1};
    for (int i = 0; i < 500; i++) {
        state = state * 1664525 + 1013904223;
        job = (struct job){.urgency = (int)(state >> 28), .number = i};
        CHECK_INT(ferry_queue_put_nowait(jobs, &job), ==, 0);
    }
    for (int i = 0; i < 500; i++) {
        CHECK_INT(ferry_queue_get_nowait(jobs, &job), ==, 0);
        CHECK_INT(job.urgency, >=, before.urgency);
        if (job.urgency == before.urgency)
            CHECK_INT(job.number, >, before.number); /* equal ones as they came */
        before = job;
    }
    CHECK_INT(before.urgency, ==, 15);
    CHECK(ferry_queue_empty(jobs));
    ferry_queue_free(jobs);
    return 0;
}

TEST(the_smallest_first_and_equal_ones_as_they_came)
{
    CHECK_INT(ferry_run(priority), ==, 0);
}

static int items_of_any_size(void)
{
    for (size_t size = 1; size <= 100; size++) {
        char item[100], got[100];
        struct {
            ferry_queue *queue;
        } kinds[3] = {{ferry_queue_new(size, 0)},
                      {ferry_lifo_queue_new(size, 0)},
                      {ferry_priority_queue_new(size, 0, by_urgency)}};
        for (int kind = 0; kind < 2; kind++)
            for (int i = 0; i < 20; i++) {
                memset(item, i, sizeof item);
                CHECK_INT(ferry__item_put_nowait(kinds[kind].queue, item, size, "here"), ==, 0);
            }
        for (int kind = 0; kind < 2; kind++)
            for (int i = 0; i < 20; i++) {
                memset(item, kind ? 19 - i : i, sizeof item);
                CHECK_INT(ferry__item_get_nowait(kinds[kind].queue, got, size, "here"), ==, 0);
                CHECK_INT(memcmp(item, got, size), ==, 0);
            }
        for (int kind = 0; kind < 3; kind++)
            ferry_queue_free(kinds[kind].queue);
    }
    return 0;
}

TEST(items_of_any_size_come_out_whole)
{
    CHECK_INT(ferry_run(items_of_any_size), ==, 0);
}

static int getters(void)
{
    queue = ferry_queue_new(sizeof(int), 2);
    ferry_task *tasks[3];
    for (int i = 0; i < 3; i++)
        tasks[i] = ferry_create_task(get, (char)('a' + i));
    settle();
    for (int i = 0; i < 4; i++)
        CHECK_INT(put_now(10 + i), ==, 0);
    CHECK_INT(ferry_queue_qsize(queue), ==, 1); /* three went to who waited */
    CHECK_INT(get_now(), ==, 13);               /* and no newcomer gets theirs */
    for (int i = 0; i < 3; i++)
        CHECK_ENDS(tasks[i], 10 + i);
    CHECK_TRACE("abc");
    ferry_queue_free(queue);
    return 0;
}

TEST(items_go_to_who_has_waited_longest)
{
    CHECK_INT(ferry_run(getters), ==, 0);
}

static int putters(void)
{
    queue = ferry_queue_new(sizeof(int), 1);
    ferry_task *tasks[3];
    for (int i = 0; i < 3; i++)
        tasks[i] = ferry_create_task(put, (char)('a' + i), i);
    settle();
    CHECK_TRACE("a");
    CHECK_INT(get_now(), ==, 0);
    CHECK_INT(put_now(9), ==, -EAGAIN); /* the place is taken already */
    CHECK_INT(get_now(), ==, 1);
    CHECK_INT(get_now(), ==, 2);
    CHECK_INT(get_now(), ==, -EAGAIN);
    for (int i = 0; i < 3; i++)
        CHECK_ENDS(tasks[i], 0);
    CHECK_TRACE("bc");
    ferry_queue_free(queue);
    return 0;
}

TEST(places_go_to_who_has_waited_longest)
{
    CHECK_INT(ferry_run(putters), ==, 0);
}

static int cancel_getters(void)
{
    queue = ferry_queue_new(sizeof(int), 0);
    ferry_task *a = ferry_create_task(get, 'a'), *b = ferry_create_task(get, 'b');
    ferry_task *c = ferry_create_task(get, 'c'), *d = ferry_create_task(get, 'd');
    settle();
    ferry_task_cancel(a);
    CHECK_ENDS(a, -ECANCELED);
    CHECK_INT(put_now(1), ==, 0);
    ferry_task_cancel(b); /* it has its item */
    ferry_task_cancel(c);
    CHECK_INT(put_now(2), ==, 0); /* and so has this one: it didn't run in between */
    CHECK_INT(put_now(3), ==, 0);
    CHECK_ENDS(b, 1);
    CHECK_ENDS(c, 2);
    CHECK_ENDS(d, 3);
    CHECK_TRACE("-bcd");
    CHECK_INT(put_now(4), ==, 0);
    FERRY_TIMEOUT(0)
        CHECK_INT(get('x'), ==, -ETIMEDOUT); /* though there is one */
    CHECK_INT(get_now(), ==, 4);
    FERRY_TIMEOUT(0.001)
        CHECK_INT(get('x'), ==, -ETIMEDOUT);
    CHECK_TRACE("--");
    ferry_queue_free(queue);
    return 0;
}

TEST(a_cancelled_get_takes_no_item)
{
    CHECK_INT(ferry_run(cancel_getters), ==, 0);
}

static int cancel_putters(void)
{
    queue = ferry_queue_new(sizeof(int), 1);
    CHECK_INT(put_now(0), ==, 0);
    ferry_task *a = ferry_create_task(put, 'a', 1), *b = ferry_create_task(put, 'b', 2);
    ferry_task *c = ferry_create_task(put, 'c', 3);
    settle();
    ferry_task_cancel(a);
    CHECK_ENDS(a, -ECANCELED);
    CHECK_INT(get_now(), ==, 0);
    ferry_task_cancel(b); /* its item is in */
    ferry_task_cancel(c);
    CHECK_INT(get_now(), ==, 2);
    CHECK_INT(get_now(), ==, 3);
    CHECK_ENDS(b, 0);
    CHECK_ENDS(c, 0);
    CHECK_INT(get_now(), ==, -EAGAIN);
    ferry_task_cancel(ferry_current_task());
    CHECK_INT(put('x', 1), ==, -ECANCELED); /* though there is a place */
    CHECK_INT(put_now(5), ==, 0);           /* what doesn't wait doesn't ask */
    CHECK_INT(get_now(), ==, 5);
    CHECK_TRACE("-bc-");
    ferry_queue_free(queue);
    return 0;
}

TEST(a_cancelled_put_puts_no_item)
{
    CHECK_INT(ferry_run(cancel_putters), ==, 0);
}

TEST_MAIN
