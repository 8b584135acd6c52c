#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
"""diff_check.py [--bpftool BPFTOOL] [--seconds N] BTFGEN OLD NEW [OLD NEW]...

Does `btfgen diff OLD NEW` find what has changed, and nothing else? Files are raw BTF that stands
alone. What has changed is found out again from what bpftool shows of both:

  A thing has a name and a class (struct, union, enum, typedef, int, float, function, variable,
  section); a forward declaration is one of the struct or union that it declares. Its description
  says all that C says of it, with names in place of other things and their contents where there is
  no name. It has changed if descriptions differ. Of several with one name those with equal descriptions
  go together, the others are changed as far as they go, the rest was added or removed.

  Types without a name that nothing refers to are compared by content. If two that have changed
  belong together is for diff to say; each such pair must share half of its constants or members, and
  no pair that does may be left, unless the names that it shares are those of many others as well.

Then for each thing whose name is unique, line by line: sizes, members with their places and types,
constants, results, parameters, sections, tags. Structs are left out of that whose members are
structs without a name; the last line counts them. Last, no format may take more than N seconds (2)
of the processor, since the clock is slower where others work as well.

Exit status: 0 it does, 1 not, 2 usage, 77 there is no bpftool.
"""

import argparse
import collections
import html
import json
import os
import re
import resource
import subprocess
import sys
import tempfile

import judge_btf

CLASS = {"STRUCT": "struct", "UNION": "union", "ENUM": "enum", "ENUM64": "enum", "TYPEDEF": "typedef", "INT": "int",
         "FLOAT": "float", "FUNC": "func", "VAR": "var", "DATASEC": "datasec"}
LABEL = {"ENUM64": "ENUM"}
CHAIN = ("PTR", "CONST", "VOLATILE", "RESTRICT")
# A name that more types have than this tells nothing.
MANY = 8
sys.setrecursionlimit(10000)


def plain(name):
    return "" if name == "(anon)" else name


