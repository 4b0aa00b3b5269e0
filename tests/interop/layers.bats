#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# MID and RID, the names of layers of simulcast, to and from GStreamer.

bats_require_minimum_version 1.5.0

export BATS_TEST_TIMEOUT=$((60 * ${VC_SLOW:-1}))
load ../common

setup()
{
	begin
	peer=${VC_BUILD:-build}/tests/interop/gstlayers
	[[ $peer = /* ]] || peer=$BATS_TEST_DIRNAME/../../$peer
}

@test "GStreamer reads the layers that vc-capture sends" {
	vc-capture --virtual --plain -t 1s --fps 15 --audio=none \
		--simulcast 160x90@60k,320x180@150k test: >layers.rtp
	"$peer" recv layers.rtp >heard
	run sort -u heard
	assert_output $'mid video\nrid 1\nrid 2'
}

@test "a layer that GStreamer sends has its RID, and can be chosen by it" {
	"$peer" send gst.rtp hi
	cat >gst.sdp <<-'END'
		v=0
		o=- 0 0 IN IP4 127.0.0.1
		s=-
		t=0 0
		m=video 0 RTP/AVP 96
		a=mid:video
		a=rtpmap:96 VP8/90000
		a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid
		a=extmap:6 urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id
		a=rid:hi send
		a=simulcast:send hi
	END
	run jq -c '.sources[] | [.rid, .width, .height, .frames]' \
		<(vc-probe --sdp gst.sdp --select rid=hi --json gst.rtp)
	assert_output '["hi",160,90,30]'
	run -4 vc-probe --sdp gst.sdp --select rid=lo --json gst.rtp
}
