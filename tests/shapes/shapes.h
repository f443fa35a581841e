/* SPDX-License-Identifier: MIT */
/*
 * The shapes that C and C++ share: each function is called through a capture and directly, and the two results
 * must be the same. Functions mix all of their arguments into the result.
 */
#ifndef SHAPES_H
#define SHAPES_H

#include "ground.h"
#include "integers.h"

#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef __cplusplus
#define AS(type, value) static_cast<type>(value)
#else
#define AS(type, value) ((type)(value))
#endif
__extension__ typedef __int128 wide;
__extension__ typedef unsigned __int128 unsigned_wide;

/* Integers. */

static int count0(void)
{
    return 42;
}
#define DEFINE_COUNT(n)                                                                            \
    static long count##n(P##n)                                                                     \
    {                                                                                              \
        return S##n;                                                                               \
    }
FOR_ALL_COUNTS(DEFINE_COUNT)

static void test_integers(void)
{
    check(AWAIT(count0) == 42, "count0", __LINE__);
#define TRY_COUNT(n) SAME(count##n, V##n);
    FOR_ALL_COUNTS(TRY_COUNT)
#define TRY_COUNT_LATER(n) SAME_LATER(long, count##n, V##n);
    FOR_ALL_COUNTS(TRY_COUNT_LATER)
}

static int narrow(char a, signed char b, unsigned char c, short d, unsigned short e, bool f, int g)
{
    return a + 3 * b + 5 * c + 7 * d + 11 * e + 13 * f + 17 * g;
}
static signed char give_char(int a)
{
    return AS(signed char, -a);
}
static unsigned char give_byte(int a)
{
    return AS(unsigned char, a);
}
static short give_short(short a)
{
    return AS(short, -a);
}
static unsigned short give_ushort(unsigned short a)
{
    return AS(unsigned short, a + 1);
}
static bool is_even(unsigned a)
{
    return a % 2 == 0;
}
static unsigned long long wide_word(unsigned long long a, long long b)
{
    return a - AS(unsigned long long, b);
}
enum colour { RED = -1, GREEN = 7 };
static enum colour other_colour(enum colour colour)
{
    return colour == RED ? GREEN : RED;
}
static wide multiply(wide a, int b, wide c)
{
    return a * b + c;
}
static unsigned_wide after_odd(long a, unsigned_wide b, long c, unsigned_wide d, long e, wide f)
{
    return AS(unsigned_wide, a) + b * 3 + AS(unsigned_wide, c) * 5 + d * 7 +
           AS(unsigned_wide, e) * 11 + AS(unsigned_wide, f) * 13;
}

static void test_narrow_and_wide(void)
{
    char c = 'x';
    signed char s = -7;
    unsigned char u = 250;
    short h = -1234;
    unsigned short uh = 65432;
    SAME(narrow, c, s, u, h, uh, true, -5);
    SAME_LATER(int, narrow, c, s, u, h, uh, true, -5);
    SAME(give_char, 100);
    SAME_LATER(signed char, give_char, 100);
    SAME(give_byte, 200);
    SAME_LATER(unsigned char, give_byte, 200);
    SAME(give_short, h);
    SAME_LATER(short, give_short, h);
    SAME(give_ushort, uh);
    SAME_LATER(unsigned short, give_ushort, uh);
    SAME(is_even, 3u);
    SAME(is_even, 4u);
    SAME_LATER(bool, is_even, 3u);
    SAME_LATER(bool, is_even, 4u);
    SAME(wide_word, 1ull << 63, -(1ll << 62));
    SAME_LATER(unsigned long long, wide_word, 1ull << 63, -(1ll << 62));
    SAME(other_colour, RED);
    SAME(other_colour, GREEN);
    SAME_LATER(enum colour, other_colour, GREEN);
    wide w = AS(wide, 1) << 100;
    SAME(multiply, w, -3, w + 1);
    SAME_LATER(wide, multiply, w, -3, w + 1);
    SAME(after_odd, 1, AS(unsigned_wide, w), 2, AS(unsigned_wide, w) + 5, 3, -w);
    SAME_LATER(unsigned_wide, after_odd, 1, AS(unsigned_wide, w), 2, AS(unsigned_wide, w) + 5, 3, -w);
}

/* Floating point. */

