// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * The walk over a unit's DIEs, and short ways for the DIEs that most of a unit consists of.
 *
 * The cursor takes the attributes of any DIE, and one function a kind of DIE looks at all that it
 * may say (dwarf_graph.c). But nine of ten DIEs are members, parameters of function types,
 * enumerators, pointers and qualifiers that consist of a name, a reference and a small constant at
 * fixed places, or DIEs that say nothing about types. When the unit's abbreviations are known, each
 * gets a *plan*: what the DIE is, and where its parts are. A DIE with a plan is read where it
 * stands. Whatever is out of the ordinary, in an abbreviation or in a value, goes the long way,
 * which also has all errors: a short way does exactly what the long one would do, or nothing.
 */
#include "dwarf_body.h"
#include "dwarf_plan.h"
#include "lib/dwarf/constants.h"

static bool plan_value(const struct abbrev_table *table, const struct abbrev_step *step,
		       uint32_t at, struct plan_value *value)
{
	switch ((enum abbrev_op)step->op) {
	case OP_TAKE_U8:
		value->size = 1;
		break;
	case OP_TAKE_U16:
		value->size = 2;
		break;
	case OP_TAKE_U32:
		value->size = 4;
		break;
	case OP_TAKE_U64:
		value->size = 8;
		break;
	case OP_TAKE_IMPLICIT:
		value->constant = (int32_t)table->consts.data[step->arg];
		if (value->constant != table->consts.data[step->arg])
			return false;
		break;
	default:
		return false;
	}
	value->at = at;
	return step->class == ATTR_UNSIGNED || step->class == ATTR_SIGNED;
}

/* Bytes of a step that takes a fixed number of them; false for others. */
static bool step_fixed_size(const struct abbrev_step *step, uint32_t *ret_size)
{
	switch ((enum abbrev_op)step->op) {
	case OP_TAKE_U8:
		*ret_size = 1;
		return true;
	case OP_TAKE_U16:
		*ret_size = 2;
		return true;
	case OP_TAKE_U24:
		*ret_size = 3;
		return true;
	case OP_TAKE_U32:
		*ret_size = 4;
		return true;
	case OP_TAKE_U64:
		*ret_size = 8;
		return true;
	case OP_TAKE_BIG:
		*ret_size = step->arg;
		return true;
	case OP_END:
	case OP_TAKE_IMPLICIT:
		*ret_size = 0;
		return true;
	default:
		return false;
	}
}

static uint8_t kind_of_tag(uint16_t tag)
{
	switch (tag) {
	case DW_TAG_structure_type:
		return GRAPH_STRUCT;
	case DW_TAG_union_type:
		return GRAPH_UNION;
	case DW_TAG_pointer_type:
		return GRAPH_PTR;
	case DW_TAG_const_type:
		return GRAPH_CONST;
	case DW_TAG_volatile_type:
		return GRAPH_VOLATILE;
	case DW_TAG_restrict_type:
		return GRAPH_RESTRICT;
	case DW_TAG_typedef:
		return GRAPH_TYPEDEF;
	default:
		return GRAPH_VOID;
	}
}

#define BIT(slot) (1u << (slot))

/* What a plan needs to know of an abbreviation. */
struct plan_facts {
	uint32_t present; /* slots */
	bool is_fixed;	  /* its DIEs have min_size bytes */
	bool has_parts;	  /* there is a struct skip_plan */
	bool is_known; /* name, type and constants are of the usual forms and in the usual order */
};

static uint8_t choose_plan(const struct abbrev *abbrev, const struct plan_facts *facts,
			   struct die_plan *plan)
{
	const uint32_t bits = BIT(SLOT_DATA_BIT_OFFSET) | BIT(SLOT_BIT_SIZE);
	bool is_leaf = facts->is_known && !abbrev->has_children;
	uint8_t parts = facts->has_parts ? PLAN_PARTS : PLAN_NONE;
	bool is_flat = facts->is_known && facts->is_fixed;
	uint32_t present = facts->present;

