#!/bin/bash
# SPDX-License-Identifier: MIT
#
# C sources look as .clang-format makes them; all text ends in a newline and has
# no blank at the end of a line. `make format` cures the first.
set -u
cd "$(dirname "$0")/../.." || exit 1

mapfile -t files < <(find common cmd tests -name '*.[ch]' | sort)
if [ "${#files[@]}" -eq 0 ]; then
	echo "no source found: nothing was looked at"
	exit 1
fi
wrong=0
said=$(printf '%s\0' "${files[@]}" |
	xargs -0 clang-format --dry-run -Werror 2>&1) || wrong=1
grep -F '[-Wclang-format-violations]' <<<"$said" | cut -d: -f1 | uniq -c |
	sed -E 's/ *([0-9]+) (.*)/\2: \1 places to format/'
! grep -rnIE --include='*.'{c,h,sh,bash,bats,1,7,md} '[[:blank:]]+$' \
	common cmd tests man completions Makefile .ci || wrong=1
exit "$wrong"
