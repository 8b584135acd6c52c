# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
"""Annotations become decl tags and type tags; .BTF_ids tells which functions are kfuncs."""

import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'lib'))

# pylint: disable=wrong-import-position,wildcard-import,unused-wildcard-import
from encode import *  # noqa: E402,F403
from encode import FEW, MATRIX, PLAIN, main  # noqa: E402
from dwarfwriter import param  # noqa: E402
from functions import *  # noqa: E402,F403
from functions import (KF_ARENA_ARG1, KF_ARENA_ARG2, KF_ARENA_RET, KF_FASTCALL, TEXT,  # noqa: E402
                       FunctionTest, Ids, obj, sym)

PERCPU_AT = 0x80000
INT_T = base('int', 4)


def llvm(text, name='btf_decl_tag', tag='LLVM_annotation', **kw):
    """clang's form: a child of what it is about."""
    return die(tag, name=name, const_value=text, **kw)


class Gnu:
    """GCC's form: DIEs that stand anywhere, chained, which an attribute leads to."""

    def __init__(self):
        self.dies = []

    def chain(self, *texts, name='btf_decl_tag'):
        """The id of the first of a chain; texts in chain order."""
        following = None
        for text in reversed(texts):
            label = 'annotation %d' % len(self.dies)
            self.dies.append(die('GNU_annotation', id=label, name=name, const_value=text,
                                 GNU_annotation=following))
            following = label
        return following


class TagTest(FunctionTest):
    def tags(self, content, want, symbols=(), cases=None, bad=0, options=(), **kw):
        """Exactly these decl tags: {(target, component, text)}."""
        def one(case):
            btf, report = self.encode_functions(case, content, symbols, *options, percpu=PERCPU_AT,
                                                **kw)
            self.assertEqual(dict(btf.tags()), {entry: 1 for entry in want})
            self.assertEqual(report['diagnostics']['by_kind']['bad-tag'], bad)

        self.each(cases or FEW, one)

    def both(self, place, want, **kw):
        """place: called with a function from texts to (children, keywords) of a DIE, gives DIEs.
        Both compilers' forms must give the same."""
        self.tags([INT_T, *place(lambda *texts: ([llvm(text) for text in texts], {}))], want, **kw)
        gnu = Gnu()
        tree = place(lambda *texts: ([], dict(GNU_annotation=gnu.chain(*texts))))
        self.tags([INT_T, *gnu.dies, *tree], want, **kw)
        # GCC's annotations as children.
        self.tags([INT_T, *place(lambda *texts: ([llvm(text, tag='GNU_annotation')
                                                  for text in texts], {}))], want, **kw)


