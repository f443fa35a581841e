/* SPDX-License-Identifier: MIT */
/*
 * A child of fork has one thread, the one that forked, and a picture of everything else: locks that
 * threads held which aren't there, lists that they were changing. So what threads shared is not
 * used there, but forgotten: the child handler, which runs before fork returns, calls one function
 * per module that has something to forget. There is no handler in the parent: a fork stops nobody,
 * and system, popen and posix_spawn, which run no handlers, cost what they always cost.
 *
 * Whatever outlives its maker (an executor, a future) keeps the number of forks at which it was
 * made: where that differs it is inherited, and refused.
 */
#ifndef FERRY_BASE_FORK_H
#define FERRY_BASE_FORK_H

#include "base/atomic.h"

#include <stdint.h>

/* Law: how many forks lie behind this process; counted up by the child handler, when there is one
 * thread; read anywhere, relaxed. */
extern _Atomic(uint32_t) ferry__forks;

static inline uint32_t ferry__forks_now(void)
{
    return ferry__load(&ferry__forks, relaxed);
}

/* From now on forks are seen. Before the first thing that must be forgotten; again is fine. */
void ferry__fork_watch(void);

/* Up to NULL. Defined where all floors are known (bridge). */
typedef void ferry__forget(void);
extern ferry__forget *const ferry__forgets[];

/* A child came back to what only its parent has: the end of it, with a sentence. */
_Noreturn void ferry__fork_over(const char *what);

#endif
