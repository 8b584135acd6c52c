#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
"""Check the functions of a BTF file against the symbol table and the DWARF of its ELF file.

    func_check.py [--json FILE] [--tools DIR] [--facts FACTS] [--report FILE] [--base BASE]
                  ELF BTF

dwarf_funcs reads both with libelf and libdw, func_facts.py derives from that which functions must
be there and why the others must not; nothing of it is btfgen's. The rule:

    - each FUNC is named like a function symbol (less the suffix of a clone), the symbols of that
      name have one address, and the entry there has this prototype, with these parameter names;
    - the name of each function symbol is a FUNC, or there is a reason against it; in split BTF the
      FUNC may be the base's, if that has the same;
    - a FUNC is global if its symbol and its entry are; an alias if its symbol is;
    - each kfunc of .BTF_ids with a FUNC has the tags of its flags, nothing else has tags;
    - where a name in a prototype has several definitions, it is bound to that of the function's
      unit.

With --report, the outcome that btfgen --report=json gives for each function without FUNC must be
the reason found here.

Exit status: 0 all as it must be, 1 not, 2 usage, 3 bad input.
"""

import argparse
import json
import os
import sys
import tempfile
from collections import Counter, defaultdict

import func_facts as ff

# What the report passes over in silence: pieces of functions, and the bytes before functions.
SILENT = {"part"}
NO_FUNCTIONS = ("__pfx_", "__cfi_")
# Outcomes that a reason found here may have in the report.
OUTCOMES = {
    "no-debug-info": {"no-debug-info"},
    "assembler": {"assembler"},
    "part": {"part"},
    "module-entry": {"module-entry"},
    "ambiguous": {"ambiguous"},
    "inconsistent": {"inconsistent"},
    "optimized": {"optimized", "reordered", "moved", "uncertain"},
    "reordered": {"optimized", "reordered", "moved"},
    "moved": {"optimized", "reordered", "moved", "uncertain"},
    "unnamed-param": {"unnamed-parameter"},
    "bad-type": {"bad-type"},
    "bad-name": {"bad-name", "no-debug-info"},
}


def check_function(facts, name, verdict, function, errors):
    symbols = verdict.symbols
    linkage, result, params = function
    if verdict.reason:
        errors.append(f"{name}: is a FUNC, but: {verdict.reason}"
                      + (f" ({facts.where(verdict.entry)})" if verdict.entry else ""))
        return
    if linkage not in ff.linkages(name, verdict):
        errors.append(f"{name}: linkage {linkage}, not that of its entry and symbols "
                      f"({facts.where(verdict.entry)})")
    if (result, params) not in {e.proto() for e in verdict.others or [verdict.entry]}:
        errors.append(f"{name} at {symbols[0].address:#x}: '{result} ({params})', the DWARF has "
                      f"'{verdict.entry.proto()[0]} ({verdict.entry.proto()[1]})' "
                      f"({facts.where(verdict.entry)})")


def check_tags(facts, btf, errors):
    wanted = {("bpf_kfunc", 0, -1, "func", n) for n in facts.kfuncs if n in btf.functions}
    wanted |= {("bpf_fastcall", 0, -1, "func", n) for n, flags in facts.kfuncs.items()
               if n in btf.functions and flags & ff.KF_FASTCALL}
    for tag in sorted(set(btf.tags) - wanted):
        errors.append(f"tag {tag[0]} on {tag[3]} {tag[4]}, component {tag[2]}: not in .BTF_ids")
    for tag in sorted(wanted - set(btf.tags)):
        errors.append(f"no tag {tag[0]} on {tag[4]}")
    if len(set(btf.tags)) != len(btf.tags):
        errors.append("a tag is there twice")
    return len(btf.tags)


