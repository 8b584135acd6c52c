#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#
# userspace.sh BTFGEN TOOLS
#
# Compile the programs of forms/ in every DWARF version and form that the installed compilers and
# tools can write, encode them, and let libdw (dwarf_defs), libbpf and the running kernel judge.
# What a compiler cannot do is passed over; at least MIN_FORMS forms must have been judged.
# Exit status: 0 all as it must be, 1 not, 2 usage.

set -u -o pipefail
here=$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")
[ $# -eq 2 ] || { echo 'usage: userspace.sh BTFGEN TOOLS' >&2; exit 2; }
btfgen=$1 tools=$2
MIN_FORMS=12
src=$here/forms
peer=${BTFGEN_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/btfgen}/peer/bin/run
run=()
[ ! -x "$peer" ] || run=("$peer")
tmp=$(mktemp -d) || exit 3
trap 'rm -rf "$tmp"' EXIT
cd "$tmp" || exit 3
bad=0 judged=0 passed=0

error() {
	echo "ERROR $*"
	bad=1
}

# judge NAME ELF [REFERENCE]: encode; REFERENCE is another file whose definitions must be the same,
# and the only judge of what the installed libdw cannot read (zstd, before 0.189).
judge() {
	local name=$1 elf=$2 reference=${3:-} status
	judged=$((judged + 1))
	"$btfgen" -o "$name.btf" "$elf" >"$name.log" 2>&1
	status=$?
	if [ $status != 0 ] || [ ! -s "$name.btf" ]; then
		error "$name: status $status: $(head -n 2 "$name.log")"
		return
	fi
	if "$tools/dwarf_defs" "$elf" >"$name.facts" 2>"$name.log"; then
		python3 -B "$here/compare_types.py" --tools "$tools" --dwarf --labels ours,dwarf \
			"$name.btf" "$name.facts" >"$name.log" || error "$name: $(cat "$name.log")"
		python3 -B "$here/binding_check.py" --tools "$tools" --dwarf "$name.facts" "$elf" \
			"$name.btf" >"$name.log" || error "$name: $(cat "$name.log")"
	elif [ -z "$reference" ]; then
		error "$name: dwarf_defs: $(cat "$name.log")"
	fi
	"${run[@]}" "$tools/libbpf_fixpoint" -s "$name.btf" >"$name.log" 2>&1
	status=$?
	[ $status = 0 ] || [ $status = 77 ] || error "$name: $(cat "$name.log")"
	"$tools/btf_load" "$name.btf" >"$name.log" 2>&1
	status=$?
	[ $status = 0 ] || [ $status = 77 ] || error "$name: $(cat "$name.log")"
	if [ -n "$reference" ]; then
		python3 -B "$here/compare_types.py" --tools "$tools" "$name.btf" "$reference.btf" \
			>"$name.log" || error "$name is not as $reference: $(cat "$name.log")"
	fi
}

# form NAME REFERENCE COMMAND...: build one form with "OUT" for the output, and judge it.
form() {
	local name=$1 reference=$2
	shift 2
	if ! "${@//OUT/$name.elf}" >/dev/null 2>&1 || [ ! -s "$name.elf" ]; then
		passed=$((passed + 1))
		[ -z "${VERBOSE:-}" ] || echo "not here: $name"
		return
	fi
	judge "$name" "$name.elf" "$reference"
}

# survives NAME COMMAND...: what BTF cannot express must leave a file that the kernel and libbpf
# take.
survives() {
	local name=$1 status judge
	shift
	if ! "${@//OUT/$name.elf}" >/dev/null 2>&1 || [ ! -s "$name.elf" ]; then
		passed=$((passed + 1))
		return
	fi
	judged=$((judged + 1))
	"$btfgen" -o "$name.btf" "$name.elf" >"$name.log" 2>&1
	status=$?
	if [ $status != 0 ] || [ ! -s "$name.btf" ]; then
		error "$name: status $status: $(head -n 2 "$name.log")"
		return
	fi
	for judge in "${run[*]} $tools/libbpf_fixpoint -s" "$tools/btf_load" \
		"python3 -B $here/rules.py"; do
		# shellcheck disable=SC2086 # a command and its arguments
		$judge "$name.btf" >"$name.log" 2>&1
		status=$?
		[ $status = 0 ] || [ $status = 77 ] || error "$name: $(cat "$name.log")"
	done
}

c=("$src/one.c" "$src/two.c")
# DWARF 2 has no restrict and no type below an enumeration: it is no like of the others.
for version in 5 4 3 2; do
	gcc='' clang=''
	case $version in 3 | 4) gcc=gcc5 clang=clang5 ;; esac
	form "gcc$version" "$gcc" gcc -w -gdwarf-$version -o OUT "${c[@]}"
	form "clang$version" "$clang" clang -w -gdwarf-$version -o OUT "${c[@]}"
