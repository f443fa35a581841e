/* SPDX-License-Identifier: MIT */
/* A part of a map: filled by the mapper, run by a worker. map.h has the drawing and the laws. */
#include "bridge/map.h"
#include "bridge/crossing.h"
#include "core/kind.h"
#include "core/locals.h"

#include <string.h>

struct call {
    ferry__any *function;
    _Alignas(16) unsigned char image[];
};

static struct call *call_at(struct ferry__map_part *part, size_t index)
{
    return (struct call *)(void *)(part->calls + index * part->map->stride);
}

void ferry__map_stop(struct ferry__map_state *map, int error)
{
    int none = 0;
    ferry__cas(&map->stop, &none, error, relaxed);
}

static void *result_at(struct ferry__map_state *map, size_t index)
{
    return map->results ? (char *)map->results + index * ferry__kind_size(map->result) : NULL;
}

void ferry__map_skip(struct ferry__map_state *map, size_t first, size_t end)
{
    if (map->results && first < end)
        ferry__kind_skip(map->result, result_at(map, first),
                         (end - first) * ferry__kind_size(map->result));
}

void ferry__map_part_skip_rest(struct ferry__map_part *part)
{
    ferry__map_skip(part->map, part->first + part->ran, part->first + part->items);
}

static void drop_context(struct ferry__map_part *part)
{
    ferry__context_drop(part->context);
    part->context = NULL;
}

static void run_part(struct ferry__job *job)
{
    struct ferry__map_part *part = FERRY__CONTAINER(job, struct ferry__map_part, job);
    struct ferry__map_state *map = part->map;
    struct ferry__context **outer = ferry__context_enter(&part->context);
    for (; part->ran < part->items && !ferry__load(&map->stop, relaxed); part->ran++) {
        struct call *call = call_at(part, part->ran);
        struct ferry__image *image = (struct ferry__image *)(void *)call->image;
        part->context = ferry__context_hold(map->context);
        errno = 0;
        ferry__replay(image, call->function);
        drop_context(part);
        uint64_t value[2];
        ferry__image_value(image, map->result, value);
        if (map->results)
            memcpy(result_at(map, part->first + part->ran), value, ferry__kind_size(map->result));
    }
    ferry__context_leave(outer);
}

static void end_part(struct ferry__job *job, enum ferry__job_end end)
{
    struct ferry__map_part *part = FERRY__CONTAINER(job, struct ferry__map_part, job);
    struct ferry__map_state *map = part->map;
    if (end == FERRY__JOB_DIED)
        ferry__call_died();
    if (end != FERRY__JOB_DONE)
        ferry__map_stop(map, ferry__job_error(end));
    ferry__map_part_skip_rest(part);
    drop_context(part); /* of a call in which the thread ended */
    struct ferry__map_part *newest = ferry__load(&map->finished, relaxed);
    do
        part->next = newest;
    while (!ferry__cas_weak(&map->finished, &newest, part, release));
    ferry__countdown_back(&map->out);
}

struct ferry__map_part *ferry__map_part_new(struct ferry__map_state *map, const char *site,
                                            const struct ferry__image *image)
{
    struct ferry__map_part *part = map->free;
    size_t size;
    if (!map->stride) /* of one statement all images have one size */
        map->stride = sizeof(struct call) + ((ferry__image_size(image) + 15) & ~(size_t)15);
    if (part) {
        map->free = part->next;
    } else {
        if (__builtin_mul_overflow(map->chunk, map->stride, &size) ||
            __builtin_add_overflow(size, sizeof *part, &size) || !(part = ferry__alloc(size)))
            return NULL;
        part->map = map;
        part->of_map = map->all;
        map->all = part;
    }
    part->job = (struct ferry__job){.run = run_part, .done = end_part, .site = site};
    part->first = map->at;
    part->items = part->ran = 0;
    return part;
}

void ferry__map_part_put(struct ferry__map_part *part, const struct ferry__call *call,
                         const struct ferry__image *image)
{
    struct call *kept = call_at(part, part->items++);
    kept->function = call->function;
    ferry__image_copy(kept->image, image);
}
