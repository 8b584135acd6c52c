// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* The walk over a unit's DIEs, one function a kind of DIE. */
#include "dwarf_graph.h"

#include <inttypes.h>
#include <string.h>

#include "dwarf_body.h"
#include "dwarf_graph_internal.h"
#include "encode_diag.h"
#include "lib/dwarf/constants.h"
#include "lib/dwarf/expr.h"

/* What is wanted from the abbreviations. */

static int slot_of_attr(uint64_t attr)
{
	switch (attr) {
	case DW_AT_sibling:
		return SLOT_SIBLING;
	case DW_AT_name:
		return SLOT_NAME;
	case DW_AT_byte_size:
		return SLOT_BYTE_SIZE;
	case DW_AT_bit_offset:
		return SLOT_BIT_OFFSET;
	case DW_AT_bit_size:
		return SLOT_BIT_SIZE;
	case DW_AT_const_value:
		return SLOT_CONST_VALUE;
	case DW_AT_lower_bound:
		return SLOT_LOWER_BOUND;
	case DW_AT_upper_bound:
		return SLOT_UPPER_BOUND;
	case DW_AT_count:
		return SLOT_COUNT;
	case DW_AT_data_member_location:
		return SLOT_MEMBER_LOCATION;
	case DW_AT_data_bit_offset:
		return SLOT_DATA_BIT_OFFSET;
	case DW_AT_declaration:
		return SLOT_DECLARATION;
	case DW_AT_encoding:
		return SLOT_ENCODING;
	case DW_AT_external:
		return SLOT_EXTERNAL;
	case DW_AT_specification:
		return SLOT_SPECIFICATION;
	case DW_AT_abstract_origin:
		return SLOT_ABSTRACT_ORIGIN;
	case DW_AT_type:
		return SLOT_TYPE;
	case DW_AT_signature:
		return SLOT_SIGNATURE;
	case DW_AT_location:
		return SLOT_LOCATION;
	case DW_AT_language:
		return SLOT_LANGUAGE;
	case DW_AT_str_offsets_base:
		return SLOT_STR_OFFSETS_BASE;
	case DW_AT_addr_base:
	case DW_AT_GNU_addr_base:
		return SLOT_ADDR_BASE;
	case DW_AT_dwo_name:
	case DW_AT_GNU_dwo_name:
		return SLOT_DWO_NAME;
	case DW_AT_low_pc:
		return SLOT_LOW_PC;
	case DW_AT_ranges:
		return SLOT_RANGES;
	case DW_AT_calling_convention:
		return SLOT_CALLING_CONVENTION;
	case DW_AT_producer:
		return SLOT_PRODUCER;
	case DW_AT_loclists_base:
		return SLOT_LOCLISTS_BASE;
	case DW_AT_rnglists_base:
		return SLOT_RNGLISTS_BASE;
	case DW_AT_GNU_annotation:
		return SLOT_ANNOTATION;
	case DW_AT_alignment:
		return SLOT_ALIGNMENT;
	default:
		return -1;
	}
}

/* Tags that say nothing about types: those of DWARF 5, and the extensions that compilers emit. */
static bool is_known_tag(uint64_t tag)
{
	static const struct {
		uint16_t first;
		uint16_t last;
	} ranges[] = {
		{ 0x0001, 0x004b }, /* DWARF 5, table 7.3 */
		{ 0x4081, 0x4081 }, /* MIPS loop */
		{ 0x4101, 0x410a }, /* GNU and SunPro */
		{ 0x4201, 0x422f }, /* SunPro, Apple */
		{ 0x8765, 0x8767 }, /* Unified Parallel C */
	};

	for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
		if (tag >= ranges[i].first && tag <= ranges[i].last)
			return true;
	}
	return false;
}

static uint8_t action_of_tag(uint64_t tag)
{
	switch (tag) {
	case DW_TAG_compile_unit:
	case DW_TAG_partial_unit:
	case DW_TAG_type_unit:
	case DW_TAG_skeleton_unit:
		return ACTION_UNIT;
	case DW_TAG_base_type:
		return ACTION_BASE;
	case DW_TAG_unspecified_type:
		return ACTION_UNSPECIFIED;
	case DW_TAG_pointer_type:
	case DW_TAG_const_type:
	case DW_TAG_volatile_type:
	case DW_TAG_restrict_type:
	case DW_TAG_typedef:
	case DW_TAG_reference_type:
	case DW_TAG_rvalue_reference_type:
		return ACTION_MODIFIER;
	case DW_TAG_template_alias:
		return ACTION_ALIAS;
	case DW_TAG_atomic_type:
	case DW_TAG_packed_type:
	case DW_TAG_shared_type:
	case DW_TAG_immutable_type:
		return ACTION_DEGRADED_ALIAS;
	case DW_TAG_structure_type:
	case DW_TAG_class_type:
	case DW_TAG_union_type:
	case DW_TAG_interface_type:
		return ACTION_STRUCT;
	case DW_TAG_enumeration_type:
		return ACTION_ENUM;
	case DW_TAG_array_type:
		return ACTION_ARRAY;
	case DW_TAG_subroutine_type:
		return ACTION_PROTO;
	case DW_TAG_string_type:
	case DW_TAG_ptr_to_member_type:
	case DW_TAG_set_type:
	case DW_TAG_file_type:
	case DW_TAG_coarray_type:
	case DW_TAG_dynamic_type:
		return ACTION_OPAQUE;
	case DW_TAG_subrange_type:
		return ACTION_SUBRANGE;
	case DW_TAG_member:
		return ACTION_MEMBER;
	case DW_TAG_inheritance:
		return ACTION_INHERITANCE;
	case DW_TAG_enumerator:
		return ACTION_ENUMERATOR;
	case DW_TAG_formal_parameter:
		return ACTION_PARAM;
	case DW_TAG_unspecified_parameters:
		return ACTION_VARARGS;
	case DW_TAG_variable:
		return ACTION_VARIABLE;
	case DW_TAG_subprogram:
		return ACTION_FUNCTION;
	case DW_TAG_LLVM_annotation:
	case DW_TAG_GNU_annotation:
		return ACTION_ANNOTATION;
	default:
		return is_known_tag(tag) ? ACTION_NONE : ACTION_UNKNOWN;
	}
}

#define BIT(slot) (1u << (slot))

