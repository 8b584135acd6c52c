#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#
# random_btf.sh RANDOM_BTF TOOLS FIRST_SEED NUMBER
#
# Let RANDOM_BTF write files, and let libbpf and the running kernel judge them: deduplication must
# change nothing, the kernel must take each file without a table of record layouts. A file that
# fails is kept in the current folder. Where there is no such judge, only our own check is left,
# which RANDOM_BTF makes.
# Exit status: 0 all judges agree, 1 one does not, 2 usage, 3 no files.

set -u -o pipefail
[ $# -eq 4 ] || { echo 'usage: random_btf.sh RANDOM_BTF TOOLS FIRST_SEED NUMBER' >&2; exit 2; }
random_btf=$1 tools=$2 first=$3 number=$4
peer=${BTFGEN_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/btfgen}/peer/bin/run
run=()
[ ! -x "$peer" ] || run=("$peer")
tmp=$(mktemp -d) || exit 3
trap 'rm -rf "$tmp"' EXIT
bad=0 deduped=0 loaded=0

# judge FILE COMMAND...: 0 agrees, 77 has no say.
judge() {
	local file=$1 status
	shift
	"$@" "$file" >"$tmp/log" 2>&1
	status=$?
	[ $status != 0 ] && [ $status != 77 ] || return $status
	cp "$file" .
	echo "ERROR ${file##*/}: ${1##*/}: $(head -n 20 "$tmp/log")"
	bad=1
}

"$random_btf" "$tmp" "$first" "$number" || exit 1
for file in "$tmp"/*.btf; do
	[ -e "$file" ] || { echo 'ERROR no file'; exit 3; }
	judge "$file" "${run[@]}" "$tools/libbpf_fixpoint" -s && deduped=$((deduped + 1))
	[ "$file" = "${file%.layout.btf}" ] || continue
	judge "$file" "$tools/btf_load" && loaded=$((loaded + 1))
done
echo "$number files: libbpf's deduplication changes nothing in $deduped, the kernel takes $loaded"
exit $bad
