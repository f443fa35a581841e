/* SPDX-License-Identifier: MIT */
/*
 * Many futures at once: concurrent.futures.wait and as_completed. As all that is about futures,
 * these serve tasks of any loop, which they suspend, and threads without a loop, which they block.
 *
 *     ferry_futures *set = ferry_futures_as_completed(futures, count);
 *     ferry_future *future;
 *     while ((future = ferry_futures_next(set)))
 *         printf("%d\n", ferry_future_result(int, future));
 *     ferry_futures_free(set);
 *
 * Nothing here cancels, settles or frees a future, and a future must not be freed while it is
 * waited for.
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
 * Waits until all are settled (FERRY_ALL_COMPLETED), or one is (FERRY_FIRST_COMPLETED), or one has
 * failed (FERRY_FIRST_EXCEPTION: an error that is no cancel, or a negative result of a signed type;
 * or all are settled). ferry_future_done tells which are.
 *
 * How many are settled; -EINVAL: a NULL among them, more than a billion, or the first of nothing;
 * -ENOMEM; -ECANCELED, -ETIMEDOUT when interrupted first; -EDEADLK: in a callback of the loop
 * unless it needn't wait; or, with FERRY_ALL_COMPLETED on a worker, for a call that could never
 * begin (see ferry_run_in_executor). The same future may stand there twice.
 */
int ferry_futures_wait(ferry_future *const *futures, size_t count, ferry_wait_when when);

/*
 * A set of futures that gives each of them once, in the order in which they are settled: those
 * first that are already, as they stand in the array. (One that stands there twice is given twice.)
 * The array may go at once.
 *
 * NULL with errno ENOMEM, or EINVAL for a NULL among them. Any thread; never suspends. One task or
 * thread at a time uses a set. Free it.
 */
typedef struct ferry_futures ferry_futures;
ferry_futures *ferry_futures_as_completed(ferry_future *const *futures, size_t count);

/*
 * The next, which is settled; waits for it. NULL with errno 0 when all have been given; NULL with
 * errno ECANCELED or ETIMEDOUT when interrupted (it may be called again), or EDEADLK in a callback
 * of the loop, where it can't wait.
 */
ferry_future *ferry_futures_next(ferry_futures *set);

/* Gives the set up, those that it did not give included; from anywhere. NULL is fine. */
void ferry_futures_free(ferry_futures *set);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#endif
