# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
"""Many modules against one base: options, outputs, lists, reports, what need not be done again."""

import errno
import fcntl
import json
import os
import pty
import re
import shutil
import struct
import subprocess
import sys
import termios
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'lib'))

# pylint: disable=wrong-import-position
from btf import Btf  # noqa: E402
from encode import BTFGEN  # noqa: E402
from modules import (CC, MODULE_C, ModulesTest, main, make_module,  # noqa: E402
                     section)

STAMPS = '.btfgen-stamps'
NOTE = '.note.btfgen'


class Outputs(ModulesTest):
    def test_in_place(self):
        self.modules('a', 'b', 'c')
        before = self.read('a.ko')
        self.good('a.ko', 'b.ko', 'c.ko')
        for name in ('a', 'b', 'c'):
            self.assertIn(name.encode() + b'_state\0', section(self.path(name + '.ko'), '.BTF'))
            # The base has these.
            self.assertNotIn(b'device\0', section(self.path(name + '.ko'), '.BTF'))
        self.assertEqual(self.listing(), ['a.ko', 'b.ko', 'c.ko', 'vmlinux'])
        # Nothing has moved behind the ELF header.
        self.assertEqual(self.read('a.ko')[64:len(before)], before[64:])
        self.assertIsNone(section(self.path('a.ko'), NOTE))

    def test_output_dir(self):
        self.modules('a', 'b')
        before = self.read('a.ko')
        self.good('--output-dir=out', 'a.ko', 'b.ko')
        self.assertEqual(self.listing('out'), ['a.btf', 'b.btf'])
        self.assertEqual(self.read('a.ko'), before)
        self.good('a.ko', 'b.ko')
        self.assertEqual(self.read('out/a.btf'), section(self.path('a.ko'), '.BTF'))
        # Again, over what is there, under another spelling of the folder.
        self.good('--output-dir', './out/', 'a.ko')
        self.assertEqual(self.listing('out'), ['a.btf', 'b.btf'])

    def test_names_in_the_output_folder(self):
        self.modules('a')
        for source, wanted in (('plain.ko', 'plain.btf'), ('with.ko.debug', 'with.btf'),
                               ('only.debug', 'only.btf'), ('none', 'none.btf'),
                               ('two.dots.ko', 'two.dots.btf'), ('.ko', '.ko.btf'),
                               ('sub/deep-er.ko', 'deep-er.btf'), ('a b.ko', 'a b.btf')):
            with self.subTest(source):
                os.makedirs(self.path('sub'), exist_ok=True)
                shutil.copy(self.path('a.ko'), self.path(source))
                self.good('--output-dir=out', source)
                self.assertEqual(self.listing('out'), [wanted])
                shutil.rmtree(self.path('out'))

    def test_output_dir_without_a_base(self):
        self.run_btfgen('--output-dir=out', 'vmlinux')
        self.expect(0, [])
        Btf.load(self.path('out/vmlinux.btf'))

    def test_one_module_to_a_file_and_to_standard_output(self):
        self.modules('a')
        before = self.read('a.ko')
        self.good('-o', 'a.btf', 'a.ko')
        self.assertEqual(self.read('a.ko'), before)
        for out in ('-', '/dev/stdout'):
            done = subprocess.run([BTFGEN, '--base=vmlinux', '-o', out, 'a.ko'], cwd=self.dir,
                                  capture_output=True, check=True)
            self.assertEqual((done.stdout, done.stderr), (self.read('a.btf'), b''))
        self.good('a.ko')
        self.assertEqual(section(self.path('a.ko'), '.BTF'), self.read('a.btf'))
        # A base that is raw BTF is as good.
        self.run_btfgen('-o', 'vmlinux.btf', 'vmlinux')
        self.run_btfgen('--base', 'vmlinux.btf', '-o', 'a2.btf', 'a.ko')
        self.expect(0, [])
        self.assertEqual(self.read('a2.btf'), self.read('a.btf'))

    def test_distilled(self):
        self.modules('a', 'b')
        self.good('--distilled', '--output-dir=out', 'a.ko', 'b.ko')
        self.assertEqual(self.listing('out'), ['a.btf', 'a.btf.base', 'b.btf', 'b.btf.base'])
        self.good('--distilled', 'a.ko', 'b.ko')
        for name in ('a', 'b'):
            self.assertEqual(section(self.path(name + '.ko'), '.BTF'),
                             self.read('out/%s.btf' % name))
            self.assertEqual(section(self.path(name + '.ko'), '.BTF.base'),
                             self.read('out/%s.btf.base' % name))
        self.good('--features=+distilled-base', '-o', 'a.btf', 'a.ko')
        self.assertEqual(self.read('a.btf'), self.read('out/a.btf'))
        self.assertEqual(self.read('a.btf.base'), self.read('out/a.btf.base'))

    def test_stacked_bases(self):
        self.modules('a', 'b')
        self.good('a.ko')
        # The second module uses a type of the first.
        make_module(self.path('user.ko'), source=MODULE_C.replace(
            'struct NAME_state {',
            'struct a_state { device_t device; struct list a_list; long counters[3]; };\n'
            'struct NAME_state { struct a_state *a;'))
        self.good('-o', 'over1.btf', 'user.ko')
        self.good('--base', 'a.ko', '-o', 'over2.btf', 'user.ko')
        self.assertIn(b'\0a_state\0', self.read('over1.btf'))
        self.assertNotIn(b'\0a_state\0', self.read('over2.btf'))
        self.good('--base=a.ko', '--output-dir=out', 'user.ko', 'b.ko')
        self.assertEqual(self.read('out/user.btf'), self.read('over2.btf'))

    def test_workers_and_order_change_no_byte(self):
        names = ['m%d' % i for i in range(8)]
        self.modules(*names)
        files = [name + '.ko' for name in names]
        wanted = None
        runs = [('-j1',), ('-j2',), ('-j3',), ('-j64',), ('-j0',)]
        environments = [{}] * len(runs) + [{'BTFGEN_TEST_SHUFFLE': '1'},
                                           {'BTFGEN_TEST_SHUFFLE': '7', 'BTFGEN_TEST_COLLIDE': '1'}]
        for args, changes in zip(runs + [('-j2',), ('-j3',)], environments):
            self.good(*args, '--output-dir=out', *files, env={**os.environ, **changes})
            got = {name: self.read('out/' + name) for name in self.listing('out')}
            self.assertEqual(len(got), 8)
            wanted = wanted or got
            self.assertEqual(got, wanted, (args, changes))
            shutil.rmtree(self.path('out'))
        self.good('--output-dir=out', *reversed(files))
        self.assertEqual({name: self.read('out/' + name) for name in self.listing('out')}, wanted)

    def test_a_module_alone_without_a_base_is_as_before(self):
        self.modules('a')
        self.run_btfgen('a.ko')
        self.expect(0, [])
        self.assertIn(b'\0device\0', section(self.path('a.ko'), '.BTF'))
        Btf.load(self.path('a.ko'))

    def test_strange_names(self):
        names = ['a b.ko', 'c\nd.ko', '-o.ko', "e'f.ko", 'ä.ko', 'g\\.ko', '%41.ko',
                 os.fsdecode(b'\xff.ko')]
        self.modules('a')
        for name in names:
            shutil.copy(self.path('a.ko'), self.path(name))
        self.good('--if-needed', '--output-dir=out', '--', *names)
        self.assertEqual(self.listing('out'),
                         sorted([STAMPS] + [name[:-3] + '.btf' for name in names]))
        # The stamps find them all again.
        self.assertEqual(self.outcomes('--if-needed', '--output-dir=out', '--', *names),
                         {'not-needed': len(names)})
        self.good('--', *names)
        for name in names:
            self.assertTrue(self.has_btf(name), name)

    def outcomes(self, *args, **kw):
        self.encode('--report=json', *args, **kw)
        self.assertEqual((self.result.code, self.result.err), (0, ''))
        return {name: num for name, num in json.loads(self.result.out)['results'].items() if num}


