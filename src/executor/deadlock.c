/* SPDX-License-Identifier: MIT */
#include "executor/deadlock.h"
#include "base/error.h"
#include "base/panic.h"

/* All waits of workers, and the lock that every field of theirs is under. */
static struct ferry__list waits = {&waits, &waits};
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

void ferry__deadlock_forget(void)
{
    pthread_mutex_init(&lock, NULL);
    ferry__list_init(&waits);
}

static unsigned stuck_workers_of(const struct ferry_executor *executor)
{
    unsigned count = 0;
    for (struct ferry__list *link = waits.next; link != &waits; link = link->next) {
        const struct ferry__stuck_wait *wait = FERRY__LIST_OF(link, struct ferry__stuck_wait, link);
        count += wait->stuck && wait->holds == executor;
    }
    return count;
}

/* The greatest set of waits that hold each other: start with all whose job has not begun, and take
 * out, until none is left to take out, those that want an executor with a worker to spare. */
static void find_stuck(void)
{
    for (struct ferry__list *link = waits.next; link != &waits; link = link->next) {
        struct ferry__stuck_wait *wait = FERRY__LIST_OF(link, struct ferry__stuck_wait, link);
        wait->stuck = ferry__load(&wait->job->state, relaxed) < FERRY__JOB_RUNNING;
    }
    bool changed;
    do {
        changed = false;
        for (struct ferry__list *link = waits.next; link != &waits; link = link->next) {
            struct ferry__stuck_wait *wait = FERRY__LIST_OF(link, struct ferry__stuck_wait, link);
            if (wait->stuck && stuck_workers_of(wait->wants) < wait->wants->limit) {
                wait->stuck = false;
                changed = true;
            }
        }
    } while (changed);
}

static void report_ring(const struct ferry__stuck_wait *closing)
{
    ferry__report("%s, running on \"%s\", would wait for ever for a call queued on \"%s\": all its "
                  "workers wait in a ring",
                  closing->site, closing->holds->name, closing->wants->name);
    for (struct ferry__list *link = waits.next; link != &waits; link = link->next) {
        const struct ferry__stuck_wait *wait = FERRY__LIST_OF(link, struct ferry__stuck_wait, link);
        if (wait->stuck && wait != closing)
            ferry__report("  %s, running on \"%s\", waits for a call queued on \"%s\"", wait->site,
                          wait->holds->name, wait->wants->name);
    }
}

int ferry__deadlock_enter_for(struct ferry__stuck_wait *wait, const struct ferry_executor *holds,
                              const char *site, const struct ferry_executor *executor,
                              struct ferry__job *job)
{
    *wait = (struct ferry__stuck_wait){.holds = holds, .wants = executor, .job = job, .site = site};
    pthread_mutex_lock(&lock);
    ferry__list_put_last(&waits, &wait->link);
    find_stuck();
    bool closes_ring = wait->stuck;
    if (closes_ring) {
        report_ring(wait);
        ferry__list_remove(&wait->link);
    }
    pthread_mutex_unlock(&lock);
    return closes_ring ? ferry__fail(EDEADLK) : 0;
}

int ferry__deadlock_enter(struct ferry__stuck_wait *wait, const struct ferry_executor *executor,
                          struct ferry__job *job)
{
    const struct ferry__worker *worker = ferry__worker_current();
    ferry__list_init(&wait->link);
    if (!worker || !worker->job)
        return 0;
    return ferry__deadlock_enter_for(wait, worker->executor, worker->job->site, executor, job);
}

void ferry__deadlock_pass(void)
{
    pthread_mutex_lock(&lock);
    pthread_mutex_unlock(&lock);
}

void ferry__deadlock_leave(struct ferry__stuck_wait *wait)
{
    pthread_mutex_lock(&lock);
    ferry__list_remove(&wait->link);
    pthread_mutex_unlock(&lock);
}
