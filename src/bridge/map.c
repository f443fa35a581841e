/* SPDX-License-Identifier: MIT */
/* The mapper: fills parts, sends them, waits for them. map.h has the drawing and the laws. */
#include "bridge/map.h"
#include "base/error.h"
#include "base/panic.h"
#include "bridge/crossing.h"
#include "core/locals.h"
#include "executor/deadlock.h"

#define WAITS_ON "ferry_executor_map"

enum { CALLS_OUT = 256 }; /* at least so many, where chunks are small */

static struct ferry__map_state *map_of(struct ferry__map *frame)
{
    return (struct ferry__map_state *)(void *)frame;
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

void ferry__on_map_call(const struct ferry__call *call, struct ferry__image *image)
{
    struct ferry__map_state *map = call->target;
    ferry__call_make(map, 0);
    if (!map->filling)
        map->filling = ferry__map_part_new(map, call->site, image);
    if (!map->filling) {
        ferry__map_stop(map, ENOMEM);
        return;
    }
    ferry__map_part_put(map->filling, call, image);
}

static void send(struct ferry__map_state *map)
{
    struct ferry__map_part *part = map->filling;
    map->filling = NULL;
    map->sent = part->first + part->items;
    if (map->in_place) {
        part->job.run(&part->job);
        ferry__map_part_skip_rest(part);
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
    ferry__map_stop(map, -status);
    ferry__map_part_skip_rest(part);
    reap_part(map, part);
}

/* Until no more than `low` are out. 0, or the interruption, or -EDEADLK. */
static int wait_for_parts(struct ferry__map_state *map, unsigned low)
{
    if (ferry__countdown_left(&map->out) <= low)
        return 0;
    if (ferry__executor_inherited(map->executor))
        return -EOWNERDEAD;
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
    if (ferry__executor_inherited(map->executor))
        return;
    for (struct ferry__map_part *part = map->all; part; part = part->of_map)
        if (part->is_out && ferry__executor_take_back(map->executor, &part->job)) {
            ferry__countdown_in(&map->out, 1);
            ferry__map_part_skip_rest(part);
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
        ferry__map_stop(map, error);
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
        ferry__map_stop(map, -said);
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
        ferry__map_stop(map, ECANCELED);
        take_back_all(map);
    }
    reap(map);
    ferry__map_skip(map, map->sent, map->count);
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
        ferry__map_stop(map, -said);
    ferry__map_leave(frame);
    int error = ferry__load(&map->stop, relaxed);
    return !error || (map->ran == map->count && map->count > 0) ? 0 : ferry__fail(error);
}
