/* SPDX-License-Identifier: MIT */
/*
 * Many futures at once: concurrent.futures.wait and as_completed.
 *
 *     ferry_futures *set = ferry_futures_as_completed(futures, 100);
 *     while ((future = ferry_futures_next(set)))
 *         printf("%d\n", ferry_future_result(int, future));
 *     ferry_futures_free(set);
 *
 * As all that is about futures, these serve tasks of any loop, which they suspend, and threads
 * without a loop, which they block. Nothing here cancels, settles or frees a future, and a future
 * must not be freed while it is waited for.
 */
#ifndef FERRY_FUTURES_H
#define FERRY_FUTURES_H

#include <ferry/future.h>
#include <ferry/gather.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/*
 * Waits until all futures are settled, or one is, or one has failed. FERRY_ALL_COMPLETED,
 * FERRY_FIRST_COMPLETED, and FERRY_FIRST_EXCEPTION: an error that is no cancel, or a negative
 * result of a signed type; or all are settled. ferry_future_done tells which are. The same future
 * may stand there twice.
 *
 *     if (ferry_futures_wait(futures, 100, FERRY_FIRST_COMPLETED) > 0)
 *         puts("one of them has ended");
 *
 * Returns how many are settled, or a negative errno.
 * Errors: those of a wait; EINVAL a NULL among them, more than a billion, or the first of nothing;
 * ENOMEM no memory; EDEADLK in a callback of the loop unless it needn't wait, or, with
 * FERRY_ALL_COMPLETED on a worker, for a call that could never begin (see ferry_run_in_executor).
 * From a task; suspends unless it is so already. From a thread that runs no loop it blocks.
 */
int ferry_futures_wait(ferry_future *const *futures, size_t count, ferry_wait_when when);

/*
 * Gives futures once each, in the order in which they are settled. Those first that are already, as
 * they stand in the array. (One that stands there twice is given twice.) The array may go at once.
 * One task or thread at a time uses the set.
 *
 * Returns the set, or NULL. Free it with ferry_futures_free.
 * Errors: ENOMEM no memory; EINVAL a NULL among them, or more than a billion.
 * Any thread; never suspends.
 */
typedef struct ferry_futures ferry_futures;
ferry_futures *ferry_futures_as_completed(ferry_future *const *futures, size_t count);

/*
 * Waits for the next of a set to be settled.
 *
 * Returns the future, which is settled; NULL with errno 0 when all have been given, else NULL.
 * Errors: ECANCELED the caller was cancelled (it may be called again); ETIMEDOUT it ran out of time
 * (likewise); EDEADLK in a callback of the loop, where it can't wait; EINVAL the set is NULL.
 * From a task; suspends. From a thread that runs no loop it blocks.
 */
ferry_future *ferry_futures_next(ferry_futures *set);

/*
 * Gives the set up, those that it did not give included. NULL is fine. The futures stay.
 *
 * Errors: none.
 * Any thread; never suspends.
 */
void ferry_futures_free(ferry_futures *set);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#endif
