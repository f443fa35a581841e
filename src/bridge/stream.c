/* SPDX-License-Identifier: MIT */
/* The ring of a stream: putting, getting, closing. */
#include "bridge/stream.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/panic.h"
#include "bridge/submit.h"
#include "core/task.h"
#include "executor/deadlock.h"

#include <limits.h>
#include <string.h>

#define PUT FERRY__STREAM_PUT
#define GET FERRY__STREAM_GET
#define CLOSED FERRY__STREAM_CLOSED
#define CANCELLED FERRY__STREAM_CANCELLED

ferry_stream *ferry_stream_new(size_t item_size, size_t room)
{
    size_t bytes;
    if (item_size == 0 || room == 0)
        return ferry__fail_null(EINVAL);
    if (__builtin_mul_overflow(item_size, room, &bytes) || bytes > PTRDIFF_MAX / 2)
        return ferry__fail_null(ENOMEM);
    ferry_stream *stream = ferry__alloc_aligned(FERRY__LINE, sizeof *stream + bytes);
    if (!stream)
        return NULL;
    stream->item = item_size;
    stream->room = room;
    return stream;
}

static struct ferry__stream_side *side_of(ferry_stream *stream, enum ferry__stream_way way)
{
    return way == PUT ? &stream->put : &stream->get;
}

/* The rest of these are under the lock. */
static size_t credit(const ferry_stream *stream, enum ferry__stream_way way)
{
    return way == PUT ? stream->room - stream->count : stream->count;
}

/* Whoever waits there, if there is enough for it by now. */
static struct ferry__waiter *ready_waiter(ferry_stream *stream, enum ferry__stream_way way)
{
    size_t enough = way == PUT ? (stream->room + 1) / 2 : 1;
    return credit(stream, way) < enough ? NULL : ferry__waiters_take_first(&stream->waiting[way]);
}

/* 0, or why the worker failed. */
static int failure(const ferry_stream *stream)
{
    return stream->serving == FERRY__STREAM_ENDED ? stream->result : 0;
}

/* 0, or the error with which nothing more moves that way, though there be credit. */
static int refusal(const ferry_stream *stream, enum ferry__stream_way way, uintptr_t word)
{
    if (word & CANCELLED)
        return -ECANCELED;
    if (way == GET || !(word & CLOSED))
        return 0;
    return failure(stream) ? failure(stream) : -EPIPE;
}

void ferry__stream_end(ferry_stream *stream, uintptr_t word, uintptr_t bits)
{
    struct ferry__waiter *putter = ferry__waiters_take_first(&stream->waiting[PUT]);
    struct ferry__waiter *getter = ferry__waiters_take_first(&stream->waiting[GET]);
    ferry__word_unlock(&stream->word, word | bits);
    if (putter)
        ferry__waiter_wake(putter);
    if (getter)
        ferry__waiter_wake(getter);
}

/* What a look for credit finds. Or a negative errno. */
enum { AT_END, FOUND, NONE_YET };

/* Under the lock; with nothing found it waits if it may, and then another look is due. */
static int look(ferry_stream *stream, enum ferry__stream_way way, struct ferry__stream_side *side,
                bool may_wait)
{
    struct ferry__waiter waiter;
    ferry__waiter_init(&waiter);
    uintptr_t word = ferry__word_lock(&stream->word);
    stream->used_by[way] = ferry__submitted_here();
    int said = refusal(stream, way, word);
    side->credit = said ? 0 : credit(stream, way);
    bool at_end = !said && !side->credit && word & CLOSED;
    if (at_end)
        said = failure(stream);
    if (said || at_end || side->credit || !may_wait) {
        ferry__word_unlock(&stream->word, word);
        return said ? ferry__fail(-said) : at_end ? AT_END : side->credit ? FOUND : NONE_YET;
    }
    side->streak = 0;
    said = ferry__waiters_stand(&stream->waiting[way], &waiter, &stream->word, word,
                                way == PUT ? "room in a stream" : "an item of a stream");
    return said ? said : NONE_YET;
}

/* FOUND, AT_END or a negative errno. */
static int await_credit(ferry_stream *stream, enum ferry__stream_way way,
                        struct ferry__stream_side *side)
{
    struct ferry__stuck_wait stuck;
    int said = look(stream, way, side, false);
    if (said != NONE_YET)
        return said;
    int entered = ferry__stream_enter_wait(stream, &stuck);
    if (entered < 0)
        return entered;
    do
        said = look(stream, way, side, true);
    while (said == NONE_YET);
    if (entered)
        ferry__deadlock_leave(&stuck);
    return said;
}

