/* SPDX-License-Identifier: MIT */
/*
 * The call that serves a stream: a submitted one, whose future tells the stream when it has ended.
 *
 *     ferry__stream_reserve      UNSERVED -> SERVED
 *     ferry_executor_submit          the user's call, typed
 *     ferry__stream_started      watches the future; refused: SERVED -> ENDED
 *         ...
 *     over                       SERVED -> ENDED, in the thread that ran the call, or took it back
 *
 * Freeing waits for that. Which way the worker serves is seen by what it has called: one that puts
 * is cancelled, since nobody will get its items; any other is given what is left, and the end.
 */
#include "base/error.h"
#include "base/memory.h"
#include "base/panic.h"
#include "bridge/stream.h"
#include "bridge/submit.h"
#include "core/kind.h"
#include "core/task.h"
#include "executor/deadlock.h"
#include "executor/pool.h"

#include <ferry/scope.h>
#include <limits.h>
#include <time.h>

/* 0, or why the ended call failed. */
static int result_of(const struct ferry_future *future)
{
    if (future->error)
        return -future->error;
    long long value = ferry__result_negative(future->result, future->value);
    return value < -INT_MAX ? -INT_MAX : (int)value;
}

/* The last touch of the stream by whoever ran its call. */
static void end_serving(ferry_stream *stream, int result)
{
    uintptr_t word = ferry__word_lock(&stream->word);
    stream->serving = FERRY__STREAM_ENDED;
    stream->result = result;
    struct ferry__waiter *joiners = ferry__waiters_take_all(&stream->joiners);
    ferry__stream_end(stream, word, FERRY__STREAM_CLOSED);
    ferry__waiters_wake(joiners);
}

static void over(struct ferry__future_watcher *watcher)
{
    ferry_stream *stream = FERRY__CONTAINER(watcher, struct ferry_stream, watcher);
    end_serving(stream, result_of(stream->worker));
}

ferry_stream *ferry__stream_reserve(ferry_stream *stream)
{
    if (!stream)
        return ferry__fail_null(EINVAL);
    uintptr_t word = ferry__word_lock(&stream->word);
    int error = stream->serving != FERRY__STREAM_UNSERVED ? EBUSY
                : word & FERRY__STREAM_CANCELLED          ? ECANCELED
                                                          : 0;
    if (!error)
        stream->serving = FERRY__STREAM_SERVED;
    ferry__word_unlock(&stream->word, word);
    return error ? ferry__fail_null(error) : stream;
}

int ferry__stream_started(ferry_stream *stream, ferry_future *worker)
{
    if (!stream)
        return -errno;
    if (!worker) {
        int error = errno;
        end_serving(stream, -error);
        return ferry__fail(error);
    }
    stream->watcher.tell = over;
    uintptr_t word = ferry__word_lock(&stream->word);
    stream->worker = worker;
    ferry__word_unlock(&stream->word, word);
    if (!ferry__future_join(worker, &stream->watcher))
        over(&stream->watcher);
    else if (word & FERRY__STREAM_CANCELLED)
        ferry_stream_cancel(stream); /* which saw no worker yet */
    return 0;
}

/* The worker, unless its call has ended. The call itself may be here before its starter has said
 * who it is, which is a matter of a few instructions: then it waits for that. */
static ferry_future *serving(ferry_stream *stream)
{
    static const struct timespec moment = {.tv_nsec = 20000};
    for (;;) {
        uintptr_t word = ferry__word_lock(&stream->word);
        bool served = stream->serving == FERRY__STREAM_SERVED;
        ferry_future *worker = stream->worker;
        ferry__word_unlock(&stream->word, word);
        if (!served || worker || !ferry__submitted_here())
            return served ? worker : NULL;
        clock_nanosleep(CLOCK_MONOTONIC, 0, &moment, NULL);
    }
}

