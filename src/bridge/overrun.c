/* SPDX-License-Identifier: MIT */
/* Calls that came back late, and what debug mode says of them. */
#include "base/clock.h"
#include "base/error.h"
#include "base/panic.h"
#include "bridge/bound.h"

/* Once for each statement, as far as there is room for their places. */
static bool said_before(const char *site)
{
    static _Thread_local const char *said[64];
    static _Thread_local unsigned count;
    for (unsigned i = 0; i < count; i++)
        if (said[i] == site)
            return true;
    if (count < sizeof said / sizeof *said)
        said[count++] = site;
    return false;
}

/* The executor isn't named: it may be gone by now. */
struct ferry__ending ferry__crossing_late(const struct ferry__crossing *crossing,
                                          const struct ferry__ending *late)
{
    struct ferry__ending ending = ferry__crossing_ending(crossing, 0);
    if (!late->due)
        return ending;
    ending.limit = late->limit;
    if (ending.state != FERRY_CALL_DONE)
        return ending;
    ending.state = late->state;
    ending.error = late->error;
    ending.due = late->due;
    const char *site = crossing->job.site;
    bool interrupts = crossing->bound && crossing->bound->policy == FERRY_POLICY_INTERRUPT;
    if (crossing->task->sched->debug && !interrupts && late->state == FERRY_CALL_LATE &&
        late->error == ETIMEDOUT && ending.ended > ending.due && !said_before(site))
        ferry__report("%s (%s) ran on for %.3f s after its time was up: a call that runs "
                      "is waited for, unless its policy is to interrupt or to abandon it "
                      "(ferry/policy.h)",
                      site, ferry__site_place(site), ferry__seconds(ending.ended - ending.due));
    return ending;
}
