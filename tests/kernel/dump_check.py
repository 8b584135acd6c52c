#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
"""dump_check.py [--bpftool BPFTOOL] [--base BASE] [--compile] [--random FIRST_SEED NUMBER] BTFGEN [FILE]...

Is what `btfgen dump` shows of FILE byte for byte what `bpftool btf dump` shows? Raw form, JSON on one
line and pretty, C sorted and unsorted. FILE is raw BTF or an ELF file with a .BTF section, split BTF
over BASE if that is given. --random makes NUMBER small files of odd types first; where bpftool
crashes, hangs or complains there is nothing to compare, and btfgen must end in order. --compile
lets gcc and clang (for BPF) read the header.

Three differences are ours on purpose and are taken out before the comparison:

  the first type of bpftool's sorted header is not there unless another one needs it (it sorts `void`
  among the types and then starts with the second): both get a copy of FILE with an empty enum, which
  sorts before all others;

  JSON: the value of an unsigned ENUM with its highest bit set is extended as if it had a sign;

  control bytes in names, broken UTF-8 in JSON, quotation marks in tags: none of that is in real BTF,
  and --random makes none.

BPFTOOL is by default that of scripts/fetch-peer, if it has been fetched, else the one in PATH.

Exit status: 0 equal, 1 not, 2 usage, 77 there is no bpftool, or it is older than 7.8.
"""

import argparse
import os
import pathlib
import random
import re
import shutil
import struct
import subprocess
import sys
import tempfile

INT, PTR, ARRAY, STRUCT, UNION, ENUM, FWD, TYPEDEF, VOLATILE, CONST, RESTRICT, FUNC, PROTO, VAR, DATASEC, FLOAT, \
    DECL_TAG, TYPE_TAG, ENUM64 = range(1, 20)


def run(*command, seconds=60):
    """(exit code, standard output, standard error); -1 for one that does not end."""
    try:
        done = subprocess.run(command, capture_output=True, check=False, timeout=seconds)
    except subprocess.TimeoutExpired:
        return -1, b"", b"does not end"
    return done.returncode, done.stdout, done.stderr


def with_empty_enum(data):
    """Raw BTF with an anonymous enum without values as its last type."""
    order = "<" if data[0] == 0x9f else ">"
    header_size, types_off, types_size, strings_off, strings_size = struct.unpack(f"{order}5I", data[4:24])

    def section(off, size):
        return data[header_size + off:header_size + off + size]

    types = section(types_off, types_size) + struct.pack(f"{order}3I", 0, ENUM << 24, 4)
    layout, fields = b"", b""
    if header_size >= 32:
        layout = section(*struct.unpack(f"{order}2I", data[24:32]))
        fields = struct.pack(f"{order}2I", len(types) if layout else 0, len(layout)) + data[32:header_size]
    return (data[:4] + struct.pack(f"{order}5I", header_size, 0, len(types), len(types) + len(layout), strings_size) +
            fields + types + layout + section(strings_off, strings_size))


def enum_values_without_sign(text):
    """bpftool's JSON with the values of unsigned ENUMs as they are."""
    def fix(match):
        return re.sub(rb'("val": ?)(\d{11,})', lambda m: m[1] + b"%d" % (int(m[2]) & 0xffffffff), match[0])

    return re.sub(rb'"kind": ?"ENUM",\s*"name": ?"[^"]*",\s*"encoding": ?"UNSIGNED"[^]]*\]', fix, text)


def place_of_difference(ours, theirs):
    at = next((i for i, pair in enumerate(zip(ours, theirs)) if pair[0] != pair[1]), min(len(ours), len(theirs)))
    line = ours.count(b"\n", 0, at) + 1
    start = max(ours.rfind(b"\n", 0, at) + 1, at - 80)
    return (f"{len(ours)} and {len(theirs)} bytes, byte {at}, line {line}\n    btfgen  {ours[start:at + 80]!r}\n"
            f"    bpftool {theirs[start:at + 80]!r}")