class Targets(TagTest):
    def test_struct_and_union(self):
        def place(tag):
            children, kw = tag('one', 'two words')
            more, more_kw = tag('of u')
            return [struct_('s', 4, member('a', 'int', 0), *children, **kw),
                    union_('u', 4, umember('a', 'int'), *more, **more_kw)]

        self.both(place, [('struct s', -1, 'one'), ('struct s', -1, 'two words'),
                          ('union u', -1, 'of u')], cases=MATRIX)

    def test_struct_without_name(self):
        def place(tag):
            children, kw = tag('one')
            return [struct_(None, 4, member('a', 'int', 0), *children, id='anon', **kw),
                    typedef('t', 'anon')]

        self.both(place, [('struct 4{a@0 int}', -1, 'one')])

    def test_empty_struct(self):
        def place(tag):
            children, kw = tag('one')
            return [struct_('s', 0, *children, **kw)]

        self.both(place, [('struct s', -1, 'one')])

    def test_class(self):
        def place(tag):
            children, kw = tag('one')
            return [struct_('c', 4, member('a', 'int', 0), *children, tag='class_type', **kw)]

        self.both(place, [('struct c', -1, 'one')])

    def test_members(self):
        def place(tag):
            first, first_kw = tag('first')
            third, third_kw = tag('third', 'again')
            return [struct_('s', 12, die('member', *first, name='a', type='int',
                                         data_member_location=0, **first_kw),
                            member('b', 'int', 4),
                            die('member', *third, name='c', type='int', data_member_location=8,
                                **third_kw)),
                    union_('u', 4, umember('a', 'int'),
                           die('member', *first, name='b', type='int', **first_kw))]

        self.both(place, [('struct s', 0, 'first'), ('struct s', 2, 'third'),
                          ('struct s', 2, 'again'), ('union u', 1, 'first')], cases=MATRIX)

    def test_bitfields(self):
        def place(tag):
            children, kw = tag('bits')
            field = bitfield('b', 'int', 3, 5)
            field.children.extend(children)
            field.attrs.update(kw)
            return [struct_('s', 4, bitfield('a', 'int', 0, 3), field)]

        self.both(place, [('struct s', 1, 'bits')])

    def test_sorted_members(self):
        """Members that the DWARF has in another order than BTF may."""
        def place(tag):
            one, one_kw = tag('of a')
            two, two_kw = tag('of c')
            return [struct_('s', 12, die('member', *two, name='c', type='int',
                                         data_member_location=8, **two_kw),
                            die('member', *one, name='a', type='int', data_member_location=0,
                                **one_kw),
                            member('b', 'int', 4))]

        self.both(place, [('struct s', 0, 'of a'), ('struct s', 2, 'of c')])

    def test_members_that_are_left_out(self):
        """Static members are none of the struct's."""
        def place(tag):
            one, one_kw = tag('of a')
            two, two_kw = tag('of b')
            return [struct_('s', 8, die('member', *one, name='st', type='int', declaration=True,
                                        external=True, **one_kw),
                            member('a', 'int', 0),
                            die('member', *two, name='b', type='int', data_member_location=4,
                                **two_kw))]

        for case in FEW:
            with self.subTest(case=str(case)):
                def run_(tree):
                    btf, _ = self.encode_functions(case, tree, ())
                    self.assertEqual(dict(btf.tags()), {('struct s', 1, 'of b'): 1})

                run_([INT_T, *place(lambda *texts: ([llvm(text) for text in texts], {}))])

    def test_base_class_counts(self):
        """The component is the member's number in the BTF."""
        def place(tag):
            children, kw = tag('of b')
            return [struct_('basis', 4, member('a', 'int', 0)),
                    struct_('s', 8, die('inheritance', type='struct basis', data_member_location=0),
                            die('member', *children, name='b', type='int', data_member_location=4,
                                **kw))]

        def one(case):
            btf, _ = self.encode_functions(
                case, [INT_T, *place(lambda *texts: ([llvm(text) for text in texts], {}))], ())
            (target, component, text), = btf.tags()
            self.assertEqual((target, text), ('struct s', 'of b'))
            self.assertEqual(btf.one('s').members[component].name, 'b')

        self.each(FEW, one)

    def test_typedef(self):
        def place(tag):
            children, kw = tag('one', 'two')
            return [die('typedef', *children, name='t', type='int', **kw)]

        self.both(place, [('typedef t', -1, 'one'), ('typedef t', -1, 'two')], cases=MATRIX)

    def test_variable(self):
        def place(tag):
            children, kw = tag('one')
            return [die('variable', *children, name='v', type='int', external=True,
                        location=[('addr', PERCPU_AT + 8)], **kw)]

        self.both(place, [('var v', -1, 'one')],
                  symbols=[obj('v', 8, 4)], cases=MATRIX)

    def test_variable_that_is_left_out(self):
        def place(tag):
            children, kw = tag('one')
            return [die('variable', *children, name='v', type='int', external=True,
                        location=[('addr', PERCPU_AT + 8)], **kw)]

        self.both(place, [])

    def test_function_and_parameters(self):
        def place(tag):
            whole, whole_kw = tag('whole', 'more')
            first, first_kw = tag('first')
            third, third_kw = tag('third')
            return [function('f', *whole,
                             die('formal_parameter', *first, name='a', type='int', **first_kw),
                             param('b', 'int'),
                             die('formal_parameter', *third, name='c', type='int', **third_kw),
                             type='int', low_pc=TEXT, **whole_kw)]

        self.both(place, [('func f', -1, 'whole'), ('func f', -1, 'more'), ('func f', 0, 'first'),
                          ('func f', 2, 'third')], symbols=[sym('f', 0)], cases=MATRIX)

    def test_function_that_is_left_out(self):
        def place(tag):
            whole, whole_kw = tag('whole')
            return [function('f', *whole, param('a', None), low_pc=TEXT, **whole_kw),
                    function('g', *whole, type='int', inline=1, **whole_kw)]

        self.both(place, [], symbols=[sym('f', 0)])

    def test_function_with_origin(self):
        """The annotations are the abstract instance's."""
        def place(tag):
            whole, whole_kw = tag('whole')
            first, first_kw = tag('first')
            return [function('f', *whole, die('formal_parameter', *first, name='a', type='int',
                                              id='f a', **first_kw), type='int', id='f', inline=1,
                             **whole_kw),
                    function(None, die('formal_parameter', abstract_origin='f a'),
                             abstract_origin='f', external=None, low_pc=TEXT)]

        self.both(place, [('func f', -1, 'whole'), ('func f', 0, 'first')], symbols=[sym('f', 0)])

    def test_parameters_of_a_copy(self):
        """A copy's own annotations, in its own order; a parameter that the source does not have is
        none, and what is said of it neither."""
        def place(tag):
            first, first_kw = tag('own a')
            other, other_kw = tag('of no parameter')
            return [function('f', param('a', 'int', id='f a'), param('b', 'int', id='f b'),
                             type='int', id='f', inline=1),
                    function(None, die('formal_parameter', *other, name='x', type='int',
                                       **other_kw),
                             die('formal_parameter', abstract_origin='f b'),
                             die('formal_parameter', *first, abstract_origin='f a', **first_kw),
                             abstract_origin='f', external=None, low_pc=TEXT)]

        tree = place(lambda *texts: ([llvm(text) for text in texts], {}))
        self.tags([INT_T, *tree], [], symbols=[sym('f', 0)])
        tree[1].children[1], tree[1].children[2] = tree[1].children[2], tree[1].children[1]
        self.tags([INT_T, *tree], [('func f', 0, 'own a')], symbols=[sym('f', 0)])

    def test_alias(self):
        """Tags belong to the function, under whatever name."""
        def place(tag):
            whole, whole_kw = tag('whole')
            return [function('f', *whole, type='int', low_pc=TEXT, **whole_kw)]

        self.both(place, [('func f', -1, 'whole'), ('func g', -1, 'whole')],
                  symbols=[sym('f', 0), sym('g', 0)])

    def test_others_have_none(self):
        """Enumerations, base types, prototypes: BTF has no place for a tag there."""
        tree = [base('int', 4), die('enumeration_type', llvm('one'),
                                    die('enumerator', name='e1', const_value=1), name='e',
                                    byte_size=4),
                die('subroutine_type', llvm('two'), die('formal_parameter', llvm('three'),
                                                        type='int'), id='fn', type='int'),
                ptr('fn')]
        for case in FEW:
            btf, _ = self.encode_functions(case, tree, ())
            self.assertEqual(dict(btf.tags()), {})


