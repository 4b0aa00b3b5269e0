#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# Layers of simulcast through sockets: described, told apart, repaired.
# Runs live, 20 s: media is sent at its own pace.

bats_require_minimum_version 1.5.0

export BATS_TEST_TIMEOUT=$((60 * ${VC_SLOW:-1}))
load ../common

setup_file()
{
	cd "$BATS_FILE_TMPDIR" || return 1
	vc-capture --virtual -t 2s --name Alice --fps 15 --audio=none \
		--simulcast 160x90@60k,320x180@150k,640x360@400k test: \
		>alice.vcrtp
}

setup()
{
	begin
	alice=$BATS_FILE_TMPDIR/alice.vcrtp
}

# Starts vc-recv, whose stream goes to 'got'; its address is then $url.
listen()
{
	rm -f ready
	mkfifo ready
	vc-recv --ready=ready --stats=stats --stop-on bye "$@" \
		rtp://127.0.0.1:0 >got 3>&- &
	pid=$!
	pids+=("$pid")
	read -r _ url <ready
}

each()
{
	vc-probe --json "$1" | jq -r "[.sources[] | select(.kind == \"video\")] |
		sort_by(.rid) | .[] | .rid + \" \" + ($2 | tostring)"
}

sdp_of()
{
	jq -rs '[.[] | select(.type == "desc")][0].sdp' \
		<(vc-probe --packets=json "$1") | tr -d '\r'
}

@test "an SDP tells who receives; with it or without, layers are told apart" {
	listen
	vc-send -i "$alice" --pace=off --sdp-out out.sdp "$url"
	ended
	run each got '"\(.width)x\(.height) \(.frames)"'
	assert_output $'1 160x90 30\n2 320x180 30\n3 640x360 30'
	run tr -d '\r' <out.sdp
	assert_line 'a=recvonly'
	assert_line 'a=rid:3 recv max-width=640;max-height=360'
	assert_line 'a=simulcast:recv 3;2;1'
	assert_line 'a=extmap:6 urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id'
	# No SDP: the stream is described by our defaults, which name none.
	run sdp_of got
	refute_output --partial 'a=rid'
	listen --sdp out.sdp
	vc-send -i "$alice" --pace=off "$url"
	ended
	run each got '"\(.width)x\(.height) \(.frames)"'
	assert_output $'1 160x90 30\n2 320x180 30\n3 640x360 30'
	run sdp_of got
	assert_line 'a=rid:3 send max-width=640;max-height=360'
	assert_line 'a=simulcast:send 3;2;1'
}

@test "--select rid=: one layer, and its key frame alone is asked for" {
	listen --select rid=2
	vc-send -i "$alice" --pace=off "$url"
	ended
	run each got '"\(.width) \(.frames)"'
	assert_output '2 320 30'
}

@test "a key frame that is asked for by RTCP is of that layer only" {
	local ssrc

	listen --control r.sock
	mkfifo live
	vc-capture --fps 15 --audio=none --keyint 1m --stats=made -o live \
		--simulcast 160x90@60k,320x180@150k test: 2>err 3>&- &
	capture=$!
	vc-send -i live "$url" 3>&- &
	pids+=("$capture" "$!")
	grown got 40000
	# Cut short, as it grows.
	ssrc=$(vc-probe --json got 2>/dev/null | jq '.sources[] |
		select(.rid == "2").ssrc') || :
	vc-ctl r.sock keyframe "$ssrc"
	await made 'any(.capture.layers[]; .key_frames > 1)'
	kill -INT "$capture"
	ended
	run jq -sc 'last | .capture.layers | sort_by(.rid) |
		map(.key_frames)' made
	assert_output '[1,2]'
}

@test "what the way carries is shared by size, not in equal parts" {
	listen
	vc-capture -t 4s --fps 15 --audio=none --stats=made \
		--simulcast 160x90@60k,320x180@200k,640x360@600k test: |
		vc-send --bwe=twcc --start-rate 300k --max-rate 300k "$url"
	ended
	run jq -sc 'last.capture.layers | sort_by(.rid) | map(.vbitrate) |
		[add <= 310000, .[0] < .[1], .[1] * 2 < .[2],
		.[2] > 120000]' made
	assert_output '[true,true,true,true]'
}

# A relay that loses packets both ways in front of vc-recv.
lossy()
{
	rm -f relay
	mkfifo relay
	vc-impair --ready=relay --seed 3 loss=8% delay=10ms \
		udp://127.0.0.1:0 "udp://${url#*://}" 3>&- &
	pids+=("$!")
	read -r _ url <relay
}

@test "what is lost of a layer is sent again for that layer" {
	listen --stop-on empty:1s
	lossy
	vc-send --seed 4 -i "$alice" "$url"
	ended
	vc-probe --json got >report
	run jq -c '[.sources[] | { net: .net.lost, media: .media.lost }] |
		[(map(.net) | add) > 5, (map(.net) | add) >= 3 *
		(map(.media) | add), (map(select(.net > .media)) | length) > 1]' \
		report
	assert_output '[true,true,true]'
	# What came again names its layer as what came at once does.
	run jq -sc '[.[] | select(.type == "rtp")] | (map(.ts) | length) as $n |
		group_by(.ssrc) | map((.[0].ts) as $ts |
		map(select(.ts >= $ts and .ts - $ts < 72000 and .rid == null)) |
		length) | add' <(vc-probe --packets=json got)
	assert_output 0
}
