/* SPDX-License-Identifier: MIT */
/*
 * The event between tasks and threads. Its word says SET, LOCKED and WAITED (loop/waiters.h); never
 * SET and WAITED together. Setting is a release, seeing SET an acquire.
 */
#include "base/error.h"
#include "base/panic.h"
#include "loop/waiters.h"

#include <ferry/threadsafe.h>

enum { SET = 1 };

struct event {
    atomic_uintptr_t word;
    struct ferry__waiters waiters;
};

_Static_assert(sizeof(struct event) <= sizeof(ferry_threadsafe_event), "the public size");

static struct event *of(const ferry_threadsafe_event *user)
{
    return (struct event *)(uintptr_t)user;
}

int ferry_threadsafe_event_set(ferry_threadsafe_event *user)
{
    struct event *event = of(user);
    if (!event)
        return ferry__fail(EINVAL);
    ferry__word_lock(&event->word);
    struct ferry__waiter *first = ferry__waiters_take_all(&event->waiters);
    ferry__word_unlock(&event->word, SET);
    ferry__waiters_wake(first);
    return 0;
}

int ferry_threadsafe_event_clear(ferry_threadsafe_event *user)
{
    struct event *event = of(user);
    if (!event)
        return ferry__fail(EINVAL);
    uintptr_t word = ferry__word_lock(&event->word);
    ferry__word_unlock(&event->word, word & ~(uintptr_t)SET);
    return 0;
}

bool ferry_threadsafe_event_is_set(const ferry_threadsafe_event *user)
{
    return user && ferry__load(&of(user)->word, acquire) & SET;
}

int ferry_threadsafe_event_wait(ferry_threadsafe_event *user)
{
    struct event *event = of(user);
    int said = event ? ferry__wait_allowed() : ferry__fail(EINVAL);
    if (said)
        return said;
    if (ferry__load(&event->word, acquire) & SET)
        return 0;
    struct ferry__waiter waiter;
    ferry__waiter_init(&waiter);
    uintptr_t word = ferry__word_lock(&event->word);
    if (word & SET) {
        ferry__word_unlock(&event->word, word);
        return 0;
    }
    return ferry__waiters_stand(&event->waiters, &waiter, &event->word, word, "an event");
}

void ferry_threadsafe_event_init(ferry_threadsafe_event *user)
{
    *user = (ferry_threadsafe_event)FERRY_THREADSAFE_EVENT_INIT;
}

void ferry_threadsafe_event_deinit(ferry_threadsafe_event *user)
{
    if (user && ferry__load(&of(user)->word, acquire) & FERRY__WAITED)
        ferry__panic("ferry_threadsafe_event_deinit of an event that somebody waits for");
}
