/* SPDX-License-Identifier: MIT */
/*
 * ferry_executor_submit: a call that is not awaited, from any thread. One block of memory holds all
 * of it:
 *
 *     | future | job | what to call | image (owned copy of the arguments) |
 *
 * The future has two holds: the user's, and the job's until it is done or was taken back.
 */
#include "bridge/submit.h"

#include "base/error.h"
#include "bridge/crossing.h"
#include "core/locals.h"
#include "executor/deadlock.h"
#include "loop/future.h"

struct submitted {
    struct ferry_future future; /* first: the user's handle */
    struct ferry__job job;
    struct ferry_executor *executor;
    uint32_t forks; /* when it was submitted */
    /* Law: false, then true for good, by whoever wants the call to stop; the call looks
     * (ferry_check_cancelled). Relaxed: it says nothing of other memory. */
    atomic_bool stop;
    struct ferry__context *context;
    ferry__any *function;
    _Alignas(16) unsigned char image[];
};

/* The one that this thread runs. */
static _Thread_local struct submitted *here;

static struct submitted *of_future(struct ferry_future *future)
{
    return FERRY__CONTAINER(future, struct submitted, future);
}

static struct ferry__image *image_of(struct submitted *submitted)
{
    return (struct ferry__image *)(void *)submitted->image;
}

static void run_submitted(struct ferry__job *job)
{
    struct submitted *submitted = FERRY__CONTAINER(job, struct submitted, job);
    struct ferry__context **outer = ferry__context_enter(&submitted->context);
    here = submitted;
    errno = 0;
    ferry__replay(image_of(submitted), submitted->function);
    here = NULL;
    ferry__context_leave(outer);
}

/* The job's hold goes with it: the last touch. */
static void settle(struct submitted *submitted, int error, const void *value)
{
    ferry__context_drop(submitted->context);
    ferry__future_settle(&submitted->future, error, value);
    ferry__future_drop(&submitted->future);
}

static void end_submitted(struct ferry__job *job, enum ferry__job_end end)
{
    struct submitted *submitted = FERRY__CONTAINER(job, struct submitted, job);
    if (end == FERRY__JOB_DONE) {
        uint64_t value[2];
        ferry__image_value(image_of(submitted), submitted->future.result, value);
        settle(submitted, 0, value);
    } else {
        if (end == FERRY__JOB_DIED) {
            here = NULL;
            ferry__call_died();
        }
        settle(submitted, ferry__job_error(end), NULL);
    }
}

static int cancel_submitted(struct ferry_future *future)
{
    struct submitted *submitted = of_future(future);
    ferry__future_disown(future);
    /* While the future is pending the executor has the job, so it is there. */
    if (ferry__future_is_done(future) ||
        !ferry__executor_take_back(submitted->executor, &submitted->job))
        return 0;
    settle(submitted, ECANCELED, NULL);
    return 1;
}

static void free_submitted(struct ferry_future *future)
{
    ferry__free(of_future(future));
}

struct ferry_future *ferry__submitted_here(void)
{
    return here ? &here->future : NULL;
}

void ferry__submitted_stop(struct ferry_future *future)
{
    ferry__store(&of_future(future)->stop, true, relaxed);
}

bool ferry__submitted_stops(void)
{
    return here && ferry__load(&here->stop, relaxed);
}

int ferry__submitted_enter(struct ferry_future *future, struct ferry__stuck_wait *stuck)
{
    struct submitted *submitted = of_future(future);
    return ferry__deadlock_enter(stuck, submitted->executor, &submitted->job);
}

static int block_on_submitted(struct ferry_future *future, int (*wait)(struct ferry_future *))
{
    struct ferry__stuck_wait stuck;
    int status = ferry__submitted_enter(future, &stuck);
    if (status == 0)
        status = wait(future);
    ferry__deadlock_leave(&stuck);
    return status;
}

static bool is_running(const struct ferry_future *future)
{
    const struct submitted *submitted = (const struct submitted *)(const void *)future;
    return ferry__load(&submitted->job.state, relaxed) == FERRY__JOB_RUNNING;
}

static bool is_inherited(const struct ferry_future *future)
{
    return ((const struct submitted *)(const void *)future)->forks != ferry__forks_now();
}

static const struct ferry__future_kind submitted_kind = {
    .destroy = free_submitted,
    .cancel = cancel_submitted,
    .block = block_on_submitted,
    .running = is_running,
    .inherited = is_inherited,
};

static struct submitted *new_submitted(const struct ferry__call *call,
                                       const struct ferry__image *image,
                                       struct ferry_executor *executor)
{
    struct submitted *submitted = ferry__alloc(sizeof *submitted + ferry__image_size(image));
    if (!submitted)
        return NULL;
    ferry__future_init(&submitted->future, &submitted_kind, call->result, 2);
    submitted->job = (struct ferry__job){
        .run = run_submitted,
        .done = end_submitted,
        .site = call->site,
        .if_room = true,
    };
    submitted->executor = executor;
    submitted->forks = ferry__forks_now();
    submitted->function = call->function;
    submitted->context = ferry__context_hold(ferry__context_now());
    ferry__image_copy(submitted->image, image);
    return submitted;
}

void ferry__on_submit(const struct ferry__call *call, struct ferry__image *image)
{
    struct ferry_executor *executor = call->target ? call->target : ferry__executor_default();
    struct submitted *submitted = executor ? new_submitted(call, image, executor) : NULL;
    if (!submitted) {
        ferry__call_make(NULL, ENOMEM);
        return;
    }
    int status = ferry__executor_push(executor, &submitted->job);
    if (status < 0) {
        ferry__context_drop(submitted->context);
        ferry__free(submitted);
        ferry__call_make(NULL, -status);
        return;
    }
    ferry__debug_given(call, image, &submitted->future);
    ferry__call_make(&submitted->future, 0);
}
