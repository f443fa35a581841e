/* SPDX-License-Identifier: MIT */
#include "executor/pool.h"
#include "base/error.h"
#include "base/fork.h"
#include "base/futex.h"
#include "base/panic.h"
#include "executor/executor.h"

#include <string.h>

/* More threads than this in one process are a mistake of somebody's limits, and hurt before they
 * fail. */
enum { FERRY__THREADS_MOST = 1000 };

static struct ferry__pool shared_pool = {.shared = true};

/* All pools, and its lock, which is taken before that of any pool. */
static struct ferry__list pools = {&pools, &pools};
static pthread_mutex_t pools_lock = PTHREAD_MUTEX_INITIALIZER;
/* under it */
static bool quieting; /* new pools are quiet, too */
static bool held;     /* nothing runs, and all locks are held */
static bool shared_made;

static struct ferry__pool *pool_at(struct ferry__list *link)
{
    return FERRY__LIST_OF(link, struct ferry__pool, of_pools);
}

/* A worker that sees `line` leaves its executor after its call, as if others waited. */
static void hush(struct ferry__pool *pool)
{
    pool->quiet = true;
    ferry__add(&pool->line, 1, relaxed);
}

static void pool_init(struct ferry__pool *pool, unsigned most)
{
    ferry__fork_watch();
    pool->most = most;
    pthread_mutex_init(&pool->lock, NULL);
    ferry__list_init(&pool->executors);
    ferry__list_init(&pool->waiting);
    ferry__list_init(&pool->workers);
    ferry__list_init(&pool->spare);
    ferry__list_init(&pool->idle);
    pthread_mutex_lock(&pools_lock);
    if (quieting)
        hush(pool);
    ferry__list_put_last(&pools, &pool->of_pools);
    pthread_mutex_unlock(&pools_lock);
}

void ferry__pools_each(void (*visit)(struct ferry__pool *, void *), void *context)
{
    pthread_mutex_lock(&pools_lock);
    for (struct ferry__list *link = pools.next; link != &pools; link = link->next) {
        struct ferry__pool *pool = FERRY__LIST_OF(link, struct ferry__pool, of_pools);
        ferry__pool_lock(pool);
        visit(pool, context);
        ferry__pool_unlock(pool);
    }
    pthread_mutex_unlock(&pools_lock);
}

static void init_shared(void)
{
    pool_init(&shared_pool, FERRY__THREADS_MOST);
    shared_made = true;
}

bool ferry__pools_quiet(void)
{
    pthread_mutex_lock(&pools_lock);
    bool first = !quieting;
    quieting = true;
    for (struct ferry__list *link = pools.next; first && link != &pools; link = link->next) {
        ferry__pool_lock(pool_at(link));
        hush(pool_at(link));
        ferry__pool_unlock(pool_at(link));
    }
    pthread_mutex_unlock(&pools_lock);
    return first;
}

/* Under the lock. */
static bool runs_nothing(struct ferry__pool *pool)
{
    if (pool->ending && pool->living > 0)
        return false; /* its finalizers */
    for (struct ferry__list *link = pool->executors.next; link != &pool->executors;
         link = link->next) {
        struct ferry_executor *executor = FERRY__LIST_OF(link, struct ferry_executor, of_pool);
        if (ferry__crew_attached(ferry__load(&executor->crew, seq_cst)) > 0)
            return false;
    }
    return true;
}

bool ferry__pools_hold(void)
{
    pthread_mutex_lock(&pools_lock);
    held = true;
    for (struct ferry__list *link = pools.next; link != &pools; link = link->next) {
        ferry__pool_lock(pool_at(link));
        held &= runs_nothing(pool_at(link));
    }
    if (held)
        return true;
    ferry__pools_release();
    return false;
}

void ferry__pools_release(void)
{
    held = false;
    for (struct ferry__list *link = pools.next; link != &pools; link = link->next)
        ferry__pool_unlock(pool_at(link));
    pthread_mutex_unlock(&pools_lock);
}

void ferry__pools_resume(void)
{
    pthread_mutex_lock(&pools_lock);
    quieting = false;
    for (struct ferry__list *link = pools.next; link != &pools; link = link->next) {
        struct ferry__pool *pool = pool_at(link);
        ferry__pool_lock(pool);
        pool->quiet = false;
        ferry__sub(&pool->line, 1, relaxed);
        ferry__pool_unlock(pool);
    }
    pthread_mutex_unlock(&pools_lock);
    ferry__executors_prod();
}

/* Forked while it was held: all is whole, but its threads aren't there. */
static void revive(struct ferry__pool *pool)
{
    pthread_mutex_init(&pool->lock, NULL);
    ferry__list_move_all(&pool->spare, &pool->workers);
    ferry__list_init(&pool->idle);
    ferry__list_init(&pool->waiting);
    pool->watch = NULL;
    pool->threads = pool->living = pool->wake_count = 0;
    pool->quiet = false;
    ferry__store(&pool->line, 0, relaxed);
    for (struct ferry__list *link = pool->executors.next; link != &pool->executors;
         link = link->next)
        ferry__executor_revive(FERRY__LIST_OF(link, struct ferry_executor, of_pool));
}

void ferry__pools_forget(void)
{
    pthread_mutex_init(&pools_lock, NULL);
    quieting = false;
    if (held) {
        held = false;
        for (struct ferry__list *link = pools.next; link != &pools; link = link->next)
            revive(pool_at(link));
        return;
    }
    ferry__list_init(&pools);
    if (shared_made) {
        shared_pool = (struct ferry__pool){.shared = true};
        pool_init(&shared_pool, FERRY__THREADS_MOST);
    }
}

