#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# What H.264 alone has: x264 in the place of libopenh264, and
# packetization-mode 0. On the virtual clock, which x264 makes no exception to.

bats_require_minimum_version 1.5.0
export BATS_TEST_TIMEOUT=$((120 * ${VC_SLOW:-1}))
load ../common

capture()
{
	vc-capture --virtual --audio none --name alice --vcodec h264 "$@"
}

# The packets of the H.264 of plain stream $1, a line each: octets, type of the
# payload, marker.
packets()
{
	python3 - "$1" <<-'END'
		import sys
		data = open(sys.argv[1], "rb").read()
		while data:
		    n = int.from_bytes(data[:2], "big")
		    p, data = data[2:2 + n], data[2 + n:]
		    if len(p) < 13 or p[1] & 0x7f != 102:
		        continue
		    at = 12 + 4 * (p[0] & 15)
		    if p[0] & 16:
		        at += 4 + 4 * int.from_bytes(p[at + 2:at + 4], "big")
		    print(n, p[at] & 31, p[1] >> 7)
		END
}

# The mean PSNR of films $1 and $2, of which the first may be longer.
psnr()
{
	ffmpeg -nostdin -i "$1" -i "$2" -lavfi psnr=shortest=1 -f null - 2>&1 |
		sed -n 's/.* average:\([^ ]*\).*/\1/p'
}

