/* SPDX-License-Identifier: MIT */
/*
 * Both sides at every moment: one puts numbers, one gets them, both with tiny time limits and
 * cancels in the mix, and at a random moment one of them closes, cancels or just goes. What was got
 * is a beginning of what was put, and all of it unless it was dropped.
 */
#include "crowd.h"

enum { ROUNDS = CHECK_UNDER_TSAN ? 1500 : 6000, ITEMS = 200 };

enum end { TO_THE_END, CLOSES, CANCELS, GOES, ENDS };

struct round {
    ferry_stream *stream;
    int items, room;
    enum end putter, getter;
    int putter_at, getter_at; /* after so many */
    struct member putter_dice, getter_dice;
    atomic_int put, got;
};

static void pause_a_little(struct member *dice)
{
    for (unsigned i = draw(dice, 4) ? 0 : draw(dice, 300); i > 0; i--)
        __asm__ volatile("");
}

static bool ends_here(struct round *round, enum end end, bool *ret_goes)
{
    if (end == CLOSES)
        CHECK_INT(ferry_stream_close(round->stream), ==, 0);
    if (end == CANCELS)
        CHECK_INT(ferry_stream_cancel(round->stream), ==, 0);
    *ret_goes = end == GOES;
    return end != TO_THE_END;
}

static int try_to_put(struct round *round, int *items)
{
    int said = 0, put = atomic_load(&round->put);
    int count = 1 + (int)draw(&round->putter_dice, 5);
    count = count < round->items - put ? count : round->items - put;
    for (int k = 0; k < count; k++)
        items[k] = put + k;
    FERRY_TIMEOUT(draw_limit(&round->putter_dice)) {
        said = ferry_stream_put_many(round->stream, items, (size_t)count);
    }
    return said;
}

static int putter(struct round *round)
{
    int items[5];
    bool goes;
    while (atomic_load(&round->put) < round->items) {
        if (atomic_load(&round->put) >= round->putter_at && ends_here(round, round->putter, &goes))
            break;
        int said = try_to_put(round, items);
        if (said == -EPIPE || said == -ECANCELED)
            break;
        if (said < 0)
            CHECK_INT(said, ==, -ETIMEDOUT);
        else
            atomic_fetch_add(&round->put, said);
        pause_a_little(&round->putter_dice);
    }
    return ferry_stream_close(round->stream);
}

static int getter(struct round *round)
{
    int items[5], got = 0, said = 1;
    bool goes = false;
    enum end end = round->getter;
    while (said != 0) {
        if (got >= round->getter_at && ends_here(round, end, &goes)) {
            end = TO_THE_END;
            if (goes)
                break;
        }
        FERRY_TIMEOUT(draw_limit(&round->getter_dice)) {
            said = ferry_stream_get_many(round->stream, items, 1 + draw(&round->getter_dice, 5));
        }
        if (said == -ECANCELED)
            break;
        if (said < 0)
            CHECK_INT(said, ==, -ETIMEDOUT);
        for (int k = 0; k < said; k++)
            CHECK_INT(items[k], ==, got++);
        pause_a_little(&round->getter_dice);
    }
    atomic_store(&round->got, said == 0 ? got : -1 - got);
    return 0;
}

/* One of them here, the other in the stream's call. */
static int play(struct member *dice, int worker_puts)
{
    struct round round = {
        .items = (int)draw(dice, ITEMS),
        .room = 1 + (int)draw(dice, 1 + draw(dice, 20)),
        .putter = (enum end)draw(dice, ENDS),
        .getter = (enum end)draw(dice, ENDS),
        .putter_at = (int)draw(dice, ITEMS),
        .getter_at = (int)draw(dice, ITEMS),
        .putter_dice.seed = draw(dice, 1 << 20),
        .getter_dice.seed = draw(dice, 1 << 20),
        .got = -1, /* a call that is cancelled in its queue gets none */
    };
    FERRY_WITH_STREAM(stream, int, (size_t)round.room)
    {
        round.stream = stream;
        CHECK_INT(ferry_stream_start(stream, NULL, worker_puts ? putter : getter, &round), ==, 0);
        CHECK_INT((worker_puts ? getter : putter)(&round), ==, 0);
    }
    int put = atomic_load(&round.put), got = atomic_load(&round.got);
    if (got < 0) /* dropped, or left */
        CHECK_INT(-1 - got, <=, put);
    else if (round.getter != GOES)
        CHECK_INT(got, ==, put);
    return 0;
}

