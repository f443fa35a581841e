/* SPDX-License-Identifier: MIT */
/* What the tests of the bridge share: tests that are tasks, small calls, a worker that is held. */
#ifndef TESTS_BRIDGE_H
#define TESTS_BRIDGE_H

#include <ferry/ferry.h>

#include "check.h"

#include <stdatomic.h>
#include <sys/syscall.h>

/* The body of the test is a main task. */
#define IN_TASK(name)                             \
    static int name##_task(void);                 \
    TEST(name)                                    \
    {                                             \
        CHECK_INT(ferry_run(name##_task), ==, 0); \
    }                                             \
    static int name##_task(void)

CHECK__HELPER int plus_one(int x)
{
    return x + 1;
}

CHECK__HELPER long thread_id(void)
{
    return syscall(SYS_gettid);
}

CHECK__HELPER int fail_with(int error)
{
    errno = error;
    return -1;
}

CHECK__HELPER int nap_ms(int ms)
{
    usleep((useconds_t)ms * 1000);
    return ms;
}

/* Computes for so long. */
CHECK__HELPER int spin_for(long ns)
{
    struct timespec start, now;
    clock_gettime(CLOCK_MONOTONIC, &start);
    do
        clock_gettime(CLOCK_MONOTONIC, &now);
    while ((now.tv_sec - start.tv_sec) * 1000000000L + now.tv_nsec - start.tv_nsec < ns);
    return 0;
}

/* A call that holds its worker until told; how many of them have begun. */
CHECK__HELPER atomic_int holding, let_go;

CHECK__HELPER int hold(void)
{
    atomic_fetch_add(&holding, 1);
    while (!atomic_load(&let_go))
        usleep(200);
    return 50;
}

/* One that has begun. */
CHECK__HELPER ferry_future *hold_worker(ferry_executor *executor)
{
    atomic_store(&let_go, 0);
    int before = atomic_load(&holding);
    ferry_future *future = ferry_executor_submit(executor, hold);
    while (atomic_load(&holding) == before)
        usleep(200);
    return future;
}

CHECK__HELPER void let_worker_go(ferry_future *future)
{
    atomic_store(&let_go, 1);
    CHECK_INT(ferry_future_result(int, future), ==, 50);
    ferry_future_free(future);
}

#endif
