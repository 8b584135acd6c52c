// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "func_abi.h"

#include <elf.h>

#include "lib/btf/format.h"

#ifndef EM_LOONGARCH
#define EM_LOONGARCH 258
#endif

enum {
	MAX_REGS = 8,
	ANY_SIZE = UINT16_MAX,
	MAX_DEPTH = 16,	      /* aggregates in aggregates that are looked into */
	MAX_VISITED = 1000,   /* members that are looked at for one parameter */
	MAX_SCALAR_WORDS = 2, /* registers that a scalar takes at most */
};

enum float_rule {
	FLOAT_ELSEWHERE, /* in registers of its own: no general register is taken */
	FLOAT_DEPENDS,	 /* on the variant of the convention that the file was built for */
};

enum pair_rule {
	PAIR_ANYWHERE,
	PAIR_EVEN,	     /* what is aligned to two registers starts at an even one */
	PAIR_EVEN_AGGREGATE, /* the same, but for aggregates only */
};

enum result_rule {
	RESULT_IN_REGS,
	RESULT_IN_MEMORY,
	RESULT_DEPENDS, /* on the variant of the convention */
};

struct func_abi {
	uint16_t machine; /* EM_* */
	bool is_64;
	uint8_t reg_size;
	uint8_t num_regs;
	uint8_t regs[MAX_REGS];	  /* DWARF numbers, in order */
	uint16_t max_in_regs;	  /* bytes of the largest aggregate that travels in registers */
	bool large_by_reference;  /* larger ones: by their address; else on the stack */
	bool only_powers_of_2;	  /* aggregates of other sizes are large ones */
	bool wide_by_reference;	  /* integers of two registers are large, too */
	bool misaligned_is_large; /* an aggregate with a misaligned member is a large one */
	bool splits;		  /* what the registers do not hold as a whole begins in them */
	bool refills;	   /* registers that one did not fit into are there for those behind it */
	bool empty_takes;  /* an aggregate without bytes takes its place like others */
	uint8_t pair;	   /* enum pair_rule */
	uint8_t floats;	   /* enum float_rule */
	uint8_t max_align; /* of scalars, bytes */
	/* Aggregates of more than max_result bytes are returned in memory, smaller_results: */
	uint8_t smaller_results; /* enum result_rule */
	uint8_t max_result;
	bool result_takes_reg; /* the address of that memory is in the first register */
	bool is_little;	       /* byte order, always */
	bool may_use_stack;    /* all of it: another variant of the convention */
	bool words_apart; /* clang sees the registers of an aggregate as arguments of their own, so
			     that it may drop one of them */
	bool wide_varies; /* compilers disagree about a scalar of two registers that meets an odd
			     register or does not fit */
};

