/* SPDX-License-Identifier: MIT */
/* FERRY_TIMEOUT and FERRY_SHIELD on threads that run no loop: plain ones, and calls on workers. */
#include "bridge.h"

#include <math.h>
#include <pthread.h>

/* Waits for a future that nobody settles. */
static int wait_in_vain(void)
{
    ferry_future *future = ferry_future_new();
    int said = ferry_future_await(future, NULL);
    CHECK(said == 0 || errno == -said);
    ferry_future_free(future);
    return said;
}

static int limits_of_a_thread(void)
{
    FERRY_TIMEOUT(0.005) {
        CHECK_INT(wait_in_vain(), ==, -ETIMEDOUT);
        CHECK_INT(wait_in_vain(), ==, -ETIMEDOUT); /* level-triggered */
        CHECK_INT(ferry_timeout_reschedule(60), ==, -ETIMEDOUT);
    }
    CHECK(ferry_timeout_expired());
    FERRY_TIMEOUT(-1) {
        CHECK_INT(wait_in_vain(), ==, -ETIMEDOUT);
    }
    CHECK(ferry_timeout_expired());
    FERRY_TIMEOUT(NAN) {
        CHECK_INT(wait_in_vain(), ==, -EINVAL);
    }
    CHECK(!ferry_timeout_expired());
    FERRY_TIMEOUT(60) {
        CHECK_INT(ferry_timeout_reschedule(NAN), ==, -EINVAL);
        CHECK_INT(ferry_timeout_reschedule(INFINITY), ==, 0);
        CHECK_INT(ferry_timeout_reschedule(0.002), ==, 0);
        CHECK_INT(wait_in_vain(), ==, -ETIMEDOUT);
    }
    CHECK(ferry_timeout_expired());
    CHECK_INT(ferry_timeout_reschedule(1), ==, -ENOENT);
    FERRY_TIMEOUT(60) {
        ferry_future *future = ferry_executor_submit(NULL, plus_one, 41);
        CHECK_INT(ferry_future_result(int, future), ==, 42);
        ferry_future_free(future);
    }
    CHECK(!ferry_timeout_expired());
    return 7;
}

TEST(a_limit_bounds_the_waits_of_a_thread)
{
    CHECK_INT(limits_of_a_thread(), ==, 7);
}

IN_TASK(a_limit_bounds_the_waits_of_a_call_on_a_worker)
{
    CHECK_INT(ferry_to_thread(limits_of_a_thread), ==, 7);
    FERRY_TIMEOUT(60) {
        CHECK_INT(ferry_to_thread(limits_of_a_thread), ==, 7); /* the task's stays the task's */
    }
    CHECK(!ferry_timeout_expired());
    return 0;
}

TEST(of_nested_limits_the_outer_one_wins_and_shields_hold)
{
    FERRY_TIMEOUT(60) {
        FERRY_TIMEOUT(0.002) {
            CHECK_INT(wait_in_vain(), ==, -ETIMEDOUT);
        }
        CHECK(ferry_timeout_expired());
        FERRY_TIMEOUT(0.002) {
            FERRY_TIMEOUT(0.002) {
                FERRY_TIMEOUT(60) {
                    usleep(10000); /* both are over by now */
                    CHECK_INT(wait_in_vain(), ==, -ETIMEDOUT);
                }
                CHECK(!ferry_timeout_expired());
            }
            CHECK(!ferry_timeout_expired()); /* not the inner one's fault */
            FERRY_SHIELD
            {
                FERRY_TIMEOUT(0.002) {
                    CHECK_INT(wait_in_vain(), ==, -ETIMEDOUT); /* its own, not those around */
                }
                CHECK(ferry_timeout_expired());
                ferry_future *future = ferry_executor_submit(NULL, nap_ms, 3);
                CHECK_INT(ferry_future_result(int, future), ==, 3);
                ferry_future_free(future);
            }
            CHECK_INT(wait_in_vain(), ==, -ETIMEDOUT);
        }
        CHECK(ferry_timeout_expired());
    }
    CHECK(!ferry_timeout_expired());
}

static void *leave_by_return(void)
{
    FERRY_TIMEOUT(0) {
        return NULL;
    }
    return &holding;
}

TEST(a_limit_ends_with_its_block)
{
    CHECK_PTR(leave_by_return(), ==, NULL);
    ferry_future *future = ferry_executor_submit(NULL, nap_ms, 2);
    CHECK_INT(ferry_future_await(future, NULL), ==, 0);
    ferry_future_free(future);
}

static atomic_int counted;
static int count(void)
{
    return atomic_fetch_add(&counted, 1);
}

