/* SPDX-License-Identifier: MIT */
#include "bridge/bound.h"

#include "base/clock.h"
#include "base/error.h"
#include "bridge/hurry.h"
#include "core/locals.h"

#define PAUSE_FIRST_NS 1000000u /* between two prompts: twice as long each time */
#define PAUSE_LONGEST_NS 64000000u

static ferry_policy policy_of(const struct ferry_executor *executor,
                              const ferry_call_options *options)
{
    return options && options->policy ? options->policy : executor->manner.policy;
}

bool ferry__is_bound(const struct ferry_executor *executor, const ferry_call_options *options)
{
    if (executor->manner.policy > FERRY_POLICY_WAIT)
        return true;
    return options && (options->policy || options->queue_limit != 0 || options->run_limit != 0 ||
                       options->when_full || options->call_class);
}

/* 0 seconds: no limit. False for what is no time. */
static bool limit_of(double seconds, uint64_t *ret_ns)
{
    *ret_ns = FERRY__NEVER;
    if (seconds == 0)
        return true;
    return seconds > 0 && ferry__duration(seconds, ret_ns);
}

int ferry__bound_init(struct ferry__bound *bound, struct ferry__crossing *crossing,
                      const struct ferry_executor *executor, const ferry_call_options *options)
{
    static const ferry_call_options none;
    const ferry_call_options *o = options ? options : &none;
    const struct ferry__manner *manner = &executor->manner;
    *bound = (struct ferry__bound){
        .crossing = crossing, .executor = executor->serial, .policy = policy_of(executor, options)};
    crossing->bound = bound;
    crossing->job.if_room = o->when_full == FERRY_WHEN_FULL_REFUSE;
    crossing->job.class = (uint8_t)o->call_class;
    if ((unsigned)bound->policy > FERRY_POLICY_ABANDON ||
        (unsigned)o->when_full > FERRY_WHEN_FULL_REFUSE ||
        (unsigned)o->call_class > FERRY_CLASS_BACKGROUND ||
        !limit_of(o->queue_limit, &bound->queue_limit) ||
        !limit_of(o->run_limit, &bound->run_limit))
        return -EINVAL;
    bound->interrupt = o->interrupt ? o->interrupt : manner->interrupt;
    bound->interrupt_argument = o->interrupt ? o->interrupt_argument : manner->interrupt_argument;
    if (bound->policy == FERRY_POLICY_INTERRUPT && !bound->interrupt)
        return ferry__interrupt_ready();
    return 0;
}

static bool by_signal(const struct ferry__bound *bound)
{
    return bound->policy == FERRY_POLICY_INTERRUPT && !bound->interrupt;
}

void ferry__bound_begins(struct ferry__bound *bound)
{
    if (by_signal(bound))
        ferry__interrupt_open(bound);
    ferry__store(&bound->began, ferry__now(), release);
}

void ferry__bound_ends(struct ferry__bound *bound)
{
    ferry__store(&bound->began, FERRY__OVER, release);
    if (by_signal(bound))
        ferry__interrupt_close(bound);
}

/* Sets the timer for the next limit that can be reached. Of a call that has not begun, the run
 * limit is looked at again when it could be reached at the earliest. */
static void set_limit(struct ferry__bound *bound, uint64_t began, uint64_t now);

static void limit_fired(struct ferry__timer *timer)
{
    struct ferry__bound *bound = FERRY__CONTAINER(timer, struct ferry__bound, limit);
    uint64_t began = ferry__load(&bound->began, acquire), now = ferry__now();
    if (began == FERRY__OVER)
        return;
    if (began && now >= ferry__deadline(began, bound->run_limit)) {
        bound->reached = FERRY_LIMIT_RUN;
    } else if (!began && now >= ferry__deadline(bound->crossing->job.queued, bound->queue_limit)) {
        bound->reached = FERRY_LIMIT_QUEUE;
        bound->queue_limit = FERRY__NEVER;
    }
    if (bound->reached)
        ferry__crossing_news(bound->crossing);
    if (bound->reached != FERRY_LIMIT_RUN)
        set_limit(bound, began, now);
}

static void set_limit(struct ferry__bound *bound, uint64_t began, uint64_t now)
{
    uint64_t at = ferry__deadline(began ? began : now, bound->run_limit);
    if (!began) {
        uint64_t queue = ferry__deadline(bound->crossing->job.queued, bound->queue_limit);
        at = queue < at ? queue : at;
    }
    ferry__timer_set(&bound->crossing->task->sched->timers, &bound->limit, at, limit_fired);
}

static void prompt(struct ferry__bound *bound);

static void again_fired(struct ferry__timer *timer)
{
    prompt(FERRY__CONTAINER(timer, struct ferry__bound, again));
}

/* Once now, if the call runs, and again until it is over. */
static void prompt(struct ferry__bound *bound)
{
    uint64_t began = ferry__load(&bound->began, acquire);
    if (began == FERRY__OVER)
        return;
    if (began && bound->interrupt)
        ferry__interrupt_call(bound);
    else if (began && ferry__interrupt_send(bound))
        bound->prompts++;
    ferry__timer_set(&bound->crossing->task->sched->timers, &bound->again,
                     ferry__deadline(ferry__now(), bound->pause), again_fired);
    bound->pause = bound->pause < PAUSE_LONGEST_NS ? bound->pause * 2 : PAUSE_LONGEST_NS;
}

