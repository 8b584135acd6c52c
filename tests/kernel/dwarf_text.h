/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/*
 * What dwarf_defs and dwarf_funcs share: types of DWARF in the notation of oracle.h, read with
 * nothing but libdw.
 *
 * dwarf_open() opens a file. A relocatable one (a kernel module) goes through libdwfl, which gives
 * each section an address of its own, as sh_addr then tells, and relocates the debug sections.
 *
 * A unit is begun with unit_begin(); describe_target() keeps what it has described of this unit.
 */
#ifndef BTFGEN_TESTS_KERNEL_DWARF_TEXT_H
#define BTFGEN_TESTS_KERNEL_DWARF_TEXT_H

#include <dwarf.h>
#include <elfutils/libdw.h>
#include <elfutils/libdwfl.h>
#include <gelf.h>
#include <libelf.h>

#include "oracle.h"

/* The attributes used here, as slots; a slot whose code is 0 is absent. */
enum {
	A_NAME,
	A_TYPE,
	A_BYTE_SIZE,
	A_BIT_SIZE,
	A_DATA_BIT_OFFSET,
	A_BIT_OFFSET,
	A_MEMBER_LOC,
	A_DECLARATION,
	A_ENCODING,
	A_UPPER_BOUND,
	A_COUNT,
	A_CONST_VALUE,
	A_EXTERNAL,
	A_LOCATION,
	A_SPECIFICATION,
	A_ABSTRACT_ORIGIN,
	A_SIGNATURE,
	A_NUM,
};

static const unsigned int attr_codes[A_NUM] = {
	[A_NAME] = DW_AT_name,
	[A_TYPE] = DW_AT_type,
	[A_BYTE_SIZE] = DW_AT_byte_size,
	[A_BIT_SIZE] = DW_AT_bit_size,
	[A_DATA_BIT_OFFSET] = DW_AT_data_bit_offset,
	[A_BIT_OFFSET] = DW_AT_bit_offset,
	[A_MEMBER_LOC] = DW_AT_data_member_location,
	[A_DECLARATION] = DW_AT_declaration,
	[A_ENCODING] = DW_AT_encoding,
	[A_UPPER_BOUND] = DW_AT_upper_bound,
	[A_COUNT] = DW_AT_count,
	[A_CONST_VALUE] = DW_AT_const_value,
	[A_EXTERNAL] = DW_AT_external,
	[A_LOCATION] = DW_AT_location,
	[A_SPECIFICATION] = DW_AT_specification,
	[A_ABSTRACT_ORIGIN] = DW_AT_abstract_origin,
	[A_SIGNATURE] = DW_AT_signature,
};

struct die {
	Dwarf_Die d;
	int tag;
	Dwarf_Attribute attr[A_NUM];
};

struct reader {
	bool big_endian;
	bool variables_only;
	const char *unit_name;
	Dwarf *dw;
	Dwarf_Off unit_start;
	Dwarf_Off unit_end;
	/* Offset in the unit to 1 + position in memo_text, by round. */
	uint32_t *memo[MAX_ROUNDS + 1];
	size_t memo_cap;
	struct labels labels;
	bool labelled;
	struct text memo_text; /* descriptions, each ended by a zero byte */
	struct text line;
	struct strset facts;
	char **unit_names;
	uint32_t num_units;
};

/* What is opened stays open until the process ends. */
static inline Dwarf *dwarf_open(const char *path, GElf_Ehdr *ret_ehdr)
{
	static const Dwfl_Callbacks callbacks = {
		.find_elf = dwfl_build_id_find_elf,
		.find_debuginfo = dwfl_standard_find_debuginfo,
		.section_address = dwfl_offline_section_address,
	};
	Dwarf *dw;
	Dwarf_Addr bias;
	Dwfl *dwfl;
	Dwfl_Module *mod;
	int fd;

	elf_version(EV_CURRENT);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		oracle_die("%s: %s", path, strerror(errno));
	dw = dwarf_begin(fd, DWARF_C_READ);
	if (!dw || !gelf_getehdr(dwarf_getelf(dw), ret_ehdr))
		oracle_die("%s: %s", path, dwarf_errmsg(-1));
	if (ret_ehdr->e_type != ET_REL)
		return dw;
	dwarf_end(dw);
	dwfl = dwfl_begin(&callbacks);
	mod = dwfl ? dwfl_report_offline(dwfl, path, path, fd) : NULL;
	if (!mod || dwfl_report_end(dwfl, NULL, NULL))
		oracle_die("%s: %s", path, dwfl_errmsg(-1));
	dw = dwfl_module_getdwarf(mod, &bias);
	if (!dw || bias)
		oracle_die("%s: %s", path, dw ? "biased" : dwfl_errmsg(-1));
	return dw;
}

