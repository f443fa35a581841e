/* SPDX-License-Identifier: MIT */
/*
 * Whether watching a word for some microseconds is worth while: only if what one waits for comes
 * meanwhile, from another core. When the scheduler has put both threads on one core (another
 * process has the other), each would spin in the other's way. So whoever watched in vain skips the
 * next time, then the next three times, seven, up to 63; and watches again after the first success.
 *
 * Owner thread only.
 */
#ifndef FERRY_BASE_SPIN_H
#define FERRY_BASE_SPIN_H

#include <stdbool.h>

enum { FERRY__SPIN_DOUBLINGS = 6 };

struct ferry__spin {
    unsigned char misses, skip;
};

static inline bool ferry__spin_worth(struct ferry__spin *spin)
{
    if (spin->skip == 0)
        return true;
    spin->skip--;
    return false;
}

static inline void ferry__spin_said(struct ferry__spin *spin, bool hit)
{
    if (hit) {
        spin->misses = 0;
    } else {
        if (spin->misses < FERRY__SPIN_DOUBLINGS)
            spin->misses++;
        spin->skip = (unsigned char)((1u << spin->misses) - 1);
    }
}

#endif
