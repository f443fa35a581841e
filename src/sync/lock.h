/* SPDX-License-Identifier: MIT */
/*
 * A lock: who holds it, and the line of those who wait. The holder is known by its handle: a task
 * that ended with the lock is not mistaken for a later one in the same slot.
 *
 * A condition is built on the parts below: its notified waiters go over into the lock's line
 * without running in between.
 */
#ifndef FERRY_SYNC_LOCK_H
#define FERRY_SYNC_LOCK_H

#include "sync/line.h"

#include <ferry/lock.h>

struct ferry__lock {
    struct ferry__line line; /* first; sched: also of the holder */
    ferry_task *holder;      /* NULL: open */
    const char *place;       /* "file:line" of its acquire */
    ferry_task *refused;     /* whose acquire failed last, and where, for reports */
    const char *refused_at;
};

_Static_assert(sizeof(struct ferry__lock) <= sizeof(ferry_lock), "the public size");

/* Somebody in the line of a lock. */
struct ferry__acquirer {
    struct ferry__in_line waiter; /* first */
    const char *place;
    bool notified; /* a condition's: it was moved into this line */
};

static inline struct ferry__lock *ferry__lock_of(ferry_lock *user)
{
    return (struct ferry__lock *)(void *)user;
}

/* Whether this task holds it; `task` may be NULL. */
bool ferry__lock_held_by(const struct ferry__lock *lock, const struct ferry__task *task);
/* Takes an open lock: true. Else joins the line: false, and whoever unparks it has given it the
 * lock. */
bool ferry__lock_join(struct ferry__lock *lock, struct ferry__acquirer *acquirer,
                      struct ferry__task *task);
/* By the holder: to the next in the line, or open. */
void ferry__lock_pass_on(struct ferry__lock *lock);

#endif
