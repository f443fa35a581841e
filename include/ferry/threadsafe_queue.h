/* SPDX-License-Identifier: MIT */
/*
 * Queues between tasks of any loops, calls on workers and plain threads.
 *
 *     static ferry_threadsafe_queue *rows; // ferry_threadsafe_queue_new(sizeof(struct user), 100)
 *
 *     static int read_rows(int fd) // blocking, in a call on a worker
 *     {
 *         struct user row;
 *         while (read(fd, &row, sizeof row) == sizeof row)
 *             if (ferry_threadsafe_queue_put(rows, &row) < 0)
 *                 return -1;
 *         return ferry_threadsafe_queue_shutdown(rows, false);
 *     }
 *
 *     static int show_rows(void) // in a task, row by row as they come
 *     {
 *         struct user row;
 *         while (ferry_threadsafe_queue_get(rows, &row) == 0)
 *             printf("%d\n", row.id);
 *         return 0;
 *     }
 *
 * Items are copied, in and out, by their size, at most 1 KiB: queue pointers to what is larger.
 * What they point at must have the queue's item size, or the program ends with a sentence.
 *
 * Waiting, fairness and interruptions are as ferry/threadsafe.h says: where a task waits it is
 * suspended, a thread without a loop blocks, a callback of a loop uses what ends in _nowait. An
 * item goes to whoever has waited longest, and so does a free place. A get that says it was
 * interrupted has taken no item, a put has put none; one that met its item at that moment says 0.
 *
 * Room for items is made as they come, and given back as they go. The queue may be freed as soon as
 * nobody uses it any more: whoever got the last item knows that its put doesn't touch the queue any
 * more.
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
 * Makes a queue of items of that many bytes, for at most `maxsize` of them. 0: no limit. First in,
 * first out.
 *
 *     ferry_threadsafe_queue *queue = ferry_threadsafe_queue_new(sizeof(struct user), 100);
 *
 * Returns the queue, or NULL. Give it back with ferry_threadsafe_queue_free.
 * Errors: EINVAL an item of 0 bytes, or more than 1024; ENOMEM no memory.
 * Any thread; never suspends.
 */
ferry_threadsafe_queue *ferry_threadsafe_queue_new(size_t item_size, size_t maxsize);

/*
 * Gives a queue back, with the items that are left in it. NULL is fine. Somebody still waiting for
 * it is a programmer error and ends the program with a sentence.
 *
 *     ferry_threadsafe_queue_free(thread_queue);
 *
 * Errors: none.
 * Any thread; never suspends.
 */
void ferry_threadsafe_queue_free(ferry_threadsafe_queue *queue);

/*
 * int ferry_threadsafe_queue_put(ferry_threadsafe_queue *queue, const T *item)
 *
 * Puts a copy of the item, waiting for a place. On an error nothing was put.
 *
 * Returns 0, or a negative errno.
 * Errors: those of a threadsafe wait; ESHUTDOWN the queue was shut down; ENOMEM no memory.
 * Any thread; suspends a task, blocks a thread, while it is full.
 */
#define ferry_threadsafe_queue_put(queue, item) \
    ferry__threadsafe_queue_put((queue), (item), sizeof *(item), FERRY__HERE)

/*
 * int ferry_threadsafe_queue_get(ferry_threadsafe_queue *queue, T *item)
 *
 * Takes an item, waiting for one. On an error *item is untouched.
 *
 * Returns 0, or a negative errno.
 * Errors: those of a threadsafe wait; ESHUTDOWN the queue was shut down, and is empty.
 * Any thread; suspends a task, blocks a thread, while it is empty.
 */
#define ferry_threadsafe_queue_get(queue, item) \
    ferry__threadsafe_queue_get((queue), (item), sizeof *(item), FERRY__HERE)

/*
 * int ferry_threadsafe_queue_put_nowait(ferry_threadsafe_queue *queue, const T *item)
 * int ferry_threadsafe_queue_get_nowait(ferry_threadsafe_queue *queue, T *item)
 *
 * Puts or takes an item without waiting, and without asking for interruptions.
 *
 *     if (ferry_threadsafe_queue_put_nowait(thread_queue, &user) == -EAGAIN)
 *         puts("full");
 *
 * Returns 0, or a negative errno.
 * Errors: EAGAIN it is full, empty; ESHUTDOWN the queue was shut down (and is empty); ENOMEM no
 * memory; EINVAL it is NULL.
 * Any thread, a callback of a loop too; never suspends or blocks.
 */
#define ferry_threadsafe_queue_put_nowait(queue, item) \
    ferry__threadsafe_queue_put_nowait((queue), (item), sizeof *(item), FERRY__HERE)
#define ferry_threadsafe_queue_get_nowait(queue, item) \
    ferry__threadsafe_queue_get_nowait((queue), (item), sizeof *(item), FERRY__HERE)

/*
 * How many items are in a queue, how many may be, whether it is empty, or full.
 *
 *     if (!ferry_threadsafe_queue_empty(thread_queue))
 *         printf("%zu\n", ferry_threadsafe_queue_qsize(thread_queue));
 *
 * Returns the number (maxsize 0: no limit); true when it is so: a moment's truth.
 * Errors: none.
 * Any thread; never suspends or blocks.
 */
size_t ferry_threadsafe_queue_qsize(const ferry_threadsafe_queue *queue);
size_t ferry_threadsafe_queue_maxsize(const ferry_threadsafe_queue *queue);
bool ferry_threadsafe_queue_empty(const ferry_threadsafe_queue *queue);
bool ferry_threadsafe_queue_full(const ferry_threadsafe_queue *queue);

/*
 * Says that an item has been dealt with. For each item that was put, whoever got it says so once.
 * No cancel makes it fail.
 *
 *     while (ferry_threadsafe_queue_get(thread_queue, &user) == 0)
 *         ferry_threadsafe_queue_task_done(thread_queue);
 *
 * Returns 0, or a negative errno.
 * Errors: EINVAL said more often than items were put, or the queue is NULL.
 * Any thread, a callback of a loop too; never suspends or blocks.
 */
int ferry_threadsafe_queue_task_done(ferry_threadsafe_queue *queue);

/*
 * Waits until ferry_threadsafe_queue_task_done has been said for all items.
 *
 *     if (ferry_threadsafe_queue_join(thread_queue) == 0)
 *         puts("all done");
 *
 * Returns 0, or a negative errno.
 * Errors: those of a threadsafe wait.
 * Any thread; suspends a task, blocks a thread, unless it is so.
 */
int ferry_threadsafe_queue_join(ferry_threadsafe_queue *queue) __attribute__((warn_unused_result));

/*
 * Takes no more items. Puts, waiting ones too, say -ESHUTDOWN, and so do gets once it is empty.
 * With `immediate` the items left are dropped, and count as dealt with. Again is fine. No cancel
 * makes it fail.
 *
 * Returns 0, or a negative errno.
 * Errors: EINVAL it is NULL.
 * Any thread, a callback of a loop too; never suspends or blocks.
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
