# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
"""DWARF with one thing wrong: the message names the section and the offset."""

import json
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'lib'))

# pylint: disable=wrong-import-position,wildcard-import,unused-wildcard-import
from badinput import *  # noqa: E402,F403
from badinput import BadInputTest, main  # noqa: E402
from encode import Btf, Form, Raw  # noqa: E402

INT_T = base('int', 4)


def patched(dwarf, section, offset, raw):
    data = bytearray(dwarf.sections[section])
    data[offset:offset + len(raw)] = raw
    dwarf.sections[section] = bytes(data)
    return dwarf


class Headers(BadInputTest):
    def units(self):
        return build_dwarf([Unit(INT_T, name='a.c'), Unit(typedef('t', 'i'), base('int', 4, id='i'),
                                                          name='b.c')], PLAIN)

    def test_abbreviation_offset_outside(self):
        dwarf = self.units()
        patched(dwarf, '.debug_info', dwarf.headers[1]['abbrev_off'], b'\0\0\1\0')
        size = len(dwarf.sections['.debug_abbrev'])
        self.damaged(dwarf, '.debug_abbrev+0x10000: abbreviation table offset is outside the '
                     'section (%d bytes)' % size)

    def test_abbreviation_offset_in_the_middle(self):
        dwarf = self.units()
        size = len(dwarf.sections['.debug_abbrev'])
        for off in range(1, size):
            patched(dwarf, '.debug_info', dwarf.headers[1]['abbrev_off'], off.to_bytes(4, 'little'))
            elf = Elf()
            dwarf.add_to(elf)
            data = elf.build()
            path = self.write('in.elf', data)
            result = run('-o', self.path('out.btf'), path)
            self.assertIn(result.code, (0, 3), off)
            if result.code == 3:
                self.assertRegex(self.one_line(result, path),
                                 r"\A\.debug_(info|abbrev)\+0x[0-9a-f]+( \(unit '[^']*'\))?: .")
                self.assertEqual(os.listdir(self.dir), ['in.elf'])
            else:
                os.unlink(self.path('out.btf'))

    def test_unit_version(self):
        for version in (0, 1, 6, 0xffff):
            dwarf = self.units()
            start = dwarf.units[1].offset
            patched(dwarf, '.debug_info', dwarf.headers[1]['version'],
                    version.to_bytes(2, 'little'))
            self.damaged(dwarf, '.debug_info+0x%x: unknown unit version %d' % (start, version))

    def test_unit_type(self):
        dwarf = self.units()
        start = dwarf.units[1].offset
        patched(dwarf, '.debug_info', dwarf.headers[1]['unit_type'], b'\x42')
        self.damaged(dwarf, '.debug_info+0x%x: unknown unit type 0x42' % start)

    def test_address_size(self):
        for size in (0, 1, 3, 16):
            dwarf = self.units()
            start = dwarf.units[1].offset
            patched(dwarf, '.debug_info', dwarf.headers[1]['unit_type'] + 1, bytes([size]))
            self.damaged(dwarf,
                         '.debug_info+0x%x: address size %d is not supported' % (start, size))

    def test_unit_longer_than_the_section(self):
        dwarf = self.units()
        start = dwarf.units[1].offset
        patched(dwarf, '.debug_info', dwarf.headers[1]['length'], b'\0\0\1\0')
        self.damaged(dwarf, '.debug_info+0x%x: unit of 65536 bytes does not fit into the section '
                     '(%d bytes)' % (start, len(dwarf.sections['.debug_info'])))

    def test_reserved_length(self):
        dwarf = self.units()
        start = dwarf.units[1].offset
        patched(dwarf, '.debug_info', dwarf.headers[1]['length'], b'\xf0\xff\xff\xff')
        self.damaged(dwarf, '.debug_info+0x%x: reserved unit length 0xfffffff0' % start)

    def test_unit_too_short_for_its_header(self):
        dwarf = self.units()
        start = dwarf.units[1].offset
        patched(dwarf, '.debug_info', dwarf.headers[1]['length'], b'\5\0\0\0')
        self.damaged(dwarf, '.debug_info+0x%x: unit header is cut off' % start)

    def test_length_in_the_middle_of_a_die(self):
        dwarf = self.units()
        start = dwarf.units[1].offset
        end = dwarf.headers[1]['end']
        for less in (1, 2, 3):
            patched(dwarf, '.debug_info', dwarf.headers[1]['length'],
                    (end - start - 4 - less).to_bytes(4, 'little'))
            dwarf.sections['.debug_info'] = dwarf.sections['.debug_info'][:end - less]
            elf = Elf()
            dwarf.add_to(elf)
            result = run('-o', self.path('out.btf'), self.write('in.elf', elf.build()))
            # One byte less is the closing zero only.
            if less == 1:
                self.assertIn(result.code, (0, 3))
                continue
            self.assertEqual(result.code, 3)
            self.assertRegex(result.err, r'\.debug_info\+0x[0-9a-f]+')

    def test_type_unit_offset_outside(self):
        dwarf = build_dwarf([Unit(struct_('s', 4), kind='type', main='struct s', sig=1),
                             Unit(typedef('t', 'struct s'), name='a.c')], PLAIN)
        for off in (0x1000, 1, 0):
            patched(dwarf, '.debug_info', dwarf.headers[0]['type_offset'],
                    off.to_bytes(4, 'little'))
            self.damaged(dwarf, re.escape('.debug_info+0x') + '[0-9a-f]+', pattern=True)

    def damaged(self, dwarf, text, pattern=False, **kw):
        if not pattern:
            super().damaged(dwarf, text, **kw)
            return
        elf = Elf()
        dwarf.add_to(elf)
        self.refused(elf.build(), re.compile(text + r"( \(unit '[^']*'\))?: .*\Z"))


