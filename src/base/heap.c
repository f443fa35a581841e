/* SPDX-License-Identifier: MIT */
#include "base/heap.h"

static bool before(const struct ferry__heap_node *a, const struct ferry__heap_node *b)
{
    return a->key != b->key ? a->key < b->key : a->order < b->order;
}

/* The later of two roots becomes the first child of the earlier. */
static struct ferry__heap_node *meld(struct ferry__heap_node *a, struct ferry__heap_node *b)
{
    if (before(b, a)) {
        struct ferry__heap_node *swap = a;
        a = b;
        b = swap;
    }
    b->back = a;
    b->sibling = a->child;
    if (a->child)
        a->child->back = b;
    a->child = b;
    return a;
}

/* First pass: meld neighbours pairwise, collecting the results in reverse; second: meld those into
 * one. */
static struct ferry__heap_node *meld_all(struct ferry__heap_node *first)
{
    struct ferry__heap_node *pairs = NULL;
    while (first) {
        struct ferry__heap_node *a = first, *b = a->sibling;
        first = b ? b->sibling : NULL;
        a->sibling = a->back = NULL;
        if (b) {
            b->sibling = b->back = NULL;
            a = meld(a, b);
        }
        a->sibling = pairs;
        pairs = a;
    }
    struct ferry__heap_node *root = pairs;
    if (root) {
        pairs = root->sibling;
        root->sibling = NULL;
    }
    while (pairs) {
        struct ferry__heap_node *next = pairs->sibling;
        pairs->sibling = NULL;
        root = meld(root, pairs);
        pairs = next;
    }
    return root;
}

void ferry__heap_put(struct ferry__heap *heap, struct ferry__heap_node *node, uint64_t key)
{
    *node = (struct ferry__heap_node){.key = key, .order = heap->orders++};
    heap->root = heap->root ? meld(heap->root, node) : node;
    heap->count++;
}

void ferry__heap_remove(struct ferry__heap *heap, struct ferry__heap_node *node)
{
    struct ferry__heap_node *rest = meld_all(node->child);
    if (!node->back) {
        heap->root = rest;
    } else {
        if (node->back->child == node)
            node->back->child = node->sibling;
        else
            node->back->sibling = node->sibling;
        if (node->sibling)
            node->sibling->back = node->back;
        if (rest)
            heap->root = meld(heap->root, rest);
    }
    heap->count--;
    node->child = node->sibling = node->back = NULL;
}
