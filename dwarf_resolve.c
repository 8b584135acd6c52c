// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * References: from offsets to nodes, once all DIEs of the unit have been seen.
 *
 * A reference to a DIE of another unit reads that DIE, and what stands below it, into this unit's
 * graph; its own references are foreign ones in turn. So the graph becomes closed over all that the
 * unit can reach, as if the unit had been compiled alone. The order in which foreign DIEs come in
 * is the order of the nodes that refer to them, which depends on the file only.
 */
#include <inttypes.h>
#include <stdatomic.h>

#include "dwarf_graph_internal.h"
#include "lib/base/hash.h"
#include "lib/dwarf/constants.h"

/* A chain of declarations and definitions longer than this is damage. */
enum { MAX_ORIGINS = 16 };

/* Other units. */

static bool grow_foreign_table(struct dwarf_graph *reader)
{
	uint32_t new_size = reader->foreign_table_size ? reader->foreign_table_size * 2 : 256;
	struct foreign_slot *table = calloc(new_size, sizeof(*table));

	if (!table)
		return false;
	for (uint32_t i = 0; i < reader->foreign_table_size; i++) {
		const struct foreign_slot *slot = &reader->foreign_table[i];
		uint32_t at;

		if (!slot->key)
			continue;
		for (at = hash_u64(slot->key); table[at & (new_size - 1)].key; at++)
			;
		table[at & (new_size - 1)] = *slot;
	}
	free(reader->foreign_table);
	reader->foreign_table = table;
	reader->foreign_table_size = new_size;
	return true;
}

static struct foreign_slot *foreign_slot(const struct dwarf_graph *reader, uint64_t key)
{
	uint32_t mask = reader->foreign_table_size - 1;

	for (uint32_t at = hash_u64(key);; at++) {
		struct foreign_slot *slot = &reader->foreign_table[at & mask];

		if (!slot->key || slot->key == key)
			return slot;
	}
}

static uint64_t foreign_key(const struct dwarf_graph *reader, uint32_t unit, uint64_t off)
{
	return 2 * off + reader->shared->units[unit].in_debug_types + 2;
}

struct btfgen_error *dwarf_foreign_ref(struct dwarf_graph *reader, uint32_t unit, uint64_t off,
				       uint64_t from_off, uint32_t *ret_raw)
{
	struct foreign_ref ref = { .off = off, .unit = unit, .from_off = from_off };
	uint64_t key = foreign_key(reader, unit, off);
	struct foreign_slot *slot;

	if (reader->foreign.num + 1 > reader->foreign_table_size / 2 && !grow_foreign_table(reader))
		return error_nomem();
	slot = foreign_slot(reader, key);
	if (!slot->key) {
		slot->key = key;
		slot->index = reader->foreign.num;
		if (!vec_push(&reader->foreign, ref))
			return error_nomem();
	}
	*ret_raw = FOREIGN_REF | slot->index;
	return NULL;
}

struct btfgen_error *dwarf_foreign_context(struct dwarf_graph *reader, uint32_t unit_index,
					   const struct unit_context **ret_context)
{
	const struct dwarf_graph_shared *shared = reader->shared;
	const struct dwarf_unit *unit = &shared->units[unit_index];
	struct unit_context *context = &reader->foreign_context;
	struct abbrev_table *table;
	struct btfgen_error *err;
	struct die die;

	if (unit == reader->main.unit) {
		*ret_context = &reader->main;
		return NULL;
	}
	table = &reader->foreign_tables[hash_u64(unit->abbrev_off) % NUM_FOREIGN_TABLES];
	if (context->unit == unit && context->table == table && table->is_compiled &&
	    table->off == unit->abbrev_off &&
	    memcmp(&table->encoding, &unit->encoding, sizeof(unit->encoding)) == 0) {
		*ret_context = context;
		return NULL;
	}
	*context = (struct unit_context){
		.unit = unit,
		.section = unit->in_debug_types ? shared->sections.types : shared->sections.info,
		.table = table,
	};
	err = abbrev_table_compile(table, shared->sections.abbrev, unit->abbrev_off,
				   &unit->encoding, &dwarf_wants);
	if (!err)
		err = unit_context_read(context, &die);
	if (err) {
		context->unit = NULL;
		return err;
	}
	*ret_context = context;
	return NULL;
}