/* Between the user's items and the ring, whose end they may cross. */
static void copy(ferry_stream *stream, enum ferry__stream_way way, size_t at, unsigned char *items,
                 size_t count)
{
    size_t straight = stream->room - at < count ? stream->room - at : count;
    size_t bytes = straight * stream->item, rest = (count - straight) * stream->item;
    unsigned char *slot = stream->slots + at * stream->item;
    if (way == PUT) {
        memcpy(slot, items, bytes);
        memcpy(stream->slots, items + bytes, rest);
    } else {
        memcpy(items, slot, bytes);
        memcpy(items + bytes, stream->slots, rest);
    }
}

/* The slots that were copied become the other side's. On an error they do not. */
static int hand_over(ferry_stream *stream, enum ferry__stream_way way,
                     struct ferry__stream_side *side, size_t count)
{
    uintptr_t word = ferry__word_lock(&stream->word);
    int said = way == PUT ? refusal(stream, way, word) : 0;
    if (said) {
        ferry__word_unlock(&stream->word, word);
        return ferry__fail(-said);
    }
    stream->count += way == PUT ? count : -count;
    side->credit = credit(stream, way);
    struct ferry__waiter *other = ready_waiter(stream, way == PUT ? GET : PUT);
    ferry__word_unlock(&stream->word, word);
    if (other)
        ferry__waiter_wake(other);
    return 0;
}

/* A task whose other side always keeps up never waits: it lets others run now and then. */
static int give_way(const ferry_stream *stream, struct ferry__stream_side *side)
{
    struct ferry__task *task = ferry__task_current();
    if (!task || side->streak < stream->room)
        return 0;
    side->streak = 0;
    ferry__yield(task);
    int said = ferry__interruption(task);
    return said ? ferry__fail(-said) : 0;
}

/* Moves at least one item, and at most `count`. How many; 0: the end; or a negative errno. */
static int move(ferry_stream *stream, enum ferry__stream_way way, unsigned char *items,
                size_t count)
{
    struct ferry__stream_side *side = side_of(stream, way);
    int said = 0;
    uintptr_t stops = way == PUT ? CLOSED | CANCELLED : CANCELLED;
    if (!side->credit || ferry__load(&stream->word, relaxed) & stops)
        said = await_credit(stream, way, side);
    if (!side->credit)
        return said; /* an error, or AT_END */
    said = give_way(stream, side);
    if (said)
        return said;
    size_t n = side->credit < count ? side->credit : count;
    n = n < INT_MAX ? n : INT_MAX;
    copy(stream, way, side->at, items, n);
    said = hand_over(stream, way, side, n);
    if (said)
        return said;
    side->at = side->at + n < stream->room ? side->at + n : side->at + n - stream->room;
    side->streak += n;
    return (int)n;
}

/* 0, or what the call says at once; then the side is this thread's. */
static int enter(ferry_stream *stream, enum ferry__stream_way way, const void *items, size_t size,
                 const char *place)
{
    if (!stream || !items)
        return ferry__fail(EINVAL);
    if (size != stream->item)
        ferry__panic("the item at %s has %zu bytes, those of its ferry_stream %zu", place, size,
                     stream->item);
    int said = ferry__wait_allowed();
    if (said)
        return said;
    if (ferry__swap(&side_of(stream, way)->busy, true, acquire))
        return ferry__fail(EBUSY);
    return 0;
}

static void leave(ferry_stream *stream, enum ferry__stream_way way)
{
    ferry__store(&side_of(stream, way)->busy, false, release);
}

int ferry__stream_get(ferry_stream *stream, void *items, size_t count, size_t size,
                      const char *place)
{
    if (count == 0)
        return ferry__fail(EINVAL);
    int said = enter(stream, GET, items, size, place);
    if (said)
        return said;
    said = move(stream, GET, items, count);
    leave(stream, GET);
    return said;
}

int ferry__stream_put_many(ferry_stream *stream, const void *items, size_t count, size_t size,
                           const char *place)
{
    if (count > INT_MAX)
        return ferry__fail(EINVAL);
    int said = enter(stream, PUT, items, size, place);
    if (said)
        return said;
    unsigned char *next = (unsigned char *)(uintptr_t)items;
    size_t done = 0;
    while (done < count && (said = move(stream, PUT, next + done * size, count - done)) > 0)
        done += (size_t)said;
    leave(stream, PUT);
    return done > 0 ? (int)done : said;
}

int ferry__stream_put(ferry_stream *stream, const void *item, size_t size, const char *place)
{
    int said = ferry__stream_put_many(stream, item, 1, size, place);
    return said < 0 ? said : 0;
}

int ferry_stream_close(ferry_stream *stream)
{
    if (!stream)
        return ferry__fail(EINVAL);
    ferry__stream_end(stream, ferry__word_lock(&stream->word), CLOSED);
    return 0;
}
