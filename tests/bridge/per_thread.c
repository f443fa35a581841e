/* SPDX-License-Identifier: MIT */
/* What is kept per thread: errors fetched on the worker that made them, blocks on one worker, and
 * threads that end inside a call. */
#include "bridge.h"

#include <dlfcn.h>
#include <pthread.h>

static void fetch_dlerror(void *buffer)
{
    const char *text = dlerror();
    snprintf(buffer, 200, "%s", text ? text : "");
}

/* Keeps other workers busy so that calls spread over threads. */
static int shuffle(int rounds)
{
    for (int i = 0; i < rounds; i++)
        ferry_to_thread(nap_ms, 1);
    return 0;
}

IN_TASK(what_the_library_keeps_per_thread_is_fetched_by_after)
{
    ferry_task *others[3];
    for (int i = 0; i < 3; i++)
        others[i] = ferry_create_task(shuffle, 20);
    for (int i = 0; i < 20; i++) {
        char text[200] = "", path[50];
        snprintf(path, sizeof path, "/no/such/library-%d.so", i);
        void *handle = ferry_call_with(
            FERRY_OPTIONS(.after = fetch_dlerror, .after_argument = text), dlopen, path, RTLD_NOW);
        CHECK(handle == NULL);
        CHECK_MATCH(text, path);
    }
    ferry_gather(others, 3, (int *)NULL);
    return 0;
}

IN_TASK(a_block_keeps_one_worker_for_all_its_calls)
{
    ferry_task *others[3];
    for (int i = 0; i < 3; i++)
        others[i] = ferry_create_task(shuffle, 20);
    for (int i = 0; i < 20; i++) {
        char path[50];
        snprintf(path, sizeof path, "/no/such/library-%d.so", i);
        FERRY_WITH_WORKER(NULL)
        {
            long id = ferry_to_thread(thread_id);
            CHECK(ferry_to_thread(dlopen, path, RTLD_NOW) == NULL);
            char *text = ferry_to_thread(dlerror);
            CHECK_MATCH(text, path);
            CHECK_INT(ferry_to_thread(thread_id), ==, id);
        }
        else
        {
            return 1;
        }
    }
    ferry_gather(others, 3, (int *)NULL);
    return 0;
}

static int end_thread(int x)
{
    pthread_exit(NULL);
    return x;
}

IN_TASK(a_thread_that_ends_inside_the_call_gives_the_skip_value)
{
    for (int i = 0; i < 50; i++) {
        CHECK_INT(ferry_to_thread(end_thread, 1), ==, -1);
        CHECK_INT(errno, ==, EOWNERDEAD);
        CHECK_INT(ferry_call_outcome().state, ==, FERRY_CALL_DIED);
        CHECK_INT(ferry_to_thread(plus_one, i), ==, i + 1);
    }
    return 0;
}

IN_TASK(a_block_whose_thread_ends_says_so_for_what_follows)
{
    FERRY_WITH_WORKER(NULL)
    {
        CHECK_INT(ferry_to_thread(plus_one, 1), ==, 2);
        CHECK_INT(ferry_to_thread(end_thread, 1), ==, -1);
        CHECK_INT(errno, ==, EOWNERDEAD);
        CHECK_INT(ferry_to_thread(plus_one, 1), ==, -1);
        CHECK_INT(errno, ==, EOWNERDEAD);
        CHECK_INT(ferry_call_outcome().state, ==, FERRY_CALL_NEVER_STARTED);
    }
    else
    {
        return 1;
    }
    CHECK_INT(ferry_to_thread(plus_one, 1), ==, 2);
    return 0;
}

TEST_MAIN
