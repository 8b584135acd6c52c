# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
"""DWARF from DIE trees held as data, with the encoding as a parameter.

A tree says what is meant; an Encoding says how it is written: DWARF version 2 to 5,
32- or 64-bit DWARF, byte order, address size, and the forms of strings, references,
constants, addresses and locations.  One test of meaning so runs over many encodings.

    units = [Unit(die('base_type', id='int', name='int', byte_size=4, encoding='signed'),
                  die('pointer_type', id='p', type='int', byte_size=8), name='a.c')]
    dw = Dwarf(Encoding(version=4, strform='string'), units).build()
    dw.sections['.debug_info'], dw.offsets['p']

Attributes are keyword arguments by their DW_AT name.  Their values:
    strings       str
    references    the id of a DIE, in this unit or, if only one has it, in another; forward
                  or backward (see Encoding.refform for how it is written)
    constants     int; encoding= and language= take names too
    flags         True (False leaves the attribute out)
    addresses     int or Sym(symbol, addend), the latter leaving a relocation
    expressions   list of operations: [('addr', 0x1000), ('plus_uconst', 8)]
    None          leaves the attribute out
    lists         Locations or Ranges: an entry of the list section that the version has
    annotations   const_value takes a string too
    Form(f, v)    v written in form f, whatever the encoding says
    Raw(f, b)     the bytes b under form f (a name or any number)
    a callable    called with the unit's Encoding, gives one of the above

References inside a unit use Encoding.refform, into another unit DW_FORM_ref_addr, to the
type of a type unit DW_FORM_ref_sig8.  For damage on purpose, Dwarf.attr_offsets[(id, name)]
is the section offset of an attribute's value, Dwarf.headers[i] those of a unit's header fields.

Offsets and sizes are bytes unless named bits.  Sources: DWARF 2, 3, 4 section 7 and
DWARF 5 sections 3, 7.
"""

import struct

from elfwriter import Elf, StringTable

TAGS = dict(
    array_type=0x01, class_type=0x02, enumeration_type=0x04, formal_parameter=0x05,
    imported_declaration=0x08, label=0x0a, lexical_block=0x0b, member=0x0d, pointer_type=0x0f,
    reference_type=0x10, compile_unit=0x11, string_type=0x12, structure_type=0x13,
    subroutine_type=0x15, typedef=0x16, union_type=0x17, unspecified_parameters=0x18,
    inheritance=0x1c, inlined_subroutine=0x1d, ptr_to_member_type=0x1f, set_type=0x20,
    subrange_type=0x21, base_type=0x24, const_type=0x26, constant=0x27, enumerator=0x28,
    file_type=0x29, subprogram=0x2e, template_type_parameter=0x2f, variable=0x34,
    volatile_type=0x35, dwarf_procedure=0x36, restrict_type=0x37, interface_type=0x38,
    namespace=0x39, imported_module=0x3a, unspecified_type=0x3b, partial_unit=0x3c,
    imported_unit=0x3d, type_unit=0x41, rvalue_reference_type=0x42, template_alias=0x43,
    atomic_type=0x47, call_site=0x48, skeleton_unit=0x4a, immutable_type=0x4b,
    LLVM_annotation=0x6000, GNU_annotation=0x6001, lo_user=0x4080)

ATTRS = dict(
    sibling=0x01, location=0x02, name=0x03, byte_size=0x0b, bit_offset=0x0c, bit_size=0x0d,
    stmt_list=0x10, low_pc=0x11, high_pc=0x12, language=0x13, import_=0x18, comp_dir=0x1b,
    const_value=0x1c, inline=0x20, lower_bound=0x22, producer=0x25, prototyped=0x27,
    upper_bound=0x2f, abstract_origin=0x31, accessibility=0x32, artificial=0x34, bit_stride=0x2e,
    count=0x37, data_member_location=0x38, decl_column=0x39, decl_file=0x3a, decl_line=0x3b,
    declaration=0x3c, encoding=0x3e, external=0x3f, frame_base=0x40, specification=0x47,
    type=0x49, virtuality=0x4c, vtable_elem_location=0x4d, ranges=0x55, description=0x5a,
    byte_stride=0x51, explicit=0x63, object_pointer=0x64, endianity=0x65, containing_type=0x1d,
    signature=0x69, data_bit_offset=0x6b, enum_class=0x6d, linkage_name=0x6e, str_offsets_base=0x72,
    addr_base=0x73, noreturn=0x87, alignment=0x88, export_symbols=0x89, dwo_name=0x76,
    GNU_dwo_name=0x2130, calling_convention=0x36, entry_pc=0x52, loclists_base=0x8c,
    rnglists_base=0x74,
    GNU_vector=0x2107, GNU_all_tail_call_sites=0x2116, GNU_annotation=0x2139)

FORMS = dict(
    addr=0x01, block2=0x03, block4=0x04, data2=0x05, data4=0x06, data8=0x07, string=0x08,
    block=0x09,
    block1=0x0a, data1=0x0b, flag=0x0c, sdata=0x0d, strp=0x0e, udata=0x0f, ref_addr=0x10, ref1=0x11,
    ref2=0x12, ref4=0x13, ref8=0x14, ref_udata=0x15, indirect=0x16, sec_offset=0x17, exprloc=0x18,
    flag_present=0x19, strx=0x1a, addrx=0x1b, ref_sup4=0x1c, strp_sup=0x1d, data16=0x1e,
    line_strp=0x1f, ref_sig8=0x20, implicit_const=0x21, loclistx=0x22, rnglistx=0x23, ref_sup8=0x24,
    strx1=0x25, strx2=0x26, strx3=0x27, strx4=0x28, addrx1=0x29, addrx2=0x2a, addrx3=0x2b,
    addrx4=0x2c, GNU_ref_alt=0x1f20, GNU_strp_alt=0x1f21)

