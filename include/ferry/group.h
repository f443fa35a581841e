/* SPDX-License-Identifier: MIT */
/*
 * Task groups: tasks that don't outlive a block (asyncio.TaskGroup).
 *
 *     FERRY_WITH_TASK_GROUP(group) {
 *         ferry_task_group_create_task(group, fetch_user, url, &user);
 *         ferry_task_group_create_task(group, fetch_user, urls[1], &users[1]);
 *     } // here both have ended
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
 * Opens a group of the calling task for a block. `name` is a ferry_task_group * inside it. Outside
 * a task the program ends with a sentence: there is nobody who could wait.
 *
 * Errors: none (ferry_task_group_result tells of the children's).
 * From a task; its closing brace suspends while children run.
 */
#define FERRY_WITH_TASK_GROUP(name) FERRY__TASK_GROUP(name, FERRY__JOIN(ferry__group_, __COUNTER__))

/*
 * ferry_task *ferry_task_group_create_task(ferry_task_group *group, fn, args...)
 *
 * Schedules fn(args...) as a child of the group, as ferry_create_task does.
 *
 * Returns the handle, or NULL.
 * Errors: EPERM no loop runs on this thread; ENOMEM no memory for its stack; ECANCELED a child
 * failed or the group was cancelled, so it takes no more.
 * From the group's own task or any of its children; never suspends.
 */
#define ferry_task_group_create_task(group, ...) \
    FERRY__CAST(ferry_task *, FERRY__DEFERRED(FERRY__GROUP_TASK, (group), NULL, 0, __VA_ARGS__))

/*
 * How the group that this task closed last ended.
 *
 * Returns 0, or the negative result of the child that failed first, or a negative errno when an
 * interruption of the caller cancelled it.
 * Errors: ECANCELED the caller was cancelled; ETIMEDOUT it ran out of time.
 * From a task; never suspends.
 */
int ferry_task_group_result(void);

/*
 * Cancels all children. The group takes no more.
 *
 *     FERRY_WITH_TASK_GROUP(group) {
 *         ferry_task_group_create_task(group, fetch_user, url, &user);
 *         ferry_task_group_cancel(group);
 *     }
 *
 * Errors: none.
 * From the group's own task or any of its children; never suspends.
 */
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
