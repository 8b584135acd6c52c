# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
"""Relocatable files whose relocations, or what these need, are damaged.

Each is refused with the relocation section and the offset of the entry, into a file and in place,
and nothing is written.  Damage in relocations that nobody reads does no harm.
"""

import os
import random
import struct
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'lib'))

# pylint: disable=wrong-import-position,wildcard-import,unused-wildcard-import
from badinput import *  # noqa: E402,F403
from badinput import BadInputTest, good_symbols, good_units, main  # noqa: E402
from elfwriter import (ABS_RELOC, EM_386, EM_AARCH64, EM_ARM, EM_MIPS, EM_PPC64,  # noqa: E402
                       EM_RISCV, EM_S390, EM_SPARCV9, EM_X86_64, ET_REL, SHF_COMPRESSED, SHT_NOBITS,
                       SHT_SYMTAB, STT_FUNC, ElfReader)
from encode import Btf, Sym  # noqa: E402

SANITIZED = bool(os.environ.get('SANITIZE'))
EM_BPF, EM_LOONGARCH = 247, 258
SHT_GROUP, SHF_GROUP = 17, 0x200
INT_T = base('int', 4)

# Fields of a section header: (offset, size) by class.
HEADER = {64: {'type': (4, 4), 'flags': (8, 8), 'offset': (24, 8), 'size': (32, 8),
               'link': (40, 4), 'info': (44, 4), 'entsize': (56, 8)},
          32: {'type': (4, 4), 'flags': (8, 4), 'offset': (16, 4), 'size': (20, 4),
               'link': (24, 4), 'info': (28, 4), 'entsize': (36, 4)}}


class Module:
    """A relocatable file to be damaged."""

    def __init__(self, data):
        self.data = bytearray(data)
        self.reader = ElfReader(data)
        self.word = self.reader.bits // 8
        self.order = 'little' if self.reader.little else 'big'

    def section(self, name):
        found = self.reader.find(name)
        assert found, name
        return found

    def put(self, at, size, value):
        self.data[at:at + size] = (value & (1 << 8 * size) - 1).to_bytes(size, self.order)

    def header(self, name, field, value):
        index = self.reader.sections.index(self.section(name))
        off, size = HEADER[self.reader.bits][field]
        size_of_header = 64 if self.reader.bits == 64 else 40
        self.put(self.reader.shoff + index * size_of_header + off, size, value)

    def entry(self, name, index, off=None, symbol=None, kind=None):
        """Change an entry; returns its offset in the section."""
        section = self.section(name)
        at = section['offset'] + index * section['entsize']
        assert index * section['entsize'] < section['size']
        if off is not None:
            self.put(at, self.word, off)
        info = int.from_bytes(self.data[at + self.word:at + 2 * self.word], self.order)
        shift = 32 if self.word == 8 else 8
        old_symbol, old_kind = info >> shift, info & (1 << shift) - 1
        self.put(at + self.word, self.word, (old_symbol if symbol is None else symbol) << shift
                 | (old_kind if kind is None else kind))
        return index * section['entsize']


