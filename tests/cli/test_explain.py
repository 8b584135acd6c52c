# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
"""btfgen explain: exact text for every outcome, JSON for all of it, patterns, exit codes.

Run by CTest with the environment's BTFGEN, as tests/dwarf.
"""

import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'lib'))

# pylint: disable=wrong-import-position
from dwarfwriter import param  # noqa: E402
from encode import (ET_REL, PERCPU, PLAIN, STB_LOCAL, Sym, Unit, array, base, die, enum_,  # noqa: E402
                    function, fwd, main, member, proto, ptr, qual, run, struct_, typedef, union_, variable)
from functions import (EM_X86_64, TEXT, X86_64_REGS, FunctionTest, Ids, local, obj, reg,  # noqa: E402
                       sym, weak)

RDI, RSI, RDX = (reg(number) for number in X86_64_REGS[:3])
VARS = 0x500000


def types():
    return [base('int', 4), base('long', 8), base('char', 1, 'signed_char'), ptr(), ptr('int'),
            qual('const', 'char'), ptr('const char', id='str'),
            struct_('s', 4, member('a', 'int', 0)), ptr('struct s', id='ps'),
            typedef('s_t', 'struct s'), fwd('structure_type', 'gone', id='gone')]


def f_int(name, off, **kw):
    return function(name, param('a', 'int'), type='int', low_pc=TEXT + off, **kw)


def clone(name, off, *places):
    """A function and what the compiler made of it: int parameters p1, p2... at these places."""
    names = ['p%d' % (i + 1) for i in range(len(places))]
    return [function(name, [param(n, 'int', id='%s %s' % (name, n)) for n in names], type='int',
                     id='origin ' + name, inline=1, external=None),
            function(None, [die('formal_parameter', abstract_origin='%s %s' % (name, n),
                                location=place) for n, place in zip(names, places)],
                     abstract_origin='origin ' + name, external=None, low_pc=TEXT + off)]


UNITS = [
    Unit(types(), f_int('good', 0),
         function('pointers', param('s', 'str'), die('unspecified_parameters'), type='ptr void',
                  low_pc=TEXT + 0x10),
         f_int('twin', 0x20, external=None),
         f_int('torn', 0x40),
         clone('removed', 0x60, RDI, None),
         clone('moved', 0x80, RSI, RDI),
         function('unnamed', die('formal_parameter', type='int'), low_pc=TEXT + 0xa0),
         function('sizeless', param('a', 'int'), param('g', 'gone'), low_pc=TEXT + 0xc0),
         function('no_result', param('a', 'int'), type='gone', low_pc=TEXT + 0xe0),
         f_int('f$g', 0x100),
         clone('in_place', 0x120, RDI, RSI),
         function('long_one', [param('parameter_%d' % i, 'str') for i in range(5)],
                  type='gone', low_pc=TEXT + 0x1a0),
         function('starred', param('a', 'int'), type='ps', low_pc=TEXT + 0x1c0),
         function('inlined', param('a', 'int'), inline=1),
         variable('counter', 'int', VARS), variable('wide', 'long', VARS + 8),
         variable('local_var', 'int', VARS + 0x30, external=None),
         variable('unsized', 'int', VARS + 0x10), name='a.c'),
    Unit(types(), function('twin', param('p', 'ps'), type='int', low_pc=TEXT + 0x30,
                           external=None),
         function('torn', param('a', 'int'), param('count', 'long'), low_pc=TEXT + 0x40),
         function('starred', type='str', low_pc=TEXT + 0x1c0),
         f_int('good', -TEXT), name='b.c'),
    Unit(function('memcpy', low_pc=TEXT + 0x140), name='m.S', language='Mips_Assembler',
         producer='GNU AS 2.40'),
]

