# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
"""No memory while files and folders are compared: each single allocation fails in turn.

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


def sample(new):
    btf = BtfWriter()
    number = btf.int()
    inner = btf.struct('', 8, ('new' if new else 'old', number, 0), ('b', number, 32))
    node = btf.struct('node', 24, ('next', btf.num + 2, 0), ('in', inner, 64 + 64 * new))
    pointer = btf.ptr(node)
    for size in (4, 8, 12):
        btf.struct('same_name', size + new, ('m%d' % size, number, 0), ('n', number, 0))
    func = btf.func('run', btf.proto(number, ('first', pointer), *[('second', number)] * new))
    btf.add('DECL_TAG', 'kfunc' if new else 'other', func, 0xffffffff)
    btf.add('ENUM', '', 4, btf.name('ONE'), 1, btf.name('TWO'), 2 + new, vlen=2)
    var = btf.add('VAR', 'counter', number, 1)
    btf.add('DATASEC', '.data', 8, var, 4 * new, 4, vlen=1)
    btf.typedef('came' if new else 'went', pointer)
    return btf


class Memory(EncodeTest):
    def setUp(self):
        super().setUp()
        self.files = [self.write(name, sample(name == 'new').build()) for name in ('old', 'new')]
        self.folders = []
        for name in ('a', 'b'):
            base = sample(name == 'b')
            module = BtfWriter(base)
            module.typedef('t', 1 if name == 'a' else 2)
            os.mkdir(os.path.join(os.path.dirname(self.files[0]), name))
            self.write(name + '/vmlinux', kernel_file(base.build(), release='6.1.0'))
            self.write(name + '/m.ko', module_file(module.build(), release='6.1.0'))
            self.folders.append(os.path.join(os.path.dirname(self.files[0]), name))

    def fail_each(self, *args):
        good = run('diff', *args)
        self.assertEqual(good.code, 1)
        failed = quiet = 0
        at = 1
        while quiet < ENOUGH:
            result = run('diff', *args, env=dict(os.environ, LD_PRELOAD=ALLOC, FAIL_ALLOC=str(at)))
            if result.code == 5:
                self.assertEqual(result.err.splitlines()[-1], 'btfgen: out of memory', at)
                failed += 1
                quiet = 0
            else:
                self.assertEqual((result.code, result.out, result.err), (good.code, good.out, good.err), at)
                quiet += 1
            at += 1
        return failed

    def test_files(self):
        self.assertGreater(self.fail_each(*self.files), 50)

    def test_formats(self):
        self.assertGreater(self.fail_each('--json', *self.files), 30)
        self.assertGreater(self.fail_each('-F', 'markdown', '--max-growth=0', *self.files), 50)
        self.assertGreater(self.fail_each('--html=-', *self.files), 30)

    def test_folders(self):
        self.assertGreater(self.fail_each(*self.folders), 50)
        self.assertGreater(self.fail_each('--json', *self.folders), 50)


if __name__ == '__main__':
    main()
