# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
"""Which functions become FUNC records, with which prototypes, and why others do not."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'lib'))

# pylint: disable=wrong-import-position,wildcard-import,unused-wildcard-import
from encode import *  # noqa: E402,F403
from encode import FEW, MATRIX, TYPE_UNIT_CASES, main  # noqa: E402
from dwarfwriter import DW_CC_NOCALL, Locations, Ranges, param  # noqa: E402
from functions import *  # noqa: E402,F403
from functions import (CLANG, EM_386, EM_AARCH64, EM_ARM, EM_LOONGARCH, EM_MIPS,  # noqa: E402
                       EM_PPC64, EM_RISCV, EM_S390, EM_X86_64, REGS, TEXT, TEXT_SIZE, X86,
                       X86_64_REGS, FunctionTest, local, reg, sym, weak)

RDI, RSI, RDX, RCX, R8, R9 = (reg(number) for number in X86_64_REGS)
EM_UNKNOWN = 0x1234
STV_HIDDEN = 2


def types():
    """Types that prototypes are made of."""
    return [base('int', 4), base('long', lambda enc: enc.addr_size), base('char', 1, 'signed_char'),
            ptr(), ptr('int'), qual('const', 'char'), ptr('const char', id='str'),
            struct_('s', 4, member('a', 'int', 0)), ptr('struct s', id='ps'),
            typedef('s_t', 'struct s'), fwd('structure_type', 'gone', id='gone')]


def unit(*dies, **kw):
    return Unit(types(), *dies, **kw)


def f_int(name='f', off=0, **kw):
    """int name(int a)"""
    return function(name, param('a', 'int'), type='int', low_pc=TEXT + off, **kw)


F_INT = 'PROTO(a int)->int'


class Plain(FunctionTest):
    def test_all_encodings(self):
        tree = [types(),
                function('one', param('a', 'int'), param('p', 'ps'), type='int', low_pc=TEXT),
                function('two', type='long', low_pc=TEXT + 16, external=None),
                function('three', param('format', 'str'), die('unspecified_parameters'),
                         low_pc=TEXT + 32)]
        self.functions(tree, [sym('one', 0), local('two', 16), sym('three', 32)],
                       {'one': 'PROTO(a int, p PTR(struct s))->int', 'two': 'PROTO()->long',
                        'three': 'PROTO(format PTR(CONST(char)), ...)->void'}, cases=MATRIX)

    def test_linkage(self):
        """Global is what other files can name: the symbol and the entry must both say so."""
        def check(btf, _):
            self.assertEqual({t.name: t.linkage for t in btf.types if t.kind == 'FUNC'},
                             dict(outer=1, inner=0, weak=1, hidden=1, made_local=0, odd=0, alias=1,
                                  weak_alias=1, local_alias=0))

        names = ['outer', 'inner', 'weak', 'hidden', 'made_local', 'odd']
        statics = ('inner', 'odd')
        tree = [types()] + [f_int(name, 16 * i, external=None if name in statics else True)
                            for i, name in enumerate(names)]
        symbols = [sym('outer', 0), local('inner', 16), weak('weak', 32),
                   local('hidden', 48, other=STV_HIDDEN), local('made_local', 64), sym('odd', 80),
                   sym('alias', 16), weak('weak_alias', 16), local('local_alias', 0)]
        self.functions(tree, symbols, {symbol.name: F_INT for symbol in symbols}, check=check)

    def test_equal_prototypes_are_one(self):
        def check(btf, _):
            self.assertEqual(sum(t.kind == 'FUNC_PROTO' for t in btf.types), 2)

        self.functions([unit(f_int('f', 0)), unit(f_int('g', 16)),
                        unit(function('h', param('b', 'int'), type='int', low_pc=TEXT + 32))],
                       [sym('f', 0), sym('g', 16), sym('h', 32)],
                       {'f': F_INT, 'g': F_INT, 'h': 'PROTO(b int)->int'}, check=check)

    def test_void_pointers_and_qualifiers(self):
        self.functions([types(), qual('const', 'int'),
                        function('f', param('p', 'ptr void'), param('c', 'const int'),
                                 param('s', 's_t'), type='ptr void', low_pc=TEXT)],
                       [sym('f', 0)],
                       {'f': 'PROTO(p PTR(void), c CONST(int), s typedef s_t)->PTR(void)'})

    def test_function_pointers(self):
        self.functions([types(), proto('int', 'int', ('b', 'ps'), id='cb'), ptr('cb', id='pcb'),
                        function('f', param('cb', 'pcb'), low_pc=TEXT)], [sym('f', 0)],
                       {'f': 'PROTO(cb PTR(PROTO(int, b PTR(struct s))->int))->void'})

    def test_no_functions(self):
        data = self.image(FEW[0], [types(), f_int()], [sym('f', 0)])
        btf, report = self.encode_report(data, '--no-functions')
        self.assertEqual((btf.functions(), self.skips(report)), ({}, {}))
        self.assertEqual([t for t in btf.types if t.kind == 'FUNC_PROTO'], [])

    def test_order_of_units_and_symbols(self):
        units = [unit(f_int('b', 16), function('a', param('p', 'ps'), low_pc=TEXT), name='1.c'),
                 unit(f_int('c', 32), name='2.c')]
        symbols = [sym('a', 0), sym('b', 16), sym('c', 32), sym('d', 32)]
        got = set()
        for ordered in (units, units[::-1]):
            for backwards in (False, True):
                data = self.image(FEW[0], ordered, symbols, reverse_symbols=backwards)
                btf, _ = self.encode_report(data)
                got.add(bytes(btf.data))
        self.assertEqual(len(got), 1)

    def test_order_of_work(self):
        """Threads, their order and collisions of hash values change nothing."""
        units = [unit(f_int('f%d' % i, 16 * i), function('g', param('p', 'ps'), inline=1),
                      function('both', param('a', 'int' if i % 3 else 'long'), type='int',
                               low_pc=TEXT + 0x1000), name='%d.c' % i) for i in range(40)]
        symbols = [sym('f%d' % i, 16 * i) for i in range(40)]
        symbols += [sym('g%d' % i, 16 * i) for i in range(40)] + [sym('both', 0x1000)]
        path = self.write('in.elf', self.image(PLAIN, units, symbols))
        got = set()
        for options in ((), ('-j1',), ('-j7',), ('--features=-consistent_func',)):
            for seed in ('', '1', '2', '3'):
                for collide in ('', '1'):
                    env = dict(os.environ, BTFGEN_TEST_SHUFFLE=seed, BTFGEN_TEST_COLLIDE=collide)
                    result = run('-o', self.path('out.btf'), *options, path, env=env)
                    self.assertEqual((result.code, result.err), (0, ''))
                    got.add((options[-1:] == ('--features=-consistent_func',),
                             self.read('out.btf')))
        self.assertEqual(len(got), 2)

    def test_numbers_of_the_report(self):
        tree = [Unit(types(), f_int('f'), f_int('twin', 16, external=None), name='a.c'),
                Unit(types(), f_int('twin', 32, external=None), f_int('odd$', 48),
                     function('void', param('a', None), low_pc=TEXT + 64), name='b.c'),
                Unit(function('code', low_pc=TEXT + 80), name='c.S', language='Mips_Assembler')]
        symbols = [sym('f', 0), sym('alias', 0), local('twin', 16), local('twin', 32),
                   sym('odd$', 48), sym('void', 64), sym('code', 80), sym('bare', 96),
                   local('piece.cold', 112)]
        btf, report = self.encode_functions(PLAIN, tree, symbols)
        numbers = report['functions']
        self.assertEqual({k: v for k, v in numbers['outcomes'].items() if v},
                         {'encoded': 2, 'ambiguous': 1, 'bad-name': 1, 'bad-type': 1,
                          'assembler': 1, 'no-debug-info': 1, 'part': 1})
        self.assertEqual(numbers['names'], sum(numbers['outcomes'].values()))
        self.assertEqual(numbers['aliases'], 1)
        self.assertEqual(set(btf.functions()), {'f', 'alias'})
        places = {item['name']: item['offset'] - TEXT for item in report['diagnostics']['items']
                  if item['kind'] == 'function-skipped'}
        self.assertEqual(places, {'twin': 16, 'odd$': 48, 'void': 64, 'code': 80, 'bare': 96})
        where = {item['name']: item['unit'] for item in report['diagnostics']['items']
                 if item['kind'] == 'function-skipped'}
        self.assertEqual(where, {'twin': 'a.c', 'odd$': 'b.c', 'void': 'b.c', 'code': 'c.S',
                                 'bare': None})

    def test_three_hundred_parameters(self):
        params = [param('p%d' % i, 'int') for i in range(300)]
        want = 'PROTO(%s)->int' % ', '.join('p%d int' % i for i in range(300))
        self.functions([unit(function('f', params, type='int', low_pc=TEXT)),
                        unit(function('f', params, type='int', low_pc=TEXT), name='again.c')],
                       [sym('f', 0)], {'f': want})

    def test_names_as_long_as_the_kernel_takes(self):
        names = ['n' * 511, 'm' * 127, 'm' * 128]
        self.functions([types()] + [function(name, param(name, 'int'), low_pc=TEXT + 16 * i)
                                    for i, name in enumerate(names)],
                       [sym(name, 16 * i) for i, name in enumerate(names)],
                       {name: 'PROTO(%s int)->void' % name for name in names})


class Places(FunctionTest):
    """Where the entry and the symbol must stand to each other."""

    def test_symbol_before_the_entry(self):
        def check(_, report):
            self.assertEqual(report['functions']['aliases'], 0)

        self.functions([types(), f_int('f', 8)], [sym('f', 0, 24)], {'f': F_INT}, check=check)
        self.functions([types(), f_int('f', 8), function('g', param('p', 'ps'), low_pc=TEXT)],
                       [sym('f', 0, 24), sym('g', 0)],
                       {'f': F_INT, 'g': 'PROTO(p PTR(struct s))->void'}, check=check)

    def test_symbol_ends_before_the_entry(self):
        self.functions([types(), f_int('f', 8)], [sym('f', 0, 8)], {}, {'f': 'no-debug-info'})

    def test_symbol_behind_the_entry(self):
        self.functions([types(), f_int('f', 0)], [sym('f', 8, 8)], {}, {'f': 'no-debug-info'})

    def test_symbol_without_size(self):
        self.functions([types(), f_int('f', 0)], [sym('f', 0, 0)], {'f': F_INT})
        self.functions([types(), f_int('f', 4)], [sym('f', 0, 0)], {}, {'f': 'no-debug-info'})

    def test_entry_of_another_name(self):
        """The bytes of a symbol hold the entry of another function, but do not begin there."""
        self.functions([types(), f_int('g', 8)], [sym('f', 0, 8), sym('g', 8, 8)], {'g': F_INT},
                       {'f': 'no-debug-info'})

    def test_address_zero(self):
        """What the linker discarded has address 0, and nothing is there."""
        self.functions([unit(f_int('f', -TEXT)), unit(function('f', param('p', 'ps'),
                                                               low_pc=TEXT))],
                       [sym('f', 0)], {'f': 'PROTO(p PTR(struct s))->void'})

    def test_padding(self):
        """Symbols of the bytes in front of functions."""
        self.functions([types(), f_int('f', 16), f_int('g', 48)],
                       [local('__pfx_f', 0), sym('f', 16), local('__cfi_g', 32), sym('g', 48)],
                       {'f': F_INT, 'g': F_INT})

    def test_bit_of_the_instruction_set(self):
        """Thumb and microMIPS: symbols are odd, entries are not."""
        case = Case(Encoding(addr_size=4))
        for machine in (EM_ARM, EM_MIPS):
            self.functions([types(), f_int('f', 16)], [sym('f', 17), weak('g', 16)],
                           {'f': F_INT, 'g': F_INT}, cases=[case], machine=machine)
        self.functions([types(), f_int('f', 16)], [sym('f', 17)], {}, {'f': 'no-debug-info'},
                       cases=[case], machine=EM_386)

    def test_descriptors(self):
        """ppc64's first ABI: a function's symbol leads to a descriptor, which leads to the code."""
        case = Case(Encoding(little=False))

        def extra(elf):
            section = elf.section('.opd', elf.pack('QQQQQQ', TEXT + 16, 0, 0, TEXT + 32, 0, 0),
                                  flags='WA', addr=0x500000, align=8)
            elf.symbol('f', value=0x500000, size=24, section=section, sym_type=STT_FUNC)
            elf.symbol('g', value=0x500018, size=24, section=section, sym_type=STT_FUNC)

        self.functions([types(), f_int('f', 16), f_int('g', 32)], [], {'f': F_INT, 'g': F_INT},
                       cases=[case], machine=EM_PPC64, extra=extra)

    def test_other_symbol_types(self):
        self.functions([types(), f_int('f', 0), f_int('g', 16), f_int('h', 32), f_int('i', 48)],
                       [sym('f', 0), sym('g', 16, sym_type=STT_OBJECT),
                        sym('h', 32, sym_type=STT_NOTYPE),
                        sym('i', 0, in_section=SHN_UNDEF)], {'f': F_INT})

    def test_ranges_only(self):
        cases = [Case(Encoding(version=version, dwarf64=dwarf64, little=little, addr_size=size))
                 for version in (3, 4, 5) for dwarf64 in (False, True)
                 for little in (False, True) for size in (4, 8)]
        cases += [Case(Encoding(version=5, listform='index', addrform='addrx', dwarf64=dwarf64))
                  for dwarf64 in (False, True)]

        def tree(kind):
            ranges = Ranges((TEXT + 0x40, TEXT + 0x50), (TEXT + 0x400, TEXT + 0x420), kind=kind,
                            base=TEXT)
            return [Unit(types(), function('f', param('a', 'int'), type='int', ranges=ranges),
                         f_int('g', 0), low_pc=TEXT)]

        symbols = [sym('f', 0x40), local('f.cold', 0x400, 0x20), sym('g', 0)]
        for kind in ('pair', 'base'):
            self.functions(tree(kind), symbols, {'f': F_INT, 'g': F_INT}, cases=cases)
        for kind in ('basex', 'start_end', 'start_length', 'startx_endx', 'startx_length'):
            self.functions(tree(kind), symbols, {'f': F_INT, 'g': F_INT},
                           cases=[case for case in cases if case.enc.version == 5])

    def test_ranges_with_the_cold_part_first(self):
        ranges = Ranges((TEXT + 0x400, TEXT + 0x420), (TEXT + 0x480, TEXT + 0x500),
                        (TEXT + 0x40, TEXT + 0x50), kind='start_end')
        self.functions([types(), function('f', param('a', 'int'), type='int', ranges=ranges)],
                       [sym('f', 0x40), local('f.cold', 0x400, 0x20)], {'f': F_INT},
                       cases=[case for case in FEW if case.enc.version == 5])

    def test_relocatable(self):
        """Functions at equal offsets of different sections."""
        def tree(case):
            return [Unit(types(), function('f', param('a', 'int'), type='int',
                                           low_pc=Sym('.text.f', 0x20)), name='f.c'),
                    Unit(types(), function('g', param('p', 'ps'), low_pc=Sym('.text.g', 0x20)),
                         function('h', param('q', 'ps'), low_pc=Sym('.text', 0x20)), name='g.c')]

        sections = ('.text', '.text.f', '.text.g', '.init.text')
        symbols = [sym('f', 0x20, section='.text.f'), sym('g', 0x20, section='.text.g'),
                   sym('h', 0x20), sym('i', 0x20, section='.init.text')]
        cases = [Case(Encoding(version=version)) for version in (2, 3, 4, 5)]
        cases += [Case(Encoding(version=4, little=False)),
                  Case(Encoding(version=5, little=False, addr_size=4)),
                  Case(Encoding(version=5, addrform='addrx'))]
        self.functions(tree, symbols, {'f': F_INT, 'g': 'PROTO(p PTR(struct s))->void',
                                       'h': 'PROTO(q PTR(struct s))->void'},
                       {'i': 'no-debug-info'}, cases=cases, e_type=ET_REL, sections=sections)

    def test_relocatable_static_twins(self):
        """Two static functions of one name at equal offsets have two addresses all the same."""
        def tree(case):
            return [unit(f_at(Sym('.text.f', 0x20))), unit(f_at(Sym('.text.g', 0x20)), name='g.c')]

        def f_at(low_pc):
            return function('f', param('a', 'int'), type='int', low_pc=low_pc, external=None)

        self.functions(tree, [local('f', 0x20, section='.text.f'),
                              local('f', 0x20, section='.text.g')], {}, {'f': 'ambiguous'},
                       cases=[PLAIN], e_type=ET_REL, sections=('.text', '.text.f', '.text.g'))

    def test_relocatable_ranges(self):
        def tree(case):
            ranges = Ranges((0x20, 0x30), kind='pair')
            return [Unit(types(), function('f', param('a', 'int'), type='int', ranges=ranges),
                         low_pc=Sym('.text.f', 0))]

        self.functions(tree, [sym('f', 0x20, section='.text.f'), sym('g', 0x20)], {'f': F_INT},
                       {'g': 'no-debug-info'}, e_type=ET_REL, sections=('.text', '.text.f'),
                       cases=[Case(Encoding(version=4)), Case(Encoding(version=5))])

    def test_many_sections(self):
        sections = tuple('.text.%d' % i for i in range(40))
        tree = [types()] + [function('f%d' % i, param('p%d' % i, 'int'),
                                     low_pc=TEXT + i * TEXT_SIZE + 0x10) for i in range(40)]
        self.functions(tree, [sym('f%d' % i, 0x10, section=sections[i]) for i in range(40)],
                       {'f%d' % i: 'PROTO(p%d int)->void' % i for i in range(40)},
                       sections=sections, cases=FEW[:2])


class Origins(FunctionTest):
    """What a DIE says through another one."""

    def abstract(self, **kw):
        return function('f', param('a', 'int', id='f a'), param('p', 'ps', id='f p'), type='int',
                        id='abstract', inline=1, **kw)

    def concrete(self, *params, low_pc=TEXT, **kw):
        if not params:
            params = [die('formal_parameter', abstract_origin='f a'),
                      die('formal_parameter', abstract_origin='f p')]
        return function(None, *params, abstract_origin='abstract', external=None, low_pc=low_pc,
                        **kw)

    WANT = {'f': 'PROTO(a int, p PTR(struct s))->int'}

    def test_same_unit(self):
        self.functions([unit(self.abstract(), self.concrete())], [sym('f', 0)], self.WANT,
                       cases=MATRIX)
        self.functions([unit(self.concrete(), self.abstract())], [sym('f', 0)], self.WANT)

    def test_other_unit(self):
        units = [unit(self.abstract()), Unit(base('char', 1), self.concrete(), name='ltrans.c')]
        self.functions(units, [sym('f', 0)], self.WANT, cases=MATRIX)
        self.functions(units[::-1], [sym('f', 0)], self.WANT)

    def test_partial_unit(self):
        units = [unit(self.abstract(), kind='partial'), Unit(self.concrete(), name='a.c')]
        self.functions(units, [sym('f', 0)], self.WANT)

    def test_concrete_without_parameters(self):
        """All of what is left out is in the origin."""
        self.functions([unit(self.abstract(), die('subprogram', abstract_origin='abstract',
                                                  low_pc=TEXT))], [sym('f', 0)], self.WANT)

    def test_varargs_of_the_origin(self):
        for mark in ([die('unspecified_parameters')], []):
            self.functions([unit(function('f', param('a', 'int', id='f a'),
                                          die('unspecified_parameters'), type='int',
                                          id='abstract'),
                                 self.concrete(die('formal_parameter', abstract_origin='f a'),
                                               *mark))], [sym('f', 0)],
                           {'f': 'PROTO(a int, ...)->int'})

    def test_specification(self):
        self.functions([unit(function('f', die('formal_parameter', type='int'), type='int',
                                      id='decl', declaration=True),
                             function(None, param('a', 'int'), specification='decl', low_pc=TEXT))],
                       [sym('f', 0)], {'f': F_INT})

    def test_origin_with_specification(self):
        self.functions([unit(function('f', die('formal_parameter', type='int'), type='int',
                                      id='decl', declaration=True),
                             function(None, param('a', 'int', id='f a'), specification='decl',
                                      id='abstract', inline=1),
                             self.concrete(die('formal_parameter', abstract_origin='f a')))],
                       [sym('f', 0)], {'f': F_INT})

    def test_nested(self):
        inner = f_int('inner', 32, external=None)
        self.functions([types(), function('outer', die('lexical_block', inner), low_pc=TEXT),
                        die('namespace', f_int('spaced', 64), name='n'),
                        struct_('c', 4, function('method', param('a', 'int'), type='int',
                                                 low_pc=TEXT + 96))],
                       [sym('outer', 0), local('inner.0', 32), sym('spaced', 64),
                        sym('method', 96)],
                       {'outer': 'PROTO()->void', 'inner': F_INT, 'spaced': F_INT,
                        'method': F_INT})

    def test_nested_deep(self):
        """Behind siblings and in blocks of blocks; the sibling attribute must not hide it."""
        tree = f_int('inner', 32, external=None)
        for _ in range(50):
            tree = die('lexical_block', variable('v', 'int'), tree)
        self.functions([types(), function('outer', die('inlined_subroutine', tree), low_pc=TEXT),
                        f_int('last', 64)],
                       [sym('outer', 0), local('inner', 32), sym('last', 64)],
                       {'outer': 'PROTO()->void', 'inner': F_INT, 'last': F_INT}, cases=MATRIX)

    def test_types_of_other_units(self):
        """Parameters and results whose types stand in another unit, or in a type unit."""
        tree = function('f', param('a', 'ps'), type='s_t', low_pc=TEXT)
        self.functions([unit(name='types.c'), Unit(tree, name='f.c')], [sym('f', 0)],
                       {'f': 'PROTO(a PTR(struct s))->typedef s_t'}, cases=MATRIX)

        def type_unit(case):
            return [Unit(base('int', 4), struct_('whole', 4, member('a', 'int', 0)), kind='type',
                         main='struct whole', sig=0x1234567890abcdef),
                    Unit(ptr('struct whole', id='pw'), function('f', param('a', 'pw'),
                                                                type='struct whole', low_pc=TEXT),
                         name='f.c')]

        self.functions(type_unit, [sym('f', 0)], {'f': 'PROTO(a PTR(struct whole))->struct whole'},
                       cases=TYPE_UNIT_CASES)

    def test_inlined_copies_do_not_matter(self):
        copy = die('inlined_subroutine', die('formal_parameter', abstract_origin='f p'),
                   abstract_origin='abstract', low_pc=TEXT + 20)
        self.functions([unit(self.abstract(), function('g', copy, low_pc=TEXT + 16),
                             self.concrete()),
                        unit(function('f', param('other', 'long'), inline=1), name='b.c')],
                       [sym('f', 0), sym('g', 16)], dict(self.WANT, g='PROTO()->void'))

    def test_inlined_only(self):
        self.functions([unit(self.abstract(), f_int('g', 16))], [sym('g', 16)], {'g': F_INT})

    def test_entry_without_address(self):
        """A symbol where no entry begins takes the prototype of entries of its name that have no
        address: GCC leaves those alone when a function becomes a jump to an equal one."""
        symbols = [sym('g', 16), sym('f', 0)]
        self.functions([unit(self.abstract(), f_int('g', 16))], symbols, dict(self.WANT, g=F_INT))
        again = unit(self.abstract(), name='b.c')
        self.functions([unit(self.abstract(), f_int('g', 16)), again], symbols,
                       dict(self.WANT, g=F_INT))
        other = unit(function('f', param('a', 'long'), inline=1), name='b.c')
        self.functions([unit(self.abstract(), f_int('g', 16)), other], symbols, {'g': F_INT},
                       {'f': 'inconsistent'})

    def test_declaration_only(self):
        declared = function('f', die('formal_parameter', type='int'), type='int', declaration=True)
        self.functions([types(), declared, f_int('g', 16)], [sym('g', 16)], {'g': F_INT})
        self.functions([types(), declared, f_int('g', 16)], [sym('g', 16), sym('f', 0)],
                       {'g': F_INT}, {'f': 'no-debug-info'})

    def test_excluded_language(self):
        tree = [Unit(types(), f_int(), name='lib.rs', language='Rust'),
                unit(f_int('g', 16), name='a.c')]
        symbols = [sym('f', 0), sym('g', 16)]
        self.functions(tree, symbols, {'g': F_INT}, {'f': 'no-debug-info'})
        self.functions(tree, symbols, {'f': F_INT, 'g': F_INT}, options=['--lang-exclude=none'])


class Names(FunctionTest):
    """Several symbols, several entries of one name."""

    def test_two_entries_one_address(self):
        self.functions([unit(f_int()), unit(f_int(), name='b.c')], [sym('f', 0)], {'f': F_INT})

    def test_other_names_of_parameters(self):
        self.functions([unit(f_int()), unit(function('f', param('b', 'int'), type='int',
                                                     low_pc=TEXT), name='b.c')],
                       [sym('f', 0)], {'f': F_INT})

    def test_inconsistent(self):
        for other in (function('f', param('a', 'long'), type='int', low_pc=TEXT),
                      function('f', param('a', 'int'), type='long', low_pc=TEXT),
                      function('f', param('a', 'int'), low_pc=TEXT),
                      function('f', type='int', low_pc=TEXT),
                      function('f', param('a', 'int'), param('b', 'int'), type='int', low_pc=TEXT),
                      function('f', param('a', 'int'), die('unspecified_parameters'), type='int',
                               low_pc=TEXT),
                      function('f', param('a', 'ps'), type='int', low_pc=TEXT)):
            units = [unit(f_int()), unit(other, name='b.c')]
            self.functions(units, [sym('f', 0)], {}, {'f': 'inconsistent'}, cases=FEW[:2])
            self.functions(units, [sym('f', 0)], {'f': F_INT}, cases=FEW[:2],
                           options=['--features=-consistent_func'])

    def test_inconsistent_among_others(self):
        """Only the name concerned, wherever it stands among the names."""
        for i in range(3):
            names = ['aa', 'mm', 'zz']
            tree = [unit([f_int(name, 16 * j) for j, name in enumerate(names)]),
                    unit(function(names[i], param('b', 'ps'), low_pc=TEXT + 16 * i), name='b.c')]
            self.functions(tree, [sym(name, 16 * j) for j, name in enumerate(names)],
                           {name: F_INT for name in names if name != names[i]},
                           {names[i]: 'inconsistent'}, cases=FEW[:2])

    def test_declared_and_defined_types_agree(self):
        """A struct declared in one unit and defined in the other is one type."""
        user = Unit(base('int', 4), fwd('structure_type', 's', id='s'), ptr('s', id='ps'),
                    function('f', param('p', 'ps'), type='int', low_pc=TEXT), name='b.c')
        self.functions([unit(function('f', param('p', 'ps'), type='int', low_pc=TEXT)), user],
                       [sym('f', 0)], {'f': 'PROTO(p PTR(struct s))->int'})

    def test_ambiguous_types(self):
        """Each function has its own unit's struct of a name that two units define."""
        def units(*functions_):
            return [Unit(base('int', 4), struct_('s', size, member('a', 'int', 0)),
                         ptr('struct s', id='ps'),
                         function(name, param('p', 'ps'), low_pc=TEXT + off), name='%s.c' % name)
                    for name, size, off in functions_]

        def check(btf, _):
            got = {}
            for t in btf.types:
                if t.kind == 'FUNC':
                    pointer = btf.types[btf.types[t.type].params[0].type]
                    got[t.name] = btf.types[pointer.type].size
            self.assertEqual(got, {'f': 4, 'g': 8})

        want = 'PROTO(p PTR(struct s))->void'
        self.functions(units(('f', 4, 0), ('g', 8, 16)), [sym('f', 0), sym('g', 16)],
                       {'f': want, 'g': want}, check=check)
        self.functions(units(('f', 4, 0), ('g', 8, 16))[::-1], [sym('f', 0), sym('g', 16)],
                       {'f': want, 'g': want}, check=check)
        self.functions(units(('f', 4, 0), ('f', 8, 0)), [sym('f', 0)], {}, {'f': 'inconsistent'})

    def test_entries_elsewhere_do_not_matter(self):
        """A weak definition that lost against a strong one has an entry, and no symbol."""
        units = [unit(function('f', param('weak', 'ps'), low_pc=TEXT + 0x80), name='weak.c'),
                 unit(f_int(), name='strong.c')]
        self.functions(units, [sym('f', 0)], {'f': F_INT})
        self.functions(units[::-1], [sym('f', 0)], {'f': F_INT})

    def test_weak_symbol_alone(self):
        self.functions([types(), f_int()], [weak('f', 0)], {'f': F_INT})

    def test_static_twins(self):
        """One name at two addresses: attaching by name would reach one of them, not said which."""
        same = [unit(f_int('f', 0, external=None), f_int('g', 32)),
                unit(f_int('f', 16, external=None), name='b.c')]
        other = [same[0], unit(function('f', param('p', 'ps'), low_pc=TEXT + 16, external=None),
                               name='b.c')]
        for units in (same, other):
            self.functions(units, [local('f', 0), local('f', 16), sym('g', 32)], {'g': F_INT},
                           {'f': 'ambiguous'})

    def test_static_twins_one_without_entry(self):
        self.functions([types(), f_int()], [local('f', 0), local('f', 16)], {},
                       {'f': 'ambiguous'})

    def test_last_name_is_no_exception(self):
        for name in ('zzz', 'a'):
            self.functions([unit(f_int(name, 0, external=None), f_int('m', 32)),
                            unit(f_int(name, 16, external=None), name='b.c')],
                           [local(name, 0), local(name, 16), sym('m', 32)], {'m': F_INT},
                           {name: 'ambiguous'}, cases=FEW[:1])

    def test_two_symbols_of_a_name_at_one_address(self):
        self.functions([types(), f_int()], [local('f', 0), sym('f', 0)], {'f': F_INT})

    def test_parts_are_no_functions(self):
        self.functions([types(), f_int()], [sym('f', 0), local('f.cold', 0x80),
                                            local('f.part.0', 0x90), local('f.part.0.cold', 0xa0)],
                       {'f': F_INT})

    def test_part_only(self):
        """Nobody misses what is no function."""
        self.functions([types(), function('f', param('a', 'int'), type='int', inline=1),
                        f_int('g', 16)], [local('f.part.0', 0), sym('g', 16)], {'g': F_INT})

    def test_partition_is_no_part(self):
        self.functions([types(), f_int('f'), f_int('partition', 16), f_int('cold', 32)],
                       [sym('f', 0), sym('partition', 16), sym('cold', 32)],
                       {'f': F_INT, 'partition': F_INT, 'cold': F_INT})

    def test_clone_beside_its_origin(self):
        tree = [types(), f_int(id='f'), function(None, param('a', 'int'), abstract_origin='f',
                                                 low_pc=TEXT + 16, external=None)]
        self.functions(tree, [sym('f', 0), local('f.constprop.0', 16)], {}, {'f': 'ambiguous'})

    def test_alias(self):
        """An alias has no entry of its own; what it does is the other name's."""
        self.functions([types(), f_int()], [sym('f', 0), sym('g', 0), weak('h', 0)],
                       {'f': F_INT, 'g': F_INT, 'h': F_INT})

    def test_alias_with_an_entry_of_its_own(self):
        """Identical code folded: the entry of the function that is now an alias has no address."""
        own = function('g', param('b', 'long'), type='long')
        self.functions([types(), f_int(), own], [sym('f', 0), sym('g', 0)],
                       {'f': F_INT, 'g': 'PROTO(b long)->long'})
        other = unit(function('g', param('c', 'ps')), name='b.c')
        self.functions([unit(f_int(), own), other], [sym('f', 0), sym('g', 0)], {'f': F_INT},
                       {'g': 'inconsistent'})

    def test_alias_with_a_declaration_of_its_own(self):
        """Declarations tell what callers think."""
        declared = function('g', param('b', 'long'), type='long', declaration=True)
        self.functions([types(), f_int(), declared], [sym('f', 0), sym('g', 0)],
                       {'f': F_INT, 'g': F_INT})

    def test_alias_of_the_strongest(self):
        """Two names with entries at one address (identical code folded): the global one's."""
        tree = [types(), f_int('a', 0, external=None),
                function('b', param('p', 'ps'), low_pc=TEXT)]
        self.functions(tree, [local('a', 0), sym('b', 0), weak('c', 0)],
                       {'a': F_INT, 'b': 'PROTO(p PTR(struct s))->void',
                        'c': 'PROTO(p PTR(struct s))->void'})

    def test_alias_of_a_name_without_symbol(self):
        """The entry's own name is another symbol's or none: names that a tool changed in the
        symbol table, or a preprocessor behind the compiler's back."""
        self.functions([types(), f_int('crc')], [sym('crc_base', 0)], {'crc_base': F_INT})
        self.functions([types(), f_int('crc')], [sym('crc_base', 0), sym('crc', 32)],
                       {'crc_base': F_INT}, {'crc': 'no-debug-info'})
        self.functions([types(), f_int('a'), function('b', param('p', 'ps'), low_pc=TEXT + 16)],
                       [local('__pi_a', 0), local('__pi_b', 16)],
                       {'__pi_a': F_INT, '__pi_b': 'PROTO(p PTR(struct s))->void'})

    def test_alias_that_begins_elsewhere(self):
        self.functions([types(), f_int()], [sym('f', 0), sym('g', 8, 8)], {'f': F_INT},
                       {'g': 'no-debug-info'})

    def test_name_is_no_identifier(self):
        for name in ('f g', 'f$g', '1f', 'f' * 512, 'f<T>', 'f\xe9'):
            self.functions([types(), f_int(name), f_int('g', 16)], [sym(name, 0), sym('g', 16)],
                           {'g': F_INT}, {name: 'bad-name'}, cases=FEW[:2])

    def test_symbol_begins_with_a_dot(self):
        """ppc64's first ABI names the code .f; the dot begins no suffix."""
        self.functions([types(), f_int('.f'), f_int('g', 16)], [sym('.f', 0), sym('g', 16)],
                       {'.f': F_INT, 'g': F_INT}, cases=[PLAIN])


