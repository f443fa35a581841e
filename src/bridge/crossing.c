/* SPDX-License-Identifier: MIT */
#include "bridge/crossing.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/panic.h"
#include "bridge/bound.h"
#include "bridge/direct.h"
#include "bridge/hurry.h"
#include "core/locals.h"
#include "core/thread_scope.h"

#include <string.h>

_Thread_local struct ferry__crossing *ferry__crossing_here
    __attribute__((tls_model("initial-exec")));

void ferry__call_died(void)
{
    ferry__crossing_here = NULL;
    ferry__context_leave(NULL);
    ferry__thread_scopes = (struct ferry__thread_scopes){0};
}

void ferry__crossing_run(struct ferry__crossing *crossing)
{
    struct ferry__context **outer = ferry__context_enter(&crossing->context);
    ferry__crossing_here = crossing;
    if (crossing->bound)
        ferry__bound_begins(crossing->bound);
    errno = crossing->error;
    ferry__replay(crossing->image, crossing->function);
    crossing->error = errno;
    if (crossing->bound)
        ferry__bound_ends(crossing->bound);
    const ferry_call_options *options = crossing->options;
    if (options && options->after)
        options->after(options->after_argument);
    ferry__crossing_here = NULL;
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
    if (end == FERRY__JOB_DIED) {
        ferry__call_died();
        if (crossing->bound)
            ferry__bound_ends(crossing->bound);
    }
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
    if (loop->before_sleep)
        return;
    loop->before_sleep = prod;
    ferry__hurry_expect(loop);
}

/* Inlined into the plain call's path, as are the other two steps. */
static inline __attribute__((always_inline)) void
init(struct ferry__crossing *crossing, struct ferry__task *task, const struct ferry__call *call,
     const ferry_call_options *options, struct ferry__image *image)
{
    *crossing = (struct ferry__crossing){
        .job = {.run = on_worker,
                .done = leave_worker,
                .site = call->site,
                .must_run = !ferry__direct_may_skip(call, options)},
        .mail.deliver = ferry__crossing_arrived,
        .loop = ferry__loop_of(task),
        .task = task,
        .context = ferry__context_hold(task->context),
        .image = image,
        .function = call->function,
        .options = options,
        .error = errno,
    };
}

bool ferry__crossing_take_back(struct ferry__crossing *crossing, struct ferry_executor *executor)
{
    bool ours = ferry__executor_take_back(executor, &crossing->job);
    if (ours)
        crossing->loop->expected--;
    return ours;
}

static int push(struct ferry__crossing *crossing, struct ferry_executor *executor)
{
    struct ferry__with *with = ferry__with_worker_find(crossing->task, executor);
    int status = with ? ferry__with_worker_push(with, crossing)
                      : ferry__executor_push(executor, &crossing->job);
    if (status < 0 || !ferry__bridge_words(crossing->task)->requests)
        return status;
    status = ferry__requests_hold(crossing->task, executor, &crossing->job);
    if (status < 0 && !crossing->job.must_run &&
        ferry__executor_take_back(executor, &crossing->job))
        return status;
    return 0;
}

static inline __attribute__((always_inline)) int set_out(struct ferry__crossing *crossing,
                                                         struct ferry_executor *executor)
{
    int said = ferry__interruption(crossing->task);
    if (said < 0) {
        if (!crossing->job.must_run)
            return said;
        ferry__store(&crossing->says, said, relaxed);
    }
    ferry__crossing_expect(crossing->loop, executor);
    int status = push(crossing, executor);
    if (status < 0)
        crossing->loop->expected--;
    return status;
}

static inline __attribute__((always_inline)) int wait(struct ferry__crossing *crossing, bool open)
{
    int said = 0;
    if (open)
        said = ferry__park(crossing->task, crossing->job.site);
    else
        ferry__park_shielded(crossing->task, crossing->job.site);
    if (crossing->request)
        ferry__request_serve(crossing);
    return crossing->back ? 0 : said;
}

void ferry__crossing_init(struct ferry__crossing *crossing, struct ferry__task *task,
                          const struct ferry__call *call, const ferry_call_options *options,
                          struct ferry__image *image)
{
    init(crossing, task, call, options, image);
}

int ferry__crossing_set_out(struct ferry__crossing *crossing, struct ferry_executor *executor)
{
    return set_out(crossing, executor);
}

int ferry__crossing_wait(struct ferry__crossing *crossing, bool open)
{
    return wait(crossing, open);
}

struct ferry__ending ferry__crossing_ending(const struct ferry__crossing *crossing, int said)
{
    const struct ferry__job *job = &crossing->job;
    if (said < 0)
        return (struct ferry__ending){
            .state = FERRY_CALL_NEVER_STARTED, .error = -said, .queued = job->queued};
    struct ferry__ending ending = {
        .error = ferry__job_error(crossing->end),
        .own_errno = crossing->error,
        .queued = job->queued,
        .started = job->started,
        .ended = job->ended,
    };
    ending.state = crossing->end == FERRY__JOB_DONE   ? FERRY_CALL_DONE
                   : crossing->end == FERRY__JOB_DIED ? FERRY_CALL_DIED
                                                      : FERRY_CALL_NEVER_STARTED;
    if (ending.state == FERRY_CALL_NEVER_STARTED)
        ending.started = ending.ended = 0;
    return ending;
}

