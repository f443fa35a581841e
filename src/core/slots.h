/* SPDX-License-Identifier: MIT */
/*
 * Slots: numbered, type-stable places for things that users hold by handle.
 *
 * A handle is a number in the shape of a pointer:
 *
 *      63        54 53                      26 25                  0
 *     | table 10    | generation 28           | index 26            |
 *
 * The generation changes each time the slot is given back, so a handle whose thing is gone is told
 * from a live one; memory is never handed back while the table lives, so asking is always safe. 0
 * is no handle: generations start at 1. (A slot that is reused 268 million times comes round to the
 * generation it had: an old handle kept for that long would be taken for live.)
 *
 * Owner thread only.
 */
#ifndef FERRY_CORE_SLOTS_H
#define FERRY_CORE_SLOTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What each slot begins with. `size` bytes follow from its start. */
struct ferry__slot {
    uint32_t index;
    uint32_t generation : 31;
    uint32_t used : 1;
    struct ferry__slot *next_free;
};

struct ferry__slots {
    size_t size;    /* of one slot; constant */
    uint32_t table; /* 1..1023, in every handle; constant */
    uint32_t made, used;
    uint32_t floor; /* generations of slots made from now on start here */
    struct ferry__slot *free;
    char **chunks;
    size_t chunks_room;
};

/* `floor`: what `deinit` of an earlier table of the same number gave, 0 at first. */
void ferry__slots_init(struct ferry__slots *slots, size_t size, uint32_t table, uint32_t floor);
/* Frees all; gives the floor that keeps handles of this table stale in the next one. */
uint32_t ferry__slots_deinit(struct ferry__slots *slots);

/* A zeroed slot; NULL with errno ENOMEM. */
void *ferry__slot_get(struct ferry__slots *slots);
void ferry__slot_put(struct ferry__slots *slots, void *slot);

void *ferry__slot_handle(const struct ferry__slots *slots, const void *slot);
/* The live slot of a handle: 0, -EINVAL (NULL), -EPERM (another table's), -ESRCH (stale). Leaves
 * errno alone. */
int ferry__slot_find(const struct ferry__slots *slots, const void *handle, void **ret_slot);

/* Slot number i of `made`, NULL when it is free: to go through all. */
void *ferry__slot_at(const struct ferry__slots *slots, uint32_t i);

#endif
