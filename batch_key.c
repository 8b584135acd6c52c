// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "batch_key.h"

#include <elf.h>
#include <stddef.h>
#include <string.h>

#include "encode_base.h"
#include "lib/base/vec.h"
#include "section_choice.h"

/* Changes when what is hashed, or how, changes. */
enum { KEY_FORMAT = 2 };

enum { NOTE_TYPE = 1 };

static const char note_owner[8] = "btfgen\0";

enum {
	NOTE_OWNER_OFF = 12,
	NOTE_DESC_OFF = NOTE_OWNER_OFF + sizeof(note_owner),
	NOTE_DESC_SIZE = 24,
};

_Static_assert(NOTE_DESC_OFF + NOTE_DESC_SIZE == BATCH_NOTE_SIZE, "size of the note");

/* What is to be hashed, as words; strings and blocks go in by their hashes. */
typedef VEC(uint64_t) word_vec;

static bool push_block(word_vec *words, struct span block)
{
	struct hash_128 hash =
		hash_bytes_128(block.data ? block.data : (const void *)"", block.size);

	return vec_push(words, block.size) && vec_push(words, hash.low) &&
	       vec_push(words, hash.high);
}

static bool push_string(word_vec *words, const char *text)
{
	return push_block(words, (struct span){ (const uint8_t *)text, strlen(text) });
}

static struct hash_128 hash_words(const word_vec *words)
{
	return hash_bytes_128(words->data, words->num * sizeof(*words->data));
}

/* Content. */

static bool is_ours(const char *name)
{
	return strcmp(name, ".BTF") == 0 || strcmp(name, ".BTF.base") == 0 ||
	       strcmp(name, BATCH_NOTE_SECTION) == 0;
}

/* The ELF header without what says where the section headers are and how many. */
static bool push_header(word_vec *words, const struct elf_file *elf)
{
	uint8_t header[sizeof(Elf64_Ehdr)] = {};
	size_t size = elf_header_size(elf);

	memcpy(header, elf->bytes.data, size);
	if (elf->is_64) {
		memset(header + offsetof(Elf64_Ehdr, e_shoff), 0, sizeof(Elf64_Off));
		memset(header + offsetof(Elf64_Ehdr, e_shnum), 0, sizeof(Elf64_Half));
	} else {
		memset(header + offsetof(Elf32_Ehdr, e_shoff), 0, sizeof(Elf32_Off));
		memset(header + offsetof(Elf32_Ehdr, e_shnum), 0, sizeof(Elf32_Half));
	}
	return push_block(words, (struct span){ header, size });
}

/*
 * How much of a string table a symbol table uses. Some compilers have one table for the names of
 * symbols and sections; ours go to its end, and are not the symbols'.
 */
static size_t used_strings(const struct elf_file *elf, struct span symbols, struct span strings)
{
	size_t entry_size = elf->is_64 ? sizeof(Elf64_Sym) : sizeof(Elf32_Sym);
	size_t used = 0;

	for (size_t off = 0; range_fits(off, entry_size, symbols.size); off += entry_size) {
		/* st_name comes first in both classes. */
		uint32_t name = load_u32(symbols.data + off, elf->swap);

		if (name < strings.size && name >= used)
			used = name +
			       strnlen((const char *)strings.data + name, strings.size - name);
	}
	return used;
}

/* The section name table holds names of ours: only what symbols use of it counts. */
static struct btfgen_error *push_names(word_vec *words, const struct elf_file *elf,
				       struct span names)
{
	for (uint32_t i = 1; i < elf->num_sections; i++) {
		struct elf_section section;
		struct btfgen_error *err;
		struct span symbols, used = names;

		err = elf_section_get(elf, i, &section);
		if (err)
			return err;
		if (section.link != elf->names_index || section.type != SHT_SYMTAB)
			continue;
		err = elf_section_data(elf, &section, &symbols);
		if (err)
			return err;
		used.size = used_strings(elf, symbols, names);
		if (!push_block(words, used))
			return error_nomem();
	}
	return NULL;
}

static struct btfgen_error *push_section(word_vec *words, const struct elf_file *elf,
					 const struct elf_section *section)
{
	bool is_names = section->index == elf->names_index;
	struct btfgen_error *err;
	struct span data;

	if (!push_string(words, section->name) || !vec_push(words, section->index) ||
	    !vec_push(words, section->type) || !vec_push(words, section->flags) ||
	    !vec_push(words, section->addr) || !vec_push(words, is_names ? 0 : section->size) ||
	    !vec_push(words, section->link) || !vec_push(words, section->info) ||
	    !vec_push(words, section->align) || !vec_push(words, section->entsize))
		return error_nomem();
	err = elf_section_data(elf, section, &data);
	if (err)
		return err;
	if (is_names)
		return push_names(words, elf, data);
	return push_block(words, data) ? NULL : error_nomem();
}

