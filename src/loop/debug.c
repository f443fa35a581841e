/* SPDX-License-Identifier: MIT */
#include "loop/debug.h"

#include "base/clock.h"
#include "base/error.h"
#include "core/task.h"
#include "loop/loop.h"

#include <stdarg.h>
#include <stdio.h>

#define SLOW_NS 100000000u /* asyncio's slow_callback_duration */

static struct ferry_loop *of(struct ferry__sched *sched)
{
    return FERRY__CONTAINER(sched, struct ferry_loop, sched);
}

bool ferry__debug_is_on(const struct ferry_loop *loop)
{
    return loop->sched.debug && loop->debug.on;
}

static uint64_t computed(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static struct ferry__debug_span span_from_now(void)
{
    return (struct ferry__debug_span){.since = ferry__now(), .cpu = computed()};
}

struct ferry__debug_span ferry__debug_callback_begins(struct ferry__sched *sched)
{
    of(sched)->debug.callback_base = __builtin_frame_address(0);
    return span_from_now();
}

/* "held the loop for 0.213 s (computing for 0.002 s)", or "" when it was short enough. */
static const char *verdict(const struct ferry_loop *loop, struct ferry__debug_span span,
                           char text[96])
{
    uint64_t took = ferry__now() - span.since;
    text[0] = '\0';
    if (took > loop->debug.slow_ns && ferry__debug_is_on(loop))
        snprintf(text, 96, "held the loop for %.3f s (computing for %.3f s)", ferry__seconds(took),
                 ferry__seconds(computed() - span.cpu));
    return text;
}

void ferry__debug_end(struct ferry_loop *loop, struct ferry__debug_span span, const char *site,
                      const char *what, ...)
{
    char text[96], who[64];
    loop->debug.callback_base = NULL;
    if (!*verdict(loop, span, text))
        return;
    va_list arguments;
    va_start(arguments, what);
    vsnprintf(who, sizeof who, what, arguments);
    va_end(arguments);
    ferry__loop_report(loop, ferry__about_site(site), "%s %s", who, text);
}

static void step_begins(struct ferry__sched *sched, struct ferry__task *task)
{
    struct ferry_loop *loop = of(sched);
    loop->debug.waited_on = task->waits_on ? task->waits_on : "giving way";
    loop->debug.stack = task->stack;
    loop->debug.clean = task->stack->clean;
    loop->debug.step = span_from_now();
}

/* Each report may be what makes the program free a task that has ended: from the first on, it is
 * known by its handle. */
static void step_ended(struct ferry__sched *sched, struct ferry__task *task)
{
    struct ferry_loop *loop = of(sched);
    const ferry_task *handle = ferry__task_handle(task);
    const char *site = task->site;
    bool ended = task->state == FERRY__TASK_DONE;
    char text[96];
    verdict(loop, loop->debug.step, text);
    if (task->state == FERRY__TASK_READY)
        task->waits_on = NULL; /* it gave way */
    const char *next = ended ? "its end" : task->waits_on ? task->waits_on : "giving way";
    if (ended && ferry__stack_use_known())
        ferry__debug_stack_left(loop, task);
    ferry__debug_look_at_loans(loop, task);
    if (*text)
        ferry__loop_report(loop, ferry__about(handle, site), "a step %s, between %s and %s", text,
                           loop->debug.waited_on, next);
    if (ended)
        ferry__debug_locks_left(loop, handle, site);
}

void ferry__debug_take_down(struct ferry_loop *loop)
{
    if (loop->debug.on)
        ferry__debug_unjoined(loop);
    if (loop->report_open)
        loop->report_open(loop);
    ferry__debug_report_stacks(loop);
}

static const struct ferry__debug_hooks hooks = {
    .step_begins = step_begins,
    .step_ended = step_ended,
    .task_given = ferry__debug_lend_task,
};

/* Off again is but a silence: a step may be under way whose end is looked for. */
static void set(struct ferry_loop *loop, bool on)
{
    loop->debug.on = on;
    if (on)
        loop->sched.debug = &hooks;
}

void ferry__debug_init(struct ferry_loop *loop, bool on)
{
    loop->debug.slow_ns = SLOW_NS;
    set(loop, on);
}

int ferry_loop_set_debug(bool enabled)
{
    struct ferry_loop *loop = ferry__loop_current();
    if (!loop)
        return ferry__fail(EPERM);
    set(loop, enabled);
    return 0;
}

bool ferry_loop_get_debug(void)
{
    struct ferry_loop *loop = ferry__loop_current();
    return loop && ferry__debug_is_on(loop);
}

int ferry_loop_set_slow_callback_duration(double seconds)
{
    struct ferry_loop *loop = ferry__loop_current();
    uint64_t ns;
    if (!loop || !ferry__duration(seconds, &ns))
        return ferry__fail(loop ? EINVAL : EPERM);
    loop->debug.slow_ns = ns;
    return 0;
}
