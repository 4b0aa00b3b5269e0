#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# SRTP with GStreamer's srtpenc and srtpdec and with ffmpeg, both ways.

bats_require_minimum_version 1.5.0

export BATS_TEST_TIMEOUT=$((60 * ${VC_SLOW:-1}))
load ../common

setup()
{
	begin
	umask 077
}

new_key()
{
	vc-send --new-key="$1" >k
	hex=$(sed 's/.*inline://' k | base64 -d | od -An -tx1 | tr -d ' \n')
}

# vc-recv under k: $port. Its end: finish.
receive()
{
	mkfifo ready
	vc-recv --ready=ready --key-file k -t 2s --wait 20s --pt 96=opus \
		srtp://127.0.0.1:0 >got 2>recv.err 3>&- &
	recv=$!
	pids+=("$recv")
	port=$(sed 's/.*://' ready)
}

finish()
{
	wait "$recv"
	vc-probe -e 'net.received>50' -e 'net.lost==0' got >/dev/null
}

gst_sends()
{
	new_key "$1"
	receive
	gst-launch-1.0 -q audiotestsrc is-live=true num-buffers=250 \
		samplesperbuffer=480 ! audio/x-raw,rate=48000 ! audioconvert ! \
		opusenc ! rtpopuspay pt=96 ! srtpenc key="$hex" rtp-cipher="$2" \
		rtp-auth="$3" rtcp-cipher="$2" rtcp-auth="$3" ! \
		udpsink host=127.0.0.1 port="$port" 3>&- &
	pids+=("$!")
	finish
}

# srtpdec has to be told the SSRC.
gst_hears()
{
	local caps ssrc

	new_key "$1"
	sed 's/^/out /' k >out
	vc-capture --virtual -t 8s --video none test: >v.vcrtp
	ssrc=$(vc-probe --json v.vcrtp | jq '.sources[0].ssrc')
	port=$(free_port)
	caps="application/x-srtp,media=audio,clock-rate=48000,ssrc=(uint)$ssrc"
	caps+=",encoding-name=OPUS,payload=111,srtp-key=(buffer)$hex"
	caps+=",srtp-cipher=$2,srtp-auth=$3,srtcp-cipher=$2,srtcp-auth=$3"
	timeout 30 gst-launch-1.0 -q udpsrc address=127.0.0.1 port="$port" \
		caps="$caps" ! srtpdec name=d d.rtp_src ! rtpopusdepay ! \
		filesink location=heard buffer-mode=unbuffered \
		d.rtcp_src ! filesink location=reports async=false \
		buffer-mode=unbuffered 3>&- &
	pids+=("$!")
	vc-send -i v.vcrtp --keep-ssrc --key-file out \
		"srtp://127.0.0.1:$port" 3>&- &
	pids+=("$!")
	grown heard 4000
	grown reports 50
}

@test "GStreamer sends, AES-CM and GCM" {
	gst_sends AES_CM_128_HMAC_SHA1_80 aes-128-icm hmac-sha1-80
	rm ready
	gst_sends AEAD_AES_128_GCM aes-128-gcm null
}

@test "GStreamer hears, AES-CM and GCM" {
	gst_hears AES_CM_128_HMAC_SHA1_80 aes-128-icm hmac-sha1-80
	rm heard reports
	gst_hears AEAD_AES_128_GCM aes-128-gcm null
}

@test "ffmpeg sends, AES-CM" {
	new_key AES_CM_128_HMAC_SHA1_80
	receive
	ffmpeg -v error -re -f lavfi -i sine=r=48000 -t 5 -c:a libopus \
		-payload_type 96 -f rtp -srtp_out_suite AES_CM_128_HMAC_SHA1_80 \
		-srtp_out_params "$(sed 's/.*inline://' k)" \
		"srtp://127.0.0.1:$port" </dev/null >/dev/null 3>&- &
	pids+=("$!")
	finish
}

@test "ffmpeg hears, by the SDP that vc-send writes" {
	new_key AES_CM_128_HMAC_SHA1_80
	port=$(free_port)
	vc-capture -t 10s --video none test: 3>&- |
		vc-send --key-file k --sdp-out call.sdp \
			"srtp://127.0.0.1:$port" 3>&- &
	pids+=("$!")
	grown call.sdp 100
	ffmpeg -v error -protocol_whitelist file,udp,rtp,srtp -i call.sdp -t 2 \
		-f s16le heard </dev/null 3>&-
	[ "$(stat -c %s heard)" -gt 200000 ]
}
