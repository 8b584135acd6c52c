#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
"""Check the split BTF of many modules against their symbols and DWARF, and their functions against
the peer's.

    modules_check.py [options] BASE OURS MODULE...

OURS is a folder with the BTF of each MODULE (xfs.btf of xfs.ko); BASE is what they are split from.
Each module goes through percpu_check.py, with --functions through func_check.py, and with
--peer FOLDER through func_compare.py: the classes are counted over all modules, and five random
differences of each class are proven. --title names the column of the table in --doc that the
counts must be equal to.

Exit status: 0 all as it must be, 1 not, 2 usage, 3 bad input.
"""

import argparse
import array
import json
import multiprocessing
import os
import random
import subprocess
import sys
from collections import Counter, defaultdict

import func_check
import func_compare
import func_facts as ff
import percpu_check

PROVEN = 5
KIND_VAR, KIND_DATASEC = 14, 15
# Words behind the three of each record: fixed, and for each entry (int, array, struct, union, enum,
# prototype, var, datasec, declaration tag, enum64).
WORDS = {1: (1, 0), 3: (3, 0), 4: (0, 3), 5: (0, 3), 6: (0, 2), 13: (0, 2), 14: (1, 0), 15: (0, 3),
         17: (1, 0), 19: (0, 3)}


class Job:
    """What all modules share; each worker has it by being forked."""
    args = base = base_definitions = None


def kinds(path):
    """The kinds of a file's own records."""
    with open(path, "rb") as file:
        data = file.read()
    words = array.array("I", data[:len(data) & ~3])
    if (data[0] == 0x9f) != (sys.byteorder == "little"):
        words.byteswap()
    at = (words[1] + words[2]) // 4
    end, found = at + words[3] // 4, set()
    while at < end:
        kind, entries = words[at + 1] >> 24 & 31, words[at + 1] & 0xffffff
        fixed, entry = WORDS.get(kind, (0, 0))
        at += 3 + fixed + entry * entries
        found.add(kind)
    return found


def check_percpu(elf, btf, result):
    if percpu_check.SECTION not in percpu_check.Elf(elf).names:
        if kinds(btf) & {KIND_VAR, KIND_DATASEC}:
            result["errors"].append("variables, and no per-CPU section")
        return
    done = subprocess.run([sys.executable, "-B", percpu_check.__file__, "--tools", Job.args.tools,
                           "--base", Job.args.base, elf, btf], check=False,
                          stdout=subprocess.PIPE, encoding="utf-8", errors="surrogateescape")
    result["percpu"] = done.stdout.splitlines()
    if done.returncode:
        result["errors"] += [line for line in result["percpu"] if line.startswith("ERROR")] or \
            [f"percpu_check.py: status {done.returncode}"]


def compare(facts, verdicts, elf, btf, peer, result):
    """The classes of the differences of one module, and proofs of some."""
    code = func_compare.Code(elf, facts.sections) if facts.machine == ff.EM_X86_64 else None
    comparison = func_compare.Comparison(facts, verdicts, code)
    ours, theirs = dict(btf.functions), dict(peer.functions)
    # One may have found in the base what the other has itself.
    for name in set(ours) ^ set(theirs):
        mine, other = (ours, theirs) if name in theirs else (theirs, ours)
        shared = Job.base.functions.get(name)
        if shared and shared[1:] == other[name][1:]:
            mine[name] = shared
    found, unknown = comparison.classes(ours, theirs)
    result["classes"] = dict(found)
    result["numbers"] = (len(ours), len(theirs), len(set(ours) - set(theirs)),
                         len(set(theirs) - set(ours)))
    result["errors"] += [comparison.describe_unknown(name, ours, theirs) for name in unknown]
    chooser = random.Random(f"{Job.args.seed} {elf}")
    for kind, names in found.items():
        name = chooser.choice(names)
        try:
            result["proofs"].append((kind, name, comparison.prove(kind, name, theirs.get(name))))
        except func_compare.Proof as why:
            result["errors"].append(f"{name}: not proven to be of class {kind}: {why}")
    mine = {t for t in btf.tags if t[4] in theirs}
    for tag in sorted(mine ^ {t for t in peer.tags if t[4] in ours}):
        result["errors"].append(f"tag {tag} only in {'ours' if tag in mine else 'the other'}")