/* Where libdwfl put each section of a relocatable file. */
static inline void print_sections(Elf *elf)
{
	Elf_Scn *scn = NULL;

	while ((scn = elf_nextscn(elf, scn))) {
		GElf_Shdr shdr;

		if (!gelf_getshdr(scn, &shdr))
			oracle_die("%s", elf_errmsg(-1));
		if (shdr.sh_flags & SHF_ALLOC)
			printf("R\t%zu\t%llu\n", elf_ndxscn(scn), (unsigned long long)shdr.sh_addr);
	}
}

static inline int take_attr(Dwarf_Attribute *attr, void *arg)
{
	struct die *die = arg;
	unsigned int code = dwarf_whatattr(attr);

	for (int i = 0; i < A_NUM; i++) {
		if (attr_codes[i] == code) {
			die->attr[i] = *attr;
			break;
		}
	}
	return DWARF_CB_OK;
}

static inline void die_load(struct die *die, const Dwarf_Die *d)
{
	memset(die, 0, sizeof(*die));
	die->d = *d;
	die->tag = dwarf_tag(&die->d);
	if (dwarf_getattrs(&die->d, take_attr, die, 0) < 0)
		oracle_die("DIE 0x%llx: %s", (unsigned long long)dwarf_dieoffset(&die->d),
			   dwarf_errmsg(-1));
}

static inline bool die_has(const struct die *die, int slot)
{
	return die->attr[slot].code != 0;
}

static const char *die_name(struct die *die)
{
	const char *name = die_has(die, A_NAME) ? dwarf_formstring(&die->attr[A_NAME]) : NULL;

	return name ? name : "";
}

static inline bool die_flag(struct die *die, int slot)
{
	bool flag = false;

	return die_has(die, slot) && !dwarf_formflag(&die->attr[slot], &flag) && flag;
}

static inline bool die_ref(struct die *die, int slot, struct die *ret_die)
{
	Dwarf_Die d;

	if (!die_has(die, slot) || !dwarf_formref_die(&die->attr[slot], &d))
		return false;
	die_load(ret_die, &d);
	return true;
}

/* Data forms carry no sign of their own; only sdata and implicit_const are read as signed. */
static inline bool die_num(struct die *die, int slot, uint64_t *ret_value)
{
	Dwarf_Attribute *attr = &die->attr[slot];
	Dwarf_Sword s;
	Dwarf_Word u;

	if (!die_has(die, slot))
		return false;
	switch (dwarf_whatform(attr)) {
	case DW_FORM_sdata:
	case DW_FORM_implicit_const:
		if (dwarf_formsdata(attr, &s))
			return false;
		*ret_value = s;
		return true;
	case DW_FORM_data1:
	case DW_FORM_data2:
	case DW_FORM_data4:
	case DW_FORM_data8:
	case DW_FORM_udata:
		if (dwarf_formudata(attr, &u))
			return false;
		*ret_value = u;
		return true;
	default:
		return false;
	}
}

static inline void describe(struct reader *r, struct text *t, struct die *die, int depth);

static inline void describe_target(struct reader *r, struct text *t, struct die *die, int depth)
{
	Dwarf_Off off, rel;
	Dwarf_Die d;
	struct die target;
	uint32_t *memo;
	size_t start;

	if (!die_has(die, A_TYPE)) {
		text_puts(t, "void");
		return;
	}
	if (!dwarf_formref_die(&die->attr[A_TYPE], &d))
		oracle_die("DIE 0x%llx: type: %s", (unsigned long long)dwarf_dieoffset(&die->d),
			   dwarf_errmsg(-1));
	off = dwarf_dieoffset(&d);
	if (dwarf_cu_getdwarf(d.cu) != r->dw || off < r->unit_start || off >= r->unit_end) {
		die_load(&target, &d);
		describe(r, t, &target, depth);
		return;
	}
	rel = off - r->unit_start;
	memo = &r->memo[r->labels.round][rel];
	if (!*memo) {
		struct text own = { 0 };

		text_reset(&own);
		die_load(&target, &d);
		describe(r, &own, &target, depth);
		start = r->memo_text.len;
		text_add(&r->memo_text, own.buf, own.len + 1);
		*memo = start + 1;
		free(own.buf);
	}
	text_puts(t, r->memo_text.buf + *memo - 1);
}

