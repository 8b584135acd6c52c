# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
"""BTF as bpftool tells it, for judges that share nothing with btfgen.

    types = load(bpftool, "vmlinux.btf")            [None, {"kind": ..., "id": 1, ...}, ...]
    types = load(bpftool, "tun.btf", "vmlinux.btf") its own types behind those of the base

A type is the object of bpftool's JSON with the sizes of its record:

    "bytes"     of the record without strings
    "elements"  how many members, constants, parameters or variables it has

Of the file itself only the header is read here. `find()` looks for bpftool in the place of
scripts/fetch-peer, then in PATH.
"""

import json
import os
import shutil
import struct
import subprocess

HEAD = 12
# By kind: bytes behind the head, bytes an element, the list of the elements in JSON.
SHAPES = {"INT": (4, 0, None), "ARRAY": (12, 0, None), "VAR": (4, 0, None), "DECL_TAG": (4, 0, None),
          "STRUCT": (0, 12, "members"), "UNION": (0, 12, "members"), "ENUM": (0, 8, "values"),
          "ENUM64": (0, 12, "values"), "FUNC_PROTO": (0, 8, "params"), "DATASEC": (0, 12, "vars")}


def find():
    cache = os.environ.get("BTFGEN_CACHE")
    if not cache:
        cache = os.path.join(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "btfgen")
    newest = os.path.join(cache, "peer", "bin", "bpftool")
    return newest if os.path.exists(newest) else shutil.which("bpftool")


def load(bpftool, path, base=None):
    types = load(bpftool, base) if base else [None]
    command = [bpftool, *(["-B", base] if base else []), "-j", "btf", "dump", "file", path]
    for own in json.loads(subprocess.run(command, check=True, capture_output=True).stdout)["types"]:
        assert own["id"] == len(types)
        fixed, each, elements = SHAPES.get(own["kind"], (0, 0, None))
        own["elements"] = len(own[elements]) if elements else 0
        own["bytes"] = HEAD + fixed + each * own["elements"]
        if own["kind"] == "ENUM" and own["encoding"] == "UNSIGNED":
            # Which bpftool extends as if they had a sign.
            for value in own["values"]:
                value["val"] &= 0xffffffff
        if own.get("name") == "(anon)":
            own["name"] = ""
        types.append(own)
    return types


def parts(path):
    """{part: bytes} of raw BTF whose sections follow one another."""
    with open(path, "rb") as file:
        data = file.read()
    order = "<" if data[:2] == b"\x9f\xeb" else ">"
    size, types_off, types_size, strings_off, strings_size = struct.unpack_from(order + "5I", data, 4)
    layout_size = struct.unpack_from(order + "I", data, 28)[0] if size >= 32 else 0
    assert len(data) == size + max(types_off + types_size, strings_off + strings_size)
    return {"header": size, "types": types_size, "strings": strings_size, "layout": layout_size,
            "all": len(data)}
