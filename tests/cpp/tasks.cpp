/* SPDX-License-Identifier: MIT */
/* ferry.hpp: tasks, groups and futures that own what they run. */
#include <ferry/ferry.hpp>

#include "check.h"

#include <atomic>
#include <cmath>
#include <memory>
#include <stdexcept>
#include <string>

/* How many callables and results live: none may be left, whatever happened to the task. */
static std::atomic<int> alive;

struct token {
    int number;
    explicit token(int number_) : number(number_)
    {
        alive++;
    }
    token(token &&other) noexcept : number(other.number)
    {
        alive++;
    }
    token(const token &) = delete;
    ~token()
    {
        alive--;
    }
};

template <class F> static void run(F &&f)
{
    ferry::run(std::forward<F>(f));
    CHECK_INT(alive.load(), ==, 0);
}

template <class F> static int error_of(F &&f)
{
    try {
        f();
    } catch (const std::system_error &error) {
        return error.code().value();
    }
    return 0;
}

/* Waits for ever, and says when it is told to stop. */
struct sleeper {
    int *woken;
    void operator()() const
    {
        try {
            ferry::sleep(INFINITY);
        } catch (const ferry::cancelled &) {
            ++*woken;
            throw;
        }
    }
};

TEST(a_task_gives_its_callables_result)
{
    run([] {
        auto add = ferry::create_task([](int a, int b) { return a + b; }, 20, 22);
        auto text = ferry::create_task([](const std::string &a) { return a + a; }, "twice ");
        auto moves = ferry::create_task(
            [mine = token(3)](token given) {
                return std::make_unique<int>(mine.number + given.number);
            },
            token(4));
        int number = 0;
        auto refers =
            ferry::create_task([](int &to) -> int & { return to = 5, to; }, std::ref(number));
        CHECK_INT(add.get(), ==, 42);
        CHECK_STR(text.get().c_str(), "twice twice ");
        CHECK_INT(*moves.get(), ==, 7);
        CHECK_PTR(&refers.get(), ==, &number);
        CHECK_INT(number, ==, 5);
        CHECK(!add);
        CHECK_INT(error_of([&] { add.get(); }), ==, EINVAL);
    });
}

TEST(a_task_that_cannot_be_made_leaves_nothing_behind)
{
    CHECK_INT(
        error_of([] { auto task = ferry::create_task([held = token(1)] { return held.number; }); }),
        ==, EPERM);
    CHECK_INT(alive.load(), ==, 0);
}

TEST(the_callable_goes_when_it_has_returned)
{
    run([] {
        auto task = ferry::create_task([held = token(1)] { return held.number; });
        CHECK_INT(alive.load(), ==, 1);
        ferry::sleep(0);
        CHECK_INT(alive.load(), ==, 0);
        CHECK(task.done());
        CHECK_INT(task.get(), ==, 1);
    });
}

TEST(get_throws_what_the_task_threw)
{
    run([] {
        auto task = ferry::create_task([held = token(1)]() -> token {
            ferry::sleep(0);
            throw std::runtime_error("from a task");
        });
        try {
            task.get();
            CHECK(!"reached");
        } catch (const std::runtime_error &error) {
            CHECK_STR(error.what(), "from a task");
        }
        CHECK(!task);
    });
}

TEST(a_cancelled_task_throws_cancelled)
{
    run([] {
        int woken = 0;
        auto early = ferry::create_task([held = token(1)] { CHECK(!"reached"); });
        early.cancel();
        CHECK_INT(error_of([&] { early.get(); }), ==, ECANCELED);
        auto late = ferry::create_task(sleeper{&woken});
        ferry::sleep(0);
        late.cancel();
        ferry_task *handle = late.native();
        while (!late.done())
            ferry::sleep(0);
        CHECK(ferry_task_cancelled(handle));
        CHECK_INT(error_of([&] { late.get(); }), ==, ECANCELED);
        CHECK_INT(woken, ==, 1);
    });
}

TEST(the_end_of_the_handle_is_the_tasks)
{
    run([] {
        int woken = 0;
        {
            auto task = ferry::create_task(sleeper{&woken});
            auto never = ferry::create_task([held = token(1)] { CHECK(!"reached"); });
            ferry::task<void> moved = std::move(never);
            CHECK(!never);
            ferry_task_cancel(moved.native());
            ferry::sleep(0);
        }
        CHECK_INT(woken, ==, 1);
        auto task = ferry::create_task(sleeper{&woken});
        ferry::sleep(0);
        task = ferry::create_task(sleeper{&woken}); /* the first ends here */
        CHECK_INT(woken, ==, 2);
        ferry_task_cancel(ferry_current_task()); /* and a cancelled one waits all the same */
    });
}

static std::string complaint;

static void hear(ferry_loop *, const ferry_exception *exception, void *)
{
    complaint = exception->message + std::string(" ") + std::to_string(exception->result);
}

