/* SPDX-License-Identifier: MIT */
/* Tasks and their handles: what ferry/task.h promises. */
#include "check.h"

#include <ferry/gather.h>
#include <ferry/run.h>
#include <ferry/task.h>
#include <math.h>

static int add(int a, int b)
{
    return a + b;
}

static int add_later(double seconds, int a, int b)
{
    CHECK_INT(ferry_sleep(seconds), ==, 0);
    return a + b;
}

static int fail_with(int error)
{
    errno = error;
    return -1;
}

static double half(double x)
{
    return x / 2;
}

static const char *word(void)
{
    return "word";
}

static unsigned seven(void)
{
    return 7;
}

static int order[8], orders;

static void note(int number)
{
    order[orders++] = number;
}

static int results_of_every_kind(void)
{
    CHECK_INT(ferry_await(int, ferry_create_task(add, 2, 3)), ==, 5);
    CHECK_DOUBLE(ferry_await(double, ferry_create_task(half, 5.0)), ==, 2.5);
    CHECK_STR(ferry_await(const char *, ferry_create_task(word)), "word");
    CHECK_INT(ferry_await(unsigned, ferry_create_task(seven)), ==, 7);
    ferry_await(void, ferry_create_task(note, 1));
    CHECK_INT(orders, ==, 1);
    return 11;
}

TEST(a_task_gives_its_result)
{
    CHECK_INT(ferry_run(results_of_every_kind), ==, 11);
}

static int start_order(void)
{
    ferry_task *tasks[4];
    for (int i = 0; i < 4; i++)
        tasks[i] = ferry_create_task(note, i);
    CHECK_INT(orders, ==, 0); /* none has begun */
    CHECK_INT(ferry_gather(tasks, 4, NULL), ==, 0);
    for (int i = 0; i < 4; i++)
        CHECK_INT(order[i], ==, i);
    return 0;
}

TEST(tasks_begin_in_the_order_of_their_creation)
{
    CHECK_INT(ferry_run(start_order), ==, 0);
}

static int errno_after_await(void)
{
    ferry_task *task = ferry_create_task(fail_with, ENOTTY);
    ferry_task *other = ferry_create_task(fail_with, EFBIG);
    CHECK_INT(ferry_await(int, task), ==, -1);
    CHECK_INT(errno, ==, ENOTTY);
    CHECK_INT(ferry_await(int, other), ==, -1);
    CHECK_INT(errno, ==, EFBIG);
    errno = EXDEV;
    CHECK_INT(ferry_sleep(0), ==, 0);
    CHECK_INT(errno, ==, EXDEV);
    return 0;
}

TEST(errno_is_the_tasks_own)
{
    CHECK_INT(ferry_run(errno_after_await), ==, 0);
}

static int await_twice(void)
{
    ferry_task *task = ferry_create_task(add, 1, 1);
    CHECK_INT(ferry_await(int, task), ==, 2);
    CHECK_INT(ferry_await(int, task), ==, -1);
    CHECK_INT(errno, ==, ESRCH);
    int result = 5;
    CHECK_INT(ferry_join(task, &result), ==, -ESRCH);
    CHECK_INT(result, ==, 5);
    CHECK_INT(ferry_task_cancel(task), ==, -ESRCH);
    CHECK_INT(ferry_task_detach(task), ==, -ESRCH);
    CHECK_INT(ferry_task_set_name(task, "x"), ==, -ESRCH);
    CHECK_STR(ferry_task_name(task), "?");
    CHECK(ferry_task_done(task));
    ferry_task *next = ferry_create_task(add, 1, 2); /* the same slot */
    CHECK_PTR(next, !=, task);
    CHECK_INT(ferry_await(int, task), ==, -1);
    CHECK_INT(ferry_await(int, next), ==, 3);
    return 0;
}

TEST(a_joined_handle_is_stale)
{
    CHECK_INT(ferry_run(await_twice), ==, 0);
}

static int await_null(void)
{
    errno = 0;
    CHECK_INT(ferry_await(int, NULL), ==, -1);
    CHECK_INT(errno, ==, EINVAL);
    CHECK_INT(ferry_task_cancel(NULL), ==, -EINVAL);
    CHECK_INT(ferry_await(int, (ferry_task *)(uintptr_t)0x7fff12345678), ==, -1);
    CHECK(errno == EPERM || errno == ESRCH); /* an address is no handle */
    return 0;
}

