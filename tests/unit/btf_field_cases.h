// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * Types behind FIELD_TYPES of test_btf_rules.c, whose first id is 10, and the text of the
 * violation. Included there.
 */

/* Alone, in arrays, in structs. */
{ "S s/4{l:3@0}", "" },
{ "S s/8{l:3@0, n:1@32}", "" },
{ "S s/8{l:3@0, m:3@32}", "type 10 STRUCT 's': X1: a field that may be there once is there twice" },
{ "S s/8{l:3@0, m:4@32}", "type 10 STRUCT 's': X1: two kinds of locks" },
{ "A(3,1,1); S s/8{l:3@0, m:10@32}",
  "type 11 STRUCT 's': X1: a field that may be there once is there twice" },
{ "A(3,1,2); S s/12{c:9@0, l:10@32}",
  "type 11 STRUCT 's': X1: a lock, node or count stands in an array" },
{ "A(3,1,0); S s/4{l:3@0, m:10@32}", "" },
{ "S t/4{l:3@0}; S s/8{c:9@0, t:10@32}", "" },
{ "S t/4{l:3@0}; S s/8{l:3@0, t:10@32}",
  "type 11 STRUCT 's': X1: a field that may be there once is there twice" },
/* Not looked into: no member is a field. */
{ "S t/4{l:3@0}; S s/8{a:10@0, b:10@32}", "" },
{ "A(3,1,2); S s/8{l:10@0}", "" },
{ "C 3; S s/8{a:10@0, b:10@32}", "" },
/* The first struct of the name counts, whatever it is. */
{ "S bpf_spin_lock/8{a:2@0}; S s/16{a:10@0, b:10@64}", "" },
{ "S! s/8{l:3@0:0, a:1@33:2}", "type 10 STRUCT 's': X1: a bitfield does not start at a byte" },
{ "S! s/8{l:3@0:0, a:1@32:2}", "" },
{ "S s/6{a:3@16}", "type 10 STRUCT 's': X1: its fields have another size or place than they must" },
{ "S s/8{c:9@0, l:3@8}", "" },
{ "U u/4{l:3@0}; S s/8{l:3@0, u:10@32}", "" },
{ "S s/28{n:6@0, c:9@192}", "" },
{ "S s/56{n:6@0, t:8@192}",
  "type 10 STRUCT 's': X1: nodes of a list and of a tree without a count" },
{ "S s/64{n:6@0, t:8@192, c:9@448}", "" },
{ "S s/48{n:6@0, m:6@192}", "" },
{ "S s/24{n:6@0, m:6@64}", "type 10 STRUCT 's' member 1 'm': R6: ends behind the size" },
{ "S s/32{n:6@0, m:6@64}", "type 10 STRUCT 's': X1: fields overlap" },
/* Heads. */
{ "S v/24{n:6@0}; S s/20{h:5@0, l:3@128}; dt contains\\:v\\:n=11=0", "" },
{ "S v/24{n:6@0}; S s/20{h:5@0, l:4@128}; dt contains\\:v\\:n=11=0", "" },
{ "S v/24{n:6@0}; S s/16{h:5@0}; dt contains\\:v\\:n=11=0",
  "type 11 STRUCT 's': X1: a head without a lock" },
{ "S v/24{n:6@0}; S s/20{h:5@0, l:3@128}",
  "type 11 STRUCT 's': X1: a head has not just one tag contains:" },
{ "S v/24{n:6@0}; S s/20{h:5@0, l:3@128}; dt contains\\:v\\:n=11=1",
  "type 11 STRUCT 's': X1: a head has not just one tag contains:" },
{ "S v/24{n:6@0}; S s/20{h:5@0, l:3@128}; dt contains\\:v\\:n=11=0; dt contains\\:v\\:n=11=0",
  "type 11 STRUCT 's': X1: a head has not just one tag contains:" },
{ "S v/24{n:6@0}; S s/20{h:5@0, l:3@128}; dt contains\\:v=11=0",
  "type 11 STRUCT 's': X1: a tag contains: names no member" },
{ "S v/24{n:6@0}; S s/20{h:5@0, l:3@128}; dt contains\\:v\\:=11=0",
  "type 11 STRUCT 's': X1: a tag contains: names no member" },
{ "S v/24{n:6@0}; S s/20{h:5@0, l:3@128}; dt contains\\:w\\:n=11=0",
  "type 11 STRUCT 's': X1: a tag contains: names no struct" },
{ "S vv/24{n:6@0}; S s/20{h:5@0, l:3@128}; dt contains\\:v\\:n=11=0",
  "type 11 STRUCT 's': X1: a tag contains: names no struct" },
{ "S v/24{n:6@0}; S s/20{h:5@0, l:3@128}; dt contains\\:v\\:m=11=0",
  "type 11 STRUCT 's': X1: a tag contains: names a member that does not exist" },
{ "S v/48{n:6@0, n:6@192}; S s/20{h:5@0, l:3@128}; dt contains\\:v\\:n=11=0",
  "type 11 STRUCT 's': X1: a tag contains: names two members" },
{ "S v/32{n:8@0}; S s/20{h:5@0, l:3@128}; dt contains\\:v\\:n=11=0",
  "type 11 STRUCT 's': X1: a tag contains: names a member that is no node of the head's kind" },
{ "S v/32{n:8@0}; S s/20{h:7@0, l:3@128}; dt contains\\:v\\:n=11=0", "" },
{ "S v/32{c:9@0, n:6@32}; S s/20{h:5@0, l:3@128}; dt contains\\:v\\:n=11=0",
  "type 11 STRUCT 's': X1: a node is not aligned" },
