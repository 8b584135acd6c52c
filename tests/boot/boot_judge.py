#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
"""boot_judge.py [--other] FOLDER FIRST SECOND: what run_boot.sh left in FOLDER, judged.

FIRST and SECOND are the tasks that init.c was given in the two kernels.  Judged are the verdicts of
init.c, all of them and no others; the kernel's messages; the messages of the build; which files were
encoded, on which base (not with --other, which says that another encoder was at work); that `btfgen
ksyms` foretells which of the programs about one kernel symbol could be loaded; and the BTF that the
kernel shows of a module: the bytes of the module's file, or, of a distilled base, what relocating it by
this program's own rules gives. BTFGEN in the environment is the program.
"""
import json
import os
import re
import struct
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'lib'))

from elfwriter import ElfReader  # noqa: E402

KERNEL = ['percpu_struct', 'percpu_int', 'function_entry', 'function_exit', 'wrong_direct',
          'wrong_unchecked', 'wrong_store', 'wrong_size', 'wrong_argument']
MODULE = ['module_percpu_struct', 'module_percpu_int', 'module_kfunc', 'module_entry',
          'module_exit', 'wrong_kfunc_type', 'wrong_module_direct', 'wrong_module_argument']

# Functions and types that .BTF_ids names although this configuration, without network, leaves
# them out; any encoder gets these warnings.
ABSENT = {'prog_test_ref_kfunc', 'bpf_crypto_ctx', 'bpf_modify_return_test_tp',
          'bpf_dynptr_from_xdp', 'bpf_dynptr_from_skb'}

ENCODED = ['.tmp_vmlinux1 - plain', 'drivers/btfgen/btfgen_boot.ko vmlinux plain',
           'lib/crc16.ko vmlinux plain', 'lib/crc7.ko vmlinux plain',
           'samples/kobject/kobject-example.ko vmlinux plain',
           'samples/kobject/kset-example.ko vmlinux plain',
           'MODULE/btfgen_boot.ko vmlinux distilled', '.tmp_vmlinux1 - plain']

INT, PTR, ARRAY, STRUCT, UNION, ENUM, FWD, FUNC, VAR, DATASEC, FLOAT, ENUM64 = \
    1, 2, 3, 4, 5, 6, 7, 12, 14, 15, 16, 19
WORDS = {INT: (1, 0), ARRAY: (3, 0), STRUCT: (0, 3), UNION: (0, 3), ENUM: (0, 2), 13: (0, 2),
         VAR: (1, 0), DATASEC: (0, 3), 17: (1, 0), ENUM64: (0, 3)}
SIZED = {INT, STRUCT, UNION, ENUM, DATASEC, FLOAT, ENUM64}
# Which words of what follows a record are names and types: by kind, in a record's tail.
TAIL_NAMES = {STRUCT: (0,), UNION: (0,), ENUM: (0,), ENUM64: (0,), 13: (0,)}
TAIL_TYPES = {ARRAY: (0, 1), STRUCT: (1,), UNION: (1,), 13: (1,), DATASEC: (0,)}
MATCHES = {INT: {INT}, FLOAT: {FLOAT}, ENUM: {ENUM, ENUM64}, STRUCT: {STRUCT}, UNION: {UNION},
           FWD: {FWD, STRUCT, UNION}}


class Btf:
    """Little-endian BTF: types[i] is [name, info, size_or_type, tail words], ids from `first`."""

    def __init__(self, data, base=None):
        magic, _, _, header, types, types_len, strings, strings_len = \
            struct.unpack_from('<HBBIIIII', data)
        assert magic == 0xeb9f and header >= 24
        self.base = base
        self.first = len(base) if base else 1
        self.first_string = base.num_bytes if base else 0
        self.strings = data[header + strings:header + strings + strings_len]
        self.num_bytes = self.first_string + strings_len
        self.types = []
        at, end = header + types, header + types + types_len
        while at < end:
            name, info, size = struct.unpack_from('<III', data, at)
            fixed, each = WORDS.get(info >> 24 & 31, (0, 0))
            num = fixed + each * (info & 0xffff)
            self.types.append((name, info, size, struct.unpack_from('<%dI' % num, data, at + 12)))
            at += 12 + 4 * num
        assert at == end

    def __len__(self):
        return self.first + len(self.types)

    def string(self, off):
        if off < self.first_string:
            return self.base.string(off)
        off -= self.first_string
        return self.strings[off:self.strings.index(0, off)].decode()

    def type(self, type_id):
        return self.base.type(type_id) if type_id < self.first else \
            self.types[type_id - self.first]

    def kind_name(self, type_id):
        name, info, _, _ = self.type(type_id)
        return info >> 24 & 31, self.string(name)

    def resolved(self, refer):
        """Its own types with names and, by refer(id), references in place of numbers."""
        for name, info, size, tail in self.types:
            kind = info >> 24 & 31
            fixed, each = WORDS.get(kind, (0, 0))
            words = []
            for i, word in enumerate(tail):
                at = i if i < fixed else (i - fixed) % each
                if at in TAIL_TYPES.get(kind, ()):
                    word = refer(word)
                elif at in TAIL_NAMES.get(kind, ()):
                    word = self.string(word)
                words.append(word)
            yield (self.string(name), info, size if kind in SIZED or kind == FWD else refer(size),
                   tuple(words))


