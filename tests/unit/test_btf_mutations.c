// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * lib/btf/verify and the running kernel before the same damaged BTF: slices of the kernel's own,
 * with one to three mistakes each. Both take it, or both refuse it; the list of all violations is
 * empty then, or not. Skipped, with the reason, where the kernel cannot be asked (btf_kernel.h).
 *
 * BTFGEN_MUTATIONS is the number of files (1,000 if nothing is said), BTFGEN_SEED where they start.
 *
 * A slice is BTF in which nothing is missing: some hundred types of the kernel, and all that they
 * refer to, where a pointer to something that was not chosen becomes one to void.
 *
 * Not compared, because no file tells: what the kernel thinks of kptrs to types of its own. The
 * mistakes here do not make any.
 */
#include <stdio.h>

#include "btf_blob.h"
#include "btf_kernel.h"

#include "lib/base/hash.h"
#include "lib/btf/quality.h"
#include "lib/btf/verify.h"

enum { MIN_TYPES = 40, MAX_TYPES = 3000, FILES_A_SLICE = 25, MAX_OWN_BTF = 32 << 20 };

static uint64_t random_state;

static uint32_t dice(uint32_t num)
{
	random_state += 0x9e3779b97f4a7c15ull;
	return num ? hash_u64(random_state) % num : 0;
}

static uint64_t number_from_environment(const char *name, uint64_t otherwise)
{
	const char *text = getenv(name);

	return text ? strtoull(text, NULL, 0) : otherwise;
}

/* Slices. */

struct slice {
	const struct btf_view *view;
	uint32_t *new_ids; /* by old id, 0: not in it */
	uint32_t *chosen;  /* old ids */
	uint32_t num;
	uint32_t limit;

	uint8_t *data;
	size_t size;
	uint32_t num_types, types_size, strings_size;
	uint32_t *record_offs; /* by new id, from the start of data */
};

static void slice_choose(struct slice *s, uint32_t id)
{
	if (!id || id >= s->view->num_ids || s->new_ids[id])
		return;
	s->new_ids[id] = 1;
	s->chosen[s->num++] = id;
}

static size_t record_size(const struct btf_view *view, uint32_t id)
{
	const struct btf_kind_info *kind = &btf_kind_table[btf_view_kind(view, id)];

	return BTF_RECORD_SIZE + kind->tail_size + btf_view_vlen(view, id) * kind->elem_size;
}

/* Offsets in the record of all words that are ids, or that are names. Returns their number. */
static uint32_t record_words(const struct btf_view *view, uint32_t id, bool names,
			     uint32_t *ret_offs, uint32_t room)
{
	const struct btf_kind_info *kind = &btf_kind_table[btf_view_kind(view, id)];
	uint32_t vlen = kind->elem_size ? btf_view_vlen(view, id) : 0, num = 0;
	uint32_t in_tail = names ? kind->tail_strings : kind->tail_ids;
	uint32_t in_elem = names ? kind->elem_strings : kind->elem_ids;

	if (names)
		ret_offs[num++] = BTF_RECORD_NAME_OFF;
	else if (kind->word == BTF_WORD_ID)
		ret_offs[num++] = BTF_RECORD_WORD_OFF;
	for (uint32_t k = 0; k < kind->tail_size / 4u; k++) {
		if (in_tail >> k & 1)
			ret_offs[num++] = BTF_RECORD_SIZE + k * 4;
	}
	for (uint32_t i = 0; i < vlen; i++) {
		for (uint32_t k = 0; k < kind->elem_size / 4u; k++) {
			if (!(in_elem >> k & 1))
				continue;
			assert_true(num < room);
			ret_offs[num++] =
				BTF_RECORD_SIZE + kind->tail_size + i * kind->elem_size + k * 4;
		}
	}
	return num;
}

enum { MAX_WORDS = 1 << 16 };

static uint32_t words[MAX_WORDS];

static void slice_close(struct slice *s)
{
	for (uint32_t at = 0; at < s->num; at++) {
		uint32_t id = s->chosen[at];
		const uint8_t *record = btf_view_record(s->view, id);
		uint32_t num = record_words(s->view, id, false, words, MAX_WORDS);
		bool is_ptr = btf_view_kind(s->view, id) == BTF_PTR;

		if (is_ptr && (s->num >= s->limit || dice(2)))
			continue;
		for (uint32_t i = 0; i < num; i++)
			slice_choose(s, btf_view_load(s->view, record, words[i]));
	}
}

