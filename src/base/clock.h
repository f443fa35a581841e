/* SPDX-License-Identifier: MIT */
/*
 * Time inside ferry: 64-bit nanoseconds of the monotonic clock. The clock is a table so that a
 * simulation can put its own time behind the same code.
 *
 * Seconds come in from users as double: NaN is refused, negative counts as 0, infinity (and
 * anything beyond 292 years) is FERRY__NEVER.
 */
#ifndef FERRY_BASE_CLOCK_H
#define FERRY_BASE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#define FERRY__NEVER UINT64_MAX

struct ferry__clock {
    uint64_t (*now)(void); /* nanoseconds, never goes back */
};

extern const struct ferry__clock ferry__clock_monotonic;
extern const struct ferry__clock
    *ferry__clock; /* set before the first loop starts, constant from then on */

static inline uint64_t ferry__now(void)
{
    return ferry__clock->now();
}

/* A length of time in nanoseconds; false for NaN, with *ret untouched. */
bool ferry__duration(double seconds, uint64_t *ret_ns);

/* now + duration without overflow: FERRY__NEVER stays never. */
uint64_t ferry__deadline(uint64_t now, uint64_t duration);

static inline double ferry__seconds(uint64_t ns)
{
    return (double)ns * 1e-9;
}

static inline struct timespec ferry__timespec(uint64_t ns)
{
    return (struct timespec){.tv_sec = (time_t)(ns / 1000000000u),
                             .tv_nsec = (long)(ns % 1000000000u)};
}

#endif
