/* SPDX-License-Identifier: MIT */
/* ferry_sleep: the smallest wait, and the pattern of all others. */
#include "base/error.h"
#include "core/task.h"
#include "core/timers.h"

struct sleeper {
    struct ferry__timer timer;
    struct ferry__task *task;
};

static void wake(struct ferry__timer *timer)
{
    ferry__unpark(FERRY__CONTAINER(timer, struct sleeper, timer)->task);
}

static int yield(struct ferry__task *task)
{
    int said = ferry__interruption(task);
    if (said)
        return ferry__fail(-said);
    ferry__yield(task);
    return 0;
}

int ferry_sleep(double seconds)
{
    uint64_t duration;
    struct ferry__task *task = ferry__task_current();
    if (!task)
        return ferry__fail(EPERM);
    if (!ferry__duration(seconds, &duration))
        return ferry__fail(EINVAL);
    if (duration == 0)
        return yield(task);
    struct sleeper sleeper = {.task = task};
    ferry__timer_set(&task->sched->timers, &sleeper.timer, ferry__deadline(ferry__now(), duration),
                     wake);
    int said = ferry__park(task, "ferry_sleep");
    ferry__timer_unset(&task->sched->timers, &sleeper.timer);
    return said;
}
