/* SPDX-License-Identifier: MIT */
/* What the tests of locks and queues share: who came when, as a text; a few rounds of the loop. */
#ifndef TESTS_SYNC_SYNC_H
#define TESTS_SYNC_SYNC_H

#include "check.h"

#include <ferry/run.h>
#include <ferry/scope.h>
#include <ferry/task.h>

static char trace[256]; /* a letter for each thing that happened */

CHECK__HELPER void note(char letter)
{
    size_t length = strlen(trace);
    CHECK_INT(length, <, sizeof trace - 1);
    trace[length] = letter;
    trace[length + 1] = '\0';
}

/* What happened since the last look. */
CHECK__HELPER void check_trace(const char *file, int line, const char *expected)
{
    if (strcmp(trace, expected) != 0)
        check__fail(file, line, "the trace is \"%s\", not \"%s\"", trace, expected);
    trace[0] = '\0';
}
#define CHECK_TRACE(expected) check_trace(__FILE__, __LINE__, expected)

/* Until everybody who can run has come to a wait. */
CHECK__HELPER void settle(void)
{
    FERRY_SHIELD for (int i = 0; i < 4; i++) CHECK_INT(ferry_sleep(0), ==, 0);
}

/* Awaits a task whose function returns int. */
#define CHECK_ENDS(task, expected) CHECK_INT(ferry_await(int, task), ==, expected)

#endif
