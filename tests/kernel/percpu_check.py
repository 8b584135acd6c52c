#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
"""Check the per-CPU variables of a BTF file against the symbol table and the DWARF of its ELF file.

    percpu_check.py [--json FILE] [--tools DIR] [--dwarf VARIABLES] [--report FILE] [--base BASE]
                    ELF BTF

Three readers that share no code: this program's own of the ELF symbol table, dwarf_defs (libdw),
and btf_defs. The rule: every OBJECT symbol of .data..percpu with a size has its VAR in the DATASEC,
with name, offset and size of the symbol, linkage and type of the DIE at its address; symbols at one
address count as one; nothing else is in the DATASEC. A symbol without VAR is excused only where
nothing could be said about it:

    no-dwarf    no unit describes an object at this address under one of its names
    generated   its name is one the kernel's macros generate
    void        it has no type, or one without a size

With --report, what btfgen --report=json told of this run must add up: every OBJECT symbol has one
outcome, and the encoded ones are the VARs.

Exit status: 0 all as it must be, 1 not, 2 usage, 3 bad input.
"""

import argparse
import json
import os
import re
import struct
import subprocess
import sys
from collections import defaultdict

SECTION = ".data..percpu"
GENERATED = ("__UNIQUE_ID", "__tpstrtab_", "__exitcall_", "__gendwarfksyms_ptr_",
             "__func_stack_frame_non_standard_")
FORWARD = re.compile(r"\bfwd (?=struct |union )")
DIMENSIONS = re.compile(r"(?:\[\d+\]){2,}")
STT_OBJECT, STB_LOCAL, SHN_XINDEX, SHT_SYMTAB, SHT_SYMTAB_SHNDX = 1, 0, 0xffff, 2, 18


class Elf:
    """Sections and symbols of an ELF file, either class, either byte order."""

    def __init__(self, path):
        with open(path, "rb") as file:
            self.file = file
            ident = file.read(16)
            if ident[:4] != b"\x7fELF":
                sys.exit(f"{path}: not ELF")
            self.wide = ident[4] == 2
            self.order = "<" if ident[5] == 1 else ">"
            header = self.unpack(file, "HHIQQQIHHHHHH" if self.wide else "HHIIIIIHHHHHH")
            self.machine = header[1]
            offset, entry, count, names = header[5], header[10], header[11], header[12]
            form = "IIQQQQIIQQ" if self.wide else "IIIIIIIIII"
            file.seek(offset)
            first = self.unpack(file, form)
            count = count or first[5]
            names = first[6] if names == SHN_XINDEX else names
            self.sections = []
            for index in range(count):
                file.seek(offset + index * entry)
                self.sections.append(self.unpack(file, form))
            strings = self.content(names)
            self.names = [self.string(strings, s[0]) for s in self.sections]

    def unpack(self, file, form):
        form = self.order + form
        return struct.unpack(form, file.read(struct.calcsize(form)))

    def content(self, index):
        section = self.sections[index]
        self.file.seek(section[4])
        return self.file.read(section[5])

    @staticmethod
    def string(table, offset):
        return table[offset:table.index(0, offset)].decode(errors="surrogateescape")

    def symbols(self, path):
        """(value, size, info, other, section index, name) of each entry of the symbol table."""
        with open(path, "rb") as self.file:
            table = next((i for i, s in enumerate(self.sections) if s[1] == SHT_SYMTAB), None)
            if table is None:
                sys.exit(f"{path}: no symbol table")
            strings = self.content(self.sections[table][6])
            extended = next((self.content(i) for i, s in enumerate(self.sections)
                             if s[1] == SHT_SYMTAB_SHNDX and s[6] == table), None)
            form = self.order + ("IBBHQQ" if self.wide else "IIIBBH")
            for number, raw in enumerate(struct.iter_unpack(form, self.content(table))):
                if self.wide:
                    at, info, other, shndx, value, size = raw
                else:
                    at, value, size, info, other, shndx = raw
                if shndx == SHN_XINDEX and extended:
                    shndx, = struct.unpack_from(self.order + "I", extended, 4 * number)
                yield value, size, info, other, shndx, self.string(strings, at)

    @classmethod
    def objects(cls, path, name):
        """(section address, section size, [(offset, size, binding, name)], section index) of one
        section."""
        elf = cls(path)
        if name not in elf.names:
            return None
        wanted = elf.names.index(name)
        found = [(value, size, info >> 4, symbol)
                 for value, size, info, _, shndx, symbol in elf.symbols(path)
                 if shndx == wanted and info & 15 == STT_OBJECT]
        section = elf.sections[wanted]
        # In a relocatable file values count from the section already.
        return (section[3], section[5], [(v - section[3], s, b, n) for v, s, b, n in found],
                wanted)


