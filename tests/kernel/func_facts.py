# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
"""What dwarf_funcs and btf_defs tell about functions, and what follows from it: which functions a
BTF file must have, with which prototype, and why the others are left out.

This is a second implementation of the rules that func_select.h states, over other readers.
"""

import os
import re
import subprocess
import sys
from collections import defaultdict

FORWARD = re.compile(r"\bfwd (?=struct |union )")
IDENTIFIER = re.compile(r"[A-Za-z_.][A-Za-z0-9_.]*\Z")
ENTRY_VALUE = re.compile(r"e\d+\Z")
PART = re.compile(r"\.(part|cold)(\.|\Z)")
LABEL = re.compile(r"#(?:[0-9a-f]{8}|\?)")
ASSEMBLER = 0x8001
KF_FASTCALL = 1 << 12
MAX_NAME = 511
# What a module's first and last function are called a second time.
MODULE_ENTRIES = {"init_module", "cleanup_module"}
STB_LOCAL, STV_INTERNAL, STV_HIDDEN = 0, 1, 2
EM_386, EM_ARM, EM_S390, EM_X86_64, EM_AARCH64 = 3, 40, 22, 62, 183

# DWARF numbers of the registers of integer arguments: System V psABI for x86-64, AAPCS, AAPCS64,
# z/Architecture ELF ABI; i386 as kernels are compiled (-mregparm=3).
ARGUMENT_REGISTERS = {
    EM_X86_64: (5, 4, 1, 2, 8, 9),
    EM_386: (0, 2, 1),
    EM_AARCH64: (0, 1, 2, 3, 4, 5, 6, 7),
    EM_ARM: (0, 1, 2, 3),
    EM_S390: (2, 3, 4, 5, 6),
}


def base_name(name):
    """The name without the suffix of a clone or part: up to the first dot behind its start."""
    dot = name.find(".", 1)
    return name if dot < 0 else name[:dot]


def plain(text):
    return FORWARD.sub("", text)


class Symbol:
    __slots__ = ("name", "address", "size", "is_local", "bind", "section", "base", "is_part")

    def __init__(self, fields):
        _, self.name, address, size, bind, section, visibility = fields
        self.address, self.size = int(address, 16), int(size)
        self.bind, self.section = int(bind), int(section)
        # The linker makes hidden symbols local.
        self.is_local = self.bind == STB_LOCAL and int(visibility) not in (STV_INTERNAL, STV_HIDDEN)
        self.base = base_name(self.name)
        self.is_part = PART.search(self.name, len(self.base)) is not None


class Param:
    __slots__ = ("name", "place", "kind", "size", "align", "type")

    def __init__(self, text):
        self.name, self.place, what, self.type = text.split(" ", 3)
        self.kind, size, align = what.split("/")
        self.size, self.align = int(size), int(align)


class Entry:
    """A function's entry in the DWARF; `start` is None if it has no address."""
    __slots__ = ("name", "start", "end", "flags", "result_kind", "result_size", "result", "params",
                 "unit", "offset", "kind", "units", "text", "is_split")

    def __init__(self, fields):
        self.start = self.end = None
        self.kind, self.units, self.is_split = "code", 1, False
        if fields[0] == "C":
            _, self.name, ranges, self.flags, result, params, unit, self.offset = fields
            self.is_split = "," in ranges
            start, end = ranges.split(",")[0].split("-")
            self.start, self.end = int(start, 16), int(end, 16)
        else:
            (_, self.name, self.kind, self.flags, result, params, units, unit,
             self.offset) = fields
            self.units = int(units)
        what, self.result = result.split(" ", 1)
        self.result_kind, size, _ = what.split("/")
        self.result_size = int(size)
        self.params = [Param(p) for p in params.split(" | ")] if params else []
        self.unit = int(unit)
        self.text = None

    def types(self):
        """Result and parameters' types, without names: what has to agree."""
        if self.text is None:
            parts = [p.type for p in self.params] + (["..."] if "v" in self.flags else [])
            self.text = plain(f"({', '.join(parts)}){self.result}")
        return self.text

    def proto(self):
        parts = [f"{p.name} {p.type}" for p in self.params] + (["..."] if "v" in self.flags else [])
        return plain(self.result), plain(" | ".join(parts))


