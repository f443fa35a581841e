/* SPDX-License-Identifier: MIT */
/* How streams end, from either side: closed, cancelled, failed. */
#include "stream.h"

/* Calls that serve. */
static long put_long(ferry_stream *stream)
{
    put_one(stream, 10);
    return -5000000000;
}

static void put_void(ferry_stream *stream)
{
    put_one(stream, 10);
}

static int put_and_exit(ferry_stream *stream)
{
    put_one(stream, 10);
    pthread_exit(NULL);
}

static atomic_int last_said, checks;

/* Until it is told to stop. */
static int put_for_ever(ferry_stream *stream)
{
    int said = 0, item = 7;
    while (said == 0) {
        if (ferry_check_cancelled() != 0)
            CHECK(atomic_load(&checks)); /* set before anybody cancels */
        said = ferry_stream_put(stream, &item);
    }
    atomic_store(&last_said, said);
    return said;
}

static int get_until_the_end(ferry_stream *stream)
{
    int item, said, sum = 0;
    while ((said = ferry_stream_get(stream, &item)) == 1)
        sum += item;
    atomic_store(&last_said, said < 0 ? said : sum);
    CHECK_INT(ferry_check_cancelled(), ==, said < 0 ? -ECANCELED : 0);
    return said;
}

/* Asks, and never looks at the stream. */
static atomic_int asking;

static int ask_until_cancelled(ferry_stream *stream)
{
    put_one(stream, 1);
    atomic_store(&asking, 1);
    while (ferry_check_cancelled() == 0)
        sched_yield();
    return ferry_check_cancelled();
}

static int fails_at_once(ferry_stream *stream)
{
    (void)stream;
    return -ENOSPC;
}

EVERYWHERE(a_result_comes_after_the_last_item)
{
    static const int results[] = {0, 5, -ENOENT};
    for (int i = 0; i < 3; i++)
        FERRY_WITH_STREAM(stream, int, 2)
        {
            int end = results[i] < 0 ? results[i] : 0;
            CHECK_INT(ferry_stream_start(stream, NULL, put_three, stream, results[i]), ==, 0);
            for (int k = 10; k < 13; k++)
                CHECK_INT(get_one(stream), ==, k);
            CHECK_INT(get_one(stream), ==, end);
            CHECK_INT(get_one(stream), ==, end);
            CHECK(!end || errno == -end);
            CHECK_INT(ferry_stream_wait_closed(stream), ==, end);
            CHECK_INT(put_one(stream, 1), ==, end ? end : -EPIPE);
        }
    return 0;
}

EVERYWHERE(results_of_other_types)
{
    FERRY_WITH_STREAM(stream, int, 1)
    {
        CHECK_INT(ferry_stream_start(stream, NULL, put_long, stream), ==, 0);
        CHECK_INT(get_one(stream), ==, 10);
        CHECK_INT(get_one(stream), ==, -INT_MAX);
    }
    FERRY_WITH_STREAM(stream, int, 1)
    {
        CHECK_INT(ferry_stream_start(stream, NULL, put_void, stream), ==, 0);
        CHECK_INT(get_one(stream), ==, 10);
        CHECK_INT(get_one(stream), ==, 0);
    }
    return 0;
}

EVERYWHERE(a_call_whose_thread_ends)
{
    FERRY_WITH_STREAM(stream, int, 1)
    {
        CHECK_INT(ferry_stream_start(stream, NULL, put_and_exit, stream), ==, 0);
        CHECK_INT(get_one(stream), ==, 10);
        CHECK_INT(get_one(stream), ==, -EOWNERDEAD);
        CHECK_INT(ferry_stream_wait_closed(stream), ==, -EOWNERDEAD);
    }
    return 0;
}

EVERYWHERE(the_getter_closes)
{
    FERRY_WITH_STREAM(stream, int, 3)
    {
        CHECK_INT(ferry_stream_start(stream, NULL, put_for_ever, stream), ==, 0);
        for (int i = 0; i < 10; i++)
            CHECK_INT(get_one(stream), ==, 7);
        CHECK_INT(ferry_stream_close(stream), ==, 0);
        CHECK_INT(ferry_stream_wait_closed(stream), ==, -EPIPE);
        CHECK_INT(atomic_load(&last_said), ==, -EPIPE);
        int left = 0;
        while (get_one(stream) == 7)
            left++;
        CHECK_INT(left, <=, 3);
        CHECK_INT(get_one(stream), ==, -EPIPE); /* its call failed with it */
    }
    return 0;
}

EVERYWHERE(the_putter_closes)
{
    FERRY_WITH_STREAM(stream, int, 3)
    {
        CHECK_INT(ferry_stream_start(stream, NULL, get_until_the_end, stream), ==, 0);
        for (int i = 1; i <= 100; i++)
            CHECK_INT(put_one(stream, i), ==, 0);
        CHECK_INT(ferry_stream_close(stream), ==, 0);
        CHECK_INT(ferry_stream_close(stream), ==, 0);
        CHECK_INT(put_one(stream, 1), ==, -EPIPE);
        CHECK_INT(errno, ==, EPIPE);
        CHECK_INT(ferry_stream_wait_closed(stream), ==, 0);
        CHECK_INT(atomic_load(&last_said), ==, 5050);
    }
    return 0;
}

