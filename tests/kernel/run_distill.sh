#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#
# run_distill.sh [-a] KERNEL: encode modules of a Debian kernel over distilled bases, and let the
# newest libbpf relocate them onto the same base, onto a changed one, and onto one that they do not
# fit (distill_check.c). Over two bases: ours, and that of the newest pahole, which holds
# declarations that ours has resolved. The running kernel is asked what it thinks of them.
#
# Every 20th module by name, with -a all of them. KERNEL and the environment are as in
# run_kernel.sh.
#
# Exit status: 0 all is well, 1 something is not, 2 usage, 3 no encoding, 77 skipped.

set -u -o pipefail
here=$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")
usage='usage: run_distill.sh [-a] KERNEL'
step=20
while getopts a opt; do
	case $opt in
	a) step=1 ;;
	*) echo "$usage" >&2; exit 2 ;;
	esac
done
shift $((OPTIND - 1))
[ $# -eq 1 ] || { echo "$usage" >&2; exit 2; }
kernel=$1
scripts=$here/../../scripts
btfgen=${BTFGEN:-btfgen}
tools=${TOOLS:-.}
cache=${BTFGEN_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/btfgen}
tmp=$(mktemp -d) || exit 3
trap 'rm -rf "$tmp"' EXIT

unavailable() {
	echo "skip: $*"
	[ "${CI:-}" = true ] && exit 1
	exit 77
}

glob=$("$here/run_modules.sh" -g "$kernel") || exit 3
elf=$("$scripts/fetch-kernel" "--modules=$glob" "$kernel") ||
	unavailable "modules of kernel $kernel cannot be had"
if ! bin=$("$scripts/fetch-peer") || [ ! -x "$bin/pahole" ]; then
	unavailable 'the newest libbpf cannot be had'
fi
find "$(dirname -- "$elf")/modules" -name '*.ko' | LC_ALL=C sort | awk "NR % $step == 0" \
	>"$tmp/modules"
[ -s "$tmp/modules" ] || unavailable "$kernel has no modules"
echo "=== $kernel: $(wc -l <"$tmp/modules") modules"

# over NAME BASE: both kinds of output over a raw base, and the judge.
over() {
	local name=$1 base=$2

	echo "--- over $name"
	mkdir -- "$tmp/$name" "$tmp/$name/plain" "$tmp/$name/distilled"
	if ! "$btfgen" -q -j2 --base "$base" --output-dir "$tmp/$name/plain" \
		--files-from "$tmp/modules" ||
		! "$btfgen" -q -j2 --base "$base" --distilled --output-dir "$tmp/$name/distilled" \
			--files-from "$tmp/modules"; then
		echo "ERROR btfgen over $name"
		exit 3
	fi
	"$bin/run" "$tools/distill_check" "$base" "$tmp/$name/plain" "$tmp/$name/distilled"/*.btf
}

# The running kernel takes distilled bases, and what stands on them; 77: it cannot judge.
loads() {
	local file status refused=0

	for file in "$1"/*.btf; do
		"$tools/btf_load" "$file.base" && "$tools/btf_load" -b "$file.base" "$file"
		status=$?
		[ "$status" != 77 ] || { echo 'no verdict: the running kernel'; break; }
		[ "$status" = 0 ] || { echo "ERROR the running kernel refuses $file"; refused=1; }
	done
	return "$refused"
}

# Two structs of a distilled base change their names: the judge must see it.
damage() {
	python3 - "$1" <<'END'
import struct
import sys

with open(sys.argv[1], "r+b") as file:
    data = bytearray(file.read())
    types_size, = struct.unpack_from("<I", data, 12)
    at, structs = 24, []
    while at < 24 + types_size:
        kind = data[at + 7] & 0x7f
        if kind == 4:
            structs.append(at)
        at += 16 if kind == 1 else 12
    first, second = structs[0], structs[-1]
    data[first:first + 4], data[second:second + 4] = data[second:second + 4], data[first:first + 4]
    file.seek(0)
    file.write(data)
END
}

bad=0
"$btfgen" -q -j2 -o "$tmp/ours.btf" "$elf" || { echo 'ERROR no base'; exit 3; }
over ours "$tmp/ours.btf" || bad=1
loads "$tmp/ours/distilled" || bad=1

path=$(find "$tmp/ours/distilled" -name '*.btf' | LC_ALL=C sort | head -n 1)
if ! damage "$path.base"; then
	echo 'ERROR nothing to damage'
	bad=1
fi
"$bin/run" "$tools/distill_check" "$tmp/ours.btf" "$tmp/ours/plain" "$path" >"$tmp/damaged" 2>&1
status=$?
if [ "$status" != 1 ]; then
	echo "ERROR the judge of a damaged base says $status"
	bad=1
fi

# As run_kernel.sh makes it.
peer_version=$("$bin/pahole" --version)
peer=$cache/peer-out/$(basename -- "$(dirname -- "$elf")")/pahole-$peer_version-norust.btf
if [ ! -e "$peer" ]; then
	if ! mkdir -p -- "${peer%/*}" ||
		! "$bin/pahole" -j2 --btf_features=default --lang_exclude=rust \
			--btf_encode_detached="$tmp/peer.btf" "$elf" >&2 ||
		! cp -- "$tmp/peer.btf" "$peer"; then
		echo "ERROR pahole $peer_version"
		exit 3
	fi
fi
over pahole "$peer" || bad=1
[ "$bad" = 0 ]
