// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * dwarf_funcs [-l NAMES -r ROUNDS] FILE: print what the symbol table, .BTF_ids and the DWARF of an
 * ELF file say about functions, read with nothing but libelf and libdw, types in the notation of
 * oracle.h. One tab-separated line each:
 *
 *	E machine bits order			of the file; order is "little" or "big"
 *	R index address				a section of a relocatable file, and where it was
 *						laid for the addresses below
 *	Y name address size bind section visibility	a function symbol; section is the index
 *	U number language producer ranges name	a unit; language is DWARF's number
 *	C name ranges flags result params unit offset		a function that is out of line
 *	N name kind flags result params units unit offset	an entry without address, once
 *						for each different text; kind is "declared" or
 *						"inline"
 *	K name flags				a kfunc by .BTF_ids, flags as there (hexadecimal); where
 *						the ids are filled in, and thereby sorted, found by the
 *						id that .BTF has for the name; in modules, whose ids
 *						need the base, those that all of the set have
 *	I name					a function of which .BTF_ids wants the id
 *
 * Ranges are start-end, joined by commas, the one with the entry first. Flags are letters: x
 * external, v variable arguments, n DW_CC_nocall, p prototyped, o the entry has an origin, r its
 * parameters stand in another order than its origin's, m some of its origin's are missing in it.
 * Result is "class/size/align type", params the like with name and place before it, joined by
 * " | ":
 *
 *	name place class/size/align type	name is '?' without one
 *
 * Classes are i (integers, pointers, enumerations, booleans), f (floating), a (aggregates), v
 * (void), u (not known). The order of parameters is the origin's. Places are what the location says
 * of the function's first instruction, '~' before it if no entry of its list covers that and the
 * first was taken; eN joined to it names a register of which the list holds the value at entry:
 *
 *	rN in register N	bN in memory that register N points to	s on the stack
 *	k a constant	- none	pN:O:S,... in pieces (register, offset, size)	? something else
 *	g somewhere in the list: known to callers only (DW_OP_GNU_parameter_ref)
 *
 * A unit's line comes before those of its functions. Units in Rust are passed over. NAMES is a file
 * of names to label, ROUNDS how deep (struct labels of oracle.h).
 */
#include "dwarf_text.h"

#ifndef DW_OP_GNU_parameter_ref
#define DW_OP_GNU_parameter_ref 0xfa
#endif
#define KF_FASTCALL (1u << 12)
#define MAX_PARAMS 4096
#define MAX_CHAIN 64

struct funcs {
	struct reader r;
	struct strset without_address;
	Elf *elf;
	int machine;
	int address_size;
	bool is_relocatable;
	const char **origins; /* of the function at hand */
};

/* --- symbols --------------------------------------------------------------------------------- */

struct symbol {
	const char *name;
	GElf_Sym sym;
	uint32_t section;
};

static uint32_t file_word(const uint8_t *p, bool big_endian)
{
	return big_endian ? (uint32_t)p[0] << 24 | p[1] << 16 | p[2] << 8 | p[3] :
			    (uint32_t)p[3] << 24 | p[2] << 16 | p[1] << 8 | p[0];
}

static bool starts_with(const char *s, const char *start)
{
	return !strncmp(s, start, strlen(start));
}

static Elf_Data *section_data(const struct funcs *f, const char *wanted, GElf_Shdr *ret_shdr,
			      size_t *ret_index)
{
	Elf_Scn *scn = NULL;
	size_t names;

	if (elf_getshdrstrndx(f->elf, &names))
		oracle_die("%s", elf_errmsg(-1));
	while ((scn = elf_nextscn(f->elf, scn))) {
		const char *name;

		if (!gelf_getshdr(scn, ret_shdr))
			oracle_die("%s", elf_errmsg(-1));
		name = elf_strptr(f->elf, names, ret_shdr->sh_name);
		if (name && !strcmp(name, wanted)) {
			*ret_index = elf_ndxscn(scn);
			return elf_rawdata(scn, NULL);
		}
	}
	return NULL;
}