OPS = dict(addr=0x03, deref=0x06, const1u=0x08, const2u=0x0a, const4u=0x0c, const8u=0x0e,
           constu=0x10,
           consts=0x11, plus=0x22, plus_uconst=0x23, lit0=0x30, reg0=0x50, fbreg=0x91, nop=0x96,
           form_tls_address=0x9b, call_frame_cfa=0x9c, implicit_value=0x9e, stack_value=0x9f,
           addrx=0xa1, constx=0xa2, piece=0x93, bit_piece=0x9d, regx=0x90, bregx=0x92,
           entry_value=0xa3, GNU_push_tls_address=0xe0, GNU_entry_value=0xf3,
           GNU_parameter_ref=0xfa)
OPS.update(('lit%d' % i, 0x30 + i) for i in range(32))
OPS.update(('reg%d' % i, 0x50 + i) for i in range(32))
OPS.update(('breg%d' % i, 0x70 + i) for i in range(32))

DW_CC_NOCALL = 3

# DW_LLE_* and DW_RLE_* of DWARF 5: a location list has default_location as well, so that the
# numbers of the two differ from there on.
LLE = dict(end=0, basex=1, startx_endx=2, startx_length=3, pair=4, default=5, base=6, start_end=7,
           start_length=8)
RLE = dict(end=0, basex=1, startx_endx=2, startx_length=3, pair=4, base=5, start_end=6,
           start_length=7)

ATE = dict(address=1, boolean=2, complex_float=3, float=4, signed=5, signed_char=6, unsigned=7,
           unsigned_char=8, imaginary_float=9, packed_decimal=0xa, decimal_float=0xf, UTF=0x10)

LANGUAGES = dict(C89=1, C=2, C_plus_plus=4, C99=0xc, Rust=0x1c, C11=0x1d, Mips_Assembler=0x8001,
                 Go=0x16)

STRING_ATTRS = {'name', 'producer', 'comp_dir', 'linkage_name', 'description', 'dwo_name',
                'GNU_dwo_name'}
REF_ATTRS = {'type', 'specification', 'abstract_origin', 'import_', 'signature', 'containing_type',
             'object_pointer', 'GNU_annotation'}
FLAG_ATTRS = {'external', 'declaration', 'artificial', 'prototyped', 'enum_class', 'GNU_vector',
              'explicit', 'noreturn', 'export_symbols', 'GNU_all_tail_call_sites'}
ADDR_ATTRS = {'low_pc', 'high_pc'}

UNIT_TYPES = dict(compile=1, type=2, partial=3, skeleton=4, split_compile=5, split_type=6)

REF_WIDENING = {'ref1': 'ref2', 'ref2': 'ref4'}


class Form:
    """A value with its form fixed."""

    def __init__(self, form, value):
        self.form = form
        self.value = value


class Raw:
    """Bytes under a form, right or wrong."""

    def __init__(self, form, data=b'', const=None):
        self.form = form
        self.data = data
        self.const = const


class Sym:
    """An address that a relocation against a symbol fills in."""

    def __init__(self, symbol, addend=0):
        self.symbol = symbol
        self.addend = addend


class Entries:
    """A list in a section of its own.

    kind, how addresses are written:
        pair            offsets from the unit's low_pc, which is base
        base, basex     a base address entry first, offsets from it (basex from DWARF 5 on)
        start_end, start_length, startx_endx, startx_length     (from DWARF 5 on)
    data: the list's bytes instead, for damage.
    """

    def __init__(self, *entries, kind='start_length', base=0, data=None):
        self.entries = entries
        self.kind = kind
        self.base = base
        self.data = data


class Locations(Entries):
    """entries: (start, end, operations); start None: the default location of DWARF 5."""


class Ranges(Entries):
    """entries: (start, end)."""


class Encoding:
    """How a tree is written.

    version     2, 3, 4, 5
    dwarf64     64-bit DWARF (offsets of 8 bytes)
    little, addr_size
    strform     string, strp, line_strp, strx, strx1 .. strx4 (the latter from 5 on)
    refform     ref1 (widened where it does not fit), ref2, ref4, ref8, ref_udata, ref_addr
    constform   auto, data1, data2, data4, data8, udata, sdata, implicit_const (from 5 on);
                where a value does not fit, the next wider form
    addrform    addr, addrx, addrx1 .. addrx4 (from 5 on); also picks DW_OP_addr or DW_OP_addrx
    locform     exprloc (from 4 on), block1, block2, block4, block (2, 3)
    sibling     write DW_AT_sibling at every DIE with children
    bitfields   new: DW_AT_data_bit_offset; old: DW_AT_bit_offset with DW_AT_byte_size
    shared_abbrevs  one abbreviation table for all units
    code_step, first_code   numbering of abbreviations
    indirect    write constants through DW_FORM_indirect
    listform    sec_offset (before 4: data4 or data8), index (from 5 on)
    """

    DEFAULTS = dict(version=5, dwarf64=False, little=True, addr_size=8, strform='strp',
                    refform='ref4',
                    constform='auto', addrform='addr', locform=None, sibling=True, bitfields=None,
                    shared_abbrevs=False, code_step=1, first_code=1, indirect=False,
                    listform='sec_offset')

    def __init__(self, **kw):
        for key, value in self.DEFAULTS.items():
            setattr(self, key, kw.pop(key, value))
        if kw:
            raise TypeError('unknown encoding parameter %s' % ', '.join(kw))
        if self.locform is None:
            self.locform = 'exprloc' if self.version >= 4 else 'block1'
        if self.bitfields is None:
            self.bitfields = 'new' if self.version >= 5 else 'old'
        if self.version < 5:
            if self.strform not in ('string', 'strp') or self.constform == 'implicit_const' or \
                    self.addrform != 'addr' or self.listform != 'sec_offset':
                raise ValueError('form not in DWARF %d' % self.version)

    def but(self, **kw):
        """A copy with some parameters changed."""
        values = {key: getattr(self, key) for key in self.DEFAULTS}
        values.update(kw)
        return Encoding(**values)

    @property
    def order(self):
        return '<' if self.little else '>'

    @property
    def off_size(self):
        return 8 if self.dwarf64 else 4

    @property
    def has_type_units(self):
        return self.version >= 4

    def __str__(self):
        parts = []
        for key, value in self.DEFAULTS.items():
            mine = getattr(self, key)
            if mine != value and not (key == 'locform' and mine == 'exprloc'):
                parts.append('%s=%s' % (key, mine))
        return ','.join(parts) or 'default'

    # Scalars.

    def uint(self, value, size):
        return (value & ((1 << 8 * size) - 1)).to_bytes(size, 'little' if self.little else 'big')


