# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
"""Damage in what only functions and tags need: lists, origins, annotations, .BTF_ids.

What has a place of its own is refused with that place; a location that cannot be read is a
diagnostic, because it says nothing of types.
"""

import os
import re
import resource
import subprocess
import sys
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'lib'))

# pylint: disable=wrong-import-position,wildcard-import,unused-wildcard-import
from badinput import *  # noqa: E402,F403
from badinput import BadInputTest, main  # noqa: E402
from dwarfwriter import Form, Locations, Ranges, Raw, param, uleb  # noqa: E402
from elfwriter import SHT_NOBITS, STB_LOCAL, STT_NOTYPE, ElfReader  # noqa: E402
from encode import BTFGEN, Btf  # noqa: E402
from functions import *  # noqa: E402,F403
from functions import IDS, TEXT, FunctionTest, Ids, local, obj, reg, sym  # noqa: E402

INT_T = base('int', 4)
RDI = reg(5)
SANITIZED = bool(os.environ.get('SANITIZE'))


def f_int(name='f', off=0, **kw):
    return function(name, param('a', 'int'), type='int', low_pc=TEXT + off, **kw)


class FunctionDamage(BadInputTest, FunctionTest):
    def bad(self, tree, text, symbols=(sym('f', 0), sym('g', 16)), **kw):
        """Refused with a place in .debug_info and this text (a pattern)."""
        self.refused(self.image(PLAIN, tree, symbols, **kw),
                     re.compile(r"\A\.debug_info\+0x[0-9a-f]+( \(unit '[^']*'\))?: %s\Z" % text))

    def survives(self, tree, symbols=(sym('f', 0), sym('g', 16)), case=PLAIN, options=(), **kw):
        return self.encode_functions(case, tree, symbols, *options, **kw)

    def kinds(self, report):
        return {kind: n for kind, n in report['diagnostics']['by_kind'].items() if n}