class Facts:
    def __init__(self, lines):
        self.symbols, self.entries, self.units = [], [], {}
        self.without_address = defaultdict(list)
        self.kfuncs, self.btf_ids = {}, set()
        self.machine = self.bits = None
        self.sections = []  # of a relocatable file: address given to it, index
        for line in lines:
            fields = line.split("\t")
            if fields[0] == "Y":
                self.symbols.append(Symbol(fields))
            elif fields[0] == "C":
                self.entries.append(Entry(fields))
            elif fields[0] == "N":
                entry = Entry(fields)
                self.without_address[entry.name].append(entry)
            elif fields[0] == "U":
                ranges = [tuple(int(a, 16) for a in r.split("-"))
                          for r in fields[4].split(",") if r]
                self.units[int(fields[1])] = (int(fields[2]), fields[3], fields[5], ranges)
            elif fields[0] == "K":
                self.kfuncs[fields[1]] = self.kfuncs.get(fields[1], 0) | int(fields[2], 16)
            elif fields[0] == "I":
                self.btf_ids.add(fields[1])
            elif fields[0] == "R":
                self.sections.append((int(fields[2]), int(fields[1])))
            elif fields[0] == "E":
                self.machine, self.bits = int(fields[1]), int(fields[2])
        self.sections.sort()
        self.symbols.sort(key=lambda s: (s.address, s.name))
        self.entries.sort(key=lambda e: (e.start, e.unit))
        self.starts = [e.start for e in self.entries]
        self.groups = defaultdict(list)
        for symbol in self.symbols:
            self.groups[symbol.base].append(symbol)
        self.by_name = defaultdict(list)
        for entry in self.entries:
            self.by_name[entry.name].append(entry)

    def at(self, symbol):
        """Entries whose code begins in the symbol's bytes."""
        low, found = self.lower_bound(symbol.address), []
        while low < len(self.starts) and (self.starts[low] == symbol.address
                                          or self.starts[low] < symbol.address + symbol.size):
            found.append(self.entries[low])
            low += 1
        return found

    def lower_bound(self, address):
        low, high = 0, len(self.starts)
        while low < high:
            middle = (low + high) // 2
            if self.starts[middle] < address:
                low = middle + 1
            else:
                high = middle
        return low

    def is_assembler(self, entry):
        return self.units[entry.unit][0] == ASSEMBLER

    def is_clang(self, entry):
        return "clang" in self.units[entry.unit][1]

    def covers(self, unit, address):
        """Whether the unit has code at an address."""
        return any(start <= address < end for start, end in self.units[unit][3])

    def unit_name(self, entry):
        return self.units[entry.unit][2]

    def where(self, entry):
        return f"{self.unit_name(entry)} DIE 0x{entry.offset}"


def read_lines(path):
    with open(path, encoding="utf-8", errors="surrogateescape") as file:
        return file.read().split("\n")


def run_lines(*command):
    done = subprocess.run(command, check=False, stdout=subprocess.PIPE)
    if done.returncode:
        sys.exit(3)
    return done.stdout.decode(errors="surrogateescape").split("\n")


class BtfFunctions:
    """FUNCs: {name: (linkage, result, params)}; twice: names met more than once; tags: a list of
    (text, flag, component, kind, name). For split BTF the options of btf_defs name the base, and
    `base` holds the base's FUNCs: one that is the same there need not be in the split."""

    def __init__(self, path, tools, options=(), base=None):
        self.base = base.functions if base else {}
        with open(path, "rb") as file:
            is_btf = file.read(2) in (b"\x9f\xeb", b"\xeb\x9f")
        lines = run_lines(os.path.join(tools, "btf_defs"), *options, path) if is_btf \
            else read_lines(path)
        self.functions, self.twice, self.tags = {}, [], []
        for line in lines:
            fields = line.split("\t")
            if fields[0] == "G":
                if fields[1] in self.functions:
                    self.twice.append(fields[1])
                self.functions[fields[1]] = (int(fields[2]), plain(fields[3]), plain(fields[4]))
            elif fields[0] == "T":
                self.tags.append((fields[1], int(fields[2]), int(fields[3]), *fields[4:6]))


    def find(self, name, wanted=None):
        """The FUNC of a name: its own, else the base's if it is one of the prototypes wanted."""
        function = self.functions.get(name)
        if function is None and wanted:
            function = self.base.get(name)
            if function is not None and function[1:] not in wanted:
                function = None
        return function


