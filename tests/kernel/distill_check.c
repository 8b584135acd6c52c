// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * distill_check [-l LIBRARY] BASE FOLDER FILE...: split BTF over distilled bases (FILE and FILE.base),
 * relocated by libbpf, against split BTF of the same modules that was made straight over BASE (files
 * of the same names in FOLDER).
 *
 *	same		onto BASE: every type, variable, function and tag of the other file is there
 *			with the same meaning, and what is there besides is a copy of something in BASE
 *	changed		onto another build of BASE: ids in another order, types added, members added
 *			to structs and unions that no module embeds. The meaning is the same
 *	refused		onto a BASE in which a struct or union that the module embeds has another size
 *
 * The meaning of a record is its text: everything in it, through all that has no name; names are
 * leaves with kind and size. Names of the base that the relocated file refers to have the number of
 * the type that is meant there, so that one type in the place of another of its name is noticed.
 *
 * 0: all is well; 1: something is not; 2: usage; 3: bad input; 77: no libbpf with btf__relocate()
 * (1.5). The last lines of standard output are totals, "S key value" each. libbpf is loaded at run
 * time, as in libbpf_fixpoint.c.
 */
#include <dlfcn.h>
#include <inttypes.h>

#include "oracle.h"

#define MAX_SHOWN 20
#define GROWN_BY 16
#define ADDED_TYPES 100

/* --- libbpf ---------------------------------------------------------------------------------- */

struct btf;

struct libbpf {
	struct btf *(*new_btf)(const void *data, uint32_t size);
	struct btf *(*new_split)(const void *data, uint32_t size, struct btf *base);
	int (*relocate)(struct btf *btf, const struct btf *base);
	const void *(*raw_data)(const struct btf *btf, uint32_t *ret_size);
	void (*free_btf)(struct btf *btf);
	void *(*set_print)(void *fn);
	const char *(*version)(void);
};

static bool libbpf_open(struct libbpf *l, const char *path)
{
	static const char *const names[] = {
		"btf__new", "btf__new_split", "btf__relocate", "btf__raw_data", "btf__free",
		"libbpf_set_print", "libbpf_version_string",
	};
	void *syms[sizeof(names) / sizeof(*names)];
	void *lib = dlopen(path, RTLD_NOW);

	if (!lib) {
		fprintf(stderr, "skip: %s\n", dlerror());
		return false;
	}
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		syms[i] = dlsym(lib, names[i]);
		if (!syms[i]) {
			fprintf(stderr, "skip: libbpf has no %s\n", names[i]);
			return false;
		}
	}
	*(void **)&l->new_btf = syms[0];
	*(void **)&l->new_split = syms[1];
	*(void **)&l->relocate = syms[2];
	*(void **)&l->raw_data = syms[3];
	*(void **)&l->free_btf = syms[4];
	*(void **)&l->set_print = syms[5];
	*(void **)&l->version = syms[6];
	return true;
}

static bool refused(const struct btf *btf)
{
	return !btf || ((intptr_t)btf < 0 && (intptr_t)btf >= -4095);
}

/* --- a base ---------------------------------------------------------------------------------- */

struct base {
	uint8_t *data;
	size_t size;
	struct kbtf k;
	struct btf *btf;
};

static void base_init(struct base *b, const struct libbpf *l, uint8_t *data, size_t size)
{
	b->data = data;
	b->size = size;
	kbtf_init(&b->k, data, size, "base");
	b->btf = l->new_btf(data, size);
	if (refused(b->btf))
		oracle_die("libbpf %s refuses the base", l->version());
}

static void base_free(struct base *b, const struct libbpf *l)
{
	l->free_btf(b->btf);
	free(b->k.pos);
	free(b->data);
}

static bool is_composite(unsigned int kind)
{
	return kind == KB_STRUCT || kind == KB_UNION;
}

