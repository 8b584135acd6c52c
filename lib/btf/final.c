// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * Settling, last part: the types in their final order, with references between them.
 *
 * A *draft* is a type before it has an id: a class that means the same everywhere, a part of a
 * class that does not, or a declaration that stays. No two drafts occur first at one place, so that
 * sorting by (name, kind, users, first place) is total.
 */
#include <stdlib.h>
#include <string.h>

#include "lib/base/span.h"
#include "lib/btf/settle.h"

enum { DEFAULT_ENUM_SIZE = 4 };

struct draft {
	uint64_t name_prefix;	/* first bytes as a big-endian number */
	const char *name;	/* as sorted; "" for no name */
	struct occurrence use;
	uint32_t class_id;	/* one of them is set */
	uint32_t forward;	/* label */
	uint8_t kind;
};

struct finish {
	struct settle *settle;
	struct type_store *store;
	struct draft *drafts;
	uint32_t num_drafts;
	bool nomem;
};

static int draft_compare(const void *pa, const void *pb)
{
	const struct draft *a = pa, *b = pb;

	if (a->name_prefix != b->name_prefix)
		return a->name_prefix < b->name_prefix ? -1 : 1;
	if (a->name != b->name) {
		int order = strcmp(a->name, b->name);

		if (order)
			return order;
	}
	if (a->kind != b->kind)
		return a->kind < b->kind ? -1 : 1;
	return occurs_more(&a->use, &b->use) ? -1 : occurs_more(&b->use, &a->use);
}

/* The name that layout will write: see layout.h. */
static const char *sorted_name(const struct settle *settle, uint8_t kind, struct str_id name)
{
	const struct string_entry *entry = strings_entry(&settle->store->strings, name);

	switch (kind) {
	case GRAPH_STRUCT:
	case GRAPH_UNION:
	case GRAPH_ENUM:
		return entry->is_identifier ? entry->bytes : "";
	default:
		return entry->bytes;
	}
}

static uint64_t prefix_of(const char *name)
{
	uint8_t bytes[8] = {};

	memcpy(bytes, name, strnlen(name, sizeof(bytes)));
	return load_u64(bytes, !HOST_BIG_ENDIAN);
}

static void draft_add(struct finish *finish, struct draft draft, struct str_id name)
{
	draft.name = sorted_name(finish->settle, draft.kind, name);
	draft.name_prefix = prefix_of(draft.name);
	finish->drafts[finish->num_drafts++] = draft;
}

static bool draft_all(struct finish *finish)
{
	struct settle *settle = finish->settle;

	finish->drafts = malloc(((size_t)settle->num_classes + settle->num_labels) *
				sizeof(*finish->drafts));
	if (!finish->drafts)
		return false;
	for (uint32_t c = 1; c < settle->num_classes; c++) {
		const struct record *record = settle_record(settle, c);

		if (kind_infos[record->kind].is_forward)
			continue;
		draft_add(finish,
			  (struct draft){ .use = settle->uses[c], .class_id = c, .kind = record->kind },
			  (struct str_id){ record->name });
	}
	for (uint32_t i = 1; i < settle->num_labels; i++) {
		const struct label *label = &settle->labels[i];
		uint32_t c = settle->label_classes[label->first_class];

		if (label->num_definitions)
			continue;
		draft_add(finish,
			  (struct draft){ .use = settle->uses[c], .forward = i,
					  .kind = settle_record(settle, c)->kind },
			  label_name(label->ref));
	}
	return true;
}

static struct type_id resolve_ref(const struct settle *settle, uint32_t ref)
{
	const struct label *label;

	if (!ref_is_label(ref))
		return (struct type_id){ ref ? settle->class_type[ref] : 0 };
	label = &settle->labels[settle_label(settle, ref)];
	if (!label->num_definitions)
		return (struct type_id){ label->forward_type };
	return (struct type_id){ settle->class_type[settle->label_classes[label->first_class]] };
}

static bool fill_class(struct finish *finish, const struct draft *draft, struct settled_type *type)
{
	const struct settle *settle = finish->settle;
	const struct record *record = settle_record(settle, draft->class_id);
	struct settled_elem *elems = arena_alloc(&finish->store->settled,
						 record->num_elems * sizeof(*elems),
						 _Alignof(struct settled_elem));

	if (!elems)
		return false;
	for (uint32_t i = 0; i < record->num_elems; i++) {
		const struct record_elem *elem = &record->elems[i];

		elems[i] = (struct settled_elem){
			.name = { elem->name },
			.type = resolve_ref(settle, elem->ref),
			.value = (uint64_t)elem->value_high << 32 | elem->value_low,
			.bit_size = elem->bit_size,
		};
	}
	*type = (struct settled_type){
		.kind = record->kind,
		.flags = record->flags,
		.encoding = record->encoding,
		.name = { record->name },
		.ref = resolve_ref(settle, record->ref),
		.size = record->size,
		.num_elems = record->num_elems,
		.elems = elems,
	};
	return true;
}

static void fill_forward(const struct settle *settle, const struct draft *draft,
			 struct settled_type *type)
{
	const struct label *label = &settle->labels[draft->forward];

	*type = (struct settled_type){
		.kind = draft->kind,
		.name = label_name(label->ref),
	};
	if (draft->kind == GRAPH_FWD_ENUM)
		type->size = label->forward_size ? label->forward_size : DEFAULT_ENUM_SIZE;
}

struct btfgen_error *settle_finish(struct settle *settle, struct type_store *store)
{
	struct finish finish = { .settle = settle, .store = store };

	settle->class_type = calloc(settle->num_classes, sizeof(*settle->class_type));
	if (!settle->class_type || !draft_all(&finish))
		goto nomem;
	qsort(finish.drafts, finish.num_drafts, sizeof(finish.drafts[0]), draft_compare);
	store->types = calloc((size_t)finish.num_drafts + 1, sizeof(*store->types));
	if (!store->types)
		goto nomem;
	store->num_types = finish.num_drafts + 1;
	for (uint32_t i = 0; i < finish.num_drafts; i++) {
		const struct draft *draft = &finish.drafts[i];

		if (draft->forward)
			settle->labels[draft->forward].forward_type = i + 1;
		else
			settle->class_type[draft->class_id] = i + 1;
	}
	for (uint32_t i = 0; i < finish.num_drafts; i++) {
		const struct draft *draft = &finish.drafts[i];
		struct settled_type *type = &store->types[i + 1];

		if (draft->forward)
			fill_forward(settle, draft, type);
		else if (!fill_class(&finish, draft, type))
			goto nomem;
		type->num_users = draft->use.num_users;
		type->first_unit = draft->use.first_unit;
		type->first_key = draft->use.first_key;
	}
	free(finish.drafts);
	return NULL;
nomem:
	free(finish.drafts);
	return error_nomem();
}