static uint32_t slots_of_action(uint8_t action)
{
	static const uint32_t slots[NUM_ACTIONS] = {
		[ACTION_UNIT] = BIT(SLOT_NAME) | BIT(SLOT_LANGUAGE) | BIT(SLOT_STR_OFFSETS_BASE) |
				BIT(SLOT_ADDR_BASE) | BIT(SLOT_DWO_NAME) | BIT(SLOT_LOW_PC) |
				BIT(SLOT_PRODUCER) | BIT(SLOT_LOCLISTS_BASE) |
				BIT(SLOT_RNGLISTS_BASE),
		[ACTION_BASE] = BIT(SLOT_NAME) | BIT(SLOT_BYTE_SIZE) | BIT(SLOT_ENCODING) |
				BIT(SLOT_BIT_SIZE),
		[ACTION_MODIFIER] = BIT(SLOT_NAME) | BIT(SLOT_TYPE) | BIT(SLOT_ANNOTATION) |
				    BIT(SLOT_ALIGNMENT),
		[ACTION_ALIAS] = BIT(SLOT_TYPE),
		[ACTION_DEGRADED_ALIAS] = BIT(SLOT_TYPE),
		[ACTION_STRUCT] = BIT(SLOT_NAME) | BIT(SLOT_BYTE_SIZE) | BIT(SLOT_DECLARATION) |
				  BIT(SLOT_SPECIFICATION) | BIT(SLOT_SIGNATURE) |
				  BIT(SLOT_ANNOTATION) | BIT(SLOT_ALIGNMENT),
		[ACTION_ENUM] = BIT(SLOT_NAME) | BIT(SLOT_BYTE_SIZE) | BIT(SLOT_DECLARATION) |
				BIT(SLOT_SPECIFICATION) | BIT(SLOT_SIGNATURE) | BIT(SLOT_ENCODING) |
				BIT(SLOT_TYPE),
		[ACTION_ARRAY] = BIT(SLOT_TYPE) | BIT(SLOT_BYTE_SIZE),
		[ACTION_PROTO] = BIT(SLOT_TYPE),
		[ACTION_OPAQUE] = BIT(SLOT_NAME) | BIT(SLOT_BYTE_SIZE),
		[ACTION_SUBRANGE] = BIT(SLOT_TYPE) | BIT(SLOT_COUNT) | BIT(SLOT_LOWER_BOUND) |
				    BIT(SLOT_UPPER_BOUND),
		[ACTION_MEMBER] = BIT(SLOT_NAME) | BIT(SLOT_TYPE) | BIT(SLOT_MEMBER_LOCATION) |
				  BIT(SLOT_DATA_BIT_OFFSET) | BIT(SLOT_BIT_SIZE) |
				  BIT(SLOT_BIT_OFFSET) | BIT(SLOT_BYTE_SIZE) |
				  BIT(SLOT_DECLARATION) | BIT(SLOT_EXTERNAL) | BIT(SLOT_ANNOTATION),
		[ACTION_INHERITANCE] = BIT(SLOT_TYPE) | BIT(SLOT_MEMBER_LOCATION),
		[ACTION_ENUMERATOR] = BIT(SLOT_NAME) | BIT(SLOT_CONST_VALUE),
		[ACTION_PARAM] = BIT(SLOT_NAME) | BIT(SLOT_TYPE) | BIT(SLOT_ABSTRACT_ORIGIN) |
				 BIT(SLOT_LOCATION) | BIT(SLOT_CONST_VALUE) | BIT(SLOT_ANNOTATION),
		[ACTION_FUNCTION] = BIT(SLOT_NAME) | BIT(SLOT_TYPE) | BIT(SLOT_EXTERNAL) |
				    BIT(SLOT_DECLARATION) | BIT(SLOT_LOW_PC) | BIT(SLOT_RANGES) |
				    BIT(SLOT_CALLING_CONVENTION) | BIT(SLOT_SPECIFICATION) |
				    BIT(SLOT_ABSTRACT_ORIGIN) | BIT(SLOT_ANNOTATION),
		[ACTION_ANNOTATION] = BIT(SLOT_NAME) | BIT(SLOT_CONST_VALUE) | BIT(SLOT_ANNOTATION),
		[ACTION_VARIABLE] = BIT(SLOT_NAME) | BIT(SLOT_TYPE) | BIT(SLOT_LOCATION) |
				    BIT(SLOT_EXTERNAL) | BIT(SLOT_SPECIFICATION) |
				    BIT(SLOT_ABSTRACT_ORIGIN) | BIT(SLOT_DECLARATION) |
				    BIT(SLOT_ANNOTATION),
	};

	return slots[action];
}

const struct abbrev_wants dwarf_wants = {
	.slot = slot_of_attr,
	.action = action_of_tag,
	.slots = slots_of_action,
};

/* Diagnostics and degraded types. */

struct btfgen_error *dwarf_diag(struct dwarf_graph *reader, uint32_t kind, uint64_t off,
				struct str_id name, uint64_t value)
{
	struct diag diag = {
		.kind = kind,
		.unit = reader->unit_index,
		.off = off,
		.name = name.v ? type_store_string(reader->shared->store, name) : NULL,
		.value = value,
	};

	/* A type of another unit is reported where it stands, by its own unit. */
	if (reader->reading_foreign)
		return NULL;
	return diag_add(&reader->diags, diag) ? NULL : error_nomem();
}

struct btfgen_error *dwarf_degrade(struct dwarf_graph *reader, uint32_t node, uint64_t off,
				   uint32_t size, uint64_t tag)
{
	struct graph_node *n = &reader->graph.nodes.data[node];
	struct str_id name = n->name;

	/* What stands in for another kind of type has no name: else it would define `struct name`.
	 */
	if (n->kind != GRAPH_STRUCT)
		n->name.v = 0;
	n->kind = GRAPH_STRUCT;
	n->flags = 0;
	n->encoding = 0;
	n->ref.v = 0;
	n->size = size;
	n->like = 0;
	n->first_elem = 0;
	n->num_elems = 0;
	return dwarf_diag(reader, DIAG_DEGRADED_TYPE, off, name, tag);
}

/* Nodes and the map from offsets to them. */

/* Room for one more node. */
static bool reserve_node(struct dwarf_graph *reader)
{
	return vec_reserve(&reader->graph.nodes, reader->graph.nodes.num + 1) &&
	       vec_reserve(&reader->node_off, reader->node_off.num + 1);
}

/* The same as add_node() for the unit's own DIEs. */
bool dwarf_add_type_node(struct dwarf_graph *reader, uint32_t off, struct graph_node node,
			 uint32_t *ret_node)
{
	uint32_t index = reader->graph.nodes.num;

	if (index >= FOREIGN_REF || !reserve_node(reader))
		return false;
	/* The bucket keeps its first node; stale values are recognised on lookup. */
	if (reader->last_off >> 2 != off >> 2)
		reader->node_by_bucket.data[off >> 2] = index;
	reader->last_off = off;
	reader->graph.nodes.data[reader->graph.nodes.num++] = node;
	reader->node_off.data[reader->node_off.num++] = off;
	reader->stats.num_types++;
	*ret_node = index;
	return true;
}

static struct btfgen_error *add_node(struct dwarf_graph *reader, const struct unit_context *context,
				     const struct die *die, struct graph_node node,
				     uint32_t *ret_node)
{
	if (reader->graph.nodes.num >= FOREIGN_REF)
		return error_create(BTFGEN_ERROR_LIMIT, "more than 2^31 types in one unit");
	/* Behind the unit's own DIEs, in the order in which they came in. */
	if (reader->reading_foreign)
		return dwarf_add_extra_node(reader, die->off, node, ret_node);
	node.key = die->off;
	if (!dwarf_add_type_node(reader, die->off - context->unit->off, node, ret_node))
		return error_nomem();
	return NULL;
}

struct btfgen_error *dwarf_add_extra_node(struct dwarf_graph *reader, uint64_t off,
					  struct graph_node node, uint32_t *ret_node)
{
	uint32_t index = reader->graph.nodes.num;

	node.key = reader->reading_foreign ? reader->main.unit->end_off + index : off;
	if (!graph_add(&reader->graph, node).v || !vec_push(&reader->node_off, NO_OFF))
		return error_nomem();
	*ret_node = index;
	return NULL;
}

