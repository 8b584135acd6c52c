// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * The rules of BTF as data: what each wants, who refuses BTF that breaks it, and since when.
 *
 *	const struct verify_rule *rule = verify_rule_find("M16");
 *	switch (verify_rule_level(rule, true, VERIFY_KERNEL(6, 12))) ...
 *
 * Two readers: a kernel that is given the BTF of a program (BPF_BTF_LOAD), and one that finds BTF
 * in itself or in a module. The second does not walk along references: what breaks an R rule it
 * takes, and whoever follows the reference meets nonsense. Warnings are what no kernel looks at.
 *
 * A rule that changed has the versions in its text; how lib/btf/verify.h holds it against one
 * version is in verify_options_for_kernel().
 *
 * Versions are those of the line's first release, as far as the rules go back (5.10). Sources:
 * kernel/bpf/btf.c and include/uapi/linux/btf.h of Linux 5.10, 6.1, 6.12, 7.2 and 7.3:
 * btf_parse_hdr() and btf_check_sec_info() H, btf_parse_str_sec() S, btf_parse_layout_sec() L,
 * btf_check_all_metas() M, btf_check_type_tags() and its successor C, btf_check_all_types() R,
 * btf_parse_struct_metas() X; btf_parse_base() and btf_parse_module() for what a kernel asks of its
 * own.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define VERIFY_KERNEL(major, minor) ((major) << 8 | (minor))

enum {
	VERIFY_BY_PROGRAM = 1,
	VERIFY_BY_KERNEL = 2, /* of vmlinux and modules */
	VERIFY_BY_NONE = 0,
};

struct verify_rule {
	const char *id;	    /* "M16" */
	const char *wants;  /* one sentence, without the dot */
	uint8_t refused_by; /* VERIFY_BY_* */
	bool is_warning;
	bool at_opening; /* broken: cannot be read at all (lib/btf/view.h) */
	uint16_t since;	 /* VERIFY_KERNEL(); 0: in all */
	uint16_t until;	 /* the last that asks for it; 0: it still does */
};

enum { VERIFY_NUM_RULES = 69 };

extern const struct verify_rule verify_rules[VERIFY_NUM_RULES];

/* NULL if there is none. */
const struct verify_rule *verify_rule_find(const char *id);

enum verify_level {
	VERIFY_REFUSED, /* this kernel does not take it */
	VERIFY_WRONG,	/* it takes it, but whoever reads it is misled */
	VERIFY_WARNING, /* worse than it could be */
};

/* @kernel: VERIFY_KERNEL(). */
enum verify_level verify_rule_level(const struct verify_rule *rule, bool program,
				    unsigned int kernel);
