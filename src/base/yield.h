/* SPDX-License-Identifier: MIT */
/*
 * Giving way on one core: two of our threads that take turns by sched_yield spare both a sleep and
 * a wake-up. But a third thread that computes gets its whole time slice at each yield: three in a
 * row that took long are taken for that, and for a hundred times as long nobody gives way. (One
 * alone is the machine's hiccup.)
 */
#ifndef FERRY_BASE_YIELD_H
#define FERRY_BASE_YIELD_H

#include <stdbool.h>

/* Lets other threads run; false: it was not tried, others would keep the core. */
bool ferry__give_way(void);

#endif
