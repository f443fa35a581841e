/* SPDX-License-Identifier: MIT */
#include "executor/executor.h"
#include "base/clock.h"
#include "base/error.h"
#include "executor/deadlock.h"

#include <stdio.h>
#include <string.h>

static unsigned default_limit(void)
{
    unsigned wanted = ferry__cores() + 4; /* as CPython's ThreadPoolExecutor */
    return wanted < 32 ? wanted : 32;
}

static struct ferry__pool *pool_for(const struct ferry__executor_spec *spec, unsigned limit)
{
    if (!spec->own_threads)
        return ferry__pool_shared();
    struct ferry__pool *pool = ferry__pool_new(limit);
    if (!pool)
        return NULL;
    pool->stack_size = spec->stack_size;
    pool->initializer = spec->initializer;
    pool->finalizer = spec->finalizer;
    pool->argument = spec->argument;
    pool->has_cpus = spec->cpus != NULL;
    if (spec->cpus)
        pool->cpus = *spec->cpus;
    return pool;
}

static void give_back(struct ferry_executor *executor)
{
    if (executor->queue.slots)
        ferry__queue_deinit(&executor->queue);
    ferry__free(executor->name);
    ferry__free(executor);
}

static uint64_t next_serial(void)
{
    static _Atomic(uint64_t) serials; /* law: counted up, relaxed: each number is given once */
    return ferry__add(&serials, 1, relaxed) + 1;
}

static char *copy_of(const char *name)
{
    size_t size = strlen(name) + 1;
    char *copy = ferry__alloc(size);
    return copy ? memcpy(copy, name, size) : NULL;
}

struct ferry_executor *ferry__executor_open(const struct ferry__executor_spec *spec)
{
    ferry__executors_sweep();
    struct ferry_executor *executor = ferry__alloc_aligned(FERRY__LINE, sizeof *executor);
    if (!executor)
        return ferry__fail_null(ENOMEM);
    executor->limit = spec->limit ? spec->limit : default_limit();
    executor->serial = next_serial();
    executor->forks = ferry__forks_now();
    executor->room = spec->max_queued ? (uint64_t)executor->limit + spec->max_queued : 0;
    executor->class = spec->class;
    executor->plain = !spec->max_queued && spec->class != FERRY_CLASS_BACKGROUND;
    executor->place = spec->place;
    executor->opener = spec->opener;
    executor->manner = spec->manner;
    ferry__store(&executor->average, FERRY__UNKNOWN_NS, relaxed);
    ferry__list_init(&executor->in_line);
    ferry__list_init(&executor->drains);
    ferry__list_init(&executor->detached);
    executor->name = copy_of(spec->name ? spec->name : "executor");
    if (!executor->name || ferry__queue_init(&executor->queue) < 0 ||
        !(executor->pool = pool_for(spec, executor->limit))) {
        give_back(executor);
        return ferry__fail_null(ENOMEM);
    }
    struct ferry__pool *pool = executor->pool;
    ferry__pool_lock(pool);
    if (!pool->shared)
        pool->owner = executor;
    ferry__list_put_last(&pool->executors, &executor->of_pool);
    ferry__pool_unlock(pool);
    return executor;
}

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* over the default one's making */

struct ferry_executor *ferry__executor_default(void)
{
    static _Atomic(struct ferry_executor *)
        made; /* law: NULL -> the one, release, under the lock */
    struct ferry_executor *executor = ferry__load(&made, acquire);
    if (executor)
        return executor;
    pthread_mutex_lock(&lock);
    executor = ferry__load(&made, acquire);
    if (!executor) {
        executor = ferry__executor_open(&(struct ferry__executor_spec){.name = "default"});
        ferry__store(&made, executor, release);
    }
    pthread_mutex_unlock(&lock);
    return executor;
}

/* Taking back is rare, and may come late: the job is over, and its executor about to be freed.
 * Under this lock a job that has not begun keeps its executor alive: ferry__executor_close
 * passes through it. */
static pthread_mutex_t recall = PTHREAD_MUTEX_INITIALIZER;

