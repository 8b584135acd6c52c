// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * From what is written, references are followed through the store. Where one meets a type of the
 * base that a relocation can find again, it stops there and the type goes into the distilled base.
 * Where it meets another type of the base, that is written after all, and its own references are
 * followed. What is met in neither way is left out.
 *
 * Whether a relocation finds a type depends on the base alone. It looks at all types of a name and
 * asks of each whether it can be the distilled one: integers must agree in size and encoding,
 * floating point types and enums (of either kind) in size, and what was a struct or union may be
 * anything of the size, a struct or union of any size if it is the only one of that name, and any
 * declaration of the name. Two that can be it are an error, and no module loads. Only embedded types
 * are compared more strictly, but not in every order of the base, so that this is of no help.
 *
 * The base is walked once, for its integers; all other names are looked up.
 */
#include "lib/btf/distill.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/vec.h"
#include "lib/btf/base_internal.h"
#include "lib/btf/format.h"

struct distiller {
	const struct distill_input *input;
	const struct btf_view *view;   /* of the base, all layers */
	const struct btf_view *lowest; /* of its lowest layer */
	VEC(uint32_t) numbers;	       /* ids of its integers and floating point types */
	VEC(uint32_t) same_name;       /* scratch: types that relocation looks at */
	uint32_t *new_ids;	       /* by id of the base; not 0: is in the distilled base */
	VEC(uint32_t) kept;	       /* ids of the base: what the distilled base holds */
	uint32_t *base_ids;	       /* by struct type_id; ids of the base until the end */
	bool *reached;		       /* by struct type_id */
	VEC(uint32_t) stack;	       /* types whose references are to be followed */
	VEC(struct layout_tag) tags;   /* to be written */
	bool with_array;	       /* one is written */
};

/* ---- what relocation finds ---- */

/* Only the lowest layer is relocated to. */
static struct btfgen_error *numbers_list(struct distiller *d)
{
	for (uint32_t id = 1; id < d->lowest->num_ids; id++) {
		uint32_t kind = btf_view_kind(d->lowest, id);

		if ((kind == BTF_INT || kind == BTF_FLOAT) && !vec_push(&d->numbers, id))
			return error_nomem();
	}
	return NULL;
}

static bool has_name(const struct distiller *d, uint32_t id, const char *name)
{
	return strcmp(btf_view_name(d->lowest, id), name) == 0;
}

static bool has_tag_class(const struct distiller *d, uint32_t id, uint32_t tag_class)
{
	return content_class(btf_view_kind(d->lowest, id), btf_view_flag(d->lowest, id)) ==
	       tag_class;
}

/* Fills same_name. False when memory is out. */
static bool same_name_list(struct distiller *d, const char *name)
{
	static const uint8_t tag_classes[] = { BTF_STRUCT, BTF_UNION, BTF_ENUM };
	const struct btf_base *base = d->input->base;

	d->same_name.num = 0;
	for (uint32_t i = 0; i < sizeof(tag_classes); i++) {
		struct base_search search =
			base_search(base, content_label(tag_classes[i], false,
							content_name(name, strlen(name))));
		uint32_t id;

		while ((id = base_search_next(&search))) {
			if (id < d->lowest->num_ids && has_tag_class(d, id, tag_classes[i]) &&
			    has_name(d, id, name) && !vec_push(&d->same_name, id))
				return false;
		}
	}
	for (uint32_t i = 0; i < d->numbers.num; i++) {
		if (has_name(d, d->numbers.data[i], name) &&
		    !vec_push(&d->same_name, d->numbers.data[i]))
			return false;
	}
	return true;
}

/* Structs and unions whose name is the same string of the base, as relocation counts them. */
static uint32_t num_composites(const struct distiller *d, uint32_t name_off)
{
	uint32_t num = 0;

	for (uint32_t i = 0; i < d->same_name.num; i++)
		num += btf_kind_is_composite(btf_view_kind(d->lowest, d->same_name.data[i])) &&
		       btf_view_name_off(d->lowest, d->same_name.data[i]) == name_off;
	return num;
}

