// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "lib/dwarf/abbrev.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/hash.h"
#include "lib/dwarf/constants.h"
#include "lib/dwarf/leb.h"

#define SECTION ".debug_abbrev"

/*
 * A declaration of more attributes than this is refused: compilers write some thirty, and the sizes
 * in the steps are 32 bits wide.
 */
enum { MAX_ATTRS = 1 << 16 };

/* Steps that are kept from table to table. */
enum { MAX_KEPT_STEPS = 1 << 17 };

enum { NUM_LOOKUP_ATTRS = 0x90, NUM_LOOKUP_FORMS = 0x30 };

struct abbrev_lookup {
	const struct abbrev_wants *wants;
	struct dwarf_encoding encoding;
	int8_t slots[NUM_LOOKUP_ATTRS];
	struct form_info forms[NUM_LOOKUP_FORMS];
};

struct compiler {
	struct abbrev_table *table;
	const struct abbrev_lookup *lookup;
	struct span section;
	const uint8_t *p;
	const uint8_t *end;
	const struct abbrev_wants *wants;
	uint32_t pending_skip; /* bytes to skip before the next step */
};

static void forget_known(struct abbrev_table *table)
{
	table->known.num = 0;
	table->known_bytes.num = 0;
	table->steps.num = 0;
	table->consts.num = 0;
	table->known_since = table->generation;
	if (table->known_slots)
		memset(table->known_slots, 0, ABBREV_KNOWN_SLOTS * sizeof(*table->known_slots));
}

/* What the standard's attributes and forms are, for one encoding. NULL when memory is out. */
static const struct abbrev_lookup *prepare_lookup(struct abbrev_table *table,
						  const struct dwarf_encoding *encoding,
						  const struct abbrev_wants *wants)
{
	struct abbrev_lookup *lookup = table->lookup;

	if (lookup && lookup->wants == wants &&
	    memcmp(&lookup->encoding, encoding, sizeof(*encoding)) == 0)
		return lookup;
	if (!lookup)
		lookup = table->lookup = malloc(sizeof(*lookup));
	if (!lookup)
		return NULL;
	forget_known(table);
	lookup->wants = wants;
	lookup->encoding = *encoding;
	for (unsigned int i = 0; i < NUM_LOOKUP_ATTRS; i++)
		lookup->slots[i] = wants->slot(i);
	for (unsigned int i = 0; i < NUM_LOOKUP_FORMS; i++)
		lookup->forms[i] = form_lookup(i, encoding);
	return lookup;
}

static struct btfgen_error *compiler_error_truncated(const struct compiler *c)
{
	return error_create_at(SECTION, c->p - c->section.data,
			       "abbreviation table does not end inside the section");
}

static bool emit_step(struct compiler *c, struct abbrev_step step)
{
	step.skip = c->pending_skip;
	c->pending_skip = 0;
	return vec_push(&c->table->steps, step);
}

/* The step for one attribute; nothing is emitted for one that only adds to the pending skip. */
static bool compile_attr(struct compiler *c, const struct form_info *form, int slot,
			 int64_t implicit_value)
{
	struct abbrev_step step = { .slot = slot < 0 ? 0 : slot, .class = form->class };
	bool take = slot >= 0;

	switch ((enum form_storage)form->storage) {
	case FORM_FIXED:
		if (!take) {
			c->pending_skip += form->size;
			return true;
		}
		switch (form->size) {
		case 1:
			step.op = OP_TAKE_U8;
			break;
		case 2:
			step.op = OP_TAKE_U16;
			break;
		case 3:
			step.op = OP_TAKE_U24;
			break;
		case 4:
			step.op = OP_TAKE_U32;
			break;
		case 8:
			step.op = OP_TAKE_U64;
			break;
		default:
			step.op = OP_TAKE_BIG;
			step.arg = form->size;
			break;
		}
		break;
	case FORM_LEB:
		step.op = take ? OP_TAKE_LEB : OP_SKIP_LEB;
		break;
	case FORM_SLEB:
		step.op = take ? OP_TAKE_SLEB : OP_SKIP_LEB;
		break;
	case FORM_STRING:
		step.op = take ? OP_TAKE_STRING : OP_SKIP_STRING;
		break;
	case FORM_BLOCK:
		step.op = take ? OP_TAKE_BLOCK : OP_SKIP_BLOCK;
		step.arg = form->size;
		break;
	case FORM_IMPLICIT:
		if (!take)
			return true;
		step.op = OP_TAKE_IMPLICIT;
		step.arg = c->table->consts.num;
		if (!vec_push(&c->table->consts, implicit_value))
			return false;
		break;
	case FORM_INDIRECT:
		step.op = take ? OP_TAKE_INDIRECT : OP_SKIP_INDIRECT;
		break;
	case FORM_UNKNOWN:
		return true;
	}
	return emit_step(c, step);
}

