/* SPDX-License-Identifier: MIT */
/*
 * Task-locals (contextvars): a value that belongs to a task and travels with it.
 *
 *     static ferry_local request = FERRY_LOCAL_INIT;
 *     ferry_local_set(&request, line);
 *     puts(ferry_local_get(&request)); // here, and in what it calls, creates and sends to workers
 *
 * A new task starts with what its creator had at that moment; what either sets later, the other
 * doesn't see. So do a callback of the loop (a timer, a reader, a signal's handler, a done
 * callback, from another thread too), with what there was when it was asked for, and a call on a
 * worker, with what its caller has: each works on a copy of its own.
 *
 * The value is your pointer: ferry neither copies nor frees what it points to, which must live as
 * long as any task, callback or call that may have inherited it.
 */
#ifndef FERRY_LOCAL_H
#define FERRY_LOCAL_H

#include <ferry/scope.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/*
 * A task-local is known by its address. Make it static. FERRY_LOCAL_INIT_DEFAULT has a value for
 * where none was set, FERRY_LOCAL_INIT has NULL there.
 */
typedef struct ferry_local {
    void *otherwise;
} ferry_local;
#define FERRY_LOCAL_INIT \
    {                    \
        0                \
    }
#define FERRY_LOCAL_INIT_DEFAULT(value) \
    {                                   \
        (value)                         \
    }

/*
 * Sets the value for this task, callback or call.
 *
 * Returns 0, or a negative errno.
 * Errors: ENOMEM no memory; EPERM a thread that is none of these.
 * From a task, a callback of the loop or a call on a worker; never suspends.
 */
int ferry_local_set(const ferry_local *local, void *value);

/*
 * The value of a task-local for this task, callback or call.
 *
 * Returns the value; where none was set the default, or NULL.
 * Errors: none.
 * Any thread; never suspends.
 */
void *ferry_local_get(const ferry_local *local);

/*
 * FERRY_WITH_LOCAL(const ferry_local *local, void *value) { ... } else { ... }
 *
 * Has the value inside the block. At its end, however it is left, the one before is back (set, and
 * reset by its token, in Python). The else arm runs when it could not be set, and errno says why.
 *
 *     FERRY_WITH_LOCAL(&request, line) {
 *         fetch_user(url, &user);
 *     } else {
 *         perror("request");
 *     }
 *
 * Errors: ENOMEM no memory; EPERM a thread that is none of these.
 * From a task, a callback of the loop or a call on a worker; never suspends.
 */
#define FERRY_WITH_LOCAL(local, value) \
    FERRY__WITH_LOCAL(FERRY__JOIN(ferry__local_, __COUNTER__), (local), (value))

/*
 * Contexts: all values together, to take along (contextvars.copy_context).
 *
 *     ferry_context *context = ferry_copy_context();
 *     FERRY_WITH_CONTEXT(context) { // later, elsewhere, on another thread
 *         puts(ferry_local_get(&request));
 *     } else {
 *         perror("context");
 *     }
 *     ferry_context_free(context);
 */
typedef struct ferry_context ferry_context;

/*
 * Copies the values that the running code has.
 *
 * Returns the context, or NULL. Free it with ferry_context_free.
 * Errors: ENOMEM no memory.
 * Any thread; never suspends.
 */
ferry_context *ferry_copy_context(void);

/*
 * Gives a context back. NULL is fine. Inside its block the program ends with a sentence.
 *
 * Errors: none.
 * Any thread; never suspends.
 */
void ferry_context_free(ferry_context *context);

/*
 * FERRY_WITH_CONTEXT(ferry_context *context) { ... } else { ... }
 *
 * Runs the block in the context (Context.run). It has its values, and what it sets stays there for
 * the next block. The else arm runs when it can't be entered, and errno says why.
 *
 * Errors: EBUSY it is entered already (by one at a time, so also not by itself); EINVAL it is NULL.
 * From a task, a callback, a call on a worker, or on any other thread; never suspends.
 */
#define FERRY_WITH_CONTEXT(context) \
    FERRY__WITH_CONTEXT(FERRY__JOIN(ferry__context_, __COUNTER__), (context))

/* What the macros are made of. */
struct ferry__with_context {
    void *words[4];
};
struct ferry__with_local {
    void *words[3];
};
struct ferry__with_context *ferry__with_context_open(struct ferry__with_context *frame,
                                                     ferry_context *context);
int ferry__with_context_held(const struct ferry__with_context *frame);
void ferry__with_context_close(struct ferry__with_context *frame);
struct ferry__with_local *ferry__with_local_open(struct ferry__with_local *frame,
                                                 const ferry_local *local, void *value);
int ferry__with_local_held(const struct ferry__with_local *frame);
void ferry__with_local_close(struct ferry__with_local *frame);

#define FERRY__WITH_CONTEXT(frame, context)                                                    \
    for (struct ferry__with_context frame __attribute__((cleanup(ferry__with_context_close))), \
         *FERRY__JOIN(frame, _once) = ferry__with_context_open(&frame, (context));             \
         FERRY__JOIN(frame, _once); FERRY__JOIN(frame, _once) = FERRY__NULL)                   \
        if (ferry__with_context_held(&frame))
#define FERRY__WITH_LOCAL(frame, local, value)                                             \
    for (struct ferry__with_local frame __attribute__((cleanup(ferry__with_local_close))), \
         *FERRY__JOIN(frame, _once) = ferry__with_local_open(&frame, (local), (value));    \
         FERRY__JOIN(frame, _once); FERRY__JOIN(frame, _once) = FERRY__NULL)               \
        if (ferry__with_local_held(&frame))

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#endif
