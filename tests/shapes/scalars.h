/* SPDX-License-Identifier: MIT */
/* Integers, floating point and pointers. Part of shapes.h. */
#ifndef SCALARS_H
#define SCALARS_H

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
#define DEFINE_COUNT(n)        \
    static long count##n(P##n) \
    {                          \
        return S##n;           \
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
    SAME_LATER(unsigned_wide, after_odd, 1, AS(unsigned_wide, w), 2, AS(unsigned_wide, w) + 5, 3,
               -w);
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
    return a + b * 2 + c[0] + AS(double, d) * 3 + AS(double, e) * 4 + f + g + h * 5 +
           AS(double, i) + AS(double, j) + AS(double, k) * 6 + AS(double, l) * 7 +
           AS(double, m) * 8;
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

#endif
