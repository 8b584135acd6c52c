# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
"""Bad modules among good ones, bases that are none, no space, no permission, two programs, kills.

BTFGEN_KILLS sets how often a batch is killed (default 20).
"""

import os
import random
import resource
import shutil
import signal
import stat
import struct
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'lib'))

# pylint: disable=wrong-import-position
from elfwriter import ElfReader  # noqa: E402
from encode import BTFGEN  # noqa: E402
from modules import ModulesTest, main, make_kernel, make_module, section  # noqa: E402

KILLS = int(os.environ.get('BTFGEN_KILLS', '20'))
NOBODY = 65534


class Modules(ModulesTest):
    """One that cannot be used between two that can."""

    def setUp(self):
        super().setUp()
        self.modules('first', 'last')
        shutil.copy(self.path('first.ko'), self.path('first.old'))

    def between(self, message, name='bad.ko', code=3, args=()):
        """The others are done, the bad one is as it was."""
        before = self.read(name)
        for way in ((), ('--output-dir=out',), ('--output-dir=out', '-j1')):
            shutil.copy(self.path('first.old'), self.path('first.ko'))
            self.encode(*way, *args, 'first.ko', name, 'last.ko')
            self.expect(code, ['%s: %s' % (name, message), '1 of 3 modules failed'])
            self.assertEqual(self.read(name), before)
            if way:
                self.assertEqual(self.listing('out'), ['first.btf', 'last.btf'])
                for stem in ('first', 'last'):
                    self.good(*args, '-o', 'alone', stem + '.ko')
                    self.assertEqual(self.read('out/%s.btf' % stem), self.read('alone'))
            else:
                self.assertTrue(self.has_btf('first.ko') and self.has_btf('last.ko'))

    def test_without_dwarf(self):
        make_module(self.path('bad.ko'), args=['-g0'])
        self.between('no .debug_info section, and no separate file that has it')

    def test_for_another_release(self):
        make_module(self.path('bad.ko'), release='6.2.0-other')
        self.between("is for Linux 6.2.0-other, the base 'vmlinux' is of Linux 6.1.0-test" +
                     self.base_id())
        # A distilled base is there to be relocated to other releases.
        self.good('--distilled', 'bad.ko')

    def base_id(self):
        """What a message says of the build ids: modules that were not linked have none."""
        note = section(self.path('vmlinux'), '.note.gnu.build-id')
        return ' (build id of the base %s)' % note[16:].hex()

    def test_for_another_machine(self):
        make_module(self.path('bad.ko'))
        data = bytearray(self.read('bad.ko'))
        machine = struct.unpack_from('<H', data, 18)[0]
        data[18:20] = struct.pack('<H', 0x1234)
        self.write('bad.ko', data)
        self.between("is for ELF machine 4660, the base 'vmlinux' for machine %d" % machine +
                     self.base_id())

    def test_a_base_for_another_machine(self):
        """All of them are wrong, in fact."""
        data = bytearray(self.read('vmlinux'))
        self.assertEqual(data[5], 1)
        machine = struct.unpack_from('<H', data, 18)[0]
        data[18:20] = struct.pack('<H', 0x1234)
        self.write('vmlinux', data)
        self.encode('--fail-fast', '-j1', 'first.ko', 'last.ko')
        self.assertEqual(self.result.code, 3)
        lines = self.result.err.splitlines()
        self.assertRegex(lines[0], r"\Abtfgen: (first|last)\.ko: is for ELF machine %d, the base "
                                   r"'vmlinux' for machine 4660( \(.*\))?\Z" % machine)
        self.assertEqual(lines[1:], ['btfgen: 1 of 2 modules failed, 1 not begun'])

    def test_corrupt(self):
        make_module(self.path('bad.ko'))
        data = bytearray(self.read('bad.ko'))
        elf = ElfReader(bytes(data))
        info = [s for s in elf.sections if s['name'] == '.debug_info'][0]
        data[info['offset'] + 4:info['offset'] + 6] = b'\x63\0'
        self.write('bad.ko', data)
        self.between('.debug_info+0x0: unknown unit version 99')

    def test_cut_off(self):
        make_module(self.path('bad.ko'))
        self.write('bad.ko', self.read('bad.ko')[:-100])
        self.between('section header table lies outside the file')

    def test_strange_files(self):
        os.mkfifo(self.path('fifo'))
        os.mkdir(self.path('folder'))
        os.symlink('loop', self.path('loop'))
        self.encode('fifo', 'folder', 'first.ko', 'loop', 'nowhere', timeout=20)
        self.expect(3, ['fifo: not a regular file', 'folder: is a directory',
                        'loop: cannot open: Too many levels of symbolic links',
                        'nowhere: cannot open: No such file or directory',
                        '4 of 5 modules failed'])
        self.assertTrue(self.has_btf('first.ko'))

    def test_names_stay_on_their_line(self):
        self.write('a\nb\033.ko', b'no ELF')
        self.encode('a\nb\033.ko', 'first.ko')
        self.expect(3, ['a?b?.ko: not an ELF file', '1 of 2 modules failed'])

    def test_if_needed_says_the_same(self):
        make_module(self.path('bad.ko'), args=['-g0'])
        self.write('text.ko', b'no ELF')
        self.write('cut.ko', self.read('last.ko')[:-100])
        for _ in range(2):
            self.encode('--if-needed', 'bad.ko', 'first.ko', 'text.ko', 'cut.ko')
            self.expect(3, ['bad.ko: no .debug_info section, and no separate file that has it',
                            'text.ko: not an ELF file',
                            'cut.ko: section header table lies outside the file',
                            '3 of 4 modules failed'])


