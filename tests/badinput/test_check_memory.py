# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
"""No memory while bases are opened and modules are checked: each single allocation fails in turn.

The run ends with the one line, or with the whole answer. ALLOC is fail_alloc.c as a shared library.
"""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'lib'))

# pylint: disable=wrong-import-position
from btfwriter import BtfWriter, kernel_file, module_file  # noqa: E402
from encode import EncodeTest, main, run  # noqa: E402

ALLOC = os.environ['ALLOC']

# Runs in a row that nothing of happened to: the allocations have all been tried.
ENOUGH = 8


class Memory(EncodeTest):
    def setUp(self):
        super().setUp()
        base = BtfWriter()
        number = base.int()
        node = base.struct('node', 16, ('next', base.num + 2, 0), ('value', number, 64))
        base.ptr(node)
        small = BtfWriter()
        small.int()
        small.struct('node', 16)
        over_small = BtfWriter(small)
        over_small.struct('mine', 16, ('node', 2, 0))
        layer = BtfWriter(base)
        layer.typedef('node_t', node)
        split = BtfWriter(layer)
        split.struct('mine', 16, ('node', node, 0))
        split.ptr(99)
        self.base = self.write('vmlinux', kernel_file(base.build(), release='6.1.0', build_id=bytes(20)))
        self.layer = self.write('layer', layer.build())
        self.split = self.write('m.ko', module_file(split.build(), release='6.2.0'))
        # Violations, warnings, and fields of BPF with a head and its tag.
        broken = BtfWriter()
        number = broken.int()
        broken.ptr(99)
        broken.ptr(99)
        broken.typedef('9', number)
        broken.struct('node', 16, ('next', 77, 0), ('value', number, 200))
        broken.add('FWD', 'node', 0)
        broken.add('DECL_TAG', 'tag', 5, 1)
        broken.add('DECL_TAG', 'tag', 5, 1)
        program = BtfWriter()
        long = program.int('long', 8)
        lock = program.struct('bpf_spin_lock', 4, ('val', program.int(), 0))
        head = program.struct('bpf_list_head', 16, ('a', long, 0), ('b', long, 64))
        node = program.struct('bpf_list_node', 24, ('a', long, 0), ('b', long, 64), ('c', long, 128))
        program.struct('value', 24, ('node', node, 0))
        owner = program.struct('owner', 24, ('head', head, 0), ('lock', lock, 128))
        program.add('DECL_TAG', 'contains:value:node', owner, 0)
        self.broken = self.write('broken', broken.build())
        self.program = self.write('program', kernel_file(program.build(), machine=247))
        self.distilled = self.write('d.ko', module_file(over_small.build(), distilled=small.build()))

    def fail_each(self, *args):
        good = run('check', *args)
        self.assertIn(good.code, (0, 1, 3))
        failed = quiet = 0
        at = 1
        while quiet < ENOUGH:
            result = run('check', *args, env=dict(os.environ, LD_PRELOAD=ALLOC, FAIL_ALLOC=str(at)))
            if result.code == 5:
                self.assertEqual(result.err, 'btfgen: out of memory\n', at)
                failed += 1
                quiet = 0
            else:
                self.assertEqual((result.code, result.out), (good.code, good.out), at)
                # An error may have lost its place, but not what it says.
                self.assertTrue(result.err.startswith('btfgen: ') == good.err.startswith('btfgen: '), at)
                self.assertEqual(result.err[-30:], good.err[-30:], at)
                quiet = quiet + 1 if result.err == good.err else 0
            at += 1
        return failed

    def test_base_and_modules(self):
        failed = self.fail_each('--base=' + self.base, '--base=' + self.layer, self.split, self.distilled)
        self.assertGreater(failed, 30)

    def test_alone(self):
        self.assertGreater(self.fail_each(self.base, self.distilled), 10)

    def test_rules(self):
        self.assertGreater(self.fail_each(self.broken), 30)
        self.assertGreater(self.fail_each('--json', self.broken), 30)
        self.assertGreater(self.fail_each(self.program), 20)
        self.assertEqual(run('check', self.program).out.splitlines()[0], '%s: good' % self.program)
        self.assertGreater(self.fail_each('--target=6.12', '--base=' + self.base, '--base=' + self.layer, self.split,
                                          self.distilled), 40)

    def test_refused(self):
        self.assertGreater(self.fail_each('--base=' + self.layer, self.split), 5)


if __name__ == '__main__':
    main()