def section(path, name):
    with open(path, 'rb') as file:
        data = file.read()
    found = ElfReader(data).find(name)
    return data[found['offset']:found['offset'] + found['size']] if found else None


class Judge:
    def __init__(self, folder, other):
        self.folder = folder
        self.other = other
        self.failures = []
        self.mapped = {}

    def bad(self, text):
        self.failures.append(text)

    def path(self, name):
        return os.path.join(self.folder, name)

    def lines(self, name):
        try:
            with open(self.path(name), errors='replace') as file:
                return file.read().replace('\r', '').split('\n')
        except FileNotFoundError:
            self.bad(f'{name}: not there')
            return []

    def build(self):
        for name in ('build.kernel', 'build.module', 'build.second'):
            for line in self.lines(name):
                found = re.match(r'WARN: resolve_btfids: unresolved symbol (\w+)$', line)
                if found and found[1] in ABSENT:
                    continue
                if re.search(r'\bwarn|error|\bfail|WARN|ERROR|FAIL|btfgen:|pahole:', line) and \
                        not re.match(r'  [A-Z]', line):
                    self.bad(f'{name}: {line}')
        if self.other:
            return
        encoded = [re.sub(r'^/\S*/module/', 'MODULE/', line) for line in self.lines('encoded')
                   if line]
        if encoded[:1] + sorted(encoded[1:-2]) + encoded[-2:] != ENCODED:
            self.bad(f'encoded were: {encoded}')

    def wanted(self, tasks):
        for task in tasks:
            what, _, name = task.partition(':')
            if what == 'kernel':
                for program in KERNEL:
                    yield 'kernel', program
                continue
            where = name or 'kobject-example'
            yield where, 'load'
            yield where, 'btf'
            for program in {'module': MODULE, 'sample': ['sample_entry']}.get(what, ()):
                yield where, program
            yield where, 'remove'

    def boot(self, name, tasks):
        lines = self.lines('log.' + name)
        got, btf, num_messages, ksyms, addresses = [], {}, 0, [], {}
        for line in lines:
            words = line.split()
            if line.startswith(('@ ok ', '@ bad ')):
                got.append((words[2], words[3].rstrip(':')))
                print(f'{name}: {line[2:]}')
                if words[1] == 'bad':
                    self.bad(f'{name}: {line}')
            elif line.startswith('@ btf '):
                btf[words[2]] = bytes.fromhex(words[3])
            elif line.startswith('@ ksym '):
                ksyms.append((words[2], words[3], int(words[4])))
            elif line.startswith('@ sym '):
                addresses.setdefault(words[2], []).append(' '.join(words[3:6]))
            elif line.startswith('@ log '):
                num_messages += 1
                if re.search(r'\bBTF\b|\bBPF\b|BUG:|WARNING:|Oops|Call Trace|resolve', line):
                    self.bad(f'{name}: {line}')
            elif line.startswith('  '):
                print(line)
        if got != list(self.wanted(tasks)):
            self.bad(f'{name}: the verdicts are not those that were asked for')
        if '@ end' not in lines or num_messages < 20:
            self.bad(f'{name}: the kernel did not come to the end')
            print('\n'.join(line[:200] for line in lines[-30:]))
        data = section(self.path('vmlinux.' + name), '.BTF')
        if data is None:
            return self.bad(f'{name}: vmlinux has no BTF')
        self.ksyms(name, ksyms, addresses, sum(task.startswith('module:') for task in tasks))
        vmlinux = Btf(data)
        for where, shown in btf.items():
            self.shown(f'{name}: {where}', self.path(where + '.ko'), shown, vmlinux)
            num = len(Btf(shown, vmlinux)) - len(vmlinux)
            print(f'{name}: {where}: {num} types of its own, {len(shown)} bytes')
        return None

    def ksyms(self, name, loaded, addresses, num_modules):
        """loaded: (module that was there, object, error); addresses: lines of /proc/kallsyms by such a module"""
        objects = sorted(file for file in os.listdir(self.folder) if re.match(r'ks\d\d\.bpf\.o$', file))
        if len(loaded) != num_modules * len(objects) or {file for _, file, _ in loaded} != set(objects):
            self.bad(f'{name}: {len(loaded)} objects about ksyms were loaded')
        counts = {}
        for where, file, error in loaded:
            kallsyms = self.path(f'kallsyms.{name}.{where}')
            with open(kallsyms, 'w') as out:
                out.writelines(line + '\n' for line in addresses.get(where, []))
            done = subprocess.run(
                [os.environ['BTFGEN'], 'ksyms', '--json', '--btf', self.path('vmlinux.' + name), '--btf',
                 self.path(where + '.ko'), '--kallsyms', kallsyms, self.path(file)],
                stdout=subprocess.PIPE, check=False)
            told = json.loads(done.stdout)['objects'][0]
            verdicts = ', '.join(f'{one["name"]} {one["verdict"]}' for one in told['ksyms'])
            if told['fits'] != (error == 0):
                self.bad(f'{name}: {where}: {file}: load says {error}, ksyms: {verdicts}')
            for one in told['ksyms']:
                counts[one['verdict']] = counts.get(one['verdict'], 0) + 1
        print(f'{name}: {len(loaded)} loads as ksyms says: {counts}')

    def shown(self, what, path, shown, vmlinux):
        data, base = section(path, '.BTF'), section(path, '.BTF.base')
        if data is None:
            return self.bad(f'{what}: the module has no BTF')
        if (base is not None) != path.endswith('distilled.ko'):
            return self.bad(f'{what}: .BTF.base is {"there" if base else "missing"}')
        if base is None:
            if shown != data:
                self.bad(f'{what}: the kernel does not show the bytes of the module')
            return None
        base = Btf(base)
        before, after = Btf(data, base), Btf(shown, vmlinux)
        names = {}
        for i in range(1, len(vmlinux)):
            names.setdefault(vmlinux.kind_name(i), []).append(i)
        ids = {}
        for i in range(1, len(base)):
            kind, name = base.kind_name(i)
            found = [j for k in MATCHES[kind] for j in names.get((k, name), ())]
            if len(found) != 1:
                return self.bad(f'{what}: {len(found)} types of vmlinux are {kind} {name!r}')
            ids[i] = found[0]
        self.mapped[what] = ids
        old = list(before.resolved(
            lambda i: ids.get(i, 0) if i < before.first else ('own', i - before.first)))
        new = list(after.resolved(lambda i: i if i < after.first else ('own', i - after.first)))
        for one, two in zip(old, new):
            if one != two:
                return self.bad(f'{what}: {one} became {two}')
        if len(old) != len(new):
            self.bad(f'{what}: {len(old)} types became {len(new)}')
        print(f'{what}: {len(ids)} types of the distilled base: '
              + ' '.join(sorted({base.kind_name(i)[1] for i in ids})))
        return None

    def moved(self):
        first, second = self.mapped.get('first: distilled'), self.mapped.get('second: distilled')
        if not first or not second:
            return self.bad('no distilled base was relocated')
        num = sum(first[i] != second[i] for i in first)
        print(f'{num} of {len(first)} types of the distilled base have other ids in the second kernel')
        # Only our order of types is known.
        if not num and not self.other:
            self.bad('both kernels give the same ids')
        return None


def main():
    other = sys.argv[1] == '--other'
    folder, first, second = sys.argv[1 + other:]
    judge = Judge(folder, other)
    judge.build()
    judge.boot('first', first.split())
    judge.boot('second', second.split())
    judge.moved()
    for failure in judge.failures:
        print('FAILED', failure)
    print('ok' if not judge.failures else f'{len(judge.failures)} failures')
    return bool(judge.failures)


if __name__ == '__main__':
    sys.exit(main())