static struct btfgen_error *push_sections(word_vec *words, const struct elf_file *elf,
					  bool *ret_is_whole)
{
	bool is_whole = false;

	/* The first one may hold the number of sections. */
	for (uint32_t i = 1; i < elf->num_sections; i++) {
		struct elf_section section;
		struct btfgen_error *err;

		err = elf_section_get(elf, i, &section);
		if (!err && !is_ours(section.name))
			err = push_section(words, elf, &section);
		if (err)
			return err;
		is_whole |= strcmp(section.name, ".debug_info") == 0 && section.type != SHT_NOBITS;
	}
	*ret_is_whole = is_whole;
	return NULL;
}

struct btfgen_error *batch_content_hash(const struct elf_file *elf, struct hash_128 *ret_hash,
					bool *ret_is_whole)
{
	struct btfgen_error *err = NULL;
	word_vec words = {};

	if (!push_header(&words, elf))
		err = error_nomem();
	if (!err)
		err = push_sections(&words, elf, ret_is_whole);
	if (!err)
		*ret_hash = hash_words(&words);
	vec_deinit(&words);
	return err;
}

/* Key. */

/*
 * What says which variables are wanted, and the names that the base has for itself. A symbol table
 * that cannot be read fails the encoding, so that nothing is kept under its key.
 */
static uint64_t variables_hash(const struct encode_options *options)
{
	const struct section_choice *choice = options->variables;
	bool is_wide = choice ? section_choice_is_wide(choice) :
				encode_has(options->features, FEATURE_GLOBAL_VAR);
	uint64_t hash = 0, names = 0;

	if (choice)
		hash = hash_u64(1 ^ hash_bytes(choice->list, strlen(choice->list)));
	if (is_wide && !options->no_variables && options->base)
		error_free(encode_base_names_hash(options->base, &names));
	return hash_u64(hash ^ names);
}

struct hash_128 batch_key(struct hash_128 content, const struct encode_options *options,
			  const char *version)
{
	const struct span languages = {
		(const uint8_t *)options->excluded_languages,
		options->num_excluded_languages * sizeof(*options->excluded_languages),
	};
	struct hash_128 version_hash = hash_bytes_128(version, strlen(version));
	struct hash_128 languages_hash =
		hash_bytes_128(languages.data ? languages.data : (const void *)"", languages.size);
	const uint64_t words[] = {
		KEY_FORMAT,
		content.low,
		content.high,
		version_hash.low,
		version_hash.high,
		languages_hash.low,
		languages_hash.high,
		options->base != NULL,
		options->base ? encode_base_hash(options->base) : 0,
		options->features,
		options->no_variables,
		variables_hash(options),
		options->no_functions,
		options->asm_functions,
		options->distilled,
		options->strict_forwards,
	};

	return hash_bytes_128(words, sizeof(words));
}

uint64_t batch_output_hash(struct span btf, struct span distilled)
{
	const uint64_t words[] = {
		btf.size,
		btf.data ? hash_bytes(btf.data, btf.size) : 0,
		distilled.data != NULL,
		distilled.size,
		distilled.data ? hash_bytes(distilled.data, distilled.size) : 0,
	};

	return hash_bytes(words, sizeof(words));
}

/* Note. */

void batch_note_encode(const struct batch_note *note, bool swap,
		       uint8_t bytes[static BATCH_NOTE_SIZE])
{
	uint8_t *desc = bytes + NOTE_DESC_OFF;

	store_u32(bytes, strlen(note_owner) + 1, swap);
	store_u32(bytes + 4, NOTE_DESC_SIZE, swap);
	store_u32(bytes + 8, NOTE_TYPE, swap);
	memcpy(bytes + NOTE_OWNER_OFF, note_owner, sizeof(note_owner));
	/* So that a dump shows the digits in their order. */
	store_u64(desc, note->key.high, !HOST_BIG_ENDIAN);
	store_u64(desc + 8, note->key.low, !HOST_BIG_ENDIAN);
	store_u64(desc + 16, note->output, !HOST_BIG_ENDIAN);
}

bool batch_note_decode(struct span bytes, bool swap, struct batch_note *ret_note)
{
	uint8_t wanted[BATCH_NOTE_SIZE];
	const uint8_t *desc;
	struct batch_note note;

	if (bytes.size != BATCH_NOTE_SIZE)
		return false;
	desc = bytes.data + NOTE_DESC_OFF;
	note = (struct batch_note){
		.key = {
			.high = load_u64(desc, !HOST_BIG_ENDIAN),
			.low = load_u64(desc + 8, !HOST_BIG_ENDIAN),
		},
		.output = load_u64(desc + 16, !HOST_BIG_ENDIAN),
	};
	batch_note_encode(&note, swap, wanted);
	if (memcmp(wanted, bytes.data, BATCH_NOTE_SIZE) != 0)
		return false;
	*ret_note = note;
	return true;
}