class Abbreviations(BadInputTest):
    def test_unknown_form(self):
        for form in (0x02, 0x2d, 0x77, 0x1f03):
            self.damaged([INT_T, die('base_type', id='x', name='x', byte_size=Raw(form, b'\4'))],
                         "unknown form 0x%x of attribute 0xb" % form, section='.debug_abbrev')

    def damaged(self, tree, text, section='.debug_info', **kw):  # pylint: disable=arguments-renamed
        dwarf = build_dwarf(tree, PLAIN)
        elf = Elf()
        dwarf.add_to(elf)
        self.refused(elf.build(),
                     re.compile(r"\A%s\+0x[0-9a-f]+( \(unit '[^']*'\))?: %s\Z" %
                                (re.escape(section), re.escape(text))), **kw)

    def test_unknown_code(self):
        dwarf = build_dwarf([INT_T, typedef('t', 'int')], PLAIN)
        patched(dwarf, '.debug_info', dwarf.offsets['t'], b'\x55')
        elf = Elf()
        dwarf.add_to(elf)
        self.refused(elf.build(),
                     ".debug_info+0x%x (unit 'unit.c'): unknown abbreviation code 0x55" %
                     dwarf.offsets['t'])

    def test_indirect_to_nothing(self):
        for raw in (b'\x77', b'\x16\x16\x16\x77',
                    b'\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01'):
            dwarf = build_dwarf([INT_T, die('base_type', id='x', byte_size=Raw('indirect', raw),
                                            name='x')], PLAIN)
            elf = Elf()
            dwarf.add_to(elf)
            self.refused(elf.build(),
                         re.compile(r"\A\.debug_info\+0x[0-9a-f]+ \(unit 'unit\.c'\): .+\Z"))

    def test_table_without_end(self):
        dwarf = build_dwarf([INT_T], PLAIN)
        dwarf.sections['.debug_abbrev'] = dwarf.sections['.debug_abbrev'][:-4]
        elf = Elf()
        dwarf.add_to(elf)
        self.refused(elf.build(),
                     re.compile(r"\A\.debug_abbrev\+0x[0-9a-f]+( \(unit 'unit\.c'\))?: .+\Z"))

    def test_code_twice(self):
        dwarf = build_dwarf([INT_T], PLAIN)
        table = dwarf.sections['.debug_abbrev']
        dwarf.sections['.debug_abbrev'] = table[:-1] + table
        elf = Elf()
        dwarf.add_to(elf)
        result = run('-o', self.path('out.btf'), self.write('in.elf', elf.build()))
        self.assertIn(result.code, (0, 3))