def check_module(elf):
    name = os.path.basename(elf).split(".ko")[0] + ".btf"
    path = os.path.join(Job.args.ours, name)
    result = {"module": os.path.basename(elf), "errors": [], "proofs": [], "classes": {},
              "percpu": [], "reasons": {}, "numbers": (0, 0, 0, 0), "tags": 0, "bound": 0,
              "aliases": 0}
    try:
        check_percpu(elf, path, result)
        if Job.args.functions:
            options, tools = ("-b", Job.args.base), Job.args.tools
            facts = ff.Facts(ff.run_lines(os.path.join(tools, "dwarf_funcs"), elf))
            verdicts = ff.judge_all(facts)
            btf = ff.BtfFunctions(path, tools, options, Job.base)
            func_check.check_functions(facts, verdicts, btf, result["errors"])
            result["tags"] = func_check.check_tags(facts, btf, result["errors"])
            result["bound"] = func_check.check_binding(tools, elf, path, verdicts,
                                                       result["errors"], Job.args.base,
                                                       Job.base_definitions)
            result["reasons"] = Counter(v.reason or "encoded" for v in verdicts.values())
            result["aliases"] = sum(v.is_alias and not v.reason for v in verdicts.values())
            if Job.args.peer:
                peer = ff.BtfFunctions(os.path.join(Job.args.peer, name), tools, options, Job.base)
                compare(facts, verdicts, elf, btf, peer, result)
    except SystemExit as status:
        result["errors"].append(f"a reader gave up: {status}")
    return result


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tools", default=".", help="folder of btf_defs, dwarf_defs, dwarf_funcs")
    parser.add_argument("--functions", action="store_true", help="check functions as well")
    parser.add_argument("--peer", help="folder of the peer's BTF, over the same base")
    parser.add_argument("--doc", help="docs/differences.md, whose classes and counts must hold")
    parser.add_argument("--title", help="the column of the table there")
    parser.add_argument("--any-counts", action="store_true",
                        help="the peer is not the version that the counts are of")
    parser.add_argument("--json", help="write everything found to this file")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32),
                        help="of the choice of what is proven")
    parser.add_argument("-j", dest="jobs", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("base")
    parser.add_argument("ours")
    parser.add_argument("modules", nargs="+", metavar="module")
    args = parser.parse_args()
    Job.args = args
    if args.functions:
        Job.base = ff.BtfFunctions(args.base, args.tools)
        Job.base_definitions = func_check.count_definitions(args.tools, args.base)
    with multiprocessing.get_context("fork").Pool(args.jobs) as pool:
        results = list(pool.imap(check_module, args.modules))

    errors = [f"{r['module']}: {e}" for r in results for e in r["errors"]]
    with_percpu = [r for r in results if r["percpu"]]
    sums = Counter()
    for result in results:
        sums.update(result["reasons"])
    print(f"{len(results)} modules, {len(with_percpu)} with per-CPU variables")
    for result in with_percpu:
        print(f"{result['module']}: " + "; ".join(result["percpu"]))
    if args.functions:
        print(f"functions: {', '.join(f'{n} {c}' for n, c in sorted(sums.items()))}; "
              f"{sum(r['aliases'] for r in results)} aliases, "
              f"{sum(r['tags'] for r in results)} tags, "
              f"{sum(r['bound'] for r in results)} with ambiguous type names")
    found = Counter()
    if args.peer:
        numbers = [sum(r["numbers"][i] for r in results) for i in range(4)]
        print(f"{numbers[0]} functions in ours, {numbers[1]} in the peer's; {numbers[2]} only in "
              f"ours, {numbers[3]} only in the peer's; seed {args.seed}")
        proofs = defaultdict(list)
        for result in results:
            for kind, names in result["classes"].items():
                found[kind] += len(names)
            for kind, name, text in result["proofs"]:
                proofs[kind].append((result["module"], name, text))
        chooser = random.Random(args.seed)
        for kind in sorted(found):
            print(f"{kind}: {found[kind]} ({func_compare.CLASSES[kind]})")
            for proof in chooser.sample(proofs[kind], min(PROVEN, len(proofs[kind]))):
                print(f"    {proof[0]}: {proof[1]}: {proof[2][:250]}")
        if args.doc:
            listed, counts = func_compare.read_table(args.doc, args.title)
            for kind in sorted(set(found) - listed):
                errors.append(f"class {kind} is not listed in {args.doc}")
            for kind in sorted(set(counts) | set(found)) if counts and not args.any_counts else ():
                if counts.get(kind, 0) != found[kind]:
                    errors.append(f"{args.title}: class {kind}: {found[kind]} differences, "
                                  f"{counts.get(kind, 0)} in {args.doc}")
    for error in errors[:40]:
        print(f"ERROR {error[:1000]}")
    if len(errors) > 40:
        print(f"ERROR and {len(errors) - 40} more")
    if args.json:
        with open(args.json, "w", encoding="utf-8", errors="surrogateescape") as file:
            json.dump({"classes": found, "reasons": sums, "errors": errors,
                       "percpu_modules": len(with_percpu)}, file, indent=1)
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())
