/* SPDX-License-Identifier: MIT */
/*
 * A future: a value or an error that somebody will give once, from any thread, and those who wait
 * for it. Embedded in whatever makes it (a submitted call's block, a coroutine's), so it is small.
 *
 * The law of `word`, which is all that threads share of a pending future:
 *
 *     a watcher, or NULL   pending: the newest of those who wait or want to be told, linked to
 *                          the older
 *     DONE                 settled for good; value and error don't change any more
 *     + LOCKED             somebody changes the list of watchers, or settles (base/word_lock.h)
 *
 * Unlocking is a release, locking and looking for DONE an acquire: so who sees DONE sees value and
 * error. The settler's store of DONE is its last touch of the future: it has taken the watchers
 * before, and tells each after. A watcher is its owner's until the settler has taken it, then the
 * settler's until it was told.
 *
 * `holders`: the maker gives the future to its user, and keeps a hold of its own for as long as it
 * may still settle it. Who drops the last hold destroys it.
 */
#ifndef FERRY_LOOP_FUTURE_H
#define FERRY_LOOP_FUTURE_H

#include "base/word_lock.h"

#include <ferry/future.h>
#include <stdbool.h>
#include <stdint.h>

struct ferry_future;

/* Who is to be told when a future is settled. Telling is the settler's last touch of it. */
struct ferry__future_watcher {
    struct ferry__future_watcher *next, *previous; /* the older, the newer one; the list's */
    void (*tell)(struct ferry__future_watcher *);
    bool is_users; /* `tell` may run code of the user's: it comes after the others */
};

enum { FERRY__FUTURE_DONE = 1 };

/* What differs between makers. */
struct ferry__future_kind {
    void (*destroy)(struct ferry_future *); /* the last hold was dropped: free the block */
    /* NULL: settle with ECANCELED. Else: stop what will settle it. 1, or 0: too late. Any thread.
     */
    int (*cancel)(struct ferry_future *);
    /* NULL: `wait` is called. Else: does what must be done around a thread's blocking until the
     * future is settled, calls `wait` in between and gives what it said; or -EDEADLK without having
     * waited: it would never end. */
    int (*block)(struct ferry_future *, int (*wait)(struct ferry_future *));
    /* NULL: never. Whether what will settle it has begun. Any thread, while it is pending. */
    bool (*running)(const struct ferry_future *);
    /* NULL: never. Whether the parent of a fork has what will settle it. */
    bool (*inherited)(const struct ferry_future *);
};

struct ferry_future {
    atomic_uintptr_t word;
    const struct ferry__future_kind *kind; /* constant */
    uint64_t value[2];                     /* until DONE the settler's, then constant */
    int error;                             /* the same; 0, or a positive errno */
    atomic_uint holders;
    uint16_t result; /* the code of value's type, ferry/call.h; constant */
};

_Static_assert(sizeof(struct ferry_future) <= 64, "embedded in blocks of at most 256 bytes");

/* With this many holds. */
void ferry__future_init(struct ferry_future *future, const struct ferry__future_kind *kind,
                        uint16_t result, unsigned holders);
void ferry__future_drop(struct ferry_future *future);

/* Settles: error 0 and the value's 16 bytes (NULL: zeros), or a positive errno. False: it was
 * settled already. Any thread. */
bool ferry__future_settle(struct ferry_future *future, int error, const void *value16);

/* Waits as ferry_future_await does: 0 when it is settled, else -ECANCELED, -ETIMEDOUT, -EDEADLK.
 * Sets errno. */
int ferry__future_wait(struct ferry_future *future);

static inline bool ferry__future_is_done(const struct ferry_future *future)
{
    /* acquire: pairs with the settler's release */
    return ferry__load(&future->word, acquire) & FERRY__FUTURE_DONE;
}

/* In future_wait.c. Before somebody waits: settles one with EOWNERDEAD that nobody here will. */
void ferry__future_disown(struct ferry_future *future);
/* join: false when it is settled already. leave: false when it is settled: then
 * the watcher has been told, or will be in a moment. */
bool ferry__future_join(struct ferry_future *future, struct ferry__future_watcher *watcher);
bool ferry__future_leave(struct ferry_future *future, struct ferry__future_watcher *watcher);
/* Whether anybody waits: a watcher that runs no code of the user's. */
bool ferry__future_is_awaited(struct ferry_future *future);
/* Tells the watchers of a future that has just been settled, given from the newest. */
void ferry__future_tell(struct ferry__future_watcher *newest);

static inline struct ferry__future_watcher *ferry__future_watchers(uintptr_t word)
{
    return (struct ferry__future_watcher *)(word & ~(uintptr_t)3);
}
/* With the word of a pending future locked and saying `word`: takes a watcher off. What the word
 * says then. */
uintptr_t ferry__future_take_off(uintptr_t word, struct ferry__future_watcher *watcher);

/* Of a settled one: an error that is no cancel, or a negative result of a signed type. */
bool ferry__future_failed(const struct ferry_future *future);

#endif
