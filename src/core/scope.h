/* SPDX-License-Identifier: MIT */
/*
 * Scopes of a task, innermost first: time limits and shields.
 *
 *     task->scopes -> [limit 1 s] -> [shield] -> [limit 5 s] -> NULL        + task->cancels
 *
 * A wait looks from the innermost outwards, and stops at a shield: any limit that has run out on
 * the way interrupts it; if it comes to the end, an open cancel does, and goes before the limits.
 * Nothing is delivered or consumed: as long as it holds, each wait says so.
 *
 * When a limit is left, it is the one that expired only if what remains would not interrupt by
 * itself: so of two that ran out together it is the outer one, and under a cancel none.
 */
#ifndef FERRY_CORE_SCOPE_H
#define FERRY_CORE_SCOPE_H

#include "core/timers.h"

#include <ferry/scope.h>

struct ferry__task;

struct ferry__limit {
    struct ferry__timer timer; /* a task's */
    uint64_t deadline;         /* a thread looks at it itself: see core/thread_scope.h */
    struct ferry__limit *outer;
    struct ferry__task *task; /* NULL: outside a task */
    int says;                 /* what waits inside say: 0, or -ETIMEDOUT, -ECANCELED, -EINVAL */
    bool shield;
    bool timed;     /* a FERRY_TIMEOUT: ferry_timeout_expired is about it */
    bool on_thread; /* in the thread's chain. Neither this nor a task: it does nothing */
};

_Static_assert(sizeof(struct ferry__limit) <= sizeof(struct ferry__scope), "the public size");

/* Pushes a scope onto the running task's. */
void ferry__limit_enter(struct ferry__limit *limit, struct ferry__task *task);
/* Takes it out. Whether it interrupts, and nothing outside does. */
bool ferry__limit_leave(struct ferry__limit *limit);
/* What the limits from this one (or NULL) outwards to the next shield say. */
int ferry__limits_say(const struct ferry__limit *limit);
/* From now on waits inside say this. */
void ferry__limit_interrupt(struct ferry__limit *limit, int says);

#endif