	plan->node_kind = kind_of_tag(abbrev->tag);
	if (abbrev->has_children)
		present &= ~BIT(SLOT_SIBLING);
	switch ((enum action)abbrev->action) {
	case ACTION_NONE:
		return facts->is_fixed ? PLAN_SKIP : parts;
	case ACTION_VARIABLE:
		/* A variable whose location is no expression has no address: read_variable(). */
		if (facts->is_fixed || !facts->has_parts)
			return facts->is_fixed ? PLAN_SKIP : PLAN_NONE;
		return PLAN_VARIABLE;
	case ACTION_PARAM:
		if (!facts->is_fixed)
			return facts->has_parts ? PLAN_PARAM_PARTS : PLAN_NONE;
		return is_leaf && present == BIT(SLOT_TYPE) ? PLAN_TYPE_PARAM : PLAN_PARAM;
	case ACTION_MEMBER:
		plan->has_bits = present & bits;
		plan->has_bit_off = present & BIT(SLOT_DATA_BIT_OFFSET);
		present &= ~(bits | BIT(SLOT_MEMBER_LOCATION) | BIT(SLOT_NAME));
		return is_leaf && present == BIT(SLOT_TYPE) ? PLAN_MEMBER : PLAN_NONE;
	case ACTION_ENUMERATOR:
		return is_leaf && present == (BIT(SLOT_NAME) | BIT(SLOT_CONST_VALUE)) &&
				       plan->value.size ?
			       PLAN_ENUMERATOR :
			       PLAN_NONE;
	case ACTION_MODIFIER:
		if (!is_flat || abbrev->has_children || plan->node_kind == GRAPH_VOID)
			return PLAN_NONE;
		present &= ~BIT(SLOT_TYPE);
		return present == (plan->node_kind == GRAPH_TYPEDEF ? BIT(SLOT_NAME) : 0) ?
			       PLAN_MODIFIER :
			       PLAN_NONE;
	case ACTION_STRUCT:
		if (!is_flat || plan->node_kind == GRAPH_VOID)
			return PLAN_NONE;
		if (!abbrev->has_children && present == (BIT(SLOT_NAME) | BIT(SLOT_DECLARATION)))
			return PLAN_FORWARD;
		plan->has_more = present & BIT(SLOT_ALIGNMENT);
		present &= ~(BIT(SLOT_NAME) | BIT(SLOT_ALIGNMENT));
		return abbrev->has_children && present == BIT(SLOT_BYTE_SIZE) ? PLAN_COLLECTOR :
										PLAN_NONE;
	case ACTION_ENUM:
		/* Where an encoding tells the sign, the underlying type does not matter. */
		plan->node_kind = GRAPH_ENUM;
		plan->has_more = true;
		plan->type_at = PLAN_NO_TYPE;
		present &= ~(BIT(SLOT_NAME) | BIT(SLOT_TYPE));
		return is_flat && abbrev->has_children &&
				       present == (BIT(SLOT_BYTE_SIZE) | BIT(SLOT_ENCODING)) ?
			       PLAN_COLLECTOR :
			       PLAN_NONE;
	case ACTION_ARRAY:
		plan->node_kind = GRAPH_ARRAY;
		return is_flat && present == BIT(SLOT_TYPE) ? PLAN_COLLECTOR : PLAN_NONE;
	case ACTION_PROTO:
		plan->node_kind = GRAPH_FUNC_PROTO;
		present &= ~BIT(SLOT_TYPE);
		return is_flat && !present ? PLAN_COLLECTOR : PLAN_NONE;
	case ACTION_SUBRANGE:
		present &= ~BIT(SLOT_TYPE);
		return is_flat && is_leaf && present == BIT(SLOT_UPPER_BOUND) && plan->value.size ?
			       PLAN_DIMENSION :
			       PLAN_NONE;
	default:
		return PLAN_NONE;
	}
}

/* True if the step is of a form and at a place that the short ways can cope with. */
static bool plan_part(const struct abbrev_table *table, const struct abbrev_step *step, uint32_t at,
		      struct die_plan *plan)
{
	switch (step->slot) {
	case SLOT_NAME:
		plan->name_at = at;
		plan->name = step->op == OP_TAKE_STRING ? PLAN_NAME_INLINE : PLAN_NAME_OFFSET;
		return step->op == OP_TAKE_STRING ||
		       (step->op == OP_TAKE_U32 && step->class == ATTR_STR_OFFSET);
	case SLOT_TYPE:
		plan->type_at = at;
		return step->op == OP_TAKE_U32 && step->class == ATTR_REF_UNIT;
	case SLOT_MEMBER_LOCATION:
	case SLOT_CONST_VALUE:
	case SLOT_BYTE_SIZE:
	case SLOT_UPPER_BOUND:
		return plan_value(table, step, at, &plan->value);
	case SLOT_DECLARATION:
		return step->op == OP_TAKE_IMPLICIT && table->consts.data[step->arg];
	case SLOT_DATA_BIT_OFFSET:
	case SLOT_ENCODING:
		return plan_value(table, step, at, &plan->bit_off);
	case SLOT_BIT_SIZE:
	case SLOT_ALIGNMENT:
		return plan_value(table, step, at, &plan->bit_size);
	default:
		return true;
	}
}

