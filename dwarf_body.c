// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "dwarf_body.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/arena.h"
#include "lib/base/hash.h"

/*
 * A name as the DIE has it: an offset in .debug_str below SHORT_NAMES (there are no bodies if the
 * section is larger), or the bytes of a name that stands in the DIE.
 */
#define SHORT_NAMES BODY_MAX_STR_SIZE
#define NO_NAME SHORT_NAMES

struct body_elem {
	uint32_t name;
	uint32_t bits; /* width of a bitfield, 0 for a plain member; bits that hold an enumerator */
	uint32_t value; /* offset in bits, or the enumerator's value */
};

struct body {
	struct body *next;     /* of the same slot */
	struct body *after[2]; /* what followed it, the last two times that it was not the same */

	/* The head. */
	uint32_t hash;
	uint32_t name;
	uint32_t size;
	uint8_t kind;
	uint8_t flags;

	uint8_t final_flags; /* of the node, which its elements had a say in */
	uint32_t class_id;   /* what became of it; 0 if that is not known */
	uint32_t num_elems;
	struct body_elem elems[];
};

/* A type whose body becomes useful once its class is known. */
struct fresh_body {
	struct body *body;
	uint32_t node;
};

struct body_table {
	struct arena arena;
	struct body **slots;
	uint32_t num_slots; /* power of two */
	uint32_t num;
	struct body *last;
	VEC(struct fresh_body) fresh;
	struct body start; /* what the first body of a unit follows; it has no elements */
};

enum {
	FIRST_SLOTS = 1 << 10,
	MAX_ALIKE = 16,		   /* bodies of one head and first element */
	MAX_TABLE_SIZE = 16 << 20, /* bytes of bodies */
};

struct body_table *body_table_create(void)
{
	struct body_table *table = calloc(1, sizeof(*table));

	if (!table)
		return NULL;
	arena_init(&table->arena);
	table->last = &table->start;
	table->num_slots = FIRST_SLOTS;
	table->slots = calloc(table->num_slots, sizeof(*table->slots));
	if (!table->slots) {
		free(table);
		return NULL;
	}
	return table;
}

void body_table_destroy(struct body_table *table)
{
	if (!table)
		return;
	arena_deinit(&table->arena);
	vec_deinit(&table->fresh);
	free(table->slots);
	free(table);
}

void body_table_next_unit(struct body_table *table, const struct unit_graph *graph)
{
	for (size_t i = 0; i < table->fresh.num; i++) {
		struct fresh_body fresh = table->fresh.data[i];
		const struct graph_node *node = &graph->nodes.data[fresh.node];

		/* A type that was changed after it was read is nobody's model. */
		if (node->kind != fresh.body->kind || node->num_elems != fresh.body->num_elems ||
		    node->flags & GRAPH_IS_SORTED)
			continue;
		fresh.body->class_id = type_store_class(graph, (struct node_id){ fresh.node });
		fresh.body->final_flags = node->flags;
	}
	table->fresh.num = 0;
	table->last = &table->start;
}

/* The name in a DIE, *p moves behind it. False if that is not within sight. */
static inline bool read_name(const struct walk *walk, const struct die_plan *plan,
			     const uint8_t **p, uint32_t *ret_name)
{
	const uint8_t *at = *p + plan->name_at;
	uint32_t key = SHORT_NAMES, size = 0;

	if (plan->name == PLAN_NAME_OFFSET) {
		*ret_name = load_u32(at, walk->swap);
		*p = at + 4;
		return true;
	}
	if (plan->name == PLAN_NAME_NONE) {
		*ret_name = NO_NAME;
		return true;
	}
	while (at[size]) {
		key |= (uint32_t)at[size] << 8 * size;
		size++;
		if (size > SHORT_NAME_SIZE || walk->end - at <= size)
			return false;
	}
	*p = at + size + 1;
	*ret_name = key;
	return (size_t)(walk->end - *p) >= plan->size;
}

/* The member at *p, which moves behind it. False if there is no such thing that fits a body. */
static inline bool read_member(const struct walk *walk, const uint8_t **p, struct body_elem *elem,
			       uint32_t *ret_ref)
{
	const struct die_plan *plan = plan_at(walk, p);
	int64_t value, bits = 0;

	if (!plan || plan->kind != PLAN_MEMBER || !read_name(walk, plan, p, &elem->name))
		return false;
	*ret_ref = load_u32(*p + plan->type_at, walk->swap);
	value = value_at(walk, &plan->value, *p);
	if (value < 0 || value > UINT32_MAX / 8)
		return false;
	value *= 8;
	if (plan->has_bits) {
		bits = value_at(walk, &plan->bit_size, *p);
		if (plan->has_bit_off)
			value = value_at(walk, &plan->bit_off, *p);
		if (bits < 0 || bits > 128 || value < 0 || value > UINT32_MAX)
			return false;
	}
	*p += plan->size;
	elem->bits = bits;
	elem->value = value;
	return *ret_ref >= walk->first_ref && *ret_ref < walk->end_ref;
}

