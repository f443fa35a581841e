/* SPDX-License-Identifier: MIT */
/*
 * Which call a capture belongs to.
 *
 * The macro registers its record, evaluates the arguments, and calls the stub it was given; the arguments may
 * do the same in between, suspend, or never come back. So records stand in a table by depth, the stub carries
 * the depth, and the capture takes exactly that record and drops what lies above it.
 *
 *     depth 2   &record, frame      an argument's argument
 *     depth 1   &record, frame      an argument
 *     depth 0   &record, frame      outermost
 *
 * Registering first drops what can't be captured any more: records of frames that are gone (their frame lies
 * below the registering one; the frame's address is compared, not the record's own, which sanitizers move), and
 * from an earlier registration of the same record in the same frame upwards (a goto left it behind). What an
 * exception, a longjmp or a goto leaves otherwise is harmless: it lies lower, or gets dropped later.
 *
 * Each task has a table, since an argument may suspend; a thread has one for what happens outside tasks.
 */
#ifndef FERRY_CORE_CALL_H
#define FERRY_CORE_CALL_H

#include "arch/arch.h"

struct ferry__calls {
    unsigned count;
    _Alignas(16) struct ferry__call_entry {
        const struct ferry__call *call;
        const void *frame;
    } entries[FERRY__STUBS];
};

static inline void ferry__calls_init(struct ferry__calls *calls)
{
    calls->count = 0;
}

/* The running task's table; NULL: the thread's own. Set at each switch of tasks. */
extern _Thread_local struct ferry__calls *ferry__calls_here
    __attribute__((tls_model("initial-exec")));

/*
 * Does what a kind of call means with the captured image: replays it, or copies it for later. `call` and
 * `image` lie in the caller's frame: valid until the handler returns, which for a call that is awaited may
 * take long. The result must stand in the image then (ferry__replay or ferry__image_skip); for a deferred
 * call, whose result is nobody's, that is done by ferry__captured.
 */
typedef void ferry__handler(const struct ferry__call *call, struct ferry__image *image);

/* By enum ferry__kind. Defined where all floors are known (bridge). */
extern ferry__handler *const ferry__handlers[FERRY__KINDS];

/* Called by the handler of a deferred call: what the statement's value is, and its errno (0: untouched). */
void ferry__call_make(void *made, int error);

#endif
