/* SPDX-License-Identifier: MIT */
/* Queues between tasks and threads: what each function says, and nothing lost or got twice. */
#include "base/fault.h"

#include "crowd.h"

static ferry_threadsafe_queue *queue;

static int use_a_queue(void)
{
    int item = 0;
    CHECK(ferry_threadsafe_queue_empty(queue) && !ferry_threadsafe_queue_full(queue));
    CHECK_INT(ferry_threadsafe_queue_get_nowait(queue, &item), ==, -EAGAIN);
    for (int i = 1; i <= 3; i++)
        CHECK_INT(ferry_threadsafe_queue_put(queue, &i), ==, 0);
    CHECK_INT(ferry_threadsafe_queue_qsize(queue), ==, 3);
    CHECK(ferry_threadsafe_queue_full(queue));
    CHECK_INT(ferry_threadsafe_queue_put_nowait(queue, &item), ==, -EAGAIN);
    CHECK_INT(errno, ==, EAGAIN);
    FERRY_TIMEOUT(0.002) {
        CHECK_INT(ferry_threadsafe_queue_put(queue, &item), ==, -ETIMEDOUT);
        CHECK_INT(ferry_threadsafe_queue_get(queue, &item), ==, -ETIMEDOUT); /* though it could */
        CHECK_INT(ferry_threadsafe_queue_join(queue), ==, -ETIMEDOUT);
    }
    CHECK(ferry_timeout_expired());
    CHECK_INT(item, ==, 0);
    for (int i = 1; i <= 3; i++) {
        CHECK_INT(ferry_threadsafe_queue_get(queue, &item), ==, 0);
        CHECK_INT(item, ==, i);
        FERRY_TIMEOUT(0.001) {
            CHECK_INT(ferry_threadsafe_queue_join(queue), ==, -ETIMEDOUT);
        }
        CHECK_INT(ferry_threadsafe_queue_task_done(queue), ==, 0);
    }
    CHECK_INT(ferry_threadsafe_queue_join(queue), ==, 0);
    CHECK_INT(ferry_threadsafe_queue_task_done(queue), ==, -EINVAL);
    FERRY_TIMEOUT(0.002) {
        CHECK_INT(ferry_threadsafe_queue_get(queue, &item), ==, -ETIMEDOUT);
    }
    CHECK_INT(item, ==, 3);
    return 5;
}

static int everywhere(void)
{
    CHECK_INT(use_a_queue(), ==, 5);
    CHECK_INT(ferry_to_thread(use_a_queue), ==, 5);
    return 0;
}

TEST(a_queue_in_tasks_threads_and_on_workers)
{
    queue = ferry_threadsafe_queue_new(sizeof(int), 3);
    CHECK_INT(ferry_threadsafe_queue_maxsize(queue), ==, 3);
    CHECK_INT(use_a_queue(), ==, 5);
    CHECK_INT(ferry_run(everywhere), ==, 0);
    ferry_threadsafe_queue_free(queue);
}

/* Puts and takes in steps that fall across the blocks. */
static void in_order(size_t item_size, int maxsize, int steps)
{
    queue = ferry_threadsafe_queue_new(item_size, (size_t)maxsize);
    unsigned char item[1024] = {0};
    int put = 0, got = 0;
    struct member dice = {.seed = (unsigned)(maxsize + steps)};
    for (int i = 0; i < steps; i++) {
        for (unsigned some = draw(&dice, 700); some > 0; some--) {
            item[0] = (unsigned char)put;
            item[item_size - 1] = (unsigned char)put;
            int said = ferry__threadsafe_queue_put_nowait(queue, item, item_size, "here");
            CHECK_INT(said, ==, maxsize && put - got == maxsize ? -EAGAIN : 0);
            put += said == 0;
        }
        for (unsigned some = draw(&dice, 700); some > 0; some--) {
            int said = ferry__threadsafe_queue_get_nowait(queue, item, item_size, "here");
            CHECK_INT(said, ==, put == got ? -EAGAIN : 0);
            if (said)
                continue;
            CHECK_INT(item[0], ==, got % 256);
            CHECK_INT(item[item_size - 1], ==, got % 256);
            got++;
        }
        CHECK_INT(ferry_threadsafe_queue_qsize(queue), ==, put - got);
    }
    ferry_threadsafe_queue_free(queue);
}

TEST(items_come_out_in_order)
{
    for (int maxsize = 0; maxsize < 1200; maxsize = 2 * maxsize + 1)
        for (size_t item_size = 1; item_size <= 1024; item_size *= 4)
            in_order(item_size, maxsize, 40);
}

