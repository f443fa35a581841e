/* SPDX-License-Identifier: MIT */
/* Other threads: the mailbox, call_soon_threadsafe, run_coroutine_threadsafe, and loops that end
 * meanwhile. */
#include "check.h"

#include "loop/loop.h"

#include <ferry/loop.h>
#include <ferry/run.h>
#include <ferry/scope.h>
#include <pthread.h>

enum { THREADS = 3, CALLS = 3000 };

static int counts[THREADS], last[THREADS], total;

static void count(int thread, int number)
{
    CHECK_INT(last[thread], ==, number - 1); /* each thread's calls in its order */
    last[thread] = number;
    counts[thread]++;
    total++;
}

struct caller {
    ferry_loop *loop;
    int number;
    pthread_t thread;
};

static void *call_often(void *caller_)
{
    struct caller *caller = caller_;
    for (int i = 1; i <= CALLS; i++) {
        CHECK_INT(ferry_call_soon_threadsafe(caller->loop, count, caller->number, i), ==, 0);
        if (i % 100 == 0) {
            struct timespec nap = {0, 200000}; /* lets the loop fall asleep */
            nanosleep(&nap, NULL);
        }
    }
    return NULL;
}

static int receive(void)
{
    struct caller callers[THREADS];
    for (int i = 0; i < THREADS; i++) {
        callers[i] = (struct caller){.loop = ferry_get_running_loop(), .number = i};
        CHECK_INT(pthread_create(&callers[i].thread, NULL, call_often, &callers[i]), ==, 0);
    }
    while (total < THREADS * CALLS)
        CHECK_INT(ferry_sleep(0.001), ==, 0);
    for (int i = 0; i < THREADS; i++)
        CHECK_INT(pthread_join(callers[i].thread, NULL), ==, 0);
    return 0;
}

TEST(calls_from_threads_all_arrive_in_order)
{
    CHECK_INT(ferry_run(receive), ==, 0);
    for (int i = 0; i < THREADS; i++)
        CHECK_INT(counts[i], ==, CALLS);
}

static void nothing(void) {}

static void *push_until_the_end(void *caller_)
{
    struct caller *caller = caller_;
    int said;
    /* With a nap now and then: a thread that is faster than the loop would make each round of it
     * longer than the one before. */
    for (int i = 1; (said = ferry_call_soon_threadsafe(caller->loop, nothing)) == 0; i++) {
        struct timespec nap = {0, 20000};
        if (i % 50 == 0)
            nanosleep(&nap, NULL);
    }
    CHECK_INT(said, ==, -ESHUTDOWN);
    return NULL;
}

static int short_life(struct caller *caller)
{
    caller->loop = ferry_get_running_loop();
    CHECK_INT(pthread_create(&caller->thread, NULL, push_until_the_end, caller), ==, 0);
    for (int i = 0; i < 20; i++)
        CHECK_INT(ferry_sleep(0.0001), ==, 0);
    return 0;
}

TEST(a_loop_may_end_while_others_push)
{
    struct caller callers[30];
    for (int i = 0; i < 30; i++) {
        CHECK_INT(ferry_run(short_life, &callers[i]), ==, 0);
        CHECK_INT(pthread_join(callers[i].thread, NULL), ==, 0);
        CHECK_INT(ferry_call_soon_threadsafe(callers[i].loop, nothing), ==, -ESHUTDOWN);
    }
}

/* Law 3: a wake-up is owed by a pusher that has not written it yet when the loop closes. */
static struct ferry__mailbox mailbox;

static void *owe(void *unused)
{
    (void)unused;
    struct timespec nap = {0, 50000000};
    nanosleep(&nap, NULL);
    uint64_t one = 1;
    CHECK_INT(write(mailbox.wake_fd, &one, sizeof one), ==, sizeof one);
    return NULL;
}

static void ignore(struct ferry__mail *mail)
{
    mail->deliver = NULL;
}

TEST(the_mailbox_waits_for_wake_ups_that_are_owed)
{
    CHECK_INT(ferry__mailbox_open(&mailbox), ==, 0);
    struct ferry__mail mail = {.deliver = ignore};
    CHECK(ferry__mailbox_before_sleep(&mailbox));
    /* a pusher between its swap and its write */
    ferry__store(&mailbox.word, &mail, release);
    pthread_t thread;
    CHECK_INT(pthread_create(&thread, NULL, owe, NULL), ==, 0);
    ferry__mailbox_after_sleep(&mailbox);
    double start = check_seconds();
    ferry__mailbox_close(&mailbox);
    CHECK_PTR(mail.deliver, ==, NULL); /* it was delivered */
    CHECK_DOUBLE(check_seconds() - start, >=, 0.02);
    CHECK_INT(pthread_join(thread, NULL), ==, 0);
    CHECK(!ferry__mailbox_try_push(&mailbox, &mail));
}

/* A thread without a loop, while one runs elsewhere: what belongs to that one is refused. */
static ferry_task *foreign;

