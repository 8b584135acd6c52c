// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * Shared by the parts of the DIE reader: dwarf_graph.c (walk, one function a tag), dwarf_attr.c
 * (values of attributes, strings, references), dwarf_resolve.c (references to nodes, types of other
 * units), dwarf_func.c (functions), dwarf_tag.c (annotations).
 *
 * Raw references: while a unit is read, a node's or element's ref holds where the reference leads,
 * not a node: 0 for none, the offset from the unit's header for the unit's own DIEs, or FOREIGN_REF
 * | index into `foreign` for DIEs of other units. dwarf_resolve_refs() turns them all into node
 * indexes.
 */
#pragma once

#include "dwarf_graph.h"
#include "lib/base/vec.h"
#include "lib/dwarf/abbrev.h"
#include "lib/dwarf/cursor.h"

enum slot {
	SLOT_SIBLING = ABBREV_SLOT_SIBLING,
	SLOT_NAME,
	SLOT_BYTE_SIZE,
	SLOT_BIT_OFFSET,
	SLOT_BIT_SIZE,
	SLOT_CONST_VALUE,
	SLOT_LOWER_BOUND,
	SLOT_UPPER_BOUND,
	SLOT_COUNT,
	SLOT_MEMBER_LOCATION,
	SLOT_DATA_BIT_OFFSET,
	SLOT_DECLARATION,
	SLOT_ENCODING,
	SLOT_EXTERNAL,
	SLOT_SPECIFICATION,
	SLOT_ABSTRACT_ORIGIN,
	SLOT_TYPE,
	SLOT_SIGNATURE,
	SLOT_LOCATION,
	SLOT_LANGUAGE,
	SLOT_STR_OFFSETS_BASE,
	SLOT_ADDR_BASE,
	SLOT_DWO_NAME,
	SLOT_LOW_PC,
	SLOT_RANGES,
	SLOT_CALLING_CONVENTION,
	SLOT_PRODUCER,
	SLOT_LOCLISTS_BASE,
	SLOT_RNGLISTS_BASE,
	SLOT_ANNOTATION,
	SLOT_ALIGNMENT,
	NUM_SLOTS
};
_Static_assert((int)NUM_SLOTS <= (int)ABBREV_MAX_SLOTS, "a slot is a bit of die.present");

/* What a DIE is to us. 0 is "nothing", as abbrev.h demands. */
enum action {
	ACTION_NONE,
	ACTION_UNIT,
	ACTION_BASE,
	ACTION_UNSPECIFIED,    /* void */
	ACTION_MODIFIER,       /* pointer, const, ..., typedef: one reference */
	ACTION_ALIAS,	       /* stands for the type it refers to */
	ACTION_DEGRADED_ALIAS, /* the same, and something is lost */
	ACTION_STRUCT,
	ACTION_ENUM,
	ACTION_ARRAY,
	ACTION_PROTO,
	ACTION_OPAQUE,	 /* a type that BTF has no words for */
	ACTION_SUBRANGE, /* a dimension, or a type in its own right */
	ACTION_MEMBER,
	ACTION_INHERITANCE,
	ACTION_ENUMERATOR,
	ACTION_PARAM,
	ACTION_VARARGS,
	ACTION_VARIABLE,
	ACTION_FUNCTION,
	ACTION_ANNOTATION,
	ACTION_UNKNOWN, /* no tag that we know */
	NUM_ACTIONS
};

extern const struct abbrev_wants dwarf_wants;

/* A unit being read, with what its own DIE says about indexes. */
struct unit_context {
	const struct dwarf_unit *unit;
	struct span section;
	const struct abbrev_table *table;
	uint64_t str_offsets_base;
	uint64_t addr_base;
	uint64_t loclists_base;
	uint64_t rnglists_base;
	uint64_t low_pc;
};

#define FOREIGN_REF 0x80000000u

/* A node's flag while refs are raw: this ref is a node index already. */
#define GRAPH_REF_IS_NODE 0x80

/* A GRAPH_LINK node's flag: the function is declared, not defined. */
#define GRAPH_IS_DECLARATION 0x40

/* A type's flag: the source asks for a larger alignment than a register has. */
#define GRAPH_IS_ALIGNED 0x20