static struct btfgen_error *open_collector(struct dwarf_graph *reader, const struct die *die,
					   uint32_t node, uint8_t kind, uint32_t depth)
{
	struct collector collector = {
		.node = node,
		.depth = depth + 1,
		.first_pending = reader->pending.num,
		.tag = die->abbrev->tag,
		.kind = kind,
	};

	return vec_push(&reader->collectors, collector) ? NULL : error_nomem();
}

/* One function a kind of DIE. */

static struct btfgen_error *read_base_type(struct dwarf_graph *reader,
					   const struct unit_context *context,
					   const struct die *die)
{
	struct graph_node node = { .kind = GRAPH_INT };
	bool expressible = true;
	struct btfgen_error *err;
	int64_t encoding = 0;
	uint32_t index = 0;

	err = dwarf_attr_string(reader, context, die, SLOT_NAME, &node.name);
	if (!err)
		err = dwarf_attr_size(context, die, &node.size);
	if (err)
		return err;
	if (!node.size) {
		int64_t bits = 0;

		/* Types that are no whole number of bytes give their size in bits. */
		dwarf_attr_constant(die, SLOT_BIT_SIZE, &bits);
		if (bits > 0 && bits <= 128)
			node.size = (bits + 7) / 8;
	}
	dwarf_attr_constant(die, SLOT_ENCODING, &encoding);
	switch (encoding) {
	case DW_ATE_boolean:
		node.encoding = 4;
		break;
	case DW_ATE_signed:
	case DW_ATE_signed_char:
		node.encoding = 1;
		break;
	case DW_ATE_address:
	case DW_ATE_unsigned:
	case DW_ATE_unsigned_char:
	case DW_ATE_UTF:
		break;
	case DW_ATE_float:
		node.kind = GRAPH_FLOAT;
		expressible = node.size == 2 || node.size == 4 || node.size == 8 ||
			      node.size == 12 || node.size == 16;
		break;
	default:
		expressible = false;
		break;
	}
	if (node.kind == GRAPH_INT && node.size > 16)
		expressible = false;
	err = add_node(reader, context, die, node, &index);
	if (!err && !expressible)
		err = dwarf_degrade(reader, index, die->off, node.size, die->abbrev->tag);
	return err;
}

static struct btfgen_error *read_alias(struct dwarf_graph *reader,
				       const struct unit_context *context, const struct die *die,
				       unsigned int ref_slot)
{
	struct graph_node node = { .kind = GRAPH_ALIAS };
	struct btfgen_error *err = dwarf_attr_ref(reader, context, die, ref_slot, &node.ref.v);
	uint32_t index = 0;

	reader->has_alias = true;
	return err ? err : add_node(reader, context, die, node, &index);
}

/* What the alignment of @node says about passing it by value. */
static void note_alignment(struct dwarf_graph *reader, const struct unit_context *context,
			   const struct die *die, uint32_t node)
{
	int64_t alignment;

	if (!dwarf_attr_constant(die, SLOT_ALIGNMENT, &alignment) ||
	    alignment <= context->unit->encoding.addr_size)
		return;
	reader->graph.nodes.data[node].flags |= GRAPH_IS_ALIGNED;
	reader->has_aligned = true;
}

/* Annotations: type tags of a pointer, decl tags of a typedef. */
static struct btfgen_error *read_modifier_tags(struct dwarf_graph *reader,
					       const struct unit_context *context,
					       const struct die *die, uint32_t depth, uint32_t node)
{
	bool is_pointer = die->abbrev->tag == DW_TAG_pointer_type;
	struct dwarf_tag tag = { .target = DWARF_TAG_TYPE, .index = node, .component = -1 };

	if (!is_pointer && die->abbrev->tag != DW_TAG_typedef)
		return NULL;
	if (!die_has(die, SLOT_ANNOTATION)) {
		dwarf_leaf_set(reader, die, depth, is_pointer ? LEAF_POINTER : LEAF_NODE, node, -1);
		return NULL;
	}
	if (is_pointer)
		return dwarf_read_type_tag_chain(reader, context, die, node);
	dwarf_leaf_set(reader, die, depth, LEAF_NODE, node, -1);
	return dwarf_read_decl_tag_chain(reader, context, die, tag);
}

static struct btfgen_error *read_modifier(struct dwarf_graph *reader,
					  const struct unit_context *context, const struct die *die,
					  uint32_t depth)
{
	struct graph_node node = {};
	struct btfgen_error *err;
	bool degraded = false;
	uint32_t index = 0;

	switch (die->abbrev->tag) {
	case DW_TAG_reference_type:
	case DW_TAG_rvalue_reference_type:
		degraded = true;
		node.kind = GRAPH_PTR;
		break;
	case DW_TAG_pointer_type:
		node.kind = GRAPH_PTR;
		break;
	case DW_TAG_const_type:
		node.kind = GRAPH_CONST;
		break;
	case DW_TAG_volatile_type:
		node.kind = GRAPH_VOLATILE;
		break;
	case DW_TAG_restrict_type:
		node.kind = GRAPH_RESTRICT;
		break;
	default:
		node.kind = GRAPH_TYPEDEF;
		err = dwarf_attr_name(reader, context, die, &node.name);
		if (err)
			return err;
		if (!node.name.v)
			return read_alias(reader, context, die, SLOT_TYPE);
		break;
	}
	err = dwarf_attr_ref(reader, context, die, SLOT_TYPE, &node.ref.v);
	if (!err)
		err = add_node(reader, context, die, node, &index);
	if (!err && degraded)
		err = dwarf_diag(reader, DIAG_DEGRADED_TYPE, die->off, node.name, die->abbrev->tag);
	if (!err && die_has(die, SLOT_ALIGNMENT))
		note_alignment(reader, context, die, index);
	if (!err && (die->abbrev->has_children || die_has(die, SLOT_ANNOTATION)))
		err = read_modifier_tags(reader, context, die, depth, index);
	return err;
}

/* A name that another DIE holds (DW_AT_specification) is fetched when all DIEs are known. */
static struct btfgen_error *note_late_name(struct dwarf_graph *reader,
					   const struct unit_context *context,
					   const struct die *die, uint32_t node)
{
	struct late_name late = { .node = node, .from_off = die->off };
	struct btfgen_error *err;

	if (die_has(die, SLOT_NAME) || !die_has(die, SLOT_SPECIFICATION))
		return NULL;
	err = dwarf_attr_ref(reader, context, die, SLOT_SPECIFICATION, &late.raw_ref);
	if (err)
		return err;
	return vec_push(&reader->late_names, late) ? NULL : error_nomem();
}

static bool is_enum_size(uint32_t size)
{
	return size == 1 || size == 2 || size == 4 || size == 8;
}

/* A declaration: known by its name, or, without a usable one, nothing but an empty type. */
static struct btfgen_error *read_declaration(struct dwarf_graph *reader,
					     const struct unit_context *context,
					     const struct die *die, struct graph_node node)
{
	struct btfgen_error *err;
	uint32_t index = 0;

	if (node.name.v) {
		node.kind = node.kind == GRAPH_STRUCT ? GRAPH_FWD_STRUCT :
			    node.kind == GRAPH_UNION  ? GRAPH_FWD_UNION :
							GRAPH_FWD_ENUM;
		if (node.kind != GRAPH_FWD_ENUM || !is_enum_size(node.size))
			node.size = 0;
		return add_node(reader, context, die, node, &index);
	}
	err = add_node(reader, context, die, node, &index);
	if (err)
		return err;
	return dwarf_degrade(reader, index, die->off, node.size, die->abbrev->tag);
}

