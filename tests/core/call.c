/* SPDX-License-Identifier: MIT */
/* The table of calls that are on their way; outside of a loop ferry_to_thread calls the function
 * itself. */
#include "check.h"

#include "core/call.h"

#include <pthread.h>

#define AWAIT(...) FERRY__AWAITED(FERRY__TO_THREAD, NULL, NULL, 0, __VA_ARGS__)

static int add(int a, int b)
{
    return a + b;
}

static int nested(int depth)
{
    return depth ? AWAIT(add, 1, nested(depth - 1)) : 0;
}

TEST(thirty_two_calls_deep_in_arguments)
{
    CHECK_INT(nested(32), ==, 32);
    CHECK_INT(nested(32), ==, 32);
}

TEST(more_is_said_to_be_too_many)
{
    CHECK_PANIC(nested(33), "add: calls nested more than 32 deep");
}

TEST(a_pointer_kept_and_called_twice)
{
    struct ferry__call call = {
        .function = (ferry__any *)add, .site = "add\0here", .kind = FERRY__TO_THREAD};
    int (*once)(int, int) = (int (*)(int, int))ferry__call_enter(&call, __builtin_frame_address(0));
    CHECK_INT(once(1, 2), ==, 3);
    CHECK_PANIC(once(1, 2), "has no record");
}

TEST(nothing_was_made)
{
    CHECK_PANIC(ferry__call_made(), "left out a deferred call");
}

static void *in_a_thread(void *unused)
{
    (void)unused;
    CHECK_INT(nested(20), ==, 20);
    return NULL;
}

static int in_between(int value)
{
    pthread_t thread;
    CHECK_INT(pthread_create(&thread, NULL, in_a_thread, NULL), ==, 0);
    CHECK_INT(pthread_join(thread, NULL), ==, 0);
    return value;
}

TEST(each_thread_has_its_own)
{
    CHECK_INT(AWAIT(add, 1, AWAIT(add, 2, in_between(3))), ==, 6);
}

static int swap_tables(int value)
{
    static struct ferry__calls table;
    struct ferry__calls *before = ferry__calls_here;
    ferry__calls_init(&table);
    ferry__calls_here = &table;
    CHECK_INT(nested(32), ==, 32);
    ferry__calls_here = before;
    return value;
}

TEST(each_task_has_its_own)
{
    CHECK_INT(AWAIT(add, 1, AWAIT(add, 2, swap_tables(3))), ==, 6);
}

/* What is left behind must not fill the table: more statements than slots, each left by a return.
 */
__attribute__((noinline)) static int leave_one(int which)
{
    switch (which) {
#define LEAVE(n)                  \
    case n:                       \
        AWAIT(add, 1, ({          \
                  if (which >= 0) \
                      return n;   \
                  0;              \
              }));                \
        break;
#define LEAVE_FOUR(n) LEAVE(n) LEAVE(n + 1) LEAVE(n + 2) LEAVE(n + 3)
        LEAVE_FOUR(0)
        LEAVE_FOUR(4)
        LEAVE_FOUR(8)
        LEAVE_FOUR(12)
        LEAVE_FOUR(16)
        LEAVE_FOUR(20)
        LEAVE_FOUR(24)
        LEAVE_FOUR(28)
        LEAVE_FOUR(32)
    }
    return -1;
}

TEST(what_is_left_behind_goes)
{
    for (int i = 0; i < 3 * 36; i++) {
        CHECK_INT(leave_one(i % 36), ==, i % 36);
        CHECK_INT(AWAIT(add, i, 1), ==, i + 1);
    }
}

TEST_MAIN
