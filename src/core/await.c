/* SPDX-License-Identifier: MIT */
/* ferry_await, ferry_join, ferry_shield and ferry_wait_for: what their macros call. */
#include "base/error.h"
#include "core/join.h"
#include "core/kind.h"
#include "core/scope.h"

struct ferry__value ferry__await(ferry_task *task, unsigned result, const char *place)
{
    struct ferry__value value = {{0, 0}};
    int said =
        ferry__join_task(task, result, "ferry_await", place, &value, ferry__kind_size(result));
    return ferry__kind_value(result, value, said, "ferry_await", place, "use ferry_join");
}

struct ferry__value ferry__shield(ferry_task *task, unsigned result, const char *place)
{
    struct ferry__value value = {{0, 0}};
    int said =
        ferry__join_shielded(task, result, "ferry_shield", place, &value, ferry__kind_size(result));
    return ferry__kind_value(result, value, said, "ferry_shield", place,
                             "wait with ferry_wait and take the result with ferry_join");
}

int ferry__join(ferry_task *task, unsigned result, const char *place, void *ret)
{
    return ferry__join_task(task, ret ? result : FERRY__ANY, "ferry_join", place, ret,
                            ret ? ferry__kind_size(result) : 0);
}

/* It says that it was cancelled: it passed on what its interrupted wait said. */
static bool gave_up(unsigned result, const struct ferry__value *value, int error)
{
    long long said = ferry__result_negative(result, value);
    return said == -ECANCELED || (said == -1 && error == ECANCELED);
}

struct ferry__value ferry__wait_for(ferry_task *task, unsigned result, const char *place,
                                    double seconds)
{
    struct ferry__scope scope;
    if (seconds != seconds) {
        struct ferry__value skip = {{0, 0}};
        ferry__kind_skip(result, &skip, sizeof skip);
        errno = EINVAL;
        return skip;
    }
    struct ferry__task *self = ferry__task_current();
    bool left_last = self && self->limit_expired; /* of a scope the user wrote: given back */
    if (self)
        ferry__timeout_enter(&scope, seconds);
    struct ferry__value value = {{0, 0}};
    int said =
        ferry__join_task(task, result, "ferry_wait_for", place, &value, ferry__kind_size(result));
    int error = errno;
    bool expired = false;
    if (self) {
        ferry__scope_leave(&scope);
        expired = self->limit_expired;
        self->limit_expired = left_last;
    }
    errno = error;
    if (said == 0 && expired && gave_up(result, &value, error))
        said = -ECANCELED;
    if (said == -ECANCELED && expired)
        said = -ETIMEDOUT;
    return ferry__kind_value(result, value, said, "ferry_wait_for", place,
                             "use ferry_join inside FERRY_TIMEOUT");
}
