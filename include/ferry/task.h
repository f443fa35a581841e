/* SPDX-License-Identifier: MIT */
/*
 * Tasks: coroutines scheduled on a loop.
 *
 *     ferry_task *task = ferry_create_task(fetch_user, url, &user);
 *     int got = ferry_await(int, task);
 *
 * A task is a C function with a stack of its own (256 KiB of address space, of which it uses what
 * it touches). It runs until it waits; then others run. It stays on the thread of its loop for
 * life.
 *
 * Handles. A ferry_task * is a number with a generation, not an address: a handle whose task is
 * gone is told from a live one in every build, and using it is an error, never a crash. Taking the
 * result (ferry_await, ferry_join, ferry_gather, ferry_wait_for, ferry_shield) ends the handle, as
 * pthread_join does; so does ferry_task_detach. A task nobody joined is freed when its loop ends.
 *
 * Errors of a task: EINVAL the handle is NULL; ESRCH it is stale, the task was joined already
 * (awaiting twice), or detached and has ended; EPERM the task belongs to another loop, or no loop
 * runs on this thread (a worker is such a thread).
 *
 * Errors of an await: those of a task; ECANCELED the task was cancelled before its function began;
 * EBUSY another task awaits it already; EDEADLK it is the calling task, or waits for it, directly
 * or through others.
 */
#ifndef FERRY_TASK_H
#define FERRY_TASK_H

#include <ferry/call.h>
#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

typedef struct ferry_task ferry_task;

/*
 * ferry_task *ferry_create_task(fn, args...)
 *
 * Schedules fn(args...) as a task of the running loop. It starts in the loop's next round. The
 * arguments are copied now: scalars, pointers, structs of at most 16 bytes. It inherits the
 * creator's task-locals.
 *
 * Returns the handle, or NULL.
 * Errors: EPERM no loop runs on this thread; ENOMEM no memory for its stack; ESHUTDOWN the loop
 * ends, all its tasks have, and it only tells of failures.
 * From a task or a callback of the loop; never suspends.
 */
#define ferry_create_task(...) \
    FERRY__CAST(ferry_task *, FERRY__DEFERRED(FERRY__CREATE_TASK, NULL, NULL, 0, __VA_ARGS__))

/*
 * T ferry_await(T, ferry_task *task)
 *
 * Waits until the task has ended and gives its result. Its type must be T: the kind is recorded
 * when the task is made and compared here, and a difference ends the program with both places. Ends
 * the handle.
 *
 * An interruption of the caller (a cancel, a time limit) is passed on: the awaited task is
 * cancelled, and the wait goes on until it has ended. Its result, if it has one, is not lost.
 *
 * Returns the result. Where there is none, the skip value (-1, NULL), and errno says why. For a T
 * without a skip value (void, unsigned, bool, floating) that is a programmer error and ends the
 * program with a sentence: use ferry_join.
 * Errors: those of an await.
 * From a task; suspends unless the task has ended.
 */
#define ferry_await(type, task) \
    FERRY__VALUE(type, ferry__await((task), FERRY__RESULT_OF(type), FERRY__HERE))

/*
 * int ferry_join(ferry_task *task, T *ret)
 *
 * Awaits a task with its result and its failure apart. The full form of ferry_await: the result
 * goes to *ret (NULL: it is dropped, whatever its type), which is untouched on an error.
 *
 *     int got;
 *     if (ferry_join(task, &got) < 0)
 *         perror("the task didn't run");
 *
 * Returns 0, or a negative errno.
 * Errors: those of an await.
 * From a task; suspends unless the task has ended.
 */
#define ferry_join(task, ret) ferry__join((task), FERRY__RESULT_AT(ret), FERRY__HERE, (ret))

