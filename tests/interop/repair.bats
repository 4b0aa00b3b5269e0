#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# NACK, RTX and PLI with GStreamer's RTP session, both ways through a relay that
# loses packets; on loopback only.
# Runs live, 25 s: round trips are measured.

bats_require_minimum_version 1.5.0
export BATS_TEST_TIMEOUT=$((60 * ${VC_SLOW:-1}))
load ../common

# A relay to port $1, which loses what goes there: $port.
relay()
{
	mkfifo relay
	vc-impair --ready=relay --stats=relay.stats -q --seed 3 --up 'loss=5%' delay=20ms \
		udp://127.0.0.1:0 "udp://127.0.0.1:$1" 3>&- &
	relay=$!
	pids+=("$relay")
	port=$(sed 's/.*://' relay)
}

# One port for what listens at $1: $in and $out.
oneport()
{
	mkfifo oneport
	python3 "$BATS_TEST_DIRNAME/oneport.py" oneport "$@" 3>&- &
	pids+=("$!")
	read -r in out <oneport
}

@test "GStreamer sends again what we ask for, and a key frame" {
	mkfifo ready
	vc-recv --ready=ready --stats=stats -t 6s --control ctl \
		rtp://127.0.0.1:0 >got 3>&- &
	recv=$!
	pids+=("$recv")
	relay "$(sed 's/.*://' ready)"
	back=$(free_port)
	oneport "$back" "$port"
	gst-launch-1.0 -q rtpsession name=s rtp-profile=avpf \
		videotestsrc is-live=true ! \
		video/x-raw,width=320,height=180,framerate=25/1 ! \
		vp8enc deadline=1 keyframe-max-dist=1000 ! rtpvp8pay pt=96 ! \
		rtprtxsend max-size-time=2000 max-size-packets=0 \
		payload-type-map='application/x-rtp-pt-map,96=(uint)97' ! \
		s.send_rtp_sink s.send_rtp_src ! \
		udpsink host=127.0.0.1 port="$in" \
		s.send_rtcp_src ! udpsink host=127.0.0.1 port="$in" \
		sync=false async=false \
		udpsrc address=127.0.0.1 port="$back" \
		caps=application/x-rtcp ! s.recv_rtcp_sink 3>&- &
	pids+=("$!")
	await stats '.recv.packets > 100'
	vc-ctl ctl keyframe
	wait "$recv"
	vc-probe --json got >report
	run jq '.sources | length == 1 and .[0].net.lost > 5 and
		.[0].net.won > 5 and
		.[0].media.lost * 2 <= .[0].net.lost and
		.[0].media.duplicates == 0' report
	assert_output true
	run jq -sc '.[-1] | [.recv.nack_out > 5, .recv.pli_out >= 1,
		.recv.pt, .recv.repair]' stats
	assert_output '[true,true,0,0]'
	# Such an encoder sends one by itself at the start only.
	vc-probe --packets=json got | jq -s 'map(select(.key)) |
		length >= 2 and .[-1].t - .[0].t > 500000' >late
	run cat late
	assert_output true
}

# A GStreamer session that takes pictures from vc-send through the relay, which
# has been sending for a while: what it does with them is $@.
take()
{
	back=$(free_port)
	oneport "$back"
	relay "$out"
	vc-capture -t 8s --size 320x180 --fps 25 --keyint 1m --audio none \
		test: 3>&- |
		vc-send --stats=stats "rtp://127.0.0.1:$port" 3>&- &
	send=$!
	pids+=("$send")
	await stats '.destinations[0].packets > 20'
	gst-launch-1.0 -q rtpsession name=s rtp-profile=avpf \
		udpsrc address=127.0.0.1 port="$back" \
		caps='application/x-rtp,media=video,clock-rate=90000,encoding-name=VP8,payload=96,rtcp-fb-nack=true,rtcp-fb-nack-pli=true' ! \
		s.recv_rtp_sink s.send_rtcp_src ! \
		udpsink host=127.0.0.1 port="$in" sync=false async=false \
		s.recv_rtp_src ! rtprtxreceive \
		payload-type-map='application/x-rtp-pt-map,96=(uint)97' ! \
		rtpssrcdemux name=d d. ! application/x-rtp ! \
		rtpjitterbuffer do-retransmission=true latency=400 ! \
		"$@" 3>&- &
	gst=$!
	pids+=("$gst")
	wait "$send"
	kill -INT "$gst"
	wait "$gst" || :
}

@test "GStreamer's jitter buffer gets from us what it asks for" {
	take rtpstreampay ! filesink location=out buffer-mode=unbuffered
	run jq -s '.[-1].destinations[0] | .nack > 3 and .repair.resent > 3' \
		stats
	assert_output true
	kill -INT "$relay"
	wait "$relay"
	# How much it asks for is its own affair; what it asked for has arrived.
	dropped=$(jq -s '.[-1].impair.up.loss' relay.stats)
	vc-probe --json --pt 96=VP8 out >report
	run jq -c --argjson dropped "$dropped" '.sources[0].media |
		if .packets > 100 and .lost + 5 <= $dropped and .duplicates == 0
		then true else {packets, lost, duplicates, $dropped} end' report
	assert_output true
}

@test "GStreamer asks us for a key frame" {
	take rtpptdemux name=p p. ! rtpvp8depay request-keyframe=true \
		wait-for-keyframe=true ! fakesink
	run jq -s '.[-1] | .destinations[0].pli >= 1 and
		.send.keyframes >= 1' stats
	assert_output true
}