class Relocations(BadInputTest):
    def module(self, machine=EM_X86_64, case=PLAIN, rela=True):
        """A module with two relocations in .debug_info: a variable's and a function's."""
        def extra(elf):
            elf.symbol('f', value=0x10, size=4, section=elf.sections[1], sym_type=STT_FUNC)

        tree = [INT_T, variable('p', 'int', Sym('p')), function('f', low_pc=Sym('f'))]
        elf = self.elf(case, tree, percpu=0, symbols=[('p', 8, 4)], e_type=ET_REL, machine=machine,
                       extra=extra)
        if not rela:
            for section in elf.sections:
                if hasattr(section, 'relocs'):
                    section.name = section.name.replace('.rela', '.rel')
                    section.type = 9
                    section.rela = False
                    section.entsize = case.bits // 8 * 2
        return Module(elf.build())

    def good_module(self, module):
        path = self.write('good.o', bytes(module.data))
        result = run('--percpu', '-o', self.path('good.btf'), path)
        self.assertEqual((result.code, result.out, result.err), (0, '', ''))
        btf = Btf(self.read('good.btf'), ptr_size=module.word)
        self.assertEqual([tuple(v) for v in btf.variables()[PERCPU]], [('p', 8, 4, 1, 'int')])
        self.assertEqual(btf.functions(), {'f': 'PROTO()->void'})
        os.unlink(self.path('good.btf'))
        os.unlink(path)

    def bad(self, module, text):
        self.refused(bytes(module.data), text, options=['--percpu'])

    FORMS = ((EM_X86_64, 64, True, True), (EM_X86_64, 64, True, False), (EM_386, 32, True, False),
             (EM_S390, 64, False, True), (EM_ARM, 32, False, False), (EM_AARCH64, 64, True, True),
             (EM_PPC64, 64, False, True), (EM_RISCV, 64, True, True), (EM_BPF, 64, True, False),
             (EM_LOONGARCH, 64, True, True), (EM_MIPS, 32, True, False))

    def forms(self):
        """(file, name of its relocation section) of many machines."""
        ABS_RELOC.setdefault(EM_BPF, (3, 2))
        ABS_RELOC.setdefault(EM_LOONGARCH, (1, 2))
        ABS_RELOC.setdefault(EM_MIPS, (2, None))
        for machine, bits, little, rela in self.FORMS:
            case = Case(Encoding(little=little, addr_size=bits // 8))
            yield (self.module(machine, case, rela),
                   '.rela.debug_info' if rela else '.rel.debug_info')

    def test_good(self):
        for module, _ in self.forms():
            self.good_module(module)

    def test_type(self):
        for module, name in self.forms():
            for kind in (99, 249):
                at = module.entry(name, 1, kind=kind)
                self.bad(module, '%s+0x%x: relocation type %d is not known for this machine' % (
                    name, at, kind))

    def test_offset(self):
        for module, name in self.forms():
            size = module.section('.debug_info')['size']
            top = (1 << 8 * module.word) - 1
            for off in (size, size - module.word + 1, top, top - module.word + 1):
                at = module.entry(name, 0, off=off)
                self.bad(module, '%s+0x%x: relocation lies outside the section' % (name, at))

    def test_symbol(self):
        for module, name in self.forms():
            for symbol in (3, 0xffff):
                at = module.entry(name, 1, symbol=symbol)
                self.bad(module, '%s+0x%x: relocation has no symbol %d' % (name, at, symbol))

    def test_first_error_wins(self):
        module = self.module()
        module.entry('.rela.debug_info', 0, kind=99)
        module.entry('.rela.debug_info', 1, symbol=99)
        self.bad(module, '.rela.debug_info+0x0: relocation type 99 is not known for this machine')

    def test_entry_cut_off(self):
        for module, name in self.forms():
            section = module.section(name)
            for size in (1, section['entsize'] - 1, 2 * section['entsize'] - 1):
                module.header(name, 'size', size)
                self.bad(module, '%s+0x%x: last relocation is cut off' % (
                    name, size - size % section['entsize']))

    def test_section_outside_the_file(self):
        for module, name in self.forms():
            module.header(name, 'offset', len(module.data) - 8)
            self.bad(module, "section '%s' lies outside the file" % name)

    def test_more_than_the_file(self):
        for module, name in self.forms():
            module.header(name, 'size', 1 << 31)
            self.bad(module, '%s+0x0: relocation sections overlap' % name)

    def test_size_of_an_entry(self):
        for module, name in self.forms():
            want = module.section(name)['entsize']
            for size in (0, 1, want + 1):
                module.header(name, 'entsize', size)
                self.bad(module, '%s+0x0: relocations of %d bytes, not %d' % (name, size, want))

    def test_kind_of_section(self):
        module = self.module()
        module.header('.rela.debug_info', 'type', 9)
        self.bad(module, '.rela.debug_info+0x0: relocations of 24 bytes, not 16')
        module = self.module()
        module.header('.rela.debug_info', 'type', 0x40000014)
        self.bad(module, '.rela.debug_info+0x0: relocations in compact form are not read')
        module = self.module()
        module.header('.rela.debug_info', 'flags', SHF_COMPRESSED)
        self.bad(module, '.rela.debug_info+0x0: section is compressed')

    def test_symbol_table(self):
        module = self.module()
        for link in (0, 1, 0xffffff):
            module.header('.rela.debug_info', 'link', link)
            self.bad(module, '.rela.debug_info+0x0: section %d is no symbol table' % link)
        for field, value, text in (
                ('entsize', 16, '.symtab+0x0: symbols of 16 bytes, not 24'),
                ('size', 25, '.symtab+0x18: last symbol is cut off'),
                ('flags', SHF_COMPRESSED, '.symtab+0x0: section is compressed'),
                ('offset', 1 << 40, "section '.symtab' lies outside the file"),
                ('type', SHT_NOBITS, '.rela.debug_info+0x0: section 8 is no symbol table')):
            module = self.module()
            self.assertEqual(module.reader.sections[8]['type'], SHT_SYMTAB)
            module.header('.symtab', field, value)
            self.bad(module, text)

    def test_section_of_a_symbol(self):
        module = self.module()
        at = module.section('.symtab')['offset'] + 24 + 6
        module.put(at, 2, 0x1234)
        self.bad(module, '.symtab+0x18: symbol is in section 4660 of 11')
        module.put(at, 2, 0xffff)
        self.bad(module,
                 '.symtab+0x18: symbol has no entry in the table of extended section indexes')

    def test_sections_that_fit_nowhere(self):
        module = self.module()
        module.header('.data', 'type', SHT_NOBITS)
        module.header('.data', 'size', (1 << 64) - 1)
        self.bad(module, '.data+0x0: sections do not fit into the address space')

    def test_nobody_reads_them(self):
        """Relocations of code are none of our business."""
        def extra(elf):
            elf.symbol('f', value=0x10, size=4, section=elf.sections[1], sym_type=STT_FUNC)
            elf.relocations(elf.sections[1], [(0x2000, 'f', 0, 8)])

        tree = [INT_T, variable('p', 'int', Sym('p')), function('f', low_pc=Sym('f'))]
        elf = self.elf(PLAIN, tree, percpu=0, symbols=[('p', 8, 4)], e_type=ET_REL, extra=extra)
        module = Module(elf.build())
        module.entry('.rela.text', 0, kind=200, symbol=0xfffffff)
        self.good_module(module)
        module.header('.rela.text', 'link', 0)
        self.good_module(module)
        module.header('.rela.text', 'entsize', 5)
        self.good_module(module)

    def test_two_symbol_tables(self):
        """Each debug section is relocated with the one table that a file has."""
        elf = self.elf(PLAIN, [INT_T, variable('p', 'int', Sym('p'))], percpu=0,
                       symbols=[('p', 8, 4)], e_type=ET_REL)
        second = elf.section('.symtab2', bytes(48), sh_type=SHT_SYMTAB, entsize=24)
        info = next(s for s in elf.sections if s.name == '.debug_info')
        entry = struct.pack('<QQQ', 0, 1 << 32, 0)
        elf.section('.rela2', entry, sh_type=4, link=second.index, info=info.index, entsize=24)
        self.refused(elf.build(), '.rela2+0x0: file has several symbol tables')

    def test_type_units(self):
        """A compiler puts each type unit into a .debug_info section of its own, in a group."""
        for name in '.debug_info', '.debug_types':
            elf = self.elf(PLAIN, [INT_T, variable('p', 'int', Sym('p'))], percpu=0,
                           symbols=[('p', 8, 4)], e_type=ET_REL)
            info = next(s for s in elf.sections if s.name == '.debug_info')
            for _ in range(2 if name == '.debug_types' else 1):
                group = elf.section('.group', bytes(8), sh_type=SHT_GROUP, entsize=4)
                section = elf.section(name, info.data)
                group.data = struct.pack('<II', 1, section.index)
            self.refused(elf.build(),
                         'several %s sections (type units): link the file first' % name)

    def test_group(self):
        """The sections of a group are sections as others are."""
        def extra(elf):
            group = elf.section('.group', bytes(8), sh_type=SHT_GROUP, entsize=4)
            text = elf.section('.text.f', bytes(32), flags='AX', align=16)
            text.flags |= SHF_GROUP
            group.data = struct.pack('<II', 1, text.index)
            elf.symbol('f', value=0x10, size=4, section=text, sym_type=STT_FUNC)

        tree = [INT_T, variable('p', 'int', Sym('p')), function('f', low_pc=Sym('f'))]
        elf = self.elf(PLAIN, tree, percpu=0, symbols=[('p', 8, 4)], e_type=ET_REL, extra=extra)
        self.good_module(Module(elf.build()))

    def test_in_every_debug_section(self):
        """A bad entry is found in each of the sections that are read, and in no other."""
        elf = self.elf(PLAIN, good_units(), percpu=0x80000, symbols=good_symbols())
        names = [s.name for s in elf.sections if s.name.startswith('.debug_')]
        self.assertGreater(len(names), 2)
        for name in names + ['.debug_loc', '.debug_rnglists', '.debug_line', '.debug_aranges']:
            elf = self.elf(PLAIN, good_units(), percpu=0, symbols=good_symbols(), e_type=ET_REL)
            section = next((s for s in elf.sections if s.name == name), None)
            if not section:
                section = elf.section(name, bytes(16))
            elf.relocations(section, [(section.size, 'first', 0, 8)])
            if name in ('.debug_line', '.debug_aranges'):
                self.assertEqual(run('-o', self.path('o'), self.write('i', elf.build())).code, 0)
                os.unlink(self.path('o'))
                os.unlink(self.path('i'))
            else:
                self.refused(elf.build(), '.rela%s+0x0: relocation lies outside the section' % name)

    def test_descriptors(self):
        """The words of ppc64's function descriptors are relocated as well."""
        def module(symbol):
            def extra(elf):
                opd = elf.section('.opd', bytes(24), flags='WA', align=8)
                elf.symbol('.text', section=elf.sections[1], sym_type=3)
                elf.symbol('f', value=0, size=24, section=opd, sym_type=STT_FUNC)
                elf.relocations(opd, [(0, symbol, 0x10, 8)])

            tree = [INT_T, function('f', low_pc=Sym('.text', 0x10))]
            case = Case(Encoding(little=False))
            return self.elf(case, tree, percpu=0, e_type=ET_REL, machine=EM_PPC64, extra=extra)

        path = self.write('good.o', module('.text').build())
        self.assertEqual(run('-o', self.path('good.btf'), path).code, 0)
        self.assertEqual(Btf(self.read('good.btf')).functions(), {'f': 'PROTO()->void'})
        os.unlink(self.path('good.btf'))
        os.unlink(path)
        damaged = Module(module('.text').build())
        damaged.entry('.rela.opd', 0, kind=99)
        self.bad(damaged, '.rela.opd+0x0: relocation type 99 is not known for this machine')

    def test_other_machines(self):
        """libdwfl relocates where there is no table."""
        ABS_RELOC[EM_SPARCV9] = (23, 54)
        module = self.module(EM_SPARCV9, Case(Encoding(little=False)))
        self.good_module(module)
        module.entry('.rela.debug_info', 0, off=0x10000)
        path = self.write('in.o', bytes(module.data))
        result = run('-o', self.path('out.btf'), path)
        self.assertEqual((result.code, result.out), (3, ''))
        self.one_line(result, path)
        self.assertFalse(os.path.exists(self.path('out.btf')))

    def test_flips(self):
        """Any byte of the tables: an error with a place, or BTF."""
        rand = random.Random(5)
        for module, name in self.forms():
            regions = [module.section(name), module.section('.symtab')]
            for _ in range(4 if SANITIZED else 40):
                damaged = Module(bytes(module.data))
                region = rand.choice(regions)
                at = region['offset'] + rand.randrange(region['size'])
                damaged.data[at] ^= 1 << rand.randrange(8)
                path = self.write('in.o', bytes(damaged.data))
                result = run('--percpu', '-o', self.path('out.btf'), path)
                self.assertIn(result.code, (0, 3), result.err)
                if result.code == 3:
                    self.assertRegex(self.one_line(result, path), r'\A\.[a-z_.]+\+0x[0-9a-f]+')
                    self.assertFalse(os.path.exists(self.path('out.btf')))
                else:
                    os.unlink(self.path('out.btf'))


if __name__ == '__main__':
    main()