SYMBOLS = [sym('good', 0), weak('good_alias', 0), sym('pointers', 0x10), local('twin', 0x20),
           local('twin', 0x30), sym('torn', 0x40), local('removed.isra.0', 0x60),
           local('removed.isra.0.cold', 0x1f0),
           local('moved.constprop.0', 0x80), sym('unnamed', 0xa0), sym('sizeless', 0xc0),
           sym('no_result', 0xe0), sym('f$g', 0x100), local('in_place.isra.0', 0x120),
           sym('memcpy', 0x140), sym('nobody', 0x160), local('gone.part.0', 0x180),
           sym('long_one', 0x1a0), sym('starred', 0x1c0),
           obj('counter', 0, 4), obj('counter_alias', 0, 4), obj('wide', 8, 4),
           obj('unsized', 0x10, 0), obj('label', 0, 0), obj('unknown_var', 0x20, 8),
           obj('local_var', 0x30, 4, bind=STB_LOCAL)]

NOT_FOUND = """\
: not in the BTF: unknown
    The symbol table has no function or per-CPU variable of such a name.
    A function has no symbol if all its calls are inlined; other variables enter
    the BTF with --vars=all.
"""


class Explain(FunctionTest):
    def setUp(self):
        super().setUp()
        ids = Ids().set8('set', 'good', ('torn', 0)).one('removed')
        self.file = self.write('in.elf', self.image(PLAIN, UNITS, SYMBOLS, machine=EM_X86_64,
                                                    ids=ids, percpu=VARS))

    def explain(self, *args, code, options=()):
        result = run('explain', *options, self.file, *args)
        self.assertEqual((result.code, result.err), (code, ''), result.out)
        return result.out

    def json(self, *args, code, options=()):
        return json.loads(self.explain(*args, code=code, options=['--json', *options]))

    def answer(self, name, code=1, **kw):
        answers = self.json(name, code=code, **kw)['answers']
        self.assertEqual(len(answers), 1)
        return answers[0]

    def offsets(self, name):
        """Offsets of the entries of a name, in the order of the answer."""
        return [entry['offset'] for entry in self.answer(name)['entries']]

    def expect(self, name, text, code=1, **kw):
        """The text; %s in it stands for offsets of entries, which the encoding of DWARF decides."""
        if '%' in text:
            offsets = ['0x%x' % off for off in self.offsets(name)]
            text %= tuple(off.ljust(max(len(off) for off in offsets)) for off in offsets)
        self.assertEqual(self.explain(name, code=code, **kw), text)

    # What is in the BTF.

    def test_functions_in_the_btf(self):
        self.expect('good', 'good: function, in the BTF\n    int good(int a)\n', code=0)
        self.expect('pointers', 'pointers: function, in the BTF\n'
                    '    void *pointers(const char *s, ...)\n', code=0)
        self.expect('good_alias', 'good_alias: function, in the BTF\n    int good_alias(int a)\n',
                    code=0)

    def test_by_the_whole_name_of_a_symbol(self):
        for name in ('in_place', 'in_place.isra.0'):
            self.expect(name, 'in_place: function, in the BTF\n    int in_place(int p1, int p2)\n',
                        code=0)

    def test_variables_in_the_btf(self):
        self.expect('counter', 'counter: variable, in the BTF\n    int counter\n', code=0)

    # Functions that are not.

    def test_ambiguous(self):
        self.expect('twin', """\
twin: function, not in the BTF: ambiguous
    2 functions have this name: an attachment by name would reach one of them
    and not say which.
    Give the functions different names; a kprobe reaches each by address.
    symbols:
      .text  0x100020  16 bytes  local  twin
      .text  0x100030  16 bytes  local  twin
    debugging entries:
      a.c  %s  at 0x100020  prototype 1
      b.c  %s  at 0x100030  prototype 2
    prototypes:
     1  int twin(int a)
     2  int twin(struct s *p)
                 ^^^^^^^^^^^
""")

    def test_inconsistent(self):
        self.expect('torn', """\
torn: function, not in the BTF: inconsistent
    The debugging entries at its address disagree about its result or parameters
    (2 prototypes).
    It is a kfunc: resolve_btfids will complain.
    Make the prototypes agree; --features=-consistent_func writes the first.
    symbols:
      .text  0x100040  16 bytes  global  torn
    debugging entries:
      a.c  %s  at 0x100040  prototype 1
      b.c  %s  at 0x100040  prototype 2
    prototypes:
     1  int  torn(int a)
     2  void torn(int a, long count)
        ^^^^             ^^^^^^^^^^
""")
        self.expect('torn', 'torn: function, in the BTF\n    int torn(int a)\n', code=0,
                    options=['--features=-consistent_func'])

    def test_optimized(self):
        self.expect('removed', """\
removed: function, not in the BTF: optimized
    The compiler removed parameters or passes them in another form: parameter 2
    'p2' is nowhere.
    .BTF_ids asks for it: resolve_btfids will complain.
    --features=+true_signature writes what it really takes where that is known;
    a kfunc must be marked __bpf_kfunc in the source.
    symbols:
      .text  0x100060  16 bytes  local  removed.isra.0
      .text  0x1001f0  16 bytes  local  removed.isra.0.cold  (a part)
    debugging entries:
      a.c  %s  at 0x100060
      a.c  %s  not out of line
    prototype:
     1  int removed(int p1, int p2)
    parameters at the first instruction:
      1  int p1  in rdi
      2  int p2  nowhere  <- not passed
""")

    def test_moved(self):
        text = self.explain('moved', code=1)
        self.assertEqual(text.splitlines()[0], 'moved: function, not in the BTF: moved')
        self.assertEqual(text.split('first instruction:\n')[1], """\
      1  int p1  in rsi  <- not where it belongs
      2  int p2  in rdi  <- not where it belongs
""")

    def test_prototypes_that_return_pointers(self):
        text = self.explain('starred', code=1)
        self.assertEqual(text.split('prototypes:\n')[1], """\
     1  struct s *  starred(int a)
     2  const char *starred(void)
        ^^^^^^^^^^^^        ^^^^
""")

    def test_a_long_prototype_is_wrapped(self):
        text = self.explain('long_one', code=1)
        self.assertEqual(text.split('prototype:\n')[1], """\
     1  struct gone long_one(const char *parameter_0, const char *parameter_1,
                             const char *parameter_2, const char *parameter_3,
                             const char *parameter_4)
""")

    def test_true_signature(self):
        self.expect('removed', 'removed.isra.0: function, in the BTF\n'
                    '    int removed.isra.0(int p1)\n', code=0,
                    options=['--features=+true_signature'])

    def test_true_signature_of_a_part(self):
        options = ['--features=+true_signature']
        self.assertEqual(self.names('removed*', options=options),
                         [('removed*', 'removed', 'part'),
                          ('removed*', 'removed.isra.0', 'encoded')])
        self.assertEqual(self.names('removed.isra.0.cold', options=options),
                         [('removed.isra.0.cold', 'removed', 'part')])

    def test_renamed(self):
        text = self.explain('in_place', code=1, options=['--features=-optimized_func'])
        self.assertEqual(text.splitlines()[:4], [
            'in_place: function, not in the BTF: renamed',
            "    Its only symbol is the compiler's clone 'in_place.isra.0', and the feature",
            '    optimized_func is off.',
            '    Encode with --features=+optimized_func.'])

    def head(self, name):
        lines = self.explain(name, code=1).splitlines()
        return lines[0], ' '.join(line.strip() for line in lines[1:lines.index('    symbols:')])

    def test_other_reasons(self):
        for name, outcome, text in (
                ('unnamed', 'unnamed-parameter',
                 'The kernel refuses the prototype: parameter 1 has no name, or one that is no '
                 "identifier. Name the parameter in the function's definition."),
                ('sizeless', 'bad-type',
                 "The type of parameter 2 'g' has no size: it is declared but not defined. "
                 'Define the type where the function is defined.'),
                ('no_result', 'bad-type',
                 'The type of the result has no size: it is declared but not defined. '
                 'Define the type where the function is defined.'),
                ('f$g', 'bad-name', 'The kernel refuses the name: it is no identifier of C. '
                 'Attach with a kprobe.'),
                ('memcpy', 'assembler',
                 'It is written in assembler, whose debug information has no prototypes. Attach '
                 "with a kprobe; or encode with --asm-functions, which writes 'void f(void)' "
                 'whatever it takes.'),
                ('nobody', 'no-debug-info', 'No debugging entry describes a function at its '
                 'address. It may be assembler within a C file, as static calls and thunks are, or '
                 'in a language that is left out (--lang-exclude); else compile its file with -g.'),
                ('gone.part.0', 'part', 'Only parts of functions (.part, .cold) have this name, '
                 'and nobody calls those from their first instruction. Look for the function that '
                 'it is a part of.')):
            with self.subTest(name):
                shown = name.split('.')[0]
                self.assertEqual(self.head(name),
                                 ('%s: function, not in the BTF: %s' % (shown, outcome), text))

    def test_an_assemblers_entry_has_no_prototype(self):
        text = self.explain('memcpy', code=1)
        self.assertRegex(text, r'\n    debugging entries:\n      m.S  0x[0-9a-f]+  at 0x100140  '
                               r'assembler\n$')
        self.assertEqual([entry['prototype'] for entry in self.answer('memcpy')['entries']], [None])

    def test_asm_functions(self):
        self.expect('memcpy', 'memcpy: function, in the BTF\n    void memcpy(void)\n', code=0,
                    options=['--asm-functions'])

    def test_unknown_names(self):
        for name in ('inlined', 'no_such_name', 'goo', 'good.isra.0', 'x*', '\1'):
            self.assertEqual(self.explain(name, code=1), name.replace('\1', '?') + NOT_FOUND)
        text = self.explain('no_such', code=1, options=['--features=+global_var'])
        self.assertEqual(text, """\
no_such: not in the BTF: unknown
    The symbol table has no function or variable of such a name.
    A function has no symbol if all its calls are inlined.
""")

    # Variables that are not.

    def test_variables(self):
        for name, outcome, text in (
                ('wide', 'size-mismatch', "Its type has 8 bytes, more than the symbol's 4. One "
                 'symbol name may stand for two definitions: look at the entries.'),
                ('unsized', 'zero-size', 'Its symbol has no size. In assembler, .size and .type '
                 'give it one; symbols of linker scripts have none.'),
                ('label', 'zero-size', 'Its symbol has no size; the variable there is in the BTF '
                 "under the name 'counter'. In assembler, .size and .type give it one; symbols of "
                 'linker scripts have none.'),
                ('unknown_var', 'no-debug-info', 'No debugging entry describes a variable of its '
                 'name or size at its address. Compile its file with -g; variables of assembler '
                 'files have no entries.'),
                ('counter_alias', 'alias', "The variable is in the BTF under the name 'counter'.")):
            with self.subTest(name):
                self.assertEqual(self.head(name),
                                 ('%s: variable, not in the BTF: %s' % (name, outcome), text))
        self.expect('wide', """\
wide: variable, not in the BTF: size-mismatch
    Its type has 8 bytes, more than the symbol's 4.
    One symbol name may stand for two definitions: look at the entries.
    symbols:
      .data..percpu  0x500008  4 bytes  global  wide
    debugging entries:
      a.c  %s  at 0x500008  long, 8 bytes
""")

    # Patterns and several names.

    def names(self, *patterns, code=1, options=()):
        answers = self.json(*patterns, code=code, options=options)['answers']
        return [(a['pattern'], a['name'], a['outcome']) for a in answers]

    def test_patterns(self):
        self.assertEqual(self.names('good*', code=0),
                         [('good*', 'good', 'encoded'), ('good*', 'good_alias', 'encoded')])
        self.assertEqual(self.names('*.isra.0'),
                         [('*.isra.0', 'in_place', 'encoded'), ('*.isra.0', 'removed', 'optimized')])
        self.assertEqual(self.names('t[ow]*n'), [('t[ow]*n', 'torn', 'inconsistent'),
                                                 ('t[ow]*n', 'twin', 'ambiguous')])
        self.assertEqual(self.names('?wi?'), [('?wi?', 'twin', 'ambiguous')])
        # Functions by name, then variables by address.
        self.assertEqual(self.names('un*'), [('un*', 'unnamed', 'unnamed-parameter'),
                                             ('un*', 'unsized', 'zero-size'),
                                             ('un*', 'unknown_var', 'no-debug-info')])

    def test_everything(self):
        wanted = {'counter', 'counter_alias', 'f$g', 'gone', 'good', 'good_alias', 'in_place', 'label',
                  'local_var', 'long_one', 'memcpy', 'moved', 'no_result', 'nobody', 'pointers', 'removed',
                  'sizeless', 'starred', 'torn', 'twin', 'unknown_var', 'unnamed', 'unsized', 'wide'}
        self.assertEqual({name for _, name, _ in self.names('*')}, wanted)
        self.assertEqual({name for _, name, _ in self.names('*', options=['-j1'])}, wanted)

    def test_the_order_is_that_of_the_arguments(self):
        self.assertEqual([name for _, name, _ in self.names('pointers', 'counter', 'good', 'good',
                                                            code=0)],
                         ['pointers', 'counter', 'good', 'good'])
        self.assertEqual(self.explain('pointers', 'nothing', 'counter', code=1),
                         'pointers: function, in the BTF\n'
                         '    void *pointers(const char *s, ...)\n'
                         'nothing' + NOT_FOUND +
                         'counter: variable, in the BTF\n    int counter\n')

    def test_switched_off(self):
        self.assertEqual(self.names('good', options=['--no-functions']),
                         [('good', 'good', 'unknown')])
        self.assertEqual(self.names('counter', options=['--no-percpu']),
                         [('counter', 'counter', 'unknown')])

    # JSON.

    def test_json_of_all(self):
        told = self.json('good', 'counter', code=0)
        self.assertEqual({key: told[key] for key in ('format', 'input', 'all_in_btf')},
                         {'format': 1, 'input': self.file, 'all_in_btf': True})
        self.assertEqual(set(told), {'format', 'version', 'input', 'all_in_btf', 'answers'})
        self.assertFalse(self.json('good', 'twin', code=1)['all_in_btf'])

    def test_linkage(self):
        self.assertEqual([(self.answer(name, code=0)['text'], self.answer(name, code=0)['linkage'])
                          for name in ('counter', 'local_var', 'good', 'good_alias', 'in_place')],
                         [('int counter', 'global'), ('int local_var', 'static'),
                          ('int good(int a)', 'global'), ('int good_alias(int a)', 'global'),
                          ('int in_place(int p1, int p2)', 'static')])

    def test_json_of_a_function(self):
        answer = self.answer('removed')
        offsets = [entry.pop('offset') for entry in answer['entries']]
        self.assertGreater(offsets[0], offsets[1])
        self.assertEqual(answer, {
            'pattern': 'removed', 'name': 'removed', 'subject': 'function', 'in_btf': False,
            'outcome': 'optimized',
            'reason': 'The compiler removed parameters or passes them in another form: '
                      "parameter 2 'p2' is nowhere.",
            'advice': '--features=+true_signature writes what it really takes where that is '
                      'known; a kfunc must be marked __bpf_kfunc in the source.',
            'text': None, 'linkage': None, 'kfunc': False, 'btf_id': True, 'parameter': 2,
            'symbols': [{'name': 'removed.isra.0', 'section': '.text', 'section_offset': 0x60,
                         'address': TEXT + 0x60, 'size': 16, 'binding': 'local', 'part': False},
                        {'name': 'removed.isra.0.cold', 'section': '.text',
                         'section_offset': 0x1f0, 'address': TEXT + 0x1f0, 'size': 16,
                         'binding': 'local', 'part': True}],
            'entries': [
                {'unit': 'a.c', 'name': 'removed', 'out_of_line': True, 'at_symbol': True,
                 'taken': True, 'section': '.text', 'section_offset': 0x60,
                 'address': TEXT + 0x60, 'prototype': 0, 'places': ['in rdi', 'nowhere'],
                 'states': [None, 'not passed']},
                {'unit': 'a.c', 'name': 'removed', 'out_of_line': False, 'at_symbol': False,
                 'taken': False, 'prototype': 0, 'places': [], 'states': []}],
            'prototypes': [{'result': 'int', 'result_differs': False, 'parameters': [
                {'name': 'p1', 'type': 'int', 'differs': False},
                {'name': 'p2', 'type': 'int', 'differs': False}]}],
        })

    def test_json_of_prototypes(self):
        answer = self.answer('torn')
        self.assertEqual((answer['kfunc'], answer['btf_id'], answer['parameter']), (True, True, 0))
        self.assertEqual(answer['prototypes'], [
            {'result': 'int', 'result_differs': False,
             'parameters': [{'name': 'a', 'type': 'int', 'differs': False}]},
            {'result': 'void', 'result_differs': True,
             'parameters': [{'name': 'a', 'type': 'int', 'differs': False},
                            {'name': 'count', 'type': 'long', 'differs': True}]}])
        self.assertEqual([entry['prototype'] for entry in answer['entries']], [0, 1])

    def test_json_of_a_variable(self):
        answer = self.answer('wide')
        self.assertEqual((answer['subject'], answer['outcome']), ('variable', 'size-mismatch'))
        del answer['entries'][0]['offset']
        self.assertEqual(answer['entries'], [
            {'unit': 'a.c', 'name': 'wide', 'out_of_line': True, 'at_symbol': True, 'taken': False,
             'section': PERCPU, 'section_offset': 8, 'address': VARS + 8, 'type': 'long',
             'size': 8}])

    def test_json_members_are_the_documented_ones(self):
        with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..', 'docs',
                               'btfgen-explain.1'), encoding='ascii') as file:
            page = file.read().split('\n.SH JSON\n')[1].split('\n.SH ')[0]

        def members(value):
            if isinstance(value, list):
                return set().union(set(), *(members(item) for item in value))
            if not isinstance(value, dict):
                return set()
            return set(value) | set().union(set(), *(members(item) for item in value.values()))

        found = members(self.json('*', code=1))
        for name in sorted(found):
            with self.subTest(name):
                self.assertRegex(page, r'\b%s\b' % name)

    # Bad input.

    def test_errors(self):
        nowhere = self.path('nowhere')
        result = run('explain', nowhere, 'good')
        self.assertEqual((result.code, result.out, result.err),
                         (3, '', 'btfgen: %s: cannot open: No such file or directory\n' % nowhere))
        text = self.write('text', b'no ELF file')
        result = run('explain', '--json', text, 'good')
        self.assertEqual((result.code, result.out, result.err),
                         (3, '', 'btfgen: %s: not an ELF file\n' % text))

    def test_nothing_is_written(self):
        before = self.read('in.elf')
        self.explain('good', code=0)
        self.assertEqual(self.read('in.elf'), before)
        self.assertEqual(os.listdir(os.path.dirname(self.file)), ['in.elf'])


