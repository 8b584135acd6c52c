#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
# --help, --version, help: on standard output, exit code 0.

# shellcheck source-path=SCRIPTDIR source=common.bash
. "$(dirname -- "$0")/common.bash"

# Ends a test if the last run printed anything on standard error or failed.
good() {
	[ "$status" = 0 ]
	[ -z "$stderr" ]
}

# The names of the verbs, from the overview.
verbs() {
	"$BTFGEN" --help | sed -n '/^verbs:/,/^$/ s/^  \([a-z]*\) .*/\1/p'
}

test_overview_lists_verbs_and_exit_codes() {
	btfgen --help
	good
	[ "${lines[0]}" = "usage: btfgen [encode] [OPTION]... FILE..." ]
	[ "${#lines[@]}" -le 24 ]
	for verb in encode explain dump stat vars check ksyms completion help; do
		[[ "$output" == *$'\n'"  $verb "* ]]
		[[ " $(verbs | tr '\n' ' ')" == *" $verb "* ]]
	done
	[[ "$output" == *"exit codes: 0 done, 1 negative answer, 2 usage, 3 input not usable,"* ]]
}

test_help_lists_every_option() {
	btfgen encode --help
	good
	[ "${lines[0]}" = "usage: btfgen [encode] [OPTION]... FILE..." ]
	for option in '--features=LIST' '--[no-]percpu' '--vars=LIST' '--[no-]functions' '--[no-]asm-functions' \
		'--base=FILE' '--[no-]distilled' \
		'--[no-]strict-forwards' '--output-dir=DIR' '--files-from=LIST' '-0, --[no-]null' '--keep-going' \
		'--fail-fast' '--[no-]if-needed' \
		'--lang-exclude=LANG,...' '-o, --output=FILE' '-j, --jobs=N' '--report[=text|json]' \
		'-v, --verbose' '-q, --quiet' '--list-features' '-h, --help' '-V, --version'; do
		[[ "$output" == *"  $option"* ]]
	done
}

# 24 lines of 80 columns. What encodes has more options than that has lines: all in one place are
# worth more than a screen.
test_help_fits_a_screen() {
	local verb limit

	for verb in $(verbs); do
		btfgen "$verb" --help
		good
		limit=24
		[ "$verb" != encode ] || limit=32
		[ "${#lines[@]}" -le "$limit" ]
		for line in "${lines[@]}"; do
			[ "${#line}" -le 80 ]
		done
	done
	btfgen --help
	for line in "${lines[@]}"; do
		[ "${#line}" -le 80 ]
	done
}

test_all_ways_to_the_same_help() {
	btfgen --help
	wanted=$output
	for way in "-h" "help"; do
		# shellcheck disable=SC2086
		btfgen $way
		good
		[ "$output" = "$wanted" ]
	done
	btfgen encode --help
	wanted=$output
	for way in "encode -h" "help encode" "--help encode" "--help --nonsense" "-vh x y" "-v -h"; do
		# shellcheck disable=SC2086
		btfgen $way
		good
		[ "$output" = "$wanted" ]
	done
	btfgen vars --help
	wanted=$output
	[ "${lines[0]}" = "usage: btfgen vars [OPTION]... FILE" ]
	for way in "help vars" "--help vars" "-h vars" "vars -h" "--help vars --nonsense"; do
		# shellcheck disable=SC2086
		btfgen $way
		good
		[ "$output" = "$wanted" ]
	done
	btfgen explain --help
	wanted=$output
	[ "${lines[0]}" = "usage: btfgen explain [OPTION]... FILE NAME..." ]
	for way in "help explain" "--help explain" "explain -h x y z"; do
		# shellcheck disable=SC2086
		btfgen $way
		good
		[ "$output" = "$wanted" ]
	done
	btfgen help help
	wanted=$output
	btfgen --help help
	good
	[ "$output" = "$wanted" ]
}

test_version() {
	for way in "--version" "-V" "vars --version" "encode -V" "help --version"; do
		# shellcheck disable=SC2086
		btfgen $way
		expect 0 "btfgen 0.1.0" ""
	done
}

test_help_that_cannot_be_written_is_an_error() {
	run bash -c "'$BTFGEN' --version >&-"
	expect 5 "" "btfgen: cannot write to standard output: Bad file descriptor"
}

run_tests