/* The struct or union that a member's type holds, or 0. */
static uint32_t embedded(const struct kbtf *k, uint32_t id)
{
	for (;;) {
		switch (kb_kind(k, id)) {
		case KB_TYPEDEF:
		case KB_CONST:
		case KB_VOLATILE:
		case KB_RESTRICT:
		case KB_TYPE_TAG:
			id = kb_size_or_type(k, id);
			break;
		case KB_ARRAY:
			id = kb_tail(k, id, 0);
			break;
		case KB_STRUCT:
		case KB_UNION:
			return id;
		default:
			return 0;
		}
	}
}

/* Adds "struct foo" and "union foo" of what @k embeds of its base to @set. */
static void add_embedded(const struct kbtf *k, struct strset *set)
{
	for (uint32_t id = k->first_id; id < k->num_types; id++) {
		if (!is_composite(kb_kind(k, id)))
			continue;
		for (uint32_t i = 0; i < kb_vlen(k, id); i++) {
			uint32_t to = embedded(k, kb_tail(k, id, 3 * i + 1));
			const char *name;

			if (!to || to >= k->first_id)
				continue;
			name = kb_name(k, to);
			strset_add(set, name, strlen(name), to);
		}
	}
}

static void put(uint8_t **p, uint32_t v, bool swap)
{
	v = swap ? __builtin_bswap32(v) : v;
	memcpy(*p, &v, 4);
	*p += 4;
}

/* Id in the changed base: types stand in reverse order behind the added ones. */
static uint32_t changed_id(const struct kbtf *k, uint32_t id)
{
	return id ? ADDED_TYPES + k->num_types - id : 0;
}

static bool word_is_id(unsigned int kind)
{
	switch (kind) {
	case KB_PTR:
	case KB_TYPEDEF:
	case KB_CONST:
	case KB_VOLATILE:
	case KB_RESTRICT:
	case KB_TYPE_TAG:
	case KB_FUNC:
	case KB_FUNC_PROTO:
	case KB_VAR:
	case KB_DECL_TAG:
		return true;
	default:
		return false;
	}
}

/* Which word of an entry is a type id; -1: none. */
static int entry_id_word(unsigned int kind)
{
	switch (kind) {
	case KB_STRUCT:
	case KB_UNION:
	case KB_FUNC_PROTO:
		return 1;
	case KB_DATASEC:
		return 0;
	default:
		return -1;
	}
}

/*
 * Where libbpf counts one name twice, or a module embeds the type, the size is needed to find it: it
 * stays.
 */
static bool may_grow(const struct kbtf *k, uint32_t id, const struct strset *embedded_names,
		     const struct strset *twice)
{
	const char *name = kb_name(k, id);

	return is_composite(kb_kind(k, id)) && *name &&
	       !strset_has(embedded_names, name, strlen(name)) &&
	       !strset_has(twice, name, strlen(name));
}

/* Names of more than one struct or union. */
static void find_twice(const struct kbtf *k, struct strset *ret_twice)
{
	struct strset all = { 0 };

	for (uint32_t id = 1; id < k->num_types; id++) {
		const char *name = kb_name(k, id);

		if (is_composite(kb_kind(k, id)) && *name &&
		    strset_add(&all, name, strlen(name), 0)->count > 1)
			strset_add(ret_twice, name, strlen(name), 0);
	}
	for (size_t i = 0; i <= all.mask; i++)
		free(all.slots[i].str);
	free(all.slots);
}

static void write_changed(const struct kbtf *k, uint32_t id, bool grow, uint32_t member_name,
			  uint8_t **p)
{
	unsigned int kind = kb_kind(k, id);
	uint32_t vlen = kb_vlen(k, id), step = kb_entry_size[kind] / 4;
	uint32_t fixed = kb_fixed_size[kind] / 4, word = kb_size_or_type(k, id);
	int id_word = entry_id_word(kind);

	put(p, kb_record_word(k, id, 0), k->swap);
	put(p, kb_info(k, id) + grow, k->swap);
	put(p, word_is_id(kind) ? changed_id(k, word) : grow ? word + GROWN_BY : word, k->swap);
	for (uint32_t i = 0; i < fixed; i++) {
		uint32_t v = kb_tail(k, id, i);

		put(p, kind == KB_ARRAY && i < 2 ? changed_id(k, v) : v, k->swap);
	}
	for (uint32_t i = 0; step && i < vlen; i++) {
		for (uint32_t j = 0; j < step; j++) {
			uint32_t v = kb_tail(k, id, fixed + step * i + j);

			put(p, (int)j == id_word ? changed_id(k, v) : v, k->swap);
		}
	}
	if (!grow)
		return;
	put(p, member_name, k->swap);
	put(p, 1, k->swap);
	put(p, 8 * word & (kb_kflag(k, id) ? 0xffffff : UINT32_MAX), k->swap);
}

