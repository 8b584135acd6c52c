// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * Opening files, and the loop over units.
 *
 * The common case needs libelf for symbols only: the sections of a linked file stand in the mapping
 * and are read there, those of a relocatable one that have relocations in a copy. libdwfl is asked
 * where it knows more than we do: relocatable files of machines whose relocations we do not know,
 * and files whose DWARF stands elsewhere.
 */
#include "dwarf_loader.h"

#include <elfutils/libdw.h>
#include <elfutils/libdwfl.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include "lib/dwarf/constants.h"
#include "lib/elf/compressed.h"
#include "lib/elf/elf_file.h"
#include "lib/elf/relocate.h"

enum { NUM_SECTIONS = 11, FORGET_STEP = 4 << 20 };

/* A debug section of the file, and what of it is memory of our own. */
struct found_section {
	struct elf_section header;
	struct span *slot;
	struct span plain;
	struct span relocated;
	bool plain_is_owned;
	bool relocated_is_owned;
};

struct dwarf_input {
	char *path;
	struct file_map map;
	struct elf_copy_memory *memory; /* lent, or NULL */
	struct elf_file elf_file;
	Elf *elf; /* over map, or the one of libdwfl */
	bool elf_is_ours;
	bool big_endian;

	Dwfl *dwfl;	      /* NULL unless it was needed */
	char *debuginfo_path; /* for libdwfl's search; its callbacks want a pointer to it */
	Dwfl_Callbacks callbacks;

	struct elf_relocator *relocator; /* NULL unless the file is relocatable and it is used */
	struct dwarf_sections sections;
	struct found_section found[NUM_SECTIONS]; /* as they came into `sections` */
	size_t num_found;
	bool info_is_mapped; /* .debug_info stands in map: pages can be given back */

	struct unit_list units;
	uint32_t num_info_units;
	struct dwarf_signature *signatures;
	uint32_t num_signatures;
};

static const struct {
	const char *name; /* behind ".debug_" or ".zdebug_" */
	size_t member;
} section_table[NUM_SECTIONS] = {
	{ "info", offsetof(struct dwarf_sections, info) },
	{ "types", offsetof(struct dwarf_sections, types) },
	{ "abbrev", offsetof(struct dwarf_sections, abbrev) },
	{ "str", offsetof(struct dwarf_sections, str) },
	{ "line_str", offsetof(struct dwarf_sections, line_str) },
	{ "str_offsets", offsetof(struct dwarf_sections, str_offsets) },
	{ "addr", offsetof(struct dwarf_sections, addr) },
	{ "loc", offsetof(struct dwarf_sections, loc) },
	{ "loclists", offsetof(struct dwarf_sections, loclists) },
	{ "ranges", offsetof(struct dwarf_sections, ranges) },
	{ "rnglists", offsetof(struct dwarf_sections, rnglists) },
};

/* The place of a debug section by its name; NULL for other sections. */
static struct span *section_slot(struct dwarf_sections *sections, const char *name)
{
	if (strncmp(name, ".debug_", 7) == 0)
		name += 7;
	else if (strncmp(name, ".zdebug_", 8) == 0)
		name += 8;
	else
		return NULL;
	for (size_t i = 0; i < NUM_SECTIONS; i++) {
		if (strcmp(section_table[i].name, name) == 0)
			return (struct span *)((char *)sections + section_table[i].member);
	}
	return NULL;
}

static struct btfgen_error *collect_sections(struct dwarf_input *input)
{
	for (uint32_t i = 1; i < input->elf_file.num_sections; i++) {
		struct found_section found = {};
		struct btfgen_error *err;

		err = elf_section_get(&input->elf_file, i, &found.header);
		if (err)
			return err;
		found.slot = section_slot(&input->sections, found.header.name);
		if (!found.slot || found.header.type == SHT_NOBITS)
			continue;
		/*
		 * Type units of relocatable files stand in section groups, each in a section of its
		 * own, until they are linked.
		 */
		if (found.slot->data && found.header.size && input->elf_file.type == ET_REL &&
		    (found.slot == &input->sections.info || found.slot == &input->sections.types))
			return error_create(BTFGEN_ERROR_INPUT,
					    "several %s sections (type units): link the file first",
					    found.header.name);
		/* The first of a name counts, as it does for other readers. */
		if (found.slot->data)
			continue;
		err = elf_decompress(&input->elf_file, &found.header, &found.plain,
				     &found.plain_is_owned);
		if (err)
			return err;
		*found.slot = found.plain;
		input->found[input->num_found++] = found;
	}
	return NULL;
}

