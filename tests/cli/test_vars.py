#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
"""btfgen vars: exact text for files of both byte orders, raw and ELF, and one line for each bad file.

test_vars.py BTFGEN SOURCE_DIR
"""

import os
import pathlib
import struct
import subprocess
import sys
import tempfile
import unittest

INT, PTR, ARRAY, STRUCT, VAR, DATASEC = 1, 2, 3, 4, 14, 15


class Writer:
    """Raw BTF, record by record; ids count from 1."""

    def __init__(self, little=True):
        self.order = "<" if little else ">"
        self.strings = b"\0"
        self.types = b""
        self.num = 0

    def string(self, text):
        if not text:
            return 0
        off = len(self.strings)
        self.strings += (text if isinstance(text, bytes) else text.encode()) + b"\0"
        return off

    def add(self, kind, name, word, *rest, vlen=0):
        self.types += struct.pack(f"{self.order}{3 + len(rest)}I", self.string(name), kind << 24 | vlen, word, *rest)
        self.num += 1
        return self.num

    def int32(self):
        return self.add(INT, "int", 4, 1 << 24 | 32)

    def var(self, name, type_id, linkage):
        return self.add(VAR, name, type_id, linkage)

    def section(self, name, size, *entries):
        return self.add(DATASEC, name, size, *(word for entry in entries for word in entry), vlen=len(entries))

    def build(self):
        header = struct.pack(f"{self.order}HBBIIIII", 0xeb9f, 1, 0, 24, 0, len(self.types), len(self.types),
                             len(self.strings))
        return header + self.types + self.strings


def sample(little=True):
    writer = Writer(little)
    int_id = writer.int32()
    struct_id = writer.add(STRUCT, "rq", 192)
    pointer = writer.add(PTR, "", struct_id)
    array = writer.add(ARRAY, "", 0, int_id, int_id, 4)
    writer.section(".data..percpu", 0x1100,
                   (writer.var("runqueues", struct_id, 1), 0, 192),
                   (writer.var("current_rq", pointer, 0), 0xc0, 8),
                   (writer.var("counts", array, 0), 0x10f0, 16))
    writer.section(".extern", 4, (writer.var("elsewhere", int_id, 2), 0, 4))
    return writer.build()


SAMPLE_TEXT = """\
section        offset  size  linkage  type         name
.data..percpu     0x0   192  global   struct rq    runqueues
.data..percpu    0xc0     8  static   struct rq *  current_rq
.data..percpu  0x10f0    16  static   int [4]      counts
.extern           0x0     4  extern   int          elsewhere
4 variables of 220 bytes in 2 sections of 4356 bytes
"""


