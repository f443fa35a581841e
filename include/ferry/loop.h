/* SPDX-License-Identifier: MIT */
/*
 * The loop itself: callbacks, timers, descriptors, signals.
 *
 *     ferry_timer *timer = ferry_call_later(5, puts, "five seconds have passed");
 *     ferry_call_soon(puts, "in the next round");
 *     ferry_sleep(1);
 *     ferry_timer_cancel(timer);
 *
 * Tasks need little of this; it is for code that works with callbacks, and for other threads that
 * want something done on the loop.
 *
 * A callback runs on the loop's thread, between tasks, and is no task: it can't wait (waits say
 * -EPERM), but it may create tasks, settle futures and cancel.
 *
 * Except where it says "any thread", everything here is called on the thread of a running loop and
 * otherwise fails with EPERM. Nothing here suspends.
 *
 * Errors of a loop: EPERM no loop runs on this thread.
 */
#ifndef FERRY_LOOP_H
#define FERRY_LOOP_H

#include <ferry/call.h>
#include <ferry/future.h>
#include <ferry/task.h>
#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

typedef struct ferry_loop ferry_loop;
typedef struct ferry_timer ferry_timer;

/*
 * The loop that runs on this thread.
 *
 *     ferry_loop *loop = ferry_get_running_loop();
 *
 * Returns the loop, or NULL. The pointer stays usable for the *_threadsafe functions after the loop
 * has ended: they then say so.
 * Errors: those of a loop.
 * From a task or a callback of the loop; never suspends.
 */
ferry_loop *ferry_get_running_loop(void);

/*
 * Whether the loop has ended.
 *
 *     if (ferry_loop_is_closed(loop))
 *         puts("nobody is there any more");
 *
 * Returns true when it has; false is a moment's truth.
 * Errors: none.
 * Any thread; never suspends.
 */
bool ferry_loop_is_closed(const ferry_loop *loop);

/*
 * The loop's clock.
 *
 *     double start = ferry_loop_time();
 *     ferry_to_thread(fetch_user, url, &user);
 *     printf("%g s\n", ferry_loop_time() - start);
 *
 * Returns monotonic seconds, with nothing said about their zero.
 * Errors: none.
 * Any thread; never suspends.
 */
double ferry_loop_time(void);

/*
 * int ferry_call_soon(fn, args...)
 *
 * Calls fn(args...) in the loop's next round. Several are called in the order asked. The result is
 * dropped.
 *
 * Returns 0, or a negative errno.
 * Errors: those of a loop; ENOMEM no memory.
 * From a task or a callback of the loop; never suspends.
 */
#define ferry_call_soon(...) \
    ferry__made_int(FERRY__DEFERRED(FERRY__CALL_SOON, NULL, NULL, 0, __VA_ARGS__))

/*
 * ferry_timer *ferry_call_later(double seconds, fn, args...)
 * ferry_timer *ferry_call_at(double time, fn, args...)
 *
 * Calls fn(args...) once, later. `time` is one of ferry_loop_time(). Of the same moment, in the
 * order asked. The handle is a number with a generation: cancelling after it ran is harmless.
 *
 *     ferry_call_later(0.5, puts, "half a second later");
 *     ferry_call_at(ferry_loop_time() + 0.5, puts, "the same");
 *
 * Returns the timer, or NULL. It need not be cancelled.
 * Errors: those of a loop; ENOMEM no memory; EINVAL the time is NaN.
 * From a task or a callback of the loop; never suspends.
 */
#define ferry_call_later(seconds, ...) \
    FERRY__CAST(ferry_timer *,         \
                FERRY__DEFERRED(FERRY__CALL_LATER, NULL, NULL, (seconds), __VA_ARGS__))
#define ferry_call_at(time, ...) \
    FERRY__CAST(ferry_timer *, FERRY__DEFERRED(FERRY__CALL_AT, NULL, NULL, (time), __VA_ARGS__))

/*
 * Takes back what a timer would call. Until that is called: also when it is due already.
 *
 * Returns 0: it will not run; else a negative errno.
 * Errors: ESRCH it ran or was cancelled already; EINVAL it is NULL; those of a loop.
 * From a task or a callback of the loop; never suspends.
 */
int ferry_timer_cancel(ferry_timer *timer);