def run(tool, *args):
    done = subprocess.run([tool, *args], check=False, stdout=subprocess.PIPE)
    if done.returncode:
        sys.exit(3)
    return done.stdout.decode(errors="surrogateescape").splitlines()


def source_names(symbol):
    """What the symbol may be called in the source: compilers make count.12 (GCC) or function.count
    (clang) of a static variable of a function."""
    return {symbol, *symbol.split(".")}


def loose(text):
    def multiply(match):
        product = 1
        for number in re.findall(r"\d+", match.group(0)):
            product = product * int(number) & 0xffffffff
        return f"[{product}]"
    return DIMENSIONS.sub(multiply, FORWARD.sub("", text))


def check(symbols, dies, variables):
    """(errors, excuses, number of variables as they must be, of them function-local)."""
    errors, excuses, local = [], [], 0
    groups = defaultdict(list)
    good = 0
    for symbol in symbols:
        if symbol[1]:
            groups[symbol[0]].append(symbol)
    by_offset = defaultdict(list)
    for name, linkage, offset, size, text in variables:
        by_offset[offset].append((name, linkage, size, text))

    for offset in sorted(groups):
        group = groups[offset]
        names = {s[3] for s in group}
        sources = set().union(*(source_names(name) for name in names))
        found = by_offset.pop(offset, [])
        known = [d for d in dies.get(offset, ()) if d[0] in sources]
        label = f"{offset:#x} {'/'.join(sorted(names))}"
        if len(found) > 1:
            errors.append(f"{label}: {len(found)} VARs at one offset")
            continue
        if not found:
            if not known:
                excuses.append(("no-dwarf", label))
            elif all(d[0].startswith(GENERATED) for d in known):
                excuses.append(("generated", label))
            elif all(d[2] <= 0 or d[3] == "void" for d in known):
                excuses.append(("void", label))
            else:
                where = "; ".join(f"{d[3]} in {d[5]} DIE 0x{d[6]} level {d[4]}" for d in known)
                errors.append(f"{label}: no VAR, but DWARF has {where}")
            continue
        name, linkage, size, text = found[0]
        sizes = {s[1] for s in group}
        if name not in names:
            errors.append(f"{label}: VAR is called {name}")
            continue
        own = [s for s in group if name == s[3]]
        if size not in sizes:
            errors.append(f"{label}: VAR has size {size}, the symbol {sorted(sizes)}")
        if all((s[2] != STB_LOCAL) != linkage for s in own):
            errors.append(f"{label}: VAR has linkage {linkage}, the symbol's binding is "
                          f"{[s[2] for s in own]}")
        matching = [d for d in known if d[0] == name] or \
            [d for d in known if d[0] in source_names(name)]
        if not matching:
            errors.append(f"{label}: no DIE for VAR {name}")
            continue
        if all(d[1] != linkage for d in matching):
            errors.append(f"{label}: VAR has linkage {linkage}, no DIE agrees")
        sized = [d for d in matching if d[2] in sizes] or matching
        if all(loose(d[3]) != loose(text) for d in sized):
            errors.append(f"{label}: VAR is {text}, DWARF says "
                          + " or ".join(sorted({d[3] for d in sized})))
        good += 1
        local += all(d[4] == 1 for d in matching)
    for offset, found in sorted(by_offset.items()):
        for name, *_ in found:
            errors.append(f"{offset:#x} {name}: VAR without OBJECT symbol")
    return errors, excuses, good, local


