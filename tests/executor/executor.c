/* SPDX-License-Identifier: MIT */
#include "executor/executor.h"
#include "base/clock.h"
#include "base/fault.h"

#include "check.h"

#include <pthread.h>
#include <sched.h>
#include <sys/syscall.h>

/* A job that counts, and can be told to hold its worker. */
struct errand {
    struct ferry__job job;
    void (*body)(struct errand *);
    int number;
    atomic_int ends, how;
};

static atomic_int ran, running, most_running, gate;
static int order[100000];
static atomic_int order_count;
static atomic_long threads_seen[8];

static void run_errand(struct ferry__job *job)
{
    struct errand *errand = (struct errand *)job;
    int now = atomic_fetch_add(&running, 1) + 1;
    int most = atomic_load(&most_running);
    while (now > most && !atomic_compare_exchange_weak(&most_running, &most, now)) {
    }
    order[atomic_fetch_add(&order_count, 1)] = errand->number;
    if (errand->body)
        errand->body(errand);
    atomic_fetch_sub(&running, 1);
    atomic_fetch_add(&ran, 1);
}

static void end_errand(struct ferry__job *job, enum ferry__job_end end)
{
    struct errand *errand = (struct errand *)job;
    atomic_store(&errand->how, (int)end);
    atomic_fetch_add(&errand->ends, 1);
}

static struct errand *errands(int count, void (*body)(struct errand *))
{
    struct errand *all = calloc((size_t)count, sizeof *all);
    for (int i = 0; i < count; i++) {
        all[i].job =
            (struct ferry__job){.run = run_errand, .done = end_errand, .site = "errand\0test.c:1"};
        all[i].body = body;
        all[i].number = i;
    }
    return all;
}

static void await_end(struct errand *errand)
{
    while (atomic_load(&errand->ends) == 0)
        usleep(100);
}

static void wait_at_gate(struct errand *errand)
{
    (void)errand;
    while (!atomic_load(&gate))
        usleep(100);
}

static void await_running(int count)
{
    while (atomic_load(&running) < count)
        usleep(100);
}

static ferry_executor *open_executor(unsigned limit)
{
    ferry_executor *executor = ferry_executor_new(&(ferry_executor_options){.max_workers = limit});
    CHECK(executor != NULL);
    return executor;
}

static void nap(struct errand *errand)
{
    (void)errand;
    usleep(1000);
}

TEST(all_run_once_and_never_more_at_once_than_the_limit)
{
    ferry_executor *executor = open_executor(5);
    struct errand *all = errands(300, nap);
    for (int i = 0; i < 300; i++)
        CHECK_INT(ferry__executor_push(executor, &all[i].job), ==, 0);
    CHECK_INT(ferry_executor_shutdown(executor, NULL), ==, 0);
    for (int i = 0; i < 300; i++)
        CHECK_INT(atomic_load(&all[i].ends), ==, 1);
    CHECK_INT(atomic_load(&most_running), ==, 5);
    ferry_executor_free(executor);
    free(all);
}

TEST(a_limit_of_one_keeps_the_order)
{
    ferry_executor *executor = open_executor(1);
    struct errand *all = errands(5000, NULL);
    for (int i = 0; i < 5000; i++)
        CHECK_INT(ferry__executor_push(executor, &all[i].job), ==, 0);
    ferry_executor_free(executor);
    for (int i = 0; i < 5000; i++)
        CHECK_INT(order[i], ==, i);
    CHECK_INT(atomic_load(&most_running), ==, 1);
    free(all);
}

static void remember_thread(struct errand *errand)
{
    atomic_store(&threads_seen[errand->number % 8], syscall(SYS_gettid));
}

static atomic_int begun, finished;
static int count_begin(void *argument)
{
    atomic_fetch_add(&begun, *(int *)argument);
    return 0;
}
static void count_end(void *argument)
{
    atomic_fetch_add(&finished, *(int *)argument);
}

