/* SPDX-License-Identifier: MIT */
/* Shutdowns that interrupt and give up, and what they say of calls that won't end. */
#include "base/fault.h"

#include "bridge.h"

#include <fcntl.h>
#include <pthread.h>

static int read_end, write_end;
static atomic_int begun;

static void make_pipe(void)
{
    int ends[2];
    CHECK_INT(pipe2(ends, O_CLOEXEC), ==, 0);
    read_end = ends[0];
    write_end = ends[1];
}

static ssize_t begin_read(int fd)
{
    char byte;
    atomic_fetch_add(&begun, 1);
    return read(fd, &byte, 1);
}

static void await_begun(int count)
{
    while (atomic_load(&begun) < count)
        ferry_sleep(0.0002);
}

static void await_holding(int count)
{
    while (atomic_load(&holding) < count)
        ferry_sleep(0.0002);
}

static int read_until_shutdown(ferry_executor *executor)
{
    ssize_t n = ferry_run_in_executor(executor, begin_read, read_end);
    int error = errno;
    ferry_outcome outcome = ferry_call_outcome();
    CHECK_INT(outcome.state, ==, FERRY_CALL_INTERRUPTED);
    CHECK_INT(outcome.limit, ==, FERRY_LIMIT_SHUTDOWN);
    CHECK_INT(outcome.error, ==, ECANCELED);
    CHECK_INT(ferry_sleep(0), ==, 0); /* the task wasn't cancelled */
    return n == -1 ? error : -1;
}

IN_TASK(a_shutdown_interrupts_what_runs_and_what_begins)
{
    ferry_executor_options options = {.policy = FERRY_POLICY_INTERRUPT, .max_workers = 1};
    ferry_executor *executor = ferry_executor_new(&options);
    make_pipe();
    ferry_task *runs = ferry_create_task(read_until_shutdown, executor);
    await_begun(1);
    ferry_task *waits = ferry_create_task(read_until_shutdown, executor);
    while (ferry_executor_queued(executor) == 0)
        ferry_sleep(0);
    ferry_shutdown_options now = {.interrupt = true};
    CHECK_INT(ferry_executor_shutdown(executor, &now), ==, 0);
    CHECK_INT(ferry_await(int, runs), ==, EINTR);
    CHECK_INT(ferry_await(int, waits), ==, EINTR);
    CHECK_INT(atomic_load(&begun), ==, 2);
    ferry_executor_free(executor);
    return 0;
}

static void *shut_down(void *executor)
{
    static const ferry_shutdown_options now = {.cancel_pending = true, .interrupt = true};
    while (atomic_load(&begun) < 1)
        usleep(200);
    CHECK_INT(ferry_executor_shutdown(executor, &now), ==, 0);
    return NULL;
}

IN_TASK(so_does_one_from_a_thread_without_a_loop)
{
    ferry_executor_options options = {.policy = FERRY_POLICY_INTERRUPT};
    ferry_executor *executor = ferry_executor_new(&options);
    pthread_t thread;
    make_pipe();
    CHECK_INT(pthread_create(&thread, NULL, shut_down, executor), ==, 0);
    CHECK_INT(read_until_shutdown(executor), ==, EINTR);
    pthread_join(thread, NULL);
    ferry_executor_free(executor);
    return 0;
}

static int hold_on(ferry_executor *executor)
{
    return ferry_run_in_executor(executor, hold);
}

IN_TASK(one_executor_s_shutdown_is_nothing_to_another_and_nothing_to_the_policy_wait)
{
    ferry_executor_options interrupted = {.policy = FERRY_POLICY_INTERRUPT};
    ferry_executor *ends = ferry_executor_new(&interrupted), *stays = ferry_executor_new(NULL);
    ferry_executor *other = ferry_executor_new(&interrupted);
    ferry_shutdown_options now = {.interrupt = true, .seconds = 0.01};
    make_pipe();
    ferry_task *read_on = ferry_create_task(read_until_shutdown, other);
    ferry_task *held = ferry_create_task(hold_on, stays);
    await_begun(1);
    await_holding(1);
    CHECK_INT(ferry_executor_shutdown(ends, &now), ==, 0);
    CHECK_INT(ferry_executor_shutdown(stays, &now), ==, -ETIMEDOUT);
    CHECK_INT(ferry_executor_running(other, NULL, 0), ==, 1);
    atomic_store(&let_go, 1);
    CHECK_INT(ferry_await(int, held), ==, 50);
    CHECK_INT(ferry_executor_shutdown(stays, &now), ==, 0);
    CHECK_INT(ferry_executor_shutdown(other, &now), ==, 0);
    CHECK_INT(ferry_await(int, read_on), ==, EINTR);
    ferry_executor_free(ends);
    ferry_executor_free(stays);
    ferry_executor_free(other);
    return 0;
}

