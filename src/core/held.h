/* SPDX-License-Identifier: MIT */
/*
 * What tasks hold and must give back (locks), noted in debug mode only, for the report at the end.
 *
 * Things are known by address and never looked at: one that vanished while it was held, such as a
 * lock on a stack that is gone, must not spoil the report of it. Owner thread only.
 */
#ifndef FERRY_CORE_HELD_H
#define FERRY_CORE_HELD_H

#include <ferry/task.h>
#include <stddef.h>

struct ferry__held_thing {
    const void *thing;
    ferry_task *task;  /* its holder, which may have ended */
    const char *place; /* "file:line" where it took it */
};

struct ferry__held {
    struct ferry__held_thing *things; /* `count` of them, in the order in which they were taken */
    size_t count, room;
};

/* Notes who holds the thing now. Without memory it isn't noted: a report may miss one. */
void ferry__held_put(struct ferry__held *held, const void *thing, ferry_task *task,
                     const char *place);
/* It was given back. Harmless for a thing that wasn't noted. */
void ferry__held_remove(struct ferry__held *held, const void *thing);
void ferry__held_deinit(struct ferry__held *held);

#endif
