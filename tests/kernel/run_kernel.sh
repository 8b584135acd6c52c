#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#
# run_kernel.sh KERNEL: encode a Debian kernel and let everything judge the result that was not
# written here: its DWARF read by libdw, its symbol table, the newest pahole, libbpf and bpftool,
# the compilers, the running kernel. KERNEL is a name of scripts/fetch-kernel.
#
#   BTFGEN          the encoder (default: btfgen in PATH)
#   TOOLS           folder of btf_defs, dwarf_defs, btf_load, libbpf_fixpoint and
#                   location_check (default: .)
#   BTFGEN_CACHE    where kernels, the peer's output and the DWARF's facts are kept
#   RESULTS         folder for our BTF and the comparisons as JSON (default: none)
#   CI=true         a kernel or a peer that cannot be had is an error, not a reason to skip
#
# Exit status: 0 all judges agree, 1 one does not, 2 usage, 3 no encoding, 77 skipped.

set -u -o pipefail
here=$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")
[ $# -eq 1 ] || { echo 'usage: run_kernel.sh KERNEL' >&2; exit 2; }
kernel=$1
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

loader='the running kernel accepts it'

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
		# With CI only the running kernel may abstain, from what was made for another.
		if [ "${CI:-}" = true ] && { [ "$name" != "$loader" ] || [ "$target" = x86_64-linux-gnu ]; }; then
			failed+=("$name")
		fi
		;;
	*)
		echo "FAILED $name: status $status"
		failed+=("$name")
		;;
	esac
}

# cached PATH COMMAND...: PATH, filled by the command's standard output unless it is there already.
cached() {
	local path=$1 part
	shift
	[ -e "$path" ] && return 0
	mkdir -p -- "$(dirname -- "$path")" || return 3
	part=$(mktemp -- "$path.XXXXXX") || return 3
	if "$@" >"$part" && [ -s "$part" ]; then
		mv -- "$part" "$path"
	else
		rm -f -- "$part"
		return 3
	fi
}

elf=$("$scripts/fetch-kernel" "$kernel") || unavailable "kernel $kernel cannot be had"
run=
if bin=$("$scripts/fetch-peer") && [ -x "$bin/pahole" ]; then
	pahole=$bin/pahole bpftool=$bin/bpftool run=$bin/run
else
	[ "${CI:-}" = true ] && unavailable 'the newest pahole cannot be had'
	pahole=$(command -v pahole) || unavailable 'no pahole'
	bpftool=$(command -v bpftool) || unavailable 'no bpftool'
fi
bpftools=("$bpftool")
[ "$(command -v bpftool)" = "" ] || [ "$bpftool" = "$(command -v bpftool)" ] || bpftools+=(bpftool)

case $kernel in
*arm64*) target=aarch64-linux-gnu ;;
*s390x*) target=s390x-linux-gnu ;;
*armhf* | *armmp*) target=armv7-linux-gnueabihf ;;
*i386* | *686*) target=i686-linux-gnu ;;
*ppc64el* | *powerpc64le*) target=powerpc64le-linux-gnu ;;
*riscv64*) target=riscv64-linux-gnu ;;
*) target=x86_64-linux-gnu ;;
esac

name=$(basename -- "$(dirname -- "$elf")")
peer_version=$("$pahole" --version)
# The options of a kernel build, functions included; those of 1.24 and before are older ones.
case $peer_version in
v1.1* | v1.2[0-5]) peer_options=(--btf_gen_floats --lang_exclude=rust) ;;
*) peer_options=(--btf_features=default --lang_exclude=rust) ;;
esac
peer_encode() {
	"$pahole" -j2 "${peer_options[@]}" --btf_encode_detached="$tmp/peer.btf" "$elf" >&2 &&
		cat "$tmp/peer.btf"
}
peer=$cache/peer-out/$name/pahole-$peer_version-norust.btf
cached "$peer" peer_encode || { echo "ERROR pahole $peer_version cannot encode $name"; exit 3; }
sum=$(cat "$here/dwarf_defs.c" "$here/dwarf_text.h" "$here/oracle.h" | sha256sum | cut -c 1-12)
facts=$cache/dwarf-out/$name/$sum.txt
cached "$facts" "$tools/dwarf_defs" "$elf" || { echo "ERROR dwarf_defs cannot read $name"; exit 3; }
"$tools/dwarf_funcs" "$elf" >"$tmp/functions" ||
	{ echo "ERROR dwarf_funcs cannot read $name"; exit 3; }

