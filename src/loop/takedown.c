/* SPDX-License-Identifier: MIT */
/* How a loop ends, in asyncio's order: ferry/run.h has the list. */
#include "base/clock.h"
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

static void overdue(struct ferry__timer *timer)
{
    struct ferry_loop *loop = FERRY__CONTAINER(timer, struct ferry_loop, overdue);
    for (uint32_t i = 0; i < loop->sched.tasks.made; i++) {
        struct ferry__task *task = ferry__slot_at(&loop->sched.tasks, i);
        if (task && task->state != FERRY__TASK_DONE)
            ferry__loop_report(loop, ferry__about_task(task),
                               "a task was cancelled %g s ago, as the loop ends, and has not "
                               "ended: it waits for %s",
                               ferry__seconds(loop->patience),
                               task->waits_on ? task->waits_on : "its turn");
    }
    if (loop->overdue_calls)
        loop->overdue_calls(loop);
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
    ferry__timer_set(&loop->sched.timers, &loop->overdue,
                     ferry__deadline(ferry__now(), loop->patience), overdue);
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
    ferry__timer_unset(&loop->sched.timers, &loop->overdue);
    ferry__signals_release(loop);
    ferry__loop_close(loop);
    ferry__loop_leave();
}
