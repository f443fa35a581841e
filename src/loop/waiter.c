/* SPDX-License-Identifier: MIT */
#include "loop/waiter.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/futex.h"
#include "base/memory.h"
#include "core/task.h"
#include "core/thread_scope.h"
#include "loop/loop.h"

int ferry__wait_allowed(void)
{
    const struct ferry__task *task = ferry__task_current();
    if (!task && ferry__loop_current())
        return ferry__fail(EDEADLK);
    uint64_t deadline;
    int said = task ? ferry__interruption(task) : ferry__thread_interruption(&deadline);
    return said ? ferry__fail(-said) : 0;
}

void ferry__waiter_init(struct ferry__waiter *waiter)
{
    *waiter = (struct ferry__waiter){.loop = ferry__loop_current(), .task = ferry__task_current()};
}

int ferry__waiter_begin(struct ferry__waiter *waiter)
{
    ferry__waiter_init(waiter);
    return ferry__wait_allowed();
}

static int sleep_in_thread(struct ferry__waiter *waiter)
{
    /* acquire: pairs with the waker's release */
    while (!ferry__load(&waiter->roused, acquire)) {
        uint64_t deadline;
        int said = ferry__thread_interruption(&deadline);
        if (said)
            return ferry__fail(-said);
        ferry__futex_wait(&waiter->roused, 0, deadline);
    }
    return 0;
}

static void see_out_in_thread(struct ferry__waiter *waiter)
{
    while (!ferry__load(&waiter->roused, acquire)) /* as above */
        ferry__futex_wait(&waiter->roused, 0, FERRY__NEVER);
}

int ferry__waiter_sleep(struct ferry__waiter *waiter, const char *waits_on)
{
    if (!waiter->task)
        return sleep_in_thread(waiter);
    return waiter->woken ? 0 : ferry__park(waiter->task, waits_on);
}

void ferry__waiter_see_out(struct ferry__waiter *waiter, const char *waits_on)
{
    if (!waiter->task)
        see_out_in_thread(waiter);
    else if (!waiter->woken)
        ferry__park_shielded(waiter->task, waits_on);
}

static void wake_task(struct ferry__waiter *waiter)
{
    waiter->woken = true;
    ferry__unpark(waiter->task);
}

static void arrive(struct ferry__mail *mail)
{
    wake_task(FERRY__CONTAINER(mail, struct ferry__waiter, mail));
}

void ferry__waiter_wake(struct ferry__waiter *waiter)
{
    if (!waiter->loop) {
        atomic_uint *roused = &waiter->roused;
        ferry__store(roused, 1, release);
        ferry__futex_wake(roused, 1); /* needs but the address */
    } else if (waiter->loop == ferry__loop_current()) {
        wake_task(waiter);
    } else {
        waiter->mail.deliver = arrive;
        ferry__mailbox_push(&waiter->loop->mailbox, &waiter->mail);
    }
}

void ferry__waiters_wake(struct ferry__waiter *first)
{
    while (first) {
        struct ferry__waiter *next = first->next;
        ferry__waiter_wake(first);
        first = next;
    }
}
