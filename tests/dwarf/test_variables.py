# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
"""Per-CPU variables: object symbols of .data..percpu decide, the DWARF gives the types."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'lib'))

# pylint: disable=wrong-import-position,wildcard-import,unused-wildcard-import
from encode import *  # noqa: E402,F403
from encode import main  # noqa: E402

INT_T = base('int', 4)
LONG_T = base('long', 8)
LOCAL = dict(bind=STB_LOCAL)

# The section at 0 (x86 before 6.15) and elsewhere.
BOTH = (0, 0x80000)


class Plain(EncodeTest):
    def test_linkage_offset_size_type(self):
        def tree(_case, at):
            return [INT_T, LONG_T, ptr('int'), struct_('s', 24, member('a', 'long', 0)),
                    array('long', 4, id='arr'),
                    variable('last', 'arr', at + 0x100), variable('first', 'int', at),
                    variable('hidden', 'struct s', at + 0x40, external=False),
                    variable('elsewhere', 'int', 0x200010)]

        self.variables(tree,
                       [('hidden', 0x40, 24, LOCAL), ('first', 0, 4), ('last', 0x100, 32)],
                       [('first', 0, 4, 1, 'int'), ('hidden', 0x40, 24, 0, 'struct s'),
                        ('last', 0x100, 32, 1, 'ARRAY(long,4)')],
                       extra=lambda elf: elf.symbol('elsewhere', value=0x200010, size=4,
                                                    section=elf.data_section))

    def test_section_record(self):
        """One DATASEC named as the section, large enough for its last entry."""
        def check(case):
            btf = self.encode_case(case, [INT_T, variable('a', 'int', 0x80000),
                                          variable('b', 'int', 0x80ffc)],
                                   percpu=0x80000, symbols=[('a', 0, 4), ('b', 0xffc, 4)])
            sec = btf.one(PERCPU, 'DATASEC')
            self.assertEqual([tuple(e)[1:] for e in sec.entries], [(0, 4), (0xffc, 4)])
            self.assertGreaterEqual(sec.size, 0x1000)
            self.assertEqual([t.name for t in btf.types if t.kind == 'VAR'], ['a', 'b'])

        self.each(FEW, check)

    def test_order_by_offset(self):
        n = 200
        # Names run against the offsets.
        names = ['v%03d' % (n - i) for i in range(n)]

        def tree(_case, at):
            return [INT_T] + [variable(names[i], 'int', at + 8 * i) for i in reversed(range(n))]

        self.variables(tree, [(names[i], 8 * i, 4) for i in range(n)],
                       [(names[i], 8 * i, 4, 1, 'int') for i in range(n)], cases=FEW)

    def test_no_variables_no_section(self):
        def tree(_case, _at):
            return [INT_T, typedef('t', 'int')]

        self.variables(tree, [], [], cases=FEW)

    def test_variables_are_the_default(self):
        data = self.elf(PLAIN, [INT_T, variable('a', 'int', 0x80000)], percpu=0x80000,
                        symbols=[('a', 0, 4)]).build()
        path = self.write('in.elf', data)
        for options in ([], ['--percpu']):
            out = self.path('o%d' % len(options))
            result = run(*options, '-o', out, path)
            self.assertEqual((result.code, result.err), (0, ''))
        self.assertEqual(self.read('o0'), self.read('o1'))
        self.assertEqual(Btf(self.read('o0')).variables(),
                         {PERCPU: [('a', 0, 4, 1, 'int')]})

    def test_qualified_and_named_types(self):
        def tree(_case, at):
            return [INT_T, typedef('t', 'int'), qual('const', 't'),
                    qual('volatile', 'const t', id='vct'),
                    variable('v', 'vct', at + 8), enum_('e', 4, ('A', 1)),
                    variable('e', 'enum e', at + 16)]

        self.variables(tree, [('v', 8, 4), ('e', 16, 4)],
                       [('v', 8, 4, 1, 'VOLATILE(CONST(typedef t))'), ('e', 16, 4, 1, 'enum e')])

    def test_plus_uconst(self):
        """Merged globals: the address is a symbol's plus a constant, and the constant counts."""
        def tree(_case, at):
            return [INT_T, variable('a', 'int', at), variable('b', 'int', at, offset=4),
                    variable('c', 'int', at, offset=300),
                    variable('d', 'int', location=[('addr', at), ('constu', 16), ('plus',)])]

        self.variables(tree, [('a', 0, 4), ('b', 4, 4), ('c', 300, 4), ('d', 16, 4)],
                       [('a', 0, 4, 1, 'int'), ('b', 4, 4, 1, 'int'), ('d', 16, 4, 1, 'int'),
                        ('c', 300, 4, 1, 'int')])

    def test_same_static_name_in_two_files(self):
        def tree(_case, at):
            return [Unit(base('int', 4), variable('x', 'int', at + 8, external=False), name='a.c'),
                    Unit(base('long', 8), variable('x', 'long', at + 16, external=False),
                         name='b.c')]

        self.variables(tree, [('x', 8, 4, LOCAL), ('x', 16, 8, LOCAL)],
                       [('x', 8, 4, 0, 'int'), ('x', 16, 8, 0, 'long')])

    def test_same_static_name_and_type_in_two_files(self):
        def tree(_case, at):
            return [Unit(base('int', 4), variable('x', 'int', at + 8 * i, external=False),
                         name='%d.c' % i) for i in (1, 2)]

        self.variables(tree, [('x', 8, 4, LOCAL), ('x', 16, 4, LOCAL)],
                       [('x', 8, 4, 0, 'int'), ('x', 16, 4, 0, 'int')])