TEST(a_lane_keeps_to_one_thread_that_is_initialized_and_finalized_once)
{
    int one = 1;
    ferry_executor *lane = ferry_executor_new(&(ferry_executor_options){.name = "lane",
                                                                        .lane = true,
                                                                        .initializer = count_begin,
                                                                        .finalizer = count_end,
                                                                        .argument = &one});
    struct errand *all = errands(8, remember_thread);
    for (int i = 0; i < 8; i++) {
        CHECK_INT(ferry__executor_push(lane, &all[i].job), ==, 0);
        usleep(2000);
    }
    CHECK_INT(ferry_executor_shutdown(lane, NULL), ==, 0);
    for (int i = 1; i < 8; i++)
        CHECK_INT(atomic_load(&threads_seen[i]), ==, atomic_load(&threads_seen[0]));
    CHECK_INT(atomic_load(&begun), ==, 1);
    ferry_executor_free(lane);
    CHECK_INT(atomic_load(&finished), ==, 1); /* free joined it */
    free(all);
}

static int refuse(void *argument)
{
    (void)argument;
    return -1;
}

TEST(a_failing_initializer_breaks_the_executor_and_every_call_is_told)
{
    ferry_executor *executor =
        ferry_executor_new(&(ferry_executor_options){.max_workers = 2, .initializer = refuse});
    struct errand *all = errands(50, NULL);
    int pushed = 0;
    for (int i = 0; i < 50; i++) {
        int status = ferry__executor_push(executor, &all[i].job);
        if (status < 0) {
            CHECK_INT(status, ==, -ENOTRECOVERABLE);
            break;
        }
        pushed++;
        if (i == 25)
            usleep(20000);
    }
    for (int i = 0; i < pushed; i++) {
        await_end(&all[i]);
        CHECK_INT(atomic_load(&all[i].how), ==, FERRY__JOB_BROKEN);
        CHECK_INT(atomic_load(&all[i].ends), ==, 1);
    }
    CHECK(pushed < 50);
    CHECK_INT(atomic_load(&ran), ==, 0);
    ferry_executor_free(executor);
    free(all);
}

static atomic_int pushers_ready, about_to_fail;

static int refuse_while_others_push(void *argument)
{
    (void)argument;
    while (atomic_load(&pushers_ready) < 2)
        sched_yield();
    atomic_store(&about_to_fail, 1);
    return -1;
}

static void *push_until_refused(void *executor)
{
    enum { MOST = 3000 };
    struct errand *all = errands(MOST, NULL);
    int status = ferry__executor_push(executor, &all[0].job), pushed = status == 0;
    atomic_fetch_add(&pushers_ready, 1);
    while (!atomic_load(&about_to_fail))
        sched_yield();
    while (pushed < MOST && (status = ferry__executor_push(executor, &all[pushed].job)) == 0)
        pushed++;
    for (int i = 0; i < pushed; i++)
        await_end(&all[i]);
    free(all);
    return (void *)(intptr_t)status;
}

TEST(whoever_pushes_while_the_initializer_fails_hears_that_it_failed)
{
    int refused = 0;
    for (int round = 0; round < 300; round++) {
        atomic_store(&pushers_ready, 0);
        atomic_store(&about_to_fail, 0);
        ferry_executor *executor = ferry_executor_new(
            &(ferry_executor_options){.max_workers = 1, .initializer = refuse_while_others_push});
        pthread_t other;
        void *said[2];
        CHECK_INT(pthread_create(&other, NULL, push_until_refused, executor), ==, 0);
        said[0] = push_until_refused(executor);
        pthread_join(other, &said[1]);
        for (int i = 0; i < 2; i++) { /* 0: it was quicker than the thread that failed */
            CHECK((intptr_t)said[i] == 0 || (intptr_t)said[i] == -ENOTRECOVERABLE);
            refused += said[i] != NULL;
        }
        ferry_executor_free(executor);
    }
    CHECK_INT(refused, >, 0);
}

