/* SPDX-License-Identifier: MIT */
/*
 * Queues: items that some tasks put and others get.
 *
 *     ferry_queue *urls = ferry_queue_new(sizeof(const char *), 100);
 *
 *     if (ferry_queue_put(urls, &url) < 0)                 a producer; waits while 100 are in it
 *         return -1;
 *
 *     while (ferry_queue_get(urls, &url) == 0) {           a worker; waits while it is empty
 *         fetch(url);
 *         ferry_queue_task_done(urls);
 *     }
 *
 * Items are copied, in and out, by their size; what an item points to stays the program's affair.
 * What they point at must have the queue's item size, or the program ends with a sentence.
 *
 * Fair: an item goes to the task that has waited longest, at once, and so does a free place. A
 * cancel loses nothing: a get that says it was interrupted has taken no item, a put has put none.
 * Waits in a task that is cancelled or out of time say so, even where they could succeed at once.
 *
 * Between tasks (and callbacks) of one loop. A call on a worker can't use it: see
 * ferry/threadsafe_queue.h. All functions: EINVAL for NULL. On the loop of those who wait only;
 * EPERM where that is seen.
 */
#ifndef FERRY_QUEUE_H
#define FERRY_QUEUE_H

#include <ferry/call.h>
#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

typedef struct ferry_queue ferry_queue;

/*
 * A queue of items of that many bytes, for at most `maxsize` of them; 0: no limit. First in, first
 * out; the lifo one: last in, first out; the priority one: smallest first by `compare`, which
 * answers as qsort's does and may neither wait nor use the queue. Equal ones in order of arrival.
 *
 * NULL with errno EINVAL (no size, no compare) or ENOMEM. Anywhere; never suspends. Room for items
 * is made as they come, and kept until ferry_queue_free.
 */
ferry_queue *ferry_queue_new(size_t item_size, size_t maxsize);
ferry_queue *ferry_lifo_queue_new(size_t item_size, size_t maxsize);
ferry_queue *ferry_priority_queue_new(size_t item_size, size_t maxsize,
                                      int (*compare)(const void *, const void *));

/* Gives it back, with the items that are left in it. NULL is fine. Somebody still waiting for it is
 * a programmer error and ends the program with a sentence. */
void ferry_queue_free(ferry_queue *queue);

/*
 * int ferry_queue_put(ferry_queue *queue, const T *item)
 *
 * Puts a copy of the item, waiting for a place. 0; -ECANCELED, -ETIMEDOUT: interrupted; -ESHUTDOWN:
 * the queue was shut down; -ENOMEM; -EPERM: outside a task. On an error nothing was put. From a
 * task. Suspends while it is full.
 */
#define ferry_queue_put(queue, item) ferry__item_put((queue), (item), sizeof *(item), FERRY__HERE)

/*
 * int ferry_queue_get(ferry_queue *queue, T *item)
 *
 * Takes an item, waiting for one. 0; -ECANCELED, -ETIMEDOUT: interrupted; -ESHUTDOWN: the queue was
 * shut down, and is empty; -EPERM: outside a task. On an error *item is untouched. From a task.
 * Suspends while it is empty.
 */
#define ferry_queue_get(queue, item) ferry__item_get((queue), (item), sizeof *(item), FERRY__HERE)

/*
 * int ferry_queue_put_nowait(ferry_queue *queue, const T *item)
 * int ferry_queue_get_nowait(ferry_queue *queue, T *item)
 *
 * The same without waiting, and without asking for interruptions: -EAGAIN where it is full, empty.
 * -EPERM: no loop runs on this thread (a worker is such a thread). From a task or a callback.
 */
#define ferry_queue_put_nowait(queue, item) \
    ferry__item_put_nowait((queue), (item), sizeof *(item), FERRY__HERE)
#define ferry_queue_get_nowait(queue, item) \
    ferry__item_get_nowait((queue), (item), sizeof *(item), FERRY__HERE)

/* How many items are in it; how many may be (0: no limit); whether there is none, no place. */
size_t ferry_queue_qsize(const ferry_queue *queue);
size_t ferry_queue_maxsize(const ferry_queue *queue);
bool ferry_queue_empty(const ferry_queue *queue);
bool ferry_queue_full(const ferry_queue *queue);

/* For each item that was put, whoever got it says once that it has been dealt with. 0; -EINVAL:
 * said more often than items were put; -EPERM: no loop runs on this thread. From a task or a
 * callback. Never suspends, and no cancel makes it fail. */
int ferry_queue_task_done(ferry_queue *queue);

/* Waits until that has been said for all items. 0; -ECANCELED, -ETIMEDOUT; -EPERM: outside a task.
 * From a task. Suspends unless it is so. */
int ferry_queue_join(ferry_queue *queue) __attribute__((warn_unused_result));

/*
 * No more items: puts, waiting ones too, say -ESHUTDOWN, and so do gets once it is empty. With
 * `immediate` the items left are dropped, and count as dealt with. Again is fine. 0; -EPERM as
 * task_done. From a task or a callback. Never suspends, and no cancel makes it fail.
 */
int ferry_queue_shutdown(ferry_queue *queue, bool immediate);

/* What the macros call. */
int ferry__item_put(ferry_queue *queue, const void *item, size_t size, const char *place)
    __attribute__((warn_unused_result));
int ferry__item_get(ferry_queue *queue, void *item, size_t size, const char *place)
    __attribute__((warn_unused_result));
int ferry__item_put_nowait(ferry_queue *queue, const void *item, size_t size, const char *place)
    __attribute__((warn_unused_result));
int ferry__item_get_nowait(ferry_queue *queue, void *item, size_t size, const char *place)
    __attribute__((warn_unused_result));

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#endif
