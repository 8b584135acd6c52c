#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
"""Random kernel-like programs: several units that share most of their types, differ in some of
them, and only declare others, compiled by a real compiler, encoded, and judged.

    random_units.py BTFGEN TOOLS LINKER_SCRIPT FIRST_SEED NUMBER

A seed decides everything. Each program has a set of names; each unit takes for each name one of its
versions or only the declaration, so that any mix of equal, different and unfinished types occurs
that C allows, in random order; variables lie in .data..percpu, some static, some weak or aliases.
Judges are those of run_kernel.sh that need no kernel. A program that fails is kept in the current
folder. libbpf's deduplication may err where types differ only behind a long cycle; that our result
is strict is the rules' business (N4), so its objections must be rare, not absent.

Exit status: 0 all judges agree, 1 one does not, 2 usage, 77 no compiler.
"""

import os
import random
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
SCALARS = ["int", "unsigned int", "char", "signed char", "unsigned char", "short", "long",
           "unsigned long", "long long", "_Bool", "float", "double"]
QUALIFIERS = ["", "", "", "", "const ", "volatile ", "const volatile "]
BITFIELD_TYPES = ["int", "unsigned int", "unsigned long", "_Bool", "unsigned char"]


class Program:
    """The versions of all names, and the units made of them."""

    def __init__(self, rng):
        self.rng = rng
        self.count = rng.randint(4, 24)
        self.names = []
        for number in range(self.count):
            kind = rng.choices(["struct", "union", "enum", "typedef"], [10, 2, 2, 4])[0]
            self.names.append((kind, f"{kind[0]}{number}"))
        # A tag may be struct in one program and union in another unit of the same one.
        self.odds = rng.choice([0.0, 0.1, 0.3])
        self.forward_odds = rng.choice([0.0, 0.15, 0.5])
        versions = rng.choice([1, 2, 2, 3])
        self.versions = [[self.definition(i) for _ in range(versions if rng.random() < 0.5 else 1)]
                         for i in range(self.count)]

    def reference(self, number, index):
        """A way to name another type; by value only such as come earlier in every unit."""
        kind, name = self.names[number]
        spelled = name if kind == "typedef" else f"{kind} {name}"
        by_value = number < index
        if kind in ("typedef", "enum") and not by_value:
            return None
        if by_value and self.rng.random() < 0.3:
            return spelled + " "
        return self.rng.choice(QUALIFIERS) + spelled + " *" + self.rng.choice(
            ["", "", "*", "const ", "restrict "])

    def member(self, index, label, depth=0):
        rng = self.rng
        choice = rng.random()
        if choice < 0.45:
            spelled = self.reference(rng.randrange(self.count), index)
            if spelled:
                array = rng.choice(["", "", "", "[3]", "[2][3]", "[0]"])
                return f"{spelled}{label}{array};"
        if choice < 0.55:
            return f"{rng.choice(BITFIELD_TYPES)} {label} : 1;" if rng.random() < 0.3 else \
                f"unsigned long {label} : {rng.randint(1, 60)};"
        if choice < 0.65 and depth < 2:
            word = rng.choice(["struct", "union"])
            inner = " ".join(self.member(index, f"{label}_{i}", depth + 1)
                             for i in range(rng.randint(1, 3)))
            return f"{word} {{ {inner} }} {rng.choice(['', label])};"
        if choice < 0.75:
            params = [self.reference(rng.randrange(self.count), index) or "int "
                      for _ in range(rng.randint(0, 3))]
            listed = ", ".join(params) or "void"
            if params and rng.random() < 0.3:
                listed += ", ..."
            return f"{rng.choice(SCALARS)} (*{label})({listed});"
        return f"{rng.choice(QUALIFIERS)}{rng.choice(SCALARS)} {label}" \
               f"{rng.choice(['', '', '[4]', '[2][2]'])};"

    def definition(self, index):
        rng = self.rng
        kind, name = self.names[index]
        if kind == "enum":
            base = rng.choice([0, -2, 1 << 33, 100])
            values = ", ".join(f"{name}_{rng.randint(0, 1)}_{i} = {base + i}ll"
                               for i in range(rng.randint(1, 4)))
            return f"enum {name} {{ {values} }};"
        if kind == "typedef":
            if rng.random() < 0.5:
                inner = " ".join(self.member(index, f"m{i}") for i in range(rng.randint(1, 3)))
                return f"typedef struct {{ {inner} }} {name};"
            spelled = self.reference(rng.randrange(self.count), index) or "unsigned long "
            return f"typedef {spelled}{name};"
        # Members with the same names and sizes in two versions, but other types, are the hard case.
        body = " ".join(self.member(index, f"m{i}") for i in range(rng.randint(0, 6)))
        # The kernel's load check wants floats aligned.
        packed = " __attribute__((packed))" if rng.random() < 0.15 and "float" not in body and \
            "double" not in body else ""
        return f"{kind} {name} {{ {body} }}{packed};"

    def unit(self, number):
        rng = self.rng
        lines = ["#define PER_CPU __attribute__((section(\".data..percpu\")))"]
        defined = []
        for kind, name in self.names:
            if kind in ("struct", "union"):
                lines.append(f"{kind} {name};")
        for index, (kind, name) in enumerate(self.names):
            # What others hold by value must be complete; only the last ones may stay open.
            open_ok = kind in ("struct", "union") and not self.held[index]
            if open_ok and rng.random() < self.forward_odds:
                continue
            versions = self.versions[index]
            lines.append(versions[0 if rng.random() >= self.odds else rng.randrange(len(versions))])
            defined.append((kind, name))
        for index, (kind, name) in enumerate(defined):
            spelled = name if kind == "typedef" else f"{kind} {name}"
            storage = rng.choice(["", "static ", "__attribute__((weak)) "])
            place = rng.choice(["PER_CPU ", "PER_CPU ", ""])
            lines.append(f"{place}{storage}{spelled} v{number}_{index};")
            if storage == "" and place and rng.random() < 0.2:
                lines.append(f"extern {spelled} a{number}_{index} "
                             f"__attribute__((alias(\"v{number}_{index}\")));")
        for index, (kind, name) in enumerate(self.names):
            if kind in ("struct", "union"):
                lines.append(f"{kind} {name} *p{number}_{index};")
        if rng.random() < 0.5:
            lines.append(f"__attribute__((weak)) PER_CPU {rng.choice(['int', 'long'])} shared = 1;")
        uses = " + ".join(f"(long)&v{number}_{i}" for i in range(len(defined))) or "0"
        lines.append(f"long f{number}(void) {{ static PER_CPU int s; return s++ + {uses}; }}")
        return "\n".join(lines) + "\n"

    def units(self):
        self.held = [any(self.by_value(index, text) for versions in self.versions
                         for text in versions) for index in range(self.count)]
        return [self.unit(n) for n in range(self.rng.randint(2, 7))]

    def by_value(self, index, text):
        kind, name = self.names[index]
        spelled = f"{kind} {name} "
        at = text.find(spelled)
        while at >= 0:
            after = text[at + len(spelled):at + len(spelled) + 1]
            if after not in ("*", "{"):
                return True
            at = text.find(spelled, at + 1)
        return False


