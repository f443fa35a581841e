/* SPDX-License-Identifier: MIT */
#include "loop/countdown.h"

static unsigned count_of(uint64_t word)
{
    return (unsigned)word;
}

/* 0: the owner doesn't sleep. */
static unsigned low_plus_1(uint64_t word)
{
    return (unsigned)(word >> 32);
}

unsigned ferry__countdown_left(struct ferry__countdown *countdown)
{
    return count_of(ferry__load(&countdown->word, acquire));
}

void ferry__countdown_out(struct ferry__countdown *countdown, unsigned number)
{
    ferry__add(&countdown->word, number, relaxed); /* who hands a thing over publishes it */
}

void ferry__countdown_in(struct ferry__countdown *countdown, unsigned number)
{
    ferry__sub(&countdown->word, number, relaxed);
}

void ferry__countdown_back(struct ferry__countdown *countdown)
{
    uint64_t word = ferry__load(&countdown->word, relaxed), after;
    bool wakes;
    do {
        after = word - 1;
        wakes = count_of(after) < low_plus_1(after);
        if (wakes)
            after = count_of(after);
    } while (!ferry__cas_weak(&countdown->word, &word, after, acq_rel));
    if (wakes)
        ferry__waiter_wake(&countdown->waiter);
}

/* False: that few are out already. */
static bool begin(struct ferry__countdown *countdown, unsigned low)
{
    uint64_t word;
    do {
        word = ferry__load(&countdown->word, acquire); /* what those wrote that are back */
        if (count_of(word) <= low)
            return false;
    } while (!ferry__cas_weak(&countdown->word, &word, word | ((uint64_t)low + 1) << 32, release));
    return true;
}

/* False: somebody is about to wake us. */
static bool give_up(struct ferry__countdown *countdown)
{
    return low_plus_1(ferry__and(&countdown->word, UINT32_MAX, acq_rel));
}

int ferry__countdown_wait(struct ferry__countdown *countdown, unsigned low, const char *waits_on)
{
    int said = ferry__waiter_begin(&countdown->waiter);
    if (said || !begin(countdown, low))
        return said;
    said = ferry__waiter_sleep(&countdown->waiter, waits_on);
    if (said && give_up(countdown))
        return said;
    if (said)
        ferry__waiter_see_out(&countdown->waiter, waits_on);
    return 0;
}

void ferry__countdown_see_out(struct ferry__countdown *countdown, const char *waits_on)
{
    ferry__waiter_begin(&countdown->waiter); /* that it is interrupted doesn't matter */
    /* In a callback of a loop, too, as a thread: what is out is just coming back. */
    if (!countdown->waiter.task)
        countdown->waiter.loop = NULL;
    if (begin(countdown, 0))
        ferry__waiter_see_out(&countdown->waiter, waits_on);
}
