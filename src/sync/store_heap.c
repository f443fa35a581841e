/* SPDX-License-Identifier: MIT */
/*
 * The smallest first: a binary heap in the store's block. The parent of slot i is (i - 1) / 2.
 * Behind each item stands the number of its arrival, which decides between equal ones. An item on
 * its way up or down waits in the block's extra slot while others move into the hole before it.
 */
#include "sync/store.h"

#include <string.h>

static uint64_t arrival_of(const struct ferry__store *store, const char *slot)
{
    uint64_t arrival;
    memcpy(&arrival, slot + store->stride - sizeof arrival, sizeof arrival);
    return arrival;
}

static bool before(const struct ferry__store *store, const char *a, const char *b)
{
    int said = store->compare(a, b);
    return said ? said < 0 : arrival_of(store, a) < arrival_of(store, b);
}

static void move(const struct ferry__store *store, size_t to, size_t from)
{
    memcpy(ferry__store_slot(store, to), ferry__store_slot(store, from), store->stride);
}

static void put(struct ferry__store *store, const void *item)
{
    size_t travelling = store->room, hole = store->count++;
    char *slot = ferry__store_slot(store, travelling);
    memcpy(slot, item, store->item);
    memcpy(slot + store->stride - sizeof store->arrivals, &store->arrivals, sizeof store->arrivals);
    store->arrivals++;
    while (hole > 0 && before(store, slot, ferry__store_slot(store, (hole - 1) / 2))) {
        move(store, hole, (hole - 1) / 2);
        hole = (hole - 1) / 2;
    }
    move(store, hole, travelling);
}

static void take(struct ferry__store *store, void *ret)
{
    memcpy(ret, ferry__store_slot(store, 0), store->item);
    size_t travelling = store->room, hole = 0, child;
    move(store, travelling, --store->count);
    while ((child = 2 * hole + 1) < store->count) {
        if (child + 1 < store->count &&
            before(store, ferry__store_slot(store, child + 1), ferry__store_slot(store, child)))
            child++;
        if (!before(store, ferry__store_slot(store, child), ferry__store_slot(store, travelling)))
            break;
        move(store, hole, child);
        hole = child;
    }
    move(store, hole, travelling);
}

const struct ferry__store_kind ferry__store_heap = {
    .extra = sizeof(uint64_t),
    .put = put,
    .take = take,
};
