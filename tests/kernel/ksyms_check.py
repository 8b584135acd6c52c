#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
"""ksyms_check.py BTFGEN KSYMS_LIBBPF FIRST_SEED NUMBER

Does `btfgen ksyms` say of random BPF objects what libbpf does with them? KSYMS_LIBBPF (ksyms_libbpf.c)
loads them with libbpf into a kernel that is played: BTF of a vmlinux and of modules, a symbol table.
Each round makes a kernel and some sixty objects for it:

  one with a hundred weak functions, whose prototypes are those of the kernel with a change here and
  there: each is bound or becomes 0, so that each is a verdict of its own;
  objects with one variable or function, for the verdicts that end loading;
  objects with a few of everything: names of vmlinux, of one module, of several, of none, flavors,
  variables that are functions there and the other way round, doubles, typeless ones with one address,
  several, none, or only a clone's, missing declarations and symbols.

Compared are whether the object is opened, whether it is loaded, and of each symbol the type id and the
file that its instructions refer to. Verdicts of the verifier are none of libbpf's: what btfgen refuses
for it must be bound here.

With the libbpf of scripts/fetch-peer if it has been fetched, else the system's. Exit status: 0 the
answers are the same, 1 they differ, 2 usage, 77 there is no libbpf that is new enough.
"""

import collections
import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "lib"))

# pylint: disable=wrong-import-position
from bpfobject import GLOBAL, BpfObject  # noqa: E402
from btfwriter import BtfWriter  # noqa: E402


# Types as trees: (kind, ...). The same tree, changed or not, is written to both sides.

def random_type(rnd, depth=0):
    leaf = depth > 5 or rnd.random() < 0.35
    kind = rnd.choice(("int", "int", "void", "struct", "union", "enum", "enum64", "fwd", "float") if leaf else
                      ("ptr", "ptr", "ptr", "array", "const", "volatile", "typedef", "type_tag", "restrict", "proto"))
    if kind == "int":
        return (kind, rnd.choice((1, 2, 4, 8)), rnd.choice((0, 0, 0, 0, 0, 0, 0, 3)))
    if kind == "fwd":
        return (kind, rnd.choice("abc"), rnd.random() < 0.5)
    if kind in ("struct", "union", "enum", "enum64", "float"):
        return (kind, rnd.choice("abc"))
    if kind == "void":
        return (kind,)
    if kind == "array":
        return (kind, rnd.randrange(5), random_type(rnd, depth + 1))
    if kind == "proto":
        return random_proto(rnd, depth + 2)
    if kind == "ptr" and rnd.random() < 0.02:
        tree = random_type(rnd, 6)
        for _ in range(rnd.choice((29, 30, 31, 32, 33))):
            tree = ("ptr", tree)
        return tree
    return (kind, random_type(rnd, depth + 1))


def random_proto(rnd, depth=0):
    if rnd.random() < 0.01:
        # Prototypes in parameters, about as deep as libbpf follows.
        tree = ("proto", ("void",), ())
        for _ in range(rnd.choice((30, 31, 32, 33))):
            tree = ("proto", ("void",), (("ptr", tree),))
        return tree
    return ("proto", random_type(rnd, depth + 1), tuple(random_type(rnd, depth + 1) for _ in range(rnd.randrange(4))))


def change(rnd, tree):
    """Another tree, which libbpf may take for the same or not."""
    if tree[0] == "proto":
        what = rnd.random()
        if what < 0.15:
            return ("proto", tree[1], tree[2] + (random_type(rnd, 4),))
        if what < 0.3 or not tree[2]:
            return ("proto", change(rnd, tree[1]), tree[2])
        i = rnd.randrange(len(tree[2]))
        return ("proto", tree[1], tree[2][:i] + (change(rnd, tree[2][i]),) + tree[2][i + 1:])
    what = rnd.random()
    if what < 0.25:
        return (rnd.choice(("const", "volatile", "typedef", "restrict", "type_tag")), tree)
    if what < 0.35:
        return ("ptr", tree)
    if what < 0.5:
        return random_type(rnd, 4)
    if isinstance(tree[-1], tuple):
        return tree[:-1] + (change(rnd, tree[-1]),)
    if tree[0] == "int":
        return ("int", rnd.choice((1, 2, 4, 8)), rnd.choice((0, 0, 0, 3)))
    if rnd.random() < 0.25:
        return ("fwd", rnd.choice("abc"), rnd.random() < 0.5)
    return (rnd.choice(("struct", "union", "enum", "enum64", "float")), rnd.choice("abc"))


