# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
"""Raw BTF record by record, alone or split, and the ELF files that carry it; for tests of its readers.

    base = BtfWriter()
    number = base.int('int', 4)
    node = base.struct('node', 16, ('next', base.num + 2, 0), ('value', number, 64))
    base.ptr(node)
    split = BtfWriter(base)
    split.struct('mine', 16, ('node', node, 0))
    kernel_file(base.build(), release='6.1.0')           ELF as vmlinux is
    module_file(split.build(), release='6.1.0')          ELF as modules are

Ids count from 1, those of a split behind its base. A name that the base has is the base's string,
as encoders write it. Nothing is checked: wrong ids and sizes are welcome.
"""

import os
import struct
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

# pylint: disable=wrong-import-position
from elfwriter import ET_EXEC, ET_REL, SHT_NOBITS, SHT_NOTE, Elf  # noqa: E402

KINDS = {name: number for number, name in enumerate(
    ('VOID', 'INT', 'PTR', 'ARRAY', 'STRUCT', 'UNION', 'ENUM', 'FWD', 'TYPEDEF', 'VOLATILE', 'CONST', 'RESTRICT',
     'FUNC', 'FUNC_PROTO', 'VAR', 'DATASEC', 'FLOAT', 'DECL_TAG', 'TYPE_TAG', 'ENUM64'))}


class BtfWriter:
    def __init__(self, base=None, little=None):
        self.base = base
        self.little = little if little is not None else base.little if base else True
        self.order = '<' if self.little else '>'
        self.strings = b'' if base else b'\0'
        self.first_str = base.first_str + len(base.strings) if base else 0
        self.first_id = base.num + 1 if base else 1
        self.records = []

    @property
    def num(self):
        """The highest id so far."""
        return self.first_id - 1 + len(self.records)

    def find(self, text):
        """Offset of a whole string, None if there is none."""
        found = self.base.find(text) if self.base else None
        if found is not None:
            return found
        at = (b'\0' + self.strings).find(b'\0' + text + b'\0')
        return None if at < 0 else self.first_str + at

    def name(self, text):
        text = text if isinstance(text, bytes) else text.encode()
        if not text:
            return 0
        off = self.find(text)
        if off is None:
            off = self.first_str + len(self.strings)
            self.strings += text + b'\0'
        return off

    def add(self, kind, name, word, *rest, vlen=0, flag=False):
        """name: text, or a string offset."""
        name_off = name if isinstance(name, int) else self.name(name)
        info = flag << 31 | (kind if isinstance(kind, int) else KINDS[kind]) << 24 | vlen
        self.records.append(struct.pack('%s%dI' % (self.order, 3 + len(rest)), name_off, info, word, *rest))
        return self.num

    def int(self, name='int', size=4, encoding=1):
        return self.add('INT', name, size, encoding << 24 | size * 8)

    def ptr(self, target):
        return self.add('PTR', '', target)

    def typedef(self, name, target):
        return self.add('TYPEDEF', name, target)

    def struct(self, name, size, *members, kind='STRUCT'):
        """members: (name, type, offset in bits)"""
        words = [word for text, type_id, off in members
                 for word in (text if isinstance(text, int) else self.name(text), type_id, off)]
        return self.add(kind, name, size, *words, vlen=len(members))

    def proto(self, ret, *params):
        words = [word for text, type_id in params for word in (self.name(text), type_id)]
        return self.add('FUNC_PROTO', '', ret, *words, vlen=len(params))

    def func(self, name, proto):
        return self.add('FUNC', name, proto)

    def build(self, **changes):
        """changes: header fields that are to differ."""
        types = b''.join(self.records)
        fields = dict(magic=0xeb9f, version=1, flags=0, header_size=24, types_off=0, types_size=len(types),
                      strings_off=len(types), strings_size=len(self.strings))
        fields.update(changes)
        return struct.pack(self.order + 'HBBIIIII', *fields.values()) + types + self.strings


def build_id_note(elf, build_id):
    return elf.pack('III', 4, len(build_id), 3) + b'GNU\0' + build_id


def kernel_file(btf=None, release=None, build_id=None, symbols=True, nobits=False, **elf_options):
    """btf None: no section. symbols False: as stripped, the banner is only in .rodata."""
    elf = Elf(e_type=ET_EXEC, **elf_options)
    if release:
        text = ('%s version %s (nobody)' % ('%s', '%s')).encode() + b'\0Linux version %s\0'
        start = len(text)
        text += ('Linux version %s (nobody@nowhere) #1 SMP\n' % release).encode() + b'\0'
        rodata = elf.section('.rodata', text, flags='A', addr=0x2000)
        if symbols:
            elf.symbol('other', value=0x2000, size=4, section=rodata)
            elf.symbol('linux_banner', value=0x2000 + start, size=len(text) - start, section=rodata)
    if build_id:
        elf.section('.notes', elf.pack('III', 4, 0, 1) + b'Xen\0' + build_id_note(elf, build_id), sh_type=SHT_NOTE,
                    flags='A', addr=0x4000)
    if btf is not None:
        if nobits:
            elf.section('.BTF', sh_type=SHT_NOBITS, size=len(btf), flags='A', addr=0x8000)
        else:
            elf.section('.BTF', btf, flags='A', addr=0x8000)
    return elf.build()


def module_file(btf=None, distilled=None, release=None, build_id=None, **elf_options):
    elf = Elf(e_type=ET_REL, **elf_options)
    modinfo = b'license=GPL\0'
    if release:
        modinfo += ('vermagic=%s SMP preempt mod_unload ' % release).encode() + b'\0'
    elf.section('.modinfo', modinfo + b'name=test\0', flags='A')
    if build_id:
        elf.section('.note.gnu.build-id', build_id_note(elf, build_id), sh_type=SHT_NOTE, flags='A')
    if btf is not None:
        elf.section('.BTF', btf)
    if distilled is not None:
        elf.section('.BTF.base', distilled)
    return elf.build()
