/* SPDX-License-Identifier: MIT */
/* What switch.h says, for x86-64 (System V). Empty for other machines. */
#ifdef __x86_64__
#ifdef __CET__
#include <cet.h>
#else
#define _CET_ENDBR
#endif

	.text

/*
 * void cor_switch(void **save [rdi], void *load [rsi])
 *
 * The frame, from the stack pointer up: r15, r14, r13, r12, rbx, rbp, where to go on.
 */
	.globl	cor_switch
	.hidden	cor_switch
	.type	cor_switch, @function
	.p2align 4
cor_switch:
	.cfi_startproc
	_CET_ENDBR
	pushq	%rbp
	.cfi_adjust_cfa_offset 8
	.cfi_rel_offset %rbp, 0
	pushq	%rbx
	.cfi_adjust_cfa_offset 8
	.cfi_rel_offset %rbx, 0
	pushq	%r12
	.cfi_adjust_cfa_offset 8
	.cfi_rel_offset %r12, 0
	pushq	%r13
	.cfi_adjust_cfa_offset 8
	.cfi_rel_offset %r13, 0
	pushq	%r14
	.cfi_adjust_cfa_offset 8
	.cfi_rel_offset %r14, 0
	pushq	%r15
	.cfi_adjust_cfa_offset 8
	.cfi_rel_offset %r15, 0
	movq	%rsp, (%rdi)
	movq	%rsi, %rsp
	popq	%r15
	.cfi_adjust_cfa_offset -8
	.cfi_restore %r15
	popq	%r14
	.cfi_adjust_cfa_offset -8
	.cfi_restore %r14
	popq	%r13
	.cfi_adjust_cfa_offset -8
	.cfi_restore %r13
	popq	%r12
	.cfi_adjust_cfa_offset -8
	.cfi_restore %r12
	popq	%rbx
	.cfi_adjust_cfa_offset -8
	.cfi_restore %rbx
	popq	%rbp
	.cfi_adjust_cfa_offset -8
	.cfi_restore %rbp
	popq	%rcx
	.cfi_adjust_cfa_offset -8
	.cfi_register %rip, %rcx
	jmp	*%rcx
	.cfi_endproc

	.size	cor_switch, . - cor_switch

/* The first frame of a stack: debuggers stop here. */
	.globl	cor_switch_start
	.hidden	cor_switch_start
	.type	cor_switch_start, @function
	.p2align 4
cor_switch_start:
	.cfi_startproc
	.cfi_undefined %rip
	_CET_ENDBR
	movq	%r12, %rdi
	call	*%r13
	ud2
	.cfi_endproc
	.size	cor_switch_start, . - cor_switch_start

#endif
	.section .note.GNU-stack, "", %progbits
