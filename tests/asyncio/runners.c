/* SPDX-License-Identifier: MIT */
/* CPython's cases of asyncio.run and asyncio.Runner. */
#include "on_loop.h"

#include <ferry/future.h>
#include <ferry/local.h>
#include <ferry/loop.h>
#include <pthread.h>

TEST(run_gives_what_the_function_returned)
{
    CHECK_INT(ferry_run(give_later, 0.0, 42), ==, 42);
}

TEST(run_gives_a_failure)
{
    CHECK_INT(ferry_run(give_later, 0.0, -EPROTO), ==, -EPROTO);
}

static int in_debug_mode(void)
{
    return ferry__sched_here->debug != NULL;
}

/* asyncio's debug=False outdoes the environment; ferry's options have no such word. */
TEST(debug_mode_by_option_or_environment)
{
    const ferry_run_options debug = {.debug = true}, plain = {.debug = false};
    unsetenv("FERRY_DEBUG");
    CHECK_INT(ferry_run(in_debug_mode), ==, 0);
    CHECK_INT(ferry_run_with(&debug, in_debug_mode), ==, 1);
    CHECK_INT(ferry_run_with(&plain, in_debug_mode), ==, 0);
    setenv("FERRY_DEBUG", "1", 1);
    CHECK_INT(ferry_run(in_debug_mode), ==, 1);
    CHECK_INT(ferry_run_with(&plain, in_debug_mode), ==, 1);
}

TEST(debug_mode_of_a_runner)
{
    ferry_runner *debug = ferry_runner_open(&(ferry_run_options){.debug = true});
    ferry_runner *plain = ferry_runner_open(NULL);
    CHECK_INT(ferry_runner_run(debug, in_debug_mode), ==, 1);
    CHECK_INT(ferry_runner_run(plain, in_debug_mode), ==, 0);
    CHECK_INT(ferry_runner_close(debug), ==, 0);
    CHECK_INT(ferry_runner_close(plain), ==, 0);
}

static int run_inside(void)
{
    CHECK_INT(ferry_run(give, 1), ==, 70);
    CHECK_INT(errno, ==, EDEADLK);
    return 3;
}

TEST(run_inside_a_running_loop_is_refused)
{
    CHECK_INT(ferry_run(run_inside), ==, 3);
}

static bool is_over;

static int leftover(int answer)
{
    int said = ferry_sleep(0.1);
    is_over = true;
    return said == -ECANCELED && answer ? answer : said;
}

static int leave_one_behind(int answer)
{
    CHECK(ferry_create_task(leftover, answer) != NULL);
    CHECK_INT(ferry_sleep(0), ==, 0);
    return 123;
}

TEST(tasks_that_are_left_are_cancelled_and_waited_for)
{
    CHECK_INT(ferry_run(leave_one_behind, 0), ==, 123);
    CHECK(is_over);
}

static int reported;

static void report(ferry_loop *loop, const ferry_exception *exception, void *context)
{
    (void)loop, (void)context;
    CHECK_STR(exception->name, "leftover");
    CHECK(exception->task != NULL);
    reported = exception->result;
}

static int leave_a_failing_one_behind(void)
{
    CHECK_INT(ferry_loop_set_exception_handler(report, NULL), ==, 0);
    return leave_one_behind(-EDOM);
}

TEST(what_fails_while_the_loop_is_taken_down_is_reported)
{
    CHECK_INT(ferry_run(leave_a_failing_one_behind), ==, 123);
    CHECK(is_over);
    CHECK_INT(reported, ==, -EDOM);
}

static int leave_an_obedient_one_behind(void)
{
    CHECK_INT(ferry_loop_set_exception_handler(report, NULL), ==, 0);
    return leave_one_behind(0);
}

TEST(what_ends_by_the_cancel_is_not)
{
    CHECK_INT(ferry_run(leave_an_obedient_one_behind), ==, 123);
    CHECK(is_over);
    CHECK_INT(reported, ==, 0);
}

TEST(a_runner_runs_and_is_closed)
{
    ferry_runner *runner = NULL;
    FERRY_WITH_RUNNER(inside)
    {
        runner = inside;
        CHECK_INT(ferry_runner_run(inside, give_later, 0.0, 7), ==, 7);
        CHECK(ferry_runner_loop(inside) != NULL);
    }
    else
    {
        CHECK(false);
    }
    CHECK_PTR(ferry_runner_loop(runner), ==, NULL);
    CHECK_INT(errno, ==, ESHUTDOWN);
}

TEST(a_runner_that_never_ran_is_closed)
{
    ferry_runner *runner = ferry_runner_open(NULL);
    CHECK(ferry_runner_loop(runner) != NULL);
    CHECK_INT(ferry_runner_close(runner), ==, 0);
    CHECK_PTR(ferry_runner_loop(runner), ==, NULL);
    CHECK_INT(errno, ==, ESHUTDOWN);
}

