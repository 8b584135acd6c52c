#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#
# determinism.sh BTFGEN ELF [OPTION...]
#
# One input, one output: the same bytes for one thread and many, twice, with the work in shuffled
# order, in place and detached; in place twice leaves the file alone; every other part of the ELF
# file is as before, for append_check.py, readelf and the linker.
# Exit status: 0 all the same, 1 something differs, 2 usage, 3 no encoding to compare.

set -u -o pipefail
here=$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")
[ $# -ge 2 ] || { echo 'usage: determinism.sh BTFGEN ELF [OPTION...]' >&2; exit 2; }
btfgen=$1 elf=$2
shift 2
options=(--percpu "$@")
tmp=$(mktemp -d) || exit 3
trap 'rm -rf "$tmp"' EXIT
bad=0

error() {
	echo "ERROR $*"
	bad=1
}

# encode WHAT [ENVIRONMENT...] -- ARGUMENT...: encode detached and compare with the first result.
encode() {
	local what=$1 settings=()
	shift
	while [ "$1" != -- ]; do
		settings+=("$1")
		shift
	done
	shift
	if ! env "${settings[@]}" "$btfgen" "${options[@]}" "$@" -o "$tmp/other.btf" "$elf"; then
		error "$what: fails"
	elif ! cmp -- "$tmp/one.btf" "$tmp/other.btf"; then
		error "$what: other bytes"
	fi
	rm -f "$tmp/other.btf"
}

# What readelf says, but for the lines about .BTF and the section header table.
readelf_lines() {
	readelf -a -W "$1" 2>"$2" | grep -v -e 'Start of section headers:' \
		-e 'Number of section headers:' -e 'Section header string table index:' \
		-e '^There are .* section headers' -e '\] \.BTF  *PROGBITS' -e '\] \.shstrtab ' |
		sed 's/ \.BTF / /'
}

before=$(sha256sum <"$elf")
"$btfgen" "${options[@]}" -j1 -o "$tmp/one.btf" "$elf" || { echo 'ERROR encoding fails'; exit 3; }
encode '-j1 again' -- -j1
encode '-j2' -- -j2
encode '-j7' -- -j7
encode 'default threads' --
for seed in 1 2 3 4 5; do
	encode "-j7, shuffled by $seed" "BTFGEN_TEST_SHUFFLE=$seed" -- -j7
done
[ "$(sha256sum <"$elf")" = "$before" ] || error 'a detached run changed its input'

cp -- "$elf" "$tmp/elf" && chmod u+w "$tmp/elf"
"$btfgen" "${options[@]}" -j2 "$tmp/elf" || error 'encoding in place fails'
python3 -B "$here/append_check.py" "$elf" "$tmp/elf" "$tmp/one.btf" || bad=1
objcopy=$(command -v llvm-objcopy llvm-objcopy-14 objcopy | head -n 1)
if "$objcopy" -O binary --only-section=.BTF --set-section-flags .BTF=alloc "$tmp/elf" \
	"$tmp/section" 2>"$tmp/log"; then
	cmp -- "$tmp/one.btf" "$tmp/section" || error "objcopy extracts another .BTF"
else
	error "objcopy: $(head -n 1 "$tmp/log")"
fi
after=$(sha256sum <"$tmp/elf")
"$btfgen" "${options[@]}" -j7 "$tmp/elf" || error 'encoding in place a second time fails'
[ "$(sha256sum <"$tmp/elf")" = "$after" ] || error 'a second run in place changes the file'

if command -v readelf >/dev/null; then
	readelf_lines "$elf" "$tmp/old.err" >"$tmp/old.lines"
	readelf_lines "$tmp/elf" "$tmp/new.err" >"$tmp/new.lines"
	sed -i "s|$tmp/elf|FILE|" "$tmp/new.err"
	sed -i "s|$elf|FILE|" "$tmp/old.err"
	cmp -s "$tmp/old.err" "$tmp/new.err" || error "readelf warns: $(head -n 3 "$tmp/new.err")"
	diff "$tmp/old.lines" "$tmp/new.lines" >"$tmp/log" ||
		error "readelf reads it otherwise: $(head -n 6 "$tmp/log")"
fi
# An executable is no input of a link, but its symbols can be taken: that reads sections and
# symbols.
echo 'int x;' >"$tmp/x.c"
if command -v ld >/dev/null && gcc -c -o "$tmp/x.o" "$tmp/x.c" 2>/dev/null; then
	old=$(ld -r -R "$elf" -o "$tmp/old.o" "$tmp/x.o" 2>&1) old_status=$?
	new=$(ld -r -R "$tmp/elf" -o "$tmp/new.o" "$tmp/x.o" 2>&1) new_status=$?
	if [ "$old_status" != "$new_status" ] ||
		[ "${old//$elf/FILE}" != "${new//$tmp\/elf/FILE}" ]; then
		error "the linker: status $old_status before, $new_status after: $new"
	elif [ "$old_status" = 0 ]; then
		cmp -- "$tmp/old.o" "$tmp/new.o" || error 'the linker makes another file'
	fi
fi
[ "$bad" = 0 ] && echo "deterministic: $(wc -c <"$tmp/one.btf") bytes, -j1 -j2 -j7," \
	'5 shuffled runs, in place, twice in place'
exit "$bad"
