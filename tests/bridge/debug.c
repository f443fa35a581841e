/* SPDX-License-Identifier: MIT */
/* Debug mode at the end of a run: executors that are left. */
#include "bridge.h"

#include "../loop/reports.h"

#include <pthread.h>

static ferry_executor *first, *second, *third, *of_a_thread;

static void *make_on_a_thread(void *unused)
{
    of_a_thread = ferry_executor_new(NULL);
    return unused;
}

static int leave_three(void)
{
    pthread_t thread;
    ferry_executor_free(ferry_executor_new(NULL));
    FERRY_WITH_EXECUTOR(within, .name = "within") {
        CHECK_INT(ferry_run_in_executor(within, plus_one, 1), ==, 2);
    } else {
        return 1;
    }
    first = ferry_executor_new(&(ferry_executor_options){.name = "first", .max_workers = 1});
    ferry_future_free(hold_worker(first));
    ferry_future_free(ferry_executor_submit(first, plus_one, 1));
    ferry_future_free(ferry_executor_submit(first, plus_one, 2));
    second = ferry_executor_new(&(ferry_executor_options){.lane = true, .place = "here:7"});
    third = (ferry_executor_new)(NULL);
    CHECK_INT(ferry_executor_shutdown(second, NULL), ==, 0);
    pthread_create(&thread, NULL, make_on_a_thread, NULL);
    pthread_join(thread, NULL);
    return ferry_to_thread(plus_one, -1); /* the default one */
}

static void free_all(void)
{
    atomic_store(&let_go, 1);
    ferry_executor_free(first); /* left as it was */
    ferry_executor_free(second);
    ferry_executor_free(third);
    ferry_executor_free(of_a_thread);
}

TEST(executors_that_are_left)
{
    CHECK_INT(debugged(leave_three), ==, 0);
    CHECK_REPORTS(
        "^an executor was never shut down \\(calls that run: 1, queued: 2\\): \"first\" -, "
        "made at .*bridge/debug\\.c:[0-9]+, no task$",
        ==, 1);
    CHECK_REPORTS(
        "^an executor was never freed \\(calls that run: 0, queued: 0\\): \"executor\" -, "
        "made at here:7,",
        ==, 1);
    CHECK_REPORTS("^an executor was never shut down .*: \"executor\" -, made at \\?,", ==, 1);
    CHECK_REPORTS("an executor", ==, 3);
    free_all();
}

static int leave_nothing(void)
{
    ferry_executor *mine = ferry_executor_new(NULL);
    int result = ferry_run_in_executor(mine, plus_one, -1);
    ferry_executor_free(mine);
    return result;
}

TEST(what_was_left_is_told_once)
{
    CHECK_INT(debugged(leave_three), ==, 0);
    CHECK_INT(debugged(leave_nothing), ==, 0);
    CHECK_REPORTS("an executor", ==, 3);
    free_all();
}

static int silenced(void)
{
    CHECK_INT(leave_three(), ==, 0);
    return ferry_loop_set_debug(false);
}

TEST(nothing_is_told_of_executors_when_it_is_off)
{
    CHECK_INT(undebugged(leave_three), ==, 0);
    free_all();
    CHECK_INT(debugged(silenced), ==, 0);
    CHECK_REPORTS("an executor", ==, 0);
    free_all();
}

static int free_them(void)
{
    free_all();
    return leave_three();
}

TEST(freed_by_somebody_else_in_time)
{
    CHECK_INT(undebugged(leave_three), ==, 0);
    CHECK_INT(debugged(free_them), ==, 0);
    CHECK_REPORTS("an executor", ==, 3);
    free_all();
}

TEST_MAIN
