/* SPDX-License-Identifier: MIT */
/* Calls that are made to return early: FERRY_POLICY_INTERRUPT of ferry/policy.h. */
#include "bridge.h"

#include "base/fault.h"

#include <fcntl.h>
#include <pthread.h>

static int read_end, write_end;

static void make_pipe(void)
{
    int ends[2];
    CHECK_INT(pipe2(ends, O_CLOEXEC), ==, 0);
    read_end = ends[0];
    write_end = ends[1];
}

/* Cancels the task once its call runs. */
static atomic_int begun;

static ssize_t begin_read(int fd, char *buffer, size_t size)
{
    atomic_fetch_add(&begun, 1);
    return read(fd, buffer, size);
}

static void await_begun(int count)
{
    while (atomic_load(&begun) < count)
        ferry_sleep(0.0002);
}

/* By a signal. */

IN_TASK(a_time_limit_interrupts_a_system_call)
{
    char buffer[8];
    ferry_outcome outcome;
    make_pipe();
    ssize_t n = ferry_call_with(
        FERRY_OPTIONS(.policy = FERRY_POLICY_INTERRUPT, .run_limit = 0.01, .outcome = &outcome),
        read, read_end, buffer, sizeof buffer);
    CHECK_INT(n, ==, -1);
    CHECK_INT(errno, ==, EINTR);
    CHECK_INT(outcome.state, ==, FERRY_CALL_INTERRUPTED);
    CHECK_INT(outcome.limit, ==, FERRY_LIMIT_RUN);
    CHECK_INT(outcome.error, ==, ETIMEDOUT);
    CHECK_DOUBLE(outcome.run_seconds, >=, 0.01);
    CHECK_DOUBLE(outcome.overrun_seconds, >, 0);
    CHECK_INT(ferry_sleep(0), ==, 0); /* the limit was the call's alone */
    return 0;
}

static int read_interruptibly(int fd)
{
    char buffer[8];
    ssize_t n = ferry_call_with(FERRY_OPTIONS(.policy = FERRY_POLICY_INTERRUPT), begin_read, fd,
                                buffer, sizeof buffer);
    int error = errno;
    CHECK_INT(ferry_call_outcome().state, ==, FERRY_CALL_INTERRUPTED);
    CHECK_INT(ferry_call_outcome().limit, ==, FERRY_LIMIT_CANCEL);
    CHECK_INT(ferry_sleep(1), ==, -ECANCELED);
    return n < 0 ? -error : (int)n;
}

IN_TASK(a_cancel_interrupts_a_system_call)
{
    make_pipe();
    ferry_task *reader = ferry_create_task(read_interruptibly, read_end);
    await_begun(1);
    CHECK_INT(ferry_task_cancel(reader), ==, 1);
    CHECK_INT(ferry_await(int, reader), ==, -EINTR);
    return 0;
}

IN_TASK(an_executor_gives_its_calls_a_policy)
{
    char buffer[8];
    make_pipe();
    FERRY_WITH_EXECUTOR(pipes, .name = "pipes", .policy = FERRY_POLICY_INTERRUPT) {
        FERRY_TIMEOUT(0.1) {
            CHECK_INT(ferry_run_in_executor(pipes, read, read_end, buffer, sizeof buffer), ==, -1);
            CHECK_INT(errno, ==, EINTR);
            CHECK_INT(ferry_call_outcome().state, ==, FERRY_CALL_INTERRUPTED);
            CHECK_INT(ferry_call_outcome().error, ==, ETIMEDOUT);
            CHECK_INT(ferry_sleep(0), ==, -ETIMEDOUT);
        }
        CHECK(ferry_timeout_expired());
    } else {
        CHECK(false);
    }
    return 0;
}

/* Returns early until its flag is set: what a signal can't hurry. */
static atomic_int nap_signals;

static int nap_through(int ms)
{
    struct timespec left = {0, ms * 1000000L};
    int signals = 0;
    atomic_fetch_add(&begun, 1);
    while (nanosleep(&left, &left) != 0)
        signals++;
    atomic_store(&nap_signals, signals);
    return signals;
}

IN_TASK(a_call_that_goes_on_is_signalled_again_until_it_is_over)
{
    int signals = ferry_call_with(
        FERRY_OPTIONS(.policy = FERRY_POLICY_INTERRUPT, .run_limit = 0.005), nap_through, 60);
    CHECK_INT(signals, >=, 2);
    CHECK_INT(ferry_call_outcome().state, ==, FERRY_CALL_INTERRUPTED);
    return 0;
}

/* The signal of a call never reaches the next one on that worker: it would cut this sleep short. */
static int sleep_whole(int us)
{
    struct timespec time = {0, us * 1000L};
    return nanosleep(&time, NULL);
}

