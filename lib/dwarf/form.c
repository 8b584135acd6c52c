// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include <stdbool.h>

#include "lib/dwarf/constants.h"
#include "lib/dwarf/form.h"

/* Sizes that the unit's header decides. */
enum {
	SIZE_ADDR = 0xf0,
	SIZE_OFFSET,
	SIZE_REF_ADDR, /* an address in DWARF 2, an offset since DWARF 3 */
};

static const struct form_info forms[] = {
	[DW_FORM_addr] = { FORM_FIXED, ATTR_ADDR, SIZE_ADDR },
	[DW_FORM_block2] = { FORM_BLOCK, ATTR_BLOCK, 2 },
	[DW_FORM_block4] = { FORM_BLOCK, ATTR_BLOCK, 4 },
	[DW_FORM_data2] = { FORM_FIXED, ATTR_UNSIGNED, 2 },
	[DW_FORM_data4] = { FORM_FIXED, ATTR_UNSIGNED, 4 },
	[DW_FORM_data8] = { FORM_FIXED, ATTR_UNSIGNED, 8 },
	[DW_FORM_string] = { FORM_STRING, ATTR_STRING, 0 },
	[DW_FORM_block] = { FORM_BLOCK, ATTR_BLOCK, 0 },
	[DW_FORM_block1] = { FORM_BLOCK, ATTR_BLOCK, 1 },
	[DW_FORM_data1] = { FORM_FIXED, ATTR_UNSIGNED, 1 },
	[DW_FORM_flag] = { FORM_FIXED, ATTR_FLAG, 1 },
	[DW_FORM_sdata] = { FORM_SLEB, ATTR_SIGNED, 0 },
	[DW_FORM_strp] = { FORM_FIXED, ATTR_STR_OFFSET, SIZE_OFFSET },
	[DW_FORM_udata] = { FORM_LEB, ATTR_UNSIGNED, 0 },
	[DW_FORM_ref_addr] = { FORM_FIXED, ATTR_REF_INFO, SIZE_REF_ADDR },
	[DW_FORM_ref1] = { FORM_FIXED, ATTR_REF_UNIT, 1 },
	[DW_FORM_ref2] = { FORM_FIXED, ATTR_REF_UNIT, 2 },
	[DW_FORM_ref4] = { FORM_FIXED, ATTR_REF_UNIT, 4 },
	[DW_FORM_ref8] = { FORM_FIXED, ATTR_REF_UNIT, 8 },
	[DW_FORM_ref_udata] = { FORM_LEB, ATTR_REF_UNIT, 0 },
	[DW_FORM_indirect] = { FORM_INDIRECT, ATTR_NONE, 0 },
	[DW_FORM_sec_offset] = { FORM_FIXED, ATTR_SECTION_OFFSET, SIZE_OFFSET },
	[DW_FORM_exprloc] = { FORM_BLOCK, ATTR_EXPR, 0 },
	[DW_FORM_flag_present] = { FORM_IMPLICIT, ATTR_FLAG, 0 },
	[DW_FORM_strx] = { FORM_LEB, ATTR_STR_INDEX, 0 },
	[DW_FORM_addrx] = { FORM_LEB, ATTR_ADDR_INDEX, 0 },
	[DW_FORM_ref_sup4] = { FORM_FIXED, ATTR_SUPPLEMENTARY, 4 },
	[DW_FORM_strp_sup] = { FORM_FIXED, ATTR_SUPPLEMENTARY, SIZE_OFFSET },
	[DW_FORM_data16] = { FORM_FIXED, ATTR_OTHER, 16 },
	[DW_FORM_line_strp] = { FORM_FIXED, ATTR_LINE_STR_OFFSET, SIZE_OFFSET },
	[DW_FORM_ref_sig8] = { FORM_FIXED, ATTR_REF_SIGNATURE, 8 },
	[DW_FORM_implicit_const] = { FORM_IMPLICIT, ATTR_SIGNED, 0 },
	[DW_FORM_loclistx] = { FORM_LEB, ATTR_LIST_INDEX, 0 },
	[DW_FORM_rnglistx] = { FORM_LEB, ATTR_LIST_INDEX, 0 },
	[DW_FORM_ref_sup8] = { FORM_FIXED, ATTR_SUPPLEMENTARY, 8 },
	[DW_FORM_strx1] = { FORM_FIXED, ATTR_STR_INDEX, 1 },
	[DW_FORM_strx2] = { FORM_FIXED, ATTR_STR_INDEX, 2 },
	[DW_FORM_strx3] = { FORM_FIXED, ATTR_STR_INDEX, 3 },
	[DW_FORM_strx4] = { FORM_FIXED, ATTR_STR_INDEX, 4 },
	[DW_FORM_addrx1] = { FORM_FIXED, ATTR_ADDR_INDEX, 1 },
	[DW_FORM_addrx2] = { FORM_FIXED, ATTR_ADDR_INDEX, 2 },
	[DW_FORM_addrx3] = { FORM_FIXED, ATTR_ADDR_INDEX, 3 },
	[DW_FORM_addrx4] = { FORM_FIXED, ATTR_ADDR_INDEX, 4 },
};

static const struct form_info gnu_addr_index = { FORM_LEB, ATTR_ADDR_INDEX, 0 };
static const struct form_info gnu_str_index = { FORM_LEB, ATTR_STR_INDEX, 0 };
static const struct form_info gnu_alt = { FORM_FIXED, ATTR_SUPPLEMENTARY, SIZE_OFFSET };

struct form_info form_lookup(uint64_t form, const struct dwarf_encoding *encoding)
{
	struct form_info info = {};

	if (form < sizeof(forms) / sizeof(forms[0]))
		info = forms[form];
	else if (form == DW_FORM_GNU_addr_index)
		info = gnu_addr_index;
	else if (form == DW_FORM_GNU_str_index)
		info = gnu_str_index;
	else if (form == DW_FORM_GNU_ref_alt || form == DW_FORM_GNU_strp_alt)
		info = gnu_alt;

	if (info.size == SIZE_ADDR)
		info.size = encoding->addr_size;
	else if (info.size == SIZE_OFFSET)
		info.size = encoding->offset_size;
	else if (info.size == SIZE_REF_ADDR)
		info.size = encoding->version == 2 ? encoding->addr_size : encoding->offset_size;
	return info;
}
