/* SPDX-License-Identifier: MIT */
/* Streams: every item once, in order, in both directions, between tasks, workers and threads, and
 * never more of them than there is room for. */
#include "base/fault.h"

#include "crowd.h"
#include "stream.h"

enum { LARGEST = 70000 };

/* What an item of `size` bytes looks like: its number at both ends. */
static void paint(unsigned char *item, size_t size, int number)
{
    item[0] = (unsigned char)number;
    item[size - 1] = (unsigned char)number;
}

static void look_at(const unsigned char *item, size_t size, int number)
{
    CHECK_INT(item[0], ==, number % 256);
    CHECK_INT(item[size - 1], ==, number % 256);
}

/* How a run goes; nothing of it changes while it does. */
struct run {
    ferry_stream *stream;
    size_t item_size, room;
    int items, batch; /* batch: at most so many at once; 0: one by one */
    atomic_int put, asked;
};

static int put_all(struct run *run)
{
    struct member dice = {.seed = (unsigned)run->items};
    unsigned char *items = calloc((size_t)run->batch + 1, run->item_size);
    for (int i = 0; i < run->items;) {
        int count = run->batch ? 1 + (int)draw(&dice, (unsigned)run->batch) : 1;
        if (count > run->items - i)
            count = run->items - i;
        for (int k = 0; k < count; k++)
            paint(items + (size_t)k * run->item_size, run->item_size, i + k);
        int said = run->batch ? ferry__stream_put_many(run->stream, items, (size_t)count,
                                                       run->item_size, "here")
                              : ferry__stream_put(run->stream, items, run->item_size, "here");
        CHECK_INT(said, ==, run->batch ? count : 0);
        i += count;
        /* what was put, and not yet asked for, has room */
        int ahead = atomic_fetch_add(&run->put, count) + count - atomic_load(&run->asked);
        CHECK_INT(ahead, <=, run->room);
    }
    free(items);
    return ferry_stream_close(run->stream);
}

static int get_all(struct run *run)
{
    struct member dice = {.seed = (unsigned)run->items + 1};
    unsigned char *items = calloc((size_t)run->batch + 1, run->item_size);
    int got = 0;
    for (;;) {
        int count = run->batch ? 1 + (int)draw(&dice, (unsigned)run->batch) : 1;
        atomic_fetch_add(&run->asked, count);
        int said = ferry__stream_get(run->stream, items, (size_t)count, run->item_size, "here");
        if (said == 0)
            break;
        CHECK(said > 0 && said <= count);
        for (int k = 0; k < said; k++)
            look_at(items + (size_t)k * run->item_size, run->item_size, got + k);
        atomic_fetch_sub(&run->asked, count - said);
        got += said;
    }
    CHECK_INT(ferry__stream_get(run->stream, items, 1, run->item_size, "here"), ==, 0);
    CHECK_INT(got, ==, run->items);
    free(items);
    return 0;
}

/* From a worker to here, and from here to a worker. */
static int both_ways(struct run *run)
{
    for (int way = 0; way < 2; way++) {
        atomic_store(&run->put, 0);
        atomic_store(&run->asked, 0);
        run->stream = ferry_stream_new(run->item_size, run->room);
        CHECK(run->stream);
        CHECK_INT(ferry_stream_start(run->stream, NULL, way ? get_all : put_all, run), ==, 0);
        CHECK_INT((way ? put_all : get_all)(run), ==, 0);
        CHECK_INT(ferry_stream_wait_closed(run->stream), ==, 0);
        ferry_stream_free(run->stream);
    }
    return 0;
}

static int everywhere(struct run *run)
{
    CHECK_INT(both_ways(run), ==, 0);
    return ferry_to_thread(both_ways, run);
}

TEST(items_come_in_order)
{
    static const size_t sizes[] = {1, 4, 100, LARGEST}, rooms[] = {1, 2, 7, 64, 1000};
    for (int i = 0; i < 4; i++)
        for (int k = 0; k < 5; k++)
            for (int batch = 0; batch < 100; batch = 5 * batch + 3) {
                bool large = sizes[i] == LARGEST;
                if (large && k > 2)
                    continue;
                struct run run = {.item_size = sizes[i],
                                  .room = rooms[k],
                                  .items = large || CHECK_UNDER_TSAN ? 60 : 1500,
                                  .batch = batch};
                CHECK_INT(both_ways(&run), ==, 0);
                CHECK_INT(ferry_run(everywhere, &run), ==, 0);
            }
}

/* Without a call of its own: two tasks, two threads. */
static void *put_on_a_thread(void *run)
{
    CHECK_INT(put_all(run), ==, 0);
    return NULL;
}

static int between_tasks(struct run *run)
{
    ferry_task *putter = ferry_create_task(put_all, run);
    CHECK_INT(get_all(run), ==, 0);
    return ferry_await(int, putter);
}

TEST(a_stream_that_no_call_serves)
{
    struct run run = {.item_size = 4, .room = 5, .items = 3000, .batch = 3};
    run.stream = ferry_stream_new(4, 5);
    pthread_t thread;
    CHECK_INT(pthread_create(&thread, NULL, put_on_a_thread, &run), ==, 0);
    CHECK_INT(get_all(&run), ==, 0);
    CHECK_INT(pthread_join(thread, NULL), ==, 0);
    CHECK_INT(ferry_stream_wait_closed(run.stream), ==, 0);
    ferry_stream_free(run.stream);
    run.stream = ferry_stream_new(4, 5);
    atomic_store(&run.put, 0);
    atomic_store(&run.asked, 0);
    CHECK_INT(ferry_run(between_tasks, &run), ==, 0);
    ferry_stream_free(run.stream);
}

