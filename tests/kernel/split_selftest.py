#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
"""The judges of split BTF must be able to object: small bases and splits, with one thing wrong at a
time, in both byte orders.

    split_selftest.py TOOLS

Exit status: 0 they accept the good ones and object to the others, 1 not, 2 usage.
"""

import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "lib"))

from btfwriter import BtfWriter  # noqa: E402 pylint: disable=wrong-import-position

failures = []


def make_base(little):
    """1 int, 2 struct list {*list}, 3 *list, 4 struct far, 5 *far, 6 struct net {list, *far},
    7 typedef net_t, 8 *int, 9 f(), 10 FUNC f, 11 *net."""
    base = BtfWriter(little=little)
    base.int()
    base.struct("list", 8, ("next", 3, 0))
    base.ptr(2)
    base.add("FWD", "far", 0)
    base.ptr(4)
    base.struct("net", 16, ("list", 2, 0), ("far", 5, 64))
    base.typedef("net_t", 6)
    base.ptr(1)
    base.proto(0, ("x", 1))
    base.func("f", 9)
    base.ptr(6)
    return base


def good(base, size=24):
    """12 struct mine {net, *list}, 13 *mine, 14 g(*mine, net_t), 15 FUNC g."""
    split = BtfWriter(base)
    mine = split.struct("mine", size, ("net", 6, 0), ("list", 3, 128))
    proto = split.proto(1, ("mine", split.ptr(mine)), ("net", 7))
    split.func("g", proto)
    return split


def expect(what, status, text, command):
    done = subprocess.run(command, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True)
    if done.returncode != status or text not in done.stdout:
        failures.append(what)
        print(f"ERROR {what}: status {done.returncode}, not {status}, or no '{text}' in:\n"
              f"{done.stdout}")


class Case:
    def __init__(self, tmp, tools, little):
        self.tmp, self.tools = tmp, tools
        self.side = "little-endian" if little else "big-endian"
        self.base = make_base(little)
        self.base_path = self.write("base", self.base)

    def write(self, name, blob):
        path = os.path.join(self.tmp, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(blob.build())
        return path

    def check(self, what, status, text, ours, peers=None):
        """split_check, and where libbpf must agree with it libbpf_fixpoint."""
        ours = self.write("ours/m.btf", ours)
        command = [os.path.join(self.tools, "split_check")]
        if peers is not None:
            command += ["-p", os.path.dirname(self.write("peers/m.btf", peers))]
        expect(f"{self.side} {what}", status, text, command + [self.base_path, ours])

    def fixpoint(self, what, status, text, *splits):
        paths = [self.write(f"fix/{i}.btf", s) for i, s in enumerate(splits)]
        tool = os.path.join(self.tools, "libbpf_fixpoint")
        done = subprocess.run([tool, "-b", self.base_path, *paths], check=False,
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        if done.returncode != 77:
            expect(f"{self.side} {what}, libbpf", status, text,
                   [tool, "-s", "-b", self.base_path, *paths])

    def splits(self):
        """(what, split with a repeated type, text in the answer)"""
        base = self.base
        split = good(base)
        split.ptr(split.add("FWD", "other", 0))
        split.ptr(2)
        yield "a pointer twice", split, "repeated: [18] ptr"
        split = BtfWriter(base)
        split.struct("list", 8, ("next", base.num + 2, 0))
        split.ptr(base.num + 1)
        yield "a cycle twice", split, "repeated: [12] struct list"
        split = good(base)
        split.func("f", split.proto(0, ("x", 1)))
        yield "a function twice", split, "repeated: [17] func f"
        split = good(base)
        split.typedef("net_t", 6)
        yield "a typedef twice", split, "repeated: [16] typedef net_t"

    def run(self):
        base = self.base
        fine = good(base)
        self.check("nothing wrong", 0, "S\trepeated\t0\n", fine)
        self.check("the same as the peer's", 0, "S\tlost\t0\nS\textra\t0\n", fine, fine)
        self.fixpoint("nothing wrong", 0, "0 of 2 files changed", fine, BtfWriter(base))
        for what, split, text in self.splits():
            self.check(what, 1, text, split)
            if "typedef" not in what:
                self.fixpoint(what, 1, "1 of 2 files changed", split, fine)
        changed = BtfWriter(base)
        changed.func("f", changed.proto(0, ("y", 1)))
        self.check("another function of the name", 0, "S\trepeated\t0\n", changed)
        shared = BtfWriter(base)
        shared.add("FUNC", "f", 9, vlen=1)
        self.check("another linkage", 0, "S\trepeated\t0\n", shared)

        more = good(base)
        more.struct("more", 4, ("x", 1, 0))
        self.check("a struct lost", 1, "lost: [16] struct more", fine, more)
        self.check("a struct too many", 1, "extra: [16] struct more", more, fine)
        self.check("another size", 1, "lost: [12] struct mine", good(base, 32), fine)
        deep = good(base)
        inner = deep.struct("inner", 8, ("mine", 13, 0))
        deep.struct("outer", 8, ("inner", deep.ptr(inner), 0))
        other = good(base)
        inner = other.struct("inner", 8, ("mine", 5, 0))
        other.struct("outer", 8, ("inner", other.ptr(inner), 0))
        self.check("a difference behind a pointer", 1, "lost: [18] struct outer", deep, other)
        function = good(base)
        function.func("h", function.proto(0))
        self.check("a function only there", 0, "S\tfunctions_only_peer\t1\n", fine, function)
        wrong = BtfWriter(base)
        mine = wrong.struct("mine", 24, ("net", 6, 0), ("list", 3, 128))
        wrong.func("g", wrong.proto(1, ("mine", wrong.ptr(mine)), ("net", 1)))
        self.check("another prototype", 1, "extra: [15] func g", wrong, fine)

        full = BtfWriter(base)
        far = full.struct("far", 4, ("x", 1, 0))
        full.struct("net", 16, ("list", 2, 0), ("far", full.ptr(far), 64))
        short = BtfWriter(base)
        short.struct("far", 4, ("x", 1, 0))
        self.check("a declaration in the base", 0, "S\tforward_only_peer\t2\n", short, full)


def main():
    if len(sys.argv) != 2:
        print(__doc__)
        return 2
    for little in (True, False):
        with tempfile.TemporaryDirectory() as tmp:
            Case(tmp, sys.argv[1], little).run()
    print(f"{len(failures)} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
