#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Three people of 640x360 at 30 frames/s into a grid of 1280x720 on the virtual
# clock, and three mixes of sound: vc-mix beside GStreamer's compositor with the
# same encoder settings (VP8, 1.5 Mbit/s, real time, one thread, one key frame in
# 2 s) and one audiomixer, from files of the same streams. CPU seconds a minute
# of conference, and how much faster than real time vc-mix runs.
set -eu
. "${BASH_SOURCE[0]%/*}/mixbench.bash"

seconds=${BENCH_SECONDS:-20} rounds=${BENCH_ROUNDS:-3}

for p in alice bob carol; do
	vc-capture --virtual -t "${seconds}s" --name "$p" --cname "$p" \
		-o "$p.vcrtp" test:
	vc-record -q -i "$p.vcrtp" "$p.webm" >/dev/null
done

ours()
{
	vc-mix --minus-one alice=alice.vcrtp bob=bob.vcrtp carol=carol.vcrtp \
		>/dev/null
}

peer()
{
	gst-launch-1.0 -q \
		compositor name=c sink_1::xpos=640 sink_2::xpos=320 \
		sink_2::ypos=360 background=black ! \
		video/x-raw,width=1280,height=720,framerate=30/1 ! \
		vp8enc deadline=1 cpu-used=-8 threads=1 end-usage=cbr \
		target-bitrate=1500000 keyframe-max-dist=60 ! fakesink \
		audiomixer name=m ! audio/x-raw,rate=48000,channels=1 ! \
		opusenc bitrate=32000 ! fakesink \
		filesrc location=alice.webm ! matroskademux name=a \
		a. ! queue ! vp8dec ! c.sink_0 a. ! queue ! opusdec ! m. \
		filesrc location=bob.webm ! matroskademux name=b \
		b. ! queue ! vp8dec ! c.sink_1 b. ! queue ! opusdec ! m. \
		filesrc location=carol.webm ! matroskademux name=d \
		d. ! queue ! vp8dec ! c.sink_2 d. ! queue ! opusdec ! m.
}

for ((i = 0; i < rounds; i++)); do
	spent ours >>ours.txt
	spent peer >>peer.txt
done

minute() { awk -v v="$1" -v s="$seconds" 'BEGIN { print v * 60 / s }'; }
tell "mix of three, 1280x720" "$(minute "$(median 1 ours.txt)")" "CPU s/min" \
	"gstreamer compositor" "$(minute "$(median 1 peer.txt)")"
tell "mix of three, wall clock" "$(minute "$(median 2 ours.txt)")" "s/min" \
	"real time" 60
