// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "explain_reason.h"

#include <elf.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

char *arena_printf(struct arena *arena, const char *fmt, ...)
{
	va_list args;
	char *text;
	int size;

	va_start(args, fmt);
	size = vsnprintf(NULL, 0, fmt, args);
	va_end(args);
	if (size < 0)
		return NULL;
	text = arena_alloc(arena, (size_t)size + 1, 1);
	if (!text)
		return NULL;
	va_start(args, fmt);
	vsnprintf(text, (size_t)size + 1, fmt, args);
	va_end(args);
	return text;
}

/* Functions. */

static const char *param_of(const struct func_facts *facts)
{
	return facts->param ? facts->param : "a parameter";
}

static const char *place_of(const struct func_facts *facts)
{
	return facts->place ? facts->place : "not known";
}

const char *func_reason(struct arena *arena, const struct func_facts *facts)
{
	switch (facts->outcome) {
	case FUNC_ENCODED:
	case NUM_FUNC_OUTCOMES:
		break;
	case FUNC_NO_DEBUG_INFO:
		return "No debugging entry describes a function at its address.";
	case FUNC_ASSEMBLER:
		return "It is written in assembler, whose debug information has no prototypes.";
	case FUNC_PART:
		return "Only parts of functions (.part, .cold) have this name, and nobody calls "
		       "those from their first instruction.";
	case FUNC_AMBIGUOUS:
		return arena_printf(arena,
				    "%" PRIu32 " functions have this name: an attachment by name "
				    "would reach one of them and not say which.",
				    facts->num_places);
	case FUNC_INCONSISTENT:
		return arena_printf(arena,
				    "The debugging entries at its address disagree about its "
				    "result or parameters (%" PRIu32 " prototypes).",
				    facts->num_prototypes);
	case FUNC_OPTIMIZED:
		return arena_printf(arena,
				    "The compiler removed parameters or passes them in another "
				    "form: %s is %s.",
				    param_of(facts), place_of(facts));
	case FUNC_REORDERED:
		return "The compiler changed the order of its parameters.";
	case FUNC_MOVED:
		return arena_printf(arena,
				    "The compiler passes parameters in registers of its own "
				    "choice: %s is %s.",
				    param_of(facts), place_of(facts));
	case FUNC_UNCERTAIN:
		return arena_printf(arena,
				    "The place of %s cannot be told from its size, because it is "
				    "packed or aligned by hand.",
				    param_of(facts));
	case FUNC_RENAMED:
		return arena_printf(arena,
				    "Its only symbol is the compiler's clone '%s', and the feature "
				    "optimized_func is off.",
				    facts->symbol);
	case FUNC_UNNAMED_PARAM:
		return arena_printf(arena,
				    "The kernel refuses the prototype: %s has no name, or one "
				    "that is no identifier.",
				    param_of(facts));
	case FUNC_BAD_TYPE:
		return arena_printf(arena,
				    "The type of %s has no size: it is declared but not defined.",
				    param_of(facts));
	case FUNC_BAD_NAME:
		return "The kernel refuses the name: it is no identifier of C.";
	case FUNC_MODULE_ENTRY:
		return "Every module has this name, for its loader, beside the function's own.";
	}
	return "";
}

