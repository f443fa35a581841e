/* SPDX-License-Identifier: MIT */
/*
 * Switching under ThreadSanitizer: each task is a fiber of its own to it. A fiber can't be
 * destroyed while it runs, so the one that left for good is destroyed by the next that arrives on
 * this thread.
 */
#ifndef FERRY_CORE_NOTES_TSAN_H
#define FERRY_CORE_NOTES_TSAN_H

#include <sanitizer/tsan_interface.h>
#include <stdbool.h>
#include <stddef.h>

#define FERRY__STACK_SCALE 4

struct ferry__notes {
    void *fiber;
};

#define FERRY__FIBERS_KEPT 64

/* fiber.c; of this thread */
extern _Thread_local void *ferry__notes_left;
extern _Thread_local void *ferry__notes_kept[FERRY__FIBERS_KEPT];
extern _Thread_local int ferry__notes_kept_count;

static inline void ferry__notes_adopt(struct ferry__notes *notes)
{
    notes->fiber = __tsan_get_current_fiber();
}

static inline void ferry__notes_start(struct ferry__notes *notes, void *bottom, size_t size)
{
    (void)bottom, (void)size;
    notes->fiber = ferry__notes_kept_count > 0 ? ferry__notes_kept[--ferry__notes_kept_count]
                                               : __tsan_create_fiber(0);
}

static inline void ferry__notes_leave(struct ferry__notes *from, struct ferry__notes *to, bool last)
{
    if (last)
        ferry__notes_left = from->fiber;
    __tsan_switch_to_fiber(to->fiber, 0);
}

static inline void ferry__notes_arrive(struct ferry__notes *self)
{
    (void)self;
    void *left = ferry__notes_left;
    ferry__notes_left = NULL;
    if (left && ferry__notes_kept_count < FERRY__FIBERS_KEPT)
        ferry__notes_kept[ferry__notes_kept_count++] = left;
    else if (left)
        __tsan_destroy_fiber(left);
}

#endif
