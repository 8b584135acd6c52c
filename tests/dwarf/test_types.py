# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
"""Base types, pointers, qualifiers, typedefs, enums, arrays, prototypes and declarations."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'lib'))

# pylint: disable=wrong-import-position,wildcard-import,unused-wildcard-import
from encode import *  # noqa: E402,F403
from encode import main  # noqa: E402

INT_T = base('int', 4)
WANT_INT = {INT: INT_CONTENT}


class BaseTypes(EncodeTest):
    def test_integers(self):
        self.types(
            [INT_T, base('unsigned int', 4, 'unsigned'), base('long', 8), base('short', 2),
             base('signed char', 1, 'signed_char'), base('char', 1, 'unsigned_char'),
             base('_Bool', 1, 'boolean'), base('__int128', 16),
             base('unsigned __int128', 16, 'unsigned'), base('char16_t', 2, 'UTF'),
             base('bool4', 4, 'boolean')],
            {INT: INT_CONTENT,
             ('INT', 'unsigned int'): '4 enc 0 bits 32',
             ('INT', 'long'): '8 enc 1 bits 64',
             ('INT', 'short'): '2 enc 1 bits 16',
             ('INT', 'signed char'): '1 enc 1 bits 8',
             ('INT', 'char'): '1 enc 0 bits 8',
             ('INT', '_Bool'): '1 enc 4 bits 8',
             ('INT', '__int128'): '16 enc 1 bits 128',
             ('INT', 'unsigned __int128'): '16 enc 0 bits 128',
             ('INT', 'char16_t'): '2 enc 0 bits 16',
             ('INT', 'bool4'): '4 enc 4 bits 32'})

    def test_floats(self):
        self.types(
            [INT_T, base('_Float16', 2, 'float'), base('float', 4, 'float'),
             base('double', 8, 'float'), base('xdouble', 12, 'float'),
             base('long double', 16, 'float')],
            {INT: INT_CONTENT, ('FLOAT', '_Float16'): '2', ('FLOAT', 'float'): '4',
             ('FLOAT', 'double'): '8', ('FLOAT', 'xdouble'): '12', ('FLOAT', 'long double'): '16'})

    def test_complex_float_is_opaque(self):
        """A type BTF cannot express keeps its size, and the struct around it its offsets."""
        def check(case):
            btf = self.encode_case(case, [
                INT_T, base('complex float', 8, 'complex_float'),
                struct_('s', 16, member('c', 'complex float', 0), member('i', 'int', 8))])
            s = btf.one('s', 'STRUCT')
            self.assertEqual([(m.name, m.offset, m.bits) for m in s.members],
                             [('c', 0, 0), ('i', 64, 0)])
            opaque = btf.types[s.members[0].type]
            self.assertEqual((opaque.kind, opaque.size, opaque.vlen), ('STRUCT', 8, 0))
            self.assertEqual(btf.find('', 'FLOAT'), [])

        self.each(MATRIX, check)

    def test_opaque_is_nobody_elses_definition(self):
        """Clang's name for _Complex is "complex": no struct of that name."""
        btf = self.encode_case(PLAIN, [
            Unit(base('int', 4), base('complex', 8, 'complex_float'), typedef('t', 'complex'),
                 name='a.c'),
            Unit(fwd('structure_type', 'complex', id='f'), ptr('f', id='p'), typedef('tp', 'p'),
                 name='b.c')])
        self.assertEqual(btf.describe(btf.one('t').type), 'struct 8{}')
        self.assertEqual(btf.types[btf.types[btf.one('tp').type].type].kind, 'FWD')

    def test_float_of_odd_size_is_opaque(self):
        for size in (1, 3, 10):
            for case in FEW:
                with self.subTest('%d %s' % (size, case)):
                    btf = self.encode_case(case, [INT_T, base('oddfloat', size, 'float'),
                                                  typedef('t', 'oddfloat')])
                    opaque = btf.types[btf.one('t', 'TYPEDEF').type]
                    self.assertEqual((opaque.kind, opaque.size, opaque.vlen), ('STRUCT', size, 0))

    def test_integer_of_odd_size_keeps_its_size(self):
        """Clang makes 24-bit helpers; a consumer must still find the right size behind them."""
        for size in (3, 5, 6, 7, 9, 12):
            for case in FEW:
                with self.subTest('%d %s' % (size, case)):
                    btf = self.encode_case(case, [
                        INT_T, base('odd', size, 'unsigned'),
                        struct_('s', size + 1, member('o', 'odd', 0))])
                    s = btf.one('s', 'STRUCT')
                    self.assertEqual(btf.size_of(s.members[0].type), size)

    def test_integer_of_size_zero(self):
        def check(case):
            btf = self.encode_case(case, [INT_T, base('nothing', 0, 'unsigned'),
                                          typedef('t', 'nothing')])
            self.assertIn(btf.size_of(btf.one('t', 'TYPEDEF').type), (0, None))

        self.each(FEW, check)

    def test_integer_larger_than_16_bytes_is_opaque(self):
        for size in (32, 8192, 0x12345678):
            with self.subTest(size):
                btf = self.encode_case(PLAIN, [INT_T, base('huge', size, 'unsigned'),
                                               typedef('t', 'huge')])
                self.assertEqual(btf.size_of(btf.one('t', 'TYPEDEF').type), size)

    def test_same_name_different_size(self):
        btf = self.encode_case(PLAIN, [Unit(base('int', 4), base('long', 8)),
                                       Unit(base('int', 4), base('long', 4), name='b.c')])
        self.assertEqual([t.size for t in btf.find('long', 'INT')], [8, 4])
        self.assertEqual(len(btf.find('int')), 1)