struct id_sets {
	const struct funcs *f;
	const struct symbol *symbols;
	size_t num;
	size_t index;
	uint64_t addr;
	const uint8_t *data;
	size_t size;
	struct kbtf btf; /* of the file, if it has one */
};

static uint32_t set_word(const struct id_sets *s, uint64_t off)
{
	if (off > s->size || s->size - off < 4)
		oracle_die(".BTF_ids: word at %llu beyond the end", (unsigned long long)off);
	return file_word(s->data + off, s->f->r.big_endian);
}

static uint32_t function_id(const struct kbtf *k, const char *name, size_t len)
{
	for (uint32_t id = 1; id < k->num_types; id++) {
		if (kb_kind(k, id) == KB_FUNC && strlen(kb_name(k, id)) == len &&
		    !memcmp(kb_name(k, id), name, len))
			return id;
	}
	return 0;
}

/* The set of kfuncs that an id stands in: offset and size; false if there is none. */
static bool find_set(const struct id_sets *s, uint64_t value, uint64_t *ret_off, uint64_t *ret_size)
{
	for (size_t i = 0; i < s->num; i++) {
		const struct symbol *set = &s->symbols[i];

		if (set->section != s->index || !starts_with(set->name, "__BTF_ID__set8__") ||
		    value < set->sym.st_value || value - set->sym.st_value >= set->sym.st_size)
			continue;
		*ret_off = set->sym.st_value - s->addr;
		*ret_size = set->sym.st_size;
		return set_word(s, *ret_off + 4) & 1;
	}
	return false;
}

static uint32_t kfunc_flags(const struct id_sets *s, const struct symbol *symbol, size_t len,
			    uint64_t set, uint64_t set_size)
{
	uint64_t off = symbol->sym.st_value - s->addr;
	uint32_t id;

	if (!set_word(s, off))
		return set_word(s, off + 4);
	if (s->f->is_relocatable) {
		uint32_t all = ~0u, any = 0;

		for (off = set + 8; off < set + set_size; off += 8) {
			all &= set_word(s, off + 4);
			any |= set_word(s, off + 4);
		}
		if ((all ^ any) & KF_FASTCALL)
			oracle_die("%s: flags of its set differ", symbol->name);
		return all;
	}
	id = function_id(&s->btf, symbol->name + strlen("__BTF_ID__func__"), len);
	for (off = set + 8; id && off < set + set_size; off += 8) {
		if (set_word(s, off) == id)
			return set_word(s, off + 4);
	}
	oracle_die("%s: not in its set of .BTF_ids", symbol->name);
}

static void print_btf_ids(const struct funcs *f, const struct symbol *symbols, size_t num)
{
	struct id_sets s = { .f = f, .symbols = symbols, .num = num };
	GElf_Shdr shdr;
	Elf_Data *data = section_data(f, ".BTF", &shdr, &s.index);

	/* A module's ids count from the end of its base. */
	if (data && data->d_buf && !f->is_relocatable)
		kbtf_init(&s.btf, data->d_buf, data->d_size, ".BTF");
	data = section_data(f, ".BTF_ids", &shdr, &s.index);
	if (!data || !data->d_buf)
		return;
	s.data = data->d_buf;
	s.size = data->d_size;
	s.addr = shdr.sh_addr;
	for (size_t i = 0; i < num; i++) {
		const char *name, *end = NULL;
		uint64_t set, size;

		if (symbols[i].section != s.index ||
		    !starts_with(symbols[i].name, "__BTF_ID__func__"))
			continue;
		name = symbols[i].name + strlen("__BTF_ID__func__");
		for (const char *p = strstr(name, "__"); p; p = strstr(p + 1, "__"))
			end = p;
		if (!end || end == name)
			continue;
		printf("I\t%.*s\n", (int)(end - name), name);
		if (find_set(&s, symbols[i].sym.st_value, &set, &size))
			printf("K\t%.*s\t%x\n", (int)(end - name), name,
			       kfunc_flags(&s, &symbols[i], end - name, set, size));
	}
	free(s.btf.pos);
}

