/* SPDX-License-Identifier: MIT */
/*
 * A loop: a scheduler of tasks (core/sched.h), a mailbox for the rest of the world, and a backend
 * to sleep in.
 *
 * One turn:
 *
 *     deliver the mailbox -> fire timers that are due -> run a round of what is ready
 *          -> nothing ready?  watch the mailbox for a while if workers will answer, then sleep
 *
 * The clock is read in a turn only if a timer is set or a descriptor watched; the kernel is asked
 * about descriptors, while there is something to run, every 61 rounds or 50 µs. A turn in which
 * tasks only hand over to each other makes no system call.
 *
 * A loop belongs to the thread that opened it. Its memory is never freed but used again, 64 loops
 * later at the earliest, so that a late message from another thread finds a closed mailbox and not
 * somebody else's memory.
 */
#ifndef FERRY_LOOP_LOOP_H
#define FERRY_LOOP_LOOP_H

#include "base/list.h"
#include "base/memory.h"
#include "base/spin.h"
#include "core/call.h"
#include "core/sched.h"
#include "core/timers.h"
#include "loop/backend.h"
#include "loop/debug.h"
#include "loop/mailbox.h"
#include "loop/watch.h"

#include <ferry/loop.h>
#include <ferry/run.h>
#include <stdbool.h>
#include <stdint.h>

struct ferry_loop {
    struct ferry__mailbox mailbox; /* any thread: see its law */
    /* constant while it runs */
    uint32_t number; /* 1..1023, in its handles */
    const struct ferry__backend *backend;
    void *backend_state;
    bool keep_sigint;
    /* owner thread only */
    struct ferry__sched sched;
    struct ferry__watches watches;
    struct ferry__slots timers; /* of ferry_call_later: what a ferry_timer * names */
    struct ferry__task *main;   /* until it has ended; NULL between runs */
    unsigned rounds;            /* since the backend was asked */
    uint64_t asked_at;
    uint64_t patience; /* with tasks at its end, ns; FERRY__NEVER: without end */
    struct ferry__timer overdue;
    struct ferry__debug debug; /* used once sched.debug is set */
    ferry_exception_handler *exception_handler;
    void *exception_context;
    uint32_t floor; /* generations of the next loop in this memory */
    /* under the lock of loops.c */
    uint64_t opening; /* how often this memory was opened and closed: see loops.h */
    uint64_t thread;  /* the number of the one that opened it */
    struct ferry_loop *next_closed;
    /* the bridge's, owner thread only */
    struct ferry_executor *executor; /* of calls that name none; NULL: the process's */
    unsigned expected;               /* messages that will come from workers */
    uint64_t spin_ns; /* while some are expected, watch the mailbox for so long before sleeping; 0:
                          never */
    struct ferry__spin spin;
    bool gives_way; /* while several are expected, let their workers run before sleeping */
    void (*before_sleep)(struct ferry_loop *); /* NULL: nothing */
    void (*report_open)(struct ferry_loop *);  /* the same; of executors opened in debug mode */
    /* the same; its end takes too long: of the calls that its tasks wait for */
    void (*overdue_calls)(struct ferry_loop *);
    struct ferry__list bounds; /* calls with policies or limits that are out: bridge/hurry.h */
    void (*before_close)(struct ferry_loop *); /* all tasks have ended; mail is still delivered
                                                * after it until `expected` is 0 */
};

/* The loop that runs on this thread, NULL without. */
static inline struct ferry_loop *ferry__loop_current(void)
{
    struct ferry__sched *sched = ferry__sched_here;
    return sched ? FERRY__CONTAINER(sched, struct ferry_loop, sched) : NULL;
}

/* Opens a loop that this thread will run. 0, or -errno and nothing is left open. */
int ferry__loop_open(const ferry_run_options *options, struct ferry_loop **ret);
/* Cancels what is left and waits for it, reports, closes. It must not be running. (takedown.c) */
void ferry__loop_take_down(struct ferry_loop *loop);
void ferry__loop_close(struct ferry_loop *loop); /* its last part: all tasks have ended */

/* From enter to leave the loop is this thread's running one. Nothing of a loop but its mailbox is
 * looked at outside. */
void ferry__loop_enter(struct ferry_loop *loop);
void ferry__loop_leave(void);

bool ferry__debug_by_environment(void); /* FERRY_DEBUG=1 */

/* One turn; sleeps when there is nothing to run. */
void ferry__loop_turn(struct ferry_loop *loop);

/* Hands a complaint to the exception handler, or to stderr. */
void ferry__loop_complain(struct ferry_loop *loop, const char *message, struct ferry__task *task,
                          int result);

/* A report of debug mode, printf-style, to the same place. `about` has a task, name, function and
 * place, or nothing. */
__attribute__((format(printf, 3, 4))) void
ferry__loop_report(struct ferry_loop *loop, ferry_exception about, const char *format, ...);
ferry_exception ferry__about_task(struct ferry__task *task);
/* A task that may be gone; its site. */
ferry_exception ferry__about(const ferry_task *handle, const char *site);
/* "function\0file:line", or NULL. */
ferry_exception ferry__about_site(const char *site);

/* Handlers for the table of kinds, in runner.c, callback.c and coroutine.c. */
ferry__handler ferry__on_run;
ferry__handler ferry__on_runner_run;
ferry__handler ferry__on_call_soon;
ferry__handler ferry__on_call_later;
ferry__handler ferry__on_call_at;
ferry__handler ferry__on_call_soon_threadsafe;
ferry__handler ferry__on_run_coroutine_threadsafe;

#endif
