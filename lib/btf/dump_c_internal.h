// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * The parts of lib/btf/dump_c.h, in the order in which they build upon each other:
 *
 *	dump_c_rank.c	the order of the header
 *	dump_c_shape.c	sizes and alignments as a compiler would choose them
 *	dump_c_name.c	names that are taken get a suffix
 *	dump_c_text.c	one definition or declaration as text
 *	dump_c_need.c	what must stand before a definition
 *	dump_c.c	the whole
 *
 * The first error ends the work: c->err is set, and everything returns as soon as it can. All
 * recursion goes through c_enter() and c_leave(), which bound its depth, and which count steps: in
 * a file made for the purpose types can hold each other twice and twice again.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/vec.h"
#include "lib/btf/dump_c.h"

enum {
	C_MAX_NAME = 1024,  /* bytes of a name that are compared */
	C_MAX_CHAIN = 1024, /* types in one declaration, from the name to the innermost */
	C_RANK_CHAIN = 64,  /* types that the rank of a type looks through */
};

/* How far the definition of a type is. */
enum c_progress { C_NONE, C_BEGUN, C_DONE };

struct c_state {
	uint8_t plan; /* enum c_progress: queued with all that it needs */
	uint8_t text; /* enum c_progress: written */
	bool declared;
	bool referenced;
	bool named;	 /* suffix is final */
	uint32_t suffix; /* 0: the name as it is; n: NAME___n */
	uint32_t align;	 /* bytes; 0: of no type that has one */
	bool has_align;	 /* align is known, or being found out */
};

struct c_name {
	const char *name; /* NULL: free */
	uint32_t hash;
	uint32_t num; /* how often it was asked for */
};

/* Open addressing; its size is a power of two, at most half of it in use. */
struct c_names {
	struct c_name *slots;
	uint32_t size;
	uint32_t num;
};

struct c_dump {
	const struct btf_view *view;
	struct text_out *out;
	uint32_t ptr_size;
	struct c_state *states; /* by id */
	struct c_names tags;	/* struct, union, enum */
	struct c_names idents;	/* typedef, constants of enums */
	VEC(uint32_t) queue;	/* to be defined, in this order */
	VEC(uint32_t) chain;	/* stack of the declarations in the making */
	struct btfgen_error *err;
	unsigned int depth;
	uint64_t steps;
	uint64_t max_steps;
};

static inline bool c_stopped(const struct c_dump *c)
{
	return c->err || c->out->failed;
}

void c_fail(struct c_dump *c, uint32_t id, const char *what);
void c_fail_memory(struct c_dump *c);

/* Counts one step of work; false if it was one too many, or if the work has ended. */
bool c_step(struct c_dump *c);
/* One level deeper; false, and nothing to leave, if that is too deep or too much. */
bool c_enter(struct c_dump *c, uint32_t id);
static inline void c_leave(struct c_dump *c)
{
	c->depth--;
}

/* The kind of an id, BTF_NUM_KINDS if there is no such type. */
static inline uint32_t c_kind(const struct c_dump *c, uint32_t id)
{
	return id < c->view->num_ids ? btf_view_kind(c->view, id) : BTF_NUM_KINDS;
}

static inline const char *c_type_name(const struct c_dump *c, uint32_t id)
{
	return btf_view_name(c->view, id);
}

static inline bool c_is_anonymous(const struct c_dump *c, uint32_t id)
{
	return btf_view_name_off(c->view, id) == 0;
}

/* Sorts @num ids by kind and name. */
struct btfgen_error *c_rank_sort(const struct btf_view *view, uint32_t *ids,
				 size_t num) BTFGEN_MUST_CHECK;

uint32_t c_pointer_size(const struct btf_view *view);
uint32_t c_align_of(struct c_dump *c, uint32_t id);
/* Bytes; 0 for what has no size. */
uint32_t c_size_of(const struct c_dump *c, uint32_t id);
bool c_is_packed(struct c_dump *c, uint32_t id);

/* How often @name was asked for, this time included; 0 if memory is out. */
uint32_t c_names_take(struct c_names *names, const char *name);
void c_names_deinit(struct c_names *names);
/* 0 and 1: none. The name is taken by the first call for the type. */
uint32_t c_tag_suffix(struct c_dump *c, uint32_t id);
uint32_t c_ident_suffix(struct c_dump *c, uint32_t id);
void c_show_suffix(struct c_dump *c, uint32_t num);
/* The name of a struct, union or enum, of a typedef; nothing if it has none. */
void c_show_tag(struct c_dump *c, uint32_t id);
void c_show_ident(struct c_dump *c, uint32_t id);
/* The constant of an enum. */
void c_show_constant(struct c_dump *c, const char *name);

/* "struct NAME" or "union NAME", for STRUCT and UNION. */
void c_show_composite_tag(struct c_dump *c, uint32_t id);
void c_show_forward(struct c_dump *c, uint32_t id);
void c_show_composite(struct c_dump *c, uint32_t id, unsigned int level);
void c_show_enum(struct c_dump *c, uint32_t id, unsigned int level);
void c_show_typedef(struct c_dump *c, uint32_t id);
/* @name with type @id, as it stands in front of a semicolon. */
void c_show_declaration(struct c_dump *c, uint32_t id, const char *name, unsigned int level);

/* Queues what has to be defined so that @id can be used as a member. */
void c_plan(struct c_dump *c, uint32_t id);
/* Defines what is queued. */
void c_define_queue(struct c_dump *c);
/* Declares what a declaration with the type @id mentions, inside of type @inside. */
void c_need(struct c_dump *c, uint32_t id, uint32_t inside);
