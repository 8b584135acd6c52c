#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
"""btfgen stat: BTF made by hand, of which every figure is known, by exact text and JSON; the sums of all that
can be read, damaged files too; prices of a small file against what the encoder writes.

test_stat.py BTFGEN SOURCE_DIR CC
"""

import json
import os
import pathlib
import re
import struct
import subprocess
import sys
import tempfile
import unittest

UNKNOWN = 25

TEXT = """\
{path}: 541 bytes of BTF, 19 types, {order}-endian

part     bytes    share
header      24    4.4 %
types      392   72.5 %
strings    125   23.1 %
all        541  100.0 %

kind        records  elements  bytes   share
STRUCT            4         6    120  22.2 %
VAR               4               64  11.8 %
DATASEC           2         3     60  11.1 %
ENUM              2         2     40   7.4 %
FUNC_PROTO        1         2     28   5.2 %
FWD               2               24   4.4 %
INT               1               16   3.0 %
DECL_TAG          1               16   3.0 %
PTR               1               12   2.2 %
FUNC              1               12   2.2 %
all              19        13    392  72.5 %

strings of    only this  bytes   share  several uses  bytes
types                 5     27   5.0 %             1      3
members               3     16   3.0 %             1      4
enumerators           2      7   1.3 %
parameters            1      6   1.1 %             1      3
functions             1      9   1.7 %
variables             3     19   3.5 %             1      4
sections              2     20   3.7 %
tags                  1      5   0.9 %
several uses          2      7   1.3 %
no use                1      7   1.3 %
empty                 2      2   0.4 %
all                  23    125  23.1 %

section        variables  size  covered  bytes  entries  VARs  names
.data..percpu          2    32   25.0 %     87       36    32     19
.data                  1     8  100.0 %     54       24    16     14

per-CPU variables: 2 of 87 bytes (16.1 %), 43.5 each
  VAR records 32, entries in sections 24, heads of sections 12, names 19
  16 + 12 each and the name, which 1 has in common with others
all variables: 4 of 163 bytes (30.1 %), 40.8 each
  VAR records 64, entries in sections 36, heads of sections 24, names 39
  16 + 12 each and the name, which 1 has in common with others
  1 of them in no section

id  kind        elements  bytes  own names  largest types
17  DATASEC            2     50         14  .data..percpu
 7  STRUCT             2     42          6  struct twice
 2  STRUCT             2     41          5  struct rq
 9  ENUM               2     41         13  enum state
 4  FUNC_PROTO         2     34          6  int (struct rq *, int)
18  DATASEC            1     30          6  .data
 8  STRUCT             1     29          5  struct {{lock}}
 6  STRUCT             1     24             struct twice
15  VAR                      24          8  jiffies
16  VAR                      22          6  loose
 5  FUNC                     21          9  rq_clock
13  VAR                      21          5  hits
19  DECL_TAG                 21          5  fast
 1  INT                      20          4  int
10  ENUM                     18          6  enum later
12  FWD                      17          5  union away
14  VAR                      16             cpu
 3  PTR                      12             struct rq *
11  FWD                      12             struct rq

double names: 1, with 1 further definition of 36 bytes
definitions  of      further bytes  name
          2  struct             36  twice

forward declarations: 3, 1 of them beside a definition
id  definition  of      name
11           2  struct  rq
"""


def sample(little=True):
    writer = BtfWriter(little=little)
    number = writer.int("int", 4)
    rq = writer.struct("rq", 16, ("cpu", number, 0), ("next", number + 2, 64))
    pointer = writer.ptr(rq)
    proto = writer.proto(number, ("rq", pointer), ("flags", number))
    writer.func("rq_clock", proto)
    writer.struct("twice", 4, ("cpu", number, 0))
    writer.struct("twice", 8, ("other", number, 0), ("cpu", number, 32))
    writer.struct("", 4, ("lock", number, 0))
    writer.add("ENUM", "state", 4, writer.name("OFF"), 0, writer.name("ON"), 1, vlen=2)
    writer.add("ENUM", "later", 4)
    writer.add("FWD", "rq", 0)
    writer.add("FWD", "away", 0, flag=True)
    hits = writer.add("VAR", "hits", number, 0)
    cpu = writer.add("VAR", "cpu", number, 1)
    jiffies = writer.add("VAR", "jiffies", number, 1)
    writer.add("VAR", "loose", number, 2)
    writer.add("DATASEC", ".data..percpu", 32, hits, 0, 4, cpu, 8, 4, vlen=2)
    writer.add("DATASEC", ".data", 8, jiffies, 0, 8, vlen=1)
    writer.add("DECL_TAG", "fast", number + 4, 0xffffffff)
    writer.strings += b"nobody\0\0"
    return writer


def uses(**sums):
    """The member strings.uses: (count, bytes) or (count, bytes, shared count, shared bytes) by use."""
    names = ("types", "members", "enumerators", "parameters", "functions", "variables", "sections", "tags", "other")
    keys = ("use", "count", "bytes", "shared_count", "shared_bytes")
    return [dict(zip(keys, (name, *(tuple(sums.get(name, ())) + (0, 0, 0, 0))[:4]))) for name in names]


