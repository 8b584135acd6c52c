#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
"""Check the variables of all sections (btfgen --vars=all) against the symbol table and the DWARF.

    vars_check.py [--tools DIR] [--dwarf VARIABLES] [--report FILE] [--list FILE] [--base BASE]
                  [--base-elf VMLINUX] [--peer BTF] [--json FILE] ELF BTF

Derives from the symbol table (a reader of its own) and from the DWARF (dwarf_defs, libdw) what has
to become of every OBJECT symbol of the loaded sections: VAR, or the reason why not, by the rules of
docs/variables.md, which are written down here a second time. Then:

    - the VARs of BTF (btf_defs) are exactly those, with name, offset and size of the symbol, linkage
      and type of a debugging entry that is as good a match as any, in a DATASEC of the section's
      name; they lie inside the section and do not overlap;
    - --report, what `btfgen --report=json` told: in each section as many symbols per outcome;
    - --list, what `btfgen vars --vars=all` printed: each symbol with its outcome;
    - --peer: what pahole made with +global_var is put into classes, and its overlaps are counted.

Exit status: 0 all as it must be, 1 not, 2 usage, 3 bad input.
"""

import argparse
import json
import os
import re
import struct
import sys
from collections import Counter, defaultdict

from percpu_check import GENERATED, STT_OBJECT, Elf, loose, run

PERCPU = ".data..percpu"
ET_REL, SHF_ALLOC, SHF_TLS, SHT_NOTE, STT_SECTION, STT_FILE = 1, 2, 0x400, 7, 3, 4
NOT_LOADED = (".modinfo", "__versions", "__version_ext_crcs", "__version_ext_names")
LETTERS = set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_.")
DIGITS = set("0123456789")
UNBOUNDED = re.compile(r"(?:(?:const|volatile) )*\[0\]")


class Symbol:
    def __init__(self, fields, name):
        self.value, self.size, self.info, self.other, self.section = fields
        self.name = name
        self.type, self.bind = self.info & 15, self.info >> 4
        self.offset = 0
        self.outcome = None


def read_symbols(path):
    """(Elf, is relocatable, [Symbol])"""
    elf = Elf(path)
    with open(path, "rb") as elf.file:
        elf.file.seek(16)
        kind, = struct.unpack(elf.order + "H", elf.file.read(2))
    symbols = [Symbol(fields, name) for *fields, name in elf.symbols(path)]
    return elf, kind == ET_REL, symbols


def is_listed(symbol):
    """kallsyms may have it."""
    return symbol.section and symbol.type not in (STT_SECTION, STT_FILE)


def is_identifier(name):
    return bool(name) and len(name) <= 511 and name[0] in LETTERS and set(name) <= LETTERS | DIGITS


def section_reason(name, section, relocatable, freed):
    """Why nothing is taken from a section; None: it is."""
    if name == PERCPU:
        return None
    if name.startswith(".init"):
        return "freed-section"
    if name.startswith(".hyp."):
        return "hypervisor-section"
    if relocatable and name in NOT_LOADED:
        return "section-not-loaded"
    if freed and freed[0] <= section[3] < freed[1] and section[3] + section[5] <= freed[1]:
        return "freed-section"
    if not is_identifier(name) or section[5] >= 1 << 32:
        return "bad-section"
    return None


def symbol_reason(symbol, section, is_note, uses, base_names):
    """Why a symbol cannot be a variable whatever the DWARF says; None: it may."""
    if not symbol.size:
        return "zero-size"
    if symbol.name.startswith(GENERATED + ("__BTF_ID__",)) or symbol.name == "__this_module" or \
            (is_note and symbol.name.startswith("_note_")):
        return "generated-name"
    if not is_identifier(symbol.name):
        return "bad-name"
    if section != PERCPU:
        if uses[symbol.name] > 1:
            return "ambiguous"
        if symbol.name in base_names:
            return "name-of-base"
    return None


