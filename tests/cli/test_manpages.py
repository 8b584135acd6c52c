#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
"""Every verb that `btfgen --help` lists has a man page, which says what --help says.

test_manpages.py BTFGEN SOURCE_DIR

The page of the default verb is btfgen.1, that of another one btfgen-VERB.1; `help` needs none. Options
stand in a page in the form and order of --help. Each has the sections that users look for.
"""

import pathlib
import re
import shutil
import subprocess
import sys
import unittest

SECTIONS = ("NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "EXIT STATUS", "EXAMPLES", "SEE ALSO")


def output(*args):
    return subprocess.run([BTFGEN, *args], check=True, capture_output=True, text=True).stdout


def all_verbs():
    """{name: summary}"""
    listed = output("--help").split("\nverbs:\n", 1)[1].split("\n\n", 1)[0]
    return dict(re.findall(r"^  (\S+) +(.*?)(?: \(the default\))?$", listed, re.MULTILINE))


def page_name(verb):
    return "btfgen.1" if verb == "encode" else f"btfgen-{verb}.1"


def help_options(verb):
    """Heads of the entries, '-o, --output=FILE'."""
    return re.findall(r"^ {2,6}(-\S+(?:, -\S+)?)(?:  .*)?$", output(verb, "--help"), re.MULTILINE)


def plain(line):
    line = re.sub(r"\\f[BIRP]", "", line)
    return line.replace("\\-", "-").strip()


def section(page, name):
    return page.split(f"\n.SH {name}\n", 1)[1].split("\n.SH ", 1)[0]


def page_options(page):
    """Lines behind .TP in the section OPTIONS."""
    return [plain(line) for line in re.findall(r"^\.TP\n(.*)$", section(page, "OPTIONS"), re.MULTILINE)]


def for_each_verb(test):
    def run(self):
        verbs = [verb for verb in all_verbs() if verb != "help"]
        self.assertIn("encode", verbs)
        for verb in verbs:
            with self.subTest(verb):
                test(self, verb, self.page(verb))
    return run


class ManPages(unittest.TestCase):
    maxDiff = None

    def page(self, verb):
        return (SOURCE_DIR / "docs" / page_name(verb)).read_text(encoding="ascii")

    @for_each_verb
    def test_options(self, verb, page):
        wanted = help_options(verb)
        self.assertIn("-h, --help", wanted)
        self.assertEqual(page_options(page), wanted)

    def test_features(self):
        listed = [line.split()[:2] for line in output("--list-features").splitlines()]
        text = section(self.page("encode"), "FEATURES")
        self.assertEqual(re.findall(r"^\.TP\n\.B ([a-z0-9_]+)$", text, re.MULTILINE),
                         ["default", "none"] + [name for name, _ in listed])
        last_on = re.search(r"on by default are those up to\n\.BR (\w+) \.", text).group(1)
        on = [name for name, state in listed if state == "on"]
        self.assertEqual((on[-1], on), (last_on, [name for name, _ in listed][:len(on)]))

    def test_a_page_for_each_verb_and_no_other(self):
        pages = {path.name for path in (SOURCE_DIR / "docs").glob("*.1")}
        self.assertEqual(pages, {page_name(verb) for verb in all_verbs() if verb != "help"})

    @for_each_verb
    def test_pages_are_installed(self, verb, _):
        install = (SOURCE_DIR / "cmake" / "btfgen.cmake").read_text(encoding="ascii")
        self.assertIn(f"docs/{page_name(verb)}", install.split())

    @for_each_verb
    def test_name_is_the_summary(self, verb, page):
        if verb != "encode":
            self.assertEqual(plain(section(page, "NAME")).splitlines()[0],
                             f"btfgen-{verb} - {all_verbs()[verb]}")

    @for_each_verb
    def test_sections(self, verb, page):
        found = re.findall(r"^\.SH (.*)$", page, re.MULTILINE)
        self.assertEqual([name for name in found if name in SECTIONS], list(SECTIONS))

    @for_each_verb
    def test_examples_use_the_verb(self, verb, page):
        wanted = "btfgen " if verb == "encode" else f"btfgen {verb} "
        examples = re.findall(r"\.nf\n(.*?)\n\.fi", section(page, "EXAMPLES"), re.DOTALL)
        self.assertIn(wanted, "\n".join(examples))

    @for_each_verb
    def test_options_in_examples_exist(self, verb, page):
        """An option of ours in a line that calls us, before what its output goes to."""
        for line in re.findall(r"^btfgen .*$", section(page, "EXAMPLES").replace("\\-", "-"), re.MULTILINE):
            words = re.split(r" [|>]", line)[0].split()[1:]
            called = words[0] if words and words[0] in all_verbs() else "encode"
            known = re.findall(r"--?[^\s,=\[]+", output(called, "--help").replace("[no-]", "no-").replace(
                "[=", " "))
            known += [option.replace("--no-", "--") for option in known]
            for word in words:
                option = word.split("=")[0]
                if re.match(r"--[a-z]|-[a-zA-Z0]$", option):
                    self.assertIn(option, known, line)

    @for_each_verb
    def test_main_page_points_to_the_others(self, verb, _):
        page = self.page("encode")
        if verb != "encode":
            self.assertIn(f".B btfgen {verb}", section(page, "SYNOPSIS"))
            self.assertIn(f"\n.TP\n.B {verb}\n", section(page, "DESCRIPTION"))
            self.assertIn(f".BR btfgen-{verb} (1)", section(page, "SEE ALSO"))

    @for_each_verb
    def test_version(self, _, page):
        version = output("--version").strip()
        self.assertEqual(re.search(r'^\.TH .* "(btfgen [^"]*)"', page, re.MULTILINE).group(1), version)
        changes = (SOURCE_DIR / "CHANGELOG.md").read_text(encoding="utf-8")
        self.assertIn(f"\n## {version.split()[1]} ", changes)

    @for_each_verb
    def test_exit_codes(self, verb, page):
        for code in range(6):
            if verb == "encode":
                self.assertIn(f"\n.TP\n.B {code}\n", page)
            elif code in (0, 2, 5):
                self.assertRegex(section(page, "EXIT STATUS"), rf"(?m)(^|[ ,.]){code}\b")

    @unittest.skipUnless(shutil.which("groff"), "no groff")
    @for_each_verb
    def test_groff_has_no_complaint(self, verb, _):
        run = subprocess.run(["groff", "-ww", "-man", "-z", "-Tutf8", str(SOURCE_DIR / "docs" / page_name(verb))],
                             capture_output=True, text=True, check=False)
        self.assertEqual((run.returncode, run.stdout + run.stderr), (0, ""), verb)


if __name__ == "__main__":
    BTFGEN = sys.argv[1]
    SOURCE_DIR = pathlib.Path(sys.argv[2])
    unittest.main(argv=sys.argv[:1])
