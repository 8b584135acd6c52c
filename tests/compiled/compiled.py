# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
"""What compilers make of functions, and whether the BTF is right about it.

    compiled.py ROW...         run these rows (a compiler for a machine); `list` prints them all
    compiled.py selftest       the calls and the directives must find prototypes made wrong
    options: --keep DIR        leave sources, programs and outputs there
             --forms REGEX     only forms (level, DWARF version, ...) that match

The files of cases/ are compiled for the row's machine in many forms.  Then, for each form,

- the directives in the sources say what must be in the BTF (see Directive);
- the program itself says whether the BTF is right: a caller is generated from the prototypes that
  stand in the BTF, compiled for the same machine, linked to the cases and run (by qemu-user where
  the machine is another).  It calls every function with arguments of which each byte tells their
  position, and the functions report what arrived in which parameter (SEE() in cases/case.h).  This
  knows neither DWARF nor calling conventions, only what a compiler does with a prototype, which is
  what BPF programs rely on.

Exit status: 0 all as it must be, 1 not, 2 usage, 77 the row's compiler is not here.
"""

import argparse
import json
import os
import platform
import re
import shutil
import struct
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
CASES = os.path.join(HERE, 'cases')
sys.path.insert(0, os.path.join(HERE, '..', 'lib'))

# pylint: disable=wrong-import-position
from btf import Btf, BtfError, Param  # noqa: E402
from elfwriter import ElfReader  # noqa: E402

BTFGEN = os.path.abspath(os.environ.get('BTFGEN', 'btfgen'))
CACHE = os.environ.get('BTFGEN_CACHE') or os.path.join(
    os.environ.get('XDG_CACHE_HOME') or os.path.expanduser('~/.cache'), 'btfgen')
FETCHED = os.path.join(CACHE, 'compilers', 'bin')
TIMEOUT = 120
STT_FUNC, STT_GNU_IFUNC, STB_LOCAL = 2, 10, 0

FLAGS = ['-std=gnu11', '-ffreestanding', '-fno-strict-aliasing', '-fno-pic', '-fno-common',
         '-fsigned-char', '-w', '-fno-stack-protector', '-fno-asynchronous-unwind-tables',
         '-I', CASES]


class Machine:
    """gcc, ld: names of the cross tools; clang: target; qemu: emulator, None if native."""

    def __init__(self, gcc, clang, qemu, bits=64, flags=(), ld=None, ldflags=(), ifunc=False,
                 soft=False, fastcc=False):
        self.gcc = gcc
        self.clang = clang
        self.qemu = qemu
        self.bits = bits
        self.flags = list(flags)
        self.ld = ld or (gcc[:-3] + 'ld' if gcc.endswith('-gcc') else 'ld')
        self.ldflags = list(ldflags)
        self.ifunc = ifunc
        self.soft = soft
        # Clang calls local functions otherwise, and tells nobody.
        self.fastcc = fastcc


# Programs for x86 run by themselves only there.
PC = platform.machine() in ('x86_64', 'i686')
PC_GCC = 'gcc' if PC else 'x86_64-linux-gnu-gcc'
MACHINES = {
    'x86_64': Machine(PC_GCC, 'x86_64-linux-gnu', None if PC else 'qemu-x86_64', ifunc=True),
    # Kernels of this machine pass three arguments in registers.
    'i386': Machine(PC_GCC, 'i686-linux-gnu', None if PC else 'qemu-i386', 32,
                    ['-m32', '-mregparm=3'], ldflags=['-m', 'elf_i386'], ifunc=True, fastcc=True),
    'arm64': Machine('aarch64-linux-gnu-gcc', 'aarch64-linux-gnu', 'qemu-aarch64', ifunc=True),
    'arm': Machine('arm-linux-gnueabihf-gcc', 'armv7-linux-gnueabihf', 'qemu-arm', 32, ['-marm']),
    'thumb': Machine('arm-linux-gnueabihf-gcc', 'armv7-linux-gnueabihf', 'qemu-arm', 32,
                     ['-mthumb']),
    's390x': Machine('s390x-linux-gnu-gcc', 's390x-linux-gnu', 'qemu-s390x', ifunc=True),
    'ppc64le': Machine('powerpc64le-linux-gnu-gcc', 'powerpc64le-linux-gnu', 'qemu-ppc64le'),
    'ppc64': Machine('powerpc64-linux-gnu-gcc', 'powerpc64-linux-gnu', 'qemu-ppc64',
                     flags=['-mabi=elfv2']),
    'riscv64': Machine('riscv64-linux-gnu-gcc', 'riscv64-linux-gnu', 'qemu-riscv64',
                       ldflags=['--no-relax'], ifunc=True),
    'mips64el': Machine('mips64el-linux-gnuabi64-gcc', 'mips64el-linux-gnuabi64',
                        'qemu-mips64el', flags=['-mno-abicalls', '-G0']),
    'loongarch64': Machine('loongarch64-linux-gnu-gcc', 'loongarch64-linux-gnu',
                           'qemu-loongarch64', flags=['-mno-lsx']),
}


