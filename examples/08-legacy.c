/* SPDX-License-Identifier: MIT */
/*
 * 8. A legacy module, moved step by step.
 *
 * The module is common/web.h: blocking, fifteen years old, with callers everywhere. Its wrappers,
 * written by hand, are common/async-web.c: one line per function, over an executor of its own. A
 * caller moves by changing names. Then one function goes native, and its callers don't notice.
 *
 *     08-legacy before  URL...     the old callers, one page after another
 *     08-legacy halfway URL...     the moved callers, in a program that has no loop yet
 *     08-legacy bridged URL...     the moved callers in tasks; the module runs two calls at once
 *     08-legacy native  URL...     the same; waiting for the server takes no worker any more
 */
#include "common/async-web.h"
#include "common/timeline.h"
#include <errno.h>
#include <ferry/ferry.h>
#include <stdio.h>
#include <string.h>

enum { MOST = 100 };

static double start;

static long page_size(const char *url) /* before */
{
    char page[100];
    int web = web_ask(url);
    if (web < 0)
        return -errno;
    long size = web_wait(web, 30) < 0 ? -1 : web_read(web, page, sizeof page);
    web_close(web);
    return size < 0 ? -errno : size;
}

static long async_page_size(const char *url) /* after: three names, nothing else */
{
    char page[100];
    int web = async_web_ask(url);
    if (web < 0)
        return -errno;
    long size = async_web_wait(web, 30) < 0 ? -1 : async_web_read(web, page, sizeof page);
    web_close(web);
    return size < 0 ? -errno : size;
}

static int show(const char *url, long size)
{
    timeline_tick();
    if (size < 0)
        fprintf(stderr, "08-legacy: cannot get %s: %s\n", url, strerror((int)-size));
    else
        printf("  after %.2f s: %ld bytes: %s\n", ferry_loop_time() - start, size, url);
    return size < 0;
}

static int one_by_one(int count, char **urls, long (*get)(const char *))
{
    int failures = 0;
    for (int i = 0; i < count; i++)
        failures += show(urls[i], get(urls[i]));
    return failures;
}

static int show_page(const char *url)
{
    return show(url, async_page_size(url));
}

static int async_main(int count, char **urls)
{
    ferry_task *tasks[MOST];
    int failures = 0;

    for (int i = 0; i < count; i++)
        tasks[i] = ferry_create_task(show_page, urls[i]);
    for (int i = 0; i < count; i++)
        failures += ferry_await(int, tasks[i]) != 0;
    return failures;
}

int main(int argc, char **argv)
{
    const char *how = argc > 2 ? argv[1] : "";
    char **urls = argv + 2;
    int failures = -1, count = argc - 2;

    if (count > MOST)
        how = "";
    async_web_native = strcmp(how, "native") == 0;
    if (async_web_open() < 0) {
        perror("08-legacy: cannot make an executor");
        return 1;
    }
    timeline_start();
    start = ferry_loop_time();
    if (strcmp(how, "before") == 0)
        failures = one_by_one(count, urls, page_size);
    else if (strcmp(how, "halfway") == 0)
        failures = one_by_one(count, urls, async_page_size);
    else if (strcmp(how, "bridged") == 0 || async_web_native)
        failures = ferry_run(async_main, count, urls);
    async_web_close();

    if (failures < 0) {
        fprintf(stderr, "usage: 08-legacy before|halfway|bridged|native URL... (at most %d)\n",
                MOST);
        return 2;
    }
    timeline_print();
    return failures ? 1 : 0;
}
