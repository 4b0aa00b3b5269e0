#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The conference of the examples, live.
# Runs alone: it flows by the clock, and smoothly.

setup()
{
	cd "$BATS_TEST_TMPDIR"
	example=$BATS_TEST_DIRNAME/../examples/conference.sh
	# Small enough for sanitizers beside other tests; make demo runs it
	# in full.
	export VC_DEMO_SIZE=320x180 VC_DEMO_GRID=640x360
}

@test "over UDP: everyone hears the other two, nobody himself" {
	VC_DEMO_OUT=out VC_DEMO_TIME=8s "$example"
	for p in alice bob carol; do
		ffmpeg -v error -i "out/$p.webm" -f null - 2>errors
		[ ! -s errors ]
	done
	head -c 4 out/sheet.png | grep -q PNG
}
