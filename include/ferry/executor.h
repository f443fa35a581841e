/* SPDX-License-Identifier: MIT */
/*
 * Executors: a limit and a queue for one kind of blocking call.
 *
 *     FERRY_WITH_EXECUTOR(http, .name = "http", .max_workers = 5) {
 *         for (int i = 0; i < 100; i++)
 *             tasks[i] = ferry_create_task(fetch_one, http, urls[i], &users[i]);
 *         ferry_gather(tasks, 100, results);
 *     } else {
 *         perror("executor");
 *     }
 *
 * An executor is not a set of threads. The threads, all alike, come from one store of the process;
 * the executor says how many of them may be busy with its calls at the same time, and in which
 * order its calls begin (as they came). So one executor per legacy library costs nothing, and a
 * slow library can't take the threads from a quick one. When a thread is free and several executors
 * wait for one, the one that has waited longest is served.
 *
 * Its queue may be bounded: with `max_queued` it is full when so many calls wait beyond the
 * max_workers that may run. What then becomes of one more, there are three ways:
 *
 *   wait for room   an awaited call, and a map: their task is suspended anyway, and the calls begin
 *                   in the order in which they were made. A cancel or a time limit ends it
 *   be refused      EAGAIN, at once: ferry_executor_submit, which never suspends, and an awaited
 *                   call whose options say FERRY_WHEN_FULL_REFUSE
 *   until a time    an awaited call with a queue_limit, or inside FERRY_TIMEOUT: ETIMEDOUT
 *
 * Of two classes of calls in one executor the normal ones begin first: those of the background
 * class only when no normal one waits. They share its max_workers and max_queued, and one that runs
 * is not stopped, so that a normal call may wait for its end. Between executors classes mean
 * nothing.
 *
 * An executor that sets an initializer, a finalizer, a stack size, CPUs or `lane` has threads of
 * its own, which end with it.
 *
 * All threads start with the CPUs that the process had when it began (of taskset, a container), not
 * with those of the loop's thread, which is often pinned to one of them.
 *
 * Where a function takes an executor, NULL means the default one: name "default", min(32, cores +
 * 4) calls at once, made at first use, never shut down.
 */
#ifndef FERRY_EXECUTOR_H
#define FERRY_EXECUTOR_H

#include <ferry/call.h>
#include <ferry/future.h>
#include <ferry/policy.h>
#include <ferry/scope.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

typedef struct ferry_executor ferry_executor;

/* Which calls of an executor begin first. */
typedef enum ferry_call_class {
    FERRY_CLASS_DEFAULT,   /* that of the executor; of an executor: normal */
    FERRY_CLASS_NORMAL,    /* in the order in which they came */
    FERRY_CLASS_BACKGROUND /* the same, but only when no normal one waits: perhaps never */
} ferry_call_class;

/*
 * Options of an executor. What is left zero has its default.
 *
 *   place         "file:line" for reports: filled in by the macros, ferry_executor_new too
 *   name          for reports, copied; "executor". Threads of its own bear it (ps -L, gdb), cut to
 *                 15 bytes; those that all share are called "ferry-worker"
 *   max_workers   calls at once, at most 65535; min(32, cores + 4)
 *   max_queued    calls that may wait beyond those, see above: the next submit is refused; 0: any
 *                 number
 *   initializer   run by each of its threads before its first call; when it returns a negative
 *                 number the executor is broken: its calls don't start and say ENOTRECOVERABLE
 *   finalizer     run by each of its threads before it ends
 *   argument      given to both
 *   stack_size    of its threads, in bytes; 8 MiB
 *   cpus          that its threads run on, as a list of numbers below 1024 and ranges: "0-3,8", as
 *                 in taskset -c; those of the process. If the system lets them run on none of
 *                 these, the executor is broken, as by its initializer
 *   lane          all calls on one and the same thread, in order: for libraries that are bound to
 *                 a thread. max_workers must be 0 or 1
 *   call_class    of its calls that say none themselves; FERRY_CLASS_BACKGROUND makes background
 *                 calls of submits and maps
 *   policy        of its awaited calls that say none themselves, with interrupt and discard and
 *                 their arguments: ferry/policy.h
 */
typedef struct ferry_executor_options {
    const char *place FERRY__ZERO;
    const char *name FERRY__ZERO;
    unsigned max_workers FERRY__ZERO;
    unsigned max_queued FERRY__ZERO;
    int (*initializer)(void *) FERRY__ZERO;
    void (*finalizer)(void *) FERRY__ZERO;
    void *argument FERRY__ZERO;
    size_t stack_size FERRY__ZERO;
    const char *cpus FERRY__ZERO;
    bool lane FERRY__ZERO;
    ferry_call_class call_class FERRY__ZERO;
    ferry_policy policy FERRY__ZERO;
    ferry_interrupt *interrupt FERRY__ZERO;
    void *interrupt_argument FERRY__ZERO;
    ferry_discard *discard FERRY__ZERO;
    void *discard_argument FERRY__ZERO;
} ferry_executor_options;