static struct btfgen_error *relocate_sections(struct dwarf_input *input)
{
	struct btfgen_error *err;

	err = elf_relocator_open(&input->elf_file, &input->map, &input->relocator);
	if (!err)
		elf_relocator_lend(input->relocator, input->memory);
	for (size_t i = 0; !err && i < input->num_found; i++) {
		struct found_section *found = &input->found[i];

		err = elf_relocate_section(input->relocator, &found->header, found->plain,
					   found->plain_is_owned, &found->relocated,
					   &found->relocated_is_owned);
		if (!err)
			*found->slot = found->relocated;
	}
	return err;
}

/* .debug_info may stand in the mapping, whose pages can be given back once they are read. */
static bool info_is_in_file(const struct dwarf_input *input)
{
	uintptr_t map = (uintptr_t)input->map.data, info = (uintptr_t)input->sections.info.data;

	return info >= map && info - map < input->map.size;
}

/* Through libdwfl: it relocates, and looks for separate files. */
static struct btfgen_error *collect_sections_with_dwfl(struct dwarf_input *input)
{
	bool has_info = input->sections.info.data;
	Dwfl_Module *module;
	GElf_Addr bias;
	Elf_Scn *scn = NULL;
	size_t names;
	Dwarf *dwarf;
	Elf *elf;

	input->callbacks = (Dwfl_Callbacks){
		.find_elf = dwfl_build_id_find_elf,
		.find_debuginfo = dwfl_standard_find_debuginfo,
		.section_address = dwfl_offline_section_address,
		.debuginfo_path = &input->debuginfo_path,
	};
	input->dwfl = dwfl_begin(&input->callbacks);
	if (!input->dwfl)
		return error_nomem();
	dwfl_report_begin(input->dwfl);
	module = dwfl_report_offline(input->dwfl, input->path, input->path, -1);
	dwfl_report_end(input->dwfl, NULL, NULL);
	if (!module)
		return error_create(BTFGEN_ERROR_INPUT, "cannot be opened: %s", dwfl_errmsg(-1));
	dwarf = dwfl_module_getdwarf(module, &bias);
	if (!dwarf && !has_info)
		return error_create(BTFGEN_ERROR_INPUT,
				    "no .debug_info section, and no separate file that has it");
	if (!dwarf)
		return error_create(BTFGEN_ERROR_INPUT, "relocations cannot be applied: %s",
				    dwfl_errmsg(-1));
	memset(&input->sections, 0, sizeof(input->sections));
	elf = dwarf_getelf(dwarf);
	if (elf_getshdrstrndx(elf, &names) < 0)
		return error_create(BTFGEN_ERROR_INPUT, "no section names: %s", elf_errmsg(-1));
	while ((scn = elf_nextscn(elf, scn))) {
		GElf_Shdr shdr_mem, *shdr = gelf_getshdr(scn, &shdr_mem);
		const char *name = shdr ? elf_strptr(elf, names, shdr->sh_name) : NULL;
		struct span *slot = name ? section_slot(&input->sections, name) : NULL;
		Elf_Data *data;

		if (!slot || slot->data || shdr->sh_type == SHT_NOBITS)
			continue;
		if (shdr->sh_flags & SHF_COMPRESSED)
			return error_create_at(name, 0, "section does not decompress");
		data = elf_rawdata(scn, NULL);
		if (!data || (data->d_size && !data->d_buf))
			return error_create_at(name, 0, "cannot be read: %s", elf_errmsg(-1));
		*slot = (struct span){ data->d_buf ? data->d_buf : (const void *)"", data->d_size };
	}
	input->elf = dwfl_module_getelf(module, &bias);
	if (!input->elf)
		return error_create(BTFGEN_ERROR_INPUT, "cannot be opened: %s", dwfl_errmsg(-1));
	return NULL;
}

