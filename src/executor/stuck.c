/* SPDX-License-Identifier: MIT */
/* The report of calls that run: who, where, for how long, on which thread, doing what. */
#include "executor/stuck.h"
#include "executor/executor.h"

enum { CALLS_MOST = 64 };

/* What was seen under the lock; written about without it. */
struct seen {
    const struct ferry_executor *executor; /* NULL: all */
    size_t running;
    struct seen_call {
        ferry_running_call call;
        char executor[32];
    } calls[CALLS_MOST];
};

static void see(struct ferry__pool *pool, void *seen_)
{
    struct seen *seen = seen_;
    for (struct ferry__list *link = pool->executors.next; link != &pool->executors;
         link = link->next) {
        struct ferry_executor *executor = FERRY__LIST_OF(link, struct ferry_executor, of_pool);
        if (seen->executor && executor != seen->executor)
            continue;
        ferry_running_call calls[CALLS_MOST];
        size_t running = ferry__executor_running_locked(executor, calls, CALLS_MOST);
        for (size_t i = 0; i < running && i < CALLS_MOST; i++) {
            if (seen->running + i >= CALLS_MOST)
                break;
            struct seen_call *here = &seen->calls[seen->running + i];
            here->call = calls[i];
            snprintf(here->executor, sizeof here->executor, "%s", executor->name);
        }
        seen->running += running;
    }
}

static void report_call(FILE *file, const struct seen_call *seen, bool stacks)
{
    const ferry_running_call *call = &seen->call;
    struct ferry__whereabouts at;
    ferry__thread_whereabouts(call->thread, &at);
    fprintf(file, "ferry: %s (%s) on \"%s\" has run for %.3f s on thread %d, %s\n", call->function,
            call->place, seen->executor, call->seconds, call->thread, at.doing);
    if (stacks)
        ferry__print_stack(file, &at);
}

size_t ferry__executors_report(const struct ferry_executor *executor, FILE *file, bool stacks)
{
    struct seen seen = {.executor = executor};
    ferry__pools_each(see, &seen);
    for (size_t i = 0; i < seen.running && i < CALLS_MOST; i++)
        report_call(file, &seen.calls[i], stacks);
    if (seen.running > CALLS_MOST)
        fprintf(file, "ferry: and %zu calls more\n", seen.running - CALLS_MOST);
    fflush(file);
    return seen.running;
}
