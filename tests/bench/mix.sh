#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Three people of 640x360 at 30 frames/s into a grid of 1280x720 on the virtual
# clock, and three mixes of sound: vc-mix beside GStreamer's compositor with the
# same encoder settings (VP8, 1.5 Mbit/s, real time, one thread, one key frame in
# 2 s) and one audiomixer, from files of the same streams. CPU seconds a minute
# of conference, and how much faster than real time vc-mix runs.
set -eu

seconds=${BENCH_SECONDS:-20} rounds=${BENCH_ROUNDS:-3}
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"

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

# "CPU WALL" in seconds of one run.
spent()
{
	TIMEFORMAT='%U %S %R'
	{ time "$1" 2>errors; } 2>&1 | awk 'END { print $1 + $2, $3 }'
}

# The middle one of column $1 of file $2.
median()
{
	awk -v c="$1" '{ print $c }' "$2" | sort -n |
		awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'
}

for ((i = 0; i < rounds; i++)); do
	spent ours >>ours.txt
	spent peer >>peer.txt
done

a=$(median 1 ours.txt) b=$(median 1 peer.txt) w=$(median 2 ours.txt)
awk -v a="$a" -v b="$b" -v w="$w" -v s="$seconds" 'BEGIN {
	k = 60 / s
	printf "{\"bench\":\"mix of three, 1280x720\",\"value\":%.2f," \
		"\"unit\":\"CPU s/min\",\"peer\":\"gstreamer compositor\"," \
		"\"peer_value\":%.2f,\"ratio\":%.3f}\n", a * k, b * k, a / b
	printf "{\"bench\":\"mix of three, wall clock\",\"value\":%.2f," \
		"\"unit\":\"s/min\",\"peer\":\"real time\"," \
		"\"peer_value\":60,\"ratio\":%.3f}\n", w * k, w / s
	printf "\nmix of three, CPU s a minute: vc-mix %.2f, compositor %.2f;" \
		" wall %.2f s a minute\n", a * k, b * k, w * k \
		>"/dev/stderr"
}'
