#!/bin/bash
# SPDX-License-Identifier: MIT
#
# How far sound and picture are apart in recordings of senders whose clocks are
# 500 ppm off, through a network that loses 5 % and brings sender reports up to
# 3 s late: at the beginning, in the middle and at the end, by the marks in what
# is decoded from the file.
#
#	MINUTES=60 tests/e2e/avsync.sh [PPM_OF_SOUND,PPM_OF_PICTURES]...
#
# The 6.5 ms that Opus looks ahead, which the file says and players take off, are
# in it. Prints a line for each sender and part; fails where it is more than 10 ms,
# or where there are too few marks. All is on the virtual clock; with 60 minutes it
# takes 45 s of computing, and 60 MB in the current folder.
set -eu -o pipefail

minutes=${MINUTES:-1}
here=$(dirname "$0")
end=$((minutes * 60))
part=$((end < 90 ? end / 3 : 30))
[ $# -gt 0 ] || set -- 500,500 -500,-500 500,-500 -500,500

# The smallest picture that marks fit into.
vc-capture --virtual -t ${end}s --size 160x90 --fps 5 --vbitrate 60k \
	--keyint 2s --complexity 0 --name al --cname al --marks test: >al.vcrtp

failed=0
for ppm; do
	python3 "$here/skew.py" "$ppm" <al.vcrtp |
		vc-impair --seed 1 only=rtp loss=5% \
			delay=40ms jitter=20ms |
		vc-impair --seed 2 only=rtcp \
			delay=1500ms jitter=1500ms:uniform |
		vc-record -q --overwrite sync.webm >sync.names
	for from in 0 $(((end - part) / 2)) $((end - part)); do
		vc-probe --marks --json --part ${from}s-$((from + part))s \
			sync.webm >sync.json
		read -r sound picture off < <(jq -r '
			[.sources[] | select(.kind == "audio").marks |
				.read, .av_offset_ms] as [$sound, $off] |
			[.sources[] | select(.kind == "video").marks.read] |
			"\($sound) \(.[0]) \($off)"' sync.json)
		how=$(awk -v off="$off" -v sound="$sound" -v picture="$picture" \
			-v part="$part" 'BEGIN {
			ok = off != "null" && off <= 10 && off >= -10 &&
				sound >= 0.85 * part && picture >= 1.5 * part
			print ok ? "ok" : "WRONG" }')
		[ "$how" = ok ] || failed=1
		echo "$ppm ppm, ${from}s-$((from + part))s:" \
			"$off ms by $sound and $picture marks: $how"
	done
done
exit $failed
