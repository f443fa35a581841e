/* SPDX-License-Identifier: MIT */
/* ferry.hpp: awaited calls of any callable, their results and their exceptions. */
#include <ferry/ferry.hpp>

#include "check.h"

#include <cmath>
#include <memory>
#include <mutex>
#include <pthread.h>
#include <stdexcept>
#include <string>
#include <unistd.h>

static pthread_t loop_thread;

static bool on_a_worker()
{
    return !pthread_equal(loop_thread, pthread_self());
}

template <class F> static auto run(F &&f)
{
    loop_thread = pthread_self();
    return ferry::run(std::forward<F>(f));
}

template <class F> static int error_of(F &&f)
{
    try {
        f();
    } catch (const std::system_error &error) {
        CHECK(error.code().category() == std::generic_category());
        return error.code().value();
    }
    return 0;
}

static int add(int a, int b)
{
    CHECK(on_a_worker());
    return a + b;
}

struct account {
    int balance = 0;
    int deposit(int amount)
    {
        CHECK(on_a_worker());
        return balance += amount;
    }
};

TEST(run_gives_what_the_callable_returns)
{
    CHECK_INT(run([] { return 5; }), ==, 5);
    std::string text = run([] { return std::string("a string longer than fifteen characters"); });
    CHECK_STR(text.c_str(), "a string longer than fifteen characters");
    bool ran = false;
    run([&ran] { ran = true; });
    CHECK(ran);
    CHECK_INT(ferry::run(std::plus<>(), 20, 22), ==, 42);
}

TEST(run_throws_what_the_callable_throws)
{
    try {
        run([]() -> int {
            ferry::sleep(0);
            throw std::runtime_error("from the main task");
        });
        CHECK(!"reached");
    } catch (const std::runtime_error &error) {
        CHECK_STR(error.what(), "from the main task");
    }
}

TEST(run_inside_a_loop_says_so)
{
    run([] {
        CHECK_INT(error_of([] { ferry::run([] {}); }), ==, EDEADLK);
        ferry::sleep(0);
    });
}

TEST(any_callable_runs_on_a_worker)
{
    run([] {
        CHECK_INT(ferry::to_thread(add, 20, 22), ==, 42);
        CHECK_INT(ferry::to_thread(&add, 20, 22), ==, 42);
        int captured = 2;
        CHECK_INT(ferry::to_thread(
                      [&captured](int by) {
                          CHECK(on_a_worker());
                          return captured *= by;
                      },
                      21),
                  ==, 42);
        CHECK_INT(captured, ==, 42);
        account mine;
        CHECK_INT(ferry::to_thread(&account::deposit, mine, 40), ==, 40);
        CHECK_INT(ferry::to_thread(&account::deposit, &mine, 2), ==, 42);
        CHECK_INT(ferry::to_thread(&account::balance, mine), ==, 42);
        ferry::to_thread([] { CHECK(on_a_worker()); });
    });
}

TEST(results_are_of_exactly_the_callables_type)
{
    run([] {
        int number = 1;
        auto same_one = [&]() -> int & { return number; };
        auto to_move = [&]() -> int && { return std::move(number); };
        auto single = [] { return 1.5f; };
        static_assert(std::is_same<decltype(ferry::to_thread(same_one)), int &>::value);
        static_assert(std::is_same<decltype(ferry::to_thread(to_move)), int &&>::value);
        static_assert(std::is_same<decltype(ferry::to_thread(single)), float>::value);
        int &same = ferry::to_thread(same_one);
        CHECK_PTR(&same, ==, &number);
        const int &constant = ferry::to_thread([&]() -> const int & { return number; });
        CHECK_PTR(&constant, ==, &number);
        auto owned = ferry::to_thread([] { return std::make_unique<int>(7); });
        CHECK_INT(*owned, ==, 7);
        auto back =
            ferry::to_thread([](std::unique_ptr<int> given) { return given; }, std::move(owned));
        CHECK(!owned);
        CHECK_INT(*back, ==, 7);
        CHECK_DOUBLE(ferry::to_thread([](long double x) { return x / 2; }, 5.0L), ==, 2.5);
    });
}

static int copies;
struct counts_copies {
    counts_copies() = default;
    counts_copies(const counts_copies &)
    {
        copies++;
    }
    counts_copies(counts_copies &&) = default;
};

TEST(an_awaited_call_copies_nothing)
{
    run([] {
        counts_copies object;
        ferry::to_thread([object = std::move(object)](const counts_copies &) {}, counts_copies{});
        ferry::to_thread([&](counts_copies &given) { CHECK_PTR(&given, ==, &object); }, object);
        CHECK_INT(copies, ==, 0);
    });
}

TEST(an_exception_reaches_the_waiting_task)
{
    run([] {
        for (int i = 0; i < 100; i++) {
            try {
                ferry::to_thread([i] {
                    CHECK(on_a_worker());
                    if (i % 2)
                        throw std::runtime_error(std::to_string(i));
                });
                CHECK_INT(i % 2, ==, 0);
            } catch (const std::runtime_error &error) {
                CHECK(!on_a_worker());
                CHECK_STR(error.what(), std::to_string(i).c_str());
            }
        }
        CHECK_INT(std::uncaught_exceptions(), ==, 0);
    });
}

