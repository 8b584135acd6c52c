# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
"""Object files of BPF programs with extern symbols, as clang -target bpf makes them; for tests.

    program = BpfObject()
    number = program.btf.int('int', 4)
    program.add_var('jiffies', number)                  extern ... __ksym, loaded by a program k_0
    program.add_func('bpf_foo', program.btf.proto(0), weak=True)        called by k_1
    open(path, 'wb').write(program.build())

Each symbol that is loaded or called has a program of its own, k_NUMBER by the order of the symbols. Declarations
and symbols can be made apart from each other, so that objects nobody would compile can be had.
"""

import os
import struct
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

# pylint: disable=wrong-import-position
from btfwriter import BtfWriter  # noqa: E402
from elfwriter import ET_REL, SHT_REL, STB_GLOBAL, STB_WEAK, STT_FUNC, STT_NOTYPE, Elf  # noqa: E402

EM_BPF = 247
STATIC, GLOBAL, EXTERN = range(3)
CALL, LOAD = 0x85, 0x18
# Types of relocations: of the load of an address, of a call.
R_BPF_64_64, R_BPF_64_32 = 1, 10


class BpfObject:
    def __init__(self, little=True, machine=EM_BPF):
        self.little = little
        self.order = '<' if little else '>'
        self.machine = machine
        self.btf = BtfWriter(little=little)
        self.has_btf = True
        self.externs = []   # (name, weak, use)
        self.sections = {}  # name: declarations

    def declare_var(self, name, type_id, linkage=EXTERN, section='.ksyms'):
        return self._list(self.btf.add('VAR', name, type_id, linkage), section)

    def declare_func(self, name, proto, linkage=EXTERN, section='.ksyms'):
        return self._list(self.btf.add('FUNC', name, proto, vlen=linkage), section)

    def _list(self, decl, section):
        if section:
            self.sections.setdefault(section, []).append(decl)
        return decl

    def extern(self, name, weak=False, use=None):
        """use: CALL, LOAD, or None for a symbol that no instruction refers to."""
        self.externs.append((name, weak, use))

    def add_var(self, name, type_id, weak=False, use=LOAD):
        self.declare_var(name, type_id)
        self.extern(name, weak, use)

    def add_func(self, name, proto, weak=False, use=CALL):
        self.declare_func(name, proto)
        self.extern(name, weak, use)

    def _insn(self, code, source=0, imm=0):
        # Two registers share a byte, whose halves change places with the byte order.
        return struct.pack(self.order + 'BBhi', code, source << 4 if self.little else source, 0, imm)

    def _relocation(self, off, symbol, kind):
        return struct.pack(self.order + 'QQ', off, symbol << 32 | kind)

    def build(self):
        elf = Elf(little=self.little, e_type=ET_REL, machine=self.machine, segments=False)
        code, relocations, places = b'', b'', []
        for i, (_, _, use) in enumerate(self.externs):
            start = len(code)
            if use == CALL:
                relocations += self._relocation(start, i + 1, R_BPF_64_32)
                code += self._insn(CALL, 1, -1)
            elif use == LOAD:
                relocations += self._relocation(start, i + 1, R_BPF_64_64)
                code += self._insn(LOAD) + self._insn(0)
            code += self._insn(0xb7) + self._insn(0x95)
            places.append((start, len(code) - start))
        section = elf.section('raw_tp/x', code, flags='AX', align=8)
        license_ = elf.section('license', b'GPL\0', flags='WA')
        if self.has_btf:
            for name, decls in self.sections.items():
                words = [word for decl in decls for word in (decl, 0, 0)]
                self.btf.add('DATASEC', name, 0, *words, vlen=len(decls))
            elf.section('.BTF', self.btf.build())
        for name, weak, _ in self.externs:
            elf.symbol(name, sym_type=STT_NOTYPE, bind=STB_WEAK if weak else STB_GLOBAL)
        for i, (start, size) in enumerate(places):
            elf.symbol('k_%d' % i, value=start, size=size, section=section, sym_type=STT_FUNC)
        elf.symbol('_license', size=4, section=license_)
        # The symbol table comes behind all sections that the writer is given.
        elf.section('.relraw_tp/x', relocations, sh_type=SHT_REL, info=section.index, align=8, entsize=16,
                    link=len(elf.sections) + 1)
        return elf.build()