/* False if the DIE has more, or other, parts than a skip plan can say. */
static bool plan_skip(const struct abbrev_table *table, const struct abbrev *abbrev,
		      struct skip_plan *skip)
{
	uint32_t at = 0;

	*skip = (struct skip_plan){ .location = NO_PART };
	for (const struct abbrev_step *step = &table->steps.data[abbrev->first_step];; step++) {
		struct skip_part part;
		uint32_t size = 0;

		at += step->skip;
		if (step->op == OP_END)
			break;
		if (step_fixed_size(step, &size)) {
			at += size;
			continue;
		}
		if (step->op == OP_TAKE_BLOCK || step->op == OP_SKIP_BLOCK)
			part.kind = SKIP_BLOCK;
		else if (step->op == OP_TAKE_STRING || step->op == OP_SKIP_STRING)
			part.kind = SKIP_STRING;
		else if (step->op == OP_TAKE_LEB || step->op == OP_TAKE_SLEB ||
			 step->op == OP_SKIP_LEB)
			part.kind = SKIP_LEB;
		else
			return false;
		if (skip->num_parts == MAX_SKIP_PARTS || (part.kind == SKIP_BLOCK && step->arg))
			return false;
		part.skip = at;
		at = 0;
		if (step->op == OP_TAKE_BLOCK && step->slot == SLOT_LOCATION)
			skip->location = skip->num_parts;
		skip->parts[skip->num_parts++] = part;
	}
	skip->rest = at;
	return true;
}

static bool may_have_parts(const struct abbrev *abbrev)
{
	return abbrev->action == ACTION_NONE || abbrev->action == ACTION_VARIABLE ||
	       abbrev->action == ACTION_PARAM;
}

static void plan_abbrev(const struct abbrev_table *table, const struct abbrev *abbrev,
			struct die_plan *plan, struct skip_plan *skip)
{
	struct plan_facts facts = {
		.is_fixed = true,
		.has_parts = may_have_parts(abbrev) && plan_skip(table, abbrev, skip),
		.is_known = true,
	};
	uint32_t at = 0;

	*plan = (struct die_plan){
		.type_at = PLAN_NO_TYPE,
		.tag = abbrev->tag,
		.min_size = abbrev->min_size,
		.has_children = abbrev->has_children,
	};
	for (const struct abbrev_step *step = &table->steps.data[abbrev->first_step];; step++) {
		uint32_t size = 0;

		at += step->skip;
		if (step->op == OP_END)
			break;
		if (!step_fixed_size(step, &size)) {
			facts.is_fixed = false;
			if (facts.has_parts)
				break;
			if (step->op != OP_TAKE_STRING || step->slot != SLOT_NAME)
				return;
		}
		facts.is_known &= plan_part(table, step, at, plan);
		at += size;
		if (step->slot == SLOT_NAME) {
			/* The rest is counted from here. */
			facts.is_known &= !facts.present;
			at = 0;
		}
		facts.present |= BIT(step->slot);
	}
	plan->size = at;
	plan->kind = choose_plan(abbrev, &facts, plan);
}

static struct plain_plan plain_plan_of(const struct die_plan *plan,
				       const struct dwarf_encoding *encoding)
{
	const struct plan_value *value = &plan->value;
	uint64_t name_at = 1 + (uint64_t)plan->name_at, rest = name_at + 4;

	if (plan->kind != PLAN_MEMBER || plan->name != PLAN_NAME_OFFSET || plan->has_bits ||
	    value->size > 2 || value->constant < 0 || value->constant > UINT16_MAX ||
	    rest + plan->size + 2 > PLAIN_ROOM)
		return (struct plain_plan){};
	return (struct plain_plan){
		.is_plain = true,
		.name_at = name_at,
		.type_at = rest + plan->type_at,
		.value_at = rest + value->at,
		.value_shift = value->size == 1 && encoding->big_endian ? 8 : 0,
		.size = rest + plan->size,
		.value_mask = value->size == 2 ? UINT16_MAX :
			      value->size      ? 0xff :
						 0,
		.constant = value->constant,
	};
}

static bool plan_unit(struct dwarf_graph *reader)
{
	const struct abbrev_table *table = &reader->main_table;
	size_t num = table->is_dense ? table->abbrevs.num + 1 : 0;

	if (reader->plans_generation == table->generation)
		return true;
	reader->plans.num = 0;
	if (!vec_reserve(&reader->plans, num) || !vec_reserve(&reader->skip_plans, num) ||
	    !vec_reserve(&reader->plain_plans, NUM_PLAIN_PLANS))
		return false;
	for (size_t i = 1; i < num; i++)
		plan_abbrev(table, &table->abbrevs.data[i - 1], &reader->plans.data[i],
			    &reader->skip_plans.data[i]);
	if (num)
		reader->plans.data[0] = (struct die_plan){ .kind = PLAN_END };
	reader->plans.num = num;
	for (size_t i = 0; i < NUM_PLAIN_PLANS; i++)
		reader->plain_plans.data[i] =
			i < num && i < NUM_SHORT_CODES ?
				plain_plan_of(&reader->plans.data[i], &table->encoding) :
				(struct plain_plan){};
	reader->plans_generation = table->generation;
	return true;
}

