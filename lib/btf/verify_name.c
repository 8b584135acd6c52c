// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* What no kernel checks: order of names, use of strings and variables, doubles, the layout table. */
#include "lib/btf/verify_internal.h"

#include "lib/base/cleanup.h"
#include "lib/base/hash.h"

/* Names: N. */

bool verify_order(const struct verify *v, uint32_t id, struct verify_violation *ret_violation)
{
	const char *before;

	if (id == v->first_id)
		return true;
	before = btf_view_name(v->view, id - 1);
	if (strcmp(before, btf_view_name(v->view, id)) <= 0)
		return true;
	return verify_violate(v, ret_violation, "N1", id, VERIFY_NO_INDEX,
			      "stands behind '%.120s', which sorts after it", before);
}

/* Equal names stand together, and at most one of them is a FUNC: so few are looked at. */
bool verify_func(const struct verify *v, uint32_t id, struct verify_violation *ret_violation)
{
	const char *name;

	if (kind_of(v, id) != BTF_FUNC)
		return true;
	name = btf_view_name(v->view, id);
	for (uint32_t i = id - 1; i >= v->first_id; i--) {
		if (strcmp(btf_view_name(v->view, i), name))
			break;
		if (kind_of(v, i) == BTF_FUNC)
			return verify_violate(v, ret_violation, "N2", id, VERIFY_NO_INDEX,
					      "is FUNC %" PRIu32 " as well", i);
	}
	return true;
}

bool verify_layout(const struct verify *v, struct verify_violation *ret_violation)
{
	const struct btf_view *view = v->view;
	const uint8_t *entry = view->bytes.data + view->layout_off;
	uint32_t num = view->layout_size / BTF_LAYOUT_ENTRY_SIZE;

	if (!num)
		return true;
	if (num < BTF_NUM_KINDS)
		return verify_violate(v, ret_violation, "N8", 0, VERIFY_NO_INDEX,
				      "the layout table has %" PRIu32
				      " entries, there are %u kinds",
				      num, BTF_NUM_KINDS);
	for (uint32_t kind = 0; kind < BTF_NUM_KINDS; kind++, entry += BTF_LAYOUT_ENTRY_SIZE) {
		const struct btf_kind_info *info = &btf_kind_table[kind];

		if (entry[0] != info->tail_size || entry[1] != info->elem_size ||
		    load_u16(entry + 2, v->swap))
			return verify_violate(v, ret_violation, "N8", 0, VERIFY_NO_INDEX,
					      "the layout table says %u/%u%s of %s, it is %u/%u",
					      entry[0], entry[1],
					      load_u16(entry + 2, v->swap) ? " with flags" : "",
					      info->name, info->tail_size, info->elem_size);
	}
	return true;
}

struct tag_fields {
	uint32_t name_off, info, target, component, id;
};

static int tag_fields_compare(const void *pa, const void *pb)
{
	const uint32_t *a = pa, *b = pb;

	for (size_t i = 0; i < sizeof(struct tag_fields) / sizeof(*a); i++) {
		if (a[i] != b[i])
			return a[i] < b[i] ? -1 : 1;
	}
	return 0;
}

struct btfgen_error *verify_tags(const struct verify *v, struct verify_violation *ret_violation)
{
	_cleanup_free_ struct tag_fields *tags = NULL;
	uint32_t num = 0, first = UINT32_MAX, other = 0;

	for (uint32_t id = v->first_id; id < v->end_id; id++)
		num += kind_of(v, id) == BTF_DECL_TAG;
	tags = calloc((size_t)num + 1, sizeof(*tags));
	if (!tags)
		return error_nomem();
	num = 0;
	for (uint32_t id = v->first_id; id < v->end_id; id++) {
		const uint8_t *record = record_of(v, id);

		if (kind_of(v, id) == BTF_DECL_TAG)
			tags[num++] = (struct tag_fields){
				.name_off = load(v, record, BTF_RECORD_NAME_OFF),
				.info = load(v, record, BTF_RECORD_INFO_OFF),
				.target = load(v, record, BTF_RECORD_WORD_OFF),
				.component = load(v, record, BTF_RECORD_SIZE),
				.id = id,
			};
	}
	qsort(tags, num, sizeof(*tags), tag_fields_compare);
	for (uint32_t i = 1; i < num; i++) {
		if (!memcmp(&tags[i - 1], &tags[i], offsetof(struct tag_fields, id)) &&
		    tags[i].id < first) {
			first = tags[i].id;
			other = tags[i - 1].id;
		}
	}
	if (other)
		verify_violate(v, ret_violation, "N7", first, VERIFY_NO_INDEX,
			       "is DECL_TAG %" PRIu32 " as well", other);
	return NULL;
}

static bool bit_test(const uint64_t *bits, uint32_t n)
{
	return bits[n / 64] >> n % 64 & 1;
}

