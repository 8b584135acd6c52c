// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * Graphs and settled types as text, for tests of the type store.
 *
 * A unit is a list of types separated by "; ", numbered from 1; 0 is void, "-" is no name:
 *
 *	int NAME/SIZE[ENC]	INT, ENC of s, c, b		fl NAME/SIZE	FLOAT
 *	* N   C N   V N   R N	PTR, CONST, VOLATILE, RESTRICT	tt NAME=N	TYPE_TAG; tt! an attribute
 *	td NAME=N		TYPEDEF				A(N,COUNT)	ARRAY
 *	S NAME/SIZE{M:N@BIT[:W],...}	STRUCT; U UNION; W: width of a bitfield
 *	E NAME/SIZE{A=1,...}	ENUM; Es signed			P N(a:N,...)	FUNC_PROTO; varargs: ...
 *	Fs NAME   Fu NAME   Fe NAME[/SIZE]	declarations of struct, union, enum
 *	L NAME=N(-:N,...)	LINK: an external function
 *
 * Units are separated by " | "; one may begin with its path: "<dir/file.c> ". Node i of a unit has
 * the key 10 * i.
 */
#pragma once

#include <ctype.h>
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/btf/type_store.h"

struct text_reader {
	struct type_store *store;
	unsigned int worker;
	const char *p;
};

static inline void text_expect(struct text_reader *in, const char *token)
{
	size_t size = strlen(token);

	if (strncmp(in->p, token, size) != 0)
		fail_msg("expected '%s' at '%s'", token, in->p);
	in->p += size;
}

static inline bool text_accept(struct text_reader *in, const char *token)
{
	size_t size = strlen(token);

	if (strncmp(in->p, token, size) != 0)
		return false;
	in->p += size;
	return true;
}

static inline int64_t text_number(struct text_reader *in)
{
	char *end;
	long long v = strtoll(in->p, &end, 10);

	if (end == in->p)
		fail_msg("expected a number at '%s'", in->p);
	in->p = end;
	return v;
}

static inline struct str_id text_name(struct text_reader *in)
{
	size_t size = strcspn(in->p, "/={}:;,|() \n");
	struct str_id id;

	if (size == 1 && *in->p == '-')
		id.v = 0;
	else
		assert_true(type_store_intern_string(in->store, in->worker, in->p, size, &id));
	in->p += size;
	return id;
}

static inline void text_elems(struct text_reader *in, struct unit_graph *graph,
			      struct graph_node *node, const char *close)
{
	node->first_elem = graph->elems.num;
	while (!text_accept(in, close)) {
		struct graph_elem elem = {};

		if (text_accept(in, "...")) {
			node->flags |= GRAPH_VARARGS;
			continue;
		}
		elem.name = text_name(in);
		if (node->kind == GRAPH_ENUM) {
			text_expect(in, "=");
			elem.value = text_number(in);
		} else {
			text_expect(in, ":");
			elem.ref.v = text_number(in);
		}
		if (text_accept(in, "@"))
			elem.value = text_number(in);
		if (text_accept(in, ":")) {
			elem.bit_size = text_number(in);
			node->flags |= GRAPH_BITFIELDS;
		}
		assert_true(vec_push(&graph->elems, elem));
		node->num_elems++;
		text_accept(in, ",");
	}
}

