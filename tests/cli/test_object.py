# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
"""--emit-object: what it holds, that it links with what it was made from, and what it refuses.

CC is the compiler whose linker is asked; a cross linker is asked where one is installed.
"""

import os
import shutil
import struct
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'lib'))

# pylint: disable=wrong-import-position,wildcard-import,unused-wildcard-import
from badinput import good_units  # noqa: E402
from encode import *  # noqa: E402,F403
from encode import MATRIX, EncodeTest, ElfReader, main, run  # noqa: E402

CC = os.environ.get('CC', 'gcc')
SHF_ALLOC, SHT_PROGBITS, ET_REL = 2, 1, 1

SOURCE = '''
#define PERCPU __attribute__((section(".data..percpu")))
struct rq { int cpu; struct rq *next; };
PERCPU struct rq runqueues;
int start(struct rq *rq) { return rq->cpu; }
void _start(void) { start(&runqueues); }
'''


def header(data):
    """(class, byte order, OS, ABI version), type, machine, version, flags, entry, program headers."""
    elf = ElfReader(data)
    order = '<' if elf.little else '>'
    version = struct.unpack_from(order + 'I', data, 20)[0]
    return data[4:9], elf.e_type, elf.machine, version, elf.e_flags, elf.entry, elf.phnum


class Object(EncodeTest):
    def emit(self, data, *options):
        path = self.write('in.elf', data)
        result = run('-o', self.path('raw.btf'), *options, path)
        self.assertEqual((result.code, result.err), (0, ''))
        result = run('--emit-object', self.path('btf.o'), *options, path)
        self.assertEqual((result.code, result.out, result.err), (0, '', ''))
        self.assertEqual(self.read('in.elf'), data)
        return self.read('btf.o')

    def test_content(self):
        def check(case):
            elf = self.elf(case, good_units(case), percpu=0x80000)
            elf.flags = 0x70000005
            data = bytearray(elf.build())
            data[7:9] = b'\3\2'
            data = bytes(data)
            made = self.emit(data)
            self.assertEqual(header(made)[:1] + header(made)[2:],
                             header(data)[:1] + header(data)[2:5] + (0, 0))
            self.assertEqual(header(made)[1], ET_REL)
            read = ElfReader(made)
            self.assertEqual([s['name'] for s in read.sections],
                             ['', '.BTF', '.note.GNU-stack', '.shstrtab'])
            section = read.find('.BTF')
            self.assertEqual((section['type'], section['flags'], section['addr'],
                              section['align'], section['offset'] % 4),
                             (SHT_PROGBITS, SHF_ALLOC, 0, 4, 0))
            self.assertEqual(read.content(section), self.read('raw.btf'))
            stack = read.find('.note.GNU-stack')
            self.assertEqual((stack['type'], stack['flags'], stack['size']), (SHT_PROGBITS, 0, 0))

        self.each(MATRIX, check)

    def test_twice(self):
        data = self.elf(MATRIX[0], good_units(MATRIX[0]), percpu=0x80000).build()
        first = self.emit(data)
        self.assertEqual(self.emit(data), first)
        result = run('--emit-object', '-', self.path('in.elf'))
        self.assertEqual((result.code, result.out.encode('utf-8', 'surrogateescape')), (0, first))

    def test_refused(self):
        data = self.elf(MATRIX[0], good_units(MATRIX[0]), percpu=0x80000).build()
        path = self.write('in.elf', data)
        for args, text in (
                (['-o', 'x'], '--emit-object excludes -o, --output-dir and --if-needed'),
                (['--output-dir=x'], '--emit-object excludes -o, --output-dir and --if-needed'),
                (['--if-needed'], '--emit-object excludes -o, --output-dir and --if-needed'),
                (['--base=x'], '--emit-object is for BTF that stands alone, not over a base')):
            result = run('--emit-object', self.path('btf.o'), *args, path)
            self.assertEqual((result.code, result.out, result.err), (
                2, '', "btfgen: %s; try 'btfgen encode --help'\n" % text))
        result = run('--emit-object', path, path)
        self.assertEqual(result.code, 2)
        self.assertIn("is the input file: leave out --emit-object to write into it", result.err)
        self.assertEqual(os.listdir(self.dir), ['in.elf'])

    def test_failure_leaves_nothing(self):
        data = self.elf(MATRIX[0], good_units(MATRIX[0]), percpu=0x80000).build()
        path = self.write('in.elf', data[:len(data) // 2])
        self.write('btf.o', b'older')
        self.assertEqual(run('--emit-object', self.path('btf.o'), path).code, 3)
        self.assertEqual(self.read('btf.o'), b'older')


class Linked(EncodeTest):
    def command(self, *args):
        done = subprocess.run(args, cwd=self.dir, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, check=False)
        self.assertEqual((done.returncode, done.stdout.decode()), (0, ''), ' '.join(args))

    def link(self, cc, linker):
        """As a kernel is linked: without BTF, then with that of the first result."""
        self.write('main.c', SOURCE.encode())
        self.command(cc, '-g', '-O1', '-fno-pie', '-ffreestanding', '-c', 'main.c')
        self.command(linker, '--fatal-warnings', '-e', '_start', '-o', 'first', 'main.o')
        result = run('--emit-object', self.path('btf.o'), self.path('first'))
        self.assertEqual((result.code, result.err), (0, ''))
        self.command(linker, '--fatal-warnings', '-e', '_start', '-o', 'second', 'main.o',
                     'btf.o')
        self.command(linker, '--fatal-warnings', '-r', '-o', 'whole.o', 'main.o', 'btf.o')
        made = ElfReader(self.read('btf.o'))
        btf = made.content(made.find('.BTF'))
        for name in ('second', 'whole.o'):
            linked = ElfReader(self.read(name))
            section = linked.find('.BTF')
            self.assertEqual(linked.content(section), btf)
            self.assertEqual(section['flags'], SHF_ALLOC)
        # What is linked with BTF has the same DWARF, and so the same BTF.
        self.assertEqual(run('-o', self.path('again.btf'), self.path('second')).code, 0)
        self.assertEqual(self.read('again.btf'), btf)

    def test_host(self):
        for linker in ('ld', 'ld.gold', 'ld.lld', 'ld.lld-14'):
            if shutil.which(linker):
                with self.subTest(linker):
                    self.link(CC, linker)

    def test_cross(self):
        found = 0
        for prefix in ('aarch64-linux-gnu-', 'arm-linux-gnueabihf-', 's390x-linux-gnu-',
                       'riscv64-linux-gnu-', 'powerpc64le-linux-gnu-', 'mips64el-linux-gnuabi64-',
                       'mipsel-linux-gnu-', 'powerpc-linux-gnu-', 'i686-linux-gnu-'):
            if shutil.which(prefix + 'gcc'):
                found += 1
                with self.subTest(prefix):
                    self.link(prefix + 'gcc', prefix + 'ld')
        if not found:
            self.skipTest('no cross compiler is installed')


if __name__ == '__main__':
    main()