def split_params(text):
    """[(name, type)] of a params field."""
    return [tuple(p.split(" ", 1)) if p != "..." else ("", "...") for p in text.split(" | ")] \
        if text else []


# --- what the calling convention says ---------------------------------------------------------

def hidden_result(facts, entry):
    """Whether the address of the result is the first argument."""
    if entry.result_kind != "a":
        return False
    word = facts.bits // 8
    if facts.machine == EM_X86_64:
        return entry.result_size > 16
    if facts.machine == EM_ARM:
        return entry.result_size > 4
    if facts.machine == EM_386:
        # Kernels are compiled with -freg-struct-return.
        return entry.result_size not in (1, 2, 4, 8)
    if facts.machine == EM_S390:
        return entry.result_size > 0
    return entry.result_size > 2 * word and facts.machine != EM_AARCH64


def expected_places(facts, entry):
    """For each parameter the set of places that would be right, or None if anything is."""
    registers = ARGUMENT_REGISTERS.get(facts.machine)
    if registers is None:
        return [None] * len(entry.params)
    word = facts.bits // 8
    used = 1 if hidden_result(facts, entry) else 0
    expected, on_stack = [], False
    for param in entry.params:
        size = param.size
        slots = max(1, -(-size // word))
        if param.kind not in "ia" or not size:
            expected.append(None)
            used += 1 if param.kind == "u" else 0
            continue
        if param.kind == "a" and facts.machine == EM_S390 and size not in (1, 2, 4, 8):
            slots = 1
            expected.append({f"b{registers[used]}"} if used < len(registers) else {"s"})
            used += 1
            continue
        if param.kind == "a" and facts.machine == EM_AARCH64 and size > 16:
            expected.append({f"b{registers[used]}"} if used < len(registers) else {"s"})
            used += 1
            continue
        if param.kind == "a" and facts.machine == EM_X86_64 and size > 16:
            expected.append({"s"})
            continue
        if facts.machine == EM_ARM and param.align >= 8:
            used += used & 1
        if facts.machine == EM_AARCH64 and param.align >= 16:
            used += used & 1
        if facts.machine == EM_386 and "v" in entry.flags:
            expected.append({"s"})
            continue
        if facts.machine == EM_ARM and param.kind == "a" and \
                used < len(registers) < used + slots and not on_stack:
            # The first words in the registers that are left, the others on the stack.
            expected.append({"p" + ",".join(f"{r}:{i * word}"
                                            for i, r in enumerate(registers[used:]))})
            used = len(registers)
            continue
        if used + slots > len(registers):
            on_stack = True
            expected.append({"s"})
            if facts.machine != EM_X86_64:
                used = len(registers)
            continue
        if slots == 1:
            expected.append({f"r{registers[used]}"})
        else:
            expected.append({f"r{registers[used]}",
                             "p" + ",".join(f"{registers[used + i]}:{i * word}" for i in
                                            range(slots))})
        used += slots
    return expected


def place_state(param, expected, arguments=()):
    """in, gone, elsewhere or unknown: what a parameter's place says against an expected one.
    arguments are the registers of arguments."""
    place = ENTRY_VALUE.sub("", param.place)
    at_entry = param.place[len(place):]
    if place in ("-", "k", "~k", "g"):
        known = place != "g" and at_entry and expected and f"r{at_entry[1:]}" in expected
        return "in" if known else "gone"
    if expected is None or place in ("?", "~?"):
        return "unknown"
    if place[0] == "p" or place.startswith("~p"):
        wanted = dict(re.findall(r"(\d+):(\d+)", ",".join(e for e in expected if e[0] == "p")))
        wanted.update((e[1:], "0") for e in expected if e[0] == "r")
        found = re.findall(r"(\d+):(\d+):", place)
        if all(wanted.get(register) == offset for register, offset in found):
            return "in"
        return "unknown" if place[0] == "~" else "elsewhere"
    if place in expected:
        return "in"
    if place == "s" and param.kind == "a":
        # Structs are stored on the stack as soon as they come in registers.
        return "in"
    if place[0] == "b" and expected == {"s"} and int(place[1:]) not in arguments:
        # Where the stack is realigned, a register keeps the address of the arguments on it.
        return "in"
    if at_entry:
        return "in" if f"r{at_entry[1:]}" in expected else "elsewhere"
    if place[0] == "~" and place[1:] not in expected:
        return "unknown"
    return "elsewhere" if place[0] == "r" and any(e[0] in "rs" for e in expected) else "unknown"


def change_of(facts, entry):
    """What a clone's parameters say about the change: '' if nothing."""
    expected = expected_places(facts, entry)
    arguments = ARGUMENT_REGISTERS.get(facts.machine, ())
    states = [place_state(p, e, arguments) for p, e in zip(entry.params, expected)]
    if "v" in entry.flags:
        # The registers of variable arguments are stored first of all, with the others' beside them.
        states = ["in" if p.place == "s" else s for p, s in zip(entry.params, states)]
    if "r" in entry.flags and any(s != "in" or p.place.lstrip("~")[0] not in "rp"
                                  for p, s in zip(entry.params, states)):
        return "reordered"
    if "m" in entry.flags or "gone" in states:
        return "optimized"
    if "elsewhere" in states:
        return "moved"
    return "optimized" if "unknown" in states else ""


# --- what must be in the BTF ------------------------------------------------------------------

class Verdict:
    """reason '' and the entry whose prototype it has; or the reasons against a FUNC. If it is
    doubtful, both are right: what should come in a register is said to be on the stack, where the
    clone may have stored it."""
    __slots__ = ("reason", "entry", "is_alias", "symbols", "others", "is_doubtful")

    def __init__(self, reason, symbols, entry=None, is_alias=False, others=()):
        self.reason, self.symbols, self.entry = reason, symbols, entry
        self.is_alias, self.others = is_alias, others
        self.is_doubtful = False


def linkages(name, verdict):
    """Those that a FUNC may have: 1 is global. An alias goes by its symbols alone."""
    is_global = any(not s.is_local for s in verdict.symbols)
    return {int(is_global and (e.name != name or "x" in e.flags))
            for e in verdict.others or [verdict.entry]}


def agree(entries):
    return len({e.types() for e in entries}) == 1


def bad_params(entry):
    if any(p.name == "?" or not IDENTIFIER.match(p.name) for p in entry.params):
        return "unnamed-param"
    if any(p.kind == "v" or (not p.size and p.kind != "a") for p in entry.params):
        return "bad-type"
    return ""


def judge_group(facts, symbols):
    whole = [s for s in symbols if not s.is_part]
    if not whole:
        return Verdict("part", symbols)
    name = whole[0].base
    if not IDENTIFIER.match(name) or len(name) > MAX_NAME:
        return Verdict("bad-name", whole)
    if len({s.address for s in whole}) > 1:
        return Verdict("ambiguous", whole)
    there = [e for s in whole for e in facts.at(s)]
    code = [e for e in there if not facts.is_assembler(e)]
    own = [e for e in code if e.name == name]
    is_alias = False
    if not own:
        told = [e for e in facts.without_address.get(name, ()) if e.kind == "inline"]
        if facts.sections and name in MODULE_ENTRIES and (there or told):
            return Verdict("module-entry", whole)
        if there and not code:
            return Verdict("assembler", whole)
        if not code and not told:
            return Verdict("no-debug-info", whole)
        is_alias = bool(code)
        own = told or strongest(facts, code)
    if not agree(own):
        return Verdict("inconsistent", whole, own[0], is_alias, own)
    entry = own[0]
    if bad_params(entry):
        return Verdict(bad_params(entry), whole, entry, is_alias)
    verdict = Verdict("", whole, entry, is_alias, own)
    if not any(s.name == name for s in whole) or facts.is_clang(entry) or "n" in entry.flags:
        change = change_of(facts, code[0]) if code else "optimized"
        if change:
            return Verdict(change, whole, entry, is_alias)
        verdict.is_doubtful = any(p.place == "s" and e and "s" not in e for p, e in
                                  zip(code[0].params, expected_places(facts, code[0])))
    return verdict


def strongest(facts, entries):
    """Those of entries of other names that the strongest symbol at their address calls."""
    def rank(entry):
        order = {1: 0, 2: 1, 0: 2}
        found = [s for s in facts.groups.get(entry.name, ())
                 if s.address <= entry.start < s.address + max(s.size, 1)]
        return min((order.get(s.bind, 3) for s in found), default=4)
    best = min(map(rank, entries))
    return [e for e in entries if rank(e) == best][:1]


def judge_all(facts):
    """{name: Verdict} of all functions of the symbol table."""
    return {name: judge_group(facts, symbols) for name, symbols in facts.groups.items()}
