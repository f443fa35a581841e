/* SPDX-License-Identifier: MIT */
#include "core/call.h"

#include "base/panic.h"

#include <errno.h>
#include <stdbool.h>

_Thread_local struct ferry__calls *ferry__calls_here;

/* Outside tasks; too large for the static block of a library opened late, so it is the dynamic model's. */
static _Thread_local struct ferry__calls own_calls __attribute__((tls_model("global-dynamic")));

static _Thread_local struct {
    void *handle;
    int error;
    bool captured;
} made;

static inline struct ferry__calls *calls_here(void)
{
    struct ferry__calls *calls = ferry__calls_here;
    return calls ? calls : &own_calls;
}

/* How many of the table's records may still be captured, as seen from a registering frame. */
static unsigned count_live(const struct ferry__calls *calls, const struct ferry__call *call,
                           const void *frame)
{
    unsigned count = calls->count;
    while (count > 0 && (uintptr_t)calls->entries[count - 1].frame < (uintptr_t)frame)
        count--;
    for (unsigned i = 0; i < count; i++)
        if (calls->entries[i].call == call && calls->entries[i].frame == frame)
            return i;
    return count;
}

ferry__any *ferry__call_enter(const struct ferry__call *call, void *frame)
{
    struct ferry__calls *calls = calls_here();
    unsigned depth = 0;
    if (calls->count > 0)
        depth = count_live(calls, call, frame);
    if (depth == FERRY__STUBS)
        ferry__panic("%s: calls nested more than %d deep in each other's arguments", call->site,
                     FERRY__STUBS);
    /* The entry first: a signal handler that makes a call of its own finds either state whole. */
    calls->entries[depth].call = call;
    calls->entries[depth].frame = frame;
    __atomic_signal_fence(__ATOMIC_SEQ_CST);
    calls->count = depth + 1;
    return (ferry__any *)(uintptr_t)(ferry__stubs + depth * FERRY__STUB_BYTES);
}

void ferry__captured(struct ferry__image *image, unsigned depth)
{
    struct ferry__calls *calls = calls_here();
    if (depth >= calls->count)
        ferry__panic("a captured call has no record: was its function pointer kept and called twice?");
    const struct ferry__call *call = calls->entries[depth].call;
    calls->count = depth;
    image->stack_bytes = call->stack_bytes;
    image->vectors = call->vectors;
    image->flags = call->flags;
    if (!(call->flags & FERRY__LATER)) {
        ferry__handlers[call->kind](call, image);
        return;
    }
    made.handle = NULL;
    made.error = 0;
    made.captured = true;
    ferry__handlers[call->kind](call, image);
    ferry__image_skip(image, call->result);
}

void ferry__call_make(void *handle, int error)
{
    made.handle = handle;
    made.error = error;
}

void *ferry__call_made(void)
{
    if (!made.captured)
        ferry__panic("the compiler left out a deferred call: its function is declared const");
    made.captured = false;
    if (made.error)
        errno = made.error;
    return made.handle;
}