static void print_symbols(const struct funcs *f)
{
	struct symbol *symbols = NULL;
	size_t num = 0, num_ids = 0;
	Elf_Scn *scn = NULL;

	while ((scn = elf_nextscn(f->elf, scn))) {
		GElf_Shdr shdr, in;
		Elf_Data *data;

		if (!gelf_getshdr(scn, &shdr) || shdr.sh_type != SHT_SYMTAB)
			continue;
		data = elf_getdata(scn, NULL);
		if (!data)
			oracle_die("%s", elf_errmsg(-1));
		num = shdr.sh_size / shdr.sh_entsize;
		symbols = calloc(num + 1, sizeof(*symbols));
		if (!symbols)
			oracle_die("out of memory");
		for (size_t i = 0; i < num; i++) {
			struct symbol s = { 0 };

			if (!gelf_getsym(data, i, &s.sym))
				oracle_die("%s", elf_errmsg(-1));
			s.section = s.sym.st_shndx;
			s.name = elf_strptr(f->elf, shdr.sh_link, s.sym.st_name);
			if (!s.name || !s.section || s.section >= SHN_LORESERVE ||
			    !gelf_getshdr(elf_getscn(f->elf, s.section), &in))
				continue;
			if (f->is_relocatable)
				s.sym.st_value += in.sh_addr;
			if (starts_with(s.name, "__BTF_ID__"))
				symbols[num_ids++] = s;
			if (GELF_ST_TYPE(s.sym.st_info) != STT_FUNC || !(in.sh_flags & SHF_ALLOC))
				continue;
			if (f->machine == EM_ARM)
				s.sym.st_value &= ~1ull;
			printf("Y\t%s\t%llx\t%llu\t%d\t%u\t%d\n", s.name,
			       (unsigned long long)s.sym.st_value,
			       (unsigned long long)s.sym.st_size, GELF_ST_BIND(s.sym.st_info),
			       s.section, GELF_ST_VISIBILITY(s.sym.st_other));
		}
		break;
	}
	print_btf_ids(f, symbols, num_ids);
	free(symbols);
}

/* --- places ---------------------------------------------------------------------------------- */

/* Operations that compute a value from constants alone begin like this. */
static bool is_constant(unsigned int op)
{
	return (op >= DW_OP_lit0 && op <= DW_OP_lit31) ||
	       (op >= DW_OP_const1u && op <= DW_OP_consts) || op == DW_OP_addr ||
	       op == DW_OP_addrx || op == DW_OP_implicit_value || op == DW_OP_implicit_pointer ||
	       op == DW_OP_GNU_implicit_pointer;
}

static int register_of(const Dwarf_Op *op)
{
	if (op->atom >= DW_OP_reg0 && op->atom <= DW_OP_reg31)
		return op->atom - DW_OP_reg0;
	return op->atom == DW_OP_regx ? (int)op->number : -1;
}

static int base_register_of(const Dwarf_Op *op)
{
	if (op->atom >= DW_OP_breg0 && op->atom <= DW_OP_breg31)
		return op->atom - DW_OP_breg0;
	return op->atom == DW_OP_bregx ? (int)op->number : -1;
}

static int stack_pointer(int machine)
{
	switch (machine) {
	case EM_X86_64:
		return 7;
	case EM_386:
		return 4;
	case EM_AARCH64:
		return 31;
	case EM_ARM:
		return 13;
	case EM_S390:
		return 15;
	default:
		return -1;
	}
}

/* The register whose value at entry an operation asks for. */
static int entry_register(Dwarf_Attribute *attr, const Dwarf_Op *op)
{
	Dwarf_Attribute inner;
	Dwarf_Op *ops;
	size_t len;

	if (op->atom != DW_OP_entry_value && op->atom != DW_OP_GNU_entry_value)
		return -1;
	if (dwarf_getlocation_attr(attr, op, &inner) || dwarf_getlocation(&inner, &ops, &len) ||
	    len != 1)
		return -1;
	return register_of(&ops[0]);
}

