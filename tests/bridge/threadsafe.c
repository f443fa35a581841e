/* SPDX-License-Identifier: MIT */
/* Locks, events and semaphores between tasks and threads: what each function says. */
#include "crowd.h"

static ferry_threadsafe_lock lock = FERRY_THREADSAFE_LOCK_INIT;
static ferry_threadsafe_event event = FERRY_THREADSAFE_EVENT_INIT;
static ferry_threadsafe_semaphore semaphore = FERRY_THREADSAFE_SEMAPHORE_INIT(2);

static int use_a_lock(void)
{
    CHECK(!ferry_threadsafe_lock_locked(&lock));
    CHECK_INT(ferry_threadsafe_lock_release(&lock), ==, -EPERM);
    CHECK_INT(ferry_threadsafe_lock_acquire(&lock), ==, 0);
    CHECK(ferry_threadsafe_lock_locked(&lock));
    CHECK_INT(ferry_threadsafe_lock_acquire(&lock), ==, -EDEADLK);
    CHECK_INT(ferry_threadsafe_lock_acquire_nowait(&lock), ==, -EDEADLK);
    CHECK_INT(errno, ==, EDEADLK);
    CHECK_INT(ferry_threadsafe_lock_release(&lock), ==, 0);
    CHECK_INT(ferry_threadsafe_lock_release(&lock), ==, -EPERM);
    CHECK_INT(ferry_threadsafe_lock_acquire_nowait(&lock), ==, 0);
    CHECK_INT(ferry_threadsafe_lock_release(&lock), ==, 0);
    bool reached = false;
    FERRY_WITH_THREADSAFE_LOCK(&lock) {
        FERRY_WITH_THREADSAFE_LOCK(&lock) {
            CHECK(false);
        } else {
            CHECK_INT(errno, ==, EDEADLK);
            reached = true;
        }
    } else {
        CHECK(false);
    }
    CHECK(reached && !ferry_threadsafe_lock_locked(&lock));
    FERRY_TIMEOUT(0) {
        CHECK_INT(ferry_threadsafe_lock_acquire(&lock), ==, -ETIMEDOUT); /* though it is open */
        CHECK_INT(ferry_threadsafe_lock_acquire_nowait(&lock), ==, 0);
        CHECK_INT(ferry_threadsafe_lock_release(&lock), ==, 0);
    }
    return 5;
}

static int everywhere(int (*function)(void))
{
    CHECK_INT(function(), ==, 5);
    CHECK_INT(ferry_to_thread(function), ==, 5);
    return 0;
}

TEST(a_lock_in_tasks_threads_and_on_workers)
{
    CHECK_INT(use_a_lock(), ==, 5);
    CHECK_INT(ferry_run(everywhere, use_a_lock), ==, 0);
    CHECK_INT(use_a_lock(), ==, 5);
}

static int not_the_owner(void)
{
    CHECK_INT(ferry_threadsafe_lock_release(&lock), ==, -EPERM);
    CHECK_INT(ferry_threadsafe_lock_acquire_nowait(&lock), ==, -EAGAIN);
    FERRY_TIMEOUT(0.002) {
        CHECK_INT(ferry_threadsafe_lock_acquire(&lock), ==, -ETIMEDOUT);
    }
    CHECK(ferry_timeout_expired());
    return 5;
}

IN_TASK(a_lock_belongs_to_who_acquired_it)
{
    CHECK_INT(ferry_threadsafe_lock_acquire(&lock), ==, 0);
    CHECK_INT(ferry_await(int, ferry_create_task(not_the_owner)), ==, 5);
    CHECK_INT(ferry_to_thread(not_the_owner), ==, 5);
    CHECK_INT(ferry_threadsafe_lock_release(&lock), ==, 0);
    return 0;
}

TEST(a_task_is_not_its_thread)
{
    CHECK_INT(ferry_threadsafe_lock_acquire(&lock), ==, 0);
    CHECK_INT(ferry_run(not_the_owner), ==, 5);
    CHECK_INT(ferry_threadsafe_lock_release(&lock), ==, 0);
}

