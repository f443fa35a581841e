/* SPDX-License-Identifier: MIT */
#include "base/thread_number.h"

#include "base/atomic.h"

/* Law: given so far; any thread takes the next, relaxed: it says nothing of other memory. */
static _Atomic(uint64_t) numbers;

uint64_t ferry__thread_number(void)
{
    static _Thread_local uint64_t mine;
    if (!mine)
        mine = ferry__add(&numbers, 1, relaxed) + 1;
    return mine;
}