static void pieces_text(struct text *t, const Dwarf_Op *ops, size_t len)
{
	uint64_t off = 0;
	int reg = -1;

	text_puts(t, "p");
	for (size_t i = 0; i < len; i++) {
		if (ops[i].atom != DW_OP_piece) {
			reg = register_of(&ops[i]);
			continue;
		}
		if (off)
			text_puts(t, ",");
		if (reg < 0)
			text_puts(t, "?");
		else
			text_num(t, reg);
		text_puts(t, ":");
		text_num(t, off);
		text_puts(t, ":");
		text_num(t, ops[i].number);
		off += ops[i].number;
		reg = -1;
	}
}

static void place_text(const struct funcs *f, struct text *t, Dwarf_Attribute *attr, Dwarf_Op *ops,
		       size_t len)
{
	int reg;

	if (!len) {
		text_puts(t, "-");
		return;
	}
	for (size_t i = 0; i < len; i++) {
		if (ops[i].atom == DW_OP_piece) {
			pieces_text(t, ops, len);
			return;
		}
	}
	reg = register_of(&ops[0]);
	if (reg < 0 && len == 2 && ops[1].atom == DW_OP_stack_value)
		reg = entry_register(attr, &ops[0]);
	if (reg >= 0) {
		text_puts(t, "r");
		text_num(t, reg);
		return;
	}
	reg = base_register_of(&ops[0]);
	if (ops[0].atom == DW_OP_fbreg || ops[0].atom == DW_OP_call_frame_cfa ||
	    (reg >= 0 && reg == stack_pointer(f->machine))) {
		text_puts(t, "s");
	} else if (reg >= 0 && len == 1 && !ops[0].number2) {
		text_puts(t, "b");
		text_num(t, reg);
	} else if (is_constant(ops[0].atom)) {
		text_puts(t, "k");
	} else {
		text_puts(t, "?");
	}
}

static void location_text(const struct funcs *f, struct text *t, Dwarf_Die *param, uint64_t entry)
{
	Dwarf_Attribute attr;
	Dwarf_Op *ops[4];
	size_t lens[4];
	Dwarf_Addr base, start, end;
	ptrdiff_t at = 0;
	int num;

	if (!dwarf_attr(param, DW_AT_location, &attr)) {
		text_puts(t, dwarf_hasattr(param, DW_AT_const_value) ? "k" : "-");
		return;
	}
	while ((at = dwarf_getlocations(&attr, at, &base, &start, &end, ops, lens)) > 0) {
		for (size_t i = 0; i < lens[0]; i++) {
			if (ops[0][i].atom == DW_OP_GNU_parameter_ref) {
				text_puts(t, "g");
				return;
			}
		}
	}
	num = dwarf_getlocation_addr(&attr, entry, ops, lens, 4);
	if (num > 0) {
		place_text(f, t, &attr, ops[0], lens[0]);
	} else {
		for (at = 0; (at = dwarf_getlocations(&attr, at, &base, &start, &end, ops, lens)) > 0;) {
			if (start < end && lens[0])
				break;
		}
		if (at > 0) {
			text_puts(t, "~");
			place_text(f, t, &attr, ops[0], lens[0]);
		} else {
			text_puts(t, "-");
		}
	}
	for (at = 0; (at = dwarf_getlocations(&attr, at, &base, &start, &end, ops, lens)) > 0;) {
		for (size_t i = 0; i < lens[0]; i++) {
			int reg = entry_register(&attr, &ops[0][i]);

			if (reg < 0)
				continue;
			text_puts(t, "e");
			text_num(t, reg);
			return;
		}
	}
}

/* --- types as arguments ---------------------------------------------------------------------- */

static bool peel(Dwarf_Die *type)
{
	Dwarf_Attribute attr;

	for (int i = 0; i < MAX_CHAIN; i++) {
		switch (dwarf_tag(type)) {
		case DW_TAG_typedef:
		case DW_TAG_const_type:
		case DW_TAG_volatile_type:
		case DW_TAG_restrict_type:
		case DW_TAG_atomic_type:
			if (!dwarf_attr(type, DW_AT_type, &attr) || !dwarf_formref_die(&attr, type))
				return false;
			break;
		default:
			return true;
		}
	}
	return false;
}

static bool type_of(Dwarf_Die *die, Dwarf_Die *ret_type)
{
	Dwarf_Attribute attr;

	return dwarf_attr(die, DW_AT_type, &attr) && dwarf_formref_die(&attr, ret_type);
}

