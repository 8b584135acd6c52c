// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * Tags in the source: of declarations, of types behind pointers. GCC takes none for struct and
 * union, and does not tell those of typedefs.
 */
#include "case.h"

#define TAG(text) __attribute__((btf_decl_tag(text)))
#define TYPE_TAG(text) __attribute__((btf_type_tag(text)))

// TAG[clang] struct tagged -1 first
// TAG[clang] struct tagged -1 second
// TAG struct tagged 1 of_member
// TAG struct tagged 1 of_member_too
// TAG struct tagged 3 of_last
struct tagged {
	int plain;
	int marked TAG("of_member") TAG("of_member_too");
	// MEMBER tagged.chain PTR(TAG(outer,TAG(inner,int)))
	int TYPE_TAG("inner") TYPE_TAG("outer") *chain;
	int bits : 3 TAG("of_last");
	// MEMBER tagged.of_const PTR(TAG(rcu,CONST(struct s8)))
	const struct s8 TYPE_TAG("rcu") *of_const;
	// MEMBER[clang] tagged.twice PTR(TAG(outside,PTR(TAG(inside,char))))
	// To GCC, an attribute before the first star belongs to the whole.
	// MEMBER[gcc] tagged.twice PTR(TAG(inside,PTR(TAG(outside,char))))
	char TYPE_TAG("inside") *TYPE_TAG("outside") *twice;
	// MEMBER tagged.of_typedef PTR(TAG(user,typedef s16_t))
	s16_t TYPE_TAG("user") *of_typedef;
	// MEMBER tagged.of_void PTR(TAG(percpu,void))
	void TYPE_TAG("percpu") *of_void;
	// MEMBER tagged.without PTR(int)
	int *without;
} TAG("first") TAG("second");

// TAG[clang] union tagged_union -1 of_union
// TAG union tagged_union 0 of_alternative
union tagged_union {
	int x TAG("of_alternative");
	float y;
} TAG("of_union");

// TAG[clang] typedef tagged_t -1 of_typedef
typedef int tagged_t TAG("of_typedef");

// TAG func tagged_func -1 of_function
// TAG func tagged_func 0 of_first
// TAG func tagged_func 2 of_third
// TAG func tagged_func 2 of_third_too
// FUNC int tagged_func(struct tagged *a, tagged_t b, union tagged_union *c)
TAG("of_function") int tagged_func(struct tagged *a TAG("of_first"), tagged_t b,
				   union tagged_union *c TAG("of_third") TAG("of_third_too"))
{
	SEE(a);
	SEE(b);
	SEE(c);
	return RESULT(int);
}

// TAG func declared_with_tag -1 of_declaration
TAG("of_declaration") int declared_with_tag(int a);
// FUNC int declared_with_tag(int a)
int declared_with_tag(int a)
{
	SEE(a);
	return RESULT(int);
}

// Without a prototype in the BTF there is nothing that could have tags; with one of fewer parameters
// (true_signature) the tags move with theirs.
// FUNC[nocall,true,O2,!lto,!i386] int tagged_static(int b, struct tagged *c)
// TAG[nocall,true,O2,!lto,!i386] func tagged_static -1 of_static
// TAG[nocall,true,O2,!lto,!i386] func tagged_static 1 of_last
// SKIP[clang,O2,default] tagged_static
// TAG[gcc16,true,O2,!lto] func tagged_static.isra.0 1 of_last
static NOINLINE TAG("of_static") int tagged_static(int a TAG("of_unused"), int b,
						   struct tagged *c TAG("of_last"))
{
	SEE(b);
	SEE(c);
	return RESULT(int);
}

// TAG[object] var tagged_var -1 of_variable
__attribute__((section(".data..percpu"))) int tagged_var TAG("of_variable") = 5;
// VAR[object] tagged_pointer PTR(TAG(rcu,struct tagged))
__attribute__((section(".data..percpu"))) struct tagged TYPE_TAG("rcu") *tagged_pointer = 0;

// FUNC void call_tagged(struct tagged *a)
void call_tagged(struct tagged *a)
{
	sink = tagged_static(any, any, a) + tagged_static(any, any, a + 1);
	tagged_var++;
	sink = tagged_pointer != 0;
}
