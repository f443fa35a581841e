/* SPDX-License-Identifier: MIT */
/*
 * What happens to a call that runs when its task is cancelled or out of time.
 *
 *     ssize_t n = ferry_call_with(FERRY_OPTIONS(.policy = FERRY_POLICY_INTERRUPT, .run_limit = 2),
 *                                 read, fd, buffer, size); // -1 and EINTR after two seconds
 *
 * A call that still waits in its queue never starts (unless its type has no way to say so: see
 * ferry/thread.h). One that runs can't be undone; there are three policies:
 *
 *   wait        it runs to its end, and its result is delivered; the default, for short calls and
 *               for those that must not be torn
 *   interrupt   it is made to return early, and its result is delivered: by a function of yours
 *               (sqlite3_interrupt, PQcancel, shutdown of a socket, a flag), or by a signal, where
 *               the call ends with EINTR (read, accept, flock, nanosleep)
 *   abandon     its task goes on at once with the skip value; the call runs to its end, and its
 *               late result goes to a function of yours (getaddrinfo, a library without a way
 *               out). No argument may point into the task's stack
 *
 * No thread is ever cancelled (pthread_cancel): what a library holds at that moment would be held
 * for ever.
 *
 * Interrupting has two races by nature, and neither is the caller's business: the call may not
 * have reached what can be interrupted yet (so it is repeated, after 1, 2, 4 ... 64 ms, until the
 * call is over), and it may end at that very moment (a signal never reaches the worker's next
 * call; `interrupt` may be called in the instant in which the call ends, but has returned before
 * the awaiting statement goes on, so the handle it uses is there).
 *
 * Long calls of your own may ask from time to time whether they should stop: ferry_check_cancelled
 * in ferry/from_thread.h.
 *
 * Policies and the limits of a call are its task's business: where no loop runs nobody looks at
 * them, and the call is waited for (a FERRY_TIMEOUT of the thread counts while it is queued).
 */
#ifndef FERRY_POLICY_H
#define FERRY_POLICY_H

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

typedef enum ferry_policy {
    FERRY_POLICY_DEFAULT, /* that of the executor; of an executor: wait */
    FERRY_POLICY_WAIT,
    FERRY_POLICY_INTERRUPT,
    FERRY_POLICY_ABANDON
} ferry_policy;

/*
 * A function of yours that makes a running call return early; it gets its argument.
 *
 * It may be called several times for one call, never at the same time, and may block (as PQcancel
 * does): it runs on a thread of ferry's own.
 */
typedef void ferry_interrupt(void *argument);

/*
 * A function of yours that gets the late result of an abandoned call.
 *
 * `result` is the memory of a variable of the function's type (int * for an int). It runs on the
 * worker that ran the call.
 *
 *     static void close_late(void *result, void *unused)
 *     {
 *         (void)unused;
 *         close(*(int *)result);
 *     }
 */
typedef void ferry_discard(void *result, void *argument);

/*
 * Chooses the signal that interrupts calls; SIGURG if nobody does. It is for calls whose
 * policy names no function of yours. Its action must be the default or "ignore": the first such
 * call installs an empty handler without SA_RESTART, for good, so that a system call under way
 * gives -1 and EINTR. Workers have it unblocked during such calls only.
 *
 * Returns 0, or a negative errno.
 * Errors: EINVAL not a signal that can be used so; EBUSY it has a handler, or another one is in use
 * already.
 * Any thread; never suspends. Set it before the first such call.
 */
int ferry_set_interrupt_signal(int number);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#endif
