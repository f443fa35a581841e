/* SPDX-License-Identifier: MIT */
/*
 * Locks: one task at a time.
 *
 *     static ferry_lock lock = FERRY_LOCK_INIT;
 *
 *     FERRY_WITH_LOCK(&lock) {
 *         int was = balance;
 *         ferry_to_thread(fsync, fd); // others run meanwhile, but none is in here
 *         balance = was + 1;
 *     } else {
 *         return -1; // cancelled, or out of time
 *     }
 *
 * Between two waits nothing else runs on a loop: a lock is for what holds across a wait. It is
 * between tasks of one loop; with other loops, threads or calls on workers: ferry/threadsafe.h.
 *
 * Fair: released, it goes to the task that has waited longest, at once; nobody overtakes. A cancel
 * loses nothing: a wait that says it was interrupted hasn't got the lock, and the next in the line
 * gets it. An acquire in a task that is cancelled or out of time says so, even when the lock is
 * free.
 *
 * It belongs to the task that acquired it, and nobody else can release it, unlike asyncio's: where
 * one task takes and another gives back, use a semaphore of 1. A task that ends while it holds a
 * lock leaves it locked; debug mode names the place.
 *
 * Errors of an acquire: ECANCELED the task is cancelled, and the lock not acquired; ETIMEDOUT a
 * time limit has run out, likewise; EDEADLK this task holds it already; EPERM outside a task, or
 * the lock is in use on another loop; EINVAL it is NULL.
 */
#ifndef FERRY_LOCK_H
#define FERRY_LOCK_H

#include <ferry/call.h>
#include <ferry/scope.h>
#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/*
 * A lock, in place. For static and automatic variables and in structs. Zeroed memory is an open
 * lock. Not to be copied.
 */
typedef struct ferry_lock {
    uint64_t ferry__words[8];
} ferry_lock;
#define FERRY_LOCK_INIT \
    {                   \
        {               \
            0           \
        }               \
    }

/*
 * Makes an open lock of any memory, or ends its life. Neither is needed where FERRY_LOCK_INIT is
 * used. deinit: the lock must be open, or the program ends with a sentence; NULL is fine.
 *
 *     ferry_lock own;
 *     ferry_lock_init(&own);
 *     ferry_lock_deinit(&own);
 *
 * Errors: none.
 * Any thread; never suspends.
 */
void ferry_lock_init(ferry_lock *lock);
void ferry_lock_deinit(ferry_lock *lock);

/*
 * int ferry_lock_acquire(ferry_lock *lock)
 *
 * Waits until the lock is this task's.
 *
 *     if (ferry_lock_acquire(&lock) == 0) {
 *         balance++;
 *         ferry_lock_release(&lock);
 *     }
 *
 * Returns 0, or a negative errno.
 * Errors: those of an acquire.
 * From a task; suspends when another holds it.
 */
#define ferry_lock_acquire(lock) ferry__lock_acquire((lock), FERRY__HERE)

/*
 * Gives the lock to the next in the line, or opens it. No cancel makes it fail.
 *
 * Returns 0, or a negative errno.
 * Errors: EPERM this task doesn't hold it, and nothing happens; EINVAL it is NULL.
 * From the task that holds it; never suspends.
 */
int ferry_lock_release(ferry_lock *lock);

/*
 * Whether somebody holds the lock.
 *
 *     if (ferry_lock_locked(&lock))
 *         puts("it would wait");
 *
 * Returns true when somebody does.
 * Errors: none.
 * From the lock's loop; never suspends.
 */
bool ferry_lock_locked(const ferry_lock *lock);

/*
 * FERRY_WITH_LOCK(ferry_lock *lock) { ... } else { ... }
 *
 * Holds a lock for a block. At the closing brace, or when the block is left by break, return or
 * goto (in C++ an exception), it is released. The else arm runs when it was not acquired, and errno
 * says why: write it, or the block is skipped in silence. (Inside a loop of yours, break and
 * continue leave this block, not the loop.)
 *
 * Errors: those of an acquire.
 * From a task; entering suspends when another holds it.
 */
#define FERRY_WITH_LOCK(lock) FERRY__WITH_LOCK(FERRY__JOIN(ferry__with_, __COUNTER__), (lock))

/* What the macros call. */
int ferry__lock_acquire(ferry_lock *lock, const char *place) __attribute__((warn_unused_result));

struct ferry__with_lock {
    ferry_lock *lock; /* NULL: not acquired */
};
struct ferry__with_lock *ferry__with_lock_open(struct ferry__with_lock *with, ferry_lock *lock,
                                               const char *place);
void ferry__with_lock_close(struct ferry__with_lock *with);

#define FERRY__WITH_LOCK(frame, acquired)                                                   \
    for (struct ferry__with_lock frame __attribute__((cleanup(ferry__with_lock_close))),    \
         *FERRY__JOIN(frame, _once) = ferry__with_lock_open(&frame, acquired, FERRY__HERE); \
         FERRY__JOIN(frame, _once); FERRY__JOIN(frame, _once) = FERRY__NULL)                \
        if (frame.lock)

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#endif
