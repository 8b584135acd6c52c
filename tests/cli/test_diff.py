#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
"""btfgen diff: each kind of change by exact text, what is no change, formats, folders, limits and the
job of docs/ci.md. tests/kernel/diff_check.py counts on real kernels.

test_diff.py BTFGEN SOURCE_DIR
"""

import glob
import json
import os
import pathlib
import pty
import random
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

# pylint: disable=wrong-import-position
from btfwriter import KINDS, BtfWriter, kernel_file, module_file  # noqa: E402

INT, LONG = 1, 2
WHOLE = 0xffffffff


class Writer(BtfWriter):
    """With two integers in front."""

    def __init__(self, base=None, little=None):
        super().__init__(base, little)
        if base is None:
            self.int("int", 4)
            self.int("long", 8)

    def enum(self, name, *values, signed=False, size=4, kind="ENUM"):
        words = []
        for text, value in values:
            words += [self.name(text), value & 0xffffffff]
            if kind == "ENUM64":
                words.append(value >> 32 & 0xffffffff)
        return self.add(kind, name, size, *words, vlen=len(values), flag=signed)

    def bits(self, name, size, *members):
        """members: (name, type, offset, bits), with the kind flag"""
        words = [word for text, type_id, off, bits in members for word in (self.name(text), type_id, bits << 24 | off)]
        return self.add("STRUCT", name, size, *words, vlen=len(members), flag=True)

    def array(self, elem, num):
        return self.add("ARRAY", "", 0, elem, INT, num)

    def section(self, name, size, *entries):
        """entries: (name, type, offset, size)"""
        ids = [self.add("VAR", text, type_id, 1) for text, type_id, _, _ in entries]
        words = [word for var, (_, _, off, var_size) in zip(ids, entries) for word in (var, off, var_size)]
        return self.add("DATASEC", name, size, *words, vlen=len(entries))

    def tag(self, text, target, component=WHOLE, flag=False):
        return self.add("DECL_TAG", text, target, component, flag=flag)

    def function(self, name, result, *params, linkage=0):
        return self.add("FUNC", name, self.proto(result, *params), vlen=linkage)


# Words of a record that are ids or strings: (of the three, tail size, ids in the tail, element size, ids, strings).
SHAPES = {
    "INT": (False, 1, (), 0, (), ()), "PTR": (True, 0, (), 0, (), ()), "ARRAY": (False, 3, (0, 1), 0, (), ()),
    "STRUCT": (False, 0, (), 3, (1,), (0,)), "UNION": (False, 0, (), 3, (1,), (0,)),
    "ENUM": (False, 0, (), 2, (), (0,)), "FWD": (False, 0, (), 0, (), ()), "TYPEDEF": (True, 0, (), 0, (), ()),
    "VOLATILE": (True, 0, (), 0, (), ()), "CONST": (True, 0, (), 0, (), ()), "RESTRICT": (True, 0, (), 0, (), ()),
    "FUNC": (True, 0, (), 0, (), ()), "FUNC_PROTO": (True, 0, (), 2, (1,), (0,)), "VAR": (True, 1, (), 0, (), ()),
    "DATASEC": (False, 0, (), 3, (0,), ()), "FLOAT": (False, 0, (), 0, (), ()), "DECL_TAG": (True, 1, (), 0, (), ()),
    "TYPE_TAG": (True, 0, (), 0, (), ()), "ENUM64": (False, 0, (), 3, (), (0,))}
NAMES = {number: name for name, number in KINDS.items()}


