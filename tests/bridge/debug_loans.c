/* SPDX-License-Identifier: MIT */
/* Debug mode: arguments that point into stacks and frames that have ended. */
#include "bridge.h"

#include "../loop/reports.h"

#define NOINLINE __attribute__((noinline, noclone))
#ifdef __clang__
#undef NOINLINE
#define NOINLINE __attribute__((noinline))
#endif

#define CHECK_NO_LOANS CHECK_REPORTS("points into", ==, 0)

/* Where locals stand above the frame's address, its end isn't seen: see the module. */
static void need_frames(void)
{
#if defined __aarch64__ && !defined __clang__
    CHECK_SKIP("a frame that has returned isn't told from its caller's here");
#endif
}

static bool finish;

/* A child that looks at what it was given at once, and lives until it is told. */
static int look(const int *number)
{
    int was = *number;
    while (!finish && ferry_sleep(0.0005) == 0) {
    }
    return was - 7;
}

/* Of exactly the types of its arguments. */
static int look_second(long first, int *number)
{
    (void)first;
    return look(number);
}

static int look_by_double(double first, const int *number)
{
    (void)first;
    return look(number);
}

static ferry_task *child;

/* Nothing of the caller's frame is where the last one's frame was. */
NOINLINE static void start_in_a_frame(void)
{
    int number = 7;
    child = ferry_create_task(look, &number);
    ferry_sleep(0.001);
}

static int frame_is_gone(void)
{
    start_in_a_frame();
    CHECK_NO_LOANS; /* it was there when this task waited */
    ferry_sleep(0.001);
    ferry_sleep(0.001);
    finish = true;
    return ferry_await(int, child);
}

TEST(a_frame_that_has_returned)
{
    need_frames();
    CHECK_INT(debugged(frame_is_gone), ==, 0);
    CHECK_REPORTS("points into", ==, 1);
    CHECK_REPORTS("^argument 1 points into a frame of the task \"run_body\", made at "
                  ".*reports\\.h:[0-9]+, that has returned: \"look\" look, made at "
                  ".*debug_loans\\.c:[0-9]+, a task$",
                  ==, 1);
}

NOINLINE static int start_and_wait(void)
{
    int number = 7, again = 7;
    ferry_task *tasks[2] = {ferry_create_task(look, &number),
                            ferry_create_task(look_second, 0L, &again)};
    ferry_sleep(0.001);
    finish = true;
    return ferry_gather(tasks, 2, (int *)NULL);
}

NOINLINE static int start_in_a_group(void)
{
    int number = 7;
    finish = false;
    FERRY_WITH_TASK_GROUP(group) {
        ferry_task_group_create_task(group, look, &number);
        ferry_sleep(0.001);
        finish = true;
    }
    return ferry_task_group_result();
}

static int relay(const int *number)
{
    return ferry_await(int, ferry_create_task(look, number));
}

static int waited_for(void)
{
    static int fixed = 7;
    int number = 7;
    CHECK_INT(start_and_wait(), ==, 0);
    CHECK_INT(start_in_a_group(), ==, 0);
    ferry_sleep(0.001);
    ferry_task *other = ferry_create_task(look, &fixed);
    CHECK_INT(ferry_await(int, ferry_create_task(relay, &number)), ==, 0);
    return ferry_await(int, other);
}

TEST(who_is_waited_for_is_not_reported)
{
    CHECK_INT(debugged(waited_for), ==, 0);
    CHECK_NO_LOANS;
}

static int parent(bool second)
{
    int number = 7;
    child = second ? ferry_create_task(look_second, 1L, &number) : ferry_create_task(look, &number);
    return 0;
}

static int parent_by_double(void)
{
    int number = 7;
    child = ferry_create_task(look_by_double, 1.5, &number);
    finish = true;
    return ferry_sleep(0.001);
}

static int stack_is_gone(ferry_task *task)
{
    ferry_task_set_name(task, "the parent");
    finish = false;
    CHECK_INT(ferry_await(int, task), ==, 0);
    finish = true;
    ferry_join(child, (int *)NULL);
    return 0;
}

static int stack_is_gone_1(void)
{
    return stack_is_gone(ferry_create_task(parent, false));
}

static int stack_is_gone_2(void)
{
    return stack_is_gone(ferry_create_task(parent, true));
}

static int stack_is_gone_3(void)
{
    return stack_is_gone(ferry_create_task(parent_by_double));
}

TEST(a_stack_that_has_ended)
{
    CHECK_INT(debugged(stack_is_gone_1), ==, 0);
    CHECK_REPORTS("^argument 1 points into the stack of the task \"the parent\", made at "
                  ".*debug_loans\\.c:[0-9]+, which has ended: \"look\" look,",
                  ==, 1);
    CHECK_INT(debugged(stack_is_gone_2), ==, 0);
    CHECK_REPORTS("^argument 2 points into the stack .*: \"look_second\" look_second,", ==, 1);
    CHECK_REPORTS("points into", ==, 2);
    memset(reports, 0, sizeof reports);
    CHECK_INT(debugged(stack_is_gone_3), ==, 0);
    CHECK_NO_LOANS; /* told to end, it has, before its parent */
}

