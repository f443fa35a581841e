/* SPDX-License-Identifier: MIT */
/*
 * Timers of one thread. They live in whatever waits (a sleeping task's frame, a scope), so setting
 * one can't fail. Of the same moment, in the order they were set.
 */
#ifndef FERRY_CORE_TIMERS_H
#define FERRY_CORE_TIMERS_H

#include "base/clock.h"
#include "base/heap.h"
#include "base/memory.h"

#include <stdbool.h>

struct ferry__timer {
    struct ferry__heap_node node;        /* key: the deadline, ferry__now() time */
    void (*fire)(struct ferry__timer *); /* NULL: it isn't set */
};

/* A deadline of FERRY__NEVER sets nothing. */
static inline void ferry__timer_set(struct ferry__heap *timers, struct ferry__timer *timer,
                                    uint64_t deadline, void (*fire)(struct ferry__timer *))
{
    timer->fire = NULL;
    if (deadline == FERRY__NEVER)
        return;
    timer->fire = fire;
    ferry__heap_put(timers, &timer->node, deadline);
}

static inline void ferry__timer_unset(struct ferry__heap *timers, struct ferry__timer *timer)
{
    if (!timer->fire)
        return;
    timer->fire = NULL;
    ferry__heap_remove(timers, &timer->node);
}

/* The next deadline, FERRY__NEVER without one. */
static inline uint64_t ferry__timers_next(const struct ferry__heap *timers)
{
    const struct ferry__heap_node *first = ferry__heap_first(timers);
    return first ? first->key : FERRY__NEVER;
}

/* Fires all that are due. What a firing timer sets anew for a moment that has passed waits for the
 * next call. */
static inline void ferry__timers_expire(struct ferry__heap *timers, uint64_t now)
{
    struct ferry__heap_node *first;
    uint64_t end = timers->orders; /* the heap numbers what it is given */
    while ((first = ferry__heap_first(timers)) && first->key <= now && first->order < end) {
        struct ferry__timer *timer = FERRY__CONTAINER(first, struct ferry__timer, node);
        void (*fire)(struct ferry__timer *) = timer->fire;
        ferry__timer_unset(timers, timer);
        fire(timer);
    }
}

#endif
