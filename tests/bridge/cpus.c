/* SPDX-License-Identifier: MIT */
/* Which CPUs workers run on: those of the process, or of their executor, not those of the loop. */
#include "bridge.h"

#include <sched.h>

/* Those of the thread that asks. */
static int get_cpus(cpu_set_t *ret)
{
    return sched_getaffinity(0, sizeof *ret, ret);
}

/* The n-th of them, counted from 0. */
static int nth(const cpu_set_t *set, int n)
{
    int cpu = 0;
    while (!CPU_ISSET(cpu, set) || n-- > 0)
        cpu++;
    return cpu;
}

/* Before anything is pinned; a skip where there is nothing to tell apart. */
static cpu_set_t of_process(void)
{
    cpu_set_t all;
    CHECK_INT(get_cpus(&all), ==, 0);
    if (CPU_COUNT(&all) < 2)
        CHECK_SKIP("one CPU");
    return all;
}

static void pin_to(int cpu)
{
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(cpu, &one);
    CHECK_INT(sched_setaffinity(0, sizeof one, &one), ==, 0);
}

IN_TASK(workers_are_not_pinned_with_the_thread_of_their_loop)
{
    cpu_set_t all = of_process(), seen;
    pin_to(nth(&all, 0));
    CHECK_INT(ferry_to_thread(get_cpus, &seen), ==, 0);
    CHECK(CPU_EQUAL(&seen, &all));
    FERRY_WITH_EXECUTOR(lane, .lane = true) { /* threads of its own too */
        CPU_ZERO(&seen);
        CHECK_INT(ferry_run_in_executor(lane, get_cpus, &seen), ==, 0);
        CHECK(CPU_EQUAL(&seen, &all));
    } else {
        CHECK(false);
    }
    CHECK_INT(get_cpus(&seen), ==, 0);
    CHECK_INT(CPU_COUNT(&seen), ==, 1); /* and the loop stays where it was put */
    return 0;
}

static int begin_holding(ferry_future **futures, int count)
{
    atomic_store(&let_go, 0);
    for (int i = 0; i < count; i++)
        futures[i] = ferry_executor_submit(NULL, hold);
    return 0;
}

IN_TASK(the_default_limit_counts_the_cpus_of_the_process)
{
    cpu_set_t all = of_process();
    pin_to(nth(&all, 1));
    int expected = CPU_COUNT(&all) + 4 < 32 ? CPU_COUNT(&all) + 4 : 32;
    ferry_future *futures[33];
    begin_holding(futures, expected + 1);
    while (atomic_load(&holding) < expected)
        ferry_sleep(0.001);
    CHECK_INT(ferry_executor_running(NULL, NULL, 0), ==, expected);
    CHECK_INT(ferry_executor_queued(NULL), ==, 1);
    for (int i = 0; i <= expected; i++)
        let_worker_go(futures[i]);
    return 0;
}

IN_TASK(an_executor_with_cpus_runs_on_these)
{
    cpu_set_t all = of_process(), seen;
    char list[32];
    for (int i = 0; i < 2; i++) {
        int cpu = nth(&all, i);
        snprintf(list, sizeof list, "%d", cpu);
        FERRY_WITH_EXECUTOR(few, .max_workers = 2, .cpus = list) {
            CHECK_INT(ferry_run_in_executor(few, get_cpus, &seen), ==, 0);
            CHECK_INT(CPU_COUNT(&seen), ==, 1);
            CHECK(CPU_ISSET(cpu, &seen));
            CHECK_INT(ferry_run_in_executor(few, sched_getcpu), ==, cpu);
        } else {
            CHECK(false);
        }
    }
    snprintf(list, sizeof list, "%d,%d-%d", nth(&all, 0), nth(&all, 1),
             CPU_SETSIZE - 1); /* not there: ignored */
    FERRY_WITH_EXECUTOR(rest, .cpus = list) {
        CHECK_INT(ferry_run_in_executor(rest, get_cpus, &seen), ==, 0);
        CHECK(CPU_EQUAL(&seen, &all));
    } else {
        CHECK(false);
    }
    return 0;
}

IN_TASK(an_executor_whose_cpus_cannot_be_had_is_broken)
{
    cpu_set_t all;
    CHECK_INT(get_cpus(&all), ==, 0);
    if (CPU_ISSET(CPU_SETSIZE - 1, &all))
        CHECK_SKIP("all CPUs are there");
    char last[8];
    snprintf(last, sizeof last, "%d", CPU_SETSIZE - 1);
    FERRY_WITH_EXECUTOR(nowhere, .cpus = last) {
        ferry_outcome outcome;
        errno = 0;
        int said =
            ferry_call_with(FERRY_OPTIONS(.executor = nowhere, .outcome = &outcome), plus_one, 1);
        CHECK_INT(said, ==, -1);
        CHECK_INT(errno, ==, ENOTRECOVERABLE);
        CHECK_INT(outcome.state, ==, FERRY_CALL_NEVER_STARTED);
        CHECK_INT(ferry_run_in_executor(nowhere, plus_one, 1), ==, -1);
        CHECK_INT(errno, ==, ENOTRECOVERABLE);
    } else {
        CHECK(false);
    }
    return 0;
}

TEST(what_is_no_list_of_cpus_is_refused)
{
    static const char *const wrong[] = {
        "",     ",",   "0,", "-",    "0-", "3-1", "1024", "0-1024",
        "a",    "0 1", " 0", "0,,1", "-1", "+1",  "0x1",  "99999999999999999999999",
        "0-1-2"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        errno = 0;
        ferry_executor *executor = ferry_executor_new(&(ferry_executor_options){.cpus = wrong[i]});
        if (executor)
            printf("\"%s\" was taken\n", wrong[i]);
        CHECK_PTR(executor, ==, NULL);
        CHECK_INT(errno, ==, EINVAL);
    }
}

TEST_MAIN