static char order[8];
static int sign_in_order(char name)
{
    FERRY_WITH_THREADSAFE_LOCK(&lock) {
        ferry_sleep(0);
        order[strlen(order)] = name;
    } else {
        return -1;
    }
    return 0;
}

IN_TASK(a_lock_is_handed_on_in_order_and_nobody_overtakes)
{
    CHECK_INT(ferry_threadsafe_lock_acquire(&lock), ==, 0);
    ferry_task *tasks[3];
    for (int i = 0; i < 3; i++)
        tasks[i] = ferry_create_task(sign_in_order, (char)('a' + i));
    ferry_sleep(0);
    CHECK_INT(ferry_threadsafe_lock_release(&lock), ==, 0);
    CHECK_INT(ferry_threadsafe_lock_acquire_nowait(&lock), ==, -EAGAIN);
    ferry_task_cancel(tasks[1]);
    CHECK_INT(sign_in_order('d'), ==, 0);
    CHECK_STR(order, "acd");
    CHECK_INT(ferry_await(int, tasks[0]), ==, 0);
    CHECK_INT(ferry_await(int, tasks[1]), ==, -1);
    CHECK_INT(ferry_await(int, tasks[2]), ==, 0);
    return 0;
}

static long balance; /* under the lock */
static int add_one(void)
{
    FERRY_WITH_THREADSAFE_LOCK(&lock) {
        long was = balance;
        if (was % 10 == 0)
            usleep(100);
        balance = was + 1;
    } else {
        return -1;
    }
    return 0;
}

static int add_one_on_a_worker(void)
{
    return ferry_to_thread(add_one);
}

IN_TASK(a_hundred_calls_on_workers_count_to_a_hundred)
{
    ferry_task *tasks[100];
    for (int i = 0; i < 100; i++)
        tasks[i] = ferry_create_task(add_one_on_a_worker);
    CHECK_INT(ferry_gather(tasks, 100, NULL), ==, 0);
    CHECK_INT(balance, ==, 100);
    return 0;
}

IN_TASK(a_worker_that_waits_for_a_lock_does_not_hold_the_loop)
{
    CHECK_INT(ferry_threadsafe_lock_acquire(&lock), ==, 0);
    ferry_task *task = ferry_create_task(add_one_on_a_worker);
    for (int i = 0; i < 20; i++)
        CHECK_INT(ferry_sleep(0.0005), ==, 0);
    CHECK(!ferry_task_done(task));
    CHECK_INT(ferry_threadsafe_lock_release(&lock), ==, 0);
    CHECK_INT(ferry_await(int, task), ==, 0);
    CHECK_INT(balance, ==, 1);
    return 0;
}

static int use_an_event(void)
{
    CHECK_INT(ferry_threadsafe_event_clear(&event), ==, 0);
    CHECK(!ferry_threadsafe_event_is_set(&event));
    FERRY_TIMEOUT(0.002) {
        CHECK_INT(ferry_threadsafe_event_wait(&event), ==, -ETIMEDOUT);
    }
    CHECK(ferry_timeout_expired());
    CHECK_INT(ferry_threadsafe_event_set(&event), ==, 0);
    CHECK_INT(ferry_threadsafe_event_set(&event), ==, 0);
    CHECK(ferry_threadsafe_event_is_set(&event));
    CHECK_INT(ferry_threadsafe_event_wait(&event), ==, 0);
    CHECK_INT(ferry_threadsafe_event_wait(&event), ==, 0);
    FERRY_TIMEOUT(0) {
        CHECK_INT(ferry_threadsafe_event_wait(&event), ==, -ETIMEDOUT); /* though it is set */
    }
    return 5;
}

TEST(an_event_in_tasks_threads_and_on_workers)
{
    CHECK_INT(use_an_event(), ==, 5);
    CHECK_INT(ferry_run(everywhere, use_an_event), ==, 0);
}

static int wait_for_event(void)
{
    return ferry_threadsafe_event_wait(&event);
}

static void set_event(void)
{
    CHECK_INT(ferry_threadsafe_event_set(&event), ==, 0);
}

