/* SPDX-License-Identifier: MIT */
/* What a thread that has ended inside a call finds of it in the destructors of its thread-local
 * data: nothing. */
#include "bridge.h"

#include <ferry/from_thread.h>
#include <ferry/local.h>
#include <ferry/map.h>
#include <ferry/scope.h>
#include <math.h>
#include <pthread.h>

static char none[] = "none", mine[] = "mine";
static ferry_local request = FERRY_LOCAL_INIT_DEFAULT(none);
static pthread_key_t key;
static atomic_int caller_is_back, looked;
static const char *seen;
static int set, checked, asked, limited;

/* When the caller has its call back, and has used the memory in which it lay. */
static void destroy(void *unused)
{
    (void)unused;
    while (!atomic_load(&caller_is_back))
        usleep(200);
    seen = ferry_local_get(&request);
    set = ferry_local_set(&request, &seen);
    checked = ferry_check_cancelled();
    errno = 0;
    asked = ferry_from_thread(plus_one, 1) == -1 ? errno : 0;
    limited = isnan(ferry_timeout_when()) ? errno : 0;
    atomic_store(&looked, 1);
}

static int end_in_a_block(void)
{
    FERRY_TIMEOUT(60) {
        pthread_exit(NULL);
    }
    return 0;
}

static int end_thread(int number)
{
    pthread_setspecific(key, &key);
    CHECK_STR(ferry_local_get(&request), "mine");
    return number ? end_in_a_block() : 0;
}

static void is_back(void)
{
    char used[4096];
    memset(used, 0x5a, sizeof used);
    __asm__ volatile("" : : "r"(used) : "memory");
    atomic_store(&caller_is_back, 1);
    while (!atomic_load(&looked))
        usleep(200);
    CHECK_STR(seen, "none");
    CHECK_INT(set, ==, -EPERM);
    CHECK_INT(checked, ==, 0);
    CHECK_INT(asked, ==, EPERM);
    CHECK_INT(limited, ==, ENOENT);
}

static int begin(void)
{
    CHECK_INT(pthread_key_create(&key, destroy), ==, 0);
    return ferry_local_set(&request, mine);
}

IN_TASK(of_an_awaited_call)
{
    CHECK_INT(begin(), ==, 0);
    CHECK_INT(ferry_to_thread(end_thread, 1), ==, -1);
    CHECK_INT(errno, ==, EOWNERDEAD);
    is_back();
    return 0;
}

IN_TASK(of_one_that_may_be_abandoned)
{
    CHECK_INT(begin(), ==, 0);
    CHECK_INT(
        ferry_call_with(((ferry_call_options){.policy = FERRY_POLICY_ABANDON}), end_thread, 1), ==,
        -1);
    CHECK_INT(errno, ==, EOWNERDEAD);
    is_back();
    return 0;
}

IN_TASK(of_one_in_a_block)
{
    CHECK_INT(begin(), ==, 0);
    FERRY_WITH_WORKER(NULL)
    {
        CHECK_INT(ferry_to_thread(end_thread, 1), ==, -1);
        CHECK_INT(errno, ==, EOWNERDEAD);
    }
    else
    {
        return 1;
    }
    is_back();
    return 0;
}

IN_TASK(of_a_submitted_call)
{
    CHECK_INT(begin(), ==, 0);
    ferry_future *future = ferry_executor_submit(NULL, end_thread, 1);
    CHECK_INT(ferry_future_await(future, NULL), ==, -EOWNERDEAD);
    ferry_future_free(future);
    is_back();
    return 0;
}

IN_TASK(of_a_map)
{
    int results[1];
    CHECK_INT(begin(), ==, 0);
    CHECK_INT(ferry_executor_map(NULL, 1, 1, results, i, end_thread, (int)i + 1), ==, -EOWNERDEAD);
    is_back();
    return 0;
}

TEST(of_a_call_of_a_thread_without_a_loop)
{
    ferry_context *context = ferry_copy_context();
    FERRY_WITH_EXECUTOR(executor, .max_workers = 1) {
        FERRY_WITH_CONTEXT(context)
        {
            CHECK_INT(begin(), ==, 0);
            CHECK_INT(ferry_run_in_executor(executor, end_thread, 1), ==, -1);
            CHECK_INT(errno, ==, EOWNERDEAD);
        }
        else
        {
            CHECK(false);
        }
        ferry_context_free(context);
        is_back();
    } else {
        CHECK(false);
    }
}

TEST_MAIN
