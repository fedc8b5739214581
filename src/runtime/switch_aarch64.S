/* SPDX-License-Identifier: MIT */
/* What switch.h says, for aarch64 (AAPCS64). Empty for other machines. */
#ifdef __aarch64__

	.text

/*
 * void cor_switch(void **save [x0], void *load [x1])
 *
 * The frame, from the stack pointer up: x19 to x28, x29, x30 (where to go on), d8 to d15. The
 * landing pads are written as hints, which old processors pass over: 34 is "bti c", 36 is "bti j".
 */
	.globl	cor_switch
	.hidden	cor_switch
	.type	cor_switch, %function
	.p2align 4
cor_switch:
	.cfi_startproc
	hint	#34
	sub	sp, sp, #160
	.cfi_adjust_cfa_offset 160
	stp	x19, x20, [sp, #0]
	stp	x21, x22, [sp, #16]
	stp	x23, x24, [sp, #32]
	stp	x25, x26, [sp, #48]
	stp	x27, x28, [sp, #64]
	stp	x29, x30, [sp, #80]
	.cfi_rel_offset x19, 0
	.cfi_rel_offset x20, 8
	.cfi_rel_offset x21, 16
	.cfi_rel_offset x22, 24
	.cfi_rel_offset x23, 32
	.cfi_rel_offset x24, 40
	.cfi_rel_offset x25, 48
	.cfi_rel_offset x26, 56
	.cfi_rel_offset x27, 64
	.cfi_rel_offset x28, 72
	.cfi_rel_offset x29, 80
	.cfi_rel_offset x30, 88
	stp	d8, d9, [sp, #96]
	stp	d10, d11, [sp, #112]
	stp	d12, d13, [sp, #128]
	stp	d14, d15, [sp, #144]
	mov	x10, sp
	str	x10, [x0]
	mov	sp, x1
	ldp	d14, d15, [sp, #144]
	ldp	d12, d13, [sp, #128]
	ldp	d10, d11, [sp, #112]
	ldp	d8, d9, [sp, #96]
	ldp	x29, x30, [sp, #80]
	ldp	x27, x28, [sp, #64]
	ldp	x25, x26, [sp, #48]
	ldp	x23, x24, [sp, #32]
	ldp	x21, x22, [sp, #16]
	ldp	x19, x20, [sp, #0]
	add	sp, sp, #160
	.cfi_adjust_cfa_offset -160
	.cfi_restore x19
	.cfi_restore x20
	.cfi_restore x21
	.cfi_restore x22
	.cfi_restore x23
	.cfi_restore x24
	.cfi_restore x25
	.cfi_restore x26
	.cfi_restore x27
	.cfi_restore x28
	.cfi_restore x29
	.cfi_restore x30
	mov	x16, x30
	br	x16
	.cfi_endproc

	.size	cor_switch, . - cor_switch

/* The first frame of a stack: debuggers stop here. */
	.globl	cor_switch_start
	.hidden	cor_switch_start
	.type	cor_switch_start, %function
	.p2align 4
cor_switch_start:
	.cfi_startproc
	.cfi_undefined x30
	hint	#36
	mov	x0, x19
	blr	x20
	brk	#1
	.cfi_endproc
	.size	cor_switch_start, . - cor_switch_start

#ifdef __ARM_FEATURE_BTI_DEFAULT
	.section .note.gnu.property, "a"
	.p2align 3
	.word	4, 16, 5
	.asciz	"GNU"
	.word	0xc0000000, 4, 1, 0 /* GNU_PROPERTY_AARCH64_FEATURE_1_AND: BTI */
#endif
#endif
	.section .note.GNU-stack, "", %progbits
