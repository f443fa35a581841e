/* SPDX-License-Identifier: MIT */
#include "base/futex.h"
#include "base/clock.h"

#include <errno.h>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

int ferry__futex_wait(atomic_uint *word, unsigned seen, uint64_t deadline)
{
    int before = errno;
    struct timespec until = ferry__timespec(deadline);
    /* WAIT_BITSET takes an absolute monotonic time; plain WAIT would take a length that a signal
     * restarts. */
    long got = syscall(SYS_futex, word, FUTEX_WAIT_BITSET_PRIVATE, seen,
                       deadline == FERRY__NEVER ? NULL : &until, NULL, FUTEX_BITSET_MATCH_ANY);
    int error = got < 0 ? errno : 0;
    errno = before;
    return error == ETIMEDOUT ? -ETIMEDOUT : 0;
}

void ferry__futex_wake(atomic_uint *word, int count)
{
    int before = errno;
    syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, count, NULL, NULL, 0);
    errno = before;
}
