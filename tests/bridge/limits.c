/* SPDX-License-Identifier: MIT */
/* A call's two time limits, and what becomes of one that waits for its end. */
#include "bridge.h"

#include "base/fault.h"

#include <math.h>

IN_TASK(a_queue_limit_ends_the_wait_for_a_worker)
{
    FERRY_WITH_EXECUTOR(one, .max_workers = 1) {
        ferry_outcome outcome;
        ferry_future *held = hold_worker(one);
        int said = ferry_call_with(
            FERRY_OPTIONS(.executor = one, .queue_limit = 0.005, .outcome = &outcome), plus_one, 1);
        CHECK_INT(said, ==, -1);
        CHECK_INT(errno, ==, ETIMEDOUT);
        CHECK_INT(outcome.state, ==, FERRY_CALL_NEVER_STARTED);
        CHECK_INT(outcome.limit, ==, FERRY_LIMIT_QUEUE);
        CHECK_DOUBLE(outcome.queue_seconds, >=, 0.005);
        CHECK_DOUBLE(outcome.run_seconds, ==, 0);
        let_worker_go(held);
    } else {
        CHECK(false);
    }
    return 0;
}

IN_TASK(a_queue_limit_does_not_count_the_run)
{
    ferry_outcome outcome;
    CHECK_INT(ferry_to_thread(plus_one, 1), ==, 2); /* a worker is there */
    int said = ferry_call_with(FERRY_OPTIONS(.queue_limit = 0.3, .outcome = &outcome), nap_ms, 450);
    CHECK_INT(said, ==, 450);
    CHECK_INT(outcome.state, ==, FERRY_CALL_DONE);
    CHECK_INT(outcome.limit, ==, FERRY_LIMIT_NONE);
    CHECK_DOUBLE(outcome.overrun_seconds, ==, 0);
    return 0;
}

static int held_for(ferry_executor *executor, double seconds)
{
    ferry_future *held = hold_worker(executor);
    ferry_sleep(seconds);
    let_worker_go(held);
    return 0;
}

IN_TASK(a_run_limit_does_not_count_the_queue)
{
    FERRY_WITH_EXECUTOR(one, .max_workers = 1) {
        ferry_task *holder = ferry_create_task(held_for, one, 0.03);
        ferry_sleep(0); /* it has the worker */
        ferry_outcome outcome;
        int said = ferry_call_with(
            FERRY_OPTIONS(.executor = one, .run_limit = 0.02, .outcome = &outcome), plus_one, 1);
        CHECK_INT(said, ==, 2);
        CHECK_INT(outcome.state, ==, FERRY_CALL_DONE);
        CHECK_DOUBLE(outcome.queue_seconds, >=, 0.02);
        ferry_await(int, holder);
    } else {
        CHECK(false);
    }
    return 0;
}

IN_TASK(by_default_a_call_over_its_limit_is_waited_for_and_late)
{
    ferry_outcome outcome;
    int said = ferry_call_with(FERRY_OPTIONS(.run_limit = 0.005, .outcome = &outcome), nap_ms, 30);
    CHECK_INT(said, ==, 30);
    CHECK_INT(outcome.state, ==, FERRY_CALL_LATE);
    CHECK_INT(outcome.limit, ==, FERRY_LIMIT_RUN);
    CHECK_INT(outcome.error, ==, ETIMEDOUT);
    CHECK_DOUBLE(outcome.overrun_seconds, >, 0);
    CHECK_DOUBLE(outcome.overrun_seconds, <=, outcome.run_seconds);
    return 0;
}

IN_TASK(a_plain_call_cancelled_as_it_runs_is_late_too)
{
    FERRY_TIMEOUT(0.1) {
        CHECK_INT(ferry_to_thread(nap_ms, 200), ==, 200);
        CHECK_INT(ferry_call_outcome().state, ==, FERRY_CALL_LATE);
        CHECK_INT(ferry_call_outcome().limit, ==, FERRY_LIMIT_CANCEL);
        CHECK_INT(ferry_call_outcome().error, ==, ETIMEDOUT);
        CHECK_DOUBLE(ferry_call_outcome().overrun_seconds, >, 0);
    }
    CHECK(ferry_timeout_expired());
    return 0;
}

static int over_its_limit(int ms)
{
    for (int i = 0; i < 3; i++)
        CHECK_INT(ferry_call_with(FERRY_OPTIONS(.run_limit = 0.002), nap_ms, ms), ==, ms);
    return 0;
}

TEST(debug_mode_says_once_that_a_call_ran_on)
{
    struct check__child child = check__fork(__FILE__, __LINE__);
    if (child.pid == 0)
        _exit(ferry_run_with((&(ferry_run_options){.debug = true}), over_its_limit, 20));
    static char said[4096];
    int status;
    check__read_all(child.stderr_pipe, said, sizeof said);
    CHECK_INT(waitpid(child.pid, &status, 0), ==, child.pid);
    CHECK_INT(status, ==, 0);
    CHECK_MATCH(said, "nap_ms \\(.*limits.c:[0-9]+\\) ran on for [0-9.]+ s after");
    const char *first = strstr(said, "ran on for");
    CHECK(strstr(first + 1, "ran on for") == NULL);
}

IN_TASK(limits_that_are_no_times_are_refused)
{
    CHECK_INT(ferry_call_with(FERRY_OPTIONS(.run_limit = NAN), plus_one, 1), ==, -1);
    CHECK_INT(errno, ==, EINVAL);
    CHECK_INT(ferry_call_with(FERRY_OPTIONS(.queue_limit = -1), plus_one, 1), ==, -1);
    CHECK_INT(errno, ==, EINVAL);
    CHECK_INT(ferry_call_with(FERRY_OPTIONS(.policy = (ferry_policy)9), plus_one, 1), ==, -1);
    CHECK_INT(errno, ==, EINVAL);
    CHECK_INT(ferry_call_with(FERRY_OPTIONS(.run_limit = INFINITY), plus_one, 1), ==, 2);
    CHECK_PTR(ferry_executor_new(&(ferry_executor_options){.policy = (ferry_policy)9}), ==, NULL);
    CHECK_INT(errno, ==, EINVAL);
    return 0;
}

static int tiny_limits(int seed, ferry_executor *executor)
{
    int done = 0;
    for (int i = 0; i < 300; i++) {
        double limit = 1e-6 * (1 + (seed * 7 + i * 13) % 40);
        errno = 0;
        int said = ferry_call_with(
            FERRY_OPTIONS(.executor = executor, .queue_limit = limit, .run_limit = limit), plus_one,
            i);
        if (said == -1) {
            CHECK_INT(ferry_call_outcome().state, ==, FERRY_CALL_NEVER_STARTED);
            CHECK_INT(ferry_call_outcome().limit, ==, FERRY_LIMIT_QUEUE);
        } else {
            CHECK_INT(said, ==, i + 1);
            done++;
        }
    }
    return done;
}

IN_TASK(limits_that_meet_the_start_or_the_end_lose_nothing)
{
    FERRY_WITH_EXECUTOR(two, .max_workers = 2) {
        ferry_task *tasks[20];
        for (int i = 0; i < 20; i++)
            tasks[i] = ferry_create_task(tiny_limits, i, two);
        CHECK_INT(ferry_gather(tasks, 20, NULL), ==, 0);
        CHECK_INT(ferry_run_in_executor(two, plus_one, 1), ==, 2);
    } else {
        CHECK(false);
    }
    return 0;
}

TEST_MAIN