class Referring(EncodeTest):
    def test_pointers(self):
        self.types(
            [ptr(), ptr('int'), ptr('ptr int'), INT_T, typedef('vp', 'ptr void'),
             typedef('ip', 'ptr int'), typedef('ipp', 'ptr ptr int')],
            {INT: INT_CONTENT, ('TYPEDEF', 'vp'): 'PTR(void)', ('TYPEDEF', 'ip'): 'PTR(int)',
             ('TYPEDEF', 'ipp'): 'PTR(PTR(int))'},
            anonymous=['PTR(void)', 'PTR(int)', 'PTR(PTR(int))'])

    def test_pointer_without_size(self):
        self.types([INT_T, die('pointer_type', id='p', type='int'), typedef('t', 'p')],
                   {INT: INT_CONTENT, ('TYPEDEF', 't'): 'PTR(int)'}, cases=FEW)

    def test_qualifiers(self):
        self.types(
            [INT_T, qual('const', 'int'), qual('volatile', 'int'), ptr('int'),
             qual('restrict', 'ptr int'), qual('const', 'volatile int', id='cv'),
             qual('const'), ptr('const void'), qual('volatile'),
             typedef('a', 'const int'), typedef('b', 'volatile int'),
             typedef('c', 'restrict ptr int'), typedef('d', 'cv'), typedef('e', 'ptr const void'),
             typedef('f', 'volatile void')],
            {INT: INT_CONTENT, ('TYPEDEF', 'a'): 'CONST(int)', ('TYPEDEF', 'b'): 'VOLATILE(int)',
             ('TYPEDEF', 'c'): 'RESTRICT(PTR(int))', ('TYPEDEF', 'd'): 'CONST(VOLATILE(int))',
             ('TYPEDEF', 'e'): 'PTR(CONST(void))', ('TYPEDEF', 'f'): 'VOLATILE(void)'})

    def test_atomic_is_dropped(self):
        self.types(
            [INT_T, qual('atomic', 'int'), typedef('a', 'atomic int'),
             qual('const', 'atomic int', id='ca'), typedef('b', 'ca'), ptr('atomic int', id='pa'),
             struct_('s', 16, member('m', 'atomic int', 0), member('p', 'pa', 8)),
             qual('atomic'), ptr('atomic void', id='pav'), typedef('c', 'pav')],
            {INT: INT_CONTENT, ('TYPEDEF', 'a'): 'int', ('TYPEDEF', 'b'): 'CONST(int)',
             ('STRUCT', 's'): '16{m@0 int; p@64 PTR(int)}', ('TYPEDEF', 'c'): 'PTR(void)'})

    def test_typedefs(self):
        self.types(
            [typedef('v'), typedef('vv', 'v'), typedef('t', 'struct s'), typedef('tt', 't'),
             struct_('s', 4, member('a', 'int', 0)), INT_T, typedef('a', 'anon'),
             struct_(None, 4, member('x', 'int', 0), id='anon')],
            {INT: INT_CONTENT, ('TYPEDEF', 'v'): 'void', ('TYPEDEF', 'vv'): 'typedef v',
             ('TYPEDEF', 't'): 'struct s', ('TYPEDEF', 'tt'): 'typedef t',
             ('STRUCT', 's'): '4{a@0 int}', ('TYPEDEF', 'a'): 'struct 4{x@0 int}'})

    def test_typedef_without_name_stands_for_its_type(self):
        self.types([INT_T, die('typedef', id='u', type='int'), ptr('u', id='p'), typedef('t', 'p')],
                   {INT: INT_CONTENT, ('TYPEDEF', 't'): 'PTR(int)'}, cases=FEW)

    def test_unspecified_type_is_void_everywhere(self):
        """Also inside a function or a namespace, where later types must keep their ids."""
        null = [die('unspecified_type', id='null', name='decltype(nullptr)')]
        tail = [ptr('null', id='p'), qual('const', 'null', id='c'), ptr('c', id='pc'),
                typedef('t', 'null'), typedef('tp', 'p'), typedef('tpc', 'pc'),
                proto('null', 'p', id='pr'), ptr('pr', id='ppr'), typedef('fn', 'ppr'),
                struct_('after', 4, member('a', 'int', 0), member('b', 'int', 0)), INT_T]
        want = {INT: INT_CONTENT, ('TYPEDEF', 't'): 'void', ('TYPEDEF', 'tp'): 'PTR(void)',
                ('TYPEDEF', 'tpc'): 'PTR(CONST(void))',
                ('TYPEDEF', 'fn'): 'PTR(PROTO(PTR(void))->void)',
                ('STRUCT', 'after'): '4{a@0 int; b@0 int}'}
        self.types(null + tail, want)
        self.types([function('f', *null, low_pc=0x100000)] + tail, want)
        self.types([die('namespace', *null, name='n')] + tail, want, cases=FEW)

    def test_references_become_pointers(self):
        self.types(
            [INT_T, die('reference_type', id='r', type='int', byte_size=8), typedef('a', 'r'),
             die('rvalue_reference_type', id='rr', type='int', byte_size=8), typedef('b', 'rr')],
            {INT: INT_CONTENT, ('TYPEDEF', 'a'): 'PTR(int)', ('TYPEDEF', 'b'): 'PTR(int)'})

    def test_pointer_to_member_keeps_its_size(self):
        btf = self.encode_case(PLAIN, [
            INT_T, die('class_type', id='c', name='c', byte_size=4),
            die('ptr_to_member_type', id='pm', type='int', containing_type='c', byte_size=8),
            struct_('s', 16, member('p', 'pm', 0), member('i', 'int', 8))])
        self.assertEqual(btf.size_of(btf.one('s').members[0].type), 8)
        self.assertEqual(btf.one('s').members[1].offset, 64)

    def test_unknown_tag_is_skipped(self):
        self.types([INT_T, die(0x5123, die(0x5124, name='inner'), die(0x5125), name='strange',
                               byte_size=3),
                    die('dwarf_procedure', location=[('lit0',)]),
                    struct_('s', 4, member('a', 'int', 0))],
                   {INT: INT_CONTENT, ('STRUCT', 's'): '4{a@0 int}'})


