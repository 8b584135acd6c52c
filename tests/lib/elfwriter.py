# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
"""A small ELF writer for tests.

Writes ELF32 and ELF64 in both byte orders, of any type and machine, with
sections, symbols, RELA/REL relocations, compressed sections (SHF_COMPRESSED or
the older .zdebug form) and more than 65,280 sections (SHN_XINDEX).  Nothing is
checked beyond what is needed to lay out the file: wrong values are welcome,
because tests of bad input need them.

    elf = Elf(bits=64, little=True)
    sec = elf.section('.data..percpu', bytes(64), flags='WA', addr=0x1000)
    elf.symbol('counter', value=0x1000, size=8, section=sec)
    elf.section('.debug_info', info, compress='zlib')
    open(path, 'wb').write(elf.build())

Addresses, offsets and sizes are bytes.  A symbol's value is stored as given.
Sources: gABI chapters "ELF Header", "Sections", "Symbol Table".
"""

import struct
import zlib

ET_REL, ET_EXEC, ET_DYN, ET_CORE = 1, 2, 3, 4

EM_386, EM_MIPS, EM_PPC, EM_PPC64, EM_S390, EM_ARM = 3, 8, 20, 21, 22, 40
EM_SPARCV9, EM_X86_64, EM_AARCH64, EM_RISCV = 43, 62, 183, 243

SHT_NULL, SHT_PROGBITS, SHT_SYMTAB, SHT_STRTAB, SHT_RELA = 0, 1, 2, 3, 4
SHT_NOTE, SHT_NOBITS, SHT_REL, SHT_SYMTAB_SHNDX = 7, 8, 9, 18

SHF_WRITE, SHF_ALLOC, SHF_EXECINSTR, SHF_MERGE, SHF_STRINGS = 1, 2, 4, 0x10, 0x20
SHF_TLS, SHF_COMPRESSED = 0x400, 0x800

SHN_UNDEF, SHN_LORESERVE, SHN_ABS, SHN_COMMON, SHN_XINDEX = 0, 0xff00, 0xfff1, 0xfff2, 0xffff

STB_LOCAL, STB_GLOBAL, STB_WEAK = 0, 1, 2
STT_NOTYPE, STT_OBJECT, STT_FUNC, STT_SECTION, STT_FILE, STT_COMMON, STT_TLS = 0, 1, 2, 3, 4, 5, 6

FLAG_LETTERS = {'W': SHF_WRITE, 'A': SHF_ALLOC, 'X': SHF_EXECINSTR, 'M': SHF_MERGE,
                'S': SHF_STRINGS, 'T': SHF_TLS, 'C': SHF_COMPRESSED}

# The usual machine of each (bits, little endian) pair.
MACHINES = {(64, True): EM_X86_64, (64, False): EM_S390, (32, True): EM_386, (32, False): EM_PPC}

# Absolute relocation of address size, by machine: (4 bytes, 8 bytes).
ABS_RELOC = {EM_X86_64: (10, 1), EM_386: (1, None), EM_S390: (4, 22), EM_PPC: (1, None),
             EM_PPC64: (1, 38), EM_AARCH64: (258, 257), EM_ARM: (2, None), EM_RISCV: (1, 2)}


class Section:
    """One section; index is known from the moment it is added."""

    def __init__(self, index, name, data, sh_type, flags, addr, size, align, link, info, entsize):
        self.index = index
        self.name = name
        self.data = data
        self.type = sh_type
        self.flags = flags
        self.addr = addr
        self.size = size
        self.align = align
        self.link = link
        self.info = info
        self.entsize = entsize
        self.offset = 0


