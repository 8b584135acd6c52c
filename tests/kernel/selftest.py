#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
"""The judges of real kernels must be able to object: encode the sample, spoil one thing at a time
in the BTF or in the ELF file, and see who says so.

    selftest.py BTFGEN TOOLS SAMPLE

Exit status: 0 every judge accepts the good file and objects to the spoilt ones, 1 not.
"""

import os
import shutil
import struct
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
INT, STRUCT, UNION, ENUM, FWD, TYPEDEF, FUNC, PROTO, VAR, DATASEC, ENUM64 = \
    1, 4, 5, 6, 7, 8, 12, 13, 14, 15, 19
FIXED = {INT: 4, 3: 12, VAR: 4, 17: 4}
ENTRY = {STRUCT: 12, UNION: 12, ENUM: 8, PROTO: 8, DATASEC: 12, ENUM64: 12}
failures = []


class Blob:
    """Records of a little-endian BTF file, to be spoilt in place."""

    def __init__(self, data):
        self.data = bytearray(data)
        header, types, size, strings, string_size = struct.unpack_from("<5I", data, 4)
        self.strings = bytes(data[header + strings:header + strings + string_size])
        self.records = [None]
        at = header + types
        while at < header + types + size:
            kind, vlen = self.word(at + 4) >> 24 & 31, self.word(at + 4) & 0xffffff
            self.records.append((at, kind, vlen))
            at += 12 + FIXED.get(kind, 0) + ENTRY.get(kind, 0) * vlen

    def word(self, at, value=None):
        if value is not None:
            struct.pack_into("<I", self.data, at, value)
        return struct.unpack_from("<I", self.data, at)[0]

    def name(self, at):
        start = self.word(at)
        return self.strings[start:self.strings.index(0, start)].decode()

    def find(self, kind, name=None, vlen=0):
        return next(at for at, k, v in self.records[1:]
                    if k == kind and v >= vlen and name in (None, self.name(at)) and self.word(at))


