/* SPDX-License-Identifier: MIT */
/*
 * An exception on its way out of a call. On a worker nobody catches it: terminate follows, which
 * knows no names, so the call is named here. Out of what ferry_from_thread runs in a task, the task
 * could catch it, behind the back of the worker that waits for the answer: the program ends here.
 */
#include "arch/arch.h"
#include "base/panic.h"
#include "bridge/crossing.h"

static void name_the_call(void)
{
    const struct ferry__task *task = ferry__task_current();
    const struct ferry__worker *worker = ferry__worker_current();
    const struct ferry__call *asked = task ? ferry__requests_asked(task) : NULL;
    if (asked)
        ferry__panic("an exception leaves %s (%s), called by ferry_from_thread: its worker would "
                     "wait for ever",
                     asked->site, ferry__site_place(asked->site));
    if (worker && worker->job && !task)
        ferry__report("an exception leaves %s (%s) on a worker of \"%s\"", worker->job->site,
                      ferry__site_place(worker->job->site), worker->executor->name);
}

void (*ferry__uncaught)(void) = name_the_call;
