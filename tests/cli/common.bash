# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
# shellcheck shell=bash
#
# For the scripts of this folder. From CTest: BTFGEN, the program; CC, a C compiler; SOURCE_DIR, the
# top of the source tree.
#
# A test is a function test_...; it fails at the first command that fails. Each runs in a shell and a
# folder of its own, after setup() if the script has one. The script ends with run_tests.
# `NAME.sh test_x` runs one test.

: "${BTFGEN:?}" "${CC:?}" "${SOURCE_DIR:?}"
unset BTFGEN_TEST_SHUFFLE BTFGEN_TEST_COLLIDE
export LC_ALL=C
only_test=${1:-}

# Runs a command and keeps $status, $output, $stderr and the arrays lines and stderr_lines.
# shellcheck disable=SC2034
run() {
	status=0
	"$@" > "$results/stdout" 2> "$results/stderr" || status=$?
	output=$(cat "$results/stdout")
	stderr=$(cat "$results/stderr")
	mapfile -t lines < "$results/stdout"
	mapfile -t stderr_lines < "$results/stderr"
	# Shown when the test fails.
	printf '+ %s\nexit %s\n' "$*" "$status"
	cat "$results/stdout" "$results/stderr"
}

btfgen() {
	run "$BTFGEN" "$@"
}

# expect CODE STDOUT STDERR: the outcome of the last run, exactly.
expect() {
	if [ "$status" != "$1" ] || [ "$output" != "$2" ] || [ "$stderr" != "$3" ]; then
		printf 'wanted: exit %s\n--- stdout\n%s\n--- stderr\n%s\n' "$@"
		printf 'got: exit %s\n--- stdout\n%s\n--- stderr\n%s\n' "$status" "$output" "$stderr"
		return 1
	fi
}

# expect_usage MESSAGE [VERB]: a usage error in one line.
expect_usage() {
	expect 2 "" "btfgen: $1; try 'btfgen ${2:-encode} --help'"
}

# make_small FILE [OBJECT]...: an executable with DWARF and per-CPU variables.
make_small() {
	"$CC" -g -O1 -std=gnu11 -ffreestanding -fno-pic -fno-pie -fno-common -fno-stack-protector \
		-nostdlib -static -Wl,--build-id=none -T "$SOURCE_DIR/tests/cli/small.lds" \
		-o "$1" "$SOURCE_DIR/tests/cli/small.c" "$SOURCE_DIR/tests/cli/other.c" "${@:2}"
}

# only FILE...: the folder holds these files and nothing else.
only() {
	local have want

	have=$(ls -A)
	want=$(printf '%s\n' "$@" | sort)
	if [ "$have" != "$want" ]; then
		printf 'wanted these files:\n%s\ngot:\n%s\n' "$want" "$have"
		return 1
	fi
}

run_one() {
	results=$(mktemp -d)
	# shellcheck disable=SC2064
	trap "rm -rf '$results'" EXIT
	mkdir "$results/work"
	cd "$results/work"
	if declare -F setup > /dev/null; then
		setup
	fi
	"$1"
}

run_tests() {
	local num=0 num_failed=0 log name status

	log=$(mktemp)
	for name in $(compgen -A function test_); do
		if [ -n "$only_test" ] && [ "$name" != "$only_test" ]; then
			continue
		fi
		num=$((num + 1))
		# Not in a condition, where the shell would pass over failing commands.
		(set -e; run_one "$name") > "$log" 2>&1
		status=$?
		if [ "$status" = 0 ]; then
			echo "ok $name"
		else
			echo "FAILED $name"
			sed 's/^/    /' "$log"
			num_failed=$((num_failed + 1))
		fi
	done
	rm -f "$log"
	echo "$num tests, $num_failed failed"
	[ "$num" -gt 0 ] && [ "$num_failed" = 0 ]
}
