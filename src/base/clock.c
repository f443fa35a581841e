/* SPDX-License-Identifier: MIT */
#include "base/clock.h"

static uint64_t monotonic_now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

const struct ferry__clock ferry__clock_monotonic = {.now = monotonic_now};
const struct ferry__clock *ferry__clock = &ferry__clock_monotonic;

bool ferry__duration(double seconds, uint64_t *ret_ns)
{
    if (seconds != seconds)
        return false;
    if (seconds <= 0)
        *ret_ns = 0;
    else if (seconds >= 9.2e9) /* 292 years in ns is the end of a signed 64-bit word */
        *ret_ns = FERRY__NEVER;
    else
        *ret_ns = (uint64_t)(seconds * 1e9 + 0.5);
    return true;
}

uint64_t ferry__deadline(uint64_t now, uint64_t duration)
{
    return duration >= FERRY__NEVER - now ? FERRY__NEVER : now + duration;
}