class Usage(ModulesTest):
    def setUp(self):
        super().setUp()
        self.modules('a', 'b')

    def test_options_that_need_a_base(self):
        self.refused("one input file at a time without --base, 'b.ko' is the second",
                     'a.ko', 'b.ko')
        self.refused("one input file at a time without --base, 'b.ko' is the second",
                     '--output-dir=out', 'a.ko', 'b.ko')
        for option in ('--distilled', '--features=distilled_base'):
            self.refused('a distilled base needs a base to be distilled from (--base)',
                         option, 'a.ko')
        self.refused('--strict-forwards is about the types of a base (--base)',
                     '--strict-forwards', 'a.ko')

    def test_options_that_exclude_each_other(self):
        self.refused("-o takes one input file, 'b.ko' is the second: --output-dir takes several",
                     '--base=vmlinux', '-o', 'x', 'a.ko', 'b.ko')
        self.refused('-o and --output-dir exclude each other', '--base=vmlinux', '-o', 'x',
                     '--output-dir=out', 'a.ko')
        self.refused('--if-needed works in place or with --output-dir, not with -o',
                     '--base=vmlinux', '-o', 'x', '--if-needed', 'a.ko')
        self.refused('--null is about the list of --files-from', '--base=vmlinux', '-0', 'a.ko')
        self.refused("a distilled base is a second file: '-o -' writes one", '--base=vmlinux',
                     '--distilled', '-o', '-', 'a.ko')

    def test_values(self):
        self.refused("option '--base' needs a value (FILE)", 'a.ko', '--base')
        self.refused("option '--base' takes a value that is not empty", '--base=', 'a.ko')
        self.refused("option '--output-dir' takes a value that is not empty", '--output-dir=',
                     'a.ko')
        self.refused('no input file', '--base=vmlinux')
        self.refused('the name of the input file is empty', '--base=vmlinux', 'a.ko', '')
        self.refused('the input cannot be standard input', '--base=vmlinux', 'a.ko', '-')

    def test_the_last_of_keep_going_and_fail_fast_wins(self):
        self.write('bad.ko', b'no ELF')
        self.encode('-j1', '--fail-fast', '--keep-going', 'bad.ko', 'a.ko')
        self.expect(3, ['bad.ko: not an ELF file', '1 of 2 modules failed'])
        self.assertTrue(self.has_btf('a.ko'))

    def test_the_same_file_twice(self):
        for args in ((), ('--output-dir=out',)):
            self.refused("'a.ko' is given twice", '--base=vmlinux', *args, 'a.ko', 'b.ko', 'a.ko')
            self.refused("'a.ko' and './a.ko' are the same file", '--base=vmlinux', *args,
                         'a.ko', './a.ko')
        os.link(self.path('a.ko'), self.path('hard.ko'))
        os.symlink('b.ko', self.path('soft.ko'))
        os.symlink('.', self.path('here'))
        for args in ((), ('--output-dir=out',)):
            self.refused("'hard.ko' and 'a.ko' are the same file", '--base=vmlinux', *args,
                         'hard.ko', 'a.ko', 'b.ko')
            self.refused("'b.ko' and 'soft.ko' are the same file", '--base=vmlinux', *args,
                         'b.ko', 'a.ko', 'soft.ko')
            self.refused("'a.ko' and 'here/a.ko' are the same file", '--base=vmlinux', *args,
                         'a.ko', 'here/a.ko')
        self.write('list', b'b.ko\na.ko\n')
        self.refused("'a.ko' is given twice", '--base=vmlinux', '--files-from=list', 'a.ko')

    def test_two_files_with_one_output(self):
        os.mkdir(self.path('x'))
        os.rename(self.path('b.ko'), self.path('x/a.ko'))
        self.refused("'a.ko' and 'x/a.ko' would both become 'out/a.btf'", '--base=vmlinux',
                     '--output-dir=out', 'a.ko', 'x/a.ko')
        # In place they are two files like others.
        self.good('a.ko', 'x/a.ko')
        os.rename(self.path('x/a.ko'), self.path('a.ko.debug'))
        self.refused("'a.ko.debug' and 'a.ko' would both become 'out/a.btf'", '--base=vmlinux',
                     '--output-dir=out', 'a.ko.debug', 'a.ko')

    def test_the_base_among_the_files(self):
        message = "'%s' is the base, which cannot be encoded against itself"
        self.refused(message % 'vmlinux', '--base=vmlinux', 'a.ko', 'vmlinux')
        self.good('b.ko')
        os.link(self.path('b.ko'), self.path('c.ko'))
        self.refused(message % 'c.ko', '--base=vmlinux', '--base=b.ko', 'a.ko', 'c.ko')

    def test_an_output_that_is_an_input_or_the_base(self):
        os.mkdir(self.path('out'))
        os.rename(self.path('b.ko'), self.path('out/a.btf'))
        self.refused("the output 'out/a.btf' is the input file 'out/a.btf'", '--base=vmlinux',
                     '--output-dir=out', 'a.ko', 'out/a.btf')
        os.rename(self.path('out/a.btf'), self.path('b.ko'))
        self.run_btfgen('-o', 'out/a.btf', 'vmlinux')
        self.refused("the output 'out/a.btf' is the input file 'out/a.btf'", '--base=out/a.btf',
                     '--output-dir=out', 'a.ko')
        os.rename(self.path('out/a.btf'), self.path('out/a.btf.base'))
        self.refused("the output 'out/a.btf.base' is the input file 'out/a.btf.base'",
                     '--base=out/a.btf.base', '--distilled', '--output-dir=out', 'a.ko')


