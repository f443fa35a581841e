/* SPDX-License-Identifier: MIT */
/*
 * An executor: a name, a limit and a queue on a pool of workers. It knows nothing of tasks; the
 * bridge and futures hand it jobs.
 *
 * When a submit calls a worker (measured: docs/decisions): waking a sleeping thread
 * costs more than many a call takes. So while the calls are short (their average under
 * FERRY__SHORT_NS) one awake worker is enough, and a submit wakes nobody while one is attached;
 * when they are longer, every submit makes sure that somebody searches, and a searcher that finds
 * work and leaves more behind calls the next one. Short calls that turn out long are the watch's
 * business (watch.c) and the loop's, which asks ferry__executors_prod before it sleeps.
 */
#ifndef FERRY_EXECUTOR_EXECUTOR_H
#define FERRY_EXECUTOR_EXECUTOR_H

#include "executor/cpus.h"
#include "base/fork.h"
#include "executor/pool.h"

#include <ferry/executor.h>

#define FERRY__SHORT_NS 2000u       /* below: one worker serves a stream of calls */
#define FERRY__SPIN_BELOW_NS 20000u /* below: watching for the next one beats sleeping */
#define FERRY__SPIN_NS 20000u
#define FERRY__UNKNOWN_NS \
    10000u /* before anything was measured, or when the watch found it stuck */

/* Nothing has come out of an executor for some 130 to 200 us: its calls are not short, whatever the
 * average says. */
#define FERRY__ALIVE_SHIFT 16
#define FERRY__SILENT_UNITS 2

enum ferry__executor_state {
    FERRY__EXECUTOR_OPEN,
    FERRY__EXECUTOR_CLOSING, /* refuses new calls, runs what it has */
    FERRY__EXECUTOR_BROKEN,  /* its initializer failed: refuses everything */
};

/* What is done with its awaited calls that say nothing themselves: ferry/policy.h. For the bridge:
 * no executor looks at it. */
struct ferry__manner {
    ferry_policy policy;
    ferry_interrupt *interrupt;
    void *interrupt_argument;
    ferry_discard *discard;
    void *discard_argument;
};

/* Told, under the pool's lock, whenever a closing executor has no worker and no call left. */
struct ferry__drain {
    struct ferry__list link;
    void (*drained)(struct ferry__drain *);
};

struct ferry_executor {
    /* constant after creation */
    struct ferry__pool *pool;
    unsigned limit;
    uint64_t serial; /* never another's */
    uint64_t room;   /* of a bounded one: full when so many calls are in; 0: never full */
    uint32_t forks;  /* of this process when it was made, or made usable again */
    char *name;
    const char *place; /* "file:line" that made it, a literal; NULL: unknown */
    struct ferry__manner manner;
    ferry_call_class class; /* of calls that say DEFAULT */
    bool plain;             /* never full, of the normal class: push has nothing to decide */

    struct ferry__queue queue;

    _Alignas(FERRY__LINE) _Atomic(uint32_t) crew; /* crew.h */
    /* Law: moving average of run times in ns, to a quarter; any worker writes, anyone reads,
     * relaxed. */
    _Atomic(uint32_t) average;

    /* Law: when a call of it ended last, or a worker joined, in units of 65 us; any worker writes
     * when it has changed, anyone reads, relaxed. */
    _Atomic(uint32_t) alive;

    /* Law, of a bounded executor only: how many calls are in, from push until the function has
     * returned or the call was taken out of the queue. Up by who pushes: by compare-and-swap and
     * never above `room` for a call that may be refused; by one for a call whose owner waits for
     * its turn anyway. Down by who ran it or took it out, before the owner is told, so that an
     * owner who knows of the end finds the room. Relaxed: it says nothing of other memory. */
    _Atomic(uint64_t) inside;

    /* under the pool's lock */
    _Alignas(FERRY__LINE) struct ferry__list of_pool;
    struct ferry__list in_line; /* waits for a worker */
    struct ferry__list drains;
    const void *opener;      /* who will ask ferry__executor_left for it; NULL: nobody */
    uint64_t progress;       /* what the watch saw at its last look */
    _Atomic(uint32_t) state; /* read without the lock as a hint */

    /* Law: false -> true by a shutdown that gives up on what runs; read by who frees it; relaxed,
     * the user orders the two. */
    atomic_bool may_leave;
    struct ferry__list detached; /* under the lock of detached.c */
};

struct ferry__executor_spec {
    const char *name; /* copied; NULL: "executor" */
    const char *place;
    const void *opener;  /* see ferry__executor_left; or NULL */
    unsigned limit;      /* 0: the default, min(32, cores + 4) */
    unsigned max_queued; /* 0: not bounded */
    ferry_call_class class;
    bool own_threads;
    size_t stack_size;
    const cpu_set_t *cpus; /* copied; NULL: the process's */
    int (*initializer)(void *);
    void (*finalizer)(void *);
    void *argument;
    struct ferry__manner manner;
};