def sums(count, size):
    return {"count": count, "bytes": size}


def with_layout(writer, entries):
    """The file with a layout section of 4 bytes a kind: (tail size, element size)."""
    types = b"".join(writer.records)
    layout = b"".join(struct.pack(writer.order + "BBH", *entry, 0) for entry in entries)
    header = struct.pack(writer.order + "HBB7I", 0xeb9f, 1, 0, 32, 0, len(types), len(types) + len(layout),
                         len(writer.strings), len(types), len(layout))
    return header + types + layout + writer.strings


class StatTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def path(self, name):
        return os.path.join(self.folder, name)

    def file(self, data, name="file"):
        pathlib.Path(self.path(name)).write_bytes(data)
        return self.path(name)

    def stat(self, *args, code=0, **more):
        run = subprocess.run([BTFGEN, "stat", *args], capture_output=True, check=False, **more)
        self.assertEqual(run.returncode, code, run)
        if code == 0:
            self.assertEqual(run.stderr, b"")
            return run.stdout.decode(errors="replace")
        self.assertEqual(run.stderr.count(b"\n"), 1)
        return run.stderr.decode()

    def json(self, *args):
        """What --json says, its sums checked."""
        report = json.loads(self.stat("--json", *args), object_pairs_hook=self.unique)
        self.check_sums(report)
        return report

    def unique(self, pairs):
        self.assertEqual(len(dict(pairs)), len(pairs))
        return dict(pairs)

    def check_sums(self, report):
        """Each byte of the file is counted once."""
        parts, strings = report["parts"], report["strings"]
        self.assertEqual(sum(parts.values()) - 2 * parts["overlap"], report["bytes"])
        self.assertEqual(sum(kind["bytes"] for kind in report["kinds"]), parts["types"])
        self.assertEqual(sum(kind["count"] for kind in report["kinds"]), report["types"])
        for key, whole in (("bytes", parts["strings"]), ("count", strings["count"])):
            self.assertEqual(sum(use[key] for use in strings["uses"]) + strings["shared"][key] +
                             strings["unused"][key] + strings["empty"][key], whole)
        self.assertEqual(strings["bytes"], parts["strings"])
        for item in report["largest"]:
            self.assertEqual(item["record_bytes"] + item["string_bytes"], item["bytes"])
        if len(report["largest"]) == report["types"]:
            self.assertEqual(sum(item["record_bytes"] for item in report["largest"]), parts["types"])
        for section in report["sections"]:
            self.assertEqual(section["record_bytes"] + section["var_bytes"] + section["string_bytes"],
                             section["bytes"])
        for some in (report["percpu"], report["variables"]):
            self.assertEqual(some["var_bytes"] + some["entry_bytes"] + some["section_bytes"] + some["string_bytes"],
                             some["bytes"])
            self.assertLessEqual(some["bytes"], report["bytes"])
        percpu = [section for section in report["sections"] if section["percpu"]]
        self.assertEqual(sum(section["record_bytes"] for section in percpu),
                         report["percpu"]["entry_bytes"] + report["percpu"]["section_bytes"])
        self.assertEqual(sum(section["var_bytes"] for section in percpu), report["percpu"]["var_bytes"])
        for items in (report["largest"], report["sections"], report["kinds"]):
            sizes = [item["bytes"] for item in items]
            self.assertEqual(sizes, sorted(sizes, reverse=True))
        self.check_node(report["tree"])
        self.assertEqual(report["tree"]["bytes"], report["bytes"] + parts["overlap"])

    def check_node(self, node):
        self.assertGreaterEqual(node["bytes"], 0)
        if "children" not in node:
            return
        self.assertEqual(sum(child["bytes"] for child in node["children"]), node["bytes"], node["name"])
        named = [child["bytes"] for child in node["children"] if not child.get("others")]
        self.assertEqual(named, sorted(named, reverse=True))
        for child in node["children"]:
            self.check_node(child)


