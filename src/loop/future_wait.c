/* SPDX-License-Identifier: MIT */
/* Waiting for a future: a task of some loop, or a thread that has none. */
#include "base/clock.h"
#include "base/error.h"
#include "base/futex.h"
#include "base/memory.h"
#include "core/task.h"
#include "loop/future.h"
#include "loop/loop.h"

/* In the frame of who waits. */
struct ferry__future_waiter {
    struct ferry__future_waiter *older;
    struct ferry_loop *loop; /* NULL: a thread */
    struct ferry__task *task;
    struct ferry__mail mail; /* when settled from another thread */
    bool woken;              /* the task's loop thread only */
    atomic_uint settled;     /* a thread sleeps on this */
};

static struct ferry__future_waiter *first_of(uintptr_t word)
{
    return (struct ferry__future_waiter *)(word & ~(uintptr_t)3);
}

static void wake_task(struct ferry__future_waiter *waiter)
{
    waiter->woken = true;
    ferry__unpark(waiter->task);
}

static void arrive(struct ferry__mail *mail)
{
    wake_task(FERRY__CONTAINER(mail, struct ferry__future_waiter, mail));
}

static void wake(struct ferry__future_waiter *waiter)
{
    if (!waiter->loop) {
        atomic_uint *settled = &waiter->settled;
        ferry__store(settled, 1, release); /* the last touch: the futex needs but the address */
        ferry__futex_wake(settled, 1);
    } else if (waiter->loop == ferry__loop_current()) {
        wake_task(waiter);
    } else {
        waiter->mail.deliver = arrive;
        ferry__mailbox_push(&waiter->loop->mailbox, &waiter->mail);
    }
}

/* In the order in which they came. */
void ferry__future_wake(struct ferry__future_waiter *newest)
{
    struct ferry__future_waiter *oldest = NULL;
    while (newest) {
        struct ferry__future_waiter *older = newest->older;
        newest->older = oldest;
        oldest = newest;
        newest = older;
    }
    while (oldest) {
        struct ferry__future_waiter *next = oldest->older;
        wake(oldest);
        oldest = next;
    }
}

/* False when it is settled already. */
static bool join(struct ferry_future *future, struct ferry__future_waiter *waiter)
{
    uintptr_t word = ferry__future_lock(future);
    bool pending = !(word & FERRY__FUTURE_DONE);
    if (pending) {
        waiter->older = first_of(word);
        word = (uintptr_t)waiter;
    }
    ferry__future_unlock(future, word);
    return pending;
}

/* False when it is settled: then a wake-up has come, or is on its way. */
static bool leave(struct ferry_future *future, struct ferry__future_waiter *waiter)
{
    uintptr_t word = ferry__future_lock(future);
    bool pending = !(word & FERRY__FUTURE_DONE);
    if (pending) {
        struct ferry__future_waiter *first = first_of(word), **link = &first;
        while (*link != waiter)
            link = &(*link)->older;
        *link = waiter->older;
        word = (uintptr_t)first;
    }
    ferry__future_unlock(future, word);
    return pending;
}

static int wait_in_task(struct ferry_future *future, struct ferry__task *task)
{
    struct ferry__future_waiter waiter = {.task = task, .loop = ferry__loop_current()};
    int said = ferry__interruption(task);
    if (said)
        return ferry__fail(-said);
    if (!join(future, &waiter))
        return 0;
    said = ferry__park(task, "a future");
    if (said && leave(future, &waiter))
        return said;
    if (!waiter.woken)
        ferry__park_shielded(task, "a future that was just settled");
    return 0;
}

static void wait_in_thread(struct ferry_future *future)
{
    struct ferry__future_waiter waiter = {.loop = NULL};
    if (!join(future, &waiter))
        return;
    /* acquire: pairs with the settler's release */
    while (!ferry__load(&waiter.settled, acquire))
        ferry__futex_wait(&waiter.settled, 0, FERRY__NEVER);
}

int ferry__future_wait(struct ferry_future *future)
{
    if (ferry__future_is_done(future))
        return 0;
    struct ferry__task *task = ferry__task_current();
    if (task)
        return wait_in_task(future, task);
    if (ferry__loop_current())
        return ferry__fail(EDEADLK); /* a callback of the loop: waiting would stop it for ever */
    if (future->kind->block)
        return future->kind->block(future, wait_in_thread);
    wait_in_thread(future);
    return 0;
}
