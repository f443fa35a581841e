/* SPDX-License-Identifier: MIT */
/*
 * Items of one size, first in first out, in a chain of blocks. Putting and taking allocate and free
 * nothing: what they need is given, and what they leave is freed, by whoever holds no lock.
 *
 *     first -> [ . . a b ] -> [ c d e f ] -> [ g . . . ] <- last        spare -> [ ]
 *                    ^ begin                     ^ end
 *
 * So many items in a row, wherever in a block they begin, touch at most so many blocks. Having as
 * many as one item more than there are may touch, a put finds its block; and so does one that
 * follows a take, however often the two move on: whoever waits for room needs no memory then. A
 * block that was emptied becomes a spare, or is given back when there is a spare too many.
 *
 * The owner's lock is around all of it, but for what looks at constants alone.
 */
#ifndef FERRY_BASE_FIFO_H
#define FERRY_BASE_FIFO_H

#include <stdbool.h>
#include <stddef.h>

struct ferry__fifo_block {
    struct ferry__fifo_block *next;
    _Alignas(16) unsigned char items[];
};

struct ferry__fifo {
    size_t item, per_block; /* constant: a size; a power of two */
    unsigned shift;         /* constant: its logarithm */
    struct ferry__fifo_block *first, *last, *spare;
    size_t begin, end; /* places in the first, in the last block */
    size_t count, blocks;
};

/* limit: there will never be more items; 0: no such limit. It only makes blocks smaller. */
void ferry__fifo_init(struct ferry__fifo *fifo, size_t item, size_t limit);

/* How many blocks one item more than there are may touch. */
static inline size_t ferry__fifo_wanted(const struct ferry__fifo *fifo)
{
    return ((fifo->count + fifo->per_block - 1) >> fifo->shift) + 1;
}

/* Whether put needs a block first. */
static inline bool ferry__fifo_needs_block(const struct ferry__fifo *fifo)
{
    return fifo->blocks < ferry__fifo_wanted(fifo);
}
/* NULL with errno ENOMEM. Looks at constants. */
struct ferry__fifo_block *ferry__fifo_block_new(const struct ferry__fifo *fifo);
void ferry__fifo_give(struct ferry__fifo *fifo, struct ferry__fifo_block *block);

/* Copies the item in: no block is needed. */
void ferry__fifo_put(struct ferry__fifo *fifo, const void *item);
/* Copies the next item out: there is one. Gives a block that is too many, or NULL. */
struct ferry__fifo_block *ferry__fifo_take(struct ferry__fifo *fifo, void *ret);
/* Drops all items. Gives all blocks. */
struct ferry__fifo_block *ferry__fifo_drop(struct ferry__fifo *fifo);

/* Frees what take or drop gave. NULL is fine. */
void ferry__fifo_free(struct ferry__fifo_block *blocks);

#endif