static const struct func_abi abis[] = {
	{
		/* System V ABI, AMD64 Architecture Processor Supplement, 3.2.3; DWARF: 3.6.2 */
		.machine = EM_X86_64,
		.is_64 = true,
		.reg_size = 8,
		.num_regs = 6,
		.regs = { 5, 4, 1, 2, 8, 9 }, /* rdi rsi rdx rcx r8 r9 */
		.max_in_regs = 16,
		.misaligned_is_large = true,
		.refills = true,
		.is_little = true,
		.words_apart = true,
		.wide_varies = true, /* clang before 18 splits it, GCC does not */
		.floats = FLOAT_ELSEWHERE,
		.max_align = 16,
		.result_takes_reg = true,
		.max_result = 16,
	},
	{
		/*
		 * System V ABI, Intel386 Architecture Processor Supplement, has all arguments on
		 * the stack. Kernels are built with -mregparm=3: GCC manual, "x86 Function
		 * Attributes", regparm. A place on the stack is never held against a function, so
		 * one row does for both. -freg-struct-return decides on results of up to 8 bytes.
		 */
		.machine = EM_386,
		.reg_size = 4,
		.num_regs = 3,
		.regs = { 0, 2, 1 }, /* eax edx ecx */
		.may_use_stack = true,
		.is_little = true,
		.words_apart = true,
		.max_in_regs = ANY_SIZE,
		.floats = FLOAT_ELSEWHERE,
		.max_align = 4,
		.result_takes_reg = true,
		.max_result = 8,
		.smaller_results = RESULT_DEPENDS,
	},
	{
		/* Procedure Call Standard for the Arm 64-bit Architecture, 6.8.2; DWARF for it */
		.machine = EM_AARCH64,
		.is_64 = true,
		.reg_size = 8,
		.num_regs = 8,
		.regs = { 0, 1, 2, 3, 4, 5, 6, 7 },
		.max_in_regs = 16,
		.large_by_reference = true,
		.pair = PAIR_EVEN,
		.floats = FLOAT_ELSEWHERE,
		.max_align = 16,
	},
	{
		/* Procedure Call Standard for the Arm Architecture, 6.5; results: 6.4 */
		.machine = EM_ARM,
		.reg_size = 4,
		.num_regs = 4,
		.regs = { 0, 1, 2, 3 },
		.max_in_regs = ANY_SIZE,
		.splits = true,
		.pair = PAIR_EVEN,
		.floats = FLOAT_DEPENDS,
		.max_align = 8,
		.result_takes_reg = true,
		.max_result = 4,
	},
	{
		/* ELF ABI s390x Supplement, 1.2.2.2 and 1.2.3 (parameters), 1.2.4 (results) */
		.machine = EM_S390,
		.is_64 = true,
		.reg_size = 8,
		.num_regs = 5,
		.regs = { 2, 3, 4, 5, 6 },
		.max_in_regs = 8,
		.large_by_reference = true,
		.only_powers_of_2 = true,
		.wide_by_reference = true,
		.empty_takes = true,
		.floats = FLOAT_ELSEWHERE,
		.max_align = 8,
		.result_takes_reg = true,
		.smaller_results = RESULT_IN_MEMORY,
	},
	{
		/*
		 * 64-Bit ELF V2 ABI Specification, Power Architecture, 2.2.4. Version 1 differs in
		 * results: all aggregates take a register.
		 */
		.machine = EM_PPC64,
		.is_64 = true,
		.reg_size = 8,
		.num_regs = 8,
		.regs = { 3, 4, 5, 6, 7, 8, 9, 10 },
		.max_in_regs = ANY_SIZE,
		.splits = true,
		.pair = PAIR_EVEN_AGGREGATE,
		.floats = FLOAT_DEPENDS,
		.max_align = 16,
		.result_takes_reg = true,
		.max_result = 16,
		.smaller_results = RESULT_DEPENDS,
	},
	{
		/* RISC-V ELF psABI, "Integer Calling Convention"; kernels have no other */
		.machine = EM_RISCV,
		.is_64 = true,
		.reg_size = 8,
		.num_regs = 8,
		.regs = { 10, 11, 12, 13, 14, 15, 16, 17 },
		.is_little = true,
		.max_in_regs = 16,
		.large_by_reference = true,
		.splits = true,
		.floats = FLOAT_DEPENDS,
		.max_align = 16,
		.result_takes_reg = true,
		.max_result = 16,
	},
	{
		/* MIPSpro N32 ABI Handbook, chapter 2 (it is about n64 as well) */
		.machine = EM_MIPS,
		.is_64 = true,
		.reg_size = 8,
		.num_regs = 8,
		.regs = { 4, 5, 6, 7, 8, 9, 10, 11 },
		.max_in_regs = ANY_SIZE,
		.splits = true,
		.pair = PAIR_EVEN,
		.words_apart = true,
		.wide_varies = true, /* clang does not skip a register, GCC does */
		.floats = FLOAT_DEPENDS,
		.max_align = 16,
		.result_takes_reg = true,
		.max_result = 16,
	},
	{
		/* LoongArch Procedure Call Standard, "Integer Calling Convention" */
		.machine = EM_LOONGARCH,
		.is_64 = true,
		.reg_size = 8,
		.num_regs = 8,
		.regs = { 4, 5, 6, 7, 8, 9, 10, 11 },
		.is_little = true,
		.max_in_regs = 16,
		.large_by_reference = true,
		.splits = true,
		.floats = FLOAT_DEPENDS,
		.max_align = 16,
		.result_takes_reg = true,
		.max_result = 16,
	},
};

