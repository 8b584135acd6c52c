#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
"""Let the kernel's own resolve_btfids fill in .BTF_ids from a BTF, and compare with the peer's.

    btf_ids_check.py --resolve PROGRAM [--peer PEER.btf] [--known FILE] ELF BTF

A small ELF file is made of ELF's .BTF_ids (emptied again, as shipped kernels have it filled in) and
its symbols, and of BTF as .BTF; PROGRAM runs on that, and on the same with PEER.btf. Then

    warnings    PROGRAM says nothing of BTF that it does not say of the peer's
    names       every name wanted that the peer's has, by kind, is in BTF
    ids         what PROGRAM wrote are ids of the kinds and names that the symbols ask for, in sets
                too, which it sorts
    tags        with a tag bpf_kfunc anywhere in BTF: every function of a kfunc set has one, no
                other has; and bpf_fastcall where the kernel's own BTF and ids, as shipped, say so

What differs on purpose is told by lines "KIND NAME" of FILE. Exit status: 0 all as it must be,
1 not, 2 usage, 3 bad input. A file without .BTF_ids wants nothing: 0.
"""

import argparse
import collections
import os
import re
import struct
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

import elfwriter  # noqa: E402 pylint: disable=wrong-import-position
from btf import Btf, BtfError  # noqa: E402 pylint: disable=wrong-import-position

SYMBOL = re.compile(r"__BTF_ID__(func|struct|union|typedef)__(.+)__([^_]+)\Z")
SET = re.compile(r"__BTF_ID__(set8?)__(.+)\Z")
KINDS = {"func": "FUNC", "struct": "STRUCT", "union": "UNION", "typedef": "TYPEDEF"}
KFUNC_SET, KF_FASTCALL = 1, 1 << 12
MAX_SHOWN = 20

Wanted = collections.namedtuple("Wanted", "kind name offset")
Group = collections.namedtuple("Group", "kind name offset size")


class Ids:
    """.BTF_ids of an ELF file: its bytes, the symbols in it, and what they ask for."""

    def __init__(self, path):
        with open(path, "rb") as file:
            self.elf = elfwriter.ElfReader(file.read())
        self.order = "<" if self.elf.little else ">"
        self.section = self.elf.find(".BTF_ids")
        self.data = b""
        self.symbols = []
        self.wanted = []
        self.groups = []
        if self.section:
            self.data = self.elf.content(self.section)
            self.read_symbols()

    def read_symbols(self):
        elf = self.elf
        index = next(i for i, s in enumerate(elf.sections) if s["name"] == ".BTF_ids")
        table = elf.find(".symtab")
        if not table:
            sys.exit("no symbol table")
        content = elf.content(table)
        names = elf.content(elf.sections[table["link"]])
        form = self.order + ("IBBHQQ" if elf.bits == 64 else "IIIBBH")
        base = 0 if elf.e_type == elfwriter.ET_REL else self.section["addr"]
        for fields in struct.iter_unpack(form, content):
            if elf.bits == 64:
                name, _, _, shndx, value, size = fields
            else:
                name, value, size, _, _, shndx = fields
            if shndx != index:
                continue
            text = names[name:names.index(b"\0", name)].decode()
            if not text.startswith("__BTF_ID__"):
                continue
            self.symbols.append((text, value - base, size))
            if match := SET.match(text):
                self.groups.append(Group(match[1], match[2], value - base, size))
            elif match := SYMBOL.match(text):
                self.wanted.append(Wanted(match[1], match[2], value - base))
        self.groups.sort(key=lambda g: g.offset)

    def word(self, data, offset):
        return struct.unpack_from(self.order + "I", data, offset)[0]

    def emptied(self):
        """The bytes without ids, counts and flags, but for those of sets, which the tool reads."""
        data = bytearray(len(self.data))
        for group in self.groups:
            if group.kind == "set8":
                at = group.offset + 4
                data[at:at + 4] = self.data[at:at + 4]
        return bytes(data)

    def members(self):
        """{group or None: [Wanted]}"""
        found = collections.defaultdict(list)
        for wanted in self.wanted:
            group = next((g for g in self.groups
                          if g.offset <= wanted.offset < g.offset + g.size), None)
            found[group].append(wanted)
        return found

    def entries(self, data, group):
        """[(id, flags)] of a set."""
        if group.kind == "set":
            return [(self.word(data, at), 0)
                    for at in range(group.offset + 4, group.offset + group.size, 4)]
        return [(self.word(data, at), self.word(data, at + 4))
                for at in range(group.offset + 8, group.offset + group.size, 8)]

    def is_kfunc_set(self, group):
        return group.kind == "set8" and self.word(self.data, group.offset + 4) & KFUNC_SET


