/* SPDX-License-Identifier: MIT */
/*
 * CPython's cases of asyncio.Barrier. asyncio's drains: those that were let go must have run before
 * the next may fill it. ferry lets all go in one step, so there is no draining, and a reset or
 * abort never reaches a task that was let go.
 */
#include "on_loop.h"

#include <ferry/barrier.h>
#include <ferry/gather.h>

enum { N = 5 };

static ferry_barrier barrier;
static int passed, broken, passed_later;

static void begin(int parties)
{
    CHECK_INT(ferry_barrier_init(&barrier, parties), ==, 0);
}

static int wait_once(void)
{
    int said = ferry_barrier_wait(&barrier);
    passed += said >= 0;
    broken += said == -EPIPE;
    return said;
}

static void make(int (*fn)(void), ferry_task **tasks, int count)
{
    for (int i = 0; i < count; i++)
        tasks[i] = ferry_create_task(fn);
}

static void run_all(int (*fn)(void), int *results, int count)
{
    ferry_task *tasks[N];
    make(fn, tasks, count);
    CHECK_INT(ferry_gather(tasks, (size_t)count, results), ==, 0);
    CHECK_INT(ferry_barrier_n_waiting(&barrier), ==, 0);
}

/* 0, 1, ... count - 1, in any order. */
static void check_places(const int *results, int count)
{
    unsigned seen = 0;
    for (int i = 0; i < count; i++)
        seen |= 1u << results[i];
    CHECK_INT(seen, ==, (1u << count) - 1);
}

TEST_ON_LOOP(a_barrier_of_less_than_one_is_refused)
{
    CHECK_INT(ferry_barrier_init(&barrier, 0), ==, -EINVAL);
    CHECK_INT(ferry_barrier_init(&barrier, -4), ==, -EINVAL);
    begin(N);
    CHECK_INT(ferry_barrier_parties(&barrier), ==, N);
}

TEST_ON_LOOP(each_gets_a_place)
{
    int results[3];
    begin(3);
    run_all(wait_once, results, 3);
    check_places(results, 3);
    CHECK(!ferry_barrier_broken(&barrier));
}

TEST_ON_LOOP(a_barrier_of_one_lets_go_at_once)
{
    begin(1);
    CHECK_INT(ferry_barrier_wait(&barrier), ==, 0);
    CHECK_INT(ferry_barrier_n_waiting(&barrier), ==, 0);
    CHECK_INT(ferry_barrier_wait(&barrier), ==, 0); /* and again */
    CHECK_INT(ferry_barrier_n_waiting(&barrier), ==, 0);
    CHECK(!ferry_barrier_broken(&barrier));
}

TEST_ON_LOOP(it_fills_one_by_one)
{
    ferry_task *tasks[3];
    begin(3);
    for (int i = 0; i < 3; i++) {
        CHECK_INT(ferry_barrier_n_waiting(&barrier), ==, i);
        tasks[i] = ferry_create_task(wait_once);
        run_briefly();
    }
    CHECK_INT(ferry_gather(tasks, 3, NULL), ==, 0);
    CHECK_INT(ferry_barrier_n_waiting(&barrier), ==, 0);
    CHECK_INT(passed, ==, 3);
    CHECK(!ferry_barrier_broken(&barrier));
}

static int wait_twice(void)
{
    CHECK_INT(wait_once(), >=, 0);
    CHECK_INT(passed, <=, N); /* nobody is through the second before all are through the first */
    int said = ferry_barrier_wait(&barrier);
    passed_later += said >= 0;
    return said;
}

TEST_ON_LOOP(all_pass_twice_and_get_a_place_each_time)
{
    int results[N];
    begin(N);
    run_all(wait_twice, results, N);
    check_places(results, N);
    CHECK_INT(passed, ==, N);
    CHECK_INT(passed_later, ==, N);
    CHECK(!ferry_barrier_broken(&barrier));
}

static ferry_barrier others;
static int again = 2;

static int wait_again_or_elsewhere(void)
{
    CHECK_INT(wait_once(), >=, 0);
    if (again > 0)
        again--; /* fills the next round while the others have not run */
    else
        CHECK_INT(ferry_barrier_wait(&others), >=, 0);
    return ferry_barrier_wait(&barrier) < 0;
}

TEST_ON_LOOP(some_come_again_before_all_have_left)
{
    int results[N];
    begin(N);
    CHECK_INT(ferry_barrier_init(&others, N - 2), ==, 0);
    run_all(wait_again_or_elsewhere, results, N);
    for (int i = 0; i < N; i++)
        CHECK_INT(results[i], ==, 0);
}

TEST_ON_LOOP(one_that_is_cancelled_leaves_its_place)
{
    ferry_task *tasks[4];
    begin(3);
    make(wait_once, tasks, 2);
    run_briefly();
    CHECK_INT(ferry_barrier_n_waiting(&barrier), ==, 2);
    ferry_task_cancel(tasks[0]);
    run_briefly();
    CHECK_INT(ferry_barrier_n_waiting(&barrier), ==, 1);
    CHECK(ferry_task_cancelled(tasks[0]));
    CHECK_INT(ferry_await(int, tasks[0]), ==, -ECANCELED);
    make(wait_once, tasks + 2, 2);
    CHECK_INT(ferry_gather(tasks + 1, 3, NULL), ==, 0);
    CHECK_INT(passed, ==, 3);
    CHECK_INT(ferry_barrier_n_waiting(&barrier), ==, 0);
    CHECK(!ferry_barrier_broken(&barrier));
}