class Enums(EncodeTest):
    def test_unsigned(self):
        self.types([INT_T, base('unsigned int', 4, 'unsigned'),
                    enum_('e', 4, ('A', 0), ('B', 1), ('C', 255), ('D', 65536),
                          ('E', 0xffffffff), type='unsigned int')],
                   {INT: INT_CONTENT, ('INT', 'unsigned int'): '4 enc 0 bits 32',
                    ('ENUM', 'e'): '4{A=0, B=1, C=255, D=65536, E=4294967295}'})

    def test_signed(self):
        self.types([INT_T, enum_('e', 4, ('A', -1), ('B', 127), ('C', -0x80000000), ('D', 200),
                                 type='int')],
                   {INT: INT_CONTENT, ('ENUM', 'e'): '4{A=-1, B=127, C=-2147483648, D=200}'})

    def test_sign_flag_is_set_only_for_negative_values(self):
        def check(case):
            btf = self.encode_case(case, [INT_T, enum_('pos', 4, ('P', 1), type='int'),
                                          enum_('neg', 4, ('N', -1), type='int')])
            self.assertEqual((btf.one('pos').kflag, btf.one('neg').kflag), (False, True))

        self.each(MATRIX, check)

    def test_sizes(self):
        self.types([INT_T, enum_('e1', 1, ('A1', 255)), enum_('e2', 2, ('A2', 65535)),
                    enum_('s1', 1, ('B1', -1)), enum_('s2', 2, ('B2', -32768))],
                   {INT: INT_CONTENT, ('ENUM', 'e1'): '1{A1=255}', ('ENUM', 'e2'): '2{A2=65535}',
                    ('ENUM', 's1'): '1{B1=-1}', ('ENUM', 's2'): '2{B2=-32768}'})

    def test_enum64(self):
        self.types([INT_T, base('ulong', 8, 'unsigned'), base('slong', 8),
                    enum_('u', 8, ('U0', 0), ('U1', 0x100000000), ('U2', 0xffffffffffffffff),
                          type='ulong'),
                    enum_('s', 8, ('S0', -1), ('S1', 0x7fffffffffffffff),
                          ('S2', -0x8000000000000000), type='slong')],
                   {INT: INT_CONTENT, ('INT', 'ulong'): '8 enc 0 bits 64',
                    ('INT', 'slong'): '8 enc 1 bits 64',
                    ('ENUM64', 'u'): '8{U0=0, U1=4294967296, U2=18446744073709551615}',
                    ('ENUM64', 's'): '8{S0=-1, S1=9223372036854775807, S2=-9223372036854775808}'})

    def test_anonymous(self):
        self.types([INT_T, enum_(None, 4, ('X', 1), id='e'), typedef('t', 'e'),
                    enum_(None, 4, ('LONE', 2), id='f')],
                   {INT: INT_CONTENT, ('TYPEDEF', 't'): 'enum 4{X=1}'},
                   anonymous=['enum 4{X=1}', 'enum 4{LONE=2}'])

    def test_declaration_alone(self):
        self.types([INT_T, die('enumeration_type', id='e', name='e', declaration=True),
                    ptr('e'), struct_('s', 8, member('p', 'ptr e', 0))],
                   {INT: INT_CONTENT, ('ENUM', 'e'): '4{}',
                    ('STRUCT', 's'): '8{p@0 PTR(enum e)}'},
                   cases=[c for c in MATRIX if c.bits == 64])

    def test_declaration_finds_its_definition(self):
        self.types([Unit(base('int', 4), die('enumeration_type', id='e', name='e', byte_size=4,
                                             declaration=True),
                         ptr('e'), typedef('pe', 'ptr e')),
                    Unit(enum_('e', 4, ('A', 1)), name='b.c')],
                   {INT: INT_CONTENT, ('ENUM', 'e'): '4{A=1}', ('TYPEDEF', 'pe'): 'PTR(enum e)'})

    def test_many_values(self):
        values = [('V%d' % i, i) for i in range(3000)]
        self.types([INT_T, enum_('big', 4, *values)],
                   {INT: INT_CONTENT,
                    ('ENUM', 'big'): '4{%s}' % ', '.join('%s=%d' % v for v in values)}, cases=FEW)