TEST(a_queued_call_of_a_thread_is_taken_back)
{
    FERRY_WITH_EXECUTOR(executor, .max_workers = 1) {
        ferry_future *held = hold_worker(executor);
        ferry_outcome outcome;
        FERRY_TIMEOUT(0.005) {
            errno = 0;
            CHECK_INT(ferry_run_in_executor(executor, count), ==, -1);
            CHECK_INT(errno, ==, ETIMEDOUT);
            CHECK_INT(
                ferry_call_with(FERRY_OPTIONS(.executor = executor, .outcome = &outcome), count),
                ==, -1);
            CHECK_INT(outcome.state, ==, FERRY_CALL_NEVER_STARTED);
            CHECK_INT(outcome.error, ==, ETIMEDOUT);
        }
        CHECK(ferry_timeout_expired());
        let_worker_go(held);
        FERRY_TIMEOUT(60) {
            CHECK_INT(ferry_run_in_executor(executor, count), ==, 0); /* the only one that ran */
        }
        CHECK(!ferry_timeout_expired());
    } else {
        CHECK(false);
    }
    CHECK_INT(atomic_load(&counted), ==, 1);
}

TEST(a_call_of_a_thread_that_runs_is_seen_through)
{
    FERRY_WITH_EXECUTOR(executor, .max_workers = 1) {
        int got = -1;
        for (int ms = 4; got < 0; ms *= 2) { /* on a slow machine it doesn't begin in time */
            FERRY_TIMEOUT(ms * 1e-3) {
                got = ferry_run_in_executor(executor, nap_ms, 3 * ms);
                CHECK(got == 3 * ms || (got == -1 && errno == ETIMEDOUT));
                CHECK_INT(wait_in_vain(), ==, -ETIMEDOUT);
            }
            CHECK(ferry_timeout_expired());
        }
        FERRY_TIMEOUT(0) {
            CHECK_INT(ferry_executor_shutdown(executor, NULL), ==, 0); /* never fails by it */
        }
    } else {
        CHECK(false);
    }
}

static void callback(ferry_future *future)
{
    FERRY_TIMEOUT(0) {
        CHECK_INT(ferry_future_await(future, NULL), ==, -EDEADLK);
        CHECK_INT(ferry_timeout_reschedule(1), ==, -EPERM);
    }
    CHECK(!ferry_timeout_expired());
    ferry_future_set_result(future, NULL);
}

static int a_loop_inside(void)
{
    ferry_future *future = ferry_future_new();
    ferry_call_soon(callback, future);
    CHECK_INT(ferry_future_await(future, NULL), ==, 0);
    ferry_future_free(future);
    CHECK(!ferry_timeout_expired());
    FERRY_TIMEOUT(0.001) {
        CHECK_INT(ferry_sleep(60), ==, -ETIMEDOUT);
    }
    CHECK(ferry_timeout_expired());
    return 3;
}

TEST(a_loop_that_is_run_inside_has_limits_of_its_own)
{
    CHECK_INT(ferry_run(a_loop_inside), ==, 3);
    CHECK(!ferry_timeout_expired()); /* those in there were of a task and of a callback */
    FERRY_TIMEOUT(0) {
        CHECK_INT(ferry_run(a_loop_inside), ==, 3);
        CHECK_INT(wait_in_vain(), ==, -ETIMEDOUT);
    }
    CHECK(ferry_timeout_expired());
}

static void *settle_soon(void *futures_)
{
    ferry_future *_Atomic *next = futures_;
    for (ferry_future *future; (future = atomic_load(next)) != (void *)&counted;)
        if (future && atomic_compare_exchange_strong(next, &future, NULL))
            ferry_future_set_result(future, NULL);
    return NULL;
}

/* Limits and settling at the same moment: whoever said 0 was woken, whoever said -ETIMEDOUT isn't
 * in the list any more. */
TEST(settling_against_limits_of_a_thread)
{
    static ferry_future *_Atomic next;
    pthread_t thread;
    CHECK_INT(pthread_create(&thread, NULL, settle_soon, &next), ==, 0);
    for (int i = 0; i < (CHECK_UNDER_TSAN ? 1000 : 5000); i++) {
        ferry_future *future = ferry_future_new();
        atomic_store(&next, future);
        FERRY_TIMEOUT((i % 50) * 1e-6) {
            int said = ferry_future_await(future, NULL);
            CHECK(said == 0 || said == -ETIMEDOUT);
        }
        CHECK_INT(ferry_future_await(future, NULL), ==, 0);
        ferry_future_free(future);
    }
    atomic_store(&next, (void *)&counted);
    CHECK_INT(pthread_join(thread, NULL), ==, 0);
}

TEST_MAIN
