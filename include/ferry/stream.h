/* SPDX-License-Identifier: MIT */
/*
 * Streams: what a call on a worker produces, item by item, as it comes; or what it consumes.
 *
 *     static int read_users(ferry_stream *users, int fd) // blocking, on a worker
 *     {
 *         struct user user;
 *         while (read(fd, &user, sizeof user) == sizeof user)
 *             if (ferry_stream_put(users, &user) < 0)
 *                 return 0; // nobody reads any more
 *         return 0;
 *     }
 *
 *     static int show_users(int fd) // in a task
 *     {
 *         int said = -1;
 *         FERRY_WITH_STREAM(users, struct user, 64) {
 *             struct user user;
 *             ferry_stream_start(users, NULL, read_users, users, fd);
 *             while ((said = ferry_stream_get(users, &user)) > 0)
 *                 printf("%d\n", user.id);
 *         } else {
 *             perror("stream");
 *         }
 *         return said;
 *     }
 *
 * One call to a worker serves the whole stream, where ferry_to_thread for each item would cross to
 * it and back each time. The stream has room for so many items, allocated once: whoever is ahead
 * waits. So a cursor, or a file, larger than memory passes through a few items' memory.
 *
 * A stream goes one way, whichever side is the worker's. Either side may be a task, a call on a
 * worker or a plain thread: a task that waits is suspended, a thread blocks. One puts and one gets
 * at a time; for several at once there is ferry/threadsafe_queue.h. Items are copied, in and out,
 * by their size, of any size. What is given to a macro must have the stream's item size, or the
 * program ends with a sentence.
 *
 * Whoever finds no item is woken by the first one. Whoever finds it full is woken when half of it
 * is free again, so that one wake-up serves many items: with large items little room does, with
 * small ones some hundred.
 *
 * How it ends. ferry_stream_close, from either side: nothing more is put, what is there can still
 * be got. The end of the worker's call closes its stream. ferry_stream_cancel, from either side:
 * what is there is dropped, both sides' waits say -ECANCELED, and so does ferry_check_cancelled in
 * the worker's call. A task that is cancelled, or out of time, while it waits has lost no item; the
 * stream goes on until it is closed, cancelled or freed.
 *
 * Errors of a stream: those of a threadsafe wait; ECANCELED also when the stream was cancelled;
 * EBUSY somebody else is just doing the same; EDEADLK also on a worker, when the stream's call
 * could never begin (with the ring on stderr).
 */
#ifndef FERRY_STREAM_H
#define FERRY_STREAM_H

#include <ferry/call.h>
#include <ferry/executor.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

typedef struct ferry_stream ferry_stream;

/*
 * Makes a stream of items of that many bytes, with room for `room` of them.
 *
 *     ferry_stream *stream = ferry_stream_new(sizeof(struct user), 64);
 *
 * Returns the stream, or NULL. Give it back with ferry_stream_free.
 * Errors: EINVAL an item of 0 bytes, or no room; ENOMEM no memory.
 * Any thread; never suspends.
 */
ferry_stream *ferry_stream_new(size_t item_size, size_t room);

/*
 * Waits for the stream's call and gives the stream back. NULL is fine. A call that puts is
 * cancelled as by ferry_stream_cancel, since nobody will get its items; one that gets is given what
 * is left, and then the end. Nobody else may use the stream any more; one who does, the stream's
 * own call, or a callback of the loop while the call runs, ends the program with a sentence.
 *
 *     ferry_stream_free(stream);
 *
 * Errors: none.
 * Any thread; suspends a task, never interrupted, blocks a thread, until the call has ended.
 */
void ferry_stream_free(ferry_stream *stream);

/*
 * FERRY_WITH_STREAM(name, T, size_t room) { ... } else { ... }
 *
 * Makes a stream of items of type T for a block. `name` is a ferry_stream * inside it. At the
 * closing brace, or when the block is left by break, return or goto (in C++ an exception), it is
 * freed as by ferry_stream_free, which waits for its call. The else arm runs when it could not be
 * made, and errno says why. (Inside a loop of yours, break and continue leave this block, not the
 * loop.)
 *
 * Errors: EINVAL no room; ENOMEM no memory.
 * Any thread; its end suspends a task, and blocks a thread that runs no loop.
 */
#define FERRY_WITH_STREAM(name, type, room) \
    FERRY__WITH_STREAM(FERRY__JOIN(ferry__stream_, __COUNTER__), name, type, room)

/*
 * int ferry_stream_start(ferry_stream *stream, ferry_executor *executor, fn, args...)
 *
 * Has fn(args...) serve the stream, on a worker of that executor. NULL: the default one. The stream
 * is one of its arguments, as you like. They are copied now, as ferry_executor_submit does, and
 * what they point at must live until the stream was freed.
 *
 *     if (ferry_stream_start(stream, NULL, list_users, stream, fd) < 0)
 *         perror("not started");
 *
 * When fn returns, the stream is closed. A negative result is why it failed, a negative errno: gets
 * say it after the last item, puts say it, and ferry_stream_wait_closed. A call that is cancelled
 * in its queue, refused, or whose thread ends counts as failed with that error; so one need not
 * look at what this returns.
 *
 * Returns 0, or a negative errno.
 * Errors: EBUSY it has, or had, a call; ECANCELED the stream was cancelled; EINVAL it is NULL;
 * ENOMEM no memory; EAGAIN the system gives no thread and none lives, or the executor's queue is
 * full; ESHUTDOWN the executor was shut down; ENOTRECOVERABLE its initializer failed.
 * Any thread; never suspends.
 */