/* The same base in another order, with more types and members. */
static void base_change(struct base *ret, const struct libbpf *l, const struct base *from,
			const struct strset *embedded_names, uint32_t *ret_grown)
{
	static const char names[] = "distill_check_added\0distill_check_type";
	const struct kbtf *k = &from->k;
	struct strset twice = { 0 };
	uint32_t types_size, str_size = k->str_len + sizeof(names), grown = 0;
	uint8_t *data, *p;

	find_twice(k, &twice);
	/* A member for each type at most, and room for the added ones. */
	data = oracle_alloc(NULL, 24 + k->type_len + str_size + 12 * (size_t)k->num_types +
				  24 * ADDED_TYPES);
	p = data + 24;
	put(&p, k->str_len + 20, k->swap);
	put(&p, 4u << 24, k->swap);
	put(&p, 0, k->swap);
	for (uint32_t i = 1; i < ADDED_TYPES; i++) {
		put(&p, k->str_len + 20, k->swap);
		put(&p, 8u << 24, k->swap);
		put(&p, i, k->swap);
	}
	for (uint32_t id = k->num_types - 1; id; id--) {
		bool grow = may_grow(k, id, embedded_names, &twice);

		grown += grow;
		write_changed(k, id, grow, k->str_len, &p);
	}
	types_size = p - data - 24;
	memcpy(p, k->data + k->str_off, k->str_len);
	memcpy(p + k->str_len, names, sizeof(names));
	memcpy(data, k->data, 4);
	p = data + 4;
	put(&p, 24, k->swap);
	put(&p, 0, k->swap);
	put(&p, types_size, k->swap);
	put(&p, types_size, k->swap);
	put(&p, str_size, k->swap);
	base_init(ret, l, data, 24 + (size_t)types_size + str_size);
	if (ret->k.num_types != k->num_types + ADDED_TYPES)
		oracle_die("the changed base has %u types", ret->k.num_types);
	for (size_t i = 0; twice.slots && i <= twice.mask; i++)
		free(twice.slots[i].str);
	free(twice.slots);
	*ret_grown = grown;
}

/* --- meaning --------------------------------------------------------------------------------- */

/* How ids of the base are numbered in texts. */
struct numbers {
	const struct kbtf *k;
	uint32_t num_base;
	const uint8_t *referred; /* by id of the base: gets its number; NULL: none does */
	const struct kbtf *changed_from; /* numbers are those before the change; NULL: as they are */
};

static uint32_t unchanged_id(const struct numbers *n, uint32_t id)
{
	if (!n->changed_from)
		return id;
	return id <= ADDED_TYPES ? 0 : changed_id(n->changed_from, id);
}

static void describe(struct text *t, const struct numbers *n, uint32_t id, int depth);

static void describe_leaf(struct text *t, const struct numbers *n, uint32_t id)
{
	const struct kbtf *k = n->k;
	unsigned int kind = kb_kind(k, id);
	uint32_t base_id = id < n->num_base ? unchanged_id(n, id) : 0;

	if (kind == KB_ENUM64)
		kind = KB_ENUM;
	text_puts(t, kb_kind_names[kind]);
	text_puts(t, " ");
	text_puts(t, kb_name(k, id));
	if (kind == KB_INT) {
		text_puts(t, "/");
		text_num(t, kb_tail(k, id, 0));
	}
	if (kind == KB_FWD)
		text_puts(t, kb_kflag(k, id) ? "/union" : "/struct");
	if (base_id && n->referred && n->referred[base_id]) {
		text_puts(t, "#");
		text_num(t, base_id);
	}
}

