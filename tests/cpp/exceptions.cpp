/* SPDX-License-Identifier: MIT */
/*
 * Tasks that wait while they handle an exception, or while one is on its way through their
 * destructors. What the C++ runtime keeps of that is the thread's; each task must find its own.
 */
#include <ferry/ferry.h>

#include "check.h"

#include <exception>
#include <stdexcept>
#include <string>

static ferry_future *gate;

/* Runs fn(argument) as the main task. */
static int run(int (*fn)())
{
    return ferry_run(fn);
}

static std::string handled()
{
    try {
        throw;
    } catch (const std::exception &exception) {
        return exception.what();
    }
}

static int waits_in_its_handler(int number)
{
    const std::string mine = "task " + std::to_string(number);
    try {
        throw std::runtime_error(mine);
    } catch (const std::runtime_error &) {
        for (int i = 0; i < number; i++)
            CHECK_INT(ferry_sleep(0), ==, 0);
        CHECK_STR(handled().c_str(), mine.c_str());
        CHECK(std::current_exception() != nullptr);
    }
    CHECK(std::current_exception() == nullptr);
    CHECK_INT(std::uncaught_exceptions(), ==, 0);
    return number;
}

static int many_wait()
{
    ferry_task *tasks[8];
    int results[8];
    for (int i = 0; i < 8; i++)
        tasks[i] = ferry_create_task(waits_in_its_handler, i % 2 ? i : 9 - i);
    CHECK_INT(ferry_gather(tasks, 8, results), ==, 0);
    CHECK_INT(results[3], ==, 3);
    return 0;
}

TEST(each_task_handles_its_own_exception)
{
    CHECK_INT(run(many_wait), ==, 0);
}

static int throws_and_catches()
{
    int caught = 0;
    for (int i = 0; i < 3; i++) {
        CHECK(std::current_exception() == nullptr);
        CHECK_INT(std::uncaught_exceptions(), ==, 0);
        try {
            throw i;
        } catch (int which) {
            caught += which == i;
            ferry_sleep(0);
        }
    }
    ferry_future_set_result(gate, nullptr);
    return caught;
}

static int rethrows_after_a_wait()
{
    ferry_task *other = ferry_create_task(throws_and_catches);
    std::string said;
    try {
        try {
            throw std::logic_error("the first");
        } catch (...) {
            CHECK_INT(ferry_future_await(gate, nullptr), ==, 0);
            throw;
        }
    } catch (const std::logic_error &error) {
        said = error.what();
    }
    CHECK_STR(said.c_str(), "the first");
    CHECK_INT(ferry_await(int, other), ==, 3);
    return 0;
}

TEST(what_is_thrown_again_after_a_wait_is_what_was_caught)
{
    gate = ferry_future_new();
    CHECK_INT(run(rethrows_after_a_wait), ==, 0);
    ferry_future_free(gate);
}

struct waits_when_destroyed {
    int others;
    ~waits_when_destroyed()
    {
        CHECK_INT(std::uncaught_exceptions(), ==, 1);
        ferry_task *other = ferry_create_task(throws_and_catches);
        CHECK_INT(ferry_await(int, other), ==, others);
        CHECK_INT(std::uncaught_exceptions(), ==, 1);
    }
};

static int unwinds()
{
    try {
        waits_when_destroyed object{3};
        throw std::runtime_error("through a destructor");
    } catch (const std::runtime_error &error) {
        CHECK_STR(error.what(), "through a destructor");
        return std::uncaught_exceptions();
    }
    return -1;
}

TEST(a_destructor_may_wait_while_an_exception_passes)
{
    gate = ferry_future_new();
    CHECK_INT(run(unwinds), ==, 0);
    ferry_future_free(gate);
}

static void callback_that_catches(bool *ran)
{
    CHECK(std::current_exception() == nullptr);
    try {
        throw 1;
    } catch (int) {
        *ran = true;
    }
}

static int waits_for_a_callback()
{
    bool ran = false;
    try {
        throw 2;
    } catch (int) {
        CHECK_INT(ferry_call_soon(callback_that_catches, &ran), ==, 0);
        while (!ran)
            ferry_sleep(0);
        try {
            throw;
        } catch (int number) {
            return number;
        }
    }
    return 0;
}

TEST(a_callback_finds_no_tasks_exception)
{
    CHECK_INT(run(waits_for_a_callback), ==, 2);
}

static int starts_clean()
{
    CHECK(std::current_exception() == nullptr);
    CHECK_INT(ferry_sleep(0), ==, 0);
    CHECK(std::current_exception() == nullptr);
    return 5;
}

TEST(a_loop_may_run_in_a_handler)
{
    try {
        throw std::runtime_error("outside");
    } catch (const std::runtime_error &) {
        CHECK_INT(run(starts_clean), ==, 5);
        CHECK_STR(handled().c_str(), "outside");
    }
    CHECK(std::current_exception() == nullptr);
}

/* A task that ends is left for the next at once, not through the loop. */
static int ends_while_others_handle()
{
    ferry_task *tasks[3] = {ferry_create_task(waits_in_its_handler, 1),
                            ferry_create_task(starts_clean),
                            ferry_create_task(waits_in_its_handler, 2)};
    int results[3];
    CHECK_INT(ferry_gather(tasks, 3, results), ==, 0);
    return results[0] + results[1] + results[2];
}

TEST(a_task_that_ends_leaves_nothing_behind)
{
    CHECK_INT(run(ends_while_others_handle), ==, 8);
}

TEST_MAIN
