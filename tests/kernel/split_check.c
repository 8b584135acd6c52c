// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * split_check [-p FOLDER] [-v] BASE FILE...: what split BTF files hold, against their base and
 * against what another encoder made of the same modules over the same base (files of the same names
 * in FOLDER).
 *
 *	repeated	a type that the base has already
 *	lost		a type of the other encoder that is neither in ours nor in the base
 *	extra		a type of ours that is neither in the other's file nor in the base
 *
 * Two types are the same if all that can be reached from them is: each type gets a colour from what
 * its record says, then ROUNDS times a new one from its own and those of the types it refers to. The
 * base's colours are computed once. This is neither how libbpf finds equal types nor how btfgen
 * does. Not looked at are the index type of arrays and the linkage of functions, which encoders
 * have different habits about; a function that differs from the base's in linkage alone is not
 * repeated. Prototypes are compared with their functions; functions, and tags on them, that only one
 * side has are counted, and so are those that differ in names of parameters alone (func_compare.py
 * puts them into classes).
 *
 * What is lost or extra only because one side says `struct foo;` where the other has the definition
 * is counted as "forward": proven by walking both types side by side, each pair of types once, with
 * that allowed.
 *
 * 0: nothing repeated, lost or extra; 1: something; 2: usage; 3: bad input. The last lines of
 * standard output are totals, "S key value" each.
 */
#include "oracle.h"

#define ROUNDS 64
#define MAX_SHOWN 20

/* --- colours --------------------------------------------------------------------------------- */

static uint64_t mix(uint64_t h, uint64_t v)
{
	h = (h ^ v) * 0xff51afd7ed558ccdull;
	return h ^ h >> 31;
}

static uint64_t mix_name(uint64_t h, const struct kbtf *k, uint32_t off)
{
	const char *s = kb_str(k, off);

	return mix(h, strset_hash(s, strlen(s)));
}

static bool is_leaf(const struct kbtf *k, uint32_t id)
{
	unsigned int kind = kb_kind(k, id);

	return (kind == KB_STRUCT || kind == KB_UNION || kind == KB_FWD || kind == KB_ENUM ||
		kind == KB_ENUM64) &&
	       *kb_name(k, id);
}

/* What a record says itself. */
static uint64_t own_colour(const struct kbtf *k, uint32_t id)
{
	unsigned int kind = kb_kind(k, id);
	uint32_t vlen = kb_vlen(k, id), step = kb_entry_size[kind] / 4;
	uint64_t h = mix(kind, kind == KB_FUNC ? 0 : kb_info(k, id));

	h = mix_name(h, k, kb_record_word(k, id, 0));
	switch (kind) {
	case KB_INT:
		h = mix(h, kb_tail(k, id, 0));
		/* fall through */
	case KB_FLOAT:
	case KB_STRUCT:
	case KB_UNION:
	case KB_ENUM:
	case KB_ENUM64:
	case KB_DATASEC:
		h = mix(h, kb_size_or_type(k, id));
		break;
	case KB_ARRAY:
		return mix(h, kb_tail(k, id, 2));
	case KB_VAR:
	case KB_DECL_TAG:
		return mix(h, kb_tail(k, id, 0));
	}
	for (uint32_t i = 0; step && i < vlen; i++) {
		if (kind != KB_DATASEC)
			h = mix_name(h, k, kb_tail(k, id, step * i));
		if (kind == KB_ENUM || kind == KB_ENUM64 || kind == KB_DATASEC)
			h = mix(h, kb_tail(k, id, step * i + 1));
		if (step == 3 && kind != KB_DATASEC)
			h = mix(h, kb_tail(k, id, step * i + 2));
		else if (step == 3)
			h = mix(h, kb_tail(k, id, step * i + 2));
	}
	return h;
}