/* A struct's flag: its members stood in another order. */
#define GRAPH_IS_SORTED 0x10

/* Members, enumerators or parameters of one type; kernels before 7.x count them in 16 bits. */
enum { MAX_VLEN = 0xffff };

/* A DIE of another unit. */
struct foreign_ref {
	uint64_t off;	   /* in its section */
	uint32_t unit;	   /* index of its unit */
	uint64_t from_off; /* where the reference was seen, for errors */
	uint32_t node;	   /* what it became; 0: not read yet */
};

/* A collector's kind beside those of nodes: a function, with or without a GRAPH_LINK node. */
enum { COLLECT_FUNCTION = NUM_GRAPH_KINDS, NO_FUNC = UINT32_MAX };

/* An open DIE whose children are collected. */
struct collector {
	uint32_t node;
	uint32_t func;		      /* COLLECT_FUNCTION: index into pending_funcs, or NO_FUNC */
	uint32_t first_pending_param; /* of a function */
	uint32_t depth;		      /* of the children */
	uint32_t first_pending;
	uint16_t tag;
	uint8_t kind;
	bool degrade;	      /* something in it cannot be expressed */
	bool has_negative;    /* enumerators */
	bool needs_type_size; /* old-style bitfields without storage size */
	bool has_begun;	      /* the first child was looked at */
	bool has_no_body;     /* its elements were not seen before, or that was not asked */
};

/* An old-style bitfield whose offset depends on the size of its type: DW_AT_bit_offset alone. */
struct late_bitfield {
	uint32_t node; /* of the struct */
	uint32_t elem;
	int64_t bit_offset;
};

/* A struct or enum that takes something from another DIE. */
struct late_name {
	uint32_t node;
	uint32_t raw_ref;
	uint64_t from_off;
};

struct pending_var {
	struct dwarf_var var;
	uint32_t raw_type;
};

/* A parameter as its own DIE has it. */
struct pending_param {
	struct str_id name;
	uint32_t raw_type;
	uint32_t raw_origin;
	uint64_t off;	/* of its DIE, in the section of its unit */
	int32_t number; /* among the function's parameters in the end; -1: it is none of them */
	struct die_attr location;
	bool has_location;
	bool has_constant;
};

/* A function as its own DIE has it. */
struct pending_func {
	struct str_id name;
	uint32_t raw_type;
	uint32_t raw_origin; /* what it is a copy of, or completes */
	bool is_copy;	     /* abstract origin; else a specification */
	uint16_t flags;	     /* enum func_flags */
	uint32_t first_param;
	uint32_t num_params;
	uint64_t addr;
	uint64_t key;
};

/* The DIE whose children may be annotations, the last one of those that are no collectors. */
enum leaf_kind { LEAF_NONE, LEAF_NODE, LEAF_POINTER, LEAF_MEMBER, LEAF_VAR, LEAF_PARAM };

struct leaf {
	uint32_t depth; /* of its children; 0: there is none */
	uint32_t index; /* node, or index into pending_vars or pending_funcs */
	int32_t component;
	uint8_t kind; /* enum leaf_kind */
};

/* With a string's id: the kernel does not take it as a name. */
#define UNWRITABLE 0x80000000u

/*
 * Strings of .debug_str by their offset. A unit uses a few thousand again and again: they are found
 * in a table that fits into the processor's cache and forgets what it has no place for; all that
 * were ever seen are in a larger one.
 */
struct string_slot {
	uint32_t off; /* in .debug_str */
	uint32_t id;  /* of the store, with UNWRITABLE; 0: empty */
};

struct string_cache {
	struct string_slot *recent; /* one slot an offset may be in */
	unsigned int recent_bits;
	struct string_slot *slots; /* open addressing */
	uint32_t num_slots;	   /* power of two */
	uint32_t num;
};

static inline struct string_slot *string_cache_recent(const struct string_cache *cache,
						      uint32_t off)
{
	return &cache->recent[(off * 0x9e3779b1u) >> (32 - cache->recent_bits)];
}

/* A name of up to three bytes that stood in a DIE; the key is its bytes, 0: none yet. */
struct short_name {
	uint32_t key;
	uint32_t id; /* of the store, with UNWRITABLE */
};

