/* SPDX-License-Identifier: MIT */
/*
 * Scopes of a thread that runs no loop: a plain thread, or a call on a worker. The chain is the
 * thread's own, and works as a task's (core/scope.h), but for two things. Nobody cancels a thread.
 * And there is no loop whose timers could say that a limit has run out: so whoever blocks the
 * thread asks what interrupts it, sleeps no longer than until the nearest deadline, and asks again.
 *
 * On a thread that runs a loop, outside its tasks, there are no scopes: nothing waits there.
 */
#ifndef FERRY_CORE_THREAD_SCOPE_H
#define FERRY_CORE_THREAD_SCOPE_H

#include "core/scope.h"

/* What a wait of this thread would say now: 0, -ETIMEDOUT, -EINVAL. And the nearest deadline of the
 * limits that have not run out, ferry__now() time; FERRY__NEVER without. Leaves errno alone. */
int ferry__thread_interruption(uint64_t *ret_deadline);

/* For scope.c: the innermost limit of this thread, to be entered and left; and whether the
 * FERRY_TIMEOUT that it left last ran out. */
struct ferry__thread_scopes {
    struct ferry__limit *innermost;
    bool limit_expired;
};
extern _Thread_local struct ferry__thread_scopes ferry__thread_scopes
    __attribute__((tls_model("initial-exec")));

#endif
