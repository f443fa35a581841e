/* SPDX-License-Identifier: MIT */
/*
 * Done callbacks of tasks. Each is a block that hangs on its task, in a ring, and becomes ready
 * when the task ends: before who joins it is woken, so that the callbacks still find it there.
 *
 *     task->when_done -> last -> first -> second -> (last)
 */
#include "base/error.h"
#include "core/task.h"
#include "loop/callback.h"

struct done_callback {
    struct ferry__callback callback; /* first */
    ferry_task *task;
    ferry_task_done_callback *fn;
    void *context;
};

static struct done_callback *of(struct ferry__ready *ready)
{
    return FERRY__CONTAINER(ready, struct done_callback, callback.ready);
}

static void run(struct ferry__ready *ready)
{
    struct done_callback *done = of(ready);
    struct ferry_loop *loop = done->callback.loop;
    struct ferry__debug_span span = ferry__debug_begin(&loop->sched);
    struct ferry__context **outer = ferry__context_enter(&done->callback.context);
    done->fn(done->task, done->context);
    ferry__context_leave(outer);
    if (span.since)
        ferry__debug_end(loop, span, NULL, "a done callback");
    ferry__callback_free(&done->callback);
}

int ferry_task_add_done_callback(ferry_task *handle, ferry_task_done_callback *fn, void *context)
{
    struct ferry__task *task;
    int error = fn ? ferry__task_find(handle, &task) : -EINVAL;
    if (error)
        return ferry__fail(-error);
    struct ferry_loop *loop = ferry__loop_current();
    struct done_callback *done = ferry__alloc(sizeof *done);
    if (!done)
        return ferry__fail(ENOMEM);
    done->callback = (struct ferry__callback){
        .ready.run = run, .loop = loop, .context = ferry__context_hold(ferry__context_now())};
    done->task = handle;
    done->fn = fn;
    done->context = context;
    struct ferry__ready *ready = &done->callback.ready, *last = task->when_done;
    if (task->state == FERRY__TASK_DONE) {
        ferry__ready_put(&loop->sched, ready);
        return 0;
    }
    ready->next = last ? last->next : ready;
    if (last)
        last->next = ready;
    task->when_done = ready;
    return 0;
}

int ferry_task_remove_done_callback(ferry_task *handle, ferry_task_done_callback *fn, void *context)
{
    struct ferry__task *task;
    int error = ferry__task_find(handle, &task);
    if (error)
        return ferry__fail(-error);
    struct ferry__ready *last = task->when_done, *next = last ? last->next : NULL;
    struct ferry__ready *kept = NULL;
    int removed = 0;
    for (bool more = last; more;) {
        struct ferry__ready *ready = next;
        next = ready->next;
        more = ready != last;
        if (of(ready)->fn == fn && of(ready)->context == context) {
            ferry__callback_free(&of(ready)->callback);
            removed++;
            continue;
        }
        ready->next = kept ? kept->next : ready;
        if (kept)
            kept->next = ready;
        kept = ready;
    }
    task->when_done = kept;
    return removed;
}
