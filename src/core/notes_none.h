/* SPDX-License-Identifier: MIT */
/* Switching without a sanitizer: nobody needs to be told. */
#ifndef FERRY_CORE_NOTES_NONE_H
#define FERRY_CORE_NOTES_NONE_H

#include <stdbool.h>
#include <stddef.h>

#define FERRY__STACK_SCALE 1

struct ferry__notes {
    char nothing[0];
};

static inline void ferry__notes_adopt(struct ferry__notes *notes)
{
    (void)notes;
}

static inline void ferry__notes_start(struct ferry__notes *notes, void *bottom, size_t size)
{
    (void)notes, (void)bottom, (void)size;
}

static inline void ferry__notes_leave(struct ferry__notes *from, struct ferry__notes *to, bool last)
{
    (void)from, (void)to, (void)last;
}

static inline void ferry__notes_arrive(struct ferry__notes *self)
{
    (void)self;
}

#endif
