/* SPDX-License-Identifier: MIT */
/*
 * ferry__switch(ret_from_sp, to_sp): what a call must preserve goes onto the stack that is left.
 *
 *     sp + 160     fpcr
 *     sp + 144     x29 x30
 *     sp +  64     x19 .. x28
 *     sp           d8 .. d15               <- *ret_from_sp
 *
 * Both stacks have this shape at the moment of the switch, so the frame information holds on
 * both sides. Writing fpcr is slow and it is nearly always the same: compare first.
 */
#include "arch/asm.h"

    .globl ferry__switch_alike
    .hidden ferry__switch_alike
    .set ferry__switch_alike, ferry__switch /* here both go on by a return */

FUNCTION ferry__switch
    sub sp, sp, #176
    .cfi_adjust_cfa_offset 176
    stp d8, d9, [sp]
    .cfi_rel_offset 72, 0
    .cfi_rel_offset 73, 8
    stp d10, d11, [sp, #16]
    .cfi_rel_offset 74, 16
    .cfi_rel_offset 75, 24
    stp d12, d13, [sp, #32]
    .cfi_rel_offset 76, 32
    .cfi_rel_offset 77, 40
    stp d14, d15, [sp, #48]
    .cfi_rel_offset 78, 48
    .cfi_rel_offset 79, 56
    stp x19, x20, [sp, #64]
    .cfi_rel_offset 19, 64
    .cfi_rel_offset 20, 72
    stp x21, x22, [sp, #80]
    .cfi_rel_offset 21, 80
    .cfi_rel_offset 22, 88
    stp x23, x24, [sp, #96]
    .cfi_rel_offset 23, 96
    .cfi_rel_offset 24, 104
    stp x25, x26, [sp, #112]
    .cfi_rel_offset 25, 112
    .cfi_rel_offset 26, 120
    stp x27, x28, [sp, #128]
    .cfi_rel_offset 27, 128
    .cfi_rel_offset 28, 136
    stp x29, x30, [sp, #144]
    .cfi_rel_offset 29, 144
    .cfi_rel_offset 30, 152
    mrs x9, fpcr
    str x9, [sp, #160]
    mov x10, sp
    str x10, [x0]

    mov sp, x1
    ldr x10, [sp, #160]
    cmp x9, x10
    b.ne 2f
1:  ldp d8, d9, [sp]
    ldp d10, d11, [sp, #16]
    ldp d12, d13, [sp, #32]
    ldp d14, d15, [sp, #48]
    ldp x19, x20, [sp, #64]
    ldp x21, x22, [sp, #80]
    ldp x23, x24, [sp, #96]
    ldp x25, x26, [sp, #112]
    ldp x27, x28, [sp, #128]
    ldp x29, x30, [sp, #144]
    .cfi_remember_state
    .irp register, 72, 73, 74, 75, 76, 77, 78, 79, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30
    .cfi_restore \register
    .endr
    add sp, sp, #176
    .cfi_adjust_cfa_offset -176
    ret
    .cfi_restore_state
2:  msr fpcr, x10
    b 1b
END ferry__switch

/* ferry__switch_prepare(stack_top, entry, argument): a stack as a switch would have left it. */
FUNCTION ferry__switch_prepare
    and x3, x0, #-16
    sub x0, x3, #176
    stp xzr, xzr, [x0]
    stp xzr, xzr, [x0, #16]
    stp xzr, xzr, [x0, #32]
    stp xzr, xzr, [x0, #48]
    stp x1, x2, [x0, #64]
    stp xzr, xzr, [x0, #80]
    stp xzr, xzr, [x0, #96]
    stp xzr, xzr, [x0, #112]
    stp xzr, xzr, [x0, #128]
    adr x4, begun
    stp xzr, x4, [x0, #144]
    mrs x4, fpcr
    stp x4, xzr, [x0, #160]
    ret
END ferry__switch_prepare

/* The first frame of a fresh stack: x19(x20). Nobody called it. */
    .p2align 4
    .type begin, %function
begin:
    .cfi_startproc
    .cfi_undefined 30
    .cfi_undefined 29
    hint 34 /* bti c */
begun: /* not the very first byte: as a return address it must lie behind something of ours */
    mov x0, x20
    blr x19
    udf #0
END begin

    NOTES