def check_report(path, symbols, variables):
    with open(path, encoding="utf-8") as file:
        sections = json.load(file)["variables"]["sections"]
    told = next((s for s in sections if s["name"] == SECTION), None)
    if told is None:
        return [f"the report has no section {SECTION}"]
    outcomes = told["outcomes"]
    print("report: " + ", ".join(f"{name} {count}" for name, count in outcomes.items() if count))
    errors = []
    if told["symbols"] != len(symbols):
        errors.append(f"the report counts {told['symbols']} symbols, there are {len(symbols)}")
    if sum(outcomes.values()) != told["symbols"]:
        errors.append("the outcomes in the report do not add up to its symbols")
    if outcomes.get("encoded", 0) != len(variables):
        errors.append(f"the report counts {outcomes.get('encoded', 0)} encoded variables")
    return errors


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tools", default=".", help="folder of btf_defs and dwarf_defs")
    parser.add_argument("--dwarf", help="output of dwarf_defs for ELF, made before")
    parser.add_argument("--json", help="write everything found to this file")
    parser.add_argument("--report", help="output of btfgen --report=json")
    parser.add_argument("--base", help="the BTF that BTF is split from")
    parser.add_argument("elf")
    parser.add_argument("btf")
    args = parser.parse_args()
    objects = Elf.objects(args.elf, SECTION)
    variables, outside = [], 0
    base = ("-b", args.base) if args.base else ()
    for line in run(os.path.join(args.tools, "btf_defs"), *base, args.btf):
        fields = line.split("\t")
        if fields[0] == "V" and fields[1] == SECTION:
            variables.append((fields[2], int(fields[3]), int(fields[4]), int(fields[5]), fields[6]))
        elif fields[0] == "L":
            outside += 1
    if objects is None:
        print(f"no section {SECTION}")
        return 1 if variables else 0
    base, size, symbols, index = objects
    dies = defaultdict(list)
    if args.dwarf:
        with open(args.dwarf, encoding="utf-8", errors="surrogateescape") as file:
            lines = file.read().splitlines()
    else:
        lines = run(os.path.join(args.tools, "dwarf_defs"), "-v", args.elf)
    for line in lines:
        fields = line.split("\t")
        if fields[0] == "R" and int(fields[1]) == index:
            base = int(fields[2])
        if fields[0] == "V" and base <= int(fields[1]) < base + size:
            dies[int(fields[1]) - base].append(
                (fields[2], int(fields[3]), int(fields[4]), fields[5], int(fields[6]), fields[7],
                 fields[8]))
    errors, excuses, good, local = check(symbols, dies, variables)
    if args.report:
        errors += check_report(args.report, symbols, variables)
    if outside:
        errors.append(f"{outside} VARs in no DATASEC")
    offsets = {s[0] for s in symbols if s[1]}
    sized = sum(1 for s in symbols if s[1])
    print(f"{SECTION} at {base:#x}, {size} bytes: {sized} OBJECT symbols with a size at "
          f"{len(offsets)} addresses, {len(symbols) - sized} without; "
          f"{len(variables)} VARs, {good} as they must be, {local} of them from inside functions")
    reasons = defaultdict(list)
    for reason, label in excuses:
        reasons[reason].append(label)
    for reason, labels in sorted(reasons.items()):
        print(f"excused, {reason}: {len(labels)}: {', '.join(labels)}")
    for error in errors:
        print(f"ERROR {error}")
    if args.json:
        with open(args.json, "w", encoding="utf-8", errors="surrogateescape") as file:
            json.dump({"good": good, "errors": errors, "excused": reasons, "variables":
                       len(variables), "function_local": local}, file, indent=1)
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())
