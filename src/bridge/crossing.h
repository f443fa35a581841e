/* SPDX-License-Identifier: MIT */
/*
 * A crossing: a task's call goes over to a worker, and its result comes back.
 *
 *       task's stack            executor's queue         worker                loop's mailbox
 *     +--------------+  push                   take                   done
 *     | image   <----|----------> job  ---------------> replay image ---------> mail
 *     | crossing     |                                  into the image           |
 *     +--------------+ <---------------------------------------------------------+ deliver: unpark
 *
 * Everything lies in the frames of the waiting task: the image where the capture put it, the
 * crossing in the handler's frame below it. So nothing is allocated, and nothing can fail but
 * finding a thread.
 *
 * Law: from push until the mail is delivered the crossing is the worker's; the task touches only
 * `job` through the executor (take it back) and `back`, which deliver sets on the loop's own
 * thread. Mailing it is the worker's last touch: mailbox.h makes the rest visible to the loop.
 */
#ifndef FERRY_BRIDGE_CROSSING_H
#define FERRY_BRIDGE_CROSSING_H

#include "core/task.h"
#include "executor/executor.h"
#include "loop/loop.h"

#include <ferry/thread.h>

struct ferry__crossing {
    struct ferry__job job;
    struct ferry__mail mail;
    /* constant from push to delivery */
    struct ferry_loop *loop;
    struct ferry__task *task;
    struct ferry__context *context; /* held; while the call runs, the worker's to change */
    struct ferry__image *image;
    ferry__any *function;
    const ferry_call_options *options; /* or NULL */
    /* the worker's, then the task's */
    int error; /* the caller's errno goes over, the function's comes back */
    enum ferry__job_end end;
    /* the task's */
    bool back;
};

/* The loop of a task; never NULL. */
static inline struct ferry_loop *ferry__loop_of(const struct ferry__task *task)
{
    return FERRY__CONTAINER(task->sched, struct ferry_loop, sched);
}

/* What the bridge keeps in each task. */
struct ferry__bridge_words {
    uint64_t queue_ns, run_ns;  /* of the last call */
    uint32_t state, error;      /* ferry_call_state, errno */
    struct ferry__with *worker; /* the innermost FERRY_WITH_WORKER, or NULL */
};

static inline struct ferry__bridge_words *ferry__bridge_words(struct ferry__task *task)
{
    _Static_assert(sizeof(struct ferry__bridge_words) <= sizeof task->bridge, "fits the task");
    return (struct ferry__bridge_words *)(void *)task->bridge;
}

/* Runs the captured call on this thread: the function, then options->after. errno goes in and comes
 * out. */
void ferry__crossing_run(struct ferry__crossing *crossing);
/* One more message will come from a worker of the executor: how the loop waits for it. */
void ferry__crossing_expect(struct ferry_loop *loop, struct ferry_executor *executor);
/* Back on the loop: the task goes on. */
void ferry__crossing_arrived(struct ferry__mail *mail);

/* worker_block.c: the block of this task whose worker is one of `executor`, or NULL. */
struct ferry__with *ferry__with_worker_find(struct ferry__task *task,
                                            const struct ferry_executor *executor);
/* Where calls go that name no executor: that of the innermost block, else the default one (or
 * NULL). */
struct ferry_executor *ferry__with_worker_default(struct ferry__task *task);
/* Of this thread's loop, else the process's default one (or NULL). (default.c) */
struct ferry_executor *ferry__loop_executor(void);
/* Hands the crossing to that worker. 0, or -EOWNERDEAD: its thread has ended. */
int ferry__with_worker_push(struct ferry__with *with, struct ferry__crossing *crossing);

ferry__handler ferry__on_to_thread, ferry__on_call_with, ferry__on_submit, ferry__on_map_call;

#endif