class Die:
    def __init__(self, fields):
        self.name, self.linkage, self.size, self.text = fields[2], int(fields[3]), int(fields[4]), fields[5]
        self.level, self.place = int(fields[6]), f"{fields[7]} DIE 0x{fields[8]}"
        # A static array that is declared without a bound, and has its bytes all the same.
        if self.size < 0 and UNBOUNDED.match(self.text):
            self.size = 0


def read_dies(lines, elf):
    """{(section, offset): [Die]}; sections of relocatable files lie where dwarf_defs laid them. Those
    that have an address in the file (.data of kvm.ko) overlap others then: an entry may be in both."""
    laid = {i: s[3] for i, s in enumerate(elf.sections)}
    found = []
    for line in lines:
        fields = line.split("\t")
        if fields[0] == "R":
            laid[int(fields[1])] = int(fields[2])
        elif fields[0] == "V":
            found.append((int(fields[1]), Die(fields)))
    ranges = sorted((laid[i], laid[i] + s[5], i) for i, s in enumerate(elf.sections)
                    if s[2] & SHF_ALLOC and s[5] and not s[2] & SHF_TLS)
    dies = defaultdict(list)
    for address, die in found:
        for start, end, index in ranges:
            if start <= address < end:
                dies[index, address - start].append(die)
    return dies


def match(symbol, die, name_needed):
    if die.name == symbol.name:
        return 3
    if die.name and die.name in symbol.name.split("."):
        return 2
    return 1 if not name_needed and die.size == symbol.size else 0


def decide(group, dies, name_needed):
    """(reason, [(symbol, die)]): the pairs are equally good."""
    pairs, reasons = [], set()
    for die in dies:
        exact = [s for s in group if s.name == die.name]
        for symbol in exact[:1] or group:
            how = match(symbol, die, name_needed)
            if not how:
                continue
            if die.size < 0:
                reasons.add("void-type")
            elif die.size > symbol.size:
                reasons.add("size-mismatch")
            else:
                pairs.append((how, die.size == symbol.size, symbol, die))
    if not pairs:
        for reason in ("size-mismatch", "void-type"):
            if reason in reasons:
                return reason, []
        return "no-debug-info", []
    best = max(p[:2] for p in pairs)
    return "encoded", [p[2:] for p in pairs if p[:2] == best]


def judge(elf, relocatable, symbols, dies, base_names):
    """({(section name, offset): (end, [(symbol, die)])}, objects); sets the outcomes of the objects that
    have one already."""
    uses = Counter(s.name for s in symbols if is_listed(s))
    marks = {s.name: s.value for s in symbols if s.name in ("__init_begin", "__init_end") and s.section}
    freed = (marks["__init_begin"], marks["__init_end"]) if len(marks) == 2 and not relocatable else None
    objects = [s for s in symbols if s.type == STT_OBJECT and 0 < s.section < len(elf.sections)
               and elf.sections[s.section][2] & SHF_ALLOC and not elf.sections[s.section][2] & SHF_TLS]
    groups = defaultdict(list)
    for symbol in objects:
        section, name = elf.sections[symbol.section], elf.names[symbol.section]
        symbol.offset = symbol.value if relocatable else symbol.value - section[3]
        symbol.outcome = section_reason(name, section, relocatable, freed) or \
            symbol_reason(symbol, name, section[1] == SHT_NOTE, uses, base_names)
        if not symbol.outcome:
            groups[symbol.section, symbol.offset].append(symbol)
    wanted, end, last = {}, 0, None
    for (section, offset), group in sorted(groups.items(), key=lambda item: item[0]):
        name_needed = not offset and not relocatable and not elf.sections[section][3]
        reason, pairs = decide(group, dies.get((section, offset), ()), name_needed)
        if section != last:
            last, end = section, 0
        if reason == "encoded" and offset < end:
            reason = "overlap"
        for symbol in group:
            symbol.outcome = "alias" if reason == "encoded" else reason
        if reason == "encoded":
            wanted[elf.names[section], offset] = pairs
            end = offset + max(p[0].size for p in pairs)
    return wanted, objects