TEST(null_is_no_task)
{
    CHECK_INT(ferry_run(await_null), ==, 0);
}

static ferry_task *kept;

static int make_one(void)
{
    kept = ferry_create_task(add, 1, 1);
    return 0;
}

static int use_kept(void)
{
    CHECK_INT(ferry_await(int, kept), ==, -1);
    CHECK_INT(errno, ==, EPERM);
    return 0;
}

TEST(a_handle_of_another_loop)
{
    CHECK_INT(ferry_run(make_one), ==, 0);
    CHECK_INT(ferry_run(use_kept), ==, 0);
    for (int i = 0; i < 200; i++) /* until the loop's memory and number come round */
        CHECK_INT(ferry_run(make_one), ==, 0);
    ferry_task *old = kept;
    for (int i = 0; i < 200; i++) {
        CHECK_INT(ferry_run(make_one), ==, 0);
        CHECK_PTR(kept, !=, old);
    }
}

static int await_self(void)
{
    CHECK_INT(ferry_await(int, ferry_current_task()), ==, -1);
    CHECK_INT(errno, ==, EDEADLK);
    return 0;
}

TEST(awaiting_oneself)
{
    CHECK_INT(ferry_run(await_self), ==, 0);
}

static ferry_task *ring[3];

static int await_next(int i)
{
    int said = ferry_join(ring[(i + 1) % 3], NULL);
    return said;
}

static int await_ring(void)
{
    for (int i = 0; i < 3; i++)
        ring[i] = ferry_create_task(await_next, i);
    int result;
    /* 0 awaits 1 awaits 2, whose await of 0 would close the ring. It is refused, and all end. */
    CHECK_INT(ferry_sleep(0.01), ==, 0);
    CHECK_INT(ferry_join(ring[0], &result), ==, 0);
    CHECK_INT(result, ==, 0);
    CHECK(ferry_task_done(ring[2]));
    return 0;
}

TEST(a_ring_of_awaits)
{
    CHECK_INT(ferry_run(await_ring), ==, 0);
}

static int await_busy(ferry_task *task)
{
    CHECK_INT(ferry_await(int, task), ==, -1);
    CHECK_INT(errno, ==, EBUSY);
    CHECK_INT(ferry_wait(&task, 1, FERRY_ALL_COMPLETED), ==, -EBUSY);
    CHECK_INT(ferry_task_detach(task), ==, -EBUSY);
    return 9;
}

static int two_await_one(void)
{
    ferry_task *task = ferry_create_task(add_later, 0.01, 1, 2);
    ferry_task *second = ferry_create_task(await_busy, task);
    CHECK_INT(ferry_await(int, task), ==, 3);
    CHECK_INT(ferry_await(int, second), ==, 9);
    return 0;
}

TEST(the_second_who_awaits_is_told)
{
    CHECK_INT(ferry_run(two_await_one), ==, 0);
}

static int await_wrong_kind(void)
{
    ferry_task *task = ferry_create_task(half, 1.0);
    return ferry_await(int, task);
}

static int gather_wrong_kind(void)
{
    ferry_task *task = ferry_create_task(half, 1.0);
    long results[1];
    return ferry_gather(&task, 1, results);
}

static int await_stale_unsigned(void)
{
    return (int)ferry_await(unsigned, NULL);
}

TEST(the_wrong_kind_of_result_is_a_programmer_error)
{
    CHECK_PANIC(ferry_run(await_wrong_kind),
                "ferry_await at .*tasks.c:[0-9]+ wants a signed integer of 4 bytes, but the task "
                "\"half\" made at .*tasks.c:[0-9]+ gives a floating-point number of 8 bytes");
    CHECK_PANIC(ferry_run(gather_wrong_kind), "ferry_gather at .* wants a signed integer of 8");
    CHECK_PANIC(ferry_run(await_stale_unsigned), "has no result to give: .*ferry_join");
}

static int names(void)
{
    ferry_task *task = ferry_create_task(add, 1, 2);
    CHECK_STR(ferry_task_name(task), "add");
    CHECK_INT(ferry_task_set_name(task, "adder %d", 7), ==, 0);
    CHECK_STR(ferry_task_name(task), "adder 7");
    CHECK_STR(ferry_task_name(ferry_current_task()), "names");
    ferry_task *all[8];
    CHECK_INT(ferry_all_tasks(all, 8), ==, 2);
    CHECK_INT(ferry_all_tasks(all, 0), ==, 2);
    CHECK_INT(ferry_await(int, task), ==, 3);
    CHECK_INT(ferry_all_tasks(all, 8), ==, 1);
    CHECK_PTR(all[0], ==, ferry_current_task());
    return 0;
}