class Prototypes(FunctionTest):
    """Prototypes that BTF or the kernel cannot take."""

    def skipped(self, reason, *children, types_=(), **kw):
        self.functions([types(), *types_, function('f', *children, low_pc=TEXT, **kw),
                        f_int('g', 16)], [sym('f', 0), sym('g', 16)], {'g': F_INT}, {'f': reason})

    def test_unnamed_parameter(self):
        self.skipped('unnamed-parameter', die('formal_parameter', type='int'), param('b', 'int'))
        self.skipped('unnamed-parameter', param('b', 'int'), die('formal_parameter', type='int'))
        self.skipped('unnamed-parameter', param('', 'int'))

    def test_parameter_name_is_no_identifier(self):
        self.skipped('unnamed-parameter', param('a b', 'int'))

    def test_void_parameter(self):
        self.skipped('bad-type', param('a', None))
        self.skipped('bad-type', param('a', 'void_t'), types_=[typedef('void_t')])
        self.skipped('bad-type', param('a', 'const void'), types_=[qual('const')])

    def test_incomplete_parameter(self):
        self.skipped('bad-type', param('a', 'gone'))
        self.skipped('bad-type', param('a', 'int'), param('b', 'gone_t'),
                     types_=[typedef('gone_t', 'gone')])

    def test_incomplete_result(self):
        self.skipped('bad-type', param('a', 'int'), type='gone')

    def test_function_as_parameter(self):
        self.skipped('bad-type', param('a', 'fn'), types_=[proto('int', 'int', id='fn')])

    def test_pointer_to_incomplete(self):
        self.functions([types(), ptr('gone', id='pg'), function('f', param('g', 'pg'), type='pg',
                                                                low_pc=TEXT)], [sym('f', 0)],
                       {'f': 'PROTO(g PTR(struct gone))->PTR(struct gone)'})

    def test_reason_names_the_first(self):
        """Name before prototype, address before both."""
        self.functions([unit(f_int('f g', 0, external=None)), unit(f_int('f g', 16, external=None),
                                                                   name='b.c')],
                       [local('f g', 0), local('f g', 16)], {}, {'f g': 'ambiguous'},
                       cases=FEW[:1])


