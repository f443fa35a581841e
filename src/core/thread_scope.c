/* SPDX-License-Identifier: MIT */
#include "core/thread_scope.h"

#include "base/clock.h"

#include <errno.h>

_Thread_local struct ferry__thread_scopes ferry__thread_scopes
    __attribute__((tls_model("initial-exec")));

int ferry__thread_interruption(uint64_t *ret_deadline)
{
    struct ferry__limit *innermost = ferry__thread_scopes.innermost;
    *ret_deadline = FERRY__NEVER;
    if (!innermost)
        return 0;
    /* All that are over by now run out together, so that the outermost is the one that did. */
    uint64_t now = ferry__now();
    for (struct ferry__limit *scope = innermost; scope && !scope->shield; scope = scope->outer) {
        if (scope->says)
            continue;
        if (scope->deadline <= now)
            scope->says = -ETIMEDOUT;
        else if (scope->deadline < *ret_deadline)
            *ret_deadline = scope->deadline;
    }
    return ferry__limits_say(innermost);
}
