/* SPDX-License-Identifier: MIT */
#include "base/error.h"
#include "sync/line.h"

#include <ferry/barrier.h>

struct barrier {
    struct ferry__line line; /* first */
    int parties;
    int waiting; /* how many are in the line: fewer than parties */
    bool broken;
};

_Static_assert(sizeof(struct barrier) <= sizeof(ferry_barrier) &&
                   offsetof(struct barrier, parties) == offsetof(ferry_barrier, ferry__parties),
               "the public size and initializer");

static struct barrier *barrier_of(ferry_barrier *user)
{
    return (struct barrier *)(void *)user;
}

static struct ferry__line *line_of(ferry_barrier *user)
{
    return (struct ferry__line *)(void *)user; /* NULL stays NULL */
}

static const struct barrier *seen(const ferry_barrier *user)
{
    return (const struct barrier *)(const void *)user;
}

int ferry_barrier_init(ferry_barrier *user, int parties)
{
    if (!user || parties < 1)
        return ferry__fail(EINVAL);
    *user = (ferry_barrier)FERRY_BARRIER_INIT(parties);
    return 0;
}

void ferry_barrier_deinit(ferry_barrier *user)
{
    if (user)
        ferry__line_deinit(&barrier_of(user)->line, "ferry_barrier_deinit");
}

/* The last one has come. Places are counted now, so that one who left leaves no gap. */
static int let_all_go(struct barrier *barrier)
{
    int index = 0;
    while (ferry__line_wake(&barrier->line, index))
        index++;
    barrier->waiting = 0;
    return index;
}

int ferry_barrier_wait(ferry_barrier *user)
{
    struct barrier *barrier = barrier_of(user);
    struct ferry__task *task;
    int said = ferry__wait_begins(line_of(user), &task);
    if (said)
        return said;
    if (barrier->parties < 1)
        return ferry__fail(EINVAL);
    if (barrier->broken)
        return ferry__fail(EPIPE);
    if (barrier->waiting == barrier->parties - 1)
        return let_all_go(barrier);
    barrier->waiting++;
    struct ferry__in_line waiter = {.said = 0};
    said = ferry__line_wait(&barrier->line, &waiter, task, "a barrier");
    if (said < 0 && waiter.said == 0) /* interrupted, not woken */
        barrier->waiting--;
    return said;
}

static int send_away(ferry_barrier *user, bool broken)
{
    struct barrier *barrier = barrier_of(user);
    int said = ferry__wake_begins(line_of(user));
    if (said)
        return said;
    ferry__line_wake_all(&barrier->line, -EPIPE);
    barrier->waiting = 0;
    barrier->broken = broken;
    return 0;
}

int ferry_barrier_reset(ferry_barrier *user)
{
    return send_away(user, false);
}

int ferry_barrier_abort(ferry_barrier *user)
{
    return send_away(user, true);
}

int ferry_barrier_parties(const ferry_barrier *user)
{
    return user ? seen(user)->parties : 0;
}

int ferry_barrier_n_waiting(const ferry_barrier *user)
{
    return user ? seen(user)->waiting : 0;
}

bool ferry_barrier_broken(const ferry_barrier *user)
{
    return user && seen(user)->broken;
}
