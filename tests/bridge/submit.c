/* SPDX-License-Identifier: MIT */
/* Submitted calls and their futures, waits that close a ring, and the life of executors seen from
 * tasks. */
#include "base/fault.h"

#include "bridge.h"

#include <malloc.h>
#include <pthread.h>

static double half(double x)
{
    return x / 2;
}

struct pair {
    int a;
    double b;
};

static long sum_up(struct pair pair, const char *text, long double x, int a, int b, int c, int d,
                   int e)
{
    return pair.a + (long)pair.b + (long)strlen(text) + (long)x + a + b + c + d + e;
}

static void submit_kinds(void)
{
    ferry_future *futures[3] = {
        ferry_executor_submit(NULL, plus_one, 41),
        ferry_executor_submit(NULL, half, 5),
        ferry_executor_submit(NULL, sum_up, ((struct pair){1, 2.5}), "abc", 4.0L, 5, 6, 7, 8, 9),
    };
    CHECK_INT(ferry_future_result(int, futures[0]), ==, 42);
    CHECK_DOUBLE(ferry_future_result(double, futures[1]), ==, 2.5);
    CHECK_INT(ferry_future_result(long, futures[2]), ==, 1 + 2 + 3 + 4 + 5 + 6 + 7 + 8 + 9);
    CHECK_INT(ferry_future_result(int, futures[0]), ==, 42); /* a future keeps its result */
    CHECK(ferry_future_done(futures[0]) && !ferry_future_cancelled(futures[0]));
    for (int i = 0; i < 3; i++)
        ferry_future_free(futures[i]);
}

TEST(a_plain_thread_submits_and_blocks_for_results)
{
    submit_kinds();
}

IN_TASK(a_task_submits_and_suspends_for_results)
{
    submit_kinds();
    return 0;
}

TEST(the_kind_of_a_result_is_checked)
{
    CHECK_PANIC(
        {
            ferry_future *future = ferry_executor_submit(NULL, plus_one, 1);
            (void)ferry_future_result(double, future);
        },
        "wants a floating-point number .* has a signed integer");
}

static atomic_int done_early;
static int count_early(void)
{
    atomic_fetch_add(&done_early, 1);
    return 0;
}

TEST(a_future_may_be_freed_before_its_call_has_run)
{
    FERRY_WITH_EXECUTOR(executor, .max_workers = 1) {
        ferry_future_free(hold_worker(executor));
        for (int i = 0; i < 100; i++)
            ferry_future_free(ferry_executor_submit(executor, count_early));
        CHECK_INT(atomic_load(&done_early), ==, 0);
        atomic_store(&let_go, 1);
    } else {
        CHECK(false);
    }
    CHECK_INT(atomic_load(&done_early), ==, 100);
}

TEST(cancel_takes_a_call_out_of_the_queue_and_only_from_there)
{
    FERRY_WITH_EXECUTOR(executor, .max_workers = 1) {
        ferry_future *first = hold_worker(executor);
        ferry_future *second = ferry_executor_submit(executor, count_early);
        CHECK_INT(ferry_future_cancel(second), ==, 1);
        CHECK_INT(ferry_future_cancel(second), ==, 0);
        CHECK(ferry_future_cancelled(second));
        CHECK_INT(ferry_future_await(second, NULL), ==, -ECANCELED);
        CHECK_INT(ferry_future_cancel(first), ==, 0);
        atomic_store(&let_go, 1);
        CHECK_INT(ferry_future_result(int, first), ==, 50);
        ferry_future_free(first);
        ferry_future_free(second);
    } else {
        CHECK(false);
    }
    CHECK_INT(atomic_load(&done_early), ==, 0);
}

TEST(a_shutdown_that_cancels_tells_every_future)
{
    ferry_executor *executor = ferry_executor_new(&(ferry_executor_options){.max_workers = 1});
    ferry_future *futures[10];
    futures[0] = hold_worker(executor);
    for (int i = 1; i < 10; i++)
        futures[i] = ferry_executor_submit(executor, nap_ms, 20);
    CHECK_INT(ferry_executor_shutdown(
                  executor, &(ferry_shutdown_options){.cancel_pending = true, .seconds = 0.001}),
              ==, -ETIMEDOUT);
    atomic_store(&let_go, 1);
    CHECK_INT(ferry_executor_shutdown(executor, NULL), ==, 0);
    CHECK_INT(ferry_future_result(int, futures[0]), ==, 50);
    for (int i = 1; i < 10; i++)
        CHECK_INT(ferry_future_await(futures[i], NULL), ==, -ECANCELED);
    CHECK(ferry_executor_submit(executor, plus_one, 1) == NULL);
    CHECK_INT(errno, ==, ESHUTDOWN);
    for (int i = 0; i < 10; i++)
        ferry_future_free(futures[i]);
    ferry_executor_free(executor);
}

