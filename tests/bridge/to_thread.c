/* SPDX-License-Identifier: MIT */
/* ferry_to_thread and its relatives, from tasks and from where there is none. */
#include "base/fault.h"

#include "bridge.h"

#include <pthread.h>

static char *give_pointer(char *p)
{
    nap_ms(5);
    return p;
}

static unsigned give_unsigned(unsigned x)
{
    nap_ms(5);
    return x;
}

static int ticks;
static int ticker(void)
{
    for (;;) {
        if (ferry_sleep(0.001) < 0)
            return 0;
        ticks++;
    }
}

IN_TASK(the_call_runs_on_another_thread_and_the_loop_goes_on)
{
    ferry_task *task = ferry_create_task(ticker);
    CHECK_INT(ferry_to_thread(plus_one, 41), ==, 42);
    CHECK(ferry_to_thread(thread_id) != thread_id());
    ticks = 0;
    CHECK_INT(ferry_to_thread(nap_ms, 100), ==, 100);
    CHECK_INT(ticks, >=, 3);
    ferry_task_cancel(task);
    CHECK_INT(ferry_await(int, task), ==, 0);
    return 0;
}

static int set_errno_often(int rounds)
{
    for (int i = 0; i < rounds; i++) {
        errno = EDOM;
        ferry_sleep(0);
    }
    return 0;
}

IN_TASK(errno_is_the_calls_and_survives_what_other_tasks_do)
{
    ferry_task *task = ferry_create_task(set_errno_often, 100);
    for (int i = 1; i < 50; i++) {
        CHECK_INT(ferry_to_thread(fail_with, i), ==, -1);
        CHECK_INT(errno, ==, i);
    }
    errno = 77;
    CHECK_INT(ferry_to_thread(plus_one, 1), ==, 2); /* a call that leaves errno alone */
    CHECK_INT(errno, ==, 77);
    ferry_await(int, task);
    return 0;
}

static int told_cancelled;

static int call_and_check_cancel(ferry_executor *executor)
{
    int got = ferry_run_in_executor(executor, plus_one, 1);
    CHECK_INT(got, ==, -1);
    CHECK_INT(errno, ==, ECANCELED);
    ferry_outcome outcome = ferry_call_outcome();
    CHECK_INT(outcome.state, ==, FERRY_CALL_NEVER_STARTED);
    CHECK_INT(outcome.error, ==, ECANCELED);
    /* level-triggered */
    CHECK(ferry_run_in_executor(executor, give_pointer, (char *)8) == NULL);
    CHECK_INT(errno, ==, ECANCELED);
    told_cancelled = 1;
    /* no value could say it: it runs */
    CHECK_INT(ferry_run_in_executor(executor, give_unsigned, 7u), ==, 7);
    CHECK_INT(ferry_call_outcome().state, ==, FERRY_CALL_DONE);
    return 3;
}

IN_TASK(a_call_cancelled_in_the_queue_never_starts)
{
    FERRY_WITH_EXECUTOR(executor, .max_workers = 1) {
        ferry_future *busy = hold_worker(executor);
        ferry_task *task = ferry_create_task(call_and_check_cancel, executor);
        while (ferry_executor_queued(executor) == 0)
            ferry_sleep(0);
        CHECK_INT(ferry_task_cancel(task), ==, 1);
        while (told_cancelled == 0)
            ferry_sleep(0.001);
        let_worker_go(busy); /* the last of its calls must run */
        CHECK_INT(ferry_await(int, task), ==, 3);
    } else {
        return 1;
    }
    return 0;
}

static int call_that_runs(void)
{
    int got = ferry_to_thread(hold);
    CHECK_INT(got, ==, 50); /* it was waited for */
    CHECK_INT(ferry_call_outcome().state, ==, FERRY_CALL_LATE);
    CHECK_INT(ferry_call_outcome().error, ==, ECANCELED);
    CHECK_INT(ferry_sleep(0), ==, -ECANCELED); /* and the next wait says so */
    return 1;
}