IN_TASK(a_signal_that_comes_too_late_hits_nobody)
{
    FERRY_WITH_EXECUTOR(lane, .lane = true) {
        for (int round = 0; round < 1500; round++) {
            /* Ends at about the moment at which its limit is up. */
            double limit = 1e-6 * (20 + round % 60);
            int spun = ferry_call_with(FERRY_OPTIONS(.executor = lane, .run_limit = limit,
                                                     .policy = FERRY_POLICY_INTERRUPT),
                                       spin_for, 45000L);
            CHECK_INT(spun, ==, 0);
            int slept = ferry_call_with(
                FERRY_OPTIONS(.executor = lane, .policy = FERRY_POLICY_INTERRUPT), sleep_whole, 50);
            CHECK_INT(slept, ==, 0);
        }
    } else {
        CHECK(false);
    }
    return 0;
}

static void *exit_now(void *unused)
{
    spin_for(30000);
    pthread_exit(unused);
}

IN_TASK(a_thread_that_ends_in_an_interruptible_call_is_not_signalled_any_more)
{
    for (int round = 0; round < 50; round++) {
        ferry_outcome outcome;
        ferry_call_with(
            FERRY_OPTIONS(.policy = FERRY_POLICY_INTERRUPT, .run_limit = 2e-5, .outcome = &outcome),
            exit_now, NULL);
        CHECK_INT(outcome.state, ==, FERRY_CALL_DIED);
        CHECK_INT(errno, ==, EOWNERDEAD);
    }
    return 0;
}

static void other_handler(int number)
{
    (void)number;
}

TEST(the_signal_can_be_chosen_and_is_nobody_elses)
{
    CHECK_INT(ferry_set_interrupt_signal(SIGKILL), ==, -EINVAL);
    CHECK_INT(ferry_set_interrupt_signal(0), ==, -EINVAL);
    CHECK_INT(ferry_set_interrupt_signal(100000), ==, -EINVAL);
    signal(SIGUSR1, other_handler);
    CHECK_INT(ferry_set_interrupt_signal(SIGUSR1), ==, -EBUSY);
    CHECK_INT(ferry_set_interrupt_signal(SIGRTMIN + 3), ==, 0);
}

static int read_in_vain(void)
{
    char buffer[4];
    make_pipe();
    CHECK_INT(ferry_call_with(FERRY_OPTIONS(.policy = FERRY_POLICY_INTERRUPT, .run_limit = 0.01),
                              read, read_end, buffer, sizeof buffer),
              ==, -1);
    return errno;
}

TEST(a_real_time_signal_does_as_well_and_then_it_stays)
{
    CHECK_INT(ferry_set_interrupt_signal(SIGRTMIN + 3), ==, 0);
    CHECK_INT(ferry_run(read_in_vain), ==, EINTR);
    CHECK_INT(ferry_set_interrupt_signal(SIGURG), ==, -EBUSY);
    CHECK_INT(ferry_set_interrupt_signal(SIGRTMIN + 3), ==, 0);
}

TEST(a_signal_with_another_handler_refuses_the_call)
{
    signal(SIGURG, other_handler);
    CHECK_INT(ferry_run(read_in_vain), ==, EBUSY);
}

/* By a function. */

static atomic_int asked, stop_flag;
static atomic_long asked_on;

static void set_flag(void *flag)
{
    atomic_fetch_add(&asked, 1);
    atomic_store(&asked_on, thread_id());
    atomic_store((atomic_int *)flag, 1);
}

static int until_flag(atomic_int *flag)
{
    atomic_fetch_add(&begun, 1);
    while (!atomic_load(flag))
        usleep(100);
    return -77;
}

IN_TASK(a_function_interrupts_what_it_knows_how_to_stop)
{
    int said =
        ferry_call_with(FERRY_OPTIONS(.policy = FERRY_POLICY_INTERRUPT, .run_limit = 0.005,
                                      .interrupt = set_flag, .interrupt_argument = &stop_flag),
                        until_flag, &stop_flag);
    CHECK_INT(said, ==, -77);
    CHECK_INT(ferry_call_outcome().state, ==, FERRY_CALL_INTERRUPTED);
    CHECK_INT(atomic_load(&asked), >=, 1);
    CHECK_INT(atomic_load(&asked_on), !=, thread_id()); /* it may block: not on the loop */
    return 0;
}

static atomic_int interrupting;

static void slow_interrupt(void *flag)
{
    atomic_store(&interrupting, 1);
    atomic_store((atomic_int *)flag, 1); /* the call ends before this returns */
    usleep(20000);
    atomic_store(&interrupting, 0);
}