class Assembler(FunctionTest):
    UNITS = [Unit(function('memcpy', low_pc=TEXT), function('odd', low_pc=TEXT + 16), name='m.S',
                  language='Mips_Assembler', producer='GNU AS 2.40'),
             unit(f_int('g', 32), name='a.c')]
    SYMBOLS = [sym('memcpy', 0), weak('__memcpy', 0), sym('odd', 16), sym('g', 32)]

    def test_off(self):
        self.functions(self.UNITS, self.SYMBOLS, {'g': F_INT},
                       {'memcpy': 'assembler', '__memcpy': 'assembler', 'odd': 'assembler'})
        self.functions(self.UNITS, self.SYMBOLS, {'g': F_INT},
                       {'memcpy': 'assembler', '__memcpy': 'assembler', 'odd': 'assembler'},
                       options=['--no-asm-functions'])

    def test_on(self):
        self.functions(self.UNITS, self.SYMBOLS,
                       {'memcpy': 'PROTO()->void', '__memcpy': 'PROTO()->void',
                        'odd': 'PROTO()->void', 'g': F_INT}, options=['--asm-functions'])

    def test_declared_in_c(self):
        """What C units say of an assembler's function is no proof."""
        for declaration in (True, None):
            told = function('__memcpy', param('d', 'ptr void'), type='ptr void',
                            declaration=declaration)
            self.functions([self.UNITS[0], unit(f_int('g', 32), told, name='a.c')], self.SYMBOLS,
                           {'g': F_INT}, {'memcpy': 'assembler', '__memcpy': 'assembler',
                                          'odd': 'assembler'})

    def test_other_code_of_the_language(self):
        """DW_LANG_Assembly."""
        self.functions([Unit(function('f', low_pc=TEXT), name='f.S', language=0x31), unit()],
                       [sym('f', 0)], {}, {'f': 'assembler'})

    def test_c_wins(self):
        """One address with both kinds of entries."""
        self.functions([Unit(function('f', low_pc=TEXT), name='f.S', language='Mips_Assembler'),
                        unit(f_int('f'), name='f.c')], [sym('f', 0)], {'f': F_INT})
        self.functions([Unit(function('f', low_pc=TEXT), name='f.S', language='Mips_Assembler'),
                        unit(f_int('f'), name='f.c')], [sym('f', 0)], {'f': F_INT},
                       options=['--asm-functions'])


