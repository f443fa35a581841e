/* SPDX-License-Identifier: MIT */
/*
 * The scheduler: the part of a loop that knows tasks. One per running loop, owned by its thread; it
 * knows of no other thread.
 *
 * What can run stands in the ready queue, tasks and callbacks alike, first come first served. The
 * loop turns in rounds: a round runs what was ready when it began, and what gets ready meanwhile
 * waits for the next, so that two busy tasks can't keep the timers, the mailbox or the descriptors
 * waiting.
 *
 *      ready  -> [ t5 | cb | t1 ]      what got ready during this round
 *      round  -> [ t2 | t7 ]           what this round still has to run
 *
 * A task that waits goes straight on to the next task of the round, without passing through the
 * loop: one switch of stacks between two tasks, not two. Only for a callback, or at the round's
 * end, it goes back to the loop's own stack.
 */
#ifndef FERRY_CORE_SCHED_H
#define FERRY_CORE_SCHED_H

#include "base/heap.h"
#include "core/exceptions.h"
#include "core/fiber.h"
#include "core/held.h"
#include "core/slots.h"
#include "core/stack.h"

#include <stdbool.h>
#include <stddef.h>

struct ferry__sched;
struct ferry__context;
struct ferry__task;

/* Something that can run: embedded in a task (run == NULL) or a callback. */
struct ferry__ready {
    struct ferry__ready *next;
    void (*run)(struct ferry__ready *);
};

struct ferry__ready_queue {
    struct ferry__ready *first, *last;
};

/* What debug mode looks at (loop/debug.h). Steps are looked at on the loop's own stack: while this
 * is set no task goes straight on to the next one. */
struct ferry__debug_hooks {
    void (*step_begins)(struct ferry__sched *, struct ferry__task *);
    /* It waits, makes way or has ended; its stack is as it left it. */
    void (*step_ended)(struct ferry__sched *, struct ferry__task *);
    /* The new task was given these arguments; in the step or callback that makes it. */
    void (*task_given)(struct ferry__sched *, const struct ferry__call *,
                       const struct ferry__image *, struct ferry__task *);
};

/* Why something ended badly without anybody looking: for the loop's exception handler. */
struct ferry__complaint {
    const char *message;
    struct ferry__task *task; /* or NULL */
    int result;
    bool debug; /* a report of debug mode: nothing failed */
};

struct ferry__sched {
    /* constant while the loop runs */
    void (*complain)(struct ferry__sched *, const struct ferry__complaint *);
    struct ferry__exceptions *exceptions; /* the thread's; NULL without C++ */
    /* owner thread only */
    const struct ferry__debug_hooks *debug; /* NULL: off. Once set it stays */
    struct ferry__task *current;            /* the task that runs, NULL on the loop's own stack */
    struct ferry__ready_queue ready, round;
    struct ferry__fiber fiber; /* the loop's own */
    struct ferry__heap timers;
    struct ferry__slots tasks, completions;
    struct ferry__stacks stacks, main_stacks;
    size_t live;                /* tasks that have not ended */
    bool over;                  /* all have, and none is made any more: the loop's end */
    struct ferry__task *failed; /* detached, has just ended: the loop tells of it and frees it */
    struct ferry__context *main_context; /* what main tasks start with, and leave: held */
    /* What became of the main task: its slot may be anybody's by then. */
    struct ferry__main_end {
        bool over, began;
        int error; /* errno as it left it */
    } main_end;
    struct ferry__held held;
};

/* The scheduler of this thread, NULL where no loop runs. */
extern _Thread_local struct ferry__sched *ferry__sched_here
    __attribute__((tls_model("initial-exec")));

/* number: 1..1023, in the handles; floor: see slots.h. */
void ferry__sched_init(struct ferry__sched *sched, uint32_t number, uint32_t floor,
                       size_t stack_size, size_t main_stack);
/* Frees tasks (all have ended), stacks and slots. Gives the next floor. */
uint32_t ferry__sched_deinit(struct ferry__sched *sched);

/* At the end of the ready queue. It must not be in a queue. */
static inline void ferry__ready_put(struct ferry__sched *sched, struct ferry__ready *ready)
{
    ready->next = NULL;
    if (sched->ready.first)
        sched->ready.last->next = ready;
    else
        sched->ready.first = ready;
    sched->ready.last = ready;
}

/* The same for a ring of them, of which this is the last. */
static inline void ferry__ready_put_ring(struct ferry__sched *sched, struct ferry__ready *last)
{
    struct ferry__ready *next = last->next, *ready;
    do {
        ready = next;
        next = ready->next;
        ferry__ready_put(sched, ready);
    } while (ready != last);
}

/* Runs one round, on the loop's own stack. */
void ferry__sched_round(struct ferry__sched *sched);

/* From the running task: on with whatever is next. Returns when the task is run again. errno
 * survives. */
void ferry__sched_switch(struct ferry__sched *sched, struct ferry__task *task);
/* The same for a task that has ended. */
_Noreturn void ferry__sched_leave(struct ferry__sched *sched, struct ferry__task *task);

#endif