TEST(closing_twice_is_harmless)
{
    ferry_runner *runner = ferry_runner_open(NULL);
    CHECK_INT(ferry_runner_close(runner), ==, 0);
    CHECK_INT(ferry_runner_close(runner), ==, 0);
}

TEST(a_closed_runner_runs_nothing)
{
    ferry_runner *runner = ferry_runner_open(NULL);
    CHECK_INT(ferry_runner_run(runner, give, 1), ==, 1);
    CHECK_INT(ferry_runner_close(runner), ==, 0);
    CHECK_INT(ferry_runner_run(runner, give, 2), ==, 70);
    CHECK_INT(errno, ==, ESHUTDOWN);
}

static ferry_local local = FERRY_LOCAL_INIT;

static int get_and_set(int *expected, int *value)
{
    CHECK_PTR(ferry_local_get(&local), ==, expected);
    CHECK_INT(ferry_sleep(0), ==, 0);
    return ferry_local_set(&local, value);
}

TEST(runs_of_a_runner_share_a_context)
{
    int values[2] = {0};
    ferry_runner *runner = ferry_runner_open(NULL);
    CHECK_INT(ferry_runner_run(runner, get_and_set, (int *)NULL, &values[0]), ==, 0);
    CHECK_INT(ferry_runner_run(runner, get_and_set, &values[0], &values[1]), ==, 0);
    CHECK_INT(ferry_run(get_and_set, (int *)NULL, &values[0]), ==, 0); /* another one's */
    CHECK_INT(ferry_runner_close(runner), ==, 0);
}

static int run_again(ferry_runner *runner)
{
    CHECK_INT(ferry_runner_run(runner, give, 1), ==, 70);
    CHECK_INT(errno, ==, EDEADLK);
    return 4;
}

TEST(a_runner_inside_its_own_run_is_refused)
{
    ferry_runner *runner = ferry_runner_open(NULL);
    CHECK_INT(ferry_runner_run(runner, run_again, runner), ==, 4);
    CHECK_INT(ferry_runner_close(runner), ==, 0);
}

/* SIGINT cancels the main task; what asyncio raises afterwards is for the function to say. */
static int interrupt(void)
{
    return kill(getpid(), SIGINT);
}

static int busy_until_interrupted(void)
{
    CHECK(ferry_call_later(0.001, interrupt) != NULL);
    int said;
    while ((said = ferry_sleep(0)) == 0)
        continue;
    return said;
}

TEST(an_interrupt_reaches_a_task_that_never_rests)
{
    FERRY_WITH_RUNNER(runner)
    CHECK_INT(ferry_runner_run(runner, busy_until_interrupted), ==, -ECANCELED);
    else CHECK(false);
}

static int wait_until_interrupted(ferry_future *future)
{
    CHECK(ferry_call_later(0.001, interrupt) != NULL);
    return ferry_future_await(future, NULL);
}

TEST(an_interrupt_ends_a_wait_and_leaves_its_future)
{
    ferry_future *future = ferry_future_new();
    FERRY_WITH_RUNNER(runner)
    CHECK_INT(ferry_runner_run(runner, wait_until_interrupted, future), ==, -ECANCELED);
    else CHECK(false);
    CHECK(!ferry_future_done(future));
    ferry_future_free(future);
}

static int cancel_and_interrupt(ferry_task *main_task)
{
    CHECK_INT(ferry_sleep(0), ==, 0);
    CHECK_INT(ferry_task_cancel(main_task), ==, 1);
    return interrupt();
}

static int cancelled_and_interrupted(void)
{
    CHECK(ferry_create_task(cancel_and_interrupt, ferry_current_task()) != NULL);
    return ferry_sleep(10);
}

TEST(an_interrupt_of_a_cancelled_main_task)
{
    FERRY_WITH_RUNNER(runner)
    CHECK_INT(ferry_runner_run(runner, cancelled_and_interrupted), ==, -ECANCELED);
    else CHECK(false);
}

static int look_at_sigint(void)
{
    struct sigaction action;
    CHECK_INT(sigaction(SIGINT, NULL, &action), ==, 0);
    return action.sa_handler == SIG_DFL;
}

static void *run_on_a_thread(void *ret)
{
    *(int *)ret = ferry_run(look_at_sigint);
    return NULL;
}

TEST(where_signals_are_not_the_threads_own_they_are_left_alone)
{
    pthread_t thread;
    int left_alone = 0;
    CHECK_INT(ferry_run(look_at_sigint), ==, 0);
    CHECK_INT(pthread_create(&thread, NULL, run_on_a_thread, &left_alone), ==, 0);
    CHECK_INT(pthread_join(thread, NULL), ==, 0);
    CHECK_INT(left_alone, ==, 1);
}

TEST_MAIN