class Bases(ModulesTest):
    """Nothing is begun."""

    def setUp(self):
        super().setUp()
        self.modules('a', 'b')
        self.run_btfgen('-o', 'good.btf', 'vmlinux')

    def refused_base(self, message, *bases, code=3):
        before = self.read('a.ko')
        listing = self.listing()
        options = [arg for base in bases for arg in ('--base', base)]
        for way in ((), ('--output-dir=out',), ('-o', 'x')):
            files = ['a.ko'] if '-o' in way else ['a.ko', 'b.ko']
            self.run_btfgen(*options, *way, *files)
            self.expect(code, ['%s: %s' % (bases[-1], message)])
            self.assertEqual(self.read('a.ko'), before)
            self.assertEqual(self.listing(), listing)

    def test_no_file(self):
        self.refused_base('cannot open: No such file or directory', 'nowhere')
        self.write('empty', b'')
        self.refused_base('file is empty', 'empty')
        os.mkdir(self.path('folder'))
        self.refused_base('cannot read: Is a directory', 'folder')

    def test_no_btf(self):
        self.write('text', b'#!/bin/sh\necho this is no BTF at all, nor an ELF file\n')
        self.encode_error('text')
        make_kernel(self.dir, 'plain')
        self.refused_base('has no .BTF section; encode it first: btfgen plain', 'plain')
        self.refused_base('has no .BTF section; encode it first, over the base before it',
                          'vmlinux', 'b.ko')

    def encode_error(self, base):
        """One line with the base's name; which words is the reader's business."""
        before = self.read('a.ko')
        self.run_btfgen('--base', base, 'a.ko')
        self.assertEqual((self.result.code, self.result.out), (3, ''))
        self.assertRegex(self.result.err, r'\Abtfgen: %s: [^\n]+\n\Z' % base)
        self.assertEqual(self.read('a.ko'), before)
        return self.result.err[len('btfgen: %s: ' % base):-1]

    def test_newer_than_we_know(self):
        data = bytearray(self.read('good.btf'))
        data[2] = 2
        self.write('version', data)
        self.assertIn('version 2', self.encode_error('version'))
        # The first record's kind: bits 24 to 28 of its second word, which no kernel has.
        data = bytearray(self.read('good.btf'))
        header_size = struct.unpack_from('<I', data, 4)[0]
        data[header_size + 7] = 31
        self.write('kind', data)
        self.assertIn('kind 31', self.encode_error('kind'))

    def test_cut_off(self):
        data = self.read('good.btf')
        for size in (1, 10, 24, len(data) // 2, len(data) - 1):
            self.write('cut', data[:size])
            self.encode_error('cut')

    def test_a_split_made_over_another_base(self):
        make_kernel(self.dir, 'other', source='struct only { int x; } only;\n'
                    'const char linux_banner[] = "Linux version %s (x)";\nvoid _start(void) {}\n')
        self.run_btfgen('other')
        self.run_btfgen('--base=other', 'b.ko')
        self.expect(0, [])
        text = self.stack_error('vmlinux', 'b.ko')
        self.assertIn("does not fit 'vmlinux': ", text)
        self.assertIn('build id', text)

    def stack_error(self, *bases):
        options = [arg for base in bases for arg in ('--base', base)]
        self.run_btfgen(*options, 'a.ko')
        self.assertEqual((self.result.code, self.result.out), (3, ''))
        self.assertRegex(self.result.err, r'\Abtfgen: %s: [^\n]+\n\Z' % bases[-1])
        return self.result.err


class Outputs(ModulesTest):
    def setUp(self):
        super().setUp()
        self.modules('a', 'b', 'c', 'd')
        self.files = ['a.ko', 'b.ko', 'c.ko', 'd.ko']

    def as_nobody(self, *args):
        """In the test's folder, which that user reaches."""
        os.chmod(self.dir, 0o755)
        shutil.copy(BTFGEN, self.path('btfgen'))
        os.chmod(self.path('btfgen'), 0o755)

        def drop():
            if os.getuid() == 0:
                os.setgroups([])
                os.setgid(NOBODY)
                os.setuid(NOBODY)

        done = subprocess.run(['./btfgen', '--base=vmlinux', *args], cwd=self.dir, timeout=60,
                              stdin=subprocess.DEVNULL, capture_output=True, preexec_fn=drop,
                              check=False)
        return done.returncode, done.stderr.decode()

    def test_folder_that_may_not_be_written(self):
        for name in ['vmlinux'] + self.files:
            os.chmod(self.path(name), 0o644)
        os.mkdir(self.path('out'), 0o555)
        self.assertEqual(self.as_nobody('--output-dir=out', *self.files),
                         (5, 'btfgen: out: cannot write to the folder: Permission denied\n'))
        self.assertEqual(self.listing('out'), [])
        os.chmod(self.path('out'), 0o755)
        if os.getuid() == 0:
            os.chmod(self.dir, 0o755)
            self.assertEqual(self.as_nobody('--output-dir=new', *self.files),
                             (5, 'btfgen: new: cannot create the folder: Permission denied\n'))

    def test_modules_that_may_not_be_written(self):
        """Some of them, in place; the folder does not matter."""
        for name in ['vmlinux', 'b.ko']:
            os.chmod(self.path(name), 0o444)
        for name in ('a.ko', 'c.ko'):
            os.chmod(self.path(name), 0o666)
        os.chmod(self.path('d.ko'), 0)
        before = self.read('b.ko')
        self.assertEqual(self.as_nobody(*self.files), (5, (
            'btfgen: b.ko: cannot open for writing: Permission denied\n'
            'btfgen: d.ko: cannot open: Permission denied\n'
            'btfgen: 2 of 4 modules failed\n')))
        self.assertEqual(self.read('b.ko'), before)
        self.assertTrue(self.has_btf('a.ko') and self.has_btf('c.ko'))

    def test_one_output_that_cannot_be_replaced(self):
        self.good('--output-dir=out', *self.files)
        os.unlink(self.path('out/b.btf'))
        os.symlink('nowhere/b.btf', self.path('out/b.btf'))
        self.encode('--output-dir=out', *self.files)
        self.expect(5, ['out/b.btf: cannot create: No such file or directory',
                        '1 of 4 modules failed'])
        self.assertEqual(self.listing('out'), ['a.btf', 'b.btf', 'c.btf', 'd.btf'])

    def test_no_space(self):
        """A disk that holds some of the outputs: each that does not fit has its line."""
        if os.getuid() != 0 or subprocess.run(['unshare', '-m', 'true'], check=False,
                                              stderr=subprocess.DEVNULL).returncode:
            self.skipTest('needs a mount namespace')
        names = ['m%02d' % i for i in range(20)]
        self.modules(*names)
        files = [name + '.ko' for name in names]
        self.good('--output-dir=wanted', *files)
        os.mkdir(self.path('disk'))
        script = '''
            set -eu
            cd "$1"
            mount -t tmpfs -o size=48k,mode=755 none disk
            status=0
            shift
            "$@" 2> errors || status=$?
            echo "status $status"
            ls -A disk
            cp -r disk got
        '''
        done = subprocess.run(['unshare', '-m', 'sh', '-c', script, 'sh', self.dir, BTFGEN,
                               '--base=vmlinux', '-j2', '--output-dir=disk', *files],
                              capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual((done.returncode, done.stderr), (0, ''))
        lines = done.stdout.splitlines()
        self.assertEqual(lines[0], 'status 5')
        there = lines[1:]
        # Pages are of 4 KiB on most machines: twelve fit.
        self.assertTrue(0 < len(there) < 20, there)
        errors = self.read('errors').decode().splitlines()
        missing = [name for name in names if name + '.btf' not in there]
        self.assertEqual(errors, ['btfgen: disk/%s.btf: cannot write: No space left on device' % name
                                  for name in missing] +
                         ['btfgen: %d of 20 modules failed' % len(missing)])
        for name in there:
            self.assertEqual(self.read('got/' + name), self.read('wanted/' + name))

    def test_file_size_limit(self):
        """In place, where some files are too large to grow."""
        if 'thread' in os.environ.get('SANITIZE', ''):
            self.skipTest('the runtime of the sanitizer makes files itself')
        with open(self.path('c.ko'), 'ab') as f:
            f.write(bytes(1000000))
        before = self.read('c.ko')

        def limit():
            resource.setrlimit(resource.RLIMIT_FSIZE, (1000000, 1000000))

        for args in ((), ('--if-needed',)):
            self.encode(*args, *self.files, preexec_fn=limit)
            self.expect(5, ['c.ko: cannot write: File too large', '1 of 4 modules failed'])
            self.assertEqual(self.read('c.ko'), before)
        self.assertEqual([name for name in self.files if self.has_btf(name)],
                         ['a.ko', 'b.ko', 'd.ko'])

    def test_stamps_that_cannot_be_written(self):
        """The outputs are there all the same."""
        os.makedirs(self.path('out/.btfgen-stamps'))
        self.encode('--if-needed', '--output-dir=out', *self.files)
        self.expect(5, ['out/.btfgen-stamps: is a directory'])
        self.assertEqual(self.listing('out'),
                         ['.btfgen-stamps', 'a.btf', 'b.btf', 'c.btf', 'd.btf'])

    def test_locked_by_another(self):
        """flock() as the writer takes it, held by somebody else."""
        before = self.read('b.ko')
        with subprocess.Popen([sys.executable, '-c', (
                'import fcntl, sys\nf = open("b.ko", "r+b")\nfcntl.flock(f, fcntl.LOCK_EX)\n'
                'print("locked", flush=True)\nsys.stdin.read()')], cwd=self.dir, text=True,
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
            self.assertEqual(holder.stdout.readline(), 'locked\n')
            self.encode(*self.files)
            self.expect(5, ['b.ko: file is locked by another process', '1 of 4 modules failed'])
            holder.stdin.close()
        self.assertEqual(self.read('b.ko'), before)
        self.good('b.ko')

    def test_two_programs_on_the_same_files(self):
        """Each file is done by one of them, and neither says anything else of it."""
        wanted = {}
        for name in self.files:
            shutil.copy(self.path(name), self.path(name + '.old'))
        self.good('--output-dir=wanted', *self.files)
        for name in self.files:
            wanted[name] = self.read('wanted/%s.btf' % name[:-3])
        lines = {'btfgen: %s: %s' % (name, text) for name in self.files for text in (
            'file is locked by another process', 'file changed since it was read')}
        lines |= {'btfgen: %d of 4 modules failed' % num for num in range(1, 5)}
        for _ in range(10):
            for name in self.files:
                shutil.copy(self.path(name + '.old'), self.path(name))
            children = [subprocess.Popen([BTFGEN, '--base=vmlinux', '-j2', *self.files],
                                         cwd=self.dir, stdin=subprocess.DEVNULL,
                                         stderr=subprocess.PIPE) for _ in range(2)]
            errors = [child.communicate(timeout=60)[1].decode().splitlines()
                      for child in children]
            for child, said in zip(children, errors):
                self.assertIn(child.returncode, (0, 3, 5))
                self.assertEqual(child.returncode == 0, not said)
                self.assertLessEqual(set(said), lines)
            # No file was given up by both.
            failed = [{line.split(': ')[1] for line in said if line.count(': ') == 2}
                      for said in errors]
            self.assertFalse(failed[0] & failed[1])
            for name in self.files:
                self.assertEqual(section(self.path(name), '.BTF'), wanted[name])


class Kill(ModulesTest):
    def setUp(self):
        super().setUp()
        self.files = ['k%02d.ko' % i for i in range(16)]
        self.modules(*[name[:-3] for name in self.files])
        self.old = {name: self.read(name) for name in self.files}
        start = time.monotonic()
        self.good('-j2', '--output-dir=wanted', *self.files)
        self.time = time.monotonic() - start
        self.wanted = {name: self.read('wanted/' + name[:-3] + '.btf') for name in self.files}

    def kill_one(self, rng, *args):
        with subprocess.Popen([BTFGEN, '--base=vmlinux', '-j2', *args, *self.files], cwd=self.dir,
                              stdin=subprocess.DEVNULL, stderr=subprocess.PIPE) as child:
            time.sleep(rng.uniform(0, 1.2 * self.time))
            child.send_signal(rng.choice((signal.SIGKILL, signal.SIGTERM, signal.SIGINT)))
            child.stderr.read()

    def test_in_place(self):
        """Each file is complete or, but for a tail that nothing refers to, as before."""
        rng = random.Random(3)
        for i in range(KILLS):
            for name, data in self.old.items():
                self.write(name, data)
            self.kill_one(rng, *(['--if-needed'] if i % 2 else []))
            for name, data in self.old.items():
                after = self.read(name)
                self.assertEqual(after[64:len(data)], data[64:])
                if after[:64] != data[:64]:
                    self.assertEqual(section(self.path(name), '.BTF'), self.wanted[name])
            self.good('--if-needed', *self.files)
            for name in self.files:
                self.assertEqual(section(self.path(name), '.BTF'), self.wanted[name])

    def test_output_dir(self):
        rng = random.Random(4)
        for _ in range(KILLS):
            shutil.rmtree(self.path('out'), ignore_errors=True)
            self.kill_one(rng, '--output-dir=out', '--if-needed')
            if os.path.isdir(self.path('out')):
                for name in self.listing('out'):
                    # A killed program cannot tidy up; what it leaves does not look like a result.
                    if name.startswith('.'):
                        continue
                    self.assertEqual(self.read('out/' + name), self.wanted[name[:-4] + '.ko'])
            self.good('--output-dir=out', '--if-needed', *self.files)
            for name in self.files:
                self.assertEqual(self.read('out/' + name[:-3] + '.btf'), self.wanted[name])
                self.assertTrue(stat.S_ISREG(os.stat(self.path(name)).st_mode))


if __name__ == '__main__':
    main()