/* References of a record, in their order; the array's element alone. */
static uint32_t num_refs(const struct kbtf *k, uint32_t id)
{
	switch (kb_kind(k, id)) {
	case KB_PTR:
	case KB_CONST:
	case KB_VOLATILE:
	case KB_RESTRICT:
	case KB_TYPE_TAG:
	case KB_TYPEDEF:
	case KB_FUNC:
	case KB_VAR:
	case KB_DECL_TAG:
	case KB_ARRAY:
		return 1;
	case KB_STRUCT:
	case KB_UNION:
	case KB_DATASEC:
		return kb_vlen(k, id);
	case KB_FUNC_PROTO:
		return 1 + kb_vlen(k, id);
	default:
		return 0;
	}
}

static uint32_t ref_at(const struct kbtf *k, uint32_t id, uint32_t i)
{
	uint32_t to;

	switch (kb_kind(k, id)) {
	case KB_ARRAY:
		to = kb_tail(k, id, 0);
		break;
	case KB_STRUCT:
	case KB_UNION:
		to = kb_tail(k, id, 3 * i + 1);
		break;
	case KB_DATASEC:
		to = kb_tail(k, id, 3 * i);
		break;
	case KB_FUNC_PROTO:
		to = i ? kb_tail(k, id, 2 * i - 1) : kb_size_or_type(k, id);
		break;
	default:
		to = kb_size_or_type(k, id);
	}
	return kb_check_id(k, to);
}

/* Struct and union are told apart, declarations and definitions are not. */
static uint64_t name_key(const struct kbtf *k, uint32_t id)
{
	unsigned int kind = kb_kind(k, id);

	if (kind == KB_FWD)
		kind = kb_kflag(k, id) ? KB_UNION : KB_STRUCT;
	if (kind == KB_ENUM64)
		kind = KB_ENUM;
	return mix_name(kind, k, kb_record_word(k, id, 0));
}

struct colours {
	const struct kbtf *k;
	const struct colours *base;
	/* Colours of own types by round; by_leaf ends at named structs, unions and enums. */
	uint64_t *by_round[ROUNDS + 1];
	uint64_t *by_leaf[ROUNDS + 1];
};

static uint64_t colour_of(const struct colours *c, uint32_t id, int round, bool leaf)
{
	while (c->base && id < c->k->first_id)
		c = c->base;
	if (!id)
		return 1;
	if (leaf && is_leaf(c->k, id))
		return name_key(c->k, id);
	return (leaf ? c->by_leaf : c->by_round)[round][id - c->k->first_id];
}

static void colours_init(struct colours *c, const struct kbtf *k, const struct colours *base)
{
	uint32_t num = k->num_types - k->first_id;

	memset(c, 0, sizeof(*c));
	c->k = k;
	c->base = base;
	for (int r = 0; r <= ROUNDS; r++) {
		c->by_round[r] = oracle_alloc(NULL, num * sizeof(uint64_t));
		/* Types without a name nest less deep than this. */
		if (r <= ROUNDS / 4)
			c->by_leaf[r] = oracle_alloc(NULL, num * sizeof(uint64_t));
	}
	for (uint32_t i = 0; i < num; i++)
		c->by_round[0][i] = c->by_leaf[0][i] = own_colour(k, k->first_id + i);
	for (int r = 1; r <= ROUNDS; r++) {
		for (uint32_t i = 0; i < num; i++) {
			uint32_t id = k->first_id + i, refs = num_refs(k, id);
			uint64_t h = c->by_round[0][i], l = h;

			for (uint32_t j = 0; j < refs; j++) {
				uint32_t to = ref_at(k, id, j);

				h = mix(h, colour_of(c, to, r - 1, false));
				if (r <= ROUNDS / 4)
					l = mix(l, colour_of(c, to, r - 1, true));
			}
			c->by_round[r][i] = h;
			if (r <= ROUNDS / 4)
				c->by_leaf[r][i] = l;
		}
	}
}

static void colours_deinit(struct colours *c)
{
	for (int r = 0; r <= ROUNDS; r++) {
		free(c->by_round[r]);
		free(c->by_leaf[r]);
	}
}

/* --- from a key to ids ----------------------------------------------------------------------- */

struct table {
	uint64_t *keys;
	uint32_t *ids;
	size_t mask;
};

