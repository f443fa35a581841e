/* SPDX-License-Identifier: MIT */
/* The mapper fills parts and sends them; workers run them. map.h has the drawing and the laws. */
#include "bridge/map.h"
#include "base/error.h"
#include "base/panic.h"
#include "bridge/crossing.h"
#include "core/kind.h"
#include "core/locals.h"
#include "executor/deadlock.h"

#include <string.h>

#define WAITS_ON "ferry_executor_map"

enum { CALLS_OUT = 256 }; /* at least so many, where chunks are small */

struct call {
    ferry__any *function;
    _Alignas(16) unsigned char image[];
};

static struct ferry__map_state *map_of(struct ferry__map *frame)
{
    return (struct ferry__map_state *)(void *)frame;
}

static struct call *call_at(struct ferry__map_part *part, size_t index)
{
    return (struct call *)(void *)(part->calls + index * part->map->stride);
}

static void stop(struct ferry__map_state *map, int error)
{
    int none = 0;
    ferry__cas(&map->stop, &none, error, relaxed);
}

static void *result_at(struct ferry__map_state *map, size_t index)
{
    return map->results ? (char *)map->results + index * ferry__kind_size(map->result) : NULL;
}

/* Those from `first` on did not run. */
static void skip(struct ferry__map_state *map, size_t first, size_t end)
{
    if (map->results && first < end)
        ferry__kind_skip(map->result, result_at(map, first),
                         (end - first) * ferry__kind_size(map->result));
}

/* A part that is over, or will never be: its results are complete. */
static void skip_rest(struct ferry__map_part *part)
{
    skip(part->map, part->first + part->ran, part->first + part->items);
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
        stop(map, ferry__job_error(end));
    skip_rest(part);
    drop_context(part); /* of a call in which the thread ended */
    struct ferry__map_part *newest = ferry__load(&map->finished, relaxed);
    do
        part->next = newest;
    while (!ferry__cas_weak(&map->finished, &newest, part, release));
    ferry__countdown_back(&map->out);
}

/* The mapper's again, to be filled anew. */
static void reap_part(struct ferry__map_state *map, struct ferry__map_part *part)
{
    map->ran += part->ran;
    part->is_out = false;
    part->next = map->free;
    map->free = part;
}

static void reap(struct ferry__map_state *map)
{
    struct ferry__map_part *part = ferry__swap(&map->finished, NULL, acquire), *next;
    for (; part; part = next) {
        next = part->next;
        reap_part(map, part);
    }
}

