/* SPDX-License-Identifier: MIT */
/*
 * ferry_from_thread: the way back, while a call is out.
 *
 *     worker                             loop                        the call's task, parked
 *     captures fn(args...), mails
 *     the request, sleeps on `over`
 *                                        deliver: unpark
 *                                                                    replays it: fn runs here
 *     goes on with its result  <-----------------------------------  over = 1, wake
 *
 * Everything lies in the frames of the waiting worker. The task replays the request inside its own
 * wait for the call (crossing.c), so fn is that task in every sense, and may wait itself.
 *
 * Law of a request: the worker's until it is mailed; then the loop's thread's, which sets `over`
 * (release) as its last touch of it; then the worker's again (acquire). `over` is the futex.
 */
#include "base/clock.h"
#include "base/error.h"
#include "base/futex.h"
#include "base/panic.h"
#include "bridge/bound.h"
#include "bridge/direct.h"
#include "bridge/submit.h"
#include "core/kind.h"
#include "executor/deadlock.h"

#include <ferry/from_thread.h>
#include <string.h>

struct ferry__request {
    struct ferry__mail mail;
    struct ferry__crossing *crossing;
    struct ferry__image *image;
    const struct ferry__call *call;
    const struct ferry_executor *executor; /* whose worker asks */
    int error;                             /* errno, both ways */
    bool refused;                          /* the task has left: fn was not called */
    atomic_uint over;
    /* the task's, while it serves */
    struct ferry__request *outer;
    struct ferry__stuck_wait wait;
};

static void answer(struct ferry__request *request)
{
    atomic_uint *over = &request->over;
    ferry__store(over, 1, release);
    ferry__futex_wake(over, 1);
}

static void arrive(struct ferry__mail *mail)
{
    struct ferry__request *request = FERRY__CONTAINER(mail, struct ferry__request, mail);
    struct ferry__crossing *crossing = request->crossing;
    if (ferry__bound_is_left(crossing->bound)) {
        request->refused = true;
        answer(request);
        return;
    }
    crossing->request = request;
    ferry__unpark(crossing->task);
}

void ferry__request_serve(struct ferry__crossing *crossing)
{
    struct ferry__request *request = crossing->request;
    struct ferry__bridge_words *words = ferry__bridge_words(crossing->task);
    int before = errno;
    crossing->request = NULL;
    crossing->serves = true;
    request->outer = words->requests;
    words->requests = request;
    errno = request->error;
    ferry__replay(request->image, request->call->function);
    request->error = errno;
    words->requests = request->outer;
    crossing->serves = false;
    answer(request);
    errno = before;
}

int ferry__requests_hold(struct ferry__task *task, const struct ferry_executor *executor,
                         struct ferry__job *job)
{
    struct ferry__request *request = ferry__bridge_words(task)->requests;
    int status = 0;
    /* Outer ones may be held for the call that asked last: it has begun. */
    ferry__requests_release(task);
    for (; request && status == 0; request = request->outer)
        status = ferry__deadlock_enter_for(&request->wait, request->executor,
                                           request->crossing->job.site, executor, job);
    if (status < 0)
        ferry__requests_release(task);
    return status;
}

void ferry__requests_release(struct ferry__task *task)
{
    struct ferry__request *request = ferry__bridge_words(task)->requests;
    for (; request; request = request->outer)
        ferry__deadlock_leave(&request->wait);
}

const struct ferry__call *ferry__requests_asked(const struct ferry__task *task)
{
    const struct ferry__request *request = ferry__bridge_words(task)->requests;
    return request ? request->call : NULL;
}

bool ferry__requests_of_block(struct ferry__task *task, const struct ferry__with *with)
{
    const struct ferry__request *request = ferry__bridge_words(task)->requests;
    while (request && request->crossing->with != with)
        request = request->outer;
    return request != NULL;
}

bool ferry__requests_of_executor(struct ferry__task *task, const struct ferry_executor *executor)
{
    const struct ferry__request *request = ferry__bridge_words(task)->requests;
    while (request && request->executor != executor)
        request = request->outer;
    return request != NULL;
}

/* Watches for the answer for a moment, then sleeps for it. */
static void await_answer(struct ferry__request *request)
{
    uint64_t until = ferry__cores() > 1 ? ferry__now() + FERRY__SPIN_NS : 0;
    while (!ferry__load(&request->over, acquire)) {
        if (until && ferry__now() < until)
            ferry__relax();
        else
            ferry__futex_wait(&request->over, 0, FERRY__NEVER);
    }
}

/* 0, or why fn was not called. */
static int ask(struct ferry__request *request)
{
    struct ferry__crossing *crossing = request->crossing;
    if (!crossing)
        return EPERM;
    if (ferry__bound_is_left(crossing->bound) ||
        !ferry__mailbox_try_push(&crossing->loop->mailbox, &request->mail))
        return ECANCELED;
    await_answer(request);
    return request->refused ? ECANCELED : 0;
}

void ferry__on_from_thread(const struct ferry__call *call, struct ferry__image *image)
{
    const struct ferry__worker *worker = ferry__worker_current();
    struct ferry__request request = {
        .mail.deliver = arrive,
        .crossing = ferry__task_current() ? NULL : ferry__crossing_here,
        .image = image,
        .call = call,
        .executor = worker ? worker->executor : NULL,
        .error = errno,
    };
    ferry__list_init(&request.wait.link);
    int error = ask(&request);
    if (error) {
        if (!ferry__kind_has_skip(call->result) && call->result >> 8 != FERRY__VOID)
            ferry__panic("%s at %s did not run (%s), and its type has no value that says so: "
                         "ferry_from_thread is for calls that a task awaits",
                         call->site, ferry__site_place(call->site), strerror(error));
        ferry__image_skip(image, call->result);
    }
    errno = error ? error : request.error;
}

int ferry_check_cancelled(void)
{
    struct ferry__task *task = ferry__task_current();
    struct ferry__crossing *crossing = ferry__crossing_here;
    int said = 0;
    if (task)
        said = ferry__interruption(task);
    else if (crossing)
        said = ferry__load(&crossing->says, relaxed);
    else if (ferry__submitted_stops())
        said = -ECANCELED;
    return said ? ferry__fail(-said) : 0;
}
