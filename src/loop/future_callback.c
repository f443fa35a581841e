/* SPDX-License-Identifier: MIT */
/*
 * Done callbacks of a future: a watcher that calls the user's function, on the loop on which it was
 * asked for, else in the thread that settles. One block each, allocated when it is asked for, so
 * that telling can't fail; it holds the future, so that the function finds it whatever its user
 * did.
 *
 *     asked for on a loop:   told on that loop's thread      -> ready: the next round
 *                            told on another thread          -> mail -> ready
 *                            the loop has ended              -> dropped
 *     asked for elsewhere:   called where it is told
 */
#include "base/error.h"
#include "base/memory.h"
#include "loop/callback.h"
#include "loop/future.h"
#include "loop/loops.h"

struct done_callback {
    struct ferry__callback callback; /* first; its loop is NULL: called where it is told */
    struct ferry__future_watcher watcher;
    struct ferry__mail mail;
    const ferry_runner *opening; /* of the loop, whose memory may be another's by now */
    struct ferry_future *future; /* held */
    ferry_future_done_callback *fn;
    void *context;
};

static void drop(struct ferry__callback *callback)
{
    struct done_callback *done = FERRY__CONTAINER(callback, struct done_callback, callback);
    ferry__future_drop(done->future);
}

static void call(struct done_callback *done)
{
    struct ferry__context **outer = ferry__context_enter(&done->callback.context);
    done->fn(done->future, done->context);
    ferry__context_leave(outer);
    ferry__callback_free(&done->callback);
}

static void run(struct ferry__ready *ready)
{
    struct done_callback *done = FERRY__CONTAINER(ready, struct done_callback, callback.ready);
    struct ferry_loop *loop = done->callback.loop;
    struct ferry__debug_span span = ferry__debug_begin(&loop->sched);
    call(done);
    if (span.since)
        ferry__debug_end(loop, span, NULL, "a done callback");
}

static void arrive(struct ferry__mail *mail)
{
    struct done_callback *done = FERRY__CONTAINER(mail, struct done_callback, mail);
    ferry__ready_put(&done->callback.loop->sched, &done->callback.ready);
}

static void tell(struct ferry__future_watcher *watcher)
{
    struct done_callback *done = FERRY__CONTAINER(watcher, struct done_callback, watcher);
    struct ferry_loop *loop = done->callback.loop, *found;
    bool own;
    if (!loop)
        call(done);
    else if (ferry__loops_find(done->opening, &found, &own) != 0)
        ferry__callback_free(&done->callback);
    else if (loop == ferry__loop_current())
        ferry__ready_put(&loop->sched, &done->callback.ready);
    else if (!ferry__mailbox_try_push(&loop->mailbox, &done->mail))
        ferry__callback_free(&done->callback);
}

int ferry_future_add_done_callback(ferry_future *future, ferry_future_done_callback *fn,
                                   void *context)
{
    if (!future || !fn)
        return ferry__fail(EINVAL);
    struct done_callback *done = ferry__alloc(sizeof *done);
    if (!done)
        return ferry__fail(ENOMEM);
    struct ferry_loop *loop = ferry__loop_current();
    *done = (struct done_callback){
        .callback = {.ready.run = run,
                     .loop = loop,
                     .context = ferry__context_hold(ferry__context_now()),
                     .drop = drop},
        .watcher = {.tell = tell, .is_users = true},
        .mail.deliver = arrive,
        .opening = loop ? ferry__loops_handle(loop) : NULL,
        .future = future,
        .fn = fn,
        .context = context,
    };
    ferry__add(&future->holders, 1, relaxed);
    if (!ferry__future_join(future, &done->watcher))
        tell(&done->watcher);
    return 0;
}

static struct done_callback *as_callback(struct ferry__future_watcher *watcher)
{
    return watcher->tell == tell ? FERRY__CONTAINER(watcher, struct done_callback, watcher) : NULL;
}

int ferry_future_remove_done_callback(ferry_future *future, ferry_future_done_callback *fn,
                                      void *context)
{
    if (!future)
        return ferry__fail(EINVAL);
    struct ferry__future_watcher *removed = NULL, *next;
    uintptr_t word = ferry__word_lock(&future->word);
    bool pending = !(word & FERRY__FUTURE_DONE);
    for (struct ferry__future_watcher *watcher = pending ? ferry__future_watchers(word) : NULL;
         watcher; watcher = next) {
        const struct done_callback *done = as_callback(watcher);
        next = watcher->next;
        if (!done || done->fn != fn || done->context != context)
            continue;
        word = ferry__future_take_off(word, watcher);
        watcher->next = removed;
        removed = watcher;
    }
    ferry__word_unlock(&future->word, word);
    int count = 0;
    for (; removed; removed = next, count++) {
        next = removed->next;
        ferry__callback_free(&as_callback(removed)->callback);
    }
    return count;
}
