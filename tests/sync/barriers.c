/* SPDX-License-Identifier: MIT */
/* Barriers: all or none, each with its own place. */
#include "sync/sync.h"

#include <ferry/barrier.h>
#include <ferry/loop.h>
#include <ferry/thread.h>

static ferry_barrier barrier = FERRY_BARRIER_INIT(3);

static int arrive(void)
{
    return ferry_barrier_wait(&barrier);
}

static int rounds(void)
{
    ferry_task *tasks[6];
    for (int i = 0; i < 6; i++)
        tasks[i] = ferry_create_task(arrive);
    for (int i = 0; i < 6; i++)
        CHECK_ENDS(tasks[i], i % 3);
    CHECK_INT(ferry_barrier_n_waiting(&barrier), ==, 0);
    CHECK_INT(ferry_barrier_parties(&barrier), ==, 3);
    tasks[0] = ferry_create_task(arrive);
    tasks[1] = ferry_create_task(arrive);
    settle();
    CHECK_INT(ferry_barrier_n_waiting(&barrier), ==, 2);
    CHECK(!ferry_task_done(tasks[0]));
    CHECK_INT(ferry_barrier_wait(&barrier), ==, 2);
    CHECK_INT(ferry_barrier_n_waiting(&barrier), ==, 0);
    CHECK_ENDS(tasks[0], 0);
    CHECK_ENDS(tasks[1], 1);
    return 0;
}

TEST(all_go_when_the_last_one_comes)
{
    CHECK_INT(ferry_run(rounds), ==, 0);
}

static int cancels(void)
{
    ferry_task *a = ferry_create_task(arrive), *b = ferry_create_task(arrive);
    settle();
    ferry_task_cancel(a);
    CHECK_ENDS(a, -ECANCELED);
    CHECK_INT(ferry_barrier_n_waiting(&barrier), ==, 1);
    CHECK(!ferry_barrier_broken(&barrier));
    ferry_task *c = ferry_create_task(arrive);
    settle();
    CHECK(!ferry_task_done(b));
    ferry_task_cancel(b);
    CHECK_INT(ferry_barrier_wait(&barrier), ==, 2); /* b didn't run in between: it was here */
    ferry_task_cancel(c);
    CHECK_ENDS(b, 0); /* places without a gap */
    CHECK_ENDS(c, 1);
    FERRY_TIMEOUT(0.001)
        CHECK_INT(ferry_barrier_wait(&barrier), ==, -ETIMEDOUT);
    CHECK_INT(ferry_barrier_n_waiting(&barrier), ==, 0);
    a = ferry_create_task(arrive), b = ferry_create_task(arrive);
    settle();
    FERRY_TIMEOUT(0)
        CHECK_INT(ferry_barrier_wait(&barrier), ==, -ETIMEDOUT); /* nor counts it */
    CHECK_INT(ferry_barrier_n_waiting(&barrier), ==, 2);
    CHECK_INT(ferry_barrier_wait(&barrier), ==, 2);
    CHECK_ENDS(a, 0);
    CHECK_ENDS(b, 1);
    return 0;
}

TEST(a_cancelled_task_leaves_and_breaks_nothing)
{
    CHECK_INT(ferry_run(cancels), ==, 0);
}

static int abort_and_reset(void)
{
    ferry_task *a = ferry_create_task(arrive), *b = ferry_create_task(arrive);
    settle();
    ferry_task_cancel(a);
    CHECK_INT(ferry_barrier_abort(&barrier), ==, 0); /* a was woken: it tells of that */
    CHECK(ferry_barrier_broken(&barrier));
    CHECK_ENDS(a, -EPIPE);
    CHECK_ENDS(b, -EPIPE);
    CHECK_INT(ferry_barrier_n_waiting(&barrier), ==, 0);
    CHECK_INT(ferry_barrier_wait(&barrier), ==, -EPIPE);
    CHECK_INT(errno, ==, EPIPE);
    CHECK_INT(ferry_barrier_reset(&barrier), ==, 0);
    CHECK(!ferry_barrier_broken(&barrier));
    a = ferry_create_task(arrive);
    settle();
    ferry_task_cancel(ferry_current_task());
    CHECK_INT(ferry_barrier_reset(&barrier), ==, 0); /* no cancel keeps it from that */
    ferry_task_uncancel(ferry_current_task());
    CHECK(!ferry_barrier_broken(&barrier));
    ferry_task *c = ferry_create_task(arrive), *d = ferry_create_task(arrive);
    settle();
    CHECK_ENDS(a, -EPIPE);
    CHECK_INT(ferry_barrier_n_waiting(&barrier), ==, 2);
    CHECK_INT(ferry_barrier_wait(&barrier), ==, 2);
    CHECK_ENDS(c, 0);
    CHECK_ENDS(d, 1);
    return 0;
}

TEST(abort_breaks_and_reset_mends)
{
    CHECK_INT(ferry_run(abort_and_reset), ==, 0);
}

static int on_a_worker(void)
{
    CHECK_INT(ferry_barrier_abort(&barrier), ==, -EPERM);
    return ferry_barrier_wait(&barrier);
}

static int run_a_loop(void)
{
    return ferry_run(on_a_worker);
}

static int misuse(void)
{
    ferry_barrier none = FERRY_BARRIER_INIT(0), one;
    CHECK_INT(ferry_barrier_wait(&none), ==, -EINVAL);
    CHECK_INT(ferry_barrier_init(&none, -1), ==, -EINVAL);
    CHECK_INT(ferry_barrier_init(NULL, 1), ==, -EINVAL);
    CHECK_INT(ferry_barrier_wait(NULL), ==, -EINVAL);
    CHECK_INT(ferry_barrier_reset(NULL), ==, -EINVAL);
    CHECK_INT(ferry_barrier_abort(NULL), ==, -EINVAL);
    CHECK_INT(ferry_barrier_parties(NULL) + ferry_barrier_n_waiting(NULL), ==, 0);
    CHECK_INT(ferry_barrier_init(&one, 1), ==, 0);
    CHECK_INT(ferry_barrier_wait(&one), ==, 0);
    CHECK_INT(ferry_barrier_wait(&one), ==, 0);
    CHECK_INT(ferry_to_thread(on_a_worker), ==, -EPERM);
    ferry_task *a = ferry_create_task(arrive);
    settle();
    CHECK_INT(ferry_to_thread(run_a_loop), ==, -EPERM);
    CHECK_INT(ferry_call_soon(ferry_barrier_reset, &barrier), ==, 0);
    CHECK_ENDS(a, -EPIPE);
    return 0;
}

static int deinit_too_early(void)
{
    ferry_create_task(arrive);
    settle();
    ferry_barrier_deinit(&barrier);
    return 0;
}

TEST(misuse_is_an_error)
{
    CHECK_PANIC(ferry_run(deinit_too_early), "ferry_barrier_deinit while a task waits");
    CHECK_INT(ferry_barrier_wait(&barrier), ==, -EPERM);
    CHECK_INT(ferry_run(misuse), ==, 0);
    ferry_barrier_deinit(&barrier);
    ferry_barrier_deinit(NULL);
}

TEST_MAIN