def shuffled(data, seed, big=None):
    """The same BTF with other ids, in another order, with other string offsets; big: of that byte order."""
    order = "<" if data[:2] == b"\x9f\xeb" else ">"
    to_order = order if big is None else ">" if big else "<"
    _, _, _, header, types_off, types_size, strings_off, strings_size = struct.unpack_from(order + "HBBIIIII", data)
    types = data[header + types_off:header + types_off + types_size]
    strings = data[header + strings_off:header + strings_off + strings_size]
    words = struct.unpack(f"{order}{len(types) // 4}I", types)
    records, at = [], 0
    while at < len(words):
        kind, vlen = words[at + 1] >> 24 & 0x7f, words[at + 1] & 0xffffff
        _, tail, _, elem, _, _ = SHAPES[NAMES[kind]]
        size = 3 + tail + (vlen * elem if elem else 0)
        records.append(list(words[at:at + size]))
        at += size
    chance = random.Random(seed)
    places = list(range(len(records)))
    chance.shuffle(places)
    new_ids = [0] * (len(records) + 1)
    for new, old in enumerate(places):
        new_ids[old + 1] = new + 1
    texts, new_strings, offs = [], bytearray(b"\0"), {0: 0}

    def new_string(off):
        if off not in offs:
            offs[off] = None
            texts.append(off)

    for kind_pass in (0, 1):
        if kind_pass:
            chance.shuffle(texts)
            for off in texts:
                offs[off] = len(new_strings)
                new_strings += strings[off:strings.index(b"\0", off) + 1]
        for record in records:
            uses_id, tail, tail_ids, elem, elem_ids, elem_strings = SHAPES[NAMES[record[1] >> 24 & 0x7f]]
            spots = [0] + [3 + tail + i * elem + k for i in range((len(record) - 3 - tail) // elem if elem else 0)
                           for k in elem_strings]
            for spot in spots:
                if kind_pass:
                    record[spot] = offs[record[spot]]
                else:
                    new_string(record[spot])
            if not kind_pass:
                continue
            spots = ([2] if uses_id else []) + [3 + k for k in tail_ids]
            spots += [3 + tail + i * elem + k for i in range((len(record) - 3 - tail) // elem if elem else 0)
                      for k in elem_ids]
            for spot in spots:
                record[spot] = new_ids[record[spot]]
    out = [word for place in places for word in records[place]]
    types = struct.pack(f"{to_order}{len(out)}I", *out)
    return struct.pack(to_order + "HBBIIIII", 0xeb9f, 1, 0, 24, 0, len(types), len(types),
                       len(new_strings)) + types + bytes(new_strings)


class DiffTest(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def write(self, name, data):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data.build() if isinstance(data, BtfWriter) else data)
        return path

    def run_diff(self, *args, **kw):
        kw.setdefault("cwd", self.folder)
        return subprocess.run([BTFGEN, "diff", *map(str, args)], capture_output=True, check=False, **kw)

    def expect(self, code, out, *args, err=""):
        run = self.run_diff(*args)
        self.assertEqual((run.returncode, run.stdout.decode(), run.stderr.decode()), (code, out, err))

    def document(self, *args):
        run = self.run_diff("--json", *args)
        self.assertEqual(run.stderr, b"")
        self.assertIn(run.returncode, (0, 1))
        return json.loads(run.stdout)


class Changes(DiffTest):
    """One kind of change each. The tables of bytes are left out where they say nothing new."""

    def change(self, old, new, *lines, verdict):
        """old and new: what to add to a Writer. Text behind the tables of bytes."""
        for little in (True, False):
            writers = []
            for fill in (old, new):
                writer = Writer(little=little)
                fill(writer)
                writers.append(writer)
            self.write("old", writers[0])
            self.write("new", writers[1])
            run = self.run_diff("old", "new")
            self.assertEqual((run.returncode, run.stderr), (1, b""))
            first, _, rest = run.stdout.decode().partition("\n")
            self.assertEqual(first.partition("; ")[2], verdict)
            rest = re.sub(r"\A\nbytes .*?\ntotal [^\n]*\n", "", rest, flags=re.DOTALL)
            self.assertEqual(rest, "".join("\n" + line if line[0] != " " else line for line in
                                           (line + "\n" for line in lines)))
            # And the way back: as many changes.
            back = self.document("new", "old")
            there = self.document("old", "new")
            self.assertEqual([(row["kind"], row["added"], row["removed"], row["changed"]) for row in there["counts"]],
                             [(row["kind"], row["removed"], row["added"], row["changed"]) for row in back["counts"]])

    def test_struct_resized(self):
        self.change(lambda w: w.struct("s", 16, ("a", INT, 0), ("b", INT, 32), ("c", LONG, 64)),
                    lambda w: w.struct("s", 24, ("n", INT, 0), ("a", INT, 32), ("b", LONG, 64), ("d", LONG, 128)),
                    "STRUCT changed: 1",
                    "  s  16 -> 24  +8",
                    "    + n: int at 0",
                    "    ~ a: at 0 -> 4",
                    "    ~ b: int -> long, at 4 -> 8",
                    "    - c: long at 8",
                    "    + d: long at 16",
                    verdict="1 STRUCT changed")

    def test_member_renamed(self):
        self.change(lambda w: w.struct("s", 8, ("a", INT, 0), ("z", INT, 32)),
                    lambda w: w.struct("s", 8, ("b", INT, 0), ("z", INT, 32)),
                    "STRUCT changed: 1", "  s  8  ~ b (was a)", verdict="1 STRUCT changed")

    def test_bitfields(self):
        self.change(lambda w: w.bits("s", 4, ("a", INT, 0, 3), ("b", INT, 3, 5)),
                    lambda w: w.bits("s", 4, ("a", INT, 0, 4), ("b", INT, 4, 5), ("c", INT, 9, 1)),
                    "STRUCT changed: 1",
                    "  s  4",
                    "    ~ a: 3 -> 4 bits",
                    "    ~ b: at 0.3 -> 0.4",
                    "    + c: int:1 at 1.1",
                    verdict="1 STRUCT changed")

    def test_moved_together(self):
        members = [(f"m{i}", INT, i * 32) for i in range(40)]
        self.change(lambda w: w.struct("s", 164, *members, ("z", INT, 1280)),
                    lambda w: w.struct("s", 172, ("n", LONG, 0), *((name, t, off + 64) for name, t, off in members),
                                       ("z", LONG, 1344)),
                    "STRUCT changed: 1",
                    "  s  164 -> 172  +8",
                    "    + n: long at 0",
                    "    ~ 40 members m0 to m39: moved by +8",
                    "    ~ z: int -> long, at 160 -> 168",
                    verdict="1 STRUCT changed")

    def test_unnamed_members(self):
        def fill(writer, x_type, union_kind="UNION"):
            inner = writer.struct("", 8, ("x", x_type, 0))
            union = writer.struct("", 8, ("p", INT, 0), ("q", LONG, 0), kind=union_kind)
            more = writer.struct("", 8, ("k", INT, 0), ("l", x_type, 32))
            writer.struct("s", 64, ("in", inner, 0), ("", union, 64), ("list", writer.array(more, 2), 128),
                          ("to", writer.ptr(more), 256))
        self.change(lambda w: fill(w, INT), lambda w: fill(w, LONG),
                    "STRUCT changed: 1",
                    "  s  64",
                    "    ~ in.x: int -> long",
                    "    ~ list[].l: int -> long",
                    "    ~ to->l: int -> long",
                    verdict="1 STRUCT changed")

    def test_unnamed_part_moves_as_one(self):
        def fill(writer, off):
            inner = writer.struct("", 16, ("x", INT, 0), ("y", LONG, 64))
            union = writer.struct("", 8, ("p", INT, 0), ("q", LONG, 0), kind="UNION")
            writer.struct("s", 64, ("in", inner, off), ("", union, off + 128))
        self.change(lambda w: fill(w, 0), lambda w: fill(w, 64),
                    "STRUCT changed: 1", "  s  64  ~ 3 members in to q: moved by +8", verdict="1 STRUCT changed")

    def test_unnamed_struct_becomes_union(self):
        def fill(writer, kind):
            writer.struct("s", 8, ("", writer.struct("", 8, ("x", INT, 0), kind=kind), 0))
        self.change(lambda w: fill(w, "STRUCT"), lambda w: fill(w, "UNION"),
                    "STRUCT changed: 1", "  s  8  ~ unnamed parts or their order differ", verdict="1 STRUCT changed")

    def test_unnamed_enum_of_a_member(self):
        def fill(writer, value):
            writer.struct("s", 4, ("e", writer.enum("", ("A", value)), 0))
        self.change(lambda w: fill(w, 1), lambda w: fill(w, 2),
                    "STRUCT changed: 1", "  s  4  ~ e: enum {...}, whose unnamed parts differ",
                    verdict="1 STRUCT changed")

    def test_where_it_is(self):
        """Who refers to a struct by its name is not changed with it, unless something moves."""
        def fill(writer, size):
            inner = writer.struct("inner", size, ("a", INT, 0))
            writer.struct("outer", 32, ("in", inner, 0), ("b", INT, size * 8))
            writer.struct("behind", 16, ("to", writer.ptr(inner), 0), ("last", inner, 64))
            writer.function("f", INT, ("in", writer.ptr(inner)))
            writer.typedef("inner_t", inner)
        self.change(lambda w: fill(w, 8), lambda w: fill(w, 12),
                    "STRUCT changed: 2",
                    "  inner  8 -> 12  +4",
                    "  outer       32      ~ b: at 8 -> 12",
                    verdict="2 STRUCT changed")

    def test_union(self):
        self.change(lambda w: w.struct("u", 4, ("a", INT, 0), kind="UNION"),
                    lambda w: w.struct("u", 8, ("a", INT, 0), ("b", LONG, 0), kind="UNION"),
                    "UNION changed: 1", "  u  4 -> 8  +4  + b: long at 0", verdict="1 UNION changed")

    def test_struct_becomes_union(self):
        self.change(lambda w: w.struct("u", 4, ("a", INT, 0)),
                    lambda w: w.struct("u", 4, ("a", INT, 0), kind="UNION"),
                    "STRUCT removed: 1", "  u  4", "UNION added: 1", "  u  4",
                    verdict="1 STRUCT removed, 1 UNION added")

    def test_enum(self):
        self.change(lambda w: w.enum("e", ("A", 0), ("B", 1), ("MAX", 2)),
                    lambda w: w.enum("e", ("A", 0), ("C", 1), ("MAX", 3)),
                    "ENUM changed: 1", "  e  4", "    - B = 1", "    + C = 1", "    ~ MAX = 2 -> 3",
                    verdict="1 ENUM changed")

    def test_enum_signed(self):
        self.change(lambda w: w.enum("e", ("A", -1), signed=True), lambda w: w.enum("e", ("A", -2), signed=True),
                    "ENUM changed: 1", "  e  4  ~ A = -1 -> -2", verdict="1 ENUM changed")
        self.change(lambda w: w.enum("e", ("A", 1), signed=True), lambda w: w.enum("e", ("A", 1)),
                    "ENUM changed: 1", "  e  4  ~ signed -> unsigned", verdict="1 ENUM changed")

    def test_enum64(self):
        self.change(lambda w: w.enum("e", ("A", 1)), lambda w: w.enum("e", ("A", 1), ("B", 1 << 40), size=8, kind="ENUM64"),
                    "ENUM changed: 1", "  e  4 -> 8  +4", "    ~ ENUM -> ENUM64", "    + B = 1099511627776",
                    verdict="1 ENUM changed")

    def test_unnamed_enum(self):
        """Nobody refers to it: it is known by its constants."""
        self.change(lambda w: w.enum("", ("A", 0), ("B", 1), ("MAX", 2)),
                    lambda w: w.enum("", ("A", 0), ("B", 5), ("C", 7), ("MAX", 3)),
                    "ENUM changed: 1", "  enum {A, ...}  4", "    ~ B = 1 -> 5", "    + C = 7", "    ~ MAX = 2 -> 3",
                    verdict="1 ENUM changed")
        self.change(lambda w: w.enum("", ("A", 0), ("B", 1)), lambda w: w.enum("", ("A", 0), ("C", 1), ("D", 2)),
                    "ENUM removed: 1", "  enum {A, ...}  4", "ENUM added: 1", "  enum {A, ...}  4",
                    verdict="1 ENUM removed, 1 ENUM added")

    def test_unnamed_members_are_no_likeness(self):
        def fill(writer, name):
            writer.struct("", 8, (name, INT, 0), ("", writer.struct("", 4, ("x" + name, INT, 0)), 0), kind="UNION")
        self.change(lambda w: fill(w, "a"), lambda w: fill(w, "b"),
                    "UNION removed: 1", "  union {a, ...}  8", "UNION added: 1", "  union {b, ...}  8",
                    verdict="1 UNION removed, 1 UNION added")

    def test_typedef(self):
        self.change(lambda w: w.typedef("t", INT), lambda w: w.typedef("t", LONG),
                    "TYPEDEF changed: 1", "  t  ~ int -> long", verdict="1 TYPEDEF changed")
        self.change(lambda w: w.typedef("t", w.ptr(INT)), lambda w: w.typedef("u", w.array(w.ptr(INT), 3)),
                    "TYPEDEF removed: 1", "  t  int *", "TYPEDEF added: 1", "  u  int *[3]",
                    verdict="1 TYPEDEF removed, 1 TYPEDEF added")

    def test_int_and_float(self):
        self.change(lambda w: w.int("char", 1, encoding=2), lambda w: w.int("char", 1, encoding=1),
                    "INT changed: 1", "  char  1  ~ unsigned char 8 bits -> signed 8 bits", verdict="1 INT changed")
        self.change(lambda w: w.add("FLOAT", "double", 8), lambda w: w.add("FLOAT", "double", 16),
                    "FLOAT changed: 1", "  double  8 -> 16  +8", verdict="1 FLOAT changed")

    def test_forward(self):
        self.change(lambda w: w.ptr(w.add("FWD", "s", 0)), lambda w: w.ptr(w.struct("s", 8, ("a", INT, 0))),
                    "FWD changed: 1", "  s  8  ~ FWD -> STRUCT", verdict="1 FWD changed")
        self.change(lambda w: w.ptr(w.add("FWD", "s", 0, flag=True)), lambda w: None,
                    "FWD removed: 1", "  s  union", "PTR removed: 1", "  union s *",
                    verdict="1 FWD removed, 1 PTR removed")

    def test_function_parameters(self):
        def change(old, new, *lines):
            self.change(lambda w: w.function("f", INT, *old), lambda w: w.function("f", INT, *new),
                        "FUNC changed: 1", *lines, verdict="1 FUNC changed")
        change([("a", INT), ("b", INT)], [("a", INT), ("x", LONG), ("b", INT)], "  f  + parameter 2 x: long")
        change([("a", INT), ("b", INT)], [("b", INT)], "  f  - parameter 1 a: int")
        change([("a", INT), ("b", INT)], [("a", LONG), ("c", INT)],
               "  f", "    ~ parameter 1 a: int -> long", "    ~ parameter 2 c (was b)")
        change([("a", INT), ("b", INT), ("", 0)], [("a", INT)],
               "  f", "    - parameter 2 b: int", "    - parameter 3: ...")
        change([("a", INT), ("b", LONG)], [("b", LONG), ("a", INT)],
               "  f", "    - parameter 1 a: int", "    + parameter 2 a: int")
        change([("a", INT), ("b", INT), ("c", INT)], [("b", LONG), ("n", INT)],
               "  f", "    - parameter 1 a: int", "    ~ parameter 1 b: int -> long", "    ~ parameter 2 n (was c)")

    def test_function(self):
        self.change(lambda w: w.function("f", INT), lambda w: w.function("f", LONG, linkage=1),
                    "FUNC changed: 1", "  f", "    ~ linkage: static -> global", "    ~ result: int -> long",
                    verdict="1 FUNC changed")
        self.change(lambda w: w.function("f", INT, ("a", INT)), lambda w: w.function("g", INT, ("a", INT)),
                    "FUNC removed: 1", "  f  int (int)", "FUNC added: 1", "  g  int (int)",
                    verdict="1 FUNC removed, 1 FUNC added")

    def test_names_of_parameters_of_pointers_do_not_count(self):
        writers = [Writer(), Writer()]
        for writer, name in zip(writers, ("a", "b")):
            writer.struct("ops", 8, ("run", writer.ptr(writer.proto(INT, (name, LONG))), 0))
        self.write("old", writers[0])
        self.write("new", writers[1])
        self.expect(0, ".BTF 132 bytes; no difference\n", "old", "new")

    def test_variable(self):
        self.change(lambda w: w.section(".data", 64, ("v", INT, 0, 4)),
                    lambda w: w.section(".data", 64, ("v", LONG, 8, 8)),
                    "VAR changed: 1", "  v  4 -> 8  +4", "    ~ offset: 0 -> 8", "    ~ type: int -> long",
                    verdict="1 VAR changed")
        self.change(lambda w: w.section(".data", 4, ("v", INT, 0, 4)),
                    lambda w: w.section(".bss", 4, ("v", INT, 0, 4)),
                    "VAR changed: 1", "  v  4  ~ section: .data -> .bss",
                    "DATASEC removed: 1", "  .data  4", "DATASEC added: 1", "  .bss  4",
                    verdict="1 VAR changed, 1 DATASEC removed, 1 DATASEC added")
        self.change(lambda w: w.section(".data", 4, ("v", INT, 0, 4)),
                    lambda w: w.section(".data", 16, ("v", INT, 0, 4), ("w", LONG, 8, 8)),
                    "VAR added: 1", "  w  8  long, .data+8", "DATASEC changed: 1", "  .data  4 -> 16  +12",
                    verdict="1 VAR added, 1 DATASEC changed")
        self.change(lambda w: w.section(".data", 64), lambda w: w.section(".data", 64, ("a", INT, 0, 4), ("b", LONG, 8, 8)),
                    "VAR added: 2", "  b  8  long, .data+8", "  a  4  int, .data+0", verdict="2 VAR added")

    def test_variables_of_one_name(self):
        """Equal ones first, then those that are most alike; whatever stands first in the file."""
        self.change(lambda w: w.section(".data", 64, ("v", INT, 0, 4), ("v", LONG, 8, 8), ("v", INT, 16, 4)),
                    lambda w: w.section(".data", 64, ("v", LONG, 24, 8), ("v", INT, 0, 4), ("v", INT, 20, 4)),
                    "VAR changed: 2", "  v  8  ~ offset: 8 -> 24", "  v  4  ~ offset: 16 -> 20",
                    verdict="2 VAR changed")

    def test_tags(self):
        def fill(writer, *tags):
            target = writer.struct("s", 8, ("a", INT, 0), ("b", INT, 32))
            for text, component in tags:
                writer.tag(text, target, component)
        self.change(lambda w: fill(w, ("x", WHOLE), ("y", 1)), lambda w: fill(w, ("z", WHOLE), ("y", 0)),
                    "STRUCT changed: 1", "  s  8", "    - tag x", "    + tag z", "    + tag y of a",
                    "    - tag y of b", verdict="1 STRUCT changed")

    def test_tag_of_function(self):
        def fill(writer, tagged):
            func = writer.function("f", INT, ("a", INT), ("", INT))
            if tagged:
                writer.tag("bpf_kfunc", func)
                writer.tag("arg", func, 0)
                writer.tag("arg", func, 1)
        self.change(lambda w: fill(w, False), lambda w: fill(w, True),
                    "FUNC changed: 1", "  f", "    + tag bpf_kfunc", "    + tag arg of number 2", "    + tag arg of a",
                    verdict="1 FUNC changed")

    def test_tag_on_unnamed(self):
        self.change(lambda w: w.tag("x", w.ptr(INT)), lambda w: w.tag("y", w.ptr(INT)),
                    "DECL_TAG removed: 1", "  x  on int *", "DECL_TAG added: 1", "  y  on int *",
                    verdict="1 DECL_TAG removed, 1 DECL_TAG added")

    def test_type_tag_and_qualifiers(self):
        self.change(lambda w: w.typedef("t", w.ptr(w.add("TYPE_TAG", "user", INT))),
                    lambda w: w.typedef("t", w.ptr(w.add("TYPE_TAG", "rcu", INT))),
                    "TYPEDEF changed: 1", "  t  ~ __tag(user) int * -> __tag(rcu) int *", verdict="1 TYPEDEF changed")
        self.change(lambda w: w.typedef("t", w.ptr(INT)), lambda w: w.typedef("t", w.ptr(w.add("CONST", "", INT))),
                    "TYPEDEF changed: 1", "  t  ~ int * -> const int *", verdict="1 TYPEDEF changed")

    def test_two_of_one_name(self):
        """Most alike: a with a longer a, b stays equal; the third is new."""
        a = [(f"a{i}", INT, i * 32) for i in range(4)]
        b = [(f"b{i}", INT, i * 32) for i in range(4)]

        def old(writer):
            writer.struct("s", 16, *a)
            writer.struct("s", 16, *b)

        def new(writer):
            writer.struct("s", 64, ("other", INT, 0))
            writer.struct("s", 16, *b)
            writer.struct("s", 20, *a, ("a4", INT, 128))
        self.change(old, new, "STRUCT changed: 1", "  s  16 -> 20  +4  + a4: int at 16", "STRUCT added: 1", "  s  64",
                    verdict="1 STRUCT changed, 1 STRUCT added")

    def test_definition_beside_forward(self):
        def old(writer):
            writer.add("FWD", "s", 0)
            writer.struct("s", 4, ("a", INT, 0))
        self.change(old, lambda w: w.struct("s", 8, ("a", LONG, 0)),
                    "STRUCT changed: 1", "  s  4 -> 8  +4  ~ a: int -> long", "FWD removed: 1", "  s  struct",
                    verdict="1 STRUCT changed, 1 FWD removed")

    def test_unnamed_that_nobody_refers_to(self):
        def old(writer):
            writer.ptr(writer.add("CONST", "", INT))
            writer.ptr(writer.add("CONST", "", INT))

        def new(writer):
            writer.add("CONST", "", INT)
            writer.array(INT, 5)
        self.change(old, new, "PTR removed: 1", "  const int *", "ARRAY added: 1", "  int [5]",
                    verdict="1 PTR removed, 1 ARRAY added")

    def test_control_bytes(self):
        self.change(lambda w: None, lambda w: w.typedef("a\x1b[31mb\nc\x7f", INT),
                    "TYPEDEF added: 1", "  a?[31mb?c?  int", verdict="1 TYPEDEF added")


class Same(DiffTest):
    def same(self, old, new):
        self.write("old", old)
        self.write("new", new)
        run = self.run_diff("old", "new")
        self.assertEqual((run.returncode, run.stderr), (0, b""))
        self.assertRegex(run.stdout.decode(), r"\A\.BTF [^;\n]* bytes[^;\n]*; no difference\n(\Z|\nbytes )")
        document = self.document("old", "new")
        self.assertTrue(document["same"])
        self.assertEqual((document["changes"], document["counts"]), ([], []))

    def sample(self, little=None):
        writer = Writer(little=little)
        first = writer.num + 1
        writer.struct("node", 24, ("next", first + 1, 0), ("prev", first + 1, 64), ("value", INT, 128))
        pointer = writer.ptr(first)
        inner = writer.struct("", 16, ("x", INT, 0), ("to", pointer, 64))
        union = writer.struct("", 16, ("in", inner, 0), ("e", writer.enum("", ("ONE", 1), ("TWO", 2)), 0), kind="UNION")
        writer.struct("holder", 64, ("", union, 0), ("list", writer.array(inner, 2), 128))
        writer.struct("holder", 8, ("other", LONG, 0))
        writer.bits("flags", 4, ("a", INT, 0, 1), ("b", INT, 1, 31))
        writer.enum("big", ("TOP", 1 << 63), size=8, kind="ENUM64")
        writer.enum("", ("FREE", 1), ("FREER", 2))
        func = writer.function("run", INT, ("node", pointer), ("holder", union), ("", 0))
        writer.tag("kfunc", func)
        writer.tag("arg", func, 0)
        writer.function("run", LONG)
        writer.section(".data..percpu", 64, ("v", INT, 0, 4), ("v", LONG, 8, 8), ("w", pointer, 16, 8))
        writer.typedef("t", writer.ptr(writer.proto(0, ("a", pointer))))
        writer.ptr(writer.add("FWD", "elsewhere", 0))
        writer.add("VOLATILE", "", writer.add("TYPE_TAG", "tag", INT))
        writer.add("FLOAT", "double", 8)
        return writer

    def test_itself(self):
        self.same(self.sample(), self.sample())

    def test_other_ids_and_strings(self):
        data = self.sample().build()
        for seed in range(20):
            with self.subTest(seed):
                self.same(data, shuffled(data, seed))

    def test_other_byte_order(self):
        self.same(self.sample(little=True), self.sample(little=False))
        data = self.sample().build()
        self.same(data, shuffled(data, 1, big=True))

    def test_other_strings_only(self):
        writer = self.sample()
        writer.strings += b"nobody asks for this\0"
        self.same(self.sample(), writer)
        run = self.run_diff("old", "new")
        self.assertEqual(run.stdout.decode().splitlines()[0].split("; ")[1], "no difference")
        self.assertIn("+21 (", run.stdout.decode().splitlines()[0])

    def test_kind_flag_is_a_form(self):
        plain, flagged = Writer(), Writer()
        plain.struct("s", 8, ("a", INT, 0), ("b", INT, 32))
        flagged.bits("s", 8, ("a", INT, 0, 0), ("b", INT, 32, 0))
        self.same(plain, flagged)

    def test_raw_and_elf(self):
        data = self.sample().build()
        self.same(data, kernel_file(data, release="6.1.0"))

    def test_real(self):
        """A compiled file; test_two_lines takes kernels."""
        data = real_btf(self.folder, SAMPLE).read_bytes()
        for seed in range(5):
            self.same(data, shuffled(data, seed))


class Split(DiffTest):
    def base(self, *more):
        base = Writer()
        base.struct("kept", 8, ("a", INT, 0))
        for name in more:
            base.struct(name, 8, ("b", INT, 0))
        return base

    def module(self, base, target, *more):
        module = Writer(base)
        module.struct("mine", 16, ("to", module.ptr(target), 0), ("n", INT, 64))
        for name in more:
            module.typedef(name, INT)
        return module

    def test_one_base(self):
        base = self.base()
        self.write("base", base)
        self.write("old", self.module(base, 3))
        self.write("new", self.module(base, 3, "more"))
        out = (".BTF 82 -> 99 bytes, +17 (+20.73 %); 1 TYPEDEF added\n\n"
               "bytes    old  new  delta            old count  new count\n"
               "TYPEDEF    0   12    +12       new          0          1\n"
               "strings   10   15     +5  +50.00 %          3          4\n"
               "total     82   99    +17  +20.73 %\n\n"
               "TYPEDEF added: 1\n  more  int\n")
        self.expect(1, out, "--base", "base", "old", "new")
        self.expect(1, out, "-Bbase", "old", "new")
        self.expect(1, out, "--old-base=base", "--new-base=base", "old", "new")
        self.expect(3, "", "old", "new", err="btfgen: old: is split BTF, which nothing is known of without its base "
                    "(--base)\n")
        self.expect(3, "", "--old-base=base", "old", "new", err="btfgen: new: is split BTF, which nothing is known of "
                    "without its base (--base)\n")

    def test_each_its_base(self):
        """The base may have grown: names count, not its ids."""
        old_base, new_base = self.base(), self.base("z")
        new_base.records[2], new_base.records[3] = new_base.records[3], new_base.records[2]
        self.write("old.base", old_base)
        self.write("new.base", new_base)
        self.write("old", self.module(old_base, 3))
        self.write("new", self.module(new_base, 4))
        self.expect(0, ".BTF 82 bytes; no difference\n", "--old-base=old.base", "--new-base=new.base", "old", "new")
        self.write("new", self.module(new_base, 3))
        run = self.run_diff("--old-base=old.base", "--new-base=new.base", "old", "new")
        self.assertIn("  mine  16  ~ to: struct kept * -> struct z *\n", run.stdout.decode())

    def test_stacked(self):
        base = self.base()
        middle = self.module(base, 3)
        top = Writer(middle)
        top.typedef("t", middle.num)
        other = Writer(middle)
        other.typedef("t", INT)
        for name, writer in (("base", base), ("middle", middle), ("old", top), ("new", other)):
            self.write(name, writer)
        self.expect(1, ".BTF 38 bytes; 1 TYPEDEF changed\n\nTYPEDEF changed: 1\n  t  ~ struct mine -> int\n",
                    "-B", "base", "-B", "middle", "old", "new")

    def test_tag_on_the_base(self):
        base = self.base()
        old, new = self.module(base, 3), self.module(base, 3)
        new.tag("x", 3)
        self.write("base", base)
        self.write("old", old)
        self.write("new", new)
        run = self.run_diff("-B", "base", "old", "new")
        self.assertIn("\nDECL_TAG added: 1\n  x  on struct kept\n", run.stdout.decode())


class Formats(DiffTest):
    def pair(self):
        old, new = Writer(), Writer()
        old.struct("s", 8, ("a", INT, 0))
        old.function("gone", INT)
        new.struct("s", 16, ("a", INT, 0), ("b", LONG, 64))
        new.section(".data..percpu", 8, ("v", INT, 4, 4))
        self.write("old", old)
        self.write("new", new)

    def test_text(self):
        self.pair()
        self.expect(1, (
            ".BTF 123 -> 164 bytes, +41 (+33.33 %); 1 STRUCT changed, 1 FUNC removed, 1 VAR added, 1 DATASEC added\n\n"
            "bytes       old  new  delta             old count  new count\n"
            "DATASEC       0   24    +24        new          0          1\n"
            "VAR           0   16    +16        new          0          1\n"
            "strings      19   32    +13   +68.42 %          6          8\n"
            "FUNC         12    0    -12  -100.00 %          1          0\n"
            "FUNC_PROTO   12    0    -12  -100.00 %          1          0\n"
            "STRUCT       24   36    +12   +50.00 %          1          1\n"
            "total       123  164    +41   +33.33 %\n\n"
            "STRUCT changed: 1\n  s  8 -> 16  +8  + b: long at 8\n\n"
            "FUNC removed: 1\n  gone  int (void)\n\n"
            "VAR added: 1\n  v  4  int, .data..percpu+4\n\n"
            "DATASEC added: 1\n  .data..percpu  8\n"), "old", "new")

    def test_json(self):
        self.pair()
        document = self.document("old", "new")
        self.assertEqual(document["kind"], "diff")
        self.assertEqual(document["verdict"], self.run_diff("old", "new").stdout.decode().splitlines()[0])
        self.assertEqual(document["old"]["path"], "old")
        self.assertEqual(document["delta"], document["new"]["bytes"] - document["old"]["bytes"])
        self.assertEqual(sum(row["delta"] for row in document["sizes"]), document["delta"])
        self.assertEqual(document["changes"], [
            {"kind": "STRUCT", "name": "s", "change": "changed", "old_id": 3, "new_id": 3, "old_size": 8, "new_size": 16,
             "delta": 8, "old_bytes": 24, "new_bytes": 36, "details": [
                 {"what": "size", "change": ["resized"], "old": 8, "new": 16},
                 {"what": "member", "change": ["added"], "name": "b", "new": "long", "new_bit_offset": 64}]},
            {"kind": "FUNC", "name": "gone", "change": "removed", "old_id": 5, "delta": 0, "old_bytes": 12,
             "text": "int (void)"},
            {"kind": "VAR", "name": "v", "change": "added", "new_id": 4, "new_size": 4, "delta": 4, "new_bytes": 16,
             "text": "int", "section": ".data..percpu", "offset": 4},
            {"kind": "DATASEC", "name": ".data..percpu", "change": "added", "new_id": 5, "new_size": 8, "delta": 8,
             "new_bytes": 24}])
        self.assertEqual(document["counts"], [
            {"kind": "STRUCT", "added": 0, "removed": 0, "changed": 1},
            {"kind": "FUNC", "added": 0, "removed": 1, "changed": 0},
            {"kind": "VAR", "added": 1, "removed": 0, "changed": 0},
            {"kind": "DATASEC", "added": 1, "removed": 0, "changed": 0}])

    def test_markdown(self):
        self.pair()
        run = self.run_diff("--format=markdown", "old", "new")
        self.assertEqual((run.returncode, run.stderr), (1, b""))
        text = run.stdout.decode()
        self.assertTrue(text.startswith("**.BTF 123 -&gt; 164 bytes, +41 (+33.33 %); 1 STRUCT changed, "), text)
        self.assertIn("\n\n| bytes | old | new | delta | | old count | new count |\n|:--|--:|--:|--:|--:|--:|--:|\n"
                      "| DATASEC | 0 | 24 | +24 | new | 0 | 1 |\n", text)
        self.assertIn("| **total** | 123 | 164 | +41 | +33.33 % | | |\n\n", text)
        self.assertIn("<details><summary>STRUCT changed: 1</summary>\n\n```diff\n  s, 8 -> 16 bytes, +8\n"
                      "+    b: long at 8\n```\n\n</details>\n\n", text)
        self.assertIn("```diff\n- gone: int (void)\n```\n", text)
        self.assertIn("```diff\n+ v, 4 bytes: int, .data..percpu+4\n```\n", text)
        self.write("new", (self.folder / "old").read_bytes())
        self.expect(0, "**.BTF 123 bytes; no difference**\n", "-F", "markdown", "old", "new")

    def test_markdown_names(self):
        """Nothing in a name ends a block or a cell."""
        evil = "x```\n</details>|<img src=x>@everyone" + "y" * 100000
        old, new = Writer(), Writer()
        new.struct(evil, 4, (evil, INT, 0))
        new.enum(evil, (evil, 1))
        self.write("old", old)
        self.write("new", new)
        text = self.run_diff("-F", "markdown", "old", "new").stdout.decode()
        self.assertLess(len(text), 60000)
        self.assertEqual(text.count("```"), 4)
        self.assertEqual(text.count("\n</details>"), 2)
        path = evil[:evil.index("yy")].replace("/", "_") + ".btf"
        self.write("a/" + path, old)
        self.write("b/" + path, new)
        text = self.run_diff("-F", "markdown", "a", "b").stdout.decode()
        self.assertIn("| x\\`\\`\\`?&lt;\\_details&gt;\\|&lt;img src=x&gt;&#64;everyone.btf | ", text)
        self.assertNotIn("<img", text.split("```")[0])

    def test_markdown_is_cut(self):
        old, new = Writer(), Writer()
        for i in range(3000):
            new.typedef(f"a_name_that_is_rather_long_{i:05}", INT)
            new.enum(f"an_enum_{i:05}", *((f"CONSTANT_{i}_{k}", k) for k in range(10)))
            old.enum(f"an_enum_{i:05}", *((f"CONSTANT_{i}_{k}", k + 1) for k in range(10)))
        self.write("old", old)
        self.write("new", new)
        run = self.run_diff("-F", "markdown", "--top=0", "old", "new")
        text = run.stdout.decode()
        self.assertLess(len(run.stdout), 60000)
        self.assertGreater(len(run.stdout), 20000)
        for heading in ("ENUM changed: 3,000", "TYPEDEF added: 3,000"):
            block = text.split(heading)[1].split("</details>")[0]
            shown = len(re.findall(r"^[ +] an?_", block, re.MULTILINE))
            left = re.search(r"^  \.\.\. and ([0-9,]+) more$", block, re.MULTILINE).group(1)
            self.assertEqual(shown + int(left.replace(",", "")), 3000)

    def test_top(self):
        old, new = Writer(), Writer()
        for i in range(25):
            new.typedef(f"t{i:02}", INT)
        old.struct("s", 8, ("z", INT, 0))
        new.struct("s", 80, *((f"m{i:02}", INT, i * 32 + 32) for i in range(15)))
        self.write("old", old)
        self.write("new", new)
        text = self.run_diff("old", "new").stdout.decode()
        self.assertIn("\n  t19  int\n  ... and 5 more\n", text)
        self.assertIn("\n    + m08: int at 36\n    ... and 6 more\n", text)
        text = self.run_diff("--top", "3", "old", "new").stdout.decode()
        self.assertIn("\n  t02  int\n  ... and 22 more\n", text)
        text = self.run_diff("--top=0", "old", "new").stdout.decode()
        self.assertIn("\n  t24  int\n", text)
        self.assertIn("\n    + m14: int at 60\n", text)
        self.assertNotIn("more\n", text)

    def test_html(self):
        self.pair()
        self.expect(1, "", "--html", "page.html", "old", "new")
        page = (self.folder / "page.html").read_text(encoding="utf-8")
        self.assertTrue(page.startswith("<!DOCTYPE html>") or page.startswith("<!doctype html>"))
        data = self.run_diff("--json", "old", "new").stdout.decode()
        self.assertIn(data.strip(), page)
        self.expect(1, data, "--html", "page.html", "--json", "old", "new")
        run = self.run_diff("--html", "/nonexistent/page.html", "old", "new")
        self.assertEqual((run.returncode, run.stdout), (5, b""))

    def on_terminal(self, env, *args):
        leader, follower = pty.openpty()
        with subprocess.Popen([BTFGEN, "diff", *args, "old", "new"], cwd=self.folder, stdout=follower,
                              env={**os.environ, "TERM": "xterm", **env}) as run:
            os.close(follower)
            out = b""
            while True:
                try:
                    part = os.read(leader, 4096)
                except OSError:
                    break
                if not part:
                    break
                out += part
            self.assertEqual(run.wait(), 1)
        os.close(leader)
        return out

    def test_colour(self):
        self.pair()
        self.assertNotIn(b"\x1b", self.run_diff("old", "new").stdout)
        painted = self.run_diff("--color", "old", "new").stdout
        self.assertIn(b"\x1b[32m+ b: long at 8\x1b[0m\n", painted)
        self.assertTrue(painted.startswith(b"\x1b[1m.BTF 123 -> 164 bytes"))
        self.assertEqual(re.sub(rb"\x1b\[\d+m", b"", painted), self.run_diff("old", "new").stdout)
        self.assertEqual(self.run_diff("--color=always", "old", "new", env={**os.environ, "NO_COLOR": "1"}).stdout, painted)
        without = {"NO_COLOR": ""}
        self.assertIn(b"\x1b[32m", self.on_terminal(without))
        self.assertNotIn(b"\x1b", self.on_terminal({"NO_COLOR": "1"}))
        self.assertNotIn(b"\x1b", self.on_terminal({"TERM": "dumb", **without}))
        self.assertNotIn(b"\x1b", self.on_terminal(without, "--color=never"))
        self.assertNotIn(b"\x1b", self.on_terminal(without, "--json"))
        self.assertNotIn(b"\x1b", self.on_terminal(without, "-F", "markdown"))

    def test_reader_goes_away(self):
        old, new = Writer(), Writer()
        for i in range(30000):
            new.typedef(f"a_rather_long_name_of_a_type_{i}", INT)
        self.write("old", old)
        self.write("new", new)
        for args in (["--top=0"], ["--json"]):
            run = subprocess.run(["sh", "-c", '"$@" | head -n 1', "-", BTFGEN, "diff", *args, "old", "new"],
                                 cwd=self.folder, capture_output=True, check=False)
            self.assertEqual((run.returncode, run.stderr, run.stdout.count(b"\n")), (0, b"", 1))


class Limits(DiffTest):
    def pair(self, num_old=10, num_new=11):
        for name, num in (("old", num_old), ("new", num_new)):
            writer = Writer()
            for i in range(num):
                writer.typedef(f"t{i:02}", INT)
            self.write(name, writer)

    def limit(self, code, err, *args):
        run = self.run_diff(*args, "old", "new")
        self.assertEqual((run.returncode, run.stderr.decode()), (code, err), args)

    def test_limits(self):
        self.pair()                                     # 226 -> 242 bytes, TYPEDEF 120 -> 132, strings 50 -> 54
        for good in ("7.08%", "8%", "16", "1K", "1M", "100.5%", "typedef=10%", "TYPEDEF=12", "types=12", "strings=4",
                     "var=0", "header=0%", "total=16,typedef=12"):
            self.limit(0, "", "--max-growth", good)
        self.limit(1, "btfgen: total grew by 16 bytes (+7.08 %), over the limit '7.07%'\n", "--max-growth=7.07%")

    def test_breaches(self):
        self.pair()
        self.limit(1, "btfgen: TYPEDEF grew by 12 bytes (+10.00 %), over the limit 'typedef=9.9999%'\n"
                   "btfgen: strings grew by 4 bytes (+8.00 %), over the limit 'strings=3'\n",
                   "--max-growth=typedef=9.9999%,types=12,strings=3")
        self.limit(1, "btfgen: types grew by 12 bytes (+7.89 %), over the limit 'types=0'\n", "--max-growth=types=0")
        budgets = self.document("--max-growth=100", "--max-growth=typedef=50%", "old", "new")["budgets"]
        self.assertEqual(budgets[1], {"limit": "typedef=50%", "name": "TYPEDEF", "file": None, "old_bytes": 120,
                                      "new_bytes": 132, "delta": 12, "breached": False})

    def test_from_nothing(self):
        self.pair(0, 1)
        self.limit(1, "btfgen: TYPEDEF grew by 12 bytes (new), over the limit 'typedef=1000%'\n",
                   "--max-growth=typedef=1000%")
        self.limit(0, "", "--max-growth=typedef=12")

    def test_shrinking_is_no_breach(self):
        self.pair(11, 10)
        self.limit(0, "", "--max-growth=0")

    def test_breach_is_in_markdown(self):
        self.pair()
        run = self.run_diff("-F", "markdown", "--max-growth=typedef=0", "old", "new")
        self.assertIn(b"\n- **over budget**: TYPEDEF grew by 12 bytes (+10.00 %), over the limit 'typedef=0'\n",
                      run.stdout)

    def test_wrong(self):
        self.pair()
        for bad in ("1x", "%", "-1", "1.5", "1.", ".5%", "1.55555%", "1e3", "var=", "1,", "+1%", "1 %", "1KB",
                    "9999999999999", "1000001%"):
            run = self.run_diff("--max-growth", bad, "old", "new")
            self.assertEqual((run.returncode, run.stdout), (2, b""), bad)
            self.assertIn(b"btfgen: option '--max-growth' takes 1%, 0.5%, 4096, 64K or 1M, perhaps behind a name as in "
                          b"var=1%, not '", run.stderr)
        self.limit(2, "btfgen: option '--max-growth' takes limits on total, types, strings, header, layout or a kind "
                   "such as var; 'vars' is none; try 'btfgen diff --help'\n", "--max-growth=vars=1%")


class Folders(DiffTest):
    def setUp(self):
        super().setUp()
        base = Writer()
        base.struct("kept", 8, ("a", INT, 0))
        self.base = base
        for side in ("a", "b"):
            self.write(f"{side}/vmlinux", kernel_file(base.build(), release="6.1.0"))
            self.write(f"{side}/modules.dep", b"text")
            self.write(f"{side}/without.ko", module_file(release="6.1.0"))
            self.module(f"{side}/kernel/same.ko", "same")
        self.module("a/kernel/net/changed.ko", "one")
        self.module("b/kernel/net/changed.ko", "one", "two")
        self.module("a/kernel/gone.ko", "one")
        self.module("b/kernel/raw.btf", "three")
        self.module("b/sysfs_name", "four", raw=True)

    def module(self, path, *names, raw=False):
        module = Writer(self.base)
        for name in names:
            module.typedef(name, 3)
        data = module.build()
        self.write(path, data if raw or path.endswith(".btf") else module_file(data, release="6.1.0"))

    def test_text(self):
        run = self.run_diff("a", "b")
        self.assertEqual((run.returncode, run.stderr), (1, b""))
        text = run.stdout.decode()
        self.assertEqual(text.splitlines()[0],
                         "6 files, .BTF 218 -> 277 bytes, +59 (+27.06 %); 1 file changed, 1 file removed, 2 files added")
        self.assertIn("\n\n"
                      "file                   old  new  delta\n"
                      "kernel/raw.btf               42    +42             added\n"
                      "sysfs_name                   41    +41             added\n"
                      "kernel/gone.ko          40         -40  -100.00 %  removed\n"
                      "kernel/net/changed.ko   40   56    +16   +40.00 %  1 TYPEDEF added\n", text)
        self.assertTrue(text.endswith("\n\nkernel/net/changed.ko: .BTF 40 -> 56 bytes, +16 (+40.00 %); 1 TYPEDEF added\n"
                                      "\nTYPEDEF added: 1\n  two  struct kept\n"), text)

    def test_json(self):
        document = self.document("a", "b")
        self.assertEqual([(file["path"], file["status"], file["delta"]) for file in document["files"]],
                         [("kernel/raw.btf", "added", 42), ("sysfs_name", "added", 41), ("kernel/gone.ko", "removed", -40),
                          ("kernel/net/changed.ko", "changed", 16), ("kernel/same.ko", "same", 0), ("vmlinux", "same", 0)])
        self.assertNotIn("changes", document)
        self.assertEqual(document["delta"], sum(file["delta"] for file in document["files"]))
        self.assertEqual(document["files"][3]["changes"][0]["name"], "two")

    def test_same(self):
        self.expect(0, "4 files, .BTF 218 bytes; no difference\n", "a", "a")

    def test_limits(self):
        run = self.run_diff("--max-growth=10%", "--max-file-growth=50%,typedef=11", "a", "b")
        self.assertEqual((run.returncode, run.stderr.decode()), (1, (
            "btfgen: total grew by 59 bytes (+27.06 %), over the limit '10%'\n"
            "btfgen: kernel/net/changed.ko: TYPEDEF grew by 12 bytes (+100.00 %), over the limit 'typedef=11'\n")))
        run = self.run_diff("--max-growth=50%", "--max-file-growth=50%", "a", "b")
        self.assertEqual((run.returncode, run.stderr), (0, b""))

    def test_bases(self):
        for side in ("a", "b"):
            shutil.move(self.folder / side / "vmlinux", self.folder / f"{side}.vmlinux")
        run = self.run_diff("a", "b")
        self.assertEqual(run.returncode, 3)
        self.assertIn(b"btfgen: a/kernel/gone.ko: is split BTF, which nothing is known of without its base (--base)\n",
                      run.stderr)
        self.assertTrue(run.stdout.startswith(b"0 files, .BTF 0 bytes; 7 cannot be read\n"), run.stdout)
        run = self.run_diff("--old-base=a.vmlinux", "--new-base=b.vmlinux", "a", "b")
        self.assertEqual((run.returncode, run.stderr), (1, b""))
        self.assertTrue(run.stdout.startswith(b"5 files, "))

    def test_bad_file(self):
        self.write("b/kernel/same.ko", b"\x7fELF garbage")
        run = self.run_diff("a", "b")
        self.assertEqual(run.returncode, 3)
        self.assertRegex(run.stderr.decode(), r"\Abtfgen: b/kernel/same\.ko: [^\n]*\n\Z")
        self.assertIn(b", 1 cannot be read\n", run.stdout)

    def test_file_and_folder(self):
        self.expect(2, "", "a", "a/vmlinux", err="btfgen: 'a' is a folder and 'a/vmlinux' is not; try 'btfgen diff "
                    "--help'\n")
        (self.folder / "empty").mkdir()
        self.expect(3, "", "empty", "empty", err="btfgen: neither 'empty' nor 'empty' has files with BTF\n")


class Operands(DiffTest):
    def test_wrong(self):
        for args in ([], ["a"], ["a", "b", "c"]):
            self.expect(2, "", *args, err="btfgen: two files or two folders are needed, OLD and NEW; try 'btfgen diff "
                        "--help'\n")
        self.expect(2, "", "", "b", err="btfgen: the name of the input is empty; try 'btfgen diff --help'\n")
        self.expect(3, "", "a", "b", err="btfgen: a: cannot open: No such file or directory\n")
        self.expect(2, "", "-F", "xml", "a", "b", err="btfgen: option '-F' takes text, markdown or json, not 'xml'; try "
                    "'btfgen diff --help'\n")
        self.write("a", Writer())
        self.write("b", b"\x7fELF")
        self.assertEqual(self.run_diff("a", "b").returncode, 3)


class Hostile(DiffTest):
    def test_rings_and_bad_ids(self):
        """Nothing that can be read makes it fail; rings without a name are the same under other ids."""
        writer = Writer()
        ring = writer.num + 1
        writer.ptr(ring + 1)
        writer.struct("", 8, ("a", ring, 0), ("b", ring + 2, 64))
        writer.array(ring, 3)
        writer.add("CONST", "", writer.num + 1)                         # itself
        writer.typedef("t", ring)
        writer.typedef("far", 0x00ffffff)
        writer.struct("s", 8, ("x", ring + 1, 0), ("y", 12345, 0))
        writer.add("FUNC", "f", INT)
        writer.add("VAR", "v", writer.num + 1, 77)
        writer.add("DATASEC", ".data", 8, 99999, 0, 8, INT, 8, 8, vlen=2)
        writer.tag("x", 99999)
        writer.tag("x", ring, 99)
        writer.add("PTR", 0x00ffffff, ring)
        data = writer.build()
        self.write("old", data)
        self.write("new", data)
        self.expect(0, f".BTF {len(data)} bytes; no difference\n", "old", "new")
        self.write("new", Writer())
        for pair in (("old", "new"), ("new", "old")):
            self.assertEqual(self.run_diff("--top=0", *pair).returncode, 1)
            self.document(*pair)

    def test_deep(self):
        writer = Writer()
        for _ in range(200000):
            writer.ptr(writer.num)
        writer.typedef("deep", writer.num)
        data = writer.build()
        self.write("old", data)
        writer.records[-1] = writer.records[-1][:-4] + struct.pack("<I", writer.num - 2)
        self.write("new", writer)
        self.assertEqual(self.run_diff("old", "new").returncode, 1)

    def test_unnamed_parts_without_end(self):
        """Each holds the one before twice: flattened, 2 to the power of 60 members."""
        def tower(last):
            writer = Writer()
            below = writer.struct("", 8, (last, INT, 0))
            for _ in range(60):
                below = writer.struct("", 8, ("l", below, 0), ("r", below, 0))
            writer.struct("tower", 8, ("top", below, 0))
            return writer
        self.write("old", tower("x"))
        self.write("new", tower("y"))
        run = self.run_diff("old", "new", timeout=60)
        self.assertEqual((run.returncode, run.stderr), (1, b""))
        self.assertIn(b"STRUCT changed: 1", run.stdout)

    def test_many_of_one_name(self):
        old, new = Writer(), Writer()
        for i in range(3000):
            old.struct("s", 8, ("same", INT, 0), (f"a{i}", INT, 32))
            new.struct("s", 8, ("same", LONG, 0), (f"a{2999 - i}", INT, 32))
        self.write("old", old)
        self.write("new", new)
        document = self.document("old", "new")
        self.assertEqual(document["counts"], [{"kind": "STRUCT", "added": 0, "removed": 0, "changed": 3000}])
        # Each with the one that has its member, not just with any.
        self.assertEqual({len(change["details"]) for change in document["changes"]}, {1})

    def test_flips(self):
        """Damaged files end with an answer or an error, never otherwise."""
        data = bytearray(Same.sample(self).build())
        self.write("old", bytes(data))
        chance = random.Random(7)
        for _ in range(150):
            bad = bytearray(data)
            for _ in range(chance.randint(1, 6)):
                bad[chance.randrange(24, len(bad))] = chance.randrange(256)
            self.write("new", bytes(bad))
            for pair in (("old", "new"), ("new", "old"), ("new", "new")):
                run = self.run_diff(*pair, timeout=60)
                self.assertIn(run.returncode, (0, 1, 3))
                if pair == ("new", "new"):
                    self.assertNotEqual(run.returncode, 1)


def real_btf(folder, path):
    out = pathlib.Path(folder) / ("real-" + re.sub(r"\W", "_", path) + ".btf")
    subprocess.run([BTFGEN, "-o", str(out), path], check=True, capture_output=True)
    return out


def cached_kernels():
    """{line: vmlinux} of those that scripts/fetch-kernel has brought before."""
    cache = os.environ.get("BTFGEN_CACHE") or os.path.join(
        os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "btfgen")
    found = {}
    for line in ("6.1", "6.12"):
        files = sorted(glob.glob(f"{cache}/kernels/linux-image-{line}.[0-9]*cloud-amd64-dbg_*/vmlinux"))
        if files and not os.environ.get("SANITIZE"):
            found[line] = files[-1]
    return found


class Kernels(DiffTest):
    def test_two_lines(self):
        kernels = cached_kernels()
        if len(kernels) < 2:
            self.skipTest("kernels were not fetched")
        old, new = (real_btf(self.folder, kernels[line]) for line in ("6.1", "6.12"))
        for args in ([], ["--top=0"]):
            run = self.run_diff("-F", "markdown", *args, old, new)
            self.assertEqual((run.returncode, run.stderr), (1, b""))
            self.assertLess(len(run.stdout), 60000)
            self.assertGreater(len(run.stdout), 20000)
            self.assertIn(b"STRUCT changed: 1,", run.stdout)
        text = self.run_diff(old, new).stdout
        other = [self.write(path.name + ".shuffled", shuffled(path.read_bytes(), 5)) for path in (old, new)]
        self.assertEqual(text, self.run_diff(*other).stdout)
        run = self.run_diff(new, other[1])
        self.assertEqual((run.returncode, run.stderr), (0, b""))
        self.assertRegex(run.stdout, rb"\A\.BTF [^;]*; no difference\n")


class CiJob(DiffTest):
    """The shell job of docs/ci.md, as it stands there."""

    def test_shell(self):
        text = (SOURCE_DIR / "docs" / "ci.md").read_text(encoding="utf-8")
        script = re.search(r"```sh\n(#!/bin/sh\n.*?)```", text, re.DOTALL).group(1)
        job = self.write("job.sh", script.encode())
        old, new = Writer(), Writer()
        old.struct("s", 8, ("a", INT, 0))
        new.struct("s", 8, ("a", INT, 0))
        for i in range(30):
            new.typedef(f"more_{i}", INT)
        (self.folder / "bin").mkdir()
        os.symlink(BTFGEN, self.folder / "bin" / "btfgen")
        env = {**os.environ, "PATH": f"{self.folder}/bin:{os.environ['PATH']}"}

        def run(btf):
            self.write("vmlinux", kernel_file(btf.build(), release="6.1.0"))
            return subprocess.run(["sh", str(job), "vmlinux"], cwd=self.folder, env=env, capture_output=True, check=False)
        first = run(old)
        self.assertEqual((first.returncode, first.stderr), (0, b""))
        self.assertEqual((self.folder / "btf-baseline" / "vmlinux.btf").read_bytes(), old.build())
        again = run(old)
        self.assertEqual((again.returncode, again.stderr), (0, b""))
        self.assertIn(b"; no difference", again.stdout)
        grown = run(new)
        self.assertEqual(grown.returncode, 1)
        self.assertRegex(grown.stderr.decode(), r"\Abtfgen: total grew by [0-9]+ bytes \(\+[0-9.]+ %\), over the limit '1%'\n")
        self.assertIn("TYPEDEF added: 30", (self.folder / "btf-diff.md").read_text(encoding="utf-8"))
        json.loads((self.folder / "btf-diff.json").read_text(encoding="utf-8"))
        self.assertEqual((self.folder / "btf-baseline" / "vmlinux.btf").read_bytes(), old.build())


if __name__ == "__main__":
    BTFGEN = sys.argv[1]
    SOURCE_DIR = pathlib.Path(sys.argv[2])
    SAMPLE = sys.argv[3] if len(sys.argv) > 3 else None
    unittest.main(argv=sys.argv[:1])
