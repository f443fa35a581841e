/* SPDX-License-Identifier: MIT */
/* ferry_fork, and what each module forgets in the child of any fork. */
#include "base/clock.h"
#include "base/error.h"
#include "base/fork.h"
#include "bridge/bound.h"
#include "executor/deadlock.h"
#include "loop/loops.h"
#include "loop/overflow.h"
#include "loop/signals.h"

#include <ferry/fork.h>
#include <time.h>
#include <unistd.h>

static void forget_crossing(void)
{
    ferry__crossing_here = NULL;
}

ferry__forget *const ferry__forgets[] = {
    ferry__loops_forget,
    ferry__signals_forget,
    ferry__overflow_forget,
    ferry__worker_forget,
    ferry__pools_forget,
    ferry__executors_forget,
    ferry__detached_forget,
    ferry__deadlock_forget,
    ferry__interrupt_call_forget,
    ferry__interrupt_signal_forget,
    forget_crossing,
    NULL,
};

/* Looked for now and then: who ends the last call would else have to look, after each, whether
 * somebody wants to fork. */
static bool quiet_until(uint64_t deadline)
{
    const struct timespec pause = {.tv_nsec = 200000};
    while (!ferry__pools_hold()) {
        if (ferry__now() >= deadline)
            return false;
        nanosleep(&pause, NULL);
    }
    return true;
}

pid_t ferry_fork(double seconds)
{
    uint64_t limit;
    if (!ferry__duration(seconds, &limit))
        return ferry__fail(EINVAL);
    if (ferry__loop_current())
        return ferry__fail(EPERM);
    if (ferry__worker_current())
        return ferry__fail(EDEADLK);
    ferry__fork_watch();
    ferry__pool_shared();
    if (!ferry__pools_quiet())
        return ferry__fail(EBUSY);
    if (!quiet_until(ferry__deadline(ferry__now(), limit))) {
        ferry__pools_resume();
        return ferry__fail(ETIMEDOUT);
    }
    pid_t child = fork();
    int error = errno;
    if (child == 0)
        return 0; /* ferry__pools_forget has made all of them usable */
    ferry__pools_release();
    ferry__pools_resume();
    return child > 0 ? child : ferry__fail(error);
}