class Origins(FunctionDamage):
    END = 'function\'s chain of declarations does not end: 0x[0-9a-f]+'

    def test_loops(self):
        for attr in ('abstract_origin', 'specification'):
            for length in (1, 2, 3):
                tree = [INT_T] + [function(None, id='f%d' % i, low_pc=TEXT, external=None,
                                           **{attr: 'f%d' % ((i + 1) % length)})
                                  for i in range(length)]
                self.bad(tree, self.END)

    def test_loops_with_a_name(self):
        tree = [INT_T, function('f', low_pc=TEXT, id='f', abstract_origin='g'),
                function('f', low_pc=TEXT, id='g', abstract_origin='f')]
        self.bad(tree, self.END)

    def test_long_chain(self):
        for length, ends in ((8, True), (100, False)):
            tree = [INT_T, function('f', param('a', 'int', id='p0'), type='int', id='f0',
                                    inline=1)]
            tree += [function(None, die('formal_parameter', abstract_origin='p%d' % (i - 1),
                                        id='p%d' % i), id='f%d' % i, external=None,
                              low_pc=TEXT if i == length - 1 else None,
                              abstract_origin='f%d' % (i - 1)) for i in range(1, length)]
            if ends:
                btf, _ = self.survives(tree, [sym('f', 0)])
                self.assertEqual(btf.functions(), {'f': 'PROTO(a int)->int'})
            else:
                self.bad(tree, self.END)

    def test_parameter_loops(self):
        for length in (1, 2):
            params = [die('formal_parameter', id='p%d' % i,
                          abstract_origin='p%d' % ((i + 1) % length)) for i in range(length)]
            self.bad([INT_T, function('f', *params, low_pc=TEXT)],
                     'parameter\'s chain of declarations does not end: 0x[0-9a-f]+')

    def test_origin_is_something_else(self):
        for attr in ('abstract_origin', 'specification'):
            self.bad([INT_T, function(None, low_pc=TEXT, external=None, **{attr: 'int'})],
                     'function completes something that is none: 0x[0-9a-f]+')
        self.bad([INT_T, function('f', die('formal_parameter', abstract_origin='int'),
                                  low_pc=TEXT)],
                 'parameter completes something that is none: 0x[0-9a-f]+')

    def test_origin_nowhere(self):
        for value in (1, 0xfffffff0, 0x7fffffff):
            data = value.to_bytes(4, 'little')
            for attr in ('abstract_origin', 'specification'):
                self.bad([INT_T, function(None, low_pc=TEXT, external=None,
                                          **{attr: Raw('ref4', data)})], '[^\n]+')
                self.bad([INT_T, function(None, low_pc=TEXT, external=None,
                                          **{attr: Raw('ref_addr', data)})], '[^\n]+')

    def test_origin_in_the_middle(self):
        """Every offset of the unit: an answer each time, and never a crash."""
        tree = [INT_T, function('f', param('a', 'int', id='a'), type='int', id='abs', inline=1)]
        size = len(build_dwarf(tree + [function(None, low_pc=TEXT, external=None, id='end',
                                                abstract_origin=Raw('ref4', bytes(4)))],
                               PLAIN).sections['.debug_info'])
        for off in range(size + 4):
            self.answered(tree + [function(None, die('formal_parameter', abstract_origin=Raw(
                'ref4', off.to_bytes(4, 'little'))), low_pc=TEXT, external=None,
                abstract_origin=Raw('ref4', off.to_bytes(4, 'little')))])

    def answered(self, tree, symbols=(sym('f', 0),), **kw):
        path = self.write('in.elf', self.image(PLAIN, tree, symbols, **kw))
        result = run('-o', self.path('out.btf'), path)
        self.assertIn(result.code, (0, 3), result.err)
        if result.code == 3:
            self.one_line(result, path)
            self.assertFalse(os.path.exists(self.path('out.btf')))
        else:
            self.assertEqual(result.err, '')
            self.assertEqual(Btf(self.read('out.btf')).problems(), [])
            os.unlink(self.path('out.btf'))

    def test_copies_without_end(self):
        """Many copies of a function with many parameters: bounded, not quadratic."""
        count = 4000 if SANITIZED else 20000
        params = [param('p%d' % i, 'int') for i in range(count)]
        tree = [INT_T, function('f', params, id='abs', inline=1)]
        tree += [die('subprogram', abstract_origin='abs', low_pc=TEXT) for _ in range(count)]
        start = time.monotonic()
        self.bad(tree, 'functions of this unit complete others too often: 0x[0-9a-f]+',
                 symbols=[sym('f', 0)])
        self.assertLess(time.monotonic() - start, 40)


class Parameters(FunctionDamage):
    def test_limit(self):
        """65,535 parameters at most; the last of these may be `...`."""
        for count, kept in ((65534, True), (65535, None), (65536, False), (70000, False)):
            params = [param('p%d' % i, 'int') for i in range(count)]
            btf, report = self.survives([INT_T, function('f', params, low_pc=TEXT),
                                         f_int('g', 16)])
            self.assertIn('g', btf.functions())
            if kept:
                self.assertEqual(btf.types[btf.one('f').type].vlen, count)
            elif kept is False:
                self.assertNotIn('f', btf.functions())
                self.assertIn('f', self.skips(report))
        params = [param('p%d' % i, 'int') for i in range(65535)]
        btf, _ = self.survives([INT_T, function('f', params, die('unspecified_parameters'),
                                                low_pc=TEXT), f_int('g', 16)])
        self.assertEqual(set(btf.functions()), {'g'})

    def test_nested_functions(self):
        """Each in the one before, 20,000 deep."""
        tree = f_int('f')
        for _ in range(5000 if SANITIZED else 20000):
            tree = function('f', param('a', 'int'), tree, type='int', low_pc=TEXT)
        btf, _ = self.survives([INT_T, tree, f_int('g', 16)])
        self.assertEqual(set(btf.functions()), {'f', 'g'})

    def test_many_entries_of_a_name(self):
        """100,000 entries and symbols of one name."""
        count = 20000 if SANITIZED else 100000
        tree = [INT_T] + [f_int('f', i % 0x1000) for i in range(count)]
        symbols = [local('f', i % 0x1000, 1) for i in range(count)]
        btf, report = self.survives(tree, symbols + [sym('g', 0x1800)])
        self.assertEqual(btf.functions(), {})
        self.assertEqual(self.skips(report)['f'], 'ambiguous')

    def test_many_symbols_at_an_address(self):
        count = 5000 if SANITIZED else 50000
        tree = [INT_T, f_int('f')]
        btf, _ = self.survives(tree, [sym('f', 0)] + [sym('a%d' % i, 0) for i in range(count)])
        self.assertEqual(len(btf.functions()), count + 1)


