/* SPDX-License-Identifier: MIT */
/*
 * What the C++ runtime keeps per thread about exceptions: those that are being handled (what
 * `throw;` throws again) and how many are on their way. A task that waits inside a catch block, or
 * in a destructor that an exception passes, must find its own when it comes back; so a switch keeps
 * the two words on the stack that is left.
 *
 * The C++ ABI names the place, the same in libstdc++ and libc++abi. Where a program has no C++ the
 * weak reference is NULL, and a switch costs one branch that is always the same. (The reference is
 * bound when ferry is loaded: C++ that a program in C opens later, with dlopen, isn't seen.)
 */
#ifndef FERRY_CORE_EXCEPTIONS_H
#define FERRY_CORE_EXCEPTIONS_H

#include <stddef.h>

/* __cxa_eh_globals */
struct ferry__exceptions {
    void *caught;
    unsigned uncaught;
};

struct ferry__exceptions *__cxa_get_globals(void) __attribute__((weak));

/* This thread's; NULL in a program without C++. */
static inline struct ferry__exceptions *ferry__exceptions_here(void)
{
    return __cxa_get_globals ? __cxa_get_globals() : NULL;
}

/* Both take the NULL. A fresh stack is given the zero ones. */
static inline struct ferry__exceptions ferry__exceptions_keep(const struct ferry__exceptions *here)
{
    return __builtin_expect(here != NULL, 0) ? *here : (struct ferry__exceptions){NULL, 0};
}

static inline void ferry__exceptions_give(struct ferry__exceptions *here,
                                          struct ferry__exceptions kept)
{
    if (__builtin_expect(here != NULL, 0))
        *here = kept;
}

#endif
