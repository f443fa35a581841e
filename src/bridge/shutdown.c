/* SPDX-License-Identifier: MIT */
/*
 * The public side of an executor's life. Waiting for its calls to end is done in three ways: a task
 * is unparked by a mail, a plain thread sleeps on a futex, and in both cases the last worker to
 * leave the executor tells (struct ferry__drain, under the pool's lock, where it may be told more
 * than once: only the first after arming counts).
 */
#include "base/clock.h"
#include "base/error.h"
#include "base/futex.h"
#include "base/panic.h"
#include "bridge/hurry.h"
#include "executor/stuck.h"

#include <math.h>

/* Debug mode: executors that were opened on this loop's thread and are not freed. They stay as they
 * are: another thread may use them still, and what they have queued runs. */
static void report_open(struct ferry_loop *loop)
{
    struct ferry__executor_left left;
    while (ferry__executor_left(loop, &left)) {
        ferry_exception about = {.name = left.name, .place = left.place ? left.place : "?"};
        if (ferry__debug_is_on(loop))
            ferry__loop_report(loop, about,
                               "an executor was never %s (calls that run: %zu, queued: %zu)",
                               left.open ? "shut down" : "freed", left.running, left.queued);
    }
}

/* Who opens it: the loop of this thread, if it is to be reported there. */
static const struct ferry_loop *opener(void)
{
    struct ferry_loop *loop = ferry__loop_current();
    if (!loop || !ferry__debug_is_on(loop))
        return NULL;
    loop->report_open = report_open;
    return loop;
}

ferry_executor *ferry__executor_new(const char *place, const ferry_executor_options *options)
{
    static const ferry_executor_options defaults;
    const ferry_executor_options *o = options ? options : &defaults;
    if (o->max_workers > FERRY__CREW_ATTACHED || (o->lane && o->max_workers > 1) ||
        (unsigned)o->policy > FERRY_POLICY_ABANDON ||
        (unsigned)o->call_class > FERRY_CLASS_BACKGROUND)
        return ferry__fail_null(EINVAL);
    cpu_set_t cpus;
    if (o->cpus && ferry__cpus_parse(o->cpus, &cpus) < 0)
        return NULL;
    return ferry__executor_open(&(struct ferry__executor_spec){
        .name = o->name,
        .place = o->place ? o->place : place,
        .opener = opener(),
        .limit = o->lane ? 1 : o->max_workers,
        .max_queued = o->max_queued,
        .class = o->call_class,
        .own_threads = o->lane || o->initializer || o->finalizer || o->stack_size || o->cpus,
        .stack_size = o->stack_size,
        .cpus = o->cpus ? &cpus : NULL,
        .initializer = o->initializer,
        .finalizer = o->finalizer,
        .argument = o->argument,
        .manner = {.policy = o->policy,
                   .interrupt = o->interrupt,
                   .interrupt_argument = o->interrupt_argument,
                   .discard = o->discard,
                   .discard_argument = o->discard_argument},
    });
}

ferry_executor *(ferry_executor_new)(const ferry_executor_options *options)
{
    return ferry__executor_new(NULL, options);
}

/* A drain that wakes a thread: law of `told`: 0 -> 1 by whoever tells, and it is the futex. */
struct thread_drain {
    struct ferry__drain drain;
    atomic_uint told;
};

static void tell_thread(struct ferry__drain *drain)
{
    struct thread_drain *waiter = FERRY__CONTAINER(drain, struct thread_drain, drain);
    ferry__store(&waiter->told, 1, release);
    ferry__futex_wake(&waiter->told, 1);
}

static int block_until_drained(ferry_executor *executor, uint64_t deadline)
{
    struct thread_drain waiter = {.drain.drained = tell_thread};
    ferry__list_init(&waiter.drain.link);
    int status = 0;
    bool drained;
    while (!(drained = ferry__executor_drained(executor, &waiter.drain)) && status == 0) {
        status = ferry__futex_wait(&waiter.told, 0, deadline);
        ferry__store(&waiter.told, 0, relaxed);
    }
    ferry__executor_drain_forget(executor, &waiter.drain);
    return drained ? 0 : ferry__fail(ETIMEDOUT);
}

/* A drain that mails a task. Law of `armed`: true -> false by whoever tells, and it then mails; the
 * task arms it again only after the mail was delivered. */
struct task_drain {
    struct ferry__drain drain;
    struct ferry__mail mail;
    struct ferry_loop *loop;
    struct ferry__task *task;
    atomic_bool armed;
};

static void tell_task(struct ferry__drain *drain)
{
    struct task_drain *waiter = FERRY__CONTAINER(drain, struct task_drain, drain);
    if (ferry__swap(&waiter->armed, false, acq_rel))
        ferry__mailbox_push(&waiter->loop->mailbox, &waiter->mail);
}

static void drained_arrived(struct ferry__mail *mail)
{
    struct task_drain *waiter = FERRY__CONTAINER(mail, struct task_drain, mail);
    ferry__store(&waiter->armed, true, release);
    ferry__unpark(waiter->task);
}

