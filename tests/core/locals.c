/* SPDX-License-Identifier: MIT */
/* Task-locals: inherited when a task is made, and its own from then on. */
#include "check.h"

#include "base/fault.h"
#include "core/locals.h"
#include "core/task.h"

#include <ferry/local.h>
#include <ferry/loop.h>
#include <ferry/run.h>
#include <ferry/task.h>
#include <pthread.h>

static ferry_local request = FERRY_LOCAL_INIT, user = FERRY_LOCAL_INIT;
static int one, two, three;

static int child(void)
{
    CHECK_PTR(ferry_local_get(&request), ==, &one);
    CHECK_PTR(ferry_local_get(&user), ==, &three);
    CHECK_INT(ferry_local_set(&request, &two), ==, 0);
    CHECK_PTR(ferry_local_get(&request), ==, &two);
    CHECK_PTR(ferry_local_get(&user), ==, &three);
    ferry_sleep(0);
    CHECK_PTR(ferry_local_get(&request), ==, &two);
    return 0;
}

static int inherit(void)
{
    CHECK_PTR(ferry_local_get(&request), ==, NULL);
    CHECK_INT(ferry_local_set(&user, &three), ==, 0);
    CHECK_INT(ferry_local_set(&request, &one), ==, 0);
    ferry_task *task = ferry_create_task(child);
    CHECK_INT(ferry_local_set(&request, &three), ==, 0); /* the child doesn't see it */
    CHECK_INT(ferry_await(int, task), ==, 0);
    CHECK_PTR(ferry_local_get(&request), ==, &three);
    CHECK_INT(ferry_local_set(&request, NULL), ==, 0);
    CHECK_PTR(ferry_local_get(&request), ==, NULL);
    return 0;
}

TEST(a_child_inherits)
{
    CHECK_INT(ferry_run(inherit), ==, 0);
}

static int long_lived(void)
{
    return ferry_sleep(60);
}

static size_t length(const struct ferry__context *context)
{
    size_t links = 0;
    for (; context; context = context->next)
        links++;
    return links;
}

static int chains(void)
{
    for (int i = 0; i < 100; i++) {
        ferry_local_set(&request, i % 2 ? &one : &two);
        ferry_local_set(&user, &three);
        CHECK(ferry_create_task(long_lived) != NULL);
        CHECK_INT(length(ferry__task_current()->context), ==, 2);
    }
    return 0;
}

TEST(a_chain_is_as_long_as_there_are_keys)
{
    CHECK_INT(ferry_run(chains), ==, 0);
}

static int run_count;

static void in_a_callback(int *expected)
{
    CHECK_PTR(ferry_local_get(&request), ==, expected);
    CHECK_INT(ferry_local_set(&request, &two), ==, 0); /* its own copy's */
    CHECK_PTR(ferry_local_get(&request), ==, &two);
    run_count++;
}

static void done(ferry_task *task, void *expected)
{
    (void)task;
    in_a_callback(expected);
}

static void on_event(int number, void *expected)
{
    in_a_callback(expected);
    if (number != SIGUSR1)
        ferry_loop_remove_reader(number);
}

static int make_in_callback_child(void)
{
    CHECK_PTR(ferry_local_get(&request), ==, &three);
    run_count++;
    return 0;
}

static void make_in_callback(void)
{
    CHECK_INT(ferry_local_set(&request, &three), ==, 0);
    CHECK_INT(ferry_task_detach(ferry_create_task(make_in_callback_child)), ==, 0);
}

static int nothing(void)
{
    return 0;
}

static int callbacks(void)
{
    int ends[2];
    ferry_task *task = ferry_create_task(nothing);
    CHECK_INT(pipe(ends), ==, 0);
    CHECK_INT(write(ends[1], "x", 1), ==, 1);
    CHECK_INT(ferry_local_set(&request, &one), ==, 0);
    CHECK_INT(ferry_call_soon(in_a_callback, &one), ==, 0);
    CHECK(ferry_call_later(0, in_a_callback, &one) != NULL);
    CHECK(ferry_call_at(ferry_loop_time(), in_a_callback, &one) != NULL);
    CHECK_INT(ferry_call_soon_threadsafe(ferry_get_running_loop(), in_a_callback, &one), ==, 0);
    CHECK_INT(ferry_task_add_done_callback(task, done, &one), ==, 0);
    CHECK_INT(ferry_loop_add_reader(ends[0], on_event, &one), ==, 0);
    CHECK_INT(ferry_loop_add_signal_handler(SIGUSR1, on_event, &one), ==, 0);
    CHECK_INT(ferry_call_soon(make_in_callback), ==, 0);
    ferry_timer *never = ferry_call_later(60, in_a_callback, &one);
    CHECK(ferry_call_later(60, in_a_callback, &one) != NULL); /* is dropped with the loop */
    CHECK_INT(ferry_local_set(&request, &three), ==, 0);      /* after they were asked for */
    for (int i = 0; i < 2; i++) {
        CHECK_INT(kill(getpid(), SIGUSR1), ==, 0);
        CHECK_INT(ferry_sleep(0.005), ==, 0);
    }
    CHECK_INT(run_count, ==, 9); /* a handler's calls begin with the same values each time */
    CHECK_PTR(ferry_local_get(&request), ==, &three);
    CHECK_INT(ferry_timer_cancel(never), ==, 0);
    CHECK_INT(ferry_loop_add_writer(ends[1], on_event, &three), ==, 0); /* goes with the loop */
    CHECK_INT(ferry_loop_add_writer(ends[1], on_event, &three), ==, 0);
    close(ends[0]);
    return ferry_await(int, task);
}

