# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
"""The checkers that other tests trust: every rule of btf.py finds what breaks it."""

import os
import struct
import subprocess
import shutil
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

# pylint: disable=wrong-import-position
from btf import KINDS, Btf, BtfError, compare  # noqa: E402
from dwarfwriter import (Dwarf, Encoding, Locations, Ranges, Unit, base, die,  # noqa: E402
                         function, member, param, ptr, struct_, variable)
from elfwriter import Elf, ElfReader, STB_LOCAL  # noqa: E402


class Blob:
    """BTF put together by hand."""

    def __init__(self, order='<'):
        self.order = order
        self.strings = bytearray(b'\0')
        self.offs = {'': 0}
        self.records = []

    def name(self, text):
        if text not in self.offs:
            self.offs[text] = len(self.strings)
            self.strings += text.encode() + b'\0'
        return self.offs[text]

    def add(self, kind, name='', word=0, tail=(), vlen=0, kflag=False):
        info = KINDS.index(kind) << 24 | vlen | kflag << 31
        words = [self.name(name), info, word] + [v & 0xffffffff for v in tail]
        self.records.append(struct.pack('%s%dI' % (self.order, len(words)), *words))
        return len(self.records)

    def int(self, name='int', size=4, encoding=1, bits=None):
        return self.add('INT', name, size, [encoding << 24 | (8 * size if bits is None else bits)])

    def struct(self, name, size, *members, kind='STRUCT', kflag=False):
        tail = []
        for m in members:
            tail += [self.name(m[0]), m[1], m[2]]
        return self.add(kind, name, size, tail, len(members), kflag)

    def function(self, name, *params):
        tail = []
        for text in params:
            tail += [self.name(text), 3]
        return self.add('FUNC', name, self.add('FUNC_PROTO', '', 0, tail, len(params)))

    def bytes(self, **kw):
        types = b''.join(self.records)
        head = dict(magic=0xeb9f, version=1, flags=0, hdr_len=24, type_off=0, type_len=len(types),
                    str_off=len(types), str_len=len(self.strings))
        head.update(kw)
        return struct.pack(self.order + 'HBBIIIII', *head.values()) + types + bytes(self.strings)

    def problems(self, **kw):
        return Btf(self.bytes(**kw)).problems()


