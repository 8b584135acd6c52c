# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
"""What is left out or degraded is counted, with its reason and its place."""

import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'lib'))

# pylint: disable=wrong-import-position,wildcard-import,unused-wildcard-import
from encode import *  # noqa: E402,F403
from encode import build_dwarf, main  # noqa: E402

INT_T = base('int', 4)
LONG_T = base('long', 8)
AT = 0x80000


class Report(EncodeTest):
    def report(self, content, symbols=(), case=PLAIN):
        """The parsed report, and the DWARF that was read."""
        dwarf = build_dwarf(content, case)
        path = self.write('in.elf', self.elf(case, dwarf, percpu=AT, symbols=symbols).build())
        result = run('--report=json', '-o', self.path('out.btf'), path)
        self.assertEqual((result.code, result.err), (0, ''))
        return json.loads(result.out), dwarf

    def items(self, report, kind):
        return [item for item in report['diagnostics']['items'] if item['kind'] == kind]

    def test_nothing_to_tell(self):
        report, _ = self.report([INT_T, ptr('int'), struct_('s', 4, member('a', 'int', 0))])
        self.assertEqual(report['result'], 'written')
        self.assertEqual(report['diagnostics']['total'], 0)
        self.assertEqual(report['types']['by_kind'], {'INT': 1, 'PTR': 1, 'STRUCT': 1})
        self.assertEqual(report['types']['written'], 3)

    def test_degraded_types(self):
        tree = [INT_T,
                die('reference_type', id='r', type='int', byte_size=8),
                die('rvalue_reference_type', id='rr', type='int', byte_size=8),
                die('class_type', id='c', name='c', byte_size=4),
                die('ptr_to_member_type', id='pm', type='int', containing_type='c', byte_size=8),
                qual('atomic', 'int', id='at'),
                base('complex double', 16, 'complex_float', id='cd'),
                base('float80', 10, 'float', id='f80'),
                die('string_type', id='st', byte_size=12),
                die('set_type', id='se', type='int', byte_size=4)]
        report, dwarf = self.report(tree)
        got = {(item['offset'], item['value']) for item in self.items(report, 'degraded-type')}
        tags = {'r': 0x10, 'rr': 0x42, 'pm': 0x1f, 'at': 0x47, 'cd': 0x24, 'f80': 0x24, 'st': 0x12,
                'se': 0x20}
        self.assertEqual(got, {(dwarf.offsets[key], tag) for key, tag in tags.items()})
        self.assertEqual(report['diagnostics']['by_kind']['degraded-type'], len(tags))

    def test_place_of_a_degraded_type(self):
        report, dwarf = self.report([Unit(base('int', 4), name='a.c'),
                                     Unit(base('cf', 8, 'complex_float'), name='b.c')])
        self.assertEqual(self.items(report, 'degraded-type'),
                         [{'kind': 'degraded-type', 'name': 'cf', 'unit': 'b.c',
                           'offset': dwarf.offsets['cf'], 'value': 0x24}])

    def test_unknown_tag(self):
        report, dwarf = self.report([INT_T, die(0x5123, id='odd', name='odd')])
        self.assertEqual([(i['offset'], i['value']) for i in self.items(report, 'unknown-tag')],
                         [(dwarf.offsets['odd'], 0x5123)])

    def test_bad_names(self):
        report, _ = self.report([INT_T, struct_('not a name', 4, member('x y', 'int', 0))])
        self.assertEqual(sorted(i['name'] for i in self.items(report, 'bad-name')),
                         ['not a name', 'x y'])

    def test_variable_outcomes(self):
        array4 = array('int', 4, id='a4')
        tree = [INT_T, LONG_T, array4, struct_('empty', 0),
                variable('fine', 'int', AT + 8), variable('whole', 'a4', AT + 0x10),
                variable('part', 'int', AT + 0x14), variable('nosize', 'struct empty', AT + 0x30),
                variable('untyped', None, AT + 0x40), variable('toolarge', 'long', AT + 0x50),
                variable('__UNIQUE_ID_x', 'int', AT + 0x60), variable('bad$name', 'int', AT + 0x70)]
        symbols = [('fine', 8, 4), ('also_fine', 8, 4), ('whole', 0x10, 16), ('part', 0x14, 4),
                   ('nosize', 0x30, 0), ('untyped', 0x40, 4), ('toolarge', 0x50, 4),
                   ('__UNIQUE_ID_x', 0x60, 4), ('bad$name', 0x70, 4), ('nodie', 0x80, 4),
                   ('nodie2', 0x90, 4)]
        report, _ = self.report(tree, symbols)
        sections = report['variables']['sections']
        self.assertEqual([s['name'] for s in sections], [PERCPU])
        self.assertEqual(sections[0]['symbols'], len(symbols))
        want = {'encoded': 2, 'alias': 1, 'zero-size': 1, 'no-debug-info': 2, 'void-type': 1,
                'size-mismatch': 1, 'overlap': 1, 'generated-name': 1, 'bad-name': 1}
        self.assertEqual({k: v for k, v in sections[0]['outcomes'].items() if v}, want)
        self.assertEqual(sum(want.values()), len(symbols))
        skipped = {(i['name'], i['offset'], i['reason'])
                   for i in self.items(report, 'variable-skipped')}
        self.assertLessEqual({('part', AT + 0x14, 'overlap'), ('nodie', AT + 0x80, 'no-debug-info'),
                              ('toolarge', AT + 0x50, 'size-mismatch'),
                              ('untyped', AT + 0x40, 'void-type'),
                              ('bad$name', AT + 0x70, 'bad-name')}, skipped)

    def test_doubles_and_forwards(self):
        units = [Unit(base('int', 4), struct_('s', 4 * n, member('m', 'int', 0)), name='%d.c' % n)
                 for n in (1, 2)]
        units.append(Unit(fwd('structure_type', 's', id='f'), ptr('f', id='p'),
                          struct_('user', 8, member('p', 'p', 0)), name='c.c'))
        report, _ = self.report(units)
        self.assertEqual([(i['name'], i['value']) for i in self.items(report, 'double-type')],
                         [('s', 2)])
        btf = Btf(self.read('out.btf'))
        left = [i['name'] for i in self.items(report, 'forward-left')]
        self.assertEqual(left, [t.name for t in btf.types if t.kind == 'FWD'])

    def test_failure(self):
        path = self.write('in.elf', b'nothing')
        result = run('--report=json', '-o', self.path('out.btf'), path)
        self.assertEqual(result.code, 3)
        report = json.loads(result.out)
        self.assertEqual((report['result'], report['error']['code'], report['error']['exit_code']),
                         ('failed', 'input', 3))
        self.assertEqual(result.err, 'btfgen: %s\n' % report['error']['text'])


if __name__ == '__main__':
    main()
