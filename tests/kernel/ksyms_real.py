#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
"""ksyms_real.py BTFGEN KSYMS_LIBBPF
ksyms_real.py --compile FOLDER

Does `btfgen ksyms` foretell of BPF programs whether the running kernel takes them? Each program of the list
below is about one symbol, compiled by clang, and does nothing else that a verifier could object to. libbpf
(ksyms_libbpf --real) loads it; it must load if and only if btfgen says that it fits, and the type ids that
btfgen names must be those in libbpf's messages.

The second form writes the programs, but for NOT_IN_BOOT, to ks00.bpf.o, ks01.bpf.o... in FOLDER, and the
names of their symbols to ksyms.names; tests/boot loads them into a kernel with modules.

Exit status: 0 so it is, 1 not, 2 usage, 77 no clang, no libbpf, no BTF of the running kernel, or no right to
load programs.
"""

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

HEAD = """
#define __ksym __attribute__((section(".ksyms")))
#define __weak __attribute__((weak))
#define PROG __attribute__((section("raw_tp/sys_enter"), used))
static const void *(*const bpf_per_cpu_ptr)(const void *, unsigned int) = (void *)153;
static const void *(*const bpf_this_cpu_ptr)(const void *) = (void *)154;
struct rq { int cpu; } __attribute__((preserve_access_index));
struct task_struct { int pid; } __attribute__((preserve_access_index));
struct boot_counter { unsigned long long hits; } __attribute__((preserve_access_index));
struct unseen;
char LICENSE[] __attribute__((section("license"))) = "GPL";
"""

# The address is looked at where the compiler cannot foretell what comes of it.
ADDRESS = """
PROG int k_0(void *ctx)
{
	const void *volatile address = &%s;
	return address != 0;
}
"""
CALL = "\nPROG int k_0(void *ctx)\n{\n\t%s\n\treturn 0;\n}\n"

# In a program of a type that may call the kfuncs of the module that tests/boot has.
POKE = """
__attribute__((section("fentry/boot_poke"), used)) int k_0(unsigned long long *ctx)
{
	volatile unsigned int result = %s;
	return 0;
}
"""

