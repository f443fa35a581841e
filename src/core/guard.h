/* SPDX-License-Identifier: MIT */
/*
 * Guards: pages at the low end of a stack that fault when they are touched.
 *
 * Two kinds. Where the kernel has them (Linux 6.13), guard markers in the page table: no mapping is
 * split, so a million stacks are a few dozen mappings. Elsewhere mprotect, which splits the mapping
 * twice per stack and so ends near 32,753 stacks (vm.max_map_count).
 */
#ifndef FERRY_CORE_GUARD_H
#define FERRY_CORE_GUARD_H

#include <stdbool.h>
#include <stddef.h>

/* 64 KiB at least: a 4 KiB guard is stepped over by an ordinary 16 KiB frame. */
#define FERRY__GUARD_BYTES ((size_t)64 * 1024)

enum ferry__guard_kind {
    FERRY__GUARD_UNKNOWN,
    FERRY__GUARD_MARKER,
    FERRY__GUARD_PROTECT,
};

/* Which kind this process uses: found by a real test, once. Any thread. */
enum ferry__guard_kind ferry__guard_kind(void);

/* For tests: this kind from now on (UNKNOWN: find out again). */
void ferry__guard_force(enum ferry__guard_kind kind);

/* Makes [low, low + size) fault. 0 or -ENOMEM (no more mappings). */
int ferry__guard_install(void *low, size_t size);

/* Whether touching the page at this address would fault, asked of the kernel without touching it.
 */
bool ferry__guard_faults(const void *page);

#endif
