/* SPDX-License-Identifier: MIT */
#include "sync/line.h"

#include "base/error.h"
#include "base/panic.h"

static bool elsewhere(const struct ferry__line *line)
{
    return line->first && line->sched != ferry__sched_here;
}

int ferry__wait_begins(const struct ferry__line *line, struct ferry__task **ret_task)
{
    struct ferry__task *task = ferry__task_current();
    if (!line)
        return ferry__fail(EINVAL);
    if (!task || elsewhere(line))
        return ferry__fail(EPERM);
    int said = ferry__interruption(task);
    if (said)
        return ferry__fail(-said);
    *ret_task = task;
    return 0;
}

int ferry__wake_begins(const struct ferry__line *line)
{
    if (!line)
        return ferry__fail(EINVAL);
    return !ferry__sched_here || elsewhere(line) ? ferry__fail(EPERM) : 0;
}

void ferry__line_put(struct ferry__line *line, struct ferry__in_line *waiter,
                     struct ferry__task *task)
{
    waiter->task = task;
    waiter->next = NULL;
    waiter->previous = line->last;
    if (line->last)
        line->last->next = waiter;
    else
        line->first = waiter;
    line->last = waiter;
    line->sched = task->sched;
}

void ferry__line_remove(struct ferry__line *line, struct ferry__in_line *waiter)
{
    if (waiter->previous)
        waiter->previous->next = waiter->next;
    else
        line->first = waiter->next;
    if (waiter->next)
        waiter->next->previous = waiter->previous;
    else
        line->last = waiter->previous;
}

struct ferry__in_line *ferry__line_take(struct ferry__line *line)
{
    struct ferry__in_line *waiter = line->first;
    if (waiter)
        ferry__line_remove(line, waiter);
    return waiter;
}

int ferry__line_wait(struct ferry__line *line, struct ferry__in_line *waiter,
                     struct ferry__task *task, const char *waits_on)
{
    ferry__line_put(line, waiter, task);
    int interrupted = ferry__park(task, waits_on);
    if (interrupted) {
        ferry__line_remove(line, waiter);
        return interrupted;
    }
    return waiter->said < 0 ? ferry__fail(-waiter->said) : waiter->said;
}

struct ferry__in_line *ferry__line_wake(struct ferry__line *line, int said)
{
    struct ferry__in_line *waiter = ferry__line_take(line);
    if (waiter) {
        waiter->said = said;
        ferry__unpark(waiter->task);
    }
    return waiter;
}

void ferry__line_wake_all(struct ferry__line *line, int said)
{
    while (ferry__line_wake(line, said))
        continue;
}

void ferry__line_deinit(const struct ferry__line *line, const char *function)
{
    if (line->first)
        ferry__panic("%s while a task waits for it: wake or cancel those who wait first", function);
}