static inline uint64_t expr_offset(struct die *die)
{
	Dwarf_Op *expr;
	size_t len;

	if (dwarf_getlocation(&die->attr[A_MEMBER_LOC], &expr, &len) || !len ||
	    (expr[0].atom != DW_OP_plus_uconst && expr[0].atom != DW_OP_constu))
		oracle_die("DIE 0x%llx: member location",
			   (unsigned long long)dwarf_dieoffset(&die->d));
	return expr[0].number;
}

/* Storage of an old-style bitfield: its own byte_size, else that of its type. */
static inline uint64_t storage_bits(struct die *die)
{
	Dwarf_Die d;
	Dwarf_Word size;
	uint64_t own;

	if (die_num(die, A_BYTE_SIZE, &own))
		return own * 8;
	if (dwarf_formref_die(&die->attr[A_TYPE], &d) && !dwarf_aggregate_size(&d, &size))
		return size * 8;
	oracle_die("DIE 0x%llx: bitfield without storage size",
		   (unsigned long long)dwarf_dieoffset(&die->d));
}

static inline void describe_member(struct reader *r, struct text *t, struct die *die, int depth)
{
	uint64_t at = 0, bits = 0, value;
	bool is_bitfield = die_num(die, A_BIT_SIZE, &bits);

	if (die_num(die, A_DATA_BIT_OFFSET, &value)) {
		at = value;
	} else {
		if (die_num(die, A_MEMBER_LOC, &value))
			at = value * 8;
		else if (die_has(die, A_MEMBER_LOC))
			at = expr_offset(die) * 8;
		if (is_bitfield && die_num(die, A_BIT_OFFSET, &value))
			at += r->big_endian ? value : storage_bits(die) - value - bits;
	}
	text_puts(t, die_name(die));
	text_puts(t, "@");
	text_num(t, at);
	if (is_bitfield) {
		text_puts(t, ":");
		text_num(t, bits);
	}
	text_puts(t, " ");
	describe_target(r, t, die, depth + 1);
}

static inline void describe_members(struct reader *r, struct text *t, struct die *die, int depth)
{
	Dwarf_Die child;
	bool first = true;

	if (dwarf_child(&die->d, &child))
		return;
	do {
		struct die member;

		if (dwarf_tag(&child) != DW_TAG_member)
			continue;
		die_load(&member, &child);
		if (die_flag(&member, A_DECLARATION) && die_flag(&member, A_EXTERNAL))
			continue;
		if (!first)
			text_puts(t, "; ");
		first = false;
		describe_member(r, t, &member, depth);
	} while (!dwarf_siblingof(&child, &child));
}

static inline uint64_t die_size(struct die *die)
{
	uint64_t size = 0;

	die_num(die, A_BYTE_SIZE, &size);
	return size;
}

/* The sign BTF gives an enumeration: of its values, or of its type when 8 bytes wide and told. */
static inline bool enum_is_signed(struct die *die)
{
	uint64_t encoding;
	struct die base;
	Dwarf_Die child;

	if (die_size(die) > 4 && die_has(die, A_TYPE))
		return die_ref(die, A_TYPE, &base) && die_num(&base, A_ENCODING, &encoding) &&
		       encoding == DW_ATE_signed;
	if (dwarf_child(&die->d, &child))
		return false;
	do {
		struct die value;
		uint64_t v;

		if (dwarf_tag(&child) != DW_TAG_enumerator)
			continue;
		die_load(&value, &child);
		if (die_num(&value, A_CONST_VALUE, &v) && (int64_t)v < 0)
			return true;
	} while (!dwarf_siblingof(&child, &child));
	return false;
}

