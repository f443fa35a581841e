/* SPDX-License-Identifier: MIT */
/*
 * Replay: ferry__replay(image, fn) makes the call that was captured.
 *
 *     rbp +  8     return address
 *     rbp          caller's rbp
 *     rbp -  8     caller's rbx; rbx holds the image
 *     rbp - 16     x87 top before the call, where the result may come back there
 *     ...          room for the phase
 *     rsp          copy of the stack-passed arguments
 *
 * An over-aligned argument was placed by its address, so the copy keeps the original's phase:
 * modulo 64, or modulo 1024 (the most there can be) if it is large enough to hold an argument
 * aligned to more.
 */
#include "arch/asm.h"

FUNCTION ferry__replay
    .cfi_personality 0x1b, ferry__replay_personality
    .cfi_lsda 0xff
    pushq %rbp
    .cfi_def_cfa_offset 16
    .cfi_offset rbp, -16
    movq %rsp, %rbp
    .cfi_def_cfa_register rbp
    pushq %rbx
    .cfi_offset rbx, -24
    subq $8, %rsp
    movq %rdi, %rbx
    movq %rsi, %r11
    testb $1, 11(%rbx)
    jnz 4f

    movzwl 8(%rbx), %ecx
    testl %ecx, %ecx
    jz 2f
    movq (%rbx), %rsi
    movl $63, %eax
    movl $1023, %edx
    cmpl $128, %ecx
    cmovael %edx, %eax
    movl %esi, %edx
    andl %eax, %edx
    notq %rax
    subq %rcx, %rsp
    subq %rdx, %rsp
    andq %rax, %rsp
    addq %rdx, %rsp
1:  movups -16(%rsi,%rcx), %xmm0
    movups %xmm0, -16(%rsp,%rcx)
    subl $16, %ecx
    jnz 1b

2:  cmpb $0, 10(%rbx)
    je 3f
    movups 64(%rbx), %xmm0
    movups 80(%rbx), %xmm1
    movups 96(%rbx), %xmm2
    movups 112(%rbx), %xmm3
    cmpb $4, 10(%rbx)
    je 3f
    movups 128(%rbx), %xmm4
    movups 144(%rbx), %xmm5
    movups 160(%rbx), %xmm6
    movups 176(%rbx), %xmm7
3:  testb $4, 11(%rbx)
    jnz 6f

4:  movq 16(%rbx), %rdi
    movq 24(%rbx), %rsi
    movq 32(%rbx), %rdx
    movq 40(%rbx), %rcx
    movq 48(%rbx), %r8
    movq 56(%rbx), %r9
    movzbl 12(%rbx), %eax
    call *%r11
    movq %rax, 16(%rbx)
    movq %rdx, 24(%rbx)
    movb $0, 13(%rbx)
    cmpb $0, 10(%rbx)
    jne 7f
5:  leaq -8(%rbp), %rsp
    popq %rbx
    .cfi_remember_state
    .cfi_restore rbx
    popq %rbp
    .cfi_restore rbp
    .cfi_def_cfa rsp, 8
    ret
    .cfi_restore_state

6:  fnstsw -16(%rbp)
    jmp 4b

7:  movups %xmm0, 64(%rbx)
    movups %xmm1, 80(%rbx)
    testb $4, 11(%rbx)
    jz 5b
    /* tops = (top before - top now) mod 8, top being bits 11 to 13 */
    fnstsw %ax
    movzwl -16(%rbp), %ecx
    shrl $11, %ecx
    shrl $11, %eax
    subl %eax, %ecx
    andl $7, %ecx
    movb %cl, 13(%rbx)
    jz 5b
    pxor %xmm0, %xmm0
    movups %xmm0, 96(%rbx)
    movups %xmm0, 112(%rbx)
    fstpt 96(%rbx)
    cmpl $1, %ecx
    je 5b
    fstpt 112(%rbx)
    jmp 5b
END ferry__replay

/* ferry__copy16(to, from, bytes) */
FUNCTION ferry__copy16
1:  testq %rdx, %rdx
    jz 2f
    movups -16(%rsi,%rdx), %xmm0
    movups %xmm0, -16(%rdi,%rdx)
    subq $16, %rdx
    jmp 1b
2:  ret
END ferry__copy16

    NOTES
