/* SPDX-License-Identifier: MIT */
/* What a worker asks its task for (ferry/from_thread.h) can't wait for that worker: it is told. */
#include "bridge.h"

static ferry_executor *narrow;

static int calls_narrow(void)
{
    errno = 0;
    CHECK_INT(ferry_run_in_executor(narrow, plus_one, 1), ==, -1);
    return errno;
}

static int asks_for_narrow(void)
{
    return ferry_from_thread(calls_narrow);
}

IN_TASK(a_call_that_waits_for_its_own_worker_is_told_so)
{
    FERRY_WITH_EXECUTOR(one, .name = "one", .max_workers = 1) {
        narrow = one;
        CHECK_INT(ferry_run_in_executor(one, asks_for_narrow), ==, EDEADLK);
        CHECK_INT(ferry_run_in_executor(one, plus_one, 1), ==, 2); /* and goes on working */
    } else {
        CHECK(false);
    }
    return 0;
}

/* A second question inside the first keeps both workers, and both are in the ring. */
static int asks_for_both(void)
{
    return ferry_from_thread(calls_narrow);
}

static int calls_another(ferry_executor *other)
{
    return ferry_run_in_executor(other, asks_for_both);
}

static int asks_for_another(ferry_executor *other)
{
    return ferry_from_thread(calls_another, other);
}

static int blocks_on(ferry_executor *executor)
{
    return ferry_run_in_executor(executor, plus_one, 1);
}

IN_TASK(questions_inside_questions_keep_all_their_workers)
{
    FERRY_WITH_EXECUTOR(one, .name = "one", .max_workers = 1) {
        FERRY_WITH_EXECUTOR(two, .name = "two", .max_workers = 1) {
            narrow = one;
            for (int i = 0; i < 20; i++) {
                CHECK_INT(ferry_run_in_executor(one, asks_for_another, two), ==, EDEADLK);
                CHECK_INT(ferry_run_in_executor(one, blocks_on, two), ==, 2); /* none is left */
            }
        } else {
            CHECK(false);
        }
    } else {
        CHECK(false);
    }
    return 0;
}

static int opens_a_block(ferry_executor *executor)
{
    int error = 0;
    FERRY_WITH_WORKER(executor)
    CHECK(false);
    else error = errno;
    return error;
}

static int asks_for_a_block(ferry_executor *executor)
{
    return ferry_from_thread(opens_a_block, executor);
}

static int asks_to_end(ferry_executor *executor)
{
    return ferry_from_thread(ferry_executor_shutdown, executor, NULL);
}

static int maps(ferry_executor *executor)
{
    int results[3];
    return ferry_executor_map(executor, 1, 3, results, i, plus_one, (int)i);
}

static int asks_for_a_map(ferry_executor *executor)
{
    return ferry_from_thread(maps, executor);
}

IN_TASK(whatever_waits_for_a_worker_that_asks_is_told_so)
{
    FERRY_WITH_EXECUTOR(one, .name = "one", .max_workers = 1) {
        CHECK_INT(ferry_run_in_executor(one, asks_for_a_map, one), ==, -EDEADLK);
        CHECK_INT(ferry_run_in_executor(one, asks_for_a_block, one), ==, EDEADLK);
        CHECK_INT(ferry_run_in_executor(one, asks_to_end, one), ==, -EDEADLK);
        CHECK_INT(ferry_run_in_executor(one, plus_one, 1), ==, 2);
    } else {
        CHECK(false);
    }
    return 0;
}

static int in_a_block(void)
{
    CHECK_INT(ferry_from_thread(plus_one, 4), ==, 5);
    return 0;
}

static int calls_its_block(void)
{
    errno = 0;
    CHECK_INT(ferry_to_thread(plus_one, 1), ==, -1);
    return errno;
}

static int asks_for_its_block(void)
{
    return ferry_from_thread(calls_its_block);
}

IN_TASK(a_blocks_worker_can_ask_but_not_for_itself)
{
    FERRY_WITH_WORKER(NULL)
    {
        CHECK_INT(ferry_to_thread(in_a_block), ==, 0);
        CHECK_INT(ferry_to_thread(asks_for_its_block), ==, EDEADLK);
        CHECK_INT(ferry_to_thread(in_a_block), ==, 0);
    }
    else
    {
        CHECK(false);
    }
    return 0;
}

TEST_MAIN
