// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * Each rule is a pass of its own over the view. What belongs together by name or content is found
 * by sorting ids, with the id as last key, so that a list is the same each time.
 *
 * N4 is the question of lib/btf/partition.h: the seed of a type is all that its record holds but
 * ids of this BTF, as a hash (names by content); the edges are those ids. Types of one block are
 * equal. Hashes have 64 bits: that two of them agree by chance is less likely than that the memory
 * errs, and it would only be a wrong warning.
 */
#include "lib/btf/quality.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/cleanup.h"
#include "lib/base/hash.h"
#include "lib/base/vec.h"
#include "lib/btf/partition.h"
#include "lib/btf/verify_internal.h"

struct flaws {
	const struct btf_view *view;
	struct verify_findings *findings;
};

typedef VEC(uint32_t) id_vec;

static bool id_is_mine(const struct flaws *f, uint32_t id)
{
	return id - f->view->first_id < f->view->num_own;
}

/* N1 */

static struct btfgen_error *order_check(const struct flaws *f)
{
	const struct btf_view *view = f->view;
	uint32_t first = 0, num = 0;

	for (uint32_t id = view->first_id + 1; id < view->num_ids; id++) {
		if (strcmp(btf_view_name(view, id - 1), btf_view_name(view, id)) <= 0)
			continue;
		first = first ? first : id;
		num++;
	}
	if (first)
		verify_find(
			f->findings, view, "N1", first, VERIFY_NO_INDEX,
			"stands behind '%.120s', which sorts after it; places like this: %" PRIu32,
			btf_view_name(view, first - 1), num);
	return NULL;
}

/* N2 and N3: ids by kind and name. */

static uint32_t naming_kind(const struct btf_view *view, uint32_t id)
{
	uint32_t kind = btf_view_kind(view, id);

	/* They stand in for each other. */
	return kind == BTF_ENUM64 ? BTF_ENUM : kind;
}

static int name_compare(const void *pa, const void *pb, void *arg)
{
	const struct btf_view *view = arg;
	uint32_t a = *(const uint32_t *)pa, b = *(const uint32_t *)pb;
	uint32_t x = naming_kind(view, a), y = naming_kind(view, b);
	int order;

	if (x != y)
		return x < y ? -1 : 1;
	order = strcmp(btf_view_name(view, a), btf_view_name(view, b));
	return order ? order : a < b ? -1 : a > b;
}

static bool names_collect(const struct btf_view *view, uint32_t first_id, uint32_t kinds,
			  id_vec *ids)
{
	for (uint32_t id = first_id; id < view->num_ids; id++) {
		uint32_t kind = naming_kind(view, id);

		if (kind < BTF_NUM_KINDS && kind_in(kind, kinds) && *btf_view_name(view, id) &&
		    !vec_push(ids, id))
			return false;
	}
	if (ids->num)
		qsort_r(ids->data, ids->num, sizeof(*ids->data), name_compare, (void *)view);
	return true;
}

struct ambiguous {
	uint32_t num_names;
	uint32_t first_id;  /* the lowest second one */
	uint32_t num_types; /* of that name */
};

/* ids[start .. end) have one kind and name. */
static void name_count(const struct flaws *f, const id_vec *ids, size_t start, size_t end,
		       struct ambiguous *of_kinds)
{
	uint32_t kind = naming_kind(f->view, ids->data[start]);
	struct ambiguous *of_kind = &of_kinds[kind];

	if (end - start < 2)
		return;
	if (kind != BTF_FUNC && kind != BTF_VAR) {
		of_kind->num_names++;
		if (of_kind->first_id && of_kind->first_id < ids->data[start + 1])
			return;
		of_kind->first_id = ids->data[start + 1];
		of_kind->num_types = end - start;
		return;
	}
	for (size_t i = start + 1; i < end; i++)
		verify_find(f->findings, f->view, "N2", ids->data[i], VERIFY_NO_INDEX,
			    "is %s %" PRIu32 " as well", btf_kind_table[kind].name,
			    ids->data[start]);
}

static struct btfgen_error *names_check(const struct flaws *f)
{
	struct ambiguous of_kinds[BTF_NUM_KINDS] = {};
	const struct btf_view *view = f->view;
	id_vec ids = {};
	size_t start = 0;

