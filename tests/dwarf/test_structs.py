# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
"""Structs, unions, their members and bitfields."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'lib'))

# pylint: disable=wrong-import-position,wildcard-import,unused-wildcard-import
from encode import *  # noqa: E402,F403
from encode import main  # noqa: E402

INT_T = base('int', 4)
UINT_T = base('unsigned int', 4, 'unsigned')
CHAR_T = base('char', 1, 'signed_char')
WANT_INT = {INT: INT_CONTENT}
WANT_UINT = {('INT', 'unsigned int'): '4 enc 0 bits 32'}
WANT_CHAR = {('INT', 'char'): '1 enc 1 bits 8'}

# GCC and Clang both write bitfields of DWARF 4 and later either way.
OLD_AND_NEW = MATRIX + [Case(Encoding(version=version, little=little, addr_size=size,
                                      bitfields=style))
                        for version in (4, 5) for little in (True, False) for size in (8, 4)
                        for style in ('old', 'new')]


class Members(EncodeTest):
    def test_plain(self):
        self.types(
            [INT_T, CHAR_T, ptr('struct s', id='ps'),
             struct_('s', 24, member('a', 'int', 0), member('b', 'char', 4), member('n', 'ps', 8),
                     member('z', 'int', 16)),
             union_('u', 4, umember('i', 'int'), umember('c', 'char'), member('x', 'int', 0))],
            {**WANT_INT, **WANT_CHAR,
             ('STRUCT', 's'): '24{a@0 int; b@32 char; n@64 PTR(struct s); z@128 int}',
             ('UNION', 'u'): '4{i@0 int; c@0 char; x@0 int}'})

    # Members are read in two ways, by the usual forms and by all others: these change over.

    def test_many_abbreviations(self):
        """Each offset is an abbreviation of its own: codes of two bytes."""
        members = [member(f'member{i}', 'int', 4 * i) for i in range(300)]
        text = '; '.join(f'member{i}@{32 * i} int' for i in range(300))
        self.types([INT_T, struct_('s', 1200, *members)],
                   {**WANT_INT, ('STRUCT', 's'): f'1200{{{text}}}'},
                   cases=[PLAIN, Case(Encoding(constform='implicit_const')),
                          Case(Encoding(constform='implicit_const', strform='string'))])

    def test_short_names(self):
        names = ['a', 'ab', 'abc', 'abcd', 'abcde', 'b', 'ba', 'cba', '_']
        for struct_name in ('s', 'longer'):
            members = [member(name, 'int', 4 * i) for i, name in enumerate(names)]
            text = '; '.join(f'{name}@{32 * i} int' for i, name in enumerate(names))
            self.types([INT_T, struct_(struct_name, 36, *members)],
                       {**WANT_INT, ('STRUCT', struct_name): f'36{{{text}}}'},
                       cases=FEW + [Case(Encoding(strform='string'))])

    def test_forms_that_change(self):
        """Offsets of one, two and four bytes, and members with children between others."""
        self.types(
            [INT_T,
             struct_('s', 0x20000, member('a', 'int', 0),
                     die('member', name='one', type='int', data_member_location=Form('data1', 4)),
                     die('member', name='two', type='int', data_member_location=Form('data2', 8)),
                     die('member', name='four', type='int', data_member_location=Form('data4', 12)),
                     die('member', name='leb', type='int', data_member_location=Form('udata', 16)),
                     struct_('inner', 4, member('x', 'int', 0)),
                     die('member', name='far', type='struct inner',
                         data_member_location=Form('data4', 0x10000)))],
            {**WANT_INT, ('STRUCT', 'inner'): '4{x@0 int}',
             ('STRUCT', 's'): '131072{a@0 int; one@32 int; two@64 int; four@96 int; leb@128 int; '
                              'far@524288 struct inner}'},
            cases=[PLAIN, Case(Encoding(version=4)), Case(Encoding(little=False))])

    def test_anonymous_members(self):
        self.types(
            [INT_T,
             struct_('s', 12, member('a', 'int', 0),
                     die('member', type='inner_u', data_member_location=4),
                     die('member', type='inner_s', data_member_location=8),
                     union_(None, 4, umember('x', 'int'), umember('y', 'int'), id='inner_u'),
                     struct_(None, 4, member('z', 'int', 0), id='inner_s'))],
            {**WANT_INT,
             ('STRUCT', 's'): '12{a@0 int; @32 union 4{x@0 int; y@0 int}; @64 struct 4{z@0 int}}'},
            anonymous=['union 4{x@0 int; y@0 int}', 'struct 4{z@0 int}'])

    def test_nested_named(self):
        self.types(
            [INT_T, struct_('outer', 8, struct_('inner', 4, member('a', 'int', 0),
                                                enum_('deep', 4, ('D', 1))),
                            member('i', 'struct inner', 0), member('e', 'enum deep', 4))],
            {**WANT_INT, ('STRUCT', 'outer'): '8{i@0 struct inner; e@32 enum deep}',
             ('STRUCT', 'inner'): '4{a@0 int}', ('ENUM', 'deep'): '4{D=1}'})

    def test_empty(self):
        self.types([INT_T, struct_('e', 0), union_('u', 0), struct_('sized', 64)],
                   {**WANT_INT, ('STRUCT', 'e'): '0{}', ('UNION', 'u'): '0{}',
                    ('STRUCT', 'sized'): '64{}'})

    def test_packed(self):
        self.types([INT_T, CHAR_T, struct_('p', 9, member('c', 'char', 0), member('a', 'int', 1),
                                           member('b', 'int', 5))],
                   {**WANT_INT, **WANT_CHAR, ('STRUCT', 'p'): '9{c@0 char; a@8 int; b@40 int}'})

    def test_flexible_array(self):
        self.types([INT_T, array('int', None, id='flex'), array('int', {'count': 0}, id='zero'),
                    struct_('s', 4, member('n', 'int', 0), member('data', 'flex', 4)),
                    struct_('t', 4, member('n', 'int', 0), member('data', 'zero', 4))],
                   {**WANT_INT, ('STRUCT', 's'): '4{n@0 int; data@32 ARRAY(int,0)}',
                    ('STRUCT', 't'): '4{n@0 int; data@32 ARRAY(int,0)}'})

    def test_out_of_order_members_are_sorted(self):
        """Members at one offset keep their order."""
        self.types([INT_T, CHAR_T, struct_('s', 12, member('c', 'int', 8), member('a1', 'int', 0),
                                           member('b', 'int', 4), member('a2', 'char', 0),
                                           member('a0', 'int', 0))],
                   {**WANT_INT, **WANT_CHAR,
                    ('STRUCT', 's'): '12{a1@0 int; a2@0 char; a0@0 int; b@32 int; c@64 int}'})

    def test_offset_in_every_form(self):
        members, text = [], []
        for i, form in enumerate(('data1', 'data2', 'data4', 'data8', 'udata', 'sdata',
                                  'implicit_const')):
            offset = 4 * i + 128
            members.append(member('m' + form, 'int', Form(form, offset)))
            text.append('m%s@%d int' % (form, 8 * offset))
        self.types([INT_T, struct_('s', 200, *members)],
                   {**WANT_INT, ('STRUCT', 's'): '200{%s}' % '; '.join(text)}, cases=[PLAIN])

    def test_offset_as_expression(self):
        for version in (2, 3, 4, 5):
            case = Case(Encoding(version=version))
            blocks = ['block1', 'block2', 'block4', 'block'] + (['exprloc'] if version >= 4 else [])
            members, text = [], []
            for i, form in enumerate(blocks):
                members.append(member('p' + form, 'int', Form(form, [('plus_uconst', 4 * i)])))
                text.append('p%s@%d int' % (form, 32 * i))
            for i, form in enumerate(blocks):
                offset = 400 + 4 * i
                members.append(member('c' + form, 'int',
                                      Form(form, [('constu', offset), ('plus',)])))
                text.append('c%s@%d int' % (form, 8 * offset))
            self.types([INT_T, struct_('s', 1000, *members)],
                       {**WANT_INT, ('STRUCT', 's'): '1000{%s}' % '; '.join(text)}, cases=[case])

    def test_large_offsets(self):
        self.types([INT_T, struct_('s', 0x10000008, member('a', 'int', 0),
                                   member('b', 'int', 0x10000000), member('c', 'int', 0x10000004))],
                   {**WANT_INT, ('STRUCT', 's'):
                    '268435464{a@0 int; b@2147483648 int; c@2147483680 int}'}, cases=FEW)

    def test_offset_missing_means_zero(self):
        self.types([INT_T, struct_('s', 4, die('member', name='a', type='int'))],
                   {**WANT_INT, ('STRUCT', 's'): '4{a@0 int}'}, cases=FEW)

    def test_static_members_are_no_members(self):
        self.types([INT_T, die('class_type',
                               die('member', name='count', type='int', external=True,
                                   declaration=True),
                               die('variable', name='total', type='int', external=True,
                                   declaration=True),
                               member('a', 'int', 0), member('b', 'int', 4),
                               name='c', byte_size=8)],
                   {**WANT_INT, ('STRUCT', 'c'): '8{a@0 int; b@32 int}'}, cases=FEW)

    def test_many_members(self):
        n = 5000
        self.types([INT_T,
                    struct_('big', 4 * n, *[member('m%d' % i, 'int', 4 * i) for i in range(n)])],
                   {**WANT_INT, ('STRUCT', 'big'):
                    '%d{%s}' % (4 * n, '; '.join('m%d@%d int' % (i, 32 * i) for i in range(n)))},
                   cases=FEW)

    def test_class(self):
        self.types([INT_T, die('class_type', member('a', 'int', 0), function('method'),
                               typedef('inner_t', 'int'), id='c', name='c', byte_size=4),
                    typedef('t', 'c')],
                   {**WANT_INT, ('STRUCT', 'c'): '4{a@0 int}', ('TYPEDEF', 't'): 'struct c',
                    ('TYPEDEF', 'inner_t'): 'int'}, cases=FEW)

    def test_specification(self):
        """The definition of a struct that was declared in a namespace has no name of its own."""
        self.types([INT_T, die('namespace', fwd('structure_type', 's', id='decl'), name='n'),
                    ptr('decl', id='p'), typedef('tp', 'p'),
                    die('structure_type', member('a', 'int', 0), id='def', specification='decl',
                        byte_size=4),
                    typedef('td', 'def')],
                   {**WANT_INT, ('STRUCT', 's'): '4{a@0 int}', ('TYPEDEF', 'tp'): 'PTR(struct s)',
                    ('TYPEDEF', 'td'): 'struct s'})

    def test_ambiguous_name_keeps_both(self):
        """Two files with private structs of one name: each user keeps its own."""
        units = [Unit(base('int', 4), struct_('s', 4 * n, *[member('m%d' % i, 'int', 4 * i)
                                                            for i in range(n)]),
                      ptr('struct s', id='p'), struct_('user%d' % n, 8, member('p', 'p', 0)),
                      name='%d.c' % n) for n in (1, 2)]
        def check(case):
            btf = self.encode_case(case, units)
            self.assertEqual(sorted(btf.content(t) for t in btf.find('s', 'STRUCT')),
                             ['4{m0@0 int}', '8{m0@0 int; m1@32 int}'])
            for n in (1, 2):
                pointer = btf.types[btf.one('user%d' % n).members[0].type]
                self.assertEqual(btf.types[pointer.type].size, 4 * n)

        self.each(MATRIX, check)

    def test_mutual_references(self):
        self.types([Unit(struct_('a', 8, member('b', 'ptr b', 0)), ptr('struct b', id='ptr b'),
                         ptr('struct a', id='ptr a'), struct_('b', 8, member('a', 'ptr a', 0)),
                         base('int', 4), name='%d.c' % i) for i in range(2)],
                   {**WANT_INT, ('STRUCT', 'a'): '8{b@0 PTR(struct b)}',
                    ('STRUCT', 'b'): '8{a@0 PTR(struct a)}'},
                   anonymous=['PTR(struct a)', 'PTR(struct b)'])


class Bitfields(EncodeTest):
    def test_in_one_word(self):
        self.types([INT_T, UINT_T,
                    struct_('s', 8, bitfield('a', 'unsigned int', 0, 1),
                            bitfield('b', 'unsigned int', 1, 3),
                            bitfield('c', 'int', 4, 28), bitfield('d', 'unsigned int', 32, 31),
                            bitfield('e', 'unsigned int', 63, 1))],
                   {**WANT_INT, **WANT_UINT,
                    ('STRUCT', 's'): '8{a@0:1 unsigned int; b@1:3 unsigned int; c@4:28 int; '
                                     'd@32:31 unsigned int; e@63:1 unsigned int}'},
                   cases=OLD_AND_NEW)

    def test_kind_flag_only_with_bitfields(self):
        def check(case):
            btf = self.encode_case(case, [INT_T, struct_('with', 8, bitfield('a', 'int', 0, 3),
                                                         member('b', 'int', 4)),
                                          struct_('without', 8, member('a', 'int', 0),
                                                  member('b', 'int', 4))])
            self.assertEqual((btf.one('with').kflag, btf.one('without').kflag), (True, False))
            self.assertEqual(btf.content(btf.one('with')), '8{a@0:3 int; b@32 int}')

        self.each(OLD_AND_NEW, check)

    def test_types_of_bitfields(self):
        """char, short, long, bool, enum and typedefs of them."""
        self.types(
            [INT_T, base('u8', 1, 'unsigned'), base('u16', 2, 'unsigned'),
             base('u64', 8, 'unsigned'),
             base('_Bool', 1, 'boolean'), enum_('e', 4, ('A', 0), ('B', 1)),
             typedef('u64_t', 'u64'),
             qual('const', 'u64_t', id='cu64'),
             struct_('s', 40, bitfield('c', 'u8', 0, 5, storage=1),
                     bitfield('s', 'u16', 16, 9, storage=2),
                     bitfield('b', '_Bool', 32, 1, storage=1), bitfield('e', 'enum e', 64, 2),
                     bitfield('l', 'u64', 128, 40, storage=8),
                     bitfield('t', 'u64_t', 192, 63, storage=8),
                     bitfield('k', 'cu64', 256, 64, storage=8))],
            {**WANT_INT, ('INT', 'u8'): '1 enc 0 bits 8', ('INT', 'u16'): '2 enc 0 bits 16',
             ('INT', 'u64'): '8 enc 0 bits 64', ('INT', '_Bool'): '1 enc 4 bits 8',
             ('ENUM', 'e'): '4{A=0, B=1}', ('TYPEDEF', 'u64_t'): 'u64',
             ('STRUCT', 's'): '40{c@0:5 u8; s@16:9 u16; b@32:1 _Bool; e@64:2 enum e; l@128:40 u64; '
                              't@192:63 typedef u64_t; k@256:64 CONST(typedef u64_t)}'},
            cases=OLD_AND_NEW)

    def test_of_int128(self):
        """Storage of 128 bits: nothing may be counted in 8 bits."""
        self.types(
            [INT_T, base('u128', 16, 'unsigned'),
             struct_('s', 32, bitfield('a', 'u128', 0, 100, storage=16),
                     bitfield('b', 'u128', 100, 28, storage=16),
                     bitfield('c', 'u128', 128, 1, storage=16))],
            {**WANT_INT, ('INT', 'u128'): '16 enc 0 bits 128',
             ('STRUCT', 's'): '32{a@0:100 u128; b@100:28 u128; c@128:1 u128}'}, cases=OLD_AND_NEW)

    def test_in_unions(self):
        """On big-endian machines a bitfield of a union still starts at bit 0 as BTF counts."""
        self.types([INT_T, UINT_T, union_('u', 4, bitfield('a', 'unsigned int', 0, 7),
                                          umember('b', 'int'), bitfield('c', 'int', 0, 32))],
                   {**WANT_INT, **WANT_UINT,
                    ('UNION', 'u'): '4{a@0:7 unsigned int; b@0 int; c@0:32 int}'},
                   cases=OLD_AND_NEW)

    def test_storage_size_from_the_type(self):
        """Old style without DW_AT_byte_size: the storage is that of the type behind names."""
        def tree(case):
            def old(name, target, loc, off, size):
                return die('member', name=name, type=target, bit_size=size, bit_offset=off,
                           data_member_location=loc)

            little = case.enc.little
            return [INT_T, base('u64', 8, 'unsigned'), typedef('u64_t', 'u64'),
                    qual('volatile', 'u64_t', id='v'), enum_('e', 4, ('A', 0)),
                    struct_('s', 24, old('a', 'int', 0, 32 - 5 - 0 if little else 0, 5),
                            old('b', 'v', 8, 64 - 10 - 3 if little else 3, 10),
                            old('c', 'enum e', 16, 32 - 2 - 30 if little else 30, 2))]

        self.types(tree,
                   {**WANT_INT, ('INT', 'u64'): '8 enc 0 bits 64', ('TYPEDEF', 'u64_t'): 'u64',
                          ('ENUM', 'e'): '4{A=0}',
                          ('STRUCT', 's'): '24{a@0:5 int; b@67:10 VOLATILE(typedef u64_t); '
                                           'c@158:2 enum e}'},
                   cases=[c for c in MATRIX if c.enc.version <= 4])

    def test_packed_across_storage_units(self):
        """Old style: a packed bitfield that leaves its unit has a negative bit offset on little
        endian machines."""
        case = Case(Encoding(version=4, bitfields='old'))
        self.types([INT_T, UINT_T,
                    struct_('p', 8, bitfield('a', 'unsigned int', 0, 20),
                            die('member', name='b', type='unsigned int', byte_size=4, bit_size=20,
                                bit_offset=Form('sdata', -8), data_member_location=0),
                            bitfield('c', 'unsigned int', 40, 20))],
                   {**WANT_INT, **WANT_UINT,
                    ('STRUCT', 'p'): '8{a@0:20 unsigned int; b@20:20 unsigned int; '
                                     'c@40:20 unsigned int}'},
                   cases=[case])

    def test_new_style_across_words(self):
        self.types([INT_T, UINT_T,
                    struct_('p', 8, die('member', name='a', type='unsigned int', bit_size=20,
                                        data_bit_offset=0),
                            die('member', name='b', type='unsigned int', bit_size=20,
                                data_bit_offset=20),
                            die('member', name='c', type='int', data_bit_offset=40 + 24 - 32))],
                   {**WANT_INT, **WANT_UINT,
                    ('STRUCT', 'p'): '8{a@0:20 unsigned int; b@20:20 unsigned int; c@32 int}'},
                   cases=[c for c in MATRIX if c.enc.version >= 4])

    def test_data_bit_offset_in_every_form(self):
        for form in ('data1', 'data2', 'data4', 'data8', 'udata', 'sdata', 'implicit_const'):
            self.types([INT_T, struct_('s', 40, die('member', name='a', type='int',
                                                    bit_size=Form(form, 3),
                                                    data_bit_offset=Form(form, 200)))],
                       {**WANT_INT, ('STRUCT', 's'): '40{a@200:3 int}'}, cases=[PLAIN])

    def test_out_of_order_bitfields_are_sorted(self):
        self.types([INT_T, struct_('s', 4, bitfield('c', 'int', 20, 5), bitfield('a', 'int', 0, 5),
                                   bitfield('b', 'int', 5, 5))],
                   {**WANT_INT, ('STRUCT', 's'): '4{a@0:5 int; b@5:5 int; c@20:5 int}'},
                   cases=OLD_AND_NEW)

    def test_same_struct_in_old_and_new_style_is_one(self):
        """Two compilers describe one header: the result must not tell which."""
        def units(_case):
            dies = [base('int', 4),
                    struct_('s', 8, bitfield('a', 'int', 3, 5), bitfield('b', 'int', 8, 24),
                                            bitfield('c', 'int', 32, 1))]
            return [Unit(*dies, name='a.c', enc=Encoding(version=4, bitfields='old')),
                    Unit(*dies, name='b.c', enc=Encoding(version=5, bitfields='new'))]

        self.types(units, {**WANT_INT, ('STRUCT', 's'): '8{a@3:5 int; b@8:24 int; c@32:1 int}'},
                   cases=[PLAIN])


if __name__ == '__main__':
    main()
