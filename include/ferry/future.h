/* SPDX-License-Identifier: MIT */
/*
 * Futures: a result that is not there yet.
 *
 *     ferry_future *answer = ferry_future_new();
 *     ferry_call_later(1, ferry_future_set_result, answer, "here"); // anybody, on any thread
 *     void *value;
 *     if (ferry_future_await(answer, &value) == 0)
 *         puts(value);
 *     ferry_future_free(answer);
 *
 * Whoever makes it settles it once, from any thread; any number of tasks (of any loop) and threads
 * may wait for it. The same type is what ferry_executor_submit and ferry_run_coroutine_threadsafe
 * give: there ferry settles it with what the function returned.
 *
 * A future must be freed, by whoever made it (or was given it), when nobody waits for it any more;
 * it need not be settled by then.
 *
 * Errors of a future: those of a wait; ECANCELED also when the future was cancelled; EDEADLK in a
 * callback of the loop, which may not wait, unless it is settled, or on a worker, when the future's
 * call can never begin (with the ring on stderr); EINVAL it is NULL.
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

/*
 * Makes a pending future.
 *
 * Returns the future, or NULL. Free it with ferry_future_free.
 * Errors: ENOMEM no memory.
 * Any thread, with or without a loop; never suspends.
 */
ferry_future *ferry_future_new(void);

/*
 * Gives the future up. NULL is fine. One of ferry_future_new that is pending is cancelled by it,
 * for its done callbacks. Somebody waiting for it is a programmer error, and where it is pending
 * ends the program with a sentence.
 *
 * Errors: none.
 * Any thread; never suspends.
 */
void ferry_future_free(ferry_future *future);

/*
 * Settles the future with a value, or with an error. Wakes all that wait. The error is an errno,
 * positive or negative.
 *
 *     if (got < 0)
 *         ferry_future_set_error(future, errno);
 *     else
 *         ferry_future_set_result(future, &user);
 *
 * Returns 0, or a negative errno.
 * Errors: EALREADY it was settled or cancelled before, and stays as it was; EINVAL an error of 0 or
 * INT_MIN, or the future is NULL.
 * Any thread; never suspends.
 */
int ferry_future_set_result(ferry_future *future, void *value);
int ferry_future_set_error(ferry_future *future, int error);

/*
 * Waits until the future is settled. *ret (if not NULL) becomes its value, unless it is an error.
 * An interruption of the caller leaves the future as it is.
 *
 * Returns 0; the negative error it was settled with; else a negative errno.
 * Errors: those of a future.
 * From a task; suspends. From a thread that runs no loop it blocks, no longer than a FERRY_TIMEOUT
 * of that thread allows.
 */
int ferry_future_await(ferry_future *future, void **ret);

/*
 * T ferry_future_result(T, ferry_future *future)
 *
 * Waits as ferry_future_await does and gives what a submitted call returned. A difference of kind
 * between its type and T ends the program with a sentence. May be called again: a future keeps its
 * result.
 *
 *     ferry_future *pending = ferry_executor_submit(NULL, fetch_user, url, &user);
 *     int got = ferry_future_result(int, pending);
 *     ferry_future_free(pending);
 *
 * Returns the result; where there is none the skip value (-1, NULL). A T without a skip value then
 * ends the program with a sentence: ask ferry_future_await first.
 * Errors: those of a future.
 * From a task; suspends. From a thread that runs no loop it blocks.
 */
#define ferry_future_result(type, future) \
    FERRY__VALUE(type, ferry__future_result((future), FERRY__RESULT_OF(type), FERRY__HERE))

/*
 * Settles a pending future as cancelled. Waiters get -ECANCELED. For a submitted call: takes it out
 * of its queue when it has not begun; for a coroutine on another loop: asks its task to stop.
 *
 *     if (ferry_future_cancel(future) == 1)
 *         puts("cancelled, or asked to stop");
 *
 * Returns 1: cancelled, or asked to; 0: too late; else a negative errno.
 * Errors: EINVAL it is NULL.
 * Any thread; never suspends.
 */
int ferry_future_cancel(ferry_future *future);

/*
 * Whether it is settled or cancelled, or whether it is cancelled.
 *
 *     if (ferry_future_done(future) && !ferry_future_cancelled(future))
 *         puts("it has a result or an error");
 *
 * Returns true or false: a moment's truth.
 * Errors: none.
 * Any thread; never suspends.
 */
bool ferry_future_done(const ferry_future *future);
bool ferry_future_cancelled(const ferry_future *future);

/*
 * Whether a submitted call has begun and has not ended.
 *
 *     if (ferry_future_running(future))
 *         puts("too late to cancel it");
 *
 * Returns true or false: a moment's truth.
 * Errors: none.
 * Any thread; never suspends.
 */
bool ferry_future_running(const ferry_future *future);

/*
 * What a future's error is, without waiting.
 *
 *     if (ferry_future_error(future) == -EAGAIN)
 *         puts("pending");
 *
 * Returns 0: it has a result; the negative error it was settled with; else a negative errno.
 * Errors: ECANCELED it was cancelled; EAGAIN it is pending; EINVAL it is NULL.
 * Any thread; never suspends.
 */
int ferry_future_error(const ferry_future *future);

/*
 * Has fn(future, context) called once, when the future is settled or cancelled. Several are called
 * in the order in which they were added. remove takes all away that were added with this fn and
 * context.
 *
 *     ferry_future_add_done_callback(future, future_done, NULL);
 *
 * Added from a task or a callback of a loop: as a callback of that loop, in a round to come, never
 * at once; when the loop has ended by then it is dropped. Added elsewhere: in the thread that
 * settles the future (for a submitted call its worker, or who cancels), and when it is settled
 * already, here and now; fn should be quick then, and must not wait for its executor's shutdown.
 *
 * The future may be freed before: fn is called all the same, and its future is there.
 *
 * Returns 0, or a negative errno; remove: how many, those that are being called or on their way not
 * counted.
 * Errors: ENOMEM no memory; EINVAL fn or the future is NULL.
 * Any thread; never suspends.
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
