/* SPDX-License-Identifier: MIT */
#include "executor/queue.h"
#include "base/error.h"

#include <ferry/executor.h>
#include <string.h>

static struct ferry__queue_slot *slot_of(struct ferry__queue *queue, uint64_t ticket)
{
    return &queue->slots[ticket % FERRY__QUEUE_SLOTS];
}

static uint64_t turn_to_put(uint64_t ticket)
{
    return ticket / FERRY__QUEUE_SLOTS * 2;
}

int ferry__queue_init(struct ferry__queue *queue)
{
    size_t size = FERRY__QUEUE_SLOTS * sizeof *queue->slots;
    queue->slots = ferry__alloc(size);
    if (!queue->slots)
        return ferry__fail(ENOMEM);
    pthread_mutex_init(&queue->lock, NULL);
    ferry__list_init(&queue->overflow);
    ferry__list_init(&queue->background);
    return 0;
}

void ferry__queue_reset(struct ferry__queue *queue)
{
    memset(queue->slots, 0, FERRY__QUEUE_SLOTS * sizeof *queue->slots);
    ferry__store(&queue->head, 0, relaxed);
    ferry__store(&queue->tail, 0, relaxed);
    ferry__store(&queue->overflowing, 0, relaxed);
    ferry__store(&queue->holes, 0, relaxed);
    ferry__store(&queue->behind, 0, relaxed);
    pthread_mutex_init(&queue->lock, NULL);
    ferry__list_init(&queue->overflow);
    ferry__list_init(&queue->background);
}

void ferry__queue_deinit(struct ferry__queue *queue)
{
    pthread_mutex_destroy(&queue->lock);
    ferry__free(queue->slots);
}

/* False when the ring is full. */
static bool ring_put(struct ferry__queue *queue, struct ferry__job *job)
{
    uint64_t ticket = ferry__load(&queue->tail, relaxed);
    struct ferry__queue_slot *slot;
    for (;;) {
        slot = slot_of(queue, ticket);
        uint64_t turn = ferry__load(&slot->turn, acquire);
        if (turn == turn_to_put(ticket)) {
            if (ferry__cas_weak(&queue->tail, &ticket, ticket + 1, relaxed))
                break;
        } else if (turn < turn_to_put(ticket)) {
            return false;
        } else {
            ticket = ferry__load(&queue->tail, relaxed);
        }
    }
    job->slot = slot;
    ferry__store(&job->state, FERRY__JOB_RINGED, relaxed);
    ferry__store(&slot->job, job, relaxed);
    ferry__store(&slot->turn, turn_to_put(ticket) + 1, seq_cst);
    return true;
}

/* A job comes from another core's cache: its lines are asked for all at once, with those behind it,
 * where its owner keeps the arguments, instead of one after the other as they are touched. */
static void fetch_ahead(const struct ferry__job *job)
{
    for (size_t line = 0; line < 6; line++)
        __builtin_prefetch((const char *)job + line * 64, 1);
}

/* NULL when the ring is empty, or its first ticket is not filled yet (its putter will look for a
 * worker). */
static struct ferry__job *ring_take(struct ferry__queue *queue)
{
    uint64_t ticket = ferry__load(&queue->head, relaxed);
    for (;;) {
        struct ferry__queue_slot *slot = slot_of(queue, ticket);
        uint64_t turn = ferry__load(&slot->turn, acquire);
        uint64_t filled = turn_to_put(ticket) + 1;
        if (turn < filled)
            return NULL;
        if (turn > filled) {
            ticket = ferry__load(&queue->head, relaxed);
            continue;
        }
        if (!ferry__cas_weak(&queue->head, &ticket, ticket + 1, relaxed))
            continue;
        /* acq_rel: against the owner's take_back, one of the two exchanges gets the job */
        struct ferry__job *job = ferry__swap(&slot->job, NULL, acq_rel);
        ferry__store(&slot->turn, filled + 1, release);
        if (job) {
            fetch_ahead(job);
            const struct ferry__job *next = ferry__load(&slot_of(queue, ticket + 1)->job, relaxed);
            if (next) /* it may be gone: asking for a line of nothing does no harm */
                fetch_ahead(next);
            ferry__store(&job->state, FERRY__JOB_RUNNING, relaxed);
            return job;
        }
        ferry__sub(&queue->holes, 1, relaxed);
        ticket++;
    }
}

/* Fills the ring from the list; under the lock. */
static void refill(struct ferry__queue *queue)
{
    while (!ferry__list_empty(&queue->overflow)) {
        struct ferry__list *first = ferry__list_take_first(&queue->overflow);
        struct ferry__job *job = FERRY__LIST_OF(first, struct ferry__job, link);
        if (!ring_put(queue, job)) {
            ferry__list_put_first(&queue->overflow, &job->link);
            ferry__store(&job->state, FERRY__JOB_OVERFLOW, relaxed);
            return;
        }
        /* after the job is in the ring: the queue never looks empty in between */
        ferry__sub(&queue->overflowing, 1, seq_cst);
    }
}