static struct btfgen_error *read_struct(struct dwarf_graph *reader,
					const struct unit_context *context, const struct die *die,
					uint32_t depth)
{
	struct graph_node node = { .kind = GRAPH_STRUCT };
	struct btfgen_error *err;
	uint32_t index = 0;

	if (die_has(die, SLOT_SIGNATURE))
		return read_alias(reader, context, die, SLOT_SIGNATURE);
	if (die->abbrev->tag == DW_TAG_union_type)
		node.kind = GRAPH_UNION;
	err = dwarf_attr_name(reader, context, die, &node.name);
	if (!err)
		err = dwarf_attr_size(context, die, &node.size);
	if (err)
		return err;
	if (dwarf_attr_flag(die, SLOT_DECLARATION))
		return read_declaration(reader, context, die, node);
	err = add_node(reader, context, die, node, &index);
	if (!err)
		err = note_late_name(reader, context, die, index);
	if (!err && die_has(die, SLOT_ALIGNMENT))
		note_alignment(reader, context, die, index);
	if (!err && die_has(die, SLOT_ANNOTATION)) {
		struct dwarf_tag tag = {
			.target = DWARF_TAG_TYPE,
			.index = index,
			.component = -1,
		};

		err = dwarf_read_decl_tag_chain(reader, context, die, tag);
	}
	if (!err && die->abbrev->has_children)
		err = open_collector(reader, die, index, node.kind, depth);
	return err;
}

static struct btfgen_error *read_enum(struct dwarf_graph *reader,
				      const struct unit_context *context, const struct die *die,
				      uint32_t depth)
{
	struct graph_node node = { .kind = GRAPH_ENUM };
	struct btfgen_error *err;
	int64_t encoding = 0;
	uint32_t index = 0;

	if (die_has(die, SLOT_SIGNATURE))
		return read_alias(reader, context, die, SLOT_SIGNATURE);
	err = dwarf_attr_name(reader, context, die, &node.name);
	if (!err)
		err = dwarf_attr_size(context, die, &node.size);
	if (err)
		return err;
	if (dwarf_attr_flag(die, SLOT_DECLARATION))
		return read_declaration(reader, context, die, node);
	if (!node.size)
		node.size = 4;
	dwarf_attr_constant(die, SLOT_ENCODING, &encoding);
	if (encoding == DW_ATE_signed || encoding == DW_ATE_signed_char) {
		node.flags |= GRAPH_SIGNED;
	} else if (!encoding) {
		/* Only the underlying type tells; it is looked up when all DIEs are known. */
		err = dwarf_attr_ref(reader, context, die, SLOT_TYPE, &node.ref.v);
		if (err)
			return err;
	}
	err = add_node(reader, context, die, node, &index);
	if (!err)
		err = note_late_name(reader, context, die, index);
	if (!err && !is_enum_size(node.size))
		return dwarf_degrade(reader, index, die->off, node.size, die->abbrev->tag);
	if (!err && die->abbrev->has_children)
		err = open_collector(reader, die, index, GRAPH_ENUM, depth);
	return err;
}

/* An array or a function type: one reference, and children to collect. */
static struct btfgen_error *read_collected(struct dwarf_graph *reader,
					   const struct unit_context *context,
					   const struct die *die, uint32_t depth, uint8_t kind)
{
	struct graph_node node = { .kind = kind };
	struct btfgen_error *err;
	uint32_t index = 0;

	err = dwarf_attr_ref(reader, context, die, SLOT_TYPE, &node.ref.v);
	if (!err)
		err = add_node(reader, context, die, node, &index);
	if (!err && die->abbrev->has_children)
		err = open_collector(reader, die, index, kind, depth);
	return err;
}

static struct btfgen_error *read_opaque(struct dwarf_graph *reader,
					const struct unit_context *context, const struct die *die)
{
	struct graph_node node = { .kind = GRAPH_VOID };
	struct btfgen_error *err;
	uint32_t index = 0;

	err = dwarf_attr_string(reader, context, die, SLOT_NAME, &node.name);
	if (!err)
		err = dwarf_attr_size(context, die, &node.size);
	if (!err && !node.size && die->abbrev->tag == DW_TAG_ptr_to_member_type)
		node.size = context->unit->encoding.addr_size;
	if (!err)
		err = add_node(reader, context, die, node, &index);
	if (!err)
		err = dwarf_degrade(reader, index, die->off, node.size, die->abbrev->tag);
	return err;
}

/*
 * A dimension. The number of elements is the count, or upper - lower + 1; 0 if it is not a constant
 * (flexible and variable-length arrays). An upper bound of -1, in whatever width, is how some
 * compilers write [0].
 */
static struct btfgen_error *read_subrange(struct dwarf_graph *reader,
					  const struct unit_context *context, const struct die *die,
					  uint32_t depth)
{
	struct collector *array = dwarf_collector_at(reader, depth, GRAPH_ARRAY);
	const struct die_attr *upper_attr = &die->attrs[SLOT_UPPER_BOUND];
	int64_t num = 0, upper, lower = 0;

	if (!array)
		return read_alias(reader, context, die, SLOT_TYPE);
	if (dwarf_attr_constant(die, SLOT_UPPER_BOUND, &upper)) {
		bool is_minus_one =
			upper == -1 || (upper_attr->size == 4 && (uint64_t)upper == UINT32_MAX);

		dwarf_attr_constant(die, SLOT_LOWER_BOUND, &lower);
		num = is_minus_one ? 0 : (int64_t)((uint64_t)upper - (uint64_t)lower + 1);
	} else {
		dwarf_attr_constant(die, SLOT_COUNT, &num);
	}
	if (num < 0 || num > UINT32_MAX) {
		array->degrade = true;
		num = 0;
	}
	return vec_push(&reader->pending, (struct graph_elem){ .value = num }) ? NULL :
										 error_nomem();
}

/* Where a member starts, in bits; false if it is neither absent nor a constant. */
static bool member_byte_location(const struct unit_context *context, const struct die *die,
				 int64_t *ret_bytes)
{
	const uint8_t *p, *end;
	struct span expr;
	uint64_t value;

	if (!die_has(die, SLOT_MEMBER_LOCATION)) {
		*ret_bytes = 0;
		return true;
	}
	if (dwarf_attr_constant(die, SLOT_MEMBER_LOCATION, ret_bytes))
		return true;
	/* DWARF 2: an expression that adds a constant to the address of the struct. */
	if (!dwarf_attr_bytes(context, die, SLOT_MEMBER_LOCATION, &expr) || !expr.size)
		return false;
	p = expr.data + 1;
	end = expr.data + expr.size;
	if (expr.data[0] != DW_OP_plus_uconst && expr.data[0] != DW_OP_constu)
		return false;
	if (!leb_read_unsigned(&p, end, &value) || value > INT64_MAX / 8)
		return false;
	if (expr.data[0] == DW_OP_constu ? end - p != 1 || *p != DW_OP_plus : p != end)
		return false;
	*ret_bytes = value;
	return true;
}

