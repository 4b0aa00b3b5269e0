#!/bin/bash
# SPDX-License-Identifier: MIT
#
# How many sessions vc-probe load bears against a peer that sends all of it back,
# on the same machine: per cents of a core that it takes, the loss, and the ticks
# that came late.
#
# Environment: BENCH_SECONDS of each (5).
set -eu

seconds=${BENCH_SECONDS:-5}
dir=$(mktemp -d)
mkfifo "$dir/ready"
vc-probe reflect --plain --max-rate 1G --ready="$dir/ready" rtp://127.0.0.1:0 \
	2>"$dir/err" &
peer=$!
trap 'kill "$peer" 2>/dev/null || :; rm -rf "$dir"' EXIT
read -r _ url <"$dir/ready"

say()
{
	printf '{"bench":"%s","value":%s,"unit":"%s"}\n' "$1" "$2" "$3"
	printf '%-44s %8s %s\n' "$1" "$2" "$3" >&2
}

for sessions in 50 200 500; do
	TIMEFORMAT='%U %S'
	cost=$({ time vc-probe load --sessions $sessions -t "${seconds}s" \
		--json "$url" >"$dir/record" 2>"$dir/err" || :; } 2>&1 |
		awk -v s="$seconds" 'END { printf "%.1f", ($1 + $2) / s * 100 }')
	say "load.$sessions.cpu" "$cost" "% of a core"
	say "load.$sessions.loss" "$(jq '.total.loss * 100' "$dir/record")" "%"
	say "load.$sessions.late" "$(jq .total.late_ticks "$dir/record")" ticks
done