TEST(bad_input_and_no_memory)
{
    int item = 1;
    CHECK_PTR(ferry_threadsafe_queue_new(0, 1), ==, NULL);
    CHECK_INT(errno, ==, EINVAL);
    CHECK_PTR(ferry_threadsafe_queue_new(1025, 1), ==, NULL);
    CHECK_INT(errno, ==, EINVAL);
    CHECK_INT(ferry_threadsafe_queue_put(NULL, &item), ==, -EINVAL);
    CHECK_INT(ferry_threadsafe_queue_get(NULL, &item), ==, -EINVAL);
    CHECK_INT(ferry_threadsafe_queue_join(NULL), ==, -EINVAL);
    CHECK_INT(ferry_threadsafe_queue_task_done(NULL), ==, -EINVAL);
    CHECK_INT(ferry_threadsafe_queue_shutdown(NULL, false), ==, -EINVAL);
    CHECK_INT(ferry_threadsafe_queue_qsize(NULL), ==, 0);
    ferry_threadsafe_queue_free(NULL);
    ferry__fault_arm(FERRY__FAULT_ALLOC, 0, 1);
    CHECK_PTR(ferry_threadsafe_queue_new(1, 1), ==, NULL);
    CHECK_INT(errno, ==, ENOMEM);
    queue = ferry_threadsafe_queue_new(sizeof item, SIZE_MAX);
    ferry__fault_arm(FERRY__FAULT_ALLOC, 0, 1);
    CHECK_INT(ferry_threadsafe_queue_put(queue, &item), ==, -ENOMEM);
    CHECK_INT(ferry_threadsafe_queue_qsize(queue), ==, 0);
    CHECK_INT(ferry_threadsafe_queue_put(queue, &item), ==, 0);
    ferry__fault_clear();
    CHECK_INT(ferry_threadsafe_queue_get(queue, &item), ==, 0);
    char byte = 1;
    CHECK_PANIC((void)!ferry_threadsafe_queue_put(queue, &byte),
                "item at .* has 1 bytes, those of its ferry_threadsafe_queue 4");
    ferry_threadsafe_queue_free(queue);
}

static int get_one(int expected)
{
    int item = 0;
    int said = ferry_threadsafe_queue_get(queue, &item);
    CHECK(said < 0 || item == expected);
    return said;
}

static int put_one(int item)
{
    return ferry_threadsafe_queue_put(queue, &item);
}

static int join_all(void)
{
    return ferry_threadsafe_queue_join(queue);
}

static void in_a_callback(void)
{
    CHECK_INT(get_one(0), ==, -EDEADLK);
    CHECK_INT(put_one(0), ==, -EDEADLK);
    CHECK_INT(join_all(), ==, -EDEADLK);
    int item = 7;
    CHECK_INT(ferry_threadsafe_queue_put_nowait(queue, &item), ==, 0);
}

IN_TASK(a_callback_cannot_wait)
{
    queue = ferry_threadsafe_queue_new(sizeof(int), 0);
    ferry_call_soon(in_a_callback);
    CHECK_INT(get_one(7), ==, 0);
    ferry_threadsafe_queue_free(queue);
    return 0;
}

static int free_under_a_waiter(void)
{
    ferry_create_task(get_one, 0);
    ferry_sleep(0);
    ferry_threadsafe_queue_free(queue);
    return 0;
}

TEST(freeing_a_queue_that_somebody_waits_for_is_a_programmer_error)
{
    queue = ferry_threadsafe_queue_new(sizeof(int), 0);
    CHECK_PANIC(ferry_run(free_under_a_waiter), "queue_free of a queue that somebody waits for");
    ferry_threadsafe_queue_free(queue);
}

/* An item, a place, the end: given while the waiter is cancelled. */
static void put_42(void)
{
    CHECK_INT(put_one(42), ==, 0);
}

static void get_41(void)
{
    CHECK_INT(get_one(41), ==, 0);
}

static void shut_down(void)
{
    CHECK_INT(ferry_threadsafe_queue_shutdown(queue, false), ==, 0);
}

IN_TASK(what_is_given_while_the_waiter_is_cancelled_is_his)
{
    for (int race = 0; race < RACES; race++) {
        queue = ferry_threadsafe_queue_new(sizeof(int), 1);
        ferry_task *task = ferry_create_task(get_one, 42);
        give_and_cancel(task, put_42, (enum race)race);
        CHECK_INT(ferry_threadsafe_queue_qsize(queue), ==, 0);
        CHECK_INT(ferry_await(int, task), ==, 0);
        CHECK_INT(put_one(41), ==, 0);
        task = ferry_create_task(put_one, 42);
        give_and_cancel(task, get_41, (enum race)race);
        CHECK_INT(ferry_await(int, task), ==, 0);
        CHECK_INT(get_one(42), ==, 0);
        task = ferry_create_task(get_one, 0);
        give_and_cancel(task, shut_down, (enum race)race);
        CHECK_INT(ferry_await(int, task), ==, -ESHUTDOWN);
        ferry_threadsafe_queue_free(queue);
    }
    return 0;
}

