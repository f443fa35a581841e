/* SPDX-License-Identifier: MIT */
#include "bridge/crossing.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/panic.h"
#include "bridge/direct.h"
#include "core/locals.h"

#include <string.h>

void ferry__crossing_run(struct ferry__crossing *crossing)
{
    struct ferry__context **outer = ferry__context_enter(&crossing->context);
    errno = crossing->error;
    ferry__replay(crossing->image, crossing->function);
    crossing->error = errno;
    const ferry_call_options *options = crossing->options;
    if (options && options->after)
        options->after(options->after_argument);
    ferry__context_leave(outer);
}

void ferry__crossing_arrived(struct ferry__mail *mail)
{
    struct ferry__crossing *crossing = FERRY__CONTAINER(mail, struct ferry__crossing, mail);
    crossing->back = true;
    crossing->loop->expected--;
    /* The task reads these in a moment, out of the worker's cache. */
    __builtin_prefetch(crossing->image);
    __builtin_prefetch(&crossing->job);
    ferry__unpark(crossing->task);
}

static void on_worker(struct ferry__job *job)
{
    ferry__crossing_run(FERRY__CONTAINER(job, struct ferry__crossing, job));
}

static void leave_worker(struct ferry__job *job, enum ferry__job_end end)
{
    struct ferry__crossing *crossing = FERRY__CONTAINER(job, struct ferry__crossing, job);
    crossing->end = end;
    ferry__mailbox_push(&crossing->loop->mailbox, &crossing->mail); /* the last touch */
}

static void prod(struct ferry_loop *loop)
{
    if (loop->expected > 0)
        ferry__executors_prod();
}

void ferry__crossing_expect(struct ferry_loop *loop, struct ferry_executor *executor)
{
    loop->expected++;
    bool short_calls = ferry__load(&executor->average, relaxed) < FERRY__SPIN_BELOW_NS;
    loop->spin_ns = short_calls && ferry__cores() > 1 ? FERRY__SPIN_NS : 0;
    loop->gives_way = short_calls && ferry__cores() == 1;
    loop->before_sleep = prod;
}

/* 0: the call is on its way; else why not. */
static int set_out(struct ferry__crossing *crossing, struct ferry_executor *executor)
{
    ferry__crossing_expect(crossing->loop, executor);
    struct ferry__with *with = ferry__with_worker_find(crossing->task, executor);
    int status = with ? ferry__with_worker_push(with, crossing)
                      : ferry__executor_push(executor, &crossing->job);
    if (status < 0)
        crossing->loop->expected--;
    return status;
}

/* Until the crossing is back. When it may be skipped an interruption takes it out of the queue:
 * then that is returned, and the crossing never left. */
static int await_return(struct ferry__crossing *crossing, struct ferry_executor *executor,
                        bool may_skip)
{
    const char *what = crossing->job.site;
    while (may_skip && !crossing->back) {
        int interrupted = ferry__park(crossing->task, what);
        if (interrupted == 0 || crossing->back)
            continue;
        if (ferry__executor_take_back(executor, &crossing->job)) {
            crossing->loop->expected--;
            return interrupted;
        }
        break; /* it runs: it is seen through, and the next wait reports the interruption */
    }
    while (!crossing->back)
        ferry__park_shielded(crossing->task, what);
    return 0;
}

/* The call's own result is in the image, or the skip value goes there; errno is set; the outcome is
 * noted. */
static void conclude(struct ferry__crossing *crossing, const struct ferry__call *call,
                     ferry_call_state state, int error)
{
    const struct ferry__job *job = &crossing->job;
    uint64_t begun = state == FERRY_CALL_NEVER_STARTED ? ferry__now() : job->started;
    struct ferry__bridge_words *words = ferry__bridge_words(crossing->task);
    words->queue_ns = job->queued && begun > job->queued ? begun - job->queued : 0;
    words->run_ns = state == FERRY_CALL_NEVER_STARTED ? 0 : job->ended - job->started;
    words->state = state;
    words->error = (uint32_t)error;
    if (state != FERRY_CALL_DONE)
        ferry__direct_skip(call, crossing->image, error);
    const ferry_call_options *options = crossing->options;
    if (options && options->outcome)
        *options->outcome = ferry_call_outcome();
    errno = state == FERRY_CALL_DONE ? crossing->error : error;
}

static void cross(struct ferry__task *task, struct ferry_executor *executor,
                  const struct ferry__call *call, const ferry_call_options *options,
                  struct ferry__image *image)
{
    struct ferry__crossing crossing = {
        .job = {.run = on_worker, .done = leave_worker, .site = call->site},
        .mail.deliver = ferry__crossing_arrived,
        .loop = ferry__loop_of(task),
        .task = task,
        .context = ferry__context_hold(task->context),
        .image = image,
        .function = call->function,
        .options = options,
        .error = errno,
    };
    bool may_skip = ferry__direct_may_skip(call, options);
    crossing.job.must_run = !may_skip;
    int status = may_skip ? ferry__interruption(task) : 0;
    if (status == 0)
        status = set_out(&crossing, executor);
    if (status == 0)
        status = await_return(&crossing, executor, may_skip);
    ferry__context_drop(crossing.context);
    if (status < 0)
        conclude(&crossing, call, FERRY_CALL_NEVER_STARTED, -status);
    else if (crossing.end == FERRY__JOB_DONE)
        conclude(&crossing, call, FERRY_CALL_DONE, 0);
    else
        conclude(&crossing, call,
                 crossing.end == FERRY__JOB_DIED ? FERRY_CALL_DIED : FERRY_CALL_NEVER_STARTED,
                 ferry__job_error(crossing.end));
}

static void carry(const struct ferry__call *call, struct ferry__image *image,
                  struct ferry_executor *wanted, const ferry_call_options *options)
{
    struct ferry__task *task = ferry__task_current();
    if (!task) {
        ferry__direct_call(call, image, wanted, options);
        return;
    }
    struct ferry_executor *executor = wanted ? wanted : ferry__with_worker_default(task);
    if (executor)
        cross(task, executor, call, options, image);
    else
        ferry__direct_refuse(call, image, options, ENOMEM);
}

void ferry__on_to_thread(const struct ferry__call *call, struct ferry__image *image)
{
    carry(call, image, call->target, NULL);
}

void ferry__on_call_with(const struct ferry__call *call, struct ferry__image *image)
{
    const ferry_call_options *options = call->options;
    carry(call, image, options->executor, options);
}

ferry_outcome ferry_call_outcome(void)
{
    struct ferry__task *task = ferry__task_current();
    if (!task)
        return (ferry_outcome){.state = FERRY_CALL_DONE};
    const struct ferry__bridge_words *words = ferry__bridge_words(task);
    return (ferry_outcome){
        .state = (ferry_call_state)words->state,
        .error = (int)words->error,
        .queue_seconds = ferry__seconds(words->queue_ns),
        .run_seconds = ferry__seconds(words->run_ns),
    };
}