static inline void text_node(struct text_reader *in, struct unit_graph *graph)
{
	static const struct {
		const char *token;
		uint8_t kind;
	} kinds[] = {
		{ "int ", GRAPH_INT }, { "fl ", GRAPH_FLOAT }, { "*", GRAPH_PTR },
		{ "C ", GRAPH_CONST }, { "V ", GRAPH_VOLATILE }, { "R ", GRAPH_RESTRICT },
		{ "tt! ", GRAPH_TYPE_TAG }, { "tt ", GRAPH_TYPE_TAG }, { "td ", GRAPH_TYPEDEF }, { "A(", GRAPH_ARRAY },
		{ "P ", GRAPH_FUNC_PROTO }, { "S ", GRAPH_STRUCT }, { "U ", GRAPH_UNION },
		{ "E ", GRAPH_ENUM }, { "Es ", GRAPH_ENUM }, { "Fs ", GRAPH_FWD_STRUCT },
		{ "Fu ", GRAPH_FWD_UNION }, { "Fe ", GRAPH_FWD_ENUM }, { "L ", GRAPH_LINK },
	};
	struct graph_node node = { .key = 10 * graph->nodes.num };
	const char *start = in->p;
	size_t k = 0;

	while (k < sizeof(kinds) / sizeof(kinds[0]) && !text_accept(in, kinds[k].token))
		k++;
	if (k == sizeof(kinds) / sizeof(kinds[0]))
		fail_msg("no kind at '%s'", in->p);
	node.kind = kinds[k].kind;
	if (strchr(kinds[k].token, '!'))
		node.flags = GRAPH_ATTRIBUTE;
	switch (node.kind) {
	case GRAPH_PTR:
	case GRAPH_CONST:
	case GRAPH_VOLATILE:
	case GRAPH_RESTRICT:
		text_accept(in, " ");
		node.ref.v = text_number(in);
		break;
	case GRAPH_TYPE_TAG:
	case GRAPH_TYPEDEF:
		node.name = text_name(in);
		text_expect(in, "=");
		node.ref.v = text_number(in);
		break;
	case GRAPH_ARRAY:
		node.ref.v = text_number(in);
		text_expect(in, ",");
		node.size = text_number(in);
		text_expect(in, ")");
		break;
	case GRAPH_LINK:
		node.name = text_name(in);
		text_expect(in, "=");
		/* fall through */
	case GRAPH_FUNC_PROTO:
		node.ref.v = text_number(in);
		text_expect(in, "(");
		text_elems(in, graph, &node, ")");
		break;
	default:
		node.name = text_name(in);
		if (text_accept(in, "/"))
			node.size = text_number(in);
		if (node.kind == GRAPH_INT) {
			node.encoding = text_accept(in, "s") ? 1 : text_accept(in, "c") ? 2 :
					text_accept(in, "b") ? 4 : 0;
		} else if (text_accept(in, "{")) {
			if (start[0] == 'E' && start[1] == 's')
				node.flags |= GRAPH_SIGNED;
			text_elems(in, graph, &node, "}");
		}
	}
	assert_int_not_equal(graph_add(graph, node).v, 0);
}

/* Reads one unit; true if another one follows. */
static inline bool text_unit(struct text_reader *in, struct unit_graph *graph)
{
	assert_true(graph_reset(graph));
	while (*in->p && !text_accept(in, " | ")) {
		if (in->p[0] == '|' || in->p[0] == '\n')
			fail_msg("stray separator at '%s'", in->p);
		text_node(in, graph);
		if (!text_accept(in, "; ") && strncmp(in->p, " | ", 3) != 0 && *in->p)
			fail_msg("expected the end of a type at '%s'", in->p);
		if (strncmp(in->p, " | ", 3) == 0) {
			in->p += 3;
			return true;
		}
	}
	return *in->p;
}

enum { TEXT_MAX_UNITS = 16, TEXT_MAX_NODES = 64 };

/* A settled store and what became of each node. */
struct text_store {
	struct type_store *store;
	unsigned int num_units;
	char *paths[TEXT_MAX_UNITS];
	struct unit_type handles[TEXT_MAX_UNITS][TEXT_MAX_NODES];
};

struct text_how {
	bool force_collisions;
	bool reverse;			/* the last unit arrives first */
	unsigned int num_workers;
};

static inline void text_store_add(struct text_store *text, struct text_reader *in, uint32_t unit)
{
	struct unit_graph graph = {};

	if (text_accept(in, "<")) {
		size_t size = strcspn(in->p, ">");

		text->paths[unit] = strndup(in->p, size);
		in->p += size;
		text_expect(in, "> ");
	}
	text_unit(in, &graph);
	assert_true(graph.nodes.num <= TEXT_MAX_NODES);
	assert_null(type_store_add_unit(text->store, in->worker, unit, text->paths[unit], &graph));
	for (uint32_t n = 0; n < graph.nodes.num; n++)
		text->handles[unit][n] = type_store_handle(&graph, (struct node_id){ n });
	graph_deinit(&graph);
}

static inline struct text_store text_store_settle(const char *units, struct text_how how)
{
	struct type_store_options options = {
		.num_workers = how.num_workers ? how.num_workers : 1,
		.num_units = TEXT_MAX_UNITS,
		.force_collisions = how.force_collisions,
	};
	const char *starts[TEXT_MAX_UNITS] = { units };
	struct text_store text = { .num_units = 1 };

	while ((units = strstr(units, " | ")) != NULL) {
		assert_true(text.num_units < TEXT_MAX_UNITS);
		units += strlen(" | ");
		starts[text.num_units++] = units;
	}
	assert_null(type_store_create(&options, &text.store));
	for (unsigned int i = 0; i < text.num_units; i++) {
		unsigned int unit = how.reverse ? text.num_units - 1 - i : i;
		struct text_reader in = {
			.store = text.store, .worker = i % options.num_workers, .p = starts[unit],
		};

		text_store_add(&text, &in, unit);
	}
	assert_null(type_store_settle(text.store, NULL));
	return text;
}

static inline void text_store_destroy(struct text_store *text)
{
	type_store_destroy(text->store);
	for (unsigned int i = 0; i < text->num_units; i++)
		free(text->paths[i]);
}

