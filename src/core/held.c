/* SPDX-License-Identifier: MIT */
#include "core/held.h"

#include "base/memory.h"

#include <errno.h>
#include <string.h>

static bool make_room(struct ferry__held *held)
{
    if (held->count < held->room)
        return true;
    int before = errno;
    size_t room = held->room ? 2 * held->room : 16;
    struct ferry__held_thing *things = ferry__realloc(held->things, room * sizeof *things);
    errno = before;
    if (!things)
        return false;
    held->things = things;
    held->room = room;
    return true;
}

void ferry__held_put(struct ferry__held *held, const void *thing, ferry_task *task,
                     const char *place)
{
    ferry__held_remove(held, thing);
    if (make_room(held))
        held->things[held->count++] =
            (struct ferry__held_thing){.thing = thing, .task = task, .place = place};
}

/* The newest first: what is taken last is mostly given back first. */
void ferry__held_remove(struct ferry__held *held, const void *thing)
{
    for (size_t i = held->count; i-- > 0;) {
        if (held->things[i].thing != thing)
            continue;
        memmove(&held->things[i], &held->things[i + 1],
                (held->count - i - 1) * sizeof *held->things);
        held->count--;
        return;
    }
}

void ferry__held_deinit(struct ferry__held *held)
{
    ferry__free(held->things);
    *held = (struct ferry__held){0};
}
