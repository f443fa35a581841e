/* SPDX-License-Identifier: MIT */
/*
 * Contexts that users hold, and the two blocks. A ferry_context is a place for a chain; inside
 * FERRY_WITH_CONTEXT the running code works there:
 *
 *     a task     its chain and the context's change places, and back
 *     others     ferry__context_here points to the context's, and back
 *
 * The law of `entered`: false -> true by who enters (acquire), true -> false by who leaves
 * (release); in between the chain is theirs alone.
 */
#include "base/error.h"
#include "base/memory.h"
#include "base/panic.h"
#include "core/locals.h"
#include "core/task.h"

struct ferry_context {
    atomic_bool entered;
    struct ferry__context *chain;
};

/* A frame of FERRY_WITH_CONTEXT. */
struct entered {
    ferry_context *context; /* NULL: it could not be entered */
    struct ferry__task *task;
    struct ferry__context *chain;  /* of the task, meanwhile */
    struct ferry__context **outer; /* of others */
};

/* A frame of FERRY_WITH_LOCAL. */
struct replaced {
    const ferry_local *local; /* NULL: it could not be set */
    void *before;
    struct ferry__context *spare; /* so that giving back can't fail */
};

_Static_assert(sizeof(struct entered) <= sizeof(struct ferry__with_context), "the public size");
_Static_assert(sizeof(struct replaced) <= sizeof(struct ferry__with_local), "the public size");

ferry_context *ferry_copy_context(void)
{
    ferry_context *context = ferry__alloc(sizeof *context);
    if (!context)
        return ferry__fail_null(ENOMEM);
    context->chain = ferry__context_hold(ferry__context_now());
    return context;
}

void ferry_context_free(ferry_context *context)
{
    if (!context)
        return;
    if (ferry__load(&context->entered, acquire))
        ferry__panic("a context was freed inside its FERRY_WITH_CONTEXT block");
    ferry__context_drop(context->chain);
    ferry__free(context);
}

struct ferry__with_context *ferry__with_context_open(struct ferry__with_context *frame,
                                                     ferry_context *context)
{
    struct entered *entered = (struct entered *)(void *)frame;
    *entered = (struct entered){.task = ferry__task_current()};
    if (!context || ferry__swap(&context->entered, true, acq_rel)) {
        errno = context ? EBUSY : EINVAL;
        return frame;
    }
    entered->context = context;
    if (entered->task) {
        entered->chain = entered->task->context;
        entered->task->context = context->chain;
        context->chain = NULL;
    } else {
        entered->outer = ferry__context_enter(&context->chain);
    }
    return frame;
}

int ferry__with_context_held(const struct ferry__with_context *frame)
{
    return ((const struct entered *)(const void *)frame)->context != NULL;
}

void ferry__with_context_close(struct ferry__with_context *frame)
{
    struct entered *entered = (struct entered *)(void *)frame;
    ferry_context *context = entered->context;
    if (!context)
        return;
    if (entered->task) {
        context->chain = entered->task->context;
        entered->task->context = entered->chain;
    } else {
        ferry__context_leave(entered->outer);
    }
    ferry__store(&context->entered, false, release);
}

struct ferry__with_local *ferry__with_local_open(struct ferry__with_local *frame,
                                                 const ferry_local *local, void *value)
{
    struct replaced *replaced = (struct replaced *)(void *)frame;
    *replaced = (struct replaced){.before = ferry_local_get(local)};
    replaced->spare = ferry__context_link(local, replaced->before);
    if (!replaced->spare) {
        errno = ENOMEM;
        return frame;
    }
    if (ferry_local_set(local, value) == 0)
        replaced->local = local;
    return frame;
}

int ferry__with_local_held(const struct ferry__with_local *frame)
{
    return ((const struct replaced *)(const void *)frame)->local != NULL;
}

void ferry__with_local_close(struct ferry__with_local *frame)
{
    struct replaced *replaced = (struct replaced *)(void *)frame;
    int before = errno;
    struct ferry__context **place = ferry__context_place();
    if (replaced->local && place &&
        ferry__context_set(place, replaced->local, replaced->before) != 0) {
        replaced->spare->next =
            *place; /* it hides the other one, until the next set removes both */
        *place = replaced->spare;
        replaced->spare = NULL;
    }
    ferry__context_drop(replaced->spare);
    errno = before;
}
