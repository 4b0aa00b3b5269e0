#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Parity packets of GStreamer's ULPFEC encoder win back what was lost.

setup()
{
	cd "$BATS_TEST_TMPDIR" || exit
}

# Pictures with parity at 50 %, every tenth packet lost; options of the encoder.
judged()
{
	gst-launch-1.0 -q videotestsrc num-buffers=200 pattern=snow ! \
		video/x-raw,width=160,height=120 ! \
		vp8enc deadline=1 target-bitrate=800000 ! \
		rtpvp8pay mtu=600 pt=96 ! \
		rtpulpfecenc pt=119 percentage=50 percentage-important=50 "$@" ! \
		rtpstreampay ! fdsink |
		"$VC_BUILD/tests/interop/fecjudge" 96 119 >r.json
	[ "$(jq .lost r.json)" -gt 50 ]
	[ "$(jq .wrong r.json)" -eq 0 ]
	[ "$(jq .refused r.json)" -eq 0 ]
}

@test "rtpulpfecenc, frame by frame" {
	judged multipacket=false
	jq -e '.won >= .lost * 0.9' r.json
}

@test "rtpulpfecenc, over several frames" {
	judged multipacket=true
	jq -e '.won >= .lost * 0.9' r.json
}
