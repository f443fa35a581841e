/* SPDX-License-Identifier: MIT */
/* What the tests of streams share. */
#ifndef TESTS_STREAM_H
#define TESTS_STREAM_H

#include "bridge.h"

#include <limits.h>
#include <pthread.h>
#include <sched.h>

CHECK__HELPER int get_one(ferry_stream *stream)
{
    int item = -1;
    int said = ferry_stream_get(stream, &item);
    return said == 1 ? item : said;
}

CHECK__HELPER int put_one(ferry_stream *stream, int item)
{
    return ferry_stream_put(stream, &item);
}

CHECK__HELPER int put_three(ferry_stream *stream, int result)
{
    for (int i = 10; i < 13; i++)
        if (put_one(stream, i) < 0)
            return -EIO;
    return result;
}

/* Each of these in a thread without a loop, in a task, and in a call on a worker. */
CHECK__HELPER int on_a_loop(int (*test)(void))
{
    CHECK_INT(test(), ==, 0);
    return ferry_to_thread(test);
}

CHECK__HELPER void ends_everywhere(int (*test)(void))
{
    CHECK_INT(test(), ==, 0);
    CHECK_INT(ferry_run(on_a_loop, test), ==, 0);
}

#define EVERYWHERE(name)              \
    static int name##_body(void);     \
    TEST(name)                        \
    {                                 \
        ends_everywhere(name##_body); \
    }                                 \
    static int name##_body(void)

#endif
