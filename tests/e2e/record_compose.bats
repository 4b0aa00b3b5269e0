#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# vc-record --compose: who is heard and seen in the file, by measurement, that it
# is what `vc-mix | vc-record` makes, and that all that vc-record has is there.

bats_require_minimum_version 1.5.0
export BATS_TEST_TIMEOUT=$((120 * ${VC_SLOW:-1}))
load heard
load record

setup_file()
{
	cd "$BATS_FILE_TMPDIR" || return 1
	people ann bob carl -t 3s --fps 15 --vbitrate 1M --keyint 1s
}

setup()
{
	begin
	files=$BATS_FILE_TMPDIR
	in=()
	for who in ann bob carl; do
		in+=(-i "$files/$who.vcrtp")
	done
	small=(--size 640x360 --fps 15 --vbitrate 2M --keyint 500ms --seed 7)
}

compose() { vc-record -q --compose "$1" "${small[@]}" "${@:2}"; }

# What a decoder makes of each picture and of the sound of file $1.
decoded()
{
	ffmpeg -nostdin -v error -i "$1" -map 0:v -f framemd5 - |
		sed -n 's/^0, .*, *//p'
	ffmpeg -nostdin -v error -i "$1" -map 0:a -f md5 -
}

@test "all are heard and seen in one picture and one sound" {
	compose grid "${in[@]}" c.webm
	run --separate-stderr vc-probe --marks --heard ann,bob,carl --json c.webm
	jq -e --rawfile marks "$files/marks" '
		($marks | split("\n") | map(split("\t") | select(length == 2) |
			{ (.[0]): .[1] }) | add) as $names |
		(.sources | map(.kind) | sort) == ["audio", "video"] and
		([.sources[] | select(.kind == "audio") | .heard[]] |
			length == 3 and all(. > 0.9)) and
		([.sources[] | select(.kind == "video") | .marks.ids[] |
			select(.read > 20) | $names[.id]] | sort) ==
			["ann", "bob", "carl"]' <<<"$output"
	is_sound c.webm
	vc-record verify c.webm
	run jq -c '[.compose, ([.tracks[] | [.name, .codec]] | sort)]' c.webm.json
	assert_output '["grid",[["mix","VP8"],["mix","opus"]]]'
}

@test "it is what vc-mix and vc-record make, and the same each time" {
	compose speaker "${in[@]}" speaker.mkv
	vc-mix --layout speaker "${small[@]}" "$files"/{ann,bob,carl}.vcrtp |
		vc-record -q piped.mkv
	run decoded speaker.mkv
	[ "${#lines[@]}" -gt 40 ]
	assert_output "$(decoded piped.mkv)"
	mkdir again
	compose speaker "${in[@]}" again/speaker.mkv
	cmp speaker.mkv again/speaker.mkv
	cmp speaker.mkv.events.jsonl again/speaker.mkv.events.jsonl
}

@test "in all formats, with other codecs, and only what a file holds is made" {
	compose grid --vcodec h264 --acodec pcmu "${in[@]}" c.mkv c.h264 c.wav
	run tracks c.mkv
	assert_line --partial 'h264 '
	assert_line --partial 'pcm_mulaw '
	is_sound c.h264
	is_sound c.wav
	compose grid "${in[@]}" --stats st c.vcrtp c.ogg
	run --separate-stderr vc-probe --heard ann,bob,carl --json c.vcrtp
	jq -e '[.sources[] | select(.kind == "audio") | .heard[]] |
		length == 3 and all(. > 0.9)' <<<"$output"
	jq -se '.[-1] | .mix.video_frames > 40 and .mix.audio_frames > 140 and
		.record.packets > 200' st
	compose grid "${in[@]}" --stats sound d.ogg
	jq -se '.[-1] | .mix.video_ticks == 0 and .mix.audio_frames > 140' sound
	is_sound d.ogg
}

@test "it goes on in other files by itself and by command, with a sidecar" {
	compose grid "${in[@]}" --at '1500ms mark half' --at '2s split' \
		--segment 1s c.webm
	for f in c.webm c-2.webm c-3.webm; do
		is_sound "$f"
		vc-record verify "$f"
		[ "$(ffprobe -v error -select_streams v -show_entries \
			packet=flags -of csv=p=0 "$f" | head -c 1)" = K ]
	done
	# Nothing is lost or twice between them.
	compose grid "${in[@]}" whole.webm
	assert_equal "$(units c.webm c-2.webm c-3.webm | cut -d ' ' -f 1,3)" \
		"$(units whole.webm | cut -d ' ' -f 1,3)"
	run jq -sc 'map(select(.ev == "join" and .id) | .name) | sort | unique' \
		whole.webm.events.jsonl
	assert_output '["ann","bob","carl"]'
	# Who has no name is called by his CNAME.
	vc-capture --virtual -t 1s --cname d@h --video none test: |
		vc-record -q --compose grid none.webm
	run jq -sc 'map(select(.ev == "join" and .id) | .name)' \
		none.webm.events.jsonl
	assert_output '["d@h"]'
	jq -se 'any(.[]; .ev == "speaker" and .id == "ann" and .on)' \
		whole.webm.events.jsonl
	jq -se 'any(.[]; .ev == "mark" and .text == "half")' c*.events.jsonl
}

@test "layouts that are not there, and options that have no effect" {
	run -2 vc-record --compose nope c.webm
	assert_output --partial '--compose nope: no such layout: grid, speaker'
	printf 'tile\n' >bad.layout
	run -2 vc-record --compose ./bad.layout c.webm
	assert_output --partial '--compose ./bad.layout: line 1:'
	run -2 vc-record --compose grid --size 33x33 c.webm
	assert_output --partial '--size 33x33: even numbers'
	run vc-record --fps 10 --no-sidecar -i "$files/ann.vcrtp" c.webm
	assert_success
	assert_line --partial '--fps has no effect: nothing is composed'
}
