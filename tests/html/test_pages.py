# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
"""The pages of stat and diff in a headless Chromium: what they show, that they work without
network and with a keyboard, and that no name of an input file becomes anything but text.

    MAKE_PAGE=build/tests/html/make_page BTFGEN=build/btfgen test_pages.py

Ends with 77 (skipped) where there is no Chromium with its driver.
"""

import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time
import unittest

import browser as webdriver

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / 'lib'))
# pylint: disable=wrong-import-position
from btfwriter import BtfWriter  # noqa: E402

BTFGEN = os.environ['BTFGEN']
MAKE_PAGE = os.environ['MAKE_PAGE']
SKIPPED = 77

ENTER, ESCAPE, RIGHT = '\ue007', '\ue00c', '\ue014'

# Names that try to be more than names.
SCRIPT = '<script>hostile = 1</script>'
HOSTILE = [
    SCRIPT, '</script><script>hostile = 1</script>', '<!--<script>', '<img src=x onerror="hostile = 1">',
    '"><svg onload=hostile=1>', '\' onmouseover=\'hostile=1', '&lt;b&gt;&amp;', 'javascript:hostile=1', '{{data}}',
    '${hostile = 1}', '__proto__', 'constructor', 'toString', '\x01\x1b[31m\x7f',
    'user\u202etxt.exe', '\u200f\u200b\ufeff', '\u2028\u2029', '\ufffd', 'long' * 3000, ' ', 'a\nb\tc',
]
# As the page shows them: what hides or turns text, by number; long names cut.
SHOWN = [re.sub('[\x00-\x1f\x7f\u200b\u200f\u2028\u2029\u202e\ufeff]', lambda c: f'\\u{ord(c[0]):04x}', name)
         if len(name) < 1000 else name[:400] + '\u2026' for name in HOSTILE]

browser = None
directory = None


def setUpModule():
    global browser, directory
    directory = tempfile.TemporaryDirectory(prefix='btfgen-pages-')
    browser = webdriver.Browser(1280, 900)
    browser.__enter__()


def tearDownModule():
    browser.__exit__()
    directory.cleanup()


def numbers(texts):
    return [int(text.replace(',', '').replace('\u2212', '-') or 0) for text in texts]


def document(data):
    return json.dumps(data, indent=2, ensure_ascii=False).replace('<', '\\u003c')


def node(name, children=None, **more):
    result = {'name': name, 'bytes': more.pop('bytes', 0), **more}
    if children:
        result['bytes'] = sum(child['bytes'] for child in children)
        result['children'] = children
    return result


def stat_document(file='vmlinux', names=(), num_types=60):
    """Sums hold as in a real one."""
    structs = [(name, 5000 - 10 * i) for i, name in enumerate(names)]
    structs += [(f'struct s{i}', 12 + 12 * (num_types - i)) for i in range(num_types)]
    children = [node(name, id=i + 1, bytes=size) for i, (name, size) in enumerate(structs)]
    children += [node('others, 3 to 4 elements', bytes=4000, count=70, others=True),
                 node('others, 2 elements', bytes=2500, count=90, others=True)]
    types = node('types', [
        node('STRUCT', children, count=len(structs) + 160),
        node('FUNC_PROTO', bytes=9000, count=400), node('FUNC', bytes=7000, count=500),
        node('INT', bytes=64, count=4), node('DATASEC', bytes=36, count=1),
    ])
    types['children'].sort(key=lambda child: -child['bytes'])
    strings = node('strings', [node('functions', bytes=8000, count=480), node('members', bytes=6000, count=900),
                               node('several uses', bytes=500, count=40), node('empty', bytes=1, count=1)])
    tree = node(file, [types, strings, node('header', bytes=24)])
    kinds = [{'kind': kind['name'], 'count': kind['count'], 'elements': 3 * kind['count'], 'bytes': kind['bytes']}
             for kind in types['children']]
    variables = {'variables': 2, 'bytes': 90, 'var_bytes': 32, 'entry_bytes': 24, 'section_bytes': 12,
                 'string_bytes': 22, 'names_in_common': 0, 'bytes_per_variable': 45.0}
    return {
        'format': 1, 'verb': 'stat', 'version': '0.1.0', 'file': file, 'base': list(names[:1]), 'big_endian': False,
        'bytes': tree['bytes'], 'types': sum(kind['count'] for kind in kinds), 'first_id': 1,
        'parts': {'header': 24, 'types': types['bytes'], 'strings': strings['bytes'], 'layout': 0, 'gaps': 0,
                  'overlap': 0},
        'kinds': kinds,
        'largest': [{'id': i + 1, 'kind': 'STRUCT', 'name': name, 'text': name, 'elements': 9, 'bytes': size,
                     'record_bytes': size - 2, 'string_bytes': 2} for i, (name, size) in enumerate(structs)],
        'largest_total': 2000,
        'sections': [{'id': 9, 'name': name, 'percpu': True, 'entries': 2, 'size': 4096, 'covered': 1024, 'bytes': 90,
                      'record_bytes': 36, 'var_bytes': 32, 'string_bytes': 22}
                     for name in ['.data..percpu', *names]],
        'strings': {'bytes': strings['bytes'], 'count': 1421,
                    'uses': [{'use': 'functions', 'count': 480, 'bytes': 8000, 'shared_count': 7, 'shared_bytes': 70},
                             {'use': 'members', 'count': 900, 'bytes': 6000, 'shared_count': 40,
                              'shared_bytes': 500}],
                    'shared': {'count': 40, 'bytes': 500}, 'unused': {'count': 0, 'bytes': 0},
                    'empty': {'count': 1, 'bytes': 1}, 'base_references': 0, 'bad_references': 0},
        'percpu': variables, 'variables': {**variables, 'outside_sections': 0},
        'doubles': {'names': len(names) + 1, 'extra': 2, 'extra_bytes': 48, 'items': [
            {'kind': 'struct', 'name': name, 'count': 2, 'bytes': 24, 'ids': [1, 2]} for name in ['foo', *names]]},
        'in_base': {'names': len(names), 'items': [
            {'kind': 'struct', 'name': name, 'id': 5, 'base_id': 6} for name in names]},
        'forwards': {'count': len(names) + 1, 'beside_definition': 1, 'items': [
            {'id': 3, 'kind': 'struct', 'name': name, 'definition': 4 * (name == 'bar')} for name in ['bar', *names]]},
        'tree': tree,
    }


