/* SPDX-License-Identifier: MIT */
#include "loop/callback.h"

#include "base/error.h"

#include <math.h>

struct captured {
    struct ferry__callback callback; /* first */
    struct ferry__mail mail;         /* on its way from another thread */
    struct ferry_timer *timer;       /* that it waits for, or whose turn it is */
    ferry__any *function;
    const char *site;
    _Alignas(16) char image[];
};

/* It is called now, or never: the address in a stack that it was given is of no use any more. */
static void repay(struct ferry__callback *callback, bool called)
{
    ferry__debug_repay(callback->loop, callback->loan, called);
    callback->loan = NULL;
}

/* Inlined where callbacks are run. */
static inline __attribute__((always_inline)) void give_up(struct ferry__callback *callback)
{
    if (__builtin_expect(callback->loan != NULL, 0))
        repay(callback, false);
    ferry__context_drop(callback->context);
    if (callback->drop)
        callback->drop(callback);
    ferry__free(callback); /* it stands first in its block */
}

void ferry__callback_free(struct ferry__callback *callback)
{
    give_up(callback);
}

static void run(struct ferry__ready *ready)
{
    struct captured *captured = FERRY__CONTAINER(ready, struct captured, callback.ready);
    struct ferry_loop *loop = captured->callback.loop;
    if (__builtin_expect(captured->callback.loan != NULL, 0))
        repay(&captured->callback, true);
    struct ferry__debug_span span = ferry__debug_begin(&loop->sched);
    struct ferry__context **outer = ferry__context_enter(&captured->callback.context);
    ferry__replay((struct ferry__image *)(void *)captured->image, captured->function);
    ferry__context_leave(outer);
    if (span.since)
        ferry__debug_end(loop, span, captured->site, "a callback");
    give_up(&captured->callback);
}

static struct captured *captured_new(struct ferry_loop *loop, const struct ferry__call *call,
                                     const struct ferry__image *image)
{
    struct captured *captured =
        ferry__alloc_aligned(16, sizeof *captured + ferry__image_size(image));
    if (!captured) {
        ferry__call_make(NULL, ENOMEM);
        return NULL;
    }
    captured->callback = (struct ferry__callback){
        .ready.run = run, .loop = loop, .context = ferry__context_hold(ferry__context_now())};
    captured->function = call->function;
    captured->site = call->site;
    ferry__image_copy(captured->image, image);
    return captured;
}

static void look_at_arguments(struct captured *captured, const struct ferry__call *call,
                              const struct ferry__image *image)
{
    struct ferry_loop *loop = captured->callback.loop;
    if (__builtin_expect(loop->sched.debug != NULL, 0))
        captured->callback.loan = ferry__debug_lend_callback(loop, call, image);
}

void ferry__on_call_soon(const struct ferry__call *call, struct ferry__image *image)
{
    struct ferry_loop *loop = ferry__loop_current();
    if (!loop) {
        ferry__call_make(NULL, EPERM);
        return;
    }
    struct captured *captured = captured_new(loop, call, image);
    if (!captured)
        return;
    ferry__ready_put(&loop->sched, &captured->callback.ready);
    look_at_arguments(captured, call, image);
    ferry__call_make(captured, 0);
}

static void fire(struct ferry__timer *timer)
{
    struct ferry_timer *user = FERRY__CONTAINER(timer, struct ferry_timer, timer);
    user->due = true;
    ferry__ready_put(&user->callback->loop->sched, &user->callback->ready);
}

static void run_due(struct ferry__ready *ready)
{
    struct captured *captured = FERRY__CONTAINER(ready, struct captured, callback.ready);
    ferry__slot_put(&captured->callback.loop->timers, captured->timer);
    run(ready);
}

/* Cancelled when it was due. */
static void pass_over(struct ferry__ready *ready)
{
    ferry__callback_free(FERRY__CONTAINER(ready, struct ferry__callback, ready));
}

