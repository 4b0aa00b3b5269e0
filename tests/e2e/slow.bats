#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Slow and late readers of a live stream (vc-stream(7), Slow readers).
# Runs alone: what it measures is how smoothly a live stream flows.

setup()
{
	cd "$BATS_TEST_TMPDIR" || exit
}

@test "a recorder stopped for ten seconds costs the other reader nothing" {
	mkfifo ready series
	vc-capture --ready=ready -o unix:s,listen -t 16s test: 3>&- &
	capture=$!
	read -r _ _ <ready
	vc-record -i unix:s slow.vcrtp 3>&- &
	slow=$!
	vc-probe --json --report=r.json --stats=series unix:s 3>&- &
	probe=$!
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
	read -r _ _ <ready
	vc-probe --json --report=/dev/null --stats=series unix:s 3>&- &
	exec 5<series
	for _ in 1 2; do read -r _ <&5; done
	vc-probe --packets=json -t 1s unix:s >late.json
	cat <&5 >rest
	wait
	# The first video packet it got begins a key frame, by its own request.
	[ "$(jq -c 'select(.type == "rtp" and .key == true)' late.json | wc -l)" -ge 1 ]
}
