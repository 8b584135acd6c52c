# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
"""What the tests that run btfgen share: a matrix of encodings, files, runs, comparisons.

The program under test is the one that the environment's BTFGEN names.  A test class derives from
EncodeTest and states a tree and what must come out of it:

    self.types([base('int', 4), ptr('int'), typedef('p_t', 'ptr int')],
               {('INT', 'int'): '4 enc 1 bits 32', ('TYPEDEF', 'p_t'): 'PTR(int)'})

types() runs over all of MATRIX, or over the given encodings, and checks the result by the rules of
btf.py as well.
"""

import os
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

# pylint: disable=wrong-import-position
from btf import Btf, BtfError  # noqa: E402,F401
from dwarfwriter import (Dwarf, Encoding, Form, Raw, Sym, Unit, array, base, bitfield, die,
                         # noqa: E402,F401
                         enum_, function, fwd, member, proto, ptr, qual, struct_, typedef, umember,
                         union_, variable)
from elfwriter import (ET_DYN, ET_EXEC, ET_REL, Elf, ElfReader, SHN_ABS, SHN_COMMON,
                       # noqa: E402,F401
                       SHN_UNDEF, SHT_NOBITS, STB_GLOBAL, STB_LOCAL, STB_WEAK, STT_COMMON, STT_FUNC,
                       STT_NOTYPE, STT_OBJECT, STT_SECTION, STT_TLS)

BTFGEN = os.path.abspath(os.environ.get('BTFGEN', 'btfgen'))
TIMEOUT = 60

INT = ('INT', 'int')
INT_CONTENT = '4 enc 1 bits 32'


class Case:
    """One row of the matrix: an Encoding, the ELF class and the compression of debug sections."""

    def __init__(self, enc, compress=None):
        self.enc = enc
        self.bits = 8 * enc.addr_size
        self.compress = compress

    def __str__(self):
        return '%s%s' % (self.enc, ',compress=' + self.compress if self.compress else '')


def make_matrix():
    """Every DWARF version with every ELF class, byte order and DWARF format; the other parameters
    in turn, at periods without a common factor, so that most pairs occur."""
    rows = []
    combos = [(version, size, little, dwarf64) for version in (2, 3, 4, 5) for size in (8, 4)
              for little in (True, False) for dwarf64 in (False, True)
              if not (dwarf64 and version == 2)]
    # DWARF 5 has the most forms and gets a second round.
    combos += [c for c in combos if c[0] == 5]
    for i, (version, size, little, dwarf64) in enumerate(combos):
        strings = ['string', 'strp']
        consts = ['auto', 'data4', 'udata', 'data8', 'sdata', 'data2', 'data1']
        addrs = ['addr']
        if version == 5:
            strings = ['strp', 'line_strp', 'strx', 'strx1', 'string', 'strx2', 'strx3', 'strx4']
            consts.insert(2, 'implicit_const')
            addrs = ['addr', 'addrx', 'addrx1', 'addrx2', 'addrx4']
        refs = ['ref4', 'ref1', 'ref2', 'ref8', 'ref_udata', 'ref_addr']
        enc = Encoding(version=version, dwarf64=dwarf64, little=little, addr_size=size,
                       strform=strings[i % len(strings)],
                       refform=refs[i * 5 % len(refs)],
                       constform=consts[i * 3 % len(consts)],
                       addrform=addrs[i % len(addrs)],
                       locform='exprloc' if version >= 4 else ['block1', 'block', 'block2',
                                                               'block4'][i % 4],
                       sibling=i % 3 != 1,
                       bitfields='new' if version == 5 or (version == 4 and i % 2) else 'old',
                       shared_abbrevs=i % 5 == 2,
                       first_code=1 if i % 4 else 100, code_step=1 if i % 7 else 37,
                       indirect=i % 11 == 7)
        rows.append(Case(enc, [None, None, None, 'zlib', None, 'gnu'][i % 6]))
    return rows


MATRIX = make_matrix()
PLAIN = Case(Encoding())
BIG32 = Case(Encoding(version=4, little=False, addr_size=4))
FEW = [PLAIN, BIG32, Case(Encoding(version=2, strform='string')),
       Case(Encoding(version=5, dwarf64=True, little=False, strform='strx', refform='ref_udata'))]
TYPE_UNIT_CASES = [case for case in MATRIX if case.enc.has_type_units]

PERCPU = '.data..percpu'


class Result:
    """A finished run."""

    def __init__(self, code, out, err):
        self.code = code
        self.out = out
        self.err = err


def run(*args, timeout=TIMEOUT, **kw):
    """Run btfgen; a run beyond the timeout is an error of the test."""
    done = subprocess.run([BTFGEN, *args], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, timeout=timeout, check=False, **kw)
    return Result(done.returncode, done.stdout.decode('utf-8', 'surrogateescape'),
                  done.stderr.decode('utf-8', 'surrogateescape'))


def as_units(content):
    """A list of DIEs becomes one unit, a list of units stays."""
    if content and isinstance(content[0], Unit):
        return content
    return [Unit(*content)]


def build_dwarf(content, case):
    """content: DIEs or units; or a function of the Case giving them; or a Dwarf already built."""
    if isinstance(content, Dwarf):
        return content
    if callable(content):
        content = content(case)
    return Dwarf(case.enc, as_units(content)).build()


