/* SPDX-License-Identifier: MIT */
/*
 * A queue: a store of items and three lines of tasks.
 *
 *     putters   wait while it is full, each with its item in its frame
 *     getters   wait while it is empty, each with a place for an item
 *     joiners   wait until all items have been dealt with
 *
 * Whoever puts while getters wait copies the item into the first one's place; whoever takes while
 * putters wait copies the first one's item into the slot that got free, so there is always room. An
 * item is never in between, where a cancel could lose it.
 */
#include "base/error.h"
#include "base/memory.h"
#include "base/panic.h"
#include "sync/store.h"
#include "sync/line.h"

#include <ferry/queue.h>
#include <string.h>

struct ferry_queue {
    size_t maxsize; /* constant; 0: no limit */
    struct ferry__store store;
    struct ferry__line getters, putters, joiners;
    size_t unfinished; /* items put and not yet dealt with */
    bool shut;
};

struct getter {
    struct ferry__in_line waiter; /* first */
    void *ret;
};

struct putter {
    struct ferry__in_line waiter; /* first */
    const void *item;
};

static ferry_queue *make(const struct ferry__store_kind *kind, size_t item_size, size_t maxsize,
                         int (*compare)(const void *, const void *))
{
    if (item_size == 0)
        return ferry__fail_null(EINVAL);
    struct ferry_queue *queue = ferry__alloc(sizeof *queue);
    if (!queue)
        return NULL;
    queue->maxsize = maxsize;
    ferry__store_init(&queue->store, kind, item_size, compare);
    return queue;
}

ferry_queue *ferry_queue_new(size_t item_size, size_t maxsize)
{
    return make(&ferry__store_fifo, item_size, maxsize, NULL);
}

ferry_queue *ferry_lifo_queue_new(size_t item_size, size_t maxsize)
{
    return make(&ferry__store_lifo, item_size, maxsize, NULL);
}

ferry_queue *ferry_priority_queue_new(size_t item_size, size_t maxsize,
                                      int (*compare)(const void *, const void *))
{
    return compare ? make(&ferry__store_heap, item_size, maxsize, compare)
                   : ferry__fail_null(EINVAL);
}

void ferry_queue_free(ferry_queue *queue)
{
    if (!queue)
        return;
    ferry__line_deinit(&queue->getters, "ferry_queue_free");
    ferry__line_deinit(&queue->putters, "ferry_queue_free");
    ferry__line_deinit(&queue->joiners, "ferry_queue_free");
    ferry__store_deinit(&queue->store);
    ferry__free(queue);
}

/* The line that somebody is in. Putters and getters never wait at the same time. */
static const struct ferry__line *busy_line(const ferry_queue *queue)
{
    if (!queue)
        return NULL;
    if (queue->getters.first)
        return &queue->getters;
    return queue->putters.first ? &queue->putters : &queue->joiners;
}

/* 0, or -EINVAL; ends the program for an item of another size. */
static int check(const ferry_queue *queue, const void *item, size_t size, const char *function,
                 const char *place)
{
    if (!queue || !item)
        return ferry__fail(EINVAL);
    if (size != queue->store.item)
        ferry__panic("%s at %s has an item of %zu bytes, but the queue has items of %zu", function,
                     place, size, queue->store.item);
    return 0;
}

static int put_now(ferry_queue *queue, const void *item)
{
    struct getter *getter;
    if (queue->shut)
        return -ESHUTDOWN;
    if ((getter = (struct getter *)ferry__line_wake(&queue->getters, 0)))
        memcpy(getter->ret, item, queue->store.item);
    else if (ferry_queue_full(queue))
        return -EAGAIN;
    else if (!ferry__store_reserve(&queue->store))
        return -ENOMEM;
    else
        queue->store.kind->put(&queue->store, item);
    queue->unfinished++;
    return 0;
}

