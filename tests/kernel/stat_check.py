#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
"""stat_check.py [--bpftool BPFTOOL] [--price ELF] BTFGEN FILE [BASE]

Does `btfgen stat --json FILE` tell the truth? FILE is raw BTF. All is counted again from what bpftool
shows of the types, by names: a string is its name, which holds as long as no string stands twice and
none is a part of another one, as encoders write them; else the sums would differ.

With --price ELF the encodings of `btfgen stat --price ELF` are compared with files that btfgen writes.

Exit status: 0 it does, 1 not, 2 usage, 77 there is no bpftool.
"""

import argparse
import collections
import json
import os
import subprocess
import sys
import tempfile
import time

import judge_btf

# What a name is used for: the type's own, by kind, and those of its elements.
OWN_USE = {"FUNC": "functions", "VAR": "variables", "DATASEC": "sections", "DECL_TAG": "tags", "TYPE_TAG": "tags"}
ELEMENT_USE = {"STRUCT": ("members", "members"), "UNION": ("members", "members"), "ENUM": ("values", "enumerators"),
               "ENUM64": ("values", "enumerators"), "FUNC_PROTO": ("params", "parameters")}
CLASS = {"STRUCT": "struct", "UNION": "union", "ENUM": "enum", "ENUM64": "enum", "TYPEDEF": "typedef", "INT": "int",
         "FLOAT": "float", "FUNC": "function", "VAR": "variable", "DATASEC": "section"}


class Judge:
    def __init__(self, types, first, parts):
        self.own = [one for one in types[1:] if one["id"] >= first]
        self.types, self.first, self.parts = types, first, parts
        self.uses = collections.defaultdict(set)      # name: what it is used for
        self.users = collections.defaultdict(set)     # name: ids of the types that use it
        base_names = set()
        for one in types[1:]:
            for name, use in names_of(one):
                if one["id"] < first:
                    base_names.add(name)
                else:
                    self.uses[name].add(use)
                    self.users[name].add(one["id"])
        for name in base_names:
            self.uses.pop(name, None)
            self.users.pop(name, None)

    def size(self, names):
        return sum(len(name.encode()) + 1 for name in names)

    def only_of(self, ids):
        """The names that no other types use."""
        ids = set(ids)
        candidates = {name for at in ids for name, _ in names_of(self.types[at]) if name in self.users}
        return [name for name in candidates if self.users[name] <= ids]

    def kinds(self):
        found = collections.defaultdict(lambda: [0, 0, 0])
        for one in self.own:
            row = found[one["kind"]]
            row[0] += 1
            row[1] += one["elements"]
            row[2] += one["bytes"]
        return {kind: tuple(row) for kind, row in found.items()}

    def strings(self):
        """{use: (count, bytes, count in common, bytes in common)}, and what has several uses."""
        alone, common, several = collections.defaultdict(list), collections.defaultdict(list), []
        for name, uses in self.uses.items():
            if len(uses) == 1:
                alone[min(uses)].append(name)
            else:
                several.append(name)
                for use in uses:
                    common[use].append(name)
        return {use: (len(alone[use]), self.size(alone[use]), len(common[use]), self.size(common[use]))
                for use in set(alone) | set(common)}, (len(several), self.size(several))

    def largest(self):
        """{id: (record, strings)}"""
        single = collections.Counter()
        for name, users in self.users.items():
            if len(users) == 1:
                single[min(users)] += len(name.encode()) + 1
        return {one["id"]: (one["bytes"], single[one["id"]]) for one in self.own}

    def sections(self):
        found = {}
        for one in self.own:
            if one["kind"] != "DATASEC":
                continue
            ids = {entry["type_id"] for entry in one["vars"]}
            covered, end = 0, 0
            for entry in sorted(one["vars"], key=lambda entry: entry["offset"]):
                start, stop = max(end, entry["offset"]), entry["offset"] + entry["size"]
                covered += max(0, stop - start)
                end = max(end, stop)
            found[one["id"]] = {
                "name": one["name"], "percpu": one["name"] == ".data..percpu", "entries": one["elements"],
                "size": one["size"], "covered": covered, "record_bytes": one["bytes"],
                "var_bytes": sum(self.types[at]["bytes"] for at in ids),
                "string_bytes": self.size(self.only_of(ids | {one["id"]}))}
        return found

    def variables(self, sections):
        """What the variables of these sections cost, or with None all there are."""
        data = [one for one in self.own if one["kind"] == "DATASEC" and (sections is None or one["name"] in sections)]
        ids = {entry["type_id"] for one in data for entry in one["vars"]}
        placed = len(ids)
        if sections is None:
            ids |= {one["id"] for one in self.own if one["kind"] == "VAR"}
        everything = ids | {one["id"] for one in data}
        only = set(self.only_of(everything))
        in_common = [at for at in ids if self.types[at]["name"] not in only]
        return {"variables": len(ids), "var_bytes": 16 * len(ids),
                "entry_bytes": 12 * sum(one["elements"] for one in data), "section_bytes": 12 * len(data),
                "string_bytes": self.size(only), "names_in_common": len(in_common),
                "outside_sections": len(ids) - placed}

    def doubles(self):
        found = collections.defaultdict(list)
        for one in self.own:
            if one["kind"] in CLASS and one["name"]:
                found[CLASS[one["kind"]], one["name"]].append(one["id"])
        return {key: ids for key, ids in found.items() if len(ids) > 1}

    def forwards(self):
        """{id: is there a definition}"""
        defined = {(CLASS[one["kind"]], one["name"]) for one in self.types[1:]
                   if one["kind"] in ("STRUCT", "UNION") or (one["kind"] in ("ENUM", "ENUM64") and one["elements"])}
        found = {}
        for one in self.own:
            if one["kind"] == "FWD":
                found[one["id"]] = (one["fwd_kind"], one["name"]) in defined
            elif one["kind"] in ("ENUM", "ENUM64") and not one["elements"] and one["name"]:
                found[one["id"]] = ("enum", one["name"]) in defined
        return found