/* Strings are read up to their NUL: what stands behind the last NUL is no string. */
static void trim_strings(struct span *strings)
{
	while (strings->size && strings->data[strings->size - 1])
		strings->size--;
}

static int compare_signatures(const void *pa, const void *pb)
{
	const struct dwarf_signature *a = pa, *b = pb;

	if (a->signature != b->signature)
		return a->signature < b->signature ? -1 : 1;
	return a->unit < b->unit ? -1 : a->unit > b->unit;
}

/*
 * Each header brings in the pages around it, which for hundreds of megabytes would stay resident
 * until the units are read: they are given back in steps.
 */
static struct btfgen_error *read_info_units(struct dwarf_input *input)
{
	struct span info = input->sections.info;
	uint64_t off = 0, kept_from = 0;

	while (off < info.size) {
		struct btfgen_error *err =
			unit_list_read_next(&input->units, info, false, input->big_endian, &off);

		if (err)
			return err;
		if (input->info_is_mapped && off - kept_from >= FORGET_STEP) {
			file_map_forget(&input->map, info.data + kept_from, off - kept_from);
			kept_from = off;
		}
	}
	if (input->info_is_mapped)
		file_map_forget(&input->map, info.data + kept_from, off - kept_from);
	return NULL;
}

static struct btfgen_error *read_units(struct dwarf_input *input)
{
	struct btfgen_error *err;

	err = read_info_units(input);
	if (err)
		return err;
	input->num_info_units = input->units.units.num;
	if (input->sections.types.data) {
		err = unit_list_read(&input->units, input->sections.types, true, input->big_endian);
		if (err)
			return err;
	}
	if (!input->units.units.num)
		return error_create(BTFGEN_ERROR_INPUT, "no unit in .debug_info");
	if (input->units.units.num >= UINT32_MAX)
		return error_create(BTFGEN_ERROR_INPUT, "too many units");
	input->signatures = calloc(input->units.units.num, sizeof(*input->signatures));
	if (!input->signatures)
		return error_nomem();
	for (uint32_t i = 0; i < input->units.units.num; i++) {
		const struct dwarf_unit *unit = &input->units.units.data[i];

		if (unit->type == DW_UT_type)
			input->signatures[input->num_signatures++] =
				(struct dwarf_signature){ unit->signature, i };
	}
	qsort(input->signatures, input->num_signatures, sizeof(*input->signatures),
	      compare_signatures);
	return NULL;
}

static struct btfgen_error *input_open(struct dwarf_input *input, dwarf_input_judge *judge,
				       const void *ctx)
{
	struct btfgen_error *err;
	bool is_relocatable;

	err = file_map_open(input->path, &input->map);
	if (err)
		return err;
	err = elf_file_parse((struct span){ input->map.data, input->map.size }, &input->elf_file);
	if (!err && judge)
		err = judge(ctx, &input->elf_file);
	if (err)
		return err;
	input->big_endian = input->elf_file.swap != HOST_BIG_ENDIAN;
	elf_version(EV_CURRENT);
	err = collect_sections(input);
	if (err)
		return err;
	is_relocatable = input->elf_file.type == ET_REL;
	if (!input->sections.info.data ||
	    (is_relocatable && !elf_relocator_knows(input->elf_file.machine))) {
		err = collect_sections_with_dwfl(input);
		if (err)
			return err;
	} else {
		if (is_relocatable) {
			err = relocate_sections(input);
			if (err)
				return err;
		}
		input->info_is_mapped = info_is_in_file(input);
		/*
		 * libelf's interface for images in memory takes them as writable, and only reads.
		 */
		input->elf = elf_memory((char *)input->map.data, input->map.size);
		/* The header was judged above: only memory can be missing. */
		if (!input->elf)
			return error_nomem();
		input->elf_is_ours = true;
	}
	if (!input->sections.info.data || !input->sections.info.size)
		return error_create(BTFGEN_ERROR_INPUT, ".debug_info is empty");
	trim_strings(&input->sections.str);
	trim_strings(&input->sections.line_str);
	return read_units(input);
}

