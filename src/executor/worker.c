/* SPDX-License-Identifier: MIT */
/*
 * A worker: an OS thread that serves one executor at a time.
 *
 *     parked --assigned--> serving: take, run, take, run ... <----found--------.
 *       ^                                  `--nothing left--> searching ------>+
 *       |                                                                        | nothing came
 *       +------------------------- leaves the crew <-----------------------------+
 *
 * A thread that ends inside a call (pthread_exit) unwinds through the cleanup below: its call is
 * told that it died, and the executor gets another worker if work waits.
 */
#include "base/clock.h"
#include "base/error.h"
#include "base/fault.h"
#include "base/fork.h"
#include "base/futex.h"
#include "base/yield.h"
#include "executor/executor.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define RETIRE_AFTER_NS 10000000000u
#define LOOKS_PER_CLOCK 20
#define STACK_SIZE (8u << 20) /* as on the main thread: legacy code was written for that */

static _Thread_local struct ferry__worker *current;

/* Law: 0, or 1 while some worker of the process spins; two spinning on two cores is worse than
 * none. */
static _Alignas(FERRY__LINE) _Atomic(uint32_t) spinner;

struct ferry__worker *ferry__worker_current(void)
{
    return current;
}

static void came_back(struct ferry__job *job, enum ferry__job_end end)
{
    (void)job, (void)end;
    ferry__fork_over("a call");
}

/* The thread is no worker in the child. What its call came from isn't there to be told. */
void ferry__worker_forget(void)
{
    ferry__store(&spinner, 0, relaxed);
    if (current && current->job)
        current->job->done = came_back;
    current = NULL;
}

/* Says that calls come out of this executor, in units in which it rarely changes. */
static void note_alive(struct ferry_executor *executor, uint64_t now)
{
    uint32_t alive = (uint32_t)(now >> FERRY__ALIVE_SHIFT);
    if (ferry__load(&executor->alive, relaxed) != alive)
        ferry__store(&executor->alive, alive, relaxed);
}

/* Every worker keeps an average of its own, and says it to the executor only when it has moved by
 * more than a quarter: the word is read with each submit, and writing it with each call would pull
 * its line to and fro. */
static void note_duration(struct ferry__worker *worker, struct ferry_executor *executor,
                          uint64_t took)
{
    int64_t average = worker->average;
    average += ((int64_t)(took < UINT32_MAX ? took : UINT32_MAX) - average) / 8;
    worker->average = (uint32_t)average;
    int64_t said = ferry__load(&executor->average, relaxed);
    if (average > said + said / 4 || average < said - said / 4)
        ferry__store(&executor->average, (uint32_t)average, relaxed);
}

static void run(struct ferry__worker *worker, struct ferry_executor *executor,
                struct ferry__job *job)
{
    /* Read anew: telling the last call's owner may have taken longer than that call itself. */
    job->started = ferry__now();
    worker->job = job;
    ferry__store(&worker->since, job->started, relaxed);
    ferry__store(&worker->site, job->site, relaxed);

    job->run(job);

    job->ended = ferry__now();
    note_duration(worker, executor, job->ended - job->started);
    note_alive(executor, job->ended);
    ferry__store(&worker->site, NULL, relaxed);
    worker->job = NULL;
    ferry__executor_gets_room(executor);
    job->done(job, FERRY__JOB_DONE); /* the last touch: the job may be gone from here on */
}

/* Others search already: submits need not call anybody while they do. Nobody asks while calls are
 * short, and then the flag isn't set: it would cost two moves of the crew's cache line per call. */
static bool may_search(struct ferry__worker *worker, struct ferry_executor *executor)
{
    uint32_t average = ferry__load(&executor->average, relaxed);
    if (average >= FERRY__SPIN_BELOW_NS)
        return false;
    if (average < FERRY__SHORT_NS || worker->searching)
        return true;
    worker->searching =
        !(ferry__or(&executor->crew, FERRY__CREW_SEARCHING, relaxed) & FERRY__CREW_SEARCHING);
    return worker->searching;
}

