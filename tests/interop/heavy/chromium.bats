#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Recordings in a browser: <video> plays each to its end.

load ../../e2e/record.bash

setup()
{
	begin
	cp "$BATS_TEST_DIRNAME/player.html" .
}

teardown()
{
	[ -z "${browser:-}" ] || kill "$browser" 2>/dev/null || true
	kill_all
}

# play FILE[,RATE]: its JSON is in $said.
play()
{
	rm -f log
	mkfifo log
	chromium --headless --no-sandbox --disable-gpu --disable-quic \
		--no-first-run --disable-background-networking \
		--disable-component-update --disable-sync \
		--user-data-dir="$PWD/profile" --enable-logging=stderr \
		--autoplay-policy=no-user-gesture-required \
		--allow-file-access-from-files --remote-debugging-port=0 \
		"file://$PWD/player.html#$1" >/dev/null 2>log 3>&- &
	browser=$!
	said=$(timeout 60 sed -n '/"VC {/{s/.*"VC \({.*}\)", source.*/\1/p;q}' <log)
	kill "$browser"
	wait "$browser" || true
	browser=
}

@test "Chromium plays a recording to its end, sound and picture" {
	vc-capture --virtual -t 5s test: | vc-record rec.webm
	play rec.webm
	echo "$said"
	[ "$(jq '.duration > 4.95 and .duration < 5.05' <<<"$said")" = true ]
	[ "$(jq '.width' <<<"$said")" -eq 640 ]
	[ "$(jq '.frames >= 140' <<<"$said")" = true ]
	[ "$(jq '.audio > 10000' <<<"$said")" = true ]
}

@test "Chromium plays a recording that SIGINT ended" {
	mkfifo stats stream
	vc-capture --stats=stats --stats-interval 1s -o stream test: 3>&- &
	capture=$!
	vc-record rec.webm <stream 3>&- &
	record=$!
	exec 5<stats
	for _ in 1 2 3; do read -r _ <&5; done
	kill -INT "$record"
	cat <&5 >/dev/null &
	wait "$record"
	kill "$capture" 2>/dev/null || true
	wait "$capture" || true
	play rec.webm
	echo "$said"
	[ "$(jq '.played > 1.5' <<<"$said")" = true ]
	[ "$(jq '.width' <<<"$said")" -eq 640 ]
}

# ends FILE[,RATE] SECONDS [WIDTH HEIGHT FRAMES]: it plays to its end, and that
# is what there was.
ends()
{
	play "$1"
	echo "$1: $said"
	[ "$(jq --argjson s "$2" '.ended and .duration > $s - 0.05 and
		.duration < $s + 0.05 and .played == .duration' \
		<<<"$said")" = true ]
	[ "$(jq '.audio > 1000' <<<"$said")" = true ]
	[ "$(jq '.width' <<<"$said")" -eq "${3:-0}" ]
	[ "$(jq '.height' <<<"$said")" -eq "${4:-0}" ]
	[ "$(jq --argjson n "${5:-0}" '.frames >= $n' <<<"$said")" = true ]
}

@test "Chromium plays VP8, VP9, AV1 and sound alone" {
	vc-capture --virtual -t 10s --size 320x180 test: >vp8.vcrtp
	for codec in vp9 av1; do
		vc-capture --virtual -t 10s --size 320x180 --vcodec "$codec" \
			test: | vc-record "$codec.webm"
	done
	vc-record -i vp8.vcrtp vp8.webm s.ogg s.opus s.wav
	vc-record -f webm -i vp8.vcrtp - >pipe.webm
	ends vp8.webm 10 320 180 250
	# At a pace that shows no frame of many, but reads and ends as ever.
	ends vp9.webm,4 10 320 180
	ends av1.webm,4 10 320 180
	ends pipe.webm,4 10 320 180
	ends s.ogg,4 10
	ends s.opus,4 10
	ends s.wav,4 10
}

@test "Chromium plays H.264 in MP4, whole, in fragments and down a pipe" {
	vc-capture --virtual -t 10s --size 320x180 --vcodec h264 \
		test: >h264.vcrtp
	vc-record -i h264.vcrtp h264.mkv plain.mp4
	vc-record --fragmented -i h264.vcrtp frag.mp4
	vc-record -f mp4 -i h264.vcrtp - >pipe.mp4
	ends plain.mp4 10 320 180 250
	ends frag.mp4,4 10 320 180
	ends pipe.mp4,4 10 320 180
	ends h264.mkv,4 10 320 180
}

@test "Chromium plays pictures that change their size, and what a kill left" {
	for size in 320x180 640x360; do
		vc-capture --virtual -t 3s --size "$size" --vcodec h264 \
			test: >"$size.vcrtp"
	done
	cat 320x180.vcrtp 640x360.vcrtp | vc-record both.mp4
	ends both.mp4 6 640 360 150
	vc-capture --virtual -t 20s --size 320x180 --vcodec h264 test: >l.vcrtp
	killed l.vcrtp killed.mp4 '.record.files[0].units > 600'
	cp killed.mp4.part killed.mp4
	play killed.mp4,4
	echo "$said"
	[ "$(jq '.ended and .played > 3 and .width == 320' <<<"$said")" = true ]
}