def read_report(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def check_report(report, verdicts, btf, facts, errors):
    told = defaultdict(list)
    for item in report["diagnostics"]["items"]:
        if item["kind"] == "function-skipped":
            told[item["name"]].append(item["reason"])
    for name, reasons in told.items():
        if len(reasons) > 1:
            errors.append(f"{name}: {len(reasons)} reasons in the report")
    for name, verdict in verdicts.items():
        if not verdict.reason:
            if verdict.is_doubtful and told.get(name, ["optimized"]) == ["optimized"]:
                continue
            if name in told:
                errors.append(f"{name}: the report says {told[name][0]}, should be encoded")
            continue
        if name not in told:
            if name not in btf.functions and verdict.reason not in SILENT and \
                    not name.startswith(NO_FUNCTIONS):
                errors.append(f"{name}: {verdict.reason}, not in the report")
        elif told[name][0] not in OUTCOMES[verdict.reason]:
            errors.append(f"{name}: the report says {told[name][0]}, should be {verdict.reason}")
    for name in sorted(set(told) - set(verdicts)):
        errors.append(f"{name}: the report says {told[name][0]}, there is no such symbol")
    counts = report["functions"]
    outcomes = counts["outcomes"]
    reasons = Counter(v.reason for n, v in verdicts.items() if not n.startswith(NO_FUNCTIONS))
    own = {"names": sum(reasons.values()), "btf_ids": len(facts.btf_ids),
           "btf_ids_missing": sum(n in verdicts and n not in btf.functions for n in facts.btf_ids),
           "aliases": sum(n in btf.functions and v.entry.name != n for n, v in verdicts.items()
                          if not v.reason)}
    for key, number in own.items():
        if counts[key] != number:
            errors.append(f"the report counts {counts[key]} {key}, it should be {number}")
    if sum(outcomes.values()) != counts["names"] or outcomes["encoded"] != len(btf.functions):
        errors.append(f"the outcomes in the report do not add up: {outcomes}")
    for key in ("assembler", "part", "ambiguous", "inconsistent"):
        if outcomes[key] != reasons[key]:
            errors.append(f"the report counts {outcomes[key]} {key}, it should be {reasons[key]}")
    missing = {item["name"] for item in report["diagnostics"]["items"]
               if item["kind"] == "btf-id-missing"}
    for name in sorted(missing ^ {n for n in facts.btf_ids if n not in btf.functions}):
        errors.append(f"{name}: " + ("the report says that .BTF_ids misses it" if name in missing
                                     else "missing for .BTF_ids, not in the report"))


def count_definitions(tools, *btf):
    """How many definitions each kind and name has."""
    count = Counter()
    for line in ff.run_lines(os.path.join(tools, "btf_defs"), *btf):
        fields = line.split("\t", 3)
        if fields[0] == "D":
            count["enum" if fields[1] == "enum64" else fields[1], fields[2]] += 1
    return count


def same_labels(one, two):
    """Equal texts, but that an unknown label matches any."""
    if ff.LABEL.sub("#", one) != ff.LABEL.sub("#", two):
        return False
    return all(a == b or "#?" in (a, b)
               for a, b in zip(ff.LABEL.findall(one), ff.LABEL.findall(two)))


def check_binding(tools, elf, path, verdicts, errors, base=None, base_definitions=None):
    """The same prototypes once more, with the definitions of ambiguous names told apart. base is
    the path of what the BTF is split from."""
    options = ("-b", base) if base else ()
    own = count_definitions(tools, *options, path)
    count = own
    if base:
        count = Counter({key: number + base_definitions[key] for key, number in own.items()})
        count.update({key: number for key, number in base_definitions.items()
                      if number > 1 and key not in own})
    names = [f"{kind} {name}" for (kind, name), number in count.items() if number > 1]
    if not names:
        return 0
    with tempfile.NamedTemporaryFile("w", errors="surrogateescape") as file:
        file.write("".join(f"{name}\n" for name in sorted(names)))
        file.flush()
        label = ("-l", file.name, "-r", "1")
        facts = ff.Facts(ff.run_lines(os.path.join(tools, "dwarf_funcs"), *label, elf))
        btf = ff.BtfFunctions(path, tools, label + options)
    labelled = 0
    for name, verdict in verdicts.items():
        function = btf.functions.get(name)
        if verdict.reason or function is None:
            continue
        _, result, params = function
        if "#" not in result + params:
            continue
        labelled += 1
        wanted = [e.proto() for e in facts.by_name.get(name, [])
                  + facts.without_address.get(name, [])
                  if any(e.offset == o.offset for o in verdict.others or [verdict.entry])]
        wanted = wanted or [e.proto() for e in facts.entries
                            if e.offset == verdict.entry.offset]
        if not any(same_labels(f"{r} {p}", f"{result} {params}") for r, p in wanted):
            errors.append(f"{name}: bound to another definition: '{result} ({params})', "
                          f"the DWARF has {wanted}")
    return labelled


def check_functions(facts, verdicts, btf, errors):
    """Each FUNC, and each symbol without."""
    errors += [f"{name}: two FUNCs" for name in btf.twice]
    for name, function in btf.functions.items():
        verdict = verdicts.get(name)
        if verdict is None:
            errors.append(f"{name}: FUNC without a function symbol")
        else:
            check_function(facts, name, verdict, function, errors)
    for name, verdict in verdicts.items():
        if verdict.reason or verdict.is_doubtful:
            continue
        if btf.find(name, {e.proto() for e in verdict.others or [verdict.entry]}) is None:
            errors.append(f"{name} at {verdict.symbols[0].address:#x}: no FUNC, but "
                          f"{verdict.entry.proto()[0]} ({verdict.entry.proto()[1]}) "
                          f"({facts.where(verdict.entry)})")


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tools", default=".", help="folder of btf_defs and dwarf_funcs")
    parser.add_argument("--facts", help="output of dwarf_funcs for ELF, made before")
    parser.add_argument("--json", help="write everything found to this file")
    parser.add_argument("--report", help="output of btfgen --report=json")
    parser.add_argument("--base", help="the BTF that BTF is split from")
    parser.add_argument("--show", type=int, default=40, help="errors printed")
    parser.add_argument("elf")
    parser.add_argument("btf")
    args = parser.parse_args()
    lines = ff.read_lines(args.facts) if args.facts else \
        ff.run_lines(os.path.join(args.tools, "dwarf_funcs"), args.elf)
    facts = ff.Facts(lines)
    verdicts = ff.judge_all(facts)
    options, base, base_definitions = (), None, None
    if args.base:
        options = ("-b", args.base)
        base = ff.BtfFunctions(args.base, args.tools)
        base_definitions = count_definitions(args.tools, args.base)
    btf = ff.BtfFunctions(args.btf, args.tools, options, base)
    errors = []
    check_functions(facts, verdicts, btf, errors)
    tags = check_tags(facts, btf, errors)
    bound = check_binding(args.tools, args.elf, args.btf, verdicts, errors, args.base,
                          base_definitions)
    if args.report:
        check_report(read_report(args.report), verdicts, btf, facts, errors)

    reasons = Counter(v.reason or "encoded" for v in verdicts.values())
    aliases = sum(v.is_alias and not v.reason for v in verdicts.values())
    print(f"{len(facts.symbols)} function symbols of {len(verdicts)} names, {len(btf.functions)} "
          f"FUNCs, {aliases} of them aliases, {tags} tags; {bound} with ambiguous type names")
    print(", ".join(f"{name} {number}" for name, number in sorted(reasons.items())))
    clones = [v for n, v in verdicts.items()
              if not v.reason and not any(s.name == n for s in v.symbols)]
    contradicted = [v.entry for v in verdicts.values() if not v.reason and v.entry.start and
                    any(ff.place_state(p, e) == "elsewhere" for p, e in
                        zip(v.entry.params, ff.expected_places(facts, v.entry)))]
    print(f"{len(clones)} FUNCs of clones, all parameters in place; {len(contradicted)} other "
          "FUNCs whose places at entry are not the convention's: "
          + ", ".join(sorted(e.name for e in contradicted)[:12]))
    missing = sorted(n for n in facts.btf_ids if n not in btf.functions)
    print(f"{len(facts.btf_ids)} functions in .BTF_ids, {len(missing)} without FUNC"
          + "".join(f"; {n}: {verdicts[n].reason if n in verdicts else 'no symbol'}"
                    for n in missing[:20]))
    for name in missing:
        if name in verdicts and not verdicts[name].reason:
            errors.append(f"{name}: .BTF_ids needs it")
    for error in errors[:args.show]:
        print(f"ERROR {error[:1000]}")
    if len(errors) > args.show:
        print(f"ERROR and {len(errors) - args.show} more")
    if args.json:
        with open(args.json, "w", encoding="utf-8", errors="surrogateescape") as file:
            json.dump({"functions": len(btf.functions), "reasons": reasons, "aliases": aliases,
                       "tags": tags, "errors": errors, "btf_ids_missing": missing}, file, indent=1)
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())
