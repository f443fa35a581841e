/* SPDX-License-Identifier: MIT */
/* Structs: by value alone, on the stack behind other arguments, and returned. Part of shapes.h. */
#ifndef STRUCTS_H
#define STRUCTS_H

#include "scalars.h"

#define DEFINE_STRUCT(n)                                                                         \
    struct of##n {                                                                               \
        unsigned char byte[n];                                                                   \
    };                                                                                           \
    static struct of##n turn##n(struct of##n v, int by)                                          \
    {                                                                                            \
        for (int i = 0; i < n; i++)                                                              \
            v.byte[i] = AS(unsigned char, v.byte[i] + by + i);                                   \
        return v;                                                                                \
    }                                                                                            \
    static int behind##n(long a, long b, long c, long d, long e, long f, long g, struct of##n v, \
                         double h, struct of##n w)                                               \
    {                                                                                            \
        unsigned sum = AS(unsigned, a + b + c + d + e + f + g) + AS(unsigned, h);                \
        for (int i = 0; i < n; i++)                                                              \
            sum = sum * 3 + v.byte[i] + 2u * w.byte[i];                                          \
        return AS(int, sum % 1000003);                                                           \
    }
#define TRY_STRUCT(n)                                    \
    do {                                                 \
        struct of##n v, w;                               \
        memset(&v, 0x35, sizeof v);                      \
        memset(&w, 0x53, sizeof w);                      \
        SAME_BYTES(struct of##n, turn##n, v, 3);         \
        SAME(behind##n, 1, 2, 3, 4, 5, 6, 7, v, 8.5, w); \
    } while (0);
#define TRY_STRUCT_LATER(n)                                         \
    do {                                                            \
        struct of##n v, w;                                          \
        memset(&v, 0x35, sizeof v);                                 \
        memset(&w, 0x53, sizeof w);                                 \
        SAME_LATER(int, behind##n, 1, 2, 3, 4, 5, 6, 7, v, 8.5, w); \
    } while (0);
#define FOR_SMALL_STRUCTS(m) m(1) m(2) m(3) m(4) m(5) m(7) m(8) m(9) m(12) m(15) m(16)
#define FOR_LARGE_STRUCTS(m) \
    m(17) m(20) m(24) m(31) m(32) m(33) m(48) m(63) m(64) m(65) m(100) m(128) m(200) m(256) m(320)
FOR_SMALL_STRUCTS(DEFINE_STRUCT)
FOR_LARGE_STRUCTS(DEFINE_STRUCT)

#define DEFINE_FIELDS(name, ...)                                            \
    struct name {                                                           \
        __VA_ARGS__;                                                        \
    };                                                                      \
    static struct name swap_##name(struct name a, int which, struct name b) \
    {                                                                       \
        return which ? b : a;                                               \
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
#define TRY_FIELDS(name, a, b)                         \
    do {                                               \
        struct name x, y;                              \
        memset(&x, 0, sizeof x);                       \
        memset(&y, 0, sizeof y);                       \
        memcpy(&x, a, sizeof x);                       \
        memcpy(&y, b, sizeof y);                       \
        SAME_BYTES(struct name, swap_##name, x, 0, y); \
        SAME_BYTES(struct name, swap_##name, x, 1, y); \
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

#define DEFINE_ALIGNED(n, bytes)                                                                  \
    struct __attribute__((aligned(n))) aligned##n {                                               \
        unsigned char byte[bytes];                                                                \
    };                                                                                            \
    static long at##n(int a, struct aligned##n v, long b, long c, long d, long e, long f, long g, \
                      struct aligned##n w)                                                        \
    {                                                                                             \
        long misplaced = AS(long, (placed(&v) | placed(&w)) & (n - 1));                           \
        return misplaced * 1000000 + a + b + c + d + e + f + g + v.byte[n - 1] * 3 +              \
               w.byte[n - 1] * 5;                                                                 \
    }                                                                                             \
    static struct aligned##n keep##n(struct aligned##n v, int w)                                  \
    {                                                                                             \
        v.byte[0] = AS(unsigned char, v.byte[0] + w);                                             \
        return v;                                                                                 \
    }
#define TRY_ALIGNED(n)                                \
    do {                                              \
        struct aligned##n v, w;                       \
        memset(&v, 0x25, sizeof v);                   \
        memset(&w, 0x52, sizeof w);                   \
        SAME(at##n, 1, v, 2, 3, 4, 5, 6, 7, w);       \
        SAME_BYTES(struct aligned##n, keep##n, v, 3); \
    } while (0)

/* An address as a number, of which the compiler knows nothing. On aarch64 a large struct is a
 * temporary of the caller, which gcc 12 itself does not align to more than 16: not ours to check.
 */
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
#ifndef __AVX__ /* where it might be a wide vector in a struct, and is refused */
DEFINE_ALIGNED(32, 32)
DEFINE_ALIGNED(64, 64)
DEFINE_ALIGNED(128, 256)
#endif

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
#ifndef __AVX__
    TRY_ALIGNED(32);
    TRY_ALIGNED(64);
    TRY_ALIGNED(128);
#endif
}

#endif
