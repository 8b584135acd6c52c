# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
"""What the tests of bad input share.

BadInputTest.refused() runs btfgen both ways, into a file and in place, and asserts everything that
must hold when an input is refused: the exit code, one line on standard error that begins with the
program's name and the path, nothing on standard output, the input's bytes, and no other file in
the folder.
"""

import os
import re

from encode import (EncodeTest, PERCPU, PLAIN, Case, Elf, Encoding, Unit, array, base, bitfield,
                    # noqa: F401
                    build_dwarf, die, enum_, function, fwd, main, member, proto, ptr, qual, run,
                    struct_, typedef, umember, union_, variable)

LINE = re.compile(r'btfgen: [^\n]+\n\Z')
PLACE = re.compile(r'\.debug_[a-z_]+\+0x[0-9a-f]+( |:)')


def good_units(case=PLAIN, percpu=0x80000):
    """Units with a bit of everything: what to damage."""
    size = case.enc.addr_size
    common = [base('int', 4), base('unsigned int', 4, 'unsigned'), base('char', 1, 'signed_char'),
              base('_Bool', 1, 'boolean'), ptr(), ptr('int'), qual('const', 'char'),
              ptr('const char', id='name'), qual('volatile', 'ptr int', id='vp'),
              enum_('color', 4, ('RED', 0), ('GREEN', 1), ('BLUE', -5)),
              struct_('node', 2 * size, member('next', 'pn', 0), member('value', 'int', size)),
              ptr('struct node', id='pn'),
              struct_('flags', 8, bitfield('a', 'unsigned int', 0, 3),
                      bitfield('b', 'unsigned int', 3, 29),
                      member('c', 'enum color', 4)),
              union_('both', size, umember('i', 'int'), umember('p', 'name')),
              array('int', 3, 4, id='matrix'), typedef('matrix_t', 'matrix'),
              proto('int', ('a', 'name'), ('b', 'pn'), id='fn', varargs=True), ptr('fn', id='pfn'),
              struct_('ops', 2 * size, member('open', 'pfn', 0),
                      die('member', type='anon', data_member_location=size),
                      union_(None, size, umember('x', 'vp'), umember('y', 'matrix ptr'),
                             id='anon')),
              ptr('matrix', id='matrix ptr')]
    return [
        Unit(*common, variable('first', 'struct node', percpu),
             variable('second', 'matrix', percpu + 0x40),
             function('f', die('formal_parameter', name='x', type='int'),
                      die('lexical_block', struct_('inner', 4, member('z', 'int', 0)),
                          variable('counter', 'struct inner', percpu + 0x80, external=False)),
                      low_pc=0x100000), name='first.c'),
        Unit(base('int', 4), fwd('structure_type', 'node', id='fn'), ptr('fn', id='p'),
             variable('third', 'p', percpu + 0x90), struct_('user', size, member('p', 'p', 0)),
             name='second.c'),
        Unit(*common, name='third.c')]


def good_symbols(case=PLAIN):
    size = case.enc.addr_size
    return [('first', 0, 2 * size), ('second', 0x40, 48), ('counter.0', 0x80, 4),
            ('third', 0x90, size)]


class BadInputTest(EncodeTest):
    """Base class."""

    def good(self, case=PLAIN, **kw):
        """The bytes of a file that encodes well."""
        return self.elf(case, good_units(case), percpu=0x80000, symbols=good_symbols(case),
                        **kw).build()

    def one_line(self, result, path):
        """Standard error is one line with the path; returns what is behind the path."""
        self.assertRegex(result.err, LINE)
        head = 'btfgen: %s: ' % path
        self.assertEqual(result.err[:len(head)], head)
        return result.err[len(head):-1]

    def refused(self, data, text, code=3, options=(), detached=True, in_place=True, timeout=60):
        """data: bytes or the path of an input.  text: what stands behind the path, exactly; a
        compiled pattern must match it whole."""
        if isinstance(data, bytes):
            path = self.write('in.elf', data)
        else:
            path, data = data, None
        out = self.path('out.btf')
        listing = sorted(os.listdir(self.dir))
        for args in ([['-o', out, path]] if detached else []) + ([[path]] if in_place else []):
            result = run(*options, *args, timeout=timeout)
            self.assertEqual((result.code, result.out), (code, ''), result.err)
            behind = self.one_line(result, path)
            if isinstance(text, str):
                self.assertEqual(behind, text)
            else:
                self.assertRegex(behind, text)
            self.assertEqual(sorted(os.listdir(self.dir)), listing)
            if data is not None:
                self.assertEqual(self.read('in.elf'), data)

    def damaged(self, dwarf, text, **kw):
        """Refuse a file made of a built Dwarf (or a tree); the text must name a place in its
        sections.  %(id)x in text: the offset of that DIE."""
        if not hasattr(dwarf, 'sections'):
            dwarf = build_dwarf(dwarf, PLAIN)
        elf = Elf()
        dwarf.add_to(elf)
        text = text % {key: off for key, off in dwarf.offsets.items() if isinstance(key, str)}
        self.assertRegex(text, PLACE)
        self.refused(elf.build(), text, **kw)
