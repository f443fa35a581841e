/* SPDX-License-Identifier: MIT */
/* Semaphores: so many at a time, no permit is lost or made, and the work is linear. */
#include "sync/sync.h"

#include "core/task.h"

#include <ferry/loop.h>
#include <ferry/semaphore.h>
#include <ferry/thread.h>

static ferry_semaphore two = FERRY_SEMAPHORE_INIT(2);
static int inside, most;

static int hold(char name, int rounds)
{
    int said = ferry_semaphore_acquire(&two);
    if (said < 0) {
        note('-');
        return said;
    }
    note(name);
    if (++inside > most)
        most = inside;
    FERRY_SHIELD for (int i = 0; i < rounds; i++) CHECK_INT(ferry_sleep(0), ==, 0);
    inside--;
    return ferry_semaphore_release(&two);
}

static int two_at_a_time(void)
{
    ferry_task *tasks[6];
    CHECK(!ferry_semaphore_locked(&two));
    for (int i = 0; i < 6; i++)
        tasks[i] = ferry_create_task(hold, (char)('a' + i), 3);
    settle();
    CHECK(ferry_semaphore_locked(&two));
    for (int i = 0; i < 6; i++)
        CHECK_ENDS(tasks[i], 0);
    CHECK_TRACE("abcdef");
    CHECK_INT(most, ==, 2);
    CHECK_INT(two.ferry__value, ==, 2);
    return 0;
}

TEST(two_at_a_time_in_order)
{
    CHECK_INT(ferry_run(two_at_a_time), ==, 0);
}

static int cancels(void)
{
    CHECK_INT(ferry_semaphore_acquire(&two), ==, 0);
    CHECK_INT(ferry_semaphore_acquire(&two), ==, 0);
    ferry_task *a = ferry_create_task(hold, 'a', 0), *b = ferry_create_task(hold, 'b', 0);
    ferry_task *c = ferry_create_task(hold, 'c', 0), *d = ferry_create_task(hold, 'd', 0);
    settle();
    ferry_task_cancel(a); /* waiting */
    CHECK_ENDS(a, -ECANCELED);
    CHECK_INT(ferry_semaphore_release(&two), ==, 0);
    ferry_task_cancel(b); /* handed over, then cancelled */
    ferry_task_cancel(c);
    CHECK_INT(ferry_semaphore_release(&two), ==, 0); /* cancelled, then handed over */
    CHECK_ENDS(b, 0);
    CHECK_ENDS(c, 0);
    CHECK_ENDS(d, 0);
    CHECK_TRACE("-bcd");
    ferry_task_cancel(ferry_current_task());
    CHECK_INT(ferry_semaphore_acquire(&two), ==, -ECANCELED); /* though there are two */
    CHECK_INT(two.ferry__value, ==, 2);
    ferry_task_uncancel(ferry_current_task());
    FERRY_TIMEOUT(0)
        CHECK_INT(ferry_semaphore_acquire(&two), ==, -ETIMEDOUT);
    CHECK_INT(two.ferry__value, ==, 2);
    return 0;
}

TEST(a_cancel_loses_no_permit)
{
    CHECK_INT(ferry_run(cancels), ==, 0);
}

static int newcomers(void)
{
    CHECK_INT(ferry_semaphore_acquire(&two), ==, 0);
    CHECK_INT(ferry_semaphore_acquire(&two), ==, 0);
    ferry_task *a = ferry_create_task(hold, 'a', 9);
    settle();
    CHECK_INT(ferry_semaphore_release(&two), ==, 0);
    CHECK(ferry_semaphore_locked(&two)); /* it is a's, who didn't run yet */
    CHECK_INT(ferry_semaphore_release(&two), ==, 0);
    CHECK(!ferry_semaphore_locked(&two));
    CHECK_ENDS(a, 0);
    return 0;
}

TEST(nobody_overtakes)
{
    CHECK_INT(ferry_run(newcomers), ==, 0);
}

static int bounded(void)
{
    static ferry_semaphore one = FERRY_BOUNDED_SEMAPHORE_INIT(1);
    CHECK_INT(ferry_semaphore_release(&one), ==, -EOVERFLOW);
    CHECK_INT(errno, ==, EOVERFLOW);
    CHECK_INT(one.ferry__value, ==, 1);
    CHECK_INT(ferry_semaphore_acquire(&one), ==, 0);
    CHECK_INT(ferry_semaphore_release(&one), ==, 0);
    CHECK_INT(ferry_semaphore_release(&one), ==, -EOVERFLOW);
    ferry_semaphore full = FERRY_SEMAPHORE_INIT(LONG_MAX), none = FERRY_SEMAPHORE_INIT(0);
    CHECK_INT(ferry_semaphore_release(&full), ==, -EOVERFLOW);
    CHECK_INT(ferry_semaphore_release(&none), ==, 0);
    CHECK_INT(ferry_semaphore_release(&none), ==, 0);
    CHECK_INT(none.ferry__value, ==, 2);
    return 0;
}

TEST(a_bounded_one_takes_no_more_than_it_gave)
{
    CHECK_INT(ferry_run(bounded), ==, 0);
}

static int leave_by(int way)
{
    for (int i = 0; i < 1; i++) {
        FERRY_WITH_SEMAPHORE(&two) {
            FERRY_WITH_SEMAPHORE(&two) {
                CHECK_INT(two.ferry__value, ==, 0);
                if (way == 1)
                    break;
                if (way == 2)
                    return way;
                if (way == 3)
                    goto out;
            } else {
                return -errno;
            }
            CHECK_INT(two.ferry__value, ==, 1);
        } else {
            return -errno;
        }
    }
out:
    return way;
}

