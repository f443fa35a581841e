/* SPDX-License-Identifier: MIT */
#include "base/word_lock.h"

#include <sched.h>

#define LOOKS 64 /* at a locked word before giving the processor to whoever holds it */

uintptr_t ferry__word_lock(atomic_uintptr_t *word)
{
    for (unsigned looks = 1;; looks++) {
        uintptr_t seen = ferry__load(word, relaxed);
        if (!(seen & FERRY__WORD_LOCKED) &&
            ferry__cas_weak(word, &seen, seen | FERRY__WORD_LOCKED, acquire))
            return seen;
        if (looks % LOOKS == 0)
            sched_yield();
        else
            ferry__relax();
    }
}
