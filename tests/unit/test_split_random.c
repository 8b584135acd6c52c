// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * Split and distilled BTF of random types against the simplest answer.
 *
 * A base of few names, with duplicates, ids in any order; a module that is a changed copy of it, or
 * of its own. The module is written alone, and its types are compared with all of the base by naive
 * bisimulation: which of them the base has, and with what ids, says what the split must hold, to the
 * last id. The distilled form is relocated by relocate_text.h, and must say the same again.
 *
 * Without declarations, any name may be defined several times. With them, each is defined and
 * declared at most once in the base, so that the rules need no evidence (test_split_cases.c).
 */
#include "tests/unit/relocate_text.h"

#include "lib/base/hash.h"
#include "lib/btf/distill.h"

enum { MAX_NODES = 16, MAX_ELEMS = 3, MAX_TYPES = 128 };

struct node {
	uint8_t kind; /* enum graph_kind */
	uint8_t name; /* 0 none, else a letter */
	uint8_t size;
	uint8_t num_elems;
	int ref;
	struct {
		int ref, name;
	} elems[MAX_ELEMS];
};

struct plan {
	int num; /* with void; 1 is `int` */
	struct node nodes[MAX_NODES];
};

static uint64_t random_state;

static uint32_t random_below(uint32_t n)
{
	random_state += 0x9e3779b97f4a7c15ull;
	return hash_u64(random_state) % n;
}

/* ---- plans ---- */

static bool has_ref(uint8_t kind)
{
	return kind >= GRAPH_PTR && kind <= GRAPH_FUNC_PROTO;
}

static bool is_composite(uint8_t kind)
{
	return kind == GRAPH_STRUCT || kind == GRAPH_UNION;
}

static bool elems_refer(uint8_t kind)
{
	return is_composite(kind) || kind == GRAPH_FUNC_PROTO;
}

static bool is_forward(uint8_t kind)
{
	return kind == GRAPH_FWD_STRUCT || kind == GRAPH_FWD_UNION;
}

static bool has_tag(const struct node *node)
{
	return node->name && (is_composite(node->kind) || is_forward(node->kind) ||
			      node->kind == GRAPH_TYPEDEF);
}

static struct node random_node(bool forwards)
{
	static const uint8_t kinds[] = {
		GRAPH_INT,     GRAPH_PTR,    GRAPH_PTR,	  GRAPH_PTR,   GRAPH_CONST,
		GRAPH_TYPEDEF, GRAPH_ARRAY,  GRAPH_FUNC_PROTO, GRAPH_STRUCT, GRAPH_STRUCT,
		GRAPH_STRUCT,  GRAPH_UNION,  GRAPH_ENUM,  GRAPH_FWD_STRUCT, GRAPH_FWD_STRUCT,
		GRAPH_FWD_UNION,
	};
	struct node node = { .kind = kinds[random_below(forwards ? 16 : 13)] };

	if (node.kind == GRAPH_INT || node.kind == GRAPH_TYPEDEF || is_forward(node.kind))
		node.name = 1 + random_below(4);
	else if (is_composite(node.kind) || node.kind == GRAPH_ENUM)
		node.name = random_below(5) ? 1 + random_below(4) : 0;
	if (node.kind == GRAPH_ARRAY || node.kind == GRAPH_ENUM)
		node.size = random_below(8) == 0;
	if (elems_refer(node.kind) || node.kind == GRAPH_ENUM) {
		node.num_elems = random_below(MAX_ELEMS + 1);
		if (node.kind == GRAPH_ENUM && !node.num_elems)
			node.num_elems = 1;
		for (int i = 0; i < node.num_elems; i++)
			node.elems[i].name = random_below(2);
	}
	return node;
}

