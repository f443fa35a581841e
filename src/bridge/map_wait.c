/* SPDX-License-Identifier: MIT */
/* How a mapper waits for parts to come back: the word `out` of map.h, and the wake-up owed. */
#include "base/error.h"
#include "bridge/crossing.h"
#include "bridge/map.h"
#include "executor/deadlock.h"

#define WAITING 0x80000000u

static unsigned count_of(unsigned out)
{
    return out & ~WAITING;
}

unsigned ferry__map_count_out(struct ferry__map_state *map)
{
    return count_of(ferry__load(&map->out, acquire));
}

void ferry__map_went_out(struct ferry__map_state *map)
{
    ferry__add(&map->out, 1, relaxed); /* the push publishes it with the part */
}

void ferry__map_did_not(struct ferry__map_state *map)
{
    ferry__sub(&map->out, 1, relaxed);
}

void ferry__map_is_back(struct ferry__map_state *map, struct ferry__map_part *part)
{
    struct ferry__map_part *newest = ferry__load(&map->finished, relaxed);
    do
        part->next = newest;
    while (!ferry__cas_weak(&map->finished, &newest, part, release));
    unsigned out, after;
    do {
        out = ferry__load(&map->out, acquire); /* with WAITING comes `low` */
        after = out - 1;
        if ((out & WAITING) && count_of(after) <= map->low)
            after = count_of(after);
    } while (!ferry__cas_weak(&map->out, &out, after, acq_rel));
    if ((out & WAITING) && !(after & WAITING))
        ferry__waiter_wake(&map->waiter);
}

/* False: that few are out already. */
static bool begin(struct ferry__map_state *map, unsigned low)
{
    map->low = low;
    unsigned out;
    do {
        out = ferry__load(&map->out, acquire); /* what those wrote that are back */
        if (count_of(out) <= low)
            return false;
    } while (!ferry__cas_weak(&map->out, &out, out | WAITING, release));
    return true;
}

/* False: somebody owes the wake-up already. */
static bool give_up(struct ferry__map_state *map)
{
    return ferry__and(&map->out, ~WAITING, acq_rel) & WAITING;
}

/* With `shielded`, whatever interrupts. */
static int wait(struct ferry__map_state *map, unsigned low, bool shielded)
{
    const char *what = "ferry_executor_map";
    int said = ferry__waiter_begin(&map->waiter);
    if (said && !shielded)
        return said;
    if (!begin(map, low))
        return 0;
    if (map->loop)
        ferry__crossing_expect(map->loop, map->executor);
    if (!shielded)
        said = ferry__waiter_sleep(&map->waiter, what);
    bool interrupted = said && !shielded && give_up(map);
    if ((said || shielded) && !interrupted)
        ferry__waiter_see_out(&map->waiter, what);
    if (map->loop)
        map->loop->expected--;
    return interrupted ? said : 0;
}

int ferry__map_wait(struct ferry__map_state *map, unsigned low)
{
    struct ferry__stuck_wait stuck;
    if (ferry__map_count_out(map) <= low)
        return 0;
    if (map->task)
        return wait(map, low, false);
    int said = ferry__deadlock_enter(&stuck, map->executor, &map->newest->job);
    if (said == 0)
        said = wait(map, low, false);
    ferry__deadlock_leave(&stuck);
    return said;
}

void ferry__map_wait_shielded(struct ferry__map_state *map)
{
    if (ferry__map_count_out(map))
        wait(map, 0, true);
}
