/* SPDX-License-Identifier: MIT */
/* The watchers of a future, and the most usual of them: who waits for it. */
#include "base/error.h"
#include "base/memory.h"
#include "core/sched.h"
#include "loop/future.h"
#include "loop/waiter.h"

/* In the order in which they came, the user's code last. */
void ferry__future_tell(struct ferry__future_watcher *newest)
{
    struct ferry__future_watcher *waiters = NULL, *users = NULL, *next;
    for (; newest; newest = next) {
        struct ferry__future_watcher **list = newest->is_users ? &users : &waiters;
        next = newest->next;
        newest->next = *list;
        *list = newest;
    }
    for (; waiters; waiters = next) {
        next = waiters->next;
        waiters->tell(waiters);
    }
    for (; users; users = next) {
        next = users->next;
        users->tell(users);
    }
}

bool ferry__future_join(struct ferry_future *future, struct ferry__future_watcher *watcher)
{
    ferry__future_disown(future);
    uintptr_t word = ferry__word_lock(&future->word);
    bool pending = !(word & FERRY__FUTURE_DONE);
    if (pending) {
        watcher->previous = NULL;
        watcher->next = ferry__future_watchers(word);
        if (watcher->next)
            watcher->next->previous = watcher;
        word = (uintptr_t)watcher;
    }
    ferry__word_unlock(&future->word, word);
    return pending;
}

uintptr_t ferry__future_take_off(uintptr_t word, struct ferry__future_watcher *watcher)
{
    if (watcher->next)
        watcher->next->previous = watcher->previous;
    if (!watcher->previous)
        return (uintptr_t)watcher->next;
    watcher->previous->next = watcher->next;
    return word;
}

bool ferry__future_leave(struct ferry_future *future, struct ferry__future_watcher *watcher)
{
    uintptr_t word = ferry__word_lock(&future->word);
    bool pending = !(word & FERRY__FUTURE_DONE);
    ferry__word_unlock(&future->word, pending ? ferry__future_take_off(word, watcher) : word);
    return pending;
}

bool ferry__future_is_awaited(struct ferry_future *future)
{
    if (ferry__future_is_done(future))
        return false;
    uintptr_t word = ferry__word_lock(&future->word);
    const struct ferry__future_watcher *watcher =
        word & FERRY__FUTURE_DONE ? NULL : ferry__future_watchers(word);
    while (watcher && watcher->is_users)
        watcher = watcher->next;
    ferry__word_unlock(&future->word, word);
    return watcher;
}

struct waiting {
    struct ferry__future_watcher watcher;
    struct ferry__waiter waiter;
};

static void wake(struct ferry__future_watcher *watcher)
{
    ferry__waiter_wake(&FERRY__CONTAINER(watcher, struct waiting, watcher)->waiter);
}

static int wait_for(struct ferry_future *future)
{
    struct waiting waiting = {.watcher.tell = wake};
    int said = ferry__waiter_begin(&waiting.waiter);
    if (said)
        return said;
    if (!ferry__future_join(future, &waiting.watcher))
        return 0;
    said = ferry__waiter_sleep(&waiting.waiter, "a future");
    if (said && ferry__future_leave(future, &waiting.watcher))
        return said;
    if (said)
        ferry__waiter_see_out(&waiting.waiter, "a future that was just settled");
    return 0;
}

/* Whoever held its word, or watched it, isn't here: it is settled without asking. */
void ferry__future_disown(struct ferry_future *future)
{
    if (!future->kind->inherited || !future->kind->inherited(future) ||
        ferry__future_is_done(future))
        return;
    future->error = EOWNERDEAD;
    ferry__store(&future->word, FERRY__FUTURE_DONE, release);
}

int ferry__future_wait(struct ferry_future *future)
{
    ferry__future_disown(future);
    if (ferry__future_is_done(future))
        return 0;
    if (future->kind->block && !ferry__sched_here)
        return future->kind->block(future, wait_for);
    return wait_for(future);
}
