/* SPDX-License-Identifier: MIT */
/* Tells valgrind that a piece of memory is a stack, where its headers were found when ferry was
 * built. */
#ifndef FERRY_CORE_VALGRIND_H
#define FERRY_CORE_VALGRIND_H

#if defined(__has_include) && !defined(FERRY__NO_VALGRIND)
#if __has_include(<valgrind/valgrind.h>)
#include <valgrind/valgrind.h>
#endif
#endif

#ifdef VALGRIND_STACK_REGISTER
#define ferry__valgrind_stack(low, high) ((void)VALGRIND_STACK_REGISTER(low, high))
#define ferry__on_valgrind() (RUNNING_ON_VALGRIND != 0)
#else
#define ferry__valgrind_stack(low, high) ((void)(low), (void)(high))
#define ferry__on_valgrind() false
#endif

#endif
