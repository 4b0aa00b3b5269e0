#!/bin/bash
# SPDX-License-Identifier: MIT
#
# 49 people of 320x180 at 15 frames/s, live, into a grid of 1280x720 at 15
# frames/s: recordings played at their own pace. Counted is what came too late
# or not at all: tiles that were still being decoded, pictures left out, ticks
# skipped, frames lost. And what it costs.
#
# Environment: BENCH_SECONDS (20), BENCH_TILES (49).
set -eu
. "${BASH_SOURCE[0]%/*}/mixbench.bash"

seconds=${BENCH_SECONDS:-20} tiles=${BENCH_TILES:-49}

people "$tiles" "$seconds" 320x180 15 150k

live()
{
	vc-mix --live --fps 15 --audio=off --stats stats.json \
		--stats-interval 500ms "${in[@]}"
}

spent live >live.txt
vc-probe --json output >probe.json
# The last record with people in it, half a second before the end at most.
jq -s --slurpfile out probe.json --argjson n "$((seconds * 15))" '
	last as $last | ([.[] | select(.mix.views > 0)] | last) as $r |
	[$r.mix.participants[].sources[] | select(.codec == "VP8")] as $v |
	{
		sources: ($v | length),
		frames: ($v | map(.frames) | add),
		lost: ($v | map(.broken + .waiting + .late + .malformed) | add),
		late: ($last.mix.late_tiles + $last.mix.late_pictures +
			$last.skipped_ticks),
		pictures: ($out[0].sources[0].frames),
		missing: ([$n - 1 - $out[0].sources[0].frames, 0] | max),
	}' stats.json >counts.json
cat counts.json >&2
jq -e --argjson t "$tiles" --argjson n "$((seconds * 15))" \
	'.sources == $t and .frames >= $t * ($n - 15)' counts.json >/dev/null || {
	echo "mix_live: not all was decoded" >&2
	exit 1
}
tell "$tiles live, late tiles and pictures" "$(jq .late counts.json)" "" \
	"pictures" "$(jq .pictures counts.json)" 0
tell "$tiles live, lost frames" "$(jq '.lost + .missing' counts.json)" "" \
	"frames" "$(jq .frames counts.json)" 0
tell "$tiles live, CPU" "$(median 1 live.txt)" "s" "one core" "$seconds"