struct ferry_executor *
ferry__executor_open(const struct ferry__executor_spec *spec); /* NULL, errno */
/* The default executor, made at first use; NULL and ENOMEM. Never ferry's own work. */
struct ferry_executor *ferry__executor_default(void);
/* Shut down and drained: gives back everything, ending threads of its own. */
void ferry__executor_close(struct ferry_executor *executor);

static inline bool ferry__executor_silent(struct ferry_executor *executor, uint64_t now)
{
    uint32_t alive = ferry__load(&executor->alive, relaxed);
    return (int32_t)((uint32_t)(now >> FERRY__ALIVE_SHIFT) - alive) > FERRY__SILENT_UNITS;
}

/* It is the parent's: nothing of it is touched, no lock taken. */
static inline bool ferry__executor_inherited(const struct ferry_executor *executor)
{
    return __builtin_expect(executor->forks != ferry__forks_now(), 0);
}

/* In a child: the locks of executors, the list of those that were left (base/fork.h); and of a
 * child of ferry_fork: it has no crew and an empty queue. */
void ferry__executors_forget(void);
void ferry__detached_forget(void);
void ferry__executor_revive(struct ferry_executor *executor);

/* Hands a job over. 0; -EOWNERDEAD (it is a parent's), -ESHUTDOWN, -ENOTRECOVERABLE (initializer
 * failed), -EAGAIN (no thread to be had, or full and job->if_room): the job is the caller's again
 * and never started. Sets job->queued. Any thread. */
int ferry__executor_push(struct ferry_executor *executor, struct ferry__job *job);
/* No job with if_room would be taken now. A moment's truth. */
static inline bool ferry__executor_full(struct ferry_executor *executor)
{
    return executor->room && ferry__load(&executor->inside, relaxed) >= executor->room;
}
/* One of its calls ran or was taken out; the owner is not told yet. */
static inline void ferry__executor_gets_room(struct ferry_executor *executor)
{
    if (__builtin_expect(executor->room != 0, false))
        ferry__sub(&executor->inside, 1, relaxed);
}
/* Its owner takes a job back: true when it will never start. */
bool ferry__executor_take_back(struct ferry_executor *executor, struct ferry__job *job);

/* No new calls; with cancel_pending the queued ones that may be are done(NEVER_STARTED) from here.
 */
void ferry__executor_begin_shutdown(struct ferry_executor *executor, bool cancel_pending);
/* True when closing and nothing runs or waits; else `drain` will be told, until removed. */
bool ferry__executor_drained(struct ferry_executor *executor, struct ferry__drain *drain);
void ferry__executor_drain_forget(struct ferry_executor *executor, struct ferry__drain *drain);

/* No worker and no call, threads of its own apart. Under the pool's lock, or from where nobody
 * else ends it. */
bool ferry__executor_quiet(struct ferry_executor *executor);
/* Under the pool's lock, wherever the last condition may have come true. */
void ferry__executor_tell_if_drained(struct ferry_executor *executor);
/* No thread lives and none is to be had: the queued calls are told. */
void ferry__executor_refuse_pending(struct ferry_executor *executor);

/* Before a loop sleeps: wherever calls are queued, room is and a worker is to be had, one is
 * called. */
void ferry__executors_prod(void);

/* Freed with calls that run: its memory lives until they have ended, and then until a sweep. */
void ferry__executor_leave(struct ferry_executor *executor);
/* Gives back those that were left and have come to their end. (detached.c) */
void ferry__executors_sweep(void);

/* What the workers of this executor run now; returns how many run (may exceed room). */
size_t ferry__executor_running(struct ferry_executor *executor, ferry_running_call *ret,
                               size_t room);
size_t ferry__executor_running_locked(struct ferry_executor *executor, ferry_running_call *ret,
                                      size_t room); /* under the pool's lock */

/* An executor that was not freed, for the report of debug mode; it may be gone by then. */
struct ferry__executor_left {
    const void *opener;
    char name[64];
    const char *place; /* or NULL */
    bool open;         /* and was not shut down */
    size_t running, queued;
};
/* One of this opener, which it then has no longer; false: there is none. */
bool ferry__executor_left(const void *opener, struct ferry__executor_left *ret);

/* Between worker.c and pool.c: the searcher found work; passes the search on when that pays. */
void ferry__executor_found(struct ferry_executor *executor);
/* Breaks an executor whose initializer failed; the lock is not held. */
void ferry__executor_break(struct ferry_executor *executor);

#endif
