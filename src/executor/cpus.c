/* SPDX-License-Identifier: MIT */
#include "executor/cpus.h"
#include "base/error.h"

#include <stdlib.h>
#include <unistd.h>

/* Constant since the library was loaded. With more than CPU_SETSIZE CPUs the kernel says nothing:
 * empty then, and threads inherit. */
static cpu_set_t of_process;
static unsigned cores = 1;

/* 101: before the constructors of a program that the library is linked into. */
__attribute__((constructor(101))) static void read_cpus(void)
{
    /* Of the first thread, as the library may be loaded late, by one that is pinned. */
    if (sched_getaffinity(getpid(), sizeof of_process, &of_process) < 0)
        CPU_ZERO(&of_process);
    else
        cores = (unsigned)CPU_COUNT(&of_process);
}

unsigned ferry__cores(void)
{
    return cores;
}

bool ferry__cpus_take(const cpu_set_t *own)
{
    if (own)
        return sched_setaffinity(0, sizeof *own, own) == 0;
    /* Where nobody has pinned anything there is nothing to set: a thread without CPUs of its own
     * follows what the administrator changes. */
    cpu_set_t inherited;
    if (cores > 1 && sched_getaffinity(0, sizeof inherited, &inherited) == 0 &&
        !CPU_EQUAL(&inherited, &of_process))
        sched_setaffinity(0, sizeof of_process, &of_process); /* refused: as inherited */
    return true;
}

static bool number(const char **at, unsigned long *ret)
{
    char *end;
    bool digit = **at >= '0' && **at <= '9';
    *ret = digit ? strtoul(*at, &end, 10) : 0;
    if (digit)
        *at = end;
    return digit && *ret < CPU_SETSIZE;
}

int ferry__cpus_parse(const char *list, cpu_set_t *ret)
{
    CPU_ZERO(ret);
    do {
        unsigned long first, last;
        if (!number(&list, &first))
            return ferry__fail(EINVAL);
        last = first;
        if (*list == '-') {
            list++;
            if (!number(&list, &last) || last < first)
                return ferry__fail(EINVAL);
        }
        for (unsigned long cpu = first; cpu <= last; cpu++)
            CPU_SET(cpu, ret);
    } while (*list++ == ',');
    return list[-1] ? ferry__fail(EINVAL) : 0;
}
