/* SPDX-License-Identifier: MIT */
/*
 * Manners of calling: variadic callees, attributes, nesting, arguments that suspend, leave or are
 * interrupted. Part of shapes.h.
 */
#ifndef MANNERS_H
#define MANNERS_H

#include "structs.h"

/* Variadic callees. */

static double sum(const char *kinds, ...)
{
    double total = 0;
    va_list list;
    va_start(list, kinds);
    for (; *kinds; kinds++)
        if (*kinds == 'i')
            total = total * 3 + va_arg(list, int);
        else if (*kinds == 'd')
            total = total * 3 + va_arg(list, double);
        else if (*kinds == 'l')
            total = total * 3 + AS(double, va_arg(list, long));
        else if (*kinds == 'L')
            total = total * 3 + AS(double, va_arg(list, long double));
        else if (*kinds == 's')
            total = total * 3 + va_arg(list, const char *)[0];
        else if (*kinds == 'b')
            total = total * 3 + va_arg(list, struct of64).byte[63];
        else if (*kinds == '2')
            total = total * 3 + va_arg(list, struct two_doubles).b;
    va_end(list);
    return total;
}

static void test_variadic(void)
{
    struct of64 big;
    memset(&big, 0x35, sizeof big);
    struct two_doubles two = {1.5, 2.5};
    char text[64], other[64];
    SAME(sum, "");
    SAME(sum, "i", 3);
    SAME(sum, "didididi", 1.5, 2, 3.5, 4, 5.5, 6, 7.5, 8);
    SAME(sum, "dddddddddddd", 1., 2., 3., 4., 5., 6., 7., 8., 9., 10., 11., 12.);
    SAME(sum, "iiiiiiiiiiil", 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12l);
    SAME(sum, "LiLsdL", 1.5L, 2, 3.5L, "x", 1.25, 2.25L);
    SAME(sum, "ibdb2b", 2, big, 1.5, big, two, big);
    SAME_LATER(double, sum, "didididi", 1.5, 2, 3.5, 4, 5.5, 6, 7.5, 8);
    SAME_LATER(double, sum, "i2dL", 1, two, 2.5, 3.5L);
    check(AWAIT(snprintf, text, sizeof text, "%d %s %.3f %c %ld", 1, "two", 3.5, '4', 5l) ==
              snprintf(other, sizeof other, "%d %s %.3f %c %ld", 1, "two", 3.5, '4', 5l),
          "snprintf", __LINE__);
    check(strcmp(text, other) == 0, "what snprintf wrote", __LINE__);
}

/* Attributes: the call must be made, and what follows it too. */

static int calls_made;
static int constant_function(int a) __attribute__((const, noinline));
static int constant_function(int a)
{
    /* not const, in truth: so that a deleted call shows */
    return __atomic_add_fetch(&calls_made, 1, __ATOMIC_RELAXED) * 0 + a;
}
static int pure_function(int a) __attribute__((pure, noinline));
static int pure_function(int a)
{
    return __atomic_add_fetch(&calls_made, 1, __ATOMIC_RELAXED) * 0 + a;
}
static void *allocated(size_t bytes) __attribute__((malloc, warn_unused_result));
static void *allocated(size_t bytes)
{
    return calloc(1, bytes);
}
__attribute__((warn_unused_result)) static int must_use(int a)
{
    return a;
}
static inline int inlined(int a, int b)
{
    return a * 10 + b;
}
__attribute__((always_inline)) static inline int always(int a)
{
    return a + 1;
}

static void test_attributes(void)
{
    unsigned code;
    calls_made = 0;
    AWAIT(constant_function, 1);
    check(AWAIT(constant_function, 2) == 2, "const", __LINE__);
    check(AWAIT(constant_function, 2) == 2, "const", __LINE__);
    finish(LATER(constant_function, 2), &code);
    check(calls_made == 4, "const: every call is made", __LINE__);
    AWAIT(pure_function, 1);
    AWAIT(pure_function, 1);
    finish(LATER(pure_function, 2), &code);
    check(calls_made == 7, "pure: every call is made", __LINE__);
    char *memory = AS(char *, AWAIT(allocated, 10));
    check(memory && memory[9] == 0, "malloc", __LINE__);
    AWAIT(free, memory);
    check(AWAIT(must_use, 3) == 3, "must use", __LINE__);
    finish(LATER(must_use, 3), &code);
    SAME(inlined, 4, 2);
    SAME(always, 4);
}

/* A thread that ends inside the call: the capture gives what the handler says. */
#if !defined __clang__ || defined __cplusplus
__attribute__((noreturn)) static void leave_thread(int *reached)
{
    *reached += 1;
    pthread_exit(NOTHING);
}
static void test_noreturn(void)
{
    int reached = 0;
    died = 0;
    AWAIT(leave_thread, &reached);
    check(reached == 1, "noreturn was called", __LINE__);
    reached += 10;
    check(reached == 11 && died == 1, "what follows a noreturn call", __LINE__);
    unsigned code;
    finish(LATER(leave_thread, &reached), &code);
    check(reached == 12 && died == 2, "noreturn, later", __LINE__);
}
#else
static void test_noreturn(void) {}
#endif
static int end_thread(int a)
{
    if (a)
        pthread_exit(NOTHING);
    return 1;
}
static long double end_thread_long(int a)
{
    if (a)
        pthread_exit(NOTHING);
    return 1;
}
static struct of320 end_thread_struct(int a)
{
    struct of320 v;
    memset(&v, 1, sizeof v);
    if (a)
        pthread_exit(NOTHING);
    return v;
}
static void test_skip(void)
{
    struct of320 nothing, skipped = AWAIT(end_thread_struct, 1);
    memset(&nothing, 0, sizeof nothing);
    check(memcmp(&skipped, &nothing, sizeof nothing) == 0, "skipped in memory", __LINE__);
    check(AWAIT(end_thread, 1) == -1, "skip value", __LINE__);
    check(AWAIT(end_thread, 0) == 1, "not skipped", __LINE__);
    check(AWAIT(end_thread_long, 1) == 0, "skipped on the x87 stack", __LINE__);
}