def names_of(one):
    """[(name, use)]"""
    found = []
    if one.get("name"):
        found.append((one["name"], OWN_USE.get(one["kind"], "types")))
    if one["kind"] in ELEMENT_USE:
        elements, use = ELEMENT_USE[one["kind"]]
        found += [(element["name"], use) for element in one[elements] if element["name"] not in ("", "(anon)")]
    return found


class Comparison:
    def __init__(self):
        self.num_bad = self.num = 0

    def equal(self, what, stat, judge):
        self.num += 1
        if stat == judge:
            return
        self.num_bad += 1
        if isinstance(stat, dict) and isinstance(judge, dict):
            for key in sorted(set(stat) | set(judge), key=str):
                if stat.get(key) != judge.get(key):
                    print(f"ERROR {what}: {key}: stat {stat.get(key)}, counted {judge.get(key)}")
                    return
        print(f"ERROR {what}: stat {stat}, counted {judge}")

    def sums(self, node, path=""):
        """Children of the map add up."""
        if "children" in node:
            self.equal(f"map {path}/{node['name']}", sum(child["bytes"] for child in node["children"]), node["bytes"])
            for child in node["children"]:
                self.sums(child, f"{path}/{node['name']}")


def pick(row, keys):
    return {key: row[key] for key in keys}