/* The walk. */

/* A name of up to SHORT_NAME_SIZE bytes that stands in the DIE; *p moves behind its NUL. */
static bool inline_name(struct dwarf_graph *reader, const uint8_t *end, const uint8_t **p,
			uint32_t *ret_id)
{
	const uint8_t *name = *p;
	struct short_name *slot;
	struct str_id id;
	uint32_t key = 0, size = 0;

	/* The caller knows of one byte. */
	while (name[size]) {
		key |= (uint32_t)name[size] << 8 * size;
		size++;
		if (size > SHORT_NAME_SIZE || end - name <= size)
			return false;
	}
	slot = &reader->short_names[(key * 0x9e3779b1u) >> (32 - SHORT_NAME_BITS)];
	if (!key)
		return false;
	if (slot->key != key) {
		if (dwarf_intern_chars(reader, (const char *)name, size, &id))
			return false;
		*slot = (struct short_name){ key, id.v };
	}
	*p = name + size + 1;
	*ret_id = slot->id;
	return !(slot->id & UNWRITABLE);
}

/*
 * The name of a DIE with a plan, 0 if it has none; *p moves behind it. False: the long way.
 */
static inline bool plan_name(const struct walk *walk, const struct die_plan *plan,
			     const uint8_t **p, uint32_t *ret_id)
{
	const struct string_slot *recent;
	uint32_t off;

	*ret_id = 0;
	if (plan->name == PLAN_NAME_NONE)
		return true;
	*p += plan->name_at;
	if (plan->name == PLAN_NAME_INLINE)
		return inline_name(walk->reader, walk->end, p, ret_id) &&
		       (size_t)(walk->end - *p) >= plan->size;
	off = load_u32(*p, walk->swap);
	*p += 4;
	recent = string_cache_recent(&walk->reader->strings, off);
	if (recent->off == off && recent->id) {
		*ret_id = recent->id;
		return !(*ret_id & UNWRITABLE);
	}
	return dwarf_intern_offset(walk->reader, off, ret_id) && !(*ret_id & UNWRITABLE);
}

/* The raw reference to a DIE of the unit; false if it leads elsewhere. */
static inline bool plan_type(const struct walk *walk, const struct die_plan *plan, const uint8_t *p,
			     uint32_t *ret_raw)
{
	uint32_t raw = load_u32(p + plan->type_at, walk->swap);

	*ret_raw = raw;
	return raw >= walk->first_ref && raw < walk->end_ref;
}

/* A member with a plan; *p moves behind it. False: the long way. */
static inline bool plan_member(const struct walk *walk, const struct die_plan *plan,
			       const uint8_t **p, struct graph_elem *ret_member)
{
	int64_t bit_off, bit_size = 0;
	struct str_id name;
	uint32_t raw_type;

	if (!plan_name(walk, plan, p, &name.v) || !plan_type(walk, plan, *p, &raw_type))
		return false;
	bit_off = value_at(walk, &plan->value, *p);
	if (bit_off < 0 || bit_off > UINT32_MAX / 8)
		return false;
	bit_off *= 8;
	if (plan->has_bits) {
		bit_size = value_at(walk, &plan->bit_size, *p);
		if (plan->has_bit_off)
			bit_off = value_at(walk, &plan->bit_off, *p);
		if (bit_size < 0 || bit_size > 128 || bit_off < 0 || bit_off > UINT32_MAX)
			return false;
	}
	*p += plan->size;
	*ret_member = (struct graph_elem){
		.name = name,
		.ref = { raw_type },
		.value = bit_off,
		.bit_size = bit_size,
	};
	return true;
}

/* Members of the struct at hand, as long as they come with a plan. False when memory is out. */
static bool walk_members(struct walk *walk)
{
	const struct walk unit = *walk;
	struct dwarf_graph *reader = unit.reader;
	const uint8_t *p = unit.cursor.p, *done = p;
	size_t num = reader->pending.num;
	const struct die_plan *plan;
	bool ok = true;

	while ((plan = plan_at(&unit, &p)) && plan->kind == PLAN_MEMBER) {
		ok = vec_reserve(&reader->pending, num + 1);
		if (!ok || !plan_member(&unit, plan, &p, &reader->pending.data[num]))
			break;
		num++;
		done = p;
	}
	walk->num_dies += num - reader->pending.num;
	walk->cursor.p = done;
	reader->pending.num = num;
	return ok;
}