enum { SHORT_NAME_BITS = 9, NUM_FOREIGN_TABLES = 128 };

struct die_plan;   /* dwarf_plan.h */
struct plain_plan; /* dwarf_plan.h */
struct skip_plan;  /* dwarf_plan.h */
struct body_table; /* dwarf_body.h */

struct foreign_slot {
	uint64_t key;	/* 2 * offset + in_debug_types, + 2; 0: empty */
	uint32_t index; /* into foreign */
};

struct dwarf_graph {
	const struct dwarf_graph_shared *shared;
	unsigned int worker;
	struct diag_list diags;
	struct dwarf_graph_stats stats;
	uint64_t first_var_addr, end_var_addr; /* around all addresses of variables that matter */

	/* The unit at hand. */
	uint32_t unit_index;
	struct unit_context main;
	struct unit_graph graph;
	const char *unit_name;
	bool has_alias;

	/* Offset in the unit to node: the first node of each run of four bytes. Validated on read.
	 */
	VEC(uint32_t) node_by_bucket;
	VEC(uint32_t) node_off; /* by node: offset from the unit's header, or NO_OFF */
	uint32_t last_off;	/* of the last node with an offset, or NO_OFF */

	VEC(struct graph_elem) pending;
	VEC(struct collector) collectors;
	VEC(struct late_bitfield) late_bitfields;
	VEC(struct late_name) late_names;
	VEC(uint32_t) links; /* nodes that are GRAPH_LINK */
	VEC(struct pending_var) pending_vars;
	VEC(struct dwarf_var) vars;

	VEC(struct pending_param) open_params;	  /* of functions that are not closed yet */
	VEC(struct pending_param) pending_params; /* of those that are */
	VEC(struct pending_param) origin_params;  /* of the origin at hand */
	VEC(struct pending_func) pending_funcs;
	VEC(struct dwarf_func) funcs;
	VEC(struct dwarf_param) params;
	VEC(struct place) places;
	VEC(struct dwarf_tag) pending_tags; /* index: node, pending variable or function */
	VEC(struct dwarf_tag) tags;
	struct leaf leaf;
	uint16_t unit_func_flags; /* what the unit says about all its functions */
	uint64_t origin_budget;	  /* bytes of origins' DIEs that may still be read for this unit */

	VEC(struct foreign_ref) foreign;
	struct foreign_slot *foreign_table; /* open addressing, power of two */
	uint32_t foreign_table_size;
	bool reading_foreign; /* nodes made now belong to another unit's DIEs */

	struct abbrev_table main_table;
	VEC(struct die_plan) plans; /* by code of main_table */
	VEC(struct plain_plan) plain_plans;
	VEC(struct skip_plan) skip_plans;
	uint64_t plans_generation; /* of main_table, 0: none */
	struct abbrev_table foreign_tables[NUM_FOREIGN_TABLES];
	struct unit_context foreign_context; /* last one used; unit NULL if none */

	struct body_table *bodies; /* NULL: none */
	struct string_cache strings;
	struct short_name short_names[1 << SHORT_NAME_BITS];
	bool has_aligned; /* some node is GRAPH_IS_ALIGNED */
	bool has_gaps;	  /* a member or element is void, or an enum's sign is open */
	struct die die;
};

enum { NO_OFF = UINT32_MAX };

/* dwarf_attr.c */

struct btfgen_error *dwarf_attr_marked_slow(struct dwarf_graph *reader,
					    const struct unit_context *context,
					    const struct die *die, unsigned int slot,
					    struct str_id *ret_id) BTFGEN_MUST_CHECK;

/* The store's id of a string attribute, with UNWRITABLE; 0 if the DIE does not have it. */
static inline struct btfgen_error *dwarf_attr_marked(struct dwarf_graph *reader,
						     const struct unit_context *context,
						     const struct die *die, unsigned int slot,
						     struct str_id *ret_id)
{
	const struct die_attr *attr = &die->attrs[slot];