static void table_init(struct table *t, size_t num)
{
	size_t size = 64;

	while (size < num * 2)
		size *= 2;
	t->mask = size - 1;
	t->keys = oracle_alloc(NULL, size * sizeof(*t->keys));
	t->ids = calloc(size, sizeof(*t->ids));
	if (!t->ids)
		oracle_die("out of memory");
}

static void table_add(struct table *t, uint64_t key, uint32_t id)
{
	size_t at = key & t->mask;

	while (t->ids[at])
		at = (at + 1) & t->mask;
	t->keys[at] = key;
	t->ids[at] = id;
}

/* The next id with the key, *at being 0 at first; 0: no more. */
static uint32_t table_next(const struct table *t, uint64_t key, size_t *at)
{
	for (;; (*at)++) {
		size_t slot = (key + *at) & t->mask;

		if (!t->ids[slot])
			return 0;
		if (t->keys[slot] == key) {
			(*at)++;
			return t->ids[slot];
		}
	}
}

static bool table_has(const struct table *t, uint64_t key)
{
	size_t at = 0;

	return table_next(t, key, &at) != 0;
}

static void table_deinit(struct table *t)
{
	free(t->keys);
	free(t->ids);
}

/* --- a file ---------------------------------------------------------------------------------- */

struct file {
	struct kbtf k;
	struct colours c;
	struct table by_colour, by_leaf, by_name;
	uint8_t *is_signature; /* prototypes of functions, by id less first_id */
};

static void file_init(struct file *f, const struct file *base, const char *path)
{
	uint32_t num;

	kbtf_open_split(&f->k, base ? &base->k : NULL, path);
	colours_init(&f->c, &f->k, base ? &base->c : NULL);
	num = f->k.num_types - f->k.first_id;
	table_init(&f->by_colour, num);
	table_init(&f->by_leaf, num);
	table_init(&f->by_name, num);
	f->is_signature = calloc(num + 1, 1);
	if (!f->is_signature)
		oracle_die("out of memory");
	for (uint32_t i = 0; i < num; i++) {
		uint32_t id = f->k.first_id + i;

		table_add(&f->by_colour, f->c.by_round[ROUNDS][i], id);
		table_add(&f->by_leaf, f->c.by_leaf[ROUNDS / 4][i], id);
		if (*kb_name(&f->k, id))
			table_add(&f->by_name, name_key(&f->k, id), id);
		if (kb_kind(&f->k, id) == KB_FUNC && kb_size_or_type(&f->k, id) >= f->k.first_id)
			f->is_signature[kb_size_or_type(&f->k, id) - f->k.first_id] = 1;
	}
}

static void file_deinit(struct file *f)
{
	colours_deinit(&f->c);
	table_deinit(&f->by_colour);
	table_deinit(&f->by_leaf);
	table_deinit(&f->by_name);
	free(f->is_signature);
	kbtf_close(&f->k);
}

/* --- side by side ---------------------------------------------------------------------------- */

struct pairs {
	uint64_t *slots; /* the ids of a pair, 0 is none */
	uint64_t *todo;
	size_t mask, num, done;
};

static bool pairs_add(struct pairs *p, uint32_t a, uint32_t b)
{
	uint64_t pair = (uint64_t)a << 32 | b;
	size_t at;

	if (p->num * 2 >= (p->slots ? p->mask + 1 : 0)) {
		size_t size = p->slots ? (p->mask + 1) * 2 : 1024;

		free(p->slots);
		p->slots = calloc(size, sizeof(*p->slots));
		p->todo = oracle_alloc(p->todo, size * sizeof(*p->todo));
		if (!p->slots)
			oracle_die("out of memory");
		p->mask = size - 1;
		for (size_t i = 0; i < p->num; i++) {
			for (at = mix(7, p->todo[i]) & p->mask; p->slots[at];)
				at = (at + 1) & p->mask;
			p->slots[at] = p->todo[i];
		}
	}
	for (at = mix(7, pair) & p->mask; p->slots[at]; at = (at + 1) & p->mask) {
		if (p->slots[at] == pair)
			return false;
	}
	p->slots[at] = pair;
	p->todo[p->num++] = pair;
	return true;
}