/* Nothing that comes from elsewhere reaches it any more. */
static void unbind(struct ferry__bound *bound)
{
    ferry__hurry_leave(bound);
    struct ferry__heap *timers = &bound->crossing->task->sched->timers;
    ferry__timer_unset(timers, &bound->limit);
    ferry__timer_unset(timers, &bound->again);
}

/* Something reached or interrupted it. 0: it goes on; -errno: it was taken back, never to start. */
static int seen_to(struct ferry__bound *bound, struct ferry_executor *executor,
                   struct ferry__ending *late)
{
    struct ferry__crossing *crossing = bound->crossing;
    if (late->limit != FERRY_LIMIT_SHUTDOWN && !crossing->job.must_run &&
        ferry__crossing_take_back(crossing, executor))
        return -late->error;
    if (late->limit == FERRY_LIMIT_QUEUE) { /* it has begun: that limit is no more */
        late->due = 0;
        return 0;
    }
    ferry__timer_unset(&crossing->task->sched->timers, &bound->limit);
    ferry__store(&crossing->says, -late->error, relaxed);
    bound->told = true;
    if (bound->policy == FERRY_POLICY_INTERRUPT) {
        late->state = FERRY_CALL_INTERRUPTED;
        bound->pause = PAUSE_FIRST_NS;
        prompt(bound);
    }
    return 0;
}

/* What happened, of whatever woke the task; FERRY_LIMIT_NONE: nothing. */
static struct ferry__ending what_happened(struct ferry__bound *bound, int interrupted)
{
    struct ferry__ending late = {.state = FERRY_CALL_LATE, .due = ferry__now()};
    late.limit = interrupted ? FERRY_LIMIT_CANCEL : bound->reached;
    late.error = interrupted                              ? -interrupted
                 : bound->reached == FERRY_LIMIT_SHUTDOWN ? ECANCELED
                                                          : ETIMEDOUT;
    bound->reached = FERRY_LIMIT_NONE;
    return late;
}

/* What is known of it at the moment at which it is abandoned. */
static struct ferry__ending abandoned(struct ferry__bound *bound, const struct ferry__ending *late)
{
    struct ferry__ending ending = *late;
    uint64_t began = ferry__load(&bound->began, acquire);
    ending.state = FERRY_CALL_ABANDONED;
    ending.queued = bound->crossing->job.queued;
    if (began && began != FERRY__OVER) {
        ending.started = began;
        ending.ended = late->due;
    }
    return ending;
}

struct ferry__ending ferry__bound_await(struct ferry__bound *bound, struct ferry_executor *executor,
                                        bool (*leave)(struct ferry__bound *))
{
    struct ferry__crossing *crossing = bound->crossing;
    struct ferry__ending late = {.due = 0};
    bool open = ferry__interruption(crossing->task) == 0;
    set_limit(bound, 0, crossing->job.queued);
    ferry__hurry_enter(bound);
    while (!crossing->back) {
        int interrupted = ferry__crossing_wait(crossing, open);
        if (crossing->back || (!interrupted && !bound->reached))
            continue;
        late = what_happened(bound, interrupted);
        int said = seen_to(bound, executor, &late);
        if (said < 0) {
            unbind(bound);
            struct ferry__ending ending = ferry__crossing_ending(crossing, said);
            ending.limit = late.limit;
            return ending;
        }
        if (late.due)
            open = false;
        if (late.due && leave) {
            unbind(bound);
            struct ferry__ending ending = abandoned(bound, &late);
            if (leave(bound))
                return ending;
        }
    }
    unbind(bound);
    ferry__interrupt_recall(bound);
    while (bound->prompting)
        ferry__park_shielded(crossing->task, "the end of an interrupt function");
    if (late.state == FERRY_CALL_INTERRUPTED && bound->prompts == 0)
        late.state = FERRY_CALL_LATE; /* it was over before anything could reach it */
    return ferry__crossing_late(crossing, &late);
}

void ferry__cross_bound(struct ferry__task *task, struct ferry_executor *executor,
                        const struct ferry__call *call, const ferry_call_options *options,
                        struct ferry__image *image)
{
    if (policy_of(executor, options) == FERRY_POLICY_ABANDON) {
        ferry__cross_leaving(task, executor, call, options, image);
        return;
    }
    struct ferry__crossing crossing;
    struct ferry__bound bound;
    ferry__crossing_init(&crossing, task, call, options, image);
    int said = ferry__bound_init(&bound, &crossing, executor, options);
    if (said == 0)
        said = ferry__crossing_set_out(&crossing, executor);
    struct ferry__ending ending = said < 0 ? ferry__crossing_ending(&crossing, said)
                                           : ferry__bound_await(&bound, executor, NULL);
    ferry__context_drop(crossing.context);
    ferry__conclude(task, call, options, image, &ending);
}