class Stat(StatTest):
    def test_text(self):
        for little in (True, False):
            with self.subTest(little=little):
                path = self.file(sample(little).build())
                self.assertEqual(self.stat(path), TEXT.format(path=path, order="little" if little else "big"))

    def test_json(self):
        for little in (True, False):
            with self.subTest(little=little):
                path = self.file(sample(little).build())
                report = self.json(path)
                self.check_sample(report, path)
                self.assertEqual(report["big_endian"], not little)

    def check_sample(self, report, path):
        self.assertEqual(list(report), [
            "format", "verb", "version", "file", "base", "big_endian", "bytes", "types", "first_id", "parts", "kinds",
            "largest", "largest_total", "sections", "strings", "percpu", "variables", "doubles", "in_base", "forwards",
            "tree"])
        self.assertEqual([report[key] for key in ("format", "verb", "file", "base", "bytes", "types", "first_id",
                                                  "largest_total")], [1, "stat", path, [], 541, 19, 1, 19])
        self.assertEqual(report["parts"], {"header": 24, "types": 392, "strings": 125, "layout": 0, "gaps": 0,
                                           "overlap": 0})
        self.assertEqual(report["kinds"][0], {"kind": "STRUCT", "count": 4, "elements": 6, "bytes": 120})
        self.assertEqual(len(report["largest"]), 19)
        self.assertEqual(report["largest"][3], {"id": 9, "kind": "ENUM", "name": "state", "text": "enum state",
                                                "elements": 2, "bytes": 41, "record_bytes": 28, "string_bytes": 13})
        self.assertEqual(report["largest"][6], {"id": 8, "kind": "STRUCT", "name": None, "text": "struct {lock}",
                                                "elements": 1, "bytes": 29, "record_bytes": 24, "string_bytes": 5})
        self.assertEqual(report["sections"], [
            {"id": 17, "name": ".data..percpu", "percpu": True, "entries": 2, "size": 32, "covered": 8, "bytes": 87,
             "record_bytes": 36, "var_bytes": 32, "string_bytes": 19},
            {"id": 18, "name": ".data", "percpu": False, "entries": 1, "size": 8, "covered": 8, "bytes": 54,
             "record_bytes": 24, "var_bytes": 16, "string_bytes": 14}])
        self.assertEqual(report["strings"], {
            "bytes": 125, "count": 23, "uses": uses(
                types=(5, 27, 1, 3), members=(3, 16, 1, 4), enumerators=(2, 7), parameters=(1, 6, 1, 3),
                functions=(1, 9), variables=(3, 19, 1, 4), sections=(2, 20), tags=(1, 5)),
            "shared": sums(2, 7), "unused": sums(1, 7), "empty": sums(2, 2), "base_references": 0,
            "bad_references": 0})
        self.assertEqual(report["percpu"], {
            "variables": 2, "bytes": 87, "var_bytes": 32, "entry_bytes": 24, "section_bytes": 12, "string_bytes": 19,
            "names_in_common": 1, "bytes_per_variable": 43.5})
        self.assertEqual(report["variables"], {
            "variables": 4, "bytes": 163, "var_bytes": 64, "entry_bytes": 36, "section_bytes": 24, "string_bytes": 39,
            "names_in_common": 1, "bytes_per_variable": 40.8, "outside_sections": 1})
        self.assertEqual(report["doubles"], {"names": 1, "extra": 1, "extra_bytes": 36, "items": [
            {"kind": "struct", "name": "twice", "count": 2, "bytes": 36, "ids": [6, 7]}]})
        self.assertEqual(report["in_base"], {"names": 0, "items": []})
        self.assertEqual(report["forwards"], {"count": 3, "beside_definition": 1, "items": [
            {"id": 10, "kind": "enum", "name": "later", "definition": 0},
            {"id": 11, "kind": "struct", "name": "rq", "definition": 2},
            {"id": 12, "kind": "union", "name": "away", "definition": 0}]})
        tree = {child["name"]: child for child in report["tree"]["children"]}
        self.assertEqual(list(tree), ["types", "strings", "header"])
        self.assertEqual(tree["types"]["children"][0], {"name": "STRUCT", "bytes": 120, "count": 4, "children": [
            {"name": "struct rq", "bytes": 36, "id": 2, "elements": 2},
            {"name": "struct twice", "bytes": 36, "id": 7, "elements": 2},
            {"name": "struct twice", "bytes": 24, "id": 6, "elements": 1},
            {"name": "struct {lock}", "bytes": 24, "id": 8, "elements": 1}]})
        self.assertEqual(tree["types"]["children"][1], {"name": "VAR", "bytes": 64, "count": 4})
        self.assertEqual(tree["strings"]["children"][0], {"name": "types", "bytes": 27, "count": 5})

    def test_a_percpu_variable_costs_28_bytes_and_its_name(self):
        def file_with(num):
            writer = BtfWriter()
            number = writer.int()
            first = writer.add("VAR", "first", number, 0)
            ids = [first] + [writer.add("VAR", f"var{i}", number, 0) for i in range(num)]
            words = [word for i, var_id in enumerate(ids) for word in (var_id, 4 * i, 4)]
            writer.add("DATASEC", ".data..percpu", 4 * len(ids), *words, vlen=len(ids))
            return self.json(self.file(writer.build()))

        one, more = file_with(0), file_with(7)
        self.assertEqual(more["bytes"] - one["bytes"], 7 * (28 + len("var0\0")))
        self.assertEqual(more["percpu"]["bytes"] - one["percpu"]["bytes"], 7 * (28 + len("var0\0")))
        self.assertEqual(one["percpu"]["bytes"], 12 + 28 + len("first\0.data..percpu\0"))

    def test_strings(self):
        writer = BtfWriter()
        whole = writer.name("struct_name")
        number = writer.int("name_of_int", 4)
        # The end of another string: that is the member's from there on, the beginning the struct's alone.
        writer.struct(whole, 4, (whole + 7, number, 0))
        # A name that only variables use, twice, and one that a member has as well.
        writer.add("VAR", "both", number, 0)
        writer.add("VAR", "both", number, 0)
        writer.add("VAR", "member", number, 0)
        writer.struct("", 4, ("member", number, 0))
        # The zero at the end of a string is no name; neither is a place behind the last one.
        writer.add("TYPEDEF", whole + 11, number)
        writer.add("TYPEDEF", 1000, number)
        writer.add("PTR", "odd", number)
        report = self.json(self.file(writer.build()))
        self.assertEqual(report["strings"], {
            "bytes": 1 + 12 + 12 + 5 + 7 + 4, "count": 6, "uses": uses(
                types=(1, 7 + 12, 1, 5), members=(0, 0, 2, 12), variables=(1, 5, 1, 7), other=(1, 4)),
            "shared": sums(2, 5 + 7), "unused": sums(0, 0), "empty": sums(1, 1), "base_references": 0,
            "bad_references": 1})
        by_id = {item["id"]: item["string_bytes"] for item in report["largest"]}
        self.assertEqual(by_id, {1: 12, 2: 12, 3: 0, 4: 0, 5: 0, 6: 0, 7: 0, 8: 0, 9: 4})
        self.assertEqual(report["variables"]["names_in_common"], 1)
        self.assertIn("\n1 reference to strings that do not exist\n", self.stat(self.path("file")))

    def test_sections_that_overlap_and_share(self):
        writer = BtfWriter()
        number = writer.int()
        var = writer.add("VAR", "counter", number, 0)
        same = writer.add("VAR", "counter", number, 0)
        other = writer.add("VAR", "here", number, 0)
        # Entries out of order, over each other, to a type that is no variable, behind the section's end.
        writer.add("DATASEC", ".data..percpu", 16, other, 8, 16, var, 0, 12, number, 2, 4, var, 0, 4, vlen=4)
        writer.add("DATASEC", ".data", 0, var, 0xfffffffe, 8, same, 0, 4, 4000, 0, 0, vlen=3)
        writer.add("DATASEC", ".data..percpu", 4)
        report = self.json(self.file(writer.build()))
        self.assertEqual([(item["id"], item["entries"], item["covered"], item["bytes"], item["record_bytes"],
                           item["var_bytes"], item["string_bytes"]) for item in report["sections"]],
                         [(5, 4, 24, 97, 60, 32, 5), (6, 3, 12, 70, 48, 16, 6), (7, 0, 0, 12, 12, 0, 0)])
        self.assertEqual([report["percpu"][key] for key in ("variables", "bytes", "string_bytes", "names_in_common")],
                         [2, 32 + 48 + 24 + 19, 5 + 14, 1])
        self.assertEqual([report["variables"][key] for key in ("variables", "bytes", "string_bytes",
                                                               "names_in_common", "outside_sections")],
                         [3, 48 + 84 + 36 + 33, 5 + 14 + 8 + 6, 0, 0])
        self.assertEqual(report["doubles"]["items"], [
            {"kind": "variable", "name": "counter", "count": 2, "bytes": 16, "ids": [2, 3]},
            {"kind": "section", "name": ".data..percpu", "count": 2, "bytes": 12, "ids": [5, 7]}])

    def test_double_names(self):
        writer = BtfWriter()
        number = writer.int()
        for _ in range(2):
            writer.typedef("same", number)
        for _ in range(3):
            writer.struct("same", 4, ("m", number, 0))
        writer.struct("same", 4, kind="UNION")
        writer.add("ENUM", "same", 4, writer.name("A"), 0, vlen=1)
        writer.add("ENUM64", "same", 8, writer.name("B"), 0, 0, vlen=1)
        writer.add("FWD", "same", 0)
        writer.add("FWD", "same", 0)
        writer.add("FLOAT", "same", 4)
        writer.func("same", writer.proto(0))
        long_name = "x" * 513
        for _ in range(2):
            writer.typedef(long_name, number)
            writer.typedef(long_name[1:], number)
        report = self.json(self.file(writer.build()))
        self.assertEqual([(item["kind"], item["name"], item["bytes"], item["ids"])
                          for item in report["doubles"]["items"]],
                         [("struct", "same", 48, [4, 5, 6]), ("enum", "same", 24, [8, 9]),
                          ("typedef", "same", 12, [2, 3]), ("typedef", long_name[1:], 12, [16, 18])])
        self.assertEqual([report["doubles"][key] for key in ("names", "extra", "extra_bytes")], [4, 5, 96])
        self.assertEqual([item["definition"] for item in report["forwards"]["items"]], [4, 4])

    def stack(self, little=True):
        vmlinux = sample(little)
        low = BtfWriter(vmlinux)
        low.struct("rq", 8, ("cpu", 1, 0), ("own", 1, 32))
        low.add("FWD", "twice", 0)
        low.add("FWD", "nowhere", 0)
        var = low.add("VAR", "hits", 1, 0)
        low.add("DATASEC", ".data..percpu", 4, var, 0, 4, vlen=1)
        low.add("VAR", "mine", 1, 0)
        high = BtfWriter(low)
        high.struct("high", 8, ("own", low.first_id, 0))
        return [self.file(writer.build(), name)
                for writer, name in ((vmlinux, "vmlinux"), (low, "low"), (high, "high"))]

    def test_split(self):
        for little in (True, False):
            with self.subTest(little=little):
                vmlinux, low, high = self.stack(little)
                report = self.json("-B", vmlinux, low)
                self.assertEqual([report[key] for key in ("base", "bytes", "types", "first_id")],
                                 [[vmlinux], 24 + 36 + 24 + 32 + 24 + 17, 6, 20])
                self.assertEqual(report["strings"], {
                    "bytes": 17, "count": 3, "uses": uses(types=(1, 8), members=(1, 4), variables=(1, 5)),
                    "shared": sums(0, 0), "unused": sums(0, 0), "empty": sums(0, 0), "base_references": 5,
                    "bad_references": 0})
                self.assertEqual(report["percpu"], {
                    "variables": 1, "bytes": 40, "var_bytes": 16, "entry_bytes": 12, "section_bytes": 12,
                    "string_bytes": 0, "names_in_common": 1, "bytes_per_variable": 40.0})
                # Variables and sections are not there to be shared.
                self.assertEqual(report["in_base"], {"names": 1, "items": [
                    {"kind": "struct", "name": "rq", "id": 20, "base_id": 2}]})
                self.assertEqual(report["forwards"]["items"], [
                    {"id": 21, "kind": "struct", "name": "twice", "definition": 6},
                    {"id": 22, "kind": "struct", "name": "nowhere", "definition": 0}])
                text = self.stat("-B", vmlinux, low)
                self.assertIn(f"\nsplit BTF over {vmlinux}, whose 19 types and 125 bytes of strings are not counted\n",
                              text)
                self.assertIn("\n5 references to strings of the base\n", text)
                self.assertIn("\ntypes defined although the base has one of that name: 1\nid  in base  of      name\n"
                              "20        2  struct  rq\n", text)
                report = self.json("--base", vmlinux, "--base", low, high)
                self.assertEqual([report[key] for key in ("base", "bytes", "types", "first_id")],
                                 [[vmlinux, low], 24 + 24 + 5, 1, 26])
                self.assertEqual(report["in_base"]["names"], 0)
                message = "is split BTF, which nothing is known of without its base (--base)"
                self.assertEqual(self.stat(low, code=3), f"btfgen: {low}: {message}\n")

    def test_its_own_base(self):
        small = BtfWriter()
        small.struct("rq", 16)
        split = BtfWriter(small)
        split.struct("low", 16, ("rq", 1, 0))
        path = self.file(module_file(split.build(), small.build()))
        self.assertEqual(self.json(path)["base"], [".BTF.base"])
        self.assertIn("\nsplit BTF over .BTF.base, whose 1 types", self.stat(path))

    def test_elf(self):
        path = self.file(kernel_file(sample().build()))
        self.assertEqual(self.stat(path), TEXT.format(path=path, order="little"))

    def test_unknown_kinds_with_layout(self):
        for little in (True, False):
            with self.subTest(little=little):
                writer = BtfWriter(little=little)
                writer.int("int", 4)
                writer.add(UNKNOWN, "future", 7, 1, 2, 3, 4, 5, vlen=2)
                writer.add(UNKNOWN, "", 7, 1)
                data = with_layout(writer, [(0, 0)] * UNKNOWN + [(4, 8)])
                report = self.json(self.file(data))
                self.assertEqual(report["kinds"], [
                    {"kind": "UNKNOWN 25", "count": 2, "elements": 2, "bytes": 32 + 16},
                    {"kind": "INT", "count": 1, "elements": 0, "bytes": 16}])
                self.assertEqual(report["parts"], {"header": 32, "types": 64, "strings": 12, "layout": 104, "gaps": 0,
                                                   "overlap": 0})
                self.assertEqual(report["strings"]["uses"], uses(types=(1, 4), other=(1, 7)))
                text = self.stat(self.path("file"))
                self.assertIn("\nlayout     104   49.1 %\n", text)
                self.assertIn("\n 2  UNKNOWN 25         2     39          7  future\n", text)

    def test_gaps_and_overlaps(self):
        writer = sample()
        types = b"".join(writer.records)
        # A gap before the strings, another behind them.
        data = writer.build(strings_off=len(types) + 8)
        data = data[:24 + len(types)] + b"\0" * 8 + data[24 + len(types):] + b"\0" * 3
        report = self.json(self.file(data))
        self.assertEqual(report["parts"], {"header": 24, "types": 392, "strings": 125, "layout": 0, "gaps": 11,
                                           "overlap": 0})
        self.assertIn("\ngaps        11    2.0 %\nall        552  100.0 %\n", self.stat(self.path("file")))
        # Strings that begin in the last type record, with the four bytes that are zero in a FWD.
        writer.add("FWD", "end", 0)
        data = writer.build(strings_off=len(types) + 8, strings_size=4 + len(writer.strings))
        report = self.json(self.file(data))
        self.assertEqual(report["parts"], {"header": 24, "types": 404, "strings": 133, "layout": 0, "gaps": 0,
                                           "overlap": 4})
        self.assertIn("\ncounted twice     -4   -0.7 %\nall              557  100.0 %\n",
                      self.stat(self.path("file")))

    def test_nothing(self):
        path = self.file(BtfWriter().build())
        report = self.json(path)
        self.assertEqual([report["bytes"], report["types"], report["kinds"], report["largest"], report["sections"]],
                         [25, 0, [], [], []])
        self.assertEqual(report["percpu"]["bytes_per_variable"], None)
        self.assertEqual(report["tree"]["children"], [
            {"name": "header", "bytes": 24},
            {"name": "strings", "bytes": 1, "children": [{"name": "empty", "bytes": 1, "count": 1}]}])
        self.assertEqual(self.stat(path), f"""\
{path}: 25 bytes of BTF, 0 types, little-endian

part     bytes    share
header      24   96.0 %
types        0    0.0 %
strings      1    4.0 %
all         25  100.0 %

kind  records  elements  bytes  share
all         0                0  0.0 %

strings of  only this  bytes  share  several uses  bytes
empty               1      1  4.0 %
all                 1      1  4.0 %

per-CPU variables: none

double names: 0

forward declarations: 0, 0 of them beside a definition
""")
        self.assertEqual(self.json(self.file(BtfWriter().build(strings_size=0)[:24]))["bytes"], 24)

    def test_names_do_not_reach_a_terminal(self):
        writer = BtfWriter()
        writer.int("a\x1b[31m\n", 4)
        writer.add("ENUM", "", 4, writer.name("b\x1b]" + "c" * 300), 0, vlen=1)
        writer.add("DATASEC", "d\x07", 0)
        writer.func("f" * 5000 + "\x1b", 0)
        path = self.file(writer.build(), "na\x1bme")
        text = self.stat(path)
        self.assertNotRegex(text, "[\x00-\x09\x0b-\x1f\x7f]")
        self.assertIn("a?[31m?\n", text)
        self.assertTrue(text.startswith(path.replace("\x1b", "?") + ": "))
        self.assertIn(" enum {b?]" + "c" * 197 + "...}\n", text)
        self.assertIn(" " + "f" * 256 + "...\n", text)
        report = self.json(path)
        self.assertEqual({item["name"] for item in report["largest"] if item["name"]},
                         {"a\x1b[31m\n", "d\x07", "f" * 1024 + "..."})

    def test_top(self):
        path = self.file(sample().build())
        text = self.stat("--top=2", path)
        self.assertIn("own names  largest types\n17  DATASEC         2     50         14  .data..percpu\n"
                      " 7  STRUCT          2     42          6  struct twice\nand 17 more\n\n", text)
        self.assertEqual(len(self.json("--top", "2", path)["largest"]), 2)
        writer = BtfWriter()
        number = writer.int()
        for i in range(1500):
            for _ in range(2):
                writer.struct(f"s{i:04}", 4 * (i % 9), *[(f"m{k}", number, 32 * k) for k in range(i % 9)])
            writer.add("FWD", f"s{i:04}", 0)
        path = self.file(writer.build())
        text = self.stat(path)
        self.assertEqual([line for line in text.splitlines() if line.startswith("and ")],
                         ["and 4,481 more", "and 1,480 more", "and 1,480 more"])
        self.assertNotIn("\nand ", self.stat("--top=0", path))
        report = self.json(path)
        self.assertEqual([len(report["largest"]), report["largest_total"], len(report["doubles"]["items"]),
                          len(report["forwards"]["items"])], [1000, 4501, 1500, 1500])
        self.assertEqual(len(self.json("--top=0", path)["largest"]), 4501)
        structs = report["tree"]["children"][0]["children"][0]
        self.assertEqual((structs["name"], structs["count"], len(structs["children"])), ("STRUCT", 3000, 504))
        # 332 structs have 8 members, as many 7 and 6, 334 have 5, and so on.
        self.assertEqual([(child["name"], child["count"]) for child in structs["children"][500:]],
                         [("others, 4 to 7 elements", 332 - 168 + 332 + 2 * 334), ("others, 2 to 3 elements", 668),
                          ("others, 1 element", 334), ("others, without elements", 334)])
        self.assertEqual(sum(child.get("count", 1) for child in structs["children"]), 3000)

    def test_page(self):
        path = self.file(sample().build())
        page = self.path("page.html")
        self.assertEqual(self.stat("--html", page, path), "")
        text = pathlib.Path(page).read_text(encoding="utf-8")
        self.assertEqual(text, self.stat("--html=-", path))
        data = re.search(r'<script type="application/json" id="data">\n(.*?)</script>', text, re.DOTALL).group(1)
        self.assertEqual(json.loads(data), self.json(path))
        self.assertEqual(json.loads(self.stat("--json", "--html", page, path)), self.json(path))
        nowhere = self.path("no/page.html")
        self.assertEqual(self.stat("--html", nowhere, path, code=5),
                         f"btfgen: {nowhere}: cannot create: No such file or directory\n")

    def test_usage(self):
        path = self.file(sample().build())
        for args, message in (
                ([], "no input file"), ([""], "the name of the input is empty"),
                ([path, "second"], "one input file at a time, 'second' is the second"),
                ([path, "--top=-1"], None), ([path, "--top=x"], None), ([path, "--html="], None),
                ([path, "--runs=2"], "--runs is about --price"), ([path, "-j2"], "--jobs is about --price"),
                ([path, "--price", "--runs=0"], "--runs takes at least 1"),
                ([path, "--price", "--html=x"], "--price goes with neither --html nor --top"),
                ([path, "--price", "--top=3"], "--price goes with neither --html nor --top"),
                ([path, "--nothing"], "unknown option '--nothing'")):
            with self.subTest(args):
                text = self.stat(*args, code=2)
                if message:
                    self.assertEqual(text, f"btfgen: {message}; try 'btfgen stat --help'\n")

    def test_inputs_that_cannot_be_used(self):
        self.assertEqual(self.stat(self.file(b"", "empty"), code=3), f"btfgen: {self.folder}/empty: file is empty\n")
        path = self.file(sample().build())
        self.assertEqual(self.stat("-B", self.path("nowhere"), path, code=3),
                         f"btfgen: {self.folder}/nowhere: cannot open: No such file or directory\n")
        path = self.file(kernel_file())
        self.assertEqual(self.stat(path, code=3), f"btfgen: {path}: has no .BTF section\n")

    def test_through_a_pipe(self):
        self.assertEqual(self.stat("/dev/stdin", input=sample().build(), text=False),
                         TEXT.format(path="/dev/stdin", order="little"))

    def test_every_truncation_is_an_error(self):
        whole = sample().build()
        for size in range(0, len(whole), 3):
            path = self.file(whole[:size])
            self.assertTrue(self.stat(path, code=3).startswith(f"btfgen: {path}: "))

    def test_sums_of_damaged_files(self):
        whole = sample().build()
        num_read = 0
        for at in range(4, len(whole), 3):
            data = bytearray(whole)
            data[at] ^= 0x81 if at % 2 else 0x03
            path = self.file(data)
            run = subprocess.run([BTFGEN, "stat", "--json", path], capture_output=True, check=False, timeout=60)
            self.assertIn(run.returncode, (0, 3), at)
            self.assertEqual(run.stderr.count(b"\n"), run.returncode // 3)
            if run.returncode == 0:
                self.check_sums(json.loads(run.stdout))
                if num_read % 4 == 0:
                    self.stat(path)
                num_read += 1
        self.assertGreater(num_read, 100)

    def many(self):
        writer = BtfWriter()
        number = writer.int()
        writer.strings = b"\0" + b"".join(b"struct_%d\0" % i for i in range(20000))
        off = 1
        for i in range(20000):
            writer.struct(off, 4, (off, number, 0))
            off += len("struct_%d\0" % i)
        return self.file(writer.build())

    def test_reader_that_goes_away_gets_no_message(self):
        path = self.many()
        for options in (["--top=0"], ["--json"], ["--html=-"]):
            with subprocess.Popen([BTFGEN, "stat", *options, path], stdout=subprocess.PIPE,
                                  stderr=subprocess.PIPE) as process:
                process.stdout.read(10)
                process.stdout.close()
                stderr = process.stderr.read()
            self.assertEqual((process.returncode, stderr), (0, b""), options)

    @unittest.skipIf("thread" in os.environ.get("SANITIZE", ""), "the runtime of the sanitizer makes files itself")
    def test_lost_output_is_an_error(self):
        for option in ("--top=0", "--json", "--html=-"):
            run = subprocess.run(["sh", "-c", 'ulimit -f 0; exec "$1" stat "$2" "$3" > "$4"', "sh", BTFGEN, option,
                                  self.many(), self.path("cut")], stderr=subprocess.PIPE, check=False)
            self.assertEqual((run.returncode, run.stderr),
                             (5, b"btfgen: cannot write to standard output: File too large\n"), option)


class Price(StatTest):
    """Of the small program of these tests."""

    ENCODINGS = {"default": [], "no-variables": ["--no-percpu"], "global-variables": ["--vars=all"],
                 "no-functions": ["--no-functions"], "no-decl-tags": ["--features=-decl_tag,-decl_tag_kfuncs"]}
    PRICES = [("percpu-variables", "default", "no-variables"), ("global-variables", "global-variables", "no-variables"),
              ("functions", "default", "no-functions"), ("decl-tags", "default", "no-decl-tags")]

    def setUp(self):
        super().setUp()
        self.small = self.path("small")
        source = pathlib.Path(SOURCE_DIR, "tests/cli")
        subprocess.run([CC, "-g", "-O1", "-std=gnu11", "-ffreestanding", "-fno-pic", "-fno-pie", "-fno-common",
                        "-fno-stack-protector", "-nostdlib", "-static", "-Wl,--build-id=none",
                        "-T", source / "small.lds", "-o", self.small, source / "small.c", source / "other.c"],
                       check=True)

    def price(self, *args):
        before = pathlib.Path(self.small).read_bytes(), sorted(os.listdir(self.folder))
        report = json.loads(self.stat("--price", "--json", *args), object_pairs_hook=self.unique)
        self.assertEqual((pathlib.Path(self.small).read_bytes(), sorted(os.listdir(self.folder))), before)
        return report

    def encoded(self, *options):
        path = self.path("encoded")
        subprocess.run([BTFGEN, *options, "-o", path, self.small], check=True)
        return self.json(path)

    def check_times(self, item, signed):
        for name in ("wall", "cpu"):
            least, middle, most = (item[f"{name}_ns{end}"] for end in ("_min", "", "_max"))
            self.assertLessEqual(least, middle)
            self.assertLessEqual(middle, most)
            if not signed:
                self.assertGreater(least, 0)

    def test_bytes_are_those_of_the_encoder(self):
        report = self.price("--runs=2", "-j1", self.small)
        self.assertEqual([report[key] for key in ("format", "verb", "file", "base", "runs")],
                         [1, "price", self.small, [], 2])
        self.assertEqual(report["machine"]["workers"], 1)
        self.assertEqual(report["machine"]["cpus"], len(os.sched_getaffinity(0)))
        self.assertEqual([item["name"] for item in report["encodings"]], list(self.ENCODINGS))
        written = {}
        for item in report["encodings"]:
            written[item["name"]] = stat = self.encoded(*self.ENCODINGS[item["name"]])
            self.assertEqual([item["bytes"], item["records"], item["parts"]],
                             [stat["bytes"], stat["types"], stat["parts"]])
            self.assertEqual(sorted(item["kinds"], key=str), sorted(stat["kinds"], key=str))
            self.assertEqual(item["sections"], stat["sections"])
            self.check_times(item, signed=False)
        self.assertEqual([(item["name"], item["with"], item["without"]) for item in report["prices"]], self.PRICES)
        for item in report["prices"]:
            with_, without = written[item["with"]], written[item["without"]]
            self.assertEqual(item["bytes"], with_["bytes"] - without["bytes"])
            self.assertEqual(item["bytes"], item["type_bytes"] + item["string_bytes"])
            self.assertEqual(item["records"], with_["types"] - without["types"])
            self.assertEqual(sum(kind["bytes"] for kind in item["kinds"]), item["type_bytes"])
            self.assertEqual(sum(kind["count"] for kind in item["kinds"]), item["records"])
            self.check_times(item, signed=True)
        percpu, variables, functions = report["prices"][:3]
        self.assertEqual(percpu["bytes"], written["default"]["percpu"]["bytes"])
        self.assertEqual([kind["kind"] for kind in percpu["kinds"]], ["VAR", "DATASEC"])
        self.assertGreater(variables["bytes"], percpu["bytes"])
        self.assertEqual({kind["kind"] for kind in functions["kinds"]}, {"FUNC", "FUNC_PROTO"})

    def test_text(self):
        text = self.stat("--price", "--runs=1", "-j1", self.small)
        self.assertTrue(text.startswith(f"{self.small}: 1 run of each encoding, in turn, after one that is not counted; "
                                        "1 thread on "), text)
        report = self.price("--runs=1", "-j1", self.small)
        for name, item in zip(("default", "without variables", "with all variables", "without functions",
                               "without decl tags"), report["encodings"]):
            self.assertRegex(text, rf"\n{name} +{item['bytes']:,} +{item['records']:,} +{item['parts']['types']:,} +"
                                   rf"{item['parts']['strings']:,} +\d+\.\d +\d+\.\d\n")
        for item in report["encodings"][2]["sections"]:
            self.assertRegex(text, rf"\n{item['name']} +{item['entries']} +\+{item['bytes']:,} +\+{item['record_bytes']:,} +"
                                   rf"\+{item['var_bytes']:,} +\+{item['string_bytes']:,}\n")
        percpu = report["prices"][0]
        self.assertRegex(text, rf"\nper-CPU variables +\+{percpu['bytes']:,} +\+\d+\.\d\d %  ")
        by_kind = ", ".join(f"+{kind['bytes']:,} {kind['kind']} in +{kind['count']:,} records"
                            for kind in percpu["kinds"])
        self.assertIn(f"\nper-CPU variables: {by_kind}, +{percpu['string_bytes']:,} strings\n", text)

    def test_default_number_of_runs(self):
        self.assertEqual(self.price(self.small)["runs"], 3)

    def test_over_a_base(self):
        modules.make_kernel(self.folder)
        subprocess.run([BTFGEN, self.path("vmlinux")], check=True)
        modules.make_module(self.path("mod.ko"))
        vmlinux, module = self.path("vmlinux"), self.path("mod.ko")
        report = self.price("--runs=1", "--base", vmlinux, module)
        self.assertEqual(report["base"], [vmlinux])
        subprocess.run([BTFGEN, "--base", vmlinux, "-o", self.path("out"), module], check=True)
        stat = self.json("--base", vmlinux, self.path("out"))
        self.assertEqual(report["encodings"][0]["bytes"], stat["bytes"])

    def test_no_debug_information(self):
        path = self.file(kernel_file(sample().build()))
        self.assertTrue(self.stat("--price", path, code=3).startswith(f"btfgen: {path}: "))


if __name__ == "__main__":
    BTFGEN = os.path.abspath(sys.argv[1])
    SOURCE_DIR = sys.argv[2]
    CC = sys.argv[3]
    os.environ.setdefault("CC", CC)
    os.environ["BTFGEN"] = BTFGEN
    sys.path.insert(0, os.path.join(SOURCE_DIR, "tests", "lib"))
    import modules
    from btfwriter import BtfWriter, kernel_file, module_file
    unittest.main(argv=sys.argv[:1])
