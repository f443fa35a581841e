/* SPDX-License-Identifier: MIT */
/*
 * Somebody who waits: a task of any loop, or a thread that runs none. What is waited for (a future,
 * a lock, a queue) keeps its waiters in a list of its own, under a lock of its own; the waiter
 * stands in the frame of who waits.
 *
 *     who waits                                  who wakes, on any thread
 *
 *     ferry__wait_allowed, ferry__waiter_init
 *     [lock] puts it on the list [unlock]
 *     ferry__waiter_sleep                        [lock] takes it off the list [unlock]
 *         ...                                    gives what was waited for
 *         0  <---------------------------------- ferry__waiter_wake: the last touch
 *
 * The law. Whoever takes a waiter off the list wakes it, once, without the lock. From then until it
 * is woken the waiter is the waker's: that it is woken is its last touch, and the frame may be gone
 * at once. So when an interruption ends the sleep, who waits looks, under the lock, whether it is
 * still on the list:
 *
 *     it is       takes itself off; nobody will wake it, nothing was given: the interruption counts
 *     it isn't    a waker has it, and wakes it in a moment: ferry__waiter_see_out waits for that;
 *                 what was given counts, and the interruption is left to the next wait
 *
 * There is no third case, as the list changes under its lock alone: nothing is given twice, and
 * nothing to somebody who has gone.
 *
 * How it is woken: a task of another loop by mail; one of this loop by unparking it; a thread by a
 * word that it sleeps on, a futex, which is woken by address.
 */
#ifndef FERRY_LOOP_WAITER_H
#define FERRY_LOOP_WAITER_H

#include "base/atomic.h"
#include "loop/mailbox.h"

#include <stdbool.h>
#include <stdint.h>

struct ferry_loop;
struct ferry__task;

struct ferry__waiter {
    /* the list's, under its lock */
    struct ferry__waiter *next, *previous;
    uint64_t listed; /* 0: on none; else see loop/waiters.h */
    /* constant once it waits */
    struct ferry_loop *loop; /* NULL: a thread */
    struct ferry__task *task;
    /* on its way from another thread: the waker's until it is delivered */
    struct ferry__mail mail;
    bool woken;         /* the task's loop thread only */
    atomic_uint roused; /* a thread sleeps on this: 0 -> 1 by the waker, release */
};

/* What a wait of the running task, or of a thread without a loop, would say at once: 0, -ECANCELED,
 * -ETIMEDOUT; -EDEADLK in a callback of a loop, where waiting would stop it for ever. Sets errno.
 */
int ferry__wait_allowed(void);

/* Of whoever may wait here. */
void ferry__waiter_init(struct ferry__waiter *waiter);
/* Both: what the first said, and initialized in any case. */
int ferry__waiter_begin(struct ferry__waiter *waiter);

/* Until it is woken: 0, errno as it was. Or until an interruption: see the law; sets errno.
 * Suspends a task, blocks a thread. `waits_on` as in ferry__park. */
int ferry__waiter_sleep(struct ferry__waiter *waiter, const char *waits_on);
/* After an interruption, when a waker has taken it off. */
void ferry__waiter_see_out(struct ferry__waiter *waiter, const char *waits_on);

/* Any thread; the waker's last touch. */
void ferry__waiter_wake(struct ferry__waiter *waiter);
/* The same of all that are linked by `next`, in that order. */
void ferry__waiters_wake(struct ferry__waiter *first);

#endif