def status(*command):
    done = subprocess.run(command, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return done.returncode, done.stdout.decode(errors="replace")


def expect(what, wanted, command):
    code, text = status(*command)
    if code != wanted:
        failures.append(f"{what}: status {code}, expected {wanted}: {text[:600]}")


def spoil(blob, how):
    """One wrong fact; returns the judges that must object."""
    dwarf, percpu, binding = "compare", "percpu", "binding"
    if how == "member offset":
        at = blob.find(STRUCT, vlen=2)
        blob.word(at + 12 + 12 + 8, blob.word(at + 12 + 12 + 8) + 8)
        return {dwarf}
    if how == "member type":
        at = blob.find(STRUCT, vlen=2)
        other = next(i for i, r in enumerate(blob.records) if r and r[1] == INT
                     and i != blob.word(at + 12 + 12 + 4))
        blob.word(at + 12 + 12 + 4, other)
        return {dwarf}
    if how == "struct size":
        at = blob.find(STRUCT, vlen=1)
        blob.word(at + 8, blob.word(at + 8) + 8)
        return {dwarf}
    if how == "enum value":
        at = blob.find(ENUM, vlen=1)
        blob.word(at + 16, blob.word(at + 16) ^ 64)
        return {dwarf}
    if how == "typedef target":
        at = blob.find(TYPEDEF)
        blob.word(at + 8, 0)
        return {dwarf}
    if how == "integer's sign":
        at = blob.find(INT, "int")
        blob.word(at + 12, blob.word(at + 12) ^ 1 << 24)
        return {dwarf}
    if how == "linkage":
        at = blob.find(VAR)
        blob.word(at + 12, blob.word(at + 12) ^ 1)
        return {percpu}
    if how == "variable's type":
        at = blob.find(VAR)
        other = next(i for i, r in enumerate(blob.records) if r and r[1] == INT
                     and i != blob.word(at + 8))
        blob.word(at + 8, other)
        return {percpu}
    if how == "variable's offset":
        at = blob.find(DATASEC, vlen=2)
        last = at + 12 + 12 * (blob.word(at + 4) & 0xffffff) - 12
        blob.word(last + 4, blob.word(last + 4) + 8)
        return {percpu}
    if how == "variable's size":
        at = blob.find(DATASEC, vlen=2)
        blob.word(at + 12 + 8, blob.word(at + 12 + 8) + 1)
        return {percpu}
    if how == "missing variable":
        at = blob.find(DATASEC, vlen=2)
        vlen = blob.word(at + 4) & 0xffffff
        # The last but one entry becomes a copy of the last: one variable is gone.
        start = at + 12 + 12 * (vlen - 2)
        blob.data[start:start + 12] = blob.data[start + 12:start + 24]
        return {percpu}
    return spoil_function(blob, how)


def spoil_function(blob, how):
    """The same for functions; all of it is for the judges of functions to see."""
    at = blob.find(FUNC, "sched_tick")
    proto = blob.records[blob.word(at + 8)][0]
    if how == "function's name":
        blob.word(at, blob.word(blob.find(STRUCT, vlen=2)))
    elif how == "function's prototype":
        other = blob.records[blob.word(blob.find(FUNC, "sample_start") + 8)][0]
        blob.word(at + 8, next(i for i, r in enumerate(blob.records) if r and r[0] == other))
    elif how == "function's result":
        blob.word(proto + 8, 0)
    elif how == "parameter's name":
        blob.word(proto + 12, blob.word(at))
    elif how == "parameter's type":
        blob.word(proto + 16, next(i for i, r in enumerate(blob.records) if r and r[1] == INT))
    elif how == "function's linkage":
        blob.word(at + 4, blob.word(at + 4) ^ 1)
        return {"functions"}
    else:
        raise ValueError(how)
    return {"functions", "functions of the peer"}


def spoil_binding(blob):
    """Swap the users of two definitions of one name, if the sample has such a name."""
    seen = {}
    for number, record in enumerate(blob.records):
        if record and record[1] == STRUCT and blob.word(record[0]):
            name = blob.name(record[0])
            if name in seen:
                one, two = seen[name], number
                break
            seen[name] = number
    else:
        return False
    for record in blob.records[1:]:
        at, kind, vlen = record
        if kind in (2, 8, 9, 10, 11, VAR):
            places = [at + 8]
        elif kind in (STRUCT, UNION):
            places = [at + 16 + 12 * i for i in range(vlen)]
        elif kind == 3:
            places = [at + 12]
        else:
            places = []
        for place in places:
            if blob.word(place) in (one, two):
                blob.word(place, one + two - blob.word(place))
    return True


def check_btf(tmp, tools, sample, good):
    facts = os.path.join(tmp, "facts")
    with open(facts, "wb") as file:
        subprocess.run([f"{tools}/dwarf_defs", sample], check=True, stdout=file)
    path = os.path.join(tmp, "spoilt.btf")
    judges = {
        "compare": [f"{HERE}/compare_types.py", "--tools", tools, "--dwarf", path, facts],
        "percpu": [f"{HERE}/percpu_check.py", "--tools", tools, sample, path],
        "binding": [f"{HERE}/binding_check.py", "--tools", tools, sample, path],
        "functions": [f"{HERE}/func_check.py", "--tools", tools, sample, path],
        "functions of the peer": [f"{HERE}/func_compare.py", "--tools", tools, sample, path,
                                  os.path.join(tmp, "good.btf")],
    }
    peer = [f"{HERE}/compare_types.py", "--tools", tools, path, os.path.join(tmp, "good.btf")]
    with open(path, "wb") as file:
        file.write(good)
    for name, judge in judges.items():
        expect(f"good file, {name}", 0, [sys.executable, "-B", *judge])
    for how in ("member offset", "member type", "struct size", "enum value", "typedef target",
                "integer's sign", "linkage", "variable's type", "variable's offset",
                "variable's size", "missing variable", "function's name", "function's prototype",
                "function's result", "parameter's name", "parameter's type",
                "function's linkage"):
        blob = Blob(good)
        objecting = spoil(blob, how)
        with open(path, "wb") as file:
            file.write(blob.data)
        for name in objecting:
            expect(f"wrong {how}, {name}", 1, [sys.executable, "-B", *judges[name]])
        # Functions are not what this one looks at.
        if "functions" not in objecting:
            expect(f"wrong {how}, against the good file", 1, [sys.executable, "-B", *peer])
    blob = Blob(good)
    if spoil_binding(blob):
        with open(path, "wb") as file:
            file.write(blob.data)
        expect("users of one name swapped", 1, [sys.executable, "-B", *judges["binding"]])
    else:
        failures.append("the sample has no name with two definitions")


def check_append(tmp, btfgen, sample, btf):
    script = [sys.executable, "-B", f"{HERE}/append_check.py", sample]
    new = os.path.join(tmp, "new")
    shutil.copy(sample, new)
    os.chmod(new, 0o700)
    subprocess.run([btfgen, "--percpu", new], check=True)
    expect("appended", 0, [*script, new, btf])
    with open(new, "r+b") as file:
        file.seek(100)
        byte = file.read(1)
        file.seek(100)
        file.write(bytes([byte[0] ^ 1]))
    expect("a byte changed", 1, [*script, new, btf])
    shutil.copy(sample, new)
    expect("nothing appended", 1, [*script, new, btf])


def main():
    if len(sys.argv) != 4:
        sys.exit(2)
    btfgen, tools, sample = sys.argv[1:]
    with tempfile.TemporaryDirectory() as tmp:
        btf = os.path.join(tmp, "good.btf")
        subprocess.run([btfgen, "--percpu", "-o", btf, sample], check=True)
        with open(btf, "rb") as file:
            good = file.read()
        check_btf(tmp, tools, sample, good)
        check_append(tmp, btfgen, sample, btf)
    for failure in failures:
        print(f"ERROR {failure}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
