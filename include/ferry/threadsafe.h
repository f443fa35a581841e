/* SPDX-License-Identifier: MIT */
/*
 * Locks, events and semaphores between tasks of any loops, calls on workers and threads.
 *
 *     static ferry_threadsafe_lock counting = FERRY_THREADSAFE_LOCK_INIT;
 *
 *     static int count_one(long *counter) // a call on a worker, or a task's function
 *     {
 *         FERRY_WITH_THREADSAFE_LOCK(&counting) {
 *             ++*counter;
 *         } else {
 *             return -1; // cancelled, or out of time
 *         }
 *         return 0;
 *     }
 *
 * Where a task waits, the task is suspended and its loop goes on; a thread that runs no loop (a
 * call on a worker is on such a thread) blocks. A callback of a loop can do neither: what may wait
 * says -EDEADLK there, whether or not it would have to, and the others (release, set, _nowait) do
 * what they do. Both kinds of wait are interrupted, a task's by a cancel or a time limit, a
 * thread's by a FERRY_TIMEOUT of its own (ferry/scope.h): they say so even where they could succeed
 * at once.
 *
 * Fair: a lock, a permit goes to whoever has waited longest, task or thread, at once; nobody
 * overtakes. An interruption loses nothing: a wait that says it was interrupted has got nothing,
 * and one that was given something at that moment says 0.
 *
 * Between tasks of one loop alone the types without `threadsafe` do, and cost less. They are for
 * any thread, but not for a signal handler. What is destroyed may be so as soon as all who waited
 * have come back: a set or release in another thread doesn't touch it any more once its effect is
 * seen.
 *
 * Errors of a threadsafe wait: ECANCELED the task is cancelled, and nothing is taken; ETIMEDOUT a
 * time limit of the task or thread has run out, likewise; EDEADLK in a callback of a loop; EINVAL
 * it is NULL.
 */
#ifndef FERRY_THREADSAFE_H
#define FERRY_THREADSAFE_H

#include <ferry/call.h>
#include <ferry/scope.h>
#include <limits.h>
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
typedef struct ferry_threadsafe_lock {
    uint64_t ferry__words[5];
} ferry_threadsafe_lock;
#define FERRY_THREADSAFE_LOCK_INIT \
    {                              \
        {                          \
            0                      \
        }                          \
    }

/*
 * Makes an open lock of any memory, or ends its life. Neither is needed where
 * FERRY_THREADSAFE_LOCK_INIT is used. deinit: the lock must be open, or the program ends with a
 * sentence; NULL is fine.
 *
 *     ferry_threadsafe_lock own;
 *     ferry_threadsafe_lock_init(&own);
 *     ferry_threadsafe_lock_deinit(&own);
 *
 * Errors: none.
 * Any thread; never suspends.
 */
void ferry_threadsafe_lock_init(ferry_threadsafe_lock *lock);
void ferry_threadsafe_lock_deinit(ferry_threadsafe_lock *lock);

/*
 * Waits until the lock belongs to the caller. That is a task, or a thread outside tasks (so the
 * next call on the same worker must not find it held: release it before the call returns). A task
 * may hold it across waits. Not held by others, it costs one compare-and-swap.
 *
 *     if (ferry_threadsafe_lock_acquire(&thread_lock) == 0) {
 *         balance++;
 *         ferry_threadsafe_lock_release(&thread_lock);
 *     }
 *
 * Returns 0, or a negative errno.
 * Errors: those of a threadsafe wait; EDEADLK also when the caller holds it already.
 * Any thread; suspends a task, blocks a thread, while another holds it.
 */
int ferry_threadsafe_lock_acquire(ferry_threadsafe_lock *lock) __attribute__((warn_unused_result));

/*
 * Takes the lock if nobody holds it. Interruptions aren't asked for. In a callback the lock becomes
 * the thread's, outside tasks.
 *
 *     if (ferry_threadsafe_lock_acquire_nowait(&thread_lock) == -EAGAIN)
 *         puts("somebody holds it");
 *
 * Returns 0, or a negative errno.
 * Errors: EAGAIN somebody else holds it; EDEADLK the caller holds it already; EINVAL it is NULL.
 * Any thread, a callback of a loop too; never suspends or blocks.
 */
int ferry_threadsafe_lock_acquire_nowait(ferry_threadsafe_lock *lock)
    __attribute__((warn_unused_result));

/*
 * Gives the lock to the next in the line, or opens it. No cancel makes it fail.
 *
 *     ferry_threadsafe_lock_release(&thread_lock);
 *
 * Returns 0, or a negative errno.
 * Errors: EPERM the caller doesn't hold it, and nothing happens; EINVAL it is NULL.
 * Any thread; never suspends or blocks.
 */
int ferry_threadsafe_lock_release(ferry_threadsafe_lock *lock);

/*
 * Whether somebody holds the lock.
 *
 *     if (ferry_threadsafe_lock_locked(&thread_lock))
 *         puts("it would wait");
 *
 * Returns true when somebody does: a moment's truth.
 * Errors: none.
 * Any thread; never suspends or blocks.
 */
