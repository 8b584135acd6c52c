// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * Annotations: source attributes btf_decl_tag and btf_type_tag, as compilers write them.
 *
 * Two forms. A DIE of its own below the one that is annotated (DW_TAG_LLVM_annotation,
 * DW_TAG_GNU_annotation); or a reference from the annotated DIE to the first of a chain of
 * annotation DIEs (DW_AT_GNU_annotation), which may be shared. Either way the name is the
 * attribute's and the constant value its text; annotations of other names are not for us.
 *
 * Type tags annotate pointers and say something of what is pointed to: the pointer refers to the
 * tag, the tag to the next tag or to the target, so that no qualifier stands before a tag
 * (btf_check_type_tags() of the kernel). Of several the last one in the source is nearest to the
 * pointer; below a DIE they stand in the order of the source, in a chain in that of BTF.
 */
#include <string.h>

#include "dwarf_graph_internal.h"
#include "encode_diag.h"

/* A chain longer than this is damage, or has no end. */
enum { MAX_CHAIN = 256 };

enum annotation_kind { ANNOTATION_OTHER, ANNOTATION_DECL_TAG, ANNOTATION_TYPE_TAG };

/* What an annotation DIE is, and its text; OTHER if it has none. */
static struct btfgen_error *read_text(struct dwarf_graph *reader,
				      const struct unit_context *context, const struct die *die,
				      enum annotation_kind *ret_kind, struct str_id *ret_text)
{
	enum annotation_kind kind = ANNOTATION_OTHER;
	struct btfgen_error *err;
	const char *name;

	*ret_kind = ANNOTATION_OTHER;
	if (!die_has(die, SLOT_NAME))
		return NULL;
	err = dwarf_attr_chars(reader, context, die, SLOT_NAME, &name);
	if (err)
		return err;
	if (strcmp(name, "btf_decl_tag") == 0)
		kind = ANNOTATION_DECL_TAG;
	else if (strcmp(name, "btf_type_tag") == 0)
		kind = ANNOTATION_TYPE_TAG;
	if (kind == ANNOTATION_OTHER ||
	    (kind == ANNOTATION_DECL_TAG && reader->shared->no_decl_tags) ||
	    (kind == ANNOTATION_TYPE_TAG && reader->shared->no_type_tags))
		return NULL;
	switch (die_has(die, SLOT_CONST_VALUE) ? die->attrs[SLOT_CONST_VALUE].class : ATTR_NONE) {
	case ATTR_STRING:
	case ATTR_STR_OFFSET:
	case ATTR_LINE_STR_OFFSET:
	case ATTR_STR_INDEX:
		break;
	default:
		/* The source had none; a number is no text. */
		return dwarf_diag(reader, DIAG_BAD_TAG, die->off, (struct str_id){ 0 }, 0);
	}
	err = dwarf_attr_string(reader, context, die, SLOT_CONST_VALUE, ret_text);
	if (err)
		return err;
	if (!ret_text->v)
		return dwarf_diag(reader, DIAG_BAD_TAG, die->off, (struct str_id){ 0 }, 0);
	*ret_kind = kind;
	return NULL;
}

static struct btfgen_error *push_decl_tag(struct dwarf_graph *reader, struct dwarf_tag tag)
{
	/* The unit that the DIE stands in reports it. */
	if (reader->reading_foreign)
		return NULL;
	return vec_push(&reader->pending_tags, tag) ? NULL : error_nomem();
}

/* A tag between the node *at and what it refers to. */
static struct btfgen_error *insert_type_tag(struct dwarf_graph *reader, uint32_t at,
					    struct str_id text, uint64_t off, uint32_t *ret_tag)
{
	struct graph_node *node = &reader->graph.nodes.data[at];
	struct graph_node tag = {
		.kind = GRAPH_TYPE_TAG,
		.flags = node->flags & GRAPH_REF_IS_NODE,
		.name = text,
		.ref = node->ref,
	};
	struct btfgen_error *err;
	uint32_t index = 0;

	err = dwarf_add_extra_node(reader, off, tag, &index);
	if (err)
		return err;
	node = &reader->graph.nodes.data[at];
	node->ref.v = index;
	node->flags |= GRAPH_REF_IS_NODE;
	*ret_tag = index;
	return NULL;
}

struct btfgen_error *dwarf_add_decl_tag(struct dwarf_graph *reader,
					const struct unit_context *context, const struct die *die,
					struct dwarf_tag tag)
{
	enum annotation_kind kind;
	struct btfgen_error *err = read_text(reader, context, die, &kind, &tag.text);

	if (err || kind != ANNOTATION_DECL_TAG)
		return err;
	tag.key = die->off;
	return push_decl_tag(reader, tag);
}

