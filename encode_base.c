// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "encode_base.h"

#include <elf.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "btf_source.h"
#include "lib/base/hash.h"
#include "lib/btf/references.h"
#include "lib/btf/split_check.h"

struct layer {
	const char *path;
	struct btf_source source;
	struct elf_identity identity; /* empty texts for raw BTF */
};

/* What is read when it is asked for. */
struct base_names {
	pthread_mutex_t lock;
	struct name_table table;
	uint64_t hash;
	bool is_read;
};

struct encode_base {
	struct layer *layers;
	struct base_names *names;
	size_t num_layers;
	struct btf_base *index;
	uint64_t hash;
};

/* " (build id X, Y has Z)", as far as the build ids are known. */
struct pair_text {
	char data[2 * ELF_BUILD_ID_TEXT + 64];
};

static const char *build_ids_text(const struct elf_identity *ours, const struct elf_identity *bases,
				  struct pair_text *text)
{
	const char *our_id = ours->build_id, *base_id = bases->build_id;

	*text->data = '\0';
	if (*our_id && *base_id)
		snprintf(text->data, sizeof(text->data), " (build id %s, that of the base is %s)",
			 our_id, base_id);
	else if (*our_id || *base_id)
		snprintf(text->data, sizeof(text->data), " (build id %s%s)",
			 *our_id ? "" : "of the base ", *our_id ? our_id : base_id);
	return text->data;
}

static unsigned int elf_bits(const struct elf_file *elf)
{
	return elf->is_64 ? 64 : 32;
}

static const char *order_name(bool swap)
{
	return swap != HOST_BIG_ENDIAN ? "big-endian" : "little-endian";
}

/*
 * NULL, or why a file and a layer do not belong together. @raw: the file has no ELF header, only
 * @swap is known of it; a raw layer tells no more.
 */
static struct btfgen_error *layer_fits(const struct layer *layer, const struct elf_file *elf,
				       bool swap, const struct elf_identity *identity,
				       bool any_release)
{
	const struct elf_file *layer_elf = layer->source.is_elf ? &layer->source.elf : NULL;
	struct pair_text ids;

	build_ids_text(identity, &layer->identity, &ids);
	if (layer->source.view.swap != swap)
		return error_create(BTFGEN_ERROR_INPUT, "is %s, the base '%s' is %s%s",
				    order_name(swap), layer->path,
				    order_name(layer->source.view.swap), ids.data);
	if (elf && layer_elf && layer_elf->machine != elf->machine)
		return error_create(BTFGEN_ERROR_INPUT,
				    "is for ELF machine %u, the base '%s' for machine %u%s",
				    elf->machine, layer->path, layer_elf->machine, ids.data);
	if (elf && layer_elf && layer_elf->is_64 != elf->is_64)
		return error_create(BTFGEN_ERROR_INPUT,
				    "is a %u-bit file, the base '%s' a %u-bit one%s", elf_bits(elf),
				    layer->path, elf_bits(layer_elf), ids.data);
	if (!any_release && *identity->release && *layer->identity.release &&
	    strcmp(identity->release, layer->identity.release) != 0)
		return error_create(
			BTFGEN_ERROR_INPUT, "is for Linux %s, the base '%s' is of Linux %s%s",
			identity->release, layer->path, layer->identity.release, ids.data);
	return NULL;
}

static struct btfgen_error *base_fits(const struct encode_base *base, const struct elf_file *elf,
				      bool swap, const struct elf_identity *identity,
				      bool any_release)
{
	struct btfgen_error *err = NULL;

	for (size_t i = 0; i < base->num_layers && !err; i++)
		err = layer_fits(&base->layers[i], elf, swap, identity, any_release);
	return err;
}

/* What is wrong with a split is said with both build ids: it may only be the wrong base. */
static struct btfgen_error *split_error(struct btfgen_error *err, const struct encode_base *base,
					const struct layer *layer)
{
	struct pair_text ids;
	char *message;
	int size;

	if (err->code != BTFGEN_ERROR_INPUT)
		return err;
	size = asprintf(&message, "does not fit '%s': %s%s",
			base->layers[base->num_layers - 1].path, err->message,
			build_ids_text(&layer->identity, &base->layers[0].identity, &ids));
	if (size < 0)
		return err;
	free(err->message);
	err->message = message;
	return err;
}

/* A second layer was made over another first one if its types make no sense. */
static struct btfgen_error *split_fits(const struct encode_base *base, const struct layer *layer)
{
	struct split_options options = { .ptr_size = encode_base_ptr_size(base) };
	struct split_result result;
	struct btfgen_error *err;

	err = btf_split_check(&layer->source.view, &options, &result);
	if (err || result.verdict == SPLIT_FITS)
		return err;
	return error_create(BTFGEN_ERROR_INPUT, "%s", result.text);
}

