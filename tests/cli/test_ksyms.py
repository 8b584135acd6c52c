#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
"""btfgen ksyms: verdicts, reasons, formats and exit codes by exact text, damaged files. tests/kernel/ksyms_check.py
compares with libbpf, ksyms_real.py with the running kernel.

The environment names the program under test: BTFGEN.
"""

import json
import os
import pathlib
import random
import shutil
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'lib'))

# pylint: disable=wrong-import-position
from bpfobject import CALL, GLOBAL, LOAD  # noqa: E402
from btfwriter import BtfWriter, kernel_file, module_file  # noqa: E402
from elfwriter import EM_X86_64  # noqa: E402
from encode import BTFGEN, EncodeTest, main, run  # noqa: E402
from ksyms import Program, SmallKernel  # noqa: E402

MANY = """\
{path}: does not fit: 20 ksyms: 7 bound, 1 by address, 3 zero, 3 missing, 3 incompatible, 1 refused, 2 unusable
symbol                  verdict       binds to         type                        use
_stext                  by address    -                -                           its address
both                    incompatible  first VAR 30     struct rq                   -
bpf_prog_active         bound         vmlinux VAR 11   int                         per CPU: bpf_per_cpu_ptr, \
bpf_this_cpu_ptr
bpf_rcu_read_lock       zero, weak    -                -                           0
bpf_rcu_read_lock___v1  bound         vmlinux FUNC 23  void (void)                 call it, a kfunc
bpf_task_release        zero, weak    -                -                           0
counter                 bound         first VAR 28     int                         per CPU: bpf_per_cpu_ptr, \
bpf_this_cpu_ptr
gone                    zero, weak    -                -                           0
hidden                  refused       vmlinux VAR 16   struct hidden_type          -
init_task               incompatible  vmlinux VAR 12   struct task_struct          -
jiffies                 bound         vmlinux VAR 14   volatile long unsigned int  direct, 8 bytes
jiffies___v1            missing       -                -                           -
nowhere                 missing       -                -                           -
ratio                   incompatible  vmlinux VAR 17   double                      -
runqueues               bound         vmlinux VAR 10   struct rq                   per CPU: bpf_per_cpu_ptr, \
bpf_this_cpu_ptr
schedule                missing       -                -                           -
shared                  bound         first FUNC 32    void (int)                  call it, if it is a kfunc
table                   bound         vmlinux VAR 15   short int [4]               direct, 8 bytes
undeclared              unusable      -                -                           -
unused                  unusable      -                -                           -
_stext: its address is looked up by name in /proc/kallsyms, of which BTF does not tell
  --kallsyms tells; for data the kernel needs CONFIG_KALLSYMS_ALL=y
both: int is not struct rq
  the kernel has struct rq
both: also second VAR 28: the first counts, whatever its type
bpf_rcu_read_lock: weak, and of another type, which libbpf passes over: result: int is not void
  the kernel has void (void)
bpf_task_release: weak, and there is no variable of that name, but a function bpf_task_release in vmlinux
  declare it as what it is
gone: weak, and there is no variable of that name
hidden: the verifier finds no size for its type, struct hidden_type
  'extern const void hidden __ksym' gives the address alone
init_task: struct rq is declared, but not defined, in the program
  define struct rq in the program; its members are not compared
jiffies___v1: there is no variable of that name, but a variable jiffies in vmlinux
  libbpf cuts ___flavor off the names of functions, not of variables
nowhere: there is no variable of that name
  most BTF has per-CPU variables only: 'extern const void nowhere __ksym' needs none; or --btf with the module \
that has it; or __weak
ratio: libbpf binds nothing of type double
runqueues: also second VAR 29: the first counts, whatever its type
schedule: there is no variable of that name, but a function schedule in vmlinux
  declare it as what it is
shared: also second FUNC 32: the first counts, whatever its type
undeclared: the object's BTF does not declare it
  add __ksym to its declaration, or link the object that defines it (bpftool gen object)
unused: it is declared as __ksym, but the object has no such symbol
note: variables also need an address in the kernel's symbol table, of which BTF does
      not tell: CONFIG_KALLSYMS_ALL=y (--kallsyms tells)
note: 'if it is a kfunc': the BTF that has the function has no bpf_kfunc tags, which
      would tell whether programs may call it
"""


