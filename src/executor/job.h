/* SPDX-License-Identifier: MIT */
/*
 * A job: one call on its way to a worker and back. Whoever hands it over owns its memory (a waiting
 * task's stack, or a future's block) and keeps it until `done` was called; `done` is the last touch
 * of whoever calls it, so the memory may be gone before it returns.
 *
 *            push                 a worker takes it              run returned
 *   (owner) ------> QUEUED ------------------------> RUNNING ------------------> done(DONE)
 *                     |                                  \ the thread ended ---> done(DIED)
 *                     | taken back by its owner, or by a shutdown that cancels
 *                     +--> the owner's again; a shutdown says done(NEVER_STARTED)
 *
 * Exactly one party moves a job out of QUEUED: see the slot law in queue.h.
 */
#ifndef FERRY_EXECUTOR_JOB_H
#define FERRY_EXECUTOR_JOB_H

#include "base/atomic.h"
#include "base/list.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>

enum ferry__job_end {
    FERRY__JOB_DONE,          /* run returned */
    FERRY__JOB_DIED,          /* the thread ended inside run (pthread_exit) */
    FERRY__JOB_NEVER_STARTED, /* a shutdown took it out of the queue */
    FERRY__JOB_BROKEN,        /* the executor's initializer failed: it never started */
    FERRY__JOB_REFUSED,       /* the system gives no thread, and none lives: it never started */
};

/* The errno that a caller hears. Nobody asks the executor for it: it may be gone by then. */
static inline int ferry__job_error(enum ferry__job_end end)
{
    static const int errors[] = {
        [FERRY__JOB_DONE] = 0,
        [FERRY__JOB_DIED] = EOWNERDEAD,
        [FERRY__JOB_NEVER_STARTED] = ECANCELED,
        [FERRY__JOB_BROKEN] = ENOTRECOVERABLE,
        [FERRY__JOB_REFUSED] = EAGAIN,
    };
    return errors[end];
}

struct ferry__job {
    /* constant from push to done */
    void (*run)(struct ferry__job *);
    void (*done)(struct ferry__job *, enum ferry__job_end);
    const char *site; /* "function\0file:line" of a string literal: for reports */
    bool must_run;    /* nothing could tell its caller that it did not: no shutdown takes it out */
    bool if_room;     /* is refused where its executor is full: nobody waits for its turn */
    uint8_t class;    /* ferry_call_class; push makes the executor's of DEFAULT */

    /* the queue's: under its lock while in a list, else see queue.h */
    union {
        struct ferry__list link;
        struct ferry__queue_slot *slot;
    };

    /* Law: written by the pushing thread before the push publishes it; `started` and `ended` by the
     * worker before done publishes them. Monotonic nanoseconds. `state` may be read by any thread
     * that knows the job alive (deadlock.c), relaxed: it only ever moves on. */
    uint64_t queued, started, ended;
    _Atomic(uint32_t) state; /* enum ferry__job_state */
};

enum ferry__job_state {
    FERRY__JOB_OVERFLOW, /* queued, in the list behind the ring */
    FERRY__JOB_BEHIND,   /* queued, in the list of the background */
    FERRY__JOB_RINGED,   /* queued, in the ring */
    FERRY__JOB_RUNNING,  /* or with a shutdown that took it out */
    FERRY__JOB_TAKEN_BACK,
};

#endif
