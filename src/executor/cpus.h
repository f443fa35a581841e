/* SPDX-License-Identifier: MIT */
/*
 * The CPUs that workers run on.
 *
 * A new thread inherits the CPUs of the thread that makes it. For a worker that would be an
 * accident: who makes it is whoever needs one first, often a loop's thread that was pinned to one
 * CPU. So a worker takes the CPUs that the process had when the library was loaded (in a program,
 * before main: nobody has pinned anything yet), or those of its executor.
 */
#ifndef FERRY_EXECUTOR_CPUS_H
#define FERRY_EXECUTOR_CPUS_H

#include <sched.h>
#include <stdbool.h>

/* "0-3,8", as in cpuset(7) and taskset -c. 0, or -EINVAL. */
int ferry__cpus_parse(const char *list, cpu_set_t *ret);

/* The calling thread, new, runs on these from now on; NULL: on the process's. False: on none of
 * these may it run. */
bool ferry__cpus_take(const cpu_set_t *own);

/* How many the process may run on, at least 1. */
unsigned ferry__cores(void);

#endif
