/* SPDX-License-Identifier: MIT */
/* From a worker back to its task: ferry/from_thread.h. */
#include "bridge.h"

#include "base/fault.h"

#include <pthread.h>

static long loop_thread;
static ferry_local task_local = FERRY_LOCAL_INIT;

/* Runs on the loop, in the task. */
static int on_loop(ferry_task *expected, int value)
{
    CHECK_INT(thread_id(), ==, loop_thread);
    CHECK_PTR(ferry_current_task(), ==, expected);
    CHECK_STR(ferry_local_get(&task_local), "of the task");
    errno = ENOTTY;
    return value * 2;
}

/* Runs on a worker. */
static int there_and_back(ferry_task *task, int value)
{
    CHECK_INT(thread_id(), !=, loop_thread);
    int twice = ferry_from_thread(on_loop, task, value);
    CHECK_INT(errno, ==, ENOTTY);
    return twice + 1;
}

IN_TASK(a_worker_calls_a_function_in_its_task)
{
    loop_thread = thread_id();
    ferry_local_set(&task_local, (void *)(uintptr_t) "of the task");
    CHECK_INT(ferry_to_thread(there_and_back, ferry_current_task(), 20), ==, 41);
    for (int i = 0; i < 1000; i++)
        CHECK_INT(ferry_to_thread(there_and_back, ferry_current_task(), i), ==, 2 * i + 1);
    return 0;
}

struct wide {
    double a, b, c, d, e;
};

static struct wide add_wide(struct wide x, double y, const char *text, int length)
{
    x.a += y;
    x.e += (double)strlen(text) + length;
    return x;
}

static int carry_wide(void)
{
    char text[] = "on the worker's stack";
    struct wide wide = ferry_from_thread(add_wide, ((struct wide){1, 2, 3, 4, 5}), 0.5, text, 7);
    CHECK_DOUBLE(wide.a, ==, 1.5);
    CHECK_DOUBLE(wide.d, ==, 4);
    CHECK_DOUBLE(wide.e, ==, 5 + 21 + 7);
    return 0;
}

IN_TASK(all_that_c_can_pass_goes_back_too)
{
    return ferry_to_thread(carry_wide);
}

/* What runs in the task may wait, and call workers itself. */
static int waits_and_calls(int depth);

static int worker_asks(int depth)
{
    return ferry_from_thread(waits_and_calls, depth) + 1;
}

static int waits_and_calls(int depth)
{
    CHECK_INT(ferry_sleep(0), ==, 0);
    CHECK_INT(ferry_sleep(0.0001), ==, 0);
    return depth == 0 ? 0 : ferry_to_thread(worker_asks, depth - 1) + 1;
}

IN_TASK(what_runs_in_the_task_may_wait_and_call_again)
{
    FERRY_WITH_EXECUTOR(wide, .max_workers = 6) {
        CHECK_INT(ferry_run_in_executor(wide, worker_asks, 2), ==, 5);
    } else {
        CHECK(false);
    }
    return 0;
}

static int forty_questions(int start)
{
    int sum = 0;
    for (int i = 0; i < 40; i++)
        sum += ferry_from_thread(plus_one, start + i);
    return sum;
}

static int ask_forty(int start)
{
    return ferry_to_thread(forty_questions, start);
}

IN_TASK(many_tasks_serve_their_workers_at_once)
{
    ferry_task *tasks[100];
    int sums[100];
    for (int i = 0; i < 100; i++)
        tasks[i] = ferry_create_task(ask_forty, i);
    CHECK_INT(ferry_gather(tasks, 100, sums), ==, 0);
    for (int i = 0; i < 100; i++)
        CHECK_INT(sums[i], ==, 40 * i + 40 + 780);
    return 0;
}

/* In the wrong place. */

static int expect_refused(int error)
{
    errno = 0;
    CHECK_INT(ferry_from_thread(plus_one, 1), ==, -1);
    CHECK_INT(errno, ==, error);
    CHECK_INT(ferry_check_cancelled(), ==, 0);
    return 0;
}

static atomic_int callback_ran;

static void in_callback(void)
{
    expect_refused(EPERM);
    atomic_store(&callback_ran, 1);
}

IN_TASK(in_the_wrong_place_it_says_so)
{
    expect_refused(EPERM); /* a task */
    ferry_call_soon(in_callback);
    while (!atomic_load(&callback_ran))
        ferry_sleep(0);
    ferry_future *future = ferry_executor_submit(NULL, expect_refused, EPERM);
    CHECK_INT(ferry_future_result(int, future), ==, 0);
    ferry_future_free(future);
    return 0;
}

TEST(where_no_loop_runs_it_says_so)
{
    expect_refused(EPERM);
    CHECK_INT(ferry_to_thread(expect_refused, EPERM), ==, 0); /* made in place */
}

