/* SPDX-License-Identifier: MIT */
/*
 * Callbacks: what the loop calls on its own stack. One block each, a captured call with its
 * arguments or the done callback of a task, freed when it has run.
 *
 * A ferry_timer * names a slot that points to its callback until that runs, so cancelling one that
 * ran is an error and not an accident. One that is due can be cancelled still: it stands in the
 * ready queue, and is passed over there.
 */
#ifndef FERRY_LOOP_CALLBACK_H
#define FERRY_LOOP_CALLBACK_H

#include "core/locals.h"
#include "core/timers.h"
#include "loop/loop.h"

/* How each block begins. */
struct ferry__callback {
    struct ferry__ready ready; /* first */
    struct ferry_loop *loop;
    struct ferry__context *context;         /* of who asked for it, held: its own copy */
    void (*drop)(struct ferry__callback *); /* NULL, or gives back what else the block holds */
    struct ferry__debug_loan *loan;         /* debug mode: an address in a stack, see there */
};

void ferry__callback_free(struct ferry__callback *callback);

struct ferry_timer {
    struct ferry__slot slot; /* first */
    struct ferry__timer timer;
    struct ferry__callback *callback;
    bool due; /* the callback is ready */
};

/* Frees those that have not run: ready ones and timers. The loop is closing. */
void ferry__callbacks_drop(struct ferry_loop *loop);

#endif