class WhichDie(EncodeTest):
    def test_declaration_and_specification(self):
        """extern T a[]; T a[5]: the type is that of the defining DIE."""
        def tree(_case, at):
            return [INT_T, LONG_T, array('int', None, id='open'), array('int', 5, id='five'),
                    variable('a', 'open', id='decl', declaration=True),
                    variable(None, 'five', at + 0x20, external=None, specification='decl'),
                    # Without a type of its own the declaration's counts.
                    variable('b', 'long', id='decl b', declaration=True),
                    variable(None, None, at + 0x60, external=None, specification='decl b'),
                    # A static one.
                    variable('c', 'open', id='decl c', declaration=True, external=None),
                    variable(None, 'five', at + 0x80, external=None, specification='decl c')]

        self.variables(tree, [('a', 0x20, 20), ('b', 0x60, 8), ('c', 0x80, 20, LOCAL)],
                       [('a', 0x20, 20, 1, 'ARRAY(int,5)'), ('b', 0x60, 8, 1, 'long'),
                        ('c', 0x80, 20, 0, 'ARRAY(int,5)')])

    def test_abstract_origin(self):
        """Link-time optimisation splits a variable into an abstract and a concrete DIE."""
        def tree(_case, at):
            return [Unit(base('int', 4), variable('v', 'int', id='abstract'), name='a.c'),
                    Unit(die('variable', abstract_origin='abstract', location=[('addr', at + 8)]),
                         name='ltrans')]

        self.variables(tree, [('v', 8, 4)], [('v', 8, 4, 1, 'int')])

    def test_function_static(self):
        """The symbol has a number behind its name; it is the one to look the variable up by."""
        def tree(_case, at):
            return [INT_T, LONG_T,
                    function('f', variable('count', 'int', at + 0x10, external=False),
                             die('lexical_block',
                                 variable('count', 'long', at + 0x18, external=False),
                                 low_pc=0x100001, high_pc=Form('addr', 0x100003)),
                             low_pc=0x100000)]

        self.variables(tree, [('count.1', 0x10, 4, LOCAL), ('count.2', 0x18, 8, LOCAL)],
                       [('count.1', 0x10, 4, 0, 'int'), ('count.2', 0x18, 8, 0, 'long')])

    def test_function_static_at_offset_zero(self):
        def tree(_case, at):
            return [INT_T, LONG_T, function('g', variable('gone', 'long', 0, external=False),
                                            low_pc=0x100040),
                    function('f', variable('count', 'int', at, external=False), low_pc=0x100000)]

        self.variables(tree, [('count.0', 0, 4, LOCAL)], [('count.0', 0, 4, 0, 'int')])

    def test_discarded_variables(self):
        """The linker leaves address 0 for what it dropped: only the symbol's own name counts."""
        def tree(_case, at):
            return [INT_T, LONG_T, ptr('int'),
                    variable('gone1', 'long', 0), variable('real', 'int', at),
                    variable('gone2', 'ptr int', 0)]

        self.variables(tree, [('real', 0, 4)], [('real', 0, 4, 1, 'int')])

    def test_discarded_variable_of_equal_size(self):
        def tree(_case, at):
            return [INT_T, base('unsigned int', 4, 'unsigned'),
                    variable('agone', 'unsigned int', 0), variable('real', 'int', at),
                    variable('zgone', 'unsigned int', 0)]

        self.variables(tree, [('real', 0, 4)], [('real', 0, 4, 1, 'int')])

    def test_only_discarded_at_zero(self):
        def tree(_case, _at):
            return [INT_T, variable('gone', 'int', 0)]

        self.variables(tree, [('real', 0, 4)], [])

    def test_weak_definition_overridden(self):
        """Two definitions at one address: the one that the symbol's size speaks for."""
        for order in (1, -1):
            def tree(_case, at):
                units = [Unit(base('int', 4), variable('w', 'int', at + 0x40), name='weak.c'),
                         Unit(base('long', 8), variable('w', 'long', at + 0x40), name='strong.c')]
                return units[::order]

            self.variables(tree, [('w', 0x40, 8)], [('w', 0x40, 8, 1, 'long')])

    def test_declared_in_many_units(self):
        def tree(_case, at):
            users = [Unit(base('int', 4), variable('v', 'int', id='d', declaration=True),
                          name='u%d.c' % i) for i in range(3)]
            return users + [Unit(base('int', 4), variable('v', 'int', at + 8),
                                 name='def.c')] + users[:0]

        self.variables(tree, [('v', 8, 4)], [('v', 8, 4, 1, 'int')])