def isra(*params, ret='int', name='f', abstract=None, extra=(), **kw):
    """Units with a function and its changed copy at TEXT.  params: (name, location), in the order
    of the copy; locations None: none."""
    abstract = abstract or [(p[0], 'int') for p in params]
    return [unit(*extra, function(name, [param(n, t, id='%s %s' % (name, n)) for n, t in abstract],
                                  type=ret, id='abs ' + name, inline=1, external=None),
                 function(None, [die('formal_parameter', abstract_origin='%s %s' % (name, n),
                                     location=loc, const_value=const)
                                 for n, loc, const in ((p + (None,))[:3] for p in params)],
                          abstract_origin='abs ' + name, external=None, low_pc=TEXT, **kw),
                 function('other', param('a', 'int'), type='int', low_pc=TEXT + 0x100))]


class Changed(FunctionTest):
    """Functions whose only symbol has a suffix: GCC renamed what it changed."""

    OTHER = {'other': F_INT}
    SYMBOLS = [local('f.isra.0', 0), sym('other', 0x100)]

    def kept(self, tree, want, cases=None, **kw):
        self.functions(tree, kw.pop('symbols', self.SYMBOLS), dict(self.OTHER, f=want),
                       cases=cases or X86, **kw)

    def dropped(self, tree, reason, cases=None, **kw):
        self.functions(tree, kw.pop('symbols', self.SYMBOLS), self.OTHER, {'f': reason},
                       cases=cases or X86, **kw)

    def test_all_in_place(self):
        self.kept(isra(('a', RDI), ('b', RSI)), 'PROTO(a int, b int)->int')

    def test_six_in_place(self):
        names = 'abcdef'
        self.kept(isra(*zip(names, (RDI, RSI, RDX, RCX, R8, R9))),
                  'PROTO(%s)->int' % ', '.join('%s int' % n for n in names))

    def test_without_the_feature(self):
        self.dropped(isra(('a', RDI), ('b', RSI)), 'renamed',
                     options=['--features=-optimized_func'])

    def test_no_parameters(self):
        self.kept(isra(), 'PROTO()->int')

    def test_lists(self):
        for kind in ('pair', 'base', 'start_end', 'start_length', 'startx_endx', 'startx_length',
                     'basex'):
            cases = [case for case in X86 if case.enc.version == 5 or kind in ('pair', 'base')]
            stay = Locations((TEXT, TEXT + 8, RSI),
                             (TEXT + 8, TEXT + 16, [('entry_value', RSI), 'stack_value']),
                             kind=kind, base=TEXT)

            def tree(location, kind=kind):
                made = isra(('a', RDI), ('b', location))
                made[0].attrs['low_pc'] = TEXT
                return made

            self.kept(tree(stay), 'PROTO(a int, b int)->int', cases=cases)
            moved = Locations((TEXT, TEXT + 8, RDX), (TEXT + 8, TEXT + 16, RSI), kind=kind,
                              base=TEXT)
            self.dropped(tree(moved), 'moved', cases=cases)

    def test_moved_at_once(self):
        """The list begins behind the first instruction; its entry value tells the register."""
        late = Locations((TEXT + 4, TEXT + 16, [('entry_value', RSI), 'stack_value']),
                         kind='start_end', base=0)
        self.kept(isra(('a', RDI), ('b', late)), 'PROTO(a int, b int)->int',
                  cases=[case for case in X86 if case.enc.version == 5])
        old = Locations((TEXT + 4, TEXT + 16, [('GNU_entry_value', RSI), 'stack_value']))
        self.kept(isra(('a', RDI), ('b', old)), 'PROTO(a int, b int)->int',
                  cases=[case for case in X86 if case.enc.version == 4])

    def test_default_location(self):
        default = Locations((TEXT + 8, TEXT + 12, RDX), (None, None, RSI), kind='start_end')
        self.kept(isra(('a', RDI), ('b', default)), 'PROTO(a int, b int)->int',
                  cases=[case for case in X86 if case.enc.version == 5])

    def test_one_gone(self):
        self.dropped(isra(('a', RDI), ('b', None)), 'optimized')
        self.dropped(isra(('a', None), ('b', RDI)), 'optimized')
        self.dropped(isra(('a', None), ('b', None)), 'optimized')

    def test_one_known(self):
        for const in ([('lit5',), 'stack_value'], [('const2u', 1000), 'stack_value'],
                      [('implicit_value', b'\1\0\0\0')]):
            cases = [case for case in X86 if case.enc.version >= 4]
            self.dropped(isra(('a', RDI), ('b', const)), 'optimized', cases=cases)
        self.dropped(isra(('a', RDI), ('b', None, 5)), 'optimized',
                     symbols=[local('f.constprop.0', 0), sym('other', 0x100)])

    def test_not_listed_any_more(self):
        """The copy does not mention a parameter at all."""
        self.dropped(isra(('a', RDI), abstract=[('a', 'int'), ('b', 'int')]), 'optimized')

    def test_moved(self):
        self.dropped(isra(('a', RSI), ('b', RDI)), 'moved')
        self.dropped(isra(('a', RDI), ('b', RDX)), 'moved')

    def test_reordered(self):
        self.dropped(isra(('b', RDI), ('a', RSI), abstract=[('a', 'int'), ('b', 'int')]),
                     'reordered')

    def test_reordered_under_its_own_name(self):
        self.dropped(isra(('b', RDI), ('a', RSI), abstract=[('a', 'int'), ('b', 'int')]),
                     'reordered', symbols=[local('f', 0), sym('other', 0x100)])

    def test_harmless_suffixes(self):
        """Suffixes that make names unique say nothing of parameters."""
        for suffix in ('.llvm.1234', '.0', '.12', '.lto_priv.0', '.localalias', '.__uniq.77',
                       '.lto_priv.0.5'):
            self.kept(isra(('a', RSI), ('b', None)), 'PROTO(a int, b int)->int', cases=X86[:1],
                      symbols=[local('f' + suffix, 0), sym('other', 0x100)])

    def test_other_suffixes(self):
        for suffix in ('.isra.0', '.constprop.0', '.constprop.3.isra.0', '.simd', '.llvm.1.isra.2',
                       '.'):
            self.dropped(isra(('a', RSI), ('b', None)), 'optimized', cases=X86[:1],
                         symbols=[local('f' + suffix, 0), sym('other', 0x100)])

    def test_reordered_and_gone(self):
        tree = isra(('b', RDI), ('a', None), abstract=[('a', 'int'), ('b', 'int')])
        self.functions(tree, self.SYMBOLS, self.OTHER, cases=X86[:1],
                       skipped={'f': 'optimized'})

    def test_pieces(self):
        """A struct of 16 bytes takes two registers."""
        extra = [struct_('pair', 16, member('x', 'long', 0), member('y', 'long', 8))]
        both = ['reg5', ('piece', 8), 'reg4', ('piece', 8)]
        for location, third, reason in ((both, RDX, None), (both, RSI, 'moved'),
                                        (['reg4', ('piece', 8), 'reg1', ('piece', 8)], RCX,
                                         'moved')):
            tree = isra(('a', location), ('b', third),
                        abstract=[('a', 'struct pair'), ('b', 'int')], extra=extra)
            if reason:
                self.dropped(tree, reason)
            else:
                self.kept(tree, 'PROTO(a struct pair, b int)->int')

    def test_part_of_a_struct(self):
        """Only one member of the struct is passed."""
        extra = [struct_('pair', 16, member('x', 'long', 0), member('y', 'long', 8))]
        self.dropped(isra(('a', [('piece', 8), 'reg5', ('piece', 8)]), ('b', RSI),
                          abstract=[('a', 'struct pair'), ('b', 'int')], extra=extra),
                     'moved')

    def test_large_struct_takes_no_register(self):
        extra = [struct_('big', 24, *[member('m%d' % i, 'long', 8 * i) for i in range(3)])]
        for location in ([('fbreg', 0)], [('call_frame_cfa',)]):
            self.kept(isra(('a', location), ('b', RDI),
                           abstract=[('a', 'struct big'), ('b', 'int')], extra=extra),
                      'PROTO(a struct big, b int)->int')

    def test_large_result(self):
        """The caller passes the address of the result in the first register."""
        extra = [struct_('big', 24, *[member('m%d' % i, 'long', 8 * i) for i in range(3)])]
        self.kept(isra(('a', RSI), ('b', RDX), ret='struct big', extra=extra),
                  'PROTO(a int, b int)->struct big')
        self.dropped(isra(('a', RDI), ('b', RSI), ret='struct big', extra=extra), 'moved')
        small = [struct_('pair', 16, member('x', 'long', 0), member('y', 'long', 8))]
        self.kept(isra(('a', RDI), ('b', RSI), ret='struct pair', extra=small),
                  'PROTO(a int, b int)->struct pair')

    def test_gcc_is_not_asked_without_a_suffix(self):
        """GCC gives a new name to what it changes; where the rest goes is its own business."""
        extra = [struct_('big', 24, *[member('m%d' % i, 'long', 8 * i) for i in range(3)])]
        for tree in (isra(('a', RSI), ('b', RDI)), isra(('a', None), ('b', None)),
                     isra(('a', [('fbreg', -20)]), ('b', [('fbreg', -24)]))):
            self.kept(tree, 'PROTO(a int, b int)->int', symbols=[local('f', 0),
                                                                 sym('other', 0x100)])
        self.kept(isra(('a', RSI), ret='struct big', extra=extra), 'PROTO(a int)->struct big',
                  symbols=[local('f', 0), sym('other', 0x100)])

    def test_unoptimised(self):
        """At -O0 every parameter is in the frame, which tells nothing; a changed function has to
        prove its places."""
        tree = isra(('a', [('fbreg', -20)]), ('b', [('fbreg', -24)]))
        self.kept(tree, 'PROTO(a int, b int)->int',
                  symbols=[local('f', 0), sym('other', 0x100)])
        self.dropped(tree, 'optimized')

    def test_relocatable(self):
        tree = isra(('a', None), ('b', RSI))
        tree[0].dies[-2].lazy = lambda enc: dict(low_pc=Sym('.text', 0))
        tree[0].dies[-1].lazy = lambda enc: dict(low_pc=Sym('.text', 0x100))
        self.dropped(tree, 'optimized', cases=X86[:2], e_type=ET_REL)

    def test_unknown_architecture(self):
        """Where nothing is known of the registers, nothing is held against a function."""
        for tree in (isra(('a', RSI), ('b', RDI)), isra(('a', ['reg31']), ('b', RDI))):
            self.kept(tree, 'PROTO(a int, b int)->int', machine=EM_UNKNOWN)

    def test_listed_twice(self):
        """A copy may list a parameter with its location and again as a constant: not passed."""
        tree = isra(('a', RDI), ('b', RSI), ('b', None, 7), abstract=[('a', 'int'), ('b', 'int')])
        for entry in (self.SYMBOLS, [local('f.constprop.0', 0), sym('other', 0x100)]):
            self.dropped(tree, 'optimized', symbols=entry)

    def test_varargs(self):
        """What is behind `...` has no place, and is not gone for that."""
        tree = isra(('a', RDI), ('b', RSI))
        for node in tree[0].dies[-3:-1]:
            node.children.append(die('unspecified_parameters'))
        self.kept(tree, 'PROTO(a int, b int, ...)->int',
                  symbols=[local('f.constprop.0', 0), sym('other', 0x100)])

    def test_place_that_does_not_tell(self):
        for location in ([('GNU_parameter_ref', 0x20), 'stack_value'],
                         [('breg5', 8), 'stack_value'], ['reg3'],
                         Locations((TEXT + 8, TEXT + 12, ['reg3']))):
            if isinstance(location, Locations):
                cases = [case for case in X86 if case.enc.version == 5]
            else:
                cases = X86
            self.dropped(isra(('a', RDI), ('b', location)), 'optimized', cases=cases)

    def test_two_clones(self):
        tree = isra(('a', RDI), ('b', RSI))
        tree[0].dies.append(function(None, die('formal_parameter', abstract_origin='f a'),
                                     die('formal_parameter', abstract_origin='f b'),
                                     abstract_origin='abs f', external=None, low_pc=TEXT + 0x80))
        self.dropped(tree, 'ambiguous', symbols=[local('f.isra.0', 0), local('f.isra.1', 0x80),
                                                 sym('other', 0x100)])