def run_tool(program, ids, btf_path, folder):
    """Warnings of PROGRAM, the bytes it leaves in .BTF_ids (None if it failed), and the file of
    the BTF that they belong to."""
    with open(btf_path, "rb") as file:
        btf = file.read()
    source = ids.elf
    elf = elfwriter.Elf(bits=source.bits, little=source.little, machine=source.machine,
                        flags=source.e_flags)
    section = elf.section(".BTF_ids", ids.emptied(), flags="A", addr=0x1000, align=4)
    elf.section(".BTF", btf, align=4)
    for name, offset, size in ids.symbols:
        elf.symbol(name, value=0x1000 + offset, size=size, section=section,
                   bind=elfwriter.STB_LOCAL)
    path = os.path.join(folder, "small.elf")
    with open(path, "wb") as file:
        file.write(elf.build())
    done = subprocess.run([program, path], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          check=False)
    # The numbers of ids are those of one BTF only.
    warnings = {re.sub(r"\b\d+\b", "N", line.strip())
                for line in done.stdout.decode("utf-8", "replace").splitlines() if line.strip()}
    if done.returncode:
        return warnings, None, None
    # Newer ones leave ids and BTF, which they sort, beside the file, for a later step of the build.
    if os.path.exists(path + ".BTF_ids"):
        with open(path + ".BTF_ids", "rb") as file:
            return warnings, file.read(), path + ".BTF"
    with open(path, "rb") as file:
        result = elfwriter.ElfReader(file.read())
    return warnings, result.content(result.find(".BTF_ids")), btf_path


def names_of(btf):
    """{(kind of symbol, name)} of a BTF."""
    back = {kind: word for word, kind in KINDS.items()}
    return {(back[t.kind], t.name) for t in btf.types[1:] if t.kind in back and t.name}


def check_ids(ids, data, btf):
    """What was written must be what was asked for; a name that BTF lacks gives 0."""
    problems = []
    known = names_of(btf)

    def text(type_id):
        if not type_id:
            return None
        if type_id >= len(btf.types):
            return f"id {type_id} beyond the end"
        t = btf.types[type_id]
        return f"{t.kind} {t.name}"

    def asked(wanted):
        here = (wanted.kind, wanted.name) in known
        return f"{KINDS[wanted.kind]} {wanted.name}" if here else None

    for group, members in ids.members().items():
        if group is None:
            for wanted in members:
                got = text(ids.word(data, wanted.offset))
                if got != asked(wanted):
                    problems.append(f"ids: {wanted.kind} {wanted.name}: is {got}")
            continue
        entries = [entry[0] for entry in ids.entries(data, group)]
        if entries != sorted(entries):
            problems.append(f"ids: set {group.name} is not sorted")
        got = collections.Counter(text(type_id) for type_id in entries)
        want = collections.Counter(asked(wanted) for wanted in members)
        # Places that nothing was asked for stay empty.
        want[None] += len(entries) - len(members)
        if +got != +want:
            problems.append(f"ids: set {group.name}: {+(got - want)} instead of {+(want - got)}")
    return problems