/* Types nest through names only, and structs hold pointers and integers: no ring, and a size. */
static int random_target(const struct plan *plan, int from)
{
	bool by_value = is_composite(plan->nodes[from].kind) ||
			plan->nodes[from].kind == GRAPH_ARRAY;

	for (int tries = 0; tries < 12; tries++) {
		int target = random_below(plan->num);
		uint8_t kind = plan->nodes[target].kind;

		if (!target) {
			if (!by_value && plan->nodes[from].kind != GRAPH_FUNC_PROTO)
				return 0;
			continue;
		}
		if (by_value && kind != GRAPH_PTR && kind != GRAPH_INT && kind != GRAPH_ENUM)
			continue;
		if (plan->nodes[from].kind == GRAPH_CONST && kind == GRAPH_FUNC_PROTO)
			continue;
		if (plan->nodes[from].kind == GRAPH_FUNC_PROTO &&
		    kind != GRAPH_PTR && kind != GRAPH_INT)
			continue;
		/* A typedef or qualifier of itself is no type. */
		if (plan->nodes[from].kind == GRAPH_TYPEDEF ? target < from :
		    target < from || (has_tag(&plan->nodes[target]) && kind != GRAPH_TYPEDEF))
			return target;
	}
	return by_value || plan->nodes[from].kind == GRAPH_FUNC_PROTO ? 1 : 0;
}

static void random_refs(struct plan *plan, int at)
{
	struct node *node = &plan->nodes[at];

	if (has_ref(node->kind))
		node->ref = random_target(plan, at);
	for (int i = 0; elems_refer(node->kind) && i < node->num_elems; i++)
		node->elems[i].ref = random_target(plan, at);
}

/* One definition and one declaration of a name at most. */
static void make_unique(struct plan *plan, int at)
{
	struct node *node = &plan->nodes[at];

	for (int i = 1; i < at; i++) {
		const struct node *other = &plan->nodes[i];

		if (has_tag(node) && other->kind == node->kind && other->name == node->name)
			*node = (struct node){ .kind = GRAPH_PTR };
	}
}

static void random_plan(struct plan *plan, bool forwards)
{
	memset(plan, 0, sizeof(*plan));
	plan->num = 3 + random_below(MAX_NODES - 3);
	plan->nodes[1].kind = GRAPH_INT;
	for (int i = 2; i < plan->num; i++) {
		plan->nodes[i] = random_node(forwards);
		if (forwards)
			make_unique(plan, i);
	}
	for (int i = 2; i < plan->num; i++)
		random_refs(plan, i);
}

static void change_plan(struct plan *plan, bool forwards)
{
	for (int changes = random_below(4); changes > 0; changes--) {
		int at = 2 + random_below(plan->num - 2);
		struct node *node = &plan->nodes[at];

		if (forwards && random_below(2) && is_composite(node->kind) && node->name) {
			*node = (struct node){
				.kind = node->kind == GRAPH_STRUCT ? GRAPH_FWD_STRUCT :
								     GRAPH_FWD_UNION,
				.name = node->name,
			};
			/* Nobody may hold it by value: nobody does. */
		} else if (forwards && random_below(2) && is_forward(node->kind)) {
			node->kind = node->kind == GRAPH_FWD_STRUCT ? GRAPH_STRUCT : GRAPH_UNION;
		} else if (random_below(2)) {
			random_refs(plan, at);
		} else if (node->num_elems) {
			node->elems[0].name ^= 1;
		}
	}
}

/* ---- plans as text ---- */

static const char *name_text(int name)
{
	static const char *const names[] = { "-", "a", "b", "c", "d" };

	return names[name];
}