class Check:
    def __init__(self, options, folder):
        self.options = options
        self.folder = pathlib.Path(folder)
        self.base = ["-B", options.base] if options.base else []
        self.seconds = 60
        self.num_bad = self.num_equal = self.num_silent = 0

    def bad(self, what):
        print(f"ERROR {what}")
        self.num_bad += 1

    def ours(self, path, form):
        return run(self.options.btfgen, "dump", *self.base, "-F", form, path, seconds=self.seconds)

    def theirs(self, path, form):
        option = {"json": ["-j"], "json-pretty": ["-p"]}.get(form, [])
        words = {"raw": ["format", "raw"], "c": ["format", "c"], "c-unsorted": ["format", "c", "unsorted"]}.get(form, [])
        return run(self.options.bpftool, *self.base, *option, "btf", "dump", "file", path, *words, seconds=self.seconds)

    def compare(self, path, form, is_odd):
        data = pathlib.Path(path).read_bytes()
        empty = b"#endif\n#endif\n\nenum;\n\n"
        if form == "c":
            if data[:4] == b"\x7fELF":
                return
            path = str(self.folder / "with_enum.btf")
            pathlib.Path(path).write_bytes(with_empty_enum(data))
        code, ours, message = self.ours(path, form)
        peer_code, theirs, peer_message = self.theirs(path, form)
        # Which it says of the kernel's own.
        peer_message = re.sub(rb"skipping \S+ \(will be loaded as base\)\n", b"", peer_message)
        if code not in (0, 3) or (code == 3 and (not is_odd or message.count(b"\n") != 1)):
            self.bad(f"{path} {form}: exit code {code}: {message.decode(errors='replace')}")
        elif peer_code or peer_message:
            self.num_silent += 1
            if not is_odd:
                self.bad(f"{path} {form}: bpftool: exit code {peer_code}: {peer_message.decode(errors='replace')}")
        elif code:
            self.bad(f"{path} {form}: bpftool can: {message.decode(errors='replace')}")
        else:
            if form == "c":
                if ours.count(empty) != 1:
                    self.bad(f"{path} {form}: no empty enum in front")
                ours = ours.replace(empty, b"#endif\n#endif\n\n")
            elif form.startswith("json"):
                theirs = enum_values_without_sign(theirs)
            if ours == theirs:
                self.num_equal += 1
            else:
                self.bad(f"{path} {form}: {place_of_difference(ours, theirs)}")

    def compare_all(self, path, is_odd=False):
        for form in ("raw", "json", "json-pretty", "c", "c-unsorted"):
            self.compare(path, form, is_odd)

    def compile(self, path):
        header = self.folder / "vmlinux.h"
        for form in ("c", "c-unsorted"):
            header.write_bytes(self.ours(path, form)[1])
            for command in (["gcc"], ["clang", "-target", "bpf"]):
                if not shutil.which(command[0]):
                    continue
                code, _, message = run(*command, "-x", "c", "-fsyntax-only", "-w", str(header))
                if code:
                    self.bad(f"{path} {form}: {command[0]}: {message.decode(errors='replace')[:2000]}")


class Writer:
    def __init__(self, order):
        self.order = order
        self.strings, self.types, self.num = b"\0", b"", 0

    def string(self, text):
        if not text:
            return 0
        self.strings += text.encode() + b"\0"
        return len(self.strings) - len(text) - 1

    def add(self, kind, name, word, *rest, vlen=0, flag=0):
        self.types += struct.pack(f"{self.order}{3 + len(rest)}I", self.string(name), flag << 31 | kind << 24 | vlen,
                                  word, *(value & 0xffffffff for value in rest))
        self.num += 1
        return self.num

    def build(self):
        return (struct.pack(f"{self.order}HBBIIIII", 0xeb9f, 1, 0, 24, 0, len(self.types), len(self.types),
                            len(self.strings)) + self.types + self.strings)


