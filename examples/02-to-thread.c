/* SPDX-License-Identifier: MIT */
/*
 * 2. The cure: the same program, with one line changed.
 *
 * ferry_to_thread(fetch_url, url, &page) has fetch_url run on a worker thread. The task that called
 * it sleeps until the result is there, the loop goes on, and the ticker ticks. fetch_url itself is
 * the same function, unchanged; the compiler checks its arguments as in any call.
 *
 *     02-to-thread URL
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
        ferry_sleep(0.1);
    }
    return 0;
}

static int async_main(const char *url)
{
    struct page page = {.error = "the fetch did not start"};

    timeline_start();
    ferry_task *ticking = ferry_create_task(ticker, 10);
    ferry_sleep(0.25);

    printf("  fetch starts: %s\n", url);
    int failed = ferry_to_thread(fetch_url, url, &page); /* <- the line */
    if (failed)
        fprintf(stderr, "02-to-thread: %s\n", page.error);
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
        fprintf(stderr, "usage: 02-to-thread URL\n");
        return 2;
    }
    return ferry_run(async_main, argv[1]);
}
