/* SPDX-License-Identifier: MIT */
/*
 * Executors that were freed while calls of theirs still ran, which their shutdown had allowed
 * (ferry/executor.h, detach). Nobody waits for them. The worker that ends the last call can't give
 * back the memory (it stands on it, and a thread can't join itself): so they stand in a list, and
 * whoever opens or frees an executor looks which of them have come to their end.
 */
#include "executor/executor.h"

#include <pthread.h>

static pthread_mutex_t detached_lock = PTHREAD_MUTEX_INITIALIZER; /* taken before a pool's */
static struct ferry__list detached = {&detached, &detached};      /* under it */

static struct ferry_executor *take_drained(void)
{
    struct ferry_executor *found = NULL;
    pthread_mutex_lock(&detached_lock);
    for (struct ferry__list *link = detached.next; link != &detached && !found; link = link->next) {
        struct ferry_executor *executor = FERRY__LIST_OF(link, struct ferry_executor, detached);
        if (ferry__executor_drained(executor, NULL))
            found = executor;
    }
    if (found)
        ferry__list_remove(&found->detached);
    pthread_mutex_unlock(&detached_lock);
    return found;
}

/* They are the parent's. */
void ferry__detached_forget(void)
{
    pthread_mutex_init(&detached_lock, NULL);
    ferry__list_init(&detached);
}

void ferry__executor_leave(struct ferry_executor *executor)
{
    pthread_mutex_lock(&detached_lock);
    ferry__list_put_last(&detached, &executor->detached);
    pthread_mutex_unlock(&detached_lock);
}

void ferry__executors_sweep(void)
{
    struct ferry_executor *executor;
    while ((executor = take_drained()))
        ferry__executor_close(executor);
}