/* An empty part; NULL without memory. */
static struct ferry__map_part *new_part(struct ferry__map_state *map, const char *site)
{
    struct ferry__map_part *part = map->free;
    size_t size;
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

void ferry__on_map_call(const struct ferry__call *call, struct ferry__image *image)
{
    struct ferry__map_state *map = call->target;
    ferry__call_make(map, 0);
    if (!map->stride) /* of one statement all images have one size */
        map->stride = sizeof(struct call) + ((ferry__image_size(image) + 15) & ~(size_t)15);
    if (!map->filling)
        map->filling = new_part(map, call->site);
    if (!map->filling) {
        stop(map, ENOMEM);
        return;
    }
    struct call *kept = call_at(map->filling, map->filling->items++);
    kept->function = call->function;
    ferry__image_copy(kept->image, image);
}

static void send(struct ferry__map_state *map)
{
    struct ferry__map_part *part = map->filling;
    map->filling = NULL;
    map->sent = part->first + part->items;
    if (map->in_place) {
        run_part(&part->job);
        skip_rest(part);
        reap_part(map, part);
        return;
    }
    ferry__countdown_out(&map->out, 1);
    part->is_out = true;
    map->newest = part;
    int status = ferry__executor_push(map->executor, &part->job);
    if (status == 0)
        return;
    ferry__countdown_in(&map->out, 1);
    stop(map, -status);
    skip_rest(part);
    reap_part(map, part);
}

/* Until no more than `low` are out. 0, or the interruption, or -EDEADLK. */
static int wait_for_parts(struct ferry__map_state *map, unsigned low)
{
    if (ferry__countdown_left(&map->out) <= low)
        return 0;
    struct ferry__stuck_wait stuck;
    int said;
    if (map->task) {
        said = ferry__requests_hold(map->task, map->executor, &map->newest->job);
        if (said < 0)
            return said;
        ferry__crossing_expect(map->loop, map->executor);
        said = ferry__countdown_wait(&map->out, low, WAITS_ON);
        map->loop->expected--;
        ferry__requests_release(map->task);
        return said;
    }
    said = ferry__deadlock_enter(&stuck, map->executor, &map->newest->job);
    if (said == 0)
        said = ferry__countdown_wait(&map->out, low, WAITS_ON);
    ferry__deadlock_leave(&stuck);
    return said;
}

/* What has not begun never will; what runs is waited for. */
static void take_back_all(struct ferry__map_state *map)
{
    for (struct ferry__map_part *part = map->all; part; part = part->of_map)
        if (part->is_out && ferry__executor_take_back(map->executor, &part->job)) {
            ferry__countdown_in(&map->out, 1);
            skip_rest(part);
            reap_part(map, part);
        }
    ferry__countdown_see_out(&map->out, WAITS_ON);
}

/* Why it can't be done here, or 0. */
static int objection(struct ferry__map_state *map)
{
    if (!map->task && map->loop)
        return EPERM;
    if (!map->executor)
        return ENOMEM;
    if (map->count > 0 && ferry__waiter_begin(&map->out.waiter) < 0)
        return errno;
    /* the block's own worker is the only one, and waits for the block */
    bool kept =
        map->task && map->executor->limit == 1 && ferry__with_worker_find(map->task, map->executor);
    return kept ? EDEADLK : 0;
}

void ferry__map_open(struct ferry__map *frame, ferry_executor *executor, size_t chunk, size_t count,
                     void *results, unsigned result, const char *place)
{
    if (results && !result)
        ferry__panic("ferry_executor_map at %s: results is a void *: of which type are they?",
                     place);
    struct ferry__map_state *map = map_of(frame);
    struct ferry__task *task = ferry__task_current();
    const struct ferry__worker *worker = ferry__worker_current();
    *map = (struct ferry__map_state){
        .executor = executor ? executor : ferry__executor_default(),
        .results = results,
        .result = (uint16_t)result,
        .count = count,
        .chunk = chunk < 1 || count < 1 ? 1
                 : chunk < count        ? chunk
                                        : count,
        .context = ferry__context_hold(ferry__context_now()),
        .loop = ferry__loop_current(),
        .task = task,
    };
    int error = objection(map);
    if (error) {
        stop(map, error);
        return;
    }
    unsigned limit = map->executor->limit;
    map->window = 2 * (size_t)limit;
    if (map->window * map->chunk < CALLS_OUT)
        map->window = CALLS_OUT / map->chunk;
    map->in_place = !task && limit == 1 && worker && worker->executor == map->executor;
}

/* Before the next part: there is room for it, and others on the loop have had their turn. */
static void make_room(struct ferry__map_state *map)
{
    int said = 0;
    unsigned out = ferry__countdown_left(&map->out);
    if (out >= map->window) {
        said = wait_for_parts(map, (unsigned)(map->window / 2));
        map->gave_way = map->sent;
    } else if (out && ferry__executor_full(map->executor)) {
        said = wait_for_parts(map, out - 1);
        map->gave_way = map->sent;
    } else if (map->task && map->sent - map->gave_way >= CALLS_OUT) {
        ferry__yield(map->task);
        said = ferry__interruption(map->task);
        map->gave_way = map->sent;
    }
    if (said)
        stop(map, -said);
    if (!map->free)
        reap(map);
}

int ferry__map_wants(struct ferry__map *frame)
{
    struct ferry__map_state *map = map_of(frame);
    struct ferry__map_part *part = map->filling;
    if (part && (part->items == map->chunk || map->at == map->count) &&
        !ferry__load(&map->stop, relaxed))
        send(map);
    if (!map->filling && map->at < map->count)
        make_room(map);
    return map->at < map->count && !ferry__load(&map->stop, relaxed);
}

void ferry__map_leave(struct ferry__map *frame)
{
    struct ferry__map_state *map = map_of(frame);
    if (map->closed)
        return;
    map->closed = true;
    if (ferry__countdown_left(&map->out)) {
        stop(map, ECANCELED);
        take_back_all(map);
    }
    reap(map);
    skip(map, map->sent, map->count);
    struct ferry__map_part *part = map->all, *next;
    for (; part; part = next) {
        next = part->of_map;
        ferry__free(part);
    }
    ferry__context_drop(map->context);
}

int ferry__map_finish(struct ferry__map *frame)
{
    struct ferry__map_state *map = map_of(frame);
    int said = ferry__load(&map->stop, relaxed) ? 0 : wait_for_parts(map, 0);
    if (said)
        stop(map, -said);
    ferry__map_leave(frame);
    int error = ferry__load(&map->stop, relaxed);
    return !error || (map->ran == map->count && map->count > 0) ? 0 : ferry__fail(error);
}