struct btfgen_error *dwarf_read_annotation(struct dwarf_graph *reader,
					   const struct unit_context *context,
					   const struct die *die, uint32_t depth)
{
	struct dwarf_tag tag = { .component = -1 };
	const struct collector *parent;
	enum annotation_kind kind;
	struct btfgen_error *err;
	struct str_id text;
	uint32_t node;

	if (reader->leaf.depth && reader->leaf.depth == depth) {
		tag.index = reader->leaf.index;
		tag.component = reader->leaf.component;
		switch ((enum leaf_kind)reader->leaf.kind) {
		case LEAF_POINTER:
			err = read_text(reader, context, die, &kind, &text);
			if (err || kind != ANNOTATION_TYPE_TAG)
				return err;
			return insert_type_tag(reader, tag.index, text, die->off, &node);
		case LEAF_NODE:
		case LEAF_MEMBER:
			tag.target = DWARF_TAG_TYPE;
			break;
		case LEAF_VAR:
			tag.target = DWARF_TAG_VAR;
			break;
		case LEAF_PARAM:
			tag.target = DWARF_TAG_FUNC;
			break;
		case LEAF_NONE:
			return NULL;
		}
		return dwarf_add_decl_tag(reader, context, die, tag);
	}
	parent = dwarf_collector_at(reader, depth, COLLECT_FUNCTION);
	if (parent && parent->func != NO_FUNC) {
		tag.target = DWARF_TAG_FUNC;
		tag.index = parent->func;
		return dwarf_add_decl_tag(reader, context, die, tag);
	}
	parent = dwarf_collector_at(reader, depth, GRAPH_STRUCT);
	if (!parent)
		parent = dwarf_collector_at(reader, depth, GRAPH_UNION);
	if (!parent)
		return NULL;
	tag.target = DWARF_TAG_TYPE;
	tag.index = parent->node;
	return dwarf_add_decl_tag(reader, context, die, tag);
}

/* The annotation DIE that @die's attribute refers to; false in *ret_found at the end. */
static struct btfgen_error *next_in_chain(struct dwarf_graph *reader,
					  const struct unit_context **context,
					  const struct die *die, struct die *ret_die,
					  bool *ret_found)
{
	struct btfgen_error *err;
	uint32_t raw;
	uint64_t off;

	*ret_found = false;
	err = dwarf_attr_ref(reader, *context, die, SLOT_ANNOTATION, &raw);
	if (err || !raw)
		return err;
	err = dwarf_die_at(reader, raw, context, ret_die, &off);
	if (err)
		return err;
	if (!ret_die->abbrev || ret_die->abbrev->action != ACTION_ANNOTATION)
		return error_create_at(unit_section_name((*context)->unit), die->off,
				       "reference to an annotation leads to something else");
	*ret_found = true;
	return NULL;
}

struct chain_visit {
	struct dwarf_tag tag; /* of decl tags */
	uint32_t at;	      /* of type tags: the node that the next one follows */
	enum annotation_kind kind;
};

static struct btfgen_error *walk_chain(struct dwarf_graph *reader,
				       const struct unit_context *context, const struct die *start,
				       struct chain_visit *visit)
{
	struct die die = *start;

	for (unsigned int i = 0;; i++) {
		enum annotation_kind kind;
		struct btfgen_error *err;
		struct str_id text;
		struct die next;
		bool found;

		err = next_in_chain(reader, &context, &die, &next, &found);
		if (err || !found)
			return err;
		if (i == MAX_CHAIN)
			return error_create_at(unit_section_name(reader->main.unit), start->off,
					       "chain of annotations does not end");
		die = next;
		err = read_text(reader, context, &die, &kind, &text);
		if (err)
			return err;
		if (kind != visit->kind || kind == ANNOTATION_OTHER)
			continue;
		if (kind == ANNOTATION_TYPE_TAG) {
			err = insert_type_tag(reader, visit->at, text, start->off, &visit->at);
		} else {
			visit->tag.text = text;
			err = push_decl_tag(reader, visit->tag);
		}
		if (err)
			return err;
	}
}

struct btfgen_error *dwarf_read_decl_tag_chain(struct dwarf_graph *reader,
					       const struct unit_context *context,
					       const struct die *die, struct dwarf_tag tag)
{
	struct chain_visit visit = { .tag = tag, .kind = ANNOTATION_DECL_TAG };

	if (!die_has(die, SLOT_ANNOTATION))
		return NULL;
	visit.tag.key = die->off;
	return walk_chain(reader, context, die, &visit);
}

struct btfgen_error *dwarf_read_type_tag_chain(struct dwarf_graph *reader,
					       const struct unit_context *context,
					       const struct die *die, uint32_t pointer)
{
	struct chain_visit visit = { .at = pointer, .kind = ANNOTATION_TYPE_TAG };

	return walk_chain(reader, context, die, &visit);
}

void dwarf_move_member_tags(struct dwarf_graph *reader, uint32_t node, const uint32_t *new_index,
			    uint32_t num)
{
	uint64_t start = reader->graph.nodes.data[node].key;

	/* What stands in the struct came last. */
	for (size_t i = reader->pending_tags.num; i-- > 0;) {
		struct dwarf_tag *tag = &reader->pending_tags.data[i];

		if (tag->key < start)
			break;
		if (tag->target == DWARF_TAG_TYPE && tag->index == node && tag->component >= 0 &&
		    (uint32_t)tag->component < num)
			tag->component = new_index[tag->component];
	}
}