static uint32_t slice_string(struct slice *s, const char *text)
{
	uint32_t len = strlen(text) + 1, off = s->strings_size;
	uint8_t *strings = s->data + BTF_HEADER_SIZE + s->types_size;

	if (len == 1)
		return 0;
	memcpy(strings + off, text, len);
	s->strings_size += len;
	return off;
}

static void slice_write(struct slice *s)
{
	size_t at = BTF_HEADER_SIZE;
	uint32_t num;

	s->num_types = s->types_size = 0;
	for (uint32_t id = 1; id < s->view->num_ids; id++) {
		if (!s->new_ids[id])
			continue;
		s->new_ids[id] = ++s->num_types;
		s->types_size += record_size(s->view, id);
	}
	s->strings_size = 1;
	s->data = calloc(1, BTF_HEADER_SIZE + s->types_size + (8 << 20));
	s->record_offs = calloc(s->num_types + 1, sizeof(*s->record_offs));
	assert_non_null(s->data);
	assert_non_null(s->record_offs);
	for (uint32_t id = 1; id < s->view->num_ids; id++) {
		const uint8_t *record = btf_view_record(s->view, id);

		if (!s->new_ids[id])
			continue;
		s->record_offs[s->new_ids[id]] = at;
		memcpy(s->data + at, record, record_size(s->view, id));
		num = record_words(s->view, id, false, words, MAX_WORDS);
		for (uint32_t i = 0; i < num; i++) {
			uint32_t old = btf_view_load(s->view, record, words[i]);

			store_u32(s->data + at + words[i], s->new_ids[old], false);
		}
		num = record_words(s->view, id, true, words, MAX_WORDS);
		for (uint32_t i = 0; i < num; i++) {
			uint32_t old = btf_view_load(s->view, record, words[i]);

			assert_true(s->strings_size < 7 << 20);
			store_u32(s->data + at + words[i],
				  slice_string(s, btf_view_string(s->view, old)), false);
		}
		at += record_size(s->view, id);
	}
	store_u16(s->data, BTF_HEADER_MAGIC, false);
	s->data[BTF_HEADER_VERSION_OFF] = BTF_HEADER_VERSION;
	store_u32(s->data + BTF_HEADER_SIZE_OFF, BTF_HEADER_SIZE, false);
	store_u32(s->data + BTF_HEADER_TYPES_SIZE_OFF, s->types_size, false);
	store_u32(s->data + BTF_HEADER_STRINGS_OFF_OFF, s->types_size, false);
	store_u32(s->data + BTF_HEADER_STRINGS_SIZE_OFF, s->strings_size, false);
	s->size = BTF_HEADER_SIZE + s->types_size + s->strings_size;
}

static void slice_make(const struct btf_view *view, struct slice *ret_slice)
{
	struct slice s = { .view = view };

	s.new_ids = calloc(view->num_ids, sizeof(*s.new_ids));
	s.chosen = calloc(view->num_ids, sizeof(*s.chosen));
	assert_non_null(s.new_ids);
	assert_non_null(s.chosen);
	s.limit = MIN_TYPES + dice(MAX_TYPES);
	/* A section would take all variables along. */
	while (s.num < s.limit / 2) {
		uint32_t id = 1 + dice(view->num_ids - 1);

		if (btf_view_kind(view, id) != BTF_DATASEC)
			slice_choose(&s, id);
	}
	slice_close(&s);
	slice_write(&s);
	*ret_slice = s;
}

static void slice_free(struct slice *s)
{
	free(s->new_ids);
	free(s->chosen);
	free(s->data);
	free(s->record_offs);
}

/* Mistakes. */

static uint32_t word_change(uint32_t word, uint32_t num_types)
{
	switch (dice(8)) {
	case 0:
		return word ^ 1u << dice(32);
	case 1:
		return word + 1;
	case 2:
		return word - 1;
	case 3:
		return 0;
	case 4:
		return dice(num_types + 2);
	case 5:
		return word * 2;
	case 6:
		return dice(256);
	default:
		return dice(UINT32_MAX);
	}
}