static int never_begins(void)
{
    int number = 7;
    ferry_task_cancel(ferry_create_task(look, &number));
    ferry_create_task(look, &number);
    return 0;
}

static int main_ends(void)
{
    int number = 7;
    ferry_create_task(look_by_double, 1.0, &number);
    ferry_sleep(0.001);
    return 0;
}

static int left_by_a_child(void)
{
    CHECK_INT(ferry_await(int, ferry_create_task(never_begins)), ==, 0);
    CHECK_REPORTS("points into", ==, 1); /* the second, which will */
    return 0;
}

TEST(what_the_main_task_leaves)
{
    CHECK_INT(debugged(never_begins), ==, 0);
    CHECK_NO_LOANS;
    CHECK_INT(debugged(main_ends), ==, 0);
    CHECK_REPORTS("^an argument points into the stack of the task \"run_body\", made at .*, which "
                  "has ended: \"look_by_double\"",
                  ==, 1);
    memset(reports, 0, sizeof reports);
    CHECK_INT(debugged(left_by_a_child), ==, 0);
    CHECK_REPORTS("points into", ==, 1);
}

/* On a worker. */
static int hold_and_look(const int *number)
{
    int was = *number;
    return hold() + was;
}

NOINLINE static ferry_future *submit_in_a_frame(ferry_executor *executor, bool wait)
{
    int number = 7, before = atomic_load(&holding);
    atomic_store(&let_go, wait);
    ferry_future *future = ferry_executor_submit(executor, hold_and_look, &number);
    while (atomic_load(&holding) == before)
        ferry_sleep(0.0005);
    if (wait)
        CHECK_INT(ferry_future_result(int, future), ==, 57);
    return future;
}

static int submitted(bool wait)
{
    FERRY_WITH_EXECUTOR(executor, .max_workers = 1) {
        ferry_future *future = submit_in_a_frame(executor, wait);
        ferry_sleep(0.001);
        atomic_store(&let_go, 1);
        CHECK_INT(ferry_future_result(int, future), ==, 57);
        ferry_future_free(future);
    } else {
        return 1;
    }
    return 0;
}

static int submitted_and_waited_for(void)
{
    return submitted(true);
}

static int submitted_and_left(void)
{
    return submitted(false);
}

TEST(a_submitted_call)
{
    need_frames();
    CHECK_INT(debugged(submitted_and_waited_for), ==, 0);
    CHECK_NO_LOANS;
    CHECK_INT(undebugged(submitted_and_left), ==, 0);
    CHECK_NO_LOANS;
    CHECK_INT(debugged(submitted_and_left), ==, 0);
    CHECK_REPORTS("^argument 1 points into a frame of the task \"run_body\", made at .*, that has "
                  "returned: \"hold_and_look\" hold_and_look, made at .*debug_loans\\.c:[0-9]+, no "
                  "task$",
                  ==, 1);
    CHECK_REPORTS("points into", ==, 1);
}

NOINLINE static ferry_future *coroutine_in_a_frame(void)
{
    int number = 7;
    return ferry_run_coroutine_threadsafe(ferry_get_running_loop(), look, &number);
}

static int coroutine(void)
{
    ferry_future *future = coroutine_in_a_frame();
    ferry_sleep(0.001);
    finish = true;
    ferry_future_await(future, NULL);
    ferry_future_free(future);
    return 0;
}

TEST(a_coroutine_by_way_of_the_mailbox)
{
    need_frames();
    CHECK_INT(debugged(coroutine), ==, 0);
    CHECK_REPORTS("^argument 1 points into a frame .* that has returned: \"look\"", ==, 1);
    CHECK_REPORTS("points into", ==, 1);
}

static int calls;

static void called(const int *number)
{
    (void)number;
    calls++;
}

static void wait_for_calls(int count)
{
    while (calls < count)
        ferry_sleep(0.0005);
}

NOINLINE static int timers_in_a_living_frame(void)
{
    int number = 7;
    ferry_call_soon(called, &number);
    ferry_call_later(0.001, called, &number);
    wait_for_calls(2);
    return number - 7;
}

NOINLINE static ferry_timer *timer_in_a_frame(void)
{
    int number = 7;
    return ferry_call_later(0.001, called, &number);
}

static int timers(void)
{
    CHECK_INT(timers_in_a_living_frame(), ==, 0);
    CHECK_INT(ferry_timer_cancel(timer_in_a_frame()), ==, 0);
    ferry_sleep(0.002);
    CHECK_NO_LOANS;
    timer_in_a_frame();
    wait_for_calls(3);
    return 0;
}