	if (!die_has(die, slot)) {
		*ret_id = (struct str_id){ 0 };
		return NULL;
	}
	if (attr->class == ATTR_STR_OFFSET && attr->value <= UINT32_MAX) {
		const struct string_slot *recent =
			string_cache_recent(&reader->strings, attr->value);

		if (recent->off == attr->value && recent->id) {
			ret_id->v = recent->id;
			return NULL;
		}
	}
	return dwarf_attr_marked_slow(reader, context, die, slot, ret_id);
}

/* Any string. */
static inline struct btfgen_error *dwarf_attr_string(struct dwarf_graph *reader,
						     const struct unit_context *context,
						     const struct die *die, unsigned int slot,
						     struct str_id *ret_id)
{
	struct btfgen_error *err = dwarf_attr_marked(reader, context, die, slot, ret_id);

	if (!err)
		ret_id->v &= ~UNWRITABLE;
	return err;
}

struct btfgen_error *dwarf_unwritable_name(struct dwarf_graph *reader, const struct die *die,
					   struct str_id *name) BTFGEN_MUST_CHECK;

/*
 * DW_AT_name of something that BTF names. A name that the kernel refuses is none, from the start:
 * what would be equal without it must not be kept apart by it.
 */
static inline struct btfgen_error *dwarf_attr_name(struct dwarf_graph *reader,
						   const struct unit_context *context,
						   const struct die *die, struct str_id *ret_name)
{
	struct btfgen_error *err = dwarf_attr_marked(reader, context, die, SLOT_NAME, ret_name);

	if (!err && (ret_name->v & UNWRITABLE))
		err = dwarf_unwritable_name(reader, die, ret_name);
	return err;
}

bool dwarf_string_cache_init(struct string_cache *cache, size_t section_size);
void dwarf_string_cache_deinit(struct string_cache *cache);

/* The id of an inline string, with UNWRITABLE. */
struct btfgen_error *dwarf_intern_chars(struct dwarf_graph *reader, const char *chars, size_t size,
					struct str_id *ret_id) BTFGEN_MUST_CHECK;

/* The id of the string at @off of .debug_str, with UNWRITABLE. False if there is none. */
bool dwarf_intern_offset(struct dwarf_graph *reader, uint32_t off, uint32_t *ret_id);

/* The bytes of a string attribute; they end with a NUL inside their section. */
struct btfgen_error *dwarf_attr_chars(const struct dwarf_graph *reader,
				      const struct unit_context *context, const struct die *die,
				      unsigned int slot, const char **ret_chars) BTFGEN_MUST_CHECK;

struct btfgen_error *dwarf_attr_ref_slow(struct dwarf_graph *reader,
					 const struct unit_context *context, const struct die *die,
					 unsigned int slot, uint32_t *ret_raw) BTFGEN_MUST_CHECK;

/* A raw reference; 0 if the DIE does not have the attribute. */
static inline struct btfgen_error *dwarf_attr_ref(struct dwarf_graph *reader,
						  const struct unit_context *context,
						  const struct die *die, unsigned int slot,
						  uint32_t *ret_raw)
{
	const struct die_attr *attr = &die->attrs[slot];
	const struct dwarf_unit *unit = context->unit;

	*ret_raw = 0;
	if (!die_has(die, slot))
		return NULL;
	if (attr->class == ATTR_REF_UNIT && context == &reader->main &&
	    attr->value >= unit->dies_off - unit->off && attr->value < unit->end_off - unit->off) {
		*ret_raw = attr->value;
		return NULL;
	}
	return dwarf_attr_ref_slow(reader, context, die, slot, ret_raw);
}

/* True if the DIE has the attribute as a constant. */
static inline bool dwarf_attr_constant(const struct die *die, unsigned int slot, int64_t *ret_value)
{
	const struct die_attr *attr = &die->attrs[slot];

	if (!die_has(die, slot) || (attr->class != ATTR_UNSIGNED && attr->class != ATTR_SIGNED))
		return false;
	*ret_value = (int64_t)attr->value;
	return true;
}

/* A size in bytes that fits 32 bits; 0 if absent or not constant. LIMIT error if larger. */
struct btfgen_error *dwarf_attr_size(const struct unit_context *context, const struct die *die,
				     uint32_t *ret_size) BTFGEN_MUST_CHECK;

static inline bool dwarf_attr_flag(const struct die *die, unsigned int slot)
{
	return die_has(die, slot) && die->attrs[slot].value;
}

