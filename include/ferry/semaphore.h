/* SPDX-License-Identifier: MIT */
/*
 * Semaphores: at most so many tasks at a time.
 *
 *     static ferry_semaphore connections = FERRY_SEMAPHORE_INIT(5);
 *
 *     FERRY_WITH_SEMAPHORE(&connections) {
 *         ferry_to_thread(fetch_user, url, &user);
 *     } else {
 *         return -1; // cancelled, or out of time
 *     }
 *
 * Fair: a permit that is released goes to the task that has waited longest, at once; nobody
 * overtakes. A cancel loses no permit: a wait that says it was interrupted has none. An acquire in
 * a task that is cancelled or out of time says so, even when there are permits.
 *
 * Between tasks (and callbacks) of one loop; with threads, see ferry/threadsafe.h. What limits
 * calls on threads is an executor.
 *
 * Errors of a permit: ECANCELED the task is cancelled, and none is taken; ETIMEDOUT a time limit
 * has run out, likewise; EPERM outside a task, or tasks of another loop wait; EINVAL the semaphore
 * is NULL, or was made of a negative number.
 */
#ifndef FERRY_SEMAPHORE_H
#define FERRY_SEMAPHORE_H

#include <ferry/call.h>
#include <ferry/scope.h>
#include <limits.h>
#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/* A semaphore, in place. Not to be copied. */
typedef struct ferry_semaphore {
    uint64_t ferry__words[3];
    long ferry__value, ferry__bound;
} ferry_semaphore;

/*
 * A semaphore with n permits. The bounded one says -EOVERFLOW to a release that nobody acquired
 * for; it writes n twice. (A negative n: what uses it says EINVAL.)
 */
#define FERRY_SEMAPHORE_INIT(n)  \
    {                            \
        {0, 0, 0}, (n), LONG_MAX \
    }
#define FERRY_BOUNDED_SEMAPHORE_INIT(n) \
    {                                   \
        {0, 0, 0}, (n), (n)             \
    }

/*
 * Makes a semaphore of any memory, or ends its life. Neither is needed where the initializers are
 * used. deinit: nobody may wait, or the program ends with a sentence; NULL is fine.
 *
 *     ferry_semaphore own;
 *     ferry_semaphore_init(&own, 5);
 *     ferry_semaphore_deinit(&own);
 *
 * Returns 0, or a negative errno.
 * Errors: EINVAL the value is negative.
 * Any thread; never suspends.
 */
int ferry_semaphore_init(ferry_semaphore *semaphore, long value);
int ferry_bounded_semaphore_init(ferry_semaphore *semaphore, long value);
void ferry_semaphore_deinit(ferry_semaphore *semaphore);

/*
 * Takes a permit, waiting for one.
 *
 *     if (ferry_semaphore_acquire(&connections) < 0)
 *         return -1;
 *     ferry_to_thread(fetch_user, url, &user);
 *     ferry_semaphore_release(&connections);
 *
 * Returns 0, or a negative errno.
 * Errors: those of a permit.
 * From a task; suspends when there is none.
 */
int ferry_semaphore_acquire(ferry_semaphore *semaphore) __attribute__((warn_unused_result));

/*
 * Gives a permit to the next in the line, or back. Whoever acquired it; no cancel makes it fail.
 *
 * Returns 0, or a negative errno.
 * Errors: EOVERFLOW a bounded one has all its permits, and nothing happens; EPERM no loop runs on
 * this thread, or tasks of another wait; EINVAL it is NULL.
 * From a task or a callback of the loop; never suspends.
 */
int ferry_semaphore_release(ferry_semaphore *semaphore);

/*
 * Whether an acquire would wait. Ask this first in order to only try.
 *
 *     if (ferry_semaphore_locked(&connections))
 *         puts("all are in use");
 *
 * Returns true when it would.
 * Errors: none.
 * From the semaphore's loop; never suspends.
 */
bool ferry_semaphore_locked(const ferry_semaphore *semaphore);

/*
 * FERRY_WITH_SEMAPHORE(ferry_semaphore *semaphore) { ... } else { ... }
 *
 * Holds a permit for a block. At the closing brace, or when the block is left by break, return or
 * goto (in C++ an exception), it is released. The else arm runs when it was not acquired, and errno
 * says why: write it, or the block is skipped in silence. (Inside a loop of yours, break and
 * continue leave this block, not the loop.)
 *
 * Errors: those of a permit.
 * From a task; entering suspends when there is none.
 */
#define FERRY_WITH_SEMAPHORE(semaphore) \
    FERRY__WITH_SEMAPHORE(FERRY__JOIN(ferry__with_, __COUNTER__), (semaphore))

/* What the macro calls. */
struct ferry__with_semaphore {
    ferry_semaphore *semaphore; /* NULL: no permit */
};
struct ferry__with_semaphore *ferry__with_semaphore_open(struct ferry__with_semaphore *with,
                                                         ferry_semaphore *semaphore);
void ferry__with_semaphore_close(struct ferry__with_semaphore *with);

#define FERRY__WITH_SEMAPHORE(frame, acquired)                                                     \
    for (struct ferry__with_semaphore frame __attribute__((cleanup(ferry__with_semaphore_close))), \
         *FERRY__JOIN(frame, _once) = ferry__with_semaphore_open(&frame, acquired);                \
         FERRY__JOIN(frame, _once); FERRY__JOIN(frame, _once) = FERRY__NULL)                       \
        if (frame.semaphore)

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#endif