def change(kind, name, how, old_bytes, new_bytes, **more):
    result = {'kind': kind, 'name': name, 'change': how, 'delta': 0, **more}
    if how != 'added':
        result.update(old_id=7, old_bytes=old_bytes)
    if how != 'removed':
        result.update(new_id=8, new_bytes=new_bytes)
    return result


DETAILS = [
    {'what': 'size', 'change': ['changed'], 'old': 4096, 'new': 5120},
    {'what': 'member', 'change': ['added'], 'name': 'fresh', 'new': 'int', 'new_bit_offset': 64},
    {'what': 'member', 'change': ['removed'], 'name': 'gone', 'old': 'long', 'old_bit_offset': 128},
    {'what': 'member', 'change': ['moved', 'retyped'], 'name': 'flags', 'old': 'unsigned int', 'new': 'u64',
     'old_bit_offset': 259, 'new_bit_offset': 8192, 'old_bits': 3},
    {'what': 'member', 'change': ['moved'], 'name': 'tail', 'old': 'char', 'new': 'char', 'old_bit_offset': 0,
     'new_bit_offset': 8},
]


def diff_document(names=(), num_more=0, **more):
    details = DETAILS + [{'what': 'member', 'change': ['renamed'], 'name': name, 'old_name': name[::-1], 'old': name,
                          'new': name, 'old_bit_offset': 0, 'new_bit_offset': 0} for name in names]
    changes = [
        change('STRUCT', 'task_struct', 'changed', 300, 340, old_size=4096, new_size=5120, details=details),
        change('STRUCT', 'old_one', 'removed', 400, 0, old_size=64),
        change('INT', 'char', 'changed', 16, 16, old_size=1, new_size=1, details=[
            {'what': 'encoding', 'change': ['changed'], 'old': 0x01000008, 'new': 0x00000008}]),
        change('FUNC', 'new_func', 'added', 0, 12, text='int (struct rq *, u64)'),
        change('VAR', 'runqueues', 'added', 0, 16, text='struct rq', section='.data..percpu', offset=4096),
    ]
    changes[0]['delta'] = 1024
    changes += [change('TYPEDEF', name, 'added', 0, 12, text=name) for name in names]
    changes += [change('FUNC', f'func_{i:05}', 'changed' if i % 3 else 'removed', 12, 12, details=[
        {'what': 'parameter', 'change': ['retyped'], 'name': 'x', 'index': 1, 'old': 'int', 'new': 'long'}])
                for i in range(num_more)]
    counts = {}
    for item in changes:
        row = counts.setdefault(item['kind'], {'kind': item['kind'], 'added': 0, 'removed': 0, 'changed': 0})
        row[item['change']] += 1
    sizes = [
        {'name': 'strings', 'group': 'strings', 'old_count': 10, 'new_count': 20, 'old_bytes': 3000, 'new_bytes': 5000,
         'delta': 2000},
        {'name': 'STRUCT', 'group': 'types', 'old_count': 5, 'new_count': 4, 'old_bytes': 2000, 'new_bytes': 1200,
         'delta': -800},
        {'name': 'FUNC', 'group': 'types', 'old_count': 0, 'new_count': 1, 'old_bytes': 0, 'new_bytes': 12,
         'delta': 12},
        {'name': 'header', 'group': 'header', 'old_count': 1, 'new_count': 1, 'old_bytes': 24, 'new_bytes': 24,
         'delta': 0},
    ]
    return {
        'version': '0.1.0', 'kind': 'diff', 'verdict': '.BTF 5,024 -> 6,236 bytes, +1,212 (+24.12 %); 1 FUNC added',
        'same': False, 'old': {'path': 'a.btf', 'bytes': 5024, 'types': 5},
        'new': {'path': 'b.btf', 'bytes': 6236, 'types': 5}, 'delta': 1212, 'sizes': sizes, 'counts': list(counts.values()),
        'budgets': [{'limit': 'struct=10%', 'name': 'struct', 'file': None, 'old_bytes': 2000, 'new_bytes': 1200,
                     'delta': -800, 'breached': False},
                    {'limit': '1%', 'name': 'total', 'file': None, 'old_bytes': 5024, 'new_bytes': 6236, 'delta': 1212,
                     'breached': True}],
        'changes': changes, **more,
    }


