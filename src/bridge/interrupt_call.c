/* SPDX-License-Identifier: MIT */
/*
 * Interrupting by a function of the user's. It may block (PQcancel talks to the server), so it runs
 * on a thread of ferry's own; those have a pool of their own, as the common one may be full of the
 * very calls that are to be interrupted.
 *
 * Where no thread is to be had the function is not called now: bound.c comes again.
 */
#include "base/clock.h"
#include "bridge/bound.h"

enum { INTERRUPTERS = 4 };

/* Law: NULL -> the one, made at first use, release, under the lock; for good, but in a child of
 * fork it is made anew. */
static _Atomic(struct ferry_executor *) made;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

void ferry__interrupt_call_forget(void)
{
    pthread_mutex_init(&lock, NULL);
    ferry__store(&made, NULL, relaxed);
}

static struct ferry_executor *interrupters(void)
{
    struct ferry_executor *executor = ferry__load(&made, acquire);
    if (executor)
        return executor;
    pthread_mutex_lock(&lock);
    executor = ferry__load(&made, acquire);
    if (!executor) {
        executor = ferry__executor_open(&(struct ferry__executor_spec){
            .name = "interrupts", .limit = INTERRUPTERS, .own_threads = true});
        ferry__store(&made, executor, release);
    }
    pthread_mutex_unlock(&lock);
    return executor;
}

static void run_prompt(struct ferry__job *job)
{
    struct ferry__bound *bound = FERRY__CONTAINER(job, struct ferry__bound, prompt);
    if (ferry__load(&bound->began, acquire) == FERRY__OVER)
        return;
    bound->prompts++;
    bound->interrupt(bound->interrupt_argument);
}

static void end_prompt(struct ferry__job *job, enum ferry__job_end end)
{
    struct ferry__bound *bound = FERRY__CONTAINER(job, struct ferry__bound, prompt);
    (void)end;
    ferry__mailbox_push(&bound->crossing->loop->mailbox, &bound->prompted); /* the last touch */
}

static void prompted(struct ferry__mail *mail)
{
    struct ferry__bound *bound = FERRY__CONTAINER(mail, struct ferry__bound, prompted);
    bound->prompting = false;
    bound->crossing->loop->expected--;
    ferry__crossing_news(bound->crossing);
}

void ferry__interrupt_call(struct ferry__bound *bound)
{
    struct ferry_executor *executor = interrupters();
    struct ferry_loop *loop = bound->crossing->loop;
    if (bound->prompting || !executor)
        return;
    bound->prompt = (struct ferry__job){
        .run = run_prompt, .done = end_prompt, .site = "interrupt\0ferry/policy.h"};
    bound->prompted.deliver = prompted;
    bound->prompting = true;
    loop->expected++;
    if (ferry__executor_push(executor, &bound->prompt) < 0) {
        bound->prompting = false;
        loop->expected--;
    }
}

void ferry__interrupt_recall(struct ferry__bound *bound)
{
    if (bound->prompting && ferry__executor_take_back(interrupters(), &bound->prompt)) {
        bound->prompting = false;
        bound->crossing->loop->expected--;
    }
}
