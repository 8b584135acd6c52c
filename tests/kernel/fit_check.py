#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
"""How many modules of a kernel does `btfgen check` tell from those of a base that was changed?

fit_check.py BTFGEN VMLINUX LIST [OTHER_VMLINUX...]

LIST names modules with split BTF over VMLINUX's, one a line. They must all fit it, and none of
them the others. Then the base gets one change at a time, a type more or less, or a string more,
and a table says how many modules still fit. The rates that must be reached are in CHANGES.

Exit status: 0 reached, 1 not, 2 usage.
"""

import json
import os
import struct
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'lib'))

# pylint: disable=wrong-import-position
from elfwriter import ElfReader  # noqa: E402

# By kind: words of the tail, of an element, and which of them are ids and strings.
TAILS = {1: (1, 0), 3: (3, 0), 4: (0, 3), 5: (0, 3), 6: (0, 2), 13: (0, 2), 14: (1, 0), 15: (0, 3), 17: (1, 0),
         19: (0, 3)}
WORD_IDS = {2, 8, 9, 10, 11, 12, 13, 14, 17, 18}
TAIL_IDS = {3: (0, 1)}
ELEM_IDS = {4: (1,), 5: (1,), 13: (1,), 15: (0,)}
ELEM_STRINGS = {4: (0,), 5: (0,), 6: (0,), 13: (0,), 19: (0,)}

# Change, what it does, percentage of modules that must be told at least.
CHANGES = (
    ('type-front', 'one type more at the front', 99),
    ('type-middle', 'one type more in the middle', 99),
    ('type-end', 'one type more at the end', 90),
    ('type-less', 'one type less in the middle', 99),
    ('string-front', 'one string more at the front', 99),
    ('string-middle', 'one string more in the middle', 99),
    ('string-end', 'one string more at the end', 98),
    ('type-moved', 'one type moved, no number more or less', 50),
)


class Raw:
    """Raw BTF, little-endian, as lists of words."""

    def __init__(self, path):
        with open(path, 'rb') as f:
            data = f.read()
        if data[:4] == b'\x7fELF':
            elf = ElfReader(data)
            data = bytes(elf.content([s for s in elf.sections if s['name'] == '.BTF'][0]))
        _, _, _, header, types_off, types_size, strings_off, strings_size = struct.unpack_from('<HBBIIIII', data)
        types = struct.unpack_from('<%dI' % (types_size // 4), data, header + types_off)
        self.strings = data[header + strings_off:header + strings_off + strings_size]
        self.records = []
        at = 0
        while at < len(types):
            kind, vlen = types[at + 1] >> 24 & 127, types[at + 1] & 0xffffff
            tail, elem = TAILS.get(kind, (0, 0))
            size = 3 + tail + elem * vlen
            self.records.append(list(types[at:at + size]))
            at += size

    def remap(self, new_id, new_string):
        for record in self.records:
            kind, vlen = record[1] >> 24 & 127, record[1] & 0xffffff
            tail, elem = TAILS.get(kind, (0, 0))
            record[0] = new_string(record[0])
            if kind in WORD_IDS:
                record[2] = new_id(record[2])
            for k in TAIL_IDS.get(kind, ()):
                record[3 + k] = new_id(record[3 + k])
            for i in range(vlen if elem else 0):
                for k in ELEM_IDS.get(kind, ()):
                    at = 3 + tail + elem * i + k
                    record[at] = new_id(record[at])
                for k in ELEM_STRINGS.get(kind, ()):
                    at = 3 + tail + elem * i + k
                    record[at] = new_string(record[at])

    def change(self, how):
        num = len(self.records)
        what, where = how.split('-')
        if where == 'less':
            at = num // 2
            self.remap(lambda n: n - 1 if n > at else n, lambda n: n)
            del self.records[at - 1]
        elif where == 'moved':
            low, high = num // 4, 3 * num // 4
            self.remap(lambda n: high if n == low else n - 1 if low < n <= high else n, lambda n: n)
            self.records.insert(high - 1, self.records.pop(low - 1))
        elif what == 'type':
            at = {'front': 1, 'middle': num // 2, 'end': num + 1}[where]
            self.remap(lambda n: n + 1 if n >= at else n, lambda n: n)
            self.records.insert(at - 1, [0, 2 << 24, 0])
        else:
            at = {'front': 1, 'middle': self.strings.index(b'\0', len(self.strings) // 2) + 1,
                  'end': len(self.strings)}[where]
            text = b'zz_new\0'
            self.remap(lambda n: n, lambda n: n + len(text) if n >= at else n)
            self.strings = self.strings[:at] + text + self.strings[at:]

    def bytes(self):
        types = b''.join(struct.pack('<%dI' % len(record), *record) for record in self.records)
        return struct.pack('<HBBIIIII', 0xeb9f, 1, 0, 24, 0, len(types), len(types), len(self.strings)) + types + \
            self.strings


def check(btfgen, base, names):
    run = subprocess.run([btfgen, 'check', '--json', '--base=' + base, '--files-from=' + names],
                         stdout=subprocess.PIPE, check=False)
    if run.returncode not in (0, 1):
        sys.exit('ERROR: btfgen check ends with %d' % run.returncode)
    return json.loads(run.stdout)


def main():
    if len(sys.argv) < 4:
        print(__doc__.splitlines()[2], file=sys.stderr)
        return 2
    btfgen, vmlinux, names = sys.argv[1:4]
    bad = 0
    out = check(btfgen, vmlinux, names)
    total = len(out['files'])
    for file in out['files']:
        if file['verdict'] != 'fits':
            print('ERROR %s: %s: %s' % (file['path'], file['verdict'], file['reason']))
            bad = 1
    print('%6d modules, %d fit their own base' % (total, out['fits']))
    print('%6s %8s %8s  base' % ('fit', 'may not', 'do not'))
    for other in sys.argv[4:]:
        out = check(btfgen, other, names)
        print('%6d %8d %8d  %s' % (out['fits'], out['may_not_fit'], out['does_not_fit'], other))
        bad |= out['fits'] > 0
    with tempfile.TemporaryDirectory(prefix='btfgen-test-') as folder:
        path = os.path.join(folder, 'base')
        for how, text, percent in CHANGES:
            raw = Raw(vmlinux)
            raw.change(how)
            with open(path, 'wb') as f:
                f.write(raw.bytes())
            out = check(btfgen, path, names)
            print('%6d %8d %8d  %s' % (out['fits'], out['may_not_fit'], out['does_not_fit'], text))
            if out['fits'] * 100 > total * (100 - percent):
                print('ERROR less than %d %% are told' % percent)
                bad = 1
    return bad


if __name__ == '__main__':
    sys.exit(main())
