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

    def test_list(self):
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
