#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#
# random_relocation.sh RANDOM_RELOCATION FIRST_SEED NUMBER: with the newest libbpf if it is there
# (scripts/fetch-peer), else with the system's.

run=${BTFGEN_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/btfgen}/peer/bin/run
if [ -x "$run" ]; then
	exec "$run" "$@"
fi
exec "$@"
