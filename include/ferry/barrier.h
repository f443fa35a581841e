/* SPDX-License-Identifier: MIT */
/*
 * Barriers: so many tasks wait for each other, then all go on, again and again.
 *
 *     static ferry_barrier phase = FERRY_BARRIER_INIT(3);
 *
 *     int index = ferry_barrier_wait(&phase); // 0, 1, 2 in order of arrival
 *     if (index == 0)
 *         puts("all are here"); // one of them
 *
 * A task that is cancelled, or out of time, while it waits leaves the barrier, which goes on
 * waiting for as many as it was made for; it is not broken by that, as asyncio's isn't. A broken
 * barrier (ferry_barrier_abort) says EPIPE to all who wait, now and later, until it is reset.
 *
 * Between tasks of one loop.
 */
#ifndef FERRY_BARRIER_H
#define FERRY_BARRIER_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/* A barrier, in place, for so many tasks. Not to be copied. */
typedef struct ferry_barrier {
    uint64_t ferry__words[3];
    int ferry__parties, ferry__reserved[3];
} ferry_barrier;
#define FERRY_BARRIER_INIT(parties) \
    {                               \
        {0, 0, 0}, (parties),       \
        {                           \
            0, 0, 0                 \
        }                           \
    }

/*
 * Makes a barrier of any memory, or ends its life. Neither is needed where FERRY_BARRIER_INIT is
 * used. deinit: nobody may wait, or the program ends with a sentence; NULL is fine.
 *
 *     ferry_barrier own;
 *     ferry_barrier_init(&own, 3);
 *     ferry_barrier_deinit(&own);
 *
 * Returns 0, or a negative errno.
 * Errors: EINVAL parties is less than 1.
 * Any thread; never suspends.
 */
int ferry_barrier_init(ferry_barrier *barrier, int parties);
void ferry_barrier_deinit(ferry_barrier *barrier);

/*
 * Waits until the last one has come.
 *
 * Returns the place in the order of arrival, 0 ... parties - 1, or a negative errno.
 * Errors: those of a wait; EPIPE aborted, or reset while waiting; EPERM outside a task, or tasks of
 * another loop wait; EINVAL it is NULL, or for less than 1.
 * From a task; suspends unless it is the last one.
 */
int ferry_barrier_wait(ferry_barrier *barrier) __attribute__((warn_unused_result));

/*
 * Tells those who wait EPIPE. After a reset the barrier is as new, after an abort it is broken
 * until it is reset. No cancel makes them fail.
 *
 *     ferry_barrier_abort(&phase);
 *     ferry_barrier_reset(&phase);
 *
 * Returns 0, or a negative errno.
 * Errors: EPERM no loop runs on this thread, or tasks of another wait; EINVAL it is NULL.
 * From a task or a callback of the loop; never suspends.
 */
int ferry_barrier_reset(ferry_barrier *barrier);
int ferry_barrier_abort(ferry_barrier *barrier);

/*
 * How many the barrier is for, how many wait, whether it is broken.
 *
 *     printf("%d of %d\n", ferry_barrier_n_waiting(&phase), ferry_barrier_parties(&phase));
 *     if (ferry_barrier_broken(&phase))
 *         puts("broken");
 *
 * Returns the number; true when it is broken.
 * Errors: none.
 * From the barrier's loop; never suspends.
 */
int ferry_barrier_parties(const ferry_barrier *barrier);
int ferry_barrier_n_waiting(const ferry_barrier *barrier);
bool ferry_barrier_broken(const ferry_barrier *barrier);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#endif
