/* SPDX-License-Identifier: MIT */
/*
 * ferry_executor_map: a loop over items whose calls go to an executor in chunks.
 *
 *     mapper's frame                    executor's queue         workers
 *     +---------+  fill a part: its     +------+  +------+
 *     | map     |  calls, captured ---> | part |  | part | ---> run its calls in order, results
 *     | results |                       +------+  +------+      straight into the mapper's array
 *     +---------+ <------------------------------------------- finished: parts, to be filled again
 *
 * A part is one block of memory: a job and the calls of a chunk, each its function and its image.
 * No more than `window` parts are out at a time; then the mapper waits until half of them are back.
 *
 * Law of `finished`: NULL, or the newest of the parts that are back, linked by `next`. A worker
 * puts a part there (release), the mapper takes all at once (acquire): no part is there twice.
 *
 * `out` counts the parts that are out (loop/countdown.h). A worker takes one off after it has put
 * the part into `finished`: its last touch of the map.
 *
 * Law of `stop`: 0, then for good the errno that ended the map, by whoever meets one first. Workers
 * look before each call, relaxed: one call more or less does no harm.
 *
 * A part is the mapper's until it is pushed and after it is back; in between the executor's, as any
 * job. The rest of the map is constant while a part is out, but for the fields of the mapper.
 */
#ifndef FERRY_BRIDGE_MAP_H
#define FERRY_BRIDGE_MAP_H

#include "core/call.h"
#include "executor/executor.h"
#include "loop/countdown.h"
#include "loop/loop.h"

#include <ferry/map.h>

struct ferry__map_part {
    struct ferry__job job;
    struct ferry__map_state *map;
    struct ferry__map_part *of_map; /* the mapper's: all of the map */
    struct ferry__map_part *next;   /* in `finished`, or free */
    size_t first;                   /* the index of its first item */
    size_t items;                   /* filled */
    struct ferry__context *context; /* the worker's: the running call's own copy */
    size_t ran;                     /* the worker's: how many have returned */
    bool is_out;                    /* the mapper's: not known to be back */
    _Alignas(16) unsigned char calls[];
};

/* In the public frame. */
struct ferry__map_state {
    size_t at; /* as struct ferry__map */
    /* constant */
    struct ferry_executor *executor;
    void *results; /* or NULL */
    size_t count, chunk, window;
    struct ferry__context *context; /* held */
    struct ferry_loop *loop;        /* of the mapper; NULL: a thread */
    struct ferry__task *task;
    uint16_t result; /* code of the results' type; 0 with results NULL */
    bool in_place;   /* the calls are made by the mapper's own thread */
    /* constant since the first call was captured */
    size_t stride; /* from call to call in a part */
    /* the mapper's */
    bool closed;
    size_t sent, ran; /* items in parts that were pushed; that have returned */
    size_t gave_way;  /* `sent` when it last let others run */
    struct ferry__map_part *all, *free, *filling, *newest;
    /* shared: the laws above */
    _Atomic(struct ferry__map_part *) finished;
    struct ferry__countdown out;
    atomic_int stop;
};

/* An empty part, for calls with images of this size; NULL without memory. */
struct ferry__map_part *ferry__map_part_new(struct ferry__map_state *map, const char *site,
                                            const struct ferry__image *image);
/* Puts a call into it, for which there is room. */
void ferry__map_part_put(struct ferry__map_part *part, const struct ferry__call *call,
                         const struct ferry__image *image);
/* Of a part that is over, or will never be: the calls that did not run have the skip value. */
void ferry__map_part_skip_rest(struct ferry__map_part *part);
/* The same of the items from `first` on, before `end`. */
void ferry__map_skip(struct ferry__map_state *map, size_t first, size_t end);
/* Anybody: the map ends with this errno, unless it had ended. */
void ferry__map_stop(struct ferry__map_state *map, int error);

_Static_assert(sizeof(struct ferry__map_state) <= sizeof(struct ferry__map), "the public frame");

#endif
