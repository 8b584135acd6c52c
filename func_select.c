// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "func_select.h"

#include <stdlib.h>
#include <string.h>

#include "encode_features.h"
#include "var_select.h"

/* KF_* bits of a kfunc's flags (include/linux/btf.h). */
enum {
	KFUNC_FASTCALL = 1 << 12,
	KFUNC_ARENA_RESULT = 1 << 13,
	KFUNC_ARENA_FIRST = 1 << 14,
	KFUNC_ARENA_SECOND = 1 << 15,
};

enum { MAX_ELEMS = 65535 }; /* parameters of a prototype: BTF's limit */

static const uint32_t none = UINT32_MAX;

/*
 * All symbols of one name without suffix at one address: one function. Parts are no functions.
 */
struct site {
	struct str_id name;
	uint32_t section;
	uint64_t off;
	uint64_t size;	    /* of the largest symbol */
	uint32_t address;   /* index into addresses */
	uint32_t candidate; /* of this name, here; UINT32_MAX: none */
	bool differs;	    /* candidates have different prototypes */
	uint8_t suffix;	    /* enum suffix: the least of all symbols */
};

/* All symbols of one address, whatever their names are. */
struct address {
	uint32_t section;
	uint64_t off;
	uint64_t size;	   /* of the largest symbol */
	bool has_function; /* not only parts */
	uint32_t donor;	   /* site of the strongest symbol that has a candidate; UINT32_MAX: none */
	uint32_t stranger; /* lowest candidate of a name that no symbol has here, or UINT32_MAX */
	bool differs;	   /* there are strangers with other prototypes at the same place */
};

/* Debugging entries of one name that have no address. */
struct absent {
	struct str_id name;
	uint32_t candidate; /* the first */
	bool differs;
};

struct named {
	struct str_id name;
	uint32_t index;
};

/* A prototype in the making. */
struct signature {
	struct type_id ret;
	bool has_varargs;
	VEC(struct func_param) params;
	VEC(uint32_t) new_index; /* of each of the candidate's parameters; UINT32_MAX: dropped */
};

/* A parameter and the register it is in; those in none come last. */
struct param_order {
	unsigned int reg;
	uint32_t index;
};

/* The sites of a name; first == end: it has none. */
struct name_sites {
	uint32_t first;
	uint32_t end;
};

struct select_ctx {
	const struct func_select_input *input;
	VEC(struct site) sites;		   /* sorted by (name, section, off) */
	VEC(struct name_sites) name_sites; /* by name's id */
	VEC(struct address) addresses;	   /* sorted by (section, off) */
	uint32_t *site_of;		   /* by symbol; UINT32_MAX: a part */
	uint32_t *address_of;		   /* by symbol */
	VEC(struct absent) absent;	   /* sorted by name */
	VEC(struct param_check) checks;
	VEC(struct settled_elem) elems;
	VEC(struct param_order) order;	/* of a changed function's parameters */
	VEC(struct func_param) ordered; /* they themselves */
	struct signature signature;
	VEC(struct layout_tag) tags;
	VEC(uint32_t) first_tag; /* by candidate: index into the input's tags */
	struct func_selection selection;
};

static bool has(const struct select_ctx *ctx, enum encode_feature feature)
{
	return encode_has(ctx->input->features, feature);
}

/* What a symbol's suffix says about the code. */
enum suffix {
	SUFFIX_NAME_ONLY, /* none, or one that is there to tell names apart */
	SUFFIX_REDUCED,	  /* made for constant arguments, which are not passed */
	SUFFIX_CHANGED,	  /* anything may have become of the arguments */
};

static enum suffix suffix_kind(const char *suffix)
{
	/* Promoted statics of LTO, second names, statics of equal names. */
	static const char *const harmless[] = { "llvm", "lto_priv", "localalias", "__uniq" };
	enum suffix kind = SUFFIX_NAME_ONLY;

	while (*suffix == '.') {
		size_t size = strcspn(++suffix, ".");
		bool known = size && strspn(suffix, "0123456789") >= size;

		for (size_t i = 0; i < sizeof(harmless) / sizeof(harmless[0]); i++) {
			if (strlen(harmless[i]) == size && !memcmp(suffix, harmless[i], size))
				known = true;
		}
		if (!known && size == strlen("constprop") && !memcmp(suffix, "constprop", size))
			kind = SUFFIX_REDUCED;
		else if (!known)
			return SUFFIX_CHANGED;
		suffix += size;
	}
	return kind;
}

static bool same_prototype(const struct select_ctx *ctx, uint32_t ia, uint32_t ib)
{
	const struct func_candidate *a = &ctx->input->candidates[ia];
	const struct func_candidate *b = &ctx->input->candidates[ib];
	const struct func_param *pa = ctx->input->params + a->first_param;
	const struct func_param *pb = ctx->input->params + b->first_param;

	if (a->ret.v != b->ret.v || a->num_params != b->num_params ||
	    (a->flags ^ b->flags) & FUNC_HAS_VARARGS)
		return false;
	for (uint32_t i = 0; i < a->num_params; i++) {
		if (pa[i].type.v != pb[i].type.v)
			return false;
	}
	return true;
}

static int named_compare(const void *pa, const void *pb)
{
	const struct named *a = pa, *b = pb;

	if (a->name.v != b->name.v)
		return a->name.v < b->name.v ? -1 : 1;
	return a->index < b->index ? -1 : a->index > b->index;
}

static struct btfgen_error *collect_addresses(struct select_ctx *ctx)
{
	const struct func_select_input *input = ctx->input;

	ctx->address_of = malloc((input->num_symbols + 1) * sizeof(*ctx->address_of));
	if (!ctx->address_of)
		return error_nomem();
	for (size_t i = 0; i < input->num_symbols; i++) {
		const struct symtab_function *symbol = &input->symbols[i];
		struct address *last;

		if (!i || symbol[-1].section != symbol->section || symbol[-1].off != symbol->off) {
			struct address address = {
				.section = symbol->section,
				.off = symbol->off,
				.donor = none,
				.stranger = none,
			};

			if (!vec_push(&ctx->addresses, address))
				return error_nomem();
		}
		last = &ctx->addresses.data[ctx->addresses.num - 1];
		if (symbol->size > last->size)
			last->size = symbol->size;
		last->has_function |= !symbol->is_part;
		ctx->address_of[i] = ctx->addresses.num - 1;
	}
	return NULL;
}

