/* SPDX-License-Identifier: MIT */
/* Stacks: guards that fault, recycling, pages given back, and the report of an overflow. */
#include "check.h"

#include "core/guard.h"
#include "base/clock.h"
#include "core/stack.h"
#include "core/valgrind.h"

#include <fcntl.h>
#include <ferry/gather.h>
#include <ferry/run.h>
#include <ferry/task.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#define FRAME (48 * 1024)

static volatile char sink;

/* One frame of 48 KiB per call, touched only at its far end, as a buffer is that is filled from its
 * start. */
__attribute__((noinline)) static int deep(int depth)
{
    static volatile size_t far_end; /* 0, but clang keeps no more of a frame than it sees used */
    volatile char frame[FRAME];
    frame[far_end] = (char)depth;
    int below = depth > 0 ? deep(depth - 1) : 0;
    sink = frame[far_end];
    return below + 1;
}

static int deep_enough(void)
{
    return ferry_await(int, ferry_create_task(deep, 2)); /* 144 KiB of 192 */
}

static int deeper(void)
{
    return ferry_await(int, ferry_create_task(deep, 12)) + deep(100); /* 600 KiB; 4.7 MiB */
}

TEST(stack_sizes_are_the_users)
{
    ferry_run_options options = {.stack_size = 1024 * 1024};
    CHECK_INT(ferry_run_with(&options, deeper), ==, 13 + 101);
}

static int too_deep(int neighbours)
{
    ferry_task *task = ferry_create_task(deep, 1000);
    ferry_task_set_name(task, "digger");
    for (int i = 0; i < neighbours; i++)
        ferry_create_task(deep, 0);
    return ferry_await(int, task);
}

/* The report of a child that must die of SIGSEGV. */
static void overflow(enum ferry__guard_kind kind, char *report, size_t room)
{
    int ends[2];
    CHECK_INT(pipe(ends), ==, 0);
    pid_t pid = fork();
    if (pid == 0) {
        struct rlimit no_core = {0, 0};
        setrlimit(RLIMIT_CORE, &no_core);
        ferry__guard_force(kind);
        dup2(ends[1], STDERR_FILENO);
        close(ends[0]);
        _exit(ferry_run(too_deep, 3));
    }
    close(ends[1]);
    check__read_all(ends[0], report, room);
    close(ends[0]);
    int status = 0;
    CHECK_INT(waitpid(pid, &status, 0), ==, pid);
    if (!CHECK_UNDER_ASAN && !CHECK_UNDER_TSAN) {
        CHECK(WIFSIGNALED(status));
        CHECK_INT(WTERMSIG(status), ==, SIGSEGV);
    }
    CHECK(!WIFEXITED(status) || WEXITSTATUS(status) != 0);
}

TEST(stack_of_a_task_holds_what_it_should)
{
    CHECK_INT(ferry_run(deep_enough), ==, 3);
}

TEST(overflow_of_a_stack_with_a_marker)
{
    static char report[65536];
    if (ferry__guard_kind() != FERRY__GUARD_MARKER)
        CHECK_SKIP("this kernel has no guard markers");
    overflow(FERRY__GUARD_MARKER, report, sizeof report);
    CHECK_MATCH(report, "ferry: stack overflow in task \"digger\", made at .*stacks.c:[0-9]+");
}

TEST(overflow_of_a_stack_with_mprotect)
{
    static char report[65536];
    overflow(FERRY__GUARD_PROTECT, report, sizeof report);
    CHECK_MATCH(report, "ferry: stack overflow in task \"digger\", made at .*stacks.c:[0-9]+");
}

static void own_handler(int number)
{
    (void)number;
    static const char text[] = "the program's own handler\n";
    sink = (char)write(STDERR_FILENO, text, sizeof text - 1);
    _exit(33);
}

