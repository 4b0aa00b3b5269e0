#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Nine people of 640x360 at 30 frames/s into a grid of 1280x720, pictures only,
# on the virtual clock: CPU a picture of vc-mix, beside bare libvpx and libyuv
# (baremix.c) and beside GStreamer's compositor, from the same streams with the
# same encoder settings; then with five of the nine that show nothing new after
# the first second. All in turn, the middle one of several runs.
#
# Environment: BENCH_SECONDS of conference (20), BENCH_ROUNDS (5).
set -eu
. "${BASH_SOURCE[0]%/*}/mixbench.bash"

seconds=${BENCH_SECONDS:-20} rounds=${BENCH_ROUNDS:-5}

people 9 "$seconds" 640x360 30 800k
half=("${in[@]}")
for i in 1 3 5 7 9; do
	streamedit still 1 <"p$i.vcrtp" >"s$i.vcrtp"
	half[i - 1]=p$i=s$i.vcrtp
done
graph=(compositor name=c background=black)
sources=()
for ((i = 0; i < 9; i++)); do
	vc-record -q -i "p$((i + 1)).vcrtp" "p$((i + 1)).webm" >/dev/null
	graph+=("sink_$i::xpos=$((426 * (i % 3)))" "sink_$i::ypos=$((240 * (i / 3)))"
		"sink_$i::width=426" "sink_$i::height=240")
	sources+=(filesrc "location=p$((i + 1)).webm" ! matroskademux
		"name=d$i" "d$i.video_0" ! queue ! vp8dec ! "c.sink_$i")
done

ours() { vc-mix --audio=off --stats stats.json "${in[@]}"; }
ours_half() { vc-mix --audio=off "${half[@]}"; }
bare() { baremix 1280x720 30 1500k p?.vcrtp; }

# The encoder as common/codec/vpxenc.c sets it; what stands still it has to find
# out by itself.
peer()
{
	gst-launch-1.0 -q "${graph[@]}" ! \
		video/x-raw,width=1280,height=720,framerate=30/1 ! \
		vp8enc deadline=1 cpu-used=-8 threads=1 end-usage=cbr \
		target-bitrate=1500000 keyframe-max-dist=60 \
		min-quantizer=2 max-quantizer=56 undershoot=100 overshoot=15 \
		buffer-size=1000 buffer-initial-size=500 \
		buffer-optimal-size=600 static-threshold=1 \
		max-intra-bitrate=900 token-partitions=2 auto-alt-ref=false \
		lag-in-frames=0 error-resilient=0 dropframe-threshold=0 \
		noise-sensitivity=0 ! filesink location=/dev/null \
		"${sources[@]}"
}

for ((i = 0; i < rounds; i++)); do
	for what in ours bare peer ours_half; do
		spent "$what" >>"$what.txt"
	done
done
# All that was sent was decoded and shown, as far as the last record tells.
jq -se --argjson n "$((seconds * 30 - 5))" 'last.mix.video_frames >= $n and
	([.[].mix.participants[].sources[] | select(.codec == "VP8") |
		{ssrc, frames}] | group_by(.ssrc) |
		map(map(.frames) | max >= $n) | length == 9 and all)' stats.json >/dev/null || {
	echo "mix_nine: not all was decoded" >&2
	exit 1
}
ms() { awk -v v="$(median 1 "$1.txt")" -v s="$seconds" 'BEGIN { print v * 1000 / (30 * s) }'; }
tell "nine into 1280x720" "$(ms ours)" "CPU ms" "libvpx and libyuv alone" "$(ms bare)" 1.1
tell "nine into 1280x720" "$(ms ours)" "CPU ms" "gstreamer compositor" "$(ms peer)" 0.6
tell "nine, five of them still" "$(ms ours_half)" "CPU ms" "nine that move" "$(ms ours)" 0.8
