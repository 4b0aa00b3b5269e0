#!/bin/bash
# SPDX-License-Identifier: MIT
#
# How the cost of pictures grows: with tiles of 320x180 at 15 frames/s in one
# view of 1280x720, from 1 to 49; and with distinct views of 640x360 of nine
# people, from 1 to 8. CPU a minute of conference, on the virtual clock. The
# peer is the first row, times as many.
#
# Environment: BENCH_SECONDS of conference (20).
set -eu
. "${BASH_SOURCE[0]%/*}/mixbench.bash"

seconds=${BENCH_SECONDS:-20}

people 49 "$seconds" 320x180 15 150k
all=("${in[@]}")

tiles() { vc-mix --fps 15 --audio=off "${all[@]:0:$1}"; }

# One for everybody, and others that differ in their rate.
views()
{
	local more=() i

	for ((i = 1; i < $1; i++)); do
		more+=(--out-class "c$i:640x360@$((500 + i))k" --out "o$i=c$i")
	done
	vc-mix --fps 15 --size 640x360 --vbitrate 500k --audio=off "${more[@]}" \
		"${all[@]:0:9}"
}

minute() { awk -v v="$1" -v s="$seconds" 'BEGIN { print v * 60 / s }'; }

for what in tiles views; do
	case $what in
	tiles) rows=(1 4 9 16 25 36 49) ;;
	views) rows=(1 2 4 8) ;;
	esac
	first=
	for n in "${rows[@]}"; do
		spent "$what" "$n" >row.txt
		cpu=$(minute "$(median 1 row.txt)")
		: "${first:=$cpu}"
		tell "$n $what" "$cpu" "CPU s/min" "$n times one" \
			"$(awk -v v="$first" -v n="$n" 'BEGIN { print v * n }')"
	done
done
