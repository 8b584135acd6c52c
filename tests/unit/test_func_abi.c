// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * func_abi: the registers that each convention gives to arguments, and what a parameter's place
 * says when it is compared with that.
 *
 * The tables hold what gcc 12 and clang 14 do for these functions (the places that their debugging
 * entries name at the first instruction), but for loongarch64, which neither knows.
 *
 * Signatures are written as result;param;param...: v void, iN integer, fN floating point of N
 * bytes, p pointer, aN:T array, {T,T} struct, <T,T> packed struct, [T,T] union. Spots are written
 * as register numbers (what they do not hold is on the stack), `*5` for the address in register 5,
 * S for stack, - for nothing, ? for not known.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <elf.h>

#include "func_abi.h"
#include "tests/unit/fake_store.h"

enum { LOONGARCH = 258, MAX_PARAMS = 16, MAX_REG = 40 };

struct machine {
	uint16_t machine;
	bool is_64;
	bool big_endian;
	unsigned int reg_size;
	unsigned int max_align; /* of a scalar */
};

static const struct machine x86_64 = { EM_X86_64, true, false, 8, 16 };
static const struct machine i386 = { EM_386, false, false, 4, 4 };
static const struct machine arm64 = { EM_AARCH64, true, false, 8, 16 };
static const struct machine arm = { EM_ARM, false, false, 4, 8 };
static const struct machine s390x = { EM_S390, true, true, 8, 8 };
static const struct machine ppc64le = { EM_PPC64, true, false, 8, 16 };
static const struct machine ppc64be = { EM_PPC64, true, true, 8, 16 };
static const struct machine riscv64 = { EM_RISCV, true, false, 8, 16 };
static const struct machine mips64 = { EM_MIPS, true, false, 8, 16 };
static const struct machine loongarch64 = { LOONGARCH, true, false, 8, 16 };

/* A type as it is written, and what the next one needs to know of it. */
struct written {
	struct type_id id;
	uint64_t size;
	uint64_t align;
};

static struct written parse(struct type_store *store, const struct machine *machine,
			    const char **at);

static struct written parse_members(struct type_store *store, const struct machine *machine,
				    const char **at, char open)
{
	char close = open == '{' ? '}' : open == '<' ? '>' : ']';
	struct settled_elem *list = elems(store, 16);
	struct written result = { .align = 1 };
	char name[2] = "a";
	uint64_t end = 0;
	uint32_t num = 0;

	for (; **at != close; *name += 1) {
		struct written member = parse(store, machine, at);
		uint64_t align = open == '<' ? 1 : member.align;
		uint64_t off = open == '[' ? 0 : (end + align - 1) / align * align;

		assert_true(num < 16);
		list[num++] = (struct settled_elem){ str(store, name), member.id, 8 * off, 0 };
		end = off + member.size > end ? off + member.size : end;
		result.align = align > result.align ? align : result.align;
		if (**at == ',')
			++*at;
	}
	++*at;
	result.size = (end + result.align - 1) / result.align * result.align;
	result.id = add(store, TYPE(.kind = open == '[' ? GRAPH_UNION : GRAPH_STRUCT,
				    .size = result.size, .num_elems = num, .elems = list));
	return result;
}

static struct written parse(struct type_store *store, const struct machine *machine,
			    const char **at)
{
	struct written result = { .size = machine->reg_size };
	char c = *(*at)++, *end;

	switch (c) {
	case '{':
	case '<':
	case '[':
		return parse_members(store, machine, at, c);
	case 'i':
	case 'f':
		result.size = strtoul(*at, &end, 10);
		*at = end;
		result.id = add(store, TYPE(.kind = c == 'i' ? GRAPH_INT : GRAPH_FLOAT,
					    .size = result.size));
		break;
	case 'a': {
		uint32_t num = strtoul(*at, &end, 10);

		*at = end + 1;
		result = parse(store, machine, at);
		result.id = add(store, TYPE(.kind = GRAPH_ARRAY, .ref = result.id, .size = num));
		result.size *= num;
		return result;
	}
	case 'v':
		return (struct written){ .align = 1 };
	case 'w': /* a forward declaration */
		result.id = add(store, TYPE(.kind = GRAPH_FWD_STRUCT));
		break;
	case 'e':
		result.size = 4;
		result.id = add(store, TYPE(.kind = GRAPH_ENUM, .size = 4));
		break;
	case 't': /* const typedef of what follows */
		result = parse(store, machine, at);
		result.id = add(store, TYPE(.kind = GRAPH_TYPEDEF, .ref = result.id));
		result.id = add(store, TYPE(.kind = GRAPH_CONST, .ref = result.id));
		return result;
	default:
		assert_int_equal(c, 'p');
		result.id = add(store, TYPE(.kind = GRAPH_PTR));
		break;
	}
	result.align = result.size < machine->max_align ? result.size : machine->max_align;
	return result;
}

struct signature {
	struct type_store store;
	struct type_id ret;
	struct func_param params[MAX_PARAMS];
	size_t num;
};

static const struct func_abi *abi_of(const struct machine *machine)
{
	const struct func_abi *abi = func_abi_of(machine->machine, machine->is_64,
						 machine->big_endian);

	assert_non_null(abi);
	return abi;
}

static void signature_init(struct signature *s, const struct machine *machine, const char *text)
{
	memset(s, 0, sizeof(*s));
	store_init(&s->store);
	s->ret = parse(&s->store, machine, &text).id;
	while (*text == ';') {
		assert_true(s->num < MAX_PARAMS);
		text++;
		s->params[s->num] = (struct func_param){
			.type = parse(&s->store, machine, &text).id,
			.place = { .kind = PLACE_STACK, .reg = PLACE_NO_REG },
		};
		s->num++;
	}
	assert_int_equal(*text, 0);
}

