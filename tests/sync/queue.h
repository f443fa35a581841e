/* SPDX-License-Identifier: MIT */
/* A queue of ints, and tasks that put and get, for the tests of queues. */
#ifndef TESTS_SYNC_QUEUE_H
#define TESTS_SYNC_QUEUE_H

#include "sync/sync.h"

#include <ferry/queue.h>

static ferry_queue *queue;

CHECK__HELPER int get(char name)
{
    int item = -1, said = ferry_queue_get(queue, &item);
    if (said < 0)
        CHECK_INT(item, ==, -1);
    note(said < 0 ? '-' : name);
    return said < 0 ? said : item;
}

CHECK__HELPER int put(char name, int item)
{
    int said = ferry_queue_put(queue, &item);
    note(said < 0 ? '-' : name);
    return said;
}

CHECK__HELPER int put_now(int item)
{
    return ferry_queue_put_nowait(queue, &item);
}

CHECK__HELPER int get_now(void)
{
    int item = -1, said = ferry_queue_get_nowait(queue, &item);
    return said < 0 ? said : item;
}

#endif
