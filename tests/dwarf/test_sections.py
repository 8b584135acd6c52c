# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
"""--vars: variables of other sections than the per-CPU one, and why some are not there."""

import json
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'lib'))

# pylint: disable=wrong-import-position,wildcard-import,unused-wildcard-import
from encode import *  # noqa: E402,F403
from encode import build_dwarf, main  # noqa: E402

INT_T = base('int', 4)
PLAIN = Case(Encoding(version=5))
SHT_NOTE = 7
MAX_ENTRIES = 65535
NO_VERDICT = 77

# Name, address, type and flags of a linked file's sections; each has one int with the name given.
SECTIONS = (
    ('.data', 0x200000, 1, 'WA', 'plain'),
    ('.bss', 0x201000, SHT_NOBITS, 'WA', 'zero'),
    ('.rodata', 0x202000, 1, 'A', 'constant'),
    ('.data.mixed', 0x203000, 1, 'WAX', 'beside_code'),
    ('.init.data', 0x204000, 1, 'WA', 'early'),
    ('.apicdrivers', 0x205000, 1, 'WA', 'between_marks'),
    ('.data..percpu', 0x206000, 1, 'WA', 'each_cpu'),
    ('.hyp.data', 0x207000, 1, 'WA', 'of_el2'),
    ('.modinfo', 0x208000, 1, 'A', 'info'),
    ('odd-name', 0x209000, 1, 'WA', 'of_odd_name'),
    ('.notes', 0x20a000, SHT_NOTE, 'A', '_note_1'),
    ('.debug', 0x20b000, 1, '', 'not_loaded'),
)
FREED = (0x205000, 0x207000)