def check_vars(elf, wanted, variables):
    """Errors; sets the outcome of the symbols that became variables."""
    errors = []
    sizes = defaultdict(int)
    for name, section in zip(elf.names, elf.sections):
        sizes[name] = max(sizes[name], section[5])
    left = dict(wanted)
    end, last = 0, None
    for section, name, linkage, offset, size, text in sorted(variables, key=lambda v: (v[0], v[3])):
        label = f"{section}+{offset:#x} {name}"
        if section != last:
            last, end = section, 0
        if offset < end:
            errors.append(f"{label}: overlaps the variable before it")
        end = max(end, offset + size)
        if end > sizes[section]:
            errors.append(f"{label}: ends behind its section")
        pairs = left.pop((section, offset), None)
        if pairs is None:
            errors.append(f"{label}: a VAR that must not be there, or twice")
            continue
        pairs = [p for p in pairs if p[0].name == name]
        if not pairs:
            errors.append(f"{label}: VAR has the name of another symbol")
            continue
        pairs[0][0].outcome = "encoded"
        if all(s.size != size for s, _ in pairs):
            errors.append(f"{label}: VAR has size {size}, the symbol {pairs[0][0].size}")
        local = pairs[0][0].bind == 0 and not pairs[0][0].other & 3
        if all((d.linkage and not local) != linkage for _, d in pairs):
            errors.append(f"{label}: VAR has linkage {linkage}, no entry and symbol agree")
        if all(loose(d.text) != loose(text) for _, d in pairs):
            errors.append(f"{label}: VAR is {text}, DWARF says "
                          + " or ".join(sorted({d.text for _, d in pairs})))
    for (section, offset), pairs in left.items():
        where = "; ".join(sorted({f"{d.text} in {d.place}" for _, d in pairs}))
        errors.append(f"{section}+{offset:#x} {pairs[0][0].name}: no VAR, but DWARF has {where}")
    return errors


def check_report(path, elf, objects):
    with open(path, encoding="utf-8") as file:
        told = json.load(file)["variables"]
    mine, theirs = Counter(), Counter()
    for symbol in objects:
        mine[elf.names[symbol.section], symbol.outcome] += 1
    for section in told["sections"]:
        for outcome, count in section["outcomes"].items():
            theirs[section["name"], outcome] += count
    return [f"{section}: the report counts {theirs[section, outcome]} {outcome}, there are "
            f"{mine[section, outcome]}"
            for section, outcome in sorted(set(mine) | set(theirs))
            if mine[section, outcome] != theirs[section, outcome]]


def check_list(path, elf, objects):
    """The table has blanks between columns, and types have some as well: the name is the last word."""
    with open(path, encoding="utf-8", errors="surrogateescape") as file:
        lines = file.read().splitlines()
    theirs = Counter()
    for line in lines[1:-1]:
        words = line.split()
        theirs[words[0], int(words[1], 16), int(words[2]), words[3], words[-1]] += 1
    mine = Counter((elf.names[s.section], s.offset, s.size, s.outcome, s.name) for s in objects)
    return [f"the list has {theirs[key]} of {key}, there are {mine[key]}"
            for key in sorted(set(mine) | set(theirs)) if mine[key] != theirs[key]]


