/* SPDX-License-Identifier: MIT */
/* The shapes of C. */
#include "shapes.h"

/* A function that is a macro too, as many in libc are. */
static int doubled(int a)
{
    return 2 * a;
}
#define doubled(a) (a, 1 / 0)
#define renamed twice
/* Names that old headers take. */
#define NONE (-1)
#define SOME 1.5
#define MANY many

#if __STDC_VERSION__ < 202000L
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wstrict-prototypes"
#pragma GCC diagnostic ignored "-Wold-style-definition"
static double old_style();
static double old_style(a, b, c)
int a;
double b;
const char *c;
{
    return a + 2 * b + c[0];
}
static void test_old_style(void)
{
    float f = 2.5f;
    char c = 3;
    SAME(old_style, 1, 2.5, "x");
    SAME(old_style, c, f, "x");
    SAME_LATER(double, old_style, c, f, "x");
}
#pragma GCC diagnostic pop
#else
static void test_old_style(void) {}
#endif

static double _Complex square(double _Complex a, int b)
{
    return a * a + b;
}
static float _Complex square_float(float _Complex a, float _Complex b)
{
    return a * a + b;
}
static long double _Complex square_long(int a, long double _Complex b)
{
    return b * b + a;
}
static void test_complex(void)
{
    double _Complex a = 1.5 + 2.5 * __extension__ 1i;
    float _Complex b = (float _Complex)a;
    long double _Complex c = a;
    SAME(square, a, 3);
    SAME_LATER(double _Complex, square, a, 3);
    SAME(square, 2, 3);
    SAME_LATER(double _Complex, square, 2, 3);
    SAME(square_float, b, b);
    SAME_LATER(float _Complex, square_float, b, b);
    SAME(square_long, 1, c);
    SAME(square_long, 1, 2);
    for (int i = 0; i < 20; i++)
        check(AWAIT(square_long, i, c) == square_long(i, c), "x87 stack", __LINE__);
}

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wvla"
static double trace(int n, double (*a)[n])
{
    double sum = 0;
    for (int i = 0; i < n; i++)
        sum += a[i][i];
    return sum;
}
static void test_variable_arrays(void)
{
    int n = 3;
    double a[4][n];
    double(*row)[n] = a;
    for (int i = 0; i < 4; i++)
        for (int j = 0; j < n; j++)
            a[i][j] = i * 10 + j;
    SAME(trace, n, a);
    SAME_LATER(double, trace, n, a);
    check(AWAIT(trace, n, row++) == trace(n, a) && row == a + 1, "evaluated once", __LINE__);
    unsigned code;
    finish(LATER(trace, n, row++), &code);
    check(row == a + 2, "evaluated once", __LINE__);
}
#pragma GCC diagnostic pop

struct bits {
    unsigned a : 3;
    int b : 7;
    bool c : 1;
};
static int of_bits(unsigned a, int b, bool c)
{
    return (int)a + 10 * b + 100 * c;
}
static int of_struct(struct two_doubles v, const int *list)
{
    return (int)(v.a + 2 * v.b) + list[1];
}
static int *same(int *list)
{
    return list;
}
static void test_odd_arguments(void)
{
    struct bits bits = {.a = 5, .b = -30, .c = true};
    const volatile int odd = 3;
    register int quick = 4;
    SAME(of_bits, bits.a, bits.b, bits.c);
    SAME_LATER(int, of_bits, bits.a, bits.b, bits.c);
    SAME(add, odd, quick);
    SAME(add, (odd, quick), odd ? 1 : 2);
    SAME(of_struct, ((struct two_doubles){1, 2}), ((int[]){1, 2}));
    int *made = AWAIT(same, ((int[]){5, 6}));
    unsigned code;
    void *later = LATER(of_struct, ((struct two_doubles){1, 2}), ((int[]){1, 2}));
    check(made[1] == 6, "a literal lives as long as its block", __LINE__);
    struct ferry__value value = finish(later, &code);
    check(FERRY__VALUE(int, value) == 7, "a literal lives as long as its block", __LINE__);
    check(AWAIT(doubled, 4) == 8, "a function that is a macro too", __LINE__);
    check(AWAIT(renamed, 4) == 8, "a renamed one", __LINE__);
    void *(*unqualified)(void *, int, size_t) = memset;
    char text[4];
    check(AWAIT(unqualified, text, 'a', sizeof text) == text && text[3] == 'a', "memset", __LINE__);
}

/* Out of an argument, in a loop: nothing piles up. */
static int by_return(int value)
{
    AWAIT(add, 1, __extension__({
              if (value)
                  return value;
              2;
          }));
    return 0;
}
static void test_leaving(void)
{
    int left = 0;
    for (int i = 0; i < 1000; i++) {
        check(AWAIT(add, i, 1) == i + 1, "before", __LINE__);
        AWAIT(add, 1, __extension__({
                  if (i % 3)
                      goto out;
                  AWAIT(twice, i);
              }));
        left--;
    out:
        left++;
        check(AWAIT(add, AWAIT(add, i, 1), 1) == i + 2, "after goto", __LINE__);
    }
    check(left == 666, "goto", __LINE__);
    for (int i = 0; i < 1000; i++) {
        AWAIT(add, AWAIT(add, 3, __extension__({
                             if (i % 2)
                                 continue;
                             4;
                         })),
              5);
        left++;
    }
    check(left == 1166, "continue", __LINE__);
    for (int i = 0; i < 1000; i++) {
        check(by_return(i) == i, "return", __LINE__);
        check(AWAIT(add, by_return(i), 1) == i + 1, "after return", __LINE__);
    }
    void *last = NULL;
    unsigned code;
    for (int i = 0; i < 100; i++) {
        void *later = LATER(add, i, __extension__({
                                if (i % 2)
                                    break;
                                i;
                            }));
        last = later;
        break;
    }
    struct ferry__value value = finish(last, &code);
    check(FERRY__VALUE(int, value) == 0, "deferred", __LINE__);
}

static void test_codes(void)
{
    int numbers[3];
    int *some = numbers;
    check(FERRY__RESULT_OF(void) == 0, "void", __LINE__);
    check(FERRY__RESULT_OF(int) == FERRY__RESULT_AT(numbers), "array", __LINE__);
    check(FERRY__RESULT_OF(int) == FERRY__RESULT_AT(&numbers[1]), "address", __LINE__);
    check(FERRY__RESULT_OF(int) == FERRY__RESULT_AT(some), "pointer", __LINE__);
    check(FERRY__RESULT_AT(NULL) == 0, "NULL", __LINE__);
    check(FERRY__RESULT_OF(long) == FERRY__RESULT_OF(long long), "same kind", __LINE__);
    check(FERRY__RESULT_OF(int (*)(int)) >> 8 == FERRY__POINTER, "function pointer", __LINE__);
    check(FERRY__RESULT_OF(bool) >> 8 == FERRY__UNSIGNED, "bool", __LINE__);
    check(FERRY__RESULT_OF(struct of320) == (FERRY__OTHER << 8 | 255), "struct", __LINE__);
}

int main(void)
{
    test_shared();
    test_old_style();
    test_complex();
    test_variable_arrays();
    test_odd_arguments();
    test_leaving();
    test_codes();
    return checked_all("shapes.c");
}