class Sections(EncodeTest):
    def build(self, more=(), units=(), e_type=ET_EXEC, sections=SECTIONS, marks=True):
        """ELF bytes. more: (name, section name, offset, size, keywords); units: trees."""
        elf = Elf(bits=64, little=True, e_type=e_type)
        rel = e_type == ET_REL
        elf.section('.text', bytes(0x100), flags='AX', addr=0 if rel else 0x100000)
        made, trees = {}, []
        for name, addr, sh_type, flags, symbol in sections:
            data = b'' if sh_type == SHT_NOBITS else bytes(0x100)
            made[name] = elf.section(name, data, sh_type=sh_type, flags=flags, addr=0 if rel else addr,
                                     align=16, size=0x100)
            elf.symbol(symbol, value=0x10 if rel else addr + 0x10, size=4, section=made[name])
            trees.append(variable(symbol, 'int', Sym(symbol) if rel else addr + 0x10))
        for name, where, offset, size, keywords in more:
            start = 0 if rel else next(s[1] for s in sections if s[0] == where)
            elf.symbol(name, value=start + offset, size=size, section=made[where], **keywords)
        if marks:
            elf.symbol('__init_begin', value=FREED[0], section=made['.apicdrivers'], sym_type=STT_NOTYPE)
            elf.symbol('__init_end', value=FREED[1], section=made['.data..percpu'], sym_type=STT_NOTYPE)
        build_dwarf([Unit(INT_T, *trees), *units], PLAIN).add_to(elf)
        return elf.build()

    def vars_of(self, data, choice):
        """{section: [names]} and {section: {outcome: number}}."""
        path, out = self.write('in.elf', data), self.path('out.btf')
        result = run('--vars=' + choice, '--report=json', '-o', out, path)
        self.assertEqual((result.code, result.err), (0, ''))
        report = json.loads(result.out)
        self.assertEqual(report['vars'], choice)
        btf = Btf(self.read('out.btf'))
        self.assertEqual(btf.problems(), [])
        return ({name: [v.name for v in entries] for name, entries in btf.variables().items()},
                {s['name']: {o: n for o, n in s['outcomes'].items() if n}
                 for s in report['variables']['sections']})

    def test_all(self):
        found, outcomes = self.vars_of(self.build(), 'all')
        self.assertEqual(found, {'.data': ['plain'], '.bss': ['zero'], '.rodata': ['constant'],
                                 '.data.mixed': ['beside_code'], '.data..percpu': ['each_cpu'],
                                 '.modinfo': ['info']})
        self.assertEqual({name: dict(o) for name, o in outcomes.items() if 'encoded' not in o},
                         {'.init.data': {'freed-section': 1}, '.apicdrivers': {'freed-section': 1},
                          '.hyp.data': {'hypervisor-section': 1}, 'odd-name': {'bad-section': 1},
                          '.notes': {'generated-name': 1}})

    def test_the_feature_is_all(self):
        path = self.write('in.elf', self.build())
        for number, option in enumerate(('--vars=all', '--features=+global_var')):
            self.assertEqual(run(option, '-o', self.path(str(number)), path).code, 0)
        self.assertEqual(self.read('0'), self.read('1'))

    def test_choices(self):
        data = self.build()
        for choice, names in (
                ('percpu', '.data..percpu'), ('none', ''), ('.data', '.data'), ('+.data', '.data .data..percpu'),
                ('percpu,.data,.bss', '.bss .data .data..percpu'), ('.data*', '.data .data..percpu .data.mixed'),
                ('.data*,-percpu', '.data .data.mixed'), ('all,-.*', ''), ('-percpu', ''),
                ('all,-.[!b]*', '.bss'), ('.init.*', '.init.data'), ('.ap?cdrivers', '.apicdrivers'),
                ('.absent', ''), ('.hyp.data,odd-name', '.hyp.data'),
                ('*', '.apicdrivers .bss .data .data..percpu .data.mixed .hyp.data .init.data .modinfo .rodata')):
            with self.subTest(choice):
                self.assertEqual(sorted(self.vars_of(data, choice)[0]), names.split())

    def test_vars_decides_alone(self):
        path, out = self.write('in.elf', self.build()), self.path('out.btf')
        for options in (['--no-percpu'], ['--features=none'], ['--features=+global_var']):
            for order in (options + ['--vars=.bss'], ['--vars=.bss'] + options):
                self.assertEqual(run(*order, '-o', out, path).code, 0)
                self.assertEqual(list(Btf(self.read('out.btf')).variables()), ['.bss'])

    def test_bad_lists(self):
        path = self.write('in.elf', self.build())
        for choice in ('', 'none,all', 'all,,percpu', ',', 'all,', '-', 'percpu,+'):
            result = run('--vars=' + choice, '-o', self.path('out'), path)
            self.assertEqual((result.code, result.out), (2, ''), choice)
            if choice:
                self.assertEqual(result.err, "btfgen: option '--vars' takes sections with commas between, as in "
                                 f"'percpu,.data*', or all, or none: not '{choice}'; try 'btfgen encode --help'\n")
        self.assertFalse(os.path.exists(self.path('out')))

    def test_without_marks_or_with_one(self):
        for marks in (False, True):
            data = self.build(marks=marks)
            self.assertEqual('.apicdrivers' in self.vars_of(data, 'all')[0], not marks)

    def test_names_of_several_symbols(self):
        """A function, a label, an absolute symbol, a section that is not chosen: each takes the name."""
        for keywords in (dict(sym_type=STT_FUNC), dict(sym_type=STT_NOTYPE), dict(bind=STB_LOCAL)):
            data = self.build([('plain', '.rodata', 0x40, 4, keywords), ('each_cpu', '.rodata', 0x48, 4, keywords)])
            found, outcomes = self.vars_of(data, '+.data')
            self.assertEqual(found, {'.data..percpu': ['each_cpu']})
            self.assertEqual(outcomes['.data'], {'ambiguous': 1})

    def test_aliases_weak_symbols_and_sizes(self):
        """One VAR a place; of an alias whose name is not its own the other is taken."""
        data = self.build([('weak_name', '.data', 0x10, 4, dict(bind=STB_WEAK)),
                           ('plain', '.rodata', 0x80, 4, {}), ('mark', '.data', 0x10, 0, {}),
                           ('inside', '.rodata', 0x12, 1, {}), ('thread', '.data', 0x20, 4, dict(sym_type=STT_TLS))],
                          [Unit(base('char', 1), variable('inside', 'char', 0x202012))])
        found, outcomes = self.vars_of(data, '.data,.rodata')
        self.assertEqual(found, {'.data': ['weak_name'], '.rodata': ['constant']})
        self.assertEqual(outcomes, {'.data': {'encoded': 1, 'ambiguous': 1, 'zero-size': 1},
                                    '.rodata': {'encoded': 1, 'ambiguous': 1, 'overlap': 1}})

    def test_modules(self):
        """Relocatable files: sections without addresses, what the loader drops, .init by name only."""
        more = [('__this_module', '.data', 0x80, 4, {})]
        found, outcomes = self.vars_of(self.build(more, e_type=ET_REL, marks=False), 'all')
        self.assertEqual(found, {'.data': ['plain'], '.bss': ['zero'], '.rodata': ['constant'],
                                 '.data.mixed': ['beside_code'], '.data..percpu': ['each_cpu'],
                                 '.apicdrivers': ['between_marks']})
        self.assertEqual(outcomes['.modinfo'], {'section-not-loaded': 1})
        self.assertEqual(outcomes['.init.data'], {'freed-section': 1})
        self.assertEqual(outcomes['.data'], {'encoded': 1, 'generated-name': 1})

    def test_sections_of_one_name(self):
        """Each becomes a DATASEC of its own."""
        twice = (('.data', 0x200000, 1, 'WA', 'a'), ('.data', 0x201000, 1, 'WA', 'b'))
        path = self.write('in.elf', self.build(sections=twice, marks=False))
        self.assertEqual(run('--vars=all', '-o', self.path('out.btf'), path).code, 0)
        btf = Btf(self.read('out.btf'))
        self.assertEqual([[(btf.types[e.type].name, e.offset) for e in t.entries]
                          for t in btf.types if t.kind == 'DATASEC'], [[('a', 16)], [('b', 16)]])

    def many(self, num, name='.data'):
        elf = Elf(bits=64, little=True, e_type=ET_EXEC)
        section = elf.section(name, b'', sh_type=SHT_NOBITS, flags='WA', addr=0x200000, size=4 * num)
        names = ['v%05d' % i for i in range(num)]
        for i, symbol in enumerate(names):
            elf.symbol(symbol, value=0x200000 + 4 * i, size=4, section=section)
        build_dwarf([Unit(INT_T, *[variable(n, 'int', 0x200000 + 4 * i)
                                  for i, n in enumerate(names)])], PLAIN).add_to(elf)
        return self.write('many.elf', elf.build()), names

    def test_more_variables_than_a_record_holds(self):
        """Two records of the section's name and size; no variable is lost, or in both."""
        for num in (MAX_ENTRIES, MAX_ENTRIES + 1):
            path, names = self.many(num)
            result = run('--vars=all', '-o', self.path('out.btf'), path)
            self.assertEqual((result.code, result.err), (0, ''))
            btf = Btf(self.read('out.btf'))
            self.assertEqual(btf.problems(), ['N6 2 DATASECs .data'] if num > MAX_ENTRIES else [])
            if 'BTF_LOAD' in os.environ:
                load = subprocess.run([os.environ['BTF_LOAD'], self.path('out.btf')], check=False)
                self.assertIn(load.returncode, (0, NO_VERDICT))
            records = [t for t in btf.types if t.kind == 'DATASEC']
            self.assertEqual([(t.name, t.size, len(t.entries)) for t in records],
                             [('.data', 4 * num, n) for n in (MAX_ENTRIES, num - MAX_ENTRIES) if n])
            self.assertEqual([btf.types[e.type].name for t in records for e in t.entries], names)
            self.assertEqual([e.offset for t in records for e in t.entries], list(range(0, 4 * num, 4)))

    def test_more_per_cpu_variables_than_a_record_holds(self):
        """Kernels look at the first record only."""
        path, _ = self.many(MAX_ENTRIES + 1, PERCPU)
        result = run('-o', self.path('out.btf'), path)
        self.assertEqual(result.code, 5)
        self.assertIn("section '.data..percpu' has 65536", result.err)
        self.assertFalse(os.path.exists(self.path('out.btf')))

    def test_sections_of_4_gib(self):
        """A DATASEC has 32 bits for its size."""
        for size, outcome in ((0xffffffff, 'encoded'), (0x100000000, 'bad-section')):
            elf = Elf(bits=64, little=True, e_type=ET_EXEC)
            section = elf.section('.bss', b'', sh_type=SHT_NOBITS, flags='WA', addr=0x200000, size=size)
            elf.symbol('v', value=0x200010, size=4, section=section)
            build_dwarf([Unit(INT_T, variable('v', 'int', 0x200010))], PLAIN).add_to(elf)
            self.assertEqual(self.vars_of(elf.build(), 'all')[1], {'.bss': {outcome: 1}})

    def test_list(self):
        """btfgen vars --vars: the same, symbol by symbol."""
        path = self.write('in.elf', self.build([('plain', '.rodata', 0x40, 4, dict(sym_type=STT_FUNC))]))
        result = run('vars', '--vars=percpu,.data,.bss,.init.data', path)
        self.assertEqual((result.code, result.err, result.out), (0, '', """\
section        offset  size  outcome    linkage  type  name
.data            0x10     4  ambiguous  -        -     plain
.bss             0x10     4  encoded    global   int   zero
.init.data       0x10     4  encoded    global   int   early
.data..percpu    0x10     4  encoded    global   int   each_cpu
4 symbols, 3 encoded, 1 ambiguous
"""))
        self.assertEqual(run('vars', '--vars=none', path).out, '0 symbols\n')
        for options, message in ((['--base=x'], '--base is about modules whose variables --vars chooses'),
                                 (['--vars=a,'], "option '--vars' takes sections with commas between, as in "
                                  "'percpu,.data*', or all, or none: not 'a,'")):
            result = run('vars', *options, path)
            self.assertEqual((result.code, result.err), (2, f"btfgen: {message}; try 'btfgen vars --help'\n"))

    def test_explain(self):
        path = self.write('in.elf', self.build())
        for name, text in (
                ('early', 'freed-section\n    The memory of its section, .init.data, is freed when booting ends, '
                          'and'),
                ('of_el2', 'hypervisor-section\n    Its section, .hyp.data, belongs to the hypervisor.\n'
                           '    Sections that --vars names are taken all the same.\n'),
                ('of_odd_name', 'bad-section\n    BTF cannot describe its section, odd-name:')):
            result = run('explain', '--vars=all', path, name)
            self.assertEqual(result.code, 1)
            self.assertTrue(result.out.startswith(f'{name}: variable, not in the BTF: {text}'), result.out)

    def test_names_of_the_base(self):
        """A module's variable is left out if the kernel has a symbol of the name, whatever it is."""
        kernel = Elf(bits=64, little=True, e_type=ET_EXEC)
        text = kernel.section('.text', bytes(0x100), flags='AX', addr=0x100000)
        kernel.symbol('plain', value=0x100000, size=8, section=text, sym_type=STT_FUNC)
        kernel.symbol('zero', value=0x100010, section=text, sym_type=STT_NOTYPE)
        kernel.symbol('each_cpu', value=0x100020, section=text, sym_type=STT_NOTYPE)
        kernel.symbol('constant', sym_type=STT_NOTYPE)
        build_dwarf([Unit(INT_T)], PLAIN).add_to(kernel)
        base_path = self.write('vmlinux', kernel.build())
        self.assertEqual(run(base_path).code, 0)
        self.assertEqual(run('-o', self.path('raw'), base_path).code, 0)
        module = self.write('m.ko', self.build(e_type=ET_REL, marks=False))
        for base_file, names in ((base_path, []), (self.path('raw'), ['plain', 'zero'])):
            result = run('vars', '--vars=.data,.bss,.rodata,percpu', '--base=' + base_file, module)
            self.assertEqual(result.code, 0, result.err)
            rows = {line.split()[-1]: line.split()[3] for line in result.out.splitlines()[1:-1]}
            self.assertEqual(rows, {name: 'encoded' if name in names + ['constant', 'each_cpu'] else 'name-of-base'
                                    for name in ('plain', 'zero', 'constant', 'each_cpu')})


if __name__ == '__main__':
    main()
