/* SPDX-License-Identifier: MIT */
/* Runners: several runs on one loop, what lives on between them, and every wrong use. */
#include "check.h"

#include "base/fault.h"

#include <ferry/gather.h>
#include <ferry/loop.h>
#include <ferry/run.h>
#include <math.h>
#include <pthread.h>

static char steps[64];

static void step(char c)
{
    size_t length = strlen(steps);
    CHECK_INT(length, <, sizeof steps - 1);
    steps[length] = c;
}

static int give(int value)
{
    errno = EXDEV;
    return value;
}

TEST(runs_give_their_results)
{
    ferry_runner *runner = ferry_runner_open(NULL);
    CHECK(runner != NULL);
    for (int i = 0; i < 100; i++) {
        CHECK_INT(ferry_runner_run(runner, give, i), ==, i);
        CHECK_INT(errno, ==, EXDEV);
        CHECK_PTR(ferry_get_running_loop(), ==, NULL);
    }
    CHECK_INT(ferry_runner_close(runner), ==, 0);
    CHECK_INT(ferry_runner_close(runner), ==, 0); /* again is fine */
    CHECK_INT(ferry_runner_close(NULL), ==, 0);
}

static ferry_task *lasting;

static int in_pieces(void)
{
    for (char c = 'a'; c <= 'c'; c++) {
        step(c);
        CHECK_INT(ferry_sleep(0), ==, 0);
    }
    return 7;
}

static int begin(void)
{
    lasting = ferry_create_task(in_pieces);
    CHECK(lasting != NULL);
    return ferry_sleep(0);
}

static int more(void)
{
    return ferry_sleep(0);
}

static int finish(void)
{
    return ferry_await(int, lasting);
}

TEST(a_task_goes_on_in_the_next_run)
{
    ferry_runner *runner = ferry_runner_open(NULL);
    CHECK_INT(ferry_runner_run(runner, begin), ==, 0);
    CHECK_STR(steps, "a");
    step('|');
    CHECK_INT(ferry_task_cancel(lasting), ==, -EPERM); /* no loop runs here now */
    CHECK_INT(ferry_runner_run(runner, more), ==, 0);
    step('|');
    CHECK_INT(ferry_runner_run(runner, finish), ==, 7);
    CHECK_STR(steps, "a|bc|");
    CHECK_INT(ferry_runner_close(runner), ==, 0);
}

static int wait_to_the_end(char c)
{
    CHECK_INT(ferry_sleep(INFINITY), ==, -ECANCELED);
    step(c);
    return 0;
}

static void call(char c)
{
    step(c);
}

static int leave_behind(void)
{
    CHECK(ferry_create_task(wait_to_the_end, 'e') != NULL);
    CHECK(ferry_call_later(0, call, 't') != NULL);
    CHECK(ferry_call_later(60, call, '!') != NULL);
    ferry_task_detach(ferry_create_task(wait_to_the_end, 'E'));
    return 0;
}

TEST(what_a_run_left_is_taken_down_by_close)
{
    ferry_runner *runner = ferry_runner_open(NULL);
    CHECK_INT(ferry_runner_run(runner, leave_behind), ==, 0);
    CHECK_STR(steps, "");
    CHECK_INT(ferry_runner_run(runner, more), ==, 0);
    CHECK_STR(steps, "t");
    CHECK_INT(ferry_runner_close(runner), ==, 0);
    CHECK_STR(steps, "teE");
}

static ferry_task *main_task;

static int await_main(ferry_task *task)
{
    step('w');
    CHECK_INT(ferry_await(int, task), ==, 5);
    step('m');
    return 0;
}

static int awaited_main(void)
{
    main_task = ferry_current_task();
    lasting = ferry_create_task(await_main, main_task);
    CHECK_INT(ferry_sleep(0), ==, 0);
    return 5;
}

static int plain_main(void)
{
    main_task = ferry_current_task();
    return 6;
}

static int look_at_main(void)
{
    CHECK(ferry_task_done(main_task));
    CHECK_INT(errno, ==, ESRCH); /* its handle ended with it */
    return 0;
}