class Lists(FunctionDamage):
    """The list of a parameter of a changed function, whose place so is not known."""

    CASES = [PLAIN, Case(Encoding(version=5, dwarf64=True, listform='index')),
             Case(Encoding(version=4))]

    def unknown(self, location, case=PLAIN):
        tree = [Unit(INT_T, function('f', param('a', 'int', location), type='int', low_pc=TEXT),
                     f_int('g', 16))]
        btf, report = self.survives(tree, [local('f.isra.0', 0), sym('g', 16)], case=case)
        self.assertEqual(btf.functions(), {'g': 'PROTO(a int)->int'})
        self.assertEqual(self.skips(report), {'f': 'optimized'})
        self.assertEqual(self.kinds(report), {'function-skipped': 1, 'bad-location': 1})

    def entry5(self, kind, *words, expr=b'\1\x55'):
        return bytes([kind]) + b''.join(words) + expr

    def test_version_5(self):
        start, end = TEXT.to_bytes(8, 'little'), (TEXT + 16).to_bytes(8, 'little')
        good = self.entry5(7, start, end)
        rows = {'no end': good, 'nothing': b'', 'kind': self.entry5(0x33, start, end) + b'\0',
                'cut address': b'\7' + start[:5], 'cut second address': b'\7' + start + end[:3],
                'no expression': b'\7' + start + end,
                'expression beyond the end': self.entry5(7, start, end, expr=b'\x7f\x55'),
                'huge expression': self.entry5(7, start, end, expr=uleb((1 << 64) - 1)),
                'endless number': b'\4' + b'\xff' * 40,
                'index of an address': b'\1\x99\1' + good + b'\0',
                'huge index': b'\2' + uleb((1 << 64) - 1) * 2 + b'\1\x55\0'}
        for text, data in rows.items():
            with self.subTest(text):
                self.unknown(Locations(data=data))

    def test_version_4(self):
        start, end = TEXT.to_bytes(8, 'little'), (TEXT + 16).to_bytes(8, 'little')
        case = Case(Encoding(version=4))
        for text, data in {'no end': start + end + b'\1\0\x55', 'nothing': b'', 'cut': start + end,
                           'cut address': start + end[:4],
                           'expression beyond the end': start + end + b'\xff\xff\x55' + bytes(16),
                           }.items():
            with self.subTest(text):
                self.unknown(Locations(data=data), case=case)

    def test_expressions(self):
        for text, ops in {'cut number': [(0x11, b'\x80\x80')],
                          'entry value beyond the end': [(0xa3, b'\x20\x55')],
                          'cut address': [(0x03, b'\1\2')],
                          'implicit value beyond the end': [(0x9e, b'\x09\1')]}.items():
            with self.subTest(text):
                self.unknown(ops)

    def test_nested_entry_values(self):
        """An expression in an expression in ...; no recursion without a bound."""
        raw = b'\x55'
        for _ in range(5000):
            raw = b'\xa3' + uleb(len(raw)) + raw
        tree = [Unit(INT_T, function('f', param('a', 'int', Raw('exprloc', uleb(len(raw)) + raw)),
                                     type='int', low_pc=TEXT))]
        btf, _ = self.survives(tree, [local('f.isra.0', 0)])
        self.assertLessEqual(set(btf.functions()), {'f'})

    def test_list_nowhere(self):
        for value in (0xffffffff, 0x10000, 0x7ffffff0):
            self.unknown(Raw('sec_offset', value.to_bytes(4, 'little')))
        self.unknown(Raw('loclistx', uleb(5)))
        self.unknown(Raw('loclistx', uleb((1 << 64) - 1)))

    def test_bases_nowhere(self):
        for name in ('loclists_base', 'addr_base'):
            tree = [Unit(INT_T, function('f', param('a', 'int', Raw('loclistx', b'\0')), type='int',
                                         low_pc=TEXT), f_int('g', 16),
                         **{name: Raw('sec_offset', b'\xf0\xff\xff\xff')})]
            btf, _ = self.survives(tree, [local('f.isra.0', 0), sym('g', 16)])
            self.assertEqual(btf.functions(), {'g': 'PROTO(a int)->int'})

    def test_long_list(self):
        """Looked at from every parameter: bounded."""
        entries = [(TEXT + 0x1000, TEXT + 0x1001, RDI)] * 60000
        places = Locations(*entries)
        dwarf = build_dwarf([Unit(INT_T, function('f', param('p', 'int', places), type='int',
                                                  low_pc=TEXT), f_int('g', 16))], PLAIN)
        count = 1000 if SANITIZED else 5000
        off = dwarf.sections['.debug_loclists'].index(b'\x08')
        tree = [Unit(INT_T, function('f', [param('p%d' % i, 'int',
                                                 Raw('sec_offset', off.to_bytes(4, 'little')))
                                           for i in range(count)] + [param('p', 'int', places)],
                                     low_pc=TEXT), f_int('g', 16))]
        start = time.monotonic()
        btf, _ = self.survives(tree, [local('f.isra.0', 0), sym('g', 16)])
        self.assertEqual(set(btf.functions()), {'g'})
        self.assertLess(time.monotonic() - start, 40)


