/* SPDX-License-Identifier: MIT */
/*
 * From a worker back to the loop.
 *
 *     static int show_progress(int percent)
 *     {
 *         return printf("%d %%\n", percent); // on the loop, in the task that waits
 *     }
 *
 *     static int copy_all(void) // on a worker
 *     {
 *         for (int percent = 0; percent < 100; percent++) {
 *             ferry_from_thread(show_progress, percent);
 *             if (ferry_check_cancelled() < 0)
 *                 return -ECANCELED;
 *         }
 *         return 0;
 *     }
 */
#ifndef FERRY_FROM_THREAD_H
#define FERRY_FROM_THREAD_H

#include <ferry/call.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/*
 * T ferry_from_thread(fn, args...)
 *
 * Calls fn(args...) on the loop, in the task whose call this worker runs. The worker blocks
 * meanwhile. It is a plain call in every sense: the compiler checks it, all that C can pass and
 * return goes, nothing is allocated, pointers into the worker's stack are fine. Inside, fn is that
 * task: it has its name and its task-locals, may wait and await, create tasks, and use what belongs
 * to the loop. Once the task was cancelled or its time is up, waits inside say so.
 *
 * What fn can't wait for is the worker that waits for it. A call, a map or a FERRY_WITH_WORKER on
 * an executor all of whose workers wait like this one could never begin: it says EDEADLK, and so do
 * a call in the very block whose worker asks, and the shutdown of the executor. An exception that
 * leaves fn ends the program with a sentence (ferry::from_thread brings it to the worker:
 * ferry/thread.hpp).
 *
 * Returns what fn returned, with its errno; the skip value when it was not called. A type without a
 * skip value then ends the program with a sentence.
 * Errors: EPERM not in a call that a task awaits; ECANCELED the task has abandoned this call.
 * From a call that ferry_to_thread, ferry_run_in_executor or ferry_call_with made, on its own
 * thread; blocks.
 */
#define ferry_from_thread(...) FERRY__AWAITED(FERRY__FROM_THREAD, NULL, NULL, 0, __VA_ARGS__)

/*
 * Says whether the call that runs here should stop. In a task: what its next wait would say.
 *
 * Returns 0: go on, also where nobody could ask it to stop (a submitted call, a thread of yours);
 * else a negative errno.
 * Errors: ECANCELED its task, or the stream that it serves, was cancelled; ETIMEDOUT its time is
 * up.
 * Any thread; never suspends; some nanoseconds.
 */
int ferry_check_cancelled(void);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#endif