class Lists(ModulesTest):
    def setUp(self):
        super().setUp()
        self.modules('a', 'b', 'c')

    def outputs(self, *args, **kw):
        self.good('--output-dir=out', *args, **kw)
        listing = self.listing('out')
        shutil.rmtree(self.path('out'))
        return [name[:-len('.btf')] for name in listing]

    def test_lines(self):
        for text in (b'a.ko\nb.ko\n', b'a.ko\nb.ko', b'\n\na.ko\n\n\nb.ko\n\n', b'b.ko\na.ko\n'):
            self.write('list', text)
            self.assertEqual(self.outputs('--files-from=list'), ['a', 'b'])
            self.assertEqual(self.outputs('--files-from', '-', input=text), ['a', 'b'])
            self.assertEqual(self.outputs('--files-from=list', 'c.ko'), ['a', 'b', 'c'])

    def test_null(self):
        os.rename(self.path('b.ko'), self.path('b\nb .ko'))
        for text in (b'a.ko\0b\nb .ko\0', b'a.ko\0b\nb .ko', b'\0\0a.ko\0\0b\nb .ko\0\0'):
            self.write('list', text)
            for option in ('-0', '--null'):
                self.assertEqual(self.outputs('--files-from=list', option), ['a', 'b\nb '])
                self.assertEqual(self.outputs(option, '--files-from=-', input=text),
                                 ['a', 'b\nb '])

    def test_spaces_belong_to_names(self):
        os.rename(self.path('b.ko'), self.path(' b.ko\t'))
        self.write('list', b' b.ko\t\n')
        self.assertEqual(self.outputs('--files-from=list'), [' b.ko\t'])

    def test_a_long_list(self):
        names = ['%s%03d.ko' % ('x' * 150, i) for i in range(600)]
        self.write('list', ''.join(name + '\n' for name in names).encode())
        self.encode('--files-from=list', 'a.ko')
        self.expect(3, ['%s: cannot open: No such file or directory' % name for name in names] +
                    ['600 of 601 modules failed'])
        self.assertTrue(self.has_btf('a.ko'))

    def failed(self, text, *args, code=3, **kw):
        self.encode(*args, **kw)
        self.expect(code, [text])
        self.assertFalse(self.has_btf('a.ko'))

    def test_lists_that_cannot_be_used(self):
        self.failed('nowhere: cannot open: No such file or directory', '--files-from=nowhere',
                    'a.ko')
        os.mkdir(self.path('folder'))
        self.failed('folder: cannot read: Is a directory', '--files-from=folder')
        for text in (b'', b'\n\n'):
            self.write('list', text)
            self.failed('list: the list names no file', '--files-from=list')
            self.failed('standard input: the list names no file', '--files-from=-', 'a.ko',
                        input=text)
        self.failed('standard input: the list names no file', '--files-from=-', '-0',
                    input=b'\0\0')
        self.write('list', b'a.ko\0b.ko\0')
        self.failed('list: the list has zero bytes: --null is for names that end with one',
                    '--files-from=list')
        self.write('list', b'a.ko\n-\n')
        self.refused('list: the input cannot be standard input', '--base=vmlinux',
                     '--files-from=list')
        self.encode('--files-from=-', '--output-dir=out', stdin=subprocess.PIPE,
                    preexec_fn=lambda: os.close(0))
        self.expect(3, ['standard input: the list names no file'])


