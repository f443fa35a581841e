/* SPDX-License-Identifier: MIT */
/*
 * Switching under AddressSanitizer: it keeps a fake stack per fiber, and must know where the real
 * one lies. A recycled stack still carries the poison of the frames that lived on it.
 */
#ifndef FERRY_CORE_NOTES_ASAN_H
#define FERRY_CORE_NOTES_ASAN_H

#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#include <stdbool.h>
#include <stddef.h>

#define FERRY__STACK_SCALE 4

struct ferry__notes {
    void *fake;
    const void *bottom;
    size_t size;
};

/* Who left last: where its stack lies is told to who arrives. So the thread's own is known in time.
 */
extern _Thread_local struct ferry__notes *ferry__notes_left; /* fiber.c */

static inline void ferry__notes_adopt(struct ferry__notes *notes)
{
    *notes = (struct ferry__notes){0};
}

static inline void ferry__notes_start(struct ferry__notes *notes, void *bottom, size_t size)
{
    ASAN_UNPOISON_MEMORY_REGION(bottom, size);
    *notes = (struct ferry__notes){.bottom = bottom, .size = size};
}

static inline void ferry__notes_leave(struct ferry__notes *from, struct ferry__notes *to, bool last)
{
    ferry__notes_left = from;
    __sanitizer_start_switch_fiber(last ? NULL : &from->fake, to->bottom, to->size);
}

static inline void ferry__notes_arrive(struct ferry__notes *self)
{
    struct ferry__notes *from = ferry__notes_left;
    __sanitizer_finish_switch_fiber(self->fake, &from->bottom, &from->size);
}

#endif
