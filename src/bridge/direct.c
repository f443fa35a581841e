/* SPDX-License-Identifier: MIT */
#include "bridge/direct.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/futex.h"
#include "base/panic.h"
#include "bridge/crossing.h"
#include "core/locals.h"
#include "core/task.h"
#include "core/thread_scope.h"
#include "executor/deadlock.h"
#include "loop/loop.h"

#include <string.h>

bool ferry__direct_may_skip(const struct ferry__call *call, const ferry_call_options *options)
{
    unsigned class = call->result >> 8;
    return (options && options->outcome) || class == FERRY__SIGNED || class == FERRY__POINTER;
}

void ferry__direct_skip(const struct ferry__call *call, struct ferry__image *image, int error)
{
    const ferry_call_options *options = call->kind == FERRY__CALL_WITH ? call->options : NULL;
    if (!ferry__direct_may_skip(call, options) && call->result >> 8 != FERRY__VOID)
        ferry__panic("%s at %s did not run (%s), and its type has no value that says so: use "
                     "ferry_call_with and an outcome",
                     call->site, ferry__site_place(call->site), strerror(error));
    ferry__image_skip(image, call->result);
}

void ferry__direct_refuse(const struct ferry__call *call, struct ferry__image *image,
                          const ferry_call_options *options, int error)
{
    ferry__direct_skip(call, image, error);
    if (options && options->outcome)
        *options->outcome = (ferry_outcome){.state = FERRY_CALL_NEVER_STARTED, .error = error};
    errno = error;
}

/* A thread without a loop that waits for its call on an executor. Law of `over`: 0 -> 1 by done,
 * release; it is the futex, and waking touches the address only, as the frame may be gone by then.
 */
struct blocked_call {
    struct ferry__job job;
    const struct ferry__call *call;
    struct ferry__image *image;
    const ferry_call_options *options;
    struct ferry__context *context; /* the caller's, held */
    int error;
    enum ferry__job_end end;
    atomic_uint over;
};

static void call_and_after(const struct ferry__call *call, struct ferry__image *image,
                           const ferry_call_options *options, int *error)
{
    errno = *error;
    ferry__replay(image, call->function);
    *error = errno;
    if (options && options->after)
        options->after(options->after_argument);
}

static void run_blocked(struct ferry__job *job)
{
    struct blocked_call *blocked = FERRY__CONTAINER(job, struct blocked_call, job);
    struct ferry__context **outer = ferry__context_enter(&blocked->context);
    call_and_after(blocked->call, blocked->image, blocked->options, &blocked->error);
    ferry__context_leave(outer);
}

static void end_blocked(struct ferry__job *job, enum ferry__job_end end)
{
    struct blocked_call *blocked = FERRY__CONTAINER(job, struct blocked_call, job);
    if (end == FERRY__JOB_DIED)
        ferry__call_died();
    blocked->end = end;
    atomic_uint *over = &blocked->over;
    ferry__store(over, 1, release);
    ferry__futex_wake(over, 1);
}

/* Until the call is over: 0. Or until a time limit of this thread takes it out of the queue. */
static int sleep_on(struct blocked_call *blocked, struct ferry_executor *executor)
{
    bool may_skip = !blocked->job.must_run;
    /* acquire: pairs with the release in end_blocked */
    while (!ferry__load(&blocked->over, acquire)) {
        uint64_t deadline = FERRY__NEVER;
        int interrupted = may_skip ? ferry__thread_interruption(&deadline) : 0;
        if (interrupted && ferry__executor_take_back(executor, &blocked->job))
            return interrupted;
        if (interrupted)
            may_skip = false; /* it runs: it is seen through, and the next wait reports it */
        else
            ferry__futex_wait(&blocked->over, 0, deadline);
    }
    return 0;
}

/* 0 when the function ran; else why not. */
static int block_on(struct blocked_call *blocked, struct ferry_executor *executor)
{
    struct ferry__stuck_wait wait;
    uint64_t deadline;
    int status = blocked->job.must_run ? 0 : ferry__thread_interruption(&deadline);
    if (status == 0)
        status = ferry__executor_push(executor, &blocked->job);
    if (status < 0)
        return status;
    status = ferry__deadlock_enter(&wait, executor, &blocked->job);
    if (status < 0 && !blocked->job.must_run && ferry__executor_take_back(executor, &blocked->job))
        return status;
    status = sleep_on(blocked, executor);
    ferry__deadlock_leave(&wait);
    return status < 0 ? status : -ferry__job_error(blocked->end);
}

static void call_through(const struct ferry__call *call, struct ferry__image *image,
                         struct ferry_executor *executor, const ferry_call_options *options)
{
    struct blocked_call blocked = {
        .job = {.run = run_blocked, .done = end_blocked, .site = call->site},
        .call = call,
        .image = image,
        .options = options,
        .context = ferry__context_hold(ferry__context_now()),
        .error = errno,
    };
    blocked.job.must_run = !ferry__direct_may_skip(call, options);
    blocked.job.if_room = options && options->when_full == FERRY_WHEN_FULL_REFUSE;
    blocked.job.class = options ? (uint8_t)options->call_class : FERRY_CLASS_DEFAULT;
    int status = block_on(&blocked, executor);
    ferry__context_drop(blocked.context);
    if (status < 0) {
        ferry__direct_refuse(call, image, options, -status);
        if (options && options->outcome && blocked.end == FERRY__JOB_DIED)
            options->outcome->state = FERRY_CALL_DIED;
        return;
    }
    const struct ferry__job *job = &blocked.job;
    if (options && options->outcome)
        *options->outcome =
            (ferry_outcome){.state = FERRY_CALL_DONE,
                            .queue_seconds = ferry__seconds(job->started - job->queued),
                            .run_seconds = ferry__seconds(job->ended - job->started)};
    errno = blocked.error;
}

static void call_here(const struct ferry__call *call, struct ferry__image *image,
                      const ferry_call_options *options)
{
    int error = errno;
    uint64_t started = ferry__now();
    call_and_after(call, image, options, &error);
    if (options && options->outcome)
        *options->outcome = (ferry_outcome){.state = FERRY_CALL_DONE,
                                            .run_seconds = ferry__seconds(ferry__now() - started)};
    errno = error;
}

void ferry__direct_call(const struct ferry__call *call, struct ferry__image *image,
                        struct ferry_executor *executor, const ferry_call_options *options)
{
    if (ferry__loop_current()) {
        ferry__direct_refuse(call, image, options, EPERM);
        return;
    }
    const struct ferry__worker *worker = ferry__worker_current();
    /* A lane's own call that calls on the lane again is on the right thread already. */
    bool in_its_lane = worker && worker->executor == executor && executor && executor->limit == 1;
    if (executor && !in_its_lane)
        call_through(call, image, executor, options);
    else
        call_here(call, image, options);
}
