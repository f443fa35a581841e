/* SPDX-License-Identifier: MIT */
/*
 * The end of an executor: no new calls, those it has are run or told that they never will be, and
 * then it is drained: no worker serves it and its queue is empty, for good. One that has threads of
 * its own then ends them, finalizers included, and is drained when the last has gone.
 *
 * Whoever makes the last of these conditions true tells those who wait (struct ferry__drain): a
 * worker that leaves, a call for a worker that found none, an owner that took its job back, a
 * thread that ends. All of it is under the pool's lock, so nobody can look before and sleep after.
 */
#include "executor/executor.h"

/* The threads of an executor's own are not needed any more. Under the pool's lock. */
static void end_threads(struct ferry__pool *pool)
{
    if (pool->ending)
        return;
    pool->ending = true;
    for (struct ferry__list *link = pool->workers.next; link != &pool->workers; link = link->next)
        ferry__pool_wake(pool, FERRY__LIST_OF(link, struct ferry__worker, of_pool),
                         FERRY__CALL_LOOK);
}

bool ferry__executor_quiet(struct ferry_executor *executor)
{
    uint32_t crew = ferry__load(&executor->crew, seq_cst);
    return (crew & FERRY__CREW_CLOSING) && ferry__crew_attached(crew) == 0 &&
           ferry__queue_swept_empty(&executor->queue);
}

static bool is_drained(struct ferry_executor *executor)
{
    struct ferry__pool *pool = executor->pool;
    if (!ferry__executor_quiet(executor))
        return false;
    if (pool->shared)
        return true;
    end_threads(pool);
    return pool->living == 0;
}

void ferry__executor_tell_if_drained(struct ferry_executor *executor)
{
    if (!is_drained(executor))
        return;
    for (struct ferry__list *link = executor->drains.next, *next; link != &executor->drains;
         link = next) {
        next = link->next;
        struct ferry__drain *drain = FERRY__LIST_OF(link, struct ferry__drain, link);
        drain->drained(drain);
    }
}

bool ferry__executor_drained(struct ferry_executor *executor, struct ferry__drain *drain)
{
    struct ferry__pool *pool = executor->pool;
    ferry__pool_lock(pool);
    bool drained = is_drained(executor);
    if (drained)
        ferry__executor_tell_if_drained(executor); /* others, who looked earlier */
    else if (drain && ferry__list_empty(&drain->link))
        ferry__list_put_last(&executor->drains, &drain->link);
    ferry__pool_unlock(pool);
    return drained;
}

void ferry__executor_drain_forget(struct ferry_executor *executor, struct ferry__drain *drain)
{
    ferry__pool_lock(executor->pool);
    ferry__list_remove(&drain->link);
    ferry__pool_unlock(executor->pool);
}

/* A place in the crew, whatever the limit, without being a worker: nobody takes the executor for
 * drained. */
static void step_in(struct ferry_executor *executor)
{
    ferry__add(&executor->crew, 1, seq_cst);
}

/* Gives it back; where calls wait, a worker is called for them: 0 or -EAGAIN. */
static int step_out(struct ferry_executor *executor)
{
    struct ferry__pool *pool = executor->pool;
    int status = 0;
    ferry__pool_lock(pool);
    ferry__crew_leave(&executor->crew, false);
    if (ferry__queue_ready(&executor->queue) && ferry__crew_join(&executor->crew, executor->limit))
        status = ferry__pool_call_locked(pool, executor);
    ferry__executor_tell_if_drained(executor);
    ferry__pool_unlock(pool);
    return status;
}

/* Takes all jobs out and tells them; those that must run go back, unless `all`. */
static void sweep(struct ferry_executor *executor, bool all, enum ferry__job_end end)
{
    struct ferry__list kept;
    ferry__list_init(&kept);
    struct ferry__job *job;
    while ((job = ferry__queue_take(&executor->queue))) {
        if (job->must_run && !all) {
            ferry__list_put_last(&kept, &job->link);
        } else {
            ferry__executor_gets_room(executor);
            job->done(job, end);
        }
    }
    struct ferry__list *link;
    while ((link = ferry__list_take_first(&kept)))
        ferry__queue_put(&executor->queue, FERRY__LIST_OF(link, struct ferry__job, link));
}

void ferry__executor_refuse_pending(struct ferry_executor *executor)
{
    step_in(executor);
    int status;
    do {
        sweep(executor, true, FERRY__JOB_REFUSED);
        status = step_out(executor);
        if (status < 0)
            step_in(executor);
    } while (status < 0);
}

void ferry__executor_begin_shutdown(struct ferry_executor *executor, bool cancel_pending)
{
    struct ferry__pool *pool = executor->pool;
    ferry__pool_lock(pool);
    ferry__or(&executor->crew, FERRY__CREW_CLOSING, seq_cst);
    if (ferry__load(&executor->state, relaxed) == FERRY__EXECUTOR_OPEN)
        ferry__store(&executor->state, FERRY__EXECUTOR_CLOSING, relaxed);
    ferry__pool_unlock(pool);
    if (!cancel_pending)
        return;
    step_in(executor);
    sweep(executor, false, FERRY__JOB_NEVER_STARTED);
    if (step_out(executor) < 0)
        ferry__executor_refuse_pending(executor);
}

void ferry__executor_break(struct ferry_executor *executor)
{
    struct ferry__pool *pool = executor->pool;
    step_in(executor);
    ferry__pool_lock(pool);
    /* The reason first: whoever sees CLOSING (crew.h, seq_cst) then asks why. */
    ferry__store(&executor->state, FERRY__EXECUTOR_BROKEN, relaxed);
    ferry__or(&executor->crew, FERRY__CREW_CLOSING, seq_cst);
    ferry__pool_unlock(pool);
    sweep(executor, true, FERRY__JOB_BROKEN);
    step_out(executor);
}
