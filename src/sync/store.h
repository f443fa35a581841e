/* SPDX-License-Identifier: MIT */
/*
 * Where a queue keeps its items: one growing block of equal slots, and a table that says in which
 * order they come out.
 *
 *     fifo   a ring      first ... first + count - 1, modulo room
 *     lifo   a stack     0 ... count - 1, taken from the end
 *     heap   a binary heap by the user's compare; equal items by the number behind each
 *
 * A block has one slot more than its room: the heap's, for the item that is on its way. Slots are
 * aligned for any type of the item's size, because compare looks at them in place.
 */
#ifndef FERRY_SYNC_STORE_H
#define FERRY_SYNC_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ferry__store;

struct ferry__store_kind {
    size_t extra; /* bytes behind each item */
    /* Copies the item into a free slot: there is one (ferry__store_reserve). */
    void (*put)(struct ferry__store *, const void *item);
    /* Copies the next item out: there is one. */
    void (*take)(struct ferry__store *, void *ret);
};

extern const struct ferry__store_kind ferry__store_fifo, ferry__store_lifo, ferry__store_heap;

struct ferry__store {
    /* constant */
    const struct ferry__store_kind *kind;
    size_t item, stride;
    int (*compare)(const void *, const void *);
    /* owner thread only */
    char *slots;
    size_t room, first, count;
    uint64_t arrivals;
};

/* item: at least 1. Allocates nothing yet. */
void ferry__store_init(struct ferry__store *store, const struct ferry__store_kind *kind,
                       size_t item, int (*compare)(const void *, const void *));
void ferry__store_deinit(struct ferry__store *store);

/* Makes sure of one free slot. False without memory, and nothing has changed. */
bool ferry__store_reserve(struct ferry__store *store);
/* Drops all items; their slots stay. */
void ferry__store_clear(struct ferry__store *store);

static inline void *ferry__store_slot(const struct ferry__store *store, size_t i)
{
    return store->slots + i * store->stride;
}

#endif
