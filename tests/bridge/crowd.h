/* SPDX-License-Identifier: MIT */
/* Everybody at once: plain threads, tasks of several loops and calls on workers do the same work,
 * with tiny time limits and cancels in the mix. */
#ifndef TESTS_CROWD_H
#define TESTS_CROWD_H

#include "bridge.h"

#include <math.h>
#include <pthread.h>

enum { CROWD_THREADS = 3, CROWD_LOOPS = 2, CROWD_TASKS = 8 };
enum { CROWD = CROWD_THREADS + CROWD_LOOPS * (CROWD_TASKS + CROWD_TASKS / 4) };

/* One of them. `work` is called until it has been done `rounds` times by each. */
struct member {
    void (*work)(struct member *);
    unsigned seed;
    int number; /* 0..CROWD - 1 */
    int rounds;
    bool on_loop;
};

CHECK__HELPER unsigned draw(struct member *member, unsigned below)
{
    member->seed = member->seed * 1664525u + 1013904223u;
    return (member->seed >> 8) % below;
}

/* Half the time no limit, else up to 100 microseconds. */
CHECK__HELPER double draw_limit(struct member *member)
{
    return draw(member, 2) ? INFINITY : draw(member, 100) * 1e-6;
}

/* A wait was given nothing; a cancel is answered. */
CHECK__HELPER void expect_interruption(int said)
{
    CHECK(said == -ETIMEDOUT || said == -ECANCELED);
    CHECK_INT(errno, ==, -said);
    if (ferry_current_task())
        while (ferry_task_uncancel(ferry_current_task()) > 0)
            continue;
}

/* They begin together. */
CHECK__HELPER ferry_threadsafe_event all_there;
CHECK__HELPER atomic_int there;

CHECK__HELPER int be_member(struct member *member)
{
    if (atomic_fetch_add(&there, 1) + 1 == CROWD)
        ferry_threadsafe_event_set(&all_there);
    for (int said; (said = ferry_threadsafe_event_wait(&all_there)) < 0;)
        expect_interruption(said);
    for (int i = 0; i < member->rounds; i++)
        member->work(member);
    return 0;
}

CHECK__HELPER int be_member_on_worker(struct member *member)
{
    member->on_loop = false;
    while (ferry_to_thread(be_member, member) < 0) /* cancelled before it began */
        expect_interruption(-errno);
    return 0;
}

CHECK__HELPER int crowded_loop(struct member *members)
{
    ferry_task *tasks[CROWD_TASKS + CROWD_TASKS / 4];
    for (int i = 0; i < CROWD_TASKS; i++)
        tasks[i] = ferry_create_task(be_member, &members[i]);
    for (int i = CROWD_TASKS; i < CROWD_TASKS + CROWD_TASKS / 4; i++)
        tasks[i] = ferry_create_task(be_member_on_worker, &members[i]);
    struct member dice = members[0];
    for (bool some = true; some;) {
        ferry_sleep(draw(&dice, 3) * 1e-5);
        some = false;
        for (int i = 0; i < CROWD_TASKS; i++)
            some |= !ferry_task_done(tasks[i]);
        ferry_task *task = tasks[draw(&dice, CROWD_TASKS)];
        if (!ferry_task_done(task))
            ferry_task_cancel(task);
    }
    for (int i = 0; i < CROWD_TASKS + CROWD_TASKS / 4; i++)
        CHECK_INT(ferry_await(int, tasks[i]), ==, 0);
    return 0;
}

CHECK__HELPER void *crowded_loop_thread(void *members)
{
    CHECK_INT(ferry_run(crowded_loop, (struct member *)members), ==, 0);
    return NULL;
}

CHECK__HELPER void *crowd_thread(void *member)
{
    be_member(member);
    return NULL;
}

/* Returns when all have done their rounds. */
CHECK__HELPER void crowd(void (*work)(struct member *), int rounds)
{
    static struct member members[CROWD];
    pthread_t threads[CROWD_THREADS + CROWD_LOOPS];
    for (int i = 0; i < CROWD; i++)
        members[i] =
            (struct member){work, 1234u + (unsigned)i * 977u, i, rounds, i >= CROWD_THREADS};
    for (int i = 0; i < CROWD_THREADS + CROWD_LOOPS; i++) {
        bool loop = i >= CROWD_THREADS;
        int first =
            loop ? CROWD_THREADS + (i - CROWD_THREADS) * (CROWD_TASKS + CROWD_TASKS / 4) : i;
        CHECK_INT(pthread_create(&threads[i], NULL, loop ? crowded_loop_thread : crowd_thread,
                                 &members[first]),
                  ==, 0);
    }
    for (int i = 0; i < CROWD_THREADS + CROWD_LOOPS; i++)
        CHECK_INT(pthread_join(threads[i], NULL), ==, 0);
}

/*
 * The race that loses things, made to happen: a task waits, another thread gives it what it waits
 * for, and the task is cancelled before its loop has delivered that.
 *
 *     GIVEN_THEN_CANCELLED      both before the loop's next turn
 *     CANCELLED_THEN_GIVEN      the same
 *     GIVEN_BEFORE_IT_RUNS      cancelled; then given in the round in which it runs: it finds that
 *                               it was interrupted, and the mail lies in the mailbox
 */
enum race { GIVEN_THEN_CANCELLED, CANCELLED_THEN_GIVEN, GIVEN_BEFORE_IT_RUNS, RACES };

CHECK__HELPER void *on_a_thread(void *function)
{
    ((void (*)(void))(uintptr_t)function)();
    return NULL;
}

CHECK__HELPER void run_on_a_thread(void (*function)(void))
{
    pthread_t thread;
    CHECK_INT(pthread_create(&thread, NULL, on_a_thread, (void *)(uintptr_t)function), ==, 0);
    CHECK_INT(pthread_join(thread, NULL), ==, 0);
}

CHECK__HELPER void give_and_cancel(ferry_task *waiting, void (*give)(void), enum race race)
{
    ferry_sleep(0.001); /* it waits */
    CHECK(!ferry_task_done(waiting));
    ferry_task *giver = NULL;
    if (race == GIVEN_BEFORE_IT_RUNS)
        giver = ferry_create_task(run_on_a_thread, give);
    if (race != GIVEN_THEN_CANCELLED)
        ferry_task_cancel(waiting);
    if (giver)
        ferry_await(void, giver);
    else
        run_on_a_thread(give);
    if (race == GIVEN_THEN_CANCELLED)
        ferry_task_cancel(waiting);
}

#endif
