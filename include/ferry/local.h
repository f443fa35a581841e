/* SPDX-License-Identifier: MIT */
/*
 * Task-locals (contextvars): a value that belongs to a task and travels with it.
 *
 *     static ferry_local request = FERRY_LOCAL_INIT;
 *     ferry_local_set(&request, "GET /");
 *     ... ferry_local_get(&request) ...
 *
 * A new task starts with what its creator had at that moment; what either sets later, the other
 * doesn't see. A call on a worker sees the values of the task that made it (it may read, not set).
 *
 * The value is your pointer: ferry neither copies nor frees what it points to, which must live as
 * long as any task (or call) that may have inherited it.
 */
#ifndef FERRY_LOCAL_H
#define FERRY_LOCAL_H

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/* A task-local is known by its address: make it static. */
typedef struct ferry_local {
    const void *reserved;
} ferry_local;

#define FERRY_LOCAL_INIT \
    {                    \
        0                \
    }

/* Sets the value for this task. 0; -ENOMEM; -EPERM outside a task (a worker included). Never
 * suspends. */
int ferry_local_set(const ferry_local *local, void *value);

/* The value, NULL where none was set. From tasks and from calls on workers; elsewhere NULL. */
void *ferry_local_get(const ferry_local *local);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#endif