class RangeLists(FunctionDamage):
    """A function whose ranges cannot be read has no address, and no symbol leads to it."""

    def lost(self, ranges, case=PLAIN):
        tree = [Unit(INT_T, function('h', param('a', 'int'), type='int', ranges=ranges),
                     f_int('g', 16))]
        btf, _ = self.survives(tree, [sym('g', 16)], case=case)
        self.assertEqual(btf.functions(), {'g': 'PROTO(a int)->int'})
        # With a symbol of the name, perhaps: but the file is one that kernels take.
        btf, _ = self.survives(tree, [sym('g', 16), sym('h', 0)], case=case)
        self.assertLessEqual(set(btf.functions()), {'g', 'h'})

    def test_damaged(self):
        start = TEXT.to_bytes(8, 'little')
        for data in (b'', b'\x33', b'\6' + start, b'\7' + start, b'\7' + start + b'\xff' * 30,
                     b'\1\x99\1', b'\4' + b'\xff' * 30, b'\2\5\5\0'):
            self.lost(Ranges(data=data))
        case = Case(Encoding(version=4))
        for data in (b'', start, start + start[:4], start + start):
            self.lost(Ranges(data=data), case)

    def test_nowhere(self):
        for value in (0xffffffff, 0x10000):
            self.lost(Raw('sec_offset', value.to_bytes(4, 'little')))
        self.lost(Raw('rnglistx', uleb(5)))
        self.lost(Raw('rnglistx', uleb((1 << 64) - 1)))
        self.lost(Form('data1', 5))


