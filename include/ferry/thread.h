/* SPDX-License-Identifier: MIT */
/*
 * The bridge: a blocking C function, awaited from a task.
 *
 *     ssize_t n = ferry_to_thread(read, fd, buffer, size);
 *
 * The call is checked by the compiler as if it were written `read(fd, buffer, size)`, runs on a
 * worker thread with a stack of ordinary size, and its result comes back, of its own type, with its
 * errno; meanwhile the loop runs other tasks. The function is not changed, and nothing is
 * allocated: all that can be passed and returned by a call can be here (doubles, structs, variadic
 * functions, up to 32 arguments).
 *
 * Pointers are handed over as they are. Those into the calling task's stack are fine: the task
 * waits.
 *
 * When a call does not run. A call that is cancelled or out of time while it is still queued, or
 * whose executor was shut down, never starts: the skip value comes back (-1 for signed integers,
 * NULL for pointers), errno says why, and ferry_call_outcome() says it without doubt. A call that
 * already runs is waited for; its result is delivered, and the task's next wait reports the
 * interruption. Functions whose type has no skip value (void, unsigned, bool, floating, structs)
 * are never taken out of the queue; when one can't even be queued the program ends with a sentence.
 * With ferry_call_with and an outcome every type can be skipped: zero bytes come back. What else
 * can be done with a call that runs: ferry/policy.h.
 *
 * Where no loop runs on this thread (a half-migrated program, or inside another call on a worker)
 * ferry_to_thread simply calls the function. A callback of the loop can't wait, and may not call.
 *
 * What is thread-local inside a library stays on the worker; only errno is carried. So an error
 * that the library keeps per thread (dlerror, OpenSSL's queue) must be fetched on the same worker:
 * by `after`, by FERRY_WITH_WORKER, or on an executor that is a lane.
 *
 * Errors of a call: ECANCELED the task was cancelled before the call began, or its executor's
 * shutdown cancelled what was queued; ETIMEDOUT it ran out of time before the call began; ESHUTDOWN
 * the executor was shut down; ENOTRECOVERABLE its initializer failed, or it may run on none of
 * its CPUs; EAGAIN the system gives no
 * thread, and no worker lives, or its executor is full and the call's options say to be refused;
 * EOWNERDEAD the thread ended inside the call (pthread_exit); EPERM in
 * a callback of the loop.
 */
#ifndef FERRY_THREAD_H
#define FERRY_THREAD_H

#include <ferry/call.h>
#include <ferry/executor.h>
#include <ferry/policy.h>
#include <ferry/scope.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/*
 * T ferry_to_thread(fn, args...)
 *
 * Calls fn(args...) on a worker of the default executor and waits for its result.
 *
 * Returns what fn returned, with its errno; the skip value when it was not called.
 * Errors: those of a call.
 * From a task; suspends. From a thread that runs no loop it calls fn in place, which may block.
 */
#define ferry_to_thread(...) FERRY__AWAITED(FERRY__TO_THREAD, NULL, NULL, 0, __VA_ARGS__)

/*
 * T ferry_run_in_executor(ferry_executor *executor, fn, args...)
 *
 * Calls fn(args...) on a worker of that executor and waits for its result. NULL: the default one.
 *
 *     int got = ferry_run_in_executor(executor, fetch_user, url, &user);
 *
 * Where no loop runs, a call for an executor of its own is queued there all the same (it may be a
 * lane) and the thread blocks, a FERRY_TIMEOUT of that thread taking the call back while it has not
 * begun.
 *
 * Returns what fn returned, with its errno; the skip value when it was not called.
 * Errors: those of a call; EINVAL, EFAULT, ENOMEM and EBUSY as ferry_call_with, where the executor
 * has a policy; EDEADLK no loop runs here, or it is a call by what ferry_from_thread runs, and the
 * wait could never end, because the executor, and those that its calls wait for in turn, are full
 * of calls that wait like this one (a sentence on stderr names them).
 * From a task; suspends. From a thread that runs no loop it blocks.
 */
#define ferry_run_in_executor(executor, ...) \
    FERRY__AWAITED(FERRY__TO_THREAD, (executor), NULL, 0, __VA_ARGS__)

