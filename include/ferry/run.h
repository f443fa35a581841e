/* SPDX-License-Identifier: MIT */
/*
 * ferry_run: where a program enters the loop.
 *
 *     static int async_main(int count, char **urls)
 *     {
 *         struct user user;
 *         if (count < 1)
 *             return 2;
 *         ferry_task *task = ferry_create_task(fetch_user, urls[0], &user);
 *         return ferry_await(int, task) < 0;
 *     }
 *
 *     int main(int count, char **words)
 *     {
 *         return ferry_run(async_main, count - 1, words + 1);
 *     }
 *
 * A thread runs at most one loop at a time. ferry_run makes it, runs your function as its first
 * task (the main task, with a stack of 8 MiB), and when that task has ended takes the loop down in
 * asyncio's order:
 *
 *   1. every task that is left is cancelled;
 *   2. the loop runs until they have ended, with one round more for the done callbacks of the last;
 *      those that they start meanwhile are cancelled too;
 *   3. failures nobody looked at go to the exception handler (ferry/loop.h), in debug mode also the
 *      tasks that nobody awaited;
 *   4. timers and callbacks that are left are dropped, and the loop closes.
 */
#ifndef FERRY_RUN_H
#define FERRY_RUN_H

#include <ferry/call.h>
#include <ferry/scope.h>
#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/*
 * Options of a loop. What is left zero has its default.
 *
 *   debug         debug mode: what the program probably does wrong (steps that hold the loop for
 *                 longer than 0.1 s, tasks never awaited, executors never shut down, locks held by
 *                 ended tasks, addresses in stacks that have ended) is reported to the exception
 *                 handler (ferry/loop.h), by default on stderr; see docs/debug-mode.md. False
 *                 leaves it to the environment: FERRY_DEBUG=1 is on
 *   stack_size    of a task in bytes, guard included; 256 KiB (1 MiB under sanitizers); the least
 *                 is 128 KiB
 *   main_stack    of the main task; 8 MiB
 *   backend       "epoll"; NULL: the best that the kernel has
 *   keep_sigint   leave SIGINT alone: see ferry_run
 *   shutdown_seconds  how long tasks that were cancelled at the loop's end may take to end; 0: for
 *                 ever. Then those that have not go to the exception handler, each with what it
 *                 waits for; the calls that run are listed on stderr (ferry_executor_report), and
 *                 those whose policy is to interrupt or abandon them are, inside FERRY_SHIELD too.
 *                 A task that waits for any other call is waited for all the same: what the call
 *                 works with lies on its stack, and no thread is cancelled
 */
typedef struct ferry_run_options {
    bool debug FERRY__ZERO;
    size_t stack_size FERRY__ZERO;
    size_t main_stack FERRY__ZERO;
    const char *backend FERRY__ZERO;
    bool keep_sigint FERRY__ZERO;
    double shutdown_seconds FERRY__ZERO;
} ferry_run_options;

/*
 * int ferry_run(fn, args...)
 * int ferry_run_with(const ferry_run_options *options, fn, args...)
 *
 * Runs fn(args...) as the main task of a new loop on this thread. It returns when the loop is down
 * again. fn returns int; arguments and types are checked as in an ordinary call.
 *
 * SIGINT, the asyncio way: on the process's main thread, and only where SIGINT still has its
 * default action, the first SIGINT cancels the main task (each wait of it then says -ECANCELED, so
 * that it can clean up) and a second one ends the process as by default. What was there before is
 * put back when ferry_run returns, unless the program has installed something else by then.
 *
 * Returns what fn returned. When ferry itself can't, it prints a sentence to stderr and returns 70
 * (EX_SOFTWARE) without having called fn, with errno set.
 * Errors: EDEADLK a loop runs on this thread, and goes on; ENOMEM no memory; EMFILE no descriptors;
 * EINVAL an unknown backend, or shutdown_seconds is NaN; EAGAIN 1023 loops are open.
 * Any thread that runs no loop; suspends nothing, blocks until the loop is down.
 */
#define ferry_run(...) FERRY__AWAITED(FERRY__RUN, NULL, NULL, 0, __VA_ARGS__)
#define ferry_run_with(options, ...) FERRY__AWAITED(FERRY__RUN, NULL, (options), 0, __VA_ARGS__)

/*
 * Runners: several runs on one loop, for programs that enter it now and then (asyncio.Runner).
 *
 *     FERRY_WITH_RUNNER(runner, .debug = true) {
 *         ferry_runner_run(runner, fetch_user, url, &user);
 *         puts("the loop stands still, and goes on in the next run");
 *         ferry_runner_run(runner, fetch_user, urls[1], &users[1]);
 *     } else {
 *         perror("runner");
 *     }
 *
 * What a run leaves behind (tasks, timers, callbacks, watched descriptors) stands still when it
 * returns and goes on in the next one; messages from other threads wait in the meantime. A runner
 * belongs to the thread that opened it. Between its runs the thread runs no loop: it may block, or
 * run others. ferry_run is open, one run, and close.
 *
 * The handle is a number with a generation, as a task's: one that was closed is told from a live
 * one.
 */