def which(name, fetched):
    """Path of a program, of the fetched ones or of the machine's."""
    if fetched:
        path = os.path.join(FETCHED, name)
        return path if os.access(path, os.X_OK) else None
    return shutil.which(name)


class Row:
    """A compiler for a machine."""

    def __init__(self, name):
        self.name = name
        self.kind, self.arch = name.split('_', 1)
        if self.arch not in MACHINES or self.kind not in ('gcc', 'clang', 'newgcc', 'newclang'):
            raise KeyError(name)
        self.machine = MACHINES[self.arch]
        self.fetched = self.kind.startswith('new')
        self.family = self.kind[3:] if self.fetched else self.kind
        self.missing = None
        machine = self.machine
        if self.family == 'gcc':
            self.compiler = self.tool(machine.gcc, self.fetched)
            self.base = list(machine.flags)
        else:
            self.compiler = self.tool('clang', self.fetched)
            self.base = ['--target=' + machine.clang] + machine.flags
        # What the fetched clang writes is beyond older linkers.
        self.ld = self.tool('ld.lld' if self.kind == 'newclang' else machine.ld, self.fetched)
        self.lld = which('ld.lld', self.fetched) if self.family == 'clang' else None
        self.qemu = self.tool(machine.qemu, False) if machine.qemu else None
        if not self.missing:
            done = subprocess.run([self.compiler, *self.base, *FLAGS, '-c', '-x', 'c', '/dev/null',
                                   '-o', '/dev/null'], check=False, stdout=subprocess.DEVNULL,
                                  stderr=subprocess.PIPE, text=True)
            if done.returncode:
                self.missing = '%s: %s' % (' '.join([self.compiler] + self.base),
                                           done.stderr.strip())
        if not self.missing:
            self.version = self.version_of()

    def tool(self, name, fetched):
        path = which(name, fetched)
        if not path and not self.missing:
            self.missing = name + (' (scripts/fetch-compilers)' if fetched else '')
        return path

    def version_of(self):
        text = subprocess.run([self.compiler, '--version'], check=True, stdout=subprocess.PIPE,
                              text=True).stdout.splitlines()[0]
        found = re.findall(r'(\d+)\.\d+\.\d+', text)
        return int(found[-1])


ROWS = ['%s_%s' % (kind, arch) for kind in ('gcc', 'clang', 'newclang')
        for arch in MACHINES if not (arch == 'loongarch64' and kind != 'newclang')]
ROWS += ['newgcc_x86_64', 'newgcc_loongarch64']


class Form:
    """How a row compiles: level, DWARF version, and whether at link time."""

    def __init__(self, level, dwarf, lto=''):
        self.level = level
        self.dwarf = dwarf
        self.lto = lto

    def __str__(self):
        return 'O%d-v%d%s' % (self.level, self.dwarf, '-' + self.lto if self.lto else '')

    def flags(self):
        out = ['-O%d' % self.level, '-gdwarf-%d' % self.dwarf]
        if self.lto:
            out += ['-flto']
        return out


# Where lld, told nothing, chooses the ABI that the objects have.
LLD_LTO = {'x86_64', 'i386', 'arm64', 'arm', 'thumb', 'ppc64le'}


def forms_of(row):
    forms = [Form(level, 5) for level in (0, 1, 2, 3)] + [Form(2, 4)]
    if row.family == 'gcc' or row.lld and row.arch in LLD_LTO:
        forms += [Form(2, 5, 'lto'), Form(3, 4, 'lto')]
    if row.family == 'gcc':
        forms.append(Form(2, 5, 'partitions'))
    return forms