class Side:
    """One file. Descriptions and references are numbers that both sides share."""

    def __init__(self, path, types, parts, numbers):
        self.path, self.types, self.parts, self.numbers = path, types, parts, numbers
        self.known = {0: "void"}
        self.tags = collections.defaultdict(list)
        self.places = {}
        self.referred = set()
        for one in types[1:]:
            kind = one["kind"]
            if kind == "DECL_TAG":
                self.tags[one["type_id"]].append(one)
                continue
            if kind == "DATASEC":
                for entry in one["vars"]:
                    self.places[entry["type_id"]] = (one["name"], entry["offset"], entry["size"])
            self.referred |= set(references(one))
        self.things = collections.defaultdict(list)
        self.unnamed = []
        for one in types[1:]:
            if one["kind"] == "DECL_TAG":
                continue
            if one.get("name") and (one["kind"] in CLASS or one["kind"] == "FWD"):
                self.things[self.class_of(one), one["name"]].append(one["id"])
            else:
                self.unnamed.append(one["id"])

    def number(self, text):
        return self.numbers.setdefault(text, len(self.numbers))

    def class_of(self, one):
        return one["fwd_kind"] if one["kind"] == "FWD" else CLASS[one["kind"]]

    def ref(self, type_id):
        """What a reference to this type says."""
        if type_id not in self.known:
            self.known[type_id] = None  # a ring without a name
            self.known[type_id] = self.number(self.words(self.types[type_id]))
        return self.known[type_id]

    def words(self, one):
        kind = one["kind"]
        if kind == "INT":
            odd = (one["nr_bits"], one["bits_offset"])
            return ("int", one["name"], odd if odd != (one["size"] * 8, 0) else None)
        if kind in CLASS or kind == "FWD":
            return (self.class_of(one), one["name"]) if one["name"] else self.content(one)
        if kind in CHAIN:
            return (kind, self.ref(one["type_id"]))
        if kind == "TYPE_TAG":
            return (kind, one["name"], self.ref(one["type_id"]))
        if kind == "ARRAY":
            return (kind, self.ref(one["type_id"]), one["nr_elems"])
        if kind == "FUNC_PROTO":
            return (kind, self.ref(one["ret_type_id"]), tuple(self.ref(param["type_id"]) for param in one["params"]))
        raise AssertionError(f"{self.path}: a reference to {one}")

    def members(self, one):
        return [(plain(member["name"]), member["bits_offset"], member.get("bitfield_size", 0), self.ref(member["type_id"]))
                for member in one["members"]]

    def params(self, one):
        return [(plain(param["name"]), self.ref(param["type_id"])) for param in self.types[one["type_id"]]["params"]]

    def result(self, one):
        return self.ref(self.types[one["type_id"]]["ret_type_id"])

    def content(self, one):
        """All that is said of a thing but its name and tags."""
        kind = one["kind"]
        if kind in ("STRUCT", "UNION"):
            return (kind, one["size"], tuple(self.members(one)))
        if kind in ("ENUM", "ENUM64"):
            return (kind, one["size"], one["encoding"], tuple((value["name"], value["val"]) for value in one["values"]))
        if kind == "TYPEDEF":
            return (kind, self.ref(one["type_id"]))
        if kind == "INT":
            return (kind, one["size"], one["encoding"], one["nr_bits"], one["bits_offset"])
        if kind == "FUNC":
            return (kind, one["linkage"], self.result(one), tuple(self.params(one)))
        if kind == "VAR":
            return (kind, one["linkage"], self.ref(one["type_id"]), self.places.get(one["id"]))
        if kind in ("FLOAT", "DATASEC"):
            return (kind, one["size"])
        if kind == "FWD":
            return (kind,)
        return self.words(one)

    def tag_names(self, one):
        """{(text, the name or number of the member or parameter)}"""
        elements = one.get("members") or (self.types[one["type_id"]]["params"] if one["kind"] == "FUNC" else [])
        found = set()
        for tag in self.tags.get(one["id"], ()):
            at = tag["component_idx"]
            found.add((tag["name"], (plain(elements[at]["name"]) or at) if 0 <= at < len(elements) else None))
        return found

    def description(self, type_id):
        one = self.types[type_id]
        return self.number((self.content(one), tuple(sorted(self.tag_names(one), key=str))))

    def roots(self):
        return [type_id for type_id in self.unnamed if type_id not in self.referred]

    def has_unnamed_inside(self, one):
        """A member is, or leads without a name to, a struct or union without one."""
        return any(self.opens(member["type_id"], 0) for member in one["members"])

    def opens(self, type_id, depth):
        one = self.types[type_id]
        if one is None or depth > 40:
            return False
        if one["kind"] in ("STRUCT", "UNION", "ENUM", "ENUM64"):
            return not one["name"]
        if one["kind"] in CHAIN + ("ARRAY", "TYPE_TAG"):
            return self.opens(one["type_id"], depth + 1)
        if one["kind"] == "FUNC_PROTO":
            return any(self.opens(at, depth + 1) for at in references(one))
        return False


def references(one):
    kind = one["kind"]
    if kind == "FUNC_PROTO":
        return [one["ret_type_id"]] + [param["type_id"] for param in one["params"]]
    if kind in ("STRUCT", "UNION"):
        return [member["type_id"] for member in one["members"]]
    if kind == "DATASEC":
        return [entry["type_id"] for entry in one["vars"]]
    if kind == "ARRAY":
        return [one["type_id"], one["index_type_id"]]
    return [one["type_id"]] if "type_id" in one else []


def element_names(one):
    return collections.Counter(plain(element["name"]) for element in one.get("members") or one.get("values") or ()
                               if plain(element["name"]))


def alike(old, new):
    """Half of the names of their elements are the same."""
    old_names, new_names = element_names(old), element_names(new)
    total = sum(old_names.values()) + sum(new_names.values())
    return old["kind"].rstrip("64") == new["kind"].rstrip("64") and total and \
        4 * sum((old_names & new_names).values()) >= total