static int get_now(ferry_queue *queue, void *ret)
{
    struct putter *putter;
    if (queue->store.count == 0)
        return queue->shut ? -ESHUTDOWN : -EAGAIN;
    queue->store.kind->take(&queue->store, ret);
    if ((putter = (struct putter *)ferry__line_wake(&queue->putters, 0))) {
        queue->store.kind->put(&queue->store, putter->item);
        queue->unfinished++;
    }
    return 0;
}

int ferry__item_put(ferry_queue *queue, const void *item, size_t size, const char *place)
{
    struct ferry__task *task;
    int said = check(queue, item, size, "ferry_queue_put", place);
    if (said || (said = ferry__wait_begins(busy_line(queue), &task)))
        return said;
    said = put_now(queue, item);
    if (said != -EAGAIN)
        return said ? ferry__fail(-said) : 0;
    struct putter putter = {.item = item};
    return ferry__line_wait(&queue->putters, &putter.waiter, task, "a place in a queue");
}

int ferry__item_get(ferry_queue *queue, void *ret, size_t size, const char *place)
{
    struct ferry__task *task;
    int said = check(queue, ret, size, "ferry_queue_get", place);
    if (said || (said = ferry__wait_begins(busy_line(queue), &task)))
        return said;
    said = get_now(queue, ret);
    if (said != -EAGAIN)
        return said ? ferry__fail(-said) : 0;
    struct getter getter = {.ret = ret};
    return ferry__line_wait(&queue->getters, &getter.waiter, task, "an item of a queue");
}

int ferry__item_put_nowait(ferry_queue *queue, const void *item, size_t size, const char *place)
{
    int said = check(queue, item, size, "ferry_queue_put_nowait", place);
    if (said || (said = ferry__wake_begins(busy_line(queue))))
        return said;
    said = put_now(queue, item);
    return said ? ferry__fail(-said) : 0;
}

int ferry__item_get_nowait(ferry_queue *queue, void *ret, size_t size, const char *place)
{
    int said = check(queue, ret, size, "ferry_queue_get_nowait", place);
    if (said || (said = ferry__wake_begins(busy_line(queue))))
        return said;
    said = get_now(queue, ret);
    return said ? ferry__fail(-said) : 0;
}

size_t ferry_queue_qsize(const ferry_queue *queue)
{
    return queue ? queue->store.count : 0;
}

size_t ferry_queue_maxsize(const ferry_queue *queue)
{
    return queue ? queue->maxsize : 0;
}

bool ferry_queue_empty(const ferry_queue *queue)
{
    return ferry_queue_qsize(queue) == 0;
}

bool ferry_queue_full(const ferry_queue *queue)
{
    return queue && queue->maxsize > 0 && queue->store.count >= queue->maxsize;
}

/* Fewer where it was said too early for items nobody had taken yet. */
static void finish(ferry_queue *queue, size_t items)
{
    queue->unfinished -= items < queue->unfinished ? items : queue->unfinished;
    if (queue->unfinished == 0)
        ferry__line_wake_all(&queue->joiners, 0);
}

int ferry_queue_task_done(ferry_queue *queue)
{
    int said = ferry__wake_begins(busy_line(queue));
    if (said)
        return said;
    if (queue->unfinished == 0)
        return ferry__fail(EINVAL);
    finish(queue, 1);
    return 0;
}

int ferry_queue_join(ferry_queue *queue)
{
    struct ferry__task *task;
    int said = ferry__wait_begins(busy_line(queue), &task);
    if (said || queue->unfinished == 0)
        return said;
    struct ferry__in_line waiter;
    return ferry__line_wait(&queue->joiners, &waiter, task, "the end of a queue's items");
}

int ferry_queue_shutdown(ferry_queue *queue, bool immediate)
{
    int said = ferry__wake_begins(busy_line(queue));
    if (said)
        return said;
    queue->shut = true;
    if (immediate) {
        size_t dropped = queue->store.count;
        ferry__store_clear(&queue->store);
        finish(queue, dropped);
    }
    ferry__line_wake_all(&queue->getters, -ESHUTDOWN);
    ferry__line_wake_all(&queue->putters, -ESHUTDOWN);
    return 0;
}
