/* SPDX-License-Identifier: MIT */
/* Locks: one at a time, first come first served, and no cancel loses one. */
#include "sync/sync.h"

#include "core/sched.h"

#include <ferry/lock.h>
#include <ferry/loop.h>
#include <ferry/thread.h>

static ferry_lock lock = FERRY_LOCK_INIT;

static int hold(char name, int rounds)
{
    int said = ferry_lock_acquire(&lock);
    if (said < 0) {
        note('-');
        return said;
    }
    note(name);
    FERRY_SHIELD for (int i = 0; i < rounds; i++) CHECK_INT(ferry_sleep(0), ==, 0);
    return ferry_lock_release(&lock);
}

static int first_come_first_served(void)
{
    ferry_task *tasks[5];
    for (int i = 0; i < 5; i++)
        tasks[i] = ferry_create_task(hold, (char)('a' + i), 5 - i);
    for (int i = 0; i < 5; i++)
        CHECK_ENDS(tasks[i], 0);
    CHECK_TRACE("abcde");
    CHECK(!ferry_lock_locked(&lock));
    return 0;
}

TEST(first_come_is_first_served)
{
    CHECK_INT(ferry_run(first_come_first_served), ==, 0);
}

static int again_and_again(char name)
{
    for (int i = 0; i < 3; i++) {
        CHECK_INT(ferry_lock_acquire(&lock), ==, 0);
        note(name);
        CHECK_INT(ferry_sleep(0), ==, 0);
        CHECK_INT(ferry_lock_release(&lock), ==, 0);
    }
    return 0;
}

static int take_turns(void)
{
    ferry_task *a = ferry_create_task(again_and_again, 'a');
    ferry_task *b = ferry_create_task(again_and_again, 'b');
    CHECK_ENDS(a, 0);
    CHECK_ENDS(b, 0);
    CHECK_TRACE("ababab");
    return 0;
}

TEST(who_releases_and_comes_again_stands_behind_those_who_wait)
{
    CHECK_INT(ferry_run(take_turns), ==, 0);
}

static int counter;

static int increment(int *number)
{
    int was = *number; /* two at once would lose one: ThreadSanitizer would see it, too */
    usleep(100);
    *number = was + 1;
    return 0;
}

static int count_one(void)
{
    FERRY_WITH_LOCK(&lock) {
        return ferry_to_thread(increment, &counter);
    } else {
        return -errno;
    }
    return -EIO;
}

static int count_hundred(void)
{
    ferry_task *tasks[100];
    for (int i = 0; i < 100; i++)
        tasks[i] = ferry_create_task(count_one);
    for (int i = 0; i < 100; i++)
        CHECK_ENDS(tasks[i], 0);
    return counter;
}

TEST(a_hundred_increments_on_threads_give_a_hundred)
{
    CHECK_INT(ferry_run(count_hundred), ==, 100);
}

static int cancel_one_who_waits(void)
{
    CHECK_INT(ferry_lock_acquire(&lock), ==, 0);
    ferry_task *a = ferry_create_task(hold, 'a', 0);
    ferry_task *b = ferry_create_task(hold, 'b', 0);
    ferry_task *c = ferry_create_task(hold, 'c', 0);
    settle();
    ferry_task_cancel(b);
    CHECK_ENDS(b, -ECANCELED);
    CHECK_INT(ferry_lock_release(&lock), ==, 0);
    CHECK_ENDS(a, 0);
    CHECK_ENDS(c, 0);
    CHECK_TRACE("-ac");
    CHECK(!ferry_lock_locked(&lock));
    return 0;
}

TEST(a_cancelled_waiter_leaves_the_line)
{
    CHECK_INT(ferry_run(cancel_one_who_waits), ==, 0);
}

static int take_and_sleep(void)
{
    CHECK_INT(ferry_lock_acquire(&lock), ==, 0);
    note('a');
    int said = ferry_sleep(10);
    CHECK_INT(ferry_lock_release(&lock), ==, 0); /* no cancel keeps it from that */
    return said;
}

