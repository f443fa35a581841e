/* SPDX-License-Identifier: MIT */
/*
 * Replay: ferry__replay(image, fn) makes the call that was captured.
 *
 *     x29 + 16     caller's x19; x19 holds the image
 *     x29          caller's x29, return address
 *     ...          room for the phase
 *     sp           copy of the stack-passed arguments
 *
 * An over-aligned argument was placed by its address, so the copy keeps the original's phase:
 * modulo 64, or modulo 1024 (the most there can be) if it is large enough to hold an argument
 * aligned to more.
 */
#include "arch/asm.h"

FUNCTION ferry__replay
    .cfi_personality 0x1b, ferry__replay_personality
    .cfi_lsda 0xff
    stp x29, x30, [sp, #-32]!
    .cfi_def_cfa_offset 32
    .cfi_offset 29, -32
    .cfi_offset 30, -24
    str x19, [sp, #16]
    .cfi_offset 19, -16
    mov x29, sp
    .cfi_def_cfa_register 29
    mov x19, x0
    mov x16, x1
    ldrb w9, [x19, #11]
    tbnz w9, #0, 3f

    ldrh w9, [x19, #8]
    cbz w9, 2f
    ldr x10, [x19]
    mov x11, #63
    mov x12, #1023
    cmp w9, #128
    csel x11, x12, x11, hs
    and x12, x10, x11
    sub x13, sp, x9
    sub x13, x13, x12
    bic x13, x13, x11
    add x13, x13, x12
    mov sp, x13
1:  sub w9, w9, #16
    ldr q16, [x10, x9]
    str q16, [x13, x9]
    cbnz w9, 1b

2:  ldrb w9, [x19, #10]
    cbz w9, 3f
    ldr x8, [x19, #80]
    ldp q0, q1, [x19, #96]
    ldp q2, q3, [x19, #128]
    cmp w9, #4
    b.eq 3f
    ldp q4, q5, [x19, #160]
    ldp q6, q7, [x19, #192]

3:  ldp x0, x1, [x19, #16]
    ldp x2, x3, [x19, #32]
    ldp x4, x5, [x19, #48]
    ldp x6, x7, [x19, #64]
    blr x16
    stp x0, x1, [x19, #16]
    ldrb w9, [x19, #10]
    cbz w9, 4f
    stp q0, q1, [x19, #96]
    stp q2, q3, [x19, #128]
4:  mov sp, x29
    ldr x19, [sp, #16]
    ldp x29, x30, [sp], #32
    .cfi_def_cfa 31, 0
    .cfi_restore 19
    .cfi_restore 29
    .cfi_restore 30
    ret
END ferry__replay

/* ferry__copy16(to, from, bytes) */
FUNCTION ferry__copy16
1:  cbz x2, 2f
    sub x2, x2, #16
    ldr q16, [x1, x2]
    str q16, [x0, x2]
    b 1b
2:  ret
END ferry__copy16

    NOTES