/* A full stream lets its putter go on when half of it is free. */
static int put_numbers(ferry_stream *stream, int count)
{
    for (int i = 0; i < count; i++) {
        int said = ferry_stream_put(stream, &i);
        if (said < 0)
            return said;
    }
    return 0;
}

IN_TASK(a_wake_up_serves_half_of_the_room)
{
    FERRY_WITH_STREAM(stream, int, 8)
    {
        ferry_task *putter = ferry_create_task(put_numbers, stream, 9);
        ferry_sleep(0);
        for (int i = 0; i < 4; i++) {
            int item = -1;
            CHECK(!ferry_task_done(putter));
            CHECK_INT(ferry_stream_get(stream, &item), ==, 1);
            CHECK_INT(item, ==, i);
            ferry_sleep(0);
        }
        CHECK(ferry_task_done(putter));
        CHECK_INT(ferry_await(int, putter), ==, 0);
    }
    else
    {
        CHECK(false);
    }
    return 0;
}

static int count_turns(int *turns)
{
    while (ferry_sleep(0) == 0)
        ++*turns;
    return 0;
}

IN_TASK(a_stream_that_never_waits_lets_others_run)
{
    int turns = 0;
    ferry_task *counting = ferry_create_task(count_turns, &turns);
    FERRY_WITH_STREAM(stream, int, 8)
    {
        for (int i = 0; i < 800; i++) {
            int item = -1;
            CHECK_INT(ferry_stream_put(stream, &i), ==, 0);
            CHECK_INT(ferry_stream_get(stream, &item), ==, 1);
            CHECK_INT(item, ==, i);
        }
    }
    CHECK_INT(turns, >=, 100);
    ferry_task_cancel(counting);
    return ferry_await(int, counting);
}

/* Interruptions lose nothing. */
IN_TASK(an_interrupted_get_has_taken_nothing)
{
    FERRY_WITH_STREAM(stream, int, 4)
    {
        int item = -1, got = 0, said, tries = 0;
        CHECK_INT(ferry_stream_start(stream, NULL, put_numbers, stream, 2000), ==, 0);
        do {
            FERRY_TIMEOUT(tries++ % 7 * 1e-5) {
                said = ferry_stream_get(stream, &item);
            }
            CHECK(said == 1 ? item == got++ : said == 0 || said == -ETIMEDOUT);
        } while (said);
        CHECK_INT(got, ==, 2000);
    }
    return 0;
}

IN_TASK(a_cancelled_task_leaves_the_stream_as_it_was)
{
    FERRY_WITH_STREAM(stream, int, 1)
    {
        ferry_task *getter = ferry_create_task(get_one, stream);
        ferry_sleep(0);
        ferry_task_cancel(getter);
        CHECK_INT(ferry_await(int, getter), ==, -ECANCELED);
        CHECK_INT(put_one(stream, 1), ==, 0);
        ferry_task *putter = ferry_create_task(put_one, stream, 2);
        ferry_sleep(0);
        ferry_task_cancel(putter);
        CHECK_INT(ferry_await(int, putter), ==, -ECANCELED);
        CHECK_INT(get_one(stream), ==, 1);
        CHECK_INT(put_one(stream, 3), ==, 0);
        CHECK_INT(get_one(stream), ==, 3);
    }
    return 0;
}

/* An interruption after some of many: they are put. */
static int put_five(ferry_stream *stream)
{
    int items[] = {0, 1, 2, 3, 4};
    int said = ferry_stream_put_many(stream, items, 5);
    CHECK_INT(ferry_stream_put_many(stream, items, 5), ==, -ECANCELED);
    return said;
}

IN_TASK(some_of_many)
{
    FERRY_WITH_STREAM(stream, int, 3)
    {
        ferry_task *putter = ferry_create_task(put_five, stream);
        ferry_sleep(0);
        ferry_task_cancel(putter);
        CHECK_INT(ferry_await(int, putter), ==, 3);
        int items[5] = {-1, -1, -1, -1, -1};
        CHECK_INT(ferry_stream_get_many(stream, items, 5), ==, 3);
        for (int i = 0; i < 5; i++)
            CHECK_INT(items[i], ==, i < 3 ? i : -1);
        CHECK_INT(ferry_stream_put_many(stream, items, 0), ==, 0);
        CHECK_INT(ferry_stream_get_many(stream, items, 0), ==, -EINVAL);
    }
    return 0;
}

/* However much passes through it, a stream takes memory but once. */
IN_TASK(nothing_is_allocated_while_it_runs)
{
    FERRY_WITH_STREAM(stream, int, 16)
    {
        CHECK_INT(ferry_stream_start(stream, NULL, put_numbers, stream, 5000), ==, 0);
        ferry__fault_arm(FERRY__FAULT_ALLOC, 0, -1);
        for (int i = 0; i < 5000; i++)
            CHECK_INT(get_one(stream), ==, i);
        ferry__fault_clear();
        CHECK_INT(get_one(stream), ==, 0);
    }
    return 0;
}

TEST_MAIN
