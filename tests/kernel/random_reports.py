#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
"""random_reports.py FIRST_SEED NUMBER BTFGEN: stat_check.py and diff_check.py on small random files, whose
types have few names for many types, as no kernel has.

Left out is what the judges cannot see or say: rings without a name, flags of type tags, which bpftool
does not show, and two members of one name. A figure that is wrong on purpose must be noticed.

Exit status: 0 all as the judges find it, 1 not, 77 there is no bpftool.
"""

import copy
import json
import pathlib
import subprocess
import sys
import tempfile

import diff_check
import judge_btf
import stat_check
from dump_check import INT, PTR, STRUCT, TYPE_TAG, UNION, Odd, Writer


class TameWriter(Writer):
    def __init__(self, order):
        super().__init__(order)
        self.offsets, self.texts = {}, {0: ""}

    def string(self, text):
        """Each once."""
        if text and text not in self.offsets:
            self.offsets[text] = super().string(text)
            self.texts[self.offsets[text]] = text
        return self.offsets[text] if text else 0

    def add(self, kind, name, word, *rest, vlen=0, flag=0):
        if kind == PTR and word > self.num:
            word = INT
        if kind in (STRUCT, UNION):
            rest = list(rest)
            for at in range(3, len(rest), 3):
                if rest[at] in rest[0:at:3]:
                    rest[at] = self.string(f"{self.texts[rest[at]]}_{at}")
        return super().add(kind, name, word, *rest, vlen=vlen, flag=flag and kind != TYPE_TAG)


def write(path, seed):
    path.write_bytes(Odd(seed, TameWriter).writer.build())
    return str(path)


def told(btfgen, *arguments):
    done = subprocess.run([btfgen, *arguments], check=False, capture_output=True)
    if done.returncode not in (0, 1) or done.stderr:
        raise SystemExit(f"ERROR btfgen {' '.join(arguments)}: {done.returncode} {done.stderr.decode()}")
    return json.loads(done.stdout)


def judge_diff(old, new, answer):
    """Objections."""
    objections = []
    judge = diff_check.Judge(old, new, answer)
    judge.bad = objections.append
    judge.check_sizes()
    judge.check_verdict()
    judge.check_changes()
    judge.check_details()
    return objections


def wrong_answers(answer):
    """Each wrong in one place."""
    def changed(change):
        wrong = copy.deepcopy(answer)
        change(wrong)
        return wrong

    for at, row in enumerate(answer["changes"]):
        yield changed(lambda wrong, at=at: wrong["changes"].pop(at))
        for line in range(len(row.get("details", ()))):
            if row["kind"] in ("STRUCT", "UNION", "ENUM", "FUNC", "VAR") and row["details"][line]["what"] not in ("inside", "member"):
                yield changed(lambda wrong, at=at, line=line: wrong["changes"][at]["details"].pop(line))
    for key in ("bytes", "types"):
        yield changed(lambda wrong, key=key: wrong["new"].update({key: wrong["new"][key] + 1}))
    for at in range(len(answer["sizes"])):
        for key in ("old_bytes", "new_bytes", "delta"):
            yield changed(lambda wrong, at=at, key=key: wrong["sizes"][at].update({key: wrong["sizes"][at][key] + 1}))
    for at in range(len(answer["counts"])):
        yield changed(lambda wrong, at=at: wrong["counts"][at].update(added=wrong["counts"][at]["added"] + 1))
    yield changed(lambda wrong: wrong.update(same=not wrong["same"]))
    yield changed(lambda wrong: wrong.update(delta=wrong["delta"] + 1))


def wrong_figures(stat):
    """The same for stat."""
    for section, key in (("strings", "bytes"), ("percpu", "bytes"), ("variables", "string_bytes"), ("doubles", "extra"),
                         ("forwards", "count"), ("parts", "types"), ("tree", "bytes")):
        wrong = copy.deepcopy(stat)
        wrong[section][key] += 1
        yield wrong
    for table in ("kinds", "largest", "sections"):
        for at, row in enumerate(stat[table][:5]):
            for key in {"count", "elements", "record_bytes", "string_bytes", "covered"} & set(row) - (
                    {"elements"} if table == "largest" else set()):
                wrong = copy.deepcopy(stat)
                wrong[table][at][key] += 1
                yield wrong


def main():
    first, number, btfgen = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    bpftool = judge_btf.find()
    if not bpftool:
        print("skip: no bpftool")
        return 77
    num_bad = num_wrong = 0
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(first, first + number):
            paths = [write(pathlib.Path(folder) / f"{seed}-{at}.btf", 2 * seed + at) for at in (0, 1)]
            numbers = {}
            sides = [diff_check.Side(path, judge_btf.load(bpftool, path), judge_btf.parts(path), numbers) for path in paths]
            answer = told(btfgen, "diff", "--json", *paths)
            objections = judge_diff(*sides, answer)
            figures = told(btfgen, "stat", "--json", paths[0])
            judge = stat_check.Judge(sides[0].types, 1, sides[0].parts)
            comparison = stat_check.Comparison()
            stat_check.compare(figures, judge, comparison)
            for text in objections[:5]:
                print(f"ERROR seed {seed}: {text}")
            num_bad += len(objections) + comparison.num_bad
            if seed != first:
                continue
            for wrong in wrong_answers(answer):
                num_wrong += 1
                if not judge_diff(*sides, wrong):
                    print("ERROR a wrong answer of diff is not noticed")
                    num_bad += 1
            print("Of stat, wrong on purpose:")
            for wrong in wrong_figures(figures):
                num_wrong += 1
                comparison = stat_check.Comparison()
                stat_check.compare(wrong, judge, comparison)
                if not comparison.num_bad:
                    print("ERROR a wrong figure of stat is not noticed")
                    num_bad += 1
    print(f"{number} pairs, {num_wrong} answers wrong on purpose, {num_bad} objections")
    return 1 if num_bad else 0


if __name__ == "__main__":
    sys.exit(main())