IN_TASK(who_waited_goes_on_even_if_the_event_is_cleared)
{
    ferry_task *tasks[3];
    for (int i = 0; i < 3; i++)
        tasks[i] = ferry_create_task(wait_for_event);
    ferry_sleep(0);
    run_on_a_thread(set_event);
    CHECK_INT(ferry_threadsafe_event_clear(&event), ==, 0);
    CHECK_INT(ferry_gather(tasks, 3, NULL), ==, 0);
    return 0;
}

static int use_a_semaphore(void)
{
    CHECK(!ferry_threadsafe_semaphore_locked(&semaphore));
    CHECK_INT(ferry_threadsafe_semaphore_acquire(&semaphore), ==, 0);
    FERRY_WITH_THREADSAFE_SEMAPHORE(&semaphore) {
        CHECK(ferry_threadsafe_semaphore_locked(&semaphore));
        CHECK_INT(ferry_threadsafe_semaphore_acquire_nowait(&semaphore), ==, -EAGAIN);
        FERRY_TIMEOUT(0.002) {
            CHECK_INT(ferry_threadsafe_semaphore_acquire(&semaphore), ==, -ETIMEDOUT);
        }
        CHECK(ferry_timeout_expired());
    } else {
        CHECK(false);
    }
    FERRY_TIMEOUT(0) {
        CHECK_INT(ferry_threadsafe_semaphore_acquire(&semaphore), ==, -ETIMEDOUT);
        CHECK_INT(ferry_threadsafe_semaphore_acquire_nowait(&semaphore), ==, 0);
    }
    CHECK_INT(ferry_threadsafe_semaphore_release(&semaphore), ==, 0);
    CHECK_INT(ferry_threadsafe_semaphore_release(&semaphore), ==, 0);
    return 5;
}

TEST(a_semaphore_in_tasks_threads_and_on_workers)
{
    CHECK_INT(use_a_semaphore(), ==, 5);
    CHECK_INT(ferry_run(everywhere, use_a_semaphore), ==, 0);
}

TEST(a_bounded_semaphore_takes_back_no_more_than_it_had)
{
    static ferry_threadsafe_semaphore bounded = FERRY_THREADSAFE_BOUNDED_SEMAPHORE_INIT(1);
    CHECK_INT(ferry_threadsafe_semaphore_release(&bounded), ==, -EOVERFLOW);
    CHECK_INT(ferry_threadsafe_semaphore_acquire(&bounded), ==, 0);
    CHECK_INT(ferry_threadsafe_semaphore_acquire_nowait(&bounded), ==, -EAGAIN);
    CHECK_INT(ferry_threadsafe_semaphore_release(&bounded), ==, 0);
    CHECK_INT(ferry_threadsafe_semaphore_release(&bounded), ==, -EOVERFLOW);
    CHECK_INT(ferry_threadsafe_bounded_semaphore_init(&bounded, 0), ==, 0);
    CHECK_INT(ferry_threadsafe_semaphore_release(&bounded), ==, -EOVERFLOW);
    CHECK_INT(ferry_threadsafe_semaphore_acquire_nowait(&bounded), ==, -EAGAIN);
    CHECK_INT(ferry_threadsafe_semaphore_init(&bounded, 0), ==, 0);
    CHECK_INT(ferry_threadsafe_semaphore_release(&bounded), ==, 0);
    CHECK_INT(ferry_threadsafe_semaphore_acquire_nowait(&bounded), ==, 0);
}