TEST(callbacks_have_what_there_was_when_they_were_asked_for)
{
    CHECK_PTR(ferry_local_get(&request), ==, NULL);
    CHECK_INT(ferry_local_set(&request, &one), ==, -EPERM); /* a plain thread has no place */
    CHECK_INT(ferry_run(callbacks), ==, 0);
}

static ferry_local port = FERRY_LOCAL_INIT_DEFAULT(&three);

static int defaults(void)
{
    CHECK_PTR(ferry_local_get(&port), ==, &three);
    CHECK_INT(ferry_local_set(&port, NULL), ==, 0); /* NULL is a value, too */
    CHECK_PTR(ferry_local_get(&port), ==, NULL);
    return 0;
}

TEST(a_default_where_none_was_set)
{
    CHECK_PTR(ferry_local_get(&port), ==, &three);
    CHECK_INT(ferry_run(defaults), ==, 0);
}

static int blocks(void)
{
    FERRY_WITH_LOCAL(&port, &one)
    {
        CHECK_PTR(ferry_local_get(&port), ==, &one);
        FERRY_WITH_LOCAL(&port, &two)
        {
            CHECK_PTR(ferry_local_get(&port), ==, &two);
            CHECK_INT(ferry_local_set(&user, &two), ==, 0); /* another one stays */
            CHECK(ferry_create_task(long_lived) != NULL);   /* shares the chain */
        }
        else CHECK(false);
        CHECK_PTR(ferry_local_get(&port), ==, &one);
        CHECK_PTR(ferry_local_get(&user), ==, &two);
    }
    else CHECK(false);
    CHECK_PTR(ferry_local_get(&port), ==, &three);
    CHECK_INT(length(ferry__task_current()->context), ==, 2);
    return 0;
}

static int refused_blocks(void)
{
    int error = 0;
    for (int skip = 0; skip < 2; skip++) {
        ferry__fault_arm(FERRY__FAULT_ALLOC, skip, 1);
        FERRY_WITH_LOCAL(&port, &one) CHECK(false);
        else error = errno;
        ferry__fault_clear();
        CHECK_INT(error, ==, ENOMEM);
        CHECK_PTR(ferry_local_get(&port), ==, &three);
    }
    for (int i = 0; i < 3; i++) {
        FERRY_WITH_LOCAL(&port, &one)
        {
            CHECK(ferry_create_task(long_lived) != NULL); /* shares the chain: giving back copies */
            ferry__fault_arm(FERRY__FAULT_ALLOC, 0, -1);
        }
        else CHECK(false);
        ferry__fault_clear();
        CHECK_PTR(ferry_local_get(&port), ==, &three); /* all the same */
    }
    return 0;
}

TEST(blocks_give_back_what_was_before)
{
    CHECK_INT(ferry_run(blocks), ==, 0);
    CHECK_INT(ferry_run(refused_blocks), ==, 0);
    int error = 0;
    FERRY_WITH_LOCAL(&port, &one) CHECK(false);
    else error = errno;
    CHECK_INT(error, ==, EPERM);
}

static ferry_context *shared;

static int enter_while_entered(void)
{
    FERRY_WITH_CONTEXT(shared) CHECK(false);
    else return errno;
    return 0;
}

