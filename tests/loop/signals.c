/* SPDX-License-Identifier: MIT */
/* Signals on the loop, and SIGINT the asyncio way. */
#include "check.h"

#include <ferry/loop.h>
#include <ferry/run.h>
#include <ferry/scope.h>
#include <math.h>
#include <pthread.h>

static int got[65];

static void on_signal(int number, void *context)
{
    CHECK_PTR(context, ==, got);
    CHECK_PTR(ferry_current_task(), ==, NULL);
    CHECK(ferry_get_running_loop() != NULL);
    got[number]++;
}

static int handle(void)
{
    CHECK_INT(ferry_loop_add_signal_handler(SIGUSR1, on_signal, got), ==, 0);
    CHECK_INT(ferry_loop_add_signal_handler(SIGUSR2, on_signal, got), ==, 0);
    CHECK_INT(kill(getpid(), SIGUSR1), ==, 0);
    CHECK_INT(got[SIGUSR1], ==, 0); /* on the loop, not here */
    ferry_sleep(0.005);
    CHECK_INT(got[SIGUSR1], ==, 1);
    CHECK_INT(kill(getpid(), SIGUSR1), ==, 0);
    CHECK_INT(kill(getpid(), SIGUSR2), ==, 0);
    ferry_sleep(0.005);
    CHECK_INT(got[SIGUSR1], ==, 2);
    CHECK_INT(got[SIGUSR2], ==, 1);
    CHECK_INT(ferry_loop_remove_signal_handler(SIGUSR2), ==, 1);
    CHECK_INT(ferry_loop_remove_signal_handler(SIGUSR2), ==, 0);
    return 0;
}

TEST(handlers_run_on_the_loop)
{
    signal(SIGUSR1, SIG_IGN);
    signal(SIGUSR2, SIG_IGN);
    CHECK_INT(ferry_run(handle), ==, 0);
    struct sigaction action;
    sigaction(SIGUSR1, NULL, &action);
    CHECK(action.sa_handler == SIG_IGN); /* put back */
    sigaction(SIGUSR2, NULL, &action);
    CHECK(action.sa_handler == SIG_IGN);
    memset(got, 0, sizeof got);
    CHECK_INT(ferry_run(handle), ==, 0);
}

static int refusals(void)
{
    int bad[] = {0, -1, 65, 1000, SIGKILL, SIGSTOP, SIGSEGV, SIGBUS, SIGFPE, SIGILL};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        CHECK_INT(ferry_loop_add_signal_handler(bad[i], on_signal, got), ==, -EINVAL);
        CHECK_INT(ferry_loop_remove_signal_handler(bad[i]), ==, -EINVAL);
    }
    CHECK_INT(ferry_loop_add_signal_handler(SIGUSR1, NULL, got), ==, -EINVAL);
    return 0;
}

static int add_on_thread(void)
{
    struct sigaction action;
    sigaction(SIGINT, NULL, &action);
    CHECK(action.sa_handler == SIG_DFL); /* only the main thread's loop takes it */
    CHECK_INT(ferry_loop_add_signal_handler(SIGUSR1, on_signal, got), ==, -EPERM);
    return 0;
}

static void *run_on_a_thread(void *unused)
{
    CHECK_INT(ferry_run(add_on_thread), ==, 0);
    return unused;
}

TEST(signals_that_cannot_be_handled)
{
    CHECK_INT(ferry_run(refusals), ==, 0);
    pthread_t thread;
    CHECK_INT(pthread_create(&thread, NULL, run_on_a_thread, NULL), ==, 0);
    CHECK_INT(pthread_join(thread, NULL), ==, 0);
}

static int interrupted(void)
{
    CHECK_INT(kill(getpid(), SIGINT), ==, 0);
    CHECK_INT(ferry_sleep(INFINITY), ==, -ECANCELED);
    FERRY_SHIELD
    {
        CHECK_INT(ferry_sleep(0.005), ==, 0); /* time to clean up */
    }
    return 12;
}

TEST(the_first_sigint_cancels_the_main_task)
{
    CHECK_INT(ferry_run(interrupted), ==, 12);
    struct sigaction action;
    sigaction(SIGINT, NULL, &action);
    CHECK(action.sa_handler == SIG_DFL);
    CHECK_INT(ferry_run(interrupted), ==, 12); /* and counts anew in the next run */
}

