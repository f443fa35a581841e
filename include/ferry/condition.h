/* SPDX-License-Identifier: MIT */
/*
 * Conditions: tasks that hold a lock wait until another one, holding it too, says that something
 * has changed.
 *
 *     static ferry_lock lock = FERRY_LOCK_INIT;
 *     static ferry_condition changed = FERRY_CONDITION_INIT(&lock);
 *
 *     FERRY_WITH_CONDITION(&changed) {
 *         while (stock == 0)
 *             if (ferry_condition_wait(&changed) < 0)
 *                 return -1;                       the lock is held, and released by return
 *         stock--;
 *     } else {
 *         return -1;
 *     }
 *
 * Several conditions may share a lock. Fair: who has waited longest is notified first. A
 * notification is not lost to a cancel: a wait that says it was interrupted was not notified.
 *
 * All functions: EINVAL for NULL. On the loop of the lock's holder and of those who wait only;
 * EPERM where that is seen.
 */
#ifndef FERRY_CONDITION_H
#define FERRY_CONDITION_H

#include <ferry/lock.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/* In place. Not to be copied. */
typedef struct ferry_condition {
    ferry_lock *ferry__lock;
    uint64_t ferry__words[3];
} ferry_condition;

/* Over that lock, which must live at least as long. */
#define FERRY_CONDITION_INIT(lock) \
    {                              \
        (lock),                    \
        {                          \
            0                      \
        }                          \
    }

/* The same for any memory. deinit: nobody may wait, or the program ends with a sentence; NULL is
 * fine. The lock stays its owner's. Not needed where FERRY_CONDITION_INIT is used. */
void ferry_condition_init(ferry_condition *condition, ferry_lock *lock);
void ferry_condition_deinit(ferry_condition *condition);

/*
 * Gives up the lock, waits for a notification, and takes the lock again. 0; -ECANCELED, -ETIMEDOUT:
 * interrupted; -EPERM: this task doesn't hold the lock, or tasks of another loop wait. The lock is
 * held afterwards, whatever it returns: taking it again is not interrupted. An interruption that
 * was there before gives up nothing; one that comes after the notification is told by the next
 * wait. From the task that holds the lock. Suspends.
 */
int ferry_condition_wait(ferry_condition *condition) __attribute__((warn_unused_result));

/*
 * Waits until predicate(context) is true; it is called with the lock held, and must leave it so. 0:
 * it is; else as ferry_condition_wait, and EINVAL for no predicate.
 */
typedef bool ferry_condition_predicate(void *context);
int ferry_condition_wait_for(ferry_condition *condition, ferry_condition_predicate *predicate,
                             void *context) __attribute__((warn_unused_result));

/*
 * Lets those who have waited longest go on, n of them or all, one after the other once the caller
 * releases the lock. How many; -EPERM: this task doesn't hold the lock. From the task that holds
 * it. Never suspends, and no cancel makes it fail.
 */
int ferry_condition_notify(ferry_condition *condition, size_t n);
int ferry_condition_notify_all(ferry_condition *condition);

/*
 * int ferry_condition_acquire(ferry_condition *condition)
 * int ferry_condition_release(ferry_condition *condition)
 * bool ferry_condition_locked(const ferry_condition *condition)
 * FERRY_WITH_CONDITION(ferry_condition *condition) { ... } else { ... }
 *
 * The lock's own, by another name: see ferry/lock.h.
 */
#define ferry_condition_acquire(condition) ferry_lock_acquire((condition)->ferry__lock)
#define ferry_condition_release(condition) ferry_lock_release((condition)->ferry__lock)
#define ferry_condition_locked(condition) ferry_lock_locked((condition)->ferry__lock)
#define FERRY_WITH_CONDITION(condition) FERRY_WITH_LOCK((condition)->ferry__lock)

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#endif
