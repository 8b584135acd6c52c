#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
"""btf_ids_check.py must be able to object: a small ELF file and a small BTF, with one thing wrong
at a time, and resolve_btfids of scripts/fetch-kbuild, or a stand-in that writes nonsense.

Exit status: 0 it accepts the good ones and objects to the others, 1 not, 77 no resolve_btfids.
"""

import os
import struct
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "lib"))

import elfwriter  # noqa: E402 pylint: disable=wrong-import-position

INT, STRUCT, FUNC, PROTO, DECL_TAG = 1, 4, 12, 13, 17
failures = []


class Blob:
    """A BTF file, record by record."""

    def __init__(self, order):
        self.order = order
        self.strings = b"\0"
        self.types = b""
        self.num = 0

    def add(self, kind, name, vlen, word, *rest):
        at = 0
        if name:
            at = len(self.strings)
            self.strings += name.encode() + b"\0"
        self.types += struct.pack(self.order + "III", at, kind << 24 | vlen, word)
        self.types += struct.pack(f"{self.order}{len(rest)}i", *rest)
        self.num += 1
        return self.num

    def build(self):
        return struct.pack(self.order + "HBBIIIII", 0xeb9f, 1, 0, 24, 0, len(self.types),
                           len(self.types), len(self.strings)) + self.types + self.strings


def make_btf(order, names=("f", "kf_a", "kf_b"), tags=(("kf_a", "bpf_kfunc"), ("kf_b", "bpf_kfunc"),
                                                      ("kf_b", "bpf_fastcall")), struct_name="s"):
    """Returns the bytes, and {name: id}."""
    blob = Blob(order)
    ids = {}
    blob.add(INT, "int", 0, 4, 1 << 24 | 32)
    ids[struct_name] = blob.add(STRUCT, struct_name, 0, 4)
    proto = blob.add(PROTO, "", 0, 0)
    for name in names:
        ids[name] = blob.add(FUNC, name, 0, proto)
    for name, text in tags:
        blob.add(DECL_TAG, text, 0, ids.get(name, 4), -1)
    return blob.build(), ids


def make_elf(little, btf=None, ids=None):
    """An ELF file that wants struct s, func f, and a set of the kfuncs kf_b (fast) and kf_a. With
    btf, as shipped: ids filled in and sorted, symbols not."""
    order = "<" if little else ">"
    elf = elfwriter.Elf(little=little)
    data = struct.pack(order + "II", ids["s"] if ids else 0, ids["f"] if ids else 0)
    pairs = [(ids["kf_a"], 0), (ids["kf_b"], 1 << 12)] if ids else [(0, 1 << 12), (0, 0)]
    data += struct.pack(order + "II", 2 if ids else 0, 1)
    data += b"".join(struct.pack(order + "II", *pair) for pair in pairs)
    section = elf.section(".BTF_ids", data, flags="A", addr=0x2000, align=4)
    for name, off, size in (("struct__s__1", 0, 4), ("func__f__2", 4, 4), ("set8__list", 8, 24),
                            ("func__kf_b__3", 16, 4), ("func__kf_a__4", 24, 4)):
        elf.symbol("__BTF_ID__" + name, value=0x2000 + off, size=size, section=section)
    if btf:
        elf.section(".BTF", btf, flags="A", addr=0x3000, align=4)
    return elf.build()


def write(path, data, mode=0o644):
    with open(path, "wb") as file:
        file.write(data)
    os.chmod(path, mode)
    return path


