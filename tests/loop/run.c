/* SPDX-License-Identifier: MIT */
/* ferry_run: results, refusals, and how everything is taken down. */
#include "check.h"

#include <fcntl.h>
#include <ferry/gather.h>
#include <ferry/loop.h>
#include <ferry/run.h>
#include <ferry/scope.h>
#include <math.h>
#include <pthread.h>

static int give(int value)
{
    errno = EXDEV;
    return value;
}

TEST(run_gives_the_functions_int)
{
    CHECK_INT(ferry_run(give, 42), ==, 42);
    CHECK_INT(errno, ==, EXDEV);
    CHECK_INT(ferry_run(give, -7), ==, -7);
}

static int inner_runs;

static int inner(void)
{
    inner_runs++;
    return 0;
}

static int outer(void)
{
    CHECK_INT(ferry_run(inner), ==, 70);
    CHECK_INT(errno, ==, EDEADLK);
    CHECK_INT(inner_runs, ==, 0);
    CHECK_INT(ferry_sleep(0.001), ==, 0); /* the running loop goes on */
    return 5;
}

TEST(run_inside_run)
{
    int ends[2], saved = dup(2);
    char text[4096];
    CHECK_INT(pipe(ends), ==, 0);
    dup2(ends[1], 2);
    int result = ferry_run(outer);
    dup2(saved, 2);
    close(ends[1]);
    check__read_all(ends[0], text, sizeof text);
    CHECK_INT(result, ==, 5);
    CHECK_MATCH(text, "ferry: ferry_run can't run \"inner\" \\(.*run.c:[0-9]+\\): "
                      "a loop runs on this thread already");
}

TEST(unknown_backend)
{
    ferry_run_options options = {.backend = "abacus"};
    CHECK_INT(ferry_run_with(&options, give, 1), ==, 70);
    CHECK_INT(errno, ==, EINVAL);
    options.backend = "epoll";
    CHECK_INT(ferry_run_with(&options, give, 1), ==, 1);
}

static int big(double a, long double b, int c, int d, int e, int f, int g, int h, int i)
{
    return (int)(a + (double)b) + c + d + e + f + g + h + i;
}

TEST(run_takes_any_arguments)
{
    CHECK_INT(ferry_run(big, 1.0, 2.0L, 3, 4, 5, 6, 7, 8, 9), ==, 45);
}

static unsigned wrong(void)
{
    return 1;
}

TEST(run_wants_a_function_that_returns_int)
{
    CHECK_PANIC(ferry_run(wrong), "\"wrong\" must return int");
}

TEST(no_descriptors_left)
{
    int low = open("/dev/null", O_RDONLY);
    struct rlimit limit = {(rlim_t)low + 1, (rlim_t)low + 1};
    for (int i = 0; i < 2; i++) { /* the eventfd can't be had; then it can, but the epoll can't */
        CHECK_INT(setrlimit(RLIMIT_NOFILE, &limit), ==, 0);
        CHECK_INT(ferry_run(give, 1), ==, 70);
        CHECK_INT(errno, ==, EMFILE);
        close(low);
    }
    struct rlimit more = {64, 64};
    if (setrlimit(RLIMIT_NOFILE, &more) == 0)
        CHECK_INT(ferry_run(give, 1), ==, 1);
}

static char steps[64];

static void step(char c)
{
    size_t length = strlen(steps);
    CHECK_INT(length, <, sizeof steps - 1);
    steps[length] = c;
}

static int left_behind(void)
{
    step('b');
    CHECK_INT(ferry_sleep(INFINITY), ==, -ECANCELED);
    FERRY_SHIELD
    {
        CHECK_INT(ferry_sleep(0.01), ==, 0);
    }
    step('d');
    CHECK(ferry_create_task(left_behind) != NULL); /* is cancelled before it begins */
    return 0;
}

static void never(void)
{
    step('!');
}

static int leave_everything(void)
{
    CHECK(ferry_create_task(left_behind) != NULL);
    CHECK(ferry_call_later(60, never) != NULL);
    step('a');
    ferry_sleep(0.001);
    step('c');
    return 9;
}

TEST(what_is_left_is_cancelled_and_waited_for)
{
    CHECK_INT(ferry_run(leave_everything), ==, 9);
    CHECK_STR(steps, "abcd");
}

static ferry_exception seen[8];
static int seen_count;

static void on_exception(ferry_loop *loop, const ferry_exception *exception, void *context)
{
    CHECK_PTR(loop, ==, ferry_get_running_loop());
    CHECK_PTR(context, ==, steps);
    if (exception->debug)
        return; /* tests/loop/debug.c */
    CHECK_INT(seen_count, <, 8);
    seen[seen_count++] = *exception;
    CHECK_MATCH(exception->place, "run.c:[0-9]+$");
}

static int fail(int result)
{
    return result;
}

static int unlooked(void)
{
    CHECK_INT(ferry_loop_set_exception_handler(on_exception, steps), ==, 0);
    ferry_create_task(fail, -ENOENT); /* nobody looks */
    CHECK_INT(ferry_await(int, ferry_create_task(fail, -EPERM)), ==, -EPERM);
    ferry_create_task(fail, 0);                       /* no failure */
    ferry_task_detach(ferry_create_task(fail, -EIO)); /* reported when it ends */
    ferry_sleep(0.001);
    CHECK_INT(seen_count, ==, 1);
    CHECK_INT(seen[0].result, ==, -EIO);
    CHECK_STR(seen[0].name, "fail");
    return 0;
}