/* Would relocation take @other, of the same name, for what @id became in the distilled base? */
static bool may_be_taken_for(const struct distiller *d, uint32_t id, uint32_t other)
{
	uint32_t kind = btf_view_kind(d->lowest, id), other_kind = btf_view_kind(d->lowest, other);
	bool equal_size = btf_view_word(d->lowest, id) == btf_view_word(d->lowest, other);

	switch (kind) {
	case BTF_INT:
		return other_kind == BTF_INT && equal_size &&
		       btf_int_encoding(btf_view_tail_word(d->lowest, id, 0)) ==
			       btf_int_encoding(btf_view_tail_word(d->lowest, other, 0));
	case BTF_FLOAT:
		return other_kind == BTF_FLOAT && equal_size;
	case BTF_ENUM:
	case BTF_ENUM64:
		return btf_kind_is_enum(other_kind) && equal_size;
	default: /* a struct or union, and kinds are not compared */
		return equal_size || other_kind == BTF_FWD ||
		       (btf_kind_is_composite(other_kind) &&
			num_composites(d, btf_view_name_off(d->lowest, other)) == 1);
	}
}

static bool kind_is_distilled(uint32_t kind)
{
	return kind == BTF_INT || kind == BTF_FLOAT || btf_kind_is_composite(kind) ||
	       btf_kind_is_enum(kind);
}

/* Sets *ret_found if relocation finds this type of the base, and no other. False: out of memory. */
static bool is_found_again(struct distiller *d, uint32_t id, bool *ret_found)
{
	uint32_t kind = btf_view_kind(d->view, id);
	const char *name;

	*ret_found = false;
	/* Kernels relocate to vmlinux: what a layer above it has is nowhere to be found. */
	if (id >= d->lowest->num_ids || !kind_is_distilled(kind))
		return true;
	/* A declaration. */
	if (btf_kind_is_enum(kind) && !btf_view_vlen(d->lowest, id))
		return true;
	name = btf_view_name(d->lowest, id);
	if (!*name)
		return true;
	if (!same_name_list(d, name))
		return false;
	for (uint32_t i = 0; i < d->same_name.num; i++) {
		uint32_t other = d->same_name.data[i];

		if (other != id && may_be_taken_for(d, id, other))
			return true;
	}
	*ret_found = true;
	return true;
}

/* ---- what is written ---- */

/* False when memory is out. */
static bool base_type_keep(struct distiller *d, uint32_t id)
{
	if (d->new_ids[id])
		return true;
	d->new_ids[id] = UINT32_MAX;
	return vec_push(&d->kept, id);
}

static uint32_t type_index(const struct distiller *d, struct type_id id)
{
	const struct settled_type *type = type_store_type(d->input->store, id);

	return type->kind == GRAPH_ALIAS ? type->ref.v : id.v;
}

/* The base's id of a type, 0 if it is our own. */
static uint32_t matched_id(const struct distiller *d, uint32_t index)
{
	uint32_t id = d->input->match->base_ids[index];

	return id == MATCH_LEFT_OUT ? 0 : id;
}

/* Something that is written refers to the type. False when memory is out. */
static bool type_reach(struct distiller *d, struct type_id ref)
{
	uint32_t index, id;
	bool found = false;

	if (!ref.v)
		return true;
	index = type_index(d, ref);
	if (d->reached[index])
		return true;
	d->reached[index] = true;
	id = matched_id(d, index);
	if (id && !is_found_again(d, id, &found))
		return false;
	if (found) {
		d->base_ids[index] = id;
		return base_type_keep(d, id);
	}
	d->base_ids[index] = 0;
	return vec_push(&d->stack, index);
}

static bool elems_refer(uint8_t kind)
{
	return kind == GRAPH_STRUCT || kind == GRAPH_UNION || kind == GRAPH_FUNC_PROTO;
}

static bool stack_follow(struct distiller *d)
{
	while (d->stack.num) {
		struct type_id id = { d->stack.data[--d->stack.num] };
		const struct settled_type *type = type_store_type(d->input->store, id);

		d->with_array |= type->kind == GRAPH_ARRAY;
		if (!type_reach(d, type->ref))
			return false;
		if (!elems_refer(type->kind))
			continue;
		for (uint32_t i = 0; i < type->num_elems; i++) {
			if (!type_reach(d, type->elems[i].type))
				return false;
		}
	}
	return true;
}

/* Does the base say the same of its own type? */
static bool tag_is_known(const struct distiller *d, const struct layout_tag *tag)
{
	uint32_t target;

	if (tag->target != TAG_OF_TYPE)
		return false;
	target = matched_id(d, type_index(d, (struct type_id){ tag->index }));
	return target &&
	       btf_base_has_tag(d->input->base, type_store_string(d->input->store, tag->text),
				tag->is_attribute, target, tag->component);
}