static struct btfgen_error *no_btf_error(const char *path, bool is_split)
{
	if (is_split)
		return error_create(
			BTFGEN_ERROR_INPUT,
			"has no .BTF section; encode it first, over the base before it");
	return error_create(BTFGEN_ERROR_INPUT, "has no .BTF section; encode it first: btfgen %s",
			    path);
}

static struct btfgen_error *layer_check(const struct encode_base *base, struct layer *layer)
{
	struct btf_source *source = &layer->source;
	const struct btf_view *below =
		base->num_layers ? &base->layers[base->num_layers - 1].source.view : NULL;
	struct btfgen_error *err;
	uint16_t magic;

	if (!source->btf.data)
		return no_btf_error(layer->path, below);
	if (source->is_elf)
		elf_identity_read(&source->elf, &layer->identity);
	if (below && source->btf.size >= sizeof(magic)) {
		magic = load_u16(source->btf.data, below->swap);
		if (magic == __builtin_bswap16(BTF_HEADER_MAGIC))
			return layer_fits(&base->layers[0], NULL, !below->swap, &layer->identity,
					  true);
	}
	err = btf_view_open(source->btf, below, &source->view);
	if (err)
		return below ? split_error(err, base, layer) : err;
	if (source->is_elf && source->elf.swap != source->view.swap)
		return error_create(BTFGEN_ERROR_INPUT, "is a %s file with %s BTF",
				    order_name(source->elf.swap), order_name(source->view.swap));
	if (!below && !source->view.num_own)
		return error_create(BTFGEN_ERROR_INPUT, "the BTF holds no types");
	err = base_fits(base, source->is_elf ? &source->elf : NULL, source->view.swap,
			&layer->identity, false);
	if (err)
		return err;
	err = below ? split_fits(base, layer) : NULL;
	if (!err)
		err = btf_references_check(&source->view);
	return err && below ? split_error(err, base, layer) : err;
}

static struct btfgen_error *layer_open(struct encode_base *base, const char *path)
{
	struct layer *layer = &base->layers[base->num_layers];
	struct btfgen_error *err;

	layer->path = path;
	err = btf_source_read(path, &layer->source);
	if (err)
		return err;
	err = layer_check(base, layer);
	if (err) {
		btf_source_close(&layer->source);
		return error_in_file(err, path);
	}
	base->num_layers++;
	return NULL;
}

static struct btfgen_error *layers_open(struct encode_base *base, const char *const *paths,
					size_t num_paths)
{
	struct btfgen_error *err = NULL;

	for (size_t i = 0; i < num_paths && !err; i++) {
		err = layer_open(base, paths[i]);
		if (!err)
			base->hash =
				hash_u64(base->hash ^ hash_bytes(base->layers[i].source.btf.data,
								 base->layers[i].source.btf.size));
	}
	return err;
}

struct btfgen_error *encode_base_open(const char *const *paths, size_t num_paths,
				      struct encode_base **ret_base)
{
	struct encode_base *base = calloc(1, sizeof(*base));
	struct btfgen_error *err;

	if (!num_paths) {
		free(base);
		return error_create(BTFGEN_ERROR_USAGE, "no base");
	}
	if (base) {
		base->layers = calloc(num_paths, sizeof(*base->layers));
		base->names = calloc(1, sizeof(*base->names));
	}
	if (!base || !base->layers || !base->names) {
		if (base) {
			free(base->layers);
			free(base->names);
		}
		free(base);
		return error_nomem();
	}
	pthread_mutex_init(&base->names->lock, NULL);
	err = layers_open(base, paths, num_paths);
	if (!err)
		err = btf_base_create(&base->layers[base->num_layers - 1].source.view,
				      &base->index);
	if (err) {
		encode_base_close(base);
		return err;
	}
	*ret_base = base;
	return NULL;
}

void encode_base_close(struct encode_base *base)
{
	if (!base)
		return;
	btf_base_destroy(base->index);
	while (base->num_layers)
		btf_source_close(&base->layers[--base->num_layers].source);
	free(base->layers);
	name_table_deinit(&base->names->table);
	pthread_mutex_destroy(&base->names->lock);
	free(base->names);
	free(base);
}

const struct btf_base *encode_base_index(const struct encode_base *base)
{
	return base->index;
}

size_t encode_base_num_layers(const struct encode_base *base)
{
	return base->num_layers;
}

const char *encode_base_path(const struct encode_base *base, size_t layer)
{
	return base->layers[layer].path;
}

const struct elf_identity *encode_base_identity(const struct encode_base *base, size_t layer)
{
	return &base->layers[layer].identity;
}