static void word_mutate(uint8_t *at, uint32_t num_types)
{
	store_u32(at, word_change(load_u32(at, false), num_types), false);
}

/* Bits that are something: vlen, kind, flag, or any. */
static void info_mutate(uint8_t *at)
{
	uint32_t info = load_u32(at, false);

	switch (dice(5)) {
	case 0:
		info ^= 1u << 31;
		break;
	case 1:
		info = (info & 0x80ffffff) | dice(22) << 24;
		break;
	case 2:
		info = (info & 0xff000000) | (uint16_t)(info + (dice(2) ? 1 : -1));
		break;
	case 3:
		info ^= 1u << (16 + dice(8));
		break;
	default:
		info ^= 1u << dice(32);
		break;
	}
	store_u32(at, info, false);
}

static size_t record_end(const struct slice *s, uint32_t id)
{
	return id < s->num_types ? s->record_offs[id + 1] : BTF_HEADER_SIZE + s->types_size;
}

/* Two records change places; all in between moves, ids stay with places. */
static void records_exchange(const struct slice *s, uint8_t *data)
{
	uint32_t a = 1 + dice(s->num_types), b = 1 + dice(s->num_types), c;
	size_t a_size, b_size, middle;
	uint8_t *copy = malloc(s->types_size);
	uint8_t *at = copy;

	assert_non_null(copy);
	if (a > b) {
		c = a;
		a = b;
		b = c;
	}
	a_size = record_end(s, a) - s->record_offs[a];
	b_size = record_end(s, b) - s->record_offs[b];
	if (a != b) {
		middle = s->record_offs[b] - record_end(s, a);
		memcpy(at, data + s->record_offs[b], b_size);
		at += b_size;
		memcpy(at, data + record_end(s, a), middle);
		at += middle;
		memcpy(at, data + s->record_offs[a], a_size);
		memcpy(data + s->record_offs[a], copy, a_size + middle + b_size);
	}
	free(copy);
}

static void slice_mutate(const struct slice *s, uint8_t *data)
{
	static const char odd[] = { 0, ' ', '!', '.', '9', '~', 0x7f, (char)0xc3, 'a', ':' };
	uint32_t id = 1 + dice(s->num_types), num;
	uint8_t *record = data + s->record_offs[id];
	size_t size = record_end(s, id) - s->record_offs[id];

	switch (dice(10)) {
	case 0:
		info_mutate(record + BTF_RECORD_INFO_OFF);
		break;
	case 1: /* size or id */
		word_mutate(record + BTF_RECORD_WORD_OFF, s->num_types);
		break;
	case 2:
		word_mutate(record + BTF_RECORD_NAME_OFF, s->strings_size);
		break;
	case 3: /* a word behind the first three */
	case 4:
		num = (size - BTF_RECORD_SIZE) / 4;
		word_mutate(record + (num ? BTF_RECORD_SIZE + dice(num) * 4 : BTF_RECORD_WORD_OFF),
			    s->num_types);
		break;
	case 5: /* any of a type to one of another */
		memcpy(record + dice(size / 4) * 4,
		       data + s->record_offs[1 + dice(s->num_types)] + dice(3) * 4, 4);
		break;
	case 6:
		records_exchange(s, data);
		break;
	case 7: /* strings */
		data[BTF_HEADER_SIZE + s->types_size + dice(s->strings_size)] =
			odd[dice(sizeof(odd))];
		break;
	case 8: /* a reference forwards or backwards */
		word_mutate(data + BTF_HEADER_SIZE + dice(s->types_size / 4) * 4, s->num_types);
		break;
	default:
		if (dice(4))
			store_u32(record + BTF_RECORD_WORD_OFF, 1 + dice(s->num_types), false);
		else
			word_mutate(data + dice(BTF_HEADER_SIZE / 4) * 4, s->num_types);
		break;
	}
}

/* Both judges. */

enum { TEXT_SIZE = 1024 };

