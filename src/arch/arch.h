/* SPDX-License-Identifier: MIT */
/*
 * The contract with the assembly: an image of a call, its capture and replay, and the switch of
 * stacks.
 *
 * An image is what the caller put into registers and onto the stack for a call:
 *
 *      0  where the stack-passed arguments start: in the caller's frame, or behind an owned copy
 *      8  what the call's record says of them, the x86 variadic count, results on the x87 stack
 *     16  integer registers: rdi rsi rdx rcx r8 r9, or x0 .. x7
 *     80  aarch64 only: x8, the address of a struct result
 *     64  (x86-64) or 96 (aarch64): vector registers, 16 bytes each, the first 0, 4 or 8
 *
 * After the replay the same place holds the result: the first two integer registers, and if the
 * image carries vectors, the first two (x86-64) or four (aarch64) of them; on x86-64 st0 and st1
 * stand in vectors 2 and 3.
 *
 * A plain image ends before the vectors: 64 bytes of x86-64, 80 of aarch64.
 */
#ifndef FERRY_ARCH_ARCH_H
#define FERRY_ARCH_ARCH_H

#include <ferry/call.h>
#include <stddef.h>
#include <stdint.h>

#if defined __x86_64__
enum { FERRY__INTS = 6, FERRY__IMAGE_PLAIN = 64, FERRY__IMAGE_VECTORS = 64 };
#else
enum { FERRY__INTS = 8, FERRY__IMAGE_PLAIN = 80, FERRY__IMAGE_VECTORS = 96 };
#endif

struct ferry__image {
    const void *stack;
    uint16_t stack_bytes;
    uint8_t vectors;
    uint8_t flags;    /* enum ferry__call_flags */
    uint8_t variadic; /* x86-64: al at the call */
    uint8_t tops;     /* x86-64: how many results stand on the x87 stack */
    uint16_t result_bytes;
    uint64_t ints[FERRY__INTS];
#if defined __aarch64__
    uint64_t x8;
    uint64_t padding;
#endif
    _Alignas(16) uint64_t vector[8][2];
};

_Static_assert(sizeof(struct ferry__image) == FERRY__IMAGE_VECTORS + 8 * 16,
               "the assembly's layout");
_Static_assert(offsetof(struct ferry__image, vector) == FERRY__IMAGE_VECTORS,
               "the assembly's layout");

/* 32 stubs, 16 bytes each: number n keeps the image on the stack and hands it to
 * ferry__captured(image, n); what stands in it afterwards goes back to the caller as the result. */
extern const char ferry__stubs[] __attribute__((visibility("hidden")));
enum { FERRY__STUBS = 32, FERRY__STUB_BYTES = 16 };

/* Defined by core. */
void ferry__captured(struct ferry__image *image, unsigned slot);

/* Calls fn with the image, here and now, and leaves the result in it. */
void ferry__replay(struct ferry__image *image, ferry__any *fn);

/*
 * Told of an exception (C++, foreign; not a forced unwind) on its way out of a replayed function,
 * before any frame is left: if no frame of the thread catches it, terminate follows. NULL: nobody
 * is told. Defined where calls are known (bridge/uncaught.c).
 */
extern void (*ferry__uncaught)(void);

/* A self-contained copy, stack arguments too: ferry__image_size bytes at `to`, aligned to 16. */
size_t ferry__image_size(const struct ferry__image *image);
void ferry__image_copy(void *to, const struct ferry__image *image);
/* Its stack part, in assembly since the bound may reach into what ASan has poisoned. bytes:
 * times 16. */
void ferry__copy16(void *to, const void *from, size_t bytes);

/* The result of a replayed copy becomes that of the image (it must not be one in memory). */
void ferry__image_take_result(struct ferry__image *image, const struct ferry__image *copy);
/* The result as memory bytes (at most 16; the rest zero), `result` being its code. */
void ferry__image_value(const struct ferry__image *image, uint16_t result, void *to16);
/* Sets the skip value: -1, NULL; zero bytes where the type has none. */
void ferry__image_skip(struct ferry__image *image, uint16_t result);

/*
 * Keeps the callee-saved state on the running stack, its end in *ret_from_sp, and goes on where
 * to_sp was kept. Callee-saved includes the control bits of mxcsr and x87 or fpcr.
 */
void ferry__switch(void **ret_from_sp, void *to_sp);
/* The same, quicker where to_sp was kept by a call from this very place. */
void ferry__switch_alike(void **ret_from_sp, void *to_sp);

/* A fresh stack below stack_top (any alignment) on which a switch calls entry(argument), which
 * never returns. The floating-point modes are those of now. Unwinding ends there. */
void *ferry__switch_prepare(void *stack_top, void (*entry)(void *), void *argument);

#endif