class Annotations(FunctionDamage):
    def chain(self, length, loop_to=None, name='btf_decl_tag'):
        last = None if loop_to is None else 'a%d' % loop_to
        return [die('GNU_annotation', id='a%d' % i, name=name, const_value='t%d' % i,
                    GNU_annotation='a%d' % (i + 1) if i + 1 < length else last)
                for i in range(length)]

    ENDLESS = 'chain of annotations does not end'

    def places(self, name='btf_decl_tag'):
        """A tree for each thing that can have an annotation."""
        kw = dict(GNU_annotation='a0')
        if name == 'btf_type_tag':
            return [[die('pointer_type', type='int', byte_size=8, **kw)]]
        return [[struct_('s', 4, member('a', 'int', 0), **kw)],
                [union_('u', 4, umember('a', 'int'), **kw)],
                [struct_('s', 4, member('a', 'int', 0, **kw))],
                [die('typedef', name='t', type='int', **kw)],
                [function('f', low_pc=TEXT, **kw)],
                [function('f', param('a', 'int', **kw), low_pc=TEXT)],
                [function('f', id='abs', inline=1, **kw),
                 die('subprogram', abstract_origin='abs', low_pc=TEXT)]]

    def test_loops(self):
        for name in ('btf_decl_tag', 'btf_type_tag'):
            for length, loop_to in ((1, 0), (2, 0), (3, 1)):
                for tree in self.places(name):
                    self.bad([INT_T, *self.chain(length, loop_to, name), *tree], self.ENDLESS)

    def test_loop_of_a_variable(self):
        tree = [INT_T, *self.chain(2, 0), die('variable', name='v', type='int', external=True,
                                              location=[('addr', 0x80000)], GNU_annotation='a0')]
        self.bad(tree, self.ENDLESS, symbols=[obj('v', 0, 4)], percpu=0x80000)

    def test_long(self):
        for tree in self.places():
            btf, _ = self.survives([INT_T, *self.chain(100), *tree])
            self.assertIn(sum(t.kind == 'DECL_TAG' for t in btf.types), (100, 200))
            self.bad([INT_T, *self.chain(5000), *tree], self.ENDLESS)

    def test_something_else(self):
        for target in ('int', 'here'):
            for tree in self.places():
                tree[0].id = tree[0].id or 'here'
                if target == 'here' and tree[0].id != 'here':
                    continue
                for node in tree:
                    if 'GNU_annotation' in node.attrs:
                        node.attrs['GNU_annotation'] = target
                if 'GNU_annotation' in tree[0].attrs:
                    self.bad([INT_T, *tree], 'reference to an annotation leads to something else')

    def test_nowhere(self):
        for form in ('ref4', 'ref_addr', 'ref_sig8'):
            size = 8 if form == 'ref_sig8' else 4
            self.bad([INT_T, struct_('s', 4, member('a', 'int', 0),
                                     GNU_annotation=Raw(form, b'\xf0' * size))], '[^\n]+')

    def test_values(self):
        """Numbers, blocks, nothing: no text, so no tag."""
        for value in (5, Raw('block1', b'\2ab'), Raw('data16', bytes(16)), Raw('flag', b'\1'),
                      Raw('sdata', b'\x7f'), Raw('string', b'\0')):
            for name in ('btf_decl_tag', 'btf_type_tag'):
                note = die('LLVM_annotation', name=name, const_value=value)
                btf, report = self.survives(
                    [INT_T, struct_('s', 4, member('a', 'int', 0), note),
                     die('pointer_type', note, type='int', byte_size=8)])
                self.assertEqual([t for t in btf.types if t.kind in ('DECL_TAG', 'TYPE_TAG')], [])
                self.assertGreaterEqual(self.kinds(report)['bad-tag'], 1)

    def test_string_nowhere(self):
        self.bad([INT_T, struct_('s', 4, member('a', 'int', 0),
                                 die('LLVM_annotation', name='btf_decl_tag',
                                     const_value=Raw('strp', b'\0\0\xff\x7f')))], '[^\n]+')

    def test_anywhere(self):
        """Annotations below things that have none, and below each other."""
        note = [die('LLVM_annotation', die('LLVM_annotation', name='btf_decl_tag',
                                           const_value='in'),
                    name='btf_decl_tag', const_value='x') for _ in range(2)]
        tree = [note, die('base_type', note, name='b', byte_size=4, encoding='signed'),
                die('const_type', note, type='int'), die('lexical_block', note),
                die('array_type', die('subrange_type', note, upper_bound=3), note, type='int'),
                die('enumeration_type', die('enumerator', note, name='e', const_value=1), note,
                    name='en', byte_size=4),
                die('namespace', note, name='n'), die('inlined_subroutine', note),
                function('f', die('lexical_block', note, die('label', note)),
                         die('unspecified_parameters', note), low_pc=TEXT),
                die('subroutine_type', die('formal_parameter', note, type='int'), note),
                die('structure_type', note, name='fwd', declaration=True)]
        btf, _ = self.survives([INT_T, *tree])
        self.assertLessEqual({t.kind for t in btf.types if t.name in ('x', 'in')}, {'DECL_TAG'})