def expect(what, wanted, text, command):
    done = subprocess.run(command, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    output = done.stdout.decode(errors="replace")
    if done.returncode != wanted or text not in output:
        failures.append(what)
        print(f"FAILED {what}: status {done.returncode} instead of {wanted}, or no '{text}' in\n"
              f"{output}")


def check_order(tmp, resolve, little):
    order = "<" if little else ">"
    side = "little" if little else "big"

    def path(name):
        return os.path.join(tmp, f"{name}-{side}")

    btf, ids = make_btf(order)
    good = write(path("good"), btf)
    fresh = write(path("fresh"), make_elf(little))
    shipped = write(path("shipped"), make_elf(little, btf, ids))
    check = [os.path.join(HERE, "btf_ids_check.py"), "--resolve", resolve]

    for name, elf, said in (("fresh", fresh, "flags not compared"), ("shipped", shipped,
                                                                    "1 of them as fast\n")):
        expect(f"{side} {name}", 0, "4 names wanted, 4 there (4 in the peer's), 0 warnings (0 of",
               check + ["--peer", good, elf, good])
        expect(f"{side} {name}, tags", 0, said, check + [elf, good])
    for name, arguments, text in (
            ("a function less", {"names": ("f", "kf_b"), "tags": (("kf_b", "bpf_kfunc"),
                                                                  ("kf_b", "bpf_fastcall"))},
             "names: no func kf_a"),
            ("a struct less", {"struct_name": "t"}, "names: no struct s"),
            ("a tag less", {"tags": (("kf_b", "bpf_kfunc"), ("kf_b", "bpf_fastcall"))},
             "tags: kf_a is not tagged bpf_kfunc"),
            ("a tag more", {"tags": (("kf_a", "bpf_kfunc"), ("kf_b", "bpf_kfunc"),
                                     ("kf_b", "bpf_fastcall"), ("f", "bpf_kfunc"))},
             "tags: f is no kfunc"),
            ("not fast", {"tags": (("kf_a", "bpf_kfunc"), ("kf_b", "bpf_kfunc"))},
             "tags: kf_b is not tagged bpf_fastcall"),
            ("the wrong one fast", {"tags": (("kf_a", "bpf_kfunc"), ("kf_b", "bpf_kfunc"),
                                             ("kf_a", "bpf_fastcall"))},
             "tags: kf_a is not to be called fast")):
        spoilt = write(path("spoilt"), make_btf(order, **arguments)[0])
        expect(f"{side} {name}", 1, text, check + ["--peer", good, shipped, spoilt])
        if "less" in name and "tag" not in name:
            expect(f"{side} {name}, warned", 1, "warnings: WARN: resolve_btfids: unresolved symbol",
                   check + ["--peer", good, fresh, spoilt])
            # What the peer lacks too is nobody's fault.
            expect(f"{side} {name} of both", 0, "1 warnings (1 of the peer's)",
                   check + ["--peer", spoilt, fresh, spoilt])
    less = write(path("less"), make_btf(order, names=("f", "kf_b"),
                                        tags=(("kf_b", "bpf_kfunc"), ("kf_b", "bpf_fastcall")))[0])
    known = write(path("known"), b"# left out on purpose\nfunc kf_a\n")
    expect(f"{side} known to be missing", 0, "4 names wanted, 3 there (4 in the peer's)",
           check + ["--known", known, "--peer", good, shipped, less])
    plain = elfwriter.Elf(little=little)
    plain.section(".text", bytes(16), flags="AX", addr=0x1000)
    expect(f"{side} without ids", 0, "nothing is wanted: no .BTF_ids",
           check + [write(path("plain"), plain.build()), good])

    idle = write(path("idle"), b"#!/bin/sh\nexit 0\n", 0o755)
    fails = write(path("fails"), b"#!/bin/sh\nexit 3\n", 0o755)
    check = check[:2]
    expect(f"{side} nothing written", 1, "ids: func f: is None", check + [idle, fresh, good])
    expect(f"{side} a failure", 1, "resolve_btfids failed", check + [fails, fresh, good])


def main():
    found = subprocess.run([os.path.join(HERE, "..", "..", "scripts", "fetch-kbuild"), "6.12"],
                           check=False, stdout=subprocess.PIPE)
    if found.returncode:
        print("skip: no resolve_btfids")
        return 1 if os.environ.get("CI") == "true" else 77
    resolve = found.stdout.decode().splitlines()[-1]
    with tempfile.TemporaryDirectory() as tmp:
        for little in (True, False):
            check_order(tmp, resolve, little)
    print(f"{len(failures)} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
