/* SPDX-License-Identifier: MIT */
/*
 * 11. A semaphore: at most three tasks at a time.
 *
 * An executor limits calls; a semaphore limits tasks, over as many waits as they like. Here a task
 * fetches a page and then pauses, as polite robots do, and gives its permit back only after both.
 * Those that wait for a permit hold no worker, so others find one.
 *
 *     11-semaphore URL...
 */
#include "common/fetch.h"
#include "common/timeline.h"
#include <ferry/ferry.h>
#include <stdio.h>

enum { MOST = 100 };

static ferry_semaphore permits = FERRY_SEMAPHORE_INIT(3);

static int fetch_politely(const char *url, struct page *page)
{
    int failed = -1;
    FERRY_WITH_SEMAPHORE(&permits) {
        failed = ferry_to_thread(fetch_url, url, page);
        ferry_sleep(0.05);
    } else {
        snprintf(page->error, sizeof page->error, "cancelled before its turn: %s", url);
    }
    return failed;
}

static int async_main(int count, char **urls)
{
    static struct page pages[MOST];
    ferry_task *tasks[MOST];
    int results[MOST], failures = 0;

    timeline_start();
    for (int i = 0; i < count; i++) {
        pages[i] = (struct page){.error = "the fetch did not start"};
        tasks[i] = ferry_create_task(fetch_politely, urls[i], &pages[i]);
    }
    if (ferry_gather(tasks, count, results) < 0) {
        perror("11-semaphore: cannot wait for the fetches");
        return 1;
    }

    for (int i = 0; i < count; i++) {
        if (results[i] == 0)
            printf("  %2d. %7zu bytes after %.2f s: %s\n", i + 1, pages[i].size, pages[i].seconds,
                   urls[i]);
        else
            fprintf(stderr, "11-semaphore: %s\n", pages[i].error);
        failures += results[i] != 0;
        page_free(&pages[i]);
    }
    timeline_print();
    return failures ? 1 : 0;
}

int main(int argc, char **argv)
{
    if (argc < 2 || argc > MOST + 1) {
        fprintf(stderr, "usage: 11-semaphore URL... (at most %d)\n", MOST);
        return 2;
    }
    return ferry_run(async_main, argc - 1, argv + 1);
}