class Failures(ModulesTest):
    """One bad module among good ones; more of them in tests/badinput."""

    def setUp(self):
        super().setUp()
        self.modules('a', 'b', 'c')
        self.write('bad.ko', b'no ELF')
        self.write('worse.ko', b'')

    def test_keep_going(self):
        for args in ((), ('-j1',), ('-j2', '--keep-going')):
            self.encode(*args, 'worse.ko', 'a.ko', 'bad.ko', 'b.ko')
            self.expect(3, ['worse.ko: file is empty', 'bad.ko: not an ELF file',
                            '2 of 4 modules failed'])
            self.assertTrue(self.has_btf('a.ko') and self.has_btf('b.ko'))
            self.assertEqual(self.read('bad.ko'), b'no ELF')

    def test_one_file_needs_no_count(self):
        self.encode('bad.ko')
        self.expect(3, ['bad.ko: not an ELF file'])

    def test_fail_fast(self):
        # The largest is first; the others are smaller.
        self.write('bad.ko', b'no ELF' * 100000)
        self.encode('-j1', '--fail-fast', 'a.ko', 'bad.ko', 'b.ko', 'worse.ko')
        self.expect(3, ['bad.ko: not an ELF file', '1 of 4 modules failed, 3 not begun'])
        self.assertFalse(self.has_btf('a.ko') or self.has_btf('b.ko'))
        self.encode('-j1', '--fail-fast', '--report=json', 'a.ko', 'bad.ko')
        report = json.loads(self.result.out)
        self.assertEqual([file['result'] for file in report['files']], ['not-begun', 'failed'])
        self.assertEqual(report['results'], {'not-begun': 1, 'written': 0, 'unchanged': 0,
                                             'not-needed': 0, 'failed': 1})

    def test_the_largest_exit_code_wins(self):
        os.makedirs(self.path('out/a.btf'))
        self.encode('--output-dir=out', 'a.ko', 'bad.ko', 'b.ko')
        self.expect(5, ['out/a.btf: is a directory', 'bad.ko: not an ELF file',
                        '2 of 3 modules failed'])
        self.assertEqual(self.listing('out'), ['a.btf', 'b.btf'])

    def test_compressed_modules(self):
        for magic, name, command in ((b'\xfd7zXZ\0', 'xz', 'unxz'),
                                     (b'\x1f\x8b\x08\0', 'gzip', 'gunzip'),
                                     (b'\x28\xb5\x2f\xfd', 'zstd', 'unzstd')):
            self.write('z.ko.xz', magic + bytes(100))
            self.encode('z.ko.xz', 'a.ko')
            self.expect(3, ['z.ko.xz: compressed with %s: unpack it with %s first' %
                            (name, command), '1 of 2 modules failed'])

    def test_quiet_and_verbose(self):
        self.encode('-q', 'a.ko', 'bad.ko')
        self.expect(3, ['bad.ko: not an ELF file', '1 of 2 modules failed'])
        self.encode('-v', 'a.ko', 'bad.ko')
        self.assertEqual((self.result.code, self.result.out), (3, ''))
        lines = self.result.err.splitlines()
        self.assertRegex(lines[0], r'\Aunchanged  +[\d,]+  a\.ko\Z')
        self.assertRegex(lines[1], r'\Afailed  +bad\.ko\Z')
        self.assertRegex(lines[2], r'\Aall +[\d,]+  bytes of BTF in 2 files, 1 unchanged, 1 failed; '
                                   r'[\d.]+ s, [\d.]+ MiB, \d+ workers?\Z')
        self.assertEqual(lines[3:], ['btfgen: bad.ko: not an ELF file',
                                     'btfgen: 1 of 2 modules failed'])

    def test_output_folder(self):
        self.write('file', b'')
        self.encode('--output-dir=file', 'a.ko')
        self.expect(5, ['file: not a folder'])
        self.encode('--output-dir=no/where', 'a.ko')
        self.expect(5, ['no/where: cannot create the folder: No such file or directory'])
        self.assertEqual(self.read('file'), b'')


