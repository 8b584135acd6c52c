# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
"""No memory: each single allocation of a run fails in turn, then all from each one on.

The result is complete or there is none, with one line that says why.  ALLOC is fail_alloc.c as a shared
library, SAMPLE a file to encode.
"""

import os
import shutil
import subprocess
import tempfile
import unittest

BTFGEN = os.environ['BTFGEN']
ALLOC = os.environ['ALLOC']
SAMPLE = os.environ['SAMPLE']

# Runs in a row that nothing of happened to: the allocations have all been tried.
ENOUGH = 8


class Memory(unittest.TestCase):
    def setUp(self):
        self.dir = tempfile.mkdtemp(prefix='btfgen-test-')
        self.addCleanup(shutil.rmtree, self.dir)
        self.out = os.path.join(self.dir, 'out.btf')
        self.good = self.run_with({}, '-j1', '-o', self.out, SAMPLE)
        with open(self.out, 'rb') as file:
            self.bytes = file.read()
        os.unlink(self.out)

    def run_with(self, environment, *args):
        return subprocess.run([BTFGEN, *args], env=dict(os.environ, **environment), timeout=60,
                              stdin=subprocess.DEVNULL, capture_output=True, check=False)

    def fail_each(self, jobs, **more):
        failed = quiet = at = 0
        while quiet < ENOUGH:
            at += 1
            run = self.run_with(dict(more, LD_PRELOAD=ALLOC, FAIL_ALLOC=str(at)), jobs, '-o',
                                self.out, SAMPLE)
            exists = os.path.exists(self.out)
            with self.subTest(at=at):
                if run.returncode:
                    self.assertEqual(run.returncode, 5, run.stderr)
                    self.assertRegex(run.stderr, rb'\Abtfgen: [^\n]*\n?\Z')
                    self.assertFalse(exists)
                else:
                    self.assertEqual(run.stderr, b'')
                    with open(self.out, 'rb') as file:
                        self.assertEqual(file.read(), self.bytes)
                self.assertLessEqual(os.listdir(self.dir), ['out.btf'])
            if exists:
                os.unlink(self.out)
            failed += run.returncode != 0
            quiet = 0 if run.returncode else quiet + 1
        # A run asks more often than this; else nothing was tested.
        self.assertGreater(failed, 100)

    def test_explain(self):
        arguments = 'explain', '-j1', '--json', SAMPLE, '*', 'no_such_name'
        good = self.run_with({}, *arguments)
        self.assertEqual((good.returncode, good.stderr), (1, b''))
        failed = quiet = at = 0
        while quiet < ENOUGH:
            at += 1
            run = self.run_with(dict(LD_PRELOAD=ALLOC, FAIL_ALLOC=str(at)), *arguments)
            with self.subTest(at=at):
                if run.returncode == 5:
                    self.assertEqual((run.stdout, run.stderr.count(b'\n')), (b'', 1))
                else:
                    self.assertEqual((run.returncode, run.stdout), (1, good.stdout))
            failed += run.returncode == 5
            quiet = 0 if run.returncode == 5 else quiet + 1
        self.assertGreater(failed, 100)

    def test_one_allocation_fails(self):
        self.fail_each('-j1')

    def test_all_from_one_on_fail(self):
        self.fail_each('-j1', FAIL_ALLOC_ALL='1')

    def test_with_threads(self):
        self.fail_each('-j3', FAIL_ALLOC_ALL='1')


if __name__ == '__main__':
    unittest.main()
