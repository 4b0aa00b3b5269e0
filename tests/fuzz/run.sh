#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Lets each fuzz target look for trouble for a while.
#
#   run.sh FILE...
#
# A FILE is a program fuzz_NAME of libFuzzer. It starts from the seeds in
# tests/fuzz/corpus/NAME and from what earlier runs found, which is kept in
# $VC_BUILD/corpus/NAME; inputs that break it are left in $VC_BUILD/found. Those
# belong into the corpus, for `make check` to replay, once they are understood.
#
# Environment: VC_BUILD, the build folder. TIME, seconds a target (10). T, a
# pattern: only targets whose name contains it.
set -u
cd "$(dirname "$0")/../.." || exit 1

: "${VC_BUILD:=build/fuzz}"
mkdir -p "$VC_BUILD/found"
log=$VC_BUILD/found/log
passed=0 failed=0
for file; do
	name=${file##*/fuzz_}
	case $name in
	*"${T:-}"*) ;;
	*) continue ;;
	esac
	seeds=tests/fuzz/corpus/$name
	mkdir -p "$VC_BUILD/corpus/$name"
	[ -d "$seeds" ] || seeds=
	if "$file" -max_total_time="${TIME:-10}" -timeout=10 -max_len=20000 \
		-rss_limit_mb=1500 -print_final_stats=1 -verbosity=1 \
		-artifact_prefix="$VC_BUILD/found/$name-" \
		"$VC_BUILD/corpus/$name" ${seeds:+"$seeds"} \
		>"$log" 2>&1 </dev/null; then
		passed=$((passed + 1))
		printf 'ok    %-20s %s runs, %s inputs kept\n' "$name" \
			"$(sed -n 's/^stat::number_of_executed_units: //p' \
				"$log")" \
			"$(find "$VC_BUILD/corpus/$name" -type f | wc -l)"
	else
		failed=$((failed + 1))
		printf 'FAIL  %s\n' "$name"
		tail -n 60 "$log" | sed 's/^/      | /'
	fi
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
