/* SPDX-License-Identifier: MIT */
/*
 * The queue between tasks and threads: items in blocks, and three lists of waiters.
 *
 *     getters   wait while it is empty, each with a place for an item
 *     putters   wait while it is full, each with its item
 *     joiners   wait until all items have been dealt with
 *
 * Whoever puts while getters wait copies the item into the first one's place; whoever takes while
 * putters wait copies the first one's item into the place that got free. An item is never in
 * between, where an interruption could lose it.
 *
 * `word` is the lock (base/word_lock.h) over all that is not constant; the queue has no use for
 * what else the word says. Under it one item or two are copied, at most 1 KiB each. An item for a
 * getter is copied without it: a waiter that was taken off is the taker's. Blocks are made and
 * freed without it: a put that finds no room for an item lets go, makes a block, and looks again.
 */
#include "base/error.h"
#include "base/fifo.h"
#include "base/memory.h"
#include "base/panic.h"
#include "loop/waiters.h"

#include <ferry/threadsafe_queue.h>
#include <string.h>

#define ITEM_BYTES 1024 /* what may be copied under the lock */

struct ferry_threadsafe_queue {
    atomic_uintptr_t word;
    size_t maxsize; /* constant; 0: no limit */
    struct ferry__waiters getters, putters, joiners;
    struct ferry__fifo items;
    size_t unfinished; /* items put and not yet dealt with */
    bool shut;
};

/* Who waits to put or to get. */
struct party {
    struct ferry__waiter waiter; /* first */
    void *place;                 /* of the item: a putter's is only read */
    int said;                    /* by who took it off the list */
};

static struct party *party_of(struct ferry__waiter *waiter)
{
    return FERRY__CONTAINER(waiter, struct party, waiter);
}

static uintptr_t enter(const ferry_threadsafe_queue *queue)
{
    return ferry__word_lock((atomic_uintptr_t *)(uintptr_t)&queue->word);
}

static void leave(const ferry_threadsafe_queue *queue, uintptr_t word)
{
    ferry__word_unlock((atomic_uintptr_t *)(uintptr_t)&queue->word, word);
}

ferry_threadsafe_queue *ferry_threadsafe_queue_new(size_t item_size, size_t maxsize)
{
    if (item_size == 0 || item_size > ITEM_BYTES)
        return ferry__fail_null(EINVAL);
    ferry_threadsafe_queue *queue = ferry__alloc(sizeof *queue);
    if (!queue)
        return NULL;
    queue->maxsize = maxsize;
    ferry__fifo_init(&queue->items, item_size, maxsize);
    return queue;
}

void ferry_threadsafe_queue_free(ferry_threadsafe_queue *queue)
{
    if (!queue)
        return;
    enter(queue); /* acquire: sees what the last put wrote */
    if (queue->getters.first || queue->putters.first || queue->joiners.first)
        ferry__panic("ferry_threadsafe_queue_free of a queue that somebody waits for");
    ferry__fifo_free(ferry__fifo_drop(&queue->items));
    ferry__free(queue);
}

static bool is_full(const ferry_threadsafe_queue *queue)
{
    return queue->maxsize && queue->items.count >= queue->maxsize;
}

/* Until a getter takes the item, or a putter brings one. */
static int stand(ferry_threadsafe_queue *queue, struct ferry__waiters *waiters, uintptr_t word,
                 const void *place, const char *waits_on)
{
    struct party party = {.place = (void *)(uintptr_t)place};
    ferry__waiter_init(&party.waiter);
    int said = ferry__waiters_stand(waiters, &party.waiter, &queue->word, word, waits_on);
    if (said == 0)
        said = party.said;
    return said ? ferry__fail(-said) : 0;
}

/* What putting leads to. */
enum step { PUT, HANDED_OVER, NO_BLOCK, FULL, SHUT };

/* Under the lock. *getter: for whom the item is. */
static enum step place_item(ferry_threadsafe_queue *queue, const void *item,
                            struct ferry__waiter **getter)
{
    if (queue->shut)
        return SHUT;
    if ((*getter = ferry__waiters_take_first(&queue->getters))) {
        queue->unfinished++;
        return HANDED_OVER;
    }
    if (is_full(queue))
        return FULL;
    if (ferry__fifo_needs_block(&queue->items))
        return NO_BLOCK;
    ferry__fifo_put(&queue->items, item);
    queue->unfinished++;
    return PUT;
}

static int put(ferry_threadsafe_queue *queue, const void *item, bool may_wait)
{
    struct ferry__waiter *getter = NULL;
    uintptr_t word = enter(queue);
    enum step step;
    while ((step = place_item(queue, item, &getter)) == NO_BLOCK) {
        leave(queue, word);
        struct ferry__fifo_block *block = ferry__fifo_block_new(&queue->items);
        if (!block)
            return -errno;
        word = enter(queue);
        ferry__fifo_give(&queue->items, block);
    }
    if (step == FULL && may_wait)
        return stand(queue, &queue->putters, word, item, "a place in a queue");
    size_t size = queue->items.item;
    leave(queue, word);
    if (step == HANDED_OVER) {
        memcpy(party_of(getter)->place, item, size);
        ferry__waiter_wake(getter);
    }
    if (step == SHUT)
        return ferry__fail(ESHUTDOWN);
    return step == FULL ? ferry__fail(EAGAIN) : 0;
}