/* The two versions of ppc64 differ by the byte order, nearly always: little-endian is version 2. */
static const struct func_abi abi_ppc64le = {
	.machine = EM_PPC64,
	.is_64 = true,
	.reg_size = 8,
	.num_regs = 8,
	.regs = { 3, 4, 5, 6, 7, 8, 9, 10 },
	.max_in_regs = ANY_SIZE,
	.splits = true,
	.pair = PAIR_EVEN_AGGREGATE,
	.floats = FLOAT_DEPENDS,
	.max_align = 16,
	.result_takes_reg = true,
	.max_result = 16,
};

const struct func_abi *func_abi_of(uint16_t machine, bool is_64, bool big_endian)
{
	if (machine == EM_PPC64 && is_64 && !big_endian)
		return &abi_ppc64le;
	for (size_t i = 0; i < sizeof(abis) / sizeof(abis[0]); i++) {
		if (abis[i].machine == machine && abis[i].is_64 == is_64)
			return &abis[i];
	}
	return NULL;
}

unsigned int func_abi_reg_size(const struct func_abi *abi)
{
	return abi->reg_size;
}

/* Behind qualifiers and typedefs; void if there are too many. */
static struct type_id strip(const struct type_store *store, struct type_id id)
{
	for (unsigned int steps = 0; id.v; steps++) {
		const struct settled_type *type = type_store_type(store, id);

		switch (type->kind) {
		case GRAPH_CONST:
		case GRAPH_VOLATILE:
		case GRAPH_RESTRICT:
		case GRAPH_TYPE_TAG:
		case GRAPH_TYPEDEF:
			break;
		default:
			return id;
		}
		if (steps >= BTF_LIMIT_CHAIN)
			break;
		id = type->ref;
	}
	return (struct type_id){ 0 };
}

/* What the members of a type say about it. */
struct shape {
	const struct func_abi *abi;
	const struct type_store *store;
	unsigned int visited;
	bool has_float;
	bool misaligned; /* a scalar is not at a multiple of its alignment */
	bool irregular;	 /* packed, or aligned otherwise than the members ask for */
	bool unknown;	 /* too much to look at, or a type without size */
};

static uint64_t round_up(uint64_t value, uint64_t unit)
{
	return (value + unit - 1) / unit * unit;
}

static unsigned int scalar_align(const struct func_abi *abi, uint64_t size)
{
	unsigned int align = 1;

	while (align < abi->max_align && align < size)
		align *= 2;
	return align;
}

/* Alignment and size that the type has by its members; @off: where it stands, in bytes. */
static unsigned int shape_visit(struct shape *shape, struct type_id id, uint64_t off,
				unsigned int depth, uint64_t *ret_size);

static unsigned int shape_visit_members(struct shape *shape, const struct settled_type *type,
					uint64_t off, unsigned int depth)
{
	uint64_t end = 0;
	unsigned int align = 1;

	for (uint32_t i = 0; i < type->num_elems && !shape->unknown; i++) {
		const struct settled_elem *elem = &type->elems[i];
		uint64_t member_off = elem->value / 8, size, gap_end;
		unsigned int member_align;

		if (elem->bit_size) {
			/* Widths are packed into whatever is there: only the type counts. */
			bool misaligned = shape->misaligned;

			member_align = shape_visit(shape, elem->type, 0, depth, &size);
			shape->misaligned = misaligned;
			end = (elem->value + elem->bit_size + 7) / 8;
			if (member_align > align)
				align = member_align;
			continue;
		}
		member_align = shape_visit(shape, elem->type, off + member_off, depth, &size);
		if (member_off % member_align)
			shape->irregular = true;
		gap_end = type->kind == GRAPH_STRUCT ? round_up(end, member_align) : 0;
		if (member_off > gap_end && !(type->flags & GRAPH_BITFIELDS))
			shape->irregular = true;
		if (member_off + size > end)
			end = member_off + size;
		if (member_align > align)
			align = member_align;
	}
	if (type->num_elems && type->size != round_up(end, align))
		shape->irregular = true;
	return align;
}