/* Node 1 is `int`; arrays of the base have any index. */
static void write_node(FILE *out, const struct node *node, bool is_int, bool is_base,
		       const int *ids)
{
	static const char *const words[NUM_GRAPH_KINDS] = {
		[GRAPH_PTR] = "*", [GRAPH_CONST] = "C ", [GRAPH_TYPEDEF] = "td ",
		[GRAPH_FUNC_PROTO] = "P ", [GRAPH_STRUCT] = "S ", [GRAPH_UNION] = "U ",
		[GRAPH_ENUM] = "E ", [GRAPH_FWD_STRUCT] = "Fs ", [GRAPH_FWD_UNION] = "Fu ",
	};
	const char *name = name_text(node->name);

	if (is_int) {
		fputs(is_base ? "int" : "int int/4s", out);
		return;
	}
	switch (node->kind) {
	case GRAPH_INT:
		fprintf(out, is_base ? "i %s/4=0x20" : "int %s/4", name);
		return;
	case GRAPH_ARRAY:
		fprintf(out, "A(%d,", ids[node->ref]);
		if (is_base)
			fprintf(out, "%d,", ids[1]);
		fprintf(out, "%d)", 1 + node->size);
		return;
	case GRAPH_PTR:
	case GRAPH_CONST:
		fprintf(out, "%s%d", words[node->kind], ids[node->ref]);
		return;
	case GRAPH_TYPEDEF:
		fprintf(out, "td %s=%d", name, ids[node->ref]);
		return;
	case GRAPH_FWD_STRUCT:
	case GRAPH_FWD_UNION:
		fprintf(out, "%s%s", words[node->kind], name);
		return;
	case GRAPH_FUNC_PROTO:
		fprintf(out, "P %d(", ids[node->ref]);
		break;
	case GRAPH_ENUM:
		fprintf(out, "E %s/%d{", name, node->size ? 2 : 4);
		break;
	default:
		fprintf(out, "%s%s/%d{", words[node->kind], name, 8 * MAX_ELEMS);
	}
	for (int i = 0; i < node->num_elems; i++) {
		const char *elem = node->elems[i].name ? "x" : "y";

		fputs(i ? "," : "", out);
		if (node->kind == GRAPH_ENUM)
			fprintf(out, "%s%d=%d", elem, i, i);
		else if (node->kind == GRAPH_FUNC_PROTO)
			fprintf(out, "%s:%d", elem, ids[node->elems[i].ref]);
		else
			fprintf(out, "%s:%d@%d", elem, ids[node->elems[i].ref],
				node->kind == GRAPH_UNION ? 0 : 64 * i);
	}
	fputs(node->kind == GRAPH_FUNC_PROTO ? ")" : "}", out);
}

/* Records in the order of @order, which is a permutation of the nodes. */
static char *plan_text(const struct plan *plan, bool is_base, const int *order)
{
	int ids[MAX_NODES] = { 0 };
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(out);
	for (int i = 1; i < plan->num; i++)
		ids[order[i]] = i;
	for (int i = 1; i < plan->num; i++) {
		fputs(i > 1 ? "; " : "", out);
		write_node(out, &plan->nodes[order[i]], order[i] == 1, is_base, ids);
	}
	assert_int_equal(fclose(out), 0);
	return text;
}

/* ---- naive bisimulation ---- */

/* References of a record, but for the index of arrays; false behind the last. */
static bool view_ref(const struct btf_view *view, uint32_t id, uint32_t i, uint32_t *ret_id)
{
	uint32_t kind = btf_view_kind(view, id);

	if (btf_kind_is_composite(kind)) {
		*ret_id = btf_view_member(view, id, i).type_id;
		return i < btf_view_vlen(view, id);
	}
	if (kind == BTF_FUNC_PROTO) {
		*ret_id = i ? btf_view_param(view, id, i - 1).type_id : btf_view_word(view, id);
		return i <= btf_view_vlen(view, id);
	}
	*ret_id = kind == BTF_ARRAY ? btf_view_array(view, id).elem_id : btf_view_word(view, id);
	return i == 0 && (kind == BTF_ARRAY || btf_kind_table[kind].word == BTF_WORD_ID);
}

static bool names_equal(const struct btf_view *va, uint32_t a, const struct btf_view *vb, uint32_t b)
{
	return strcmp(btf_view_name(va, a), btf_view_name(vb, b)) == 0;
}

