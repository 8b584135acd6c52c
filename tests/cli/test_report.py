#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
"""--report=json is JSON, holds the members that docs/report.md lists and no others, and tells the truth.

test_report.py BTFGEN SOURCE_DIR CC
"""

import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

# pylint: disable=wrong-import-position
import modules  # noqa: E402

STAGES = ["open", "symbols", "load", "settle", "select", "match", "layout", "emit", "verify", "write"]


def members(value, path=""):
    """Paths of all members, the names of kinds and outcomes as one."""
    if isinstance(value, list):
        return set().union(*(members(item, path + "[]") for item in value))
    if not isinstance(value, dict):
        return {path}
    found = set()
    for key, item in value.items():
        if path.endswith(".by_kind"):
            key = "KIND"
        elif path.endswith(".outcomes"):
            key = "OUTCOME"
        elif path == "results":
            key = "RESULT"
        found |= members(item, f"{path}.{key}" if path else key)
    return found


def strict(text):
    """Loads JSON in which no member appears twice."""
    def unique(pairs):
        assert len(dict(pairs)) == len(pairs), pairs
        return dict(pairs)
    return json.loads(text, object_pairs_hook=unique)


class Report(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.small = str(self.folder / "small")
        subprocess.run([CC, "-g", "-O1", "-std=gnu11", "-ffreestanding", "-fno-pic", "-fno-pie", "-fno-common",
                        "-fno-stack-protector", "-nostdlib", "-static", "-Wl,--build-id=none",
                        "-T", SOURCE_DIR / "tests/cli/small.lds", "-o", self.small,
                        SOURCE_DIR / "tests/cli/small.c", SOURCE_DIR / "tests/cli/other.c"], check=True)

    def report(self, *args, code=0):
        run = subprocess.run([BTFGEN, "--report=json", *args], capture_output=True, check=False)
        self.assertEqual(run.returncode, code, run.stderr)
        return strict(run.stdout.decode("utf-8")), run.stderr.decode("utf-8", "surrogateescape")

    def test_members_are_the_documented_ones(self):
        text = (SOURCE_DIR / "docs/report.md").read_text(encoding="utf-8")
        table = text.split("| member |", 1)[1].split("\n\n", 1)[0]
        documented = set(re.findall(r"^\| `([^`]+)` \|", table, re.MULTILINE))
        good, _ = self.report("-o", str(self.folder / "out"), self.small)
        bad, _ = self.report("/nonexistent", code=3)
        split, _ = self.report(*self.module(), "-o", str(self.folder / "out"))
        found = members(good) | members(bad) | members(split)
        self.assertEqual(documented, found)
        self.assertEqual({name for name in members(good) - members(split) if "items[]" not in name}, set())

    def module(self):
        """Arguments for a module over its kernel."""
        modules.make_kernel(self.folder)
        modules.make_module(self.folder / "module.ko")
        subprocess.run([BTFGEN, self.folder / "vmlinux"], check=True)
        return ["--base", str(self.folder / "vmlinux"), str(self.folder / "module.ko")]

    def test_members_of_many_files(self):
        text = (SOURCE_DIR / "docs/report.md").read_text(encoding="utf-8")
        table = text.split("| member of many files |", 1)[1].split("\n\n", 1)[0]
        documented = set(re.findall(r"^\| `([^`]+)` \|", table, re.MULTILINE))
        args = self.module()
        report, _ = self.report(*args, "/nonexistent", code=3)
        alone, _ = self.report(*args, "-o", str(self.folder / "out"))
        good, bad = report["files"]
        self.assertEqual(members({**report, "files": [0]}), documented)
        self.assertEqual(members(good) - members(alone), set())
        self.assertEqual(set(bad), {"format", "version", "input", "output", "result", "error"})
        table = text.split("| result |", 1)[1].split("\n\n", 1)[0]
        self.assertEqual(re.findall(r"^\| `([^`]+)` \|", table, re.MULTILINE), list(report["results"]))

    def test_figures_of_a_module(self):
        out = self.folder / "out"
        report, _ = self.report(*self.module(), "--distilled", "--strict-forwards", "-o", str(out))
        self.assertEqual((report["base"], report["strict_forwards"]), ([str(self.folder / "vmlinux")], True))
        self.assertEqual(report["bytes"]["total"], out.stat().st_size)
        self.assertEqual(report["bytes"]["distilled"], (self.folder / "out.base").stat().st_size)
        self.assertGreater(report["types"]["in_base"], 0)
        self.assertGreater(report["types"]["distilled"], 0)
        report, _ = self.report("-o", str(out), self.small)
        self.assertEqual((report["base"], report["types"]["in_base"], report["types"]["distilled"],
                          report["bytes"]["distilled"]), ([], 0, 0, 0))

    def test_names_are_the_documented_ones(self):
        text = (SOURCE_DIR / "docs/report.md").read_text(encoding="utf-8")
        good, _ = self.report("-o", str(self.folder / "out"), self.small)
        for title, names in (("| function outcome |", good["functions"]["outcomes"]),
                             ("| outcome |", good["variables"]["outcomes"]),
                             ("| kind |", good["diagnostics"]["by_kind"])):
            table = text.split(title, 1)[1].split("\n\n", 1)[0]
            self.assertEqual(re.findall(r"^\| `([^`]+)` \|", table, re.MULTILINE), list(names))
        self.assertEqual([stage["name"] for stage in good["stages"]], STAGES)

    def test_every_reason_has_its_section(self):
        good, _ = self.report("-o", str(self.folder / "out"), self.small)
        text = (SOURCE_DIR / "docs/functions.md").read_text(encoding="utf-8")
        reasons = text.split("\n## Why a function is left out\n", 1)[1].split("\n## ", 1)[0]
        self.assertEqual(["encoded"] + re.findall(r"^### `([^`]+)`$", reasons, re.MULTILINE),
                         list(good["functions"]["outcomes"]))

    def test_a_run_in_place_and_again(self):
        report, stderr = self.report(self.small)
        self.assertEqual(stderr, "")
        self.assertEqual((report["result"], report["error"], report["output"]), ("written", None, None))
        self.assertEqual((report["input"], report["percpu"]), (self.small, True))
        report, _ = self.report(self.small)
        self.assertEqual(report["result"], "unchanged")

    def test_figures_fit_together(self):
        out = self.folder / "out"
        report, _ = self.report("-j2", "-o", str(out), self.small)
        self.assertEqual(report["output"], str(out))
        self.assertEqual(report["bytes"]["total"], out.stat().st_size)
        self.assertEqual(report["bytes"]["total"], 24 + report["bytes"]["types"] + report["bytes"]["strings"])
        self.assertEqual(report["types"]["written"], sum(report["types"]["by_kind"].values()))
        self.assertEqual((report["dwarf"]["units"], report["dwarf"]["excluded_units"]), (2, 0))
        self.assertEqual([stage["name"] for stage in report["stages"] if not stage["done"]], ["match"])
        for key in ("wall_ns", "cpu_ns"):
            self.assertEqual(report["total"][key], sum(stage[key] for stage in report["stages"]))
        self.assertEqual(report["diagnostics"]["total"], len(report["diagnostics"]["items"]))
        self.assertEqual(report["diagnostics"]["total"], sum(report["diagnostics"]["by_kind"].values()))

    def test_variables(self):
        report, _ = self.report("-o", str(self.folder / "out"), self.small)
        variables = report["variables"]
        self.assertEqual([section["name"] for section in variables["sections"]], [".data..percpu"])
        wanted = {"encoded": 3, "alias": 1, "zero-size": 1, "no-debug-info": 1}
        self.assertEqual({name: num for name, num in variables["outcomes"].items() if num}, wanted)
        self.assertEqual(variables["sections"][0]["outcomes"], variables["outcomes"])
        self.assertEqual(variables["symbols"], 6)
        self.assertEqual(report["types"]["by_kind"]["VAR"], 3)
        self.assertEqual(report["types"]["by_kind"]["DATASEC"], 1)
        reasons = {item["name"]: item["reason"] for item in report["diagnostics"]["items"]
                   if item["kind"] == "variable-skipped"}
        self.assertEqual(reasons["from_assembly"], "no-debug-info")

    def test_no_percpu(self):
        report, _ = self.report("--no-percpu", "-o", str(self.folder / "out"), self.small)
        self.assertFalse(report["percpu"])
        self.assertNotIn("VAR", report["types"]["by_kind"])
        self.assertNotIn("DATASEC", report["types"]["by_kind"])

    def test_a_failed_run(self):
        report, stderr = self.report("/nonexistent", code=3)
        self.assertEqual(report["result"], "failed")
        self.assertEqual(report["error"]["code"], "input")
        self.assertEqual(report["error"]["exit_code"], 3)
        self.assertEqual(report["error"]["text"], "/nonexistent: cannot open: No such file or directory")
        self.assertEqual(stderr, "btfgen: " + report["error"]["text"] + "\n")
        self.assertFalse(any(stage["done"] for stage in report["stages"]))

    def test_failure_with_report_on_stderr_is_one_line(self):
        run = subprocess.run([BTFGEN, "--report=json", "-o", "-", "/nonexistent"], capture_output=True, check=False)
        self.assertEqual((run.returncode, run.stdout, run.stderr),
                         (3, b"", b"btfgen: /nonexistent: cannot open: No such file or directory\n"))

    def test_any_bytes_in_paths(self):
        name = os.fsencode(self.folder) + b"/a\"\\\n\xff\xc3\xa9"
        os.rename(self.small, name)
        run = subprocess.run([os.fsencode(BTFGEN), b"--report=json", b"-o", b"/dev/null", name],
                             capture_output=True, check=True)
        report = strict(run.stdout.decode("utf-8"))
        self.assertEqual(report["input"], str(self.folder) + "/a\"\\\n\ufffd\u00e9")

    def test_threads_change_only_times(self):
        def stable(report):
            for key in ("stages", "total", "workers"):
                del report[key]
            return report
        one, _ = self.report("-j1", "-o", str(self.folder / "out"), self.small)
        two, _ = self.report("-j2", "-o", str(self.folder / "out"), self.small)
        self.assertEqual((one["workers"], two["workers"]), (1, 2))
        self.assertEqual(stable(one), stable(two))


if __name__ == "__main__":
    BTFGEN = sys.argv[1]
    SOURCE_DIR = pathlib.Path(sys.argv[2])
    CC = sys.argv[3]
    unittest.main(argv=sys.argv[:1])