static void *elsewhere(void *unused)
{
    CHECK_PTR(ferry_get_running_loop(), ==, NULL);
    CHECK_INT(ferry_call_soon(nothing), ==, -EPERM);
    CHECK_PTR(ferry_call_later(0, nothing), ==, NULL);
    CHECK_INT(errno, ==, EPERM);
    CHECK_PTR(ferry_current_task(), ==, NULL);
    CHECK_INT(ferry_task_cancel(foreign), ==, -EPERM);
    CHECK_INT(ferry_join(foreign, NULL), ==, -EPERM);
    CHECK_INT(ferry_sleep(0), ==, -EPERM);
    CHECK_INT(ferry_loop_add_reader(0, NULL, NULL), ==, -EPERM);
    return unused;
}

static int own_loop_elsewhere(void)
{
    CHECK_INT(ferry_task_cancel(foreign), ==, -EPERM);
    CHECK_INT(ferry_join(foreign, NULL), ==, -EPERM);
    return 0;
}

static void *with_a_loop(void *unused)
{
    CHECK_INT(ferry_run(own_loop_elsewhere), ==, 0);
    return unused;
}

static int refuse_others(void)
{
    pthread_t threads[2];
    foreign = ferry_current_task();
    CHECK_INT(pthread_create(&threads[0], NULL, elsewhere, NULL), ==, 0);
    CHECK_INT(pthread_create(&threads[1], NULL, with_a_loop, NULL), ==, 0);
    CHECK_INT(pthread_join(threads[0], NULL), ==, 0);
    CHECK_INT(pthread_join(threads[1], NULL), ==, 0);
    CHECK_INT(ferry_sleep(0), ==, 0); /* nobody cancelled it */
    return 0;
}

TEST(a_loop_refuses_other_threads)
{
    CHECK_INT(ferry_run(refuse_others), ==, 0);
}

static int add_later(int a, int b)
{
    CHECK_INT(ferry_sleep(0.002), ==, 0);
    return a + b;
}

static int wait_for_cancel(void)
{
    int said = ferry_sleep(60);
    return said;
}

static int finished;

static void *call_coroutines(void *caller_)
{
    struct caller *caller = caller_;
    for (int i = 0; i < 200; i++) {
        ferry_future *future = ferry_run_coroutine_threadsafe(caller->loop, add_later, i, 1);
        CHECK(future != NULL);
        CHECK_INT(ferry_future_result(int, future), ==, i + 1);
        CHECK(ferry_future_done(future));
        CHECK_INT(ferry_future_cancel(future), ==, 0);
        ferry_future_free(future);
    }
    ferry_future *future = ferry_run_coroutine_threadsafe(caller->loop, wait_for_cancel);
    struct timespec nap = {0, 5000000};
    nanosleep(&nap, NULL);
    CHECK_INT(ferry_future_cancel(future), ==, 1);
    CHECK_INT(ferry_future_result(int, future), ==, -ECANCELED);
    ferry_future_free(future);
    ferry_future_free(
        ferry_run_coroutine_threadsafe(caller->loop, wait_for_cancel)); /* not awaited */
    __atomic_store_n(&finished, 1, __ATOMIC_RELEASE);
    return NULL;
}

static int serve(void)
{
    struct caller caller = {.loop = ferry_get_running_loop()};
    CHECK_INT(pthread_create(&caller.thread, NULL, call_coroutines, &caller), ==, 0);
    while (!__atomic_load_n(&finished, __ATOMIC_ACQUIRE))
        CHECK_INT(ferry_sleep(0.001), ==, 0);
    CHECK_INT(pthread_join(caller.thread, NULL), ==, 0);
    return 0;
}

TEST(coroutines_from_a_thread)
{
    CHECK_INT(ferry_run(serve), ==, 0);
}

static ferry_future *unfinished;

static int end_early(void)
{
    unfinished = ferry_run_coroutine_threadsafe(ferry_get_running_loop(), wait_for_cancel);
    return 0;
}

TEST(a_loop_that_ends_settles_its_coroutines)
{
    CHECK_INT(ferry_run(end_early), ==, 0);
    CHECK(ferry_future_done(unfinished));
    CHECK_INT(ferry_future_result(int, unfinished), ==, -1);
    CHECK(errno == ECANCELED || errno == ESHUTDOWN);
    ferry_future_free(unfinished);
}

static ferry_runner *opened;

static void *open_one(void *unused)
{
    opened = ferry_runner_open(NULL);
    return unused;
}

static void *close_it(void *unused)
{
    CHECK_INT(ferry_runner_close(opened), ==, -EPERM);
    return unused;
}

/* Mostly pthread_self() is the same in both. */
TEST(a_thread_that_has_the_openers_name_is_another_one)
{
    pthread_t opener, other;
    CHECK_INT(pthread_create(&opener, NULL, open_one, NULL), ==, 0);
    CHECK_INT(pthread_join(opener, NULL), ==, 0);
    CHECK(opened != NULL);
    CHECK_INT(pthread_create(&other, NULL, close_it, NULL), ==, 0);
    CHECK_INT(pthread_join(other, NULL), ==, 0);
    CHECK_INT(ferry_runner_close(opened), ==, -EPERM);
}

TEST_MAIN