class Symbols(EncodeTest):
    def test_aliases(self):
        """Several names of one address give one VAR, under the name of its DIE."""
        for symbols in ([('alias', 8, 4), ('real', 8, 4)], [('real', 8, 4), ('zalias', 8, 4)],
                        [('aaa', 8, 4, LOCAL), ('real', 8, 4), ('zzz', 8, 4, dict(bind=STB_WEAK))]):
            def tree(_case, at):
                return [INT_T, variable('real', 'int', at + 8), variable('other', 'int', at + 16)]

            self.variables(tree, symbols + [('other', 16, 4)],
                           [('real', 8, 4, 1, 'int'), ('other', 16, 4, 1, 'int')], cases=FEW)

    def test_zero_size(self):
        def tree(_case, at):
            return [INT_T, struct_('empty', 0), variable('z', 'struct empty', at + 8),
                    variable('y', 'int', at + 16), variable('n', 'int', at + 24)]

        self.variables(tree, [('z', 8, 0), ('y', 16, 0), ('n', 24, 4)], [('n', 24, 4, 1, 'int')])

    def test_zero_size_beside_a_sized_one(self):
        """A marker of size zero at a variable's address does not hide it."""
        def tree(_case, at):
            return [INT_T, struct_('empty', 0), variable('mark', 'struct empty', at + 8),
                    variable('n', 'int', at + 8)]

        self.variables(tree, [('mark', 8, 0), ('n', 8, 4)], [('n', 8, 4, 1, 'int')])

    def test_void(self):
        def tree(_case, at):
            return [INT_T, variable('v', None, at + 8), qual('const'),
                    variable('cv', 'const void', at + 16), variable('n', 'int', at + 24)]

        self.variables(tree, [('v', 8, 4), ('cv', 16, 4), ('n', 24, 4)], [('n', 24, 4, 1, 'int')])

    def test_forward_declared_type(self):
        """A type without size cannot be a variable's."""
        def tree(_case, at):
            return [INT_T, fwd('structure_type', 'f', id='f'), variable('v', 'f', at + 8),
                    variable('n', 'int', at + 24)]

        self.variables(tree, [('v', 8, 4), ('n', 24, 4)], [('n', 24, 4, 1, 'int')], cases=FEW)

    def test_without_die(self):
        def tree(_case, at):
            return [INT_T, variable('n', 'int', at + 24), variable('m', 'int', at + 32),
                    variable('nowhere', 'int', declaration=True)]

        self.variables(tree, [('asm_only', 8, 8), ('n', 24, 4), ('nowhere', 64, 4)],
                       [('n', 24, 4, 1, 'int')])

    def test_die_without_symbol(self):
        def tree(_case, at):
            return [INT_T, variable('n', 'int', at + 24), variable('m', 'int', at + 32)]

        self.variables(tree, [('n', 24, 4)], [('n', 24, 4, 1, 'int')])

    def test_generated_names(self):
        prefixes = ['__UNIQUE_ID', '__tpstrtab_', '__exitcall_', '__gendwarfksyms_ptr_',
                    '__func_stack_frame_non_standard_']
        names = [p + 'x1' for p in prefixes]

        def tree(_case, at):
            return [INT_T] + [variable(n, 'int', at + 8 * i + 8) for i, n in enumerate(names)] + \
                [variable('my__UNIQUE_ID', 'int', at + 0x100)]

        self.variables(tree, [(n, 8 * i + 8, 4) for i, n in enumerate(names)] +
                       [('my__UNIQUE_ID', 0x100, 4)], [('my__UNIQUE_ID', 0x100, 4, 1, 'int')])

    def test_overlap(self):
        """What begins inside another variable cannot be listed: the kernel would refuse it all."""
        def tree(_case, at):
            return [INT_T, array('int', 4, id='a4'), variable('whole', 'a4', at + 0x10),
                    variable('part', 'int', at + 0x14), variable('tail', 'int', at + 0x1c),
                    variable('next', 'int', at + 0x20)]

        self.variables(tree, [('part', 0x14, 4), ('whole', 0x10, 16), ('next', 0x20, 4),
                              ('tail', 0x1c, 4)],
                       [('whole', 0x10, 16, 1, 'ARRAY(int,4)'), ('next', 0x20, 4, 1, 'int')])

    def test_size_larger_than_the_type(self):
        """A flexible array with an initialiser: the symbol knows how much there is."""
        def tree(_case, at):
            return [INT_T, array('int', None, id='flex'),
                    struct_('s', 4, member('n', 'int', 0), member('d', 'flex', 4)),
                    variable('v', 'struct s', at + 8), variable('w', 'int', at + 0x40)]

        self.variables(tree, [('v', 8, 20), ('w', 0x40, 4)],
                       [('v', 8, 20, 1, 'struct s'), ('w', 0x40, 4, 1, 'int')])

    def test_size_smaller_than_the_type(self):
        """A type that does not fit its symbol is not this object's type."""
        def tree(_case, at):
            return [INT_T, LONG_T, variable('v', 'long', at + 8), variable('w', 'int', at + 0x40)]

        self.variables(tree, [('v', 8, 4), ('w', 0x40, 4)], [('w', 0x40, 4, 1, 'int')])

    def test_other_symbol_types(self):
        def tree(_case, at):
            return [INT_T] + [variable('v%d' % i, 'int', at + 8 * i) for i in range(1, 8)]

        self.variables(tree,
                       [('v1', 8, 4), ('v2', 16, 4, dict(sym_type=STT_NOTYPE)),
                        ('v3', 24, 4, dict(sym_type=STT_FUNC)),
                        ('v4', 32, 4, dict(sym_type=STT_TLS)),
                        ('v5', 40, 4, dict(sym_type=STT_SECTION, bind=STB_LOCAL)),
                        ('v6', 48, 4, dict(section=SHN_ABS)),
                        ('v7', 56, 4, dict(section=SHN_UNDEF))],
                       [('v1', 8, 4, 1, 'int')])

    def test_bad_name(self):
        """A name the kernel refuses would cost the whole BTF."""
        def tree(_case, at):
            return [INT_T, variable('a$b', 'int', at + 8), variable('ok', 'int', at + 16)]

        self.variables(tree, [('a$b', 8, 4), ('ok', 16, 4)], [('ok', 16, 4, 1, 'int')])

    def test_symbols_at_the_end_of_the_section(self):
        def tree(_case, at):
            return [INT_T, variable('last', 'int', at + 0xffc), variable('end', 'int', at + 0x1000)]

        self.variables(tree, [('last', 0xffc, 4), ('end', 0x1000, 0)],
                       [('last', 0xffc, 4, 1, 'int')])

    def test_wrong_kinds_of_location(self):
        """Registers, thread-local storage, lists and constants are no addresses."""
        def tree(case, at):
            tls = [('const8u' if case.bits == 64 else 'const4u', 8), 'form_tls_address']
            return [INT_T, variable('n', 'int', at + 24), variable('r', 'int', location=['reg0']),
                    variable('t', 'int', location=tls),
                    variable('f', 'int', location=[('fbreg', 8)]),
                    variable('e', 'int', location=[]),
                    variable('d', 'int', location=[('addr', at + 32), 'deref']),
                    variable('i', 'int', location=[('addr', at + 40), 'stack_value']),
                    variable('l', 'int',
                             location=Form('sec_offset' if case.enc.version >= 4 else 'data4', 0)),
                    die('variable', name='c', type='int', const_value=5)]

        names = ['r', 't', 'f', 'e', 'd', 'i', 'l', 'c']
        self.variables(tree, [('n', 24, 4)] + [(n, 32 + 8 * i, 4) for i, n in enumerate(names)],
                       [('n', 24, 4, 1, 'int')],
                       cases=[c for c in MATRIX if c.enc.constform != 'indirect'])

    def test_const_value_of_16_bytes(self):
        def tree(_case, at):
            return [INT_T,
                    die('variable', name='c', type='int', const_value=Raw('data16', bytes(16))),
                    variable('n', 'int', at + 24)]

        self.variables(tree, [('n', 24, 4)], [('n', 24, 4, 1, 'int')], cases=[PLAIN])


