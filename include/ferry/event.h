/* SPDX-License-Identifier: MIT */
/*
 * Events: tasks that wait until something has happened.
 *
 *     static ferry_event ready = FERRY_EVENT_INIT;
 *
 *     if (ferry_event_wait(&ready) < 0)                    in some tasks
 *         return -1;
 *     ferry_event_set(&ready);                             in another: all go on
 *
 * Between tasks (and callbacks) of one loop. From another thread or a worker, set it with
 * ferry_call_soon_threadsafe(loop, ferry_event_set, &ready), or use one of ferry/threadsafe.h.
 *
 * All functions: EINVAL for NULL. On the loop of those who wait only; EPERM where that is seen.
 */
#ifndef FERRY_EVENT_H
#define FERRY_EVENT_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/* In place. Zeroed memory is an event that is clear. Not to be copied. */
typedef struct ferry_event {
    uint64_t ferry__words[4];
} ferry_event;

#define FERRY_EVENT_INIT \
    {                    \
        {                \
            0            \
        }                \
    }

/* Makes a clear event of any memory. deinit: nobody may wait, or the program ends with a sentence;
 * NULL is fine. Neither is needed where FERRY_EVENT_INIT is used. */
void ferry_event_init(ferry_event *event);
void ferry_event_deinit(ferry_event *event);

/* Sets it: all who wait go on, and who waits later goes on at once. Who was waiting goes on even if
 * it is cleared before they run. 0; -EPERM: no loop runs on this thread, or tasks of another wait.
 * From a task or a callback. Never suspends. */
int ferry_event_set(ferry_event *event);

/* From now on waits wait. 0; -EPERM as above. From a task or a callback. Never suspends. */
int ferry_event_clear(ferry_event *event);

/* Whether it is set. */
bool ferry_event_is_set(const ferry_event *event);

/* Waits until it is set. 0; -ECANCELED, -ETIMEDOUT: interrupted, which it says even when the event
 * is set; -EPERM: outside a task. From a task. Suspends unless it is set. */
int ferry_event_wait(ferry_event *event) __attribute__((warn_unused_result));

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#endif