/* Seven digits do, and a task has few bytes. Signed: one instruction, not four. */
static inline float seconds_of(uint64_t ns)
{
    return (float)((double)(int64_t)ns * 1e-9);
}

static void note(struct ferry__task *task, const struct ferry__ending *ending)
{
    struct ferry__bridge_words *words = ferry__bridge_words(task);
    uint64_t begun = ending->started ? ending->started : ferry__now();
    uint64_t queued = ending->queued && begun > ending->queued ? begun - ending->queued : 0;
    words->queue_seconds = seconds_of(queued);
    words->run_seconds = seconds_of(ending->ended - ending->started);
    words->state = (uint8_t)ending->state;
    words->limit = (uint8_t)ending->limit;
    words->error = (uint16_t)ending->error;
    words->overrun_seconds = 0;
    if (ending->due && ending->ended > ending->due)
        words->overrun_seconds = seconds_of(ending->ended - ending->due);
}

void ferry__conclude(struct ferry__task *task, const struct ferry__call *call,
                     const ferry_call_options *options, struct ferry__image *image,
                     const struct ferry__ending *ending)
{
    bool returned = ending->state == FERRY_CALL_DONE || ending->state == FERRY_CALL_LATE ||
                    ending->state == FERRY_CALL_INTERRUPTED;
    if (ferry__bridge_words(task)->requests)
        ferry__requests_release(task);
    note(task, ending);
    if (!returned)
        ferry__direct_skip(call, image, ending->error);
    if (options && options->outcome)
        *options->outcome = ferry_call_outcome();
    errno = returned ? ending->own_errno : ending->error;
}

/* Interrupted while the call was out. One that runs by now is seen through, and late. True: it was
 * taken back. */
static __attribute__((noinline, cold)) bool interrupted(struct ferry__crossing *crossing,
                                                        struct ferry_executor *executor, int said,
                                                        struct ferry__ending *ret_late)
{
    *ret_late = (struct ferry__ending){
        .state = FERRY_CALL_LATE, .limit = FERRY_LIMIT_CANCEL, .error = -said, .due = ferry__now()};
    if (!crossing->job.must_run && ferry__crossing_take_back(crossing, executor))
        return true;
    ferry__store(&crossing->says, said, relaxed);
    return false;
}

/* Not simply done: it never set out (said < 0) or was taken back, is late, or ended badly. */
static __attribute__((noinline, cold)) void conclude_otherwise(struct ferry__crossing *crossing,
                                                               const struct ferry__call *call,
                                                               int said,
                                                               const struct ferry__ending *late)
{
    struct ferry__ending ending;
    if (said == 0 && late) {
        ending = ferry__crossing_late(crossing, late);
    } else {
        ending = ferry__crossing_ending(crossing, said);
        ending.limit = late ? late->limit : FERRY_LIMIT_NONE;
    }
    ferry__conclude(crossing->task, call, crossing->options, crossing->image, &ending);
}

/* What ferry__conclude comes to for a call that is done, in time. */
static inline void conclude_done(struct ferry__crossing *crossing)
{
    const struct ferry__job *job = &crossing->job;
    struct ferry__bridge_words *words = ferry__bridge_words(crossing->task);
    if (words->requests)
        ferry__requests_release(crossing->task);
    words->queue_seconds = job->started > job->queued ? seconds_of(job->started - job->queued) : 0;
    words->run_seconds = seconds_of(job->ended - job->started);
    words->overrun_seconds = 0;
    words->state = FERRY_CALL_DONE;
    words->limit = FERRY_LIMIT_NONE;
    words->error = 0;
    const ferry_call_options *options = crossing->options;
    if (options && options->outcome)
        *options->outcome = ferry_call_outcome();
    errno = crossing->error;
}

static void cross(struct ferry__task *task, struct ferry_executor *executor,
                  const struct ferry__call *call, const ferry_call_options *options,
                  struct ferry__image *image)
{
    struct ferry__crossing crossing;
    struct ferry__ending late;
    bool is_late = false;
    init(&crossing, task, call, options, image);
    int said = set_out(&crossing, executor);
    bool open = !crossing.job.must_run || ferry__interruption(task) == 0;
    while (said == 0 && !crossing.back) {
        int now = wait(&crossing, open);
        if (now < 0) {
            is_late = true;
            open = false;
            said = interrupted(&crossing, executor, now, &late) ? now : 0;
        }
    }
    ferry__context_drop(crossing.context);
    if (said == 0 && crossing.end == FERRY__JOB_DONE && !is_late)
        conclude_done(&crossing);
    else
        conclude_otherwise(&crossing, call, said, is_late ? &late : NULL);
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
    if (!executor)
        ferry__direct_refuse(call, image, options, ENOMEM);
    else if (ferry__is_bound(executor, options))
        ferry__cross_bound(task, executor, call, options, image);
    else
        cross(task, executor, call, options, image);
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
        .limit = (ferry_call_limit)words->limit,
        .error = (int)words->error,
        .queue_seconds = (double)words->queue_seconds,
        .run_seconds = (double)words->run_seconds,
        .overrun_seconds = (double)words->overrun_seconds,
    };
}
