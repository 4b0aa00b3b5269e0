#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# Echo cancellation: vc-play --far and vc-capture --aec.

bats_require_minimum_version 1.5.0

export BATS_TEST_TIMEOUT=$((240 * ${VC_SLOW:-1}))
load ../common

# What a room of 120 ms hears 120 ms after it is played: the times at which
# vc-play plays are 120 ms behind those of the WAV it writes.
setup_file()
{
	cd "$BATS_FILE_TMPDIR" || return 1
	"$VC_BUILD/tests/e2e/echoroom" far 18 >far.wav
	vc-capture --virtual file:far.wav >heard.vcrtp
	vc-play --latency 100ms --far=far.vcrtp --wav=played.wav heard.vcrtp
	"$VC_BUILD/tests/e2e/echoroom" mic 240 <played.wav >mic.wav
}

setup()
{
	begin
	in=$BATS_FILE_TMPDIR
}

# cleaned OPTION...: the microphone's sound, encoded and decoded.
cleaned()
{
	vc-capture --virtual "$@" --stats=stats.json "file:$in/mic.wav" |
		vc-play --wav=out.wav
}

judged()
{
	"$VC_BUILD/tests/e2e/echoroom" judge 240 "$in/played.wav" <out.wav
}

# last FILE KEY: of the last whole record.
last()
{
	grep '}$' "$1" 2>/dev/null | tail -n 1 | jq -r "$2" 2>/dev/null
}

@test "echo: it goes, and near speech stays" {
	cleaned "--aec=$in/far.vcrtp"
	run judged
	echo "$output" >&2
	echo "$output" | awk '{ exit !($2 >= 25 && $4 > -3 && $4 < 3) }'
	last stats.json .echo >&2
	[ "$(last stats.json .echo.writers)" -eq 1 ]
	[ "$(last stats.json .echo.refused)" -eq 0 ]
	[ "$(last stats.json .echo.packets)" -gt 1700 ]
	last stats.json .echo.delay_ms |
		awk '{ exit !($1 > 119 && $1 < 121) }'
}

@test "echo: by webrtcdsp, the same, and the same octets each time" {
	cleaned "--aec=$in/far.vcrtp" --dsp webrtc
	run judged
	echo "$output" >&2
	echo "$output" | awk '{ exit !($2 >= 25 && $4 > -3 && $4 < 3) }'
	last stats.json .echo.delay_ms |
		awk '{ exit !($1 > 119 && $1 < 121) }'
	for i in 1 2; do
		vc-capture --virtual -t 3s "--aec=$in/far.vcrtp" --dsp webrtc \
			--denoise --agc --highpass "file:$in/mic.wav" >"$i.vcrtp"
	done
	cmp 1.vcrtp 2.vcrtp
}

@test "echo: without the option it stays" {
	cleaned
	run judged
	echo "$output" | awk '{ exit !($2 < 2 && $4 > -1 && $4 < 1) }'
	[ "$(last stats.json .echo)" = null ]
}

@test "echo: all options together, in packets of 10 and 60 ms" {
	for ptime in 10ms 60ms; do
		cleaned "--aec=$in/far.vcrtp" --denoise --highpass \
			--ptime "$ptime"
		run judged
		echo "$output" >&2
		echo "$output" | awk '{ exit !($2 >= 25 && $4 > -3 && $4 < 3) }'
	done
	cleaned --agc --denoise --highpass
}

@test "echo: the same octets each time, by file, FIFO, socket and pipe" {
	vc-capture --virtual --aec="$in/far.vcrtp" "file:$in/mic.wav" >a.vcrtp
	mkfifo fifo
	vc-play --latency 100ms --far=fifo --wav=/dev/null "$in/heard.vcrtp" \
		3>&- &
	pids+=("$!")
	vc-capture --virtual --aec=fifo "file:$in/mic.wav" >b.vcrtp
	wait "${pids[0]}"
	cmp a.vcrtp b.vcrtp
	# The listener comes second.
	vc-capture --virtual --aec=unix:sock "file:$in/mic.wav" >c.vcrtp 3>&- &
	pids+=("$!")
	vc-play --latency 100ms --far=unix:sock,listen --wav=/dev/null \
		"$in/heard.vcrtp"
	wait "${pids[1]}"
	cmp a.vcrtp c.vcrtp
	vc-play --latency 100ms --far=- --wav=/dev/null "$in/heard.vcrtp" |
		vc-capture --virtual --aec=fd:0 "file:$in/mic.wav" >d.vcrtp
	cmp a.vcrtp d.vcrtp
}

@test "echo: a far stream in which T, RTP time and sender reports agree" {
	run --separate-stderr vc-probe --json "$in/far.vcrtp"
	jq -e '.sources[0] | .codec == "L16" and .left == "bye" and
		.media.packets == 1800 and .media.lost == 0 and
		.media.jitter_ms == 0' <<<"$output"
}

