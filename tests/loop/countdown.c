/* SPDX-License-Identifier: MIT */
/* The countdown, as a map uses it: things go out while others come back, and the owner waits for
 * one number and then for another. */
#include "check.h"

#include "loop/countdown.h"

#include <pthread.h>
#include <sched.h>

enum { THREADS = 3, LOW = 1, MORE = 1, ROUNDS = 20000 };

static struct ferry__countdown out;
static atomic_int handed; /* how many the owner has handed over and nobody has taken */
static atomic_bool over;

static void *bring_back(void *unused)
{
    while (!ferry__load(&over, relaxed)) {
        int seen = ferry__load(&handed, acquire);
        if (seen == 0)
            sched_yield();
        else if (ferry__cas(&handed, &seen, seen - 1, acquire))
            ferry__countdown_back(&out);
    }
    return unused;
}

static void hand_over(int number)
{
    ferry__countdown_out(&out, (unsigned)number);
    ferry__add(&handed, number, release);
}

/* Stops a thread wherever it is, for long enough that the others go on without it. */
static void stumble(int number)
{
    int before = errno;
    struct timespec nap = {0, 200000};
    (void)number;
    nanosleep(&nap, NULL);
    errno = before;
}

static void *trip_up(void *threads)
{
    struct timespec nap = {0, 20000};
    for (unsigned i = 0; !ferry__load(&over, relaxed); i++) {
        pthread_kill(((pthread_t *)threads)[i % THREADS], SIGUSR1);
        nanosleep(&nap, NULL);
    }
    return NULL;
}

/* What came back under one `low` must not end the wait for another. */
TEST(who_waits_for_fewer_is_not_woken_early)
{
    pthread_t threads[THREADS], tripper;
    signal(SIGUSR1, stumble);
    for (int i = 0; i < THREADS; i++)
        CHECK_INT(pthread_create(&threads[i], NULL, bring_back, NULL), ==, 0);
    CHECK_INT(pthread_create(&tripper, NULL, trip_up, threads), ==, 0);
    for (int round = 0; round < ROUNDS; round++) {
        hand_over(LOW + MORE);
        CHECK_INT(ferry__countdown_wait(&out, LOW, "some"), ==, 0);
        CHECK_INT(ferry__countdown_left(&out), <=, LOW);
        hand_over(MORE);
        CHECK_INT(ferry__countdown_wait(&out, 0, "all"), ==, 0);
        CHECK_INT(ferry__countdown_left(&out), ==, 0);
    }
    ferry__store(&over, true, relaxed);
    CHECK_INT(pthread_join(tripper, NULL), ==, 0);
    for (int i = 0; i < THREADS; i++)
        CHECK_INT(pthread_join(threads[i], NULL), ==, 0);
}

TEST_MAIN
