/* SPDX-License-Identifier: MIT */
/* The plain functions on task handles: what ferry/task.h promises, one line of checks each. */
#include "base/error.h"
#include "base/memory.h"
#include "core/task.h"

#include <stdarg.h>
#include <stdio.h>

int ferry_task_cancel(ferry_task *handle)
{
    struct ferry__task *task;
    int error = ferry__task_find(handle, &task);
    if (error)
        return ferry__fail(-error);
    if (task->state == FERRY__TASK_DONE)
        return 0;
    ferry__task_cancel(task);
    return 1;
}

int ferry_task_uncancel(ferry_task *handle)
{
    struct ferry__task *task;
    int error = ferry__task_find(handle, &task);
    if (error)
        return ferry__fail(-error);
    if (task->cancels > 0 && task->state != FERRY__TASK_DONE)
        task->cancels--;
    return (int)task->cancels;
}

int ferry_task_cancelling(ferry_task *handle)
{
    struct ferry__task *task;
    int error = ferry__task_find(handle, &task);
    return error ? ferry__fail(-error) : (int)task->cancels;
}

bool ferry_task_done(ferry_task *handle)
{
    struct ferry__task *task;
    int error = ferry__task_find(handle, &task);
    if (error) {
        errno = -error;
        return error == -ESRCH;
    }
    return task->state == FERRY__TASK_DONE;
}

bool ferry_task_cancelled(ferry_task *handle)
{
    struct ferry__task *task;
    int error = ferry__task_find(handle, &task);
    if (error) {
        errno = -error;
        return false;
    }
    return ferry__task_was_cancelled(task);
}

int ferry_task_detach(ferry_task *handle)
{
    struct ferry__task *task;
    int error = ferry__task_find(handle, &task);
    if (error == 0 && task->joiner && !task->joiner->yields)
        error = -EBUSY;
    if (error)
        return ferry__fail(-error);
    task->detached = true;
    if (task->state == FERRY__TASK_DONE)
        ferry__task_free(task);
    return 0;
}

int ferry_task_set_name(ferry_task *handle, const char *format, ...)
{
    struct ferry__task *task;
    int error = ferry__task_find(handle, &task);
    if (error)
        return ferry__fail(-error);
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    char *name = length < 0 ? NULL : ferry__alloc((size_t)length + 1);
    va_start(arguments, format);
    if (name)
        vsnprintf(name, (size_t)length + 1, format, arguments);
    va_end(arguments);
    if (!name)
        return ferry__fail(length < 0 ? EINVAL : ENOMEM);
    ferry__free(task->name);
    task->name = name;
    return 0;
}

const char *ferry_task_name(ferry_task *handle)
{
    struct ferry__task *task;
    int error = ferry__task_find(handle, &task);
    if (error) {
        errno = -error;
        return "?";
    }
    return ferry__task_name(task);
}

ferry_task *ferry_current_task(void)
{
    struct ferry__task *task = ferry__task_current();
    return task ? ferry__task_handle(task) : NULL;
}

size_t ferry_all_tasks(ferry_task **ret, size_t room)
{
    struct ferry__sched *sched = ferry__sched_here;
    size_t count = 0;
    if (!sched) {
        errno = EPERM;
        return 0;
    }
    for (uint32_t i = 0; i < sched->tasks.made; i++) {
        struct ferry__task *task = ferry__slot_at(&sched->tasks, i);
        if (!task || task->state == FERRY__TASK_DONE)
            continue;
        if (count < room)
            ret[count] = ferry__task_handle(task);
        count++;
    }
    return count;
}
