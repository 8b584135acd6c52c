#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#
# header_compiles.sh [-b BASELINE] TOOLS BTF TARGET BPFTOOL...
#
# Each BPFTOOL dumps BTF as C; the header must compile for BPF (clang) and as plain C (gcc). That of
# the first must also compile for TARGET (a clang triple such as s390x-linux-gnu) with every struct
# having the size and every plain member the offset that BTF says; older ones, 7.1 for one, forget
# padding that needs no alignment. What the first gets wrong for BASELINE too, another encoder's
# file of the same input, is its own weakness and only counted. TOOLS is the folder of btf_defs.
# Exit status: 0 all compiles, 1 something does not, 2 usage, 77 no compiler.

set -u -o pipefail
here=$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")
baseline=
if [ $# -ge 2 ] && [ "$1" = -b ]; then
	baseline=$2
	shift 2
fi
if [ $# -lt 4 ]; then
	echo 'usage: header_compiles.sh [-b BASELINE] TOOLS BTF TARGET BPFTOOL...' >&2
	exit 2
fi
tools=$1 btf=$2 target=$3
shift 3
if ! command -v clang >/dev/null || ! command -v gcc >/dev/null; then
	echo 'skip: no clang or no gcc'
	exit 77
fi
tmp=$(mktemp -d) || exit 3
trap 'rm -rf "$tmp"' EXIT
bad=0

# compile NAME COMMAND...: the first lines of what the compiler says are shown.
compile() {
	local name=$1
	shift
	if "$@" >"$tmp/log" 2>&1; then
		return 0
	fi
	echo "ERROR $name: $(grep -c 'error:' "$tmp/log") errors, the first:"
	grep 'error:' "$tmp/log" | sed "s|$tmp/||" | head -n "${SHOW:-8}" | sed 's/^/    /'
	bad=1
}

# wrong_layout BPFTOOL BTF: the assertions that fail, by their text, and every other error.
wrong_layout() {
	"$tools/btf_defs" "$2" >"$tmp/defs" || return 3
	"$1" btf dump file "$2" format c >"$tmp/vmlinux.h" 2>/dev/null || return 3
	python3 -B "$here/layout_asserts.py" vmlinux.h "$tmp/defs" >"$tmp/asserts.c" || return 3
	clang -target "$target" -w -ferror-limit=0 -fsyntax-only "$tmp/asserts.c" 2>&1 |
		sed -n -e 's/.*static_assert failed.* "\(\(size\|offset\) of .*\)"$/\1/p; t' \
			-e '/error:/s/^[^ ]* //p' | sort -u
	return 0
}

first=$1
for bpftool; do
	version=$("$bpftool" version | sed -n '1s/^bpftool //p')
	if ! "$bpftool" btf dump file "$btf" format c >"$tmp/vmlinux.h" 2>"$tmp/log"; then
		echo "ERROR bpftool $version cannot dump it as C: $(head -n 3 "$tmp/log")"
		bad=1
		continue
	fi
	printf '#include "vmlinux.h"\n' >"$tmp/include.c"
	compile "bpftool $version, clang for BPF" \
		clang -target bpf -ferror-limit=0 -fsyntax-only "$tmp/include.c"
	compile "bpftool $version, gcc" gcc -std=gnu11 -fsyntax-only "$tmp/include.c"
	echo "bpftool $version: $(wc -l <"$tmp/vmlinux.h") lines of C"
done
: >"$tmp/excused"
[ -z "$baseline" ] || wrong_layout "$first" "$baseline" >"$tmp/excused" || exit 3
wrong_layout "$first" "$btf" >"$tmp/wrong" || exit 3
comm -23 "$tmp/wrong" "$tmp/excused" >"$tmp/own"
if [ -s "$tmp/own" ]; then
	echo "ERROR layout on $target: $(wc -l <"$tmp/own") sizes and offsets, the first:"
	head -n "${SHOW:-8}" "$tmp/own" | sed 's/^/    /'
	bad=1
fi
echo "$(grep -c _Static_assert "$tmp/asserts.c") sizes and offsets asserted for $target," \
	"$(wc -l <"$tmp/own") wrong, $(comm -12 "$tmp/wrong" "$tmp/excused" | wc -l) more wrong as" \
	'in the baseline'
exit "$bad"