static void describe_entries(struct text *t, const struct numbers *n, uint32_t id, int depth)
{
	const struct kbtf *k = n->k;
	unsigned int kind = kb_kind(k, id);
	uint32_t step = kb_entry_size[kind] / 4;

	text_puts(t, "{");
	for (uint32_t i = 0; i < kb_vlen(k, id); i++) {
		for (uint32_t j = 0; j < step; j++) {
			uint32_t v = kb_tail(k, id, step * i + j);

			if ((int)j == entry_id_word(kind))
				describe(t, n, v, depth + 1);
			else if (j == 0)
				text_puts(t, kb_str(k, v));
			else
				text_num(t, v);
			text_puts(t, " ");
		}
		text_puts(t, "; ");
	}
	text_puts(t, "}");
}

/* All of a record, its name included; what has a name is a leaf below. */
static void define(struct text *t, const struct numbers *n, uint32_t id, int depth)
{
	const struct kbtf *k = n->k;
	unsigned int kind = kb_kind(k, id);

	text_puts(t, kb_kind_names[kind]);
	text_puts(t, kb_kflag(k, id) ? "! " : " ");
	text_puts(t, kb_name(k, id));
	if (kind == KB_FUNC)
		text_num(t, kb_vlen(k, id));
	text_puts(t, " ");
	if (word_is_id(kind))
		describe(t, n, kb_size_or_type(k, id), depth + 1);
	else
		text_num(t, kb_size_or_type(k, id));
	text_puts(t, " ");
	if (kind == KB_ARRAY) {
		describe(t, n, kb_tail(k, id, 0), depth + 1);
		text_puts(t, " ");
		describe(t, n, kb_tail(k, id, 1), depth + 1);
		text_puts(t, " ");
		text_num(t, kb_tail(k, id, 2));
	} else if (kb_fixed_size[kind]) {
		text_num(t, kb_tail(k, id, 0));
	}
	if (kb_entry_size[kind])
		describe_entries(t, n, id, depth);
}

static bool is_leaf(const struct kbtf *k, uint32_t id)
{
	switch (kb_kind(k, id)) {
	case KB_INT:
	case KB_FLOAT:
	case KB_STRUCT:
	case KB_UNION:
	case KB_ENUM:
	case KB_ENUM64:
	case KB_FWD:
		return *kb_name(k, id);
	default:
		return false;
	}
}

static void describe(struct text *t, const struct numbers *n, uint32_t id, int depth)
{
	if (!id) {
		text_puts(t, "void");
		return;
	}
	if (depth > ORACLE_MAX_DEPTH)
		oracle_die("types nest deeper than %u", ORACLE_MAX_DEPTH);
	if (is_leaf(n->k, kb_check_id(n->k, id))) {
		describe_leaf(t, n, id);
		return;
	}
	text_puts(t, "(");
	define(t, n, id, depth);
	text_puts(t, ")");
}

/* --- one module ------------------------------------------------------------------------------ */

struct totals {
	uint64_t modules, same, changed, refused, without_embedded;
	uint64_t plain_bytes, split_bytes, base_bytes;
	uint64_t plain_types, own_types, copies, distilled_types;
};

struct check {
	const struct libbpf *l;
	const struct base *base, *changed;
	struct strset base_texts; /* all records of the base, without numbers */
	struct totals totals;
	unsigned int shown;
};

static bool shows(struct check *c)
{
	return c->shown++ < MAX_SHOWN;
}

static void collect(struct strset *set, const struct numbers *n, uint32_t first, struct text *t)
{
	for (uint32_t id = first; id < n->k->num_types; id++) {
		text_reset(t);
		define(t, n, id, 0);
		strset_add(set, t->buf, t->len, id);
	}
}