IN_TASK(a_call_that_runs_is_seen_through_and_the_next_wait_reports_the_cancel)
{
    ferry_task *task = ferry_create_task(call_that_runs);
    while (atomic_load(&holding) == 0)
        ferry_sleep(0.0005);
    ferry_task_cancel(task);
    ferry_sleep(0.005);
    CHECK(!ferry_task_done(task));
    atomic_store(&let_go, 1);
    CHECK_INT(ferry_await(int, task), ==, 1);
    return 0;
}

IN_TASK(a_time_limit_takes_a_queued_call_out_and_errno_says_so)
{
    FERRY_WITH_EXECUTOR(executor, .max_workers = 1) {
        ferry_future *busy = hold_worker(executor);
        FERRY_TIMEOUT(0.01) {
            CHECK_INT(ferry_run_in_executor(executor, plus_one, 1), ==, -1);
            CHECK_INT(errno, ==, ETIMEDOUT);
        }
        CHECK(ferry_timeout_expired());
        ferry_outcome outcome = ferry_call_outcome();
        CHECK_INT(outcome.error, ==, ETIMEDOUT);
        CHECK(outcome.queue_seconds > 0.005);
        let_worker_go(busy);
        CHECK_INT(ferry_run_in_executor(executor, plus_one, 1), ==, 2);
    } else {
        return 1;
    }
    return 0;
}

IN_TASK(with_an_outcome_every_type_can_be_skipped)
{
    ferry_outcome outcome;
    FERRY_WITH_EXECUTOR(executor, .max_workers = 1) {
        ferry_future *busy = hold_worker(executor);
        FERRY_TIMEOUT(0.005) {
            unsigned got = ferry_call_with(FERRY_OPTIONS(.executor = executor, .outcome = &outcome),
                                           give_unsigned, 5u);
            CHECK_INT(got, ==, 0);
            CHECK_INT(outcome.state, ==, FERRY_CALL_NEVER_STARTED);
            CHECK_INT(outcome.error, ==, ETIMEDOUT);
        }
        let_worker_go(busy);
    } else {
        return 1;
    }
    CHECK_INT(ferry_call_with(FERRY_OPTIONS(.outcome = &outcome), give_unsigned, 5u), ==, 5);
    CHECK_INT(outcome.state, ==, FERRY_CALL_DONE);
    CHECK(outcome.run_seconds > 0.004);
    return 0;
}

struct big {
    long words[6];
};

static struct big make_big(long first)
{
    return (struct big){{first, 1, 2, 3, 4, 5}};
}

IN_TASK(a_skipped_struct_comes_back_as_zero_bytes)
{
    ferry_outcome outcome;
    FERRY_WITH_EXECUTOR(executor, .max_workers = 1) {
        ferry_executor_shutdown(executor, NULL);
        struct big got =
            ferry_call_with(FERRY_OPTIONS(.executor = executor, .outcome = &outcome), make_big, 9L);
        CHECK_INT(outcome.state, ==, FERRY_CALL_NEVER_STARTED);
        CHECK_INT(outcome.error, ==, ESHUTDOWN);
        for (int i = 0; i < 6; i++)
            CHECK_INT(got.words[i], ==, 0);
    } else {
        return 1;
    }
    CHECK_INT(ferry_to_thread(make_big, 9L).words[0], ==, 9);
    return 0;
}

static int without_a_value(void)
{
    FERRY_WITH_EXECUTOR(executor, .max_workers = 1) {
        ferry_executor_shutdown(executor, NULL);
        return (int)ferry_run_in_executor(executor, give_unsigned, 1u);
    }
    return 1;
}

TEST(a_call_that_cannot_start_and_has_no_value_to_say_so_ends_with_a_sentence)
{
    CHECK_PANIC(ferry_run(without_a_value), "give_unsigned at .*did not run .*ferry_call_with");
}

IN_TASK(without_threads_the_call_says_eagain)
{
    ferry__fault_arm(FERRY__FAULT_THREAD, 0, -1);
    CHECK_INT(ferry_to_thread(plus_one, 1), ==, -1);
    CHECK_INT(errno, ==, EAGAIN);
    CHECK_INT(ferry_call_outcome().error, ==, EAGAIN);
    ferry__fault_clear();
    CHECK_INT(ferry_to_thread(plus_one, 1), ==, 2);
    return 0;
}

