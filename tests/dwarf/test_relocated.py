#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
"""Relocated debug sections of what compilers write, for many machines, judged by linkers.

A file is compiled without linking. The relocator says where it has placed each section; a linker is
told to place them there. Then the debug sections of the linked file must be those of the relocator,
byte for byte, and the BTF of both files must be the same. The places of thread-local variables are
not compared: linkers count them from the thread's block. BPF has no linker: its few relocations are
applied here.

Compilers and linkers that are not there are passed over; those of the machine itself must be there.
"""

import os
import shutil
import struct
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, '..', 'lib'))

# pylint: disable=wrong-import-position
from elfwriter import (ElfReader, SHF_ALLOC, SHF_MERGE, SHF_STRINGS,  # noqa: E402
                       SHT_REL, SHT_SYMTAB)

BTFGEN = os.environ.get('BTFGEN', 'btfgen')
DUMP = os.environ.get('RELOCATE_DUMP', 'relocate_dump')
CACHE = os.environ.get('BTFGEN_CACHE') or os.path.join(
    os.environ.get('XDG_CACHE_HOME') or os.path.expanduser('~/.cache'), 'btfgen')
FETCHED = os.path.join(CACHE, 'compilers', 'bin')
SOURCE = os.path.join(HERE, 'relocated.c')
TIMEOUT = 120

COMMON = ['-std=gnu11', '-ffreestanding', '-w', '-c', '-fno-pic', '-fno-stack-protector', '-o']
FORMS = [['-O0', '-gdwarf-4'], ['-O0', '-gdwarf-5'], ['-O2', '-gdwarf-4'], ['-O2', '-gdwarf-5'],
         ['-O2', '-gdwarf-5', '-ffunction-sections', '-fdata-sections'],
         ['-O1', '-gdwarf-4', '-ffunction-sections']]
PC = os.uname().machine in ('x86_64', 'i686')
NATIVE = 'x86_64-linux-gnu-'


def gnu(prefix, flags=(), ld=()):
    return (prefix + 'gcc', list(flags), [prefix + 'ld', *ld])


def clang(target, flags=(), ld=()):
    return ('clang', ['--target=' + target, *flags], list(ld))