/* Everything but references. */
static bool fields_equal(const struct btf_view *va, uint32_t a, const struct btf_view *vb,
			 uint32_t b)
{
	uint32_t kind = btf_view_kind(va, a), vlen = btf_view_vlen(va, a);

	if (btf_view_info(va, a) != btf_view_info(vb, b) || !names_equal(va, a, vb, b))
		return false;
	if (btf_kind_table[kind].word == BTF_WORD_BYTES &&
	    btf_view_word(va, a) != btf_view_word(vb, b))
		return false;
	if (kind == BTF_INT && btf_view_tail_word(va, a, 0) != btf_view_tail_word(vb, b, 0))
		return false;
	if (kind == BTF_ARRAY && btf_view_array(va, a).num != btf_view_array(vb, b).num)
		return false;
	for (uint32_t i = 0; btf_kind_table[kind].elem_size && i < vlen; i++) {
		if (strcmp(btf_view_string(va, btf_view_elem_word(va, a, i, 0)),
			   btf_view_string(vb, btf_view_elem_word(vb, b, i, 0))) != 0)
			return false;
		if (kind != BTF_FUNC_PROTO && btf_view_elem_word(va, a, i, kind == BTF_ENUM ? 1 : 2) !=
		    btf_view_elem_word(vb, b, i, kind == BTF_ENUM ? 1 : 2))
			return false;
	}
	return true;
}

/* A declaration beside a definition of the name, whichever side has which. */
static bool is_declaration_of(const struct btf_view *va, uint32_t a, const struct btf_view *vb,
			      uint32_t b)
{
	uint32_t kind = btf_view_kind(vb, b);

	return btf_view_kind(va, a) == BTF_FWD && btf_kind_is_composite(kind) &&
	       btf_view_flag(va, a) == (kind == BTF_UNION) && names_equal(va, a, vb, b);
}

static bool stand_for_each_other(const struct btf_view *va, uint32_t a, const struct btf_view *vb,
				 uint32_t b)
{
	return is_declaration_of(va, a, vb, b) || is_declaration_of(vb, b, va, a);
}

struct relation {
	const struct btf_view *va, *vb;
	/* What a reference of one side leads to. */
	const uint32_t *map_a, *map_b;
	bool related[MAX_TYPES][MAX_TYPES];
};

static bool refs_related(const struct relation *r, uint32_t a, uint32_t b)
{
	uint32_t ref_a, ref_b;

	for (uint32_t i = 0; view_ref(r->va, a, i, &ref_a); i++) {
		if (!view_ref(r->vb, b, i, &ref_b) ||
		    !r->related[dump_id(r->map_a, ref_a)][dump_id(r->map_b, ref_b)])
			return false;
	}
	return true;
}

/* ---- split ---- */

struct oracle {
	struct relation r; /* module alone, base */
	bool ours[MAX_TYPES][MAX_TYPES];
	uint32_t ids[MAX_TYPES];  /* of the split, by id of the module alone */
	bool written[MAX_TYPES];
};

static bool pair_is_special(const struct oracle *o, uint32_t m, uint32_t b)
{
	return stand_for_each_other(o->r.va, m, o->r.vb, b);
}

static bool has_label(const struct btf_view *view, uint32_t id)
{
	uint32_t kind = btf_view_kind(view, id);

	return btf_view_name_off(view, id) &&
	       (btf_kind_is_composite(kind) || btf_kind_is_enum(kind) || kind == BTF_FWD ||
		kind == BTF_TYPEDEF);
}

static void oracle_relate(struct oracle *o, bool strict)
{
	uint32_t num_m = o->r.va->num_ids, num_b = o->r.vb->num_ids;
	bool changed = true;

	assert_true(num_m <= MAX_TYPES && num_b <= MAX_TYPES);
	o->r.related[0][0] = true;
	for (uint32_t m = 1; m < num_m; m++) {
		for (uint32_t b = 1; b < num_b; b++)
			o->r.related[m][b] =
				fields_equal(o->r.va, m, o->r.vb, b) ||
				is_declaration_of(o->r.va, m, o->r.vb, b) ||
				(!strict && is_declaration_of(o->r.vb, b, o->r.va, m));
	}
	while (changed) {
		changed = false;
		for (uint32_t m = 1; m < num_m; m++) {
			for (uint32_t b = 1; b < num_b; b++) {
				if (!o->r.related[m][b] || pair_is_special(o, m, b) ||
				    refs_related(&o->r, m, b))
					continue;
				o->r.related[m][b] = false;
				changed = true;
			}
		}
	}
}

