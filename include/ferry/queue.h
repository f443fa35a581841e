/* SPDX-License-Identifier: MIT */
/*
 * Queues: items that some tasks put and others get.
 *
 *     ferry_queue *queue = ferry_queue_new(sizeof url, 100);
 *     if (ferry_queue_put(queue, &url) < 0) // in a producer; waits while 100 are in it
 *         return -1;
 *     while (ferry_queue_get(queue, &url) == 0) { // in a consumer; waits while it is empty
 *         ferry_to_thread(fetch_user, url, &user);
 *         ferry_queue_task_done(queue);
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
 * ferry/threadsafe_queue.h.
 *
 * Errors of a queue: EPERM no loop runs on this thread (a worker is such a thread), or tasks of
 * another wait; EINVAL it is NULL.
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
 * Makes a queue of items of that many bytes, for at most `maxsize` of them. 0: no limit. First in,
 * first out; the lifo one: last in, first out; the priority one: smallest first by `compare`, which
 * answers as qsort's does and may neither wait nor use the queue. Equal ones in order of arrival.
 * Room for items is made as they come, and kept until ferry_queue_free.
 *
 *     ferry_queue *urgent = ferry_priority_queue_new(sizeof(struct user), 0, compare_users);
 *     if (ferry_queue_put_nowait(urgent, &user) < 0)
 *         perror("urgent");
 *     ferry_queue_free(urgent);
 *
 * Returns the queue, or NULL. Give it back with ferry_queue_free.
 * Errors: EINVAL no size, no compare; ENOMEM no memory.
 * Any thread; never suspends.
 */
ferry_queue *ferry_queue_new(size_t item_size, size_t maxsize);
ferry_queue *ferry_lifo_queue_new(size_t item_size, size_t maxsize);
ferry_queue *ferry_priority_queue_new(size_t item_size, size_t maxsize,
                                      int (*compare)(const void *, const void *));

/*
 * Gives a queue back, with the items that are left in it. NULL is fine. Somebody still waiting for
 * it is a programmer error and ends the program with a sentence.
 *
 * Errors: none.
 * From the queue's loop, or where none runs; never suspends.
 */
void ferry_queue_free(ferry_queue *queue);

/*
 * int ferry_queue_put(ferry_queue *queue, const T *item)
 *
 * Puts a copy of the item, waiting for a place. On an error nothing was put.
 *
 * Returns 0, or a negative errno.
 * Errors: those of a wait; ESHUTDOWN the queue was shut down; ENOMEM no memory; EPERM outside a
 * task, or tasks of another loop wait; EINVAL the queue is NULL.
 * From a task; suspends while it is full.
 */
#define ferry_queue_put(queue, item) ferry__item_put((queue), (item), sizeof *(item), FERRY__HERE)

/*
 * int ferry_queue_get(ferry_queue *queue, T *item)
 *
 * Takes an item, waiting for one. On an error *item is untouched.
 *
 * Returns 0, or a negative errno.
 * Errors: those of a wait; ESHUTDOWN the queue was shut down, and is empty; EPERM outside a task,
 * or tasks of another loop wait; EINVAL the queue is NULL.
 * From a task; suspends while it is empty.
 */
#define ferry_queue_get(queue, item) ferry__item_get((queue), (item), sizeof *(item), FERRY__HERE)

/*
 * int ferry_queue_put_nowait(ferry_queue *queue, const T *item)
 * int ferry_queue_get_nowait(ferry_queue *queue, T *item)
 *
 * Puts or takes an item without waiting, and without asking for interruptions.
 *
 *     if (ferry_queue_get_nowait(queue, &url) == -EAGAIN)
 *         puts("empty");
 *
 * Returns 0, or a negative errno.
 * Errors: EAGAIN it is full, empty; ESHUTDOWN the queue was shut down (and is empty); ENOMEM no
 * memory; those of a queue.
 * From a task or a callback of the loop; never suspends.
 */
#define ferry_queue_put_nowait(queue, item) \
    ferry__item_put_nowait((queue), (item), sizeof *(item), FERRY__HERE)
#define ferry_queue_get_nowait(queue, item) \
    ferry__item_get_nowait((queue), (item), sizeof *(item), FERRY__HERE)

/*
 * How many items are in a queue, how many may be, whether it is empty, or full.
 *
 *     if (!ferry_queue_empty(queue) && !ferry_queue_full(queue))
 *         printf("%zu of %zu\n", ferry_queue_qsize(queue), ferry_queue_maxsize(queue));
 *
 * Returns the number (maxsize 0: no limit); true when it is so.
 * Errors: none.
 * From the queue's loop; never suspends.
 */
size_t ferry_queue_qsize(const ferry_queue *queue);
size_t ferry_queue_maxsize(const ferry_queue *queue);
bool ferry_queue_empty(const ferry_queue *queue);
bool ferry_queue_full(const ferry_queue *queue);

/*
 * Says that an item has been dealt with. For each item that was put, whoever got it says so once.
 * No cancel makes it fail.
 *
 * Returns 0, or a negative errno.
 * Errors: EINVAL said more often than items were put, or the queue is NULL; EPERM no loop runs on
 * this thread.
 * From a task or a callback of the loop; never suspends.
 */
int ferry_queue_task_done(ferry_queue *queue);

/*
 * Waits until ferry_queue_task_done has been said for all items.
 *
 *     ferry_queue_shutdown(queue, false);
 *     if (ferry_queue_join(queue) == 0)
 *         puts("all done");
 *
 * Returns 0, or a negative errno.
 * Errors: those of a wait; EPERM outside a task, or tasks of another loop wait; EINVAL the queue is
 * NULL.
 * From a task; suspends unless it is so.
 */
int ferry_queue_join(ferry_queue *queue) __attribute__((warn_unused_result));

/*
 * Takes no more items. Puts, waiting ones too, say -ESHUTDOWN, and so do gets once it is empty.
 * With `immediate` the items left are dropped, and count as dealt with. Again is fine. No cancel
 * makes it fail.
 *
 *     ferry_queue_shutdown(queue, true);
 *
 * Returns 0, or a negative errno.
 * Errors: those of a queue.
 * From a task or a callback of the loop; never suspends.
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