static struct btfgen_error *read_member(struct dwarf_graph *reader,
					const struct unit_context *context, const struct die *die,
					uint32_t depth)
{
	struct graph_elem member = {};
	struct collector *parent;
	int64_t bytes, bit_off, bit_size = 0, old_bit_off, storage = 0;
	struct btfgen_error *err;

	parent = dwarf_collector_at(reader, depth, GRAPH_STRUCT);
	if (!parent)
		parent = dwarf_collector_at(reader, depth, GRAPH_UNION);
	if (!parent)
		return NULL;
	/* A static member of C++ has no place in the object. */
	if (dwarf_attr_flag(die, SLOT_DECLARATION) && dwarf_attr_flag(die, SLOT_EXTERNAL))
		return NULL;
	err = dwarf_attr_name(reader, context, die, &member.name);
	if (!err)
		err = dwarf_attr_ref(reader, context, die, SLOT_TYPE, &member.ref.v);
	if (err)
		return err;
	dwarf_attr_constant(die, SLOT_BIT_SIZE, &bit_size);
	if (bit_size < 0 || bit_size > 128) {
		parent->degrade = true;
		return NULL;
	}
	if (!dwarf_attr_constant(die, SLOT_DATA_BIT_OFFSET, &bit_off)) {
		if (!member_byte_location(context, die, &bytes) || bytes < 0 ||
		    bytes > UINT32_MAX) {
			parent->degrade = true;
			return NULL;
		}
		bit_off = bytes * 8;
		if (bit_size && dwarf_attr_constant(die, SLOT_BIT_OFFSET, &old_bit_off)) {
			/*
			 * DWARF 2 and 3: counted from the most significant bit of a storage unit.
			 * The offset may be negative, or larger than the unit, in packed structs.
			 */
			if (old_bit_off < -65536 || old_bit_off > 65536) {
				parent->degrade = true;
				return NULL;
			}
			dwarf_attr_constant(die, SLOT_BYTE_SIZE, &storage);
			if (storage < 0 || storage > 65536) {
				parent->degrade = true;
				return NULL;
			}
			if (context->unit->encoding.big_endian) {
				bit_off += old_bit_off;
			} else if (storage) {
				bit_off += storage * 8 - old_bit_off - bit_size;
			} else {
				struct late_bitfield late = {
					.node = parent->node,
					.elem = reader->pending.num - parent->first_pending,
					.bit_offset = old_bit_off,
				};

				parent->needs_type_size = true;
				if (!vec_push(&reader->late_bitfields, late))
					return error_nomem();
			}
		}
	}
	if ((bit_off < 0 && !parent->needs_type_size) || bit_off > UINT32_MAX) {
		parent->degrade = true;
		return NULL;
	}
	member.value = bit_off;
	member.bit_size = bit_size;
	if (die_has(die, SLOT_ALIGNMENT))
		note_alignment(reader, context, die, parent->node);
	if (die->abbrev->has_children || die_has(die, SLOT_ANNOTATION)) {
		struct dwarf_tag tag = {
			.target = DWARF_TAG_TYPE,
			.index = parent->node,
			.component = reader->pending.num - parent->first_pending,
		};

		dwarf_leaf_set(reader, die, depth, LEAF_MEMBER, tag.index, tag.component);
		err = dwarf_read_decl_tag_chain(reader, context, die, tag);
		if (err)
			return err;
	}
	return vec_push(&reader->pending, member) ? NULL : error_nomem();
}

/* A base class is a member without a name. */
static struct btfgen_error *read_inheritance(struct dwarf_graph *reader,
					     const struct unit_context *context,
					     const struct die *die, uint32_t depth)
{
	struct collector *parent = dwarf_collector_at(reader, depth, GRAPH_STRUCT);
	struct graph_elem member = {};
	struct btfgen_error *err;
	int64_t bytes;

	if (!parent)
		return NULL;
	if (!member_byte_location(context, die, &bytes) || bytes < 0 || bytes > UINT32_MAX / 8) {
		parent->degrade = true;
		return NULL;
	}
	err = dwarf_attr_ref(reader, context, die, SLOT_TYPE, &member.ref.v);
	if (err)
		return err;
	member.value = bytes * 8;
	return vec_push(&reader->pending, member) ? NULL : error_nomem();
}

static struct btfgen_error *read_enumerator(struct dwarf_graph *reader,
					    const struct unit_context *context,
					    const struct die *die, uint32_t depth)
{
	struct collector *parent = dwarf_collector_at(reader, depth, GRAPH_ENUM);
	const struct die_attr *value = &die->attrs[SLOT_CONST_VALUE];
	struct graph_elem elem = {};
	struct btfgen_error *err;

	if (!parent)
		return NULL;
	err = dwarf_attr_name(reader, context, die, &elem.name);
	if (err || !elem.name.v)
		return err;
	if (dwarf_attr_constant(die, SLOT_CONST_VALUE, (int64_t *)&elem.value)) {
		if (value->class == ATTR_SIGNED && (int64_t)elem.value < 0)
			parent->has_negative = true;
		/* data1 to data4 hold the bits of the value, whose sign the enum's type tells. */
		elem.bit_size = value->class == ATTR_UNSIGNED ? value->size * 8 : 0;
	} else {
		parent->degrade = true;
	}
	return vec_push(&reader->pending, elem) ? NULL : error_nomem();
}

static struct btfgen_error *read_param(struct dwarf_graph *reader,
				       const struct unit_context *context, const struct die *die,
				       uint32_t depth)
{
	struct collector *function = dwarf_collector_at(reader, depth, COLLECT_FUNCTION);
	struct graph_elem param = {};
	struct btfgen_error *err;

	if (function)
		return dwarf_read_function_param(reader, context, die, depth, function);
	if (!dwarf_collector_at(reader, depth, GRAPH_FUNC_PROTO))
		return NULL;
	err = dwarf_attr_name(reader, context, die, &param.name);
	if (!err)
		err = dwarf_attr_ref(reader, context, die, SLOT_TYPE, &param.ref.v);
	if (err)
		return err;
	return vec_push(&reader->pending, param) ? NULL : error_nomem();
}

static struct btfgen_error *read_variable(struct dwarf_graph *reader,
					  const struct unit_context *context, const struct die *die,
					  uint32_t depth)
{
	struct dwarf_tag tag = {
		.target = DWARF_TAG_VAR,
		.index = reader->pending_vars.num,
		.component = -1,
	};
	struct addr_index_context addr_context = { reader, context };
	const struct dwarf_graph_shared *shared = reader->shared;
	struct pending_var pending = {};
	struct btfgen_error *err;
	bool in_range = false;
	struct span expr;
	uint64_t addr;

	if (reader->reading_foreign || !shared->num_var_ranges ||
	    !dwarf_attr_bytes(context, die, SLOT_LOCATION, &expr) || !expr.size)
		return NULL;
	switch (expr_static_address(expr, &context->unit->encoding, dwarf_addr_index, &addr_context,
				    &addr)) {
	case EXPR_ADDRESS:
		break;
	case EXPR_NOT_STATIC:
		return NULL;
	case EXPR_DAMAGED:
		return dwarf_diag(reader, DIAG_BAD_LOCATION, die->off, (struct str_id){ 0 }, 0);
	}
	for (size_t i = 0; i < shared->num_var_ranges; i++) {
		if (addr >= shared->var_ranges[i].start && addr < shared->var_ranges[i].end)
			in_range = true;
	}
	if (!in_range)
		return NULL;
	pending.var.addr = addr;
	pending.var.key = die->off;
	err = dwarf_finish_var(reader, context, die, &pending);
	if (!err)
		err = dwarf_read_decl_tag_chain(reader, context, die, tag);
	if (err)
		return err;
	dwarf_leaf_set(reader, die, depth, LEAF_VAR, tag.index, -1);
	return vec_push(&reader->pending_vars, pending) ? NULL : error_nomem();
}