class Reports(ModulesTest):
    def test_json(self):
        self.modules('a', 'b')
        self.write('bad.ko', b'no ELF')
        self.encode('--report=json', '-j2', '--output-dir=out', 'b.ko', 'bad.ko', 'a.ko')
        self.assertEqual((self.result.code, self.result.err),
                         (3, 'btfgen: bad.ko: not an ELF file\nbtfgen: 1 of 3 modules failed\n'))
        report = json.loads(self.result.out)
        self.assertEqual(report['base'], ['vmlinux'])
        self.assertEqual(report['output_dir'], 'out')
        self.assertEqual(report['workers'], 2)
        self.assertEqual([(file['input'], file['output'], file['result'])
                          for file in report['files']],
                         [('b.ko', 'out/b.btf', 'written'), ('bad.ko', 'out/bad.btf', 'failed'),
                          ('a.ko', 'out/a.btf', 'written')])
        sizes = [os.path.getsize(self.path('out/%s.btf' % name)) for name in 'ab']
        self.assertEqual(report['btf_bytes'], sum(sizes))
        self.assertEqual(report['files'][2]['bytes']['total'], sizes[0])
        self.assertEqual(report['files'][1]['error'], {
            'code': 'input', 'exit_code': 3, 'text': 'bad.ko: not an ELF file'})
        # The objects are those of a file alone.
        alone = json.loads(self.encode('--report=json', '-j1', '-o', 'x', 'a.ko').out)
        self.assertEqual(set(alone), set(report['files'][2]))

    def test_workers(self):
        """One file a worker; few files share them."""
        self.modules('a', 'b')
        for jobs, num, wanted in ((1, 2, 1), (2, 2, 2), (3, 2, 2), (4, 2, 4), (5, 1, 5)):
            report = json.loads(self.encode('--report=json', '-j%d' % jobs, '--output-dir=out',
                                            *['a.ko', 'b.ko'][:num]).out)
            self.assertEqual(report['workers'], wanted, (jobs, num))

    def test_the_form_depends_on_options_not_on_numbers(self):
        self.modules('a')
        for args in (('a.ko',), ('--output-dir=out', 'a.ko')):
            self.assertIn('files', json.loads(self.encode('--report=json', *args).out))
        self.assertNotIn('files', json.loads(self.encode('--report=json', '-o', 'x', 'a.ko').out))
        self.assertNotIn('files', json.loads(self.run_btfgen('--report=json', 'a.ko').out))

    def test_text(self):
        self.modules('a', 'b')
        self.encode('--report', '-j1', '--output-dir=out', 'a.ko', 'b.ko')
        lines = self.result.out.splitlines()
        self.assertEqual((self.result.code, self.result.err, len(lines)), (0, '', 3))
        self.assertRegex(lines[0], r'\Awritten  +[\d,]+  a\.ko -> out/a\.btf\Z')
        self.assertRegex(lines[2], r'\Aall +[\d,]+  bytes of BTF in 2 files, 2 written; '
                                   r'[\d.]+ s, [\d.]+ MiB, 1 worker\Z')

    def test_a_report_that_cannot_be_written(self):
        self.modules('a')
        with open('/dev/full', 'wb') as full:
            done = subprocess.run([BTFGEN, '--base=vmlinux', '--report=json', 'a.ko'],
                                  cwd=self.dir, stdout=full, stderr=subprocess.PIPE, check=False)
        self.assertEqual((done.returncode, done.stderr.decode()),
                         (5, 'btfgen: cannot write to standard output: %s\n' %
                          os.strerror(errno.ENOSPC)))