/* Ids are dense: sites are sorted by them. */
static bool index_names(struct select_ctx *ctx)
{
	uint32_t num_names = ctx->sites.num ? ctx->sites.data[ctx->sites.num - 1].name.v + 1 : 0;

	if (!vec_reserve(&ctx->name_sites, num_names))
		return false;
	for (uint32_t i = 0; i < num_names; i++)
		ctx->name_sites.data[i] = (struct name_sites){};
	ctx->name_sites.num = num_names;
	for (uint32_t i = 0; i < ctx->sites.num; i++) {
		struct name_sites *sites = &ctx->name_sites.data[ctx->sites.data[i].name.v];

		if (!sites->end)
			sites->first = i;
		sites->end = i + 1;
	}
	return true;
}

/* Sites from symbols: by name, then by the order of symbols, which is by address. */
static struct btfgen_error *collect_sites(struct select_ctx *ctx)
{
	const struct func_select_input *input = ctx->input;
	struct btfgen_error *err = NULL;
	struct named *names = malloc((input->num_symbols + 1) * sizeof(*names));
	size_t num = 0;

	ctx->site_of = malloc((input->num_symbols + 1) * sizeof(*ctx->site_of));
	if (!names || !ctx->site_of) {
		err = error_nomem();
		goto out;
	}
	for (size_t i = 0; i < input->num_symbols; i++) {
		const struct symtab_function *symbol = &input->symbols[i];

		ctx->site_of[i] = none;
		if (symbol->is_part)
			continue;
		names[num].index = i;
		if (input->symbol_names) {
			names[num++].name = input->symbol_names[i];
		} else if (!type_store_intern_string(input->store, 0, symbol->name,
						     symbol->name_size, &names[num++].name)) {
			err = error_nomem();
			goto out;
		}
	}
	qsort(names, num, sizeof(*names), named_compare);
	for (size_t i = 0; i < num; i++) {
		const struct symtab_function *symbol = &input->symbols[names[i].index];
		struct site *last = ctx->sites.num ? &ctx->sites.data[ctx->sites.num - 1] : NULL;
		enum suffix suffix = suffix_kind(symbol->name + symbol->name_size);

		if (last && last->name.v == names[i].name.v && last->section == symbol->section &&
		    last->off == symbol->off) {
			if (symbol->size > last->size)
				last->size = symbol->size;
			if (suffix < last->suffix)
				last->suffix = suffix;
		} else if (!vec_push(&ctx->sites,
				     (struct site){
					     .name = names[i].name,
					     .section = symbol->section,
					     .off = symbol->off,
					     .size = symbol->size,
					     .address = ctx->address_of[names[i].index],
					     .candidate = none,
					     .suffix = suffix,
				     })) {
			err = error_nomem();
			goto out;
		}
		ctx->site_of[names[i].index] = ctx->sites.num - 1;
	}
	if (!index_names(ctx))
		err = error_nomem();
out:
	free(names);
	return err;
}

/* The site that a candidate starts in: the last one of its name that is not behind it. */
static struct site *find_site(const struct select_ctx *ctx, const struct func_candidate *candidate)
{
	uint32_t name = candidate->name.v;
	struct name_sites sites = {};
	struct site *site;
	size_t low, high;

	if (name < ctx->name_sites.num)
		sites = ctx->name_sites.data[name];
	low = sites.first;
	high = sites.end;
	while (low < high) {
		size_t mid = low + (high - low) / 2;

		site = &ctx->sites.data[mid];
		if (site->section != candidate->section ? site->section < candidate->section :
							  site->off <= candidate->off)
			low = mid + 1;
		else
			high = mid;
	}
	if (low == sites.first)
		return NULL;
	site = &ctx->sites.data[low - 1];
	if (site->section != candidate->section)
		return NULL;
	return candidate->off - site->off < (site->size ? site->size : 1) ? site : NULL;
}

/* The symbols' address that a candidate starts at or behind, in the bytes of one of them. */
static struct address *find_address(const struct select_ctx *ctx,
				    const struct func_candidate *candidate)
{
	size_t low = 0, high = ctx->addresses.num;
	struct address *address;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		address = &ctx->addresses.data[mid];
		if (address->section != candidate->section ? address->section < candidate->section :
							     address->off <= candidate->off)
			low = mid + 1;
		else
			high = mid;
	}
	if (!low)
		return NULL;
	address = &ctx->addresses.data[low - 1];
	if (address->section != candidate->section || !address->has_function)
		return NULL;
	return candidate->off - address->off < (address->size ? address->size : 1) ? address : NULL;
}

/* True if an entry of an assembler has to give way to another. */
static bool candidate_is_better(const struct select_ctx *ctx, uint32_t a, uint32_t b)
{
	return !(ctx->input->candidates[a].flags & FUNC_IN_ASM_UNIT) &&
	       ctx->input->candidates[b].flags & FUNC_IN_ASM_UNIT;
}

/* One more candidate where *choice is already, if anything is. */
static void offer(const struct select_ctx *ctx, uint32_t candidate, uint32_t *choice, bool *differs)
{
	if (*choice == none || candidate_is_better(ctx, candidate, *choice))
		*choice = candidate;
	else if (!candidate_is_better(ctx, *choice, candidate) &&
		 !same_prototype(ctx, *choice, candidate))
		*differs = true;
}

static void offer_stranger(const struct select_ctx *ctx, uint32_t candidate)
{
	const struct func_candidate *candidates = ctx->input->candidates;
	struct address *address = find_address(ctx, &candidates[candidate]);

	if (!address)
		return;
	if (address->stranger != none) {
		if (candidates[candidate].off > candidates[address->stranger].off)
			return;
		if (candidates[candidate].off < candidates[address->stranger].off) {
			address->stranger = none;
			address->differs = false;
		}
	}
	offer(ctx, candidate, &address->stranger, &address->differs);
}