static bool walk_enumerators(struct walk *walk)
{
	struct dwarf_graph *reader = walk->reader;
	const struct die_plan *plan;
	const uint8_t *p = walk->cursor.p;

	while ((plan = plan_at(walk, &p)) && plan->kind == PLAN_ENUMERATOR) {
		struct graph_elem elem = { .bit_size = 8 * plan->value.size };

		if (!plan_name(walk, plan, &p, &elem.name.v) || !elem.name.v)
			break;
		elem.value = value_at(walk, &plan->value, p);
		if (!vec_push(&reader->pending, elem))
			return false;
		walk->num_dies++;
		p += plan->size;
		walk->cursor.p = p;
	}
	return true;
}

/* Parameters of a function type. */
static bool walk_params(struct walk *walk)
{
	struct dwarf_graph *reader = walk->reader;
	const struct die_plan *plan;
	const uint8_t *p = walk->cursor.p;

	while ((plan = plan_at(walk, &p)) && plan->kind == PLAN_TYPE_PARAM) {
		struct graph_elem param = {};

		if (!plan_type(walk, plan, p, &param.ref.v))
			break;
		if (!vec_push(&reader->pending, param))
			return false;
		walk->num_dies++;
		p += plan->size;
		walk->cursor.p = p;
	}
	return true;
}

/* What stood below the walk's depth has ended. */
static inline void forget_leaf(const struct walk *walk)
{
	if (walk->reader->leaf.depth > walk->depth)
		walk->reader->leaf.depth = 0;
}

static bool walk_elements(struct walk *walk, uint8_t kind)
{
	return kind == GRAPH_ENUM ? walk_enumerators(walk) : walk_members(walk);
}

/* The elements of a type whose head was just read. */
static bool walk_body(struct walk *walk, const struct collector *collector)
{
	struct dwarf_graph *reader = walk->reader;
	struct graph_node *node = &reader->graph.nodes.data[collector->node];
	const uint8_t *start = walk->cursor.p;

	if (!collector->has_no_body && body_take(walk, node, &walk->cursor.p)) {
		reader->collectors.num--;
		walk->depth--;
		forget_leaf(walk);
		return true;
	}
	if (!walk_elements(walk, collector->kind))
		return false;
	if (walk->cursor.p < walk->end && !*walk->cursor.p)
		body_remember(walk, start);
	return true;
}

/*
 * What an open collector collects, if that comes next; stops at the first DIE without a plan. False
 * when memory is out.
 */
static inline bool walk_collected(struct walk *walk)
{
	const struct dwarf_graph *reader = walk->reader;
	struct collector *top;
	bool has_begun;

	if (!reader->collectors.num)
		return true;
	top = &reader->collectors.data[reader->collectors.num - 1];
	if (top->depth != walk->depth)
		return true;
	has_begun = top->has_begun;
	top->has_begun = true;
	switch (top->kind) {
	case GRAPH_STRUCT:
	case GRAPH_UNION:
	case GRAPH_ENUM:
		if (!has_begun && reader->bodies)
			return walk_body(walk, top);
		return walk_elements(walk, top->kind);
	case GRAPH_FUNC_PROTO:
		return walk_params(walk);
	default:
		return true;
	}
}

/* The node to be filled in, which is one after keep_node(); NULL without memory. */
static inline struct graph_node *next_node(struct dwarf_graph *reader)
{
	size_t num = reader->graph.nodes.num;

	if (num >= FOREIGN_REF || !vec_reserve(&reader->graph.nodes, num + 1) ||
	    !vec_reserve(&reader->node_off, num + 1))
		return NULL;
	return &reader->graph.nodes.data[num];
}

/* As dwarf_add_type_node(). */
static inline void keep_node(struct walk *walk)
{
	struct dwarf_graph *reader = walk->reader;
	uint32_t off = walk->cursor.p - walk->cursor.section - reader->main.unit->off;
	uint32_t index = reader->graph.nodes.num++;

	if (reader->last_off >> 2 != off >> 2)
		reader->node_by_bucket.data[off >> 2] = index;
	reader->last_off = off;
	reader->node_off.data[reader->node_off.num++] = off;
	reader->stats.num_types++;
	walk->num_dies++;
}

