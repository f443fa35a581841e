/* SPDX-License-Identifier: MIT */
#include "core/group.h"

#include "base/error.h"
#include "base/panic.h"
#include "core/kind.h"
#include "core/task.h"

static struct ferry__task *child_of(struct ferry__list *link)
{
    return FERRY__LIST_OF(link, struct ferry__task, siblings);
}

ferry_task_group *ferry__group_open(ferry_task_group *user)
{
    struct ferry__group *group = (struct ferry__group *)(void *)user;
    struct ferry__task *owner = ferry__task_current();
    if (!owner)
        ferry__panic("FERRY_WITH_TASK_GROUP outside a task: nobody could wait for its children");
    *group = (struct ferry__group){0};
    ferry__list_init(&group->children);
    ferry__limit_enter(&group->limit, owner);
    return user;
}

static void cancel(struct ferry__group *group)
{
    if (group->cancelled)
        return;
    group->cancelled = true;
    for (struct ferry__list *link = group->children.next; link != &group->children;
         link = link->next)
        if (child_of(link)->state != FERRY__TASK_DONE)
            ferry__task_cancel(child_of(link));
    if (!group->closing)
        ferry__limit_interrupt(&group->limit, -ECANCELED);
}

void ferry_task_group_cancel(ferry_task_group *user)
{
    cancel((struct ferry__group *)(void *)user);
}

void ferry__group_ended(struct ferry__task *child)
{
    struct ferry__group *group = child->group;
    group->running--;
    if (ferry__task_failed(child) && !ferry__task_was_cancelled(child)) {
        child->looked_at = true;
        if (group->result == 0 && !group->cancelled)
            group->result = (int)ferry__result_negative(child->result_kind, &child->result);
        cancel(group);
    }
    if (group->running == 0 && group->closing)
        ferry__unpark(group->limit.task);
}

void ferry__group_forget(struct ferry__task *child)
{
    ferry__list_remove(&child->siblings);
    child->group = NULL;
}

/* Children that nobody awaits go; one that another task is about to take is left to it. */
static void free_children(struct ferry__group *group)
{
    struct ferry__list *link;
    while ((link = ferry__list_take_first(&group->children))) {
        struct ferry__task *child = child_of(link);
        child->group = NULL;
        if (!child->joiner || child->joiner->yields)
            ferry__task_free(child);
    }
}

void ferry__group_close(ferry_task_group *user)
{
    struct ferry__group *group = (struct ferry__group *)(void *)user;
    struct ferry__task *owner = group->limit.task;
    int before = errno;
    int interrupted = 0;
    if (owner->sched != ferry__sched_here)
        return; /* in a child of fork: the children are the parent's */
    ferry__limit_leave(&group->limit);
    group->closing = true;
    if (group->running > 0 && (interrupted = ferry__park(owner, "a task group's children")) < 0) {
        cancel(group);
        if (group->running > 0)
            ferry__park_shielded(owner, "a task group's children that it cancelled");
    }
    free_children(group);
    owner->group_result = group->result ? group->result : interrupted;
    errno = before;
}

int ferry_task_group_result(void)
{
    struct ferry__task *task = ferry__task_current();
    int result = task ? task->group_result : 0;
    return result < 0 ? ferry__fail(-result) : 0;
}

void ferry__on_group_task(const struct ferry__call *call, struct ferry__image *image)
{
    struct ferry__group *group = call->target;
    struct ferry__sched *sched = ferry__sched_here;
    if (!sched || sched != group->limit.task->sched || group->cancelled) {
        ferry__call_make(NULL, sched && group->cancelled ? ECANCELED : EPERM);
        return;
    }
    struct ferry__task *child = ferry__task_spawn(sched, call, image, false);
    if (!child) {
        ferry__call_make(NULL, errno);
        return;
    }
    child->group = group;
    ferry__list_put_last(&group->children, &child->siblings);
    group->running++;
    ferry__call_make(ferry__task_handle(child), 0);
}
