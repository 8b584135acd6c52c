# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
"""What compilers really write: one source, GCC and Clang, DWARF 2 to 5, many machines.

Relocatable files, so the relocation of debug sections is part of it.  Compilers that are not there
are left out; the native one must be.
"""

import os
import re
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'lib'))

# pylint: disable=wrong-import-position,wildcard-import,unused-wildcard-import
from encode import *  # noqa: E402,F403
from encode import main  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))
FLAGS = ['-std=gnu11', '-ffreestanding', '-fno-pic', '-fno-common', '-fsigned-char', '-w']

GCC = ['gcc', 'gcc -m32', 'arm-linux-gnueabihf-gcc', 'aarch64-linux-gnu-gcc',
       'powerpc-linux-gnu-gcc',
       's390x-linux-gnu-gcc', 'riscv64-linux-gnu-gcc']
CLANG = ['clang --target=' + target for target in (
    'x86_64-linux-gnu', 'i686-linux-gnu', 'aarch64-linux-gnu', 'aarch64_be-linux-gnu',
    'armv7-linux-gnueabihf', 's390x-linux-gnu', 'powerpc64le-linux-gnu', 'powerpc64-linux-gnu',
    'powerpc-linux-gnu', 'riscv64-linux-gnu')]
# elfutils knows their relocations from 0.190 on.
MIPS = ['clang --target=' + target for target in (
    'mips-linux-gnu', 'mipsel-linux-gnu', 'mips64-linux-gnuabi64')]


