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
 * went; debug_left.c what tasks left behind.
 */
#ifndef FERRY_LOOP_DEBUG_H
#define FERRY_LOOP_DEBUG_H

#include "core/sched.h"

#include <stdbool.h>
#include <stdint.h>

struct ferry_loop;

/* A stretch of time on the loop's thread: what a step or a callback took. */
struct ferry__debug_span {
    uint64_t since; /* ferry__now(); 0: nobody looks */
    uint64_t cpu;   /* what the thread had computed by then, ns */
};

/* Owner thread only. */
struct ferry__debug {
    bool on;
    uint64_t slow_ns;              /* longer than this holds the loop too long */
    struct ferry__debug_span step; /* of the task that runs */
    const char *waited_on;         /* before that */
    struct ferry__stack *stack;    /* its own, which it may have given back */
    bool clean;                    /* that was, when the step began */
    struct ferry__debug_depth *depths;
    size_t depth_count, depths_lost;
};

/* The settings of a new loop. */
void ferry__debug_init(struct ferry_loop *loop, bool on);

/* On, and not switched off again. */
bool ferry__debug_is_on(const struct ferry_loop *loop);

/* debug_stacks.c: a task has ended that lived on debug.stack; what is known at the end. */
void ferry__debug_stack_left(struct ferry_loop *loop, const struct ferry__task *task);
void ferry__debug_report_stacks(struct ferry_loop *loop);

/* debug_left.c: a task has ended, and may hold a lock. */
void ferry__debug_locks_left(struct ferry_loop *loop, struct ferry__task *task);
/* The same: tasks that were kept for somebody to join, and nobody did. */
void ferry__debug_unjoined(struct ferry_loop *loop);

/* All tasks have ended, and those that nobody joined are still there. */
void ferry__debug_take_down(struct ferry_loop *loop);

struct ferry__debug_span ferry__debug_now(void);

/* Around a callback; `site` as ferry__about_site wants it, and what it is, printf-style: "the
 * reader of descriptor 5". */
static inline struct ferry__debug_span ferry__debug_begin(const struct ferry__sched *sched)
{
    return __builtin_expect(sched->debug != NULL, 0) ? ferry__debug_now()
                                                     : (struct ferry__debug_span){0};
}
/* Only where span.since isn't 0. */
__attribute__((format(printf, 4, 5))) void ferry__debug_end(struct ferry_loop *loop,
                                                            struct ferry__debug_span span,
                                                            const char *site, const char *what,
                                                            ...);

#endif