class Values(BadInputTest):
    def place(self, tree, text, **kw):
        """Refused with a place in .debug_info of unit.c."""
        dwarf = build_dwarf(tree, PLAIN)
        elf = Elf()
        dwarf.add_to(elf)
        self.refused(elf.build(),
                     re.compile(r"\A\.debug_info\+0x[0-9a-f]+ \(unit 'unit\.c'\): %s\Z" % text),
                     **kw)

    def test_block_of_100_megabytes(self):
        for form, raw, size in (('block4', b'\0\0\x40\6', 0x6400000),
                                ('block', b'\x80\x80\x80\x32', 0x6400000),
                                ('exprloc', b'\xff' * 9 + b'\1', (1 << 64) - 1),
                                ('block2', b'\xff\xff', 0xffff), ('block1', b'\xff', 0xff)):
            self.place([INT_T,
                        die('variable', id='v', name='v', type='int', location=Raw(form, raw))],
                       'block reaches over the end of its unit: length 0x%x' % size)

    def test_string_offset_outside(self):
        for form, section in (('strp', '.debug_str'), ('line_strp', '.debug_line_str')):
            self.place([base('int', 4), base('x', 4), die('base_type', id='y', byte_size=4,
                                                          name=Raw(form, b'\0\0\1\0'))],
                       'string offset outside %s: 0x10000' % re.escape(section))

    def test_string_without_end(self):
        dwarf = build_dwarf([INT_T, typedef('last', 'int')], PLAIN)
        dwarf.sections['.debug_str'] = dwarf.sections['.debug_str'][:-1]
        elf = Elf()
        dwarf.add_to(elf)
        self.refused(elf.build(),
                     re.compile(r"\A\.debug_(info|str)\+0x[0-9a-f]+ \(unit 'unit\.c'\): .+\Z"))

    def test_string_index_outside(self):
        case = Case(Encoding(strform='strx'))
        dwarf = build_dwarf([INT_T, die('base_type', byte_size=4, name=Raw('strx', b'\xff\x7f'))],
                            case)
        elf = Elf()
        dwarf.add_to(elf)
        self.refused(elf.build(), re.compile(r"\A\.debug_(info|str_offsets)\+0x[0-9a-f]+ "
                                             r"\(unit 'unit\.c'\): .+\Z"))

    def test_inline_string_without_end(self):
        dwarf = build_dwarf([INT_T, typedef(Form('string', 'last'), 'int', id='t')], PLAIN)
        info = dwarf.sections['.debug_info']
        cut = dwarf.attr_offsets[('t', 'name')] + 4
        info = info[:cut]
        dwarf.sections['.debug_info'] = (len(info) - 4).to_bytes(4, 'little') + info[4:]
        elf = Elf()
        dwarf.add_to(elf)
        self.refused(elf.build(), re.compile(r"\A\.debug_info\+0x%x \(unit 'unit\.c'\): .+\Z" %
                                             dwarf.offsets['t']))

    def test_size_beyond_32_bits(self):
        dwarf = build_dwarf([INT_T, struct_('s', Form('data8', 1 << 40))], PLAIN)
        elf = Elf()
        dwarf.add_to(elf)
        self.refused(elf.build(), re.compile(r'.+'), code=5)


