/* SPDX-License-Identifier: MIT */
/* The lock in a word, where whoever holds it can't run. */
#include "check.h"

#include "base/word_lock.h"

#include <pthread.h>
#include <sched.h>

static atomic_uintptr_t word;
static atomic_bool held, contended;
static volatile unsigned long work;

static void *hold(void *unused)
{
    uintptr_t value = ferry__word_lock(&word);
    ferry__store(&held, true, release);
    while (!ferry__load(&contended, acquire))
        sched_yield();
    while (work < 3000000)
        work = work + 1;
    ferry__word_unlock(&word, value);
    return unused;
}

/* One core, and a real-time thread at it: the kernel ends the program when it computes for longer
 * than the limit without once making way. */
TEST(a_real_time_thread_lets_an_ordinary_holder_go_on)
{
    cpu_set_t core;
    CPU_ZERO(&core);
    CPU_SET((size_t)sched_getcpu(), &core);
    CHECK_INT(sched_setaffinity(0, sizeof core, &core), ==, 0);
    pthread_t holder;
    CHECK_INT(pthread_create(&holder, NULL, hold, NULL), ==, 0);
    while (!ferry__load(&held, acquire))
        sched_yield();
    struct rlimit limit = {.rlim_cur = 300000, .rlim_max = RLIM_INFINITY};
    CHECK_INT(setrlimit(RLIMIT_RTTIME, &limit), ==, 0);
    struct sched_param priority = {.sched_priority = 1};
    if (sched_setscheduler(0, SCHED_FIFO, &priority) != 0)
        puts("# not allowed to be a real-time thread here: the lock is tried without");
    ferry__store(&contended, true, release);
    ferry__word_unlock(&word, ferry__word_lock(&word));
    CHECK_INT(pthread_join(holder, NULL), ==, 0);
    CHECK_INT(work, ==, 3000000);
}

TEST_MAIN