TEST(names_and_all_tasks)
{
    CHECK_INT(ferry_run(names), ==, 0);
}

static int detached_steps;

static int step(void)
{
    ferry_sleep(0);
    return ++detached_steps;
}

static int detach(void)
{
    ferry_task *task = ferry_create_task(step);
    CHECK_INT(ferry_task_detach(task), ==, 0);
    CHECK_INT(ferry_task_cancelling(task), ==, 0); /* lives */
    CHECK_INT(ferry_sleep(0.01), ==, 0);
    CHECK_INT(detached_steps, ==, 1);
    CHECK_INT(ferry_task_cancel(task), ==, -ESRCH);
    ferry_task *ended = ferry_create_task(step);
    CHECK_INT(ferry_sleep(0.01), ==, 0);
    CHECK_INT(ferry_task_detach(ended), ==, 0);
    CHECK_INT(ferry_join(ended, NULL), ==, -ESRCH);
    return 0;
}

TEST(a_detached_task_frees_itself)
{
    CHECK_INT(ferry_run(detach), ==, 0);
}

TEST(task_functions_without_a_loop)
{
    errno = 0;
    CHECK_PTR(ferry_create_task(add, 1, 2), ==, NULL);
    CHECK_INT(errno, ==, EPERM);
    CHECK_INT(ferry_sleep(0), ==, -EPERM);
    CHECK_PTR(ferry_current_task(), ==, NULL);
    errno = 0;
    CHECK_INT(ferry_all_tasks(NULL, 0), ==, 0);
    CHECK_INT(errno, ==, EPERM);
    ferry_task *task = (ferry_task *)(uintptr_t)1;
    CHECK_INT(ferry_await(int, task), ==, -1);
    CHECK_INT(errno, ==, EPERM);
    CHECK_INT(ferry_task_cancel(task), ==, -EPERM);
    CHECK_INT(ferry_gather(&task, 1, NULL), ==, -EPERM);
    CHECK_INT(ferry_wait(&task, 1, FERRY_ALL_COMPLETED), ==, -EPERM);
}

static int sleeps(void)
{
    double start = check_seconds();
    CHECK_INT(ferry_sleep(-1), ==, 0);
    CHECK_INT(ferry_sleep(0.02), ==, 0);
    CHECK_DOUBLE(check_seconds() - start, >=, 0.02);
    CHECK_INT(ferry_sleep(NAN), ==, -EINVAL);
    return 0;
}

TEST(sleep)
{
    CHECK_INT(ferry_run(sleeps), ==, 0);
}

static int yield_twice(int number)
{
    note(number);
    ferry_sleep(0);
    note(number);
    return 0;
}

static int take_turns(void)
{
    ferry_task *tasks[2] = {ferry_create_task(yield_twice, 1), ferry_create_task(yield_twice, 2)};
    CHECK_INT(ferry_gather(tasks, 2, NULL), ==, 0);
    int expected[] = {1, 2, 1, 2};
    for (int i = 0; i < 4; i++)
        CHECK_INT(order[i], ==, expected[i]);
    return 0;
}

TEST(sleep_0_lets_the_others_run)
{
    CHECK_INT(ferry_run(take_turns), ==, 0);
}

static int many_pass(int rounds)
{
    for (int i = 0; i < rounds; i++)
        CHECK_INT(ferry_sleep(0), ==, 0);
    return rounds;
}

static int many(int count)
{
    ferry_task **tasks = calloc((size_t)count, sizeof *tasks);
    int *results = calloc((size_t)count, sizeof *results);
    for (int i = 0; i < count; i++)
        CHECK((tasks[i] = ferry_create_task(many_pass, i % 7)) != NULL);
    CHECK_INT(ferry_gather(tasks, (size_t)count, results), ==, 0);
    for (int i = 0; i < count; i++)
        CHECK_INT(results[i], ==, i % 7);
    free(tasks);
    free(results);
    return 0;
}

TEST(five_thousand_tasks_twice)
{
    CHECK_INT(ferry_run(many, 5000), ==, 0);
    CHECK_INT(ferry_run(many, 5000), ==, 0);
}

TEST_MAIN
