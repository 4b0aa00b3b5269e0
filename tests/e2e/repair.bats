#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# NACK, retransmission and requests for key frames: vc-send through a relay that
# loses packets to vc-recv, and each of both against peers that misbehave.
# Runs live, 165 s: round trips are measured.

bats_require_minimum_version 1.5.0

export BATS_TEST_TIMEOUT=$((90 * ${VC_SLOW:-1}))
load ../common

setup_file()
{
	cd "$BATS_FILE_TMPDIR" || return 1
	vc-capture --virtual -t 8s --seed 2 --size 320x180 --fps 25 test: \
		>clip
}

setup()
{
	begin
	peer="python3 $BATS_TEST_DIRNAME/repairpeer.py"
	clip=$BATS_FILE_TMPDIR/clip
}

# Starts vc-recv with these options; its address is $url. BYE may be lost.
listen()
{
	rm -f ready
	mkfifo ready
	vc-recv --ready=ready --stats=recv.stats --stop-on bye \
		--stop-on empty:1s "$@" \
		rtp://127.0.0.1:0 >got 3>&- &
	recv=$!
	pids+=("$recv")
	read -r _ url <ready
}

# A relay with the options in $1 in front of it, which $url then is.
relay()
{
	local to

	read -ra to <<<"$1"
	shift
	listen "$@"
	rm -f relay
	mkfifo relay
	vc-impair --ready=relay --seed 3 "${to[@]}" \
		udp://127.0.0.1:0 "udp://${url#*://}" 3>&- &
	pids+=("$!")
	read -r _ url <relay
}

# vc-send with these options, until all is received; then what vc-probe says is
# in 'report'.
deliver()
{
	vc-send --seed 4 --stats=send.stats "$@" "$url"
	wait "$recv"
	vc-probe --json got >report
}

source_of() { jq -c "first(.sources[] | select(.kind == \"$1\")) | $2" report; }
holds() { source_of "$1" "$2" | grep -qx true; }
sent() { tail -n 1 send.stats | jq -c ".destinations[0] | $1"; }
received() { tail -n 1 recv.stats | jq -c ".recv | $1"; }
# What jq finds of the last `net` event of each source.
net()
{
	vc-probe --packets=json got | jq -sc "[.[].event | select(.ev == \"net\")]
		| group_by(.ssrc) | map(last) | $1"
}
payloads()
{
	vc-probe --packets=json "$1" |
		jq -c 'select(.type == "rtp") | [.pt, .marker, .payload]' | sort
}

@test "what the wire loses is asked for and comes again" {
	relay 'loss=8% delay=25ms'
	deliver -i "$clip"
	holds video '.net.lost > 10 and .media.lost * 5 <= .net.lost'
	holds audio '.net.lost > 10 and .media.lost * 5 <= .net.lost'
	holds video '.media.duplicates == 0'
	# Nothing in it that was not sent, and no source for what comes again.
	payloads "$clip" >b
	run -0 comm -23 <(payloads got) b
	assert_output ''
	run jq '.sources | length' report
	assert_output 2
	# Won ones are counted apart; the round trip was measured.
	run net 'map(.expected - .received == .lost and .won.rtx > 5 and
		.won.rtx <= .lost and .rtt_ms > 45 and .rtt_ms < 100) | all'
	assert_output true
	run sent '[.nack > 10, .repair.resent > 20, .repair.over] == [true,true,0]'
	assert_output true
	run received '.pt == 0 and .repair == 0 and .nack_out > 10'
	assert_output true
}

@test "bursts, on a way that is lossy both ways" {
	relay 'loss=4%:burst=4 delay=20ms'
	deliver -i "$clip"
	holds video '.net.lost > 8 and .media.lost * 2 <= .net.lost'
	holds audio '.net.lost > 8 and .media.lost * 2 <= .net.lost'
}

@test "without NACK, or without an answer, it stays lost" {
	relay 'loss=8% delay=5ms' --feedback=rr
	deliver -i "$clip"
	holds video '.net.lost > 10 and .media.lost >= .net.lost - 3'
	run net 'map(.won.rtx) | add'
	assert_output 0
	relay 'loss=8% delay=5ms'
	deliver -i "$clip" --repair=none
	holds video '.net.lost > 10 and .media.lost >= .net.lost - 3'
	run sent '.repair.resent'
	assert_output 0
	run received '.nack_out > 10'
	assert_output true
}

@test "in place, where there is no format for it: counted as won, too" {
	relay 'loss=8% delay=30ms' --repair=nack
	deliver -i "$clip" --repair=nack
	holds video '.net.lost > 10 and .media.lost * 3 <= .net.lost'
	holds audio '.net.lost > 10 and .media.lost * 3 <= .net.lost'
	run net 'map(.won.rtx > 5) | all'
	assert_output true
	run received '.pt == 0 and .repair == 0'
	assert_output true
}