class EncodeTest(unittest.TestCase):
    """Base class; each test has a folder of its own."""

    maxDiff = None

    def setUp(self):
        self._tmp = tempfile.TemporaryDirectory(prefix='btfgen-test-')
        self.addCleanup(self._tmp.cleanup)
        self.dir = self._tmp.name

    def path(self, name):
        return os.path.join(self.dir, name)

    def write(self, name, data):
        with open(self.path(name), 'wb') as f:
            f.write(data)
        return self.path(name)

    def read(self, name):
        with open(self.path(name), 'rb') as f:
            return f.read()

    def each(self, rows, check):
        """Call check(row) for all rows; report the first failure and the names of the others."""
        failed, first = [], None
        for row in rows:
            try:
                check(row)
            except (AssertionError, LookupError, BtfError, subprocess.TimeoutExpired) as exc:
                failed.append(str(row))
                first = first or exc
        if failed:
            note = '\nfailed in %d of %d:\n  %s' % (len(failed), len(rows), '\n  '.join(failed))
            raise AssertionError('%s: %s%s' % (type(first).__name__, first, note)) from first

    # Files.

    def elf(self, case, content, percpu=None, percpu_size=0x1000, e_type=ET_EXEC, symbols=(),
            extra=None, machine=None):
        """An Elf with text, data, perhaps the per-CPU section at address percpu, and the DWARF.

        symbols: (name, offset in the per-CPU section, size, keywords for Elf.symbol).
        extra: called with the Elf before the debug sections are added.
        """
        elf = Elf(bits=case.bits, little=case.enc.little, e_type=e_type, machine=machine)
        rel = e_type == ET_REL
        elf.section('.text', bytes(0x100), flags='AX', addr=0 if rel else 0x100000, align=16)
        elf.data_section = elf.section('.data', bytes(0x100), flags='WA',
                                       addr=0 if rel else 0x200000, align=16)
        elf.percpu = None
        if percpu is not None:
            elf.percpu = elf.section(PERCPU, bytes(percpu_size), flags='WA', addr=percpu, align=64)
        for entry in symbols:
            name, offset, size = entry[:3]
            keywords = dict(entry[3]) if len(entry) > 3 else {}
            keywords.setdefault('section', elf.percpu)
            elf.symbol(name, value=(0 if rel else percpu or 0) + offset, size=size, **keywords)
        if extra:
            extra(elf)
        build_dwarf(content, case).add_to(elf, compress=case.compress)
        return elf

    # Runs.

    def encode(self, data, *options, ptr_size=8, ignore=()):
        """Encode bytes to raw BTF, check its rules but those of ignore, return the Btf."""
        path = self.write('in.elf', data)
        out = self.path('out.btf')
        if os.path.exists(out):
            os.unlink(out)
        result = run('--percpu', '-o', out, *options, path)
        self.assertEqual((result.code, result.err), (0, ''))
        btf = Btf(self.read('out.btf'), ptr_size=ptr_size)
        self.assertEqual([p for p in btf.problems() if not p.startswith(tuple(ignore))], [])
        return btf

    def encode_case(self, case, content, *options, ignore=(), **kw):
        btf = self.encode(self.elf(case, content, **kw).build(), *options,
                          ptr_size=case.enc.addr_size, ignore=ignore)
        self.assertEqual(btf.little, case.enc.little)
        return btf

    def types(self, content, want, cases=None, anonymous=None, **kw):
        """Exactly the named types of want come out: {(kind, name): content}.  content may be a
        function of the Case.  anonymous: the descriptions of all types without a name."""
        def check(case):
            btf = self.encode_case(case, content, **kw)
            self.assertEqual({(kind, name): text for kind, name, text in btf.definitions()}, want)
            self.assertEqual(sum(btf.definitions().values()), len(want))
            if anonymous is not None:
                self.assertEqual(sorted(btf.describe(t.id) for t in btf.types[1:] if not t.name),
                                 sorted(anonymous))

        self.each(cases or MATRIX, check)

    def variables(self, content, symbols, want, cases=None, percpu=(0, 0x80000), **kw):
        """Exactly the per-CPU variables of want come out: (name, offset, size, linkage, type),
        with the section at each of the addresses in percpu for the cases of FEW, and at one of
        them in turn for the others.  content: a function of the Case and the section's address."""
        def check(row):
            case, address = row
            btf = self.encode_case(case, content(case, address), percpu=address, symbols=symbols,
                                   **kw)
            got = {name: [tuple(v) for v in entries] for name, entries in btf.variables().items()}
            self.assertEqual(got, {PERCPU: list(want)} if want else {})

        rows = [(case, address) for case in (cases or FEW) for address in percpu]
        if not cases:
            rows += [(case, percpu[i // 2 % len(percpu)]) for i, case in enumerate(MATRIX)]
        self.each([CaseAt(row) for row in rows], check)


class CaseAt(tuple):
    """(Case, address of the per-CPU section)."""

    def __str__(self):
        return '%s,percpu=0x%x' % self


def main():
    """Run the calling file's tests."""
    if not os.access(BTFGEN, os.X_OK):
        print('no program to test: set BTFGEN', file=sys.stderr)
        sys.exit(2)
    unittest.main()
