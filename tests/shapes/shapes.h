/* SPDX-License-Identifier: MIT */
/*
 * The shapes that C and C++ share: each function is called through a capture and directly, and the
 * two results must be the same. Functions mix all of their arguments into the result.
 */
#ifndef SHAPES_H
#define SHAPES_H

#include "manners.h"

static int test_shared(void)
{
    test_integers();
    test_narrow_and_wide();
    test_floating();
    test_pointers();
    test_structs();
    test_fields();
    test_variadic();
    test_attributes();
    test_noreturn();
    test_skip();
    test_nesting();
    test_literals();
    test_suspending();
    test_longjmp();
    test_signal();
    return 0;
}

#endif
