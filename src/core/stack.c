/* SPDX-License-Identifier: MIT */
#include "core/stack.h"

#include "base/error.h"
#include "base/fault.h"
#include "base/memory.h"
#include "core/guard.h"
#include "core/notes.h"
#include "core/valgrind.h"

#include <sys/mman.h>
#include <unistd.h>

#define SLAB_FIRST 16      /* stacks in the first slab */
#define SLAB_LARGEST 65536 /* 16 GiB of address space */

void ferry__stacks_init(struct ferry__stacks *stacks, size_t size)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    if (size == 0)
        size = FERRY__STACK_BYTES;
    if (size < FERRY__STACK_LEAST)
        size = FERRY__STACK_LEAST;
    size = (size * FERRY__STACK_SCALE + page - 1) & ~(page - 1);
    *stacks = (struct ferry__stacks){.size = size};
}

void ferry__stacks_deinit(struct ferry__stacks *stacks)
{
    while (stacks->slabs) {
        struct ferry__slab *slab = stacks->slabs;
        stacks->slabs = slab->next;
        munmap(slab->memory, slab->count * stacks->size);
        ferry__free(slab);
    }
    ferry__stacks_init(stacks, stacks->size / FERRY__STACK_SCALE);
}

static void *map(size_t size)
{
    if (ferry__fault(FERRY__FAULT_MAP))
        return MAP_FAILED;
    return mmap(NULL, size, PROT_READ | PROT_WRITE,
                MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
}

/* As many stacks again as there are; where the system refuses that much, half of it, down to one.
 */
static struct ferry__slab *slab_new(struct ferry__stacks *stacks)
{
    size_t count = stacks->made < SLAB_FIRST ? SLAB_FIRST : stacks->made;
    if (stacks->size >= FERRY__MAIN_STACK_BYTES)
        count = 1;
    if (count > SLAB_LARGEST)
        count = SLAB_LARGEST;
    void *memory = map(count * stacks->size);
    while (memory == MAP_FAILED && count > 1) {
        count /= 2;
        memory = map(count * stacks->size);
    }
    if (memory == MAP_FAILED)
        return ferry__fail_null(ENOMEM);
    madvise(memory, count * stacks->size, MADV_NOHUGEPAGE); /* 4 KiB a task, not 2 MiB */
    struct ferry__slab *slab = ferry__alloc(sizeof *slab + count * sizeof(struct ferry__stack));
    if (!slab) {
        munmap(memory, count * stacks->size);
        return ferry__fail_null(ENOMEM);
    }
    slab->memory = memory;
    slab->count = count;
    slab->next = stacks->slabs;
    stacks->slabs = slab;
    return slab;
}

static struct ferry__stack *cut(struct ferry__stacks *stacks)
{
    struct ferry__slab *slab = stacks->slabs;
    if (!slab || slab->cut == slab->count)
        slab = slab_new(stacks);
    if (!slab)
        return NULL;
    struct ferry__stack *stack = &slab->stacks[slab->cut];
    stack->low = slab->memory + slab->cut * stacks->size;
    if (ferry__guard_install(stack->low, FERRY__GUARD_BYTES) != 0)
        return NULL; /* stays uncut: tried again the next time */
    ferry__valgrind_stack(stack->low + FERRY__GUARD_BYTES, stack->low + stacks->size);
    slab->cut++;
    stacks->made++;
    return stack;
}

struct ferry__stack *ferry__stack_get(struct ferry__stacks *stacks)
{
    struct ferry__stack *stack = stacks->warm;
    if (stack) {
        stacks->warm = stack->next;
        stacks->warm_count--;
        return stack;
    }
    stack = stacks->cold;
    if (!stack)
        return cut(stacks);
    stacks->cold = stack->next;
    return stack;
}

/* The older half of the warm ones gives its pages back. Guards stay: markers survive MADV_DONTNEED.
 */
static void cool(struct ferry__stacks *stacks)
{
    struct ferry__stack *last = stacks->warm;
    for (size_t kept = 1; kept < FERRY__STACKS_WARM / 2; kept++)
        last = last->next;
    struct ferry__stack *stack = last->next;
    last->next = NULL;
    stacks->warm_count = FERRY__STACKS_WARM / 2;
    while (stack) {
        struct ferry__stack *next = stack->next;
        madvise(stack->low + FERRY__GUARD_BYTES, stacks->size - FERRY__GUARD_BYTES, MADV_DONTNEED);
        stack->next = stacks->cold;
        stacks->cold = stack;
        stack = next;
    }
}

void ferry__stack_put(struct ferry__stacks *stacks, struct ferry__stack *stack)
{
    stack->next = stacks->warm;
    stacks->warm = stack;
    if (++stacks->warm_count > FERRY__STACKS_WARM)
        cool(stacks);
}
