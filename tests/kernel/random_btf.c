// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * random_btf FOLDER FIRST_SEED NUMBER: write BTF made of random types, variables, functions, tags
 * and types that are added late, to FOLDER/SEED.btf, straight from type store and layout. All of it
 * is such that libbpf and every kernel since 6.18 must take it: names have one definition, types
 * have sizes, rings go through structs. Files with a table of record layouts end in ".layout.btf".
 *
 * Exit status: 0; 1 our own check refuses a file; 2 usage; 3 it cannot be written.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/hash.h"
#include "lib/base/pool.h"
#include "lib/btf/adapt.h"
#include "lib/btf/fit.h"
#include "lib/btf/layout.h"
#include "lib/btf/verify.h"

enum { MAX_NODES = 200, MAX_ELEMS = 6, MAX_FUNCS = 40, MAX_TAGS = 80, MAX_VARS = 12 };

struct program {
	uint64_t seed;
	struct type_store *store;
	struct unit_graph graph;
	uint32_t num;		     /* nodes, with void */
	uint8_t kinds[MAX_NODES];    /* enum graph_kind */
	uint32_t sizes[MAX_NODES];   /* bytes; 0: none */
	bool is_pointee[MAX_NODES];  /* a tag: pointers only */
	struct type_id types[MAX_NODES];
	struct layout_var vars[MAX_VARS];
	struct layout_entry entries[MAX_VARS];
	struct layout_func funcs[MAX_FUNCS];
	struct layout_tag tags[MAX_TAGS];
	struct layout_section section;
	uint32_t num_vars, num_funcs, num_tags;
};

static uint64_t current_seed;

static _Noreturn void die(int status, const char *what, struct btfgen_error *err)
{
	char *text = err ? error_text(err) : NULL;

	fprintf(stderr, "random_btf: seed %llu: %s%s%s\n", (unsigned long long)current_seed, what,
		text ? ": " : "", text ? text : "");
	exit(status);
}

static void need(struct btfgen_error *err)
{
	if (err)
		die(3, "failed", err);
}

static uint32_t dice(struct program *p, uint32_t num)
{
	p->seed += 0x9e3779b97f4a7c15ull;
	return num ? hash_u64(p->seed) % num : 0;
}

static struct str_id name(struct program *p, const char *format, uint32_t number)
{
	struct str_id id;
	char text[64];
	int size = snprintf(text, sizeof(text), format, number);

	if (!type_store_intern_string(p->store, 0, text, size, &id))
		die(3, "no memory", NULL);
	return id;
}

/* An earlier node that has a size, or `int`. */
static uint32_t sized(struct program *p)
{
	for (int i = 0; i < 20; i++) {
		uint32_t node = 1 + dice(p, p->num - 1);

		if (p->sizes[node] && !p->is_pointee[node])
			return node;
	}
	return 1;
}

/* What a pointer may lead to: anything earlier, void, or any struct. */
static uint32_t pointee(struct program *p, uint32_t num_all)
{
	uint32_t node = dice(p, num_all);

	if (node < p->num || p->kinds[node] == GRAPH_STRUCT || p->kinds[node] == GRAPH_UNION)
		return node;
	return dice(p, p->num);
}

static uint32_t align_up(uint32_t v, uint32_t align)
{
	return (v + align - 1) / align * align;
}

static void add_members(struct program *p, struct graph_node *node)
{
	bool is_union = node->kind == GRAPH_UNION, has_bits = dice(p, 4) == 0;
	uint32_t num = dice(p, MAX_ELEMS), at = 0, end = 0;

	for (uint32_t i = 0; i < num; i++) {
		struct graph_elem elem = { .name = name(p, "m%u", i) };

		if (has_bits && dice(p, 2)) {
			elem.ref.v = 1;
			elem.bit_size = 1 + dice(p, 32);
			at = is_union ? 0 : align_up(at, 4);
			elem.value = 8ull * at;
			at += 4;
			node->flags |= GRAPH_BITFIELDS;
		} else {
			elem.ref.v = sized(p);
			at = is_union ? 0 : align_up(at, 8);
			elem.value = 8ull * at;
			at += p->sizes[elem.ref.v];
		}
		if (dice(p, 8) == 0)
			elem.name.v = 0;
		end = at > end ? at : end;
		if (!vec_push(&p->graph.elems, elem))
			die(3, "no memory", NULL);
		node->num_elems++;
	}
	node->size = align_up(end ? end : 1, 8);
}