void ferry__executor_close(struct ferry_executor *executor)
{
    struct ferry__pool *pool = executor->pool;
    ferry__pool_lock(pool);
    ferry__list_remove(&executor->of_pool);
    if (!ferry__list_empty(&executor->in_line)) {
        ferry__list_remove(&executor->in_line);
        ferry__sub(&pool->line, 1, relaxed);
    }
    ferry__pool_unlock(pool);
    pthread_mutex_lock(&recall);
    pthread_mutex_unlock(&recall);
    ferry__deadlock_pass();
    ferry__pool_free(pool);
    give_back(executor);
}

void ferry__executors_forget(void)
{
    pthread_mutex_init(&lock, NULL);
    pthread_mutex_init(&recall, NULL);
}

void ferry__executor_revive(struct ferry_executor *executor)
{
    ferry__and(&executor->crew, FERRY__CREW_CLOSING, relaxed);
    ferry__list_init(&executor->in_line);
    ferry__list_init(&executor->drains);
    ferry__queue_reset(&executor->queue);
    ferry__store(&executor->inside, 0, relaxed);
    executor->progress = 0;
    executor->forks = ferry__forks_now();
}

static int refusal(struct ferry_executor *executor)
{
    return ferry__load(&executor->state, relaxed) == FERRY__EXECUTOR_BROKEN ? ENOTRECOVERABLE
                                                                            : ESHUTDOWN;
}

/* It was closed while the job went in. Whoever found it empty before may have gone: a worker
 * looks once more, for jobs behind this one, and tells those who wait for the end. */
static int too_late(struct ferry_executor *executor, struct ferry__job *job)
{
    int error = refusal(executor);
    bool ours = ferry__executor_take_back(executor, job);
    if (ferry__crew_join(&executor->crew, executor->limit))
        ferry__pool_call(executor->pool, executor);
    return ours ? ferry__fail(error) : 0;
}

/* Into an executor that isn't plain; false: it is full. */
static __attribute__((noinline)) bool enter(struct ferry_executor *executor, struct ferry__job *job)
{
    if (job->class == FERRY_CLASS_DEFAULT)
        job->class = (uint8_t)executor->class;
    if (!executor->room)
        return true;
    if (!job->if_room) {
        ferry__add(&executor->inside, 1, relaxed);
        return true;
    }
    uint64_t inside = ferry__load(&executor->inside, relaxed);
    do {
        if (inside >= executor->room)
            return false;
    } while (!ferry__cas_weak(&executor->inside, &inside, inside + 1, relaxed));
    return true;
}

int ferry__executor_push(struct ferry_executor *executor, struct ferry__job *job)
{
    if (ferry__executor_inherited(executor))
        return ferry__fail(EOWNERDEAD);
    if (ferry__load(&executor->state, relaxed) != FERRY__EXECUTOR_OPEN)
        return ferry__fail(refusal(executor));
    if (__builtin_expect(!executor->plain, false) && !enter(executor, job))
        return ferry__fail(EAGAIN);
    job->queued = ferry__now();
    ferry__queue_put(&executor->queue, job);
    uint32_t crew = ferry__load(&executor->crew, seq_cst); /* after the put: crew.h */
    if (crew & FERRY__CREW_CLOSING)
        return too_late(executor, job);
    if (ferry__crew_attached(crew)) {
        if (crew & FERRY__CREW_SEARCHING)
            return 0;
        if (ferry__executor_silent(executor, job->queued))
            ferry__store(&executor->average, FERRY__UNKNOWN_NS, relaxed);
        else if (ferry__load(&executor->average, relaxed) < FERRY__SHORT_NS)
            return 0;
    }
    if (!ferry__crew_join(&executor->crew, executor->limit) ||
        ferry__pool_call(executor->pool, executor) == 0)
        return 0;
    bool ours = ferry__executor_take_back(executor, job);
    ferry__executor_refuse_pending(executor); /* others relied on the worker that did not come */
    return ours ? ferry__fail(EAGAIN) : 0;
}

bool ferry__executor_take_back(struct ferry_executor *executor, struct ferry__job *job)
{
    if (ferry__executor_inherited(executor))
        return false;
    pthread_mutex_lock(&recall);
    bool ours = ferry__load(&job->state, relaxed) < FERRY__JOB_RUNNING &&
                ferry__queue_take_back(&executor->queue, job);
    if (ours)
        ferry__executor_gets_room(executor);
    if (ours && (ferry__load(&executor->crew, seq_cst) & FERRY__CREW_CLOSING)) {
        ferry__pool_lock(executor->pool);
        ferry__executor_tell_if_drained(executor);
        ferry__pool_unlock(executor->pool);
    }
    pthread_mutex_unlock(&recall);
    return ours;
}