struct btfgen_error *dwarf_input_check(const struct dwarf_input *input, struct btfgen_error *err)
{
	struct btfgen_error *changed;

	if (err && (err->code == BTFGEN_ERROR_IO || err->code == BTFGEN_ERROR_MEMORY))
		return err;
	changed = input->map.data ? file_map_check(input->path, &input->map) : NULL;
	if (!changed)
		return err;
	error_free(err);
	return changed;
}

struct btfgen_error *dwarf_input_open(const char *path, dwarf_input_judge *judge, const void *ctx,
				      struct elf_copy_memory *memory,
				      struct dwarf_input **ret_input)
{
	struct dwarf_input *input = calloc(1, sizeof(*input));
	struct btfgen_error *err;

	if (!input)
		return error_nomem();
	input->path = strdup(path);
	input->memory = memory;
	err = input->path ? input_open(input, judge, ctx) : error_nomem();
	if (err) {
		err = error_in_file(dwarf_input_check(input, err), path);
		dwarf_input_close(input);
		return err;
	}
	*ret_input = input;
	return NULL;
}

void dwarf_input_close(struct dwarf_input *input)
{
	if (!input)
		return;
	if (input->elf_is_ours)
		elf_end(input->elf);
	if (input->dwfl)
		dwfl_end(input->dwfl);
	for (size_t i = 0; i < input->num_found; i++) {
		elf_relocated_free(&input->found[i].relocated, input->found[i].relocated_is_owned);
		elf_decompressed_free(&input->found[i].plain, input->found[i].plain_is_owned);
	}
	elf_relocator_close(input->relocator);
	unit_list_deinit(&input->units);
	free(input->signatures);
	file_map_close(&input->map);
	free(input->debuginfo_path);
	free(input->path);
	free(input);
}

const struct file_map *dwarf_input_file(const struct dwarf_input *input)
{
	return &input->map;
}

uint16_t dwarf_input_machine(const struct dwarf_input *input)
{
	return input->elf_file.machine;
}

bool dwarf_input_is_big_endian(const struct dwarf_input *input)
{
	return input->big_endian;
}

bool dwarf_input_is_relocatable(const struct dwarf_input *input)
{
	return input->elf_file.type == ET_REL;
}

unsigned int dwarf_input_address_size(const struct dwarf_input *input)
{
	return input->elf_file.is_64 ? 8 : 4;
}

struct Elf *dwarf_input_elf(const struct dwarf_input *input)
{
	return input->elf;
}

struct elf_relocator *dwarf_input_relocator(const struct dwarf_input *input)
{
	return input->relocator;
}

uint32_t dwarf_input_num_units(const struct dwarf_input *input)
{
	return input->units.units.num;
}

uint64_t dwarf_input_info_size(const struct dwarf_input *input)
{
	return input->sections.info.size;
}

const char *dwarf_input_unit_section(const struct dwarf_input *input, uint32_t unit)
{
	return unit_section_name(&input->units.units.data[unit]);
}

/* The loop over units. */

struct load_worker {
	struct dwarf_graph *reader;
	VEC(struct load_var) vars;
	VEC(struct load_func) funcs;
	VEC(struct load_param) params;
	VEC(struct place) places;
	VEC(struct load_tag) tags;
	uint64_t num_excluded;
};

struct loader {
	struct dwarf_input *input;
	struct dwarf_graph_shared shared;
	struct load_worker *workers;
	const char **unit_names;       /* by unit: each entry written by the call for that unit */
	atomic_uint_fast64_t num_read; /* bytes of .debug_info */
};

/* The lists; the reader stays. */
static void load_worker_release(struct load_worker *worker)
{
	vec_deinit(&worker->vars);
	vec_deinit(&worker->funcs);
	vec_deinit(&worker->params);
	vec_deinit(&worker->places);
	vec_deinit(&worker->tags);
}

