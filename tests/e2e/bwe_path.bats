#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# Congestion control through a relay whose rate changes on the way.
# Runs alone: rates are by the clock, and what others leave of the processors is
# taken for the path's.

# shellcheck disable=SC2034,SC2154 # for bwe.bash
bats_require_minimum_version 1.5.0

export BATS_TEST_TIMEOUT=$((120 * ${VC_SLOW:-1}))
load bwe

@test "a path of 1 Mbit/s is found from 300 kbit/s, half of it given way to" {
	listen
	relay --up rate=1M:queue=150ms \
		--at '11s set up rate=500k:queue=150ms' \
		--at '19s set up rate=1M:queue=150ms'
	capture 32s | vc-send --bwe=twcc --stats=send.stats \
		--stats-interval 200ms "$url"
	wait "$recv"
	within 800000 1005000 0.01 5 10
	# An encoder that is told of less saves up for a while.
	within 250000 505000 0.03 13 18
	within 700000 1005000 0.03 27 31
	# What it was told of, and the path that was found: halved from 11 s on.
	run jq -sc '.[0].t as $t0 |
		[.[] | .destinations[0].bwe + { s: ((.t - $t0) / 1e6) }] |
		(map(select(.s > 14 and .s < 18).target_bps) |
			add / length) as $half |
		[$half > 400000, $half < 560000,
			(map(.video_bps)[5:] | min) < 500000,
			(map(.video_bps) | max) > 700000]' send.stats
	assert_output '[true,true,true,true]'
	run sent '.bwe | [.feedback > 200, .malformed, .timeouts, .probes > 1,
		.padding > 0, .overuses > 0]'
	assert_output '[true,0,0,true,true,true]'
	run received '[.twcc_out > 200, .ccfb_out, .pt, .repair, .malformed]'
	assert_output '[true,0,0,0,0]'
}

@test "a path is found by RFC 8888, in packets as they are" {
	listen --feedback=rr,nack,pli,ccfb
	relay --up rate=1M:queue=150ms
	capture 12s | vc-send --bwe=rfc8888 --stats=send.stats "$url"
	wait "$recv"
	within 800000 1005000 0.01 5 10
	run received '[.twcc_out, .ccfb_out > 50]'
	assert_output '[0,true]'
	run sent '.bwe | [.feedback > 50, .malformed]'
	assert_output '[true,0]'
}
