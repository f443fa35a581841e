/* SPDX-License-Identifier: MIT */
#include "loop/waiters.h"

#include <errno.h>

static void put_last(struct ferry__waiters *waiters, struct ferry__waiter *waiter)
{
    waiter->listed = waiters->rounds + 1;
    waiter->next = NULL;
    waiter->previous = waiters->last;
    if (waiters->last)
        waiters->last->next = waiter;
    else
        waiters->first = waiter;
    waiters->last = waiter;
}

static void take(struct ferry__waiters *waiters, struct ferry__waiter *waiter)
{
    waiter->listed = 0;
    if (waiter->previous)
        waiter->previous->next = waiter->next;
    else
        waiters->first = waiter->next;
    if (waiter->next)
        waiter->next->previous = waiter->previous;
    else
        waiters->last = waiter->previous;
}

struct ferry__waiter *ferry__waiters_take_first(struct ferry__waiters *waiters)
{
    struct ferry__waiter *first = waiters->first;
    if (first)
        take(waiters, first);
    return first;
}

struct ferry__waiter *ferry__waiters_take_all(struct ferry__waiters *waiters)
{
    struct ferry__waiter *first = waiters->first;
    *waiters = (struct ferry__waiters){.rounds = waiters->rounds + 1};
    return first;
}

/* After an interruption: false when a waker has taken it off. */
static bool leave(struct ferry__waiters *waiters, struct ferry__waiter *waiter,
                  atomic_uintptr_t *word)
{
    uintptr_t value = ferry__word_lock(word) & ~(uintptr_t)FERRY__WAITED;
    bool listed = waiter->listed == waiters->rounds + 1;
    if (listed)
        take(waiters, waiter);
    ferry__word_unlock(word, value | ferry__waited(waiters));
    return listed;
}

int ferry__waiters_stand(struct ferry__waiters *waiters, struct ferry__waiter *waiter,
                         atomic_uintptr_t *word, uintptr_t value, const char *waits_on)
{
    put_last(waiters, waiter);
    ferry__word_unlock(word, value | FERRY__WAITED);
    int before = errno;
    int said = ferry__waiter_sleep(waiter, waits_on);
    if (said && leave(waiters, waiter, word))
        return said;
    if (said)
        ferry__waiter_see_out(waiter, waits_on);
    errno = before;
    return 0;
}
