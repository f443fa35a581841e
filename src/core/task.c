/* SPDX-License-Identifier: MIT */
#include "core/task.h"

#include "base/error.h"
#include "base/panic.h"
#include "core/group.h"
#include "core/guard.h"
#include "core/kind.h"
#include "core/locals.h"

#include <stdlib.h>
#include <string.h>

#ifdef FERRY__PLAIN_TASK_SIZE
_Static_assert(sizeof(struct ferry__task) <= 256, "a finished task costs at most 256 bytes");
#endif

/* A capture may read so much above its frame: see task.h. */
#define READABLE_ABOVE 1024

const char *ferry__site_place(const char *site)
{
    return site + strlen(site) + 1;
}

const char *ferry__task_name(const struct ferry__task *task)
{
    return task->name ? task->name : task->site;
}

bool ferry__task_failed(const struct ferry__task *task)
{
    return task->state == FERRY__TASK_DONE && task->began &&
           ferry__result_negative(task->result_kind, &task->result) != 0;
}

bool ferry__task_was_cancelled(const struct ferry__task *task)
{
    if (task->state != FERRY__TASK_DONE)
        return false;
    if (!task->began)
        return true;
    long long said = ferry__result_negative(task->result_kind, &task->result);
    return task->cancels > 0 &&
           (said == -ECANCELED || (said == -1 && task->end_errno == ECANCELED));
}

/* Nobody has seen that it failed, and nobody can any more once it is freed. */
static bool failed_unseen(const struct ferry__task *task)
{
    return !task->looked_at && !task->is_main && ferry__task_failed(task) &&
           !ferry__task_was_cancelled(task);
}

static void complain_of_failure(struct ferry__task *task)
{
    task->looked_at = true;
    struct ferry__complaint complaint = {
        .message = "a task failed, and nobody awaited it",
        .task = task,
        .result = (int)ferry__result_negative(task->result_kind, &task->result),
    };
    task->sched->complain(task->sched, &complaint);
}

void ferry__task_free(struct ferry__task *task)
{
    struct ferry__sched *sched = task->sched;
    if (failed_unseen(task)) {
        const ferry_task *handle = ferry__task_handle(task);
        complain_of_failure(task);
        if (ferry__task_find(handle, &task) != 0)
            return; /* whoever was told has joined or detached it */
    }
    if (task->joiner && task->joiner->yields)
        task->joiner->evicted(task->joiner, task);
    if (task->group)
        ferry__group_forget(task);
    ferry__free(task->name);
    ferry__slot_put(&sched->tasks, task);
}

/* The last of a task: on its own stack, which is given back before it is left. What it calls of the
 * user's (the done callbacks of a future that it settles) is no part of the task any more. */
static _Noreturn void finish(struct ferry__task *task)
{
    struct ferry__sched *sched = task->sched;
    sched->current = NULL;
    task->state = FERRY__TASK_DONE;
    task->waits_on = NULL;
    task->scopes = NULL;
    sched->live--;
    struct ferry__context *context = task->context;
    task->context = NULL;
    if (task->is_main) { /* the next one's */
        struct ferry__context *before = sched->main_context;
        sched->main_context = context;
        context = before;
    }
    ferry__context_drop(context);
    if (task->is_main)
        sched->main_end =
            (struct ferry__main_end){.over = true, .began = task->began, .error = task->end_errno};
    if (task->group)
        ferry__group_ended(task);
    if (task->when_done)
        ferry__ready_put_ring(sched, task->when_done);
    task->when_done = NULL;
    if (task->joiner)
        task->joiner->ended(task->joiner, task);
    ferry__stack_put(task->is_main ? &sched->main_stacks : &sched->stacks, task->stack);
    task->stack = NULL;
    if (task->detached && !sched->debug) { /* else the round frees it, when it has looked at it */
        if (failed_unseen(task))
            sched->failed = task; /* a handler may want stacks: not on one that was given back */
        else
            ferry__task_free(task);
    }
    ferry__sched_leave(sched, task);
}