/* Takes the drain back; a mail that is on its way is waited for, as it lies in this frame. */
static void forget(ferry_executor *executor, struct task_drain *waiter)
{
    ferry__executor_drain_forget(executor, &waiter->drain);
    while (!ferry__load(&waiter->armed, acquire))
        ferry__park_shielded(waiter->task, "executor shutdown");
}

static int suspend_until_drained(ferry_executor *executor, struct ferry__task *task, double seconds)
{
    struct task_drain waiter = {.drain.drained = tell_task,
                                .mail.deliver = drained_arrived,
                                .loop = ferry__loop_of(task),
                                .task = task,
                                .armed = true};
    ferry__list_init(&waiter.drain.link);
    bool drained = false;
    FERRY_SHIELD
    {
        FERRY_TIMEOUT(seconds) {
            while (!(drained = ferry__executor_drained(executor, &waiter.drain)) &&
                   ferry__park(task, "executor shutdown") == 0) {
            }
        }
    }
    forget(executor, &waiter);
    return drained || ferry__executor_drained(executor, NULL) ? 0 : ferry__fail(ETIMEDOUT);
}

static bool debug_is_on(void)
{
    const struct ferry_loop *loop = ferry__loop_current();
    return loop ? ferry__debug_is_on(loop) : ferry__debug_by_environment();
}

/* From now on nobody waits for what runs but the tasks whose policy says so. */
static int detach(ferry_executor *executor)
{
    ferry__store(&executor->may_leave, true, relaxed);
    return ferry__hurry(executor, FERRY__HURRY_ABANDON);
}

int ferry_executor_shutdown(ferry_executor *executor, const ferry_shutdown_options *options)
{
    static const ferry_shutdown_options defaults;
    const ferry_shutdown_options *o = options ? options : &defaults;
    uint64_t limit = FERRY__NEVER;
    if (executor && ferry__executor_inherited(executor))
        return 0;
    if (!executor || executor == ferry__executor_default() ||
        (o->seconds > 0 || o->seconds != o->seconds ? !ferry__duration(o->seconds, &limit) : false))
        return ferry__fail(EINVAL);
    struct ferry__worker *worker = ferry__worker_current();
    if (!o->no_wait && worker && worker->executor == executor)
        return ferry__fail(EDEADLK);
    struct ferry__task *task = ferry__task_current();
    if (!o->no_wait && task && ferry__requests_of_executor(task, executor))
        return ferry__fail(EDEADLK);
    if (!o->no_wait && !task && ferry__loop_current())
        return ferry__fail(EPERM);
    ferry__executor_begin_shutdown(executor, o->cancel_pending);
    if (o->interrupt && ferry__hurry(executor, FERRY__HURRY_INTERRUPT) < 0)
        return -ENOMEM;
    if (o->no_wait)
        return o->detach ? detach(executor) : 0;
    int status =
        task ? suspend_until_drained(executor, task, limit == FERRY__NEVER ? INFINITY : o->seconds)
             : block_until_drained(executor, ferry__deadline(ferry__now(), limit));
    if (status == 0)
        return 0;
    if (debug_is_on())
        ferry__executors_report(executor, stderr, true);
    if (o->detach && detach(executor) < 0)
        return -ENOMEM;
    return ferry__fail(ETIMEDOUT);
}

size_t ferry_executor_report(ferry_executor *executor, FILE *file)
{
    return ferry__executors_report(executor, file, debug_is_on());
}

size_t ferry_executor_running(ferry_executor *executor, ferry_running_call *ret, size_t room)
{
    if (!executor)
        executor = ferry__executor_default();
    return executor && !ferry__executor_inherited(executor)
               ? ferry__executor_running(executor, ret, room)
               : 0;
}

size_t ferry_executor_queued(ferry_executor *executor)
{
    if (!executor)
        executor = ferry__executor_default();
    return executor && !ferry__executor_inherited(executor) ? ferry__queue_length(&executor->queue)
                                                            : 0;
}

void ferry_executor_free(ferry_executor *executor)
{
    if (!executor || ferry__executor_inherited(executor) || executor == ferry__executor_default())
        return;
    ferry__executors_sweep();
    ferry__executor_begin_shutdown(executor, false);
    bool drained = ferry__executor_drained(executor, NULL);
    if (!drained && ferry__load(&executor->may_leave, relaxed)) {
        ferry__executor_leave(executor);
        return;
    }
    if (!drained && ferry_executor_shutdown(executor, NULL) < 0 && !ferry__executor_quiet(executor))
        ferry__panic(
            "executor \"%s\" (%s) is freed while its calls run, where nobody can wait for them: %s",
            executor->name, executor->place ? executor->place : "?",
            errno == EDEADLK ? "in one of these calls" : "in a callback of the loop");
    ferry__executor_close(executor);
}

const char *ferry_executor_name(const ferry_executor *executor)
{
    return executor ? executor->name : "default";
}

struct ferry__with_executor *ferry__with_executor_open(struct ferry__with_executor *with,
                                                       const ferry_executor_options *options)
{
    with->executor = ferry__executor_new(NULL, options);
    return with;
}

void ferry__with_executor_close(struct ferry__with_executor *with)
{
    int error = errno; /* a return out of the block keeps what its function says */
    ferry_executor_free(with->executor);
    errno = error;
}