static unsigned int shape_visit(struct shape *shape, struct type_id id, uint64_t off,
				unsigned int depth, uint64_t *ret_size)
{
	const struct settled_type *type;
	unsigned int align;
	uint64_t size;

	*ret_size = 0;
	id = strip(shape->store, id);
	if (!id.v || depth > MAX_DEPTH || ++shape->visited > MAX_VISITED) {
		shape->unknown = true;
		return 1;
	}
	type = type_store_type(shape->store, id);
	switch (type->kind) {
	case GRAPH_FLOAT:
		shape->has_float = true;
		__attribute__((fallthrough));
	case GRAPH_INT:
	case GRAPH_ENUM:
	case GRAPH_PTR:
		*ret_size = type->kind == GRAPH_PTR ? shape->abi->reg_size : type->size;
		align = scalar_align(shape->abi, *ret_size);
		if (off % align)
			shape->misaligned = true;
		return align;
	case GRAPH_ARRAY:
		/* All elements are as well aligned as the first two. */
		align = shape_visit(shape, type->ref, off, depth + 1, &size);
		if (type->size > 1)
			shape_visit(shape, type->ref, off + size, depth + 1, &size);
		if (__builtin_mul_overflow(size, (uint64_t)type->size, ret_size) ||
		    *ret_size > UINT32_MAX) {
			*ret_size = 0;
			shape->unknown = true;
		}
		return align;
	case GRAPH_STRUCT:
	case GRAPH_UNION:
		*ret_size = type->size;
		return shape_visit_members(shape, type, off, depth + 1);
	default:
		shape->unknown = true;
		return 1;
	}
}

enum spot_kind {
	SPOT_UNKNOWN, /* not in a register before `first` */
	SPOT_NOWHERE, /* no bytes */
	SPOT_REGS,    /* registers first .. first + num - 1, and perhaps the stack */
	SPOT_POINTED, /* in memory; register `first` has its address */
	SPOT_STACK,   /* or float registers: none that we know */
};

/* Where the convention puts a parameter. */
struct spot {
	uint8_t kind; /* enum spot_kind */
	uint8_t first;
	uint8_t num;
	bool is_aggregate;
	bool on_stack;	/* at least in part */
	bool skips_reg; /* leaves one out because of its alignment */
};

/* Registers that are taken so far. */
struct walk {
	const struct func_abi *abi;
	const struct type_store *store;
	unsigned int next; /* index into regs */
	bool is_lost;	   /* of what follows it is only known that it is not before `next` */
};

static struct spot lose(struct walk *walk)
{
	walk->is_lost = true;
	return (struct spot){ .kind = SPOT_UNKNOWN, .first = walk->next };
}

static struct spot take_regs(struct walk *walk, uint8_t kind, uint64_t num_words, bool is_even,
			     bool splits)
{
	const struct func_abi *abi = walk->abi;
	unsigned int left;
	struct spot spot = { .kind = kind };

	if (is_even && walk->next < abi->num_regs && walk->next & 1) {
		walk->next++;
		spot.skips_reg = true;
	}
	left = abi->num_regs - walk->next;
	spot.first = walk->next;
	if (num_words <= left) {
		spot.num = num_words;
		walk->next += num_words;
		return spot;
	}
	spot.on_stack = true;
	if (splits && left) {
		spot.num = left;
		walk->next = abi->num_regs;
		return spot;
	}
	if (!abi->refills)
		walk->next = abi->num_regs;
	spot.kind = SPOT_STACK;
	return spot;
}

