/* SPDX-License-Identifier: MIT */
/* What the tests of debug mode share: a loop in debug mode whose reports are kept. */
#ifndef TESTS_LOOP_REPORTS_H
#define TESTS_LOOP_REPORTS_H

#include "check.h"

#include <ferry/ferry.h>
#include <math.h>

/* One line each, as stderr would have it, and how many there are. */
CHECK__HELPER char reports[65536];
CHECK__HELPER int report_count;

CHECK__HELPER void keep_report(ferry_loop *loop, const ferry_exception *exception, void *context)
{
    (void)loop, (void)context;
    size_t used = strlen(reports);
    if (exception->debug)
        report_count++;
    snprintf(reports + used, sizeof reports - used, "%s%s: \"%s\" %s, made at %s, %s\n",
             exception->debug ? "" : "FAILURE ", exception->message,
             exception->name ? exception->name : "-",
             exception->function ? exception->function : "-",
             exception->place ? exception->place : "-", exception->task ? "a task" : "no task");
}

/* What a test does on its loop, and whether steps that hold it are to be reported. */
struct debugged {
    int (*body)(void);
    double slow;
};

CHECK__HELPER int run_body(struct debugged *test)
{
    ferry_loop_set_exception_handler(keep_report, NULL);
    CHECK_INT(ferry_loop_set_slow_callback_duration(test->slow), ==, 0);
    return test->body();
}

/* Runs it in debug mode; steps may take what they like. */
CHECK__HELPER int debugged(int (*body)(void))
{
    struct debugged test = {body, INFINITY};
    return ferry_run_with(&(ferry_run_options){.debug = true}, run_body, &test);
}

/* Runs it with debug mode off. */
CHECK__HELPER int undebugged(int (*body)(void))
{
    struct debugged test = {body, 0};
    return ferry_run(run_body, &test);
}

/* Lines that match, and how many do. */
CHECK__HELPER int matching(const char *pattern)
{
    int count = 0;
    char text[sizeof reports], *rest = text;
    memcpy(text, reports, sizeof text);
    for (char *row; (row = strtok_r(rest, "\n", &rest));)
        count += check__matches(row, pattern);
    return count;
}

/* The number of lines that match; all are shown when it differs. */
#define CHECK_REPORTS(pattern, operator_, count)                                                \
    do {                                                                                        \
        int matched = matching(pattern);                                                        \
        if (!(matched operator_(count)))                                                        \
            check__fail(__FILE__, __LINE__,                                                     \
                        "%d reports match \"%s\" and not " #operator_ " %d. All:\n%s", matched, \
                        pattern, (int)(count), reports);                                        \
    } while (0)

#endif