/* The settled type of a node of a unit, both as they are written. */
static inline uint32_t text_store_type(const struct text_store *text, uint32_t unit, uint32_t node)
{
	return type_store_resolve(text->store, unit, text->handles[unit][node]).v;
}

static inline void text_write_name(FILE *out, const struct type_store *store, struct str_id name)
{
	fputs(name.v ? type_store_string(store, name) : "-", out);
}

static inline void text_write_elems(FILE *out, const struct type_store *store,
				    const struct settled_type *type)
{
	for (uint32_t i = 0; i < type->num_elems; i++) {
		const struct settled_elem *elem = &type->elems[i];

		fputs(i ? "," : "", out);
		text_write_name(out, store, elem->name);
		if (type->kind == GRAPH_ENUM) {
			fprintf(out, "=%" PRId64, (int64_t)elem->value);
			continue;
		}
		fprintf(out, ":%u", elem->type.v);
		if (type->kind != GRAPH_FUNC_PROTO)
			fprintf(out, "@%" PRIu64, elem->value);
		if (elem->bit_size)
			fprintf(out, ":%u", elem->bit_size);
	}
}

static inline void text_write_type(FILE *out, const struct type_store *store,
				   const struct settled_type *type)
{
	static const char *const tokens[NUM_GRAPH_KINDS] = {
		[GRAPH_INT] = "int ", [GRAPH_FLOAT] = "fl ", [GRAPH_PTR] = "*",
		[GRAPH_CONST] = "C ", [GRAPH_VOLATILE] = "V ", [GRAPH_RESTRICT] = "R ",
		[GRAPH_TYPE_TAG] = "tt ", [GRAPH_TYPEDEF] = "td ", [GRAPH_ARRAY] = "A(",
		[GRAPH_FUNC_PROTO] = "P ", [GRAPH_STRUCT] = "S ", [GRAPH_UNION] = "U ",
		[GRAPH_ENUM] = "E ", [GRAPH_FWD_STRUCT] = "Fs ", [GRAPH_FWD_UNION] = "Fu ",
		[GRAPH_FWD_ENUM] = "Fe ",
	};

	if (type->kind == GRAPH_ALIAS) {
		fprintf(out, "=%u", type->ref.v);
		return;
	}
	assert_true(type->kind < NUM_GRAPH_KINDS && tokens[type->kind]);
	fputs(type->flags & GRAPH_SIGNED ? "Es " :
	      type->flags & GRAPH_ATTRIBUTE ? "tt! " : tokens[type->kind], out);
	switch (type->kind) {
	case GRAPH_PTR:
	case GRAPH_CONST:
	case GRAPH_VOLATILE:
	case GRAPH_RESTRICT:
		fprintf(out, "%u", type->ref.v);
		return;
	case GRAPH_TYPE_TAG:
	case GRAPH_TYPEDEF:
		text_write_name(out, store, type->name);
		fprintf(out, "=%u", type->ref.v);
		return;
	case GRAPH_ARRAY:
		fprintf(out, "%u,%u)", type->ref.v, type->size);
		return;
	case GRAPH_FUNC_PROTO:
		fprintf(out, "%u(", type->ref.v);
		text_write_elems(out, store, type);
		if (type->flags & GRAPH_VARARGS)
			fputs(type->num_elems ? ",..." : "...", out);
		fputs(")", out);
		return;
	case GRAPH_FWD_STRUCT:
	case GRAPH_FWD_UNION:
		text_write_name(out, store, type->name);
		return;
	default:
		text_write_name(out, store, type->name);
		fprintf(out, "/%u", type->size);
		if (type->kind == GRAPH_INT)
			fputs(type->encoding == 1 ? "s" : type->encoding == 2 ? "c" :
			      type->encoding == 4 ? "b" : "", out);
	}
	if (type->kind == GRAPH_STRUCT || type->kind == GRAPH_UNION || type->kind == GRAPH_ENUM) {
		fputs("{", out);
		text_write_elems(out, store, type);
		fputs("}", out);
	}
}

/* All settled types in the notation above. The caller frees it. */
static inline char *text_of_store(const struct type_store *store)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(out);
	for (uint32_t i = 1; i < type_store_num_types(store); i++) {
		fputs(i > 1 ? "; " : "", out);
		text_write_type(out, store, type_store_type(store, (struct type_id){ i }));
	}
	assert_int_equal(fclose(out), 0);
	return text;
}

/* Units give exactly these types, in whatever order they arrive and however hashes fall. */
static inline void check_types(const char *units, const char *expected)
{
	for (unsigned int i = 0; i < 8; i++) {
		struct text_store text = text_store_settle(units, (struct text_how){
			.force_collisions = i & 1, .reverse = i & 2, .num_workers = i & 4 ? 3 : 1,
		});
		char *types = text_of_store(text.store);

		assert_string_equal(types, expected);
		free(types);
		text_store_destroy(&text);
	}
}
