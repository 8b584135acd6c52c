#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#
# run_modules.sh [-a] KERNEL: encode the modules of a Debian kernel in one command, over a vmlinux
# with our BTF, and let everything judge the result that was not written here: libbpf, bpftool, the
# newest pahole over the same base, the modules' DWARF read by libdw, the running kernel.
# run_modules.sh -g KERNEL: print which modules are taken (for fetch-kernel --modules).
#
# The peer, bpftool's C and the functions' second implementation see every 20th module by name, with
# -a all of them. KERNEL and the environment are as in run_kernel.sh.
#
# Exit status: 0 all judges agree, 1 one does not, 2 usage, 3 no encoding, 77 skipped.

set -u -o pipefail
here=$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")
usage='usage: run_modules.sh [-a | -g] KERNEL'
step=20 all='' print_glob=''
while getopts ag opt; do
	case $opt in
	a) step=1 all=1 ;;
	g) print_glob=1 ;;
	*) echo "$usage" >&2; exit 2 ;;
	esac
done
shift $((OPTIND - 1))
[ $# -eq 1 ] || { echo "$usage" >&2; exit 2; }
kernel=$1
# A kernel for all machines has modules for all of them, four times as many: the network is enough.
case $kernel in
*cloud*) glob='*' ;;
*) glob='*/kernel/net/*' ;;
esac
[ -z "${GLOB:-}" ] || glob=$GLOB
if [ -n "$print_glob" ]; then
	printf '%s\n' "$glob"
	exit 0
fi
scripts=$here/../../scripts
btfgen=${BTFGEN:-btfgen}
tools=${TOOLS:-.}
cache=${BTFGEN_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/btfgen}
results=${RESULTS:-}
tmp=$(mktemp -d) || exit 3
trap 'rm -rf "$tmp"' EXIT
failed=() judges=0

unavailable() {
	echo "skip: $*"
	[ "${CI:-}" = true ] && exit 1
	exit 77
}

loader='the running kernel accepts base and split as one'

# judge NAME COMMAND...: 0 agrees, 77 cannot say, everything else is a failure.
judge() {
	local name=$1 status start=$SECONDS
	shift
	judges=$((judges + 1))
	echo "--- $name"
	"$@"
	status=$?
	case $status in
	0) echo "ok $name ($((SECONDS - start)) s)" ;;
	77)
		echo "no verdict: $name"
		if [ "${CI:-}" = true ] && [ "$name" != "$loader" ]; then
			failed+=("$name")
		fi
		;;
	*)
		echo "FAILED $name: status $status"
		failed+=("$name")
		;;
	esac
}

