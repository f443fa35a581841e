/* SPDX-License-Identifier: MIT */
/* Many tasks at once: a million where the kernel has guard markers, and what each of them costs. */
#include "check.h"

#include "core/guard.h"

#include <ferry/future.h>
#include <ferry/gather.h>
#include <ferry/run.h>

#define WAITING_MOST 4.3 /* KiB of memory that a waiting task may cost */

/* Counted page by page: VmRSS of status is summed up from rough counts of each processor. */
static size_t resident_kib(void)
{
    char row[256];
    size_t kib = 0;
    FILE *rollup = fopen("/proc/self/smaps_rollup", "r");
    while (rollup && fgets(row, sizeof row, rollup))
        if (sscanf(row, "Rss: %zu", &kib) == 1)
            break;
    if (rollup)
        fclose(rollup);
    return kib;
}

static size_t free_kib(void)
{
    char row[256];
    size_t kib = 0;
    FILE *info = fopen("/proc/meminfo", "r");
    while (info && fgets(row, sizeof row, info))
        if (sscanf(row, "MemAvailable: %zu", &kib) == 1)
            break;
    if (info)
        fclose(info);
    return kib;
}

static int wait_for(ferry_future *gate, int number)
{
    return ferry_future_await(gate, NULL) == 0 ? number : -1;
}

static int all_at_once(int count)
{
    ferry_task **tasks = calloc((size_t)count, sizeof *tasks);
    int *results = calloc((size_t)count, sizeof *results);
    ferry_future *gate = ferry_future_new();
    memset(tasks, 0, (size_t)count * sizeof *tasks);
    size_t before = resident_kib();
    for (int i = 0; i < count; i++)
        CHECK((tasks[i] = ferry_create_task(wait_for, gate, i)) != NULL);
    CHECK_INT(ferry_sleep(0), ==, 0); /* all have begun and wait */
    CHECK_INT(ferry_all_tasks(NULL, 0), ==, count + 1);
    double each = (double)(resident_kib() - before) / count;
    if (!CHECK_UNDER_ASAN && !CHECK_UNDER_TSAN)
        CHECK_DOUBLE(each, <=, WAITING_MOST);
    printf("%d tasks, %.2f KiB each\n", count, each);
    CHECK_INT(ferry_future_set_result(gate, gate), ==, 0);
    CHECK_INT(ferry_gather(tasks, (size_t)count, results), ==, 0);
    for (int i = 0; i < count; i++)
        CHECK_INT(results[i], ==, i);
    ferry_future_free(gate);
    free(results);
    free(tasks);
    return 0;
}

TEST_WITHIN(a_million_tasks, 300)
{
    if (CHECK_UNDER_ASAN || CHECK_UNDER_TSAN)
        CHECK_SKIP("a sanitizer's stacks are too large for that");
    if (ferry__guard_kind() != FERRY__GUARD_MARKER)
        CHECK_SKIP("this kernel has no guard markers");
    if (free_kib() < 6u * 1024 * 1024)
        CHECK_SKIP("needs 6 GiB of free memory");
    CHECK_INT(ferry_run(all_at_once, 1000000), ==, 0);
}

TEST(twenty_thousand_tasks_with_mprotect)
{
    if (CHECK_UNDER_ASAN || CHECK_UNDER_TSAN)
        CHECK_SKIP("a sanitizer's stacks are too large for that");
    if (check_emulated())
        CHECK_SKIP("what an emulator uses is counted too");
    ferry__guard_force(FERRY__GUARD_PROTECT);
    CHECK_INT(ferry_run(all_at_once, 20000), ==, 0);
}

/* Where mappings run out, creating fails with an error, and all that were created are well. */
static int until_refused(int most)
{
    ferry_task **tasks = calloc((size_t)most, sizeof *tasks);
    ferry_future *gate = ferry_future_new();
    size_t count = 0;
    while (count < (size_t)most && (tasks[count] = ferry_create_task(wait_for, gate, 1)))
        count++;
    CHECK_INT(count, <, most);
    CHECK_INT(errno, ==, ENOMEM);
    CHECK_INT(count, >, 1000);
    printf("refused after %zu tasks\n", count);
    CHECK_INT(ferry_future_set_result(gate, gate), ==, 0);
    CHECK_INT(ferry_gather(tasks, count, NULL), ==, 0);
    CHECK_INT(ferry_await(int, ferry_create_task(wait_for, gate, 1)), ==, 1); /* a recycled stack */
    ferry_future_free(gate);
    free(tasks);
    return 0;
}

TEST(mappings_run_out)
{
    if (CHECK_UNDER_ASAN || CHECK_UNDER_TSAN)
        CHECK_SKIP("a sanitizer's stacks are too large for that");
    FILE *limit = fopen("/proc/sys/vm/max_map_count", "r");
    int most = 0;
    if (!limit || fscanf(limit, "%d", &most) != 1 || most > 100000)
        CHECK_SKIP("there are too many mappings to run out of");
    fclose(limit);
    ferry__guard_force(FERRY__GUARD_PROTECT);
    CHECK_INT(ferry_run(until_refused, most), ==, 0);
}

TEST_MAIN
