/* SPDX-License-Identifier: MIT */
/*
 * Stacks for tasks, made and recycled by one thread.
 *
 *      low                                                     top
 *       |  guard 64 KiB  |            grows down  <-            |
 *       +----------------+--------------------------------------+   size: 256 KiB of address space
 *
 * They lie in slabs, one mapping each, every slab as large as all before it together: a million
 * stacks are some twenty mappings. A slab's stacks are cut off it one by one, the guard being put
 * in at that moment; so memory is only what tasks touch (a waiting task: its top page).
 *
 * A freed stack is the next to be used, its pages being warm. So a burst of tasks finds the stacks
 * of the burst before; those that nobody took for a whole second give their pages back, the longest
 * unused first.
 */
#ifndef FERRY_CORE_STACK_H
#define FERRY_CORE_STACK_H

#include "base/list.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FERRY__STACK_BYTES ((size_t)256 * 1024)
#define FERRY__STACK_LEAST ((size_t)128 * 1024)
#define FERRY__MAIN_STACK_BYTES ((size_t)8 * 1024 * 1024)

/* So many free stacks keep their pages for good; those beyond as long as they are needed now and
 * then. */
#define FERRY__STACKS_WARM 256
#define FERRY__STACKS_PERIOD_NS 1000000000u
#define FERRY__STACKS_AT_ONCE 128 /* given back in one go: some 100 us of the loop's time */
#define FERRY__STACKS_PAUSE_NS 5000000u

struct ferry__stack {
    struct ferry__list free; /* while it is */
    char *low;               /* the guard's first byte */
    bool clean;              /* zero all over, until it was used */
};

struct ferry__slab {
    struct ferry__slab *next;
    char *memory;
    size_t count, cut; /* stacks it has room for; stacks that were cut off it */
    struct ferry__stack stacks[];
};

/* All fields: owner thread only. */
struct ferry__stacks {
    size_t size;               /* of one stack, guard included; constant */
    struct ferry__slab *slabs; /* the newest first: only it may have stacks left to cut */
    struct ferry__list warm;   /* free, pages still there; last freed first */
    struct ferry__list cold;   /* free, pages given back */
    size_t warm_count, made;
    size_t unneeded;  /* warm ones that nobody took since the period began */
    uint64_t trim_at; /* the period's end; 0: none runs */
};

/* size 0: the default. Rounded up to pages, scaled under sanitizers. */
void ferry__stacks_init(struct ferry__stacks *stacks, size_t size);

/* Unmaps all. None may be in use. */
void ferry__stacks_deinit(struct ferry__stacks *stacks);

/* NULL with errno ENOMEM. */
struct ferry__stack *ferry__stack_get(struct ferry__stacks *stacks);

/* May be called on the very stack, if nothing is got before it is left. */
void ferry__stack_put(struct ferry__stacks *stacks, struct ferry__stack *stack);

/* Gives pages back that nobody needed for a period, a few stacks at a time. When to call it again;
 * FERRY__NEVER: there is nothing to give back. */
uint64_t ferry__stacks_trim(struct ferry__stacks *stacks, uint64_t now);

/* Of a stack that was put back: how many bytes below its top were used since it was clean, and it
 * is clean again. Where use_known says no, it can't be told. (stack_use.c) */
size_t ferry__stack_used(const struct ferry__stacks *stacks, struct ferry__stack *stack);
bool ferry__stack_use_known(void);

static inline char *ferry__stack_top(const struct ferry__stacks *stacks,
                                     const struct ferry__stack *stack)
{
    return stack->low + stacks->size;
}

#endif