IN_TASK(who_gives_up_has_taken_nothing_and_put_nothing)
{
    queue = ferry_threadsafe_queue_new(sizeof(int), 1);
    ferry_task *getters[2] = {ferry_create_task(get_one, 0), ferry_create_task(get_one, 42)};
    ferry_sleep(0);
    ferry_task_cancel(getters[0]);
    ferry_sleep(0);
    run_on_a_thread(put_42);
    CHECK_INT(ferry_await(int, getters[0]), ==, -ECANCELED);
    CHECK_INT(ferry_await(int, getters[1]), ==, 0);
    CHECK_INT(put_one(41), ==, 0);
    ferry_task *putters[2] = {ferry_create_task(put_one, 1), ferry_create_task(put_one, 2)};
    ferry_sleep(0);
    ferry_task_cancel(putters[0]);
    ferry_sleep(0);
    run_on_a_thread(get_41);
    CHECK_INT(ferry_await(int, putters[0]), ==, -ECANCELED);
    CHECK_INT(ferry_await(int, putters[1]), ==, 0);
    CHECK_INT(get_one(2), ==, 0);
    CHECK(ferry_threadsafe_queue_empty(queue));
    ferry_threadsafe_queue_free(queue);
    return 0;
}

static int put_many(int count)
{
    for (int i = 0; i < count; i++)
        CHECK_INT(put_one(i), ==, 0);
    return 0;
}

/* However the full queue moves on through its blocks, an item that is handed over finds room, and
 * needs no memory. */
IN_TASK(a_full_queue_takes_what_is_handed_over_without_memory)
{
    for (int maxsize = 1; maxsize < 3000; maxsize = 3 * maxsize + 2) {
        queue = ferry_threadsafe_queue_new(sizeof(int), (size_t)maxsize);
        ferry_task *putter = ferry_create_task(put_many, 4 * maxsize);
        ferry_sleep(0);
        CHECK(ferry_threadsafe_queue_full(queue));
        ferry__fault_arm(FERRY__FAULT_ALLOC, 0, -1);
        for (int i = 0; i < 4 * maxsize; i++) {
            CHECK_INT(get_one(i), ==, 0);
            ferry_sleep(0);
        }
        ferry__fault_clear();
        CHECK_INT(ferry_await(int, putter), ==, 0);
        ferry_threadsafe_queue_free(queue);
    }
    return 0;
}

/* Shutdown wakes everybody, on both sides. */
static atomic_int turned_away;

static void *wait_on_a_thread(void *putter)
{
    int said = putter ? put_one(0) : get_one(0);
    CHECK_INT(said, ==, -ESHUTDOWN);
    atomic_fetch_add(&turned_away, 1);
    return NULL;
}

static int wait_on_a_worker(int putter)
{
    return ferry_to_thread(putter ? put_one : get_one, 0);
}

static int shutdown_wakes(int putters)
{
    queue = ferry_threadsafe_queue_new(sizeof(int), 1);
    if (putters)
        CHECK_INT(put_one(9), ==, 0);
    pthread_t thread;
    CHECK_INT(pthread_create(&thread, NULL, wait_on_a_thread, putters ? &queue : NULL), ==, 0);
    ferry_task *tasks[] = {ferry_create_task(putters ? put_one : get_one, 0),
                           ferry_create_task(wait_on_a_worker, putters),
                           ferry_create_task(putters ? put_one : get_one, 0)};
    ferry_sleep(0.005); /* whoever comes later is told so as well */
    CHECK_INT(ferry_threadsafe_queue_shutdown(queue, false), ==, 0);
    for (int i = 0; i < 3; i++)
        CHECK_INT(ferry_await(int, tasks[i]), ==, -ESHUTDOWN);
    CHECK_INT(pthread_join(thread, NULL), ==, 0);
    if (putters)
        CHECK_INT(get_one(9), ==, 0); /* what was in it can still be got */
    CHECK_INT(get_one(0), ==, -ESHUTDOWN);
    CHECK_INT(put_one(0), ==, -ESHUTDOWN);
    CHECK_INT(ferry_threadsafe_queue_shutdown(queue, false), ==, 0);
    ferry_threadsafe_queue_free(queue);
    return 0;
}

TEST(shutdown_wakes_everybody)
{
    CHECK_INT(ferry_run(shutdown_wakes, 0), ==, 0);
    CHECK_INT(ferry_run(shutdown_wakes, 1), ==, 0);
    CHECK_INT(atomic_load(&turned_away), ==, 2);
}

