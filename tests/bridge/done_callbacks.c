/* SPDX-License-Identifier: MIT */
/* What a future tells of itself, and its done callbacks: where and when they are called. */
#include "base/fault.h"

#include "bridge.h"

#include <pthread.h>

/* What was called, in order: context, error, thread. */
static struct told {
    const char *name;
    int error;
    long thread;
    bool in_task;
} told[20];
static atomic_int times_told;

static void note(ferry_future *future, void *name)
{
    int at = atomic_load(&times_told);
    told[at] =
        (struct told){name, ferry_future_error(future), thread_id(), ferry_current_task() != NULL};
    atomic_store(&times_told, at + 1);
}

static char one[] = "one", two[] = "two";

static void expect_told(int at, const char *name, int error, long thread)
{
    CHECK_STR(told[at].name, name);
    CHECK_INT(told[at].error, ==, error);
    CHECK_INT(told[at].thread, ==, thread);
    CHECK(!told[at].in_task);
}

TEST(a_future_tells_its_error_without_waiting)
{
    ferry_future *future = ferry_future_new();
    CHECK_INT(ferry_future_error(future), ==, -EAGAIN);
    CHECK_INT(errno, ==, EAGAIN);
    CHECK(!ferry_future_running(future));
    ferry_future_set_error(future, -EIO);
    CHECK_INT(ferry_future_error(future), ==, -EIO);
    ferry_future_free(future);
    future = ferry_future_new();
    ferry_future_set_result(future, NULL);
    CHECK_INT(ferry_future_error(future), ==, 0);
    ferry_future_free(future);
    future = ferry_future_new();
    ferry_future_cancel(future);
    CHECK_INT(ferry_future_error(future), ==, -ECANCELED);
    ferry_future_free(future);
}

TEST(a_call_is_running_between_its_beginning_and_its_end)
{
    FERRY_WITH_EXECUTOR(executor, .max_workers = 1) {
        ferry_future *first = hold_worker(executor);
        ferry_future *second = ferry_executor_submit(executor, plus_one, 1);
        ferry_future *third = ferry_executor_submit(executor, plus_one, 1);
        CHECK(ferry_future_running(first) && !ferry_future_running(second));
        CHECK_INT(ferry_future_error(first), ==, -EAGAIN);
        ferry_future_cancel(third);
        CHECK(!ferry_future_running(third));
        let_worker_go(first);
        CHECK_INT(ferry_future_result(int, second), ==, 2);
        CHECK(!ferry_future_running(second));
        ferry_future_free(second);
        ferry_future_free(third);
    } else {
        CHECK(false);
    }
}

/* Without a loop: in the thread that settles, in the order in which they were added. */
TEST(a_thread_that_settles_calls_them_in_order)
{
    ferry_future *future = ferry_future_new();
    CHECK_INT(ferry_future_add_done_callback(future, note, one), ==, 0);
    CHECK_INT(ferry_future_add_done_callback(future, note, two), ==, 0);
    CHECK_INT(times_told, ==, 0);
    ferry_future_set_error(future, EIO);
    CHECK_INT(times_told, ==, 2);
    expect_told(0, one, -EIO, thread_id());
    expect_told(1, two, -EIO, thread_id());
    CHECK_INT(ferry_future_set_result(future, NULL), ==, -EALREADY);
    CHECK_INT(ferry_future_set_error(future, ENOENT), ==, -EALREADY);
    CHECK_INT(ferry_future_error(future), ==, -EIO);
    CHECK_INT(times_told, ==, 2);
    CHECK_INT(ferry_future_add_done_callback(future, note, one), ==, 0); /* settled: at once */
    expect_told(2, one, -EIO, thread_id());
    ferry_future_free(future);
}

static long call_and_tell_thread(void)
{
    hold();
    return thread_id();
}

TEST(a_submitted_call_calls_them_on_its_worker)
{
    FERRY_WITH_EXECUTOR(executor, .max_workers = 1) {
        atomic_store(&let_go, 0);
        ferry_future *future = ferry_executor_submit(executor, call_and_tell_thread);
        ferry_future *queued = ferry_executor_submit(executor, plus_one, 1);
        ferry_future_add_done_callback(future, note, one);
        ferry_future_add_done_callback(queued, note, two);
        CHECK_INT(ferry_future_cancel(queued), ==, 1);
        expect_told(0, two, -ECANCELED, thread_id());
        atomic_store(&let_go, 1);
        long thread = ferry_future_result(long, future);
        while (atomic_load(&times_told) < 2)
            usleep(200);
        expect_told(1, one, 0, thread);
        ferry_future_free(future);
        ferry_future_free(queued);
    } else {
        CHECK(false);
    }
}