class Types(FunctionTest):
    """Declarations as C writes them."""

    def declared(self, target, *dies):
        tree = [types(), *dies, function('f', param('p', target), low_pc=TEXT)]
        path = self.write('in.elf', self.image(PLAIN, tree, [sym('f', 0)], machine=EM_X86_64))
        result = run('explain', path, 'f')
        self.assertEqual((result.code, result.err), (0, ''))
        line = result.out.splitlines()[1].strip()
        self.assertTrue(line.startswith('void f('), line)
        return line[len('void f('):].removesuffix(')')

    def test_types(self):
        callback = [proto('int', ('x', 'ps'), 'long', id='cb'), ptr('cb', id='pcb')]
        for target, dies, want in (
                ('int', [], 'int p'),
                ('ps', [], 'struct s *p'),
                ('s_t', [], 's_t p'),
                ('str', [], 'const char *p'),
                ('cp', [qual('const', 'ps', id='cp')], 'struct s *const p'),
                ('pp', [qual('const', 'ps', id='cp'), ptr('cp', id='pp')], 'struct s *const *p'),
                ('ptr void', [], 'void *p'),
                ('pa', [array('int', 4, 2, id='arr'), ptr('arr', id='pa')], 'int (*p)[4][2]'),
                ('pcb', callback, 'int (*p)(struct s *x, long)'),
                ('ppcb', callback + [ptr('pcb', id='ppcb')],
                 'int (**p)(struct s *x, long)'),
                ('pv', [proto(None, id='fv'), ptr('fv', id='pv')], 'void (*p)(void)'),
                ('pu', [union_(None, 4, member('i', 'int', 0), id='u'), ptr('u', id='pu')],
                 'union {...} *p'),
                ('pg', [ptr('gone', id='pg')], 'struct gone *p'),
                ('e', [enum_('e', 4, ('A', 0), id='e')], 'enum e p')):
            with self.subTest(want):
                self.assertEqual(self.declared(target, *dies), want)

    def test_long_texts_are_cut(self):
        long_name = 'n' * 500
        text = self.declared('d', struct_(long_name, 4, member('a', 'int', 0), id=long_name),
                             proto(None, *[('x%d' % i, long_name) for i in range(9)], id='fd'),
                             ptr('fd', id='d'))
        self.assertTrue(text.startswith('void (*p)(struct %s x0, struct ' % long_name), text)
        self.assertTrue(text.endswith('nnn...'), text)
        self.assertLess(len(text), 2048)

    def test_control_bytes_stay_in_their_line(self):
        tree = [types(), function('f', param('a', 'int'), type='int', low_pc=TEXT),
                Unit(types(), name='x')]
        units = [Unit(*tree[:2], name='a\n\x1b[2J.c'), tree[2]]
        path = self.write('in.elf', self.image(PLAIN, units, [local('f', 0), local('f', 16)],
                                               machine=EM_X86_64))
        result = run('explain', path, 'f')
        self.assertEqual(result.code, 1)
        self.assertIn('\n      a??[2J.c  0x', result.out)
        self.assertNotIn('\x1b', result.out)