static bool keep_funcs(struct load_worker *worker, uint32_t unit,
		       const struct dwarf_graph_result *result)
{
	for (size_t i = 0; i < result->num_funcs; i++) {
		const struct dwarf_func *func = &result->funcs[i];
		struct load_func kept = {
			.unit = unit,
			.name = func->name,
			.ret = type_store_handle(result->graph, func->ret),
			.first_param = worker->params.num,
			.first_place = worker->places.num,
			.num_params = func->num_params,
			.flags = func->flags,
			.addr = func->addr,
			.key = func->key,
		};

		for (uint32_t k = 0; k < func->num_params; k++) {
			const struct dwarf_param *param = &result->params[func->first_param + k];
			struct load_param load_param = {
				.name = param->name,
				.type = type_store_handle(result->graph, param->type),
				.is_aligned = param->is_aligned,
			};

			if (!vec_push(&worker->params, load_param))
				return false;
			if ((func->flags & FUNC_HAS_PLACES) &&
			    !vec_push(&worker->places, result->places[func->first_place + k]))
				return false;
		}
		if (!vec_push(&worker->funcs, kept))
			return false;
	}
	return true;
}

static bool keep_tags(struct load_worker *worker, uint32_t unit,
		      const struct dwarf_graph_result *result)
{
	for (size_t i = 0; i < result->num_tags; i++) {
		const struct dwarf_tag *tag = &result->tags[i];
		struct load_tag kept = {
			.unit = unit,
			.target = tag->target,
			.component = tag->component,
			.text = tag->text,
			.key = tag->key,
		};

		switch ((enum dwarf_tag_target)tag->target) {
		case DWARF_TAG_TYPE:
			kept.type =
				type_store_handle(result->graph, (struct node_id){ tag->index });
			break;
		case DWARF_TAG_VAR:
			kept.target_key = result->vars[tag->index].key;
			break;
		case DWARF_TAG_FUNC:
			kept.target_key = result->funcs[tag->index].key;
			break;
		}
		if (!vec_push(&worker->tags, kept))
			return false;
	}
	return true;
}

/*
 * A builder counts resident pages: what was read once is given back.
 *
 * In a relocatable file nobody has merged the strings of its units yet. They are as large as
 * .debug_info, and a unit's own stand together: now and then all that are mapped are given back, of
 * which few are needed again.
 */
static void forget_unit(struct loader *loader, const struct dwarf_unit *unit)
{
	const struct dwarf_input *input = loader->input;
	uint64_t size = unit->end_off - unit->off, before;

	if (input->info_is_mapped && !unit->in_debug_types)
		file_map_forget(&input->map, input->sections.info.data + unit->off, size);
	if (input->elf_file.type != ET_REL)
		return;
	before = atomic_fetch_add_explicit(&loader->num_read, size, memory_order_relaxed);
	if (before / FORGET_STEP != (before + size) / FORGET_STEP)
		file_map_forget(&input->map, input->sections.str.data, input->sections.str.size);
}

static struct btfgen_error *load_unit(void *ctx, unsigned int worker_index, size_t unit)
{
	struct loader *loader = ctx;
	struct load_worker *worker = &loader->workers[worker_index];
	const struct dwarf_unit *header = &loader->shared.units[unit];
	struct dwarf_graph_result result;
	struct btfgen_error *err;

	if (!worker->reader) {
		err = dwarf_graph_create(&loader->shared, worker_index, &worker->reader);
		if (err)
			return err;
	}
	err = dwarf_graph_read(worker->reader, unit, &result);
	if (err)
		return err;
	loader->unit_names[unit] = result.unit_name;
	worker->num_excluded += result.excluded;
	if (!result.excluded) {
		err = type_store_add_unit(loader->shared.store, worker_index, unit,
					  result.unit_name, result.graph);
		if (err)
			return error_in_unit(err, result.unit_name);
	}
	for (size_t i = 0; i < result.num_vars; i++) {
		const struct dwarf_var *var = &result.vars[i];
		struct load_var load_var = {
			.unit = unit,
			.name = var->name,
			.type = type_store_handle(result.graph, var->type),
			.addr = var->addr,
			.key = var->key,
			.external = var->external,
		};

		if (!vec_push(&worker->vars, load_var))
			return error_nomem();
	}
	if (!keep_funcs(worker, unit, &result) || !keep_tags(worker, unit, &result))
		return error_nomem();
	forget_unit(loader, header);
	return NULL;
}