/* An opaque type where a reference leads to a DIE that is no type. */
static struct btfgen_error *add_opaque(struct dwarf_graph *reader, uint64_t off, uint64_t tag,
				       uint32_t *ret_node)
{
	uint32_t node = reader->graph.nodes.num;
	struct graph_node opaque = {
		.kind = GRAPH_STRUCT,
		.key = reader->main.unit->end_off + node,
	};
	struct btfgen_error *err;

	if (!graph_add(&reader->graph, opaque).v || !vec_push(&reader->node_off, NO_OFF))
		return error_nomem();
	err = dwarf_degrade(reader, node, off, 0, tag);
	if (!err)
		*ret_node = node;
	return err;
}

/* Which bytes of the unit begin a DIE. */
static struct btfgen_error *find_die_starts(const struct unit_context *context,
					    uint8_t **ret_starts)
{
	const struct dwarf_unit *unit = context->unit;
	uint8_t *starts = calloc((unit->end_off - unit->off) / 8 + 1, 1);
	struct btfgen_error *err;
	struct cursor cursor;
	struct die die;

	if (!starts)
		return error_nomem();
	cursor_init(&cursor, context->section, unit, context->table, unit->dies_off);
	while (cursor_next(&cursor, &die)) {
		if (die.abbrev)
			starts[(die.off - unit->off) / 8] |= 1 << (die.off - unit->off) % 8;
	}
	err = cursor_error(&cursor);
	if (err) {
		free(starts);
		return err;
	}
	*ret_starts = starts;
	return NULL;
}

/*
 * True if a DIE begins at @off of the unit. For references out of the unit, and those that lead to
 * nothing that we know; others have met their target as a node.
 */
static struct btfgen_error *die_begins_at(const struct dwarf_graph *reader,
					  const struct unit_context *context, uint64_t off,
					  bool *ret_begins, uint64_t *ret_tag)
{
	_Atomic(uint8_t *) *shared_starts =
		&reader->shared->die_starts[context->unit - reader->shared->units];
	uint8_t *starts = atomic_load(shared_starts), *expected = NULL;
	uint64_t bit = off - context->unit->off;
	struct cursor cursor;
	struct die die;

	if (!starts) {
		struct btfgen_error *err = find_die_starts(context, &starts);

		if (err)
			return err;
		if (!atomic_compare_exchange_strong(shared_starts, &expected, starts)) {
			free(starts);
			starts = expected;
		}
	}
	*ret_begins = starts[bit / 8] >> bit % 8 & 1;
	if (!*ret_begins)
		return NULL;
	cursor_init(&cursor, context->section, context->unit, context->table, off);
	if (cursor_next(&cursor, &die) && die.abbrev)
		*ret_tag = die.abbrev->tag;
	return cursor_error(&cursor);
}

void dwarf_graph_free_starts(const struct dwarf_graph_shared *shared)
{
	for (uint32_t i = 0; i < shared->num_units; i++)
		free(atomic_load(&shared->die_starts[i]));
}

/* What a reference to a DIE that made no node means: an opaque type, or damage. */
static struct btfgen_error *unknown_target(struct dwarf_graph *reader,
					   const struct unit_context *context, uint64_t off,
					   uint64_t from_off, uint32_t *ret_node)
{
	struct btfgen_error *err;
	uint64_t tag = 0;
	bool begins = false;

	err = die_begins_at(reader, context, off, &begins, &tag);
	if (err)
		return err;
	if (!begins)
		return error_create_at(unit_section_name(context->unit), from_off,
				       "reference into the middle of a DIE: 0x%" PRIx64, off);
	return add_opaque(reader, from_off, tag, ret_node);
}