static void signature_deinit(struct signature *s)
{
	store_deinit(&s->store);
}

/* What the check says of one parameter if it is at that place, all others being on the stack. */
static enum param_state state_at(const struct machine *machine, struct signature *s, size_t param,
				 struct place place)
{
	struct param_check checks[MAX_PARAMS];
	struct place old = s->params[param].place;

	s->params[param].place = place;
	func_abi_check(abi_of(machine), &s->store, s->ret, s->params, s->num, false, checks);
	s->params[param].place = old;
	return checks[param].state;
}

/* Register, and bytes of the value from an offset on, where they are in the whole value. */
#define PIECE(r, o, s) { .reg = (r), .off = (o), .size = (s), .reg_off = (o) % 4 }

static struct place piece(uint16_t reg, uint16_t off)
{
	return (struct place){ .kind = PLACE_PIECES, .num_pieces = 1, .reg = PLACE_NO_REG,
			       .pieces = { PIECE(reg, off, 1) } };
}

/* Asks for every register where the convention puts a parameter. */
static void print_spot(const struct machine *machine, struct signature *s, size_t param, FILE *out)
{
	struct place nowhere = { .kind = PLACE_NONE, .reg = PLACE_NO_REG };
	unsigned int num_words = 0;

	if (state_at(machine, s, param, nowhere) == PARAM_IN_PLACE) {
		fputc('-', out);
		return;
	}
	if (state_at(machine, s, param, piece(MAX_REG, 0)) == PARAM_IN_PLACE) {
		fputc('?', out);
		return;
	}
	for (uint16_t reg = 0; reg < MAX_REG; reg++) {
		struct place pointed = { .kind = PLACE_POINTED, .reg = reg };
		bool is_pointed = state_at(machine, s, param, pointed) == PARAM_IN_PLACE;

		/* What is in memory may be said to be anywhere but where arguments are. */
		pointed.kind = PLACE_REGISTER;
		if (is_pointed && state_at(machine, s, param, pointed) == PARAM_IN_PLACE) {
			fprintf(out, "*%u", reg);
			return;
		}
	}
	for (; num_words < 9; num_words++) {
		uint16_t found = MAX_REG;

		for (uint16_t reg = 0; reg < MAX_REG; reg++) {
			struct place place = piece(reg, num_words * machine->reg_size);

			if (state_at(machine, s, param, place) == PARAM_IN_PLACE) {
				assert_int_equal(found, MAX_REG);
				found = reg;
			}
		}
		if (found == MAX_REG)
			break;
		fprintf(out, "%s%u", num_words ? "," : "", found);
	}
	if (!num_words)
		fputc('S', out);
}

struct spots_case {
	const struct machine *machine;
	const char *signature;
	const char *spots;
};

static void assert_spots(const struct spots_case *cases, size_t num)
{
	for (size_t i = 0; i < num; i++) {
		struct signature s;
		char *text = NULL;
		size_t size;
		FILE *out = open_memstream(&text, &size);

		signature_init(&s, cases[i].machine, cases[i].signature);
		fprintf(out, "%s:", cases[i].signature);
		for (size_t j = 0; j < s.num; j++) {
			fputc(' ', out);
			print_spot(cases[i].machine, &s, j, out);
		}
		fclose(out);
		if (strncmp(text, cases[i].signature, strlen(cases[i].signature)) ||
		    strcmp(text + strlen(cases[i].signature) + 2, cases[i].spots))
			fail_msg("machine %u, %s, not %s", cases[i].machine->machine, text,
				 cases[i].spots);
		free(text);
		signature_deinit(&s);
	}
}

#define ASSERT_SPOTS(...)                                                                          \
	do {                                                                                       \
		static const struct spots_case cases[] = { __VA_ARGS__ };                          \
		assert_spots(cases, sizeof(cases) / sizeof(cases[0]));                             \
	} while (0)

static void x86_64_arguments(void **state)
{
	(void)state;
	ASSERT_SPOTS(
		{ &x86_64, "v;p;i8;i4;i2;i1;e;i4", "5 4 1 2 8 9 S" },
		{ &x86_64, "v;{i8,i8};{i8,i4};i4;{p,p};i8", "5,4 1,2 8 S 9" },
		{ &x86_64, "v;i4;i4;i4;i4;i4;{i8,i8};i4;i4", "5 4 1 2 8 S 9 S" },
		{ &x86_64, "v;i16;i4;i16;i8;i8", "5,4 1 2,8 9 S" },
		{ &x86_64, "v;{a3:i8};i4;{a17:i1};i4;{a16:i1}", "S 5 S 4 1,2" },
		{ &x86_64, "{i8,i8};i4", "5" },
		{ &x86_64, "{a3:i8};i4;{p,p}", "4 1,2" },
		{ &x86_64, "<i1,i8>;i4", "4" },
		{ &x86_64, "v;<i1,i8>;<i1,i2>;i4", "S S 5" },
		{ &x86_64, "v;[i8,{i4,i4,i4}];[i2];i4", "5,4 1 2" },
		{ &x86_64, "v;{};i4;{{},i4};i4", "- 5 4 1" },
		{ &x86_64, "v;f8;i4;f16;i8", "? 5 ? 4" },
		{ &x86_64, "v;i4;{f8};i4", "5 ? ?" },
		{ &x86_64, "{f8,f8};i4", "5" },
		{ &x86_64, "{f16,f16};i4", "4" },
		{ &x86_64, "f16;i4", "5" },
		{ &x86_64, "v;t{t{i8},p};ti4", "5,4 1" }
	);
}