static void put_behind(struct ferry__queue *queue, struct ferry__job *job)
{
    pthread_mutex_lock(&queue->lock);
    ferry__store(&job->state, FERRY__JOB_BEHIND, relaxed);
    ferry__list_put_last(&queue->background, &job->link);
    ferry__add(&queue->behind, 1, seq_cst);
    pthread_mutex_unlock(&queue->lock);
}

static __attribute__((noinline)) struct ferry__job *take_behind(struct ferry__queue *queue)
{
    pthread_mutex_lock(&queue->lock);
    struct ferry__list *link = ferry__list_take_first(&queue->background);
    struct ferry__job *job = link ? FERRY__LIST_OF(link, struct ferry__job, link) : NULL;
    if (job) {
        ferry__sub(&queue->behind, 1, seq_cst);
        ferry__add(&queue->behind_taken, 1, relaxed);
        ferry__store(&job->state, FERRY__JOB_RUNNING, relaxed);
    }
    pthread_mutex_unlock(&queue->lock);
    return job;
}

void ferry__queue_put(struct ferry__queue *queue, struct ferry__job *job)
{
    if (__builtin_expect(job->class == FERRY_CLASS_BACKGROUND, false)) {
        put_behind(queue, job);
        return;
    }
    if (ferry__load(&queue->overflowing, relaxed) == 0 && ring_put(queue, job))
        return;
    pthread_mutex_lock(&queue->lock);
    ferry__store(&job->state, FERRY__JOB_OVERFLOW, relaxed);
    ferry__list_put_last(&queue->overflow, &job->link);
    ferry__add(&queue->overflowing, 1, seq_cst);
    refill(queue); /* the ring may have run empty meanwhile, and takers look there first */
    pthread_mutex_unlock(&queue->lock);
}

static struct ferry__job *take_normal(struct ferry__queue *queue)
{
    struct ferry__job *job = ring_take(queue);
    if (__builtin_expect(ferry__load(&queue->overflowing, relaxed) == 0, true))
        return job;
    uint64_t in_ring = ferry__load(&queue->tail, relaxed) - ferry__load(&queue->head, relaxed);
    if (job && in_ring > FERRY__QUEUE_SLOTS / 2)
        return job;
    pthread_mutex_lock(&queue->lock);
    refill(queue);
    pthread_mutex_unlock(&queue->lock);
    return job ? job : ring_take(queue);
}

struct ferry__job *ferry__queue_take(struct ferry__queue *queue)
{
    struct ferry__job *job = take_normal(queue);
    return job || ferry__load(&queue->behind, relaxed) == 0 ? job : take_behind(queue);
}

bool ferry__queue_take_back(struct ferry__queue *queue, struct ferry__job *job)
{
    /* The lock stops refill from moving this job; a job in the ring leaves it only by an exchange.
     */
    pthread_mutex_lock(&queue->lock);
    bool ours = false;
    uint32_t state = ferry__load(&job->state, relaxed);
    if (state == FERRY__JOB_OVERFLOW) {
        ferry__list_remove(&job->link);
        ferry__sub(&queue->overflowing, 1, seq_cst);
        ours = true;
    } else if (state == FERRY__JOB_BEHIND) {
        ferry__list_remove(&job->link);
        ferry__sub(&queue->behind, 1, seq_cst);
        ours = true;
    } else if (state == FERRY__JOB_RINGED) {
        struct ferry__job *expected = job;
        /* before: who passes the hole counts it down */
        ferry__add(&queue->holes, 1, relaxed);
        ours = ferry__cas(&job->slot->job, &expected, NULL, acq_rel);
        if (!ours)
            ferry__sub(&queue->holes, 1, relaxed);
    }
    if (ours)
        ferry__store(&job->state, FERRY__JOB_TAKEN_BACK, relaxed);
    pthread_mutex_unlock(&queue->lock);
    return ours;
}

bool ferry__queue_swept_empty(struct ferry__queue *queue)
{
    for (;;) {
        uint64_t ticket = ferry__load(&queue->head, seq_cst);
        struct ferry__queue_slot *slot = slot_of(queue, ticket);
        uint64_t filled = turn_to_put(ticket) + 1;
        if (ferry__load(&slot->turn, seq_cst) != filled)
            break;
        if (ferry__load(&slot->job, acquire))
            return false;
        if (ferry__cas(&queue->head, &ticket, ticket + 1, relaxed)) {
            ferry__sub(&queue->holes, 1, relaxed);
            ferry__store(&slot->turn, filled + 1, release);
        }
    }
    /* A ticket that is taken but not filled yet counts as a job: its putter is on the way. */
    return ferry__load(&queue->head, seq_cst) == ferry__load(&queue->tail, seq_cst) &&
           ferry__load(&queue->overflowing, seq_cst) == 0 &&
           ferry__load(&queue->behind, seq_cst) == 0;
}
