/* SPDX-License-Identifier: MIT */
/* Debug mode: steps and callbacks that hold the loop, tasks that nobody awaited, the switches. */
#include "reports.h"

#include <signal.h>

#define HOLDS "held the loop for [0-9]+\\.[0-9]{3} s \\(computing for [0-9]+\\.[0-9]{3} s\\)"

static int nap(int ms)
{
    usleep((useconds_t)ms * 1000);
    return ms;
}

static int run_slow(int (*body)(void), double slow)
{
    struct debugged test = {body, slow};
    return ferry_run_with(&(ferry_run_options){.debug = true}, run_body, &test);
}

static int sleeper(int ms)
{
    ferry_sleep(0.001);
    nap(ms);
    return ferry_sleep(0.001);
}

static int one_sleeper(void)
{
    return ferry_await(int, ferry_create_task(sleeper, 30));
}

TEST(a_step_that_holds_the_loop)
{
    CHECK_INT(run_slow(one_sleeper, 0.02), ==, 0);
    CHECK_REPORTS("^a step " HOLDS
                  ", between ferry_sleep and ferry_sleep: \"sleeper\" sleeper, made "
                  "at .*loop/debug\\.c:[0-9]+, a task$",
                  ==, 1);
}

static int last_and_first(void)
{
    ferry_task *task = ferry_create_task(nap, 30);
    ferry_task_set_name(task, "the first");
    ferry_task_detach(task); /* gone when it has ended: its name is told all the same */
    ferry_sleep(0);
    ferry_sleep(0.001);
    nap(30);
    ferry_sleep(0);
    return 0;
}

TEST(where_a_step_came_from_and_went)
{
    CHECK_INT(run_slow(last_and_first, 0.02), ==, 0);
    CHECK_REPORTS("^a step " HOLDS ", between its start and its end: \"the first\" nap, made", ==,
                  1);
    CHECK_REPORTS("^a step " HOLDS ", between ferry_sleep and giving way: \"run_body\"", ==, 1);
}

static int to_thread(void)
{
    return ferry_to_thread(nap, 30) == 30 ? 0 : 1;
}

static int longer_than_a_minute(void)
{
    CHECK_INT(ferry_loop_set_slow_callback_duration(60), ==, 0);
    return one_sleeper();
}

TEST(what_holds_nothing_is_not_reported)
{
    CHECK_INT(run_slow(longer_than_a_minute, 0), ==, 0);
    CHECK_INT(run_slow(to_thread, 60), ==, 0);
    CHECK_INT(undebugged(one_sleeper), ==, 0);
    CHECK_REPORTS("held the loop", ==, 0);
}

static void called(int ms)
{
    nap(ms);
    CHECK_INT(ferry_sleep(0), ==, -EPERM);
}

static void read_slowly(int fd, void *context)
{
    (void)context;
    ferry_loop_remove_reader(fd);
    nap(30);
}

static void write_slowly(int fd, void *context)
{
    (void)context;
    ferry_loop_remove_writer(fd);
    nap(30);
}

static void on_signal(int number, void *seen)
{
    (void)number;
    nap(30);
    *(bool *)seen = true;
}

static int callbacks(void)
{
    static bool seen;
    int ends[2];
    ferry_call_soon(called, 30);
    ferry_call_later(0.001, called, 30);
    ferry_sleep(0.01);
    CHECK_INT(pipe(ends), ==, 0);
    CHECK_INT(write(ends[1], "x", 1), ==, 1);
    ferry_loop_add_reader(ends[0], read_slowly, NULL);
    ferry_loop_add_writer(ends[1], write_slowly, NULL);
    CHECK_INT(ferry_loop_add_signal_handler(SIGUSR1, on_signal, &seen), ==, 0);
    raise(SIGUSR1);
    while (!seen)
        ferry_sleep(0.001);
    return 0;
}

TEST(a_callback_that_holds_the_loop)
{
    CHECK_INT(run_slow(callbacks, 0.02), ==, 0);
    CHECK_REPORTS("^a callback " HOLDS ": \"called\" called, made at .*debug\\.c:[0-9]+, no task$",
                  ==, 2);
    CHECK_REPORTS("^the reader of descriptor [0-9]+ " HOLDS ": \"-\"", ==, 1);
    CHECK_REPORTS("^the writer of descriptor [0-9]+ " HOLDS ": \"-\"", ==, 1);
    CHECK_REPORTS("^the handler of signal 10 " HOLDS ": \"-\"", ==, 1);
}