/*
 * When a timer will run.
 *
 *     double left = ferry_timer_when(timer) - ferry_loop_time();
 *
 * Returns a moment of ferry_loop_time(), infinity: never; NaN on an error.
 * Errors: ESRCH it ran or was cancelled already; EINVAL it is NULL; those of a loop.
 * From a task or a callback of the loop; never suspends.
 */
double ferry_timer_when(ferry_timer *timer);

/*
 * int ferry_call_soon_threadsafe(ferry_loop *loop, fn, args...)
 *
 * Calls fn(args...) soon on that loop, as ferry_call_soon does on the own one.
 *
 *     ferry_call_soon_threadsafe(loop, puts, "on the loop's thread");
 *
 * Returns 0, or a negative errno.
 * Errors: ENOMEM no memory; ESHUTDOWN the loop has ended; EINVAL it is NULL.
 * Any thread; never suspends.
 */
#define ferry_call_soon_threadsafe(loop, ...) \
    ferry__made_int(FERRY__DEFERRED(FERRY__CALL_SOON_THREADSAFE, (loop), NULL, 0, __VA_ARGS__))

/*
 * ferry_future *ferry_run_coroutine_threadsafe(ferry_loop *loop, fn, args...)
 *
 * Runs fn(args...) as a task of that loop. The future gives its result (ferry_future_result) to any
 * thread, -ECANCELED when the task never began, -ESHUTDOWN when the loop ended first. Cancelling
 * the future cancels the task.
 *
 *     ferry_future *answer = ferry_run_coroutine_threadsafe(loop, fetch_user, url, &user);
 *     int got = ferry_future_result(int, answer);
 *     ferry_future_free(answer);
 *
 * Returns the future, or NULL. Free it with ferry_future_free.
 * Errors: ENOMEM no memory; ESHUTDOWN the loop has ended; EINVAL it is NULL.
 * Any thread; never suspends.
 */
#define ferry_run_coroutine_threadsafe(loop, ...) \
    FERRY__CAST(ferry_future *,                   \
                FERRY__DEFERRED(FERRY__RUN_COROUTINE_THREADSAFE, (loop), NULL, 0, __VA_ARGS__))

/*
 * Calls fn(fd, context) when fd can be read (written) without waiting. That is in each such round
 * (level-triggered), so fn should read, or remove itself. Adding again replaces. Where reading
 * reaches the end or the descriptor has an error, both kinds are called: a read or write then says
 * what it is.
 *
 *     ferry_loop_add_reader(fd, can_read, &user);
 *     ferry_sleep(1);
 *     ferry_loop_remove_reader(fd);
 *
 * Remove before closing the descriptor. When it was closed all the same (even while a duplicate of
 * it lives on, which is how epoll comes to report a descriptor that nobody can name any more), the
 * watch is reported to the exception handler once and dropped: the loop never spins on it.
 *
 * Returns 0, or a negative errno.
 * Errors: EBADF the descriptor isn't open; EPERM no loop runs on this thread, or it is a regular
 * file or directory, which epoll can't watch and which are always ready (use ferry_to_thread);
 * ENOMEM no memory; ENOSPC the user's limit of watches is reached; EINVAL fn is NULL.
 * From a task or a callback of the loop; never suspends.
 */
typedef void ferry_descriptor_callback(int fd, void *context);
int ferry_loop_add_reader(int fd, ferry_descriptor_callback *fn, void *context);
int ferry_loop_add_writer(int fd, ferry_descriptor_callback *fn, void *context);

/*
 * Stops watching a descriptor for reading, or for writing.
 *
 * Returns 1: removed; 0: there was none; else a negative errno.
 * Errors: those of a loop.
 * From a task or a callback of the loop; never suspends.
 */
int ferry_loop_remove_reader(int fd);
int ferry_loop_remove_writer(int fd);

/*
 * Calls fn(signal, context) on the loop after the process got that signal. It is a callback: so fn
 * may use all that one may. Several of one kind may come as one. Adding again replaces. When the
 * loop ends, or by remove, the process's earlier action is put back, unless the program has
 * installed another one itself by then.
 *
 *     ferry_loop_add_signal_handler(SIGTERM, got_signal, ferry_current_task());
 *
 * Returns 0, or a negative errno; remove: 1 removed, 0 there was none.
 * Errors: EINVAL no such signal, one that can't be caught, one that the machine raises on a fault
 * (SIGSEGV, SIGBUS, SIGFPE, SIGILL), or fn is NULL; EBUSY another loop handles it; EPERM no loop
 * runs on this thread, or it isn't the process's main thread.
 * From a task or a callback of the loop; never suspends.
 */
