/* SPDX-License-Identifier: MIT */
/*
 * A stream: a ring of slots between two sides, and the one call that serves it.
 *
 *     side PUT                        the ring                     side GET
 *     credit: free slots      [ . . . c d e f . . . ]              credit: items it may copy
 *     that it knows of          PUT's at ^   ^ GET's at            that it knows of
 *
 * One puts and one gets at a time, so each side copies without the lock: a slot is the putter's
 * from when it is known to be free until its item is counted, then the getter's until it is
 * counted off. Counting is done under the lock, and there each side learns its credit, the number
 * of slots that it may go on with without looking. So a copy, however large, holds up nobody, and
 * an everyday put or get takes the lock once.
 *
 * Who finds no credit waits. A getter is woken by the first item, a putter when half of the ring is
 * free: so where one side is faster than the other a wake-up serves many items.
 *
 * Law of `busy` of a side: false -> true by exchange, acquire, by whoever begins to put (to get);
 * back, release, when it has done. In between the side's own fields are that thread's.
 *
 * Law of `word`: the lock (base/word_lock.h) over all that stands under it, and CLOSED, CANCELLED,
 * which are set for good, under the lock; looked at without it, relaxed, as a hint: who counts
 * under the lock sees them there.
 *
 * The end of the worker's call is told by its future's watcher, whose last touch of the stream is
 * to unlock the word, with `serving` ENDED.
 */
#ifndef FERRY_BRIDGE_STREAM_H
#define FERRY_BRIDGE_STREAM_H

#include "loop/future.h"
#include "loop/waiters.h"

#include <ferry/stream.h>

struct ferry__stuck_wait;

enum ferry__stream_way { FERRY__STREAM_PUT, FERRY__STREAM_GET };

enum { FERRY__STREAM_CLOSED = 8, FERRY__STREAM_CANCELLED = 16 };

/* The call that serves a stream. */
enum ferry__stream_serving {
    FERRY__STREAM_UNSERVED,
    FERRY__STREAM_SERVED, /* submitted, or about to be; has not ended */
    FERRY__STREAM_ENDED   /* or was refused */
};

struct ferry__stream_side {
    atomic_bool busy;
    size_t at;     /* its next slot */
    size_t credit; /* so many from there are its own */
    size_t streak; /* items moved since it last let other tasks run */
};

struct ferry_stream {
    /* constant */
    size_t item, room;
    struct ferry__future_watcher watcher; /* of `worker`; the settler's */

    _Alignas(FERRY__LINE) atomic_uintptr_t word;
    /* under the lock */
    size_t count;                          /* items in the ring */
    struct ferry__waiters waiting[2];      /* one at most, by way */
    struct ferry__waiters joiners;         /* until `serving` is ENDED */
    const struct ferry_future *used_by[2]; /* by way: by which submitted call; NULL: another */
    struct ferry_future *worker;           /* held; constant once it is there */
    enum ferry__stream_serving serving;
    int result; /* of an ended one: 0, or a negative errno */

    _Alignas(FERRY__LINE) struct ferry__stream_side put;
    _Alignas(FERRY__LINE) struct ferry__stream_side get;
    _Alignas(FERRY__LINE) unsigned char slots[];
};

/* stream.c: with the word locked and saying `word`: unlocks with `bits` added, and wakes both
 * sides. */
void ferry__stream_end(struct ferry_stream *stream, uintptr_t word, uintptr_t bits);

/* stream_worker.c: before this thread waits for the other side, or for the call. 0; 1: it holds a
 * worker meanwhile, ferry__deadlock_leave is due; or -EDEADLK, sets errno. */
int ferry__stream_enter_wait(struct ferry_stream *stream, struct ferry__stuck_wait *stuck);

#endif