static inline bool read_enumerator(const struct walk *walk, const uint8_t **p,
				   struct body_elem *elem)
{
	const struct die_plan *plan = plan_at(walk, p);
	int64_t value;

	if (!plan || plan->kind != PLAN_ENUMERATOR || !read_name(walk, plan, p, &elem->name))
		return false;
	value = value_at(walk, &plan->value, *p);
	*p += plan->size;
	elem->bits = 8 * plan->value.size;
	elem->value = value;
	return value >= 0 && value <= UINT32_MAX;
}

static inline bool read_elem(const struct walk *walk, uint8_t kind, const uint8_t **p,
			     struct body_elem *elem, uint32_t *ret_ref)
{
	return kind == GRAPH_ENUM ? read_enumerator(walk, p, elem) :
				    read_member(walk, p, elem, ret_ref);
}

static inline bool elems_equal(const struct body_elem *a, const struct body_elem *b)
{
	return a->name == b->name && a->bits == b->bits && a->value == b->value;
}

static bool enumerators_match(const struct walk *walk, const struct body *body, const uint8_t **p)
{
	struct body_elem elem;

	for (uint32_t i = 0; i < body->num_elems; i++) {
		if (!read_enumerator(walk, p, &elem) || !elems_equal(&elem, &body->elems[i]))
			return false;
	}
	return true;
}

/* Most members are plain; these are read where they stand. @swap is constant where this is called. */
static inline bool members_match(const struct walk *walk, const struct body *body,
				 const uint8_t **p, struct node_id *ref, bool swap)
{
	const struct plain_plan *plans = walk->plain;
	const struct body_elem *elem = body->elems, *last = elem + body->num_elems;
	const uint8_t *at = *p, *plain_end = walk->plain_end;
	uint32_t first_ref = walk->first_ref, num_refs = walk->end_ref - walk->first_ref;

	for (; elem != last; elem++, ref++) {
		const struct plain_plan *plan;
		struct body_elem other;
		uint32_t value;

		if (at >= plain_end || !plans[*at].is_plain) {
			if (!read_member(walk, &at, &other, &ref->v) || !elems_equal(&other, elem))
				return false;
			continue;
		}
		plan = &plans[*at];
		value = load_u16(at + plan->value_at, swap) >> plan->value_shift;
		value = 8 * ((value & plan->value_mask) + plan->constant);
		ref->v = load_u32(at + plan->type_at, swap);
		if (load_u32(at + plan->name_at, swap) != elem->name || value != elem->value ||
		    elem->bits || ref->v - first_ref >= num_refs)
			return false;
		at += plan->size;
	}
	*p = at;
	return true;
}

/*
 * True if the list at *p is the body's: *p moves behind its end, and the references go to @refs,
 * which has room for them.
 */
static bool body_matches(const struct walk *walk, const struct body *body, const uint8_t **p,
			 struct node_id *refs)
{
	bool ok = body->kind == GRAPH_ENUM ? enumerators_match(walk, body, p) :
		  walk->swap		   ? members_match(walk, body, p, refs, true) :
					     members_match(walk, body, p, refs, false);

	if (!ok || *p >= walk->end || **p)
		return false;
	*p += 1;
	return true;
}

static inline bool head_matches(const struct body *body, const struct graph_node *node)
{
	return body->name == node->name.v && body->size == node->size && body->kind == node->kind &&
	       body->flags == node->flags;
}

/* Takes the body if it is that of the node. */
static bool take_body(struct walk *walk, struct body *body, struct graph_node *node,
		      const uint8_t **p)
{
	struct dwarf_graph *reader = walk->reader;
	size_t first = reader->graph.refs.num;
	const uint8_t *end = *p;

	if (!body->class_id || !head_matches(body, node) ||
	    !vec_reserve(&reader->graph.refs, first + body->num_elems) ||
	    !body_matches(walk, body, &end, reader->graph.refs.data + first))
		return false;
	node->like = body->class_id;
	node->flags = body->final_flags;
	node->num_elems = body->num_elems;
	if (node->kind != GRAPH_ENUM) {
		node->first_elem = first;
		reader->graph.refs.num += body->num_elems;
	}
	walk->num_dies += body->num_elems;
	*p = end;
	return true;
}

