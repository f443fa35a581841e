/* SPDX-License-Identifier: MIT */
/* Images: copied, replayed, their results as values. The shapes have a matrix of their own
 * (tests/shapes). */
#include "check.h"

#include "arch/arch.h"

#include <complex.h>
#include <unwind.h>

#define RESULT(type) (uint16_t) FERRY__RESULT_OF(type)

static long six(long a, long b, long c, long d, long e, long f)
{
    return a + 10 * b + 100 * c + 1000 * d + 10000 * e + 100000 * f;
}

static void *plain_image(struct ferry__image *image)
{
    memset(image, 0xc3, sizeof *image);
    image->stack_bytes = 0;
    image->vectors = 0;
    image->flags = FERRY__PLAIN;
    for (unsigned i = 0; i < FERRY__INTS; i++)
        image->ints[i] = i + 1;
    return image;
}

TEST(a_plain_image_is_small_and_enough)
{
    struct ferry__image image;
    plain_image(&image);
    CHECK_INT(ferry__image_size(&image), ==, FERRY__IMAGE_PLAIN);
    struct ferry__image *copy = aligned_alloc(16, FERRY__IMAGE_PLAIN);
    ferry__image_copy(copy, &image);
    memset(&image, 0, sizeof image);
    ferry__replay(copy, (ferry__any *)six);
    long value[2];
    ferry__image_value(copy, RESULT(long), value);
    CHECK_INT(value[0], ==, 654321);
    CHECK_INT(value[1], ==, 0);
    free(copy);
}

static long ten(long a, long b, long c, long d, long e, long f, long g, long h, long i, long j)
{
    return a + b + c + d + e + f + 7 * g + 11 * h + 13 * i + 17 * j;
}

TEST(a_copy_takes_the_stack_with_it)
{
    struct ferry__image image;
    plain_image(&image);
    _Alignas(16) long passed[6] = {7, 8, 9, 10, -1, -1};
    image.flags = 0;
    image.stack = passed + (FERRY__INTS - 6);
    image.stack_bytes = 32;
    size_t bytes = ferry__image_size(&image);
    CHECK_INT(bytes, ==, FERRY__IMAGE_VECTORS + 32);
    struct ferry__image *copy = aligned_alloc(16, bytes);
    ferry__image_copy(copy, &image);
    memset(passed, 0, sizeof passed);
    ferry__replay(copy, (ferry__any *)ten);
    long value[2];
    ferry__image_value(copy, RESULT(long), value);
    CHECK_INT(value[0], ==, 21 + 7 * 7 + 11 * 8 + 13 * 9 + 17 * 10);
    free(copy);
}

TEST(values_are_memory_bytes)
{
    struct ferry__image image = {.ints = {UINT64_MAX - 4, UINT64_MAX}};
    _Alignas(16) union {
        int i;
        unsigned char c;
        double d;
        long double l;
        float _Complex f;
        double _Complex z;
        uint64_t words[2];
    } value;
    ferry__image_value(&image, RESULT(int), &value);
    CHECK_INT(value.i, ==, -5);
    CHECK_INT(value.words[0], ==, 0xfffffffb);
    ferry__image_value(&image, RESULT(bool), &value);
    CHECK_INT(value.words[0], ==, 0xfb);
    ferry__image_value(&image, RESULT(void), &value);
    CHECK_INT(value.words[0] | value.words[1], ==, 0);
    const double one = 1.5, two = 2.5;
    memcpy(image.vector[0], &one, sizeof one);
    memcpy(image.vector[1], &two, sizeof two);
    ferry__image_value(&image, RESULT(double), &value);
    CHECK(value.d == 1.5);
    ferry__image_value(&image, RESULT(double _Complex), &value);
    CHECK(creal(value.z) == 1.5 && cimag(value.z) == 2.5);
}

TEST(skip_values)
{
    struct ferry__image image = {.vectors = 4, .vector = {{1, 2}, {3, 4}}};
    _Alignas(16) uint64_t value[2];
    ferry__image_skip(&image, RESULT(long));
    ferry__image_value(&image, RESULT(long), value);
    CHECK_INT((int64_t)value[0], ==, -1);
    ferry__image_skip(&image, RESULT(char *));
    ferry__image_value(&image, RESULT(char *), value);
    CHECK_INT(value[0], ==, 0);
    ferry__image_skip(&image, RESULT(unsigned));
    ferry__image_value(&image, RESULT(unsigned), value);
    CHECK_INT(value[0], ==, 0);
    ferry__image_skip(&image, RESULT(double));
    ferry__image_value(&image, RESULT(double), value);
    CHECK_INT(value[0], ==, 0);
#ifdef __x86_64__
    ferry__image_skip(&image, RESULT(long double));
    CHECK_INT(image.tops, ==, 1);
    ferry__image_skip(&image, RESULT(int));
    CHECK_INT(image.tops, ==, 0);
#endif
}

static int told;
static void tell(void)
{
    told++;
}

static struct _Unwind_Exception exception;
static long raise_foreign(void)
{
    return _Unwind_RaiseException(&exception);
}

TEST(an_exception_on_its_way_out_is_told_of)
{
    struct ferry__image image;
    plain_image(&image);
    ferry__uncaught = tell;
    ferry__replay(&image, (ferry__any *)raise_foreign);
    CHECK_INT(told, ==, 1);
#ifdef __x86_64__
    /* On aarch64 gcc before 14 spoils what it returns: https://gcc.gnu.org/PR114843 */
    CHECK_INT(image.ints[0], ==, _URC_END_OF_STACK);
#endif
    ferry__uncaught = NULL;
    ferry__replay(&image, (ferry__any *)raise_foreign);
    CHECK_INT(told, ==, 1);
}

static _Unwind_Reason_Code find_function(struct _Unwind_Context *context, void *found)
{
    if (_Unwind_FindEnclosingFunction((void *)_Unwind_GetIP(context)) == *(void **)found)
        *(void **)found = NULL;
    return _URC_NO_REASON;
}

static bool walk_finds(void *function)
{
    _Unwind_Backtrace(find_function, &function);
    return !function;
}

__attribute__((noinline)) static long from_outside(void)
{
    struct ferry__image image;
    plain_image(&image);
    image.ints[0] = (uint64_t)(uintptr_t)from_outside;
    ferry__replay(&image, (ferry__any *)walk_finds);
    return (long)(image.ints[0] & 1);
}

TEST(a_backtrace_goes_through_the_replay)
{
    CHECK(from_outside());
}

TEST_MAIN