const char *func_advice(enum func_outcome outcome)
{
	switch (outcome) {
	case FUNC_ENCODED:
	case NUM_FUNC_OUTCOMES:
		break;
	case FUNC_NO_DEBUG_INFO:
		return "It may be assembler within a C file, as static calls and thunks are, or in "
		       "a language that is left out (--lang-exclude); else compile its file with "
		       "-g.";
	case FUNC_ASSEMBLER:
		return "Attach with a kprobe; or encode with --asm-functions, which writes "
		       "'void f(void)' whatever it takes.";
	case FUNC_PART:
		return "Look for the function that it is a part of.";
	case FUNC_AMBIGUOUS:
		return "Give the functions different names; a kprobe reaches each by address.";
	case FUNC_INCONSISTENT:
		return "Make the prototypes agree; --features=-consistent_func writes the first.";
	case FUNC_OPTIMIZED:
	case FUNC_REORDERED:
	case FUNC_MOVED:
		return "--features=+true_signature writes what it really takes where that is "
		       "known; a kfunc must be marked __bpf_kfunc in the source.";
	case FUNC_UNCERTAIN:
		return "Pass it by pointer.";
	case FUNC_RENAMED:
		return "Encode with --features=+optimized_func.";
	case FUNC_UNNAMED_PARAM:
		return "Name the parameter in the function's definition.";
	case FUNC_BAD_TYPE:
		return "Define the type where the function is defined.";
	case FUNC_MODULE_ENTRY:
		return "Attach by the function's own name, the one that module_init() or "
		       "module_exit() was given.";
	case FUNC_BAD_NAME:
		return "Attach with a kprobe.";
	}
	return NULL;
}

/* Variables. */

const char *var_reason(struct arena *arena, const struct var_facts *facts)
{
	switch (facts->outcome) {
	case VAR_ENCODED:
	case NUM_VAR_OUTCOMES:
		break;
	case VAR_ALIAS:
		return arena_printf(arena, "The variable is in the BTF under the name '%s'.",
				    facts->other ? facts->other : "?");
	case VAR_ZERO_SIZE:
		if (facts->other)
			return arena_printf(arena,
					    "Its symbol has no size; the variable there is in the "
					    "BTF under the name '%s'.",
					    facts->other);
		return "Its symbol has no size.";
	case VAR_NO_DEBUG_INFO:
		return "No debugging entry describes a variable of its name or size at its "
		       "address.";
	case VAR_VOID_TYPE:
		return "Its debugging entry has no type, or one without a size.";
	case VAR_SIZE_MISMATCH:
		return arena_printf(arena,
				    "Its type has %" PRIu64 " bytes, more than the symbol's "
				    "%" PRIu64 ".",
				    facts->type_size, facts->symbol_size);
	case VAR_OVERLAP:
		return arena_printf(arena,
				    "It lies within %s, and the kernel refuses variables that "
				    "overlap.",
				    facts->other ? facts->other : "a variable before it");
	case VAR_GENERATED:
		return "Its name was made by macros of the kernel and means nothing to users.";
	case VAR_AMBIGUOUS:
		return "Several symbols have the name, and the kernel, which looks for it by name "
		       "alone, would take the type of one and the address of another.";
	case VAR_NAME_OF_BASE:
		return "A symbol of the base has the name, and the kernel, which looks for it by "
		       "name alone, finds that one first.";
	case VAR_FREED:
		return arena_printf(
			arena,
			"The memory of its section, %s, is freed when booting ends, and "
			"a program that read it then could bring the kernel down.",
			facts->section);
	case VAR_HYPERVISOR:
		return arena_printf(arena, "Its section, %s, belongs to the hypervisor.",
				    facts->section);
	case VAR_NOT_LOADED:
		return arena_printf(arena, "The module loader does not keep its section, %s.",
				    facts->section);
	case VAR_BAD_SECTION:
		return arena_printf(
			arena,
			"BTF cannot describe its section, %s: the name is no identifier "
			"or there are more than 4 GiB.",
			facts->section);
	case VAR_BAD_NAME:
		return "The kernel refuses the name: it is no identifier of C.";
	}
	return "";
}

const char *var_advice(enum var_outcome outcome)
{
	switch (outcome) {
	case VAR_ZERO_SIZE:
		return "In assembler, .size and .type give it one; symbols of linker scripts have "
		       "none.";
	case VAR_NO_DEBUG_INFO:
		return "Compile its file with -g; variables of assembler files have no entries.";
	case VAR_VOID_TYPE:
		return "Define the type where the variable is defined.";
	case VAR_SIZE_MISMATCH:
		return "One symbol name may stand for two definitions: look at the entries.";
	case VAR_AMBIGUOUS:
	case VAR_NAME_OF_BASE:
		return "Give it a name of its own in the source.";
	case VAR_FREED:
	case VAR_HYPERVISOR:
	case VAR_NOT_LOADED:
		return "Sections that --vars names are taken all the same.";
	default:
		return NULL;
	}
}

