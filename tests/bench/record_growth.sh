#!/bin/bash
# SPDX-License-Identifier: MIT
#
# How the cost of recording grows, on the virtual clock: with sources of sound,
# one file a participant, from 2 to 500 (the peer is ten, times as many); and
# with length, one source of sound from 1 min to 24 h (one minute, over and
# over; the peer is an hour). CPU, and memory, which a source and not an hour may
# take more of. And the memory of a ring of 10 s of ten people with 1.5 Mbit/s
# each that rests (--pre-roll).
#
# Environment: BENCH_SECONDS (20) of many sources, BENCH_HOURS (24).
set -eu
. "${BASH_SOURCE[0]%/*}/mixbench.bash"

seconds=${BENCH_SECONDS:-20} hours=${BENCH_HOURS:-24}
ulimit -n 4096

# Once more where the machine is noisy: the least of three. Sets cpu and kb.
least()
{
	rm -f cost.txt
	for _ in 1 2 3; do
		costof cost.txt "$@" >/dev/null
		rm -rf out && mkdir out
	done
	read -r cpu _ kb < <(sort -n cost.txt)
}
mkdir out

# --- sources ---

vc-capture --virtual -t "${seconds}s" --video none --people 2 \
	--talk 'p1=0s- p2=0s-' -o two test:
record() { least vc-record -q --tracks=participant -i "$1" 'out/{cname}.webm'; }
for n in 10 2 50 100 200 500; do
	if [ "$n" -gt 2 ]; then
		streamedit crowd $((n - 2)) <two >many
	else
		cp two many
	fi
	record many
	: "${ten:=$cpu}" "${ten_kb:=$kb}"
	tell "$n sources, a file each" \
		"$(awk -v v="$cpu" -v s="$seconds" 'BEGIN { print v * 60 / s }')" \
		"CPU s/min" "ten, times as many" "$(awk -v v="$ten" -v n="$n" \
			-v s="$seconds" 'BEGIN { print v * 60 / s * n / 10 }')"
	tell "$n sources, a file each, memory" "$((kb / 1024))" MB ten \
		"$((ten_kb / 1024))"
done
rm many two

# --- length ---

vc-capture --virtual -t 1m --video none --name al --cname al -o minute test:
mkfifo long
unset -v hour hour_kb
for m in 60 1 10 360 $((hours * 60)); do
	rm -f cost.txt
	streamedit repeat "$m" 60 <minute >long &
	feeder=$!
	costof cost.txt vc-record -q -i long out/long.webm >/dev/null
	wait "$feeder"
	vc-record verify --headers --json out/long.webm |
		jq -e --argjson m "$m" '.tracks[0].units >= $m * 3000 and
			all(.checks[]; .holds != false)' >/dev/null || {
		echo "record_growth: $m min: not all of it is there" >&2
		exit 1
	}
	rm -rf out && mkdir out
	read -r cpu _ kb <cost.txt
	: "${hour:=$cpu}" "${hour_kb:=$kb}"
	tell "$m min of sound" "$cpu" "CPU s" "an hour, times as many" \
		"$(awk -v v="$hour" -v m="$m" 'BEGIN { print v * m / 60 }')"
	tell "$m min of sound, memory" "$((kb / 1024))" MB "an hour" \
		"$((hour_kb / 1024))" 1.25
done

# --- a ring ---

people 10 20 640x360 30 1450k
places=()
for p in "${in[@]}"; do
	places+=(-i "${p#*=}")
done
rm -f cost.txt
costof cost.txt vc-record -q --tracks=participant --pre-roll 10s \
	--start-on command --at '15s start' "${places[@]}" 'out/{cname}.webm' \
	>/dev/null
ffprobe -v error -show_entries format=duration -of csv=p=0 out/p7.webm |
	awk '{ exit !($1 > 14 && $1 < 16.5) }' || {
	echo "record_growth: the start did not reach 10 s back" >&2
	exit 1
}
read -r _ _ kb <cost.txt
tell "a ring of 10 s of ten at 1.5 Mbit/s" "$((kb / 1024))" MB allowed 64 1
