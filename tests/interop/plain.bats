#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Plain RFC 4571 to and from GStreamer's rtpstreamdepay and rtpstreampay.

setup()
{
	cd "$BATS_TEST_TMPDIR" || exit
}

@test "--plain feeds rtpstreamdepay: all sound is decoded" {
	vc-capture --virtual -t 5s --video none --plain test: |
		gst-launch-1.0 -q fdsrc ! application/x-rtp-stream,media=audio,encoding-name=OPUS,clock-rate=48000,payload=111 \
			! rtpstreamdepay ! rtpopusdepay ! opusdec ! \
			audio/x-raw,rate=48000,channels=1 ! \
			filesink location=out.raw
	# 5 s of 16 bit mono; the decoder may drop its look-ahead.
	size=$(stat -c %s out.raw)
	[ "$size" -ge 478000 ]
	[ "$size" -le 482000 ]
}

@test "--plain holds RTP and RTCP frames only, as many as before" {
	vc-capture --virtual -t 2s test: >a.vcrtp
	vc-capture --virtual -t 2s --plain test: >a.rfc4571
	vc-probe --packets=json a.vcrtp >a.json
	vc-probe --packets=json --pt 111=opus --pt 96=VP8 a.rfc4571 >b.json
	a=$(jq -c 'select(.type == "rtp" or .type == "rtcp") | [.ssrc, .seq, .size]' a.json | sha256sum)
	b=$(jq -c 'select(.type == "rtp" or .type == "rtcp") | [.ssrc, .seq, .size]' b.json | sha256sum)
	[ "$a" = "$b" ]
	[ "$(jq -r 'select(.type == "time" or .type == "event") | .type' b.json | wc -l)" -eq 0 ]
}

@test "rtpstreampay feeds vc-probe, described by --pt" {
	gst-launch-1.0 -q audiotestsrc num-buffers=250 samplesperbuffer=960 ! \
		audio/x-raw,rate=48000,channels=1 ! opusenc ! \
		rtpopuspay pt=96 ! rtpstreampay ! fdsink |
		vc-probe --json --pt 96=opus >r.json
	[ "$(jq -r '.sources[0].kind' r.json)" = audio ]
	[ "$(jq -r '.sources[0].media.packets' r.json)" -ge 249 ]
	[ "$(jq -r '.sources[0].media.lost' r.json)" -eq 0 ]
}

@test "rtpstreampay without --pt: a clear word, exit 1" {
	gst-launch-1.0 -q audiotestsrc num-buffers=10 ! opusenc ! rtpopuspay ! \
		rtpstreampay ! fdsink >plain
	run vc-probe plain
	[ "$status" -eq 1 ]
	[[ $output == *"not a vc stream"*"--pt"* ]]
}