static int play_many(int seed)
{
    struct member dice = {.seed = (unsigned)seed};
    for (int i = 0; i < ROUNDS / 4; i++)
        CHECK_INT(play(&dice, i % 2), ==, 0);
    return 0;
}

TEST_WITHIN(every_end_at_every_moment_on_a_thread, 120)
{
    CHECK_INT(play_many(1), ==, 0);
}

static int tasks_play(void)
{
    ferry_task *tasks[3];
    for (int i = 0; i < 3; i++)
        tasks[i] = ferry_create_task(play_many, i + 2);
    return ferry_gather(tasks, 3, NULL);
}

TEST_WITHIN(every_end_at_every_moment_in_tasks, 120)
{
    CHECK_INT(ferry_run(tasks_play), ==, 0);
}

/* Somebody who is neither ends it, while both are at it. */
static int put_until_it_ends(ferry_stream *stream)
{
    int said = 0;
    for (int i = 0; said == 0; i++)
        said = ferry_stream_put(stream, &i);
    CHECK(said == -EPIPE || said == -ECANCELED);
    return 0;
}

static void *end_it(void *stream)
{
    ferry_stream_close(stream);
    return NULL;
}

static void *cancel_it(void *stream)
{
    ferry_stream_cancel(stream);
    return NULL;
}

static int read_until_it_ends(int cancelled)
{
    FERRY_WITH_STREAM(stream, int, 4)
    {
        pthread_t thread;
        CHECK_INT(ferry_stream_start(stream, NULL, put_until_it_ends, stream), ==, 0);
        CHECK_INT(pthread_create(&thread, NULL, cancelled ? cancel_it : end_it, stream), ==, 0);
        int item = -1, said, got = 0;
        while ((said = ferry_stream_get(stream, &item)) == 1)
            CHECK_INT(item, ==, got++);
        CHECK_INT(said, ==, cancelled ? -ECANCELED : 0);
        CHECK_INT(pthread_join(thread, NULL), ==, 0);
    }
    return 0;
}

static int read_many(int rounds)
{
    for (int i = 0; i < rounds; i++)
        CHECK_INT(read_until_it_ends(i % 2), ==, 0);
    return 0;
}

TEST_WITHIN(a_third_party_ends_it, 120)
{
    CHECK_INT(read_many(ROUNDS / 6), ==, 0);
    CHECK_INT(ferry_run(read_many, ROUNDS / 6), ==, 0);
}

/* The reader is cancelled and goes, at every moment of the call's life. */
static int read_some(int seed)
{
    struct member dice = {.seed = (unsigned)seed};
    int got = 0, said = 0;
    FERRY_WITH_STREAM(stream, int, 1 + draw(&dice, 8))
    {
        int item = -1;
        CHECK_INT(ferry_stream_start(stream, NULL, put_until_it_ends, stream), ==, 0);
        while ((said = ferry_stream_get(stream, &item)) == 1)
            CHECK_INT(item, ==, got++);
    }
    CHECK_INT(said, ==, -ECANCELED);
    return got;
}

static int cancel_readers(int rounds)
{
    struct member dice = {.seed = 42};
    for (int i = 0; i < rounds; i++) {
        ferry_task *reader = ferry_create_task(read_some, i);
        ferry_sleep(draw(&dice, 3) ? draw(&dice, 100) * 1e-6 : 0);
        ferry_task_cancel(reader);
        int got;
        int said = ferry_join(reader, &got);
        CHECK(said == 0 || said == -ECANCELED);
    }
    return 0;
}

TEST_WITHIN(readers_are_cancelled, 120)
{
    CHECK_INT(ferry_run(cancel_readers, ROUNDS / 2), ==, 0);
}

TEST_MAIN
