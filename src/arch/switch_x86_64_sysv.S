/* SPDX-License-Identifier: MIT */
/*
 * ferry__switch(ret_from_sp, to_sp): what a call must preserve goes onto the stack that is left.
 *
 *     rsp + 56     return address
 *     rsp + 48     rbp
 *     rsp + 40     rbx
 *     rsp + 32     r12
 *     rsp + 24     r13
 *     rsp + 16     r14
 *     rsp +  8     r15
 *     rsp +  4     x87 control word
 *     rsp          mxcsr                  <- *ret_from_sp
 *
 * Both stacks have this shape at the moment of the switch, so the frame information holds on
 * both sides. Loading a control word costs more than the rest together, and it is nearly always
 * the one that is loaded already: compare first (only the control bits of mxcsr: its flags
 * aren't preserved by calls).
 *
 * ferry__switch goes on by a jump: between unlike places the return predictor would be wrong
 * every time, and the indirect one learns. The jump needs no landing pad ("notrack"), as a
 * return wouldn't. ferry__switch_alike goes on by a return: both stacks were left at the same
 * place, so the predictor is right, and stays in step for the returns that follow (a jump leaves
 * it one off, and each of those is predicted wrong: 60 ns, measured).
 */
#include "arch/asm.h"

.macro SWITCH name, alike
FUNCTION \name
    pushq %rbp
    .cfi_adjust_cfa_offset 8
    .cfi_rel_offset rbp, 0
    pushq %rbx
    .cfi_adjust_cfa_offset 8
    .cfi_rel_offset rbx, 0
    pushq %r12
    .cfi_adjust_cfa_offset 8
    .cfi_rel_offset r12, 0
    pushq %r13
    .cfi_adjust_cfa_offset 8
    .cfi_rel_offset r13, 0
    pushq %r14
    .cfi_adjust_cfa_offset 8
    .cfi_rel_offset r14, 0
    pushq %r15
    .cfi_adjust_cfa_offset 8
    .cfi_rel_offset r15, 0
    subq $8, %rsp
    .cfi_adjust_cfa_offset 8
    stmxcsr (%rsp)
    fnstcw 4(%rsp)
    movl (%rsp), %eax
    movzwl 4(%rsp), %ecx
    movq %rsp, (%rdi)

    movq %rsi, %rsp
    xorl (%rsp), %eax
    testl $0xffc0, %eax
    jne 2f
1:  cmpw 4(%rsp), %cx
    jne 3f
4:  addq $8, %rsp
    .cfi_adjust_cfa_offset -8
    popq %r15
    .cfi_adjust_cfa_offset -8
    .cfi_restore r15
    popq %r14
    .cfi_adjust_cfa_offset -8
    .cfi_restore r14
    popq %r13
    .cfi_adjust_cfa_offset -8
    .cfi_restore r13
    popq %r12
    .cfi_adjust_cfa_offset -8
    .cfi_restore r12
    popq %rbx
    .cfi_adjust_cfa_offset -8
    .cfi_restore rbx
    popq %rbp
    .cfi_adjust_cfa_offset -8
    .cfi_restore rbp
    .if \alike
    ret
    .else
    popq %rcx
    .cfi_adjust_cfa_offset -8
    .cfi_register rip, rcx
    notrack jmp *%rcx
    .cfi_adjust_cfa_offset 8
    .cfi_rel_offset rip, 0
    .endif
    .cfi_adjust_cfa_offset 56
    .cfi_rel_offset rbp, 48
    .cfi_rel_offset rbx, 40
    .cfi_rel_offset r12, 32
    .cfi_rel_offset r13, 24
    .cfi_rel_offset r14, 16
    .cfi_rel_offset r15, 8
2:  ldmxcsr (%rsp)
    jmp 1b
3:  fldcw 4(%rsp)
    jmp 4b
END \name
.endm

    SWITCH ferry__switch, 0
    SWITCH ferry__switch_alike, 1

/* ferry__switch_prepare(stack_top, entry, argument): a stack as a switch would have left it. */
FUNCTION ferry__switch_prepare
    andq $-16, %rdi
    leaq -80(%rdi), %rax
    movq $0, 72(%rax) /* the end of a chain of frames */
    movq $0, 64(%rax)
    leaq begun(%rip), %rcx
    movq %rcx, 56(%rax)
    movq $0, 48(%rax)
    movq $0, 40(%rax)
    movq %rsi, 32(%rax)
    movq %rdx, 24(%rax)
    movq $0, 16(%rax)
    movq $0, 8(%rax)
    stmxcsr (%rax)
    fnstcw 4(%rax)
    movw $0, 6(%rax)
    ret
END ferry__switch_prepare

/* The first frame of a fresh stack: r12(r13). Nobody called it. */
    .p2align 4
    .type begin, %function
begin:
    .cfi_startproc
    .cfi_undefined rip
    .cfi_undefined rbp
    endbr64
begun: /* not the very first byte: as a return address it must lie behind something of ours */
    movq %r13, %rdi
    call *%r12
    ud2
END begin

    NOTES
