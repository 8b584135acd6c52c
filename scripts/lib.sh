# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#
# Shared by the scripts of this folder: messages, the cache, and a private apt
# state from which packages of any Debian suite and architecture can be had
# without touching what the machine's own apt knows.
#
# The archive's address is read from the machine's own apt configuration. On a
# machine without one (not Debian, or another archive) set BTFGEN_DEBIAN_MIRROR
# and, for the security archive, BTFGEN_DEBIAN_SECURITY.

readonly EXIT_UNAVAILABLE=77

note() { printf '%s: %s\n' "${0##*/}" "$*" >&2; }
die() { note "$*"; exit 1; }
usage_error() { note "$*"; exit 2; }
unavailable() { note "$*"; exit "$EXIT_UNAVAILABLE"; }

# The folder everything fetched or computed once is kept in.
cache_dir() {
	local dir=${BTFGEN_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/btfgen}

	mkdir -p -- "$dir" || die "cannot create the cache folder '$dir'"
	(cd -- "$dir" && pwd -P)
}

# is_fresh FILE MINUTES: FILE exists and was written less than MINUTES ago.
is_fresh() {
	[ -e "$1" ] && [ -n "$(find "$1" -maxdepth 0 -mmin "-$2" 2>/dev/null)" ]
}

# free_mib FOLDER: what is free where FOLDER lies, in MiB.
free_mib() { df -Pm -- "$1" | awk 'NR == 2 { print $4 }'; }

# The Debian archives this machine uses, one "REPOSITORY RELEASE" a line.
debian_archives() {
	# The format is apt's own language, not the shell's.
	# shellcheck disable=SC2016
	apt-get indextargets --format '$(CREATED_BY) $(REPO_URI) $(RELEASE) $(COMPONENT)' \
		2>/dev/null | awk '$1 == "Packages" && $4 == "main" { print $2, $3 }' | sort -u
}

debian_mirror() {
	local release='^(bookworm|trixie|forky|duke|bullseye|sid|unstable|testing|(old)*stable)(-updates)?$'

	if [ -n "${BTFGEN_DEBIAN_MIRROR:-}" ]; then
		printf '%s\n' "$BTFGEN_DEBIAN_MIRROR"
		return
	fi
	debian_archives | awk -v re="$release" '$2 ~ re { print $1; exit }'
}

debian_security() {
	local release='^(bookworm|trixie|forky|duke|bullseye|testing|(old)*stable)-security$'

	if [ -n "${BTFGEN_DEBIAN_SECURITY:-}" ]; then
		printf '%s\n' "$BTFGEN_DEBIAN_SECURITY"
		return
	fi
	debian_archives | awk -v re="$release" '$2 ~ re { print $1; exit }'
}

debian_keyring() {
	local file

	for file in /usr/share/keyrings/debian-archive-keyring.gpg \
		    /usr/share/keyrings/debian-archive-keyring.pgp; do
		if [ -r "$file" ]; then
			printf '%s\n' "$file"
			return 0
		fi
	done
	return 1
}

