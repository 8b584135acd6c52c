# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
"""No memory while modules are encoded: each single allocation fails in turn, then all from some on.

What is in the output folder is complete, and what is missing has its line. ALLOC is fail_alloc.c as
a shared library.
"""

import json
import os
import shutil
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'lib'))

# pylint: disable=wrong-import-position
from modules import ModulesTest, main  # noqa: E402

ALLOC = os.environ['ALLOC']

# Runs in a row that nothing of happened to: the allocations have all been tried.
ENOUGH = 8


class Memory(ModulesTest):
    def setUp(self):
        super().setUp()
        self.modules('a', 'b')
        self.good('--distilled', '--output-dir=wanted', 'a.ko', 'b.ko')
        self.wanted = {name: self.read('wanted/' + name) for name in self.listing('wanted')}

    def check(self, at, jobs):
        """One run, whatever it did. Returns whether it failed."""
        lines = self.result.err.splitlines()
        there = self.listing('out') if os.path.isdir(self.path('out')) else []
        there = [name for name in there if name != '.btfgen-stamps']
        for name in there:
            self.assertEqual(self.read('out/' + name), self.wanted[name], at)
        for line in lines:
            self.assertRegex(line, r'\Abtfgen: ', at)
        if self.result.code == 0:
            self.assertEqual((lines, sorted(self.wanted)), ([], there), at)
            report = json.loads(self.result.out)
            self.assertEqual(report['results']['written'], 2, at)
            return False
        self.assertEqual(self.result.code, 5, (at, lines))
        if jobs == '-j1':
            self.assertTrue(lines, at)
        return True

    def fail_each(self, jobs, step, **more):
        failed = quiet = 0
        at = 1
        while quiet < ENOUGH:
            env = dict(os.environ, **more, LD_PRELOAD=ALLOC, FAIL_ALLOC=str(at))
            self.encode(jobs, '--distilled', '--if-needed', '--report=json', '--output-dir=out',
                        'a.ko', 'b.ko', env=env)
            quiet = 0 if self.check(at, jobs) else quiet + 1
            failed += not quiet
            shutil.rmtree(self.path('out'), ignore_errors=True)
            at += step
        # A run asks more often than this; else nothing was tested.
        self.assertGreater(failed, 200 // step)

    def test_one_allocation_fails(self):
        self.fail_each('-j1', 1)

    def test_all_from_one_on_fail(self):
        self.fail_each('-j1', 7, FAIL_ALLOC_ALL='1')

    def test_with_threads(self):
        self.fail_each('-j2', 7, FAIL_ALLOC_ALL='1')


if __name__ == '__main__':
    main()