class Files(EncodeTest):
    def relocatable(self, case):
        """Every section of a relocatable file is at address 0: the relocation's symbol decides."""
        def at(name):
            return Sym(name)

        return [INT_T, LONG_T, variable('d', 'long', at('d')), variable('p', 'int', at('p')),
                variable('q', 'long', at('q')), variable('r', 'int', Sym('anchor', 0x30))]

    def test_relocatable(self):
        def check(case):
            elf = self.elf(case, [], percpu=0, e_type=ET_REL)
            self.check_relocatable(case)

        self.each([PLAIN, Case(Encoding(version=5, addrform='addrx', strform='strx')),
                     Case(Encoding(version=4)), Case(Encoding(version=3, dwarf64=True))], check)
    def check_relocatable(self, case):
        def extra(elf):
            elf.symbol('d', value=0, size=8, section=elf.data_section)
            elf.symbol('anchor', value=0, section=elf.percpu, sym_type=STT_NOTYPE, bind=STB_LOCAL)

        elf = self.elf(case, self.relocatable(case), percpu=0, e_type=ET_REL,
                       symbols=[('p', 0, 4), ('q', 8, 8), ('r', 0x30, 4)], extra=extra)
        btf = self.encode(elf.build(), ptr_size=case.enc.addr_size)
        self.assertEqual([tuple(v) for v in btf.variables()[PERCPU]],
                         [('p', 0, 4, 1, 'int'), ('q', 8, 8, 1, 'long'), ('r', 0x30, 4, 1, 'int')])

    def test_nobits_section(self):
        def tree(_case, at):
            return [INT_T, variable('v', 'int', at + 8)]

        def check(case):
            elf = Elf(bits=case.bits, little=case.enc.little)
            sec = elf.section(PERCPU, b'', sh_type=SHT_NOBITS, flags='WA', addr=0x4000, size=0x100)
            elf.symbol('v', value=0x4008, size=4, section=sec)
            build_dwarf(tree(case, 0x4000), case).add_to(elf)
            btf = self.encode(elf.build(), ptr_size=case.enc.addr_size)
            self.assertEqual([tuple(v) for v in btf.variables()[PERCPU]],
                             [('v', 8, 4, 1, 'int')])

        self.each(FEW, check)

    def test_position_independent_file(self):
        def tree(_case, at):
            return [INT_T, variable('v', 'int', at + 8)]

        self.variables(tree, [('v', 8, 4)], [('v', 8, 4, 1, 'int')], cases=FEW, e_type=ET_DYN)

    def test_address_in_the_top_half(self):
        top = 0xffffffff82000000

        def tree(_case, at):
            return [INT_T, variable('v', 'int', at + 8)]

        self.variables(tree, [('v', 8, 4)], [('v', 8, 4, 1, 'int')], percpu=(top,),
                       cases=[c for c in MATRIX if c.bits == 64])
        self.variables(tree, [('v', 8, 4)], [('v', 8, 4, 1, 'int')], percpu=(0xc2000000,),
                       cases=[c for c in MATRIX if c.bits == 32])

    def test_more_than_65280_sections(self):
        def check(case):
            elf = Elf(bits=case.bits, little=case.enc.little)
            data = elf.section('.data', bytes(64), flags='WA', addr=0x1000)
            for i in range(65400):
                elf.section('.x', b'', addr=0)
            sec = elf.section(PERCPU, bytes(64), flags='WA', addr=0)
            elf.symbol('v', value=8, size=4, section=sec)
            elf.symbol('w', value=0x1008, size=4, section=data)
            build_dwarf([INT_T, variable('v', 'int', 8), variable('w', 'int', 0x1008)],
                        case).add_to(elf)
            btf = self.encode(elf.build(), ptr_size=case.enc.addr_size)
            self.assertEqual([tuple(v) for v in btf.variables()[PERCPU]], [('v', 8, 4, 1, 'int')])

        self.each(FEW, check)

    def test_in_place(self):
        """The .BTF section holds the bytes of the detached file; what was there stays."""
        def check(case):
            data = self.elf(case, [INT_T, variable('v', 'int', 0x1008)], percpu=0x1000,
                            symbols=[('v', 8, 4)]).build()
            detached = self.encode(data, ptr_size=case.enc.addr_size)
            path = self.write('vmlinux', data)
            for _ in range(2):
                result = run('--percpu', path)
                self.assertEqual((result.code, result.out, result.err), (0, '', ''))
                after = self.read('vmlinux')
                elf = ElfReader(after)
                self.assertEqual(elf.content(elf.find('.BTF')), detached.data)
                self.assertEqual([s['name'] for s in elf.sections].count('.BTF'), 1)
                ehsize = 64 if case.bits == 64 else 52
                self.assertEqual(after[ehsize:len(data)], data[ehsize:])
                before = ElfReader(data)
                for old in before.sections[1:]:
                    if old['name'] not in ('.shstrtab',):
                        new = elf.find(old['name'])
                        self.assertEqual(elf.content(new), before.content(old), old['name'])
            first = after
            self.assertEqual(run('--percpu', path).code, 0)
            self.assertEqual(self.read('vmlinux'), first)
            self.assertEqual(sorted(os.listdir(self.dir)), ['in.elf', 'out.btf', 'vmlinux'])

        self.each(MATRIX, check)

    def test_in_place_with_more_than_65280_sections(self):
        def check(case):
            elf = Elf(bits=case.bits, little=case.enc.little)
            for i in range(65280):
                elf.section('.x', b'', addr=0)
            sec = elf.section(PERCPU, bytes(64), flags='WA', addr=0)
            elf.symbol('v', value=8, size=4, section=sec)
            build_dwarf([INT_T, variable('v', 'int', 8)], case).add_to(elf)
            data = elf.build()
            detached = self.encode(data, ptr_size=case.enc.addr_size)
            path = self.write('vmlinux', data)
            self.assertEqual(run('--percpu', path).code, 0)
            after = ElfReader(self.read('vmlinux'))
            self.assertEqual(after.content(after.find('.BTF')), detached.data)
            self.assertEqual(len(after.sections), len(ElfReader(data).sections) + 1)

        self.each(FEW[:2], check)

    def test_becomes_more_than_65280_sections(self):
        """The one section that is added takes the file over the limit of the plain header."""
        for total in (0xfeff, 0xff00):
            elf = Elf()
            sec = elf.section(PERCPU, bytes(64), flags='WA', addr=0)
            elf.symbol('v', value=8, size=4, section=sec)
            build_dwarf([INT_T, variable('v', 'int', 8)], PLAIN).add_to(elf)
            # .symtab, .strtab and .shstrtab follow.
            while len(elf.sections) + 3 < total:
                elf.section('.x', b'')
            data = elf.build()
            self.assertEqual(len(ElfReader(data).sections), total)
            detached = self.encode(data)
            path = self.write('vmlinux', data)
            self.assertEqual(run('--percpu', path).code, 0)
            after = ElfReader(self.read('vmlinux'))
            self.assertEqual(len(after.sections), total + 1)
            self.assertEqual(after.content(after.find('.BTF')), detached.data)


if __name__ == '__main__':
    main()