/* Watches the queue for a while. NULL: nothing came, or others watch already. */
static struct ferry__job *spin(struct ferry__worker *worker, struct ferry_executor *executor)
{
    if (!ferry__spin_worth(&worker->spin) || ferry__swap(&spinner, 1, relaxed))
        return NULL;
    struct ferry__job *job = NULL;
    uint64_t now = ferry__now(), until = now + FERRY__SPIN_NS;
    while (!job && now < until && !ferry__load(&worker->pool->line, relaxed)) {
        for (int i = 0; i < LOOKS_PER_CLOCK && !job; i++) {
            ferry__relax();
            if (ferry__queue_ready(&executor->queue))
                job = ferry__queue_take(&executor->queue);
        }
        now = ferry__now();
    }
    ferry__store(&spinner, 0, relaxed);
    ferry__spin_said(&worker->spin, job != NULL);
    return job;
}

/* With one core nobody can put anything in while this thread spins: it lets the others run instead,
 * if it has had more than one call since it came. (With one, it is done before the loop sleeps, or
 * is needed no more.) */
static struct ferry__job *search(struct ferry__worker *worker, struct ferry_executor *executor,
                                 unsigned ran)
{
    if (!may_search(worker, executor))
        return NULL;
    if (ferry__cores() > 1)
        return spin(worker, executor);
    return ran > 1 && ferry__give_way() ? ferry__queue_take(&executor->queue) : NULL;
}

/* It searched, or was on its way, and found something: who is next? */
static void found(struct ferry__worker *worker, struct ferry_executor *executor)
{
    if (worker->searching) {
        worker->searching = false;
        ferry__executor_found(executor);
    }
}

/* Leaves the crew: true, and the executor must not be touched any more; false: work came, it stays.
 */
static bool leave(struct ferry__worker *worker, struct ferry_executor *executor)
{
    struct ferry__pool *pool = worker->pool;
    ferry__pool_lock(pool);
    uint32_t before = ferry__crew_leave(&executor->crew, worker->searching);
    worker->searching = false;
    bool ready = ferry__queue_ready(&executor->queue);
    if (ready && ferry__load(&pool->line, relaxed)) {
        ferry__pool_line_up(pool, executor);
    } else if (ready && ferry__crew_join(&executor->crew, executor->limit)) {
        worker->searching = true;
        ferry__pool_unlock(pool);
        return false;
    }
    worker->executor = NULL;
    if (before & FERRY__CREW_CLOSING)
        ferry__executor_tell_if_drained(executor);
    ferry__pool_unlock(pool);
    return true;
}

/* A call that slipped into the queue while the initializer failed must not run on such a thread.
 * (Only an executor with threads of its own is ever broken.) */
static bool broken(const struct ferry__pool *pool, struct ferry_executor *executor)
{
    return !pool->shared && ferry__load(&executor->state, relaxed) == FERRY__EXECUTOR_BROKEN;
}

static void serve(struct ferry__worker *worker)
{
    struct ferry_executor *executor = worker->executor;
    struct ferry__pool *pool = worker->pool;
    ferry__store(&worker->serves, executor, relaxed);
    worker->average = ferry__load(&executor->average, relaxed);
    note_alive(executor, ferry__now());
    unsigned ran = 0;
    for (;;) {
        bool make_way = ran > 0 && ferry__load(&pool->line, relaxed) != 0;
        struct ferry__job *job = make_way ? NULL : ferry__queue_take(&executor->queue);
        if (!job && !make_way) {
            job = search(worker, executor, ran);
            ran = 0;
        }
        if (job && broken(pool, executor)) {
            ferry__executor_gets_room(executor);
            job->done(job, FERRY__JOB_BROKEN);
        } else if (job) {
            found(worker, executor);
            run(worker, executor, job);
            ran++;
        } else if (leave(worker, executor)) {
            break;
        }
    }
    ferry__store(&worker->serves, NULL, relaxed);
}

/* Off the idle stack, off watch: under the lock. A shared worker is nobody's then, and must not be
 * touched once the lock is given up; one of an executor's own stays in the list until it is joined.
 */
static void retire(struct ferry__worker *worker)
{
    struct ferry__pool *pool = worker->pool;
    ferry__list_remove(&worker->in_idle);
    if (pool->shared) {
        ferry__list_remove(&worker->of_pool);
        ferry__list_put_last(&pool->spare, &worker->of_pool);
    }
    if (pool->watch == worker)
        pool->watch = NULL;
    pool->threads--;
    worker->retired = true;
}

