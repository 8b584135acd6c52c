# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
"""What the tests of functions and tags share: images with code, symbols and .BTF_ids.

    self.functions([INT_T, function('f', param('a', 'int'), type='int', low_pc=TEXT)],
                   [sym('f', 0)], {'f': 'PROTO(a int)->int'})

states a tree, the symbols of .text and exactly the FUNC records that come out; skipped= says which
names --report=json must list as left out, and why.
"""

import collections
import json
import os
import re

from encode import (ET_EXEC, ET_REL, EncodeTest, Btf, Case, Elf, Encoding, FEW, PERCPU, PLAIN,
                    STB_GLOBAL, STB_LOCAL, STB_WEAK, STT_FUNC, STT_NOTYPE, STT_OBJECT, STT_SECTION,
                    Sym, build_dwarf, run)

TEXT = 0x100000
TEXT_SIZE = 0x2000
DATA = 0x200000
IDS = 0x300000

EM_386, EM_MIPS, EM_PPC, EM_PPC64, EM_S390, EM_ARM = 3, 8, 20, 21, 22, 40
EM_X86_64, EM_AARCH64, EM_RISCV, EM_LOONGARCH = 62, 183, 243, 258

KF_ARENA_RET, KF_ARENA_ARG1, KF_ARENA_ARG2, KF_FASTCALL = 1 << 13, 1 << 14, 1 << 15, 1 << 12

# DWARF numbers of the registers that take the first arguments.
X86_64_REGS = [5, 4, 1, 2, 8, 9]
REGS = {EM_X86_64: X86_64_REGS, EM_AARCH64: list(range(8)), EM_S390: [2, 3, 4, 5, 6],
        EM_PPC64: list(range(3, 11)), EM_RISCV: list(range(10, 18)), EM_MIPS: list(range(4, 12)),
        EM_LOONGARCH: list(range(4, 12)), EM_ARM: [0, 1, 2, 3], EM_386: [0, 2, 1]}

X86 = [PLAIN, Case(Encoding(version=4)), Case(Encoding(version=2, strform='string')),
       Case(Encoding(version=5, dwarf64=True, listform='index', strform='strx', addrform='addrx')),
       Case(Encoding(version=3, dwarf64=True))]

CLANG = 'Debian clang version 14.0.6'
GCC = 'GNU C11 12.2.0'

Symbol = collections.namedtuple('Symbol', 'name offset size section keywords')


def sym(name, offset, size=16, section='.text', **kw):
    """A function's symbol; offset counts from the section's start."""
    return Symbol(name, offset, size, section, kw)


def local(name, offset, size=16, section='.text', **kw):
    return sym(name, offset, size, section, bind=STB_LOCAL, **kw)


def weak(name, offset, size=16, section='.text', **kw):
    return sym(name, offset, size, section, bind=STB_WEAK, **kw)


def obj(name, offset, size, section=PERCPU, **kw):
    """An object's symbol."""
    return sym(name, offset, size, section, sym_type=STT_OBJECT, **kw)


def reg(number):
    """The location of a whole value in a register."""
    return ['reg%d' % number] if number < 32 else [('regx', number)]


class Ids:
    """.BTF_ids: sets of pairs as BTF_KFUNCS_START() and BTF_SET8_START() make them, plain ids.

    kfuncs=False: a set that lists no kfuncs.  patched: words hold ids already.
    """

    def __init__(self, patched=False):
        self.words = []
        self.symbols = []
        self.patched = patched
        self.uses = 0

    def _id(self, kind, name):
        self.symbols.append(('__BTF_ID__%s__%s__%d' % (kind, name, self.uses),
                             4 * len(self.words), 4, STT_OBJECT))
        self.uses += 1
        self.words.append(1000 + self.uses if self.patched else 0)

    def set8(self, name, *entries, kfuncs=True, cut=0, extra_size=0):
        """entries: names, or (name, flags)."""
        start = len(self.words)
        self.words += [len(entries) if self.patched else 0, 1 if kfuncs else 0]
        for entry in entries:
            func, flags = entry if isinstance(entry, tuple) else (entry, 0)
            self._id('func', func)
            self.words.append(flags)
        self.symbols.append(('__BTF_ID__set8__' + name, 4 * start,
                             4 * (len(self.words) - start) - cut + extra_size, STT_NOTYPE))
        return self

    def set(self, name, *funcs):
        start = len(self.words)
        self.words.append(0)
        for func in funcs:
            self._id('func', func)
        self.symbols.append(('__BTF_ID__set__' + name, 4 * start, 4 * (len(self.words) - start),
                             STT_NOTYPE))
        return self

    def one(self, name, kind='func'):
        self._id(kind, name)
        return self

    def add_to(self, elf, rel, data=None):
        if data is None:
            data = elf.pack('%dI' % len(self.words), *self.words)
        section = elf.section('.BTF_ids', data, flags='A', addr=0 if rel else IDS, align=4)
        for name, offset, size, kind in self.symbols:
            elf.symbol(name, value=(0 if rel else IDS) + offset, size=size, section=section,
                       sym_type=kind, bind=STB_LOCAL)