/*
 * T ferry_shield(T, ferry_task *task)
 *
 * Awaits a task and keeps an interruption to itself (asyncio.shield). A cancel or time limit of the
 * caller ends the wait, while the task goes on and its handle stays valid: await it later, or
 * detach it. A cancel of the task itself goes through. (FERRY_SHIELD { } is something else: there
 * the caller's own waits aren't interrupted.)
 *
 *     int got = ferry_shield(int, task);
 *     if (got < 0 && errno == ECANCELED)
 *         ferry_task_detach(task);
 *
 * Returns the result, as ferry_await; the skip value when the caller was interrupted.
 * Errors: those of an await; ECANCELED the caller was cancelled; ETIMEDOUT it ran out of time.
 * From a task; suspends unless the task has ended.
 */
#define ferry_shield(type, task) \
    FERRY__VALUE(type, ferry__shield((task), FERRY__RESULT_OF(type), FERRY__HERE))

/*
 * T ferry_wait_for(T, ferry_task *task, double seconds)
 *
 * Awaits a task with a time limit. When it runs out the task is cancelled and waited for; a result
 * it gave all the same is returned.
 *
 *     int got = ferry_wait_for(int, task, 0.5);
 *     if (got < 0 && errno == ETIMEDOUT)
 *         puts("too slow");
 *
 * Returns the result, else the skip value, as ferry_await.
 * Errors: those of an await; ETIMEDOUT the task had no result to give by then, or said that it was
 * cancelled (-ECANCELED, or -1 with that errno).
 * From a task; suspends unless the task has ended.
 */
#define ferry_wait_for(type, task, seconds) \
    FERRY__VALUE(type, ferry__wait_for((task), FERRY__RESULT_OF(type), FERRY__HERE, (seconds)))

/*
 * Asks the task to stop. Its current wait, and each one after it, reports -ECANCELED (see
 * ferry/scope.h). A task that has not started never will. A task that awaits another passes the
 * cancel on and waits.
 *
 *     ferry_task_cancel(task);
 *     int got = ferry_await(int, task);
 *
 * Returns 1: asked; 0: it had ended already; else a negative errno.
 * Errors: those of a task.
 * From a task or a callback of the loop; never suspends.
 */
int ferry_task_cancel(ferry_task *task);

/*
 * Takes one cancel back, or counts the open ones. For code that handled it (asyncio's
 * Task.uncancel); of a task that has ended none is taken back.
 *
 *     if (ferry_sleep(1) == -ECANCELED)
 *         while (ferry_task_cancelling(ferry_current_task()) > 0)
 *             ferry_task_uncancel(ferry_current_task());
 *
 * Returns how many cancels are open (uncancel: are left), or a negative errno.
 * Errors: those of a task.
 * From a task or a callback of the loop; never suspends.
 */
int ferry_task_uncancel(ferry_task *task);
int ferry_task_cancelling(ferry_task *task);

/*
 * Whether the task has ended. A stale handle's task has.
 *
 *     while (!ferry_task_done(task))
 *         ferry_sleep(0.1);
 *
 * Returns true when it has, and for a stale handle (with errno ESRCH).
 * Errors: those of a task.
 * From a task or a callback of the loop; never suspends.
 */
bool ferry_task_done(ferry_task *task);

/*
 * Whether the task ended by a cancel. That is before its function began, or by the function's
 * returning -ECANCELED (or -1 with errno ECANCELED) after a cancel was asked for.
 *
 *     ferry_wait(&task, 1, FERRY_ALL_COMPLETED);
 *     if (ferry_task_cancelled(task))
 *         puts("cancelled");
 *
 * Returns true when it did.
 * Errors: those of a task.
 * From a task or a callback of the loop; never suspends.
 */
bool ferry_task_cancelled(ferry_task *task);

/*
 * Says that nobody will join this task. It is freed when it ends, or now if it has ended. A failure
 * of it (a negative int, unless ferry_task_cancelled is true) then goes to the loop's exception
 * handler.
 *
 *     ferry_task_detach(ferry_create_task(fetch_user, url, &user));
 *
 * Returns 0, or a negative errno.
 * Errors: those of a task; EBUSY somebody awaits it.
 * From a task or a callback of the loop; never suspends.
 */
