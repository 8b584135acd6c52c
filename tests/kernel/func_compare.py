#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
"""Compare the functions of two BTF files, ours and the peer's: which only one has, which have
another prototype. Each difference must fall into a class that docs/differences.md lists; ten
random ones of each class are proven from DWARF, symbols and machine code.

    func_compare.py [options] ELF OURS PEER
    func_compare.py [options] --derived ELF PEER      ours is what func_facts.py derives

The counts of classes must be those of the table in --doc, if that has a column for the kernel and
without --any-counts.

Exit status: 0 every difference is of a listed class and proven, 1 not, 2 usage, 3 bad input.
"""

import argparse
import json
import os
import random
import re
import subprocess
import sys
from collections import defaultdict

import func_facts as ff
from percpu_check import Elf

CHANGED = ("optimized", "reordered", "moved")
# What a class of differences is about; docs/differences.md tells why.
CLASSES = {
    "alias": "ours: another name of a function",
    "other-definitions": "ours: definitions of the name elsewhere differ",
    "part-of-it": "ours: a piece of the function was taken for it",
    "result-in-memory": "ours: the result's address is the first argument",
    "saved-at-entry": "ours: a parameter's list of places begins with its copy",
    "wide-argument": "ours: an argument of 64 bits on a machine of 32",
    "stack-arguments": "ours: a clone with arguments on the stack, all in place",
    "stored-struct": "ours: a clone that stores a struct's registers first of all",
    "listed-otherwise": "ours: a clone whose entry lists the parameters in another order",
    "variable-arguments": "ours: a clone with variable arguments, all in place",
    "struct-on-stack": "ours: a struct on the stack, before parameters in registers",
    "assembler": "pahole's: written in assembler, prototype made up",
    "split-clone": "pahole's: a changed clone in two pieces",
    "clone-beyond-registers": "pahole's: a clone changed in what is passed on the stack",
    "clone-of-module": "pahole's: a changed clone in a relocatable file, where it sees no clones",
    "clone-unknown-registers": "pahole's: a changed clone, on a machine it knows no registers of",
    "flags-of-sorted-ids": "tags: flags read at another function's place in .BTF_ids",
    "last-name": "pahole's: several functions of the name that is the last of all",
    "names-of-another": "differs: parameter names of another definition",
}


class Proof(Exception):
    """Why something is not proven."""


def kernel_title(path):
    """'6.12.117 cloud-amd64' of a folder of scripts/fetch-kernel; None if it is none."""
    folder = os.path.basename(os.path.dirname(os.path.abspath(path)))
    match = re.match(r"linux-image-[^-]+(?:-\d+)?-(.+)-dbg_([0-9.]+)", folder)
    return f"{match.group(2)} {match.group(1)}" if match else None


# --- machine code (x86-64) --------------------------------------------------------------------

X86_NAMES = {5: ("rdi", "edi", "di", "dil"), 4: ("rsi", "esi", "si", "sil"),
             1: ("rdx", "edx", "dx", "dl"), 2: ("rcx", "ecx", "cx", "cl"),
             8: ("r8", "r8d", "r8w", "r8b"), 9: ("r9", "r9d", "r9w", "r9b")}
# Of a function's first instruction; in a relocatable file it seems to call the next one.
ENTRY_CALL = re.compile(r"<__fentry__>|\+0x(5|9)>")
WRITES = re.compile(r"(mov|lea|pop|set|cmov)")