/* Reads the DIE at ref.off and all below it. */
static struct btfgen_error *walk_foreign(struct dwarf_graph *reader,
					 const struct unit_context *context, uint64_t off)
{
	uint32_t first_node = reader->graph.nodes.num, depth = 0;
	struct btfgen_error *err;
	struct cursor cursor;
	struct die die;

	cursor_init(&cursor, context->section, context->unit, context->table, off);
	while (cursor_next(&cursor, &die)) {
		if (!die.abbrev) {
			depth--;
			if (reader->leaf.depth > depth)
				reader->leaf.depth = 0;
			err = dwarf_graph_end(reader, depth, die.off);
		} else {
			err = dwarf_graph_die(reader, context, &die, depth);
			depth += die.abbrev->has_children;
		}
		if (err)
			return err;
		/* Done with the DIE, or it is no type. */
		if (!depth || reader->graph.nodes.num == first_node)
			break;
	}
	err = cursor_error(&cursor);
	return err ? err : dwarf_graph_end(reader, 0, off);
}

static struct btfgen_error *read_foreign(struct dwarf_graph *reader, uint32_t index)
{
	struct foreign_ref ref = reader->foreign.data[index];
	uint32_t node = reader->graph.nodes.num;
	const struct unit_context *context;
	struct btfgen_error *err;
	uint64_t tag = 0;
	bool begins = false;

	err = dwarf_foreign_context(reader, ref.unit, &context);
	if (!err)
		err = die_begins_at(reader, context, ref.off, &begins, &tag);
	if (err)
		return err;
	if (!begins)
		return error_create_at(
			unit_section_name(reader->main.unit), ref.from_off,
			"reference into the middle of a DIE of another unit: 0x%" PRIx64, ref.off);
	reader->reading_foreign = true;
	err = walk_foreign(reader, context, ref.off);
	reader->reading_foreign = false;
	if (!err && reader->graph.nodes.num == node)
		err = add_opaque(reader, ref.from_off, tag, &node);
	if (err)
		return err;
	reader->foreign.data[index].node = node;
	return NULL;
}

/* Resolution. */

static uint32_t lookup_node(const struct dwarf_graph *reader, uint32_t off)
{
	uint32_t node;

	if (off >> 2 >= reader->node_by_bucket.cap)
		return 0;
	node = reader->node_by_bucket.data[off >> 2];
	if (!node || node >= reader->node_off.num || reader->node_off.data[node] >> 2 != off >> 2)
		return 0;
	for (; node < reader->node_off.num; node++) {
		uint32_t node_off = reader->node_off.data[node];

		if (node_off == off)
			return node;
		if (node_off > off && node_off != NO_OFF)
			break;
	}
	return 0;
}

static struct btfgen_error *resolve_slow(struct dwarf_graph *reader, uint32_t raw,
					 uint64_t from_off, uint32_t *ret_node)
{
	struct btfgen_error *err = NULL;

	if (raw & FOREIGN_REF) {
		if (!reader->foreign.data[raw & ~FOREIGN_REF].node)
			err = read_foreign(reader, raw & ~FOREIGN_REF);
		if (!err)
			*ret_node = reader->foreign.data[raw & ~FOREIGN_REF].node;
		return err;
	}
	return unknown_target(reader, &reader->main, reader->main.unit->off + raw, from_off,
			      ret_node);
}

/* The map from offsets to nodes, as long as no node is added: a copy can be kept in registers. */
struct node_map {
	const uint32_t *node_by_bucket;
	size_t num_buckets;
	const uint32_t *node_off;
	size_t num_nodes;
};

static inline struct node_map node_map_of(const struct dwarf_graph *reader)
{
	return (struct node_map){
		.node_by_bucket = reader->node_by_bucket.data,
		.num_buckets = reader->node_by_bucket.cap,
		.node_off = reader->node_off.data,
		.num_nodes = reader->node_off.num,
	};
}

/* The node of a type DIE of the unit if it is the first of its bucket; false: see resolve(). */
static inline bool resolve_quick(const struct node_map *map, uint32_t raw, uint32_t *ret_node)
{
	uint32_t node;

	*ret_node = 0;
	if (!raw)
		return true;
	if (raw >> 2 >= map->num_buckets)
		return false;
	node = map->node_by_bucket[raw >> 2];
	if (node >= map->num_nodes || map->node_off[node] != raw)
		return false;
	*ret_node = node;
	return true;
}

