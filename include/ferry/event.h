/* SPDX-License-Identifier: MIT */
/*
 * Events: tasks that wait until something has happened.
 *
 *     static ferry_event ready = FERRY_EVENT_INIT;
 *
 *     ferry_event_set(&ready); // in a task or a callback: all go on
 *     if (ferry_event_wait(&ready) < 0) // in others
 *         return -1;
 *
 * Between tasks (and callbacks) of one loop. From another thread or a worker, set it with
 * ferry_call_soon_threadsafe(loop, ferry_event_set, &ready), or use one of ferry/threadsafe.h.
 *
 * Errors of an event: EPERM no loop runs on this thread, or tasks of another wait for it; EINVAL it
 * is NULL.
 */
#ifndef FERRY_EVENT_H
#define FERRY_EVENT_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/* An event, in place. Zeroed memory is an event that is clear. Not to be copied. */
typedef struct ferry_event {
    uint64_t ferry__words[4];
} ferry_event;
#define FERRY_EVENT_INIT \
    {                    \
        {                \
            0            \
        }                \
    }

/*
 * Makes a clear event of any memory, or ends its life. Neither is needed where FERRY_EVENT_INIT is
 * used. deinit: nobody may wait, or the program ends with a sentence; NULL is fine.
 *
 *     ferry_event own;
 *     ferry_event_init(&own);
 *     ferry_event_deinit(&own);
 *
 * Errors: none.
 * Any thread; never suspends.
 */
void ferry_event_init(ferry_event *event);
void ferry_event_deinit(ferry_event *event);

/*
 * Sets the event. All who wait go on, and who waits later goes on at once. Who was waiting goes on
 * even if it is cleared before they run.
 *
 * Returns 0, or a negative errno.
 * Errors: those of an event.
 * From a task or a callback of the loop; never suspends.
 */
int ferry_event_set(ferry_event *event);

/*
 * Clears the event, so that waits wait from now on.
 *
 *     ferry_event_clear(&ready);
 *
 * Returns 0, or a negative errno.
 * Errors: those of an event.
 * From a task or a callback of the loop; never suspends.
 */
int ferry_event_clear(ferry_event *event);

/*
 * Whether the event is set.
 *
 *     if (!ferry_event_is_set(&ready))
 *         puts("not yet");
 *
 * Returns true when it is.
 * Errors: none.
 * From the event's loop; never suspends.
 */
bool ferry_event_is_set(const ferry_event *event);

/*
 * Waits until the event is set.
 *
 * Returns 0, or a negative errno.
 * Errors: ECANCELED the task is cancelled, which it says also when the event is set; ETIMEDOUT a
 * time limit has run out, likewise; EPERM outside a task, or tasks of another loop wait for it;
 * EINVAL it is NULL.
 * From a task; suspends unless it is set.
 */
int ferry_event_wait(ferry_event *event) __attribute__((warn_unused_result));

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#endif