static int as_a_user_without_threads(void)
{
    struct rlimit none = {0, 0};
    CHECK_INT(setrlimit(RLIMIT_NPROC, &none), ==, 0);
    CHECK_INT(setuid(65534), ==, 0);
    CHECK_INT(ferry_to_thread(plus_one, 1), ==, -1);
    CHECK_INT(errno, ==, EAGAIN);
    CHECK(ferry_executor_submit(NULL, plus_one, 1) == NULL);
    CHECK_INT(errno, ==, EAGAIN);
    return 0;
}

TEST(the_system_may_refuse_every_thread)
{
    if (geteuid() != 0)
        CHECK_SKIP("needs root, to become a user under RLIMIT_NPROC");
    if (CHECK_UNDER_ASAN)
        CHECK_SKIP("LeakSanitizer itself needs a process at the end");
    CHECK_INT(ferry_run(as_a_user_without_threads), ==, 0);
}

static int many_calls(int count)
{
    for (int i = 0; i < count; i++)
        if (ferry_to_thread(plus_one, i) != i + 1)
            return -1;
    return count;
}

static int one_worker_is_enough(void)
{
    CHECK_INT(ferry_to_thread(plus_one, 1), ==, 2);
    ferry__fault_arm(FERRY__FAULT_THREAD, 0, -1);
    ferry_task *tasks[50];
    int results[50];
    for (int i = 0; i < 50; i++)
        tasks[i] = ferry_create_task(nap_ms, 0);
    ferry_gather(tasks, 50, results);
    for (int i = 0; i < 50; i++)
        tasks[i] = ferry_create_task(many_calls, 2);
    CHECK_INT(ferry_gather(tasks, 50, results), ==, 0);
    ferry__fault_clear();
    return 0;
}

TEST(with_one_worker_alive_refused_threads_only_make_it_slower)
{
    CHECK_INT(ferry_run(one_worker_is_enough), ==, 0);
}

TEST(where_no_loop_runs_the_function_is_simply_called)
{
    CHECK_INT(ferry_to_thread(plus_one, 1), ==, 2);
    CHECK_INT(ferry_to_thread(thread_id), ==, thread_id());
    CHECK_INT(ferry_to_thread(fail_with, 9), ==, -1);
    CHECK_INT(errno, ==, 9);
    FERRY_WITH_WORKER(NULL)
    {
        CHECK_INT(ferry_to_thread(plus_one, 1), ==, 2);
    }
    else
    {
        CHECK(false);
    }
}

TEST(but_one_for_an_executor_of_its_own_goes_there)
{
    FERRY_WITH_EXECUTOR(lane, .lane = true) {
        long id = ferry_run_in_executor(lane, thread_id);
        CHECK(id != thread_id());
        CHECK_INT(ferry_run_in_executor(lane, thread_id), ==, id);
        CHECK_INT(ferry_run_in_executor(lane, fail_with, 9), ==, -1);
        CHECK_INT(errno, ==, 9);
    } else {
        CHECK(false);
    }
}

static int half_migrated(int x)
{
    return ferry_to_thread(plus_one, x); /* runs on a worker already */
}

IN_TASK(a_call_inside_a_call_is_made_in_place)
{
    CHECK_INT(ferry_to_thread(half_migrated, 5), ==, 6);
    return 0;
}

static int callback_said;
static void in_callback(void)
{
    callback_said = ferry_to_thread(plus_one, 1) == -1 ? errno : 0;
}

IN_TASK(a_callback_of_the_loop_cannot_wait)
{
    CHECK_INT(ferry_call_soon(in_callback), ==, 0);
    ferry_sleep(0.001);
    CHECK_INT(callback_said, ==, EPERM);
    return 0;
}

static ferry_local request = FERRY_LOCAL_INIT;

static char *read_local(void)
{
    return ferry_local_get(&request);
}

static int set_local(char *value)
{
    int said = ferry_local_set(&request, value);
    CHECK_PTR(ferry_local_get(&request), ==, value);
    return said;
}