typedef void ferry_signal_callback(int signal, void *context);
int ferry_loop_add_signal_handler(int signal, ferry_signal_callback *fn, void *context);
int ferry_loop_remove_signal_handler(int signal);

/*
 * What the loop tells its exception handler. That is failures that nobody looked at, and the
 * reports of debug mode (ferry/run.h), where nothing has failed. Without a handler each is a line
 * on stderr. The texts are valid until the handler returns.
 */
typedef struct ferry_exception {
    const char *message;  /* a sentence */
    ferry_task *task;     /* the task it is about, or NULL */
    const char *name;     /* of the task, or of the call or thing it is about, or NULL */
    const char *function; /* of the task or call, or NULL */
    const char *place;    /* where that was made, "file:line", or NULL */
    int result;           /* the negative int that the task returned, or 0 */
    bool debug;           /* a report of debug mode */
} ferry_exception;

/*
 * Sets the loop's exception handler. NULL: back to the line on stderr. The handler is a callback,
 * even where a task's ferry_task_detach leads to it. It may join or detach the task that it is told
 * of. What debug mode has to say of the handler itself is a line on stderr.
 *
 *     ferry_loop_set_exception_handler(on_exception, NULL);
 *
 * Returns 0, or a negative errno.
 * Errors: those of a loop.
 * From a task or a callback of the loop; never suspends.
 */
typedef void ferry_exception_handler(ferry_loop *loop, const ferry_exception *exception,
                                     void *context);
int ferry_loop_set_exception_handler(ferry_exception_handler *handler, void *context);

/*
 * The loop's exception handler and its context.
 *
 *     void *with;
 *     if (!ferry_loop_get_exception_handler(&with))
 *         ferry_loop_set_exception_handler(on_exception, NULL);
 *
 * Returns the handler; NULL when none was set, or no loop runs here.
 * Errors: none.
 * From a task or a callback of the loop; never suspends.
 */
ferry_exception_handler *ferry_loop_get_exception_handler(void **ret_context);

/*
 * Tells the loop's exception handler, or without one stderr, of a failure of yours.
 *
 *     ferry_exception exception = {.message = "the configuration is not usable", .place = path};
 *     ferry_loop_call_exception_handler(&exception);
 *
 * Returns 0, or a negative errno.
 * Errors: those of a loop; EINVAL there is no message.
 * From a task, in which the handler then runs, or a callback of the loop; never suspends.
 */
int ferry_loop_call_exception_handler(const ferry_exception *exception);

/*
 * Prints the line on stderr. For a handler that wants it as well.
 *
 *     ferry_exception exception = {.message = "the configuration is not usable"};
 *     ferry_loop_default_exception_handler(&exception);
 *
 * Errors: none.
 * Any thread; never suspends.
 */
void ferry_loop_default_exception_handler(const ferry_exception *exception);

/*
 * Debug mode of this loop, on or off from now on. See docs/debug-mode.md. What was made before it
 * was switched on is not looked at.
 *
 *     ferry_loop_set_debug(true);
 *
 * Returns 0 or a negative errno; get: whether it is on, false also where no loop runs.
 * Errors: those of a loop.
 * From a task or a callback of the loop; never suspends.
 */
int ferry_loop_set_debug(bool enabled);
bool ferry_loop_get_debug(void);

/*
 * Sets how long something may hold the loop before debug mode reports it. That is a step of a task
 * or a callback; 0.1 at first. 0 reports every one, infinity none.
 *
 *     ferry_loop_set_slow_callback_duration(0.01);
 *
 * Returns 0, or a negative errno.
 * Errors: those of a loop; EINVAL NaN.
 * From a task or a callback of the loop; never suspends.
 */
int ferry_loop_set_slow_callback_duration(double seconds);

/* What the macros call: 0 when the call was made, else -errno. */
int ferry__made_int(void *made);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#endif
