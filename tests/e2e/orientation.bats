#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Video orientation (3GPP TS 26.114, 7.4.5): who says it, who passes it on and
# who turns the picture.

bats_require_minimum_version 1.5.0

setup()
{
	cd "$BATS_TEST_TMPDIR"
}

# What is said under payload type $1 in stream $2, as [turn, flipped, back]:
# each once in a row, of a source after the other.
turns()
{
	vc-probe --packets=json "$2" | jq -sc --argjson pt "$1" '
		[.[] | select(.pt == $pt and .turn != null)] |
		[group_by(.ssrc)[] |
			map([.turn, .flipped // false, .back // false]) |
			[., [null] + .[:-1]] | transpose |
			map(select(.[0] != .[1])[0])]'
}

@test "--orientation is said in the last packet of each picture" {
	vc-capture --virtual -t 3s --audio none --orientation 90,flip test: >s
	tr '\0' '\n' <s | grep -aq 'extmap:8 urn:3gpp:video-orientation'
	[ "$(turns 96 s)" = '[[[90,true,false]]]' ]
	# And in no other.
	vc-probe --packets=json s | jq -sc '[.[] | select(.type == "rtp") |
		[.marker, .turn]] | unique' | tee is
	[ "$(cat is)" = '[[false,null],[true,90]]' ]
}

@test "0 is said with key frames only, and nothing where nothing is told" {
	vc-capture --virtual -t 4s --audio none --orientation 0 test: |
		vc-probe --packets=json >p.json
	[ "$(jq -c 'select(.turn == 0)' p.json | wc -l)" -eq 2 ]
	vc-capture --virtual -t 4s test: | vc-probe --packets=json >p.json
	run ! grep -q '"turn"' p.json
}

@test "a command turns a running camera, its layers, and no slides" {
	vc-capture --virtual -t 4s --audio none --orientation 270,back \
		--simulcast 160x90@60k,320x180@200k --slides test: \
		--at '1s orientation 0' --at '2.5s orientation 180' test: >s
	one='[[270,false,true],[0,false,false],[180,false,false]]'
	[ "$(turns 96 s)" = "[$one,$one]" ]
	[ "$(turns 104 s)" = '[]' ]
	# The change is said at once, not with the next key frame.
	vc-probe --packets=json s | jq -se '(map(.t // empty) | min) as $from |
		map(select(.turn == 0) | .t - $from) | min | . >= 1e6 and . < 1.05e6'
}

@test "what is no orientation is refused" {
	for bad in 45 '' '90,up' ',flip' '90,' '90 flip' -90 360; do
		run -2 vc-capture -o out "--orientation=$bad" test:
		[[ "$output" = *'0, 90, 180 or 270'* ]]
	done
	[ ! -e out ]
	run vc-capture --virtual -t 1s -o out --at '0s orientation up' test:
	[[ "$output" = *'0, 90, 180 or 270'* ]]
	run vc-capture --virtual -t 1s -o out --video none \
		--at '0s orientation 90' test:
	[[ "$output" = *'orientation 90'* ]]
}

@test "the selecting mixer passes it on" {
	vc-capture --virtual -t 3s --orientation 90 test: >s
	vc-mix --video=select --audio=select a=s >mixed
	[ "$(turns 96 mixed)" = '[[[90,false,false]]]' ]
}