IN_TASK(task_locals_travel_to_the_worker_which_works_on_a_copy)
{
    static char mine[] = "mine", its[] = "its";
    ferry_local_set(&request, mine);
    CHECK_PTR(ferry_to_thread(read_local), ==, mine);
    CHECK_INT(ferry_to_thread(set_local, its), ==, 0);
    CHECK_PTR(ferry_local_get(&request), ==, mine);
    ferry_future *future = ferry_executor_submit(NULL, read_local);
    CHECK_PTR(ferry_future_result(char *, future), ==, mine);
    ferry_future_free(future);
    future = ferry_executor_submit(NULL, set_local, its);
    CHECK_INT(ferry_future_result(int, future), ==, 0);
    ferry_future_free(future);
    CHECK_PTR(ferry_local_get(&request), ==, mine);
    CHECK_PTR(ferry_to_thread(read_local), ==, mine);
    return 0;
}

static int call_in_another_task(void)
{
    return (int)ferry_to_thread(thread_id);
}

IN_TASK(calls_that_name_no_executor_go_to_the_loops_own)
{
    FERRY_WITH_EXECUTOR(lane, .lane = true) {
        long its = ferry_run_in_executor(lane, thread_id);
        CHECK_INT(ferry_to_thread(thread_id), !=, its);
        CHECK_INT(ferry_loop_set_default_executor(lane), ==, 0);
        for (int i = 0; i < 3; i++) {
            CHECK_INT(ferry_to_thread(thread_id), ==, its);
            CHECK_INT(ferry_run_in_executor(NULL, thread_id), ==, its);
        }
        CHECK_INT(ferry_await(int, ferry_create_task(call_in_another_task)), ==, its);
        FERRY_WITH_WORKER(NULL) CHECK_INT(ferry_to_thread(thread_id), ==, its);
        else CHECK(false);
        CHECK_INT(ferry_loop_set_default_executor(NULL), ==, 0);
        CHECK_INT(ferry_to_thread(thread_id), !=, its);
    } else
        CHECK(false);
    return 0;
}

TEST(a_loops_executor_without_a_loop)
{
    CHECK_INT(ferry_loop_set_default_executor(NULL), ==, -EPERM);
}

IN_TASK(a_thousand_tasks_call_all_the_time)
{
    static ferry_task *tasks[1000];
    static int results[1000];
    for (int i = 0; i < 1000; i++)
        tasks[i] = ferry_create_task(many_calls, 30);
    CHECK_INT(ferry_gather(tasks, 1000, results), ==, 0);
    for (int i = 0; i < 1000; i++)
        CHECK_INT(results[i], ==, 30);
    return 0;
}

/* Saturate, then cancel at every moment: each call either ran once or says it never started. */
static int calls_ran;
static int count_call(void)
{
    __atomic_fetch_add(&calls_ran, 1, __ATOMIC_RELAXED);
    return 0;
}

static int call_once(ferry_executor *executor)
{
    int got = ferry_run_in_executor(executor, count_call);
    return got == 0 ? 1 : errno == ECANCELED ? 2 : -1;
}

IN_TASK(a_cancel_races_the_start_and_each_call_has_one_fate)
{
    FERRY_WITH_EXECUTOR(executor, .max_workers = 2) {
        int said_ran = 0, began = 0;
        for (int round = 0; round < 300; round++) {
            ferry_task *tasks[40];
            for (int i = 0; i < 40; i++)
                tasks[i] = ferry_create_task(call_once, executor);
            ferry_sleep(0);
            for (int spin = 0; spin < round * 20; spin++)
                __asm__ volatile("");
            for (int i = 0; i < 40; i += 2)
                ferry_task_cancel(tasks[i]);
            for (int i = 0; i < 40; i++) {
                int fate = ferry_await(int, tasks[i]);
                CHECK(fate == 1 || fate == 2);
                CHECK(fate == 1 || i % 2 == 0);
                said_ran += fate == 1;
                began++;
            }
        }
        CHECK_INT(began, ==, 12000);
        CHECK_INT(said_ran, ==, __atomic_load_n(&calls_ran, __ATOMIC_RELAXED));
    } else {
        return 1;
    }
    return 0;
}

TEST_MAIN