class Odd:
    """Types as no compiler makes them: few names for many types, members anywhere, rings."""

    NAMES = ["a", "b", "c", "d", "list", "node", "T", "u8"]

    def __init__(self, seed, writer=Writer):
        self.dice = random.Random(seed)
        self.writer = writer("<>"[seed % 4 == 0])
        add = self.writer.add
        self.usable = [add(INT, "int", 4, 1 << 24 | 32), add(INT, "char", 1, 1 << 24 | 8),
                       add(INT, "long", 8, 1 << 24 | 64) if seed % 3 else add(INT, "long", 4, 1 << 24 | 32),
                       add(INT, "__Poly64_t", 8, 64), add(FLOAT, "double", 8)]
        for _ in range(self.dice.randrange(5, 60)):
            self.one()
        for _ in range(8):
            add(PTR, "", 1)

    def name(self):
        return self.dice.choice(self.NAMES)

    def maybe(self):
        return self.dice.choice(self.NAMES + [""] * 3)

    def type(self):
        return self.dice.choice(self.usable)

    def composite(self):
        flag = self.dice.random() < 0.5
        kind = self.dice.choice([STRUCT, STRUCT, UNION])
        words, off, vlen = [], 0, self.dice.randrange(6)
        for _ in range(vlen):
            bits = self.dice.randrange(1, 20) if flag and self.dice.random() < 0.5 else 0
            off += self.dice.choice([0, 1, 3, 8, 16, 32, 64])
            off = off if bits else (off + 7) // 8 * 8
            words += [self.writer.string(self.maybe()), self.usable[0] if bits else self.type(),
                      (off if kind == STRUCT else 0) | bits << 24]
            off += bits or self.dice.choice([8, 32, 64])
        return self.writer.add(kind, self.maybe(), (off + 7) // 8 + self.dice.choice([0, 0, 1, 4, 8, 20]), *words,
                               vlen=vlen, flag=flag)

    def enum(self):
        wide, vlen, words = self.dice.random() < 0.4, self.dice.randrange(1, 4), []
        for _ in range(vlen):
            words += [self.writer.string(self.name() + str(self.dice.randrange(4))),
                      self.dice.choice([0, 1, 77, 0x80000000, 0xffffffff])]
            words += [self.dice.choice([0, 0, 1, 0xffffffff])] if wide else []
        return self.writer.add(ENUM64 if wide else ENUM, self.maybe(), self.dice.choice([1, 2, 4, 8]), *words,
                               vlen=vlen, flag=self.dice.random() < 0.5)

    def proto(self):
        words, vlen = [], self.dice.randrange(4)
        for _ in range(vlen):
            words += [self.writer.string(self.maybe()), self.type()] if self.dice.random() < 0.9 else [0, 0]
        return self.writer.add(PROTO, "", self.dice.choice([0, self.type()]), *words, vlen=vlen)

    def object(self):
        """A FUNC or VAR, which nothing uses as a type."""
        if self.dice.random() < 0.4:
            self.writer.add(VAR, self.name(), self.type(), self.dice.randrange(3))
            return
        func = self.writer.add(FUNC, self.name(), self.proto(), vlen=self.dice.randrange(3))
        for tag in ("bpf_kfunc", "bpf_fastcall"):
            if self.dice.random() < 0.6:
                self.writer.add(DECL_TAG, tag, func, -1)

    def one(self):
        add, dice = self.writer.add, self.dice
        ahead = self.writer.num + dice.randrange(1, 6)
        choices = (
            (15, lambda: add(PTR, "", dice.choice([0, self.type(), self.type(), ahead]))),
            (7, lambda: add(dice.choice([CONST, VOLATILE, RESTRICT]), "", self.type())),
            (4, lambda: add(TYPE_TAG, self.name(), self.type(), flag=dice.random() < 0.2)),
            (7, lambda: add(ARRAY, "", 0, self.type(), 1, dice.choice([0, 1, 2, 3, 7]))),
            (23, self.composite), (10, self.enum), (12, lambda: add(TYPEDEF, self.name(), self.type())),
            (5, lambda: add(FWD, self.name(), 0, flag=dice.random() < 0.4)), (8, self.proto), (8, self.object))
        made = dice.choices([make for _, make in choices], [weight for weight, _ in choices])[0]()
        if made:
            self.usable.append(made)


def find_bpftool():
    cache = os.environ.get("BTFGEN_CACHE")
    if not cache:
        cache = os.path.join(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "btfgen")
    newest = os.path.join(cache, "peer", "bin", "bpftool")
    return newest if os.path.exists(newest) else shutil.which("bpftool")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bpftool")
    parser.add_argument("--base")
    parser.add_argument("--compile", action="store_true")
    parser.add_argument("--random", nargs=2, type=int, default=[0, 0])
    parser.add_argument("btfgen")
    parser.add_argument("files", nargs="*")
    options = parser.parse_args()
    options.bpftool = options.bpftool or find_bpftool()
    version = options.bpftool and re.search(rb"v(\d+)\.(\d+)", run(options.bpftool, "version")[1])
    if not version or (int(version[1]), int(version[2])) < (7, 8):
        print("skip: no bpftool, or older than 7.8")
        return 77
    with tempfile.TemporaryDirectory() as folder:
        check = Check(options, folder)
        for path in options.files:
            check.compare_all(path)
            if options.compile:
                check.compile(path)
        for seed in range(options.random[0], sum(options.random)):
            check.seconds = 2
            path = pathlib.Path(folder) / f"odd-{seed}.btf"
            path.write_bytes(Odd(seed).writer.build())
            check.compare_all(str(path), is_odd=True)
        print(f"{check.num_equal} texts are those of bpftool, {check.num_bad} are not, "
              f"of {check.num_silent} bpftool says nothing")
        if options.random[1] and not check.num_equal:
            check.bad("nothing was compared")
    return 1 if check.num_bad else 0


if __name__ == "__main__":
    sys.exit(main())