# apt_state SUITE ARCH: makes the private state for SUITE (its updates and
# security archive included) and ARCH, brings its package lists up to date when
# they are older than half a day (or APT_REFRESH is set), and sets APT_CONF to
# the configuration file that apt_get and apt_cache below work with.
#
# Returns 1, after saying why, when the suite cannot be had from here.
apt_state() {
	local suite=$1 arch=$2 dir mirror security keyring log again

	command -v apt-get >/dev/null 2>&1 || {
		note "apt-get is needed to fetch Debian packages, and is not here"
		return 1
	}
	mirror=$(debian_mirror)
	[ -n "$mirror" ] || {
		note "apt knows no Debian archive here (set BTFGEN_DEBIAN_MIRROR)"
		return 1
	}
	keyring=$(debian_keyring) || {
		note "the package debian-archive-keyring is not installed"
		return 1
	}
	security=$(debian_security)
	dir=$(cache_dir)/apt/$suite-$arch || return 1
	mkdir -p -- "$dir/state/lists/partial" "$dir/cache/archives/partial" "$dir/none"

	exec 8>"$dir/lock"
	flock 8
	: >"$dir/status"
	{
		printf 'deb [arch=%s target=Packages signed-by=%s] %s %s main\n' \
			"$arch" "$keyring" "$mirror" "$suite"
		case $suite in
		experimental)
			# No suite of its own: what stands beside unstable.
			printf 'deb [arch=%s target=Packages signed-by=%s] %s unstable main\n' \
				"$arch" "$keyring" "$mirror"
			;;
		sid | unstable | *-backports | *-security) ;;
		*)
			if [ -n "$security" ]; then
				printf 'deb [arch=%s target=Packages signed-by=%s] %s %s main\n' \
					"$arch" "$keyring" "$security" "$suite-security"
			else
				note "no security archive is known here, taking $suite without"
			fi
			;;
		esac
	} >"$dir/sources.new"
	if ! cmp -s "$dir/sources.new" "$dir/sources.list"; then
		rm -f -- "$dir/updated"
		mv -- "$dir/sources.new" "$dir/sources.list"
	fi
	rm -f -- "$dir/sources.new"

	# Read after the machine's own configuration, of which only what concerns
	# the network (a proxy, say) is to hold here.
	APT_CONF=$dir/apt.conf
	cat >"$APT_CONF" <<-END
	#clear APT::Architectures;
	#clear APT::Update;
	#clear DPkg;
	APT::Architecture "$arch";
	APT::Architectures { "$arch"; };
	APT::Get::Assume-Yes "true";
	APT::Install-Recommends "false";
	APT::Sandbox::User "";
	Dir::State "$dir/state";
	Dir::State::lists "$dir/state/lists";
	Dir::State::status "$dir/status";
	Dir::Cache "$dir/cache";
	Dir::Cache::archives "$dir/cache/archives";
	Dir::Cache::pkgcache "";
	Dir::Cache::srcpkgcache "";
	Dir::Etc::sourcelist "$dir/sources.list";
	Dir::Etc::sourceparts "$dir/none";
	Dir::Etc::preferences "$dir/none/preferences";
	Dir::Etc::preferencesparts "$dir/none";
	Debug::NoLocking "true";
	Acquire::Languages "none";
	Acquire::GzipIndexes "true";
	Acquire::PDiffs "false";
	Acquire::Retries "3";
	quiet "1";
	END

	if [ -n "${APT_REFRESH:-}" ] || ! is_fresh "$dir/updated" 720; then
		note "reading the package lists of $suite ($arch)"
		log=$dir/update.log
		# A mirror in the middle of its own update may give one form of a
		# list only, and a missing list of the security archive only means
		# an older kernel.
		again='now'
		if ! apt_get update -o APT::Update::Error-Mode=any >"$log" 2>&1 &&
			! apt_get update -o APT::Update::Error-Mode=any \
				-o Acquire::CompressionTypes::Order::=gz >"$log" 2>&1; then
			grep -E '^ *[EW]:' "$log" | sed 's/^/    /' >&2
			if ! find "$dir/state/lists" -maxdepth 1 -name '*_Packages*' |
				grep -q "_dists_${suite}_"; then
				note "the package lists of $suite ($arch) cannot be had"
				exec 8>&-
				return 1
			fi
			note "going on with those package lists of $suite ($arch) that are here"
			again='11 hours ago'
		fi
		touch -d "$again" -- "$dir/updated"
	fi
	exec 8>&-
}

apt_get() { LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive apt-get -c "$APT_CONF" "$@" </dev/null; }
apt_cache() { LC_ALL=C.UTF-8 apt-cache -c "$APT_CONF" "$@" </dev/null; }