/* What the members ask for; i386 aligns nothing beyond 4 inside an aggregate. */
static uint64_t natural_align(const struct funcs *f, Dwarf_Die type, int depth)
{
	Dwarf_Die member, inner;
	Dwarf_Word size, align = 1;

	if (depth > 16 || !peel(&type))
		return 1;
	switch (dwarf_tag(&type)) {
	case DW_TAG_structure_type:
	case DW_TAG_union_type:
	case DW_TAG_class_type:
		if (dwarf_child(&type, &member))
			return 1;
		do {
			if (dwarf_tag(&member) == DW_TAG_member && type_of(&member, &inner)) {
				size = natural_align(f, inner, depth + 1);
				align = size > align ? size : align;
			}
		} while (!dwarf_siblingof(&member, &member));
		return f->machine == EM_386 && align > 4 ? 4 : align;
	case DW_TAG_array_type:
		return type_of(&type, &inner) ? natural_align(f, inner, depth + 1) : 1;
	case DW_TAG_pointer_type:
		return f->address_size;
	default:
		return !dwarf_aggregate_size(&type, &size) && size ? size : 1;
	}
}

static void class_text(const struct funcs *f, struct text *t, Dwarf_Die *user)
{
	Dwarf_Die type;
	Dwarf_Word size = 0, encoding;
	Dwarf_Attribute attr;
	const char *word = "u";

	if (!type_of(user, &type)) {
		text_puts(t, "v/0/1");
		return;
	}
	if (peel(&type)) {
		switch (dwarf_tag(&type)) {
		case DW_TAG_pointer_type:
			word = "i";
			size = f->address_size;
			break;
		case DW_TAG_enumeration_type:
			word = "i";
			break;
		case DW_TAG_base_type:
			word = dwarf_attr(&type, DW_AT_encoding, &attr) &&
					       !dwarf_formudata(&attr, &encoding) &&
					       (encoding == DW_ATE_float ||
						encoding == DW_ATE_complex_float) ?
				       "f" :
				       "i";
			break;
		case DW_TAG_structure_type:
		case DW_TAG_union_type:
		case DW_TAG_class_type:
		case DW_TAG_array_type:
			word = "a";
			break;
		case DW_TAG_unspecified_type:
			word = "v";
			break;
		}
		if (!size && dwarf_aggregate_size(&type, &size))
			size = 0;
	}
	text_puts(t, word);
	text_puts(t, "/");
	text_num(t, size);
	text_puts(t, "/");
	text_num(t, size ? natural_align(f, type, 0) : 1);
}

/* --- functions ------------------------------------------------------------------------------- */

static bool follow(Dwarf_Die *die, unsigned int code, Dwarf_Die *ret_die)
{
	Dwarf_Attribute attr;

	return dwarf_attr(die, code, &attr) && dwarf_formref_die(&attr, ret_die);
}

/* The entry that says name and type: itself, or behind origin and specification. */
static Dwarf_Die source_of(Dwarf_Die die, unsigned int code)
{
	for (int i = 0; i < 8 && !dwarf_hasattr(&die, code); i++) {
		Dwarf_Die next;

		if (!follow(&die, DW_AT_abstract_origin, &next) &&
		    !follow(&die, DW_AT_specification, &next))
			break;
		die = next;
	}
	return die;
}

static bool flag_of(Dwarf_Die die, unsigned int code)
{
	Dwarf_Die source = source_of(die, code);
	Dwarf_Attribute attr;
	bool flag;

	return dwarf_attr(&source, code, &attr) && !dwarf_formflag(&attr, &flag) && flag;
}

struct params {
	Dwarf_Die dies[MAX_PARAMS];
	size_t num;
	bool varargs;
};

static void params_read(Dwarf_Die *die, struct params *ret)
{
	Dwarf_Die child;

	ret->num = 0;
	ret->varargs = false;
	if (dwarf_child(die, &child))
		return;
	do {
		if (dwarf_tag(&child) == DW_TAG_unspecified_parameters)
			ret->varargs = true;
		if (dwarf_tag(&child) == DW_TAG_formal_parameter && ret->num < MAX_PARAMS)
			ret->dies[ret->num++] = child;
	} while (!dwarf_siblingof(&child, &child));
}

