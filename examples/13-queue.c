/* SPDX-License-Identifier: MIT */
/*
 * 13. A producer and three consumers, with a queue between them.
 *
 * The queue has room for four: a producer that is faster waits for a place, so nothing piles up.
 * join waits until every item has been dealt with; shutdown then tells the consumers, who wait for
 * more, that there will be none.
 *
 *     13-queue URL...
 */
#include "common/fetch.h"
#include "common/timeline.h"
#include <ferry/ferry.h>
#include <stdio.h>

enum { CONSUMERS = 3, ROOM = 4 };

static int produce(ferry_queue *queue, int count, char **urls)
{
    for (int i = 0; i < count; i++) {
        if (ferry_queue_put(queue, &urls[i]) < 0)
            return -1; /* cancelled */
        printf("  producer: put %d\n", i + 1);
        timeline_tick();
    }
    return 0;
}

static int consume(ferry_queue *queue, int number)
{
    char *url;
    int pages = 0, failures = 0;

    while (ferry_queue_get(queue, &url) == 0) {
        struct page page = {.error = "the fetch did not start"};
        int failed = ferry_to_thread(fetch_url, url, &page);
        if (failed)
            fprintf(stderr, "13-queue: %s\n", page.error);
        else
            printf("  consumer %d: %zu bytes: %s\n", number, page.size, url);
        failures += failed != 0;
        pages++;
        page_free(&page);
        ferry_queue_task_done(queue);
    }
    printf("  consumer %d: ends after %d pages\n", number, pages);
    return failures;
}

static int async_main(int count, char **urls)
{
    ferry_task *consumers[CONSUMERS];
    int failures = 0;

    timeline_start();
    ferry_queue *queue = ferry_queue_new(sizeof(char *), ROOM);
    if (!queue) {
        perror("13-queue: cannot make a queue");
        return 1;
    }
    for (int i = 0; i < CONSUMERS; i++)
        consumers[i] = ferry_create_task(consume, queue, i + 1);
    ferry_task *producer = ferry_create_task(produce, queue, count, urls);

    failures += ferry_await(int, producer) < 0; /* all are put */
    failures += ferry_queue_join(queue) < 0;    /* all are dealt with */
    ferry_queue_shutdown(queue, false);         /* there will be no more */
    for (int i = 0; i < CONSUMERS; i++)
        failures += ferry_await(int, consumers[i]) != 0;

    ferry_queue_free(queue);
    timeline_print();
    return failures ? 1 : 0;
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        fprintf(stderr, "usage: 13-queue URL...\n");
        return 2;
    }
    return ferry_run(async_main, argc - 1, argv + 1);
}
