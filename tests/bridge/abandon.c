/* SPDX-License-Identifier: MIT */
/* Calls that are left behind: FERRY_POLICY_ABANDON of ferry/policy.h. */
#include "bridge.h"

#include "base/fault.h"

static atomic_int begun;

static void await_begun(int count)
{
    while (atomic_load(&begun) < count)
        ferry_sleep(0.0002);
}

static atomic_int discarded, discarded_value;

static void note_discarded(void *result, void *argument)
{
    atomic_store(&discarded_value, *(int *)result);
    atomic_fetch_add((atomic_int *)argument, 1);
}

static int hold_then(int value)
{
    atomic_fetch_add(&begun, 1);
    while (!atomic_load(&let_go))
        usleep(100);
    return value;
}

static void await_discarded(int count)
{
    while (atomic_load(&discarded) < count)
        ferry_sleep(0.0005);
}

IN_TASK(an_abandoned_call_is_left_behind_and_its_late_result_discarded)
{
    ferry_outcome outcome;
    int said = ferry_call_with(FERRY_OPTIONS(.policy = FERRY_POLICY_ABANDON, .run_limit = 0.005,
                                             .discard = note_discarded,
                                             .discard_argument = &discarded, .outcome = &outcome),
                               hold_then, 4711);
    CHECK_INT(said, ==, -1);
    CHECK_INT(errno, ==, ETIMEDOUT);
    CHECK_INT(outcome.state, ==, FERRY_CALL_ABANDONED);
    CHECK_INT(outcome.limit, ==, FERRY_LIMIT_RUN);
    CHECK_DOUBLE(outcome.run_seconds, >=, 0.005);
    CHECK_INT(atomic_load(&discarded), ==, 0);
    atomic_store(&let_go, 1);
    await_discarded(1);
    CHECK_INT(atomic_load(&discarded_value), ==, 4711);
    return 0;
}

static double halve(double x)
{
    return x / 2;
}

IN_TASK(a_call_that_is_in_time_is_not_abandoned)
{
    double half =
        ferry_call_with(FERRY_OPTIONS(.policy = FERRY_POLICY_ABANDON, .run_limit = 60), halve, 1.0);
    CHECK_DOUBLE(half, ==, 0.5);
    CHECK_INT(ferry_call_with(FERRY_OPTIONS(.policy = FERRY_POLICY_ABANDON), fail_with, ENOTTY), ==,
              -1);
    CHECK_INT(errno, ==, ENOTTY);
    CHECK_INT(ferry_call_outcome().state, ==, FERRY_CALL_DONE);
    return 0;
}

static int abandoning(int value)
{
    return ferry_call_with(FERRY_OPTIONS(.policy = FERRY_POLICY_ABANDON, .discard = note_discarded,
                                         .discard_argument = &discarded),
                           hold_then, value);
}

static int leave_three_behind(void)
{
    ferry_task *tasks[3];
    for (int i = 0; i < 3; i++)
        tasks[i] = ferry_create_task(abandoning, 10 + i);
    await_begun(3);
    for (int i = 0; i < 3; i++)
        ferry_task_cancel(tasks[i]);
    for (int i = 0; i < 3; i++) {
        CHECK_INT(ferry_await(int, tasks[i]), ==, -1);
        CHECK_INT(errno, ==, ECANCELED);
    }
    return 0;
}

TEST(a_loop_ends_without_waiting_for_abandoned_calls)
{
    CHECK_INT(ferry_run(leave_three_behind), ==, 0);
    CHECK_INT(atomic_load(&discarded), ==, 0);
    atomic_store(&let_go, 1);
    while (atomic_load(&discarded) < 3)
        usleep(500);
}

static int abandon_at(int us, long ns)
{
    return ferry_call_with(FERRY_OPTIONS(.policy = FERRY_POLICY_ABANDON, .run_limit = 1e-6 * us,
                                         .discard = note_discarded, .discard_argument = &discarded),
                           spin_for, ns);
}

IN_TASK(a_result_is_delivered_or_discarded_never_both_or_neither)
{
    int delivered = 0, left = 0;
    for (int round = 0; round < 2000; round++) {
        int said = abandon_at(20 + round % 60, 45000);
        ferry_call_state state = ferry_call_outcome().state;
        CHECK(state == FERRY_CALL_DONE || state == FERRY_CALL_LATE ||
              state == FERRY_CALL_ABANDONED);
        CHECK_INT(said, ==, state == FERRY_CALL_ABANDONED ? -1 : 0);
        delivered += said == 0;
        left += said != 0;
    }
    await_discarded(left);
    ferry_sleep(0.005);
    CHECK_INT(atomic_load(&discarded), ==, left);
    CHECK_INT(delivered + left, ==, 2000);
    return 0;
}

