#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The README's lines work as pasted, and so do the EXAMPLES of the pages.
# Runs plain: what is in them has tests of its own.

bats_require_minimum_version 1.5.0
export BATS_TEST_TIMEOUT=$((120 * ${VC_SLOW:-1}))
load ../common

setup()
{
	begin
	root=$BATS_TEST_DIRNAME/../..
	# The shell blocks, less PATH, with ports that are free here.
	awk '/^[`]+sh$/ { on = 1; next } /^[`]/ { on = 0 } on && !/^PATH=/' \
		"$root/README.md" >lines
	sed -i "s/:5004/:$(free_port)/g; s/:5006/:$(free_port)/g" lines
}

line()
{
	sed -n "$1p" lines
}

# Nothing was said; but on a busy machine the receiver may open its port after the
# sender has begun, as they start at once.
quiet()
{
	run ! grep -v 'refused: nobody listens there' err
}

@test "there are five of them, two ends of a call, and twelve more" {
	[ "$(wc -l <lines)" -eq 19 ]
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
	bash -c "$(line 4)" >got 2>err
	grep -q VP8 got
	quiet
}

@test "5: a failing expectation says 3" {
	bash -c "$(line 5)" >got 2>errors
	[ "$(tail -n 1 got)" = 3 ]
	grep -q 'video.fps>50' got errors
}

@test "6 and 7: a call with SRTP, by the key that is made as the text says" {
	bash -c "$(sed -n 's/^`\((umask .*)\)`.*/\1/p' "$root/README.md")"
	[ "$(stat -c %a k)" = 600 ]
	bash -c "$(line 6)" >ann 3>&- &
	pids+=("$!")
	bash -c "$(line 7)" >bob
	wait "${pids[0]}"
	grep -q 'Bob.*VP8' ann
	grep -q 'Bob.*opus' ann
	grep -q 'Ann.*VP8' bob
	grep -q 'Ann.*opus' bob
}

@test "8: looked at without a screen" {
	bash -c "$(line 8)" >got
	# Half blocks, and the name under the picture.
	grep -q '▀' got
	grep -q Ann got
}

@test "9: nine people from one process" {
	bash -c "$(line 9)"
	[ "$(ffprobe -v error -show_entries stream=codec_name -of csv=p=0 nine.png)" = png ]
}

@test "10: marks, measured at the far end" {
	bash -c "$(line 10)" >got 2>err
	quiet
	grep -qE '^marks' got
	grep -qE ' video  747d +[0-9]{2}' got
}

@test "11: a lesson, as a student gets it" {
	bash -c "$(line 11)" >got
	grep -q opus got
	grep -q VP8 got
}

@test "12: captions, written down" {
	bash -c "$(line 12)" >got
	grep -q 'Ann: Welcome, all' got
}

@test "13: the size that is needed" {
	bash -c "$(line 13)"
	[ "$(ffprobe -v error -select_streams v -show_entries stream=width -of csv=p=0 small.webm)" -eq 640 ]
}

@test "14: a file as it is" {
	vc-capture --virtual -t 2s test: | vc-record alice.webm
	bash -c "$(line 14)"
	for f in alice again; do
		ffmpeg -v error -i "$f.webm" -c copy -map v -f framemd5 - |
			grep -v '^#' | awk '{ print $NF }' >"$f.md5"
	done
	[ -s alice.md5 ]
	cmp alice.md5 again.md5
}

@test "15 and 16: a webinar, recorded and proved" {
	bash -c "$(line 15)"
	vc-capture --virtual --copy talk.webm >talk.vcrtp
	vc-probe --part 0s-2900ms -e 'heard[Ann]>50%' -e 'heard[Bob]<10%' talk.vcrtp
	vc-probe --part 3100ms- -e 'heard[Ann]>50%' -e 'heard[Bob]>50%' talk.vcrtp
	bash -c "$(line 16)" >got
	[ "$(grep -c '^ok ' got)" -eq 10 ]
}

@test "17 to 19: a bad network, what it did, and a page that shows it" {
	bash -c "$(line 17)"
	vc-probe --json bad.vcrtp | jq -e '.total.loss > 0.01 and .total.loss < 0.04'
	bash -c "$(line 18)" >got
	grep -q '^delays by one clock' got
	[ "$(grep -cE '^  [0-9a-f]{8} ' got)" -eq 2 ]
	bash -c "$(line 19)" >got 2>errors
	[ "$(tail -n 1 got)" = 3 ]
	grep -q 'audio.mos p5' errors
	grep -q '<h1>' bad.html
	grep -q 'Ann' bad.html
}
