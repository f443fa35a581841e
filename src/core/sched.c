/* SPDX-License-Identifier: MIT */
#include "core/sched.h"

#include "core/completion.h"
#include "core/locals.h"
#include "core/task.h"

#include <errno.h>

_Thread_local struct ferry__sched *ferry__sched_here __attribute__((tls_model("initial-exec")));

void ferry__sched_init(struct ferry__sched *sched, uint32_t number, uint32_t floor,
                       size_t stack_size, size_t main_stack)
{
    *sched = (struct ferry__sched){.exceptions = ferry__exceptions_here()};
    ferry__slots_init(&sched->tasks, sizeof(struct ferry__task), number, floor);
    ferry__slots_init(&sched->completions, sizeof(struct ferry__completion), number, floor);
    ferry__stacks_init(&sched->stacks, stack_size);
    ferry__stacks_init(&sched->main_stacks, main_stack ? main_stack : FERRY__MAIN_STACK_BYTES);
    ferry__notes_adopt(&sched->fiber.notes);
    sched->main_context = ferry__context_hold(ferry__context_now());
}

uint32_t ferry__sched_deinit(struct ferry__sched *sched)
{
    for (uint32_t i = 0; i < sched->tasks.made; i++) {
        struct ferry__task *task = ferry__slot_at(&sched->tasks, i);
        if (task)
            ferry__task_free(task);
    }
    ferry__context_drop(sched->main_context);
    uint32_t tasks = ferry__slots_deinit(&sched->tasks);
    uint32_t completions = ferry__slots_deinit(&sched->completions);
    ferry__stacks_deinit(&sched->stacks);
    ferry__stacks_deinit(&sched->main_stacks);
    ferry__held_deinit(&sched->held);
    return tasks > completions ? tasks : completions;
}

static struct ferry__ready *take(struct ferry__ready_queue *queue)
{
    struct ferry__ready *ready = queue->first;
    queue->first = ready->next;
    return ready;
}

static struct ferry__task *back_to_loop(struct ferry__sched *sched)
{
    sched->current = NULL;
    ferry__calls_here = NULL;
    return NULL;
}

/* The round's next task, which runs now; NULL: it is a callback's turn, or the round is over. */
static struct ferry__task *next_task(struct ferry__sched *sched)
{
    if (!sched->round.first || sched->round.first->run)
        return back_to_loop(sched);
    struct ferry__task *task = FERRY__CONTAINER(take(&sched->round), struct ferry__task, ready);
    if (!task->fiber.sp)
        ferry__task_lay_out(task);
    task->state = FERRY__TASK_RUNNING;
    sched->current = task;
    ferry__calls_here = task->calls;
    return task;
}

/* The same from a task that leaves; in debug mode every step begins and ends with the loop. */
static struct ferry__task *next_from_task(struct ferry__sched *sched)
{
    return __builtin_expect(sched->debug != NULL, 0) ? back_to_loop(sched) : next_task(sched);
}

/* From the loop's own stack. */
static inline void switch_to(struct ferry__sched *sched, struct ferry__task *task)
{
    struct ferry__exceptions mine = ferry__exceptions_keep(sched->exceptions);
    ferry__fiber_switch(&sched->fiber, &task->fiber);
    ferry__exceptions_give(sched->exceptions, mine);
}

/* One step of debug mode. A task that ended with nobody to join it is freed here and not by itself,
 * so that it can be looked at; the hook's reports may have joined it or freed it, though. */
static void step_looked_at(struct ferry__sched *sched)
{
    struct ferry__task *task = next_task(sched), *left;
    const ferry_task *handle = ferry__task_handle(task);
    sched->debug->step_begins(sched, task);
    switch_to(sched, task);
    sched->debug->step_ended(sched, task);
    if (ferry__task_find(handle, &left) == 0 && left->state == FERRY__TASK_DONE && left->detached)
        ferry__task_free(left);
}

static __attribute__((noinline, cold)) void free_failed(struct ferry__sched *sched)
{
    struct ferry__task *task = sched->failed;
    sched->failed = NULL;
    ferry__task_free(task);
}

void ferry__sched_round(struct ferry__sched *sched)
{
    sched->round = sched->ready;
    sched->ready.first = NULL;
    while (sched->round.first) {
        if (sched->round.first->run) {
            struct ferry__ready *ready = take(&sched->round);
            ready->run(ready);
        } else if (__builtin_expect(sched->debug != NULL, 0)) {
            step_looked_at(sched);
        } else {
            switch_to(sched, next_task(sched));
            if (__builtin_expect(sched->failed != NULL, 0))
                free_failed(sched);
        }
    }
}

void ferry__sched_switch(struct ferry__sched *sched, struct ferry__task *task)
{
    int before = errno;
    struct ferry__exceptions mine = ferry__exceptions_keep(sched->exceptions);
    struct ferry__task *next = next_from_task(sched);
    if (next && next->began) /* it stopped here, too */
        ferry__fiber_switch_alike(&task->fiber, &next->fiber);
    else
        ferry__fiber_switch(&task->fiber, next ? &next->fiber : &sched->fiber);
    ferry__exceptions_give(sched->exceptions, mine);
    errno = before;
}

_Noreturn void ferry__sched_leave(struct ferry__sched *sched, struct ferry__task *task)
{
    struct ferry__task *next = sched->failed ? back_to_loop(sched) : next_from_task(sched);
    ferry__fiber_leave(&task->fiber, next ? &next->fiber : &sched->fiber);
}
