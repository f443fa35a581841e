/* SPDX-License-Identifier: MIT */
/*
 * A condition: a line of tasks beside a lock's.
 *
 *     condition  [t3] <-> [t7] <-> [t1]                notify, by the holder of the lock:
 *     lock       holder t5; [t2] <-> [t9]              the first goes over behind t9
 *
 * A notified task doesn't run before it has the lock, so one that waits is switched to once. Where
 * an interruption takes it out of its park while it stands in the lock's line it keeps its place
 * there: it has been notified, and says so.
 */
#include "base/error.h"
#include "sync/lock.h"

#include <ferry/condition.h>
#include <limits.h>

struct condition {
    ferry_lock *lock;
    struct ferry__line line;
};

_Static_assert(sizeof(struct condition) <= sizeof(ferry_condition) &&
                   offsetof(struct condition, lock) == offsetof(ferry_condition, ferry__lock),
               "the public size and initializer");

static struct condition *condition_of(ferry_condition *user)
{
    return (struct condition *)(void *)user;
}

void ferry_condition_init(ferry_condition *user, ferry_lock *lock)
{
    *user = (ferry_condition)FERRY_CONDITION_INIT(lock);
}

void ferry_condition_deinit(ferry_condition *user)
{
    if (user)
        ferry__line_deinit(&condition_of(user)->line, "ferry_condition_deinit");
}

/* 0 for the task that holds the lock. */
static int holds(ferry_condition *user)
{
    if (!user || !user->ferry__lock)
        return ferry__fail(EINVAL);
    if (!ferry__lock_held_by(ferry__lock_of(user->ferry__lock), ferry__task_current()))
        return ferry__fail(EPERM);
    return 0;
}

/* What a wait that was not let through begins with: 0 and the task, or an error. */
static int begin(ferry_condition *user, struct ferry__task **ret_task)
{
    int said = holds(user);
    return said ? said : ferry__wait_begins(&condition_of(user)->line, ret_task);
}

/* Interrupted: back to the lock, however long that takes. What the wait gives. */
static int come_back(struct condition *condition, struct ferry__acquirer *acquirer,
                     struct ferry__task *task, int interrupted)
{
    bool notified = acquirer->notified;
    if (!notified)
        ferry__line_remove(&condition->line, &acquirer->waiter);
    if (notified || !ferry__lock_join(ferry__lock_of(condition->lock), acquirer, task))
        ferry__park_shielded(task, "a condition's lock");
    return notified ? 0 : ferry__fail(-interrupted);
}

int ferry_condition_wait(ferry_condition *user)
{
    struct condition *condition = condition_of(user);
    struct ferry__task *task;
    int said = begin(user, &task), before = errno;
    if (said)
        return said;
    struct ferry__lock *lock = ferry__lock_of(condition->lock);
    struct ferry__acquirer acquirer = {.place = lock->place};
    ferry__line_put(&condition->line, &acquirer.waiter, task);
    ferry__lock_pass_on(lock);
    said = ferry__park(task, "a condition"); /* 0: notified, and given the lock */
    if (said)
        said = come_back(condition, &acquirer, task, said);
    if (said == 0)
        errno = before;
    return said;
}

int ferry_condition_wait_for(ferry_condition *user, ferry_condition_predicate *predicate,
                             void *context)
{
    struct ferry__task *task;
    int said = predicate ? begin(user, &task) : ferry__fail(EINVAL);
    while (said == 0 && !predicate(context))
        said = ferry_condition_wait(user);
    return said;
}

int ferry_condition_notify(ferry_condition *user, size_t n)
{
    int said = holds(user), notified = 0;
    if (said)
        return said;
    struct condition *condition = condition_of(user);
    struct ferry__lock *lock = ferry__lock_of(condition->lock);
    struct ferry__in_line *waiter;
    while (n-- > 0 && (waiter = ferry__line_take(&condition->line))) {
        ((struct ferry__acquirer *)waiter)->notified = true;
        waiter->task->waits_on = "a condition's lock";
        ferry__line_put(&lock->line, waiter, waiter->task);
        notified++;
    }
    return notified;
}

int ferry_condition_notify_all(ferry_condition *condition)
{
    return ferry_condition_notify(condition, SIZE_MAX);
}