bool ferry_threadsafe_lock_locked(const ferry_threadsafe_lock *lock);

/*
 * FERRY_WITH_THREADSAFE_LOCK(ferry_threadsafe_lock *lock) { ... } else { ... }
 *
 * Holds a lock for a block. At the closing brace, or when the block is left by break, return or
 * goto (in C++ an exception), it is released. The else arm runs when it was not acquired, and errno
 * says why: write it, or the block is skipped in silence. (Inside a loop of yours, break and
 * continue leave this block, not the loop.)
 *
 * Errors: those of a threadsafe wait; EDEADLK also when the caller holds it already.
 * Any thread; entering suspends a task, blocks a thread, while another holds it.
 */
#define FERRY_WITH_THREADSAFE_LOCK(lock)                                                        \
    FERRY__WITH_THREADSAFE(FERRY__JOIN(ferry__with_, __COUNTER__), ferry__with_threadsafe_lock, \
                           (lock))

/* An event, in place. Zeroed memory is an event that is clear. Not to be copied. */
typedef struct ferry_threadsafe_event {
    uint64_t ferry__words[4];
} ferry_threadsafe_event;
#define FERRY_THREADSAFE_EVENT_INIT \
    {                               \
        {                           \
            0                       \
        }                           \
    }

/*
 * Makes a clear event of any memory, or ends its life. Neither is needed where
 * FERRY_THREADSAFE_EVENT_INIT is used. deinit: nobody may wait, or the program ends with a
 * sentence; NULL is fine.
 *
 *     ferry_threadsafe_event ready;
 *     ferry_threadsafe_event_init(&ready);
 *     ferry_threadsafe_event_set(&ready); // in another thread
 *     if (ferry_threadsafe_event_wait(&ready) == 0)
 *         ferry_threadsafe_event_deinit(&ready);
 *
 * Errors: none.
 * Any thread; never suspends.
 */
void ferry_threadsafe_event_init(ferry_threadsafe_event *event);
void ferry_threadsafe_event_deinit(ferry_threadsafe_event *event);

/*
 * Sets the event. All who wait go on, and who waits later goes on at once. Who was waiting goes on
 * even if it is cleared before they run. The event may lie in the frame of who waits for it: it may
 * be gone when this returns.
 *
 * Returns 0, or a negative errno.
 * Errors: EINVAL it is NULL.
 * Any thread; never suspends or blocks.
 */
int ferry_threadsafe_event_set(ferry_threadsafe_event *event);

/*
 * Clears the event, so that waits wait from now on.
 *
 *     ferry_threadsafe_event_clear(&event);
 *
 * Returns 0, or a negative errno.
 * Errors: EINVAL it is NULL.
 * Any thread; never suspends or blocks.
 */
int ferry_threadsafe_event_clear(ferry_threadsafe_event *event);

/*
 * Whether the event is set. What was written before it was set is seen.
 *
 *     if (!ferry_threadsafe_event_is_set(&event))
 *         puts("not yet");
 *
 * Returns true when it is: a moment's truth.
 * Errors: none.
 * Any thread; never suspends or blocks.
 */
bool ferry_threadsafe_event_is_set(const ferry_threadsafe_event *event);

/*
 * Waits until the event is set.
 *
 * Returns 0, or a negative errno.
 * Errors: those of a threadsafe wait.
 * Any thread; suspends a task, blocks a thread, unless it is set.
 */
int ferry_threadsafe_event_wait(ferry_threadsafe_event *event) __attribute__((warn_unused_result));

/* A semaphore, in place. Not to be copied. */
typedef struct ferry_threadsafe_semaphore {
    uint64_t ferry__words[4];
    int64_t ferry__bound;
} ferry_threadsafe_semaphore;

/*
 * A semaphore with n permits, fewer than 2^60. The bounded one says -EOVERFLOW to a release that
 * nobody acquired for; it writes n twice. (A negative n: what uses it says EINVAL.)
 */
#define FERRY_THREADSAFE_SEMAPHORE_INIT(n) FERRY__THREADSAFE_SEMAPHORE(n, FERRY__PERMITS)
#define FERRY_THREADSAFE_BOUNDED_SEMAPHORE_INIT(n) FERRY__THREADSAFE_SEMAPHORE(n, n)

/*
 * Makes a semaphore of any memory, or ends its life. Neither is needed where the initializers are
 * used. deinit: nobody may wait, or the program ends with a sentence; NULL is fine.
 *
 *     ferry_threadsafe_semaphore own;
 *     ferry_threadsafe_semaphore_init(&own, 5);
 *     ferry_threadsafe_semaphore_deinit(&own);
 *
 * Returns 0, or a negative errno.
 * Errors: EINVAL the value is negative, or too large.
 * Any thread; never suspends.
 */