TEST(the_main_task_ends_with_its_run)
{
    ferry_runner *runner = ferry_runner_open(NULL);
    CHECK_INT(ferry_runner_run(runner, awaited_main), ==, 5);
    CHECK_STR(steps, "w");
    CHECK_INT(ferry_runner_run(runner, finish), ==, 0); /* who awaited it got the result */
    CHECK_STR(steps, "wm");
    CHECK_INT(ferry_runner_run(runner, plain_main), ==, 6);
    CHECK_INT(ferry_runner_run(runner, look_at_main), ==, 0);
    CHECK_INT(ferry_runner_close(runner), ==, 0);
}

/* The main task goes on before `last` does, in the same round, and ends. */
static ferry_future *first_end, *then_go;

static int settle_both(void)
{
    CHECK_INT(ferry_future_set_result(first_end, NULL), ==, 0);
    return ferry_future_set_result(then_go, NULL);
}

static int use_the_slot(ferry_task *ended)
{
    CHECK_INT(ferry_future_await(then_go, NULL), ==, 0);
    CHECK(ferry_task_done(ended));
    if (ferry_join(ended, NULL) == 0)
        step('j');
    ferry_task *next = ferry_create_task(wait_to_the_end, '!');
    CHECK(next != NULL);
    CHECK_INT((uintptr_t)next & 0xffff, ==, (uintptr_t)ended & 0xffff); /* the same slot */
    step('n');
    return 0;
}

static int end_first(bool detached)
{
    if (detached)
        CHECK_INT(ferry_task_detach(ferry_current_task()), ==, 0);
    CHECK(ferry_create_task(use_the_slot, ferry_current_task()) != NULL);
    CHECK(ferry_create_task(settle_both) != NULL);
    CHECK_INT(ferry_future_await(first_end, NULL), ==, 0);
    return 3;
}

TEST(the_run_ends_whatever_becomes_of_the_main_tasks_slot)
{
    for (int detached = 0; detached < 2; detached++) {
        first_end = ferry_future_new();
        then_go = ferry_future_new();
        CHECK_INT(ferry_run(end_first, (bool)detached), ==, 3);
        ferry_future_free(first_end);
        ferry_future_free(then_go);
    }
    CHECK_STR(steps, "jnn");
}

static int wait_for_step(char c)
{
    while (!strchr(steps, c))
        CHECK_INT(ferry_sleep(0.001), ==, 0);
    return 0;
}

static void *send_to(void *loop)
{
    CHECK_INT(ferry_call_soon_threadsafe(loop, call, 's'), ==, 0);
    return NULL;
}

TEST(messages_wait_for_the_next_run)
{
    pthread_t thread;
    ferry_runner *runner = ferry_runner_open(NULL);
    ferry_loop *loop = ferry_runner_loop(runner);
    CHECK(loop != NULL);
    CHECK_INT(ferry_runner_run(runner, give, 0), ==, 0);
    CHECK_INT(pthread_create(&thread, NULL, send_to, loop), ==, 0);
    CHECK_INT(pthread_join(thread, NULL), ==, 0);
    ferry_future *future = ferry_run_coroutine_threadsafe(loop, give, 8);
    CHECK_STR(steps, "");
    CHECK(!ferry_future_done(future));
    CHECK_INT(ferry_runner_run(runner, wait_for_step, 's'), ==, 0);
    CHECK_INT(ferry_runner_run(runner, more), ==, 0);
    CHECK_INT(ferry_future_result(int, future), ==, 8);
    ferry_future_free(future);
    CHECK_INT(ferry_runner_close(runner), ==, 0);
    CHECK_INT(ferry_call_soon_threadsafe(loop, call, '!'), ==, -ESHUTDOWN);
    CHECK_PTR(ferry_runner_loop(runner), ==, NULL);
    CHECK_INT(errno, ==, ESHUTDOWN);
    CHECK_PTR(ferry_runner_loop(NULL), ==, NULL);
    CHECK_INT(errno, ==, EINVAL);
}

static int alternate(char c)
{
    step(c);
    return ferry_sleep(0);
}

static int start(char c)
{
    CHECK(ferry_create_task(alternate, c) != NULL);
    return 0;
}

TEST(two_runners_take_turns)
{
    ferry_runner *one = ferry_runner_open(NULL), *two = ferry_runner_open(NULL);
    CHECK_PTR(one, !=, two);
    CHECK_INT(ferry_runner_run(one, start, '1'), ==, 0);
    CHECK_INT(ferry_runner_run(two, start, '2'), ==, 0);
    CHECK_INT(ferry_run(start, '3'), ==, 0); /* cancelled before it began */
    CHECK_INT(ferry_runner_run(two, more), ==, 0);
    CHECK_INT(ferry_runner_run(one, more), ==, 0);
    CHECK_INT(ferry_runner_close(one), ==, 0);
    CHECK_INT(ferry_runner_run(two, alternate, '4'), ==, 0);
    CHECK_INT(ferry_runner_close(two), ==, 0);
    CHECK_STR(steps, "214");
}

