/* SPDX-License-Identifier: MIT */
/*
 * Capture: a caller believes that it calls its function; we keep what it passed, hand it to
 * ferry__captured(image, slot), and return what then stands in the image.
 *
 *     rbp + 16     stack-passed arguments      <- image.stack
 *     rbp +  8     return address
 *     rbp          caller's rbp
 *     ...          alignment to 64: an image is three cache lines
 *     rsp + 64     xmm0 .. xmm7                -> xmm0 xmm1 st0 st1
 *     rsp + 16     rdi rsi rdx rcx r8 r9       -> rax rdx
 *     rsp + 12     al, number of x87 results
 *     rsp          image.stack
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
    .p2align 4
    endbr64
    movl $slot, %r11d
    jmp capture
    .set slot, slot + 1
    .endr
    .cfi_endproc
    .size ferry__stubs, . - ferry__stubs

    .p2align 4
    .type capture, %function
capture:
    .cfi_startproc
    pushq %rbp
    .cfi_def_cfa_offset 16
    .cfi_offset rbp, -16
    movq %rsp, %rbp
    .cfi_def_cfa_register rbp
    subq $192, %rsp
    andq $-64, %rsp
    movq %rdi, 16(%rsp)
    movq %rsi, 24(%rsp)
    movq %rdx, 32(%rsp)
    movq %rcx, 40(%rsp)
    movq %r8, 48(%rsp)
    movq %r9, 56(%rsp)
    movzbl %al, %eax
    movl %eax, 12(%rsp)
    leaq 16(%rbp), %rax
    movq %rax, (%rsp)
    movaps %xmm0, 64(%rsp)
    movaps %xmm1, 80(%rsp)
    movaps %xmm2, 96(%rsp)
    movaps %xmm3, 112(%rsp)
    movaps %xmm4, 128(%rsp)
    movaps %xmm5, 144(%rsp)
    movaps %xmm6, 160(%rsp)
    movaps %xmm7, 176(%rsp)
    movq %rsp, %rdi
    movl %r11d, %esi
    call ferry__captured

    movq 16(%rsp), %rax
    movq 24(%rsp), %rdx
    movaps 64(%rsp), %xmm0
    movaps 80(%rsp), %xmm1
    cmpb $0, 13(%rsp)
    jne 2f
1:  leave
    .cfi_remember_state
    .cfi_def_cfa rsp, 8
    .cfi_restore rbp
    ret
    .cfi_restore_state
2:  cmpb $1, 13(%rsp)
    je 3f
    fldt 112(%rsp)
3:  fldt 96(%rsp)
    jmp 1b
    .cfi_endproc
    .size capture, . - capture

    NOTES
