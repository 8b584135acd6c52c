// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * location_check [-e OFF] FILE: are the parameters of each function where libdw says, and are the
 * functions' ranges the same?
 *
 * lib/dwarf/location.h answers for each formal parameter with a location; libdw decodes the same
 * lists and expressions, and the answer must follow from the operations that it lists. Expressions
 * of several operations that are not among those that compilers write for an argument in its place
 * are not judged; a hundredth of all may be of that kind.
 *
 * With -e the answer for OFF bytes behind the function's start is compared with that for the start,
 * which shows whether this program would object.
 *
 * Exit status: 0 all agree, 1 not, 2 usage, 3 the file cannot be read.
 */
#include <dwarf.h>
#include <elfutils/libdw.h>
#include <fcntl.h>
#include <gelf.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/dwarf/location.h"

enum { MAX_SHOWN = 20, NOT_JUDGED = -1 };

struct counts {
	unsigned long params, not_judged, wrong;
	unsigned long ranges, wrong_ranges;
};

struct check {
	struct location_unit unit;
	struct dwarf_encoding encoding;
	Dwarf_Die cu;
	uint64_t shift;
	struct counts counts;
};

/* What libdw's operations say; reg is NOT_JUDGED where any will do. */
struct verdict {
	int kind, reg;
	bool at_entry;
};

__attribute__((noreturn)) static void die(const char *path, const char *what)
{
	fprintf(stderr, "%s: %s\n", path, what);
	exit(3);
}

static struct span section_bytes(Elf *elf, const char *name)
{
	Elf_Scn *scn = NULL;
	size_t names;

	if (elf_getshdrstrndx(elf, &names))
		return (struct span){};
	while ((scn = elf_nextscn(elf, scn))) {
		const char *scn_name;
		Elf_Data *data;
		GElf_Shdr shdr;

		if (!gelf_getshdr(scn, &shdr) ||
		    !(scn_name = elf_strptr(elf, names, shdr.sh_name)) || strcmp(scn_name, name) ||
		    shdr.sh_type == SHT_NOBITS)
			continue;
		if (shdr.sh_flags & SHF_COMPRESSED && elf_compress(scn, 0, 0) < 0)
			continue;
		data = elf_getdata(scn, NULL);
		if (data && data->d_size)
			return (struct span){ data->d_buf, data->d_size };
	}
	return (struct span){};
}

static bool addr_at(void *ctx, uint64_t index, uint64_t *ret_addr)
{
	struct check *check = ctx;
	uint8_t bytes[11] = {}, *p = bytes;
	/* Through libdw, as a made attribute of DW_FORM_addrx. */
	Dwarf_Attribute attr = { .code = DW_AT_low_pc, .form = DW_FORM_addrx, .cu = check->cu.cu };
	Dwarf_Addr addr;

	for (; index >= 0x80; index >>= 7)
		*p++ = index | 0x80;
	*p = index;
	attr.valp = bytes;
	if (dwarf_formaddr(&attr, &addr))
		return false;
	*ret_addr = addr;
	return true;
}

static uint64_t stored_number(const struct check *check, const Dwarf_Attribute *attr, int size)
{
	const uint8_t *p = attr->valp;

	return size == 8 ? load_u64(p, check->encoding.swap) : load_u32(p, check->encoding.swap);
}

/* The attribute as the cursor would give it. */
static struct die_attr attr_of(const struct check *check, Dwarf_Attribute *attr)
{
	struct die_attr result = { .class = ATTR_OTHER };
	const uint8_t *p = attr->valp;
	Dwarf_Block block;

	switch (attr->form) {
	case DW_FORM_loclistx:
	case DW_FORM_rnglistx:
		result.class = ATTR_LIST_INDEX;
		leb_read_unsigned(&p, p + 10, &result.value);
		break;
	case DW_FORM_sec_offset:
		result.class = ATTR_SECTION_OFFSET;
		result.size = check->encoding.offset_size;
		result.value = stored_number(check, attr, result.size);
		break;
	case DW_FORM_data4:
	case DW_FORM_data8:
		result.class = ATTR_UNSIGNED;
		result.size = attr->form == DW_FORM_data8 ? 8 : 4;
		result.value = stored_number(check, attr, result.size);
		break;
	default:
		if (dwarf_formblock(attr, &block))
			break;
		result.class = ATTR_EXPR;
		result.value = block.data - check->unit.section.data;
		result.size = block.length;
	}
	return result;
}