	if (!names_collect(view, view->first_id,
			   COMPOSITE_KINDS | ENUM_KINDS | KIND_BIT(BTF_TYPEDEF) |
				   KIND_BIT(BTF_FUNC) | KIND_BIT(BTF_VAR),
			   &ids)) {
		vec_deinit(&ids);
		return error_nomem();
	}
	for (size_t i = 1; i <= ids.num; i++) {
		if (i < ids.num &&
		    naming_kind(view, ids.data[i]) == naming_kind(view, ids.data[start]) &&
		    !strcmp(btf_view_name(view, ids.data[i]), btf_view_name(view, ids.data[start])))
			continue;
		name_count(f, &ids, start, i, of_kinds);
		start = i;
	}
	vec_deinit(&ids);
	for (uint32_t kind = 0; kind < BTF_NUM_KINDS; kind++) {
		const struct ambiguous *of_kind = &of_kinds[kind];

		if (of_kind->num_names)
			verify_find(f->findings, view, "N2", of_kind->first_id, VERIFY_NO_INDEX,
				    "its name stands for %" PRIu32
				    " types; names of %s that do so: %" PRIu32,
				    of_kind->num_types, btf_kind_table[kind].name,
				    of_kind->num_names);
	}
	return NULL;
}

static uint32_t definition_find(const struct btf_view *view, const id_vec *ids, uint32_t kind,
				const char *name)
{
	size_t low = 0, high = ids->num;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		uint32_t id = ids->data[middle];
		int order = btf_view_kind(view, id) < kind ? -1 :
			    btf_view_kind(view, id) > kind ? 1 :
							     strcmp(btf_view_name(view, id), name);

		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (low < ids->num && btf_view_kind(view, ids->data[low]) == kind &&
	    !strcmp(btf_view_name(view, ids->data[low]), name))
		return ids->data[low];
	return 0;
}

static struct btfgen_error *forwards_check(const struct flaws *f)
{
	const struct btf_view *view = f->view;
	bool collected = false;
	id_vec ids = {};

	for (uint32_t id = view->first_id; id < view->num_ids; id++) {
		uint32_t kind = btf_view_flag(view, id) ? BTF_UNION : BTF_STRUCT, definition;

		if (btf_view_kind(view, id) != BTF_FWD)
			continue;
		if (!collected && !names_collect(view, 1, COMPOSITE_KINDS, &ids)) {
			vec_deinit(&ids);
			return error_nomem();
		}
		collected = true;
		definition = definition_find(view, &ids, kind, btf_view_name(view, id));
		if (definition)
			verify_find(f->findings, view, "N3", id, VERIFY_NO_INDEX,
				    "stands beside %s %" PRIu32 " of its name",
				    btf_kind_table[kind].name, definition);
	}
	vec_deinit(&ids);
	return NULL;
}

/* N4 */

#define COMPARED_KINDS                                                                             \
	(MODIFIER_KINDS | COMPOSITE_KINDS | ENUM_KINDS | KIND_BIT(BTF_INT) | KIND_BIT(BTF_PTR) |   \
	 KIND_BIT(BTF_ARRAY) | KIND_BIT(BTF_FWD) | KIND_BIT(BTF_FUNC_PROTO) | KIND_BIT(BTF_FLOAT))

struct comparison {
	const struct flaws *f;
	uint64_t hash;	   /* of the record so far */
	uint32_t node;	   /* own number of the type */
	uint32_t position; /* of the next id */
	VEC(struct partition_edge) edges;
	bool no_memory;
};

static bool id_is_compared(const struct flaws *f, uint32_t id)
{
	uint32_t kind = btf_view_kind(f->view, id);

	return id_is_mine(f, id) && kind < BTF_NUM_KINDS && kind_in(kind, COMPARED_KINDS);
}

static void hash_add(struct comparison *c, uint64_t value)
{
	c->hash = hash_u64(c->hash ^ value) + 0x9e3779b97f4a7c15ull;
}

static void hash_add_name(struct comparison *c, uint32_t name_off)
{
	const char *name = btf_view_string(c->f->view, name_off);

	hash_add(c, hash_bytes(name, strlen(name)));
}

