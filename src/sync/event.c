/* SPDX-License-Identifier: MIT */
#include "sync/line.h"

#include <ferry/event.h>

struct event {
    struct ferry__line line; /* first */
    bool set;
};

_Static_assert(sizeof(struct event) <= sizeof(ferry_event), "the public size");

static struct event *event_of(ferry_event *user)
{
    return (struct event *)(void *)user;
}

static struct ferry__line *line_of(ferry_event *user)
{
    return (struct ferry__line *)(void *)user; /* NULL stays NULL */
}

void ferry_event_init(ferry_event *user)
{
    *user = (ferry_event)FERRY_EVENT_INIT;
}

void ferry_event_deinit(ferry_event *user)
{
    if (user)
        ferry__line_deinit(&event_of(user)->line, "ferry_event_deinit");
}

int ferry_event_set(ferry_event *user)
{
    struct event *event = event_of(user);
    int said = ferry__wake_begins(line_of(user));
    if (said)
        return said;
    event->set = true;
    ferry__line_wake_all(&event->line, 0);
    return 0;
}

int ferry_event_clear(ferry_event *user)
{
    struct event *event = event_of(user);
    int said = ferry__wake_begins(line_of(user));
    if (said == 0)
        event->set = false;
    return said;
}

bool ferry_event_is_set(const ferry_event *user)
{
    return user && ((const struct event *)(const void *)user)->set;
}

int ferry_event_wait(ferry_event *user)
{
    struct event *event = event_of(user);
    struct ferry__task *task;
    int said = ferry__wait_begins(line_of(user), &task);
    if (said || event->set)
        return said;
    struct ferry__in_line waiter;
    return ferry__line_wait(&event->line, &waiter, task, "an event");
}
