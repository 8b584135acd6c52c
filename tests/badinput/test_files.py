# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
"""Files that cannot be read or written: one line, the right exit code, nothing left behind."""

import os
import random
import re
import resource
import shutil
import signal
import stat
import subprocess
import sys
import threading
import zlib

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'lib'))

# pylint: disable=wrong-import-position,wildcard-import,unused-wildcard-import
from badinput import *  # noqa: E402,F403
from badinput import BadInputTest, main  # noqa: E402
from encode import BTFGEN, FEW, Btf, ElfReader  # noqa: E402

NOBODY = 65534


class Inputs(BadInputTest):
    def test_missing(self):
        self.refused(self.path('no such file'), 'cannot open: No such file or directory')

    def test_directory(self):
        os.mkdir(self.path('folder'))
        self.refused(self.path('folder'), 'is a directory')

    def test_empty(self):
        self.refused(b'', 'file is empty')

    def test_not_elf(self):
        self.refused(b'#!/bin/sh\necho hello\n' * 20, 'not an ELF file')
        self.refused(b'\x7fELG' + bytes(200), 'not an ELF file')
        self.refused(b'\x7f', 'not an ELF file')

    def test_fifo(self):
        """Opening a FIFO without a writer must not hang."""
        os.mkfifo(self.path('fifo'))
        self.refused(self.path('fifo'), 'not a regular file', timeout=10)

    def test_no_debug_info(self):
        elf = Elf()
        elf.section('.text', bytes(16), flags='AX', addr=0x1000)
        self.refused(elf.build(), 'no .debug_info section, and no separate file that has it')

    def test_no_sections(self):
        header = bytearray(Elf().build()[:64])
        header[40:48] = bytes(8)
        header[58:64] = bytes(6)
        self.refused(bytes(header), 'file has no section header table')

    def test_no_symbol_table(self):
        elf = self.elf(PLAIN, good_units(), percpu=0x80000)
        elf.symtab = False
        self.refused(elf.build(), 'no symbol table')

    def test_unreadable(self):
        if os.getuid() != 0:
            path = self.write('in.elf', self.good())
            os.chmod(path, 0)
            self.refused(path, 'cannot open: Permission denied')
        else:
            self.as_nobody()
            path = self.write('in.elf', self.good())
            os.chmod(path, 0)
            result = self.run_as_nobody('-o', self.path('out.btf'), path)
            self.assertEqual(result, (3, 'btfgen: %s: cannot open: Permission denied\n' % path))

    def as_nobody(self):
        """A folder and a copy of the program that another user reaches."""
        os.chmod(self.dir, 0o755)
        self.program = self.path('btfgen')
        shutil.copy(BTFGEN, self.program)
        os.chmod(self.program, 0o755)

    def run_as_nobody(self, *args):
        def drop():
            if os.getuid() == 0:
                os.setgroups([])
                os.setgid(NOBODY)
                os.setuid(NOBODY)

        done = subprocess.run([self.program, *args], stdin=subprocess.DEVNULL, capture_output=True,
                              preexec_fn=drop, timeout=60, check=False)
        return done.returncode, done.stderr.decode()

    def test_read_only_output_folder(self):
        self.as_nobody()
        path = self.write('in.elf', self.good())
        os.chmod(path, 0o644)
        folder = self.path('closed')
        os.mkdir(folder)
        os.chmod(folder, 0o555)
        out = os.path.join(folder, 'out.btf')
        self.assertEqual(self.run_as_nobody('-o', out, path),
                         (5, 'btfgen: %s: cannot create: Permission denied\n' % out))
        self.assertEqual(os.listdir(folder), [])

    def test_read_only_input_in_place(self):
        self.as_nobody()
        data = self.good()
        path = self.write('in.elf', data)
        os.chmod(path, 0o444)
        self.assertEqual(self.run_as_nobody(path),
                         (5, 'btfgen: %s: cannot open for writing: Permission denied\n' % path))
        self.assertEqual(self.read('in.elf'), data)
        self.assertEqual(sorted(os.listdir(self.dir)), ['btfgen', 'in.elf'])

    def test_output_folder_missing(self):
        data = self.good()
        path = self.write('in.elf', data)
        out = self.path('no/such/out.btf')
        result = run('-o', out, path)
        self.assertEqual((result.code, result.out), (5, ''))
        self.assertEqual(result.err, 'btfgen: %s: cannot create: No such file or directory\n' % out)
        self.assertEqual(os.listdir(self.dir), ['in.elf'])

    def test_output_is_a_folder(self):
        path = self.write('in.elf', self.good())
        os.mkdir(self.path('out'))
        result = run('-o', self.path('out'), path)
        self.assertEqual((result.code, result.err),
                         (5, 'btfgen: %s: is a directory\n' % self.path('out')))
        self.assertEqual(os.listdir(self.path('out')), [])

    def test_failure_keeps_an_older_output(self):
        """What was there stays when the new result cannot be made."""
        out = self.write('out.btf', b'older')
        path = self.write('in.elf', b'not an ELF file')
        self.assertEqual(run('-o', out, path).code, 3)
        self.assertEqual(self.read('out.btf'), b'older')