static bool params_have_names(const struct select_ctx *ctx, uint32_t candidate)
{
	const struct func_candidate *c = &ctx->input->candidates[candidate];

	for (uint32_t i = 0; i < c->num_params; i++) {
		if (!type_store_string_is_identifier(ctx->input->store,
						     ctx->input->params[c->first_param + i].name))
			return false;
	}
	return true;
}

/* Each candidate to its site; the first that is not an assembler's stands for all. */
static struct btfgen_error *assign_candidates(struct select_ctx *ctx)
{
	const struct func_select_input *input = ctx->input;
	struct named *names = malloc((input->num_candidates + 1) * sizeof(*names));
	struct btfgen_error *err = NULL;
	size_t num = 0;

	if (!names)
		return error_nomem();
	for (size_t i = 0; i < input->num_candidates; i++) {
		const struct func_candidate *candidate = &input->candidates[i];
		bool is_asm = candidate->flags & FUNC_IN_ASM_UNIT;
		struct site *site;

		if (!candidate->name.v)
			continue;
		if (!(candidate->flags & FUNC_HAS_ADDR)) {
			if (!is_asm)
				names[num++] = (struct named){ candidate->name, i };
			continue;
		}
		site = find_site(ctx, candidate);
		if (site)
			offer(ctx, i, &site->candidate, &site->differs);
		else
			offer_stranger(ctx, i);
	}
	qsort(names, num, sizeof(*names), named_compare);
	for (size_t i = 0; i < num; i++) {
		struct absent *last =
			ctx->absent.num ? &ctx->absent.data[ctx->absent.num - 1] : NULL;

		if (last && last->name.v == names[i].name.v) {
			if (!same_prototype(ctx, last->candidate, names[i].index))
				last->differs = true;
			else if (!params_have_names(ctx, last->candidate))
				last->candidate = names[i].index;
		} else if (!vec_push(&ctx->absent,
				     (struct absent){ names[i].name, names[i].index, false })) {
			err = error_nomem();
			break;
		}
	}
	free(names);
	return err;
}

static const struct absent *find_absent(const struct select_ctx *ctx, struct str_id name)
{
	size_t low = 0, high = ctx->absent.num;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (ctx->absent.data[mid].name.v < name.v)
			low = mid + 1;
		else
			high = mid;
	}
	if (low < ctx->absent.num && ctx->absent.data[low].name.v == name.v)
		return &ctx->absent.data[low];
	return NULL;
}

/* The strongest symbol of each address that has a candidate of its own name. */
static void find_donors(struct select_ctx *ctx)
{
	const struct symtab_function *symbols = ctx->input->symbols;
	uint8_t bind = 0;

	for (size_t i = 0; i < ctx->input->num_symbols; i++) {
		struct address *address = &ctx->addresses.data[ctx->address_of[i]];
		uint32_t site = ctx->site_of[i];

		if (site == none || ctx->sites.data[site].candidate == none)
			continue;
		if (address->donor == none || symbols[i].bind > bind) {
			address->donor = site;
			bind = symbols[i].bind;
		}
	}
}

struct group_key {
	uint64_t prefix; /* first bytes as a big-endian number: most pairs differ in it */
	const char *name;
	uint32_t size;
	uint32_t symbol;
};

static uint64_t name_prefix(const char *name, size_t size)
{
	uint64_t prefix = 0;

	for (size_t i = 0; i < sizeof(prefix); i++)
		prefix = prefix << 8 | (i < size ? (uint8_t)name[i] : 0);
	return prefix;
}

static int bytes_compare(const char *a, size_t a_size, const char *b, size_t b_size)
{
	int order = memcmp(a, b, a_size < b_size ? a_size : b_size);

	if (order)
		return order;
	return a_size < b_size ? -1 : a_size > b_size;
}

static int group_key_compare(const void *pa, const void *pb)
{
	const struct group_key *a = pa, *b = pb;
	int order;

	if (a->prefix != b->prefix)
		return a->prefix < b->prefix ? -1 : 1;
	order = bytes_compare(a->name, a->size, b->name, b->size);
	if (order)
		return order;
	return a->symbol < b->symbol ? -1 : a->symbol > b->symbol;
}

/* Clones are groups of their own if they are to be written under their whole names. */
static struct btfgen_error *collect_groups(struct select_ctx *ctx)
{
	const struct func_select_input *input = ctx->input;
	struct func_selection *selection = &ctx->selection;
	size_t num = input->num_symbols;
	struct group_key *keys = malloc((num + 1) * sizeof(*keys));

	selection->symbols = malloc((num + 1) * sizeof(*selection->symbols));
	selection->groups = malloc((num + 1) * sizeof(*selection->groups));
	selection->funcs = malloc((num + 1) * sizeof(*selection->funcs));
	if (!keys || !selection->symbols || !selection->groups || !selection->funcs) {
		free(keys);
		return error_nomem();
	}
	for (size_t i = 0; i < num; i++) {
		const struct symtab_function *symbol = &input->symbols[i];

		keys[i] = (struct group_key){
			.name = symbol->name,
			.size = symbol->name_size,
			.symbol = i,
		};
		if (!symbol->is_part && has(ctx, FEATURE_TRUE_SIGNATURE))
			keys[i].size += strlen(symbol->name + symbol->name_size);
		keys[i].prefix = name_prefix(symbol->name, keys[i].size);
	}
	qsort(keys, num, sizeof(*keys), group_key_compare);
	for (size_t i = 0; i < num; i++) {
		struct func_group *group = &selection->groups[selection->num_groups];

		selection->symbols[i] = keys[i].symbol;
		if (!i || bytes_compare(group[-1].name, group[-1].name_size, keys[i].name,
					keys[i].size)) {
			*group = (struct func_group){
				.name = keys[i].name,
				.name_size = keys[i].size,
				.first_symbol = i,
				.num_symbols = 1,
				.candidate = none,
				.func = none,
			};
			selection->num_groups++;
		} else {
			group[-1].num_symbols++;
		}
	}
	free(keys);
	return NULL;
}

