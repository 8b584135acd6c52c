/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* An assembler unit: DWARF without any type. */
	.globl asm_function
	.type asm_function, @function
asm_function:
	ret
	.size asm_function, . - asm_function
	.data
	.type words, @object
words:
	.long 1, 2, 3
	.size words, . - words