class FunctionTest(EncodeTest):
    """Base class."""

    def image(self, case, content, symbols, e_type=ET_EXEC, machine=None, sections=('.text',),
              ids=None, percpu=None, extra=None, reverse_symbols=False):
        """The bytes of a file.

        Sections of code lie at TEXT, TEXT + TEXT_SIZE, ...; in a relocatable file each has a symbol
        of its own name, for Sym.  .data lies at DATA, .data..percpu at percpu if that is given.
        """
        elf = Elf(bits=case.bits, little=case.enc.little, e_type=e_type, machine=machine)
        rel = e_type == ET_REL
        made, addresses = {}, {}
        for i, name in enumerate(sections):
            addresses[name] = 0 if rel else TEXT + i * TEXT_SIZE
            made[name] = elf.section(name, bytes(TEXT_SIZE), flags='AX', addr=addresses[name],
                                     align=16)
            if rel:
                elf.symbol(name, section=made[name], sym_type=STT_SECTION, bind=STB_LOCAL)
        if percpu is not None:
            made[PERCPU] = elf.section(PERCPU, bytes(0x1000), flags='WA', addr=percpu, align=64)
            addresses[PERCPU] = 0 if rel else percpu
        addresses['.data'] = 0 if rel else DATA
        made['.data'] = elf.section('.data', bytes(0x100), flags='WA', addr=addresses['.data'],
                                    align=16)
        if ids is not None:
            ids.add_to(elf, rel)
        symbols = list(symbols(case) if callable(symbols) else symbols)
        for entry in reversed(symbols) if reverse_symbols else symbols:
            keywords = dict(entry.keywords)
            keywords.setdefault('sym_type', STT_FUNC)
            elf.symbol(entry.name, value=addresses[entry.section] + entry.offset, size=entry.size,
                       section=keywords.pop('in_section', made[entry.section]), **keywords)
        if extra:
            extra(elf)
        build_dwarf(content, case).add_to(elf, compress=case.compress)
        return elf.build()

    def encode_report(self, data, *options, ptr_size=8, header_len=24, ignore=()):
        """(Btf, report); the rules of btf.py hold but those of ignore."""
        path = self.write('in.elf', data)
        out = self.path('out.btf')
        if os.path.exists(out):
            os.unlink(out)
        result = run('--report=json', '-o', out, *options, path)
        self.assertEqual(result.code, 0, result.err)
        report = json.loads(result.out)
        missing = [item for item in report['diagnostics']['items']
                   if item['kind'] == 'btf-id-missing']
        if missing:
            # The one thing that is told unasked.
            self.assertRegex(result.err, r"\Abtfgen: %s: \.BTF_ids asks for %d functions? that "
                             r"(is|are) not in the BTF: [^\n]+\n\Z" % (re.escape(path),
                                                                     len(missing)))
        else:
            self.assertEqual(result.err, '')
        btf = Btf(self.read('out.btf'), ptr_size=ptr_size)
        self.assertEqual([p for p in btf.problems(header_len=header_len)
                          if not p.startswith(tuple(ignore))], [])
        return btf, report

    def encode_functions(self, case, content, symbols, *options, ignore=(), header_len=24, **kw):
        data = self.image(case, content, symbols, **kw)
        btf, report = self.encode_report(data, *options, ptr_size=case.enc.addr_size,
                                         ignore=ignore, header_len=header_len)
        self.assertEqual(btf.little, case.enc.little)
        return btf, report

    def skips(self, report):
        """{name: reason} of the functions left out."""
        items = [item for item in report['diagnostics']['items']
                 if item['kind'] == 'function-skipped']
        skipped = {item['name']: item['reason'] for item in items}
        self.assertEqual(len(items), len(skipped), items)
        return skipped

    def functions(self, content, symbols, want, skipped=None, options=(), cases=None, check=None,
                  **kw):
        """Exactly these functions come out and exactly those are told of.

        content and symbols may be functions of the Case, and so may the values of want.
        check: called with the Btf and the report.
        """
        def one(case):
            btf, report = self.encode_functions(case, content, symbols, *options, **kw)
            wanted = {name: text(case) if callable(text) else text for name, text in want.items()}
            self.assertEqual((btf.functions(), self.skips(report)), (wanted, skipped or {}))
            if check:
                check(btf, report)

        self.each(cases or FEW, one)