/* Largest first, so that no worker is left alone with a large one at the end. */
static int compare_by_size(const void *pa, const void *pb, void *ctx)
{
	const struct dwarf_unit *units = ctx;
	const struct dwarf_unit *a = &units[*(const uint32_t *)pa];
	const struct dwarf_unit *b = &units[*(const uint32_t *)pb];
	uint64_t a_size = a->end_off - a->off, b_size = b->end_off - b->off;

	if (a_size != b_size)
		return a_size > b_size ? -1 : 1;
	return a < b ? -1 : a > b;
}

static int compare_vars(const void *pa, const void *pb)
{
	const struct load_var *a = pa, *b = pb;

	if (a->unit != b->unit)
		return a->unit < b->unit ? -1 : 1;
	return a->key < b->key ? -1 : a->key > b->key;
}

/*
 * Functions by unit; those of a unit are together and in order already, since one worker read it.
 * False when memory is out.
 */
static bool sort_funcs(struct dwarf_load_result *result, uint32_t num_units)
{
	struct load_func *sorted = malloc((result->funcs.num + 1) * sizeof(*sorted));
	size_t *next = calloc((size_t)num_units + 1, sizeof(*next));
	bool ok = sorted && next;

	for (size_t i = 0; ok && i < result->funcs.num; i++)
		next[result->funcs.data[i].unit + 1]++;
	for (uint32_t i = 0; ok && i < num_units; i++)
		next[i + 1] += next[i];
	for (size_t i = 0; ok && i < result->funcs.num; i++)
		sorted[next[result->funcs.data[i].unit]++] = result->funcs.data[i];
	if (ok) {
		free(result->funcs.data);
		result->funcs.data = sorted;
		result->funcs.cap = result->funcs.num + 1;
	} else {
		free(sorted);
	}
	free(next);
	return ok;
}

/* An annotation that annotates several things has a tag for each of them. */
static int compare_tags(const void *pa, const void *pb)
{
	const struct load_tag *a = pa, *b = pb;

	if (a->unit != b->unit)
		return a->unit < b->unit ? -1 : 1;
	if (a->key != b->key)
		return a->key < b->key ? -1 : 1;
	if (a->target_key != b->target_key)
		return a->target_key < b->target_key ? -1 : 1;
	return a->component < b->component ? -1 : a->component > b->component;
}

/* A worker's lists behind those of the others. */
static bool merge_lists(struct load_worker *worker, struct dwarf_load_result *result)
{
	uint32_t first_param = result->params.num, first_place = result->places.num;

	for (size_t i = 0; i < worker->funcs.num; i++) {
		worker->funcs.data[i].first_param += first_param;
		worker->funcs.data[i].first_place += first_place;
	}
	return vec_append(&result->vars, &worker->vars) &&
	       vec_append(&result->funcs, &worker->funcs) &&
	       vec_append(&result->params, &worker->params) &&
	       vec_append(&result->places, &worker->places) &&
	       vec_append(&result->tags, &worker->tags);
}

static bool sort_result(struct dwarf_load_result *result, uint32_t num_units)
{
	if (result->vars.num)
		qsort(result->vars.data, result->vars.num, sizeof(*result->vars.data),
		      compare_vars);
	if (result->tags.num)
		qsort(result->tags.data, result->tags.num, sizeof(*result->tags.data),
		      compare_tags);
	return sort_funcs(result, num_units);
}