struct mismatch {
	uint32_t a, b;
};

/* Equal but that a declaration matches a definition of its name. */
static bool same_side_by_side(const struct kbtf *ka, uint32_t a, const struct kbtf *kb, uint32_t b,
			      struct mismatch *ret)
{
	struct pairs p = { 0 };
	bool same = true;

	pairs_add(&p, a, b);
	while (same && p.done < p.num) {
		uint32_t refs;

		a = p.todo[p.done] >> 32;
		b = (uint32_t)p.todo[p.done++];
		if (a == b && a < ka->first_id)
			continue;
		if (!a || !b) {
			same = false;
		} else if (is_leaf(ka, a) && is_leaf(kb, b) && name_key(ka, a) == name_key(kb, b) &&
			   (kb_kind(ka, a) == KB_FWD || kb_kind(kb, b) == KB_FWD)) {
			continue;
		} else if (name_key(ka, a) == name_key(kb, b) && *kb_name(ka, a) &&
			   kb_entry_size[kb_kind(ka, a)] && kb_entry_size[kb_kind(kb, b)] &&
			   num_refs(ka, a) == 0 && num_refs(kb, b) == 0 &&
			   (!kb_vlen(ka, a) || !kb_vlen(kb, b))) {
			/* An enumeration may be declared, too. */
			continue;
		} else if (own_colour(ka, a) != own_colour(kb, b)) {
			same = false;
		}
		if (!same) {
			ret->a = a;
			ret->b = b;
			break;
		}
		refs = num_refs(ka, a);
		for (uint32_t i = 0; i < refs; i++)
			pairs_add(&p, ref_at(ka, a, i), ref_at(kb, b, i));
	}
	free(p.slots);
	free(p.todo);
	return same;
}

/* --- verdicts -------------------------------------------------------------------------------- */

struct totals {
	unsigned long long files, repeated, lost, extra, forward_lost, forward_extra;
	unsigned long long functions, only_functions[2], renamed, types[2], bytes[2], strings[2], larger;
	unsigned long long by_kind[2][KB_NUM_KINDS], beyond_bytes;
	unsigned int shown;
	bool verbose;
};

