/* SPDX-License-Identifier: MIT */
/*
 * The loop itself: callbacks, timers, descriptors, signals. Tasks need little of this; it is for
 * code that works with callbacks, and for other threads that want something done on the loop.
 *
 * A callback runs on the loop's thread, between tasks, and is no task: it can't wait (waits say
 * -EPERM), but it may create tasks, settle futures and cancel.
 *
 * Except where it says "any thread", everything here is called on the thread of a running loop and
 * otherwise fails with EPERM. Nothing here suspends.
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

/* The loop that runs on this thread; NULL with errno EPERM. The pointer stays usable for the
 * *_threadsafe functions after the loop has ended: they then say so. */
ferry_loop *ferry_get_running_loop(void);

/* Whether the loop has ended; a moment later it may have. Any thread. */
bool ferry_loop_is_closed(const ferry_loop *loop);

/* The loop's clock: monotonic seconds, with nothing said about their zero. Any thread. */
double ferry_loop_time(void);

/*
 * int ferry_call_soon(fn, args...)
 *
 * Calls fn(args...) in the loop's next round, in the order asked. The result is dropped.
 * 0; -EPERM, -ENOMEM.
 */
#define ferry_call_soon(...) \
    ferry__made_int(FERRY__DEFERRED(FERRY__CALL_SOON, NULL, NULL, 0, __VA_ARGS__))

/*
 * ferry_timer *ferry_call_later(double seconds, fn, args...)
 * ferry_timer *ferry_call_at(double time, fn, args...)         time: of ferry_loop_time()
 *
 * Calls fn(args...) once, later; of the same moment, in the order asked. The handle is a number
 * with a generation: cancelling after it ran is harmless. NULL with errno EPERM, ENOMEM, or EINVAL
 * (NaN).
 */
#define ferry_call_later(seconds, ...) \
    FERRY__CAST(ferry_timer *,         \
                FERRY__DEFERRED(FERRY__CALL_LATER, NULL, NULL, (seconds), __VA_ARGS__))
#define ferry_call_at(time, ...) \
    FERRY__CAST(ferry_timer *, FERRY__DEFERRED(FERRY__CALL_AT, NULL, NULL, (time), __VA_ARGS__))

/* 0: it will not run; -ESRCH: it ran or was cancelled already; -EINVAL for NULL; -EPERM. */
int ferry_timer_cancel(ferry_timer *timer);

/* When it will run, of ferry_loop_time(); infinity: never. NaN with errno ESRCH, EINVAL, EPERM as
 * above. */
double ferry_timer_when(ferry_timer *timer);

/*
 * int ferry_call_soon_threadsafe(ferry_loop *loop, fn, args...)
 *
 * ferry_call_soon from any thread, onto that loop. 0; -ENOMEM; -ESHUTDOWN: the loop has ended;
 * -EINVAL.
 */
#define ferry_call_soon_threadsafe(loop, ...) \
    ferry__made_int(FERRY__DEFERRED(FERRY__CALL_SOON_THREADSAFE, (loop), NULL, 0, __VA_ARGS__))

/*
 * ferry_future *ferry_run_coroutine_threadsafe(ferry_loop *loop, fn, args...)
 *
 * Runs fn(args...) as a task of that loop; the future gives its result (ferry_future_result) to any
 * thread, -ECANCELED when the task never began, -ESHUTDOWN when the loop ended first. Cancelling
 * the future cancels the task. Free the future.
 *
 * NULL with errno ENOMEM, ESHUTDOWN, EINVAL. Any thread.
 */
#define ferry_run_coroutine_threadsafe(loop, ...) \
    FERRY__CAST(ferry_future *,                   \
                FERRY__DEFERRED(FERRY__RUN_COROUTINE_THREADSAFE, (loop), NULL, 0, __VA_ARGS__))

/*
 * Calls fn(fd, context) in each round in which fd can be read (written) without waiting:
 * level-triggered, so fn should read, or remove itself. Adding again replaces. Where reading
 * reaches the end or the descriptor has an error, both kinds are called: a read or write then says
 * what it is.
 *
 * 0; -EBADF; -EPERM for a regular file or directory, which epoll can't watch and which are always
 * ready: use ferry_to_thread; -ENOMEM, -ENOSPC; -EINVAL when fn is NULL.
 *
 * Remove before closing the descriptor. When it was closed all the same (even while a duplicate of
 * it lives on, which is how epoll comes to report a descriptor that nobody can name any more), the
 * watch is reported to the exception handler once and dropped: the loop never spins on it.
 */
typedef void ferry_descriptor_callback(int fd, void *context);
int ferry_loop_add_reader(int fd, ferry_descriptor_callback *fn, void *context);
int ferry_loop_add_writer(int fd, ferry_descriptor_callback *fn, void *context);

/* 1: removed; 0: there was none. */
int ferry_loop_remove_reader(int fd);
int ferry_loop_remove_writer(int fd);

/*
 * Calls fn(signal, context) on the loop, as a callback, after the process got that signal: so fn
 * may use all that a callback may. Several of one kind may come as one. Adding again replaces. When
 * the loop ends, or by remove, the process's earlier action is put back.
 *
 * 0; -EINVAL: no such signal, one that can't be caught, one that the machine raises on a fault
 * (SIGSEGV, SIGBUS, SIGFPE, SIGILL), or fn is NULL; -EBUSY: another loop handles it; -EPERM: not
 * the process's main thread. remove: 1 removed, 0 there was none.
 */
typedef void ferry_signal_callback(int signal, void *context);
int ferry_loop_add_signal_handler(int signal, ferry_signal_callback *fn, void *context);
int ferry_loop_remove_signal_handler(int signal);

/*
 * What the loop tells its exception handler: failures that nobody looked at, and the reports of
 * debug mode (ferry/run.h), where nothing has failed. Without a handler each is a line on stderr.
 * The texts are valid until the handler returns.
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

typedef void ferry_exception_handler(ferry_loop *loop, const ferry_exception *exception,
                                     void *context);

/* NULL: back to the line on stderr. 0; -EPERM. The handler is a callback. */
int ferry_loop_set_exception_handler(ferry_exception_handler *handler, void *context);

/* The handler and its context; NULL: none was set, or no loop runs here. */
ferry_exception_handler *ferry_loop_get_exception_handler(void **ret_context);

/* Tells the loop's handler, or without one stderr, of a failure of yours. 0; -EPERM; -EINVAL
 * without a message. From a task it runs in the task. */
int ferry_loop_call_exception_handler(const ferry_exception *exception);

/* The line on stderr: for a handler that wants it as well. Any thread. */
void ferry_loop_default_exception_handler(const ferry_exception *exception);

/*
 * Debug mode of this loop, on or off from now on: docs/debug-mode.md. What was made before it was
 * switched on is not looked at. 0; -EPERM. get: false also where no loop runs.
 */
int ferry_loop_set_debug(bool enabled);
bool ferry_loop_get_debug(void);

/*
 * In debug mode, a step of a task or a callback that holds the loop for longer is reported; 0.1 at
 * first. 0 reports every one, infinity none. 0; -EPERM; -EINVAL for NaN.
 */
int ferry_loop_set_slow_callback_duration(double seconds);

/* What the macros call: 0 when the call was made, else -errno. */
int ferry__made_int(void *made);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#endif