static void strset_clear(struct strset *set)
{
	for (size_t i = 0; set->slots && i <= set->mask; i++)
		free(set->slots[i].str);
	free(set->slots);
	memset(set, 0, sizeof(*set));
}

static const struct strset_entry *strset_find(const struct strset *set, const struct text *t)
{
	uint64_t hash = strset_hash(t->buf, t->len);

	for (size_t at = hash & set->mask; set->slots && set->slots[at].str;
	     at = (at + 1) & set->mask) {
		const struct strset_entry *e = &set->slots[at];

		if (e->hash == hash && e->len == t->len && !memcmp(e->str, t->buf, t->len))
			return e;
	}
	return NULL;
}

/* Marks which types of the base the relocated file refers to, by their numbers before a change. */
static void mark_referred(const struct numbers *n, uint8_t *referred)
{
	const struct kbtf *k = n->k;

	for (uint32_t id = k->first_id; id < k->num_types; id++) {
		unsigned int kind = kb_kind(k, id);
		uint32_t step = kb_entry_size[kind] / 4, vlen = kb_vlen(k, id);
		int id_word = entry_id_word(kind);

		if (word_is_id(kind) && kb_size_or_type(k, id) < k->first_id)
			referred[unchanged_id(n, kb_size_or_type(k, id))] = 1;
		for (uint32_t i = 0; kind == KB_ARRAY && i < 2; i++) {
			if (kb_tail(k, id, i) < k->first_id)
				referred[unchanged_id(n, kb_tail(k, id, i))] = 1;
		}
		for (uint32_t i = 0; id_word >= 0 && i < vlen; i++) {
			uint32_t to = kb_tail(k, id, step * i + id_word);

			if (to < k->first_id)
				referred[unchanged_id(n, to)] = 1;
		}
	}
}

/* The relocated file says all that the plain one says, and otherwise copies the base. */
static bool same_meaning(struct check *c, const char *path, const char *what,
			 const struct kbtf *plain, const struct kbtf *relocated,
			 const struct kbtf *changed_from, uint64_t *ret_copies)
{
	uint8_t *referred = calloc(c->base->k.num_types, 1);
	struct numbers from = { .k = plain, .num_base = plain->first_id, .referred = referred };
	struct numbers to = { .k = relocated, .num_base = relocated->first_id, .referred = referred,
			      .changed_from = changed_from };
	struct strset plain_texts = { 0 }, texts = { 0 };
	struct text t = { 0 };
	bool ok = true;

	if (!referred)
		oracle_die("out of memory");
	mark_referred(&to, referred);
	collect(&plain_texts, &from, plain->first_id, &t);
	collect(&texts, &to, relocated->first_id, &t);
	for (size_t i = 0; plain_texts.slots && i <= plain_texts.mask; i++) {
		const struct strset_entry *e = &plain_texts.slots[i], *found;

		if (!e->str)
			continue;
		text_reset(&t);
		text_add(&t, e->str, e->len);
		found = strset_find(&texts, &t);
		if (found && found->count == e->count)
			continue;
		ok = false;
		if (shows(c))
			printf("%s: %s: %u instead of %u: %.300s\n", path, what,
			       found ? found->count : 0, e->count, e->str);
	}
	/* Copies are compared without numbers: the base's texts have none. */
	to.referred = NULL;
	*ret_copies = 0;
	for (size_t i = 0; texts.slots && i <= texts.mask; i++) {
		const struct strset_entry *e = &texts.slots[i];

		if (!e->str)
			continue;
		text_reset(&t);
		text_add(&t, e->str, e->len);
		if (strset_find(&plain_texts, &t))
			continue;
		text_reset(&t);
		define(&t, &to, e->note, 0);
		*ret_copies += e->count;
		if (e->count == 1 && strset_find(&c->base_texts, &t))
			continue;
		ok = false;
		if (shows(c))
			printf("%s: %s: %u of neither the module nor the base: %.300s\n", path, what,
			       e->count, e->str);
	}
	strset_clear(&plain_texts);
	strset_clear(&texts);
	free(referred);
	free(t.buf);
	return ok;
}