# apt_records PACKAGE...: "NAME VERSION SIZE DEPENDS" of every version known.
apt_records() {
	[ $# -gt 0 ] || return 0
	apt_cache show --all-versions -- "$@" 2>/dev/null | awk '
		function flush() { if (name != "") print name, version, size, depends; name = "" }
		/^Package: / { flush(); name = $2; version = size = "-"; depends = "" }
		/^Version: / { version = $2 }
		/^Size: / { size = $2 }
		/^Depends: / { depends = substr($0, 10) }
		END { flush() }'
}

# newest_record: of "NAME VERSION ..." lines on stdin the one of highest version.
newest_record() {
	local line version best='' best_version=''

	while IFS= read -r line; do
		version=${line#* }
		version=${version%% *}
		if [ -z "$best" ] || dpkg --compare-versions "$version" gt "$best_version"; then
			best=$line
			best_version=$version
		fi
	done
	[ -n "$best" ] && printf '%s\n' "$best"
}

# apt_download FOLDER PACKAGE=VERSION...: the verified .deb files into FOLDER.
# Returns 77 when the archive does not give them, 1 when what came is wrong.
apt_download() {
	local dir=$1 log
	shift

	log=$(mktemp) || return 1
	if (cd -- "$dir" && apt_get download "$@") >"$log" 2>&1; then
		rm -f -- "$log"
		return 0
	fi
	grep -E '^[EW]:' "$log" | sed 's/^/    /' >&2
	if grep -qiE 'hash sum mismatch|no space left|write error' "$log"; then
		rm -f -- "$log"
		return 1
	fi
	rm -f -- "$log"
	return "$EXIT_UNAVAILABLE"
}

# unpack_debs DEBS ROOT VERSIONS: every .deb of the folder DEBS into ROOT, which is left without
# manuals, with "package version" lines in the file VERSIONS; DEBS is removed.
unpack_debs() {
	local debs=$1 root=$2 versions=$3 deb dir

	for deb in "$debs"/*.deb; do
		dpkg-deb --extract "$deb" "$root" || die "cannot unpack '${deb##*/}'"
		# shellcheck disable=SC2016 # dpkg-deb's own names
		dpkg-deb --show --showformat '${Package} ${Version}\n' "$deb"
	done | sort >"$versions"
	[ "${PIPESTATUS[0]}" = 0 ] || return 1
	rm -rf -- "$debs" "$root/usr/share/doc" "$root/usr/share/man" "$root/usr/share/locale"
	# A merged /usr is a link on an installed system; here no package makes it.
	for dir in lib lib64; do
		[ -e "$root/$dir" ] || [ ! -d "$root/usr/$dir" ] || ln -s "usr/$dir" "$root/$dir"
	done
}

# unpacked_loader ROOT: the loader of the C library in ROOT, of this machine's kind.
unpacked_loader() {
	local triplet loader

	triplet=$(basename -- "$(dirname -- "$(find "$1/usr/lib" "$1/lib" -name 'libc.so.6' \
		-path '*linux-gnu*/libc.so.6' | head -n 1)")")
	loader=$(find "$1/usr/lib/$triplet" "$1/lib/$triplet" -name 'ld-linux*.so.*' \
		-o -name 'ld64.so.*' 2>/dev/null | head -n 1)
	[ -n "$loader" ] || die "the unpacked C library has no loader"
	printf '%s\n' "$loader"
}

# What building needs: a command or a file, and the package that brings it.
# shellcheck disable=SC2034
BUILD_PACKAGES=(cmake make gcc libc6-dev pkg-config libdw-dev libelf-dev zlib1g-dev
	libxxhash-dev libzstd-dev)
# shellcheck disable=SC2034
TEST_PACKAGES=(libcmocka-dev python3 shellcheck bash-completion fish zsh bpftool libbpf-dev dwarves)
# shellcheck disable=SC2034
CLANG_PACKAGES=(clang libclang-rt-dev)
# What builds and starts a kernel.
# shellcheck disable=SC2034
BOOT_PACKAGES=(flex bison bc xz-utils clang libbpf-dev qemu-system-x86)
# What makes more tests possible; where a name is unknown, they are passed over: other compilers,
# what runs their programs, tools that write other forms of DWARF, a browser for the pages.
# shellcheck disable=SC2034
EXTRA_PACKAGES=(chromium chromium-driver clang-format-14 dwz groff-base lld llvm qemu-user
	gcc-aarch64-linux-gnu gcc-arm-linux-gnueabihf gcc-powerpc-linux-gnu gcc-powerpc64-linux-gnu
	gcc-powerpc64le-linux-gnu gcc-mips64el-linux-gnuabi64 gcc-riscv64-linux-gnu gcc-s390x-linux-gnu)
JOBS=${JOBS:-$(nproc 2>/dev/null || echo 2)}

# The top of the source tree.
source_top() { (cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd -P); }

package_here() {
	local status

	# Commands count from wherever they come.
	case $1 in
	cmake | make | pkg-config | python3 | shellcheck | clang | bpftool)
		PATH=$PATH:/usr/sbin command -v "$1" >/dev/null 2>&1 && return 0
		;;
	gcc) command -v "${CC:-cc}" >/dev/null 2>&1 && return 0 ;;
	esac
	# shellcheck disable=SC2016 # dpkg-query's own names
	status=$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)
	[ "$status" = installed ]
}

