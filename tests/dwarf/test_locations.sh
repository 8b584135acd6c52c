#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#
# test_locations.sh LOCATION_CHECK: what each compiler that is here says of parameters, in each
# version of DWARF, read by us and by libdw. Compilers for other machines are used where they are
# installed; that of the build always is.

set -u -o pipefail
[ $# -eq 1 ] || { echo 'usage: test_locations.sh LOCATION_CHECK' >&2; exit 2; }
check=$1
here=$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")
tmp=$(mktemp -d) || exit 3
trap 'rm -rf "$tmp"' EXIT
flags=(-g -fPIC -shared -nostdlib -ffreestanding -fno-stack-protector -Wall -Werror)
num=0
bad=0

fail() {
	echo "FAILED $*"
	bad=$((bad + 1))
}

# compiled COMPILER FLAGS...: compiles, then both readers must agree. Optimised code has lists: there
# they must not when one of them is asked about another place of the program.
compiled() {
	local elf=$tmp/params.so out
	"$@" "${flags[@]}" -o "$elf" "$here/params.c" || { fail "$*: does not compile"; return; }
	num=$((num + 1))
	out=$("$check" "$elf") || fail "$*: $out"
	if [ "$2" != -O0 ]; then
		out=$("$check" -e 0x10000000 "$elf") && fail "$*: agrees about another place: $out"
	fi
}

for cc in "${CC:-cc}" gcc clang clang-14; do
	command -v "$cc" >/dev/null || continue
	for optimize in -O0 -Og -O2; do
		for version in 2 3 4 5; do
			compiled "$cc" "$optimize" "-gdwarf-$version"
		done
	done
done
if command -v gcc >/dev/null; then
	compiled gcc -O2 -gdwarf-5 -gdwarf64
	compiled gcc -O2 -gdwarf-4 -gdwarf64
	compiled gcc -O2 -gdwarf-2 -gstrict-dwarf
fi
for cc in /usr/bin/*-linux-gnu*-gcc; do
	[ -x "$cc" ] || continue
	for optimize in -O0 -O2; do
		compiled "$cc" "$optimize" -gdwarf-4
		compiled "$cc" "$optimize" -gdwarf-5
	done
done
[ "$num" -gt 0 ] || fail 'no compiler'
echo "$num files, $bad wrong"
[ "$bad" -eq 0 ]