/* Least number of bytes that a step itself reads, its skip not counted. */
static uint32_t step_min_size(const struct abbrev_step *step)
{
	switch ((enum abbrev_op)step->op) {
	case OP_END:
	case OP_TAKE_IMPLICIT:
		return 0;
	case OP_TAKE_U16:
		return 2;
	case OP_TAKE_U24:
		return 3;
	case OP_TAKE_U32:
		return 4;
	case OP_TAKE_U64:
		return 8;
	case OP_TAKE_BIG:
		return step->arg;
	case OP_TAKE_BLOCK:
	case OP_SKIP_BLOCK:
		return step->arg ? step->arg : 1;
	default:
		return 1;
	}
}

static void finish_abbrev(struct abbrev_table *table, struct abbrev *abbrev)
{
	struct abbrev_step *steps = table->steps.data;
	uint32_t rest = 0;

	for (size_t i = table->steps.num; i-- > abbrev->first_step;) {
		steps[i].rest = rest;
		rest += steps[i].skip + step_min_size(&steps[i]);
	}
	abbrev->min_size = rest;
	abbrev->is_fixed = table->steps.num - abbrev->first_step == 1;
}

static struct btfgen_error *compile_abbrev(struct compiler *c, uint64_t code)
{
	struct abbrev_table *table = c->table;
	struct abbrev abbrev = { .code = code, .first_step = table->steps.num };
	uint32_t wanted_slots;
	uint64_t tag;

	if (!leb_read_unsigned(&c->p, c->end, &tag) || c->p >= c->end)
		return compiler_error_truncated(c);
	abbrev.tag = tag <= UINT16_MAX ? tag : 0;
	abbrev.action = c->wants->action(tag);
	abbrev.has_children = *c->p++ != 0;
	wanted_slots = c->wants->slots(abbrev.action);
	if (abbrev.has_children)
		wanted_slots |= 1u << ABBREV_SLOT_SIBLING;
	c->pending_skip = 0;
	for (uint32_t num_attrs = 0;; num_attrs++) {
		const uint8_t *start = c->p;
		uint64_t attr, form_number;
		int64_t implicit_value = 1;
		struct form_info form;
		int slot;

		if (!leb_read_unsigned(&c->p, c->end, &attr) ||
		    !leb_read_unsigned(&c->p, c->end, &form_number))
			return compiler_error_truncated(c);
		if (form_number == DW_FORM_implicit_const &&
		    !leb_read_signed(&c->p, c->end, &implicit_value))
			return compiler_error_truncated(c);
		if (!attr && !form_number)
			break;
		form = form_number < NUM_LOOKUP_FORMS ? c->lookup->forms[form_number] :
							form_lookup(form_number, &table->encoding);
		if (form.storage == FORM_UNKNOWN)
			return error_create_at(SECTION, start - c->section.data,
					       "unknown form 0x%" PRIx64 " of attribute 0x%" PRIx64,
					       form_number, attr);
		if (num_attrs == MAX_ATTRS)
			return error_create_at(SECTION, start - c->section.data,
					       "more than %d attributes in one abbreviation",
					       MAX_ATTRS);
		slot = attr < NUM_LOOKUP_ATTRS ? c->lookup->slots[attr] : c->wants->slot(attr);
		if (slot >= 0) {
			if (wanted_slots & (1u << slot))
				/* An attribute that stands twice: the first one counts. */
				wanted_slots &= ~(1u << slot);
			else
				slot = -1;
		}
		if (!compile_attr(c, &form, slot, implicit_value))
			return error_nomem();
	}
	if (!emit_step(c, (struct abbrev_step){ .op = OP_END }))
		return error_nomem();
	finish_abbrev(table, &abbrev);
	if (!vec_push(&table->abbrevs, abbrev))
		return error_nomem();
	return NULL;
}

/* Bytes of a declaration that are hashed; shorter ones at the end of the section are not looked up. */
enum { HASHED_BYTES = 16, MAX_PROBES = 16 };

static uint32_t hash_declaration(const uint8_t *p)
{
	uint64_t first, second;

	memcpy(&first, p, sizeof(first));
	memcpy(&second, p + 8, sizeof(second));
	return hash_u64(first ^ second * 0x9e3779b97f4a7c15ull);
}

/* The slot of the declaration at c->p, or a free one for it; NULL if there is none. */
static uint32_t *find_known(const struct compiler *c)
{
	const struct abbrev_table *table = c->table;
	uint32_t at;

	if (!table->known_slots || c->end - c->p < HASHED_BYTES)
		return NULL;
	at = hash_declaration(c->p);
	for (unsigned int i = 0; i < MAX_PROBES; i++, at++) {
		uint32_t *slot = &table->known_slots[at % ABBREV_KNOWN_SLOTS];
		const struct abbrev_known *known;

		if (!*slot)
			return slot;
		/* A declaration tells where it ends: the same bytes are the same declaration. */
		known = &table->known.data[*slot - 1];
		if (known->size <= (size_t)(c->end - c->p) &&
		    memcmp(table->known_bytes.data + known->bytes, c->p, known->size) == 0)
			return slot;
	}
	return NULL;
}

