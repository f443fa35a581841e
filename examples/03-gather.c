/* SPDX-License-Identifier: MIT */
/*
 * 3. Many at once: a task per page, and ferry_gather waits for all of them.
 *
 * A task costs about one page of memory, so "one task per thing to do" is how to write it. The
 * results come in the order of the tasks, whatever the order in which the pages arrived. How many
 * calls run at one moment is up to the default executor (CPUs + 4, at most 32); step 4 sets a
 * limit.
 *
 *     03-gather URL...
 */
#include "common/fetch.h"
#include "common/timeline.h"
#include <ferry/ferry.h>
#include <stdio.h>

enum { MOST = 100 };

static int fetch_one(const char *url, struct page *page)
{
    return ferry_to_thread(fetch_url, url, page);
}

static int async_main(int count, char **urls)
{
    static struct page pages[MOST];
    ferry_task *tasks[MOST];
    int results[MOST], failures = 0;

    timeline_start();
    for (int i = 0; i < count; i++) {
        pages[i] = (struct page){.error = "the fetch did not start"};
        tasks[i] = ferry_create_task(fetch_one, urls[i], &pages[i]);
    }
    if (ferry_gather(tasks, count, results) < 0) {
        perror("03-gather: cannot wait for the fetches");
        return 1;
    }

    for (int i = 0; i < count; i++) {
        if (results[i] == 0)
            printf("  %2d. %7zu bytes after %.2f s: %s\n", i + 1, pages[i].size, pages[i].seconds,
                   urls[i]);
        else
            fprintf(stderr, "03-gather: %s\n", pages[i].error);
        failures += results[i] != 0;
        page_free(&pages[i]);
    }
    timeline_print();
    return failures ? 1 : 0;
}

int main(int argc, char **argv)
{
    if (argc < 2 || argc > MOST + 1) {
        fprintf(stderr, "usage: 03-gather URL... (at most %d)\n", MOST);
        return 2;
    }
    return ferry_run(async_main, argc - 1, argv + 1);
}
