#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
# --features and the options that go with it: which are on after which command line. The report tells.

# shellcheck source-path=SCRIPTDIR source=common.bash
. "$(dirname -- "$0")/common.bash"

all="encode_force var float decl_tag type_tag enum64 optimized_func consistent_func decl_tag_kfuncs \
reproducible_build distilled_base global_var attributes true_signature layout"
default="encode_force var float decl_tag type_tag enum64 optimized_func consistent_func decl_tag_kfuncs"
distilled_error="a distilled base needs a base to be distilled from (--base)"

# features ARG...: the names that are on, and no message.
features() {
	btfgen "$@" --report=json nowhere
	[ "$status" = 3 ]
	printf '%s\n' "$output" > report
	now_on=$(sed -n '/^  "features": \[$/,/^  \],$/p' report | sed -n 's/^    "\(.*\)".*/\1/p' | tr '\n' ' ')
	now_on=${now_on% }
}

# expect_on NAME...: these are on after features(), in this order.
expect_on() {
	if [ "$now_on" != "$*" ]; then
		printf 'wanted: %s\ngot:    %s\n' "$*" "$now_on"
		return 1
	fi
}

# without LIST NAME: the list without the name.
without() {
	local name

	for name in $1; do
		[ "$name" = "$2" ] || printf '%s ' "$name"
	done
}

# with LIST NAME: all of the list and the name, in the order of all names.
with() {
	local name

	for name in $all; do
		[[ " $1 $2 " != *" $name "* ]] || printf '%s ' "$name"
	done
}

# is_on OPTION true|false: a member of the last report.
is_on() {
	grep -qx " *\"$1\": $2," report
}

unknown_feature() {
	expect_usage "option '--features' does not know the feature '$1', but ${all// /, }, default, none"
}

test_the_default() {
	features
	# shellcheck disable=SC2086
	expect_on $default
	is_on wanted true
	is_on asm false
	is_on percpu true
	for list in default +default "${default// /,}" "none -o x --features=default"; do
		# shellcheck disable=SC2086
		features --features=$list
		# shellcheck disable=SC2086
		expect_on $default
	done
}

test_each_name_alone_added_and_taken_away() {
	for name in $all; do
		if [ "$name" = distilled_base ]; then
			continue
		fi
		for spelling in "$name" "${name//_/-}"; do
			features "--features=$spelling"
			expect_on "$name"
			# shellcheck disable=SC2046
			{
				features "--features=+$spelling"
				expect_on $(with "$default" "$name")
				features "--features=-$spelling"
				expect_on $(without "$default" "$name")
				features --features "default,-$spelling"
				expect_on $(without "$default" "$name")
			}
		done
	done
}

test_distilled_base_needs_a_base() {
	for list in distilled_base +distilled-base default,distilled_base; do
		btfgen --features="$list" input
		expect_usage "$distilled_error"
	done
	btfgen --distilled input
	expect_usage "$distilled_error"
	features --distilled --no-distilled
	# shellcheck disable=SC2086
	expect_on $default
	features --features=-distilled_base
	# shellcheck disable=SC2086
	expect_on $default
	features --features=distilled_base,var,-distilled_base
	expect_on var
}

test_none_and_changes() {
	features --features=none
	expect_on
	is_on percpu false
	is_on wanted true
	features --features=var,float,-var
	expect_on float
	features --features=layout,-default,var
	expect_on var layout
	features --features=-var,layout
	# shellcheck disable=SC2046
	expect_on $(with "$(without "$default" var)" layout)
	features --features=float,+layout
	expect_on float layout
	features --features=+float,layout
	# shellcheck disable=SC2046
	expect_on $(with "$default" layout)
}

test_the_last_list_wins() {
	features --features=float --features=var
	expect_on var
	features --features=float --features=+layout
	# shellcheck disable=SC2046
	expect_on $(with "$default" layout)
}

test_percpu_is_the_feature_var_and_the_last_wins() {
	features --features=float --percpu
	expect_on var float
	is_on percpu true
	features --percpu --features=float
	expect_on float
	is_on percpu false
	features --features=default --no-percpu
	# shellcheck disable=SC2046
	expect_on $(without "$default" var)
	is_on percpu false
	features --no-percpu --features=var
	expect_on var
	features --no-percpu --features=global_var
	expect_on global_var
	is_on percpu true
}

test_functions() {
	features --no-functions
	is_on wanted false
	features --no-functions --functions
	is_on wanted true
	features --asm-functions
	is_on asm true
	features --asm_functions --no-asm_functions
	is_on asm false
	btfgen --functions=no input
	expect_usage "option '--functions' takes no value"
}

test_unknown_names_list_the_known_ones() {
	for list in foo +foo -foo var,foo var,-foo,float; do
		btfgen --features="$list" input
		unknown_feature foo
	done
	btfgen --features=var, input
	unknown_feature ""
	btfgen --features=,var input
	unknown_feature ""
	btfgen --features=+ input
	unknown_feature ""
	btfgen --features="var, float" input
	unknown_feature " float"
	btfgen --features=VAR input
	unknown_feature VAR
	btfgen --features=all input
	unknown_feature all
	btfgen --features=++var input
	unknown_feature +var
	btfgen --features=vars input
	unknown_feature vars
	btfgen --features=va input
	unknown_feature va
}

test_none_stands_alone() {
	for list in none,var var,none +none -none default,none; do
		btfgen --features="$list" input
		expect_usage "option '--features': 'none' stands alone"
	done
}

test_a_list_is_needed() {
	btfgen input --features
	expect_usage "option '--features' needs a value (LIST)"
	btfgen --features= input
	expect_usage "option '--features' takes a value that is not empty"
	btfgen --no-features input
	expect_usage "unknown option '--no-features'"
}

test_list_features_is_the_table() {
	btfgen --list-features --nonsense
	[ "$status" = 0 ]
	[ -z "$stderr" ]
	[ "${#lines[@]}" = 15 ]
	listed='' on=''
	for line in "${lines[@]}"; do
		[ "${#line}" -le 80 ]
		read -r name state meaning <<< "$line"
		[ -n "$meaning" ]
		listed+="$name "
		case $state in on) on+="$name " ;; off) ;; *) false ;; esac
	done
	[ "$listed" = "$all " ]
	[ "$on" = "$default " ]
	run bash -c "'$BTFGEN' --list-features >&-"
	expect 5 "" "btfgen: cannot write to standard output: Bad file descriptor"
}

run_tests