TEST(the_programs_own_handler_comes_after_the_report)
{
    static char report[4096];
    int ends[2], status = 0;
    if (CHECK_UNDER_ASAN || CHECK_UNDER_TSAN)
        CHECK_SKIP("the sanitizer has SIGSEGV");
    CHECK_INT(pipe(ends), ==, 0);
    pid_t pid = fork();
    if (pid == 0) {
        dup2(ends[1], STDERR_FILENO);
        close(ends[0]);
        struct sigaction action = {.sa_handler = own_handler, .sa_flags = SA_ONSTACK};
        sigaction(SIGSEGV, &action, NULL);
        _exit(ferry_run(too_deep, 0));
    }
    close(ends[1]);
    check__read_all(ends[0], report, sizeof report);
    CHECK_INT(waitpid(pid, &status, 0), ==, pid);
    CHECK(WIFEXITED(status));
    CHECK_INT(WEXITSTATUS(status), ==, 33);
    CHECK_MATCH(report, "stack overflow in task \"digger\"");
    CHECK_MATCH(report, "the program's own handler");
}

TEST(the_handler_is_taken_back)
{
    struct sigaction before, after;
    sigaction(SIGSEGV, NULL, &before);
    CHECK_INT(ferry_run(deep_enough), ==, 3);
    sigaction(SIGSEGV, NULL, &after);
    CHECK(before.sa_handler == after.sa_handler);
    stack_t alternate;
    sigaltstack(NULL, &alternate);
    if (!CHECK_UNDER_ASAN && !CHECK_UNDER_TSAN && !ferry__on_valgrind())
        CHECK(alternate.ss_flags & SS_DISABLE);
}

/* Whether reading there would fault, asked in another way than guard.c does (which emulators pass).
 */
static bool faults(const char *page)
{
    static int ends[2];
    if (ends[1] == 0)
        CHECK_INT(pipe2(ends, O_NONBLOCK), ==, 0);
    char byte;
    if (write(ends[1], page, 1) == 1)
        return read(ends[0], &byte, 1) != 1;
    CHECK_INT(errno, ==, EFAULT);
    return true;
}

static void check_guards(enum ferry__guard_kind kind)
{
    struct ferry__stacks stacks;
    ferry__guard_force(kind);
    ferry__stacks_init(&stacks, 0);
    struct ferry__stack *all[100];
    for (int i = 0; i < 100; i++) {
        all[i] = ferry__stack_get(&stacks);
        CHECK(all[i] != NULL);
        CHECK(faults(all[i]->low));
        CHECK(faults(all[i]->low + FERRY__GUARD_BYTES - 4096));
        CHECK(!faults(all[i]->low + FERRY__GUARD_BYTES));
        CHECK(!faults(ferry__stack_top(&stacks, all[i]) - 4096));
        *(ferry__stack_top(&stacks, all[i]) - 1) = 1;
    }
    ferry__stacks_deinit(&stacks);
}

TEST(guards_of_both_kinds)
{
    check_guards(FERRY__GUARD_PROTECT);
    ferry__guard_force(FERRY__GUARD_UNKNOWN);
    check_guards(ferry__guard_kind());
}

TEST(locked_memory_takes_mprotect)
{
    if (ferry__guard_kind() != FERRY__GUARD_MARKER)
        CHECK_SKIP("this kernel has no guard markers");
    if (mlockall(MCL_FUTURE | MCL_ONFAULT) != 0)
        CHECK_SKIP("mlockall: %s", strerror(errno));
    check_guards(FERRY__GUARD_MARKER);
}

static size_t resident(const struct ferry__stacks *stacks, const struct ferry__stack *stack)
{
    static unsigned char pages[1024];
    size_t size = stacks->size - FERRY__GUARD_BYTES, count = 0;
    CHECK_INT(mincore(stack->low + FERRY__GUARD_BYTES, size, pages), ==, 0);
    for (size_t i = 0; i < size / 4096; i++)
        count += pages[i] & 1;
    return count;
}