class Arrays(EncodeTest):
    def test_bounds(self):
        self.types(
            [INT_T, array('int', 5, id='a5'), typedef('t5', 'a5'),
             array('int', {'count': 7}, id='a7'), typedef('t7', 'a7'),
             array('int', {}, id='flex'), typedef('tflex', 'flex'),
             array('int', {'upper_bound': -1}, id='minus'), typedef('tminus', 'minus'),
             array('int', {'count': 0}, id='zero'), typedef('tzero', 'zero'),
             array('int', 0x1000000, id='big'), typedef('tbig', 'big')],
            {INT: INT_CONTENT, ('TYPEDEF', 't5'): 'ARRAY(int,5)', ('TYPEDEF', 't7'): 'ARRAY(int,7)',
             ('TYPEDEF', 'tflex'): 'ARRAY(int,0)', ('TYPEDEF', 'tminus'): 'ARRAY(int,0)',
             ('TYPEDEF', 'tzero'): 'ARRAY(int,0)', ('TYPEDEF', 'tbig'): 'ARRAY(int,16777216)'})

    def test_several_dimensions_nest(self):
        """int a[2][3] is two of (three of int): the outermost bound comes first in DWARF."""
        self.types(
            [INT_T, array('int', 2, 3, id='a'), typedef('t', 'a'),
             array('int', 4, 5, 6, id='b'), typedef('u', 'b'),
             array('int', None, 9, id='c'), typedef('v', 'c')],
            {INT: INT_CONTENT, ('TYPEDEF', 't'): 'ARRAY(ARRAY(int,3),2)',
             ('TYPEDEF', 'u'): 'ARRAY(ARRAY(ARRAY(int,6),5),4)',
             ('TYPEDEF', 'v'): 'ARRAY(ARRAY(int,9),0)'})

    def test_all_ones_upper_bound(self):
        """Some compilers write the bound of T a[0] as an unsigned -1."""
        self.types([INT_T, array('int', {'upper_bound': Form('data8', (1 << 64) - 1)}, id='a'),
                    array('int', {'upper_bound': Form('data4', 0xffffffff)}, id='b'),
                    typedef('t', 'a'), typedef('u', 'b')],
                   {INT: INT_CONTENT, ('TYPEDEF', 't'): 'ARRAY(int,0)',
                    ('TYPEDEF', 'u'): 'ARRAY(int,0)'}, cases=FEW)

    def test_bound_in_every_data_form(self):
        dies, want = [INT_T], {INT: INT_CONTENT}
        for form in ('data1', 'data2', 'data4', 'data8', 'udata', 'sdata'):
            dies += [array('int', {'upper_bound': Form(form, 99)}, id='a' + form),
                     typedef('t' + form, 'a' + form)]
            want[('TYPEDEF', 't' + form)] = 'ARRAY(int,100)'
        # 200 fits one byte only without a sign.
        dies += [array('int', {'upper_bound': Form('data1', 200)}, id='u'), typedef('tu', 'u')]
        want[('TYPEDEF', 'tu')] = 'ARRAY(int,201)'
        self.types(dies, want)

    def test_variable_length(self):
        """A bound that only the running program knows is no bound."""
        self.types([INT_T,
                    array('int', {'upper_bound': Form('exprloc', [('fbreg', -24), ('deref',)])},
                                 id='a'), typedef('t', 'a'),
                    die('variable', id='n', name='n', type='int', artificial=True),
                    die('array_type',
                        die('subrange_type', type='int', upper_bound=Raw('ref4', b'\0' * 4)),
                        id='b', type='int'), typedef('u', 'b')],
                   {INT: INT_CONTENT, ('TYPEDEF', 't'): 'ARRAY(int,0)',
                    ('TYPEDEF', 'u'): 'ARRAY(int,0)'}, cases=[PLAIN])

    def test_no_subrange_child(self):
        self.types([INT_T, die('array_type', id='a', type='int'), typedef('t', 'a')],
                   {INT: INT_CONTENT, ('TYPEDEF', 't'): 'ARRAY(int,0)'}, cases=FEW)

    def test_vector(self):
        self.types([INT_T, array('int', 4, id='v', GNU_vector=True), typedef('v4', 'v')],
                   {INT: INT_CONTENT, ('TYPEDEF', 'v4'): 'ARRAY(int,4)'})

    def test_index_type_is_int_even_if_the_unit_has_none(self):
        btf = self.encode_case(PLAIN, [base('char', 1, 'signed_char'), array('char', 3, id='a'),
                                       typedef('t', 'a')])
        a = btf.types[btf.one('t').type]
        index = btf.types[a.index]
        self.assertEqual((index.kind, index.name, index.size, index.encoding), ('INT', 'int', 4, 1))

    def test_element_of_const_and_struct(self):
        self.types([INT_T, qual('const', 'int'), array('const int', 2, id='a'), typedef('t', 'a'),
                    struct_('s', 4, member('x', 'int', 0)), array('struct s', 8, id='b'),
                    typedef('u', 'b')],
                   {INT: INT_CONTENT, ('STRUCT', 's'): '4{x@0 int}',
                    ('TYPEDEF', 't'): 'ARRAY(CONST(int),2)', ('TYPEDEF', 'u'): 'ARRAY(struct s,8)'})


