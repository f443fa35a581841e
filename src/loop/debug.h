/* SPDX-License-Identifier: MIT */
/*
 * Debug mode: what a loop looks at when it was asked to (FERRY_DEBUG=1, the option, or
 * ferry_loop_set_debug), and reports to its exception handler as ferry_exception.debug.
 *
 * All looking is done on the loop's own stack. For that tasks don't go straight on to each other
 * any more: each step of a task begins and ends with the loop (core/sched.h), and what it left
 * behind, its stack included, is as it was when it stopped. With debug mode off none of this is
 * reached: a NULL is looked at where a task stops.
 *
 * debug.c has the steps that hold the loop, and the settings; debug_stacks.c how deep stacks
 * went; debug_left.c what tasks left behind; debug_loans.c addresses in stacks that have ended.
 */
#ifndef FERRY_LOOP_DEBUG_H
#define FERRY_LOOP_DEBUG_H

#include "core/sched.h"

#include <stdbool.h>
#include <stdint.h>

#define FERRY__DEBUG_BUCKETS 64

struct ferry_loop;
struct ferry_future;
struct ferry__debug_loan;

/* A stretch of time on the loop's thread: what a step or a callback took. */
struct ferry__debug_span {
    uint64_t since; /* ferry__now(); 0: nobody looks */
    uint64_t cpu;   /* what the thread had computed by then, ns */
};

/* Owner thread only. */
struct ferry__debug {
    bool on;
    bool reporting;                /* the exception handler runs, for a report */
    uint64_t slow_ns;              /* longer than this holds the loop too long */
    struct ferry__debug_span step; /* of the task that runs */
    const char *waited_on;         /* before that */
    struct ferry__stack *stack;    /* its own, which it may have given back */
    bool clean;                    /* that was, when the step began */
    struct ferry__debug_depth *depths;
    size_t depth_count, depths_lost;
    const char *callback_base; /* while a callback runs: its frames lie below */
    struct ferry__debug_loan *loans[FERRY__DEBUG_BUCKETS], *lost; /* by lender; debug_loans.c */
};

/* The settings of a new loop. */
void ferry__debug_init(struct ferry_loop *loop, bool on);

/* On, and not switched off again. */
bool ferry__debug_is_on(const struct ferry_loop *loop);

/* debug_stacks.c: a task has ended that lived on debug.stack; what is known at the end. */
void ferry__debug_stack_left(struct ferry_loop *loop, const struct ferry__task *task);
void ferry__debug_report_stacks(struct ferry_loop *loop);

/* debug_left.c: a task has ended, and may hold a lock. */
void ferry__debug_locks_left(struct ferry_loop *loop, const ferry_task *task, const char *site);
/* The same: tasks that were kept for somebody to join, and nobody did. */
void ferry__debug_unjoined(struct ferry_loop *loop);

/* All tasks have ended, and those that nobody joined are still there. */
void ferry__debug_take_down(struct ferry_loop *loop);

/* debug_loans.c: an outliving call was made of these arguments, by the running step or callback. A
 * callback keeps what it gets for ferry__debug_repay, whose `called` is false when it never will
 * be. */
void ferry__debug_lend_task(struct ferry__sched *sched, const struct ferry__call *call,
                            const struct ferry__image *image, struct ferry__task *task);
void ferry__debug_lend_future(struct ferry__sched *sched, const struct ferry__call *call,
                              const struct ferry__image *image, struct ferry_future *future);
struct ferry__debug_loan *ferry__debug_lend_callback(struct ferry_loop *loop,
                                                     const struct ferry__call *call,
                                                     const struct ferry__image *image);
void ferry__debug_repay(struct ferry_loop *loop, struct ferry__debug_loan *loan, bool called);
/* A step of this task is over. */
void ferry__debug_look_at_loans(struct ferry_loop *loop, const struct ferry__task *lender);

/* The same for what gives a future; any thread. */
static inline void ferry__debug_given(const struct ferry__call *call,
                                      const struct ferry__image *image, struct ferry_future *future)
{
    struct ferry__sched *sched = ferry__sched_here;
    if (__builtin_expect(sched && sched->debug, 0))
        ferry__debug_lend_future(sched, call, image, future);
}

struct ferry__debug_span ferry__debug_callback_begins(struct ferry__sched *sched);

/* Around a callback; `site` as ferry__about_site wants it, and what it is, printf-style: "the
 * reader of descriptor 5". */
static inline struct ferry__debug_span ferry__debug_begin(struct ferry__sched *sched)
{
    return __builtin_expect(sched->debug != NULL, 0) ? ferry__debug_callback_begins(sched)
                                                     : (struct ferry__debug_span){0};
}
/* Only where span.since isn't 0. */
__attribute__((format(printf, 4, 5))) void ferry__debug_end(struct ferry_loop *loop,
                                                            struct ferry__debug_span span,
                                                            const char *site, const char *what,
                                                            ...);

#endif