struct btfgen_error *dwarf_graph_die(struct dwarf_graph *reader, const struct unit_context *context,
				     const struct die *die, uint32_t depth)
{
	struct graph_node node = { .kind = GRAPH_ALIAS };
	struct btfgen_error *err;
	struct collector *proto;
	uint32_t index = 0;

	switch ((enum action)die->abbrev->action) {
	case ACTION_NONE:
	case ACTION_UNIT:
	case NUM_ACTIONS:
		return NULL;
	case ACTION_UNKNOWN:
		return dwarf_diag(reader, DIAG_UNKNOWN_TAG, die->off, (struct str_id){ 0 },
				  die->abbrev->tag);
	case ACTION_BASE:
		return read_base_type(reader, context, die);
	case ACTION_UNSPECIFIED:
		reader->has_alias = true;
		return add_node(reader, context, die, node, &index);
	case ACTION_MODIFIER:
		return read_modifier(reader, context, die, depth);
	case ACTION_ALIAS:
		return read_alias(reader, context, die, SLOT_TYPE);
	case ACTION_DEGRADED_ALIAS:
		err = dwarf_diag(reader, DIAG_DEGRADED_TYPE, die->off, (struct str_id){ 0 },
				 die->abbrev->tag);
		return err ? err : read_alias(reader, context, die, SLOT_TYPE);
	case ACTION_STRUCT:
		return read_struct(reader, context, die, depth);
	case ACTION_ENUM:
		return read_enum(reader, context, die, depth);
	case ACTION_ARRAY:
		return read_collected(reader, context, die, depth, GRAPH_ARRAY);
	case ACTION_PROTO:
		return read_collected(reader, context, die, depth, GRAPH_FUNC_PROTO);
	case ACTION_OPAQUE:
		return read_opaque(reader, context, die);
	case ACTION_SUBRANGE:
		return read_subrange(reader, context, die, depth);
	case ACTION_MEMBER:
		return read_member(reader, context, die, depth);
	case ACTION_INHERITANCE:
		return read_inheritance(reader, context, die, depth);
	case ACTION_ENUMERATOR:
		return read_enumerator(reader, context, die, depth);
	case ACTION_PARAM:
		return read_param(reader, context, die, depth);
	case ACTION_VARARGS:
		proto = dwarf_collector_at(reader, depth, GRAPH_FUNC_PROTO);
		if (proto)
			reader->graph.nodes.data[proto->node].flags |= GRAPH_VARARGS;
		proto = dwarf_collector_at(reader, depth, COLLECT_FUNCTION);
		if (proto)
			dwarf_read_function_varargs(reader, proto);
		return NULL;
	case ACTION_FUNCTION:
		return dwarf_read_function(reader, context, die, depth);
	case ACTION_ANNOTATION:
		return dwarf_read_annotation(reader, context, die, depth);
	case ACTION_VARIABLE:
		return read_variable(reader, context, die, depth);
	}
	return NULL;
}

/* Ends of children. */

static struct btfgen_error *close_array(struct dwarf_graph *reader, const struct collector *array,
					uint64_t off)
{
	uint32_t num_dims = reader->pending.num - array->first_pending;
	const struct graph_elem *dims;
	uint32_t outer = array->node;
	uint32_t elem = reader->graph.nodes.data[outer].ref.v;

	if (array->degrade) {
		struct graph_node *node = &reader->graph.nodes.data[outer];

		return dwarf_degrade(reader, outer, node->key, 0, array->tag);
	}
	if (!num_dims)
		return NULL;
	dims = reader->pending.data + array->first_pending;
	reader->graph.nodes.data[outer].size = dims[0].value;
	/* `T a[2][3]` is 2 of (3 of T): a node for each further dimension, outermost first. */
	for (uint32_t i = 1; i < num_dims; i++) {
		struct graph_node node = { .kind = GRAPH_ARRAY, .size = dims[i].value };
		struct btfgen_error *err;
		uint32_t inner = 0;

		err = dwarf_add_extra_node(reader, off, node, &inner);
		if (err)
			return err;
		/* Node indexes are no raw references: marked so that they are not resolved. */
		reader->graph.nodes.data[outer].ref.v = inner;
		reader->graph.nodes.data[outer].flags |= GRAPH_REF_IS_NODE;
		outer = inner;
	}
	reader->graph.nodes.data[outer].ref.v = elem;
	return NULL;
}

struct sort_entry {
	struct graph_elem member;
	uint32_t index; /* keeps the order of equal offsets */
};

static int compare_members(const void *pa, const void *pb)
{
	const struct sort_entry *a = pa, *b = pb;

	if (a->member.value != b->member.value)
		return a->member.value < b->member.value ? -1 : 1;
	return a->index < b->index ? -1 : 1;
}

/* Rust and damaged files may have members in any order. False when memory is out. */
static bool sort_members(struct dwarf_graph *reader, uint32_t node, struct graph_elem *members,
			 uint32_t num)
{
	struct sort_entry *entries = malloc(num * sizeof(*entries));
	uint32_t *new_index = malloc(num * sizeof(*new_index));

	if (!entries || !new_index) {
		free(entries);
		free(new_index);
		return false;
	}
	for (uint32_t i = 0; i < num; i++)
		entries[i] = (struct sort_entry){ members[i], i };
	qsort(entries, num, sizeof(*entries), compare_members);
	for (uint32_t i = 0; i < num; i++) {
		members[i] = entries[i].member;
		new_index[entries[i].index] = i;
	}
	reader->graph.nodes.data[node].flags |= GRAPH_IS_SORTED;
	dwarf_move_member_tags(reader, node, new_index, num);
	free(entries);
	free(new_index);
	return true;
}

struct btfgen_error *dwarf_finish_struct(struct dwarf_graph *reader, uint32_t index, uint16_t tag)
{
	struct graph_node *node = &reader->graph.nodes.data[index];
	bool has_bitfields = false, in_order = true, splits_byte = false;
	uint64_t last = 0, largest = 0;
	struct graph_elem *members;

	if (!node->num_elems)
		return NULL;
	members = reader->graph.elems.data + node->first_elem;
	for (uint32_t i = 0; i < node->num_elems; i++) {
		uint64_t value = members[i].value;

		has_bitfields |= members[i].bit_size != 0;
		splits_byte |= !members[i].bit_size && value % 8;
		in_order &= last <= value;
		largest = value > largest ? value : largest;
		last = value;
	}
	if (node->num_elems > MAX_VLEN || splits_byte || (node->kind == GRAPH_UNION && largest) ||
	    largest > (has_bitfields ? 0xffffff : UINT32_MAX) || (largest + 7) / 8 > node->size)
		return dwarf_degrade(reader, index, node->key, node->size, tag);
	if (has_bitfields)
		node->flags |= GRAPH_BITFIELDS;
	return in_order || sort_members(reader, index, members, node->num_elems) ? NULL :
										   error_nomem();
}