class Prototypes(EncodeTest):
    def test_shapes(self):
        self.types(
            [INT_T, ptr(), proto(None, id='p0'), ptr('p0', id='pp0'), typedef('t0', 'pp0'),
             proto('int', 'int', 'ptr void', id='p1'), ptr('p1', id='pp1'), typedef('t1', 'pp1'),
             proto('int', 'ptr void', id='p2', varargs=True), ptr('p2', id='pp2'),
             typedef('t2', 'pp2'),
             proto(None, id='p3', varargs=True), ptr('p3', id='pp3'), typedef('t3', 'pp3'),
             proto('ptr void', ('size', 'int'), ('p', 'ptr void'), id='p4'), ptr('p4', id='pp4'),
             typedef('t4', 'pp4'), typedef('direct', 'p0')],
            {INT: INT_CONTENT,
             ('TYPEDEF', 't0'): 'PTR(PROTO()->void)',
             ('TYPEDEF', 't1'): 'PTR(PROTO(int, PTR(void))->int)',
             ('TYPEDEF', 't2'): 'PTR(PROTO(PTR(void), ...)->int)',
             ('TYPEDEF', 't3'): 'PTR(PROTO(...)->void)',
             ('TYPEDEF', 't4'): 'PTR(PROTO(size int, p PTR(void))->PTR(void))',
             ('TYPEDEF', 'direct'): 'PROTO()->void'})

    def test_subprograms_give_no_types_of_their_own(self):
        self.types([INT_T, function('f', die('formal_parameter', name='a', type='int'),
                                    low_pc=0x100000, type='int', prototyped=True)],
                   WANT_INT, anonymous=[])

    def test_three_hundred_parameters(self):
        params = [('p%d' % i, 'int') for i in range(300)]
        self.types([INT_T, proto('int', *params, id='p'), ptr('p', id='pp'), typedef('t', 'pp')],
                   {INT: INT_CONTENT, ('TYPEDEF', 't'):
                    'PTR(PROTO(%s)->int)' % ', '.join('p%d int' % i for i in range(300))},
                   cases=FEW)

    def test_type_declared_among_the_parameters(self):
        self.types([INT_T, die('subroutine_type', struct_('inner', 4, member('x', 'int', 0)),
                               die('formal_parameter', type='pi'), id='p'),
                    ptr('struct inner', id='pi'), ptr('p', id='pp'), typedef('t', 'pp')],
                   {INT: INT_CONTENT, ('STRUCT', 'inner'): '4{x@0 int}',
                    ('TYPEDEF', 't'): 'PTR(PROTO(PTR(struct inner))->void)'})