static uint32_t hash_body(const struct graph_node *node, const struct body_elem *first)
{
	uint64_t hash = (uint64_t)node->name.v << 32 | node->size;

	return hash_u64(hash ^ (uint64_t)first->name << 16 ^ node->kind);
}

/* A body that is taken, among those whose head and first element are alike. */
static struct body *take_from_slot(struct walk *walk, struct graph_node *node, const uint8_t **p)
{
	const struct body_table *table = walk->reader->bodies;
	const uint8_t *at = *p;
	struct body_elem first;
	struct body *body;
	uint32_t ref, hash;

	if (!read_elem(walk, node->kind, &at, &first, &ref))
		return NULL;
	hash = hash_body(node, &first);
	for (body = table->slots[hash & (table->num_slots - 1)]; body; body = body->next) {
		if (body->hash == hash && take_body(walk, body, node, p))
			return body;
	}
	return NULL;
}

bool body_take(struct walk *walk, struct graph_node *node, const uint8_t **p)
{
	struct body_table *table = walk->reader->bodies;
	struct body *last = table->last, *body = last->after[0];

	if (node->ref.v)
		return false;
	if (!body || !take_body(walk, body, node, p)) {
		body = last->after[1];
		if (!body || !take_body(walk, body, node, p))
			body = take_from_slot(walk, node, p);
		if (!body)
			return false;
		last->after[1] = last->after[0];
		last->after[0] = body;
	}
	table->last = body;
	return true;
}

static void grow_slots(struct body_table *table)
{
	uint32_t num_slots = table->num_slots * 2;
	struct body **slots = calloc(num_slots, sizeof(*slots));

	/* It works with long chains, too. */
	if (!slots)
		return;
	for (uint32_t i = 0; i < table->num_slots; i++) {
		struct body *body = table->slots[i];

		while (body) {
			struct body *next = body->next;

			body->next = slots[body->hash & (num_slots - 1)];
			slots[body->hash & (num_slots - 1)] = body;
			body = next;
		}
	}
	free(table->slots);
	table->slots = slots;
	table->num_slots = num_slots;
}

/* The body that is equal to @body, or @body itself in its slot; NULL if it finds no place there. */
static struct body *find_or_add(struct body_table *table, struct body *body)
{
	struct body **slot = &table->slots[body->hash & (table->num_slots - 1)];
	unsigned int num = 0;

	for (struct body *other = *slot; other; other = other->next) {
		if (other->hash != body->hash)
			continue;
		if (other->name == body->name && other->size == body->size &&
		    other->kind == body->kind && other->flags == body->flags &&
		    other->num_elems == body->num_elems &&
		    memcmp(other->elems, body->elems, body->num_elems * sizeof(body->elems[0])) ==
			    0)
			return other;
		if (++num == MAX_ALIKE)
			return NULL;
	}
	body->next = *slot;
	*slot = body;
	if (++table->num > table->num_slots)
		grow_slots(table);
	return body;
}

void body_remember(struct walk *walk, const uint8_t *start)
{
	struct dwarf_graph *reader = walk->reader;
	struct body_table *table = reader->bodies;
	const struct collector *collector = &reader->collectors.data[reader->collectors.num - 1];
	const struct graph_node *node = &reader->graph.nodes.data[collector->node];
	uint32_t num = reader->pending.num - collector->first_pending, ref;
	struct body *body;

	if (!num || node->ref.v || table->arena.total_size > MAX_TABLE_SIZE)
		return;
	body = arena_alloc(&table->arena, sizeof(*body) + num * sizeof(body->elems[0]),
			   _Alignof(struct body));
	if (!body)
		return;
	*body = (struct body){
		.name = node->name.v,
		.size = node->size,
		.kind = node->kind,
		.flags = node->flags,
		.num_elems = num,
	};
	for (uint32_t i = 0; i < num; i++) {
		if (!read_elem(walk, node->kind, &start, &body->elems[i], &ref))
			return;
	}
	if (start != walk->cursor.p)
		return;
	body->hash = hash_body(node, &body->elems[0]);
	body = find_or_add(table, body);
	if (!body || body->class_id)
		return;
	/* Without memory it never gets a class. */
	if (!vec_push(&table->fresh, (struct fresh_body){ body, collector->node }))
		return;
}