TEST(an_exception_nobody_asked_for_is_told)
{
    run([] {
        CHECK_INT(ferry_loop_set_exception_handler(hear, nullptr), ==, 0);
        {
            auto task = ferry::create_task([] { ferry::throw_error(EIO, "lost"); });
            ferry::sleep(0);
        }
        CHECK_MATCH(complaint.c_str(), "nobody awaited it -5$");
        complaint.clear();
        ferry::create_task([] { throw 1; }).detach();
        ferry::sleep(0);
        CHECK_MATCH(complaint.c_str(), ("-" + std::to_string(ENOTRECOVERABLE)).c_str());
    });
}

TEST(detached_tasks_leave_nothing_behind)
{
    int woken = 0;
    run([&] {
        ferry::create_task([held = token(1)] { ferry::sleep(0); }).detach();
        ferry::sleep(0);
        ferry::sleep(0);
        CHECK_INT(alive.load(), ==, 0);
        ferry::create_task(sleeper{&woken}).detach();
        ferry::sleep(0);
        ferry::create_task([held = token(2)] { CHECK(!"reached"); }).detach();
    });
    CHECK_INT(woken, ==, 1);
}

TEST(a_handle_may_outlive_its_loop)
{
    ferry::task<token> done, never;
    ferry::run([&] {
        done = ferry::create_task([] { return token(8); });
        ferry::sleep(0);
        never = ferry::create_task([]() -> token { throw std::logic_error("not begun"); });
    });
    CHECK_INT(done.get().number, ==, 8);
    CHECK_INT(error_of([&] { never.get(); }), ==, ECANCELED);
    CHECK_INT(alive.load(), ==, 0);
}

static void callback(ferry::task<void> *task)
{
    *task = ferry::task<void>(); /* can't wait: cancels, and lets go */
}

TEST(a_callback_may_end_a_handle)
{
    int woken = 0;
    run([&] {
        auto task = ferry::create_task(sleeper{&woken});
        ferry::sleep(0);
        CHECK_INT(ferry_call_soon(callback, &task), ==, 0);
        while (!woken)
            ferry::sleep(0);
        CHECK(!task);
    });
}

TEST(gather_gives_all_results_in_order)
{
    run([] {
        auto number = ferry::create_task([] { return 1; });
        auto text = ferry::create_task([] { return std::string("two"); });
        auto nothing = ferry::create_task([] { ferry::sleep(0); });
        auto [one, two, three] = ferry::gather(number, text, nothing);
        CHECK_INT(one, ==, 1);
        CHECK_STR(two.c_str(), "two");
        CHECK(three == nullptr);
        std::vector<ferry::task<int>> tasks;
        for (int i = 0; i < 100; i++)
            tasks.push_back(
                ferry::create_task([i] { return ferry::to_thread([i] { return i; }); }));
        auto results = ferry::gather(tasks);
        for (int i = 0; i < 100; i++)
            CHECK_INT(results[static_cast<size_t>(i)], ==, i);
        CHECK_INT(error_of([&] { ferry::gather(tasks); }), ==, EINVAL);
    });
}

TEST(gather_throws_the_first_when_all_have_ended)
{
    run([] {
        bool ended = false;
        auto first = ferry::create_task([&]() -> int {
            ferry::sleep(0);
            throw std::runtime_error("first");
        });
        auto second = ferry::create_task([]() -> int { throw std::logic_error("second"); });
        auto third = ferry::create_task([&] {
            for (int i = 0; i < 5; i++)
                ferry::sleep(0);
            ended = true;
        });
        try {
            ferry::gather(first, second, third);
            CHECK(!"reached");
        } catch (const std::runtime_error &error) {
            CHECK_STR(error.what(), "first");
        }
        CHECK(ended);
        CHECK(!first && !second && !third);
    });
}

TEST(a_group_ends_with_its_function)
{
    run([] {
        int sum = 0;
        std::string said = ferry::with_task_group([&](ferry::task_group &group) {
            for (int i = 1; i <= 3; i++)
                group.create_task([&sum, held = token(i)] {
                    ferry::sleep(0);
                    sum += held.number;
                });
            auto four = group.create_task([](int number) { return number; }, 4);
            sum += four.get();
            return std::string("the body's");
        });
        CHECK_INT(sum, ==, 10);
        CHECK_STR(said.c_str(), "the body's");
    });
}

TEST(a_childs_exception_ends_the_group)
{
    run([] {
        int woken = 0;
        try {
            ferry::with_task_group([&](ferry::task_group &group) {
                group.create_task(sleeper{&woken});
                group.create_task([] {
                    ferry::sleep(0);
                    throw std::runtime_error("a child's");
                });
                sleeper{&woken}();
            });
            CHECK(!"reached");
        } catch (const std::runtime_error &error) {
            CHECK_STR(error.what(), "a child's");
        }
        CHECK_INT(woken, ==, 2);
        CHECK_INT(ferry_task_cancelling(ferry_current_task()), ==, 0);
    });
}

