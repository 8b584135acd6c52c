# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
"""A small kernel with two modules, as tests of `btfgen ksyms` want it.

    kernel = SmallKernel()
    kernel.vmlinux.build(), kernel.first.build(), kernel.second.build()

vmlinux      per CPU: runqueues (struct rq), bpf_prog_active (int)
             others: init_task (struct task_struct), jiffies (unsigned long), table (short [4]), hidden (a struct
             that is only declared), ratio (double)
             kfuncs: bpf_task_release(struct task_struct *), bpf_rcu_read_lock(void); no kfunc: schedule(void)
first        per CPU: counter (int); both (struct rq); shared(int); no tags
second       both (int), shared(struct rq *), runqueues (int)
"""

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

# pylint: disable=wrong-import-position
from bpfobject import BpfObject  # noqa: E402
from btfwriter import BtfWriter  # noqa: E402

WHOLE = 0xffffffff


class SmallKernel:
    def __init__(self, little=True):
        self.little = little
        self.vmlinux = BtfWriter(little=little)
        self.first, self.second = None, None
        self._fill_vmlinux()
        self._fill_first()
        self._fill_second()

    @staticmethod
    def _section(btf, name, *variables):
        words = [word for i, var in enumerate(variables) for word in (var, 16 * i, 8)]
        btf.add('DATASEC', name, 16 * len(variables), *words, vlen=len(variables))

    def _fill_vmlinux(self):
        btf = self.vmlinux
        number = btf.int('int', 4)
        long = btf.int('long unsigned int', 8, 0)
        short = btf.int('short int', 2)
        queue = btf.struct('rq', 8, ('cpu', number, 0))
        task = btf.struct('task_struct', 8, ('pid', number, 0))
        pointer = btf.ptr(task)
        table = btf.add('ARRAY', '', 0, short, number, 4)
        hidden = btf.add('FWD', 'hidden_type', 0)
        double = btf.add('FLOAT', 'double', 8)
        percpu = [btf.add('VAR', 'runqueues', queue, 1), btf.add('VAR', 'bpf_prog_active', number, 0)]
        others = [btf.add('VAR', 'init_task', task, 1), btf.add('VAR', 'jiffies', btf.add('VOLATILE', '', long), 1),
                  btf.add('VAR', 'table', table, 1), btf.add('VAR', 'hidden', hidden, 1),
                  btf.add('VAR', 'ratio', double, 1)]
        self._section(btf, '.data..percpu', *percpu)
        self._section(btf, '.data', *others)
        release = btf.add('FUNC', 'bpf_task_release', btf.proto(0, ('p', pointer)), vlen=0)
        lock = btf.add('FUNC', 'bpf_rcu_read_lock', btf.proto(0), vlen=0)
        btf.add('FUNC', 'schedule', btf.proto(0), vlen=0)
        for func in (release, lock):
            btf.add('DECL_TAG', 'bpf_kfunc', func, WHOLE)
        self.number, self.queue = number, queue

    def _fill_first(self):
        btf = self.first = BtfWriter(self.vmlinux)
        counter = btf.add('VAR', 'counter', self.number, 0)
        self._section(btf, '.data..percpu', counter)
        btf.add('VAR', 'both', self.queue, 0)
        btf.add('FUNC', 'shared', btf.proto(0, ('value', self.number)), vlen=0)

    def _fill_second(self):
        btf = self.second = BtfWriter(self.vmlinux)
        btf.add('VAR', 'both', self.number, 0)
        btf.add('VAR', 'runqueues', self.number, 0)
        btf.add('FUNC', 'shared', btf.proto(0, ('value', btf.ptr(self.queue))), vlen=0)


class Program(BpfObject):
    """With the types that are declared of the small kernel."""

    def __init__(self, little=True, **options):
        super().__init__(little, **options)
        btf = self.btf
        self.void = btf.add('CONST', '', 0)
        self.int = btf.int('int', 4)
        self.queue = btf.struct('rq', 0)
        self.queue_declared = btf.add('FWD', 'rq', 0)
        self.task = btf.struct('task_struct', 0)
        self.task_pointer = btf.ptr(self.task)
        self.array = btf.add('ARRAY', '', 0, btf.int('short int', 2), self.int, 4)
        self.double = btf.add('FLOAT', 'double', 8)

    def const(self, type_id):
        return self.btf.add('CONST', '', type_id)
