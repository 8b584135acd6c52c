// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "lib/btf/ksyms.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/vec.h"

/* What libbpf and the kernel know by name. */
static const char ksyms_section[] = ".ksyms";
static const char kconfig_section[] = ".kconfig";
static const char percpu_section[] = ".data..percpu";
static const char kfunc_tag[] = "bpf_kfunc";

/* A name that is looked for. */
struct key {
	const char *name;
	size_t size;
	uint32_t symbol; /* that it is looked for, if only one is meant */
	/* What there is of that name, .num from .first on: first VARs, then FUNCs. */
	size_t first, num, num_vars, num_funcs;
};

typedef VEC(struct key) key_vec;
typedef VEC(uint32_t) id_vec;

/*
 * A VAR or FUNC whose name is a key. Symbols share them: there are at most as many as there are
 * records, whatever the symbols are.
 */
struct hit {
	size_t key;
	bool is_func;
	struct ksyms_candidate candidate;
};

struct bind {
	const struct ksyms_input *input;
	struct ksyms_list *list;
	VEC(struct ksyms_symbol) symbols;
	key_vec keys; /* sorted by name, each name once */
	VEC(struct hit) hits;
	bool has_typeless; /* libbpf reads /proc/kallsyms */
	/* Of the layer at work. */
	uint32_t percpu_id;
	id_vec percpu; /* ids, sorted */
	id_vec kfuncs; /* ids, sorted */
};

size_t ksyms_essential_size(const char *name)
{
	size_t size = strlen(name);

	if (size < 5)
		return size;
	for (size_t i = size - 4; i-- > 0;) {
		const char *at = name + i;

		if (at[0] != '_' && memcmp(at + 1, "___", 3) == 0 && at[4] != '_')
			return i + 1;
	}
	return size;
}

uint32_t ksyms_pointer_size(const struct btf_view *view)
{
	static const char *const names[] = { "long unsigned int", "unsigned long", "long int",
					     "long" };

	for (uint32_t id = 1; id < view->num_ids; id++) {
		uint32_t size = btf_view_word(view, id);

		if (btf_view_kind(view, id) != BTF_INT || (size != 4 && size != 8))
			continue;
		for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
			if (strcmp(btf_view_name(view, id), names[i]) == 0)
				return size;
		}
	}
	return 8;
}

static int compare_names(const char *a, size_t a_size, const char *b, size_t b_size)
{
	int order = memcmp(a, b, a_size < b_size ? a_size : b_size);

	return order ? order : (a_size > b_size) - (a_size < b_size);
}

static int compare_keys(const void *one, const void *two)
{
	const struct key *a = one, *b = two;
	int order = compare_names(a->name, a->size, b->name, b->size);

	return order ? order : (a->symbol > b->symbol) - (a->symbol < b->symbol);
}

static void sort_keys(key_vec *keys)
{
	if (keys->num)
		qsort(keys->data, keys->num, sizeof(*keys->data), compare_keys);
}

static bool is_key(const key_vec *keys, size_t at, const char *name, size_t size)
{
	return at < keys->num &&
	       compare_names(keys->data[at].name, keys->data[at].size, name, size) == 0;
}

