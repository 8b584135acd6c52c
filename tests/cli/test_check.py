#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
"""btfgen check: verdicts, their exact text and JSON, exit codes.

test_check.py BTFGEN SOURCE_DIR
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest


def sample_base(front=0, little=True):
    """front: types that a base has more than usual, before the others."""
    base = BtfWriter(little=little)
    for _ in range(front):
        base.ptr(0)
    number = base.int("int", 4)
    node = base.struct("node", 16, ("next", base.num + 2, 0), ("value", number, 64))
    base.ptr(node)
    base.func("walk", base.proto(number, ("from", base.num)))
    base.typedef("node_t", node)
    return base


def sorted_base():
    """As the kernels from 7.0 on want it."""
    base = BtfWriter()
    base.ptr(4)
    base.proto(3, ("from", 1))
    number = base.int("int", 4)
    node = base.struct("node", 16, ("next", 1, 0), ("value", number, 64))
    base.typedef("node_t", node)
    base.func("walk", 2)
    return base


def sample_split(base):
    split = BtfWriter(base)
    mine = split.struct("mine", 24, ("node", 2, 0), ("value", 1, 128))
    split.func("visit", split.proto(1, ("mine", split.ptr(mine))))
    return split


def sample_distilled():
    """A split and its distilled base."""
    small = BtfWriter()
    small.int("int", 4)
    small.struct("node", 16)
    split = BtfWriter(small)
    split.struct("mine", 24, ("node", 2, 0), ("value", 1, 128))
    return split.build(), small.build()


class Check(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="btfgen-test-")
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        base = sample_base()
        self.file("vmlinux", kernel_file(base.build(), release="6.1.0", build_id=b"\xab" * 20))
        self.file("other", kernel_file(sample_base(1).build(), release="6.2.0"))
        self.file("good.ko", module_file(sample_split(base).build(), release="6.1.0", build_id=b"\xcd" * 20))

    def file(self, name, data):
        pathlib.Path(self.folder, name).write_bytes(data)

    def check(self, *args, code=0, err="", **more):
        run = subprocess.run([BTFGEN, "check", *args], capture_output=True, check=False, cwd=self.folder, text=True,
                             errors="surrogateescape", **more)
        self.assertEqual((run.returncode, run.stderr), (code, err))
        return run.stdout

    # With a base.

    def test_fits(self):
        self.assertEqual(self.check("--base=vmlinux", "good.ko"), "good.ko: fits\n")
        self.assertEqual(self.check("--base", "vmlinux", "good.ko", "good.ko"),
                         "good.ko: fits\ngood.ko: fits\n2 files: 2 fit\n")

    def test_all_forms_of_files(self):
        for little in (True, False):
            for bits in (32, 64):
                base = sample_base(little=little)
                if bits == 32:
                    base.typedef("one_more", 1)
                btf, split = base.build(), sample_split(base).build()
                self.file("base", btf)
                self.file("base.elf", kernel_file(btf, bits=bits, little=little))
                self.file("split", split)
                self.file("split.ko", module_file(split, bits=bits, little=little))
                for one in ("base", "base.elf"):
                    for module in ("split", "split.ko"):
                        with self.subTest(little=little, bits=bits, base=one, module=module):
                            self.assertEqual(self.check("--base=" + one, module), module + ": fits\n")

    def test_pointers_have_the_size_of_the_machine(self):
        for bits, code in ((32, 0), (64, 1)):
            base = sample_base()
            split = BtfWriter(base)
            split.struct("two", 8, ("a", 3, 0), ("b", 3, 32))
            self.file("base", kernel_file(base.build(), bits=bits))
            self.file("two", split.build())
            out = self.check("--base=base", "two", code=code)
            self.assertEqual(out, "two: fits\n" if code == 0 else
                             "two: does not fit: type 7 STRUCT 'two' member 1 'b': struct node * at bit 32 does not "
                             "end inside the 8 bytes of its struct (1 of 1 types)\n")

    def test_does_not_fit(self):
        note = "  note: is for Linux 6.1.0, the base 'other' is of Linux 6.2.0 (build id " + "cd" * 20 + ")\n"
        self.assertEqual(self.check("--base=other", "good.ko", code=1),
                         "good.ko: does not fit: type 11 FUNC 'visit': has type 9 (node_t *), which is no prototype "
                         "(1 of 4 types)\n" + note)

    def test_may_not_fit(self):
        base = sample_base()
        split = BtfWriter(base)
        split.struct("mine", 4, (base.find(b"node") + 1, 1, 0))
        self.file("odd.ko", module_file(split.build()))
        self.assertEqual(self.check("--base=vmlinux", "odd.ko", code=1),
                         "odd.ko: may not fit: type 7 STRUCT 'mine' member 0 'ode': name 'ode' begins in the middle of "
                         "a string (1 of 1 types)\n")

    def test_summary_and_quiet(self):
        base = sample_base()
        bad = BtfWriter(base)
        bad.ptr(5)
        odd = BtfWriter(base)
        odd.typedef(base.find(b"walk") + 2, 1)
        self.file("bad.ko", module_file(bad.build()))
        self.file("odd.ko", module_file(odd.build()))
        self.file("none.ko", module_file())
        bad_line = ("bad.ko: does not fit: type 7 PTR: refers to type 5 (FUNC walk), which is no type of C "
                    "(1 of 1 types)\n")
        odd_line = ("odd.ko: may not fit: type 7 TYPEDEF 'lk': name 'lk' begins in the middle of a string "
                    "(1 of 1 types)\n")
        files = ("good.ko", "bad.ko", "odd.ko", "good.ko")
        self.assertEqual(self.check("--base=vmlinux", *files, code=1),
                         "good.ko: fits\n" + bad_line + odd_line + "good.ko: fits\n"
                         "4 files: 2 fit, 1 may not fit, 1 does not fit\n")
        self.assertEqual(self.check("-q", "--base=vmlinux", *files, code=1), bad_line + odd_line)
        self.assertEqual(self.check("-q", "--base=vmlinux", "good.ko"), "")
        self.assertEqual(self.check("--base=vmlinux", "none.ko", "bad.ko", "bad.ko", "nothing", code=3,
                                    err="btfgen: none.ko: has no .BTF section\n"
                                        "btfgen: nothing: cannot open: No such file or directory\n"),
                         bad_line * 2 + "4 files: 2 do not fit, 2 cannot be read\n")

    def test_damaged_module(self):
        self.file("x.ko", module_file(b"\x9f\xeb"))
        self.check("--base=vmlinux", "x.ko", code=3,
                   err="btfgen: x.ko: .BTF+0x0: 2 bytes are too few for a BTF header\n")

    def test_compressed_module(self):
        self.file("x.ko.xz", b"\xfd7zXZ\0" + bytes(100))
        self.check("--base=vmlinux", "x.ko.xz", code=3,
                   err="btfgen: x.ko.xz: compressed with xz: unpack it with unxz first\n")
        self.check("--base=x.ko.xz", "good.ko", code=3,
                   err="btfgen: x.ko.xz: compressed with xz: unpack it with unxz first\n")

    def test_file_list(self):
        self.file("list", b"good.ko\n\ngood.ko")
        self.assertEqual(self.check("--base=vmlinux", "--files-from=list", "good.ko"),
                         "good.ko: fits\n" * 3 + "3 files: 3 fit\n")
        self.assertEqual(self.check("-0", "--base=vmlinux", "--files-from=-", input="good.ko\0good.ko\0"),
                         "good.ko: fits\n" * 2 + "2 files: 2 fit\n")

    def test_stacked_bases(self):
        base = sample_base()
        second = sample_split(base)
        third = BtfWriter(second)
        third.struct("theirs", 24, ("mine", second.first_id, 0))
        self.file("third.ko", module_file(third.build()))
        self.assertEqual(self.check("--base=vmlinux", "--base=good.ko", "third.ko"), "third.ko: fits\n")
        self.assertEqual(self.check("--base=vmlinux", "third.ko", code=1),
                         "third.ko: does not fit: type 7 STRUCT: string offset %d does not exist, there are %d "
                         "bytes (1 of 1 types)\n" % (third.find(b"theirs"), third.first_str - len(second.strings) +
                                                     len(third.strings)))

    def test_names_stay_on_their_line(self):
        base = sample_base()
        split = BtfWriter(base)
        split.struct("a\nb\x1b[31m", 4, ("x\x7f", 1, 0))
        self.file("x\n.ko", module_file(split.build()))
        self.assertEqual(self.check("--base=vmlinux", "x\n.ko", code=1),
                         "x?.ko: does not fit: type 7 STRUCT 'a?b?[31m': M16: name is no identifier (1 of 1 types)\n")

    # Distilled bases.

    def test_distilled(self):
        split, small = sample_distilled()
        self.file("d.ko", module_file(split, small))
        self.assertEqual(self.check("--base=vmlinux", "d.ko"), "d.ko: fits\n")
        self.assertEqual(self.check("--base=other", "d.ko"), "d.ko: fits\n")
        self.assertEqual(self.check("d.ko"), "d.ko: good\n")

    def test_distilled_base_that_finds_nothing(self):
        split, small = sample_distilled()
        self.file("d.ko", module_file(split, small))
        base = BtfWriter()
        base.int("int", 4)
        base.struct("node", 24)
        self.file("changed", base.build())
        self.assertEqual(self.check("--base=changed", "d.ko", code=1),
                         "d.ko: does not fit: type 2 STRUCT 'node' of .BTF.base: the base has none of 16 bytes, as is "
                         "needed by value (1 of 2 types)\n")

    def test_split_that_does_not_fit_its_own_distilled_base(self):
        split, small = sample_distilled()
        other = BtfWriter()
        other.int("int", 4)
        other.struct("node", 32)
        self.file("d.ko", module_file(split, other.build()))
        text = ("over its own .BTF.base: type 3 STRUCT 'mine' member 0 'node': struct node at bit 0 does not end "
                "inside the 24 bytes of its struct")
        self.assertEqual(self.check("--base=vmlinux", "d.ko", code=1), "d.ko: does not fit: %s (1 of 1 types)\n" % text)
        self.assertEqual(self.check("d.ko", code=1), "d.ko: breaks a rule: %s\n" % text)
        self.file("d.ko", module_file(split, small[:30]))
        self.check("d.ko", code=3,
                   err="btfgen: d.ko: .BTF.base+0x8: types end at 0x34, behind the end of the BTF at 0x1e\n")

    # Without a base.

    def test_alone(self):
        self.file("raw", sorted_base().build())
        self.file("elf", kernel_file(sorted_base().build()))
        self.assertEqual(self.check("elf"), "elf: good\n")
        self.assertEqual(self.check("elf", "raw"), "elf: good\nraw: good\n2 files: 2 good\n")
        broken = sorted_base()
        broken.struct("xmall", 4, ("node", 4, 0))
        self.file("broken", broken.build())
        line = ("broken: Linux 7.3 takes it as vmlinux, but it breaks rules: 1 violation\n"
                "   1. R6 type 7 STRUCT 'xmall' member 0 'node': ends behind the size\n"
                "      wanted: a member ends inside its struct, and starts at a byte if it is no bitfield\n")
        self.assertEqual(self.check("broken", code=1), line)
        self.assertEqual(self.check("broken", "raw", "broken", code=1),
                         line + "raw: good\n" + line + "3 files: 1 good, 2 break a rule\n")
        self.assertEqual(self.check("-q", "broken", "raw", code=1), line)

    def test_module_alone(self):
        self.check("good.ko", code=3,
                   err="btfgen: good.ko: is a module, whose BTF means nothing without its base; give it with --base\n")

    # Rules.

    def broken(self, **elf_options):
        """What no kernel takes, what 5.10 does not, what is only wrong, and a flaw."""
        btf = BtfWriter()
        btf.ptr(0)
        number = btf.int("int", 4)
        btf.struct("pair", 6, ("a", number, 0), ("2b", number, 32), ("c", number, 33))
        btf.add("FLOAT", "really", 4)
        btf.add("FWD", "short", 0)
        btf.struct("short", 2, ("a", number, 0))
        self.file("broken", kernel_file(btf.build(), **elf_options) if elf_options else btf.build())

    LIST = ("   1. M16 type 3 STRUCT 'pair' member 1 '2b': name is no identifier\n"
            "      wanted: STRUCT, UNION: name and member names identifiers or none, member ids not 0, members in "
            "order, none starts behind the end\n")
    R6 = " R6 type 6 STRUCT 'short' member 0 'a': ends behind the size\n"
    R6_WANTED = "      wanted: a member ends inside its struct, and starts at a byte if it is no bitfield\n"
    N3 = (" warning N3 type 5 FWD 'short': stands beside STRUCT 6 of its name\n"
          "      wanted: no FWD is left beside the STRUCT or UNION of its name\n")

    def test_list(self):
        self.broken()
        self.assertEqual(self.check("broken", code=1),
                         "broken: Linux 7.3 refuses it as vmlinux: 2 violations, 1 warning\n" + self.LIST +
                         "   2." + self.R6 + self.R6_WANTED + "   3." + self.N3)

    def test_max(self):
        self.broken()
        head = "broken: Linux 7.3 refuses it as vmlinux: 2 violations, 1 warning\n"
        self.assertEqual(self.check("--max=1", "broken", code=1),
                         head + self.LIST + "      and 1 more violation: 1 R6\n" + "   2." + self.N3)
        self.assertEqual(self.check("--max=0", "broken", code=1),
                         head + "      and 2 more violations: 1 M16, 1 R6\n      and 1 more warning: 1 N3\n")
        many = BtfWriter()
        for _ in range(2000):
            many.ptr(0)
        for _ in range(1500):
            many.ptr(9999)
        self.file("many", many.build())
        out = self.check("many", code=1)
        self.assertTrue(out.startswith("many: Linux 7.3 takes it as vmlinux, but it breaks rules: 1,500 violations, "
                                       "3,498 warnings\n   1. R1 type 2001 PTR: type 9999 does not exist\n"))
        self.assertIn("\n  20. R1 type 2020 PTR: type 9999 does not exist\n"
                      "      and 1,480 more violations: 1,480 R1\n"
                      "  21. warning N4 type 2 PTR: is PTR 1 once more\n", out)
        self.assertTrue(out.endswith("\n      and 3,478 more warnings: 3,478 N4\n"))
        self.assertEqual(out.count("\n"), 45)
        out = json.loads(self.check("--json", "many", code=1))["files"][0]
        self.assertEqual((len(out["violations"]), len(out["warnings"])), (1500, 3498))
        out = json.loads(self.check("--json", "--max=7", "many", code=1))["files"][0]
        self.assertEqual((len(out["violations"]), len(out["warnings"]), out["num_violations"]), (7, 7, 1500))

    def test_target(self):
        tagged = sorted_base()
        tagged.add("TYPE_TAG", "xuser", 3, flag=True)
        self.file("tagged", tagged.build())
        wanted = "      wanted: TYPE_TAG: a name, no vlen, an id, no kind flag before 6.15\n"
        for target in ("6.18", "7.2", "7.3"):
            self.assertEqual(self.check("--target", target, "tagged"), "tagged: good\n")
        for target in ("6.1", "6.12"):
            self.assertEqual(self.check("--target=" + target, "tagged", code=1),
                             "tagged: Linux %s refuses it as vmlinux: 1 violation\n"
                             "   1. M13 type 7 TYPE_TAG 'xuser': has the kind flag\n%s" % (target, wanted))
        out = self.check("--target=5.10", "tagged", code=1)
        self.assertTrue(out.startswith("tagged: Linux 5.10 refuses it as vmlinux: 1 violation\n"
                                       "   1. M2 type 7 TYPE_TAG 'xuser': kind 18 came later\n"))

    def test_order_is_asked_for_since_7_0(self):
        self.file("raw", sample_base().build())
        warning = ("raw: good, with 1 warning\n"
                   "   1. warning N1 type 3 PTR: stands behind 'node', which sorts after it; places like this: 2\n"
                   "      wanted: types are sorted by name, those without first: lookups by name rely on it\n")
        for target in ("7.2", "7.3"):
            self.assertEqual(self.check("--target=" + target, "raw"), warning)
            self.assertEqual(self.check("--target=" + target, "--as=module", "raw"), warning)
            self.assertEqual(self.check("--target=" + target, "--as=program", "raw"), "raw: good\n")
        self.assertEqual(self.check("--target=6.18", "raw"), "raw: good\n")

    def test_reader(self):
        btf = sorted_base()
        btf.struct("xmall", 4, ("node", 4, 0))
        for name, options, text in (
                ("raw", None, "takes it as vmlinux, but it breaks rules"),
                ("elf", {}, "takes it as vmlinux, but it breaks rules"),
                ("object", {"machine": 247}, "refuses it as a program")):
            self.file(name, btf.build() if options is None else kernel_file(btf.build(), **options))
            out = self.check(name, code=1)
            self.assertTrue(out.startswith("%s: Linux 7.3 %s: 1 violation\n   1. R6 type 7" % (name, text)), out)
        for reader, text in (("vmlinux", "takes it as vmlinux, but it breaks rules"),
                             ("module", "takes it as a module, but it breaks rules"),
                             ("program", "refuses it as a program")):
            out = self.check("--as", reader, "object", code=1)
            self.assertTrue(out.startswith("object: Linux 7.3 %s: 1 violation\n" % text), out)

    def test_object_that_nobody_has_loaded(self):
        btf = BtfWriter()
        number = btf.int("int", 4)
        btf.add("VAR", "var", number, 1)
        btf.add("DATASEC", ".bss", 0, 2, 0, 4, vlen=1)
        self.file("object", kernel_file(btf.build(), machine=247))
        self.assertEqual(self.check("object", code=1),
                         "object: Linux 7.3 refuses it as a program: 1 violation\n"
                         "  note: an object file: whoever loads it first fills in sizes and places of sections (M21), "
                         "and replaces what is extern (M19, M20)\n"
                         "   1. M21 type 3 DATASEC '.bss': size 0\n"
                         "      wanted: DATASEC: printable name (an identifier in 6.1 and before), size not 0, entries "
                         "in order, not empty, apart, inside; at least one in 5.10\n")

    def test_strict(self):
        self.file("raw", sample_base().build())
        self.file("good", sorted_base().build())
        warning = self.check("raw")
        self.assertTrue(warning.startswith("raw: good, with 1 warning\n"))
        self.assertEqual(self.check("--strict", "raw", code=1), warning)
        self.assertEqual(self.check("--strict", "good"), "good: good\n")
        self.assertEqual(self.check("-q", "raw", "good"), "")
        self.assertEqual(self.check("-q", "--strict", "raw", "good", code=1), warning)

    def test_rules_with_a_base(self):
        self.assertEqual(self.check("--base=vmlinux", "--as=module", "good.ko"),
                         "good.ko: fits\n  Linux 7.3 takes it as a module: 1 warning\n"
                         "   1. warning N1 type 8 PTR: stands behind 'mine', which sorts after it; "
                         "places like this: 1\n"
                         "      wanted: types are sorted by name, those without first: lookups by name rely on it\n")
        self.assertEqual(self.check("--base=vmlinux", "--target=6.12", "good.ko"),
                         "good.ko: fits\n  Linux 6.12 takes it as a module\n")
        split = BtfWriter(sample_base())
        split.add("TYPE_TAG", "user", 1, flag=True)
        self.file("tag.ko", module_file(split.build()))
        self.assertEqual(self.check("--base=vmlinux", "--target=6.12", "tag.ko", code=1),
                         "tag.ko: does not fit: type 7 TYPE_TAG 'user': M13: has the kind flag (1 of 1 types)\n"
                         "  Linux 6.12 refuses it as a module: 1 violation\n"
                         "   1. M13 type 7 TYPE_TAG 'user': has the kind flag\n"
                         "      wanted: TYPE_TAG: a name, no vlen, an id, no kind flag before 6.15\n")
        self.assertEqual(self.check("--base=vmlinux", "--target=6.18", "tag.ko"),
                         "tag.ko: fits\n  Linux 6.18 takes it as a module\n")

    def test_rules_of_both_sections(self):
        small = BtfWriter()
        small.int("int", 4)
        small.add("FWD", "9", 0)
        split = BtfWriter(small)
        split.struct("mine", 4, ("n", 1, 0))
        self.file("d.ko", module_file(split.build(), small.build()))
        out = self.check("d.ko", code=1)
        self.assertTrue(out.startswith("d.ko: Linux 7.3 refuses it as a module: 1 violation, 1 warning\n"
                                       "   1. M14 .BTF.base type 2 FWD '9': name is no identifier\n"), out)
        out = json.loads(self.check("--json", "d.ko", code=1))["files"][0]
        self.assertEqual(out["reason"], "section .BTF.base: type 2 FWD '9': M14: name is no identifier")
        self.assertEqual([(f["rule"], f["section"]) for f in out["violations"] + out["warnings"]],
                         [("M14", ".BTF.base"), ("N1", ".BTF.base")])

    def test_list_of_rules(self):
        out = self.check("--list-rules")
        lines = out.splitlines()
        self.assertEqual(len(lines), 70)
        self.assertEqual(lines[0], "RULE REFUSER  LINUX     WANTS THAT")
        for line in ("H1   both     all       there are at least the 8 bytes up to the size of the header",
                     "C3   both     5.17-7.1  in a row of modifiers the type tags come first",
                     "R17  program  5.16-     a DECL_TAG belongs to a STRUCT, UNION, FUNC, VAR or TYPEDEF",
                     "N1   warning  7.0-      types are sorted by name, those without first: lookups by name rely on "
                     "it"):
            self.assertIn(line, lines)
        rules = json.loads(self.check("--list-rules", "--json"))["rules"]
        self.assertEqual([rule["rule"] for rule in rules], [line.split()[0] for line in lines[1:]])
        self.assertEqual(rules[[rule["rule"] for rule in rules].index("C3")],
                         {"rule": "C3", "wants": "in a row of modifiers the type tags come first", "warning": False,
                          "refused_as_program": True, "refused_as_vmlinux": True, "since": "5.17", "until": "7.1",
                          "unreadable": False})

    def test_rules_in_json(self):
        self.broken()
        out = json.loads(self.check("--json", "broken", code=1))["files"][0]
        self.assertEqual((out["target"], out["as"], out["refused"], out["num_violations"], out["num_warnings"],
                          out["by_rule"]), ("7.3", "vmlinux", True, 2, 1, {"M16": 1, "R6": 1, "N3": 1}))
        self.assertEqual(out["violations"][1],
                         {"rule": "R6", "level": "wrong", "section": ".BTF", "type_id": 6, "kind": "STRUCT",
                          "name": "short", "place": "member", "index": 0, "element": "a",
                          "text": "ends behind the size",
                          "wants": "a member ends inside its struct, and starts at a byte if it is no bitfield"})
        self.assertEqual([(f["rule"], f["level"], f["place"], f["index"], f["element"]) for f in out["warnings"]],
                         [("N3", "warning", None, None, None)])
        out = json.loads(self.check("--json", "--as=program", "broken", code=1))["files"][0]
        self.assertEqual([f["level"] for f in out["violations"]], ["refused", "refused"])

    def test_a_reader_that_leaves(self):
        self.broken()
        run = subprocess.run("'%s' check broken broken broken | head -n 1" % BTFGEN, shell=True, check=True,
                             capture_output=True, cwd=self.folder, text=True)
        self.assertEqual((run.stdout, run.stderr),
                         ("broken: Linux 7.3 refuses it as vmlinux: 2 violations, 1 warning\n", ""))

    # JSON.

    def test_json(self):
        bad = BtfWriter(sample_base())
        bad.ptr(5)
        self.file("bad.ko", module_file(bad.build(), release="6.1.0"))
        self.file("none", module_file())
        out = json.loads(self.check("--json", "--base=vmlinux", "good.ko", "bad.ko", "none", code=3,
                                    err="btfgen: none: has no .BTF section\n"))
        version = out.pop("version")
        self.assertIsInstance(version, str)
        common = {"type_id": 0, "reason": None, "problems": 0, "odd": 0, "distilled": False, "note": None,
                  "build_id": None, "release": "6.1.0"}
        self.assertEqual(out, {
            "base": [{"path": "vmlinux", "build_id": "ab" * 20, "release": "6.1.0"}],
            "files": [
                {**common, "path": "good.ko", "verdict": "fits", "types": 4, "build_id": "cd" * 20},
                {**common, "path": "bad.ko", "verdict": "does not fit", "types": 1, "problems": 1, "type_id": 7,
                 "reason": "type 7 PTR: refers to type 5 (FUNC walk), which is no type of C"},
                {"path": "none", "verdict": "unreadable", "reason": "has no .BTF section"},
            ],
            "fits": 1, "may_not_fit": 0, "does_not_fit": 1, "unreadable": 1,
        })

    def test_json_without_a_base(self):
        split, small = sample_distilled()
        self.file("d.ko", module_file(split, small))
        out = json.loads(self.check("--json", "vmlinux", "d.ko"))
        self.assertEqual(out["base"], [])
        self.assertEqual([(f["path"], f["verdict"], f["types"], f["distilled"], f["release"], f["build_id"])
                          for f in out["files"]],
                         [("vmlinux", "fits", 6, False, "6.1.0", "ab" * 20), ("d.ko", "fits", 1, True, None, None)])
        self.assertEqual((out["fits"], out["unreadable"]), (2, 0))

    # Usage.

    def test_usage(self):
        for args, text in (((), "no input file"), (("--base=vmlinux",), "no input file"),
                           (("-0", "vmlinux"), "--null is about the names of --files-from"),
                           (("--nonsense", "vmlinux"), "unknown option '--nonsense'"),
                           (("--target=6.11", "vmlinux"),
                            "option '--target' takes 5.10, 6.1, 6.12, 6.18, 7.2 or 7.3, not '6.11'"),
                           (("--as", "me", "vmlinux"), "option '--as' takes vmlinux, module or program, not 'me'"),
                           (("--base", "vmlinux", ""), "the name of the input file is empty"),
                           (("vmlinux", "--base="), "option '--base' takes a value that is not empty")):
            run = subprocess.run([BTFGEN, "check", *args], capture_output=True, check=False, cwd=self.folder, text=True)
            self.assertEqual((run.returncode, run.stdout, run.stderr),
                             (2, "", "btfgen: %s; try 'btfgen check --help'\n" % text))

    def test_output_that_cannot_be_written(self):
        with open("/dev/full", "w", encoding="ascii") as full:
            run = subprocess.run([BTFGEN, "check", "vmlinux"], stdout=full, stderr=subprocess.PIPE, check=False,
                                 cwd=self.folder, text=True)
        self.assertEqual((run.returncode, run.stderr),
                         (5, "btfgen: cannot write to standard output: No space left on device\n"))


if __name__ == "__main__":
    BTFGEN = os.path.abspath(sys.argv[1])
    sys.path.insert(0, os.path.join(sys.argv[2], "tests", "lib"))
    from btfwriter import BtfWriter, kernel_file, module_file
    unittest.main(argv=sys.argv[:1])
