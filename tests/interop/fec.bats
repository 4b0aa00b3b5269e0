#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# ULPFEC with GStreamer: what its encoder sends wins back what was lost, and its
# decoder wins back what a relay loses of what vc-send sends. Runs live, 10 s: it
# sends live.

export BATS_TEST_TIMEOUT=$((60 * ${VC_SLOW:-1}))
load ../common

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

payloads()
{
	python3 "$BATS_TEST_DIRNAME/../e2e/payloads.py" 96 <"$1" | sort
}

@test "rtpreddec and rtpulpfecdec win back what we protect" {
	cat >ulp.sdp <<-'END'
		v=0
		o=- 0 0 IN IP4 127.0.0.1
		s=-
		t=0 0
		m=video 0 RTP/AVP 96 119 120
		a=rtpmap:96 VP8/90000
		a=rtpmap:119 ulpfec/90000
		a=rtpmap:120 red/90000
	END
	port=$(free_port)
	mkfifo relay
	vc-impair --ready=relay -q --seed 3 --up 'loss=5%' --stats=relay.stats \
		udp://127.0.0.1:0 "udp://127.0.0.1:$port" 3>&- &
	relay=$!
	pids+=("$relay")
	read -r _ url <relay
	: >gst # so that it can be followed at once
	gst-launch-1.0 -e udpsrc address=127.0.0.1 port="$port" \
		caps='application/x-rtp,media=video,clock-rate=90000,encoding-name=VP8,payload=96' ! \
		rtpreddec pt=120 ! rtpstorage size-time=1000000000 ! \
		rtpssrcdemux name=d d. ! application/x-rtp ! \
		rtpjitterbuffer do-lost=true latency=400 ! \
		rtpulpfecdec pt=119 ! rtpstreampay ! \
		filesink location=out buffer-mode=unbuffered >gst 3>&- &
	gst=$!
	pids+=("$gst")
	grep -m 1 PLAYING < <(exec tail -f --pid="$gst" gst) >/dev/null
	# Not with ours: rtpreddec drops header extensions, which were protected
	# with the rest, so that of what they are in nothing is won back rightly.
	gst-launch-1.0 -q videotestsrc is-live=true num-buffers=150 pattern=snow ! \
		video/x-raw,width=160,height=120,framerate=25/1 ! \
		vp8enc deadline=1 target-bitrate=800000 ! \
		rtpvp8pay mtu=600 pt=96 ! rtpstreampay ! fdsink |
		tee sent | vc-send --sdp ulp.sdp --fec 50% --stats=stats \
		"$url,rtcp=off"
	kill -INT "$gst"
	wait "$gst" || :
	kill -INT "$relay"
	wait "$relay"
	payloads sent >b
	payloads out >a
	# Nothing that was not sent, and hardly anything is missing.
	run comm -23 a b
	assert_output ''
	missing=$(comm -13 a b | wc -l)
	lost=$(jq -s '.[-1].impair.up.loss' relay.stats)
	echo "missing $missing, lost $lost, sent $(wc -l <b)"
	[ "$lost" -gt 20 ]
	[ "$missing" -le $((lost / 5)) ]
}