struct module {
	uint8_t *base_data, *data, *plain_data;
	size_t base_size, size, plain_size;
	struct kbtf distilled, k, plain;
};

/* Relocates onto @base; 0, or libbpf's error. @ret_data is the caller's. */
static int relocate(const struct libbpf *l, const struct module *m, struct btf *base,
		    uint8_t **ret_data, size_t *ret_size)
{
	struct btf *distilled = l->new_btf(m->base_data, m->base_size), *split;
	const void *raw;
	uint32_t size;
	int err;

	if (refused(distilled))
		return -ENOENT;
	split = l->new_split(m->data, m->size, distilled);
	if (refused(split)) {
		l->free_btf(distilled);
		return -ENOENT;
	}
	err = l->relocate(split, base);
	if (!err) {
		raw = l->raw_data(split, &size);
		if (!raw)
			oracle_die("libbpf gives no data back");
		*ret_data = oracle_alloc(NULL, size);
		memcpy(*ret_data, raw, size);
		*ret_size = size;
	}
	l->free_btf(split);
	l->free_btf(distilled);
	return err;
}

static bool check_onto(struct check *c, const struct module *m, const char *path, const char *what,
		       const struct base *base, const struct kbtf *changed_from,
		       uint64_t *ret_copies)
{
	struct kbtf relocated;
	uint8_t *data;
	size_t size;
	bool ok;
	int err = relocate(c->l, m, base->btf, &data, &size);

	if (err) {
		if (shows(c))
			printf("%s: %s: libbpf %s does not relocate: %s\n", path, what,
			       c->l->version(), strerror(-err));
		return false;
	}
	kbtf_init_split(&relocated, &base->k, data, size, path);
	ok = same_meaning(c, path, what, &m->plain, &relocated, changed_from, ret_copies);
	free(relocated.pos);
	free(data);
	return ok;
}

/* The first struct or union of the distilled base that the module embeds grows by a byte. */
static bool check_refused(struct check *c, const struct module *m, const char *path)
{
	const struct kbtf *k = &c->base->k;
	struct strset names = { 0 };
	uint32_t victim = 0;
	struct base other;
	uint8_t *data, *p;
	size_t size;
	int err;

	add_embedded(&m->k, &names);
	for (uint32_t id = 1; id < k->num_types && names.num && !victim; id++) {
		const char *name = kb_name(k, id);

		if (is_composite(kb_kind(k, id)) && *name && strset_has(&names, name, strlen(name)))
			victim = id;
	}
	strset_clear(&names);
	if (!victim) {
		c->totals.without_embedded++;
		return true;
	}
	data = oracle_alloc(NULL, c->base->size);
	memcpy(data, c->base->data, c->base->size);
	p = data + k->pos[victim - 1] + 8;
	put(&p, kb_size_or_type(k, victim) + 1, k->swap);
	base_init(&other, c->l, data, c->base->size);
	c->l->set_print(NULL);
	err = relocate(c->l, m, other.btf, &data, &size);
	if (!err)
		free(data);
	base_free(&other, c->l);
	if (err == -EINVAL) {
		c->totals.refused++;
		return true;
	}
	if (shows(c))
		printf("%s: refused: libbpf %s says %s when the embedded %s grows\n", path,
		       c->l->version(), err ? strerror(-err) : "nothing", kb_name(k, victim));
	return false;
}

static void module_open(struct module *m, const struct base *base, const char *folder,
			const char *path)
{
	const char *slash = strrchr(path, '/');
	struct text t = { 0 };

	m->data = oracle_read_file(path, &m->size);
	text_puts(&t, path);
	text_puts(&t, ".base");
	m->base_data = oracle_read_file(t.buf, &m->base_size);
	text_reset(&t);
	text_puts(&t, folder);
	text_puts(&t, "/");
	text_puts(&t, slash ? slash + 1 : path);
	m->plain_data = oracle_read_file(t.buf, &m->plain_size);
	free(t.buf);
	kbtf_init(&m->distilled, m->base_data, m->base_size, path);
	kbtf_init_split(&m->k, &m->distilled, m->data, m->size, path);
	kbtf_init_split(&m->plain, &base->k, m->plain_data, m->plain_size, path);
}

