/* SPDX-License-Identifier: MIT */
/*
 * Queues between tasks of any loops, calls on workers and plain threads.
 *
 *     ferry_threadsafe_queue *rows = ferry_threadsafe_queue_new(sizeof(struct row), 100);
 *
 *     static int read_rows(PGconn *connection)             blocking, in a call on a worker
 *     {
 *         struct row row;
 *         while (next_row(connection, &row))
 *             if (ferry_threadsafe_queue_put(rows, &row) < 0)
 *                 return -1;
 *         return ferry_threadsafe_queue_shutdown(rows, false);
 *     }
 *
 *     while (ferry_threadsafe_queue_get(rows, &row) == 0)  in a task, row by row as they come
 *         show(&row);
 *
 * Items are copied, in and out, by their size, at most 1 KiB: queue pointers to what is larger.
 * What they point at must have the queue's item size, or the program ends with a sentence.
 *
 * Waiting, fairness and interruptions are as ferry/threadsafe.h says: where a task waits it is
 * suspended, a thread without a loop blocks, a callback of a loop uses what ends in _nowait. An
 * item goes to whoever has waited longest, and so does a free place. A get that says it was
 * interrupted has taken no item, a put has put none; one that met its item at that moment says 0.
 *
 * Room for items is made as they come, and given back as they go. All functions: EINVAL for NULL;
 * any thread.
 * The queue may be freed as soon as nobody uses it any more: whoever got the last item knows
 * that its put doesn't touch the queue any more.
 */
#ifndef FERRY_THREADSAFE_QUEUE_H
#define FERRY_THREADSAFE_QUEUE_H

#include <ferry/call.h>
#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

typedef struct ferry_threadsafe_queue ferry_threadsafe_queue;

/*
 * A queue of items of that many bytes, first in, first out, for at most `maxsize` of them; 0: no
 * limit. NULL with errno EINVAL (an item of 0 bytes, or more than 1024) or ENOMEM. Any thread;
 * never suspends.
 */
ferry_threadsafe_queue *ferry_threadsafe_queue_new(size_t item_size, size_t maxsize);

/* Gives it back, with the items that are left in it. NULL is fine. Somebody still waiting for it is
 * a programmer error and ends the program with a sentence. */
void ferry_threadsafe_queue_free(ferry_threadsafe_queue *queue);

/*
 * int ferry_threadsafe_queue_put(ferry_threadsafe_queue *queue, const T *item)
 *
 * Puts a copy of the item, waiting for a place. 0; -ECANCELED, -ETIMEDOUT: interrupted; -ESHUTDOWN:
 * the queue was shut down; -ENOMEM; -EDEADLK in a callback. On an error nothing was put. Suspends a
 * task, blocks a thread, while it is full.
 */
#define ferry_threadsafe_queue_put(queue, item) \
    ferry__threadsafe_queue_put((queue), (item), sizeof *(item), FERRY__HERE)

/*
 * int ferry_threadsafe_queue_get(ferry_threadsafe_queue *queue, T *item)
 *
 * Takes an item, waiting for one. 0; -ECANCELED, -ETIMEDOUT: interrupted; -ESHUTDOWN: the queue was
 * shut down, and is empty; -EDEADLK in a callback. On an error *item is untouched. Suspends a task,
 * blocks a thread, while it is empty.
 */
#define ferry_threadsafe_queue_get(queue, item) \
    ferry__threadsafe_queue_get((queue), (item), sizeof *(item), FERRY__HERE)

/*
 * int ferry_threadsafe_queue_put_nowait(ferry_threadsafe_queue *queue, const T *item)
 * int ferry_threadsafe_queue_get_nowait(ferry_threadsafe_queue *queue, T *item)
 *
 * The same without waiting, and without asking for interruptions: -EAGAIN where it is full, empty.
 * From anywhere. Never suspends or blocks.
 */
#define ferry_threadsafe_queue_put_nowait(queue, item) \
    ferry__threadsafe_queue_put_nowait((queue), (item), sizeof *(item), FERRY__HERE)
#define ferry_threadsafe_queue_get_nowait(queue, item) \
    ferry__threadsafe_queue_get_nowait((queue), (item), sizeof *(item), FERRY__HERE)

/* How many items are in it; how many may be (0: no limit); whether there is none, no place. A
 * moment's truth. */
size_t ferry_threadsafe_queue_qsize(const ferry_threadsafe_queue *queue);
size_t ferry_threadsafe_queue_maxsize(const ferry_threadsafe_queue *queue);
bool ferry_threadsafe_queue_empty(const ferry_threadsafe_queue *queue);
bool ferry_threadsafe_queue_full(const ferry_threadsafe_queue *queue);

/* For each item that was put, whoever got it says once that it has been dealt with. 0; -EINVAL:
 * said more often than items were put. From anywhere. Never suspends or blocks, and no cancel makes
 * it fail. */
int ferry_threadsafe_queue_task_done(ferry_threadsafe_queue *queue);

/* Waits until that has been said for all items. 0; -ECANCELED, -ETIMEDOUT; -EDEADLK in a callback.
 * Suspends a task, blocks a thread, unless it is so. */
int ferry_threadsafe_queue_join(ferry_threadsafe_queue *queue) __attribute__((warn_unused_result));

/*
 * No more items: puts, waiting ones too, say -ESHUTDOWN, and so do gets once it is empty. With
 * `immediate` the items left are dropped, and count as dealt with. Again is fine. 0. From anywhere.
 * Never suspends or blocks, and no cancel makes it fail.
 */
int ferry_threadsafe_queue_shutdown(ferry_threadsafe_queue *queue, bool immediate);

/* What the macros call. */
int ferry__threadsafe_queue_put(ferry_threadsafe_queue *queue, const void *item, size_t size,
                                const char *place) __attribute__((warn_unused_result));
int ferry__threadsafe_queue_get(ferry_threadsafe_queue *queue, void *item, size_t size,
                                const char *place) __attribute__((warn_unused_result));
int ferry__threadsafe_queue_put_nowait(ferry_threadsafe_queue *queue, const void *item, size_t size,
                                       const char *place) __attribute__((warn_unused_result));
int ferry__threadsafe_queue_get_nowait(ferry_threadsafe_queue *queue, void *item, size_t size,
                                       const char *place) __attribute__((warn_unused_result));

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#endif