static struct spot place_scalar(struct walk *walk, uint64_t size)
{
	const struct func_abi *abi = walk->abi;
	uint64_t num_words = round_up(size, abi->reg_size) / abi->reg_size;
	struct spot spot;

	if (!num_words || num_words > MAX_SCALAR_WORDS) {
		return lose(walk);
	}
	if (num_words > 1 && abi->wide_by_reference)
		return take_regs(walk, SPOT_POINTED, 1, false, false);
	if (num_words > 1 && abi->wide_varies) {
		spot = (struct spot){ .kind = SPOT_UNKNOWN, .first = walk->next };
		if (abi->pair == PAIR_EVEN && walk->next & 1) {
			walk->is_lost = true;
			walk->next += num_words;
			if (walk->next > abi->num_regs)
				walk->next = abi->num_regs;
			return spot;
		}
		if (walk->next + num_words == abi->num_regs + 1u)
			return lose(walk);
	}
	return take_regs(walk, SPOT_REGS, num_words, num_words > 1 && abi->pair == PAIR_EVEN,
			 abi->splits);
}

static struct spot place_aggregate(struct walk *walk, const struct settled_type *type,
				   struct type_id id, bool is_aligned)
{
	const struct func_abi *abi = walk->abi;
	struct shape shape = { .abi = abi, .store = walk->store };
	uint64_t size;
	unsigned int align = shape_visit(&shape, id, 0, 0, &size);
	bool is_large = type->size > abi->max_in_regs;
	struct spot spot;

	if (!type->size && !abi->empty_takes)
		return (struct spot){ .kind = SPOT_NOWHERE };
	if (shape.unknown || shape.has_float) {
		return lose(walk);
	}
	if (abi->only_powers_of_2 && (!type->size || (type->size & (type->size - 1))))
		is_large = true;
	if (abi->misaligned_is_large && shape.misaligned)
		is_large = true;
	if (!is_large) {
		bool is_even =
			(is_aligned || align >= 2 * abi->reg_size) && abi->pair != PAIR_ANYWHERE;

		if (is_even && shape.irregular && !is_aligned) {
			return lose(walk); /* a packed one is aligned to a byte */
		}
		spot = take_regs(walk, SPOT_REGS,
				 round_up(type->size, abi->reg_size) / abi->reg_size, is_even,
				 abi->splits);
	} else if (abi->large_by_reference) {
		spot = take_regs(walk, SPOT_POINTED, 1, false, false);
		spot.on_stack = false;
	} else {
		spot = (struct spot){ .kind = SPOT_STACK, .on_stack = true };
	}
	spot.is_aggregate = true;
	return spot;
}

static struct spot place_param(struct walk *walk, const struct func_param *param)
{
	struct type_id id = strip(walk->store, param->type);
	const struct settled_type *type;

	if (walk->is_lost || !id.v)
		return lose(walk);
	type = type_store_type(walk->store, id);
	switch (type->kind) {
	case GRAPH_PTR:
		return place_scalar(walk, walk->abi->reg_size);
	case GRAPH_INT:
	case GRAPH_ENUM:
		return place_scalar(walk, type->size);
	case GRAPH_STRUCT:
	case GRAPH_UNION:
		return place_aggregate(walk, type, id, param->is_aligned);
	case GRAPH_FLOAT:
		/* Wider ones than a register may travel by reference. */
		if (walk->abi->floats == FLOAT_ELSEWHERE &&
		    (type->size <= walk->abi->reg_size || !walk->abi->wide_by_reference))
			return (struct spot){ .kind = SPOT_UNKNOWN };
		break;
	default: /* vectors, among others */
		break;
	}
	return lose(walk);
}

/* Before the first parameter: the result may take a register. */
static struct walk walk_begin(const struct func_abi *abi, const struct type_store *store,
			      struct type_id ret)
{
	struct walk walk = { .abi = abi, .store = store };
	struct shape shape = { .abi = abi, .store = store };
	const struct settled_type *type;
	bool is_hidden;
	uint64_t size;

