/* SPDX-License-Identifier: MIT */
/* For the assembly files: functions with call frame information, and the notes at a file's end. */
#ifndef FERRY_ARCH_ASM_H
#define FERRY_ARCH_ASM_H

/* clang-format off */
#if defined __x86_64__
#define LANDING endbr64
#else
#define LANDING hint 34 /* bti c */
#endif

.macro FUNCTION name
    .text
    .p2align 4
    .globl \name
    .hidden \name
    .type \name, %function
\name:
    .cfi_startproc
    LANDING
.endm

.macro END name
    .cfi_endproc
    .size \name, . - \name
.endm

/*
 * No executable stack; and landing pads are complete (IBT, BTI). Not said: shadow stack, which
 * the switch does not handle, and pointer authentication.
 */
.macro NOTES
    .section .note.GNU-stack, "", %progbits
    .section .note.gnu.property, "a", %note
    .p2align 3
    .long 4, 16, 5 /* name, contents, NT_GNU_PROPERTY_TYPE_0 */
    .asciz "GNU"
#if defined __x86_64__
    .long 0xc0000002, 4, 1, 0 /* X86_FEATURE_1_AND: IBT */
#else
    .long 0xc0000000, 4, 1, 0 /* AARCH64_FEATURE_1_AND: BTI */
#endif
.endm

#endif
