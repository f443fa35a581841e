/* SPDX-License-Identifier: MIT */
#include "base/fault.h"

/* Law of both words of a point: any thread counts them down, relaxed: a test arms while nothing
 * runs. */
static struct {
    atomic_long skip;
    atomic_long count;
} points[FERRY__FAULTS];

atomic_bool ferry__fault_armed;

void ferry__fault_arm(enum ferry__fault point, long skip, long count)
{
    ferry__store(&points[point].skip, skip, relaxed);
    ferry__store(&points[point].count, count < 0 ? __LONG_MAX__ : count, relaxed);
    ferry__store(&ferry__fault_armed, true, relaxed);
}

void ferry__fault_clear(void)
{
    ferry__store(&ferry__fault_armed, false, relaxed);
    for (int i = 0; i < FERRY__FAULTS; i++)
        ferry__store(&points[i].count, 0, relaxed);
}

bool ferry__fault_slow(enum ferry__fault point)
{
    if (ferry__load(&points[point].count, relaxed) <= 0)
        return false;
    if (ferry__sub(&points[point].skip, 1, relaxed) > 0)
        return false;
    return ferry__sub(&points[point].count, 1, relaxed) > 0;
}
