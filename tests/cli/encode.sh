#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
# The options of the encoder at work; what stands in the BTF is tested elsewhere.

# shellcheck source-path=SCRIPTDIR source=common.bash
. "$(dirname -- "$0")/common.bash"

setup() {
	make_small small
}

has_btf() {
	readelf -S -W "$1" | grep -q ' \.BTF '
}

test_success_is_silent() {
	btfgen small
	expect 0 "" ""
	has_btf small
	only small
}

test_twice_changes_nothing() {
	btfgen small
	cp small once
	btfgen small
	expect 0 "" ""
	cmp small once
}

test_every_spelling_of_o_gives_the_same_file_and_leaves_the_input() {
	cp small before
	btfgen -o 1 small
	expect 0 "" ""
	btfgen -o2 small
	expect 0 "" ""
	btfgen small --output 3
	expect 0 "" ""
	btfgen --output=4 small
	expect 0 "" ""
	btfgen -qo5 small
	expect 0 "" ""
	btfgen encode -o ignored -o 6 small
	expect 0 "" ""
	for i in 2 3 4 5 6; do
		cmp 1 "$i"
	done
	[ "$(od -An -tx1 -N2 1)" = " 9f eb" ] || [ "$(od -An -tx1 -N2 1)" = " eb 9f" ]
	cmp small before
	only 1 2 3 4 5 6 before small
}

test_o_equals_o_file_also_to_a_file() {
	btfgen -o file small
	"$BTFGEN" -o - small | cmp - file
	"$BTFGEN" -o - small > redirected
	cmp redirected file
	echo "before" > appended
	"$BTFGEN" -o - small >> appended
	{ echo "before"; cat file; } | cmp - appended
	only appended file redirected small
}

test_o_to_a_closed_pipe_and_a_closed_descriptor() {
	run bash -c "'$BTFGEN' -o - small >&-"
	expect 5 "" "btfgen: standard output: cannot write: Bad file descriptor"
	run bash -c "{ sleep 0.3; '$BTFGEN' -o - small; echo \$? > code; } | true"
	[ "$(cat code)" = 5 ]
	[ "$stderr" = "btfgen: standard output: cannot write: Broken pipe" ]
	only code small
}

test_closed_standard_streams_do_not_become_targets() {
	cp small before
	btfgen -o wanted small
	"$BTFGEN" -o out small <&- >&- 2>&-
	cmp out wanted
	cmp small before
	"$BTFGEN" small <&- >&- 2>&-
	has_btf small
}

test_j_does_not_change_the_bytes() {
	btfgen -o 0 small
	for n in 1 2 7; do
		btfgen "-j$n" -o "$n" small
		expect 0 "" ""
		cmp 0 "$n"
	done
	btfgen --jobs 3 -o 3 small
	expect 0 "" ""
	cmp 0 3
	btfgen -j0 -o 8 small
	cmp 0 8
}

test_test_hooks_do_not_change_the_bytes() {
	btfgen -o 0 small
	BTFGEN_TEST_SHUFFLE=1 btfgen -o 1 small
	expect 0 "" ""
	BTFGEN_TEST_COLLIDE=1 btfgen -o 2 small
	expect 0 "" ""
	BTFGEN_TEST_SHUFFLE=18446744073709551615 BTFGEN_TEST_COLLIDE=1 btfgen -o 3 -j3 small
	expect 0 "" ""
	cmp 0 1
	cmp 0 2
	cmp 0 3
}

test_percpu_is_the_default_the_last_one_wins_is() {
	btfgen -o default small
	btfgen --percpu -o with small
	expect 0 "" ""
	cmp default with
	btfgen --no-percpu -o without small
	expect 0 "" ""
	[ "$(stat -c %s without)" -lt "$(stat -c %s with)" ]
	btfgen --no_percpu -o without2 small
	cmp without without2
	btfgen --no-percpu --percpu -o with2 small
	cmp with with2
	btfgen --percpu --no-percpu -o without3 small
	cmp without without3
}