TEST_ON_LOOP(reset_and_abort_of_an_empty_one)
{
    begin(1);
    CHECK_INT(ferry_barrier_reset(&barrier), ==, 0);
    CHECK(!ferry_barrier_broken(&barrier));
    CHECK_INT(ferry_barrier_abort(&barrier), ==, 0);
    CHECK(ferry_barrier_broken(&barrier));
    CHECK_INT(ferry_barrier_n_waiting(&barrier), ==, 0);
}

TEST_ON_LOOP(a_reset_tells_those_who_wait)
{
    ferry_task *tasks[N - 1];
    begin(N);
    make(wait_once, tasks, N - 1);
    run_briefly();
    CHECK_INT(ferry_barrier_reset(&barrier), ==, 0);
    CHECK_INT(ferry_gather(tasks, N - 1, NULL), ==, 0);
    CHECK_INT(broken, ==, N - 1);
    CHECK_INT(ferry_barrier_n_waiting(&barrier), ==, 0);
    CHECK(!ferry_barrier_broken(&barrier));
}

static int wait_and_reset_third(void)
{
    int said = wait_once();
    if (passed == 3)
        CHECK_INT(ferry_barrier_reset(&barrier), ==, 0);
    return said;
}

/* In asyncio the two that have not run yet are told; in ferry they were let go. */
TEST_ON_LOOP(a_reset_does_not_reach_those_who_were_let_go)
{
    begin(N);
    run_all(wait_and_reset_third, NULL, N);
    CHECK_INT(passed, ==, N);
    CHECK_INT(broken, ==, 0);
    CHECK(!ferry_barrier_broken(&barrier));
}

static int wait_reset_third_and_wait(void)
{
    CHECK_INT(wait_and_reset_third(), >=, 0);
    int said = ferry_barrier_wait(&barrier);
    if (said == -EPIPE) { /* two were back when the third reset it: once more */
        broken++;
        said = ferry_barrier_wait(&barrier);
    }
    passed_later += said >= 0;
    return said;
}

TEST_ON_LOOP(a_reset_reaches_those_who_are_back)
{
    begin(N);
    run_all(wait_reset_third_and_wait, NULL, N);
    CHECK_INT(broken, ==, 2);
    CHECK_INT(passed_later, ==, N);
    CHECK(!ferry_barrier_broken(&barrier));
}

static int wait_and_once_more(void)
{
    int said = wait_once();
    if (said == -EPIPE)
        said = ferry_barrier_wait(&barrier);
    passed_later += said >= 0;
    return said;
}

TEST_ON_LOOP(those_who_were_told_wait_again)
{
    ferry_task *tasks[N];
    begin(N);
    make(wait_and_once_more, tasks, N - 1);
    run_briefly();
    CHECK_INT(ferry_barrier_reset(&barrier), ==, 0);
    run_briefly();
    tasks[N - 1] = ferry_create_task(wait_and_once_more);
    CHECK_INT(ferry_gather(tasks, N, NULL), ==, 0);
    CHECK_INT(broken, ==, N - 1);
    CHECK_INT(passed_later, ==, N);
    CHECK(!ferry_barrier_broken(&barrier));
}

static int last_one_resets(void)
{
    CHECK_INT(wait_once(), >=, 0);
    bool last = passed == N;
    if (last)
        CHECK_INT(ferry_barrier_reset(&barrier), ==, 0);
    int said = ferry_barrier_wait(&barrier);
    if (said == -EPIPE) {
        broken++;
        said = ferry_barrier_wait(&barrier);
    }
    passed_later += said >= 0;
    return said;
}

/* asyncio's last one to drain resets in vain: those who are back still stand before the barrier.
 * In ferry they wait in it already, and are told. */
TEST_ON_LOOP(the_last_one_to_leave_resets)
{
    begin(N);
    run_all(last_one_resets, NULL, N);
    CHECK_INT(broken, ==, N - 1);
    CHECK_INT(passed_later, ==, N);
}

static int third_aborts(void)
{
    int said = wait_once();
    if (passed == 3)
        CHECK_INT(ferry_barrier_abort(&barrier), ==, 0);
    return said < 0 ? said : wait_once();
}

TEST_ON_LOOP(an_abort_breaks_it_for_all_who_come)
{
    begin(N);
    run_all(third_aborts, NULL, N);
    CHECK_INT(passed, ==, N);
    CHECK_INT(broken, ==, N); /* two were back, the third and the others came */
    CHECK(ferry_barrier_broken(&barrier));
}

static int fails_in_the_middle(void)
{
    int place = wait_once();
    if (place == N / 2)
        return ferry_barrier_abort(&barrier);
    return wait_once();
}

TEST_ON_LOOP(one_that_fails_aborts)
{
    begin(N);
    run_all(fails_in_the_middle, NULL, N);
    CHECK_INT(passed, ==, N);
    CHECK_INT(broken, ==, N - 1);
    CHECK(ferry_barrier_broken(&barrier));
}

static int fails_then_all_begin_anew(void)
{
    CHECK_INT(fails_in_the_middle(), <=, 0);
    int place = ferry_barrier_wait(&others);
    if (place == N / 2)
        CHECK_INT(ferry_barrier_reset(&barrier), ==, 0);
    CHECK_INT(ferry_barrier_wait(&others), >=, 0);
    int said = ferry_barrier_wait(&barrier);
    passed_later += said >= 0;
    return said;
}

TEST_ON_LOOP(an_aborted_one_is_mended_by_a_reset)
{
    begin(N);
    CHECK_INT(ferry_barrier_init(&others, N), ==, 0);
    run_all(fails_then_all_begin_anew, NULL, N);
    CHECK_INT(broken, ==, N - 1);
    CHECK_INT(passed_later, ==, N);
    CHECK(!ferry_barrier_broken(&barrier));
}

TEST_MAIN