TEST(no_memory_and_no_thread_are_errors)
{
    CHECK_INT(ferry_to_thread(plus_one, 1), ==, 2);
    FERRY_WITH_EXECUTOR(executor, .max_workers = 1) {
        ferry__fault_arm(FERRY__FAULT_ALLOC, 0, 1);
        CHECK(ferry_executor_submit(executor, plus_one, 1) == NULL);
        CHECK_INT(errno, ==, ENOMEM);
        ferry__fault_arm(FERRY__FAULT_THREAD, 0, 1);
        CHECK(ferry_executor_submit(executor, plus_one, 1) == NULL);
        CHECK_INT(errno, ==, EAGAIN);
        ferry__fault_clear();
        ferry_future *future = ferry_executor_submit(executor, plus_one, 1);
        CHECK_INT(ferry_future_result(int, future), ==, 2);
        ferry_future_free(future);
    } else {
        CHECK(false);
    }
}

TEST(a_pending_future_is_at_most_256_bytes)
{
    ferry_executor *executor = ferry_executor_new(&(ferry_executor_options){.max_workers = 1});
    ferry_future *holds = ferry_executor_submit(executor, nap_ms, 50);
    ferry_future *future = ferry_executor_submit(executor, plus_one, 1);
    CHECK_INT(malloc_usable_size(future), <=, 256 - 8);
    CHECK_INT(ferry_future_result(int, future), ==, 2);
    ferry_future_free(future);
    ferry_future_free(holds);
    ferry_executor_free(executor);
}

/* Rings. */
static ferry_executor *ring_a, *ring_b;
static atomic_int in_ring;

static int wait_on(ferry_executor *executor)
{
    /* both sides are inside before either waits: the ring closes for sure */
    atomic_fetch_add(&in_ring, 1);
    while (atomic_load(&in_ring) < 2)
        usleep(100);
    ferry_future *future = ferry_executor_submit(executor, plus_one, 1);
    void *unused;
    int status = ferry_future_await(future, &unused);
    ferry_future_free(future);
    return status;
}

static void expect_one_edeadlk(int first, int second)
{
    CHECK((first == -EDEADLK && second == 0) || (second == -EDEADLK && first == 0));
}

TEST(two_full_executors_that_wait_for_each_other_are_told)
{
    ring_a = ferry_executor_new(&(ferry_executor_options){.name = "ring a", .max_workers = 1});
    ring_b = ferry_executor_new(&(ferry_executor_options){.name = "ring b", .max_workers = 1});
    ferry_future *one = ferry_executor_submit(ring_a, wait_on, ring_b);
    ferry_future *two = ferry_executor_submit(ring_b, wait_on, ring_a);
    expect_one_edeadlk(ferry_future_result(int, one), ferry_future_result(int, two));
    ferry_future_free(one);
    ferry_future_free(two);
    ferry_executor_free(ring_a);
    ferry_executor_free(ring_b);
}

static int wait_on_itself(ferry_executor *executor)
{
    return ferry_run_in_executor(executor, plus_one, 1) == -1 ? errno : 0;
}

TEST(an_executor_whose_calls_all_wait_for_it_is_told_with_its_name)
{
    FERRY_WITH_EXECUTOR(executor, .name = "narrow", .max_workers = 2) {
        atomic_store(&in_ring, 0);
        ferry_future *one = ferry_executor_submit(executor, wait_on, executor);
        ferry_future *two = ferry_executor_submit(executor, wait_on, executor);
        expect_one_edeadlk(ferry_future_result(int, one), ferry_future_result(int, two));
        ferry_future_free(one);
        ferry_future_free(two);
        ferry_future *alone = ferry_executor_submit(executor, wait_on_itself, executor);
        CHECK_INT(ferry_future_result(int, alone), ==, 0); /* one of two workers is free: no ring */
        ferry_future_free(alone);
    } else {
        CHECK(false);
    }
}

static int slow_then_wait(ferry_executor *executor)
{
    nap_ms(20);
    return wait_on_itself(executor);
}

TEST(a_worker_that_is_about_to_finish_is_no_ring)
{
    FERRY_WITH_EXECUTOR(executor, .max_workers = 2) {
        for (int i = 0; i < 10; i++) {
            ferry_future *busy = ferry_executor_submit(executor, nap_ms, 30);
            ferry_future *waits = ferry_executor_submit(executor, slow_then_wait, executor);
            CHECK_INT(ferry_future_result(int, waits), ==, 0);
            CHECK_INT(ferry_future_result(int, busy), ==, 30);
            ferry_future_free(busy);
            ferry_future_free(waits);
        }
    } else {
        CHECK(false);
    }
}

/* Executors seen from tasks. */
static int ticks, let_go_at;
static int ticker(void)
{
    while (ferry_sleep(0.001) == 0)
        if (++ticks == let_go_at)
            atomic_store(&let_go, 1);
    return 0;
}

