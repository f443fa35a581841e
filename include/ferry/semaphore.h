/* SPDX-License-Identifier: MIT */
/*
 * Semaphores: at most so many tasks at a time.
 *
 *     static ferry_semaphore connections = FERRY_SEMAPHORE_INIT(5);
 *
 *     FERRY_WITH_SEMAPHORE(&connections) {
 *         n = ferry_to_thread(fetch, url);
 *     } else {
 *         return -1;                                   cancelled, or out of time
 *     }
 *
 * Fair: a permit that is released goes to the task that has waited longest, at once; nobody
 * overtakes. A cancel loses no permit: a wait that says it was interrupted has none. An acquire in
 * a task that is cancelled or out of time says so, even when there are permits.
 *
 * Between tasks (and callbacks) of one loop; with threads, see ferry/threadsafe.h. What limits
 * calls on threads is an executor.
 *
 * All functions: EINVAL for NULL. On the loop of those who wait only; EPERM where that is seen.
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

/* In place. Not to be copied. */
typedef struct ferry_semaphore {
    uint64_t ferry__words[3];
    long ferry__value, ferry__bound;
} ferry_semaphore;

/* With n permits. The bounded one says -EOVERFLOW to a release that nobody acquired for; it writes
 * n twice. (A negative n: what uses it says EINVAL.) */
#define FERRY_SEMAPHORE_INIT(n)  \
    {                            \
        {0, 0, 0}, (n), LONG_MAX \
    }
#define FERRY_BOUNDED_SEMAPHORE_INIT(n) \
    {                                   \
        {0, 0, 0}, (n), (n)             \
    }

/* The same for any memory. 0; -EINVAL: negative. deinit: nobody may wait, or the program ends with
 * a sentence; NULL is fine. Not needed where the initializers above are used. */
int ferry_semaphore_init(ferry_semaphore *semaphore, long value);
int ferry_bounded_semaphore_init(ferry_semaphore *semaphore, long value);
void ferry_semaphore_deinit(ferry_semaphore *semaphore);

/* Takes a permit, waiting for one. 0; -ECANCELED, -ETIMEDOUT: interrupted, and none is taken;
 * -EPERM: outside a task. From a task. Suspends when there is none. */
int ferry_semaphore_acquire(ferry_semaphore *semaphore) __attribute__((warn_unused_result));

/* Gives a permit to the next in the line, or back. By any task or callback of the loop, whoever
 * acquired. 0; -EOVERFLOW: a bounded one has all its permits, and nothing happens; -EPERM: no loop
 * runs on this thread, or tasks of another wait. Never suspends, and no cancel makes it fail. */
int ferry_semaphore_release(ferry_semaphore *semaphore);

/* Whether an acquire would wait: ask this first in order to only try. */
bool ferry_semaphore_locked(const ferry_semaphore *semaphore);

/*
 * FERRY_WITH_SEMAPHORE(ferry_semaphore *semaphore) { ... } else { ... }
 *
 * Holds a permit for a block, as FERRY_WITH_LOCK (ferry/lock.h) a lock.
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
