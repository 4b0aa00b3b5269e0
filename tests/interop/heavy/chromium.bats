#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Recordings in a browser.

setup()
{
	cd "$BATS_TEST_TMPDIR" || exit
	cp "$BATS_TEST_DIRNAME/player.html" .
}

teardown()
{
	[ -z "${browser:-}" ] || kill "$browser" 2>/dev/null || true
}

# Plays ./rec.webm; its JSON is in $said.
play()
{
	mkfifo log
	chromium --headless --no-sandbox --disable-gpu --disable-quic \
		--no-first-run --disable-background-networking \
		--disable-component-update --disable-sync \
		--user-data-dir="$PWD/profile" --enable-logging=stderr \
		--autoplay-policy=no-user-gesture-required \
		--allow-file-access-from-files --remote-debugging-port=0 \
		"file://$PWD/player.html" >/dev/null 2>log 3>&- &
	browser=$!
	said=$(timeout 60 sed -n '/"VC {/{s/.*"VC \({.*}\)", source.*/\1/p;q}' <log)
	kill "$browser"
	wait "$browser" || true
	browser=
}

@test "Chromium plays a recording to its end, sound and picture" {
	vc-capture --virtual -t 5s test: | vc-record rec.webm
	play
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
	play
	echo "$said"
	[ "$(jq '.played > 1.5' <<<"$said")" = true ]
	[ "$(jq '.width' <<<"$said")" -eq 640 ]
}