TEST(stacks_are_recycled_last_freed_first)
{
    struct ferry__stacks stacks;
    ferry__stacks_init(&stacks, 0);
    struct ferry__stack *a = ferry__stack_get(&stacks), *b = ferry__stack_get(&stacks);
    CHECK_PTR(a, !=, b);
    ferry__stack_put(&stacks, a);
    ferry__stack_put(&stacks, b);
    CHECK_PTR(ferry__stack_get(&stacks), ==, b);
    CHECK_PTR(ferry__stack_get(&stacks), ==, a);
    ferry__stacks_deinit(&stacks);
}

/* Resident pages of all stacks that were ever cut; their guards hold. */
static size_t all_resident(struct ferry__stacks *stacks, struct ferry__stack **all, int count)
{
    size_t pages = 0;
    for (int i = 0; i < count; i++) {
        pages += resident(stacks, all[i]);
        CHECK(faults(all[i]->low));
    }
    return pages;
}

TEST(pages_that_nobody_needs_for_a_period_go_back_down_to_the_mark)
{
    enum { COUNT = FERRY__STACKS_WARM * 2 };
    static struct ferry__stack *all[COUNT], *taken[COUNT];
    struct ferry__stacks stacks;
    ferry__stacks_init(&stacks, 0);
    for (int i = 0; i < COUNT; i++) {
        all[i] = ferry__stack_get(&stacks);
        char *top = ferry__stack_top(&stacks, all[i]);
        for (int page = 1; page <= 4; page++)
            top[-4096 * page] = 1;
        CHECK_INT(resident(&stacks, all[i]), ==, 4);
    }
    for (int i = 0; i < COUNT; i++)
        ferry__stack_put(&stacks, all[i]);
    uint64_t now = 1;
    CHECK_INT(ferry__stacks_trim(&stacks, now), ==, now + FERRY__STACKS_PERIOD_NS);
    /* In this period all but 100 are needed at some moment, */
    for (int i = 0; i < COUNT - 100; i++)
        taken[i] = ferry__stack_get(&stacks);
    for (int i = COUNT - 100 - 1; i >= 0; i--)
        ferry__stack_put(&stacks, taken[i]);
    now += FERRY__STACKS_PERIOD_NS;
    CHECK_INT(ferry__stacks_trim(&stacks, now), ==, now + FERRY__STACKS_PERIOD_NS);
    CHECK_INT(all_resident(&stacks, all, COUNT), ==, 4 * (COUNT - 100));
    /* and in the next none. */
    now += FERRY__STACKS_PERIOD_NS;
    while ((now = ferry__stacks_trim(&stacks, now)) != FERRY__NEVER) {
    }
    CHECK_INT(all_resident(&stacks, all, COUNT), ==, 4 * FERRY__STACKS_WARM);
    for (int i = 0; i < COUNT; i++)
        CHECK(ferry__stack_get(&stacks) != NULL);
    CHECK_INT(stacks.made, ==, COUNT);
    ferry__stacks_deinit(&stacks);
}

static size_t mappings(void)
{
    FILE *maps = fopen("/proc/self/maps", "r");
    size_t lines = 0;
    for (int c; (c = getc(maps)) != EOF;)
        lines += c == '\n';
    fclose(maps);
    return lines;
}

static int fill(int count)
{
    ferry_task **tasks = calloc((size_t)count, sizeof *tasks);
    for (int i = 0; i < count; i++)
        CHECK((tasks[i] = ferry_create_task(deep, 0)) != NULL);
    if (ferry__guard_kind() == FERRY__GUARD_MARKER && !CHECK_UNDER_TSAN)
        CHECK_INT(mappings(), <, 400);
    CHECK_INT(ferry_gather(tasks, (size_t)count, NULL), ==, 0);
    free(tasks);
    return 0;
}

TEST(markers_split_no_mappings)
{
    CHECK_INT(ferry_run(fill, CHECK_UNDER_TSAN ? 500 : 3000), ==, 0);
}

TEST_MAIN