int ferry__stream_enter_wait(ferry_stream *stream, struct ferry__stuck_wait *stuck)
{
    if (ferry__task_current() || !ferry__worker_current())
        return 0;
    ferry_future *worker = serving(stream);
    if (!worker || worker == ferry__submitted_here())
        return 0;
    int said = ferry__submitted_enter(worker, stuck);
    return said ? ferry__fail(-said) : 1;
}

int ferry_stream_cancel(ferry_stream *stream)
{
    if (!stream)
        return ferry__fail(EINVAL);
    uintptr_t word = ferry__word_lock(&stream->word);
    ferry_future *worker = stream->serving == FERRY__STREAM_SERVED ? stream->worker : NULL;
    if (worker) /* before a get or put could say so */
        ferry__submitted_stop(worker);
    ferry__stream_end(stream, word, FERRY__STREAM_CLOSED | FERRY__STREAM_CANCELLED);
    if (worker)
        ferry_future_cancel(worker); /* does nothing once it has begun */
    return 0;
}

/* Until the call has ended. 0, or what interrupted. */
static int await_end(ferry_stream *stream)
{
    struct ferry__stuck_wait stuck;
    struct ferry__waiter waiter;
    int entered = ferry__stream_enter_wait(stream, &stuck);
    int said = entered < 0 ? entered : ferry__waiter_begin(&waiter);
    if (!said) {
        uintptr_t word = ferry__word_lock(&stream->word);
        if (stream->serving == FERRY__STREAM_SERVED)
            said = ferry__waiters_stand(&stream->joiners, &waiter, &stream->word, word,
                                        "the end of a stream's call");
        else
            ferry__word_unlock(&stream->word, word);
    }
    if (entered > 0)
        ferry__deadlock_leave(&stuck);
    return said;
}

static bool is_own_worker(ferry_stream *stream)
{
    ferry_future *worker = serving(stream);
    return worker && worker == ferry__submitted_here();
}

int ferry_stream_wait_closed(ferry_stream *stream)
{
    if (!stream)
        return ferry__fail(EINVAL);
    if (is_own_worker(stream))
        return ferry__fail(EDEADLK);
    int said = await_end(stream);
    if (said == 0)
        said = stream->result ? ferry__fail(-stream->result) : 0;
    return said;
}

/* True: nobody will get what its worker puts. */
static bool serves_by_putting(ferry_stream *stream)
{
    uintptr_t word = ferry__word_lock(&stream->word);
    bool puts = stream->serving == FERRY__STREAM_SERVED && stream->worker &&
                stream->used_by[FERRY__STREAM_PUT] == stream->worker;
    ferry__word_unlock(&stream->word, word);
    return puts;
}

/* Until the call has ended; where it could never begin, or nobody can wait, it is taken out of its
 * queue. */
static void see_out(ferry_stream *stream)
{
    ferry_future *worker = serving(stream);
    int said = await_end(stream);
    if (said && worker && !ferry_future_cancel(worker))
        said = await_end(stream); /* it has begun */
    if (said && serving(stream))
        ferry__panic("ferry_stream_free in a callback of the loop, where nobody can wait for the "
                     "stream's call, which runs");
}

void ferry_stream_free(ferry_stream *stream)
{
    if (!stream)
        return;
    int error = errno;
    if (is_own_worker(stream))
        ferry__panic("ferry_stream_free by the call that serves the stream");
    if (serves_by_putting(stream))
        ferry_stream_cancel(stream);
    else
        ferry_stream_close(stream);
    FERRY_SHIELD
    {
        see_out(stream);
    }
    if (ferry__load(&stream->put.busy, acquire) || ferry__load(&stream->get.busy, acquire))
        ferry__panic("ferry_stream_free of a stream that somebody uses");
    if (stream->worker)
        ferry__future_drop(stream->worker);
    ferry__free(stream);
    errno = error;
}

struct ferry__with_stream *ferry__with_stream_open(struct ferry__with_stream *with,
                                                   size_t item_size, size_t room)
{
    with->stream = ferry_stream_new(item_size, room);
    return with;
}

void ferry__with_stream_close(struct ferry__with_stream *with)
{
    ferry_stream_free(with->stream);
}