class Texts(TagTest):
    def test_many_and_long(self):
        texts = ['t%d' % i for i in range(100)] + ['x' * 5000, 'a b:c=\t\xe4', '!']
        self.tags([INT_T, struct_('s', 4, member('a', 'int', 0), *[llvm(t) for t in texts])],
                  [('struct s', -1, t) for t in texts])

    def test_same_text_on_several(self):
        tree = [INT_T] + [struct_('s%d' % i, 4, die('member', llvm('x'), name='a', type='int',
                                                    data_member_location=0), llvm('x'))
                          for i in range(3)]
        self.tags(tree, [('struct s%d' % i, c, 'x') for i in range(3) for c in (-1, 0)])

    def test_twice_on_one(self):
        self.tags([INT_T, struct_('s', 4, member('a', 'int', 0), llvm('x'), llvm('x'))],
                  [('struct s', -1, 'x')])

    def test_empty(self):
        """BTF has no tag without text; the others stay."""
        self.tags([INT_T, struct_('s', 4, member('a', 'int', 0), llvm(''), llvm('x')),
                   function('f', llvm(''), llvm('y'), low_pc=TEXT)],
                  [('struct s', -1, 'x'), ('func f', -1, 'y')], symbols=[sym('f', 0)], bad=2)

    def test_without_value_or_name(self):
        odd = [die('LLVM_annotation', name='btf_decl_tag'),
               die('LLVM_annotation', const_value='x'), die('LLVM_annotation'),
               die('LLVM_annotation', name='btf_decl_tag', const_value=5),
               die('LLVM_annotation', name='annotate', const_value='other')]
        def one(case):
            btf, _ = self.encode_functions(case, [INT_T, struct_('s', 4, member('a', 'int', 0),
                                                                 *odd, llvm('y'))], ())
            self.assertEqual(dict(btf.tags()), {('struct s', -1, 'y'): 1})

        self.each(FEW, one)

    def test_two_units(self):
        """The same annotated struct in two units has its tags once."""
        units = [Unit(base('int', 4), struct_('s', 4, die('member', llvm('m'), name='a',
                                                          type='int', data_member_location=0),
                                              llvm('x')),
                      variable('v%d' % i, 'struct s', PERCPU_AT + 8 * i), name='%d.c' % i)
                 for i in range(2)]
        self.tags(units, [('struct s', -1, 'x'), ('struct s', 0, 'm')])

    def test_only_one_unit_has_it(self):
        """A header's macro may hide a tag from some units; it is the type's all the same."""
        units = [Unit(base('int', 4), struct_('s', 4, member('a', 'int', 0),
                                              llvm('x') if i else None), name='%d.c' % i)
                 for i in range(2)]
        self.tags(units, [('struct s', -1, 'x')])
        self.tags(units[::-1], [('struct s', -1, 'x')])

    def test_ambiguous_names(self):
        """Two different structs of a name: each has its own tags."""
        units = [Unit(base('int', 4),
                      struct_('s', 4 * n, *[member('m%d' % i, 'int', 4 * i) for i in range(n)],
                              llvm('size %d' % n)),
                      ptr('struct s'), name='%d.c' % n) for n in (1, 2)]

        def one(case):
            btf, _ = self.encode_functions(case, units, ())
            got = {(btf.types[t.type].size, t.name) for t in btf.types if t.kind == 'DECL_TAG'}
            self.assertEqual(got, {(4, 'size 1'), (8, 'size 2')})

        self.each(FEW, one)

    def test_ambiguous_behind_pointers(self):
        """Structs that look alike and differ only in what a named member type means."""
        units = [Unit(base('int', 4), struct_('in', 4 * n, member('a', 'int', 0)),
                      struct_('s', 4 * n, member('i', 'struct in', 0), llvm('%d' % n)),
                      name='%d.c' % n) for n in (1, 2)]

        def one(case):
            btf, _ = self.encode_functions(case, units, ())
            got = {(btf.types[t.type].size, t.name) for t in btf.types if t.kind == 'DECL_TAG'}
            self.assertEqual(got, {(4, '1'), (8, '2')})

        self.each(FEW, one)

    def test_declaration(self):
        """A tag on a forward declaration is the definition's, if that is known."""
        units = [Unit(die('structure_type', llvm('x'), name='s', declaration=True, id='s'),
                      ptr('s', id='ps'), struct_('u', lambda enc: enc.addr_size,
                                                 member('p', 'ps', 0)), name='1.c'),
                 Unit(base('int', 4), struct_('s', 4, member('a', 'int', 0)), name='2.c')]

        def one(case):
            btf, _ = self.encode_functions(case, units, ())
            self.assertIn(dict(btf.tags()), ({}, {('struct s', -1, 'x'): 1}))

        self.each(FEW, one)

    def test_shared_chain(self):
        """GCC lets chains share their end."""
        end = die('GNU_annotation', id='end', name='btf_decl_tag', const_value='end')
        head = die('GNU_annotation', id='head', name='btf_decl_tag', const_value='head',
                   GNU_annotation='end')
        self.tags([INT_T, end, head, struct_('s', 4, member('a', 'int', 0), GNU_annotation='head'),
                   struct_('t', 4, member('a', 'int', 0), GNU_annotation='end')],
                  [('struct s', -1, 'head'), ('struct s', -1, 'end'), ('struct t', -1, 'end')])

    def test_without_the_feature(self):
        tree = [INT_T, struct_('s', 4, die('member', llvm('m'), name='a', type='int',
                                           data_member_location=0), llvm('x')),
                function('f', llvm('y'), low_pc=TEXT),
                die('variable', llvm('z'), name='v', type='int', external=True,
                    location=[('addr', PERCPU_AT + 8)])]
        kw = dict(symbols=[sym('f', 0), obj('v', 8, 4)])
        self.tags(tree, [], options=['--features=-decl_tag'], **kw)
        self.tags(tree, [('struct s', -1, 'x'), ('struct s', 0, 'm'), ('func f', -1, 'y'),
                         ('var v', -1, 'z')], **kw)


