/* SPDX-License-Identifier: MIT */
/*
 * All locks and queues at once, by a seed: tasks that take and give back, put and get, and are
 * cancelled or run out of time anywhere. What is counted beside must agree throughout: one in a
 * lock, no more permits than there are, as many woken by a notification as were notified, each item
 * got once.
 */
#include "sync/sync.h"

#include <ferry/barrier.h>
#include <ferry/condition.h>
#include <ferry/event.h>
#include <ferry/loop.h>
#include <ferry/queue.h>
#include <ferry/semaphore.h>

enum { WORKERS = 40, STEPS = 60, PERMITS = 3, PLACES = 4, ITEMS = WORKERS * STEPS + 1 };

static ferry_lock lock;
static ferry_condition changed = FERRY_CONDITION_INIT(&lock);
static ferry_event event;
static ferry_semaphore permits;
static ferry_barrier barrier;
static ferry_queue *queue;

static ferry_task *tasks[WORKERS];
static unsigned long state;
static int in_lock, in_semaphore, waiting, notified, ended;
static int made, put_in, got_out, interrupted;
static bool seen[ITEMS];

static unsigned random_below(unsigned limit)
{
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(state >> 33) % limit;
}

/* A wait said this: well, or interrupted. */
static bool well(int said)
{
    CHECK(said == 0 || said == -ECANCELED || said == -ETIMEDOUT);
    interrupted += said < 0;
    return said == 0;
}

static void pause_there(void)
{
    if (random_below(2))
        well(ferry_sleep(random_below(3) ? 0 : random_below(100) * 1e-6));
}

static void use_lock(void)
{
    FERRY_WITH_LOCK(&lock) {
        CHECK_INT(++in_lock, ==, 1);
        pause_there();
        CHECK_INT(in_lock--, ==, 1);
    } else {
        well(-errno);
    }
}

static void use_semaphore(void)
{
    FERRY_WITH_SEMAPHORE(&permits) {
        CHECK_INT(++in_semaphore, <=, PERMITS);
        pause_there();
        in_semaphore--;
    } else {
        well(-errno);
    }
}

/* How many notifications were given is how many were received. */
static void use_condition(void)
{
    FERRY_WITH_CONDITION(&changed) {
        CHECK_INT(++in_lock, ==, 1);
        if (random_below(2)) {
            in_lock--;
            waiting++;
            int said = ferry_condition_wait(&changed);
            waiting--;
            notified -= well(said);
            CHECK_INT(++in_lock, ==, 1);
        } else {
            int told = ferry_condition_notify(&changed, 1 + random_below(2));
            CHECK_INT(told, >=, 0);
            CHECK_INT(told, <=, waiting);
            notified += told;
        }
        in_lock--;
    } else {
        well(-errno);
    }
}

static void put(void)
{
    int item = made;
    bool waits = random_below(3) > 0;
    int said = waits ? ferry_queue_put(queue, &item) : ferry_queue_put_nowait(queue, &item);
    if (said == -EAGAIN && !waits)
        return;
    if (well(said))
        put_in++;
}

static void get(void)
{
    int item = -1;
    bool waits = random_below(3) > 0;
    int said = waits ? ferry_queue_get(queue, &item) : ferry_queue_get_nowait(queue, &item);
    if (said == -EAGAIN && !waits)
        return;
    if (well(said)) {
        CHECK(item >= 0 && item < ITEMS && !seen[item]);
        seen[item] = true;
        got_out++;
        CHECK_INT(ferry_queue_task_done(queue), ==, 0);
    } else {
        CHECK_INT(item, ==, -1);
    }
}

static void use_barrier(void)
{
    int said = ferry_barrier_wait(&barrier);
    CHECK(said == -EPIPE || (said >= 0 && said < 3) || !well(said));
}

static void use_event(void)
{
    if (random_below(4) == 0) {
        CHECK_INT(ferry_event_set(&event), ==, 0);
        CHECK_INT(ferry_event_clear(&event), ==, 0);
    } else {
        well(ferry_event_wait(&event));
    }
}