def emit(btf, tree):
    kind = tree[0]
    if kind == "void":
        return 0
    if kind == "int":
        return btf.add("INT", "int%d" % tree[1], tree[1], 1 << 24 | tree[2] << 16 | (tree[1] * 8 - tree[2]))
    if kind == "fwd":
        return btf.add("FWD", tree[1], 0, flag=tree[2])
    if kind in ("struct", "union"):
        return btf.add(kind.upper(), tree[1], 8)
    if kind in ("enum", "enum64"):
        return btf.add(kind.upper(), tree[1], 8 if kind == "enum64" else 4, btf.name("x"), *(0,) * (1 + (kind == "enum64")),
                       vlen=1)
    if kind == "float":
        return btf.add("FLOAT", "double", 8)
    if kind == "array":
        element = emit(btf, tree[2])
        return btf.add("ARRAY", "", 0, element, btf.int("index"), tree[1])
    if kind == "proto":
        params = [("p", emit(btf, param)) for param in tree[2]]
        return btf.proto(emit(btf, tree[1]), *params)
    target = emit(btf, tree[1])
    return btf.add(kind.upper(), {"typedef": "t", "type_tag": "user"}.get(kind, ""), target)


class Program(BpfObject):
    def __init__(self):
        super().__init__()
        self.btf.int()

    def add(self, name, tree, weak=False):
        if tree[0] == "proto":
            self.add_func(name, emit(self.btf, tree), weak)
        else:
            self.add_var(name, emit(self.btf, tree), weak)


NAMES = ["n%d" % i for i in range(12)]


class Kernel:
    def __init__(self, rnd, folder):
        self.trees = {}
        self.lines = []
        base = BtfWriter()
        base.int()
        modules = [BtfWriter(), BtfWriter()]
        self.paths = [folder / "vmlinux", folder / "a", folder / "b"]
        self.weak = [random_proto(rnd) for _ in range(100)]
        for i, tree in enumerate(self.weak):
            base.add("FUNC", "w%d" % i, emit(base, tree), vlen=1)
        self.fill(rnd, base)
        modules = [BtfWriter(base), BtfWriter(base)]
        for module in modules:
            self.fill(rnd, module)
        for path, btf in zip(self.paths, [base] + modules):
            path.write_bytes(btf.build())
        for name in NAMES:
            for _ in range(rnd.choice((0, 1, 1, 1, 1, 1, 2))):
                line = "%x %s %s" % (rnd.choice((4096, 8192)), rnd.choice("dDtTb"), name)
                self.lines.append(line + rnd.choice(("", "", "", ".llvm.123", "\t[module]")))
        self.lines += ["1000 T w%d" % i for i in range(100)]
        self.kallsyms = folder / "kallsyms"
        self.kallsyms.write_text("".join(line + "\n" for line in self.lines))

    def fill(self, rnd, btf):
        variables = []
        for name in rnd.sample(NAMES, rnd.randrange(3, 11)):
            for _ in range(rnd.choice((1, 1, 1, 2))):
                tree = random_proto(rnd) if rnd.random() < 0.5 else random_type(rnd)
                target = emit(btf, tree)
                self.trees.setdefault(name, []).append(tree)
                if tree[0] == "proto":
                    btf.add("FUNC", name, target, vlen=rnd.randrange(3))
                else:
                    variables.append(btf.add("VAR", name, target, rnd.randrange(2)))
        for section in (".data", ".data..percpu"):
            words = [word for i, var in enumerate(variables) for word in (var, 8 * i, 8)]
            if variables and rnd.random() < 0.8:
                btf.add("DATASEC", section, 8 * len(variables), *words, vlen=len(variables))

    def tree(self, rnd, name):
        """What a program may declare for a name."""
        tree = rnd.choice(self.trees.get(name, [("int", 4, 0)]))
        what = rnd.random()
        if what < 0.15:
            return ("void",) if what < 0.1 else ("const", ("void",))
        if what < 0.25:
            return random_type(rnd)
        return change(rnd, tree) if what < 0.6 else tree


def make_objects(rnd, kernel):
    many = Program()
    for i, tree in enumerate(kernel.weak):
        many.add("w%d" % i, change(rnd, tree) if rnd.random() < 0.6 else tree, weak=True)
    yield many
    for _ in range(40):
        one = Program()
        name = rnd.choice(NAMES)
        one.add(name + rnd.choice(("", "", "", "___v", "__v", "___v___w")), kernel.tree(rnd, name), rnd.random() < 0.3)
        yield one
    for _ in range(20):
        few = Program()
        for name in rnd.sample(NAMES, rnd.randrange(1, 6)):
            few.add(name, kernel.tree(rnd, name), rnd.random() < 0.6)
        what = rnd.random()
        if what < 0.1:
            few.extern("undeclared")
        elif what < 0.2:
            few.declare_var("unlisted", 1, section=None)
            few.extern("unlisted")
        elif what < 0.3:
            few.declare_var("symbolless", 1)
        elif what < 0.4:
            few.declare_var("defined", 1, linkage=GLOBAL)
            few.extern("defined")
        yield few


