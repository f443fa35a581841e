/* SPDX-License-Identifier: MIT */
/*
 * A pairing heap whose links live in the things it holds: putting in is O(1), taking the first or
 * any other out O(log n) amortised, and neither can fail for want of memory. Equal keys come out in
 * the order they went in (the heap numbers them), so timers of one deadline fire in the order they
 * were made. Fredman, Sedgewick, Sleator, Tarjan: "The pairing heap" (1986), the two-pass variant.
 */
#ifndef FERRY_BASE_HEAP_H
#define FERRY_BASE_HEAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ferry__heap_node {
    struct ferry__heap_node *child, *sibling;
    struct ferry__heap_node
        *back; /* previous sibling, or the parent for a first child; NULL at the root */
    uint64_t key;
    uint64_t order;
};

struct ferry__heap {
    struct ferry__heap_node *root;
    uint64_t count, orders;
};

static inline struct ferry__heap_node *ferry__heap_first(const struct ferry__heap *heap)
{
    return heap->root;
}

void ferry__heap_put(struct ferry__heap *heap, struct ferry__heap_node *node, uint64_t key);
/* The node must be in this heap. */
void ferry__heap_remove(struct ferry__heap *heap, struct ferry__heap_node *node);

#endif
