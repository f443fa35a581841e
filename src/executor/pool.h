/* SPDX-License-Identifier: MIT */
/*
 * A pool: threads that run calls, and the executors they serve. The process has one that all plain
 * executors share: an executor is then only a limit and a queue on it. An executor that needs
 * threads of its own (an initializer, a stack size, CPUs, a lane) has a pool of its own, made and
 * ended with it.
 *
 * Idle workers stand in a stack: the one that went idle last, whose caches are warm, is called
 * first, and those at the bottom retire after a while. An executor that could not get a worker (all
 * busy at the pool's limit, or the system refused a thread) stands in the waiting line; a worker
 * that finishes serves the line before its own executor, so nobody starves.
 *
 * One idle worker stands on watch while calls run: see watch.c.
 */
#ifndef FERRY_EXECUTOR_POOL_H
#define FERRY_EXECUTOR_POOL_H

#include "base/spin.h"
#include "executor/cpus.h"
#include "executor/crew.h"
#include "executor/queue.h"

struct ferry_executor;

struct ferry__pool {
    /* constant after creation */
    unsigned most; /* threads */
    size_t stack_size;
    cpu_set_t cpus; /* its threads' own, if it has_cpus */
    bool has_cpus;
    int (*initializer)(void *);
    void (*finalizer)(void *);
    void *argument;
    bool shared;                  /* the process's: its threads are detached and retire */
    struct ferry_executor *owner; /* of a pool of its own */

    struct ferry__list of_pools; /* under the lock of the list of pools, pool.c */

    pthread_mutex_t lock;
    /* under the lock */
    struct ferry__list executors; /* ferry_executor.of_pool */
    struct ferry__list waiting;   /* ferry_executor.in_line */
    struct ferry__list workers;   /* ferry__worker.of_pool, every living thread */
    struct ferry__list spare;     /* ferry__worker.of_pool, of ended ones: memory to be used again,
                                     so that a late wake-up finds a worker and not somebody else */
    struct ferry__list idle;      /* ferry__worker.in_idle, the last to go idle first */
    struct ferry__worker *watch;  /* idle, with a timer; never in `idle`; NULL: nobody */
    unsigned watch_quiet;         /* its looks since something ran */
    unsigned watch_slowing;       /* its period is 1 ms << this */
    unsigned threads;             /* that serve, or may be called to */
    unsigned living;              /* of a pool of its own: not past their finalizer yet */
    bool ending;                  /* idle workers leave now */
    bool quiet;                   /* calls begin later, while somebody forks: fork.h */
    atomic_uint *wakes[4];        /* of parked workers to be woken once the lock is given up */
    unsigned wake_count;

    /* Law: changed under the lock, with `waiting`; read by workers between two calls as a hint. */
    _Atomic(uint32_t) line;
};

enum ferry__call_word { FERRY__CALL_SLEEP, FERRY__CALL_SERVE, FERRY__CALL_LOOK };

struct ferry__worker {
    struct ferry__pool *pool; /* constant */
    pthread_t thread;         /* constant */

    /* under the pool's lock */
    struct ferry__list of_pool, in_idle;

    /* Law of `call`: SLEEP while parked, set by the worker under the lock before it parks. SERVE
     * (release): it was taken off every list and its executor assigned, under the lock; LOOK
     * (release): it shall look at the pool again under the lock. It is the futex it sleeps on. */
    atomic_uint call;
    struct ferry_executor *executor; /* under the lock while parked, then the worker's */

    /* the worker's own */
    struct ferry__job *job; /* running now */
    struct ferry__spin spin;
    bool searching;    /* the crew's SEARCHING was set for it */
    bool initializing; /* inside the initializer */
    bool retired;      /* off every list: nobody will call it any more */
    uint32_t average;  /* of its run times with this executor, ns */

    /* Law: written by the worker, relaxed; read by reports under the pool's lock, so the thread is
     * alive. site: a string literal or NULL when it runs nothing. */
    _Atomic(const char *) site;
    _Atomic(uint64_t) since;
    _Atomic(const struct ferry_executor *) serves;
    _Atomic(int) tid;
    const struct ferry__job *waits_for; /* under the lock of deadlock.c */
};

struct ferry__pool *ferry__pool_shared(void);
/* A pool with up to `most` threads; NULL and errno ENOMEM. */
struct ferry__pool *ferry__pool_new(unsigned most);
/* No executor may be left. Ends and joins the threads of a pool of its own; waits for finalizers.
 */
void ferry__pool_free(struct ferry__pool *pool);

/*
 * For ferry_fork. quiet: no call begins any more; false: somebody else is at it. hold: true, and
 * all locks are held, when none runs. release: they are given up; resume: calls begin again. A
 * child forked while they are held has usable pools, without threads and with empty queues.
 */
bool ferry__pools_quiet(void);
bool ferry__pools_hold(void);
void ferry__pools_release(void);
void ferry__pools_resume(void);

/* In a child: the pools, and this thread's being a worker. (base/fork.h) */
void ferry__pools_forget(void);
void ferry__worker_forget(void);

/* Calls `visit` for every pool, under the pool's lock. */
void ferry__pools_each(void (*visit)(struct ferry__pool *, void *), void *context);

/* Gets a worker for an executor whose crew the caller has joined: an idle one, or a new thread. 0,
 * also when there is none to be had now: the executor then leaves its crew and stands in line for
 * the next that is free. -EAGAIN when not even one thread of the pool lives. */
int ferry__pool_call(struct ferry__pool *pool, struct ferry_executor *executor);

/*
 * The lock. Giving it up wakes whom its holder wanted woken: not earlier, because the woken may
 * take the waker's core at once, and would only run into the lock.
 */
void ferry__pool_lock(struct ferry__pool *pool);
void ferry__pool_unlock(struct ferry__pool *pool);
void ferry__pool_wake(struct ferry__pool *pool, struct ferry__worker *worker, unsigned call);

/* Under the pool's lock. */
int ferry__pool_call_locked(struct ferry__pool *pool, struct ferry_executor *executor);
struct ferry_executor *ferry__pool_next_in_line(struct ferry__pool *pool);
void ferry__pool_line_up(struct ferry__pool *pool, struct ferry_executor *executor);
void ferry__pool_assign(struct ferry__worker *worker, struct ferry_executor *executor);
struct ferry__worker *ferry__pool_idle(struct ferry__pool *pool);

/* worker.c: the calling thread's worker, or NULL on any other thread. */
struct ferry__worker *ferry__worker_current(void);
/* Starts a thread; `executor` is what it serves first (its crew was joined), or NULL: it goes on
 * watch. The pool's lock is held throughout: the new thread's first step waits for it. */
int ferry__worker_start(struct ferry__pool *pool, struct ferry_executor *executor);

/* watch.c: puts somebody on watch if nobody is. The pool's lock is held. */
void ferry__watch_post(struct ferry__pool *pool, bool may_start_thread);
/* The watch's look, when its timer ran out, under the lock; false: nothing to watch any more. */
bool ferry__watch_look(struct ferry__worker *watch);
uint64_t ferry__watch_period(struct ferry__pool *pool);

#endif