static double ten(double a, double b, double c, double d, double e, double f, double g, double h,
                  double i, double j)
{
    return a + 2 * b + 3 * c + 4 * d + 5 * e + 6 * f + 7 * g + 8 * h + 9 * i + 10 * j;
}
static float floats(float a, float b, float c)
{
    return a - 2 * b + 4 * c;
}
static long double long_doubles(long double a, int b, long double c)
{
    return a / 3 + b + c * c;
}
static double mixed(int a, double b, const char *c, float d, long double e, short f, bool g,
                    double h, long i, float j, long k, long l, long m)
{
    return a + b * 2 + c[0] + AS(double, d) * 3 + AS(double, e) * 4 + f + g + h * 5 + AS(double, i) +
           AS(double, j) + AS(double, k) * 6 + AS(double, l) * 7 + AS(double, m) * 8;
}
static double no_argument(void)
{
    return 2.75;
}
static int rounded(double a)
{
    return AS(int, a);
}

static void test_floating(void)
{
    SAME(ten, 1.5, 2.25, 3.125, 4, 5, 6, 7, 8, 9.5, 10);
    SAME_LATER(double, ten, 1.5, 2.25, 3.125, 4, 5, 6, 7, 8, 9.5, 10);
    SAME(floats, 1.5f, 2.25f, -3.5f);
    SAME_LATER(float, floats, 1.5f, 2.25f, -3.5f);
    SAME(long_doubles, 1.5L, 2, 0.1L);
    SAME_LATER(long double, long_doubles, 1.5L, 2, 0.1L);
    SAME(long_doubles, 1, 2, 3);
    SAME_LATER(long double, long_doubles, 1, 2, 3);
    SAME(mixed, 1, 2.5, "abc", 3.5f, 4.5L, AS(short, 5), true, 6.5, 7, 8.5f, 9, 10, 11);
    SAME(mixed, 1, 2, "abc", 3, 4, 5, true, 6, 7, 8, 9, 10, 11);
    SAME_LATER(double, mixed, 1, 2, "abc", 3, 4, 5, true, 6, 7, 8, 9, 10, 11);
    check(AWAIT(no_argument) == no_argument(), "no_argument", __LINE__);
    SAME(rounded, 3.99);
    SAME(rounded, 3);
    for (int i = 0; i < 100; i++)
        check(AWAIT(long_doubles, i, i, i) == long_doubles(i, i, i), "x87 stack", __LINE__);
}

/* Pointers. */

typedef int operation(int);
static int twice(int a)
{
    return 2 * a;
}
static int thrice(int a)
{
    return 3 * a;
}
static int nulls(const char *a, void *b, operation *c, const int *d)
{
    return (a == NOTHING) + 2 * (b == NOTHING) + 4 * (c == NOTHING) + 8 * (d == NOTHING);
}
static long pointed(const char *a, const int *b, operation *c, void **d)
{
    return AS(long, strlen(a)) + b[1] * 5 + c(7) * 11 + (*d == d);
}
static operation *choose(bool first)
{
    return first ? twice : thrice;
}
static const char *second(char *const *strings)
{
    return strings[1];
}

static int global;
static void set_global(int value)
{
    global = value;
}

static void test_pointers(void)
{
    int numbers[2] = {3, 4};
    void *self = &self;
    char one[] = "one", two[] = "two";
    char *strings[] = {one, two};
    SAME(nulls, NULL, NULL, NULL, NULL);
    SAME(nulls, "", &self, twice, numbers);
    SAME_LATER(int, nulls, NULL, &self, NULL, numbers);
#ifndef __cplusplus
    SAME(nulls, 0, 0, 0, 0);
    SAME_LATER(int, nulls, 0, 0, 0, 0);
#endif
    SAME(pointed, "four", numbers, twice, &self);
    SAME_LATER(long, pointed, "four", numbers, &twice, &self);
    SAME(choose, true);
    SAME_LATER(operation *, choose, false);
    SAME(second, strings);
    SAME_LATER(const char *, second, strings);

    operation *variable = thrice;
    operation *const table[] = {twice, thrice};
    int i = 0;
    check(AWAIT(variable, 5) == 15, "a variable", __LINE__);
    check(AWAIT(*variable, 5) == 15, "*variable", __LINE__);
    check(AWAIT(&thrice, 5) == 15, "&function", __LINE__);
    check(AWAIT(table[i++], 5) == 10 && i == 1, "evaluated once", __LINE__);
    check(AWAIT(twice, i++ ? 7 : 8) == 14 && i == 2, "arguments once", __LINE__);
    check(AWAIT((twice), 5) == 10, "parentheses", __LINE__);
    check(AWAIT(choose(true), 5) == 10, "a call's result", __LINE__);
    unsigned code;
    finish(LATER(table[i - 2], 5), &code);
    finish(LATER(set_global, 17), &code);
    check(global == 17 && code == 0, "void, later", __LINE__);
    AWAIT(set_global, 18);
    check(global == 18, "void", __LINE__);
}

/* Structs by value: alone, on the stack behind other arguments, and returned. */

