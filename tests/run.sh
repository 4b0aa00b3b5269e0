#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Runs test programs and sums them up.
#
#   run.sh FILE...
#
# A FILE is a program of cmocka (TAP), a replay program (replay_NAME: feeds
# tests/fuzz/corpus/NAME) or a .bats file. Every test case counts, and so does a
# program that ends badly after its last one, a test that was skipped, or a
# sanitizer's report on any process the program started: these have failed. One
# line a program, and what it said if a test failed. The last line is "N passed,
# N failed"; exit 0 only if tests ran and none failed.
#
# A few programs run at a time. Those .bats files come last which measure time
# on the live clock, so that nothing that computes runs beside them: first the
# ones with a line "# Runs live, N s...", which mostly wait, so that many of
# them get on with each other, the longest first, and no more of them begin while
# the processors are busy; then those without a number, which compute as well;
# then, one by one, those with a line "# Runs alone...".
#
# What a .bats file measures on the live clock another machine's work may spoil.
# So of those that failed up to five are run again at the very end, by
# themselves, and count as that run says; both runs are shown. This is not for
# programs, nor where a sanitizer reported or more than five failed.
#
# Environment: VC_BUILD, the build folder. T, a pattern: only programs whose
# name contains it. LIVE, "no" for those only that do not measure time, "only"
# for those that do. SAN, the sanitizers it is built with, if any: .bats files
# are left out then, and named at the end, whose line says that they go "by the
# clock", which a slow program does not, or "Runs plain", as what they run others
# run as well. VC_JOBS, programs at a time (3). VC_SLOW, how many times longer
# than usual all may take before it is stopped (1; with SAN 5).
set -u
cd "$(dirname "$0")/.." || exit 1

: "${VC_BUILD:=build}"
[[ $VC_BUILD = /* ]] || VC_BUILD=$PWD/$VC_BUILD
export VC_BUILD
export PATH="$VC_BUILD/bin:$PATH"
export CMOCKA_MESSAGE_OUTPUT=TAP
export G_SLICE=always-malloc
export LSAN_OPTIONS="suppressions=$PWD/tests/lsan.supp:print_suppressions=0"
# A run by hand and a run by a robot are to see the same.
unset NOTIFY_SOCKET BATS_TEST_FILTER CDPATH GREP_OPTIONS
export LC_ALL=C.UTF-8 TZ=UTC

: "${SAN:=}"
export VC_SLOW=${VC_SLOW:-$((${SAN:+4} + 1))}
jobs=${VC_JOBS:-3}
processors=$(nproc)
logs=$VC_BUILD/log
results=$logs/results${LIVE:+.$LIVE}
retries=$results.again
again=
mkdir -p "$logs"
: >"$results"
: >"$retries"

# The name a program goes by: unit/test_rtp, fuzz/sdp, e2e/send.
name_of()
{
	local name=${1##*/tests/}

	name=${name#tests/}
	name=${name/#fuzz\/replay_/fuzz/}
	echo "${name%.bats}"
}

# Becomes FILE, with its output on stdout; timeout ends all that it started when
# it is ended itself.
run_one()
{
	local unit=$((400 * VC_SLOW)) bats=$((900 * VC_SLOW))

	case $1 in
	*.bats)
		exec timeout -k 10 "$bats" bats --timing --tap "$1" ;;
	*/replay_*)
		exec timeout -k 10 "$unit" "$1" \
			"tests/fuzz/corpus/${1##*/replay_}" ;;
	*)
		exec timeout -k 10 "$unit" "$1" ;;
	esac
}

# Sets passed and failed from TAP in file $1 and the exit code $2.
count()
{
	local plan ran

	passed=$(grep -cE '^ok [0-9]+' "$1")
	failed=$(grep -cE '^not ok [0-9]+' "$1")
	ran=$(grep -ciE '^ok [0-9]+.*# skip' "$1")
	passed=$((passed - ran)) failed=$((failed + ran))
	ran=$((passed + failed))
	plan=$(grep -m1 -oE '^1\.\.[0-9]+' "$1")
	plan=${plan#1..}
	if [ -n "$plan" ] && [ "$ran" -lt "$plan" ]; then
		failed=$((failed + plan - ran))
	elif [ "$failed" -eq 0 ] && { [ "$2" -ne 0 ] || [ "$ran" -eq 0 ]; }; then
		failed=1
	fi
}

# Why a program ended as it did, or nothing.
ending()
{
	case $1 in
	0 | 1) ;;
	124 | 137) echo ", ran out of time" ;;
	12[89] | 1[3-9]? | 2??) echo ", killed by signal $(($1 - 128))" ;;
	*) echo ", exit code $1" ;;
	esac
}

