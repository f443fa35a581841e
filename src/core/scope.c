/* SPDX-License-Identifier: MIT */
#include "core/scope.h"

#include "base/error.h"
#include "core/task.h"

int ferry__interruption(const struct ferry__task *task)
{
    int says = 0;
    for (const struct ferry__limit *scope = task->scopes; scope; scope = scope->outer) {
        if (scope->shield)
            return says;
        if (scope->says)
            says = scope->says;
    }
    return task->cancels ? -ECANCELED : says;
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

/* 0, or what waits say at once. */
static int set_limit(struct ferry__limit *limit, double seconds)
{
    uint64_t duration;
    if (!ferry__duration(seconds, &duration))
        return -EINVAL;
    if (duration == 0)
        return -ETIMEDOUT;
    if (duration != FERRY__NEVER)
        ferry__timer_set(&limit->task->sched->timers, &limit->timer,
                         ferry__deadline(ferry__now(), duration), expire);
    return 0;
}

struct ferry__scope *ferry__timeout_enter(struct ferry__scope *scope, double seconds)
{
    struct ferry__limit *limit = (struct ferry__limit *)(void *)scope;
    *limit = (struct ferry__limit){.timed = true};
    struct ferry__task *task = ferry__task_current();
    if (task) {
        ferry__limit_enter(limit, task);
        limit->says = set_limit(limit, seconds);
    }
    return scope;
}

struct ferry__scope *ferry__shield_enter(struct ferry__scope *scope, double unused)
{
    (void)unused;
    struct ferry__limit *limit = (struct ferry__limit *)(void *)scope;
    *limit = (struct ferry__limit){.shield = true};
    struct ferry__task *task = ferry__task_current();
    if (task)
        ferry__limit_enter(limit, task);
    return scope;
}

void ferry__scope_leave(struct ferry__scope *scope)
{
    struct ferry__limit *limit = (struct ferry__limit *)(void *)scope;
    struct ferry__task *task = limit->task;
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
    return task && task->limit_expired;
}

int ferry_timeout_reschedule(double seconds)
{
    struct ferry__task *task = ferry__task_current();
    if (!task)
        return ferry__fail(EPERM);
    struct ferry__limit *limit = task->scopes;
    while (limit && !limit->timed)
        limit = limit->outer;
    if (!limit)
        return ferry__fail(ENOENT);
    if (limit->says)
        return ferry__fail(-limit->says);
    uint64_t duration;
    if (!ferry__duration(seconds, &duration))
        return ferry__fail(EINVAL);
    ferry__timer_unset(&task->sched->timers, &limit->timer);
    limit->says = set_limit(limit, seconds);
    return 0;
}