class Vars(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def file(self, data, name="file"):
        path = os.path.join(self.folder, name)
        pathlib.Path(path).write_bytes(data)
        return path

    def run_vars(self, path, code=0, **more):
        run = subprocess.run([BTFGEN, "vars", path], capture_output=True, check=False, **more)
        self.assertEqual(run.returncode, code, run)
        if code == 0:
            self.assertEqual(run.stderr, b"")
            return run.stdout.decode()
        self.assertEqual(run.stdout, b"")
        return run.stderr.decode()

    def expect_error(self, data, message):
        path = self.file(data)
        self.assertEqual(self.run_vars(path, 3), f"btfgen: {path}: {message}\n")

    def test_raw(self):
        for little in (True, False):
            with self.subTest(little=little):
                self.assertEqual(self.run_vars(self.file(sample(little))), SAMPLE_TEXT)

    def test_elf(self):
        for bits in (32, 64):
            for little in (True, False):
                with self.subTest(bits=bits, little=little):
                    elf = Elf(bits=bits, little=little)
                    elf.section(".data", bytes(16), flags="WA", addr=0x1000)
                    elf.section(".BTF", sample(little))
                    self.assertEqual(self.run_vars(self.file(elf.build())), SAMPLE_TEXT)

    def test_through_a_pipe(self):
        self.assertEqual(self.run_vars("/dev/stdin", input=sample()), SAMPLE_TEXT)

    def test_no_variable(self):
        writer = Writer()
        writer.int32()
        self.assertEqual(self.run_vars(self.file(writer.build())), "0 variables of 0 bytes in 0 sections of 0 bytes\n")

    def test_one_variable(self):
        writer = Writer()
        int_id = writer.int32()
        writer.section(".data..percpu", 4, (writer.var("x", int_id, 0), 0, 4))
        self.assertEqual(self.run_vars(self.file(writer.build())).splitlines()[1:],
                         [".data..percpu     0x0     4  static   int   x",
                          "1 variable of 4 bytes in 1 section of 4 bytes"])

    def test_hostile_names_stay_in_their_row(self):
        writer = Writer()
        int_id = writer.int32()
        writer.section("a\nb\x1b[31m", 4, (writer.var(b"x\r\x7f\xff", int_id, 0), 0, 4))
        run = subprocess.run([BTFGEN, "vars", self.file(writer.build())], capture_output=True, check=True)
        self.assertEqual(run.stdout.splitlines()[1], b"a?b?[31m     0x0     4  static   int   x??\xff")

    def test_ids_that_do_not_exist(self):
        writer = Writer()
        writer.section(".data", 4, (77, 0, 4))
        text = self.run_vars(self.file(writer.build()))
        self.assertIn("1 variable of 4 bytes in 1 section of 4 bytes\n", text)

    def test_every_truncation_is_an_error_or_the_whole(self):
        whole = sample()
        for size in range(len(whole)):
            path = self.file(whole[:size])
            run = subprocess.run([BTFGEN, "vars", path], capture_output=True, check=False)
            self.assertEqual((run.returncode, run.stdout), (3, b""), size)
            self.assertEqual(run.stderr.count(b"\n"), 1)
            self.assertTrue(run.stderr.startswith(f"btfgen: {path}: ".encode()), run.stderr)

    def test_files_without_btf(self):
        self.expect_error(b"", "file is empty")
        elf = Elf()
        elf.section(".data", bytes(16), flags="WA", addr=0x1000)
        self.expect_error(elf.build(), "has no .BTF section")
        elf = Elf()
        elf.section(".BTF", b"", sh_type=8, size=64)
        self.expect_error(elf.build(), "the .BTF section has no bytes in the file")

    def test_missing_file_and_folder(self):
        path = os.path.join(self.folder, "nowhere")
        self.assertEqual(self.run_vars(path, 3), f"btfgen: {path}: cannot open: No such file or directory\n")
        self.assertEqual(self.run_vars(self.folder, 3), f"btfgen: {self.folder}: cannot read: Is a directory\n")

    @unittest.skipIf("thread" in os.environ.get("SANITIZE", ""),
                     "the runtime of the sanitizer makes files itself")
    def test_lost_output_is_an_error(self):
        run = subprocess.run(["sh", "-c", 'ulimit -f 0; exec "$1" vars "$2" > "$3"', "sh", BTFGEN,
                              self.file(sample()), os.path.join(self.folder, "cut")],
                             stderr=subprocess.PIPE, check=False)
        self.assertEqual((run.returncode, run.stderr),
                         (5, b"btfgen: cannot write to standard output: File too large\n"))

    def test_reader_that_goes_away_gets_no_message(self):
        writer = Writer()
        int_id = writer.int32()
        names = [writer.var(f"variable_{i}", int_id, 0) for i in range(20000)]
        writer.section(".data", 80000, *((var, 4 * i, 4) for i, var in enumerate(names)))
        with subprocess.Popen([BTFGEN, "vars", self.file(writer.build())], stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE) as process:
            process.stdout.readline()
            process.stdout.close()
            stderr = process.stderr.read()
        self.assertEqual((process.returncode, stderr), (0, b""))


if __name__ == "__main__":
    BTFGEN = sys.argv[1]
    sys.path.insert(0, os.path.join(sys.argv[2], "tests", "lib"))
    from elfwriter import Elf
    unittest.main(argv=sys.argv[:1])
