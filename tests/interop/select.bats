#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# Pictures of three people in one selected source, one after the other: decoded by
# ffmpeg and by GStreamer like those of one encoder, without a word.

bats_require_minimum_version 1.5.0
export BATS_TEST_TIMEOUT=$((90 * ${VC_SLOW:-1}))
load ../common

setup()
{
	begin
	frames=${VC_BUILD:-build}/tests/interop/frames
	[[ $frames = /* ]] || frames=$BATS_TEST_DIRNAME/../../$frames
}

# The RTP packets of RFC 4571 on stdin, without RTCP.
rtp_only()
{
	python3 -c '
import struct, sys
data, at = sys.stdin.buffer.read(), 0
while at < len(data):
    end = at + 2 + struct.unpack_from(">H", data, at)[0]
    if not 192 <= data[at + 3] <= 223:
        sys.stdout.buffer.write(data[at:end])
    at = end'
}

# selected CODEC: ann, bob and carl in turn, to rtp; how many pictures.
selected()
{
	local in=()

	for who in ann bob carl; do
		vc-capture --virtual -t 4500ms --size 320x180 --fps 15 \
			--vcodec "$1" --vbitrate 300k --keyint 400ms \
			--name "$who" --cname "$who" test: >"$who.vcrtp"
		in+=("$who=$who.vcrtp")
	done
	vc-mix --audio=select --video=select --at '0s mute bob' \
		--at '0s mute carl' --at '1s mute ann' --at '1s unmute bob' \
		--at '3s mute bob' --at '3s unmute carl' "${in[@]}" \
		--stats=stats >mix.vcrtp
	vc-probe --packets=json mix.vcrtp | jq -s '[.[] |
		select(.type == "rtp" and .kind == "video")] |
		{ n: map(select(.marker)) | length,
		  shown: [.[].csrcs[0]] | unique | length }' >shown
	assert_equal "$(jq .shown shown)" 3
	vc-impair --plain --select kind=video mix.vcrtp | rtp_only >rtp
	jq .n shown
}

# gst CODEC DECODER...: bytes of pictures; warnings are errors.
gst()
{
	GST_DEBUG=2 gst-launch-1.0 -q filesrc location=rtp ! \
		"application/x-rtp-stream,media=video,encoding-name=$1,clock-rate=90000,payload=$2" ! \
		rtpstreamdepay ! "${@:3}" ! video/x-raw,format=I420 ! \
		filesink location=out 2>said
	run cat said
	assert_output ''
	stat -c %s out
}

decoded_like_one()
{
	local codec=$1 name=$2 pt=$3 n

	n=$(selected "$codec")
	[ "$n" -gt 55 ]
	"$frames" join "$name" <rtp >"out.$4"
	run ffmpeg -v warning -i "out.$4" -f framemd5 out.md5
	assert_output ''
	assert_equal "$(grep -vc '^#' out.md5)" "$n"
	assert_equal "$(gst "$name" "$pt" "${@:5}")" $((n * 320 * 180 * 3 / 2))
}

@test "VP8" { decoded_like_one vp8 VP8 96 ivf rtpvp8depay ! vp8dec; }

@test "VP9" { decoded_like_one vp9 VP9 98 ivf rtpvp9depay ! vp9dec; }

@test "H.264" {
	decoded_like_one h264 H264 102 h264 rtph264depay ! h264parse ! \
		openh264dec
}