/* The first key of that name; false if there is none. */
static bool find_key(const key_vec *keys, const char *name, size_t size, size_t *ret_at)
{
	size_t low = 0, high = keys->num;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct key *key = &keys->data[middle];

		if (compare_names(key->name, key->size, name, size) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	*ret_at = low;
	return is_key(keys, low, name, size);
}

static int compare_ids(const void *one, const void *two)
{
	uint32_t a = *(const uint32_t *)one, b = *(const uint32_t *)two;

	return (a > b) - (a < b);
}

static void sort_ids(id_vec *ids)
{
	if (ids->num)
		qsort(ids->data, ids->num, sizeof(*ids->data), compare_ids);
}

static bool has_id(const id_vec *ids, uint32_t id)
{
	return ids->num && bsearch(&id, ids->data, ids->num, sizeof(*ids->data), compare_ids);
}

static bool is_kind_of_symbol(uint32_t kind)
{
	return kind == BTF_VAR || kind == BTF_FUNC;
}

/* Declarations in the program: the first of each name counts, be it what it may. */
static bool find_declarations(struct bind *bind)
{
	const struct btf_view *program = bind->input->program;
	key_vec keys = {};
	bool ok = true;

	for (size_t i = 0; i < bind->symbols.num && ok; i++) {
		const char *name = bind->symbols.data[i].name;

		ok = vec_push(
			&keys,
			(struct key){ .name = name, .size = strlen(name), .symbol = (uint32_t)i });
	}
	sort_keys(&keys);
	for (uint32_t id = 1; id < program->num_ids && keys.num && ok; id++) {
		const char *name = btf_view_name(program, id);
		size_t size = strlen(name), at;

		if (!is_kind_of_symbol(btf_view_kind(program, id)) ||
		    !find_key(&keys, name, size, &at))
			continue;
		/* Symbols of one name get it together. */
		for (; is_key(&keys, at, name, size); at++) {
			struct ksyms_symbol *symbol = &bind->symbols.data[keys.data[at].symbol];

			if (symbol->decl_id)
				break;
			symbol->decl_id = id;
		}
	}
	vec_deinit(&keys);
	return ok;
}

static int compare_declarations(const void *one, const void *two)
{
	const struct ksyms_symbol *a = *(struct ksyms_symbol *const *)one;
	const struct ksyms_symbol *b = *(struct ksyms_symbol *const *)two;

	return (a->decl_id > b->decl_id) - (a->decl_id < b->decl_id);
}

/* The first DATASEC that lists the declaration @id is @section. */
static void note_section(struct ksyms_symbol *const *by_id, size_t num, uint32_t id,
			 uint32_t section)
{
	size_t low = 0, high = num;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (by_id[middle]->decl_id < id)
			low = middle + 1;
		else
			high = middle;
	}
	/* Symbols of one declaration get it together. */
	for (; low < num && by_id[low]->decl_id == id && !by_id[low]->section_id; low++)
		by_id[low]->section_id = section;
}

static bool find_sections(struct bind *bind)
{
	const struct btf_view *program = bind->input->program;
	size_t num = bind->symbols.num;
	struct ksyms_symbol **by_id;

	if (!num)
		return true;
	by_id = calloc(num, sizeof(*by_id));
	if (!by_id)
		return false;
	for (size_t i = 0; i < num; i++)
		by_id[i] = &bind->symbols.data[i];
	qsort(by_id, num, sizeof(*by_id), compare_declarations);
	for (uint32_t id = 1; id < program->num_ids; id++) {
		if (btf_view_kind(program, id) != BTF_DATASEC)
			continue;
		for (uint32_t i = 0; i < btf_view_vlen(program, id); i++) {
			uint32_t decl = btf_view_entry(program, id, i).var_id;

			if (decl)
				note_section(by_id, num, decl, id);
		}
	}
	free(by_id);
	return true;
}

static void set_unusable(struct ksyms_symbol *symbol, enum ksyms_why why)
{
	symbol->form = KSYMS_FORMLESS;
	symbol->verdict = KSYMS_UNUSABLE;
	symbol->why = why;
}

static bool is_extern(const struct btf_view *program, uint32_t id)
{
	uint32_t linkage = btf_view_kind(program, id) == BTF_VAR ? btf_view_linkage(program, id) :
								   btf_view_vlen(program, id);

	return linkage == BTF_LINKAGE_EXTERN;
}

/* False: none of ours. */
static bool classify(struct bind *bind, struct ksyms_symbol *symbol)
{
	const struct btf_view *program = bind->input->program;
	uint32_t kind, type;
	const char *section;

	if (!program) {
		set_unusable(symbol, KSYMS_WHY_NO_BTF);
		return true;
	}
	if (!symbol->decl_id) {
		set_unusable(symbol, KSYMS_WHY_NO_DECL);
		return true;
	}
	if (!is_extern(program, symbol->decl_id)) {
		set_unusable(symbol, KSYMS_WHY_LINKAGE);
		return true;
	}
	if (!symbol->section_id) {
		set_unusable(symbol, KSYMS_WHY_NO_SECTION);
		return true;
	}
	section = btf_view_name(program, symbol->section_id);
	kind = btf_view_kind(program, symbol->decl_id);
	if (strcmp(section, kconfig_section) == 0 && kind == BTF_VAR)
		return false;
	if (strcmp(section, ksyms_section) != 0) {
		set_unusable(symbol, KSYMS_WHY_OTHER_SECTION);
		return true;
	}
	symbol->form = kind == BTF_FUNC ? KSYMS_FUNC : KSYMS_VAR;
	if (kind == BTF_VAR &&
	    ksyms_skip(program, btf_view_word(program, symbol->decl_id), &type) && type == 0) {
		symbol->form = KSYMS_TYPELESS;
		bind->has_typeless = true;
	}
	return true;
}

