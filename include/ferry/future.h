/* SPDX-License-Identifier: MIT */
/*
 * Futures: a result that is not there yet. Whoever makes it settles it once, from any thread; any
 * number of tasks (of any loop) and threads may wait for it.
 *
 * The same type is what ferry_executor_submit and ferry_run_coroutine_threadsafe give: there ferry
 * settles it with what the function returned.
 *
 * A future must be freed, by whoever made it (or was given it), when nobody waits for it any more;
 * it need not be settled by then.
 */
#ifndef FERRY_FUTURE_H
#define FERRY_FUTURE_H

#include <ferry/call.h>
#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

typedef struct ferry_future ferry_future;

/* A pending future; NULL with errno ENOMEM. Any thread, with or without a loop. */
ferry_future *ferry_future_new(void);

/* Gives the future up. NULL is fine. Waiting for it at the same time is a programmer error. Any
 * thread. */
void ferry_future_free(ferry_future *future);

/*
 * Settles the future with a value, or with an error (an errno, positive or negative). Wakes all
 * that wait. Any thread.
 *
 * 0; -EALREADY: it was settled or cancelled before, and stays as it was; -EINVAL for an error of 0.
 */
int ferry_future_set_result(ferry_future *future, void *value);
int ferry_future_set_error(ferry_future *future, int error);

/*
 * Waits until it is settled; *ret (if not NULL) becomes its value.
 * 0; the negative error it was settled with; -ECANCELED when it was cancelled or the caller was;
 * -ETIMEDOUT. An interruption of the caller leaves the future as it is.
 * From a task: suspends. Where no loop runs (any other thread): blocks the thread, no longer than
 * a FERRY_TIMEOUT of that thread allows.
 * From a callback of the loop, which may do neither: -EDEADLK unless it is settled.
 */
int ferry_future_await(ferry_future *future, void **ret);

/*
 * T ferry_future_result(T, ferry_future *future)
 *
 * Waits as ferry_future_await does and gives what the function of a submitted call returned, as
 * type T: a difference of kind ends the program with a sentence. The skip value (-1, NULL) and
 * errno when there is none; a T without a skip value then ends the program with a sentence: ask
 * ferry_future_await first. May be called again: a future keeps its result.
 */
#define ferry_future_result(type, future) \
    FERRY__VALUE(type, ferry__future_result((future), FERRY__RESULT_OF(type), FERRY__HERE))

/*
 * Settles a pending future as cancelled (waiters get -ECANCELED). For a submitted call: takes it
 * out of its queue when it has not begun; for a coroutine on another loop: asks its task to stop.
 * 1: cancelled, or asked to; 0: too late. Any thread.
 */
int ferry_future_cancel(ferry_future *future);

/* Whether it is settled or cancelled; whether it is cancelled. Any thread. */
bool ferry_future_done(const ferry_future *future);
bool ferry_future_cancelled(const ferry_future *future);

/* Whether it is a submitted call that has begun and has not ended. Any thread; a moment's truth. */
bool ferry_future_running(const ferry_future *future);

/* The negative error it was settled with, -ECANCELED when it was cancelled; 0: it has a result;
 * -EAGAIN: it is pending. Never waits. Any thread. */
int ferry_future_error(const ferry_future *future);

/*
 * Calls fn(future, context) once, when the future is settled or cancelled. Several are called in
 * the order in which they were added.
 *
 * Added from a task or a callback of a loop: as a callback of that loop, in a round to come, never
 * at once; when the loop has ended by then it is dropped. Added elsewhere: in the thread that
 * settles the future (for a submitted call its worker, or who cancels), and when it is settled
 * already, here and now; fn should be quick then, and must not wait for its executor's shutdown.
 *
 * The future may be freed before: fn is called all the same, and its future is there. 0; -ENOMEM;
 * -EINVAL for NULL. Any thread.
 *
 * remove takes all away that were added with this fn and context: how many, those that are being
 * called or on their way not counted.
 */
typedef void ferry_future_done_callback(ferry_future *future, void *context);
int ferry_future_add_done_callback(ferry_future *future, ferry_future_done_callback *fn,
                                   void *context);
int ferry_future_remove_done_callback(ferry_future *future, ferry_future_done_callback *fn,
                                      void *context);

/* What the macro calls. */
struct ferry__value ferry__future_result(ferry_future *future, unsigned result, const char *place);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#endif