/* Pointers, qualifiers and typedefs. */
static inline bool walk_modifier(struct walk *walk, const struct die_plan *plan, const uint8_t *p)
{
	struct graph_node *node = next_node(walk->reader);

	if (!node)
		return false;
	*node = (struct graph_node){
		.kind = plan->node_kind,
		.key = walk->cursor.p - walk->cursor.section,
	};
	if (!plan_name(walk, plan, &p, &node->name.v) ||
	    (plan->type_at != PLAN_NO_TYPE && !plan_type(walk, plan, p, &node->ref.v)) ||
	    (node->kind == GRAPH_TYPEDEF && !node->name.v))
		return false;
	keep_node(walk);
	walk->cursor.p = p + plan->size;
	return true;
}

/* The number of elements that a dimension gives; false: the long way. */
static inline bool plan_dimension(const struct walk *walk, const struct die_plan *plan,
				  const uint8_t *p, uint32_t *ret_num)
{
	int64_t upper = value_at(walk, &plan->value, p);

	/* -1 stands for an array without an upper bound, see read_subrange(). */
	if (upper == -1 || (plan->value.size == 4 && upper == UINT32_MAX))
		upper = -1;
	else if (upper < 0 || upper >= UINT32_MAX)
		return false;
	*ret_num = upper + 1;
	return true;
}

/* An array's children, if they are one dimension. */
static inline bool take_dimension(struct walk *walk, struct graph_node *node, const uint8_t **p)
{
	const uint8_t *at = *p;
	const struct die_plan *plan = plan_at(walk, &at);
	uint32_t num;

	if (!plan || plan->kind != PLAN_DIMENSION || !plan_dimension(walk, plan, at, &num))
		return false;
	at += plan->size;
	if (at >= walk->end || *at)
		return false;
	node->size = num;
	walk->num_dies++;
	*p = at + 1;
	return true;
}

/* A function type's children, if they are parameters with nothing but a type. */
static bool take_params(struct walk *walk, struct graph_node *node, const uint8_t **p)
{
	struct dwarf_graph *reader = walk->reader;
	size_t first = reader->graph.refs.num, num = first;
	const struct die_plan *plan;
	const uint8_t *at = *p;

	while (at < walk->end && *at) {
		plan = plan_at(walk, &at);
		if (!plan || plan->kind != PLAN_TYPE_PARAM || num - first == MAX_VLEN - 1 ||
		    !vec_reserve(&reader->graph.refs, num + 1) ||
		    !plan_type(walk, plan, at, &reader->graph.refs.data[num].v))
			return false;
		num++;
		at += plan->size;
	}
	if (at >= walk->end || num == first)
		return false;
	node->like = GRAPH_LIKE_BARE;
	node->first_elem = first;
	node->num_elems = num - first;
	reader->graph.refs.num = num;
	walk->num_dies += num - first;
	*p = at + 1;
	return true;
}

static inline bool take_children(struct walk *walk, struct graph_node *node, const uint8_t **p)
{
	switch (node->kind) {
	case GRAPH_ARRAY:
		return take_dimension(walk, node, p);
	case GRAPH_FUNC_PROTO:
		return take_params(walk, node, p);
	default:
		return walk->reader->bodies && body_take(walk, node, p);
	}
}

/* What heads of enums, and of structs that are aligned, say in addition. False: the long way. */
static bool walk_head(struct walk *walk, const struct die_plan *plan, const uint8_t *p,
		      struct graph_node *node)
{
	struct dwarf_graph *reader = walk->reader;

	if (node->kind != GRAPH_ENUM) {
		if (value_at(walk, &plan->bit_size, p) <= reader->main.unit->encoding.addr_size)
			return true;
		node->flags |= GRAPH_IS_ALIGNED;
		reader->has_aligned = true;
		return true;
	}
	switch (value_at(walk, &plan->bit_off, p)) {
	case 0:
		return false;
	case DW_ATE_signed:
	case DW_ATE_signed_char:
		node->flags |= GRAPH_SIGNED;
		break;
	default:
		break;
	}
	return node->size == 1 || node->size == 2 || node->size == 4 || node->size == 8;
}

/* Structs, unions, enums, arrays and function types, whose children follow. */
static inline bool walk_collector(struct walk *walk, const struct die_plan *plan, const uint8_t *p)
{
	struct dwarf_graph *reader = walk->reader;
	struct graph_node *node = next_node(reader);
	int64_t size;

	if (!node || !vec_reserve(&reader->collectors, reader->collectors.num + 1))
		return false;
	*node = (struct graph_node){
		.kind = plan->node_kind,
		.key = walk->cursor.p - walk->cursor.section,
	};
	if (!plan_name(walk, plan, &p, &node->name.v) ||
	    (plan->type_at != PLAN_NO_TYPE && !plan_type(walk, plan, p, &node->ref.v)))
		return false;
	size = value_at(walk, &plan->value, p);
	if (size < 0 || size > UINT32_MAX)
		return false;
	node->size = size;
	if (plan->has_more && !walk_head(walk, plan, p, node))
		return false;
	p += plan->size;
	keep_node(walk);
	if (!plan->has_children || take_children(walk, node, &p)) {
		forget_leaf(walk);
	} else {
		reader->collectors.data[reader->collectors.num++] = (struct collector){
			.node = reader->graph.nodes.num - 1,
			.depth = ++walk->depth,
			.first_pending = reader->pending.num,
			.tag = plan->tag,
			.kind = plan->node_kind,
			.has_no_body = true,
		};
		walk->has_opened = true;
	}
	walk->cursor.p = p;
	return true;
}