static void entry(void *task_)
{
    struct ferry__task *task = task_;
    ferry__notes_arrive(&task->fiber.notes);
    ferry__exceptions_give(task->sched->exceptions, (struct ferry__exceptions){NULL, 0});
    if (task->cancels == 0 || task->even_cancelled) {
        task->began = true;
        task->waits_on = NULL;
        errno = 0;
        ferry__replay(task->image, task->function);
        task->end_errno = errno;
        ferry__image_value(task->image, task->result_kind, &task->result);
    }
    finish(task);
}

/* Lays out the top of the stack, as drawn in task.h. The main task's image stays in its caller's
 * frame. */
static void lay_out(struct ferry__task *task, struct ferry__image *image)
{
    struct ferry__stacks *stacks = task->is_main ? &task->sched->main_stacks : &task->sched->stacks;
    char *top = ferry__stack_top(stacks, task->stack);
    ferry__notes_start(&task->fiber.notes, task->stack->low + FERRY__GUARD_BYTES,
                       (size_t)(top - task->stack->low) - FERRY__GUARD_BYTES);
    char *at = top - sizeof(struct ferry__calls);
    at = (char *)((uintptr_t)at & ~(uintptr_t)63);
    task->calls = (struct ferry__calls *)(void *)at;
    ferry__calls_init(task->calls);
    task->image = image;
    if (!task->is_main) {
        at -= ferry__image_size(image);
        at = (char *)((uintptr_t)at & ~(uintptr_t)63);
        task->image = (struct ferry__image *)(void *)at;
        ferry__image_copy(task->image, image);
    }
    if (at > top - READABLE_ABOVE)
        at = top - READABLE_ABOVE;
    task->fiber.sp = ferry__switch_prepare(at, entry, task);
}

/*
 * A fresh stack costs a page fault when it is touched first. Somebody who creates ten thousand
 * tasks in a row should not pay for all of them before the first has run: plain arguments wait in
 * the slot, where the result will be, and the stack is laid out at the task's first turn.
 */
static bool keep_early(struct ferry__task *task, const struct ferry__image *image)
{
    if (task->is_main || !(image->flags & FERRY__PLAIN))
        return false;
    memcpy(task->early, image->ints, sizeof task->early);
    return true;
}

void ferry__task_lay_out(struct ferry__task *task)
{
    struct ferry__image image = {.flags = FERRY__PLAIN};
    memcpy(image.ints, task->early, sizeof task->early);
    memset(task->early, 0, sizeof task->early);
    lay_out(task, &image);
}

struct ferry__task *ferry__task_spawn(struct ferry__sched *sched, const struct ferry__call *call,
                                      struct ferry__image *image, bool is_main)
{
    struct ferry__stacks *stacks = is_main ? &sched->main_stacks : &sched->stacks;
    if (sched->over)
        return ferry__fail_null(ESHUTDOWN);
    struct ferry__stack *stack = ferry__stack_get(stacks);
    if (!stack)
        return NULL;
    struct ferry__task *task = ferry__slot_get(&sched->tasks);
    if (!task) {
        ferry__stack_put(stacks, stack);
        return ferry__fail_null(ENOMEM);
    }
    task->sched = sched;
    task->site = call->site;
    task->function = call->function;
    task->result_kind = call->result;
    const struct ferry__task_options *options = is_main ? NULL : call->options;
    task->even_cancelled = options && options->even_cancelled;
    task->is_main = is_main;
    task->stack = stack;
    task->waits_on = "its start";
    task->context = ferry__context_hold(is_main ? sched->main_context : ferry__context_now());
    if (!keep_early(task, image))
        lay_out(task, image);
    sched->live++;
    task->state = FERRY__TASK_READY;
    ferry__ready_put(sched, &task->ready);
    if (__builtin_expect(sched->debug != NULL, 0))
        sched->debug->task_given(sched, call, image, task);
    return task;
}

void ferry__on_create_task(const struct ferry__call *call, struct ferry__image *image)
{
    struct ferry__sched *sched = ferry__sched_here;
    if (!sched) {
        ferry__call_make(NULL, EPERM);
        return;
    }
    struct ferry__task *task = ferry__task_spawn(sched, call, image, false);
    if (task)
        ferry__call_make(ferry__task_handle(task), 0);
    else
        ferry__call_make(NULL, errno);
}
