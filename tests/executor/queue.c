/* SPDX-License-Identifier: MIT */
#include "executor/queue.h"

#include "check.h"

#include <ferry/executor.h>
#include <pthread.h>
#include <stdlib.h>

static struct ferry__queue queue;

static void open_queue(void)
{
    CHECK_INT(ferry__queue_init(&queue), ==, 0);
}

TEST(jobs_come_out_in_the_order_they_went_in)
{
    open_queue();
    static struct ferry__job jobs[100];
    for (int i = 0; i < 100; i++)
        ferry__queue_put(&queue, &jobs[i]);
    for (int i = 0; i < 100; i++)
        CHECK_PTR(ferry__queue_take(&queue), ==, &jobs[i]);
    CHECK_PTR(ferry__queue_take(&queue), ==, NULL);
    CHECK(!ferry__queue_ready(&queue));
    ferry__queue_deinit(&queue);
}

TEST(more_than_the_ring_holds_keep_their_order_too)
{
    open_queue();
    enum { COUNT = FERRY__QUEUE_SLOTS * 5 };
    struct ferry__job *jobs = calloc(COUNT, sizeof *jobs);
    int out = 0;
    for (int i = 0; i < COUNT; i++) {
        ferry__queue_put(&queue, &jobs[i]);
        if (i % 3 == 0)
            CHECK_PTR(ferry__queue_take(&queue), ==, &jobs[out++]);
    }
    CHECK_INT(ferry__queue_length(&queue), ==, COUNT - out);
    while (out < COUNT)
        CHECK_PTR(ferry__queue_take(&queue), ==, &jobs[out++]);
    CHECK_PTR(ferry__queue_take(&queue), ==, NULL);
    free(jobs);
    ferry__queue_deinit(&queue);
}

TEST(a_job_is_taken_back_from_the_ring_and_from_the_overflow_but_not_twice)
{
    open_queue();
    enum { COUNT = FERRY__QUEUE_SLOTS + 10 };
    struct ferry__job *jobs = calloc(COUNT, sizeof *jobs);
    for (int i = 0; i < COUNT; i++)
        ferry__queue_put(&queue, &jobs[i]);
    CHECK(ferry__queue_take_back(&queue, &jobs[0]));
    CHECK(!ferry__queue_take_back(&queue, &jobs[0]));
    CHECK(ferry__queue_take_back(&queue, &jobs[COUNT - 1]));
    CHECK(!ferry__queue_take_back(&queue, &jobs[COUNT - 1]));
    CHECK(ferry__queue_take_back(&queue, &jobs[5]));
    for (int i = 1; i < COUNT - 1; i++)
        if (i != 5)
            CHECK_PTR(ferry__queue_take(&queue), ==, &jobs[i]);
    CHECK_PTR(ferry__queue_take(&queue), ==, NULL);
    CHECK(!ferry__queue_take_back(&queue, &jobs[7])); /* it was taken */
    free(jobs);
    ferry__queue_deinit(&queue);
}

TEST(background_jobs_come_last_and_count_as_any)
{
    open_queue();
    static struct ferry__job jobs[4];
    jobs[0].class = jobs[1].class = jobs[2].class = FERRY_CLASS_BACKGROUND;
    for (int i = 0; i < 3; i++)
        ferry__queue_put(&queue, &jobs[i]);
    CHECK(ferry__queue_ready(&queue));
    CHECK(!ferry__queue_swept_empty(&queue));
    CHECK_INT(ferry__queue_length(&queue), ==, 3);
    ferry__queue_put(&queue, &jobs[3]);
    CHECK_PTR(ferry__queue_take(&queue), ==, &jobs[3]);
    uint64_t progress = ferry__queue_progress(&queue);
    CHECK_PTR(ferry__queue_take(&queue), ==, &jobs[0]);
    CHECK_INT(ferry__queue_progress(&queue), ==, progress + 1);
    CHECK(!ferry__queue_take_back(&queue, &jobs[0])); /* it was taken */
    CHECK(ferry__queue_take_back(&queue, &jobs[1]));
    CHECK(!ferry__queue_take_back(&queue, &jobs[1]));
    CHECK_INT(ferry__queue_length(&queue), ==, 1);
    CHECK_PTR(ferry__queue_take(&queue), ==, &jobs[2]);
    CHECK_PTR(ferry__queue_take(&queue), ==, NULL);
    CHECK(!ferry__queue_ready(&queue));
    CHECK(ferry__queue_swept_empty(&queue));
    ferry__queue_deinit(&queue);
}

