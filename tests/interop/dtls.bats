#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# DTLS-SRTP with GStreamer's dtlssrtpenc and dtlssrtpdec, both ways and in both
# roles. Its hellos come in pieces, and it has AES-CM only. Runs live, 20 s: so
# do both ends.

bats_require_minimum_version 1.5.0

export BATS_TEST_TIMEOUT=$((60 * ${VC_SLOW:-1}))
load ../common

setup()
{
	begin
	umask 077
	openssl req -x509 -newkey rsa:2048 -nodes -keyout gst.key \
		-out gst.crt -subj /CN=gst -days 2 2>/dev/null
	pem=$(cat gst.crt gst.key)
	print="sha-256 $(openssl x509 -in gst.crt -noout -fingerprint -sha256 |
		sed 's/.*=//')"
}

# One port for the program that listens at $1: $in and $out.
oneport()
{
	mkfifo oneport
	python3 "$BATS_TEST_DIRNAME/oneport.py" oneport "$@" 3>&- &
	pids+=("$!")
	read -r in out <oneport
}

# GStreamer sends sound to vc-recv, as client or not.
gst_sends()
{
	local is_client=$1 back there

	shift
	back=$(free_port)
	mkfifo ready
	if [ "$is_client" = false ]; then
		oneport "$back"
		set -- --dtls-setup active "dtls+rtp://127.0.0.1:0,source=127.0.0.1:$out"
	fi
	vc-recv --dtls-fingerprint "$print" --ready=ready --stats=stats \
		--pt 96=opus -t 2s --wait 20s -o got "$@" 2>recv.err 3>&- &
	recv=$!
	pids+=("$recv")
	read -r _ there _ <ready
	[ -n "$in" ] || oneport "$back" "${there##*:}"
	gst-launch-1.0 -q udpsrc address=127.0.0.1 port="$back" ! \
		dtlssrtpdec name=d connection-id=x pem="\"$pem\"" \
		d.rtp_src ! fakesink async=false \
		d.rtcp_src ! fakesink async=false \
		audiotestsrc is-live=true samplesperbuffer=480 ! \
		audio/x-raw,rate=48000 ! audioconvert ! opusenc ! \
		rtpopuspay pt=96 ! e.rtp_sink_0 \
		dtlssrtpenc name=e connection-id=x is-client="$is_client" ! \
		udpsink host=127.0.0.1 port="$in" sync=false async=false 3>&- &
	pids+=("$!")
	wait "$recv"
	vc-probe -e 'net.received>50' -e 'net.lost==0' got >/dev/null
	run jq -sc '.[-1] | .dtls[0] as $d | [$d.handshakes, $d.failures,
		$d.peers[0].suite]' stats
	assert_output '[1,0,"AES_CM_128_HMAC_SHA1_80"]'
}

# vc-send sends sound and pictures to GStreamer, as client if $1 is active; what
# it hears is decoded.
gst_hears()
{
	local is_client=true back caps

	[ "$1" = passive ] || is_client=false
	back=$(free_port)
	caps=application/x-rtp,media=audio,clock-rate=48000
	caps+=,encoding-name=OPUS,payload=111
	if [ "$1" = passive ]; then
		port=$(free_port)
		oneport "$back" "$port"
	else
		oneport "$back"
	fi
	gst-launch-1.0 \
		udpsrc address=127.0.0.1 port="$back" ! \
		dtlssrtpdec name=d connection-id=x pem="\"$pem\"" \
		d.rtp_src ! rtpptdemux name=p d.rtcp_src ! \
		filesink location=reports async=false buffer-mode=unbuffered \
		p.src_111 ! "$caps" ! rtpopusdepay ! opusdec ! audioconvert ! \
		audio/x-raw,format=S16LE,channels=1 ! \
		filesink location=heard async=false buffer-mode=unbuffered \
		dtlssrtpenc name=e connection-id=x is-client="$is_client" ! \
		udpsink host=127.0.0.1 port="$in" sync=false async=false \
		>gst 3>&- &
	pids+=("$!")
	wait_for grep PLAYING gst
	set -- --dtls-setup "$1" "dtls+rtp://127.0.0.1:$out${port:+,bind=127.0.0.1:$port}"
	vc-capture -t 20s --video none test: 3>&- |
		vc-send --dtls-fingerprint "$print" --stats=stats "$@" 3>&- &
	pids+=("$!")
	grown heard 100000
	grown reports 50
	run record stats '.destinations[0].dtls |
		select(.handshakes > 0) | [.state, .handshakes]'
	assert_output '["up",1]'
}

@test "GStreamer begins and sends" {
	gst_sends true dtls+rtp://127.0.0.1:0
}

@test "GStreamer waits, and sends" {
	gst_sends false
}

@test "GStreamer waits, and hears" {
	gst_hears active
}

@test "GStreamer begins, and hears" {
	gst_hears passive
}

@test "GStreamer with another certificate gets nothing" {
	print=${print%:*}:$(printf '%02X' $((0x${print##*:} ^ 1)))
	back=$(free_port)
	oneport "$back"
	timeout 50 gst-launch-1.0 -q \
		udpsrc address=127.0.0.1 port="$back" ! \
		dtlssrtpdec name=d connection-id=x pem="\"$pem\"" \
		d.rtp_src ! filesink location=heard async=false \
		buffer-mode=unbuffered d.rtcp_src ! fakesink async=false \
		dtlssrtpenc name=e connection-id=x is-client=false ! \
		udpsink host=127.0.0.1 port="$in" sync=false async=false 3>&- &
	pids+=("$!")
	vc-capture --virtual -t 1s --video none test: >v.vcrtp
	# It may take a while to listen: refused at first.
	run -5 vc-send --dtls-fingerprint "$print" -i v.vcrtp \
		"dtls+rtp://127.0.0.1:$out"
	assert_output --partial "handshake: another certificate"
	run stat -c %s heard
	assert_output 0
}