/* Both happen before the waiter runs again. */
static int hand_over_and_cancel(bool cancel_first)
{
    CHECK_INT(ferry_lock_acquire(&lock), ==, 0);
    ferry_task *task = ferry_create_task(take_and_sleep);
    ferry_task *next = ferry_create_task(hold, 'b', 0);
    settle();
    if (cancel_first)
        ferry_task_cancel(task);
    CHECK_INT(ferry_lock_release(&lock), ==, 0);
    if (!cancel_first)
        ferry_task_cancel(task);
    CHECK_INT(ferry_lock_acquire(&lock), ==, 0);
    CHECK_TRACE("ab");
    CHECK_ENDS(task, -ECANCELED);
    CHECK_ENDS(next, 0);
    return ferry_lock_release(&lock);
}

TEST(handed_over_and_cancelled_in_one_round_it_is_held)
{
    CHECK_INT(ferry_run(hand_over_and_cancel, false), ==, 0);
    CHECK_INT(ferry_run(hand_over_and_cancel, true), ==, 0);
}

static int uncancelled(void)
{
    CHECK_INT(ferry_lock_acquire(&lock), ==, 0);
    ferry_task *a = ferry_create_task(hold, 'a', 0), *b = ferry_create_task(hold, 'b', 0);
    settle();
    ferry_task_cancel(a);
    ferry_task_uncancel(a); /* it runs, finds nothing, and keeps its place */
    settle();
    CHECK_INT(ferry_lock_release(&lock), ==, 0);
    CHECK_ENDS(a, 0);
    CHECK_ENDS(b, 0);
    CHECK_TRACE("ab");
    return 0;
}

TEST(a_cancel_that_was_taken_back_costs_no_place)
{
    CHECK_INT(ferry_run(uncancelled), ==, 0);
}

static int cancelled_before(void)
{
    ferry_task_cancel(ferry_current_task());
    CHECK_INT(ferry_lock_acquire(&lock), ==, -ECANCELED);
    CHECK_INT(errno, ==, ECANCELED);
    CHECK(!ferry_lock_locked(&lock));
    FERRY_SHIELD CHECK_INT(ferry_lock_acquire(&lock), ==, 0);
    CHECK_INT(ferry_lock_acquire(&lock), ==, -EDEADLK);
    CHECK_INT(ferry_lock_release(&lock), ==, 0);
    ferry_task_uncancel(ferry_current_task());
    FERRY_TIMEOUT(0)
        CHECK_INT(ferry_lock_acquire(&lock), ==, -ETIMEDOUT);
    CHECK(!ferry_lock_locked(&lock));
    return 0;
}

TEST(a_cancelled_task_gets_no_lock_even_a_free_one)
{
    CHECK_INT(ferry_run(cancelled_before), ==, 0);
}

static int out_of_time(void)
{
    ferry_task *task = ferry_create_task(hold, 'a', 1000000);
    settle();
    FERRY_TIMEOUT(0.002)
        CHECK_INT(ferry_lock_acquire(&lock), ==, -ETIMEDOUT);
    CHECK(ferry_timeout_expired());
    ferry_task_detach(task);
    _exit(0); /* the other one never gives it back */
}

TEST(a_time_limit_ends_the_wait)
{
    CHECK_INT(ferry_run(out_of_time), ==, 0);
}

static int leave_by(int way)
{
    for (int i = 0; i < 1; i++) {
        FERRY_WITH_LOCK(&lock) {
            CHECK(ferry_lock_locked(&lock));
            errno = ENOTTY;
            if (way == 1)
                break;
            if (way == 2)
                continue;
            if (way == 3)
                return way;
            if (way == 4)
                goto out;
        } else {
            return -errno;
        }
        CHECK_INT(errno, ==, ENOTTY);
        CHECK(!ferry_lock_locked(&lock));
    }
out:
    CHECK_INT(errno, ==, ENOTTY);
    CHECK(!ferry_lock_locked(&lock));
    return way;
}