static int get(ferry_threadsafe_queue *queue, void *item, bool may_wait)
{
    uintptr_t word = enter(queue);
    if (queue->items.count == 0) {
        if (!queue->shut && may_wait)
            return stand(queue, &queue->getters, word, item, "an item of a queue");
        bool shut = queue->shut;
        leave(queue, word);
        return ferry__fail(shut ? ESHUTDOWN : EAGAIN);
    }
    struct ferry__fifo_block *left = ferry__fifo_take(&queue->items, item);
    struct ferry__waiter *putter = ferry__waiters_take_first(&queue->putters);
    if (putter) { /* for which there is a block: see base/fifo.h */
        ferry__fifo_put(&queue->items, party_of(putter)->place);
        queue->unfinished++;
    }
    leave(queue, word);
    ferry__fifo_free(left);
    if (putter)
        ferry__waiter_wake(putter);
    return 0;
}

/* 0, or what the call says at once. */
static int check(const ferry_threadsafe_queue *queue, const void *item, size_t size,
                 const char *place, bool may_wait)
{
    if (!queue || !item)
        return ferry__fail(EINVAL);
    if (size != queue->items.item)
        ferry__panic("the item at %s has %zu bytes, those of its ferry_threadsafe_queue %zu", place,
                     size, queue->items.item);
    return may_wait ? ferry__wait_allowed() : 0;
}

int ferry__threadsafe_queue_put(ferry_threadsafe_queue *queue, const void *item, size_t size,
                                const char *place)
{
    int said = check(queue, item, size, place, true);
    return said ? said : put(queue, item, true);
}

int ferry__threadsafe_queue_put_nowait(ferry_threadsafe_queue *queue, const void *item, size_t size,
                                       const char *place)
{
    int said = check(queue, item, size, place, false);
    return said ? said : put(queue, item, false);
}

int ferry__threadsafe_queue_get(ferry_threadsafe_queue *queue, void *item, size_t size,
                                const char *place)
{
    int said = check(queue, item, size, place, true);
    return said ? said : get(queue, item, true);
}

int ferry__threadsafe_queue_get_nowait(ferry_threadsafe_queue *queue, void *item, size_t size,
                                       const char *place)
{
    int said = check(queue, item, size, place, false);
    return said ? said : get(queue, item, false);
}

size_t ferry_threadsafe_queue_qsize(const ferry_threadsafe_queue *queue)
{
    if (!queue)
        return 0;
    uintptr_t word = enter(queue);
    size_t count = queue->items.count;
    leave(queue, word);
    return count;
}

size_t ferry_threadsafe_queue_maxsize(const ferry_threadsafe_queue *queue)
{
    return queue ? queue->maxsize : 0;
}

bool ferry_threadsafe_queue_empty(const ferry_threadsafe_queue *queue)
{
    return ferry_threadsafe_queue_qsize(queue) == 0;
}

bool ferry_threadsafe_queue_full(const ferry_threadsafe_queue *queue)
{
    return queue && queue->maxsize && ferry_threadsafe_queue_qsize(queue) >= queue->maxsize;
}

int ferry_threadsafe_queue_task_done(ferry_threadsafe_queue *queue)
{
    if (!queue)
        return ferry__fail(EINVAL);
    uintptr_t word = enter(queue);
    bool some = queue->unfinished > 0;
    struct ferry__waiter *joiners = NULL;
    if (some && --queue->unfinished == 0)
        joiners = ferry__waiters_take_all(&queue->joiners);
    leave(queue, word);
    ferry__waiters_wake(joiners);
    return some ? 0 : ferry__fail(EINVAL);
}

int ferry_threadsafe_queue_join(ferry_threadsafe_queue *queue)
{
    int said = queue ? ferry__wait_allowed() : ferry__fail(EINVAL);
    if (said)
        return said;
    struct ferry__waiter waiter;
    ferry__waiter_init(&waiter);
    uintptr_t word = enter(queue);
    if (queue->unfinished > 0)
        return ferry__waiters_stand(&queue->joiners, &waiter, &queue->word, word,
                                    "the last item of a queue");
    leave(queue, word);
    return 0;
}

/* They were taken off: what they are told is written without the lock. */
static void turn_away(struct ferry__waiter *first)
{
    for (struct ferry__waiter *waiter = first; waiter; waiter = waiter->next)
        party_of(waiter)->said = -ESHUTDOWN;
    ferry__waiters_wake(first);
}

int ferry_threadsafe_queue_shutdown(ferry_threadsafe_queue *queue, bool immediate)
{
    if (!queue)
        return ferry__fail(EINVAL);
    struct ferry__fifo_block *dropped = NULL;
    struct ferry__waiter *joiners = NULL;
    uintptr_t word = enter(queue);
    queue->shut = true;
    struct ferry__waiter *getters = ferry__waiters_take_all(&queue->getters);
    struct ferry__waiter *putters = ferry__waiters_take_all(&queue->putters);
    if (immediate) {
        size_t count = queue->items.count;
        dropped = ferry__fifo_drop(&queue->items);
        queue->unfinished -= count < queue->unfinished ? count : queue->unfinished;
        if (queue->unfinished == 0)
            joiners = ferry__waiters_take_all(&queue->joiners);
    }
    leave(queue, word);
    ferry__fifo_free(dropped);
    turn_away(getters);
    turn_away(putters);
    ferry__waiters_wake(joiners);
    return 0;
}
