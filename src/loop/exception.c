/* SPDX-License-Identifier: MIT */
/* Failures that nobody looked at: to the user's handler, or a line on stderr. */
#include "base/error.h"
#include "base/panic.h"
#include "core/task.h"
#include "loop/loop.h"

#include <string.h>

static void to_stderr(const ferry_exception *exception)
{
    if (!exception->task)
        ferry__report("%s", exception->message);
    else if (exception->result < 0)
        ferry__report("%s: \"%s\", made at %s, returned %d%s%s%s", exception->message,
                      exception->name, exception->place, exception->result,
                      exception->result < -1 ? " (" : "",
                      exception->result < -1 ? strerror(-exception->result) : "",
                      exception->result < -1 ? ")" : "");
    else
        ferry__report("%s: \"%s\", made at %s", exception->message, exception->name,
                      exception->place);
}

void ferry__loop_complain(struct ferry_loop *loop, const char *message, struct ferry__task *task,
                          int result)
{
    ferry_exception exception = {
        .message = message,
        .task = task ? ferry__task_handle(task) : NULL,
        .name = task ? ferry__task_name(task) : NULL,
        .place = task ? ferry__site_place(task->site) : NULL,
        .result = result,
    };
    if (loop->exception_handler)
        loop->exception_handler(loop, &exception, loop->exception_context);
    else
        to_stderr(&exception);
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
