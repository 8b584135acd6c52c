#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
"""Compare what two files define: all named structs, unions, enums and typedefs as sets of
(kind, name, size, members), all other types as sets of texts, the per-CPU variables.

    compare_types.py [options] OURS OTHER
    compare_types.py [options] --stats FILE

A file is the output of btf_defs or dwarf_defs (oracle.h tells the notation), or a raw BTF file,
which is passed through btf_defs (--tools says where that is). Differences fall into classes:

    array        equal once the dimensions of an array are multiplied: the peer knows no others
    forward      equal once a forward declaration and the type it names count as one
    enum-forward an enumeration without values on one side, with them on the other
    only         no definition of this kind and name on the other side
    differs      both have the name, and something else is different

A file given with --known lists differences that are explained, one a line: side, class, kind, name.

Exit status: 0 nothing unexplained in the classes only and differs, among the types without a name
and the per-CPU variables, 1 something, 2 usage, 3 bad input.
"""

import argparse
import json
import os
import re
import subprocess
import sys
from collections import defaultdict

DIMENSIONS = re.compile(r"(?:\[\d+\]){2,}")
FORWARD = re.compile(r"\bfwd (?=struct |union )")
CLASSES = ("array", "forward", "enum-forward", "only", "differs")
PER_CPU = ".data..percpu"


def multiply(match):
    product = 1
    for number in re.findall(r"\d+", match.group(0)):
        product = product * int(number) & 0xffffffff
    return f"[{product}]"


def flat(text):
    return DIMENSIONS.sub(multiply, text)


def loose(text):
    return FORWARD.sub("", flat(text))


def prototype(result, params):
    """The text of the prototype of a function, from a line of btf_defs."""
    parts = [p[2:] if p.startswith("? ") else p for p in params.split(" | ")] if params else []
    return FORWARD.sub("", f"fn({', '.join(parts)}){result}")


class Definitions:
    """One side: defs[(kind, name)] is a list of (size, body), one entry a record."""

    def __init__(self, path, tools):
        self.defs = defaultdict(list)
        self.forwards = []
        self.per_cpu = {}
        self.stats = {}
        self.unnamed = defaultdict(dict)
        self.where = {}
        self.prototypes = set()
        for line in self.lines(path, tools):
            fields = line.rstrip("\n").split("\t")
            if fields[0] == "D":
                kind = "enum" if fields[1] == "enum64" else fields[1]
                body = (fields[3], fields[4])
                self.defs[kind, fields[2]].append(body)
                if len(fields) >= 8:
                    self.where.setdefault((kind, fields[2], body),
                                          f"{fields[6]} DIE 0x{fields[7]}, {fields[5]} units")
            elif fields[0] == "A":
                place = f"{fields[4]} DIE 0x{fields[5]}" if len(fields) >= 6 else ""
                self.add_unnamed(fields[1], fields[2], place)
            elif fields[0] == "F":
                self.forwards.append((fields[1], fields[2]))
            elif fields[0] == "S":
                self.stats[fields[1]] = int(fields[2])
            elif fields[0] == "G":
                self.prototypes.add(prototype(fields[3], fields[4]))
            elif fields[0] == "V" and fields[1] == PER_CPU:
                _, _, name, linkage, offset, size, text = fields
                self.per_cpu[name, int(offset)] = (int(linkage), int(size), text)

    def add_unnamed(self, kind, text, place):
        """An array in one piece stands for the arrays it is made of, too."""
        kind = "enum" if kind == "enum64" else kind
        text = FORWARD.sub("", text)
        self.unnamed[kind].setdefault(text, place)
        if kind == "array":
            sizes = DIMENSIONS.match(text)
            while sizes:
                text = text[text.index("]") + 1:]
                self.unnamed[kind].setdefault(text, place)
                sizes = DIMENSIONS.match(text)

    @staticmethod
    def lines(path, tools):
        with open(path, "rb") as file:
            magic = file.read(2)
        if magic in (b"\x9f\xeb", b"\xeb\x9f"):
            done = subprocess.run([os.path.join(tools, "btf_defs"), path], check=False,
                                  stdout=subprocess.PIPE)
            if done.returncode:
                sys.exit(3)
            text = done.stdout
        else:
            with open(path, "rb") as file:
                text = file.read()
        return text.decode(errors="surrogateescape").splitlines()

    def repeated(self):
        return {key: len(bodies) for key, bodies in self.defs.items() if len(bodies) > 1}

    def beside(self):
        """Forward declarations that share kind and name with a definition."""
        return [key for key in self.forwards if key in self.defs]


