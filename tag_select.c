// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "tag_select.h"

#include <stdlib.h>
#include <string.h>

/* True if BTF can have a tag there. */
static bool type_takes_tag(const struct type_store *store, struct type_id id, int32_t component)
{
	const struct settled_type *type;

	if (!id.v)
		return false;
	type = type_store_type(store, id);
	switch (type->kind) {
	case GRAPH_STRUCT:
	case GRAPH_UNION:
		return component < 0 || (uint32_t)component < type->num_elems;
	case GRAPH_TYPEDEF:
		return component < 0;
	default:
		return false;
	}
}

static int source_compare(const void *pa, const void *pb)
{
	const struct var_source *a = *(const struct var_source *const *)pa;
	const struct var_source *b = *(const struct var_source *const *)pb;

	if (a->unit != b->unit)
		return a->unit < b->unit ? -1 : 1;
	return a->key < b->key ? -1 : a->key > b->key;
}

/* Variables by the debugging entry that they were taken from. */
static const struct var_source **sort_sources(const struct var_selection *vars)
{
	const struct var_source **sorted = malloc((vars->num_vars + 1) * sizeof(*sorted));

	if (!sorted)
		return NULL;
	for (uint32_t i = 0; i < vars->num_vars; i++)
		sorted[i] = &vars->sources[i];
	if (vars->num_vars)
		qsort(sorted, vars->num_vars, sizeof(*sorted), source_compare);
	return sorted;
}

struct btfgen_error *tag_select(const struct tag_select_input *input, struct layout_tag **ret_tags,
				uint32_t *ret_num)
{
	const struct dwarf_load_result *loaded = input->loaded;
	size_t max = loaded->tags.num + input->funcs->num_tags;
	struct layout_tag *tags = malloc((max + 1) * sizeof(*tags));
	const struct var_source **sources = sort_sources(input->vars);
	uint32_t num = 0;

	if (!tags || !sources || max >= UINT32_MAX) {
		free(tags);
		free(sources);
		return error_nomem();
	}
	for (size_t i = 0; i < loaded->tags.num; i++) {
		const struct load_tag *tag = &loaded->tags.data[i];
		struct layout_tag out = { .text = tag->text, .component = tag->component };
		struct var_source key = { .unit = tag->unit, .key = tag->target_key };
		const struct var_source *key_at = &key, **source;
		struct type_id id;

		switch ((enum dwarf_tag_target)tag->target) {
		case DWARF_TAG_TYPE:
			id = type_store_resolve(input->store, tag->unit, tag->type);
			if (!type_takes_tag(input->store, id, tag->component))
				continue;
			out.target = TAG_OF_TYPE;
			out.index = id.v;
			break;
		case DWARF_TAG_VAR:
			source = bsearch(&key_at, sources, input->vars->num_vars, sizeof(*sources),
					 source_compare);
			if (!source)
				continue;
			out.target = TAG_OF_VAR;
			out.index = *source - input->vars->sources;
			break;
		case DWARF_TAG_FUNC:
			continue;
		}
		tags[num++] = out;
	}
	if (input->funcs->num_tags)
		memcpy(tags + num, input->funcs->tags, input->funcs->num_tags * sizeof(*tags));
	num += input->funcs->num_tags;
	free(sources);
	*ret_tags = tags;
	*ret_num = num;
	return NULL;
}
