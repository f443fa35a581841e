/* SPDX-License-Identifier: MIT */
/* The switch of stacks: what a call must preserve is preserved, on both sides. */
#include "check.h"

#include "arch/arch.h"

#include <fenv.h>
#include <unwind.h>

enum { BYTES = 256 << 10 };
static _Alignas(4096) char stack[BYTES];
static void *here, *there;
static int seen;

static void answer(void *argument)
{
    int *counter = argument;
    for (;;) {
        ++*counter;
        ferry__switch(&there, here);
    }
}

TEST(goes_there_and_back)
{
    int counter = 0;
    there = ferry__switch_prepare(stack + BYTES, answer, &counter);
    for (int i = 1; i <= 1000; i++) {
        ferry__switch(&here, there);
        CHECK_INT(counter, ==, i);
    }
}

static void answer_alike(void *argument)
{
    int *counter = argument;
    for (;;) {
        ++*counter;
        ferry__switch_alike(&there, here);
    }
}

TEST(goes_there_and_back_alike)
{
    int counter = 0;
    there = ferry__switch_prepare(stack + BYTES, answer_alike, &counter);
    ferry__switch(&here, there);
    for (int i = 2; i <= 1000; i++) {
        ferry__switch_alike(&here, there);
        CHECK_INT(counter, ==, i);
    }
}

static void look_at_alignment(void *argument)
{
    (void)argument;
    _Alignas(16) char local[16];
    seen = (int)((uintptr_t)__builtin_frame_address(0) % 16) + 100 * (int)((uintptr_t)local % 16);
    ferry__switch(&there, here);
}

TEST(a_fresh_stack_is_aligned_whatever_its_top)
{
    for (int off = 0; off < 64; off++) {
        seen = -1;
        there = ferry__switch_prepare(stack + BYTES - off, look_at_alignment, NULL);
        ferry__switch(&here, there);
        CHECK_INT(seen, ==, 0);
    }
}

/* Spoils every register that a call must preserve; the switch itself must bring back ours. */
static void spoil(void *argument)
{
    (void)argument;
    for (;;) {
#ifdef __x86_64__
        __asm__ volatile("mov $-1, %%rbx\n\tmov $-1, %%r12\n\tmov $-1, %%r13\n\t"
                         "mov $-1, %%r14\n\tmov $-1, %%r15" ::
                             : "rbx", "r12", "r13", "r14", "r15");
#else
        __asm__ volatile(
            "mov x19, -1\n\tmov x20, -1\n\tmov x21, -1\n\tmov x22, -1\n\tmov x23, -1\n\t"
            "mov x24, -1\n\tmov x25, -1\n\tmov x26, -1\n\tmov x27, -1\n\tmov x28, -1\n\t"
            "fmov d8, x19\n\tfmov d9, x19\n\tfmov d14, x19\n\tfmov d15, x19" ::
                : "x19", "x20", "x21", "x22", "x23", "x24", "x25", "x26", "x27", "x28", "d8", "d9",
                  "d14", "d15");
#endif
        ferry__switch(&there, here);
    }
}

TEST(callee_saved_registers_stay)
{
    there = ferry__switch_prepare(stack + BYTES, spoil, NULL);
    long sum = 0;
    for (int round = 0; round < 3; round++) {
#ifdef __x86_64__
        register long a __asm__("rbx") = 1, b __asm__("r12") = 2, c __asm__("r13") = 3,
                        d __asm__("r14") = 4, e __asm__("r15") = 5;
        __asm__ volatile("" : "+r"(a), "+r"(b), "+r"(c), "+r"(d), "+r"(e));
        ferry__switch(&here, there);
        __asm__ volatile("" : "+r"(a), "+r"(b), "+r"(c), "+r"(d), "+r"(e));
        sum += a + 10 * b + 100 * c + 1000 * d + 10000 * e;
#else
        register long a __asm__("x19") = 1, b __asm__("x20") = 2, c __asm__("x24") = 3,
                        d __asm__("x27") = 4, e __asm__("x28") = 5;
        register double f __asm__("d8") = 0.0, g __asm__("d15") = 0.0;
        __asm__ volatile("" : "+r"(a), "+r"(b), "+r"(c), "+r"(d), "+r"(e), "+w"(f), "+w"(g));
        ferry__switch(&here, there);
        __asm__ volatile("" : "+r"(a), "+r"(b), "+r"(c), "+r"(d), "+r"(e), "+w"(f), "+w"(g));
        sum += a + 10 * b + 100 * c + 1000 * d + 10000 * e;
        CHECK(f == 0.0 && g == 0.0);
#endif
    }
    CHECK_INT(sum, ==, 3 * 54321);
}

/* Each stack has its own rounding mode. */
static void round_up(void *argument)
{
    (void)argument;
    seen = fegetround();
    for (;;) {
        fesetround(FE_UPWARD);
        ferry__switch(&there, here);
        if (fegetround() != FE_UPWARD)
            seen = -1;
    }
}

TEST(floating_point_modes_belong_to_the_stack)
{
    fesetround(FE_TOWARDZERO);
    there = ferry__switch_prepare(stack + BYTES, round_up, NULL);
    fesetround(FE_DOWNWARD);
    for (int i = 0; i < 3; i++) {
        ferry__switch(&here, there);
        CHECK_INT(fegetround(), ==, FE_DOWNWARD);
        CHECK_INT(seen, ==, FE_TOWARDZERO);
    }
#ifdef __x86_64__
    unsigned short word;
    __asm__ volatile("fnstcw %0" : "=m"(word));
    CHECK_INT(word & 0xc00, ==, 0x400); /* x87 rounds down as well */
#endif
}

static _Unwind_Reason_Code count_frame(struct _Unwind_Context *context, void *count)
{
    (void)context;
    return ++*(int *)count > 100 ? _URC_NORMAL_STOP : _URC_NO_REASON;
}

static void walk(void *argument)
{
    _Unwind_Reason_Code *end = argument;
    seen = 0;
    *end = _Unwind_Backtrace(count_frame, &seen);
    ferry__switch(&there, here);
}

TEST(a_backtrace_ends_at_the_entry)
{
    _Unwind_Reason_Code end = _URC_NO_REASON;
    memset(stack, 0xc3, sizeof stack);
    there = ferry__switch_prepare(stack + BYTES, walk, &end);
    ferry__switch(&here, there);
    CHECK_INT(end, ==, _URC_END_OF_STACK);
    CHECK_INT(seen, <, 5);
}

TEST_MAIN
