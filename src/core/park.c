/* SPDX-License-Identifier: MIT */
/* Waiting: how a task stops and is set going again. */
#include "base/error.h"
#include "base/panic.h"
#include "core/task.h"

/* Which state may follow which, one bit each. */
static const uint8_t may_follow[] = {
    [FERRY__TASK_READY] = 1 << FERRY__TASK_RUNNING,
    [FERRY__TASK_RUNNING] =
        1 << FERRY__TASK_WAITING | 1 << FERRY__TASK_READY | 1 << FERRY__TASK_DONE,
    [FERRY__TASK_WAITING] = 1 << FERRY__TASK_READY,
    [FERRY__TASK_DONE] = 0,
};

static inline void move(struct ferry__task *task, enum ferry__task_state to)
{
    if (__builtin_expect(!(may_follow[task->state] >> to & 1), 0))
        ferry__panic("task \"%s\" can't go from state %d to %d: a wait was started outside the "
                     "running task",
                     ferry__task_name(task), task->state, to);
    task->state = (uint8_t)to;
}

static void make_ready(struct ferry__task *task)
{
    move(task, FERRY__TASK_READY);
    ferry__ready_put(task->sched, &task->ready);
}

static void suspend(struct ferry__task *task, const char *waits_on, bool interruptible)
{
    move(task, FERRY__TASK_WAITING);
    task->waits_on = waits_on;
    task->interruptible = interruptible;
    ferry__sched_switch(task->sched, task);
}

int ferry__park(struct ferry__task *task, const char *waits_on)
{
    task->unparked = false;
    do {
        int said = ferry__interruption(task);
        if (said)
            return ferry__fail(-said);
        suspend(task, waits_on, true);
    } while (!task->unparked);
    return 0;
}

void ferry__park_shielded(struct ferry__task *task, const char *waits_on)
{
    task->unparked = false;
    do
        suspend(task, waits_on, false);
    while (!task->unparked);
}

void ferry__yield(struct ferry__task *task)
{
    make_ready(task);
    ferry__sched_switch(task->sched, task);
}

void ferry__unpark(struct ferry__task *task)
{
    if (task->state == FERRY__TASK_WAITING)
        make_ready(task);
    task->unparked = true;
}

void ferry__task_interrupt(struct ferry__task *task)
{
    if (task->state == FERRY__TASK_WAITING && task->interruptible && ferry__interruption(task))
        make_ready(task);
}

void ferry__task_cancel(struct ferry__task *task)
{
    task->cancels++;
    ferry__task_interrupt(task);
}