static inline struct btfgen_error *resolve(struct dwarf_graph *reader, uint32_t raw,
					   uint64_t from_off, uint32_t *ret_node)
{
	if (!raw) {
		*ret_node = 0;
		return NULL;
	}
	if (!(raw & FOREIGN_REF)) {
		uint32_t node = lookup_node(reader, raw);

		if (node) {
			*ret_node = node;
			return NULL;
		}
	}
	return resolve_slow(reader, raw, from_off, ret_node);
}

struct btfgen_error *dwarf_resolve(struct dwarf_graph *reader, uint32_t raw, uint64_t from_off,
				   uint32_t *ret_node)
{
	return resolve(reader, raw, from_off, ret_node);
}

static struct btfgen_error *resolve_elems(struct dwarf_graph *reader, uint32_t index)
{
	const struct graph_node node = reader->graph.nodes.data[index];
	bool is_proto = node.kind == GRAPH_FUNC_PROTO || node.kind == GRAPH_LINK;
	struct node_map map = node_map_of(reader);
	bool has_gaps = false;

	for (uint32_t i = node.first_elem; i < node.first_elem + node.num_elems; i++) {
		struct graph_elem *elem = &reader->graph.elems.data[i];
		uint32_t target;

		if (!resolve_quick(&map, elem->ref.v, &target)) {
			struct btfgen_error *err;

			/* The lists may grow. */
			err = resolve(reader, elem->ref.v, node.key, &target);
			if (err)
				return err;
			elem = &reader->graph.elems.data[i];
			map = node_map_of(reader);
		}
		elem->ref.v = target;
		has_gaps |= !target;
	}
	if (has_gaps && !is_proto)
		reader->has_gaps = true;
	return NULL;
}

/*
 * The same for elements that are like those of a class. All of these references lead into the unit,
 * as its map does.
 */
static struct btfgen_error *resolve_refs(struct dwarf_graph *reader, uint32_t index)
{
	const struct graph_node node = reader->graph.nodes.data[index];
	struct node_map map = node_map_of(reader);

	for (uint32_t i = node.first_elem; i < node.first_elem + node.num_elems; i++) {
		struct node_id *ref = &reader->graph.refs.data[i];
		uint32_t target = map.node_by_bucket[ref->v >> 2];

		if (target >= map.num_nodes || map.node_off[target] != ref->v) {
			struct btfgen_error *err = resolve(reader, ref->v, node.key, &target);

			if (err)
				return err;
			map = node_map_of(reader);
		}
		ref->v = target;
	}
	return NULL;
}

/* One node's references; @map is renewed when it may have grown. */
static inline struct btfgen_error *resolve_node(struct dwarf_graph *reader, uint32_t index,
						struct node_map *map)
{
	struct graph_node *node = &reader->graph.nodes.data[index];
	struct btfgen_error *err = NULL;

	if (node->flags & GRAPH_REF_IS_NODE) {
		node->flags &= ~GRAPH_REF_IS_NODE;
	} else if (node->ref.v) {
		uint32_t target;

		if (node->kind == GRAPH_ENUM)
			reader->has_gaps = true;
		if (!resolve_quick(map, node->ref.v, &target)) {
			err = resolve(reader, node->ref.v, node->key, &target);
			if (err)
				return err;
			node = &reader->graph.nodes.data[index];
			*map = node_map_of(reader);
		}
		node->ref.v = target;
	} else if (node->kind == GRAPH_ARRAY) {
		reader->has_gaps = true;
	}
	if (!node->num_elems || node->kind == GRAPH_ENUM)
		return NULL;
	err = node->like ? resolve_refs(reader, index) : resolve_elems(reader, index);
	*map = node_map_of(reader);
	return err;
}

/* The type that an alias stands for; an alias of nothing is void. Aliases on the way become short.
 */
static struct btfgen_error *follow_alias(struct dwarf_graph *reader, uint32_t *node)
{
	struct graph_node *nodes = reader->graph.nodes.data;
	uint32_t start = *node, end = start;

