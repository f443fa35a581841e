/* SPDX-License-Identifier: MIT */
/*
 * Conditions: tasks wait, under a lock, until another says that something has changed.
 *
 *     static ferry_lock lock = FERRY_LOCK_INIT;
 *     static ferry_condition changed = FERRY_CONDITION_INIT(&lock);
 *
 *     FERRY_WITH_CONDITION(&changed) {
 *         while (stock == 0)
 *             if (ferry_condition_wait(&changed) < 0)
 *                 return -1; // the lock is held, and released by return
 *         stock--;
 *     } else {
 *         return -1;
 *     }
 *
 * The other one holds the lock too when it says so. Several conditions may share a lock. Fair: who
 * has waited longest is notified first. A notification is not lost to a cancel: a wait that says it
 * was interrupted was not notified.
 *
 * Errors of a condition: EPERM this task doesn't hold the lock, or tasks of another loop wait;
 * EINVAL the condition is NULL.
 */
#ifndef FERRY_CONDITION_H
#define FERRY_CONDITION_H

#include <ferry/lock.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/* A condition, in place. Over a lock, which must live at least as long. Not to be copied. */
typedef struct ferry_condition {
    ferry_lock *ferry__lock;
    uint64_t ferry__words[3];
} ferry_condition;
#define FERRY_CONDITION_INIT(lock) \
    {                              \
        (lock),                    \
        {                          \
            0                      \
        }                          \
    }

/*
 * Makes a condition of any memory, or ends its life. Neither is needed where FERRY_CONDITION_INIT
 * is used. deinit: nobody may wait, or the program ends with a sentence; NULL is fine. The lock
 * stays its owner's.
 *
 *     ferry_condition own;
 *     ferry_condition_init(&own, &lock);
 *     ferry_condition_deinit(&own);
 *
 * Errors: none.
 * Any thread; never suspends.
 */
void ferry_condition_init(ferry_condition *condition, ferry_lock *lock);
void ferry_condition_deinit(ferry_condition *condition);

/*
 * Gives up the lock, waits for a notification, and takes the lock again. The lock is held
 * afterwards, whatever it returns: taking it again is not interrupted. An interruption that was
 * there before gives up nothing; one that comes after the notification is told by the next wait.
 *
 * Returns 0, or a negative errno.
 * Errors: those of a wait; those of a condition.
 * From the task that holds the lock; suspends.
 */
int ferry_condition_wait(ferry_condition *condition) __attribute__((warn_unused_result));

/*
 * Waits until predicate(context) is true. It is called with the lock held, and must leave it so.
 *
 *     FERRY_WITH_CONDITION(&changed) {
 *         if (ferry_condition_wait_for(&changed, is_there, &stock) == 0)
 *             stock--;
 *     } else {
 *         return -1;
 *     }
 *
 * Returns 0: it is; else a negative errno.
 * Errors: those of a wait; those of a condition; EINVAL also for no predicate.
 * From the task that holds the lock; suspends unless it is true.
 */
typedef bool ferry_condition_predicate(void *context);
int ferry_condition_wait_for(ferry_condition *condition, ferry_condition_predicate *predicate,
                             void *context) __attribute__((warn_unused_result));

/*
 * Lets those who have waited longest go on, n of them or all. They do so one after the other once
 * the caller releases the lock. No cancel makes it fail.
 *
 *     FERRY_WITH_CONDITION(&changed) {
 *         stock++;
 *         ferry_condition_notify(&changed, 1);
 *     } else {
 *         return -1;
 *     }
 *
 * Returns how many, or a negative errno.
 * Errors: those of a condition.
 * From the task that holds the lock; never suspends.
 */
int ferry_condition_notify(ferry_condition *condition, size_t n);
int ferry_condition_notify_all(ferry_condition *condition);

/*
 * int ferry_condition_acquire(ferry_condition *condition)
 * int ferry_condition_release(ferry_condition *condition)
 * bool ferry_condition_locked(const ferry_condition *condition)
 * FERRY_WITH_CONDITION(ferry_condition *condition) { ... } else { ... }
 *
 * The condition's lock, by another name. As ferry_lock_acquire, ferry_lock_release,
 * ferry_lock_locked and FERRY_WITH_LOCK.
 *
 * Returns 0 or a negative errno; locked: true when somebody holds it.
 * Errors: those of an acquire; EPERM also of release, when this task doesn't hold it.
 * From a task; acquire and entering the block suspend when another holds it.
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