/* `void f(void)` */
static void signature_clear(struct select_ctx *ctx)
{
	ctx->signature.ret.v = 0;
	ctx->signature.has_varargs = false;
	ctx->signature.params.num = ctx->signature.new_index.num = 0;
}

/* The candidate's parameters as they are. */
static bool signature_set(struct select_ctx *ctx, const struct func_candidate *candidate)
{
	const struct func_param *params = ctx->input->params + candidate->first_param;
	struct signature *signature = &ctx->signature;

	signature->ret = candidate->ret;
	signature->has_varargs = candidate->flags & FUNC_HAS_VARARGS;
	signature->params.num = signature->new_index.num = 0;
	for (uint32_t i = 0; i < candidate->num_params; i++) {
		if (!vec_push(&signature->params, params[i]) || !vec_push(&signature->new_index, i))
			return false;
	}
	return true;
}

/* A pointer or an aggregate. */
static bool type_has_memory(const struct type_store *store, struct type_id id)
{
	for (unsigned int steps = 0; id.v && steps <= BTF_LIMIT_CHAIN; steps++) {
		const struct settled_type *type = type_store_type(store, id);

		switch (type->kind) {
		case GRAPH_CONST:
		case GRAPH_VOLATILE:
		case GRAPH_RESTRICT:
		case GRAPH_TYPE_TAG:
		case GRAPH_TYPEDEF:
			id = type->ref;
			continue;
		default:
			return type->kind == GRAPH_PTR || type->kind == GRAPH_STRUCT ||
			       type->kind == GRAPH_UNION;
		}
	}
	return false;
}

static bool candidate_has_places(const struct select_ctx *ctx,
				 const struct func_candidate *candidate)
{
	return ctx->input->abi && candidate->flags & FUNC_HAS_PLACES;
}

/* True if each parameter names a register: places on the stack are not told apart. */
static bool all_in_registers(const struct select_ctx *ctx, const struct func_candidate *candidate)
{
	for (uint32_t i = 0; i < candidate->num_params; i++) {
		const struct func_param *param = &ctx->input->params[candidate->first_param + i];

		if (func_abi_place_order(ctx->input->abi, &param->place) < 0)
			return false;
	}
	return true;
}

/*
 * What the places of the candidate's parameters say of the code that the compiler made of it:
 *
 * - GCC gives what it changes another name (.isra, .constprop): only such functions are doubted.
 *   Then every parameter has to be proven in place. Functions of their own name are as declared,
 *   wherever their parameters are said to be; unless the entry itself lists them in another order,
 *   which is then the right one only if the places fit it.
 * - clang does not rename. Since release 22 it marks what it changed (DW_CC_nocall); these are
 *   doubted alike. Before it changed local functions without notice: a parameter in the register of
 *   another is proof. One without a location is none, since clang gives unused ones no location. An
 *   external function keeps its convention.
 * - Unoptimised code has all parameters on the stack when locations are valid: that says nothing.
 */
static enum func_outcome func_changed(struct select_ctx *ctx,
				      const struct func_candidate *candidate, enum suffix suffix,
				      uint16_t *ret_param)
{
	const struct func_param *params = ctx->input->params + candidate->first_param;
	bool is_clang = candidate->flags & FUNC_IN_CLANG_UNIT;
	bool is_reordered = candidate->flags & FUNC_IS_REORDERED;
	bool has_places = candidate_has_places(ctx, candidate);
	bool is_suspect =
		suffix != SUFFIX_NAME_ONLY || (is_clang && candidate->flags & FUNC_HAS_NOCALL);
	uint32_t first[NUM_PARAM_STATES];

	for (size_t i = 0; i < NUM_PARAM_STATES; i++)
		first[i] = none;
	if (has_places) {
		func_abi_check(ctx->input->abi, ctx->input->store, candidate->ret, params,
			       candidate->num_params, false, ctx->checks.data);
		for (uint32_t i = candidate->num_params; i-- > 0;)
			first[ctx->checks.data[i].state] = i;
	}
	if (first[PARAM_PART] < first[PARAM_ELSEWHERE])
		first[PARAM_ELSEWHERE] = first[PARAM_PART];

	if (is_suspect && ctx->input->abi && !has_places && candidate->num_params)
		return FUNC_OPTIMIZED;
	if (is_suspect && first[PARAM_GONE] != none) {
		*ret_param = first[PARAM_GONE];
		return FUNC_OPTIMIZED;
	}
	if (is_reordered && (!has_places || first[PARAM_ELSEWHERE] != none ||
			     (is_suspect && !all_in_registers(ctx, candidate)))) {
		*ret_param = first[PARAM_ELSEWHERE] != none ? first[PARAM_ELSEWHERE] : 0;
		return FUNC_REORDERED;
	}
	if (first[PARAM_ELSEWHERE] != none &&
	    (is_suspect || (is_clang && !(candidate->flags & FUNC_IS_EXTERNAL)))) {
		*ret_param = first[PARAM_ELSEWHERE];
		return FUNC_MOVED;
	}
	if (is_suspect && first[PARAM_UNKNOWN] != none) {
		*ret_param = first[PARAM_UNKNOWN];
		return FUNC_OPTIMIZED;
	}
	return FUNC_ENCODED;
}

/* `name__member` */
static bool name_part(struct select_ctx *ctx, struct func_param *param, uint32_t member)
{
	struct type_store *store = ctx->input->store;
	struct type_id id = param->type;
	const struct settled_type *type = type_store_type(store, id);
	const char *name, *member_name;
	size_t name_size, member_size;
	char *text;
	bool done;

	while (type->kind != GRAPH_STRUCT && type->kind != GRAPH_UNION) {
		id = type->ref;
		type = type_store_type(store, id);
	}
	name = type_store_string(store, param->name);
	name_size = strlen(name);
	member_name = type_store_string(store, type->elems[member].name);
	member_size = strlen(member_name);
	param->type = type->elems[member].type;
	if (!name_size)
		return true;
	text = malloc(name_size + 2 + member_size);
	if (!text)
		return false;
	memcpy(text, name, name_size);
	memcpy(text + name_size, "__", 2);
	memcpy(text + name_size + 2, member_name, member_size);
	done = type_store_intern_string(store, 0, text, name_size + 2 + member_size, &param->name);
	free(text);
	return done;
}