EVERYWHERE(a_block_gives_a_getting_call_what_is_left)
{
    FERRY_WITH_STREAM(stream, int, 50)
    {
        CHECK_INT(ferry_stream_start(stream, NULL, get_until_the_end, stream), ==, 0);
        for (int i = 1; i <= 100; i++)
            CHECK_INT(put_one(stream, i), ==, 0);
    }
    CHECK_INT(atomic_load(&last_said), ==, 5050);
    return 0;
}

EVERYWHERE(a_block_that_is_left_ends_a_putting_call)
{
    FERRY_WITH_STREAM(stream, int, 3)
    {
        CHECK_INT(ferry_stream_start(stream, NULL, put_for_ever, stream), ==, 0);
        CHECK_INT(get_one(stream), ==, 7);
        atomic_store(&checks, 1);
        errno = 99;
        break;
    }
    CHECK_INT(errno, ==, 99);
    atomic_store(&checks, 0);
    CHECK_INT(atomic_load(&last_said), ==, -ECANCELED);
    return 0;
}

EVERYWHERE(a_cancel_ends_both_sides_and_drops_what_is_left)
{
    FERRY_WITH_STREAM(stream, int, 3)
    {
        CHECK_INT(ferry_stream_start(stream, NULL, put_for_ever, stream), ==, 0);
        CHECK_INT(get_one(stream), ==, 7);
        atomic_store(&checks, 1);
        CHECK_INT(ferry_stream_cancel(stream), ==, 0);
        CHECK_INT(get_one(stream), ==, -ECANCELED);
        CHECK_INT(ferry_stream_wait_closed(stream), ==, -ECANCELED);
        CHECK_INT(atomic_load(&last_said), ==, -ECANCELED);
        CHECK_INT(get_one(stream), ==, -ECANCELED);
        CHECK_INT(put_one(stream, 1), ==, -ECANCELED);
        atomic_store(&checks, 0);
    }
    FERRY_WITH_STREAM(stream, int, 3)
    {
        CHECK_INT(ferry_stream_start(stream, NULL, get_until_the_end, stream), ==, 0);
        CHECK_INT(put_one(stream, 1), ==, 0);
        CHECK_INT(put_one(stream, 2), ==, 0);
        CHECK_INT(ferry_stream_cancel(stream), ==, 0);
        CHECK_INT(put_one(stream, 1), ==, -ECANCELED);
        int said = ferry_stream_wait_closed(stream);
        CHECK(said == -ECANCELED || said == 0); /* 0: it never began, or was not yet told */
        if (said)
            CHECK_INT(put_one(stream, 1), ==, -ECANCELED);
    }
    return 0;
}

EVERYWHERE(a_call_may_ask_whether_it_should_stop)
{
    for (int by_leaving = 0; by_leaving < 2; by_leaving++)
        FERRY_WITH_STREAM(stream, int, 3)
        {
            atomic_store(&asking, 0);
            CHECK_INT(ferry_stream_start(stream, NULL, ask_until_cancelled, stream), ==, 0);
            CHECK_INT(get_one(stream), ==, 1);
            while (!atomic_load(&asking))
                sched_yield();
            CHECK_INT(ferry_stream_close(stream), ==, 0);
            CHECK_INT(ferry_check_cancelled(), ==, 0);
            if (by_leaving)
                break;
            CHECK_INT(ferry_stream_cancel(stream), ==, 0);
            CHECK_INT(ferry_stream_wait_closed(stream), ==, -ECANCELED);
        }
    return 0;
}

EVERYWHERE(a_getting_call_that_fails)
{
    FERRY_WITH_STREAM(stream, int, 3)
    {
        CHECK_INT(ferry_stream_start(stream, NULL, fails_at_once, stream), ==, 0);
        int said = 0;
        for (int i = 0; i < 4 && said == 0; i++)
            said = put_one(stream, i);
        CHECK_INT(said, ==, -ENOSPC);
        CHECK_INT(errno, ==, ENOSPC);
        CHECK_INT(ferry_stream_wait_closed(stream), ==, -ENOSPC);
    }
    return 0;
}

/* A cancelled task still waits for its stream's call at the brace. */
static int read_and_be_cancelled(atomic_int *over)
{
    int said = 0;
    FERRY_WITH_STREAM(stream, int, 2)
    {
        CHECK_INT(ferry_stream_start(stream, NULL, put_for_ever, stream), ==, 0);
        atomic_store(&checks, 1);
        while ((said = get_one(stream)) > 0)
            continue;
    }
    atomic_store(over, 1);
    return said;
}

IN_TASK(a_cancelled_task_sees_its_call_out)
{
    for (int i = 0; i < 100; i++) {
        atomic_int over = 0;
        atomic_store(&last_said, 0);
        ferry_task *reader = ferry_create_task(read_and_be_cancelled, &over);
        ferry_sleep(i % 10 * 1e-5);
        ferry_task_cancel(reader);
        int said = 0;
        if (ferry_join(reader, &said) == 0) {
            CHECK_INT(said, ==, -ECANCELED);
            CHECK_INT(atomic_load(&over), ==, 1);
        }
    }
    return 0;
}

TEST_MAIN