static bool is_value(const Dwarf_Op *ops, size_t num)
{
	return num == 2 && ops[1].atom == DW_OP_stack_value;
}

static int plain_register(const Dwarf_Op *op)
{
	if (op->atom >= DW_OP_reg0 && op->atom <= DW_OP_reg31)
		return op->atom - DW_OP_reg0;
	return op->atom == DW_OP_regx ? (int)op->number : NOT_JUDGED;
}

static struct verdict judge(Dwarf_Attribute *attr, Dwarf_Op *ops, size_t num)
{
	struct verdict verdict = { NOT_JUDGED, NOT_JUDGED, false };
	unsigned int op = num ? ops[0].atom : 0;
	Dwarf_Attribute inner;
	Dwarf_Op *inner_ops;
	size_t num_inner;

	if (!num) {
		verdict.kind = PLACE_NONE;
	} else if (num == 1 && plain_register(ops) >= 0) {
		verdict = (struct verdict){ PLACE_REGISTER, plain_register(ops), false };
	} else if (num == 1 && (op == DW_OP_fbreg || op == DW_OP_call_frame_cfa)) {
		verdict.kind = PLACE_STACK;
	} else if (num == 1 && op >= DW_OP_breg0 && op <= DW_OP_breg31) {
		verdict = (struct verdict){ PLACE_POINTED, op - DW_OP_breg0, false };
	} else if (is_value(ops, num) && op >= DW_OP_breg0 && op <= DW_OP_breg31) {
		verdict.kind = ops[0].number ? PLACE_OTHER : PLACE_REGISTER;
		verdict.reg = ops[0].number ? PLACE_NO_REG : op - DW_OP_breg0;
	} else if (is_value(ops, num) && ((op >= DW_OP_lit0 && op <= DW_OP_lit31) ||
					  (op >= DW_OP_const1u && op <= DW_OP_consts) ||
					  op == DW_OP_addr || op == DW_OP_addrx)) {
		verdict.kind = PLACE_CONSTANT;
	} else if (is_value(ops, num) && (op == DW_OP_entry_value || op == DW_OP_GNU_entry_value)) {
		if (dwarf_getlocation_attr(attr, ops, &inner) ||
		    dwarf_getlocation(&inner, &inner_ops, &num_inner))
			return verdict;
		verdict = judge(&inner, inner_ops, num_inner);
		verdict.at_entry = verdict.kind == PLACE_REGISTER;
	} else if (is_value(ops, num) && op == DW_OP_GNU_parameter_ref) {
		verdict.kind = PLACE_NONE;
	} else if (plain_register(ops) >= 0 && num > 1 && ops[1].atom == DW_OP_piece) {
		/* The first of several, of which the others are not looked at. */
		verdict = (struct verdict){ PLACE_PIECES, plain_register(ops), false };
	}
	return verdict;
}

/* What must come out for a parameter; sets *ret_is_late as well. */
static struct verdict expected(Dwarf_Attribute *attr, uint64_t entry, bool *ret_is_late)
{
	struct verdict here = { NOT_JUDGED, 0, false }, first = here, at_entry = here, verdict;
	bool has_here = false, has_first = false, has_unknown = false;
	Dwarf_Addr base, start, end;
	ptrdiff_t off = 0;
	Dwarf_Op *ops;
	size_t num;

