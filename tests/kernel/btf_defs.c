// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * btf_defs [-b BASE] [-l NAMES -r ROUNDS] FILE: print what a raw BTF file defines, one tab-separated
 *line each, for comparison as text (the notation is in oracle.h). With -b the file is split BTF on
 *top of BASE, and what is printed is its own:
 *
 *	D kind name size body	a named struct, union, enum, enum64 or typedef ('-' where no size)
 *	A kind text		a type without a name of its own, or an int or float
 *	F kind name		a forward declaration (kind struct or union)
 *	V section name linkage offset size type		a variable of a DATASEC
 *	L name linkage type	a variable in no DATASEC
 *	G name linkage result params	a function; params are "name type" joined by " | ", '?' for no
 *					name, '...' for variable arguments
 *	T text flag component kind name		a DECL_TAG: its kind flag, member or parameter or -1,
 *						what it is on
 *	S key value		statistics: header, types of each kind, strings
 *
 * NAMES is a file of names to label, ROUNDS how deep (struct labels of oracle.h).
 */
#include "oracle.h"

static void print_definition(struct text *t, const struct kbtf *k, uint32_t id)
{
	text_reset(t);
	kb_define(t, k, id);
	printf("D\t%s\t%s\t%s\n", kb_kind_names[kb_kind(k, id)], kb_name(k, id), t->buf);
}

static void print_datasec(struct text *t, const struct kbtf *k, uint32_t id, uint8_t *placed)
{
	for (uint32_t i = 0; i < kb_vlen(k, id); i++) {
		uint32_t var = kb_check_id(k, kb_tail(k, id, 3 * i));

		if (kb_kind(k, var) != KB_VAR)
			oracle_die("DATASEC %s entry %u is no VAR", kb_name(k, id), i);
		placed[var] = 1;
		text_reset(t);
		kb_describe(t, k, kb_size_or_type(k, var), 0);
		printf("V\t%s\t%s\t%u\t%u\t%u\t%s\n", kb_name(k, id), kb_name(k, var),
		       kb_tail(k, var, 0), kb_tail(k, id, 3 * i + 1), kb_tail(k, id, 3 * i + 2),
		       t->buf);
	}
}

static void print_function(struct text *t, const struct kbtf *k, uint32_t id)
{
	uint32_t proto = kb_check_id(k, kb_size_or_type(k, id));

	if (kb_kind(k, proto) != KB_FUNC_PROTO)
		oracle_die("FUNC %s has no prototype", kb_name(k, id));
	text_reset(t);
	kb_describe(t, k, kb_size_or_type(k, proto), 0);
	text_puts(t, "\t");
	for (uint32_t i = 0; i < kb_vlen(k, proto); i++) {
		const char *name = kb_str(k, kb_tail(k, proto, 2 * i));
		uint32_t type = kb_tail(k, proto, 2 * i + 1);

		text_puts(t, i ? " | " : "");
		if (!type && !*name) {
			text_puts(t, "...");
			continue;
		}
		text_puts(t, *name ? name : "?");
		text_puts(t, " ");
		kb_describe(t, k, type, 0);
	}
	printf("G\t%s\t%u\t%s\n", kb_name(k, id), kb_vlen(k, id), t->buf);
}

static void print_tag(const struct kbtf *k, uint32_t id)
{
	uint32_t on = kb_check_id(k, kb_size_or_type(k, id));

	printf("T\t%s\t%d\t%d\t%s\t%s\n", kb_name(k, id), kb_kflag(k, id),
	       (int32_t)kb_tail(k, id, 0), kb_kind_names[kb_kind(k, on)], kb_name(k, on));
}

static void mark_string(const struct kbtf *k, uint8_t *used, uint32_t off)
{
	kb_str(k, off);
	if (off >= k->str_bias)
		used[off - k->str_bias] = 1;
}

