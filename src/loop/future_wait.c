/* SPDX-License-Identifier: MIT */
/* Waiting for a future. Its waiters are linked from the newest to the oldest; `listed` goes unused,
 * as DONE says that all were taken off. */
#include "core/sched.h"
#include "loop/future.h"
#include "loop/waiter.h"

static struct ferry__waiter *newest_of(uintptr_t word)
{
    return (struct ferry__waiter *)(word & ~(uintptr_t)3);
}

/* In the order in which they came. */
void ferry__future_wake(struct ferry__waiter *newest)
{
    struct ferry__waiter *oldest = NULL;
    while (newest) {
        struct ferry__waiter *older = newest->next;
        newest->next = oldest;
        oldest = newest;
        newest = older;
    }
    ferry__waiters_wake(oldest);
}

/* False when it is settled already. */
static bool join(struct ferry_future *future, struct ferry__waiter *waiter)
{
    uintptr_t word = ferry__word_lock(&future->word);
    bool pending = !(word & FERRY__FUTURE_DONE);
    if (pending) {
        waiter->next = newest_of(word);
        word = (uintptr_t)waiter;
    }
    ferry__word_unlock(&future->word, word);
    return pending;
}

/* False when it is settled: then a wake-up has come, or is on its way. */
static bool leave(struct ferry_future *future, struct ferry__waiter *waiter)
{
    uintptr_t word = ferry__word_lock(&future->word);
    bool pending = !(word & FERRY__FUTURE_DONE);
    if (pending) {
        struct ferry__waiter *newest = newest_of(word), **link = &newest;
        while (*link != waiter)
            link = &(*link)->next;
        *link = waiter->next;
        word = (uintptr_t)newest;
    }
    ferry__word_unlock(&future->word, word);
    return pending;
}

static int wait_for(struct ferry_future *future)
{
    struct ferry__waiter waiter;
    int said = ferry__waiter_begin(&waiter);
    if (said)
        return said;
    if (!join(future, &waiter))
        return 0;
    said = ferry__waiter_sleep(&waiter, "a future");
    if (said && leave(future, &waiter))
        return said;
    if (said)
        ferry__waiter_see_out(&waiter, "a future that was just settled");
    return 0;
}

int ferry__future_wait(struct ferry_future *future)
{
    if (ferry__future_is_done(future))
        return 0;
    if (future->kind->block && !ferry__sched_here)
        return future->kind->block(future, wait_for);
    return wait_for(future);
}