static void call_at(uint64_t deadline, const struct ferry__call *call, struct ferry__image *image)
{
    struct ferry_loop *loop = ferry__loop_current();
    struct captured *captured = captured_new(loop, call, image);
    if (!captured)
        return;
    struct ferry_timer *timer = ferry__slot_get(&loop->timers);
    if (!timer) {
        ferry__callback_free(&captured->callback);
        ferry__call_make(NULL, ENOMEM);
        return;
    }
    timer->callback = &captured->callback;
    captured->timer = timer;
    captured->callback.ready.run = run_due;
    ferry__timer_set(&loop->sched.timers, &timer->timer, deadline, fire);
    look_at_arguments(captured, call, image);
    ferry__call_make(ferry__slot_handle(&loop->timers, timer), 0);
}

void ferry__on_call_later(const struct ferry__call *call, struct ferry__image *image)
{
    uint64_t duration;
    if (!ferry__loop_current())
        ferry__call_make(NULL, EPERM);
    else if (!ferry__duration(call->seconds, &duration))
        ferry__call_make(NULL, EINVAL);
    else
        call_at(ferry__deadline(ferry__now(), duration), call, image);
}

void ferry__on_call_at(const struct ferry__call *call, struct ferry__image *image)
{
    uint64_t moment; /* ferry_loop_time is ferry__now in seconds */
    if (!ferry__loop_current())
        ferry__call_make(NULL, EPERM);
    else if (!ferry__duration(call->seconds, &moment))
        ferry__call_make(NULL, EINVAL);
    else
        call_at(moment, call, image);
}

/* NULL with errno. */
static struct ferry_timer *find_timer(const ferry_timer *handle)
{
    struct ferry_loop *loop = ferry__loop_current();
    void *slot = NULL;
    if (!handle || !loop)
        return ferry__fail_null(handle ? EPERM : EINVAL);
    int error = ferry__slot_find(&loop->timers, handle, &slot);
    return error ? ferry__fail_null(-error) : slot;
}

double ferry_timer_when(ferry_timer *handle)
{
    const struct ferry_timer *timer = find_timer(handle);
    if (!timer)
        return NAN;
    return timer->timer.fire || timer->due ? ferry__seconds(timer->timer.node.key) : INFINITY;
}

int ferry_timer_cancel(ferry_timer *handle)
{
    struct ferry_timer *timer = find_timer(handle);
    if (!timer)
        return -errno;
    struct ferry_loop *loop = timer->callback->loop;
    ferry__timer_unset(&loop->sched.timers, &timer->timer);
    if (timer->due)
        timer->callback->ready.run = pass_over;
    else
        ferry__callback_free(timer->callback);
    ferry__slot_put(&loop->timers, timer);
    return 0;
}

static void arrive(struct ferry__mail *mail)
{
    struct captured *captured = FERRY__CONTAINER(mail, struct captured, mail);
    ferry__ready_put(&captured->callback.loop->sched, &captured->callback.ready);
}

void ferry__on_call_soon_threadsafe(const struct ferry__call *call, struct ferry__image *image)
{
    struct ferry_loop *loop = call->target;
    if (!loop) {
        ferry__call_make(NULL, EINVAL);
        return;
    }
    struct captured *captured = captured_new(loop, call, image);
    if (!captured)
        return;
    captured->mail.deliver = arrive;
    if (ferry__mailbox_try_push(&loop->mailbox, &captured->mail)) {
        ferry__call_make(loop, 0);
        return;
    }
    ferry__callback_free(&captured->callback);
    ferry__call_make(NULL, ESHUTDOWN);
}

int ferry__made_int(void *made)
{
    return made ? 0 : -errno;
}

void ferry__callbacks_drop(struct ferry_loop *loop)
{
    for (uint32_t i = 0; i < loop->timers.made; i++) {
        struct ferry_timer *timer = ferry__slot_at(&loop->timers, i);
        if (!timer)
            continue;
        ferry__timer_unset(&loop->sched.timers, &timer->timer);
        if (!timer->due)
            ferry__callback_free(timer->callback);
        ferry__slot_put(&loop->timers, timer);
    }
    struct ferry__ready *ready;
    while ((ready = loop->sched.ready.first)) {
        loop->sched.ready.first = ready->next;
        /* all tasks have ended: these are callbacks */
        ferry__callback_free(FERRY__CONTAINER(ready, struct ferry__callback, ready));
    }
}
