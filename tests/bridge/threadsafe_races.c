/* SPDX-License-Identifier: MIT */
/* Locks, events and semaphores between tasks and threads: whatever meets what, nothing is lost. */
#include "crowd.h"

static ferry_threadsafe_lock lock = FERRY_THREADSAFE_LOCK_INIT;
static ferry_threadsafe_event event = FERRY_THREADSAFE_EVENT_INIT;
static ferry_threadsafe_semaphore semaphore = FERRY_THREADSAFE_SEMAPHORE_INIT(0);

static void take_lock(void)
{
    CHECK_INT(ferry_threadsafe_lock_acquire(&lock), ==, 0);
}

static void give_lock(void)
{
    CHECK_INT(ferry_threadsafe_lock_release(&lock), ==, 0);
}

static int get_lock(void)
{
    errno = 77;
    CHECK_INT(ferry_threadsafe_lock_acquire(&lock), ==, 0);
    CHECK_INT(errno, ==, 77);
    CHECK_INT(ferry_sleep(1), ==, -ECANCELED); /* the next wait reports the cancel */
    return ferry_threadsafe_lock_release(&lock);
}

/* The lock is taken and given by one and the same thread, which does so when told. */
static atomic_int turn;

static void *holder(void *unused)
{
    take_lock();
    atomic_store(&turn, 1);
    while (atomic_load(&turn) != 2)
        sched_yield();
    give_lock();
    atomic_store(&turn, 3);
    return unused;
}

static void let_holder_give(void)
{
    atomic_store(&turn, 2);
    while (atomic_load(&turn) != 3)
        sched_yield();
}

IN_TASK(a_lock_handed_over_while_its_waiter_is_cancelled)
{
    for (int race = 0; race < RACES; race++) {
        pthread_t thread;
        CHECK_INT(pthread_create(&thread, NULL, holder, NULL), ==, 0);
        while (atomic_load(&turn) != 1)
            ferry_sleep(0.0001);
        ferry_task *task = ferry_create_task(get_lock);
        give_and_cancel(task, let_holder_give, (enum race)race);
        CHECK(ferry_threadsafe_lock_locked(&lock));
        CHECK_INT(ferry_await(int, task), ==, 0);
        CHECK(!ferry_threadsafe_lock_locked(&lock));
        CHECK_INT(pthread_join(thread, NULL), ==, 0);
    }
    return 0;
}

static void set_event(void)
{
    CHECK_INT(ferry_threadsafe_event_set(&event), ==, 0);
}

static int wait_for_event(void)
{
    CHECK_INT(ferry_threadsafe_event_wait(&event), ==, 0);
    return ferry_sleep(1);
}

static void give_permit(void)
{
    CHECK_INT(ferry_threadsafe_semaphore_release(&semaphore), ==, 0);
}

static int get_permit(void)
{
    CHECK_INT(ferry_threadsafe_semaphore_acquire(&semaphore), ==, 0);
    return ferry_sleep(1);
}

IN_TASK(an_event_set_and_a_permit_given_while_the_waiter_is_cancelled)
{
    for (int race = 0; race < RACES; race++) {
        ferry_task *task = ferry_create_task(wait_for_event);
        give_and_cancel(task, set_event, (enum race)race);
        CHECK_INT(ferry_await(int, task), ==, -ECANCELED);
        CHECK_INT(ferry_threadsafe_event_clear(&event), ==, 0);
        task = ferry_create_task(get_permit);
        give_and_cancel(task, give_permit, (enum race)race);
        CHECK(ferry_threadsafe_semaphore_locked(&semaphore));
        CHECK_INT(ferry_await(int, task), ==, -ECANCELED);
        CHECK(ferry_threadsafe_semaphore_locked(&semaphore)); /* it went to the task */
    }
    return 0;
}

static int get_nothing(void)
{
    return ferry_threadsafe_semaphore_acquire(&semaphore);
}

IN_TASK(who_gives_up_leaves_the_line_and_the_permit_goes_to_the_next)
{
    ferry_task *tasks[3];
    for (int i = 0; i < 3; i++)
        tasks[i] = ferry_create_task(get_nothing);
    ferry_sleep(0);
    ferry_task_cancel(tasks[0]);
    ferry_task_cancel(tasks[2]);
    ferry_sleep(0);
    run_on_a_thread(give_permit);
    CHECK_INT(ferry_await(int, tasks[0]), ==, -ECANCELED);
    CHECK_INT(ferry_await(int, tasks[1]), ==, 0);
    CHECK_INT(ferry_await(int, tasks[2]), ==, -ECANCELED);
    run_on_a_thread(give_permit);
    CHECK_INT(ferry_threadsafe_semaphore_acquire_nowait(&semaphore), ==, 0);
    return 0;
}

/* Everybody at once. */
enum { ROUNDS = CHECK_UNDER_TSAN ? 1000 : 20000 };

static long in_the_lock; /* under the lock */
static atomic_long acquired;

static void count_in_the_lock(struct member *member)
{
    FERRY_TIMEOUT(draw_limit(member)) {
        FERRY_WITH_THREADSAFE_LOCK(&lock) {
            long was = in_the_lock;
            if (member->on_loop && draw(member, 4) == 0)
                ferry_sleep(0);
            in_the_lock = was + 1;
            atomic_fetch_add(&acquired, 1);
        } else {
            expect_interruption(-errno);
        }
    }
}