	ret = strip(store, ret);
	if (!ret.v || !abi->result_takes_reg)
		return walk;
	type = type_store_type(store, ret);
	switch (type->kind) {
	case GRAPH_PTR:
	case GRAPH_ENUM:
	case GRAPH_FLOAT:
		/* long double and the like on machines where wide values travel by reference */
		walk.is_lost = type->kind == GRAPH_FLOAT && type->size > abi->reg_size &&
			       abi->wide_by_reference;
		return walk;
	case GRAPH_INT:
		if (type->size > abi->reg_size && abi->wide_by_reference)
			walk.next = 1;
		return walk;
	case GRAPH_STRUCT:
	case GRAPH_UNION:
		break;
	default:
		walk.is_lost = true;
		return walk;
	}
	shape_visit(&shape, ret, 0, 0, &size);
	is_hidden = type->size > abi->max_result || abi->smaller_results == RESULT_IN_MEMORY;
	if (abi->misaligned_is_large && shape.misaligned)
		is_hidden = true;
	if (shape.unknown || (shape.has_float && abi->floats == FLOAT_DEPENDS) ||
	    (!is_hidden && abi->smaller_results == RESULT_DEPENDS))
		walk.is_lost = true;
	if (is_hidden)
		walk.next = 1;
	return walk;
}

/* Index into regs; -1 if the register has no part in passing arguments. */
static int reg_index(const struct func_abi *abi, unsigned int reg)
{
	for (unsigned int i = 0; i < abi->num_regs; i++) {
		if (abi->regs[i] == reg)
			return i;
	}
	return -1;
}

/* The one piece of a place that is in a register; NULL if there are more or none. */
static const struct place_piece *only_piece(const struct place *place)
{
	const struct place_piece *only = NULL;

	if (place->kind != PLACE_PIECES)
		return NULL;
	for (unsigned int i = 0; i < place->num_pieces && i < PLACE_MAX_PIECES; i++) {
		if (place->pieces[i].reg == PLACE_NO_REG)
			continue;
		if (only)
			return NULL;
		only = &place->pieces[i];
	}
	return only;
}

/*
 * The member of an aggregate that a piece holds: in a struct the only one that has bytes there, in
 * a union the first one of the piece's size. False if no single member is it. The aggregate holds
 * no floats: of those no place is known.
 */
static bool find_member(const struct func_abi *abi, const struct type_store *store,
			struct type_id id, const struct place_piece *piece, uint32_t *ret_member)
{
	const struct settled_type *type;
	struct shape shape = { .abi = abi, .store = store };
	uint32_t found = UINT32_MAX;

	id = strip(store, id);
	if (!id.v || !piece->size || piece->reg_off || piece->size > abi->reg_size)
		return false;
	type = type_store_type(store, id);
	if (type->kind != GRAPH_STRUCT && type->kind != GRAPH_UNION)
		return false;
	for (uint32_t i = 0; i < type->num_elems; i++) {
		const struct settled_elem *elem = &type->elems[i];
		uint64_t off = elem->value / 8, size;

		if (elem->bit_size) {
			if (off < (uint64_t)piece->off + piece->size && off + 8 > piece->off &&
			    type->kind == GRAPH_STRUCT)
				return false;
			continue;
		}
		shape_visit(&shape, elem->type, 0, 0, &size);
		if (shape.unknown)
			return false;
		if (type->kind == GRAPH_UNION) {
			if (elem->name.v && off == piece->off && size == piece->size) {
				*ret_member = i;
				return true;
			}
			continue;
		}
		if (!size || off >= (uint64_t)piece->off + piece->size || off + size <= piece->off)
			continue;
		if (found != UINT32_MAX || !elem->name.v || off != piece->off || size > piece->size)
			return false;
		found = i;
	}
	*ret_member = found;
	return found != UINT32_MAX;
}

/* True for a register for arguments that a parameter cannot be in, wherever else it is. */
static bool is_before(const struct func_abi *abi, unsigned int reg, const struct spot *spot)
{
	int index = reg_index(abi, reg);

	return index >= 0 && index < spot->first;
}

