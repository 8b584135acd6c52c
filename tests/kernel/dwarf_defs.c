// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * dwarf_defs [-v] [-l NAMES -r ROUNDS] FILE: print what the DWARF of an ELF file defines, in the
 *notation of oracle.h, read with nothing but libdw. One tab-separated line for each distinct fact
 *over all units:
 *
 *	D kind name size body units unit offset		a named type definition
 *	A kind text units unit offset			a type without a name of its own
 *	F kind name units unit offset			a forward declaration
 *	V address name linkage size type level unit offset	a variable at a fixed address
 *	R index address		a section of a relocatable file, and where it was laid for the
 *				addresses above
 *
 * units is the number of times it was met, unit and offset name the first of them. A variable's
 * level is 0 for file scope, 1 inside a function or block, 2 inside a namespace or type; its size
 * is -1 where DWARF gives none; every DIE with an address is listed, declarations are not.
 *
 * With -v only variables are printed, which needs no walk through types. Units written in Rust are
 * passed over, as in the build of a kernel: BTF has no place for their names and types. NAMES is a
 * file of names to label, ROUNDS how deep (struct labels of oracle.h).
 */
#include "dwarf_text.h"

static void add_fact(struct reader *r, Dwarf_Off off)
{
	strset_add(&r->facts, r->line.buf, r->line.len, (uint64_t)(r->num_units - 1) << 40 | off);
}

static const char *unnamed_kind(struct die *die)
{
	uint64_t encoding = 0;

	switch (die->tag) {
	case DW_TAG_base_type:
		if (is_opaque(die))
			return "struct";
		die_num(die, A_ENCODING, &encoding);
		return encoding == DW_ATE_float ? "float" : "int";
	case DW_TAG_pointer_type:
		return "ptr";
	case DW_TAG_const_type:
		return "const";
	case DW_TAG_volatile_type:
		return "volatile";
	case DW_TAG_restrict_type:
		return "restrict";
	case DW_TAG_array_type:
		return "array";
	case DW_TAG_subroutine_type:
		return "func_proto";
	case DW_TAG_enumeration_type:
		return die_size(die) > 4 ? "enum64" : "enum";
	case DW_TAG_union_type:
		return "union";
	case DW_TAG_structure_type:
	case DW_TAG_class_type:
		return "struct";
	default:
		return NULL;
	}
}

/* A type whose description is all there is to it. */
static void take_unnamed(struct reader *r, struct die *die)
{
	const char *kind = unnamed_kind(die);

	if (r->variables_only || !kind)
		return;
	text_reset(&r->line);
	text_puts(&r->line, "A\t");
	text_puts(&r->line, kind);
	text_puts(&r->line, "\t");
	describe(r, &r->line, die, 0);
	add_fact(r, dwarf_dieoffset(&die->d));
}

static void walk_children(struct reader *r, Dwarf_Die *parent, int level);

static void take_type(struct reader *r, struct die *die)
{
	const char *name = die_name(die), *kind;
	struct text *t = &r->line;
	Dwarf_Off off = dwarf_dieoffset(&die->d);

	if (r->variables_only)
		return;
	/* In the unit of a type unit's user stands an empty copy, with or without the name. */
	if (die_has(die, A_SIGNATURE))
		return;
	if (!*name) {
		take_unnamed(r, die);
		return;
	}
	text_reset(t);
	switch (die->tag) {
	case DW_TAG_typedef:
		kind = "typedef";
		break;
	case DW_TAG_enumeration_type:
		kind = die_size(die) > 4 ? "enum64" : "enum";
		break;
	case DW_TAG_union_type:
		kind = "union";
		break;
	default:
		kind = "struct";
	}
	if (die_flag(die, A_DECLARATION) && die->tag != DW_TAG_enumeration_type) {
		text_puts(t, "F\t");
		text_puts(t, kind);
		text_puts(t, "\t");
		text_puts(t, name);
	} else {
		text_puts(t, "D\t");
		text_puts(t, kind);
		text_puts(t, "\t");
		text_puts(t, name);
		text_puts(t, "\t");
		define(r, t, die);
	}
	add_fact(r, off);
}

/* The address of a variable, where its location is one fixed address and nothing else. */
static bool fixed_address(struct die *die, uint64_t *ret_address)
{
	Dwarf_Attribute *attr = &die->attr[A_LOCATION], result;
	Dwarf_Op *expr;
	size_t len;

	if (!die_has(die, A_LOCATION) || dwarf_whatform(attr) == DW_FORM_sec_offset ||
	    dwarf_whatform(attr) == DW_FORM_loclistx || dwarf_getlocation(attr, &expr, &len) ||
	    !len)
		return false;
	if (expr[0].atom == DW_OP_addr) {
		*ret_address = expr[0].number;
	} else if (expr[0].atom == DW_OP_addrx || expr[0].atom == DW_OP_GNU_addr_index) {
		if (dwarf_getlocation_attr(attr, expr, &result) ||
		    dwarf_formaddr(&result, ret_address))
			return false;
	} else {
		return false;
	}
	if (len == 2 && expr[1].atom == DW_OP_plus_uconst)
		*ret_address += expr[1].number;
	else if (len == 3 && expr[1].atom == DW_OP_constu && expr[2].atom == DW_OP_plus)
		*ret_address += expr[1].number;
	else if (len != 1)
		return false;
	return true;
}

