/* SPDX-License-Identifier: MIT */
#include "core/slots.h"

#include "base/error.h"
#include "base/memory.h"

#include <string.h>

#define CHUNK 64u /* slots allocated at a time */
#define INDEX_BITS 26
#define GENERATION_BITS 28
#define INDEX_MASK ((1u << INDEX_BITS) - 1)
#define GENERATION_MASK ((1u << GENERATION_BITS) - 1)

void ferry__slots_init(struct ferry__slots *slots, size_t size, uint32_t table, uint32_t floor)
{
    *slots = (struct ferry__slots){.size = size, .table = table, .floor = floor ? floor : 1};
}

uint32_t ferry__slots_deinit(struct ferry__slots *slots)
{
    for (uint32_t i = 0; i < slots->made; i++) {
        struct ferry__slot *slot = ferry__slot_at(slots, i);
        if (slot)
            ferry__slot_put(slots, slot);
    }
    for (uint32_t chunk = 0; chunk * CHUNK < slots->made; chunk++)
        ferry__free(slots->chunks[chunk]);
    ferry__free(slots->chunks);
    uint32_t floor = slots->floor;
    ferry__slots_init(slots, slots->size, slots->table, floor);
    return floor;
}

static struct ferry__slot *at(const struct ferry__slots *slots, uint32_t index)
{
    return (struct ferry__slot *)(void *)(slots->chunks[index / CHUNK] +
                                          (size_t)(index % CHUNK) * slots->size);
}

static bool grow(struct ferry__slots *slots)
{
    size_t chunk = slots->made / CHUNK;
    if (slots->made > INDEX_MASK - CHUNK)
        return false;
    if (chunk == slots->chunks_room) {
        size_t room = chunk ? chunk * 2 : 8;
        char **chunks = ferry__realloc(slots->chunks, room * sizeof *chunks);
        if (!chunks)
            return false;
        slots->chunks = chunks;
        slots->chunks_room = room;
    }
    slots->chunks[chunk] = ferry__alloc_aligned(64, CHUNK * slots->size);
    if (!slots->chunks[chunk])
        return false;
    slots->made += CHUNK;
    for (uint32_t i = CHUNK; i-- > 0;) {
        struct ferry__slot *slot = at(slots, (uint32_t)(chunk * CHUNK) + i);
        slot->index = (uint32_t)(chunk * CHUNK) + i;
        slot->generation = slots->floor & GENERATION_MASK;
        slot->next_free = slots->free;
        slots->free = slot;
    }
    return true;
}

void *ferry__slot_get(struct ferry__slots *slots)
{
    if (!slots->free && !grow(slots))
        return ferry__fail_null(ENOMEM);
    struct ferry__slot *slot = slots->free;
    slots->free = slot->next_free;
    slot->used = 1;
    slots->used++;
    memset(slot + 1, 0, slots->size - sizeof *slot);
    return slot;
}

void ferry__slot_put(struct ferry__slots *slots, void *slot_)
{
    struct ferry__slot *slot = slot_;
    slot->generation = (slot->generation + 1) & GENERATION_MASK;
    if (slot->generation == 0)
        slot->generation = 1;
    if (slots->floor < slot->generation)
        slots->floor = slot->generation;
    slot->used = 0;
    slots->used--;
    slot->next_free = slots->free;
    slots->free = slot;
}

void *ferry__slot_handle(const struct ferry__slots *slots, const void *slot_)
{
    const struct ferry__slot *slot = slot_;
    uint64_t number = (uint64_t)slots->table << (INDEX_BITS + GENERATION_BITS) |
                      (uint64_t)slot->generation << INDEX_BITS | slot->index;
    return (void *)(uintptr_t)number;
}

int ferry__slot_find(const struct ferry__slots *slots, const void *handle, void **ret_slot)
{
    uint64_t number = (uint64_t)(uintptr_t)handle;
    if (number == 0)
        return -EINVAL;
    if (number >> (INDEX_BITS + GENERATION_BITS) != slots->table)
        return -EPERM;
    uint32_t index = (uint32_t)number & INDEX_MASK;
    if (index >= slots->made)
        return -ESRCH;
    struct ferry__slot *slot = at(slots, index);
    if (!slot->used || slot->generation != (number >> INDEX_BITS & GENERATION_MASK))
        return -ESRCH;
    *ret_slot = slot;
    return 0;
}

void *ferry__slot_at(const struct ferry__slots *slots, uint32_t i)
{
    struct ferry__slot *slot = at(slots, i);
    return slot->used ? slot : NULL;
}