static void hash_add_id(struct comparison *c, uint32_t id)
{
	struct partition_edge edge = {
		.from = c->node,
		.position = c->position++,
		.to = id - c->f->view->first_id,
	};

	if (!id_is_compared(c->f, id))
		hash_add(c, (uint64_t)1 << 32 | id);
	else if (!vec_push(&c->edges, edge))
		c->no_memory = true;
	else
		hash_add(c, (uint64_t)2 << 32);
}

static void hash_add_words(struct comparison *c, const uint8_t *at, uint32_t num, uint32_t ids,
			   uint32_t strings)
{
	for (uint32_t k = 0; k < num; k++) {
		uint32_t word = btf_view_load(c->f->view, at, k * 4);

		if (ids >> k & 1)
			hash_add_id(c, word);
		else if (strings >> k & 1)
			hash_add_name(c, word);
		else
			hash_add(c, word);
	}
}

static void record_hash(struct comparison *c, uint32_t id)
{
	const struct btf_view *view = c->f->view;
	const uint8_t *record = btf_view_record(view, id), *at = record + BTF_RECORD_SIZE;
	const struct btf_kind_info *kind = &btf_kind_table[btf_view_kind(view, id)];
	uint32_t vlen = kind->elem_size ? btf_view_vlen(view, id) : 0;

	c->node = id - view->first_id;
	c->position = 0;
	c->hash = 0;
	hash_add(c, btf_view_info(view, id));
	hash_add_words(c, record, 1, 0, 1);
	hash_add_words(c, record + BTF_RECORD_WORD_OFF, 1, kind->word == BTF_WORD_ID, 0);
	hash_add_words(c, at, kind->tail_size / 4, kind->tail_ids, kind->tail_strings);
	at += kind->tail_size;
	for (uint32_t i = 0; i < vlen; i++, at += kind->elem_size)
		hash_add_words(c, at, kind->elem_size / 4, kind->elem_ids, kind->elem_strings);
}

struct seed {
	uint64_t hash;
	uint32_t node;
};

static int seed_compare(const void *pa, const void *pb)
{
	const struct seed *a = pa, *b = pb;

	if (a->hash != b->hash)
		return a->hash < b->hash ? -1 : 1;
	return a->node < b->node ? -1 : a->node > b->node;
}

static void blocks_report(const struct flaws *f, const uint32_t *blocks, uint32_t *first_ids)
{
	const struct btf_view *view = f->view;

	for (uint32_t id = view->first_id; id < view->num_ids; id++) {
		uint32_t block = blocks[id - view->first_id];

		if (!id_is_compared(f, id))
			continue;
		if (!first_ids[block])
			first_ids[block] = id;
		else
			verify_find(f->findings, view, "N4", id, VERIFY_NO_INDEX,
				    "is %s %" PRIu32 " once more",
				    btf_kind_table[btf_view_kind(view, id)].name, first_ids[block]);
	}
}

static struct btfgen_error *doubles_check(const struct flaws *f)
{
	uint32_t num = f->view->num_own, num_seeds = 0, num_blocks;
	_cleanup_free_ struct seed *seeds = calloc((size_t)num + 1, sizeof(*seeds));
	_cleanup_free_ uint32_t *blocks = calloc((size_t)num + 1, sizeof(*blocks));
	_cleanup_free_ uint32_t *first_ids = calloc((size_t)num + 1, sizeof(*first_ids));
	struct comparison c = { .f = f };
	uint64_t num_steps;
	bool ok = seeds && blocks && first_ids;

	for (uint32_t own = 0; own < num && ok; own++) {
		uint32_t id = f->view->first_id + own;

		seeds[own].node = own;
		/* Others are equal to nothing. */
		c.hash = hash_u64(own);
		if (id_is_compared(f, id))
			record_hash(&c, id);
		seeds[own].hash = c.hash;
		ok = !c.no_memory;
	}
	if (ok && num) {
		qsort(seeds, num, sizeof(*seeds), seed_compare);
		for (uint32_t i = 0; i < num; i++) {
			num_seeds += i == 0 || seeds[i].hash != seeds[i - 1].hash;
			blocks[seeds[i].node] = num_seeds - 1;
		}
		ok = partition_refine(num, num_seeds, blocks, c.edges.data, c.edges.num,
				      &num_blocks, &num_steps);
		if (ok)
			blocks_report(f, blocks, first_ids);
	}
	vec_deinit(&c.edges);
	return ok ? NULL : error_nomem();
}