resolve_ids() {
	local resolve

	resolve=$("$scripts/fetch-kbuild" "$kernel") || return
	python3 -B "$here/btf_ids_check.py" --resolve "$resolve" --peer "$peer" "$elf" "$ours"
}

ours=$tmp/ours.btf
echo "=== $kernel: $name"
start=$EPOCHREALTIME
"$btfgen" --percpu -j2 --report=json -o "$ours" "$elf" \
	>"$tmp/report.json" || { echo "ERROR btfgen: status $?"; exit 3; }
echo "encoded in $((${EPOCHREALTIME/./} / 1000 - ${start/./} / 1000)) ms with -j2"
judge 'libbpf dedup changes nothing' ${run:+"$run"} "$tools/libbpf_fixpoint" -s "$ours"
judge 'the rules of the format and our own' python3 -B "$here/rules.py" "$ours"
judge "$loader" "$tools/btf_load" "$ours"
judge 'per-CPU variables against symbols and DWARF' \
	python3 -B "$here/percpu_check.py" --tools "$tools" --dwarf "$facts" \
	--json "$tmp/percpu.json" --report "$tmp/report.json" "$elf" "$ours"
judge 'definitions against the DWARF' \
	python3 -B "$here/compare_types.py" --tools "$tools" --labels ours,dwarf --dwarf \
	--json "$tmp/dwarf.json" "$ours" "$facts"
judge 'definitions of ambiguous names, by their users' \
	python3 -B "$here/binding_check.py" --tools "$tools" --dwarf "$facts" "$elf" "$ours"
judge "definitions and per-CPU variables against pahole $peer_version" \
	python3 -B "$here/compare_types.py" --tools "$tools" --labels ours,peer \
	--json "$tmp/peer.json" "$ours" "$peer"
judge 'functions and tags against symbols and DWARF' \
	python3 -B "$here/func_check.py" --tools "$tools" --facts "$tmp/functions" \
	--json "$tmp/functions.json" --report "$tmp/report.json" "$elf" "$ours"
# The classes are those of differences to 1.32 and later versions, the counts those of 1.32.
counts=(--any-counts)
[ "$peer_version" != v1.32 ] || counts=()
case $peer_version in
v1.3[2-9] | v1.[4-9]?)
	judge "functions and tags against pahole $peer_version" \
		python3 -B "$here/func_compare.py" --tools "$tools" --facts "$tmp/functions" \
		--doc "$here/../../docs/differences.md" "${counts[@]}" \
		--json "$tmp/functions-peer.json" "$elf" "$ours" "$peer"
	;;
esac
judge 'parameters and ranges of functions against libdw' \
	"$tools/location_check" "$elf"
judge "the kernel's resolve_btfids finds what .BTF_ids wants" resolve_ids
judge 'the header of bpftool compiles' \
	"$here/header_compiles.sh" -b "$peer" "$tools" "$ours" "$target" "${bpftools[@]}"
judge 'btfgen dump shows what bpftool shows' \
	python3 -B "$here/dump_check.py" --bpftool "$bpftool" --compile "$btfgen" "$ours" "$peer"
judge 'deterministic, nothing else touched' \
	"$here/determinism.sh" "$btfgen" "$elf"
if [ -n "$results" ]; then
	mkdir -p -- "$results/$kernel" && cp -- "$tmp"/*.json "$ours" "$results/$kernel/"
fi
echo "=== $kernel: ${#failed[@]} of $judges judges object${failed[0]:+: ${failed[*]}}"
[ ${#failed[@]} -eq 0 ]