static int timers_of_an_ended_task(bool cancel)
{
    int number = 7;
    ferry_timer *timer = ferry_call_later(0.001, called, &number);
    if (cancel)
        CHECK_INT(ferry_timer_cancel(timer), ==, 0);
    ferry_call_later(60, called, &number); /* the loop ends before */
    return 0;
}

static int lender_of_timers_ends(void)
{
    CHECK_INT(ferry_await(int, ferry_create_task(timers_of_an_ended_task, true)), ==, 0);
    ferry_sleep(0.005);
    CHECK_NO_LOANS;
    CHECK_INT(ferry_await(int, ferry_create_task(timers_of_an_ended_task, false)), ==, 0);
    ferry_sleep(0.005);
    return 0;
}

TEST(a_callback_and_a_frame)
{
    need_frames();
    CHECK_INT(debugged(timers), ==, 0);
    CHECK_REPORTS("^argument 1 points into a frame of the task \"run_body\", made at .*, that has "
                  "returned: \"called\" called, made at .*debug_loans\\.c:[0-9]+, no task$",
                  ==, 1);
    CHECK_REPORTS("points into", ==, 1);
}

TEST(a_callback_and_a_stack)
{
    CHECK_INT(debugged(lender_of_timers_ends), ==, 0);
    CHECK_REPORTS("^argument 1 points into the stack of the task \"timers_of_an_ended_task\", made "
                  "at .*, which has ended: \"called\"",
                  ==, 1);
    CHECK_REPORTS("points into", ==, 1);
}

static void lend_from_a_callback(ferry_executor *executor)
{
    static int fixed = 7;
    int number = 7;
    ferry_task_detach(ferry_create_task(look, &fixed));
    CHECK_NO_LOANS;
    ferry_task_detach(ferry_create_task(look, &number));
    ferry_call_soon(called, &number);
    ferry_future_free(ferry_executor_submit(executor, look_second, 5L, &number));
}

static int lend_to_callbacks(void)
{
    finish = true;
    FERRY_WITH_EXECUTOR(executor, .max_workers = 1) {
        ferry_call_soon(lend_from_a_callback, executor);
        ferry_sleep(0.001);
    } else {
        return 1;
    }
    return 0;
}

TEST(what_a_callback_lends)
{
    CHECK_INT(debugged(lend_to_callbacks), ==, 0);
    CHECK_REPORTS("^argument 1 points into the stack of a callback, which can't wait for it: "
                  "\"look\" look, made at .*, a task$",
                  ==, 1);
    CHECK_REPORTS("which can't wait for it: \"called\"", ==, 1);
    CHECK_REPORTS("^argument 2 points into .*: \"look_second\" look_second, made at .*, no task$",
                  ==, 1);
    CHECK_REPORTS("points into", ==, 3);
}

static int nothing(void)
{
    ferry_sleep(0.0005);
    return 0;
}

static int one(int number)
{
    return number - 7 + nothing();
}

static int real(double number)
{
    return (int)number - 7 + nothing();
}

/* What the registers behind the arguments hold is nobody's argument. */
NOINLINE static void start_without_addresses(int depth, ferry_task **ret)
{
    int numbers[4] = {depth, 7, 7, 7};
    *ret++ = ferry_create_task(nothing);
    *ret++ = ferry_create_task(one, numbers[1]);
    *ret++ = ferry_create_task(real, numbers[2]); /* an int for a double */
    if (depth > 0)
        start_without_addresses(depth - 1, ret);
    else
        ferry_sleep(0);
    CHECK_INT(numbers[0], ==, depth);
}

static int without_addresses(void)
{
    ferry_task *tasks[30];
    start_without_addresses(9, tasks);
    ferry_sleep(0);
    return ferry_gather(tasks, 30, (int *)NULL);
}

TEST(registers_that_carry_nothing)
{
    CHECK_INT(debugged(without_addresses), ==, 0);
    CHECK_NO_LOANS;
}

/* One task that starts others for ever: what is over is forgotten. */
static int many(void)
{
    int number = 7;
    finish = true;
    for (int i = 0; i < 20000; i++)
        CHECK_INT(ferry_await(int, ferry_create_task(look, &number)), ==, 0);
    return 0;
}

TEST(a_loan_that_is_over_is_forgotten)
{
    CHECK_INT(debugged(many), ==, 0);
    CHECK_NO_LOANS;
}

static int off_in_time(void)
{
    start_in_a_frame();
    CHECK_INT(ferry_loop_set_debug(false), ==, 0);
    ferry_sleep(0.001);
    finish = true;
    return ferry_await(int, child);
}

TEST(nothing_of_addresses_when_it_is_off)
{
    CHECK_INT(undebugged(frame_is_gone), ==, 0);
    CHECK_INT(debugged(off_in_time), ==, 0);
    CHECK_NO_LOANS;
}

TEST_MAIN