TEST(a_call_that_did_not_run_throws)
{
    run([] {
        bool ran = false;
        ferry::executor executor("one", 1);
        executor.shutdown();
        CHECK_INT(error_of([&] { ferry::run_in_executor(executor, [&] { ran = true; }); }), ==,
                  ESHUTDOWN);
        bool timed_out = false;
        FERRY_TIMEOUT(0) {
            try {
                ferry::to_thread([&] { return ran = true; });
            } catch (const ferry::timed_out &) {
                timed_out = true;
            }
        }
        CHECK(timed_out);
        ferry_task_cancel(ferry_current_task());
        bool cancelled = false;
        try {
            ferry::to_thread([&] { ran = true; });
        } catch (const ferry::cancelled &) {
            cancelled = true;
        }
        CHECK(cancelled);
        CHECK(!ran);
        ferry_task_uncancel(ferry_current_task());
        CHECK_INT(error_of([] { ferry::to_thread([] { pthread_exit(nullptr); }); }), ==,
                  EOWNERDEAD);
    });
}

TEST(a_call_has_options)
{
    run([] {
        ferry_outcome outcome{};
        ferry_call_options options{};
        options.policy = FERRY_POLICY_INTERRUPT;
        options.run_limit = 0.005;
        options.outcome = &outcome;
        int ends[2];
        char byte;
        CHECK_INT(pipe(ends), ==, 0);
        std::pair<ssize_t, int> got = ferry::call_with(options, [&] {
            ssize_t n = read(ends[0], &byte, 1);
            return std::make_pair(n, errno);
        });
        CHECK_INT(got.first, ==, -1);
        CHECK_INT(got.second, ==, EINTR);
        CHECK_INT(outcome.state, ==, FERRY_CALL_INTERRUPTED);
        options.policy = FERRY_POLICY_ABANDON;
        CHECK_INT(error_of([&] { ferry::call_with(options, add, 1, 2); }), ==, EFAULT);
        CHECK_INT(outcome.state, ==, FERRY_CALL_NEVER_STARTED);
        options.run_limit = -1;
        CHECK_INT(error_of([&] { ferry::call_with(options, add, 1, 2); }), !=, 0);
        close(ends[0]);
        close(ends[1]);
    });
}

TEST(a_worker_asks_its_task_for_any_callable)
{
    run([] {
        std::string said;
        ferry::to_thread([&] {
            CHECK(on_a_worker());
            std::string &same = ferry::from_thread([&]() -> std::string & {
                CHECK(!on_a_worker());
                ferry::sleep(0.001);
                return said += "asked";
            });
            CHECK_PTR(&same, ==, &said);
            CHECK_INT(
                error_of([] { ferry::from_thread([] { ferry::throw_error(EIO, "there"); }); }), ==,
                EIO);
        });
        CHECK_STR(said.c_str(), "asked");
        CHECK_INT(error_of([] { ferry::from_thread([] {}); }), ==, EPERM);
    });
}

TEST(an_exception_passes_through_the_blocks)
{
    run([] {
        try {
            FERRY_TIMEOUT(60) {
                FERRY_WITH_EXECUTOR(executor, .name = "block") {
                    ferry::run_in_executor(executor, [] { throw 5; });
                }
            }
            CHECK(!"reached");
        } catch (int number) {
            CHECK_INT(number, ==, 5);
        }
        ferry::sleep(0);
        CHECK_INT(error_of([] { ferry::sleep(NAN); }), ==, EINVAL);
    });
}

TEST(without_a_loop_the_call_is_made_in_place)
{
    loop_thread = pthread_self();
    CHECK(!ferry::to_thread(on_a_worker));
    CHECK_INT(error_of([] { ferry::to_thread([] { ferry::throw_error(EIO, "inside"); }); }), ==,
              EIO);
    CHECK_INT(error_of([] { ferry::sleep(0); }), ==, EPERM);
}

TEST(a_call_is_known_by_its_callables_type)
{
    run([] {
        ferry::executor executor("named", 1);
        auto look = [&] {
            ferry_running_call running;
            CHECK_INT(ferry_executor_running(executor, &running, 1), ==, 1);
            return std::string(running.function) + " " + running.place;
        };
        std::string said = ferry::run_in_executor(executor, look);
        CHECK_MATCH(said.c_str(), "(lambda.* in C\\+\\+)");
    });
}

TEST(a_mutex_is_for_the_standards_guards)
{
    run([] {
        ferry::mutex mutex;
        int inside = 0;
        auto enter = [&] {
            for (int i = 0; i < 3; i++) {
                std::lock_guard held(mutex);
                CHECK_INT(inside++, ==, 0);
                ferry::sleep(0);
                CHECK_INT(--inside, ==, 0);
            }
        };
        auto one = ferry::create_task(enter), two = ferry::create_task(enter);
        ferry::gather(one, two);
        std::unique_lock held(mutex, std::try_to_lock);
        CHECK(held.owns_lock());
        CHECK(!mutex.try_lock());
        CHECK_INT(error_of([&] { mutex.lock(); }), ==, EDEADLK);
        auto waits = ferry::create_task([&] { std::lock_guard never(mutex); });
        ferry::sleep(0);
        waits.cancel();
        CHECK_INT(error_of([&] { waits.get(); }), ==, ECANCELED);
    });
}

TEST_MAIN
