/* SPDX-License-Identifier: MIT */
/*
 * 4. A limit: an executor that runs at most five calls at once.
 *
 * Servers, licences and old libraries have limits. An executor is such a limit with a queue
 * behind it: all tasks start at once, five fetches run, the others wait for their turn without a
 * thread of their own. At the closing brace the executor is shut down, after its last call.
 *
 *     04-executor URL...
 */
#include "common/fetch.h"
#include "common/timeline.h"
#include <ferry/ferry.h>
#include <stdio.h>

enum { MOST = 100 };

static int fetch_one(ferry_executor *http, const char *url, struct page *page)
{
    return ferry_run_in_executor(http, fetch_url, url, page);
}

static int async_main(int count, char **urls)
{
    static struct page pages[MOST];
    ferry_task *tasks[MOST];
    int results[MOST], failures = 0;

    timeline_start();
    FERRY_WITH_EXECUTOR(http, .name = "http", .max_workers = 5) {
        for (int i = 0; i < count; i++) {
            pages[i] = (struct page){.error = "the fetch did not start"};
            tasks[i] = ferry_create_task(fetch_one, http, urls[i], &pages[i]);
        }
        if (ferry_gather(tasks, count, results) < 0) {
            perror("04-executor: cannot wait for the fetches");
            return 1;
        }
    } else {
        perror("04-executor: cannot make an executor");
        return 1;
    }

    for (int i = 0; i < count; i++) {
        if (results[i] == 0)
            printf("  %2d. %7zu bytes after %.2f s: %s\n", i + 1, pages[i].size, pages[i].seconds,
                   urls[i]);
        else
            fprintf(stderr, "04-executor: %s\n", pages[i].error);
        failures += results[i] != 0;
        page_free(&pages[i]);
    }
    timeline_print();
    return failures ? 1 : 0;
}

int main(int argc, char **argv)
{
    if (argc < 2 || argc > MOST + 1) {
        fprintf(stderr, "usage: 04-executor URL... (at most %d)\n", MOST);
        return 2;
    }
    return ferry_run(async_main, argc - 1, argv + 1);
}
