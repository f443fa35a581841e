/* SPDX-License-Identifier: MIT */
/*
 * Task groups: tasks that don't outlive a block (asyncio.TaskGroup).
 *
 *     FERRY_WITH_TASK_GROUP(group) {
 *         ferry_task_group_create_task(group, fetch_user, url, &user);
 *         ferry_task_group_create_task(group, fetch_orders, url, &orders);
 *     }                                             here both have ended
 *     if (ferry_task_group_result() < 0)
 *         return -1;
 *
 * The closing brace waits for all children, however the block is left (break, return, goto; in C++
 * an exception). A child whose function returns a negative int is a failure: the others are
 * cancelled, and so is the waiting of the block itself (its waits say -ECANCELED until it is left).
 * A cancel or time limit that interrupts the caller inside the block, or at its closing brace,
 * cancels the children as well.
 *
 * A child's handle may be awaited inside the block; the brace frees those nobody awaited. In a
 * block that stays open for long (a server), detach children that nobody will await: they are freed
 * as they end.
 */
#ifndef FERRY_GROUP_H
#define FERRY_GROUP_H

#include <ferry/scope.h>
#include <ferry/task.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

typedef struct ferry_task_group ferry_task_group;

/*
 * FERRY_WITH_TASK_GROUP(name) { ... }
 *
 * Opens a group of the calling task; `name` is a ferry_task_group * inside the block. Outside a
 * task the program ends with a sentence: there is nobody who could wait.
 */
#define FERRY_WITH_TASK_GROUP(name) FERRY__TASK_GROUP(name, FERRY__JOIN(ferry__group_, __COUNTER__))

/*
 * ferry_task *ferry_task_group_create_task(ferry_task_group *group, fn, args...)
 *
 * ferry_create_task, as a child of the group. From the group's own task or from any of its
 * children. NULL also with errno ECANCELED: a child failed or the group was cancelled, so it takes
 * no more.
 */
#define ferry_task_group_create_task(group, ...) \
    FERRY__CAST(ferry_task *, FERRY__DEFERRED(FERRY__GROUP_TASK, (group), NULL, 0, __VA_ARGS__))

/*
 * Of the group that this task closed last: 0, or the negative result of the child that failed
 * first, or -ECANCELED / -ETIMEDOUT when an interruption of the caller cancelled it. errno is set.
 */
int ferry_task_group_result(void);

/* Cancels all children; the group takes no more. Never suspends. */
void ferry_task_group_cancel(ferry_task_group *group);

/* What the macro is made of. */
struct ferry_task_group {
    uint64_t words[16];
};
ferry_task_group *ferry__group_open(ferry_task_group *group);
void ferry__group_close(ferry_task_group *group);

#define FERRY__TASK_GROUP(name, frame)                                        \
    for (ferry_task_group frame __attribute__((cleanup(ferry__group_close))), \
         *name = ferry__group_open(&frame);                                   \
         name; name = FERRY__NULL)

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#endif
