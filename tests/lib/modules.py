# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
"""Small modules and their kernel, made with the C compiler, for tests of the command on many files.

ModulesTest gives each test a folder with `vmlinux`, which has BTF, and makes modules in it:

    self.modules('a', 'b')          a.ko and b.ko, of different content
    self.encode('--base=vmlinux', 'a.ko', 'b.ko')
    self.assertEqual(self.outcome(), (0, '', ''))

The compiler is the one that the environment's CC names.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

# pylint: disable=wrong-import-position
from encode import BTFGEN, Result  # noqa: E402
from elfwriter import ElfReader  # noqa: E402

CC = os.environ.get('CC', 'cc')
RELEASE = '6.1.0-test'

KERNEL_C = '''
struct list { struct list *next, *prev; };
struct device { const char *name; struct list node; int id; };
struct driver;
struct bus { struct driver *first; struct list devices; };
typedef unsigned long size_t;
typedef struct device *device_t;

const char linux_banner[] = "Linux version %s (nobody)";
struct device root;
struct bus bus;
device_t first_device;

__attribute__((noinline)) int device_add(struct device *device, size_t size)
{
	return device->id + (int)size + linux_banner[0];
}

void _start(void)
{
	root.id = device_add(&root, sizeof(bus));
}
'''

KERNEL_LDS = '''
ENTRY(_start)
PHDRS
{
	text PT_LOAD FLAGS(5);
	data PT_LOAD FLAGS(6);
}
SECTIONS
{
	. = 0x400000;
	.text : { *(.text*) } :text
	.rodata : { *(.rodata*) }
	. = ALIGN(0x1000);
	.data : { *(.data*) } :data
	.bss : { *(.bss*) *(COMMON) }
	.note.gnu.build-id : { *(.note.gnu.build-id) }
	/DISCARD/ : { *(.comment) *(.eh_frame*) *(.note.GNU-stack) *(.note.gnu.property) }
}
'''

MODULE_C = '''
struct list { struct list *next, *prev; };
struct device { const char *name; struct list node; int id; };
typedef struct device *device_t;

struct NAME_state { device_t device; struct list NAME_list; long counters[LENGTH]; };

__attribute__((section(".modinfo"), used, aligned(1)))
static const char vermagic[] = "vermagic=" RELEASE " SMP mod_unload";

__attribute__((section(".data..percpu"), used)) struct NAME_state NAME_percpu;

__attribute__((noinline)) int NAME_probe(struct NAME_state *state, device_t device)
{
	state->device = device;
	return device->id;
}

int init_module(void) { return NAME_probe(&NAME_percpu, NAME_percpu.device); }
'''

COMPILE = [CC, '-g', '-O1', '-std=gnu11', '-ffreestanding', '-fno-pic', '-fno-pie',
           '-fno-stack-protector', '-fno-common']


def run_compiler(args, source, cwd):
    subprocess.run([*COMPILE, *args, '-x', 'c', '-'], input=source.encode(), cwd=cwd, check=True)


def make_kernel(folder, name='vmlinux', source=KERNEL_C, release=RELEASE):
    """An executable with DWARF and without BTF."""
    with open(os.path.join(folder, name + '.lds'), 'w', encoding='ascii') as lds:
        lds.write(KERNEL_LDS)
    run_compiler(['-nostdlib', '-static', '-Wl,--build-id', '-Wl,-T,%s.lds' % name, '-o', name],
                 source % release, folder)
    os.unlink(os.path.join(folder, name + '.lds'))


def make_module(path, length=3, release=RELEASE, source=MODULE_C, args=()):
    """The module's name is in its types, `length` a size in one of them."""
    name = os.path.basename(path).split('.')[0].replace('-', '_')
    source = source.replace('NAME', name).replace('LENGTH', str(length))
    run_compiler(['-c', '-DRELEASE="%s"' % release, *args, '-o', path], source, None)


def section(path, name):
    """The bytes of a section; None if there is none."""
    with open(path, 'rb') as f:
        elf = ElfReader(f.read())
    found = [s for s in elf.sections if s['name'] == name]
    return elf.content(found[0]) if found else None


class ModulesTest(unittest.TestCase):
    """Base class. Made once for each class: the kernel with its BTF, and modules."""

    @classmethod
    def setUpClass(cls):
        cls.store = tempfile.mkdtemp(prefix='btfgen-modules-')
        cls.addClassCleanup(shutil.rmtree, cls.store)
        make_kernel(cls.store)
        subprocess.run([BTFGEN, 'vmlinux'], cwd=cls.store, check=True)

    def setUp(self):
        # Names of folders of the machine would make messages of different lengths.
        self.dir = tempfile.mkdtemp(prefix='btfgen-modules-')
        self.addCleanup(shutil.rmtree, self.dir)
        shutil.copy(os.path.join(self.store, 'vmlinux'), self.path('vmlinux'))
        self.result = None

    def path(self, name):
        return os.path.join(self.dir, name)

    def read(self, name):
        with open(self.path(name), 'rb') as f:
            return f.read()

    def write(self, name, data):
        with open(self.path(name), 'wb') as f:
            f.write(data)

    def modules(self, *names, suffix='.ko'):
        """Each is compiled once for the class, and copied."""
        for name in names:
            base = os.path.basename(name)
            kept = os.path.join(self.store, base + '.ko')
            if not os.path.exists(kept):
                make_module(kept)
            shutil.copy(kept, self.path(name + suffix))

    def listing(self, folder='.'):
        return sorted(os.listdir(self.path(folder)))

    def has_btf(self, name):
        return section(self.path(name), '.BTF') is not None

    def run_btfgen(self, *args, **kw):
        """In the test's folder."""
        options = {'stdin': subprocess.DEVNULL, 'timeout': 120, 'cwd': self.dir}
        if 'input' in kw:
            del options['stdin']
        done = subprocess.run([BTFGEN, *args], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              check=False, **{**options, **kw})
        self.result = Result(done.returncode, done.stdout.decode('utf-8', 'surrogateescape'),
                             done.stderr.decode('utf-8', 'surrogateescape'))
        return self.result

    def encode(self, *args, **kw):
        """Against vmlinux."""
        return self.run_btfgen('--base=vmlinux', *args, **kw)

    def expect(self, code, err, out=''):
        """The outcome of the last run, exactly; lines of standard error without "btfgen: "."""
        wanted = ''.join('btfgen: %s\n' % line for line in err)
        self.assertEqual((self.result.code, self.result.err, self.result.out), (code, wanted, out))

    def good(self, *args, **kw):
        """A run that succeeds and says nothing."""
        self.encode(*args, **kw)
        self.expect(0, [])

    def refused(self, message, *args, **kw):
        """A usage error, and nothing is changed."""
        before = {name: self.read(name) for name in self.listing()
                  if os.path.isfile(self.path(name))}
        listing = self.listing()
        self.run_btfgen(*args, **kw)
        self.expect(2, ["%s; try 'btfgen encode --help'" % message])
        self.assertEqual(self.listing(), listing)
        for name, data in before.items():
            self.assertEqual(self.read(name), data, name)


def main():
    unittest.main()
