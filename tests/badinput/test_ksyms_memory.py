# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
"""No memory while the symbols of a BPF program are looked for: each single allocation fails in turn.

The run ends with the one line, or with the whole answer. ALLOC is fail_alloc.c as a shared library.
"""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'lib'))

# pylint: disable=wrong-import-position
from btfwriter import kernel_file, module_file  # noqa: E402
from encode import EncodeTest, main, run  # noqa: E402
from ksyms import Program, SmallKernel  # noqa: E402

ALLOC = os.environ['ALLOC']

# Runs in a row that nothing of happened to: the allocations have all been tried.
ENOUGH = 8


class Memory(EncodeTest):
    def setUp(self):
        super().setUp()
        kernel, program = SmallKernel(), Program()
        program.add_var('runqueues', program.queue)
        program.add_var('both', program.int)
        program.add_var('_stext', program.void)
        program.add_func('shared___v2', program.btf.proto(0, ('v', program.int)))
        self.args = ['ksyms', '--btf=' + self.write('vmlinux', kernel_file(kernel.vmlinux.build())),
                     '--btf=' + self.write('first.ko', module_file(kernel.first.build())),
                     '--btf=' + self.write('second', kernel.second.build()),
                     '--kallsyms=' + self.write('kallsyms', b'1 D runqueues\n2 T _stext\n3 d both.llvm.1\n'),
                     self.write('p.o', program.build())]

    def fail_each(self, *args):
        good = run(*args)
        self.assertEqual((good.code, good.err), (1, ''))
        failed = quiet = 0
        at = 1
        while quiet < ENOUGH:
            result = run(*args, env=dict(os.environ, LD_PRELOAD=ALLOC, FAIL_ALLOC=str(at)))
            if result.code == 5:
                self.assertEqual(result.err, 'btfgen: out of memory\n', at)
                failed += 1
                quiet = 0
            else:
                self.assertEqual((result.code, result.out, result.err), (1, good.out, ''), at)
                quiet += 1
            at += 1
        return failed

    def test_text(self):
        self.assertGreater(self.fail_each(*self.args), 40)

    def test_json(self):
        self.assertGreater(self.fail_each(*self.args, '--json'), 30)


if __name__ == '__main__':
    main()