static int param_order_compare(const void *pa, const void *pb)
{
	const struct param_order *a = pa, *b = pb;

	if (a->reg != b->reg)
		return a->reg < b->reg ? -1 : 1;
	return a->index < b->index ? -1 : a->index > b->index;
}

/* The candidate's parameters as its entry lists them, or in the order of their registers. */
static bool signature_order(struct select_ctx *ctx, const struct func_candidate *candidate,
			    bool by_register)
{
	const struct func_param *params = ctx->input->params + candidate->first_param;

	ctx->order.num = ctx->ordered.num = 0;
	for (uint32_t i = 0; i < candidate->num_params; i++) {
		struct param_order order = { .index = i };

		if (by_register)
			order.reg = (unsigned int)func_abi_place_order(ctx->input->abi,
								       &params[i].place);
		if (!vec_push(&ctx->order, order))
			return false;
	}
	if (ctx->order.num)
		qsort(ctx->order.data, ctx->order.num, sizeof(*ctx->order.data),
		      param_order_compare);
	for (size_t i = 0; i < ctx->order.num; i++) {
		if (!vec_push(&ctx->ordered, params[ctx->order.data[i].index]))
			return false;
	}
	return true;
}

/*
 * Reduces the signature to what a changed function takes. *ret_known is false if that is not
 * certain: a parameter is neither gone nor in place; or something that leads to memory is gone
 * behind the last one that is there. Compilers pass what is in the memory instead, and do not tell
 * (GCC's IPA-SRA, clang's argument promotion). A BPF trampoline saves the arguments that the
 * prototype has and no others: the function would lose those.
 */
static bool signature_reduce(struct select_ctx *ctx, const struct func_candidate *candidate,
			     enum suffix suffix, bool by_register, bool *ret_known)
{
	struct signature *signature = &ctx->signature;
	bool is_clang = candidate->flags & FUNC_IN_CLANG_UNIT;
	bool may_replace = is_clang || suffix != SUFFIX_REDUCED;
	bool may_be_more = false, has_located = false;

	*ret_known = false;
	if (!signature_order(ctx, candidate, by_register))
		return false;
	func_abi_check(ctx->input->abi, ctx->input->store, candidate->ret, ctx->ordered.data,
		       ctx->ordered.num, true, ctx->checks.data);
	signature->params.num = 0;
	for (uint32_t i = 0; i < candidate->num_params; i++) {
		const struct param_check *check = &ctx->checks.data[i];
		struct func_param param = ctx->ordered.data[i];
		uint32_t *new_index = &signature->new_index.data[ctx->order.data[i].index];

		*new_index = none;
		if (check->state == PARAM_GONE) {
			if (param.place.kind != PLACE_CONSTANT &&
			    ((may_replace && type_has_memory(ctx->input->store, param.type)) ||
			     (is_clang && check->due_on_stack)))
				may_be_more = true;
			continue;
		}
		if (check->state != PARAM_IN_PLACE && check->state != PARAM_PART)
			return true;
		if (check->state == PARAM_PART && !name_part(ctx, &param, check->member))
			return false;
		/* What is on the stack does not tell what is in the registers before it. */
		if (param.place.kind == PLACE_REGISTER || param.place.kind == PLACE_PIECES) {
			may_be_more = false;
			has_located = true;
		}
		*new_index = signature->params.num;
		if (!vec_push(&signature->params, param))
			return false;
	}
	/* clang may lose places of arguments that are passed: none at all proves nothing. */
	*ret_known = !may_be_more && (has_located || !is_clang);
	return true;
}

/* What kernels ask of prototypes: names, and types with a size. A result may also be void. */
static enum func_outcome signature_check(struct select_ctx *ctx, uint16_t *ret_param)
{
	struct type_store *store = ctx->input->store;
	struct signature *signature = &ctx->signature;
	struct type_id ret = signature->ret;
	uint64_t size;

	if (signature->params.num + signature->has_varargs > MAX_ELEMS)
		return FUNC_BAD_TYPE;
	for (size_t i = 0; i < signature->params.num; i++) {
		const struct func_param *param = &signature->params.data[i];

		*ret_param = i;
		if (!type_store_string_is_identifier(store, param->name))
			return FUNC_UNNAMED_PARAM;
		if (!settled_type_size(store, param->type, ctx->input->address_size, &size))
			return FUNC_BAD_TYPE;
	}
	*ret_param = 0;
	if (!ret.v || settled_type_size(store, ret, ctx->input->address_size, &size))
		return FUNC_ENCODED;
	/* Behind qualifiers and typedefs void is still void, but kernels do not look there. */
	for (unsigned int steps = 0; ret.v; steps++) {
		const struct settled_type *type = type_store_type(store, ret);

		switch (type->kind) {
		case GRAPH_CONST:
		case GRAPH_VOLATILE:
		case GRAPH_RESTRICT:
		case GRAPH_TYPE_TAG:
		case GRAPH_TYPEDEF:
			ret = type->ref;
			break;
		default:
			return FUNC_BAD_TYPE;
		}
		if (steps >= BTF_LIMIT_CHAIN)
			return FUNC_BAD_TYPE;
	}
	signature->ret = ret;
	return FUNC_ENCODED;
}