static struct btfgen_error *follow_all(struct distiller *d)
{
	const struct distill_input *input = d->input;
	uint32_t num_types = type_store_num_types(input->store);
	bool ok = true;

	for (uint32_t i = 1; i < num_types; i++)
		d->base_ids[i] = MATCH_LEFT_OUT;
	for (uint32_t i = 1; i < num_types && ok; i++) {
		if (!input->match->base_ids[i] && !input->match->is_spare[i])
			ok = type_reach(d, (struct type_id){ i });
	}
	for (uint32_t i = 0; i < input->num_vars && ok; i++)
		ok = type_reach(d, input->vars[i].type);
	for (uint32_t i = 0; i < input->num_funcs && ok; i++)
		ok = type_reach(d, input->funcs[i].proto);
	for (uint32_t i = 0; i < input->num_tags && ok; i++) {
		const struct layout_tag *tag = &input->tags[i];

		if (tag->target == TAG_OF_TYPE && !tag_is_known(d, tag))
			ok = type_reach(d, (struct type_id){ tag->index });
	}
	return ok && stack_follow(d) ? NULL : error_nomem();
}

/* A tag that the base has is written only with a type that is written again. */
static struct btfgen_error *tags_select(struct distiller *d)
{
	for (uint32_t i = 0; i < d->input->num_tags; i++) {
		const struct layout_tag *tag = &d->input->tags[i];

		if (tag_is_known(d, tag) &&
		    d->base_ids[type_index(d, (struct type_id){ tag->index })])
			continue;
		if (!vec_push(&d->tags, *tag))
			return error_nomem();
	}
	return NULL;
}

/*
 * What no type of the store refers to: the index type of arrays, and something, since kernels refuse
 * a base without types.
 */
static bool keep_needed(struct distiller *d)
{
	uint32_t id = btf_base_index_int(d->input->base);
	bool found = false;

	if (d->with_array || !d->kept.num) {
		if (id && !is_found_again(d, id, &found))
			return false;
		if (found && !base_type_keep(d, id))
			return false;
	}
	for (id = 1; id < d->lowest->num_ids && !d->kept.num; id++) {
		if (!is_found_again(d, id, &found) || (found && !base_type_keep(d, id)))
			return false;
	}
	return true;
}

/* ---- the distilled base ---- */

static int kept_compare(const void *pa, const void *pb, void *ctx)
{
	const struct distiller *d = ctx;
	uint32_t a = *(const uint32_t *)pa, b = *(const uint32_t *)pb;
	int order = strcmp(btf_view_name(d->lowest, a), btf_view_name(d->lowest, b));

	return order ? order : a < b ? -1 : a > b;
}

static bool has_name_of_last(const struct distiller *d, uint32_t i)
{
	return i && strcmp(btf_view_name(d->lowest, d->kept.data[i - 1]),
			   btf_view_name(d->lowest, d->kept.data[i])) == 0;
}

/* Bytes of the type and string sections. */
static void sections_measure(const struct distiller *d, size_t *ret_types, size_t *ret_strings)
{
	size_t types = 0, strings = 1;

	for (uint32_t i = 0; i < d->kept.num; i++) {
		uint32_t id = d->kept.data[i];

		types += BTF_RECORD_SIZE;
		if (btf_view_kind(d->lowest, id) == BTF_INT)
			types += btf_kind_table[BTF_INT].tail_size;
		if (!has_name_of_last(d, i))
			strings += strlen(btf_view_name(d->lowest, id)) + 1;
	}
	*ret_types = types;
	*ret_strings = strings;
}

static uint8_t *record_write(const struct distiller *d, uint32_t id, uint32_t name_off, uint8_t *p,
			     bool swap)
{
	uint32_t kind = btf_view_kind(d->lowest, id);

	store_u32(p + BTF_RECORD_NAME_OFF, name_off, swap);
	store_u32(p + BTF_RECORD_INFO_OFF,
		  btf_info_make(kind == BTF_ENUM64 ? BTF_ENUM : kind, false, 0), swap);
	store_u32(p + BTF_RECORD_WORD_OFF, btf_view_word(d->lowest, id), swap);
	p += BTF_RECORD_SIZE;
	if (kind != BTF_INT)
		return p;
	store_u32(p, btf_view_tail_word(d->lowest, id, 0), swap);
	return p + 4;
}

