#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
"""The sources keep the rules of CONTRIBUTING.md that a program can check.

test_sources.py SOURCE_DIR
"""

import pathlib
import re
import sys
import unittest

# What the files of a folder may include, by the start of the path.
LAYERS = {
    "lib/base": ("lib/base/",),
    "lib/dwarf": ("lib/base/", "lib/dwarf/"),
    "lib/btf": ("lib/base/", "lib/btf/"),
    "lib/elf": ("lib/base/", "lib/elf/"),
    "cli": ("lib/", "cli/", "btf_encoder.h"),
}
MAIN = ("cli/cli.h",)
ELFUTILS = re.compile(r"^(elfutils/|libelf|gelf|dwarf\.h|libdw|nlist)")
ELFUTILS_USERS = {"dwarf_loader.c", "elf_symtab.c"}

# In lib/: nothing that prints or ends the program.
FORBIDDEN_IN_LIB = re.compile(r"\b(?:(?:printf|vprintf|puts|putchar|perror|exit|_exit|abort|err|warn)\s*\(|stdout\b|stderr\b)")

COMMENTED = {".c", ".h", ".py", ".sh", ".bash", ".cmake", ".md", ".1", ".lds", ".yml"}
SKIPPED = {".git", "build", "LICENSES"}


def sources():
    for path in sorted(SOURCE_DIR.rglob("*")):
        parts = path.relative_to(SOURCE_DIR).parts
        if path.is_file() and not any(part in SKIPPED or part.startswith("build") for part in parts):
            yield "/".join(parts), path


def c_files():
    for name, path in sources():
        if path.suffix in (".c", ".h"):
            yield name, path.read_text(encoding="utf-8")


def includes(text):
    return re.findall(r'^\s*#\s*include\s+[<"]([^>"]+)[>"]', text, re.MULTILINE)


def without_comments_and_strings(text):
    return re.sub(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\])*"', " ", text, flags=re.DOTALL)


class Sources(unittest.TestCase):
    def test_there_is_something_to_check(self):
        names = {name for name, _ in c_files()}
        self.assertLessEqual({"main.c", "lib/base/error.h", "cli/cli.c", "btf_encoder.h"}, names)

    def test_arrows_point_down(self):
        own = {name for name, _ in c_files()}
        wrong = []
        for name, text in c_files():
            folder = name.rpartition("/")[0]
            if folder.startswith("tests"):
                continue
            for included in includes(text):
                if included not in own:
                    continue
                if name == "main.c":
                    good = included in MAIN
                elif folder == "":
                    good = not included.startswith("cli/")
                else:
                    good = included.startswith(LAYERS[folder])
                if not good:
                    wrong.append(f"{name} includes {included}")
        self.assertEqual(wrong, [])

    def test_elfutils_stays_in_two_files(self):
        wrong = [f"{name} includes {included}" for name, text in c_files() for included in includes(text)
                 if not name.startswith("tests/") and ELFUTILS.match(included) and name not in ELFUTILS_USERS]
        self.assertEqual(wrong, [])

    def test_lib_is_silent(self):
        wrong = []
        for name, text in c_files():
            found = FORBIDDEN_IN_LIB.search(without_comments_and_strings(text))
            if name.startswith("lib/") and found:
                wrong.append(f"{name}: {found.group(0)}")
        self.assertEqual(wrong, [])

    def test_headers_open_with_their_manual(self):
        wrong = [name for name, text in c_files() if name.startswith(("lib/", "cli/")) and name.endswith(".h")
                 and not re.match(r"// SPDX[^\n]*\n/\*", text)]
        self.assertEqual(wrong, [])

    def test_licence_and_no_loose_ends(self):
        wrong = []
        for name, path in sources():
            text = path.read_bytes()
            commented = path.suffix in COMMENTED or path.name == "CMakeLists.txt" or text.startswith(b"#!")
            if not commented:
                continue
            head = b"".join(text.splitlines(keepends=True)[:5])
            if b"SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause" not in head:
                wrong.append(f"{name}: no licence line")
            # Put together here, so that this file passes its own test.
            for word in ("TO" + "DO", "FIX" + "ME", "X" * 3):
                if re.search(rb"\b%s\b" % word.encode(), text):
                    wrong.append(f"{name}: {word}")
        self.assertEqual(wrong, [])


if __name__ == "__main__":
    SOURCE_DIR = pathlib.Path(sys.argv[1])
    unittest.main(argv=sys.argv[:1])
