/* SPDX-License-Identifier: MIT */
#include "sync/store.h"

#include "base/memory.h"

#include <string.h>

enum { FIRST_ROOM = 8, LEAST_ALIGNED = 16, MOST_ALIGNED = 4096 };

/* What an item of this size can be aligned to: the largest power of two that divides it. */
static size_t alignment_of(size_t size)
{
    size_t power = size & -size;
    return power < MOST_ALIGNED ? power : MOST_ALIGNED;
}

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

void ferry__store_init(struct ferry__store *store, const struct ferry__store_kind *kind,
                       size_t item, int (*compare)(const void *, const void *))
{
    size_t aligned = kind->extra ? larger(alignment_of(item), kind->extra) : 1;
    size_t bytes, stride;
    if (__builtin_add_overflow(item, kind->extra, &bytes) ||
        __builtin_add_overflow(bytes, aligned - 1, &stride))
        stride = SIZE_MAX; /* no block of that will ever be had */
    else
        stride -= stride % aligned;
    *store =
        (struct ferry__store){.kind = kind, .item = item, .stride = stride, .compare = compare};
}

void ferry__store_deinit(struct ferry__store *store)
{
    ferry__free(store->slots);
}

bool ferry__store_reserve(struct ferry__store *store)
{
    if (store->count < store->room)
        return true;
    size_t room = store->room ? 2 * store->room : FIRST_ROOM, bytes;
    if (__builtin_mul_overflow(room + 1, store->stride, &bytes))
        return false;
    char *slots = ferry__alloc_aligned(larger(alignment_of(store->item), LEAST_ALIGNED), bytes);
    if (!slots)
        return false;
    size_t tail = store->room - store->first; /* a ring's end, then its begin */
    if (store->slots) {
        memcpy(slots, ferry__store_slot(store, store->first), tail * store->stride);
        memcpy(slots + tail * store->stride, store->slots, store->first * store->stride);
    }
    ferry__free(store->slots);
    store->slots = slots;
    store->room = room;
    store->first = 0;
    return true;
}

void ferry__store_clear(struct ferry__store *store)
{
    store->first = store->count = 0;
}

static void put_last(struct ferry__store *store, const void *item)
{
    size_t at = (store->first + store->count++) % store->room;
    memcpy(ferry__store_slot(store, at), item, store->item);
}

static void take_first(struct ferry__store *store, void *ret)
{
    memcpy(ret, ferry__store_slot(store, store->first), store->item);
    store->first = (store->first + 1) % store->room;
    store->count--;
}

static void take_last(struct ferry__store *store, void *ret)
{
    memcpy(ret, ferry__store_slot(store, --store->count), store->item);
}

const struct ferry__store_kind ferry__store_fifo = {.put = put_last, .take = take_first};
const struct ferry__store_kind ferry__store_lifo = {.put = put_last, .take = take_last};