static void step(void)
{
    switch (random_below(10)) {
    case 0:
        use_lock();
        break;
    case 1:
        use_semaphore();
        break;
    case 2:
    case 3:
        use_condition();
        break;
    case 4:
    case 5:
        made++; /* each item has a number of its own, put or not */
        put();
        break;
    case 6:
        get();
        break;
    case 7:
        use_barrier();
        break;
    case 8:
        use_event();
        break;
    default:
        FERRY_TIMEOUT(random_below(3) ? 50e-6 : 0)
            random_below(2) ? use_lock() : get();
    }
}

/* It takes each cancel back, and goes on. */
static int work(void)
{
    for (int i = 0; i < STEPS; i++) {
        step();
        while (ferry_task_cancelling(ferry_current_task()) > 0)
            ferry_task_uncancel(ferry_current_task());
    }
    return ++ended;
}

/* Until all have ended: whatever one waits for, some time it is cancelled. */
static void stir(void)
{
    ferry_task *task = tasks[random_below(WORKERS)];
    if (!ferry_task_done(task)) {
        ferry_task_cancel(task);
        if (random_below(4) == 0) /* before it has run */
            ferry_task_uncancel(task);
    }
    if (random_below(20) == 0)
        CHECK_INT(ferry_barrier_abort(&barrier), ==, 0);
    if (random_below(5) == 0)
        CHECK_INT(ferry_barrier_reset(&barrier), ==, 0);
    CHECK_INT(ferry_sleep(random_below(3) ? 0 : random_below(50) * 1e-6), ==, 0);
}

static int storm(void)
{
    queue = random_below(2) ? ferry_queue_new(sizeof(int), PLACES)
                            : ferry_lifo_queue_new(sizeof(int), PLACES);
    for (int i = 0; i < WORKERS; i++)
        CHECK((tasks[i] = ferry_create_task(work)) != NULL);
    settle(); /* all have begun: a cancel before that is another matter */
    while (ended < WORKERS)
        stir();
    for (int i = 0; i < WORKERS; i++)
        CHECK_INT(ferry_join(tasks[i], NULL), ==, 0);
    CHECK(!ferry_lock_locked(&lock));
    CHECK_INT(permits.ferry__value, ==, PERMITS);
    CHECK_INT(in_lock + in_semaphore + waiting + notified, ==, 0);
    CHECK_INT(got_out + (int)ferry_queue_qsize(queue), ==, put_in);
    CHECK_INT(ferry_barrier_n_waiting(&barrier), ==, 0);
    for (size_t left = ferry_queue_qsize(queue); left > 0; left--)
        get();
    FERRY_TIMEOUT(10)
        CHECK_INT(ferry_queue_join(queue), ==, 0);
    ferry_lock_deinit(&lock);
    ferry_condition_deinit(&changed);
    ferry_event_deinit(&event);
    ferry_semaphore_deinit(&permits);
    ferry_barrier_deinit(&barrier);
    ferry_queue_free(queue);
    return 0;
}

static void weather(unsigned long seed, bool debug)
{
    state = seed;
    made = put_in = got_out = interrupted = ended = 0;
    memset(seen, 0, sizeof seen);
    CHECK_INT(ferry_semaphore_init(&permits, PERMITS), ==, 0);
    CHECK_INT(ferry_barrier_init(&barrier, 3), ==, 0);
    CHECK_INT(ferry_run_with((&(ferry_run_options){.debug = debug}), storm), ==, 0);
    CHECK_INT(put_in, >, 20); /* it was weather */
    CHECK_INT(got_out, >, 20);
    CHECK_INT(interrupted, >, 20);
}

TEST(storms)
{
    for (unsigned long seed = 1; seed <= (CHECK_UNDER_TSAN ? 4 : 20); seed++)
        weather(seed, seed % 4 == 0);
}

TEST_MAIN
