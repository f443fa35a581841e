/* SPDX-License-Identifier: MIT */
/*
 * The lock between tasks and threads.
 *
 *     0                  open, nobody waits
 *     HELD               somebody holds it, nobody waits
 *     HELD + WAITED      somebody holds it, others stand in the line
 *     + LOCKED           somebody changes the line, see loop/waiters.h
 *
 * The everyday acquire is 0 -> HELD, the everyday release HELD -> 0, each one compare-and-swap
 * (acquire, release: what the last holder wrote is seen by the next). A release that finds WAITED
 * hands over: the word stays HELD, so that nobody who comes meanwhile can overtake, and the first
 * in the line is the owner before it is woken.
 *
 * `owner` names the holder, a task by its handle or a thread by its number, which are never used
 * again: who has gone is not taken for who came. Its law: written by who has just acquired, or by
 * who hands over, 0 by who releases, while the word says HELD. Whoever reads it only asks "is it
 * I": nobody else writes my name but who hands the lock to me, before I am woken. So relaxed does.
 */
#include "base/error.h"
#include "base/panic.h"
#include "base/thread_number.h"
#include "core/task.h"
#include "loop/waiters.h"

#include <ferry/threadsafe.h>

enum { HELD = 1 };

struct lock {
    atomic_uintptr_t word;
    _Atomic(uint64_t) owner;
    struct ferry__waiters waiters;
};

_Static_assert(sizeof(struct lock) <= sizeof(ferry_threadsafe_lock), "the public size");

struct heir {
    struct ferry__waiter waiter;
    uint64_t name;
};

static struct lock *of(const ferry_threadsafe_lock *user)
{
    return (struct lock *)(uintptr_t)user;
}

/* Threads count from 1, far below the handles of tasks, which have a loop's number in front. */
static uint64_t my_name(void)
{
    const struct ferry__task *task = ferry__task_current();
    return task ? (uintptr_t)ferry__task_handle(task) : ferry__thread_number();
}

static bool take_at_once(struct lock *lock, uint64_t name)
{
    uintptr_t open = 0;
    if (!ferry__cas(&lock->word, &open, HELD, acquire))
        return false;
    ferry__store(&lock->owner, name, relaxed);
    return true;
}

/* With the word locked and saying `word`: unlocks. */
static bool take_if_open(struct lock *lock, uintptr_t word, uint64_t name)
{
    if (word & HELD)
        return false;
    ferry__store(&lock->owner, name, relaxed);
    ferry__word_unlock(&lock->word, HELD);
    return true;
}

int ferry_threadsafe_lock_acquire(ferry_threadsafe_lock *user)
{
    struct lock *lock = of(user);
    int said = lock ? ferry__wait_allowed() : ferry__fail(EINVAL);
    if (said)
        return said;
    struct heir heir = {.name = my_name()};
    if (take_at_once(lock, heir.name))
        return 0;
    if (ferry__load(&lock->owner, relaxed) == heir.name)
        return ferry__fail(EDEADLK);
    ferry__waiter_init(&heir.waiter);
    uintptr_t word = ferry__word_lock(&lock->word);
    if (take_if_open(lock, word, heir.name))
        return 0;
    return ferry__waiters_stand(&lock->waiters, &heir.waiter, &lock->word, word, "a lock");
}

int ferry_threadsafe_lock_acquire_nowait(ferry_threadsafe_lock *user)
{
    struct lock *lock = of(user);
    if (!lock)
        return ferry__fail(EINVAL);
    uint64_t name = my_name();
    if (take_at_once(lock, name))
        return 0;
    if (ferry__load(&lock->owner, relaxed) == name)
        return ferry__fail(EDEADLK);
    uintptr_t word = ferry__word_lock(&lock->word);
    if (take_if_open(lock, word, name))
        return 0;
    ferry__word_unlock(&lock->word, word);
    return ferry__fail(EAGAIN);
}

static void hand_over(struct lock *lock)
{
    ferry__word_lock(&lock->word);
    struct ferry__waiter *first = ferry__waiters_take_first(&lock->waiters);
    uint64_t heir = first ? FERRY__CONTAINER(first, struct heir, waiter)->name : 0;
    ferry__store(&lock->owner, heir, relaxed);
    ferry__word_unlock(&lock->word, first ? HELD | ferry__waited(&lock->waiters) : 0);
    if (first)
        ferry__waiter_wake(first);
}

int ferry_threadsafe_lock_release(ferry_threadsafe_lock *user)
{
    struct lock *lock = of(user);
    if (!lock)
        return ferry__fail(EINVAL);
    if (ferry__load(&lock->owner, relaxed) != my_name())
        return ferry__fail(EPERM);
    ferry__store(&lock->owner, 0, relaxed);
    uintptr_t held = HELD;
    if (!ferry__cas(&lock->word, &held, 0, release))
        hand_over(lock);
    return 0;
}

bool ferry_threadsafe_lock_locked(const ferry_threadsafe_lock *user)
{
    return user && ferry__load(&of(user)->word, relaxed) & HELD;
}

void ferry_threadsafe_lock_init(ferry_threadsafe_lock *user)
{
    *user = (ferry_threadsafe_lock)FERRY_THREADSAFE_LOCK_INIT;
}

void ferry_threadsafe_lock_deinit(ferry_threadsafe_lock *user)
{
    if (user && ferry__load(&of(user)->word, acquire))
        ferry__panic("ferry_threadsafe_lock_deinit of a lock that is held");
}

struct ferry__with_threadsafe_lock *
ferry__with_threadsafe_lock_open(struct ferry__with_threadsafe_lock *with,
                                 ferry_threadsafe_lock *lock)
{
    with->held = ferry_threadsafe_lock_acquire(lock) == 0 ? lock : NULL;
    return with;
}

void ferry__with_threadsafe_lock_close(struct ferry__with_threadsafe_lock *with)
{
    int error = errno; /* a return out of the block keeps what its function says */
    if (with->held)
        ferry_threadsafe_lock_release(with->held);
    errno = error;
}
