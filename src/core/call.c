/* SPDX-License-Identifier: MIT */
#include "core/call.h"

#include "base/panic.h"

#include <errno.h>
#include <stdbool.h>

_Thread_local struct ferry__calls *ferry__calls_here;

/* Outside tasks; too large for the static block of a library opened late, so it is the dynamic
 * model's. */
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

/* The slots whose records may still be captured, as seen from a registering frame. */
static uint32_t live(const struct ferry__calls *calls, const struct ferry__call *call,
                     const void *frame)
{
    uint32_t live = 0;
    for (uint32_t left = calls->used; left; left &= left - 1) {
        const struct ferry__call_entry *entry = &calls->entries[__builtin_ctz(left)];
        bool gone = (uintptr_t)entry->frame < (uintptr_t)frame;
        bool again = entry->call == call && entry->frame == frame;
        if (!gone && !again)
            live |= left & -left;
    }
    return live;
}

ferry__any *ferry__call_enter(const struct ferry__call *call, void *frame)
{
    struct ferry__calls *calls = calls_here();
    uint32_t used = calls->used;
    if (used)
        used = live(calls, call, frame);
    if (!~used)
        ferry__panic("%s: calls nested more than %d deep in each other's arguments", call->site,
                     FERRY__STUBS);
    unsigned slot = (unsigned)__builtin_ctz(~used);
    /* A signal handler that makes calls of its own may take the slot before it is marked: hence the
     * second look. */
    do {
        calls->entries[slot].call = call;
        calls->entries[slot].frame = frame;
        calls->before[slot] = used;
        __atomic_signal_fence(__ATOMIC_SEQ_CST);
        calls->used = used | 1u << slot;
        __atomic_signal_fence(__ATOMIC_SEQ_CST);
    } while (calls->entries[slot].call != call);
    return (ferry__any *)(uintptr_t)(ferry__stubs + slot * FERRY__STUB_BYTES);
}

void ferry__captured(struct ferry__image *image, unsigned slot)
{
    struct ferry__calls *calls = calls_here();
    if (!(calls->used >> slot & 1))
        ferry__panic(
            "a captured call has no record: was its function pointer kept and called twice?");
    const struct ferry__call *call = calls->entries[slot].call;
    calls->used &= calls->before[slot];
    image->stack_bytes = (uint16_t)(call->stack_units * 16);
    image->result_bytes = call->result_bytes;
    image->vectors = call->vectors % FERRY__WHOLE;
    image->flags = call->flags;
    if (!(call->flags & FERRY__LATER)) {
        ferry__handlers[call->kind](call, image);
        return;
    }
    ferry__handlers[call->kind](call, image);
    made.captured = true; /* only now: a report of debug mode may have made calls of its own */
    ferry__image_skip(image, call->result);
}

/* Its slot was given up when it was captured, and is the next to be taken. */
const void *ferry__call_frame(const struct ferry__call *call)
{
    const struct ferry__calls *calls = calls_here();
    const struct ferry__call_entry *entry = &calls->entries[__builtin_ctz(~calls->used)];
    return entry->call == call ? entry->frame : NULL;
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
