# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
"""Bases that cannot be used, modules that do not belong to theirs: one line, exit code 3, no crash.

BTFGEN_FLIPS sets how many damaged bases are tried (default 150), BTFGEN_SEED where they start.
"""

import os
import random
import struct
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'lib'))

# pylint: disable=wrong-import-position
from btfwriter import BtfWriter, kernel_file, module_file  # noqa: E402
from elfwriter import EM_AARCH64, EM_X86_64, Elf  # noqa: E402
from encode import BTFGEN, EncodeTest, main, run  # noqa: E402

FLIPS = int(os.environ.get('BTFGEN_FLIPS', '150'))
SEED = int(os.environ.get('BTFGEN_SEED', '1'))


def sample_base(little=True):
    base = BtfWriter(little=little)
    number = base.int('int', 4)
    base.int('long unsigned int', 8, 0)
    node = base.struct('node', 16, ('next', 4, 0), ('value', number, 64))
    pointer = base.ptr(node)
    base.func('walk', base.proto(number, ('from', pointer)))
    base.typedef('node_t', node)
    base.add('DATASEC', '.data..percpu', 16, base.add('VAR', 'root', node, 1), 0, 16, vlen=1)
    base.add('ENUM', 'mode', 4, base.name('OFF'), 0, base.name('ON'), 1, vlen=2)
    base.add('ARRAY', '', 0, node, number, 4)
    base.add('FLOAT', 'double', 8)
    base.add('DECL_TAG', 'tag', node, 0xffffffff)
    return base


def sample_split(base):
    split = BtfWriter(base)
    mine = split.struct('mine', 32, ('node', 3, 0), ('value', 1, 128), ('other', 4, 192))
    split.func('visit', split.proto(1, ('mine', split.ptr(mine))))
    return split


