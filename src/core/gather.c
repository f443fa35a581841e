/* SPDX-License-Identifier: MIT */
/* ferry_gather and ferry_wait: one joiner that counts. */
#include "base/error.h"
#include "core/join.h"
#include "core/kind.h"

#include <ferry/gather.h>

static void cancel_all(ferry_task *const *tasks, size_t count)
{
    struct ferry__task *task;
    for (size_t i = 0; i < count; i++)
        if (ferry__task_find(tasks[i], &task) == 0 && task->state != FERRY__TASK_DONE)
            ferry__task_cancel(task);
}

/* In order; the first that had none says why. */
static int take_all(ferry_task *const *tasks, size_t count, unsigned result, void *results)
{
    int said = 0;
    size_t size = results ? ferry__kind_size(result) : 0;
    for (size_t i = 0; i < count; i++) {
        struct ferry__task *task;
        if (ferry__task_find(tasks[i], &task) != 0)
            continue;
        void *ret = results ? (char *)results + i * size : NULL;
        int error = ferry__take_result(task, ret, size);
        if (error && ret)
            ferry__kind_skip(result, ret, size);
        if (said == 0)
            said = error;
    }
    return said;
}

int ferry__gather(ferry_task *const *tasks, size_t count, unsigned result, const char *place,
                  void *results)
{
    struct ferry__task *self = ferry__task_current(), *task;
    if (!self)
        return ferry__fail(EPERM);
    for (size_t i = 0; results && i < count; i++)
        if (ferry__task_find(tasks[i], &task) == 0)
            ferry__join_kind(task, result, "ferry_gather", place);
    struct ferry__waiting waiting;
    ferry__waiting_init(&waiting, self);
    long running = ferry__waiting_add_all(&waiting, tasks, count);
    if (running < 0)
        return ferry__fail((int)-running);
    waiting.left = (size_t)running;
    if (running > 0 && ferry__park(self, "ferry_gather") < 0) {
        cancel_all(tasks, count);
        if (waiting.left > 0)
            ferry__park_shielded(self, "tasks that it cancelled");
    }
    int said = take_all(tasks, count, result, results);
    return said ? ferry__fail(-said) : 0;
}

static int count_done(ferry_task *const *tasks, size_t count)
{
    int done = 0;
    struct ferry__task *task;
    for (size_t i = 0; i < count; i++)
        if (ferry__task_find(tasks[i], &task) != 0 || task->state == FERRY__TASK_DONE)
            done++;
    return done;
}

static bool failed_by_itself(const struct ferry__task *task)
{
    return ferry__task_failed(task) && !ferry__task_was_cancelled(task);
}

static int count_failed(ferry_task *const *tasks, size_t count)
{
    int failed = 0;
    struct ferry__task *task;
    for (size_t i = 0; i < count; i++)
        if (ferry__task_find(tasks[i], &task) == 0 && failed_by_itself(task))
            failed++;
    return failed;
}

/* The joiner of FERRY_FIRST_EXCEPTION. */
static void ended_or_failed(struct ferry__joiner *joiner, struct ferry__task *task)
{
    struct ferry__waiting *waiting = (struct ferry__waiting *)(void *)joiner;
    if (failed_by_itself(task) && waiting->left > 0)
        waiting->left = 1; /* as if it were the last */
    ferry__waiting_count(joiner, task);
}

int ferry_wait(ferry_task *const *tasks, size_t count, ferry_wait_when when)
{
    struct ferry__task *self = ferry__task_current();
    if (!self)
        return ferry__fail(EPERM);
    if (when > FERRY_FIRST_EXCEPTION || (when == FERRY_FIRST_COMPLETED && count == 0) ||
        count > INT32_MAX)
        return ferry__fail(EINVAL);
    struct ferry__waiting waiting;
    ferry__waiting_init(&waiting, self);
    if (when == FERRY_FIRST_EXCEPTION)
        waiting.joiner.ended = ended_or_failed;
    long running = ferry__waiting_add_all(&waiting, tasks, count);
    if (running < 0)
        return ferry__fail((int)-running);
    bool over = running == 0 || (when == FERRY_FIRST_COMPLETED && (size_t)running < count) ||
                (when == FERRY_FIRST_EXCEPTION && count_failed(tasks, count) > 0);
    int said = 0;
    if (!over) {
        waiting.left = when == FERRY_FIRST_COMPLETED ? 1 : (size_t)running;
        said = ferry__park(self, "ferry_wait");
    }
    ferry__waiting_remove_all(&waiting, tasks, count);
    return said ? said : count_done(tasks, count);
}