TEST(a_ring_of_nothing_but_jobs_taken_back_is_empty_when_swept)
{
    open_queue();
    static struct ferry__job jobs[10];
    for (int i = 0; i < 10; i++)
        ferry__queue_put(&queue, &jobs[i]);
    for (int i = 0; i < 9; i++)
        CHECK(ferry__queue_take_back(&queue, &jobs[i]));
    CHECK(!ferry__queue_swept_empty(&queue));
    CHECK(ferry__queue_take_back(&queue, &jobs[9]));
    CHECK(ferry__queue_swept_empty(&queue));
    ferry__queue_deinit(&queue);
}

/* Several putters, takers and owners that change their minds: each job ends exactly once, in one of
 * two ways, and jobs of one putter that one taker gets come in order. */
enum { PUTTERS = 3, TAKERS = 2, EACH = 100000 };

struct counted {
    struct ferry__job job;
    int putter, number;
    atomic_int ends;
};

static struct counted *counted;
static atomic_int left = PUTTERS * EACH;

static void *put_many(void *argument)
{
    int putter = (int)(intptr_t)argument;
    unsigned seed = (unsigned)putter + 1;
    for (int i = 0; i < EACH; i++) {
        struct counted *mine = &counted[putter * EACH + i];
        *mine = (struct counted){.putter = putter, .number = i};
        ferry__queue_put(&queue, &mine->job);
        int back = i - rand_r(&seed) % 4;
        if (i % 2 == 0 && back >= 0) {
            struct counted *other = &counted[putter * EACH + back];
            if (ferry__queue_take_back(&queue, &other->job)) {
                atomic_fetch_add(&other->ends, 1);
                atomic_fetch_sub(&left, 1);
            }
        }
    }
    return NULL;
}

static void *take_many(void *argument)
{
    (void)argument;
    int last[PUTTERS] = {-1, -1, -1};
    while (atomic_load(&left) > 0) {
        struct ferry__job *job = ferry__queue_take(&queue);
        if (!job)
            continue;
        struct counted *got = (struct counted *)job;
        if (got->number <= last[got->putter])
            check__fail(__FILE__, __LINE__, "%d of putter %d after %d", got->number, got->putter,
                        last[got->putter]);
        last[got->putter] = got->number;
        atomic_fetch_add(&got->ends, 1);
        atomic_fetch_sub(&left, 1);
    }
    return NULL;
}

TEST(each_job_ends_once_among_putters_takers_and_owners_that_take_back)
{
    open_queue();
    counted = calloc(PUTTERS * EACH, sizeof *counted);
    pthread_t threads[PUTTERS + TAKERS];
    for (intptr_t i = 0; i < PUTTERS; i++)
        pthread_create(&threads[i], NULL, put_many, (void *)i);
    for (int i = 0; i < TAKERS; i++)
        pthread_create(&threads[PUTTERS + i], NULL, take_many, NULL);
    for (int i = 0; i < PUTTERS + TAKERS; i++)
        pthread_join(threads[i], NULL);
    for (int i = 0; i < PUTTERS * EACH; i++)
        CHECK_INT(atomic_load(&counted[i].ends), ==, 1);
    free(counted);
    ferry__queue_deinit(&queue);
}

TEST_MAIN
