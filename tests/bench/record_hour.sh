#!/bin/bash
# SPDX-License-Identifier: MIT
#
# An hour of two people on the virtual clock, 640x360 at 30 frames/s and 500
# kbit/s, and Opus at 32 kbit/s (one minute, over and over, prepared in a file):
# recorded as WebM, converted to Matroska, and that verified without decoding.
# And a full verify beside libvpx and libopus decoding the same (baredecode).
#
# Environment: BENCH_MINUTES (60), BENCH_ROUNDS (3) of what is decoded.
set -eu
. "${BASH_SOURCE[0]%/*}/mixbench.bash"

minutes=${BENCH_MINUTES:-60} rounds=${BENCH_ROUNDS:-3}

people 2 60 640x360 30 500k
vc-record -q -i p1.vcrtp -i p2.vcrtp minute.vcrtp >/dev/null
streamedit repeat "$minutes" 60 <minute.vcrtp >hour.vcrtp
# It is read from memory, as far as there is some.
cat hour.vcrtp >/dev/null

costof cost.txt vc-record -q -i hour.vcrtp hour.webm >/dev/null
rm hour.vcrtp
costof cost.txt vc-record convert -q hour.webm again.mkv >/dev/null
rm hour.webm*
costof cost.txt vc-record verify --headers --json again.mkv >verdict.json
jq -e --argjson m "$minutes" '(.tracks | length) == 4 and
	([.tracks[] | select(.kind == "video") | .units] | add) >=
		2 * ($m * 1800 - 2) and
	all(.tracks[]; .to_ms > ($m * 60 - 1) * 1000) and
	all(.checks[]; .holds != false)' verdict.json >/dev/null || {
	echo "record_hour: not all of it is there" >&2
	exit 1
}
for what in recorded converted 'verified, --headers'; do
	read -r cpu wall kb
	tell "$minutes minutes of two $what, CPU" "$cpu" s "wall clock" "$wall"
	tell "$minutes minutes of two $what, memory" "$((kb / 1024))" MB "" 0
	echo "$wall" >>walls.txt
done <cost.txt
tell "$minutes minutes of two, all three" \
	"$(awk '{ sum += $1 } END { print sum }' walls.txt)" s \
	"a minute" "$minutes" 1

vc-record -q -i minute.vcrtp minute.webm >/dev/null
for ((i = 0; i < rounds; i++)); do
	costof full.txt vc-record verify -q minute.webm >/dev/null
	baredecode minute.webm >>bare.txt
done
tell "a minute of two, verify" "$(median 1 full.txt)" "CPU s" \
	"libvpx and libopus" "$(median 1 bare.txt)" 1.3
