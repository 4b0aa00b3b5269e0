#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# A minute in which nothing passes: longer than sources are waited for. Takes
# more than a minute, so it is not among the tests of every day. Runs live:
# times are by the clock.

bats_require_minimum_version 1.5.0

export BATS_TEST_TIMEOUT=180

setup()
{
	bats_load_library bats-support
	bats_load_library bats-assert
	load ../../e2e/blackout
	cd "$BATS_TEST_TMPDIR" || return 1
	export XDG_RUNTIME_DIR=$BATS_TEST_TMPDIR
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
