/* SPDX-License-Identifier: MIT */
/*
 * Barriers: so many tasks wait for each other, then all go on, again and again.
 *
 *     static ferry_barrier phase = FERRY_BARRIER_INIT(3);
 *
 *     int index = ferry_barrier_wait(&phase);          0, 1, 2 in order of arrival
 *     if (index == 0)
 *         puts("all are here");                        one of them
 *
 * A task that is cancelled, or out of time, while it waits leaves the barrier, which goes on
 * waiting for as many as it was made for; it is not broken by that, as asyncio's isn't. A broken
 * barrier (ferry_barrier_abort) says EPIPE to all who wait, now and later, until it is reset.
 *
 * Between tasks of one loop. All functions: EINVAL for NULL, or for a barrier of less than 1. On
 * the loop of those who wait only; EPERM where that is seen.
 */
#ifndef FERRY_BARRIER_H
#define FERRY_BARRIER_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/* In place. Not to be copied. */
typedef struct ferry_barrier {
    uint64_t ferry__words[3];
    int ferry__parties, ferry__reserved[3];
} ferry_barrier;

/* For that many tasks. */
#define FERRY_BARRIER_INIT(parties) \
    {                               \
        {0, 0, 0}, (parties),       \
        {                           \
            0, 0, 0                 \
        }                           \
    }

/* The same for any memory. 0; -EINVAL: less than 1. deinit: nobody may wait, or the program ends
 * with a sentence; NULL is fine. Not needed where FERRY_BARRIER_INIT is used. */
int ferry_barrier_init(ferry_barrier *barrier, int parties);
void ferry_barrier_deinit(ferry_barrier *barrier);

/* Waits until the last one has come. The place in the order of arrival, 0 ... parties - 1; -EPIPE:
 * aborted, or reset while waiting; -ECANCELED, -ETIMEDOUT: interrupted, and left; -EPERM: outside a
 * task. From a task. Suspends unless it is the last one. */
int ferry_barrier_wait(ferry_barrier *barrier) __attribute__((warn_unused_result));

/* reset: those who wait are told EPIPE, and the barrier is as new. abort: the same, but it is
 * broken until it is reset. 0; -EPERM: no loop runs on this thread, or tasks of another wait. From
 * a task or a callback. Never suspends, and no cancel makes it fail. */
int ferry_barrier_reset(ferry_barrier *barrier);
int ferry_barrier_abort(ferry_barrier *barrier);

/* How many it is for, how many wait, whether it is broken. */
int ferry_barrier_parties(const ferry_barrier *barrier);
int ferry_barrier_n_waiting(const ferry_barrier *barrier);
bool ferry_barrier_broken(const ferry_barrier *barrier);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#endif
