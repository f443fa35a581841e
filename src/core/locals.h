/* SPDX-License-Identifier: MIT */
/*
 * Task-locals: a chain of (key, value), newest first, that never changes once two hold it. A new
 * task, and a call on a worker, just hold their creator's chain; setting a value makes a new chain
 * that shares the tail of the old.
 *
 *     task A ----> [request=7] --> [user=ann] --> NULL
 *     task B ----> [request=9] ------^
 *
 * The law of `holders`: any thread may add and drop; who drops the last one frees (acq_rel, so that
 * it sees what the others did). Keys, values and links are written before the chain is handed on,
 * and a link whose only holder is this task's chain may be rewritten by it.
 */
#ifndef FERRY_CORE_LOCALS_H
#define FERRY_CORE_LOCALS_H

#include "base/atomic.h"
#include "core/task.h"

#include <ferry/local.h>

struct ferry__context {
    atomic_uint holders;
    struct ferry__context *next;
    const ferry_local *key;
    void *value;
};

/* Where running code that is no task has its chain: a callback of the loop, a call on a worker, a
 * FERRY_WITH_CONTEXT block. Whoever runs it owns the place, sets this around it, and drops what is
 * there afterwards. NULL: nowhere, nothing can be set. */
extern _Thread_local struct ferry__context **ferry__context_here
    __attribute__((tls_model("initial-exec")));

/* NULL is the empty chain, which most code has: so both begin here. Any thread. hold returns its
 * argument. */
static inline struct ferry__context *ferry__context_hold(struct ferry__context *context)
{
    if (context)
        ferry__add(&context->holders, 1, relaxed);
    return context;
}
void ferry__context_drop_link(struct ferry__context *context);
static inline void ferry__context_drop(struct ferry__context *context)
{
    if (context)
        ferry__context_drop_link(context);
}

/* Where the running code has its chain, NULL: nowhere; and that chain, not held. */
static inline struct ferry__context **ferry__context_place(void)
{
    struct ferry__task *task = ferry__task_current();
    return task ? &task->context : ferry__context_here;
}
static inline struct ferry__context *ferry__context_now(void)
{
    struct ferry__context **place = ferry__context_place();
    return place ? *place : NULL;
}

/* Around code that is no task: its chain stands in *place. enter gives what leave wants. */
static inline struct ferry__context **ferry__context_enter(struct ferry__context **place)
{
    struct ferry__context **outer = ferry__context_here;
    ferry__context_here = place;
    return outer;
}
static inline void ferry__context_leave(struct ferry__context **outer)
{
    ferry__context_here = outer;
}

/* Sets the value in the chain that stands in *place. 0, or -ENOMEM. errno untouched. */
int ferry__context_set(struct ferry__context **place, const ferry_local *key, void *value);
/* The link of a key, or NULL. A new one, in no chain. */
struct ferry__context *ferry__context_find(struct ferry__context *context, const ferry_local *key);
struct ferry__context *ferry__context_link(const ferry_local *key, void *value);

#endif
