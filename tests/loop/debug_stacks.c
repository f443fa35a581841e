/* SPDX-License-Identifier: MIT */
/* Debug mode: how deep the tasks of a function went on their stacks. */
#include "reports.h"

#include "base/fault.h"
#include "core/stack.h"

#define KIB ((size_t)1024)
#define SLACK (12 * KIB) /* for frames of ferry, the test and the C library */

/* What is said of the function's tasks: bytes and how many; 0 when nothing is. */
static size_t deepest(const char *function, size_t *ret_tasks)
{
    size_t used = 0, room, tasks = 0;
    char text[sizeof reports], *rest = text, name[64];
    memcpy(text, reports, sizeof text);
    for (char *row; (row = strtok_r(rest, "\n", &rest));)
        if (sscanf(row, "deepest stack use %zu of %zu bytes, in %zu tasks: \"%63[^\"]\"", &used,
                   &room, &tasks, name) == 4 ||
            sscanf(row, "deepest stack use %zu of %zu bytes, in %zu task: \"%63[^\"]\"", &used,
                   &room, &tasks, name) == 4)
            if (strcmp(name, function) == 0) {
                *ret_tasks = tasks;
                return used;
            }
    return *ret_tasks = 0;
}

#define CHECK_DEEPEST(function, at_least, count)        \
    do {                                                \
        size_t tasks, used = deepest(function, &tasks); \
        CHECK_INT(used, >=, at_least);                  \
        CHECK_INT(used, <, (at_least)*17 / 16 + SLACK); \
        CHECK_INT(tasks, ==, count);                    \
    } while (0)

static void need_known(void)
{
    if (!ferry__stack_use_known())
        CHECK_SKIP("the use of stacks isn't known here");
}

/* Writes to so many KiB of its stack. Each frame is known to the next, so none can be merged. */
__attribute__((noinline)) static int use(int kib, const volatile char *above)
{
    volatile char frame[1024];
    for (size_t i = 0; i < sizeof frame; i++)
        frame[i] = 0x5a;
    return (kib > 1 ? use(kib - 1, frame) : 0) + (above && above[7] != frame[8]);
}

static int deep(int kib)
{
    use(kib, NULL);
    ferry_sleep(0.001);
    return 0;
}

static int shallow(void)
{
    return 0;
}

static int many_depths(void)
{
    ferry_task *tasks[4];
    for (int i = 0; i < 4; i++)
        tasks[i] = ferry_create_task(deep, i == 2 ? 64 : 4);
    CHECK_INT(ferry_gather(tasks, 4, (int *)NULL), ==, 0);
    for (int i = 0; i < 8; i++) /* on the stacks that the deep ones have left */
        CHECK_INT(ferry_await(int, ferry_create_task(shallow)), ==, 0);
    return 0;
}

TEST(the_deepest_of_each_function)
{
    need_known();
    CHECK_INT(debugged(many_depths), ==, 0);
    CHECK_DEEPEST("deep", 64 * KIB, 4);
    CHECK_DEEPEST("shallow", 1 * KIB, 8);
    CHECK_DEEPEST("run_body", 1 * KIB, 1);
    CHECK_REPORTS("^deepest stack use [0-9]+ of [0-9]+ bytes, in 4 tasks: \"deep\" deep, made at "
                  ".*debug_stacks\\.c:[0-9]+, no task$",
                  ==, 1);
    CHECK_REPORTS("of [0-9]{7,8} bytes, in 1 task: \"run_body\"", ==, 1);
    CHECK(strstr(reports, "\"deep\"") < strstr(reports, "\"shallow\""));
}

static int deep_main(void)
{
    use(3000, NULL);
    return 0;
}

TEST(the_main_task)
{
    need_known();
    CHECK_INT(debugged(deep_main), ==, 0);
    CHECK_DEEPEST("run_body", 3000 * KIB, 1);
}

static int late(void)
{
    ferry_task *before = ferry_create_task(shallow);
    CHECK_INT(ferry_await(int, ferry_create_task(deep, 64)), ==, 0);
    CHECK_INT(ferry_loop_set_debug(true), ==, 0);
    CHECK_INT(ferry_loop_set_slow_callback_duration(INFINITY), ==, 0);
    CHECK_INT(ferry_await(int, before), ==, 0);
    CHECK_INT(ferry_await(int, ferry_create_task(shallow)), ==, 0); /* on a stack that was used */
    CHECK_INT(ferry_await(int, ferry_create_task(shallow)), ==, 0); /* on one that was wiped */
    return 0;
}

TEST(stacks_that_were_used_before_it_was_switched_on)
{
    need_known();
    CHECK_INT(undebugged(late), ==, 0);
    size_t tasks, used = deepest("shallow", &tasks);
    CHECK_INT(tasks, >, 0);
    CHECK_INT(used, <, SLACK);
    CHECK_INT(deepest("deep", &tasks), ==, 0);
}

static int off_in_time(void)
{
    CHECK_INT(many_depths(), ==, 0);
    return ferry_loop_set_debug(false);
}

TEST(nothing_of_stacks_when_it_is_off)
{
    CHECK_INT(undebugged(many_depths), ==, 0);
    CHECK_INT(debugged(off_in_time), ==, 0);
    CHECK_REPORTS("stack use", ==, 0);
}

static int starving(void)
{
    ferry_task *task = ferry_create_task(shallow);
    ferry__fault_arm(FERRY__FAULT_ALLOC, 0, 1); /* the first row */
    CHECK_INT(ferry_await(int, task), ==, 0);
    ferry__fault_clear();
    return ferry_await(int, ferry_create_task(shallow));
}

TEST(without_memory_for_a_row)
{
    need_known();
    CHECK_INT(debugged(starving), ==, 0);
    CHECK_DEEPEST("shallow", 1 * KIB, 1);
    CHECK_REPORTS("^the stack use of 1 tasks isn't known: there was no memory", ==, 1);
}

TEST_MAIN