class References(BadInputTest):
    def refuse(self, tree, text, units=None):
        dwarf = build_dwarf(units or tree, PLAIN)
        elf = Elf()
        dwarf.add_to(elf)
        self.refused(elf.build(),
                     re.compile(r"\A\.debug_info\+0x[0-9a-f]+ \(unit '[ab]\.c'\): %s\Z" % text))

    def one(self, form, raw):
        return [Unit(INT_T, die('typedef', id='t', name='t', type=Raw(form, raw)), name='a.c')]

    def test_out_of_range(self):
        for form, raw in (('ref4', b'\xff\xff\xff\x7f'), ('ref4', b'\xff\xff\xff\xff'),
                          ('ref8', b'\xff' * 8), ('ref2', b'\xff\xff'),
                          ('ref_udata', b'\xff\xff\xff\x7f'),
                          ('ref_udata', b'\xff' * 9 + b'\1')):
            self.refuse(self.one(form, raw), 'reference .*')

    def test_section_reference_out_of_range(self):
        self.refuse(self.one('ref_addr', b'\xff\xff\xff\x7f'), 'reference .*')
        self.refuse(self.one('ref_addr', b'\0\0\1\0'), 'reference .*')

    def test_to_a_unit_header(self):
        for form in ('ref1', 'ref4', 'ref_addr'):
            size = 1 if form == 'ref1' else 4
            for off in (0, 4, 11):
                self.refuse(self.one(form, off.to_bytes(size, 'little')), 'reference .*')

    def test_into_the_middle_of_a_die(self):
        units = self.one('ref4', bytes(4))
        dwarf = build_dwarf(units, PLAIN)
        at = dwarf.offsets['int']
        end = dwarf.offsets['t']
        for off in range(at + 1, end):
            self.refuse(self.one('ref4', off.to_bytes(4, 'little')), 'reference .*')
            self.refuse(self.one('ref_addr', off.to_bytes(4, 'little')), 'reference .*')

    def test_into_the_middle_of_another_unit(self):
        units = self.one('ref_addr', bytes(4))
        units.append(Unit(base('long', 8), base('short', 2), name='b.c'))
        dwarf = build_dwarf(units, PLAIN)
        start = dwarf.units[1].offset
        root = dwarf.headers[1]['root']
        places = list(range(start, root)) + list(range(root + 1, dwarf.offsets['long'])) + \
            list(range(dwarf.offsets['long'] + 1, dwarf.offsets['short'])) + [len(
                dwarf.sections['.debug_info']) - 1]
        for off in places:
            units = self.one('ref_addr', off.to_bytes(4, 'little')) + units[1:]
            self.refuse(units, 'reference .*')

    def test_unknown_signature(self):
        """GCC may leave the type unit in another file: the type stays unknown, or the file is
        refused; it never becomes another type."""
        units = self.one('ref_sig8', b'\x11' * 8)
        elf = Elf()
        build_dwarf(units, PLAIN).add_to(elf)
        self.refused(elf.build(), re.compile(r"\A\.debug_info\+0x[0-9a-f]+ \(unit 'a\.c'\): .+\Z"))

    def test_to_what_is_no_type(self):
        """Such a type is opaque, and counted."""
        trees = [[Unit(INT_T, die('variable', id='v', name='v', type='int'), typedef('t', 'v'),
                       name='a.c')],
                 [Unit(INT_T, function('f', die('formal_parameter', name='x', type='int'), id='f',
                                       low_pc=0x1000), typedef('t', 'f'), name='a.c')],
                 [Unit(INT_T, typedef('t', 'root'), name='a.c'),
                  Unit(base('long', 8), id='root', name='b.c')],
                 [Unit(INT_T, typedef('t', 'v'), name='a.c'),
                  Unit(die('variable', id='v', name='v', type='i'), base('int', 4, id='i'),
                       name='b.c')]]
        for units in trees:
            elf = Elf()
            build_dwarf(units, PLAIN).add_to(elf)
            path = self.write('in.elf', elf.build())
            result = run('--report=json', '-o', self.path('out.btf'), path)
            self.assertEqual((result.code, result.err), (0, ''))
            btf = Btf(self.read('out.btf'))
            self.assertEqual(btf.describe(btf.one('t').type), 'struct 0{}')
            counts = json.loads(result.out)['diagnostics']['by_kind']
            self.assertEqual({kind: n for kind, n in counts.items() if n}, {'degraded-type': 1})

    def test_sibling_backwards(self):
        """A sibling that leads back would be an endless loop."""
        for target in (0, 1, 12, 0x7fffffff):
            tree = [Unit(INT_T, struct_('s', 4, member('a', 'int', 0),
                                        sibling=Raw('ref4', target.to_bytes(4, 'little'))),
                         function('f', die('lexical_block', low_pc=Form('addr', 0)),
                                  sibling=Raw('ref4', target.to_bytes(4, 'little'))),
                         name='a.c', enc=Encoding(sibling=False))]
            elf = Elf()
            build_dwarf(tree, PLAIN).add_to(elf)
            path = self.write('in.elf', elf.build())
            result = run('-o', self.path('out.btf'), path, timeout=10)
            self.assertIn(result.code, (0, 3), result.err)
            if result.code == 3:
                self.one_line(result, path)