def compare(stat, judge, comparison):
    equal = comparison.equal
    equal("bytes", stat["bytes"], judge.parts["all"])
    equal("types", (stat["types"], stat["first_id"]), (len(judge.own), judge.first))
    for part in ("header", "types", "strings", "layout"):
        equal(part, stat["parts"][part], judge.parts[part])
    equal("gaps", (stat["parts"]["gaps"], stat["parts"]["overlap"]), (0, 0))
    equal("kinds", {row["kind"]: (row["count"], row["elements"], row["bytes"]) for row in stat["kinds"]}, judge.kinds())
    equal("order of kinds", [row["bytes"] for row in stat["kinds"]], sorted((row["bytes"] for row in stat["kinds"]), reverse=True))

    strings = stat["strings"]
    uses, several = judge.strings()
    told = {row["use"]: (row["count"], row["bytes"], row["shared_count"], row["shared_bytes"]) for row in strings["uses"]}
    equal("strings", {use: row for use, row in told.items() if any(row)}, uses)
    equal("strings of several uses", (strings["shared"]["count"], strings["shared"]["bytes"]), several)
    used = sum(row[1] for row in uses.values()) + several[1]
    equal("strings, all", (strings["bytes"], strings["unused"]["bytes"] + strings["empty"]["bytes"]),
          (judge.parts["strings"], judge.parts["strings"] - used))
    equal("bad references", strings["bad_references"], 0)

    largest = judge.largest()
    ranked = sorted((sum(row) for row in largest.values()), reverse=True)
    equal("largest", {row["id"]: (row["record_bytes"], row["string_bytes"]) for row in stat["largest"]},
          {row["id"]: largest.get(row["id"]) for row in stat["largest"]})
    equal("order of largest", [row["bytes"] for row in stat["largest"]], ranked[:len(stat["largest"])])
    equal("largest, all", stat["largest_total"], len(judge.own))

    sections = judge.sections()
    keys = ("name", "percpu", "entries", "size", "covered", "record_bytes", "var_bytes", "string_bytes")
    equal("sections", {row["id"]: pick(row, keys) for row in stat["sections"]}, sections)
    keys = ("variables", "var_bytes", "entry_bytes", "section_bytes", "string_bytes", "names_in_common")
    for what, judged in (("percpu", judge.variables({".data..percpu"})), ("variables", judge.variables(None))):
        equal(what, pick(stat[what], keys), pick(judged, keys))
        equal(f"{what}, all", stat[what]["bytes"], sum(judged[key] for key in keys[1:5]))
        each = round(stat[what]["bytes"] / judged["variables"], 1) if judged["variables"] else None
        equal(f"{what}, each", abs((stat[what]["bytes_per_variable"] or 0) - (each or 0)) <= 0.1001, True)
    equal("outside of sections", stat["variables"]["outside_sections"], judge.variables(None)["outside_sections"])

    doubles = judge.doubles()
    equal("doubles", {(row["kind"], row["name"]): row["ids"] for row in stat["doubles"]["items"]}, doubles)
    equal("doubles, counts", (stat["doubles"]["names"], stat["doubles"]["extra"]),
          (len(doubles), sum(len(ids) - 1 for ids in doubles.values())))
    forwards = judge.forwards()
    equal("forwards", {row["id"]: row["definition"] != 0 for row in stat["forwards"]["items"]}, forwards)
    equal("forwards, counts", (stat["forwards"]["count"], stat["forwards"]["beside_definition"]),
          (len(forwards), sum(forwards.values())))
    equal("map", stat["tree"]["bytes"], judge.parts["all"])
    comparison.sums(stat["tree"])


def compare_prices(btfgen, elf, comparison):
    """The encodings of --price against files."""
    done = subprocess.run([btfgen, "stat", "--price", "--runs=1", "--json", elf], check=True, capture_output=True)
    priced = json.loads(done.stdout)
    sizes = {row["name"]: row["bytes"] for row in priced["encodings"]}
    options = {"default": [], "no-variables": ["--no-percpu"], "global-variables": ["--features=+global_var"],
               "no-functions": ["--no-functions"], "no-decl-tags": ["--features=-decl_tag,-decl_tag_kfuncs"]}
    written = {}
    with tempfile.TemporaryDirectory() as folder:
        comparison.equal("names of encodings", sorted(sizes), sorted(options))
        for name in set(sizes) & set(options):
            path = os.path.join(folder, name)
            subprocess.run([btfgen, *options[name], "-o", path, elf], check=True)
            written[name] = os.path.getsize(path)
    comparison.equal("encodings", sizes, written)
    for row in priced["prices"]:
        comparison.equal(f"price of {row['name']}", row["bytes"], written[row["with"]] - written[row["without"]])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bpftool")
    parser.add_argument("--price")
    parser.add_argument("btfgen")
    parser.add_argument("file")
    parser.add_argument("base", nargs="?")
    options = parser.parse_args()
    bpftool = options.bpftool or judge_btf.find()
    if not bpftool:
        print("skip: no bpftool")
        return 77
    comparison = Comparison()
    start = time.monotonic()
    done = subprocess.run([options.btfgen, "stat", "--json", *(["-B", options.base] if options.base else []),
                           options.file], check=True, capture_output=True)
    seconds = time.monotonic() - start
    types = judge_btf.load(bpftool, options.file, options.base)
    first = 1 if not options.base else len(judge_btf.load(bpftool, options.base))
    compare(json.loads(done.stdout), Judge(types, first, judge_btf.parts(options.file)), comparison)
    if options.price:
        compare_prices(options.btfgen, options.price, comparison)
    print(f"{comparison.num - comparison.num_bad} of {comparison.num} figures are those that were counted; "
          f"btfgen stat took {seconds:.2f} s")
    return 1 if comparison.num_bad else 0


if __name__ == "__main__":
    sys.exit(main())
