// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * Split BTF in tests: a base in the notation of btf_blob.h, with ids and order as they are written,
 * a module in that of graph_text.h, and what is written dumped as text, everything in it.
 *
 * The dump is the notation of the base with an id before each record: "3 *1; 4 S s/4{f:1@0}".
 * Own strings are listed in their order, separated by commas.
 *
 * Functions, variables and tags of the module are lists separated by commas. N is a node of the
 * module's first unit:
 *
 *	funcs	f=N		global; `!f=N` static
 *	vars	v=N		global; `!v=N` static
 *	tags	text>N#member	of a type; `#-1`: the whole; `!text`: an attribute
 *		text>fI#param	of function I		text>vI#-1	of variable I
 */
#pragma once

#include "tests/unit/btf_blob.h"
#include "tests/unit/graph_text.h"

#include "lib/base/pool.h"
#include "lib/btf/base.h"
#include "lib/btf/layout.h"
#include "lib/btf/match.h"
#include "lib/btf/verify.h"

enum { SPLIT_MAX_ITEMS = 16 };

/* ---- dump ---- */

/* With a map, each id is written as what it says. */
static inline uint32_t dump_id(const uint32_t *map, uint32_t id)
{
	return map ? map[id] : id;
}

static inline void dump_name(FILE *out, const char *name)
{
	fputs(*name ? name : "-", out);
}

static inline void dump_elems(FILE *out, const struct btf_view *view, uint32_t id,
			      const uint32_t *map)
{
	uint32_t kind = btf_view_kind(view, id);

	fputs(kind == BTF_FUNC_PROTO ? "(" : "{", out);
	for (uint32_t i = 0; i < btf_view_vlen(view, id); i++) {
		fputs(i ? "," : "", out);
		if (kind == BTF_DATASEC) {
			struct btf_view_entry entry = btf_view_entry(view, id, i);

			fprintf(out, "%u@%u+%u", dump_id(map, entry.var_id), entry.off,
				entry.size);
		} else if (kind == BTF_FUNC_PROTO) {
			struct btf_view_param param = btf_view_param(view, id, i);

			dump_name(out, param.name);
			fprintf(out, ":%u", dump_id(map, param.type_id));
		} else if (btf_kind_is_enum(kind)) {
			struct btf_view_value value = btf_view_value(view, id, i);

			dump_name(out, value.name);
			fprintf(out, "=%" PRId64, (int64_t)value.value);
		} else {
			struct btf_view_member member = btf_view_member(view, id, i);

			dump_name(out, member.name);
			fprintf(out, ":%u@%u", dump_id(map, member.type_id), member.bit_off);
			if (btf_view_flag(view, id))
				fprintf(out, ":%u", member.bits);
		}
	}
	fputs(kind == BTF_FUNC_PROTO ? ")" : "}", out);
}

static inline void dump_record(FILE *out, const struct btf_view *view, uint32_t id,
			       const uint32_t *map)
{
	static const char *const words[BTF_NUM_KINDS] = {
		"void", "i", "*", "A", "S", "U", "E", "Fs", "td", "V", "C", "R", "fn", "P", "var",
		"sec", "fl", "dt", "tt", "L",
	};
	uint32_t kind = btf_view_kind(view, id), word = btf_view_word(view, id);
	const char *name = btf_view_name(view, id);
	struct btf_view_array array;

	assert_true(kind < BTF_NUM_KINDS);
	if (kind == BTF_INT && !strcmp(name, "int") && word == 4 &&
	    btf_view_tail_word(view, id, 0) == btf_int_make(BTF_ENCODING_SIGNED, 0, 32)) {
		fputs("int", out);
		return;
	}
	if (kind == BTF_FWD)
		fputs(btf_view_flag(view, id) ? "Fu" : "Fs", out);
	else
		fprintf(out, "%s%s", words[kind], btf_view_flag(view, id) ? "!" : "");
	fputs(kind == BTF_PTR || kind == BTF_ARRAY ? "" : " ", out);
	if (btf_kind_table[kind].name_use == BTF_NAME_NONE)
		assert_string_equal(name, "");
	else
		dump_name(out, name);
	switch (kind) {
	case BTF_INT:
		fprintf(out, "/%u=%#x", word, btf_view_tail_word(view, id, 0));
		break;
	case BTF_PTR:
	case BTF_CONST:
	case BTF_VOLATILE:
	case BTF_RESTRICT:
	case BTF_FUNC_PROTO:
		fprintf(out, "%u", dump_id(map, word));
		break;
	case BTF_ARRAY:
		array = btf_view_array(view, id);
		assert_int_equal(word, 0);
		fprintf(out, "(%u,%u,%u)", dump_id(map, array.elem_id),
			dump_id(map, array.index_id), array.num);
		break;
	case BTF_TYPEDEF:
	case BTF_TYPE_TAG:
		fprintf(out, "=%u", dump_id(map, word));
		break;
	case BTF_FUNC:
		fprintf(out, "=%u", dump_id(map, word));
		if (btf_view_vlen(view, id) != BTF_LINKAGE_STATIC)
			fprintf(out, "<vlen=%u>", btf_view_vlen(view, id));
		break;
	case BTF_VAR:
	case BTF_DECL_TAG:
		fprintf(out, "=%u=%d", dump_id(map, word),
			(int32_t)btf_view_tail_word(view, id, 0));
		break;
	case BTF_FWD:
		assert_int_equal(word, 0);
		break;
	default:
		fprintf(out, "/%u", word);
	}
	if (btf_kind_table[kind].elem_size)
		dump_elems(out, view, id, map);
}

