#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Half an hour of ten recorded people, 640x360 at 30 frames/s, mixed into
# 1280x720 at 30 frames/s and one sound, on the virtual clock: how long that
# takes, how much memory it needs, and whether that grows. The recordings are
# one minute, over and over.
#
# Environment: BENCH_MINUTES (30), for shorter runs.
set -eu
. "${BASH_SOURCE[0]%/*}/mixbench.bash"

minutes=${BENCH_MINUTES:-30}

people 10 60 640x360 30 800k
for ((i = 1; i <= 10; i++)); do
	mkfifo "f$i"
	in[i - 1]=p$i=f$i
	streamedit repeat "$minutes" 60 <"p$i.vcrtp" >"f$i" &
done

begin=$EPOCHREALTIME
vc-mix --stats stats.json --stats-interval 10s "${in[@]}" >/dev/null &
pid=$!
rss() { sed -n 's/^VmRSS:[^0-9]*\([0-9]*\).*/\1/p' "/proc/$pid/status" 2>/dev/null; }
# What has ended has none any more.
while now=$(rss) && [ -n "$now" ]; do
	echo "$now" >>memory.txt
	sleep 0.2
done
wait "$pid"
wait
end=$EPOCHREALTIME

jq -se --argjson m "$minutes" '([.[].mix.video_ticks] | max) >= $m * 1800 and
	([.[].mix.participants[].sources[] | select(.codec == "VP8") |
		.frames] | max) >= ($m * 1800 - 400)' stats.json >/dev/null || {
	echo "mix_long: not all was mixed" >&2
	exit 1
}
wall=$(awk -v a="$begin" -v b="$end" 'BEGIN { print b - a }')
tell "$minutes minutes of ten, wall clock" "$wall" "s" "a third of that" \
	"$((minutes * 20))" 1
# The most of all, and the mean of the last fifth over that of the second one.
peak=$(sort -n memory.txt | tail -n 1)
tell "$minutes minutes of ten, memory" "$((peak / 1024))" "MB" "allowed" 150 1
awk '{ v[NR] = $1 } END { n = int(NR / 5); if (n < 1) exit 1
	for (i = 1; i <= n; i++) { a += v[n + i]; b += v[NR - n + i] }
	print b / n / 1024, a / n / 1024 }' memory.txt >flat.txt
tell "$minutes minutes of ten, memory at the end" "$(cut -d ' ' -f 1 flat.txt)" \
	"MB" "a fifth after the start" "$(cut -d ' ' -f 2 flat.txt)" 1.05
