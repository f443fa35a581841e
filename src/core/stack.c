/* SPDX-License-Identifier: MIT */
#include "core/stack.h"

#include "base/clock.h"
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
    ferry__list_init(&stacks->warm);
    ferry__list_init(&stacks->cold);
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
    stack->clean = true;
    if (ferry__guard_install(stack->low, FERRY__GUARD_BYTES) != 0)
        return NULL; /* stays uncut: tried again the next time */
    ferry__valgrind_stack(stack->low + FERRY__GUARD_BYTES, stack->low + stacks->size);
    slab->cut++;
    stacks->made++;
    return stack;
}

static struct ferry__stack *take_first(struct ferry__list *list)
{
    struct ferry__list *link = ferry__list_take_first(list);
    return link ? FERRY__LIST_OF(link, struct ferry__stack, free) : NULL;
}

struct ferry__stack *ferry__stack_get(struct ferry__stacks *stacks)
{
    struct ferry__stack *stack = take_first(&stacks->warm);
    if (stack) {
        stacks->warm_count--;
        if (stacks->warm_count < stacks->unneeded)
            stacks->unneeded = stacks->warm_count;
        return stack;
    }
    stack = take_first(&stacks->cold);
    return stack ? stack : cut(stacks);
}

void ferry__stack_put(struct ferry__stacks *stacks, struct ferry__stack *stack)
{
    stack->clean = false;
    ferry__list_put_first(&stacks->warm, &stack->free);
    stacks->warm_count++;
}

/* Guards stay: markers survive MADV_DONTNEED, and mprotect's pages were never there. */
static void cool_oldest(struct ferry__stacks *stacks)
{
    struct ferry__stack *stack = FERRY__LIST_OF(stacks->warm.previous, struct ferry__stack, free);
    ferry__list_remove(&stack->free);
    ferry__list_put_first(&stacks->cold, &stack->free);
    stacks->warm_count--;
    stacks->unneeded--;
    madvise(stack->low + FERRY__GUARD_BYTES, stacks->size - FERRY__GUARD_BYTES, MADV_DONTNEED);
    stack->clean = true;
}

uint64_t ferry__stacks_trim(struct ferry__stacks *stacks, uint64_t now)
{
    if (stacks->warm_count <= FERRY__STACKS_WARM) {
        stacks->trim_at = 0;
        return FERRY__NEVER;
    }
    if (stacks->trim_at > now)
        return stacks->trim_at;
    bool period_over = stacks->trim_at != 0;
    for (int i = 0; period_over && i < FERRY__STACKS_AT_ONCE && stacks->unneeded > 0 &&
                    stacks->warm_count > FERRY__STACKS_WARM;
         i++)
        cool_oldest(stacks);
    if (period_over && stacks->unneeded > 0) {
        stacks->trim_at = now + FERRY__STACKS_PAUSE_NS;
    } else {
        stacks->trim_at = now + FERRY__STACKS_PERIOD_NS;
        stacks->unneeded = stacks->warm_count;
    }
    return stacks->warm_count > FERRY__STACKS_WARM ? stacks->trim_at : FERRY__NEVER;
}