	for (size_t steps = 0; nodes[end].kind == GRAPH_ALIAS; steps++) {
		if (steps == reader->graph.nodes.num)
			return error_create_at(unit_section_name(reader->main.unit),
					       nodes[start].key, "type refers to itself");
		end = nodes[end].ref.v;
	}
	for (uint32_t at = start; nodes[at].kind == GRAPH_ALIAS;) {
		uint32_t next = nodes[at].ref.v;

		nodes[at].ref.v = end;
		at = next;
	}
	*node = end;
	return NULL;
}

static struct btfgen_error *remove_aliases(struct dwarf_graph *reader)
{
	struct unit_graph *graph = &reader->graph;
	struct btfgen_error *err;

	for (size_t i = 1; i < graph->nodes.num; i++) {
		const struct graph_node *node = &graph->nodes.data[i];

		err = follow_alias(reader, &graph->nodes.data[i].ref.v);
		if (err)
			return err;
		/* Elements that no node has any more were not resolved. */
		if (node->kind == GRAPH_ENUM)
			continue;
		for (uint32_t k = node->first_elem; k < node->first_elem + node->num_elems; k++) {
			err = follow_alias(reader, node->like ? &graph->refs.data[k].v :
								&graph->elems.data[k].ref.v);
			if (err)
				return err;
		}
	}
	for (size_t i = 0; i < reader->vars.num; i++) {
		err = follow_alias(reader, &reader->vars.data[i].type.v);
		if (err)
			return err;
	}
	for (size_t i = 0; i < reader->funcs.num; i++) {
		err = follow_alias(reader, &reader->funcs.data[i].ret.v);
		if (err)
			return err;
	}
	for (size_t i = 0; i < reader->params.num; i++) {
		err = follow_alias(reader, &reader->params.data[i].type.v);
		if (err)
			return err;
	}
	return NULL;
}

/* The type behind qualifiers and typedefs; void if they go in a circle. */
static const struct graph_node *strip_node(const struct dwarf_graph *reader, uint32_t node)
{
	const struct graph_node *nodes = reader->graph.nodes.data;

	for (size_t steps = 0; steps < reader->graph.nodes.num; steps++) {
		switch (nodes[node].kind) {
		case GRAPH_CONST:
		case GRAPH_VOLATILE:
		case GRAPH_RESTRICT:
		case GRAPH_TYPEDEF:
		case GRAPH_TYPE_TAG:
			node = nodes[node].ref.v;
			break;
		default:
			return &nodes[node];
		}
	}
	return &nodes[0];
}

static struct btfgen_error *finish_bitfields(struct dwarf_graph *reader)
{
	struct btfgen_error *err;

	for (size_t i = 0; i < reader->late_bitfields.num; i++) {
		struct late_bitfield late = reader->late_bitfields.data[i];
		const struct graph_node *node = &reader->graph.nodes.data[late.node];
		struct graph_elem *member;
		int64_t bit_off;

		/* The struct may have become opaque for another reason. */
		if (late.elem >= node->num_elems)
			continue;
		member = &reader->graph.elems.data[node->first_elem + late.elem];
		bit_off = (int64_t)member->value +
			  (int64_t)strip_node(reader, member->ref.v)->size * 8 - late.bit_offset -
			  member->bit_size;
		/* Out of any struct, so that the judgement below finds it. */
		member->value = bit_off < 0 ? UINT64_MAX - 7 : (uint64_t)bit_off;
	}
	for (size_t i = 0; i < reader->late_bitfields.num; i++) {
		uint32_t node = reader->late_bitfields.data[i].node;

		if (i && reader->late_bitfields.data[i - 1].node == node)
			continue;
		if (!reader->graph.nodes.data[node].num_elems)
			continue;
		err = dwarf_finish_struct(reader, node,
					  reader->graph.nodes.data[node].kind == GRAPH_UNION ?
						  DW_TAG_union_type :
						  DW_TAG_structure_type);
		if (err)
			return err;
	}
	return NULL;
}