def uleb(value, pad=0):
    out = bytearray()
    while True:
        byte = value & 0x7f
        value >>= 7
        if value or len(out) + 1 < pad:
            out.append(byte | 0x80)
        else:
            out.append(byte)
            return bytes(out)


def sleb(value):
    out = bytearray()
    while True:
        byte = value & 0x7f
        value >>= 7
        if (value == 0 and not byte & 0x40) or (value == -1 and byte & 0x40):
            out.append(byte)
            return bytes(out)
        out.append(byte | 0x80)


class Die:
    __slots__ = ('tag', 'attrs', 'children', 'id', 'lazy')

    def __init__(self, tag, attrs, children, label, lazy):
        self.tag = tag
        self.attrs = attrs
        self.children = children
        self.id = label
        self.lazy = lazy


def die(tag, *children, id=None, lazy=None, **attrs):
    """A DIE.  lazy: called with the Encoding, gives more attributes as a dict.

    children may hold lists and None, which are flattened and dropped.
    """
    return Die(tag, attrs, flatten(children), id, lazy)


def flatten(items):
    out = []
    for item in items:
        if item is None:
            continue
        if isinstance(item, (list, tuple)):
            out += flatten(item)
        else:
            out.append(item)
    return out


class Unit:
    """A unit: compile, partial, type (main= names the type's DIE, sig= its signature)."""

    def __init__(self, *dies, kind='compile', name='unit.c', id=None, main=None, sig=0, enc=None,
                 producer='GNU C11 12.2.0', language='C11', root_tag=None, version_field=None,
                 **attrs):
        self.dies = flatten(dies)
        self.kind = kind
        self.id = id
        self.main = main
        self.sig = sig
        self.enc = enc
        self.version_field = version_field
        self.root_tag = root_tag or {'compile': 'compile_unit', 'type': 'type_unit',
                                     'partial': 'partial_unit', 'skeleton': 'skeleton_unit'}[kind]
        self.attrs = {}
        if kind != 'type':
            self.attrs.update(producer=producer, language=language, name=name)
        self.attrs.update(attrs)


class RefOverflow(Exception):
    pass


# Sections of lists, with the attribute of a unit that tells where its table of offsets is.
LIST_SECTIONS = {'.debug_loc': None, '.debug_loclists': 'loclists_base', '.debug_ranges': None,
                 '.debug_rnglists': 'rnglists_base'}


def list_section(value, enc):
    if isinstance(value, Ranges):
        return '.debug_rnglists' if enc.version >= 5 else '.debug_ranges'
    return '.debug_loclists' if enc.version >= 5 else '.debug_loc'


class Abbrevs:
    """One abbreviation table."""

    def __init__(self, first_code, code_step):
        self.first = first_code
        self.step = code_step
        self.codes = {}
        self.data = bytearray()

    def code(self, tag, has_children, specs):
        key = (tag, has_children, specs)
        if key not in self.codes:
            code = self.first + self.step * len(self.codes)
            self.codes[key] = code
            self.data += uleb(code) + uleb(tag) + bytes([has_children])
            for attr, form, const in specs:
                self.data += uleb(attr) + uleb(form)
                if const is not None:
                    self.data += sleb(const)
            self.data += b'\0\0'
        return self.codes[key]