/* Leaves out what is none of ours; *ret_section is the .ksyms that libbpf rewrites. */
static void classify_all(struct bind *bind, uint32_t *ret_section)
{
	size_t num = 0;

	*ret_section = 0;
	for (size_t i = 0; i < bind->symbols.num; i++) {
		struct ksyms_symbol *symbol = &bind->symbols.data[i];

		if (!classify(bind, symbol))
			continue;
		if (symbol->form != KSYMS_FORMLESS)
			*ret_section = symbol->section_id;
		bind->symbols.data[num++] = *symbol;
	}
	bind->symbols.num = num;
}

/* libbpf finds an extern for each entry of .ksyms, by name. */
static bool add_symbolless(struct bind *bind, uint32_t section)
{
	const struct btf_view *program = bind->input->program;
	const struct ksyms_input *input = bind->input;
	key_vec keys = {};
	bool ok = true;

	for (size_t i = 0; i < input->num_externs && ok; i++) {
		const char *name = input->externs[i].name;

		ok = vec_push(
			&keys,
			(struct key){ .name = name, .size = strlen(name), .symbol = (uint32_t)i });
	}
	sort_keys(&keys);
	for (uint32_t i = 0; i < btf_view_vlen(program, section) && ok; i++) {
		uint32_t id = btf_view_entry(program, section, i).var_id;
		struct ksyms_symbol symbol = { .name = btf_view_name(program, id),
					       .decl_id = id,
					       .section_id = section };
		size_t at;

		if (find_key(&keys, symbol.name, strlen(symbol.name), &at))
			continue;
		set_unusable(&symbol, KSYMS_WHY_NO_SYMBOL);
		ok = vec_push(&bind->symbols, symbol);
	}
	vec_deinit(&keys);
	return ok;
}

static bool collect_symbols(struct bind *bind)
{
	const struct ksyms_input *input = bind->input;
	uint32_t section;

	for (size_t i = 0; i < input->num_externs; i++) {
		struct ksyms_symbol symbol = { .name = input->externs[i].name,
					       .ext = &input->externs[i] };

		if (!vec_push(&bind->symbols, symbol))
			return false;
	}
	if (input->program && (!find_declarations(bind) || !find_sections(bind)))
		return false;
	classify_all(bind, &section);
	return !section || add_symbolless(bind, section);
}

static int compare_symbols(const void *one, const void *two)
{
	const struct ksyms_symbol *a = one, *b = two;
	int order = strcmp(a->name, b->name);

	return order ? order : (a->decl_id > b->decl_id) - (a->decl_id < b->decl_id);
}

/* Each name once. */
static void merge_keys(key_vec *keys)
{
	size_t num = 0;

	sort_keys(keys);
	for (size_t i = 0; i < keys->num; i++) {
		const struct key *key = &keys->data[i], *last = num ? &keys->data[num - 1] : NULL;

		if (!last || compare_names(last->name, last->size, key->name, key->size) != 0)
			keys->data[num++] = *key;
	}
	keys->num = num;
}

static bool collect_keys(struct bind *bind)
{
	for (size_t i = 0; i < bind->symbols.num; i++) {
		const struct ksyms_symbol *symbol = &bind->symbols.data[i];
		size_t size = strlen(symbol->name), essential = ksyms_essential_size(symbol->name);

		if (symbol->form == KSYMS_FORMLESS)
			continue;
		if (!vec_push(&bind->keys, (struct key){ .name = symbol->name, .size = size }) ||
		    !vec_push(&bind->keys, (struct key){ .name = symbol->name, .size = essential }))
			return false;
	}
	merge_keys(&bind->keys);
	return true;
}

static bool note_name(struct bind *bind, size_t layer, uint32_t id, uint32_t kind)
{
	const struct btf_view *view = bind->input->layers[layer].view;
	const char *name = btf_view_name(view, id);
	struct hit hit = { .is_func = kind == BTF_FUNC, .candidate = { .layer = layer, .id = id } };

	return !find_key(&bind->keys, name, strlen(name), &hit.key) || vec_push(&bind->hits, hit);
}

static bool note_percpu(struct bind *bind, const struct btf_view *view, uint32_t id)
{
	bind->percpu_id = id;
	for (uint32_t i = 0; i < btf_view_vlen(view, id); i++) {
		if (!vec_push(&bind->percpu, btf_view_entry(view, id, i).var_id))
			return false;
	}
	return true;
}