def run(command, **more):
    return subprocess.run(command, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          **more)


def build(rng, folder, script):
    compiler = rng.choice([c for c in ("gcc", "clang") if shutil.which(c)])
    version = rng.choice([3, 4, 5])
    extra = ["-fno-eliminate-unused-debug-types"] if rng.random() < 0.5 else []
    objects = []
    for number, text in enumerate(Program(rng).units()):
        source = f"{folder}/u{number}.c"
        with open(source, "w", encoding="ascii") as file:
            file.write(text)
        objects.append(f"{folder}/u{number}.o")
        done = run([compiler, "-w", f"-gdwarf-{version}", *extra, rng.choice(["-O0", "-O2"]),
                    "-ffreestanding", "-fno-pic", "-fno-pie", "-fno-common",
                    "-fno-asynchronous-unwind-tables", "-c", source, "-o", objects[-1]])
        if done.returncode:
            return None, done.stdout.decode(errors="replace")
    elf = f"{folder}/program"
    done = run(["gcc", "-nostdlib", "-static", "-no-pie", "-Wl,--build-id=none", "-Wl,-e0",
                "-Wl,-z,muldefs", "-T", script, "-o", elf, *objects])
    return (None, done.stdout.decode(errors="replace")) if done.returncode else (elf, "")


