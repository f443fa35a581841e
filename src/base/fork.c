/* SPDX-License-Identifier: MIT */
#include "base/fork.h"
#include "base/panic.h"

#include <pthread.h>
#include <unistd.h>

_Alignas(FERRY__LINE) _Atomic(uint32_t) ferry__forks; /* read with each call, written never */

static void in_child(void)
{
    ferry__add(&ferry__forks, 1, relaxed);
    for (ferry__forget *const *forget = ferry__forgets; *forget; forget++)
        (*forget)();
}

static void watch(void)
{
    pthread_atfork(NULL, NULL, in_child); /* no memory: then nobody can be told */
}

void ferry__fork_watch(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, watch);
}

_Noreturn void ferry__fork_over(const char *what)
{
    ferry__report("%s that forked came back in the child, where what it came from isn't: the child "
                  "ends here; let it call _exit or exec",
                  what);
    _exit(70);
}