/* What the rest of its file says of each hit. */
static void complete_hits(struct bind *bind, size_t first)
{
	for (size_t i = first; i < bind->hits.num; i++) {
		struct hit *hit = &bind->hits.data[i];
		struct ksyms_candidate *candidate = &hit->candidate;

		if (!hit->is_func)
			candidate->is_percpu = has_id(&bind->percpu, candidate->id);
		else if (bind->kfuncs.num)
			candidate->kfunc = has_id(&bind->kfuncs, candidate->id) ? KSYMS_KFUNC_YES :
										  KSYMS_KFUNC_NO;
	}
}

static bool scan_layer(struct bind *bind, size_t layer)
{
	const struct btf_view *view = bind->input->layers[layer].view;
	size_t first_hit = bind->hits.num;
	bool ok = true;

	bind->percpu_id = 0;
	bind->percpu.num = 0;
	bind->kfuncs.num = 0;
	for (uint32_t id = view->first_id; id < view->num_ids && ok; id++) {
		switch (btf_view_kind(view, id)) {
		case BTF_VAR:
		case BTF_FUNC:
			ok = note_name(bind, layer, id, btf_view_kind(view, id));
			break;
		case BTF_DATASEC:
			if (!bind->percpu_id &&
			    strcmp(btf_view_name(view, id), percpu_section) == 0)
				ok = note_percpu(bind, view, id);
			break;
		case BTF_DECL_TAG:
			if (btf_view_tail_word(view, id, 0) == BTF_TAG_WHOLE &&
			    strcmp(btf_view_name(view, id), kfunc_tag) == 0)
				ok = vec_push(&bind->kfuncs, btf_view_word(view, id));
			break;
		}
	}
	sort_ids(&bind->percpu);
	sort_ids(&bind->kfuncs);
	complete_hits(bind, first_hit);
	return ok;
}

/* As the verifier sizes what a variable holds. */
static bool type_size(const struct btf_view *view, uint32_t id, uint32_t pointer_size,
		      uint32_t *ret_size)
{
	uint64_t num = 1, size;

	for (unsigned int step = 0; step < BTF_LIMIT_CHAIN; step++) {
		switch (btf_view_kind(view, id)) {
		case BTF_INT:
		case BTF_STRUCT:
		case BTF_UNION:
		case BTF_ENUM:
		case BTF_ENUM64:
		case BTF_FLOAT:
		case BTF_PTR:
			size = btf_view_kind(view, id) == BTF_PTR ? pointer_size :
								    btf_view_word(view, id);
			if (size * num > UINT32_MAX)
				return false;
			*ret_size = (uint32_t)(size * num);
			return true;
		case BTF_ARRAY:
			num *= btf_view_array(view, id).num;
			if (num > UINT32_MAX)
				return false;
			id = btf_view_array(view, id).elem_id;
			break;
		case BTF_TYPEDEF:
		case BTF_CONST:
		case BTF_VOLATILE:
		case BTF_RESTRICT:
		case BTF_TYPE_TAG:
			id = btf_view_word(view, id);
			break;
		default:
			return false;
		}
	}
	return false;
}

static void judge_type(const struct ksyms_input *input, struct ksyms_symbol *symbol,
		       const struct btf_view *view)
{
	uint32_t local = btf_view_word(input->program, symbol->decl_id);

	if (ksyms_types_compat(input->program, local, view, symbol->target_type, &symbol->part)) {
		symbol->verdict = KSYMS_BOUND;
		return;
	}
	symbol->why = KSYMS_WHY_TYPE;
	/* A weak function that does not fit is as good as none, a weak variable is an error. */
	symbol->verdict = symbol->form == KSYMS_FUNC && symbol->ext->is_weak ? KSYMS_ZERO :
									       KSYMS_INCOMPATIBLE;
}

/* The first candidate is the one that counts. */
static void judge_target(struct bind *bind, struct ksyms_symbol *symbol)
{
	const struct ksyms_candidate *target = &symbol->candidates[0];
	const struct ksyms_layer *layer = &bind->input->layers[target->layer];
	const struct btf_view *view = layer->view;
	uint32_t type, kind;

	symbol->target_type = btf_view_word(view, target->id);
	symbol->kfunc = target->kfunc;
	symbol->is_percpu = target->is_percpu;
	if (symbol->form == KSYMS_VAR) {
		kind = ksyms_skip(view, symbol->target_type, &type) ? btf_view_kind(view, type) :
								      BTF_VOID;
		symbol->is_struct = kind == BTF_STRUCT || kind == BTF_UNION;
		symbol->has_size =
			type_size(view, symbol->target_type, layer->pointer_size, &symbol->size);
	}
	judge_type(bind->input, symbol, view);
}