/*
 * Sets the executor of those calls of this loop's tasks that name none. (ferry_to_thread, NULL.)
 * NULL: the process's default one again. It stays yours, and must live until the loop has ended or
 * has another: set it from around the loop, or NULL before its block ends.
 *
 *     ferry_loop_set_default_executor(executor);
 *     ferry_to_thread(fetch_user, url, &user); // on that one
 *
 * Returns 0, or a negative errno.
 * Errors: EPERM no loop runs on this thread.
 * From a task or a callback of the loop; never suspends.
 */
int ferry_loop_set_default_executor(ferry_executor *executor);

/* What became of a call: did it run, and if not, why not; how long did it wait and run. */
typedef enum ferry_call_state {
    FERRY_CALL_DONE,          /* the function returned; its result is the call's */
    FERRY_CALL_NEVER_STARTED, /* it was not called; error says why */
    FERRY_CALL_DIED,          /* its thread ended inside it (pthread_exit) */
    FERRY_CALL_INTERRUPTED,   /* a signal or your function reached it; its result is what it
                                 returned */
    FERRY_CALL_ABANDONED,     /* it still runs; the skip value was returned */
    FERRY_CALL_LATE           /* as done, but it should have ended before */
} ferry_call_state;

/* Which limit it was that ended a call, or should have. */
typedef enum ferry_call_limit {
    FERRY_LIMIT_NONE,
    FERRY_LIMIT_CANCEL,  /* the task was cancelled, or a FERRY_TIMEOUT around the call ran out:
                           error tells them apart */
    FERRY_LIMIT_QUEUE,   /* queue_limit */
    FERRY_LIMIT_RUN,     /* run_limit */
    FERRY_LIMIT_SHUTDOWN /* its executor's shutdown, by interrupt or detach; or the end of its loop,
                            by shutdown_seconds */
} ferry_call_limit;

typedef struct ferry_outcome {
    ferry_call_state state;
    ferry_call_limit limit;
    int error;              /* an errno: why it did not start, or what ended it; 0 when done */
    double queue_seconds;   /* from the call to its start (or to its being given up) */
    double run_seconds;     /* inside the function (until it was abandoned) */
    double overrun_seconds; /* from when it should have ended to when it did */
} ferry_outcome;

/* What becomes of a call whose executor is full (max_queued). */
typedef enum ferry_when_full {
    FERRY_WHEN_FULL_WAIT,  /* it waits for room, in its turn; queue_limit counts that too */
    FERRY_WHEN_FULL_REFUSE /* it is not called: skip value and EAGAIN */
} ferry_when_full;

/*
 * Options of one call. What is left zero has its default.
 *
 *   executor         NULL: the default one
 *   outcome          filled in when the call is over; with it, a type without a skip value can be
 *                    skipped too
 *   after            runs right after the function on the same worker, with after_argument: to
 *                    fetch what the library keeps per thread (dlerror, ERR_get_error). errno is
 *                    saved before
 *   policy           what a cancel or a time limit does once it runs: ferry/policy.h
 *   interrupt        with interrupt_argument: for FERRY_POLICY_INTERRUPT; NULL: the executor's, and
 *                    if it has none, a signal
 *   discard          with discard_argument: for FERRY_POLICY_ABANDON; NULL: the executor's, and if
 *                    it has none, a late result is dropped
 *   queue_limit      seconds that it may wait in the queue: then it never starts (ETIMEDOUT); not
 *                    of a type without a skip value, unless there is an outcome
 *   run_limit        seconds that it may run: then its policy is applied (ETIMEDOUT). 0: no limit
 *   when_full        what becomes of it where its executor is full: it waits, or is refused
 *   call_class       FERRY_CLASS_BACKGROUND: it begins when no normal call of its executor waits;
 *                    the executor's
 */
typedef struct ferry_call_options {
    ferry_executor *executor FERRY__ZERO;
    ferry_outcome *outcome FERRY__ZERO;
    void (*after)(void *) FERRY__ZERO;
    void *after_argument FERRY__ZERO;
    ferry_policy policy FERRY__ZERO;
    ferry_interrupt *interrupt FERRY__ZERO;
    void *interrupt_argument FERRY__ZERO;
    ferry_discard *discard FERRY__ZERO;
    void *discard_argument FERRY__ZERO;
    double queue_limit FERRY__ZERO;
    double run_limit FERRY__ZERO;
    ferry_when_full when_full FERRY__ZERO;
    ferry_call_class call_class FERRY__ZERO;
} ferry_call_options;