#define DEFINE_STRUCT(n)                                                                           \
    struct of##n {                                                                                 \
        unsigned char byte[n];                                                                     \
    };                                                                                             \
    static struct of##n turn##n(struct of##n v, int by)                                            \
    {                                                                                              \
        for (int i = 0; i < n; i++)                                                                \
            v.byte[i] = AS(unsigned char, v.byte[i] + by + i);                                     \
        return v;                                                                                  \
    }                                                                                              \
    static int behind##n(long a, long b, long c, long d, long e, long f, long g, struct of##n v,   \
                         double h, struct of##n w)                                                 \
    {                                                                                              \
        unsigned sum = AS(unsigned, a + b + c + d + e + f + g) + AS(unsigned, h);                  \
        for (int i = 0; i < n; i++)                                                                \
            sum = sum * 3 + v.byte[i] + 2u * w.byte[i];                                            \
        return AS(int, sum % 1000003);                                                             \
    }
#define TRY_STRUCT(n)                                                                              \
    do {                                                                                           \
        struct of##n v, w;                                                                         \
        memset(&v, 0x35, sizeof v);                                                                \
        memset(&w, 0x53, sizeof w);                                                                \
        SAME_BYTES(struct of##n, turn##n, v, 3);                                                   \
        SAME(behind##n, 1, 2, 3, 4, 5, 6, 7, v, 8.5, w);                                           \
    } while (0);
#define TRY_STRUCT_LATER(n)                                                                        \
    do {                                                                                           \
        struct of##n v, w;                                                                         \
        memset(&v, 0x35, sizeof v);                                                                \
        memset(&w, 0x53, sizeof w);                                                                \
        SAME_LATER(int, behind##n, 1, 2, 3, 4, 5, 6, 7, v, 8.5, w);                                \
    } while (0);
#define FOR_SMALL_STRUCTS(m) m(1) m(2) m(3) m(4) m(5) m(7) m(8) m(9) m(12) m(15) m(16)
#define FOR_LARGE_STRUCTS(m)                                                                       \
    m(17) m(20) m(24) m(31) m(32) m(33) m(48) m(63) m(64) m(65) m(100) m(128) m(200) m(256) m(320)
FOR_SMALL_STRUCTS(DEFINE_STRUCT)
FOR_LARGE_STRUCTS(DEFINE_STRUCT)

#define DEFINE_FIELDS(name, ...)                                                                   \
    struct name {                                                                                  \
        __VA_ARGS__;                                                                               \
    };                                                                                             \
    static struct name swap_##name(struct name a, int which, struct name b)                        \
    {                                                                                              \
        return which ? b : a;                                                                      \
    }
DEFINE_FIELDS(one_float, float a)
DEFINE_FIELDS(two_floats, float a, b)
DEFINE_FIELDS(three_floats, float a, b, c)
DEFINE_FIELDS(four_floats, float a, b, c, d)
DEFINE_FIELDS(one_double, double a)
DEFINE_FIELDS(two_doubles, double a, b)
DEFINE_FIELDS(four_doubles, double a, b, c, d)
DEFINE_FIELDS(int_double, long a; double b)
DEFINE_FIELDS(double_int, double a; long b)
DEFINE_FIELDS(int_float, int a; float b)
DEFINE_FIELDS(one_long_double, long double a)
DEFINE_FIELDS(two_long_doubles, long double a, b)
DEFINE_FIELDS(one_wide, wide a)
DEFINE_FIELDS(nested, struct two_floats a; struct one_double b)
DEFINE_FIELDS(array_in, double a[2])
#define TRY_FIELDS(name, a, b)                                                                     \
    do {                                                                                           \
        struct name x, y;                                                                          \
        memset(&x, 0, sizeof x);                                                                   \
        memset(&y, 0, sizeof y);                                                                   \
        memcpy(&x, a, sizeof x);                                                                   \
        memcpy(&y, b, sizeof y);                                                                   \
        SAME_BYTES(struct name, swap_##name, x, 0, y);                                             \
        SAME_BYTES(struct name, swap_##name, x, 1, y);                                             \
    } while (0)

union either {
    double a;
    long b;
    char c[12];
};
static union either swap_union(union either a, int which, union either b)
{
    return which ? b : a;
}

struct __attribute__((packed)) packed {
    char a;
    int b;
    double c;
    short d;
};
static struct packed swap_packed(long a, struct packed b, int which, struct packed c)
{
    struct packed to = which ? c : b;
    to.a = AS(char, to.a + a);
    return to;
}
struct __attribute__((packed)) packed_small {
    char a;
    int b;
    char c;
};
static int of_packed_small(struct packed_small a, double b, struct packed_small c)
{
    return a.a + a.b + a.c + AS(int, b) + 2 * (c.a + c.b + c.c);
}

#define DEFINE_ALIGNED(n, bytes)                                                                   \
    struct __attribute__((aligned(n))) aligned##n {                                                \
        unsigned char byte[bytes];                                                                 \
    };                                                                                             \
    static long at##n(int a, struct aligned##n v, long b, long c, long d, long e, long f, long g,  \
                      struct aligned##n w)                                                         \
    {                                                                                              \
        long misplaced = AS(long, (placed(&v) | placed(&w)) & (n - 1));                            \
        return misplaced * 1000000 + a + b + c + d + e + f + g + v.byte[n - 1] * 3 +               \
               w.byte[n - 1] * 5;                                                                  \
    }                                                                                              \
    static struct aligned##n keep##n(struct aligned##n v, int w)                                   \
    {                                                                                              \
        v.byte[0] = AS(unsigned char, v.byte[0] + w);                                              \
        return v;                                                                                  \
    }
#define TRY_ALIGNED(n)                                                                             \
    do {                                                                                           \
        struct aligned##n v, w;                                                                    \
        memset(&v, 0x25, sizeof v);                                                                \
        memset(&w, 0x52, sizeof w);                                                                \
        SAME(at##n, 1, v, 2, 3, 4, 5, 6, 7, w);                                                    \
        SAME_BYTES(struct aligned##n, keep##n, v, 3);                                              \
    } while (0)

/* An address as a number, of which the compiler knows nothing. On aarch64 a large struct is a temporary of the
 * caller, which gcc 12 itself does not align to more than 16: not ours to check. */
__attribute__((noinline)) static unsigned long placed(const volatile void *at)
{
    unsigned long address = 0;
#ifdef __x86_64__
    memcpy(&address, &at, sizeof address);
    __asm__("" : "+r"(address));
#else
    AS(void, at);
#endif
    return address;
}
DEFINE_ALIGNED(16, 16)
DEFINE_ALIGNED(32, 32)
DEFINE_ALIGNED(64, 64)
DEFINE_ALIGNED(128, 256)

static void test_structs(void)
{
    FOR_SMALL_STRUCTS(TRY_STRUCT)
    FOR_LARGE_STRUCTS(TRY_STRUCT)
    FOR_SMALL_STRUCTS(TRY_STRUCT_LATER)
}

static void test_fields(void)
{
    static const double some[8] = {1.5, 2.5, -3.5, 4.25, 5, 6, 7, 8};
    static const double more[8] = {-8, 7, -6, 5, -4, 3, -2, 1};
    static const long double longs[2] = {1.1L, -2.2L}, others[2] = {3.3L, 4.4L};
    TRY_FIELDS(one_float, some, more);
    TRY_FIELDS(two_floats, some, more);
    TRY_FIELDS(three_floats, some, more);
    TRY_FIELDS(four_floats, some, more);
    TRY_FIELDS(one_double, some, more);
    TRY_FIELDS(two_doubles, some, more);
    TRY_FIELDS(four_doubles, some, more);
    TRY_FIELDS(int_double, some, more);
    TRY_FIELDS(double_int, some, more);
    TRY_FIELDS(int_float, some, more);
    TRY_FIELDS(one_wide, some, more);
    TRY_FIELDS(nested, some, more);
    TRY_FIELDS(array_in, some, more);
    struct one_long_double a = {longs[0]}, b = {others[0]};
    check(AWAIT(swap_one_long_double, a, 1, b).a == b.a, "struct of a long double", __LINE__);
    check(AWAIT(swap_one_long_double, a, 0, b).a == a.a, "struct of a long double", __LINE__);
    struct two_long_doubles c = {longs[0], longs[1]}, d = {others[0], others[1]};
    check(AWAIT(swap_two_long_doubles, c, 1, d).b == d.b, "struct of two", __LINE__);
    union either e, f;
    memset(&e, 0x11, sizeof e);
    memset(&f, 0x22, sizeof f);
    SAME_BYTES(union either, swap_union, e, 1, f);
    struct packed p = {'a', 2, 3.5, 4}, q = {'b', 5, 6.5, 7};
    SAME_BYTES(struct packed, swap_packed, 1, p, 0, q);
    SAME_BYTES(struct packed, swap_packed, 1, p, 1, q);
    struct packed_small r = {1, 2, 3}, s = {4, 5, 6};
    SAME(of_packed_small, r, 2.5, s);
    SAME_LATER(int, of_packed_small, r, 2.5, s);
    TRY_ALIGNED(16);
    TRY_ALIGNED(32);
    TRY_ALIGNED(64);
    TRY_ALIGNED(128);
}

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
static void test_noreturn(void)
{
}
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
static void test_skip(void)
{
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
    test_suspending();
    test_longjmp();
    test_signal();
    return 0;
}

#endif