static bool we_accept(struct span bytes, const struct verify_options *options,
		      char ret_text[static TEXT_SIZE])
{
	struct verify_findings findings = { .max = 5 };
	struct verify_violation violation;
	struct btfgen_error *err;
	struct btf_view view;
	char first[TEXT_SIZE];

	ret_text[0] = 0;
	err = btf_view_open(bytes, NULL, &view);
	if (err) {
		snprintf(ret_text, TEXT_SIZE, "%s", err->message);
		error_free(err);
		return false;
	}
	assert_null(btf_verify(&view, options, NULL, &violation));
	assert_null(btf_verify_all(&view, options, &findings));
	assert_int_equal(!violation.rule, !findings.num_found[0]);
	if (violation.rule) {
		snprintf(ret_text, TEXT_SIZE, "%s", violation.text);
		verify_finding_describe(&findings.items.data[0], first, sizeof(first));
		assert_string_equal(first, ret_text);
	}
	/* Flaws of anything that can be read. */
	assert_null(btf_find_flaws(&view, true, &findings));
	verify_findings_deinit(&findings);
	btf_view_close(&view);
	return !violation.rule;
}

static void compare(struct span bytes, const struct verify_options *options, uint64_t seed,
		    bool *ret_accepted)
{
	static char log[LOG_SIZE];
	char text[TEXT_SIZE];
	bool accepted = kernel_accepts(bytes.data, bytes.size);

	*ret_accepted = accepted;
	if (we_accept(bytes, options, text) == accepted)
		return;
	log[0] = 0;
	close(kernel_load(bytes.data, bytes.size, log));
	fail_msg("seed %llu: kernel %s%s, ours '%s'", (unsigned long long)seed,
		 accepted ? "accepts" : "refuses: ", log, text);
}

/* False if there is none. */
static bool own_btf_read(uint8_t **ret_data, size_t *ret_size)
{
	FILE *file = fopen("/sys/kernel/btf/vmlinux", "rbe");
	uint8_t *data;
	size_t size;

	if (!file)
		return false;
	data = malloc(MAX_OWN_BTF);
	assert_non_null(data);
	size = fread(data, 1, MAX_OWN_BTF, file);
	fclose(file);
	if (size < BTF_HEADER_SIZE || size == MAX_OWN_BTF || HOST_BIG_ENDIAN) {
		free(data);
		return false;
	}
	*ret_data = data;
	*ret_size = size;
	return true;
}

static void kernel_agrees_on_mutations(void **state)
{
	uint64_t num = number_from_environment("BTFGEN_MUTATIONS", 1000), num_accepted = 0;
	uint64_t first = number_from_environment("BTFGEN_SEED", 1);
	struct verify_options options;
	struct slice slice = {};
	struct btf_view view;
	uint8_t *own = NULL, *copy;
	size_t own_size = 0;
	bool accepted;

	(void)state;
	if (!kernel_options(&options))
		skip();
	if (!own_btf_read(&own, &own_size)) {
		print_message("the running kernel shows no BTF of its own\n");
		skip();
	}
	assert_null(btf_view_open((struct span){ own, own_size }, NULL, &view));
	for (uint64_t i = 0; i < num; i++) {
		struct span bytes;

		/* So that one seed alone finds its slice again. */
		random_state = hash_u64((first + i) / FILES_A_SLICE);
		if (i == 0 || (first + i) % FILES_A_SLICE == 0) {
			slice_free(&slice);
			slice_make(&view, &slice);
			compare((struct span){ slice.data, slice.size }, &options, first + i,
				&accepted);
			assert_true(accepted);
		}
		random_state = hash_u64((first + i) << 20);
		copy = malloc(slice.size);
		assert_non_null(copy);
		memcpy(copy, slice.data, slice.size);
		for (uint32_t k = 0; k <= dice(3); k++)
			slice_mutate(&slice, copy);
		bytes = (struct span){ copy, slice.size };
		compare(bytes, &options, first + i, &accepted);
		num_accepted += accepted;
		free(copy);
	}
	slice_free(&slice);
	print_message("%llu files, %llu of them accepted by both\n", (unsigned long long)num,
		      (unsigned long long)num_accepted);
	/* Mutations that are all refused, or all taken, would show nothing. */
	assert_in_range(num_accepted, num / 20, num * 3 / 4);
	btf_view_close(&view);
	free(own);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(kernel_agrees_on_mutations),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
