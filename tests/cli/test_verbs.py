#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
"""What holds for all verbs: how output ends, and that a pipe gets text without colours.

test_verbs.py BTFGEN SAMPLE_VMLINUX

A verb that `btfgen --help` lists and that has no command lines here is a failure.
"""

import os
import pathlib
import pty
import re
import select
import shutil
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

# pylint: disable=wrong-import-position
from btfwriter import BtfWriter  # noqa: E402
from ksyms import Program, SmallKernel  # noqa: E402

BTFGEN = SAMPLE = ""
TIMEOUT = 120

# {verb: [(exit code, arguments)]}. Names are of the files that setUpClass() makes.
LINES = {
    "encode": [(0, "--report -o out.btf vmlinux"), (0, "--report=json -o out.btf vmlinux"), (0, "--list-features")],
    "explain": [(0, "vmlinux sched_*"), (1, "vmlinux nobody"), (0, "--json vmlinux sched_*")],
    "dump": [(0, "many.btf"), (0, "-F c many.btf"), (0, "-F json many.btf"), (0, "-F json-pretty many.btf")],
    "stat": [(0, "many.btf"), (0, "--top=0 many.btf"), (0, "--json many.btf"), (0, "--html=- many.btf"),
             (0, "--price --runs=1 vmlinux")],
    "diff": [(1, "many.btf other.btf"), (1, "--top=0 many.btf other.btf"), (1, "--json many.btf other.btf"),
             (1, "--format=markdown many.btf other.btf"), (1, "--html=- many.btf other.btf"),
             (0, "many.btf many.btf")],
    "vars": [(0, "many.btf")],
    "check": [(0, "many.btf"), (0, "--json many.btf"), (1, "wrong.btf")],
    "ksyms": [(0, "--btf=kernel.btf program.o"), (0, "--json --btf=kernel.btf program.o")],
    "completion": [(0, "bash"), (0, "zsh"), (0, "fish"), (0, "json")],
    "help": [(0, ""), (0, "dump")],
}


def verbs():
    listed = subprocess.run([BTFGEN, "--help"], check=True, capture_output=True, text=True).stdout
    return re.findall(r"^  (\S+) ", listed.split("\nverbs:\n", 1)[1].split("\n\n", 1)[0], re.MULTILINE)


def many(extra):
    """More text than a pipe takes, in structs, functions and variables; they differ in @extra."""
    btf = BtfWriter()
    number = btf.int("int", 4)
    functions = btf.proto(number, ("argument", number))
    variables = []
    for at in range(3000):
        btf.struct(f"structure_number_{at}", 4 + extra, ("member", number, 0))
        btf.add("FUNC", f"function_number_{at + extra}", functions, vlen=1)
        variables.append(btf.add("VAR", f"variable_number_{at}", number, 1))
    words = [word for at, var in enumerate(variables) for word in (var, (4 + extra) * at, 4)]
    btf.add("DATASEC", ".data..percpu", (4 + extra) * len(variables), *words, vlen=len(variables))
    return btf.build()


def wrong():
    """Each type breaks a rule."""
    btf = BtfWriter()
    for at in range(3000):
        btf.struct(f"structure_number_{at}", 4, ("member", 1000000, 0))
    return btf.build()


def for_each_line(test):
    def run(self):
        for verb, lines in LINES.items():
            for code, line in lines:
                with self.subTest(f"{verb} {line}"):
                    test(self, [BTFGEN, verb, *line.split()], code)
    return run