# Name: compiler, its flags, linker with its own. A leading + takes the fetched program.
MACHINES = {
    'x86_64': gnu(NATIVE),
    'x32': gnu(NATIVE, ['-mx32'], ['-m', 'elf32_x86_64']),
    'i386': gnu(NATIVE, ['-m32'], ['-m', 'elf_i386']),
    'arm64': gnu('aarch64-linux-gnu-'),
    'arm64-big': gnu('aarch64-linux-gnu-', ['-mbig-endian'], ['-EB', '-m', 'aarch64linuxb']),
    'arm': gnu('arm-linux-gnueabihf-', ['-marm']),
    'thumb': gnu('arm-linux-gnueabihf-', ['-mthumb']),
    'arm-big': gnu('arm-linux-gnueabihf-', ['-mbig-endian', '-marm'],
                   ['-EB', '-m', 'armelfb_linux_eabi']),
    's390x': gnu('s390x-linux-gnu-'),
    's390': gnu('s390x-linux-gnu-', ['-m31'], ['-m', 'elf_s390']),
    'ppc64le': gnu('powerpc64le-linux-gnu-'),
    'ppc64': gnu('powerpc64-linux-gnu-', [], ['--no-opd-optimize']),
    'ppc64-elfv2': gnu('powerpc64-linux-gnu-', ['-mabi=elfv2']),
    'ppc': gnu('powerpc-linux-gnu-'),
    'riscv64': gnu('riscv64-linux-gnu-', [], ['--no-relax']),
    'riscv32': gnu('riscv64-linux-gnu-', ['-march=rv32imac', '-mabi=ilp32'],
                   ['-m', 'elf32lriscv', '--no-relax']),
    'mips64el': gnu('mips64el-linux-gnuabi64-', ['-mno-abicalls', '-G0']),
    'mips64-big': gnu('mips64el-linux-gnuabi64-', ['-EB', '-mno-abicalls', '-G0'],
                      ['-EB', '-m', 'elf64btsmip']),
    'mipsn32el': gnu('mips64el-linux-gnuabi64-', ['-mabi=n32', '-mno-abicalls', '-G0'],
                     ['-m', 'elf32ltsmipn32']),
    'mipsel': gnu('mips64el-linux-gnuabi64-', ['-mabi=32', '-mno-abicalls', '-G0',
                                               '-march=mips32r2'],
                  ['-m', 'elf32ltsmip']),
    'mips-big': gnu('mips64el-linux-gnuabi64-', ['-mabi=32', '-EB', '-mno-abicalls', '-G0',
                                                 '-march=mips32r2'],
                    ['-EB', '-m', 'elf32btsmip']),
    # The linker takes out what aligns code in any case: addresses behind it change.
    'loongarch64': ('+loongarch64-linux-gnu-gcc',
                    ['-fno-align-functions', '-fno-align-loops', '-fno-align-jumps',
                     '-fno-align-labels'], ['+loongarch64-linux-gnu-ld', '--no-relax']),
    'x86_64-newest': ('+gcc', [], ['+ld']),
    'clang-x86_64': clang('x86_64-linux-gnu', [], [NATIVE + 'ld']),
    'clang-i386': clang('i686-linux-gnu', [], [NATIVE + 'ld', '-m', 'elf_i386']),
    'clang-arm64': clang('aarch64-linux-gnu', [], ['aarch64-linux-gnu-ld']),
    'clang-arm': clang('armv7-linux-gnueabihf', [], ['arm-linux-gnueabihf-ld']),
    'clang-s390x': clang('s390x-linux-gnu', [], ['s390x-linux-gnu-ld']),
    'clang-ppc64le': clang('powerpc64le-linux-gnu', [], ['powerpc64le-linux-gnu-ld']),
    'clang-riscv64': clang('riscv64-linux-gnu', [], ['riscv64-linux-gnu-ld', '--no-relax']),
    'clang-mips64el': clang('mips64el-linux-gnuabi64', ['-mno-abicalls', '-G0'],
                            ['mips64el-linux-gnuabi64-ld']),
    'clang-mips64': clang('mips64-linux-gnuabi64', ['-mno-abicalls', '-G0'],
                          ['mips64el-linux-gnuabi64-ld', '-EB', '-m', 'elf64btsmip']),
    'clang-mipsel': clang('mipsel-linux-gnu', ['-mno-abicalls', '-G0'],
                          ['mips64el-linux-gnuabi64-ld', '-m', 'elf32ltsmip']),
    'newclang-x86_64': ('+clang', ['--target=x86_64-linux-gnu'], ['+ld.lld']),
    'newclang-riscv64': ('+clang', ['--target=riscv64-linux-gnu'], ['+ld.lld', '--no-relax']),
    'newclang-loongarch64': ('+clang', ['--target=loongarch64-linux-gnu', '-mno-relax'],
                             ['+ld.lld', '--no-relax']),
}


def find(name):
    """Path of a program, of the fetched ones if its name says so; None if it is not there."""
    if name.startswith('+'):
        path = os.path.join(FETCHED, name[1:])
        return path if os.access(path, os.X_OK) else None
    if name.startswith(NATIVE) and PC and not shutil.which(name):
        name = name[len(NATIVE):]
    return shutil.which(name)


def run(*command):
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
                          timeout=TIMEOUT)


def without_merging(path):
    """Take the flags off by which a linker may store equal strings once."""
    with open(path, 'r+b') as file:
        data = bytearray(file.read())
        elf = ElfReader(bytes(data))
        word = 8 if elf.bits == 64 else 4
        size = 64 if elf.bits == 64 else 40
        for i, section in enumerate(elf.sections):
            flags = section['flags'] & ~(SHF_MERGE | SHF_STRINGS)
            at = elf.shoff + i * size + 8
            data[at:at + word] = flags.to_bytes(word, 'little' if elf.little else 'big')
        file.seek(0)
        file.write(data)


