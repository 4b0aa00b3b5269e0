#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Live streams: slow and late readers (vc-stream(7), Slow readers), and a mix.
# Runs alone: they flow by the clock, and smoothly.

bats_require_minimum_version 1.5.0
export BATS_TEST_TIMEOUT=$((120 * ${VC_SLOW:-1}))
load ../common

@test "a recorder stopped for ten seconds costs the other reader nothing" {
	mkfifo ready series
	vc-capture --ready=ready -o unix:s,listen -t 16s test: 3>&- &
	capture=$!
	read -r _ _ <ready
	vc-record -i unix:s slow.vcrtp 3>&- &
	slow=$!
	pids+=("$capture" "$slow")
	vc-probe --json --report=r.json --stats=series unix:s 3>&- &
	probe=$!
	pids+=("$probe")
	exec 5<series
	# Two seconds of records, ten while it is stopped: no sleep needed.
	for _ in 1 2; do read -r _ <&5; done
	kill -STOP "$slow"
	for _ in 1 2 3 4 5 6 7 8 9 10; do read -r _ <&5; done
	kill -CONT "$slow"
	cat <&5 >rest
	wait "$capture"
	wait "$probe"
	wait "$slow"
	[ "$(jq '[.sources[].media.lost] | add' r.json)" -eq 0 ]
	[ "$(jq '.sources[] | select(.kind == "video").freezes.count' r.json)" -eq 0 ]
	# The slow one lost packets and was told which.
	vc-probe --packets=json slow.vcrtp >slow.json
	[ "$(jq -c 'select(.type == "event" and .event.ev == "gap" and .event.why == "reader")' slow.json | wc -l)" -ge 1 ]
	# And its picture went on with a key frame.
	vc-play --sheet slow.png slow.vcrtp
}

@test "a late reader has a picture within a second" {
	mkfifo ready series
	vc-capture --ready=ready -o unix:s,listen --keyint 1m -t 6s test: 3>&- &
	pids+=("$!")
	read -r _ _ <ready
	vc-probe --json --report=/dev/null --stats=series unix:s 3>&- &
	pids+=("$!")
	exec 5<series
	for _ in 1 2; do read -r _ <&5; done
	vc-probe --packets=json -t 1s unix:s >late.json
	cat <&5 >rest
	wait "${pids[@]}"
	# The first video packet it got begins a key frame, by its own request.
	[ "$(jq -c 'select(.type == "rtp" and .key == true)' late.json | wc -l)" -ge 1 ]
}

@test "a live mix is heard, and does what it is told" {
	mkfifo in out ready
	vc-capture --size 160x90 --fps 15 --name alice test: >in 3>&- &
	capture=$!
	vc-mix --size 320x180 --fps 15 --vbitrate 200k --control mix.sock \
		--ready=ready <in >out 3>&- &
	mix=$!
	vc-probe -t 2s --heard alice --json <out >probe.json 3>&- &
	probe=$!
	pids+=("$capture" "$mix" "$probe")
	read -r _ <ready
	run vc-ctl mix.sock bitrate 1
	[ "$status" -eq 1 ]
	wait_for vc-ctl mix.sock keyframe
	wait_for vc-ctl mix.sock bitrate 100k
	wait "$probe"
	kill "$capture"
	wait "$mix" || :
	jq -c '[.sources[] | [.kind, .heard.alice > 0.3]] | sort' probe.json >heard
	cat heard
	[ "$(cat heard)" = '[["audio",true],["video",false]]' ]
}

@test "a recording down a pipe that is slow: what is too late is left out, and counted" {
	mkfifo in out
	vc-capture -t 6s --size 320x180 --vbitrate 1500k --keyint 500ms \
		--stats=sent --name al test: >in 3>&- &
	pids=("$!")
	vc-record -q -i in --stats=stats -f matroska out 3>&- &
	pid=$!
	pids+=("$pid")
	exec {slow}<out
	head -c 100000 <&"$slow" >got.mkv
	await sent '.seq >= 3'
	cat <&"$slow" >>got.mkv
	exec {slow}<&-
	ended
	jq -se 'last | .in.lag > 20 and .record.files[0].units > 50' stats
	# What is there is whole, goes on to the end, and has a gap.
	run -0 vc-record info --json got.mkv
	run -0 jq -c '.duration_ms > 5000, (.tracks[] |
		select(.kind == "audio") | .gap_longest_ms > 300)' <<<"$output"
	assert_output $'true\ntrue'
	run -0 ffmpeg -nostdin -v error -i got.mkv -map 0 -f null -
	refute_output
}