static enum ksyms_address find_address(const struct ksyms_input *input, const char *name,
				       bool for_libbpf)
{
	if (!input->address)
		return KSYMS_ADDRESS_UNKNOWN;
	return input->address(input->address_arg, name, for_libbpf);
}

static void refuse(struct ksyms_symbol *symbol, enum ksyms_why why)
{
	symbol->verdict = KSYMS_REFUSED;
	symbol->why = why;
}

static void judge_typeless(struct ksyms_symbol *symbol, enum ksyms_address address)
{
	symbol->address = address;
	symbol->why = KSYMS_WHY_NONE;
	switch (address) {
	case KSYMS_ADDRESS_UNKNOWN:
		symbol->verdict = KSYMS_BY_ADDRESS;
		break;
	case KSYMS_ADDRESS_ONE:
		symbol->verdict = KSYMS_BOUND;
		break;
	case KSYMS_ADDRESS_SEVERAL:
		refuse(symbol, KSYMS_WHY_AMBIGUOUS);
		break;
	case KSYMS_ADDRESS_NONE:
		symbol->verdict = symbol->ext->is_weak ? KSYMS_ZERO : KSYMS_MISSING;
		symbol->why = KSYMS_WHY_ABSENT;
		break;
	}
}

/* Of a bound one: what would the verifier say of the instructions that use it? */
static void judge_use(struct bind *bind, struct ksyms_symbol *symbol)
{
	const struct ksyms_candidate *target = &symbol->candidates[0];
	const struct btf_view *view = bind->input->layers[target->layer].view;

	symbol->address = find_address(bind->input, btf_view_name(view, target->id), false);
	if (!symbol->ext->num_calls && !symbol->ext->num_loads)
		return;
	if (symbol->form == KSYMS_VAR && !symbol->is_struct && !symbol->has_size)
		refuse(symbol, KSYMS_WHY_NO_SIZE);
	else if (symbol->ext->num_calls && symbol->kfunc == KSYMS_KFUNC_NO)
		refuse(symbol, KSYMS_WHY_NOT_KFUNC);
	else if (symbol->address == KSYMS_ADDRESS_NONE)
		refuse(symbol, KSYMS_WHY_NO_ADDRESS);
}

static void judge_weak_variable(struct ksyms_symbol *symbol, enum ksyms_address address)
{
	if (address == KSYMS_ADDRESS_ONE && symbol->ext->num_loads)
		refuse(symbol, KSYMS_WHY_HALF);
}

static void judge_symbol(struct bind *bind, struct ksyms_symbol *symbol)
{
	enum ksyms_address address = KSYMS_ADDRESS_UNKNOWN;

	/* Once libbpf reads kallsyms, it looks at all variables. */
	if (symbol->form != KSYMS_FUNC && bind->has_typeless)
		address = find_address(bind->input, symbol->name, true);
	if (symbol->form == KSYMS_TYPELESS) {
		judge_typeless(symbol, address);
		return;
	}
	if (symbol->verdict == KSYMS_MISSING) {
		symbol->why = KSYMS_WHY_ABSENT;
		if (symbol->ext->is_weak)
			symbol->verdict = KSYMS_ZERO;
		if (symbol->ext->is_weak && symbol->form == KSYMS_VAR)
			judge_weak_variable(symbol, address);
	} else if (symbol->verdict == KSYMS_BOUND) {
		judge_use(bind, symbol);
	}
	if (address == KSYMS_ADDRESS_SEVERAL && symbol->verdict != KSYMS_INCOMPATIBLE)
		refuse(symbol, KSYMS_WHY_AMBIGUOUS);
}