TEST(a_shutdown_that_cancels_tells_them)
{
    ferry_executor *executor = ferry_executor_new(&(ferry_executor_options){.max_workers = 1});
    ferry_future *first = hold_worker(executor);
    ferry_future *queued = ferry_executor_submit(executor, plus_one, 1);
    ferry_future_add_done_callback(queued, note, one);
    CHECK_INT(ferry_executor_shutdown(
                  executor, &(ferry_shutdown_options){.no_wait = true, .cancel_pending = true}),
              ==, 0);
    CHECK_INT(times_told, ==, 1);
    expect_told(0, one, -ECANCELED, thread_id());
    let_worker_go(first);
    ferry_future_free(queued);
    ferry_executor_free(executor);
}

TEST(a_future_freed_before_still_tells)
{
    ferry_future *future = ferry_executor_submit(NULL, nap_ms, 5);
    ferry_future_add_done_callback(future, note, one);
    ferry_future_free(future);
    while (atomic_load(&times_told) < 1)
        usleep(200);
    CHECK_STR(told[0].name, one);
    CHECK_INT(told[0].error, ==, 0);
    future = ferry_future_new();
    ferry_future_add_done_callback(future, note, one);
    ferry_future_remove_done_callback(future, note, one);
    ferry_future_free(future);
}

TEST(what_was_removed_is_not_called)
{
    ferry_future *future = ferry_future_new();
    char *names[] = {one, two, one, one};
    for (int i = 0; i < 4; i++)
        ferry_future_add_done_callback(future, note, names[i]);
    CHECK_INT(ferry_future_remove_done_callback(future, note, one), ==, 3);
    CHECK_INT(ferry_future_remove_done_callback(future, note, one), ==, 0);
    ferry_future_set_result(future, NULL);
    CHECK_INT(times_told, ==, 1);
    CHECK_STR(told[0].name, two);
    CHECK_INT(ferry_future_remove_done_callback(future, note, two), ==, 0);
    ferry_future_free(future);
}

TEST(bad_input_and_no_memory_are_errors)
{
    ferry_future *future = ferry_future_new();
    CHECK_INT(ferry_future_add_done_callback(NULL, note, one), ==, -EINVAL);
    CHECK_INT(ferry_future_add_done_callback(future, NULL, one), ==, -EINVAL);
    CHECK_INT(ferry_future_remove_done_callback(NULL, note, one), ==, -EINVAL);
    ferry__fault_arm(FERRY__FAULT_ALLOC, 0, -1);
    CHECK_INT(ferry_future_add_done_callback(future, note, one), ==, -ENOMEM);
    ferry__fault_clear();
    ferry_future_set_result(future, NULL);
    CHECK_INT(times_told, ==, 0);
    ferry_future_free(future);
}

/* Added on a loop: a callback of that loop, later, whoever settles. */
IN_TASK(a_loop_calls_them_in_a_round_to_come)
{
    long here = thread_id();
    ferry_future *by_hand = ferry_future_new();
    ferry_future_add_done_callback(by_hand, note, one);
    ferry_future_set_result(by_hand, NULL);
    CHECK_INT(times_told, ==, 0);
    ferry_sleep(0);
    CHECK_INT(times_told, ==, 1);
    expect_told(0, one, 0, here);
    ferry_future_add_done_callback(by_hand, note, two); /* settled: not at once either */
    CHECK_INT(times_told, ==, 1);
    ferry_sleep(0);
    expect_told(1, two, 0, here);
    ferry_future *call = ferry_executor_submit(NULL, nap_ms, 5);
    ferry_future_add_done_callback(call, note, one);
    ferry_future_free(call);
    while (times_told < 3)
        ferry_sleep(0.001);
    expect_told(2, one, 0, here);
    ferry_future_free(by_hand);
    return 0;
}

static ferry_future *outlives;

static int add_and_leave(void)
{
    ferry_future_add_done_callback(outlives, note, one);
    ferry_future *settled = ferry_future_new();
    ferry_future_set_result(settled, NULL);
    ferry_future_add_done_callback(settled, note, two); /* ready when the loop closes */
    ferry_future_free(settled);
    return 0;
}

TEST(when_the_loop_has_ended_they_are_dropped)
{
    outlives = ferry_future_new();
    CHECK_INT(ferry_run(add_and_leave), ==, 0);
    int then = atomic_load(&times_told); /* the ready one may have had its turn */
    ferry_future_set_result(outlives, NULL);
    CHECK_INT(times_told, ==, then);
    ferry_future_free(outlives);
}