def peer_run():
    """The command in front of a program that wants the newest libbpf."""
    cache = os.environ.get("BTFGEN_CACHE") or os.path.join(
        os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "btfgen")
    run = os.path.join(cache, "peer", "bin", "run")
    return [run] if os.access(run, os.X_OK) else []


class Answer:
    """Of libbpf about one object."""

    def __init__(self):
        self.stage, self.error, self.bound = None, None, {}


def ask_libbpf(judge, kernel, objects):
    command = [*peer_run(), judge, kernel.paths[0], kernel.kallsyms, *kernel.paths[1:], "--", *objects]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode == 77:
        print(done.stdout, end="")
        sys.exit(77)
    if done.returncode:
        sys.exit("libbpf: exit %d: %s" % (done.returncode, done.stderr))
    answers = [Answer() for _ in objects]
    for line in done.stdout.splitlines():
        words = line.split()
        if words[0] == "object":
            answers[int(words[1])].stage, answers[int(words[1])].error = words[2], int(words[3])
        else:
            answers[int(words[0])].bound[words[1]] = tuple(words[2:])
    return answers


def ask_btfgen(btfgen, kernel, objects):
    command = [btfgen, "ksyms", "--json", "--kallsyms=%s" % kernel.kallsyms]
    command += ["--btf=%s" % path for path in kernel.paths]
    done = subprocess.run([*command, *objects], capture_output=True, text=True, check=False)
    if done.returncode not in (0, 1):
        sys.exit("btfgen: exit %d: %s" % (done.returncode, done.stderr))
    told = json.loads(done.stdout)["objects"]
    if done.returncode != any(not one["fits"] for one in told):
        sys.exit("btfgen: exit %d" % done.returncode)
    return told


def expected_end(told):
    """What libbpf must say of an object: (stage, whether it fails)."""
    verdicts = [symbol["verdict"] for symbol in told["ksyms"]]
    if "unusable" in verdicts:
        return "open", True
    return "load", any(symbol["verdict"] in ("missing", "incompatible") or symbol["cause"] == "ambiguous"
                       for symbol in told["ksyms"])


def expected_bound(kernel, symbol):
    """What an instruction must refer to, as ksyms_libbpf prints it."""
    if symbol["cause"] == "type 0":
        return ("btf", "0", "0")
    if symbol["verdict"] == "zero":
        return ("nothing",) if symbol["form"] == "function" else ("value", "0")
    if symbol["form"] == "typeless":
        found = [line.split() for line in kernel.lines if line.split()[2].split(".")[0] == symbol["name"]]
        found = [line for line in found if "." not in line[2] or line[1] == "d"]
        return ("value", str(int(found[0][0], 16)))
    layer = [str(path) for path in kernel.paths].index(symbol["target"]["file"])
    return ("btf", str(symbol["target"]["id"]), str(layer))


def compare(kernel, program, told, answer, counts):
    stage, fails = expected_end(told)
    if (stage, fails) != (answer.stage, answer.error != 0):
        return "%s %s expected, libbpf: %s %d" % (stage, "fails" if fails else "succeeds", answer.stage, answer.error)
    for symbol in told["ksyms"]:
        counts[symbol["verdict"] + (" " + symbol["cause"] if symbol["cause"] else "")] += 1
    if fails:
        return None
    order = [name for name, _, _ in program.externs]
    for symbol in told["ksyms"]:
        wanted = expected_bound(kernel, symbol)
        got = answer.bound.get("k_%d" % order.index(symbol["name"]))
        if got != wanted:
            return "%s: %s expected, libbpf: %s" % (symbol["name"], wanted, got)
    return None


def one_round(btfgen, judge, seed, counts):
    rnd = random.Random(seed)
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        kernel = Kernel(rnd, folder)
        programs, objects = list(make_objects(rnd, kernel)), []
        for i, program in enumerate(programs):
            objects.append(folder / ("%d.o" % i))
            objects[-1].write_bytes(program.build())
        answers = ask_libbpf(judge, kernel, objects)
        told = ask_btfgen(btfgen, kernel, objects)
        for i, program in enumerate(programs):
            problem = compare(kernel, program, told[i], answers[i], counts)
            if problem:
                print("seed %d, object %d: %s" % (seed, i, problem))
                print(json.dumps(told[i], indent=1)[:4000])
                return False
    return True


def main():
    if len(sys.argv) != 5:
        sys.exit(2)
    btfgen, judge, first, num = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    counts = collections.Counter()
    for seed in range(first, first + num):
        if not one_round(btfgen, judge, seed, counts):
            return 1
    for what, number in sorted(counts.items()):
        print("%7d %s" % (number, what))
    # What never happened was not compared.
    wanted = {"bound", "zero absent", "zero type", "missing absent", "incompatible type", "refused ambiguous",
              "unusable no declaration", "unusable no section", "unusable no symbol", "unusable linkage"}
    if num >= 10 and not wanted <= set(counts):
        print("never seen: %s" % sorted(wanted - set(counts)))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