unsigned int encode_base_ptr_size(const struct encode_base *base)
{
	static const char *const names[] = { "long unsigned int", "unsigned long", "long int",
					     "long" };
	const struct btf_view *view = &base->layers[0].source.view;

	for (size_t i = 0; i < base->num_layers; i++) {
		if (base->layers[i].source.is_elf)
			return elf_bits(&base->layers[i].source.elf) / 8;
	}
	for (uint32_t id = 1; id < view->num_ids; id++) {
		if (btf_view_kind(view, id) != BTF_INT)
			continue;
		for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
			if (strcmp(btf_view_name(view, id), names[i]) == 0)
				return btf_view_word(view, id) == 4 ? 4 : 8;
		}
	}
	return 8;
}

uint64_t encode_base_hash(const struct encode_base *base)
{
	return base->hash;
}

/* Names. */

static bool add_name(struct base_names *names, const char *name)
{
	names->hash = hash_u64(names->hash ^ hash_bytes(name, strlen(name)));
	return name_table_insert(&names->table, name);
}

/* @symbols: a table with entries of the file's class; names that do not end are passed over. */
static struct btfgen_error *add_symbol_names(struct base_names *names, const struct elf_file *elf,
					     struct span symbols, struct span strings)
{
	size_t entry_size = elf->is_64 ? sizeof(Elf64_Sym) : sizeof(Elf32_Sym);
	size_t section_off =
		elf->is_64 ? offsetof(Elf64_Sym, st_shndx) : offsetof(Elf32_Sym, st_shndx);
	size_t info_off = elf->is_64 ? offsetof(Elf64_Sym, st_info) : offsetof(Elf32_Sym, st_info);
	const uint8_t *last = strings.size ? memrchr(strings.data, 0, strings.size) : NULL;
	size_t names_end = last ? (size_t)(last - strings.data) + 1 : 0;

	for (size_t off = entry_size; range_fits(off, entry_size, symbols.size);
	     off += entry_size) {
		const uint8_t *entry = symbols.data + off;
		uint32_t name_off = load_u32(entry, elf->swap);
		/* The low four bits are the type in both classes. */
		uint8_t type = ELF64_ST_TYPE(entry[info_off]);

		if (load_u16(entry + section_off, elf->swap) == SHN_UNDEF || type == STT_SECTION ||
		    type == STT_FILE || !name_off || name_off >= names_end)
			continue;
		if (!add_name(names, (const char *)strings.data + name_off))
			return error_nomem();
	}
	return NULL;
}

static struct btfgen_error *add_elf_names(struct base_names *names, const struct elf_file *elf)
{
	for (uint32_t i = 1; i < elf->num_sections; i++) {
		struct elf_section section, linked;
		struct span symbols, strings;
		struct btfgen_error *err;

		err = elf_section_get(elf, i, &section);
		if (err)
			return err;
		if (section.type != SHT_SYMTAB || !section.link ||
		    section.link >= elf->num_sections)
			continue;
		err = elf_section_data(elf, &section, &symbols);
		if (!err)
			err = elf_section_get(elf, section.link, &linked);
		if (!err)
			err = elf_section_data(elf, &linked, &strings);
		if (err)
			return err;
		return add_symbol_names(names, elf, symbols, strings);
	}
	return NULL;
}

static struct btfgen_error *add_btf_names(struct base_names *names, const struct btf_view *view)
{
	for (uint32_t id = view->first_id; id < view->num_ids; id++) {
		uint32_t kind = btf_view_kind(view, id);

		if ((kind == BTF_FUNC || kind == BTF_VAR) &&
		    !add_name(names, btf_view_name(view, id)))
			return error_nomem();
	}
	return NULL;
}

static struct btfgen_error *read_names(const struct encode_base *base)
{
	struct btfgen_error *err = NULL;

	for (size_t i = 0; i < base->num_layers && !err; i++) {
		const struct layer *layer = &base->layers[i];

		if (layer->source.is_elf)
			err = add_elf_names(base->names, &layer->source.elf);
		if (!err)
			err = add_btf_names(base->names, &layer->source.view);
		err = error_in_file(err, layer->path);
	}
	return err;
}

struct btfgen_error *encode_base_names(const struct encode_base *base,
				       const struct name_table **ret_names)
{
	struct base_names *names = base->names;
	struct btfgen_error *err = NULL;

	pthread_mutex_lock(&names->lock);
	if (!names->is_read) {
		err = read_names(base);
		names->is_read = !err;
		if (err) {
			name_table_deinit(&names->table);
			names->hash = 0;
		}
	}
	pthread_mutex_unlock(&names->lock);
	if (!err)
		*ret_names = &names->table;
	return err;
}

struct btfgen_error *encode_base_names_hash(const struct encode_base *base, uint64_t *ret_hash)
{
	const struct name_table *names;
	struct btfgen_error *err = encode_base_names(base, &names);

	if (!err)
		*ret_hash = base->names->hash;
	return err;
}

struct btfgen_error *encode_base_fits(const struct encode_base *base, const struct elf_file *module,
				      bool any_release)
{
	struct elf_identity identity;

	elf_identity_read(module, &identity);
	return base_fits(base, module, module->swap, &identity, any_release);
}
