/* SPDX-License-Identifier: MIT */
#include "loop/loop.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/yield.h"
#include "core/task.h"
#include "loop/callback.h"
#include "loop/loops.h"
#include "loop/overflow.h"

#include <stdlib.h>
#include <string.h>

/* While there is something to run, the backend is asked after so many rounds, or so many
 * nanoseconds. */
#define ROUNDS_UNASKED 61
#define NS_UNASKED 50000
#define LOOKS_PER_CLOCK 32 /* looks at the mailbox between two readings of the clock */

static void complain(struct ferry__sched *sched, const struct ferry__complaint *complaint)
{
    struct ferry_loop *loop = FERRY__CONTAINER(sched, struct ferry_loop, sched);
    if (!complaint->debug)
        ferry__loop_complain(loop, complaint->message, complaint->task, complaint->result);
    else if (ferry__debug_is_on(loop))
        ferry__loop_report(
            loop, complaint->task ? ferry__about_task(complaint->task) : ferry__about_site(NULL),
            "%s", complaint->message);
}

bool ferry__debug_by_environment(void)
{
    const char *said = getenv("FERRY_DEBUG");
    return said && strcmp(said, "1") == 0;
}

static bool debug_wanted(const ferry_run_options *options)
{
    return options->debug || ferry__debug_by_environment();
}

int ferry__loop_open(const ferry_run_options *options, struct ferry_loop **ret)
{
    const struct ferry__backend *backend = ferry__backend_find(options->backend);
    uint64_t patience = FERRY__NEVER;
    if (!backend ||
        (options->shutdown_seconds != 0 && !ferry__duration(options->shutdown_seconds, &patience)))
        return ferry__fail(EINVAL);
    struct ferry_loop *loop = ferry__loops_get();
    if (!loop)
        return -errno;
    int error = ferry__mailbox_open(&loop->mailbox);
    if (error) {
        ferry__loops_put(loop);
        return ferry__fail(-error);
    }
    error = backend->open(loop->mailbox.wake_fd, &loop->backend_state);
    if (error) {
        ferry__mailbox_close(&loop->mailbox);
        ferry__loops_put(loop);
        return ferry__fail(-error);
    }
    loop->backend = backend;
    ferry__sched_init(&loop->sched, loop->number, loop->floor, options->stack_size,
                      options->main_stack);
    ferry__slots_init(&loop->timers, sizeof(struct ferry_timer), loop->number, loop->floor);
    loop->sched.complain = complain;
    ferry__debug_init(loop, debug_wanted(options));
    loop->keep_sigint = options->keep_sigint;
    loop->patience = patience;
    ferry__list_init(&loop->bounds);
    *ret = loop;
    return 0;
}

void ferry__loop_enter(struct ferry_loop *loop)
{
    ferry__sched_here = &loop->sched;
    ferry__overflow_watch();
}

void ferry__loop_leave(void)
{
    ferry__overflow_unwatch();
    ferry__sched_here = NULL;
}

void ferry__loop_close(struct ferry_loop *loop)
{
    ferry__mailbox_close(&loop->mailbox);
    ferry__callbacks_drop(loop);
    ferry__watches_deinit(&loop->watches);
    loop->backend->close(loop->backend_state);
    uint32_t timers = ferry__slots_deinit(&loop->timers);
    uint32_t tasks = ferry__sched_deinit(&loop->sched);
    loop->floor = timers > tasks ? timers : tasks;
    ferry__loops_put(loop);
}

/* Looks at the mailbox until something is there or the time is over: cheaper than being woken, when
 * workers answer within microseconds. */
static bool watch_mailbox(struct ferry_loop *loop, uint64_t deadline)
{
    uint64_t end = ferry__deadline(ferry__now(), loop->spin_ns);
    if (end > deadline)
        end = deadline;
    do {
        for (int i = 0; i < LOOKS_PER_CLOCK; i++) {
            if (ferry__mailbox_full(&loop->mailbox))
                return true;
            ferry__relax();
        }
    } while (ferry__now() < end);
    return false;
}

static void ask(struct ferry_loop *loop, uint64_t ns)
{
    struct ferry__event events[FERRY__EVENTS];
    int count = loop->backend->wait(loop->backend_state, ns, events);
    loop->rounds = 0;
    if (count > 0)
        ferry__watches_dispatch(loop, events, count);
}

/* Until mail, a timer or a descriptor. */
static void rest(struct ferry_loop *loop)
{
    uint64_t deadline = ferry__timers_next(&loop->sched.timers);
    if (loop->expected > 0 && loop->spin_ns > 0 && ferry__spin_worth(&loop->spin)) {
        bool hit = watch_mailbox(loop, deadline);
        ferry__spin_said(&loop->spin, hit);
        if (hit)
            return;
    }
    if (loop->before_sleep)
        loop->before_sleep(loop);
    /* One core: the workers can answer only when this thread doesn't run. */
    if (loop->expected > 1 && loop->spin_ns == 0 && loop->gives_way && ferry__give_way() &&
        ferry__mailbox_full(&loop->mailbox))
        return;
    struct ferry__stacks *stacks = &loop->sched.stacks;
    if (stacks->warm_count > FERRY__STACKS_WARM) {
        uint64_t again = ferry__stacks_trim(stacks, ferry__now());
        deadline = again < deadline ? again : deadline;
    }
    if (!ferry__mailbox_before_sleep(&loop->mailbox))
        return;
    uint64_t ns = FERRY__NEVER;
    if (deadline != FERRY__NEVER) {
        uint64_t now = ferry__now();
        ns = deadline > now ? deadline - now : 0;
    }
    struct ferry__event events[FERRY__EVENTS];
    int count = loop->backend->wait(loop->backend_state, ns, events);
    ferry__mailbox_after_sleep(&loop->mailbox);
    loop->rounds = 0;
    if (count > 0)
        ferry__watches_dispatch(loop, events, count);
}

void ferry__loop_turn(struct ferry_loop *loop)
{
    uint64_t now = 0;
    ferry__mailbox_deliver(&loop->mailbox);
    if (ferry__heap_first(&loop->sched.timers)) {
        now = ferry__now();
        ferry__timers_expire(&loop->sched.timers, now);
    }
    if (!loop->sched.ready.first) {
        rest(loop);
        return;
    }
    ferry__sched_round(&loop->sched);
    if (loop->watches.count == 0)
        return;
    now = ferry__now();
    if (++loop->rounds >= ROUNDS_UNASKED || now - loop->asked_at >= NS_UNASKED) {
        loop->asked_at = now;
        ask(loop, 0);
    }
}
