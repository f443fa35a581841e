/* SPDX-License-Identifier: MIT */
/* How a loop ends, in asyncio's order: ferry/run.h has the list. */
#include "core/task.h"
#include "loop/loop.h"
#include "loop/signals.h"

static void cancel_all(struct ferry_loop *loop)
{
    for (uint32_t i = 0; i < loop->sched.tasks.made; i++) {
        struct ferry__task *task = ferry__slot_at(&loop->sched.tasks, i);
        if (task && task->state != FERRY__TASK_DONE && task->cancels == 0)
            ferry__task_cancel(task);
    }
}

static void report_failures(struct ferry_loop *loop)
{
    for (uint32_t i = 0; i < loop->sched.tasks.made; i++) {
        struct ferry__task *task = ferry__slot_at(&loop->sched.tasks, i);
        if (task)
            ferry__task_free(task);
    }
}

static void end_all(struct ferry_loop *loop)
{
    while (loop->sched.live > 0) {
        cancel_all(loop);
        ferry__loop_turn(loop);
    }
}

void ferry__loop_take_down(struct ferry_loop *loop)
{
    ferry__loop_enter(loop);
    end_all(loop);
    ferry__sched_round(&loop->sched); /* the done callbacks of who ended last */
    end_all(loop);                    /* what those made */
    loop->sched.over = true;
    if (loop->sched.debug)
        ferry__debug_take_down(loop);
    report_failures(loop);
    if (loop->before_close)
        loop->before_close(loop);
    while (loop->expected > 0)
        ferry__loop_turn(loop);
    ferry__signals_release(loop);
    ferry__loop_close(loop);
    ferry__loop_leave();
}
