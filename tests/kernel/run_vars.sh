#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#
# run_vars.sh [-m STEP] KERNEL: encode the variables of all sections (--vars=all) of a Debian kernel
# and of every STEP-th of its modules (40; 0: none), and let judges that share no code with btfgen
# look at the result: symbol tables and DWARF (vars_check.py), the running kernel, libbpf, bpftool;
# then the same for what pahole makes with +global_var, which kernels refuse for its overlaps.
#
# KERNEL and the environment are as in run_kernel.sh.
#
# Exit status: 0 all judges agree, 1 one does not, 2 usage, 3 no encoding, 77 skipped.

set -u -o pipefail
here=$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")
usage='usage: run_vars.sh [-m STEP] KERNEL'
step=40
while getopts m: opt; do
	case $opt in
	m) step=$OPTARG ;;
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
failed=() judges=0

unavailable() {
	echo "skip: $*"
	[ "${CI:-}" = true ] && exit 1
	exit 77
}

# judge NAME COMMAND...: 0 agrees, 77 cannot say, everything else is a failure.
judge() {
	local name=$1 status start=$SECONDS
	shift
	judges=$((judges + 1))
	"$@"
	status=$?
	case $status in
	0) echo "ok $name ($((SECONDS - start)) s)" ;;
	77) echo "no verdict: $name" ;;
	*)
		echo "FAILED $name: status $status"
		failed+=("$name")
		;;
	esac
}

elf=$("$scripts/fetch-kernel" "$kernel") || unavailable "kernel $kernel cannot be had"
bin=$("$scripts/fetch-peer") || bin=
[ -x "$bin/pahole" ] || unavailable 'the newest pahole cannot be had'
name=$(basename -- "$(dirname -- "$elf")")

ours=$tmp/ours.btf
echo "=== $kernel: $name"
"$btfgen" --vars=all -j2 --report=json -o "$ours" "$elf" >"$tmp/report.json" ||
	{ echo "ERROR btfgen: status $?"; exit 3; }
"$btfgen" --vars=percpu -j2 -o "$tmp/percpu.btf" "$elf" || exit 3
"$btfgen" --vars=none -j2 -o "$tmp/none.btf" "$elf" || exit 3
"$btfgen" vars --vars=all "$elf" >"$tmp/list" || { echo "ERROR btfgen vars: status $?"; exit 3; }
echo "bytes: $(stat -c %s "$tmp/none.btf") without variables, $(stat -c %s "$tmp/percpu.btf") with" \
	"those per CPU, $(stat -c %s "$ours") with all"

# refused PATTERN COMMAND...: the command ends with 1 and says what the pattern finds.
refused() {
	local pattern=$1 status
	shift
	"$@" >"$tmp/out" 2>&1
	status=$?
	tail -n 3 -- "$tmp/out"
	[ $status -ne 77 ] || return 77
	[ $status -eq 1 ] && grep -q -e "$pattern" -- "$tmp/out"
}

bpftool_reads() {
	"$bin/bpftool" btf dump file "$1" format raw >"$tmp/theirs" &&
		"$btfgen" dump "$1" >"$tmp/raw" && cmp -- "$tmp/theirs" "$tmp/raw" &&
		"$bin/bpftool" btf dump file "$1" format c >"$tmp/theirs" && [ -s "$tmp/theirs" ]
}

# Variables are all that differs from an encoding without them.
only_variables_differ() {
	python3 -B - "$tools/btf_defs" "$tmp/none.btf" "$ours" <<-'END'
	import subprocess, sys
	def lines(path):
	    text = subprocess.run([sys.argv[1], path], check=True, stdout=subprocess.PIPE).stdout
	    return sorted(line for line in text.splitlines() if line[:1] not in b"VLTS")
	none, ours = lines(sys.argv[2]), lines(sys.argv[3])
	print(len(none), "definitions and functions")
	sys.exit(none != ours)
	END
}

