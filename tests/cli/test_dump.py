#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
"""btfgen dump: formats, choices, bases and exit codes by exact text. The texts of each kind are in
tests/unit/test_dump.c; tests/kernel/dump_check.py compares with bpftool.

test_dump.py BTFGEN SOURCE_DIR
"""

import json
import os
import pathlib
import shutil
import struct
import subprocess
import sys
import tempfile
import unittest

INT, PTR, STRUCT, TYPEDEF, FUNC, PROTO, VAR, DATASEC = 1, 2, 4, 8, 12, 13, 14, 15


class Writer:
    """Raw BTF, record by record, over a base or not."""

    def __init__(self, little=True, base=None):
        self.order = "<" if little else ">"
        self.first_string = base.next_string() if base else 0
        self.strings = b"" if base else b"\0"
        self.types = b""
        self.num = base.num if base else 0

    def next_string(self):
        return self.first_string + len(self.strings)

    def string(self, text):
        if not text:
            return 0
        off = self.next_string()
        self.strings += text.encode() + b"\0"
        return off

    def add(self, kind, name, word, *rest, vlen=0):
        self.types += struct.pack(f"{self.order}{3 + len(rest)}I", self.string(name), kind << 24 | vlen, word, *rest)
        self.num += 1
        return self.num

    def struct(self, name, size, *members):
        words = [word for name_, type_id, bit in members for word in (self.string(name_), type_id, bit)]
        return self.add(STRUCT, name, size, *words, vlen=len(members))

    def func(self, name, result, *params):
        words = [word for name_, type_id in params for word in (self.string(name_), type_id)]
        return self.add(FUNC, name, self.add(PROTO, "", result, *words, vlen=len(params)))

    def build(self):
        header = struct.pack(f"{self.order}HBBIIIII", 0xeb9f, 1, 0, 24, 0, len(self.types), len(self.types),
                             len(self.strings))
        return header + self.types + self.strings


def sample_writer(little=True):
    writer = Writer(little)
    int_id = writer.add(INT, "int", 4, 1 << 24 | 32)
    rq = writer.struct("rq", 16, ("cpu", int_id, 0), ("next", 3, 64))
    pointer = writer.add(PTR, "", rq)
    writer.func("rq_clock", int_id, ("rq", pointer))
    counter = writer.add(VAR, "counter", int_id, 0)
    other = writer.add(VAR, "other", pointer, 1)
    writer.add(DATASEC, ".data..percpu", 4, counter, 0, 4, vlen=1)
    writer.add(DATASEC, ".data", 8, other, 0, 8, vlen=1)
    writer.add(TYPEDEF, "number", int_id)
    return writer


def sample(little=True):
    return sample_writer(little).build()


RAW = {
    1: "[1] INT 'int' size=4 bits_offset=0 nr_bits=32 encoding=SIGNED\n",
    2: "[2] STRUCT 'rq' size=16 vlen=2\n\t'cpu' type_id=1 bits_offset=0\n\t'next' type_id=3 bits_offset=64\n",
    3: "[3] PTR '(anon)' type_id=2\n",
    4: "[4] FUNC_PROTO '(anon)' ret_type_id=1 vlen=1\n\t'rq' type_id=3\n",
    5: "[5] FUNC 'rq_clock' type_id=4 linkage=static\n",
    6: "[6] VAR 'counter' type_id=1, linkage=static\n",
    7: "[7] VAR 'other' type_id=3, linkage=global\n",
    8: "[8] DATASEC '.data..percpu' size=4 vlen=1\n\ttype_id=6 offset=0 size=4 (VAR 'counter')\n",
    9: "[9] DATASEC '.data' size=8 vlen=1\n\ttype_id=7 offset=0 size=8 (VAR 'other')\n",
    10: "[10] TYPEDEF 'number' type_id=1\n",
}

HEAD = """\
#ifndef __VMLINUX_H__
#define __VMLINUX_H__

#ifndef BPF_NO_PRESERVE_ACCESS_INDEX
#pragma clang attribute push (__attribute__((preserve_access_index)), apply_to = record)
#endif

#ifndef __ksym
#define __ksym __attribute__((section(".ksyms")))
#endif

#ifndef __weak
#define __weak __attribute__((weak))
#endif

#ifndef __bpf_fastcall
#if __has_attribute(bpf_fastcall)
#define __bpf_fastcall __attribute__((bpf_fastcall))
#else
#define __bpf_fastcall
#endif
#endif

"""
FOOT = """\
#ifndef BPF_NO_PRESERVE_ACCESS_INDEX
#pragma clang attribute pop
#endif

#endif /* __VMLINUX_H__ */
"""
KFUNCS = """
/* BPF kfuncs */
#ifndef BPF_NO_KFUNC_PROTOTYPES
#endif

"""
STRUCT_RQ = "struct rq {\n\tint cpu;\n\tstruct rq *next;\n};\n\n"
NUMBER = "typedef int number;\n\n"