/*
 * T ferry_call_with(ferry_call_options options, fn, args...)
 * ferry_call_options FERRY_OPTIONS(.option = value, ...)
 *
 * Calls fn(args...) on a worker, with options. They are a ferry_call_options variable, or
 * FERRY_OPTIONS in place; else as ferry_run_in_executor. Where no loop runs, policy and limits are
 * not looked at.
 *
 *     ferry_outcome outcome;
 *     double root = ferry_call_with(FERRY_OPTIONS(.outcome = &outcome), sqrt, 2.0);
 *     if (outcome.state == FERRY_CALL_DONE)
 *         printf("%g after %g s\n", root, outcome.run_seconds);
 *
 * Returns what fn returned, with its errno; the skip value, or with an outcome zero bytes of any
 * type, when it was not called.
 * Errors: those of a call; EDEADLK as ferry_run_in_executor; EINVAL a limit that is NaN or
 * negative, no policy, when_full or class, or to abandon a call that returns a struct; EFAULT to be
 * abandoned, but an argument points into the task's stack (a sentence says which call); ENOMEM a
 * call that can be abandoned takes one block of memory; EBUSY the interrupting signal has another
 * handler.
 * From a task; suspends. From a thread that runs no loop as ferry_run_in_executor, which blocks.
 */
#define ferry_call_with(options, ...) \
    FERRY__AWAITED(FERRY__CALL_WITH, NULL, FERRY__OPTIONS_AT(options), 0, __VA_ARGS__)
#define FERRY_OPTIONS(...) ((ferry_call_options){__VA_ARGS__})

/*
 * The outcome of the last call that this task had awaited.
 *
 *     int got = ferry_to_thread(fetch_user, url, &user);
 *     if (ferry_call_outcome().state != FERRY_CALL_DONE)
 *         perror("not called");
 *
 * Returns the outcome; all zero before the first call, and outside a task.
 * Errors: none.
 * Any thread; never suspends.
 */
ferry_outcome ferry_call_outcome(void);

/*
 * FERRY_WITH_WORKER(ferry_executor *executor) { ... } else { ... }
 *
 * Keeps one worker of the executor for this task until the block is left. NULL: the default one.
 * All ferry_to_thread calls inside, and those to the same executor, run on that one thread, in
 * order.
 *
 *     FERRY_WITH_WORKER(NULL) {
 *         void *module = ferry_to_thread(dlopen, path, RTLD_NOW);
 *         if (!module)
 *             puts(ferry_to_thread(dlerror));
 *     } else {
 *         perror("worker");
 *     }
 *
 * Entering waits like a call until a worker is free. A block inside another of the same executor
 * shares its worker, and never waits for it. The worker is taken from the others meanwhile:
 * don't wait for other things inside. When its thread ends inside a call (pthread_exit), the calls
 * that follow in the block say EOWNERDEAD. The else arm runs when no worker was to be had, and
 * errno says why. Where no loop runs, ferry_to_thread calls are made in place, on one thread
 * anyway, and the block runs.
 *
 * Errors: those of a call; ENOMEM no memory; EDEADLK as ferry_run_in_executor.
 * From a task; entering suspends. From a thread that runs no loop it does nothing but run the
 * block.
 */
#define FERRY_WITH_WORKER(executor) \
    FERRY__WITH_WORKER(FERRY__JOIN(ferry__worker_, __COUNTER__), (executor))

/* What the macros are made of. */
struct ferry__with_worker {
    void *words[24];
};
struct ferry__with_worker *ferry__with_worker_open(struct ferry__with_worker *with,
                                                   ferry_executor *executor);
int ferry__with_worker_held(const struct ferry__with_worker *with);
void ferry__with_worker_close(struct ferry__with_worker *with);

#define FERRY__WITH_WORKER(frame, executor)                                                  \
    for (struct ferry__with_worker frame __attribute__((cleanup(ferry__with_worker_close))), \
         *FERRY__JOIN(frame, _once) = ferry__with_worker_open(&frame, (executor));           \
         FERRY__JOIN(frame, _once); FERRY__JOIN(frame, _once) = NULL)                        \
        if (ferry__with_worker_held(&frame))

#pragma GCC visibility pop
#ifdef __cplusplus
}
static inline const ferry_call_options *ferry__options_at(const ferry_call_options &options)
{
    return &options;
}
#define FERRY__OPTIONS_AT(options) ferry__options_at(options)
#else
#define FERRY__OPTIONS_AT(options) (&(options))
#endif

#endif
