/* SPDX-License-Identifier: MIT */
/*
 * ferry_run: where a program enters the loop.
 *
 *     static int async_main(int count, char **words) { ... ferry_await(int, task); ... return 0; }
 *     int main(int count, char **words) { return ferry_run(async_main, count - 1, words + 1); }
 *
 * A thread runs at most one loop at a time. ferry_run makes it, runs your function as its first
 * task (the main task, with a stack of 8 MiB), and when that task has ended takes the loop down in
 * asyncio's order:
 *
 *   1. every task that is left is cancelled;
 *   2. the loop runs until they have ended; those that they start meanwhile are cancelled too;
 *   3. failures nobody looked at go to the exception handler (ferry/loop.h), in debug mode also the
 *      tasks that nobody awaited;
 *   4. timers and callbacks that are left are dropped, and the loop closes.
 */
#ifndef FERRY_RUN_H
#define FERRY_RUN_H

#include <ferry/call.h>
#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/*
 * Options of a loop; what is left zero has its default.
 *
 *   debug         debug mode, which is also on when the environment says FERRY_DEBUG=1: steps that
 *                 hold the loop for longer than 0.1 s and tasks that are never awaited are reported
 *                 to the exception handler (ferry/loop.h), by default on stderr; see
 *                 docs/debug-mode.md
 *   stack_size    of a task in bytes, guard included; 256 KiB (1 MiB under sanitizers); the least
 *                 is 128 KiB
 *   main_stack    of the main task; 8 MiB
 *   backend       "epoll"; NULL: the best that the kernel has
 *   keep_sigint   leave SIGINT alone: see below
 */
typedef struct ferry_run_options {
    bool debug FERRY__ZERO;
    size_t stack_size FERRY__ZERO;
    size_t main_stack FERRY__ZERO;
    const char *backend FERRY__ZERO;
    bool keep_sigint FERRY__ZERO;
} ferry_run_options;

/*
 * int ferry_run(fn, args...)
 * int ferry_run_with(const ferry_run_options *options, fn, args...)
 *
 * Runs fn(args...), which returns int, as the main task of a new loop on this thread, and returns
 * its result when the loop is down. Arguments and types are checked as in an ordinary call.
 *
 * Returns what fn returned. When ferry itself can't (no memory, no descriptors, a loop already runs
 * on this thread, an unknown backend), it prints a sentence to stderr and returns 70 (EX_SOFTWARE)
 * without having called fn, with errno set; inside a running loop errno is EDEADLK, and the running
 * loop goes on.
 *
 * SIGINT, the asyncio way: on the process's main thread, and only where SIGINT still has its
 * default action, the first SIGINT cancels the main task (each wait of it then says -ECANCELED, so
 * that it can clean up) and a second one ends the process as by default. What was there before is
 * put back when ferry_run returns.
 *
 * Any thread that runs no loop; suspends nothing, blocks until the loop is down.
 */
#define ferry_run(...) FERRY__AWAITED(FERRY__RUN, NULL, NULL, 0, __VA_ARGS__)
#define ferry_run_with(options, ...) FERRY__AWAITED(FERRY__RUN, NULL, (options), 0, __VA_ARGS__)

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#endif
