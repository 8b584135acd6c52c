# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
"""Each feature of --features, on and off, by what it does to one file.

How a LIST is read is the business of tests/cli/features.sh.
"""

import os
import re
import sys
from collections import Counter

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'lib'))

# pylint: disable=wrong-import-position,wildcard-import,unused-wildcard-import
from encode import *  # noqa: E402,F403
from encode import PLAIN, main  # noqa: E402
from dwarfwriter import param  # noqa: E402
from functions import *  # noqa: E402,F403
from functions import (DATA, KF_ARENA_ARG1, KF_FASTCALL, TEXT, X86, X86_64_REGS,  # noqa: E402
                       FunctionTest, Ids, local, obj, reg, sym)

RDI, RSI = (reg(number) for number in X86_64_REGS[:2])
PERCPU_AT = 0x80000
NAMES = ('encode_force var float decl_tag type_tag enum64 optimized_func consistent_func '
         'decl_tag_kfuncs reproducible_build distilled_base global_var attributes true_signature '
         'layout').split()
DEFAULT = NAMES[:9]
F_INT = 'PROTO(a int)->int linkage %d'


def copy(name, params, address):
    """An abstract instance with int parameters a, b and its copy."""
    return [function(name, [param(n, 'int', id='%s %s' % (name, n)) for n in 'ab'], type='int',
                     id=name, inline=1, external=None),
            function(None, [die('formal_parameter', abstract_origin='%s %s' % (name, n),
                                location=location) for n, location in params],
                     abstract_origin=name, external=None, low_pc=address)]


def units():
    return [
        Unit(base('int', 4), base('double', 8, 'float'), ptr('int'),
             enum_('wide', 8, ('LOW', 1), ('HIGH', 0x100000002)),
             struct_('s', 4, member('a', 'int', 0),
                     die('LLVM_annotation', name='btf_decl_tag', const_value='decl')),
             die('pointer_type', die('LLVM_annotation', name='btf_type_tag', const_value='user'),
                 id='tagged', type='int'), typedef('t', 'tagged'),
             variable('v', 'int', PERCPU_AT + 8), variable('g', 'int', DATA + 16),
             function('differs', param('a', 'int'), type='int', low_pc=TEXT),
             function('kfunc', param('p', 'ptr int'), low_pc=TEXT + 16),
             copy('whole', [('a', RDI), ('b', RSI)], TEXT + 32),
             copy('less', [('a', RDI), ('b', None)], TEXT + 48), name='a.c'),
        Unit(base('int', 4), function('differs', type='int', low_pc=TEXT), name='b.c')]


SYMBOLS = [sym('differs', 0), sym('kfunc', 16), local('whole.isra.0', 32),
           local('less.isra.0', 48), obj('v', 8, 4), obj('g', 16, 4, '.data')]


