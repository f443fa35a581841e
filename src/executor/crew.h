/* SPDX-License-Identifier: MIT */
/*
 * The crew word of an executor: how many workers serve it now, and what a submitter must know to
 * decide whether to call one more.
 *
 *      bit 0..15   attached: workers that run its calls or look into its queue
 *      bit 16      SEARCHING: one of them looks for work or is on its way: don't call another
 *      bit 17      CLOSING: no new calls
 *
 * Law: attached goes up by compare-exchange (never above the limit), by whoever calls a worker or
 * by a worker that takes itself along; it goes down by the worker, under the pool's lock. SEARCHING
 * is advice: set with a call for a worker, or by one that watches a queue of calls that aren't
 * short, and cleared by it when it found work or leaves; wrong, it costs a wake-up too many or a
 * look of the watch (watch.c), never a call. CLOSING is set once, under the pool's lock.
 *
 * Nobody is forgotten: a submitter fills its slot and then loads the word; a worker takes itself
 * off the word and then looks into the queue; all four are seq_cst, so one of the two sees the
 * other.
 */
#ifndef FERRY_EXECUTOR_CREW_H
#define FERRY_EXECUTOR_CREW_H

#include "base/atomic.h"

#include <stdbool.h>
#include <stdint.h>

#define FERRY__CREW_ATTACHED 0xffffu
#define FERRY__CREW_SEARCHING 0x10000u
#define FERRY__CREW_CLOSING 0x20000u

static inline unsigned ferry__crew_attached(uint32_t crew)
{
    return crew & FERRY__CREW_ATTACHED;
}

/* One more attached, who searches; false at the limit. */
static inline bool ferry__crew_join(_Atomic(uint32_t) *crew, unsigned limit)
{
    uint32_t seen = ferry__load(crew, seq_cst);
    do {
        if (ferry__crew_attached(seen) >= limit)
            return false;
    } while (!ferry__cas_weak(crew, &seen, (seen + 1) | FERRY__CREW_SEARCHING, seq_cst));
    return true;
}

/* One fewer; `searched`: it was the one who searched. Returns the word before. */
static inline uint32_t ferry__crew_leave(_Atomic(uint32_t) *crew, bool searched)
{
    uint32_t seen = ferry__load(crew, relaxed), after;
    do {
        after = (searched ? seen & ~FERRY__CREW_SEARCHING : seen) - 1;
    } while (!ferry__cas_weak(crew, &seen, after, seq_cst));
    return seen;
}

#endif