/* Nesting, and arguments that do more than give a value. */

static int add(int a, int b)
{
    return a + b;
}
static int many(int a, long b, int c, int d, int e, int f, int g, double h, int i)
{
    return add(a, c) + AS(int, b) * 2 + d * 3 + e * 4 + f * 5 + g * 6 + AS(int, h) * 7 + i * 8;
}
static int recursive(int n)
{
    if (n == 0)
        return 1;
    return AWAIT(add, AWAIT(add, n, recursive(n - 1)), AWAIT(twice, n));
}
static int recursive_directly(int n)
{
    return n == 0 ? 1 : n + recursive_directly(n - 1) + 2 * n;
}

static void test_nesting(void)
{
    check(AWAIT(add, AWAIT(add, 1, 2), AWAIT(add, 3, AWAIT(add, 4, 5))) == 15, "nested", __LINE__);
    check(AWAIT(add, AWAIT(twice, AWAIT(thrice, AWAIT(twice, AWAIT(thrice, 1)))), 1) == 37, "deep",
          __LINE__);
    check(AWAIT(many, 1, AWAIT(count9, V9), 2, AWAIT(add, 1, 2), 4, AWAIT(twice, 2), 5,
                AWAIT(ten, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10), AWAIT(twice, AWAIT(twice, 2))) ==
              many(1, count9(V9), 2, 3, 4, 4, 5, ten(1, 2, 3, 4, 5, 6, 7, 8, 9, 10), 8),
          "among others", __LINE__);
    check(recursive(10) == recursive_directly(10), "recursive", __LINE__);
    unsigned code;
    struct ferry__value value = finish(LATER(add, AWAIT(add, 1, 2), AWAIT(twice, 4)), &code);
    check(FERRY__VALUE(int, value) == 11, "awaited in deferred", __LINE__);
}

/* Compound literals of what is known only at run time: C alone has them. */
#ifndef __cplusplus
static double both_pairs(struct two_doubles v, const struct two_doubles *at)
{
    return v.a + 10 * v.b + 100 * at->a + 1000 * at->b;
}
static void test_literals(void)
{
    double one = AWAIT(twice, 1), two = AWAIT(thrice, 1);
    SAME(both_pairs, ((struct two_doubles){one, two}), (&(struct two_doubles){two, one}));
    SAME_LATER(double, both_pairs, ((struct two_doubles){two, one}),
               (&(struct two_doubles){one, AWAIT(twice, 2)}));
}
#else
static void test_literals(void) {}
#endif

static int others_done;
static int turn(int value)
{
    others_turn();
    return value;
}
static void others(void)
{
    for (int i = 0; i < 10; i++)
        if (AWAIT(add, turn(i), AWAIT(add, turn(1), turn(2))) == i + 3)
            others_done++;
}
static void test_suspending(void)
{
    others_done = 0;
    others_run(others);
    for (int i = 0; i < 12; i++)
        check(AWAIT(add, AWAIT(twice, turn(i)), turn(5)) == 2 * i + 5, "suspending", __LINE__);
    for (int i = 0; i < 20; i++)
        turn(0);
    check(others_done == 10, "others", __LINE__);
}

static jmp_buf back;
static int jump(int value)
{
    static volatile bool really = true;
    if (really)
        longjmp(back, value);
    return 0;
}
static int jump_from_below(int depth)
{
    return depth ? AWAIT(add, 1, jump_from_below(depth - 1)) : jump(1);
}
static void test_longjmp(void)
{
    static volatile int round;
    for (round = 0; round < 100; round++) {
        if (setjmp(back) == 0) {
            AWAIT(add, 1, round % 2 ? jump(1) : jump_from_below(round % 20));
            check(0, "came back", __LINE__);
        }
        check(AWAIT(add, round, AWAIT(add, 1, round)) == 2 * round + 1, "after longjmp", __LINE__);
    }
}

static volatile sig_atomic_t handled;
static void on_signal(int number)
{
    handled = handled + (AWAIT(add, number, AWAIT(add, 1, 1)) == number + 2);
}
static int signalled(int value)
{
    signal(SIGUSR1, on_signal); /* again: in ISO C it holds once */
    raise(SIGUSR1);
    return value;
}
static void test_signal(void)
{
    for (int i = 0; i < 10; i++)
        check(AWAIT(add, signalled(i), AWAIT(add, 1, signalled(2))) == i + 3, "signal", __LINE__);
    check(handled == 20, "the handler's own calls", __LINE__);
}

#endif