static enum param_state compare_reg(const struct func_abi *abi, const struct place *place,
				    const struct spot *spot)
{
	if (spot->kind == SPOT_UNKNOWN)
		return is_before(abi, place->reg, spot) && !place->is_late ? PARAM_ELSEWHERE :
									     PARAM_IN_PLACE;
	if ((spot->kind == SPOT_REGS || spot->kind == SPOT_POINTED) &&
	    abi->regs[spot->first] == place->reg)
		return PARAM_IN_PLACE;
	/* Where a value is later on, or in a register of no argument, tells nothing of the call. */
	return place->is_late || reg_index(abi, place->reg) < 0 ? PARAM_UNKNOWN : PARAM_ELSEWHERE;
}

static enum param_state compare_pieces(const struct func_abi *abi, const struct place *place,
				       const struct spot *spot)
{
	enum param_state state = spot->kind == SPOT_UNKNOWN ? PARAM_IN_PLACE : PARAM_UNKNOWN;

	for (unsigned int i = 0; i < place->num_pieces && i < PLACE_MAX_PIECES; i++) {
		const struct place_piece *piece = &place->pieces[i];
		unsigned int word = piece->off / abi->reg_size;

		if (piece->reg == PLACE_NO_REG)
			continue;
		if (spot->kind == SPOT_UNKNOWN) {
			if (is_before(abi, piece->reg, spot) && !place->is_late)
				return PARAM_ELSEWHERE;
			continue;
		}
		if (spot->kind != SPOT_REGS || word >= spot->num ||
		    abi->regs[spot->first + word] != piece->reg ||
		    (abi->is_little && piece->reg_off != piece->off % abi->reg_size))
			return place->is_late || reg_index(abi, piece->reg) < 0 ? PARAM_UNKNOWN :
										  PARAM_ELSEWHERE;
		state = PARAM_IN_PLACE;
	}
	return state;
}

static enum param_state compare(const struct func_abi *abi, const struct place *place,
				const struct spot *spot)
{
	switch (place->kind) {
	case PLACE_NONE:
	case PLACE_CONSTANT:
		return PARAM_IN_PLACE; /* it has no bytes */
	case PLACE_REGISTER:
		return compare_reg(abi, place, spot);
	case PLACE_POINTED:
		/* Compilers name the register that holds the address later on: no proof. */
		if (spot->kind == SPOT_POINTED)
			return abi->regs[spot->first] == place->reg ? PARAM_IN_PLACE :
								      PARAM_UNKNOWN;
		/* The stack pointer's or the frame's. */
		return reg_index(abi, place->reg) < 0 || spot->kind == SPOT_UNKNOWN ?
			       PARAM_IN_PLACE :
			       PARAM_UNKNOWN;
	case PLACE_STACK:
		/* It may have been stored there right away. */
		if (spot->kind == SPOT_REGS || spot->kind == SPOT_POINTED)
			return abi->may_use_stack ? PARAM_IN_PLACE : PARAM_UNKNOWN;
		return PARAM_IN_PLACE;
	case PLACE_PIECES:
		return compare_pieces(abi, place, spot);
	default:
		return PARAM_UNKNOWN;
	}
}

static bool place_is_gone(const struct place *place)
{
	return place->kind == PLACE_NONE || place->kind == PLACE_CONSTANT;
}

int func_abi_place_order(const struct func_abi *abi, const struct place *place)
{
	if (place->kind == PLACE_REGISTER || place->kind == PLACE_POINTED)
		return reg_index(abi, place->reg);
	if (place->kind != PLACE_PIECES)
		return -1;
	for (unsigned int i = 0; i < place->num_pieces && i < PLACE_MAX_PIECES; i++) {
		if (place->pieces[i].reg != PLACE_NO_REG)
			return reg_index(abi, place->pieces[i].reg);
	}
	return -1;
}

