/* SPDX-License-Identifier: MIT */
/*
 * A call that can be abandoned. Its task may be gone before it ends, so it lies in a block of its
 * own:
 *
 *     | crossing | bound | options | what to do with a late result | image (owned copy) |
 *
 * The block is freed by the task, when it has taken the result out of it, or by the worker, when
 * the task has left: bound.h has the law of `fate`, which decides.
 */
#include "base/error.h"
#include "base/memory.h"
#include "base/panic.h"
#include "bridge/bound.h"
#include "bridge/direct.h"
#include "core/locals.h"

struct leaving {
    struct ferry__crossing crossing;
    struct ferry__bound bound;
    ferry_call_options options; /* a copy: those of the statement may be gone */
    ferry_discard *discard;
    void *discard_argument;
    uint16_t result;
    _Alignas(16) unsigned char image[];
};

static struct leaving *of_job(struct ferry__job *job)
{
    return FERRY__CONTAINER(job, struct leaving, crossing.job);
}

static bool decide(struct ferry__bound *bound, enum ferry__fate fate)
{
    uint32_t pending = FERRY__FATE_PENDING;
    return ferry__cas(&bound->fate, &pending, fate, acq_rel);
}

/* On the worker. A late result is seen to here, where the call is still what the worker runs. */
static void run_leaving(struct ferry__job *job)
{
    struct leaving *leaving = of_job(job);
    ferry__crossing_run(&leaving->crossing);
    if (decide(&leaving->bound, FERRY__FATE_BACK) || !leaving->discard)
        return;
    uint64_t value[2];
    ferry__image_value(leaving->crossing.image, leaving->result, value);
    leaving->discard(value, leaving->discard_argument);
}

static void free_leaving(struct leaving *leaving)
{
    ferry__context_drop(leaving->crossing.context);
    ferry__free(leaving);
}

static void end_leaving(struct ferry__job *job, enum ferry__job_end end)
{
    struct leaving *leaving = of_job(job);
    struct ferry__crossing *crossing = &leaving->crossing;
    if (end == FERRY__JOB_DIED)
        ferry__call_died();
    decide(&leaving->bound, FERRY__FATE_BACK); /* it never ran, or died: then nobody has yet */
    if (ferry__bound_is_left(&leaving->bound)) {
        free_leaving(leaving);
        return;
    }
    crossing->end = end;
    ferry__mailbox_push(&crossing->loop->mailbox, &crossing->mail); /* the last touch */
}

/* The task goes on without it. No mail will come. */
static bool leave(struct ferry__bound *bound)
{
    struct ferry_loop *loop = bound->crossing->loop;
    ferry__requests_release(bound->crossing->task);
    bool left = decide(bound, FERRY__FATE_LEFT);
    if (left)
        loop->expected--;
    return left;
}

/* Whether an argument is an address in the stack that the task would leave. Registers and stack
 * words that carry integers or pointers are looked at, not what they point to. */
static bool points_into_stack(const struct ferry__call *call, const struct ferry__image *image,
                              const struct ferry__task *task)
{
    unsigned whole = call->vectors / FERRY__WHOLE;
    const uint64_t *on_stack = image->stack;
    for (unsigned i = 0; i < whole; i++)
        if (ferry__task_has_address(task,
                                    i < FERRY__INTS ? image->ints[i] : on_stack[i - FERRY__INTS]))
            return true;
    return false;
}

static int refusal(const struct ferry__call *call, const struct ferry__image *image,
                   const ferry_call_options *options, const struct ferry__task *task)
{
    if (call->result >> 8 == FERRY__OTHER || (call->result & 255) > 16)
        return -EINVAL;
    if (!points_into_stack(call, image, task) &&
        !(options && (ferry__task_has_address(task, (uintptr_t)options->after_argument) ||
                      ferry__task_has_address(task, (uintptr_t)options->discard_argument))))
        return 0;
    ferry__report("%s (%s) may be abandoned, but is given the address of something on the stack of "
                  "its task \"%s\", which may be gone before it ends: it was not called",
                  call->site, ferry__site_place(call->site), ferry__task_name(task));
    return -EFAULT;
}

static struct leaving *new_leaving(struct ferry__task *task, const struct ferry__call *call,
                                   const struct ferry_executor *executor,
                                   const ferry_call_options *options, struct ferry__image *image)
{
    struct leaving *leaving = ferry__alloc_aligned(16, sizeof *leaving + ferry__image_size(image));
    if (!leaving)
        return NULL;
    struct ferry__crossing *crossing = &leaving->crossing;
    ferry__image_copy(leaving->image, image);
    ferry__crossing_init(crossing, task, call, options,
                         (struct ferry__image *)(void *)leaving->image);
    crossing->job.run = run_leaving;
    crossing->job.done = end_leaving;
    if (options) {
        leaving->options = *options;
        crossing->options = &leaving->options;
    }
    bool own = options && options->discard;
    leaving->discard = own ? options->discard : executor->manner.discard;
    leaving->discard_argument = own ? options->discard_argument : executor->manner.discard_argument;
    leaving->result = call->result;
    return leaving;
}

/* Crosses, if it gets as far as that. *ret_left: the block is not ours any more. */
static struct ferry__ending cross(struct leaving *leaving, struct ferry_executor *executor,
                                  const ferry_call_options *options, bool may_leave)
{
    struct ferry__crossing *crossing = &leaving->crossing;
    int said = ferry__bound_init(&leaving->bound, crossing, executor, options);
    if (said == 0)
        said = ferry__crossing_set_out(crossing, executor);
    if (said < 0)
        return ferry__crossing_ending(crossing, said);
    return ferry__bound_await(&leaving->bound, executor, may_leave ? leave : NULL);
}

void ferry__cross_leaving(struct ferry__task *task, struct ferry_executor *executor,
                          const struct ferry__call *call, const ferry_call_options *options,
                          struct ferry__image *image)
{
    struct ferry__ending ending = {.state = FERRY_CALL_NEVER_STARTED};
    int said = refusal(call, image, options, task);
    struct leaving *leaving = said ? NULL : new_leaving(task, call, executor, options, image);
    if (!leaving) {
        ending.error = said ? -said : ENOMEM;
        ferry__conclude(task, call, options, image, &ending);
        return;
    }
    /* Where nothing could tell the caller, or the worker is a block's, it is seen through. */
    bool may_leave = (!leaving->crossing.job.must_run || call->result >> 8 == FERRY__VOID) &&
                     !ferry__with_worker_find(task, executor);
    ending = cross(leaving, executor, options, may_leave);
    if (ending.state != FERRY_CALL_ABANDONED) {
        ferry__requests_release(task);
        ferry__image_take_result(image, leaving->crossing.image);
        free_leaving(leaving);
    }
    ferry__conclude(task, call, options, image, &ending);
}