class Judge:
    def __init__(self, old, new, told):
        self.old, self.new, self.told = old, new, told
        self.num_bad = self.num_things = self.num_lines = self.num_opaque = 0

    def bad(self, text):
        self.num_bad += 1
        if self.num_bad <= 30:
            print(f"ERROR {text}")

    def equal(self, what, told, found):
        self.num_lines += 1
        if told != found:
            self.bad(f"{what}: diff {told}, found {found}")

    # What has changed.

    def named(self):
        """Counter of (kind, name, change)."""
        found = collections.Counter()
        for key in set(self.old.things) | set(self.new.things):
            left = []
            for side, other in ((self.old, self.new), (self.new, self.old)):
                mine = collections.Counter(side.description(at) for at in side.things.get(key, ()))
                theirs = collections.Counter(other.description(at) for at in other.things.get(key, ()))
                rest = mine - theirs
                rows = []
                for at in side.things.get(key, ()):
                    number = side.description(at)
                    if rest[number]:
                        rest[number] -= 1
                        rows.append(side.types[at])
                left.append(rows)
            self.unequal(key, left, found)
        return found

    def unequal(self, key, left, found):
        """Definitions go with definitions, then declarations with them."""
        (old_fwd, old_def), (new_fwd, new_def) = (
            ([one for one in side if one["kind"] == "FWD"], [one for one in side if one["kind"] != "FWD"]) for side in left)
        kind = {"struct": "STRUCT", "union": "UNION", "func": "FUNC", "var": "VAR"}.get(key[0], key[0].upper())
        pairs = min(len(old_def), len(new_def))
        crossed = min(len(old_def) - pairs, len(new_fwd)) + min(len(new_def) - pairs, len(old_fwd))
        old_rest = max(0, len(old_def) - pairs - len(new_fwd))
        new_rest = max(0, len(new_def) - pairs - len(old_fwd))
        old_fwd_rest = max(0, len(old_fwd) - (len(new_def) - pairs))
        new_fwd_rest = max(0, len(new_fwd) - (len(old_def) - pairs))
        for label, change, num in ((kind, "changed", pairs), ("FWD", "changed", crossed), (kind, "removed", old_rest),
                                   (kind, "added", new_rest), ("FWD", "removed", old_fwd_rest), ("FWD", "added", new_fwd_rest)):
            if num:
                found[label, key[1], change] += num

    def unmatched(self, side, other):
        """Roots of one side to which nothing without a name on the other is equal."""
        there = {other.ref(at) for at in other.unnamed}
        return {at for at in side.roots() if side.ref(at) not in there}

    def check_unnamed(self, rows):
        """Which roots are gone or new is plain; which of them are one type is checked for sense."""
        gone, came = self.unmatched(self.old, self.new), self.unmatched(self.new, self.old)
        told = {change: [row for row in rows if row["change"] == change] for change in ("added", "removed", "changed")}
        old_pairs, new_pairs = ([row[key] for row in told["changed"]] for key in ("old_id", "new_id"))
        removed, added = [row["old_id"] for row in told["removed"]], [row["new_id"] for row in told["added"]]
        # Of several that are equal one is shown.
        self.equal("types without a name, old", {self.old.ref(at) for at in removed + old_pairs}, {self.old.ref(at) for at in gone})
        self.equal("types without a name, new", {self.new.ref(at) for at in added + new_pairs}, {self.new.ref(at) for at in came})
        self.equal("none twice", (len(set(removed + old_pairs)), len(set(added + new_pairs))),
                   (len(removed + old_pairs), len(added + new_pairs)))
        for row in told["changed"]:
            if not alike(self.old.types[row["old_id"]], self.new.types[row["new_id"]]):
                self.bad(f"{row['name']}: paired with something else, old {row['old_id']} and new {row['new_id']}")
        common = collections.Counter(name for at in gone for name in element_names(self.old.types[at]))
        for old_id in removed:
            names = {name for name in element_names(self.old.types[old_id]) if common[name] <= MANY}
            for new_id in added:
                if names & set(element_names(self.new.types[new_id])) and alike(self.old.types[old_id], self.new.types[new_id]):
                    self.bad(f"old {old_id} and new {new_id} should be one type that has changed")

    def check_changes(self):
        rows = self.told["changes"]
        unnamed = [row for row in rows if not self.is_named(row)]
        named = [row for row in rows if self.is_named(row)]
        told = collections.Counter((row["kind"], row["name"], row["change"]) for row in named)
        found = self.named()
        self.num_things = len(set(self.old.things) | set(self.new.things))
        for key in sorted(told.keys() | found.keys()):
            if told[key] != found[key]:
                self.bad(f"{key}: diff {told[key]} times, found {found[key]} times")
        self.check_unnamed(unnamed)
        counts = collections.defaultdict(collections.Counter)
        for row in rows:
            counts[row["kind"]][row["change"]] += 1
        self.equal("counts", {row["kind"]: {change: row[change] for change in ("added", "removed", "changed") if row[change]}
                              for row in self.told["counts"]}, {kind: dict(row) for kind, row in counts.items()})
        self.equal("same", self.told["same"], not found and not unnamed)

    def is_named(self, row):
        side, key = (self.old, "old_id") if "old_id" in row else (self.new, "new_id")
        one = side.types[row[key]]
        return bool(one.get("name")) and (one["kind"] in CLASS or one["kind"] == "FWD")

    # Sizes.

    def check_sizes(self):
        for key, side in (("old", self.old), ("new", self.new)):
            self.equal(f"{key} bytes", (self.told[key]["bytes"], self.told[key]["types"]),
                       (side.parts["all"], len(side.types) - 1))
        self.equal("delta", self.told["delta"], self.new.parts["all"] - self.old.parts["all"])
        found = {}
        for at, side in enumerate((self.old, self.new)):
            for one in side.types[1:]:
                row = found.setdefault(one["kind"], [0, 0, 0, 0])
                row[at] += 1
                row[2 + at] += one["bytes"]
            for part in ("header", "strings"):
                found.setdefault(part, [0, 0, 0, 0])[2 + at] = side.parts[part]
        told = {row["name"]: [row["old_count"], row["new_count"], row["old_bytes"], row["new_bytes"]]
                for row in self.told["sizes"] if row["name"] not in ("other", "layout")}
        for part in ("header", "strings"):
            if part in told:
                told[part][:2] = [0, 0]
        self.equal("sizes by kind", told, found)
        for row in self.told["sizes"]:
            self.equal(f"delta of {row['name']}", row["delta"], row["new_bytes"] - row["old_bytes"])
        deltas = [abs(row["delta"]) for row in self.told["sizes"]]
        self.equal("order of sizes", deltas, sorted(deltas, reverse=True))

    def check_verdict(self):
        old, new = self.old.parts["all"], self.new.parts["all"]
        wanted = f".BTF {old:,} -> {new:,} bytes, "
        delta = new - old
        wanted += f"{delta:+,} ({100 * delta / old:+.2f} %)"
        if delta == 0:
            wanted = f".BTF {old:,} bytes"
        if not self.told["verdict"].startswith(wanted):
            self.bad(f"verdict: {self.told['verdict']!r}, wanted {wanted!r}...")
        totals = {(row["kind"], change): row[change] for row in self.told["counts"] for change in ("added", "removed", "changed")}
        for number, kind, change in re.findall(r"([\d,]+) ([A-Z_]+) (added|removed|changed)", self.told["verdict"]):
            self.equal(f"verdict, {kind} {change}", int(number.replace(",", "")), totals.get((kind, change)))

    # Line by line.

    def check_details(self):
        for row in self.told["changes"]:
            if row["change"] != "changed" or not self.is_named(row):
                continue
            old, new = self.old.types[row["old_id"]], self.new.types[row["new_id"]]
            what = f"{row['kind']} {row['name']}"
            self.equal(f"{what}, names", (old["name"], new["name"]), (row["name"],) * 2)
            if not row["details"]:
                self.bad(f"{what}: has changed in nothing")
            kind = old["kind"]
            if kind == "FWD" or new["kind"] == "FWD":
                continue
            if kind in ("STRUCT", "UNION"):
                self.check_members(what, row, old, new)
            elif kind in ("ENUM", "ENUM64"):
                self.check_values(what, row, old, new)
            elif kind == "FUNC":
                self.check_function(what, row, old, new)
            elif kind == "VAR":
                self.check_variable(what, row, old, new)
            self.check_tags(what, row, old, new)
            if kind in ("STRUCT", "UNION", "DATASEC"):
                self.equal(f"{what}, size", self.lines(row, "size"),
                           [(old["size"], new["size"])] if old["size"] != new["size"] else [])
                self.equal(f"{what}, delta", row["delta"], new["size"] - old["size"])
            self.equal(f"{what}, record", (row["old_bytes"], row["new_bytes"]), (old["bytes"], new["bytes"]))

    def lines(self, row, what):
        return [(line["old"], line["new"]) for line in row["details"] if line["what"] == what]

    def by_name(self, row, what):
        """(added names, removed names, {name: changes}); a new name is one that came and one that went."""
        added, removed, changed = set(), set(), {}
        for line in row["details"]:
            if line["what"] != what:
                continue
            name, changes = line.get("name", ""), set(line["change"])
            if "renamed" in changes:
                added.add(name)
                removed.add(line.get("old_name", ""))
            elif changes == {"added"}:
                added.add(name)
            elif changes == {"removed"}:
                removed.add(name)
            else:
                changed[name] = changes
        return added, removed, changed

    def check_members(self, what, row, old, new):
        old_rows, new_rows = self.old.members(old), self.new.members(new)
        names = [{name for name, *_ in rows} for rows in (old_rows, new_rows)]
        if (self.old.has_unnamed_inside(old) or self.new.has_unnamed_inside(new) or "" in names[0] | names[1] or
                len(names[0]) != len(old_rows) or len(names[1]) != len(new_rows)):
            self.num_opaque += 1
            return
        changed = {}
        of_old = {name: rest for name, *rest in old_rows}
        for name, offset, bits, ref in new_rows:
            if name in of_old:
                old_offset, old_bits, old_ref = of_old[name]
                changes = {word for word, differs in (("moved", offset != old_offset), ("resized", bits != old_bits),
                                                      ("retyped", ref != old_ref)) if differs}
                if changes:
                    changed[name] = changes
        self.equal(f"{what}, members", self.by_name(row, "member"), (names[1] - names[0], names[0] - names[1], changed))
        of_new = {name: rest for name, *rest in new_rows}
        for line in row["details"]:
            if line["what"] != "member":
                continue
            for key, members, name in (("old", of_old, line.get("old_name", line.get("name"))),
                                       ("new", of_new, line.get("name"))):
                if key in line:
                    self.equal(f"{what}, {key} place of {name}", (line[f"{key}_bit_offset"], line.get(f"{key}_bits", 0)),
                               tuple(members[name][:2]))

    def check_values(self, what, row, old, new):
        of_old, of_new = ({value["name"]: value["val"] for value in one["values"]} for one in (old, new))
        if len(of_old) != old["elements"] or len(of_new) != new["elements"]:
            self.num_opaque += 1
            return
        wanted = (set(of_new) - set(of_old), set(of_old) - set(of_new),
                  {name: {"changed"} for name in of_new if name in of_old and of_new[name] != of_old[name]})
        self.equal(f"{what}, constants", self.by_name(row, "enumerator"), wanted)
        self.equal(f"{what}, size", self.lines(row, "size"), [(old["size"], new["size"])] if old["size"] != new["size"] else [])
        self.equal(f"{what}, kind", self.lines(row, "kind"), [(old["kind"], new["kind"])] if old["kind"] != new["kind"] else [])

    def check_function(self, what, row, old, new):
        self.equal(f"{what}, linkage", self.lines(row, "linkage"),
                   [(old["linkage"], new["linkage"])] if old["linkage"] != new["linkage"] else [])
        self.equal(f"{what}, result", len(self.lines(row, "result")), int(self.old.result(old) != self.new.result(new)))
        params, new_params = self.old.params(old), self.new.params(new)
        lines = [line for line in row["details"] if line["what"] == "parameter"]
        self.equal(f"{what}, parameters", bool(lines), params != new_params)
        added = sum(line["change"] == ["added"] for line in lines)
        removed = sum(line["change"] == ["removed"] for line in lines)
        self.equal(f"{what}, number of parameters", added - removed, len(new_params) - len(params))
        # A parameter of which nothing is said stays what it is.
        gone = {line.get("old_index", line["index"]) for line in lines if line["change"] != ["added"]}
        came = {line["index"] for line in lines if line["change"] != ["removed"]}
        self.equal(f"{what}, parameters that stay", [param for at, param in enumerate(params, 1) if at not in gone],
                   [param for at, param in enumerate(new_params, 1) if at not in came])

    def check_variable(self, what, row, old, new):
        places = [self.old.places.get(old["id"], (None,) * 3), self.new.places.get(new["id"], (None,) * 3)]
        for at, name in enumerate(("section", "offset", "size")):
            pair = tuple(place[at] for place in places)
            if None not in pair:
                self.equal(f"{what}, {name}", self.lines(row, name), [pair] if pair[0] != pair[1] else [])
        self.equal(f"{what}, type", len(self.lines(row, "type")), int(self.old.ref(old["type_id"]) != self.new.ref(new["type_id"])))
        self.equal(f"{what}, linkage", self.lines(row, "linkage"),
                   [(old["linkage"], new["linkage"])] if old["linkage"] != new["linkage"] else [])

    def check_tags(self, what, row, old, new):
        old_tags, new_tags = self.old.tag_names(old), self.new.tag_names(new)
        told = collections.Counter((line["change"][0], line["name"]) for line in row["details"] if line["what"] == "tag")
        wanted = collections.Counter([("added", name) for name, _ in new_tags - old_tags] +
                                     [("removed", name) for name, _ in old_tags - new_tags])
        self.equal(f"{what}, tags", told, wanted)