# on_two COMMAND...: the command with half of the names on standard input, each on its own line, and
# at the same time with the other half.
on_two() {
	local names first status

	mapfile -t names
	first=$(((${#names[@]} + 1) / 2))
	"$@" "${names[@]:0:first}" >"$tmp/half" 2>&1 &
	if [ "${#names[@]}" -gt "$first" ]; then
		"$@" "${names[@]:first}"
		status=$?
	else
		status=0
	fi
	wait $! || status=$?
	cat -- "$tmp/half"
	return "$status"
}

elf=$("$scripts/fetch-kernel" "--modules=$glob" "$kernel") ||
	unavailable "modules of kernel $kernel cannot be had"
if ! bin=$("$scripts/fetch-peer") || [ ! -x "$bin/pahole" ]; then
	unavailable 'the newest pahole cannot be had'
fi
pahole=$bin/pahole bpftool=$bin/bpftool run=$bin/run
peer_version=$("$pahole" --version)
name=$(basename -- "$(dirname -- "$elf")")
folder=$(dirname -- "$elf")/modules
while IFS= read -r path; do
	# As fetch-kernel, which knows the release in front.
	# shellcheck disable=SC2053
	[[ release${path#"$folder"} == $glob.ko* ]] && printf '%s\n' "$path"
done < <(find "$folder" -name '*.ko' | LC_ALL=C sort) >"$tmp/all"
num=$(wc -l <"$tmp/all")
[ "$num" -ge "$step" ] || unavailable "$kernel has $num modules"
awk "NR % $step == 0" "$tmp/all" >"$tmp/sample"
outputs() {
	sed -e "s|.*/|$2/|" -e 's|\.ko$|.btf|' "$1"
}

echo "=== $kernel: $num modules of $name, $(wc -l <"$tmp/sample") of them as a sample"
base=$tmp/base.btf ours=$tmp/ours
if ! cp -- "$elf" "$tmp/vmlinux" || ! chmod u+w -- "$tmp/vmlinux" ||
	! "$btfgen" -j2 -o "$base" "$elf" || ! "$btfgen" -j2 "$tmp/vmlinux"; then
	echo 'ERROR no base'
	exit 3
fi
mkdir -- "$ours"
start=$EPOCHREALTIME
"$btfgen" -q --base "$tmp/vmlinux" --output-dir "$ours" -j2 --files-from "$tmp/all" ||
	{ echo "ERROR btfgen: status $?"; exit 3; }
echo "encoded in $((${EPOCHREALTIME/./} / 1000 - ${start/./} / 1000)) ms with -j2"
outputs "$tmp/all" "$ours" >"$tmp/all-ours"
outputs "$tmp/sample" "$ours" >"$tmp/sample-ours"

# The peer's, over the same bytes of the base, with the options of a kernel build.
peer_options=(--btf_features=default --lang_exclude=rust)
peers=$cache/peer-out/$name/modules-pahole-$peer_version-$(sha256sum <"$base" | cut -c 1-16)
peer_encode() {
	local path out part
	for path in "$@"; do
		out=$(outputs - "$peers" <<<"$path")
		[ -e "$out" ] && continue
		part=$(mktemp -- "$out.XXXXXX") || return
		"$pahole" -J "${peer_options[@]}" --btf_base "$base" --btf_encode_detached="$part" \
			"$path" && mv -- "$part" "$out" || return
	done
}
find "$cache/peer-out/$name" -maxdepth 1 -name 'modules-*' ! -path "$peers" -exec rm -rf {} + \
	2>/dev/null
if ! mkdir -p -- "$peers" || ! on_two peer_encode <"$tmp/sample"; then
	echo "ERROR pahole $peer_version cannot encode the sample"
	exit 3
fi

whole() {
	local found

	outputs "$tmp/all" "$ours" | LC_ALL=C sort >"$tmp/wanted"
	find "$ours" -type f ! -name '.*' | LC_ALL=C sort >"$tmp/found"
	found=$(wc -l <"$tmp/found")
	echo "$found outputs, $(xargs -d '\n' cat <"$tmp/found" | wc -c) bytes"
	diff "$tmp/wanted" "$tmp/found"
}

compare_with_peer() {
	"$tools/split_check" ${all:+-v} -p "$peers" "$base" "$@" >"$tmp/split_check"
	local status=$?
	grep -v -e ': forward: ' "$tmp/split_check" | cut -c 1-600
	return "$status"
}

# changes_nothing COMMAND...: libbpf_fixpoint on all; what it says of each file stays there.
changes_nothing() {
	local status

	on_two "$@" -s -b "$base" <"$tmp/all-ours" >"$tmp/fixpoint"
	status=$?
	grep -v ', unchanged$' "$tmp/fixpoint" | cut -c 1-300
	return "$status"
}

# dump FORMAT FILE...: bpftool takes it, all types are there.
dump() {
	local format=$1 file bad=0 shown
	local -A types
	shift
	while read -r _ _ _ file shown _; do
		types[${file%:}]=$shown
	done < <(grep ' dedup: .* types, ' "$tmp/fixpoint")
	for file in "$@"; do
		if ! "$bpftool" -B "$base" btf dump file "$file" format "$format" \
			>"$file.$format" 2>"$file.err" || [ -s "$file.err" ]; then
			echo "ERROR bpftool, $format: $file: $(head -n 1 "$file.err")"
			bad=1
		elif [ "$format" = raw ]; then
			shown=$(grep -c '^\[' "$file.raw")
			if [ "$shown" != "${types[$file]:-no}" ]; then
				echo "ERROR bpftool shows $shown of ${types[$file]:-no} types of $file"
				bad=1
			fi
		elif [ "$(tail -n 1 "$file.c")" != '#endif /* __VMLINUX_H__ */' ]; then
			echo "ERROR bpftool, c: $file: no end"
			bad=1
		fi
		rm -f -- "$file.$format" "$file.err"
	done
	return "$bad"
}

# again WHAT LIST [ENVIRONMENT...] -- ARGUMENT...: one more run must give the same files.
again() {
	local what=$1 list=$2 settings=() file bad=0
	shift 2
	while [ "$1" != -- ]; do
		settings+=("$1")
		shift
	done
	shift
	rm -rf -- "$tmp/again" && mkdir -- "$tmp/again"
	if ! env "${settings[@]}" "$btfgen" -q --output-dir "$tmp/again" "$@" --files-from "$list"; then
		echo "ERROR $what: fails"
		return 1
	fi
	while IFS= read -r file; do
		cmp -- "$ours/${file##*/}" "$file" || bad=1
	done < <(outputs "$list" "$tmp/again")
	[ "$bad" = 0 ] || echo "ERROR $what: other bytes"
	rm -rf -- "$tmp/again"
	return "$bad"
}

deterministic() {
	local bad=0 path copy objcopy

	objcopy=$(command -v llvm-objcopy llvm-objcopy-14 objcopy | head -n 1)
	again '-j1, over the raw base' "$tmp/all" -- -j1 --base "$base" || bad=1
	tac "$tmp/sample" >"$tmp/backwards"
	again 'backwards, -j7, shuffled' "$tmp/backwards" BTFGEN_TEST_SHUFFLE=1 -- -j7 --base "$base" ||
		bad=1
	again 'colliding' "$tmp/sample" BTFGEN_TEST_SHUFFLE=2 BTFGEN_TEST_COLLIDE=1 -- -j2 \
		--base "$base" || bad=1
	mkdir -p -- "$tmp/in-place"
	xargs -d '\n' cp -t "$tmp/in-place" -- <"$tmp/sample" && chmod u+w "$tmp/in-place"/*.ko
	"$btfgen" -q --base "$base" -j2 "$tmp/in-place"/*.ko || { echo 'ERROR in place: fails'; bad=1; }
	while IFS= read -r path; do
		copy=$tmp/in-place/${path##*/}
		python3 -B "$here/append_check.py" "$path" "$copy" \
			"$(outputs - "$ours" <<<"$path")" >"$tmp/append" ||
			{ echo "ERROR in place: ${copy##*/}"; cat "$tmp/append"; bad=1; }
		"$objcopy" -O binary --only-section=.BTF --set-section-flags .BTF=alloc "$copy" \
			"$tmp/section" 2>"$tmp/log" || { cat "$tmp/log"; bad=1; }
		cmp -- "$tmp/section" "$(outputs - "$ours" <<<"$path")" || bad=1
	done <"$tmp/sample"
	sha256sum "$tmp/in-place"/*.ko >"$tmp/sums"
	"$btfgen" -q --base "$base" -j1 "$tmp/in-place"/*.ko || bad=1
	sha256sum --quiet -c "$tmp/sums" || { echo 'ERROR a second run in place changes files'; bad=1; }
	rm -rf -- "$tmp/in-place"
	return "$bad"
}

judge 'each module has its output, and there is nothing else' whole
judge 'libbpf dedup changes nothing' changes_nothing "$run" "$tools/libbpf_fixpoint"
# The newest finds no typedef of the base (its hash differs there); the older one does.
judge "libbpf dedup of this machine's release changes nothing" \
	changes_nothing "$tools/libbpf_fixpoint"
judge 'no type of the base is repeated' on_two "$tools/split_check" "$base" <"$tmp/all-ours"
mapfile -t files <"$tmp/sample-ours"
judge "the same types as pahole $peer_version, and not larger" compare_with_peer "${files[@]}"
mapfile -t modules <"$tmp/all"
judge 'per-CPU variables against symbols and DWARF' \
	python3 -B "$here/modules_check.py" --tools "$tools" "$base" "$ours" "${modules[@]}"
counts=()
[ "$peer_version" = v1.32 ] && [ -z "$all" ] || counts=(--any-counts)
mapfile -t modules <"$tmp/sample"
judge "functions against symbols, DWARF and pahole $peer_version" \
	python3 -B "$here/modules_check.py" --tools "$tools" --functions --peer "$peers" \
	--doc "$here/../../docs/differences.md" --title "$kernel modules" "${counts[@]}" \
	--json "$tmp/functions.json" "$base" "$ours" "${modules[@]}"
judge 'bpftool dumps all' on_two dump raw <"$tmp/all-ours"
judge 'bpftool makes C of the sample' on_two dump c <"$tmp/sample-ours"
mapfile -t some < <(awk 'NR % 5 == 0' "$tmp/sample-ours")
judge 'btfgen dump shows what bpftool shows, of every fifth of the sample' \
	python3 -B "$here/dump_check.py" --bpftool "$bpftool" --base "$base" "$btfgen" "${some[@]}"
judge "$loader" "$tools/btf_load" -b "$base" "${files[@]}"
judge 'deterministic, in place and detached' deterministic
if [ -n "$results" ]; then
	mkdir -p -- "$results/$kernel-modules" &&
		cp -- "$tmp/functions.json" "$tmp/split_check" "$results/$kernel-modules/"
fi
echo "=== $kernel: ${#failed[@]} of $judges judges object${failed[0]:+: ${failed[*]}}"
[ ${#failed[@]} -eq 0 ]
