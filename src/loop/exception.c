/* SPDX-License-Identifier: MIT */
/* Failures that nobody looked at, and the reports of debug mode: to the user's handler, or a line
 * on stderr. */
#include "base/error.h"
#include "base/panic.h"
#include "core/locals.h"
#include "core/task.h"
#include "loop/loop.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define MESSAGE_BYTES 400 /* of a report: a line of ferry__report has 512 */

static void to_stderr(const ferry_exception *exception)
{
    const char *name = exception->name, *function = exception->function;
    const char *place = exception->place ? exception->place : "?";
    bool named = name && function && strcmp(name, function) != 0;
    if (!name)
        ferry__report("%s", exception->message);
    else if (exception->result < 0)
        ferry__report("%s: \"%s\"%s%s, made at %s, returned %d%s%s%s", exception->message, name,
                      named ? " " : "", named ? function : "", place, exception->result,
                      exception->result < -1 ? " (" : "",
                      exception->result < -1 ? strerror(-exception->result) : "",
                      exception->result < -1 ? ")" : "");
    else
        ferry__report("%s: \"%s\"%s%s, made at %s", exception->message, name, named ? " " : "",
                      named ? function : "", place);
}

static void tell(struct ferry_loop *loop, const ferry_exception *exception)
{
    if (loop->exception_handler)
        loop->exception_handler(loop, exception, loop->exception_context);
    else
        to_stderr(exception);
}

/* The handler is a callback, wherever the loop comes from: maybe from a task that detaches another.
 */
static void tell_as_callback(struct ferry_loop *loop, const ferry_exception *exception)
{
    struct ferry__task *running = loop->sched.current;
    struct ferry__context *own = ferry__context_hold(ferry__context_now());
    struct ferry__context **outer = ferry__context_enter(&own);
    loop->sched.current = NULL;
    tell(loop, exception);
    loop->sched.current = running;
    ferry__context_leave(outer);
    ferry__context_drop(own);
}

ferry_exception ferry__about_task(struct ferry__task *task)
{
    return (ferry_exception){.task = ferry__task_handle(task),
                             .name = ferry__task_name(task),
                             .function = task->site,
                             .place = ferry__site_place(task->site)};
}

ferry_exception ferry__about_site(const char *site)
{
    if (!site)
        return (ferry_exception){0};
    return (ferry_exception){.name = site, .function = site, .place = ferry__site_place(site)};
}

ferry_exception ferry__about(const ferry_task *handle, const char *site)
{
    struct ferry__task *task;
    return ferry__task_find(handle, &task) == 0 ? ferry__about_task(task) : ferry__about_site(site);
}

void ferry__loop_complain(struct ferry_loop *loop, const char *message, struct ferry__task *task,
                          int result)
{
    ferry_exception exception = task ? ferry__about_task(task) : (ferry_exception){0};
    exception.message = message;
    exception.result = result;
    tell_as_callback(loop, &exception);
}

void ferry__loop_report(struct ferry_loop *loop, ferry_exception about, const char *format, ...)
{
    char message[MESSAGE_BYTES];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    about.message = message;
    about.debug = true;
    if (loop->debug.reporting) { /* about what a handler does: it would hear of that for ever */
        to_stderr(&about);
        return;
    }
    loop->debug.reporting = true;
    tell_as_callback(loop, &about);
    loop->debug.reporting = false;
}

int ferry_loop_set_exception_handler(ferry_exception_handler *handler, void *context)
{
    struct ferry_loop *loop = ferry__loop_current();
    if (!loop)
        return ferry__fail(EPERM);
    loop->exception_handler = handler;
    loop->exception_context = context;
    return 0;
}

ferry_exception_handler *ferry_loop_get_exception_handler(void **ret_context)
{
    struct ferry_loop *loop = ferry__loop_current();
    if (!loop)
        return NULL;
    if (ret_context)
        *ret_context = loop->exception_context;
    return loop->exception_handler;
}

int ferry_loop_call_exception_handler(const ferry_exception *exception)
{
    struct ferry_loop *loop = ferry__loop_current();
    if (!loop || !exception || !exception->message)
        return ferry__fail(loop ? EINVAL : EPERM);
    tell(loop, exception);
    return 0;
}

void ferry_loop_default_exception_handler(const ferry_exception *exception)
{
    if (exception && exception->message)
        to_stderr(exception);
}