class Alike(FunctionTest):
    def test_types_that_read_alike(self):
        def unit(name, size):
            return Unit(base('int', 4), base('long', 8), struct_('s', 8, member('a', size, 0)),
                        ptr('struct s', id='ps'),
                        function('f', param('p', 'ps'), type='int', low_pc=TEXT), name=name)

        path = self.write('in.elf', self.image(PLAIN, [unit('a.c', 'int'), unit('b.c', 'long')],
                                               [sym('f', 0)], machine=EM_X86_64))
        result = run('explain', path, 'f')
        self.assertEqual((result.code, result.err), (1, ''))
        self.assertEqual(result.out.split('prototypes:\n')[1], """\
     1  int f(struct s *p)
     2  int f(struct s *p)
              ^^^^^^^^^^^
    Types that are marked though they read alike have different definitions; the
    report lists them as double-type.
""")


class Renamed(FunctionTest):
    def test_entry_whose_symbol_has_another_name(self):
        path = self.write('in.elf', self.image(PLAIN, [types(), f_int('inner', 0)],
                                               [sym('prefix_inner', 0)], machine=EM_X86_64))
        result = run('explain', path, 'prefix_inner')
        self.assertEqual((result.code, result.out),
                         (0, 'prefix_inner: function, in the BTF\n    int prefix_inner(int a)\n'))
        result = run('explain', path, 'inner')
        self.assertEqual(result.code, 1)
        self.assertRegex(result.out, r"""^inner: function, not in the BTF: no-symbol
    The symbol table has no function of this name: its symbol was renamed or
    stripped, or all its calls are inlined.
    Ask for the name of the symbol at the address of the entries, if they have
    one.
    debugging entries:
      unit.c  0x[0-9a-f]+  at 0x100000
    prototype:
     1  int inner\(int a\)
$""")