TEST(shutdown_can_cancel_what_has_not_begun)
{
    ferry_executor *executor = open_executor(2);
    struct errand *all = errands(20, wait_at_gate);
    all[10].job.must_run = true;
    for (int i = 0; i < 20; i++)
        CHECK_INT(ferry__executor_push(executor, &all[i].job), ==, 0);
    await_running(2);
    CHECK_INT(ferry_executor_shutdown(
                  executor, &(ferry_shutdown_options){.cancel_pending = true, .seconds = 0.05}),
              ==, -ETIMEDOUT);
    ferry_running_call running_calls[4];
    CHECK_INT(ferry_executor_running(executor, running_calls, 4), ==, 2);
    CHECK_STR(running_calls[0].function, "errand");
    CHECK_STR(running_calls[0].place, "test.c:1");
    CHECK_STR(running_calls[0].executor, "executor");
    CHECK(running_calls[0].seconds > 0.04);
    CHECK_INT(ferry__executor_push(executor, &all[0].job), ==, -ESHUTDOWN);
    CHECK_INT(errno, ==, ESHUTDOWN);
    atomic_store(&gate, 1);
    CHECK_INT(ferry_executor_shutdown(executor, NULL), ==, 0);
    CHECK_INT(atomic_load(&ran), ==, 3); /* the two that ran, and the one that must */
    for (int i = 0; i < 20; i++)
        CHECK_INT(atomic_load(&all[i].ends), ==, 1);
    ferry_executor_free(executor);
    free(all);
}

static void end_thread(struct errand *errand)
{
    if (errand->number % 3 == 0) {
        atomic_fetch_sub(&running, 1);
        pthread_exit(NULL);
    }
}

static void exits_of_threads(bool own_threads)
{
    ferry_executor *executor = ferry_executor_new(
        &(ferry_executor_options){.max_workers = 2, .stack_size = own_threads ? 1 << 20 : 0});
    struct errand *all = errands(60, end_thread);
    for (int i = 0; i < 60; i++)
        CHECK_INT(ferry__executor_push(executor, &all[i].job), ==, 0);
    ferry_executor_free(executor);
    for (int i = 0; i < 60; i++) {
        CHECK_INT(atomic_load(&all[i].ends), ==, 1);
        CHECK_INT(atomic_load(&all[i].how), ==, i % 3 ? FERRY__JOB_DONE : FERRY__JOB_DIED);
    }
    free(all);
}

TEST(a_thread_that_ends_inside_a_call_is_told_and_replaced)
{
    exits_of_threads(false);
}

TEST(so_is_one_of_an_executors_own)
{
    exits_of_threads(true);
}

TEST(without_any_thread_the_call_is_refused_and_stays_the_callers)
{
    ferry_executor *executor = open_executor(2);
    struct errand *all = errands(2, NULL);
    ferry__fault_arm(FERRY__FAULT_THREAD, 0, -1);
    CHECK_INT(ferry__executor_push(executor, &all[0].job), ==, -EAGAIN);
    CHECK_INT(atomic_load(&all[0].ends), ==, 0);
    ferry__fault_clear();
    CHECK_INT(ferry__executor_push(executor, &all[0].job), ==, 0);
    ferry_executor_free(executor);
    CHECK_INT(atomic_load(&all[0].ends), ==, 1);
    free(all);
}

TEST(with_one_thread_and_no_other_to_be_had_calls_wait_for_it)
{
    ferry_executor *first = open_executor(4), *second = open_executor(4);
    struct errand *all = errands(40, nap);
    ferry__fault_arm(FERRY__FAULT_THREAD, 1, -1);
    for (int i = 0; i < 40; i++)
        CHECK_INT(ferry__executor_push(i % 2 ? first : second, &all[i].job), ==, 0);
    ferry_executor_free(first);
    ferry_executor_free(second);
    CHECK_INT(atomic_load(&ran), ==, 40);
    CHECK_INT(atomic_load(&most_running), ==, 1);
    free(all);
}

static void maybe_long(struct errand *errand)
{
    if (errand->number == 2000)
        wait_at_gate(errand);
}

TEST(a_usually_short_call_that_blocks_does_not_hold_up_those_behind_it)
{
    ferry_executor *executor = open_executor(4);
    struct errand *all = errands(2100, maybe_long);
    for (int i = 0; i < 2000; i++) {
        CHECK_INT(ferry__executor_push(executor, &all[i].job), ==, 0);
        if (i % 100 == 99)
            await_end(&all[i]);
    }
    for (int i = 2000; i < 2100; i++)
        CHECK_INT(ferry__executor_push(executor, &all[i].job), ==, 0);
    for (int i = 2001; i < 2100; i++)
        await_end(&all[i]); /* while 2000 holds its worker: else this hangs */
    CHECK_INT(atomic_load(&all[2000].ends), ==, 0);
    atomic_store(&gate, 1);
    ferry_executor_free(executor);
    free(all);
}