#define ferry_stream_start(stream, executor, ...) \
    FERRY__STREAM_START(FERRY__JOIN(ferry__stream_, __COUNTER__), (stream), (executor), __VA_ARGS__)

/*
 * int ferry_stream_put(ferry_stream *stream, const T *item)
 * int ferry_stream_put_many(ferry_stream *stream, const T *items, size_t count)
 *
 * Puts a copy of the item, or of so many, waiting for room. On an error nothing was put. An
 * interruption, or the end, after some of many gives their number; the next put says why.
 *
 *     if (ferry_stream_put(stream, &user) == -EPIPE)
 *         puts("nobody gets it any more");
 *
 * Returns 0, put_many how many were put; or a negative errno: once its call has failed, that one.
 * Errors: those of a stream; EPIPE it is closed; EINVAL more than INT_MAX.
 * Any thread; suspends a task, blocks a thread, while it is full. A task that never has to wait
 * lets others run now and then.
 */
#define ferry_stream_put(stream, item) \
    ferry__stream_put((stream), (item), sizeof *(item), FERRY__HERE)
#define ferry_stream_put_many(stream, items, count) \
    ferry__stream_put_many((stream), (items), (count), sizeof *(items), FERRY__HERE)

/*
 * int ferry_stream_get(ferry_stream *stream, T *item)
 * int ferry_stream_get_many(ferry_stream *stream, T *items, size_t room)
 *
 * Takes an item, or as many as there are and fit, waiting for the first. At the end, and on an
 * error, nothing is written.
 *
 *     while ((got = ferry_stream_get_many(stream, users, 100)) > 0)
 *         for (int i = 0; i < got; i++)
 *             printf("%d\n", users[i].id);
 *
 * Returns how many; 0 at the end: it is closed, and empty; or a negative errno: at the end the one
 * with which its call has failed.
 * Errors: those of a stream; EINVAL a room of 0.
 * Any thread; suspends a task, blocks a thread, while it is empty. A task that never has to wait
 * lets others run now and then.
 */
#define ferry_stream_get(stream, item) \
    ferry__stream_get((stream), (item), 1, sizeof *(item), FERRY__HERE)
#define ferry_stream_get_many(stream, items, room) \
    ferry__stream_get((stream), (items), (room), sizeof *(items), FERRY__HERE)

/*
 * Takes no more items. Puts, a waiting one too, say -EPIPE; what is there can still be got. Again
 * is fine. No cancel makes it fail.
 *
 *     ferry_stream_close(stream); // that was the last one
 *     if (ferry_stream_wait_closed(stream) < 0)
 *         perror("not all was written");
 *
 * Returns 0, or a negative errno.
 * Errors: EINVAL it is NULL.
 * Any thread, a callback of a loop too; never suspends or blocks.
 */
int ferry_stream_close(ferry_stream *stream);

/*
 * Ends a stream at once. It is closed, and what is in it dropped; puts and gets, waiting ones too,
 * say -ECANCELED, and ferry_check_cancelled in the stream's call. A call that has not begun never
 * does. Again is fine.
 *
 *     ferry_stream_cancel(stream);
 *
 * Returns 0, or a negative errno.
 * Errors: EINVAL it is NULL.
 * Any thread, a callback of a loop too; never suspends or blocks.
 */
int ferry_stream_cancel(ferry_stream *stream);

/*
 * Waits until the stream's call has ended. It does not ask it to: ferry_stream_close does, or
 * ferry_stream_cancel.
 *
 * Returns 0, also where no call was started; or a negative errno: the one with which the call has
 * failed.
 * Errors: those of a threadsafe wait; EDEADLK also by the call itself, or on a worker, when it
 * could never begin (with the ring on stderr).
 * Any thread; suspends a task, blocks a thread.
 */
int ferry_stream_wait_closed(ferry_stream *stream) __attribute__((warn_unused_result));

/* What the macros are made of. */
ferry_stream *ferry__stream_reserve(ferry_stream *stream);
int ferry__stream_started(ferry_stream *stream, ferry_future *worker);
int ferry__stream_put(ferry_stream *stream, const void *item, size_t size, const char *place)
    __attribute__((warn_unused_result));
int ferry__stream_put_many(ferry_stream *stream, const void *items, size_t count, size_t size,
                           const char *place) __attribute__((warn_unused_result));
int ferry__stream_get(ferry_stream *stream, void *items, size_t count, size_t size,
                      const char *place) __attribute__((warn_unused_result));
struct ferry__with_stream {
    ferry_stream *stream;
};
struct ferry__with_stream *ferry__with_stream_open(struct ferry__with_stream *with,
                                                   size_t item_size, size_t room);
void ferry__with_stream_close(struct ferry__with_stream *with);

#define FERRY__STREAM_START(name, stream, executor, ...)                                \
    __extension__({                                                                     \
        ferry_stream *name = ferry__stream_reserve(stream);                             \
        ferry__stream_started(name, name ? ferry_executor_submit(executor, __VA_ARGS__) \
                                         : (ferry_future *)0);                          \
    })

#define FERRY__WITH_STREAM(frame, name, type, room)                                          \
    for (struct ferry__with_stream frame __attribute__((cleanup(ferry__with_stream_close))), \
         *FERRY__JOIN(frame, _once) = ferry__with_stream_open(&frame, sizeof(type), (room)); \
         FERRY__JOIN(frame, _once); FERRY__JOIN(frame, _once) = NULL)                        \
        for (ferry_stream *name = frame.stream; FERRY__JOIN(frame, _once);                   \
             FERRY__JOIN(frame, _once) = NULL)                                               \
            if (name)

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#endif