/* The handler is a callback: it can't wait, and may give up the very task it is told of. */
static void join_it(ferry_loop *loop, const ferry_exception *exception, void *said)
{
    (void)loop;
    if (!exception->task || strcmp(exception->name, "nap") != 0)
        return;
    CHECK_PTR(ferry_current_task(), ==, NULL);
    CHECK_INT(ferry_sleep(0.001), ==, -EPERM);
    *(int *)said = ferry_task_detach(exception->task);
}

static int given_up_by_the_handler(void)
{
    static int said = 1;
    ferry_loop_set_exception_handler(join_it, &said);
    ferry_task_detach(ferry_create_task(nap, 30));
    ferry_sleep(0);
    ferry_sleep(0);
    CHECK_INT(said, ==, 0);
    ferry_task *other = ferry_create_task(nap, 1); /* the slot was given back once */
    return ferry_await(int, other) == 1 ? 0 : 1;
}

TEST(the_handler_frees_the_task_it_is_told_of)
{
    CHECK_INT(run_slow(given_up_by_the_handler, 0.02), ==, 0);
}

static int switches(void)
{
    CHECK_INT(ferry_loop_get_debug(), ==, false);
    CHECK_INT(one_sleeper(), ==, 0);
    CHECK_REPORTS("held", ==, 0);
    CHECK_INT(ferry_loop_set_debug(true), ==, 0);
    CHECK_INT(ferry_loop_get_debug(), ==, true);
    CHECK_INT(ferry_loop_set_slow_callback_duration(NAN), ==, -EINVAL);
    CHECK_INT(ferry_loop_set_slow_callback_duration(0.02), ==, 0);
    CHECK_INT(one_sleeper(), ==, 0);
    CHECK_REPORTS("held", ==, 1);
    CHECK_INT(ferry_loop_set_debug(false), ==, 0);
    CHECK_INT(ferry_loop_get_debug(), ==, false);
    ferry_create_task(nap, 30);
    return one_sleeper();
}

TEST(switched_on_and_off)
{
    CHECK_INT(undebugged(switches), ==, 0);
    CHECK_INT(report_count, ==, 1);
    CHECK_INT(ferry_loop_set_debug(true), ==, -EPERM);
    CHECK_INT(ferry_loop_get_debug(), ==, false);
    CHECK_INT(ferry_loop_set_slow_callback_duration(1), ==, -EPERM);
}

static int one_forgotten(void)
{
    ferry_create_task(nap, 0);
    ferry_task_set_name(ferry_create_task(nap, 1), "number %d", 7);
    ferry_task_detach(ferry_create_task(nap, 2));
    int result = ferry_await(int, ferry_create_task(nap, 0));
    ferry_create_task(nap, 3); /* cancelled at the end, as is what sleeps then */
    return result;
}

TEST(tasks_never_awaited)
{
    CHECK_INT(debugged(one_forgotten), ==, 0);
    CHECK_REPORTS("^a task was never awaited: \"nap\" nap, made at .*debug\\.c:[0-9]+, a task$", ==,
                  1);
    CHECK_REPORTS("^a task was never awaited: \"number 7\" nap, made at", ==, 1);
    CHECK_REPORTS("never awaited", ==, 2);
}

static int of_the_environment(void)
{
    return ferry_loop_get_debug();
}

TEST(by_the_environment)
{
    setenv("FERRY_DEBUG", "0", 1);
    CHECK_INT(ferry_run(of_the_environment), ==, 0);
    setenv("FERRY_DEBUG", "1", 1);
    CHECK_INT(ferry_run(of_the_environment), ==, 1);
}

static int named_on_stderr(void)
{
    ferry_task_set_name(ferry_create_task(nap, 1), "number %d", 7);
    return ferry_sleep(0.001);
}

TEST(a_report_on_stderr_is_a_line)
{
    int ends[2], saved = dup(2);
    char text[4096];
    CHECK_INT(pipe(ends), ==, 0);
    dup2(ends[1], 2);
    int result = ferry_run_with(&(ferry_run_options){.debug = true}, named_on_stderr);
    dup2(saved, 2);
    close(ends[1]);
    check__read_all(ends[0], text, sizeof text);
    CHECK_INT(result, ==, 0);
    CHECK_MATCH(text, "^ferry: a task was never awaited: \"number 7\" nap, made at .*:[0-9]+\n");
}

TEST_MAIN