/* Threads that submit to several executors, which are shut down while they do. */
enum { SUBMITTERS = 4, SUBMITS = 3000 };
static ferry_executor *shared[2];
static atomic_int accepted;

static void *submit_many(void *argument)
{
    struct errand *all = argument;
    for (int i = 0; i < SUBMITS; i++) {
        if (ferry__executor_push(shared[i % 2], &all[i].job) == 0)
            atomic_fetch_add(&accepted, 1);
        else
            atomic_store(&all[i].how, -1);
    }
    return NULL;
}

TEST(submits_that_race_a_shutdown_run_or_are_refused_and_none_is_lost)
{
    for (int round = 0; round < 20; round++) {
        shared[0] = open_executor(2);
        shared[1] = open_executor(3);
        atomic_store(&ran, 0);
        atomic_store(&accepted, 0);
        atomic_store(&order_count, 0);
        pthread_t threads[SUBMITTERS];
        struct errand *all[SUBMITTERS];
        for (int i = 0; i < SUBMITTERS; i++) {
            all[i] = errands(SUBMITS, NULL);
            pthread_create(&threads[i], NULL, submit_many, all[i]);
        }
        usleep((useconds_t)(round * 50));
        ferry_executor_shutdown(shared[0], NULL);
        for (int i = 0; i < SUBMITTERS; i++)
            pthread_join(threads[i], NULL);
        ferry_executor_free(shared[0]);
        ferry_executor_free(shared[1]);
        CHECK_INT(atomic_load(&ran), ==, atomic_load(&accepted));
        for (int i = 0; i < SUBMITTERS; i++) {
            for (int k = 0; k < SUBMITS; k++)
                CHECK_INT(atomic_load(&all[i][k].ends), ==,
                          atomic_load(&all[i][k].how) == -1 ? 0 : 1);
            free(all[i]);
        }
    }
}

static long process_cpu_us(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_utime.tv_sec * 1000000 + usage.ru_utime.tv_usec +
           usage.ru_stime.tv_sec * 1000000 + usage.ru_stime.tv_usec;
}

/* Not a timed assertion: whatever the machine does, a process whose threads all sleep for ever uses
 * nothing. */
TEST(nothing_outstanding_uses_no_processor)
{
    ferry_executor *executor = open_executor(4);
    struct errand *all = errands(1000, NULL);
    for (int i = 0; i < 1000; i++)
        CHECK_INT(ferry__executor_push(executor, &all[i].job), ==, 0);
    await_end(&all[999]);
    usleep(500000); /* the watch stands down */
    long before = process_cpu_us();
    usleep(1000000);
    CHECK_INT(process_cpu_us() - before, <, 3000);
    ferry_executor_free(executor);
    free(all);
}

TEST(bad_options_are_refused)
{
    CHECK_PTR(ferry_executor_new(&(ferry_executor_options){.lane = true, .max_workers = 2}), ==,
              NULL);
    CHECK_INT(errno, ==, EINVAL);
    CHECK_PTR(ferry_executor_new(&(ferry_executor_options){.max_workers = 70000}), ==, NULL);
    CHECK_INT(errno, ==, EINVAL);
    CHECK_INT(ferry_executor_shutdown(NULL, NULL), ==, -EINVAL);
    ferry_executor *executor = ferry_executor_new(NULL);
    CHECK_INT(
        ferry_executor_shutdown(executor, &(ferry_shutdown_options){.seconds = __builtin_nan("")}),
        ==, -EINVAL);
    CHECK_STR(ferry_executor_name(executor), "executor");
    ferry_executor_free(executor);
    ferry_executor_free(NULL);
}

TEST(every_allocation_of_a_new_executor_may_fail)
{
    for (long skip = 0; skip < 3; skip++) {
        ferry__fault_arm(FERRY__FAULT_ALLOC, skip, 1);
        CHECK_PTR(ferry_executor_new(NULL), ==, NULL);
        CHECK_INT(errno, ==, ENOMEM);
        ferry__fault_clear();
    }
    for (long skip = 0; skip < 4; skip++) {
        ferry__fault_arm(FERRY__FAULT_ALLOC, skip, 1);
        CHECK_PTR(ferry_executor_new(&(ferry_executor_options){.lane = true}), ==, NULL);
        CHECK_INT(errno, ==, ENOMEM);
        ferry__fault_clear();
    }
}

TEST_MAIN