struct ferry__pool *ferry__pool_shared(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, init_shared);
    return &shared_pool;
}

struct ferry__pool *ferry__pool_new(unsigned most)
{
    struct ferry__pool *pool = ferry__alloc(sizeof *pool);
    if (pool)
        pool_init(pool, most);
    return pool;
}

void ferry__pool_lock(struct ferry__pool *pool)
{
    pthread_mutex_lock(&pool->lock);
}

void ferry__pool_unlock(struct ferry__pool *pool)
{
    atomic_uint *wakes[sizeof pool->wakes / sizeof pool->wakes[0]];
    unsigned count = pool->wake_count;
    memcpy(wakes, pool->wakes, sizeof wakes);
    pool->wake_count = 0;
    pthread_mutex_unlock(&pool->lock);
    for (unsigned i = 0; i < count; i++)
        ferry__futex_wake(wakes[i], 1); /* it may have woken by itself, even ended: no harm */
}

void ferry__pool_wake(struct ferry__pool *pool, struct ferry__worker *worker, unsigned call)
{
    ferry__store(&worker->call, call, release); /* pairs with the parked worker's acquire */
    if (pool->wake_count < sizeof pool->wakes / sizeof pool->wakes[0])
        pool->wakes[pool->wake_count++] = &worker->call;
    else
        ferry__futex_wake(&worker->call, 1);
}

/* One thread to join: taken out of the list under the lock, so that its memory is ours once it has
 * ended. */
static struct ferry__worker *take_worker(struct ferry__pool *pool)
{
    ferry__pool_lock(pool);
    pool->ending = true;
    struct ferry__list *link = ferry__list_take_first(&pool->workers);
    struct ferry__worker *worker =
        link ? FERRY__LIST_OF(link, struct ferry__worker, of_pool) : NULL;
    if (worker)
        ferry__pool_wake(pool, worker, FERRY__CALL_LOOK);
    ferry__pool_unlock(pool);
    return worker;
}

void ferry__pool_free(struct ferry__pool *pool)
{
    if (!pool || pool->shared)
        return;
    pthread_mutex_lock(&pools_lock);
    ferry__list_remove(&pool->of_pools);
    pthread_mutex_unlock(&pools_lock);
    struct ferry__worker *worker;
    while ((worker = take_worker(pool))) {
        pthread_join(worker->thread, NULL);
        ferry__list_put_last(&pool->spare, &worker->of_pool);
    }
    struct ferry__list *link; /* now that nobody is left who might wake one of them */
    while ((link = ferry__list_take_first(&pool->spare)))
        ferry__free(FERRY__LIST_OF(link, struct ferry__worker, of_pool));
    pthread_mutex_destroy(&pool->lock);
    ferry__free(pool);
}

struct ferry__worker *ferry__pool_idle(struct ferry__pool *pool)
{
    struct ferry__list *link = ferry__list_take_first(&pool->idle);
    if (link)
        return FERRY__LIST_OF(link, struct ferry__worker, in_idle);
    struct ferry__worker *watch = pool->watch;
    pool->watch = NULL;
    return watch;
}

void ferry__pool_assign(struct ferry__worker *worker, struct ferry_executor *executor)
{
    worker->executor = executor;
    worker->searching = true;
    ferry__pool_wake(worker->pool, worker, FERRY__CALL_SERVE);
}

void ferry__pool_line_up(struct ferry__pool *pool, struct ferry_executor *executor)
{
    if (!ferry__list_empty(&executor->in_line))
        return;
    ferry__list_put_last(&pool->waiting, &executor->in_line);
    ferry__add(&pool->line, 1, relaxed);
}

struct ferry_executor *ferry__pool_next_in_line(struct ferry__pool *pool)
{
    struct ferry__list *link;
    while (!pool->quiet && (link = ferry__list_take_first(&pool->waiting))) {
        ferry__sub(&pool->line, 1, relaxed);
        struct ferry_executor *executor = FERRY__LIST_OF(link, struct ferry_executor, in_line);
        if (ferry__queue_ready(&executor->queue) &&
            ferry__crew_join(&executor->crew, executor->limit))
            return executor;
    }
    return NULL;
}

/* No worker for it now: it leaves its crew again and stands in line for the next one that is free.
 */
static int no_worker(struct ferry__pool *pool, struct ferry_executor *executor)
{
    ferry__crew_leave(&executor->crew, true);
    if (pool->threads > 0)
        ferry__pool_line_up(pool, executor);
    ferry__executor_tell_if_drained(executor);
    return pool->threads > 0 ? 0 : -EAGAIN;
}

int ferry__pool_call_locked(struct ferry__pool *pool, struct ferry_executor *executor)
{
    if (pool->quiet) {
        ferry__crew_leave(&executor->crew, true);
        ferry__executor_tell_if_drained(executor);
        return 0;
    }
    const struct ferry__worker *watch = pool->watch;
    struct ferry__worker *worker = ferry__pool_idle(pool);
    if (worker) {
        ferry__pool_assign(worker, executor);
        ferry__watch_post(pool, executor->limit > 1 || worker == watch);
        return 0;
    }
    if (pool->threads < pool->most && ferry__worker_start(pool, executor) == 0)
        return 0;
    return no_worker(pool, executor);
}

int ferry__pool_call(struct ferry__pool *pool, struct ferry_executor *executor)
{
    ferry__pool_lock(pool);
    int status = ferry__pool_call_locked(pool, executor);
    ferry__pool_unlock(pool);
    return status;
}
