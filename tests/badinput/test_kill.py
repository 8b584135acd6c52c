# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
"""Killed at any moment: the input is as before or complete, the output whole or not there.

BTFGEN_KILLS sets how often (default 60 for each test).
"""

import os
import random
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'lib'))

# pylint: disable=wrong-import-position,wildcard-import,unused-wildcard-import
from badinput import *  # noqa: E402,F403
from badinput import BadInputTest, main  # noqa: E402
from encode import BTFGEN, ElfReader  # noqa: E402

KILLS = int(os.environ.get('BTFGEN_KILLS', '60'))


class Kill(BadInputTest):
    def setUp(self):
        super().setUp()
        # Large strings: the writing takes a good part of the time.
        dies = [base('int', 4)]
        for i in range(8000):
            dies.append(struct_('struct_%d_%s' % (i, 'x' * 200), 4,
                                member('member_%d_%s' % (i, 'y' * 200), 'int', 0)))
        self.data = self.elf(PLAIN, dies, percpu=0x80000).build()
        self.btf = self.encode(self.data).data
        os.unlink(self.path('in.elf'))
        os.unlink(self.path('out.btf'))
        start = time.monotonic()
        run('-o', self.path('out.btf'), self.write('in.elf', self.data))
        self.time = time.monotonic() - start
        os.unlink(self.path('out.btf'))

    def kill_one(self, rng, args):
        """Start, wait a while, kill.  Returns the exit code, negative if killed."""
        with subprocess.Popen([BTFGEN, *args], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                              stderr=subprocess.PIPE) as child:
            time.sleep(rng.uniform(0, 1.3 * self.time))
            child.kill()
            child.stderr.read()
        return child.returncode

    def test_in_place(self):
        rng = random.Random(1)
        old = ElfReader(self.data)
        for _ in range(KILLS):
            path = self.write('in.elf', self.data)
            code = self.kill_one(rng, [path])
            after = self.read('in.elf')
            self.assertEqual(after[64:len(self.data)], self.data[64:])
            elf = ElfReader(after)
            if after[:64] == self.data[:64]:
                self.assertEqual([s['name'] for s in elf.sections],
                                 [s['name'] for s in old.sections])
                self.assertLess(code, 0)
            else:
                self.assertEqual(elf.content(elf.find('.BTF')), self.btf)
            self.assertEqual(os.listdir(self.dir), ['in.elf'])
            # The next run is as if nothing had happened.
            self.assertEqual(run(path).code, 0)
            elf = ElfReader(self.read('in.elf'))
            self.assertEqual(elf.content(elf.find('.BTF')), self.btf)

    def test_detached(self):
        """The named file is the older or the newer one, whole."""
        rng = random.Random(2)
        path = self.write('in.elf', self.data)
        for _ in range(KILLS):
            out = self.write('out.btf', b'older')
            self.kill_one(rng, ['-o', out, path])
            self.assertIn(self.read('out.btf'), (b'older', self.btf))
            self.assertEqual(self.read('in.elf'), self.data)
            for name in os.listdir(self.dir):
                # A killed program cannot tidy up; what it leaves must not look like a result.
                if name not in ('in.elf', 'out.btf'):
                    self.assertTrue(name.startswith('.'), name)
                    os.unlink(self.path(name))


if __name__ == '__main__':
    main()