/* Number of the base's definitions of a declared name; *ret is the last. */
static uint32_t num_definitions(const struct oracle *o, uint32_t m, uint32_t *ret)
{
	uint32_t num = 0;

	for (uint32_t b = 1; b < o->r.vb->num_ids; b++) {
		if (is_declaration_of(o->r.va, m, o->r.vb, b)) {
			*ret = b;
			num++;
		}
	}
	return num;
}

/* Pairs that say the right thing of a user, but are not what the type itself is. */
static void oracle_find_ours(struct oracle *o)
{
	uint32_t num_m = o->r.va->num_ids, num_b = o->r.vb->num_ids, definition = 0;
	bool changed = true;

	for (uint32_t m = 1; m < num_m; m++) {
		for (uint32_t b = 1; b < num_b; b++) {
			bool is_fwd = btf_view_kind(o->r.va, m) == BTF_FWD;

			if (is_declaration_of(o->r.vb, b, o->r.va, m))
				o->ours[m][b] = true;
			else if (is_fwd && num_definitions(o, m, &definition))
				o->ours[m][b] = b != definition;
		}
	}
	while (changed) {
		changed = false;
		for (uint32_t m = 1; m < num_m; m++) {
			for (uint32_t b = 1; b < num_b; b++) {
				uint32_t ref_m, ref_b;

				if (!o->r.related[m][b] || o->ours[m][b] || has_label(o->r.va, m) ||
				    btf_kind_is_composite(btf_view_kind(o->r.va, m)))
					continue;
				for (uint32_t i = 0; view_ref(o->r.va, m, i, &ref_m); i++) {
					(void)view_ref(o->r.vb, b, i, &ref_b);
					changed |= o->ours[ref_m][ref_b];
					o->ours[m][b] |= o->ours[ref_m][ref_b];
				}
			}
		}
	}
}

static void oracle_number(struct oracle *o)
{
	uint32_t num_m = o->r.va->num_ids, num_b = o->r.vb->num_ids, next = num_b;
	bool changed = true, spare[MAX_TYPES] = { false };

	for (uint32_t m = 1; m < num_m; m++) {
		bool has_pair = false;

		o->ids[m] = 0;
		for (uint32_t b = num_b - 1; b; b--) {
			has_pair |= o->r.related[m][b];
			if (o->r.related[m][b] && !o->ours[m][b])
				o->ids[m] = b;
		}
		spare[m] = !o->ids[m] && has_pair && !has_label(o->r.va, m);
		o->written[m] = !o->ids[m] && !spare[m];
	}
	while (changed) {
		changed = false;
		for (uint32_t m = 1; m < num_m; m++) {
			uint32_t ref;

			for (uint32_t i = 0; o->written[m] && view_ref(o->r.va, m, i, &ref); i++) {
				changed |= spare[ref] && !o->written[ref];
				o->written[ref] |= spare[ref];
			}
		}
	}
	for (uint32_t m = 1; m < num_m; m++) {
		if (o->written[m])
			o->ids[m] = next++;
	}
}

static char *oracle_text(const struct oracle *o)
{
	char *text = NULL;
	bool first = true;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(out);
	for (uint32_t m = 1; m < o->r.va->num_ids; m++) {
		if (!o->written[m])
			continue;
		fprintf(out, "%s%u ", first ? "" : "; ", o->ids[m]);
		dump_record(out, o->r.va, m, o->ids);
		first = false;
	}
	assert_int_equal(fclose(out), 0);
	return text;
}

/* ---- distilled ---- */

/*
 * Plain and distilled form side by side: ids of the base, then own ones. A declaration may stand for
 * the definition that relocation could not find; and a copy may have the module's definition where
 * the base has a declaration.
 */
struct both {
	struct relation r;
	uint32_t plain_map[MAX_TYPES], distilled_map[MAX_TYPES];
	uint32_t num_plain, num_distilled, num_base;
};

static uint32_t own_id(const struct btf_view *view, uint32_t num_base, uint32_t i)
{
	return i < num_base ? i : view->first_id + i - num_base;
}