/* Hits are in the order of layers and ids; those of a key and kind become one run of the list. */
static bool place_candidates(struct bind *bind)
{
	struct ksyms_candidate *all = calloc(bind->hits.num + 1, sizeof(*all));
	size_t num = 0;

	if (!all)
		return false;
	bind->list->candidates = all;
	for (size_t i = 0; i < bind->hits.num; i++)
		bind->keys.data[bind->hits.data[i].key].num++;
	for (size_t i = 0; i < bind->keys.num; i++) {
		bind->keys.data[i].first = num;
		num += bind->keys.data[i].num;
	}
	for (int is_func = 0; is_func < 2; is_func++) {
		for (size_t i = 0; i < bind->hits.num; i++) {
			const struct hit *hit = &bind->hits.data[i];
			struct key *key = &bind->keys.data[hit->key];

			if (hit->is_func != is_func)
				continue;
			all[key->first + key->num_vars + key->num_funcs] = hit->candidate;
			if (is_func)
				key->num_funcs++;
			else
				key->num_vars++;
		}
	}
	return true;
}

/* True if there is one of @kind among what has the name of @key. */
static bool set_other(const struct bind *bind, struct ksyms_symbol *symbol, const struct key *key,
		      uint32_t kind)
{
	size_t num = kind == BTF_VAR ? key->num_vars : key->num_funcs;

	if (num) {
		symbol->has_other = true;
		symbol->other =
			bind->list->candidates[key->first + (kind == BTF_VAR ? 0 : key->num_vars)];
	}
	return num > 0;
}

/* Of a name that was made a key. */
static const struct key *key_of(const struct bind *bind, const char *name, size_t size)
{
	size_t at;

	find_key(&bind->keys, name, size, &at);
	return &bind->keys.data[at];
}

static void set_candidates(const struct bind *bind, struct ksyms_symbol *symbol)
{
	const struct key *whole = key_of(bind, symbol->name, strlen(symbol->name));
	const struct key *essential =
		key_of(bind, symbol->name, ksyms_essential_size(symbol->name));

	if (symbol->form == KSYMS_FUNC) {
		symbol->candidates =
			bind->list->candidates + essential->first + essential->num_vars;
		symbol->num_candidates = essential->num_funcs;
		(void)(set_other(bind, symbol, essential, BTF_VAR) ||
		       set_other(bind, symbol, whole, BTF_VAR));
		return;
	}
	if (symbol->form == KSYMS_VAR) {
		symbol->candidates = bind->list->candidates + whole->first;
		symbol->num_candidates = whole->num_vars;
	}
	(void)(set_other(bind, symbol, whole, BTF_FUNC) ||
	       set_other(bind, symbol, essential, BTF_VAR) ||
	       set_other(bind, symbol, essential, BTF_FUNC));
}

static bool bind_all(struct bind *bind)
{
	if (!collect_symbols(bind))
		return false;
	if (bind->symbols.num)
		qsort(bind->symbols.data, bind->symbols.num, sizeof(*bind->symbols.data),
		      compare_symbols);
	for (size_t i = 0; i < bind->symbols.num; i++) {
		if (bind->symbols.data[i].form != KSYMS_FORMLESS)
			bind->symbols.data[i].verdict = KSYMS_MISSING;
	}
	if (!collect_keys(bind))
		return false;
	for (size_t i = 0; i < bind->input->num_layers && bind->keys.num; i++) {
		if (!scan_layer(bind, i))
			return false;
	}
	if (!place_candidates(bind))
		return false;
	for (size_t i = 0; i < bind->symbols.num; i++) {
		struct ksyms_symbol *symbol = &bind->symbols.data[i];

		if (symbol->form == KSYMS_FORMLESS)
			continue;
		set_candidates(bind, symbol);
		if (symbol->num_candidates)
			judge_target(bind, symbol);
		judge_symbol(bind, symbol);
	}
	return true;
}

struct btfgen_error *ksyms_bind(const struct ksyms_input *input, struct ksyms_list **ret_list)
{
	struct bind bind = { .input = input, .list = calloc(1, sizeof(*bind.list)) };
	bool ok = bind.list && bind_all(&bind);

	vec_deinit(&bind.keys);
	vec_deinit(&bind.hits);
	vec_deinit(&bind.percpu);
	vec_deinit(&bind.kfuncs);
	if (bind.list) {
		bind.list->symbols = bind.symbols.data;
		bind.list->num = bind.symbols.num;
	} else {
		vec_deinit(&bind.symbols);
	}
	if (!ok) {
		ksyms_destroy(bind.list);
		return error_nomem();
	}
	*ret_list = bind.list;
	return NULL;
}

void ksyms_destroy(struct ksyms_list *list)
{
	if (!list)
		return;
	free(list->symbols);
	free(list->candidates);
	free(list);
}
