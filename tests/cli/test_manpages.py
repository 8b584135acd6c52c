#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
"""The man pages list the options that --help lists, in the same form and order.

test_manpages.py BTFGEN SOURCE_DIR
"""

import pathlib
import re
import shutil
import subprocess
import sys
import unittest

PAGES = {"encode": "btfgen.1", "explain": "btfgen-explain.1", "dump": "btfgen-dump.1", "vars": "btfgen-vars.1",
         "check": "btfgen-check.1"}


def help_text(verb):
    return subprocess.run([BTFGEN, verb, "--help"], check=True, capture_output=True, text=True).stdout


def help_options(verb):
    """Heads of the entries, '-o, --output=FILE'."""
    return re.findall(r"^ {2,6}(-\S+(?:, -\S+)?)(?:  .*)?$", help_text(verb), re.MULTILINE)


def plain(line):
    line = re.sub(r"\\f[BIRP]", "", line)
    return line.replace("\\-", "-").strip()


def page_options(page):
    """Lines behind .TP in the section OPTIONS."""
    section = page.split("\n.SH OPTIONS\n", 1)[1].split("\n.SH ", 1)[0]
    return [plain(line) for line in re.findall(r"^\.TP\n(.*)$", section, re.MULTILINE)]


class ManPages(unittest.TestCase):
    def page(self, verb):
        return (SOURCE_DIR / "docs" / PAGES[verb]).read_text(encoding="ascii")

    def test_options(self):
        for verb in PAGES:
            with self.subTest(verb):
                wanted = help_options(verb)
                self.assertIn("-h, --help", wanted)
                self.assertEqual(page_options(self.page(verb)), wanted)

    def test_features(self):
        listed = subprocess.run([BTFGEN, "--list-features"], check=True, capture_output=True, text=True).stdout
        listed = [line.split()[:2] for line in listed.splitlines()]
        section = self.page("encode").split("\n.SH FEATURES\n", 1)[1].split("\n.SH ", 1)[0]
        self.assertEqual(re.findall(r"^\.TP\n\.B ([a-z0-9_]+)$", section, re.MULTILINE),
                         ["default", "none"] + [name for name, _ in listed])
        last_on = re.search(r"on by default are those up to\n\.BR (\w+) \.", section).group(1)
        on = [name for name, state in listed if state == "on"]
        self.assertEqual((on[-1], on), (last_on, [name for name, _ in listed][:len(on)]))

    def test_every_verb_has_a_page(self):
        listed = help_text("encode").split("\nverbs ", 1)[1]
        verbs = re.findall(r"^  (\S+) ", listed, re.MULTILINE)
        self.assertEqual(set(verbs) - {"help"}, set(PAGES))
        for verb in verbs:
            self.assertIn(verb, self.page("encode"))

    def test_version(self):
        version = subprocess.run([BTFGEN, "--version"], check=True, capture_output=True, text=True).stdout.strip()
        for verb in PAGES:
            self.assertEqual(re.search(r'^\.TH .* "(btfgen [^"]*)"', self.page(verb), re.MULTILINE).group(1), version)
        changes = (SOURCE_DIR / "CHANGELOG.md").read_text(encoding="utf-8")
        self.assertIn(f"\n## {version.split()[1]} ", changes)

    def test_exit_codes(self):
        for code in range(6):
            self.assertIn(f"\n.TP\n.B {code}\n", self.page("encode"))

    @unittest.skipUnless(shutil.which("groff"), "no groff")
    def test_groff_has_no_complaint(self):
        for verb, name in PAGES.items():
            run = subprocess.run(["groff", "-ww", "-man", "-z", "-Tutf8", str(SOURCE_DIR / "docs" / name)],
                                 capture_output=True, text=True, check=False)
            self.assertEqual((run.returncode, run.stdout + run.stderr), (0, ""), verb)


if __name__ == "__main__":
    BTFGEN = sys.argv[1]
    SOURCE_DIR = pathlib.Path(sys.argv[2])
    unittest.main(argv=sys.argv[:1])