def have(compiler):
    """True if it compiles an empty file."""
    words = compiler.split()
    if not shutil.which(words[0]):
        return False
    done = subprocess.run(words + ['-c', '-x', 'c', '/dev/null', '-o', '/dev/null'], check=False,
                          stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return done.returncode == 0


def definitions(size, wide_alignment, restrict):
    """What must come out with pointers of size bytes and 8-byte integers aligned so."""
    word = 8 * size

    def at(offset, align):
        return (offset + align - 1) // align * align

    all_members = [('matrix', 'typedef matrix_t', 24, 4), ('cb', 'typedef callback_t', size, size),
                   ('varargs', 'PTR(PROTO(PTR(CONST(char)), ...)->int)', size, size),
                   ('nothing', 'PTR(PROTO()->void)', size, size),
                   ('c', 'PTR(CONST(int))', size, size), ('v', 'PTR(VOLATILE(int))', size, size),
                   ('constant', 'CONST(PTR(char))', size, size),
                   ('limited', 'RESTRICT(PTR(int))' if restrict else 'PTR(int)', size, size),
                   ('atomic', 'int', 4, 4), ('complex_value', 'struct 8{}', 8, 4),
                   ('bits', 'struct bits', 8, 4), ('packed', 'struct packed', 11, 1),
                   ('anon', 'struct anon', 12, 4), ('both', 'union both', 16, wide_alignment),
                   ('wide', 'enum wide', 8, wide_alignment),
                   ('empty', 'ARRAY(struct empty,2)', 0, 1),
                   ('flex', 'PTR(struct flex)', size, size),
                   ('nodes', 'ARRAY(struct node,4)', 4 * at(3 * size + 6, size), size)]
    offset, parts = 0, []
    for name, text, length, align in all_members:
        offset = at(offset, align)
        parts.append('%s@%d %s' % (name, 8 * offset, text))
        offset += length
    all_size = at(offset, max(size, wide_alignment))
    anon_union = 'union 4{i@0 int; @0 struct 2{x@0 typedef u8; y@8 typedef u8}; f@0 float}'
    return {
        ('INT', 'int'): '4 enc 1 bits 32', ('INT', 'char'): '1 enc 1 bits 8',
        ('INT', 'unsigned int'): '4 enc 0 bits 32', ('INT', 'unsigned char'): '1 enc 0 bits 8',
        ('INT', '_Bool'): '1 enc 4 bits 8', ('FLOAT', 'float'): '4', ('FLOAT', 'double'): '8',
        ('TYPEDEF', 'u8'): 'unsigned char', ('TYPEDEF', 'u32'): 'unsigned int',
        ('TYPEDEF', 'callback_t'): 'PTR(PROTO(int, PTR(CONST(char)))->void)',
        ('TYPEDEF', 'matrix_t'): 'ARRAY(ARRAY(int,3),2)',
        ('ENUM', 'color'): '4{RED=0, GREEN=5, BLUE=-1}',
        ('ENUM64', 'wide'): '8{NARROW=1, WIDE=78187493530}',
        ('FWD', 'forward'): 'fwd', ('FWD', 'uforward'): 'fwd',
        ('STRUCT', 'node'):
            '%d{next@0 PTR(struct node); hidden@%d PTR(struct forward); '
            'uhidden@%d PTR(union uforward); color@%d enum color; flag@%d _Bool; '
            'small@%d typedef u8}' %
            (at(3 * size + 6, size), word, 2 * word, 3 * word, 3 * word + 32, 3 * word + 40),
        ('STRUCT', 'bits'): '8{a@0:1 unsigned int; b@1:3 unsigned int; c@4:28 int; '
                            'd@32:4 typedef u8; e@40 typedef u8; f@48:5 enum color}',
        ('STRUCT', 'packed'): '11{a@0 typedef u8; b@8 typedef u32; c@40:20 unsigned int; '
                              'd@60:20 unsigned int; e@80 typedef u8}',
        ('STRUCT', 'anon'): '12{kind@0 int; @32 %s; named@64 struct 4{inner@0 int}}' % anon_union,
        ('STRUCT', 'flex'): '4{n@0 int; data@32 ARRAY(int,0)}',
        ('STRUCT', 'empty'): '0{}',
        ('UNION', 'both'): '16{i@0 int; d@0 double; name@0 ARRAY(char,16); low@0:7 unsigned int}',
        ('STRUCT', 'all'): '%d{%s}' % (all_size, '; '.join(parts)),
        ('STRUCT', 'local'): '4{in_function@0 int}',
        ('STRUCT', 'inner'): '%d{up@0 PTR(struct local)}' % size,
    }, all_size


class Compilers(EncodeTest):
    def compiled(self, compiler, flags):
        out = self.path('kinds.o')
        stop = [] if '-nostdlib' in flags else ['-c']
        done = subprocess.run(compiler.split() + FLAGS + stop + flags +
                              ['-o', out, os.path.join(HERE, 'kinds.c')],
                              check=False, stderr=subprocess.PIPE, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        return self.read('kinds.o')

    def check(self, compiler, version, more=()):
        data = self.compiled(compiler, ['-gdwarf-%d' % version, *more])
        elf = ElfReader(data)
        size = elf.bits // 8
        btf = self.encode(data, ptr_size=size)
        wide = 4 if 'm32' in compiler or 'i686' in compiler else 8
        # Compilers write DW_TAG_restrict_type from DWARF 3 on.
        restrict = version > 2
        want, all_size = definitions(size, wide, restrict)
        got = {(kind, name): text for kind, name, text in btf.definitions()}
        # The names of long types differ, and so does what is left of them when nobody uses them.
        extra = {key for key in got if key not in want}
        self.assertFalse({key for key in extra if key[0] not in ('INT', 'TYPEDEF')})
        self.assertLessEqual({name for _, name in extra},
                             {'u64', 'long unsigned int', 'long long unsigned int', 'unsigned long',
                              'unsigned long long', 'long int', 'long', '__ARRAY_SIZE_TYPE__',
                              'sizetype', 'long long int', 'unsigned char'})
        self.assertEqual({key: got[key] for key in want if key in got}, want)

        node = (3 * size + 6 + size - 1) // size * size
        variables = {v.name: (v.size, v.linkage, v.type) for v in btf.variables()[PERCPU]}
        statics = sorted(v for name, v in variables.items()
                         if 'count' in name and name != 'counter')
        self.assertEqual(statics, [(1, 0, 'typedef u8'), (4, 0, 'int')])
        self.assertEqual({name: v for name, v in variables.items()
                          if 'count' not in name or name == 'counter'},
                         {'everything': (all_size, 1, 'struct all'), 'counter': (4, 1, 'int'),
                          'hidden': (4, 0, 'typedef u32'),
                          'nodes': (3 * node, 1, 'ARRAY(struct node,3)'),
                          'matrix': (24, 1, 'typedef matrix_t'), 'table': (20, 1, 'ARRAY(int,5)'),
                          'weak_one': (4, 1, 'int')})

    def every(self, compilers, flags=()):
        rows = [(compiler, version) for compiler in compilers if have(compiler)
                for version in (2, 3, 4, 5)]

        class Row(tuple):
            def __str__(self):
                return '%s -gdwarf-%d' % self

        self.each([Row(row) for row in rows], lambda row: self.check(*row, flags))
        return rows

    def test_gcc(self):
        self.assertTrue(self.every(GCC))

    def test_clang(self):
        if not self.every(CLANG):
            self.skipTest('no clang')

    def test_machine_that_cannot_be_relocated(self):
        """Refused as a whole; an unrelocated file would give names from wrong places."""
        for compiler in MIPS:
            if not have(compiler):
                self.skipTest('no clang')
            for version in (4, 5):
                path = self.write('in.o', self.compiled(compiler, ['-gdwarf-%d' % version]))
                result = run('-o', self.path('out.btf'), path)
                if result.code == 0:
                    self.check(compiler, version)
                    continue
                self.assertEqual((result.code, result.out), (3, ''))
                self.assertRegex(result.err,
                                 r'\Abtfgen: %s: [^\n]*machine[^\n]*\n\Z' % re.escape(path))
                self.assertFalse(os.path.exists(self.path('out.btf')))

    def test_optimised(self):
        self.every(['gcc', 's390x-linux-gnu-gcc'], ['-O2', '-fno-ipa-sra'])

    def test_gcc_type_units(self):
        """Linked: in a relocatable file each type unit has a section of its own."""
        link = ['-fdebug-types-section', '-nostdlib', '-static', '-Wl,-e,function',
                '-Wl,--build-id=none', '-Wl,-T,' + os.path.join(HERE, 'kinds.lds')]
        self.check('gcc', 4, link)
        self.check('gcc', 5, link)

    def test_64_bit_dwarf(self):
        for version in (3, 4, 5):
            self.check('gcc', version, ['-gdwarf64'])

    def test_compressed(self):
        for how in ('zlib', 'zlib-gnu'):
            self.check('gcc', 5, ['-gz=' + how])

    def test_same_result_for_all_versions(self):
        """Byte for byte the same, whatever version the DWARF has."""
        for compiler in ('gcc', 'clang'):
            if have(compiler):
                results = {self.encode(self.compiled(compiler, ['-gdwarf-%d' % v])).data
                           for v in (4, 5)}
                self.assertEqual(len(results), 1, compiler)


if __name__ == '__main__':
    main()