class Rules(unittest.TestCase):
    def broken(self, blob, *rules, **kw):
        """Exactly these rules are broken."""
        self.assertEqual(sorted({p.split()[0] for p in blob.problems(**kw)}), sorted(rules),
                         blob.problems(**kw))

    def good(self, order='<'):
        b = Blob(order)
        b.add('PTR', '', 3)
        b.add('ARRAY', '', 0, [3, 3, 4])
        b.int()
        b.struct('s', 24, ('p', 1, 0), ('a', 2, 64))
        return b

    def test_good(self):
        for order in '<>':
            self.broken(self.good(order))
            btf = Btf(self.good(order).bytes())
            self.assertEqual(btf.content(btf.one('s')), '24{p@0 PTR(int); a@64 ARRAY(int,4)}')

    def test_header(self):
        self.broken(self.good(), 'H5', version=2)
        self.broken(self.good(), 'H6', flags=1)
        b = self.good()
        b.strings += b'x'
        with self.assertRaises(BtfError):
            b.problems()
        for kw in (dict(magic=0x1234), dict(hdr_len=8), dict(type_len=13), dict(str_len=9999)):
            with self.assertRaises(BtfError):
                self.good().problems(**kw)
        for cut in range(1, 120):
            data = self.good().bytes()[:-cut]
            with self.assertRaises(BtfError):
                Btf(data)
        self.assertTrue(Btf(self.good().bytes() + b'\0').problems())

    def test_ids_and_kinds(self):
        b = self.good()
        b.add('TYPEDEF', 'z', 99)
        self.broken(b, 'M11')
        b = self.good()
        b.add('TYPEDEF', 'z')
        b.records[-1] = b.records[-1][:4] + struct.pack('<I', 25 << 24) + b.records[-1][8:]
        with self.assertRaises(BtfError):
            b.problems()

    def test_one_type(self):
        cases = [
            ('M10', lambda b: b.int('x', 4, 1, 33)), ('M10', lambda b: b.int('x', 4, 3)),
            ('M11', lambda b: b.add('PTR', 'x', 3)), ('M3', lambda b: b.add('TYPEDEF', 'x y', 3)),
            ('M3', lambda b: b.add('TYPEDEF', '0x', 3)), ('M14', lambda b: b.add('FWD', 'x', 4)),
            ('M15', lambda b: b.add('ARRAY', '', 0, [0, 3, 1])),
            ('M16', lambda b: b.struct('x', 8, ('a', 3, 32), ('b', 3, 0))),
            ('M16', lambda b: b.struct('x', 4, ('a', 0, 0))),
            ('M16', lambda b: b.struct('x', 8, ('a', 3, 32), kind='UNION')),
            ('M16', lambda b: b.struct('x', 8, ('a', 3, 0), kflag=True)),
            ('M17', lambda b: b.add('ENUM', 'x', 3)),
            ('M17', lambda b: b.add('ENUM', 'x', 4, [b.name('v'), 1], 1, True)),
            ('M22', lambda b: b.add('FLOAT', 'x', 3)), ('M20', lambda b: b.add('VAR', 'x', 3, [2])),
            ('R17', lambda b: b.add('DECL_TAG', 'x', 3, [-1])),
            ('R18', lambda b: b.add('DECL_TAG', 'x', 4, [2])),
            ('R18', lambda b: b.add('DECL_TAG', 'x', b.add('TYPEDEF', 'tt', 3), [0])),
            ('R18', lambda b: b.add('DECL_TAG', 'x', b.function('f', 'a'), [1])),
            ('M23', lambda b: b.add('DECL_TAG', '', 4, [0])),
            ('M23', lambda b: b.add('DECL_TAG', 'x', 4, [-2])),
            ('M23', lambda b: b.add('TYPE_TAG', '', 3)),
            ('C3', lambda b: b.add('CONST', '', b.add('TYPE_TAG', 'x', 3))),
            ('R11', lambda b: b.add('FUNC', 'f', 3)), ('R12', lambda b: b.function('f', '')),
            ('M19', lambda b: b.add('FUNC', 'f', b.add('FUNC_PROTO'), vlen=2)),
            ('R4', lambda b: b.add('ARRAY', '', 0, [3, 3, 0x40000000])),
            ('R6', lambda b: b.struct('x', 6, ('a', 3, 32))),
            ('R6', lambda b: b.struct('x', 4, ('a', 3, 33 << 24), kflag=True)),
            ('R15', lambda b: b.add('FUNC_PROTO', '', 0, [0, 0, 0, 3], 2)),
        ]
        for rule, add in cases:
            b = self.good()
            add(b)
            found = {p.split()[0] for p in Btf(b.bytes()).problems(program=True)}
            self.assertIn(rule, found, b.problems())

    def test_functions_and_tags(self):
        b = Blob()
        b.add('FUNC_PROTO', '', 0, [b.name('x'), 4], 1)
        b.add('PTR', '', 6)
        b.add('DECL_TAG', 'dt', 5, [0])
        b.int()
        b.add('FUNC', 'f', 1)
        b.add('TYPE_TAG', 'user', 4)
        self.broken(b, 'N1')
        btf = Btf(b.bytes())
        self.assertEqual(btf.functions(), {'f': 'PROTO(x int)->void'})
        self.assertEqual(dict(btf.tags()), {('func f', 0, 'dt'): 1})
        self.assertEqual(btf.describe(2), 'PTR(TAG(user,int))')

    def test_layout(self):
        def blob(fix=None, **kw):
            b = self.good()
            types = b''.join(b.records)
            entries = [[0, 0, 0] for _ in KINDS]
            for kind, sizes in dict(INT=(4, 0), ARRAY=(12, 0), STRUCT=(0, 12), UNION=(0, 12),
                                    ENUM=(0, 8), FUNC_PROTO=(0, 8), VAR=(4, 0), DATASEC=(0, 12),
                                    DECL_TAG=(4, 0), ENUM64=(0, 12)).items():
                entries[KINDS.index(kind)][:2] = sizes
            if fix:
                fix(entries)
            layout = b''.join(struct.pack('<BBH', *e) for e in entries)
            head = dict(magic=0xeb9f, version=1, flags=0, hdr_len=32, type_off=0,
                        type_len=len(types), str_off=len(types) + len(layout),
                        str_len=len(b.strings), layout_off=len(types), layout_len=len(layout))
            head.update(kw)
            data = struct.pack('<HBBIIIIIII', *head.values()) + types + layout + bytes(b.strings)
            return sorted({p.split()[0] for p in Btf(data).problems(header_len=32)})

        self.assertEqual(blob(), [])
        self.assertEqual(blob(lambda e: e[4].__setitem__(1, 8)), ['L4'])
        self.assertEqual(blob(lambda e: e.pop()), ['L4'])
        self.assertEqual(blob(layout_len=0), ['H8', 'L4'])
        with self.assertRaises(BtfError):
            blob(layout_len=0x10000)

    def test_datasec(self):
        def sec(*entries, size=64):
            b = self.good()
            v = b.add('VAR', 'v', 3, [1])
            w = b.add('VAR', 'w', 3, [1])
            ids = {'v': v, 'w': w, 'i': 3}
            tail = []
            for name, off, length in entries:
                tail += [ids[name], off, length]
            b.add('DATASEC', 'zsec', size, tail, len(entries))
            return b

        self.broken(sec(('v', 0, 4), ('w', 4, 4)))
        # The name order of the sections in between is not looked at here.
        self.broken(sec(('v', 0, 4), ('w', 2, 4)), 'M21')
        self.broken(sec(('v', 8, 4), ('w', 0, 4)), 'M21')
        self.broken(sec(('v', 0, 4), ('w', 62, 4)), 'M21')
        self.broken(sec(('v', 0, 4), ('w', 4, 0)), 'M21', 'R10')
        self.broken(sec(('v', 0, 4), ('w', 4, 2)), 'R10')
        self.broken(sec(('v', 0, 4)), 'N6')
        self.broken(sec(('v', 0, 4), ('w', 4, 4), ('v', 8, 4)), 'N6')
        self.broken(sec(('v', 0, 4), ('w', 4, 4), ('i', 8, 4)), 'R8')

    def test_chains_and_loops(self):
        b = Blob()
        for i in range(33):
            b.add('CONST', '', i + 2)
        b.int()
        self.assertIn('C1', {p.split()[0] for p in b.problems()})
        b = Blob()
        for i in range(32):
            b.add('CONST', '', i + 2)
        b.int()
        self.assertNotIn('C1', {p.split()[0] for p in b.problems()})
        # What was looked at before is not walked again.
        b = Blob()
        b.int()
        for i in range(50):
            b.add('CONST', '', i + 1)
        self.assertNotIn('C1', {p.split()[0] for p in b.problems()})
        b = Blob()
        b.add('CONST', '', 2)
        b.add('VOLATILE', '', 1)
        self.broken(b, 'R19')
        b = Blob()
        b.add('PTR', '', 1)
        self.broken(b, 'R19')
        b = Blob()
        b.struct('s', 8, ('a', 1, 0))
        self.assertIn('R19', {p.split()[0] for p in b.problems()})

    def test_order_and_names(self):
        b = Blob()
        b.int()
        b.add('PTR', '', 1)
        self.broken(b, 'N1')
        b = Blob()
        b.int('b')
        b.int('a')
        self.broken(b, 'N1')
        b = Blob()
        b.add('FWD', 's')
        b.struct('s', 0)
        self.broken(b, 'N3')

    def test_strings(self):
        b = self.good()
        b.name('unused')
        self.broken(b, 'N5')
        b = self.good()
        b.strings += b'int\0'
        self.broken(b, 'N5')
        b = self.good()
        at = b.name('xint')
        b.records[2] = struct.pack('<I', at + 1) + b.records[2][4:]
        found = [p for p in b.problems() if p.startswith('N5')]
        self.assertTrue(any('inside a string' in p for p in found), found)

    def test_equal_types(self):
        b = Blob()
        b.add('PTR', '', 3)
        b.add('PTR', '', 3)
        b.int()
        self.broken(b, 'N4')
        # A cycle, unrolled once.
        b = Blob()
        b.add('PTR', '', 3)
        b.add('PTR', '', 4)
        b.struct('s', 8, ('n', 2, 0))
        b.struct('s', 8, ('n', 1, 0))
        self.broken(b, 'N4')
        self.assertEqual(sorted(map(tuple, Btf(b.bytes()).equal_groups())), [(1, 2), (3, 4)])

    def test_compare(self):
        a, b = self.good(), self.good()
        b.int('zz')
        self.assertEqual(compare(Btf(a.bytes()), Btf(b.bytes())), ['+ INT zz 4 enc 1 bits 32'])