static double halve(double x)
{
    return x / 2;
}

TEST(a_type_without_a_skip_value_ends_the_program_there)
{
    CHECK_PANIC(ferry_from_thread(halve, 1.0), "halve at .*from_thread.c:[0-9]+ did not run");
}

/* Cancelled meanwhile. */

static atomic_int begun;

static int poll_cancelled(int *ret_asked)
{
    atomic_fetch_add(&begun, 1);
    while (ferry_check_cancelled() == 0)
        usleep(100);
    CHECK_INT(ferry_check_cancelled(), ==, -errno);
    *ret_asked = ferry_from_thread(ferry_sleep, 10.0); /* its waits say so as well */
    return ferry_check_cancelled();
}

static int cancelled_as_it_runs(void)
{
    int asked = 0;
    int said = ferry_to_thread(poll_cancelled, &asked);
    CHECK_INT(asked, ==, -ECANCELED);
    CHECK_INT(ferry_call_outcome().state, ==, FERRY_CALL_LATE);
    return said;
}

IN_TASK(a_worker_hears_of_the_cancel_and_can_still_ask)
{
    ferry_task *task = ferry_create_task(cancelled_as_it_runs);
    while (!atomic_load(&begun))
        ferry_sleep(0.0002);
    ferry_task_cancel(task);
    CHECK_INT(ferry_await(int, task), ==, -ECANCELED);
    return 0;
}

/* The limit begins when the call does. */
static int limit_and_poll(int *ret_asked)
{
    CHECK_INT(ferry_from_thread(ferry_timeout_reschedule, 0.005), ==, 0);
    return poll_cancelled(ret_asked);
}

IN_TASK(a_worker_hears_of_time_limits)
{
    int asked = 0;
    FERRY_TIMEOUT(1000)
        CHECK_INT(ferry_to_thread(limit_and_poll, &asked), ==, -ETIMEDOUT);
    CHECK_INT(asked, ==, -ETIMEDOUT);
    CHECK_INT(ferry_call_with(FERRY_OPTIONS(.run_limit = 0.005), ferry_check_cancelled), ==, 0);
    return 0;
}

static int until_cancelled(void)
{
    while (ferry_check_cancelled() == 0)
        usleep(100);
    return ferry_check_cancelled();
}

IN_TASK(a_limit_of_the_call_is_heard_of_too)
{
    CHECK_INT(ferry_call_with(FERRY_OPTIONS(.run_limit = 0.005), until_cancelled), ==, -ETIMEDOUT);
    CHECK_INT(ferry_sleep(0), ==, 0);
    return 0;
}

static int check_here(void)
{
    CHECK_INT(ferry_check_cancelled(), ==, 0);
    ferry_task_cancel(ferry_current_task());
    CHECK_INT(ferry_check_cancelled(), ==, -ECANCELED);
    ferry_task_uncancel(ferry_current_task());
    return ferry_check_cancelled();
}

IN_TASK(in_a_task_it_says_what_the_next_wait_would)
{
    return check_here();
}

/* Abandoned meanwhile. */

static atomic_int late_answer, let_ask;

static int ask_when_let(void)
{
    atomic_fetch_add(&begun, 1);
    while (!atomic_load(&let_ask))
        usleep(100);
    errno = 0;
    int said = ferry_from_thread(plus_one, 1);
    atomic_store(&late_answer, said == -1 ? errno : -said);
    return 0;
}

IN_TASK(an_abandoned_call_cannot_ask_its_task_any_more)
{
    CHECK_INT(ferry_call_with(FERRY_OPTIONS(.policy = FERRY_POLICY_ABANDON, .run_limit = 0.005),
                              ask_when_let),
              ==, -1);
    atomic_store(&let_ask, 1);
    while (!atomic_load(&late_answer))
        ferry_sleep(0.0005);
    CHECK_INT(atomic_load(&late_answer), ==, ECANCELED);
    return 0;
}

static int ask_in_a_hurry(int rounds)
{
    int answers = 0;
    for (int i = 0; i < rounds; i++)
        answers += ferry_from_thread(plus_one, 1) == 2;
    return answers;
}

static atomic_int came_late;

static void count_late(void *result, void *unused)
{
    (void)result;
    (void)unused;
    atomic_fetch_add(&came_late, 1);
}

IN_TASK(asking_and_being_abandoned_meet_without_a_hang)
{
    int left = 0;
    for (int round = 0; round < 500; round++) {
        int said = ferry_call_with(FERRY_OPTIONS(.policy = FERRY_POLICY_ABANDON,
                                                 .run_limit = 1e-6 * (round % 100 + 1),
                                                 .discard = count_late),
                                   ask_in_a_hurry, 20);
        CHECK(said == 20 || said == -1);
        left += said == -1 && ferry_call_outcome().state == FERRY_CALL_ABANDONED;
    }
    while (atomic_load(&came_late) < left)
        ferry_sleep(0.0005);
    return 0;
}

