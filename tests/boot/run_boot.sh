#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#
# run_boot.sh LINE: a small kernel of this line is built with all of its BTF from btfgen, through the
# kernel's own scripts, and started under QEMU. There BPF programs use typed per-CPU variables,
# functions and kfuncs of vmlinux and of modules: of its own, of one built in its tree, and of one
# built out of tree with distilled base, which a second kernel with other type ids loads as well.
#
#   BTFGEN          the encoder (default: btfgen in PATH)
#   BOOT_PAHOLE     another encoder with pahole's options, to compare with (default: none)
#   BTFGEN_CACHE    where the source and what was compiled is kept
#   RESULTS         folder for logs, kernels and modules (default: none)
#   JOBS            parallel jobs (default: the processors)
#   CI=true         what cannot be had is an error, not a reason to skip
#
# Exit status: 0 all is well, 1 not, 2 usage, 3 the kernel could not be built, 77 skipped.

set -u -o pipefail
here=$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")
[ $# -eq 1 ] || { echo 'usage: run_boot.sh LINE' >&2; exit 2; }
line=$1
jobs=${JOBS:-$(nproc)}
results=${RESULTS:-}
export LC_ALL=C
unset MAKEFLAGS MFLAGS MAKELEVEL ARCH CROSS_COMPILE LLVM KCONFIG_ALLCONFIG
started=$SECONDS

unavailable() {
	echo "skip: $*"
	[ "${CI:-}" = true ] && exit 1
	exit 77
}
step() { echo "--- [$((SECONDS - started)) s] $*"; }

[ "$(uname -m)" = x86_64 ] || { echo "skip: the kernel is for x86-64"; exit 77; }
for tool in make gcc flex bison bc xz clang qemu-system-x86_64 python3; do
	command -v "$tool" >/dev/null 2>&1 || unavailable "$tool is needed"
done
BTFGEN=$(command -v "${BTFGEN:-btfgen}") || { echo 'no btfgen' >&2; exit 2; }
BTFGEN=$(readlink -f -- "$BTFGEN")
export BTFGEN

step "source"
source=$("$here/../../scripts/fetch-source" "$line") || unavailable "the source of $line cannot be had"

tmp=$(mktemp -d) || exit 3
trap 'rm -rf -- "$tmp"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
work=${results:-$tmp/work}
mkdir -p -- "$work" || exit 3
work=$(readlink -f -- "$work")
export PAHOLE_LOG=$tmp/encoded
: >"$PAHOLE_LOG"
pahole=${BOOT_PAHOLE:-$here/pahole}

fail() {
	echo "FAILED $*"
	exit 3
}

# What was compiled earlier is kept, for one source, configuration and compiler. BTF is not: each
# run links again, and every module's file is new.
cache=$(cd -- "$source/../../.." && pwd -P)/boot
mkdir -p -- "$cache/$line" || exit 3
exec 9>"$cache/.lock-$line"
flock 9
key=$({ echo "$source"; cat -- "$here/kernel.config"; gcc --version; ld --version; } | sha256sum)
tree=$cache/$line/${key:0:16}
for old in "$cache/$line"/*/; do
	old=${old%/}
	[ "$old" = "$tree" ] || rm -rf -- "$old"
done
mkdir -p -- "$tree" || exit 3

# in_tree FILE...: what is no older file's content is left alone, and so what was compiled from it.
in_tree() {
	local file folder=$source/drivers/btfgen

	mkdir -p -- "$folder" || exit 3
	for file in "$@"; do
		cmp -s -- "$file" "$folder/${file##*/}" || cp -- "$file" "$folder/" || exit 3
	done
	grep -qx 'obj-y += btfgen/' "$source/drivers/Makefile" ||
		echo 'obj-y += btfgen/' >>"$source/drivers/Makefile" || exit 3
}