# Contrast by WCAG 2: of what has text of its own, against what is painted below it.
CONTRAST = '''
const rgb = text => text.match(/[\\d.]+/g).map(Number);
const luminance = ([r, g, b]) => [r, g, b].map(c => c / 255)
    .map(c => c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
const bad = new Set();
for (const element of document.querySelectorAll("body *")) {
    if (![...element.childNodes].some(child => child.nodeType === 3 && child.data.trim()) ||
        !element.checkVisibility() || element.closest("script, noscript"))
        continue;
    let below = element, back;
    do {
        back = rgb(getComputedStyle(below).backgroundColor);
        below = below.parentElement;
    } while (below && back.length > 3 && back[3] === 0);
    if (back.length > 3 && back[3] === 0)
        back = rgb(getComputedStyle(document.body).backgroundColor);
    const [a, b] = [luminance(rgb(getComputedStyle(element).color)), luminance(back)].sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    if (ratio < 4.5)
        bad.add(`${element.tagName}.${element.className} ${element.textContent.slice(0, 20)} ${ratio.toFixed(2)}`);
}
return [...bad];
'''


class PageTest(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.path = pathlib.Path(directory.name, self.id().split('.')[-1] + '.html')
        browser.logs()
        browser.requests()

    def tearDown(self):
        """Whatever a test did: nothing was asked for, nothing went wrong."""
        self.assertEqual(browser.logs(), [])
        self.assertEqual([url for url in browser.requests() if not url.startswith('blob:')],
                         [self.path.as_uri()] * self.num_opened)
        browser.resize(1280, 900)
        browser.dark(False)

    num_opened = 0

    def make(self, kind, data, title='A title'):
        text = data if isinstance(data, str) else document(data)
        run = subprocess.run([MAKE_PAGE, kind, title], input=text.encode('utf-8', 'surrogateescape'), check=True,
                             stdout=subprocess.PIPE)
        self.path.write_bytes(run.stdout)
        self.open()

    def open(self):
        browser.open(self.path)
        self.num_opened += 1
        # The treemap is drawn when its place is known, a moment after the rest.
        browser.wait('return document.querySelector("#page").childElementCount > 0 && '
                     '(!document.querySelector(".treemap") || document.querySelector(".tile"))')

    def texts(self, selector):
        return browser.run('return [...document.querySelectorAll(arguments[0])].map(e => e.textContent)', selector)

    def attribute(self, selector, name):
        return browser.run('return document.querySelector(arguments[0]).getAttribute(arguments[1])', selector, name)

    def column(self, table, number):
        return self.texts(f'#{table} .table-box > .scroll > table > tbody > tr:not(.details) > :nth-child({number})')

    def header(self, table, title):
        """Selector of a header's button."""
        titles = self.texts(f'#{table} thead th')
        return f'#{table} thead th:nth-child({titles.index(title) + 1}) button'

    def check_treemap(self, what=''):
        """Areas are as the bytes, and together they are the box."""
        box, tiles = browser.run('''
            const area = document.querySelector(".treemap");
            const rect = e => { const r = e.getBoundingClientRect(); return [r.left, r.top, r.right, r.bottom]; };
            return [rect(area), [...area.querySelectorAll(".tile")].map(e => [+e.dataset.bytes, ...rect(e)])];''')
        area = (box[2] - box[0]) * (box[3] - box[1])
        total = sum(tile[0] for tile in tiles)
        self.assertGreater(area, 10000, what)
        covered = 0
        for size, left, top, right, bottom in tiles:
            covered += (right - left) * (bottom - top)
            # A rectangle is placed in steps of 1/64 pixel.
            wrong = abs((right - left) * (bottom - top) - area * size / total)
            self.assertLess(wrong, 1 + (right - left + bottom - top) / 16, f'{what}: tile of {size} bytes')
            for low, high, start, end in (left, right, box[0], box[2]), (top, bottom, box[1], box[3]):
                self.assertGreater(low, start - 0.1, what)
                self.assertLess(high, end + 0.1, what)
        self.assertAlmostEqual(covered / area, 1, delta=0.002, msg=what)
        for i, one in enumerate(tiles):
            for other in tiles[:i]:
                width = min(one[3], other[3]) - max(one[1], other[1])
                height = min(one[4], other[4]) - max(one[2], other[2])
                self.assertFalse(width > 0.1 and height > 0.1, f'{what}: {one} and {other} overlap')
        return [tile[0] for tile in tiles]

    def check_hostile(self, scripts=2):
        """The page has what it was made of, no more; the names are in it as text."""
        self.assertEqual(browser.run('return typeof hostile'), 'undefined')
        self.assertEqual(browser.run('return [document.scripts.length, document.images.length, '
                                     'document.querySelectorAll("svg, iframe, object, embed, b").length]'),
                         [scripts, 0, 0])
        # Attributes that run something: none in the whole page.
        self.assertEqual(browser.run('''return [...document.querySelectorAll("*")].filter(e =>
            [...e.attributes].some(a => a.name.startsWith("on") ||
                                        (a.name === "href" && !/^(#|data:,$)/.test(a.value))))
            .map(e => e.outerHTML)'''), [])

    def check_accessible(self):
        self.assertEqual(browser.run('''
            const bad = [];
            const ids = new Set();
            for (const e of document.querySelectorAll("[id]")) {
                if (ids.has(e.id)) bad.push("id " + e.id);
                ids.add(e.id);
            }
            for (const table of document.querySelectorAll("table")) {
                if (!table.caption || !table.caption.textContent) bad.push("no caption");
                for (const th of table.querySelectorAll(":scope > thead th"))
                    if (th.scope !== "col" || !th.querySelector("button")) bad.push("header " + th.textContent);
                for (const tr of table.querySelectorAll(":scope > tbody > tr:not(.details)"))
                    if (!tr.querySelector(":scope > th[scope=row]")) bad.push("row " + tr.textContent);
                if (table.querySelectorAll(":scope > thead [aria-sort]").length > 1) bad.push("sorted twice");
            }
            for (const e of document.querySelectorAll("input, button, [role=region], [role=group], nav"))
                if (!e.textContent && !e.getAttribute("aria-label") && !e.hidden) bad.push(e.outerHTML);
            for (const e of document.querySelectorAll("[aria-controls], [aria-labelledby]")) {
                const id = e.getAttribute("aria-controls") || e.getAttribute("aria-labelledby");
                if (!ids.has(id)) bad.push("nothing is " + id);
            }
            if (document.querySelectorAll("h1").length !== 1) bad.push("h1");
            return bad;'''), [])
        for dark in False, True:
            browser.dark(dark)
            self.assertEqual(browser.run(CONTRAST), [], 'dark' if dark else 'light')
        browser.dark(False)

    def check_narrow(self):
        browser.resize(360, 780)
        browser.wait('return innerWidth === 360')
        self.assertEqual(browser.run('return document.documentElement.scrollWidth'), 360)


class Stat(PageTest):
    def test_figures(self):
        data = stat_document()
        self.make('stat', data, title='BTF of <vmlinux> & "more"')
        self.assertEqual(browser.run('return document.title'), 'BTF of <vmlinux> & "more"')
        self.assertEqual(self.texts('h1'), ['vmlinux'])
        figures = dict(zip(self.texts('.card dt'), self.texts('.card .big')))
        self.assertEqual(figures['Size'], f"{data['bytes']:,}")
        self.assertEqual(figures['Strings'], '14,501')
        self.assertEqual(figures['Per-CPU variables'], '2')
        self.assertEqual(self.texts('h2'), [
            'Where the bytes are', 'By kind', 'Largest types', 'Strings', 'Sections', 'What variables cost',
            'Several definitions', 'Forward declarations'])
        self.assertEqual(self.texts('.contents a'), self.texts('h2'))
        self.assertEqual(self.column('kinds', 1), [kind['kind'] for kind in data['kinds']])
        self.assertEqual(numbers(self.column('kinds', 4)), [kind['bytes'] for kind in data['kinds']])
        self.assertEqual(self.column('kinds', 5)[-1], '0.1\xa0%')
        self.assertEqual(self.column('strings', 1),
                         ['names of functions', 'names of members', 'several of these', 'the empty string'])
        self.check_accessible()

    def test_no_network(self):
        self.make('stat', stat_document())
        text = self.path.read_text()
        text = text[:text.index('id="data"')]
        patterns = [
            r'https?:', r'//[\w.-]+\.\w', r'@import', r'url\(', r'\b(fetch|XMLHttpRequest|WebSocket|import)\(',
            r'(src|srcset)=', r'href="(?!data:,")', r'innerHTML', r'outerHTML', r'insertAdjacent',
            r'document\.write', r'\beval\b', r'new Function', r'setAttribute\("on']
        for pattern in patterns:
            self.assertIsNone(re.search(pattern, text), pattern)
        self.assertIn("default-src 'none'", text)

    def test_sort(self):
        self.make('stat', stat_document())
        sizes = sorted(numbers(self.column('kinds', 4)))
        self.assertEqual(self.attribute('#kinds thead th:nth-child(4)', 'aria-sort'), 'descending')
        browser.click(self.header('kinds', 'Bytes'))
        self.assertEqual(numbers(self.column('kinds', 4)), sizes)
        self.assertEqual(self.attribute('#kinds thead th:nth-child(4)', 'aria-sort'), 'ascending')
        browser.click(self.header('kinds', 'Kind'))
        self.assertEqual(self.column('kinds', 1), ['DATASEC', 'FUNC', 'FUNC_PROTO', 'INT', 'STRUCT'])
        self.assertIsNone(self.attribute('#kinds thead th:nth-child(4)', 'aria-sort'))
        # By keyboard, and falling first, as it is a number.
        browser.run('document.querySelector(arguments[0]).focus()', self.header('kinds', 'Types'))
        browser.press(ENTER)
        self.assertEqual(numbers(self.column('kinds', 2)), [500, 400, 220, 4, 1])
        # What has no value stays behind, either way.
        for _ in range(2):
            browser.click(self.header('kinds', 'Elements'))
            self.assertEqual([bool(text) for text in self.column('kinds', 3)], [True, True, True, False, False])
        self.assertEqual(self.texts('#kinds tfoot th'), ['all'])

    def test_filter(self):
        self.make('stat', stat_document(num_types=300))
        self.assertEqual(len(self.column('largest', 1)), 25)
        self.assertEqual(self.texts('#largest .status'), ['25 of 300\xa0rows shown'])
        self.assertEqual(self.texts('#largest .more button'), ['Show 200 more'])
        browser.click('#largest .more button')
        self.assertEqual(len(self.column('largest', 1)), 225)
        browser.click('#largest .more button')
        self.assertEqual(len(self.column('largest', 1)), 300)
        self.assertEqual(browser.run('return document.querySelector("#largest .more button").hidden'), True)
        browser.type('#largest input', 'S29 STRUCT')
        browser.wait('return document.querySelectorAll("#largest tbody tr").length === 11')
        self.assertEqual(self.column('largest', 1), ['struct s29'] + [f'struct s29{i}' for i in range(10)])
        self.assertEqual(self.texts('#largest .status'), ['11 of 300\xa0rows'])
        browser.type('#largest input', 'x')
        browser.wait('return document.querySelectorAll("#largest tbody tr").length === 0')
        self.assertEqual(browser.run('return document.querySelector("#largest .empty").hidden'), False)

    def test_treemap(self):
        data = stat_document()
        self.make('stat', data)
        types, strings = data['tree']['children'][:2]
        self.assertCountEqual(self.check_treemap('all'),
                              [child['bytes'] for child in types['children'] + strings['children']] + [24])
        labels = self.texts('.tile .label')
        for label in 'STRUCT', 'FUNC_PROTO', 'FUNC', 'names of functions', 'names of members':
            self.assertIn(label, labels)

        struct = '.tile[aria-label^="STRUCT:"]'
        size = next(child['bytes'] for child in types['children'] if child['name'] == 'STRUCT')
        browser.hover(struct)
        self.assertEqual(self.texts('.tip > *'), [
            'STRUCT', f'{size:,}\xa0bytes', f"{100 * size / data['bytes']:.1f}\xa0% of all, "
            f"{100 * size / types['bytes']:.1f}\xa0% of types", '220\xa0types'])
        self.assertFalse(browser.run('return document.querySelector(".tip").hidden'))
        browser.click(struct)
        self.assertEqual(len(self.check_treemap('structs')), 62)
        self.assertEqual(self.texts('.path > :not(.arrow)'), [
            'vmlinux', 'types', 'STRUCT', f"{size:,}\xa0bytes, {100 * size / data['bytes']:.1f}\xa0%", '\u2190 Back'])
        for label in 's0', 'others, 3 to 4 members', 'others, 2 members':
            self.assertIn(label, self.texts('.tile .label'))
        # A change of the window moves them all.
        browser.resize(700, 600)
        browser.wait('return document.querySelector(".treemap").clientWidth < 700 && '
                     'document.querySelector(".grain").width < 700')
        self.check_treemap('smaller')
        browser.click('.path .back')
        self.assertEqual(len(self.check_treemap('types')), 5)
        browser.click('.path button')
        self.assertEqual(len(self.check_treemap('all again')), 10)
        browser.click('.tile[aria-label^="names of functions:"]')
        self.assertEqual(len(self.check_treemap('strings')), 4)

    def test_treemap_by_keyboard(self):
        self.make('stat', stat_document())
        self.assertEqual(len(self.texts('.tile[tabindex="0"]')), 1)
        browser.run('document.querySelector(".tile[tabindex=\'0\']").focus()')
        first = browser.run('return document.activeElement.getAttribute("aria-label")')
        browser.press(RIGHT)
        second = browser.run('return document.activeElement.getAttribute("aria-label")')
        self.assertNotEqual(first, second)
        browser.run('document.querySelector(\'.tile[aria-label^="STRUCT:"]\').focus()')
        browser.press(ENTER)
        self.assertEqual(len(self.texts('.tile')), 62)
        self.assertIn('tile', browser.run('return document.activeElement.className'))
        browser.press(ESCAPE)
        self.assertEqual(len(self.texts('.tile')), 5)
        # It comes back to where it was.
        self.assertIn('STRUCT:', browser.run('return document.activeElement.getAttribute("aria-label")'))

    def test_hostile_names(self):
        self.make('stat', stat_document(file=SCRIPT, names=HOSTILE), title=''.join(HOSTILE[:9]))
        self.check_hostile()
        self.assertEqual(browser.run('return document.title'), ''.join(HOSTILE[:9]))
        self.assertEqual(self.texts('h1'), [SCRIPT])
        self.assertEqual(self.column('largest', 1)[:len(HOSTILE)], SHOWN)
        for table in 'sections', 'doubles', 'in-base', 'forwards':
            self.assertCountEqual(self.column(table, 1)[-len(HOSTILE):] if table != 'sections' else
                                  self.column(table, 1)[1:], SHOWN, table)
        browser.click('.tile[aria-label^="STRUCT:"]')
        self.check_treemap()
        for tile in range(1, len(HOSTILE), 3):
            browser.hover(f'.tile:nth-child({tile})')
        browser.hover('.tile')
        self.assertEqual(self.texts('.tip-name'), [SCRIPT])
        self.check_hostile()
        self.check_accessible()
        self.check_narrow()

    def test_narrow_and_print(self):
        self.make('stat', stat_document())
        self.check_narrow()
        browser.wait('return document.querySelector(".treemap").clientWidth < 360 && '
                     'document.querySelector(".grain").width < 360')
        self.check_treemap('narrow')
        self.assertEqual(browser.pdf()[:5], b'%PDF-')

    def test_empty(self):
        """BTF without types: nothing is divided by nothing."""
        data = stat_document()
        none = {'names': 0, 'extra': 0, 'extra_bytes': 0, 'items': []}
        data.update(bytes=25, types=0, kinds=[], largest=[], largest_total=0, sections=[], doubles=none, in_base=none,
                    forwards={'count': 0, 'beside_definition': 0, 'items': []})
        data['parts'].update(types=0, strings=1)
        data['strings'].update(bytes=1, count=1, uses=[], shared={'count': 0, 'bytes': 0})
        for key in 'percpu', 'variables':
            data[key] = dict.fromkeys(data[key], 0)
        data['percpu']['bytes_per_variable'] = None
        data['tree'] = node('empty', [node('header', bytes=24), node('strings', [node('empty', bytes=1)])])
        self.make('stat', data)
        self.assertEqual(self.texts('h2'), ['Where the bytes are', 'By kind', 'Strings'])
        self.assertEqual(self.texts('#kinds tbody tr'), [])
        self.assertNotIn('NaN', self.texts('body')[0])
        self.check_treemap()

    def test_incomplete(self):
        """The disk was full: the page says so."""
        text = document(stat_document())
        self.make('stat', text[:len(text) // 2])
        self.assertIn('not complete', self.texts('#page')[0])

    def test_saved_data(self):
        text = document(stat_document())
        self.make('stat', text)
        saved = browser.run('''
            return new Promise(done => {
                const make = URL.createObjectURL;
                URL.createObjectURL = blob => { blob.text().then(done); return make.call(URL, blob); };
                document.querySelector("footer button").click();
            });''')
        self.assertEqual(json.loads(saved), json.loads(text))


class Diff(PageTest):
    def test_figures(self):
        self.make('diff', diff_document())
        self.assertEqual(self.texts('h1'), ['.BTF 5,024 -> 6,236 bytes, +1,212 (+24.12 %); 1 FUNC added'])
        self.assertEqual(self.texts('.budgets li'), [
            'Within the budget: struct=10%, 2,000 \u2192 1,200 bytes, \u2212800 (\u221240.00\xa0%)',
            'Over the budget: 1%, 5,024 \u2192 6,236 bytes, +1,212 (+24.12\xa0%)'])
        self.assertEqual(dict(zip(self.texts('.card dt'), self.texts('.card .big'))), {
            'Before': '5,024', 'After': '6,236', 'Growth': '+1,212', 'Added': '2', 'Removed': '1', 'Changed': '2'})
        self.assertEqual(self.column('sizes', 1), ['strings', 'STRUCT', 'FUNC', 'header'])
        self.assertEqual(self.column('sizes', 6), ['+2,000', '\u2212800', '+12', '0'])
        self.assertEqual(self.column('sizes', 7), ['+66.67\xa0%', '\u221240.00\xa0%', 'new', '0.00\xa0%'])
        self.assertEqual(self.texts('#sizes tfoot td')[-2:], ['+1,212', '+24.12\xa0%'])
        # By the size of the change, whichever way it goes.
        self.assertEqual(self.column('changes', 1), ['old_one', 'task_struct', 'runqueues', 'new_func', 'char'])
        self.assertEqual(self.column('changes', 4), ['64', '4,096 \u2192 5,120', '', '', '1'])
        self.assertEqual(self.column('changes', 5), ['', '+1,024', '', '', ''])
        self.assertEqual(self.column('changes', 6), ['\u2212400', '+40', '+16', '+12', '0'])
        self.assertEqual(self.column('changes', 7), [
            '', '1 member added, 1 removed, 1 moved and retyped, 1 moved',
            'struct rq in .data..percpu at 4,096', 'int (struct rq *, u64)', 'encoding'])
        widths = browser.run('return [...document.querySelectorAll("#sizes .fill")].map(e => '
                             'e.getBoundingClientRect().width / e.parentElement.getBoundingClientRect().width)')
        for width, wanted in zip(widths, (0.5, 0.2, 0.003, 0)):
            self.assertAlmostEqual(width, wanted, delta=0.02)
        self.check_accessible()

    def test_details(self):
        self.make('diff', diff_document())
        self.assertEqual(self.texts('#changes .disclose'), ['task_struct', 'char'])
        self.assertEqual(self.attribute('#changes .disclose', 'aria-expanded'), 'false')
        browser.click('#changes .disclose')
        self.assertEqual(self.attribute('#changes .disclose', 'aria-expanded'), 'true')
        rows = browser.run('return [...document.querySelectorAll("#changes .details tbody tr")].map(row => '
                           '[...row.cells].map(cell => cell.textContent.trim()))')
        self.assertEqual(rows, [
            ['size', '', 'changed', '4,096', '5,120'],
            ['member', 'fresh', 'added', '', 'int at 8'],
            ['member', 'gone', 'removed', 'long at 16', ''],
            ['member', 'flags', 'moved retyped', 'unsigned int : 3 at 32\xa0+\xa03\xa0bits', 'u64 at 1,024'],
            ['member', 'tail', 'moved', 'char at 0', 'char at 1'],
        ])
        self.check_accessible()
        browser.run('document.querySelector("#changes .disclose").focus()')
        browser.press(ENTER)
        self.assertEqual(self.attribute('#changes .disclose', 'aria-expanded'), 'false')
        self.assertFalse(browser.run('return document.querySelector("#changes .details").checkVisibility()'))
        browser.run('document.querySelectorAll("#changes .disclose")[1].click()')
        self.assertEqual([text.replace('\xa0', ' ') for text in self.texts('#changes tr:last-child tbody td')],
                         ['encoding', 'changed ', 'signed, 8 bits', '8 bits'])

    def test_facets(self):
        self.make('diff', diff_document())
        self.assertEqual(self.texts('#changes .facet:nth-child(1) button'),
                         ['All changes 5', 'added 2', 'changed 2', 'removed 1'])
        browser.click('#changes .facet:nth-child(1) button:nth-child(2)')
        self.assertEqual(self.column('changes', 1), ['runqueues', 'new_func'])
        self.assertEqual(self.attribute('#changes .facet:nth-child(1) button:nth-child(2)', 'aria-pressed'), 'true')
        browser.click('#changes .facet:nth-child(1) button:nth-child(2)')
        self.assertEqual(len(self.column('changes', 1)), 5)
        # From the table of numbers: changed structs.
        browser.click('#counts tbody tr:nth-child(1) td:nth-child(4) a')
        self.assertEqual(self.column('changes', 1), ['task_struct'])
        self.assertEqual(self.texts('#changes button[aria-pressed=true]'), ['changed 2', 'STRUCT 2'])

    def test_many_changes(self):
        self.make('diff', diff_document(num_more=40000))
        self.assertEqual(len(self.column('changes', 1)), 50)
        started = time.monotonic()
        browser.click(self.header('changes', 'Name'))
        self.assertEqual(self.column('changes', 1)[:2], ['char', 'func_00000'])
        browser.type('#changes input', '_31')
        browser.wait('return document.querySelector("#changes .status").textContent.startsWith("50 shown of 1,")')
        self.assertLess(time.monotonic() - started, 10)
        self.assertEqual(self.texts('#changes .status'), ['50 shown of 1,000 of 40,005\xa0rows'])

    def test_folders(self):
        data = diff_document()
        files = [
            {'path': 'net/tun.ko', 'status': 'changed', 'old_bytes': 900, 'new_bytes': 1000, 'delta': 100,
             'verdict': 'tun grew', 'sizes': data['sizes'], 'counts': data['counts'], 'changes': data['changes']},
            {'path': '<b>old</b>.ko', 'status': 'removed', 'old_bytes': 50, 'new_bytes': 0, 'delta': -50},
            {'path': 'same.ko', 'status': 'same', 'old_bytes': 9, 'new_bytes': 9, 'delta': 0},
        ]
        del data['changes']
        self.make('diff', {**data, 'files': files})
        self.assertEqual(self.column('files', 1), ['net/tun.ko', '<b>old</b>.ko', 'same.ko'])
        browser.click('#files .disclose')
        self.assertEqual(self.texts('#files .details .note')[0], 'tun grew')
        self.assertIn('task_struct', self.texts('#files .details tbody th'))
        self.check_accessible()
        self.check_hostile()

    def test_same(self):
        data = diff_document(same=True, changes=[], counts=[], budgets=[], delta=0)
        self.make('diff', data)
        self.assertEqual(self.texts('.verdict'), ['No difference in meaning.'])
        self.assertEqual(self.texts('h2'), ['Bytes by kind'])

    def test_hostile_names(self):
        data = diff_document(names=HOSTILE, verdict=SCRIPT)
        data['old']['path'], data['new']['path'] = HOSTILE[3], HOSTILE[14]
        data['budgets'][0].update(limit=SCRIPT, file=SCRIPT)
        self.make('diff', data, title=SCRIPT)
        self.check_hostile()
        self.assertEqual(self.texts('h1'), [SCRIPT])
        self.assertEqual(self.texts('.side .name'), [SHOWN[3], SHOWN[14]])
        self.assertCountEqual([name for name in self.column('changes', 1) if name in SHOWN], SHOWN)
        browser.click('#changes .disclose')
        shown = self.texts('#changes .details tbody td:nth-child(5) .name')
        self.assertEqual(shown[-len(HOSTILE):], SHOWN)
        self.check_hostile()
        self.check_narrow()


def sample_btf(names=(), num_structs=700, member='u32'):
    """As raw bytes: structs of different sizes, functions, a variable; `member` is the type of one member."""
    btf = BtfWriter()
    number, other = btf.int('int', 4), btf.int('long', 8)
    for i in range(num_structs):
        btf.struct(f'struct_{i}', 4000, *[(f'member_{n}', number, 32 * n) for n in range(3 + i % 40)])
    for name in names:
        btf.struct(name, 8, (name, other, 0))
    task = btf.struct('task_struct', 64, ('pid', number if member == 'u32' else other, 64),
                      ('flags', number, 128 if member == 'u32' else 192))
    proto = btf.proto(number, ('task', btf.ptr(task)))
    for i in range(30):
        btf.func(f'function_{i}', proto)
    return btf.build()


class Verbs(PageTest):
    """The pages as the program writes them."""

    def write(self, name, data):
        path = pathlib.Path(directory.name, name)
        path.write_bytes(data)
        return str(path)

    def call(self, *args, codes=(0,)):
        run = subprocess.run([BTFGEN, *map(str, args)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
        self.assertIn(run.returncode, codes, run.stderr.decode())
        return run.stdout

    def embedded(self):
        text = self.path.read_text()
        start = text.index('id="data">') + len('id="data">')
        return text[start:text.rindex('</script>')]

    def test_stat(self):
        source = self.write('sample.btf', sample_btf())
        report = json.loads(self.call('stat', '--json', source))
        self.call('stat', f'--html={self.path}', source)
        self.open()
        self.assertIn('sample.btf', self.texts('h1')[0])
        self.assertEqual(self.texts('.card .big')[0], f"{report['bytes']:,}")
        self.assertEqual(numbers(self.column('kinds', 4)), [kind['bytes'] for kind in report['kinds']])
        self.assertEqual(json.loads(self.embedded())['tree']['bytes'], report['bytes'])
        self.assertEqual(sum(self.check_treemap('all')), report['bytes'])
        browser.click('.tile[aria-label^="STRUCT:"]')
        struct = next(kind for kind in report['kinds'] if kind['kind'] == 'STRUCT')
        self.assertEqual(sum(self.check_treemap('structs')), struct['bytes'])
        self.assertTrue(self.texts('.tile.others'))
        self.check_accessible()
        self.check_narrow()

    def test_stat_hostile(self):
        names = [name for name in HOSTILE if name.strip()]
        source = self.write('<b>hostile.btf', sample_btf(names=[*names, b'\xff\xfe<i>'], num_structs=3))
        self.call('stat', f'--html={self.path}', source)
        self.open()
        self.check_hostile()
        shown = self.column('largest', 1)
        for name in SCRIPT, '<img src=x onerror="hostile = 1">', '\ufffd\ufffd<i>':
            self.assertTrue([text for text in shown if name in text], name)


    def test_diff(self):
        old = self.write('old.btf', sample_btf())
        new = self.write('new.btf', sample_btf(num_structs=720, member='long'))
        report = json.loads(self.call('diff', '--json', old, new, codes=(1,)))
        self.call('diff', '--max-growth=10', f'--html={self.path}', old, new, codes=(1,))
        self.open()
        self.assertEqual(self.texts('h1'), [report['verdict']])
        self.assertEqual(len(self.texts('.budgets .bad')), 1)
        self.assertEqual(numbers(self.texts('.card .big')[:3]),
                         [report['old']['bytes'], report['new']['bytes'], report['delta']])
        self.assertEqual(numbers(self.column('sizes', 6)), [row['delta'] for row in report['sizes']])
        self.assertEqual(len(self.column('changes', 1)), min(50, len(report['changes'])))
        self.assertIn('task_struct', self.column('changes', 1))
        browser.click('#changes .disclose')
        text = ' '.join(self.texts('#changes .details tbody tr'))
        for part in 'pid', 'int at 8', 'long at 8', 'moved', 'retyped':
            self.assertIn(part, text)
        self.check_accessible()
        self.check_narrow()

    def test_diff_same(self):
        old = self.write('old.btf', sample_btf(num_structs=3))
        self.call('diff', f'--html={self.path}', old, old)
        self.open()
        self.assertEqual(self.texts('.verdict'), ['No difference in meaning.'])

    def test_diff_hostile(self):
        names = [name for name in HOSTILE if name.strip()]
        old = self.write('"><b>.btf', sample_btf(num_structs=3))
        new = self.write("'<i>.btf", sample_btf(names=names, num_structs=3))
        self.call('diff', f'--html={self.path}', old, new, codes=(1,))
        self.open()
        self.check_hostile()
        shown = self.column('changes', 1)
        for name in SCRIPT, '<img src=x onerror="hostile = 1">', 'user\\u202etxt.exe':
            self.assertIn(name, shown)

    def test_diff_folders(self):
        for side, count in ('a', 3), ('b', 4):
            pathlib.Path(directory.name, side).mkdir()
            self.write(f'{side}/one.btf', sample_btf(num_structs=count))
            self.write(f'{side}/two.btf', sample_btf(num_structs=2))
        self.call('diff', f'--html={self.path}', *(pathlib.Path(directory.name, side) for side in 'ab'), codes=(1,))
        self.open()
        self.assertEqual(self.column('files', 1)[0], 'one.btf')
        browser.click('#files .disclose')
        self.assertIn('struct_3', self.texts('#files .details tbody th'))
        self.check_accessible()


if __name__ == '__main__':
    if not webdriver.find_programs():
        print('skipped: no chromium with chromedriver here')
        sys.exit(SKIPPED)
    unittest.main()
