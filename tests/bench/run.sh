#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Runs all measurements: every program tests/bench/bench_* in the build folder
# and every other script beside this one.
# Results are JSON lines on stdout, one a result ({"bench","value","unit",
# "peer","ratio"}: ratio is ours divided by the peer's), tables on stderr.
#
# Environment: VC_BUILD, the build folder. T, a pattern: only programs whose
# name contains it.
set -u
cd "$(dirname "$0")/../.." || exit 1

: "${VC_BUILD:=build}"
[[ $VC_BUILD = /* ]] || VC_BUILD=$PWD/$VC_BUILD
export PATH="$VC_BUILD/bin:$PATH"
export LC_ALL=C.UTF-8

ran=0 wrong=0
for program in "$VC_BUILD"/tests/bench/bench_* tests/bench/*.sh; do
	if [ ! -x "$program" ] || [ "$program" = tests/bench/run.sh ]; then
		continue
	fi
	[[ ${program##*/} == *${T-}* ]] || continue
	ran=$((ran + 1))
	"$program" || wrong=$((wrong + 1))
done
[ "$ran" -gt 0 ] || echo "no measurement found in $VC_BUILD/tests/bench" >&2
[ "$ran" -gt 0 ] && [ "$wrong" -eq 0 ]
