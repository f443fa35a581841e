/* SPDX-License-Identifier: MIT */
/*
 * Capture: a caller believes that it calls its function; we keep what it passed, hand it to
 * ferry__captured(image, slot), and return what then stands in the image.
 *
 *     sp + 240     stack-passed arguments      <- image.stack
 *     sp + 112     q0 .. q7                    -> q0 .. q3
 *     sp +  96     x8
 *     sp +  32     x0 .. x7                    -> x0 x1
 *     sp +  16     image.stack
 *     sp           x29 x30
 */
#include "arch/asm.h"

    .text
    .p2align 6
    .globl ferry__stubs
    .hidden ferry__stubs
    .type ferry__stubs, %function
ferry__stubs:
    .cfi_startproc
    .set slot, 0
    .rept 32
    hint 34 /* bti c */
    mov w16, #slot
    b capture
    nop
    .set slot, slot + 1
    .endr
    .cfi_endproc
    .size ferry__stubs, . - ferry__stubs

    .type capture, %function
capture:
    .cfi_startproc
    stp x29, x30, [sp, #-240]!
    .cfi_def_cfa_offset 240
    .cfi_offset 29, -240
    .cfi_offset 30, -232
    mov x29, sp
    .cfi_def_cfa_register 29
    add x9, sp, #240
    stp x9, xzr, [sp, #16]
    stp x0, x1, [sp, #32]
    stp x2, x3, [sp, #48]
    stp x4, x5, [sp, #64]
    stp x6, x7, [sp, #80]
    str x8, [sp, #96]
    stp q0, q1, [sp, #112]
    stp q2, q3, [sp, #144]
    stp q4, q5, [sp, #176]
    stp q6, q7, [sp, #208]
    add x0, sp, #16
    mov w1, w16
    bl ferry__captured

    ldp x0, x1, [sp, #32]
    ldp q0, q1, [sp, #112]
    ldp q2, q3, [sp, #144]
    ldp x29, x30, [sp], #240
    .cfi_def_cfa 31, 0
    .cfi_restore 29
    .cfi_restore 30
    ret
    .cfi_endproc
    .size capture, . - capture

    NOTES