@test "x264: as good as stated, key frames when asked for, the same each time" {
	capture -t 3s --encoder x264 --keyint 60s --at '2s keyframe' test: \
		>a.vcrtp
	vc-probe --json a.vcrtp >r.json
	run jq -c '.sources[] | [.codec, .frames, .key_frames, .broken,
		.width, .height]' r.json
	assert_output '["H264",90,2,0,640,360]'
	# Who joins there sees everything.
	vc-impair blackout=1990ms a.vcrtp | vc-probe --json >r.json
	run jq -c '.sources[] | [.begin_s, .frames, .waiting]' r.json
	assert_output '[2,30,0]'
	capture -t 3s --vbitrate 20M test: | vc-play --only alice --y4m best.y4m
	vc-play --only alice --y4m a.y4m a.vcrtp
	db=$(psnr a.y4m best.y4m)
	awk -v v="$db" 'BEGIN { exit !(v >= 40) }' || fail "$db dB"
	rm ./*.y4m
	capture -t 3s --encoder x264 --keyint 60s --at '2s keyframe' test: \
		>b.vcrtp
	cmp a.vcrtp b.vcrtp
}

# The octets of packets in 'list' that come from packet time $1 to $2 would
# need times: pictures are counted instead, 30 a second.
octets()
{
	awk -v from="$1" -v to="$2" 'n >= from && n < to { sum += $1 }
		{ n += $3 } END { print sum }' list
}

@test "x264: the bit rate follows within 200 ms" {
	capture -t 6s --encoder x264 --keyint 60s --plain --vbitrate 800k \
		--at '2s bitrate 200k' --at '4s bitrate 800k' test: >a.rtp
	packets a.rtp >list
	# Half a second each, from 200 ms after the change on.
	for row in "30 15 800" "66 15 200" "126 15 800"; do
		read -r from n rate <<<"$row"
		now=$(($(octets "$from" "$((from + n))") * 8 * 30 / n / 1000))
		[ "$now" -ge $((rate / 2)) ] && [ "$now" -le $((rate * 5 / 4)) ] ||
			fail "$row: $now kbit/s"
	done
}

@test "packetization-mode 0: single units that fit, and it is said" {
	for encoder in openh264 x264; do
		for size in "320x180 300k" "1280x720 8M"; do
			read -r size rate <<<"$size"
			options=(-t 1s --encoder "$encoder" --size "$size"
				--vbitrate "$rate" --packetization-mode 0)
			capture "${options[@]}" --plain test: >a.rtp
			packets a.rtp >list
			run awk '$1 > 1200 || $2 < 1 || $2 > 23' list
			assert_output ""
			[ "$(awk '{ n += $3 } END { print n }' list)" -eq 30 ]
			capture "${options[@]}" test: >a.vcrtp
			vc-probe --json a.vcrtp >r.json
			run jq -c '.sources[] | [.codec, .frames, .broken]' r.json
			assert_output '["H264",30,0]'
			run grep -ac 'packetization-mode=0;' a.vcrtp
			assert_output 1
			run -1 grep -ac 'packetization-mode=1;' a.vcrtp
		done
		# There was something to cut.
		[ "$(wc -l <list)" -gt 100 ]
	done
	capture -t 1s --plain test: >a.rtp
	packets a.rtp | awk '$2 == 28 { n++ } END { exit !n }'
}

@test "packetization-mode 0 of a composed picture, with all who are in it" {
	local mix=(vc-mix --audio=off --vcodec h264 --vbitrate 20M
		--packetization-mode 0)

	vc-capture --virtual -t 1s --audio none --people 15 --size 320x180 \
		test: >in.vcrtp
	"${mix[@]}" --plain in.vcrtp >a.rtp
	packets a.rtp >list
	run awk '$1 > 1200 || $2 < 1 || $2 > 23' list
	assert_output ""
	[ "$(wc -l <list)" -gt 100 ]
	"${mix[@]}" in.vcrtp >a.vcrtp
	run grep -ac 'packetization-mode=0;' a.vcrtp
	assert_output 1
	run jq -c '.sources[] | [.codec, .frames > 20, .broken]' \
		<(vc-probe --json a.vcrtp)
	assert_output '["H264",true,0]'
	vc-mix --audio=off --vcodec h264 --vbitrate 20M --plain in.vcrtp >b.rtp
	packets b.rtp | awk '$2 == 28 { n++ } END { exit !n }'
	run -2 vc-mix --packetization-mode 0 in.vcrtp
	assert_output --partial "--packetization-mode: with --vcodec h264 only"
	run -2 "${mix[@]}" --video=auto in.vcrtp
	assert_output --partial "--packetization-mode=0: not with --video=auto"
	run "${mix[@]}" --audio=mix --video=select -o c.vcrtp in.vcrtp
	assert_output --partial "--packetization-mode has no effect: no picture is composed"
}

@test "GStreamer starts for x264 only, and is said to be missing" {
	export XDG_CACHE_HOME=$PWD
	capture -t 100ms -o a.vcrtp test:
	[ ! -e gstreamer-1.0 ]
	capture -t 100ms --encoder x264 -o a.vcrtp test:
	[ -e gstreamer-1.0 ]
	export XDG_CACHE_HOME=$PWD/none GST_PLUGIN_SYSTEM_PATH_1_0=$PWD
	mkdir none
	run capture -t 100ms --encoder x264 -o a.vcrtp test:
	assert_failure 1
	assert_output "vc-capture: --encoder x264: open: GStreamer's x264enc is \
missing (Debian: gstreamer1.0-plugins-ugly)"
	run vc-capture --virtual -t 100ms --dsp webrtc --agc -o a.vcrtp test:
	assert_failure 1
	assert_output "vc-capture: --dsp webrtc: open: GStreamer's webrtcdsp is \
missing (Debian: gstreamer1.0-plugins-bad)"
}

@test "what belongs to H.264 is wrong usage with others" {
	run -2 vc-capture -t 1s --encoder x264 test:
	assert_output --partial "--encoder: with --vcodec h264 only"
	run -2 vc-capture -t 1s --vcodec vp9 --packetization-mode 0 test:
	assert_output --partial "--packetization-mode: with --vcodec h264 only"
	run -2 capture -t 1s --encoder x265 test:
	assert_output --partial "x265"
	run -2 capture -t 1s --packetization-mode 2 test:
	run -2 vc-capture -t 1s --dsp webrtc test:
	assert_output --partial "--dsp webrtc: with --aec"
}