IN_TASK(a_shutdown_in_a_task_suspends_and_the_loop_goes_on)
{
    ferry_task *task = ferry_create_task(ticker);
    ferry_executor *executor = ferry_executor_new(&(ferry_executor_options){.max_workers = 2});
    ferry_future *future = hold_worker(executor);
    CHECK_INT(ferry_executor_shutdown(executor, &(ferry_shutdown_options){.seconds = 0.01}), ==,
              -ETIMEDOUT);
    ferry_running_call call;
    CHECK_INT(ferry_executor_running(executor, &call, 1), ==, 1);
    CHECK_STR(call.function, "hold");
    CHECK_MATCH(call.place, "bridge.h:[0-9]+");
    ticks = 0;
    let_go_at = 3;
    CHECK_INT(ferry_executor_shutdown(executor, NULL), ==, 0);
    CHECK_INT(ticks, >=, 3);
    CHECK(ferry_future_done(future));
    CHECK_INT(ferry_run_in_executor(executor, plus_one, 1), ==, -1);
    CHECK_INT(errno, ==, ESHUTDOWN);
    ferry_executor_free(executor);
    ferry_future_free(future);
    ferry_task_cancel(task);
    ferry_await(int, task);
    return 0;
}

static int leave_by_return(ferry_future **ret)
{
    FERRY_WITH_EXECUTOR(executor, .max_workers = 1) {
        *ret = ferry_executor_submit(executor, nap_ms, 10);
        return ferry_future_done(*ret);
    } else {
        return -1;
    }
    return -2;
}

IN_TASK(the_block_shuts_down_however_it_is_left)
{
    ferry_future *future = NULL;
    CHECK_INT(leave_by_return(&future), ==, 0);
    CHECK(ferry_future_done(future));
    ferry_future_free(future);
    for (int i = 0; i < 3; i++) {
        FERRY_WITH_EXECUTOR(executor, .max_workers = 1) {
            future = ferry_executor_submit(executor, nap_ms, 5);
            if (i == 0)
                break;
            if (i == 1)
                goto out;
        } else {
            return 1;
        }
    out:
        CHECK(ferry_future_done(future));
        ferry_future_free(future);
    }
    return 0;
}

TEST(the_else_arm_runs_when_no_executor_could_be_made)
{
    bool body = false, otherwise = false;
    FERRY_WITH_EXECUTOR(executor, .lane = true, .max_workers = 3) {
        body = true;
    } else {
        otherwise = errno == EINVAL;
    }
    CHECK(!body && otherwise);
}

static int cancelled_in_shutdown(ferry_executor *executor)
{
    return ferry_executor_shutdown(executor, NULL);
}

IN_TASK(a_cancel_does_not_make_a_shutdown_fail)
{
    ferry_executor *executor = ferry_executor_new(&(ferry_executor_options){.max_workers = 1});
    ferry_future *future = ferry_executor_submit(executor, nap_ms, 40);
    ferry_task *task = ferry_create_task(cancelled_in_shutdown, executor);
    ferry_sleep(0.01);
    ferry_task_cancel(task);
    CHECK_INT(ferry_await(int, task), ==, 0);
    CHECK(ferry_future_done(future));
    ferry_future_free(future);
    ferry_executor_free(executor);
    return 0;
}

static int shut_down_own(ferry_executor *executor)
{
    return ferry_executor_shutdown(executor, NULL);
}

TEST(a_call_cannot_wait_for_its_own_executors_shutdown)
{
    ferry_executor *executor = ferry_executor_new(NULL);
    ferry_future *future = ferry_executor_submit(executor, shut_down_own, executor);
    CHECK_INT(ferry_future_result(int, future), ==, -EDEADLK);
    ferry_future_free(future);
    ferry_executor_free(executor);
    CHECK_INT(ferry_executor_shutdown(NULL, NULL), ==, -EINVAL);
}

static int free_own(ferry_executor *executor)
{
    ferry_executor_free(executor);
    return 0;
}

static void free_within_a_call(void)
{
    ferry_executor *executor = ferry_executor_new(&(ferry_executor_options){.name = "mine"});
    ferry_future_await(ferry_executor_submit(executor, free_own, executor), NULL);
}

TEST(freeing_an_executor_where_nobody_can_wait_ends_with_a_sentence)
{
    CHECK_PANIC(free_within_a_call(), "executor \"mine\" .* is freed while its calls run");
}

static int loop_calls(ferry_executor *executor)
{
    int sum = 0;
    for (int i = 0; i < 300; i++)
        sum += ferry_run_in_executor(executor, plus_one, 0);
    return sum;
}

static void *run_a_loop(void *argument)
{
    return (void *)(intptr_t)ferry_run(loop_calls, (ferry_executor *)argument);
}

TEST(several_loops_share_an_executor)
{
    FERRY_WITH_EXECUTOR(executor, .max_workers = 2) {
        pthread_t threads[3];
        for (int i = 0; i < 3; i++)
            pthread_create(&threads[i], NULL, run_a_loop, executor);
        for (int i = 0; i < 3; i++) {
            void *sum;
            pthread_join(threads[i], &sum);
            CHECK_INT((intptr_t)sum, ==, 300);
        }
    } else {
        CHECK(false);
    }
}

IN_TASK(submits_fail_with_their_own_errno_and_results_keep_the_calls)
{
    ferry_future *future = ferry_executor_submit(NULL, fail_with, ENOENT);
    CHECK_INT(ferry_future_result(int, future), ==, -1);
    ferry_future_free(future);
    return 0;
}

TEST_MAIN
