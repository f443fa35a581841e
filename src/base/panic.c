/* SPDX-License-Identifier: MIT */
#include "base/panic.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* A sentence may be said on a task's stack: a small buffer and vsnprintf, no stdio stream, no
 * allocation. */
static void say(const char *format, va_list arguments)
{
    char line[512] = "ferry: ";
    const size_t prefix = sizeof "ferry: " - 1;
    int length = vsnprintf(line + prefix, sizeof line - prefix - 1, format, arguments);
    if (length < 0)
        length = 0;
    size_t end = prefix + (size_t)length;
    if (end > sizeof line - 2)
        end = sizeof line - 2;
    line[end] = '\n';
    if (write(STDERR_FILENO, line, end + 1) < 0)
        return; /* nowhere left to say it */
}

void ferry__report(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    say(format, arguments);
    va_end(arguments);
}

void ferry__panic(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    say(format, arguments);
    va_end(arguments);
    abort();
}
