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

#include <ferry/local.h>

struct ferry__context {
    atomic_uint holders;
    struct ferry__context *next;
    const ferry_local *key;
    void *value;
};

/* What a call on a worker sees: set there by the bridge for as long as the call runs, else NULL. */
extern _Thread_local struct ferry__context *ferry__context_here
    __attribute__((tls_model("initial-exec")));

/* NULL is the empty chain. Any thread. hold returns its argument. */
struct ferry__context *ferry__context_hold(struct ferry__context *context);
void ferry__context_drop(struct ferry__context *context);

#endif
