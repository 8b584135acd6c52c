// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* Values of attributes: strings through a cache, references, constants, addresses. */
#include <inttypes.h>

#include "dwarf_graph_internal.h"
#include "encode_diag.h"
#include "lib/base/hash.h"
#include "lib/dwarf/constants.h"

/* Of a string cache's recent strings; 512 KiB at most, which is a part of the second-level cache. */
enum { MIN_RECENT_BITS = 8, MAX_RECENT_BITS = 16 };

static struct btfgen_error *error_at_die(const struct unit_context *context, const struct die *die,
					 const char *what, uint64_t value)
{
	return error_create_at(unit_section_name(context->unit), die->off, "%s 0x%" PRIx64, what,
			       value);
}

/* Entry @index of a table of @entry_size bytes each that starts at @base. */
static bool read_indexed(struct span section, uint64_t base, uint64_t index,
			 unsigned int entry_size, bool swap, uint64_t *ret_value)
{
	const uint8_t *p;

	if (!section.data || index > section.size / entry_size ||
	    !range_fits(base, index * entry_size + entry_size, section.size))
		return false;
	p = section.data + base + index * entry_size;
	*ret_value = entry_size == 4 ? load_u32(p, swap) : load_u64(p, swap);
	return true;
}

/* Where a string attribute's bytes are: an offset in .debug_str or, for other forms, a pointer. */
static struct btfgen_error *locate_string(const struct dwarf_graph *reader,
					  const struct unit_context *context, const struct die *die,
					  unsigned int slot, uint64_t *ret_str_off,
					  const char **ret_chars)
{
	const struct dwarf_sections *sections = &reader->shared->sections;
	const struct die_attr *attr = &die->attrs[slot];
	const struct dwarf_encoding *encoding = &context->unit->encoding;
	uint64_t off;

	*ret_chars = NULL;
	switch ((enum attr_class)attr->class) {
	case ATTR_STRING:
		*ret_chars = (const char *)context->section.data + attr->value;
		return NULL;
	case ATTR_LINE_STR_OFFSET:
		if (attr->value >= sections->line_str.size)
			return error_at_die(context, die,
					    "string offset outside .debug_line_str:", attr->value);
		*ret_chars = (const char *)sections->line_str.data + attr->value;
		return NULL;
	case ATTR_STR_OFFSET:
		off = attr->value;
		break;
	case ATTR_STR_INDEX:
		if (!read_indexed(sections->str_offsets, context->str_offsets_base, attr->value,
				  encoding->offset_size, encoding->swap, &off))
			return error_at_die(
				context, die,
				"string index outside .debug_str_offsets:", attr->value);
		break;
	case ATTR_SUPPLEMENTARY:
		return error_at_die(
			context, die,
			"string in a supplementary file (dwz), which is not read: offset",
			attr->value);
	default:
		return error_at_die(context, die, "name that is no string: class", attr->class);
	}
	if (off >= sections->str.size)
		return error_at_die(context, die, "string offset outside .debug_str:", off);
	*ret_str_off = off;
	return NULL;
}

struct btfgen_error *dwarf_attr_chars(const struct dwarf_graph *reader,
				      const struct unit_context *context, const struct die *die,
				      unsigned int slot, const char **ret_chars)
{
	uint64_t str_off = 0;
	const char *chars;
	struct btfgen_error *err = locate_string(reader, context, die, slot, &str_off, &chars);

	if (err)
		return err;
	*ret_chars = chars ? chars : (const char *)reader->shared->sections.str.data + str_off;
	return NULL;
}

bool dwarf_string_cache_init(struct string_cache *cache, size_t section_size)
{
	*cache = (struct string_cache){ .recent_bits = MIN_RECENT_BITS, .num_slots = 1 << 10 };
	/* A string has some thirty bytes. */
	while (cache->recent_bits < MAX_RECENT_BITS &&
	       (size_t)32 << cache->recent_bits < section_size)
		cache->recent_bits++;
	cache->recent = calloc((size_t)1 << cache->recent_bits, sizeof(*cache->recent));
	cache->slots = calloc(cache->num_slots, sizeof(*cache->slots));
	return cache->recent && cache->slots;
}

void dwarf_string_cache_deinit(struct string_cache *cache)
{
	free(cache->recent);
	free(cache->slots);
	cache->recent = cache->slots = NULL;
}