static inline void describe_values(struct text *t, struct die *die)
{
	bool is_signed = enum_is_signed(die), first = true;
	bool narrow = die_size(die) <= 4;
	Dwarf_Die child;

	if (dwarf_child(&die->d, &child))
		return;
	do {
		struct die value;
		uint64_t v = 0;

		if (dwarf_tag(&child) != DW_TAG_enumerator)
			continue;
		die_load(&value, &child);
		die_num(&value, A_CONST_VALUE, &v);
		if (!first)
			text_puts(t, "; ");
		first = false;
		text_puts(t, die_name(&value));
		text_puts(t, "=");
		if (is_signed)
			text_snum(t, narrow ? (int32_t)v : (int64_t)v);
		else
			text_num(t, narrow ? (uint32_t)v : v);
	} while (!dwarf_siblingof(&child, &child));
}

static inline void describe_array(struct reader *r, struct text *t, struct die *die, int depth)
{
	Dwarf_Die child;
	bool any = false;

	if (!dwarf_child(&die->d, &child)) {
		do {
			struct die range;
			uint64_t num;

			if (dwarf_tag(&child) != DW_TAG_subrange_type)
				continue;
			die_load(&range, &child);
			if (die_num(&range, A_UPPER_BOUND, &num))
				num++;
			else if (!die_num(&range, A_COUNT, &num))
				num = 0;
			text_puts(t, "[");
			text_num(t, (uint32_t)num);
			text_puts(t, "]");
			any = true;
		} while (!dwarf_siblingof(&child, &child));
	}
	if (!any)
		text_puts(t, "[1]");
	describe_target(r, t, die, depth + 1);
}

static inline void describe_proto(struct reader *r, struct text *t, struct die *die, int depth)
{
	Dwarf_Die child;
	bool first = true;

	text_puts(t, "fn(");
	if (!dwarf_child(&die->d, &child)) {
		do {
			int tag = dwarf_tag(&child);
			struct die param;

			if (tag != DW_TAG_formal_parameter && tag != DW_TAG_unspecified_parameters)
				continue;
			if (!first)
				text_puts(t, ", ");
			first = false;
			if (tag == DW_TAG_unspecified_parameters) {
				text_puts(t, "...");
				continue;
			}
			die_load(&param, &child);
			if (*die_name(&param)) {
				text_puts(t, die_name(&param));
				text_puts(t, " ");
			}
			describe_target(r, t, &param, depth + 1);
		} while (!dwarf_siblingof(&child, &child));
	}
	text_puts(t, ")");
	describe_target(r, t, die, depth + 1);
}

/* BTF has no complex numbers: an unnamed struct of the size, without members, stands for one. */
static inline bool is_opaque(struct die *die)
{
	uint64_t encoding = 0;

	die_num(die, A_ENCODING, &encoding);
	return die->tag == DW_TAG_base_type &&
	       (encoding == DW_ATE_complex_float || encoding == DW_ATE_imaginary_float);
}

static inline void describe_base(struct text *t, struct die *die)
{
	uint64_t encoding = 0;
	const char *letter = "u";

	die_num(die, A_ENCODING, &encoding);
	if (is_opaque(die)) {
		text_puts(t, "struct/");
		text_num(t, die_size(die));
		text_puts(t, "{}");
		return;
	}
	if (encoding == DW_ATE_signed || encoding == DW_ATE_signed_char)
		letter = "s";
	else if (encoding == DW_ATE_boolean)
		letter = "b";
	else if (encoding == DW_ATE_float)
		letter = "f";
	text_puts(t, die_name(die));
	text_puts(t, "/");
	text_num(t, die_size(die));
	text_puts(t, letter);
}

/* "size body" of a named definition, or the target of a typedef. */
static inline void define(struct reader *r, struct text *t, struct die *die)
{
	switch (die->tag) {
	case DW_TAG_typedef:
		text_puts(t, "-\t");
		describe_target(r, t, die, 0);
		break;
	case DW_TAG_enumeration_type:
		text_num(t, die_has(die, A_BYTE_SIZE) ? die_size(die) : 4);
		text_puts(t, enum_is_signed(die) ? "s\t" : "u\t");
		describe_values(t, die);
		break;
	default:
		text_num(t, die_size(die));
		text_puts(t, "\t");
		describe_members(r, t, die, 0);
	}
}

/* A name as a leaf, with its label where it has one. */
static inline void name_leaf(struct reader *r, struct text *t, struct die *die, const char *word)
{
	size_t start = t->len;
	struct text own = { 0 };

	text_puts(t, word);
	text_puts(t, " ");
	text_puts(t, die_name(die));
	if (!r->labels.round || !strset_has(&r->labels.names, t->buf + start, t->len - start))
		return;
	if (die_flag(die, A_DECLARATION)) {
		text_label(t, LABEL_UNKNOWN);
		return;
	}
	text_reset(&own);
	r->labels.round--;
	define(r, &own, die);
	r->labels.round++;
	text_label(t, label_of(&own));
	free(own.buf);
}

