/* SPDX-License-Identifier: MIT */
/* The executor that a loop's calls go to when they name none. */
#include "base/error.h"
#include "bridge/crossing.h"

struct ferry_executor *ferry__loop_executor(void)
{
    const struct ferry_loop *loop = ferry__loop_current();
    return loop && loop->executor ? loop->executor : ferry__executor_default();
}

int ferry_loop_set_default_executor(ferry_executor *executor)
{
    struct ferry_loop *loop = ferry__loop_current();
    if (!loop)
        return ferry__fail(EPERM);
    loop->executor = executor;
    return 0;
}