/* Remembers the last abbreviation, whose declaration began at @start. False when memory is out. */
static bool add_known(struct compiler *c, const uint8_t *start, uint32_t *slot)
{
	struct abbrev_table *table = c->table;
	struct abbrev *abbrev = &table->abbrevs.data[table->abbrevs.num - 1];
	struct abbrev_known known = { .bytes = table->known_bytes.num, .size = c->p - start };

	if (table->known.num == ABBREV_MAX_KNOWN || c->p - start > UINT16_MAX)
		return true;
	if (!vec_reserve(&table->known, table->known.num + 1) ||
	    !vec_reserve(&table->known_bytes, table->known_bytes.num + known.size))
		return false;
	memcpy(table->known_bytes.data + known.bytes, start, known.size);
	table->known_bytes.num += known.size;
	abbrev->known = table->known.num + 1;
	known.abbrev = *abbrev;
	table->known.data[table->known.num++] = known;
	*slot = abbrev->known;
	return true;
}

/* The declaration behind @code. */
static struct btfgen_error *take_abbrev(struct compiler *c, uint64_t code)
{
	struct abbrev_table *table = c->table;
	const uint8_t *start = c->p;
	uint32_t *slot = find_known(c);
	struct btfgen_error *err;

	if (slot && *slot) {
		const struct abbrev_known *known = &table->known.data[*slot - 1];

		if (!vec_push(&table->abbrevs, known->abbrev))
			return error_nomem();
		table->abbrevs.data[table->abbrevs.num - 1].code = code;
		c->p += known->size;
		return NULL;
	}
	err = compile_abbrev(c, code);
	if (err)
		return err;
	return !slot || add_known(c, start, slot) ? NULL : error_nomem();
}

static int compare_abbrevs(const void *pa, const void *pb)
{
	const struct abbrev *a = pa, *b = pb;

	return a->code < b->code ? -1 : a->code > b->code;
}

static struct btfgen_error *sort_abbrevs(struct abbrev_table *table)
{
	struct abbrev *abbrevs = table->abbrevs.data;

	table->is_dense = true;
	for (size_t i = 0; i < table->abbrevs.num; i++) {
		if (abbrevs[i].code != i + 1)
			table->is_dense = false;
	}
	if (table->is_dense)
		return NULL;
	qsort(abbrevs, table->abbrevs.num, sizeof(*abbrevs), compare_abbrevs);
	for (size_t i = 1; i < table->abbrevs.num; i++) {
		if (abbrevs[i].code == abbrevs[i - 1].code)
			return error_create_at(SECTION, table->off,
					       "abbreviation code %" PRIu64 " is declared twice",
					       abbrevs[i].code);
	}
	return NULL;
}

struct btfgen_error *abbrev_table_compile(struct abbrev_table *table, struct span section,
					  uint64_t off, const struct dwarf_encoding *encoding,
					  const struct abbrev_wants *wants)
{
	struct compiler c = { .table = table, .section = section, .wants = wants };
	struct btfgen_error *err;

	if (table->is_compiled && table->off == off &&
	    memcmp(&table->encoding, encoding, sizeof(*encoding)) == 0)
		return NULL;
	table->is_compiled = false;
	table->generation++;
	table->off = off;
	table->encoding = *encoding;
	table->abbrevs.num = 0;
	if (off >= section.size)
		return error_create_at(
			SECTION, off,
			"abbreviation table offset is outside the section (%zu bytes)",
			section.size);
	c.lookup = prepare_lookup(table, encoding, wants);
	if (!c.lookup)
		return error_nomem();
	/* Programs that were not kept stand between the others. */
	if (!table->keeps_known || table->known.num == ABBREV_MAX_KNOWN ||
	    table->steps.num > MAX_KEPT_STEPS)
		forget_known(table);
	/* One table alone has nothing to remember. */
	if (table->keeps_known && !table->known_slots && table->generation > 1)
		table->known_slots = calloc(ABBREV_KNOWN_SLOTS, sizeof(*table->known_slots));
	c.p = section.data + off;
	c.end = section.data + section.size;
	for (;;) {
		uint64_t code;

		if (!leb_read_unsigned(&c.p, c.end, &code))
			return compiler_error_truncated(&c);
		if (!code)
			break;
		err = take_abbrev(&c, code);
		if (err)
			return err;
	}
	err = sort_abbrevs(table);
	if (err)
		return err;
	table->is_compiled = true;
	return NULL;
}

void abbrev_table_deinit(struct abbrev_table *table)
{
	vec_deinit(&table->abbrevs);
	vec_deinit(&table->steps);
	vec_deinit(&table->consts);
	vec_deinit(&table->known);
	vec_deinit(&table->known_bytes);
	free(table->known_slots);
	table->known_slots = NULL;
	free(table->lookup);
	table->lookup = NULL;
	table->is_compiled = false;
}

const struct abbrev *abbrev_lookup_slow(const struct abbrev_table *table, uint64_t code)
{
	size_t low = 0, high = table->abbrevs.num;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (table->abbrevs.data[mid].code < code)
			low = mid + 1;
		else
			high = mid;
	}
	if (low < table->abbrevs.num && table->abbrevs.data[low].code == code)
		return &table->abbrevs.data[low];
	return NULL;
}
