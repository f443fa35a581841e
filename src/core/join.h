/* SPDX-License-Identifier: MIT */
/*
 * Taking a task's result: the checks, the wait and the hand-over that ferry_await, ferry_join,
 * ferry_gather, ferry_wait and ferry_as_completed are made of.
 *
 * One joiner per task. Who waits for several lets one joiner stand for all of them and counts, so
 * nothing is allocated. A joiner that yields (ferry_as_completed, which may have been left early)
 * makes way.
 */
#ifndef FERRY_CORE_JOIN_H
#define FERRY_CORE_JOIN_H

#include "core/task.h"

/* A task waiting for `left` others; in its frame. */
struct ferry__waiting {
    struct ferry__joiner joiner; /* first */
    struct ferry__task *task;
    size_t left; /* how many still have to end before it goes on */
};

/* Who may wait for it: 0, -EINVAL, -EPERM, -ESRCH, -EBUSY, -EDEADLK. *ret: the task, if there is
 * one
 * (-EBUSY, -EDEADLK), else NULL. errno untouched. */
int ferry__join_check(struct ferry__task *self, const ferry_task *handle, struct ferry__task **ret);

/* Panics when the task's result isn't of this kind (FERRY__ANY: all are). */
void ferry__join_kind(const struct ferry__task *task, unsigned result, const char *asker,
                      const char *place);

/* One more has ended: what its joiner does. */
void ferry__waiting_count(struct ferry__joiner *joiner, struct ferry__task *task);
void ferry__waiting_init(struct ferry__waiting *waiting, struct ferry__task *self);
/* Registers for all: count of those that have not ended, or an error of ferry__join_check and
 * nobody is registered. */
long ferry__waiting_add_all(struct ferry__waiting *waiting, ferry_task *const *tasks, size_t count);
void ferry__waiting_remove_all(struct ferry__waiting *waiting, ferry_task *const *tasks,
                               size_t count);

/* Makes this the task's joiner; one that yields is told so. */
void ferry__task_set_joiner(struct ferry__task *task, struct ferry__joiner *joiner);

/* Of a task that has ended: copies `size` bytes of its result, ends the handle. 0 with errno as the
 * function left it, or -ECANCELED when it never began, and *ret is untouched. */
int ferry__take_result(struct ferry__task *task, void *ret, size_t size);

/* ferry_join without macros: result of this kind into ret. */
int ferry__join_task(const ferry_task *handle, unsigned result, const char *asker,
                     const char *place, void *ret, size_t size);
/* The same, but an interruption ends the wait and not the task: -ECANCELED, -ETIMEDOUT, and the
 * handle is as it was. */
int ferry__join_shielded(const ferry_task *handle, unsigned result, const char *asker,
                         const char *place, void *ret, size_t size);

#endif
