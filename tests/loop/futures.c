/* SPDX-License-Identifier: MIT */
/* Futures: settled once, from anywhere, waited for by anybody. */
#include "check.h"

#include "loop/future.h"

#include <ferry/future.h>
#include <ferry/futures.h>
#include <ferry/gather.h>
#include <ferry/loop.h>
#include <ferry/run.h>
#include <ferry/scope.h>
#include <limits.h>
#include <pthread.h>
#include <sched.h>

static int value;

static int wait_for_it(ferry_future *future)
{
    void *got = NULL;
    CHECK_INT(ferry_future_await(future, &got), ==, 0);
    CHECK_PTR(got, ==, &value);
    return 1;
}

static int settle_here(void)
{
    ferry_future *future = ferry_future_new();
    ferry_task *tasks[5];
    int results[5];
    for (int i = 0; i < 5; i++)
        tasks[i] = ferry_create_task(wait_for_it, future);
    ferry_sleep(0.001);
    CHECK(!ferry_future_done(future));
    CHECK_INT(ferry_future_set_result(future, &value), ==, 0);
    CHECK(ferry_future_done(future));
    CHECK_INT(ferry_future_set_result(future, NULL), ==, -EALREADY);
    CHECK_INT(ferry_future_set_error(future, EIO), ==, -EALREADY);
    CHECK_INT(ferry_future_cancel(future), ==, 0);
    CHECK_INT(ferry_gather(tasks, 5, results), ==, 0);
    CHECK_INT(wait_for_it(future), ==, 1); /* as often as one likes */
    CHECK_PTR(ferry_future_result(void *, future), ==, &value);
    ferry_future_free(future);
    ferry_future_free(NULL);
    return 0;
}

TEST(settled_on_the_loop)
{
    CHECK_INT(ferry_run(settle_here), ==, 0);
}

static int errors(void)
{
    ferry_future *future = ferry_future_new();
    CHECK_INT(ferry_future_set_error(future, 0), ==, -EINVAL);
    CHECK_INT(ferry_future_set_error(future, -EIO), ==, 0);
    CHECK_INT(ferry_future_await(future, NULL), ==, -EIO);
    CHECK_INT(errno, ==, EIO);
    CHECK_PTR(ferry_future_result(void *, future), ==, NULL);
    CHECK_INT(errno, ==, EIO);
    CHECK(!ferry_future_cancelled(future));
    ferry_future_free(future);
    future = ferry_future_new();
    CHECK_INT(ferry_future_cancel(future), ==, 1);
    CHECK(ferry_future_cancelled(future));
    CHECK_INT(ferry_future_await(future, NULL), ==, -ECANCELED);
    ferry_future_free(future);
    return 0;
}

TEST(errors_and_cancelling)
{
    CHECK_INT(ferry_run(errors), ==, 0);
}

static int interrupted(ferry_future *future)
{
    FERRY_TIMEOUT(0.005) {
        CHECK_INT(ferry_future_await(future, NULL), ==, -ETIMEDOUT);
    }
    CHECK(ferry_timeout_expired());
    return 0;
}

static int give_up(void)
{
    ferry_future *future = ferry_future_new();
    ferry_task *tasks[6];
    for (int i = 0; i < 6; i++)
        tasks[i] =
            i % 2 ? ferry_create_task(wait_for_it, future) : ferry_create_task(interrupted, future);
    ferry_sleep(0.02); /* those that gave up are off the list, in the middle and at its ends */
    CHECK(!ferry_future_done(future));
    ferry_future_set_result(future, &value);
    CHECK_INT(ferry_gather(tasks, 6, NULL), ==, 0);
    ferry_future_free(future);
    return 0;
}

TEST(who_gives_up_leaves_the_future_as_it_is)
{
    CHECK_INT(ferry_run(give_up), ==, 0);
}

static void in_a_callback(ferry_future *future)
{
    CHECK_INT(ferry_future_await(future, NULL), ==, -EDEADLK);
    ferry_future_set_result(future, &value);
    CHECK_INT(ferry_future_await(future, NULL), ==, 0);
}

static int callback(void)
{
    ferry_future *future = ferry_future_new();
    ferry_call_soon(in_a_callback, future);
    CHECK_INT(wait_for_it(future), ==, 1);
    ferry_future_free(future);
    return 0;
}

TEST(a_callback_cannot_wait)
{
    CHECK_INT(ferry_run(callback), ==, 0);
}

static void *settle(void *future)
{
    struct timespec nap = {0, 3000000};
    nanosleep(&nap, NULL);
    CHECK_INT(ferry_future_set_result(future, &value), ==, 0);
    return NULL;
}

static int from_a_thread(void)
{
    for (int i = 0; i < 20; i++) {
        ferry_future *future = ferry_future_new();
        pthread_t thread;
        CHECK_INT(pthread_create(&thread, NULL, settle, future), ==, 0);
        CHECK_INT(wait_for_it(future), ==, 1);
        CHECK_INT(pthread_join(thread, NULL), ==, 0);
        ferry_future_free(future);
    }
    return 0;
}