/*
 * Makes an executor. options may be NULL. Starts no thread yet. In debug mode one that was opened
 * on a loop's thread and is left when its ferry_run ends is reported. It isn't touched, since
 * another thread may use it. (A macro too, for the place; the function is there as well.)
 *
 *     ferry_executor_options options = {.name = "database", .lane = true};
 *     ferry_executor *database = ferry_executor_new(&options);
 *
 * Returns the executor, or NULL. Give it back with ferry_executor_free.
 * Errors: EINVAL a lane with max_workers above 1, more than 65535 workers, cpus that are no such
 * list, no class; ENOMEM no memory.
 * Any thread; never suspends.
 */
ferry_executor *ferry_executor_new(const ferry_executor_options *options);
#define ferry_executor_new(...) ferry__executor_new(FERRY__HERE, __VA_ARGS__)

/*
 * FERRY_WITH_EXECUTOR(name, .option = value, ...) { ... } else { ... }
 *
 * Makes an executor for a block. `name` is a ferry_executor * inside it. At the closing brace, or
 * when the block is left by break, return or goto (in C++ an exception), it is shut down, all its
 * calls being waited for, and freed. The else arm runs when it could not be made, and errno says
 * why: write it, or the block is skipped in silence. (Inside a loop of yours, break and continue
 * leave this block, not the loop.) In C++ the options stand in the order of the struct.
 *
 * Errors: EINVAL a lane with max_workers above 1, more than 65535 workers, cpus that are no such
 * list, no class; ENOMEM no memory.
 * Any thread; its end suspends a task, and blocks a thread that runs no loop.
 */
#define FERRY_WITH_EXECUTOR(...) \
    FERRY__WITH_EXECUTOR(FERRY__JOIN(ferry__executor_, __COUNTER__), __VA_ARGS__, )

/*
 * ferry_future *ferry_executor_submit(ferry_executor *executor, fn, args...)
 *
 * Queues fn(args...) and returns at once. The future gives the result: ferry_future_result(T,
 * future), from any task or thread. The arguments are copied now: scalars, pointers, structs of at
 * most 16 bytes. ferry_future_cancel takes the call out of the queue while it has not begun. Where
 * it should wait for room instead of being refused, await the call (ferry_run_in_executor, from a
 * thread without a loop too).
 *
 *     ferry_future *pending = ferry_executor_submit(executor, fetch_user, url, &user);
 *     int got = ferry_future_result(int, pending);
 *     ferry_future_free(pending);
 *
 * Returns the future, or NULL. Free it with ferry_future_free, which may be done before the call
 * has run.
 * Errors: ENOMEM no memory; EAGAIN the executor is full (max_queued), or the system gives no thread
 * and none lives; ESHUTDOWN the executor was shut down; ENOTRECOVERABLE its initializer failed.
 * Any thread, a worker included; never suspends.
 */
#define ferry_executor_submit(executor, ...) \
    ((ferry_future *)FERRY__DEFERRED(FERRY__SUBMIT, (executor), NULL, 0, __VA_ARGS__))

/*
 * Options of a shutdown. What is left zero has its default: wait, run what is queued, no limit.
 *
 *   no_wait         return at once; calls go on
 *   cancel_pending  calls that have not begun never do: they say ECANCELED. (Except those that have
 *                   no way to say so: see ferry/thread.h.)
 *   seconds         wait at most that long; 0: for ever
 *   interrupt       awaited calls whose policy is to interrupt them (ferry/policy.h) are: those
 *                   that run now, and those that wait when they begin. Outcome: interrupted, by
 *                   FERRY_LIMIT_SHUTDOWN
 *   detach          when the time is out (with no_wait: at once), give up on what still runs. The
 *                   tasks of awaited calls whose policy is to abandon them go on. Other tasks wait
 *                   on: what their calls work with lies on their stacks. ferry_executor_free then
 *                   returns at once; the memory lives until the last call has ended, and is given
 *                   back when some executor is made or freed after that
 */
typedef struct ferry_shutdown_options {
    bool no_wait FERRY__ZERO;
    bool cancel_pending FERRY__ZERO;
    double seconds FERRY__ZERO;
    bool interrupt FERRY__ZERO;
    bool detach FERRY__ZERO;
} ferry_shutdown_options;

/*
 * Takes no new calls from now on, then waits until the executor's calls have ended. New ones say
 * ESHUTDOWN. options may be NULL. Again is fine, after ETIMEDOUT too: nothing is lost, and
 * ferry_executor_running tells which calls still run. Time limits around it don't count: `seconds`
 * does. When it has run out, debug mode writes the report of ferry_executor_report to stderr.
 *
 * Harder from step to step:
 *
 *     ferry_shutdown_options drain = {.seconds = 10};
 *     ferry_shutdown_options end = {
 *         .cancel_pending = true, .seconds = 2, .interrupt = true, .detach = true};
 *     if (ferry_executor_shutdown(executor, &drain) == -ETIMEDOUT &&
 *         ferry_executor_shutdown(executor, &end) == -ETIMEDOUT)
 *         ferry_executor_report(executor, stderr);
 *
 * Returns 0, or a negative errno.
 * Errors: ETIMEDOUT time ran out and calls still run or wait; EDEADLK called by one of its own
 * calls, or by what one asked its task for (ferry_from_thread); EINVAL the default executor, or NaN
 * seconds; EPERM in a callback of the loop, without no_wait; ENOMEM some loop could not be told to
 * interrupt or abandon its calls: again is fine.
 * From a task; suspends, not interrupted by a cancel (a shutdown does not fail by one). From a
 * callback of the loop only with no_wait. From any other thread it blocks.
 */