class Architectures(FunctionTest):
    """The registers that take the first two parameters, in place and swapped."""

    ROWS = [(EM_X86_64, 8, True), (EM_AARCH64, 8, True), (EM_S390, 8, False), (EM_PPC64, 8, True),
            (EM_PPC64, 8, False), (EM_RISCV, 8, True), (EM_MIPS, 8, True), (EM_MIPS, 8, False),
            (EM_LOONGARCH, 8, True), (EM_ARM, 4, True), (EM_386, 4, True)]

    def test_in_place_and_swapped(self):
        symbols = [local('f.isra.0', 0), sym('other', 0x100)]
        for machine, size, little in self.ROWS:
            case = Case(Encoding(addr_size=size, little=little))
            first, second = (reg(number) for number in REGS[machine][:2])
            with self.subTest(machine=machine, little=little):
                self.functions(isra(('a', first), ('b', second)), symbols,
                               {'f': 'PROTO(a int, b int)->int', 'other': F_INT}, cases=[case],
                               machine=machine)
                self.functions(isra(('a', second), ('b', first)), symbols, {'other': F_INT},
                               {'f': 'moved'}, cases=[case], machine=machine)
                self.functions(isra(('a', None), ('b', first)), symbols, {'other': F_INT},
                               {'f': 'optimized'}, cases=[case], machine=machine)

    def test_large_result(self):
        """A hidden first argument, but where there is a register for it."""
        big = [struct_('big', 64, *[member('m%d' % i, 'long', lambda enc, i=i: enc.addr_size * i)
                                    for i in range(8)])]
        symbols = [local('f.isra.0', 0), sym('other', 0x100)]
        for machine, size, little in self.ROWS:
            if machine == EM_386:
                # The hidden argument may be on the stack.
                continue
            case = Case(Encoding(addr_size=size, little=little))
            first = 0 if machine == EM_AARCH64 else 1
            with self.subTest(machine=machine, little=little):
                self.functions(isra(('a', reg(REGS[machine][first])), ret='struct big', extra=big),
                               symbols, {'f': 'PROTO(a int)->struct big', 'other': F_INT},
                               cases=[case], machine=machine)
                self.functions(isra(('a', reg(REGS[machine][1 - first])), ret='struct big',
                                    extra=big), symbols, {'other': F_INT}, {'f': 'moved'},
                               cases=[case], machine=machine)

    def test_large_struct_by_reference(self):
        big = [struct_('big', 64, *[member('m%d' % i, 'long', lambda enc, i=i: enc.addr_size * i)
                                    for i in range(8)])]
        symbols = [local('f.isra.0', 0), sym('other', 0x100)]
        abstract = [('a', 'struct big'), ('b', 'int')]
        for machine in (EM_AARCH64, EM_S390, EM_RISCV, EM_LOONGARCH):
            case = Case(Encoding(little=machine != EM_S390))
            first, second = REGS[machine][:2]
            with self.subTest(machine=machine):
                self.functions(isra(('a', [('breg%d' % first, 0)]),
                                    ('b', reg(second)), abstract=abstract, extra=big), symbols,
                               {'f': 'PROTO(a struct big, b int)->int', 'other': F_INT},
                               cases=[case], machine=machine)
                self.functions(isra(('a', [('breg%d' % first, 0)]), ('b', reg(first)),
                                    abstract=abstract, extra=big), symbols, {'other': F_INT},
                               {'f': 'moved'}, cases=[case], machine=machine)