done
for level in O1 O2 Os O3; do
	form "gcc5$level" '' gcc -w -gdwarf-5 -$level -o OUT "${c[@]}"
	form "clang4$level" '' clang -w -gdwarf-4 -$level -o OUT "${c[@]}"
done
form strict5 '' gcc -w -gdwarf-5 -gstrict-dwarf -o OUT "${c[@]}"
form strict2 '' gcc -w -gdwarf-2 -gstrict-dwarf -o OUT "${c[@]}"
form wide5 gcc5 gcc -w -gdwarf-5 -gdwarf64 -o OUT "${c[@]}"
form wide3 gcc5 gcc -w -gdwarf-3 -gdwarf64 -o OUT "${c[@]}"
form clangwide5 clang5 clang -w -gdwarf-5 -gdwarf64 -o OUT "${c[@]}"
form types4 gcc5 gcc -w -gdwarf-4 -fdebug-types-section -o OUT "${c[@]}"
form types5 gcc5 gcc -w -gdwarf-5 -fdebug-types-section -o OUT "${c[@]}"
form clangtypes4 clang5 clang -w -gdwarf-4 -fdebug-types-section -o OUT "${c[@]}"
form clangtypes5 clang5 clang -w -gdwarf-5 -fdebug-types-section -o OUT "${c[@]}"
form lto5 '' gcc -w -gdwarf-5 -O2 -flto -o OUT "${c[@]}"
form lto4 '' gcc -w -gdwarf-4 -O2 -flto -o OUT "${c[@]}"
form clanglto5 '' clang -w -gdwarf-5 -O1 -flto -fuse-ld=lld -o OUT "${c[@]}"
form clanglto4 '' clang -w -gdwarf-4 -O1 -flto=thin -fuse-ld=lld -o OUT "${c[@]}"
form zlib gcc5 gcc -w -gdwarf-5 -gz=zlib -o OUT "${c[@]}"
form static '' gcc -w -gdwarf-5 -static -o OUT "${c[@]}"
form m32 '' gcc -w -m32 -gdwarf-5 -o OUT "${c[@]}"
form m32v4 m32 gcc -w -m32 -gdwarf-4 -o OUT "${c[@]}"
for cross in s390x-linux-gnu powerpc-linux-gnu arm-linux-gnueabihf aarch64-linux-gnu; do
	form "$cross-5" '' "$cross-gcc" -w -gdwarf-5 -o OUT "${c[@]}"
	form "$cross-4" "$cross-5" "$cross-gcc" -w -gdwarf-4 -o OUT "${c[@]}"
	form "$cross-2" '' "$cross-gcc" -w -gdwarf-2 -o OUT "${c[@]}"
done
if [ -e gcc5.elf ]; then
	form zstd gcc5 objcopy --compress-debug-sections=zstd gcc5.elf OUT
	form gnuzlib gcc5 objcopy --compress-debug-sections=zlib-gnu gcc5.elf OUT
	# What units share moved into partial units: of the same file; of a third one, which is not
	# read.
	form dwz gcc5 dwz -o OUT gcc5.elf
	cp gcc5.elf first.elf && cp gcc4.elf second.elf
	if dwz -m common.elf first.elf second.elf >/dev/null 2>&1 && [ -e common.elf ]; then
		judged=$((judged + 1))
		"$btfgen" -o dwzcommon.btf first.elf >dwzcommon.log 2>&1
		status=$?
		if [ $status != 3 ] || [ -e dwzcommon.btf ] ||
			! grep -q 'supplementary file' dwzcommon.log; then
			error "dwz -m: status $status: $(cat dwzcommon.log)"
		fi
	fi
	# The debug information elsewhere, found by the link or the build id.
	cp gcc5.elf separate.debug
	if objcopy --strip-debug --add-gnu-debuglink=separate.debug gcc5.elf separate.elf; then
		judge separate separate.elf gcc5
	fi
fi
for version in 5 4 2; do
	survives "g++$version" g++ -w -gdwarf-$version -shared -fPIC -o OUT "$src/three.cc"
	survives "clang++$version" clang++ -w -std=c++17 -gdwarf-$version -shared -fPIC -o OUT \
		"$src/three.cc"
	survives "g++types$version" g++ -w -gdwarf-$version -fdebug-types-section -shared -fPIC \
		-o OUT "$src/three.cc"
	survives "mixed$version" g++ -w -gdwarf-$version -flto -shared -fPIC -o OUT \
		"$src/three.cc" -x c "${c[@]}"
done
form assembler '' gcc -w -g -o OUT "${c[@]}" "$src/four.S"
echo "forms: $judged judged, $passed cannot be made here"
[ "$judged" -ge "$MIN_FORMS" ] || error "only $judged forms"
exit "$bad"