/* The attribute's bytes, for blocks and expressions. False for other classes. */
bool dwarf_attr_bytes(const struct unit_context *context, const struct die *die, unsigned int slot,
		      struct span *ret_bytes);

/* An address, in place or by index. False if the DIE has none. */
bool dwarf_attr_address(const struct dwarf_graph *reader, const struct unit_context *context,
			const struct die *die, unsigned int slot, uint64_t *ret_addr);

/* An entry of .debug_addr. ctx is a struct addr_index_context. */
struct addr_index_context {
	const struct dwarf_graph *reader;
	const struct unit_context *unit;
};
bool dwarf_addr_index(void *ctx, uint64_t index, uint64_t *ret_addr);

/* dwarf_graph.c */

/* Reads the unit's own DIE for what its other DIEs' indexes need. */
struct btfgen_error *unit_context_read(struct unit_context *context,
				       struct die *ret_die) BTFGEN_MUST_CHECK;

/* The node of a type DIE of the main unit, @off bytes from its header. False if there is no room. */
bool dwarf_add_type_node(struct dwarf_graph *reader, uint32_t off, struct graph_node node,
			 uint32_t *ret_node);

/* Annotations below a DIE at depth @depth belong to it, until a DIE at its depth ends. */
static inline void dwarf_leaf_set(struct dwarf_graph *reader, const struct die *die, uint32_t depth,
				  enum leaf_kind kind, uint32_t index, int32_t component)
{
	if (die->abbrev->has_children)
		reader->leaf = (struct leaf){
			.depth = depth + 1,
			.index = index,
			.component = component,
			.kind = kind,
		};
}

/* The collector whose direct child a DIE at @depth is, if it is one of @kind. */
static inline struct collector *dwarf_collector_at(struct dwarf_graph *reader, uint32_t depth,
						   uint8_t kind)
{
	struct collector *top;

	if (!reader->collectors.num)
		return NULL;
	top = &reader->collectors.data[reader->collectors.num - 1];
	return top->depth == depth && top->kind == kind ? top : NULL;
}

/* A node that no DIE stands for: an inner dimension, an opaque type of a member, a tag. */
struct btfgen_error *dwarf_add_extra_node(struct dwarf_graph *reader, uint64_t off,
					  struct graph_node node,
					  uint32_t *ret_node) BTFGEN_MUST_CHECK;

/* Handles one DIE at @depth (of the DIE itself). */
struct btfgen_error *dwarf_graph_die(struct dwarf_graph *reader, const struct unit_context *context,
				     const struct die *die, uint32_t depth) BTFGEN_MUST_CHECK;

/* Ends the collectors whose children ended: the depth is now @depth. */
struct btfgen_error *dwarf_graph_end(struct dwarf_graph *reader, uint32_t depth,
				     uint64_t off) BTFGEN_MUST_CHECK;

/*
 * Judges a struct's members, once all offsets are known: BTF wants ascending offsets, none in
 * unions, and bitfield structs of less than 2 MiB.
 */
struct btfgen_error *dwarf_finish_struct(struct dwarf_graph *reader, uint32_t node,
					 uint16_t tag) BTFGEN_MUST_CHECK;

/* Extends enumerators' values by their sign, once the enum's signedness is known. */
void dwarf_finish_enum(struct dwarf_graph *reader, uint32_t node);

struct btfgen_error *dwarf_diag(struct dwarf_graph *reader, uint32_t kind, uint64_t off,
				struct str_id name, uint64_t value) BTFGEN_MUST_CHECK;

/* A struct of @size bytes without members in place of what @node was. */
struct btfgen_error *dwarf_degrade(struct dwarf_graph *reader, uint32_t node, uint64_t off,
				   uint32_t size, uint64_t tag) BTFGEN_MUST_CHECK;

/* dwarf_walk.c */

/* Reads all DIEs of the main unit. */
struct btfgen_error *dwarf_walk_unit(struct dwarf_graph *reader) BTFGEN_MUST_CHECK;

/* dwarf_resolve.c */