static inline bool walk_forward(struct walk *walk, const struct die_plan *plan, const uint8_t *p)
{
	struct graph_node *node = next_node(walk->reader);

	if (!node)
		return false;
	*node = (struct graph_node){
		.kind = plan->node_kind == GRAPH_STRUCT ? GRAPH_FWD_STRUCT : GRAPH_FWD_UNION,
		.key = walk->cursor.p - walk->cursor.section,
	};
	if (!plan_name(walk, plan, &p, &node->name.v) || !node->name.v)
		return false;
	keep_node(walk);
	walk->cursor.p = p + plan->size;
	return true;
}

/* One dimension of several. */
static inline bool walk_dimension(struct walk *walk, const struct die_plan *plan, const uint8_t *p)
{
	struct dwarf_graph *reader = walk->reader;
	uint32_t num;

	if (!plan_dimension(walk, plan, p, &num) ||
	    !dwarf_collector_at(reader, walk->depth, GRAPH_ARRAY) ||
	    !vec_push(&reader->pending, (struct graph_elem){ .value = num }))
		return false;
	walk->num_dies++;
	walk->cursor.p = p + plan->size;
	return true;
}

/* An end of children at which nothing is to be closed. */
static inline bool walk_plain_end(struct walk *walk, const uint8_t *p)
{
	struct dwarf_graph *reader = walk->reader;

	if (!walk->depth ||
	    (reader->collectors.num &&
	     reader->collectors.data[reader->collectors.num - 1].depth >= walk->depth))
		return false;
	walk->depth--;
	forget_leaf(walk);
	walk->cursor.p = p;
	return true;
}

/* A DIE that matters to nobody. */
static inline void walk_over(struct walk *walk, const struct die_plan *plan, const uint8_t *p)
{
	walk->num_dies++;
	walk->depth += plan->has_children;
	walk->cursor.p = p + plan->min_size;
}

/*
 * Where the DIE ends whose attributes begin at @p, and where the expression of its location is. False
 * if it has to go the long way.
 */
static inline bool skip_parts(const struct walk *walk, const struct skip_plan *skip,
			      const uint8_t **p, const uint8_t **ret_location,
			      size_t *ret_location_size)
{
	const uint8_t *at = *p, *end = walk->end;

	for (unsigned int i = 0; i < skip->num_parts; i++) {
		const struct skip_part *part = &skip->parts[i];
		size_t size;

		if ((size_t)(end - at) <= part->skip)
			return false;
		at += part->skip;
		size = *at++;
		switch ((enum skip_kind)part->kind) {
		case SKIP_BLOCK:
			if (size >= 0x80 || (size_t)(end - at) < size)
				return false;
			if (i == skip->location) {
				*ret_location = at;
				*ret_location_size = size;
			}
			at += size;
			break;
		case SKIP_STRING:
			while (size) {
				if (at >= end)
					return false;
				size = *at++;
			}
			break;
		case SKIP_LEB:
			if (size >= 0x80)
				return false;
			break;
		}
	}
	if ((size_t)(end - at) < skip->rest)
		return false;
	*p = at + skip->rest;
	return true;
}

static inline bool walk_parts(struct walk *walk, const struct die_plan *plan, const uint8_t *p)
{
	const uint8_t *location;
	size_t size;

	if (!skip_parts(walk, &walk->skips[plan - walk->plans], &p, &location, &size))
		return false;
	walk->num_dies++;
	walk->depth += plan->has_children;
	walk->cursor.p = p;
	return true;
}

/*
 * A variable that is in a register or on the stack, or at an address that nobody asked for. All that
 * would be looked at before it is given up is its location: read_variable().
 */
