/* SPDX-License-Identifier: MIT */
/* ferry_executor_map in C++: its types, and an exception that leaves it out of an argument. */
#include <ferry/ferry.h>

#include "check.h"

#include <atomic>
#include <stdexcept>

static std::atomic<int> calls, let_go;

static int count_when_let(int x)
{
    while (!let_go)
        usleep(200);
    calls++;
    return x;
}

static int throw_at(size_t i, size_t where)
{
    if (i == where) {
        let_go = 1;
        throw std::runtime_error("enough");
    }
    return static_cast<int>(i);
}

static double half(int x) noexcept
{
    return x / 2.0;
}

static void map_types()
{
    double halves[9];
    CHECK_INT(ferry_executor_map(nullptr, 2, 9, halves, i, half, static_cast<int>(i)), ==, 0);
    for (int i = 0; i < 9; i++)
        CHECK_DOUBLE(halves[i], ==, i / 2.0);
    int sums[5];
    CHECK_INT(
        ferry_executor_map(
            nullptr, 1, 5, sums, i, +[](int a, int b) { return a + b; }, static_cast<int>(i), 10),
        ==, 0);
    for (int i = 0; i < 5; i++)
        CHECK_INT(sums[i], ==, i + 10);
    int lengths[3];
    char texts[3][20];
    CHECK_INT(ferry_executor_map(nullptr, 1, 3, lengths, i, snprintf, texts[i], sizeof texts[i],
                                 "%zu of %d", i, 3),
              ==, 0);
    for (size_t i = 0; i < 3; i++)
        CHECK_INT(lengths[i], ==, 6);
    CHECK_STR(texts[2], "2 of 3");
    CHECK_INT(ferry_executor_map(nullptr, 1, 3, NULL, i, half, static_cast<int>(i)), ==, 0);
    CHECK_INT(ferry_executor_map(nullptr, 1, 3, nullptr, i, half, static_cast<int>(i)), ==, 0);
}

/* Whatever had been queued has run or never will when the exception is caught. */
static int map_and_throw()
{
    int results[100];
    let_go = 0;
    calls = 0;
    FERRY_WITH_EXECUTOR(executor, .max_workers = 2) {
        bool caught = false;
        try {
            ferry_executor_map(executor, 3, 100, results, i, count_when_let, throw_at(i, 40));
        } catch (const std::runtime_error &) {
            caught = true;
        }
        int then = calls;
        CHECK(caught);
        CHECK_INT(ferry_run_in_executor(executor, throw_at, static_cast<size_t>(1), 2u), ==, 1);
        CHECK_INT(calls, ==, then);
        int ran = 0;
        for (int i = 0; i < 100; i++)
            ran += results[i] == i;
        CHECK_INT(ran, ==, then);
    } else {
        CHECK(false);
    }
    return 0;
}

static int in_a_task()
{
    map_types();
    return map_and_throw();
}

TEST(types_are_deduced)
{
    map_types();
}

TEST(an_exception_out_of_an_argument_leaves_nothing_running)
{
    map_and_throw();
}

TEST(nor_does_it_in_a_task)
{
    CHECK_INT(ferry_run(in_a_task), ==, 0);
}

TEST_MAIN