static void take_variable(struct reader *r, struct die *die, int level)
{
	struct die declared = *die, named;
	struct text *t = &r->line;
	Dwarf_Word size;
	Dwarf_Die type;
	uint64_t address;

	if (!fixed_address(die, &address))
		return;
	if (!die_ref(die, A_SPECIFICATION, &declared) &&
	    !die_ref(die, A_ABSTRACT_ORIGIN, &declared))
		declared = *die;
	named = die_has(die, A_NAME) ? *die : declared;
	if (die_has(die, A_TYPE))
		declared.attr[A_TYPE] = die->attr[A_TYPE];
	text_reset(t);
	text_puts(t, "V\t");
	text_num(t, address);
	text_puts(t, "\t");
	text_puts(t, die_name(&named));
	text_puts(t,
		  die_flag(die, A_EXTERNAL) || die_flag(&declared, A_EXTERNAL) ? "\t1\t" : "\t0\t");
	if (die_has(&declared, A_TYPE) && dwarf_formref_die(&declared.attr[A_TYPE], &type) &&
	    !dwarf_aggregate_size(&type, &size))
		text_num(t, size);
	else
		text_puts(t, "-1");
	text_puts(t, "\t");
	describe_target(r, t, &declared, 0);
	text_puts(t, "\t");
	text_num(t, level);
	printf("%s\t%s\t%llx\n", t->buf, r->unit_name,
	       (unsigned long long)dwarf_dieoffset(&die->d));
}

/* A partial unit of another file (dwz -m) belongs to those that import it. */
static void walk_imported(struct reader *r, Dwarf_Die *import)
{
	Dwarf_Attribute attr;
	Dwarf_Die unit;

	if (!dwarf_attr(import, DW_AT_import, &attr) || !dwarf_formref_die(&attr, &unit))
		oracle_die("DIE 0x%llx: imported unit: %s",
			   (unsigned long long)dwarf_dieoffset(import), dwarf_errmsg(-1));
	if (dwarf_cu_getdwarf(unit.cu) != r->dw)
		walk_children(r, &unit, 0);
}

static void walk_children(struct reader *r, Dwarf_Die *parent, int level)
{
	Dwarf_Die child;

	if (dwarf_child(parent, &child))
		return;
	do {
		struct die die;
		int below = level;

		switch (dwarf_tag(&child)) {
		case DW_TAG_typedef:
		case DW_TAG_enumeration_type:
			die_load(&die, &child);
			take_type(r, &die);
			continue;
		case DW_TAG_structure_type:
		case DW_TAG_class_type:
		case DW_TAG_union_type:
			die_load(&die, &child);
			take_type(r, &die);
			below = level ? level : 2;
			break;
		case DW_TAG_variable:
			die_load(&die, &child);
			take_variable(r, &die, level);
			continue;
		case DW_TAG_imported_unit:
			walk_imported(r, &child);
			continue;
		case DW_TAG_namespace:
			below = level ? level : 2;
			break;
		case DW_TAG_subprogram:
		case DW_TAG_lexical_block:
		case DW_TAG_inlined_subroutine:
			below = 1;
			break;
		case DW_TAG_base_type:
		case DW_TAG_pointer_type:
		case DW_TAG_const_type:
		case DW_TAG_volatile_type:
		case DW_TAG_restrict_type:
		case DW_TAG_array_type:
			if (r->variables_only)
				continue;
			die_load(&die, &child);
			take_unnamed(r, &die);
			continue;
		case DW_TAG_subroutine_type:
			die_load(&die, &child);
			take_unnamed(r, &die);
			break;
		default:
			continue;
		}
		walk_children(r, &child, below);
	} while (!dwarf_siblingof(&child, &child));
}

int main(int argc, char **argv)
{
	struct reader r = { 0 };
	const char *names = NULL;
	GElf_Ehdr ehdr;
	Dwarf *dw;
	Dwarf_CU *cu = NULL;
	Dwarf_Die cudie;
	int opt, rounds = 1;

	while ((opt = getopt(argc, argv, "vl:r:")) != -1) {
		if (opt == 'v')
			r.variables_only = true;
		else if (opt == 'l')
			names = optarg;
		else if (opt == 'r')
			rounds = atoi(optarg);
		else
			return 2;
	}
	if (optind + 1 != argc) {
		fputs("usage: dwarf_defs [-v] [-l NAMES -r ROUNDS] FILE\n", stderr);
		return 2;
	}
	if (names) {
		labels_load(&r.labels, names, rounds);
		r.labelled = true;
	}
	dw = dwarf_open(argv[optind], &ehdr);
	if (ehdr.e_type == ET_REL)
		print_sections(dwarf_getelf(dw));
	r.dw = dw;
	r.big_endian = ehdr.e_ident[EI_DATA] == ELFDATA2MSB;
	while (!dwarf_get_units(dw, cu, &cu, NULL, NULL, &cudie, NULL)) {
		Dwarf_Off root = dwarf_dieoffset(&cudie);

		if (dwarf_srclang(&cudie) == DW_LANG_Rust)
			continue;
		unit_begin(&r, cu, &cudie, root - dwarf_cuoffset(&cudie));
		walk_children(&r, &cudie, 0);
	}
	for (size_t i = 0; r.facts.slots && i <= r.facts.mask; i++) {
		const struct strset_entry *e = &r.facts.slots[i];

		if (e->str)
			printf("%s\t%u\t%s\t%llx\n", e->str, e->count, r.unit_names[e->note >> 40],
			       (unsigned long long)(e->note & 0xffffffffffull));
	}
	return fflush(stdout) || ferror(stdout) ? 3 : 0;
}