static inline void describe_aggregate(struct reader *r, struct text *t, struct die *die, int depth)
{
	const char *word = die->tag == DW_TAG_union_type ? "union" : "struct";

	if (die_flag(die, A_DECLARATION) && !r->labelled)
		text_puts(t, "fwd ");
	if (*die_name(die)) {
		name_leaf(r, t, die, word);
		return;
	}
	text_puts(t, word);
	text_puts(t, "/");
	text_num(t, die_size(die));
	text_puts(t, "{");
	describe_members(r, t, die, depth);
	text_puts(t, "}");
}

static inline void describe(struct reader *r, struct text *t, struct die *die, int depth)
{
	struct die full;

	if (depth > ORACLE_MAX_DEPTH) {
		text_puts(t, "?deep");
		return;
	}
	if (die_ref(die, A_SIGNATURE, &full))
		die = &full;
	switch (die->tag) {
	case DW_TAG_base_type:
		describe_base(t, die);
		break;
	case DW_TAG_pointer_type:
	case DW_TAG_reference_type:
	case DW_TAG_rvalue_reference_type:
		text_puts(t, "*");
		describe_target(r, t, die, depth + 1);
		break;
	case DW_TAG_const_type:
		text_puts(t, "const ");
		describe_target(r, t, die, depth + 1);
		break;
	case DW_TAG_volatile_type:
		text_puts(t, "volatile ");
		describe_target(r, t, die, depth + 1);
		break;
	case DW_TAG_restrict_type:
		text_puts(t, "restrict ");
		describe_target(r, t, die, depth + 1);
		break;
	case DW_TAG_atomic_type:
		/* BTF has no such qualifier; the type below it is what remains. */
		describe_target(r, t, die, depth + 1);
		break;
	case DW_TAG_typedef:
		name_leaf(r, t, die, "typedef");
		break;
	case DW_TAG_structure_type:
	case DW_TAG_class_type:
	case DW_TAG_union_type:
		describe_aggregate(r, t, die, depth);
		break;
	case DW_TAG_enumeration_type:
		if (*die_name(die)) {
			name_leaf(r, t, die, "enum");
			break;
		}
		text_puts(t, "enum/");
		text_num(t, die_size(die));
		text_puts(t, enum_is_signed(die) ? "s{" : "u{");
		describe_values(t, die);
		text_puts(t, "}");
		break;
	case DW_TAG_array_type:
		describe_array(r, t, die, depth);
		break;
	case DW_TAG_subroutine_type:
		describe_proto(r, t, die, depth);
		break;
	case DW_TAG_unspecified_type:
		text_puts(t, "void");
		break;
	default:
		text_puts(t, "?tag");
		text_num(t, die->tag);
	}
}

static inline void unit_begin(struct reader *r, Dwarf_CU *cu, Dwarf_Die *cudie, Dwarf_Off start)
{
	Dwarf_Off end;
	size_t size;
	const char *name = dwarf_diename(cudie);

	if (dwarf_next_unit(dwarf_cu_getdwarf(cu), start, &end, NULL, NULL, NULL, NULL, NULL, NULL,
			    NULL))
		oracle_die("unit 0x%llx: %s", (unsigned long long)start, dwarf_errmsg(-1));
	size = end - start;
	if (size > r->memo_cap) {
		for (int i = 0; i <= r->labels.round; i++)
			r->memo[i] = oracle_alloc(r->memo[i], size * sizeof(*r->memo[i]));
		r->memo_cap = size;
	}
	for (int i = 0; i <= r->labels.round; i++)
		memset(r->memo[i], 0, size * sizeof(*r->memo[i]));
	text_reset(&r->memo_text);
	r->unit_start = start;
	r->unit_end = end;
	r->unit_name = name ? name : "?";
	r->unit_names = oracle_alloc(r->unit_names, (r->num_units + 1) * sizeof(char *));
	r->unit_names[r->num_units++] = (char *)r->unit_name;
}

#endif /* BTFGEN_TESTS_KERNEL_DWARF_TEXT_H */