static void typed_text(struct funcs *f, struct text *t, Dwarf_Die die)
{
	struct die loaded;
	Dwarf_Die source = source_of(die, DW_AT_type);

	class_text(f, t, &source);
	text_puts(t, " ");
	die_load(&loaded, &source);
	describe_target(&f->r, t, &loaded, 0);
}

static void function_text(struct funcs *f, struct text *t, Dwarf_Die die, bool has_entry,
			  uint64_t entry)
{
	static struct params own, origin;
	const struct params *listed = &own;
	Dwarf_Die from;
	Dwarf_Attribute attr;
	Dwarf_Word cc;
	bool has_origin = follow(&die, DW_AT_abstract_origin, &from);
	int at[MAX_PARAMS], last = -1;
	bool reordered = false, missing = false;

	params_read(&die, &own);
	if (!has_origin && follow(&die, DW_AT_specification, &from) && !own.num && !own.varargs)
		params_read(&from, &own);
	if (has_origin) {
		params_read(&from, &origin);
		listed = &origin;
		for (size_t i = 0; i < origin.num; i++) {
			at[i] = -1;
			/* Where there are two, one with a place and one with a value, the latter. */
			for (size_t j = 0; j < own.num; j++) {
				Dwarf_Die target;

				if (follow(&own.dies[j], DW_AT_abstract_origin, &target) &&
				    dwarf_dieoffset(&target) == dwarf_dieoffset(&origin.dies[i]) &&
				    (at[i] < 0 || !dwarf_hasattr(&own.dies[j], DW_AT_location)))
					at[i] = j;
			}
			missing |= at[i] < 0;
			reordered |= at[i] >= 0 && at[i] < last;
			last = at[i] >= 0 ? at[i] : last;
		}
	}
	text_puts(t, "-");
	if (flag_of(die, DW_AT_external))
		text_puts(t, "x");
	if (own.varargs || (has_origin && origin.varargs))
		text_puts(t, "v");
	from = source_of(die, DW_AT_calling_convention);
	if (dwarf_attr(&from, DW_AT_calling_convention, &attr) && !dwarf_formudata(&attr, &cc) &&
	    cc == DW_CC_nocall)
		text_puts(t, "n");
	if (flag_of(die, DW_AT_prototyped))
		text_puts(t, "p");
	text_puts(t, has_origin ? "o" : "");
	text_puts(t, reordered ? "r" : "");
	text_puts(t, missing ? "m" : "");
	text_puts(t, "\t");
	typed_text(f, t, die);
	text_puts(t, "\t");
	for (size_t i = 0; i < listed->num; i++) {
		Dwarf_Die param = listed->dies[i], named = source_of(param, DW_AT_name);
		const char *name = dwarf_diename(&named);

		text_puts(t, i ? " | " : "");
		text_puts(t, name ? name : "?");
		text_puts(t, " ");
		if (has_origin && has_entry && at[i] >= 0)
			param = own.dies[at[i]];
		if (!has_entry || (has_origin && at[i] < 0))
			text_puts(t, "-");
		else
			location_text(f, t, &param, entry);
		text_puts(t, " ");
		typed_text(f, t, listed->dies[i]);
	}
}

/* start-end, joined by commas; returns the first start, 0 if there is no range. */
static uint64_t ranges_text(struct text *t, Dwarf_Die *die)
{
	Dwarf_Addr base, start, end, entry = 0;
	ptrdiff_t at = 0;

	while ((at = dwarf_ranges(die, at, &base, &start, &end)) > 0) {
		char tmp[48];

		entry = t->len ? entry : start;
		text_add(t, tmp,
			 snprintf(tmp, sizeof(tmp), "%s%llx-%llx", t->len ? "," : "",
				  (unsigned long long)start, (unsigned long long)end));
	}
	return entry;
}