static struct btfgen_error *merge_workers(struct loader *loader, unsigned int num_workers,
					  struct dwarf_load_result *result)
{
	for (unsigned int i = 0; i < num_workers; i++) {
		struct load_worker *worker = &loader->workers[i];
		struct dwarf_graph_stats stats;

		if (!worker->reader)
			continue;
		stats = dwarf_graph_get_stats(worker->reader);
		result->num_dies += stats.num_dies;
		result->num_types += stats.num_types;
		result->num_excluded_units += worker->num_excluded;
		if (!diag_merge(&result->diags, dwarf_graph_diags(worker->reader)))
			return error_nomem();
		if (!merge_lists(worker, result))
			return error_nomem();
	}
	return sort_result(result, loader->shared.num_units) ? NULL : error_nomem();
}

static struct btfgen_error *load_all(struct loader *loader, struct pool *pool,
				     struct dwarf_load_result *result)
{
	uint32_t num_units = loader->shared.num_units;
	uint32_t *order = malloc(num_units * sizeof(*order));
	struct btfgen_error *err;

	if (!order)
		return error_nomem();
	for (uint32_t i = 0; i < num_units; i++)
		order[i] = i;
	qsort_r(order, num_units, sizeof(*order), compare_by_size, (void *)loader->shared.units);
	err = pool_for(pool, num_units, order, load_unit, loader);
	free(order);
	return err ? err : merge_workers(loader, pool_num_workers(pool), result);
}

struct btfgen_error *dwarf_input_load(struct dwarf_input *input, struct pool *pool,
				      const struct dwarf_load_request *request,
				      struct dwarf_load_result *ret_result)
{
	uint32_t num_units = input->units.units.num;
	struct loader loader = {
		.input = input,
		.shared = {
			.sections = input->sections,
			.units = input->units.units.data,
			.num_info_units = input->num_info_units,
			.num_units = num_units,
			.signatures = input->signatures,
			.num_signatures = input->num_signatures,
			.var_ranges = request->var_ranges,
			.num_var_ranges = request->num_var_ranges,
			.func_names = request->func_names,
			.num_func_names = request->num_func_names,
			.func_ranges = request->func_ranges,
			.num_func_ranges = request->num_func_ranges,
			.no_type_tags = request->no_type_tags,
			.no_decl_tags = request->no_decl_tags,
			.excluded_languages = request->excluded_languages,
			.num_excluded_languages = request->num_excluded_languages,
			.store = request->store,
			.has_strings_by_unit = input->elf_file.type == ET_REL,
		},
	};
	struct dwarf_load_result result = {};
	unsigned int num_workers = pool_num_workers(pool);
	struct btfgen_error *err;

	loader.workers = calloc(num_workers, sizeof(*loader.workers));
	loader.unit_names = calloc(num_units, sizeof(*loader.unit_names));
	loader.shared.die_starts = calloc(num_units, sizeof(*loader.shared.die_starts));
	if (loader.workers && loader.unit_names && loader.shared.die_starts)
		err = load_all(&loader, pool, &result);
	else
		err = error_nomem();
	if (loader.shared.die_starts)
		dwarf_graph_free_starts(&loader.shared);
	free(loader.shared.die_starts);
	for (unsigned int i = 0; loader.workers && i < num_workers; i++) {
		dwarf_graph_destroy(loader.workers[i].reader);
		load_worker_release(&loader.workers[i]);
	}
	free(loader.workers);
	result.unit_names = loader.unit_names;
	if (err) {
		dwarf_load_result_deinit(&result);
		return error_in_file(err, input->path);
	}
	*ret_result = result;
	return NULL;
}

void dwarf_load_result_drop_funcs(struct dwarf_load_result *result)
{
	vec_deinit(&result->funcs);
	vec_deinit(&result->params);
	vec_deinit(&result->places);
}

void dwarf_load_result_deinit(struct dwarf_load_result *result)
{
	dwarf_load_result_drop_funcs(result);
	vec_deinit(&result->vars);
	vec_deinit(&result->tags);
	diag_list_deinit(&result->diags);
	free(result->unit_names);
	result->unit_names = NULL;
}