static void i386_arguments(void **state)
{
	(void)state;
	ASSERT_SPOTS(
		{ &i386, "v;i4;p;i2;i4", "0 2 1 S" },
		{ &i386, "v;i8;i4;i4", "0,2 1 S" },
		{ &i386, "v;i4;i4;i8;i4", "0 2 S S" },
		{ &i386, "v;{i4,i4};i4;i4", "0,2 1 S" },
		{ &i386, "v;{a4:i4};i4", "S S" },
		{ &i386, "{a3:i4};i4;i4;i4", "2 1 S" },
		{ &i386, "{i4};i4;i4", "? ?" },
		{ &i386, "v;f8;i4", "? 0" }
	);
}

static void arm64_arguments(void **state)
{
	(void)state;
	ASSERT_SPOTS(
		{ &arm64, "v;p;i8;i4;i2;i1;i4;i4;i4;i4", "0 1 2 3 4 5 6 7 S" },
		{ &arm64, "v;{i8,i8};{i8,i4};{p};{i1};{i8,i8};i4", "0,1 2,3 4 5 6,7 S" },
		{ &arm64, "v;i4;i16;i4;i16;i4", "0 2,3 4 6,7 S" },
		{ &arm64, "v;i4;{i16};i4", "0 2,3 4" },
		{ &arm64, "v;{a3:i8};i4;{a64:i1};i4", "*0 1 *2 3" },
		{ &arm64, "v;i4;i4;i4;i4;i4;i4;i4;{i8,i8};i4", "0 1 2 3 4 5 6 S S" },
		{ &arm64, "{a3:i8};i4", "0" },
		{ &arm64, "v;{};i4;[i8,{i4,i4,i4}]", "- 0 1,2" },
		{ &arm64, "v;i4;<i1,i16>;i4", "0 *1 2" },
		{ &arm64, "v;i4;<i16,i8,i8>;i4", "0 *1 2" },
		{ &arm64, "v;i4;[<i1,i8>,i16];i4", "0 ? ?" },
		{ &arm64, "v;i4;i32;i4", "0 ? ?" },
		{ &arm64, "v;f8;i4;f16;i4", "? 0 ? 1" },
		{ &arm64, "v;i4;{f4,f4};i4", "0 ? ?" }
	);
}

static void arm_arguments(void **state)
{
	(void)state;
	ASSERT_SPOTS(
		{ &arm, "v;p;i4;i2;i1;i4", "0 1 2 3 S" },
		{ &arm, "v;i4;i8;i4", "0 2,3 S" },
		{ &arm, "v;i4;i4;i4;i8;i4", "0 1 2 S S" },
		{ &arm, "v;{i4,i4,i4};{i4,i4};i4", "0,1,2 3 S" },
		{ &arm, "v;i4;{i8,i8,i8};i4", "0 2,3 S" },
		{ &arm, "{i4};i4;i8", "0 2,3" },
		{ &arm, "{i4,i4};i4;i8", "1 2,3" },
		{ &arm, "v;{a16:i4};i4", "0,1,2,3 S" },
		{ &arm, "v;{i1,i2};{};i4", "0 - 1" },
		{ &arm, "v;f4;i4", "? ?" }
	);
}

static void s390x_arguments(void **state)
{
	(void)state;
	ASSERT_SPOTS(
		{ &s390x, "v;p;i8;i4;i2;i1;i4", "2 3 4 5 6 S" },
		{ &s390x, "v;{i1};{i2};{i4};{i4,i4};{p}", "2 3 4 5 6" },
		{ &s390x, "v;{i1,i1,i1};{i8,i8};i4;{a3:i4};i4", "*2 *3 4 *5 6" },
		{ &s390x, "v;i16;i4", "*2 3" },
		{ &s390x, "{i1};i4", "3" },
		{ &s390x, "i16;i4", "3" },
		{ &s390x, "v;{};i4", "*2 3" },
		{ &s390x, "v;i4;i4;i4;i4;i4;{i8,i8};i4", "2 3 4 5 6 S S" },
		{ &s390x, "v;f8;i4", "? 2" }
	);
}

static void ppc64_arguments(void **state)
{
	(void)state;
	ASSERT_SPOTS(
		{ &ppc64le, "v;p;i8;i4;i2;i1;i4;i4;i4;i4", "3 4 5 6 7 8 9 10 S" },
		{ &ppc64le, "v;{a3:i8};i4;{i1};{a12:i8}", "3,4,5 6 7 8,9,10" },
		{ &ppc64le, "v;{a10:i8};i4", "3,4,5,6,7,8,9,10 S" },
		{ &ppc64le, "v;i4;i16;i4", "3 4,5 6" },
		{ &ppc64le, "v;i4;{i16};i4", "3 5,6 7" },
		{ &ppc64le, "v;i4;i4;{i16};i4", "3 4 5,6 7" },
		{ &ppc64le, "{i8,i8};i4", "3" },
		{ &ppc64le, "{a3:i8};i4", "4" },
		{ &ppc64le, "v;i4;f8;i4", "3 ? ?" },
		{ &ppc64be, "{i8,i8};i4", "?" },
		{ &ppc64be, "{};i4", "?" },
		{ &ppc64be, "{a3:i8};i4", "4" },
		{ &ppc64be, "v;{a3:i8};{i1};i4", "3,4,5 6 7" }
	);
}