static void print_string_stats(const struct kbtf *k)
{
	uint8_t *used = calloc(k->str_len + 1, 1);
	struct strset set = { 0 };
	uint32_t num = 0, unused = 0, twice = 0, inside = 0;

	if (!used)
		oracle_die("out of memory");
	for (uint32_t id = k->first_id; id < k->num_types; id++) {
		unsigned int kind = kb_kind(k, id);
		uint32_t step = kb_entry_size[kind] / 4;

		mark_string(k, used, kb_record_word(k, id, 0));
		if (kind == KB_DATASEC || !step)
			continue;
		for (uint32_t i = 0; i < kb_vlen(k, id); i++)
			mark_string(k, used, kb_tail(k, id, step * i));
	}
	/* The empty string is the base's. */
	for (uint32_t at = k->base ? 0 : 1; at < k->str_len;) {
		const char *s = kb_str(k, k->str_bias + at);
		size_t len = strlen(s);

		num++;
		unused += !used[at];
		twice += strset_add(&set, s, len, 0)->count > 1;
		for (uint32_t i = 1; i <= len; i++)
			inside += used[at + i];
		at += len + 1;
	}
	printf("S\tstrings\t%u\nS\tstrings_unused\t%u\nS\tstrings_duplicate\t%u\n"
	       "S\tstrings_used_inside\t%u\n",
	       num, unused, twice, inside);
	free(used);
}

int main(int argc, char **argv)
{
	uint32_t kinds[KB_NUM_KINDS] = { 0 };
	struct labels labels = { 0 };
	struct text t = { 0 };
	struct kbtf k, base;
	uint8_t *placed;
	const char *names = NULL, *base_path = NULL;
	int opt, rounds = 1;

	while ((opt = getopt(argc, argv, "b:l:r:")) != -1) {
		if (opt == 'b')
			base_path = optarg;
		else if (opt == 'l')
			names = optarg;
		else if (opt == 'r')
			rounds = atoi(optarg);
		else
			return 2;
	}
	if (optind + 1 != argc) {
		fputs("usage: btf_defs [-b BASE] [-l NAMES -r ROUNDS] FILE\n", stderr);
		return 2;
	}
	if (base_path)
		kbtf_open(&base, base_path);
	kbtf_open_split(&k, base_path ? &base : NULL, argv[optind]);
	if (names) {
		labels_load(&labels, names, rounds);
		k.labels = &labels;
		for (int i = 0; i < rounds; i++) {
			k.memo[i] = calloc(k.num_types, sizeof(*k.memo[i]));
			if (!k.memo[i])
				oracle_die("out of memory");
		}
	}
	placed = calloc(k.num_types, 1);
	if (!placed)
		oracle_die("out of memory");
	for (uint32_t id = k.first_id; id < k.num_types; id++) {
		unsigned int kind = kb_kind(&k, id);

		kinds[kind]++;
		switch (kind) {
		case KB_STRUCT:
		case KB_UNION:
		case KB_ENUM:
		case KB_ENUM64:
		case KB_TYPEDEF:
			if (*kb_name(&k, id)) {
				print_definition(&t, &k, id);
				break;
			}
			/* fall through */
		case KB_INT:
		case KB_FLOAT:
		case KB_PTR:
		case KB_ARRAY:
		case KB_CONST:
		case KB_VOLATILE:
		case KB_RESTRICT:
		case KB_TYPE_TAG:
		case KB_FUNC_PROTO:
			text_reset(&t);
			kb_describe(&t, &k, id, 0);
			printf("A\t%s\t%s\n", kb_kind_names[kind], t.buf);
			break;
		case KB_FWD:
			printf("F\t%s\t%s\n", kb_kflag(&k, id) ? "union" : "struct",
			       kb_name(&k, id));
			break;
		case KB_DATASEC:
			print_datasec(&t, &k, id, placed);
			break;
		case KB_FUNC:
			print_function(&t, &k, id);
			break;
		case KB_DECL_TAG:
			print_tag(&k, id);
			break;
		}
	}
	for (uint32_t id = k.first_id; id < k.num_types; id++) {
		if (kb_kind(&k, id) != KB_VAR || placed[id])
			continue;
		text_reset(&t);
		kb_describe(&t, &k, kb_size_or_type(&k, id), 0);
		printf("L\t%s\t%u\t%s\n", kb_name(&k, id), kb_tail(&k, id, 0), t.buf);
	}
	printf("S\thdr_len\t%u\nS\tbig_endian\t%d\nS\tsize\t%zu\nS\ttype_len\t%u\nS\tstr_len\t%u\n"
	       "S\ttypes\t%u\n",
	       k.hdr_len, k.big_endian, k.size, k.type_len, k.str_len, k.num_types - k.first_id);
	for (int kind = 1; kind < KB_NUM_KINDS; kind++)
		printf("S\tkind_%s\t%u\n", kb_kind_names[kind], kinds[kind]);
	print_string_stats(&k);
	free(placed);
	free(t.buf);
	kbtf_close(&k);
	if (base_path)
		kbtf_close(&base);
	return fflush(stdout) || ferror(stdout) ? 3 : 0;
}