def split_members(body):
    """The members of a body, not those of unnamed types inside it."""
    parts, depth, start, at = [], 0, 0, 0
    while at < len(body):
        char = body[at]
        if char in "{(":
            depth += 1
        elif char in "})":
            depth -= 1
        elif char == ";" and not depth:
            parts.append(body[start:at])
            start = at + 2
        at += 1
    parts.append(body[start:])
    return parts


def first_difference(ours, other):
    if ours[0] != other[0]:
        return f"size {ours[0]} here, {other[0]} there"
    mine, theirs = split_members(ours[1]), split_members(other[1])
    for index, (a, b) in enumerate(zip(mine, theirs)):
        if loose(a) != loose(b):
            return f"#{index}: '{a[:200]}' here, '{b[:200]}' there"
    return f"{len(mine)} members here, {len(theirs)} there"


def classify(key, body, own, others):
    """The class of a body that is not, letter for letter, on the other side; and a detail."""
    same_name = others.get(key, [])
    if key[0] == "enum":
        own_names = {bool(text) for _, text in own[key]}
        if not body[1] and same_name:
            return "enum-forward", "no values here"
        if body[1] and same_name and not any(text for _, text in same_name):
            return "enum-forward", "no values there"
        if not body[1] and True in own_names:
            return "enum-forward", "beside a full one"
    if not same_name:
        return "only", ""
    if any(flat(text) == flat(body[1]) and size == body[0] for size, text in same_name):
        return "array", ""
    if any(loose(text) == loose(body[1]) and size == body[0] for size, text in same_name):
        return "forward", ""
    return "differs", first_difference(body, same_name[0])


def compare_side(label, side, other):
    found = []
    for key in sorted(side.defs):
        theirs = set(other.defs.get(key, ()))
        for body in dict.fromkeys(side.defs[key]):
            if body in theirs:
                continue
            name, detail = classify(key, body, side.defs, other.defs)
            found.append({"side": label, "class": name, "kind": key[0], "name": key[1],
                          "size": body[0], "body": body[1][:2000], "detail": detail,
                          "where": side.where.get((*key, body), "")})
    return found


def compare_unnamed(label, side, other):
    """Pointers, arrays, qualified types, prototypes and unnamed aggregates, as sets of texts. The
    prototypes of functions are for func_check.py and func_compare.py."""
    found = []
    for kind in sorted(side.unnamed):
        theirs = {flat(text) for text in other.unnamed.get(kind, ())}
        for text, place in side.unnamed[kind].items():
            if flat(text) not in theirs and text not in side.prototypes:
                found.append({"side": label, "kind": kind, "text": text[:2000], "where": place})
    return found


def compare_per_cpu(ours, other):
    found = []
    for key in sorted(set(ours.per_cpu) | set(other.per_cpu), key=lambda k: (k[1], k[0])):
        mine, theirs = ours.per_cpu.get(key), other.per_cpu.get(key)
        if mine is None or theirs is None:
            found.append({"name": key[0], "offset": key[1],
                          "only": "other" if mine is None else "ours",
                          "variable": theirs or mine})
        elif mine[:2] != theirs[:2] or loose(mine[2]) != loose(theirs[2]):
            found.append({"name": key[0], "offset": key[1], "only": "", "variable": mine,
                          "other": theirs})
    return found


def read_known(path):
    """The explained differences, and a set to note which of them occur."""
    known = set()
    if path:
        with open(path, encoding="utf-8") as file:
            for line in file:
                fields = line.split("#")[0].split(None, 3)
                if fields:
                    known.add(tuple(field.strip() for field in fields))
    return known


def statistics(side):
    return {
        "numbers": side.stats,
        "definitions": sum(len(bodies) for bodies in side.defs.values()),
        "names": len(side.defs),
        "names_defined_twice": {" ".join(k): n for k, n in sorted(side.repeated().items())},
        "forwards": len(side.forwards),
        "forwards_beside_definition": [" ".join(key) for key in sorted(side.beside())],
        "per_cpu_variables": len(side.per_cpu),
    }


