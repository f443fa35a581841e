/* SPDX-License-Identifier: MIT */
/* ferry_run_coroutine_threadsafe: a task for another thread's loop, its result in a future. */
#include "base/error.h"
#include "core/join.h"
#include "core/locals.h"
#include "loop/future.h"
#include "loop/loop.h"

/*
 * Held by its user, by the loop until the task has ended, and by a cancel that is on its way. The
 * loop's messages keep their order, so a cancel never arrives before the start.
 */
struct coroutine {
    struct ferry_future future; /* first */
    struct ferry_loop *loop;    /* constant, as is the call */
    struct ferry__call call;
    struct ferry__context *context; /* the caller's, held until the task has it */
    struct ferry__mail start, stop;
    atomic_bool stopping; /* set once, by who pushes `stop` */
    /* the loop's thread only */
    struct ferry__joiner joiner;
    struct ferry__task *task; /* while it lives */
    _Alignas(16) char image[];
};

static void destroy(struct ferry_future *future)
{
    ferry__free(future);
}

static void task_ended(struct ferry__joiner *joiner, struct ferry__task *task)
{
    struct coroutine *coroutine = FERRY__CONTAINER(joiner, struct coroutine, joiner);
    coroutine->task = NULL;
    task->joiner = NULL;
    task->looked_at = true;
    ferry__future_settle(&coroutine->future, task->began ? 0 : ECANCELED, &task->result);
    ferry__future_drop(&coroutine->future);
}

static void start(struct ferry__mail *mail)
{
    struct coroutine *coroutine = FERRY__CONTAINER(mail, struct coroutine, start);
    struct ferry__context **outer = ferry__context_enter(&coroutine->context);
    struct ferry__task *task =
        ferry__task_spawn(&coroutine->loop->sched, &coroutine->call,
                          (struct ferry__image *)(void *)coroutine->image, false);
    int error = errno;
    ferry__context_leave(outer);
    ferry__context_drop(coroutine->context);
    if (!task) {
        ferry__future_settle(&coroutine->future, error, NULL);
        ferry__future_drop(&coroutine->future);
        return;
    }
    coroutine->joiner.ended = task_ended;
    coroutine->task = task;
    task->joiner = &coroutine->joiner;
    task->detached = true; /* its slot goes when it has ended */
}

static void stop(struct ferry__mail *mail)
{
    struct coroutine *coroutine = FERRY__CONTAINER(mail, struct coroutine, stop);
    if (coroutine->task)
        ferry__task_cancel(coroutine->task);
    ferry__future_drop(&coroutine->future);
}

static int cancel(struct ferry_future *future)
{
    struct coroutine *coroutine = (struct coroutine *)(void *)future;
    if (ferry__swap(&coroutine->stopping, true, acq_rel))
        return 1;
    coroutine->stop.deliver = stop;
    ferry__add(&future->holders, 1, relaxed);
    if (ferry__mailbox_try_push(&coroutine->loop->mailbox, &coroutine->stop))
        return 1;
    ferry__future_drop(future);
    return 0;
}

static const struct ferry__future_kind on_a_loop = {.destroy = destroy, .cancel = cancel};

void ferry__on_run_coroutine_threadsafe(const struct ferry__call *call, struct ferry__image *image)
{
    struct ferry_loop *loop = call->target;
    if (!loop) {
        ferry__call_make(NULL, EINVAL);
        return;
    }
    struct coroutine *coroutine =
        ferry__alloc_aligned(16, sizeof *coroutine + ferry__image_size(image));
    if (!coroutine) {
        ferry__call_make(NULL, ENOMEM);
        return;
    }
    ferry__future_init(&coroutine->future, &on_a_loop, call->result, 2);
    coroutine->loop = loop;
    coroutine->call = *call;
    coroutine->context = ferry__context_hold(ferry__context_now());
    coroutine->start.deliver = start;
    ferry__image_copy(coroutine->image, image);
    if (ferry__mailbox_try_push(&loop->mailbox, &coroutine->start)) {
        ferry__debug_given(call, image, &coroutine->future);
        ferry__call_make(&coroutine->future, 0);
        return;
    }
    ferry__context_drop(coroutine->context);
    ferry__free(coroutine);
    ferry__call_make(NULL, ESHUTDOWN);
}