IN_TASK(the_statement_goes_on_only_after_the_interrupting_function_has_returned)
{
    ferry_call_with(FERRY_OPTIONS(.policy = FERRY_POLICY_INTERRUPT, .run_limit = 0.002,
                                  .interrupt = slow_interrupt, .interrupt_argument = &stop_flag),
                    until_flag, &stop_flag);
    CHECK_INT(atomic_load(&stop_flag), ==, 1);
    CHECK_INT(atomic_load(&interrupting), ==, 0);
    return 0;
}

IN_TASK(a_function_interrupts_where_the_common_threads_are_all_taken)
{
    FERRY_WITH_EXECUTOR(one, .max_workers = 1, .policy = FERRY_POLICY_INTERRUPT,
                        .interrupt = set_flag, .interrupt_argument = &stop_flag) {
        FERRY_TIMEOUT(0.1) {
            CHECK_INT(ferry_run_in_executor(one, until_flag, &stop_flag), ==, -77);
        }
        CHECK(ferry_timeout_expired());
    } else {
        CHECK(false);
    }
    return 0;
}

IN_TASK(an_interrupting_function_that_gets_no_thread_is_called_when_there_is_one)
{
    CHECK_INT(ferry_to_thread(plus_one, 1), ==, 2);
    ferry_outcome outcome;
    ferry_future *held = hold_worker(NULL);
    ferry__fault_arm(FERRY__FAULT_THREAD, 1, 3);
    int said = ferry_call_with(FERRY_OPTIONS(.policy = FERRY_POLICY_INTERRUPT, .run_limit = 0.002,
                                             .interrupt = set_flag, .outcome = &outcome,
                                             .interrupt_argument = &stop_flag),
                               until_flag, &stop_flag);
    ferry__fault_clear();
    CHECK_INT(said, ==, -77);
    CHECK_INT(outcome.state, ==, FERRY_CALL_INTERRUPTED);
    let_worker_go(held);
    return 0;
}

/* Interrupting functions that block keep the threads there are for them. */
static atomic_int stuck, let_stuck_go;

static void interrupt_for_long(void *unused)
{
    (void)unused;
    atomic_fetch_add(&stuck, 1);
    while (!atomic_load(&let_stuck_go))
        usleep(200);
}

static atomic_int end_calls;

static int until_told(void)
{
    while (!atomic_load(&end_calls))
        usleep(200);
    return 7;
}

static int interrupted_for_long(void)
{
    return ferry_call_with(FERRY_OPTIONS(.policy = FERRY_POLICY_INTERRUPT, .run_limit = 0.002,
                                         .interrupt = interrupt_for_long),
                           until_told);
}

IN_TASK(a_call_that_is_over_does_not_wait_for_an_interruption_that_has_not_begun)
{
    FERRY_WITH_EXECUTOR(wide, .max_workers = 10) {
        ferry_loop_set_default_executor(wide);
        ferry_task *tasks[8];
        for (int i = 0; i < 8; i++)
            tasks[i] = ferry_create_task(interrupted_for_long);
        while (atomic_load(&stuck) < 4)
            ferry_sleep(0.001);
        ferry_sleep(0.02); /* those of the others are queued */
        atomic_store(&end_calls, 1);
        FERRY_TIMEOUT(5) {
            for (int went_on = 0; went_on < 4 && ferry_sleep(0.001) == 0;) {
                went_on = 0;
                for (int i = 0; i < 8; i++)
                    went_on += ferry_task_done(tasks[i]);
            }
        }
        CHECK(!ferry_timeout_expired());
        CHECK_INT(atomic_load(&stuck), ==, 4);
        atomic_store(&let_stuck_go, 1);
        CHECK_INT(ferry_gather(tasks, 8, NULL), ==, 0);
        ferry_loop_set_default_executor(NULL);
    } else {
        CHECK(false);
    }
    return 0;
}

static void long_after(void *unused)
{
    (void)unused;
    usleep(200000);
}

IN_TASK(a_call_that_nothing_interrupted_is_late_and_not_interrupted)
{
    FERRY_TIMEOUT(0.1) {
        int said = ferry_call_with(
            FERRY_OPTIONS(.policy = FERRY_POLICY_INTERRUPT, .after = long_after), plus_one, 1);
        CHECK_INT(said, ==, 2); /* its function was over */
        CHECK_INT(ferry_call_outcome().state, ==, FERRY_CALL_LATE);
        CHECK_INT(ferry_call_outcome().limit, ==, FERRY_LIMIT_CANCEL);
    }
    return 0;
}

TEST_MAIN