def diff(btfgen, arguments, wanted_code):
    start = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run([btfgen, "diff", *arguments], capture_output=True, check=False)
    end = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = end.ru_utime + end.ru_stime - start.ru_utime - start.ru_stime
    if done.returncode != wanted_code or done.stderr:
        raise SystemExit(f"ERROR btfgen diff {' '.join(arguments)}: exit code {done.returncode}, wanted {wanted_code}: "
                         f"{done.stderr.decode(errors='replace')}")
    return done.stdout, seconds


def check_formats(btfgen, paths, judge, limit):
    """Each format says the verdict first and is soon there."""
    code = 0 if judge.told["same"] else 1
    with tempfile.TemporaryDirectory() as folder:
        page = os.path.join(folder, "page.html")
        longest = 0
        for options in (["--format=text"], ["--format=markdown"], ["--format=json"], [f"--html={page}"]):
            text, seconds = diff(btfgen, [*options, *paths], code)
            longest = max(longest, seconds)
            if seconds > limit:
                judge.bad(f"{options[0]} took {seconds:.2f} s")
            first = text.decode().split("\n", 1)[0]
            if options[0] == "--format=text" and first != judge.told["verdict"]:
                judge.bad(f"{options[0]} begins with {first!r}")
            if options[0] == "--format=markdown":
                judge.equal("verdict of markdown", html.unescape(first), f"**{judge.told['verdict']}**")
                judge.equal("markdown fits a comment", len(text.decode()) < 60000, True)
    return longest


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bpftool")
    parser.add_argument("--seconds", type=float, default=2)
    parser.add_argument("btfgen")
    parser.add_argument("files", nargs="+")
    options = parser.parse_args()
    if len(options.files) % 2:
        parser.error("files come in pairs")
    bpftool = options.bpftool or judge_btf.find()
    if not bpftool:
        print("skip: no bpftool")
        return 77
    numbers, sides, num_bad = {}, {}, 0
    for path in options.files:
        if path not in sides:
            sides[path] = Side(path, judge_btf.load(bpftool, path), judge_btf.parts(path), numbers)
    for old, new in zip(options.files[::2], options.files[1::2]):
        told = json.loads(subprocess.run([options.btfgen, "diff", "--json", old, new], check=False, stdout=subprocess.PIPE).stdout)
        judge = Judge(sides[old], sides[new], told)
        judge.check_sizes()
        judge.check_verdict()
        judge.check_changes()
        judge.check_details()
        seconds = check_formats(options.btfgen, [old, new], judge, options.seconds)
        print(f"{told['verdict']}\n    {judge.num_things} names, {len(told['changes'])} changes, {judge.num_lines} lines were "
              f"looked at, but not the members of {judge.num_opaque} types; {judge.num_bad} objections; at most {seconds:.2f} s")
        num_bad += judge.num_bad
    return 1 if num_bad else 0


if __name__ == "__main__":
    sys.exit(main())