class Clang(FunctionTest):
    """clang before 22 changes without telling; later ones say DW_CC_nocall."""

    def units(self, *params, external=None, **kw):
        return [unit(function('f', [param(n, 'int', loc) for n, loc in params], type='int',
                              low_pc=TEXT, external=external, **kw), producer=CLANG, name='f.c')]

    def both(self, params, want, **kw):
        """want: the reason for no FUNC, or None."""
        for external, symbol in ((None, local('f', 0)), (True, sym('f', 0))):
            self.functions(self.units(*params, external=external, **kw), [symbol],
                           {} if want else {'f': 'PROTO(a int, b int)->int'},
                           {'f': want} if want else {}, cases=X86)

    def test_in_place(self):
        self.both([('a', RDI), ('b', RSI)], None)
        self.both([('a', RDI), ('b', RSI)], None, calling_convention=DW_CC_NOCALL)

    def test_moved(self):
        self.both([('a', RSI), ('b', RDI)], 'moved', calling_convention=DW_CC_NOCALL)

    def test_gone(self):
        self.both([('a', RDI), ('b', None)], 'optimized', calling_convention=DW_CC_NOCALL)
        self.both([('a', None), ('b', RDI)], 'optimized', calling_convention=DW_CC_NOCALL)

    def test_gone_without_a_word(self):
        """An unused parameter of an external function is passed all the same."""
        self.functions(self.units(('a', RDI), ('b', None), external=True), [sym('f', 0)],
                       {'f': 'PROTO(a int, b int)->int'}, cases=X86)
        self.functions(self.units(('a', None), ('b', RSI), external=True), [sym('f', 0)],
                       {'f': 'PROTO(a int, b int)->int'}, cases=X86)

    def test_moved_without_a_word(self):
        """Dead argument elimination of older clang: the second one is in the first register."""
        self.functions(self.units(('a', None), ('b', RDI)), [local('f', 0)], {}, {'f': 'moved'},
                       cases=X86)
        self.functions(self.units(('a', RSI), ('b', RDI)), [local('f', 0)], {}, {'f': 'moved'},
                       cases=X86)

    def test_external_keeps_its_convention(self):
        self.functions(self.units(('a', RSI), ('b', RDI), external=True), [sym('f', 0)],
                       {'f': 'PROTO(a int, b int)->int'}, cases=X86)

    def test_unused_static(self):
        """clang gives unused parameters no location; that alone is no proof."""
        self.functions(self.units(('a', RDI), ('b', None)), [local('f', 0)],
                       {'f': 'PROTO(a int, b int)->int'}, cases=X86)

    def test_unknown_architecture(self):
        self.functions(self.units(('a', RSI), ('b', RDI)), [local('f', 0)],
                       {'f': 'PROTO(a int, b int)->int'}, cases=X86, machine=EM_UNKNOWN)

    def test_riscv(self):
        """An architecture whose registers the peer does not know by name."""
        for names, want in (((10, 11), {'f': 'PROTO(a int, b int)->int'}), ((11, 10), {})):
            self.functions(self.units(('a', reg(names[0])), ('b', reg(names[1])),
                                      calling_convention=DW_CC_NOCALL), [local('f', 0)], want,
                           {} if want else {'f': 'moved'}, cases=X86[:2], machine=EM_RISCV)


