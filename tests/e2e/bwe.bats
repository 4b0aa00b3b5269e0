#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# Congestion control: vc-send through a relay with a rate and a queue to
# vc-recv.
# Runs live, 115 s: rates are by the clock.

# shellcheck disable=SC2034,SC2154 # for bwe.bash; bats sets stderr
bats_require_minimum_version 1.5.0

export BATS_TEST_TIMEOUT=$((120 * ${VC_SLOW:-1}))
load bwe

@test "its limits hold, and with keys it is the same" {
	(umask 077; vc-send --new-key >k)
	listen --key-file k
	relay
	capture 6s --vbitrate 2M | vc-send --bwe=twcc --start-rate 200k \
		--max-rate 400k --key-file k --stats=send.stats "$url"
	wait "$recv"
	within 250000 420000 0.001 2 5
	run sent '[.bwe.target_bps, .unsealed, .bwe.malformed]'
	assert_output '[400000,0,0]'
}

@test "by DTLS-SRTP it is the same" {
	umask 077
	vc-send --new-dtls-cert here.pem >here
	vc-send --new-dtls-cert there.pem >there
	place=dtls+rtp://127.0.0.1:0
	listen --dtls-cert here.pem --dtls-fingerprint "$(<there)"
	url=${url#dtls+}
	relay
	capture 6s --vbitrate 2M | vc-send --bwe=twcc --start-rate 200k \
		--max-rate 400k --dtls-cert there.pem \
		--dtls-fingerprint "$(<here)" --stats=send.stats "dtls+$url"
	wait "$recv"
	within 250000 420000 0.001 2 5
	run sent '[.bwe.target_bps, .unsealed, .bwe.malformed, .bwe.feedback > 50]'
	assert_output '[400000,0,0,true]'
}

@test "a receiver's limit is kept: REMB" {
	listen --max-rate 250k
	relay
	capture 8s | vc-send --bwe=twcc --stats=send.stats "$url"
	wait "$recv"
	within 150000 270000 0.001 4 7
	run sent '[.bwe.state, .bwe.target_bps]'
	assert_output '["remb",250000]'
	run received '.remb_out > 3'
	assert_output true
}

@test "what is lost comes again, and is made from parity, numbered too" {
	listen
	relay --up 'loss=5%'
	capture 8s | vc-send --bwe=twcc --fec 20% --stats=send.stats "$url"
	wait "$recv"
	run sent '[.repair.resent > 3, .bwe.lost > 10, .bwe.malformed]'
	assert_output '[true,true,0]'
	vc-probe --packets=json got >packets
	run jq -sc '[.[].event | select(.ev == "net")] | group_by(.ssrc) |
		map(last.won) | [(map(.rtx) | add) > 3, (map(.fec) | add) > 3]' \
		packets
	assert_output '[true,true]'
}

@test "all packets to one place are numbered in a row; wrong feedback is refused" {
	meet numbers
	capture 6s | vc-send --bwe=twcc --breaker=off --stats=send.stats \
		--stats-interval 100ms --min-rate 60k "$url"
	wait "${pids[0]}"
	run jq -c '[.in_row, .pts - [97], .n > 100, .slow, .span > 4]' peer
	assert_output '[true,[96,111],true,0,true]'
	run sent '[.bwe.feedback, .bwe.malformed]'
	assert_output '[0,5]'
	# A limit of nothing is the least that there is, one of 2^81 or 2^80 is none.
	run jq -sc '[.[].destinations[0].bwe.target_bps] |
		[contains([60000]) or contains([200000]), last]' send.stats
	assert_output '[true,200000]'
}

@test "by a description: the receiver of --sdp-out knows what is wanted" {
	local by

	vc-capture --virtual -t 1s test: >clip
	for by in twcc rfc8888; do
		vc-send -i clip --bwe="$by" --sdp-out "$by.sdp" \
			rtp://127.0.0.1:9 2>/dev/null
	done
	run grep -c ' transport-cc' twcc.sdp
	assert_output 3
	run grep -c 'extmap:3 http.*transport-wide-cc' twcc.sdp
	assert_output 2
	run grep 'ccfb' rfc8888.sdp
	assert_output --partial 'a=rtcp-fb:* ack ccfb'
	refute_output --partial 'a=rtcp-fb:96 ack'
	sed -i '/^m=/s/ [0-9][0-9]* / 0 /' twcc.sdp rfc8888.sdp
	listen --sdp rfc8888.sdp
	capture 3s | vc-send --bwe=rfc8888 "$url"
	wait "$recv"
	run received '[.twcc_out, .ccfb_out > 10]'
	assert_output '[0,true]'
	listen --sdp twcc.sdp
	capture 3s | vc-send --bwe=twcc "$url"
	wait "$recv"
	run received '[.twcc_out > 10, .ccfb_out]'
	assert_output '[true,0]'
	# Not where something else is said, nor where it is not wanted.
	sed -i '/transport-cc/d' twcc.sdp
	for by in "--sdp twcc.sdp" "--feedback=rr,nack"; do
		# shellcheck disable=SC2086 # an option and its value
		listen $by
		capture 2s | vc-send --bwe=twcc "$url"
		wait "$recv"
		run received '.twcc_out'
		assert_output 0
	done
}

@test "a receiver that sends reports but not this feedback is named, once" {
	listen
	capture 20s | vc-send --bwe=rfc8888 --stats=send.stats \
		--stats-interval 100ms "$url" 2>err 3>&- &
	pids+=("$!")
	wait_for grep -q 'cure: vc-recv --feedback=rr,nack,pli,ccfb' err
	await send.stats '.destinations[0].feedback[0].reports >= 7'
	run grep -c 'feedback of --bwe=rfc8888' err
	assert_output 1
	run record send.stats '.destinations[0].bwe.state'
	assert_output '"waiting"'
}

@test "rates that contradict each other are refused, and another pace" {
	local wrong

	for wrong in "--max-rate 1M" "--bwe=twcc --min-rate 2M --max-rate 1M" \
		"--bwe=twcc --start-rate 1M --max-rate 500k" \
		"--bwe=twcc --start-rate 1M --min-rate 2M" \
		"--bwe=twcc --max-rate 11G" "--bwe=remb" "--breaker=maybe" \
		"--bwe=twcc --pace 1M" "--bwe=twcc --pace=off" \
		"--bwe=twcc --fast"; do
		# shellcheck disable=SC2086 # a list of options
		run -2 vc-send $wrong rtp://127.0.0.1:9 </dev/null
	done
}