IN_TASK(an_immediate_shutdown_drops_what_is_left)
{
    queue = ferry_threadsafe_queue_new(sizeof(int), 0);
    for (int i = 0; i < 5000; i++)
        CHECK_INT(put_one(i), ==, 0);
    CHECK_INT(get_one(0), ==, 0);
    ferry_task *joining = ferry_create_task(join_all);
    ferry_sleep(0);
    CHECK_INT(ferry_threadsafe_queue_shutdown(queue, true), ==, 0);
    CHECK_INT(ferry_threadsafe_queue_qsize(queue), ==, 0);
    CHECK_INT(get_one(0), ==, -ESHUTDOWN);
    ferry_sleep(0);
    CHECK(!ferry_task_done(joining)); /* one was got and not yet dealt with */
    CHECK_INT(ferry_to_thread(ferry_threadsafe_queue_task_done, queue), ==, 0);
    CHECK_INT(ferry_await(int, joining), ==, 0);
    ferry_threadsafe_queue_free(queue);
    return 0;
}

/* Everybody at once: each item once, and of each producer in order. */
enum { ROUNDS = CHECK_UNDER_TSAN ? 1000 : 10000 };
static atomic_uchar seen[CROWD][ROUNDS];
static int put_so_far[CROWD], last_of[CROWD][CROWD];

static void take_note(int consumer, uint32_t item)
{
    int producer = (int)(item >> 16), number = (int)(item & 0xffff);
    CHECK(producer < CROWD && number < ROUNDS);
    CHECK_INT(atomic_fetch_add(&seen[producer][number], 1), ==, 0);
    if (consumer < CROWD) {
        CHECK_INT(number, >=, last_of[consumer][producer]);
        last_of[consumer][producer] = number + 1;
    }
    CHECK_INT(ferry_threadsafe_queue_task_done(queue), ==, 0);
}

static void put_or_get(struct member *member)
{
    int me = member->number, said = 0;
    uint32_t item = (uint32_t)me << 16 | (uint32_t)put_so_far[me];
    bool put = draw(member, 2);
    FERRY_TIMEOUT(draw(member, 100) * 1e-6) {
        said = put ? ferry_threadsafe_queue_put(queue, &item)
                   : ferry_threadsafe_queue_get(queue, &item);
    }
    if (said)
        expect_interruption(said);
    else if (put)
        put_so_far[me]++;
    else
        take_note(me, item);
    if (member->on_loop && draw(member, 8) == 0)
        if ((said = ferry_sleep(0)) < 0)
            expect_interruption(said);
}

static void everybody_puts_and_gets(size_t maxsize)
{
    queue = ferry_threadsafe_queue_new(sizeof(uint32_t), maxsize);
    crowd(put_or_get, ROUNDS);
    uint32_t item;
    while (ferry_threadsafe_queue_get_nowait(queue, &item) == 0)
        take_note(CROWD, item);
    CHECK_INT(ferry_threadsafe_queue_join(queue), ==, 0);
    long put = 0;
    for (int i = 0; i < CROWD; i++) {
        put += put_so_far[i];
        for (int k = 0; k < ROUNDS; k++)
            CHECK_INT(atomic_load(&seen[i][k]), ==, k < put_so_far[i]);
    }
    CHECK_INT(put, >, ROUNDS);
    ferry_threadsafe_queue_free(queue);
}

TEST_WITHIN(everybody_puts_and_gets_with_little_room, 120)
{
    everybody_puts_and_gets(3);
}

TEST_WITHIN(everybody_puts_and_gets_without_a_limit, 120)
{
    everybody_puts_and_gets(0);
}

/* A put's last touch: whoever got the item may free the queue. */
static ferry_threadsafe_queue *_Atomic offered;

static void *put_into_what_is_offered(void *unused)
{
    ferry_threadsafe_queue *one;
    while ((one = atomic_exchange(&offered, NULL)) != (void *)&offered) {
        int item = 42;
        if (one)
            CHECK_INT(ferry_threadsafe_queue_put(one, &item), ==, 0);
        else
            sched_yield();
    }
    return unused;
}

static int get_and_free(int rounds)
{
    pthread_t thread;
    CHECK_INT(pthread_create(&thread, NULL, put_into_what_is_offered, NULL), ==, 0);
    for (int i = 0; i < rounds; i++) {
        queue = ferry_threadsafe_queue_new(sizeof(int), i % 2);
        atomic_store(&offered, queue);
        int said = -1;
        while (said < 0) {
            FERRY_TIMEOUT((i % 100) * 1e-6 + 1e-6) {
                said = get_one(42);
            }
        }
        ferry_threadsafe_queue_free(queue);
    }
    atomic_store(&offered, (void *)&offered);
    CHECK_INT(pthread_join(thread, NULL), ==, 0);
    return 0;
}

TEST(who_got_the_item_may_free_the_queue)
{
    int rounds = CHECK_UNDER_TSAN ? 1000 : 5000;
    CHECK_INT(get_and_free(rounds), ==, 0);
    CHECK_INT(ferry_run(get_and_free, rounds), ==, 0);
}

TEST_MAIN