class Elsewhere(BadInputTest):
    """Types that are not in this file: refused, for what would come out is not the program's."""

    def refuse(self, units, text, case=PLAIN):
        elf = Elf()
        build_dwarf(units, case).add_to(elf)
        self.refused(elf.build(), text)

    def test_supplementary_file(self):
        for form in ('GNU_strp_alt', 'strp_sup'):
            self.refuse([INT_T, die('base_type', byte_size=4, name=Raw(form, bytes(4)))],
                        ".debug_info+0x1d (unit 'unit.c'): string in a supplementary file (dwz), "
                        "which is not read: offset 0x0")
        for form in ('GNU_ref_alt', 'ref_sup4'):
            self.refuse([INT_T, die('typedef', name='t', type=Raw(form, bytes(4)))],
                        ".debug_info+0x1d (unit 'unit.c'): reference into a supplementary file "
                        "(dwz), which is not read: offset 0x0")

    def test_split_dwarf(self):
        text = ".debug_info+0x%x: the unit's types are in 'a.dwo' (split DWARF), which is not read"
        self.refuse([Unit(kind='skeleton', sig=5, name=None, dwo_name='a.dwo')], text % 0x14)
        self.refuse([Unit(name=None, GNU_dwo_name='a.dwo')], text % 0xb, Case(Encoding(version=4)))
        self.refuse([Unit(INT_T, name='a.c'), Unit(kind='skeleton', sig=5, name='b.c')],
                    re.compile(r"\A\.debug_info\+0x[0-9a-f]+( \(unit 'b\.c'\))?: "
                               r".*\(split DWARF\).*\Z"))

    def test_no_types(self):
        self.refuse([Unit(name='x.S', language='Mips_Assembler')],
                    re.compile(r'\A[^:]*no types[^:]*\Z'))


