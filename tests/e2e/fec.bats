#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# FEC and RED from vc-send through a relay that loses packets to vc-recv: less
# is lost in the stream than on the wire, and only with them.
# Runs live, 55 s: reports are waited for.

bats_require_minimum_version 1.5.0

export BATS_TEST_TIMEOUT=$((60 * ${VC_SLOW:-1}))
load ../common

setup_file()
{
	cd "$BATS_FILE_TMPDIR" || return 1
	vc-capture --virtual -t 12s --seed 2 --size 320x180 --fps 25 test: \
		>clip
	vc-capture --virtual -t 12s --seed 2 --size 320x180 --fps 25 --plain \
		test: >plain
	# No FlexFEC: ULPFEC in RED it is then.
	cat >ulp.sdp <<-'END'
		v=0
		o=- 0 0 IN IP4 127.0.0.1
		s=-
		t=0 0
		m=audio 0 RTP/AVP 111
		a=rtpmap:111 opus/48000/2
		m=video 0 RTP/AVP 96 119 120
		a=rtpmap:96 VP8/90000
		a=rtpmap:119 ulpfec/90000
		a=rtpmap:120 red/90000
	END
}

setup()
{
	begin
	f=$BATS_FILE_TMPDIR
}

# Starts vc-recv with these options behind a relay that loses $1 of what it is
# sent; the relay's address is then $url, the stream goes to 'got'.
relay()
{
	local loss=$1 to

	shift
	mkfifo heard.ready relay.ready
	vc-recv --ready=heard.ready --stats=recv.stats --idle-timeout 1s \
		--feedback=rr "$@" rtp://127.0.0.1:0 >got 3>&- &
	recv=$!
	pids+=("$recv")
	read -r _ to <heard.ready
	vc-impair --ready=relay.ready --seed 3 --up "loss=$loss" \
		udp://127.0.0.1:0 "udp://${to#*://}" 3>&- &
	pids+=("$!")
	read -r _ url <relay.ready
}

# vc-send with these options to it, until all is received; then what vc-probe
# says is in 'report'.
deliver_live()
{
	vc-send --seed 4 --stats=send.stats "$@" "$url"
	wait "$recv"
	vc-probe --json got >report
}

# The same at once; groups are made by the stream's time.
deliver() { deliver_live --fast "$@"; }

# What jq finds of the source of kind $1.
source_of() { jq -c "first(.sources[] | select(.kind == \"$1\")) | $2" report; }
holds() { source_of "$1" "$2" | grep -qx true; }
sent() { tail -n 1 send.stats | jq -c ".send | $1"; }
received() { tail -n 1 recv.stats | jq -c ".recv | $1"; }
won()
{
	vc-probe --packets=json got | jq -s "[.[].event | select(.ev == \"net\")
		| .won.$1] | max"
}
payloads()
{
	vc-probe --packets=json "$@" |
		jq -c 'select(.type == "rtp") | [.pt, .marker, .payload]' | sort
}

@test "without --fec and --red what the wire loses is lost" {
	relay 5%
	deliver -i "$f/clip"
	holds video '.net.lost > 15 and .media.lost >= .net.lost - 3'
	holds audio '.net.lost > 15 and .media.lost >= .net.lost - 3'
	run sent '[.fec.packets, .red.packets]'
	assert_output '[0,0]'
}

@test "FlexFEC wins back what is lost, and is nobody's source" {
	relay 5%
	deliver -i "$f/clip" --fec 20%
	holds video '.net.lost > 15 and .media.lost * 3 <= .net.lost'
	holds video '.media.duplicates == 0'
	[ "$(won fec)" -gt 10 ]
	run jq '.sources | length' report
	assert_output 2
	# As much as was asked for, and all that came was taken.
	run sent '.fec | .packets > 100 and .share > 0.15 and .share < 0.3'
	assert_output true
	run received '.fec > 100 and .fec_refused < 20 and .pt == 0'
	assert_output true
}

@test "FlexFEC wins back bursts" {
	relay '5%:burst=3'
	deliver -i "$f/clip" --fec 40%
	holds video '.net.lost > 15 and .media.lost * 2 <= .net.lost'
}

@test "ULPFEC in RED, where the description has that: on loss" {
	relay 5%
	deliver -i "$f/plain" --sdp "$f/ulp.sdp" --fec 20%
	holds video '.net.lost > 15 and .media.lost * 2 <= .net.lost'
	holds video '.media.duplicates == 0'
	[ "$(won fec)" -gt 10 ]
}

@test "ULPFEC in RED leaves no trace in a stream that lost nothing" {
	relay 0%
	deliver -i "$f/plain" --sdp "$f/ulp.sdp" --fec 30%
	run received .fec
	assert_output "$(sent .fec.packets)"
	[ "$output" -gt 100 ]
	holds video '.net.lost == 0 and .media.lost == 0'
	payloads got >a
	payloads --sdp "$f/ulp.sdp" "$f/plain" >b
	cmp a b
}

@test "sound in RED: as it was, and won back in bursts" {
	relay '5%:burst=2'
	deliver -i "$f/clip" --red 2
	holds audio '.net.lost > 15 and .media.lost * 3 <= .net.lost'
	holds audio '.media.duplicates == 0 and .codec == "opus"'
	[ "$(won red)" -gt 10 ]
	run sent '.red | .packets > 500 and .share > 0'
	assert_output true
	payloads "$f/clip" >b
	# Nothing in it that was not sent.
	run -0 comm -23 <(payloads got) b
	assert_output ''
}

@test "--repair=none: RED is taken apart, nothing is won" {
	relay 5% --repair=none
	deliver -i "$f/clip" --red 1 --fec 20%
	holds audio '.media.lost >= .net.lost - 3 and .codec == "opus"'
	holds video '.media.lost >= .net.lost - 3'
	[ "$(won fec)" -eq 0 ]
	[ "$(won red)" -eq 0 ]
}

@test "--fec auto: none without loss, as much as loss asks for" {
	vc-capture --virtual -t 6s --seed 2 --fps 25 test: >short
	relay 0%
	deliver_live -i short --repair=fec
	run sent .fec.packets
	assert_output 0
	rm heard.ready relay.ready
	relay 20%
	deliver_live -i short --fec auto
	run sent '.fec | .packets > 20 and .share < 0.8'
	assert_output true
	[ "$(won fec)" -gt 5 ]
}

@test "what is asked for again tells bursts from single losses" {
	for row in 8%:burst=5:true 4%:false; do
		relay "${row%:*}" --feedback=rr,nack
		deliver_live --fec 20% -i "$f/clip"
		run sent '.fec.bursty > 0'
		assert_output "${row##*:}"
		rm heard.ready relay.ready
	done
}

@test "--sdp-out describes what is sent; wrong options are refused" {
	relay 0%
	deliver -i "$f/clip" --fec 10% --red 1 --sdp-out out.sdp 2>/dev/null
	run tr -d '\r' <out.sdp
	assert_line 'a=rtpmap:118 flexfec-03/90000'
	assert_line 'a=rtpmap:63 red/48000/2'
	assert_line 'a=fmtp:63 111/111'
	for wrong in --fec=0% --fec=101% --fec=20 --fec=x --fec=% --red=0 \
		--red=4; do
		run -2 vc-send "$wrong" -i "$f/clip" rtp://127.0.0.1:9
	done
}
