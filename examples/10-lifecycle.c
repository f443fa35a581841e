/* SPDX-License-Identifier: MIT */
/*
 * 10. The life of an executor: well kept, shut down with a time limit, forgotten.
 *
 * FERRY_WITH_EXECUTOR shuts it down at the closing brace, however the block is left. By hand there
 * is ferry_executor_shutdown, which can stop waiting and say what still runs. And one that was
 * forgotten, with all it holds, is what debug mode reports when the loop ends. (Any program has
 * that with FERRY_DEBUG=1, on stderr; this one takes the report with a handler of its own.)
 *
 *     10-lifecycle URL SLOW_URL
 */
#include "common/fetch.h"
#include "common/timeline.h"
#include <errno.h>
#include <ferry/ferry.h>
#include <stdio.h>
#include <string.h>

static int show(const char *name, int failed, struct page *page)
{
    if (failed)
        fprintf(stderr, "10-lifecycle: %s\n", page->error);
    else
        printf("  %s: %zu bytes\n", name, page->size);
    page_free(page);
    return failed ? 1 : 0;
}

static int well_kept(const char *url)
{
    struct page page = {.error = "the fetch did not start"};
    int failed = -1;
    FERRY_WITH_EXECUTOR(kept, .name = "kept", .max_workers = 2) {
        failed = ferry_run_in_executor(kept, fetch_url, url, &page);
    } else {
        perror("10-lifecycle: cannot make an executor");
    }
    return show("kept", failed, &page);
}

static int with_a_limit(const char *url)
{
    struct page pages[2] = {{.error = "the fetch did not start"}};
    ferry_running_call running[4];

    ferry_executor *slow =
        ferry_executor_new(&(ferry_executor_options){.name = "slow", .max_workers = 1});
    if (!slow) {
        perror("10-lifecycle: cannot make an executor");
        return 1;
    }
    ferry_future *first = ferry_executor_submit(slow, fetch_url, url, &pages[0]);
    ferry_future *second = ferry_executor_submit(slow, fetch_url, url, &pages[1]);
    while (ferry_executor_queued(slow) > 1 && ferry_sleep(0.01) == 0)
        ; /* until the first has begun */

    int late = ferry_executor_shutdown(
        slow, &(ferry_shutdown_options){.seconds = 0.1, .cancel_pending = true});
    printf("  slow: shutdown says \"%s\"\n", strerror(-late));
    size_t count = ferry_executor_running(slow, running, 4);
    for (size_t i = 0; i < count && i < 4; i++)
        printf("  slow: still running: %s, from %s, for %.1f s\n", running[i].function,
               running[i].place, running[i].seconds);
    printf("  slow: the one in the queue says \"%s\"\n",
           strerror(-ferry_future_await(second, NULL)));

    ferry_executor_free(slow); /* waits for the rest: nothing is lost */
    int failed = ferry_future_result(int, first);
    ferry_future_free(first);
    ferry_future_free(second);
    page_free(&pages[1]);
    return show("slow", failed, &pages[0]);
}

static int forgotten(const char *url)
{
    ferry_loop_set_debug(true); /* for this part; else FERRY_DEBUG=1, or an option of ferry_run */
    struct page page = {.error = "the fetch did not start"};
    ferry_executor *executor =
        ferry_executor_new(&(ferry_executor_options){.name = "forgotten", .max_workers = 2});
    int failed = ferry_run_in_executor(executor, fetch_url, url, &page);
    return show("forgotten", failed, &page); /* and the executor? */
}

static void on_report(ferry_loop *loop, const ferry_exception *report, void *context)
{
    (void)loop, (void)context;
    if (strstr(report->message, "executor"))
        printf("\n  debug mode: %s:\n              \"%s\", made at %s\n", report->message,
               report->name, report->place);
}

static int async_main(const char *url, const char *slow_url)
{
    ferry_loop_set_exception_handler(on_report, NULL);
    timeline_start();
    int failures = well_kept(url) + with_a_limit(slow_url) + forgotten(url);
    timeline_print();
    return failures ? 1 : 0;
}

int main(int argc, char **argv)
{
    if (argc != 3) {
        fprintf(stderr, "usage: 10-lifecycle URL SLOW_URL\n");
        return 2;
    }
    return ferry_run(async_main, argv[1], argv[2]);
}
