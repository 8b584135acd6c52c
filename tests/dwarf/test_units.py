# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
"""Units: type units, partial units, references across units, mixed versions, determinism."""

import os
import random
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'lib'))

# pylint: disable=wrong-import-position,wildcard-import,unused-wildcard-import
from encode import *  # noqa: E402,F403
from encode import main  # noqa: E402

WANT_INT = {INT: INT_CONTENT}


class TypeUnits(EncodeTest):
    def test_struct_by_signature(self):
        def units(_case):
            return [
                Unit(struct_('foo', 16, member('a', 'int', 0), member('p', 'pf', 8), id='foo'),
                     base('int', 4), ptr('foo', id='pf'), kind='type', main='foo',
                     sig=0x1122334455667788),
                Unit(enum_('e', 4, ('A', 1), id='e'), kind='type', main='e',
                     sig=0xfedcba9876543210),
                Unit(base('int', 4), ptr('foo', id='p'), typedef('t', 'p'), typedef('te', 'e'),
                     struct_('user', 24, member('f', 'foo', 0), member('e', 'e', 16)), name='a.c')]

        self.types(units, {**WANT_INT, ('STRUCT', 'foo'): '16{a@0 int; p@64 PTR(struct foo)}',
                           ('ENUM', 'e'): '4{A=1}', ('TYPEDEF', 't'): 'PTR(struct foo)',
                           ('TYPEDEF', 'te'): 'enum e',
                           ('STRUCT', 'user'): '24{f@0 struct foo; e@128 enum e}'},
                   cases=TYPE_UNIT_CASES)

    def test_unit_after_its_user(self):
        def units(_case):
            return [Unit(ptr('foo', id='p'), typedef('t', 'p'), name='a.c'),
                    Unit(struct_('foo', 4, member('a', 'int', 0), id='foo'), base('int', 4),
                         kind='type', main='foo', sig=7)]

        self.types(units, {**WANT_INT, ('STRUCT', 'foo'): '4{a@0 int}',
                           ('TYPEDEF', 't'): 'PTR(struct foo)'}, cases=TYPE_UNIT_CASES)

    def test_one_type_unit_uses_another(self):
        def units(_case):
            return [Unit(struct_('inner', 4, member('a', 'int', 0), id='inner'), base('int', 4),
                         kind='type', main='inner', sig=1),
                    Unit(struct_('outer', 8, member('i', 'inner', 0), member('j', 'inner', 4),
                                 id='outer'),
                         kind='type', main='outer', sig=2),
                    Unit(typedef('t', 'outer'), name='a.c')]

        self.types(units, {**WANT_INT, ('STRUCT', 'inner'): '4{a@0 int}',
                           ('STRUCT', 'outer'): '8{i@0 struct inner; j@32 struct inner}',
                           ('TYPEDEF', 't'): 'struct outer'}, cases=TYPE_UNIT_CASES)

    def test_skeleton_declaration_with_signature(self):
        """GCC leaves a declaration with DW_AT_signature where the struct stood."""
        def units(_case):
            return [Unit(struct_('foo', 4, member('a', 'int', 0), id='foo'), base('int', 4),
                         kind='type', main='foo', sig=3),
                    Unit(die('structure_type', id='skel', declaration=True, signature='foo'),
                         ptr('skel', id='p'), typedef('t', 'p'),
                         struct_('user', 4, member('f', 'skel', 0)), name='a.c')]

        self.types(units, {**WANT_INT, ('STRUCT', 'foo'): '4{a@0 int}',
                           ('TYPEDEF', 't'): 'PTR(struct foo)',
                           ('STRUCT', 'user'): '4{f@0 struct foo}'}, cases=TYPE_UNIT_CASES)

    def test_variable_of_a_type_unit_type(self):
        def units(_case, at):
            return [Unit(struct_('foo', 4, member('a', 'int', 0), id='foo'), base('int', 4),
                         kind='type', main='foo', sig=3),
                    Unit(variable('v', 'foo', at + 8), name='a.c')]

        self.variables(units, [('v', 8, 4)], [('v', 8, 4, 1, 'struct foo')], cases=TYPE_UNIT_CASES)