class Dwarf:
    """All units of one file.  After build(): sections, offsets, attr_offsets, headers, relocs."""

    def __init__(self, enc, units):
        self.enc = enc
        self.units = units
        self.sections = {}
        self.offsets = {}
        self.attr_offsets = {}
        self.headers = []
        self.relocs = []
        self.str = StringTable(empty_first=False)
        self.line_str = StringTable(empty_first=False)
        self.info = {'.debug_info': bytearray(), '.debug_types': bytearray()}
        self.fixups = []
        self.abbrev_tables = []
        self.str_offsets = bytearray()
        self.addr = bytearray()
        self.lists = {name: bytearray() for name in LIST_SECTIONS}

    def build(self):
        self.where = {}
        self.local = set()
        self.unit_lists = {}
        self.addrx_units = set()
        for i, unit in enumerate(self.units):
            unit.number = i
            self._index(unit)
        shared = None
        for unit in self.units:
            enc = unit.enc or self.enc
            if enc.shared_abbrevs:
                shared = shared or Abbrevs(enc.first_code, enc.code_step)
                table = shared
            else:
                table = Abbrevs(enc.first_code, enc.code_step)
            self.abbrev_tables.append(table)
        for unit, table in zip(self.units, self.abbrev_tables):
            self._emit_unit(unit, table)
        self._emit_abbrevs()
        self._apply_fixups()
        self.sections['.debug_info'] = bytes(self.info['.debug_info'])
        if self.info['.debug_types']:
            self.sections['.debug_types'] = bytes(self.info['.debug_types'])
        for name, data in (('.debug_str', self.str.data), ('.debug_line_str', self.line_str.data),
                           ('.debug_str_offsets', self.str_offsets), ('.debug_addr', self.addr),
                           *self.lists.items()):
            if data:
                self.sections[name] = bytes(data)
        return self

    def _note_lists(self, unit, attrs):
        for value in attrs.values():
            if isinstance(value, Entries):
                self.unit_lists.setdefault(unit.number, []).append(value)
                if 'x' in value.kind:
                    self.addrx_units.add(unit.number)

    def _index(self, unit):
        self._note_lists(unit, unit.attrs)
        stack = list(unit.dies)
        while stack:
            node = stack.pop()
            self._note_lists(unit, node.attrs)
            if node.id is not None:
                if (unit.number, node.id) in self.local:
                    raise ValueError('id %r used twice in a unit' % node.id)
                self.local.add((unit.number, node.id))
                self.where.setdefault(node.id, []).append(unit)
            stack.extend(node.children)
        if unit.id:
            self.where.setdefault(unit.id, []).append(unit)
            self.local.add((unit.number, unit.id))

    def _find(self, label, unit):
        """The unit that holds the id: this one first, else the only one that has it."""
        if (unit.number, label) in self.local:
            return unit
        units = self.where.get(label, [])
        if len(units) != 1:
            raise ValueError('id %r is in %d units' % (label, len(units)))
        return units[0]

    # One unit.

    def _emit_unit(self, unit, table):
        enc = unit.enc or self.enc
        refform = enc.refform
        while True:
            saved = (len(self.fixups), len(self.relocs), dict(table.codes), len(table.data))
            try:
                self._try_unit(unit, table, enc, refform)
                return
            except RefOverflow:
                del self.fixups[saved[0]:], self.relocs[saved[1]:]
                table.codes = saved[2]
                del table.data[saved[3]:]
                refform = REF_WIDENING[refform]

    def _try_unit(self, unit, table, enc, refform):
        section = '.debug_types' if unit.kind == 'type' and enc.version < 5 else '.debug_info'
        start = len(self.info[section])
        if unit.kind == 'type' and not enc.has_type_units:
            raise ValueError('no type units in DWARF %d' % enc.version)

        self.cur = cur = _UnitState(unit, enc, refform, section, start)
        header = bytearray()
        fields = {'section': section, 'length': start + (4 if enc.dwarf64 else 0)}
        header += (b'\xff' * 4 + bytes(8)) if enc.dwarf64 else bytes(4)
        fields['version'] = start + len(header)
        header += enc.uint(enc.version if unit.version_field is None else unit.version_field, 2)
        abbrev_pos = None
        if enc.version >= 5:
            fields['unit_type'] = start + len(header)
            header += bytes([UNIT_TYPES[unit.kind], enc.addr_size])
            abbrev_pos = len(header)
            header += bytes(enc.off_size)
        else:
            abbrev_pos = len(header)
            header += bytes(enc.off_size) + bytes([enc.addr_size])
        fields['abbrev_off'] = start + abbrev_pos
        if unit.kind == 'skeleton':
            header += enc.uint(unit.sig, 8)
        type_off_pos = None
        if unit.kind == 'type':
            header += enc.uint(unit.sig, 8)
            type_off_pos = len(header)
            fields['type_offset'] = start + type_off_pos
            header += bytes(enc.off_size)
        cur.out = header
        self.fixups.append(('abbrev', section, start + abbrev_pos, enc, table))
        if type_off_pos is not None:
            self.fixups.append(('unit', section, start + type_off_pos, enc,
                                (unit.number, unit.main),
                                start, enc.off_size))

        # Children are written in one flat walk, so that depth costs no recursion.
        attrs = dict(unit.attrs)
        root = Die(unit.root_tag, attrs, unit.dies, unit.id, None)
        uses_strx = enc.version >= 5 and enc.strform.startswith('strx')
        uses_addrx = enc.version >= 5 and (enc.addrform.startswith('addrx') or
                                           unit.number in self.addrx_units)
        index_sections = self.index_sections(unit) if enc.listform == 'index' else set()
        if uses_strx:
            attrs['str_offsets_base'] = Raw('sec_offset', bytes(enc.off_size))
        if uses_addrx:
            attrs['addr_base'] = Raw('sec_offset', bytes(enc.off_size))
        for name in sorted(index_sections):
            attrs[LIST_SECTIONS[name]] = Raw('sec_offset', bytes(enc.off_size))
        labels = {}
        if refform == 'ref_udata':
            # Grow only, so this ends.
            cur.guess = {}
            for _ in range(64):
                labels = self._walk(root, table, cur)
                if labels == cur.guess:
                    break
                cur.guess = labels
                cur.restart(header)
            else:
                raise ValueError('layout does not settle')
        else:
            labels = self._walk(root, table, cur)

        body = cur.out
        for pos, size, label in cur.local_refs:
            target = labels[label]
            if target >= 1 << 8 * size:
                raise RefOverflow()
            body[pos:pos + size] = enc.uint(target, size)
        for pos, label in cur.udata_refs:
            raw = uleb(labels[label])
            body[pos:pos + len(raw)] = raw
        for pos, size, target in cur.sibling_refs:
            if target[0] >= 1 << 8 * size:
                raise RefOverflow()
            body[pos:pos + size] = enc.uint(target[0], size)
        length = len(body) - (12 if enc.dwarf64 else 4)
        at = 4 if enc.dwarf64 else 0
        body[at:at + enc.off_size] = enc.uint(length, enc.off_size)
        for label, off in labels.items():
            self.offsets[label] = self.offsets[(unit.number, label)] = start + off
        for key, pos in cur.attr_pos.items():
            self.attr_offsets[key] = start + pos
        self.fixups += cur.fixups
        self.relocs += [(section, start + pos, sym, addend, width)
                        for pos, sym, addend, width in cur.relocs]
        fields['root'] = start + cur.header_size
        fields['end'] = start + len(body)
        self.headers.append(fields)
        unit.offset = start
        self.info[section] += body
        self._emit_lists(cur, enc, section, start, index_sections)
        if uses_strx:
            self._emit_str_offsets(cur, enc, section, start)
        if uses_addrx:
            self._emit_addr(cur, enc, section, start)

    def _walk(self, root, table, cur):
        labels = {}
        enc = cur.enc
        cur.header_size = len(cur.out)
        stack = [(root, None)]
        while stack:
            node, end = stack.pop()
            if node is None:
                cur.out.append(0)
                if end is not None:
                    end.append(len(cur.out))
                continue
            if node.id is not None:
                labels[node.id] = len(cur.out)
            is_root = node is root
            # A unit's root always says it has children, as compilers do for C.
            has_children = 1 if node.children or is_root else 0
            specs, values, end_mark = [], [], None
            attrs = node.attrs
            if node.lazy:
                attrs = dict(attrs)
                attrs.update(node.lazy(enc))
            for name, value in attrs.items():
                if callable(value):
                    value = value(enc)
                if value is None or value is False:
                    continue
                form, const, payload = self._value(name, value, cur)
                specs.append((ATTRS.get(name) if isinstance(name, str) else name, form, const))
                values.append((name, payload))
            if enc.sibling and has_children and not is_root:
                form = cur.refform if cur.refform in ('ref2', 'ref4', 'ref8', 'ref1') else 'ref4'
                specs.append((ATTRS['sibling'], FORMS[form], None))
                end_mark = []
                values.append(('sibling', ('sibling', int(form[3:]), end_mark)))
            tag = TAGS[node.tag] if isinstance(node.tag, str) else node.tag
            cur.out += uleb(table.code(tag, has_children, tuple(specs)))
            for name, payload in values:
                cur.attr_pos[(node.id, name)] = len(cur.out)
                self._payload(payload, cur)
            if has_children:
                stack.append((None, end_mark))
                for child in reversed(node.children):
                    stack.append((child, None))
        return labels

    # One value: (form number, implicit constant, payload).

    def _value(self, name, value, cur):
        enc = cur.enc
        if isinstance(value, Raw):
            form = FORMS[value.form] if isinstance(value.form, str) else value.form
            return form, value.const, ('bytes', value.data)
        form = None
        if isinstance(value, Form):
            form, value = value.form, value.value
        if name in STRING_ATTRS:
            return self._string(value, form or enc.strform, cur)
        if name in REF_ATTRS:
            return self._ref(value, form, cur)
        if name in FLAG_ATTRS:
            form = form or ('flag_present' if enc.version >= 4 else 'flag')
            return FORMS[form], None, ('bytes', b'' if form == 'flag_present' else b'\1')
        if name in ADDR_ATTRS and form in (None, 'addr', 'addrx', 'addrx1', 'addrx2', 'addrx3',
                                           'addrx4'):
            return self._address(value, form or enc.addrform, cur)
        if isinstance(value, Entries):
            return self._list(value, form, cur)
        if isinstance(value, list):
            return self._expr(value, form or enc.locform, cur)
        if name == 'const_value' and isinstance(value, (str, bytes)):
            return self._string(value, form or enc.strform, cur)
        if name == 'encoding' and isinstance(value, str):
            value = ATE[value]
        if name == 'language' and isinstance(value, str):
            value = LANGUAGES[value]
        if name == 'data_member_location' and form is None and enc.version < 4:
            # data4 and data8 mean a location list there, so DWARF 2 uses an expression.
            if enc.version == 2:
                return self._expr([('plus_uconst', value)], 'block1', cur)
            if enc.constform in ('data4', 'data8') or value > 0xffff:
                form = 'udata'
        return self._const(value, form, enc)

    def _string(self, text, form, cur):
        enc = cur.enc
        raw = text if isinstance(text, bytes) else text.encode('utf-8', 'surrogateescape')
        if form == 'string':
            payload = ('bytes', raw + b'\0')
        elif form == 'strp':
            payload = ('bytes', enc.uint(self.str.add(text), enc.off_size))
        elif form == 'line_strp':
            payload = ('bytes', enc.uint(self.line_str.add(text), enc.off_size))
        elif form.startswith('strx'):
            index = cur.strings.setdefault(text, len(cur.strings))
            if form == 'strx':
                payload = ('bytes', uleb(index))
            else:
                payload = ('bytes', enc.uint(index, int(form[4:])))
        else:
            raise ValueError(form)
        return FORMS[form], None, payload

    def _ref(self, label, form, cur):
        enc = cur.enc
        target = self._find(label, cur.unit)
        if form is None:
            if target is not cur.unit:
                form = 'ref_sig8' if target.kind == 'type' and label == target.main else 'ref_addr'
            elif cur.section == '.debug_types' and cur.refform == 'ref_addr':
                # There it would lead into .debug_info.
                form = 'ref4'
            else:
                form = cur.refform
        number = FORMS[form]
        if form == 'ref_sig8':
            return number, None, ('bytes', enc.uint(target.sig, 8))
        if form == 'ref_addr':
            size = enc.addr_size if enc.version == 2 else enc.off_size
            return number, None, ('global', size, (target.number, label))
        if form == 'ref_udata':
            return number, None, ('udata', label)
        return number, None, ('local', int(form[3:]), label)

    def _address(self, value, form, cur):
        enc = cur.enc
        if form == 'addr':
            return FORMS[form], None, ('addr', value)
        index = cur.address_index(value)
        if form == 'addrx':
            return FORMS[form], None, ('bytes', uleb(index))
        return FORMS[form], None, ('bytes', enc.uint(index, int(form[5:])))

    def _list(self, value, form, cur):
        enc = cur.enc
        section = list_section(value, enc)
        lists = cur.lists.setdefault(section, [])
        lists.append(value)
        if form is None:
            form = enc.listform
            if form == 'index':
                form = 'rnglistx' if isinstance(value, Ranges) else 'loclistx'
            elif enc.version < 4:
                form = 'data8' if enc.dwarf64 else 'data4'
        if form in ('rnglistx', 'loclistx'):
            return FORMS[form], None, ('bytes', uleb(len(lists) - 1))
        return FORMS[form], None, ('global', enc.off_size, (cur.unit.number, id(value)))

    def _expr(self, ops, form, cur):
        enc = cur.enc
        out, relocs = self._ops(ops, cur)
        if form in ('exprloc', 'block'):
            head = uleb(len(out))
        else:
            head = enc.uint(len(out), int(form[5:]))
        return FORMS[form], None, ('expr', head, bytes(out), relocs)

    def _ops(self, ops, cur):
        enc = cur.enc
        out = bytearray()
        relocs = []
        for op in ops:
            if isinstance(op, str):
                op = (op,)
            code, args = op[0], op[1:]
            if code == 'addr' and enc.addrform != 'addr':
                out.append(OPS['addrx'])
                out += uleb(cur.address_index(args[0]))
                continue
            out.append(OPS[code] if isinstance(code, str) else code)
            if code == 'addr':
                value = args[0]
                if isinstance(value, Sym):
                    relocs.append((len(out), value, enc.addr_size))
                    value = value.addend
                out += enc.uint(value, enc.addr_size)
            elif code in ('plus_uconst', 'constu', 'addrx', 'constx', 'piece', 'regx'):
                out += uleb(args[0])
            elif code in ('fbreg', 'consts') or str(code).startswith('breg') and code != 'bregx':
                out += sleb(args[0])
            elif code == 'bregx':
                out += uleb(args[0]) + sleb(args[1])
            elif code == 'bit_piece':
                out += uleb(args[0]) + uleb(args[1])
            elif code in ('entry_value', 'GNU_entry_value'):
                inner, more = self._ops(args[0], cur)
                out += uleb(len(inner))
                relocs += [(len(out) + pos, sym, width) for pos, sym, width in more]
                out += inner
            elif code == 'implicit_value':
                out += uleb(len(args[0])) + args[0]
            elif code == 'GNU_parameter_ref':
                out += enc.uint(args[0], 4)
            elif code in ('const1u', 'const2u', 'const4u', 'const8u'):
                out += enc.uint(args[0], int(code[5]))
            else:
                for arg in args:
                    out += arg
        return out, relocs

    def _const(self, value, form, enc):
        if form is None:
            form = enc.constform
            if form == 'auto':
                form = 'data1' if value >= 0 else 'sdata'
            if value < 0 and form in ('data1', 'data2', 'data4', 'udata'):
                form = 'sdata'
            while form in ('data1', 'data2', 'data4') and value >= 1 << 8 * int(form[4:]):
                form = {'data1': 'data2', 'data2': 'data4', 'data4': 'data8'}[form]
            if form in ('sdata', 'implicit_const') and value >= 1 << 63:
                form = 'data8'
        number = FORMS[form]
        if form == 'implicit_const':
            return number, value, ('bytes', b'')
        if form == 'udata':
            raw = uleb(value)
        elif form == 'sdata':
            raw = sleb(value)
        elif form == 'sec_offset':
            raw = enc.uint(value, enc.off_size)
        else:
            raw = enc.uint(value, int(form[4:]))
        if enc.indirect:
            return FORMS['indirect'], None, ('bytes', uleb(number) + raw)
        return number, None, ('bytes', raw)

    def _payload(self, payload, cur):
        kind = payload[0]
        out = cur.out
        if kind == 'bytes':
            out += payload[1]
        elif kind == 'local':
            cur.local_refs.append((len(out), payload[1], payload[2]))
            out += bytes(payload[1])
        elif kind == 'udata':
            cur.udata_refs.append((len(out), payload[1]))
            out += bytes(len(uleb(cur.guess.get(payload[1], 0))))
        elif kind == 'sibling':
            cur.sibling_refs.append((len(out), payload[1], payload[2]))
            out += bytes(payload[1])
        elif kind == 'global':
            cur.fixups.append(('global', cur.section, cur.start + len(out), cur.enc, payload[2],
                               payload[1]))
            out += bytes(payload[1])
        elif kind == 'addr':
            value = payload[1]
            if isinstance(value, Sym):
                cur.relocs.append((len(out), value.symbol, value.addend, cur.enc.addr_size))
                value = value.addend
            out += cur.enc.uint(value, cur.enc.addr_size)
        elif kind == 'expr':
            _, head, raw, relocs = payload
            out += head
            for pos, sym, width in relocs:
                cur.relocs.append((len(out) + pos, sym.symbol, sym.addend, width))
            out += raw
        else:
            raise ValueError(kind)

    # Lists.

    def index_sections(self, unit):
        enc = unit.enc or self.enc
        return {list_section(value, enc) for value in self.unit_lists.get(unit.number, ())}

    def _emit_lists(self, cur, enc, section, start, index_sections):
        for name, values in cur.lists.items():
            out = self.lists[name]
            head_at = len(out)
            with_offsets = name in index_sections
            if enc.version >= 5:
                out += b'\xff' * 4 + bytes(8) if enc.dwarf64 else bytes(4)
                length_end = len(out)
                out += enc.uint(5, 2) + bytes([enc.addr_size, 0])
                out += enc.uint(len(values) if with_offsets else 0, 4)
                base = len(out)
                if with_offsets:
                    out += bytes(enc.off_size * len(values))
            for i, value in enumerate(values):
                at = len(out)
                self.offsets[(cur.unit.number, id(value))] = at
                if enc.version >= 5 and with_offsets:
                    pos = base + enc.off_size * i
                    out[pos:pos + enc.off_size] = enc.uint(at - base, enc.off_size)
                if value.data is not None:
                    out += value.data
                elif enc.version >= 5:
                    self._entries5(value, name, cur, out)
                else:
                    self._entries(value, name, cur, out)
            if enc.version >= 5:
                pos = head_at + (4 if enc.dwarf64 else 0)
                out[pos:pos + enc.off_size] = enc.uint(len(out) - length_end, enc.off_size)
                if with_offsets:
                    self._patch(section, start + cur.attr_pos[(cur.unit.id, LIST_SECTIONS[name])],
                                enc.uint(base, enc.off_size))

    def _list_addr(self, value, name, cur, out):
        if isinstance(value, Sym):
            self.relocs.append((name, len(out), value.symbol, value.addend, cur.enc.addr_size))
            value = value.addend
        out += cur.enc.uint(value, cur.enc.addr_size)

    def _entries(self, value, name, cur, out):
        """DWARF 2 to 4: pairs of addresses."""
        enc = cur.enc
        base = value.base
        if value.kind == 'base':
            out += enc.uint(-1, enc.addr_size)
            self._list_addr(base, name, cur, out)
        if isinstance(base, Sym):
            base = base.addend
        for entry in value.entries:
            out += enc.uint(entry[0] - base, enc.addr_size)
            out += enc.uint(entry[1] - base, enc.addr_size)
            if isinstance(value, Locations):
                raw, _ = self._ops(entry[2], cur)
                out += enc.uint(len(raw), 2) + raw
        out += bytes(2 * enc.addr_size)

    def _entries5(self, value, name, cur, out):
        codes = LLE if isinstance(value, Locations) else RLE
        kind, base = value.kind, value.base
        if kind in ('base', 'basex'):
            out.append(codes[kind])
            if kind == 'base':
                self._list_addr(base, name, cur, out)
            else:
                out += uleb(cur.address_index(base))
            kind = 'pair'
        if isinstance(base, Sym):
            base = base.addend
        for entry in value.entries:
            start, end = entry[:2]
            if start is None:
                out.append(codes['default'])
            else:
                out.append(codes[kind])
                if kind == 'pair':
                    out += uleb(start - base) + uleb(end - base)
                elif kind.startswith('startx'):
                    out += uleb(cur.address_index(start))
                    out += uleb(cur.address_index(end) if kind == 'startx_endx' else end - start)
                else:
                    self._list_addr(start, name, cur, out)
                    if kind == 'start_end':
                        self._list_addr(end, name, cur, out)
                    else:
                        out += uleb(end - start)
            if isinstance(value, Locations):
                raw, _ = self._ops(entry[2], cur)
                out += uleb(len(raw)) + raw
        out.append(codes['end'])

    # The other sections.

    def _patch(self, section, pos, raw):
        self.info[section][pos:pos + len(raw)] = raw

    def _emit_str_offsets(self, cur, enc, section, start):
        entries = b''.join(enc.uint(self.str.add(text), enc.off_size) for text in cur.strings)
        head = (b'\xff' * 4 if enc.dwarf64 else b'') + enc.uint(len(entries) + 4, enc.off_size) + \
            enc.uint(5, 2) + bytes(2)
        base = len(self.str_offsets) + len(head)
        self.str_offsets += head + entries
        self._patch(section, start + cur.attr_pos[(cur.unit.id, 'str_offsets_base')],
                    enc.uint(base, enc.off_size))

    def _emit_addr(self, cur, enc, section, start):
        entries = bytearray()
        head_size = (12 if enc.dwarf64 else 4) + 4
        for value in cur.addresses:
            if isinstance(value, Sym):
                self.relocs.append(('.debug_addr', len(self.addr) + head_size + len(entries),
                                    value.symbol, value.addend, enc.addr_size))
                value = value.addend
            entries += enc.uint(value, enc.addr_size)
        head = (b'\xff' * 4 if enc.dwarf64 else b'') + enc.uint(len(entries) + 4, enc.off_size) + \
            enc.uint(5, 2) + bytes([enc.addr_size, 0])
        base = len(self.addr) + len(head)
        self.addr += head + entries
        self._patch(section, start + cur.attr_pos[(cur.unit.id, 'addr_base')],
                    enc.uint(base, enc.off_size))

    def _emit_abbrevs(self):
        out = bytearray()
        for table in self.abbrev_tables:
            if not hasattr(table, 'offset'):
                table.offset = len(out)
                out += table.data + b'\0'
        self.sections['.debug_abbrev'] = bytes(out)

    def _apply_fixups(self):
        for fixup in self.fixups:
            kind, section, pos, enc = fixup[:4]
            if kind == 'abbrev':
                self._patch(section, pos, enc.uint(fixup[4].offset, enc.off_size))
            elif kind == 'unit':
                self._patch(section, pos, enc.uint(self.offsets[fixup[4]] - fixup[5], fixup[6]))
            else:
                self._patch(section, pos, enc.uint(self.offsets[fixup[4]], fixup[5]))

    # Into a file.

    def add_to(self, elf, compress=None):
        """Append the debug sections to an Elf.  compress: None, 'zlib', 'gnu'."""
        added = {}
        for name, data in self.sections.items():
            flags, entsize = ('MS', 1) if name in ('.debug_str', '.debug_line_str') else (0, 0)
            added[name] = elf.section(name, data, flags=flags, entsize=entsize, compress=compress)
        by_section = {}
        for section, pos, symbol, addend, width in self.relocs:
            by_section.setdefault(section, []).append((pos, symbol, addend, width))
        for section, entries in by_section.items():
            elf.relocations(added[section], entries, rela=elf.machine not in (3, 40))
        return added