/* The slot of an offset, or the one where it belongs. */
static struct string_slot *cache_slot(const struct string_cache *cache, uint32_t off)
{
	uint32_t at = (off * 0x9e3779b97f4a7c15ull) >> 32;

	for (;; at++) {
		struct string_slot *slot = &cache->slots[at & (cache->num_slots - 1)];

		if (!slot->id || slot->off == off)
			return slot;
	}
}

static bool cache_grow(struct string_cache *cache)
{
	struct string_cache grown = *cache;

	grown.num_slots *= 2;
	grown.slots = calloc(grown.num_slots, sizeof(*grown.slots));
	if (!grown.slots)
		return false;
	for (uint32_t i = 0; i < cache->num_slots; i++) {
		if (cache->slots[i].id)
			*cache_slot(&grown, cache->slots[i].off) = cache->slots[i];
	}
	free(cache->slots);
	*cache = grown;
	return true;
}

struct btfgen_error *dwarf_intern_chars(struct dwarf_graph *reader, const char *chars, size_t size,
					struct str_id *ret_id)
{
	if (!type_store_intern_string(reader->shared->store, reader->worker, chars, size, ret_id))
		return error_nomem();
	if (!type_store_string_is_identifier(reader->shared->store, *ret_id) && ret_id->v)
		ret_id->v |= UNWRITABLE;
	return NULL;
}

struct btfgen_error *dwarf_unwritable_name(struct dwarf_graph *reader, const struct die *die,
					   struct str_id *name)
{
	struct str_id unwritable = { name->v & ~UNWRITABLE };

	name->v = 0;
	return dwarf_diag(reader, DIAG_BAD_NAME, die->off, unwritable, die->abbrev->tag);
}

/* Offsets only save time: equal contents have one id wherever they stand. */
static bool cache_add(struct dwarf_graph *reader, uint32_t off, uint32_t *ret_id)
{
	struct span strings = reader->shared->sections.str;
	struct type_store *store = reader->shared->store;
	struct string_cache *cache = &reader->strings;
	struct str_id id;

	if (!type_store_intern_next(store, reader->worker, (const char *)strings.data + off,
				    strings.size - off, &id))
		return false;
	if (!type_store_string_is_identifier(store, id) && id.v)
		id.v |= UNWRITABLE;
	*ret_id = id.v;
	/* The empty string is not remembered, nor what no other unit refers to by this offset. */
	if (!id.v || reader->shared->has_strings_by_unit)
		return true;
	if (++cache->num > cache->num_slots / 2 && !cache_grow(cache))
		return false;
	*cache_slot(cache, off) = (struct string_slot){ off, id.v };
	return true;
}

bool dwarf_intern_offset(struct dwarf_graph *reader, uint32_t off, uint32_t *ret_id)
{
	const struct string_slot *slot = NULL;

	if (!reader->shared->has_strings_by_unit)
		slot = cache_slot(&reader->strings, off);
	if (slot && slot->id)
		*ret_id = slot->id;
	else if (off >= reader->shared->sections.str.size || !cache_add(reader, off, ret_id))
		return false;
	*string_cache_recent(&reader->strings, off) = (struct string_slot){ off, *ret_id };
	return true;
}

struct btfgen_error *dwarf_attr_marked_slow(struct dwarf_graph *reader,
					    const struct unit_context *context,
					    const struct die *die, unsigned int slot,
					    struct str_id *ret_id)
{
	struct btfgen_error *err;
	uint64_t str_off = 0;
	const char *chars;

	err = locate_string(reader, context, die, slot, &str_off, &chars);
	if (err)
		return err;
	if (!chars && str_off <= UINT32_MAX)
		return dwarf_intern_offset(reader, str_off, &ret_id->v) ? NULL : error_nomem();
	if (!chars)
		chars = (const char *)reader->shared->sections.str.data + str_off;
	return dwarf_intern_chars(reader, chars, strlen(chars), ret_id);
}

static const struct dwarf_signature *find_signature(const struct dwarf_graph_shared *shared,
						    uint64_t signature)
{
	size_t low = 0, high = shared->num_signatures;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (shared->signatures[mid].signature < signature)
			low = mid + 1;
		else
			high = mid;
	}
	if (low < shared->num_signatures && shared->signatures[low].signature == signature)
		return &shared->signatures[low];
	return NULL;
}