class Directive:
    """A line `// WORD[conditions] ...` of a source.

    FUNC prototype           the BTF has this function, with exactly this prototype
    SKIP name [reason]       it has not; reason is that of `--report=json`
    RESULT name              what it returns is not RESULT()
    UNTOLD name parameter    a wrong argument that debugging entries give no sign of
    NOCALL name              calling it would end the program
    TAG kind name component text
    MEMBER struct.member type; VAR name type       types as btf.py describes them

    Conditions, comma-separated, all must hold; `!` negates: gcc, clang, gcc12 and so on, a machine,
    64, 32, soft, ifunc, lto, O0, O2, O2+ (2 and more), v4, v5, new (the fetched compilers), nocall
    (a clang that tells of changed signatures), true (with the feature true_signature), default
    (without), linked (the program), object (the source's own object file).
    """

    def __init__(self, where, word, conditions, text):
        self.where = where
        self.word = word
        self.conditions = [c for c in (conditions or '').split(',') if c]
        self.text = text

    def holds(self, facts):
        for condition in self.conditions:
            negated = condition.startswith('!')
            if (condition.lstrip('!') in facts) == negated:
                return False
        return True


def facts_of(row, form, true_signature, whole):
    facts = {row.family, '%s%d' % (row.family, row.version), row.arch,
             str(row.machine.bits), 'O%d' % form.level, 'v%d' % form.dwarf}
    facts.update('O%d+' % level for level in range(form.level + 1))
    if row.machine.soft:
        facts.add('soft')
    if row.machine.ifunc:
        facts.add('ifunc')
    if form.lto:
        facts.add('lto')
    if row.fetched:
        facts.add('new')
    if row.family == 'clang' and row.version >= 22:
        facts.add('nocall')
    facts.add('true' if true_signature else 'default')
    facts.add('linked' if whole else 'object')
    return facts


DIRECTIVE = re.compile(r'\s*// (FUNC|SKIP|RESULT|UNTOLD|NOCALL|TAG|MEMBER|VAR)'
                       r'(?:\[([^\]]*)\])? (.*\S)')


def directives(path):
    out = []
    with open(path, encoding='utf-8') as f:
        for number, line in enumerate(f, 1):
            match = DIRECTIVE.match(line)
            if match:
                where = '%s:%d' % (os.path.basename(path), number)
                out.append(Directive(where, *match.groups()))
    return out


# Prototypes as text.

INTS = {'short': 'short int', 'long': 'long int', 'long long': 'long long int',
        'unsigned short': 'short unsigned int', 'unsigned long': 'long unsigned int',
        'unsigned long long': 'long long unsigned int', '__int128 unsigned': 'unsigned __int128'}


def type_text(btf, type_id):
    """A type of the BTF in C, names of integers as GCC spells them."""
    t = btf.types[type_id]
    if t.kind == 'VOID':
        return 'void'
    if t.kind in ('INT', 'FLOAT'):
        return INTS.get(t.name, t.name)
    if t.kind in ('STRUCT', 'UNION', 'ENUM', 'ENUM64', 'FWD') and t.name:
        word = {'ENUM64': 'enum', 'FWD': 'union' if t.kflag else 'struct'}.get(t.kind,
                                                                                t.kind.lower())
        return '%s %s' % (word, t.name)
    if t.kind == 'TYPEDEF':
        return t.name
    if t.kind == 'PTR':
        inner = type_text(btf, t.type)
        return inner + ('*' if inner.endswith('*') else ' *')
    if t.kind in ('CONST', 'VOLATILE', 'RESTRICT'):
        inner = type_text(btf, t.type)
        word = t.kind.lower()
        return inner + ' ' + word if inner.endswith('*') else word + ' ' + inner
    if t.kind == 'TYPE_TAG':
        return type_text(btf, t.type)
    return btf.describe(type_id)


def join(text, name):
    return text + name if text.endswith('*') else '%s %s' % (text, name)


def func_text(btf, func):
    proto = btf.types[func.type]
    params = [join(type_text(btf, p.type), p.name) if p.type or p.name else '...'
              for p in proto.params] or ['void']
    return '%s(%s)' % (join(type_text(btf, proto.type), func.name), ', '.join(params))


# The caller.

class Uncallable(Exception):
    """A prototype that the generated caller cannot spell."""