static void module_close(struct module *m)
{
	free(m->distilled.pos);
	free(m->k.pos);
	free(m->plain.pos);
	free(m->data);
	free(m->base_data);
	free(m->plain_data);
}

static bool check_module(struct check *c, const char *folder, const char *path)
{
	struct totals *t = &c->totals;
	uint64_t copies = 0, changed_copies;
	struct module m;
	bool ok = true;

	module_open(&m, c->base, folder, path);
	if (check_onto(c, &m, path, "same", c->base, NULL, &copies))
		t->same++;
	else
		ok = false;
	if (check_onto(c, &m, path, "changed", c->changed, &c->base->k, &changed_copies))
		t->changed++;
	else
		ok = false;
	ok &= check_refused(c, &m, path);
	t->modules++;
	t->plain_bytes += m.plain_size;
	t->split_bytes += m.size;
	t->base_bytes += m.base_size;
	t->plain_types += m.plain.num_types - m.plain.first_id;
	t->own_types += m.k.num_types - m.k.first_id;
	t->distilled_types += m.distilled.num_types - 1;
	t->copies += copies;
	module_close(&m);
	return ok;
}

static void print_totals(const struct totals *t, uint32_t grown)
{
	printf("S modules %" PRIu64 "\nS same %" PRIu64 "\nS changed %" PRIu64 "\n", t->modules,
	       t->same, t->changed);
	printf("S refused %" PRIu64 "\nS without_embedded %" PRIu64 "\nS grown_types %u\n",
	       t->refused, t->without_embedded, grown);
	printf("S plain_bytes %" PRIu64 "\nS split_bytes %" PRIu64 "\nS base_bytes %" PRIu64 "\n",
	       t->plain_bytes, t->split_bytes, t->base_bytes);
	printf("S plain_types %" PRIu64 "\nS own_types %" PRIu64 "\nS copies %" PRIu64 "\n",
	       t->plain_types, t->own_types, t->copies);
	printf("S distilled_types %" PRIu64 "\n", t->distilled_types);
}

int main(int argc, char **argv)
{
	const char *library = "libbpf.so.1";
	struct strset embedded_names = { 0 };
	struct check c = { .shown = 0 };
	struct base base, changed;
	struct numbers numbers;
	struct text t = { 0 };
	struct libbpf l;
	uint32_t grown;
	uint8_t *data;
	size_t size;
	int opt, bad = 0;

	while ((opt = getopt(argc, argv, "l:")) != -1) {
		if (opt != 'l')
			return 2;
		library = optarg;
	}
	if (argc - optind < 3) {
		fputs("usage: distill_check [-l LIBRARY] BASE FOLDER FILE...\n", stderr);
		return 2;
	}
	if (!libbpf_open(&l, library))
		return 77;
	data = oracle_read_file(argv[optind], &size);
	base_init(&base, &l, data, size);
	for (int i = optind + 2; i < argc; i++) {
		struct module m;

		module_open(&m, &base, argv[optind + 1], argv[i]);
		add_embedded(&m.k, &embedded_names);
		module_close(&m);
	}
	base_change(&changed, &l, &base, &embedded_names, &grown);
	numbers = (struct numbers){ .k = &base.k, .num_base = base.k.num_types };
	collect(&c.base_texts, &numbers, 1, &t);
	c.l = &l;
	c.base = &base;
	c.changed = &changed;
	for (int i = optind + 2; i < argc; i++)
		bad |= !check_module(&c, argv[optind + 1], argv[i]);
	printf("libbpf %s\n", l.version());
	print_totals(&c.totals, grown);
	strset_clear(&embedded_names);
	strset_clear(&c.base_texts);
	base_free(&base, &l);
	base_free(&changed, &l);
	free(t.buf);
	return bad;
}