def shipped_flags(ids):
    """{kfunc: flags} by the kernel's own ids and BTF; None if they do not fit."""
    try:
        content = ids.elf.find(".BTF")
        btf = Btf(ids.elf.content(content), ids.elf.bits // 8) if content else None
    except (BtfError, ValueError):
        btf = None
    if btf is None:
        return None
    flags = collections.Counter()
    for group, members in ids.members().items():
        if group is None or not ids.is_kfunc_set(group):
            continue
        names = {wanted.name for wanted in members}
        for type_id, word in ids.entries(ids.data, group):
            if not 0 < type_id < len(btf.types) or btf.types[type_id].name not in names:
                return None
            flags[btf.types[type_id].name] |= word
    return flags


def check_tags(ids, btf):
    tagged = collections.defaultdict(set)
    for t in btf.types[1:]:
        if t.kind == "DECL_TAG" and t.name in ("bpf_kfunc", "bpf_fastcall"):
            tagged[t.name].add(btf.types[t.type].name)
    if not tagged["bpf_kfunc"]:
        return [], "not tagged"
    functions = {t.name for t in btf.types[1:] if t.kind == "FUNC"}
    kfuncs = {wanted.name for group, members in ids.members().items()
              if group and ids.is_kfunc_set(group)
              for wanted in members if wanted.kind == "func"} & functions
    problems = [f"tags: {name} is not tagged bpf_kfunc" for name in kfuncs - tagged["bpf_kfunc"]]
    problems += [f"tags: {name} is no kfunc" for name in tagged["bpf_kfunc"] - kfuncs]
    flags = shipped_flags(ids)
    if flags is not None:
        fast = {name for name, word in flags.items() if word & KF_FASTCALL} & functions
        problems += [f"tags: {name} is not tagged bpf_fastcall"
                     for name in fast - tagged["bpf_fastcall"]]
        problems += [f"tags: {name} is not to be called fast"
                     for name in tagged["bpf_fastcall"] - fast]
    return problems, (f"{len(tagged['bpf_kfunc'])} kfuncs tagged, "
                      f"{len(tagged['bpf_fastcall'])} of them as fast"
                      + (", flags not compared" if flags is None else ""))


def read_known(path):
    known = set()
    if path:
        with open(path, encoding="utf-8") as file:
            for line in file:
                fields = line.split("#")[0].split()
                if len(fields) == 2:
                    known.add(tuple(fields))
    return known


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--resolve", required=True, help="resolve_btfids")
    parser.add_argument("--peer", help="the peer's BTF of the same file")
    parser.add_argument("--known", help="file of names that may be missing")
    parser.add_argument("elf")
    parser.add_argument("btf")
    args = parser.parse_args()
    try:
        ids = Ids(args.elf)
        btf = Btf.load(args.btf, ids.elf.bits // 8)
        peer = Btf.load(args.peer, ids.elf.bits // 8) if args.peer else None
        known = read_known(args.known)
    except (OSError, ValueError, BtfError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 3
    if not ids.wanted:
        print("nothing is wanted: no .BTF_ids")
        return 0
    with tempfile.TemporaryDirectory() as folder:
        peer_warnings, peer_data = set(), b""
        if peer:
            peer_warnings, peer_data, _ = run_tool(args.resolve, ids, args.peer, folder)
            for name in os.listdir(folder):
                os.unlink(os.path.join(folder, name))
        warnings, data, path = run_tool(args.resolve, ids, args.btf, folder)
        after = btf if path in (None, args.btf) else Btf.load(path, ids.elf.bits // 8)
    problems = [f"warnings: {line}" for line in sorted(warnings - peer_warnings)
                if not any(name in line.split() for _, name in known)]
    if data is None:
        problems.append("resolve_btfids failed" +
                        (" (on the peer's, too)" if peer_data is None else ""))
    else:
        problems += check_ids(ids, data, after)
    here = names_of(btf)
    wanted = {(w.kind, w.name) for w in ids.wanted}
    if peer:
        problems += [f"names: no {kind} {name}"
                     for kind, name in sorted((wanted & names_of(peer)) - here - known)]
    tag_problems, tags = check_tags(ids, btf)
    problems += sorted(tag_problems)
    print(f"{len(wanted)} names wanted, {len(wanted & here)} there"
          + (f" ({len(wanted & names_of(peer))} in the peer's)" if peer else "")
          + f", {len(warnings)} warnings"
          + (f" ({len(peer_warnings)} of the peer's)" if peer else "") + f"; {tags}")
    for line in sorted(warnings):
        print(f"  said: {line}")
    for line in problems[:MAX_SHOWN]:
        print(line)
    if len(problems) > MAX_SHOWN:
        print(f"and {len(problems) - MAX_SHOWN} more")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