def compare_peer(elf, objects, variables, theirs, wanted):
    """Counts, and the number of overlaps in the peer's sections."""
    classes, overlaps = Counter(), 0
    places = {(elf.names[s.section], s.offset) for s in objects}
    outcomes = {((elf.names[s.section], s.offset), s.name): s.outcome for s in objects}
    ours = {(v[0], v[3]): v for v in variables}
    seen, end, last = set(), 0, None
    for section, name, _, offset, size, text in sorted(theirs, key=lambda v: (v[0], v[3])):
        if section != last:
            last, end = section, 0
        overlaps += offset < end
        end = max(end, offset + size)
        var = ours.get((section, offset))
        if var and (section, offset) in seen:
            classes["a second one at the place"] += 1
        elif var:
            seen.add((section, offset))
            same = loose(var[5]) == loose(text)
            classes["the same" if same and var[1] == name else
                    "another type" if var[1] == name else "another name"] += 1
        elif (section, offset) not in places:
            classes["only the peer's: no symbol there"] += 1
        else:
            reason = outcomes.get(((section, offset), name), "name of no symbol there")
            classes[f"only the peer's: {reason}"] += 1
    for place in ours:
        if place not in seen:
            die = wanted[place][0][1]
            what = "static variable of a function" if die.level == 1 else "of a file"
            classes[f"only ours: {what}"] += 1
    return classes, overlaps


def read_btf(tools, path, base):
    variables, errors = [], []
    for line in run(os.path.join(tools, "btf_defs"), *(("-b", base) if base else ()), path):
        fields = line.split("\t")
        if fields[0] == "V":
            variables.append((fields[1], fields[2], int(fields[3]), int(fields[4]), int(fields[5]), fields[6]))
        elif fields[0] == "L":
            errors.append(f"a VAR in no DATASEC: {line}")
    return variables, errors


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tools", default=".", help="folder of btf_defs and dwarf_defs")
    parser.add_argument("--dwarf", help="output of dwarf_defs for ELF, made before")
    parser.add_argument("--report", help="output of btfgen --vars=all --report=json")
    parser.add_argument("--list", help="output of btfgen vars --vars=all")
    parser.add_argument("--base", help="the BTF that BTF is split from")
    parser.add_argument("--base-elf", help="its vmlinux, or a file with the names of its symbols (.names)")
    parser.add_argument("--peer", help="what pahole made of ELF with +global_var")
    parser.add_argument("--json", help="write the counts to this file")
    parser.add_argument("--quiet", action="store_true", help="print errors only")
    parser.add_argument("elf")
    parser.add_argument("btf")
    args = parser.parse_args()
    elf, relocatable, symbols = read_symbols(args.elf)
    base_names = set()
    if args.base_elf and args.base_elf.endswith(".names"):
        with open(args.base_elf, encoding="utf-8", errors="surrogateescape") as file:
            base_names = set(file.read().splitlines())
    elif args.base_elf:
        base_names = {s.name for s in read_symbols(args.base_elf)[2] if is_listed(s)}
    if args.dwarf:
        with open(args.dwarf, encoding="utf-8", errors="surrogateescape") as file:
            lines = file.read().splitlines()
    else:
        lines = run(os.path.join(args.tools, "dwarf_defs"), "-v", args.elf)
    wanted, objects = judge(elf, relocatable, symbols, read_dies(lines, elf), base_names)
    variables, errors = read_btf(args.tools, args.btf, args.base)
    errors += check_vars(elf, wanted, variables)
    if args.report:
        errors += check_report(args.report, elf, objects)
    if args.list:
        errors += check_list(args.list, elf, objects)
    counts = Counter(s.outcome for s in objects)
    classes, overlaps = Counter(), 0
    if args.peer:
        theirs, _ = read_btf(args.tools, args.peer, None)
        classes, overlaps = compare_peer(elf, objects, variables, theirs, wanted)
    if not args.quiet:
        print(f"{len(objects)} OBJECT symbols in loaded sections: "
              + ", ".join(f"{count} {name}" for name, count in counts.most_common()))
        if args.peer:
            print(f"the peer has {len(theirs)} variables, {overlaps} of which start inside another one")
            for name, count in sorted(classes.items()):
                print(f"  {name}: {count}")
    for error in errors[:50]:
        print(f"ERROR {error}")
    if len(errors) > 50:
        print(f"ERROR and {len(errors) - 50} more")
    if args.json:
        with open(args.json, "w", encoding="utf-8") as file:
            json.dump({"outcomes": counts, "peer": classes, "overlaps": overlaps, "errors": len(errors)},
                      file, indent=1)
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())
