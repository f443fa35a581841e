/* SPDX-License-Identifier: MIT */
#include "loop/signals.h"

#include "base/error.h"
#include "core/locals.h"
#include "core/task.h"
#include "loop/loop.h"

#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef NSIG
#define NSIG 65
#endif

/*
 * The law of an entry: `loop` is written by the process's main thread (release, once the rest is
 * written) and read by the handler, on any thread (acquire). `pending` is set by the handler that
 * pushes the mail and cleared by the loop before it runs the callback, so that the mail is never in
 * two lists. `interrupts` is the handler's own. All else is the main thread's.
 */
static struct entry {
    struct ferry__mail mail;
    _Atomic(struct ferry_loop *) loop;
    atomic_bool pending;
    atomic_int interrupts; /* SIGINTs that came for the main task */
    int number;
    bool is_interrupt; /* the loop's own SIGINT, no user callback */
    ferry_signal_callback *fn;
    void *context;
    struct ferry__context *locals; /* of who added it, held */
    struct sigaction before;
} entries[NSIG];

static void run(struct ferry_loop *loop, struct entry *entry)
{
    struct ferry__debug_span span = ferry__debug_begin(&loop->sched);
    struct ferry__context *own = ferry__context_hold(entry->locals);
    struct ferry__context **outer = ferry__context_enter(&own);
    entry->fn(entry->number, entry->context);
    ferry__context_leave(outer);
    ferry__context_drop(own);
    if (span.since)
        ferry__debug_end(loop, span, NULL, "the handler of signal %d", entry->number);
}

static void deliver(struct ferry__mail *mail)
{
    struct entry *entry = FERRY__CONTAINER(mail, struct entry, mail);
    ferry__store(&entry->pending, false, release);
    struct ferry_loop *loop = ferry__loop_current();
    if (ferry__load(&entry->loop, relaxed) != loop)
        return; /* removed meanwhile */
    if (!entry->is_interrupt)
        run(loop, entry);
    else if (loop->main)
        ferry__task_cancel(loop->main);
}

static void push(struct entry *entry)
{
    struct ferry_loop *loop = ferry__load(&entry->loop, acquire);
    if (!loop || ferry__swap(&entry->pending, true, acq_rel))
        return;
    if (!ferry__mailbox_try_push(&loop->mailbox, &entry->mail))
        ferry__store(&entry->pending, false, release);
}

static void on_signal(int number)
{
    push(&entries[number]);
}

static void on_interrupt(int number)
{
    struct entry *entry = &entries[number];
    if (ferry__add(&entry->interrupts, 1, relaxed) == 0) {
        push(entry);
        return;
    }
    signal(number, SIG_DFL);
    raise(number); /* blocked until this handler returns, and then the end */
}

static bool is_ours(const struct sigaction *action)
{
    return action->sa_handler == on_signal || action->sa_handler == on_interrupt;
}

static int take(struct ferry_loop *loop, int number, void (*handler)(int))
{
    struct entry *entry = &entries[number];
    entry->mail.deliver = deliver;
    entry->number = number;
    ferry__store(&entry->interrupts, 0, relaxed);
    ferry__store(&entry->loop, loop, release);
    struct sigaction action = {.sa_handler = handler, .sa_flags = SA_RESTART | SA_ONSTACK};
    struct sigaction before;
    sigfillset(&action.sa_mask);
    if (sigaction(number, &action, &before) != 0) {
        ferry__store(&entry->loop, NULL, relaxed);
        return ferry__fail(EINVAL);
    }
    if (!is_ours(&before))
        entry->before = before;
    return 0;
}

/* What the program installed itself in the meantime stays. */
static void give_back(struct entry *entry)
{
    struct sigaction now;
    if (sigaction(entry->number, NULL, &now) == 0 && is_ours(&now))
        sigaction(entry->number, &entry->before, NULL);
    ferry__store(&entry->loop, NULL, relaxed);
    ferry__context_drop(entry->locals);
    entry->locals = NULL;
    entry->fn = NULL;
    entry->is_interrupt = false;
}

void ferry__signals_forget(void)
{
    for (int number = 1; number < NSIG; number++) {
        struct entry *entry = &entries[number];
        ferry__store(&entry->pending, false, relaxed);
        if (!ferry__load(&entry->loop, relaxed))
            continue;
        struct sigaction now;
        if (sigaction(number, NULL, &now) == 0 && is_ours(&now))
            sigaction(number, &entry->before, NULL);
        ferry__store(&entry->loop, NULL, relaxed);
        entry->locals = NULL;
        entry->fn = NULL;
        entry->is_interrupt = false;
    }
}

static bool is_main_thread(void)
{
    return syscall(SYS_gettid) == getpid();
}

void ferry__signals_take_sigint(struct ferry_loop *loop)
{
    struct sigaction before;
    if (!is_main_thread() || sigaction(SIGINT, NULL, &before) != 0 ||
        before.sa_flags & SA_SIGINFO || before.sa_handler != SIG_DFL)
        return;
    entries[SIGINT].is_interrupt = true;
    if (take(loop, SIGINT, on_interrupt) != 0)
        entries[SIGINT].is_interrupt = false;
}

void ferry__signals_release_sigint(struct ferry_loop *loop)
{
    struct entry *entry = &entries[SIGINT];
    if (ferry__load(&entry->loop, relaxed) == loop && entry->is_interrupt)
        give_back(entry);
}

void ferry__signals_release(struct ferry_loop *loop)
{
    for (int number = 1; number < NSIG; number++)
        if (ferry__load(&entries[number].loop, relaxed) == loop)
            give_back(&entries[number]);
}

static bool may_be_handled(int number)
{
    return number > 0 && number < NSIG && number != SIGKILL && number != SIGSTOP &&
           number != SIGSEGV && number != SIGBUS && number != SIGFPE && number != SIGILL;
}

int ferry_loop_add_signal_handler(int number, ferry_signal_callback *fn, void *context)
{
    struct ferry_loop *loop = ferry__loop_current();
    if (!loop || !is_main_thread())
        return ferry__fail(EPERM);
    if (!fn || !may_be_handled(number))
        return ferry__fail(EINVAL);
    struct entry *entry = &entries[number];
    struct ferry_loop *owner = ferry__load(&entry->loop, relaxed);
    if (owner && owner != loop)
        return ferry__fail(EBUSY);
    entry->fn = fn;
    entry->context = context;
    ferry__context_drop(entry->locals);
    entry->locals = ferry__context_hold(ferry__context_now());
    int error = take(loop, number, on_signal);
    if (error == 0) {
        entry->is_interrupt = false;
        return 0;
    }
    ferry__context_drop(entry->locals);
    entry->locals = NULL;
    return error;
}

int ferry_loop_remove_signal_handler(int number)
{
    struct ferry_loop *loop = ferry__loop_current();
    if (!loop)
        return ferry__fail(EPERM);
    if (!may_be_handled(number))
        return ferry__fail(EINVAL);
    struct entry *entry = &entries[number];
    if (ferry__load(&entry->loop, relaxed) != loop || entry->is_interrupt)
        return 0;
    give_back(entry);
    return 1;
}
