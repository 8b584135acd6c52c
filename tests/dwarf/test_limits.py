# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
"""What BTF has no room for: one type becomes opaque, is counted, and the rest stays as it is."""

import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'lib'))

# pylint: disable=wrong-import-position,wildcard-import,unused-wildcard-import
from encode import *  # noqa: E402,F403
from encode import main  # noqa: E402

INT_T = base('int', 4)


class Limits(EncodeTest):
    def encoded(self, tree, case=PLAIN):
        """(Btf, {kind of diagnostic: number}), the tree between two structs that must survive."""
        tree = [struct_('before', 4, member('a', 'int', 0)), INT_T, *tree,
                struct_('behind', 4, member('a', 'int', 0))]
        path = self.write('in.elf', self.elf(case, tree).build())
        result = run('--report=json', '-o', self.path('out.btf'), path)
        self.assertEqual((result.code, result.err), (0, ''))
        btf = Btf(self.read('out.btf'), ptr_size=case.enc.addr_size)
        self.assertEqual(btf.problems(), [])
        for name in ('before', 'behind'):
            self.assertEqual(btf.content(btf.one(name, 'STRUCT')), '4{a@0 int}')
        counts = json.loads(result.out)['diagnostics']['by_kind']
        return btf, {kind: n for kind, n in counts.items() if n}

    def opaque(self, tree, name, size):
        """The struct keeps its name and size, and loses its members."""
        for case in FEW:
            btf, counts = self.encoded(tree, case)
            self.assertEqual(btf.content(btf.one(name, 'STRUCT')), '%d{}' % size)
            self.assertEqual(counts, {'degraded-type': 1})

    def stand_in(self, tree, size):
        """The type behind typedef t is a struct without name and members."""
        for case in FEW:
            btf, counts = self.encoded(tree, case)
            self.assertEqual(btf.describe(btf.one('t').type), 'struct %d{}' % size)
            self.assertEqual(counts, {'degraded-type': 1})

    def test_members(self):
        members = [member('m%d' % i, 'int', 4 * i) for i in range(65536)]
        btf, counts = self.encoded([struct_('s', 4 * 65535, *members[:-1])])
        self.assertEqual((len(btf.one('s').members), counts), (65535, {}))
        btf, counts = self.encoded([struct_('s', 4 * 65536, *members)])
        self.assertEqual((btf.content(btf.one('s')), counts), ('262144{}', {'degraded-type': 1}))

    def test_enumerators(self):
        values = [('v%d' % i, i) for i in range(65536)]
        btf, counts = self.encoded([enum_('e', 4, *values[:-1])])
        self.assertEqual((len(btf.one('e').values), counts), (65535, {}))
        btf, counts = self.encoded([enum_('e', 4, *values), typedef('t', 'enum e')])
        self.assertEqual((btf.describe(btf.one('t').type), counts),
                         ('struct 4{}', {'degraded-type': 1}))

    def test_bitfield_beyond_2_mib(self):
        self.opaque([struct_('s', 0x300000, bitfield('a', 'int', 0, 3),
                             member('b', 'int', 0x200000))],
                    's', 0x300000)

    def test_bitfield_of_300_bits(self):
        self.opaque([struct_('s', 64, die('member', name='a', type='int', bit_size=300,
                                          data_bit_offset=0))], 's', 64)

    def test_member_beyond_512_mib(self):
        self.opaque([struct_('s', 0xfffffff0, member('m', 'int', 1 << 29))], 's', 0xfffffff0)

    def test_member_between_bytes(self):
        self.opaque([struct_('s', 8, die('member', name='a', type='int', data_bit_offset=3))], 's',
                    8)

    def test_member_before_its_struct(self):
        self.opaque([struct_('s', 8, member('a', 'int', Form('sdata', -4)))], 's', 8)

    def test_member_behind_its_struct(self):
        self.opaque([struct_('s', 8, member('a', 'int', 0), member('b', 'int', 6))], 's', 8)
        self.opaque([struct_('s', 8, member('a', 'int', 0), member('b', 'int', 800))], 's', 8)
        self.opaque([struct_('s', 0, member('a', 'int', 0))], 's', 0)

    def test_member_without_size(self):
        """A member without type becomes opaque, one of incomplete type makes its struct so."""
        for target, want in ((None, '8{b@32 struct 0{}}'), ('f', '8{}'), ('pr', '8{}')):
            btf, counts = self.encoded([fwd('structure_type', 'nowhere', id='f'),
                                        proto('int', id='pr'),
                                        struct_('s', 8, member('b', target, 4))])
            self.assertEqual(btf.content(btf.one('s')), want)
            self.assertEqual(counts, {'degraded-type': 1})

    def test_bitfield_wider_than_its_type(self):
        self.opaque([struct_('s', 16, die('member', name='a', type='int', bit_size=40,
                                          data_bit_offset=0))], 's', 16)

    def test_bitfield_of_a_struct(self):
        self.opaque([struct_('inner', 4, member('a', 'int', 0)),
                     struct_('s', 16, die('member', name='a', type='struct inner', bit_size=4,
                                          data_bit_offset=0))], 's', 16)

    def test_union_member_with_offset(self):
        self.stand_in([union_('u', 8, member('a', 'int', 4)), typedef('t', 'union u')], 8)

    def test_array_of_4_billion(self):
        count = Form('data8', (1 << 32) - 1)
        btf, counts = self.encoded([base('char', 1, 'signed_char'),
                                    array('char', {'count': count}, id='a'),
                                    typedef('t', 'a')])
        self.assertEqual((btf.describe(btf.one('t').type), counts), ('ARRAY(char,4294967295)', {}))
        count = Form('data8', 1 << 32)
        self.stand_in([base('char', 1, 'signed_char'), array('char', {'count': count}, id='a'),
                       typedef('t', 'a')], 0)

    def test_array_of_what_has_no_size(self):
        for target, want in ((None, 'ARRAY(struct 0{},3)'), ('f', 'struct 0{}'),
                             ('pr', 'struct 0{}')):
            btf, counts = self.encoded([fwd('structure_type', 'nowhere', id='f'),
                                        proto('int', id='pr'),
                                        array(target, 3, id='a'), typedef('t', 'a')])
            self.assertEqual(btf.describe(btf.one('t').type), want)
            self.assertEqual(counts, {'degraded-type': 1})

    def test_enum_of_strange_size(self):
        for size in (3, 5, 16):
            self.stand_in([enum_('e', size, ('a', 1)), typedef('t', 'enum e')], size)

    def test_enumerator_beyond_32_bits(self):
        btf, counts = self.encoded([enum_('e', 4, ('a', 1 << 33))])
        self.assertEqual((btf.content(btf.one('e', 'ENUM64')), counts), ('4{a=8589934592}', {}))

    def test_unknown_encoding(self):
        self.stand_in([base('x', 4, 99), typedef('t', 'x')], 4)

    def test_parameter_without_size(self):
        """An incomplete struct is legal in a prototype that is not called; a function is not."""
        for target, text, want in (('f', 'PROTO(struct nowhere, int)->int', {}),
                                   ('pr', 'PROTO(...)->int', {'degraded-type': 1})):
            btf, counts = self.encoded([fwd('structure_type', 'nowhere', id='f'),
                                        proto('int', id='pr'),
                                        proto('int', target, 'int', id='p'), typedef('t', 'p')])
            self.assertEqual((btf.describe(btf.one('t').type), counts), (text, want))

    def test_return_without_size(self):
        for target, text, want in (('f', 'PROTO(int)->struct nowhere', {}),
                                   ('pr', 'PROTO(int)->void', {'degraded-type': 1})):
            btf, counts = self.encoded([fwd('structure_type', 'nowhere', id='f'),
                                        proto('int', id='pr'),
                                        proto(target, 'int', id='p'), typedef('t', 'p')])
            self.assertEqual((btf.describe(btf.one('t').type), counts), (text, want))

    def test_bad_names(self):
        """A name that the kernel refuses is left out, or with it what cannot be without."""
        btf, counts = self.encoded([
            struct_('a b', 4, member('c d', 'int', 0), id='s'), typedef('ts', 's'),
            enum_('e', 4, ('f g', 1), ('h', 2)), typedef('i j', 'int', id='td'), ptr('td', id='p'),
            typedef('tp', 'p')])
        self.assertEqual(btf.describe(btf.one('ts').type), 'struct 4{@0 int}')
        self.assertEqual(btf.content(btf.one('e')), '4{h=2}')
        self.assertEqual(btf.describe(btf.one('tp').type), 'PTR(int)')
        self.assertEqual(counts, {'bad-name': 4})

    def test_bad_names_do_not_split_types(self):
        """Types that differ only in what is left out are one."""
        units = [Unit(base('int', 4), struct_('s', 4, member(name, 'int', 0)),
                      struct_(name, 4, member('m', 'int', 0), id='x'), typedef('t', 'x'),
                      enum_('e', 4, ('a', 1), (name, 2)), proto('int', (name, 'int'), id='p'),
                      typedef('tp', 'p'), name='%d.c' % i)
                 for i, name in enumerate(('a b', 'c d', 'e f'))]
        self.types(units, {INT: INT_CONTENT, ('STRUCT', 's'): '4{@0 int}',
                           ('TYPEDEF', 't'): 'struct 4{m@0 int}', ('ENUM', 'e'): '4{a=1}',
                           ('TYPEDEF', 'tp'): 'PROTO(int)->int'}, cases=FEW)

    def test_variables(self):
        """A section's entries are counted in 16 bits; nothing is cut."""
        for n in (65535, 65536):
            tree = [INT_T] + [variable('v%d' % i, 'int', 4 * i) for i in range(n)]
            path = self.write('in.elf', self.elf(PLAIN, tree, percpu=0, percpu_size=4 * n, symbols=[
                ('v%d' % i, 4 * i, 4) for i in range(n)]).build())
            result = run('-o', self.path('out.btf'), path)
            if n == 65535:
                self.assertEqual((result.code, result.err), (0, ''))
                btf = Btf(self.read('out.btf'))
                self.assertEqual(len(btf.variables()[PERCPU]), n)
                os.unlink(self.path('out.btf'))
            else:
                self.assertEqual((result.code, result.err), (
                    5, "btfgen: %s: section '.data..percpu' has 65536 variables; BTF holds at most "
                       "65535\n" % path))
                self.assertFalse(os.path.exists(self.path('out.btf')))


if __name__ == '__main__':
    main()