static void take_function(struct funcs *f, Dwarf_Die *die)
{
	Dwarf_Die named = source_of(*die, DW_AT_name);
	const char *name = dwarf_diename(&named);
	struct text *t = &f->r.line, ranges = { 0 };
	unsigned long long off = dwarf_dieoffset(die);
	uint64_t entry;

	if (!name)
		return;
	text_reset(t);
	text_reset(&ranges);
	entry = ranges_text(&ranges, die);
	if (ranges.len) {
		text_puts(t, ranges.buf);
		text_puts(t, "\t");
		function_text(f, t, *die, true, entry);
		printf("C\t%s\t%s\t%u\t%llx\n", name, t->buf, f->r.num_units, off);
	} else {
		text_puts(t, name);
		text_puts(t,
			  dwarf_hasattr(die, DW_AT_declaration) ? "\tdeclared\t" : "\tinline\t");
		function_text(f, t, *die, false, 0);
		strset_add(&f->without_address, t->buf, t->len,
			   (uint64_t)f->r.num_units << 40 | off);
	}
	free(ranges.buf);
}

static void walk(struct funcs *f, Dwarf_Die *parent)
{
	Dwarf_Die child;

	if (dwarf_child(parent, &child))
		return;
	do {
		switch (dwarf_tag(&child)) {
		case DW_TAG_subprogram:
			take_function(f, &child);
			break;
		case DW_TAG_namespace:
			walk(f, &child);
			break;
		}
	} while (!dwarf_siblingof(&child, &child));
}

int main(int argc, char **argv)
{
	static struct funcs f;
	GElf_Ehdr ehdr;
	Dwarf_CU *cu = NULL;
	Dwarf_Die cudie;
	struct text ranges = { 0 };
	const char *names = NULL;
	int opt, rounds = 1;

	while ((opt = getopt(argc, argv, "l:r:")) != -1) {
		if (opt == 'l')
			names = optarg;
		else if (opt == 'r')
			rounds = atoi(optarg);
		else
			return 2;
	}
	if (optind + 1 != argc) {
		fputs("usage: dwarf_funcs [-l NAMES -r ROUNDS] FILE\n", stderr);
		return 2;
	}
	if (names) {
		labels_load(&f.r.labels, names, rounds);
		f.r.labelled = true;
	}
	f.r.dw = dwarf_open(argv[optind], &ehdr);
	f.elf = dwarf_getelf(f.r.dw);
	f.is_relocatable = ehdr.e_type == ET_REL;
	f.r.big_endian = ehdr.e_ident[EI_DATA] == ELFDATA2MSB;
	f.machine = ehdr.e_machine;
	f.address_size = ehdr.e_ident[EI_CLASS] == ELFCLASS64 ? 8 : 4;
	printf("E\t%d\t%d\t%s\n", f.machine, 8 * f.address_size,
	       f.r.big_endian ? "big" : "little");
	if (f.is_relocatable)
		print_sections(f.elf);
	print_symbols(&f);
	while (!dwarf_get_units(f.r.dw, cu, &cu, NULL, NULL, &cudie, NULL)) {
		Dwarf_Attribute attr;
		const char *producer;

		if (dwarf_srclang(&cudie) == DW_LANG_Rust)
			continue;
		unit_begin(&f.r, cu, &cudie, dwarf_dieoffset(&cudie) - dwarf_cuoffset(&cudie));
		producer = dwarf_attr_integrate(&cudie, DW_AT_producer, &attr) ?
				   dwarf_formstring(&attr) :
				   NULL;
		text_reset(&ranges);
		ranges_text(&ranges, &cudie);
		printf("U\t%u\t%d\t%.40s\t%s\t%s\n", f.r.num_units, dwarf_srclang(&cudie),
		       producer ? producer : "?", ranges.buf, f.r.unit_name);
		walk(&f, &cudie);
	}
	for (size_t i = 0; f.without_address.slots && i <= f.without_address.mask; i++) {
		const struct strset_entry *e = &f.without_address.slots[i];

		if (e->str)
			printf("N\t%s\t%u\t%u\t%llx\n", e->str, e->count,
			       (unsigned int)(e->note >> 40),
			       (unsigned long long)(e->note & 0xffffffffffull));
	}
	return fflush(stdout) || ferror(stdout) ? 3 : 0;
}