class TypeTags(FunctionTest):
    """PTR -> innermost tag ... -> what is pointed to."""

    def pointer(self, tree, want, cases=None, options=(), **kw):
        """want: the type of typedef t."""
        def one(case):
            btf, _ = self.encode_functions(case, [INT_T, *tree], (), *options, **kw)
            self.assertEqual(btf.describe(btf.one('t', 'TYPEDEF').type), want)

        self.each(cases or FEW, one)

    def tag(self, *texts):
        """clang lists them in the order of the source, outermost last: `int a b *p` is a, b."""
        return [llvm(text, 'btf_type_tag') for text in texts]

    def test_one(self):
        self.pointer([die('pointer_type', *self.tag('user'), id='p', type='int'),
                      typedef('t', 'p')], 'PTR(TAG(user,int))', cases=MATRIX)

    def test_order(self):
        self.pointer([die('pointer_type', *self.tag('t1', 't2', 't3'), id='p', type='int'),
                      typedef('t', 'p')], 'PTR(TAG(t3,TAG(t2,TAG(t1,int))))')

    def test_gnu_chain(self):
        """GCC's chain is in BTF's order already."""
        gnu = Gnu()
        first = gnu.chain('t3', 't2', 't1', name='btf_type_tag')
        self.pointer([*gnu.dies, die('pointer_type', id='p', type='int', GNU_annotation=first),
                      typedef('t', 'p')], 'PTR(TAG(t3,TAG(t2,TAG(t1,int))))')

    def test_both_forms(self):
        """With children the chain says nothing new."""
        gnu = Gnu()
        first = gnu.chain('user', name='btf_type_tag')
        self.pointer([*gnu.dies, die('pointer_type', *self.tag('user'), id='p', type='int',
                                     GNU_annotation=first), typedef('t', 'p')],
                     'PTR(TAG(user,int))')

    def test_before_qualifiers(self):
        self.pointer([qual('const', 'int'), die('pointer_type', *self.tag('rcu'), id='p',
                                                type='const int'), typedef('t', 'p')],
                     'PTR(TAG(rcu,CONST(int)))')

    def test_pointer_to_void(self):
        self.pointer([die('pointer_type', *self.tag('user'), id='p'), typedef('t', 'p')],
                     'PTR(TAG(user,void))')

    def test_pointers_of_pointers(self):
        self.pointer([die('pointer_type', *self.tag('in'), id='p', type='int'),
                      qual('const', 'p', id='cp'),
                      die('pointer_type', *self.tag('out'), id='pp', type='cp'),
                      typedef('t', 'pp')], 'PTR(TAG(out,CONST(PTR(TAG(in,int)))))')

    def test_struct_member_and_function(self):
        tree = [INT_T, struct_('s', 4, member('a', 'int', 0)),
                die('pointer_type', *self.tag('rcu'), id='p', type='struct s'), ptr('struct s'),
                struct_('u', lambda enc: 2 * enc.addr_size, member('p', 'p', 0),
                        member('q', 'ptr struct s', lambda enc: enc.addr_size)),
                function('f', param('a', 'p'), type='p', low_pc=TEXT)]
        self.functions(tree, [sym('f', 0)],
                       {'f': 'PROTO(a PTR(TAG(rcu,struct s)))->PTR(TAG(rcu,struct s))'})

    def test_tags_make_prototypes_differ(self):
        """Two entries of one function, one with a tag: the types are not the same."""
        units = [Unit(base('int', 4), die('pointer_type', *(self.tag('user') if i else ()), id='p',
                                          type='int'),
                      function('f', param('a', 'p'), low_pc=TEXT), name='%d.c' % i)
                 for i in range(2)]
        self.functions(units, [sym('f', 0)], {}, {'f': 'inconsistent'})
        self.functions(units, [sym('f', 0)], {'f': 'PROTO(a PTR(int))->void'},
                       options=['--features=-type_tag'])

    def test_shared(self):
        """Equal chains are one."""
        tree = [INT_T] + [die('pointer_type', *self.tag('user'), id='p%d' % i, type='int')
                          for i in range(3)]
        tree += [typedef('t%d' % i, 'p%d' % i) for i in range(3)]

        def one(case):
            btf, _ = self.encode_functions(case, tree, ())
            self.assertEqual(sum(t.kind == 'TYPE_TAG' for t in btf.types), 1)
            self.assertEqual(sum(t.kind == 'PTR' for t in btf.types), 1)
            self.assertFalse(any(t.kflag for t in btf.types if t.kind == 'TYPE_TAG'))

        self.each(FEW, one)

    def test_not_on_a_pointer(self):
        """Kernels before 7.2 take no tag behind a qualifier: what is no pointer gets none."""
        tree = [die('typedef', *self.tag('x'), name='t', type='c'),
                die('const_type', *self.tag('y'), id='c', type='b'),
                die('base_type', *self.tag('z'), id='b', name='b', byte_size=4,
                    encoding='signed'),
                struct_('s', 4, member('a', 'int', 0), *self.tag('w'))]

        def one(case):
            btf, _ = self.encode_functions(case, [INT_T, *tree], ())
            self.assertEqual([t for t in btf.types if t.kind in ('TYPE_TAG', 'DECL_TAG')], [])
            self.assertEqual(btf.describe(btf.one('t').type), 'CONST(b)')

        self.each(FEW, one)

    def test_odd_annotations(self):
        odd = [llvm('', 'btf_type_tag'), die('LLVM_annotation', name='btf_type_tag'),
               die('LLVM_annotation', const_value='x'), llvm('decl', 'btf_decl_tag'),
               llvm('no', 'other')]
        self.pointer([die('pointer_type', *odd, *self.tag('user'), id='p', type='int'),
                      typedef('t', 'p')], 'PTR(TAG(user,int))')

    def test_many(self):
        """As many modifiers in a row as kernels follow, and more."""
        tags = ['t%d' % i for i in range(31)]
        want = 'int'
        for text in tags:
            want = 'TAG(%s,%s)' % (text, want)
        self.pointer([die('pointer_type', *self.tag(*tags), id='p', type='int'),
                      typedef('t', 'p')], 'PTR(%s)' % want)
        path = self.write('in.elf', self.image(
            PLAIN, [INT_T, die('pointer_type', *self.tag(*tags, 'a', 'b'), type='int')], ()))
        result = run('-o', self.path('out.btf'), path)
        self.assertEqual(result.code, 5)
        self.assertRegex(result.err, r"\Abtfgen: %s: \.debug_info\+0x[0-9a-f]+ \(unit 'unit\.c'\): "
                         r"more than 32 qualifiers and typedefs in a row\n\Z" % re.escape(path))

    def test_without_the_feature(self):
        self.pointer([die('pointer_type', *self.tag('user'), id='p', type='int'),
                      typedef('t', 'p')], 'PTR(int)', options=['--features=-type_tag'])
        gnu = Gnu()
        first = gnu.chain('user', name='btf_type_tag')
        self.pointer([*gnu.dies, die('pointer_type', id='p', type='int', GNU_annotation=first),
                      typedef('t', 'p')], 'PTR(int)', options=['--features=-type_tag'])