struct btfgen_error *dwarf_attr_ref_slow(struct dwarf_graph *reader,
					 const struct unit_context *context, const struct die *die,
					 unsigned int slot, uint32_t *ret_raw)
{
	const struct dwarf_graph_shared *shared = reader->shared;
	const struct die_attr *attr = &die->attrs[slot];
	const struct dwarf_unit *unit = context->unit, *main_unit = reader->main.unit;
	const struct dwarf_signature *signature;
	const struct dwarf_unit *target;
	uint64_t off;

	switch ((enum attr_class)attr->class) {
	case ATTR_REF_UNIT:
		if (attr->value < unit->dies_off - unit->off ||
		    attr->value >= unit->end_off - unit->off)
			return error_at_die(context, die,
					    "reference outside its unit:", attr->value);
		if (unit == main_unit) {
			*ret_raw = attr->value;
			return NULL;
		}
		return dwarf_foreign_ref(reader, unit - shared->units, unit->off + attr->value,
					 die->off, ret_raw);
	case ATTR_REF_INFO:
		off = attr->value;
		if (!main_unit->in_debug_types && off >= main_unit->dies_off &&
		    off < main_unit->end_off) {
			*ret_raw = off - main_unit->off;
			return NULL;
		}
		target = unit_find(shared->units, shared->num_info_units, off);
		if (!target)
			return error_at_die(context, die, "reference to no unit's DIE:", off);
		return dwarf_foreign_ref(reader, target - shared->units, off, die->off, ret_raw);
	case ATTR_REF_SIGNATURE:
		signature = find_signature(shared, attr->value);
		if (!signature)
			return error_at_die(context, die, "no type unit has the signature",
					    attr->value);
		target = &shared->units[signature->unit];
		if (target->type_off < target->dies_off - target->off ||
		    target->type_off >= target->end_off - target->off)
			return error_create_at(unit_section_name(target), target->off,
					       "type offset 0x%" PRIx64 " outside its unit",
					       target->type_off);
		off = target->off + target->type_off;
		if (target == main_unit) {
			*ret_raw = target->type_off;
			return NULL;
		}
		return dwarf_foreign_ref(reader, signature->unit, off, die->off, ret_raw);
	case ATTR_SUPPLEMENTARY:
		return error_at_die(
			context, die,
			"reference into a supplementary file (dwz), which is not read: offset",
			attr->value);
	default:
		return error_at_die(context, die, "reference of an unusable class", attr->class);
	}
}

struct btfgen_error *dwarf_attr_size(const struct unit_context *context, const struct die *die,
				     uint32_t *ret_size)
{
	int64_t size = 0;

	dwarf_attr_constant(die, SLOT_BYTE_SIZE, &size);
	if (size < 0 || size > UINT32_MAX) {
		struct btfgen_error *err =
			error_at_die(context, die, "type larger than 4 GiB: byte size", size);

		if (err->code == BTFGEN_ERROR_INPUT)
			err->code = BTFGEN_ERROR_LIMIT;
		return err;
	}
	*ret_size = size;
	return NULL;
}

bool dwarf_attr_bytes(const struct unit_context *context, const struct die *die, unsigned int slot,
		      struct span *ret_bytes)
{
	const struct die_attr *attr = &die->attrs[slot];

	if (!die_has(die, slot) || (attr->class != ATTR_EXPR && attr->class != ATTR_BLOCK))
		return false;
	*ret_bytes = (struct span){ context->section.data + attr->value, attr->size };
	return true;
}

bool dwarf_addr_index(void *ctx, uint64_t index, uint64_t *ret_addr)
{
	const struct addr_index_context *context = ctx;
	const struct dwarf_encoding *encoding = &context->unit->unit->encoding;

	return read_indexed(context->reader->shared->sections.addr, context->unit->addr_base, index,
			    encoding->addr_size, encoding->swap, ret_addr);
}

bool dwarf_attr_address(const struct dwarf_graph *reader, const struct unit_context *context,
			const struct die *die, unsigned int slot, uint64_t *ret_addr)
{
	struct addr_index_context addr_context = { reader, context };
	const struct die_attr *attr = &die->attrs[slot];

	if (!die_has(die, slot))
		return false;
	if (attr->class == ATTR_ADDR_INDEX)
		return dwarf_addr_index(&addr_context, attr->value, ret_addr);
	if (attr->class != ATTR_ADDR)
		return false;
	*ret_addr = attr->value;
	return true;
}
