/* SPDX-License-Identifier: MIT */
/*
 * Runners: a loop is opened, runs main tasks one after the other, and is taken down. ferry_run is
 * one of each.
 *
 *     open          run                              run           close
 *      |             |-enter-[main task ends]-leave-|  |- ... -|    |-enter-[take down]-leave-|
 *      loop there, of no thread's interest between its runs; its mailbox takes mail all the time
 *
 * The main task replays the caller's own image, not a copy: its frame stays, so a run takes any
 * arguments.
 */
#include "base/clock.h"
#include "base/error.h"
#include "base/panic.h"
#include "core/kind.h"
#include "core/task.h"
#include "loop/loop.h"
#include "loop/loops.h"
#include "loop/signals.h"

#include <string.h>

static const ferry_run_options defaults;

static int software_failure(void)
{
    return 70; /* EX_SOFTWARE */
}

static const char *reason(int error)
{
    switch (error) {
    case EDEADLK:
        return "a loop runs on this thread already";
    case EINVAL:
        return "there is no backend of that name, or shutdown_seconds is NaN";
    case EPERM:
        return "another thread opened the runner";
    case ESHUTDOWN:
        return "the runner was closed";
    default:
        return strerror(error);
    }
}

/* A run that can't be: its result is 70. */
static void refuse(const struct ferry__call *call, struct ferry__image *image, const char *asker,
                   const char *why, int error)
{
    ferry__report("%s can't run \"%s\" (%s): %s", asker, call->site, ferry__site_place(call->site),
                  why);
    ferry__replay(image, (ferry__any *)software_failure);
    errno = error;
}

static void check_result(const struct ferry__call *call, const char *asker)
{
    if (call->result != (FERRY__SIGNED << 8 | sizeof(int)))
        ferry__panic("%s at %s: \"%s\" must return int", asker, ferry__site_place(call->site),
                     call->site);
}

/* Its slot goes with its run, but is left to a task that waits for it and takes it. */
static void forget_main(const ferry_task *handle)
{
    struct ferry__task *main;
    if (ferry__task_find(handle, &main) == 0 && (!main->joiner || main->joiner->yields))
        ferry__task_free(main);
}

/* Until the main task has ended. False: there is no memory for it. errno is the main task's. */
static bool run(struct ferry_loop *loop, const struct ferry__call *call, struct ferry__image *image)
{
    loop->main = ferry__task_spawn(&loop->sched, call, image, true);
    if (!loop->main)
        return false;
    const ferry_task *handle = ferry__task_handle(loop->main);
    const struct ferry__main_end *end = &loop->sched.main_end;
    loop->sched.main_end.over = false;
    if (!loop->keep_sigint)
        ferry__signals_take_sigint(loop);
    while (!end->over)
        ferry__loop_turn(loop);
    loop->main = NULL;
    ferry__signals_release_sigint(loop);
    ferry__mailbox_deliver(&loop->mailbox); /* a SIGINT on its way: the next runner has its own */
    forget_main(handle);
    if (!end->began)
        ferry__image_skip(image, call->result);
    errno = end->error;
    return true;
}

static void enter_and_run(struct ferry_loop *loop, const struct ferry__call *call,
                          struct ferry__image *image, const char *asker)
{
    ferry__loop_enter(loop);
    bool ran = run(loop, call, image);
    ferry__loop_leave();
    if (!ran)
        refuse(call, image, asker, "there is no memory for the main task's stack", ENOMEM);
}

/* 0, or -errno. */
static int open_loop(const ferry_run_options *options, struct ferry_loop **ret)
{
    if (ferry__loop_current())
        return ferry__fail(EDEADLK);
    return ferry__loop_open(options ? options : &defaults, ret);
}

void ferry__on_run(const struct ferry__call *call, struct ferry__image *image)
{
    struct ferry_loop *loop;
    check_result(call, "ferry_run");
    int error = open_loop(call->options, &loop);
    if (error) {
        refuse(call, image, "ferry_run", reason(-error), -error);
        return;
    }
    enter_and_run(loop, call, image, "ferry_run");
    error = errno;
    ferry__loop_take_down(loop);
    errno = error;
}

ferry_runner *ferry_runner_open(const ferry_run_options *options)
{
    struct ferry_loop *loop;
    return open_loop(options, &loop) == 0 ? ferry__loops_handle(loop) : NULL;
}

/* 0: it is this thread's, and can run or be closed now; else -errno. */
static int find_own(const ferry_runner *runner, struct ferry_loop **ret)
{
    bool own;
    int error = ferry__loops_find(runner, ret, &own);
    if (error)
        return error;
    if (!own)
        return -EPERM;
    return ferry__loop_current() ? -EDEADLK : 0;
}

void ferry__on_runner_run(const struct ferry__call *call, struct ferry__image *image)
{
    struct ferry_loop *loop;
    check_result(call, "ferry_runner_run");
    int error = find_own(call->target, &loop);
    if (error == 0)
        enter_and_run(loop, call, image, "ferry_runner_run");
    else
        refuse(call, image, "ferry_runner_run",
               error == -EINVAL ? "there is no such runner" : reason(-error), -error);
}

int ferry_runner_close(ferry_runner *runner)
{
    struct ferry_loop *loop;
    int before = errno;
    int error = runner ? find_own(runner, &loop) : -ESHUTDOWN;
    if (error == 0)
        ferry__loop_take_down(loop);
    else if (error != -ESHUTDOWN)
        return ferry__fail(-error);
    errno = before;
    return 0;
}

struct ferry_loop *ferry_runner_loop(const ferry_runner *runner)
{
    struct ferry_loop *loop;
    bool own;
    int error = ferry__loops_find(runner, &loop, &own);
    return error ? ferry__fail_null(-error) : loop;
}

struct ferry__with_runner *ferry__with_runner_open(struct ferry__with_runner *with,
                                                   const ferry_run_options *options)
{
    with->runner = ferry_runner_open(options);
    return with;
}

void ferry__with_runner_close(struct ferry__with_runner *with)
{
    ferry_runner_close(with->runner);
}

ferry_loop *ferry_get_running_loop(void)
{
    struct ferry_loop *loop = ferry__loop_current();
    return loop ? loop : ferry__fail_null(EPERM);
}

bool ferry_loop_is_closed(const ferry_loop *loop)
{
    return !loop || ferry__load(&loop->mailbox.word, relaxed) == &ferry__mailbox_closed;
}

double ferry_loop_time(void)
{
    return ferry__seconds(ferry__now());
}
