/* SPDX-License-Identifier: MIT */
/*
 * Fills what a call may find or leave in registers: poison() returns so, poisoned_replay(image,
 * fn) goes on to ferry__replay so.
 */
    .text
    .globl poison
    .type poison, %function
poison:
    .cfi_startproc
    hint 34 /* bti c */
    mov x17, x30
    bl fill
    mov x0, x2
    mov x1, x2
    ret x17
    .cfi_endproc

    .globl poisoned_replay
    .type poisoned_replay, %function
poisoned_replay:
    .cfi_startproc
    hint 34 /* bti c */
    mov x17, x30
    bl fill
    mov x30, x17
    b ferry__replay
    .cfi_endproc

    /* all but x0, x1, x17, the callee-saved and the platform's x18 */
    .type fill, %function
fill:
    .cfi_startproc
    ldr x2, =0xa5c3a5c3a5c3a5c3
    .irp i, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16
    mov x\i, x2
    .endr
    .irp i, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
    dup v\i\().2d, x2
    .endr
    ret
    .cfi_endproc

    .section .note.GNU-stack, "", %progbits