class Elf:
    """One ELF file under construction.

    segments: add a PT_LOAD for each loaded section.  headers_first: put the section header table
    before the sections instead of behind them.
    """

    def __init__(self, bits=64, little=True, e_type=ET_EXEC, machine=None, flags=0, segments=True,
                 headers_first=False):
        self.bits = bits
        self.little = little
        self.e_type = e_type
        self.machine = MACHINES[(bits, little)] if machine is None else machine
        self.flags = flags
        self.segments = segments
        self.headers_first = headers_first
        self.sections = []
        self.symbols = []
        self.symtab = True
        self.section('', b'', sh_type=SHT_NULL, align=0)

    # Building blocks.

    @property
    def order(self):
        return '<' if self.little else '>'

    def pack(self, fmt, *values):
        return struct.pack(self.order + fmt, *values)

    def section(self, name, data=b'', sh_type=SHT_PROGBITS, flags=0, addr=0, size=None, align=1,
                link=0, info=0, entsize=0, compress=None, declared_size=None):
        """Append a section and return it.

        size differs from len(data) only for SHT_NOBITS.  compress is None, 'zlib'
        (SHF_COMPRESSED) or 'gnu' (.zdebug_*); declared_size replaces the size
        written into the compression header.
        """
        if isinstance(flags, str):
            flags = sum(FLAG_LETTERS[c] for c in flags)
        if compress:
            full = len(data) if declared_size is None else declared_size
            packed = zlib.compress(data)
            if compress == 'zlib':
                flags |= SHF_COMPRESSED
                data = self.chdr(1, full, align) + packed
                align = 8 if self.bits == 64 else 4
            elif compress == 'gnu':
                name = name.replace('.debug', '.zdebug')
                data = b'ZLIB' + struct.pack('>Q', full) + packed
            else:
                raise ValueError(compress)
        sec = Section(len(self.sections), name, data, sh_type, flags, addr,
                      len(data) if size is None else size, align, link, info, entsize)
        self.sections.append(sec)
        return sec

    def chdr(self, ch_type, size, align):
        """A compression header (Elf32_Chdr or Elf64_Chdr)."""
        if self.bits == 64:
            return self.pack('IIQQ', ch_type, 0, size, align)
        return self.pack('III', ch_type, size, align)

    def symbol(self, name, value=0, size=0, section=SHN_UNDEF, sym_type=STT_OBJECT, bind=STB_GLOBAL,
               other=0):
        """Append a symbol; section is a Section or a reserved index.  Returns its position."""
        self.symbols.append((name, value, size, section, sym_type, bind, other))
        return len(self.symbols) - 1

    def relocations(self, target, entries, rela=True):
        """Add a relocation section for target.

        entries: (offset, symbol name, addend, width).  With rela=False the addend must
        already be in the section's bytes.
        """
        sec = self.section(('.rela' if rela else '.rel') + target.name, b'',
                           sh_type=SHT_RELA if rela else SHT_REL, info=target.index, align=8,
                           entsize=self._rel_entsize(rela))
        sec.relocs = list(entries)
        sec.rela = rela
        return sec

    def _rel_entsize(self, rela):
        word = self.bits // 8
        return word * (3 if rela else 2)

    # Layout.

    def _symtab_bytes(self, strtab):
        word_is_64 = self.bits == 64
        out, xindex, need_xindex = [], [], False
        ordered = sorted(range(len(self.symbols)), key=lambda i: self.symbols[i][5] != STB_LOCAL)
        null = self.pack('IBBHQQ', 0, 0, 0, 0, 0, 0) if word_is_64 else self.pack('IIIBBH',
                                                                                  *[0] * 6)
        out.append(null)
        xindex.append(0)
        position, first_global = {}, 1
        for i in ordered:
            name, value, size, section, sym_type, bind, other = self.symbols[i]
            shndx, extended = section, 0
            if isinstance(section, Section):
                shndx = section.index
                if shndx >= SHN_LORESERVE:
                    shndx, extended, need_xindex = SHN_XINDEX, section.index, True
            st_name = strtab.add(name)
            info = bind << 4 | sym_type
            mask = (1 << self.bits) - 1
            if word_is_64:
                out.append(self.pack('IBBHQQ', st_name, info, other, shndx, value & mask, size))
            else:
                out.append(self.pack('IIIBBH', st_name, value & mask, size, info, other, shndx))
            xindex.append(extended)
            position[i] = len(out) - 1
            if bind == STB_LOCAL:
                first_global = len(out)
        names = {self.symbols[i][0]: position[i] for i in reversed(ordered)}
        return b''.join(out), (xindex if need_xindex else None), first_global, names

    def build(self):
        """Return the file's bytes.  May be called once."""
        names = {}
        if self.symtab:
            strtab = StringTable()
            data, xindex, first_global, names = self._symtab_bytes(strtab)
            symtab = self.section('.symtab', data, sh_type=SHT_SYMTAB, align=8,
                                  entsize=24 if self.bits == 64 else 16, info=first_global)
            if xindex:
                self.section('.symtab_shndx', self.pack('%dI' % len(xindex), *xindex),
                             sh_type=SHT_SYMTAB_SHNDX, link=symtab.index, align=4, entsize=4)
            symtab.link = self.section('.strtab', bytes(strtab.data), sh_type=SHT_STRTAB).index
            for sec in self.sections:
                if hasattr(sec, 'relocs'):
                    sec.link = symtab.index
                    sec.data = self._reloc_bytes(sec, names)
                    sec.size = len(sec.data)
        shstrtab = StringTable()
        shstr = self.section('.shstrtab', b'', sh_type=SHT_STRTAB)
        name_offs = [shstrtab.add(sec.name) for sec in self.sections]
        shstr.data = bytes(shstrtab.data)
        shstr.size = len(shstr.data)

        is64 = self.bits == 64
        ehsize, phentsize, shentsize = (64, 56, 64) if is64 else (52, 32, 40)
        loads = []
        if self.segments and self.e_type in (ET_EXEC, ET_DYN):
            loads = [s for s in self.sections if s.flags & SHF_ALLOC and s.size][:64]
        body = bytearray(ehsize + phentsize * len(loads))
        body += bytes(-len(body) % 8)
        shoff = len(body)
        if self.headers_first:
            body += bytes(shentsize * len(self.sections))
        for sec in self.sections[1:]:
            align = max(sec.align, 1)
            body += bytes(-len(body) % align)
            sec.offset = len(body)
            if sec.type != SHT_NOBITS:
                body += sec.data
        if not self.headers_first:
            body += bytes(-len(body) % 8)
            shoff = len(body)

        count = len(self.sections)
        first = self.sections[0]
        e_shnum, e_shstrndx = count, shstr.index
        if count >= SHN_LORESERVE:
            e_shnum, first.size = 0, count
        if shstr.index >= SHN_LORESERVE:
            e_shstrndx, first.link = SHN_XINDEX, shstr.index
        headers = []
        for sec, name_off in zip(self.sections, name_offs):
            headers.append(self.pack('IIQQQQIIQQ' if is64 else 'IIIIIIIIII', name_off, sec.type,
                                     sec.flags, sec.addr, sec.offset, sec.size, sec.link, sec.info,
                                     sec.align, sec.entsize))
        headers = b''.join(headers)
        body[shoff:shoff + len(headers)] = headers

        for i, sec in enumerate(loads):
            pflags = 4 | (2 if sec.flags & SHF_WRITE else 0)
            pflags |= 1 if sec.flags & SHF_EXECINSTR else 0
            filesz = 0 if sec.type == SHT_NOBITS else len(sec.data)
            if is64:
                ph = self.pack('IIQQQQQQ', 1, pflags, sec.offset, sec.addr, sec.addr, filesz,
                               sec.size, 1)
            else:
                ph = self.pack('IIIIIIII', 1, sec.offset, sec.addr, sec.addr, filesz, sec.size,
                               pflags, 1)
            at = ehsize + i * phentsize
            body[at:at + phentsize] = ph

        ident = b'\x7fELF' + bytes([2 if is64 else 1, 1 if self.little else 2, 1, 0]) + bytes(8)
        addr_fmt = 'QQQ' if is64 else 'III'
        body[:ehsize] = ident + self.pack(
            'HHI' + addr_fmt + 'IHHHHHH', self.e_type, self.machine, 1, 0,
            ehsize if loads else 0, shoff, self.flags, ehsize, phentsize if loads else 0,
            len(loads), shentsize, e_shnum, e_shstrndx)
        self.shoff = shoff
        return bytes(body)

    def _reloc_bytes(self, sec, names):
        kinds = ABS_RELOC[self.machine]
        out = []
        for offset, symbol, addend, width in sec.relocs:
            kind = kinds[1] if width == 8 else kinds[0]
            index = names[symbol]
            if self.bits == 64:
                out.append(self.pack('QQ', offset, index << 32 | kind))
                if sec.rela:
                    out.append(self.pack('q', addend))
            else:
                out.append(self.pack('II', offset, index << 8 | kind))
                if sec.rela:
                    out.append(self.pack('i', addend))
        return b''.join(out)


