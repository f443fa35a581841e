/* SPDX-License-Identifier: MIT */
#include "base/yield.h"

#include "base/atomic.h"
#include "base/clock.h"

#include <sched.h>

#define TOOK_LONG_NS 1000000u
#define IN_A_ROW 3
#define PAUSE_FACTOR 100u

/* Law of both words: any thread that yields writes them, relaxed; all would set about the same, and
 * one lost only delays the pause. */
static _Atomic(uint64_t) not_before; /* nobody yields until then */
static _Atomic(uint32_t) long_ones;  /* in a row */

bool ferry__give_way(void)
{
    uint64_t before = ferry__now();
    if (before < ferry__load(&not_before, relaxed))
        return false;
    sched_yield();
    uint64_t took = ferry__now() - before;
    if (took < TOOK_LONG_NS) {
        if (ferry__load(&long_ones, relaxed))
            ferry__store(&long_ones, 0, relaxed);
    } else if (ferry__add(&long_ones, 1, relaxed) + 1 >= IN_A_ROW) {
        ferry__store(&long_ones, 0, relaxed);
        ferry__store(&not_before, before + PAUSE_FACTOR * took, relaxed);
    }
    return true;
}