/* Under the lock: a parked worker's timer ran out. True: nobody has wanted it for long, it shall
 * end. */
static bool timer_ran_out(struct ferry__worker *worker)
{
    struct ferry__pool *pool = worker->pool;
    if (pool->watch != worker)
        return pool->shared;
    if (!ferry__watch_look(worker) && !worker->executor) {
        pool->watch = NULL;
        ferry__list_put_last(&pool->idle, &worker->in_idle);
    }
    return false;
}

/* Waits for something to serve: true with worker->executor set, false: the thread shall end. (A
 * thread that has just started has its executor, or is on watch, and somebody may have assigned it
 * one since.) */
static bool park(struct ferry__worker *worker)
{
    struct ferry__pool *pool = worker->pool;
    ferry__pool_lock(pool);
    if (!worker->executor) {
        worker->executor = ferry__pool_next_in_line(pool);
        worker->searching = worker->executor != NULL;
    }
    if (worker->executor && pool->watch == worker)
        pool->watch = NULL;
    else if (!worker->executor && pool->watch != worker)
        ferry__list_put_first(&pool->idle, &worker->in_idle);
    bool ends = pool->ending && !worker->executor;
    while (!worker->executor && !ends) {
        ferry__store(&worker->call, 0, relaxed);
        uint64_t period = pool->watch == worker ? ferry__watch_period(pool) : RETIRE_AFTER_NS;
        ferry__pool_unlock(pool);
        int woken = ferry__futex_wait(&worker->call, 0, ferry__now() + period);
        if (ferry__load(&worker->call, acquire) == FERRY__CALL_SERVE)
            return true; /* whoever assigned it took it off every list: no need for the lock */
        ferry__pool_lock(pool);
        ends = pool->ending && !worker->executor;
        if (woken < 0 && ferry__load(&worker->call, acquire) == 0)
            ends |= timer_ran_out(worker);
    }
    if (ends)
        retire(worker);
    else
        ferry__watch_post(pool, worker->executor->limit > 1);
    ferry__pool_unlock(pool);
    return !ends;
}

/* The last that a thread of an executor's own does in its pool, after its finalizer. */
static void thread_ends(struct ferry__worker *worker, bool joined)
{
    struct ferry__pool *pool = worker->pool;
    if (pool->shared)
        return;
    ferry__pool_lock(pool);
    if (!joined) {
        ferry__list_remove(&worker->of_pool);
        ferry__list_put_last(&pool->spare, &worker->of_pool);
    }
    pool->living--;
    ferry__executor_tell_if_drained(pool->owner);
    ferry__pool_unlock(pool);
}

/* Its call is told, its place in the crew is another's. The thread still counts meanwhile: where
 * no other can be had, the executor stands in line. */
static void died_in_call(struct ferry__worker *worker)
{
    struct ferry__job *job = worker->job;
    struct ferry_executor *executor = worker->executor;
    ferry__store(&worker->site, NULL, relaxed);
    ferry__store(&worker->serves, NULL, relaxed);
    worker->job = NULL;
    job->ended = ferry__now();
    ferry__executor_gets_room(executor);
    job->done(job, FERRY__JOB_DIED);
    if (!leave(worker, executor))
        ferry__pool_call(worker->pool, executor);
}

/* The executor is broken; somebody may have assigned it to this thread all the same. */
static void died_in_initializer(struct ferry__worker *worker)
{
    struct ferry__pool *pool = worker->pool;
    ferry__executor_break(pool->owner);
    ferry__pool_lock(pool);
    struct ferry_executor *executor = worker->executor;
    ferry__pool_unlock(pool);
    while (executor && !leave(worker, executor))
        ferry__executor_break(executor);
}

/* The thread ends before its time: pthread_exit in a call, an initializer or a finalizer. */
static void died(void *argument)
{
    struct ferry__worker *worker = argument;
    struct ferry__pool *pool = worker->pool;
    bool shared = pool->shared;
    if (!shared)
        pthread_detach(pthread_self()); /* nobody needs to join it */
    if (worker->job)
        died_in_call(worker);
    else if (worker->initializing)
        died_in_initializer(worker);
    if (!worker->retired) {
        ferry__pool_lock(pool);
        retire(worker);
        struct ferry_executor *next = ferry__pool_next_in_line(pool);
        bool none_left = next && ferry__pool_call_locked(pool, next) < 0;
        if (none_left)
            ferry__add(&next->crew, 1, seq_cst); /* it stays while we tell its calls */
        ferry__pool_unlock(pool);
        if (none_left) {
            ferry__executor_refuse_pending(next);
            ferry__pool_lock(pool);
            ferry__crew_leave(&next->crew, false);
            ferry__executor_tell_if_drained(next);
            ferry__pool_unlock(pool);
        }
    }
    if (!shared)
        thread_ends(worker, false);
    current = NULL;
}

