#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Every header compiles alone, with gcc and with clang, and is guarded.
set -u
cd "$(dirname "$0")/../.." || exit 1

mapfile -t headers < <(find common cmd tests -name '*.h' | sort)
if [ "${#headers[@]}" -eq 0 ]; then
	echo "no header found: nothing was looked at"
	exit 1
fi

check()
{
	local cc wrong=0

	for cc in gcc clang; do
		# shellcheck disable=SC2086,SC2154 # lists of flags
		echo "#include \"$1\"" | "$cc" -std=gnu11 $cppflags -I. -Itests \
			$VC_WARN -Wno-unused-function -Werror -fsyntax-only \
			-x c - || wrong=1
	done
	grep -q '^#ifndef VC_' "$1" || {
		echo "$1: no guard '#ifndef VC_...'"
		wrong=1
	}
	return "$wrong"
}
export -f check
# The version's quotes do not survive splitting, and no header needs it.
cppflags=${VC_CPPFLAGS/-DVC_VERSION=*/}
export cppflags
# shellcheck disable=SC2016 # for the other shell
printf '%s\0' "${headers[@]}" | xargs -0 -n 1 -P 2 bash -c 'check "$0"' || exit 1
