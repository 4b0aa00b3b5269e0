#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Recordings in a player.

@test "ffplay plays a recording to its end" {
	cd "$BATS_TEST_TMPDIR"
	vc-capture --virtual -t 2s test: | vc-record -q rec.webm
	SDL_VIDEODRIVER=dummy SDL_AUDIODRIVER=dummy \
		timeout 30 ffplay -v error -autoexit rec.webm 2>errors
	[ ! -s errors ]
}
