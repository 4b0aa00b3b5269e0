#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Video orientation (3GPP TS 26.114, 7.4.5): who says it, who passes it on and
# who turns the picture.

bats_require_minimum_version 1.5.0

setup()
{
	cd "$BATS_TEST_TMPDIR"
	play=()
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

# --- who turns ---

# dB between two files of pictures, of their luma
psnr()
{
	ffmpeg -nostdin -i "$1" -i "$2" -lavfi psnr -f null - 2>&1 |
		sed -n 's/.*PSNR y:\([0-9.]*\|inf\).*/\1/p'
}

# Upright pictures, sent as they are (right); and as a camera has them that is
# turned so ($1), of that size ($3), without a word (lying) and with one (turned).
lay()
{
	local as=(--virtual --vbitrate 2M "${@:4}")

	"$VC_BUILD/tests/e2e/testy4m" Ann 180x320 30 0 30 >upright.y4m
	ffmpeg -v error -nostdin -i upright.y4m -vf "$1" camera.y4m
	vc-capture "${as[@]}" --size 180x320 upright.y4m >right
	vc-capture "${as[@]}" --size "$3" camera.y4m >lying
	vc-capture "${as[@]}" --size "$3" --orientation "$2" camera.y4m >turned
	rm ./*.y4m
}

# How a camera may lie: a filter of ffmpeg, what undoes it, and the size then.
ways=('transpose=2 90 320x180' 'vflip,hflip 180 180x320'
	'transpose=1 270 320x180' 'hflip 0,flip 180x320'
	'transpose=2,hflip 90,flip 320x180')

# Is turned.y4m what right.y4m is, and lying.y4m, if it can be, another picture?
compared()
{
	psnr turned.y4m right.y4m | tee db
	psnr lying.y4m right.y4m | tee -a db
	rm ./*.y4m
	awk 'NR == 1 && $1 != "inf" && $1 < 35 || NR == 2 && $1 > 25 { bad = 1 }
		END { exit bad || !NR }' db
}

# Are turned ones seen as the right ones are, through this, and lying ones not?
# With the options $play of vc-play.
seen()
{
	for s in right turned lying; do
		"$@" <"$s" | vc-play "${play[@]}" --size 320x320 --y4m "$s.y4m"
	done
	compared
}

@test "vc-play turns pictures until they are upright" {
	for way in "${ways[@]}"; do
		read -r filter degrees size <<<"$way"
		lay "$filter" "$degrees" "$size"
		seen cat
	done
}

@test "vc-mix shows them upright in their tiles" {
	lay transpose=2 90 320x180
	seen vc-mix --size 180x320 --vbitrate 2M --audio=off
}

@test "spatial layers are turned, whichever are left" {
	lay transpose=2 90 320x180 --vcodec vp9 --layers L2T3
	for layers in L1T1 L2T3; do
		play=(--layers "$layers")
		seen cat
	done
}

# --- what is kept in files ---

@test "an MP4 says how to turn it, and ffmpeg does" {
	for way in "${ways[@]}"; do
		read -r filter degrees size <<<"$way"
		lay "$filter" "$degrees" "$size" --vcodec h264
		for s in right turned lying; do
			vc-record -q "$s.mp4" <"$s"
			ffmpeg -v error -nostdin -i "$s.mp4" "$s.y4m"
			rm "$s.mp4"
		done
		compared
	done
}

octets()
{
	od -An -v -tx1 "$1" | tr -d ' \n'
}

@test "WebM and Matroska say it in the way of Matroska" {
	# ProjectionPoseRoll: counted against the clock; and Yaw: flipped.
	for row in 90:c056800000000000 180:4066800000000000 \
		270,flip:4056800000000000; do
		vc-capture --virtual -t 1s --orientation "${row%:*}" test: >s
		for file in a.webm a.mkv; do
			vc-record -q "$file" <s
			octets "$file" >hex
			grep -q "767588${row#*:}" hex
			[ "$(grep -c 7673884066800000000000 hex)" -eq \
				"$(grep -c flip <<<"$row")" ]
			ffprobe -v error "$file" 2>err
			[ ! -s err ]
			rm "$file"
		done
	done
	# What is composed is upright.
	vc-record -q --compose grid a.webm <s
	octets a.webm >hex
	run ! grep -q 767588 hex
}