static void drop_pointer(void *result, void *unused)
{
    (void)unused;
    free(*(void **)result);
    atomic_fetch_add(&discarded, 1);
}

static char *make_late(size_t size)
{
    spin_for(40000);
    return malloc(size);
}

IN_TASK(late_memory_is_freed_by_the_discard_function)
{
    int left = 0;
    for (int round = 0; round < 300; round++) {
        char *memory = ferry_call_with(FERRY_OPTIONS(.policy = FERRY_POLICY_ABANDON,
                                                     .run_limit = 3e-5, .discard = drop_pointer),
                                       make_late, 100);
        left += memory == NULL;
        free(memory);
    }
    await_discarded(left);
    return 0;
}

static int take_address(int *value)
{
    return *value;
}

IN_TASK(a_pointer_into_the_tasks_stack_is_refused)
{
    static int elsewhere = 5;
    int here = 5;
    CHECK_INT(ferry_call_with(FERRY_OPTIONS(.policy = FERRY_POLICY_ABANDON), take_address, &here),
              ==, -1);
    CHECK_INT(errno, ==, EFAULT);
    CHECK_INT(ferry_call_outcome().state, ==, FERRY_CALL_NEVER_STARTED);
    CHECK_INT(
        ferry_call_with(FERRY_OPTIONS(.policy = FERRY_POLICY_ABANDON), take_address, &elsewhere),
        ==, 5);
    CHECK_INT(ferry_call_with(FERRY_OPTIONS(.policy = FERRY_POLICY_ABANDON,
                                            .discard = note_discarded, .discard_argument = &here),
                              plus_one, 1),
              ==, -1);
    CHECK_INT(errno, ==, EFAULT);
    return 0;
}

static int ninth(int a, int b, int c, int d, int e, int f, int g, int h, int *i)
{
    return a + b + c + d + e + f + g + h + *i;
}

IN_TASK(a_pointer_into_the_stack_is_found_among_stack_arguments)
{
    int here = 1;
    CHECK_INT(ferry_call_with(FERRY_OPTIONS(.policy = FERRY_POLICY_ABANDON), ninth, 1, 2, 3, 4, 5,
                              6, 7, 8, &here),
              ==, -1);
    CHECK_INT(errno, ==, EFAULT);
    return 0;
}

struct pair {
    long a, b;
};

static struct pair pair_of(long a)
{
    return (struct pair){a, a};
}

IN_TASK(what_cannot_be_abandoned_is_refused)
{
    ferry_outcome outcome;
    struct pair pair = ferry_call_with(
        FERRY_OPTIONS(.policy = FERRY_POLICY_ABANDON, .outcome = &outcome), pair_of, 3L);
    CHECK_INT(pair.a, ==, 0);
    CHECK_INT(outcome.state, ==, FERRY_CALL_NEVER_STARTED);
    CHECK_INT(outcome.error, ==, EINVAL);
    ferry__fault_arm(FERRY__FAULT_ALLOC, 0, 1);
    CHECK_INT(ferry_call_with(FERRY_OPTIONS(.policy = FERRY_POLICY_ABANDON), plus_one, 1), ==, -1);
    ferry__fault_clear();
    CHECK_INT(errno, ==, ENOMEM);
    return 0;
}

IN_TASK(a_block_on_one_worker_sees_its_calls_through)
{
    FERRY_WITH_WORKER(NULL)
    {
        int said = ferry_call_with(
            FERRY_OPTIONS(.policy = FERRY_POLICY_ABANDON, .run_limit = 0.002), nap_ms, 10);
        CHECK_INT(said, ==, 10);
        CHECK_INT(ferry_call_outcome().state, ==, FERRY_CALL_LATE);
    }
    else
    {
        CHECK(false);
    }
    return 0;
}

static const char *const task_local_value = "kept";
static ferry_local task_local = FERRY_LOCAL_INIT;
static _Atomic(void *) seen_local;

static int see_local_late(void)
{
    atomic_fetch_add(&begun, 1);
    while (!atomic_load(&let_go))
        usleep(100);
    atomic_store(&seen_local, ferry_local_get(&task_local));
    return 0;
}

static int leave_with_local(void)
{
    ferry_local_set(&task_local, (void *)(uintptr_t)task_local_value);
    return ferry_call_with(FERRY_OPTIONS(.policy = FERRY_POLICY_ABANDON, .discard = note_discarded,
                                         .discard_argument = &discarded),
                           see_local_late);
}

IN_TASK(task_locals_outlive_the_task_for_an_abandoned_call)
{
    ferry_task *task = ferry_create_task(leave_with_local);
    await_begun(1);
    ferry_task_cancel(task);
    CHECK_INT(ferry_await(int, task), ==, -1);
    atomic_store(&let_go, 1);
    await_discarded(1);
    CHECK_PTR(atomic_load(&seen_local), ==, task_local_value);
    return 0;
}

TEST_MAIN