typedef struct ferry_runner ferry_runner;
struct ferry_loop;

/*
 * Opens a loop that doesn't run yet. options may be NULL.
 *
 *     ferry_runner *runner = ferry_runner_open(NULL);
 *     int result = ferry_runner_run(runner, fetch_user, url, &user);
 *     ferry_runner_close(runner);
 *
 * Returns the runner, or NULL; close it.
 * Errors: EINVAL an unknown backend, or shutdown_seconds is NaN; ENOMEM no memory; EMFILE no
 * descriptors; EAGAIN 1023 loops are open; EDEADLK a loop runs on this thread.
 * Any thread that runs no loop; never suspends.
 */
ferry_runner *ferry_runner_open(const ferry_run_options *options);

/*
 * int ferry_runner_run(ferry_runner *runner, fn, args...)
 *
 * Runs fn(args...) as the main task of the runner's loop, as ferry_run does. The handle of the main
 * task ends with it. SIGINT is handled while it runs.
 *
 * Returns what fn returned. When that can't be, a sentence on stderr and 70, with errno.
 * Errors: EDEADLK a loop runs on this thread; EPERM another thread opened the runner; ESHUTDOWN it
 * was closed; EINVAL it is none; ENOMEM no memory.
 * From the thread that opened it; blocks until fn has ended.
 */
#define ferry_runner_run(runner, ...) \
    FERRY__AWAITED(FERRY__RUNNER_RUN, (runner), NULL, 0, __VA_ARGS__)

/*
 * Takes the loop down, as at the end of ferry_run. Tasks that are left are cancelled and run until
 * they have ended.
 *
 * Returns 0, also when it was closed already, and for NULL; else a negative errno.
 * Errors: EDEADLK a loop runs on this thread; EPERM another thread opened the runner; EINVAL it is
 * none.
 * From the thread that opened it; blocks while tasks end.
 */
int ferry_runner_close(ferry_runner *runner);

/*
 * The runner's loop, for the *_threadsafe functions of ferry/loop.h. What they send while nothing
 * runs is delivered in the next run.
 *
 *     ferry_call_soon_threadsafe(ferry_runner_loop(runner), puts, "in the next run");
 *
 * Returns the loop, or NULL.
 * Errors: ESHUTDOWN the runner was closed; EINVAL it is none.
 * Any thread; never suspends.
 */
struct ferry_loop *ferry_runner_loop(const ferry_runner *runner);

/*
 * FERRY_WITH_RUNNER(name, .option = value, ...) { ... } else { ... }
 *
 * Opens a runner for a block. `name` is a ferry_runner * inside it, and however the block is left,
 * it is closed. The else arm runs when it could not be opened, and errno says why.
 *
 * Errors: EINVAL an unknown backend, or shutdown_seconds is NaN; ENOMEM no memory; EMFILE no
 * descriptors; EAGAIN 1023 loops are open; EDEADLK a loop runs on this thread.
 * Any thread that runs no loop; its end blocks while tasks end.
 */
#define FERRY_WITH_RUNNER(...) \
    FERRY__WITH_RUNNER(FERRY__JOIN(ferry__runner_, __COUNTER__), __VA_ARGS__, )

/* What the macro is made of. */
struct ferry__with_runner {
    ferry_runner *runner;
};
struct ferry__with_runner *ferry__with_runner_open(struct ferry__with_runner *with,
                                                   const ferry_run_options *options);
void ferry__with_runner_close(struct ferry__with_runner *with);

#define FERRY__WITH_RUNNER(frame, name, ...)                                                 \
    for (struct ferry__with_runner frame __attribute__((cleanup(ferry__with_runner_close))), \
         *FERRY__JOIN(frame, _once) =                                                        \
             ferry__with_runner_open(&frame, FERRY__RUN_OPTIONS(__VA_ARGS__));               \
         FERRY__JOIN(frame, _once); FERRY__JOIN(frame, _once) = FERRY__NULL)                 \
        for (ferry_runner *name = frame.runner; FERRY__JOIN(frame, _once);                   \
             FERRY__JOIN(frame, _once) = FERRY__NULL)                                        \
            if (name)

#pragma GCC visibility pop
#ifdef __cplusplus
}
static inline const ferry_run_options *ferry__run_options(const ferry_run_options &options)
{
    return &options;
}
#define FERRY__RUN_OPTIONS(...) ferry__run_options(ferry_run_options{__VA_ARGS__})
#else
#define FERRY__RUN_OPTIONS(...) (&__extension__(ferry_run_options){__VA_ARGS__})
#endif

#endif
