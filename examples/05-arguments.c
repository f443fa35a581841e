/* SPDX-License-Identifier: MIT */
/*
 * 5. Several arguments of several types.
 *
 * Whatever a C function takes and returns, ferry_to_thread takes and returns: pointers, integers,
 * doubles, structs by value, variable arguments. Nothing is cast, nothing packed into a void *, and
 * a wrong argument is refused by the compiler, with its ordinary message, on this line. (A task
 * outlives the statement that makes it: its own arguments are scalars, pointers, small structs.)
 *
 *     05-arguments URL
 */
#include "common/probe.h"
#include "common/timeline.h"
#include <ferry/ferry.h>
#include <netdb.h>
#include <stdio.h>

static int probing(const char *url, unsigned char times, double pause)
{
    struct range accepted = {200, 299};
    struct report report = ferry_to_thread(probe, url, times, pause, true, accepted, 'A');

    printf("  asked %d of %d times: %d good, %.3f s each, grade %c\n", report.asked, times,
           report.good, report.seconds / report.asked, report.grade);
    return report.good == times ? 0 : -1;
}

static int async_main(const char *url)
{
    struct addrinfo *found = NULL;
    char text[80];
    int results[3] = {-1, -1, -1};

    timeline_start();
    ferry_task *tasks[] = {ferry_create_task(probing, url, 4, 0.02),
                           ferry_create_task(probing, url, 3, 0.04),
                           ferry_create_task(probing, url, 2, 0.06)};

    int unknown = ferry_to_thread(getaddrinfo, "localhost", "80", NULL, &found);
    int length = ferry_to_thread(snprintf, text, sizeof text, "%s has port %d, %.1f %% %s",
                                 "localhost", 80, 99.5, unknown ? "unknown" : "known");
    printf("  %s (%d characters)\n", text, length);
    if (!unknown)
        freeaddrinfo(found);

    ferry_gather(tasks, 3, results);
    timeline_print();
    if (results[0] || results[1] || results[2]) {
        fprintf(stderr, "05-arguments: %s did not answer well every time\n", url);
        return 1;
    }
    return 0;
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: 05-arguments URL\n");
        return 2;
    }
    return ferry_run(async_main, argv[1]);
}