int ferry_executor_shutdown(ferry_executor *executor, const ferry_shutdown_options *options);

/* One call that runs, as ferry_executor_running reports it. */
typedef struct ferry_running_call {
    const char *function; /* its name as written in the program */
    const char *place;    /* "file:line" */
    const char *executor; /* valid while the executor is */
    double seconds;       /* for how long it has been running */
    int thread;           /* the kernel's number of its thread, as ps -L shows it */
} ferry_running_call;

/*
 * Writes up to `room` calls that run now.
 *
 *     ferry_running_call calls[10];
 *     size_t running = ferry_executor_running(executor, calls, 10);
 *     for (size_t i = 0; i < running && i < 10; i++)
 *         printf("%s runs for %g s\n", calls[i].function, calls[i].seconds);
 *
 * Returns how many there are, which may be more than `room`.
 * Errors: none.
 * Any thread; never suspends.
 */
size_t ferry_executor_running(ferry_executor *executor, ferry_running_call *ret, size_t room);

/*
 * Writes a line for each call that runs now: function, place, executor, seconds, the kernel's
 * number of its thread, and the system call that this waits in. executor NULL: of all executors.
 *
 * In debug mode (of this thread's loop, or by FERRY_DEBUG=1) the return addresses on the thread's
 * stack follow, newest first, for addr2line. The stack is read, the thread not disturbed: a signal
 * would end system calls with EINTR. So some addresses may be left from calls that have returned,
 * and there are none for a call that computes.
 *
 *     ferry_executor_report(executor, stderr);
 *
 * Returns how many calls run.
 * Errors: none.
 * Any thread; never suspends. It reads /proc and writes to the file.
 */
size_t ferry_executor_report(ferry_executor *executor, FILE *file);

/*
 * How many calls wait in an executor's queue. With those that wait for room in it; what was
 * cancelled or taken back counts no more.
 *
 *     printf("%s: %zu wait\n", ferry_executor_name(executor), ferry_executor_queued(executor));
 *
 * Returns the number: a moment's truth.
 * Errors: none.
 * Any thread; never suspends.
 */
size_t ferry_executor_queued(ferry_executor *executor);

/*
 * Shuts an executor down, waiting, if that has not been done, and gives it back. Ends threads of
 * its own. NULL is fine. Nobody may use the executor any more. After a shutdown that detached it,
 * nothing is waited for. Else, where nobody can wait (a callback of the loop, one of its own calls)
 * and calls still run, the program ends with a sentence.
 *
 *     ferry_executor *own = ferry_executor_new(NULL);
 *     int got = ferry_run_in_executor(own, fetch_user, url, &user);
 *     ferry_executor_free(own);
 *
 * Errors: none.
 * From a task; suspends, never interrupted. From a thread without a loop it blocks.
 */
void ferry_executor_free(ferry_executor *executor);

/*
 * The name that an executor was made with.
 *
 * Returns the name, valid while the executor is.
 * Errors: none.
 * Any thread; never suspends.
 */
const char *ferry_executor_name(const ferry_executor *executor);

/* What the macros are made of. */
ferry_executor *ferry__executor_new(const char *place, const ferry_executor_options *options);
struct ferry__with_executor {
    ferry_executor *executor;
};
struct ferry__with_executor *ferry__with_executor_open(struct ferry__with_executor *with,
                                                       const ferry_executor_options *options);
void ferry__with_executor_close(struct ferry__with_executor *with);

#pragma GCC visibility pop
#ifdef __cplusplus
}
/* A temporary lives until the end of the whole expression: long enough to be read. */
static inline const ferry_executor_options *
ferry__executor_options(const ferry_executor_options &options)
{
    return &options;
}
#define FERRY__EXECUTOR_OPTIONS(...) \
    ferry__executor_options(ferry_executor_options{.place = FERRY__HERE, __VA_ARGS__})
#else
#define FERRY__EXECUTOR_OPTIONS(...) (&(ferry_executor_options){.place = FERRY__HERE, __VA_ARGS__})
#endif

#define FERRY__WITH_EXECUTOR(frame, name, ...)                                                   \
    for (struct ferry__with_executor frame __attribute__((cleanup(ferry__with_executor_close))), \
         *FERRY__JOIN(frame, _once) =                                                            \
             ferry__with_executor_open(&frame, FERRY__EXECUTOR_OPTIONS(__VA_ARGS__));            \
         FERRY__JOIN(frame, _once); FERRY__JOIN(frame, _once) = NULL)                            \
        for (ferry_executor *name = frame.executor; FERRY__JOIN(frame, _once);                   \
             FERRY__JOIN(frame, _once) = NULL)                                                   \
            if (name)

#endif