static inline bool walk_variable(struct walk *walk, const struct die_plan *plan, const uint8_t *p)
{
	const struct dwarf_graph *reader = walk->reader;
	const uint8_t *location = NULL;
	size_t size = 0;

	if (!skip_parts(walk, &walk->skips[plan - walk->plans], &p, &location, &size))
		return false;
	if (size && !(*location >= DW_OP_reg0 && *location <= DW_OP_fbreg)) {
		uint64_t addr;

		if (*location != DW_OP_addr || size != 9 ||
		    reader->main.unit->encoding.addr_size != 8)
			return false;
		addr = load_u64(location + 1, walk->swap);
		if (addr >= reader->first_var_addr && addr < reader->end_var_addr)
			return false;
	}
	walk->num_dies++;
	walk->depth += plan->has_children;
	walk->cursor.p = p;
	return true;
}

/* False if the DIE at hand has to go the long way. */
static inline bool walk_planned(struct walk *walk)
{
	struct dwarf_graph *reader = walk->reader;
	const uint8_t *p = walk->cursor.p;
	const struct die_plan *plan = plan_at(walk, &p);

	if (!plan)
		return false;
	switch ((enum plan_kind)plan->kind) {
	case PLAN_SKIP:
		walk_over(walk, plan, p);
		return true;
	case PLAN_PARTS:
		return walk_parts(walk, plan, p);
	case PLAN_VARIABLE:
		return walk_variable(walk, plan, p);
	case PLAN_PARAM_PARTS:
		if (dwarf_collector_at(reader, walk->depth, COLLECT_FUNCTION) ||
		    dwarf_collector_at(reader, walk->depth, GRAPH_FUNC_PROTO))
			return false;
		return walk_parts(walk, plan, p);
	case PLAN_PARAM:
	case PLAN_TYPE_PARAM:
		if (dwarf_collector_at(reader, walk->depth, COLLECT_FUNCTION) ||
		    dwarf_collector_at(reader, walk->depth, GRAPH_FUNC_PROTO))
			return false;
		walk_over(walk, plan, p);
		return true;
	case PLAN_MODIFIER:
		return walk_modifier(walk, plan, p);
	case PLAN_COLLECTOR:
		return walk_collector(walk, plan, p);
	case PLAN_FORWARD:
		return walk_forward(walk, plan, p);
	case PLAN_DIMENSION:
		return walk_dimension(walk, plan, p);
	case PLAN_END:
		return walk_plain_end(walk, p);
	default:
		return false;
	}
}

/* An end of children at @off. */
static inline struct btfgen_error *walk_end(struct walk *walk, uint64_t off)
{
	struct dwarf_graph *reader = walk->reader;

	/* Some producers pad a unit with ends of children. */
	if (!walk->depth)
		return NULL;
	walk->depth--;
	forget_leaf(walk);
	return reader->collectors.num ? dwarf_graph_end(reader, walk->depth, off) : NULL;
}

/* One DIE through its attributes; false in *ret_more at the end of the unit. */
static struct btfgen_error *walk_die(struct walk *walk, bool *ret_more)
{
	struct dwarf_graph *reader = walk->reader;
	struct die *die = &reader->die;
	struct btfgen_error *err = NULL;

	*ret_more = cursor_next(&walk->cursor, die);
	if (!*ret_more)
		return cursor_error(&walk->cursor);
	if (!die->abbrev)
		return walk_end(walk, die->off);
	walk->num_dies++;
	if (die->abbrev->action != ACTION_NONE)
		err = dwarf_graph_die(reader, &reader->main, die, walk->depth);
	walk->depth += die->abbrev->has_children;
	return err;
}

struct btfgen_error *dwarf_walk_unit(struct dwarf_graph *reader)
{
	const struct unit_context *context = &reader->main;
	const struct dwarf_unit *unit = context->unit;
	struct walk walk = {
		.reader = reader,
		.end = context->section.data + unit->end_off,
		.first_ref = unit->dies_off - unit->off,
		.end_ref = unit->end_off - unit->off,
		.swap = unit->encoding.swap,
	};
	bool more = true;

	if (!plan_unit(reader))
		return error_nomem();
	walk.plans = reader->plans.data;
	walk.num_plans = reader->plans.num;
	walk.skips = reader->skip_plans.data;
	walk.plain = reader->plain_plans.data;
	walk.plain_end = context->section.data + unit->dies_off;
	if (walk.end - walk.plain_end > PLAIN_ROOM)
		walk.plain_end = walk.end - PLAIN_ROOM;
	cursor_init(&walk.cursor, context->section, unit, context->table, unit->dies_off);
	while (more) {
		if (!walk_planned(&walk)) {
			struct btfgen_error *err = walk_die(&walk, &more);

			if (err)
				return err;
		} else if (!walk.has_opened) {
			continue;
		}
		walk.has_opened = false;
		if (!walk_collected(&walk))
			return error_nomem();
	}
	reader->stats.num_dies += walk.num_dies;
	return dwarf_graph_end(reader, 0, unit->end_off);
}