@test "sealed: RTX has numbers of its own, nothing goes as it was" {
	(umask 077; vc-send --new-key >k)
	relay 'loss=8% delay=20ms' --key-file k
	deliver -i "$clip" --key-file k
	holds video '.net.lost > 8 and .media.lost * 3 <= .net.lost'
	holds audio '.media.lost >= .net.lost - 3'
	run sent '[.repair.resent > 5, .unsealed]'
	assert_output '[true,0]'
}

@test "one of many: what he lost is kept for him, too" {
	(umask 077; vc-send --new-key >k)
	relay 'loss=8% delay=20ms' --key-file k
	deliver -q -i "$clip" --key-file k rtp://127.0.1.{1..60}:9
	holds video '.net.lost > 8 and .media.lost * 3 <= .net.lost'
	run bash -c 'tail -n 1 send.stats | jq -c ".destinations[60] |
		[.repair.resent > 5, .unsealed]"'
	assert_output '[true,0]'
}

@test "nobody gets by asking what was not for him" {
	mkfifo url
	$peer curious url >curious 3>&- &
	pids+=("$!")
	read -r url <url
	$peer partly - >partly
	vc-send --repair=nack -i partly --stats=send.stats "bob=$url" \
		"alice=rtp://127.0.0.1:9"
	wait "${pids[0]}"
	run jq -c '[.straight, .again > 8, .got[:60] == [range(60)],
		.got[60:] - [range(100; 160)]]' curious
	assert_output '[true,true,true,[]]'
}

@test "--latency: in order, with what was won" {
	local latency

	for latency in 300ms auto; do
		relay 'loss=8% delay=30ms' --latency "$latency"
		deliver -i "$clip"
		holds video '.media.reordered == 0 and
			.media.lost * 2 <= .net.lost'
		holds audio '.media.reordered == 0 and
			.media.lost * 2 <= .net.lost'
	done
}

@test "nobody is flooded, whatever he asks for" {
	mkfifo url
	$peer greedy url >greedy 3>&- &
	pids+=("$!")
	read -r url <url
	vc-send -i "$clip" --stats=send.stats "$url"
	wait "${pids[0]}"
	run jq '.again > 20 and .worst <= 0.5 and .share <= 0.25' greedy
	assert_output true
	run sent '.repair.over > 0 and .repair.unknown > 0 and .rtcp_held > 0'
	assert_output true
}

# vc-recv with these options against a scenario.
meet()
{
	local scenario=$1

	shift
	listen "$@"
	$peer "$scenario" "${url##*:}"
	wait "$recv"
}

sdp()
{
	cat >in.sdp <<-END
		v=0
		o=- 0 0 IN IP4 127.0.0.1
		s=-
		t=0 0
		m=audio 0 RTP/AVPF 111
		a=rtpmap:111 opus/48000/2
		a=rtcp-fb:111 nack
		a=${1-sendrecv}
		m=video 0 RTP/AVPF 96
		a=rtpmap:96 VP8/90000
		a=rtcp-fb:96 ccm fir
	END
}

@test "a hole is asked for in a compound, or a short one if agreed on" {
	meet hole
	run net '.[0] | [.lost, .won.rtx, .reordered]'
	assert_output '[6,6,0]'
	run received .needless
	assert_output 6
	sdp rtcp-rsize
	meet hole_rsize --sdp in.sdp
}

@test "FIR where only that was agreed on" {
	sdp
	meet fir --sdp in.sdp
	run received '[.pli_out, .fir_out]'
	assert_output '[0,2]'
}

@test "extended reports, and the round trip from their answer" {
	meet xr --feedback=rr,xr
	run net '.[0].rtt_ms | . > 245 and . < 400'
	assert_output true
}

@test "however many sources one peer has, reports on them go out" {
	local name

	name=$(printf '%.0sx' {1..255})
	listen --feedback=rr,xr --max-rate 5M --stats-interval 100ms \
		--name "$name"
	vc-capture --people 40 --video none test: 3>&- |
		vc-send --stats=send.stats --stats-interval 100ms "$url" 3>&- &
	pids+=("$!")
	await send.stats '.destinations[0].feedback | length == 40'
	# Each report has the limit, and the time for round trips.
	run record recv.stats '.recv | select(.xr_out > 1) |
		[.remb_out, .xr_out] == [.rtcp_out, .rtcp_out]'
	assert_output true
}

@test "our own SSRC: another is taken, once" {
	meet loop --feedback=rr
	run received '[.own >= 2, .loops >= 1]'
	assert_output '[true,true]'
}

@test "wrong lists are refused" {
	local wrong

	for wrong in --repair=rtx,foo --repair= --feedback=pli,,fir \
		--feedback=remb; do
		run -2 vc-recv "$wrong" rtp://127.0.0.1:0
		run -2 vc-send "$wrong" rtp://127.0.0.1:9
	done
}