def print_stats(label, stats):
    numbers = stats["numbers"]
    kinds = ", ".join(f"{key[5:]} {value}" for key, value in numbers.items()
                      if key.startswith("kind_") and value)
    if kinds:
        print(f"{label}: {numbers['size']} bytes, {numbers['types']} types: {kinds}")
        print(f"{label}: {numbers['strings']} strings, {numbers['strings_unused']} unused, "
              f"{numbers['strings_duplicate']} twice, "
              f"{numbers['strings_used_inside']} used from inside")
    print(f"{label}: {stats['definitions']} definitions of {stats['names']} names, "
          f"{stats['per_cpu_variables']} per-CPU variables")
    twice = stats["names_defined_twice"]
    print(f"{label}: {len(twice)} names defined more than once: "
          + ", ".join(f"{key} ({n})" for key, n in twice.items()))
    beside = stats["forwards_beside_definition"]
    print(f"{label}: {stats['forwards']} forward declarations, {len(beside)} beside a definition"
          + (": " + ", ".join(beside) if beside else ""))


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tools", default=".", help="folder of btf_defs")
    parser.add_argument("--json", help="write everything found to this file")
    parser.add_argument("--stats", action="store_true", help="statistics of one file only")
    parser.add_argument("--labels", default="ours,other", help="what to call the two files")
    parser.add_argument("--show", type=int, default=20, help="examples printed of each class")
    parser.add_argument("--dwarf", action="store_true",
                        help="OTHER is from dwarf_defs: its forwards and variables are no news")
    parser.add_argument("--known", help="file of explained differences")
    parser.add_argument("files", nargs="+")
    args = parser.parse_args()
    if len(args.files) != (1 if args.stats else 2):
        parser.error("two files are compared, --stats takes one")
    labels = args.labels.split(",")
    sides = [Definitions(path, args.tools) for path in args.files]
    report = {"stats": {label: statistics(side) for label, side in zip(labels, sides)}}
    for label in [] if args.dwarf else labels[:len(sides)]:
        print_stats(label, report["stats"][label])
    bad = 0
    if not args.stats:
        ours, other = sides
        known = read_known(args.known)
        report["types"] = compare_side(labels[0], ours, other) + \
            compare_side(labels[1], other, ours)
        for name in CLASSES:
            for label in labels:
                some = [d for d in report["types"] if d["class"] == name and d["side"] == label]
                if not some:
                    continue
                # In DWARF every unit has its own forwards: not a difference.
                quiet = name in ("forward", "enum-forward", "array")
                explained = [d for d in some if (label, name, d["kind"], d["name"]) in known]
                if name in ("only", "differs"):
                    bad += len(some) - len(explained)
                print(f"{name}: {len(some)} in {label}"
                      + (f", {len(explained)} of them explained" if explained else ""))
                some = [d for d in some if d not in explained]
                for diff in [] if quiet and args.dwarf else some[:args.show]:
                    print(f"    {diff['kind']} {diff['name']} size {diff['size']}"
                          + (f": {diff['detail']}" if diff["detail"] else "")
                          + (f" ({diff['where']})" if diff["where"] else ""))
        report["unnamed"] = []
        if ours.unnamed and other.unnamed:
            report["unnamed"] = compare_unnamed(labels[0], ours, other) + \
                compare_unnamed(labels[1], other, ours)
        for label in labels:
            some = [d for d in report["unnamed"] if d["side"] == label]
            bad += len(some)
            if some:
                print(f"unnamed: {len(some)} only in {label}")
            for diff in some[:args.show]:
                print(f"    {diff['kind']} {diff['text'][:300]}"
                      + (f" ({diff['where']})" if diff["where"] else ""))
        counts = {}
        for key in set(ours.repeated()) | set(other.repeated()):
            pair = (len(ours.defs.get(key, ())), len(other.defs.get(key, ())))
            if pair[0] != pair[1]:
                counts[" ".join(key)] = pair
        report["repeated_differently"] = dict(sorted(counts.items()))
        if not args.dwarf:
            for key, pair in report["repeated_differently"].items():
                print(f"repeated: {key}: {pair[0]} in {labels[0]}, {pair[1]} in {labels[1]}")
            report["per_cpu"] = compare_per_cpu(ours, other)
            print(f"per-CPU: {len(ours.per_cpu)} in {labels[0]}, {len(other.per_cpu)} in "
                  f"{labels[1]}, {len(report['per_cpu'])} differences")
            bad += sum(1 for diff in report["per_cpu"]
                       if (diff["only"] or "both", "variable", "per-cpu", diff["name"])
                       not in known)
            for diff in report["per_cpu"][:args.show]:
                print(f"    {json.dumps(diff)}")
    if args.json:
        with open(args.json, "w", encoding="utf-8", errors="surrogateescape") as file:
            json.dump(report, file, indent=1)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
