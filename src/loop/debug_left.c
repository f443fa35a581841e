/* SPDX-License-Identifier: MIT */
/* Debug mode: what a task leaves behind that somebody should have taken or given back. */
#include "core/task.h"
#include "loop/loop.h"

void ferry__debug_locks_left(struct ferry_loop *loop, const ferry_task *task, const char *site)
{
    struct ferry__held *held = &loop->sched.held;
    for (size_t i = held->count; i-- > 0;) {
        struct ferry__held_thing left = held->things[i];
        if (left.task != task)
            continue;
        ferry__held_remove(held, left.thing);
        if (loop->debug.on)
            ferry__loop_report(loop, ferry__about(task, site),
                               "a task has ended and holds a lock still (%p, acquired at %s)",
                               left.thing, left.place);
        if (i > held->count) /* the handler may have changed the list */
            i = held->count;
    }
}

void ferry__debug_unjoined(struct ferry_loop *loop)
{
    for (uint32_t i = 0; i < loop->sched.tasks.made; i++) {
        struct ferry__task *task = ferry__slot_at(&loop->sched.tasks, i);
        if (task && !task->is_main && task->cancels == 0 && !ferry__task_failed(task))
            ferry__loop_report(loop, ferry__about_task(task), "a task was never awaited");
    }
}
