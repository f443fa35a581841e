/* SPDX-License-Identifier: MIT */
/*
 * FERRY_WITH_WORKER: one worker for all calls of a block.
 *
 * The block itself is the job: while it lasts, its worker does nothing but wait for the block's
 * next call.
 *
 *     task     open: push        call: put, wake              close: put, wake
 *                    |   ^             |         ^                   |   ^
 *                    v   | mail        v         | mail              v   | mail
 *     worker      takes it, waits ... runs it, waits ...          leaves the block
 *
 * Law of `next`: NULL while the worker waits or runs a call; NULL -> a crossing, or NULL -> CLOSE,
 * by the task, release; back to NULL by the worker that takes it, acquire. `bell` is the futex it
 * sleeps on: counted up by the task after each put.
 */
#include "base/clock.h"
#include "base/error.h"
#include "base/futex.h"
#include "base/panic.h"
#include "bridge/crossing.h"

struct ferry__with {
    struct ferry__job job;
    struct ferry__mail mail;
    /* constant while open */
    struct ferry_loop *loop;
    struct ferry__task *task;
    struct ferry_executor *executor;
    struct ferry__with *outer;
    bool held;
    bool shares; /* the worker of a block around it, of the same executor */
    /* the loop's thread */
    bool arrived; /* its worker is there */
    bool closing;
    bool gone; /* its worker has left the block, or never came */
    /* shared: the law above */
    _Atomic(struct ferry__crossing *) next;
    atomic_uint bell;
    /* the worker's */
    struct ferry__crossing *running;
    enum ferry__job_end end;
};

_Static_assert(sizeof(struct ferry__with) <= sizeof(struct ferry__with_worker),
               "fits the public frame");

static struct ferry__crossing close_mark; /* its address means CLOSE */
#define CLOSE (&close_mark)

static struct ferry__with *with_of(struct ferry__with_worker *frame)
{
    return (struct ferry__with *)(void *)frame->words;
}

/* The block's next call, or CLOSE: watched for a moment, then slept for. */
static struct ferry__crossing *next_call(struct ferry__with *with)
{
    uint64_t until = ferry__cores() > 1 ? ferry__now() + FERRY__SPIN_NS : 0;
    for (;;) {
        unsigned bell = ferry__load(&with->bell, acquire);
        struct ferry__crossing *next = ferry__swap(&with->next, NULL, acq_rel);
        if (next)
            return next;
        if (ferry__now() < until)
            ferry__relax();
        else
            ferry__futex_wait(&with->bell, bell, FERRY__NEVER);
    }
}

static void serve_block(struct ferry__job *job)
{
    struct ferry__with *with = FERRY__CONTAINER(job, struct ferry__with, job);
    ferry__mailbox_push(&with->loop->mailbox, &with->mail);
    struct ferry__crossing *crossing;
    while ((crossing = next_call(with)) != CLOSE) {
        with->running = crossing;
        crossing->job.started = ferry__now();
        crossing->job.run(&crossing->job);
        crossing->job.ended = ferry__now();
        with->running = NULL;
        crossing->job.done(&crossing->job, FERRY__JOB_DONE);
    }
}

static void arrived(struct ferry__mail *mail)
{
    struct ferry__with *with = FERRY__CONTAINER(mail, struct ferry__with, mail);
    with->arrived = true;
    with->loop->expected--;
    ferry__unpark(with->task);
}

static void gone(struct ferry__mail *mail)
{
    struct ferry__with *with = FERRY__CONTAINER(mail, struct ferry__with, mail);
    with->gone = true;
    if (with->closing || !with->arrived)
        with->loop->expected--;
    ferry__unpark(with->task);
}

/* The worker leaves the block: closed, or its thread ended inside a call, or it never came. The
 * block's mail goes before that of the call, so that the task, once it has its call back, knows
 * that nobody is there. */
static void block_over(struct ferry__job *job, enum ferry__job_end end)
{
    struct ferry__with *with = FERRY__CONTAINER(job, struct ferry__with, job);
    struct ferry__mailbox *mailbox = &with->loop->mailbox;
    struct ferry__crossing *crossing = with->running;
    with->end = end;
    with->mail.deliver = gone;
    ferry__mailbox_push(mailbox,
                        &with->mail); /* the last touch, but for a call that holds the task */
    if (crossing) {
        crossing->job.ended = ferry__now();
        crossing->job.done(&crossing->job, end);
    }
}

