/* SPDX-License-Identifier: MIT */
/*
 * 1. The problem: a blocking call in an event loop.
 *
 * A ticker ticks ten times a second. Then somebody calls fetch_url, which is blocking, as C
 * functions are: until the page is there, the loop's only thread stands still, and so does the
 * ticker. Step 2 changes one line.
 *
 *     01-freeze URL
 */
#include "common/fetch.h"
#include "common/timeline.h"
#include <ferry/ferry.h>
#include <stdio.h>

static int ticker(int times)
{
    for (int i = 1; i <= times; i++) {
        printf("  tick %d\n", i);
        timeline_tick();
        ferry_sleep(0.1); /* lets other tasks run; wakes up a tenth of a second later */
    }
    return 0;
}

static int async_main(const char *url)
{
    struct page page = {.error = "the fetch did not start"};

    timeline_start();
    ferry_task *ticking = ferry_create_task(ticker, 10);
    ferry_sleep(0.25); /* three ticks */

    printf("  fetch starts: %s\n", url);
    int failed = fetch_url(url, &page);
    if (failed)
        fprintf(stderr, "01-freeze: %s\n", page.error);
    else
        printf("  fetch ends: status %ld, %zu bytes\n", page.status, page.size);

    page_free(&page);
    ferry_await(int, ticking);
    timeline_print();
    return failed ? 1 : 0;
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: 01-freeze URL\n");
        return 2;
    }
    return ferry_run(async_main, argv[1]);
}