/* The view's own records; the caller frees the text. */
static inline char *dump_types(const struct btf_view *view)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(out);
	for (uint32_t id = view->first_id; id < view->num_ids; id++) {
		fprintf(out, "%s%u ", id > view->first_id ? "; " : "", id);
		dump_record(out, view, id, NULL);
	}
	assert_int_equal(fclose(out), 0);
	return text;
}

static inline char *dump_strings(const struct btf_view *view)
{
	const char *strings = (const char *)view->bytes.data + view->strings_off;
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(out);
	for (uint32_t off = view->base ? 0 : 1; off < view->strings_size;) {
		fprintf(out, "%s%s", off > 1 ? "," : "", strings + off);
		off += strlen(strings + off) + 1;
	}
	assert_int_equal(fclose(out), 0);
	return text;
}

/* Where a string begins, in the view or its base. */
static inline bool is_whole_string(const struct btf_view *view, uint32_t off)
{
	while (off < view->first_str)
		view = view->base;
	assert_true(off - view->first_str < view->strings_size);
	return off == view->first_str ||
	       !view->bytes.data[view->strings_off + off - view->first_str - 1];
}

static inline void check_whole_strings(const struct btf_view *view)
{
	for (uint32_t id = view->first_id; id < view->num_ids; id++) {
		const struct btf_kind_info *info = &btf_kind_table[btf_view_kind(view, id)];

		assert_true(is_whole_string(view, btf_view_name_off(view, id)));
		for (uint32_t i = 0; info->elem_size && i < btf_view_vlen(view, id); i++) {
			if (info->elem_strings & 1)
				assert_true(is_whole_string(
					view, btf_view_elem_word(view, id, i, 0)));
		}
	}
}

/* ---- bases ---- */

enum { SPLIT_MAX_LAYERS = 3 };

/* A stack of raw BTF, made ready. */
struct split_base {
	struct blob blobs[SPLIT_MAX_LAYERS];
	struct btf_view views[SPLIT_MAX_LAYERS];
	unsigned int num_layers;
	struct btf_base *base;
};

static inline void split_base_push(struct split_base *b, const char *text, bool big_endian)
{
	struct btf_view *view = &b->views[b->num_layers], *below = b->num_layers ? view - 1 : NULL;
	struct blob *blob = &b->blobs[b->num_layers];

	assert_true(b->num_layers < SPLIT_MAX_LAYERS);
	blob_build_split(blob, text, big_endian, below ? below->first_str + below->strings_size : 0);
	assert_null(btf_view_open(blob_span(blob), below, view));
	b->num_layers++;
}

static inline void split_base_build(struct split_base *b, const char *const *texts, bool big_endian)
{
	*b = (struct split_base){ 0 };
	for (unsigned int i = 0; i < SPLIT_MAX_LAYERS && texts[i]; i++)
		split_base_push(b, texts[i], big_endian);
	assert_null(btf_base_create(&b->views[b->num_layers - 1], &b->base));
	assert_int_equal(btf_base_num_ids(b->base), b->views[b->num_layers - 1].num_ids);
}

static inline void split_base_free(struct split_base *b)
{
	btf_base_destroy(b->base);
	for (unsigned int i = 0; i < b->num_layers; i++) {
		btf_view_close(&b->views[i]);
		blob_free(&b->blobs[i]);
	}
}

/* ---- modules ---- */

struct split_case {
	const char *bases[SPLIT_MAX_LAYERS];
	const char *module;
	const char *funcs;
	const char *vars;
	const char *tags;
	struct types_match_options match;
	const char *ids;      /* "1 0 3": of the base, by node of the first unit; NULL: not asked */
	const char *expected; /* the split's types */
	const char *strings;  /* its strings; NULL: not asked */
};

struct split_module {
	struct text_store text;
	unsigned int num_nodes; /* of the first unit, with void */
	struct layout_func funcs[SPLIT_MAX_ITEMS];
	struct layout_var vars[SPLIT_MAX_ITEMS];
	struct layout_tag tags[SPLIT_MAX_ITEMS];
	struct layout_entry entries[SPLIT_MAX_ITEMS];
	struct layout_section section;
	struct layout_input input;
};

static inline struct type_id split_node(struct split_module *m, struct text_reader *in)
{
	return (struct type_id){ text_store_type(&m->text, 0, text_number(in)) };
}

static inline struct str_id split_name(struct text_reader *in, const char *ends)
{
	size_t size = strcspn(in->p, ends);
	struct str_id id;

	assert_true(type_store_intern_string(in->store, 0, in->p, size, &id));
	in->p += size;
	return id;
}

