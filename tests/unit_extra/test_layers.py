#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
"""The shape of the sources: who may include whom, what the libraries may hold and call.

    test_layers.py SOURCE_DIR [LIBRARY...]

    main.c cli/                        options in, text out
    btf_batch batch_*                  many files, and which of them need not be done again
    btf_encoder *_select explain       the pipeline, its policy, and the reasons
    dwarf_* elf_symtab section_choice  inputs, and the kinds of what they report
    lib/btf lib/dwarf lib/elf          mechanism; none knows another
    lib/base                           knows no format

Includes point down or stay in their line, but for the three libraries, which do not know each other.
LIBRARY is a static library of the layers below cli; its symbols show what a look at the
source may miss: variables that are not constant, calls that print or end the process.

Each rule is a function from texts to complaints, so that the second half of this file can show on
snippets that it complains when it should.
"""

import pathlib
import re
import shutil
import subprocess
import sys
import unittest

SOURCE_DIR = pathlib.Path()
LIBRARIES = []

# Layer of a file by the start of its path; a higher number may include a lower one.
BASE, MECHANISM, INPUT, ENCODER, COMMAND = range(5)
LAYERS = (
    ("lib/base/", BASE),
    ("lib/btf/", MECHANISM), ("lib/dwarf/", MECHANISM), ("lib/elf/", MECHANISM),
    ("dwarf_", INPUT), ("elf_symtab.", INPUT), ("section_choice.", INPUT), ("encode_diag.", INPUT), ("func_flags.", INPUT),
    ("btf_encoder.", ENCODER), ("btf_batch.", ENCODER), ("batch_", ENCODER), ("btf_source.", ENCODER), ("btf_stack.", ENCODER),
    ("encode_base.", ENCODER), ("ksym_", ENCODER), ("encode_features.", ENCODER), ("encode_memory.", ENCODER), ("explain", ENCODER),
    ("func_", ENCODER), ("module_check.", ENCODER), ("tag_select.", ENCODER), ("var_select.", ENCODER),
    ("cli/", COMMAND), ("main.c", COMMAND),
)

# Arrows that point up, each with its reason.
EXCEPTIONS = {}

ELFUTILS = re.compile(r"(elfutils/|libelf|gelf|libdw|dwarf\.h$|nlist\.h$)")
ELFUTILS_USERS = re.compile(r"(dwarf_loader|elf_symtab)\.[ch]$")

# Calls below cli. printf into a memory stream or buffer prints nothing.
FORBIDDEN_CALLS = {
    "printf", "vprintf", "puts", "putchar", "putc", "perror", "psignal", "exit", "_exit", "_Exit",
    "quick_exit", "abort", "err", "errx", "verr", "warn", "warnx", "error", "syslog", "system", "popen",
    "assert", "dprintf",
}
FORBIDDEN_OBJECTS = {"stdout", "stderr", "stdin"}
# What the compiler makes of them.
FORBIDDEN_SYMBOLS = FORBIDDEN_CALLS | FORBIDDEN_OBJECTS | {
    "__printf_chk", "__vprintf_chk", "__dprintf_chk", "__assert_fail",
}

# Variables that are never written although C cannot call them const: the error for lack of memory,
# which is handed out through a pointer that callers may release.
SHARED_CONSTANTS = {"out_of_memory", "out_of_memory_text"}

MIN_HEADER_LINES = 2
LICENCE = "SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause"
NO_COMMENTS = (".json", ".btf", ".bin", ".o", ".gz", ".xz", ".zst", ".patch")
# Not behind a word, nor behind the end of a quoted one, as in "$dir"/root.
MACHINE_PATH = re.compile(r"(?<![\w.$}/*-])(?<![\w}]\")/(?:work|root|home/[a-z]\w*)(?=/|\b)")


# Rules.

def layer(name):
    for start, number in LAYERS:
        if name.startswith(start):
            return number
    return None


def is_product(name):
    """Files of the tool itself, as opposed to tests, scripts and benches."""
    return name.endswith((".c", ".h")) and not name.startswith(("tests/", "bench/", "scripts/", "docs/"))


def includes(text):
    return re.findall(r'^[ \t]*#[ \t]*include[ \t]+[<"]([^>"\n]+)[>"]', text, re.MULTILINE)


def bare(text):
    """Without comments, strings and characters."""
    return re.sub(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])+\'', " ", text,
                  flags=re.DOTALL)


