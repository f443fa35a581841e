/* SPDX-License-Identifier: MIT */
/*
 * The queue of an executor: any thread puts jobs in, workers take them out in order, and an owner
 * can take its own job back. Nothing is allocated after creation, however many jobs wait.
 *
 *      put ---> [ ring of 1024 slots ] ---> take        lock-free; the everyday case
 *      put ---> [ overflow list, lock ] --refill--^     while the ring is full
 *      put ---> [ background list, lock ] ------> take  when there is nothing else to take
 *
 * Calls of the background class are in no hurry: a list under the lock does for them.
 *
 * The ring is Vyukov's bounded queue ("Bounded MPMC queue", 1024cores.net) with two changes:
 * sequence numbers start at zero in zeroed memory (a slot no one used costs no page), and the job
 * is taken out of its slot by an exchange, so that its owner can compete for it:
 *
 * Law of slot->job: NULL -> job by the putter that owns the ticket. job -> NULL by exchange, either
 * by the worker that owns the ticket (it runs the job) or by compare-exchange by the job's owner
 * (the job never starts). Whoever gets the job out owns it; a worker that finds NULL passes on to
 * the next ticket.
 *
 * Law of slot->turn: 2 * lap: free for the putter of that lap (release by the taker of the lap
 * before); 2 * lap + 1: filled (seq_cst by the putter: see ferry__queue_ready; acquire by the
 * taker).
 *
 * Law of tail and head: tickets; only grow, by compare-exchange; relaxed, as turn publishes the
 * contents.
 *
 * Law of overflowing: jobs in the overflow list; changed under the lock; read anywhere as a hint. A
 * put that sees it above zero goes to the list too, so no job of one thread overtakes an earlier
 * one of the same.
 *
 * Law of behind: jobs in the background list; as overflowing, whose part it has in "nobody is
 * forgotten" (crew.h). Law of behind_taken: how many a worker took from it; under the lock, read
 * anywhere, relaxed.
 *
 * Law of holes: tickets of the ring whose job was taken back; counted up by the owner before it
 * takes, down by who passes the ticket; relaxed, a hint for reports.
 */
#ifndef FERRY_EXECUTOR_QUEUE_H
#define FERRY_EXECUTOR_QUEUE_H

#include "executor/job.h"

#include <pthread.h>

#ifndef FERRY__QUEUE_SLOTS
#define FERRY__QUEUE_SLOTS 1024u /* a power of two; shrunk by tests */
#endif

struct ferry__queue_slot {
    _Atomic(uint64_t) turn;
    _Atomic(struct ferry__job *) job;
};

struct ferry__queue {
    /* constant after creation */
    struct ferry__queue_slot *slots;

    _Alignas(FERRY__LINE) _Atomic(uint64_t) tail;
    _Alignas(FERRY__LINE) _Atomic(uint64_t) head;

    _Alignas(FERRY__LINE) pthread_mutex_t lock;
    struct ferry__list overflow;   /* under the lock */
    struct ferry__list background; /* under the lock */
    _Atomic(uint64_t) overflowing;
    _Atomic(uint64_t) behind;
    _Atomic(uint64_t) behind_taken;
    _Atomic(uint64_t) holes;
};

int ferry__queue_init(struct ferry__queue *queue);   /* 0 or -ENOMEM */
void ferry__queue_reset(struct ferry__queue *queue); /* in a child of fork: empty again */
void ferry__queue_deinit(struct ferry__queue *queue);

/* Never fails. The job is visible to takers when it returns. */
void ferry__queue_put(struct ferry__queue *queue, struct ferry__job *job);

/* The next job, now the caller's to run; NULL when there is none. */
struct ferry__job *ferry__queue_take(struct ferry__queue *queue);

/* The owner of a job that it put in and that has not reported done: true when it is the owner's
 * again and will never start, false when somebody is running it (or about to). */
bool ferry__queue_take_back(struct ferry__queue *queue, struct ferry__job *job);

/* Something can be taken now (or somebody is just taking it). Sequentially consistent, so that "I
 * left, is it really empty?" and "I put, is anybody there?" can't both be answered no (see crew.h).
 * A put that has its ticket but has not filled it does not count: it will ask "is anybody there?"
 * itself. */
static inline bool ferry__queue_ready(struct ferry__queue *queue)
{
    uint64_t head = ferry__load(&queue->head, seq_cst);
    uint64_t turn = ferry__load(&queue->slots[head % FERRY__QUEUE_SLOTS].turn, seq_cst);
    return turn > head / FERRY__QUEUE_SLOTS * 2 || ferry__load(&queue->overflowing, seq_cst) > 0 ||
           ferry__load(&queue->behind, seq_cst) > 0;
}

/* Under nobody's lock but with no taker at work: clears tickets whose jobs were taken back; true
 * when no job is left. */
bool ferry__queue_swept_empty(struct ferry__queue *queue);

/* How many were taken: moves when, and only when, the queue moves. */
static inline uint64_t ferry__queue_progress(struct ferry__queue *queue)
{
    return ferry__load(&queue->head, relaxed) + ferry__load(&queue->behind_taken, relaxed);
}

static inline uint64_t ferry__queue_length(struct ferry__queue *queue)
{
    /* Both of one moment: who reads may be held up between them, while hundreds pass. */
    uint64_t head, tail;
    int looks = 0;
    do {
        head = ferry__load(&queue->head, acquire);
        tail = ferry__load(&queue->tail, acquire);
    } while (ferry__load(&queue->head, relaxed) != head && ++looks < 100);
    uint64_t holes = ferry__load(&queue->holes, relaxed);
    uint64_t ringed = tail > head ? tail - head : 0;
    return (ringed > holes ? ringed - holes : 0) + ferry__load(&queue->overflowing, relaxed) +
           ferry__load(&queue->behind, relaxed);
}

#endif