void ferry__executor_found(struct ferry_executor *executor)
{
    if (ferry__load(&executor->average, relaxed) >= FERRY__SHORT_NS &&
        ferry__queue_ready(&executor->queue) && ferry__crew_join(&executor->crew, executor->limit))
        ferry__pool_call(executor->pool, executor); /* the flag is the next one's now */
    else
        ferry__and(&executor->crew, ~FERRY__CREW_SEARCHING, relaxed);
}

/* Under the pool's lock: a worker for every executor whose queue waits while it may have one more.
 */
static void prod_pool(struct ferry__pool *pool, void *unused)
{
    (void)unused;
    for (struct ferry__list *link = pool->executors.next; link != &pool->executors;
         link = link->next) {
        struct ferry_executor *executor = FERRY__LIST_OF(link, struct ferry_executor, of_pool);
        uint32_t crew = ferry__load(&executor->crew, relaxed);
        /* One who is on its way, or searches, will find it. */
        if ((crew & FERRY__CREW_SEARCHING) || !ferry__queue_ready(&executor->queue))
            continue;
        /* On one core an attached worker gets its turn when the loop sleeps, not before. */
        if (ferry__cores() == 1 && ferry__crew_attached(crew) &&
            ferry__load(&executor->average, relaxed) < FERRY__SHORT_NS)
            continue;
        if (ferry__crew_join(&executor->crew, executor->limit)) {
            ferry__store(&executor->average, FERRY__UNKNOWN_NS, relaxed);
            ferry__pool_call_locked(pool, executor);
        }
    }
}

void ferry__executors_prod(void)
{
    ferry__pools_each(prod_pool, NULL);
}

size_t ferry__executor_running_locked(struct ferry_executor *executor, ferry_running_call *ret,
                                      size_t room)
{
    size_t count = 0;
    uint64_t now = ferry__now();
    struct ferry__pool *pool = executor->pool;
    for (struct ferry__list *link = pool->workers.next; link != &pool->workers; link = link->next) {
        struct ferry__worker *worker = FERRY__LIST_OF(link, struct ferry__worker, of_pool);
        const char *site = ferry__load(&worker->site, relaxed);
        if (!site || ferry__load(&worker->serves, relaxed) != executor)
            continue;
        uint64_t since = ferry__load(&worker->since, relaxed);
        if (count < room)
            ret[count] = (ferry_running_call){
                .function = site,
                .place = site + strlen(site) + 1,
                .executor = executor->name,
                .seconds = ferry__seconds(now > since ? now - since : 0),
                .thread = ferry__load(&worker->tid, relaxed),
            };
        count++;
    }
    return count;
}

size_t ferry__executor_running(struct ferry_executor *executor, ferry_running_call *ret,
                               size_t room)
{
    ferry__pool_lock(executor->pool);
    size_t count = ferry__executor_running_locked(executor, ret, room);
    ferry__pool_unlock(executor->pool);
    return count;
}

static void find_left(struct ferry__pool *pool, void *left_)
{
    struct ferry__executor_left *left = left_;
    for (struct ferry__list *link = pool->executors.next; link != &pool->executors;
         link = link->next) {
        struct ferry_executor *executor = FERRY__LIST_OF(link, struct ferry_executor, of_pool);
        if (!left->opener || executor->opener != left->opener)
            continue;
        left->opener = executor->opener = NULL;
        snprintf(left->name, sizeof left->name, "%s", executor->name);
        left->place = executor->place;
        left->open = ferry__load(&executor->state, relaxed) == FERRY__EXECUTOR_OPEN;
        left->running = ferry__executor_running_locked(executor, NULL, 0);
        left->queued = ferry__queue_length(&executor->queue);
        return;
    }
}

bool ferry__executor_left(const void *opener, struct ferry__executor_left *ret)
{
    *ret = (struct ferry__executor_left){.opener = opener};
    ferry__pools_each(find_left, ret);
    return !ret->opener;
}