static int blocks(void)
{
    for (int way = 0; way < 4; way++) {
        CHECK_INT(leave_by(way), ==, way);
        CHECK_INT(two.ferry__value, ==, 2);
    }
    FERRY_TIMEOUT(0)
        CHECK_INT(leave_by(0), ==, -ETIMEDOUT);
    CHECK_INT(two.ferry__value, ==, 2);
    return 0;
}

TEST(a_block_gives_its_permit_back)
{
    CHECK_INT(ferry_run(blocks), ==, 0);
}

static int on_a_worker(void)
{
    CHECK_INT(ferry_semaphore_acquire(&two), ==, -EPERM);
    return ferry_semaphore_release(&two);
}

static int elsewhere(void)
{
    CHECK_INT(ferry_semaphore_acquire(&two), ==, -EPERM);
    return ferry_semaphore_release(&two);
}

static int run_a_loop(void)
{
    return ferry_run(elsewhere);
}

static int misuse(void)
{
    ferry_semaphore bad = FERRY_SEMAPHORE_INIT(-1);
    CHECK_INT(ferry_semaphore_acquire(&bad), ==, -EINVAL);
    CHECK_INT(ferry_semaphore_release(&bad), ==, -EINVAL);
    CHECK_INT(ferry_semaphore_init(&bad, -1), ==, -EINVAL);
    CHECK_INT(ferry_bounded_semaphore_init(&bad, -5), ==, -EINVAL);
    CHECK_INT(ferry_semaphore_init(NULL, 1), ==, -EINVAL);
    CHECK_INT(ferry_semaphore_acquire(NULL), ==, -EINVAL);
    CHECK_INT(ferry_semaphore_release(NULL), ==, -EINVAL);
    CHECK_INT(ferry_bounded_semaphore_init(&bad, 0), ==, 0);
    CHECK_INT(ferry_semaphore_release(&bad), ==, -EOVERFLOW);
    CHECK_INT(ferry_to_thread(on_a_worker), ==, -EPERM);
    CHECK_INT(ferry_semaphore_acquire(&two), ==, 0);
    CHECK_INT(ferry_semaphore_acquire(&two), ==, 0);
    ferry_task *a = ferry_create_task(hold, 'a', 0);
    settle();
    CHECK_INT(ferry_to_thread(run_a_loop), ==, -EPERM);
    CHECK_INT(ferry_call_soon(ferry_semaphore_release, &two), ==, 0); /* a callback may */
    CHECK_ENDS(a, 0);
    CHECK_INT(ferry_semaphore_release(&two), ==, 0);
    return (int)two.ferry__value;
}

static int deinit_too_early(void)
{
    CHECK_INT(ferry_semaphore_init(&two, 0), ==, 0);
    ferry_create_task(hold, 'a', 0);
    settle();
    ferry_semaphore_deinit(&two);
    return 0;
}

TEST(misuse_is_an_error)
{
    CHECK_PANIC(ferry_run(deinit_too_early), "ferry_semaphore_deinit while a task waits");
    CHECK_INT(ferry_semaphore_acquire(&two), ==, -EPERM);
    CHECK_INT(ferry_semaphore_release(&two), ==, -EPERM);
    CHECK_INT(ferry_run(misuse), ==, 2);
    ferry_semaphore_deinit(&two);
    ferry_semaphore_deinit(NULL);
}

/*
 * Ten thousand tasks on one semaphore. The work is counted, not timed: each round a callback counts
 * the tasks that are about to run. One that wakes more than it has permits for would make that
 * thousands in each round. (ThreadSanitizer has no more than 8128 tasks.)
 */
enum { TASKS = CHECK_UNDER_TSAN ? 5000 : 10000, PERMITS = 100, MOST_ROUNDS = 1000 };

static ferry_semaphore many = FERRY_SEMAPHORE_INIT(PERMITS);
static ferry_task *crowd[TASKS];
static long wake_ups, rounds;
static int done;

static int pass_through(void)
{
    CHECK_INT(ferry_semaphore_acquire(&many), ==, 0);
    CHECK_INT(++inside, <=, PERMITS);
    CHECK_INT(ferry_sleep(0), ==, 0);
    inside--;
    CHECK_INT(ferry_semaphore_release(&many), ==, 0);
    return ++done;
}

static void count_ready(void)
{
    struct ferry__task *task;
    for (int i = 0; i < TASKS; i++)
        if (ferry__task_find(crowd[i], &task) == 0 && task->state == FERRY__TASK_READY)
            wake_ups++;
    CHECK_INT(++rounds, <, MOST_ROUNDS);
    if (done < TASKS)
        CHECK_INT(ferry_call_soon(count_ready), ==, 0);
}

static int a_crowd(void)
{
    for (int i = 0; i < TASKS; i++)
        CHECK((crowd[i] = ferry_create_task(pass_through)) != NULL);
    CHECK_INT(ferry_call_soon(count_ready), ==, 0);
    for (int i = 0; i < TASKS; i++)
        CHECK_INT(ferry_await(int, crowd[i]), ==, i + 1); /* in order */
    CHECK_INT(many.ferry__value, ==, PERMITS);
    return 0;
}

TEST(ten_thousand_on_one_semaphore_are_linear)
{
    CHECK_INT(ferry_run(a_crowd), ==, 0);
    CHECK_INT(wake_ups, >=, TASKS / 2);
    CHECK_INT(wake_ups, <=, 3 * TASKS); /* each: its permit, its sleep */
    CHECK_INT(rounds, <=, 3 * TASKS / PERMITS);
}

TEST_MAIN