class IdSections(FunctionDamage):
    TREE = [INT_T, f_int('f'), f_int('g', 16)]
    SYMBOLS = [sym('f', 0), sym('g', 16)]
    REFUSED = re.compile(r"\A\.BTF_ids\+0x[0-9a-f]+: [^\n]+\Z")

    def test_sets_beyond_the_section(self):
        for extra in (4, 8, 0x1000, 0xfffffff0):
            ids = Ids().set8('list', 'f', extra_size=extra)
            self.refused(self.image(PLAIN, self.TREE, self.SYMBOLS, ids=ids),
                         re.compile(r"\A(\.BTF_ids|\.symtab)\+0x[0-9a-f]+: [^\n]+\Z"))

    def test_set_without_room_for_flags(self):
        """The set ends in the middle of a pair, or before its own flags."""
        for cut in (4, 12):
            ids = Ids().set8('list', 'f', cut=cut)
            self.refused(self.image(PLAIN, self.TREE, self.SYMBOLS, ids=ids), self.REFUSED)

    def test_empty_sets(self):
        btf, _ = self.survives(self.TREE, self.SYMBOLS, ids=Ids().set8('list').set('none'))
        self.assertEqual(dict(btf.tags()), {})

    def test_truncated_section(self):
        """At every word."""
        whole = Ids().set8('list', 'f', 'g').one('f').set('s', 'g')
        for words in range(len(whole.words)):
            data = self.image(PLAIN, self.TREE, self.SYMBOLS,
                              extra=lambda elf, n=words: whole.add_to(elf, False, bytes(4 * n)))
            path = self.write('in.elf', data)
            result = run('-o', self.path('out.btf'), path)
            self.assertIn(result.code, (0, 3), result.err)
            if result.code == 3:
                self.one_line(result, path)
                self.assertFalse(os.path.exists(self.path('out.btf')))

    def test_no_bits(self):
        """Separate debug information has the symbols, and not the bytes."""
        def extra(elf):
            section = elf.section('.BTF_ids', b'', sh_type=SHT_NOBITS, flags='A', addr=IDS,
                                  size=64)
            elf.symbol('__BTF_ID__set8__list', value=IDS, size=24, section=section,
                       bind=STB_LOCAL, sym_type=STT_NOTYPE)
            elf.symbol('__BTF_ID__func__f__1', value=IDS + 8, size=4, section=section,
                       bind=STB_LOCAL)

        btf, _ = self.survives(self.TREE, self.SYMBOLS, extra=extra)
        self.assertEqual(set(btf.functions()), {'f', 'g'})

    def test_odd_names(self):
        def extra(elf):
            section = elf.section('.BTF_ids', bytes(256), flags='A', addr=IDS)
            for i, name in enumerate(('__BTF_ID__func__', '__BTF_ID__func____1',
                                      '__BTF_ID__func__f', '__BTF_ID__func___', '__BTF_ID__',
                                      '__BTF_ID__func__f__', '__BTF_ID__func__' + 'x' * 5000,
                                      '__BTF_ID__unknown__f__1', '', 'f')):
                elf.symbol(name, value=IDS + 4 * i, size=4, section=section, bind=STB_LOCAL)

        btf, _ = self.survives(self.TREE, self.SYMBOLS, extra=extra)
        self.assertEqual(set(btf.functions()), {'f', 'g'})

    def test_overlapping_sets(self):
        """Many sets over the same bytes: bounded."""
        count = 2000 if SANITIZED else 20000

        def extra(elf):
            section = elf.section('.BTF_ids', elf.pack('II', 0, 1) + bytes(8 * count), flags='A',
                                  addr=IDS)
            for i in range(count):
                elf.symbol('__BTF_ID__set8__l%d' % i, value=IDS, size=8 + 8 * count,
                           section=section, sym_type=STT_NOTYPE, bind=STB_LOCAL)
                elf.symbol('__BTF_ID__func__f__%d' % i, value=IDS + 8 + 8 * i, size=4,
                           section=section, bind=STB_LOCAL)

        btf, _ = self.survives(self.TREE, self.SYMBOLS, extra=extra)
        self.assertEqual(dict(btf.tags()), {('func f', -1, 'bpf_kfunc'): 1})