class SymbolTable(BadInputTest):
    def with_symbol(self, change=None, **kw):
        """A file with one variable and one more symbol; change(headers, data) alters the result."""
        symbol = dict(value=0x80010, size=4, section=None)
        symbol.update(kw)

        def extra(elf):
            if symbol['section'] is None:
                symbol['section'] = elf.percpu
            elf.symbol('odd', **symbol)

        elf = self.elf(PLAIN, [INT_T, variable('v', 'int', 0x80008)], percpu=0x80000,
                       symbols=[('v', 8, 4)], extra=extra)
        data = bytearray(elf.build())
        if change:
            headers = {s.name: (elf.shoff + 64 * s.index, s) for s in elf.sections}
            change(headers, data)
        return bytes(data)

    def put(self, data, at, value, size):
        data[at:at + size] = value.to_bytes(size, 'little')

    def test_good(self):
        self.encode(self.with_symbol())

    def test_symbol_outside_its_section(self):
        for value, size in ((0x81000, 4), (0x80ffe, 4), (0x70000, 4), (0x80010, 1 << 63),
                            ((1 << 64) - 4, 8)):
            self.refused(self.with_symbol(value=value, size=size),
                         ".symtab+0x30: symbol 'odd' lies outside its section '.data..percpu'")

    def test_section_index_outside(self):
        self.refused(self.with_symbol(section=0x100),
                     '.symtab+0x30: symbol is in section 256 of 10')

    def test_extended_index_without_its_table(self):
        self.refused(self.with_symbol(section=0xffff),
                     '.symtab+0x30: symbol has no entry in the table of extended section indexes')

    def test_name_outside(self):
        def change(headers, data):
            self.put(data, headers['.symtab'][1].offset + 48, 0x10000, 4)

        self.refused(self.with_symbol(change),
                     ".symtab+0x30: symbol's name at 0x10000 does not end inside the table of "
                     "names")

    def test_entry_size(self):
        for size in (0, 8, 23, 25):
            def change(headers, data):
                self.put(data, headers['.symtab'][0] + 56, size, 8)

            self.refused(self.with_symbol(change),
                         '.symtab+0x0: symbols of %d bytes, not 24' % size)

    def test_cut_in_a_symbol(self):
        def change(headers, data):
            self.put(data, headers['.symtab'][0] + 32, 24 * 2 + 5, 8)

        self.refused(self.with_symbol(change), '.symtab+0x30: last symbol is cut off')

    def test_no_table_of_names(self):
        for link in (0, 1, 0x1000):
            def change(headers, data):
                self.put(data, headers['.symtab'][0] + 40, link, 4)

            self.refused(self.with_symbol(change),
                         '.symtab+0x0: section %d is no table of symbol names' % link)


class Cycles(BadInputTest):
    """What refers to itself in a way C cannot say is refused with the place."""

    def refuse(self, tree, text='type contains or refers to only itself', unit=True):
        elf = Elf()
        build_dwarf(tree, PLAIN).add_to(elf)
        self.refused(elf.build(),
                     re.compile(r"\A\.debug_info\+0x[0-9a-f]+ \(unit 'unit\.c'\): %s\Z" % text),
                     timeout=20)

    def survives(self, tree):
        elf = Elf()
        build_dwarf(tree, PLAIN).add_to(elf)
        return self.encode(elf.build())

    def test_const(self):
        self.refuse([INT_T, qual('const', 'a', id='b'), qual('const', 'b', id='a')])
        self.refuse([INT_T, qual('const', 'a', id='a')])
        self.refuse([INT_T, qual('const', 'a', id='b'), qual('volatile', 'b', id='a'),
                       variable('v', 'b', 0x1000)])

    def test_typedef(self):
        self.refuse([INT_T, typedef('a', 'b'), typedef('b', 'a')])
        self.refuse([INT_T, typedef('a', 'a')])
        self.refuse([INT_T, typedef('a', 'c'), qual('const', 'a', id='c')])

    def test_alias(self):
        """DIEs that only stand for another."""
        self.refuse([INT_T, qual('atomic', 'a', id='b'), qual('atomic', 'b', id='a'),
                     typedef('t', 'a')],
                    'type refers to itself')
        self.refuse([INT_T, die('typedef', id='x', type='x'), typedef('t', 'x')],
                    'type refers to itself')

    def test_struct_by_value(self):
        self.refuse([INT_T, struct_('s', 8, member('s', 'struct s', 0), member('i', 'int', 4))])
        self.refuse([INT_T, struct_('a', 8, member('b', 'struct b', 0)),
                       struct_('b', 8, member('a', 'struct a', 0))])
        self.refuse([INT_T, struct_(None, 8, member('s', 'x', 0), id='x'), typedef('t', 'x')])

    def test_array(self):
        self.refuse([INT_T, array('a', 3, id='a'), typedef('t', 'a')])
        self.refuse([INT_T, array('t', 3, id='a'), typedef('t', 'a')])

    def test_pointer(self):
        self.refuse([INT_T, ptr('p', id='p'), typedef('t', 'p')])
        self.refuse([INT_T, ptr('q', id='p'), ptr('p', id='q'), typedef('t', 'p')])

    def test_prototype(self):
        """A function that returns a pointer to its own type, legal through a typedef in C only with
        a struct between; and anonymous ones."""
        self.survives([INT_T, proto('pp', 'pp', id='p'), ptr('p', id='pp'), typedef('t', 'pp')])
        self.survives([INT_T, proto('t', id='p'), ptr('p', id='pp'), typedef('t', 'pp')])

    def test_enum_of_itself(self):
        btf = self.survives([INT_T, enum_('e', 4, ('A', 1), id='e', type='e')])
        self.assertEqual(btf.content(btf.one('e')), '4{A=1}')

    def test_specification(self):
        self.survives([INT_T,
                       die('structure_type', member('a', 'int', 0), id='a', specification='b',
                                  byte_size=4),
                       die('structure_type', id='b', specification='a', byte_size=4)])

    def test_specification_of_a_variable(self):
        for tree in ([die('variable', id='v', specification='w', location=[('addr', 0x80000)]),
                      die('variable', id='w', specification='v')],
                     [die('variable', id='v', abstract_origin='v', location=[('addr', 0x80000)])]):
            data = self.elf(PLAIN, [INT_T] + tree, percpu=0x80000, symbols=[('v', 0, 4)]).build()
            self.refused(data, re.compile(r"\A\.debug_info\+0x[0-9a-f]+ \(unit 'unit\.c'\): "
                                          r"variable's chain of declarations does not end\Z"))

    def test_old_bitfield_of_itself(self):
        case = Case(Encoding(version=4, bitfields='old'))
        elf = Elf()
        build_dwarf([INT_T, typedef('a', 'b'), typedef('b', 'a'),
                     struct_('s', 8, die('member', name='m', type='a', bit_size=3, bit_offset=2,
                                         data_member_location=0))], case).add_to(elf)
        path = self.write('in.elf', elf.build())
        result = run('-o', self.path('out.btf'), path, timeout=30)
        self.assertIn(result.code, (0, 3), result.err)