def judge(btfgen, tools, elf, folder):
    """The first objection, or nothing; and whether libbpf's deduplication changes something."""
    btf, other = f"{folder}/one.btf", f"{folder}/two.btf"
    peer = os.path.expanduser(os.environ.get("BTFGEN_CACHE", "~/.cache/btfgen") + "/peer/bin/run")
    loader = [peer] if os.path.exists(peer) else []
    facts = f"{folder}/facts"
    with open(facts, "wb") as file:
        subprocess.run([f"{tools}/dwarf_defs", elf], check=True, stdout=file)
    python = [sys.executable, "-B"]
    steps = [
        ("encode", [btfgen, "--percpu", "-j1", "-o", btf, elf]),
        ("compare", [*python, f"{HERE}/compare_types.py", "--tools", tools, "--dwarf", btf, facts]),
        ("binding", [*python, f"{HERE}/binding_check.py", "--tools", tools, "--dwarf", facts, elf,
                     btf]),
        ("per-CPU", [*python, f"{HERE}/percpu_check.py", "--tools", tools, "--dwarf", facts, elf,
                     btf]),
        ("rules", [*python, f"{HERE}/rules.py", btf]),
        ("kernel", [f"{tools}/btf_load", btf]),
        ("encode with threads", ["env", "BTFGEN_TEST_SHUFFLE=7", btfgen, "--percpu", "-j3", "-o",
                                 other, elf]),
        ("same bytes", ["cmp", btf, other]),
        ("header", ["sh", "-c", '"$1" dump -F c "$2" >"$3" && gcc -x c -fsyntax-only -w "$3"', "sh",
                    btfgen, btf, f"{folder}/one.h"]),
    ]
    for name, command in steps:
        done = run(command)
        # Nothing may tell which definition a declaration means: then it stays (N3).
        if name == "rules" and done.returncode == 1 and all(
                line.startswith(b"N3 ") for line in done.stdout.splitlines()):
            continue
        if done.returncode not in (0, 77) or (done.returncode == 77 and name == "encode"):
            return (f"{name}: status {done.returncode}: "
                    f"{done.stdout.decode(errors='replace')[:1500]}", False)
    return None, run([*loader, f"{tools}/libbpf_fixpoint", "-s", btf]).returncode == 1


def main():
    if len(sys.argv) != 6:
        sys.exit(2)
    btfgen, tools, script = sys.argv[1:4]
    first, number = int(sys.argv[4]), int(sys.argv[5])
    if not shutil.which("gcc"):
        sys.exit(77)
    bad = refused = changed = 0
    for seed in range(first, first + number):
        folder = tempfile.mkdtemp()
        elf, text = build(random.Random(seed), folder, script)
        if not elf:
            refused += 1
            if os.environ.get("VERBOSE"):
                print(f"seed {seed}: no program: {text[:500]}")
            shutil.rmtree(folder)
            continue
        objection, changes = judge(btfgen, tools, elf, folder)
        changed += changes
        if objection:
            bad += 1
            kept = f"random-{seed}"
            shutil.rmtree(kept, ignore_errors=True)
            shutil.move(folder, kept)
            print(f"ERROR seed {seed}: {objection} (kept in {kept})")
        else:
            shutil.rmtree(folder)
    print(f"{number - refused} programs judged, {bad} objections, {refused} are no C, "
          f"libbpf changes {changed}")
    if changed > 1 + number // 20:
        print("ERROR libbpf's deduplication changes too many")
        bad += 1
    if refused * 4 > number:
        print("ERROR too many programs do not compile")
        bad += 1
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
