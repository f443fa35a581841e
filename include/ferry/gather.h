/* SPDX-License-Identifier: MIT */
/*
 * Many tasks at once.
 *
 *     for (int i = 0; i < 100; i++)
 *         tasks[i] = ferry_create_task(fetch_user, urls[i], &users[i]);
 *     ferry_gather(tasks, 100, results); // results[i] is what tasks[i] returned
 *
 * All of these are called from a task and may suspend. None allocates per task, except
 * ferry_as_completed, once. A NULL, stale, foreign or repeated handle in the array is an error that
 * is found before anything is waited for, and no handle is ended by it.
 *
 * Errors of an array of tasks: EINVAL a handle is NULL; ESRCH one is stale; EPERM one belongs to
 * another loop, or no task is running; EBUSY one is awaited by another task, or stands twice in the
 * array; EDEADLK the caller is among them, or awaited by one of them.
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
 * Waits until all tasks have ended and takes their results. results[i] is that of tasks[i], and all
 * handles are ended. `results` may be NULL: they are dropped. Otherwise each task's kind of result
 * must be T, as in ferry_await. Of nothing (count 0) it returns at once.
 *
 * An interruption of the caller cancels all of them, and the wait goes on until they have ended. A
 * function's own negative result is a result, not an error of gather.
 *
 * Returns 0 when every function ran, else a negative errno.
 * Errors: ECANCELED a task was cancelled before its function began (all have ended, its place in
 * results holds the skip value); those of an array of tasks.
 * From a task; suspends unless all have ended.
 */
#define ferry_gather(tasks, count, results) \
    ferry__gather((tasks), (count), FERRY__RESULT_AT(results), FERRY__HERE, (results))

/* What ferry_wait waits for. */
typedef enum ferry_wait_when {
    FERRY_FIRST_COMPLETED, /* at least one has ended */
    FERRY_ALL_COMPLETED,
    FERRY_FIRST_EXCEPTION /* one has failed: a negative result of a signed type, and not because it
                             was cancelled; or all have ended */
} ferry_wait_when;

/*
 * Waits for the first of the tasks, or for all, without taking results. The handles stay valid,
 * ferry_task_done tells which have ended. Cancels nothing.
 *
 *     if (ferry_wait(tasks, 100, FERRY_FIRST_COMPLETED) > 0)
 *         puts("one of them has ended");
 *
 * Returns how many have ended, or a negative errno.
 * Errors: those of an array of tasks; EINVAL for FERRY_FIRST_COMPLETED of nothing; those of a wait.
 * From a task; suspends unless it is so already.
 */
int ferry_wait(ferry_task *const *tasks, size_t count, ferry_wait_when when);

/*
 * Gives the tasks in the order in which they end.
 *
 *     ferry_completion completion = ferry_as_completed(tasks, 100);
 *     while ((task = ferry_completion_next(&completion)))
 *         printf("%d\n", ferry_await(int, task));
 *
 * ferry_completion_next waits until one more has ended. Leaving the loop early leaks nothing. A
 * task that somebody else joined meanwhile is left out.
 *
 * Returns a state to be handed to ferry_completion_next, which returns a task that has ended, or
 * NULL: at the end with errno 0, else with the error, of ferry_as_completed too.
 * Errors: those of an array of tasks; ENOMEM no memory; ECANCELED the caller was cancelled (it may
 * be called again); ETIMEDOUT it ran out of time (likewise).
 * From a task; ferry_completion_next suspends until one more has ended.
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