/* Ownership. */
{ "S v/24{a:2@0, b:2@64, c:2@128}; S s/20{h:5@0, l:3@128}; dt contains\\:v\\:a=11=0",
  "type 11 STRUCT 's': X1: a tag contains: names a member that is no node of the head's kind" },
{ "S v/44{n:6@0, h:5@192, l:3@320}; dt contains\\:v\\:n=10=1",
  "type 10 STRUCT 'v': X2: owns others over more than 8 levels" },
{ "S v/44{n:6@0, h:5@192, l:3@320}; S w/44{n:6@0, h:5@192, l:3@320}; dt contains\\:w\\:n=10=1;"
  "dt contains\\:v\\:n=11=1", "type 10 STRUCT 'v': X2: owns others over more than 8 levels" },
{ "S v/24{n:6@0}; S w/44{n:6@0, h:5@192, l:3@320}; S x/20{h:5@0, l:3@128};"
  "dt contains\\:v\\:n=11=1;"
  "dt contains\\:w\\:n=12=0", "" },
/* Pointers that the kernel owns. */
{ "S no_such_struct/0{}; tt kptr_untrusted=10; *11; S s/8{p:12@0}", "" },
{ "S no_such_struct/0{}; tt kptr_untrusted=10; *11; S s/96{a:12@0, b:12@64, c:12@128, d:12@192,"
  "e:12@256,"
  "f:12@320, g:12@384, h:12@448, i:12@512, j:12@576, k:12@640}", "" },
{ "S no_such_struct/0{}; tt kptr_untrusted=10; *11; S s/96{a:12@0, b:12@64, c:12@128, d:12@192,"
  "e:12@256,"
  "f:12@320, g:12@384, h:12@448, i:12@512, j:12@576, k:12@640, l:12@704}",
  "type 13 STRUCT 's': X1: more than 11 fields" },
{ "S no_such_struct/0{}; tt kptr_untrusted=10; *11; A(12,1,10); S s/88{a:12@0, b:13@64}", "" },
{ "S no_such_struct/0{}; tt kptr_untrusted=10; *11; A(12,1,11); S s/96{a:12@0, b:13@64}",
  "type 14 STRUCT 's': X1: more than 11 fields" },
{ "tt kptr_untrusted=1; *10; S s/12{l:3@0, p:11@32}", "" },
{ "tt kptr_untrusted=1; *10; S s/16{l:3@0, p:11@64}",
  "type 12 STRUCT 's': X1: a kptr does not lead to a struct" },
{ "S no_such_struct/0{}; tt kptr_untrusted=10; *11; V 12; S s/8{p:13@0}", "" },
{ "S no_such_struct/0{}; tt kptr_untrusted=10; *11; C 12; S s/8{p:13@0}", "" },