PROGRAMS = {
    "nothing": CALL % "",
    "typeless": "extern const void _stext __ksym;" + ADDRESS % "_stext",
    "typeless, missing": "extern const void no_such_symbol __ksym;" + ADDRESS % "no_such_symbol",
    "typeless, missing, weak": "extern const void no_such_symbol __ksym __weak;" + ADDRESS % "no_such_symbol",
    "kfuncs": "extern void bpf_rcu_read_lock(void) __ksym; extern void bpf_rcu_read_unlock(void) __ksym;" +
              CALL % "bpf_rcu_read_lock(); bpf_rcu_read_unlock();",
    "kfunc, flavor": "extern void bpf_rcu_read_lock___a(void) __ksym; extern void bpf_rcu_read_unlock___b(void) __ksym;" +
                     CALL % "bpf_rcu_read_lock___a(); bpf_rcu_read_unlock___b();",
    "kfunc, other types": "extern int bpf_rcu_read_lock(int) __ksym;" + CALL % "bpf_rcu_read_lock(1);",
    "kfunc, other types, weak": "extern int bpf_rcu_read_lock(int) __ksym __weak;" +
                                CALL % "if (bpf_rcu_read_lock) bpf_rcu_read_lock(1);",
    "kfunc, struct for struct": "extern void bpf_task_release(struct rq *) __ksym __weak;" +
                                CALL % "if (!bpf_task_release) return 1;",
    "kfunc, declared struct": "extern void bpf_task_release(struct unseen *) __ksym;" +
                              "\nPROG int k_0(void *ctx) { bpf_task_release(0); return 0; }\n",
    "function, called": "extern void schedule(void) __ksym;" + CALL % "schedule();",
    "function, address": "extern void schedule(void) __ksym;" + ADDRESS % "schedule",
    "function, missing": "extern void no_such_function(void) __ksym;" + CALL % "no_such_function();",
    "function, missing, weak": "extern void no_such_function(void) __ksym __weak;" +
                               CALL % "if (no_such_function) no_such_function();",
    "function as variable": "extern const int schedule __ksym;" + ADDRESS % "schedule",
    "variable as function": "extern void runqueues(void) __ksym;" + CALL % "runqueues();",
    "per CPU, struct": "extern const struct rq runqueues __ksym;" +
                       CALL % "const struct rq *rq = bpf_this_cpu_ptr(&runqueues); return rq->cpu;",
    "per CPU, int": "extern const int bpf_prog_active __ksym;" +
                    CALL % "const int *p = bpf_per_cpu_ptr(&bpf_prog_active, 0); return p ? *p : 0;",
    "variable, other kind": "extern const struct rq bpf_prog_active __ksym;" + ADDRESS % "bpf_prog_active",
    "variable, other struct": "extern const struct task_struct runqueues __ksym;" +
                              CALL % "const struct task_struct *p = bpf_this_cpu_ptr(&runqueues); return p != 0;",
    "variable, declared struct": "extern const struct unseen runqueues __ksym;" + ADDRESS % "runqueues",
    "variable, declared struct, weak": "extern const struct unseen runqueues __ksym __weak;" + ADDRESS % "runqueues",
    "variable, other size": "extern const long long bpf_prog_active __ksym;" +
                            CALL % "const int *p = bpf_this_cpu_ptr(&bpf_prog_active); return *p;",
    "variable, missing": "extern const int no_such_variable __ksym;" + ADDRESS % "no_such_variable",
    "variable, missing, weak": "extern const int no_such_variable __ksym __weak;" + ADDRESS % "no_such_variable",
    "variable, flavor": "extern const struct rq runqueues___a __ksym;" + ADDRESS % "runqueues___a",
    "weak variable at an address": "extern const int schedule __ksym __weak; extern const void _stext __ksym;" +
                                   ADDRESS % "schedule" +
                                   "PROG long k_1(void *ctx) { const void *volatile a = &_stext; return a != 0; }\n",
    "module, per CPU": "extern const struct boot_counter boot_counters __ksym;" +
                       CALL % "const struct boot_counter *p = bpf_this_cpu_ptr(&boot_counters); return p->hits != 0;",
    "module, int, weak": "extern const int boot_level __ksym __weak;" +
                         CALL % "if (!&boot_level) return 0; const int *p = bpf_this_cpu_ptr(&boot_level); return *p;",
    "module, other kind": "extern const int boot_counters __ksym;" + ADDRESS % "boot_counters",
    "module, other kind, weak": "extern const struct rq boot_level __ksym __weak;" + ADDRESS % "boot_level",
    "module, kfunc": "extern unsigned int btfgen_boot_mix(unsigned int, unsigned int) __ksym;" +
                     POKE % "btfgen_boot_mix(1, 2)",
    "module, kfunc, other size": "extern char btfgen_boot_mix(char, unsigned int) __ksym;" +
                                 POKE % "btfgen_boot_mix(1, 2)",
    "module, kfunc, other types": "extern int btfgen_boot_mix(struct rq *, unsigned int) __ksym;" +
                                  POKE % "btfgen_boot_mix(0, 2)",
    "module, kfunc, parameters": "extern int btfgen_boot_mix(unsigned int) __ksym;" +
                                 POKE % "btfgen_boot_mix(2)",
    "module, function": "extern int boot_poke(void *, unsigned long) __ksym;" + POKE % "boot_poke(ctx, 1)",
    "module, typeless": "extern const void boot_poke __ksym;" + ADDRESS % "boot_poke",
    "without __ksym": "extern const int bpf_prog_active;" + ADDRESS % "bpf_prog_active",
}


# Not for the kernel of tests/boot. What libbpf learned in 1.3: names without their flavor, weak functions of
# another type. And that kernel registers no kfuncs of its own for all types of programs, since some of the
# functions that come before them are left out there.
NOT_IN_BOOT = {"kfunc, flavor", "kfunc, other types, weak", "kfuncs"}


