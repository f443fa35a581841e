/* SPDX-License-Identifier: MIT */
/* ferry_await, ferry_join and ferry_wait_for: what their macros call. */
#include "base/error.h"
#include "base/panic.h"
#include "core/join.h"
#include "core/kind.h"
#include "core/scope.h"

#include <string.h>

/* The result as a value; without one the skip value, or the end of the program where the type has
 * none. */
static struct ferry__value value_or_skip(ferry_task *task, unsigned result, const char *asker,
                                         const char *place)
{
    struct ferry__value value = {{0, 0}};
    int said = ferry__join_task(task, result, asker, place, &value, ferry__kind_size(result));
    if (said == 0)
        return value;
    if (!ferry__kind_has_skip(result))
        ferry__panic("%s at %s has no result to give: %s, and its type has no value that could say "
                     "so: use ferry_join",
                     asker, place, strerror(-said));
    ferry__kind_skip(result, &value, sizeof value);
    errno = -said;
    return value;
}

struct ferry__value ferry__await(ferry_task *task, unsigned result, const char *place)
{
    return value_or_skip(task, result, "ferry_await", place);
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
    if (said == 0)
        return value;
    if (said == -ECANCELED && expired)
        said = -ETIMEDOUT;
    if (!ferry__kind_has_skip(result))
        ferry__panic(
            "ferry_wait_for at %s has no result to give: %s, and its type has no value that "
            "could say so: use ferry_join inside FERRY_TIMEOUT",
            place, strerror(-said));
    ferry__kind_skip(result, &value, sizeof value);
    errno = -said;
    return value;
}