static void both_relate(struct both *t, const struct btf_view *base)
{
	const struct btf_view *plain = t->r.va, *split = t->r.vb;
	bool changed = true;

	t->r.related[0][0] = true;
	for (uint32_t a = 1; a < t->num_plain; a++) {
		for (uint32_t b = 1; b < t->num_distilled; b++) {
			const struct btf_view *va = a < t->num_base ? base : plain;
			const struct btf_view *vb = b < t->num_base ? base : split;
			uint32_t ia = own_id(plain, t->num_base, a);
			uint32_t ib = own_id(split, t->num_base, b);

			t->r.related[a][b] = fields_equal(va, ia, vb, ib) ||
					     stand_for_each_other(va, ia, vb, ib);
		}
	}
	while (changed) {
		changed = false;
		for (uint32_t a = 1; a < t->num_plain; a++) {
			for (uint32_t b = 1; b < t->num_distilled; b++) {
				struct relation *r = &t->r;
				const uint32_t *map_a = r->map_a, *map_b = r->map_b;
				uint32_t ia = own_id(plain, t->num_base, a);
				uint32_t ib = own_id(split, t->num_base, b);
				bool ok;

				if (!r->related[a][b])
					continue;
				r->va = a < t->num_base ? base : plain;
				r->vb = b < t->num_base ? base : split;
				r->map_a = NULL;
				r->map_b = b < t->num_base ? NULL : map_b;
				ok = stand_for_each_other(r->va, ia, r->vb, ib) ||
				     refs_related(r, ia, ib);
				r->va = plain;
				r->vb = split;
				r->map_a = map_a;
				r->map_b = map_b;
				r->related[a][b] = ok;
				changed |= !ok;
			}
		}
	}
}

static bool is_referred_to(const struct btf_view *split, uint32_t id)
{
	uint32_t ref;

	for (uint32_t own = split->first_id; own < split->num_ids; own++) {
		if (btf_view_kind(split, own) == BTF_ARRAY &&
		    btf_view_array(split, own).index_id == id)
			return true;
		for (uint32_t i = 0; view_ref(split, own, i, &ref); i++) {
			if (ref == id)
				return true;
		}
	}
	return false;
}

static void print_texts(const struct btf_view *base, const struct btf_view *plain,
			const struct btf_view *split)
{
	const struct btf_view *const views[] = { base, plain, split->base, split };
	static const char *const names[] = { "base", "split", "distilled", "over it" };

	for (int i = 0; i < 4; i++) {
		char *text = dump_types(views[i]);

		print_message("%s: %s\n", names[i], text);
		free(text);
	}
}

static void check_both(const struct btf_view *plain, const struct btf_view *split,
		       const struct btf_view *base)
{
	static struct both t;
	uint32_t map[RELOCATE_MAX_TYPES];

	for (int backwards = 0; backwards < 2; backwards++) {
		assert_int_equal(relocate_map(split, base, backwards, map), RELOCATE_OK);
		t = (struct both){ .num_base = base->num_ids };
		t.num_plain = base->num_ids + plain->num_own;
		t.num_distilled = base->num_ids + split->num_own;
		assert_true(t.num_plain <= MAX_TYPES && t.num_distilled <= MAX_TYPES);
		for (uint32_t id = 0; id < split->num_ids; id++)
			t.distilled_map[id] = id < split->first_id ? map[id] :
					      base->num_ids + id - split->first_id;
		t.r.va = plain;
		t.r.vb = split;
		t.r.map_b = t.distilled_map;
		both_relate(&t, base);
		/* All that the one says, the other says. */
		for (uint32_t a = t.num_base; a < t.num_plain; a++) {
			bool found = false;

			for (uint32_t b = t.num_base; b < t.num_distilled; b++)
				found |= t.r.related[a][b];
			if (!found)
				print_texts(base, plain, split);
			assert_true(found);
		}
		/* The rest are copies. */
		for (uint32_t b = t.num_base; b < t.num_distilled; b++) {
			bool found = false;

			for (uint32_t a = 1; a < t.num_plain; a++)
				found |= t.r.related[a][b];
			if (!found)
				print_texts(base, plain, split);
			assert_true(found);
		}
	}
	for (uint32_t id = 1; id < split->first_id; id++)
		assert_true(is_referred_to(split, id) || split->first_id == 2);
}