/* N5 */

static void string_mark(const struct btf_view *view, uint64_t *used, uint32_t name_off)
{
	uint32_t own = name_off - view->first_str;

	if (own < view->strings_size)
		used[own / 64] |= 1ull << own % 64;
}

static void strings_mark(const struct btf_view *view, uint64_t *used)
{
	for (uint32_t id = view->first_id; id < view->num_ids; id++) {
		uint32_t kind = btf_view_kind(view, id), vlen;

		string_mark(view, used, btf_view_name_off(view, id));
		if (kind >= BTF_NUM_KINDS || !btf_kind_table[kind].elem_strings)
			continue;
		/* Each kind that has names in its elements has them first. */
		vlen = btf_view_vlen(view, id);
		for (uint32_t i = 0; i < vlen; i++)
			string_mark(view, used, btf_view_elem_word(view, id, i, 0));
	}
}

static bool is_used(const uint64_t *used, uint32_t off)
{
	return used[off / 64] >> off % 64 & 1;
}

/* One string of the own section. */
static void string_check(const struct flaws *f, const char *strings, uint32_t off, uint32_t len,
			 uint32_t first, const uint64_t *used)
{
	const struct btf_view *view = f->view;
	const char *text = strings + off;

	if (first != off)
		verify_find(f->findings, view, "N5", 0, VERIFY_NO_INDEX,
			    "string '%.120s' stands at 0x%" PRIx32 " and at 0x%" PRIx32, text,
			    view->first_str + first, view->first_str + off);
	else if (off + view->first_str && !is_used(used, off))
		verify_find(f->findings, view, "N5", 0, VERIFY_NO_INDEX,
			    "string '%.120s' at 0x%" PRIx32 " is not used", text,
			    view->first_str + off);
	for (uint32_t at = off + 1; at <= off + len; at++) {
		if (at % 64 == 0 && !used[at / 64])
			at += 63;
		else if (is_used(used, at))
			verify_find(f->findings, view, "N5", 0, VERIFY_NO_INDEX,
				    "string '%.120s' at 0x%" PRIx32
				    " is used from its byte %" PRIu32,
				    text, view->first_str + off, at - off);
	}
}

static struct btfgen_error *strings_check(const struct flaws *f)
{
	const struct btf_view *view = f->view;
	const char *strings = (const char *)view->bytes.data + view->strings_off;
	uint32_t size = view->strings_size, num = 0, mask = 15, len;
	_cleanup_free_ uint64_t *used = calloc((size_t)size / 64 + 1, sizeof(*used));
	_cleanup_free_ uint32_t *slots = NULL; /* offset + 1 of strings, by content */

	if (!used)
		return error_nomem();
	strings_mark(view, used);
	for (uint32_t at = 0; at < size; at++)
		num += !strings[at];
	while (mask / 2 < num)
		mask = mask * 2 + 1;
	slots = calloc((size_t)mask + 1, sizeof(*slots));
	if (!slots)
		return error_nomem();
	for (uint32_t off = 0; off < size; off += len + 1) {
		uint32_t slot;

		len = strlen(strings + off);
		slot = hash_bytes(strings + off, len) & mask;
		while (slots[slot] && strcmp(strings + slots[slot] - 1, strings + off))
			slot = (slot + 1) & mask;
		if (!slots[slot])
			slots[slot] = off + 1;
		string_check(f, strings, off, len, slots[slot] - 1, used);
	}
	return NULL;
}

/* N6 */

static struct btfgen_error *vars_check(const struct flaws *f)
{
	const struct btf_view *view = f->view;
	_cleanup_free_ uint32_t *num = calloc((size_t)view->num_own + 1, sizeof(*num));

	if (!num)
		return error_nomem();
	for (uint32_t id = view->first_id; id < view->num_ids; id++) {
		uint32_t vlen =
			btf_view_kind(view, id) == BTF_DATASEC ? btf_view_vlen(view, id) : 0;

		for (uint32_t i = 0; i < vlen; i++) {
			uint32_t var_id = btf_view_entry(view, id, i).var_id;

			if (id_is_mine(f, var_id))
				num[var_id - view->first_id]++;
		}
	}
	for (uint32_t id = view->first_id; id < view->num_ids; id++) {
		if (btf_view_kind(view, id) == BTF_VAR && num[id - view->first_id] != 1)
			verify_find(f->findings, view, "N6", id, VERIFY_NO_INDEX,
				    "stands in %" PRIu32 " DATASEC entries",
				    num[id - view->first_id]);
	}
	return NULL;
}