class PartialUnits(EncodeTest):
    def test_imported(self):
        def units(_case, at):
            return [Unit(base('int', 4), struct_('shared', 4, member('a', 'int', 0)),
                         kind='partial', id='pu', name='partial'),
                    Unit(die('imported_unit', import_='pu'), ptr('struct shared', id='p'),
                         variable('v', 'p', at + 8), variable('w', 'struct shared', at + 16),
                         name='a.c'),
                    Unit(die('imported_unit', import_='pu'), typedef('t', 'struct shared'),
                         name='b.c')]

        self.variables(units, [('v', 8, 8), ('w', 16, 4)],
                       [('v', 8, 8, 1, 'PTR(struct shared)'), ('w', 16, 4, 1, 'struct shared')],
                       cases=[c for c in MATRIX if c.bits == 64])
        self.types(lambda case: units(case, 0),
                   {**WANT_INT, ('STRUCT', 'shared'): '4{a@0 int}',
                    ('TYPEDEF', 't'): 'struct shared'},
                   anonymous=['PTR(struct shared)'])

    def test_import_inside_a_partial_unit(self):
        self.types([Unit(base('int', 4), kind='partial', id='p1', name='p1'),
                    Unit(die('imported_unit', import_='p1'), typedef('t', 'int'), kind='partial',
                         id='p2', name='p2'),
                    Unit(die('imported_unit', import_='p2'), typedef('u', 't'), name='a.c')],
                   {**WANT_INT, ('TYPEDEF', 't'): 'int', ('TYPEDEF', 'u'): 'typedef t'}, cases=FEW)


class AcrossUnits(EncodeTest):
    def test_references_both_ways(self):
        self.types([Unit(struct_('a', 8, member('b', 'pb', 0)), ptr('struct b', id='pb'),
                         name='a.c'),
                    Unit(struct_('b', 12, member('a', 'struct a', 0), member('i', 'int', 8)),
                         base('int', 4), name='b.c')],
                   {**WANT_INT, ('STRUCT', 'a'): '8{b@0 PTR(struct b)}',
                    ('STRUCT', 'b'): '12{a@0 struct a; i@64 int}'})

    def test_array_bound_and_proto_across_units(self):
        self.types([Unit(array('int', 3, id='arr'), proto('arr_t', ('x', 'e'), id='pr'),
                         ptr('pr', id='pp'), typedef('fn', 'pp'), name='a.c'),
                    Unit(base('int', 4), typedef('arr_t', 'ptr arr'), ptr('arr', id='ptr arr'),
                         enum_('e', 4, ('A', 1), id='e'), name='b.c')],
                   {**WANT_INT, ('ENUM', 'e'): '4{A=1}', ('TYPEDEF', 'arr_t'): 'PTR(ARRAY(int,3))',
                    ('TYPEDEF', 'fn'): 'PTR(PROTO(x enum e)->typedef arr_t)'})

    def test_bitfield_storage_across_units(self):
        """The size behind an old style bitfield can stand in another unit."""
        self.types([Unit(struct_('s', 8,
                                 die('member', name='a', type='u64', bit_size=5, bit_offset=59,
                                             data_member_location=0)), name='a.c'),
                    Unit(typedef('u64', 'base'), base('base', 8, 'unsigned'), name='b.c')],
                   {('STRUCT', 's'): '8{a@0:5 typedef u64}', ('TYPEDEF', 'u64'): 'base',
                    ('INT', 'base'): '8 enc 0 bits 64'}, cases=[Case(Encoding(version=4))])

    def test_cycle_over_units(self):
        """Two units that refer to each other, both also by a third's eyes."""
        units = [Unit(struct_('a', 8, member('n', 'p', 0)), ptr('struct b', id='p'), name='a.c'),
                 Unit(struct_('b', 8, member('n', 'q', 0)), ptr('struct a', id='q'), name='b.c'),
                 Unit(struct_('a', 8, member('n', 'p3', 0), id='a3'), ptr('b3', id='p3'),
                      struct_('b', 8, member('n', 'q3', 0), id='b3'), ptr('a3', id='q3'),
                      name='c.c')]
        self.types(units, {('STRUCT', 'a'): '8{n@0 PTR(struct b)}',
                           ('STRUCT', 'b'): '8{n@0 PTR(struct a)}'}, cases=FEW)


