/* SPDX-License-Identifier: MIT */
/*
 * Waiters in the order in which they came: what stands before a lock, an event, a queue that
 * threads share. The list is under the lock in its word (base/word_lock.h), which also says what is
 * waited for. All of these are changed in one way:
 *
 *     word = ferry__word_lock(&it->word)
 *     decide; change `word`; put a waiter on, or take some off
 *     ferry__word_unlock(&it->word, word)         the last touch of `it`
 *     copy, wake, free                            what was taken off is one's own now
 *
 * So under the lock is a handful of instructions, and whoever is woken may find `it` gone.
 *
 * FERRY__WAITED in the word says that somebody is on the list: without it and LOCKED, a word may be
 * changed by a single compare-and-swap.
 *
 * Taking all off costs no more than taking one: they carry the number of the round in which they
 * came, and a new round begins. Who is of an older round is on the list no more.
 *
 * Zeros are an empty list.
 */
#ifndef FERRY_LOOP_WAITERS_H
#define FERRY_LOOP_WAITERS_H

#include "base/word_lock.h"
#include "loop/waiter.h"

struct ferry__waiters {
    struct ferry__waiter *first, *last;
    uint64_t rounds; /* how many were taken off as a whole */
};

enum { FERRY__WAITED = 4, FERRY__WORD_BITS = 3 }; /* bit 0 and those above are the word's owner's */

/* The bit for the word: WAITED or 0. */
static inline uintptr_t ferry__waited(const struct ferry__waiters *waiters)
{
    return waiters->first ? FERRY__WAITED : 0;
}

/* NULL when there is none. */
struct ferry__waiter *ferry__waiters_take_first(struct ferry__waiters *waiters);
/* All, linked by `next`. */
struct ferry__waiter *ferry__waiters_take_all(struct ferry__waiters *waiters);

/*
 * With the word locked: puts the waiter last, unlocks with `value` (and WAITED), and waits. 0:
 * taken off and woken, with whatever the waker gave. -ECANCELED, -ETIMEDOUT: interrupted, and
 * nothing was given; sets errno. The waiter law (loop/waiter.h) is kept here.
 */
int ferry__waiters_stand(struct ferry__waiters *waiters, struct ferry__waiter *waiter,
                         atomic_uintptr_t *word, uintptr_t value, const char *waits_on);

#endif
