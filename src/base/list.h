/* SPDX-License-Identifier: MIT */
/*
 * A doubly linked ring whose links live in the things it holds: no allocation, removal in O(1) from
 * anywhere. An empty list and a node in no list look the same: both point to themselves.
 */
#ifndef FERRY_BASE_LIST_H
#define FERRY_BASE_LIST_H

#include "base/memory.h"

#include <stdbool.h>

struct ferry__list {
    struct ferry__list *next, *previous;
};

#define FERRY__LIST_OF(link, type, member) FERRY__CONTAINER(link, type, member)

static inline void ferry__list_init(struct ferry__list *list)
{
    list->next = list->previous = list;
}

static inline bool ferry__list_empty(const struct ferry__list *list)
{
    return list->next == list;
}

static inline void ferry__list_put_last(struct ferry__list *list, struct ferry__list *node)
{
    node->previous = list->previous;
    node->next = list;
    list->previous->next = node;
    list->previous = node;
}

static inline void ferry__list_put_first(struct ferry__list *list, struct ferry__list *node)
{
    ferry__list_put_last(list->next, node);
}

/* Leaves the node in no list; harmless on one that is in none. */
static inline void ferry__list_remove(struct ferry__list *node)
{
    node->previous->next = node->next;
    node->next->previous = node->previous;
    ferry__list_init(node);
}

/* NULL when empty. */
static inline struct ferry__list *ferry__list_take_first(struct ferry__list *list)
{
    struct ferry__list *node = list->next;
    if (node == list)
        return NULL;
    ferry__list_remove(node);
    return node;
}

/* Moves all of `from` behind the last of `to`. */
static inline void ferry__list_move_all(struct ferry__list *to, struct ferry__list *from)
{
    if (ferry__list_empty(from))
        return;
    from->next->previous = to->previous;
    to->previous->next = from->next;
    from->previous->next = to;
    to->previous = from->previous;
    ferry__list_init(from);
}

#endif