static void add_values(struct program *p, struct graph_node *node, uint32_t number)
{
	bool wide = dice(p, 3) == 0, negative = dice(p, 3) == 0;
	uint32_t num = 1 + dice(p, MAX_ELEMS);

	node->size = wide ? 8 : 4;
	node->flags = negative ? GRAPH_SIGNED : 0;
	for (uint32_t i = 0; i < num; i++) {
		/* The number keeps enums without a name apart. */
		struct graph_elem elem = { .name = name(p, "V%u", 10 * number + i) };

		elem.value = wide ? (uint64_t)dice(p, 3) << 32 | dice(p, 100) : dice(p, 100);
		if (negative)
			elem.value = -elem.value;
		if (!vec_push(&p->graph.elems, elem))
			die(3, "no memory", NULL);
		node->num_elems++;
	}
}

static void add_params(struct program *p, struct graph_node *node)
{
	uint32_t num = dice(p, MAX_ELEMS);

	node->ref.v = dice(p, 3) ? sized(p) : 0;
	node->flags = dice(p, 5) ? 0 : GRAPH_VARARGS;
	for (uint32_t i = 0; i < num; i++) {
		struct graph_elem elem = { .ref = { sized(p) } };

		elem.name = dice(p, 6) ? name(p, "p%u", dice(p, 3)) : (struct str_id){ 0 };
		if (!vec_push(&p->graph.elems, elem))
			die(3, "no memory", NULL);
		node->num_elems++;
	}
}

static uint32_t modified(struct program *p)
{
	uint32_t node = dice(p, p->num);

	return p->is_pointee[node] || p->kinds[node] == GRAPH_FUNC_PROTO ? 1 : node;
}

static void add_node(struct program *p, uint32_t i, uint32_t num_all)
{
	static const uint32_t float_sizes[] = { 2, 4, 8, 12, 16 };
	struct graph_node node = { .kind = p->kinds[i], .first_elem = p->graph.elems.num, .key = i };
	uint32_t size = 0;

	switch (node.kind) {
	case GRAPH_INT:
		node.name = name(p, i == 1 ? "int" : "n%u", dice(p, 5));
		node.size = i == 1 ? 4 : 1u << dice(p, 5);
		node.encoding = i == 1;
		size = node.size;
		break;
	case GRAPH_FLOAT:
		/* Names as integers have them. */
		node.name = name(p, "n%u", dice(p, 5));
		node.size = float_sizes[dice(p, 5)];
		size = node.size;
		break;
	case GRAPH_PTR:
		node.ref.v = pointee(p, num_all);
		size = 8;
		break;
	case GRAPH_TYPE_TAG:
		node.name = name(p, dice(p, 4) ? "tag%u" : "any text %u", dice(p, 4));
		node.ref.v = dice(p, p->num);
		p->is_pointee[i] = true;
		break;
	case GRAPH_CONST:
	case GRAPH_VOLATILE:
	case GRAPH_RESTRICT:
		node.ref.v = modified(p);
		size = p->sizes[node.ref.v];
		break;
	case GRAPH_TYPEDEF:
		node.name = name(p, "t%u", i);
		node.ref.v = modified(p);
		size = p->sizes[node.ref.v];
		break;
	case GRAPH_ARRAY:
		node.ref.v = sized(p);
		node.size = 1 + dice(p, 3);
		size = node.size * p->sizes[node.ref.v];
		break;
	case GRAPH_FUNC_PROTO:
		add_params(p, &node);
		break;
	case GRAPH_STRUCT:
	case GRAPH_UNION:
		node.name = name(p, "s%u", i);
		add_members(p, &node);
		size = node.size;
		break;
	case GRAPH_ENUM:
		node.name = dice(p, 3) ? name(p, "e%u", i) : (struct str_id){ 0 };
		add_values(p, &node, i);
		size = node.size;
		break;
	case GRAPH_FWD_STRUCT:
	case GRAPH_FWD_UNION:
		node.name = name(p, "f%u", i);
		break;
	}
	/* Far from any limit on sizes. */
	p->sizes[i] = size < 1u << 16 ? size : 0;
	if (!graph_add(&p->graph, node).v)
		die(3, "no memory", NULL);
	p->num = i + 1;
}

