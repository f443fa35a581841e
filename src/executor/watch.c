/* SPDX-License-Identifier: MIT */
/*
 * The watch: one idle worker with a timer, while calls run.
 *
 * As long as the calls of an executor are short, one awake worker serves them all and submits wake
 * nobody (executor.h). Then one of them blocks after all, and nobody is left who would call a
 * second worker: a submit notices that nothing has come out for a while, and so does a loop that
 * goes to sleep, but not one that computes. The watch does: at each look, an executor where work
 * waits, room is, and nothing has come out lately counts as slow from now on (its submits call
 * workers themselves) and gets a worker at once.
 *
 * Its timer runs at 1 ms while something moves or waits, twice as long each time nothing does, up
 * to 8 ms; after QUIET looks with nothing running anywhere the watch becomes an ordinary idle
 * worker, and the process uses no CPU.
 */
#include "base/clock.h"
#include "executor/executor.h"

#define PERIOD_NS 1000000u
enum { QUIET = 4, SLOWEST = 3 };

uint64_t ferry__watch_period(struct ferry__pool *pool)
{
    return (uint64_t)PERIOD_NS << pool->watch_slowing;
}

void ferry__watch_post(struct ferry__pool *pool, bool may_start_thread)
{
    if (pool->watch || pool->most == 1 || pool->ending)
        return;
    pool->watch_quiet = pool->watch_slowing = 0;
    struct ferry__list *link = pool->idle.previous;
    if (link != &pool->idle) {
        struct ferry__worker *worker = FERRY__LIST_OF(link, struct ferry__worker, in_idle);
        ferry__list_remove(&worker->in_idle);
        pool->watch = worker;
        ferry__pool_wake(pool, worker, FERRY__CALL_LOOK); /* to start its timer */
    } else if (may_start_thread && pool->threads < pool->most) {
        ferry__worker_start(pool, NULL); /* refused: nobody to call either */
    }
}

/* Work that did not move since the last look gets a worker: another idle one, or the watch itself.
 */
static void call_for(struct ferry__worker *watch, struct ferry_executor *executor)
{
    if (!ferry__crew_join(&executor->crew, executor->limit))
        return;
    ferry__store(&executor->average, FERRY__UNKNOWN_NS, relaxed);
    struct ferry__pool *pool = watch->pool;
    struct ferry__worker *worker = ferry__pool_idle(pool);
    if (worker == watch || !worker) {
        pool->watch = NULL;
        watch->executor = executor;
        watch->searching = true;
        return;
    }
    ferry__pool_assign(worker, executor);
}

bool ferry__watch_look(struct ferry__worker *watch)
{
    struct ferry__pool *pool = watch->pool;
    if (pool->quiet)
        return true;
    bool waits = false, busy = false, moved = false;
    uint64_t now = ferry__now();
    for (struct ferry__list *link = pool->executors.next;
         link != &pool->executors && !watch->executor; link = link->next) {
        struct ferry_executor *executor = FERRY__LIST_OF(link, struct ferry_executor, of_pool);
        uint64_t progress = ferry__queue_progress(&executor->queue);
        bool ready = ferry__queue_ready(&executor->queue);
        waits |= ready;
        busy |= ready || ferry__crew_attached(ferry__load(&executor->crew, relaxed)) > 0;
        moved |= progress != executor->progress;
        executor->progress = progress;
        if (ready && ferry__executor_silent(executor, now))
            call_for(watch, executor);
    }
    pool->watch_quiet = busy || moved ? 0 : pool->watch_quiet + 1;
    if (moved || waits)
        pool->watch_slowing = 0;
    else if (pool->watch_slowing < SLOWEST)
        pool->watch_slowing++;
    return pool->watch_quiet < QUIET;
}