def raw(*ids):
    return "".join(RAW[type_id] for type_id in ids)


class Dump(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def file(self, data, name="file"):
        path = os.path.join(self.folder, name)
        pathlib.Path(path).write_bytes(data)
        return path

    def dump(self, *args, code=0, **more):
        run = subprocess.run([BTFGEN, "dump", *args], capture_output=True, check=False, **more)
        self.assertEqual(run.returncode, code, run)
        if code in (0, 1):
            self.assertEqual(run.stderr, b"")
            return run.stdout.decode()
        self.assertEqual(run.stderr.count(b"\n"), 1)
        return run.stderr.decode()

    def test_formats(self):
        for little in (True, False):
            with self.subTest(little=little):
                path = self.file(sample(little))
                self.assertEqual(self.dump(path), raw(*RAW))
                self.assertEqual(self.dump("-F", "raw", path), raw(*RAW))
                self.assertEqual(self.dump("--format=c", path), HEAD + NUMBER + STRUCT_RQ + KFUNCS + FOOT)
                self.assertEqual(self.dump("-Fc-unsorted", path), HEAD + STRUCT_RQ + NUMBER + KFUNCS + FOOT)
                compact, pretty = self.dump("-F", "json", path), self.dump("-F", "json-pretty", path)
                self.assertEqual(compact.count("\n"), 1)
                self.assertTrue(pretty.startswith('{\n    "types": [{\n            "id": 1,\n'), pretty)
                types = json.loads(compact)["types"]
                self.assertEqual(json.loads(pretty)["types"], types)
                self.assertEqual([t["id"] for t in types], list(RAW))
                self.assertEqual(types[1], {
                    "id": 2, "kind": "STRUCT", "name": "rq", "size": 16, "vlen": 2,
                    "members": [{"name": "cpu", "type_id": 1, "bits_offset": 0},
                                {"name": "next", "type_id": 3, "bits_offset": 64}]})

    def test_choices(self):
        path = self.file(sample())
        for args, ids in (
                (["rq"], [2]), (["rq*"], [2, 5]), (["r?", "number"], [2, 10]), (["[co]*"], [6, 7]),
                (["-k", "struct"], [2]), (["--kind=struct,Func_Proto"], [2, 4]), (["-k", "var", "-k", "ptr"], [3, 6, 7]),
                (["-k", "func", "rq*"], [5]), (["-s", ".data"], [7, 9]), (["-s.data*"], [6, 7, 8, 9]),
                (["-s", ".data", "-s", ".data..percpu", "-k", "var"], [6, 7]), (["-s", ".data", "c*"], None),
                (["nothing"], None), (["-k", "enum64"], None), (["-s", "number"], None),
                (["--id", "3"], [3]), (["--id=10", "--id", "2", "--id", "10"], [10, 2, 10])):
            with self.subTest(args):
                self.assertEqual(self.dump(path, *args, code=0 if ids else 1), raw(*ids or []))
        self.assertEqual(self.dump(path, "-F", "json", "nothing", code=1), "")

    def test_choices_as_c(self):
        path = self.file(sample())
        clock = "extern int rq_clock(struct rq *rq);\n\n"
        for args, body in (
                (["rq", "number"], NUMBER + STRUCT_RQ), (["-k", "func"], "struct rq;\n\n" + clock),
                (["rq", "rq_clock"], STRUCT_RQ + clock), (["counter"], "extern int counter;\n\n"),
                (["-s", ".data"], "struct rq;\n\nextern struct rq *other;\n\n"),
                (["--id=2", "--id=10"], STRUCT_RQ + NUMBER), (["--id", "1"], "")):
            with self.subTest(args):
                self.assertEqual(self.dump(path, "-F", "c", *args), HEAD + body + FOOT)
        self.assertEqual(self.dump(path, "-F", "c", "nothing", code=1), "")

    def stack(self, little=True):
        vmlinux = sample_writer(little)
        low = Writer(little, vmlinux)
        low.struct("low", 16, ("rq", 2, 0))
        low.add(PTR, "", low.num)
        high = Writer(little, low)
        high.struct("high", 8, ("low", low.num, 0))
        return [self.file(writer.build(), name)
                for writer, name in ((vmlinux, "vmlinux"), (low, "low"), (high, "high"))]

    def test_bases(self):
        for little in (True, False):
            with self.subTest(little=little):
                vmlinux, low, high = self.stack(little)
                low_text = "[11] STRUCT 'low' size=16 vlen=1\n\t'rq' type_id=2 bits_offset=0\n[12] PTR '(anon)' type_id=11\n"
                self.assertEqual(self.dump("-B", vmlinux, low), low_text)
                self.assertEqual(self.dump("--base", vmlinux, "--base", low, high),
                                 "[13] STRUCT 'high' size=8 vlen=1\n\t'low' type_id=12 bits_offset=0\n")
                self.assertEqual(self.dump("-B", vmlinux, "-B", low, high, "--id=11", "--id=1"),
                                 low_text.split("[12]")[0] + RAW[1])
                # Names are looked for in the file itself; a header takes what it needs from below.
                self.assertEqual(self.dump("-B", vmlinux, low, "rq", code=1), "")
                self.assertEqual(self.dump("-B", vmlinux, low, "-F", "c", "low"),
                                 HEAD + STRUCT_RQ + "struct low {\n\tstruct rq rq;\n};\n\n" + FOOT)
                self.assertEqual(self.dump("-B", vmlinux, low, "-F", "c"),
                                 HEAD + NUMBER + STRUCT_RQ + "struct low {\n\tstruct rq rq;\n};\n\n" + KFUNCS + FOOT)
                message = "is split BTF, which nothing is known of without its base (--base)"
                self.assertEqual(self.dump(low, code=3), f"btfgen: {low}: {message}\n")
                self.assertEqual(self.dump("-B", low, high, code=3), f"btfgen: {low}: {message}\n")

    def test_base_of_the_other_byte_order(self):
        vmlinux, low, _ = self.stack()
        self.file(sample(little=False), "vmlinux")
        self.assertEqual(self.dump("-B", vmlinux, low, code=3),
                         f"btfgen: {low}: .BTF+0x0: byte order differs from the base BTF's\n")

    def test_elf_and_its_own_base(self):
        small = Writer()
        small.struct("rq", 16)
        split = Writer(base=small)
        split.struct("low", 16, ("rq", 1, 0))
        for bits in (32, 64):
            with self.subTest(bits=bits):
                elf = Elf(bits=bits)
                elf.section(".BTF", sample())
                self.assertEqual(self.dump(self.file(elf.build())), raw(*RAW))
                elf = Elf(bits=bits)
                elf.section(".BTF", split.build())
                elf.section(".BTF.base", small.build())
                path = self.file(elf.build())
                self.assertEqual(self.dump(path), "[2] STRUCT 'low' size=16 vlen=1\n\t'rq' type_id=1 bits_offset=0\n")
                self.assertEqual(self.dump(path, "-F", "c", "low"),
                                 HEAD + "struct rq {\n\tlong: 64;\n\tlong: 64;\n};\n\n"
                                 "struct low {\n\tstruct rq rq;\n};\n\n" + FOOT)
                self.assertEqual(self.dump("-B", self.file(sample(), "vmlinux"), path, code=3),
                                 f"btfgen: {path}: is over the base in its section .BTF.base, not over another\n")

    def test_through_a_pipe(self):
        self.assertEqual(self.dump("/dev/stdin", input=sample()), raw(*RAW))

    def test_usage(self):
        path = self.file(sample())
        for args, message in (
                ([], "no input file"), ([""], "the name of the input is empty"), ([path, ""], "a name is empty"),
                ([path, "-F", "xml"], "option '-F' takes raw, c, c-unsorted, json or json-pretty, not 'xml'"),
                ([path, "--kind", "struct,"], "option '--kind' takes kinds of BTF such as struct,func; '' is none"),
                ([path, "-k", "void"], "option '-k' takes kinds of BTF such as struct,func; 'void' is none"),
                ([path, "--id", "0"], "option '--id' takes the id of a type, not '0'"),
                ([path, "--id=1x"], "option '--id' takes the id of a type, not '1x'"),
                ([path, "--id=-1"], "option '--id' takes the id of a type, not '-1'"),
                ([path, "--id=4294967296"], "option '--id' takes the id of a type, not '4294967296'"),
                ([path, "--id=1", "rq"], "--id goes with no names, kinds or sections"),
                ([path, "--id=1", "-k", "int"], "--id goes with no names, kinds or sections"),
                ([path, "--id=1", "-s", "x"], "--id goes with no names, kinds or sections"),
                ([path, "--nothing"], "unknown option '--nothing'")):
            with self.subTest(args):
                self.assertEqual(self.dump(*args, code=2), f"btfgen: {message}; try 'btfgen dump --help'\n")

    def test_inputs_that_cannot_be_used(self):
        path = self.file(sample())
        self.assertEqual(self.dump(path, "--id", "11", code=3),
                         f"btfgen: {path}: there is no type 11, the last one is 10\n")
        self.assertEqual(self.dump(self.file(b"", "empty"), code=3),
                         f"btfgen: {self.folder}/empty: file is empty\n")
        self.assertEqual(self.dump("-B", f"{self.folder}/nowhere", path, code=3),
                         f"btfgen: {self.folder}/nowhere: cannot open: No such file or directory\n")
        writer = Writer()
        writer.struct("ring", 4, ("ring", 1, 0))
        path = self.file(writer.build())
        self.assertEqual(self.dump(path, "-F", "c", code=3),
                         f"btfgen: {path}: cannot be written as C: type 1 ('ring') holds itself\n")

    def test_every_truncation_is_an_error_or_the_whole(self):
        whole = sample()
        for size in range(0, len(whole), 3):
            path = self.file(whole[:size])
            self.assertTrue(self.dump(path, "-F", "c", code=3).startswith(f"btfgen: {path}: "))

    def test_every_flipped_byte_ends_well(self):
        whole = sample()
        for at in range(24, len(whole), 2):
            data = bytearray(whole)
            data[at] ^= 0x81
            path = self.file(data)
            for form in ("raw", "json", "c", "c-unsorted"):
                run = subprocess.run([BTFGEN, "dump", "-F", form, path], capture_output=True, check=False, timeout=60)
                self.assertIn(run.returncode, (0, 3), (at, form))
                self.assertEqual(run.stderr.count(b"\n"), run.returncode // 3)
                if form == "json" and run.returncode == 0:
                    json.loads(run.stdout)

    def many(self):
        writer = Writer()
        int_id = writer.add(INT, "int", 4, 1 << 24 | 32)
        for i in range(20000):
            writer.struct(f"struct_{i}", 4, ("member", int_id, 0))
        return self.file(writer.build())

    def test_reader_that_goes_away_gets_no_message(self):
        path = self.many()
        for form in ("raw", "json", "json-pretty", "c"):
            with subprocess.Popen([BTFGEN, "dump", "-F", form, path], stdout=subprocess.PIPE,
                                  stderr=subprocess.PIPE) as process:
                process.stdout.read(10)
                process.stdout.close()
                stderr = process.stderr.read()
            self.assertEqual((process.returncode, stderr), (0, b""), form)

    @unittest.skipIf("thread" in os.environ.get("SANITIZE", ""),
                     "the runtime of the sanitizer makes files itself")
    def test_lost_output_is_an_error(self):
        run = subprocess.run(["sh", "-c", 'ulimit -f 0; exec "$1" dump "$2" > "$3"', "sh", BTFGEN, self.many(),
                              os.path.join(self.folder, "cut")], stderr=subprocess.PIPE, check=False)
        self.assertEqual((run.returncode, run.stderr),
                         (5, b"btfgen: cannot write to standard output: File too large\n"))

    @unittest.skipUnless(shutil.which("gcc"), "no gcc")
    def test_header_compiles(self):
        path = os.path.join(self.folder, "vmlinux.h")
        pathlib.Path(path).write_text(self.dump(self.file(sample()), "-F", "c") +
                                      "_Static_assert(sizeof(struct rq) == 16, \"size\");\n", encoding="ascii")
        run = subprocess.run(["gcc", "-x", "c", "-fsyntax-only", "-Wno-unknown-pragmas", path], capture_output=True,
                             text=True, check=False)
        self.assertEqual((run.returncode, run.stderr), (0, ""))


if __name__ == "__main__":
    BTFGEN = sys.argv[1]
    sys.path.insert(0, os.path.join(sys.argv[2], "tests", "lib"))
    from elfwriter import Elf
    unittest.main(argv=sys.argv[:1])
