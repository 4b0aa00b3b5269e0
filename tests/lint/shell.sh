#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Everything that a shell runs passes shellcheck; zsh and fish look at their own.
set -u
cd "$(dirname "$0")/../.." || exit 1

mapfile -t scripts < <({
	find tests .ci completions -name '*.sh' -o -name '*.bash'
	find .ci tests -type f -perm -u+x ! -name '*.*' -exec \
		grep -lE '^#!.*\b(ba)?sh\b' {} +
} | sort -u)
# In bats, "run" sets status, output and lines, every test is a subshell, and a
# command that fails ends it; dollars in single quotes are for other shells, and
# the same word may be a name and a file.
mapfile -t bats < <(find tests -name '*.bats' | sort)
wrong=0
shellcheck -x -P SCRIPTDIR "${scripts[@]}" || wrong=1
[ "${#bats[@]}" -eq 0 ] ||
	shellcheck -x -P SCRIPTDIR -e SC1091,SC2016,SC2030,SC2031,SC2094,SC2154,SC2164,SC2314,SC2315 \
		"${bats[@]}" || wrong=1
zsh -n completions/_vc || wrong=1
fish -n completions/vc.fish || wrong=1
exit "$wrong"
