/* SPDX-License-Identifier: MIT */
/*
 * A lock in one bit of a word that says something else besides: for what is held for a handful of
 * instructions, never across a wait, a system call, an allocation or a call of user code. Who finds
 * it taken looks again, after some looks gives the processor to whoever holds it, and after some
 * more sleeps for 50 µs at a time, so that one of higher priority doesn't keep the holder from its
 * core: so a loop's thread may take it.
 */
#ifndef FERRY_BASE_WORD_LOCK_H
#define FERRY_BASE_WORD_LOCK_H

#include "base/atomic.h"

#include <stdint.h>

enum { FERRY__WORD_LOCKED = 2 };

/* The word as it was, without LOCKED. Acquire: pairs with the release of who had it last. */
uintptr_t ferry__word_lock(atomic_uintptr_t *word);

/* `value`, without LOCKED, is what the word says from now on. Release; the last touch of it. */
static inline void ferry__word_unlock(atomic_uintptr_t *word, uintptr_t value)
{
    ferry__store(word, value, release);
}

#endif
