/* SPDX-License-Identifier: MIT */
/*
 * Bridged, a function is one line: the old one, on the module's own executor. Its limit is written
 * here once, and the module can't take the workers of others.
 *
 * Native, the worker is gone: the loop watches the socket, and the task waits for a future that the
 * watch settles.
 */
#include "async-web.h"
#include <errno.h>
#include <ferry/ferry.h>

bool async_web_native;
static ferry_executor *executor; /* NULL, before it is opened: the default one */

int async_web_open(void)
{
    /* Nobody ever ran more than two of the module's calls at once. */
    executor = ferry_executor_new(&(ferry_executor_options){.name = "web", .max_workers = 2});
    return executor ? 0 : -1;
}

void async_web_close(void)
{
    ferry_executor_free(executor);
    executor = NULL;
}

int async_web_ask(const char *url)
{
    return ferry_run_in_executor(executor, web_ask, url);
}

long async_web_read(int web, char *page, size_t room)
{
    return ferry_run_in_executor(executor, web_read, web, page, room);
}

static void on_readable(int web, void *ready)
{
    ferry_loop_remove_reader(web); /* once is enough */
    ferry_future_set_result(ready, NULL);
}

static int native_wait(int web, int seconds)
{
    ferry_future *ready = ferry_future_new();
    int result = ready ? ferry_loop_add_reader(web, on_readable, ready) : -ENOMEM;
    if (result == 0) {
        FERRY_TIMEOUT(seconds) {
            result = ferry_future_await(ready, NULL); /* the task waits, no thread does */
        }
        ferry_loop_remove_reader(web);
    }
    ferry_future_free(ready);
    if (result < 0)
        errno = -result; /* as web_wait says it */
    return result < 0 ? -1 : 0;
}

int async_web_wait(int web, int seconds)
{
    if (async_web_native && ferry_get_running_loop())
        return native_wait(web, seconds);
    return ferry_run_in_executor(executor, web_wait, web, seconds);
}
