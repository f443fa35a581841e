/* SPDX-License-Identifier: MIT */
/*
 * ferry_run: open a loop, run the main task on it, take everything down in asyncio's order, close
 * it.
 *
 * The main task replays the caller's own image, not a copy: its frame stays, so ferry_run takes any
 * arguments.
 */
#include "base/clock.h"
#include "base/error.h"
#include "base/panic.h"
#include "core/kind.h"
#include "loop/overflow.h"
#include "core/task.h"
#include "loop/loop.h"
#include "loop/signals.h"

#include <string.h>

static int software_failure(void)
{
    return 70; /* EX_SOFTWARE */
}

static void cancel_all(struct ferry_loop *loop)
{
    for (uint32_t i = 0; i < loop->sched.tasks.made; i++) {
        struct ferry__task *task = ferry__slot_at(&loop->sched.tasks, i);
        if (task && task->state != FERRY__TASK_DONE && task->cancels == 0)
            ferry__task_cancel(task);
    }
}

/* In debug mode: tasks that ended, were kept for somebody to join, and nobody did. */
static void report_unjoined(struct ferry_loop *loop)
{
    for (uint32_t i = 0; ferry__debug_is_on(loop) && i < loop->sched.tasks.made; i++) {
        struct ferry__task *task = ferry__slot_at(&loop->sched.tasks, i);
        if (task && !task->is_main && !ferry__task_failed(task))
            ferry__loop_report(loop, task, NULL, "a task was never awaited");
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

static void take_down(struct ferry_loop *loop)
{
    loop->closing = true;
    while (loop->sched.live > 0) {
        cancel_all(loop);
        ferry__loop_turn(loop);
    }
    report_unjoined(loop);
    report_failures(loop);
    if (loop->before_close)
        loop->before_close(loop);
    while (loop->expected > 0)
        ferry__loop_turn(loop);
}

static void run(struct ferry_loop *loop, const struct ferry__call *call, struct ferry__image *image,
                bool keep_sigint)
{
    loop->main = ferry__task_spawn(&loop->sched, call, image, true);
    if (!loop->main) {
        ferry__report("ferry_run: there is no memory for the main task's stack");
        ferry__replay(image, (ferry__any *)software_failure);
        errno = ENOMEM;
        return;
    }
    if (!keep_sigint)
        ferry__signals_take_sigint(loop);
    while (loop->main->state != FERRY__TASK_DONE)
        ferry__loop_turn(loop);
    if (!loop->main->began)
        ferry__image_skip(image, call->result);
    errno = loop->main->end_errno;
}

void ferry__on_run(const struct ferry__call *call, struct ferry__image *image)
{
    static const ferry_run_options defaults;
    const ferry_run_options *options = call->options ? call->options : &defaults;
    struct ferry_loop *loop;
    if (call->result != (FERRY__SIGNED << 8 | sizeof(int)))
        ferry__panic("ferry_run at %s: \"%s\" must return int", ferry__site_place(call->site),
                     call->site);
    int error = ferry__loop_current() ? -EDEADLK : ferry__loop_open(options, &loop);
    if (error) {
        const char *why = error == -EDEADLK  ? "a loop runs on this thread already"
                          : error == -EINVAL ? "there is no backend of that name"
                                             : strerror(-error);
        ferry__report("ferry_run can't run \"%s\" (%s): %s", call->site,
                      ferry__site_place(call->site), why);
        ferry__replay(image, (ferry__any *)software_failure);
        errno = -error;
        return;
    }
    ferry__overflow_watch();
    run(loop, call, image, options->keep_sigint);
    error = errno;
    take_down(loop);
    ferry__signals_release(loop);
    ferry__overflow_unwatch();
    ferry__loop_close(loop);
    errno = error;
}

ferry_loop *ferry_get_running_loop(void)
{
    struct ferry_loop *loop = ferry__loop_current();
    return loop ? loop : ferry__fail_null(EPERM);
}

double ferry_loop_time(void)
{
    return ferry__seconds(ferry__now());
}
