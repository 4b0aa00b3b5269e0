#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The README's lines work as pasted, and so do the EXAMPLES of the pages.

setup()
{
	cd "$BATS_TEST_TMPDIR"
	root=$BATS_TEST_DIRNAME/../..
	# The shell block, less its PATH, with a port that is free here.
	awk '/^[`]+sh$/ { on = 1; next } /^[`]/ { on = 0 } on && !/^PATH=/' \
		"$root/README.md" >lines
	mkfifo ready
	vc-recv --ready=ready --wait 1ms rtp://127.0.0.1:0 >/dev/null 2>&1 3>&- &
	read -r _ url <ready
	wait
	sed -i "s/127.0.0.1:5004/${url#rtp://}/g" lines
}

line()
{
	sed -n "$1p" lines
}

@test "there are five of them" {
	[ "$(wc -l <lines)" -eq 5 ]
}

@test "1: record the test picture" {
	bash -c "$(line 1)"
	ffprobe -v error -show_entries stream=codec_name -of csv alice.webm >got
	grep -q vp8 got
	grep -q opus got
}

@test "2: look at its numbers" {
	bash -c "$(line 2)" >got
	grep -q VP8 got
	grep -q opus got
}

@test "3: mix two into a file" {
	bash -c "$(line 3)"
	[ "$(ffprobe -v error -select_streams v -show_entries stream=width -of csv=p=0 two.webm)" -eq 1280 ]
}

@test "4: over loopback" {
	bash -c "$(line 4)" >got
	grep -q VP8 got
}

@test "5: a failing expectation says 3" {
	bash -c "$(line 5)" >got 2>errors
	[ "$(tail -n 1 got)" = 3 ]
	grep -q 'video.fps>50' got errors
}
