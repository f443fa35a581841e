/* SPDX-License-Identifier: MIT */
/*
 * How deep a stack was used. A clean stack is zero all over: fresh from the kernel, or wiped by the
 * look that was taken before. So the lowest byte that isn't zero is the deepest that was written.
 *
 *      low            never touched         written    wiped again        top
 *       | guard | 0 0 0 0 0 0 0 0 0 0 0 0 | 0 0 x x 0 x x x x x x x x x x |
 *                 skipped: mincore          looked at
 *
 * Pages that nobody touched aren't looked at, so that they stay untouched; a page that the kernel
 * has swapped out isn't either. A frame whose last bytes were never written looks shorter.
 */
#include "core/guard.h"
#include "core/notes.h"
#include "core/stack.h"
#include "core/valgrind.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define PAGES_AT_ONCE ((size_t)256)

bool ferry__stack_use_known(void)
{
#ifdef FERRY__NOTES_ASAN
    return false; /* frames are elsewhere, and what they leave is poisoned */
#else
    return !ferry__on_valgrind();
#endif
}

/* The lowest page that is there; top: none. */
static char *lowest_page(char *low, char *top)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    unsigned char there[PAGES_AT_ONCE];
    while (low < top) {
        size_t pages = (size_t)(top - low) / page;
        pages = pages < PAGES_AT_ONCE ? pages : PAGES_AT_ONCE;
        if (mincore(low, pages * page, there) != 0)
            return low; /* then all is looked at */
        const unsigned char *first = memchr(there, 1, pages);
        if (first)
            return low + (size_t)(first - there) * page;
        low += pages * page;
    }
    return top;
}

size_t ferry__stack_used(const struct ferry__stacks *stacks, struct ferry__stack *stack)
{
    char *top = ferry__stack_top(stacks, stack);
    char *at = lowest_page(stack->low + FERRY__GUARD_BYTES, top);
    while (at < top && *(const uint64_t *)(const void *)at == 0)
        at += sizeof(uint64_t);
    size_t used = (size_t)(top - at);
    memset(at, 0, used);
    stack->clean = true;
    return used;
}