/* Registers a DIE of another unit and returns its raw reference. */
struct btfgen_error *dwarf_foreign_ref(struct dwarf_graph *reader, uint32_t unit, uint64_t off,
				       uint64_t from_off, uint32_t *ret_raw) BTFGEN_MUST_CHECK;

/* The node that a raw reference, seen at @from_off, leads to; 0 is void. */
struct btfgen_error *dwarf_resolve(struct dwarf_graph *reader, uint32_t raw, uint64_t from_off,
				   uint32_t *ret_node) BTFGEN_MUST_CHECK;

/* The unit and the offset in its section that a raw reference leads to. */
struct btfgen_error *dwarf_raw_to_context(struct dwarf_graph *reader, uint32_t raw,
					  const struct unit_context **ret_context,
					  uint64_t *ret_off) BTFGEN_MUST_CHECK;

/*
 * The DIE that a raw reference leads to, at *ret_off of its unit's section. Without an abbreviation
 * if there is none: at the end of children or of the unit.
 */
struct btfgen_error *dwarf_die_at(struct dwarf_graph *reader, uint32_t raw,
				  const struct unit_context **ret_context, struct die *ret_die,
				  uint64_t *ret_off) BTFGEN_MUST_CHECK;

/* All raw references become node indexes; late bitfields and names are settled. */
struct btfgen_error *dwarf_resolve_refs(struct dwarf_graph *reader) BTFGEN_MUST_CHECK;

/* Names and types of variables, through specification and abstract origin. */
struct btfgen_error *dwarf_finish_var(struct dwarf_graph *reader,
				      const struct unit_context *context, const struct die *die,
				      struct pending_var *var) BTFGEN_MUST_CHECK;

/* Context and abbreviations of another unit, kept for the next call. */
struct btfgen_error *
dwarf_foreign_context(struct dwarf_graph *reader, uint32_t unit,
		      const struct unit_context **ret_context) BTFGEN_MUST_CHECK;

/* dwarf_func.c */

struct btfgen_error *dwarf_read_function(struct dwarf_graph *reader,
					 const struct unit_context *context, const struct die *die,
					 uint32_t depth) BTFGEN_MUST_CHECK;
struct btfgen_error *dwarf_read_function_param(struct dwarf_graph *reader,
					       const struct unit_context *context,
					       const struct die *die, uint32_t depth,
					       struct collector *function) BTFGEN_MUST_CHECK;
void dwarf_read_function_varargs(struct dwarf_graph *reader, const struct collector *function);

/* The function's children ended. */
struct btfgen_error *dwarf_close_function(struct dwarf_graph *reader,
					  const struct collector *function) BTFGEN_MUST_CHECK;

/* Pending functions become functions with resolved types, those with a wanted name. */
struct btfgen_error *dwarf_finish_funcs(struct dwarf_graph *reader) BTFGEN_MUST_CHECK;

/* Which parameters have an alignment of their own; all references are nodes by now. */
void dwarf_mark_aligned_params(struct dwarf_graph *reader);

/* dwarf_tag.c */

/* The children's form: a DIE below what it annotates. */
struct btfgen_error *dwarf_read_annotation(struct dwarf_graph *reader,
					   const struct unit_context *context,
					   const struct die *die, uint32_t depth) BTFGEN_MUST_CHECK;

/* A decl tag of one annotation DIE. */
struct btfgen_error *dwarf_add_decl_tag(struct dwarf_graph *reader,
					const struct unit_context *context, const struct die *die,
					struct dwarf_tag tag) BTFGEN_MUST_CHECK;

/* The attribute's form: a chain of annotation DIEs that starts at DW_AT_GNU_annotation. */
struct btfgen_error *dwarf_read_decl_tag_chain(struct dwarf_graph *reader,
					       const struct unit_context *context,
					       const struct die *die,
					       struct dwarf_tag tag) BTFGEN_MUST_CHECK;
struct btfgen_error *dwarf_read_type_tag_chain(struct dwarf_graph *reader,
					       const struct unit_context *context,
					       const struct die *die,
					       uint32_t pointer) BTFGEN_MUST_CHECK;

/* Members of @node changed places, before any other type was begun: new_index[old] tells how. */
void dwarf_move_member_tags(struct dwarf_graph *reader, uint32_t node, const uint32_t *new_index,
			    uint32_t num);
