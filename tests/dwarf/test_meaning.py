# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
"""What a unit means: evidence for forward declarations of ambiguous names, units left out by language."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'lib'))

# pylint: disable=wrong-import-position,wildcard-import,unused-wildcard-import
from encode import *  # noqa: E402,F403
from encode import main  # noqa: E402


def chip(size):
    return [base('int', 4), struct_('chip', size, member('a', 'int', 0), id='chip'),
            ptr('chip', id='pchip')]


def takes_chip(name, **kw):
    return function(name, die('formal_parameter', type='pchip'), **kw)


def unit_a(*dies):
    return Unit(chip(4), struct_('a_user', 8, member('c', 'pchip', 0)), *dies, name='drivers/x/a.c')


def unit_b(*dies):
    return Unit(chip(64), struct_('b_user', 8, member('c', 'pchip', 0)),
                struct_('b_more', 8, member('c', 'pchip', 0)), *dies, name='drivers/y/b.c')


def unit_pm(*dies):
    return Unit(fwd('structure_type', 'chip', id='chip'), ptr('chip', id='pchip'),
                struct_('pm', 8, member('c', 'pchip', 0), id='pm'), *dies, name='drivers/z/pm.c')


class ExternalFunctions(EncodeTest):
    """Declared in the unit of the forward declaration, defined where the type is defined."""

    def meaning(self, units):
        """The size of the struct chip that the member of struct pm points to; None: a declaration."""
        sizes = set()

        def check(case):
            btf = self.encode_case(case, units, ignore=('N3',))
            structs = {t.name: t for t in btf.types[1:] if t.kind == 'STRUCT'}
            target = btf.types[btf.types[structs['pm'].members[0].type].type]
            sizes.add(target.size if target.kind == 'STRUCT' else None)

        self.each(FEW, check)
        self.assertEqual(len(sizes), 1)
        return sizes.pop()

    def test_the_defining_unit_decides(self):
        declared = takes_chip('save', declaration=True)
        self.assertEqual(self.meaning([unit_a(takes_chip('save', low_pc=0x100000)), unit_b(),
                                       unit_pm(declared)]), 4)
        self.assertEqual(self.meaning([unit_a(), unit_b(takes_chip('save', low_pc=0x100000)),
                                       unit_pm(declared)]), 64)

    def test_by_the_result(self):
        declared = function('get', die('formal_parameter', type='pchip'), type='pchip',
                            declaration=True)
        defined = function('get', die('formal_parameter', type='pchip'), type='pchip',
                           low_pc=0x100000)
        self.assertEqual(self.meaning([unit_a(defined), unit_b(), unit_pm(declared)]), 4)

    def test_static_functions_tell_nothing(self):
        units = [unit_a(takes_chip('save', low_pc=0x100000, external=None)), unit_b(),
                 unit_pm(takes_chip('save', declaration=True, external=None))]
        self.assertIsNone(self.meaning(units))

    def test_other_functions_tell_nothing(self):
        units = [unit_a(takes_chip('save', low_pc=0x100000)), unit_b(),
                 unit_pm(takes_chip('restore', declaration=True))]
        self.assertIsNone(self.meaning(units))

    def test_functions_leave_nothing_behind(self):
        self.types([base('int', 4), struct_('s', 4, member('a', 'int', 0), id='s'), ptr('s', id='p'),
                    function('f', die('formal_parameter', type='p'), low_pc=0x100000, type='p')],
                   {INT: INT_CONTENT, ('STRUCT', 's'): '4{a@0 int}'}, anonymous=['PTR(struct s)'])


class Languages(EncodeTest):
    UNITS = [Unit(base('int', 4), struct_('s', 4, member('a', 'int', 0)), name='a.c'),
             Unit(base('i32', 4), struct_('s', 8, member('b', 'i32', 0), member('c', 'i32', 4)),
                  name='lib.rs', language=0x1c)]
    C = {INT: INT_CONTENT, ('STRUCT', 's'): '4{a@0 int}'}

    def definitions(self, *options):
        data = self.elf(FEW[0], self.UNITS).build()
        return sorted(self.encode(data, *options).definitions())

    def test_rust_is_left_out(self):
        self.assertEqual(self.definitions(),
                         sorted((kind, name, text) for (kind, name), text in self.C.items()))

    def test_rust_is_kept_on_demand(self):
        names = [name for _, name, _ in self.definitions('--lang-exclude=none')]
        self.assertEqual(names, ['i32', 'int', 's', 's'])

    def test_other_languages(self):
        names = [name for _, name, _ in self.definitions('--lang-exclude=c')]
        self.assertEqual(names, ['i32', 's'])

    def test_nothing_is_left(self):
        path = self.write('in.elf', self.elf(FEW[0], self.UNITS).build())
        result = run('-o', self.path('out.btf'), '--lang-exclude=c,rust', path)
        self.assertEqual((result.code, result.err),
                         (3, 'btfgen: %s: no types: 2 of 2 units are left out because of their language\n'
                          % path))
        self.assertFalse(os.path.exists(self.path('out.btf')))


if __name__ == '__main__':
    main()
