/* SPDX-License-Identifier: MIT */
#include "core/completion.h"

#include "base/error.h"
#include "core/join.h"

static struct ferry__completion *of(struct ferry__joiner *joiner)
{
    return FERRY__CONTAINER(joiner, struct ferry__completion, joiner);
}

static void ended(struct ferry__joiner *joiner, struct ferry__task *task)
{
    struct ferry__completion *completion = of(joiner);
    task->next_completed = NULL;
    if (completion->first)
        completion->last->next_completed = task;
    else
        completion->first = task;
    completion->last = task;
    if (completion->waiting)
        ferry__unpark(completion->waiting);
}

static void unlink_ended(struct ferry__completion *completion, struct ferry__task *task)
{
    struct ferry__task **link = &completion->first, *before = NULL;
    while (*link && *link != task) {
        before = *link;
        link = &before->next_completed;
    }
    if (!*link)
        return;
    *link = task->next_completed;
    if (completion->last == task)
        completion->last = before;
}

/* The task leaves the set: given out, or somebody else's. */
static void leave(struct ferry__joiner *joiner, struct ferry__task *task)
{
    struct ferry__completion *completion = of(joiner);
    unlink_ended(completion, task);
    task->joiner = NULL;
    if (--completion->left > 0)
        return;
    if (completion->waiting)
        ferry__unpark(completion->waiting);
    ferry__slot_put(&completion->sched->completions, completion);
}

static int add_all(struct ferry__completion *completion, ferry_task *const *tasks, size_t count)
{
    struct ferry__waiting all;
    ferry__waiting_init(&all, ferry__task_current());
    long running = ferry__waiting_add_all(&all, tasks, count); /* the checks */
    if (running < 0)
        return (int)running;
    completion->left = count;
    for (size_t i = 0; i < count; i++) {
        struct ferry__task *task;
        if (ferry__task_find(tasks[i], &task) != 0)
            continue;
        task->joiner = &completion->joiner;
        if (task->state == FERRY__TASK_DONE)
            ended(&completion->joiner, task);
    }
    return 0;
}

ferry_completion ferry_as_completed(ferry_task *const *tasks, size_t count)
{
    struct ferry__task *self = ferry__task_current();
    if (!self || count == 0)
        return (ferry_completion){.error = self ? 0 : EPERM};
    struct ferry__completion *completion = ferry__slot_get(&self->sched->completions);
    if (!completion)
        return (ferry_completion){.error = ENOMEM};
    completion->joiner = (struct ferry__joiner){.ended = ended, .yields = true, .evicted = leave};
    completion->sched = self->sched;
    int error = add_all(completion, tasks, count);
    if (error) {
        ferry__slot_put(&self->sched->completions, completion);
        return (ferry_completion){.error = -error};
    }
    return (ferry_completion){.state = ferry__slot_handle(&self->sched->completions, completion)};
}

ferry_task *ferry_completion_next(ferry_completion *user)
{
    struct ferry__task *self = ferry__task_current();
    if (user->error || !self)
        return ferry__fail_null(user->error ? user->error : EPERM);
    void *slot;
    while (ferry__slot_find(&self->sched->completions, user->state, &slot) == 0) {
        struct ferry__completion *completion = slot;
        if (completion->first) {
            struct ferry__task *task = completion->first;
            leave(&completion->joiner, task);
            return ferry__task_handle(task);
        }
        if (completion->waiting)
            return ferry__fail_null(EBUSY);
        completion->waiting = self;
        int said = ferry__park(self, "ferry_completion_next");
        if (ferry__slot_find(&self->sched->completions, user->state, &slot) == 0)
            completion->waiting = NULL;
        if (said)
            return NULL;
    }
    errno = 0;
    return NULL;
}
