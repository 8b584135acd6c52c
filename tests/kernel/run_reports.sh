#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#
# run_reports.sh OLD NEW [all]: is what `btfgen stat` and `btfgen diff` tell of two Debian kernels right?
# Both are encoded here and counted again (stat_check.py, diff_check.py); with `all` also the prices of
# NEW, and NEW with and without per-CPU variables. OLD and NEW are names of scripts/fetch-kernel.
#
#   BTFGEN          the program (default: btfgen in PATH)
#   BTFGEN_CACHE    where kernels and peers are kept
#   CI=true         a kernel or bpftool that cannot be had is an error, not a reason to skip
#
# Exit status: 0 it is right, 1 it is not, 2 usage, 3 no encoding, 77 skipped.

set -u -o pipefail
here=$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")
if [ $# -lt 2 ] || [ $# -gt 3 ] || [ "${3:-all}" != all ]; then
	echo 'usage: run_reports.sh OLD NEW [all]' >&2
	exit 2
fi
scripts=$here/../../scripts
btfgen=${BTFGEN:-btfgen}
tmp=$(mktemp -d) || exit 3
trap 'rm -rf "$tmp"' EXIT
failed=0

unavailable() {
	echo "skip: $*"
	[ "${CI:-}" = true ] && exit 1
	exit 77
}

old=$("$scripts/fetch-kernel" "$1") || unavailable "kernel $1 cannot be had"
new=$("$scripts/fetch-kernel" "$2") || unavailable "kernel $2 cannot be had"
bin=$("$scripts/fetch-peer") || bin=
bpftool=$bin/bpftool
[ -x "$bpftool" ] || bpftool=$(command -v bpftool) || unavailable 'no bpftool'

# judge NAME COMMAND...
judge() {
	echo "--- $1"
	shift
	python3 -B "$@" || failed=1
}

encode() {
	"$btfgen" -q "$@" || { echo 'ERROR no encoding'; exit 3; }
}

encode -o "$tmp/old.btf" "$old"
encode -o "$tmp/new.btf" "$new"
pairs=("$tmp/old.btf" "$tmp/new.btf") price=()
if [ "${3:-}" = all ]; then
	encode --no-percpu -o "$tmp/without.btf" "$new"
	judge "stat of $1" "$here/stat_check.py" --bpftool "$bpftool" "$btfgen" "$tmp/old.btf"
	judge "stat of $2, without per-CPU variables" \
		"$here/stat_check.py" --bpftool "$bpftool" "$btfgen" "$tmp/without.btf"
	price=(--price "$new")
	pairs+=("$tmp/without.btf" "$tmp/new.btf" "$tmp/new.btf" "$tmp/new.btf")
fi
judge "stat of $2" "$here/stat_check.py" --bpftool "$bpftool" "${price[@]}" "$btfgen" "$tmp/new.btf"
judge "diff of $1 and $2" "$here/diff_check.py" --bpftool "$bpftool" "$btfgen" "${pairs[@]}"
exit "$failed"