static ferry_runner *wrong;

static int from_inside(void)
{
    CHECK_INT(ferry_runner_run(wrong, give, 1), ==, 70);
    CHECK_INT(errno, ==, EDEADLK);
    CHECK_INT(ferry_runner_close(wrong), ==, -EDEADLK);
    CHECK_PTR(ferry_runner_open(NULL), ==, NULL);
    CHECK_INT(errno, ==, EDEADLK);
    return 2;
}

static void *from_elsewhere(void *unused)
{
    CHECK_INT(ferry_runner_run(wrong, give, 1), ==, 70);
    CHECK_INT(errno, ==, EPERM);
    CHECK_INT(ferry_runner_close(wrong), ==, -EPERM);
    CHECK_PTR(ferry_runner_loop(wrong), !=, NULL);
    return unused;
}

static void wrong_uses(void)
{
    pthread_t thread;
    wrong = ferry_runner_open(NULL);
    CHECK_INT(ferry_runner_run(wrong, from_inside), ==, 2);
    CHECK_INT(pthread_create(&thread, NULL, from_elsewhere, NULL), ==, 0);
    CHECK_INT(pthread_join(thread, NULL), ==, 0);
    CHECK_INT(ferry_runner_close(wrong), ==, 0);
    CHECK_INT(ferry_runner_run(wrong, give, 1), ==, 70);
    CHECK_INT(errno, ==, ESHUTDOWN);
    CHECK_INT(ferry_runner_run(NULL, give, 1), ==, 70);
    CHECK_INT(errno, ==, EINVAL);
    ferry_runner *never[] = {(ferry_runner *)(uintptr_t)1023, (ferry_runner *)(uintptr_t)-1,
                             (ferry_runner *)(uintptr_t)2049};
    for (size_t i = 0; i < sizeof never / sizeof *never; i++)
        CHECK_INT(ferry_runner_close(never[i]), ==, -EINVAL);
}

TEST(wrong_uses_are_errors)
{
    int ends[2], saved = dup(2);
    char text[4096];
    CHECK_INT(pipe(ends), ==, 0);
    dup2(ends[1], 2);
    wrong_uses();
    dup2(saved, 2);
    close(ends[1]);
    check__read_all(ends[0], text, sizeof text);
    CHECK_MATCH(text, "ferry_runner_run can't run \"give\" \\(.*runner.c:[0-9]+\\): "
                      "a loop runs on this thread already");
    CHECK_MATCH(text, "another thread opened the runner");
    CHECK_MATCH(text, "the runner was closed");
    CHECK_MATCH(text, "there is no such runner");
}

static unsigned not_an_int(void)
{
    return 1;
}

TEST(a_run_wants_a_function_that_returns_int)
{
    CHECK_PANIC(ferry_runner_run(ferry_runner_open(NULL), not_an_int),
                "ferry_runner_run at .*\"not_an_int\" must return int");
}

TEST(what_the_system_refuses)
{
    CHECK_PTR(ferry_runner_open(&(ferry_run_options){.backend = "abacus"}), ==, NULL);
    CHECK_INT(errno, ==, EINVAL);
    ferry__fault_arm(FERRY__FAULT_ALLOC, 0, 1);
    CHECK_PTR(ferry_runner_open(NULL), ==, NULL);
    CHECK_INT(errno, ==, ENOMEM);
    ferry__fault_arm(FERRY__FAULT_DESCRIPTOR, 0, 1);
    CHECK_PTR(ferry_runner_open(NULL), ==, NULL);
    CHECK_INT(errno, ==, EMFILE);
    ferry__fault_clear();
    ferry_runner *runner = ferry_runner_open(NULL);
    CHECK(runner != NULL);
    ferry__fault_arm(FERRY__FAULT_MAP, 0, -1);
    CHECK_INT(ferry_runner_run(runner, give, 1), ==, 70); /* no main stack */
    CHECK_INT(errno, ==, ENOMEM);
    ferry__fault_clear();
    CHECK_INT(ferry_runner_run(runner, give, 1), ==, 1);
    CHECK_INT(ferry_runner_close(runner), ==, 0);
}

