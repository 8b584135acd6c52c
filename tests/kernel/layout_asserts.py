#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
"""Write a C file that includes HEADER, made from a BTF file by bpftool, and asserts that a compiler
gives every struct and union of that BTF file the size, and every plain member the offset, it has
there.

    layout_asserts.py HEADER DEFINITIONS > asserts.c

DEFINITIONS is the output of btf_defs. Left out: tags with several definitions or several kinds
(bpftool renames those) and bitfields, whose address C does not give.
"""

import re
import sys
from collections import defaultdict

from compare_types import split_members

PLAIN = re.compile(r"^([A-Za-z_]\w*)@(\d+) ")


def main():
    if len(sys.argv) != 3:
        sys.exit(2)
    tags = defaultdict(list)
    with open(sys.argv[2], encoding="utf-8", errors="surrogateescape") as file:
        for line in file:
            fields = line.rstrip("\n").split("\t")
            if fields[0] == "D" and fields[1] != "typedef":
                tags[fields[2]].append((fields[1], fields[3], fields[4]))
            elif fields[0] == "F":
                tags[fields[2]].append(("fwd", "", ""))
    print(f'#include "{sys.argv[1]}"')
    for name, found in sorted(tags.items()):
        kind, size, body = found[0]
        if len(found) > 1 or kind not in ("struct", "union"):
            continue
        print(f'_Static_assert(sizeof({kind} {name}) == {size}, "size of {kind} {name}");')
        for member in split_members(body) if body else []:
            match = PLAIN.match(member)
            if match and int(match.group(2)) % 8 == 0:
                print(f"_Static_assert(__builtin_offsetof({kind} {name}, {match.group(1)}) == "
                      f'{int(match.group(2)) // 8}, "offset of {name}.{match.group(1)}");')


if __name__ == "__main__":
    main()