class Changed(BadInputTest):
    """Somebody writes to the input while it is read: no result is made of two halves."""

    def changed_during_the_run(self, *args):
        """Stops the run in its middle, changes the input, and returns what the run then says."""
        dies = [base('int', 4)]
        for i in range(20000):
            dies.append(struct_('struct_%d' % i, 4, member('member_%d' % i, 'int', 0)))
        path = self.write('in.elf', self.elf(PLAIN, dies, percpu=0x80000).build())
        for _ in range(50):
            with subprocess.Popen([BTFGEN, '-j1', *args, path], stdin=subprocess.DEVNULL,
                                  stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as child:
                mapped = False
                while not mapped and child.poll() is None:
                    with open('/proc/%d/maps' % child.pid, encoding='utf-8') as maps:
                        mapped = path in maps.read()
                if mapped:
                    child.send_signal(signal.SIGSTOP)
                    with open(path, 'ab') as file:
                        file.write(b'more')
                    child.send_signal(signal.SIGCONT)
                said = child.stderr.read().decode()
            # A file is mapped for a moment after it was read for the last time, too.
            if mapped and child.returncode:
                return child.returncode, said, path
        self.fail('every run was over before the file changed')
        return None

    def test_changed(self):
        for args in (['-o', self.path('out.btf')], []):
            code, said, path = self.changed_during_the_run(*args)
            self.assertEqual(code, 3)
            self.assertEqual(said, 'btfgen: %s: file changed since it was read\n' % path)
            self.assertEqual(os.listdir(self.dir), ['in.elf'])


class Cuts(BadInputTest):
    """A file that ends too early is refused wherever it ends."""

    def cut(self, data, sizes):
        for size in sizes:
            with self.subTest('%d of %d bytes' % (size, len(data))):
                self.refused(data[:size], re.compile(r'\A[^\n]+\Z'), in_place=size % 2 == 0)

    def sizes(self, data, seed):
        rng = random.Random(seed)
        return sorted({len(data) * i // 64 for i in range(64)} |
                      {rng.randrange(len(data)) for _ in range(40)} |
                      {0, 1, 3, 4, 15, 16, 51, 52, 63, 64})

    def test_headers_at_the_end(self):
        data = self.good()
        self.cut(data, self.sizes(data, 1) + [len(data) - 1])

    def test_headers_at_the_start(self):
        for seed, case in enumerate(FEW):
            elf = self.elf(case, good_units(case), percpu=0x80000, symbols=good_symbols(case))
            elf.headers_first = True
            data = elf.build()
            self.encode(data, ptr_size=case.enc.addr_size)
            self.cut(data, self.sizes(data, seed) + [len(data) - 1])


class Compressed(BadInputTest):
    def compressed(self, name, change):
        """The good file with .debug_info's (or another's) content behind change(elf, raw)."""
        dwarf = build_dwarf(good_units(), PLAIN)
        elf = Elf()
        sec = elf.section(PERCPU, bytes(0x1000), flags='WA', addr=0x80000)
        for symbol, off, size in good_symbols():
            elf.symbol(symbol, value=0x80000 + off, size=size, section=sec)
        for section, data in dwarf.sections.items():
            if section == name:
                elf.section(section, change(elf, data), flags='C')
            else:
                elf.section(section, data)
        return elf.build()

    def test_good(self):
        for name in ('.debug_info', '.debug_abbrev', '.debug_str'):
            data = self.compressed(
                name, lambda elf, raw: elf.chdr(1, len(raw), 1) + zlib.compress(raw))
            self.encode(data)

    def test_garbage(self):
        for name in ('.debug_info', '.debug_abbrev', '.debug_str'):
            data = self.compressed(
                name, lambda elf, raw: elf.chdr(1, len(raw), 1) + b'no zlib here' * 9)
            self.refused(data, '%s+0x0: section does not decompress' % name)

    def test_cut_off(self):
        for name in ('.debug_info', '.debug_abbrev', '.debug_str'):
            data = self.compressed(name, lambda elf, raw: elf.chdr(1, len(raw), 1) +
                                   zlib.compress(raw)[:-20])
            self.refused(data, '%s+0x0: section does not decompress' % name)

    def test_huge_declared_size(self):
        """Nothing of that size is asked of the system."""
        for size in (1 << 40, (1 << 64) - 1, 1 << 63):
            data = self.compressed('.debug_info', lambda elf, raw: elf.chdr(1, size, 1) +
                                   zlib.compress(raw))
            self.refused(data,
                         re.compile(r'\A\.debug_info\+0x0: \d+ compressed bytes cannot hold the '
                                          r'declared %d\Z' % size))

    def test_wrong_declared_size(self):
        for delta in (-1, 1, -100, 4096):
            data = self.compressed(
                '.debug_info',
                lambda elf, raw: elf.chdr(1, len(raw) + delta, 1) + zlib.compress(raw))
            self.refused(data, '.debug_info+0x0: section does not decompress')

    def test_unknown_method(self):
        data = self.compressed('.debug_info', lambda elf, raw: elf.chdr(9, len(raw), 1) + raw)
        self.refused(data, '.debug_info+0x0: unknown compression type 9')

    def test_shorter_than_its_header(self):
        data = self.compressed('.debug_info', lambda elf, raw: b'\1\0\0\0')
        self.refused(data, '.debug_info+0x0: compression header is cut off')


class Outputs(BadInputTest):
    def test_full_disk(self):
        """On a small tmpfs of its own mount namespace."""
        if os.getuid() != 0 or subprocess.run(['unshare', '-m', 'true'], check=False,
                                              stderr=subprocess.DEVNULL).returncode:
            self.skipTest('needs a mount namespace')
        elf = self.elf(PLAIN, self.large_units(), percpu=0x80000)
        data = elf.build()
        path = self.write('in.elf', data)
        os.mkdir(self.path('disk'))
        disk = self.path('disk')
        script = '''
            set -eu
            mount -t tmpfs -o size="$5",mode=755 none "$1"
            [ -z "$6" ] || cp "$3" "$1/in.elf"
            status=0
            "$2" $4 || status=$?
            echo "status $status"
            ls -A "$1"
            [ -z "$6" ] || cmp "$3" "$1/in.elf"
        '''
        out = disk + '/out.btf'
        done = subprocess.run(['unshare', '-m', 'sh', '-c', script, 'sh', disk, BTFGEN, path,
                               '-o %s %s' % (out, path), '16k', ''], capture_output=True, text=True,
                              timeout=60, check=False)
        self.assertEqual((done.stdout, done.returncode), ('status 5\n', 0), done.stderr)
        self.assertEqual(done.stderr, 'btfgen: %s: cannot write: No space left on device\n' % out)

        inner = disk + '/in.elf'
        room = (len(data) + 4095) // 4096 * 4096 + 4096
        done = subprocess.run(['unshare', '-m', 'sh', '-c', script, 'sh', disk, BTFGEN, path, inner,
                               str(room), 'copy'], capture_output=True, text=True, timeout=60,
                              check=False)
        self.assertEqual((done.stdout, done.returncode), ('status 5\nin.elf\n', 0), done.stderr)
        self.assertEqual(done.stderr, 'btfgen: %s: cannot write: No space left on device\n' % inner)

    def large_units(self):
        dies = [base('int', 4)]
        for i in range(3000):
            dies.append(struct_('struct_with_a_long_name_%d' % i, 4,
                                member('member_%d' % i, 'int', 0)))
        return dies

    def test_file_size_limit(self):
        """Each write may be the one that fails: the target is as before, nothing else is left."""
        if 'thread' in os.environ.get('SANITIZE', ''):
            self.skipTest('the runtime of the sanitizer makes files itself')
        data = self.elf(PLAIN, self.large_units(), percpu=0x80000).build()
        whole = len(self.encode(data).data)
        path = self.write('in.elf', data)
        os.unlink(self.path('out.btf'))

        def limited(size, *args):
            def limit():
                resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

            return subprocess.run([BTFGEN, *args], stdin=subprocess.DEVNULL, capture_output=True,
                                  preexec_fn=limit, timeout=60, check=False)

        out = self.path('out.btf')
        for size in (0, 1, 24, 4096, whole // 2, whole - 1):
            done = limited(size, '-o', out, path)
            self.assertEqual(done.returncode, 5, size)
            self.assertEqual(done.stderr.decode(),
                             'btfgen: %s: cannot write: File too large\n' % out)
            self.assertEqual(os.listdir(self.dir), ['in.elf'])
        for extra in (0, 1, 4096, whole // 2, whole - 1, whole):
            done = limited(len(data) + extra, path)
            self.assertEqual(done.returncode, 5, extra)
            self.assertEqual(done.stderr.decode(),
                             'btfgen: %s: cannot write: File too large\n' % path)
            self.assertEqual(os.listdir(self.dir), ['in.elf'])
            self.assertEqual(self.read('in.elf'), data)

    def read_all(self, path, into):
        with open(path, 'rb') as f:
            into.append(f.read())

    def test_pipes(self):
        data = self.good()
        path = self.write('in.elf', data)
        want = self.encode(data).data
        for out in ('-', '/dev/stdout', '/proc/self/fd/1'):
            done = subprocess.run([BTFGEN, '-o', out, path], stdin=subprocess.DEVNULL,
                                  capture_output=True, timeout=60, check=False)
            self.assertEqual((done.returncode, done.stderr), (0, b''), out)
            self.assertEqual(done.stdout, want, out)
        os.mkfifo(self.path('fifo'))
        got = []
        reader = threading.Thread(target=self.read_all, args=(self.path('fifo'), got))
        reader.start()
        result = run('-o', self.path('fifo'), path)
        reader.join(30)
        self.assertEqual((result.code, result.err), (0, ''))
        self.assertEqual(got, [want])
        self.assertTrue(stat.S_ISFIFO(os.stat(self.path('fifo')).st_mode))

    def test_reader_goes_away(self):
        data = self.elf(PLAIN, self.large_units()).build()
        path = self.write('in.elf', data)
        read_end, write_end = os.pipe()
        os.close(read_end)
        done = subprocess.run([BTFGEN, '-o', '-', path], stdin=subprocess.DEVNULL, stdout=write_end,
                              stderr=subprocess.PIPE, timeout=60, check=False)
        os.close(write_end)
        self.assertEqual(done.returncode, 5)
        self.assertRegex(done.stderr.decode(), r'\A(btfgen: [^\n]*Broken pipe\n)?\Z')

    def test_symbolic_links(self):
        """A link stays a link; what it points to gets the result."""
        data = self.good()
        path = self.write('in.elf', data)
        want = self.encode(data).data
        self.write('real.btf', b'older')
        os.symlink('real.btf', self.path('link.btf'))
        self.assertEqual(run('-o', self.path('link.btf'), path).code, 0)
        self.assertTrue(os.path.islink(self.path('link.btf')))
        self.assertEqual(self.read('real.btf'), want)
        os.symlink('in.elf', self.path('link.elf'))
        self.assertEqual(run(self.path('link.elf')).code, 0)
        self.assertTrue(os.path.islink(self.path('link.elf')))
        elf = ElfReader(self.read('in.elf'))
        self.assertEqual(elf.content(elf.find('.BTF')), want)

    def test_hard_links_and_mode(self):
        data = self.good()
        path = self.write('in.elf', data)
        os.chmod(path, 0o640)
        os.link(path, self.path('other'))
        self.assertEqual(run(path).code, 0)
        self.assertEqual(os.stat(path).st_ino, os.stat(self.path('other')).st_ino)
        self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o640)

    def test_strange_file_names(self):
        data = self.good()
        want = self.encode(data).data
        for name in ("a b", "$(touch x)", "'", '"', '-o', 'a;b', 'ä', 'a\nb'):
            path = self.write(name, data)
            self.assertEqual(run('-o', self.path('o'), path).code, 0, name)
            self.assertEqual(self.read('o'), want)
            self.assertEqual(run(path).code, 0, name)
            os.unlink(path)
            os.unlink(self.path('o'))
        self.assertEqual(sorted(os.listdir(self.dir)), ['in.elf', 'out.btf'])

    def test_name_with_a_line_break_stays_on_one_line(self):
        path = self.write('a\nb', b'no elf')
        result = run('-o', self.path('o'), path)
        self.assertEqual(result.code, 3)
        self.assertEqual(result.err, 'btfgen: %s: not an ELF file\n' % path.replace('\n', '?'))

    def test_older_output_is_replaced(self):
        data = self.good()
        path = self.write('in.elf', data)
        want = self.encode(data).data
        out = self.write('out2.btf', b'x' * 1000000)
        self.assertEqual(run('-o', out, path).code, 0)
        self.assertEqual(self.read('out2.btf'), want)
        Btf(want)


if __name__ == '__main__':
    main()