static struct btfgen_error *finish_names(struct dwarf_graph *reader)
{
	for (size_t i = 0; i < reader->late_names.num; i++) {
		struct late_name late = reader->late_names.data[i];
		struct btfgen_error *err;
		uint32_t target;

		err = resolve(reader, late.raw_ref, late.from_off, &target);
		if (err)
			return err;
		reader->graph.nodes.data[late.node].name = reader->graph.nodes.data[target].name;
	}
	return NULL;
}

/* Void cannot be a member or an array's element; an empty type stands for what is not known. */
static struct btfgen_error *replace_void(struct dwarf_graph *reader, uint32_t *node, uint64_t key)
{
	const struct graph_node *n = &reader->graph.nodes.data[*node];

	if (n->kind != GRAPH_VOID)
		return NULL;
	return add_opaque(reader, key, 0, node);
}

static struct btfgen_error *finish_nodes(struct dwarf_graph *reader)
{
	struct unit_graph *graph = &reader->graph;

	for (size_t i = 1; i < graph->nodes.num; i++) {
		struct graph_node node = graph->nodes.data[i];
		struct btfgen_error *err;
		uint32_t target;

		switch (node.kind) {
		case GRAPH_ENUM:
			if (!node.ref.v)
				break;
			if (strip_node(reader, node.ref.v)->encoding == 1)
				graph->nodes.data[i].flags |= GRAPH_SIGNED;
			graph->nodes.data[i].ref.v = 0;
			dwarf_finish_enum(reader, i);
			break;
		case GRAPH_ARRAY:
			target = node.ref.v;
			err = replace_void(reader, &target, node.key);
			if (err)
				return err;
			graph->nodes.data[i].ref.v = target;
			break;
		case GRAPH_STRUCT:
		case GRAPH_UNION:
			for (uint32_t k = node.first_elem; k < node.first_elem + node.num_elems;
			     k++) {
				struct node_id *ref = node.like ? &graph->refs.data[k] :
								  &graph->elems.data[k].ref;

				if (ref->v)
					continue;
				err = replace_void(reader, &ref->v, node.key);
				if (err)
					return err;
			}
			break;
		default:
			break;
		}
	}
	return NULL;
}

/* The type behind pointers, qualifiers and arrays that have no name. */
static uint8_t pointee_kind(const struct dwarf_graph *reader, uint32_t node)
{
	const struct graph_node *nodes = reader->graph.nodes.data;

	for (size_t steps = 0; steps < reader->graph.nodes.num; steps++) {
		switch (nodes[node].kind) {
		case GRAPH_PTR:
		case GRAPH_CONST:
		case GRAPH_VOLATILE:
		case GRAPH_RESTRICT:
		case GRAPH_ARRAY:
			node = nodes[node].ref.v;
			break;
		default:
			return nodes[node].kind;
		}
	}
	return GRAPH_VOID;
}

/* A declared function is evidence for forward declarations only, a defined one for what they may
 * mean. */
static bool link_tells(const struct dwarf_graph *reader, const struct graph_node *link,
		       uint32_t ref)
{
	switch (pointee_kind(reader, ref)) {
	case GRAPH_FWD_STRUCT:
	case GRAPH_FWD_UNION:
	case GRAPH_FWD_ENUM:
		return true;
	case GRAPH_STRUCT:
	case GRAPH_UNION:
	case GRAPH_ENUM:
		return !(link->flags & GRAPH_IS_DECLARATION);
	default:
		return false;
	}
}

static void drop_idle_links(struct dwarf_graph *reader)
{
	for (size_t i = 0; i < reader->links.num; i++) {
		struct graph_node *link = &reader->graph.nodes.data[reader->links.data[i]];
		bool tells;

		tells = link_tells(reader, link, link->ref.v);
		for (uint32_t k = 0; !tells && k < link->num_elems; k++)
			tells = link_tells(reader, link,
					   reader->graph.elems.data[link->first_elem + k].ref.v);
		if (!tells) {
			link->kind = GRAPH_ALIAS;
			link->num_elems = 0;
		}
	}
}

struct btfgen_error *dwarf_resolve_refs(struct dwarf_graph *reader)
{
	struct btfgen_error *err;
	struct node_map map;