static const char *last_part(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static void show(struct totals *t, const char *what, const char *path, const struct kbtf *k,
		 uint32_t id, const char *detail)
{
	struct text text = { 0 };

	if (t->shown++ >= MAX_SHOWN && !t->verbose)
		return;
	text_reset(&text);
	kb_describe(&text, k, id, 0);
	if (kb_entry_size[kb_kind(k, id)] && *kb_name(k, id)) {
		text_puts(&text, " ");
		kb_define(&text, k, id);
	}
	printf("%s: %s: [%u] %s %s: %.200s%s%s\n", last_part(path), what, id,
	       kb_kind_names[kb_kind(k, id)], kb_name(k, id), text.buf, *detail ? "; " : "", detail);
	free(text.buf);
}

static void check_repeated(struct totals *t, const struct file *f, const struct file *base,
			   const char *path)
{
	for (uint32_t id = f->k.first_id; id < f->k.num_types; id++) {
		uint64_t colour = f->c.by_round[ROUNDS][id - f->k.first_id];
		unsigned int kind = kb_kind(&f->k, id);
		uint32_t other;
		size_t at = 0;

		if (kind == KB_VAR || kind == KB_DATASEC || kind == KB_DECL_TAG)
			continue;
		while ((other = table_next(&base->by_colour, colour, &at))) {
			if (kind == KB_FUNC && kb_info(&f->k, id) != kb_info(&base->k, other))
				continue;
			t->repeated++;
			show(t, "repeated", path, &f->k, id, "");
			break;
		}
	}
}

/* Whether the other's function differs in names of parameters alone. */
static bool is_renamed(const struct file *one, uint32_t id, const struct file *other)
{
	size_t at = 0;
	uint32_t found;

	while ((found = table_next(&other->by_name, name_key(&one->k, id), &at))) {
		uint32_t a = ref_at(&one->k, id, 0), b = ref_at(&other->k, found, 0), i = 0;

		if (kb_info(&one->k, a) != kb_info(&other->k, b))
			continue;
		while (i < num_refs(&one->k, a) &&
		       colour_of(&one->c, ref_at(&one->k, a, i), ROUNDS, false) ==
			       colour_of(&other->c, ref_at(&other->k, b, i), ROUNDS, false))
			i++;
		if (i == num_refs(&one->k, a))
			return true;
	}
	return false;
}

/* Whether a type of one file is in the other but for declarations; else why not. */
static bool differs_by_forward(const struct file *one, uint32_t id, const struct file *other,
			       const struct file *base, struct text *why)
{
	const struct file *places[] = { other, base };
	uint64_t leaf = one->c.by_leaf[ROUNDS / 4][id - one->k.first_id];
	uint64_t key = name_key(&one->k, id);
	bool found = false;

	text_reset(why);
	if (!*kb_name(&one->k, id))
		return table_has(&other->by_leaf, leaf) || table_has(&base->by_leaf, leaf);
	for (int i = 0; i < 2; i++) {
		size_t at = 0;
		uint32_t candidate;

		while ((candidate = table_next(&places[i]->by_name, key, &at))) {
			struct mismatch m;

			if (same_side_by_side(&one->k, id, &other->k, candidate, &m))
				return true;
			text_puts(why, found ? " / " : "");
			found = true;
			text_puts(why, "here ");
			kb_describe(why, &one->k, m.a, 0);
			text_puts(why, ", there ");
			kb_describe(why, &other->k, m.b, 0);
		}
	}
	if (!found)
		text_puts(why, "no such name there");
	return false;
}

/* What one file has and neither the other nor the base. */
static void check_side(struct totals *t, const struct file *one, const struct file *other,
		       const struct file *base, const char *path, int side)
{
	struct text why = { 0 };

	for (uint32_t id = one->k.first_id; id < one->k.num_types; id++) {
		uint32_t index = id - one->k.first_id;
		uint64_t colour = one->c.by_round[ROUNDS][index];
		unsigned int kind = kb_kind(&one->k, id);

		t->by_kind[side][kind]++;
		if (table_has(&other->by_colour, colour) || table_has(&base->by_colour, colour))
			continue;
		if (one->is_signature[index] || kind == KB_DATASEC)
			continue;
		if (kind == KB_FUNC) {
			if (!table_has(&other->by_name, name_key(&one->k, id))) {
				t->only_functions[side]++;
				continue;
			}
			if (is_renamed(one, id, other)) {
				t->renamed += side;
				continue;
			}
		} else if (kind == KB_DECL_TAG) {
			uint32_t on = ref_at(&one->k, id, 0);

			if (kb_kind(&one->k, on) == KB_FUNC &&
			    !table_has(&other->by_name, name_key(&one->k, on)))
				continue;
		}
		if (differs_by_forward(one, id, other, base, &why)) {
			(side ? &t->forward_lost : &t->forward_extra)[0]++;
			if (t->verbose)
				show(t, "forward", path, &one->k, id, "");
			continue;
		}
		(side ? &t->lost : &t->extra)[0]++;
		show(t, side ? "lost" : "extra", path, &one->k, id, why.buf);
	}
	free(why.buf);
}

static void check(struct totals *t, const struct file *base, const char *path, const char *folder)
{
	struct file ours, peers;
	struct text name = { 0 };

	file_init(&ours, base, path);
	t->files++;
	t->types[0] += ours.k.num_types - ours.k.first_id;
	t->bytes[0] += ours.k.size;
	t->strings[0] += ours.k.str_len;
	for (uint32_t id = ours.k.first_id; id < ours.k.num_types; id++)
		t->functions += kb_kind(&ours.k, id) == KB_FUNC;
	check_repeated(t, &ours, base, path);
	if (folder) {
		text_puts(&name, folder);
		text_puts(&name, "/");
		text_puts(&name, last_part(path));
		file_init(&peers, base, name.buf);
		t->types[1] += peers.k.num_types - peers.k.first_id;
		t->bytes[1] += peers.k.size;
		t->strings[1] += peers.k.str_len;
		if (ours.k.size > peers.k.size) {
			t->larger++;
			t->beyond_bytes += ours.k.size - peers.k.size;
			if (t->verbose)
				printf("%s: larger: %zu bytes, %zu there\n", last_part(path),
				       ours.k.size, peers.k.size);
		}
		check_side(t, &ours, &peers, base, path, 0);
		check_side(t, &peers, &ours, base, path, 1);
		file_deinit(&peers);
		free(name.buf);
	}
	file_deinit(&ours);
}

/* Rounds after which the base has as many colours as after the last one. */
static int rounds_needed(const struct colours *c)
{
	uint32_t num = c->k->num_types - c->k->first_id;
	size_t last = 0;

	for (int step = 0; step < 2; step++) {
		for (int r = step ? 0 : ROUNDS; r <= ROUNDS; r++) {
			struct table t;
			size_t colours = 0;

			table_init(&t, num);
			for (uint32_t i = 0; i < num; i++) {
				if (!table_has(&t, c->by_round[r][i])) {
					table_add(&t, c->by_round[r][i], i + 1);
					colours++;
				}
			}
			table_deinit(&t);
			if (!step)
				last = colours;
			else if (colours == last)
				return r;
		}
	}
	return ROUNDS;
}

int main(int argc, char **argv)
{
	struct totals t = { 0 };
	struct file base;
	const char *folder = NULL;
	int opt;

	while ((opt = getopt(argc, argv, "p:v")) != -1) {
		if (opt == 'p')
			folder = optarg;
		else if (opt == 'v')
			t.verbose = true;
		else
			return 2;
	}
	if (argc - optind < 2) {
		fputs("usage: split_check [-p FOLDER] [-v] BASE FILE...\n", stderr);
		return 2;
	}
	file_init(&base, NULL, argv[optind]);
	if (t.verbose)
		printf("S\tbase_rounds\t%d\n", rounds_needed(&base.c));
	for (int i = optind + 1; i < argc; i++)
		check(&t, &base, argv[i], folder);
	if (t.shown > MAX_SHOWN && !t.verbose)
		printf("and %u more\n", t.shown - MAX_SHOWN);
	printf("S\tfiles\t%llu\nS\tbytes\t%llu\nS\ttypes\t%llu\nS\tstring_bytes\t%llu\n"
	       "S\tfunctions\t%llu\nS\trepeated\t%llu\n",
	       t.files, t.bytes[0], t.types[0], t.strings[0], t.functions, t.repeated);
	if (folder) {
		printf("S\tpeer_bytes\t%llu\nS\tpeer_types\t%llu\nS\tpeer_string_bytes\t%llu\n"
		       "S\tlarger_files\t%llu\nS\tlarger_by_bytes\t%llu\n"
		       "S\tlost\t%llu\nS\textra\t%llu\nS\tforward_only_peer\t%llu\n"
		       "S\tforward_only_ours\t%llu\nS\tfunctions_only_ours\t%llu\n"
		       "S\tfunctions_only_peer\t%llu\nS\tfunctions_renamed\t%llu\n",
		       t.bytes[1], t.types[1], t.strings[1], t.larger, t.beyond_bytes, t.lost,
		       t.extra, t.forward_lost, t.forward_extra, t.only_functions[0],
		       t.only_functions[1], t.renamed);
		for (int kind = 1; kind < KB_NUM_KINDS && t.verbose; kind++)
			printf("S\tkind_%s\t%llu\t%llu\n", kb_kind_names[kind], t.by_kind[0][kind],
			       t.by_kind[1][kind]);
	}
	file_deinit(&base);
	if (fflush(stdout) || ferror(stdout))
		return 3;
	return t.repeated || t.lost || t.extra ? 1 : 0;
}
