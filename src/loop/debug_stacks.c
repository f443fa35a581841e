/* SPDX-License-Identifier: MIT */
/* Debug mode: the deepest that the tasks of each function went on their stacks. */
#include "core/guard.h"
#include "core/task.h"
#include "loop/loop.h"

#include <stdlib.h>

struct ferry__debug_depth {
    ferry__any *function;
    const char *site; /* where the task was made that went deepest */
    size_t deepest, room;
    size_t tasks;
};

/* The function's row; a new one if need be; NULL without memory. */
static struct ferry__debug_depth *row_of(struct ferry__debug *debug, ferry__any *function)
{
    for (size_t i = debug->depth_count; i > 0; i--)
        if (debug->depths[i - 1].function == function)
            return &debug->depths[i - 1];
    if ((debug->depth_count & (debug->depth_count - 1)) == 0) { /* full: a power of two, or 0 */
        size_t room = debug->depth_count ? debug->depth_count * 2 : 1;
        void *more = ferry__realloc(debug->depths, room * sizeof *debug->depths);
        if (!more)
            return NULL;
        debug->depths = more;
    }
    struct ferry__debug_depth *row = &debug->depths[debug->depth_count++];
    *row = (struct ferry__debug_depth){.function = function};
    return row;
}

void ferry__debug_stack_left(struct ferry_loop *loop, const struct ferry__task *task)
{
    struct ferry__stacks *stacks = task->is_main ? &loop->sched.main_stacks : &loop->sched.stacks;
    size_t used = ferry__stack_used(stacks, loop->debug.stack);
    if (!loop->debug.clean)
        return; /* from now on it is */
    struct ferry__debug_depth *row = row_of(&loop->debug, task->function);
    if (!row) {
        loop->debug.depths_lost++;
        return;
    }
    row->tasks++;
    if (used > row->deepest) {
        row->deepest = used;
        row->room = stacks->size - FERRY__GUARD_BYTES;
        row->site = task->site;
    }
}

static int deeper_first(const void *left_, const void *right_)
{
    const struct ferry__debug_depth *left = left_, *right = right_;
    return (left->deepest < right->deepest) - (left->deepest > right->deepest);
}

void ferry__debug_report_stacks(struct ferry_loop *loop)
{
    struct ferry__debug *debug = &loop->debug;
    if (debug->depth_count > 0)
        qsort(debug->depths, debug->depth_count, sizeof *debug->depths, deeper_first);
    for (size_t i = 0; debug->on && i < debug->depth_count; i++) {
        const struct ferry__debug_depth *row = &debug->depths[i];
        ferry__loop_report(loop, ferry__about_site(row->site),
                           "deepest stack use %zu of %zu bytes, in %zu task%s", row->deepest,
                           row->room, row->tasks, row->tasks == 1 ? "" : "s");
    }
    if (debug->on && debug->depths_lost > 0)
        ferry__loop_report(loop, ferry__about_site(NULL),
                           "the stack use of %zu tasks isn't known: there was no memory",
                           debug->depths_lost);
    ferry__free(debug->depths);
    debug->depths = NULL;
    debug->depth_count = debug->depths_lost = 0;
}