# kernel_make LOG ARGUMENT...
kernel_make() {
	local log=$work/$1
	shift
	if ! make -C "$source" "O=$tree" "PAHOLE=$pahole" -j "$jobs" "$@" </dev/null >"$log" 2>&1; then
		tail -n 30 -- "$log"
		fail "make $*"
	fi
}

in_tree "$here"/modules/*
if [ ! -e "$tree/configured" ]; then
	step "configuration"
	cp -- "$here/kernel.config" "$tmp/allconfig"
	KCONFIG_ALLCONFIG=$tmp/allconfig kernel_make build.config allnoconfig
	while read -r option; do
		case $option in
		CONFIG_*) grep -qx -- "$option" "$tree/.config" || fail "'$option' was not accepted" ;;
		esac
	done <"$here/kernel.config"
	: >"$tree/configured"
fi

step "kernel and modules"
rm -f -- "$tree/vmlinux" "$tree/.tmp_vmlinux1"
find "$tree" -name '*.ko' -delete
kernel_make build.kernel vmlinux modules
cp -- "$tree/vmlinux" "$work/vmlinux.first"
cp -- "$tree"/{lib/crc7,lib/crc16,samples/kobject/kobject-example,samples/kobject/kset-example}.ko "$work"
cp -- "$tree/drivers/btfgen/btfgen_boot.ko" "$work/intree.ko"

step "a module out of tree"
mkdir -- "$tmp/module"
cp -- "$here"/modules/* "$tmp/module"
kernel_make build.module "M=$tmp/module" modules
cp -- "$tmp/module/btfgen_boot.ko" "$work/distilled.ko"

step "second kernel"
kernel_make build.second BTFGEN_EXTRA=y vmlinux
cp -- "$tree/vmlinux" "$work/vmlinux.second"
cp -- "$PAHOLE_LOG" "$work/encoded"
cp -- "$tree/usr/gen_init_cpio" "$tmp"
flock -u 9

step "programs"
triplet=$(gcc -print-multiarch)
for name in kernel module sample; do
	clang -target bpf -O2 -g -Wall -Werror "-I/usr/include/$triplet" -c "$here/$name.bpf.c" \
		-o "$work/$name.bpf.o" || fail "$name.bpf.c does not compile"
done
python3 -B "$here/../kernel/ksyms_real.py" --compile "$work" || fail "the programs about ksyms do not compile"
gcc -O1 -Wall -Wextra -Werror -static -o "$work/init" "$here/init.c" -lbpf -lelf -lz ||
	fail "init.c does not compile"
{
	printf '%s\n' 'dir /dev 0755 0 0' 'nod /dev/console 0600 0 0 c 5 1'
	printf 'file /init %s 0755 0 0\n' "$work/init"
	for file in "$work"/*.ko "$work"/*.bpf.o "$work/ksyms.names"; do
		printf 'file /%s %s 0644 0 0\n' "${file##*/}" "$file"
	done
} >"$tmp/list"
"$tmp/gen_init_cpio" "$tmp/list" >"$tmp/initramfs" || fail "no initramfs"

# boot NAME TASK...: init.c tells what tasks there are. On a busy machine the emulated timers come too
# late for the kernel's own measurements, without which it does as well.
boot() {
	local name=$1
	shift
	step "boot: $name"
	timeout 400 qemu-system-x86_64 -M pc -cpu max -smp 2,sockets=2 -m 256M -no-reboot \
		-display none -monitor none -serial "file:$work/log.$name" \
		-kernel "$work/vmlinux.$name" -initrd "$tmp/initramfs" \
		-append "console=ttyS0 panic=-1 quiet no_timer_check lpj=4000000 -- $*" </dev/null || echo "qemu: status $?"
}

first=(kernel load:crc7 load:crc16 load:kset-example sample module:intree module:distilled)
second=(kernel module:distilled)
boot first "${first[@]}"
boot second "${second[@]}"

step "verdicts"
python3 "$here/boot_judge.py" ${BOOT_PAHOLE:+--other} "$work" "${first[*]}" "${second[*]}"
