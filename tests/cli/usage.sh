#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
# Wrong command lines: one line, exit code 2, nothing done.

# shellcheck source-path=SCRIPTDIR source=common.bash
. "$(dirname -- "$0")/common.bash"

setup() {
	echo "no ELF file" > input
}

test_no_argument() {
	btfgen
	expect_usage "no input file"
}

test_only_options() {
	btfgen -v --percpu
	expect_usage "no input file"
}

test_two_input_files() {
	btfgen input other
	expect_usage "one input file at a time without --base, 'other' is the second"
}

test_an_empty_input_name() {
	btfgen ""
	expect_usage "the name of the input file is empty"
}

test_standard_input_as_input() {
	btfgen -
	expect_usage "the input cannot be standard input"
}

test_unknown_long_option() {
	btfgen --nonsense input
	expect_usage "unknown option '--nonsense'"
}

test_unknown_long_option_with_a_value_shows_the_name_only() {
	btfgen --nonsense=1 input
	expect_usage "unknown option '--nonsense'"
}

test_unknown_letter_also_behind_a_known_one() {
	btfgen -Z input
	expect_usage "unknown option '-Z'"
	btfgen -vZ input
	expect_usage "unknown option '-Z'"
}

test_long_names_are_not_abbreviated() {
	btfgen --perc input
	expect_usage "unknown option '--perc'"
	btfgen --percpus input
	expect_usage "unknown option '--percpus'"
}

test_missing_values() {
	btfgen input -o
	expect_usage "option '-o' needs a value (FILE)"
	btfgen input --output
	expect_usage "option '--output' needs a value (FILE)"
	btfgen input -j
	expect_usage "option '-j' needs a value (N)"
	btfgen input --jobs
	expect_usage "option '--jobs' needs a value (N)"
}

test_empty_output_name() {
	btfgen --output= input
	expect_usage "option '--output' takes a value that is not empty"
	btfgen -o "" input
	expect_usage "option '-o' takes a value that is not empty"
}

test_numbers_of_threads_that_are_none() {
	for value in abc -1 +1 1x "" " 1" 0x2 4097 99999999999999999999; do
		btfgen -j "$value" input
		expect_usage "option '-j' takes a number from 0 to 4096, not '$value'"
		btfgen --jobs="$value" input
		expect_usage "option '--jobs' takes a number from 0 to 4096, not '$value'"
	done
}

test_unknown_report() {
	btfgen --report=xml input
	expect_usage "option '--report' takes text|json, not 'xml'"
	btfgen --report= input
	expect_usage "option '--report' takes text|json, not ''"
}

test_the_value_of_report_needs() {
	btfgen --report json input
	expect_usage "one input file at a time without --base, 'input' is the second"
}

test_unknown_languages() {
	for value in cobol "rust," ,rust "rust, c" c++20 rust,none; do
		wrong=cobol
		case $value in rust, | ,rust) wrong='' ;; "rust, c") wrong=' c' ;; c++20) wrong=c++20 ;; rust,none) wrong=none ;; esac
		btfgen --lang-exclude="$value" input
		expect_usage "option '--lang-exclude' does not know the language '$wrong'"
	done
	btfgen --lang_exclude input
	expect_usage "no input file"
}

test_values_where_none_belongs() {
	btfgen --percpu=1 input
	expect_usage "option '--percpu' takes no value"
	btfgen --no-percpu=1 input
	expect_usage "option '--no-percpu' takes no value"
	btfgen --help=1
	expect_usage "option '--help' takes no value"
}

test_no_only_where_it_makes_sense() {
	btfgen --no-jobs input
	expect_usage "unknown option '--no-jobs'"
	btfgen --no-help input
	expect_usage "unknown option '--no-help'"
	btfgen --no- input
	expect_usage "unknown option '--no-'"
}

test_output_into_the_input_also_under_another_name() {
	ln input hard
	ln -s input soft
	for name in input ./input hard soft; do
		btfgen -o "$name" input
		expect_usage "'$name' is the input file: leave out -o to write into it"
	done
	[ "$(cat input)" = "no ELF file" ]
	only hard input soft
}

test_a_control_byte_in_a_name_stays_on_the_line() {
	btfgen $'--a\nb' input
	expect_usage "unknown option '--a?b'"
}

test_test_hooks_with_nonsense() {
	BTFGEN_TEST_SHUFFLE=x btfgen input
	expect_usage "BTFGEN_TEST_SHUFFLE is a number, not 'x'"
}

test_wrong_lines_of_other_verbs_name_the_verb() {
	btfgen vars
	expect_usage "no input file" vars
	btfgen vars a b
	expect_usage "one input file at a time, 'b' is the second" vars
	btfgen vars --jobs=1 a
	expect_usage "unknown option '--jobs'" vars
	btfgen explain
	expect_usage "no input file" explain
	btfgen explain input
	expect_usage "no name of a function or variable" explain
	btfgen explain input ''
	expect_usage "a name is empty" explain
	btfgen explain '' x
	expect_usage "the name of the input file is empty" explain
	btfgen explain - x
	expect_usage "the input cannot be standard input" explain
	btfgen explain -o out input x
	expect_usage "unknown option '-o'" explain
	btfgen explain --features=x input x
	[ "$status" = 2 ]
	[[ "$stderr" == "btfgen: option '--features' does not know the feature 'x', but "* ]]
	btfgen help nonsense
	expect_usage "unknown verb 'nonsense'" help
	btfgen help vars encode
	expect_usage "one verb at a time" help
	btfgen encode
	expect_usage "no input file"
}

test_nothing_is_left_behind() {
	btfgen -o out input --nonsense
	expect_usage "unknown option '--nonsense'"
	only input
}

test_o_to_a_terminal() {
	run python3 -c 'import os, pty, sys
sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))' "$BTFGEN" -o - input
	[ "$status" = 2 ]
	[ "${output%$'\r'}" = "btfgen: BTF is binary, not for a terminal: redirect '-o -'; try 'btfgen encode --help'" ]
}

run_tests