/* Places. */

/* DWARF numbers: the psABI documents' tables; x86-64 3.57, i386 2.14, RISC-V, AAPCS64. */
static const char *const x86_64_regs[] = { "rax", "rdx", "rcx", "rbx", "rsi", "rdi", "rbp", "rsp",
					   "r8",  "r9",	 "r10", "r11", "r12", "r13", "r14", "r15" };
static const char *const i386_regs[] = { "eax", "ecx", "edx", "ebx", "esp", "ebp", "esi", "edi" };
static const char *const riscv_regs[] = { "zero", "ra", "sp",  "gp",  "tp", "t0", "t1", "t2",
					  "s0",	  "s1", "a0",  "a1",  "a2", "a3", "a4", "a5",
					  "a6",	  "a7", "s2",  "s3",  "s4", "s5", "s6", "s7",
					  "s8",	  "s9", "s10", "s11", "t3", "t4", "t5", "t6" };

static const struct {
	uint16_t machine;
	uint16_t num;
	const char *const *names; /* NULL: prefix and number */
	const char *prefix;
} reg_tables[] = {
	{ EM_X86_64, 16, x86_64_regs, NULL },
	{ EM_386, 8, i386_regs, NULL },
	{ EM_RISCV, 32, riscv_regs, NULL },
	{ EM_AARCH64, 31, NULL, "x" },
	{ EM_ARM, 16, NULL, "r" },
	{ EM_S390, 16, NULL, "r" },
	{ EM_PPC64, 32, NULL, "r" },
	{ EM_MIPS, 32, NULL, "$" },
	{ EM_LOONGARCH, 32, NULL, "r" },
};

struct reg_name {
	char text[24];
};

static const char *reg_name(uint16_t machine, uint16_t reg, struct reg_name *buf)
{
	for (size_t i = 0; i < sizeof(reg_tables) / sizeof(reg_tables[0]); i++) {
		if (reg_tables[i].machine != machine || reg >= reg_tables[i].num)
			continue;
		if (reg_tables[i].names)
			return reg_tables[i].names[reg];
		snprintf(buf->text, sizeof(buf->text), "%s%u", reg_tables[i].prefix, reg);
		return buf->text;
	}
	snprintf(buf->text, sizeof(buf->text), "register %u", reg);
	return buf->text;
}

static const char *pieces_text(struct arena *arena, uint16_t machine, const struct place *place)
{
	const char *text = "in parts:";

	for (unsigned int i = 0; i < place->num_pieces && i < PLACE_MAX_PIECES && text; i++) {
		const struct place_piece *piece = &place->pieces[i];
		struct reg_name buf;

		text = arena_printf(arena, "%s%s %s", text, i ? "," : "",
				    piece->reg == PLACE_NO_REG ?
					    "nowhere" :
					    reg_name(machine, piece->reg, &buf));
	}
	return text;
}

const char *place_text(struct arena *arena, uint16_t machine, const struct place *place)
{
	const char *late = place->is_late ? ", later" : "";
	struct reg_name buf;

	switch ((enum place_kind)place->kind) {
	case PLACE_NONE:
		return "nowhere";
	case PLACE_REGISTER:
		return arena_printf(arena, "in %s%s", reg_name(machine, place->reg, &buf), late);
	case PLACE_POINTED:
		return arena_printf(arena, "in memory that %s points to%s",
				    reg_name(machine, place->reg, &buf), late);
	case PLACE_STACK:
		return "on the stack";
	case PLACE_CONSTANT:
		return "a constant";
	case PLACE_PIECES:
		return pieces_text(arena, machine, place);
	case PLACE_OTHER:
		break;
	}
	return "computed";
}