class Relocatable(FunctionTest):
    def test_places_in_sections(self):
        def unit(name, section):
            return Unit(types(), function('f', param('a', 'int'), type='int', external=None,
                                          low_pc=Sym(section, 0x20)), name=name)

        data = self.image(PLAIN, [unit('a.c', '.text.f'), unit('b.c', '.text.g')],
                          [local('f', 0x20, section='.text.f'), local('f', 0x20, section='.text.g')],
                          machine=EM_X86_64, e_type=ET_REL, sections=('.text', '.text.f', '.text.g'))
        result = run('explain', self.write('in.o', data), 'f')
        self.assertEqual((result.code, result.err), (1, ''))
        self.assertRegex(result.out, r"""\n    symbols:
      .text.f  0x20  16 bytes  local  f
      .text.g  0x20  16 bytes  local  f
    debugging entries:
      a.c  0x[0-9a-f]+ +at .text.f\+0x20
      b.c  0x[0-9a-f]+ +at .text.g\+0x20
""")


class Missing(FunctionTest):
    """What encoding says of functions that .BTF_ids asks for."""

    def encode(self, *options, ids):
        path = self.write('in.elf', self.image(PLAIN, UNITS, SYMBOLS, machine=EM_X86_64, ids=ids,
                                               percpu=VARS))
        result = run('-o', self.path('out'), *options, path)
        self.assertEqual((result.code, result.out), (0, ''))
        return result.err.replace(path, 'FILE')

    def test_none_missing(self):
        self.assertEqual(self.encode(ids=Ids().set8('set', 'good').one('pointers')), '')
        # The configuration left it out.
        self.assertEqual(self.encode(ids=Ids().set8('set', 'good', 'not_there')), '')

    def test_missing(self):
        self.assertEqual(
            self.encode(ids=Ids().set8('set', 'good', 'torn')),
            'btfgen: FILE: .BTF_ids asks for 1 function that is not in the BTF: torn '
            "(inconsistent); 'btfgen explain FILE torn' tells why\n")
        ids = Ids().set8('set', 'good', 'torn').set('other', 'twin', 'removed', 'memcpy', 'nobody')
        self.assertEqual(
            self.encode(ids=ids),
            'btfgen: FILE: .BTF_ids asks for 5 functions that are not in the BTF: twin (ambiguous), '
            'torn (inconsistent), removed (optimized) and 2 more; '
            "'btfgen explain FILE twin' tells why\n")
        self.assertEqual(self.encode('-q', ids=ids), '')
        self.assertEqual(self.encode('--asm-functions', '--features=-consistent_func',
                                     ids=Ids().set8('set', 'torn', 'memcpy')), '')

    def test_report(self):
        ids = Ids().set8('set', 'good', 'torn').one('memcpy').one('not_there')
        path = self.write('in.elf', self.image(PLAIN, UNITS, SYMBOLS, machine=EM_X86_64, ids=ids,
                                               percpu=VARS))
        result = run('--report=json', '-q', '-o', self.path('out'), path)
        self.assertEqual((result.code, result.err), (0, ''))
        report = json.loads(result.out)
        functions = report['functions']
        outcomes = {name: num for name, num in functions['outcomes'].items() if num}
        self.assertEqual(outcomes, {'encoded': 4, 'no-debug-info': 1, 'assembler': 1, 'part': 1,
                                    'ambiguous': 1, 'inconsistent': 2, 'optimized': 1, 'moved': 1,
                                    'unnamed-parameter': 1, 'bad-type': 3, 'bad-name': 1})
        self.assertEqual((functions['wanted'], functions['asm'], functions['names'],
                          functions['aliases'], functions['btf_ids'],
                          functions['btf_ids_missing']), (True, False, 17, 1, 4, 2))
        items = report['diagnostics']['items']
        self.assertEqual([(item['name'], item['reason'], item['offset']) for item in items
                          if item['kind'] == 'btf-id-missing'],
                         [('torn', 'inconsistent', TEXT + 0x40), ('memcpy', 'assembler',
                                                                  TEXT + 0x140)])
        skipped = {item['name']: item['reason'] for item in items
                   if item['kind'] == 'function-skipped'}
        self.assertEqual(skipped['sizeless'], 'bad-type')
        self.assertEqual(len(skipped), 12)

    def test_text_report(self):
        text = self.encode('-v', ids=Ids().set8('set', 'good', 'torn'))
        self.assertIn('\nfunctions  17 names, 4 encoded, 1 no-debug-info, 1 assembler, 1 part, '
                      '1 ambiguous, 2 inconsistent, 1 optimized, 1 moved, 1 unnamed-parameter, '
                      '3 bad-type, 1 bad-name\n'
                      '           2 of them in .BTF_ids, 1 of these missing\n', text)
        self.assertIn('\n             bad-type: sizeless, no_result, long_one\n', text)
        self.assertTrue(text.endswith("'btfgen explain FILE torn' tells why\n"))


if __name__ == '__main__':
    main()