def c_type(btf, type_id):
    """A type that is passed like the BTF's: pointers are all one."""
    t = btf.types[type_id]
    while t.kind in ('CONST', 'VOLATILE', 'RESTRICT', 'TYPE_TAG'):
        t = btf.types[t.type]
    if t.kind == 'PTR':
        return 'void *'
    if t.kind in ('VOID', 'INT', 'FLOAT', 'TYPEDEF') or \
            t.kind in ('STRUCT', 'UNION', 'ENUM', 'ENUM64') and t.name:
        return type_text(btf, t.id)
    raise Uncallable('%r' % t)


def strip(btf, type_id):
    t = btf.types[type_id]
    while t.kind in ('CONST', 'VOLATILE', 'RESTRICT', 'TYPE_TAG', 'TYPEDEF'):
        t = btf.types[t.type]
    return t


def pattern(index):
    return 0x11 + index


def caller_source(btf, funcs, source_typedefs):
    """C that calls funcs in order through `table`."""
    out = ['// Generated.', '#include "case.h"', source_typedefs,
           'void call_begin(const char *text);', 'void call_end(void);',
           'void out_string(const char *s);',
           'void out_bytes(const volatile void *from, unsigned long size);',
           'void *memset(void *to, int byte, unsigned long size);',
           'volatile unsigned long table[%d] = { 0x7461626c };' % (len(funcs) + 1),
           'static unsigned char memory[16][4096] __attribute__((aligned(16)));', 'void run(void)',
           '{', '\tfor (int i = 0; i < 16; i++)',
           '\t\tmemset(memory[i], 0x11 + i, sizeof(memory[i]));']
    for number, func in enumerate(funcs):
        proto = btf.types[func.type]
        params = [p for p in proto.params if p.type]
        varargs = len(params) != len(proto.params)
        types = [c_type(btf, p.type) for p in params]
        ret = c_type(btf, proto.type)
        out.append('\t{ /* %s */' % func.name)
        for i, text in enumerate(types):
            target = strip(btf, params[i].type)
            # As bytes, because the type may be const.
            out.append('\t\tstatic unsigned char v%d[sizeof(%s)] '
                       '__attribute__((aligned(__alignof__(%s))));' % (i, text, text))
            if target.kind == 'PTR':
                out.append('\t\t*(void **)v%d = memory[%d];' % (i, i))
            else:
                byte = 1 if target.kind == 'INT' and target.encoding & 4 else pattern(i)
                out.append('\t\tmemset(v%d, %d, sizeof(v%d));' % (i, byte, i))
        signature = ', '.join(types + ['...'] * varargs) or 'void'
        call = '((%s (*)(%s))table[%d])(%s)' % (ret, signature, number + 1, ', '.join(
            '*(%s *)v%d' % (text, i) for i, text in enumerate(types)))
        out.append('\t\tcall_begin("%d");' % number)
        if strip(btf, proto.type).kind == 'VOID':
            out.append('\t\t%s;' % call)
            out.append('\t\tcall_end();')
        else:
            out.append('\t\t%s ret = %s;' % (ret, call))
            out.append('\t\tcall_end();')
            out.append('\t\tout_string("ret ");')
            out.append('\t\tout_bytes(&ret, sizeof(ret));')
        for i in range(len(types)):
            if strip(btf, params[i].type).kind == 'PTR':
                out.append('\t\tout_string("pointer %d ");' % i)
                out.append('\t\tout_bytes(v%d, sizeof(v%d));' % (i, i))
        out.append('\t}')
    out.append('}')
    return '\n'.join(out) + '\n'


def symbols_of(elf):
    """(name, value, type, section, binding) of the symbol table."""
    out = []
    for table in elf.sections:
        if table['type'] != 2:
            continue
        raw, strings = elf.content(table), elf.content(elf.sections[table['link']])
        order = '<' if elf.little else '>'
        layout = order + ('IBBHQQ' if elf.bits == 64 else 'IIIBBH')
        for entry in struct.iter_unpack(layout, raw):
            if elf.bits == 64:
                name, info, _, section, value, _ = entry
            else:
                name, value, _, info, _, section = entry
            text = strings[name:strings.index(b'\0', name)].decode('utf-8', 'surrogateescape')
            out.append((text, value, info & 15, section, info >> 4))
    return out


class Failed(Exception):
    """A step of the test itself did not work."""


