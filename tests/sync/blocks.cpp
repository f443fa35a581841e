/* SPDX-License-Identifier: MIT */
/* Locks and queues in C++: the blocks release when an exception leaves them. */
#include <ferry/ferry.h>

#include "check.h"

#include <stdexcept>

static ferry_lock lock = FERRY_LOCK_INIT;
static ferry_condition condition = FERRY_CONDITION_INIT(&lock);
static ferry_semaphore two = FERRY_SEMAPHORE_INIT(2), one = FERRY_BOUNDED_SEMAPHORE_INIT(1);
static ferry_event event = FERRY_EVENT_INIT;
static ferry_barrier alone = FERRY_BARRIER_INIT(1);

static void throw_out_of_blocks()
{
    FERRY_WITH_LOCK(&lock) {
        FERRY_WITH_SEMAPHORE(&two) {
            FERRY_WITH_SEMAPHORE(&one) {
                CHECK(ferry_lock_locked(&lock) && ferry_semaphore_locked(&one));
                throw std::runtime_error("out of here");
            } else {
                CHECK(!"a permit");
            }
        } else {
            CHECK(!"a permit");
        }
    } else {
        CHECK(!"the lock");
    }
}

static int leave_by_exception()
{
    bool caught = false;
    try {
        throw_out_of_blocks();
    } catch (const std::runtime_error &) {
        caught = true;
    }
    CHECK(caught && !ferry_lock_locked(&lock) && !ferry_semaphore_locked(&one));
    CHECK_INT(ferry_semaphore_release(&one), ==, -EOVERFLOW);
    FERRY_WITH_CONDITION(&condition) {
        CHECK_INT(ferry_condition_notify_all(&condition), ==, 0);
        return 7;
    } else {
        return -errno;
    }
    return -1;
}

TEST(an_exception_that_leaves_a_block_releases)
{
    CHECK_INT(ferry_run(leave_by_exception), ==, 7);
    CHECK(!ferry_lock_locked(&lock));
}

struct point {
    double x, y;
};

static int use_the_others()
{
    ferry_queue *points = ferry_queue_new(sizeof(point), 2);
    point there = {3, 4}, here = {0, 0};
    CHECK_INT(ferry_queue_put(points, &there), ==, 0);
    CHECK_INT(ferry_queue_get(points, &here), ==, 0);
    CHECK_INT(ferry_queue_get_nowait(points, &here), ==, -EAGAIN);
    ferry_queue_free(points);
    CHECK_INT(ferry_event_set(&event), ==, 0);
    CHECK_INT(ferry_event_wait(&event), ==, 0);
    CHECK_INT(ferry_barrier_wait(&alone), ==, 0);
    return (int)(here.x * here.y);
}

TEST(items_events_and_barriers)
{
    CHECK_INT(ferry_run(use_the_others), ==, 12);
}

TEST_MAIN