/* Index into regs where the first one of params[0..num-1] that is passed is; -1: no idea. */
static int next_located(const struct func_abi *abi, const struct func_param *params, size_t num)
{
	for (size_t i = 0; i < num; i++) {
		if (!place_is_gone(&params[i].place))
			return func_abi_place_order(abi, &params[i].place);
	}
	return -1;
}

/* True if only one member of the parameter is passed, in the next register. */
static bool check_part(struct walk *walk, const struct func_param *params, size_t num,
		       struct param_check *check)
{
	const struct func_abi *abi = walk->abi;
	const struct place_piece *piece = only_piece(&params[0].place);
	struct walk whole = *walk;
	struct spot spot;
	bool is_apart;

	if (!piece || walk->is_lost || walk->next >= abi->num_regs ||
	    abi->regs[walk->next] != piece->reg)
		return false;
	spot = place_param(&whole, &params[0]);
	is_apart = spot.kind != SPOT_REGS || (spot.num > 1 && abi->words_apart) ||
		   (abi->is_little && piece->off % abi->reg_size);
	if (!spot.is_aggregate || !is_apart ||
	    !find_member(abi, walk->store, params[0].type, piece, &check->member))
		return false;
	/* It may be there as a whole, and nobody uses the rest: what follows tells. */
	if (compare(abi, &params[0].place, &spot) == PARAM_IN_PLACE &&
	    next_located(abi, params + 1, num - 1) == (int)whole.next)
		return false;
	walk->next++;
	check->state = PARAM_PART;
	return true;
}

void func_abi_check(const struct func_abi *abi, const struct type_store *store, struct type_id ret,
		    const struct func_param *params, size_t num, bool skip_gone,
		    struct param_check *ret_checks)
{
	struct walk walk = walk_begin(abi, store, ret), listed = walk;
	bool has_gap = false;

	for (size_t i = 0; i < num; i++) {
		const struct place *place = &params[i].place;
		struct param_check *check = &ret_checks[i];
		struct spot spot = place_param(&listed, &params[i]);
		const struct place_piece *piece;

		*check = (struct param_check){ .state = PARAM_IN_PLACE };
		if (place_is_gone(place) && (skip_gone || spot.kind != SPOT_NOWHERE)) {
			check->state = PARAM_GONE;
			check->due_on_stack = spot.kind == SPOT_STACK;
			has_gap |= check->due_on_stack;
			continue;
		}
		if (skip_gone) {
			if (check_part(&walk, params + i, num - i, check))
				continue;
			spot = place_param(&walk, &params[i]);
		}
		check->state = compare(abi, place, &spot);
		/* Places on the stack are not told apart: it may be where the one before was. */
		if (has_gap && !skip_gone && spot.kind == SPOT_STACK)
			check->state = PARAM_ELSEWHERE;
		piece = only_piece(place);
		if (check->state == PARAM_ELSEWHERE && piece && !skip_gone && spot.is_aggregate &&
		    find_member(abi, store, params[i].type, piece, &check->member))
			check->state = PARAM_PART;
	}
}

/* BPF trampolines reckon in whole registers, and refuse aggregates that are larger than two. */
enum { MAX_TRAMPOLINE_SIZE = 16 };

bool func_abi_uncertain(const struct func_abi *abi, const struct type_store *store,
			struct type_id ret, const struct func_param *params, size_t num,
			size_t *ret_param)
{
	struct walk walk = walk_begin(abi, store, ret);

	for (size_t i = 0; i < num; i++) {
		struct spot spot = place_param(&walk, &params[i]);
		struct shape shape = { .abi = abi, .store = store };
		unsigned int align;
		uint64_t size;

		if (!spot.on_stack && !spot.skips_reg)
			continue;
		align = shape_visit(&shape, params[i].type, 0, 0, &size);
		if (size > MAX_TRAMPOLINE_SIZE || !(abi->is_64 || spot.is_aggregate))
			continue;
		if ((spot.on_stack && (shape.irregular || params[i].is_aligned)) ||
		    (abi->is_64 && (spot.skips_reg || align > abi->reg_size))) {
			*ret_param = i;
			return true;
		}
	}
	return false;
}
