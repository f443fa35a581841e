/* SPDX-License-Identifier: MIT */
/*
 * Fills what a call may find or leave in registers: poison() returns so, poisoned_replay(image,
 * fn) goes on to ferry__replay so. Control words, the direction flag and the x87 tags stay as
 * the ABI wants them.
 */
    .macro SPREAD register
    movq %rax, %xmm\register
    punpcklqdq %xmm\register, %xmm\register
    .endm
    .macro WIDEN register
    vinsertf128 $1, %xmm\register, %ymm\register, %ymm\register
    .endm

    .text
    .globl poison
    .type poison, %function
poison:
    .cfi_startproc
    endbr64
    xorl %edi, %edi
    xorl %esi, %esi
    call fill
    movq %rax, %rdi
    movq %rax, %rsi
    ret
    .cfi_endproc

    .globl poisoned_replay
    .type poisoned_replay, %function
poisoned_replay:
    .cfi_startproc
    endbr64
    call fill
    jmp ferry__replay
    .cfi_endproc

    /* all but rdi, rsi and the callee-saved */
    .type fill, %function
fill:
    .cfi_startproc
    .rept 8
    fldpi
    .endr
    .irp i, 0, 1, 2, 3, 4, 5, 6, 7
    ffree %st(\i)
    .endr
    movabsq $0xa5c3a5c3a5c3a5c3, %rax
    .irp i, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
    SPREAD \i
    .endr
    cmpl $0, poison_ymm(%rip)
    je 1f
    .irp i, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
    WIDEN \i
    .endr
1:  movq %rax, %rdx
    movq %rax, %rcx
    movq %rax, %r8
    movq %rax, %r9
    movq %rax, %r10
    movq %rax, %r11
    ret
    .cfi_endproc

    .section .note.GNU-stack, "", %progbits
