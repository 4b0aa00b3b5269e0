#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# An hour of recording: sound and picture stay together to the end. 45 s of
# computing.

bats_require_minimum_version 1.5.0
export BATS_TEST_TIMEOUT=$((600 * ${VC_SLOW:-1}))
load ../../common

@test "an hour: sound and picture within 10 ms at its beginning, middle and end" {
	MINUTES=60 "$BATS_TEST_DIRNAME/../../e2e/avsync.sh"
}