static int all_ways(void)
{
    static ferry_lock inner = FERRY_LOCK_INIT;
    for (int way = 0; way <= 4; way++) {
        CHECK_INT(leave_by(way), ==, way);
        CHECK(!ferry_lock_locked(&lock));
    }
    FERRY_WITH_LOCK(&lock) {
        FERRY_WITH_LOCK(&inner) {
            CHECK(ferry_lock_locked(&inner));
            note('i');
        } else {
            note('-');
        }
        CHECK(!ferry_lock_locked(&inner) && ferry_lock_locked(&lock));
        FERRY_WITH_LOCK(&lock) {
            note('!');
        } else {
            CHECK_INT(errno, ==, EDEADLK);
            note('e');
        }
        CHECK(ferry_lock_locked(&lock)); /* the block that has it still has it */
    } else {
        note('-');
    }
    ferry_task_cancel(ferry_current_task());
    FERRY_WITH_LOCK(&lock) {
        note('!');
    } else {
        CHECK_INT(errno, ==, ECANCELED);
        note('e');
    }
    CHECK_TRACE("iee");
    return 0;
}

TEST(a_block_releases_whichever_way_it_is_left)
{
    CHECK_INT(ferry_run(all_ways), ==, 0);
}

static int cancelled_in_a_block(void)
{
    FERRY_WITH_LOCK(&lock) {
        return ferry_sleep(10);
    } else {
        return -EIO;
    }
    return -EIO;
}

static int cancel_in_a_block(void)
{
    ferry_task *task = ferry_create_task(cancelled_in_a_block);
    ferry_task *next = ferry_create_task(hold, 'b', 0);
    settle();
    ferry_task_cancel(task);
    CHECK_ENDS(task, -ECANCELED);
    CHECK_ENDS(next, 0);
    CHECK(!ferry_lock_locked(&lock));
    return 0;
}

TEST(a_block_that_is_cancelled_releases)
{
    CHECK_INT(ferry_run(cancel_in_a_block), ==, 0);
}

static int results[4];

static void in_a_callback(void)
{
    results[0] = ferry_lock_acquire(&lock);
    results[1] = ferry_lock_release(&lock);
    results[2] = 1;
}

static int release_what_is_not_ours(void)
{
    return ferry_lock_release(&lock);
}

static int misuse(void)
{
    CHECK_INT(ferry_lock_release(&lock), ==, -EPERM); /* open */
    CHECK_INT(ferry_lock_acquire((ferry_lock *)NULL), ==, -EINVAL);
    CHECK_INT(ferry_lock_release(NULL), ==, -EINVAL);
    CHECK(!ferry_lock_locked(NULL));
    CHECK_INT(ferry_lock_acquire(&lock), ==, 0);
    CHECK_ENDS(ferry_create_task(release_what_is_not_ours), -EPERM);
    CHECK_INT(ferry_call_soon(in_a_callback), ==, 0);
    CHECK_INT(ferry_to_thread(release_what_is_not_ours), ==, -EPERM);
    while (!results[2])
        CHECK_INT(ferry_sleep(0), ==, 0);
    CHECK_INT(results[0], ==, -EPERM);
    CHECK_INT(results[1], ==, -EPERM);
    CHECK(ferry_lock_locked(&lock));
    CHECK_INT(ferry_lock_release(&lock), ==, 0);
    return 0;
}

TEST(misuse_is_an_error_and_changes_nothing)
{
    CHECK_INT(ferry_lock_acquire(&lock), ==, -EPERM);
    CHECK_INT(errno, ==, EPERM);
    CHECK_INT(ferry_lock_release(&lock), ==, -EPERM);
    CHECK_INT(ferry_run(misuse), ==, 0);
}

static int acquire_elsewhere(void)
{
    CHECK_INT(ferry_lock_acquire(&lock), ==, -EPERM);
    CHECK_INT(ferry_lock_release(&lock), ==, -EPERM);
    return 0;
}

static int run_a_loop(void)
{
    return ferry_run(acquire_elsewhere);
}

static int held_while_another_loop_runs(void)
{
    CHECK_INT(ferry_lock_acquire(&lock), ==, 0);
    CHECK_INT(ferry_to_thread(run_a_loop), ==, 0);
    return ferry_lock_release(&lock);
}

TEST(a_lock_in_use_on_one_loop_is_refused_on_another)
{
    CHECK_INT(ferry_run(held_while_another_loop_runs), ==, 0);
    CHECK_INT(ferry_run(first_come_first_served), ==, 0); /* and serves the next one after it */
}

static int end_with_it(void)
{
    return ferry_lock_acquire(&lock);
}