static void string_mark(const struct verify *v, uint64_t *used, uint32_t name_off)
{
	uint32_t own = name_off - v->view->first_str;

	if (own < v->view->strings_size)
		used[own / 64] |= 1ull << own % 64;
}

static void strings_mark(const struct verify *v, uint64_t *used)
{
	for (uint32_t id = v->first_id; id < v->end_id; id++) {
		const uint8_t *record = record_of(v, id);
		const struct btf_kind_info *kind = &btf_kind_table[v->kinds[id - v->first_id]];
		const uint8_t *elem = record + BTF_RECORD_SIZE + kind->tail_size;
		uint32_t vlen = btf_info_vlen(load(v, record, BTF_RECORD_INFO_OFF));

		string_mark(v, used, load(v, record, BTF_RECORD_NAME_OFF));
		if (!kind->elem_strings)
			continue;
		/* Each kind that has names in its elements has them first. */
		for (uint32_t i = 0; i < vlen; i++, elem += kind->elem_size)
			string_mark(v, used, load(v, elem, 0));
	}
}

/* A table of strings seen, by content: own string offset + 1, or 0. */
struct string_set {
	uint32_t *slots;
	uint32_t mask;
};

/* The offset of an equal string that was added before, or @off after adding it. */
static uint32_t string_add(const struct string_set *set, const char *strings, uint32_t off,
			   uint32_t len)
{
	uint32_t slot = hash_bytes(strings + off, len);

	for (;; slot++) {
		uint32_t *entry = &set->slots[slot & set->mask];

		if (!*entry) {
			*entry = off + 1;
			return off;
		}
		if (!memcmp(strings + *entry - 1, strings + off, len + 1))
			return *entry - 1;
	}
}

struct btfgen_error *verify_strings(const struct verify *v, struct verify_violation *ret_violation)
{
	const char *strings = (const char *)v->view->bytes.data + v->view->strings_off;
	uint32_t size = v->view->strings_size, num = 0;
	_cleanup_free_ uint64_t *used = calloc(size / 64 + 1, sizeof(*used));
	_cleanup_free_ uint32_t *slots = NULL;
	struct string_set set;

	if (!used)
		return error_nomem();
	strings_mark(v, used);
	for (uint32_t at = 0; at < size; at++)
		num += !strings[at];
	for (set.mask = 15; set.mask / 2 < num;)
		set.mask = set.mask * 2 + 1;
	slots = calloc((size_t)set.mask + 1, sizeof(*slots));
	if (!slots)
		return error_nomem();
	set.slots = slots;
	for (uint32_t off = 0, len; off < size; off += len + 1) {
		uint32_t first;

		len = strlen(strings + off);
		if (off + v->view->first_str && !bit_test(used, off)) {
			verify_violate(v, ret_violation, "N5", 0, VERIFY_NO_INDEX,
				       "string '%.120s' at 0x%" PRIx32 " is not used",
				       strings + off, off);
			return NULL;
		}
		for (uint32_t at = off + 1; at <= off + len; at++) {
			/* Most words of the map are passed over at once. */
			if (at % 64 == 0 && !used[at / 64]) {
				at += 63;
				continue;
			}
			if (bit_test(used, at)) {
				verify_violate(v, ret_violation, "N5", 0, VERIFY_NO_INDEX,
					       "string '%.120s' at 0x%" PRIx32
					       " is used from its byte %" PRIu32,
					       strings + off, off, at - off);
				return NULL;
			}
		}
		first = string_add(&set, strings, off, len);
		if (first != off) {
			verify_violate(v, ret_violation, "N5", 0, VERIFY_NO_INDEX,
				       "string '%.120s' stands at 0x%" PRIx32 " and at 0x%" PRIx32,
				       strings + off, first, off);
			return NULL;
		}
	}
	return NULL;
}

struct btfgen_error *verify_vars(const struct verify *v, struct verify_violation *ret_violation)
{
	_cleanup_free_ uint32_t *num = calloc((size_t)v->num_own + 1, sizeof(*num));

	if (!num)
		return error_nomem();
	for (uint32_t id = v->first_id; id < v->end_id; id++) {
		uint32_t vlen;

		if (v->kinds[id - v->first_id] != BTF_DATASEC)
			continue;
		vlen = btf_view_vlen(v->view, id);
		for (uint32_t i = 0; i < vlen; i++) {
			uint32_t var_id = btf_view_entry(v->view, id, i).var_id;

			if (id_is_own(v, var_id))
				num[var_id - v->first_id]++;
		}
	}
	for (uint32_t id = v->first_id; id < v->end_id; id++) {
		if (v->kinds[id - v->first_id] == BTF_VAR && num[id - v->first_id] != 1) {
			verify_violate(v, ret_violation, "N6", id, VERIFY_NO_INDEX,
				       "stands in %" PRIu32 " DATASEC entries",
				       num[id - v->first_id]);
			return NULL;
		}
	}
	return NULL;
}