class Code:
    """sections of a relocatable file are those of Facts: objdump counts from each one's start."""

    def __init__(self, elf, sections=()):
        self.elf, self.sections = elf, sections

    def section(self, start):
        """The options that choose the section of an address, and its address."""
        here = [s for s in self.sections if s[0] <= start]
        if not here:
            return [], 0
        return ["-j", Elf(self.elf).names[here[-1][1]]], here[-1][0]

    def instructions(self, start, end):
        options, base = self.section(start)
        done = subprocess.run(["objdump", "-d", "--no-show-raw-insn", *options,
                               f"--start-address={start - base:#x}",
                               f"--stop-address={min(end, start + 512) - base:#x}", self.elf],
                              check=False, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        for line in done.stdout.decode(errors="replace").splitlines():
            match = re.match(r"\s*[0-9a-f]+:\s+(\S.*)", line)
            if match:
                yield match.group(1).split("#")[0].strip()

    def reads(self, entry, register):
        """Whether the function looks at a register before it writes it; None if it mentions it
        not at all, or not before it calls another."""
        names = re.compile(r"%(" + "|".join(X86_NAMES[register]) + r")\b")
        for text in self.instructions(entry.start, entry.end):
            if not names.search(text):
                if text.startswith("call") and not ENTRY_CALL.search(text):
                    return None
                continue
            opcode, _, operands = text.partition(" ")
            operands = operands.strip()
            if opcode.startswith("xor") and len(set(operands.split(","))) == 1:
                return False
            destination = operands.rsplit(",", 1)[-1] if ")" not in operands.rsplit(",", 1)[-1] \
                else ""
            source = operands[:len(operands) - len(destination)]
            if not WRITES.match(opcode) or names.search(source) or not names.search(destination):
                return True
            return False
        return None


# --- classes ----------------------------------------------------------------------------------

class Comparison:
    def __init__(self, facts, verdicts, code):
        self.facts, self.verdicts, self.code = facts, verdicts, code

    def definitions(self, name):
        return [e for e in self.facts.by_name.get(name, []) +
                self.facts.without_address.get(name, []) if e.kind != "declared"]

    def suffix_only(self, verdict, name):
        return not any(s.name == name for s in verdict.symbols)

    def wrong_places(self, entry):
        expected = ff.expected_places(self.facts, entry)
        return [(p, e) for p, e in zip(entry.params, expected)
                if ff.place_state(p, e) == "elsewhere"]

    def stored_structs(self, entry):
        """Structs that should come in registers and are on the stack; and these registers."""
        expected = ff.expected_places(self.facts, entry)
        return [(p, sorted({int(n) for text in e for n in re.findall(r"(?<=r)\d+|\d+(?=:)", text)}))
                for p, e in zip(entry.params, expected)
                if p.kind == "a" and p.place == "s" and e and e != {"s"}]

    def structs_before_registers(self, entry):
        """Structs that go on the stack though later parameters come in registers."""
        expected = ff.expected_places(self.facts, entry)
        return [p for i, p in enumerate(entry.params) if p.kind == "a" and expected[i] == {"s"}
                and any(e and e != {"s"} for e in expected[i + 1:])]

    def class_of_ours(self, name):
        verdict = self.verdicts.get(name)
        if verdict is None or verdict.reason:
            return None
        if verdict.is_alias:
            return "alias"
        there = [e for s in verdict.symbols for e in self.facts.at(s)]
        others = [e for e in self.definitions(name) if e not in there]
        if self.suffix_only(verdict, name) and "r" in verdict.entry.flags:
            return "listed-otherwise"
        if any("r" in e.flags for e in others):
            return "part-of-it"
        if any(e.types() != verdict.entry.types() for e in others):
            return "other-definitions"
        if self.suffix_only(verdict, name) and "v" in verdict.entry.flags:
            return "variable-arguments"
        if ff.hidden_result(self.facts, verdict.entry):
            return "result-in-memory"
        if any(self.wrong_places(e) for e in self.facts.by_name.get(name, ())):
            return "saved-at-entry"
        if self.facts.bits == 32 and any(p.size > 4 for p in verdict.entry.params):
            return "wide-argument"
        if self.suffix_only(verdict, name) and self.stored_structs(verdict.entry):
            return "stored-struct"
        if self.suffix_only(verdict, name) and any(p.place == "s" for p in verdict.entry.params):
            return "stack-arguments"
        if self.structs_before_registers(verdict.entry):
            return "struct-on-stack"
        return None

    def class_of_peers(self, name):
        verdict = self.verdicts.get(name)
        if verdict is None:
            return None
        if verdict.reason == "assembler":
            return "assembler"
        if verdict.reason == "ambiguous" and name == self.last_name():
            return "last-name"
        if verdict.reason in CHANGED and self.suffix_only(verdict, name):
            if self.facts.sections:
                return "clone-of-module"
            if verdict.entry.is_split:
                return "split-clone"
            if self.facts.machine == ff.EM_386:
                return "clone-unknown-registers"
            registers = len(ff.ARGUMENT_REGISTERS.get(self.facts.machine, ()))
            if len(verdict.entry.params) > registers:
                return "clone-beyond-registers"
        return None

    def last_name(self):
        return max(self.facts.groups)

    def class_of_difference(self, name, ours, peers):
        mine, theirs = ff.split_params(ours[2]), ff.split_params(peers[2])
        if ours[1] == peers[1] and [t for _, t in mine] == [t for _, t in theirs]:
            if any(e.proto() == peers[1:] for e in self.definitions(name)):
                return "names-of-another"
        return None

    def classes(self, ours, peers):
        """({class: [name]}, [name that fits none]) of all differences."""
        found, unknown = defaultdict(list), []
        for name in sorted(set(ours) | set(peers)):
            mine, theirs = ours.get(name), peers.get(name)
            if theirs is None:
                kind = self.class_of_ours(name)
            elif mine is None:
                kind = self.class_of_peers(name)
            elif mine[1:] != theirs[1:]:
                kind = self.class_of_difference(name, mine, theirs)
            else:
                continue
            if kind:
                found[kind].append(name)
            else:
                unknown.append(name)
        return found, unknown

    def describe_unknown(self, name, ours, peers):
        verdict = self.verdicts.get(name)
        return (f"{name}: no class: ours {ours.get(name)}, the peer's {peers.get(name)}, derived: "
                f"{verdict.reason or 'encoded' if verdict else 'no symbol'}"
                + (f" ({self.facts.where(verdict.entry)})" if verdict and verdict.entry else ""))

    # --- proofs: each raises Proof if the class does not hold for this function ---------------

    def prove(self, kind, name, peers):
        verdict = self.verdicts[name]
        return getattr(self, "prove_" + kind.replace("-", "_"))(name, verdict, peers)

    def prove_alias(self, name, verdict, _):
        address = verdict.symbols[0].address
        own = [e for e in self.facts.by_name.get(name, ()) if e.start == address]
        others = [e for s in verdict.symbols for e in self.facts.at(s)]
        if own or not others:
            raise Proof("an entry of its own is there")
        return (f"symbol at {address:#x}, where the DWARF has {others[0].name} "
                f"({self.facts.where(others[0])})")

    def prove_other_definitions(self, name, verdict, _):
        entry, symbol = verdict.entry, verdict.symbols[0]
        for other in self.definitions(name):
            if other.types() == entry.types() or other.start == symbol.address:
                continue
            where = f"code at {other.start:#x}, which is no symbol of the name" \
                if other.start is not None else "no code"
            if other.start is not None and any(s.address == other.start for s in verdict.symbols):
                raise Proof("two functions")
            return (f"{entry.types()} at {symbol.address:#x} ({self.facts.where(entry)}), "
                    f"{other.types()} has {where} ({self.facts.where(other)})")
        raise Proof("all definitions agree")

    def prove_part_of_it(self, name, verdict, _):
        for other in self.definitions(name):
            if "r" not in other.flags or other.start is None:
                continue
            symbols = [s.name for s in self.facts.symbols if s.address == other.start]
            if any(s != name for s in symbols) and name not in symbols:
                return (f"{symbols[0]} at {other.start:#x} is reordered "
                        f"({self.facts.where(other)}), {name} at "
                        f"{verdict.symbols[0].address:#x} is not")
        raise Proof("no reordered entry elsewhere")

    def prove_result_in_memory(self, name, verdict, _):
        entry = verdict.entry
        registers = ff.ARGUMENT_REGISTERS[self.facts.machine]
        text = f"result of {entry.result_size} bytes"
        for param in entry.params:
            if param.place.startswith(f"r{registers[1]}"):
                text += f", first parameter in register {registers[1]}"
            break
        if self.code:
            if not self.code.reads(entry, registers[0]):
                raise Proof("the code does not read the first register")
            text += ", code reads the first register"
        return text

    def prove_saved_at_entry(self, name, verdict, _):
        entry = next(e for e in self.facts.by_name[name] if self.wrong_places(e))
        texts = []
        for param, expected in self.wrong_places(entry):
            register = min(expected)[1:]
            if self.code and register:
                if self.code.reads(entry, int(register)) is False:
                    raise Proof(f"register {register} is written first")
            texts.append(f"{param.name} in {param.place} instead of {'/'.join(sorted(expected))}")
        return (f"{', '.join(texts)} at {entry.start:#x} ({self.facts.where(entry)}), "
                "and the code reads the latter first")

    def prove_wide_argument(self, name, verdict, _):
        """All parameters are where the convention of the machine wants them."""
        expected = ff.expected_places(self.facts, verdict.entry)
        states = {ff.place_state(p, e) for p, e in zip(verdict.entry.params, expected)}
        if states & {"gone", "elsewhere"}:
            raise Proof(f"a parameter is {', '.join(states)}")
        return ", ".join(f"{p.name} {p.place} {p.size} bytes" for p in verdict.entry.params) + \
            f" ({self.facts.where(verdict.entry)})"

    def prove_struct_on_stack(self, name, verdict, peers):
        return self.prove_wide_argument(name, verdict, peers)

    def prove_last_name(self, name, verdict, _):
        addresses = sorted({s.address for s in verdict.symbols})
        if len(addresses) < 2:
            raise Proof("one address")
        return f"at {', '.join(f'{a:#x}' for a in addresses)}"

    def prove_variable_arguments(self, name, verdict, _):
        entry = verdict.entry
        if ff.change_of(self.facts, entry):
            raise Proof("its parameters are not in place")
        return f"{verdict.symbols[0].name}: " + ", ".join(f"{p.name} {p.place}"
                                                         for p in entry.params) + (
                                                             ", ..." if "v" in entry.flags else "")

    def prove_stored_struct(self, name, verdict, _):
        texts = []
        for param, registers in self.stored_structs(verdict.entry):
            if self.code and not all(self.code.reads(verdict.entry, r) for r in registers):
                raise Proof(f"the code does not read registers {registers} first")
            texts.append(f"{param.name}, {param.size} bytes in registers {registers}")
        return f"{verdict.symbols[0].name}: {', '.join(texts)} " \
            f"({self.facts.where(verdict.entry)})"

    def prove_listed_otherwise(self, name, verdict, _):
        """The places are those of the order in the source."""
        expected = ff.expected_places(self.facts, verdict.entry)
        for param, places in zip(verdict.entry.params, expected):
            registers = {int(n) for e in places or () for n in re.findall(r"(?<=r)\d+|\d+(?=:)", e)}
            if ff.place_state(param, places) != "in":
                raise Proof(f"{param.name} is not in place")
            if self.code and any(self.code.reads(verdict.entry, r) is False for r in registers):
                raise Proof(f"the code does not read {param.name}")
        return f"{verdict.symbols[0].name}: " + ", ".join(
            f"{p.name} {p.place}" for p in verdict.entry.params) + \
            f" ({self.facts.where(verdict.entry)})"

    def prove_stack_arguments(self, name, verdict, peers):
        return self.prove_variable_arguments(name, verdict, peers)

    def prove_assembler(self, name, verdict, peers):
        entry = next(e for s in verdict.symbols for e in self.facts.at(s))
        if not self.facts.is_assembler(entry) or entry.params or peers[1:] != ("void", ""):
            raise Proof("not an assembler's entry without prototype")
        return f"{self.facts.where(entry)}, language {ff.ASSEMBLER:#x}, no parameters"

    def prove_changed(self, name, verdict):
        entry = verdict.entry
        symbol = verdict.symbols[0].name
        if symbol == name or not re.search(r"\.(isra|constprop)\.\d+", symbol):
            raise Proof("no clone")
        expected = ff.expected_places(self.facts, entry)
        wrong = [f"{p.name} {p.place} for {'/'.join(sorted(e or {'?'}))}"
                 for p, e in zip(entry.params, expected) if ff.place_state(p, e) != "in"]
        if not wrong and "r" not in entry.flags and "m" not in entry.flags:
            raise Proof("all parameters in place")
        return (f"{symbol}: " + (", ".join(wrong) or "parameters in another order")
                + f" ({self.facts.where(entry)})")

    def prove_split_clone(self, name, verdict, _):
        if not verdict.entry.is_split:
            raise Proof("one piece")
        return self.prove_changed(name, verdict)

    def prove_clone_of_module(self, name, verdict, _):
        return self.prove_changed(name, verdict)

    def prove_clone_beyond_registers(self, name, verdict, _):
        return self.prove_changed(name, verdict)

    def prove_clone_unknown_registers(self, name, verdict, _):
        return self.prove_changed(name, verdict)

    def prove_names_of_another(self, name, verdict, peers):
        address = verdict.symbols[0].address
        for other in self.definitions(name):
            if other.proto() == peers[1:] and other.start != address:
                return (f"{verdict.entry.proto()[1]} at {address:#x} "
                        f"({self.facts.where(verdict.entry)}), the peer's is of "
                        f"{self.facts.where(other)}, "
                        + ("no code" if other.start is None else f"at {other.start:#x}"))
        raise Proof("no other definition has the peer's names")


# --- table ------------------------------------------------------------------------------------

def read_table(path, title):
    """(classes listed, {class: count} of the column of a kernel or None)."""
    listed, counts, columns = set(), {}, None
    with open(path, encoding="utf-8") as file:
        for line in file:
            cells = [c.strip() for c in line.strip().strip("|").split("|")]
            if line.startswith("| class |"):
                columns = cells
            elif columns and line.startswith("| `"):
                name = cells[0].strip("`")
                listed.add(name)
                if title in columns:
                    counts[name] = int(cells[columns.index(title)].replace(",", "") or 0)
            elif not line.startswith("|"):
                columns = None
    return listed, counts


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tools", default=".", help="folder of btf_defs and dwarf_funcs")
    parser.add_argument("--facts", help="output of dwarf_funcs for ELF, made before")
    parser.add_argument("--doc", help="docs/differences.md, whose classes and counts must hold")
    parser.add_argument("--any-counts", action="store_true",
                        help="the other is not the version that the counts are of")
    parser.add_argument("--json", help="write everything found to this file")
    parser.add_argument("--seed", type=int, help="of the choice of what is proven")
    parser.add_argument("--all", action="store_true", help="prove and print every difference")
    parser.add_argument("--derived", action="store_true", help="take the derived set for ours")
    parser.add_argument("elf")
    parser.add_argument("btf", nargs="+")
    args = parser.parse_args()
    if len(args.btf) != (1 if args.derived else 2):
        parser.error("two BTF files are compared, --derived takes one")
    lines = ff.read_lines(args.facts) if args.facts else \
        ff.run_lines(os.path.join(args.tools, "dwarf_funcs"), args.elf)
    facts = ff.Facts(lines)
    verdicts = ff.judge_all(facts)
    peer = ff.BtfFunctions(args.btf[-1], args.tools)
    if args.derived:
        ours = {name: (0, *v.entry.proto()) for name, v in verdicts.items() if not v.reason}
        tags = None
    else:
        btf = ff.BtfFunctions(args.btf[0], args.tools)
        ours, tags = btf.functions, btf.tags
    code = None
    if facts.machine == ff.EM_X86_64:
        code = Code(args.elf, facts.sections)
    comparison = Comparison(facts, verdicts, code)
    found, unknown = comparison.classes(ours, peer.functions)
    only_ours, only_peers = set(ours) - set(peer.functions), set(peer.functions) - set(ours)
    print(f"{len(ours)} functions in ours, {len(peer.functions)} in the peer's; "
          f"{len(only_ours)} only in ours, {len(only_peers)} only in the peer's, "
          f"{sum(len(found[k]) for k in found) + len(unknown) - len(only_ours) - len(only_peers)} "
          "with another prototype")
    print(f"{sum(f[0] == 1 for f in ours.values())} are global in ours, "
          f"{sum(f[0] == 1 for f in peer.functions.values())} in the peer's")
    errors = []
    for name in unknown:
        errors.append(comparison.describe_unknown(name, ours, peer.functions))

    seed = args.seed if args.seed is not None else random.SystemRandom().randrange(1 << 32)
    print(f"seed {seed}")
    chooser = random.Random(seed)
    proven = {}
    for kind in sorted(found):
        names = found[kind] if args.all else sorted(chooser.sample(found[kind],
                                                                   min(10, len(found[kind]))))
        print(f"{kind}: {len(found[kind])} ({CLASSES[kind]})")
        for name in names:
            try:
                proven[name] = comparison.prove(kind, name, peer.functions.get(name))
                print(f"    {name}: {proven[name][:300]}")
            except Proof as why:
                errors.append(f"{name}: not proven to be of class {kind}: {why}")
    if tags is not None:
        mine = {t for t in tags if t[3] != "func" or t[4] not in only_ours}
        theirs = {t for t in peer.tags if t[3] != "func" or t[4] not in only_peers}
        print(f"{len(tags)} tags in ours, {len(peer.tags)} in the peer's")
        for tag in sorted(mine ^ theirs):
            flags = facts.kfuncs.get(tag[4])
            if tag[0] == "bpf_fastcall" and flags is not None and \
                    bool(flags & ff.KF_FASTCALL) == (tag in mine):
                found["flags-of-sorted-ids"].append(tag[4])
                proven[tag[4]] = f"flags {flags:#x} by its id"
                print(f"    {tag[4]}: tag {tag[0]}, {proven[tag[4]]}")
            else:
                errors.append(f"tag {tag} only in {'ours' if tag in mine else 'the other'}")
    if args.doc:
        title = kernel_title(args.elf)
        listed, counts = read_table(args.doc, title)
        for kind in sorted(set(found) - listed):
            errors.append(f"class {kind} is not listed in {args.doc}")
        if args.any_counts:
            counts = {}
        for kind in sorted(set(counts) | set(found) if counts else ()):
            if counts.get(kind, 0) != len(found.get(kind, ())):
                errors.append(f"{title}: class {kind}: {len(found.get(kind, ()))} differences, "
                              f"{counts.get(kind, 0)} in {args.doc}")
    for error in errors[:40]:
        print(f"ERROR {error[:1000]}")
    if len(errors) > 40:
        print(f"ERROR and {len(errors) - 40} more")
    if args.json:
        with open(args.json, "w", encoding="utf-8", errors="surrogateescape") as file:
            json.dump({"ours": len(ours), "peer": len(peer.functions), "classes": found,
                       "seed": seed, "proven": proven, "errors": errors}, file, indent=1)
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())