/* Those who wait are woken before anybody's code runs. */
static void hold_the_settler(ferry_future *future, void *unused)
{
    (void)future;
    (void)unused;
    hold();
}

static int settle_it(ferry_future *future)
{
    return ferry_future_set_result(future, NULL);
}

TEST(a_slow_callback_keeps_no_waiter_waiting)
{
    ferry_future *future = ferry_future_new();
    atomic_store(&let_go, 0);
    ferry_future_add_done_callback(future, hold_the_settler, NULL);
    ferry_future *settler = ferry_executor_submit(NULL, settle_it, future);
    CHECK_INT(ferry_future_await(future, NULL), ==, 0);
    atomic_store(&let_go, 1);
    CHECK_INT(ferry_future_result(int, settler), ==, 0);
    ferry_future_free(settler);
    ferry_future_free(future);
}

/* A callback may do with the future, and others, what it likes. */
static void free_it(ferry_future *future, void *context)
{
    ferry_future *other = context;
    CHECK_INT(ferry_future_add_done_callback(future, note, one), ==, 0);
    ferry_future_set_result(other, NULL);
    ferry_future_free(future);
}

TEST(a_callback_may_free_the_future_and_settle_others)
{
    ferry_future *future = ferry_future_new(), *other = ferry_future_new();
    ferry_future_add_done_callback(other, note, two);
    ferry_future_add_done_callback(future, free_it, other);
    ferry_future_set_result(future, NULL);
    CHECK_INT(times_told, ==, 2);
    expect_told(0, one, 0, thread_id());
    expect_told(1, two, 0, thread_id());
    ferry_future_free(other);
}

/* Added and removed while the future is settled: called or removed, never both, never neither. */
static atomic_int calls;
static void count(ferry_future *future, void *unused)
{
    (void)future;
    (void)unused;
    atomic_fetch_add(&calls, 1);
}

static int settle_soon(ferry_future *future, int spins)
{
    for (volatile int i = 0; i < spins; i++)
        continue;
    return ferry_future_set_result(future, NULL);
}

TEST(of_a_race_of_remove_and_settle_one_wins)
{
    int removed = 0;
    for (int round = 0; round < 500; round++) {
        ferry_future *future = ferry_future_new();
        ferry_future *settler = ferry_executor_submit(NULL, settle_soon, future, round);
        ferry_future_add_done_callback(future, count, NULL);
        removed += ferry_future_remove_done_callback(future, count, NULL);
        CHECK_INT(ferry_future_result(int, settler), ==, 0);
        ferry_future_free(settler);
        ferry_future_free(future);
    }
    CHECK_INT(removed + atomic_load(&calls), ==, 500);
}

/* Nobody can settle it any more: who wanted to be told is. */
static int free_pending(void)
{
    ferry_future *future = ferry_future_new();
    CHECK_INT(ferry_future_add_done_callback(future, note, one), ==, 0);
    ferry_future_free(future);
    CHECK_INT(atomic_load(&times_told), ==, 1);
    ferry_sleep(0);
    ferry_sleep(0);
    CHECK_INT(atomic_load(&times_told), ==, 2);
    expect_told(1, "one", -ECANCELED, thread_id());
    return 0;
}

TEST(a_pending_future_that_is_freed_is_cancelled)
{
    ferry_future *future = ferry_future_new();
    CHECK_INT(ferry_future_add_done_callback(future, note, two), ==, 0);
    ferry_future_free(future);
    CHECK_INT(atomic_load(&times_told), ==, 1);
    expect_told(0, "two", -ECANCELED, thread_id());
    CHECK_INT(ferry_run(free_pending), ==, 0);
}

/* The memory of a loop is another's after a while; callbacks that were for the first don't find the
 * other. */
static ferry_loop *first_loop;

static int add_a_callback(ferry_future *future)
{
    first_loop = ferry_get_running_loop();
    return ferry_future_add_done_callback(future, note, one);
}

static int settle_in_its_memory(ferry_future *future)
{
    if (ferry_get_running_loop() != first_loop)
        return 0;
    CHECK_INT(ferry_future_set_result(future, NULL), ==, 0);
    ferry_sleep(0);
    ferry_sleep(0);
    return 1;
}

TEST(a_later_loop_in_the_same_memory_gets_no_callback)
{
    ferry_future *future = ferry_future_new();
    CHECK_INT(ferry_run(add_a_callback, future), ==, 0);
    int loops = 0;
    while (!ferry_run(settle_in_its_memory, future) && ++loops < 2000)
        continue;
    CHECK_INT(loops, <, 2000);
    CHECK_INT(atomic_load(&times_told), ==, 0);
    ferry_future_free(future);
}

TEST_MAIN
