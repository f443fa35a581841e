/* SPDX-License-Identifier: MIT */
#include "core/join.h"

#include "base/error.h"
#include "base/panic.h"
#include "core/kind.h"

#include <string.h>

/* A ring of tasks that await each other is looked for this far; a longer one is a hang like any
 * other, and the dump of waiting tasks shows it. */
#define RING_LONGEST 64

int ferry__task_find(const ferry_task *handle, struct ferry__task **ret)
{
    struct ferry__sched *sched = ferry__sched_here;
    if (!handle)
        return -EINVAL;
    if (!sched)
        return -EPERM;
    void *slot;
    int error = ferry__slot_find(&sched->tasks, handle, &slot);
    if (error == 0)
        *ret = slot;
    return error;
}

int ferry__join_check(struct ferry__task *self, const ferry_task *handle, struct ferry__task **ret)
{
    struct ferry__task *task;
    *ret = NULL;
    int error = ferry__task_find(handle, &task);
    if (error)
        return error;
    *ret = task;
    struct ferry__task *next = task;
    for (int hops = 0; hops < RING_LONGEST; hops++) {
        if (next == self)
            return -EDEADLK;
        next = next->awaits;
        if (!next)
            break;
    }
    if (task->joiner && !task->joiner->yields)
        return -EBUSY;
    return 0;
}

void ferry__join_kind(const struct ferry__task *task, unsigned result, const char *asker,
                      const char *place)
{
    char made[FERRY__KIND_TEXT], wanted[FERRY__KIND_TEXT];
    if (result == FERRY__ANY || result == task->result_kind)
        return;
    ferry__panic("%s at %s wants %s, but the task \"%s\" made at %s gives %s", asker, place,
                 ferry__kind_text(result, wanted), ferry__task_name(task),
                 ferry__site_place(task->site), ferry__kind_text(task->result_kind, made));
}

void ferry__waiting_count(struct ferry__joiner *joiner, struct ferry__task *task)
{
    struct ferry__waiting *waiting = (struct ferry__waiting *)(void *)joiner;
    (void)task;
    if (waiting->left > 0 && --waiting->left == 0)
        ferry__unpark(waiting->task);
}

void ferry__waiting_init(struct ferry__waiting *waiting, struct ferry__task *self)
{
    *waiting = (struct ferry__waiting){.joiner.ended = ferry__waiting_count, .task = self};
}

void ferry__task_set_joiner(struct ferry__task *task, struct ferry__joiner *joiner)
{
    if (task->joiner && task->joiner->yields)
        task->joiner->evicted(task->joiner, task);
    task->joiner = joiner;
}

void ferry__waiting_remove_all(struct ferry__waiting *waiting, ferry_task *const *tasks,
                               size_t count)
{
    struct ferry__task *task;
    for (size_t i = 0; i < count; i++)
        if (ferry__task_find(tasks[i], &task) == 0 && task->joiner == &waiting->joiner)
            task->joiner = NULL;
}

long ferry__waiting_add_all(struct ferry__waiting *waiting, ferry_task *const *tasks, size_t count)
{
    long running = 0;
    struct ferry__task *task;
    for (size_t i = 0; i < count; i++) {
        int error = ferry__join_check(waiting->task, tasks[i], &task);
        if (error) {
            ferry__waiting_remove_all(waiting, tasks, i);
            return error;
        }
        ferry__task_set_joiner(task, &waiting->joiner);
        running += task->state != FERRY__TASK_DONE;
    }
    return running;
}

int ferry__take_result(struct ferry__task *task, void *ret, size_t size)
{
    int error = task->began ? task->end_errno : ECANCELED;
    bool began = task->began;
    if (ret && began)
        memcpy(ret, &task->result, size);
    task->looked_at = true;
    ferry__task_set_joiner(task, NULL);
    ferry__task_free(task);
    errno = error;
    return began ? 0 : -ECANCELED;
}

/* Waits for one task. An interruption is passed on to it, and the wait goes on; beside it: the
 * interruption ends the wait, and is returned. */
static int wait_ended(struct ferry__task *self, struct ferry__task *task, bool beside)
{
    struct ferry__waiting waiting;
    ferry__waiting_init(&waiting, self);
    waiting.left = 1;
    ferry__task_set_joiner(task, &waiting.joiner);
    self->awaits = task;
    int said = ferry__park(self, beside ? "a shielded task" : "a task");
    if (said < 0 && !beside) {
        ferry__task_cancel(task);
        if (task->state != FERRY__TASK_DONE)
            ferry__park_shielded(self, "a task that it cancelled");
    }
    self->awaits = NULL;
    task->joiner = NULL;
    return said;
}

/* The task that this one may join, and whether it must be waited for; or -errno. */
static int find_to_join(const ferry_task *handle, unsigned result, const char *asker,
                        const char *place, struct ferry__task **ret)
{
    struct ferry__task *self = ferry__task_current();
    int error = ferry__join_check(self, handle, ret);
    if (!*ret)
        return error < 0 ? error : -ESRCH;
    ferry__join_kind(*ret, result, asker, place);
    if (error)
        return error;
    bool running = (*ret)->state != FERRY__TASK_DONE;
    return !self && running ? -EPERM : running; /* a callback of the loop can't wait */
}

int ferry__join_task(const ferry_task *handle, unsigned result, const char *asker,
                     const char *place, void *ret, size_t size)
{
    struct ferry__task *task;
    int running = find_to_join(handle, result, asker, place, &task);
    if (running < 0)
        return ferry__fail(-running);
    if (running)
        wait_ended(ferry__task_current(), task, false);
    return ferry__take_result(task, ret, size);
}

int ferry__join_shielded(const ferry_task *handle, unsigned result, const char *asker,
                         const char *place, void *ret, size_t size)
{
    struct ferry__task *task;
    int running = find_to_join(handle, result, asker, place, &task);
    if (running < 0)
        return ferry__fail(-running);
    int said = running ? wait_ended(ferry__task_current(), task, true) : 0;
    return said ? said : ferry__take_result(task, ret, size);
}
