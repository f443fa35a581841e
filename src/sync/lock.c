/* SPDX-License-Identifier: MIT */
#include "sync/lock.h"

#include "base/error.h"
#include "base/panic.h"

#include <stdio.h>

void ferry_lock_init(ferry_lock *user)
{
    *user = (ferry_lock)FERRY_LOCK_INIT;
}

void ferry_lock_deinit(ferry_lock *user)
{
    if (!user)
        return;
    struct ferry__lock *lock = ferry__lock_of(user);
    if (lock->holder)
        ferry__panic("ferry_lock_deinit of a lock that is held: it was acquired at %s",
                     lock->place);
}

bool ferry__lock_held_by(const struct ferry__lock *lock, const struct ferry__task *task)
{
    return lock->holder && task && lock->line.sched == task->sched &&
           lock->holder == ferry__task_handle(task);
}

static void give(struct ferry__lock *lock, struct ferry__task *task, const char *place)
{
    lock->line.sched = task->sched;
    lock->holder = ferry__task_handle(task);
    lock->place = place;
    if (__builtin_expect(task->sched->debug != NULL, 0)) {
        ferry__held_put(&task->sched->held, lock, lock->holder, place);
        if (lock->refused == lock->holder)
            lock->refused = NULL;
    }
}

bool ferry__lock_join(struct ferry__lock *lock, struct ferry__acquirer *acquirer,
                      struct ferry__task *task)
{
    bool open = !lock->holder;
    if (open)
        give(lock, task, acquirer->place);
    else
        ferry__line_put(&lock->line, &acquirer->waiter, task);
    return open;
}

void ferry__lock_pass_on(struct ferry__lock *lock)
{
    struct ferry__held *held = &lock->line.sched->held;
    if (held->count) /* debug mode may have been left since */
        ferry__held_remove(held, lock);
    struct ferry__in_line *next = ferry__line_wake(&lock->line, 0);
    if (next)
        give(lock, next->task, ((struct ferry__acquirer *)next)->place);
    else
        lock->holder = NULL;
}

/* 0 and the task that may wait, or an error. */
static int begin(const struct ferry__lock *lock, struct ferry__task **ret_task)
{
    struct ferry__task *task = ferry__task_current();
    if (lock && lock->holder && task) {
        if (lock->line.sched != task->sched)
            return ferry__fail(EPERM);
        if (ferry__lock_held_by(lock, task))
            return ferry__fail(EDEADLK);
    }
    return ferry__wait_begins(lock ? &lock->line : NULL, ret_task);
}

static int wait(struct ferry__lock *lock, struct ferry__task *task, const char *place)
{
    struct ferry__acquirer acquirer = {.place = place};
    return ferry__line_wait(&lock->line, &acquirer.waiter, task, "a lock");
}

int ferry__lock_acquire(ferry_lock *user, const char *place)
{
    struct ferry__lock *lock = ferry__lock_of(user);
    struct ferry__task *task = NULL;
    int said = begin(lock, &task);
    if (said == 0 && !lock->holder)
        give(lock, task, place);
    else if (said == 0)
        said = wait(lock, task, place);
    if (said && said != -EPERM && lock) { /* so it is this loop's */
        lock->refused = ferry__task_handle(ferry__task_current());
        lock->refused_at = place;
    }
    return said;
}

/* The likeliest way to it: an acquire that failed, and nobody looked. */
static void report_release(const struct ferry__lock *lock, struct ferry__task *task)
{
    bool refused = lock->refused == ferry__task_handle(task);
    char message[200];
    snprintf(message, sizeof message, "a task releases a lock that it doesn't hold (%p)%s%s%s",
             (const void *)lock, refused ? ": its acquire at " : "",
             refused ? lock->refused_at : "",
             refused ? " failed, and nobody looked at what it returned" : "");
    task->sched->complain(
        task->sched, &(struct ferry__complaint){.message = message, .task = task, .debug = true});
}

int ferry_lock_release(ferry_lock *user)
{
    struct ferry__lock *lock = ferry__lock_of(user);
    struct ferry__task *task = ferry__task_current();
    if (!lock)
        return ferry__fail(EINVAL);
    if (!ferry__lock_held_by(lock, task)) {
        if (task && task->sched->debug)
            report_release(lock, task);
        return ferry__fail(EPERM);
    }
    ferry__lock_pass_on(lock);
    return 0;
}

bool ferry_lock_locked(const ferry_lock *user)
{
    const struct ferry__lock *lock = (const struct ferry__lock *)(const void *)user;
    return lock && lock->holder;
}

struct ferry__with_lock *ferry__with_lock_open(struct ferry__with_lock *with, ferry_lock *lock,
                                               const char *place)
{
    with->lock = ferry__lock_acquire(lock, place) == 0 ? lock : NULL;
    return with;
}

void ferry__with_lock_close(struct ferry__with_lock *with)
{
    int before = errno;
    if (with->lock)
        ferry_lock_release(with->lock);
    errno = before;
}