class Writers(unittest.TestCase):
    def test_readelf_takes_all(self):
        readelf = shutil.which('readelf')
        if not readelf:
            self.skipTest('no readelf')
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, 'x.elf')
            for version in (2, 3, 4, 5):
                for little in (True, False):
                    for size in (4, 8):
                        enc = Encoding(version=version, little=little, addr_size=size)
                        units = [Unit(base('int', 4), ptr('int'),
                                      struct_('s', 8, member('p', 'ptr int', 0)),
                                      variable('v', 'struct s', 0x1000))]
                        elf = Elf(bits=8 * size, little=little)
                        sec = elf.section('.data', bytes(16), flags='WA', addr=0x1000)
                        elf.symbol('l', 0x1004, 4, sec, bind=STB_LOCAL)
                        elf.symbol('v', 0x1000, 4, sec)
                        Dwarf(enc, units).build().add_to(elf,
                                                         compress='zlib' if version == 4 else None)
                        data = elf.build()
                        with open(path, 'wb') as f:
                            f.write(data)
                        done = subprocess.run([readelf, '-W', '-a', '--debug-dump=info', path],
                                              capture_output=True, text=True, check=False)
                        self.assertEqual((done.returncode, done.stderr), (0, ''))
                        for text in ('DW_TAG_structure_type', 'DW_OP_addr: 1000', 'OBJECT  GLOBAL'):
                            self.assertIn(text, done.stdout)
                        self.assertEqual([s['name'] for s in ElfReader(data).sections][1], '.data')

    def test_readelf_takes_lists(self):
        readelf = shutil.which('readelf')
        if not readelf:
            self.skipTest('no readelf')
        places = [(0x1010, 0x1014, ['reg5']), (0x1014, 0x1020, [('entry_value', ['reg5']),
                                                                'stack_value'])]
        # It does not find the entries of .debug_addr, which the other kinds need.
        kinds5 = ['pair', 'base', 'start_end', 'start_length']
        rows = [(version, kind, 'sec_offset') for version in (2, 3, 4) for kind in ('pair', 'base')]
        rows += [(5, kind, form) for kind in kinds5 for form in ('sec_offset', 'index')]
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, 'x.elf')
            for version, kind, form in rows:
                for size in (4, 8):
                    enc = Encoding(version=version, addr_size=size, listform=form)
                    kw = dict(kind=kind, base=0x1000)
                    units = [Unit(base('int', 4),
                                  function('f', param('a', 'int', Locations(*places, **kw)),
                                           param('b', 'int', [('breg4', 0), ('deref',)]),
                                           type='int', low_pc=0x1010),
                                  die('subprogram', name='g', calling_convention=3,
                                      ranges=Ranges((0x1020, 0x1028), (0x1030, 0x1040), **kw)),
                                  low_pc=0x1000)]
                    elf = Elf(bits=8 * size)
                    Dwarf(enc, units).build().add_to(elf)
                    with open(path, 'wb') as f:
                        f.write(elf.build())
                    done = subprocess.run([readelf, '-W', '--debug-dump=info,loc,Ranges', path],
                                          capture_output=True, text=True, check=False)
                    self.assertEqual((done.returncode, done.stderr), (0, ''), (version, kind, form))
                    for text in (r'10 0*(10)?14 .*_reg5', r'14 0*(10)?20 .*entry_value',
                                 r'20 0*(10)?28', r'30 0*(10)?40', 'DW_OP_breg4', 'nocall'):
                        self.assertRegex(done.stdout, text, (version, kind, form))


if __name__ == '__main__':
    unittest.main()