class Flips(FunctionDamage):
    """Each byte of what functions need, changed: an answer, and a file by the rules."""

    TREE = [Unit(INT_T, ptr('int'),
                 function('f', param('a', 'int', id='f a'), param('b', 'ptr int', id='f b'),
                          die('LLVM_annotation', name='btf_decl_tag', const_value='x'), type='int',
                          id='abs', inline=1),
                 function(None, die('formal_parameter', abstract_origin='f a',
                                    location=Locations((TEXT, TEXT + 8, RDI),
                                                       (TEXT + 8, TEXT + 16,
                                                        [('entry_value', RDI), 'stack_value']))),
                          die('formal_parameter', abstract_origin='f b',
                              location=['reg4', ('piece', 4), 'reg1', ('piece', 4)]),
                          abstract_origin='abs', external=None,
                          ranges=Ranges((TEXT, TEXT + 16), (TEXT + 0x40, TEXT + 0x50))),
                 die('GNU_annotation', name='btf_decl_tag', const_value='y', id='y'),
                 struct_('s', 4, member('m', 'int', 0, GNU_annotation='y')),
                 f_int('g', 16), name='a.c')]

    def test_flips(self):
        symbols = [local('f.isra.0', 0), sym('g', 16)]
        cases = [Case(Encoding(version=5, addrform='addrx', listform='index')),
                 Case(Encoding(version=4))]
        for case in cases:
            elf_data = self.image(case, self.TREE, symbols, ids=Ids().set8('l', 'g'))
            reader = ElfReader(elf_data)
            for section in reader.sections:
                if section['name'] not in ('.debug_info', '.debug_loclists', '.debug_rnglists',
                                           '.debug_loc', '.debug_ranges', '.debug_addr',
                                           '.BTF_ids'):
                    continue
                step = 7 if SANITIZED else 3
                for i in range(0, section['size']):
                    for value in ((0, 0xff, 0x80, 1)[i % 4],) if i % step else (0, 1, 0x80, 0xff):
                        data = bytearray(elf_data)
                        if data[section['offset'] + i] == value:
                            continue
                        data[section['offset'] + i] = value
                        self.answered(bytes(data), '%s+%d=%d' % (section['name'], i, value))

    def answered(self, data, what):
        path = self.write('in.elf', data)
        out = self.path('out.btf')
        result = run('--features=+true_signature', '-o', out, path)
        self.assertIn(result.code, (0, 3), '%s: %s' % (what, result.err))
        if result.code == 3:
            self.one_line(result, path)
            self.assertFalse(os.path.exists(out))
        else:
            self.assertRegex(result.err,
                             r'\A(btfgen: [^\n]+: \.BTF_ids asks for [^\n]+\n)?\Z', what)
            self.assertEqual(Btf(self.read('out.btf')).problems(), [], what)
            os.unlink(out)


@unittest.skipIf(SANITIZED, 'the sanitizers reserve memory of their own')
class Memory(FunctionDamage):
    def test_bounded(self):
        """Counts in the input are no reason to allocate: 256 MiB must do for each of these."""
        trees = {
            'ranges': ([INT_T, function('f', ranges=Ranges(data=b'\4' + uleb(1 << 62) * 2))], {}),
            'kfuncs': ([INT_T, f_int('f')], dict(ids=Ids().set8('l', 'f', extra_size=1 << 31)))}
        for text, (tree, kw) in trees.items():
            path = self.write('in.elf', self.image(PLAIN, tree, [sym('f', 0)], **kw))
            done = subprocess.run([BTFGEN, '-j1', '-o', self.path('out.btf'), path], check=False,
                                  capture_output=True, timeout=60, preexec_fn=lambda: (
                                      resource.setrlimit(resource.RLIMIT_AS,
                                                         (256 << 20, 256 << 20))))
            self.assertIn(done.returncode, (0, 3), '%s: %s' % (text, done.stderr))


if __name__ == '__main__':
    main()