static int contexts(void)
{
    CHECK_INT(ferry_local_set(&request, &one), ==, 0);
    shared = ferry_copy_context();
    CHECK_INT(ferry_local_set(&request, &two), ==, 0);
    FERRY_WITH_CONTEXT(shared)
    {
        CHECK_PTR(ferry_local_get(&request), ==, &one);
        CHECK_INT(ferry_local_set(&request, &three), ==, 0);
        CHECK_INT(ferry_sleep(0), ==, 0);
        CHECK_INT(enter_while_entered(), ==, EBUSY);
        CHECK_INT(ferry_await(int, ferry_create_task(enter_while_entered)), ==, EBUSY);
        CHECK_INT(ferry_await(int, ferry_create_task(make_in_callback_child)), ==, 0);
    }
    else CHECK(false);
    CHECK_PTR(ferry_local_get(&request), ==, &two);
    FERRY_WITH_CONTEXT(NULL) CHECK(false);
    else CHECK_INT(errno, ==, EINVAL);
    return 0;
}

static void in_context(void)
{
    CHECK_PTR(ferry_local_get(&request), ==, &one);
    FERRY_WITH_CONTEXT(shared)
    {
        CHECK_PTR(ferry_local_get(&request), ==, &three); /* what was set there stayed */
        CHECK_INT(ferry_local_set(&request, &two), ==, 0);
    }
    else CHECK(false);
    CHECK_PTR(ferry_local_get(&request), ==, &one);
    run_count = 100;
}

static int context_in_callback(void)
{
    CHECK_INT(ferry_local_set(&request, &one), ==, 0);
    CHECK_INT(ferry_call_soon(in_context), ==, 0);
    CHECK_INT(ferry_sleep(0.001), ==, 0);
    CHECK_INT(run_count, ==, 100);
    return 0;
}

static int inherits_two(void)
{
    CHECK_PTR(ferry_local_get(&request), ==, &two);
    return ferry_local_set(&request, &three);
}

TEST(contexts_are_entered_anywhere)
{
    CHECK_INT(ferry_run(contexts), ==, 0);
    CHECK_INT(ferry_run(context_in_callback), ==, 0);
    FERRY_WITH_CONTEXT(shared)
    { /* on a plain thread */
        CHECK_PTR(ferry_local_get(&request), ==, &two);
        CHECK_INT(ferry_run(inherits_two), ==, 0); /* a copy */
        CHECK_PTR(ferry_local_get(&request), ==, &two);
        CHECK_PANIC(ferry_context_free(shared), "freed inside its FERRY_WITH_CONTEXT");
    }
    else CHECK(false);
    CHECK_PTR(ferry_local_get(&request), ==, NULL);
    ferry_context_free(shared);
    ferry_context_free(NULL);
    ferry__fault_arm(FERRY__FAULT_ALLOC, 0, 1);
    CHECK_PTR(ferry_copy_context(), ==, NULL);
    CHECK_INT(errno, ==, ENOMEM);
    ferry__fault_clear();
}

static int set_one(void)
{
    CHECK_PTR(ferry_local_get(&request), ==, NULL);
    return ferry_local_set(&request, &one);
}

static int see_one(void)
{
    CHECK_PTR(ferry_local_get(&request), ==, &one);
    return 0;
}

TEST(a_runners_runs_share_a_context)
{
    ferry_runner *runner = ferry_runner_open(NULL);
    CHECK_INT(ferry_runner_run(runner, set_one), ==, 0);
    CHECK_INT(ferry_runner_run(runner, see_one), ==, 0);
    CHECK_INT(ferry_runner_run(runner, see_one), ==, 0);
    CHECK_INT(ferry_runner_close(runner), ==, 0);
    CHECK_INT(ferry_run(set_one), ==, 0);
}

static void *from_a_thread(void *loop)
{
    FERRY_WITH_CONTEXT(shared)
    {
        ferry_future *future = ferry_run_coroutine_threadsafe(loop, see_one);
        CHECK_INT(ferry_future_result(int, future), ==, 0);
        ferry_future_free(future);
        CHECK_INT(ferry_call_soon_threadsafe(loop, in_a_callback, &one), ==, 0);
    }
    else CHECK(false);
    return NULL;
}

static int serve(void)
{
    pthread_t thread;
    CHECK_INT(ferry_local_set(&request, &one), ==, 0);
    shared = ferry_copy_context();
    CHECK_INT(ferry_local_set(&request, &three), ==, 0);
    run_count = 0;
    CHECK_INT(pthread_create(&thread, NULL, from_a_thread, ferry_get_running_loop()), ==, 0);
    while (run_count == 0)
        CHECK_INT(ferry_sleep(0.001), ==, 0);
    CHECK_INT(pthread_join(thread, NULL), ==, 0);
    ferry_context_free(shared);
    return 0;
}

TEST(a_coroutine_from_a_thread_has_its_callers)
{
    CHECK_INT(ferry_run(serve), ==, 0);
}

TEST_MAIN
