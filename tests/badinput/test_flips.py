# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
"""Random damage from fixed seeds: an answer every time, and never a wrong file.

BTFGEN_FLIPS sets how many files of each kind are tried (default 150), BTFGEN_SEED where they start.
"""

import os
import random
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'lib'))

# pylint: disable=wrong-import-position,wildcard-import,unused-wildcard-import
from badinput import *  # noqa: E402,F403
from badinput import BadInputTest, main  # noqa: E402
from encode import Btf, ElfReader, FEW, MATRIX  # noqa: E402

FLIPS = int(os.environ.get('BTFGEN_FLIPS', '150'))
SEED = int(os.environ.get('BTFGEN_SEED', '1'))
INTERESTING = (0, 1, 2, 3, 4, 7, 8, 0x0f, 0x10, 0x3f, 0x40, 0x7f, 0x80, 0xfe, 0xff)


class Flips(BadInputTest):
    def cases(self):
        """Uncompressed ones, so that the flips reach the content."""
        rows = [c for c in MATRIX if not c.compress]
        return FEW + [rows[i] for i in range(3, len(rows), 5)]

    def flip(self, section_names):
        cases = self.cases()
        codes = {}
        for n in range(FLIPS):
            rng = random.Random('%s %d' % (section_names[0], SEED * 1000000 + n))
            case = cases[n % len(cases)]
            data = bytearray(self.good(case))
            sections = [s for s in ElfReader(bytes(data)).sections
                        if s['name'] in section_names and s['size']]
            for _ in range(rng.choice((1, 1, 1, 2, 5))):
                sec = rng.choice(sections)
                at = sec['offset'] + rng.randrange(sec['size'])
                how = rng.randrange(3)
                if how == 0:
                    data[at] ^= 1 << rng.randrange(8)
                elif how == 1:
                    data[at] = rng.choice(INTERESTING)
                else:
                    data[at] = rng.randrange(256)
            code = self.check(bytes(data), case, '%s %d' % (section_names[0], n))
            codes[code] = codes.get(code, 0) + 1
        # Both answers occur, or the flips miss what is read.
        self.assertGreater(codes.get(0, 0), 0, codes)
        self.assertGreater(codes.get(3, 0), 0, codes)

    def check(self, data, case, what):
        path = self.write('in.elf', data)
        out = self.path('out.btf')
        try:
            result = run('-o', out, path, timeout=20)
            self.assertIn(result.code, (0, 3, 5), result.err)
            self.assertEqual(result.out, '')
            if result.code:
                self.one_line(result, path)
                self.assertEqual(os.listdir(self.dir), ['in.elf'])
            else:
                self.assertEqual(result.err, '')
                btf = Btf(self.read('out.btf'), ptr_size=case.enc.addr_size)
                # A forward may stay beside its definition when the name became ambiguous.
                self.assertEqual([p for p in btf.problems() if not p.startswith('N3')], [])
                os.unlink(out)
            self.assertEqual(self.read('in.elf'), data)
        except BaseException:
            keep = os.environ.get('BTFGEN_KEEP')
            if keep:
                with open(os.path.join(keep, re.sub(r'\W+', '_', what) + '.elf'), 'wb') as f:
                    f.write(data)
            print('%s, encoding %s' % (what, case), file=sys.stderr)
            raise
        return result.code

    def test_info(self):
        self.flip(['.debug_info'])

    def test_abbrev(self):
        self.flip(['.debug_abbrev'])

    def test_strings(self):
        """Names change; what is a name for the kernel and what is not must be told apart."""
        cases = self.cases()
        for n in range(FLIPS):
            rng = random.Random('strings %d' % (SEED * 1000000 + n))
            case = cases[n % len(cases)]
            data = bytearray(self.good(case))
            sections = [s for s in ElfReader(bytes(data)).sections
                        if s['name'] in ('.debug_str', '.debug_line_str', '.debug_str_offsets',
                                         '.debug_addr') and s['size']]
            for _ in range(3 if sections else 0):
                sec = rng.choice(sections)
                data[sec['offset'] + rng.randrange(sec['size'])] = rng.randrange(256)
            self.check(bytes(data), case, 'strings %d' % n)

    def test_symbols(self):
        cases = self.cases()
        for n in range(FLIPS):
            rng = random.Random('symbols %d' % (SEED * 1000000 + n))
            case = cases[n % len(cases)]
            data = bytearray(self.good(case))
            sections = [s for s in ElfReader(bytes(data)).sections
                        if s['name'] in ('.symtab', '.strtab')]
            for _ in range(2):
                sec = rng.choice(sections)
                data[sec['offset'] + rng.randrange(sec['size'])] = rng.randrange(256)
            self.check(bytes(data), case, 'symbols %d' % n)

    def test_headers(self):
        """The ELF header, section headers and section names."""
        cases = self.cases()
        for n in range(FLIPS):
            rng = random.Random('headers %d' % (SEED * 1000000 + n))
            case = cases[n % len(cases)]
            data = bytearray(self.good(case))
            elf = ElfReader(bytes(data))
            ranges = [(0, 64 if case.bits == 64 else 52), (elf.shoff, len(data) - elf.shoff)]
            ranges += [(s['offset'], s['size']) for s in elf.sections if s['name'] == '.shstrtab']
            start, size = rng.choice(ranges)
            data[start + rng.randrange(size)] = rng.randrange(256)
            self.check(bytes(data), case, 'headers %d' % n)


if __name__ == '__main__':
    main()
