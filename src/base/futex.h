/* SPDX-License-Identifier: MIT */
/*
 * The word a thread sleeps on. A sleeper says which value it saw; when the word holds another by
 * then, the kernel refuses to put it to sleep: so a change followed by a wake-up can't be missed.
 */
#ifndef FERRY_BASE_FUTEX_H
#define FERRY_BASE_FUTEX_H

#include "base/clock.h"

#include <stdatomic.h>
#include <stdint.h>

/* Sleeps while *word == seen, until a wake-up or until `deadline` (ferry__now() time, FERRY__NEVER:
 * none). 0 woken, or the word differed, or a signal came: look again. -ETIMEDOUT. Leaves errno as
 * it was. */
int ferry__futex_wait(atomic_uint *word, unsigned seen, uint64_t deadline);

/* Wakes up to `count` sleepers. Touches only the address, never the word: it may be gone by then.
 */
void ferry__futex_wake(atomic_uint *word, int count);

#endif