	while ((off = dwarf_getlocations(attr, off, &base, &start, &end, &ops, &num)) > 0) {
		verdict = judge(attr, ops, num);
		has_unknown |= verdict.kind == NOT_JUDGED;
		/* An expression in place, or a default location, has all addresses. */
		if (!has_here && start <= end &&
		    (start == entry || (start < entry && entry < end))) {
			has_here = true;
			here = verdict;
		}
		if (!has_first && num) {
			has_first = true;
			first = verdict;
		}
		if (at_entry.kind == NOT_JUDGED && verdict.at_entry)
			at_entry = verdict;
	}
	*ret_is_late = false;
	if (off < 0)
		return (struct verdict){ NOT_JUDGED, 0, false };
	if (has_here && (here.kind == PLACE_REGISTER || here.kind == PLACE_POINTED ||
			 here.kind == PLACE_PIECES))
		return here;
	/* What is not judged might name a register, or what it held at the entry. */
	if ((has_here && here.kind == NOT_JUDGED) || (has_unknown && at_entry.kind != NOT_JUDGED))
		return (struct verdict){ NOT_JUDGED, 0, false };
	if (at_entry.kind != NOT_JUDGED)
		return at_entry;
	if (has_here)
		return has_unknown ? (struct verdict){ NOT_JUDGED, 0, false } : here;
	*ret_is_late = has_first;
	if (has_unknown)
		return (struct verdict){ NOT_JUDGED, 0, false };
	if (!has_first)
		first.kind = PLACE_NONE;
	return first;
}

static bool agrees(const struct place *place, const struct verdict *verdict, bool is_late)
{
	if (place->kind != verdict->kind || place->is_late != is_late)
		return false;
	switch (place->kind) {
	case PLACE_REGISTER:
	case PLACE_POINTED:
		return place->reg == verdict->reg;
	case PLACE_PIECES:
		return place->num_pieces && place->pieces[0].reg == verdict->reg;
	default:
		return place->reg == PLACE_NO_REG;
	}
}

static void check_param(struct check *check, Dwarf_Die *function, Dwarf_Die *param, uint64_t entry)
{
	struct counts *counts = &check->counts;
	struct verdict verdict;
	Dwarf_Attribute attr;
	struct die_attr ours;
	struct place place;
	bool is_late, ok;

	if (!dwarf_attr(param, DW_AT_location, &attr))
		return;
	counts->params++;
	ours = attr_of(check, &attr);
	verdict = expected(&attr, entry, &is_late);
	ok = location_at_entry(&check->unit, &ours, entry + check->shift, &place);
	if (ok && verdict.kind == NOT_JUDGED) {
		counts->not_judged++;
		return;
	}
	if (ok && agrees(&place, &verdict, is_late))
		return;
	if (counts->wrong++ < MAX_SHOWN)
		printf("parameter 0x%llx of %s at 0x%llx: kind %d register %d late %d%s, expected "
		       "kind %d register %d late %d\n",
		       (unsigned long long)dwarf_dieoffset(param),
		       dwarf_diename(function) ? dwarf_diename(function) : "?",
		       (unsigned long long)entry, place.kind, place.reg, place.is_late,
		       ok ? "" : " (damaged)", verdict.kind, verdict.reg, is_late);
}

static void check_ranges(struct check *check, Dwarf_Die *function)
{
	Dwarf_Addr base, start, end;
	struct range_walk walk;
	Dwarf_Attribute attr;
	struct die_attr ours;
	uint64_t our_start, our_end;
	ptrdiff_t off = 0;
	bool ok;

	if (!dwarf_attr(function, DW_AT_ranges, &attr))
		return;
	check->counts.ranges++;
	ours = attr_of(check, &attr);
	ok = ranges_begin(&check->unit, &ours, &walk);
	while (ok && (off = dwarf_ranges(function, off, &base, &start, &end)) > 0) {
		if (start == end)
			continue;
		ok = ranges_next(&walk, &our_start, &our_end) && our_start == start &&
		     our_end == end;
	}
	ok = ok && !off && !ranges_next(&walk, &our_start, &our_end) && !walk.is_damaged;
	if (!ok && check->counts.wrong_ranges++ < MAX_SHOWN)
		printf("ranges of function 0x%llx differ\n",
		       (unsigned long long)dwarf_dieoffset(function));
}

static bool entry_of(Dwarf_Die *function, uint64_t *ret_entry)
{
	Dwarf_Addr base, start, end;

	if (dwarf_entrypc(function, &start) && dwarf_ranges(function, 0, &base, &start, &end) <= 0)
		return false;
	*ret_entry = start;
	return true;
}