TEST(failures_that_nobody_looked_at)
{
    CHECK_INT(ferry_run(unlooked), ==, 0);
    CHECK_INT(seen_count, ==, 2);
    CHECK_INT(seen[1].result, ==, -ENOENT);
    seen_count = 0;
    ferry_run_options options = {.debug = true};
    CHECK_INT(ferry_run_with(&options, unlooked), ==, 0);
    CHECK_INT(seen_count, ==, 2);
}

static int told;

static void on_own(ferry_loop *loop, const ferry_exception *exception, void *context)
{
    CHECK_PTR(context, ==, &told);
    CHECK_PTR(loop, ==, ferry_get_running_loop());
    CHECK_STR(exception->message, "the disk is full");
    told++;
    ferry_loop_default_exception_handler(exception);
}

static int tell_own(void)
{
    ferry_exception exception = {.message = "the disk is full", .name = "writer"};
    void *context = NULL;
    CHECK(ferry_loop_get_exception_handler(&context) == NULL);
    CHECK_INT(ferry_loop_call_exception_handler(&exception), ==, 0); /* on stderr */
    CHECK_INT(ferry_loop_set_exception_handler(on_own, &told), ==, 0);
    CHECK(ferry_loop_get_exception_handler(&context) == on_own);
    CHECK_PTR(context, ==, &told);
    CHECK(ferry_loop_get_exception_handler(NULL) == on_own);
    exception.result = -ENOSPC;
    CHECK_INT(ferry_loop_call_exception_handler(&exception), ==, 0);
    CHECK_INT(ferry_loop_call_exception_handler(NULL), ==, -EINVAL);
    CHECK_INT(ferry_loop_call_exception_handler(&(ferry_exception){.result = -1}), ==, -EINVAL);
    ferry_loop_default_exception_handler(NULL);
    return told;
}

TEST(failures_of_ones_own)
{
    int ends[2], saved = dup(2);
    char text[4096];
    CHECK_INT(pipe(ends), ==, 0);
    dup2(ends[1], 2);
    int result = ferry_run(tell_own);
    dup2(saved, 2);
    close(ends[1]);
    check__read_all(ends[0], text, sizeof text);
    CHECK_INT(result, ==, 1);
    CHECK_MATCH(text, "the disk is full: \"writer\", made at \\?\n");
    CHECK_MATCH(text, "the disk is full: \"writer\", made at \\?, returned -28");
}

static ferry_loop *some_loop;

static int is_open(void)
{
    some_loop = ferry_get_running_loop();
    return ferry_loop_is_closed(some_loop);
}

TEST(a_loop_that_ended_is_closed)
{
    CHECK(ferry_loop_is_closed(NULL));
    CHECK_INT(ferry_run(is_open), ==, 0);
    CHECK(ferry_loop_is_closed(some_loop));
    ferry_runner *runner = ferry_runner_open(NULL);
    CHECK(!ferry_loop_is_closed(ferry_runner_loop(runner))); /* between its runs */
    CHECK_INT(ferry_runner_close(runner), ==, 0);
}

TEST(loop_functions_without_a_loop)
{
    ferry_exception exception = {.message = "no loop"};
    CHECK_INT(ferry_loop_call_exception_handler(&exception), ==, -EPERM);
    CHECK(ferry_loop_get_exception_handler(NULL) == NULL);
    errno = 0;
    CHECK_PTR(ferry_get_running_loop(), ==, NULL);
    CHECK_INT(errno, ==, EPERM);
    CHECK_INT(ferry_call_soon(never), ==, -EPERM);
    CHECK_PTR(ferry_call_later(1, never), ==, NULL);
    CHECK_INT(errno, ==, EPERM);
    CHECK_PTR(ferry_call_at(1, never), ==, NULL);
    CHECK_INT(ferry_timer_cancel((ferry_timer *)(uintptr_t)5), ==, -EPERM);
    CHECK_INT(ferry_timer_cancel(NULL), ==, -EINVAL);
    CHECK_INT(ferry_call_soon_threadsafe(NULL, never), ==, -EINVAL);
    CHECK_PTR(ferry_run_coroutine_threadsafe(NULL, give, 1), ==, NULL);
    CHECK_INT(errno, ==, EINVAL);
    CHECK_INT(ferry_loop_set_exception_handler(NULL, NULL), ==, -EPERM);
    CHECK_INT(ferry_loop_remove_reader(0), ==, -EPERM);
    CHECK_INT(ferry_loop_add_signal_handler(SIGUSR1, NULL, NULL), ==, -EPERM);
    CHECK_DOUBLE(ferry_loop_time(), >, 0);
}

static int quiet(void)
{
    for (int i = 0; i < 20; i++)
        ferry_sleep(0.001);
    return 3;
}

static void *quiet_thread(void *context)
{
    for (int i = 0; i < 20; i++)
        CHECK_INT(ferry_run(quiet), ==, 3);
    return context;
}

TEST(loops_on_several_threads)
{
    pthread_t threads[4];
    for (int i = 0; i < 4; i++)
        CHECK_INT(pthread_create(&threads[i], NULL, quiet_thread, NULL), ==, 0);
    for (int i = 0; i < 4; i++)
        CHECK_INT(pthread_join(threads[i], NULL), ==, 0);
}

static int idle(void)
{
    return ferry_sleep(0.2);
}

TEST(an_idle_loop_uses_no_processor)
{
    struct timespec before, after;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &before);
    CHECK_INT(ferry_run(idle), ==, 0);
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &after);
    double used =
        (double)(after.tv_sec - before.tv_sec) + (double)(after.tv_nsec - before.tv_nsec) / 1e9;
    CHECK_DOUBLE(used, <, 0.1);
}

TEST_MAIN