class IfNeeded(ModulesTest):
    def setUp(self):
        super().setUp()
        self.modules('a', 'b', 'c')
        self.files = ['a.ko', 'b.ko', 'c.ko']

    def outcomes(self, *args, files=None, base='vmlinux', code=0):
        """Outcomes of the files by one run, in their order."""
        files = self.files if files is None else files
        self.run_btfgen('--base', base, '--if-needed', '--report=json', *args, *files)
        self.assertEqual(self.result.code, code, self.result.err)
        return [file['result'] for file in json.loads(self.result.out)['files']]

    def all(self, outcome):
        return [outcome] * len(self.files)

    def test_in_place(self):
        self.assertEqual(self.outcomes(), self.all('written'))
        before = [self.read(name) for name in self.files]
        times = [os.stat(self.path(name)).st_mtime_ns for name in self.files]
        self.assertEqual(self.outcomes(), self.all('not-needed'))
        self.assertEqual([self.read(name) for name in self.files], before)
        self.assertEqual([os.stat(self.path(name)).st_mtime_ns for name in self.files], times)
        # A copy has another inode and other times, and the same content.
        shutil.copyfile(self.path('a.ko'), self.path('x.ko'))
        self.assertEqual(self.outcomes(files=['x.ko']), ['not-needed'])
        # Nothing else is printed.
        self.good('--if-needed', *self.files)

    def test_a_run_without_it_before_does_not_count(self):
        self.good(*self.files)
        self.assertEqual(self.outcomes(), self.all('written'))
        self.assertEqual(self.outcomes(), self.all('not-needed'))
        # Nor does one behind harm that writes the same.
        self.good(*self.files)
        self.assertEqual(self.outcomes(), self.all('not-needed'))

    def test_a_changed_module(self):
        self.outcomes()
        make_module(self.path('b.ko'), length=4)
        self.assertEqual(self.outcomes(), ['not-needed', 'written', 'not-needed'])
        self.assertEqual(self.outcomes(), self.all('not-needed'))

    def test_a_byte_changed_behind_the_back(self):
        """Of the debug information, in the file that has its note: size and times stay."""
        self.outcomes()
        data = bytearray(self.read('a.ko'))
        at = data.index(b'counters\0')
        data[at:at + 8] = b'contours'
        times = os.stat(self.path('a.ko'))
        self.write('a.ko', data)
        os.utime(self.path('a.ko'), ns=(times.st_atime_ns, times.st_mtime_ns))
        self.assertEqual(self.outcomes(), ['written', 'not-needed', 'not-needed'])
        self.assertIn(b'contours', section(self.path('a.ko'), '.BTF'))

    def test_another_base_other_options(self):
        self.outcomes()
        with open(os.path.join(self.dir, 'base.c'), 'w', encoding='ascii') as source:
            source.write('struct list { struct list *next, *prev; }; struct list list;\n'
                         'const char linux_banner[] = "Linux version 6.1.0-test (x)";\n'
                         'void _start(void) {}\n')
        subprocess.run([CC, '-g', '-nostdlib', '-static', '-o', 'other', 'base.c'], cwd=self.dir,
                       check=True)
        self.run_btfgen('other')
        self.assertEqual(self.outcomes(base='other'), self.all('written'))
        self.assertEqual(self.outcomes(base='other'), self.all('not-needed'))
        self.assertEqual(self.outcomes(), self.all('written'))
        for args in (['--no-percpu'], ['--no-functions'], ['--asm-functions'],
                     ['--features=-float'], ['--lang-exclude=none'], ['--strict-forwards']):
            with self.subTest(args):
                wanted = 'unchanged' if args[0] in ('--asm-functions', '--features=-float',
                                                    '--lang-exclude=none') else 'written'
                first = self.outcomes(*args)
                self.assertNotIn('not-needed', first)
                self.assertIn(first, (self.all('written'), self.all(wanted)))
                self.assertEqual(self.outcomes(*args), self.all('not-needed'))
                self.assertEqual(self.outcomes('-j1', *args), self.all('not-needed'))

    def test_somebody_else_wrote_the_section(self):
        self.outcomes()
        with open(self.path('other.btf'), 'wb') as other:
            other.write(section(self.path('b.ko'), '.BTF'))
        subprocess.run(['objcopy', '--update-section', '.BTF=other.btf', 'a.ko'], cwd=self.dir,
                       check=True)
        subprocess.run(['objcopy', '--remove-section', '.BTF', 'b.ko'], cwd=self.dir, check=True)
        wanted = section(self.path('c.ko'), '.BTF')
        self.assertEqual(self.outcomes(), ['written', 'written', 'not-needed'])
        self.assertEqual(section(self.path('c.ko'), '.BTF'), wanted)
        self.good('--output-dir=out', *self.files)
        for name in 'ab':
            self.assertEqual(section(self.path(name + '.ko'), '.BTF'),
                             self.read('out/%s.btf' % name))

    def test_a_damaged_note(self):
        self.outcomes()
        for byte in (0, 4, 8, 12, 20, 43):
            data = bytearray(self.read('a.ko'))
            data[data.rindex(section(self.path('a.ko'), NOTE)) + byte] ^= 1
            self.write('a.ko', data)
            self.assertEqual(self.outcomes(), ['written', 'not-needed', 'not-needed'], byte)
            self.assertEqual(self.outcomes(), self.all('not-needed'))

    def test_the_note_is_one_and_disturbs_nobody(self):
        self.outcomes()
        before = self.read('a.ko')
        note = section(self.path('a.ko'), NOTE)
        self.assertEqual(struct.unpack_from('<III8s', note), (7, 24, 1, b'btfgen\0\0'))
        self.assertEqual(len(note), 44)
        headers = subprocess.run(['readelf', '-SW', 'a.ko'], cwd=self.dir, check=True,
                                 capture_output=True, text=True).stdout
        found = re.search(r'\] \.note\.btfgen +(\w+) +0+ [0-9a-f]+ 00002c 00 {2,}(\w*) *0 +0 +4\n',
                          headers)
        # Not loaded.
        self.assertIsNotNone(found, headers)
        self.assertEqual(found.group(2), '')
        notes = subprocess.run(['readelf', '-nW', 'a.ko'], cwd=self.dir, check=True,
                               capture_output=True, text=True)
        self.assertEqual(notes.stderr, '')
        # strip keeps section and content; what it throws away makes another input.
        subprocess.run(['strip', '--strip-debug', '-o', 'stripped.ko', 'a.ko'], cwd=self.dir,
                       check=True)
        self.assertEqual(section(self.path('stripped.ko'), NOTE), note)
        self.assertEqual(section(self.path('stripped.ko'), '.BTF'),
                         section(self.path('a.ko'), '.BTF'))
        self.assertEqual(self.read('a.ko'), before)
        self.encode('--if-needed', 'stripped.ko')
        self.expect(3, ['stripped.ko: no .debug_info section, and no separate file that has it'])
        subprocess.run([CC, '-r', '-nostdlib', '-o', 'linked.ko', 'a.ko'], cwd=self.dir,
                       check=True)
        modinfo = shutil.which('modinfo')
        if modinfo:
            done = subprocess.run([modinfo, './a.ko'], cwd=self.dir, check=True,
                                  capture_output=True, text=True)
            self.assertIn('vermagic:       6.1.0-test', done.stdout)
            self.assertEqual(done.stderr, '')

    def test_one_kernel_alone(self):
        for wanted in ('written', 'not-needed'):
            self.run_btfgen('--if-needed', '--report=json', 'vmlinux')
            self.assertEqual([file['result'] for file in json.loads(self.result.out)['files']],
                             [wanted])

    def settle(self):
        """Make times old enough to be trusted."""
        for name in self.files:
            os.utime(self.path(name), (1000000000, 1000000000))
        time.sleep(3.1)

    def test_output_dir(self):
        out = '--output-dir=out'
        self.assertEqual(self.outcomes(out), self.all('written'))
        self.assertEqual(self.listing('out'), [STAMPS, 'a.btf', 'b.btf', 'c.btf'])
        text = self.read('out/' + STAMPS).decode()
        self.assertEqual([line.split()[-1] for line in text.splitlines()[1:]],
                         ['a.btf', 'b.btf', 'c.btf'])
        self.assertEqual(self.outcomes(out), self.all('not-needed'))
        make_module(self.path('b.ko'), length=4)
        self.assertEqual(self.outcomes(out), ['not-needed', 'written', 'not-needed'])
        # An output that is gone, damaged, or another one's.
        os.unlink(self.path('out/a.btf'))
        data = bytearray(self.read('out/b.btf'))
        data[-2] ^= 1
        self.write('out/b.btf', data)
        self.assertEqual(self.outcomes(out), ['written', 'written', 'not-needed'])
        self.write('out/b.btf', self.read('out/a.btf'))
        self.write('out/c.btf', b'')
        self.assertEqual(self.outcomes(out), ['not-needed', 'written', 'written'])
        # A part of the files: the other lines stay.
        self.assertEqual(self.outcomes(out, files=['b.ko']), ['not-needed'])
        self.assertEqual(self.outcomes(out), self.all('not-needed'))
        # What is no longer there loses its line.
        os.unlink(self.path('out/a.btf'))
        self.assertEqual(self.outcomes(out, files=['b.ko']), ['not-needed'])
        self.assertNotIn(b'a.btf', self.read('out/' + STAMPS))

    def test_output_dir_distilled(self):
        out = ('--output-dir=out', '--distilled')
        self.assertEqual(self.outcomes(*out), self.all('written'))
        self.assertEqual(self.outcomes(*out), self.all('not-needed'))
        os.unlink(self.path('out/b.btf.base'))
        self.assertEqual(self.outcomes(*out), ['not-needed', 'written', 'not-needed'])
        self.assertEqual(self.outcomes('--output-dir=out'), self.all('written'))

    def test_stamps_know_files_by_their_times(self):
        self.settle()
        out = '--output-dir=out'
        self.assertEqual(self.outcomes(out), self.all('written'))
        stamps = self.read('out/' + STAMPS)
        self.assertIn(b' 1000000000000000000 ', stamps)
        self.assertEqual(self.outcomes(out), self.all('not-needed'))
        self.assertEqual(self.read('out/' + STAMPS), stamps)
        # Content that changed shows, although size and mtime are those of before: ctime is not.
        data = bytearray(self.read('a.ko'))
        at = data.index(b'counters\0')
        data[at:at + 8] = b'contours'
        self.write('a.ko', data)
        os.utime(self.path('a.ko'), (1000000000, 1000000000))
        self.assertEqual(self.outcomes(out), ['written', 'not-needed', 'not-needed'])
        # So does a change so soon behind a run that the clock has hardly moved.
        data[at:at + 8] = b'counters'
        self.write('a.ko', data)
        os.utime(self.path('a.ko'), (1000000000, 1000000000))
        self.assertEqual(self.outcomes(out), ['written', 'not-needed', 'not-needed'])
        # Content is read where times do not help.
        for name in self.files:
            os.utime(self.path(name), (1000000001, 1000000001))
        self.assertEqual(self.outcomes(out), self.all('not-needed'))

    def test_damaged_stamps(self):
        out = '--output-dir=out'
        self.outcomes(out)
        good = self.read('out/' + STAMPS)
        lines = good.splitlines(keepends=True)

        def hashes(text):
            return [line.split()[1:4] + line.split()[9:] for line in text.splitlines()[1:]]

        def after(data):
            self.write('out/' + STAMPS, data)
            got = self.outcomes(out)
            # Inputs are known by their times once these are old enough: the rest is the same.
            self.assertEqual(hashes(self.read('out/' + STAMPS)), hashes(good))
            return got

        for data in (b'', b'\0' * 100, os.urandom(1000), b'x' + good[1:], good[1:],
                     b'btfgen stamps, format 2: other\n' + b''.join(lines[1:]),
                     good.replace(b'\n', b'')):
            self.assertEqual(after(data), self.all('written'))
        self.assertEqual(after(b''.join([lines[0], b'rubbish\n', lines[3], lines[1], b'\n',
                                         lines[1], lines[2]])), self.all('not-needed'))
        self.assertEqual(after(good[:-1]), ['not-needed', 'not-needed', 'written'])
        self.assertEqual(after(lines[0] + lines[2]), ['written', 'not-needed', 'written'])
        start = len(lines[0])
        for at in range(start, start + len(lines[1]) - 1, 5):
            data = bytearray(good)
            data[at] ^= 1
            self.assertEqual(after(bytes(data)), ['written', 'not-needed', 'not-needed'], at)
        os.unlink(self.path('out/' + STAMPS))
        os.mkdir(self.path('out/' + STAMPS))
        self.encode('--if-needed', out, *self.files)
        self.expect(5, ['out/%s: is a directory' % STAMPS])

    def test_debug_information_elsewhere_is_always_read_again(self):
        subprocess.run(['objcopy', '--only-keep-debug', 'a.ko', 'a.debug'], cwd=self.dir,
                       check=True)
        subprocess.run(['strip', '--strip-debug', 'a.ko'], cwd=self.dir, check=True)
        subprocess.run(['objcopy', '--add-gnu-debuglink=a.debug', 'a.ko'], cwd=self.dir,
                       check=True)
        self.encode('--if-needed', '--report=json', 'a.ko')
        if self.result.code == 3:
            # Not every way to such a file can be gone; what is refused is not passed over either.
            return
        self.assertEqual(self.outcomes(files=['a.ko']), ['unchanged'])


