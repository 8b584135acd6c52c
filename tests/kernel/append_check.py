#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
"""Check that adding BTF to an ELF file left everything else as it was.

    append_check.py OLD NEW BTF

All bytes of OLD but its ELF header are in NEW, at the same place; of the ELF header only the place
and size of the section header table and the index of the section names changed; program headers
and all sections are as before, .BTF and the section names excepted; .BTF has the bytes of BTF.
Exit status: 0 so it is, 1 not (each finding a line), 2 usage, 3 bad input.
"""

import sys

from percpu_check import Elf

BLOCK = 1 << 24
MAX_SHOWN = 12


def compare_bytes(old_path, new_path, header_size):
    at = header_size
    with open(old_path, "rb") as old, open(new_path, "rb") as new:
        old.seek(at)
        new.seek(at)
        while True:
            mine = old.read(BLOCK)
            if not mine:
                return None
            theirs = new.read(len(mine))
            if mine != theirs:
                first = next((i for i, (a, b) in enumerate(zip(mine, theirs)) if a != b),
                             min(len(mine), len(theirs)))
                return at + first
            at += len(mine)


def header(path):
    """The ELF header's fields but those that must change; and its size."""
    with open(path, "rb") as file:
        ident = file.read(16)
        wide = ident[4] == 2
        raw = file.read(48 if wide else 36)
    shoff = slice(24, 32) if wide else slice(16, 20)
    shnum = slice(44, 48) if wide else slice(32, 36)
    fixed = bytearray(raw)
    fixed[shoff] = bytes(shoff.stop - shoff.start)
    fixed[shnum] = bytes(4)
    return ident + bytes(fixed), 16 + len(raw)


def contents(path, elf, name):
    index = elf.names.index(name)
    with open(path, "rb") as elf.file:
        return elf.content(index)


def main():
    if len(sys.argv) != 4:
        sys.exit(2)
    old_path, new_path, btf_path = sys.argv[1:]
    findings = []
    old_header, header_size = header(old_path)
    if header(new_path)[0] != old_header:
        findings.append("fields of the ELF header changed")
    where = compare_bytes(old_path, new_path, header_size)
    if where is not None:
        findings.append(f"byte {where:#x} of the old file changed")
    old, new = Elf(old_path), Elf(new_path)
    expected = len(old.names) + (".BTF" not in old.names)
    if len(new.names) != expected:
        findings.append(f"{len(old.names)} sections before, {len(new.names)} after, "
                        f"{expected} expected")
    for index, name in enumerate(old.names):
        if index >= len(new.names) or new.names[index] != name:
            findings.append(f"section {index} is no longer {name}")
            continue
        # The first word is the place of the name in a name table that was written anew.
        before, after = old.sections[index][1:], new.sections[index][1:]
        if name == ".BTF":
            continue
        if name == ".shstrtab":
            before, after = (before[0],), (after[0],)
        # Section 0 holds counts too large for the ELF header.
        if before != after and index:
            findings.append(f"header of section {index} {name} changed: {before} -> {after}")
    if new.names.count(".BTF") != 1:
        findings.append(f"{new.names.count('.BTF')} sections .BTF")
    else:
        with open(btf_path, "rb") as file:
            if contents(new_path, new, ".BTF") != file.read():
                findings.append(".BTF differs from the detached file")
        section = new.sections[new.names.index(".BTF")]
        if section[1] != 1:
            findings.append(f".BTF has type {section[1]}, not PROGBITS")
    for finding in findings[:MAX_SHOWN]:
        print(f"ERROR {finding}")
    if len(findings) > MAX_SHOWN:
        print(f"ERROR and {len(findings) - MAX_SHOWN} more")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
