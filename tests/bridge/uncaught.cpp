/* SPDX-License-Identifier: MIT */
/* A C++ exception that leaves a call ends the program, and says which call it was. */
#include <ferry/ferry.h>

#include "check.h"

#include <stdexcept>

static int throws(int x)
{
    if (x > 0)
        throw std::runtime_error("out of here");
    return x;
}

static int catches(int x)
{
    try {
        return throws(x);
    } catch (const std::runtime_error &) {
        return -x;
    }
}

static int call_it()
{
    return ferry_to_thread(throws, 1);
}

static int call_the_careful_one()
{
    return ferry_to_thread(catches, 5);
}

TEST(an_exception_that_leaves_a_call_names_it)
{
    CHECK_PANIC(ferry_run(call_it), "an exception leaves throws \\(.*uncaught.cpp:[0-9]+\\)");
}

TEST(one_that_is_caught_inside_is_nobody_elses_business)
{
    CHECK_INT(ferry_run(call_the_careful_one), ==, -5);
}

static int asks_to_throw()
{
    return ferry_from_thread(throws, 1);
}

static int would_catch_it()
{
    try {
        return ferry_to_thread(asks_to_throw);
    } catch (const std::runtime_error &) {
        return 1; /* while the worker still waits for its answer */
    }
}

TEST(an_exception_that_leaves_what_a_worker_asked_for_ends_the_program)
{
    CHECK_PANIC(ferry_run(would_catch_it),
                "an exception leaves throws \\(.*uncaught.cpp:[0-9]+\\).*ferry_from_thread");
}

static int asks_the_careful_one()
{
    return ferry_from_thread(catches, 5);
}

static int ask_the_careful_one()
{
    return ferry_to_thread(asks_the_careful_one);
}

TEST(one_that_is_caught_in_there_is_nobody_elses_business_either)
{
    CHECK_INT(ferry_run(ask_the_careful_one), ==, -5);
}

TEST_MAIN
