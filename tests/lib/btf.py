# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
"""An independent, strict BTF reader for tests.

    btf = Btf.load(path)                   raw BTF, or the .BTF section of an ELF file
    btf.problems()                         [] or one line for each broken rule
    btf.describe(type_id)                  a type without ids, for comparing
    btf.definitions()                      Counter of (kind, name, description)
    btf.variables()                        {section: [Variable]}
    btf.functions()                        {name: prototype as text}
    btf.tags()                             Counter of (target, component, text)

Parsing refuses what cannot be read at all (BtfError); everything else is left to
problems(), whose lines begin with the name of the rule: the kernel's load rules
(H header, S strings, M one type, C modifier chains, R references) and the rules an
encoder sets itself (N1 sorted by name, N2 no FUNC or VAR twice, N3 no forward beside its
definition, N4 no two types equal up to ids, N5 strings whole, unique, all used, N6 a VAR in
exactly one DATASEC).

Descriptions name struct, union, enum and typedef instead of opening them; anonymous ones are
opened.  As a program:

    btf.py check FILE        problems, exit code 1 if any
    btf.py dump FILE         one line a type
    btf.py compare A B       definitions and variables that differ, exit code 1 if any;
                             --flat counts a nested array as the product of its bounds

Sizes are bytes, member offsets bits.  Sources: include/uapi/linux/btf.h, kernel/bpf/btf.c.
"""

import collections
import re
import struct
import sys

from elfwriter import ElfReader

KINDS = ['VOID', 'INT', 'PTR', 'ARRAY', 'STRUCT', 'UNION', 'ENUM', 'FWD', 'TYPEDEF', 'VOLATILE',
         'CONST', 'RESTRICT', 'FUNC', 'FUNC_PROTO', 'VAR', 'DATASEC', 'FLOAT', 'DECL_TAG',
         'TYPE_TAG', 'ENUM64']
SIZED = {'INT', 'STRUCT', 'UNION', 'ENUM', 'DATASEC', 'FLOAT', 'ENUM64'}
REFERRING = {'PTR', 'TYPEDEF', 'VOLATILE', 'CONST', 'RESTRICT', 'FUNC', 'FUNC_PROTO', 'VAR',
             'DECL_TAG', 'TYPE_TAG'}
MODIFIERS = {'TYPEDEF', 'VOLATILE', 'CONST', 'RESTRICT', 'TYPE_TAG'}
KIND_FLAG = {'STRUCT', 'UNION', 'ENUM', 'ENUM64', 'FWD', 'DECL_TAG', 'TYPE_TAG'}
TAIL_WORDS = {'INT': (1, 0), 'ARRAY': (3, 0), 'STRUCT': (0, 3), 'UNION': (0, 3), 'ENUM': (0, 2),
              'FUNC_PROTO': (0, 2), 'VAR': (1, 0), 'DATASEC': (0, 3), 'DECL_TAG': (1, 0),
              'ENUM64': (0, 3)}
NAMELESS = {'PTR', 'VOLATILE', 'CONST', 'RESTRICT', 'ARRAY', 'FUNC_PROTO'}
IDENTIFIER_REQUIRED = {'TYPEDEF', 'FWD', 'FUNC', 'VAR'}

SIGNED, CHAR, BOOL = 1, 2, 4
MAX_ID = 0xfffff
MAX_NAME_OFF = 0xffffff
MAX_IDENTIFIER = 512
MAX_CHAIN = 32

IDENTIFIER = re.compile(rb'[A-Za-z_.][A-Za-z0-9_.]*\Z')
SECTION_NAME = re.compile(rb'[\x20-\x7e]+\Z')

Member = collections.namedtuple('Member', 'name type offset bits')
Value = collections.namedtuple('Value', 'name value')
Param = collections.namedtuple('Param', 'name type')
Entry = collections.namedtuple('Entry', 'type offset size')
Variable = collections.namedtuple('Variable', 'name offset size linkage type')


class BtfError(Exception):
    """The bytes cannot be read as BTF."""


class Type:
    """One type record; which fields exist depends on the kind.

    id, kind, name, vlen, kflag; size or type; INT: encoding, bit_offset, bits; ARRAY: elem,
    index, nelems; members, values, params, entries; VAR: linkage; FUNC: linkage = vlen;
    DECL_TAG: component.
    """

    size = None
    type = None

    def __init__(self, type_id, kind, name, vlen, kflag):
        self.id = type_id
        self.kind = kind
        self.name = name
        self.vlen = vlen
        self.kflag = kflag

    def __repr__(self):
        return '[%d] %s %s' % (self.id, self.kind, self.name or '-')