static void riscv64_arguments(void **state)
{
	(void)state;
	ASSERT_SPOTS(
		{ &riscv64, "v;p;i8;i4;i2;i1;i4;i4;i4;i4", "10 11 12 13 14 15 16 17 S" },
		{ &riscv64, "v;{i8,i8};{i8,i4};{p};{i1};{i8,i8};i4", "10,11 12,13 14 15 16,17 S" },
		{ &riscv64, "v;i4;i16;i4", "10 11,12 13" },
		{ &riscv64, "v;i4;{i16};i4", "10 11,12 13" },
		{ &riscv64, "v;i4;i4;i4;i4;i4;i4;i4;{i8,i8};i4", "10 11 12 13 14 15 16 17 S" },
		{ &riscv64, "v;i4;i4;i4;i4;i4;i4;i4;i16;i4", "10 11 12 13 14 15 16 17 S" },
		{ &riscv64, "v;{a3:i8};i4;{a17:i1};i4", "*10 11 *12 13" },
		{ &riscv64, "{i8,i8};i4", "10" },
		{ &riscv64, "{a3:i8};i4", "11" },
		{ &riscv64, "v;{};i4", "- 10" },
		{ &riscv64, "v;i4;f8;i4", "10 ? ?" }
	);
}

static void mips64_arguments(void **state)
{
	(void)state;
	ASSERT_SPOTS(
		{ &mips64, "v;p;i8;i4;i2;i1;i4;i4;i4;i4", "4 5 6 7 8 9 10 11 S" },
		{ &mips64, "v;{a3:i8};i4;{i1};{a12:i8}", "4,5,6 7 8 9,10,11" },
		{ &mips64, "v;i4;{i16};i4", "4 6,7 8" },
		{ &mips64, "v;i16;i4", "4,5 6" },
		{ &mips64, "v;i4;i16;i4", "4 ? ?" },
		{ &mips64, "{i8,i8};i4", "4" },
		{ &mips64, "{a3:i8};i4", "5" },
		{ &mips64, "v;i4;f8;i4", "4 ? ?" },
		{ &mips64, "v;i4;i4;i4;i4;i4;i4;i4;{i8,i8};i4", "4 5 6 7 8 9 10 11 S" }
	);
}

static void loongarch64_arguments(void **state)
{
	(void)state;
	ASSERT_SPOTS(
		{ &loongarch64, "v;p;i8;i4;i2;i1;i4;i4;i4;i4", "4 5 6 7 8 9 10 11 S" },
		{ &loongarch64, "v;{i8,i8};{i8,i4};{p};{i1};{i8,i8};i4", "4,5 6,7 8 9 10,11 S" },
		{ &loongarch64, "v;i4;i16;{i16};i4", "4 5,6 7,8 9" },
		{ &loongarch64, "v;{a3:i8};i4", "*4 5" },
		{ &loongarch64, "{a3:i8};i4", "5" },
		{ &loongarch64, "{i8,i8};i4", "4" }
	);
}

static void other_machines_are_not_known(void **state)
{
	(void)state;
	assert_null(func_abi_of(EM_SPARCV9, true, true));
	assert_null(func_abi_of(EM_MIPS, false, true));
	assert_null(func_abi_of(EM_RISCV, false, false));
	assert_null(func_abi_of(EM_PPC, false, true));
	assert_null(func_abi_of(EM_X86_64, false, false)); /* x32 */
	assert_int_equal(func_abi_reg_size(abi_of(&x86_64)), 8);
	assert_int_equal(func_abi_reg_size(abi_of(&i386)), 4);
}

enum { RDI = 5, RSI = 4, RDX = 1, RBX = 3, RSP = 7 };

static void places_tell_where_a_parameter_is(void **state)
{
	static const struct {
		struct place place;
		enum param_state state;
	} cases[] = {
		{ { .kind = PLACE_REGISTER, .reg = RSI }, PARAM_IN_PLACE },
		{ { .kind = PLACE_REGISTER, .reg = RSI, .is_late = true }, PARAM_IN_PLACE },
		{ { .kind = PLACE_REGISTER, .reg = RDX }, PARAM_ELSEWHERE },
		{ { .kind = PLACE_REGISTER, .reg = RDX, .is_late = true }, PARAM_UNKNOWN },
		{ { .kind = PLACE_REGISTER, .reg = RBX }, PARAM_UNKNOWN },
		{ { .kind = PLACE_REGISTER, .reg = PLACE_NO_REG }, PARAM_UNKNOWN },
		{ { .kind = PLACE_NONE }, PARAM_GONE },
		{ { .kind = PLACE_CONSTANT }, PARAM_GONE },
		{ { .kind = PLACE_STACK }, PARAM_UNKNOWN },
		{ { .kind = PLACE_OTHER }, PARAM_UNKNOWN },
		{ { .kind = PLACE_POINTED, .reg = RSP }, PARAM_IN_PLACE },
		{ { .kind = PLACE_POINTED, .reg = RDX }, PARAM_UNKNOWN },
		{ { .kind = PLACE_PIECES }, PARAM_UNKNOWN },
		{ { .kind = PLACE_PIECES, .num_pieces = 2,
		    .pieces = { PIECE(RSI, 0, 2), PIECE(PLACE_NO_REG, 2, 2) } }, PARAM_IN_PLACE },
		{ { .kind = PLACE_PIECES, .num_pieces = 200,
		    .pieces = { PIECE(RSI, 0, 1), PIECE(RSI, 1, 1), PIECE(RSI, 2, 1), PIECE(RSI, 3, 1) } },
		  PARAM_IN_PLACE },
		{ { .kind = PLACE_PIECES, .num_pieces = 2,
		    .pieces = { PIECE(RSI, 0, 2), PIECE(RDX, 2, 2) } }, PARAM_ELSEWHERE },
		{ { .kind = PLACE_PIECES, .num_pieces = 2, .is_late = true,
		    .pieces = { PIECE(RSI, 0, 2), PIECE(RDX, 2, 2) } }, PARAM_UNKNOWN },
		{ { .kind = PLACE_PIECES, .num_pieces = 1,
		    .pieces = { PIECE(RBX, 0, 4) } }, PARAM_UNKNOWN },
		{ { .kind = PLACE_PIECES, .num_pieces = 1,
		    .pieces = { PIECE(PLACE_NO_REG, 0, 4) } }, PARAM_UNKNOWN },
	};
	struct signature s;

	(void)state;
	signature_init(&s, &x86_64, "v;p;i4;i4");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(state_at(&x86_64, &s, 1, cases[i].place), cases[i].state);
	signature_deinit(&s);
	/* What the table does not know is in place wherever it is, but for what is gone. */
	signature_init(&s, &x86_64, "v;p;f8;w;i4");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		enum param_state state_1 = state_at(&x86_64, &s, 1, cases[i].place);

		assert_int_equal(state_1 == PARAM_GONE, cases[i].state == PARAM_GONE);
		assert_int_not_equal(state_1, PARAM_ELSEWHERE);
		assert_int_equal(state_at(&x86_64, &s, 3, cases[i].place), state_1);
	}
	signature_deinit(&s);
	/* Nothing is where nothing is. */
	signature_init(&s, &x86_64, "v;{}");
	assert_int_equal(state_at(&x86_64, &s, 0, (struct place){ .kind = PLACE_NONE }),
			 PARAM_IN_PLACE);
	assert_int_equal(state_at(&x86_64, &s, 0, (struct place){ .kind = PLACE_CONSTANT }),
			 PARAM_IN_PLACE);
	signature_deinit(&s);
	signature_init(&s, &arm64, "v;{a3:i8};i4");
	assert_int_equal(state_at(&arm64, &s, 0, (struct place){ PLACE_POINTED, .reg = 0 }),
			 PARAM_IN_PLACE);
	assert_int_equal(state_at(&arm64, &s, 0, (struct place){ PLACE_POINTED, .reg = 1 }),
			 PARAM_UNKNOWN);
	signature_deinit(&s);
}