static void add_types(struct program *p)
{
	static const uint8_t kinds[] = {
		GRAPH_INT, GRAPH_FLOAT, GRAPH_PTR, GRAPH_PTR, GRAPH_PTR, GRAPH_CONST,
		GRAPH_VOLATILE, GRAPH_RESTRICT, GRAPH_TYPE_TAG, GRAPH_TYPEDEF, GRAPH_ARRAY,
		GRAPH_FUNC_PROTO, GRAPH_FUNC_PROTO, GRAPH_STRUCT, GRAPH_STRUCT, GRAPH_UNION,
		GRAPH_ENUM, GRAPH_FWD_STRUCT, GRAPH_FWD_UNION,
	};
	uint32_t num_all = 5 + dice(p, MAX_NODES - 5);

	if (!graph_reset(&p->graph))
		die(3, "no memory", NULL);
	p->num = 1;
	p->kinds[1] = GRAPH_INT;
	for (uint32_t i = 2; i < num_all; i++)
		p->kinds[i] = kinds[dice(p, sizeof(kinds))];
	for (uint32_t i = 1; i < num_all; i++)
		add_node(p, i, num_all);
	need(type_store_add_unit(p->store, 0, 0, NULL, &p->graph));
	need(type_store_settle(p->store, NULL));
}

static void resolve_types(struct program *p)
{
	for (uint32_t i = 0; i < p->num; i++) {
		struct unit_type handle = type_store_handle(&p->graph, (struct node_id){ i });

		p->types[i] = i ? type_store_resolve(p->store, 0, handle) : (struct type_id){ 0 };
	}
}

static struct type_id add_late(struct program *p, struct settled_type type)
{
	struct type_id id = type_store_add_type(p->store, &type);

	if (!id.v)
		die(3, "no memory", NULL);
	return id;
}

/* A pointer with an attribute, or with tags of the usual kind. */
static struct type_id late_pointer(struct program *p)
{
	struct type_id id = p->types[dice(p, p->num)];

	for (uint32_t i = dice(p, 3); i; i--) {
		bool attribute = dice(p, 2);

		id = add_late(p, (struct settled_type){
			.kind = GRAPH_TYPE_TAG,
			.flags = attribute ? GRAPH_ATTRIBUTE : 0,
			.name = name(p, attribute ? "address_space(%u)" : "tag%u", dice(p, 4)),
			.ref = id,
		});
	}
	return add_late(p, (struct settled_type){ .kind = GRAPH_PTR, .ref = id });
}

static struct type_id late_proto(struct program *p)
{
	struct settled_elem elems[MAX_ELEMS] = {};
	struct settled_type type = {
		.kind = GRAPH_FUNC_PROTO,
		.flags = dice(p, 5) ? 0 : GRAPH_VARARGS,
		.ref = dice(p, 3) ? p->types[sized(p)] : (struct type_id){ 0 },
		.num_elems = dice(p, MAX_ELEMS),
		.elems = elems,
	};

	for (uint32_t i = 0; i < type.num_elems; i++) {
		elems[i].name = name(p, "p%u", dice(p, 3));
		elems[i].type = dice(p, 3) ? p->types[sized(p)] : late_pointer(p);
	}
	return add_late(p, type);
}

static bool all_named(struct program *p, struct type_id proto)
{
	const struct settled_type *type = type_store_type(p->store, proto);

	for (uint32_t i = 0; i < type->num_elems; i++) {
		if (!type->elems[i].name.v)
			return false;
	}
	return true;
}

static void add_funcs(struct program *p)
{
	p->num_funcs = dice(p, MAX_FUNCS);
	for (uint32_t i = 0; i < p->num_funcs; i++) {
		struct layout_func *func = &p->funcs[i];
		uint32_t node = 1 + dice(p, p->num - 1);

		if (p->kinds[node] == GRAPH_FUNC_PROTO && all_named(p, p->types[node]))
			func->proto = p->types[node];
		else
			func->proto = late_proto(p);
		func->name = name(p, dice(p, 5) ? "fun%u" : "fun.isra.%u", dice(p, 1000));
		func->linkage = dice(p, 2);
	}
}

static void add_vars(struct program *p)
{
	uint32_t at = 0;

	p->num_vars = dice(p, MAX_VARS);
	for (uint32_t i = 0; i < p->num_vars; i++) {
		uint32_t node = sized(p);

		p->vars[i] = (struct layout_var){ name(p, "s%u", i), p->types[node], dice(p, 2) };
		p->entries[i] = (struct layout_entry){ i, at, p->sizes[node] };
		at += align_up(p->sizes[node], 8);
	}
	p->section = (struct layout_section){ name(p, ".data..percpu", 0), at ? at : 1, p->entries,
					      p->num_vars };
}