class Size(BadInputTest):
    """Large and deep, but not damaged: all of it must come out."""

    def test_parameters(self):
        params = [('p%d' % i, 'int') for i in range(300)]
        elf = Elf()
        build_dwarf([INT_T, proto('int', *params, id='p'), ptr('p', id='pp'), typedef('t', 'pp'),
                     function('f', *[die('formal_parameter', name=n, type=t) for n, t in params])],
                    PLAIN).add_to(elf)
        btf = self.encode(elf.build())
        protos = [t for t in btf.types if t.kind == 'FUNC_PROTO']
        self.assertEqual([p.name for p in protos[0].params], ['p%d' % i for i in range(300)])

    def test_deep_blocks(self):
        depth = 100000
        node = die('lexical_block', struct_('deepest', 4, member('a', 'int', 0)))
        for _ in range(depth):
            node = die('lexical_block', node)
        for sibling in (False, True):
            elf = Elf()
            build_dwarf([Unit(INT_T, function('f', node), typedef('after', 'int'))],
                        Case(Encoding(sibling=sibling))).add_to(elf)
            btf = self.encode(elf.build())
            self.assertEqual(btf.content(btf.one('deepest', 'STRUCT')), '4{a@0 int}')
            self.assertEqual(btf.describe(btf.one('after').type), 'int')

    def test_deep_structs(self):
        depth = 100000
        node = struct_('s0', 4, member('m', 'int', 0))
        for i in range(1, depth):
            node = struct_('s%d' % i, 4, node, member('m', 'struct s%d' % (i - 1), 0))
        elf = Elf()
        build_dwarf([INT_T, node], PLAIN).add_to(elf)
        path = self.write('in.elf', elf.build())
        result = run('-o', self.path('out.btf'), path)
        self.assertEqual((result.code, result.err), (0, ''))
        btf = Btf(self.read('out.btf'))
        self.assertEqual(sum(t.kind == 'STRUCT' for t in btf.types), depth)
        self.assertEqual(btf.describe(btf.one('s99999').members[0].type), 'struct s99998')

    def test_deep_anonymous_structs(self):
        """Without names, each level is part of the identity of the one around it."""
        depth = 20000
        node = struct_(None, 4, member('m', 'int', 0), id='s0')
        for i in range(1, depth):
            node = struct_(None, 4, node, member('m', 's%d' % (i - 1), 0), id='s%d' % i)
        elf = Elf()
        build_dwarf([INT_T, node, typedef('t', 's%d' % (depth - 1))], PLAIN).add_to(elf)
        path = self.write('in.elf', elf.build())
        result = run('-o', self.path('out.btf'), path)
        self.assertEqual((result.code, result.err), (0, ''))
        self.assertEqual(sum(t.kind == 'STRUCT' for t in Btf(self.read('out.btf')).types), depth)

    def test_deep_pointers(self):
        depth = 100000
        dies = [INT_T, ptr('int', id='p0')]
        dies += [ptr('p%d' % i, id='p%d' % (i + 1)) for i in range(depth)]
        for order in (1, -1):
            elf = Elf()
            build_dwarf(dies[::order] + [typedef('t', 'p%d' % depth)], PLAIN).add_to(elf)
            path = self.write('in.elf', elf.build())
            result = run('-o', self.path('out.btf'), path)
            self.assertEqual((result.code, result.err), (0, ''))
            self.assertEqual(sum(t.kind == 'PTR' for t in Btf(self.read('out.btf')).types),
                             depth + 1)

    def test_deep_modifiers(self):
        """More modifiers in a row than the kernel follows: degraded or refused, never written."""
        for depth in (31, 32, 33, 40, 100000):
            dies = [INT_T, typedef('t0', 'int')] + [typedef('t%d' % (i + 1), 't%d' % i)
                                                    for i in range(depth - 1)]
            elf = Elf()
            build_dwarf(dies, PLAIN).add_to(elf)
            path = self.write('in.elf', elf.build())
            result = run('-o', self.path('out.btf'), path)
            if result.code:
                self.assertGreater(depth, 32)
                self.assertEqual(result.code, 5, result.err)
                self.one_line(result, path)
            else:
                self.assertEqual(Btf(self.read('out.btf')).problems(), [])

    def test_chain_of_aliases(self):
        """DIEs that stand for the next one, in either order: no time that grows with the square."""
        n = 50000
        dies = [qual('atomic', 'int', id='a0')] + [qual('atomic', 'a%d' % i, id='a%d' % (i + 1))
                                                   for i in range(n)]
        for order in (1, -1):
            elf = Elf()
            build_dwarf([INT_T] + dies[::order] + [typedef('t', 'a%d' % n)], PLAIN).add_to(elf)
            path = self.write('in.elf', elf.build())
            result = run('-o', self.path('out.btf'), path, timeout=8)
            self.assertEqual((result.code, result.err), (0, ''))
            btf = Btf(self.read('out.btf'))
            self.assertEqual(btf.describe(btf.one('t').type), 'int')

    def test_many_units(self):
        n = 5000
        elf = Elf()
        build_dwarf([Unit(base('int', 4), typedef('t%d' % i, 'int'), name='%d.c' % i)
                     for i in range(n)], PLAIN).add_to(elf)
        btf = self.encode(elf.build())
        self.assertEqual(sum(t.kind == 'TYPEDEF' for t in btf.types), n)

    def test_many_dimensions(self):
        elf = Elf()
        build_dwarf([INT_T, array('int', *[1] * 1000, id='a'), typedef('t', 'a')],
                    PLAIN).add_to(elf)
        path = self.write('in.elf', elf.build())
        result = run('-o', self.path('out.btf'), path)
        self.assertEqual((result.code, result.err), (0, ''))

    def test_long_name(self):
        """Longer than the kernel takes: left out, counted, and the rest stays."""
        name = 'n' * 100000
        elf = Elf()
        build_dwarf([INT_T, struct_(name, 4, member(name, 'int', 0), id='s'), typedef('t', 's')],
                    PLAIN).add_to(elf)
        btf = self.encode(elf.build())
        self.assertEqual(btf.describe(btf.one('t').type), 'struct 4{@0 int}')


if __name__ == '__main__':
    main()