static uint64_t number_of(Dwarf_Die *die, unsigned int at)
{
	Dwarf_Attribute attr;
	Dwarf_Word value;

	return dwarf_attr(die, at, &attr) && !dwarf_formudata(&attr, &value) ? value : 0;
}

static void check_unit(struct check *check, Dwarf_Half version)
{
	uint8_t addr_size, offset_size;
	Dwarf_Die cu, function, param;
	Dwarf_Addr low_pc;
	uint64_t entry;

	if (!dwarf_cu_die(check->cu.cu, &cu, NULL, NULL, &addr_size, &offset_size, NULL, NULL))
		return;
	check->encoding.version = version;
	check->encoding.addr_size = addr_size;
	check->encoding.offset_size = offset_size;
	check->unit.low_pc = dwarf_lowpc(&check->cu, &low_pc) ? 0 : low_pc;
	check->unit.loclists_base = number_of(&check->cu, DW_AT_loclists_base);
	check->unit.rnglists_base = number_of(&check->cu, DW_AT_rnglists_base);
	if (dwarf_child(&check->cu, &function))
		return;
	do {
		if (dwarf_tag(&function) != DW_TAG_subprogram || !entry_of(&function, &entry))
			continue;
		check_ranges(check, &function);
		if (dwarf_child(&function, &param))
			continue;
		do {
			if (dwarf_tag(&param) == DW_TAG_formal_parameter)
				check_param(check, &function, &param, entry);
		} while (!dwarf_siblingof(&param, &param));
	} while (!dwarf_siblingof(&function, &function));
}

int main(int argc, char **argv)
{
	struct check check = { .unit.encoding = &check.encoding };
	struct counts *counts = &check.counts;
	const char *path = argv[argc - 1];
	Dwarf_CU *cu = NULL;
	Dwarf_Half version;
	Dwarf *dwarf;
	char *ident;
	Elf *elf;
	int fd;

	if (argc == 4 && !strcmp(argv[1], "-e")) {
		check.shift = strtoull(argv[2], NULL, 0);
	} else if (argc != 2) {
		fprintf(stderr, "usage: location_check [-e OFF] FILE\n");
		return 2;
	}
	elf_version(EV_CURRENT);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	elf = elf_begin(fd, ELF_C_READ_MMAP_PRIVATE, NULL);
	ident = elf ? elf_getident(elf, NULL) : NULL;
	if (!ident || elf_kind(elf) != ELF_K_ELF)
		die(path, "not an ELF file");
	check.encoding.big_endian = ident[EI_DATA] == ELFDATA2MSB;
	check.encoding.swap = check.encoding.big_endian != HOST_BIG_ENDIAN;
	check.unit.section = section_bytes(elf, ".debug_info");
	check.unit.loc = section_bytes(elf, ".debug_loc");
	check.unit.loclists = section_bytes(elf, ".debug_loclists");
	check.unit.ranges = section_bytes(elf, ".debug_ranges");
	check.unit.rnglists = section_bytes(elf, ".debug_rnglists");
	check.unit.addr_index = addr_at;
	check.unit.addr_ctx = &check;
	dwarf = dwarf_begin_elf(elf, DWARF_C_READ, NULL);
	if (!dwarf)
		die(path, dwarf_errmsg(-1));
	while (dwarf_get_units(dwarf, cu, &cu, &version, NULL, &check.cu, NULL) == 0)
		check_unit(&check, version);
	printf("%lu parameters (%lu not judged), %lu differ; ranges of %lu functions, %lu differ\n",
	       counts->params, counts->not_judged, counts->wrong, counts->ranges,
	       counts->wrong_ranges);
	dwarf_end(dwarf);
	elf_end(elf);
	if (!counts->params)
		die(path, "no parameter has a location");
	if (counts->not_judged > counts->params / 100 + 10)
		printf("too many are not judged\n");
	return counts->wrong || counts->wrong_ranges ||
	       counts->not_judged > counts->params / 100 + 10;
}
