#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
"""Files with an appended section, as readelf, the linker, objcopy, strip and the kernel see them.

    test_append_tools.py APPEND_FILE ELFWRITER_DIR CC
"""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

APPEND_FILE = ELFWRITER_DIR = CC = ""

SOURCE = r"""
#include <stdio.h>
#include <string.h>
#ifdef OLD
const char old[] __attribute__((section(".BTF"))) = "old content in a segment";
#endif
int shared_counter = 3;
int main(void)
{
#ifdef OLD
	if (strcmp(old, "old content in a segment"))
		return 1;
#endif
	return printf("counter %d\n", shared_counter) != 10;
}
"""


class AppendTools(unittest.TestCase):
    def setUp(self):
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="btfgen-test-"))
        self.addCleanup(shutil.rmtree, self.dir)
        self.content = bytes(range(256)) * 13 + b"end"
        (self.dir / "content").write_bytes(self.content)
        (self.dir / "a.c").write_text(SOURCE)

    def run_ok(self, *args):
        """Standard output of a command that succeeds and has no complaint."""
        done = subprocess.run([str(a) for a in args], cwd=self.dir, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              env={**os.environ, "LC_ALL": "C"}, check=False)
        self.assertEqual((done.returncode, done.stderr), (0, b""), args)
        return done.stdout.decode(errors="replace")

    def append(self, name, expected="written"):
        self.assertEqual(self.run_ok(APPEND_FILE, name, ".BTF", "content"), expected + "\n")

    def sections(self, name):
        """(index, name, line) of each section as readelf tells it."""
        rows = re.findall(r"^  \[ *(\d+)\] (\S*) +(.*)$", self.run_ok("readelf", "-SW", name), re.MULTILINE)
        return [(int(i), n, " ".join(line.split())) for i, n, line in rows]

    def check(self, name):
        """Append to a file; its other sections, segments, symbols and relocations read as before."""
        old_bytes = (self.dir / name).read_bytes()
        old = self.sections(name)
        views = ("-sW", "-rW", "-gW")
        before = [self.run_ok("readelf", view, name) for view in views]
        self.append(name)
        new = self.sections(name)
        self.assertEqual([self.run_ok("readelf", view, name) for view in views], before)
        existed = any(n == ".BTF" for _, n, _ in old)
        self.assertEqual([n for _, n, _ in new], [n for _, n, _ in old] + ([] if existed else [".BTF"]))
        for (_, section, was), (_, _, now) in zip(old, new):
            if section not in (".BTF", ".shstrtab", ".strtab"):
                self.assertEqual(now, was)
        line = next(line for _, n, line in new if n == ".BTF")
        self.assertRegex(line, r"^PROGBITS 0+ [0-9a-f]+ %06x 00 0 0 4$" % len(self.content))
        self.run_ok("objcopy", "--dump-section", ".BTF=dumped", name, "copy")
        self.assertEqual((self.dir / "dumped").read_bytes(), self.content)
        (self.dir / "dumped").unlink()
        now_bytes = (self.dir / name).read_bytes()
        self.assertEqual(now_bytes[64:len(old_bytes)], old_bytes[64:])
        self.append(name, "unchanged")
        self.assertEqual((self.dir / name).read_bytes(), now_bytes)

    def test_object_that_the_linker_takes(self):
        self.run_ok(CC, "-g", "-c", "a.c", "-o", "a.o")
        self.check("a.o")
        self.run_ok("ld", "-r", "a.o", "-o", "r.o")
        self.run_ok("objcopy", "--dump-section", ".BTF=dumped", "r.o")
        self.assertEqual((self.dir / "dumped").read_bytes(), self.content)
        self.run_ok(CC, "a.o", "-o", "prog")
        self.assertEqual(self.run_ok("./prog"), "counter 3\n")
        self.run_ok("strip", "-g", "a.o")
        self.assertIn(".BTF", [n for _, n, _ in self.sections("a.o")])

    def test_object_of_clang_with_one_string_table(self):
        if not shutil.which("clang"):
            self.skipTest("no clang")
        self.run_ok("clang", "-g", "-c", "a.c", "-o", "a.o")
        self.assertNotIn(".shstrtab", [n for _, n, _ in self.sections("a.o")])
        self.check("a.o")
        self.run_ok(CC, "a.o", "-o", "prog")
        self.assertEqual(self.run_ok("./prog"), "counter 3\n")

    def test_program_that_runs(self):
        self.run_ok(CC, "-g", "a.c", "-o", "prog")
        segments = self.run_ok("readelf", "-lW", "prog")
        self.check("prog")
        self.assertEqual(self.run_ok("readelf", "-lW", "prog"), segments)
        self.assertEqual(self.run_ok("./prog"), "counter 3\n")
        self.run_ok("strip", "prog")
        self.assertEqual(self.run_ok("./prog"), "counter 3\n")

    def test_program_with_a_loaded_section_of_the_name(self):
        self.run_ok(CC, "-g", "-DOLD", "a.c", "-o", "prog")
        line = next(line for _, n, line in self.sections("prog") if n == ".BTF")
        self.assertIn(" A ", line)
        loads = re.findall(r"^  LOAD .*$", self.run_ok("readelf", "-lW", "prog"), re.MULTILINE)
        self.check("prog")
        self.assertEqual(re.findall(r"^  LOAD .*$", self.run_ok("readelf", "-lW", "prog"), re.MULTILINE), loads)
        # The segment still holds the old bytes, which the program looks at.
        self.assertEqual(self.run_ok("./prog"), "counter 3\n")

    def test_way_of_the_kernel_build(self):
        """objcopy takes the section out as a loaded one, and the linker takes the result."""
        self.run_ok(CC, "-g", "a.c", "-o", "prog")
        self.append("prog")
        # It warns that the section is in no segment, as it does for the work of any encoder.
        subprocess.run(["objcopy", "--only-section=.BTF", "--set-section-flags", ".BTF=alloc,readonly",
                        "--strip-all", "prog", "btf.o"], cwd=self.dir, stderr=subprocess.DEVNULL, check=True)
        data = bytearray((self.dir / "btf.o").read_bytes())
        data[16] = 1
        (self.dir / "btf.o").write_bytes(data)
        (self.dir / "b.c").write_text("extern const char content[]; const char *user = content;\n")
        self.run_ok(CC, "-c", "b.c", "-o", "b.o")
        self.run_ok("ld", "-r", "-z", "noexecstack", "b.o", "btf.o", "-o", "both.o")
        line = next(line for _, n, line in self.sections("both.o") if n == ".BTF")
        self.assertRegex(line, r"^PROGBITS 0+ [0-9a-f]+ %06x 00 A 0 0 4$" % len(self.content))
        self.run_ok("objcopy", "--dump-section", ".BTF=dumped", "both.o")
        self.assertEqual((self.dir / "dumped").read_bytes(), self.content)
        self.run_ok("objcopy", "-O", "binary", "--only-section=.BTF", "--set-section-flags", ".BTF=alloc",
                    "prog", "raw")
        self.assertEqual((self.dir / "raw").read_bytes(), self.content)

    def test_other_classes_and_byte_orders(self):
        for bits in (32, 64):
            for little in (True, False):
                for fill in (0, 65300):
                    with self.subTest(bits=bits, little=little, fill=fill):
                        elf = Elf(bits=bits, little=little, e_type=1)
                        elf.section(".text", b"code" * 8, flags="AX", align=4)
                        for _ in range(fill):
                            elf.section(".fill")
                        (self.dir / "x.o").write_bytes(elf.build())
                        before = self.sections("x.o")
                        self.append("x.o")
                        after = self.sections("x.o")
                        self.assertEqual(len(after), len(before) + 1)
                        self.assertEqual(after[-1][1], ".BTF")
                        self.assertEqual(after[1], before[1])
                        self.run_ok("readelf", "-aW", "x.o")


if __name__ == "__main__":
    APPEND_FILE, ELFWRITER_DIR, CC = sys.argv[1:4]
    sys.path.insert(0, ELFWRITER_DIR)
    from elfwriter import Elf  # pylint: disable=import-error
    unittest.main(argv=sys.argv[:1])
