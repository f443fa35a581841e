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
 * Errors that all functions with a task argument share:
 *   EINVAL  the handle is NULL
 *   ESRCH   stale: the task was joined already (awaiting twice), or detached and has ended
 *   EPERM   the task belongs to another loop, or no loop runs on this thread (a worker is such a
 * thread)
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
 * Schedules fn(args...) as a task of the running loop; it starts in the loop's next round. The
 * arguments are copied now: scalars, pointers, structs of at most 16 bytes. It inherits the
 * creator's task-locals.
 *
 * The handle; NULL with errno EPERM (no loop runs on this thread) or ENOMEM (no memory for its
 * stack). From a task or a callback of the loop. Never suspends.
 */
#define ferry_create_task(...) \
    FERRY__CAST(ferry_task *, FERRY__DEFERRED(FERRY__CREATE_TASK, NULL, NULL, 0, __VA_ARGS__))

/*
 * T ferry_await(T, ferry_task *task)
 *
 * Waits until the task has ended and gives its result, whose type must be T: the kind is recorded
 * when the task is made and compared here, and a difference ends the program with both places. Ends
 * the handle.
 *
 * Where there is no result, the skip value comes back (-1, NULL) and errno says why: ECANCELED when
 * the task was cancelled before its function began, EBUSY when another task awaits it already,
 * EDEADLK when it is the calling task or waits (directly or through others) for the calling one,
 * and the shared errors above. For a T without a skip value (void, unsigned, bool, floating) that
 * is a programmer error and ends the program with a sentence: use ferry_join.
 *
 * An interruption of the caller (a cancel, a time limit) is passed on: the awaited task is
 * cancelled, and the wait goes on until it has ended. Its result, if it has one, is not lost. From
 * a task. Suspends unless the task has ended.
 */
#define ferry_await(type, task) \
    FERRY__VALUE(type, ferry__await((task), FERRY__RESULT_OF(type), FERRY__HERE))

/*
 * int ferry_join(ferry_task *task, T *ret)
 *
 * The full form of ferry_await: the result goes to *ret (NULL: it is dropped, whatever its type).
 * 0; -ECANCELED when the task was cancelled before its function began (*ret untouched); else as
 * ferry_await.
 */
#define ferry_join(task, ret) ferry__join((task), FERRY__RESULT_AT(ret), FERRY__HERE, (ret))

/*
 * T ferry_shield(T, ferry_task *task)
 *
 * ferry_await that keeps an interruption to itself (asyncio.shield): a cancel or time limit of the
 * caller ends the wait with the skip value and errno ECANCELED or ETIMEDOUT, while the task goes on
 * and its handle stays valid. Await it later, or detach it. A cancel of the task itself goes
 * through. (FERRY_SHIELD { } is something else: there the caller's own waits aren't interrupted.)
 */
#define ferry_shield(type, task) \
    FERRY__VALUE(type, ferry__shield((task), FERRY__RESULT_OF(type), FERRY__HERE))

/*
 * T ferry_wait_for(T, ferry_task *task, double seconds)
 *
 * ferry_await with a time limit: when it runs out the task is cancelled and waited for. The skip
 * value and errno ETIMEDOUT when the task had no result to give by then, or said that it was
 * cancelled (-ECANCELED, or -1 with that errno); a result it gave all the same is returned.
 */
#define ferry_wait_for(type, task, seconds) \
    FERRY__VALUE(type, ferry__wait_for((task), FERRY__RESULT_OF(type), FERRY__HERE, (seconds)))

/*
 * Asks the task to stop: its current wait, and each one after it, reports -ECANCELED (see
 * ferry/scope.h). A task that has not started never will. A task that awaits another passes the
 * cancel on and waits. 1: asked; 0: it had ended already; else a shared error. Never suspends.
 */
int ferry_task_cancel(ferry_task *task);

/*
 * Takes one cancel back, as asyncio's Task.uncancel: for code that handled it. Returns how many are
 * left; of a task that has ended none is taken back. ferry_task_cancelling: how many are open.
 */
int ferry_task_uncancel(ferry_task *task);
int ferry_task_cancelling(ferry_task *task);

/* Whether the task has ended. A stale handle's task has: true (with errno ESRCH). */
bool ferry_task_done(ferry_task *task);

/*
 * Whether the task ended by a cancel: before its function began, or by the function's returning
 * -ECANCELED (or -1 with errno ECANCELED) after a cancel was asked for.
 */
bool ferry_task_cancelled(ferry_task *task);

/*
 * Nobody will join this task: it is freed when it ends, or now if it has ended. A failure of it (a
 * negative int, unless ferry_task_cancelled is true) then goes to the loop's exception handler. 0;
 * -EBUSY when somebody awaits it; else a shared error.
 */
int ferry_task_detach(ferry_task *task);

/*
 * Calls fn(task, context) soon on the loop, as a callback (ferry/loop.h), when the task has ended;
 * in the order in which they were added, and before a task that waits for this one goes on. When it
 * has ended already: in the next round.
 *
 * Keeps nothing alive. The handle is the callback's to ask, and where nobody waits for the task, to
 * join; of a detached task it is stale there. 0; -EINVAL when fn is NULL; -ENOMEM; a shared error.
 */
typedef void ferry_task_done_callback(ferry_task *task, void *context);
int ferry_task_add_done_callback(ferry_task *task, ferry_task_done_callback *fn, void *context);

/* Takes back what was added with this fn and context: how many; 0 once the task has ended. Or a
 * shared error. */
int ferry_task_remove_done_callback(ferry_task *task, ferry_task_done_callback *fn, void *context);

/*
 * A name for reports, printf-style; without one it has its function's name. 0; -ENOMEM; a shared
 * error. The name stays valid until the task is renamed or freed; for a stale handle "?".
 */
int ferry_task_set_name(ferry_task *task, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
const char *ferry_task_name(ferry_task *task);

/* The task that runs, NULL outside a task (a worker, a callback of the loop, no loop). */
ferry_task *ferry_current_task(void);

/*
 * Writes the handles of this loop's tasks that have not ended to ret (up to `room`), in no order.
 * How many there are, which may be more than `room`; 0 with errno EPERM without a loop.
 */
size_t ferry_all_tasks(ferry_task **ret, size_t room);

/*
 * Suspends the task for that long; 0 (or negative) lets the others run once, infinity waits for an
 * interruption. 0; -ECANCELED, -ETIMEDOUT; -EINVAL for NaN; -EPERM outside a task.
 */
int ferry_sleep(double seconds);

/* What the macros call. */
struct ferry__value ferry__await(ferry_task *task, unsigned result, const char *place);
struct ferry__value ferry__shield(ferry_task *task, unsigned result, const char *place);
struct ferry__value ferry__wait_for(ferry_task *task, unsigned result, const char *place,
                                    double seconds);
int ferry__join(ferry_task *task, unsigned result, const char *place, void *ret);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#endif