int ferry_task_detach(ferry_task *task);

/*
 * Calls fn(task, context) on the loop when the task has ended. It is a callback (ferry/loop.h),
 * runs soon after, in the order in which they were added, and before a task that waits for this one
 * goes on. When it has ended already: in the next round.
 *
 *     ferry_task_add_done_callback(task, task_ended, NULL);
 *
 * Keeps nothing alive. The handle is the callback's to ask, and where nobody waits for the task, to
 * join; of a detached task it is stale there.
 *
 * Returns 0, or a negative errno.
 * Errors: those of a task; EINVAL fn is NULL; ENOMEM no memory.
 * From a task or a callback of the loop; never suspends.
 */
typedef void ferry_task_done_callback(ferry_task *task, void *context);
int ferry_task_add_done_callback(ferry_task *task, ferry_task_done_callback *fn, void *context);

/*
 * Takes back what was added with this fn and context. Nothing is left to take back once the task
 * has ended.
 *
 *     ferry_task_remove_done_callback(task, task_ended, NULL);
 *
 * Returns how many; else a negative errno.
 * Errors: those of a task.
 * From a task or a callback of the loop; never suspends.
 */
int ferry_task_remove_done_callback(ferry_task *task, ferry_task_done_callback *fn, void *context);

/*
 * Names a task for reports, printf-style. Without one it has its function's name. The name stays
 * valid until the task is renamed or freed; for a stale handle it is "?".
 *
 *     ferry_task_set_name(task, "fetch %s", url);
 *     puts(ferry_task_name(task));
 *
 * Returns 0 or a negative errno; the name.
 * Errors: those of a task; ENOMEM no memory.
 * From a task or a callback of the loop; never suspends.
 */
int ferry_task_set_name(ferry_task *task, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
const char *ferry_task_name(ferry_task *task);

/*
 * The task that runs.
 *
 *     ferry_task_set_name(ferry_current_task(), "fetch %s", url);
 *
 * Returns its handle; NULL outside a task (a worker, a callback of the loop, no loop).
 * Errors: none.
 * Any thread; never suspends.
 */
ferry_task *ferry_current_task(void);

/*
 * Writes the handles of this loop's tasks that have not ended to ret. Up to `room` of them, in no
 * order.
 *
 *     size_t there = ferry_all_tasks(tasks, 100);
 *     for (size_t i = 0; i < there && i < 100; i++)
 *         puts(ferry_task_name(tasks[i]));
 *
 * Returns how many there are, which may be more than `room`; 0 without a loop.
 * Errors: EPERM no loop runs on this thread.
 * From a task or a callback of the loop; never suspends.
 */
size_t ferry_all_tasks(ferry_task **ret, size_t room);

/*
 * Suspends the task for that long. 0 (or negative) lets the others run once, infinity waits for an
 * interruption.
 *
 *     for (int i = 0; i < 3; i++) {
 *         puts("tick");
 *         ferry_sleep(0.5);
 *     }
 *
 * Returns 0, or a negative errno.
 * Errors: those of a wait; EINVAL seconds is NaN; EPERM outside a task.
 * From a task; suspends.
 */
int ferry_sleep(double seconds);

/* What the macros call. */
struct ferry__value ferry__await(ferry_task *task, unsigned result, const char *place);
struct ferry__value ferry__shield(ferry_task *task, unsigned result, const char *place);
struct ferry__value ferry__wait_for(ferry_task *task, unsigned result, const char *place,
                                    double seconds);
int ferry__join(ferry_task *task, unsigned result, const char *place, void *ret);

/* Of a task in its record, where that has options: ferry/task.hpp's. */
struct ferry__task_options {
    bool even_cancelled; /* its function is called even if it was cancelled before it began */
};

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#endif