test_languages() {
	btfgen -o default small
	for value in rust none RUST,Go ada,asm,c++,d,fortran,go,pascal,rust,swift,zig; do
		btfgen --lang-exclude="$value" -o other small
		expect 0 "" ""
		cmp default other
	done
	rm other
	for value in c C,rust; do
		btfgen --lang-exclude "$value" -o none small
		expect 3 "" "btfgen: small: no types: 2 of 2 units are left out because of their language"
	done
	echo ".globl x; x: nop" > x.s
	"$CC" -g -c -o x.o x.s
	make_small both x.o
	btfgen --lang-exclude=asm --report -o other both
	[ "$status" = 0 ]
	[[ "$output" == *"; 1 of the units left out"* ]]
	cmp default other
	only both default other small x.o x.s
}

test_ends_the_options() {
	cp small ./--help
	btfgen -o out -- --help
	expect 0 "" ""
	btfgen -o out2 small
	cmp out out2
}

test_a_file_with_the_name_of_a_verb() {
	cp small vars
	btfgen encode vars
	expect 0 "" ""
	has_btf vars
	cp small vars
	btfgen ./vars
	expect 0 "" ""
	has_btf vars
}

test_v_talks_on_standard_error_q_undoes_it() {
	btfgen -v -o out small
	[ "$status" = 0 ]
	[ -z "$output" ]
	[[ "$stderr" == "written    small -> out, "* ]]
	[[ "$stderr" == *$'\nvariables  .data..percpu: 6 symbols, 3 encoded, 1 alias, '* ]]
	btfgen -v -q -o out small
	expect 0 "" ""
	btfgen -qv -o out small
	[[ "$stderr" == "written    small -> out, "* ]]
	btfgen --verbose --quiet -o out small
	expect 0 "" ""
}

test_v_tells_that_nothing_changed() {
	btfgen -v small
	[[ "$stderr" == "written    small (.BTF section), "* ]]
	btfgen -v small
	[[ "$stderr" == "unchanged  small (.BTF section), "* ]]
}

test_report_text_goes_to_standard_output() {
	for way in --report --report=text; do
		btfgen "$way" -o out small
		[ "$status" = 0 ]
		[ -z "$stderr" ]
		[[ "$output" == "written    small -> out, "* ]]
		for label in stage open symbols load settle select layout emit verify write all \
			input types kinds size variables; do
			[[ "$output" == *$'\n'"$label "* ]]
		done
	done
}

test_with_o_the_report_goes_to_standard_error() {
	btfgen -o file small
	"$BTFGEN" --report -o - small > redirected 2> report
	cmp file redirected
	[[ "$(head -n 1 report)" == "written    small -> -, "* ]]
}

test_a_report_that_cannot_be_written_is_an_error() {
	run bash -c "'$BTFGEN' --report=json -o out small >&-"
	expect 5 "" "btfgen: cannot write to standard output: Bad file descriptor"
}

test_a_reader_of_the_report_that_goes_away_is_none() {
	run bash -c "exec > >(exec true); sleep 0.3; '$BTFGEN' --report=json -o out small"
	expect 0 "" ""
	[ -s out ]
	run bash -c "exec > >(exec true); sleep 0.3; '$BTFGEN' -o - small"
	[ "$status" = 5 ]
}

test_input_errors_one_line_exit_code_3() {
	btfgen nowhere
	expect 3 "" "btfgen: nowhere: cannot open: No such file or directory"
	mkdir folder
	btfgen folder
	expect 3 "" "btfgen: folder: is a directory"
	: > empty
	btfgen empty
	expect 3 "" "btfgen: empty: file is empty"
	echo "not ELF" > text
	btfgen text
	expect 3 "" "btfgen: text: not an ELF file"
	btfgen -v -o out nowhere
	[ "$status" = 3 ]
	[ "${stderr_lines[-1]}" = "btfgen: nowhere: cannot open: No such file or directory" ]
	only empty folder small text
}

test_output_errors_one_line_exit_code_5_nothing_left() {
	btfgen -o nowhere/out small
	[ "$status" = 5 ]
	[ -z "$output" ]
	[ "${#stderr_lines[@]}" = 1 ]
	[[ "$stderr" == "btfgen: nowhere/out: "*": No such file or directory" ]]
	mkdir folder
	btfgen -o folder small
	[ "$status" = 5 ]
	[ "${#stderr_lines[@]}" = 1 ]
	only folder small
}

run_tests