/* Places as text: `5` a register, `5@8:4` four bytes from offset 8 in one, - none, S stack. */
static void set_places(struct signature *s, const char *text)
{
	for (size_t i = 0; i < s->num; i++) {
		struct place place = { .reg = PLACE_NO_REG };
		char *end;

		if (*text == '-') {
			end = (char *)text + 1;
		} else if (*text == 'S') {
			place.kind = PLACE_STACK;
			end = (char *)text + 1;
		} else {
			place.kind = PLACE_REGISTER;
			place.reg = strtoul(text, &end, 10);
			if (*end == '@') {
				place.kind = PLACE_PIECES;
				place.num_pieces = 1;
				place.pieces[0].reg = place.reg;
				place.pieces[0].off = strtoul(end + 1, &end, 10);
				place.pieces[0].size = strtoul(end + 1, &end, 10);
				place.reg = PLACE_NO_REG;
			}
		}
		s->params[i].place = place;
		assert_int_equal(*end, i + 1 < s->num ? ' ' : 0);
		text = end + 1;
	}
}

/* One letter for each parameter: = in place, x elsewhere, - gone, ? unknown, digit: the member. */
static void assert_states(const struct machine *machine, const char *signature,
			  const char *places, const char *as_listed, const char *without_gone)
{
	struct param_check checks[MAX_PARAMS];
	struct signature s;

	signature_init(&s, machine, signature);
	set_places(&s, places);
	for (int skip = 0; skip < 2; skip++) {
		char text[MAX_PARAMS + 1] = "";

		func_abi_check(abi_of(machine), &s.store, s.ret, s.params, s.num, skip, checks);
		for (size_t i = 0; i < s.num; i++)
			text[i] = checks[i].state == PARAM_PART ? (char)('0' + checks[i].member) :
								  "=x-1?"[checks[i].state];
		assert_string_equal(text, skip ? without_gone : as_listed);
	}
	signature_deinit(&s);
}

static void what_is_gone_takes_no_place(void **state)
{
	(void)state;
	assert_states(&x86_64, "v;i4;i4;i4", "5 - 4", "=-x", "=-=");
	assert_states(&x86_64, "v;i4;i4;i4", "5 - 1", "=-=", "=-x");
	assert_states(&x86_64, "v;{i8,i8};i4;i4", "- 5 4", "-xx", "-==");
	assert_states(&x86_64, "{a3:i8};i4;i4", "- 4", "-x", "-=");
	assert_states(&x86_64, "v;i4;i4;i4;i4;i4;i4;i4", "5 - 4 1 2 8 9", "=-xxxxx", "=-=====");
	assert_states(&arm64, "v;i4;i16;i4", "- 0@0:8 2", "-xx", "-==");
	assert_states(&x86_64, "v;i4;i4", "- -", "--", "--");
}