def upward_includes(files):
    """files: name to text, of all product files."""
    wrong = []
    for name, text in sorted(files.items()):
        own = layer(name)
        if own is None:
            wrong.append(f"{name} belongs to no layer")
            continue
        for included in includes(text):
            if re.search(r'#[ \t]*include[ \t]+"' + re.escape(included) + '"', text) and included not in files:
                wrong.append(f"{name} includes {included}, which is not named from the top folder")
                continue
            if included not in files:
                continue
            other = layer(included)
            same_library = included.startswith(name.rpartition("/")[0] + "/")
            if (name, included) in EXCEPTIONS:
                continue
            if other is None or other > own or (other == own == MECHANISM and not same_library):
                wrong.append(f"{name} includes {included}")
            elif name == "main.c" and not included.startswith("cli/"):
                wrong.append(f"{name} includes {included}")
    return wrong


def stray_elfutils(files):
    return [f"{name} includes {included}" for name, text in sorted(files.items())
            for included in includes(text)
            if included not in files and ELFUTILS.match(included) and not ELFUTILS_USERS.match(name)]


def loud_code(files):
    """Below cli: calls and objects that only the command line may use."""
    calls = re.compile(r"(?<![\w.>])(" + "|".join(sorted(FORBIDDEN_CALLS)) + r")\s*\(")
    objects = re.compile(r"\b(" + "|".join(sorted(FORBIDDEN_OBJECTS)) + r")\b")
    wrong = []
    for name, text in sorted(files.items()):
        if layer(name) is None or layer(name) >= COMMAND:
            continue
        code = re.sub(r"__attribute__\s*\(\([^;{]*?\)\)", " ", bare(text))
        # A declaration or macro parameter of that name is a call to nobody, but a bad name all the same.
        wrong += [f"{name}: {word}" for word in calls.findall(code) + objects.findall(code)]
    return wrong


def header_comment_lines(text):
    """Lines with words in the comment that follows the licence line; None if there is no such comment."""
    match = re.match(r"// SPDX[^\n]*\n/\*(.*?)\*/", text, re.DOTALL)
    if not match:
        return None
    return sum(1 for line in match.group(1).splitlines() if re.search(r"\w", line))


def short_manuals(files):
    wrong = []
    for name, text in sorted(files.items()):
        if not name.endswith(".h") or name.endswith("_internal.h"):
            continue
        num = header_comment_lines(text)
        if num is None:
            wrong.append(f"{name} does not open with a comment")
        elif num < MIN_HEADER_LINES:
            wrong.append(f"{name} opens with {num} lines of comment")
    return wrong


def missing_licence(files):
    """files: name to text, of everything that can hold a comment."""
    return [name for name, text in sorted(files.items()) if LICENCE not in "\n".join(text.splitlines()[:5])]


def machine_paths(files):
    return [f"{name}: {match.group(0)}" for name, text in sorted(files.items())
            for match in MACHINE_PATH.finditer(text)]


def written_variables(objdump_text):
    """Variables in sections that the process can write, from `objdump -t`."""
    wrong = []
    for line in objdump_text.splitlines():
        # value, seven flag characters, section, tab, size, name
        match = re.match(r"[0-9a-f]+ (.{7}) (\S+)\t[0-9a-f]+\s+(?:\.hidden )?(\S+)$", line)
        if not match:
            continue
        flags, section, name = match.groups()
        writable = re.match(r"\.(data|bss|tdata|tbss|sdata|sbss|lbss|ldata)(?!\.rel\.ro)(\.|$)", section) or \
            section == "*COM*"
        if not writable or section.startswith(".data.rel.ro") or "d" in flags[5]:
            continue
        if name.split(".")[0] not in SHARED_CONSTANTS:
            wrong.append(f"{name} in {section}")
    return wrong


def loud_symbols(nm_text):
    """Undefined symbols that print or end the process, from `nm -u`."""
    wrong = []
    for line in nm_text.splitlines():
        words = line.split()
        if len(words) == 2 and words[0] == "U" and words[1].split("@")[0] in FORBIDDEN_SYMBOLS:
            wrong.append(words[1])
    return wrong


# The tree.

def tracked():
    """Names of the project's files: what git does not ignore, or all of an unpacked archive."""
    if (SOURCE_DIR / ".git").exists() and shutil.which("git"):
        git = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
                             cwd=SOURCE_DIR, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
        if git.returncode == 0 and git.stdout:
            return [n for n in git.stdout.decode().split("\0") if n and (SOURCE_DIR / n).is_file()]
    found = []
    for path in SOURCE_DIR.rglob("*"):
        parts = path.relative_to(SOURCE_DIR).parts
        if path.is_file() and not any(p == ".git" or p.startswith("build") or p == "__pycache__" for p in parts):
            found.append("/".join(parts))
    return found