def many(little=True):
    """A program with a symbol for most verdicts."""
    p = Program(little)
    p.add_var('runqueues', p.const(p.queue))
    p.add_var('bpf_prog_active', p.const(p.int))
    p.add_var('init_task', p.queue_declared)
    for name, type_id in (('jiffies', p.int), ('table', p.array), ('hidden', p.queue_declared), ('ratio', p.double),
                          ('counter', p.int), ('both', p.int), ('nowhere', p.int), ('_stext', p.void),
                          ('schedule', p.int), ('jiffies___v1', p.int)):
        p.add_var(name, type_id)
    p.add_var('gone', p.int, weak=True)
    p.add_var('bpf_task_release', p.btf.ptr(p.int), weak=True)
    p.add_func('bpf_rcu_read_lock___v1', p.btf.proto(0))
    p.add_func('shared', p.btf.proto(0, ('v', p.int)))
    p.add_func('bpf_rcu_read_lock', p.btf.proto(p.int), weak=True)
    p.extern('undeclared')
    p.declare_var('unused', p.int)
    return p


class Ksyms(EncodeTest):
    maxDiff = None

    def setUp(self):
        super().setUp()
        self.files = self.kernel_files('', SmallKernel())

    def kernel_files(self, prefix, kernel):
        os.makedirs(self.path(prefix), exist_ok=True)
        return [self.write(os.path.join(prefix, name), data) for name, data in (
            ('vmlinux', kernel_file(kernel.vmlinux.build(), little=kernel.little)),
            ('first.ko', module_file(kernel.first.build(), little=kernel.little)),
            ('second.ko.btf', kernel.second.build()))]

    def ask(self, program, *options, files=None):
        """Of a Program, or the bytes of a file."""
        self.object = self.write('p.o', program if isinstance(program, bytes) else program.build())
        return run('ksyms', *('--btf=' + path for path in files or self.files), *options, self.object)

    def lines(self, program, *options):
        """What follows the table."""
        result = self.ask(program, *options)
        self.assertEqual(result.err, '')
        return [line for line in result.out.splitlines()[2 + len(program.externs):] if 'note: ' not in line]

    def only(self, program, *options):
        """The one symbol of a program, as JSON has it, and the exit code."""
        result = self.ask(program, '--json', *options)
        self.assertEqual(result.err, '')
        told = json.loads(result.out)['objects'][0]
        self.assertEqual(len(told['ksyms']), 1)
        self.assertEqual(told['fits'], told['ksyms'][0]['good'])
        self.assertEqual(result.code, 0 if told['fits'] else 1)
        return told['ksyms'][0]

    def function(self, result, *params, name='shared', **options):
        """The verdict on a function."""
        program = Program()
        types = [getattr(program, param) if isinstance(param, str) else param(program) for param in params]
        program.add_func(name, program.btf.proto(result(program) if result else 0, *(('p', t) for t in types)), **options)
        return program

    def test_everything(self):
        result = self.ask(many())
        self.assertEqual((result.code, result.err), (1, ''))
        self.assertEqual(result.out, MANY.format(path=self.object))

    def test_byte_order(self):
        wanted = MANY.format(path=self.path('p.o'))
        other = self.kernel_files('big', SmallKernel(little=False))
        self.assertEqual(self.ask(many(little=False), files=other).out, wanted)
        self.assertEqual(self.ask(many(little=False)).out, wanted + 'note: the object is for the other byte order\n')

    def test_quiet(self):
        result = self.ask(many(), '-q')
        self.assertEqual(result.code, 1)
        lines = MANY.format(path=self.object).splitlines()
        shown = [line.split()[0].rstrip(':') for line in result.out.splitlines()[2:] if line[0] != ' ']
        self.assertEqual(result.out.splitlines()[0], lines[0])
        bad = ['both', 'hidden', 'init_task', 'jiffies___v1', 'nowhere', 'ratio', 'schedule', 'undeclared', 'unused']
        self.assertEqual(shown, bad + bad[:1] * 2 + bad[1:])
        program = Program()
        program.add_var('runqueues', program.queue)
        self.assertEqual(vars(self.ask(program, '-q')), {'code': 0, 'out': '', 'err': ''})

    def test_no_symbols(self):
        self.assertEqual(vars(self.ask(Program())), {'code': 0, 'out': self.object + ': no ksyms\n', 'err': ''})

    def test_several_objects(self):
        good, bad = Program(), Program()
        good.add_var('runqueues', good.queue)
        bad.add_var('nowhere', bad.int)
        paths = [self.write('good.o', good.build()), self.write('bad.o', bad.build())]
        result = run('ksyms', '--btf=' + self.files[0], *paths)
        self.assertEqual(result.code, 1)
        self.assertIn(paths[0] + ': fits: 1 ksym: 1 bound\n', result.out)
        self.assertIn(paths[1] + ': does not fit: 1 ksym: 1 missing\n', result.out)
        # One that is none does not end it.
        missing = self.path('missing')
        wrong = 'btfgen: %s: cannot open: No such file or directory\n' % missing
        result = run('ksyms', '--btf=' + self.files[0], missing, *paths)
        self.assertEqual((result.code, result.err), (3, wrong))
        self.assertIn(paths[1] + ': does not fit: 1 ksym: 1 missing\n', result.out)
        result = run('ksyms', '--btf=' + self.files[0], '--json', *paths, missing)
        self.assertEqual((result.code, result.err), (3, wrong))
        told = json.loads(result.out)['objects']
        self.assertEqual([one.get('fits') for one in told], [True, False, None])
        self.assertEqual(told[2], {'path': missing, 'error': 'cannot open: No such file or directory'})

    def test_json(self):
        program = Program()
        program.add_var('runqueues', program.const(program.queue))
        result = self.ask(program, '--json')
        self.assertEqual((result.code, result.err), (0, ''))
        told = json.loads(result.out)
        self.assertEqual(told.pop('version'), run('--version').out.split()[1])
        self.assertEqual(told, {
            'format': 1, 'verb': 'ksyms', 'kallsyms': None,
            'btf': [{'path': path, 'name': name, 'misfit': None} for path, name in zip(self.files, ('vmlinux', 'first', 'second'))],
            'objects': [{
                'path': self.object, 'big_endian': False, 'fits': True,
                'verdicts': {'bound': 1, 'by address': 0, 'zero': 0, 'missing': 0, 'incompatible': 0, 'refused': 0,
                             'unusable': 0},
                'ksyms': [{
                    'name': 'runqueues', 'form': 'variable', 'weak': False, 'calls': 0, 'loads': 1,
                    'verdict': 'bound', 'good': True, 'declared': 'const struct rq',
                    'target': {'file': self.files[0], 'name': 'vmlinux', 'kind': 'VAR', 'id': 10,
                               'type': 'struct rq', 'percpu': True, 'size': 8},
                    'access': 'percpu', 'address': None, 'cause': None, 'reason': None, 'remedy': None,
                    'candidates': 2,
                    'others': [{'file': self.files[2], 'name': 'second', 'kind': 'VAR', 'id': 29}],
                }]}]})

    def test_json_of_everything(self):
        told = json.loads(self.ask(many(), '--json').out)['objects'][0]['ksyms']
        text = MANY.splitlines()[2:22]
        self.assertEqual([one['name'] for one in told], [line.split()[0] for line in text])
        for one, line in zip(told, text):
            self.assertEqual(one['verdict'] + (', weak' if one['weak'] else ''), line[24:36].strip(), line)
            self.assertEqual(one['good'], one['verdict'] in ('bound', 'by address', 'zero'))
        told = {one['name']: one for one in told}
        self.assertEqual(told['hidden']['target']['size'], None)
        self.assertEqual((told['undeclared']['form'], told['undeclared']['declared']), (None, None))
        self.assertEqual([told[name]['access'] for name in (
            'runqueues', 'jiffies', 'shared', '_stext', 'gone', 'both')],
            ['percpu', 'memory', 'call', 'address', None, None])
        self.assertEqual([told[name]['target']['kfunc'] for name in ('bpf_rcu_read_lock___v1', 'shared')], [True, None])
        self.assertEqual({name: one['cause'] for name, one in told.items() if one['cause']}, {
            'both': 'type', 'bpf_rcu_read_lock': 'type', 'bpf_task_release': 'absent', 'gone': 'absent',
            'hidden': 'no size', 'init_task': 'type', 'jiffies___v1': 'absent', 'nowhere': 'absent', 'ratio': 'type',
            'schedule': 'absent', 'undeclared': 'no declaration', 'unused': 'no symbol'})

    # Types.

    def test_places_where_types_part(self):
        def pointer(*names):
            def make(p):
                target = getattr(p, names[-1]) if names[-1] else 0
                for _ in names:
                    target = p.btf.ptr(target)
                return target
            return make

        def callback(*params):
            return lambda p: p.btf.ptr(p.btf.proto(0, *(('p', param(p)) for param in params)))

        release = 'bpf_task_release'
        for params, name, reason in (
                (('int',), release, 'parameter 1: int is not struct task_struct *'),
                ((pointer('queue'),), release, None),
                ((pointer('int'),), release, 'parameter 1: int * is not struct task_struct *'),
                ((pointer('queue_declared'),), release,
                 'parameter 1: struct rq is declared, but not defined, in the program'),
                ((), release, '0 parameters, the kernel has 1'),
                ((pointer('task'), 'int'), release, '2 parameters, the kernel has 1'),
                ((callback(),), release, 'parameter 1: void (*)(void) is not struct task_struct *')):
            with self.subTest(reason=reason):
                program = self.function(None, *params, name=name)
                found = self.only(program)
                self.assertEqual((found['verdict'], found['reason']),
                                 ('incompatible' if reason else 'bound', reason))
        found = self.only(self.function(lambda p: p.int, name='bpf_rcu_read_lock'))
        self.assertEqual(found['reason'], 'result: int is not void')

    def both_sides(self, kernel_type, program_type):
        """The verdict where a FUNC of the kernel and the program's have these prototypes or types, from functions."""
        kernel, program = BtfWriter(), Program()
        kernel.int()
        theirs, ours = kernel_type(kernel), program_type(program.btf)
        kernel.add('FUNC', 'f', kernel.proto(0, ('a', 1), ('b', theirs)))
        program.add_func('f', program.btf.proto(0, ('a', program.int), ('b', ours)))
        self.files = [self.write('kernel', kernel.build())]
        found = self.only(program)
        return found['reason'] or found['verdict']

    def test_rule(self):
        def tower(kind, num, bottom=0, *rest):
            def make(btf):
                target = bottom
                for _ in range(num):
                    target = btf.add(kind, '', target, *rest)
                return target
            return make

        def row(btf, num):
            target = btf.add('FUNC_PROTO', '', 0)
            for _ in range(num):
                target = btf.proto(0, ('p', btf.ptr(target)))
            return target

        def enum(kind, size):
            return lambda btf: btf.add(kind, 'e', size)

        def number(offset):
            return lambda btf: btf.add('INT', 'n', 4, offset << 16 | 8)

        def forward(union):
            return lambda btf: btf.add('FWD', 's', 0, flag=union)

        def ring(btf):
            return btf.add('CONST', '', btf.num + 1)

        def composite(kind, name):
            return lambda btf: btf.struct(name, 4, kind=kind)

        def typedef(to):
            return lambda btf: btf.typedef('t', to(btf))

        def floating(btf):
            return btf.add('FLOAT', 'float', 4)

        def array(num, of):
            return lambda btf: btf.add('ARRAY', '', 0, of(btf), 1, num)

        def second(text):
            return 'parameter 2: ' + text

        struct, union = composite('STRUCT', 's'), composite('UNION', 's')
        for theirs, ours, wanted in (
                (struct, composite('STRUCT', 'other'), 'bound'),
                (struct, union, second('union s is not struct s')),
                (struct, forward(False), second('struct s is declared, but not defined, in the program')),
                (forward(False), struct, second('struct s is declared, but not defined, in the kernel')),
                (forward(False), forward(True), 'bound'),
                (enum('ENUM', 4), enum('ENUM64', 8), 'bound'),
                (enum('ENUM', 4), number(0), second('n is not enum e')),
                (number(0), number(3), second('n begins inside of a byte, which libbpf does not bind')),
                (number(3), number(0), second('n begins inside of a byte, which libbpf does not bind')),
                (floating, floating, second('libbpf binds nothing of type float')),
                (array(3, struct), array(9, struct), 'bound'),
                (array(3, struct), struct, second('struct s is not struct s [3]')),
                (array(3, struct), array(3, union), second('union s [3] is not struct s [3]')),
                (typedef(struct), typedef(number(0)), second('t: n is not struct s')),
                (typedef(struct), struct, 'bound'),
                (tower('PTR', 31), tower('PTR', 31), 'bound'),
                (tower('PTR', 32), tower('PTR', 32), second('the types nest deeper than libbpf follows them')),
                (tower('CONST', 2000), tower('VOLATILE', 1), 'bound'),
                (ring, struct, second('a type does not exist or contains itself')),
                (lambda btf: 1000, struct, second('a type does not exist or contains itself')),
                (lambda btf: row(btf, 31), lambda btf: row(btf, 31), 'bound'),
                (lambda btf: row(btf, 32), lambda btf: row(btf, 32),
                 'parameter 2, ' + ', '.join(['parameter 1'] * 7) +
                 ' and further inside: the types nest deeper than libbpf follows them')):
            with self.subTest(wanted=wanted):
                self.assertEqual(self.both_sides(theirs, ours), wanted)

    def test_entangled_prototypes(self):
        """Two ways at each of thirty levels: a billion comparisons, which nobody is to wait for."""
        def make(btf):
            target = btf.add('FUNC_PROTO', '', 0)
            for _ in range(30):
                target = btf.proto(0, ('a', btf.ptr(target)), ('b', btf.ptr(target)))
            return target

        self.assertRegex(self.both_sides(make, make), r'^parameter 2, .*the types are too entangled to be compared$')

    # Symbols and addresses.

    def kallsyms(self, *lines):
        return '--kallsyms=' + self.write('kallsyms', ''.join(line + '\n' for line in lines).encode())

    def test_addresses(self):
        def variable(name, type_name='int', weak=False):
            program = Program()
            program.add_var(name, getattr(program, type_name), weak)
            return program

        one = 'ffffffff81000000 D '
        for program, lines, verdict, cause in (
                (variable('_stext', 'void'), (one + '_stext',), 'bound', None),
                (variable('_stext', 'void'), (one + '_stext2', one + '_stex'), 'missing', 'absent'),
                (variable('_stext', 'void', True), (), 'zero', 'absent'),
                (variable('_stext', 'void'), (one + '_stext', '1 d _stext\t[mod]'), 'refused', 'ambiguous'),
                (variable('_stext', 'void'), (one + '_stext', one + '_stext'), 'bound', None),
                (variable('_stext', 'void'), ('1 d _stext.llvm.55',), 'bound', None),
                (variable('_stext', 'void'), ('1 D _stext.llvm.55',), 'missing', 'absent'),
                (variable('bpf_prog_active'), (one + 'bpf_prog_active',), 'bound', None),
                (variable('bpf_prog_active'), (), 'refused', 'no address'),
                (variable('bpf_prog_active'), ('1 d bpf_prog_active.llvm.55',), 'refused', 'no address'),
                (variable('gone', weak=True), (one + 'gone',), 'zero', 'absent'),
                (self.function(None, name='bpf_rcu_read_lock'), (), 'refused', 'no address')):
            with self.subTest(lines=lines, verdict=verdict):
                found = self.only(program, self.kallsyms(*lines))
                self.assertEqual((found['verdict'], found['cause']), (verdict, cause))

    def test_variable_at_several_addresses(self):
        program = Program()
        program.add_var('jiffies', program.int)
        self.assertEqual(self.lines(program, self.kallsyms('1 D jiffies', '2 D jiffies')),
                         ["jiffies: the kernel's symbol table has the name at several addresses, of which the kernel "
                          "takes the first"])
        # libbpf reads the symbol table for a typeless symbol, and then looks at all variables.
        program.add_var('gone', program.int, weak=True)
        program.add_var('_stext', program.void)
        self.assertEqual(self.lines(program, self.kallsyms('1 D jiffies', '2 D jiffies', '3 T _stext', '4 D gone')), [
            'gone: weak and in no BTF, but libbpf finds the name in /proc/kallsyms and binds it to type 0, which the '
            'verifier refuses',
            '  libbpf looks there only in objects with typeless symbols: declare this one so too, or none',
            "jiffies: the kernel's symbol table has the name at several addresses",
            '  libbpf looks only in objects with typeless symbols: declare all with their types'])

    def test_calls(self):
        for use, verdict, access in ((CALL, 'refused', 'no kfunc'), (LOAD, 'bound', None), (None, 'bound', None)):
            program = self.function(None, name='schedule', use=use)
            found = self.only(program)
            self.assertEqual((found['verdict'], found['cause'], found['calls'], found['loads']),
                             (verdict, access, int(use == CALL), int(use == LOAD)))
        self.assertEqual(self.lines(self.function(None, name='schedule')),
                         ['schedule: it is called, but is no kfunc: vmlinux tags those, and not this one',
                          '  only its address can be used'])

    def test_declarations(self):
        def no_btf(program):
            program.has_btf = False
            program.extern('x')

        def no_section(program):
            program.declare_var('x', program.int, section=None)
            program.extern('x')

        def other_section(program):
            program.declare_var('x', program.int, section='.mine')
            program.extern('x')

        def kconfig_function(program):
            program.declare_func('x', program.btf.proto(0), section='.kconfig')
            program.extern('x')

        def linkage(program):
            program.declare_var('x', program.int, linkage=GLOBAL)
            program.extern('x')

        for make, lines in (
                (no_btf, ['x: the object has no BTF', '  compile with -g']),
                (no_section, ['x: it is declared extern, but not as __ksym',
                              '  add __ksym to its declaration, or link the object that defines it (bpftool gen object)']),
                (other_section, ['x: it is declared in section .mine, where libbpf binds no such thing']),
                (kconfig_function, ['x: it is declared in section .kconfig, where libbpf binds no such thing']),
                (linkage, ["x: the object's BTF has it, but not as extern"])):
            with self.subTest(lines=lines):
                program = Program()
                make(program)
                self.assertEqual(self.lines(program), lines)
                self.assertIn(': does not fit: 1 ksym: 1 unusable\n', self.ask(program).out)

    def test_kconfig_is_none_of_ours(self):
        program = Program()
        program.declare_var('CONFIG_HZ', program.int, section='.kconfig')
        program.extern('CONFIG_HZ', use=LOAD)
        self.assertEqual(vars(self.ask(program)), {'code': 0, 'out': self.object + ': no ksyms\n', 'err': ''})

    def test_order_of_modules(self):
        program = Program()
        program.add_var('both', program.int)
        self.assertEqual(self.only(program)['verdict'], 'incompatible')
        self.files[1:] = reversed(self.files[1:])
        found = self.only(program)
        self.assertEqual((found['verdict'], found['target']['name'], found['others'][0]['name']),
                         ('bound', 'second', 'first'))

    def test_many_candidates(self):
        """Each is shared by all symbols that look for the name, and what is shown of them has an end."""
        kernel, program = BtfWriter(), Program()
        number, proto = kernel.int(), program.btf.proto(0)
        for _ in range(2000):
            kernel.add('FUNC', 'f', number)
        for i in range(300):
            program.add_func('f___%d' % i, proto)
        self.files = [self.write('kernel', kernel.build())]
        result = self.ask(program, '--json')
        self.assertEqual(result.code, 1)
        told = json.loads(result.out)['objects'][0]['ksyms']
        self.assertEqual({(one['candidates'], len(one['others'])) for one in told}, {(2000, 100)})
        self.assertIn('\nf___299: also kernel FUNC 3, kernel FUNC 4, kernel FUNC 5, kernel FUNC 6, kernel FUNC 7 and 1994 '
                      'more: the first counts, whatever its type\n', self.ask(program).out)

    def test_module_with_its_own_base(self):
        base = BtfWriter()
        base.struct('rq', 8)
        module = BtfWriter(base)
        module.add('VAR', 'mine', 1, 1)
        self.files[1] = self.write('own.ko', module_file(module.build(), distilled=base.build()))
        program = Program()
        program.add_var('mine', program.queue)
        found = self.only(program)
        self.assertEqual((found['verdict'], found['target']['type'], found['access']), ('bound', 'struct rq', 'struct'))

    def test_module_of_another_vmlinux(self):
        other = SmallKernel()
        other.vmlinux.struct('more', 4)
        module = BtfWriter(other.vmlinux)
        module.add('VAR', 'mine', other.queue, 1)
        module.add('VAR', 'far', other.vmlinux.num, 1)
        self.files[1:] = [self.write('far.ko', module_file(module.build()))]
        program = Program()
        program.add_var('runqueues', program.queue)
        note = 'type 29 VAR: string offset 224 does not exist, there are 223 bytes'
        result = self.ask(program)
        self.assertEqual((result.code, result.out.splitlines()[-1]),
                         (0, 'note: %s is no module of this vmlinux: %s' % (self.files[1], note)))
        self.assertEqual(json.loads(self.ask(program, '--json').out)['btf'][1]['misfit'], note)
        self.assertEqual(self.ask(program, '-q').out, '')
        self.files += self.files[1:] * 4
        self.assertEqual(self.ask(program).out.count(' is no module of this vmlinux: '), 3)
        self.assertEqual(self.ask(program).out.splitlines()[-1], 'note: and 2 more modules')
        program.add_var('nowhere', program.queue)
        self.assertIn(' is no module of this vmlinux: ', self.ask(program, '-q').out)

    def test_names_do_not_reach_the_terminal(self):
        program = Program()
        program.add_var('a\x1b[31m', program.int)
        result = self.ask(program)
        self.assertNotIn('\x1b', result.out)
        self.assertIn('a?[31m: there is no variable of that name\n', result.out)

    # Inputs that cannot be used.

    def refused(self, wanted, *args, code=3):
        result = run('ksyms', *args)
        self.assertEqual((result.code, result.out, result.err), (code, '', 'btfgen: %s\n' % wanted))

    def test_wrong_inputs(self):
        vmlinux, first = self.files[:2]
        good = self.write('good.o', many().build())
        host = self.write('host.o', Program(machine=EM_X86_64).build())
        raw = self.write('raw', SmallKernel().vmlinux.build())
        missing = self.path('missing')
        bad_lines = self.write('bad', b'1 T x\nffff\n')
        empty = self.write('empty', kernel_file())
        no_bpf = 'is no BPF object (clang -target bpf makes them)'
        self.refused("no input file; try 'btfgen ksyms --help'", code=2)
        self.refused("unknown option '--bft'; try 'btfgen ksyms --help'", '--bft=x', good, code=2)
        self.refused('%s: cannot open: No such file or directory' % missing, '--btf=' + vmlinux, missing)
        self.refused('%s: cannot open: No such file or directory' % missing, '--btf=' + missing, good)
        self.refused('%s: cannot open: No such file or directory' % missing, '--btf=' + vmlinux, '--kallsyms=' + missing, good)
        self.refused('%s: %s' % (host, no_bpf), '--btf=' + vmlinux, host)
        self.refused('%s: %s' % (raw, no_bpf), '--btf=' + vmlinux, raw)
        self.refused('%s: has no .BTF section' % empty, '--btf=' + empty, good)
        self.refused('%s: is the BTF of a module, that of vmlinux comes first' % first, '--btf=' + first, good)
        self.refused('%s: is not the BTF of a module' % raw, '--btf=' + vmlinux, '--btf=' + raw, good)
        self.refused('%s: line 2 is no ADDRESS TYPE NAME' % bad_lines, '--btf=' + vmlinux, '--kallsyms=' + bad_lines, good)

    def flip(self, rnd, data):
        data = bytearray(data)
        for _ in range(rnd.choice((1, 1, 2, 8))):
            at = rnd.randrange(len(data))
            data[at] = rnd.choice((0, 1, 0x7f, 0xff, data[at] ^ 1 << rnd.randrange(8)))
        return bytes(data)

    def test_damaged_files(self):
        """Whatever is changed, the end is in order: an answer or one line."""
        kernel = SmallKernel()
        parts = [kernel.vmlinux.build(), module_file(kernel.first.build()), many().build()]
        ends = set()
        for seed in range(250):
            rnd = random.Random(seed)
            damaged = rnd.choice((0, 1, 2, 2, 2))
            data = [self.flip(rnd, part) if i == damaged else part for i, part in enumerate(parts)]
            if rnd.random() < 0.1:
                data[damaged] = data[damaged][:rnd.randrange(len(data[damaged]))]
            paths = [self.write(name, part) for name, part in zip('abc', data)]
            result = run('ksyms', '--btf=' + paths[0], '--btf=' + paths[1], paths[2], *(['--json'] if seed % 2 else []))
            ends.add(result.code)
            self.assertIn(result.code, (0, 1, 3), 'seed %d: %s' % (seed, result.err))
            self.assertRegex(result.err, r'^(btfgen: .*\n)?$', seed)
            self.assertEqual(result.code == 3, result.err != '', seed)
            if seed % 2 and result.code != 3:
                json.loads(result.out)
        self.assertEqual(ends & {1, 3}, {1, 3})

    # Objects of the compiler.

    @unittest.skipUnless(shutil.which('clang'), 'no clang')
    def test_clang(self):
        source = self.write('p.c', b"""
            #define __ksym __attribute__((section(".ksyms")))
            #define __weak __attribute__((weak))
            struct rq { int cpu; };
            struct task_struct;
            extern const struct rq runqueues __ksym;
            extern const int jiffies __ksym __weak;
            extern const struct task_struct init_task __ksym;
            extern const void _stext __ksym;
            extern int CONFIG_HZ __attribute__((section(".kconfig")));
            extern void bpf_task_release(struct task_struct *task) __ksym;
            extern void schedule(void) __ksym;
            extern void never_used(void) __ksym;
            __attribute__((section("raw_tp/x"))) long prog(void *ctx)
            {
                schedule();
                bpf_task_release(ctx);
                bpf_task_release(ctx);
                return (long)&runqueues + (long)&jiffies + (long)&init_task + (long)&_stext + CONFIG_HZ;
            }
            """)
        for target in ('bpfel', 'bpfeb'):
            path = self.path('clang.o')
            subprocess.run(['clang', '-target', target, '-O2', '-g', '-c', source, '-o', path], check=True)
            files = self.files if target == 'bpfel' else self.kernel_files('big', SmallKernel(little=False))
            result = run('ksyms', '--json', *('--btf=' + file for file in files), path)
            told = json.loads(result.out)['objects'][0]
            self.assertEqual((result.code, told['big_endian']), (1, target == 'bpfeb'))
            self.assertEqual(
                [(one['name'], one['verdict'], one['cause'], one['calls'], one['loads']) for one in told['ksyms']],
                [('_stext', 'by address', None, 0, 1),
                 ('bpf_task_release', 'incompatible', 'type', 2, 0),
                 ('init_task', 'incompatible', 'type', 0, 1),
                 ('jiffies', 'bound', None, 0, 1),
                 ('runqueues', 'bound', None, 0, 1),
                 ('schedule', 'refused', 'no kfunc', 1, 0)])
            self.assertEqual([one['remedy'] for one in told['ksyms']][1:3],
                             ['define struct task_struct in the program; its members are not compared'] * 2)

    def test_running_kernel(self):
        program = Program()
        program.add_var('_stext', program.void)
        path = self.write('p.o', program.build())
        result = run('ksyms', path)
        if pathlib.Path('/sys/kernel/btf/vmlinux').exists():
            self.assertEqual((result.code, result.err), (0, ''))
            self.assertIn('fits: 1 ksym: 1 bound\n', result.out)
        else:
            self.assertEqual((result.code, result.err), (
                3, 'btfgen: /sys/kernel/btf/vmlinux: cannot open: No such file or directory\n'))

    @unittest.skipUnless(shutil.which('unshare'), 'no unshare')
    def test_running_modules(self):
        """/proc/modules has the module that was loaded last in front; files of our own stand in for the kernel's."""
        folder = self.path('btf')
        os.makedirs(folder)
        for source, name in zip(self.files, ('vmlinux', 'first', 'second')):
            shutil.copy(source, os.path.join(folder, name))
        program = Program()
        program.add_var('both', program.int)
        object_ = self.write('p.o', program.build())
        # What else the process needs of /proc, a sanitizer for instance, is the real one's.
        proc = self.path('proc')
        os.makedirs(os.path.join(proc, 'real'))
        os.symlink('real/self', os.path.join(proc, 'self'))
        self.write('proc/kallsyms', b'1 d both\t[first]\n')
        for order, verdict in ((('second', 'without_btf', 'first'), 'incompatible'), (('first', 'second'), 'bound')):
            self.write('proc/modules', ''.join('%s 16384 0 - Live 0x0\n' % name for name in order).encode())
            script = 'mount --bind "$1" /sys/kernel/btf && mount --bind /proc "$2/real" && ' \
                     'mount --rbind "$2" /proc || exit 77; shift 2; exec "$@"'
            done = subprocess.run(['unshare', '--mount', 'sh', '-c', script, 'sh', folder, proc, BTFGEN, 'ksyms',
                                   '--json', object_], capture_output=True, check=False)
            if done.returncode not in (0, 1, 3) or done.stderr.startswith(b'unshare: '):
                self.skipTest('nothing can be mounted over /sys/kernel/btf')
            told = json.loads(done.stdout)
            self.assertEqual([one['path'] for one in told['btf']],
                             ['/sys/kernel/btf/' + name
                              for name in ('vmlinux', *(name for name in reversed(order) if name != 'without_btf'))])
            self.assertEqual((told['kallsyms'], told['objects'][0]['ksyms'][0]['verdict']), ('/proc/kallsyms', verdict))


if __name__ == '__main__':
    main()