@test "echo: wrong usage" {
	run -2 vc-capture -t 1s --aec=tcp://:1 test:
	[[ $output == *"--aec tcp://:1: a FIFO, a file or unix:PATH"* ]]
	run -2 vc-capture -t 1s --stereo --denoise test:
	[[ $output == *"not with --stereo"* ]]
	run -2 vc-capture -t 1s --people 2 --aec=x test:
	[[ $output == *"one microphone"* ]]
	run -2 vc-play --wav=x.wav --far=rtp://h:1
	[[ $output == *"--far rtp://h:1: "* ]]
}

@test "echo: what is no far stream is said, and harms nothing" {
	head -c 100000 /dev/urandom >junk
	cat "$in/mic.wav" >>junk
	vc-capture --virtual -t 2s test: >opus.vcrtp
	for file in junk opus.vcrtp /dev/null; do
		run -0 --separate-stderr vc-capture --virtual -t 3s \
			--video none "--aec=$file" --stats=stats.json test:
		[ "$(last stats.json .capture.audio_frames)" -eq 150 ]
		[ "$(last stats.json .echo.packets)" -eq 0 ]
		[ "$file" = /dev/null ] || [[ $stderr == *"--aec: $file: "* ]]
	done
}

@test "echo: a place in a folder that is not there is said, once" {
	for place in nowhere/fifo unix:nowhere/sock; do
		run -0 --separate-stderr vc-capture -t 500ms --video none \
			"--aec=$place" -o out test:
		[ "$stderr" = "vc-capture: $place: open: there is no such folder; it is tried again" ]
		vc-capture -t 500ms --video none test: |
			vc-play "--far=$place" --wav=/dev/null 2>err
		[ "$(cat err)" = "vc-play: $place: open: there is no such folder; it is tried again" ]
	done
	# On the virtual clock they wait, but not when they are to end.
	mkfifo ready
	vc-play --far=nowhere/fifo --wav=/dev/null --ready=ready \
		"$in/heard.vcrtp" 2>err 3>&- &
	pid=$!
	pids+=("$pid")
	read -r _ <ready
	grown err 20
	kill "$pid"
	ended 0
	# Somebody may come later.
	for place in fifo unix:sock; do
		run -0 --separate-stderr vc-capture -t 500ms --video none \
			"--aec=$place" -o out test:
		[ "$stderr" = "" ]
	done
}

@test "echo: virtual, one that ends early does not hold the other" {
	mkfifo fifo
	vc-play --latency 100ms --far=fifo --wav=played.wav \
		"$in/heard.vcrtp" 3>&- &
	pids+=("$!")
	vc-capture --virtual -t 2s --aec=fifo "file:$in/mic.wav" >a.vcrtp
	wait "${pids[0]}"
	cmp played.wav "$in/played.wav"
	vc-play --latency 100ms -t 2s --far=fifo --wav=/dev/null \
		"$in/heard.vcrtp" 3>&- &
	pids+=("$!")
	vc-capture --virtual --aec=fifo --stats=stats.json \
		"file:$in/mic.wav" >a.vcrtp
	wait "${pids[1]}"
	[ "$(last stats.json .capture.audio_frames)" -eq 900 ]
}

@test "echo: live, who plays may come late, go and come back" {
	mkfifo fifo
	vc-capture --video none --aec=fifo --stats=cap.json \
		--stats-interval 200ms -o out.vcrtp test: 3>&- &
	capture=$!
	pids+=("$capture")
	await cap.json ".capture.audio_frames >= 20"
	[ "$(last cap.json '.echo.packets // 0')" -eq 0 ]
	for round in 1 2; do
		rm -f live.fifo
		mkfifo live.fifo
		vc-capture --video none -o live.fifo test: 3>&- &
		source=$!
		vc-play --latency 50ms --wav=/dev/null --far=fifo 3>&- \
			-i live.fifo &
		play=$!
		pids+=("$source" "$play")
		await cap.json ".echo.writers >= $round"
		await cap.json ".echo.packets >= $((round * 50))"
		kill -KILL "$play" "$source"
		frames=$(last cap.json .capture.audio_frames)
		await cap.json ".capture.audio_frames >= $frames + 30"
	done
	kill -INT "$capture"
	wait "$capture"
	[ "$(last cap.json .echo.refused)" -eq 0 ]
}

@test "echo: live, who captures may come late, go and come back" {
	mkfifo live.fifo
	vc-capture --video none -o live.fifo test: 3>&- &
	pids+=("$!")
	vc-play --latency 50ms --wav=/dev/null --far=unix:far.sock,listen \
		--stats=play.json --stats-interval 200ms -i live.fifo 3>&- &
	play=$!
	pids+=("$play")
	await play.json ".far.dropped >= 20"
	for round in 1 2; do
		vc-capture --video none --aec=unix:far.sock --stats=cap.json \
			--stats-interval 200ms -o out.vcrtp test: 3>&- &
		capture=$!
		pids+=("$capture")
		await cap.json ".echo.packets >= 50"
		[ "$(last cap.json .echo.refused)" -eq 0 ]
		kill -KILL "$capture"
		rm cap.json
		dropped=$(last play.json .far.dropped)
		await play.json ".far.dropped >= $dropped + 30"
		[ "$(last play.json .far.readers)" -eq "$round" ]
	done
	kill -INT "$play"
	wait "$play"
}
