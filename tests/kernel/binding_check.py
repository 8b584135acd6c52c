#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
"""Check that each type refers to the definition that it refers to in the DWARF, where a name has
several.

    binding_check.py [--tools DIR] [--dwarf FACTS] ELF BTF

compare_types.py takes a name for a type. That is enough for nearly all of them; where `struct slot`
is three different things, a user of one could be bound to another and nothing would show. So label
these names with a hash of the definition meant (oracle.h) and compare again: every definition in
the DWARF must have its like in the BTF and the other way round. Names whose users split up by these
labels become ambiguous themselves, and so on for some rounds. A unit that only declares a type
leaves open which is meant: that matches any.

FACTS is the output of dwarf_defs without labels, made before. Exit status: 0 all bound as in the
DWARF, 1 not, 2 usage, 3 bad input.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
from collections import defaultdict

ROUNDS = 3
LABEL = re.compile(r"#(?:[0-9a-f]{8}|\?)")
FORWARD = re.compile(r"\bfwd (?=struct |union )")


def run(tool, *args):
    done = subprocess.run([tool, *args], check=False, stdout=subprocess.PIPE)
    if done.returncode:
        sys.exit(3)
    return done.stdout.decode(errors="surrogateescape").splitlines()


def definitions(lines):
    """(kind, name) to the set of its definitions' texts; and one place for each."""
    found, where = defaultdict(set), {}
    for line in lines:
        fields = line.split("\t")
        if fields[0] != "D":
            continue
        key = ("enum" if fields[1] == "enum64" else fields[1], fields[2])
        body = fields[3] + "\t" + FORWARD.sub("", fields[4])
        if key[0] == "enum" and not fields[4]:
            continue
        found[key].add(body)
        if len(fields) >= 8:
            where.setdefault((key, body), f"{fields[6]} DIE 0x{fields[7]}")
    return found, where


def compatible(one, two):
    """Equal, but an unknown label on either side matches any on the other."""
    if one == two:
        return True
    if "#?" not in one and "#?" not in two:
        return False
    if LABEL.sub("#", one) != LABEL.sub("#", two):
        return False
    return all(a == b or "#?" in (a, b) for a, b in zip(LABEL.findall(one), LABEL.findall(two)))


def ambiguous(found):
    """Names with definitions that cannot be one."""
    names = set()
    for key, bodies in found.items():
        some = sorted(bodies, key=lambda text: "#?" in text)
        if any(not compatible(some[0], other) for other in some[1:]):
            names.add(f"{key[0]} {key[1]}")
    return names


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tools", default=".", help="folder of btf_defs and dwarf_defs")
    parser.add_argument("--dwarf", help="output of dwarf_defs for ELF, made before")
    parser.add_argument("--show", type=int, default=20, help="examples printed")
    parser.add_argument("elf")
    parser.add_argument("btf")
    args = parser.parse_args()
    btf_defs, dwarf_defs = (os.path.join(args.tools, t) for t in ("btf_defs", "dwarf_defs"))
    if args.dwarf:
        with open(args.dwarf, encoding="utf-8", errors="surrogateescape") as file:
            names = ambiguous(definitions(file.read().splitlines())[0])
    else:
        names = ambiguous(definitions(run(dwarf_defs, args.elf))[0])
    errors = 0
    for rounds in range(1, ROUNDS + 1):
        with tempfile.NamedTemporaryFile("w", errors="surrogateescape") as file:
            file.write("".join(f"{name}\n" for name in sorted(names)))
            file.flush()
            label = ("-l", file.name, "-r", str(rounds))
            truth, where = definitions(run(dwarf_defs, *label, args.elf))
            ours, _ = definitions(run(btf_defs, *label, args.btf))
        users = sum(1 for bodies in truth.values() for body in bodies if "#" in body)
        print(f"round {rounds}: {len(names)} ambiguous names, {users} definitions refer to one")
        for key in sorted(set(truth) | set(ours)):
            for body in truth[key]:
                if not any(compatible(body, other) for other in ours[key]):
                    errors += 1
                    if errors <= args.show:
                        print(f"ERROR {' '.join(key)}: not in the BTF: {body[:400]} "
                              f"({where[key, body]})")
            for body in ours[key]:
                if not any(compatible(body, other) for other in truth[key]):
                    errors += 1
                    if errors <= args.show:
                        print(f"ERROR {' '.join(key)}: not in the DWARF: {body[:400]}")
        grown = names | ambiguous(truth)
        if errors or grown == names:
            break
        names = grown
    if errors > args.show:
        print(f"ERROR and {errors - args.show} more")
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())