class Test:
    """One form of a row."""

    def __init__(self, row, form, folder):
        self.row = row
        self.form = form
        self.dir = folder
        self.problems = []
        self.judged = 0

    def path(self, name):
        return os.path.join(self.dir, name)

    def problem(self, text, *args):
        self.problems.append('%s %s: %s' % (self.row.name, self.form, text % args))

    def command(self, *words, timeout=TIMEOUT):
        try:
            done = subprocess.run(words, check=False, stdin=subprocess.DEVNULL, cwd=self.dir,
                                  stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=timeout,
                                  text=True, errors='surrogateescape')
        except subprocess.TimeoutExpired as exc:
            raise Failed('takes too long: ' + ' '.join(words)) from exc
        return done

    def must(self, *words):
        done = self.command(*words)
        if done.returncode:
            raise Failed('%s: status %d\n%s' % (' '.join(words), done.returncode,
                                                done.stdout + done.stderr))
        return done

    def build(self, sources, out):
        """The cases as one program of their own and as objects for the caller's."""
        row, form = self.row, self.form
        defines = ['-DIFUNC'] if row.machine.ifunc else []
        compile_ = [row.compiler, *row.base, *FLAGS, *defines, *form.flags()]
        self.objects = []
        if not form.lto:
            for source in sources:
                name = os.path.basename(source)[:-2] + '.o'
                self.must(*compile_, '-c', '-o', name, source)
                self.objects.append(name)
        elif row.family == 'gcc':
            if form.lto == 'partitions':
                compile_ += ['-flto-partition=max']
            self.must(*compile_, '-nostdlib', '-r', '-flinker-output=nolto-rel', '-o', 'all.o',
                      *sources)
            self.objects.append('all.o')
        else:
            parts = []
            for source in sources:
                name = os.path.basename(source)[:-2] + '.bc'
                self.must(*compile_, '-c', '-o', name, source)
                parts.append(name)
            self.objects += parts
        self.must(row.compiler, *row.base, *FLAGS, '-O1', '-c', '-o', 'start.o',
                  os.path.join(HERE, 'start.c'))
        self.link(out, 'void run(void) { }\n')

    def link(self, out, caller):
        row = self.row
        with open(self.path('caller.c'), 'w', encoding='utf-8') as f:
            f.write(caller)
        self.must(row.compiler, *row.base, *FLAGS, '-O1', '-c', '-o', 'caller.o', 'caller.c')
        roots = []
        ld = row.ld
        if self.form.lto and row.family == 'clang':
            # Whatever the caller calls by address must stay.
            ld = row.lld
            for directive in self.kept:
                roots += ['-u', directive]
        self.must(ld, *row.machine.ldflags, '-static', '-e', '_start', *roots, '-o', out,
                  *self.objects, 'start.o', 'caller.o')

    def encode(self, path, true_signature):
        out, report = self.path('out.btf'), self.path('report.json')
        for name in (out, report):
            if os.path.exists(name):
                os.unlink(name)
        features = '+true_signature' if true_signature else 'default'
        done = self.command(BTFGEN, '--features=' + features, '--percpu', '--report=json', '-o',
                            out, path)
        if done.returncode:
            raise Failed('%s of %s: status %d\n%s' % (BTFGEN, path, done.returncode, done.stderr))
        self.report = json.loads(done.stdout)
        btf = Btf.load(out, self.row.machine.bits // 8)
        for line in btf.problems():
            self.problem('BTF: %s', line)
        return btf

    # Directives.

    def check_directives(self, btf, wanted, facts):
        # The caller's own functions are no cases.
        funcs = {t.name: t for t in btf.types if t.kind == 'FUNC'}
        texts = {name: func_text(btf, t) for name, t in funcs.items()}
        tags = btf.tags()
        held = [d for d in wanted if d.holds(facts)]
        for d in held:
            if d.word == 'FUNC':
                name = re.search(r'([\w.]+)\(', d.text).group(1)
                if name not in texts and 'true' in facts:
                    # Under the whole name of its symbol, which LTO may lengthen.
                    for full in [n for n in texts if n.startswith(name + '.')]:
                        texts[name] = texts[full].replace(full, name)
                if name not in texts:
                    self.problem('%s: no function %s (%s)', d.where, name, self.reason(name))
                elif texts[name] != d.text:
                    self.problem('%s: %s, not %s', d.where, texts[name], d.text)
            elif d.word == 'SKIP':
                name, reason = (d.text.split() + [None])[:2]
                if name in texts:
                    self.problem('%s: there is a function %s', d.where, texts[name])
                elif reason and self.reason(name) != reason:
                    self.problem('%s: %s is left out for %s, not %s', d.where, name,
                                 self.reason(name), reason)
            elif d.word == 'TAG':
                kind, name, component, text = d.text.split(None, 3)
                if tags[(('%s %s' % (kind, name)), int(component), text)] != 1:
                    self.problem('%s: no tag %s', d.where, d.text)
            elif d.word == 'MEMBER':
                place, want = d.text.split(None, 1)
                struct_name, member = place.split('.')
                found = [m for t in btf.find(struct_name, 'STRUCT') for m in t.members
                         if m.name == member]
                got = [btf.describe(m.type) for m in found]
                if got != [want]:
                    self.problem('%s: %s is %s, not %s', d.where, place, got, want)
            elif d.word == 'VAR':
                name, want = d.text.split(None, 1)
                got = [v.type for v in btf.variables().get('.data..percpu', ()) if v.name == name]
                if got != [want]:
                    self.problem('%s: %s is %s, not %s', d.where, name, got, want)
        self.judged += len(held)

    def reason(self, name):
        for item in self.report['diagnostics']['items']:
            if item['kind'] == 'function-skipped' and item['name'] == name:
                return item['reason']
        return None

    # Calls.

    def check_calls(self, btf, wanted, facts):
        row = self.row
        computed = {d.text for d in wanted if d.word == 'RESULT' and d.holds(facts)}
        self.untold = {tuple(d.text.split()) for d in wanted
                       if d.word == 'UNTOLD' and d.holds(facts)}
        uncalled = {d.text for d in wanted if d.word == 'NOCALL' and d.holds(facts)}
        with open(self.path('plain'), 'rb') as f:
            local = {s[0] for s in symbols_of(ElfReader(f.read())) if s[4] == STB_LOCAL}
        local |= {name.split('.')[0] for name in local}
        funcs = []
        for func in btf.types:
            if func.kind != 'FUNC' or func.name in OWN | uncalled:
                continue
            # At link time, global functions may become local, though not to the source.
            if not self.form.lto and func.linkage != (func.name not in local):
                self.problem('%s has linkage %d', func.name, func.linkage)
            if row.machine.fastcc and row.family == 'clang' and self.form.level and \
                    func.name in local:
                continue
            try:
                for p in btf.types[func.type].params:
                    c_type(btf, p.type)
                c_type(btf, btf.types[func.type].type)
            except Uncallable as exc:
                self.problem('%s cannot be called: %s', func.name, exc)
                continue
            funcs.append(func)
        out = 'calls'
        self.link(out, caller_source(btf, funcs, SOURCE_TYPES))
        self.patch(out, funcs)
        program = ['./' + out] if not row.qemu else [row.qemu, './' + out]
        done = self.command(*program, timeout=60)
        if not done.stdout.endswith('end\n'):
            last = re.findall(r'^call (\d+)$', done.stdout, re.M)
            name = func_text(btf, funcs[int(last[-1])]) if last else 'the start'
            self.problem('%s crashes the program that calls it (status %d)', name,
                         done.returncode)
        self.check_output(btf, funcs, done.stdout, computed)
        self.judged += len(funcs)

    def patch(self, out, funcs):
        """Fill the caller's table with the addresses of the symbols."""
        with open(self.path(out), 'rb') as f:
            data = bytearray(f.read())
        elf = ElfReader(bytes(data))
        self.order = 'little' if elf.little else 'big'
        symbols, table = {}, None
        for name, value, kind, section, _ in symbols_of(elf):
            if name == 'table':
                table = (elf.sections[section], value)
            elif kind in (STT_FUNC, STT_GNU_IFUNC) and section:
                symbols.setdefault(name, value)
                symbols.setdefault(name.split('.')[0], value)
        pos = table[0]['offset'] + table[1] - table[0]['addr']
        size = elf.bits // 8
        for number, func in enumerate(funcs):
            if func.name not in symbols:
                self.problem('%s is no symbol', func.name)
                continue
            at = pos + (number + 1) * size
            data[at:at + size] = symbols[func.name].to_bytes(size, self.order)
        with open(self.path(out), 'wb') as f:
            f.write(data)
        os.chmod(self.path(out), 0o755)

    def check_output(self, btf, funcs, text, computed):
        func, seen, ret, pointers = None, {}, None, {}

        def finish():
            if func is not None:
                self.check_call(btf, func, seen, ret, pointers, computed)

        for line in text.splitlines():
            words = line.split()
            if words[0] in ('call', 'end'):
                finish()
                func = funcs[int(words[1])] if words[0] == 'call' else None
                seen, ret, pointers = {}, None, {}
            elif words[0] == 'see':
                seen[words[1]] = (words[2], bytes.fromhex(words[3]))
            elif words[0] == 'ret':
                ret = bytes.fromhex(words[1])
            elif words[0] == 'pointer':
                pointers[int(words[1])] = bytes.fromhex(words[2])

    def check_call(self, btf, func, seen, ret, pointers, computed):
        name = func.name.split('.')[0]
        text = func_text(btf, func)
        params = btf.types[func.type].params
        places = {}
        for i, p in enumerate(params):
            places.setdefault(p.name.split('__')[0], []).append(i)
        for slot, (where, value) in seen.items():
            if where != self.aliases.get(name, name) or (name, slot) in self.untold:
                continue
            if slot not in places:
                # The argument of all calls of a clone.
                if int.from_bytes(value, self.order) in CONSTANTS:
                    continue
                self.problem('%s: the function takes a parameter %s as well', text, slot)
                continue
            good = False
            for i in places[slot]:
                target = strip(btf, params[i].type)
                byte = 1 if target.kind == 'INT' and target.encoding & 4 else pattern(i)
                good = good or value == pointers.get(i) or value == bytes([byte]) * len(value)
            if not good:
                self.problem('%s: parameter %s got %s', text, slot, value.hex())
        if ret is not None and name not in computed and ret != b'\x7e' * len(ret):
            self.problem('%s: returns %s', text, ret.hex())

    def check_own_btf(self, sources):
        """What the compiler itself writes as BTF of the same source."""
        row = self.row
        tags = [source for source in sources if os.path.basename(source) == 'tags.c']
        if not tags:
            return
        if row.family == 'clang':
            # Only for this machine; its relocations are not known to all versions of libdw, so
            # functions and variables may lack.
            self.must(row.compiler, '--target=bpf', *FLAGS, '-O2', '-g', '-c', '-o', 'own.o', *tags)
            ours, kinds = self.encode('own.o', False), ('struct', 'union', 'typedef')
        else:
            self.must(row.compiler, *FLAGS, '-O0', '-gbtf', '-c', '-o', 'own.o', *tags)
            ours, kinds = self.encode('tags.o', False), ('struct', 'union', 'func', 'var')
        theirs = Btf.load(self.path('own.o'))
        mine, want = ([tag for tag in btf.tags().elements() if tag[0].split()[0] in kinds]
                      for btf in (ours, theirs))
        if sorted(mine) != sorted(want) or not want:
            self.problem('tags are %s, not %s', sorted(mine), sorted(want))
        mine, want = ({(t.kind, t.name): btf.content(t) for t in btf.types
                       if t.name and t.kind in ('STRUCT', 'UNION', 'TYPEDEF')}
                      for btf in (ours, theirs))
        common = set(mine) & set(want)
        for key in sorted(common):
            if mine[key] != want[key]:
                self.problem('%s %s is %s, not %s', *key, mine[key], want[key])
        if ('STRUCT', 'tagged') not in common:
            self.problem('no struct tagged in both')
        self.judged += len(common) + 1

    def run(self, sources):
        wanted = [d for source in sources for d in directives(source)]
        self.aliases = {'alias': 'real', 'weak_alias': 'real'}
        self.kept = sorted({re.search(r'([\w.]+)(\(|$| )', d.text).group(1) for d in wanted
                            if d.word == 'SKIP'} |
                           {re.search(r'([\w.]+)\(', d.text).group(1) for d in wanted
                            if d.word == 'FUNC'})
        self.build(sources, 'plain')
        for true_signature in (False, True):
            facts = facts_of(self.row, self.form, true_signature, True)
            before = len(self.problems)
            btf = self.encode('plain', true_signature)
            self.check_directives(btf, wanted, facts)
            self.check_calls(btf, wanted, facts)
            if true_signature:
                self.problems[before:] = [p + ' [true_signature]' for p in self.problems[before:]]
        if self.row.arch == 'x86_64' and str(self.form) == 'O0-v5':
            self.check_own_btf(sources)
        if not self.form.lto:
            facts = facts_of(self.row, self.form, False, False)
            for source in sources:
                before = len(self.problems)
                name = os.path.basename(source)[:-2] + '.o'
                try:
                    btf = self.encode(name, False)
                except Failed as exc:
                    # Older libdw knows fewer machines' relocations.
                    if self.row.arch in UNRELOCATED and NO_RELOCATIONS in str(exc):
                        continue
                    raise
                self.check_directives(btf, directives(source), facts)
                self.problems[before:] = [p + ' [object]' for p in self.problems[before:]]


UNRELOCATED = {'mips64el', 'loongarch64'}
NO_RELOCATIONS = 'relocations cannot be applied: no support library found for machine'
# Constants in calls of cases/static.c.
CONSTANTS = {3, 5}
# The functions of start.c.
OWN = {'start', '_start', 'run', 'system_call', 'memcpy', 'memmove', 'memset', 'out_flush',
       'out_char', 'out_string', 'out_bytes', 'see_print', 'call_begin', 'call_end'}
SOURCE_TYPES = '''
struct tagged { char x[128]; };
union tagged_union { int x; float y; };
typedef int tagged_t;
'''


def sources_of(row):
    names = ['args.c', 'stack.c', 'static.c', 'names1.c', 'names2.c']
    if row.family == 'clang' or row.version >= 16:
        names.append('tags.c')
    return [os.path.join(CASES, name) for name in names]


def run_row(row, args):
    failed = 0
    for form in forms_of(row):
        if not re.search(args.forms, str(form)):
            continue
        with tempfile.TemporaryDirectory(prefix='btfgen-compiled-') as folder:
            if args.keep:
                folder = os.path.join(args.keep, '%s-%s' % (row.name, form))
                os.makedirs(folder, exist_ok=True)
            test = Test(row, form, folder)
            try:
                test.run(sources_of(row))
            except (Failed, BtfError) as exc:
                test.problem('%s', exc)
        for line in test.problems:
            print(line)
        failed += len(test.problems)
        print('%s %s: %d judged, %d wrong' % (row.name, form, test.judged, len(test.problems)),
              flush=True)
    return failed


def spoil_swap(btf, proto):
    """First two parameters change places."""
    proto.params[:2] = reversed(proto.params[:2])


def spoil_drop(btf, proto):
    """The first parameter is gone."""
    del proto.params[0]


def spoil_add(btf, proto):
    """One more in front."""
    proto.params.insert(0, Param('extra', btf.one('int', 'INT').id))


def spoil_type(btf, proto):
    """The second parameter is larger than it is."""
    proto.params[1] = Param(proto.params[1].name, btf.one('s64', 'STRUCT').id)


def spoil_result(btf, proto):
    """The result is a large structure."""
    proto.type = btf.one('s64', 'STRUCT').id


def selftest():
    """Every wrong prototype must be found twice."""
    row = Row('gcc_x86_64')
    if row.missing:
        print('not here: %s' % row.missing)
        return 77
    failed = 0
    with tempfile.TemporaryDirectory(prefix='btfgen-compiled-') as folder:
        test = Test(row, Form(2, 5), folder)
        sources = sources_of(row)
        test.run(sources)
        wanted = [d for source in sources for d in directives(source)]
        facts = facts_of(row, test.form, False, True)
        for name, spoil in (('keep', spoil_swap), ('widths', spoil_swap), ('ten', spoil_drop),
                            ('by_s16', spoil_drop), ('by_s8', spoil_add), ('varargs', spoil_add),
                            ('by_s12', spoil_type), ('pairs', spoil_type),
                            ('ret_s8', spoil_result), ('called_by_pointer', spoil_result)):
            for check in (test.check_directives, test.check_calls):
                btf = test.encode('plain', False)
                test.problems = []
                spoil(btf, btf.types[btf.one(name, 'FUNC').type])
                check(btf, wanted, facts)
                if not any(re.search(r'\b%s\b' % name, line) for line in test.problems):
                    print('%s, %s is not found by %s' % (name, spoil.__doc__, check.__name__))
                    failed += 1
    return 1 if failed else 0


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('rows', nargs='+')
    parser.add_argument('--keep')
    parser.add_argument('--forms', default='')
    args = parser.parse_args()
    if args.rows == ['list']:
        print('\n'.join(ROWS))
        return 0
    if args.rows == ['selftest']:
        return selftest()
    failed = 0
    for name in args.rows:
        try:
            row = Row(name)
        except (KeyError, ValueError):
            print('no row %s' % name, file=sys.stderr)
            return 2
        if row.missing:
            print('%s: not here: %s' % (name, row.missing))
            return 1 if os.environ.get('CI') else 77
        failed += run_row(row, args)
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
