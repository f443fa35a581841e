/* SPDX-License-Identifier: MIT */
/*
 * Many tasks at once.
 *
 *     for (int i = 0; i < 100; i++)
 *         tasks[i] = ferry_create_task(fetch_user, urls[i], &users[i]);
 *     ferry_gather(tasks, 100, results);                 results[i] is what tasks[i] returned
 *
 * All of these are called from a task and may suspend. None allocates per task, except
 * ferry_as_completed, once. A NULL, stale, foreign or repeated handle in the array is an error that
 * is found before anything is waited for, and no handle is ended by it.
 */
#ifndef FERRY_GATHER_H
#define FERRY_GATHER_H

#include <ferry/task.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/*
 * int ferry_gather(ferry_task *const *tasks, size_t count, T *results)
 *
 * Waits until all have ended; results[i] is the result of tasks[i], and all handles are ended.
 * `results` may be NULL: the results are dropped. Otherwise each task's kind of result must be T,
 * as in ferry_await.
 *
 * 0 when every function ran. Otherwise, still after all have ended, -ECANCELED: a task was
 * cancelled before its function began, and its place in results holds the skip value. (A function's
 * own negative result is a result, not an error of gather.) Errors of the array, nothing waited
 * for: -EINVAL, -ESRCH, -EPERM, -EBUSY (awaited by another, or twice in the array), -EDEADLK (the
 * caller is among them). Of nothing (count 0): 0 at once.
 *
 * An interruption of the caller cancels all of them, and the wait goes on until they have ended.
 */
#define ferry_gather(tasks, count, results) \
    ferry__gather((tasks), (count), FERRY__RESULT_AT(results), FERRY__HERE, (results))

typedef enum ferry_wait_when {
    FERRY_FIRST_COMPLETED, /* at least one has ended */
    FERRY_ALL_COMPLETED,
    FERRY_FIRST_EXCEPTION /* one has failed: a negative result of a signed type, and not because it
                             was cancelled; or all have ended */
} ferry_wait_when;

/*
 * Waits without taking results: the handles stay valid, ferry_task_done tells which have ended.
 * Cancels nothing. How many have ended; -EINVAL for FERRY_FIRST_COMPLETED of nothing; -ECANCELED or
 * -ETIMEDOUT when interrupted first; errors of the array as ferry_gather.
 */
int ferry_wait(ferry_task *const *tasks, size_t count, ferry_wait_when when);

/*
 * The tasks in the order in which they end:
 *
 *     ferry_completion completion = ferry_as_completed(tasks, count);
 *     ferry_task *task;
 *     while ((task = ferry_completion_next(&completion)))
 *         printf("%d\n", ferry_await(int, task));
 *
 * ferry_completion_next suspends until one more has ended. NULL at the end with errno 0; NULL with
 * errno set: ECANCELED or ETIMEDOUT when interrupted (it may be called again), or an error of the
 * array or ENOMEM from ferry_as_completed. Leaving the loop early leaks nothing. A task that
 * somebody else joined meanwhile is left out.
 */
typedef struct ferry_completion {
    struct ferry__completion *state;
    int error;
} ferry_completion;

ferry_completion ferry_as_completed(ferry_task *const *tasks, size_t count);
ferry_task *ferry_completion_next(ferry_completion *completion);

/* What the macro calls. */
int ferry__gather(ferry_task *const *tasks, size_t count, unsigned result, const char *place,
                  void *results);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#endif