class Bases(EncodeTest):
    def setUp(self):
        super().setUp()
        self.base = sample_base()
        self.module = self.write('m.ko', module_file(sample_split(self.base).build()))

    def refused(self, data, text, *more, code=3):
        """The last of the bases is refused with text, by the check and by the encoder."""
        paths = [self.write('base%d' % i, one) for i, one in enumerate((data, *more))]
        options = ['--base=' + path for path in paths]
        for args in (['check'], ['-q']):
            result = run(*args, *options, self.module)
            self.assertEqual((result.code, result.out, result.err), (code, '', 'btfgen: %s: %s\n' % (paths[-1], text)))

    def good(self, data, *more):
        paths = [self.write('base%d' % i, one) for i, one in enumerate((data, *more))]
        result = run('check', *['--base=' + path for path in paths], self.module)
        self.assertEqual((result.code, result.err), (0, ''))
        self.assertEqual(result.out, '%s: fits\n' % self.module)

    # Files.

    def test_good(self):
        self.good(self.base.build())
        self.good(kernel_file(self.base.build()))

    def test_through_a_pipe(self):
        done = subprocess.run([BTFGEN, 'check', '--base=/dev/stdin', self.module], input=self.base.build(),
                              capture_output=True, check=False)
        self.assertEqual((done.returncode, done.stdout.decode(), done.stderr), (0, self.module + ': fits\n', b''))

    def test_no_file(self):
        path = self.path('none')
        result = run('check', '--base=' + path, self.module)
        self.assertEqual((result.code, result.out, result.err),
                         (3, '', 'btfgen: %s: cannot open: No such file or directory\n' % path))
        result = run('check', '--base=' + self.dir, self.module)
        self.assertEqual((result.code, result.out, result.err),
                         (3, '', 'btfgen: %s: cannot read: Is a directory\n' % self.dir))

    def test_no_btf(self):
        self.refused(b'', 'file is empty')
        self.refused(b'#!/bin/sh\n' * 9, '.BTF+0x0: bytes 23 21 are not the magic number of BTF')
        self.refused(b'\x7fELF', 'ELF header is cut off')
        self.refused(kernel_file(), 'has no .BTF section; encode it first: btfgen ' + self.path('base0'))
        self.refused(kernel_file(self.base.build(), nobits=True), 'the .BTF section has no bytes in the file')
        self.refused(BtfWriter().build(), 'the BTF holds no types')

    def test_second_layer_without_btf(self):
        self.refused(self.base.build(), 'has no .BTF section; encode it first, over the base before it', module_file())

    # What is newer than we are.

    def test_version(self):
        self.refused(self.base.build(version=2), '.BTF+0x2: unknown BTF version 2')

    def test_flags(self):
        self.refused(self.base.build(flags=4), '.BTF+0x3: unknown header flags 0x4 (made by a newer encoder?)')

    def test_unknown_header_field(self):
        data = self.base.build(header_size=36)
        self.refused(data[:24] + bytes(8) + b'\0\0\0\1' + data[24:],
                     '.BTF+0x23: unknown header field (made by a newer encoder?)')

    def test_unknown_kind(self):
        self.base.add(42, 'new', 0)
        off = len(self.base.build()) - len(self.base.strings) - 12
        self.refused(self.base.build(),
                     '.BTF+0x%x: type %d is of unknown kind 42 (made by a newer encoder?)' % (off, self.base.num))

    def test_unknown_kind_with_a_layout(self):
        """The layout section tells how long the record is: the other types can be used."""
        base = sample_base()
        base.add(20, 'new', 0, 7, 8)
        sizes = [(0, 0), (4, 0), (0, 0), (12, 0), (0, 12), (0, 12), (0, 8)] + [(0, 0)] * 6
        sizes += [(0, 8), (4, 0), (0, 12), (0, 0), (4, 0), (0, 0), (0, 12), (8, 0)]
        layout = b''.join(struct.pack('<BBH', *pair, 0) for pair in sizes)
        types = b''.join(base.records)
        head = struct.pack('<HBBIIIIIII', 0xeb9f, 1, 0, 32, 0, len(types), len(types) + len(layout),
                           len(base.strings), len(types), len(layout))
        self.module = self.write('m.ko', module_file(sample_split(base).build()))
        self.good(head + types + layout + base.strings)

    # Damage.

    def test_cut_off(self):
        whole = self.base.build()
        for size in range(1, len(whole)):
            path = self.write('base0', whole[:size])
            result = run('check', '--base=' + path, self.module)
            self.assertEqual((result.code, result.out), (3, ''), size)
            self.assertRegex(result.err, r'\Abtfgen: %s: \.BTF\+0x[0-9a-f]+: [^\n]+\n\Z' % path)

    def test_ids_and_strings_out_of_range(self):
        base = sample_base()
        base.ptr(99)
        off = len(base.build()) - len(base.strings) - 12
        self.refused(base.build(), '.BTF+0x%x: type %d PTR refers to type 99, there are %d'
                     % (off, base.num, base.num + 1))
        base = sample_base()
        base.struct(9999, 0)
        self.refused(base.build(), '.BTF+0x%x: type %d STRUCT refers to string offset 9999, there are %d bytes of '
                                   'strings' % (off, base.num, len(base.strings)))

    def test_rings(self):
        base = sample_base()
        base.ptr(base.num + 2)
        base.typedef('ring', base.num)
        off = len(base.build()) - len(base.strings) - 24
        self.refused(base.build(), '.BTF+0x%x: type %d PTR leads back to itself' % (off, base.num - 1))

    def test_byte_order_of_file_and_btf(self):
        self.refused(kernel_file(sample_base(False).build()), 'is a little-endian file with big-endian BTF')

    def test_what_nobody_looks_for(self):
        """Records that break a rule, but lead nowhere wrong, do no harm in a base."""
        base = self.base
        base.typedef('', 3)
        base.ptr(base.num)
        base.ptr(base.add('VAR', 'v', 1, 0))
        base.ptr(base.add('FWD', '', 0))
        base.ptr(base.add('DATASEC', '.data', 4))
        base.func('f', 1)
        self.module = self.write('m.ko', module_file(sample_split(base).build()))
        self.good(base.build())

    # Layers.

    def test_second_layer(self):
        second = sample_split(self.base)
        third = BtfWriter(second)
        third.ptr(second.first_id)
        self.module = self.write('m.ko', module_file(third.build()))
        for raw in (True, False):
            layer = second.build() if raw else module_file(second.build())
            self.good(self.base.build(), layer)

    def test_second_layer_over_another_base(self):
        ids = ' (build id %s, that of the base is %s)' % ('ab' * 20, 'cd' * 20)
        other = sample_base()
        other.ptr(1)
        layer = module_file(sample_split(other).build(), build_id=b'\xab' * 20)
        self.refused(kernel_file(self.base.build(), build_id=b'\xcd' * 20),
                     "does not fit '%s': type 16 FUNC_PROTO parameter 0 'mine': has type 16 "
                     "(int (int (int (int (int (...)))))), which has no size%s"
                     % (self.path('base0'), ids), layer)

    def test_second_layer_out_of_range(self):
        second = BtfWriter(self.base)
        second.ptr(77)
        self.refused(self.base.build(),
                     "does not fit '%s': type 14 PTR: type 77 does not exist, there are 15" % self.path('base0'),
                     second.build())

    def test_second_layer_of_another_kind(self):
        base0 = self.path('base0')
        kernel = kernel_file(self.base.build(), machine=EM_X86_64, release='6.1.0')
        split = sample_split(self.base)
        self.refused(kernel, "is for ELF machine 183, the base '%s' for machine 62" % base0,
                     module_file(split.build(), machine=EM_AARCH64))
        self.refused(kernel, "is for Linux 6.2.0, the base '%s' is of Linux 6.1.0" % base0,
                     module_file(split.build(), release='6.2.0'))
        self.refused(kernel, "is big-endian, the base '%s' is little-endian" % base0,
                     sample_split(sample_base(False)).build())

    # Modules of another kernel; test_modules.py has what the encoder says of them.

    def check(self, kernel, module):
        """What is printed of the module, and the exit code."""
        base = self.write('vmlinux', kernel)
        path = self.write('m.ko', module)
        result = run('check', '--base=' + base, path)
        self.assertEqual(result.err, '')
        self.assertEqual(result.out[:len(path) + 2], path + ': ')
        return result.code, result.out[len(path) + 2:].replace(base, 'VMLINUX')

    def test_module_of_another_release(self):
        btf = self.base.build()
        old, new = b'\x12' * 20, b'\xef' * 20
        rows = [
            (old, new, ' (build id %s, that of the base is %s)' % (old.hex(), new.hex())),
            (old, None, ' (build id %s)' % old.hex()),
            (None, new, ' (build id of the base %s)' % new.hex()),
            (None, None, ''),
        ]
        for symbols in (True, False):
            for module_id, base_id, ids in rows:
                seen = self.check(kernel_file(btf, release='6.2.0', build_id=base_id, symbols=symbols),
                                  module_file(sample_split(self.base).build(), release='6.1.0-rc1+',
                                              build_id=module_id))
                self.assertEqual(seen, (0, "fits\n  note: is for Linux 6.1.0-rc1+, the base 'VMLINUX' is of Linux "
                                           "6.2.0%s\n" % ids))
            seen = self.check(kernel_file(btf, release='6.2.0', symbols=symbols),
                              module_file(sample_split(self.base).build(), release='6.2.0', build_id=old))
            self.assertEqual(seen, (0, 'fits\n'))

    def test_module_of_another_machine(self):
        little, big = self.base.build(), sample_base(False).build()
        module = module_file(sample_split(self.base).build(), machine=EM_X86_64)
        rows = [
            (kernel_file(little, machine=EM_AARCH64), "is for ELF machine 62, the base 'VMLINUX' for machine 183"),
            (kernel_file(little, bits=32, machine=EM_X86_64), "is a 64-bit file, the base 'VMLINUX' a 32-bit one"),
            (big, "is little-endian, the base 'VMLINUX' is big-endian"),
            (kernel_file(big, little=False), "is little-endian, the base 'VMLINUX' is big-endian"),
        ]
        for kernel, text in rows:
            self.assertEqual(self.check(kernel, module), (1, 'does not fit: %s\n' % text))

    def test_strange_releases_and_notes(self):
        """Texts that are no release and notes that end too early are as good as none."""
        btf = self.base.build()
        for release in ('x' * 65, '\x01\x02', '\x7f'):
            path = self.write('vmlinux', kernel_file(btf, release='9' + release))
            result = run('check', '--base=' + path, self.write('m.ko', module_file(sample_split(self.base).build(),
                                                                                  release='6.1.0')))
            self.assertEqual((result.code, result.out, result.err), (0, '%s: fits\n' % self.module, ''))
        for cut in range(36):
            elf = Elf()
            note = elf.pack('III', 4, 20, 3) + b'GNU\0' + bytes(20)
            elf.section('.notes', note[:cut], sh_type=7)
            elf.section('.BTF', btf)
            self.good(elf.build())
        for size in (0x7fffffff, 0x80000000, 0xfffffffc, 0xffffffff):
            elf = Elf()
            elf.section('.notes', elf.pack('III', size, size, 3) + b'GNU\0' + bytes(20), sh_type=7)
            elf.section('.BTF', btf)
            self.good(elf.build())

    # Random damage.

    def test_flips(self):
        """An answer each time, whichever bytes of base, split or distilled base are damaged."""
        small = BtfWriter()
        small.int('int', 4)
        small.struct('node', 16)
        over_small = BtfWriter(small)
        over_small.struct('mine', 24, ('node', 2, 0), ('value', 1, 128))
        codes = {}
        for n in range(FLIPS):
            rng = random.Random('base %d' % (SEED * 1000000 + n))
            little = rng.random() < 0.8
            base = sample_base(little)
            parts = [bytearray(base.build()), bytearray(sample_split(base).build()),
                     bytearray(over_small.build()), bytearray(small.build())]
            hurt = parts[rng.choice((0, 0, 1, 1, 2, 3))]
            for _ in range(rng.choice((1, 1, 2, 4))):
                at = rng.randrange(len(hurt))
                if rng.random() < 0.3:
                    at = rng.randrange(24)
                how = rng.randrange(4)
                if how == 0:
                    hurt[at] ^= 1 << rng.randrange(8)
                elif how == 1:
                    hurt[at] = rng.choice((0, 1, 2, 0x7f, 0x80, 0xff))
                elif how == 2:
                    hurt[at] = rng.randrange(256)
                else:
                    at &= ~3
                    hurt[at:at + 4] = struct.pack('<I', rng.choice((0, 1, 0xffffffff, 0x7fffffff, len(hurt))))
            paths = [self.write('vmlinux', bytes(parts[0])), self.write('layer', bytes(parts[1])),
                     self.write('m.ko', module_file(bytes(parts[1]), little=little)),
                     self.write('d.ko', module_file(bytes(parts[2]), distilled=bytes(parts[3])))]
            for args in (('--base=' + paths[0], paths[2]), ('--base=' + paths[0], paths[3]), (paths[3],), (paths[0],),
                         ('--base=' + paths[0], '--base=' + paths[1], paths[1])):
                result = run('check', *args, timeout=20)
                self.assertIn(result.code, (0, 1, 3), (n, result.err))
                self.assertEqual(result.err.count('\n'), result.code == 3, (n, result.err))
                codes[result.code] = codes.get(result.code, 0) + 1
        for code in (0, 1, 3):
            self.assertGreater(codes.get(code, 0), FLIPS // 10, codes)


if __name__ == '__main__':
    main()