/* What wakes the task for the call's sake must not end a wait of what it does meanwhile. */

static double slept;

static int sleep_long(double seconds)
{
    double before = ferry_loop_time();
    CHECK_INT(ferry_sleep(seconds), ==, 0);
    slept = ferry_loop_time() - before;
    return 0;
}

static int asks_to_sleep(double seconds)
{
    return ferry_from_thread(sleep_long, seconds);
}

IN_TASK(a_limit_of_the_call_does_not_end_what_its_task_waits_for)
{
    ferry_outcome outcome;
    int said = ferry_call_with(FERRY_OPTIONS(.run_limit = 0.005, .outcome = &outcome),
                               asks_to_sleep, 0.05);
    CHECK_INT(said, ==, 0);
    CHECK_DOUBLE(slept, >=, 0.05);
    CHECK_INT(outcome.state, ==, FERRY_CALL_LATE);
    CHECK_INT(outcome.limit, ==, FERRY_LIMIT_RUN);
    return 0;
}

static void interrupt_in_a_while(void *unused)
{
    (void)unused;
    usleep(10000);
}

static int asks_when_interrupted(double seconds)
{
    while (ferry_check_cancelled() == 0)
        usleep(100);
    return ferry_from_thread(sleep_long, seconds);
}

IN_TASK(nor_does_an_interrupting_function_that_returns)
{
    slept = 0;
    int said = ferry_call_with(FERRY_OPTIONS(.policy = FERRY_POLICY_INTERRUPT, .run_limit = 0.002,
                                             .interrupt = interrupt_in_a_while),
                               asks_when_interrupted, 0.05);
    CHECK_INT(said, ==, 0);
    CHECK_DOUBLE(slept, >=, 0.05);
    return 0;
}

/* A thread that ends inside a call has none from then on, whatever runs in its last moments. */

static pthread_key_t at_end;
static atomic_int end_heard;

static void asks_at_its_end(void *unused)
{
    (void)unused;
    errno = 0;
    int said = ferry_from_thread(plus_one, 1);
    int heard = said == -1 && errno == EPERM && ferry_check_cancelled() == 0 ? 1 : -1;
    if (ferry_local_get(&task_local))
        heard = -2;
    atomic_store(&end_heard, heard);
}

static int ends_its_thread(void)
{
    pthread_setspecific(at_end, "set");
    pthread_exit(NULL);
}

static int await_end_heard(void)
{
    while (!atomic_load(&end_heard))
        ferry_sleep(0.0002);
    int heard = atomic_load(&end_heard);
    atomic_store(&end_heard, 0);
    return heard;
}

IN_TASK(a_thread_that_ended_its_call_is_in_none)
{
    CHECK_INT(pthread_key_create(&at_end, asks_at_its_end), ==, 0);
    ferry_local_set(&task_local, (void *)(uintptr_t) "of the task");
    CHECK_INT(ferry_to_thread(ends_its_thread), ==, -1);
    CHECK_INT(errno, ==, EOWNERDEAD);
    CHECK_INT(await_end_heard(), ==, 1);
    CHECK_INT(ferry_call_with(FERRY_OPTIONS(.policy = FERRY_POLICY_ABANDON), ends_its_thread), ==,
              -1);
    CHECK_INT(await_end_heard(), ==, 1);
    ferry_future *future = ferry_executor_submit(NULL, ends_its_thread);
    CHECK_INT(ferry_future_await(future, NULL), ==, -EOWNERDEAD);
    ferry_future_free(future);
    CHECK_INT(await_end_heard(), ==, 1);
    return 0;
}

/* A call that can't be left out begins in a cancelled task too, and hears of it. */

static void poll_until_cancelled(void)
{
    for (int i = 0; i < 50000 && ferry_check_cancelled() == 0; i++)
        usleep(100);
    atomic_store(&begun, ferry_check_cancelled());
}

IN_TASK(a_call_that_begins_in_a_cancelled_task_hears_of_it)
{
    ferry_task_cancel(ferry_current_task());
    ferry_to_thread(poll_until_cancelled);
    CHECK_INT(atomic_load(&begun), ==, -ECANCELED);
    ferry_call_with(FERRY_OPTIONS(.run_limit = 60), poll_until_cancelled);
    CHECK_INT(atomic_load(&begun), ==, -ECANCELED);
    ferry_task_uncancel(ferry_current_task());
    return 0;
}

TEST_MAIN
