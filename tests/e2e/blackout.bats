#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# A minute in which nothing passes: longer than sources are waited for.
# Runs live, 70 s: times are by the clock.

bats_require_minimum_version 1.5.0

export BATS_TEST_TIMEOUT=180

load ../common

setup()
{
	begin
	load blackout
}

@test "a blackout of a minute: all is back with one request, sealed or not" {
	(umask 077; vc-send --new-key >k)
	blackout 60 clear &
	clear=$!
	blackout 60 sealed --key-file k
	wait "$clear"
	was_short clear
	was_short sealed
	run jq -c '.recv | [.auth_failed, .replay]' sealed/recv
	assert_output '[0,0]'
}