class Forwards(EncodeTest):
    def test_alone(self):
        def check(case):
            btf = self.encode_case(case, [
                INT_T, fwd('structure_type', 'fs', id='fs'), fwd('union_type', 'fu', id='fu'),
                fwd('class_type', 'fc', id='fc'), ptr('fs', id='ps'), ptr('fu', id='pu'),
                typedef('ts', 'ps'), typedef('tu', 'pu')])
            self.assertEqual([(t.name, t.kflag) for t in btf.types if t.kind == 'FWD'],
                             [('fc', False), ('fs', False), ('fu', True)])
            self.assertEqual(btf.describe(btf.one('ts').type), 'PTR(struct fs)')
            self.assertEqual(btf.describe(btf.one('tu').type), 'PTR(union fu)')

        self.each(MATRIX, check)

    def test_find_their_definition_in_another_unit(self):
        self.types([Unit(base('int', 4), fwd('structure_type', 's', id='s'), ptr('s'),
                         fwd('union_type', 'u', id='u'), ptr('u'),
                         typedef('ps', 'ptr s'), typedef('pu', 'ptr u')),
                    Unit(base('int', 4), struct_('s', 4, member('a', 'int', 0)),
                         union_('u', 4, umember('b', 'int')), name='b.c')],
                   {INT: INT_CONTENT, ('STRUCT', 's'): '4{a@0 int}', ('UNION', 'u'): '4{b@0 int}',
                    ('TYPEDEF', 'ps'): 'PTR(struct s)', ('TYPEDEF', 'pu'): 'PTR(union u)'})

    def test_of_the_other_kind_stays(self):
        def check(case):
            btf = self.encode_case(case, [
                Unit(base('int', 4), fwd('union_type', 'x', id='x'), ptr('x'),
                     typedef('p', 'ptr x')),
                Unit(base('int', 4), struct_('x', 4, member('a', 'int', 0)), name='b.c')])
            self.assertTrue(btf.one('x', 'FWD').kflag)
            self.assertEqual(btf.content(btf.one('x', 'STRUCT')), '4{a@0 int}')

        self.each(FEW, check)

    def test_without_name(self):
        """An anonymous declaration says nothing; it must not become another type."""
        btf = self.encode_case(PLAIN, [
            INT_T, die('structure_type', id='s', declaration=True), ptr('s', id='p'),
            struct_('after', 16, member('p', 'p', 0), member('i', 'int', 8))])
        self.assertEqual([m.name for m in btf.one('after').members], ['p', 'i'])
        self.assertEqual(btf.describe(btf.one('after').members[1].type), 'int')