static int hold_until_abandoned(ferry_executor *executor)
{
    CHECK_INT(ferry_run_in_executor(executor, hold), ==, -1);
    CHECK_INT(errno, ==, ECANCELED);
    ferry_outcome outcome = ferry_call_outcome();
    CHECK_INT(outcome.state, ==, FERRY_CALL_ABANDONED);
    CHECK_INT(outcome.limit, ==, FERRY_LIMIT_SHUTDOWN);
    return 7;
}

static atomic_int finalized;

static void finalize(void *unused)
{
    (void)unused;
    atomic_fetch_add(&finalized, 1);
}

static int detach(const ferry_executor_options *options, bool no_wait)
{
    ferry_executor *executor = ferry_executor_new(options);
    ferry_task *task = ferry_create_task(hold_until_abandoned, executor);
    await_holding(1);
    ferry_shutdown_options now = {.detach = true, .no_wait = no_wait, .seconds = 0.01};
    CHECK_INT(ferry_executor_shutdown(executor, &now), ==, no_wait ? 0 : -ETIMEDOUT);
    CHECK_INT(ferry_await(int, task), ==, 7);
    CHECK_INT(ferry_executor_running(executor, NULL, 0), ==, 1);
    ferry_executor_free(executor); /* not waited for: the call is held */
    CHECK_INT(atomic_load(&let_go), ==, 0);
    atomic_store(&let_go, 1);
    return 0;
}

IN_TASK(what_is_abandoned_is_left_with_its_executor)
{
    ferry_executor_options options = {.policy = FERRY_POLICY_ABANDON};
    return detach(&options, false);
}

IN_TASK(a_lane_that_is_left_ends_its_thread_in_the_end)
{
    ferry_executor_options options = {
        .policy = FERRY_POLICY_ABANDON, .lane = true, .finalizer = finalize};
    CHECK_INT(detach(&options, true), ==, 0);
    while (atomic_load(&finalized) == 0)
        ferry_sleep(0.0002);
    ferry_executor_free(ferry_executor_new(NULL)); /* gives its memory back */
    return 0;
}

TEST(a_future_of_a_left_executor_has_its_result)
{
    ferry_executor *executor = ferry_executor_new(NULL);
    ferry_future *future = hold_worker(executor);
    ferry_shutdown_options now = {.detach = true, .no_wait = true};
    CHECK_INT(ferry_executor_shutdown(executor, &now), ==, 0);
    ferry_executor_free(executor);
    CHECK_INT(ferry_future_cancel(future), ==, 0);
    let_worker_go(future);
}

IN_TASK(without_memory_nobody_is_told_and_again_is_fine)
{
    ferry_executor_options options = {.policy = FERRY_POLICY_INTERRUPT};
    ferry_executor *executor = ferry_executor_new(&options);
    ferry_shutdown_options now = {.interrupt = true};
    make_pipe();
    ferry_task *task = ferry_create_task(read_until_shutdown, executor);
    await_begun(1);
    ferry__fault_arm(FERRY__FAULT_ALLOC, 0, -1);
    CHECK_INT(ferry_executor_shutdown(executor, &now), ==, -ENOMEM);
    ferry__fault_clear();
    CHECK_INT(ferry_executor_running(executor, NULL, 0), ==, 1);
    CHECK_INT(ferry_executor_shutdown(executor, &now), ==, 0);
    CHECK_INT(ferry_await(int, task), ==, EINTR);
    ferry_executor_free(executor);
    return 0;
}

/* What is written to stderr meanwhile. */
static FILE *said;
static int stderr_before;

static void catch_stderr(void)
{
    said = tmpfile();
    CHECK(said);
    stderr_before = dup(2);
    dup2(fileno(said), 2);
}

static const char *caught(void)
{
    static char text[65536];
    dup2(stderr_before, 2);
    close(stderr_before);
    rewind(said);
    text[fread(text, 1, sizeof text - 1, said)] = '\0';
    fclose(said);
    return text;
}

/* The thread is in its system call, as far as the kernel says. */
static bool in_read(ferry_executor *executor)
{
    char *text = NULL;
    size_t size;
    FILE *file = open_memstream(&text, &size);
    CHECK_INT(ferry_executor_report(executor, file), ==, 1);
    fclose(file);
    bool found = strstr(text, "in system call read") != NULL;
    if (!found)
        CHECK(strstr(text, "begin_read (") && strstr(text, "on \"pipes\" has run for"));
    free(text);
    return found;
}

static bool kernel_tells(void)
{
    char text[64] = "";
    FILE *file = fopen("/proc/self/syscall", "r");
    bool told = file && fgets(text, sizeof text, file);
    if (file)
        fclose(file);
    return told && strtol(text, NULL, 10) == SYS_read; /* not so under emulation */
}

