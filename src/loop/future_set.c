/* SPDX-License-Identifier: MIT */
/*
 * Many futures at once: a watcher on each, and a countdown of those that are not settled. One block
 * holds all of it.
 *
 *     | countdown | settled, waiting | watcher | watcher | watcher | ...
 *
 * Law of `settled`: NULL, or the newest of the watchers that were told, linked by `then`. The
 * settler puts its watcher there (release) and counts down, which is its last touch; the owner
 * takes all at once (acquire).
 */
#include "base/error.h"
#include "base/memory.h"
#include "loop/countdown.h"
#include "loop/future.h"

#include <ferry/futures.h>

struct entry {
    struct ferry__future_watcher watcher;
    struct ferry_futures *set;
    struct ferry_future *future;
    struct entry *then; /* in `settled`, or in `waiting` */
    bool told;          /* the owner's: it came out of `settled` */
};

struct ferry_futures {
    struct ferry__countdown pending;
    _Atomic(struct entry *) settled;
    struct entry *first, *last; /* the owner's: told, not given yet, oldest first */
    size_t count;
    struct entry entries[];
};

enum { MOST = 1000000000 };

static void tell(struct ferry__future_watcher *watcher)
{
    struct entry *entry = FERRY__CONTAINER(watcher, struct entry, watcher);
    struct ferry_futures *set = entry->set;
    struct entry *newest = ferry__load(&set->settled, relaxed);
    do
        entry->then = newest;
    while (!ferry__cas_weak(&set->settled, &newest, entry, release));
    ferry__countdown_back(&set->pending);
}

static void append(struct ferry_futures *set, struct entry *entry)
{
    entry->told = true;
    entry->then = NULL;
    if (set->first)
        set->last->then = entry;
    else
        set->first = entry;
    set->last = entry;
}

/* Those that were told since, in order. */
static void collect(struct ferry_futures *set)
{
    struct entry *newest = ferry__swap(&set->settled, NULL, acquire), *oldest = NULL, *next;
    for (; newest; newest = next) {
        next = newest->then;
        newest->then = oldest;
        oldest = newest;
    }
    for (; oldest; oldest = next) {
        next = oldest->then;
        append(set, oldest);
    }
}

static bool all_there(ferry_future *const *futures, size_t count)
{
    if (count > MOST)
        return false;
    for (size_t i = 0; i < count; i++)
        if (!futures[i])
            return false;
    return true;
}

ferry_futures *ferry_futures_as_completed(ferry_future *const *futures, size_t count)
{
    if (!all_there(futures, count))
        return ferry__fail_null(EINVAL);
    struct ferry_futures *set = ferry__alloc(sizeof *set + count * sizeof *set->entries);
    if (!set)
        return ferry__fail_null(ENOMEM);
    set->count = count;
    ferry__countdown_out(&set->pending, (unsigned)count);
    for (size_t i = 0; i < count; i++) {
        struct entry *entry = &set->entries[i];
        entry->watcher.tell = tell;
        entry->set = set;
        entry->future = futures[i];
        if (!ferry__future_join(futures[i], &entry->watcher)) {
            append(set, entry);
            ferry__countdown_in(&set->pending, 1);
        }
    }
    return set;
}

/* The next that is settled, or NULL and what was said, 0 at the end. (One that was collected may
 * not have counted down yet: then there is nothing new, and another look.) */
static struct entry *take(struct ferry_futures *set, int *said)
{
    *said = 0;
    while (!set->first && !*said) {
        unsigned left = ferry__countdown_left(&set->pending);
        collect(set);
        if (set->first || left == 0)
            break;
        *said = ferry__countdown_wait(&set->pending, left - 1, "futures");
        collect(set);
    }
    struct entry *entry = set->first;
    if (entry)
        set->first = entry->then;
    return entry;
}

ferry_future *ferry_futures_next(ferry_futures *set)
{
    int said;
    if (!set)
        return ferry__fail_null(EINVAL);
    struct entry *entry = take(set, &said);
    if (entry)
        return entry->future;
    errno = -said;
    return NULL;
}

void ferry_futures_free(ferry_futures *set)
{
    if (!set)
        return;
    int error = errno;
    for (size_t i = 0; i < set->count; i++)
        if (!set->entries[i].told &&
            ferry__future_leave(set->entries[i].future, &set->entries[i].watcher))
            ferry__countdown_in(&set->pending, 1);
    ferry__countdown_see_out(&set->pending, "futures that were just settled");
    ferry__free(set);
    errno = error;
}

static int count_settled(ferry_future *const *futures, size_t count)
{
    int settled = 0;
    for (size_t i = 0; i < count; i++)
        settled += ferry__future_is_done(futures[i]);
    return settled;
}

/* One after the other: so a worker's wait is looked at for rings, and nothing is allocated. */
static int wait_for_all(ferry_future *const *futures, size_t count)
{
    int said = 0;
    for (size_t i = 0; i < count && !said; i++)
        said = ferry__future_wait(futures[i]);
    return said;
}

/* Until one of them has settled; or, when only failures count, failed. */
static int wait_for_one(ferry_future *const *futures, size_t count, bool failed)
{
    struct ferry_futures *set = ferry_futures_as_completed(futures, count);
    if (!set)
        return -errno;
    int said;
    struct entry *entry;
    do
        entry = take(set, &said);
    while (entry && failed && !ferry__future_failed(entry->future));
    ferry_futures_free(set);
    return entry ? 0 : said;
}

int ferry_futures_wait(ferry_future *const *futures, size_t count, ferry_wait_when when)
{
    if (when > FERRY_FIRST_EXCEPTION || (when == FERRY_FIRST_COMPLETED && count == 0) ||
        !all_there(futures, count))
        return ferry__fail(EINVAL);
    int said = when == FERRY_ALL_COMPLETED
                   ? wait_for_all(futures, count)
                   : wait_for_one(futures, count, when == FERRY_FIRST_EXCEPTION);
    return said ? ferry__fail(-said) : count_settled(futures, count);
}