class _UnitState:
    """What is collected while one unit is written."""

    def __init__(self, unit, enc, refform, section, start):
        self.unit = unit
        self.enc = enc
        self.refform = refform
        self.section = section
        self.start = start
        self.strings = {}
        self.addresses = []
        self.guess = {}
        self.out = bytearray()
        self.reset_lists()

    def reset_lists(self):
        self.local_refs = []
        self.udata_refs = []
        self.sibling_refs = []
        self.fixups = []
        self.relocs = []
        self.attr_pos = {}
        self.lists = {}

    def restart(self, header):
        del header[self.header_size:]
        self.out = header
        self.reset_lists()

    def address_index(self, value):
        for i, known in enumerate(self.addresses):
            if known is value or (not isinstance(value, Sym) and known == value):
                return i
        self.addresses.append(value)
        return len(self.addresses) - 1


# C, for short.

def base(name, size, encoding='signed', id=None, **kw):
    return die('base_type', id=id or name, byte_size=size, encoding=encoding, name=name, **kw)


def ptr(target=None, id=None, **kw):
    return die('pointer_type', id=id or 'ptr ' + (target or 'void'),
               byte_size=kw.pop('byte_size', lambda enc: enc.addr_size), type=target, **kw)


def qual(kind, target=None, id=None):
    """kind: const, volatile, restrict, atomic."""
    return die(kind + '_type', id=id or kind + ' ' + (target or 'void'), type=target)