TEST(the_report_names_function_executor_and_system_call)
{
    ferry_executor_options options = {.name = "pipes"};
    ferry_executor *executor = ferry_executor_new(&options);
    make_pipe();
    ferry_future *future = ferry_executor_submit(executor, begin_read, read_end);
    while (atomic_load(&begun) == 0)
        usleep(200);
    if (kernel_tells())
        while (!in_read(executor))
            usleep(200);
    else
        in_read(executor);
    CHECK_INT(write(write_end, "x", 1), ==, 1);
    CHECK_INT(ferry_future_result(ssize_t, future), ==, 1);
    ferry_future_free(future);
    ferry_executor_shutdown(executor, NULL);
    CHECK_INT(ferry_executor_report(executor, stdout), ==, 0);
    ferry_executor_free(executor);
}

TEST(out_of_time_debug_mode_writes_the_report_with_the_stack)
{
    ferry_executor_options options = {.name = "pipes"};
    ferry_shutdown_options soon = {.seconds = 0.01};
    ferry_executor *executor = ferry_executor_new(&options);
    make_pipe();
    ferry_future *future = ferry_executor_submit(executor, begin_read, read_end);
    while (atomic_load(&begun) == 0 || (kernel_tells() && !in_read(executor)))
        usleep(200);
    catch_stderr();
    CHECK_INT(ferry_executor_shutdown(executor, &soon), ==, -ETIMEDOUT);
    CHECK_STR(caught(), "");
    setenv("FERRY_DEBUG", "1", 1);
    catch_stderr();
    CHECK_INT(ferry_executor_shutdown(executor, &soon), ==, -ETIMEDOUT);
    const char *report = caught();
    CHECK(strstr(report, "ferry: begin_read (") == report);
    if (kernel_tells())
        CHECK(strstr(report, "ferry:     ") && strstr(report, "bridge_shutdown"));
    CHECK_INT(write(write_end, "x", 1), ==, 1);
    ferry_executor_free(executor);
    ferry_future_free(future);
}

/* ferry_run. */
static int reported;

static void let_it_go(void)
{
    atomic_store(&let_go, 1);
}

static void count_and_let_go(ferry_loop *loop, const ferry_exception *exception, void *unused)
{
    (void)loop, (void)unused;
    CHECK(strstr(exception->message, "a task was cancelled 0.01 s ago"));
    CHECK(strstr(exception->message, "it waits for hold"));
    CHECK(exception->task && strcmp(exception->name, "hold_on") == 0);
    reported++;
    ferry_call_soon(let_it_go); /* when the report has been written */
}

static int leave_a_held_call(void)
{
    ferry_loop_set_exception_handler(count_and_let_go, NULL);
    ferry_task *task = ferry_create_task(hold_on, (ferry_executor *)NULL);
    ferry_task_detach(task);
    await_holding(1);
    return 3;
}

TEST(a_loop_says_which_tasks_and_calls_keep_it_from_ending)
{
    catch_stderr();
    CHECK_INT(ferry_run_with(&(ferry_run_options){.shutdown_seconds = 0.01}, leave_a_held_call), ==,
              3);
    const char *report = caught();
    CHECK(strstr(report, "ferry: hold (") && strstr(report, "on \"default\" has run for"));
    CHECK_INT(reported, ==, 1);
}

static atomic_int interrupted;

static int read_shielded(void)
{
    FERRY_SHIELD
    {
        ssize_t n =
            ferry_call_with(FERRY_OPTIONS(.policy = FERRY_POLICY_INTERRUPT), begin_read, read_end);
        CHECK_INT(n, ==, -1);
        CHECK_INT(ferry_call_outcome().limit, ==, FERRY_LIMIT_SHUTDOWN);
        atomic_store(&interrupted, 1);
    }
    return 0;
}

static int leave_a_shielded_read(void)
{
    ferry_task_detach(ferry_create_task(read_shielded));
    await_begun(1);
    return 4;
}

TEST(what_can_be_interrupted_is_when_the_loop_s_time_is_up)
{
    make_pipe();
    catch_stderr();
    CHECK_INT(ferry_run_with(&(ferry_run_options){.shutdown_seconds = 0.01}, leave_a_shielded_read),
              ==, 4);
    caught();
    CHECK_INT(atomic_load(&interrupted), ==, 1);
}

static int nothing(void)
{
    return 0;
}

TEST(shutdown_seconds_is_a_time)
{
    ferry_run_options options = {.shutdown_seconds = 0.0 / 0.0};
    CHECK(!ferry_runner_open(&options));
    CHECK_INT(errno, ==, EINVAL);
    CHECK_INT(ferry_run_with(&options, nothing), ==, 70);
    CHECK_INT(errno, ==, EINVAL);
    options.shutdown_seconds = 5;
    CHECK_INT(ferry_run_with(&options, nothing), ==, 0);
}

TEST_MAIN