/* False when the initializer failed, or it may not run on its executor's CPUs: then that one is
 * broken, and serve() runs nothing of it. */
static bool initialize(struct ferry__worker *worker)
{
    struct ferry__pool *pool = worker->pool;
    bool usable = ferry__cpus_take(pool->has_cpus ? &pool->cpus : NULL);
    if (usable && pool->initializer) {
        worker->initializing = true;
        usable = pool->initializer(pool->argument) >= 0;
        worker->initializing = false;
    }
    if (!usable)
        ferry__executor_break(pool->owner);
    return usable;
}

static void work(struct ferry__worker *worker)
{
    struct ferry__pool *pool = worker->pool;
    uint32_t forks = ferry__forks_now();
    bool usable = initialize(worker);
    while (forks == ferry__forks_now() && park(worker))
        serve(worker);
    if (pool->finalizer && usable)
        pool->finalizer(pool->argument);
    if (forks != ferry__forks_now())
        ferry__fork_over("an initializer or a finalizer");
}

static void *thread_main(void *argument)
{
    struct ferry__worker *worker = argument;
    bool shared = worker->pool->shared;
    current = worker;
    /* What ps -L and gdb show. Only here: a shared worker that took the name of whom it serves
     * would pay a system call at each change. */
    prctl(PR_SET_NAME, shared ? "ferry-worker" : worker->pool->owner->name);
    ferry__store(&worker->tid, (int)syscall(SYS_gettid), relaxed);
    pthread_cleanup_push(died, worker);
    work(worker);
    pthread_cleanup_pop(0);
    current = NULL;
    if (!shared)
        thread_ends(worker, true);
    return NULL;
}

static int make_thread(struct ferry__worker *worker)
{
    if (ferry__fault(FERRY__FAULT_THREAD))
        return EAGAIN;
    pthread_attr_t attributes;
    int error = pthread_attr_init(&attributes);
    if (error)
        return error;
    struct ferry__pool *pool = worker->pool;
    error =
        pthread_attr_setstacksize(&attributes, pool->stack_size ? pool->stack_size : STACK_SIZE);
    if (!error && pool->shared)
        error = pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    /* Signals are the loop's and the program's business: a worker is born with all of them blocked.
     */
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    if (!error)
        error = pthread_create(&worker->thread, &attributes, thread_main, worker);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attributes);
    return error;
}

/* Memory for a worker: that of one that has ended, if there is. */
static struct ferry__worker *new_worker(struct ferry__pool *pool, struct ferry_executor *executor)
{
    struct ferry__list *link = ferry__list_take_first(&pool->spare);
    struct ferry__worker *worker =
        link ? FERRY__LIST_OF(link, struct ferry__worker, of_pool)
             : ferry__alloc_aligned(FERRY__LINE, sizeof *worker + FERRY__LINE);
    if (!worker)
        return NULL;
    *worker =
        (struct ferry__worker){.pool = pool, .executor = executor, .searching = executor != NULL};
    ferry__list_init(&worker->in_idle);
    ferry__list_init(&worker->of_pool);
    return worker;
}

int ferry__worker_start(struct ferry__pool *pool, struct ferry_executor *executor)
{
    struct ferry__worker *worker = new_worker(pool, executor);
    if (!worker)
        return -ENOMEM;
    ferry__list_put_last(&pool->workers, &worker->of_pool);
    pool->threads++;
    pool->living++;
    if (!executor)
        pool->watch = worker;
    /* The lock stays held: the new thread's first step waits for it, and nobody may join before
     * `thread` is written. */
    int error = make_thread(worker);
    if (!error)
        return 0;
    pool->living--;
    retire(worker);
    ferry__list_remove(&worker->of_pool);
    ferry__list_put_last(&pool->spare, &worker->of_pool);
    return -error;
}