# known_packages PACKAGE...: those that apt has, one a line.
known_packages() {
	local package

	command -v apt-cache >/dev/null 2>&1 || return 0
	for package in "$@"; do
		if package_here "$package" ||
			[ -n "$(apt-cache madison "$package" 2>/dev/null)" ]; then
			printf '%s\n' "$package"
		fi
	done
}

# multilib_package: what lets the C compiler write 32-bit code. The package without a version in
# its name excludes cross compilers.
multilib_package() {
	[ "$(uname -m)" != x86_64 ] || printf 'gcc-%s-multilib\n' "$(gcc -dumpversion 2>/dev/null)"
}

# install_packages YES PACKAGE...: installs those that are missing, on Debian and
# its kin; elsewhere, or if YES is empty, says which are missing.
install_packages() {
	local yes=$1 package missing=() sudo=()
	shift

	if ! command -v dpkg-query >/dev/null 2>&1 || ! command -v apt-get >/dev/null 2>&1; then
		note "packages install themselves on Debian and Ubuntu only; needed here are"
		note "  a C11 compiler, make, cmake 3.18 or newer, pkg-config, and with headers"
		note "  libdw and libelf (elfutils), zlib, xxHash, libzstd"
		case " $* " in
		*cmocka*) note "  to test: cmocka, python3, shellcheck, bpftool, libbpf, pahole, clang" ;;
		esac
		[ -z "$yes" ] || die "install those, then call again with --no-install"
		return 0
	fi
	for package in "$@"; do
		package_here "$package" || missing+=("$package")
	done
	[ ${#missing[@]} -gt 0 ] || return 0
	[ -n "$yes" ] || die "missing packages: ${missing[*]}"
	if [ "$(id -u)" != 0 ]; then
		command -v sudo >/dev/null 2>&1 ||
			die "as root, please: apt-get install ${missing[*]}"
		sudo=(sudo)
	fi
	note "installing ${missing[*]}"
	{
		"${sudo[@]}" apt-get -q update &&
			"${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -y \
				-o Dpkg::Use-Pty=0 install --no-install-recommends "${missing[@]}"
	} </dev/null >&2 || die "could not install ${missing[*]}"
}

# configure FOLDER CMAKE-ARGUMENT...; build FOLDER ARGUMENT...: quiet when all is well.
configure() {
	local dir=$1
	shift
	quietly cmake -S "$(source_top)" -B "$dir" "$@"
}

build() {
	local dir=$1
	shift
	quietly cmake --build "$dir" -j "$JOBS" "$@"
}

quietly() {
	local log

	log=$(mktemp) || exit 1
	if ! "$@" </dev/null >"$log" 2>&1; then
		cat -- "$log" >&2
		rm -f -- "$log"
		die "'$*' failed"
	fi
	grep -E 'warning:|CMake Warning' "$log" >&2
	rm -f -- "$log"
}
