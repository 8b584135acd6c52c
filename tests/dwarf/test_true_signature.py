# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
"""true_signature: functions that the compiler changed, as they are, under their symbols' names."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'lib'))

# pylint: disable=wrong-import-position,wildcard-import,unused-wildcard-import
from encode import *  # noqa: E402,F403
from encode import main  # noqa: E402
from dwarfwriter import DW_CC_NOCALL, Locations, param  # noqa: E402
from functions import *  # noqa: E402,F403
from functions import (CLANG, KF_FASTCALL, TEXT, X86, X86_64_REGS, FunctionTest,  # noqa: E402
                       Ids, local, reg, sym)

RDI, RSI, RDX, RCX, R8, R9 = (reg(number) for number in X86_64_REGS)
ON = '--features=+true_signature'


def llvm(text):
    return die('LLVM_annotation', name='btf_decl_tag', const_value=text)


def types():
    return [base('int', 4), base('long', 8), base('char', 1, 'signed_char'), ptr('char', id='pc'),
            struct_('pair', 16, member('x', 'long', 0), member('y', 'pc', 8)),
            typedef('pair_t', 'struct pair'), qual('const', 'pair_t', id='cpair'),
            struct_('big', 24, member('x', 'long', 0), member('y', 'long', 8),
                    member('z', 'long', 16)),
            struct_('deep', 16, member('in', 'inner', 0), member('t', 'long', 8)),
            struct_(None, 8, member('i', 'int', 0), member('j', 'int', 4), id='inner'),
            union_('either', 8, umember('l', 'long'), umember('p', 'pc'))]


def copy(name, params, address=TEXT, **kw):
    """An out-of-line copy; params: (name, location) in its order; const_value as a third."""
    return function(None, [die('formal_parameter', abstract_origin='%s %s' % (name, p[0]),
                               location=p[1], const_value=p[2] if len(p) > 2 else None)
                           for p in params],
                    abstract_origin='abs ' + name, external=None, low_pc=address, **kw)


def abstract(name, params, ret='int', tags=(), external=None):
    """params: (name, type) or (name, type, text of a tag)."""
    return function(name, [die('formal_parameter', [llvm(text) for text in p[2:]], name=p[0],
                               type=p[1], id='%s %s' % (name, p[0])) for p in params],
                    [llvm(text) for text in tags], type=ret, id='abs ' + name, inline=1,
                    external=external)


INTS = [(n, 'int') for n in 'abcd']


class TrueSignature(FunctionTest):
    def true(self, dies, symbols, want, skipped=None, default=None, default_skipped=None, **kw):
        """With the feature, and without it if default is given."""
        units = dies if isinstance(dies[0], Unit) else [Unit(types(), *dies)]
        cases = kw.pop('cases', X86)
        self.functions(units, symbols, want, skipped, options=[ON], cases=cases, **kw)
        if default is not None:
            self.functions(units, symbols, default, default_skipped, cases=cases[:2])


class Gcc(TrueSignature):
    def test_one_gone(self):
        dies = [abstract('f', INTS[:3]), copy('f', [('a', RDI), ('b', None), ('c', RSI)])]
        self.true(dies, [local('f.isra.0', 0)], {'f.isra.0': 'PROTO(a int, c int)->int'},
                  default={}, default_skipped={'f': 'optimized'})

    def test_first_and_last_gone(self):
        dies = [abstract('f', INTS), copy('f', [('a', None), ('b', RDI), ('c', RSI), ('d', None)])]
        self.true(dies, [local('f.isra.0', 0)], {'f.isra.0': 'PROTO(b int, c int)->int'})

    def test_all_gone(self):
        dies = [abstract('f', INTS[:2]), copy('f', [('a', None), ('b', None)])]
        self.true(dies, [local('f.constprop.0', 0)], {'f.constprop.0': 'PROTO()->int'})

    def test_not_listed(self):
        dies = [abstract('f', INTS[:3]), copy('f', [('a', RDI), ('c', RSI)])]
        self.true(dies, [local('f.isra.0', 0)], {'f.isra.0': 'PROTO(a int, c int)->int'})

    def test_known(self):
        dies = [abstract('f', INTS[:3]), copy('f', [('a', RDI), ('b', None, 7), ('c', RSI)])]
        self.true(dies, [local('f.constprop.0', 0)], {'f.constprop.0': 'PROTO(a int, c int)->int'})

    def test_known_by_expression(self):
        dies = [abstract('f', INTS[:2]), copy('f', [('a', [('lit5',), 'stack_value']), ('b', RDI)])]
        self.true(dies, [local('f.constprop.0', 0)], {'f.constprop.0': 'PROTO(b int)->int'},
                  cases=[case for case in X86 if case.enc.version >= 4])

    def test_reordered(self):
        """The order is that of the registers."""
        dies = [abstract('f', INTS[:3]), copy('f', [('c', RDI), ('a', RSI), ('b', None)])]
        self.true(dies, [local('f.isra.0', 0)], {'f.isra.0': 'PROTO(c int, a int)->int'})

    def test_not_where_it_belongs(self):
        """A hole that nothing explains: what the registers hold is not known."""
        dies = [abstract('f', INTS[:2]), copy('f', [('a', RDI), ('b', RDX)])]
        self.true(dies, [local('f.isra.0', 0)], {}, {'f.isra.0': 'moved'})

    def test_in_place(self):
        """A function that has a suffix and all its parameters keeps what it had by default."""
        dies = [abstract('f', INTS[:2]), copy('f', [('a', RDI), ('b', RSI)])]
        self.functions([Unit(types(), *dies)], [local('f.isra.0', 0)],
                       {'f.isra.0': 'PROTO(a int, b int)->int'}, options=[ON], cases=X86)

    def test_place_that_stays_empty(self):
        """One without location, and the next one is where it would be if all were passed: perhaps
        all are, perhaps something else is in between."""
        dies = [abstract('f', INTS[:3]), copy('f', [('a', RDI), ('b', None), ('c', RDX)])]
        self.true(dies, [local('f.isra.0', 0)], {}, {'f.isra.0': 'optimized'})

    def test_pointer_gone(self):
        """GCC may pass what a pointer pointed to instead, behind the others, and not tell."""
        dies = [abstract('f', [('a', 'int'), ('p', 'pc')]), copy('f', [('a', RDI), ('p', None)])]
        self.true(dies, [local('f.isra.0', 0)], {}, {'f.isra.0': 'optimized'})
        dies = [abstract('f', [('p', 'pc'), ('a', 'int')]), copy('f', [('p', None), ('a', RDI)])]
        self.true(dies, [local('f.isra.0', 0)], {'f.isra.0': 'PROTO(a int)->int'})
        dies = [abstract('f', [('a', 'int'), ('p', 'pc')]), copy('f', [('a', RDI), ('p', None, 0)])]
        for name in ('f.constprop.0', 'f.isra.0'):
            self.true(dies, [local(name, 0)], {name: 'PROTO(a int)->int'})

    def test_unknown_architecture(self):
        """Nothing is known of the registers."""
        dies = [abstract('f', INTS[:2]), copy('f', [('a', RSI), ('b', RDI)])]
        self.true(dies, [local('f.isra.0', 0)], {'f.isra.0': 'PROTO(a int, b int)->int'},
                  machine=0x1234)

    def test_clone_beside_its_origin(self):
        dies = [abstract('f', INTS[:2]), copy('f', [('a', RDI), ('b', RSI)]),
                copy('f', [('a', None), ('b', RDI)], TEXT + 32)]
        self.true(dies, [local('f', 0), local('f.constprop.0', 32)],
                  {'f': 'PROTO(a int, b int)->int', 'f.constprop.0': 'PROTO(b int)->int'},
                  default={}, default_skipped={'f': 'ambiguous'})

    def test_two_clones(self):
        dies = [abstract('f', INTS[:3]), copy('f', [('a', None), ('b', RDI), ('c', RSI)]),
                copy('f', [('a', RDI), ('b', None), ('c', None)], TEXT + 32)]
        self.true(dies, [local('f.constprop.0', 0), local('f.constprop.1', 32)],
                  {'f.constprop.0': 'PROTO(b int, c int)->int',
                   'f.constprop.1': 'PROTO(a int)->int'},
                  default={}, default_skipped={'f': 'ambiguous'})

    def test_chain_of_suffixes(self):
        dies = [abstract('f', INTS[:2]), copy('f', [('a', None), ('b', RDI)])]
        self.true(dies, [local('f.constprop.0.isra.0', 0)],
                  {'f.constprop.0.isra.0': 'PROTO(b int)->int'})

    def test_parts_stay_out(self):
        dies = [abstract('f', INTS[:2]), copy('f', [('a', None), ('b', RDI)])]
        self.true(dies, [local('f.isra.0', 0), local('f.isra.0.cold', 0x80),
                         local('f.part.0', 0x90)], {'f.isra.0': 'PROTO(b int)->int'})

    def test_unchanged_functions(self):
        """The feature changes nothing else."""
        dies = [function('f', param('a', 'int'), type='int', low_pc=TEXT),
                function('g', param('a', 'int'), type='int', low_pc=TEXT + 16)]
        self.true(dies, [sym('f', 0), sym('g', 16), sym('h', 16), local('f.cold', 0x80)],
                  {name: 'PROTO(a int)->int' for name in 'fgh'})

    def test_static_twins_stay_ambiguous(self):
        units = [Unit(types(), function('f', param('a', 'int'), low_pc=TEXT + 16 * i), name=name)
                 for i, name in enumerate(('a.c', 'b.c'))]
        self.true(units, [local('f', 0), local('f', 16)], {}, {'f': 'ambiguous'})

    def test_clones_of_one_name_in_two_units(self):
        """f.isra.0 of two files: one name, two addresses."""
        units = [Unit(types(), abstract('f', INTS[:2]),
                      copy('f', [('a', None), ('b', RDI)], TEXT + 16 * i), name=name)
                 for i, name in enumerate(('a.c', 'b.c'))]
        self.true(units, [local('f.isra.0', 0), local('f.isra.0', 16)], {},
                  {'f.isra.0': 'ambiguous'})

    def test_large_result(self):
        dies = [abstract('f', INTS[:2], ret='struct big'), copy('f', [('a', None), ('b', RSI)])]
        self.true(dies, [local('f.isra.0', 0)], {'f.isra.0': 'PROTO(b int)->struct big'})

    def test_relocatable(self):
        dies = [abstract('f', INTS[:2]), copy('f', [('a', None), ('b', RDI)], Sym('.text', 0))]
        self.true(dies, [local('f.isra.0', 0)], {'f.isra.0': 'PROTO(b int)->int'}, cases=X86[:2],
                  e_type=ET_REL)

    def test_varargs(self):
        dies = [abstract('f', INTS[:2]), copy('f', [('a', RDI), ('b', None)])]
        for node in dies:
            node.children.append(die('unspecified_parameters'))
        # Nothing is known of what the others of a changed function are.
        def check(btf, _):
            self.assertNotIn('f', btf.functions())
            self.assertNotEqual(btf.functions().get('f.isra.0'), 'PROTO(a int, b int, ...)->int')

        data = self.image(X86[0], [Unit(types(), *dies)], [local('f.isra.0', 0)])
        check(*self.encode_report(data, ON))


class Members(TrueSignature):
    """A struct of which one member is passed becomes that member."""

    def one(self, target, location, want, cases=X86):
        dies = [abstract('f', [('a', 'int'), ('s', target)]),
                copy('f', [('a', RDI), ('s', location)])]
        self.true(dies, [local('f.isra.0', 0)],
                  {'f.isra.0': 'PROTO(a int, %s)->int' % want} if want else {},
                  None if want else {'f.isra.0': 'moved'}, cases=cases)

    def test_second_member(self):
        self.one('struct pair', [('piece', 8), 'reg4', ('piece', 8)], 's__y PTR(char)')

    def test_first_member(self):
        """Where the whole struct would begin, too, and nothing else is changed: the whole one."""
        self.one('struct pair', ['reg4', ('piece', 8), ('piece', 8)], 's struct pair')
        self.one('struct pair', ['reg4', ('piece', 8)], 's struct pair')

    def test_through_typedef_and_const(self):
        self.one('pair_t', [('piece', 8), 'reg4', ('piece', 8)], 's__y PTR(char)')
        self.one('cpair', [('piece', 8), 'reg4', ('piece', 8)], 's__y PTR(char)')

    def test_whole(self):
        self.one('struct pair', ['reg4', ('piece', 8), 'reg1', ('piece', 8)], 's struct pair')

    def test_of_a_list(self):
        pieces = [('piece', 8), 'reg4', ('piece', 8)]
        self.one('struct pair', Locations((TEXT, TEXT + 8, pieces)), 's__y PTR(char)',
                 cases=[case for case in X86 if case.enc.version == 5])

    def test_by_entry_value(self):
        pieces = [('piece', 8), ('entry_value', ['reg4']), 'stack_value', ('piece', 8)]
        self.one('struct pair', Locations((TEXT, TEXT + 8, pieces)), 's__y PTR(char)',
                 cases=[case for case in X86 if case.enc.version == 5])

    def test_half_a_member(self):
        """Not a whole member: nothing to call it."""
        self.one('struct pair', [('piece', 12), 'reg4', ('piece', 4)], None, cases=X86[:2])

    def test_renamed_member_of_three(self):
        dies = [abstract('f', [('s', 'struct pair'), ('b', 'int'), ('t', 'struct pair')]),
                copy('f', [('s', ['reg5', ('piece', 8)]), ('b', RSI),
                           ('t', [('piece', 8), 'reg1', ('piece', 8)])])]
        self.true(dies, [local('f.isra.0', 0)],
                  {'f.isra.0': 'PROTO(s__x long, b int, t__y PTR(char))->int'})


class Clang(TrueSignature):
    def units(self, *params, calling_convention=DW_CC_NOCALL):
        return [Unit(types(), function('f', [param(n, 'int', loc) for n, loc in params],
                                       type='int', external=None, low_pc=TEXT,
                                       calling_convention=calling_convention),
                     producer=CLANG, name='f.c')]

    def test_gone(self):
        """clang keeps the name."""
        self.true(self.units(('a', None), ('b', RDI)), [local('f', 0)], {'f': 'PROTO(b int)->int'},
                  default={}, default_skipped={'f': 'optimized'})
        self.true(self.units(('a', RDI), ('b', None), ('c', RSI)), [local('f', 0)],
                  {'f': 'PROTO(a int, c int)->int'})

    def test_in_place(self):
        self.true(self.units(('a', RDI), ('b', RSI)), [local('f', 0)],
                  {'f': 'PROTO(a int, b int)->int'})

    def test_suffix_of_thin_lto(self):
        self.true(self.units(('a', None), ('b', RDI)), [sym('f.llvm.123456', 0)],
                  {'f.llvm.123456': 'PROTO(b int)->int'})

    def test_moved(self):
        self.true(self.units(('a', RDI), ('b', RCX)), [local('f', 0)], {}, {'f': 'moved'})


class Tags(TrueSignature):
    def test_renumbered(self):
        def check(btf, _):
            self.assertEqual(dict(btf.tags()), {('func f.isra.0', -1, 'whole'): 1,
                                                ('func f.isra.0', 0, 'of a'): 1,
                                                ('func f.isra.0', 1, 'of c'): 1})

        dies = [abstract('f', [('a', 'int', 'of a'), ('b', 'int', 'of b'), ('c', 'int', 'of c')],
                         tags=['whole']), copy('f', [('a', RDI), ('b', None), ('c', RSI)])]
        self.true(dies, [local('f.isra.0', 0)], {'f.isra.0': 'PROTO(a int, c int)->int'},
                  check=check)

    def test_reordered(self):
        def check(btf, _):
            self.assertEqual(dict(btf.tags()), {('func f.isra.0', 0, 'of c'): 1,
                                                ('func f.isra.0', 1, 'of a'): 1})

        dies = [abstract('f', [('a', 'int', 'of a'), ('b', 'int', 'of b'), ('c', 'int', 'of c')]),
                copy('f', [('c', RDI), ('a', RSI), ('b', None)])]
        self.true(dies, [local('f.isra.0', 0)], {'f.isra.0': 'PROTO(c int, a int)->int'},
                  check=check)

    def test_kfunc(self):
        """The tag of a kfunc stays with its function."""
        def check(btf, _):
            self.assertEqual(dict(btf.tags()), {('func f', -1, 'bpf_kfunc'): 1,
                                                ('func f', -1, 'bpf_fastcall'): 1})

        dies = [abstract('f', INTS[:2]), copy('f', [('a', RDI), ('b', RSI)]),
                copy('f', [('a', None), ('b', RDI)], TEXT + 32)]
        self.true(dies, [sym('f', 0), local('f.constprop.0', 32)],
                  {'f': 'PROTO(a int, b int)->int', 'f.constprop.0': 'PROTO(b int)->int'},
                  check=check, ids=Ids().set8('list', ('f', KF_FASTCALL)))

    def test_kfunc_under_another_name(self):
        """Only the renamed one is left of a kfunc."""
        def check(btf, _):
            self.assertEqual(dict(btf.tags()), {('func f.isra.0', -1, 'bpf_kfunc'): 1})

        dies = [abstract('f', INTS[:2]), copy('f', [('a', None), ('b', RDI)])]
        self.true(dies, [local('f.isra.0', 0)], {'f.isra.0': 'PROTO(b int)->int'}, check=check,
                  ids=Ids().set8('list', 'f'))


if __name__ == '__main__':
    main()