class Uncertain(FunctionTest):
    """Aggregates of two registers' size at most, whose place the size alone does not tell: BPF
    trampolines compute places from sizes, and take no larger ones."""

    MISALIGNED = [struct_('odd', 9, member('c', 'char', 0), member('x', 'long', 1))]
    PACKED = [struct_('odd', 9, member('x', 'long', 0), member('c', 'char', 8))]
    NATURAL = [struct_('odd', 16, member('x', 'long', 0), member('c', 'char', 8))]

    def one(self, types_, target, want, before=6):
        """want: the type as it comes out; None: the function does not."""
        params = [param('p%d' % i, 'int') for i in range(before)] + [param('s', target)]
        tree = [types(), *types_, function('f', *params, low_pc=TEXT)]
        if want is None:
            self.functions(tree, [sym('f', 0)], {}, {'f': 'uncertain'}, cases=X86)
            return
        text = ', '.join(['p%d int' % i for i in range(before)] + ['s ' + want])
        self.functions(tree, [sym('f', 0)], {'f': 'PROTO(%s)->void' % text}, cases=X86)

    def test_misaligned(self):
        """In memory on x86-64, even if there are registers."""
        for before in (0, 1, 6, 9):
            self.one(self.MISALIGNED, 'struct odd', None, before)

    def test_packed_behind_the_registers(self):
        for before in (5, 6, 9):
            self.one(self.PACKED, 'struct odd', None, before)
        for before in (0, 1, 4):
            self.one(self.PACKED, 'struct odd', 'struct odd', before)

    def test_natural(self):
        for before in (0, 4, 5, 6, 9):
            self.one(self.NATURAL, 'struct odd', 'struct odd', before)

    def test_through_typedef(self):
        more = [typedef('odd_t', 'struct odd'), typedef('odder_t', 'odd_t')]
        self.one(self.PACKED + more, 'odder_t', None)
        self.one(self.MISALIGNED + more, 'odder_t', None, 0)
        self.one(self.NATURAL + more, 'odder_t', 'typedef odder_t')

    def test_through_const(self):
        more = [qual('const', 'struct odd'), qual('volatile', 'const struct odd', id='cv'),
                typedef('odd_t', 'cv')]
        for target in ('const struct odd', 'cv', 'odd_t'):
            self.one(self.PACKED + more, target, None)
        self.one(self.NATURAL + more, 'cv', 'VOLATILE(CONST(struct odd))')

    def test_nested(self):
        outer = [struct_('outer', 12, member('o', 'struct odd', 0), member('c', 'char', 10))]
        self.one(self.PACKED + outer, 'struct outer', None)
        self.one(self.MISALIGNED + outer, 'struct outer', None, 0)

    def test_union(self):
        either = [union_('either', 9, umember('o', 'struct odd'), umember('c', 'char'))]
        self.one(self.MISALIGNED + either, 'union either', None, 0)

    def test_aligned_by_attribute(self):
        self.one([struct_('odd', 16, member('x', 'long', 0))], 'struct odd', None)

    def test_aligned_more_strictly(self):
        """Its members ask for 8 bytes, its declaration for 16."""
        two = [struct_('odd', 16, member('x', 'long', 0), member('y', 'long', 8), alignment=16)]
        same = [struct_('odd', 16, member('x', 'long', 0), member('y', 'long', 8), alignment=8)]
        for more, target, want in (([], 'struct odd', 'struct odd'),
                                   ([typedef('o', 'struct odd')], 'o', 'typedef o'),
                                   ([qual('const', 'struct odd')], 'const struct odd',
                                    'CONST(struct odd)')):
            for before in (5, 6, 7):
                self.one(two + more, target, None, before)
                self.one(same + more, target, want, before)
            for before in (0, 3, 4):
                self.one(two + more, target, want, before)

    def test_aligned_pairs(self):
        """On arm64 what is aligned to 16 bytes begins at an even register."""
        two = [struct_('odd', 16, member('x', 'long', 0), member('y', 'long', 8), alignment=16)]
        for before, kept in ((0, True), (1, False), (2, True), (3, False)):
            params = [param('p%d' % i, 'int') for i in range(before)] + [param('s', 'struct odd')]
            tree = [types(), *two, function('f', *params, low_pc=TEXT)]
            text = ', '.join(['p%d int' % i for i in range(before)] + ['s struct odd'])
            self.functions(tree, [sym('f', 0)], {'f': 'PROTO(%s)->void' % text} if kept else {},
                           {} if kept else {'f': 'uncertain'}, cases=X86[:2], machine=EM_AARCH64)

    def test_large_ones(self):
        """They are in memory whatever they hold, and nobody computes where."""
        for size, members in ((25, [member('c', 'char', 0)] +
                               [member('m%d' % i, 'long', 1 + 8 * i) for i in range(3)]),
                              (20, [member('m%d' % i, 'int', 4 * i) for i in range(5)]),
                              (32, [member('x', 'long', 0)])):
            for before in (0, 6):
                self.one([struct_('odd', size, *members)], 'struct odd', 'struct odd', before)

    def test_regular_ones(self):
        array3 = array('int', 3, id='a3')
        inner = [array3, struct_('in', 4, member('a', 'int', 0), id='in'),
                 struct_('in2', 16, member('x', 'long', 0), member('y', 'long', 8), id='in2')]
        for members, size in (
                ([bitfield('a', 'int', 0, 3), bitfield('b', 'int', 3, 20), member('c', 'long', 8)],
                 16),
                ([member('a', 'a3', 0), member('c', 'char', 12)], 16),
                ([member('c', 'char', 0), member('i', 'int', 4), member('p', 'ps', 8)], 16),
                ([member('s', 'in', 0), member('c', 'char', 4)], 8)):
            self.one(inner + [struct_('odd', size, *members)], 'struct odd', 'struct odd')
        self.one(inner + [union_('odd', 16, umember('c', 'char'), umember('b', 'in2'))],
                 'union odd', 'union odd')

    def test_pointer_to_packed(self):
        self.one(self.PACKED + [ptr('struct odd', id='po')], 'po', 'PTR(struct odd)')

    def test_result_is_not_asked(self):
        tree = [types(), *self.PACKED, function('f', param('a', 'int'), type='struct odd',
                                                low_pc=TEXT)]
        self.functions(tree, [sym('f', 0)], {'f': 'PROTO(a int)->struct odd'}, cases=X86)

    def test_other_architectures(self):
        """On arm64 it is in two registers, misaligned or not; nothing is known of others."""
        tree = [types(), *self.MISALIGNED, function('f', param('s', 'struct odd'), low_pc=TEXT)]
        for machine in (EM_AARCH64, EM_UNKNOWN):
            self.functions(tree, [sym('f', 0)], {'f': 'PROTO(s struct odd)->void'}, cases=X86,
                           machine=machine)


if __name__ == '__main__':
    main()