facts=$tmp/facts
"$tools/dwarf_defs" -v "$elf" >"$facts" || { echo "ERROR dwarf_defs cannot read $name"; exit 3; }
peer=$cache/peer-out/$name/pahole-$("$bin/pahole" --version)-global_var.btf
if ! [ -e "$peer" ]; then
	mkdir -p -- "$(dirname -- "$peer")"
	"$bin/pahole" -j2 --btf_features=default,global_var --lang_exclude=rust \
		--btf_encode_detached="$tmp/peer.btf" "$elf" || { echo 'ERROR pahole'; exit 3; }
	part=$(mktemp -- "$peer.XXXXXX") && cat "$tmp/peer.btf" >"$part" && mv -- "$part" "$peer" || exit 3
fi

judge 'each OBJECT symbol of the loaded sections, against symbols and DWARF' \
	python3 -B "$here/vars_check.py" --tools "$tools" --dwarf "$facts" --report "$tmp/report.json" \
	--list "$tmp/list" --peer "$peer" --json "$tmp/counts.json" "$elf" "$ours"
judge 'the running kernel accepts it' "$tools/btf_load" "$ours"
judge 'libbpf dedup changes nothing' "$bin/run" "$tools/libbpf_fixpoint" -s "$ours"
judge 'the rules of the format and our own' python3 -B "$here/rules.py" "$ours"
judge 'bpftool reads it as btfgen does' bpftool_reads "$ours"
judge 'nothing but variables differs' only_variables_differ
case $kernel in
# Another order of bytes, another size of pointers: nobody here can say.
6.12-cloud-amd64)
	judge "pahole's is refused for overlaps" \
		refused 'Invalid offset' "$tools/btf_load" "$peer"
	;;
esac

# Modules over this vmlinux, which they need with its symbols.
modules=$(dirname -- "$elf")/modules
if [ "$step" != 0 ] && [ -d "$modules" ]; then
	cp -- "$elf" "$tmp/vmlinux" && "$btfgen" --vars=all -j2 "$tmp/vmlinux" || exit 3
	find "$modules" -name '*.ko*' | sort | awk -v step="$step" 'NR % step == 1 || step == 1' >"$tmp/names"
	mkdir "$tmp/modules" || exit 3
	"$btfgen" --base "$tmp/vmlinux" --vars=all -j2 --output-dir "$tmp/modules" \
		--files-from "$tmp/names" || { echo "ERROR btfgen --base: status $?"; exit 3; }
	"$btfgen" --base "$tmp/vmlinux" --vars=all -j1 --output-dir "$tmp/again" \
		--files-from "$tmp/names" || exit 3
	python3 -B -c 'import sys; sys.path.insert(0, sys.argv[1]); import vars_check as v
print("\n".join(sorted({s.name for s in v.read_symbols(sys.argv[2])[2] if v.is_listed(s)})))' \
		"$here" "$elf" >"$tmp/base.names" || exit 3
	btf_of() {
		local module
		module=$(basename -- "$1")
		printf '%s/modules/%s.btf' "$tmp" "${module%.ko*}"
	}
	each_module() {
		local module status=0
		while read -r module; do
			"$@" "$module" "$(btf_of "$module")" || { status=1; echo "in $module"; }
		done <"$tmp/names"
		return $status
	}
	# The system call has room for 16 MiB, and takes all modules at their turn.
	loads() {
		"$tools/btf_load" -b "$ours" "$2" >"$tmp/out" 2>&1 || { [ $? -eq 77 ] || { cat "$tmp/out"; false; }; }
	}
	echo "$(wc -l <"$tmp/names") modules"
	judge 'modules: each OBJECT symbol, against symbols and DWARF' each_module \
		python3 -B "$here/vars_check.py" --quiet --tools "$tools" --base "$ours" \
		--base-elf "$tmp/base.names"
	judge 'modules: the running kernel accepts base and split as one' each_module loads
	judge 'modules: they fit the base' "$btfgen" check --quiet --base "$tmp/vmlinux" "$tmp/modules"/*.btf
	judge 'modules: the same with one thread' diff -r "$tmp/modules" "$tmp/again"
fi

echo "=== $kernel: ${#failed[@]} of $judges judges disagree${failed[0]:+: ${failed[*]}}"
[ ${#failed[@]} -eq 0 ]
