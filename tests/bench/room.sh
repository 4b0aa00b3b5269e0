#!/bin/bash
# SPDX-License-Identifier: MIT
#
# What a room costs vc-mix --minus-one on the virtual clock, in per cents of a
# core: with people (3 talk, the others are silent and send next to nothing), and
# with talkers (of 60, all mixed).
#
# Environment: BENCH_SECONDS of conference (20).
set -eu
. "${BASH_SOURCE[0]%/*}/mixbench.bash"

seconds=${BENCH_SECONDS:-20}

# Per cents of a core of vc-mix: room.PEOPLE.TALKERS, options.
cost()
{
	local file=$1

	shift
	TIMEFORMAT='%U %S'
	{ time vc-mix --video=off --minus-one "$@" "$file" >/dev/null \
		2>errors; } 2>&1 |
		awk -v s="$seconds" 'END { printf "%.2f\n", ($1 + $2) / s * 100 }'
}

say()
{
	printf '{"bench":"%s","value":%s,"unit":"%% of a core"}\n' "$1" "$2"
	printf '%-44s %8s\n' "$1" "$2" >&2
}

for people in 3 10 30 100 300 1000; do
	room "$people" 3 "$seconds"
	say "room of $people, 3 talk" "$(cost "room.$people.3")"
done
for talkers in 1 3 10 30 60; do
	room 60 "$talkers" "$seconds"
	say "room of 60, $talkers talk and are mixed" \
		"$(cost "room.60.$talkers" --talkers "$talkers")"
done
say "room of 60, 60 talk, 3 are mixed" "$(cost room.60.60)"
