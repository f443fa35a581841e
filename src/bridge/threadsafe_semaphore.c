/* SPDX-License-Identifier: MIT */
/*
 * The semaphore between tasks and threads. Its word is the number of permits, above the bits LOCKED
 * and WAITED (loop/waiters.h); with WAITED there is none, as each that is released goes to who
 * waits. Taking a permit is an acquire, giving one a release.
 */
#include "base/error.h"
#include "base/panic.h"
#include "loop/waiters.h"

#include <ferry/threadsafe.h>

struct semaphore {
    atomic_uintptr_t word;
    struct ferry__waiters waiters;
    int64_t bound; /* constant; negative: badly made */
};

#define ONE ((uintptr_t)1 << FERRY__WORD_BITS)
#define BUSY ((uintptr_t)FERRY__WORD_LOCKED | FERRY__WAITED)

_Static_assert(sizeof(struct semaphore) == sizeof(ferry_threadsafe_semaphore), "the public size");
_Static_assert(offsetof(struct semaphore, bound) ==
                   offsetof(ferry_threadsafe_semaphore, ferry__bound),
               "the initializers' layout");
_Static_assert(FERRY__WORD_BITS == 3, "the initializers shift by it");

static struct semaphore *of(const ferry_threadsafe_semaphore *user)
{
    return (struct semaphore *)(uintptr_t)user;
}

static bool take_at_once(struct semaphore *semaphore)
{
    uintptr_t word = ferry__load(&semaphore->word, relaxed);
    while (!(word & BUSY) && word >= ONE)
        if (ferry__cas_weak(&semaphore->word, &word, word - ONE, acquire))
            return true;
    return false;
}

/* With the word locked and saying `word`: unlocks. */
static bool take_if_there(struct semaphore *semaphore, uintptr_t word)
{
    if (word < ONE)
        return false;
    ferry__word_unlock(&semaphore->word, word - ONE);
    return true;
}

static bool usable(const struct semaphore *semaphore)
{
    return semaphore && semaphore->bound >= 0;
}

int ferry_threadsafe_semaphore_acquire(ferry_threadsafe_semaphore *user)
{
    struct semaphore *semaphore = of(user);
    int said = usable(semaphore) ? ferry__wait_allowed() : ferry__fail(EINVAL);
    if (said)
        return said;
    if (take_at_once(semaphore))
        return 0;
    struct ferry__waiter waiter;
    ferry__waiter_init(&waiter);
    uintptr_t word = ferry__word_lock(&semaphore->word);
    if (take_if_there(semaphore, word))
        return 0;
    return ferry__waiters_stand(&semaphore->waiters, &waiter, &semaphore->word, word,
                                "a semaphore");
}

int ferry_threadsafe_semaphore_acquire_nowait(ferry_threadsafe_semaphore *user)
{
    struct semaphore *semaphore = of(user);
    if (!usable(semaphore))
        return ferry__fail(EINVAL);
    if (take_at_once(semaphore))
        return 0;
    uintptr_t word = ferry__word_lock(&semaphore->word);
    if (take_if_there(semaphore, word))
        return 0;
    ferry__word_unlock(&semaphore->word, word);
    return ferry__fail(EAGAIN);
}

static bool all_there(const struct semaphore *semaphore, uintptr_t word)
{
    return (int64_t)(word >> FERRY__WORD_BITS) >= semaphore->bound;
}

static int give(struct semaphore *semaphore)
{
    uintptr_t word = ferry__word_lock(&semaphore->word);
    if (all_there(semaphore, word)) {
        ferry__word_unlock(&semaphore->word, word);
        return ferry__fail(EOVERFLOW);
    }
    struct ferry__waiter *first = ferry__waiters_take_first(&semaphore->waiters);
    ferry__word_unlock(&semaphore->word, first ? ferry__waited(&semaphore->waiters) : word + ONE);
    if (first)
        ferry__waiter_wake(first);
    return 0;
}

int ferry_threadsafe_semaphore_release(ferry_threadsafe_semaphore *user)
{
    struct semaphore *semaphore = of(user);
    if (!usable(semaphore))
        return ferry__fail(EINVAL);
    uintptr_t word = ferry__load(&semaphore->word, relaxed);
    while (!(word & BUSY) && !all_there(semaphore, word))
        if (ferry__cas_weak(&semaphore->word, &word, word + ONE, release))
            return 0;
    return give(semaphore);
}

bool ferry_threadsafe_semaphore_locked(const ferry_threadsafe_semaphore *user)
{
    return user && ferry__load(&of(user)->word, relaxed) < ONE;
}

static int init(ferry_threadsafe_semaphore *user, long value, int64_t bound)
{
    if (!user || value < 0 || value > FERRY__PERMITS)
        return ferry__fail(EINVAL);
    *user = (ferry_threadsafe_semaphore)FERRY__THREADSAFE_SEMAPHORE(value, bound);
    return 0;
}

int ferry_threadsafe_semaphore_init(ferry_threadsafe_semaphore *user, long value)
{
    return init(user, value, FERRY__PERMITS);
}

int ferry_threadsafe_bounded_semaphore_init(ferry_threadsafe_semaphore *user, long value)
{
    return init(user, value, value);
}

void ferry_threadsafe_semaphore_deinit(ferry_threadsafe_semaphore *user)
{
    if (user && ferry__load(&of(user)->word, acquire) & FERRY__WAITED)
        ferry__panic("ferry_threadsafe_semaphore_deinit of a semaphore that somebody waits for");
}

struct ferry__with_threadsafe_semaphore *
ferry__with_threadsafe_semaphore_open(struct ferry__with_threadsafe_semaphore *with,
                                      ferry_threadsafe_semaphore *semaphore)
{
    with->held = ferry_threadsafe_semaphore_acquire(semaphore) == 0 ? semaphore : NULL;
    return with;
}

void ferry__with_threadsafe_semaphore_close(struct ferry__with_threadsafe_semaphore *with)
{
    int error = errno;
    if (with->held)
        ferry_threadsafe_semaphore_release(with->held);
    errno = error;
}
