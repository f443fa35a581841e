/* SPDX-License-Identifier: MIT */
#include "base/error.h"
#include "sync/line.h"

#include <ferry/semaphore.h>

/* While somebody waits there are no permits: a release hands over what the first would take. */
struct semaphore {
    struct ferry__line line; /* first */
    long value;              /* free permits */
    long bound;              /* at most so many */
};

_Static_assert(sizeof(struct semaphore) == sizeof(ferry_semaphore) &&
                   offsetof(struct semaphore, value) == offsetof(ferry_semaphore, ferry__value) &&
                   offsetof(struct semaphore, bound) == offsetof(ferry_semaphore, ferry__bound),
               "the public initializers");

static struct semaphore *semaphore_of(ferry_semaphore *user)
{
    return (struct semaphore *)(void *)user;
}

static struct ferry__line *line_of(ferry_semaphore *user)
{
    return (struct ferry__line *)(void *)user; /* NULL stays NULL */
}

static int make(ferry_semaphore *semaphore, long value, long bound)
{
    if (!semaphore || value < 0)
        return ferry__fail(EINVAL);
    *semaphore = (ferry_semaphore){.ferry__value = value, .ferry__bound = bound};
    return 0;
}

int ferry_semaphore_init(ferry_semaphore *semaphore, long value)
{
    return make(semaphore, value, LONG_MAX);
}

int ferry_bounded_semaphore_init(ferry_semaphore *semaphore, long value)
{
    return make(semaphore, value, value);
}

void ferry_semaphore_deinit(ferry_semaphore *user)
{
    if (user)
        ferry__line_deinit(&semaphore_of(user)->line, "ferry_semaphore_deinit");
}

int ferry_semaphore_acquire(ferry_semaphore *user)
{
    struct semaphore *semaphore = semaphore_of(user);
    struct ferry__task *task;
    int said = ferry__wait_begins(line_of(user), &task);
    if (said)
        return said;
    if (semaphore->value < 0)
        return ferry__fail(EINVAL);
    if (semaphore->value > 0) {
        semaphore->value--;
        return 0;
    }
    struct ferry__in_line waiter;
    return ferry__line_wait(&semaphore->line, &waiter, task, "a semaphore");
}

int ferry_semaphore_release(ferry_semaphore *user)
{
    struct semaphore *semaphore = semaphore_of(user);
    int said = ferry__wake_begins(line_of(user));
    if (said)
        return said;
    if (semaphore->value < 0)
        return ferry__fail(EINVAL);
    if (semaphore->value >= semaphore->bound)
        return ferry__fail(EOVERFLOW);
    if (!ferry__line_wake(&semaphore->line, 0))
        semaphore->value++;
    return 0;
}

bool ferry_semaphore_locked(const ferry_semaphore *user)
{
    return user && user->ferry__value <= 0;
}

struct ferry__with_semaphore *ferry__with_semaphore_open(struct ferry__with_semaphore *with,
                                                         ferry_semaphore *semaphore)
{
    with->semaphore = ferry_semaphore_acquire(semaphore) == 0 ? semaphore : NULL;
    return with;
}

void ferry__with_semaphore_close(struct ferry__with_semaphore *with)
{
    int before = errno;
    if (with->semaphore)
        ferry_semaphore_release(with->semaphore);
    errno = before;
}
