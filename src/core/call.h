/* SPDX-License-Identifier: MIT */
/*
 * Which call a capture belongs to.
 *
 * The macro registers its record, evaluates the arguments, and calls the stub it was given; the
 * arguments may do the same in between, suspend, or never come back. So records stand in a table,
 * the stub carries the slot, and the capture takes exactly that record.
 *
 *     slot 2   &record, frame, used before: 0 1     an argument's argument
 *     slot 1   &record, frame, used before: 0       an argument
 *     slot 0   &record, frame, used before: none    outermost
 *
 * What an exception, a longjmp, a goto or a return out of an argument leaves behind is harmless,
 * and doesn't pile up:
 * - a capture drops what was registered after its own record, since that was in its arguments;
 * - registering drops the records of frames that are gone: they lie below the registering one
 *   (the frame's address is compared, not the record's own, which sanitizers move);
 * - and the same record in the same frame: that statement was left and is here again. Only that
 *   one: where a compiler inlines, what was registered after it can be an outer call of now.
 *
 * Each task has a table, since an argument may suspend; a thread has one for what happens outside
 * tasks.
 */
#ifndef FERRY_CORE_CALL_H
#define FERRY_CORE_CALL_H

#include "arch/arch.h"

struct ferry__calls {
    uint32_t used;                 /* a bit for each slot */
    uint32_t before[FERRY__STUBS]; /* the slots in use when this one was registered */
    _Alignas(16) struct ferry__call_entry {
        const struct ferry__call *call;
        const void *frame;
    } entries[FERRY__STUBS];
};

static inline void ferry__calls_init(struct ferry__calls *calls)
{
    calls->used = 0;
}

/* The running task's table; NULL: the thread's own. Set at each switch of tasks. */
extern _Thread_local struct ferry__calls *ferry__calls_here
    __attribute__((tls_model("initial-exec")));

/*
 * Does what a kind of call means with the captured image: replays it, or copies it for later.
 * `call` and `image` lie in the caller's frame: valid until the handler returns, which for a call
 * that is awaited may take long. The result must stand in the image then (ferry__replay or
 * ferry__image_skip); for a deferred call, whose result is nobody's, that is done by
 * ferry__captured.
 */
typedef void ferry__handler(const struct ferry__call *call, struct ferry__image *image);

/* By enum ferry__kind. Defined where all floors are known (bridge). */
extern ferry__handler *const ferry__handlers[FERRY__KINDS];

/* By a handler: the frame address of the function that makes this call; NULL: it isn't known. */
const void *ferry__call_frame(const struct ferry__call *call);

/* Called by the handler of a deferred call: what the statement's value is, and its errno (0:
 * untouched). */
void ferry__call_make(void *made, int error);

#endif
