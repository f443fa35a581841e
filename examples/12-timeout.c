/* SPDX-License-Identifier: MIT */
/*
 * 12. Time limits, cancellation, and cleaning up all the same.
 *
 * FERRY_TIMEOUT is a scope: its waits end with ETIMEDOUT once time is out. A call that a worker
 * runs can't be stopped: the task that made it waits for it, but others need not wait for that
 * task. A cancel is reported by all further waits of a task, those of its clean-up too: what has to
 * be done all the same stands in FERRY_SHIELD { }.
 *
 *     12-timeout URL SLOW_URL
 */
#include "common/fetch.h"
#include "common/timeline.h"
#include <ferry/ferry.h>
#include <stdio.h>
#include <string.h>

static int fetch(const char *url, struct page *page)
{
    return ferry_to_thread(fetch_url, url, page);
}

static int fetch_with_a_limit(double seconds, const char *url)
{
    struct page page = {.error = "the fetch did not start"};

    ferry_task *fetching = ferry_create_task(fetch, url, &page);
    FERRY_TIMEOUT(seconds) {
        ferry_wait(&fetching, 1, FERRY_ALL_COMPLETED); /* takes nothing, cancels nothing */
    }
    bool late = ferry_timeout_expired();
    if (late)
        printf("  not there within %g s; other things could be done now\n", seconds);
    int failed = ferry_await(int, fetching);
    if (failed)
        fprintf(stderr, "12-timeout: %s\n", page.error);
    else
        printf("  %s: %zu bytes\n", late ? "late" : "in time", page.size);
    page_free(&page);
    return failed;
}

static int log_out(const char *url)
{
    struct page page = {.error = "the fetch did not start"};
    int failed = ferry_to_thread(fetch_url, url, &page);
    printf("  session: log out: %s\n", failed ? page.error : "done");
    page_free(&page);
    return failed;
}

static int session(const char *url) /* works until it is cancelled */
{
    int result, failed = 0;
    while ((result = ferry_sleep(0.05)) == 0)
        timeline_tick();

    printf("  session: a wait says \"%s\"\n", strerror(-result));
    log_out(url); /* to be seen once: nothing waits any more in a cancelled task */
    FERRY_SHIELD
    {
        printf("  session: now in a shield\n");
        failed = log_out(url);
    }
    return failed ? failed : result; /* -ECANCELED: the task ended as it was asked to */
}

static int async_main(const char *url, const char *slow_url)
{
    int result = -1;

    timeline_start();
    ferry_task *working = ferry_create_task(session, url);
    int failed = fetch_with_a_limit(30, url);
    ferry_task *fetching = ferry_create_task(fetch_with_a_limit, 0.2, slow_url);
    ferry_sleep(0.3);

    ferry_task_cancel(working);
    ferry_join(working, &result);
    printf("  session: has ended: %s\n", strerror(-result));
    failed |= ferry_await(int, fetching) | (result == -1);
    timeline_print();
    return failed ? 1 : 0;
}

int main(int argc, char **argv)
{
    if (argc != 3) {
        fprintf(stderr, "usage: 12-timeout URL SLOW_URL\n");
        return 2;
    }
    return ferry_run(async_main, argv[1], argv[2]);
}
