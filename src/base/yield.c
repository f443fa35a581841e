/* SPDX-License-Identifier: MIT */
#include "base/yield.h"

#include "base/atomic.h"
#include "base/clock.h"

#include <sched.h>

#define TOOK_LONG_NS 1000000u
#define PAUSE_FACTOR 100u

bool ferry__give_way(void)
{
    /* Law: not before this time again; whoever waited long sets it, relaxed: all would set about
     * the same. */
    static _Atomic(uint64_t) not_before;
    uint64_t before = ferry__now();
    if (before < ferry__load(&not_before, relaxed))
        return false;
    sched_yield();
    uint64_t took = ferry__now() - before;
    if (took > TOOK_LONG_NS)
        ferry__store(&not_before, before + PAUSE_FACTOR * took, relaxed);
    return true;
}