void dwarf_finish_enum(struct dwarf_graph *reader, uint32_t index)
{
	const struct graph_node *node = &reader->graph.nodes.data[index];

	for (uint32_t i = node->first_elem; i < node->first_elem + node->num_elems; i++) {
		struct graph_elem *elem = &reader->graph.elems.data[i];
		unsigned int bits = elem->bit_size;

		if ((node->flags & GRAPH_SIGNED) && bits && bits < 64 && bits == node->size * 8)
			elem->value = (int64_t)(elem->value << (64 - bits)) >> (64 - bits);
		elem->bit_size = 0;
	}
}

static struct btfgen_error *close_enum(struct dwarf_graph *reader,
				       const struct collector *collector)
{
	struct graph_node *node = &reader->graph.nodes.data[collector->node];

	if (node->num_elems > MAX_VLEN)
		return dwarf_degrade(reader, collector->node, node->key, node->size,
				     collector->tag);
	if (collector->has_negative)
		node->flags |= GRAPH_SIGNED;
	/* With a reference to an underlying type, the sign is not known yet. */
	if (!node->ref.v)
		dwarf_finish_enum(reader, collector->node);
	return NULL;
}

static struct btfgen_error *close_collector(struct dwarf_graph *reader, uint64_t off)
{
	struct collector collector = reader->collectors.data[--reader->collectors.num];
	uint32_t num = reader->pending.num - collector.first_pending;
	struct graph_node *node = &reader->graph.nodes.data[collector.node];
	struct btfgen_error *err = NULL;

	if (collector.kind == COLLECT_FUNCTION) {
		err = dwarf_close_function(reader, &collector);
		if (err)
			return err;
		if (!collector.node) {
			reader->pending.num = collector.first_pending;
			return NULL;
		}
	}
	if (collector.kind == GRAPH_ARRAY) {
		err = close_array(reader, &collector, off);
		reader->pending.num = collector.first_pending;
		return err;
	}
	if (!vec_reserve(&reader->graph.elems, reader->graph.elems.num + num))
		return error_nomem();
	if (num)
		memcpy(reader->graph.elems.data + reader->graph.elems.num,
		       reader->pending.data + collector.first_pending,
		       num * sizeof(*reader->pending.data));
	node->first_elem = reader->graph.elems.num;
	node->num_elems = num;
	reader->graph.elems.num += num;
	reader->pending.num = collector.first_pending;
	switch (collector.kind) {
	case GRAPH_STRUCT:
	case GRAPH_UNION:
		if (collector.degrade)
			return dwarf_degrade(reader, collector.node, node->key, node->size,
					     collector.tag);
		/* Offsets that wait for a type's size are judged when that is known. */
		if (!collector.needs_type_size)
			err = dwarf_finish_struct(reader, collector.node, collector.tag);
		return err;
	case GRAPH_ENUM:
		if (collector.degrade)
			return dwarf_degrade(reader, collector.node, node->key, node->size,
					     collector.tag);
		return close_enum(reader, &collector);
	default:
		if (num > MAX_VLEN - 1)
			return dwarf_degrade(reader, collector.node, node->key, 0, collector.tag);
		return NULL;
	}
}

struct btfgen_error *dwarf_graph_end(struct dwarf_graph *reader, uint32_t depth, uint64_t off)
{
	while (reader->collectors.num &&
	       reader->collectors.data[reader->collectors.num - 1].depth > depth) {
		struct btfgen_error *err = close_collector(reader, off);

		if (err)
			return err;
	}
	return NULL;
}

/* A unit. */

struct btfgen_error *unit_context_read(struct unit_context *context, struct die *die)
{
	const struct dwarf_encoding *encoding = &context->unit->encoding;
	struct cursor cursor;

	cursor_init(&cursor, context->section, context->unit, context->table,
		    context->unit->dies_off);
	if (!cursor_next(&cursor, die)) {
		struct btfgen_error *err = cursor_error(&cursor);

		return err ? err :
			     error_create_at(unit_section_name(context->unit), context->unit->off,
					     "unit without a DIE");
	}
	if (!die->abbrev)
		return error_create_at(unit_section_name(context->unit), die->off,
				       "unit begins with an end of children");
	/* Without the attribute, the first table of the section: behind its header in DWARF 5. */
	context->str_offsets_base = encoding->version >= 5 ? 2 * encoding->offset_size : 0;
	context->addr_base = context->str_offsets_base;
	if (die->abbrev->action != ACTION_UNIT)
		return NULL;
	if (die_has(die, SLOT_STR_OFFSETS_BASE))
		context->str_offsets_base = die->attrs[SLOT_STR_OFFSETS_BASE].value;
	if (die_has(die, SLOT_ADDR_BASE))
		context->addr_base = die->attrs[SLOT_ADDR_BASE].value;
	/* Behind the header of the first table: 12 bytes, and 8 more for a 64-bit length. */
	context->loclists_base = encoding->offset_size == 4 ? 12 : 20;
	context->rnglists_base = context->loclists_base;
	if (die_has(die, SLOT_LOCLISTS_BASE))
		context->loclists_base = die->attrs[SLOT_LOCLISTS_BASE].value;
	if (die_has(die, SLOT_RNGLISTS_BASE))
		context->rnglists_base = die->attrs[SLOT_RNGLISTS_BASE].value;
	return NULL;
}

static bool is_excluded_language(const struct dwarf_graph_shared *shared, const struct die *die)
{
	int64_t language;

	if (die->abbrev->action != ACTION_UNIT ||
	    !dwarf_attr_constant(die, SLOT_LANGUAGE, &language))
		return false;
	for (size_t i = 0; i < shared->num_excluded_languages; i++) {
		if (shared->excluded_languages[i] == language)
			return true;
	}
	return false;
}

static struct btfgen_error *start_unit(struct dwarf_graph *reader, uint32_t unit_index)
{
	const struct dwarf_graph_shared *shared = reader->shared;
	const struct dwarf_unit *unit = &shared->units[unit_index];
	size_t num_buckets = (unit->end_off - unit->off) / 4 + 1;

	if (reader->bodies)
		body_table_next_unit(reader->bodies, &reader->graph);
	reader->unit_index = unit_index;
	reader->unit_name = NULL;
	reader->has_alias = false;
	reader->has_gaps = false;
	reader->links.num = 0;
	reader->has_aligned = false;
	reader->reading_foreign = false;
	reader->pending.num = 0;
	reader->collectors.num = 0;
	reader->late_bitfields.num = 0;
	reader->late_names.num = 0;
	reader->pending_vars.num = 0;
	reader->vars.num = 0;
	reader->open_params.num = 0;
	reader->pending_params.num = 0;
	reader->pending_funcs.num = 0;
	reader->funcs.num = 0;
	reader->params.num = 0;
	reader->places.num = 0;
	reader->pending_tags.num = 0;
	reader->tags.num = 0;
	reader->leaf.depth = 0;
	reader->unit_func_flags = 0;
	reader->origin_budget = 64 * (unit->end_off - unit->off) + 65536;
	reader->node_off.num = 0;
	reader->last_off = NO_OFF;
	if (reader->foreign.num) {
		memset(reader->foreign_table, 0,
		       reader->foreign_table_size * sizeof(*reader->foreign_table));
		reader->foreign.num = 0;
	}
	if (reader->node_by_bucket.cap < num_buckets) {
		/* Zeroed once, when it grows; old contents do not matter afterwards. */
		vec_deinit(&reader->node_by_bucket);
		reader->node_by_bucket.data = calloc(num_buckets, sizeof(uint32_t));
		if (!reader->node_by_bucket.data)
			return error_nomem();
		reader->node_by_bucket.cap = num_buckets;
	}
	if (!graph_reset(&reader->graph) || !vec_push(&reader->node_off, NO_OFF))
		return error_nomem();
	reader->main = (struct unit_context){
		.unit = unit,
		.section = unit->in_debug_types ? shared->sections.types : shared->sections.info,
		.table = &reader->main_table,
	};
	return abbrev_table_compile(&reader->main_table, shared->sections.abbrev, unit->abbrev_off,
				    &unit->encoding, &dwarf_wants);
}