TEST_WITHIN(everybody_counts_in_the_lock, 120)
{
    crowd(count_in_the_lock, ROUNDS);
    CHECK_INT(in_the_lock, ==, atomic_load(&acquired));
    CHECK_INT(in_the_lock, >, 0);
    CHECK(!ferry_threadsafe_lock_locked(&lock));
    ferry_threadsafe_lock_deinit(&lock);
}

enum { PERMITS = 3 };
static atomic_int with_permit, most_at_once;

static void hold_a_permit(struct member *member)
{
    FERRY_TIMEOUT(draw_limit(member)) {
        FERRY_WITH_THREADSAFE_SEMAPHORE(&semaphore) {
            int now = atomic_fetch_add(&with_permit, 1) + 1;
            CHECK_INT(now, <=, PERMITS);
            if (now > atomic_load(&most_at_once))
                atomic_store(&most_at_once, now);
            if (member->on_loop && draw(member, 4) == 0)
                ferry_sleep(0);
            atomic_fetch_sub(&with_permit, 1);
        } else {
            expect_interruption(-errno);
        }
    }
}

TEST_WITHIN(everybody_holds_permits_and_none_is_lost, 120)
{
    CHECK_INT(ferry_threadsafe_bounded_semaphore_init(&semaphore, PERMITS), ==, 0);
    crowd(hold_a_permit, ROUNDS);
    CHECK_INT(atomic_load(&with_permit), ==, 0);
    CHECK_INT(atomic_load(&most_at_once), >=, 2);
    for (int i = 0; i < PERMITS; i++)
        CHECK_INT(ferry_threadsafe_semaphore_acquire_nowait(&semaphore), ==, 0);
    CHECK_INT(ferry_threadsafe_semaphore_acquire_nowait(&semaphore), ==, -EAGAIN);
    ferry_threadsafe_semaphore_deinit(&semaphore);
}

static void set_clear_or_wait(struct member *member)
{
    unsigned what = draw(member, 8);
    if (what == 0)
        CHECK_INT(ferry_threadsafe_event_clear(&event), ==, 0);
    if (what == 1 || member->number == 0)
        CHECK_INT(ferry_threadsafe_event_set(&event), ==, 0);
    if (what < 2)
        return;
    FERRY_TIMEOUT(draw_limit(member) < 1 ? 1e-5 : 0.001) {
        int said = ferry_threadsafe_event_wait(&event);
        if (said)
            expect_interruption(said);
    }
}

TEST_WITHIN(everybody_sets_clears_and_waits_for_an_event, 120)
{
    crowd(set_clear_or_wait, ROUNDS / 2);
    ferry_threadsafe_event_deinit(&event); /* nobody is left in the line */
}

/* Waking is the last touch: what was waited for is freed at once. */
struct shared {
    ferry_threadsafe_event event;
    ferry_threadsafe_lock lock;
    ferry_threadsafe_semaphore semaphore;
};
static struct shared *_Atomic offered;

static void *set_what_is_offered(void *kind)
{
    struct shared *shared;
    while ((shared = atomic_exchange(&offered, NULL)) != (void *)&offered) {
        if (!shared)
            sched_yield();
        else if (kind == &event)
            ferry_threadsafe_event_set(&shared->event);
        else
            ferry_threadsafe_semaphore_release(&shared->semaphore);
    }
    return NULL;
}

static int wait_and_free(void *kind, int rounds)
{
    pthread_t thread;
    CHECK_INT(pthread_create(&thread, NULL, set_what_is_offered, kind), ==, 0);
    for (int i = 0; i < rounds; i++) {
        struct shared *shared = calloc(1, sizeof *shared);
        CHECK_INT(ferry_threadsafe_semaphore_init(&shared->semaphore, 0), ==, 0);
        atomic_store(&offered, shared);
        for (int spins = i % 64; spins > 0; spins--)
            atomic_load(&offered);
        int said = -1;
        while (said < 0) {
            FERRY_TIMEOUT((i % 100) * 1e-6 + 1e-6) {
                said = kind == &event ? ferry_threadsafe_event_wait(&shared->event)
                                      : ferry_threadsafe_semaphore_acquire(&shared->semaphore);
            }
        }
        memset(shared, 0xff, sizeof *shared);
        free(shared);
    }
    atomic_store(&offered, (void *)&offered);
    CHECK_INT(pthread_join(thread, NULL), ==, 0);
    return 0;
}

TEST(what_was_waited_for_may_be_freed_at_once)
{
    int rounds = CHECK_UNDER_TSAN ? 1000 : 10000;
    CHECK_INT(wait_and_free(&event, rounds), ==, 0);
    CHECK_INT(ferry_run(wait_and_free, (void *)&event, rounds), ==, 0);
    CHECK_INT(wait_and_free(&semaphore, rounds), ==, 0);
    CHECK_INT(ferry_run(wait_and_free, (void *)&semaphore, rounds), ==, 0);
}

TEST_MAIN
