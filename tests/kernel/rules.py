#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
"""Check a raw BTF file by the rules of tests/lib/btf.py, with the pointer size that its long has.

    rules.py [--known FILE] BTF

A forward declaration beside a definition of its name (N3) is accepted where FILE explains it, by a
line "ours beside KIND NAME". Exit status: 0 no rule broken, 1 some, 2 usage.
"""

import argparse
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

from btf import Btf  # noqa: E402 pylint: disable=wrong-import-position

LONGS = {b"long unsigned int", b"unsigned long", b"long int", b"long",
         "long unsigned int", "unsigned long", "long int", "long"}
BESIDE = re.compile(r"^N3 .* FWD ([^ :]+): stands beside")
MAX_SHOWN = 20


def explained(path):
    names = set()
    if path:
        with open(path, encoding="utf-8") as file:
            for line in file:
                fields = line.split("#")[0].split()
                if fields[:2] == ["ours", "beside"]:
                    names.add(fields[3])
    return names


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--known", help="file of explained differences")
    parser.add_argument("btf")
    args = parser.parse_args()
    btf = Btf.load(args.btf)
    size = next((t.size for t in btf.types[1:] if t.kind == "INT" and t.name in LONGS), 8)
    if size != 8:
        btf = Btf.load(args.btf, size)
    known = explained(args.known)
    bad = 0
    for line in btf.problems():
        beside = BESIDE.match(line)
        if beside and beside.group(1) in known:
            print(f"explained: {line}")
            continue
        bad += 1
        if bad <= MAX_SHOWN:
            print(line)
    if bad > MAX_SHOWN:
        print(f"and {bad - MAX_SHOWN} more")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