def script(addresses, elf):
    """Each section to where the relocator has placed it; debug sections to 0."""
    lines = ['SECTIONS {']
    for name, addr in addresses:
        lines.append('"%s" 0x%x : { *("%s") }' % (name, addr, name))
    for section in elf.sections:
        if section['name'].startswith('.debug_'):
            lines.append('"%s" 0 : { *("%s") }' % (section['name'], section['name']))
    return '\n'.join(lines + ['}', ''])


class Relocated(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.folder)

    def path(self, name):
        return os.path.join(self.folder, name)

    def dump(self, path):
        """Addresses [(name, address)] and relocated sections {name: bytes}."""
        done = run(DUMP, path, path + '.dump')
        self.assertEqual(done.returncode, 0, done.stdout)
        addresses = []
        for line in done.stdout.decode().splitlines():
            _, addr, name = line.split(' ', 2)
            addresses.append((name, int(addr, 0)))
        with open(path + '.dump', 'rb') as file:
            data = file.read()
        sections, at = {}, 0
        while at < len(data):
            end = data.index(b'\n', at)
            name, size = data[at:end].decode().rsplit(' ', 1)
            sections[name] = data[end + 1:end + 1 + int(size)]
            at = end + 1 + int(size)
        return addresses, sections

    def compile(self, compiler, flags, path):
        done = run(compiler, *COMMON, path, *flags, SOURCE)
        self.assertEqual(done.returncode, 0, done.stdout.decode())
        without_merging(path)
        with open(path, 'rb') as file:
            return ElfReader(file.read())

    def encode(self, path):
        done = run(BTFGEN, '-o', path + '.btf', path)
        self.assertEqual((done.returncode, done.stdout), (0, b''))
        with open(path + '.btf', 'rb') as file:
            return file.read()

    def linked_alike(self, compiler, flags, linker):
        path, linked = self.path('a.o'), self.path('a.elf')
        elf = self.compile(compiler, flags, path)
        addresses, sections = self.dump(path)
        names = [name for name, _ in addresses]
        self.assertEqual(len(names), len(set(names)), 'a section of each name')
        self.assertGreater(len({addr for _, addr in addresses}), 4)
        with open(self.path('script'), 'w', encoding='utf-8') as file:
            file.write(script(addresses, elf))
        done = run(*linker, '-o', linked, '-T', self.path('script'), '-e', '0', '--build-id=none',
                   '--no-check-sections', '--defsym=elsewhere=0x10000', '-nostdlib', path)
        self.assertEqual(done.returncode, 0, done.stdout.decode())
        with open(linked, 'rb') as file:
            result = ElfReader(file.read())
        compared = 0
        for name, content in sections.items():
            section = result.find(name)
            self.assertIsNotNone(section, name)
            want = result.content(section)
            if content != want:
                at = next((i for i, (a, b) in enumerate(zip(content, want)) if a != b),
                          min(len(content), len(want)))
                self.fail('%s: %d and %d bytes, different from 0x%x on: %s instead of %s' % (
                    name, len(content), len(want), at, content[at:at + 8].hex(),
                    want[at:at + 8].hex()))
            compared += bool(content)
        self.assertGreaterEqual(compared, 5)
        # Something was relocated at all.
        self.assertNotEqual([elf.content(elf.find(name)) for name in sections],
                            list(sections.values()))
        self.assertEqual(self.encode(path), self.encode(linked))

    def machine(self, name):
        compiler, flags, linker = MACHINES[name]
        programs = find(compiler), find(linker[0])
        if None in programs:
            self.skipTest('no compiler or linker')
        for form in FORMS:
            with self.subTest(form=' '.join(form)):
                self.linked_alike(programs[0], flags + form, [programs[1], *linker[1:]])
        with self.subTest('thread-local'):
            path = self.path('thread.o')
            self.compile(programs[0], [*flags, '-O2', '-g', '-DTHREAD'], path)
            self.dump(path)
            with_thread = self.encode(path)
            self.compile(programs[0], [*flags, '-O2', '-g'], path)
            self.assertEqual(with_thread, self.encode(path))

    def test_compressed(self):
        compiler, objcopy = find(NATIVE + 'gcc'), find(NATIVE + 'objcopy')
        if not compiler or not objcopy:
            self.skipTest('no compiler or objcopy')
        path, packed = self.path('plain.o'), self.path('packed.o')
        self.compile(compiler, ['-O2', '-g'], path)
        for form in 'zlib', 'zlib-gnu':
            with self.subTest(form=form):
                done = run(objcopy, '--compress-debug-sections=' + form, path, packed)
                self.assertEqual(done.returncode, 0, done.stdout)
                self.assertLess(os.path.getsize(packed), os.path.getsize(path))
                addresses, sections = self.dump(packed)
                self.assertEqual(self.dump(path), (addresses, {
                    name.replace('.z', '.'): content for name, content in sections.items()}))
                self.assertEqual(self.encode(path), self.encode(packed))

    def test_bpf(self):
        """Type 3 and 4 store four bytes, 2 eight, with the addend in place."""
        for compiler in 'clang', '+clang':
            compiler = find(compiler)
            if not compiler:
                continue
            for form in (['-O2', '-gdwarf-4'], ['-O2', '-gdwarf-5'], ['-O1', '-mlittle-endian'],
                         ['-O2', '-g', '-mbig-endian']):
                with self.subTest(form=' '.join(form)):
                    self.bpf_alike(compiler, form)

    def bpf_alike(self, compiler, form):
        path, source = self.path('bpf.o'), self.path('bpf.c')
        with open(source, 'w', encoding='utf-8') as file:
            file.write('struct s { long a; int b; };\n'
                       'int global = 5; struct s data __attribute__((section("maps")));\n'
                       '__attribute__((section("xdp"))) int prog(struct s *ctx)\n'
                       '{ return ctx->b + global; }\n'
                       '__attribute__((section("tc"))) long other(struct s *ctx, int n)\n'
                       '{ data.a += n; return ctx->a; }\n')
        done = run(compiler, '-c', '-g', '-target', 'bpf', *form, '-o', path, source)
        self.assertEqual(done.returncode, 0, done.stdout.decode())
        with open(path, 'rb') as file:
            elf = ElfReader(file.read())
        addresses, sections = self.dump(path)
        order = '<' if elf.little else '>'
        indexes = [i for i, s in enumerate(elf.sections) if s['flags'] & SHF_ALLOC]
        addr_of = dict(zip(indexes, (addr for _, addr in addresses)))
        symtab = next(s for s in elf.sections if s['type'] == SHT_SYMTAB)
        values = []
        for at in range(symtab['offset'], symtab['offset'] + symtab['size'], 24):
            _, _, _, section, value, _ = struct.unpack_from(order + 'IBBHQQ', elf.data, at)
            values.append(value + addr_of.get(section, 0) if section < 0xff00 else 0)
        num = 0
        for table in elf.sections:
            if table['type'] != SHT_REL or elf.sections[table['info']]['name'] not in sections:
                continue
            target = elf.sections[table['info']]
            content = bytearray(elf.content(target))
            for at in range(table['offset'], table['offset'] + table['size'], 16):
                off, info = struct.unpack_from(order + 'QQ', elf.data, at)
                form = order + {2: 'Q', 3: 'I', 4: 'I'}[info & 0xffffffff]
                addend, = struct.unpack_from(form, content, off)
                struct.pack_into(form, content, off, addend + values[info >> 32])
                num += 1
            self.assertEqual(content, sections[target['name']], target['name'])
        self.assertGreater(num, 10)
        self.encode(path)

    def test_native_is_here(self):
        if PC:
            self.assertIsNotNone(find(NATIVE + 'gcc'))
            self.assertIsNotNone(find(NATIVE + 'ld'))


def add_machines():
    for name in MACHINES:
        def test(self, name=name):
            self.machine(name)
        setattr(Relocated, 'test_machine_' + name.replace('-', '_'), test)


add_machines()

if __name__ == '__main__':
    unittest.main(argv=[sys.argv[0], *sys.argv[1:]])