/* Until the worker is there. 0, or why it never will be. */
static int await_worker(struct ferry__with *with)
{
    int interrupted = 0;
    while (!with->arrived && !with->gone) {
        if (interrupted < 0) {
            ferry__park_shielded(with->task, "a worker for a block");
            continue;
        }
        interrupted = ferry__park(with->task, "a worker for a block");
        if (interrupted < 0 && !with->arrived && !with->gone &&
            ferry__executor_take_back(with->executor, &with->job)) {
            with->loop->expected--;
            return interrupted;
        }
    }
    return with->gone && !with->arrived ? -ferry__job_error(with->end) : 0;
}

static int open_block(struct ferry__with *with, struct ferry_executor *executor)
{
    int status = ferry__interruption(with->task);
    if (status < 0)
        return status;
    if (!executor)
        return -ENOMEM;
    with->executor = executor;
    const struct ferry__with *around = ferry__with_worker_find(with->task, executor);
    with->shares = around != NULL;
    if (around)
        return around->gone ? -EOWNERDEAD : 0;
    with->loop->expected++;
    status = ferry__executor_push(executor, &with->job);
    bool pushed = status == 0;
    if (pushed)
        status = ferry__requests_hold(with->task, executor, &with->job);
    if (status < 0 && (!pushed || ferry__executor_take_back(executor, &with->job))) {
        with->loop->expected--;
        return status;
    }
    status = await_worker(with);
    ferry__requests_release(with->task);
    return status;
}

struct ferry__with_worker *ferry__with_worker_open(struct ferry__with_worker *frame,
                                                   ferry_executor *executor)
{
    struct ferry__with *with = with_of(frame);
    struct ferry__task *task = ferry__task_current();
    *with = (struct ferry__with){
        .job = {.run = serve_block, .done = block_over, .site = "FERRY_WITH_WORKER\0"},
        .mail.deliver = arrived,
        .task = task,
        .loop = ferry__loop_current(),
    };
    if (!task) { /* no loop: calls run in place, on this one thread */
        with->held = !with->loop;
        if (with->loop)
            errno = EPERM;
        return frame;
    }
    int status = open_block(with, executor ? executor : ferry__loop_executor());
    if (status < 0) {
        with->task = NULL;
        errno = -status;
        return frame;
    }
    with->held = true;
    with->outer = ferry__bridge_words(task)->worker;
    ferry__bridge_words(task)->worker = with;
    return frame;
}

int ferry__with_worker_held(const struct ferry__with_worker *frame)
{
    return ((const struct ferry__with *)(const void *)frame->words)->held;
}

static void hand_over(struct ferry__with *with, struct ferry__crossing *next)
{
    ferry__store(&with->next, next, release);
    ferry__add(&with->bell, 1, release);
    ferry__futex_wake(&with->bell, 1);
}

void ferry__with_worker_close(struct ferry__with_worker *frame)
{
    struct ferry__with *with = with_of(frame);
    if (!with->held || !with->task || !with->loop || with->loop != ferry__loop_current())
        return; /* the last: in a child of fork, whose parent has the worker */
    int error = errno;
    ferry__bridge_words(with->task)->worker = with->outer;
    if (with->shares)
        return;
    if (!with->gone) {
        with->closing = true;
        with->loop->expected++;
        hand_over(with, CLOSE);
    }
    while (!with->gone)
        ferry__park_shielded(with->task, "the end of a block on a worker");
    errno = error;
}

struct ferry__with *ferry__with_worker_find(struct ferry__task *task,
                                            const struct ferry_executor *executor)
{
    struct ferry__with *with = ferry__bridge_words(task)->worker;
    while (with && (with->executor != executor || with->shares))
        with = with->outer;
    return with;
}

struct ferry_executor *ferry__with_worker_default(struct ferry__task *task)
{
    const struct ferry__with *with = ferry__bridge_words(task)->worker;
    return with ? with->executor : ferry__loop_executor();
}

int ferry__with_worker_push(struct ferry__with *with, struct ferry__crossing *crossing)
{
    if (with->gone)
        return -EOWNERDEAD;
    if (ferry__requests_of_block(with->task, with)) {
        ferry__report(
            "%s (%s) would wait for ever: the worker of its FERRY_WITH_WORKER block waits "
            "for what it asked for (ferry_from_thread), and that makes this call",
            crossing->job.site, ferry__site_place(crossing->job.site));
        return -EDEADLK;
    }
    crossing->with = with;
    crossing->job.queued = ferry__now();
    ferry__store(&crossing->job.state, FERRY__JOB_RUNNING, relaxed); /* nobody takes it back */
    hand_over(with, crossing);
    return 0;
}
