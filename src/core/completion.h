/* SPDX-License-Identifier: MIT */
/*
 * The state behind ferry_as_completed: a slot, known to its user by handle, because the user may
 * leave the loop over it at any moment, or copy the iterator. It goes when the last of its tasks
 * has left it: given out, joined by somebody else, or freed.
 */
#ifndef FERRY_CORE_COMPLETION_H
#define FERRY_CORE_COMPLETION_H

#include "core/task.h"

#include <ferry/gather.h>

struct ferry__completion {
    struct ferry__slot slot;     /* first */
    struct ferry__joiner joiner; /* of all its tasks */
    struct ferry__sched *sched;
    struct ferry__task *waiting;      /* in ferry_completion_next, or NULL */
    struct ferry__task *first, *last; /* have ended, not given out yet */
    size_t left;                      /* not given out yet */
};

#endif