int ferry_threadsafe_semaphore_init(ferry_threadsafe_semaphore *semaphore, long value);
int ferry_threadsafe_bounded_semaphore_init(ferry_threadsafe_semaphore *semaphore, long value);
void ferry_threadsafe_semaphore_deinit(ferry_threadsafe_semaphore *semaphore);

/*
 * Takes a permit, waiting for one.
 *
 *     if (ferry_threadsafe_semaphore_acquire(&permits) == 0) {
 *         fetch_user(url, &user);
 *         ferry_threadsafe_semaphore_release(&permits);
 *     }
 *
 * Returns 0, or a negative errno.
 * Errors: those of a threadsafe wait; EINVAL also when it was made of a negative number.
 * Any thread; suspends a task, blocks a thread, when there is none.
 */
int ferry_threadsafe_semaphore_acquire(ferry_threadsafe_semaphore *semaphore)
    __attribute__((warn_unused_result));

/*
 * Takes a permit if there is one. Interruptions aren't asked for.
 *
 *     if (ferry_threadsafe_semaphore_acquire_nowait(&permits) == -EAGAIN)
 *         puts("all are in use");
 *
 * Returns 0, or a negative errno.
 * Errors: EAGAIN there is none; EINVAL it is NULL, or was made of a negative number.
 * Any thread, a callback of a loop too; never suspends or blocks.
 */
int ferry_threadsafe_semaphore_acquire_nowait(ferry_threadsafe_semaphore *semaphore)
    __attribute__((warn_unused_result));

/*
 * Gives a permit to the next in the line, or back. Whoever acquired it; no cancel makes it fail.
 *
 * Returns 0, or a negative errno.
 * Errors: EOVERFLOW a bounded one has all its permits, and nothing happens; EINVAL it is NULL, or
 * was made of a negative number.
 * Any thread; never suspends or blocks.
 */
int ferry_threadsafe_semaphore_release(ferry_threadsafe_semaphore *semaphore);

/*
 * Whether an acquire would wait.
 *
 *     if (ferry_threadsafe_semaphore_locked(&permits))
 *         puts("all are in use");
 *
 * Returns true when it would: a moment's truth.
 * Errors: none.
 * Any thread; never suspends or blocks.
 */
bool ferry_threadsafe_semaphore_locked(const ferry_threadsafe_semaphore *semaphore);

/*
 * FERRY_WITH_THREADSAFE_SEMAPHORE(ferry_threadsafe_semaphore *semaphore) { ... } else { ... }
 *
 * Holds a permit for a block. At the closing brace, or when the block is left by break, return or
 * goto (in C++ an exception), it is released. The else arm runs when it was not acquired, and errno
 * says why: write it, or the block is skipped in silence. (Inside a loop of yours, break and
 * continue leave this block, not the loop.)
 *
 *     FERRY_WITH_THREADSAFE_SEMAPHORE(&permits) {
 *         fetch_user(url, &user);
 *     } else {
 *         return -1;
 *     }
 *
 * Errors: those of a threadsafe wait; EINVAL also when it was made of a negative number.
 * Any thread; entering suspends a task, blocks a thread, when there is none.
 */
#define FERRY_WITH_THREADSAFE_SEMAPHORE(semaphore)                 \
    FERRY__WITH_THREADSAFE(FERRY__JOIN(ferry__with_, __COUNTER__), \
                           ferry__with_threadsafe_semaphore, (semaphore))

/* What the macros are made of. */
#define FERRY__PERMITS (INT64_MAX >> 3)
#define FERRY__THREADSAFE_SEMAPHORE(n, bound)                              \
    {                                                                      \
        {FERRY__CAST(uint64_t, n) << 3, 0, 0, 0},                          \
            FERRY__CAST(int64_t, n) < 0 ? -1 : FERRY__CAST(int64_t, bound) \
    }

struct ferry__with_threadsafe_lock {
    ferry_threadsafe_lock *held; /* NULL: not acquired */
};
struct ferry__with_threadsafe_lock *
ferry__with_threadsafe_lock_open(struct ferry__with_threadsafe_lock *with,
                                 ferry_threadsafe_lock *lock);
void ferry__with_threadsafe_lock_close(struct ferry__with_threadsafe_lock *with);

struct ferry__with_threadsafe_semaphore {
    ferry_threadsafe_semaphore *held; /* NULL: no permit */
};
struct ferry__with_threadsafe_semaphore *
ferry__with_threadsafe_semaphore_open(struct ferry__with_threadsafe_semaphore *with,
                                      ferry_threadsafe_semaphore *semaphore);
void ferry__with_threadsafe_semaphore_close(struct ferry__with_threadsafe_semaphore *with);

#define FERRY__WITH_THREADSAFE(frame, kind, what)                               \
    for (struct kind frame __attribute__((cleanup(FERRY__JOIN(kind, _close)))), \
         *FERRY__JOIN(frame, _once) = FERRY__JOIN(kind, _open)(&frame, what);   \
         FERRY__JOIN(frame, _once); FERRY__JOIN(frame, _once) = FERRY__NULL)    \
        if (frame.held)

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#endif
