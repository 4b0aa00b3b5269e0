#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# A minute in which nothing passes: longer than sources are waited for.
# Runs live, 70 s: times are by the clock.

bats_require_minimum_version 1.5.0

export BATS_TEST_TIMEOUT=180

load ../common
load blackout

@test "a blackout of a minute: all is back with one request, sealed or not" {
	both_ways 60
}