class StringTable:
    """Zero-terminated strings, each stored once; offset 0 is the empty string."""

    def __init__(self, empty_first=True):
        self.data = bytearray(b'\0' if empty_first else b'')
        self.known = {'': 0} if empty_first else {}

    def add(self, text):
        if text not in self.known:
            self.known[text] = len(self.data)
            raw = text if isinstance(text, bytes) else text.encode('utf-8', 'surrogateescape')
            self.data += raw + b'\0'
        return self.known[text]


class ElfReader:
    """A strict reader of section headers, for looking at results.

    sections: list of dicts name, type, flags, addr, offset, size, link, info, align,
    entsize.  Raises ValueError for anything that does not add up.
    """

    def __init__(self, data):
        if data[:4] != b'\x7fELF':
            raise ValueError('not an ELF file')
        if data[4] not in (1, 2) or data[5] not in (1, 2):
            raise ValueError('bad ELF class or byte order')
        self.data = data
        self.bits = 64 if data[4] == 2 else 32
        self.little = data[5] == 1
        order = '<' if self.little else '>'
        addr = 'Q' if self.bits == 64 else 'I'
        fields = struct.unpack_from(order + 'HHI' + addr * 3 + 'IHHHHHH', data, 16)
        (self.e_type, self.machine, _, self.entry, self.phoff, self.shoff, self.e_flags, _,
         self.phentsize, self.phnum, shentsize, shnum, shstrndx) = fields
        self.sections = []
        if not self.shoff:
            return
        fmt = order + ('IIQQQQIIQQ' if self.bits == 64 else 'IIIIIIIIII')
        if shentsize != struct.calcsize(fmt):
            raise ValueError('bad e_shentsize')
        first = struct.unpack_from(fmt, data, self.shoff)
        if shnum == 0:
            shnum = first[5]
        if shstrndx == SHN_XINDEX:
            shstrndx = first[6]
        if self.shoff + shnum * shentsize > len(data):
            raise ValueError('section headers beyond the end of the file')
        keys = ('name', 'type', 'flags', 'addr', 'offset', 'size', 'link', 'info', 'align',
                'entsize')
        raw = [dict(zip(keys, struct.unpack_from(fmt, data, self.shoff + i * shentsize)))
               for i in range(shnum)]
        if shstrndx >= shnum:
            raise ValueError('bad e_shstrndx')
        strings = raw[shstrndx]
        for sec in raw:
            if sec['type'] not in (SHT_NULL,
                                   SHT_NOBITS) and sec['offset'] + sec['size'] > len(data):
                raise ValueError('section beyond the end of the file')
            start = strings['offset'] + sec['name']
            if sec['name'] >= strings['size']:
                raise ValueError('section name beyond its table')
            sec['name'] = data[start:data.index(b'\0', start)].decode('utf-8', 'surrogateescape')
        self.sections = raw

    def find(self, name):
        """The first section of that name, or None."""
        for sec in self.sections:
            if sec['name'] == name:
                return sec
        return None

    def content(self, sec):
        if sec['type'] == SHT_NOBITS:
            return bytes(sec['size'])
        return self.data[sec['offset']:sec['offset'] + sec['size']]