static void add_tags(struct program *p)
{
	p->num_tags = dice(p, MAX_TAGS);
	for (uint32_t i = 0; i < p->num_tags; i++) {
		struct layout_tag *tag = &p->tags[i];

		tag->text = name(p, dice(p, 3) ? "tag%u" : "s%u", dice(p, 8));
		tag->is_attribute = dice(p, 4) == 0;
		tag->component = (int32_t)dice(p, 4) - 1;
		tag->target = dice(p, 3);
		if (tag->target == TAG_OF_VAR && p->num_vars) {
			tag->index = dice(p, p->num_vars);
		} else if (tag->target == TAG_OF_FUNC && p->num_funcs) {
			tag->index = dice(p, p->num_funcs);
		} else {
			tag->target = TAG_OF_TYPE;
			tag->index = p->types[dice(p, p->num)].v;
		}
	}
}

static void adapt(struct program *p, bool without_float, bool without_enum64)
{
	const struct types_adapt_options options = { without_float, without_enum64 };
	struct types_adapt_result adapted;
	struct types_fit_result fit;

	need(types_adapt(p->store, &options, &adapted));
	types_adapt_result_deinit(&adapted);
	need(types_fit(p->store, 8, &fit));
	if (fit.cycle.v || fit.chain.v || fit.changed.num)
		die(1, "a type does not fit", NULL);
	types_fit_result_deinit(&fit);
}

static void check(const uint8_t *bytes, size_t size, bool with_layout)
{
	const struct verify_options options = {
		.ptr_size = 8,
		.program = true,
		.classic_header = !with_layout,
		.classic_info = true,
		.tags_first = true,
		.sorted = true,
		.strings = true,
		.vars = true,
		.tags = true,
		.layout = true,
	};
	struct verify_violation violation;
	struct btfgen_error *err;
	struct btf_view view;

	need(btf_view_open((struct span){ bytes, size }, NULL, &view));
	need(btf_verify(&view, &options, NULL, &violation));
	err = verify_error(&violation);
	if (err)
		die(1, "refused", err);
	btf_view_close(&view);
}

static void write_file(const char *folder, uint64_t seed, bool with_layout, const uint8_t *bytes,
		       size_t size)
{
	char path[4096];
	FILE *out;

	snprintf(path, sizeof(path), "%s/%llu%s.btf", folder, (unsigned long long)seed,
		 with_layout ? ".layout" : "");
	out = fopen(path, "wb");
	if (!out || fwrite(bytes, 1, size, out) != size || fclose(out))
		die(3, path, NULL);
}

static void make(const char *folder, uint64_t seed, struct pool *pool)
{
	struct type_store_options options = { .num_workers = 1, .num_units = 1 };
	struct program *p = calloc(1, sizeof(*p));
	struct layout_input input;
	struct btf_layout *layout;
	uint8_t *bytes;
	size_t size;

	if (!p)
		die(3, "no memory", NULL);
	p->seed = hash_u64(seed + 1);
	options.force_collisions = dice(p, 8) == 0;
	need(type_store_create(&options, &p->store));
	input = (struct layout_input){
		.store = p->store,
		.vars = p->vars,
		.funcs = p->funcs,
		.tags = p->tags,
		.sections = &p->section,
		.num_sections = 1,
		.with_kind_layout = dice(p, 4) == 0,
		.without_enum64 = dice(p, 2),
	};
	add_types(p);
	adapt(p, dice(p, 2), input.without_enum64);
	resolve_types(p);
	add_vars(p);
	add_funcs(p);
	add_tags(p);
	input.num_vars = p->num_vars;
	input.num_funcs = p->num_funcs;
	input.num_tags = p->num_tags;
	need(btf_layout_create(&input, &layout));
	need(btf_emit(layout, pool, &bytes, &size));
	check(bytes, size, input.with_kind_layout);
	write_file(folder, seed, input.with_kind_layout, bytes, size);
	free(bytes);
	btf_layout_destroy(layout);
	type_store_destroy(p->store);
	graph_deinit(&p->graph);
	free(p);
}

int main(int argc, char **argv)
{
	uint64_t first, num;
	struct pool *pool;

	if (argc != 4) {
		fputs("usage: random_btf FOLDER FIRST_SEED NUMBER\n", stderr);
		return 2;
	}
	first = strtoull(argv[2], NULL, 10);
	num = strtoull(argv[3], NULL, 10);
	need(pool_create(1, 0, &pool));
	for (uint64_t i = 0; i < num; i++) {
		current_seed = first + i;
		make(argv[1], first + i, pool);
	}
	pool_destroy(pool);
	return 0;
}