	/* What stands outside the nodes first: it may bring in more of them. */
	err = finish_names(reader);
	if (err)
		return err;
	for (size_t i = 0; i < reader->pending_vars.num; i++) {
		struct pending_var *pending = &reader->pending_vars.data[i];

		err = resolve(reader, pending->raw_type, pending->var.key, &pending->var.type.v);
		if (err)
			return err;
		if (!vec_push(&reader->vars, pending->var))
			return error_nomem();
	}
	err = dwarf_finish_funcs(reader);
	if (err)
		return err;
	/* The list grows while foreign DIEs come in. */
	map = node_map_of(reader);
	for (size_t i = 1; i < reader->graph.nodes.num; i++) {
		err = resolve_node(reader, i, &map);
		if (err)
			return err;
	}
	if (reader->has_alias) {
		err = remove_aliases(reader);
		if (err)
			return err;
	}
	drop_idle_links(reader);
	dwarf_mark_aligned_params(reader);
	err = finish_bitfields(reader);
	if (err || (!reader->has_gaps && !reader->has_alias))
		return err;
	return finish_nodes(reader);
}

/* Variables. */

struct btfgen_error *dwarf_raw_to_context(struct dwarf_graph *reader, uint32_t raw,
					  const struct unit_context **ret_context,
					  uint64_t *ret_off)
{
	if (raw & FOREIGN_REF) {
		const struct foreign_ref *ref = &reader->foreign.data[raw & ~FOREIGN_REF];

		*ret_off = ref->off;
		return dwarf_foreign_context(reader, ref->unit, ret_context);
	}
	*ret_context = &reader->main;
	*ret_off = reader->main.unit->off + raw;
	return NULL;
}

struct btfgen_error *dwarf_die_at(struct dwarf_graph *reader, uint32_t raw,
				  const struct unit_context **ret_context, struct die *ret_die,
				  uint64_t *ret_off)
{
	const struct unit_context *context;
	struct btfgen_error *err;
	struct cursor cursor;

	err = dwarf_raw_to_context(reader, raw, &context, ret_off);
	if (err)
		return err;
	*ret_context = context;
	cursor_init(&cursor, context->section, context->unit, context->table, *ret_off);
	if (cursor_next(&cursor, ret_die))
		return NULL;
	ret_die->abbrev = NULL;
	return cursor_error(&cursor);
}

/*
 * The defining DIE comes first: what it does not say itself is taken from the DIE that it
 * completes, so that `extern T a[]; T a[5];` has five elements.
 */
struct btfgen_error *dwarf_finish_var(struct dwarf_graph *reader,
				      const struct unit_context *context, const struct die *die,
				      struct pending_var *var)
{
	struct die origin = *die;

	for (unsigned int i = 0; i < MAX_ORIGINS; i++) {
		struct btfgen_error *err;
		unsigned int slot;
		uint32_t raw;
		uint64_t off;

		if (!var->var.name.v) {
			err = dwarf_attr_string(reader, context, &origin, SLOT_NAME,
						&var->var.name);
			if (err)
				return err;
		}
		if (!var->raw_type) {
			err = dwarf_attr_ref(reader, context, &origin, SLOT_TYPE, &var->raw_type);
			if (err)
				return err;
		}
		var->var.external |= dwarf_attr_flag(&origin, SLOT_EXTERNAL);
		slot = die_has(&origin, SLOT_SPECIFICATION) ? SLOT_SPECIFICATION :
							      SLOT_ABSTRACT_ORIGIN;
		err = dwarf_attr_ref(reader, context, &origin, slot, &raw);
		if (err)
			return err;
		if (!raw)
			return NULL;
		err = dwarf_die_at(reader, raw, &context, &origin, &off);
		if (err)
			return err;
		if (!origin.abbrev || origin.abbrev->action != ACTION_VARIABLE)
			return error_create_at(
				unit_section_name(reader->main.unit), var->var.key,
				"variable completes something that is none: 0x%" PRIx64, off);
	}
	return error_create_at(unit_section_name(reader->main.unit), var->var.key,
			       "variable's chain of declarations does not end");
}