class Verbs(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.temporary = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.temporary.cleanup)
        cls.folder = pathlib.Path(cls.temporary.name)
        shutil.copy(SAMPLE, cls.folder / "vmlinux")
        for name, data in (("many.btf", many(0)), ("other.btf", many(4)), ("wrong.btf", wrong())):
            (cls.folder / name).write_bytes(data)
        (cls.folder / "kernel.btf").write_bytes(SmallKernel().vmlinux.build())
        program = Program()
        program.add_var("bpf_prog_active", program.int)
        (cls.folder / "program.o").write_bytes(program.build())

    def run_line(self, command, **kwargs):
        return subprocess.run(command, cwd=self.folder, check=False, timeout=TIMEOUT, **kwargs)

    def test_all_verbs_are_here(self):
        self.assertEqual(sorted(LINES), sorted(verbs()))

    @for_each_line
    def test_exit_code_and_clean_text(self, command, code):
        """Text on a pipe: no escape sequences whatever the terminal is, nothing on standard error."""
        environment = dict(os.environ, TERM="xterm-256color", COLORTERM="truecolor")
        environment.pop("NO_COLOR", None)
        done = self.run_line(command, capture_output=True, env=environment)
        self.assertEqual((done.returncode, done.stderr), (code, b""))
        self.assertNotEqual(done.stdout, b"")
        self.assertNotIn(b"\033", done.stdout)
        done.stdout.decode("utf-8")

    @for_each_line
    def test_no_reader(self, command, code):
        """The reader has gone before the first byte comes."""
        reader, writer = os.pipe()
        os.close(reader)
        done = self.run_line(command, stdout=writer, stderr=subprocess.PIPE)
        os.close(writer)
        self.assertEqual((done.returncode, done.stderr), (code, b""))

    @for_each_line
    def test_head_of_a_shell(self, command, code):
        """`set -o pipefail; btfgen ... | head -1` is good, but for a negative answer."""
        script = 'set -o pipefail; "$@" | head -n 1 >/dev/null'
        done = self.run_line(["bash", "-c", script, "bash", *command], capture_output=True)
        self.assertEqual((done.returncode, done.stderr), (code, b""))

    @for_each_line
    def test_full_disk(self, command, _):
        with open("/dev/full", "wb") as full:
            done = self.run_line(command, stdout=full, stderr=subprocess.PIPE)
        self.assertEqual((done.returncode, done.stderr.count(b"\n")), (5, 1), done.stderr)
        self.assertRegex(done.stderr, b"^btfgen: .*: (No space left on device|Input/output error)\n$")

    @for_each_line
    def test_no_standard_output(self, command, _):
        done = self.run_line(["bash", "-c", '"$@" >&-', "bash", *command], stderr=subprocess.PIPE)
        self.assertEqual((done.returncode, done.stderr.count(b"\n")), (5, 1), done.stderr)
        self.assertRegex(done.stderr, b"^btfgen: .*: (Bad file descriptor|Input/output error)\n$")

    def at_terminal(self, command, **environment):
        master, slave = pty.openpty()
        process = subprocess.Popen(command, cwd=self.folder, stdin=subprocess.DEVNULL, stdout=slave, stderr=slave,
                                   env={**os.environ, "TERM": "xterm-256color", **environment})
        os.close(slave)
        text = b""
        while True:
            if not select.select([master], [], [], TIMEOUT)[0]:
                process.kill()
                self.fail("it does not end")
            try:
                part = os.read(master, 65536)
            except OSError:  # the other end is closed
                break
            if not part:
                break
            text += part
        os.close(master)
        return process.wait(), text

    @for_each_line
    def test_no_color_at_a_terminal(self, command, code):
        for environment in ({"NO_COLOR": "1"}, {"TERM": "dumb"}):
            done, text = self.at_terminal(command, **environment)
            self.assertEqual(done, code)
            self.assertNotIn(b"\033", text, environment)

    def test_color_at_a_terminal(self):
        """So that the test above has something to miss."""
        environment = {"NO_COLOR": ""}
        self.assertIn(b"\033[", self.at_terminal([BTFGEN, "diff", "many.btf", "other.btf"], **environment)[1])

    @for_each_line
    def test_the_input_stays(self, command, _):
        before = {path.name: path.read_bytes() for path in self.folder.iterdir() if path.name != "out.btf"}
        self.run_line(command, capture_output=True)
        self.assertEqual({path.name: path.read_bytes() for path in self.folder.iterdir() if path.name != "out.btf"}, before)


if __name__ == "__main__":
    BTFGEN, SAMPLE = (os.path.abspath(path) for path in sys.argv[1:3])
    unittest.main(argv=[sys.argv[0], *sys.argv[3:]])