static void a_member_stands_for_an_aggregate(void **state)
{
	(void)state;
	/* clang passes the words of an aggregate as if they were arguments, and may drop one. */
	assert_states(&x86_64, "v;{i8,i8};i4", "5@8:8 4", "1x", "1=");
	assert_states(&x86_64, "v;{i8,i8};i4", "5@0:8 4", "=x", "0=");
	assert_states(&x86_64, "v;{i8,i8};i4", "5@0:8 1", "==", "==");
	assert_states(&x86_64, "v;{i8,i8};i4", "4@8:8 1", "==", "==");
	assert_states(&x86_64, "v;{i8,i8};i4", "5@0:8 -", "=-", "0-");
	assert_states(&x86_64, "v;{i8,i8};i4", "5@0:8 S", "=?", "0?");
	assert_states(&x86_64, "v;{i8,i8};{i8,i8}", "5@8:8 4@8:8", "11", "11");
	/* Of large ones any member may be left. */
	assert_states(&x86_64, "v;{i8,p,i8,i4};i4", "5@24:4 4", "3x", "3=");
	assert_states(&arm64, "v;{i8,i8,i8};i4", "0@8:8 1", "1=", "1=");
	/* An array of words is one argument to clang on arm64. */
	assert_states(&arm64, "v;{i8,i8};i4", "0@0:8 1", "=x", "=x");
	assert_states(&arm64, "v;{i8,i8};i4", "0@8:8 1", "1x", "xx");
	/* The member has to be one, and all of what the register has. */
	assert_states(&x86_64, "v;{i4,i4,i8};i4", "5@0:8 4", "=x", "=x");
	assert_states(&x86_64, "v;{i8,i4,i4};i4", "5@8:8 4", "xx", "xx");
	assert_states(&x86_64, "v;{i8,i4,i4};i4", "5@8:4 4", "1x", "1=");
	assert_states(&x86_64, "v;{i8,i8};i4", "5@12:4 4", "xx", "xx");
	assert_states(&x86_64, "v;{i8,f8};i4", "5@8:8 4", "==", "==");
	assert_states(&x86_64, "v;{i8,i8,f8};i4", "5@16:8 4", "==", "==");
	/* One of several in a register, but not where it is in the whole. */
	assert_states(&x86_64, "v;{i4,i4};i4", "5@4:4 4", "1=", "1=");
	/* Padding behind it does not matter. */
	assert_states(&x86_64, "v;{i8,i4};i4", "5@8:8 4", "1x", "1=");
	/* Of a union the first member of that size. */
	assert_states(&x86_64, "v;[i4,i8,p,{a3:i8}];i4", "5@0:8 4", "1x", "1=");
	assert_states(&x86_64, "v;[i4,i2,{a3:i8}];i4", "5@0:8 4", "xx", "xx");
}

static void assert_uncertain(const struct machine *machine, const char *signature, int param)
{
	struct signature s;
	size_t found = 99;

	signature_init(&s, machine, signature);
	if (func_abi_uncertain(abi_of(machine), &s.store, s.ret, s.params, s.num, &found) !=
	    (param >= 0))
		fail_msg("%s", signature);
	assert_int_equal(found, param >= 0 ? param : 99);
	signature_deinit(&s);
}

static void packed_aggregates_on_the_stack_are_uncertain(void **state)
{
	(void)state;
	assert_uncertain(&x86_64, "v;i4;<i1,i8>", 1); /* in memory whatever registers are left */
	assert_uncertain(&x86_64, "v;i4;t<i1,i8>", 1);
	assert_uncertain(&x86_64, "v;i4;[<i1,i2>,{i8,i8}]", 1);
	assert_uncertain(&x86_64, "v;i4;{i8,<i1,i4>}", 1);
	assert_uncertain(&x86_64, "v;<i4,i1>", -1);	    /* in a register */
	assert_uncertain(&x86_64, "v;<i1,i8,i8>", -1);	    /* larger than any trampoline takes */
	assert_uncertain(&x86_64, "v;i4;i4;i4;i4;i4;i4;{i4,i1}", -1);
	assert_uncertain(&x86_64, "v;i4;i4;i4;i4;i4;i4;<i4,i1>", 6);
	assert_uncertain(&x86_64, "{a3:i8};i4;i4;i4;i4;i4;<i4,i1>", 5);
	assert_uncertain(&x86_64, "v;f8;i4;<i1,i8>", 2);
	assert_uncertain(&x86_64, "v;{f8};<i1,i8>", -1); /* lost before */
	assert_uncertain(&arm64, "v;<a3:i8,i1>", -1);	 /* by reference */
	assert_uncertain(&arm64, "v;i4;i4;i4;i4;i4;i4;i4;i4;<a3:i8,i1>", -1);
	assert_uncertain(&arm64, "v;i4;i4;i4;i4;i4;i4;i4;i4;<i4,i1>", 8);
	assert_uncertain(&arm, "v;i4;i4;i4;<i4,i1>", 3); /* in part */
	assert_uncertain(&s390x, "v;<i8,i1>", -1);
	assert_uncertain(&i386, "v;<a3:i4,i1>", 0);
	assert_uncertain(&i386, "v;{i4,i8,i4}", -1); /* 8 bytes are aligned to 4 */
}

static void what_is_aligned_to_two_registers_is_uncertain(void **state)
{
	(void)state;
	assert_uncertain(&x86_64, "v;i4;i16", -1);
	assert_uncertain(&x86_64, "v;i4;i4;i4;i4;i4;i4;i16", 6);
	assert_uncertain(&x86_64, "v;i4;i4;i4;i4;i4;i4;{i16}", 6);
	assert_uncertain(&x86_64, "v;i4;i4;i4;i4;i4;i4;{i8,i8}", -1);
	assert_uncertain(&arm64, "v;i16;i16", -1);
	assert_uncertain(&arm64, "v;i4;i16", 1);
	assert_uncertain(&arm64, "v;i4;{i16}", 1);
	assert_uncertain(&arm64, "v;i4;i4;{i16}", -1);
	assert_uncertain(&ppc64le, "v;i4;{i16}", 1);
	assert_uncertain(&riscv64, "v;i4;{i16}", -1);
	assert_uncertain(&arm, "v;i4;i8", -1);
	assert_uncertain(&arm, "v;i4;{i8}", -1);
}

/* struct { long x, y; }, which the source aligns to 16 bytes, as the last parameter. */
static void assert_aligned(const struct machine *machine, const char *signature, bool uncertain,
			   const char *spot)
{
	struct signature s;
	char *text = NULL;
	size_t size, found = 99;
	FILE *out = open_memstream(&text, &size);

	signature_init(&s, machine, signature);
	s.params[s.num - 1].is_aligned = true;
	assert_int_equal(func_abi_uncertain(abi_of(machine), &s.store, s.ret, s.params, s.num,
					    &found),
			 uncertain);
	assert_int_equal(found, uncertain ? s.num - 1 : 99);
	print_spot(machine, &s, s.num - 1, out);
	fclose(out);
	assert_string_equal(text, spot);
	free(text);
	signature_deinit(&s);
}

