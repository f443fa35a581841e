/* SPDX-License-Identifier: MIT */
/*
 * Named fault points: the places where the system can say no. A test arms one ("from the third time
 * on, thread creation is refused"), and the code behind it takes the same path as if the system had
 * refused. Only slow paths have one, and unarmed it costs one relaxed load of a word that never
 * changes.
 */
#ifndef FERRY_BASE_FAULT_H
#define FERRY_BASE_FAULT_H

#include "base/atomic.h"

#include <stdbool.h>

enum ferry__fault {
    FERRY__FAULT_ALLOC,      /* malloc */
    FERRY__FAULT_MAP,        /* mmap of stacks */
    FERRY__FAULT_PROTECT,    /* guard pages */
    FERRY__FAULT_THREAD,     /* pthread_create */
    FERRY__FAULT_DESCRIPTOR, /* epoll_create, eventfd, signalfd */
    FERRY__FAULT_EPOLL,      /* epoll_ctl */
    FERRY__FAULTS
};

/* Arms a point: the next `skip` passes succeed, the `count` after that fail. count < 0: all of
 * them. Any thread; tests only. ferry__fault_clear() disarms all. */
void ferry__fault_arm(enum ferry__fault point, long skip, long count);
void ferry__fault_clear(void);

extern atomic_bool ferry__fault_armed;
bool ferry__fault_slow(enum ferry__fault point);

/* True when this pass must fail. */
static inline bool ferry__fault(enum ferry__fault point)
{
    return __builtin_expect(ferry__load(&ferry__fault_armed, relaxed), false) &&
           ferry__fault_slow(point);
}

#endif