def typedef(name, target=None, id=None):
    return die('typedef', id=id or name, name=name, type=target)


def struct_(name, size, *members, id=None, tag='structure_type', **kw):
    return die(tag, *members, id=id or (name and 'struct ' + name), name=name, byte_size=size, **kw)


def union_(name, size, *members, id=None, **kw):
    return die('union_type', *members, id=id or (name and 'union ' + name), name=name,
               byte_size=size,
               **kw)


def fwd(kind, name, id=None):
    return die(kind, id=id, name=name, declaration=True)


def member(name, target, offset, **kw):
    return die('member', name=name, type=target, data_member_location=offset, **kw)


def umember(name, target, **kw):
    """A union member, which has no location."""
    return die('member', name=name, type=target, **kw)


def bitfield(name, target, bit_off, bit_size, storage=4):
    """A bitfield at bit_off (as BTF counts: little endian from the lowest bit of the lowest byte,
    big endian from the highest) in a type of storage bytes."""

    def attrs(enc):
        if enc.bitfields == 'new':
            return dict(bit_size=bit_size, data_bit_offset=bit_off)
        unit = 8 * storage
        start = bit_off // unit * unit
        if enc.little:
            old = unit - (bit_off - start) - bit_size
        else:
            old = bit_off - start
        return dict(byte_size=storage, bit_size=bit_size, bit_offset=old,
                    data_member_location=start // 8)

    return die('member', name=name, type=target, lazy=attrs)


def array(element, *bounds, id=None, **kw):
    """bounds: None (no bound), an int (upper bound n - 1) or a subrange's attributes as a dict."""
    ranges = []
    for bound in bounds:
        if bound is None:
            ranges.append(die('subrange_type'))
        elif isinstance(bound, dict):
            ranges.append(die('subrange_type', **bound))
        else:
            ranges.append(die('subrange_type', upper_bound=bound - 1))
    return die('array_type', *ranges, id=id, type=element, **kw)


def enum_(name, size, *values, id=None, type=None, **kw):
    return die('enumeration_type', *[die('enumerator', name=n, const_value=v) for n, v in values],
               id=id or (name and 'enum ' + name), name=name, byte_size=size, type=type, **kw)


def proto(ret, *params, id=None, varargs=False, **kw):
    """params: type ids, or (name, type id)."""
    children = []
    for param in params:
        name, target = param if isinstance(param, tuple) else (None, param)
        children.append(die('formal_parameter', name=name, type=target))
    if varargs:
        children.append(die('unspecified_parameters'))
    return die('subroutine_type', *children, id=id, prototyped=True, type=ret, **kw)


def variable(name, target, address=None, external=True, id=None, offset=None, **kw):
    location = None
    if address is not None:
        location = [('addr', address)] + ([('plus_uconst', offset)] if offset is not None else [])
    location = kw.pop('location', location)
    return die('variable', id=id, name=name, type=target, external=external, location=location,
               **kw)


def param(name, target, location=None, **kw):
    return die('formal_parameter', name=name, type=target, location=location, **kw)


def function(name, *children, id=None, low_pc=None, high_pc=None, **kw):
    """A function of 16 bytes at low_pc; without it the DIE has no addresses."""
    def attrs(enc):
        if low_pc is None:
            return {}
        if isinstance(low_pc, Sym):
            if enc.version >= 4:
                return dict(low_pc=low_pc, high_pc=Form('data4', 16))
            return dict(low_pc=low_pc, high_pc=Sym(low_pc.symbol, low_pc.addend + 16))
        end = low_pc + 16 if high_pc is None else high_pc
        if enc.version >= 4:
            return dict(low_pc=low_pc, high_pc=Form('data4', end - low_pc))
        return dict(low_pc=low_pc, high_pc=end)

    return die('subprogram', *children, id=id, name=name, external=kw.pop('external', True),
               lazy=attrs, **kw)


def elf_with(dwarf, bits=64, little=True, compress=None, **kw):
    """An Elf holding a built Dwarf's sections only."""
    elf = Elf(bits=bits, little=little, **kw)
    dwarf.add_to(elf, compress=compress)
    return elf
