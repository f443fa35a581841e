/* SPDX-License-Identifier: MIT */
/*
 * A task group: the children, and a scope of their owner through which a failing child interrupts
 * what the owner's block waits for.
 */
#ifndef FERRY_CORE_GROUP_H
#define FERRY_CORE_GROUP_H

#include "base/list.h"
#include "core/scope.h"

#include <ferry/group.h>

struct ferry__group {
    struct ferry__limit limit; /* of the owner: says -ECANCELED once the group is cancelled */
    struct ferry__list children;
    unsigned running; /* children that have not ended */
    int result;       /* 0, or of the child that failed first */
    bool cancelled, closing;
};

_Static_assert(sizeof(struct ferry__group) <= sizeof(ferry_task_group), "the public size");

/* Told by a child that has ended; by one whose slot is freed. */
void ferry__group_ended(struct ferry__task *child);
void ferry__group_forget(struct ferry__task *child);

#endif