/* N7 */

static int tag_compare(const void *pa, const void *pb, void *arg)
{
	const struct btf_view *view = arg;
	uint32_t ids[] = { *(const uint32_t *)pa, *(const uint32_t *)pb }, words[2][3];
	int order;

	for (int i = 0; i < 2; i++) {
		words[i][0] = btf_view_word(view, ids[i]);
		words[i][1] = btf_view_tail_word(view, ids[i], 0);
		words[i][2] = btf_view_info(view, ids[i]);
	}
	for (int k = 0; k < 3; k++) {
		if (words[0][k] != words[1][k])
			return words[0][k] < words[1][k] ? -1 : 1;
	}
	order = strcmp(btf_view_name(view, ids[0]), btf_view_name(view, ids[1]));
	return order;
}

static int id_compare(const void *pa, const void *pb)
{
	uint32_t a = *(const uint32_t *)pa, b = *(const uint32_t *)pb;

	return a < b ? -1 : a > b;
}

static int tag_id_compare(const void *pa, const void *pb, void *arg)
{
	int order = tag_compare(pa, pb, arg);

	return order ? order : id_compare(pa, pb);
}

static struct btfgen_error *tags_check(const struct flaws *f)
{
	const struct btf_view *view = f->view;
	id_vec ids = {};
	size_t first = 0;

	for (uint32_t id = view->first_id; id < view->num_ids; id++) {
		if (btf_view_kind(view, id) == BTF_DECL_TAG && !vec_push(&ids, id)) {
			vec_deinit(&ids);
			return error_nomem();
		}
	}
	if (ids.num)
		qsort_r(ids.data, ids.num, sizeof(*ids.data), tag_id_compare, (void *)view);
	for (size_t i = 1; i < ids.num; i++) {
		if (tag_compare(&ids.data[first], &ids.data[i], (void *)view))
			first = i;
		else
			verify_find(f->findings, view, "N7", ids.data[i], VERIFY_NO_INDEX,
				    "is DECL_TAG %" PRIu32 " as well", ids.data[first]);
	}
	vec_deinit(&ids);
	return NULL;
}

/* N8 */

static struct btfgen_error *layout_check(const struct flaws *f)
{
	const struct btf_view *view = f->view;
	const uint8_t *entry = view->bytes.data + view->layout_off;
	uint32_t num = view->layout_size / BTF_LAYOUT_ENTRY_SIZE;

	if (!num)
		return NULL;
	if (num < BTF_NUM_KINDS)
		verify_find(f->findings, view, "N8", 0, VERIFY_NO_INDEX,
			    "the layout table has %" PRIu32 " entries, there are %u kinds", num,
			    BTF_NUM_KINDS);
	for (uint32_t kind = 0; kind < BTF_NUM_KINDS && kind < num;
	     kind++, entry += BTF_LAYOUT_ENTRY_SIZE) {
		const struct btf_kind_info *info = &btf_kind_table[kind];
		bool flags = load_u16(entry + 2, view->swap);

		if (entry[0] != info->tail_size || entry[1] != info->elem_size || flags)
			verify_find(f->findings, view, "N8", 0, VERIFY_NO_INDEX,
				    "the layout table says %u/%u%s of %s, it is %u/%u", entry[0],
				    entry[1], flags ? " with flags" : "", info->name,
				    info->tail_size, info->elem_size);
	}
	return NULL;
}

struct btfgen_error *btf_find_flaws(const struct btf_view *view, bool sorted,
				    struct verify_findings *findings)
{
	struct btfgen_error *(*const checks[])(const struct flaws *f) = {
		names_check, forwards_check, doubles_check, strings_check,
		vars_check,  tags_check,     layout_check,
	};
	struct flaws f = { .view = view, .findings = findings };
	struct btfgen_error *err = sorted ? order_check(&f) : NULL;

	for (size_t i = 0; i < sizeof(checks) / sizeof(*checks) && !err; i++)
		err = checks[i](&f);
	if (!err && findings->no_memory)
		err = error_nomem();
	return err;
}