TEST(bad_input)
{
    static ferry_threadsafe_semaphore negative = FERRY_THREADSAFE_SEMAPHORE_INIT(-1);
    CHECK_INT(ferry_threadsafe_semaphore_acquire(&negative), ==, -EINVAL);
    CHECK_INT(ferry_threadsafe_semaphore_acquire_nowait(&negative), ==, -EINVAL);
    CHECK_INT(ferry_threadsafe_semaphore_release(&negative), ==, -EINVAL);
    CHECK_INT(ferry_threadsafe_semaphore_init(&negative, -1), ==, -EINVAL);
    CHECK_INT(ferry_threadsafe_bounded_semaphore_init(&negative, LONG_MAX), ==, -EINVAL);
    CHECK_INT(ferry_threadsafe_semaphore_init(NULL, 1), ==, -EINVAL);
    CHECK_INT(ferry_threadsafe_semaphore_acquire(NULL), ==, -EINVAL);
    CHECK_INT(ferry_threadsafe_semaphore_release(NULL), ==, -EINVAL);
    CHECK(!ferry_threadsafe_semaphore_locked(NULL));
    CHECK_INT(ferry_threadsafe_lock_acquire(NULL), ==, -EINVAL);
    CHECK_INT(ferry_threadsafe_lock_acquire_nowait(NULL), ==, -EINVAL);
    CHECK_INT(ferry_threadsafe_lock_release(NULL), ==, -EINVAL);
    CHECK_INT(ferry_threadsafe_event_wait(NULL), ==, -EINVAL);
    CHECK_INT(ferry_threadsafe_event_set(NULL), ==, -EINVAL);
    CHECK_INT(ferry_threadsafe_event_clear(NULL), ==, -EINVAL);
    bool reached = false;
    FERRY_WITH_THREADSAFE_LOCK(NULL) {
    } else {
        reached = errno == EINVAL;
    }
    CHECK(reached);
}

static int wait_for_semaphore(void)
{
    return ferry_threadsafe_semaphore_acquire(&semaphore);
}

static int deinit_under_a_waiter(int which)
{
    CHECK_INT(ferry_threadsafe_semaphore_init(&semaphore, 0), ==, 0);
    ferry_create_task(wait_for_event);
    ferry_create_task(wait_for_semaphore);
    ferry_sleep(0);
    if (which == 0)
        ferry_threadsafe_event_deinit(&event);
    else
        ferry_threadsafe_semaphore_deinit(&semaphore);
    return 0;
}

TEST(destroying_what_is_in_use_is_a_programmer_error)
{
    CHECK_INT(ferry_threadsafe_lock_acquire(&lock), ==, 0);
    CHECK_PANIC(ferry_threadsafe_lock_deinit(&lock), "ferry_threadsafe_lock_deinit of a lock that");
    CHECK_INT(ferry_threadsafe_lock_release(&lock), ==, 0);
    CHECK_PANIC(ferry_run(deinit_under_a_waiter, 0), "event_deinit of an event that somebody");
    CHECK_PANIC(ferry_run(deinit_under_a_waiter, 1), "deinit of a semaphore that somebody");
    ferry_threadsafe_lock_deinit(&lock);
    ferry_threadsafe_event_deinit(&event);
    ferry_threadsafe_semaphore_deinit(&semaphore);
    ferry_threadsafe_lock_deinit(NULL);
    ferry_threadsafe_event_deinit(NULL);
    ferry_threadsafe_semaphore_deinit(NULL);
    ferry_threadsafe_lock_init(&lock);
    ferry_threadsafe_event_init(&event);
    CHECK(!ferry_threadsafe_lock_locked(&lock) && !ferry_threadsafe_event_is_set(&event));
}

static void in_a_callback(void)
{
    CHECK_INT(ferry_threadsafe_lock_acquire(&lock), ==, -EDEADLK);
    CHECK_INT(ferry_threadsafe_event_wait(&event), ==, -EDEADLK);
    CHECK_INT(ferry_threadsafe_semaphore_acquire(&semaphore), ==, -EDEADLK);
    CHECK_INT(errno, ==, EDEADLK);
    CHECK_INT(ferry_threadsafe_lock_acquire_nowait(&lock), ==, 0);
    CHECK_INT(ferry_threadsafe_lock_release(&lock), ==, 0);
    CHECK_INT(ferry_threadsafe_semaphore_acquire_nowait(&semaphore), ==, 0);
    CHECK_INT(ferry_threadsafe_semaphore_release(&semaphore), ==, 0);
    CHECK_INT(ferry_threadsafe_event_set(&event), ==, 0);
}

IN_TASK(a_callback_cannot_wait)
{
    ferry_call_soon(in_a_callback);
    CHECK_INT(ferry_threadsafe_event_wait(&event), ==, 0);
    return 0;
}

TEST_MAIN