static int stuck(void)
{
    CHECK_INT(kill(getpid(), SIGINT), ==, 0);
    CHECK_INT(ferry_sleep(INFINITY), ==, -ECANCELED);
    CHECK_INT(kill(getpid(), SIGINT), ==, 0);
    for (;;)
        continue; /* the loop never turns again */
    return 0;
}

TEST(the_second_sigint_ends_the_process)
{
    pid_t pid = fork();
    if (pid == 0)
        _exit(ferry_run(stuck));
    int status = 0;
    CHECK_INT(waitpid(pid, &status, 0), ==, pid);
    CHECK(WIFSIGNALED(status));
    CHECK_INT(WTERMSIG(status), ==, SIGINT);
}

static void own_handler(int number)
{
    got[number]++;
}

static int with_own_handler(void)
{
    CHECK_INT(kill(getpid(), SIGINT), ==, 0);
    CHECK_INT(ferry_sleep(0.001), ==, 0);
    return 1;
}

static int with_loop_handler(void)
{
    CHECK_INT(ferry_loop_add_signal_handler(SIGINT, on_signal, got), ==, 0);
    for (int i = 1; i <= 3; i++) {
        CHECK_INT(kill(getpid(), SIGINT), ==, 0);
        CHECK_INT(ferry_sleep(0.002), ==, 0);
        CHECK_INT(got[SIGINT], ==, i);
    }
    return 2;
}

TEST(sigint_of_the_users_own)
{
    CHECK_INT(ferry_run(with_loop_handler), ==, 2);
    struct sigaction now;
    sigaction(SIGINT, NULL, &now);
    CHECK(now.sa_handler == SIG_DFL);
    got[SIGINT] = 0;
    signal(SIGINT, own_handler);
    CHECK_INT(ferry_run(with_own_handler), ==, 1);
    CHECK_INT(got[SIGINT], ==, 1);
    sigaction(SIGINT, NULL, &now);
    CHECK(now.sa_handler == own_handler);
    signal(SIGINT, SIG_DFL);
    ferry_run_options options = {.keep_sigint = true};
    pid_t pid = fork();
    if (pid == 0)
        _exit(ferry_run_with(&options, with_own_handler));
    int status = 0;
    CHECK_INT(waitpid(pid, &status, 0), ==, pid);
    CHECK(WIFSIGNALED(status));
}

/* What the program installs in the meantime is its own, and stays. */
static int install_own(int number)
{
    if (number != SIGINT)
        CHECK_INT(ferry_loop_add_signal_handler(number, on_signal, got), ==, 0);
    signal(number, own_handler);
    return 0;
}

static int install_and_remove(void)
{
    CHECK_INT(install_own(SIGUSR2), ==, 0);
    CHECK_INT(ferry_loop_remove_signal_handler(SIGUSR2), ==, 1);
    CHECK_INT(raise(SIGUSR2), ==, 0);
    CHECK_INT(got[SIGUSR2], ==, 1);
    return 0;
}

TEST(a_handler_that_the_program_installed_meanwhile_stays)
{
    int numbers[] = {SIGINT, SIGUSR1};
    for (int i = 0; i < 2; i++) {
        struct sigaction now;
        CHECK_INT(ferry_run(install_own, numbers[i]), ==, 0);
        sigaction(numbers[i], NULL, &now);
        CHECK(now.sa_handler == own_handler);
    }
    CHECK_INT(ferry_run(install_and_remove), ==, 0);
}

static int storm(void)
{
    CHECK_INT(ferry_loop_add_signal_handler(SIGUSR1, on_signal, got), ==, 0);
    for (int i = 0; i < 2000; i++) {
        kill(getpid(), SIGUSR1);
        if (i % 10 == 0)
            CHECK_INT(ferry_sleep(0), ==, 0);
    }
    CHECK_INT(ferry_sleep(0.005), ==, 0);
    CHECK_INT(got[SIGUSR1], >=, 200);
    return 0;
}

TEST(many_signals)
{
    CHECK_INT(ferry_run(storm), ==, 0);
}

TEST_MAIN