/* ---- one round ---- */

static void check_round(bool forwards)
{
	static struct oracle o;
	struct types_match_options options = { .strict_forwards = random_below(3) == 0 };
	bool big_endian = random_below(2);
	struct text_how how = { .force_collisions = random_below(2) };
	struct split_output alone, split, over;
	struct distill_input input;
	struct btf_distilled distilled;
	struct split_case c = { .module = NULL };
	struct plan base_plan, module_plan;
	struct btf_view distilled_view;
	struct split_module m;
	struct types_match match;
	struct btf_base *small;
	struct split_base b;
	char *base_text, *module_text, *expected, *got;
	int order[MAX_NODES];

	random_plan(&base_plan, forwards);
	if (random_below(5)) {
		module_plan = base_plan;
		change_plan(&module_plan, forwards);
	} else {
		random_plan(&module_plan, forwards);
	}
	for (int i = 0; i < MAX_NODES; i++)
		order[i] = i;
	module_text = plan_text(&module_plan, false, order);
	for (int i = base_plan.num - 1; i > 1; i--) {
		int other = 1 + random_below(i), id = order[i];

		order[i] = order[other];
		order[other] = id;
	}
	base_text = plan_text(&base_plan, true, order);

	c.bases[0] = base_text;
	c.module = module_text;
	split_base_build(&b, c.bases, big_endian);
	split_module_build(&m, &c, how);
	m.input.big_endian = big_endian;
	split_write(&m.input, NULL, &alone);
	o = (struct oracle){ .r = { .va = &alone.view, .vb = btf_base_view(b.base) } };
	oracle_relate(&o, options.strict_forwards);
	oracle_find_ours(&o);
	oracle_number(&o);
	expected = oracle_text(&o);

	assert_null(types_match(m.text.store, b.base, &options, &match));
	input = (struct distill_input){
		.store = m.text.store, .base = b.base, .match = &match, .big_endian = big_endian,
	};
	assert_null(btf_distill(&input, &distilled));
	assert_null(types_match_leave_out(m.text.store, &m.input, &match));
	m.input.base = b.base;
	m.input.base_ids = match.base_ids;
	split_write(&m.input, btf_base_view(b.base), &split);
	got = dump_types(&split.view);
	if (strcmp(got, expected))
		print_message("base: %s\nmodule: %s\n", base_text, module_text);
	assert_string_equal(got, expected);

	assert_null(btf_view_open((struct span){ distilled.bytes, distilled.size }, NULL,
				  &distilled_view));
	assert_null(btf_base_create(&distilled_view, &small));
	m.input.base = small;
	m.input.base_ids = distilled.base_ids;
	m.input.tags = distilled.tags;
	m.input.num_tags = distilled.num_tags;
	split_write(&m.input, &distilled_view, &over);
	check_both(&split.view, &over.view, btf_base_view(b.base));

	split_output_free(&over);
	btf_base_destroy(small);
	btf_view_close(&distilled_view);
	btf_distilled_deinit(&distilled);
	split_output_free(&split);
	split_output_free(&alone);
	types_match_deinit(&match);
	split_module_free(&m);
	split_base_free(&b);
	free(base_text);
	free(module_text);
	free(expected);
	free(got);
}

static uint64_t first_seed = 1;
static int num_rounds = 3000;

static void run(bool forwards)
{
	for (int i = 0; i < num_rounds; i++) {
		random_state = (first_seed + i) << 32 | forwards;
		check_round(forwards);
	}
}

static void definitions(void **state)
{
	(void)state;
	run(false);
}

static void definitions_and_declarations(void **state)
{
	(void)state;
	run(true);
}

/* test_split_random [SEED ROUNDS] */
int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(definitions),
		cmocka_unit_test(definitions_and_declarations),
	};

	if (argc == 3) {
		first_seed = strtoull(argv[1], NULL, 0);
		num_rounds = atoi(argv[2]);
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