class Places(EncodeTest):
    """Types are found wherever they are declared."""

    def test_in_functions_blocks_and_inlined_calls(self):
        def tree(_case):
            return [
                INT_T,
                function('outer',
                         struct_('in_function', 4, member('a', 'int', 0)),
                         die('variable', name='v', type='struct in_function'),
                         die('lexical_block',
                             union_('in_block', 4, umember('b', 'int')),
                             die('lexical_block', enum_('in_inner', 4, ('Z', 3)),
                                 low_pc=0x100002, high_pc=Form('addr', 0x100003)),
                             low_pc=0x100001, high_pc=Form('addr', 0x100004)),
                         die('inlined_subroutine', typedef('in_inlined', 'int'),
                             die('formal_parameter', type='int'),
                             abstract_origin='abstract', low_pc=0x100005,
                             high_pc=Form('addr', 0x100006)),
                         low_pc=0x100000),
                function('callee', struct_('in_abstract', 8, member('c', 'int', 4)), id='abstract',
                         inline=1),
                die('subprogram', die('formal_parameter', type='int'), struct_('in_concrete', 4),
                    abstract_origin='abstract', low_pc=0x100010, high_pc=Form('addr', 0x100020))]

        self.types(tree,
                   {INT: INT_CONTENT, ('STRUCT', 'in_function'): '4{a@0 int}',
                    ('UNION', 'in_block'): '4{b@0 int}', ('ENUM', 'in_inner'): '4{Z=3}',
                    ('TYPEDEF', 'in_inlined'): 'int', ('STRUCT', 'in_abstract'): '8{c@32 int}',
                    ('STRUCT', 'in_concrete'): '4{}'})

    def test_used_only_from_inside_a_function(self):
        self.types([INT_T, function('f', array('int', 3, id='a'), typedef('t', 'a'),
                                    die('lexical_block', ptr('t', id='p'), typedef('u', 'p')),
                                    low_pc=0x100000),
                    qual('const', 'u', id='c'), typedef('v', 'c')],
                   {INT: INT_CONTENT, ('TYPEDEF', 't'): 'ARRAY(int,3)',
                    ('TYPEDEF', 'u'): 'PTR(typedef t)', ('TYPEDEF', 'v'): 'CONST(typedef u)'})

    def test_in_namespaces(self):
        self.types([INT_T, die('namespace', struct_('n', 4, member('a', 'int', 0)),
                               die('namespace', typedef('m', 'struct n')), name='ns')],
                   {INT: INT_CONTENT, ('STRUCT', 'n'): '4{a@0 int}', ('TYPEDEF', 'm'): 'struct n'},
                   cases=FEW)

    def test_nothing_used_twice_is_there_twice(self):
        unit = [base('int', 4), ptr('int'), struct_('s', 16, member('p', 'ptr int', 0),
                                                    member('n', 'ptr s', 8)),
                ptr('struct s', id='ptr s'), array('int', 3, id='a'), typedef('t', 'a')]
        self.types([Unit(*unit, name='%d.c' % i) for i in range(5)],
                   {INT: INT_CONTENT, ('STRUCT', 's'): '16{p@0 PTR(int); n@64 PTR(struct s)}',
                    ('TYPEDEF', 't'): 'ARRAY(int,3)'},
                   anonymous=['PTR(int)', 'PTR(struct s)', 'ARRAY(int,3)'])