class Btf:
    def __init__(self, data, ptr_size=8):
        self.data = data
        self.ptr_size = ptr_size
        self.used_offs = set()
        # Of describe(): prototypes can be cyclic without a name in between.
        self.depth = 0
        self._parse()

    @classmethod
    def load(cls, path, ptr_size=None):
        with open(path, 'rb') as f:
            data = f.read()
        if data[:4] == b'\x7fELF':
            elf = ElfReader(data)
            sections = [s for s in elf.sections if s['name'] == '.BTF']
            if len(sections) != 1:
                raise BtfError('%d .BTF sections' % len(sections))
            btf = cls(elf.content(sections[0]), ptr_size or elf.bits // 8)
            if btf.little != elf.little:
                raise BtfError('byte order differs from the ELF file')
            return btf
        return cls(data, ptr_size or 8)

    # Parsing.

    def _parse(self):
        data = self.data
        if len(data) < 24:
            raise BtfError('H1 %d bytes are too short for a header' % len(data))
        if data[:2] == b'\x9f\xeb':
            self.little = True
        elif data[:2] == b'\xeb\x9f':
            self.little = False
        else:
            raise BtfError('H4 bad magic %s' % data[:2].hex())
        self.order = '<' if self.little else '>'
        (_, self.version, self.flags, self.hdr_len, self.type_off, self.type_len, self.str_off,
         self.str_len) = struct.unpack_from(self.order + 'HBBIIIII', data)
        if self.hdr_len < 24 or self.hdr_len > len(data):
            raise BtfError('H2 header length %d' % self.hdr_len)
        self.layout_off = self.layout_len = 0
        if self.hdr_len >= 32:
            self.layout_off, self.layout_len = struct.unpack_from(self.order + 'II', data, 24)
        body = data[self.hdr_len:]
        if self.layout_off + self.layout_len > len(body):
            raise BtfError('H8 layout beyond the end')
        raw = body[self.layout_off:self.layout_off + self.layout_len]
        if len(raw) % 4:
            raise BtfError('L3 layout of %d bytes' % len(raw))
        # By kind: bytes of the fixed tail, bytes an element, flags.
        self.layout = list(struct.iter_unpack(self.order + 'BBH', raw))
        if self.type_off + self.type_len > len(body) or self.str_off + self.str_len > len(body):
            raise BtfError('H8 section beyond the end')
        self.strings = body[self.str_off:self.str_off + self.str_len]
        if not self.strings or self.strings[0] or self.strings[-1]:
            raise BtfError('S4/S5 string section not framed by zero bytes')
        self.types = [Type(0, 'VOID', '', 0, False)]
        self._parse_types(body[self.type_off:self.type_off + self.type_len])

    def string(self, off):
        if off >= len(self.strings):
            raise BtfError('M3 name offset 0x%x beyond the strings' % off)
        self.used_offs.add(off)
        end = self.strings.index(b'\0', off)
        return self.strings[off:end].decode('utf-8', 'surrogateescape')

    def _parse_types(self, raw):
        if len(raw) % 4:
            raise BtfError('M1 type section of %d bytes' % len(raw))
        words = struct.unpack('%s%dI' % (self.order, len(raw) // 4), raw)
        pos, count = 0, len(words)
        while pos < count:
            if pos + 3 > count:
                raise BtfError('M1 type %d cut off' % len(self.types))
            name_off, info, word = words[pos:pos + 3]
            number = info >> 24 & 0x7f
            if not 1 <= number < len(KINDS):
                raise BtfError('M2 type %d of unknown kind %d' % (len(self.types), number))
            kind, vlen = KINDS[number], info & 0xffffff
            fixed, each = TAIL_WORDS.get(kind, (0, 0))
            end = pos + 3 + fixed + each * (vlen if each else 0)
            if end > count:
                raise BtfError('M4 tail of type %d cut off' % len(self.types))
            t = Type(len(self.types), kind, self.string(name_off), vlen, bool(info >> 31))
            self._parse_tail(t, word, words[pos + 3:end])
            self.types.append(t)
            pos = end

    def _parse_tail(self, t, word, tail):
        kind = t.kind
        t.word = word
        if kind in SIZED:
            t.size = word
        elif kind in REFERRING:
            t.type = word
        groups = [tail[i:i + 3] for i in range(0, len(tail), 3)]
        pairs = [tail[i:i + 2] for i in range(0, len(tail), 2)]
        if kind == 'INT':
            t.raw = tail[0]
            t.encoding, t.bit_offset = tail[0] >> 24 & 0xff, tail[0] >> 16 & 0xff
            t.bits = tail[0] & 0xff
        elif kind == 'ARRAY':
            t.elem, t.index, t.nelems = tail
        elif kind in ('STRUCT', 'UNION'):
            t.members = [Member(self.string(n), i, o & 0xffffff if t.kflag else o,
                                o >> 24 if t.kflag else 0) for n, i, o in groups]
        elif kind == 'ENUM':
            t.values = [Value(self.string(n), v - (1 << 32) if t.kflag and v >> 31 else v)
                        for n, v in pairs]
        elif kind == 'ENUM64':
            t.values = []
            for n, low, high in groups:
                value = high << 32 | low
                t.values.append(Value(self.string(n), value - (1 << 64) if t.kflag and high >> 31
                                      else value))
        elif kind == 'FUNC_PROTO':
            t.params = [Param(self.string(n), i) for n, i in pairs]
        elif kind == 'VAR':
            t.linkage = tail[0]
        elif kind == 'FUNC':
            t.linkage = t.vlen
        elif kind == 'DATASEC':
            t.entries = [Entry(*g) for g in groups]
        elif kind == 'DECL_TAG':
            t.component = tail[0] - (1 << 32) if tail[0] >> 31 else tail[0]

    # Looking things up.

    def __len__(self):
        return len(self.types)

    def find(self, name, kind=None):
        """All types of that name (and kind)."""
        return [t for t in self.types[1:] if t.name == name and kind in (None, t.kind)]

    def one(self, name, kind=None):
        found = self.find(name, kind)
        if len(found) != 1:
            raise LookupError('%d types %s %r, not one' % (len(found), kind or 'named', name))
        return found[0]

    def refs(self, t):
        """The ids a type refers to, in record order."""
        kind = t.kind
        if kind == 'ARRAY':
            return [t.elem, t.index]
        if kind in ('STRUCT', 'UNION'):
            return [m.type for m in t.members]
        if kind == 'FUNC_PROTO':
            return [t.type] + [p.type for p in t.params]
        if kind == 'DATASEC':
            return [e.type for e in t.entries]
        return [t.type] if t.type is not None else []

    # Descriptions.

    def describe(self, type_id, flat=False):
        """A type as text without ids; named composites and typedefs are not opened."""
        if self.depth > 200:
            return '^'
        self.depth += 1
        try:
            return self._describe(type_id, flat)
        finally:
            self.depth -= 1

    def _describe(self, type_id, flat):
        t = self.types[type_id]
        kind = t.kind
        if kind == 'VOID':
            return 'void'
        if kind in ('INT', 'FLOAT'):
            return t.name
        if kind in ('STRUCT', 'UNION', 'ENUM', 'ENUM64'):
            word = 'enum' if kind == 'ENUM64' else kind.lower()
            if t.name:
                return '%s %s' % (word, t.name)
            return '%s %s' % (word, self.content(t, flat))
        if kind == 'FWD':
            return '%s %s' % ('union' if t.kflag else 'struct', t.name)
        if kind == 'TYPEDEF':
            return 'typedef %s' % t.name
        if kind == 'TYPE_TAG':
            return '%s(%s,%s)' % ('ATTR' if t.kflag else 'TAG', t.name,
                                  self.describe(t.type, flat))
        if kind in ('PTR', 'VOLATILE', 'CONST', 'RESTRICT'):
            return '%s(%s)' % (kind, self.describe(t.type, flat))
        if kind == 'ARRAY':
            elem, nelems = self.types[t.elem], t.nelems
            while flat and elem.kind == 'ARRAY':
                nelems, elem = nelems * elem.nelems, self.types[elem.elem]
            return 'ARRAY(%s,%d)' % (self.describe(elem.id, flat), nelems)
        return self.content(t, flat)

    def content(self, t, flat=False):
        """What a definition holds, as text."""
        kind = t.kind
        if kind in ('STRUCT', 'UNION'):
            parts = []
            for m in t.members:
                bits = ':%d' % m.bits if m.bits else ''
                parts.append('%s@%d%s %s' % (m.name, m.offset, bits, self.describe(m.type, flat)))
            return '%d{%s}' % (t.size, '; '.join(parts))
        if kind in ('ENUM', 'ENUM64'):
            return '%d{%s}' % (t.size, ', '.join('%s=%d' % v for v in t.values))
        if kind == 'FUNC_PROTO':
            params = ['%s %s' % (p.name, self.describe(p.type, flat)) if p.name or p.type else '...'
                      for p in t.params]
            return 'PROTO(%s)->%s' % (', '.join(p.strip() for p in params),
                                      self.describe(t.type, flat))
        if kind == 'INT':
            return '%d enc %d bits %d' % (t.size, t.encoding, t.bits)
        if kind == 'FLOAT':
            return '%d' % t.size
        if kind == 'FWD':
            return 'fwd'
        if kind in ('VAR', 'FUNC'):
            return '%s linkage %d' % (self.describe(t.type, flat), t.linkage)
        if kind == 'DATASEC':
            return '%d{%s}' % (t.size,
                               ', '.join('%s@%d+%d' % (self.types[e.type].name, e.offset, e.size)
                                                 for e in t.entries))
        if kind == 'DECL_TAG':
            return '%s#%d' % (self.describe(t.type, flat), t.component)
        if t.type is not None:
            return self.describe(t.type, flat)
        return self.describe(t.id, flat)

    def definitions(self, flat=False, kinds=('INT', 'FLOAT', 'STRUCT', 'UNION', 'ENUM', 'ENUM64',
                                             'TYPEDEF', 'FWD')):
        """Counter of (kind, name, content) of the named types."""
        return collections.Counter((t.kind, t.name, self.content(t, flat)) for t in self.types[1:]
                                   if t.name and t.kind in kinds)

    def everything(self):
        """Counter of (kind, name, content) of all types."""
        return collections.Counter((t.kind, t.name, self.content(t)) for t in self.types[1:])

    def variables(self, flat=False):
        """{section name: [Variable in offset order]}."""
        out = {}
        for t in self.types:
            if t.kind == 'DATASEC':
                entries = out.setdefault(t.name, [])
                for e in t.entries:
                    var = self.types[e.type]
                    entries.append(Variable(var.name, e.offset, e.size, var.linkage,
                                            self.describe(var.type, flat)))
        return out

    def functions(self):
        """{name: prototype as text}."""
        return {t.name: self.describe(t.type) for t in self.types if t.kind == 'FUNC'}

    def tags(self):
        """Counter of (target, component, text); `!` before the text of an attribute."""
        out = collections.Counter()
        for t in self.types:
            if t.kind == 'DECL_TAG':
                target = self.types[t.type]
                if target.kind in ('FUNC', 'VAR'):
                    name = '%s %s' % (target.kind.lower(), target.name)
                else:
                    name = self.describe(target.id)
                out[(name, t.component, '!' * t.kflag + t.name)] += 1
        return out

    # Sizes and chains.

    def skip_modifiers(self, type_id):
        """The type behind modifiers; None for a loop or a chain of more than 4096."""
        for _ in range(4096):
            t = self.types[type_id]
            if t.kind not in MODIFIERS:
                return t
            type_id = t.type
        return None

    def size_of(self, type_id, depth=0):
        """Bytes, or None for a type without a size."""
        t = self.skip_modifiers(type_id)
        if t is None or depth > 64:
            return None
        if t.kind == 'PTR':
            return self.ptr_size
        if t.kind == 'ARRAY':
            size = self.size_of(t.elem, depth + 1)
            return None if size is None else size * t.nelems
        if t.kind == 'VAR':
            return self.size_of(t.type, depth + 1)
        return t.size

    # Rules.

    def problems(self, encoder_rules=True, header_len=24, program=False):
        """Every broken rule, a line each.  program: also those for BPF programs only."""
        self.program = program
        self.found = []
        self._check_header(header_len)
        bad_ids = self._check_ids()
        for t in self.types[1:]:
            self._check_meta(t)
        if not bad_ids:
            self._check_chains()
            for t in self.types[1:]:
                self._check_refs(t)
            self._check_loops()
        if encoder_rules:
            self._check_order()
            self._check_names()
            self._check_strings()
            if not bad_ids:
                self._check_equal()
        return self.found

    def _bad(self, rule, t, text):
        self.found.append('%s %s%s' % (rule, '%r: ' % t if t is not None else '', text))

    def _check_header(self, header_len):
        if self.version != 1:
            self._bad('H5', None, 'version %d' % self.version)
        if self.flags:
            self._bad('H6', None, 'flags %d' % self.flags)
        if header_len and self.hdr_len != header_len:
            self._bad('H2', None, 'header of %d bytes' % self.hdr_len)
        if any(self.data[32:self.hdr_len]):
            self._bad('H3', None, 'unknown header fields set')
        if self.hdr_len == 24 and (self.type_off or self.str_off != self.type_len or
                                   self.hdr_len + self.str_off + self.str_len != len(self.data)):
            self._bad('H8', None, 'types and strings do not tile the space after the header')
        if self.hdr_len == 32:
            if self.type_off or self.layout_off != self.type_len or \
                    self.str_off != self.type_len + self.layout_len or \
                    self.hdr_len + self.str_off + self.str_len != len(self.data):
                self._bad('H8', None, 'types, layout and strings do not tile the space')
            want = [(4 * TAIL_WORDS.get(kind, (0, 0))[0], 4 * TAIL_WORDS.get(kind, (0, 0))[1], 0)
                    for kind in KINDS]
            if self.layout != want:
                self._bad('L4', None, 'layout %s' % self.layout)
        if self.type_off % 4:
            self._bad('H9', None, 'type offset %d' % self.type_off)
        if not self.type_len:
            self._bad('H10', None, 'no types')
        if len(self.strings) - 1 > MAX_NAME_OFF:
            self._bad('S3', None, '%d bytes of strings' % len(self.strings))
        if len(self.types) - 1 > MAX_ID:
            self._bad('M0', None, '%d types' % (len(self.types) - 1))

    def _check_ids(self):
        bad = False
        for t in self.types[1:]:
            for ref in self.refs(t):
                if ref >= len(self.types):
                    self._bad('M11', t, 'refers to missing type %d' % ref)
                    bad = True
        return bad

    def _check_identifier(self, t, name, what):
        raw = name.encode('utf-8', 'surrogateescape')
        if not IDENTIFIER.match(raw) or len(raw) > MAX_IDENTIFIER:
            self._bad('M3', t, '%s %r is no identifier' % (what, name))

    def _check_meta(self, t):
        kind = t.kind
        if t.kflag and kind not in KIND_FLAG:
            self._bad('M10', t, 'kind flag set')
        if t.vlen and kind not in ('STRUCT', 'UNION', 'ENUM', 'ENUM64', 'FUNC_PROTO', 'DATASEC',
                                   'FUNC'):
            self._bad('M10', t, 'vlen %d' % t.vlen)
        if t.vlen > 0xffff:
            self._bad('M2', t, 'vlen %d is beyond 16 bits' % t.vlen)
        if kind in NAMELESS and t.name:
            self._bad('M11', t, 'has a name')
        if kind in IDENTIFIER_REQUIRED or (t.name and kind in ('STRUCT', 'UNION', 'ENUM',
                                                               'ENUM64')):
            self._check_identifier(t, t.name, 'name')
        if kind in ('FWD', 'ARRAY') and t.word:
            self._bad('M14', t, 'size word %d' % t.word)
        if kind == 'INT':
            self._check_int(t)
        elif kind == 'FLOAT' and t.size not in (2, 4, 8, 12, 16):
            self._bad('M22', t, 'size %d' % t.size)
        elif kind == 'ARRAY' and not (t.elem and t.index):
            self._bad('M15', t, 'element or index is void')
        elif kind in ('STRUCT', 'UNION'):
            self._check_members(t)
        elif kind in ('ENUM', 'ENUM64'):
            if t.size not in (1, 2, 4, 8):
                self._bad('M17', t, 'size %d' % t.size)
            for v in t.values:
                self._check_identifier(t, v.name, 'enumerator')
            if encoder_signed(t) != t.kflag and t.values:
                self._bad('M17', t, 'sign flag %d' % t.kflag)
        elif kind == 'FUNC' and t.vlen > 1:
            self._bad('M19', t, 'linkage %d' % t.vlen)
        elif kind == 'VAR':
            if t.linkage not in (0, 1):
                self._bad('M20', t, 'linkage %d' % t.linkage)
            if not t.type:
                self._bad('M20', t, 'void')
        elif kind == 'DATASEC':
            self._check_datasec(t)
        elif kind in ('DECL_TAG', 'TYPE_TAG') and not t.name:
            self._bad('M23', t, 'no name')
        elif kind == 'DECL_TAG' and t.component < -1:
            self._bad('M23', t, 'component %d' % t.component)

    def _check_int(self, t):
        if t.raw >> 28:
            self._bad('M10', t, 'unused bits set')
        if t.bits + t.bit_offset > 128 or (t.bits + t.bit_offset + 7) // 8 > t.size:
            self._bad('M10', t, '%d bits at %d in %d bytes' % (t.bits, t.bit_offset, t.size))
        if t.encoding not in (0, SIGNED, CHAR, BOOL):
            self._bad('M10', t, 'encoding %d' % t.encoding)

    def _check_members(self, t):
        last = 0
        for i, m in enumerate(t.members):
            where = 'member %d %r' % (i, m.name)
            if m.name:
                self._check_identifier(t, m.name, 'member name')
            if not m.type:
                self._bad('M16', t, where + ' is void')
            if t.kind == 'UNION' and m.offset:
                self._bad('M16', t, '%s at bit %d' % (where, m.offset))
            if m.offset < last:
                self._bad('M16', t, '%s goes back' % where)
            last = m.offset
            if (m.offset + 7) // 8 > t.size:
                self._bad('M16', t, '%s at bit %d is outside' % (where, m.offset))
        if t.kflag and not any(m.bits for m in t.members):
            self._bad('M16', t, 'kind flag without a bitfield')

    def _check_datasec(self, t):
        raw = t.name.encode('utf-8', 'surrogateescape')
        if not SECTION_NAME.match(raw) or len(raw) > MAX_IDENTIFIER:
            self._bad('M21', t, 'section name %r' % t.name)
        end, total = 0, 0
        for i, e in enumerate(t.entries):
            if e.offset < end:
                self._bad('M21', t, 'entry %d at %d overlaps or is out of order' % (i, e.offset))
            if not e.size or e.offset + e.size > t.size:
                self._bad('M21', t, 'entry %d of %d bytes at %d' % (i, e.size, e.offset))
            end = e.offset + e.size
            total += e.size
        if not t.size or total > t.size:
            self._bad('M21', t, 'size %d' % t.size)

    def _check_chains(self):
        """C1: from each modifier at most 32 steps to what is none or was looked at before, as the
        kernel counts them: it depends on the order of ids."""
        for t in self.types[1:]:
            cur, steps = t, 0
            while cur.kind in MODIFIERS:
                steps += 1
                if steps > MAX_CHAIN:
                    self._bad('C1', t, 'more than %d modifiers in a row' % MAX_CHAIN)
                    break
                if cur.type <= t.id:
                    break
                cur = self.types[cur.type]
        for t in self.types[1:]:
            if t.kind in MODIFIERS and t.kind != 'TYPE_TAG' and \
                    self.types[t.type].kind == 'TYPE_TAG':
                self._bad('C3', t, 'comes before a type tag')

    def _check_refs(self, t):
        kind = t.kind
        types = self.types
        if kind in MODIFIERS or kind == 'PTR':
            if types[t.type].kind in ('VAR', 'DECL_TAG', 'DATASEC', 'FUNC'):
                self._bad('R1', t, 'refers to %r' % types[t.type])
        elif kind == 'ARRAY':
            index = self.skip_modifiers(t.index)
            if index is None or index.kind != 'INT' or index.bits != 8 * index.size or \
                    index.size not in (1, 2, 4, 8, 16):
                self._bad('R3', t, 'index %r' % index)
            self._check_sized(t, t.elem, 'R4', 'element')
            size = self.size_of(t.elem)
            if self.program and size is not None and size * t.nelems > 0xffffffff:
                self._bad('R4', t, 'larger than 4 GiB')
        elif kind in ('STRUCT', 'UNION'):
            for i, m in enumerate(t.members):
                self._check_sized(t, m.type, 'R5', 'member %d' % i)
                self._check_fit(t, i, m)
        elif kind == 'VAR':
            self._check_sized(t, t.type, 'R7', 'type')
        elif kind == 'DATASEC':
            for i, e in enumerate(t.entries):
                var = types[e.type]
                if var.kind != 'VAR':
                    self._bad('R8', t, 'entry %d is %r' % (i, var))
                elif (self.size_of(var.type) or 0) > e.size:
                    self._bad('R10', t,
                              'entry %d of %d bytes is smaller than its type' % (i, e.size))
        elif kind == 'FUNC':
            if types[t.type].kind != 'FUNC_PROTO':
                self._bad('R11', t, 'refers to %r' % types[t.type])
            elif any(p.type and not p.name for p in types[t.type].params):
                self._bad('R12', t, 'has a parameter without a name')
        elif kind == 'FUNC_PROTO':
            if t.type:
                self._check_sized(t, t.type, 'R13', 'return', void_ok=True)
            for i, p in enumerate(t.params):
                if p.name:
                    self._check_identifier(t, p.name, 'parameter')
                if not p.type and (i != len(t.params) - 1 or p.name):
                    self._bad('R15', t, 'parameter %d is void' % i)
                elif p.type:
                    self._check_sized(t, p.type, 'R15', 'parameter %d' % i)
        elif kind == 'DECL_TAG':
            target = types[t.type]
            if target.kind not in ('STRUCT', 'UNION', 'FUNC', 'VAR', 'TYPEDEF'):
                self._bad('R17', t, 'refers to %r' % target)
                return
            limit = 0
            if target.kind in ('STRUCT', 'UNION'):
                limit = target.vlen
            elif target.kind == 'FUNC' and types[target.type].kind == 'FUNC_PROTO':
                limit = types[target.type].vlen
            if t.component >= limit:
                self._bad('R18', t, 'component %d of %d' % (t.component, limit))

    def _check_sized(self, t, ref, rule, what, void_ok=False):
        target = self.skip_modifiers(ref)
        if target is None:
            self._bad('R19', t, '%s loops' % what)
        elif target.kind == 'FWD' and rule in ('R13', 'R15') and not self.program:
            # C allows an incomplete type in a prototype, and the kernel does not look at its own.
            pass
        elif target.kind in ('FWD', 'FUNC', 'FUNC_PROTO', 'DECL_TAG', 'VAR', 'DATASEC') or \
                (target.kind == 'VOID' and not void_ok):
            self._bad(rule, t, '%s is %r' % (what, target))

    def _check_fit(self, t, i, m):
        target = self.skip_modifiers(m.type)
        size = self.size_of(m.type)
        if target is None or size is None:
            return
        if m.bits:
            if target.kind not in ('INT', 'ENUM', 'ENUM64'):
                self._bad('R6', t, 'member %d is a bitfield of %r' % (i, target))
            elif m.bits > 8 * size:
                self._bad('R6', t, 'member %d has %d bits of %d' % (i, m.bits, 8 * size))
            elif (m.offset + m.bits + 7) // 8 > t.size:
                self._bad('R6', t, 'member %d ends outside' % i)
            return
        if m.offset % 8:
            self._bad('R6', t, 'member %d at bit %d' % (i, m.offset))
        elif m.offset // 8 + size > t.size:
            self._bad('R6', t, 'member %d ends outside' % i)

    def _check_loops(self):
        """R19: no type contains itself by value, no cycle of only pointers and modifiers."""
        by_value = {'ARRAY', 'STRUCT', 'UNION'} | MODIFIERS
        self._loops(by_value, 'contains itself')
        self._loops({'PTR'} | MODIFIERS, 'is only pointers and modifiers in a circle')

    def _loops(self, kinds, text):
        state = {}
        for start in self.types[1:]:
            if start.kind not in kinds or start.id in state:
                continue
            state[start.id] = 1
            stack = [(start, iter(self.refs(start)))]
            while stack:
                t, it = stack[-1]
                for ref in it:
                    child = self.types[ref]
                    if child.kind not in kinds:
                        continue
                    seen = state.get(ref)
                    if seen == 1:
                        self._bad('R19', child, text)
                    elif seen is None:
                        state[ref] = 1
                        stack.append((child, iter(self.refs(child))))
                        break
                else:
                    state[t.id] = 2
                    stack.pop()

    def _check_order(self):
        last = b''
        for t in self.types[1:]:
            name = t.name.encode('utf-8', 'surrogateescape')
            if name < last:
                self._bad('N1', t, 'comes after %r' % last)
            last = name

    def _check_names(self):
        seen = set()
        defined = {(t.kind, t.name) for t in self.types if t.kind in ('STRUCT', 'UNION')}
        for t in self.types[1:]:
            if t.kind == 'FUNC':
                if (t.kind, t.name) in seen:
                    self._bad('N2', t, 'twice')
                seen.add((t.kind, t.name))
            if t.kind == 'FWD' and ('UNION' if t.kflag else 'STRUCT', t.name) in defined:
                self._bad('N3', t, 'stands beside its definition')
        homes = collections.Counter(e.type for t in self.types if t.kind == 'DATASEC'
                                    for e in t.entries)
        for t in self.types[1:]:
            if t.kind == 'VAR' and homes[t.id] != 1:
                self._bad('N6', t, 'is in %d DATASECs' % homes[t.id])
        sections = collections.Counter(t.name for t in self.types if t.kind == 'DATASEC')
        for name, count in sections.items():
            if count > 1:
                self._bad('N6', None, '%d DATASECs %s' % (count, name))

    def _check_strings(self):
        starts, pos, seen = {0}, 1, {b''}
        for text in self.strings[1:-1].split(b'\0') if len(self.strings) > 1 else []:
            starts.add(pos)
            if text in seen:
                self._bad('N5', None, 'string %r at 0x%x is there twice' % (text, pos))
            seen.add(text)
            if pos not in self.used_offs:
                self._bad('N5', None, 'string %r at 0x%x is not used' % (text, pos))
            pos += len(text) + 1
        for off in sorted(self.used_offs - starts):
            self._bad('N5', None, 'name offset 0x%x is inside a string' % off)

    def _check_equal(self):
        for group in self.equal_groups():
            self._bad('N4', self.types[group[0]], 'equal to type %s' %
                      ', '.join(str(i) for i in group[1:]))

    def equal_groups(self):
        """Types equal up to ids (coarsest bisimulation): lists of two or more ids."""
        labels, number = [], {}

        def intern(key):
            return number.setdefault(key, len(number))

        refs = [self.refs(t) for t in self.types]
        for t in self.types:
            key = (t.kind, t.name, t.vlen, t.kflag, t.size)
            if t.kind == 'INT':
                key += (t.raw,)
            elif t.kind == 'ARRAY':
                key += (t.nelems,)
            elif t.kind in ('STRUCT', 'UNION'):
                key += tuple((m.name, m.offset, m.bits) for m in t.members)
            elif t.kind in ('ENUM', 'ENUM64'):
                key += tuple(t.values)
            elif t.kind == 'FUNC_PROTO':
                key += tuple(p.name for p in t.params)
            elif t.kind == 'VAR':
                # Two objects may share name, type and linkage: static ones of two files.
                key += (t.id,)
            elif t.kind == 'DATASEC':
                key += tuple((e.offset, e.size) for e in t.entries)
            elif t.kind == 'DECL_TAG':
                key += (t.component,)
            labels.append(intern(key))
        classes = len(number)
        while True:
            number = {}
            labels = [intern((labels[i],) + tuple(labels[r] for r in refs[i]))
                      for i in range(len(labels))]
            if len(number) == classes:
                break
            classes = len(number)
        groups = {}
        for i, label in enumerate(labels):
            groups.setdefault(label, []).append(i)
        return [group for group in groups.values() if len(group) > 1]


def encoder_signed(t):
    """The kind flag an enum must have: set if a value is negative.  A value stored with the flag
    clear is never negative here, so only a needless flag on a 4-byte enum can be told."""
    if t.kflag and t.kind == 'ENUM':
        return any(v.value < 0 for v in t.values)
    return t.kflag


def compare(a, b, flat=False):
    """Lines that tell how two Btf differ in definitions and variables."""
    out = []
    da, db = a.definitions(flat), b.definitions(flat)
    for sign, items in (('-', da - db), ('+', db - da)):
        for kind, name, text in sorted(items.elements()):
            out.append('%s %s %s %s' % (sign, kind, name, text))
    va, vb = a.variables(flat), b.variables(flat)
    for section in sorted(set(va) | set(vb)):
        sa, sb = set(va.get(section, ())), set(vb.get(section, ()))
        for sign, items in (('-', sa - sb), ('+', sb - sa)):
            for v in sorted(items, key=lambda v: (v.offset, v.name)):
                out.append('%s VAR %s %s' % (sign, section, ' '.join(map(str, v))))
    return out


def main(argv):
    flat = '--flat' in argv
    args = [a for a in argv if a != '--flat']
    if len(args) == 2 and args[0] == 'check':
        lines = Btf.load(args[1]).problems()
    elif len(args) == 2 and args[0] == 'dump':
        btf = Btf.load(args[1])
        for t in btf.types[1:]:
            print('[%d] %s %s %s' % (t.id, t.kind, t.name or '-', btf.content(t)))
        return 0
    elif len(args) == 3 and args[0] == 'compare':
        lines = compare(Btf.load(args[1]), Btf.load(args[2]), flat)
    else:
        print('usage: btf.py check|dump FILE, btf.py compare [--flat] A B', file=sys.stderr)
        return 2
    for line in lines:
        print(line)
    return 1 if lines else 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