def compile_program(folder, text, path):
    source = pathlib.Path(folder, "ksyms.c")
    source.write_text(HEAD + text)
    subprocess.run(["clang", "-target", "bpf", "-O2", "-g", "-c", source, "-o", path], check=True)
    source.unlink()


def compile_all(folder):
    texts = [text for name, text in PROGRAMS.items() if name not in NOT_IN_BOOT]
    for i, text in enumerate(texts):
        compile_program(folder, text, pathlib.Path(folder, "ks%02d.bpf.o" % i))
    names = {name for text in texts for name in re.findall(r"(\w+)(?:\([^()]*\))? __ksym", text)}
    pathlib.Path(folder, "ksyms.names").write_text("".join(name + "\n" for name in sorted(names)))
    return 0


def skip(text):
    print("skip: " + text)
    sys.exit(77)


def peer_run():
    """The command in front of a program that wants the newest libbpf."""
    cache = os.environ.get("BTFGEN_CACHE") or os.path.join(
        os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "btfgen")
    run = os.path.join(cache, "peer", "bin", "run")
    return [run] if os.access(run, os.X_OK) else []


def load(judge, path):
    """(whether it loads, {symbol: type id}, libbpf's messages)"""
    done = subprocess.run([*peer_run(), judge, "--real", "--", path], capture_output=True, text=True, check=False,
                          env=dict(os.environ, KSYMS_VERBOSE="1"))
    if done.returncode == 77:
        skip(done.stdout.strip())
    ids = {name: int(a or b) for name, a, b in re.findall(
        r"extern \((?:var|func) ksym\) '([^']*)': resolved to (?:\[(\d+)\]|\S+ \[(\d+)\])", done.stderr)}
    end = re.search(r"^object 0 (open|load) (-?\d+)$", done.stdout, re.MULTILINE)
    if not end:
        sys.exit("libbpf: exit %d\n%s" % (done.returncode, done.stderr))
    return end[2] == "0", ids, done.stderr


def main():
    if len(sys.argv) != 3:
        return 2
    if sys.argv[1] == "--compile":
        return compile_all(sys.argv[2])
    btfgen, judge = sys.argv[1:]
    if not shutil.which("clang"):
        skip("no clang")
    if not os.access("/sys/kernel/btf/vmlinux", os.R_OK):
        skip("the running kernel has no BTF")
    failures = 0
    with tempfile.TemporaryDirectory() as folder:
        for name, text in PROGRAMS.items():
            path = pathlib.Path(folder, "p.o")
            compile_program(folder, text, path)
            loads, ids, messages = load(judge, path)
            if name == "nothing" and not loads:
                skip("programs cannot be loaded here")
            done = subprocess.run([btfgen, "ksyms", "--json", path], capture_output=True, text=True, check=False)
            if done.returncode not in (0, 1):
                sys.exit("btfgen: exit %d: %s" % (done.returncode, done.stderr))
            told = json.loads(done.stdout)["objects"][0]
            causes = ", ".join(" ".join(filter(None, (one["verdict"], one["cause"]))) for one in told["ksyms"])
            bound = {one["name"]: one["target"]["id"] for one in told["ksyms"]
                     if one["target"] and one["verdict"] in ("bound", "refused")}
            # Without tags nobody knows which functions are kfuncs.
            open_ = any(one["calls"] and one["target"] and one["target"].get("kfunc", True) is None
                        for one in told["ksyms"])
            good = ids == bound and (told["fits"] == loads or (open_ and not loads))
            print("%-32s %-10s %s%s" % (name, "loads" if loads else "is refused", causes, "" if good else "  FAILED"))
            if not good:
                failures += 1
                print("  ids %s, libbpf %s" % (bound, ids))
                print("\n".join("  " + line for line in messages.splitlines() if "libbpf: elf" not in line)[-3000:])
    print("%d programs, %d failures" % (len(PROGRAMS), failures))
    return bool(failures)


if __name__ == "__main__":
    sys.exit(main())