KFUNC, FASTCALL = 'bpf_kfunc', 'bpf_fastcall'


class Kfuncs(TagTest):
    TREE = [INT_T, ptr('int'), typedef('p_t', 'ptr int'), qual('const', 'int'),
            ptr('const int', id='pc'), ptr(),
            function('one', param('a', 'ptr int'), param('b', 'pc'), type='ptr void', low_pc=TEXT),
            function('two', param('a', 'int'), type='int', low_pc=TEXT + 16),
            function('three', type='int', low_pc=TEXT + 32)]
    SYMBOLS = [sym('one', 0), sym('two', 16), sym('three', 32)]
    ONE = 'PROTO(a PTR(int), b PTR(CONST(int)))->PTR(void)'
    CASES = FEW + [Case(Encoding(version=4, little=False)),
                   Case(Encoding(version=5, addr_size=4))]

    def kfuncs(self, ids, want, options=(), patched=(False, True), **kw):
        for patched in patched:
            self.tags(self.TREE, [('func ' + name, -1, text) for name, text in want],
                      symbols=self.SYMBOLS, options=options, cases=self.CASES,
                      ids=ids(Ids(patched)), **kw)

    def test_set(self):
        self.kfuncs(lambda ids: ids.set8('list', 'one', ('two', 1), ('three', 0x3f)),
                    [('one', KFUNC), ('two', KFUNC), ('three', KFUNC)])

    def test_no_kfunc_set(self):
        self.kfuncs(lambda ids: ids.set8('list', 'one', kfuncs=False), [])
        self.kfuncs(lambda ids: ids.set('list', 'one', 'two'), [])
        self.kfuncs(lambda ids: ids.one('one').one('s', 'struct'), [])

    def test_several_sets(self):
        self.kfuncs(lambda ids: ids.one('three').set8('a', 'one').set('plain', 'three')
                    .set8('b', 'two', 'one').set8('c', 'three', kfuncs=False).one('two'),
                    [('one', KFUNC), ('two', KFUNC)])

    def test_fastcall(self):
        self.kfuncs(lambda ids: ids.set8('list', ('one', KF_FASTCALL), 'two'),
                    [('one', KFUNC), ('one', FASTCALL), ('two', KFUNC)], patched=[False])

    def test_fastcall_of_filled_in_ids(self):
        """The build step that fills in ids sorts the pairs, but not their symbols: whose flags are
        whose is known only if all are equal, or if ids elsewhere show that they rise with names."""
        self.kfuncs(lambda ids: ids.set8('list', ('one', KF_FASTCALL), ('two', KF_FASTCALL)),
                    [(name, text) for name in ('one', 'two') for text in (KFUNC, FASTCALL)])
        self.kfuncs(lambda ids: ids.set8('list', ('one', KF_FASTCALL), 'two'),
                    [('one', KFUNC), ('two', KFUNC)], patched=[True])

        def with_order(ids):
            # The symbols say three, two, one; the sorted pairs are one, three, two.
            ids.set8('list', 'three', 'two', ('one', KF_FASTCALL))
            for i in range(10):
                ids.one('alone%d' % i)
            return ids

        def want(flags):
            return [(name, KFUNC) for name in ('one', 'two', 'three')] + [(flags, FASTCALL)]

        self.kfuncs(with_order, want('one'), patched=[False])
        self.kfuncs(with_order, want('two'), patched=[True])

    def test_flags_of_several_sets(self):
        self.kfuncs(lambda ids: ids.set8('a', ('one', KF_FASTCALL)).set8('b', 'one'),
                    [('one', KFUNC), ('one', FASTCALL)])
        self.kfuncs(lambda ids: ids.set8('a', 'one', 'two').set8('b', ('one', KF_FASTCALL)),
                    [('one', KFUNC), ('one', FASTCALL), ('two', KFUNC)])

    def test_relocatable(self):
        tree = [INT_T, function('one', type='int', low_pc=Sym('.text', 0))]
        for case in (PLAIN, Case(Encoding(little=False))):
            btf, _ = self.encode_functions(case, tree, [sym('one', 0)], e_type=ET_REL,
                                           ids=Ids().set8('list', 'one'))
            self.assertEqual(dict(btf.tags()), {('func one', -1, KFUNC): 1})

    def test_names_with_underscores(self):
        tree = [INT_T, function('__a__b__', low_pc=TEXT), function('c__1', low_pc=TEXT + 16)]
        self.tags(tree, [('func __a__b__', -1, KFUNC), ('func c__1', -1, KFUNC)],
                  symbols=[sym('__a__b__', 0), sym('c__1', 16)],
                  ids=Ids().set8('list', '__a__b__', 'c__1'))

    def test_kfunc_without_function(self):
        """What has a symbol is reported: the kernel's build will complain about the id.  A function
        that the configuration left out has none."""
        def one(case):
            btf, report = self.encode_functions(
                case, self.TREE, self.SYMBOLS + [sym('bare', 64), sym('bare2', 80)],
                ids=Ids().set8('list', 'one', 'nowhere', 'bare').one('elsewhere').one('bare2'))
            self.assertEqual(dict(btf.tags()), {('func one', -1, KFUNC): 1})
            self.assertEqual(sorted((item['name'], item['reason'])
                                    for item in report['diagnostics']['items']
                                    if item['kind'] == 'btf-id-missing'),
                             [('bare', 'no-debug-info'), ('bare2', 'no-debug-info')])

        self.each(self.CASES, one)

    def test_missing_ids_have_reasons(self):
        tree = self.TREE + [function('odd', param('a', None), low_pc=TEXT + 48)]
        _, report = self.encode_functions(PLAIN, tree, self.SYMBOLS + [sym('odd', 48)],
                                          ids=Ids().set8('list', 'odd'))
        items = [(item['name'], item['reason']) for item in report['diagnostics']['items']
                 if item['kind'] == 'btf-id-missing']
        self.assertEqual(items, [('odd', 'bad-type')])

    def test_without_features(self):
        sets = Ids().set8('list', ('one', KF_FASTCALL | KF_ARENA_RET))
        for off in ('decl_tag_kfuncs', 'decl_tag'):
            self.tags(self.TREE, [], symbols=self.SYMBOLS, options=['--features=-' + off],
                      ids=sets)

    def arena(self, flags, want, options=('--features=+attributes',), func='one'):
        """want: the prototype of func."""
        def one(case):
            btf, _ = self.encode_functions(case, self.TREE, self.SYMBOLS, *options,
                                           ids=Ids().set8('list', (func, flags)))
            self.assertEqual(btf.functions().get(func), want)
            self.assertEqual(btf.functions().get('three'), 'PROTO()->int')

        self.each(self.CASES, one)

    def test_arena(self):
        a, b, ret = 'PTR(int)', 'PTR(CONST(int))', 'PTR(void)'
        marked = dict(a='PTR(ATTR(address_space(1),int))',
                      b='PTR(ATTR(address_space(1),CONST(int)))',
                      ret='PTR(ATTR(address_space(1),void))')
        text = 'PROTO(a %s, b %s)->%s'
        self.arena(KF_ARENA_RET, text % (a, b, marked['ret']))
        self.arena(KF_ARENA_ARG1, text % (marked['a'], b, ret))
        self.arena(KF_ARENA_ARG2, text % (a, marked['b'], ret))
        self.arena(KF_ARENA_RET | KF_ARENA_ARG1 | KF_ARENA_ARG2,
                   text % (marked['a'], marked['b'], marked['ret']))

    def test_arena_without_the_feature(self):
        self.arena(KF_ARENA_RET | KF_ARENA_ARG1, self.ONE, options=())

    def test_arena_on_what_is_no_pointer(self):
        """It says nothing there, and must not end the run."""
        self.arena(KF_ARENA_RET | KF_ARENA_ARG1 | KF_ARENA_ARG2, 'PROTO(a int)->int', func='two')
        self.arena(KF_ARENA_RET | KF_ARENA_ARG1 | KF_ARENA_ARG2, 'PROTO()->int', func='three')

    def test_arena_leaves_others_alone(self):
        """A function with the same prototype that is no kfunc keeps it."""
        tree = self.TREE + [function('same', param('a', 'ptr int'), param('b', 'pc'),
                                     type='ptr void', low_pc=TEXT + 48)]
        btf, _ = self.encode_functions(PLAIN, tree, self.SYMBOLS + [sym('same', 48)],
                                       '--features=+attributes',
                                       ids=Ids().set8('list', ('one', KF_ARENA_ARG1)))
        self.assertEqual(btf.functions().get('same'), self.ONE)
        self.assertNotEqual(btf.functions().get('one'), self.ONE)

    def test_arena_behind_type_tags(self):
        """An attribute on a pointer that has a tag: both, tags first in the chain."""
        tree = [INT_T, die('pointer_type', llvm('user', 'btf_type_tag'), id='p', type='int'),
                function('one', param('a', 'p'), low_pc=TEXT)]
        btf, _ = self.encode_functions(PLAIN, tree, [sym('one', 0)], '--features=+attributes',
                                       ids=Ids().set8('list', ('one', KF_ARENA_ARG1)))
        self.assertEqual(btf.functions().get('one'),
                         'PROTO(a PTR(ATTR(address_space(1),TAG(user,int))))->void')

    def test_arena_through_typedef(self):
        """The pointer is a typedef's: it is written without it, as the kernel's own tool does."""
        tree = [INT_T, ptr('int'), typedef('p_t', 'ptr int'),
                function('one', param('a', 'p_t'), low_pc=TEXT)]
        btf, _ = self.encode_functions(PLAIN, tree, [sym('one', 0)], '--features=+attributes',
                                       ids=Ids().set8('list', ('one', KF_ARENA_ARG1)))
        self.assertIn(btf.functions().get('one'),
                      ('PROTO(a PTR(ATTR(address_space(1),int)))->void',
                       'PROTO(a typedef p_t)->void'))

    def test_annotations_beside(self):
        """A function with annotations and a kfunc's tags; the same tag from both is one."""
        tree = [INT_T, function('one', llvm('mine'), llvm(KFUNC), low_pc=TEXT)]
        self.tags(tree, [('func one', -1, 'mine'), ('func one', -1, KFUNC)],
                  symbols=[sym('one', 0)], ids=Ids().set8('list', 'one'))

    def test_kind_flag(self):
        btf, _ = self.encode_functions(PLAIN, self.TREE, self.SYMBOLS, '--features=+attributes',
                                       ids=Ids().set8('list', ('one', KF_ARENA_ARG1 | KF_FASTCALL)))
        self.assertEqual({(t.kind, t.name, t.kflag) for t in btf.types
                          if t.kind in ('DECL_TAG', 'TYPE_TAG')},
                         {('DECL_TAG', KFUNC, False), ('DECL_TAG', FASTCALL, False),
                          ('TYPE_TAG', 'address_space(1)', True)})


if __name__ == '__main__':
    main()
