/* SPDX-License-Identifier: MIT */
#include "base/fifo.h"

#include "base/memory.h"

#include <string.h>

#define BLOCK_BYTES 4096 /* of items, at most; or one item */

void ferry__fifo_init(struct ferry__fifo *fifo, size_t item, size_t limit)
{
    *fifo = (struct ferry__fifo){.item = item, .per_block = 1};
    while (2 * fifo->per_block * item <= BLOCK_BYTES && (!limit || 2 * fifo->per_block <= limit)) {
        fifo->per_block *= 2;
        fifo->shift++;
    }
}

struct ferry__fifo_block *ferry__fifo_block_new(const struct ferry__fifo *fifo)
{
    return ferry__alloc(sizeof(struct ferry__fifo_block) + fifo->per_block * fifo->item);
}

void ferry__fifo_free(struct ferry__fifo_block *blocks)
{
    while (blocks) {
        struct ferry__fifo_block *next = blocks->next;
        ferry__free(blocks);
        blocks = next;
    }
}

static void put_spare(struct ferry__fifo *fifo, struct ferry__fifo_block *block)
{
    block->next = fifo->spare;
    fifo->spare = block;
}

static struct ferry__fifo_block *take_spare(struct ferry__fifo *fifo)
{
    struct ferry__fifo_block *block = fifo->spare;
    fifo->spare = block->next;
    block->next = NULL;
    return block;
}

void ferry__fifo_give(struct ferry__fifo *fifo, struct ferry__fifo_block *block)
{
    put_spare(fifo, block);
    fifo->blocks++;
}

void ferry__fifo_put(struct ferry__fifo *fifo, const void *item)
{
    if (!fifo->last) {
        fifo->first = fifo->last = take_spare(fifo);
    } else if (fifo->end == fifo->per_block) {
        fifo->last = fifo->last->next = take_spare(fifo);
        fifo->end = 0;
    }
    memcpy(fifo->last->items + fifo->end++ * fifo->item, item, fifo->item);
    fifo->count++;
}

struct ferry__fifo_block *ferry__fifo_take(struct ferry__fifo *fifo, void *ret)
{
    struct ferry__fifo_block *block = fifo->first;
    memcpy(ret, block->items + fifo->begin++ * fifo->item, fifo->item);
    fifo->count--;
    if (fifo->count == 0) {
        fifo->begin = fifo->end = 0; /* the block stays: it is in the cache */
        return NULL;
    }
    if (fifo->begin < fifo->per_block)
        return NULL;
    fifo->first = block->next;
    fifo->begin = 0;
    fifo->blocks--;
    block->next = NULL;
    if (fifo->blocks > ferry__fifo_wanted(fifo))
        return block;
    ferry__fifo_give(fifo, block);
    return NULL;
}

struct ferry__fifo_block *ferry__fifo_drop(struct ferry__fifo *fifo)
{
    struct ferry__fifo_block *blocks = fifo->first ? fifo->first : fifo->spare;
    if (fifo->last)
        fifo->last->next = fifo->spare;
    fifo->first = fifo->last = fifo->spare = NULL;
    fifo->begin = fifo->end = fifo->count = fifo->blocks = 0;
    return blocks;
}