class Progress(ModulesTest):
    def on_terminal(self, *args, term='xterm', columns=80):
        """What a terminal on standard error gets."""
        master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack('HHHH', 24, columns, 0, 0))
        env = {name: value for name, value in os.environ.items() if name != 'TERM'}
        if term is not None:
            env['TERM'] = term
        with subprocess.Popen([BTFGEN, '--base=vmlinux', *args], cwd=self.dir, env=env,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=slave) as child:
            os.close(slave)
            shown = b''
            while True:
                try:
                    piece = os.read(master, 65536)
                except OSError:
                    piece = b''
                if not piece:
                    break
                shown += piece
            out = child.stdout.read()
        os.close(master)
        self.assertEqual(out, b'')
        return child.returncode, shown.decode()

    def copies(self, num, name='m%03d.ko'):
        self.modules('a')
        files = [name % i for i in range(num)]
        for file in files:
            shutil.copy(self.path('a.ko'), self.path(file))
        return files

    def test_shown_and_erased(self):
        files = self.copies(60)
        start = time.monotonic()
        code, shown = self.on_terminal('-j1', *files)
        seconds = time.monotonic() - start
        self.assertEqual(code, 0)
        parts = shown.split('\r\033[K')
        self.assertEqual((parts[0], parts[-1]), ('', ''))
        for part in parts[1:-1]:
            self.assertRegex(part, r'\A\d+ of 60, \d+/s  m\d\d\d\.ko\Z')
        self.assertEqual(parts[1], '0 of 60, 0/s  m000.ko')
        # Ten times a second, the first and the erasing on top.
        self.assertLessEqual(len(parts) - 2, 2 + 10 * seconds)

    def test_never_longer_than_a_line(self):
        files = self.copies(3, 'ä' * 50 + '%d.ko')
        _, shown = self.on_terminal('-j1', *files, columns=40)
        self.assertEqual(shown.split('\r\033[K')[1], ('0 of 3, 0/s  ' + 'ä' * 50)[:39])
        _, shown = self.on_terminal('-j1', *files, columns=0)
        self.assertEqual(len(shown.split('\r\033[K')[1]), len('0 of 3, 0/s  ' + 'ä' * 50 + '0.ko'))

    def test_names_move_no_cursor(self):
        files = self.copies(1, 'x\033[2J%d.ko')
        _, shown = self.on_terminal(*files)
        self.assertEqual(shown.split('\r\033[K')[1:-1], ['0 of 1, 0/s  x?[2J0.ko'])

    def test_not_shown(self):
        files = self.copies(3)
        for args, term in ((('-q',), 'xterm'), ((), 'dumb'), ((), ''), ((), None)):
            self.assertEqual(self.on_terminal(*args, *files, term=term), (0, ''))
        # One file to one file is no batch.
        self.assertEqual(self.on_terminal('-o', 'x', files[0]), (0, ''))

    def test_errors_stand_alone_on_their_lines(self):
        files = self.copies(2)
        self.write('bad.ko', b'no ELF')
        code, shown = self.on_terminal('bad.ko', *files)
        self.assertEqual(code, 3)
        self.assertEqual(shown.split('\r\033[K')[-1],
                         'btfgen: bad.ko: not an ELF file\r\nbtfgen: 1 of 3 modules failed\r\n')


if __name__ == '__main__':
    main()
