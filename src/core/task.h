/* SPDX-License-Identifier: MIT */
/*
 * A task: a slot, and while it lives a stack.
 *
 *              spawn                 switched to
 *     (free) ---------> READY <------------------- RUNNING <---.
 *        ^                |  `-------------------->   |  |      |  its turn comes
 *        |                |          unpark           |  |      |
 *        |                `<----------- WAITING <-----'  |      |
 *        |  joined, detached,     park                   |  READY
 *        `---- or loop down ------- DONE <---------------'
 *
 * When its function has returned, a task gives its stack back at once; the slot keeps the result
 * until it is joined. So a finished task costs 256 bytes.
 *
 * What lies at the top of a task's stack, for as long as it lives:
 *
 *     top ->  struct ferry__calls     the records of core/call.h
 *             the captured arguments  replayed when the task starts
 *             ...
 *     sp  ->  the first frame
 *
 * At least 1 KiB in all stays readable above the first frame, so that a capture's upper bound of
 * stack arguments can't read past the stack.
 */
#ifndef FERRY_CORE_TASK_H
#define FERRY_CORE_TASK_H

#include "base/list.h"
#include "core/call.h"
#include "core/sched.h"

#include <ferry/task.h>
#include <stdbool.h>
#include <stdint.h>

enum ferry__task_state {
    FERRY__TASK_READY = 1, /* in the ready queue or in the round */
    FERRY__TASK_RUNNING,
    FERRY__TASK_WAITING, /* parked */
    FERRY__TASK_DONE,
};

/* Somebody who is told when a task has ended; on the loop's thread, from the ending task's stack.
 */
struct ferry__joiner {
    void (*ended)(struct ferry__joiner *, struct ferry__task *);
    bool yields; /* makes way for another joiner: `evicted` is called, and for a slot that is freed
                  */
    void (*evicted)(struct ferry__joiner *, struct ferry__task *);
};

struct ferry__task {
    struct ferry__slot slot; /* first */
    /* constant */
    struct ferry__sched *sched;
    const char *site; /* "function\0file:line" */
    ferry__any *function;
    struct ferry__image *image; /* on the stack: valid until the function is called */
    uint16_t result_kind;
    /* owner thread only */
    uint8_t state;
    bool unparked : 1;      /* somebody has unparked it since it parked */
    bool interruptible : 1; /* its wait ends by a cancel or a time limit */
    bool began : 1;         /* its function was called */
    bool looked_at : 1;     /* somebody took or saw the result */
    bool detached : 1;
    bool is_main : 1;
    bool limit_expired : 1;  /* of the scope left last */
    bool even_cancelled : 1; /* constant: ferry__task_options */
    uint32_t cancels;        /* open requests */
    int end_errno;           /* as its function left it */
    int group_result;        /* of the group closed last */
    struct ferry__ready ready;
    struct ferry__fiber fiber;
    struct ferry__stack *stack; /* NULL once it has ended */
    struct ferry__calls *calls;
    const char *waits_on;
    struct ferry__task *awaits;
    struct ferry__joiner *joiner;
    struct ferry__limit *scopes; /* innermost first */
    struct ferry__context *context;
    struct ferry__group *group;
    struct ferry__list siblings; /* in its group */
    struct ferry__task *next_completed;
    struct ferry__ready *when_done; /* the last of a ring of callbacks: ready when it ends */
    char *name;                     /* NULL: the function's */
    union {
        struct {
            union {
                struct ferry__value value;
                uint64_t words[2];
            } result;
            uint64_t bridge[4]; /* the bridge's, zero at first (outcome of the last call, ...) */
        };
        uint64_t early[FERRY__INTS]; /* the arguments, until its first turn: see task.c */
    };
};

/* The running task, NULL outside one. */
static inline struct ferry__task *ferry__task_current(void)
{
    struct ferry__sched *sched = ferry__sched_here;
    return sched ? sched->current : NULL;
}

/*
 * Suspends the running task until ferry__unpark. 0 when it was unparked; -ECANCELED, -ETIMEDOUT (or
 * the -EINVAL of a FERRY_TIMEOUT(NAN)) when a scope or a cancel interrupted it first, or had before
 * it was called: then nobody has unparked it, and the caller takes back whatever would. errno
 * survives a 0 and is set otherwise. `waits_on` ("a lock") is a constant, for reports.
 */
int ferry__park(struct ferry__task *task, const char *waits_on);
/* The same, but nothing interrupts. */
void ferry__park_shielded(struct ferry__task *task, const char *waits_on);
/* Lets the others run once. */
void ferry__yield(struct ferry__task *task);

/* Makes a parked task ready. Again before it ran: nothing more. Of a task that isn't parked:
 * nothing, so whoever parks looks at its condition first. Owner thread only. */
void ferry__unpark(struct ferry__task *task);

/* What a wait of this task would say now: 0, -ECANCELED, -ETIMEDOUT, -EINVAL. (scope.c) */
int ferry__interruption(const struct ferry__task *task);
/* Something interruptible may have changed: ends the task's wait if it must. */
void ferry__task_interrupt(struct ferry__task *task);
void ferry__task_cancel(struct ferry__task *task);

/* A new task that will run the captured call; the main task keeps using `image`, others copy it.
 * NULL with errno ENOMEM, or ESHUTDOWN once sched->over. */
struct ferry__task *ferry__task_spawn(struct ferry__sched *sched, const struct ferry__call *call,
                                      struct ferry__image *image, bool is_main);

/* Before the first turn of a task whose stack was not laid out yet (fiber.sp is NULL). */
void ferry__task_lay_out(struct ferry__task *task);

/* Ended and nobody will ask again: gives the slot back. A failure that nobody has seen is told
 * before; so not on the task's own stack, which it has given back. */
void ferry__task_free(struct ferry__task *task);

/* Handles. find: 0, -EINVAL, -EPERM (no loop here, another loop), -ESRCH; errno untouched. */
static inline ferry_task *ferry__task_handle(const struct ferry__task *task)
{
    return ferry__slot_handle(&task->sched->tasks, task);
}
int ferry__task_find(const ferry_task *handle, struct ferry__task **ret);

/* Whether the address lies in the task's stack. */
static inline bool ferry__task_has_address(const struct ferry__task *task, uintptr_t address)
{
    const struct ferry__stacks *stacks =
        task->is_main ? &task->sched->main_stacks : &task->sched->stacks;
    return address >= (uintptr_t)task->stack->low &&
           address < (uintptr_t)ferry__stack_top(stacks, task->stack);
}

const char *ferry__task_name(const struct ferry__task *task);
/* "file:line" behind the NUL of a site. */
const char *ferry__site_place(const char *site);

/* Its function returned a negative int (or other signed type). */
bool ferry__task_failed(const struct ferry__task *task);
/* It ended by a cancel: see ferry_task_cancelled. */
bool ferry__task_was_cancelled(const struct ferry__task *task);

/* Handlers for the table of kinds. */
ferry__handler ferry__on_create_task;
ferry__handler ferry__on_group_task;

#endif