TEST(settled_by_a_thread)
{
    CHECK_INT(ferry_run(from_a_thread), ==, 0);
}

static void *wait_on_a_thread(void *future)
{
    CHECK_INT(wait_for_it(future), ==, 1);
    return NULL;
}

TEST(waited_for_by_threads)
{
    ferry_future *future = ferry_future_new();
    pthread_t threads[4];
    for (int i = 0; i < 4; i++)
        CHECK_INT(pthread_create(&threads[i], NULL, i < 3 ? wait_on_a_thread : settle, future), ==,
                  0);
    CHECK_INT(wait_for_it(future), ==, 1);
    for (int i = 0; i < 4; i++)
        CHECK_INT(pthread_join(threads[i], NULL), ==, 0);
    ferry_future_free(future);
}

/* Interruptions and settling at the same moment, thousands of times: nobody is woken twice or
 * never. */
static ferry_future *_Atomic handed;

static void *settle_all(void *count_)
{
    for (long i = 0; i < (long)(intptr_t)count_; i++) {
        ferry_future *future;
        while (!(future = __atomic_exchange_n((ferry_future **)&handed, NULL, __ATOMIC_ACQ_REL)))
            sched_yield();
        CHECK_INT(ferry_future_set_result(future, &value), ==, 0);
    }
    return NULL;
}

static int race(int count)
{
    pthread_t thread;
    CHECK_INT(pthread_create(&thread, NULL, settle_all, (void *)(intptr_t)count), ==, 0);
    for (int i = 0; i < count; i++) {
        ferry_future *future = ferry_future_new();
        __atomic_store_n((ferry_future **)&handed, future, __ATOMIC_RELEASE);
        FERRY_TIMEOUT((i % 50) * 1e-7) {
            int said = ferry_future_await(future, NULL);
            CHECK(said == 0 || said == -ETIMEDOUT);
        }
        while (!ferry_future_done(future))
            ferry_sleep(0);
        ferry_future_free(future);
    }
    CHECK_INT(pthread_join(thread, NULL), ==, 0);
    return 0;
}

TEST(settling_against_giving_up)
{
    CHECK_INT(ferry_run(race, CHECK_UNDER_TSAN ? 2000 : 5000), ==, 0);
}

static int wrong_kind(void)
{
    ferry_future *future = ferry_future_new();
    return ferry_future_result(int, future);
}

TEST(the_wrong_kind_is_a_programmer_error)
{
    CHECK_PANIC(ferry_run(wrong_kind),
                "ferry_future_result at .* wants a signed integer of 4 bytes, "
                "but the future has a pointer");
}

/* What a constructor gives without memory. */
static int nothing(void)
{
    CHECK_INT(ferry_future_set_result(NULL, &value), ==, -EINVAL);
    CHECK_INT(ferry_future_set_error(NULL, EIO), ==, -EINVAL);
    CHECK_INT(ferry_future_await(NULL, NULL), ==, -EINVAL);
    CHECK_INT(ferry_future_cancel(NULL), ==, -EINVAL);
    CHECK_INT(ferry_future_error(NULL), ==, -EINVAL);
    CHECK(!ferry_future_done(NULL) && !ferry_future_cancelled(NULL) && !ferry_future_running(NULL));
    errno = 0;
    CHECK_INT(ferry_future_result(int, (ferry_future *)NULL), ==, -1);
    CHECK_INT(errno, ==, EINVAL);
    CHECK_PTR(ferry_futures_next(NULL), ==, NULL);
    CHECK_INT(errno, ==, EINVAL);
    return 0;
}

TEST(null_is_an_error)
{
    CHECK_INT(nothing(), ==, 0);
    CHECK_INT(ferry_run(nothing), ==, 0);
}

TEST(the_most_negative_error_is_none)
{
    ferry_future *future = ferry_future_new();
    CHECK_INT(ferry_future_set_error(future, INT_MIN), ==, -EINVAL);
    CHECK(!ferry_future_done(future));
    ferry_future_free(future);
}

static int free_it(void)
{
    ferry_future *future = ferry_future_new();
    ferry_create_task(wait_for_it, future);
    ferry_sleep(0);
    ferry_future_free(future);
    return 0;
}

static int free_one_of_a_set(void)
{
    ferry_future *future = ferry_future_new();
    CHECK(ferry_futures_as_completed(&future, 1) != NULL);
    ferry_future_free(future);
    return 0;
}

TEST(freeing_what_is_waited_for_is_a_programmer_error)
{
    CHECK_PANIC(ferry_run(free_it), "ferry_future_free of a future that somebody waits for");
    CHECK_PANIC(free_one_of_a_set(), "ferry_future_free of a future that somebody waits for");
}

TEST(a_future_is_small)
{
    CHECK_INT(sizeof(struct ferry_future), <=, 64);
}

TEST_MAIN
