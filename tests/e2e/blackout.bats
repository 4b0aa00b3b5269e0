#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# Times in which nothing passes, up to a minute: longer than sources are waited
# for.
# Runs live, 110 s: times are by the clock.

bats_require_minimum_version 1.5.0

export BATS_TEST_TIMEOUT=$((180 * ${VC_SLOW:-1}))

load ../common
load blackout

@test "blackouts of 1, 10 and 60 s: all is back with one request, sealed or not" {
	both_ways 1 10 60
}

# Long enough for the rate to be the least there is, for sources to be forgotten
# and for the breaker to open, in each combination.
@test "with congestion control: all is back as soon, at the rate there was" {
	local ways=() s

	for s in 5 17 31; do
		paced=--bwe=twcc blackout "$s" "$s" &
		ways+=("$!")
	done
	wait "${ways[@]}"
	for s in 5 17 31; do
		was_soon "$s"
		run jq -c '.destinations[0].bwe | [.timeouts > 5,
			.target_bps > 100000]' "$s/send"
		assert_output '[true,true]'
	done
}