def texts(wanted):
    return {name: (SOURCE_DIR / name).read_text(encoding="utf-8", errors="replace")
            for name in tracked() if wanted(name)}


def can_hold_a_comment(name):
    return not (name.startswith("LICENSES/") or "/corpus/" in name or name.endswith(NO_COMMENTS))


class Tree(unittest.TestCase):
    maxDiff = None

    def test_there_is_something_to_look_at(self):
        names = set(texts(is_product))
        self.assertLessEqual({"lib/base/error.h", "lib/btf/view.h", "lib/elf/append.c", "main.c", "cli/cli.c"},
                             names)
        self.assertTrue(LIBRARIES)

    def test_includes_point_down(self):
        self.assertEqual(upward_includes(texts(is_product)), [])

    def test_elfutils_stays_in_the_two_inputs(self):
        self.assertEqual(stray_elfutils(texts(is_product)), [])

    def test_only_the_command_line_prints_and_exits(self):
        self.assertEqual(loud_code(texts(is_product)), [])

    def test_public_headers_open_with_a_manual(self):
        self.assertEqual(short_manuals(texts(is_product)), [])

    def test_licence_lines(self):
        self.assertEqual(missing_licence(texts(can_hold_a_comment)), [])

    def test_no_paths_of_one_machine(self):
        self.assertEqual(machine_paths(texts(lambda n: can_hold_a_comment(n) and n != OWN_NAME)), [])

    def test_libraries_have_no_variables(self):
        for library in LIBRARIES:
            with self.subTest(library=pathlib.Path(library).name):
                out = subprocess.run(["objdump", "-t", library], stdout=subprocess.PIPE, check=True).stdout.decode()
                self.assertIn(" F .text", out)
                self.assertEqual(written_variables(out), [])

    def test_libraries_call_nothing_loud(self):
        for library in LIBRARIES:
            with self.subTest(library=pathlib.Path(library).name):
                out = subprocess.run(["nm", "-u", library], stdout=subprocess.PIPE, check=True).stdout.decode()
                self.assertRegex(out, r"\bU \w+")
                self.assertEqual(loud_symbols(out), [])