class Names(EncodeTest):
    def test_order(self):
        """Ids follow strcmp() of the names; what has no name comes first."""
        names = ['b', 'B', '_x', 'a', 'aa', 'a1', 'Z', 'z9', 'zz', '.dot', 'a_']
        def check(case):
            btf = self.encode_case(case, [INT_T, ptr('int'), array('int', 3)] +
                                   [typedef(n, 'ptr int') for n in names])
            got = [t.name for t in btf.types[1:] if t.name]
            self.assertEqual(got, sorted(names + ['int']))
            self.assertEqual([t.name for t in btf.types[1:3]], ['', ''])

        self.each(FEW, check)

    def test_long_name(self):
        """511 bytes are what the kernel takes at most; nothing is cut."""
        name = 'n' * 511
        self.types([INT_T, typedef(name, 'int')], {INT: INT_CONTENT, ('TYPEDEF', name): 'int'},
                   cases=FEW)

    def test_struct_and_typedef_of_one_name(self):
        self.types([INT_T, struct_('x', 4, member('a', 'int', 0)), typedef('x', 'struct x'),
                    enum_('y', 4, ('x', 1)), union_('z', 4, umember('a', 'int')),
                    struct_('z', 4, member('a', 'int', 0))],
                   {INT: INT_CONTENT, ('STRUCT', 'x'): '4{a@0 int}', ('TYPEDEF', 'x'): 'struct x',
                    ('ENUM', 'y'): '4{x=1}', ('UNION', 'z'): '4{a@0 int}',
                    ('STRUCT', 'z'): '4{a@0 int}'})


if __name__ == '__main__':
    main()
