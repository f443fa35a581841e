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
 * `job` through the executor (take it back), `says`, and what is the task's own, which deliver sets
 * on the loop's own thread. Mailing it is the worker's last touch: mailbox.h makes the rest visible
 * to the loop.
 *
 * A call with a policy or limits of its own, that may be refused, or says its class, is bound: see
 * bound.h. One that can be abandoned lies in a block of its own instead of the task's frames: see
 * abandon.c.
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
    struct ferry__bound *bound;        /* or NULL */
    /* the worker's, then the task's */
    int error; /* the caller's errno goes over, the function's comes back */
    enum ferry__job_end end;
    /* Law: 0, or what interrupted the task while the call was out (-ECANCELED, ...): written by the
     * task, read by the worker, relaxed, as it says nothing of other memory. */
    atomic_int says;
    /* the task's */
    bool back;
    bool serves;                    /* it does what the worker asked for, and may wait in there */
    struct ferry__request *request; /* what its worker wants done here: from_thread.c */
    const struct ferry__with *with; /* whose worker it went to, or NULL */
};

/* How a call ended. */
struct ferry__ending {
    ferry_call_state state;
    ferry_call_limit limit;
    int error;                       /* the outcome's: an errno, or 0 */
    int own_errno;                   /* the function's, where it ran */
    uint64_t due;                    /* when it should have ended; 0: whenever it did */
    uint64_t queued, started, ended; /* the job's; 0: it didn't come that far */
};

/* The loop of a task; never NULL. */
static inline struct ferry_loop *ferry__loop_of(const struct ferry__task *task)
{
    return FERRY__CONTAINER(task->sched, struct ferry_loop, sched);
}

/* What the bridge keeps in each task. */
struct ferry__bridge_words {
    float queue_seconds, run_seconds, overrun_seconds; /* of the last call */
    uint16_t error;
    uint8_t state, limit;            /* ferry_call_state, ferry_call_limit */
    struct ferry__with *worker;      /* the innermost FERRY_WITH_WORKER, or NULL */
    struct ferry__request *requests; /* that it serves now, innermost first */
};

static inline struct ferry__bridge_words *ferry__bridge_words(const struct ferry__task *task)
{
    _Static_assert(sizeof(struct ferry__bridge_words) <= sizeof task->bridge, "fits the task");
    return (struct ferry__bridge_words *)(uintptr_t)task->bridge;
}

/* The crossing whose call this thread runs, NULL elsewhere. */
extern _Thread_local struct ferry__crossing *ferry__crossing_here
    __attribute__((tls_model("initial-exec")));

/* Its thread ended inside its call. Destructors of thread-specific data run on it still: in no
 * call, with no task's locals, in no scope. */
void ferry__call_died(void);

/* Runs the captured call on this thread: the function, then options->after. errno goes in and comes
 * out. */
void ferry__crossing_run(struct ferry__crossing *crossing);
/* One more message will come from a worker of the executor: how the loop waits for it. */
void ferry__crossing_expect(struct ferry_loop *loop, struct ferry_executor *executor);
/* Back on the loop: the task goes on. */
void ferry__crossing_arrived(struct ferry__mail *mail);

/* The steps of a crossing: crossing.c takes them for a plain call, bound.c for a bound one. */
void ferry__crossing_init(struct ferry__crossing *crossing, struct ferry__task *task,
                          const struct ferry__call *call, const ferry_call_options *options,
                          struct ferry__image *image);
/* 0: the call is on its way; else why not: an interruption, if it may be told so, or no executor's
 * worker to be had. */
int ferry__crossing_set_out(struct ferry__crossing *crossing, struct ferry_executor *executor);
/* Suspends the task until something happens. 0: the crossing is back, or its worker asked for
 * something, which is done by now; while `open` to it, an interruption otherwise. */
int ferry__crossing_wait(struct ferry__crossing *crossing, bool open);
/* The task takes it out of the queue: true: it never starts. */
bool ferry__crossing_take_back(struct ferry__crossing *crossing, struct ferry_executor *executor);
/* Something happened that ferry__crossing_wait returns for, but what the task serves meanwhile must
 * not be woken by. (Whoever says it sets what is to be seen afterwards.) */
static inline void ferry__crossing_news(const struct ferry__crossing *crossing)
{
    if (!crossing->serves)
        ferry__unpark(crossing->task);
}
/* How it ended: as its worker left it; said < 0: it never set out, or was taken back. */
struct ferry__ending ferry__crossing_ending(const struct ferry__crossing *crossing, int said);
/* How one ended that came back, but should have ended before (late->due; 0: whenever it did). */
struct ferry__ending ferry__crossing_late(const struct ferry__crossing *crossing,
                                          const struct ferry__ending *late);
/* Gives the statement its value (the image's or the skip value) and errno; notes the outcome. */
void ferry__conclude(struct ferry__task *task, const struct ferry__call *call,
                     const ferry_call_options *options, struct ferry__image *image,
                     const struct ferry__ending *ending);

/* from_thread.c: does what the crossing's worker asked for. */
void ferry__request_serve(struct ferry__crossing *crossing);
/* A task that serves requests holds their workers while it waits for a job that it has pushed. 0;
 * -EDEADLK: that job could never begin. Until released, which is before the job's memory goes. */
int ferry__requests_hold(struct ferry__task *task, const struct ferry_executor *executor,
                         struct ferry__job *job);
void ferry__requests_release(struct ferry__task *task);
/* What it was asked for by the request that it serves; NULL: it serves none. */
const struct ferry__call *ferry__requests_asked(const struct ferry__task *task);
/* Whether it serves one of the block's worker; of a worker of the executor. */
bool ferry__requests_of_block(struct ferry__task *task, const struct ferry__with *with);
bool ferry__requests_of_executor(struct ferry__task *task, const struct ferry_executor *executor);

/* bound.c: a call with a policy or limits. */
bool ferry__is_bound(const struct ferry_executor *executor, const ferry_call_options *options);
void ferry__cross_bound(struct ferry__task *task, struct ferry_executor *executor,
                        const struct ferry__call *call, const ferry_call_options *options,
                        struct ferry__image *image);

/* worker_block.c: the block of this task whose worker is one of `executor`, or NULL. */
struct ferry__with *ferry__with_worker_find(struct ferry__task *task,
                                            const struct ferry_executor *executor);
/* Where calls go that name no executor: that of the innermost block, else the default one (or
 * NULL). */
struct ferry_executor *ferry__with_worker_default(struct ferry__task *task);
/* Of this thread's loop, else the process's default one (or NULL). (default.c) */
struct ferry_executor *ferry__loop_executor(void);
/* Hands the crossing to that worker. 0; -EOWNERDEAD: its thread has ended; -EDEADLK: it waits for
 * what this task does for it. */
int ferry__with_worker_push(struct ferry__with *with, struct ferry__crossing *crossing);

ferry__handler ferry__on_to_thread, ferry__on_call_with, ferry__on_submit, ferry__on_map_call,
    ferry__on_from_thread;

#endif