TEST(the_bodys_exception_ends_the_group)
{
    run([] {
        int woken = 0;
        try {
            ferry::with_task_group([&](ferry::task_group &group) {
                group.create_task(sleeper{&woken});
                group.create_task([held = token(1)] { CHECK(!"reached"); }).cancel();
                ferry::sleep(0);
                throw std::runtime_error("the body's");
            });
            CHECK(!"reached");
        } catch (const std::runtime_error &error) {
            CHECK_STR(error.what(), "the body's");
        }
        CHECK_INT(woken, ==, 1);
        bool out_of_time = false;
        FERRY_TIMEOUT(0.01) {
            try {
                ferry::with_task_group(
                    [&](ferry::task_group &group) { group.create_task(sleeper{&woken}); });
            } catch (const ferry::timed_out &) {
                out_of_time = true;
            }
        }
        CHECK(out_of_time);
        CHECK_INT(woken, ==, 2);
    });
}

TEST(a_group_that_was_cancelled_takes_no_more)
{
    run([] {
        int error = 0;
        ferry::with_task_group([&](ferry::task_group &group) {
            group.cancel();
            error = error_of([&] { group.create_task([held = token(1)] {}); });
        });
        CHECK_INT(error, ==, ECANCELED);
    });
}

TEST(a_future_gives_what_its_call_left)
{
    ferry::executor executor("futures", 2);
    auto use = [&] {
        auto sum = ferry::submit(
            executor, [](int a, token b) { return a + b.number; }, 40, token(2));
        auto owned = ferry::submit(executor, [] { return std::make_unique<int>(7); });
        auto fails =
            ferry::submit(executor, []() -> int { throw std::runtime_error("on a worker"); });
        CHECK_INT(sum.get(), ==, 42);
        CHECK_INT(*owned.get(), ==, 7);
        try {
            fails.get();
            CHECK(!"reached");
        } catch (const std::runtime_error &error) {
            CHECK_STR(error.what(), "on a worker");
        }
        CHECK(!fails);
        CHECK_INT(error_of([&] { fails.get(); }), ==, EINVAL);
    };
    use();
    run(use);
}

/* A call that holds the executor's one worker until it is told to go. */
struct blocker {
    ferry_future *go = ferry_future_new(), *began = ferry_future_new();
    void operator()() const
    {
        ferry_future_set_result(began, nullptr);
        ferry_future_await(go, nullptr);
    }
};

TEST(a_future_that_goes_takes_its_call_along)
{
    blocker blocks;
    {
        ferry::executor executor("one", 1);
        auto first = ferry::submit(executor, [&] { blocks(); });
        ferry_future_await(blocks.began, nullptr);
        {
            auto queued = ferry::submit(executor, [held = token(1)] { CHECK(!"reached"); });
        }
        CHECK_INT(alive.load(), ==, 0);
        auto cancelled = ferry::submit(executor, [held = token(1)] { CHECK(!"reached"); });
        CHECK(cancelled.cancel());
        CHECK_INT(error_of([&] { cancelled.get(); }), ==, ECANCELED);
        auto dropped = ferry::submit(executor, [held = token(1)] { CHECK(!"reached"); });
        CHECK(!first.cancel());
        { /* it runs: it goes on, without its future */
            auto moved = std::move(first);
        }
        ferry_shutdown_options now{};
        now.no_wait = now.cancel_pending = true;
        executor.shutdown(now);
        CHECK_INT(error_of([&] { dropped.get(); }), ==, ECANCELED);
        CHECK_INT(error_of([&] { auto refused = ferry::submit(executor, [held = token(1)] {}); }),
                  ==, ESHUTDOWN);
        ferry_future_set_result(blocks.go, nullptr);
    }
    ferry_future_free(blocks.go);
    ferry_future_free(blocks.began);
    CHECK_INT(alive.load(), ==, 0);
}

TEST(an_interrupted_wait_keeps_the_future)
{
    blocker blocks;
    run([&] {
        ferry::executor executor("one", 1);
        auto future = ferry::submit(executor, [&] { return blocks(), 5; });
        bool out_of_time = false;
        FERRY_TIMEOUT(0) {
            try {
                future.get();
            } catch (const ferry::timed_out &) {
                out_of_time = true;
            }
        }
        CHECK(out_of_time);
        CHECK(!future.done());
        ferry_future_set_result(blocks.go, nullptr);
        CHECK_INT(future.get(), ==, 5);
    });
    ferry_future_free(blocks.go);
    ferry_future_free(blocks.began);
}

TEST(many_exceptions_cross_at_once)
{
    run([] {
        std::vector<ferry::task<int>> tasks;
        for (int i = 0; i < 200; i++)
            tasks.push_back(ferry::create_task([i] {
                int caught = 0;
                for (int round = 0; round < 10; round++) {
                    try {
                        ferry::to_thread([&] { throw i + round; });
                    } catch (int number) {
                        ferry::to_thread([] {});
                        caught += number == i + round;
                    }
                }
                return caught;
            }));
        for (int caught : ferry::gather(tasks))
            CHECK_INT(caught, ==, 10);
    });
}

TEST_MAIN
