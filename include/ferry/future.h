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

/* What the macro calls. */
struct ferry__value ferry__future_result(ferry_future *future, unsigned result, const char *place);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#endif
