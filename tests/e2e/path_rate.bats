#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# vc-probe path --find-rate, through vc-impair and over a link of its own, which
# needs root. Runs alone: rates are by the clock, and fill what others need.

bats_require_minimum_version 1.5.0

export BATS_TEST_TIMEOUT=$((120 * ${VC_SLOW:-1}))
load path

@test "the rate of a relay, by its rule" {
	reflect --key-file k rtp://127.0.0.1:0
	relay --up rate=2M:queue=100ms
	path --find-rate --json "$url" >record
	jq -c .sources[0].path.rate record
	run jq '.sources[0].path.rate | .bps > 1.8e6 and .bps < 2.2e6 and
		.held and .limited and .took_s < 10' record
	assert_output true
}

@test "the rate of the way back" {
	reflect --key-file k rtp://127.0.0.1:0
	relay --down rate=1M:queue=100ms --up rate=20M
	path --find-rate=down --json "$url" >record
	jq -c .sources[0].path.rate record
	run jq '.sources[0].path.rate | .way == "down" and .bps > 0.9e6 and
		.bps < 1.1e6 and .held and .took_s < 10' record
	assert_output true
}

@test "the rate of a link, by tbf, within a tenth and ten seconds" {
	reflect_far
	for rate in 500 1000 4000; do
		# Octets of the link layer; the queue is 100 ms long.
		tc -n "$near" qdisc replace dev cable root tbf \
			rate ${rate}kbit burst 1540 limit $((rate * 100 / 8))
		ip netns exec "$near" timeout 30 vc-probe path --key-file k \
			--find-rate --json "$url" >record
		jq -c .sources[0].path.rate record
		run jq --argjson r $rate '.sources[0].path.rate |
			.bps > 900 * $r and .bps < 1100 * $r and .held and
			.limited and .loss < 0.01 and .queueing_ms < 50 and
			.took_s < 10' record
		assert_output true
	done
}