class Mixed(EncodeTest):
    def test_all_versions_and_formats_in_one_file(self):
        units, want = [], {**WANT_INT}
        for i, (version, dwarf64) in enumerate([(2, False), (3, False), (3, True), (4, False),
                                                (4, True), (5, False), (5, True)]):
            enc = Encoding(version=version, dwarf64=dwarf64,
                           refform=['ref1', 'ref4', 'ref_udata'][i % 3],
                           strform='strx' if version == 5 else 'strp')
            units.append(Unit(base('int', 4), ptr('int'), typedef('t%d' % i, 'ptr int'),
                              typedef('same', 'int'), name='%d.c' % i, enc=enc))
            want[('TYPEDEF', 't%d' % i)] = 'PTR(int)'
        want[('TYPEDEF', 'same')] = 'int'
        self.types(units, want, cases=[PLAIN], anonymous=['PTR(int)'])

    def test_units_without_types(self):
        self.types([Unit(name='empty.c'), Unit(language='Mips_Assembler', producer='GNU AS 2.40',
                                               name='x.S'),
                    Unit(base('int', 4), name='a.c'), Unit(name='empty2.c')], WANT_INT)

    def test_unit_without_name(self):
        self.types([Unit(base('int', 4), name=None, producer=None, language=None)], WANT_INT,
                   cases=FEW)

    def test_padding_between_units(self):
        """Zero bytes after the last DIE of a unit belong to nothing."""
        case = PLAIN
        dw = build_dwarf([Unit(base('int', 4), typedef('t', 'int'), name='a.c')], case)
        info = bytearray(dw.sections['.debug_info'])
        info += bytes(5)
        info[0:4] = (len(info) - 4).to_bytes(4, 'little')
        dw.sections['.debug_info'] = bytes(info) * 1
        elf = Elf()
        dw.add_to(elf)
        btf = self.encode(elf.build())
        self.assertEqual(set(btf.definitions()),
                         {('INT', 'int', INT_CONTENT), ('TYPEDEF', 't', 'int')})

    def test_attribute_order_does_not_count(self):
        rng = random.Random(5)
        for _ in range(10):
            def shuffled(node):
                items = list(node.attrs.items())
                rng.shuffle(items)
                node.attrs = dict(items)
                for child in node.children:
                    shuffled(child)
                return node

            tree = [shuffled(d) for d in (
                base('int', 4), ptr('int'), enum_('e', 4, ('A', 1), ('B', -2)),
                struct_('s', 16, member('a', 'int', 0), bitfield('b', 'int', 32, 3),
                        member('p', 'ptr int', 8)), array('int', 4, id='a'), typedef('t', 'a'))]
            self.types(tree, {**WANT_INT, ('ENUM', 'e'): '4{A=1, B=-2}',
                              ('STRUCT', 's'): '16{a@0 int; b@32:3 int; p@64 PTR(int)}',
                              ('TYPEDEF', 't'): 'ARRAY(int,4)'}, cases=FEW)

    def test_unknown_attributes_of_every_form(self):
        """What is not wanted is stepped over, whatever its form."""
        raws = [Raw('addr', bytes(8)), Raw('block1', b'\3abc'), Raw('block2', b'\2\0ab'),
                Raw('block4', b'\1\0\0\0a'), Raw('block', b'\x81\0' + b'x'), Raw('data1', b'\1'),
                Raw('data2', b'\1\0'), Raw('data4', bytes(4)), Raw('data8', bytes(8)),
                Raw('data16', bytes(16)), Raw('string', b'abc\0'), Raw('flag', b'\1'),
                Raw('flag_present'), Raw('sdata', b'\xff\x7f'), Raw('udata', b'\xff\x01'),
                Raw('strp', bytes(4)), Raw('line_strp', bytes(4)), Raw('ref_addr', bytes(4)),
                Raw('ref1', b'\0'), Raw('ref2', bytes(2)), Raw('ref4', bytes(4)),
                Raw('ref8', bytes(8)),
                Raw('ref_udata', b'\x80\x01'), Raw('sec_offset', bytes(4)),
                Raw('exprloc', b'\2\x96\x96'),
                Raw('strx', b'\x80\x01'), Raw('addrx', b'\x80\x01'), Raw('ref_sup4', bytes(4)),
                Raw('strp_sup', bytes(4)), Raw('ref_sig8', bytes(8)),
                Raw('implicit_const', const=-70),
                Raw('loclistx', b'\5'), Raw('rnglistx', b'\5'), Raw('ref_sup8', bytes(8)),
                Raw('strx1', b'\1'), Raw('strx2', b'\1\0'), Raw('strx3', bytes(3)),
                Raw('strx4', bytes(4)),
                Raw('addrx1', b'\1'), Raw('addrx2', b'\1\0'), Raw('addrx3', bytes(3)),
                Raw('addrx4', bytes(4)), Raw('GNU_ref_alt', bytes(4)),
                Raw('GNU_strp_alt', bytes(4)),
                Raw('indirect', b'\x0f\x80\x01'), Raw('indirect', b'\x08ab\0')]
        attrs = {0x3e00 + i: raw for i, raw in enumerate(raws)}

        def strange(node):
            node.attrs = {**dict(list(attrs.items())[:20]), **node.attrs,
                          **dict(list(attrs.items())[20:])}
            return node

        self.types([strange(base('int', 4)),
                    strange(struct_('s', 4, strange(member('a', 'int', 0)))),
                    base('long', 8)],
                   {**WANT_INT, ('STRUCT', 's'): '4{a@0 int}', ('INT', 'long'): '8 enc 1 bits 64'},
                   cases=[PLAIN])