class Features(FunctionTest):
    def encoded(self, features=None, case=PLAIN, header_len=24):
        """Counter of (kind, name, content) of all types."""
        options = [] if features is None else ['--features=' + features]
        btf, report = self.encode_functions(
            case, units(), SYMBOLS, *options, percpu=PERCPU_AT, header_len=header_len,
            ids=Ids().set8('list', ('kfunc', KF_FASTCALL | KF_ARENA_ARG1)))
        if features is None:
            self.assertEqual(report['features'], DEFAULT)
        return btf.everything() + Counter({('TAG', name, '%s#%d' % (target, component)): 1
                                           for target, component, name in btf.tags()}), btf

    def differ(self, name, gone, new, start=None):
        """What is there without the feature and not with it, and the other way round; on top of
        the default set, and of start."""
        for case in X86:
            for features in [DEFAULT] + ([start] if start else []):
                rest = [other for other in features if other != name]
                off, _ = self.encoded(','.join(rest) or 'none', case)
                on, _ = self.encoded(','.join(rest + [name]), case)
                self.assertEqual(plain(off - on), gone, str(case))
                self.assertEqual(plain(on - off), new, str(case))

    def test_default(self):
        default, _ = self.encoded()
        self.assertEqual(default, self.encoded(','.join(DEFAULT))[0])
        self.assertEqual(default, self.encoded('default')[0])

    def test_none(self):
        counts, btf = self.encoded('none')
        kinds = {t.kind for t in btf.types[1:]}
        self.assertEqual(kinds, {'INT', 'PTR', 'ENUM', 'STRUCT', 'TYPEDEF', 'FUNC', 'FUNC_PROTO'})
        self.assertEqual(set(btf.functions()), {'differs', 'kfunc'})
        self.assertEqual(sum(counts.values()), len(btf) - 1)

    def test_var(self):
        self.differ('var', set(), {('VAR', 'v', 'int linkage 1'),
                                   ('DATASEC', '.data..percpu', '4096{v@8+4}')})

    def test_global_var(self):
        self.differ('global_var', set(), {('VAR', 'g', 'int linkage 1'),
                                          ('DATASEC', '.data', '256{g@16+4}')})

    def test_float(self):
        self.differ('float', {('INT', 'double', '8 enc 0 bits 64')}, {('FLOAT', 'double', '8')},
                    start=['enum64'])

    def test_enum64(self):
        self.differ('enum64', {('ENUM', 'wide', '8{LOW=1, HIGH=2}')},
                    {('ENUM64', 'wide', '8{LOW=1, HIGH=4294967298}')}, start=['float'])

    def test_decl_tag(self):
        self.differ('decl_tag', set(), {('TAG', 'decl', 'struct s#-1'),
                                        ('TAG', 'bpf_kfunc', 'func kfunc#-1'),
                                        ('TAG', 'bpf_fastcall', 'func kfunc#-1')})

    def test_decl_tag_kfuncs(self):
        self.differ('decl_tag_kfuncs', set(), {('TAG', 'bpf_kfunc', 'func kfunc#-1'),
                                               ('TAG', 'bpf_fastcall', 'func kfunc#-1')},
                    start=['decl_tag', 'var'])

    def test_type_tag(self):
        self.differ('type_tag', {('TYPEDEF', 't', 'PTR(int)')},
                    {('TYPEDEF', 't', 'PTR(TAG(user,int))'), ('PTR', '', 'TAG(user,int)'),
                     ('TYPE_TAG', 'user', 'int')}, start=['float'])

    def test_optimized_func(self):
        self.differ('optimized_func', set(), {
            ('FUNC', 'whole', 'PROTO(a int, b int)->int linkage 0'),
            ('FUNC_PROTO', '', 'PROTO(a int, b int)->int')},
                    start=['var'])

    def test_consistent_func(self):
        self.differ('consistent_func', {('FUNC', 'differs', F_INT % 1),
                                        ('FUNC_PROTO', '', 'PROTO(a int)->int')}, set(),
                    start=['var'])

    def test_attributes(self):
        arena = 'PTR(ATTR(address_space(1),int))'
        self.differ('attributes', {('FUNC', 'kfunc', 'PROTO(p PTR(int))->void linkage 1'),
                                   ('FUNC_PROTO', '', 'PROTO(p PTR(int))->void')},
                    {('FUNC', 'kfunc', 'PROTO(p %s)->void linkage 1' % arena),
                     ('FUNC_PROTO', '', 'PROTO(p %s)->void' % arena), ('PTR', '', arena[4:-1]),
                     ('TYPE_TAG', 'address_space(1)', 'int')})

    def test_true_signature(self):
        """Renamed functions have their whole names, changed or not."""
        whole = 'PROTO(a int, b int)->int linkage 0'
        self.differ('true_signature', {('FUNC', 'whole', whole)},
                    {('FUNC', 'whole.isra.0', whole), ('FUNC', 'less.isra.0', F_INT % 0),
                     ('FUNC_PROTO', '', 'PROTO(a int)->int')})

    def test_reproducible_build(self):
        self.differ('reproducible_build', set(), set())
        self.assertEqual(self.encoded('+reproducible_build')[1].data, self.encoded()[1].data)

    def test_layout(self):
        for case in X86 + [Case(Encoding(little=False))]:
            without, plain_btf = self.encoded('default', case)
            with_it, btf = self.encoded('+layout', case, header_len=32)
            self.assertEqual((plain_btf.hdr_len, btf.hdr_len, len(btf.layout)), (24, 32, 20))
            self.assertEqual(with_it, without)

    def test_distilled_base(self):
        path = self.write('in.elf', self.image(PLAIN, units(), SYMBOLS, percpu=PERCPU_AT))
        result = run('--features=+distilled_base', '-o', self.path('out.btf'), path)
        self.assertEqual((result.code, result.out), (2, ''))
        self.assertEqual(result.err, "btfgen: a distilled base needs a base to be distilled from "
                         "(--base); try 'btfgen encode --help'\n")
        self.assertFalse(os.path.exists(self.path('out.btf')))

    def test_encode_force(self):
        for name, target, what in (('odd$name', 'int', 'name'), ('untyped', None, 'type')):
            tree = [base('int', 4), variable('fine', 'int', PERCPU_AT + 8),
                    variable(name, target, PERCPU_AT + 16)]
            data = self.image(PLAIN, tree, [obj('fine', 8, 4), obj(name, 16, 4)],
                              percpu=PERCPU_AT)
            btf, _ = self.encode_report(data)
            self.assertEqual([t.name for t in btf.types if t.kind == 'VAR'], ['fine'])
            path = self.write('in.elf', data)
            os.unlink(self.path('out.btf'))
            result = run('--features=-encode_force', '-o', self.path('out.btf'), path)
            self.assertEqual((result.code, result.out), (3, ''), what)
            self.assertRegex(result.err, r"\Abtfgen: [^\n]*%s[^\n]*\n\Z" % re.escape(name))
            self.assertFalse(os.path.exists(self.path('out.btf')))
            # Without a variable in the way it makes no difference.
            good = self.image(PLAIN, tree[:2], [obj('fine', 8, 4)], percpu=PERCPU_AT)
            self.assertEqual(self.encode_report(good)[0].data,
                             self.encode_report(good, '--features=-encode_force')[0].data)

    def test_all_together(self):
        """All that are on by default or not, at once."""
        names = [name for name in NAMES if name != 'distilled_base']
        _, btf = self.encoded(','.join(names), header_len=32)
        self.assertLessEqual({'kfunc', 'less.isra.0'}, set(btf.functions()))
        self.assertNotIn('differs', btf.functions())

    def test_no_functions(self):
        """--no-functions is no feature: the same features, without FUNC records and their tags."""
        data = self.image(PLAIN, units(), SYMBOLS, percpu=PERCPU_AT,
                          ids=Ids().set8('list', 'kfunc'))
        btf, report = self.encode_report(data, '--no-functions')
        self.assertEqual(set(report['features']), set(DEFAULT))
        self.assertEqual(set(btf.tags()), {('struct s', -1, 'decl')})
        self.assertEqual(btf.functions(), {})


def plain(counter):
    """Types as a set, without the DECL_TAG records, which TAG says better."""
    return {entry for entry in counter if entry[0] != 'DECL_TAG'}


if __name__ == '__main__':
    main()
