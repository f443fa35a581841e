/* SPDX-License-Identifier: MIT */
#include "core/scope.h"

#include "base/error.h"
#include "core/task.h"
#include "core/thread_scope.h"

#include <math.h>

/* The first shield from here outwards, or NULL; *says becomes what the limits before it say. */
static const struct ferry__limit *look_out(const struct ferry__limit *scope, int *says)
{
    for (; scope && !scope->shield; scope = scope->outer)
        if (scope->says)
            *says = scope->says;
    return scope;
}

int ferry__limits_say(const struct ferry__limit *limit)
{
    int says = 0;
    look_out(limit, &says);
    return says;
}

int ferry__interruption(const struct ferry__task *task)
{
    int says = 0;
    const struct ferry__limit *shield = look_out(task->scopes, &says);
    return task->cancels && !shield ? -ECANCELED : says;
}

void ferry__limit_enter(struct ferry__limit *limit, struct ferry__task *task)
{
    limit->task = task;
    limit->outer = task->scopes;
    task->scopes = limit;
}

bool ferry__limit_leave(struct ferry__limit *limit)
{
    struct ferry__task *task = limit->task;
    ferry__timer_unset(&task->sched->timers, &limit->timer);
    task->scopes = limit->outer;
    return limit->says == -ETIMEDOUT && !ferry__interruption(task);
}

void ferry__limit_interrupt(struct ferry__limit *limit, int says)
{
    limit->says = says;
    ferry__task_interrupt(limit->task);
}

static void expire(struct ferry__timer *timer)
{
    ferry__limit_interrupt(FERRY__CONTAINER(timer, struct ferry__limit, timer), -ETIMEDOUT);
}

/* Entered and of no use in a callback of a loop: nothing waits there. */
static void enter(struct ferry__limit *limit)
{
    struct ferry__task *task = ferry__task_current();
    if (task) {
        ferry__limit_enter(limit, task);
    } else if (!ferry__sched_here) {
        limit->on_thread = true;
        limit->outer = ferry__thread_scopes.innermost;
        ferry__thread_scopes.innermost = limit;
    }
}

static void leave_on_thread(const struct ferry__limit *limit)
{
    ferry__thread_scopes.innermost = limit->outer;
    if (limit->timed)
        ferry__thread_scopes.limit_expired =
            limit->says == -ETIMEDOUT && !ferry__limits_say(limit->outer);
}

/* 0, or what waits say at once. `time` in seconds, from now or of the loop's clock. */
static int set_limit(struct ferry__limit *limit, double time, bool from_now)
{
    uint64_t now = ferry__now(), deadline;
    if (!ferry__duration(time, &deadline))
        return -EINVAL;
    limit->deadline = from_now ? ferry__deadline(now, deadline) : deadline;
    if (limit->deadline <= now)
        return -ETIMEDOUT;
    if (limit->task)
        ferry__timer_set(&limit->task->sched->timers, &limit->timer, limit->deadline, expire);
    return 0;
}

static struct ferry__scope *timeout_enter(struct ferry__scope *scope, double time, bool from_now)
{
    struct ferry__limit *limit = (struct ferry__limit *)(void *)scope;
    *limit = (struct ferry__limit){.timed = true};
    enter(limit);
    if (limit->task || limit->on_thread)
        limit->says = set_limit(limit, time, from_now);
    return scope;
}

struct ferry__scope *ferry__timeout_enter(struct ferry__scope *scope, double seconds)
{
    return timeout_enter(scope, seconds, true);
}

struct ferry__scope *ferry__timeout_at_enter(struct ferry__scope *scope, double time)
{
    return timeout_enter(scope, time, false);
}

struct ferry__scope *ferry__shield_enter(struct ferry__scope *scope, double unused)
{
    (void)unused;
    struct ferry__limit *limit = (struct ferry__limit *)(void *)scope;
    *limit = (struct ferry__limit){.shield = true};
    enter(limit);
    return scope;
}

void ferry__scope_leave(struct ferry__scope *scope)
{
    struct ferry__limit *limit = (struct ferry__limit *)(void *)scope;
    struct ferry__task *task = limit->task;
    if (limit->on_thread)
        leave_on_thread(limit);
    if (!task)
        return;
    int before = errno;
    bool expired = ferry__limit_leave(limit);
    if (limit->timed)
        task->limit_expired = expired;
    errno = before;
}

bool ferry_timeout_expired(void)
{
    struct ferry__task *task = ferry__task_current();
    if (task)
        return task->limit_expired;
    return !ferry__sched_here && ferry__thread_scopes.limit_expired;
}

/* The innermost time limit of who runs; NULL with errno. */
static struct ferry__limit *find_timed(void)
{
    struct ferry__task *task = ferry__task_current();
    if (!task && ferry__sched_here)
        return ferry__fail_null(EPERM);
    struct ferry__limit *limit = task ? task->scopes : ferry__thread_scopes.innermost;
    while (limit && !limit->timed)
        limit = limit->outer;
    return limit ? limit : ferry__fail_null(ENOENT);
}

static int reschedule(double time, bool from_now)
{
    struct ferry__limit *limit = find_timed();
    if (!limit)
        return -errno;
    if (limit->says)
        return ferry__fail(-limit->says);
    if (time != time)
        return ferry__fail(EINVAL);
    if (limit->task)
        ferry__timer_unset(&limit->task->sched->timers, &limit->timer);
    limit->says = set_limit(limit, time, from_now);
    return 0;
}

int ferry_timeout_reschedule(double seconds)
{
    return reschedule(seconds, true);
}

int ferry_timeout_reschedule_at(double time)
{
    return reschedule(time, false);
}

double ferry_timeout_when(void)
{
    const struct ferry__limit *limit = find_timed();
    if (!limit || limit->says == -EINVAL)
        return NAN;
    return limit->deadline == FERRY__NEVER ? INFINITY : ferry__seconds(limit->deadline);
}