static void the_source_may_align_aggregates(void **state)
{
	(void)state;
	assert_aligned(&x86_64, "v;i4;{i8,i8}", false, "4,1");
	assert_aligned(&x86_64, "v;i4;i4;i4;i4;i4;{i8,i8}", true, "S");
	assert_aligned(&x86_64, "v;i4;i4;i4;i4;i4;i4;{i4,i8}", true, "S");
	assert_aligned(&x86_64, "v;{i8,i8,i8,i8}", false, "S"); /* no trampoline takes it */
	assert_aligned(&arm64, "v;{i8,i8}", false, "0,1");
	assert_aligned(&arm64, "v;i4;{i8,i8}", true, "2,3");
	assert_aligned(&arm64, "v;i4;i4;{i8,i8}", false, "2,3");
	assert_aligned(&arm64, "v;i4;i4;i4;i4;i4;i4;i4;{i8,i8}", true, "S");
	assert_aligned(&arm64, "v;i4;<i4,i8>", true, "2,3");
	assert_aligned(&riscv64, "v;i4;{i8,i8}", false, "11,12");
}

/* A struct on the stack of three words, whose second one was given more alignment than it needs. */
static void overaligned_aggregates_are_uncertain(void **state)
{
	static const struct {
		uint64_t second;
		uint32_t size;
		uint32_t width;
		bool uncertain;
	} cases[] = {
		{ 4, 12, 0, false }, { 8, 12, 0, true }, { 4, 16, 0, true },
		{ 4, 10, 0, true },  { 8, 12, 5, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct signature s;
		struct settled_elem *list;
		size_t found;

		signature_init(&s, &x86_64, "v;i8;i8;i8;i8;i8;i8;i4");
		list = elems(&s.store, 3);
		list[0] = (struct settled_elem){ .type = s.params[6].type };
		list[1] = (struct settled_elem){ .type = s.params[6].type,
						 .value = 8 * cases[i].second,
						 .bit_size = cases[i].width };
		list[2] = (struct settled_elem){ .type = s.params[6].type, .value = 8 * 8 };
		s.params[6].type = add(&s.store,
				       TYPE(.kind = GRAPH_STRUCT, .size = cases[i].size,
					    .flags = cases[i].width ? GRAPH_BITFIELDS : 0,
					    .num_elems = cases[i].second == 8 ? 2 : 3,
					    .elems = list));
		assert_int_equal(func_abi_uncertain(abi_of(&x86_64), &s.store, s.ret, s.params, 7,
						    &found),
				 cases[i].uncertain);
		signature_deinit(&s);
	}
}

static void gaps_on_the_stack_are_not_seen(void **state)
{
	(void)state;
	assert_states(&x86_64, "v;i8;i8;i8;i8;i8;i8;i8;i8;i8", "5 4 1 2 8 9 S - S", "=======-x",
		      "=======-=");
	assert_states(&x86_64, "v;i8;i8;i8;i8;i8;i8;i8;i8;i8", "5 4 1 2 8 9 S S -", "========-",
		      "========-");
	assert_states(&x86_64, "v;i8;i8;i8;i8;i8;i8;i8;i8;i8", "5 - 4 1 2 8 9 S S", "=-xxxxx==",
		      "=-=======");
	/* Loaded from there, or said to be in a register that it is not due in. */
	assert_states(&x86_64, "v;{i8,i8,i8};{i8,i8,i8}", "- 3", "-x", "-?");
	assert_states(&i386, "v;i4;i4;i4;i4", "S S S S", "====", "====");
	assert_states(&i386, "v;i4;i4;i4;i4", "0 2 1 S", "====", "====");
	assert_states(&arm64, "v;i4;i4", "0 S", "=?", "=?");
}

/* struct { long a : 8, b : 8; long c : width; long d; } */
static void bitfields_are_no_members_to_pass(void **state)
{
	(void)state;
	for (unsigned int width = 0; width <= 8; width += 8) {
		struct param_check check;
		struct settled_elem *list;
		struct signature s;

		signature_init(&s, &x86_64, "v;i8");
		list = elems(&s.store, 3);
		list[0] = (struct settled_elem){ str(&s.store, "a"), s.params[0].type, 0, 8 };
		list[1] = (struct settled_elem){ str(&s.store, "c"), s.params[0].type, 64, width };
		list[2] = (struct settled_elem){ str(&s.store, "d"), s.params[0].type, 128, 0 };
		s.params[0].type = add(&s.store, TYPE(.kind = GRAPH_STRUCT, .size = 24,
						      .flags = GRAPH_BITFIELDS, .num_elems = 3,
						      .elems = list));
		s.params[0].place = (struct place){ .kind = PLACE_PIECES, .num_pieces = 1,
						    .reg = PLACE_NO_REG,
						    .pieces = { { RDI, 8, 8, 0 } } };
		func_abi_check(abi_of(&x86_64), &s.store, s.ret, s.params, 1, true, &check);
		assert_int_equal(check.state, width ? PARAM_ELSEWHERE : PARAM_PART);
		s.params[0].place.pieces[0].off = 0;
		func_abi_check(abi_of(&x86_64), &s.store, s.ret, s.params, 1, true, &check);
		assert_int_equal(check.state, PARAM_ELSEWHERE);
		s.params[0].place.pieces[0].off = 16;
		func_abi_check(abi_of(&x86_64), &s.store, s.ret, s.params, 1, true, &check);
		assert_int_equal(check.state, PARAM_PART);
		assert_int_equal(check.member, 2);
		signature_deinit(&s);
	}
}

/* Where compilers differ, a register is still none that was taken before. */
static void what_is_not_known_is_not_before_what_is(void **state)
{
	(void)state;
	assert_states(&mips64, "v;i4;i16;i4", "4 - 7", "=-=", "=-x");
	assert_states(&mips64, "v;i4;i16;i4", "4 - 5", "=-x", "=-=");
	assert_states(&mips64, "v;i4;i16;i4", "4 - 4", "=-x", "=-x");
	assert_states(&mips64, "v;i4;i16;i4", "4 5@0:8 8", "===", "===");
	assert_states(&mips64, "v;i4;i16;i4", "4 4@0:8 6", "=xx", "=xx");
	assert_states(&x86_64, "v;i4;i4;i4;i4;i4;i16;i4", "5 4 1 2 8 - 9", "=====-=", "=====-=");
	assert_states(&x86_64, "v;i4;i4;i4;i4;i4;i16;i4", "5 4 1 2 8 9@0:8 8", "======x",
		      "======x");
	assert_states(&arm64, "v;i4;{f4};i4", "0 - 0", "=-x", "=-x");
	assert_states(&arm64, "v;i4;{f4};i4", "0 - 5", "=-=", "=-x");
}

static void places_are_ordered_by_their_lowest_register(void **state)
{
	struct place place = { .kind = PLACE_PIECES, .num_pieces = 3, .reg = PLACE_NO_REG,
			       .pieces = { PIECE(PLACE_NO_REG, 0, 8), PIECE(RSI, 8, 8),
					   PIECE(RDI, 16, 8) } };

	(void)state;
	assert_int_equal(func_abi_place_order(abi_of(&x86_64), &place), 1);
	place.num_pieces = 1;
	assert_int_equal(func_abi_place_order(abi_of(&x86_64), &place), -1);
	place.kind = PLACE_REGISTER;
	assert_int_equal(func_abi_place_order(abi_of(&x86_64), &place), -1);
	place.reg = 9;
	assert_int_equal(func_abi_place_order(abi_of(&x86_64), &place), 5);
	place.kind = PLACE_POINTED;
	assert_int_equal(func_abi_place_order(abi_of(&x86_64), &place), 5);
	place.kind = PLACE_STACK;
	assert_int_equal(func_abi_place_order(abi_of(&x86_64), &place), -1);
}

/* Types from damaged files: endless, too deep, far too large. */
static void odd_types_are_not_known(void **state)
{
	struct settled_elem *list;
	struct signature s;
	struct type_id deep, wide;
	size_t found;

	(void)state;
	signature_init(&s, &x86_64, "v;i8;i8");
	deep = wide = s.params[0].type;
	for (int i = 0; i < 40; i++) {
		list = elems(&s.store, 2);
		list[0] = (struct settled_elem){ .type = wide, .name = str(&s.store, "a") };
		list[1] = (struct settled_elem){ .type = wide, .value = 64 };
		wide = add(&s.store, TYPE(.kind = GRAPH_STRUCT, .size = 16, .num_elems = 2,
					  .elems = list));
		deep = add(&s.store, TYPE(.kind = GRAPH_ARRAY, .ref = deep, .size = UINT32_MAX));
	}
	for (int i = 0; i < 3; i++) {
		if (i < 2) {
			s.params[0].type = i ? deep : wide;
		} else {
			s.params[0].type = add(&s.store, TYPE(.kind = GRAPH_CONST));
			s.store.types.data[s.params[0].type.v].ref = s.params[0].type;
		}
		assert_int_equal(state_at(&x86_64, &s, 0, piece(RBX, 0)), PARAM_IN_PLACE);
		assert_int_equal(state_at(&x86_64, &s, 1, piece(RBX, 0)), PARAM_IN_PLACE);
		assert_false(func_abi_uncertain(abi_of(&x86_64), &s.store, s.ret, s.params, 2,
						&found));
		s.ret = s.params[0].type;
		s.params[0].type = s.params[1].type;
		assert_int_not_equal(state_at(&x86_64, &s, 1, piece(RSI, 0)), PARAM_ELSEWHERE);
		s.ret.v = 0;
	}
	signature_deinit(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(x86_64_arguments),
		cmocka_unit_test(i386_arguments),
		cmocka_unit_test(arm64_arguments),
		cmocka_unit_test(arm_arguments),
		cmocka_unit_test(s390x_arguments),
		cmocka_unit_test(ppc64_arguments),
		cmocka_unit_test(riscv64_arguments),
		cmocka_unit_test(mips64_arguments),
		cmocka_unit_test(loongarch64_arguments),
		cmocka_unit_test(other_machines_are_not_known),
		cmocka_unit_test(places_tell_where_a_parameter_is),
		cmocka_unit_test(what_is_gone_takes_no_place),
		cmocka_unit_test(a_member_stands_for_an_aggregate),
		cmocka_unit_test(packed_aggregates_on_the_stack_are_uncertain),
		cmocka_unit_test(what_is_aligned_to_two_registers_is_uncertain),
		cmocka_unit_test(gaps_on_the_stack_are_not_seen),
		cmocka_unit_test(the_source_may_align_aggregates),
		cmocka_unit_test(overaligned_aggregates_are_uncertain),
		cmocka_unit_test(bitfields_are_no_members_to_pass),
		cmocka_unit_test(what_is_not_known_is_not_before_what_is),
		cmocka_unit_test(places_are_ordered_by_their_lowest_register),
		cmocka_unit_test(odd_types_are_not_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
