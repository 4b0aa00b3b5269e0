#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Lets each fuzz target look for trouble for a while.
#
#   run.sh FILE...
#
# A FILE is a program fuzz_NAME of libFuzzer. It starts from the seeds in
# tests/fuzz/corpus/NAME and from what earlier runs found; inputs that break it
# are left in $VC_BUILD/found. Those belong into the corpus, for `make check` to
# replay, once they are understood.
#
# A run goes on where those before it ended, and may be interrupted (Ctrl-C) at
# any time: what is found is kept in $VC_BUILD/corpus/NAME at once, and how many
# seconds a target has had in $VC_BUILD/spent/NAME. Who has had least is first.
# `make clean` forgets it all.
#
# Environment: VC_BUILD, the build folder. TIME, seconds a target (10). T, a
# pattern: only targets whose name contains it.
set -u
cd "$(dirname "$0")/../.." || exit 1

: "${VC_BUILD:=build/fuzz}"
spent=$VC_BUILD/spent
mkdir -p "$VC_BUILD/found" "$spent"
log=$VC_BUILD/found/log
passed=0 failed=0
pid='' stopped=''
# The target ends by itself then, as after its time.
trap 'stopped=1; [ -z "$pid" ] || kill "$pid" 2>/dev/null' INT TERM

had() { cat "$spent/$1" 2>/dev/null || echo 0; }

# Of FILE..., those that are meant, in their order.
in_order()
{
	local file name

	for file; do
		name=${file##*/fuzz_}
		case $name in
		*"${T:-}"*) printf '%d %s\n' "$(had "$name")" "$file" ;;
		esac
	done | sort -s -n | cut -d ' ' -f 2-
}

# Runs FILE, its NAME being $2, until it has had its time.
fuzz()
{
	local seeds=tests/fuzz/corpus/$2 begin=$SECONDS code

	mkdir -p "$VC_BUILD/corpus/$2"
	[ -d "$seeds" ] || seeds=
	"$1" -max_total_time="${TIME:-10}" -timeout=10 -max_len=20000 \
		-rss_limit_mb=1500 -print_final_stats=1 -verbosity=1 \
		-artifact_prefix="$VC_BUILD/found/$2-" \
		"$VC_BUILD/corpus/$2" ${seeds:+"$seeds"} \
		>"$log" 2>&1 </dev/null &
	pid=$!
	# Once more where a signal to this script ended the waiting.
	wait "$pid"
	code=$?
	[ -z "$stopped" ] || ! kill -0 "$pid" 2>/dev/null || wait "$pid"
	pid=
	echo "$(($(had "$2") + SECONDS - begin))" >"$spent/$2"
	return "$code"
}

mapfile -t files < <(in_order "$@")
for file in "${files[@]}"; do
	name=${file##*/fuzz_}
	fuzz "$file" "$name"
	code=$?
	[ -z "$stopped" ] || break
	if [ "$code" -eq 0 ]; then
		passed=$((passed + 1))
		printf 'ok    %-20s %s runs, %s inputs kept, %s s so far\n' \
			"$name" "$(sed -n \
				's/^stat::number_of_executed_units: //p' \
				"$log")" \
			"$(find "$VC_BUILD/corpus/$name" -type f | wc -l)" \
			"$(had "$name")"
	else
		failed=$((failed + 1))
		printf 'FAIL  %s\n' "$name"
		tail -n 60 "$log" | sed 's/^/      | /'
	fi
done
[ -z "$stopped" ] || echo "interrupted in $name; the next run goes on from here"
echo "$passed passed, $failed failed"
[ -z "$stopped" ] || exit 130
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