static int with_block(bool *ret_opened)
{
    FERRY_WITH_RUNNER(runner, .debug = true, .keep_sigint = true)
    {
        *ret_opened = true;
        CHECK_INT(ferry_runner_run(runner, leave_behind), ==, 0);
        return ferry_runner_run(runner, give, 9);
    }
    else
    {
        return -errno;
    }
    return 0;
}

static int plain_block(void)
{
    int got = 0;
    FERRY_WITH_RUNNER(runner)
    {
        got = ferry_runner_run(runner, give, 4);
    }
    else
    {
        got = -errno;
    }
    return got;
}

TEST(a_block_closes_its_runner)
{
    bool opened = false;
    CHECK_INT(with_block(&opened), ==, 9);
    CHECK(opened);
    CHECK_STR(steps, "teE");
    CHECK_INT(plain_block(), ==, 4);
    CHECK_INT(ferry_run(plain_block), ==, -EDEADLK);
    ferry__fault_arm(FERRY__FAULT_DESCRIPTOR, 0, 1);
    CHECK_INT(plain_block(), ==, -EMFILE);
    ferry__fault_clear();
}

static int usr1;

static void on_signal(int number, void *context)
{
    CHECK_INT(number, ==, SIGUSR1);
    CHECK_PTR(context, ==, &usr1);
    usr1++;
}

static int add_handler(void)
{
    return ferry_loop_add_signal_handler(SIGUSR1, on_signal, &usr1);
}

static int wait_for_signal(void)
{
    while (usr1 == 0)
        CHECK_INT(ferry_sleep(0.001), ==, 0);
    return 0;
}

static int interrupted(void)
{
    CHECK_INT(kill(getpid(), SIGINT), ==, 0);
    CHECK_INT(ferry_sleep(INFINITY), ==, -ECANCELED);
    return 12;
}

static int interrupted_at_the_end(void)
{
    CHECK_INT(kill(getpid(), SIGINT), ==, 0);
    return 13;
}

static bool sigint_is_default(void)
{
    struct sigaction action;
    sigaction(SIGINT, NULL, &action);
    return action.sa_handler == SIG_DFL;
}

TEST(signals_over_several_runs)
{
    ferry_runner *runner = ferry_runner_open(NULL), *other = ferry_runner_open(NULL);
    CHECK_INT(ferry_runner_run(runner, add_handler), ==, 0);
    CHECK_INT(kill(getpid(), SIGUSR1), ==, 0); /* between the runs */
    CHECK_INT(usr1, ==, 0);
    CHECK_INT(ferry_runner_run(runner, wait_for_signal), ==, 0);
    CHECK_INT(usr1, ==, 1);
    for (int i = 0; i < 3; i++) {
        CHECK(sigint_is_default());
        CHECK_INT(ferry_runner_run(runner, interrupted), ==, 12);
        CHECK_INT(ferry_runner_run(runner, interrupted_at_the_end), ==, 13);
        CHECK_INT(ferry_runner_run(other, interrupted), ==, 12);
    }
    CHECK_INT(ferry_runner_run(runner, more), ==, 0); /* nobody is cancelled by what is over */
    CHECK_INT(ferry_runner_close(runner), ==, 0);
    CHECK_INT(ferry_runner_close(other), ==, 0);
    struct sigaction action;
    sigaction(SIGUSR1, NULL, &action);
    CHECK(action.sa_handler == SIG_DFL);
}

static void *run_own(void *unused)
{
    ferry_runner *runner = ferry_runner_open(NULL);
    for (int i = 0; i < 50; i++) {
        CHECK_INT(ferry_runner_run(runner, more), ==, 0);
        CHECK_INT(ferry_runner_run(runner, give, i), ==, i);
    }
    CHECK_INT(ferry_runner_close(runner), ==, 0);
    return unused;
}

TEST(runners_on_several_threads)
{
    pthread_t threads[4];
    for (int i = 0; i < 4; i++)
        CHECK_INT(pthread_create(&threads[i], NULL, run_own, NULL), ==, 0);
    for (int i = 0; i < 4; i++)
        CHECK_INT(pthread_join(threads[i], NULL), ==, 0);
}

TEST_MAIN