# Runs FILE and reports; a job of its own. A line of results is shorter than
# PIPE_BUF, so that lines of two jobs do not mix; the report is locked.
job()
{
	local name log code begin pid

	name=$(name_of "$1")
	log=$logs/${name//\//-}.log
	rm -f "${log%.log}".san.*
	# In files, as the test may look away from what its tools say.
	export ASAN_OPTIONS="print_legend=0:log_path=${log%.log}.san"
	export UBSAN_OPTIONS="print_stacktrace=1:$ASAN_OPTIONS"
	begin=$EPOCHREALTIME
	run_one "$1" >"$log" 2>&1 </dev/null &
	pid=$!
	trap 'kill $pid 2>/dev/null; exit 1' INT TERM
	wait "$pid"
	code=$?
	count "$log" "$code"
	# Of a process that a test kills while it is being searched for leaks
	# there is a report of nothing, or of the search that ended.
	if grep -shv 'Unable to get registers from thread' \
		"${log%.log}".san.* >>"$log"; then
		[ "$failed" -gt 0 ] || failed=1
	elif [ "$failed" -gt 0 ] && [[ $1 == *.bats ]] && [ -z "$again" ]; then
		echo "$1" >>"$retries"
	fi
	echo "$passed $failed $name" >>"$results"
	(
		flock 9
		report
	) 9>>"$results"
}

report()
{
	local took

	took=$(((${EPOCHREALTIME/./} - ${begin/./}) / 100000))
	took=$((took / 10)).$((took % 10))
	if [ "$failed" -eq 0 ]; then
		printf 'ok    %-32s %4d  %6ss%s\n' "$name" "$passed" "$took" \
			"${again:+  by itself, the second time}"
		return
	fi
	printf 'FAIL  %-32s %4d  %6ss  %d failed%s\n' "$name" "$passed" \
		"$took" "$failed" "$(ending "$code")"
	if [ "$(wc -l <"$log")" -le 400 ]; then
		grep -vE '^ok [0-9]+|^1\.\.' "$log" | sed 's/^/      | /'
	else
		grep -E '^not ok' "$log" | sed 's/^/      | /'
		echo "      | ... (all of it: $log)"
		tail -n 200 "$log" | sed 's/^/      | /'
	fi
}

stop()
{
	local pids

	mapfile -t pids < <(jobs -p)
	kill "${pids[@]}" 2>/dev/null
	wait
	exit 130
}
trap stop INT TERM

case ${LIVE:=} in
'' | no | only) ;;
*)
	echo "run.sh: LIVE: '$LIVE': no or only" >&2
	exit 2
	;;
esac
crowd=() waiting=() live=() alone=() left_out=()
for file; do
	case $(name_of "$file") in
	*"${T:-}"*) ;;
	*) continue ;;
	esac
	if [[ $file != *.bats ]]; then
		crowd+=("$file")
	elif [ "$SAN" ] &&
		grep -qE '^#.*Runs (plain|.*by the clock)' "$file"; then
		left_out+=("$(name_of "$file")")
	elif grep -q '^#.*Runs alone' "$file"; then
		alone+=("$file")
	elif about=$(grep -m 1 -oP '^#.*Runs live(, )?\K[0-9]*' "$file"); then
		if [ -n "$about" ]; then
			waiting+=("$about $file")
		else
			live+=("$file")
		fi
	else
		crowd+=("$file")
	fi
done

# Waits, a minute at most, until in two looks no more processes want to run than
# there are processors. What runs at idle priority is in nobody's way.
settle()
{
	local seen calm=0 end=$((SECONDS + 60))

	while [ "$calm" -lt 2 ] && [ "$SECONDS" -lt "$end" ]; do
		sleep 0.5
		seen=$(ps -eo cls=,stat= | awk '/TS *R/ { n++ } END { print n + 0 }')
		# One of them is ps.
		if [ "$seen" -le $((processors + 1)) ]; then
			calm=$((calm + 1))
		else
			calm=0
		fi
	done
}

# Runs FILE..., $1 at a time; those beyond $2 only when they have room.
run_all()
{
	local most=$1 free=$2 running=0 file

	shift 2
	for file; do
		if [ "$running" -ge "$most" ]; then
			wait -n
			running=$((running - 1))
		fi
		[ "$running" -lt "$free" ] || settle
		job "$file" &
		running=$((running + 1))
	done
	wait
}

[ "$LIVE" = only ] || run_all "$jobs" "$jobs" "${crowd[@]}"
if [ "$LIVE" != no ]; then
	mapfile -t waiting < <(printf '%s' "${waiting[@]/%/$'\n'}" | sort -rn |
		cut -d ' ' -f 2-)
	run_all $((jobs + 5)) 2 "${waiting[@]}"
	run_all "$jobs" "$jobs" "${live[@]}"
	run_all 1 1 "${alone[@]}"
fi

mapfile -t retry <"$retries"
if [ "${#retry[@]}" -le 5 ]; then
	again=yes
	for file in "${retry[@]}"; do
		sed -i "\\|^[0-9]* [0-9]* $(name_of "$file")\$|d" "$results"
		run_all 1 1 "$file"
	done
fi
[ -z "${retry[*]}" ] || echo "failed the first time: ${retry[*]}"
[ -z "${left_out[*]}" ] || echo "left out with sanitizers: ${left_out[*]}"

passed=0 failed=0
while read -r p f _; do
	passed=$((passed + p)) failed=$((failed + f))
done <"$results"
[ "$((passed + failed))" -gt 0 ] || echo "run.sh: no test ran" >&2
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