class RulesComplain(unittest.TestCase):
    """Each rule on a snippet that breaks it, and on the nearest one that does not."""

    BELOW = {"lib/base/a.h": "", "lib/btf/b.h": "", "lib/dwarf/d.h": "", "dwarf_loader.h": "",
             "btf_encoder.h": "", "cli/c.h": ""}

    def assert_include(self, name, included, good):
        wrong = upward_includes({**self.BELOW, name: f'#include "{included}"\n'})
        self.assertEqual(wrong, [] if good else [f"{name} includes {included}"])

    def test_includes(self):
        self.assert_include("lib/btf/x.c", "lib/base/a.h", True)
        self.assert_include("lib/btf/x.c", "lib/btf/b.h", True)
        self.assert_include("lib/btf/x.c", "lib/dwarf/d.h", False)
        self.assert_include("lib/dwarf/x.c", "lib/btf/b.h", False)
        self.assert_include("lib/elf/x.c", "lib/btf/b.h", False)
        self.assert_include("lib/base/x.c", "lib/btf/b.h", False)
        self.assert_include("lib/btf/x.c", "dwarf_loader.h", False)
        self.assert_include("dwarf_loader.c", "lib/dwarf/d.h", True)
        self.assert_include("dwarf_loader.c", "btf_encoder.h", False)
        self.assert_include("elf_symtab.c", "cli/c.h", False)
        self.assert_include("btf_encoder.c", "dwarf_loader.h", True)
        self.assert_include("btf_encoder.c", "cli/c.h", False)
        self.assert_include("cli/x.c", "btf_encoder.h", True)
        self.assert_include("main.c", "cli/c.h", True)
        self.assert_include("main.c", "lib/btf/b.h", False)
        self.assertEqual(upward_includes({"new_file.c": ""}), ["new_file.c belongs to no layer"])
        self.assertEqual(upward_includes({"lib/btf/x.c": '#include "view.h"\n'}),
                         ["lib/btf/x.c includes view.h, which is not named from the top folder"])
        self.assertEqual(upward_includes({"lib/btf/x.c": '// #include "view.h"\n#include <stdio.h>\n'}), [])

    def test_elfutils(self):
        for header in ("elfutils/libdw.h", "libelf.h", "gelf.h", "dwarf.h", "elfutils/libdwfl.h"):
            self.assertEqual(stray_elfutils({"lib/dwarf/x.c": f"#  include <{header}>\n"}),
                             [f"lib/dwarf/x.c includes {header}"])
            self.assertEqual(stray_elfutils({"dwarf_loader.c": f"#include <{header}>\n"}), [])
        self.assertEqual(stray_elfutils({"lib/elf/x.c": "#include <elf.h>\n"}), [])
        self.assertEqual(len(stray_elfutils({"dwarf_graph.c": "#include <libelf.h>\n"})), 1)

    def test_loud_code(self):
        for call in ("printf(\"x\");", "exit(1);", "abort ();", "fputs(x, stderr);", "assert(a);", "perror(x);"):
            self.assertEqual(len(loud_code({"lib/btf/x.c": call})), 1, call)
            self.assertEqual(loud_code({"cli/x.c": call}), [])
        for call in ("snprintf(a, 1, b);", "/* exit(1) */", 's = "printf(";', "vec_exit(a);", "a->err(b);",
                     "fprintf(out, x);", "BTFGEN_PRINTF(1, 2)", "__attribute__((format(printf, fmt, args)))",
                     "int err = f(a);"):
            self.assertEqual(loud_code({"lib/btf/x.c": call}), [], call)
        self.assertEqual(len(loud_code({"btf_encoder.c": "exit(1);"})), 1)

    def test_manuals(self):
        good = "// SPDX-License-Identifier: x\n/*\n * One.\n *\n * Two.\n */\n#pragma once\n"
        self.assertEqual(short_manuals({"lib/a.h": good}), [])
        self.assertEqual(short_manuals({"lib/a.h": good.replace(" * Two.\n", "")}),
                         ["lib/a.h opens with 1 lines of comment"])
        self.assertEqual(short_manuals({"lib/a.h": good.replace("/*", "int a; /*")}),
                         ["lib/a.h does not open with a comment"])
        self.assertEqual(short_manuals({"lib/a_internal.h": "int a;"}), [])

    def test_licence(self):
        self.assertEqual(missing_licence({"a": f"# {LICENCE}\n"}), [])
        self.assertEqual(missing_licence({"a": "# SPDX-License-Identifier: MIT\n"}), ["a"])
        self.assertEqual(missing_licence({"a": "\n" * 5 + LICENCE}), ["a"])

    def test_paths(self):
        for path in ("/work/a/x", "cp a /root/b", "'/home/joe/x'", '"/root/x"'):
            self.assertEqual(len(machine_paths({"a": path})), 1, path)
        for path in ("a/work/b", "$HOME/x", "/tmp/btfgen-XXXXXX", "homework/", "lib/root/x", "/usr/bin/python3",
                     "tests/work/a", "${x}/root/y", "a /rooted/b", '"$work"/root/usr'):
            self.assertEqual(machine_paths({"a": path}), [], path)

    def test_variables(self):
        def line(section, name):
            return f"0000000000000000 l     O {section}\t0000000000000008 {name}\n"

        for section in (".data", ".bss", ".data.local", ".tbss", "*COM*", ".bss.x", ".data.rel", ".data.rel.local"):
            self.assertEqual(written_variables(line(section, "counter")), [f"counter in {section}"])
        for section in (".rodata", ".data.rel.ro", ".data.rel.ro.local", ".text"):
            self.assertEqual(written_variables(line(section, "table")), [], section)
        self.assertEqual(written_variables(line(".data", "out_of_memory")), [])
        self.assertEqual(written_variables("0000000000000000 l    d  .data\t0000000000000000 .data\n"), [])

    def test_symbols(self):
        self.assertEqual(loud_symbols("\nx.o:\n                 U printf\n                 U free\n"), ["printf"])
        self.assertEqual(loud_symbols("                 U stderr@GLIBC_2.2.5\n"), ["stderr@GLIBC_2.2.5"])
        self.assertEqual(loud_symbols("                 U snprintf\n                 U strerror_r\n"), [])


if __name__ == "__main__":
    SOURCE_DIR = pathlib.Path(sys.argv[1]).resolve()
    LIBRARIES = sys.argv[2:]
    OWN_NAME = pathlib.Path(__file__).resolve().relative_to(SOURCE_DIR).as_posix()
    unittest.main(argv=sys.argv[:1])