static int try_in_the_same_slot(void)
{
    CHECK_INT(ferry_lock_release(&lock), ==, -EPERM);
    FERRY_TIMEOUT(0.001)
        CHECK_INT(ferry_lock_acquire(&lock), ==, -ETIMEDOUT);
    return 0;
}

static int lose_a_lock(void)
{
    CHECK_ENDS(ferry_create_task(end_with_it), 0);
    CHECK(ferry_lock_locked(&lock));
    CHECK_ENDS(ferry_create_task(try_in_the_same_slot), 0); /* no EDEADLK: it isn't the holder */
    return 0;
}

TEST(a_task_that_ends_with_a_lock_leaves_it_locked)
{
    CHECK_INT(ferry_run(lose_a_lock), ==, 0);
    CHECK_PANIC(ferry_lock_deinit(&lock), "held: it was acquired at .*locks.c:[0-9]+");
    ferry_lock_init(&lock);
    CHECK(!ferry_lock_locked(&lock));
    ferry_lock_deinit(&lock);
    ferry_lock_deinit(NULL);
}

static int look_at_what_is_held(void)
{
    static ferry_lock many[40];
    struct ferry__held *held = &ferry__sched_here->held;
    for (int i = 0; i < 40; i++)
        CHECK_INT(ferry_lock_acquire(&many[i]), ==, 0);
    CHECK_INT(held->count, ==, 40);
    for (int i = 0; i < 40; i += 2)
        CHECK_INT(ferry_lock_release(&many[i]), ==, 0);
    CHECK_INT(held->count, ==, 20);
    for (int i = 0; i < 20; i++)
        CHECK_PTR(held->things[i].thing, ==, &many[2 * i + 1]);
    CHECK_PTR(held->things[0].task, ==, ferry_current_task());
    CHECK_MATCH(held->things[0].place, "locks.c:[0-9]+");
    ferry_task *next = ferry_create_task(hold, 'a', 0);
    CHECK_INT(ferry_lock_acquire(&lock), ==, 0);
    settle();
    CHECK_INT(ferry_lock_release(&lock), ==, 0);
    CHECK_PTR(held->things[20].thing, ==, &lock);
    CHECK_PTR(held->things[20].task, ==, next); /* it has it, though it didn't run yet */
    CHECK_ENDS(next, 0);
    CHECK_INT(held->count, ==, 20);
    CHECK_INT(ferry_lock_acquire(&lock), ==, 0);
    ferry_lock_init(&lock); /* it vanished, and another one is where it was */
    CHECK_INT(ferry_lock_acquire(&lock), ==, 0);
    CHECK_INT(held->count, ==, 21);
    CHECK_INT(ferry_lock_release(&lock), ==, 0);
    CHECK_INT(held->count, ==, 20);
    return 0;
}

TEST(debug_mode_knows_what_is_held)
{
    CHECK_INT(ferry_run_with((&(ferry_run_options){.debug = true}), look_at_what_is_held), ==, 0);
}

static int nobody_looked(void)
{
    int ignored = ferry_lock_acquire(&lock);
    (void)ignored;
    return ferry_lock_release(&lock);
}

static int release_after_a_failure(void)
{
    ferry_task *task = ferry_create_task(nobody_looked);
    CHECK_INT(ferry_lock_acquire(&lock), ==, 0);
    settle();
    ferry_task_cancel(task);
    CHECK_ENDS(task, -EPERM); /* and the lock is still ours */
    CHECK_INT(ferry_lock_release(&lock), ==, 0);
    CHECK_INT(ferry_lock_release(&lock), ==, -EPERM);
    abort();
}

TEST(debug_mode_says_whose_acquire_nobody_looked_at)
{
    CHECK_PANIC(ferry_run_with((&(ferry_run_options){.debug = true}), release_after_a_failure),
                "a task releases a lock that it doesn't hold \\(0x[0-9a-f]+\\): its acquire at "
                ".*locks.c:[0-9]+ failed, and nobody looked at what it returned: "
                "\"nobody_looked\", made at "
                ".*\n.* releases a lock that it doesn't hold \\(0x[0-9a-f]+\\): "
                "\"release_after_a_failure\", made at ");
}

TEST_MAIN
