// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* Types, all violations, and those with `program` if they differ. Included by test_btf_rules.c. */

{ "int; S s/4{a:1@0}", "", NULL },
/* Each element. */
{ "int; S s/8{a:1@32, b:1@0, !:1@64, d:0@0, e:1@72}", "M16 2.1; M16 2.2; M16 2.3; M16 2.4", NULL },
{ "int; U u/4{a:1@1, b:1@0, c:1@9}", "M16 2.0; M16 2.1; M16 2.2", NULL },
{ "E e/4{a=1, -=2, 9=3, d=4}", "M17 1.1; M17 1.2", NULL },
{ "int; var v=1=0; sec .d/8{0@0+4, 2@2+4, 2@6+0, 2@6+4}", "M21 3.0; M21 3.1; M21 3.2; M21 3.3",
  NULL },
{ "A(0,0,1)", "M15 1; M15 1", NULL },
{ "int; S s/4{a:1@0, b:1@8, c:9@16, d:1@32}", "R6 2.1; R5 2.2; R6 2.3", NULL },
{ "int; P 9(a:9, -:0, c:1, d:0)", "R13 2; R15 2.0; R15 2.1; R14 2.3", NULL },
{ "int; P 0(-:1, b:1, -:1); fn f=2", "R12 3; R12 3", NULL },
{ "int; Fs f; var v=1=0; sec .d/20{1@0+4, 3@4+2, 9@8+4, 3@12+4, 2@16+4}",
  "R8 4.0; R10 4.1; R8 4.2; R8 4.4", NULL },
/* Each field of a record. */
{ "int; S 9/2{9:1@0, b:0@0}; td! 9=0x100000<vlen=3>; A!(0,1,1)<word=5 name=x>; E 9/3{a=1}",
  "M16 2; M16 2.0; M16 2.1; M12 3; M12 3; M12 3; M12 3; M15 4; M15 4; M15 4; M15 4; M17 5; M17 5",
  NULL },
{ "td a=1<name=#0x9999 vlen=1>", "M3 1; M12 1", NULL },
/* Each type, in the order of the passes. */
{ "*9; td -=1; int; C 77; S s/1{a:3@0}; *0<vlen=1>; P 3(a:99)",
  "M12 2; M11 6; C2 4; R1 1; R6 5.0; R15 7.0", NULL },
/* What refers to something wrong is not wrong for that. */
{ "int; td -=1; C 2; S s/4{a:3@0}; P 3(a:2); A(2,1,2); var v=3=0; *3", "M12 2", NULL },
{ "Fs f; A(1,3,2); int; S s/4{a:2@0}; td t=2; var v=5=0; sec .d/4{6@0+4}", "R4 2", NULL },
{ "int; var -=1=0; sec .d/4{2@0+4}; dt a=2=-1", "M20 2", NULL },
{ "int; fn -=1; dt a=2=0", "M19 2", NULL },
{ "int; fn f=1; dt a=2=0", "R11 2", NULL },
{ "int; C 1<vlen=1>; C 2; C 3", "M11 2", NULL },
/* But a struct has its size whatever its members are. */
{ "int; S s/4{a:0@0}; S t/2{a:2@0}", "M16 2.0; R6 3.0", NULL },
{ "fl f/0; S s/4{a:1@1, b:1@8}", "M22 1; R6 2.0", NULL },
/* Kinds that nobody knows stand for nothing. */
{ "int; S s/4{a:3@0, b:1@32}; td t=1<info=0x1000>", "M12 3; R6 2.1", NULL },
/* Rings, each named once. */
{ "C 2; C 1", "C1 1", NULL },
{ "*2; C 1", "R19 2", NULL },
{ "S s/8{a:1@0}", "R19 1.0", NULL },
{ "int; S s/16{a:3@0, b:1@64, c:1@128}; S t/8{a:2@0, b:9@0}",
  "R19 3.0; R6 2.2; R6 3.0; R5 3.1", "R19 3.0; R5 3.1; R6 2.2" },
{ "A(2,3,1); A(1,3,1); int", "R19 2", NULL },