static struct btfgen_error *base_write(struct distiller *d, uint8_t **ret_bytes, size_t *ret_size)
{
	bool swap = d->input->big_endian != HOST_BIG_ENDIAN;
	size_t types_size, strings_size, name_off = 0, next_off = 1;
	uint8_t *bytes, *p, *strings;

	if (d->kept.num)
		qsort_r(d->kept.data, d->kept.num, sizeof(*d->kept.data), kept_compare, d);
	sections_measure(d, &types_size, &strings_size);
	bytes = calloc(1, BTF_HEADER_SIZE + types_size + strings_size);
	if (!bytes)
		return error_nomem();
	store_u16(bytes + BTF_HEADER_MAGIC_OFF, BTF_HEADER_MAGIC, swap);
	bytes[BTF_HEADER_VERSION_OFF] = BTF_HEADER_VERSION;
	store_u32(bytes + BTF_HEADER_SIZE_OFF, BTF_HEADER_SIZE, swap);
	store_u32(bytes + BTF_HEADER_TYPES_SIZE_OFF, types_size, swap);
	store_u32(bytes + BTF_HEADER_STRINGS_OFF_OFF, types_size, swap);
	store_u32(bytes + BTF_HEADER_STRINGS_SIZE_OFF, strings_size, swap);
	p = bytes + BTF_HEADER_SIZE;
	strings = p + types_size;
	for (uint32_t i = 0; i < d->kept.num; i++) {
		const char *name = btf_view_name(d->lowest, d->kept.data[i]);

		if (!has_name_of_last(d, i)) {
			name_off = next_off;
			memcpy(strings + name_off, name, strlen(name) + 1);
			next_off += strlen(name) + 1;
		}
		p = record_write(d, d->kept.data[i], name_off, p, swap);
		d->new_ids[d->kept.data[i]] = i + 1;
	}
	*ret_bytes = bytes;
	*ret_size = BTF_HEADER_SIZE + types_size + strings_size;
	return NULL;
}

/* Ids of the base become ids of the distilled one. */
static void base_ids_finish(struct distiller *d)
{
	uint32_t num_types = type_store_num_types(d->input->store);

	for (uint32_t i = 1; i < num_types; i++) {
		if (d->base_ids[i] && d->base_ids[i] != MATCH_LEFT_OUT)
			d->base_ids[i] = d->new_ids[d->base_ids[i]];
	}
	for (uint32_t i = 1; i < num_types; i++)
		d->base_ids[i] = d->base_ids[type_index(d, (struct type_id){ i })];
}

static struct btfgen_error *distill(struct distiller *d, struct btf_distilled *ret_distilled)
{
	size_t num_types = type_store_num_types(d->input->store);
	struct btfgen_error *err;

	d->new_ids = calloc(d->view->num_ids, sizeof(*d->new_ids));
	d->base_ids = calloc(num_types + 1, sizeof(*d->base_ids));
	d->reached = calloc(num_types + 1, sizeof(*d->reached));
	if (!d->new_ids || !d->base_ids || !d->reached)
		return error_nomem();
	err = numbers_list(d);
	if (!err)
		err = follow_all(d);
	if (!err)
		err = tags_select(d);
	if (!err && !keep_needed(d))
		err = error_nomem();
	if (!err)
		err = base_write(d, &ret_distilled->bytes, &ret_distilled->size);
	if (err)
		return err;
	base_ids_finish(d);
	ret_distilled->base_ids = d->base_ids;
	ret_distilled->num_types = num_types;
	ret_distilled->tags = d->tags.data;
	ret_distilled->num_tags = d->tags.num;
	ret_distilled->num_distilled = d->kept.num;
	return NULL;
}

struct btfgen_error *btf_distill(const struct distill_input *input,
				 struct btf_distilled *ret_distilled)
{
	struct distiller d = { .input = input, .view = btf_base_view(input->base) };
	struct btfgen_error *err;

	for (d.lowest = d.view; d.lowest->base; d.lowest = d.lowest->base)
		;
	err = distill(&d, ret_distilled);
	if (err) {
		free(d.base_ids);
		vec_deinit(&d.tags);
	}
	vec_deinit(&d.numbers);
	vec_deinit(&d.same_name);
	vec_deinit(&d.kept);
	vec_deinit(&d.stack);
	free(d.new_ids);
	free(d.reached);
	return err;
}

void btf_distilled_deinit(struct btf_distilled *distilled)
{
	free(distilled->bytes);
	free(distilled->base_ids);
	free(distilled->tags);
	*distilled = (struct btf_distilled){};
}