/* What the unit says about all its functions, and the base of its addresses. */
static struct btfgen_error *read_unit_attrs(struct dwarf_graph *reader, const struct die *die)
{
	struct unit_context *context = &reader->main;
	const char *producer;
	int64_t language;

	if (die->abbrev->action != ACTION_UNIT)
		return NULL;
	if (dwarf_attr_constant(die, SLOT_LANGUAGE, &language) &&
	    (language == DW_LANG_Mips_Assembler || language == DW_LANG_Assembly))
		reader->unit_func_flags |= FUNC_IN_ASM_UNIT;
	dwarf_attr_address(reader, context, die, SLOT_LOW_PC, &context->low_pc);
	if (die_has(die, SLOT_PRODUCER)) {
		struct btfgen_error *err =
			dwarf_attr_chars(reader, context, die, SLOT_PRODUCER, &producer);

		if (err)
			return err;
		if (strstr(producer, "clang"))
			reader->unit_func_flags |= FUNC_IN_CLANG_UNIT;
	}
	return NULL;
}

static struct btfgen_error *read_unit(struct dwarf_graph *reader, bool *ret_excluded)
{
	struct die *die = &reader->die;
	struct btfgen_error *err;
	const char *dwo_name;

	err = unit_context_read(&reader->main, die);
	if (err)
		return err;
	if (die->abbrev->action == ACTION_UNIT) {
		if (die_has(die, SLOT_NAME)) {
			err = dwarf_attr_chars(reader, &reader->main, die, SLOT_NAME,
					       &reader->unit_name);
			if (err)
				return err;
		}
		if (!die_has(die, SLOT_DWO_NAME) && (reader->main.unit->type == DW_UT_skeleton ||
						     die->abbrev->tag == DW_TAG_skeleton_unit))
			return error_create_at(unit_section_name(reader->main.unit), die->off,
					       "the unit's types are in another file (split "
					       "DWARF), which is not read");
		if (die_has(die, SLOT_DWO_NAME)) {
			err = dwarf_attr_chars(reader, &reader->main, die, SLOT_DWO_NAME,
					       &dwo_name);
			if (err)
				return err;
			return error_create_at(
				unit_section_name(reader->main.unit), die->off,
				"the unit's types are in '%s' (split DWARF), which is not read",
				dwo_name);
		}
	}
	*ret_excluded = is_excluded_language(reader->shared, die);
	if (*ret_excluded)
		return NULL;
	err = read_unit_attrs(reader, die);
	if (err)
		return err;
	err = dwarf_walk_unit(reader);
	return err ? err : dwarf_resolve_refs(reader);
}

struct btfgen_error *dwarf_graph_read(struct dwarf_graph *reader, uint32_t unit_index,
				      struct dwarf_graph_result *ret_result)
{
	struct btfgen_error *err;
	bool excluded = false;

	err = start_unit(reader, unit_index);
	if (!err)
		err = read_unit(reader, &excluded);
	if (err)
		return error_in_unit(err, reader->unit_name);
	*ret_result = (struct dwarf_graph_result){
		.graph = &reader->graph,
		.vars = reader->vars.data,
		.num_vars = reader->vars.num,
		.funcs = reader->funcs.data,
		.num_funcs = reader->funcs.num,
		.params = reader->params.data,
		.places = reader->places.data,
		.tags = reader->tags.data,
		.num_tags = reader->tags.num,
		.unit_name = reader->unit_name,
		.excluded = excluded,
	};
	return NULL;
}

struct btfgen_error *dwarf_graph_create(const struct dwarf_graph_shared *shared,
					unsigned int worker, struct dwarf_graph **ret_reader)
{
	struct dwarf_graph *reader = calloc(1, sizeof(*reader));

	if (!reader)
		return error_nomem();
	reader->shared = shared;
	reader->worker = worker;
	reader->main_table.keeps_known = true;
	reader->first_var_addr = UINT64_MAX;
	for (size_t i = 0; i < shared->num_var_ranges; i++) {
		struct addr_range range = shared->var_ranges[i];

		if (range.start < reader->first_var_addr)
			reader->first_var_addr = range.start;
		if (range.end > reader->end_var_addr)
			reader->end_var_addr = range.end;
	}
	if (!dwarf_string_cache_init(&reader->strings, shared->sections.str.size)) {
		dwarf_graph_destroy(reader);
		return error_nomem();
	}
	/* Offsets of names tell nothing where each unit has strings of its own. */
	if (shared->num_units > 1 && !shared->has_strings_by_unit &&
	    shared->sections.str.size < BODY_MAX_STR_SIZE) {
		reader->bodies = body_table_create();
		if (!reader->bodies) {
			dwarf_graph_destroy(reader);
			return error_nomem();
		}
	}
	*ret_reader = reader;
	return NULL;
}

void dwarf_graph_destroy(struct dwarf_graph *reader)
{
	if (!reader)
		return;
	diag_list_deinit(&reader->diags);
	graph_deinit(&reader->graph);
	vec_deinit(&reader->node_by_bucket);
	vec_deinit(&reader->node_off);
	vec_deinit(&reader->plans);
	vec_deinit(&reader->plain_plans);
	vec_deinit(&reader->skip_plans);
	vec_deinit(&reader->pending);
	vec_deinit(&reader->collectors);
	vec_deinit(&reader->late_bitfields);
	vec_deinit(&reader->late_names);
	vec_deinit(&reader->links);
	vec_deinit(&reader->pending_vars);
	vec_deinit(&reader->vars);
	vec_deinit(&reader->open_params);
	vec_deinit(&reader->pending_params);
	vec_deinit(&reader->origin_params);
	vec_deinit(&reader->pending_funcs);
	vec_deinit(&reader->funcs);
	vec_deinit(&reader->params);
	vec_deinit(&reader->places);
	vec_deinit(&reader->pending_tags);
	vec_deinit(&reader->tags);
	vec_deinit(&reader->foreign);
	free(reader->foreign_table);
	abbrev_table_deinit(&reader->main_table);
	for (unsigned int i = 0; i < NUM_FOREIGN_TABLES; i++)
		abbrev_table_deinit(&reader->foreign_tables[i]);
	dwarf_string_cache_deinit(&reader->strings);
	body_table_destroy(reader->bodies);
	free(reader);
}

struct dwarf_graph_stats dwarf_graph_get_stats(const struct dwarf_graph *reader)
{
	return reader->stats;
}

struct diag_list *dwarf_graph_diags(struct dwarf_graph *reader)
{
	return &reader->diags;
}