static const struct symtab_kfunc *find_kfunc(const struct select_ctx *ctx, const char *name,
					     size_t name_size)
{
	size_t low = 0, high = ctx->input->num_kfuncs;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		const struct symtab_kfunc *kfunc = &ctx->input->kfuncs[mid];
		int order = bytes_compare(kfunc->name, kfunc->name_size, name, name_size);

		if (!order)
			return kfunc;
		if (order < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return NULL;
}

/* A pointer to the same in the arena's address space; what is no pointer stays as it is. */
static bool add_address_space(struct select_ctx *ctx, struct type_id *type)
{
	static const char text[] = "address_space(1)";
	struct type_store *store = ctx->input->store;
	const struct settled_type *pointer = type->v ? type_store_type(store, *type) : NULL;
	const struct settled_type *pointee;
	struct settled_type tag = { .kind = GRAPH_TYPE_TAG, .flags = GRAPH_ATTRIBUTE };
	struct type_id id;

	if (!pointer || pointer->kind != GRAPH_PTR)
		return true;
	if (!type_store_intern_string(store, 0, text, sizeof(text) - 1, &tag.name))
		return false;
	tag.ref = pointer->ref;
	pointee = tag.ref.v ? type_store_type(store, tag.ref) : NULL;
	if (pointee && pointee->kind == GRAPH_TYPE_TAG && pointee->flags & GRAPH_ATTRIBUTE &&
	    pointee->name.v == tag.name.v)
		return true;
	id = type_store_add_type(store, &tag);
	if (!id.v)
		return false;
	id = type_store_add_type(store, &(struct settled_type){ .kind = GRAPH_PTR, .ref = id });
	if (!id.v)
		return false;
	*type = id;
	return true;
}

static bool add_attributes(struct select_ctx *ctx, uint32_t kfunc_flags)
{
	struct signature *signature = &ctx->signature;

	if (kfunc_flags & KFUNC_ARENA_RESULT && !add_address_space(ctx, &signature->ret))
		return false;
	for (size_t i = 0; i < 2 && i < signature->params.num; i++) {
		if (kfunc_flags & (i ? KFUNC_ARENA_SECOND : KFUNC_ARENA_FIRST) &&
		    !add_address_space(ctx, &signature->params.data[i].type))
			return false;
	}
	return true;
}

static bool add_kfunc_tag(struct select_ctx *ctx, const char *text)
{
	struct layout_tag tag = {
		.target = TAG_OF_FUNC,
		.index = ctx->selection.num_funcs,
		.component = -1,
	};

	return type_store_intern_string(ctx->input->store, 0, text, strlen(text), &tag.text) &&
	       vec_push(&ctx->tags, tag);
}

static bool add_tags(struct select_ctx *ctx, uint32_t candidate)
{
	const struct signature *signature = &ctx->signature;

	for (size_t i = ctx->first_tag.data[candidate]; i < ctx->first_tag.data[candidate + 1];
	     i++) {
		const struct func_tag *from = &ctx->input->tags[i];
		struct layout_tag tag = {
			.text = from->text,
			.target = TAG_OF_FUNC,
			.index = ctx->selection.num_funcs,
			.component = -1,
		};

		if (from->component >= 0) {
			if ((size_t)from->component >= signature->new_index.num ||
			    signature->new_index.data[from->component] == none)
				continue;
			tag.component = signature->new_index.data[from->component];
		}
		if (!vec_push(&ctx->tags, tag))
			return false;
	}
	return true;
}

/* The group becomes a FUNC with the signature made. */
static bool add_func(struct select_ctx *ctx, struct func_group *group, enum btf_linkage linkage,
		     const struct symtab_kfunc *kfunc)
{
	struct type_store *store = ctx->input->store;
	struct signature *signature = &ctx->signature;
	struct settled_type proto = { .kind = GRAPH_FUNC_PROTO };
	struct layout_func func = { .linkage = linkage };

	if (kfunc && has(ctx, FEATURE_ATTRIBUTES) && !add_attributes(ctx, kfunc->flags))
		return false;
	ctx->elems.num = 0;
	for (size_t i = 0; i < signature->params.num; i++) {
		const struct func_param *param = &signature->params.data[i];

		if (!vec_push(&ctx->elems,
			      (struct settled_elem){ .name = param->name, .type = param->type }))
			return false;
	}
	proto.ref = signature->ret;
	proto.flags = signature->has_varargs ? GRAPH_VARARGS : 0;
	proto.num_elems = ctx->elems.num;
	proto.elems = ctx->elems.data;
	func.proto = type_store_add_type(store, &proto);
	if (!func.proto.v ||
	    !type_store_intern_string(store, 0, group->name, group->name_size, &func.name))
		return false;
	if (has(ctx, FEATURE_DECL_TAG)) {
		if (!add_tags(ctx, group->candidate))
			return false;
		if (kfunc && has(ctx, FEATURE_DECL_TAG_KFUNCS)) {
			if (!add_kfunc_tag(ctx, "bpf_kfunc"))
				return false;
			if (kfunc->flags & KFUNC_FASTCALL && !add_kfunc_tag(ctx, "bpf_fastcall"))
				return false;
		}
	}
	group->func = ctx->selection.num_funcs;
	ctx->selection.funcs[ctx->selection.num_funcs++] = func;
	return true;
}

/* What the symbols of a group have in common. */
struct group_symbols {
	uint32_t site;	    /* UINT32_MAX: only parts */
	bool is_several;    /* addresses */
	bool is_renamed;    /* no symbol without suffix */
	bool is_global;	    /* some symbol, or it was one for the compiler */
	uint32_t name_size; /* without suffix */
};

static struct group_symbols group_symbols(const struct select_ctx *ctx,
					  const struct func_group *group)
{
	struct group_symbols result = { .site = none, .is_renamed = true };

	for (uint32_t i = 0; i < group->num_symbols; i++) {
		uint32_t index = ctx->selection.symbols[group->first_symbol + i];
		const struct symtab_function *symbol = &ctx->input->symbols[index];
		uint32_t site = ctx->site_of[index];

		if (site == none)
			continue;
		if (result.site != none && result.site != site)
			result.is_several = true;
		if (result.site == none)
			result.site = site;
		if (!symbol->name[symbol->name_size])
			result.is_renamed = false;
		/* What the linker made local because of its visibility is global in the source. */
		if (symbol->bind != SYMBOL_LOCAL || symbol->visibility)
			result.is_global = true;
		result.name_size = symbol->name_size;
	}
	return result;
}

/* The first candidate of any of a group's addresses: for the report. */
static uint32_t group_first_candidate(const struct select_ctx *ctx, const struct func_group *group)
{
	uint32_t first = none;

	for (uint32_t i = 0; i < group->num_symbols; i++) {
		uint32_t site = ctx->site_of[ctx->selection.symbols[group->first_symbol + i]];

		if (site != none && ctx->sites.data[site].candidate < first)
			first = ctx->sites.data[site].candidate;
	}
	return first;
}

/*
 * True if another symbol has the group's base name as a whole: it is the kfunc then, and clones of
 * it are not.
 */
static bool has_origin(const struct select_ctx *ctx, const struct func_group *group,
		       size_t name_size)
{
	size_t low = 0, high = ctx->selection.num_groups;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		const struct func_group *other = &ctx->selection.groups[mid];

		if (bytes_compare(other->name, other->name_size, group->name, name_size) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	for (; low < ctx->selection.num_groups; low++) {
		const struct func_group *other = &ctx->selection.groups[low];

		if (bytes_compare(other->name, other->name_size, group->name, name_size))
			break;
		if (group_symbols(ctx, other).site != none)
			return true;
	}
	return false;
}

/* What a group's prototype is taken from. */
struct choice {
	uint32_t candidate;  /* with the prototype; UINT32_MAX: there is none */
	uint32_t at_address; /* of the code there; UINT32_MAX: only the name is known */
	bool differs;	     /* there are others */
	enum suffix suffix;
};

static struct choice choose(const struct select_ctx *ctx, const struct site *site)
{
	const struct func_candidate *candidates = ctx->input->candidates;
	const struct address *address = &ctx->addresses.data[site->address];
	struct choice choice = {
		.candidate = site->candidate,
		.differs = site->differs,
		.suffix = site->suffix,
	};
	const struct absent *absent;

	if (site->candidate == none && address->donor != none) {
		const struct site *donor = &ctx->sites.data[address->donor];

		choice.candidate = donor->candidate;
		choice.differs = donor->differs;
		if (donor->suffix > choice.suffix)
			choice.suffix = donor->suffix;
	} else if (site->candidate == none) {
		choice.candidate = address->stranger;
		choice.differs = address->differs;
	}
	choice.at_address = choice.candidate;
	if (site->candidate != none ||
	    (choice.candidate != none && candidates[choice.candidate].flags & FUNC_IN_ASM_UNIT))
		return choice;
	/* What a clone's own name says is about its origin. */
	absent = site->suffix ? NULL : find_absent(ctx, site->name);
	if (!absent || (choice.candidate != none && !absent->differs &&
			!params_have_names(ctx, absent->candidate)))
		return choice;
	choice.candidate = absent->candidate;
	choice.differs = absent->differs;
	return choice;
}

/*
 * True if a parameter is on the stack, or perhaps loaded from there, behind another that is gone:
 * which of the two places it is at cannot be told.
 */
static bool has_gap_on_stack(const struct select_ctx *ctx, const struct func_candidate *candidate)
{
	bool has_gap = false;

	for (uint32_t i = 0; i < candidate->num_params; i++) {
		const struct func_param *param = &ctx->input->params[candidate->first_param + i];
		const struct param_check *check = &ctx->checks.data[i];

		if (check->state == PARAM_GONE && check->due_on_stack)
			has_gap = true;
		else if (has_gap && (param->place.is_late ||
				     func_abi_place_order(ctx->input->abi, &param->place) < 0))
			return true;
	}
	return false;
}

/* Whether the code takes what the signature says; the signature may be reduced to that. */
static bool check_code(struct select_ctx *ctx, struct func_group *group,
		       const struct choice *choice)
{
	const struct func_candidate *candidate = &ctx->input->candidates[choice->at_address];
	enum func_outcome outcome = func_changed(ctx, candidate, choice->suffix, &group->param);
	bool is_known;

	group->outcome = outcome;
	if (outcome == FUNC_ENCODED || !has(ctx, FEATURE_TRUE_SIGNATURE) ||
	    choice->candidate != choice->at_address || !candidate_has_places(ctx, candidate))
		return true;
	/* GCC gives places to all that is passed; if clang gives none, it may still be passed. */
	if (candidate->flags & FUNC_IN_CLANG_UNIT && has_gap_on_stack(ctx, candidate))
		return true;
	if (!signature_reduce(ctx, candidate, choice->suffix, false, &is_known))
		return false;
	/* An entry may list them in an order that is neither the origin's nor the code's. */
	if (!is_known && candidate->flags & FUNC_IS_REORDERED &&
	    !signature_reduce(ctx, candidate, choice->suffix, true, &is_known))
		return false;
	if (is_known)
		group->outcome = FUNC_ENCODED;
	return true;
}

/*
 * What module_init() and module_exit() name a second time for the loader (include/linux/module.h).
 * Every module has them, so that they name no function in particular.
 */
static bool is_module_entry(const struct func_group *group)
{
	static const char *const names[] = { "init_module", "cleanup_module" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (group->name_size == strlen(names[i]) &&
		    memcmp(group->name, names[i], group->name_size) == 0)
			return true;
	}
	return false;
}

/* Settles group->outcome and what goes with it; the FUNC is added by the caller. */
static bool decide(struct select_ctx *ctx, struct func_group *group,
		   const struct group_symbols *symbols)
{
	const struct func_select_input *input = ctx->input;
	const struct func_candidate *candidate;
	const struct site *site;
	struct choice choice;
	struct str_id name;
	size_t param;

	group->outcome = FUNC_PART;
	if (symbols->site == none)
		return true;
	group->outcome = FUNC_AMBIGUOUS;
	if (symbols->is_several) {
		group->candidate = group_first_candidate(ctx, group);
		return true;
	}
	group->outcome = FUNC_NO_DEBUG_INFO;
	site = &ctx->sites.data[symbols->site];
	choice = choose(ctx, site);
	if (choice.candidate == none)
		return true;
	candidate = &input->candidates[choice.candidate];
	group->candidate = choice.candidate;
	group->is_alias = candidate->name.v != site->name.v;
	group->outcome = FUNC_MODULE_ENTRY;
	if (input->is_relocatable && is_module_entry(group) &&
	    (group->is_alias || !(candidate->flags & FUNC_HAS_ADDR)))
		return true;
	group->outcome = FUNC_ASSEMBLER;
	if (candidate->flags & FUNC_IN_ASM_UNIT && !input->asm_functions)
		return true;
	group->outcome = FUNC_BAD_NAME;
	if (!type_store_intern_string(input->store, 0, group->name, group->name_size, &name))
		return false;
	if (!type_store_string_is_identifier(input->store, name))
		return true;
	group->outcome = FUNC_INCONSISTENT;
	if (choice.differs && has(ctx, FEATURE_CONSISTENT_FUNC))
		return true;
	group->outcome = FUNC_RENAMED;
	if (symbols->is_renamed && !has(ctx, FEATURE_TRUE_SIGNATURE) &&
	    !has(ctx, FEATURE_OPTIMIZED_FUNC))
		return true;

	group->outcome = FUNC_ENCODED;
	if (candidate->flags & FUNC_IN_ASM_UNIT) {
		signature_clear(ctx);
		return true;
	}
	if (!signature_set(ctx, candidate))
		return false;
	if (choice.at_address != none && !check_code(ctx, group, &choice))
		return false;
	if (group->outcome != FUNC_ENCODED)
		return true;
	if (input->abi &&
	    func_abi_uncertain(input->abi, input->store, ctx->signature.ret,
			       ctx->signature.params.data, ctx->signature.params.num, &param)) {
		group->outcome = FUNC_UNCERTAIN;
		group->param = param;
		return true;
	}
	group->outcome = signature_check(ctx, &group->param);
	return true;
}

static struct btfgen_error *select_group(struct select_ctx *ctx, struct func_group *group)
{
	struct group_symbols symbols = group_symbols(ctx, group);
	const struct func_candidate *candidate;
	const struct symtab_kfunc *kfunc;
	bool is_global;

	if (!decide(ctx, group, &symbols))
		return error_nomem();
	if (group->outcome != FUNC_ENCODED)
		return NULL;
	group->param = 0;
	candidate = &ctx->input->candidates[group->candidate];
	is_global = symbols.is_global && (group->is_alias || candidate->flags & FUNC_IS_EXTERNAL);
	kfunc = find_kfunc(ctx, group->name, symbols.name_size);
	if (kfunc && symbols.name_size != group->name_size &&
	    has_origin(ctx, group, symbols.name_size))
		kfunc = NULL;
	if (!add_func(ctx, group, is_global ? BTF_LINKAGE_GLOBAL : BTF_LINKAGE_STATIC, kfunc))
		return error_nomem();
	return NULL;
}

/* Room for the checks of any candidate, and where the tags of each begin. */
static struct btfgen_error *prepare(struct select_ctx *ctx)
{
	const struct func_select_input *input = ctx->input;
	size_t max_params = 1, tag = 0;

	if (!vec_reserve(&ctx->first_tag, input->num_candidates + 1))
		return error_nomem();
	for (size_t i = 0; i < input->num_candidates; i++) {
		if (input->candidates[i].num_params > max_params)
			max_params = input->candidates[i].num_params;
		while (tag < input->num_tags && input->tags[tag].candidate < i)
			tag++;
		ctx->first_tag.data[i] = tag;
	}
	while (tag < input->num_tags && input->tags[tag].candidate < input->num_candidates)
		tag++;
	ctx->first_tag.data[input->num_candidates] = tag;
	return vec_reserve(&ctx->checks, max_params) ? NULL : error_nomem();
}

static struct btfgen_error *select_all(struct select_ctx *ctx)
{
	struct btfgen_error *err = prepare(ctx);

	if (!err)
		err = collect_addresses(ctx);
	if (!err)
		err = collect_sites(ctx);
	if (!err)
		err = assign_candidates(ctx);
	if (err)
		return err;
	find_donors(ctx);
	err = collect_groups(ctx);
	for (uint32_t i = 0; !err && i < ctx->selection.num_groups; i++)
		err = select_group(ctx, &ctx->selection.groups[i]);
	return err;
}

struct btfgen_error *func_select(const struct func_select_input *input,
				 struct func_selection *ret_selection)
{
	struct select_ctx ctx = { .input = input };
	struct btfgen_error *err = select_all(&ctx);

	ctx.selection.tags = ctx.tags.data;
	ctx.selection.num_tags = ctx.tags.num;
	vec_deinit(&ctx.sites);
	vec_deinit(&ctx.name_sites);
	vec_deinit(&ctx.addresses);
	free(ctx.site_of);
	free(ctx.address_of);
	vec_deinit(&ctx.absent);
	vec_deinit(&ctx.checks);
	vec_deinit(&ctx.elems);
	vec_deinit(&ctx.order);
	vec_deinit(&ctx.ordered);
	vec_deinit(&ctx.signature.params);
	vec_deinit(&ctx.signature.new_index);
	vec_deinit(&ctx.first_tag);
	if (err) {
		func_selection_deinit(&ctx.selection);
		return err;
	}
	*ret_selection = ctx.selection;
	return NULL;
}

void func_selection_deinit(struct func_selection *selection)
{
	free(selection->funcs);
	free(selection->tags);
	free(selection->groups);
	free(selection->symbols);
	*selection = (struct func_selection){ 0 };
}

const char *func_outcome_name(enum func_outcome outcome)
{
	static const char *const names[NUM_FUNC_OUTCOMES] = {
		[FUNC_ENCODED] = "encoded",
		[FUNC_NO_DEBUG_INFO] = "no-debug-info",
		[FUNC_ASSEMBLER] = "assembler",
		[FUNC_PART] = "part",
		[FUNC_AMBIGUOUS] = "ambiguous",
		[FUNC_INCONSISTENT] = "inconsistent",
		[FUNC_OPTIMIZED] = "optimized",
		[FUNC_REORDERED] = "reordered",
		[FUNC_MOVED] = "moved",
		[FUNC_UNCERTAIN] = "uncertain",
		[FUNC_RENAMED] = "renamed",
		[FUNC_UNNAMED_PARAM] = "unnamed-parameter",
		[FUNC_BAD_TYPE] = "bad-type",
		[FUNC_BAD_NAME] = "bad-name",
		[FUNC_MODULE_ENTRY] = "module-entry",
	};

	return outcome < NUM_FUNC_OUTCOMES ? names[outcome] : "unknown";
}