# Of the structs that the files disagree on, forward declarations may stay.
AMBIGUOUS = ('N3',)


class Determinism(EncodeTest):
    def units(self, seed, n=60):
        rng = random.Random(seed)
        units = []
        for i in range(n):
            dies = [base('int', 4), ptr('int')]
            for k in rng.sample(range(40), 12):
                size = 4 * (k % 7 + 1)
                members = [member('m%d' % j, 'int', 4 * j) for j in range(size // 4)]
                if rng.random() < 0.2:
                    members = [member('other', 'int', 0)]
                dies += [struct_('s%d' % k, size, *members), ptr('struct s%d' % k, id='p%d' % k),
                         typedef('t%d' % k, 'p%d' % k)]
            for k in range(40):
                if not any(d.id == 'p%d' % k for d in dies) and rng.random() < 0.2:
                    dies += [fwd('structure_type', 's%d' % k, id='f%d' % k),
                             ptr('f%d' % k, id='p%d' % k),
                             struct_('u%d_%d' % (i, k), 8, member('p', 'p%d' % k, 0))]
            dies.append(variable('v%d' % i, 'int', 0x80000 + 8 * i, external=bool(i % 2)))
            units.append(Unit(*dies, name='f%d.c' % i))
        return units

    def test_threads_do_not_count(self):
        symbols = [('v%d' % i, 8 * i, 4) for i in range(60)]
        for seed in range(3):
            data = self.elf(PLAIN, self.units(seed), percpu=0x80000, symbols=symbols).build()
            first = self.encode(data, ignore=AMBIGUOUS).data
            for option in ('-j1', '-j2', '-j7', '-j2'):
                self.assertEqual(self.encode(data, option, ignore=AMBIGUOUS).data, first, option)

    def test_order_of_units_does_not_change_the_set(self):
        symbols = [('v%d' % i, 8 * i, 4) for i in range(60)]
        for seed in range(3):
            def encoded(order):
                units = self.units(seed)
                units = [units[i] for i in order]
                return self.encode(self.elf(PLAIN, units, percpu=0x80000, symbols=symbols).build(),
                                   ignore=AMBIGUOUS)

            order = list(range(60))
            first = encoded(order)
            for shuffle in range(3):
                random.Random(shuffle).shuffle(order)
                again = encoded(order)
                self.assertEqual(again.everything(), first.everything())
                self.assertEqual(again.variables(), first.variables())

    def test_each_unit_adds_nothing_the_second_time(self):
        units = self.units(1)
        once = self.encode(self.elf(PLAIN, units, percpu=0x80000).build(), ignore=AMBIGUOUS)
        twice = self.encode(self.elf(PLAIN, units + self.units(1), percpu=0x80000).build(),
                            ignore=AMBIGUOUS)
        self.assertEqual(once.data, twice.data)


if __name__ == '__main__':
    main()
