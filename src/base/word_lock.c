/* SPDX-License-Identifier: MIT */
#include "base/word_lock.h"

#include <sched.h>
#include <time.h>

#define LOOKS 64  /* at a locked word before giving the processor to whoever holds it */
#define YIELDS 16 /* in vain, before sleeping for a moment */
#define MOMENT_NS 50000

/* A yield gives nothing to a thread of lower priority, a sleep does. */
static void make_way(unsigned times)
{
    static const struct timespec moment = {.tv_nsec = MOMENT_NS};
    if (times <= YIELDS)
        sched_yield();
    else
        clock_nanosleep(CLOCK_MONOTONIC, 0, &moment, NULL); /* leaves errno alone */
}

uintptr_t ferry__word_lock(atomic_uintptr_t *word)
{
    for (unsigned looks = 1;; looks++) {
        uintptr_t seen = ferry__load(word, relaxed);
        if (!(seen & FERRY__WORD_LOCKED) &&
            ferry__cas_weak(word, &seen, seen | FERRY__WORD_LOCKED, acquire))
            return seen;
        if (looks % LOOKS == 0)
            make_way(looks / LOOKS);
        else
            ferry__relax();
    }
}