static inline void split_funcs(struct split_module *m, const char *list)
{
	struct text_reader in = { .store = m->text.store, .p = list };

	while (list && *in.p) {
		struct layout_func *func = &m->funcs[m->input.num_funcs++];

		assert_true(m->input.num_funcs <= SPLIT_MAX_ITEMS);
		func->linkage = text_accept(&in, "!") ? BTF_LINKAGE_STATIC : BTF_LINKAGE_GLOBAL;
		func->name = split_name(&in, "=");
		text_expect(&in, "=");
		func->proto = split_node(m, &in);
		text_accept(&in, ",");
	}
}

static inline void split_vars(struct split_module *m, const char *list)
{
	struct text_reader in = { .store = m->text.store, .p = list };

	while (list && *in.p) {
		struct layout_var *var = &m->vars[m->input.num_vars];

		assert_true(m->input.num_vars < SPLIT_MAX_ITEMS);
		var->linkage = text_accept(&in, "!") ? BTF_LINKAGE_STATIC : BTF_LINKAGE_GLOBAL;
		var->name = split_name(&in, "=");
		text_expect(&in, "=");
		var->type = split_node(m, &in);
		m->entries[m->input.num_vars] = (struct layout_entry){
			.var = m->input.num_vars, .off = 64 * m->input.num_vars, .size = 64,
		};
		m->input.num_vars++;
		text_accept(&in, ",");
	}
	if (!m->input.num_vars)
		return;
	assert_true(type_store_intern_string(in.store, 0, ".data", 5, &m->section.name));
	m->section.size = 64 * m->input.num_vars;
	m->section.entries = m->entries;
	m->section.num_entries = m->input.num_vars;
	m->input.sections = &m->section;
	m->input.num_sections = 1;
}

static inline void split_tags(struct split_module *m, const char *list)
{
	struct text_reader in = { .store = m->text.store, .p = list };

	while (list && *in.p) {
		struct layout_tag *tag = &m->tags[m->input.num_tags++];

		assert_true(m->input.num_tags <= SPLIT_MAX_ITEMS);
		tag->is_attribute = text_accept(&in, "!");
		tag->text = split_name(&in, ">");
		text_expect(&in, ">");
		if (text_accept(&in, "f")) {
			tag->target = TAG_OF_FUNC;
			tag->index = text_number(&in);
		} else if (text_accept(&in, "v")) {
			tag->target = TAG_OF_VAR;
			tag->index = text_number(&in);
		} else {
			tag->target = TAG_OF_TYPE;
			tag->index = split_node(m, &in).v;
		}
		text_expect(&in, "#");
		tag->component = text_number(&in);
		text_accept(&in, ",");
	}
}

static inline void split_module_build(struct split_module *m, const struct split_case *c,
				      struct text_how how)
{
	const char *end = strstr(c->module, " | ");

	*m = (struct split_module){ .text = text_store_settle(c->module, how), .num_nodes = 2 };
	for (const char *p = c->module; (p = strchr(p, ';')) && (!end || p < end); p++)
		m->num_nodes++;
	split_funcs(m, c->funcs);
	split_vars(m, c->vars);
	split_tags(m, c->tags);
	m->input.store = m->text.store;
	m->input.funcs = m->funcs;
	m->input.vars = m->vars;
	m->input.tags = m->tags;
	m->input.without_enum64 = c->match.without_enum64;
}

static inline void split_module_free(struct split_module *m)
{
	text_store_destroy(&m->text);
}

/* Raw BTF and a view of it, on top of another one. */
struct split_output {
	uint8_t *bytes;
	size_t size;
	struct btf_view view;
};

static inline void split_output_free(struct split_output *o)
{
	btf_view_close(&o->view);
	free(o->bytes);
}

static inline void split_write(const struct layout_input *input, const struct btf_view *below,
			       struct split_output *ret_output)
{
	struct verify_options options = { .ptr_size = 8, .sorted = true };
	struct verify_violation violation;
	struct btfgen_error *err;
	struct btf_layout *layout;
	struct layout_stats stats;
	struct pool *pool;

	assert_null(pool_create(1, 0, &pool));
	assert_null(btf_layout_create(input, &layout));
	assert_null(btf_emit(layout, pool, &ret_output->bytes, &ret_output->size));
	pool_destroy(pool);
	stats = btf_layout_stats(layout);
	assert_int_equal(stats.total_bytes, ret_output->size);
	btf_layout_destroy(layout);
	assert_null(btf_view_open((struct span){ ret_output->bytes, ret_output->size }, below,
				  &ret_output->view));
	assert_int_equal(btf_view_is_big_endian(&ret_output->view), input->big_endian);
	assert_int_equal(stats.num_types, ret_output->view.num_own);
	assert_null(btf_verify(&ret_output->view, &options, NULL, &violation));
	err = verify_error(&violation);
	if (err)
		fail_msg("%s", err->message);
	check_whole_strings(&ret_output->view);
}

static inline void check_text(const struct btf_view *view, const char *types, const char *strings)
{
	char *text = dump_types(view);

	assert_string_equal(text, types);
	free(text);
	if (!strings)
		return;
	text = dump_strings(view);
	assert_string_equal(text, strings);
	free(text);
}
